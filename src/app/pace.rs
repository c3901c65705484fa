//! How fast steps follow each other: as fast as the GPU goes, or slow enough to be watched one by one.
//!
//! The session knows Run and Step. A slower pace is single steps sent by the window when their time has
//! come, so it holds while the window is drawn and nowhere else.

use super::state::{AppState, UiCommand, can_train};
use crate::session::{Command, Phase, Snapshot};
use eframe::egui::Ui;
use serde::{Deserialize, Serialize};
use web_time::Duration;

/// Steps a second that can be chosen, below full speed.
const PACES: [f32; 7] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0];

/// Seconds that a layer of a step-through takes at one step a second, and at least.
const LAYER_TIME: f32 = 0.25;
const SHORTEST_LAYER: f32 = 0.05;

/// A place on the speed slider, the last being full speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speed(u8);

impl Default for Speed {
    fn default() -> Self {
        Self::FULL
    }
}

impl Speed {
    /// As fast as the GPU goes.
    pub const FULL: Self = Self(PACES.len() as u8);

    /// The slider's place number `place`; beyond the last it is full speed.
    pub fn at(place: u8) -> Self {
        Self(place.min(Self::FULL.0))
    }

    /// Its place on the slider.
    pub fn place(self) -> u8 {
        self.0.min(Self::FULL.0)
    }

    /// Steps a second; `None` at full speed.
    pub fn steps_per_second(self) -> Option<f32> {
        PACES.get(usize::from(self.0)).copied()
    }
}

/// The pace and when the next step is due.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::app) struct Pace {
    pub speed: Speed,
    /// `Context` time.
    next: f64,
}

impl AppState {
    /// How fast steps follow each other.
    pub fn speed(&self) -> Speed {
        self.pace.speed
    }

    /// Changes it, also while training runs.
    pub fn set_speed(&mut self, speed: Speed) {
        let before = std::mem::replace(&mut self.pace.speed, speed).steps_per_second().is_some();
        let after = speed.steps_per_second().is_some();
        self.pace.next = 0.0;
        if self.wants_run && before != after {
            self.ask(UiCommand::Session(if after { Command::Pause } else { Command::Run }));
        }
    }

    /// Whether steps come one by one.
    pub(super) fn is_paced(&self) -> bool {
        self.pace.speed.steps_per_second().is_some()
    }

    /// Seconds that a layer takes while a step plays layer by layer: never so few that it cannot be read.
    pub(super) fn layer_time(&self) -> f32 {
        let rate = self.pace.speed.steps_per_second().unwrap_or(f32::INFINITY);
        (LAYER_TIME / rate).max(SHORTEST_LAYER)
    }

    /// Sends the next step when its time has come.
    pub(super) fn keep_pace(&mut self, ui: &Ui, snapshot: &Snapshot) {
        let Some(rate) = self.pace.speed.steps_per_second() else { return };
        // A step would wait for them, and whatever is asked for next behind it.
        let elsewhere = snapshot.race.as_ref().is_some_and(|r| r.under_way)
            || snapshot.experiment.as_ref().is_some_and(|e| e.under_way);
        if elsewhere || !self.wants_run || !can_train(snapshot) || snapshot.phase != Phase::Idle {
            return;
        }
        let now = ui.input(|i| i.time);
        if now >= self.pace.next {
            self.pace.next = now + 1.0 / f64::from(rate);
            self.ask(UiCommand::Session(Command::Step));
        }
        ui.ctx().request_repaint_after(Duration::from_secs_f64((self.pace.next - now).max(0.001)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_step_is_asked_for_while_a_race_is_under_way() {
        use crate::session::RaceView;
        use std::sync::Arc;
        let mut race = RaceView { under_way: true, ..RaceView::before([], 9, 1) };
        let mut snapshot =
            Snapshot { data: Some(Default::default()), phase: Phase::Idle, ..Snapshot::default() };
        snapshot.model = Some(crate::app::form::tests::built(&Default::default()));
        snapshot.race = Some(Arc::new(race.clone()));
        race.under_way = false;
        eframe::egui::__run_test_ui(|ui| {
            let mut app = AppState::default();
            app.set_speed(Speed::at(2));
            app.send(Command::Run);
            app.keep_pace(ui, &snapshot);
            assert_eq!(app.take_commands(), []);
            let over = Snapshot { race: Some(Arc::new(race.clone())), ..snapshot.clone() };
            app.keep_pace(ui, &over);
            assert_eq!(app.take_commands(), [UiCommand::Session(Command::Step)], "it goes on afterwards");
            // A race that goes on takes the place of training that was wanted.
            app.send(Command::ResumeRace);
            app.pace.next = 0.0;
            app.take_commands();
            app.keep_pace(ui, &over);
            assert_eq!(app.take_commands(), []);
        });
    }

    #[test]
    fn a_layer_takes_its_time_from_the_speed() {
        let mut app = AppState::default();
        let mut at = |speed| {
            app.set_speed(speed);
            app.layer_time()
        };
        assert_eq!(at(Speed::at(0)), 0.5);
        assert_eq!(at(Speed::at(1)), 0.25);
        assert_eq!(at(Speed::at(2)), 0.125);
        assert_eq!(at(Speed::FULL), SHORTEST_LAYER);
    }
}
