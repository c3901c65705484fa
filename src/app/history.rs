//! What was measured since the run began, in bounded memory.
//!
//! A run may have a million steps; a chart has a thousand pixels. A [`Series`] keeps a fixed number of
//! buckets and, when they are full, joins neighbours: every step stays within some bucket's minimum and
//! maximum, so that no spike is lost however long the run gets.

use crate::session::{Evaluation, Event, StepRecord};
use crate::train::{Change, Surgery};
use serde::{Deserialize, Serialize};
use web_time::Instant;

/// Buckets a series keeps at most.
const BUCKETS: usize = 2048;
/// Test evaluations kept at most; beyond that every second older one is dropped.
const EVALUATIONS: usize = 1024;
/// Operations on skips kept at most: the last ones.
const OPERATIONS: usize = 1024;
/// Weight of the past in the smoothed curve: a window of about 1 / (1 − 0.96) = 25 steps.
const SMOOTHING: f64 = 0.96;

/// Neighbouring steps, joined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    pub first_step: u64,
    pub last_step: u64,
    /// Seconds of training when the last of them was measured.
    pub seconds: f32,
    pub min: f32,
    pub max: f32,
    /// The smoothed value after the last of them.
    pub smooth: f32,
}

/// One scalar a step, downsampled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
        self.push_at(step, 0.0, value);
    }

    /// The same, smoothed over a window of about `steps`, at least 1.
    pub fn push_over(&mut self, steps: f64, step: u64, value: f32) {
        self.push_kept(1.0 - 1.0 / steps.max(1.0), step, 0.0, value);
    }

    /// As [`Self::push`] for a value that was measured after `seconds` of training.
    fn push_at(&mut self, step: u64, seconds: f32, value: f32) {
        self.push_kept(SMOOTHING, step, seconds, value);
    }

    /// `kept` is the weight of the past.
    fn push_kept(&mut self, kept: f64, step: u64, seconds: f32, value: f32) {
        if !value.is_finite() {
            return;
        }
        self.mean = kept * self.mean + (1.0 - kept) * f64::from(value);
        self.weight = kept * self.weight + (1.0 - kept);
        let smooth = (self.mean / self.weight) as f32;
        let new = Bucket { first_step: step, last_step: step, seconds, min: value, max: value, smooth };
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

    /// The smoothed value after `steps` steps.
    pub fn smooth_at(&self, steps: u64) -> Option<f32> {
        let after = self.buckets.partition_point(|b| b.first_step < steps);
        Some(self.buckets[after.checked_sub(1)?].smooth)
    }

    pub fn last_step(&self) -> Option<u64> {
        self.buckets.last().map(|b| b.last_step)
    }

    /// Smallest and largest value of all.
    pub fn range(&self) -> Option<(f32, f32)> {
        self.buckets.iter().map(|b| (b.min, b.max)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Why this is no series, e.g. in a file from elsewhere.
    fn fault(&self) -> Option<&'static str> {
        let b = &self.buckets;
        let whole =
            |b: &Bucket| b.min <= b.max && [b.min, b.max, b.smooth, b.seconds].iter().all(|v| v.is_finite());
        if b.len() > BUCKETS {
            Some("too many buckets")
        } else if self.stride == 0 || !b.iter().all(|b| b.first_step <= b.last_step && whole(b)) {
            Some("a bucket without an extent")
        } else if b.windows(2).any(|w| w[1].first_step <= w[0].last_step || w[1].seconds < w[0].seconds) {
            Some("steps that run backward")
        } else {
            None
        }
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
        seconds: b.seconds,
        min: a.min.min(b.min),
        max: a.max.max(b.max),
        smooth: b.smooth,
    }
}

/// Seconds of training: what passes between two steps, without pauses and evaluations.
#[derive(Clone, Debug, Default)]
struct Clock {
    /// When the last step was measured; `None` while training rests.
    last: Option<Instant>,
    seconds: f64,
    /// The last time between two steps, which stands in for the first one after a rest.
    gap: f64,
}

impl Clock {
    fn step(&mut self, now: Instant) -> f32 {
        if let Some(last) = self.last {
            self.gap = now.saturating_duration_since(last).as_secs_f64();
        }
        self.seconds += self.gap;
        self.last = Some(now);
        self.seconds as f32
    }
}

/// Everything the charts draw.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct History {
    /// Loss of each training batch.
    pub loss: Series,
    /// Accuracy on each training batch, 0 to 1.
    pub accuracy: Series,
    /// Learning rate of each step.
    pub lr: Series,
    /// Images trained a second, as often as it was read.
    pub rate: Series,
    /// Passes over the test split, in order.
    pub evaluations: Vec<Evaluation>,
    /// What was done to skips, each movement once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Surgery>,
    /// Steps in an epoch, once known.
    pub steps_per_epoch: Option<f64>,
    #[serde(skip)]
    clock: Clock,
}

impl PartialEq for History {
    /// Measurements; how the clock stands is no part of them.
    fn eq(&self, other: &Self) -> bool {
        let series = |h: &Self| [h.loss.clone(), h.accuracy.clone(), h.lr.clone(), h.rate.clone()];
        series(self) == series(other)
            && self.evaluations == other.evaluations
            && self.operations == other.operations
            && self.steps_per_epoch == other.steps_per_epoch
    }
}

impl History {
    /// Takes in what an event says about the run.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Step(record) => self.push(record, Instant::now()),
            Event::Evaluated(evaluation) => self.evaluated(*evaluation),
            Event::Built(_) => *self = Self::default(),
            Event::EvaluatedThen(evaluation) => self.evaluated_then(*evaluation),
            Event::Loaded { step } | Event::Branched { step } => self.rewind(*step),
            _ => {}
        }
    }

    /// Training does not go on at the moment: the clock stands until the next step.
    pub(super) fn rest(&mut self) {
        self.clock.last = None;
    }

    /// Steps measured.
    pub fn steps(&self) -> u64 {
        let first = self.loss.buckets.first().map_or(0, |b| b.first_step);
        self.loss.last_step().map_or(0, |last| last + 1 - first)
    }

    /// The highest accuracy on the test split so far, 0 to 1.
    pub fn best_accuracy(&self) -> Option<f32> {
        self.evaluations.iter().map(|e| e.accuracy).reduce(f32::max)
    }

    /// Seconds of training up to `step`, by the buckets of the loss.
    pub fn seconds_at(&self, step: u64) -> f32 {
        let after = self.loss.buckets.partition_point(|b| b.last_step < step);
        self.loss.buckets.get(after).or(self.loss.buckets.last()).map_or(0.0, |b| b.seconds)
    }

    /// Notes the images trained a second at `step`.
    pub(super) fn read_rate(&mut self, step: u64, rate: f32) {
        if self.rate.last_step().is_none_or(|last| last < step) {
            self.rate.push_at(step, self.seconds_at(step), rate);
        }
    }

    /// Why this is no history, e.g. in a file from elsewhere.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let series = [&self.loss, &self.accuracy, &self.lr, &self.rate];
        if let Some(fault) = series.iter().find_map(|s| s.fault()) {
            return Some(fault);
        }
        let whole = |e: &Evaluation| e.loss.is_finite() && (0.0..=1.0).contains(&e.accuracy);
        if self.evaluations.len() > EVALUATIONS
            || !self.evaluations.iter().all(whole)
            || self.evaluations.windows(2).any(|w| w[1].step <= w[0].step)
        {
            return Some("evaluations that cannot be");
        }
        let finite = |s: &Surgery| !matches!(s.change, Change::Set(a) | Change::Branch(a) if !a.is_finite());
        if self.operations.len() > OPERATIONS
            || !self.operations.iter().all(finite)
            || self.operations.windows(2).any(|w| w[1].step < w[0].step)
        {
            return Some("operations that cannot be");
        }
        self.steps_per_epoch.is_some_and(|s| !(s.is_finite() && s > 0.0)).then_some("an epoch without steps")
    }

    fn push(&mut self, record: &StepRecord, now: Instant) {
        // A run that starts again counts from 0 again, whoever asked for it.
        if self.loss.last_step().is_some_and(|last| record.step <= last) {
            self.rewind(record.step);
        }
        let seconds = self.clock.step(now);
        self.loss.push_at(record.step, seconds, record.loss);
        self.accuracy.push_at(record.step, seconds, record.accuracy);
        self.lr.push_at(record.step, seconds, record.lr);
    }

    /// A moment of the past was tested: it takes its place among the others.
    fn evaluated_then(&mut self, evaluation: Evaluation) {
        let at = self.evaluations.partition_point(|e| e.step < evaluation.step);
        let later = self.evaluations.split_off(at);
        self.evaluated(evaluation);
        self.evaluations.extend(later.into_iter().filter(|e| e.step > evaluation.step));
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
        for series in [&mut self.loss, &mut self.accuracy, &mut self.lr, &mut self.rate] {
            series.rewind(step);
        }
        let seconds = self.loss.buckets.last().map_or(0.0, |b| b.seconds.into());
        self.clock = Clock { last: None, seconds, gap: self.clock.gap };
        self.evaluations.retain(|e| e.step <= step && step > 0);
        self.operations.retain(|o| o.step <= step && step > 0);
    }

    /// Takes over what was done to skips, unless it is about another run than the one measured here.
    pub(super) fn follow_operations(&mut self, done: &[Surgery], steps: u64) {
        if self.steps() <= steps {
            let mut all = super::surgery::movements(done);
            all.drain(..all.len().saturating_sub(OPERATIONS));
            self.operations = all;
        }
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
    fn a_test_of_the_past_takes_its_place_among_the_others() {
        let mut h = History::default();
        let tested = |step, accuracy| Evaluation { step, accuracy, loss: 1.0, images: 10 };
        for step in [10, 20, 30] {
            h.on_event(&Event::Evaluated(tested(step, 0.5)));
        }
        for step in [15, 20] {
            h.on_event(&Event::EvaluatedThen(tested(step, 0.25)));
        }
        let all: Vec<_> = h.evaluations.iter().map(|e| (e.step, e.accuracy)).collect();
        assert_eq!(all, [(10, 0.5), (15, 0.25), (20, 0.25), (30, 0.5)]);
        assert_eq!(h.fault(), None);
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

    #[test]
    fn seconds_count_training_and_not_rests() {
        let begin = Instant::now();
        let at = |ms: u64| begin + std::time::Duration::from_millis(ms);
        let mut h = History::default();
        let push = |h: &mut History, step, ms| h.push(&StepRecord { step, ..StepRecord::default() }, at(ms));
        push(&mut h, 0, 0);
        push(&mut h, 1, 500);
        h.rest();
        push(&mut h, 2, 60_000);
        push(&mut h, 3, 60_500);
        assert_eq!([0, 1, 2, 3].map(|s| h.seconds_at(s)), [0.0, 0.5, 1.0, 1.5]);
        assert_eq!(h.seconds_at(99), 1.5);
        h.rewind(2);
        push(&mut h, 2, 90_000);
        assert_eq!(h.seconds_at(2), 1.0);
    }

    #[test]
    fn seconds_stay_in_order_however_long_a_run_gets() {
        let begin = Instant::now();
        let mut h = History::default();
        for step in 0..50_000 {
            let now = begin + std::time::Duration::from_millis(step);
            h.push(&StepRecord { step, ..StepRecord::default() }, now);
        }
        assert!(h.loss.buckets.len() <= BUCKETS && h.fault().is_none());
        assert!((h.seconds_at(25_000) - 25.0).abs() < 0.1);
    }

    #[test]
    fn what_cannot_have_been_measured_is_a_fault() {
        let mut h = History::default();
        for i in 0..3 {
            h.on_event(&step(i, 1.0));
        }
        assert_eq!(h.fault(), None);
        for spoil in [
            |h: &mut History| h.loss.buckets[1].first_step = 9,
            |h: &mut History| h.lr.buckets[2].seconds = f32::INFINITY,
            |h: &mut History| h.steps_per_epoch = Some(0.0),
        ] {
            let mut bad = h.clone();
            spoil(&mut bad);
            assert!(bad.fault().is_some());
        }
    }
}
