//! What the window does about checkpoints that are kept: it keeps them, offers the one it finds at the
//! start, and goes back to the last one.

use super::autosave::{Kept, Policy, Vault};
use super::export;
use super::files::{Delivery, Inbox};
use super::i18n;
use super::link::SHAPES10;
use super::state::AppState;
use super::toasts::Severity;
use crate::session::{Command, DataSource, Event, Session};
use web_time::{Instant, SystemTime, UNIX_EPOCH};

/// The window's keeper of checkpoints.
pub struct Keeper {
    vault: Box<dyn Vault>,
    inbox: Inbox,
    policy: Policy,
    begun: Instant,
    /// Go on from what is found, without asking.
    resume: bool,
    /// Said once: keeping does not work here.
    failed: bool,
}

impl Keeper {
    /// Looks for what an earlier window has left; `resume` goes on from it at once.
    pub fn new(mut vault: Box<dyn Vault>, inbox: Inbox, resume: bool) -> Self {
        vault.find(inbox.clone());
        Self { vault, inbox, policy: Policy::default(), begun: Instant::now(), resume, failed: false }
    }

    fn now(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// Asks for a checkpoint if one is due.
    pub fn tick(&mut self, session: &mut Session) {
        let (now, step) = (self.now(), session.measured_steps());
        // Between the layers of a step weights are those of two steps.
        if !self.failed && !session.is_stepping() && self.policy.is_due(now, session.phase(), step) {
            self.policy.begin(now, step);
            session.send(Command::Keep);
        }
    }

    /// Takes in what the session reports.
    pub fn on_event(&mut self, state: &mut AppState, session: &mut Session, event: Event) {
        let (name, data) = session.names();
        match event {
            Event::Kept { step, bytes } => {
                let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
                let slot = state.keeping.slot();
                let curves = state.curves_to_keep();
                self.vault.keep(Kept { slot, name, data, step, at }, bytes, curves, self.inbox.clone());
            }
            Event::Built(_) => {
                self.policy.restart();
                // Another network does not go back to this one's checkpoint.
                state.keeping.latest = state.keeping.latest.take().filter(|k| k.name == name);
            }
            Event::Operated(_) => self.policy.changed(),
            // Perhaps those that a run waits for.
            Event::DataLoaded(_) => {
                if let Some(kept) = state.keeping.waiting.take_if(|k| k.data == data) {
                    self.resume(state, session, kept);
                }
            }
            _ => {}
        }
    }

    /// Takes in what the vault has to say.
    pub fn on_delivery(&mut self, state: &mut AppState, session: &mut Session, delivery: Delivery) {
        match delivery {
            Delivery::Kept(result) => {
                self.policy.end(self.now());
                match result {
                    Ok(kept) => state.keeping.latest = Some(kept),
                    Err(why) => {
                        if !std::mem::replace(&mut self.failed, true) {
                            state.tell(Severity::Warning, i18n::keep_failed(&why));
                        }
                    }
                }
            }
            Delivery::Curves(curves) => state.take_curves(curves),
            Delivery::Found(all) => {
                state.keeping.found(all);
                if std::mem::take(&mut self.resume)
                    && let Some(kept) = state.keeping.offer.take()
                {
                    self.resume(state, session, kept);
                }
            }
            _ => {}
        }
    }

    /// Goes on from `kept`, if its pictures are there or can be had; else as soon as they are opened.
    pub fn resume(&mut self, state: &mut AppState, session: &mut Session, kept: Kept) {
        let (_, loaded) = session.names();
        if kept.data == SHAPES10 && loaded != SHAPES10 {
            session.send(Command::LoadData(DataSource::Shapes10 { seed: 1 }));
        } else if !kept.data.is_empty() && kept.data != loaded {
            if !state.fetch_offered(&kept.data) {
                state.tell(Severity::Warning, i18n::resume_needs(&kept.name, &kept.data));
            }
            state.keeping.waiting = Some(kept);
            return;
        }
        self.vault.get(&kept, self.inbox.clone());
        state.keeping.latest = Some(kept);
        state.run_when_loaded();
    }

    /// Throws away what was offered.
    pub fn discard(&mut self, kept: &Kept) {
        self.vault.discard(kept);
    }
}

impl AppState {
    /// What was measured in the run so far, as a run's file: its size is bounded as the history is.
    fn curves_to_keep(&mut self) -> Vec<u8> {
        let written = self.current_run().map(|run| export::write_run(&run));
        match written {
            Some(Ok(bytes)) => bytes,
            Some(Err(why)) => {
                self.tell(Severity::Warning, i18n::curves_lost(&why));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Curves of the run whose checkpoint is about to be loaded; without them the run goes on all the same.
    pub(super) fn take_curves(&mut self, curves: Result<Option<Vec<u8>>, String>) {
        self.earlier = None;
        let read = match curves {
            Ok(Some(bytes)) => export::read_run(&bytes),
            Ok(None) => Err(i18n::curves_missing().into()),
            Err(why) => Err(why),
        };
        match read {
            Ok(run) => self.earlier = Some(Box::new(run)),
            Err(why) => self.tell(Severity::Warning, i18n::curves_lost(&why)),
        }
    }

    /// The run goes on at `step`: what was kept of it before that is its history again.
    pub(super) fn take_up(&mut self, step: u64) {
        let Some(run) = self.earlier.take() else { return };
        self.history = run.history;
        self.history.rewind(step);
        self.runs.take_up(run.about.id, run.about.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;
    use crate::session::{ModelInfo, StepRecord};
    use crate::train::Recipe;

    fn built() -> Event {
        let spec = by_name("resnet8").or_else(|| by_name("resnet20")).expect("in the zoo");
        Event::Built(Box::new(ModelInfo {
            name: "resnet20".into(),
            parameters: 0,
            macs: 0,
            gpu_bytes: 0,
            dispatches: 0,
            variants: Default::default(),
            param_names: Vec::new(),
            block_names: Vec::new(),
            reshapes: Vec::new(),
            spec,
            recipe: Recipe::default(),
        }))
    }

    fn trained(state: &mut AppState, steps: std::ops::Range<u64>) {
        for step in steps {
            let record = StepRecord { step, loss: 3.0 - step as f32 / 100.0, ..StepRecord::default() };
            state.on_event(&Event::Step(Box::new(record)));
        }
    }

    #[test]
    fn a_run_that_goes_on_has_its_earlier_curve() {
        let mut first = AppState::default();
        first.on_event(&built());
        trained(&mut first, 0..60);
        first.runs.rename(0, "mine");
        let kept = first.curves_to_keep();

        let mut next = AppState::default();
        next.take_curves(Ok(Some(kept)));
        next.on_event(&built());
        next.on_event(&Event::Loaded { step: 50 });
        assert_eq!((next.history.steps(), next.history.loss.last_step()), (50, Some(49)));
        trained(&mut next, 50..80);
        assert_eq!(next.history.steps(), 80);
        assert_eq!(next.runs.current.as_ref().map(|a| a.name.as_str()), Some("mine"));
        assert!(next.runs.kept().is_empty());
    }

    #[test]
    fn curves_that_are_gone_or_damaged_are_said_and_the_run_goes_on() {
        let whole = {
            let mut state = AppState::default();
            state.on_event(&built());
            trained(&mut state, 0..60);
            state.curves_to_keep()
        };
        let mut half = whole.clone();
        half.truncate(whole.len() / 2);
        let backward =
            String::from_utf8(whole).expect("JSON").replacen("\"first_step\":1,", "\"first_step\":99,", 1);
        for curves in [
            Ok(None),
            Err("the disk is gone".into()),
            Ok(Some(Vec::new())),
            Ok(Some(vec![0xff; 4096])),
            Ok(Some(b"{}".to_vec())),
            Ok(Some(half)),
            Ok(Some(backward.into_bytes())),
            Ok(Some("[".repeat(100_000).into_bytes())),
        ] {
            let mut state = AppState::default();
            state.take_curves(curves);
            assert_eq!(state.toasts().list().last().map(|t| t.severity), Some(Severity::Warning));
            state.on_event(&built());
            state.on_event(&Event::Loaded { step: 50 });
            trained(&mut state, 50..60);
            assert_eq!(state.history.steps(), 10);
        }
    }

    #[test]
    fn what_a_checkpoint_cuts_off_is_an_earlier_run() {
        let mut state = AppState::default();
        state.on_event(&built());
        trained(&mut state, 0..200);
        state.on_event(&Event::Loaded { step: 100 });
        assert_eq!(state.history.steps(), 100);
        assert_eq!(state.runs.kept().iter().map(|r| r.history.steps()).collect::<Vec<_>>(), [200]);
        // A few steps back are not another run.
        state.on_event(&Event::Loaded { step: 95 });
        assert_eq!(state.runs.kept().len(), 1);
    }
}
