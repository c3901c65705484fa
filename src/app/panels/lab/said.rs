//! Experiments in the numbers that the page tells to scripts.

use super::super::super::state::AppState;
use crate::session::Snapshot;
use serde_json::{Value, json};

impl AppState {
    /// The experiment under way, or the last one: `experiment` as it was asked for, `under_way`, `done`, `total`,
    /// `what`, `failed`, and once it is over what it has `found`.
    pub fn experiment_state(&self, snapshot: &Snapshot) -> Option<Value> {
        let view = snapshot.experiment.as_deref()?;
        Some(json!({
            "experiment": view.experiment,
            "under_way": view.under_way,
            "step": view.step,
            "done": view.progress.done,
            "total": view.progress.total,
            "what": view.progress.what.to_string(),
            "failed": view.failed,
            "found": view.found.as_ref().filter(|_| !view.under_way),
        }))
    }
}
