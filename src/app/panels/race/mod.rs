//! A race: two to four networks in lock-step that differ in one thing. What came out as one sentence, a row a network
//! on the same layer axis, their losses in one plot, their gradients in another, and surgery on any of them.

mod curves;
mod form;
mod gradients;
mod lanes;
mod said;
mod setup;
mod state;
mod surgery;
pub(super) mod transport;

pub(in crate::app) use form::RaceForm;
pub(super) use form::label as lane_label;
pub(in crate::app) use state::RaceState;

use super::super::axis::{Decades, Layers};
use super::super::i18n;
use super::super::numbers::{self, UNKNOWN};
use super::super::state::{AppState, classes};
use super::super::theme::{self, palette, size, space, text};
use super::super::view::Canvas;
use super::changed;
use super::charts::look;
use crate::lab::race::Band;
use crate::model::by_name;
use crate::session::{Lane, LaneOutcome, LaneRun, RaceView, Seen, Snapshot};
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align, CentralPanel, Color32, Frame, Key, Layout, Margin, Panel, RichText, ScrollArea, Ui, UiBuilder,
    vec2,
};
use state::Curve;
use std::sync::Arc;

/// Least height of the plots, and of plots without the surgery card; then the screen scrolls.
const PLOTS: f32 = 320.0;
const PLOTS_SHOWN: f32 = 240.0;
/// The plots' heights on a phone.
const PLOT_NARROW: f32 = 300.0;
/// The losses' part of the width, and what the surgery card takes of the column beside them.
const LOSSES: f32 = 0.6;
const SURGERY: f32 = 196.0;

/// One lane, as every part of the screen needs it.
pub struct Shown<'a> {
    /// As a title.
    pub name: String,
    pub colour: Color32,
    pub lane: &'a LaneOutcome,
    /// With the seed that is run, or was run last.
    pub run: Option<&'a LaneRun>,
    pub layers: Layers,
    pub parameters: u64,
    /// What the picture that is looked at becomes in it, and where that is painted.
    pub seen: Option<(&'a Seen, Canvas)>,
    /// Gradient norm over each block's weights in the last step.
    pub norms: Vec<Option<f32>>,
    pub curve: Curve,
}

impl Shown<'_> {
    /// Whether there are skips to operate on.
    pub fn is_residual(&self) -> bool {
        self.lane.lane.spec.is_residual()
    }
}

/// What came out in a lane, in a few characters.
fn verdict(lane: &LaneOutcome, curve: &Curve) -> String {
    if let Some((step, _)) = lane.runs.last().and_then(|r| r.diverged.as_ref()) {
        return i18n::race_diverged(numbers::grouped(*step));
    }
    // Once all are done, several seeds say more than the last one.
    let over = lane.runs.iter().all(|r| r.last_loss.is_some());
    if let Some(band) = Band::of(curve.ends.iter().copied()).filter(|band| over && band.count > 1) {
        return i18n::race_band(
            numbers::ratio(band.mean),
            numbers::ratio(band.low),
            numbers::ratio(band.high),
        );
    }
    curve.loss.map_or(UNKNOWN.into(), numbers::ratio)
}

/// Norm over the weights of each block, from what the last step measured of each layer.
fn block_norms(layers: &Layers, lane: &LaneOutcome) -> Vec<Option<f32>> {
    let last = lane.runs.last().and_then(|r| r.grad_norm.last());
    let of = |block: usize| {
        let prefix = format!("{}.", layers.block_name(block));
        let inside = lane.layers.iter().zip(last?).filter(|(name, _)| name.starts_with(&prefix));
        Some(inside.map(|(_, n)| n * n).sum::<f32>().sqrt())
    };
    (0..layers.blocks.len()).map(of).collect()
}

fn shown<'a>(ui: &Ui, state: &mut AppState, view: &'a Arc<RaceView>) -> Vec<Shown<'a>> {
    let curves = state.race.curves(view).to_vec();
    let lanes = view.outcome.lanes.iter().zip(curves).enumerate();
    lanes
        .map(|(i, (lane, curve))| {
            let sketch = state.sketch(&lane.lane.spec);
            let (layers, parameters) = sketch.map(|s| (s.layers.clone(), s.parameters)).unwrap_or_default();
            let seen = view.seen.get(i).and_then(|s| s.as_deref());
            Shown {
                seen: seen.zip(state.race.canvases.get(i).copied().flatten()),
                name: form::label(&lane.lane.name),
                colour: look(palette(ui), i).0,
                lane,
                run: lane.runs.last(),
                norms: block_norms(&layers, lane),
                layers,
                parameters,
                curve,
            }
        })
        .collect()
}

/// The block of `to` that stands where `block` does in `from`: in the same stage, as far along it.
fn counterpart(from: &Layers, block: usize, to: &Layers) -> Option<usize> {
    let stage = from.stages.iter().position(|s| s.blocks.contains(&block))?;
    let (here, there) = (&from.stages[stage].blocks, &to.stages.get(stage)?.blocks);
    let last = there.len().checked_sub(1)?;
    // A stage's only block makes what the last one of a deeper network's makes.
    let at = match here.len() - 1 {
        0 => last,
        gaps => ((block - here.start) * last + gaps / 2) / gaps,
    };
    Some(there.start + at)
}

/// The chosen block in lane `i`: itself, or the one in its place.
fn marked(state: &AppState, lanes: &[Shown<'_>], i: usize) -> Option<usize> {
    counterpart(&lanes.get(state.race.of)?.layers, state.race.block?, &lanes.get(i)?.layers)
}

/// The decades of all lanes' gradients.
fn decades(lanes: &[Shown<'_>]) -> Decades {
    let all = lanes.iter().filter_map(|l| l.curve.decades);
    all.reduce(|a, b| Decades { low: a.low.min(b.low), high: a.high.max(b.high) }).unwrap_or_default()
}

/// Everything under the transport of a wide window.
pub fn wide(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    // A lesson stands where the controls are, and says what is raced.
    if !state.lessons.open {
        let margin = Margin::symmetric(space::L as i8, space::M as i8);
        Panel::left("race").exact_size(size::SETUP).resizable(false).frame(Frame::new().fill(p.panel)).show(
            ui,
            |ui| {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    Frame::new().inner_margin(margin).show(ui, |ui| setup::show(ui, state, snapshot));
                });
            },
        );
    }
    let ground = Frame::new().fill(p.bg).inner_margin(Margin::same(space::L as i8));
    CentralPanel::no_frame().frame(ground).show(ui, |ui| {
        changed(ui, state);
        screen(ui, state, snapshot);
    });
}

/// The race itself.
pub fn screen(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let view = raced(state, snapshot);
    let lanes = shown(ui, state, &view);
    keys(ui, state, &lanes);
    let window = ui.available_height();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        if is_narrow(ui) {
            return stacked(ui, state, &view, &lanes);
        }
        ui.spacing_mut().item_spacing.y = space::S;
        let top = ui.cursor().top();
        headline(ui, &view, &lanes, text::HEADLINE);
        let least = if state.presentation { PLOTS_SHOWN } else { PLOTS };
        let rows = (window - (ui.cursor().top() - top) - least - space::XL - space::S).max(0.0);
        let room = rows / lanes.len().max(1) as f32 - space::S;
        for i in 0..lanes.len() {
            lanes::row(ui, state, &lanes, (i, view.is_open()), decades(&lanes), room);
        }
        lanes::legend(ui, &lanes, decades(&lanes));
        ui.add_space(space::XS);
        let high = (window - (ui.cursor().top() - top) - space::XS).max(least);
        let (whole, _) =
            ui.allocate_exact_size(vec2(ui.available_width(), high), eframe::egui::Sense::hover());
        let (left, right) = whole.split_left_right_at_fraction(LOSSES);
        let right = right.with_min_x(right.left() + space::L);
        // A projector has no use for controls.
        let low = if state.presentation { 0.0 } else { SURGERY + space::L };
        let above = right.with_max_y(right.bottom() - low);
        let below = right.with_min_y(right.bottom() - SURGERY);
        let parts = [(left, 0), (above, 1), (below, 2)];
        for (rect, part) in parts.into_iter().take(if state.presentation { 2 } else { 3 }) {
            let mut inner = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(part));
            let high = rect.height();
            match part {
                0 => curves::panel(&mut inner, state, &view, &lanes, high),
                1 => gradients::panel(&mut inner, state, &lanes, decades(&lanes), high),
                _ => surgery::panel(&mut inner, state, &view, &lanes, high),
            }
        }
    });
}

/// The same under each other, with the controls last.
pub fn column(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let view = raced(state, snapshot);
    let lanes = shown(ui, state, &view);
    stacked(ui, state, &view, &lanes);
    ui.add_space(space::S);
    theme::panel_frame(ui).show(ui, |ui| setup::show(ui, state, snapshot));
}

/// All parts of the race, none beside another.
fn stacked(ui: &mut Ui, state: &mut AppState, view: &Arc<RaceView>, lanes: &[Shown<'_>]) {
    ui.spacing_mut().item_spacing.y = space::S;
    headline(ui, view, lanes, text::RESULT);
    for i in 0..lanes.len() {
        lanes::row(ui, state, lanes, (i, view.is_open()), decades(lanes), f32::INFINITY);
    }
    lanes::legend(ui, lanes, decades(lanes));
    curves::panel(ui, state, view, lanes, PLOT_NARROW);
    gradients::panel(ui, state, lanes, decades(lanes), PLOT_NARROW);
    surgery::panel(ui, state, view, lanes, SURGERY);
}

/// Whether parts have no room beside each other.
fn is_narrow(ui: &Ui) -> bool {
    ui.available_width() < size::ONE_COLUMN - 2.0 * space::XL
}

/// The race that there is to show; before there is one, the skeleton of what the controls describe.
fn raced(state: &mut AppState, snapshot: &Snapshot) -> Arc<RaceView> {
    let cleared = |v: &&Arc<RaceView>| state.race.cleared.as_ref().is_some_and(|c| Arc::ptr_eq(c, v));
    if let Some(view) = snapshot.race.as_ref().filter(|v| !cleared(v)) {
        if view.under_way {
            state.race.asked = false;
        }
        return view.clone();
    }
    let lanes = state.race.form.lanes(&state.form.recipe, classes(snapshot));
    Arc::new(RaceView::before(lanes, state.race.form.steps, state.race.form.seeds))
}

/// "After 400 steps: plain-56 1.92, ResNet-56 1.31", and what these numbers are.
fn headline(ui: &mut Ui, view: &RaceView, lanes: &[Shown<'_>], size: f32) {
    let p = palette(ui);
    let steps = lanes.iter().filter_map(|l| l.run).map(|r| r.loss.len()).max().unwrap_or(0);
    let written = |size: f32, room: f32| {
        let mut job =
            LayoutJob { wrap: eframe::egui::text::TextWrapping::wrap_at_width(room), ..LayoutJob::default() };
        let mut put = |words: &str, font, ink| job.append(words, 0.0, TextFormat::simple(font, ink));
        if steps == 0 {
            let (words, size) = match (view.compiling, view.under_way) {
                (Some((done, of)), _) => (i18n::compiling(done, of), size),
                (None, true) => (i18n::race_begins().to_owned(), size),
                (None, false) => (i18n::race_empty().to_owned(), text::BODY),
            };
            put(&words, theme::regular(size), p.ink2);
            return job;
        }
        put(&i18n::race_after(numbers::grouped(steps as u64)), theme::regular(size), p.ink2);
        // From the last lane to the first: the sentence ends with the network that was asked for.
        for (i, lane) in lanes.iter().enumerate().rev() {
            put(
                &format!("{} {}", lane.name, verdict(lane.lane, &lane.curve)),
                theme::semibold(size),
                lane.colour,
            );
            if i > 0 {
                put(i18n::race_comma(), theme::regular(size), p.ink2);
            }
        }
        job
    };
    let narrow = is_narrow(ui);
    let notes = |ui: &mut Ui| {
        let small = |words: &str, ink| RichText::new(words).font(theme::regular(text::CAPTION)).color(ink);
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.label(small(i18n::race_loss(), p.ink2)).on_hover_text(i18n::race_loss_hint());
        let fair = match lanes.iter().find_map(|l| unusual_width(&l.lane.lane)) {
            Some(width) => i18n::race_fair_width(width),
            None => i18n::race_fair().to_owned(),
        };
        ui.label(small(&fair, p.ink3)).on_hover_text(i18n::race_fair_hint());
    };
    if narrow {
        ui.label(written(size, ui.available_width()));
        ui.scope(notes);
        return;
    }
    const NOTES: f32 = 220.0;
    let room = ui.available_width() - NOTES - space::L;
    ui.horizontal(|ui| {
        // Smaller where one line does not hold it.
        let large = ui.painter().layout_job(written(size, f32::INFINITY)).size().x;
        let job = written(if large <= room { size } else { text::RESULT }, room);
        ui.allocate_ui_with_layout(vec2(room, size * 1.4), Layout::left_to_right(Align::Center), |ui| {
            ui.label(job)
        });
        ui.with_layout(Layout::top_down(Align::Max), notes);
    });
}

/// Channels of the lane's first stage, where they are not its network's own.
fn unusual_width(lane: &Lane) -> Option<usize> {
    let own = by_name(lane.name.split(',').next()?)?.width;
    Some(lane.spec.width).filter(|w| *w != own)
}

/// What came out in each lane, as the headline says it: a line a network.
pub(in crate::app) fn verdicts(view: &RaceView) -> Vec<(String, String)> {
    let of = |lane: &LaneOutcome| {
        let curve = Curve::of(&lane.runs, view.steps);
        (form::label(&lane.lane.name), verdict(lane, &curve))
    };
    view.outcome.lanes.iter().map(of).collect()
}

/// Arrows go from block to block, where no control has the keyboard.
fn keys(ui: &Ui, state: &mut AppState, lanes: &[Shown<'_>]) {
    if ui.memory(|m| m.focused().is_some()) || ui.ctx().egui_wants_keyboard_input() {
        return;
    }
    let blocks = lanes.get(state.race.of).map_or(0, |l| l.layers.blocks.len());
    let pressed = |key| ui.input(|i| i.key_pressed(key) && i.modifiers.is_none());
    if blocks > 0 && pressed(Key::ArrowRight) {
        state.race.block = Some(state.race.block.map_or(0, |b| (b + 1).min(blocks - 1)));
    }
    if blocks > 0 && pressed(Key::ArrowLeft) {
        state.race.block = Some(state.race.block.map_or(0, |b| b.saturating_sub(1)));
    }
    if pressed(Key::Escape) {
        state.race.block = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Graph;

    #[test]
    fn blocks_of_networks_of_unlike_depth_stand_where_the_stage_is_as_far_on() {
        let layers =
            |name: &str| Layers::of(&Graph::new(&by_name(name).expect("in the zoo")).expect("valid"));
        let (deep, flat, least) = (layers("plain56"), layers("resnet20"), layers("resnet8"));
        let names = |from: &Layers, to: &Layers, blocks: &[usize]| {
            let name = |b: &usize| to.block_name(counterpart(from, *b, to).expect("there"));
            blocks.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(
            names(&deep, &flat, &[0, 3, 8, 9, 17]),
            ["layer1.0", "layer1.1", "layer1.2", "layer2.0", "layer2.2"]
        );
        assert_eq!(names(&flat, &deep, &[0, 1, 2, 8]), ["layer1.0", "layer1.4", "layer1.8", "layer3.8"]);
        assert_eq!(names(&least, &deep, &[0, 2]), ["layer1.8", "layer3.8"]);
        for b in 0..flat.blocks.len() {
            assert_eq!(counterpart(&flat, b, &flat), Some(b));
        }
        assert_eq!(counterpart(&flat, 9, &deep), None);
    }
}
