//! What was measured since the run began, in bounded memory.
//!
//! A run may have a million steps; a chart has a thousand pixels. A [`Series`] keeps a fixed number of
//! buckets and, when they are full, joins neighbours: every step stays within some bucket's minimum and
//! maximum, so that no spike is lost however long the run gets.

use crate::session::{Evaluation, Event, StepRecord};

/// Buckets a series keeps at most.
const BUCKETS: usize = 2048;
/// Test evaluations kept at most; beyond that every second older one is dropped.
const EVALUATIONS: usize = 1024;
/// Weight of the past in the smoothed curve: a window of about 1 / (1 − 0.96) = 25 steps.
const SMOOTHING: f64 = 0.96;

/// Neighbouring steps, joined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    pub first_step: u64,
    pub last_step: u64,
    pub min: f32,
    pub max: f32,
    /// The smoothed value after the last of them.
    pub smooth: f32,
}

/// One scalar a step, downsampled.
#[derive(Clone, Debug)]
pub struct Series {
    buckets: Vec<Bucket>,
    /// Steps a bucket spans.
    stride: u64,
    /// Exponential mean and the weight it has gathered; their quotient has no bias towards zero.
    mean: f64,
    weight: f64,
}

impl Default for Series {
    fn default() -> Self {
        Self { buckets: Vec::new(), stride: 1, mean: 0.0, weight: 0.0 }
    }
}

impl Series {
    /// Adds the value of `step`, later than all before. NaN and infinities are left out.
    pub fn push(&mut self, step: u64, value: f32) {
        if !value.is_finite() {
            return;
        }
        self.mean = SMOOTHING * self.mean + (1.0 - SMOOTHING) * f64::from(value);
        self.weight = SMOOTHING * self.weight + (1.0 - SMOOTHING);
        let smooth = (self.mean / self.weight) as f32;
        let new = Bucket { first_step: step, last_step: step, min: value, max: value, smooth };
        match self.buckets.last_mut() {
            Some(last) if step < last.first_step + self.stride => *last = joined(*last, new),
            _ => self.buckets.push(new),
        }
        if self.buckets.len() > BUCKETS {
            self.buckets =
                self.buckets.chunks(2).map(|c| c.iter().copied().reduce(joined).unwrap_or(c[0])).collect();
            self.stride *= 2;
        }
    }

    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// The smoothed value now.
    pub fn smooth(&self) -> Option<f32> {
        self.buckets.last().map(|b| b.smooth)
    }

    pub fn last_step(&self) -> Option<u64> {
        self.buckets.last().map(|b| b.last_step)
    }

    /// Smallest and largest value of all.
    pub fn range(&self) -> Option<(f32, f32)> {
        self.buckets.iter().map(|b| (b.min, b.max)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Forgets `step` and everything after it.
    fn rewind(&mut self, step: u64) {
        self.buckets.retain(|b| b.last_step < step);
        match self.buckets.last() {
            Some(b) => (self.mean, self.weight) = (f64::from(b.smooth), 1.0),
            None => *self = Self::default(),
        }
    }
}

fn joined(a: Bucket, b: Bucket) -> Bucket {
    Bucket {
        first_step: a.first_step,
        last_step: b.last_step,
        min: a.min.min(b.min),
        max: a.max.max(b.max),
        smooth: b.smooth,
    }
}

/// Everything the charts draw.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Loss of each training batch.
    pub loss: Series,
    /// Accuracy on each training batch, 0 to 1.
    pub accuracy: Series,
    /// Passes over the test split, in order.
    pub evaluations: Vec<Evaluation>,
}

impl History {
    /// Takes in what an event says about the run.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Step(record) => self.push(record),
            Event::Evaluated(evaluation) => self.evaluated(*evaluation),
            Event::Built(_) => *self = Self::default(),
            Event::Loaded { step } => self.rewind(*step),
            _ => {}
        }
    }

    fn push(&mut self, record: &StepRecord) {
        // A run that starts again counts from 0 again, whoever asked for it.
        if self.loss.last_step().is_some_and(|last| record.step <= last) {
            self.rewind(record.step);
        }
        self.loss.push(record.step, record.loss);
        self.accuracy.push(record.step, record.accuracy);
    }

    fn evaluated(&mut self, evaluation: Evaluation) {
        // Measured twice at the same step: the later one counts.
        self.evaluations.retain(|e| e.step < evaluation.step);
        self.evaluations.push(evaluation);
        if self.evaluations.len() > EVALUATIONS {
            let n = self.evaluations.len();
            let mut i = 0;
            self.evaluations.retain(|_| {
                i += 1;
                i % 2 == 0 || i == n
            });
        }
    }

    /// Forgets `step` and everything after it.
    pub fn rewind(&mut self, step: u64) {
        self.loss.rewind(step);
        self.accuracy.rewind(step);
        self.evaluations.retain(|e| e.step <= step && step > 0);
    }

    pub fn is_empty(&self) -> bool {
        self.loss.buckets.is_empty() && self.evaluations.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: u64, loss: f32) -> Event {
        Event::Step(Box::new(StepRecord { step, loss, accuracy: 0.5, ..StepRecord::default() }))
    }

    #[test]
    fn memory_is_bounded_and_no_spike_is_lost() {
        let mut h = History::default();
        for i in 0..100_000 {
            h.on_event(&step(i, if i == 31_234 { 99.0 } else { 1.0 }));
        }
        assert!(h.loss.buckets().len() <= BUCKETS);
        assert_eq!(h.loss.range(), Some((1.0, 99.0)));
        assert_eq!(h.loss.last_step(), Some(99_999));
        let covered: Vec<u64> =
            h.loss.buckets().windows(2).map(|w| w[1].first_step - w[0].last_step).collect();
        assert!(covered.iter().all(|&gap| gap == 1));
    }

    #[test]
    fn the_smoothed_curve_starts_at_the_first_value() {
        let mut s = Series::default();
        s.push(0, 2.5);
        assert!((s.smooth().expect("one value") - 2.5).abs() < 1e-6);
    }

    #[test]
    fn nan_is_left_out() {
        let mut s = Series::default();
        s.push(0, 1.0);
        s.push(1, f32::NAN);
        assert_eq!((s.last_step(), s.range()), (Some(0), Some((1.0, 1.0))));
    }

    #[test]
    fn a_run_that_starts_again_forgets_the_old_one() {
        let mut h = History::default();
        for i in 0..50 {
            h.on_event(&step(i, 1.0));
        }
        h.on_event(&Event::Evaluated(Evaluation { step: 50, accuracy: 0.5, loss: 1.0, images: 10 }));
        h.on_event(&step(0, 2.0));
        assert_eq!(h.loss.buckets().len(), 1);
        assert!(h.evaluations.is_empty());
    }

    #[test]
    fn a_checkpoint_rewinds_to_its_step() {
        let mut h = History::default();
        for i in 0..50 {
            h.on_event(&step(i, 1.0));
        }
        h.on_event(&Event::Loaded { step: 20 });
        assert_eq!(h.loss.last_step(), Some(19));
    }
}
