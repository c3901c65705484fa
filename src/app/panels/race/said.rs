//! A race in the numbers that the page tells to scripts; every step's gradients stay where they are.

use super::super::super::state::AppState;
use crate::session::{LaneOutcome, Snapshot};
use serde_json::{Value, json};

impl AppState {
    /// The race under way, or the last one: `under_way`, `done`, `total`, `what`, `differ`, `headline`, and `lanes` with
    /// what each has done with its last seed.
    pub fn race_state(&self, snapshot: &Snapshot) -> Option<Value> {
        let view = snapshot.race.as_deref()?;
        Some(json!({
            "under_way": view.under_way,
            "done": view.progress.done,
            "total": view.progress.total,
            "what": view.progress.what.to_string(),
            "differ": view.outcome.differ,
            "headline": view.outcome.headline(),
            "lanes": view.outcome.lanes.iter().map(lane).collect::<Vec<_>>(),
        }))
    }
}

fn lane(lane: &LaneOutcome) -> Value {
    let run = lane.runs.last();
    json!({
        "name": lane.lane.name,
        "steps": run.map_or(0, |r| r.loss.len()),
        "losses": run.map(|r| &r.loss),
        "last_loss": run.and_then(|r| r.last_loss),
        "test_accuracy": run.and_then(|r| r.test_accuracy),
        "diverged": run.and_then(|r| r.diverged.as_ref()),
        "alphas": lane.alphas,
        "surgeries": run.map(|r| &r.surgeries),
    })
}
