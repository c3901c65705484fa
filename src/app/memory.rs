//! What leaves a running window by itself: its settings and its link.

use super::options::OnLink;
use super::settings::{Settings, Store};
use super::state::AppState;
use crate::session::Snapshot;

/// What leaves the window by itself: settings and the link, each when it has changed and not too often.
pub(super) struct Memory {
    store: Option<Box<dyn Store>>,
    settings: Option<Settings>,
    on_link: Option<OnLink>,
    link: String,
    /// `Context` time of the next look.
    due: f64,
}

/// Seconds between two looks at what is to be remembered.
const PAUSE: f64 = 0.5;

impl Memory {
    /// Begins with what `store` had.
    pub fn new(store: Option<Box<dyn Store>>, settings: Settings, on_link: Option<OnLink>) -> Self {
        Self { store, settings: Some(settings), on_link, link: String::new(), due: 0.0 }
    }

    /// Keeps what has changed, if it is time; otherwise returns the seconds until it is.
    pub fn look(&mut self, state: &AppState, snapshot: &Snapshot, dark: bool, now: f64) -> Option<f64> {
        if now < self.due {
            return Some(self.due - now);
        }
        self.due = now + PAUSE;
        self.keep(state, snapshot, dark);
        None
    }

    /// Keeps what has changed while the window closes.
    pub fn last(&mut self, state: &AppState, snapshot: &Snapshot) {
        let dark = self.settings.as_ref().and_then(|s| s.dark).unwrap_or(true);
        self.keep(state, snapshot, dark);
    }

    fn keep(&mut self, state: &AppState, snapshot: &Snapshot, dark: bool) {
        if let Some(store) = &mut self.store {
            let settings = state.settings(dark);
            if self.settings.as_ref() != Some(&settings) {
                if let Err(why) = settings.save(store.as_mut()) {
                    log::warn!("the settings could not be kept: {why}");
                }
                self.settings = Some(settings);
            }
        }
        if let Some(hook) = &mut self.on_link {
            let link = state.link(snapshot);
            if link != self.link {
                hook(&link);
                self.link = link;
            }
        }
    }
}
