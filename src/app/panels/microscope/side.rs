//! Right of the worked number: F(x) against x, what the network says, or the formula.

use super::super::super::theme::{self, palette, space, text};
use super::super::super::widgets::{chip, scale_bar, segmented};
use super::super::super::{i18n, motion, numbers, state::AppState};
use super::super::pictures;
use super::state::Side;
use super::{against, formula};
use crate::session::{CloseUp, Snapshot};
use eframe::egui::{RichText, Ui};

/// Height of the line that shows how the ratio went.
const SPARK: f32 = 30.0;

/// The panel's content, over all of `ui`.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, close: &CloseUp) {
    let width = ui.available_width();
    let choices = [
        (Side::Against, i18n::scope_tab_against(), i18n::scope_tab_against_hint()),
        (Side::Prediction, i18n::scope_tab_prediction(), i18n::scope_tab_prediction_hint()),
        (Side::Formula, i18n::scope_tab_formula(), i18n::scope_tab_formula_hint()),
    ];
    segmented(ui, &mut state.scope.side, &choices, Some(width));
    ui.add_space(space::S);
    motion::fade(ui, "microscope's side", state.scope.side, state.reduced_motion);
    match state.scope.side {
        Side::Against => numbers_of(ui, state, close, width),
        Side::Prediction => pictures::prediction(ui, state, snapshot, width),
        Side::Formula => formula::show(ui, close),
    }
}

fn numbers_of(ui: &mut Ui, state: &mut AppState, close: &CloseUp, width: f32) {
    against::title(ui, close);
    against::histogram(ui, close, width, 124.0);
    ui.add_space(space::XS);
    against::ratio(ui, close, width);
    if let Some(series) = state.scope.ratio(close.block) {
        let first = series.buckets().first().map_or(0, |b| b.first_step);
        let range = series.range().map(|(_, high)| (0.0, high));
        let left = i18n::scope_since(numbers::grouped(first));
        against::sparkline(ui, series, width, SPARK, range, &left).on_hover_text(i18n::scope_history_hint());
    }
    ui.add_space(space::XS);
    against::signal(ui, close, width);
    ui.add_space(space::XS);
    scale(ui, state, close, width);
}

/// The colours' scale, and whether every map has its own.
fn scale(ui: &mut Ui, state: &mut AppState, close: &CloseUp, width: f32) {
    let clipped = close.stages.iter().any(|s| s.mosaic.clipped);
    let end = close.stages.first().and_then(|s| s.mosaic.scale);
    scale_bar(ui, width, end, true, clipped, &mut state.looks.locked_scale, i18n::scope_scale())
        .on_hover_text(i18n::scope_scale_hint());
    ui.horizontal(|ui| {
        let mut own = state.looks.own_scale;
        chip(ui, &mut own, i18n::scope_own_scale()).on_hover_text(i18n::scope_own_scale_hint());
        state.looks.own_scale = own;
        let p = palette(ui);
        let words = if end.is_some() { i18n::scope_scale_shared() } else { i18n::scope_scale_own() };
        ui.label(RichText::new(words).font(theme::regular(text::CAPTION)).color(p.ink3));
    });
}
