//! How often the outcome of what is under way is shown anew: each is a copy of all that was measured.

use web_time::{Duration, Instant};

/// Between two outcomes that are shown.
const REFRESH: Duration = Duration::from_millis(50);
/// So many times as long as one takes passes before the next.
const SHARE: u32 = 20;

/// When the next outcome is due.
#[derive(Default)]
pub(super) struct Showing(Option<Instant>);

impl Showing {
    pub fn is_due(&self) -> bool {
        self.0.is_none_or(|due| Instant::now() >= due)
    }

    /// One was shown, on which work has `begun` then.
    pub fn shown(&mut self, begun: Instant) {
        self.0 = Some(Instant::now() + REFRESH.max(begun.elapsed() * SHARE));
    }
}
