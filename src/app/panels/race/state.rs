//! What the window remembers of races beyond the snapshot, and what of a race is drawn as curves.

use super::super::super::axis::Decades;
use super::super::super::history::{Bucket, Series};
use super::super::super::surgery::Reach;
use super::super::super::view::Canvas;
use super::super::charts::Zoom;
use super::form::RaceForm;
use crate::lab::race::MOST_LANES;
use crate::session::{LaneRun, RaceView};
use std::sync::Arc;

/// Steps that losses are smoothed over, and what part of a shorter race's.
const WINDOW: f64 = 25.0;
const SHORT: f64 = 8.0;

/// Everything about races that the window remembers.
#[derive(Debug, Default)]
pub struct RaceState {
    pub form: RaceForm,
    /// The lane that surgery is about.
    pub lane: usize,
    /// The block that was chosen, and the lane that it is a block of.
    pub block: Option<usize>,
    pub of: usize,
    pub reach: Reach,
    /// α under the pointer: what was asked for shows only after the next step.
    pub held: Option<f32>,
    /// Accuracy on the test split instead of the training loss.
    pub test: bool,
    pub zoom: Zoom,
    /// The texture with what was seen in each lane.
    pub canvases: [Option<Canvas>; MOST_LANES],
    /// A race was asked for and has not begun yet.
    pub asked: bool,
    /// Why there was none.
    pub refused: Option<String>,
    /// A race that is over and not to be shown any more: a link has described another one.
    pub cleared: Option<Arc<RaceView>>,
    /// When the race that is shown began to train, and how many steps it had done then.
    pub clock: Option<(f64, u64)>,
    drawn: Option<(Arc<RaceView>, Vec<Curve>)>,
}

/// A lane's losses, ready to be drawn.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    /// Of the seed that is run, or was run last.
    pub shown: Vec<Bucket>,
    /// Last step of a bucket, lowest and highest smoothed loss over the seeds that are finished and were not operated on.
    pub band: Vec<(u64, f32, f32)>,
    /// Smoothed, after the last step; the last epoch's mean once the run is over.
    pub loss: Option<f32>,
    /// That mean of every seed that is finished and was not operated on.
    pub ends: Vec<f32>,
    /// Decades of the gradient norms in that run.
    pub decades: Option<Decades>,
}

/// Smallest and largest of the positive numbers, as decades around them.
fn decades(norms: impl Iterator<Item = f32>) -> Option<Decades> {
    let positive = norms.filter(|n| *n > 0.0 && n.is_finite());
    let (low, high) = positive.fold((f32::INFINITY, 0.0_f32), |(l, h), n| (l.min(n), h.max(n)));
    (high > 0.0).then(|| {
        let mut d = Decades { low: low.log10().floor() as i32, high: low.log10().floor() as i32 + 1 };
        d.include(low);
        d.include(high);
        d
    })
}

impl Curve {
    /// Of a lane that is to do so many steps with each seed.
    pub fn of(runs: &[LaneRun], steps: u64) -> Self {
        // A short run is over before a long window has forgotten how it began.
        let window = (steps as f64 / SHORT).clamp(2.0, WINDOW);
        let smooth = |run: &LaneRun| {
            let mut series = Series::default();
            for (step, loss) in run.loss.iter().enumerate() {
                series.push_over(window, step as u64, *loss);
            }
            series.buckets().to_vec()
        };
        // What was operated on is another network's run; it is shown, and not mixed with the others.
        let alike = || runs.iter().filter(|r| r.last_loss.is_some() && r.surgeries.is_empty());
        let finished: Vec<Vec<Bucket>> = alike().map(smooth).collect();
        let shown = runs.last().map(smooth).unwrap_or_default();
        let mut band = Vec::new();
        if let [first, _, ..] = finished.as_slice() {
            for (i, bucket) in first.iter().enumerate() {
                let here = finished.iter().filter_map(|f| f.get(i)).map(|b| b.smooth);
                let (low, high) =
                    here.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
                band.push((bucket.last_step, low, high));
            }
        }
        // Of a run that is over the terminal says the mean of the last epoch, and so does the window.
        let now = shown.last().map(|b| b.smooth);
        let loss = runs.last().and_then(|r| r.last_loss).or(now);
        let ends = alike().filter_map(|r| r.last_loss).collect();
        let norms = runs.last().into_iter().flat_map(|r| &r.grad_norm).flatten().copied();
        Self { shown, band, loss, ends, decades: decades(norms) }
    }
}

impl RaceState {
    /// The curves of `view`, one a lane; worked out once for each.
    pub fn curves(&mut self, view: &Arc<RaceView>) -> &[Curve] {
        if self.drawn.as_ref().is_none_or(|(of, _)| !Arc::ptr_eq(of, view)) {
            let curves = view.outcome.lanes.iter().map(|l| Curve::of(&l.runs, view.steps)).collect();
            self.drawn = Some((view.clone(), curves));
        }
        self.drawn.as_ref().map_or(&[], |d| d.1.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Change, Surgery, Whom};

    fn run(loss: f32, over: bool) -> LaneRun {
        LaneRun { loss: vec![loss; 30], last_loss: over.then_some(loss), ..LaneRun::default() }
    }

    #[test]
    fn what_is_smoothed_follows_a_short_race_to_its_end() {
        let falling = |steps: u64| {
            let loss = (0..steps).map(|s| if s < steps / 2 { 10.0 } else { 2.0 }).collect();
            Curve::of(&[LaneRun { loss, ..LaneRun::default() }], steps).loss.expect("a loss")
        };
        assert!((falling(20) - 2.0).abs() < 0.2, "{}", falling(20));
        assert!((falling(400) - 2.0).abs() < 0.01, "{}", falling(400));
    }

    #[test]
    fn a_band_takes_two_finished_seeds() {
        assert!(Curve::of(&[run(1.0, true), run(9.0, false)], 30).band.is_empty());
        let curve = Curve::of(&[run(1.0, true), run(2.0, true), run(9.0, false)], 30);
        assert_eq!(curve.band.len(), 30);
        assert_eq!(curve.band[29], (29, 1.0, 2.0));
        assert!(curve.shown.iter().all(|b| (b.smooth - 9.0).abs() < 1e-4));
        // One that was cut is no seed like the others.
        let done = Surgery { step: 3, whom: Whom::Network, change: Change::Set(0.0) };
        let cut = LaneRun { surgeries: vec![done], ..run(5.0, true) };
        let curve = Curve::of(&[run(1.0, true), cut.clone(), run(2.0, true)], 30);
        assert_eq!((curve.band[29], curve.ends), ((29, 1.0, 2.0), vec![1.0, 2.0]));
        let curve = Curve::of(&[run(1.0, true), cut], 30);
        assert_eq!((curve.band.len(), curve.ends, curve.loss), (0, vec![1.0], Some(5.0)));
    }
}
