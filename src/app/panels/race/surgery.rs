//! Surgery on a lane while it trains: α of the whole network, of a stage or of one block, cut and rejoined.

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::surgery::{Reach, movements, whom};
use super::super::super::theme::{self, palette, size, space, text};
use super::super::super::widgets::{level, raised_button, segmented, segmented_width};
use super::super::menu;
use super::curves::told;
use super::{Shown, marked};
use crate::session::{Change, Command, RaceView, Whom};
use eframe::egui::{Align, Align2, Label, Layout, RichText, Sense, Ui, pos2, vec2};

/// Below plain and above a ResNet there is something to see, too.
const ALPHAS: std::ops::RangeInclusive<f32> = -0.5..=1.5;
/// The sum that α weighs; it is the same in every language.
const SUM: &str = "H(x) = F(x) + α·x";
/// Width of α and of the sum under it.
const READOUT: f32 = 132.0;

/// The card, `height` high.
pub fn panel(ui: &mut Ui, state: &mut AppState, view: &RaceView, lanes: &[Shown<'_>], height: f32) {
    let p = palette(ui);
    theme::panel_frame(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.set_height(height - 2.0 * space::L);
        ui.spacing_mut().item_spacing.y = space::S;
        let fit: Vec<usize> = (0..lanes.len()).filter(|&i| lanes[i].is_residual()).collect();
        if !fit.contains(&state.race.lane) {
            state.race.lane = fit.first().copied().unwrap_or(0);
        }
        let Some(lane) = lanes.get(state.race.lane).filter(|l| l.is_residual()) else {
            ui.label(RichText::new(i18n::race_surgery()).font(theme::semibold(text::TITLE)).color(p.skip));
            let words = RichText::new(i18n::race_no_skips()).font(theme::regular(text::BODY)).color(p.ink3);
            ui.add(Label::new(words).wrap());
            return;
        };
        head(ui, state, lanes, &fit, lane);
        let stage = |b: usize| lane.layers.stages.iter().position(|s| s.blocks.contains(&b));
        let at = marked(state, lanes, state.race.lane).and_then(|b| Some((b, stage(b)? + 1)));
        let meant = whom(state.race.reach, at);
        ui.add_enabled_ui(view.is_open() && lane.run.is_some(), |ui| alpha(ui, state, lane, meant));
    });
}

/// The title, the lane where there are several, and which blocks are meant.
fn head(ui: &mut Ui, state: &mut AppState, lanes: &[Shown<'_>], fit: &[usize], lane: &Shown<'_>) {
    let p = palette(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
        let title = RichText::new(i18n::race_surgery()).font(theme::semibold(text::TITLE)).color(p.skip);
        ui.label(title).on_hover_text(i18n::race_surgery_hint());
        if fit.len() > 1 {
            menu::choose(ui, "surgery lane", &lane.name, i18n::race_surgery_lane_hint(), |ui| {
                for &i in fit {
                    let words = RichText::new(&lanes[i].name).color(lanes[i].colour);
                    if ui.selectable_label(state.race.lane == i, words).clicked() {
                        state.race.lane = i;
                        state.race.held = None;
                    }
                }
            });
        }
    });
    let block = marked(state, lanes, state.race.lane);
    let name = block.map(|b| lane.layers.block_name(b)).unwrap_or_default();
    let stage = name.split('.').next().unwrap_or_default().to_owned();
    let mut choices = vec![(Reach::Network, i18n::race_whole(), i18n::race_whole_hint())];
    if block.is_some() {
        choices.push((Reach::Stage, &stage, i18n::race_stage_hint()));
        choices.push((Reach::Block, &name, i18n::race_one_block_hint()));
    } else {
        state.race.reach = Reach::Network;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
        let before = state.race.reach;
        segmented(ui, &mut state.race.reach, &choices, None);
        if state.race.reach != before {
            state.race.held = None;
        }
        let room = ui.available_width();
        if block.is_none() && room > segmented_width(ui, &choices) {
            let hint =
                RichText::new(i18n::race_choose_block()).font(theme::regular(text::CAPTION)).color(p.ink3);
            ui.add(Label::new(hint).truncate());
        }
    });
}

/// α of `meant`, its slider, and what can be done to it.
fn alpha(ui: &mut Ui, state: &mut AppState, lane: &Shown<'_>, meant: Whom) {
    let p = palette(ui);
    let blocks = match meant {
        Whom::Network => 0..lane.layers.blocks.len(),
        Whom::Stage(n) => lane.layers.stages.get(n - 1).map_or(0..0, |s| s.blocks.clone()),
        Whom::Block(b) => b..b + 1,
    };
    let alphas = lane.lane.alphas.get(blocks).unwrap_or_default();
    let mean = alphas.iter().sum::<f32>() / alphas.len().max(1) as f32;
    let mixed = alphas.windows(2).any(|w| w[0] != w[1]);
    let mut value = state.race.held.unwrap_or(mean);
    let mut send = None;
    ui.horizontal(|ui| {
        let (rect, readout) = ui.allocate_exact_size(vec2(READOUT, size::TOUCH), Sense::hover());
        let sign = ui.painter().layout_no_wrap("α ".into(), theme::regular(text::HEADLINE), p.ink2);
        let mean_shown = mixed && state.race.held.is_none();
        let written = numbers::ratio(if mean_shown { mean } else { value });
        let number = ui.painter().layout_no_wrap(written, theme::semibold(text::HEADLINE), p.ink);
        let left = rect.left() + sign.size().x;
        ui.painter().galley(rect.min - vec2(0.0, space::XS), sign, p.ink2);
        ui.painter().galley(pos2(left, rect.top() - space::XS), number, p.ink);
        // Blocks that differ have a mean, which is said.
        let under = if mean_shown { i18n::race_mean_of(alphas.len()) } else { SUM.to_owned() };
        ui.painter().text(
            rect.left_bottom(),
            Align2::LEFT_BOTTOM,
            under,
            theme::regular(text::CAPTION),
            p.ink3,
        );
        readout.on_hover_text(if mixed { i18n::race_mixed_hint() } else { i18n::race_alpha_hint() });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let ticks = [(0.0, i18n::surgery_plain()), (1.0, i18n::surgery_resnet())];
            let slider = level(ui, &mut value, ALPHAS, p.skip_fill, &ticks, 0.0, i18n::alpha());
            if slider.changed() {
                state.race.held = Some(value);
                send = Some(Change::Set(value));
            } else if !slider.dragged() {
                state.race.held = None;
            }
            slider.on_hover_text(i18n::race_alpha_hint());
        });
    });
    ui.horizontal(|ui| {
        if raised_button(ui, i18n::race_cut(), None, false).on_hover_text(i18n::race_cut_hint()).clicked() {
            send = Some(Change::Set(0.0));
        }
        if raised_button(ui, i18n::race_rejoin(), None, false)
            .on_hover_text(i18n::race_rejoin_hint())
            .clicked()
        {
            send = Some(Change::Restore);
        }
        let done = lane.run.map(|r| movements(&r.surgeries)).unwrap_or_default();
        ui.add_enabled_ui(lane.lane.can_undo, |ui| {
            if raised_button(ui, i18n::undo(), None, false).on_hover_text(i18n::race_undo_hint()).clicked() {
                send = Some(Change::Undo);
            }
        });
        if let Some(last) = done.last() {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let words = RichText::new(told(lane, last)).font(theme::regular(text::CAPTION)).color(p.ink2);
                ui.add(Label::new(words).truncate());
            });
        }
    });
    if let Some(change) = send {
        state.send(Command::OperateLane { lane: state.race.lane, whom: meant, change });
    }
}
