//! A race in the session: the window's door to [`crate::lab::race`], on the session's pictures.

use super::super::protocol::{Event, RaceSetup, RaceView};
use super::Session;
use crate::lab::building::Resources;
use crate::lab::race::{Race, RaceOptions};
use crate::lab::{Job as _, Progress};
use crate::train::{Change, Whom};
use std::sync::Arc;

/// A race and what is shown of it. After its end its networks are gone.
#[derive(Default)]
pub(super) struct Racing {
    race: Option<Box<Race>>,
    pub view: Option<Arc<RaceView>>,
}

impl Racing {
    /// Whether there is something to do.
    pub fn is_under_way(&self) -> bool {
        self.race.is_some()
    }

    /// Ends the race where it is; what it has found stays to be seen.
    pub fn stop(&mut self) {
        self.race = None;
    }
}

impl Session {
    pub(super) fn start_race(&mut self, setup: RaceSetup) {
        let Some(p) = &self.pictures else {
            self.error("there are no pictures to race on yet; load data first");
            return;
        };
        let first = setup.lanes.first().map_or(0, |l| l.recipe.seed);
        let own = self.training.as_ref().map_or(0, |t| t.trainer.net.total_bytes());
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
                let view = RaceView { progress: Progress::default(), outcome: race.outcome() };
                self.racing = Racing { race: Some(Box::new(race)), view: Some(Arc::new(view)) };
            }
            Err(e) => self.error(e.to_string()),
        }
    }

    pub(super) fn operate_lane(&mut self, lane: usize, whom: Whom, change: Change) {
        let done = match &mut self.racing.race {
            Some(race) => race.operate(lane, whom, change).map_err(|e| e.to_string()),
            None => Err("no race is under way".to_owned()),
        };
        if let Err(message) = done {
            self.error(message);
        }
    }

    /// Goes on with the race under way.
    pub(super) fn race_on(&mut self) {
        let Some(race) = &mut self.racing.race else { return };
        match race.advance(&self.gpu) {
            Ok(progress) => {
                let done = progress.is_done();
                if self.racing.view.as_ref().is_none_or(|v| v.progress != progress) {
                    let view = RaceView { progress, outcome: race.outcome() };
                    if done {
                        self.events.push(Event::RaceFinished { headline: view.outcome.headline() });
                    }
                    self.racing.view = Some(Arc::new(view));
                }
                if done {
                    self.racing.stop();
                }
            }
            Err(e) => {
                self.racing.stop();
                self.error(e.to_string());
            }
        }
    }
}
