//! The transport's part of a race: start and stop, and how far it is.

use super::super::super::i18n;
use super::super::super::numbers::{self, UNKNOWN};
use super::super::super::state::AppState;
use super::super::super::theme::space;
use super::super::super::widgets::{icons::Icon, readout, solid_button};
use crate::session::{RaceView, Snapshot};
use eframe::egui::Ui;

/// The solid button, `height` high.
pub fn button(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32) {
    let (icon, label, hint) = words(state, snapshot);
    ui.add_enabled_ui(snapshot.data.is_some(), |ui| {
        let button = solid_button(
            ui,
            icon,
            label,
            &[i18n::race_start(), i18n::race_stop(), i18n::race_go_on()],
            height,
        );
        if button.on_hover_text(hint).on_disabled_hover_text(i18n::run_waits()).clicked() {
            state.toggle_race(snapshot);
        }
    });
}

fn words(state: &AppState, snapshot: &Snapshot) -> (Icon, &'static str, &'static str) {
    if snapshot.race.as_ref().is_some_and(|r| r.under_way) {
        (Icon::Pause, i18n::race_stop(), i18n::race_stop_hint())
    } else if state.race_goes_on(snapshot) {
        (Icon::Run, i18n::race_go_on(), i18n::race_go_on_hint())
    } else {
        (Icon::Run, i18n::race_start(), i18n::race_start_hint())
    }
}

/// Steps that every lane has done with the seed that is run.
fn steps(view: &RaceView) -> u64 {
    let done = view.outcome.lanes.iter().filter_map(|l| l.runs.last()).map(|r| r.loss.len());
    done.max().unwrap_or(0) as u64
}

/// Step, images a second over all lanes, time left, seeds: as many as `fits` allows.
pub fn readouts(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, fits: impl Fn(&Ui, f32) -> bool) {
    const WIDTH: f32 = 64.0;
    const WIDE: f32 = 104.0;
    ui.spacing_mut().item_spacing.x = space::L;
    let view = snapshot.race.as_deref();
    let now = ui.input(|i| i.time);
    let speed = view.and_then(|v| speed(state, v, now));
    let unknown = || (UNKNOWN.to_owned(), String::new());
    let step =
        view.map_or_else(unknown, |v| (numbers::grouped(steps(v)), i18n::of(numbers::grouped(v.steps))));
    let seeds = view.map_or_else(unknown, |v| {
        let at = v.outcome.lanes.first().map_or(0, |l| l.runs.len());
        (at.to_string(), i18n::of(v.seeds.to_string()))
    });
    let rate = speed.map_or(UNKNOWN.into(), |(rate, _)| numbers::rate(rate));
    let left = speed.map_or(UNKNOWN.into(), |(_, left)| numbers::clock(left));
    for (name, (value, unit), wide, hint) in [
        (i18n::step_label(), step, WIDE, i18n::race_step_hint()),
        (i18n::images_per_s(), (rate, String::new()), WIDTH, i18n::race_rate_hint()),
        (i18n::left(), (left, String::new()), WIDTH, i18n::race_left_hint()),
        (i18n::race_seeds(), seeds, WIDTH, i18n::race_seeds_hint()),
    ] {
        if fits(ui, wide) {
            readout(ui, name, &value, &unit, wide, hint);
        }
    }
}

/// Images a second of all lanes together since the race began to train, and seconds left.
fn speed(state: &mut AppState, view: &RaceView, now: f64) -> Option<(f32, f64)> {
    if !view.under_way || view.compiling.is_some() {
        state.race.clock = None;
        return None;
    }
    let (begun, from) = *state.race.clock.get_or_insert((now, view.progress.done));
    let (seconds, done) = (now - begun, view.progress.done.checked_sub(from)?);
    let batch = view.outcome.lanes.first()?.lane.recipe.batch;
    // Two steps at least, and no guess from the first moment.
    (done > 1 && seconds > 0.5).then(|| {
        let rate = done as f64 / seconds;
        let left = view.progress.total.saturating_sub(view.progress.done) as f64 / rate;
        ((rate * batch as f64) as f32, left)
    })
}
