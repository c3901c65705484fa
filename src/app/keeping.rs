//! What the window does about checkpoints that are kept: it keeps them, offers the one it finds at the
//! start, and goes back to the last one.

use super::autosave::{Kept, Policy, Vault};
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
                self.vault.keep(Kept { slot, name, data, step, at }, bytes, self.inbox.clone());
            }
            Event::Built(_) => {
                self.policy.restart();
                // Another network does not go back to this one's checkpoint.
                state.keeping.latest = state.keeping.latest.take().filter(|k| k.name == name);
            }
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
