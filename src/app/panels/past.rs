//! The past of the run: a rail with a tick for every moment that is kept, and what can be done from one.

use super::super::i18n;
use super::super::numbers;
use super::super::state::AppState;
use super::super::theme::{self, palette, size, space, text};
use super::super::widgets::{raised_button, readout, scrubber};
use crate::session::{Command, EngineKind, Snapshot};
use eframe::egui::{Align, Align2, Layout, Sense, Ui, vec2};

/// Height of the rail's row, and widths of its name and of the step behind it.
const ROW: f32 = 28.0;
const NAME: f32 = 44.0;
const STEP: f32 = 76.0;
/// Width of the readout of two steps.
const STEPS: f32 = 132.0;

/// Whether there is a past to look back at, now or soon.
fn has_past(snapshot: &Snapshot) -> bool {
    snapshot.engine == EngineKind::Own && snapshot.model.is_some()
}

/// Height of the rail's row and of the gap over it.
pub fn height(snapshot: &Snapshot) -> f32 {
    if has_past(snapshot) { ROW + space::XS } else { 0.0 }
}

/// The rail as wide as there is room, from the run's beginning to now.
pub fn row(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    if !has_past(snapshot) {
        return;
    }
    let p = palette(ui);
    let now = snapshot.step;
    let then = state.then(snapshot);
    let wide = ui.available_width();
    let inner = ui.allocate_ui_with_layout(vec2(wide, ROW), Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let caption = |ui: &mut Ui, width: f32, align: Align2, words: &str, ink| {
            let (rect, _) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
            let at = align.pos_in_rect(&rect);
            ui.painter().text(at, align, words, theme::regular(text::CAPTION), ink);
        };
        caption(ui, NAME, Align2::LEFT_CENTER, i18n::past_time(), p.ink2);
        let mut at = then.unwrap_or(now);
        let moved = ui.add_enabled_ui(!snapshot.moments.is_empty(), |ui| {
            scrubber(ui, &mut at, &snapshot.moments, now, wide - NAME - STEP, i18n::past_time())
        });
        let (words, ink) = match then {
            Some(step) => (i18n::past_step(numbers::grouped(step)), p.ink),
            None => (i18n::now().to_owned(), p.ink2),
        };
        caption(ui, STEP, Align2::RIGHT_CENTER, &words, ink);
        (moved.inner, at)
    });
    let (moved, at) = inner.inner;
    if moved.changed() {
        state.look_back(snapshot, Some(at).filter(|at| *at < now));
    }
    state.follow_past(snapshot, moved.dragged());
    let hint = format!("{}\n{}", i18n::past_time_hint(), i18n::past_kept(snapshot.moments.len()));
    moved.on_hover_text(hint).on_disabled_hover_text(i18n::past_none());
}

/// In place of the readouts, in a width of `room`: which moment it is, and what can be done from it. The map's title
/// says the former, too.
pub fn readouts(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, then: u64, room: f32) {
    let button = |words: &str| {
        let font = theme::semibold(text::BODY);
        let words = ui.painter().layout_no_wrap(words.to_owned(), font, palette(ui).ink);
        words.size().x + 2.0 * space::M + space::S
    };
    let both = button(i18n::past_back()) + button(i18n::past_branch());
    if room >= both + STEPS + space::S {
        let unit = i18n::past_now(numbers::grouped(snapshot.step));
        readout(ui, i18n::past_then(), &numbers::grouped(then), &unit, STEPS, i18n::past_time_hint());
    }
    buttons(ui, state, snapshot, room >= both);
}

/// Back to the present; and on from here, where there is room for both.
pub fn buttons(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, both: bool) {
    ui.spacing_mut().item_spacing.x = space::S;
    let back = raised_button(ui, i18n::past_back(), None, true);
    if back.on_hover_text(i18n::past_back_hint()).clicked() {
        state.look_back(snapshot, None);
    }
    if !both {
        return;
    }
    let branch = raised_button(ui, i18n::past_branch(), None, false);
    if branch.on_hover_text(i18n::past_branch_hint()).clicked() {
        state.send(Command::Branch);
    }
}

/// The rail along the bottom of a view that has no charts.
pub fn foot(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let ground = eframe::egui::Frame::new().fill(palette(ui).panel);
    eframe::egui::Panel::bottom("past")
        .exact_size(size::TOUCH - space::S)
        .frame(ground.inner_margin(eframe::egui::Margin::symmetric(space::L as i8, 0)))
        .show(ui, |ui| ui.horizontal_centered(|ui| row(ui, state, snapshot)));
}
