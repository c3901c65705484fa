//! What the window remembers of experiments beyond the snapshot.

use super::cause::CauseLook;
use super::form::{LabForm, Which};
use super::identity::IdentityUi;
use super::landscape::LandscapeUi;
use super::shatter::ShatterUi;
use super::trust::TrustUi;
use crate::session::{Event, ExperimentView, Snapshot};
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
    /// What was found about the network at single steps of this run, oldest first.
    moments: Vec<Arc<ExperimentView>>,
    /// The step that is looked back at.
    then: Option<u64>,
    /// The last step that the network was operated on at: the moment that is kept of it is the one before.
    operated: Option<u64>,
}

/// Results kept of moments of a run.
const MOMENTS: usize = 32;

impl LabState {
    /// Takes note of what is under way, and of how fast training goes here.
    pub fn see(&mut self, snapshot: &Snapshot) {
        if let (Some(model), Some(rate)) = (&snapshot.model, snapshot.images_per_s) {
            // Backward takes twice what forward does.
            self.rate = Some(3.0 * model.macs as f64 * f64::from(rate));
        }
        self.then = snapshot.then;
        let Some(view) = &snapshot.experiment else { return };
        if view.under_way {
            self.asked = false;
        }
        let which = Which::of(&view.experiment);
        match self.seen.iter_mut().find(|s| Which::of(&s.experiment) == which) {
            Some(seen) if Arc::ptr_eq(seen, view) => return,
            Some(seen) => {
                let before = std::mem::replace(seen, view.clone());
                if (before.step, &before.found) == (view.step, &view.found) {
                    return;
                }
            }
            None => self.seen.push(view.clone()),
        }
        let of_moment = snapshot.then == Some(view.step) || self.operated != Some(view.step);
        if of_moment && view.experiment.needs_network() && view.found.is_some() {
            self.moments.retain(|m| m.step != view.step || Which::of(&m.experiment) != which);
            if self.moments.len() == MOMENTS {
                self.moments.remove(0);
            }
            self.moments.push(view.clone());
        }
    }

    /// Lets go of what was found about moments that are no longer this run's.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Built(_) | Event::Loaded { .. } | Event::DataLoaded(_) => self.forget_moments(),
            Event::Branched { step } => {
                self.moments.retain(|m| m.step <= *step);
                self.operated = None;
            }
            Event::Operated(done) => self.operated = Some(done.step),
            _ => {}
        }
    }

    /// Another run begins.
    pub fn forget_moments(&mut self) {
        self.moments.clear();
        self.operated = None;
    }

    /// Takes what a file holds for the last one of its kind.
    pub fn put(&mut self, view: ExperimentView) {
        let which = Which::of(&view.experiment);
        self.seen.retain(|s| Which::of(&s.experiment) != which);
        self.seen.push(Arc::new(view));
        self.form.which = which;
        self.refused = None;
    }

    /// The last one of a kind; while a moment is looked back at, the last one that was about that moment, if there is one.
    pub fn seen(&self, which: Which) -> Option<&Arc<ExperimentView>> {
        let of = |s: &&Arc<ExperimentView>| Which::of(&s.experiment) == which;
        let last = self.seen.iter().find(of);
        let then = self.then.filter(|_| last.is_none_or(|l| !l.under_way));
        let of_then = then.and_then(|then| self.moments.iter().filter(of).find(|m| m.step == then));
        of_then.or(last)
    }

    /// Seconds that so many multiply-accumulates take here; unknown before anything was trained.
    pub fn seconds(&self, macs: f64) -> Option<f64> {
        self.rate.map(|rate| macs / rate)
    }
}
