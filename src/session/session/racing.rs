//! A race in the session: the window's door to [`crate::lab::race`], on the session's pictures.

use super::super::protocol::{Event, RaceSetup, RaceView};
use super::Session;
use crate::lab::building::Resources;
use crate::lab::race::{Race, RaceOptions};
use crate::lab::{Job as _, Progress};
use crate::train::{Change, Whom};
use std::sync::Arc;
use web_time::{Duration, Instant};

/// Between two outcomes that are shown.
const REFRESH: Duration = Duration::from_millis(50);
/// Each is a copy of all that was measured: so many times as long as one takes passes before the next.
const SHARE: u32 = 20;

/// A race and what is shown of it. After its end its networks are gone.
#[derive(Default)]
pub(super) struct Racing {
    race: Option<Box<Race>>,
    seeds: u64,
    progress: Progress,
    pub view: Option<Arc<RaceView>>,
    /// When the next outcome is due.
    due: Option<Instant>,
}

impl Racing {
    /// Whether there is something to do.
    pub fn is_under_way(&self) -> bool {
        self.race.is_some()
    }

    /// Ends the race where it is; what it has found stays to be seen.
    pub fn stop(&mut self) {
        self.refresh(false);
        self.race = None;
    }

    /// Shows what has been found so far.
    fn refresh(&mut self, under_way: bool) {
        let Some(race) = &self.race else { return };
        let begun = Instant::now();
        self.view = Some(Arc::new(RaceView {
            under_way,
            steps: race.steps(),
            seeds: self.seeds,
            compiling: race.compiling(),
            progress: self.progress.clone(),
            outcome: race.outcome(),
        }));
        self.due = Some(Instant::now() + REFRESH.max(begun.elapsed() * SHARE));
    }
}

impl Session {
    pub(super) fn start_race(&mut self, setup: RaceSetup) {
        let Some(p) = &self.pictures else {
            self.error("there are no pictures to race on yet; load data first");
            return;
        };
        let first = setup.lanes.first().map_or(0, |l| l.recipe.seed);
        let own = self.training.as_ref().map_or(0, |t| t.engine.gpu_bytes());
        let variants = self.variants.clone();
        let options = RaceOptions {
            lanes: setup.lanes,
            seeds: (first..first.saturating_add(setup.seeds)).collect(),
            evaluate: true,
            resources: Resources { variants, gpu_memory: self.options.gpu_memory.saturating_sub(own) },
            slice_seconds: self.options.slice_seconds,
        };
        let (train, test) = (p.train.beside(&self.gpu), p.test.beside(&self.gpu));
        match Race::on(&self.gpu, train, test, p.info.classes.len(), options) {
            Ok(race) => {
                if let Some(t) = &mut self.training {
                    t.running = false;
                }
                self.racing = Racing { race: Some(Box::new(race)), seeds: setup.seeds, ..Racing::default() };
                self.racing.refresh(true);
            }
            Err(e) => self.error(e.to_string()),
        }
    }

    pub(super) fn operate_lane(&mut self, lane: usize, whom: Whom, change: Change) {
        let done = match &mut self.racing.race {
            Some(race) => race.operate(lane, whom, change).map_err(|e| e.to_string()),
            None => Err("no race is under way".to_owned()),
        };
        match done {
            Ok(()) => self.racing.refresh(true),
            Err(message) => self.error(message),
        }
    }

    /// Goes on with the race under way.
    pub(super) fn race_on(&mut self) {
        let Some(race) = &mut self.racing.race else { return };
        match race.advance(&self.gpu) {
            Ok(progress) => {
                let racing = &mut self.racing;
                let new = racing.progress != progress;
                racing.progress = progress;
                if racing.progress.is_done() {
                    racing.stop();
                    let headline = racing.view.as_ref().map_or_else(String::new, |v| v.outcome.headline());
                    self.events.push(Event::RaceFinished { headline });
                } else if new && racing.due.is_none_or(|due| Instant::now() >= due) {
                    racing.refresh(true);
                }
            }
            Err(e) => {
                self.racing.stop();
                self.error(e.to_string());
            }
        }
    }
}
