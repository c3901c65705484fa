//! What the window remembers of experiments beyond the snapshot.

use super::cause::CauseLook;
use super::form::{LabForm, Which};
use super::identity::IdentityUi;
use super::landscape::LandscapeUi;
use super::shatter::ShatterUi;
use super::trust::TrustUi;
use crate::session::{ExperimentView, Snapshot};
use std::sync::Arc;

/// Everything about experiments that the window remembers.
#[derive(Debug, Default)]
pub struct LabState {
    pub form: LabForm,
    /// How the grid of runs is looked at.
    pub cause: CauseLook,
    /// What is looked at of what was found.
    pub trust: TrustUi,
    pub landscape: LandscapeUi,
    pub identity: IdentityUi,
    pub shatter: ShatterUi,
    /// An experiment was asked for and has not begun yet.
    pub asked: bool,
    /// Why there was none.
    pub refused: Option<String>,
    /// When the one under way began to measure, and what it had done then.
    pub clock: Option<(f64, u64)>,
    /// Multiply-accumulates that training does here in a second.
    rate: Option<f64>,
    /// The last one of each kind.
    seen: Vec<Arc<ExperimentView>>,
}

impl LabState {
    /// Takes note of what is under way, and of how fast training goes here.
    pub fn see(&mut self, snapshot: &Snapshot) {
        if let (Some(model), Some(rate)) = (&snapshot.model, snapshot.images_per_s) {
            // Backward takes twice what forward does.
            self.rate = Some(3.0 * model.macs as f64 * f64::from(rate));
        }
        let Some(view) = &snapshot.experiment else { return };
        if view.under_way {
            self.asked = false;
        }
        let which = Which::of(&view.experiment);
        match self.seen.iter_mut().find(|s| Which::of(&s.experiment) == which) {
            Some(seen) if Arc::ptr_eq(seen, view) => {}
            Some(seen) => seen.clone_from(view),
            None => self.seen.push(view.clone()),
        }
    }

    /// Takes what a file holds for the last one of its kind.
    pub fn put(&mut self, view: ExperimentView) {
        let which = Which::of(&view.experiment);
        self.seen.retain(|s| Which::of(&s.experiment) != which);
        self.seen.push(Arc::new(view));
        self.form.which = which;
        self.refused = None;
    }

    /// The last one of a kind.
    pub fn seen(&self, which: Which) -> Option<&Arc<ExperimentView>> {
        self.seen.iter().find(|s| Which::of(&s.experiment) == which)
    }

    /// Seconds that so many multiply-accumulates take here; unknown before anything was trained.
    pub fn seconds(&self, macs: f64) -> Option<f64> {
        self.rate.map(|rate| macs / rate)
    }
}
