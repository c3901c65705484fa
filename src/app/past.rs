//! Looking back at earlier moments of the run. What is asked for shows at once, since the session answers between steps.

use super::charts::Tab;
use super::state::AppState;
use crate::session::{Command, Event, Phase, Snapshot};

/// What is remembered beyond the snapshot.
#[derive(Debug, Default)]
pub(super) struct PastState {
    /// The moment that was last asked for, and how many answers are to come until it is there.
    wanted: Option<u64>,
    waiting: usize,
    /// The moment that the snapshot shows.
    pub shown: Option<u64>,
    /// The one whose test split was gone through without being asked for.
    evaluated: Option<u64>,
}

impl PastState {
    /// Takes in what the session has done.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::LookedBack { .. } => self.waiting = self.waiting.saturating_sub(1),
            Event::Error(_) | Event::Built(_) | Event::Loaded { .. } | Event::Branched { .. } => {
                self.waiting = 0;
            }
            _ => {}
        }
    }
}

impl AppState {
    /// The step that is looked back at, or will be; `None` for the present.
    pub(super) fn then(&self, snapshot: &Snapshot) -> Option<u64> {
        if self.past.waiting > 0 { self.past.wanted } else { snapshot.then }
    }

    /// Looks at the moment after `step` steps; at the present without one.
    pub(super) fn look_back(&mut self, snapshot: &Snapshot, step: Option<u64>) {
        if self.then(snapshot) != step {
            self.past.wanted = step;
            self.past.waiting += 1;
            self.send(Command::LookBack { step });
        }
    }

    /// The moment before the one that is looked at, or the one after it.
    pub(super) fn walk_back(&mut self, snapshot: &Snapshot, earlier: bool) {
        let moments = &snapshot.moments;
        let at = self.then(snapshot).map_or(moments.len(), |then| moments.partition_point(|m| *m < then));
        let to = if earlier { at.checked_sub(1) } else { Some(at + 1) };
        if let Some(to) = to
            && !moments.is_empty()
        {
            self.look_back(snapshot, moments.get(to).copied());
        }
    }

    /// Takes in what the snapshot says; goes through the test split of a moment whose confusions are shown.
    pub(super) fn follow_past(&mut self, snapshot: &Snapshot, dragged: bool) {
        self.past.shown = snapshot.then;
        let wanted = snapshot.then.filter(|_| self.charts.tab == Tab::Confusion && snapshot.test.is_none());
        let rests = !dragged && snapshot.phase == Phase::Idle && self.past.waiting == 0;
        if wanted.is_none() {
            self.past.evaluated = None;
        } else if rests && self.past.evaluated != wanted {
            self.past.evaluated = wanted;
            self.send(Command::Evaluate);
        }
    }
}
