//! A race in the session: the window's door to [`crate::lab::race`], on the session's pictures. One that is stopped keeps
//! its networks and goes on later, until something else needs their room.

use super::super::protocol::{Event, RaceSetup, RaceView};
use super::Session;
use super::showing::Showing;
use crate::gpu::Gpu;
use crate::lab::race::{Race, RaceOptions};
use crate::lab::{Job as _, Progress};
use crate::probe::{Eye, Watch};
use crate::train::{Change, Whom};
use std::sync::Arc;
use web_time::Instant;

/// A race and what is shown of it. After its end its networks are gone; one that is stopped can go on.
#[derive(Default)]
pub(super) struct Racing {
    race: Option<Box<Race>>,
    /// When it was stopped.
    stopped: Option<Instant>,
    seeds: u64,
    progress: Progress,
    pub view: Option<Arc<RaceView>>,
    showing: Showing,
    /// Those of a race that is over: what they have seen stays to be shown.
    eyes: Vec<Eye>,
}

impl Racing {
    /// Whether there is something to do.
    pub fn is_under_way(&self) -> bool {
        self.race.is_some() && self.stopped.is_none()
    }

    /// Stops the race where it is; what it has found stays to be seen, and it can go on.
    pub fn stop(&mut self) {
        if self.is_under_way() {
            self.stopped = Some(Instant::now());
            self.refresh();
        }
    }

    /// Goes on with the race that was stopped; false if there is none.
    fn resume(&mut self) -> bool {
        let (Some(race), Some(stopped)) = (&mut self.race, self.stopped.take()) else { return false };
        race.rested(stopped.elapsed());
        self.refresh();
        true
    }

    /// Ends the race and lets go of its networks; what it has found stays to be seen.
    pub fn end(&mut self) {
        let shown = self.race.is_some();
        if shown {
            // Once more, with all that it has measured.
            self.refresh();
        }
        if let Some(race) = self.race.take() {
            self.eyes = race.into_eyes();
        }
        self.stopped = None;
        if let Some(view) = self.view.as_mut().filter(|_| shown) {
            let view = Arc::make_mut(view);
            (view.under_way, view.resumable) = (false, false);
        }
    }

    /// Lets go of a race that was stopped: its room or its pictures are taken.
    pub fn forget_stopped(&mut self) {
        if self.stopped.is_some() {
            self.end();
        }
    }

    /// One a lane.
    pub fn eyes(&self) -> &[Eye] {
        self.race.as_ref().map_or(&self.eyes, |race| race.eyes())
    }

    /// Looks at this from now on, in every lane.
    pub fn watch(&mut self, watch: Option<&Watch>) {
        for eye in self.race.iter_mut().flat_map(|race| race.eyes_mut()) {
            eye.set_watch(watch.map(Watch::at_large));
        }
    }

    /// Takes a picture of the user's own.
    pub fn set_own(&mut self, gpu: &Gpu, side: u32, rgba: &[u8]) -> Result<(), String> {
        self.race.iter_mut().flat_map(|race| race.eyes_mut()).try_for_each(|eye| eye.set_own(gpu, side, rgba))
    }

    /// Shows what has been found so far.
    fn refresh(&mut self) {
        let Some(race) = &self.race else { return };
        let begun = Instant::now();
        self.view = Some(Arc::new(RaceView {
            under_way: self.stopped.is_none(),
            resumable: self.stopped.is_some(),
            steps: race.steps(),
            seeds: self.seeds,
            compiling: race.compiling(),
            progress: self.progress.clone(),
            outcome: race.outcome(),
            seen: race.eyes().iter().map(|eye| eye.seen().cloned()).collect(),
        }));
        self.showing.shown(begun);
    }
}

impl Session {
    pub(super) fn start_race(&mut self, setup: RaceSetup) {
        let Some(p) = &self.pictures else {
            self.error("there are no pictures to race on yet; load data first");
            return;
        };
        let first = setup.lanes.first().map_or(0, |l| l.recipe.seed);
        let options = RaceOptions {
            lanes: setup.lanes,
            seeds: (first..first.saturating_add(setup.seeds)).collect(),
            evaluate: true,
            resources: self.resources(),
            slice_seconds: self.options.slice_seconds,
        };
        let (train, test) = (p.train.beside(&self.gpu), p.test.beside(&self.gpu));
        match Race::on(&self.gpu, train, test, p.info.classes.len(), options) {
            Ok(mut race) => {
                race.look_with(|| self.eye.beside(&self.gpu));
                if let Some(t) = &mut self.training {
                    t.running = false;
                }
                self.experimenting.clear();
                self.racing = Racing { race: Some(Box::new(race)), seeds: setup.seeds, ..Racing::default() };
                self.racing.refresh();
            }
            Err(e) => self.error(e.to_string()),
        }
    }

    /// Goes on with the race that was stopped.
    pub(super) fn resume_race(&mut self) {
        if self.racing.is_under_way() {
            return;
        }
        if !self.racing.resume() {
            return self.error("there is no stopped race to go on with any more; start it anew");
        }
        if let Some(t) = &mut self.training {
            t.running = false;
        }
        self.experimenting.clear();
    }

    pub(super) fn operate_lane(&mut self, lane: usize, whom: Whom, change: Change) {
        let done = match &mut self.racing.race {
            Some(race) => race.operate(lane, whom, change).map_err(|e| e.to_string()),
            None => Err("there is no race to operate on".to_owned()),
        };
        match done {
            Ok(()) => self.racing.refresh(),
            Err(message) => self.error(message),
        }
    }

    /// Goes on with the race under way.
    pub(super) fn race_on(&mut self) {
        let Some(race) = &mut self.racing.race else { return };
        match race.advance(&self.gpu) {
            Ok(progress) => {
                self.events.extend(race.complaints().map(Event::Error));
                let racing = &mut self.racing;
                let new = racing.progress != progress;
                racing.progress = progress;
                if racing.progress.is_done() {
                    racing.end();
                    let headline = racing.view.as_ref().map_or_else(String::new, |v| v.outcome.headline());
                    self.events.push(Event::RaceFinished { headline });
                } else if new && racing.showing.is_due() {
                    racing.refresh();
                }
            }
            Err(e) => {
                self.racing.end();
                self.error(e.to_string());
            }
        }
    }
}
