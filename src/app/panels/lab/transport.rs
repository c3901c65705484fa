//! The transport's part of an experiment: start and stop, and how far it is.

use super::super::super::i18n;
use super::super::super::numbers::{self, UNKNOWN};
use super::super::super::state::AppState;
use super::super::super::theme::space;
use super::super::super::widgets::{icons::Icon, readout, solid_button};
use crate::session::{ExperimentView, Snapshot};
use eframe::egui::Ui;

/// The solid button, `height` high.
pub fn button(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32) {
    let (icon, label, hint) = match snapshot.experiment.as_ref().is_some_and(|v| v.under_way) {
        true => (Icon::Close, i18n::lab_stop(), i18n::lab_stop_hint()),
        false if state.experiment_goes_on(snapshot) => (Icon::Run, i18n::lab_go_on(), i18n::lab_go_on_hint()),
        false => (Icon::Run, i18n::lab_start(), i18n::lab_start_hint()),
    };
    ui.add_enabled_ui(snapshot.data.is_some(), |ui| {
        let button =
            solid_button(ui, icon, label, &[i18n::lab_start(), i18n::lab_stop(), i18n::lab_go_on()], height);
        if button.on_hover_text(hint).on_disabled_hover_text(i18n::lab_waits()).clicked() {
            state.toggle_experiment(snapshot);
        }
    });
}

/// How much is done, and the time left: as many as `fits` allows.
pub fn readouts(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, fits: impl Fn(&Ui, f32) -> bool) {
    const WIDTH: f32 = 72.0;
    ui.spacing_mut().item_spacing.x = space::L;
    let now = ui.input(|i| i.time);
    let view = snapshot.experiment.as_deref();
    let done = view.filter(|v| v.progress.total > 0);
    let done = done.map_or(UNKNOWN.into(), |v| {
        numbers::percent(v.progress.done as f32 / v.progress.total.max(1) as f32)
    });
    let left = view.and_then(|v| left(state, v, now)).map_or(UNKNOWN.into(), numbers::clock);
    for (name, value, hint) in
        [(i18n::lab_done(), done, i18n::lab_done_hint()), (i18n::left(), left, i18n::lab_left_hint())]
    {
        if fits(ui, WIDTH) {
            readout(ui, name, &value, "", WIDTH, hint);
        }
    }
}

/// Seconds left at the speed since the experiment began to measure.
fn left(state: &mut AppState, view: &ExperimentView, now: f64) -> Option<f64> {
    let done = view.progress.done;
    if !view.under_way || done == 0 {
        state.lab.clock = None;
        return None;
    }
    let (begun, from) = *state.lab.clock.get_or_insert((now, done));
    let rate = done.checked_sub(from).filter(|d| *d > 0)? as f64 / (now - begun).max(1e-3);
    Some(view.progress.total.saturating_sub(done) as f64 / rate)
}
