//! The numbers that are read while training runs, at a pace at which they can be.

use super::state::AppState;
use crate::session::{Evaluation, Phase, Snapshot};
use eframe::egui::Ui;

/// Numbers of the transport and the charts, renewed at most twenty times a second so that they can be
/// read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::app) struct Readouts {
    taken: f64,
    pub step: u64,
    pub epoch: u32,
    pub images_per_s: Option<f32>,
    pub left: Option<f64>,
    pub train_loss: Option<f32>,
}

/// Seconds between two readings of [`Readouts`].
const READING: f64 = 0.05;
impl AppState {
    /// The last evaluation of what is shown: of the moment that is looked back at, that moment's own.
    pub(super) fn tested(&self, snapshot: &Snapshot) -> Option<Evaluation> {
        let last = self.history.evaluations.last().filter(|_| snapshot.then.is_none());
        snapshot.evaluation.or(last.copied())
    }

    /// Takes the numbers anew, if it is time.
    pub(super) fn read(&mut self, ui: &Ui, snapshot: &Snapshot) {
        let now = ui.input(|i| i.time);
        let moving = snapshot.phase == Phase::Running && snapshot.step > self.readouts.step;
        if moving && now - self.readouts.taken < READING {
            return;
        }
        let batch = snapshot.model.as_ref().map_or(0, |m| m.recipe.batch);
        let left = snapshot.images_per_s.filter(|r| *r > 0.0).map(|rate| {
            snapshot.total_steps.saturating_sub(snapshot.step) as f64 * batch as f64 / f64::from(rate)
        });
        self.readouts = Readouts {
            taken: now,
            step: snapshot.step,
            epoch: snapshot.epoch,
            images_per_s: snapshot.images_per_s,
            left,
            train_loss: match snapshot.then {
                Some(step) => self.history.loss.smooth_at(step),
                None => self.history.loss.smooth(),
            },
        };
    }
}
