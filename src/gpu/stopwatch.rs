//! How long submitted work takes, on every adapter: from its submission until the queue reports it done.

use super::context::Gpu;
use std::sync::{Arc, Mutex, PoisonError};
use web_time::{Duration, Instant};

/// Times what has been submitted so far.
pub struct Stopwatch {
    begun: Instant,
    done: Arc<Mutex<Option<Instant>>>,
}

impl Stopwatch {
    /// Starts at `begun`, just before the submission, and stops when the queue is done with it.
    pub fn new(gpu: &Gpu, begun: Instant) -> Self {
        let done: Arc<Mutex<Option<Instant>>> = Arc::default();
        let flag = done.clone();
        gpu.queue.on_submitted_work_done(move || {
            *flag.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        });
        Self { begun, done }
    }

    /// How long it took; `None` while the GPU is at it.
    pub fn elapsed(&self) -> Option<Duration> {
        let done = *self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.map(|at| at.saturating_duration_since(self.begun))
    }
}
