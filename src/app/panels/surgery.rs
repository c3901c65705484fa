//! The card that operates on skips: whom, their α as one large number and as a slider, and what was done so far.
//! [`card`] and [`column`] take what they operate on and answer what was asked for, so that they serve the
//! network that is watched as well as the lanes of a race.

use super::super::i18n;
use super::super::numbers;
use super::super::state::AppState;
use super::super::surgery::{self, Operation, Patient, Reach, movements};
use super::super::theme::{self, line, palette, size, space, text};
use super::super::widgets::{divider, icons, icons::Icon, level, raised_button, segmented, segmented_width};
use super::network::{fitted, put};
use super::{charts, menu};
use crate::session::Snapshot;
use crate::train::{Change, Surgery, Whom};
use eframe::egui::{Align, Label, Layout, Rect, RichText, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

/// α goes from the skip's negative to twice the skip; beyond, it is typed under the microscope.
const RANGE: std::ops::RangeInclusive<f32> = -1.0..=2.0;
/// Width of the large number, and of the card where the loss stands beside it.
const NUMBER: f32 = 148.0;
const CARD: f32 = 420.0;
/// From this width on the loss has room beside the card.
const BESIDE: f32 = 900.0;
/// Narrower cards have the slider under the number.
const STACKED: f32 = 400.0;
/// Height of a line of the record.
const ROW: f32 = 22.0;

/// The panel of the network that is watched, `height` high; with the loss beside it if that is not in sight.
pub fn panel(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32, with_loss: bool) {
    theme::panel_frame(ui).show(ui, |ui| {
        let height = height - 2.0 * (space::L + line::HAIR);
        ui.set_width(ui.available_width());
        ui.set_height(height);
        let whole = ui.available_rect_before_wrap();
        if !with_loss || whole.width() < BESIDE {
            return watched(ui, state, snapshot, Some(height));
        }
        let (left, right) = whole.split_left_right_at_x(whole.left() + CARD);
        ui.scope_builder(UiBuilder::new().max_rect(left), |ui| watched(ui, state, snapshot, Some(height)));
        let right = right.with_min_x(right.left() + 2.0 * space::XL);
        ui.scope_builder(UiBuilder::new().max_rect(right), |ui| charts::loss(ui, state, snapshot));
    });
}

/// The card in a narrow window: as high as it needs, for fingers.
pub fn touch(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    theme::panel_frame(ui).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = size::TOUCH;
        watched(ui, state, snapshot, None);
    });
}

/// The card of the network that is watched.
fn watched(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: Option<f32>) {
    let Some(patient) = state.patient(snapshot) else {
        title(ui);
        ui.add(Label::new(RichText::new(i18n::surgery_none()).color(palette(ui).ink3)).wrap());
        return;
    };
    let asked = card(ui, &patient, &mut state.surgery.reach, state.selection.block, height);
    if let Some(asked) = asked {
        state.operate(asked);
    }
}

/// The controls alone for the network that is watched, for a projector: the record is on the charts.
pub fn presented(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    if let Some(patient) = state.patient(snapshot)
        && let Some(asked) = column(ui, &patient, &mut state.surgery.reach, state.selection.block)
    {
        state.operate(asked);
    }
}

fn title(ui: &mut Ui) {
    let words = RichText::new(i18n::surgery_title()).font(theme::semibold(text::TITLE));
    ui.label(words.color(palette(ui).skip)).on_hover_text(i18n::surgery_title_hint());
}

/// Whom, α and record of `patient`, of which `block` is chosen; the record fills up `height`, or is as long as it
/// is without one.
pub fn card(
    ui: &mut Ui,
    patient: &Patient<'_>,
    reach: &mut Reach,
    block: Option<usize>,
    height: Option<f32>,
) -> Option<Operation> {
    let bottom = height.map(|h| ui.cursor().top() + h);
    let names = choices(patient, block);
    let choices: Vec<_> = names.iter().map(|(r, name, hint)| (*r, name.as_str(), *hint)).collect();
    // Without a chosen block there is nothing smaller than the network to choose.
    let mut chosen = if names.len() > 1 { *reach } else { Reach::Network };
    let wide = segmented_width(ui, &choices);
    let beside = ui
        .horizontal(|ui| {
            title(ui);
            let beside = wide <= ui.available_width();
            if beside {
                let right = Layout::right_to_left(Align::Center);
                ui.with_layout(right, |ui| segmented(ui, &mut chosen, &choices, None));
            }
            beside
        })
        .inner;
    if !beside {
        let width = ui.available_width();
        segmented(ui, &mut chosen, &choices, Some(width));
    }
    if names.len() > 1 {
        *reach = chosen;
    }
    let whom = patient.whom(chosen, block);
    ui.add_space(space::XS);
    let mut asked = None;
    if ui.available_width() < STACKED {
        number(ui, patient, whom);
        asked = slider(ui, patient, whom);
    } else {
        ui.horizontal_top(|ui| {
            number(ui, patient, whom);
            ui.vertical(|ui| {
                ui.add_space(space::S);
                asked = slider(ui, patient, whom);
            });
        });
    }
    divider(ui);
    let lesion = lesions(ui, patient, whom);
    divider(ui);
    asked.or(lesion).or(record(ui, patient, whom, bottom))
}

/// What is done to trained blocks: their branch dropped, two swapped, one scrambled.
fn lesions(ui: &mut Ui, patient: &Patient<'_>, whom: Whom) -> Option<Operation> {
    let p = palette(ui);
    let mut asked = None;
    ui.horizontal(|ui| {
        let words = RichText::new(i18n::surgery_lesion()).font(theme::regular(text::BODY)).color(p.ink2);
        ui.label(words).on_hover_text(i18n::surgery_lesion_hint());
        let name = surgery::name(whom, patient.blocks);
        let words =
            if patient.is_dropped(whom) { i18n::surgery_put_back_short() } else { i18n::surgery_drop() };
        if raised_button(ui, words, None, false).on_hover_text(i18n::surgery_drop_hint(&name)).clicked() {
            asked = Some(patient.dropped(whom));
        }
        let block = match whom {
            Whom::Block(b) => Some(b),
            _ => None,
        };
        let partners: Vec<usize> = block.map_or(vec![], |b| patient.partners(b).collect());
        ui.add_enabled_ui(!partners.is_empty(), |ui| {
            let button = raised_button(ui, i18n::surgery_swap(), None, false);
            let button = button.on_hover_text(i18n::surgery_swap_hint());
            let button = button.on_disabled_hover_text(i18n::surgery_swap_hint());
            menu::under(&button, |ui| {
                for other in partners {
                    let name = surgery::name(Whom::Block(other), patient.blocks);
                    if ui.selectable_label(false, name).clicked() {
                        asked = Some(Operation::new(whom, Change::Swap(other)));
                    }
                }
            });
        });
        ui.add_enabled_ui(block.is_some(), |ui| {
            let button = raised_button(ui, i18n::surgery_scramble(), None, false);
            let button = button.on_hover_text(i18n::surgery_scramble_hint());
            if button.on_disabled_hover_text(i18n::surgery_scramble_hint()).clicked() {
                // The session chooses the order.
                asked = Some(Operation::new(whom, Change::Scramble(0)));
            }
        });
    });
    asked
}

/// Whom and α under each other, without the record: for a narrow place beside a chart.
pub fn column(
    ui: &mut Ui,
    patient: &Patient<'_>,
    reach: &mut Reach,
    block: Option<usize>,
) -> Option<Operation> {
    let p = palette(ui);
    let names = choices(patient, block);
    let whom = patient.whom(*reach, block);
    ui.horizontal(|ui| {
        let shown = surgery::name(whom, patient.blocks);
        menu::choose(ui, "whom", &shown, i18n::surgery_title_hint(), |ui| {
            for (to, name, hint) in &names {
                if ui.selectable_label(reach == to, name).on_hover_text(*hint).clicked() {
                    *reach = *to;
                }
            }
        });
        let alpha = format!("α {}", numbers::ratio(patient.alpha(whom).0));
        ui.label(RichText::new(alpha).font(theme::semibold(text::TITLE)).color(p.ink));
    });
    slider(ui, patient, whom)
}

/// Whom one can operate on, in which words, and what that means.
fn choices(patient: &Patient<'_>, block: Option<usize>) -> Vec<(Reach, String, &'static str)> {
    [
        (Reach::Network, i18n::surgery_network_hint()),
        (Reach::Stage, i18n::surgery_stage_hint()),
        (Reach::Block, i18n::surgery_block_hint()),
    ]
    .into_iter()
    .map(|(reach, hint)| (reach, patient.whom(reach, block), hint))
    .filter(|(reach, whom, _)| *reach == Reach::Network || *whom != Whom::Network)
    .map(|(reach, whom, hint)| (reach, surgery::name(whom, patient.blocks), hint))
    .collect()
}

/// `α 1.00`, and what is computed with it.
fn number(ui: &mut Ui, patient: &Patient<'_>, whom: Whom) {
    let p = palette(ui);
    let (mean, low, high) = patient.alpha(whom);
    let below = if low == high {
        i18n::surgery_formula().to_owned()
    } else {
        let n = patient.who(whom).count();
        i18n::surgery_mean(n, numbers::ratio(low), numbers::ratio(high))
    };
    let painter = ui.painter();
    let alpha = painter.layout_no_wrap("α ".into(), theme::regular(text::HEADLINE), p.ink2);
    let value = painter.layout_no_wrap(numbers::ratio(mean), theme::semibold(text::HEADLINE), p.ink);
    let words = painter.layout(below, theme::regular(text::CAPTION), p.ink2, NUMBER);
    let high = value.size().y + words.size().y;
    let (rect, response) = ui.allocate_exact_size(vec2(NUMBER, high), Sense::hover());
    let foot = rect.top() + value.size().y;
    let beside = pos2(rect.left() + alpha.size().x, rect.top());
    ui.painter().galley(rect.min, alpha, p.ink2);
    ui.painter().galley(beside, value, p.ink);
    ui.painter().galley(pos2(rect.left(), foot), words, p.ink2);
    response.on_hover_text(i18n::surgery_alpha_hint());
}

fn slider(ui: &mut Ui, patient: &Patient<'_>, whom: Whom) -> Option<Operation> {
    let p = palette(ui);
    let mut alpha = patient.alpha(whom).0;
    let ticks = [(-1.0, "−1"), (0.0, i18n::surgery_plain()), (1.0, i18n::surgery_resnet()), (2.0, "2")];
    let name = i18n::surgery_slider(surgery::name(whom, patient.blocks));
    let touch = if ui.spacing().interact_size.y >= size::TOUCH { size::TOUCH } else { 0.0 };
    let response = level(ui, &mut alpha, RANGE, p.skip_fill, &ticks, touch, &name);
    let moved = response.changed();
    response.on_hover_text(i18n::surgery_alpha_hint());
    moved.then(|| Operation::new(whom, Change::Set(alpha)))
}

/// The last operation with the two ways back, and under it those before.
fn record(ui: &mut Ui, patient: &Patient<'_>, whom: Whom, bottom: Option<f32>) -> Option<Operation> {
    let p = palette(ui);
    let done = movements(patient.done);
    let mut asked = None;
    ui.horizontal(|ui| {
        let room = ui.available_rect_before_wrap();
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_enabled_ui(!patient.is_whole(whom), |ui| {
                let hint = i18n::surgery_rejoin_all_hint(surgery::name(whom, patient.blocks));
                if raised_button(ui, i18n::surgery_rejoin(), None, false).on_hover_text(hint).clicked() {
                    asked = Some(Operation::new(whom, Change::Restore));
                }
            });
            ui.add_enabled_ui(patient.can_undo, |ui| {
                let undo = raised_button(ui, i18n::undo(), None, false);
                if undo.on_hover_text(i18n::surgery_undo_hint()).clicked() {
                    asked = Some(Operation::UNDO);
                }
            });
            let left = room.with_max_x(ui.min_rect().left() - space::S).with_max_y(ui.min_rect().bottom());
            match done.last() {
                Some(last) => entry(ui, last, patient.blocks, left),
                None => {
                    let empty = i18n::surgery_empty().to_owned();
                    let words = fitted(ui, empty, theme::regular(text::BODY), p.ink3, left.width());
                    put(ui, left.left(), left.center().y, words);
                }
            }
        });
    });
    let earlier = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for entry_of in done.iter().rev().skip(1) {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
            entry(ui, entry_of, patient.blocks, rect);
        }
    };
    match bottom.map(|b| b - ui.cursor().top()) {
        None => earlier(ui),
        Some(room) if room >= ROW => {
            ScrollArea::vertical()
                .id_salt("operations")
                .max_height(room)
                .min_scrolled_height(0.0)
                .auto_shrink(false)
                .show(ui, earlier);
        }
        Some(_) => {}
    }
    asked
}

/// Scissors, step, words.
fn entry(ui: &Ui, done: &Surgery, blocks: &[String], rect: Rect) {
    let p = palette(ui);
    let y = rect.center().y;
    let square = Rect::from_min_size(pos2(rect.left(), y - icons::SIDE / 2.0), theme::square(icons::SIDE));
    let cuts = matches!(done.change, Change::Set(_)) || done.change.is_lesion();
    icons::paint(ui.painter(), square, if cuts { Icon::Scissors } else { Icon::Undo }, p.ink2);
    let step = fitted(ui, numbers::grouped(done.step), theme::regular(text::BODY), p.ink2, rect.width());
    let x = square.right() + space::S;
    let after = x + step.size().x + space::S;
    put(ui, x, y, step);
    let words = surgery::words(done, blocks);
    put(ui, after, y, fitted(ui, words, theme::regular(text::BODY), p.ink, (rect.right() - after).max(0.0)));
}
