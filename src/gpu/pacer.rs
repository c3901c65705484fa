//! How much work to submit at a time: slices that take about as long as wanted, a few in flight.

use super::context::Gpu;
use std::collections::VecDeque;
use web_time::Instant;

/// Slices in flight at the same time: one running, one ready.
const IN_FLIGHT: usize = 2;

/// Measures how fast the adapter is and sizes the slices.
pub struct Pacer {
    /// Seconds that a slice should take.
    target: f64,
    /// Work a second, measured.
    rate: f64,
    /// Work and time of submission of slices in flight.
    pending: VecDeque<(f64, Instant)>,
    last_done: Option<Instant>,
    /// Slices that may still be submitted before the next look at what is finished: an adapter that is done as soon as it
    /// is asked would otherwise never let go of who asks it.
    left: usize,
}

impl Pacer {
    /// Slices of `target` seconds on an adapter that may do `rate` operations a second.
    pub fn new(target: f64, rate: f64) -> Self {
        Self { target, rate, pending: VecDeque::new(), last_done: None, left: IN_FLIGHT }
    }

    /// Takes note of slices that are finished; call before each round of submissions.
    pub fn observe(&mut self, gpu: &Gpu) {
        self.left = IN_FLIGHT;
        let now = Instant::now();
        let mut work = 0.0;
        let mut since = None;
        while self.pending.len() > gpu.in_flight() {
            let Some((w, submitted)) = self.pending.pop_front() else { break };
            work += w;
            since.get_or_insert(self.last_done.map_or(submitted, |d| d.max(submitted)));
        }
        if let Some(since) = since {
            let seconds = (now - since).as_secs_f64();
            // Very short intervals measure the polling, not the adapter.
            if seconds > 0.2e-3 {
                // A drawing in between makes a slice look slow; the adapter is not.
                let rate = work / seconds;
                let weight = if rate < self.rate { 0.05 } else { 0.2 };
                self.rate += weight * (rate - self.rate);
            }
            self.last_done = Some(now);
        }
    }

    /// Whether another slice may be submitted.
    pub fn may_submit(&self, gpu: &Gpu) -> bool {
        self.left > 0 && gpu.in_flight() < IN_FLIGHT
    }

    /// Work a second, as measured so far.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Work of the next slice.
    pub fn slice(&self) -> f64 {
        (self.rate * self.target).max(1e6)
    }

    /// Takes note of a submitted slice.
    pub fn submitted(&mut self, work: f64) {
        self.left = self.left.saturating_sub(1);
        self.pending.push_back((work, Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::AdapterChoice;

    #[test]
    fn an_adapter_that_is_done_at_once_does_not_keep_a_round_going() {
        let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
        let mut pacer = Pacer::new(0.02, 1e9);
        for _ in 0..3 {
            pacer.observe(&gpu);
            for _ in 0..IN_FLIGHT {
                assert!(pacer.may_submit(&gpu));
                // Nothing is in flight any more when the next one is asked for.
                pacer.submitted(1e6);
            }
            assert!(!pacer.may_submit(&gpu));
        }
    }
}
