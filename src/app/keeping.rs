//! What the window does about checkpoints that are kept: it keeps them, offers the one it finds at the
//! start, and goes back to the last one.

use super::autosave::{Kept, Policy, Vault};
use super::files::Inbox;
use super::i18n;
use super::link::SHAPES10;
use super::state::AppState;
use super::toasts::Severity;
use crate::session::{Command, DataSource, Session};
use web_time::{Instant, SystemTime, UNIX_EPOCH};

/// The window's keeper of checkpoints.
pub struct Keeper {
    vault: Box<dyn Vault>,
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
        vault.find(inbox);
        Self { vault, policy: Policy::default(), begun: Instant::now(), resume, failed: false }
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

    /// Another network, or the same from the start.
    pub fn restart(&mut self) {
        self.policy.restart();
    }

    /// Keeps a checkpoint that the session has read back.
    pub fn keep(&mut self, state: &AppState, session: &Session, step: u64, bytes: Vec<u8>, inbox: Inbox) {
        let (name, data) = session.names();
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let slot = state.keeping.slot();
        self.vault.keep(Kept { slot, name, data, step, at }, bytes, inbox);
    }

    /// Takes in how keeping went.
    pub fn kept(&mut self, state: &mut AppState, result: Result<Kept, String>) {
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

    /// Takes in what was found at the start.
    pub fn found(&mut self, state: &mut AppState, session: &mut Session, all: Vec<Kept>, inbox: &Inbox) {
        state.keeping.found(all);
        if std::mem::take(&mut self.resume)
            && let Some(kept) = state.keeping.offer.take()
        {
            self.resume(state, session, kept, inbox);
        }
    }

    /// Goes on from `kept`, if its pictures are there or can be had; else as soon as they are opened.
    pub fn resume(&mut self, state: &mut AppState, session: &mut Session, kept: Kept, inbox: &Inbox) {
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
        self.vault.get(&kept, inbox.clone());
        state.keeping.latest = Some(kept);
        state.run_when_loaded();
    }

    /// Pictures have come: perhaps those that a run waits for.
    pub fn data_loaded(&mut self, state: &mut AppState, session: &mut Session, inbox: &Inbox) {
        let (_, loaded) = session.names();
        if state.keeping.waiting.as_ref().is_some_and(|k| k.data == loaded)
            && let Some(kept) = state.keeping.waiting.take()
        {
            self.resume(state, session, kept, inbox);
        }
    }

    /// Throws away what was offered.
    pub fn discard(&mut self, kept: &Kept) {
        self.vault.discard(kept);
    }
}
