//! What the map of the network remembers beyond the snapshot: what it is coloured by, what is folded, how
//! far it is zoomed, and what has become of the watched picture's class.

use super::axis::{Decades, Layers};
use super::motion;
use super::placement;
use crate::model::{Graph, ParamId};
use crate::session::{Event, Picture, Seen, StepRecord};
use eframe::egui::{Rangef, TextureHandle};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What strips and history are coloured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Measure {
    #[default]
    Gradient,
    Std,
    Update,
    Weight,
    Dead,
    Time,
}

impl Measure {
    pub const ALL: [Self; 6] =
        [Self::Gradient, Self::Std, Self::Update, Self::Weight, Self::Dead, Self::Time];
}

/// Points of [`Sight`] kept at most.
const POINTS: usize = 256;

/// The probability that the network gave the watched picture's class, look by look.
#[derive(Clone, Debug, Default)]
pub(super) struct Sight {
    picture: Option<Picture>,
    look: u64,
    /// Step and probability, in order.
    points: Vec<(u64, f32)>,
    /// Looks between two points.
    stride: u32,
    skipped: u32,
}

impl Sight {
    /// Takes in a look that is new.
    pub fn see(&mut self, seen: &Seen) {
        let probability = seen.label.and_then(|l| seen.probabilities.get(l as usize)).copied();
        let back = self.points.last().is_some_and(|p| seen.step < p.0);
        if self.picture != seen.picture || back {
            *self = Self { picture: seen.picture, ..Self::default() };
        } else if self.look == seen.number {
            return;
        }
        self.look = seen.number;
        let Some(p) = probability.filter(|p| p.is_finite()) else { return };
        // The same weights see the same.
        if self.points.last().is_some_and(|last| last.0 == seen.step) {
            return;
        }
        if self.skipped < self.stride {
            self.skipped += 1;
            return;
        }
        self.skipped = 0;
        self.points.push((seen.step, p));
        if self.points.len() > POINTS {
            let mut i = 0;
            self.points.retain(|_| {
                i += 1;
                i % 2 == 1
            });
            self.stride = self.stride * 2 + 1;
        }
    }

    pub fn points(&self) -> &[(u64, f32)] {
        &self.points
    }
}

/// Part of the layer axis that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Zoom {
    /// 1 where all of it fits.
    pub scale: f32,
    /// How much lies left of the window, in windows.
    left: f32,
}

impl Default for Zoom {
    fn default() -> Self {
        Self { scale: 1.0, left: 0.0 }
    }
}

impl Zoom {
    /// Where the whole axis lies when `x` shows this part of it.
    pub fn axis(&self, x: Rangef) -> Rangef {
        let left = x.min - self.left * x.span();
        Rangef::new(left, left + self.scale * x.span())
    }

    /// Enlarges by `factor`, at most to `most`; what lies under `pointer` stays there.
    pub fn by(&mut self, factor: f32, pointer: f32, x: Rangef, most: f32) {
        let axis = self.axis(x);
        let share = (pointer - axis.min) / axis.span().max(1.0);
        self.scale = (self.scale * factor).clamp(1.0, most.max(1.0));
        self.left = (share * self.scale * x.span() - (pointer - x.min)) / x.span().max(1.0);
        self.bound();
    }

    /// Moves what is shown by `distance` points.
    pub fn drag(&mut self, distance: f32, x: Rangef) {
        self.left -= distance / x.span().max(1.0);
        self.bound();
    }

    fn bound(&mut self) {
        self.left = self.left.clamp(0.0, self.scale - 1.0);
    }
}

/// The training step that is gone through layer by layer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Walk {
    /// One layer after the other without pressing.
    pub plays: bool,
    /// When the last one was asked for, and where the step stood.
    pub asked: Option<(f64, Option<(usize, usize)>)>,
}

/// The history of all layers as a texture: one column a bar, one row a sample, oldest on top.
pub(super) struct HistoryTexture {
    pub texture: TextureHandle,
    /// Rows written; the newest may still change.
    pub written: usize,
    /// What it was painted from and with: generation, measure, scale, dark.
    pub key: (u64, Measure, Decades, bool),
    /// Last step of the newest row.
    pub step: u64,
}

impl std::fmt::Debug for HistoryTexture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HistoryTexture").field("written", &self.written).field("key", &self.key).finish()
    }
}

/// Everything the map remembers.
#[derive(Debug, Default)]
pub(super) struct MapState {
    pub measure: Measure,
    pub zoom: Zoom,
    pub sight: Sight,
    pub walk: Walk,
    pub history: Option<HistoryTexture>,
    /// The reader's own fold; before there is one, it follows the width.
    fold: Option<Vec<bool>>,
    /// The fold before the one that is being changed to, and since when; `None` until it is first drawn.
    folding: Option<(Vec<bool>, Option<f64>)>,
    /// Scales of standard deviation, update ÷ weight, weights and seconds.
    scales: [Option<Decades>; 4],
    /// The weights that have bars; the scale of norms leaves the others out, which may be all 0.
    weights: Vec<ParamId>,
    /// Scales that were locked, as they were then.
    held: HashMap<Measure, Decades>,
    /// When times were last asked for.
    pub profiled: Option<f64>,
}

/// Seconds between two profiles while training runs.
const PROFILE_EVERY: f64 = 10.0;

impl MapState {
    /// Takes in what the session reports.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Built(model) => {
                let layers = Graph::new(&model.spec).map(|g| Layers::of(&g)).unwrap_or_default();
                let weights = layers.bars().map(|b| b.param).collect();
                // A lock holds for the next network, too: the two can be compared.
                let held = std::mem::take(&mut self.held);
                *self = Self { measure: self.measure, weights, held, ..Self::default() };
            }
            Event::Step(record) => self.on_step(record),
            _ => {}
        }
    }

    fn on_step(&mut self, record: &StepRecord) {
        for block in &record.blocks {
            self.include(Measure::Std, block.output.std);
        }
        for (update, weight) in record.update_norm.iter().zip(&record.weight_norm) {
            if *weight > 0.0 {
                self.include(Measure::Update, update / weight);
            }
        }
        let norms: Vec<f32> =
            self.weights.iter().filter_map(|p| record.weight_norm.get(*p).copied()).collect();
        for norm in norms {
            self.include(Measure::Weight, norm);
        }
    }

    /// Grows the scale of `measure`, which is not the gradients' own, until `v` fits.
    pub fn include(&mut self, measure: Measure, v: f32) {
        if !(v > 0.0 && v.is_finite()) {
            return;
        }
        let place = match measure {
            Measure::Std => 0,
            Measure::Update => 1,
            Measure::Weight => 2,
            Measure::Time => 3,
            Measure::Gradient | Measure::Dead => return,
        };
        let e = v.log10().floor() as i32;
        self.scales[place].get_or_insert(Decades { low: e, high: e + 1 }).include(v);
    }

    /// The decades that `measure` is drawn on: those it was locked at, otherwise all so far.
    pub fn decades(&self, measure: Measure, gradient: Decades) -> Option<Decades> {
        self.held.get(&measure).copied().or_else(|| self.grown(measure, gradient))
    }

    /// Whether the scale of `measure` stays as it is.
    pub fn is_held(&self, measure: Measure) -> bool {
        self.held.contains_key(&measure)
    }

    /// Locks the scale of `measure` at `now`, or lets it grow again.
    pub fn hold(&mut self, measure: Measure, now: Option<Decades>) {
        match now {
            Some(decades) => self.held.insert(measure, decades),
            None => self.held.remove(&measure),
        };
    }

    /// The decades of `measure` so far, `gradient` being those of the gradients; `None` for a linear scale.
    pub fn grown(&self, measure: Measure, gradient: Decades) -> Option<Decades> {
        let start = |low: i32| Decades { low, high: low + 2 };
        match measure {
            Measure::Gradient => Some(gradient),
            Measure::Std => Some(self.scales[0].unwrap_or(start(-1))),
            Measure::Update => Some(self.scales[1].unwrap_or(start(-4))),
            Measure::Weight => Some(self.scales[2].unwrap_or(start(-1))),
            Measure::Time => Some(self.scales[3].unwrap_or(start(-4))),
            Measure::Dead => None,
        }
    }

    /// Which stages are folded on an axis of this width.
    pub fn fold(&self, layers: &Layers, width: f32) -> Vec<bool> {
        match &self.fold {
            Some(fold) if fold.len() == layers.stages.len() => fold.clone(),
            _ => placement::start_fold(layers, width),
        }
    }

    /// The fold that is being left at time `now`, and since when; `None` where nothing moves.
    pub fn folding(&mut self, now: f64, still: bool) -> Option<(Vec<bool>, f64)> {
        let (fold, begun) = self.folding.as_mut()?;
        let begun = *begun.get_or_insert(now);
        let fold = fold.clone();
        if still || now - begun > f64::from(motion::TIME) {
            self.folding = None;
            return None;
        }
        Some((fold, begun))
    }

    /// Folds stage `i`, or unfolds it.
    pub fn toggle_fold(&mut self, layers: &Layers, width: f32, i: usize) {
        let mut fold = self.fold(layers, width);
        self.folding = Some((fold.clone(), None));
        if let Some(f) = fold.get_mut(i) {
            *f = !*f;
        }
        self.fold = Some(fold);
    }

    /// The fold of the width again, and everything in view.
    pub fn fit(&mut self) {
        self.folding = self.fold.take().map(|fold| (fold, None));
        self.zoom = Zoom::default();
    }

    /// Whether times are to be measured (again).
    pub fn wants_profile(&mut self, now: f64, running: bool, known: bool) -> bool {
        if self.measure != Measure::Time {
            return false;
        }
        let due = match self.profiled {
            None => true,
            Some(last) => now - last >= PROFILE_EVERY && (running || !known),
        };
        if due {
            self.profiled = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{RecordRef, SplitName};

    fn seen(number: u64, step: u64, index: u32, p: f32) -> Seen {
        Seen {
            number,
            step,
            picture: Some(Picture::Record(RecordRef { split: SplitName::Test, index })),
            label: Some(1),
            probabilities: vec![1.0 - p, p],
            ..Seen::default()
        }
    }

    #[test]
    fn sight_is_bounded_and_covers_the_run() {
        let mut s = Sight::default();
        for i in 0..100_000 {
            s.see(&seen(i + 1, i, 0, 0.5));
        }
        assert!(s.points().len() <= POINTS && s.points().len() > POINTS / 4, "{}", s.points().len());
        assert_eq!(s.points()[0].0, 0);
        assert!(s.points().last().is_some_and(|p| p.0 > 99_000));
    }

    #[test]
    fn sight_forgets_another_picture_and_an_older_run() {
        let mut s = Sight::default();
        for i in 0..10 {
            s.see(&seen(i + 1, i, 0, 0.5));
        }
        s.see(&seen(11, 10, 3, 0.25));
        assert_eq!(s.points(), [(10, 0.25)]);
        s.see(&seen(12, 2, 3, 0.125));
        assert_eq!(s.points(), [(2, 0.125)]);
        // The same look twice is one.
        s.see(&seen(12, 2, 3, 0.125));
        assert_eq!(s.points().len(), 1);
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let (x, mut z) = (Rangef::new(100.0, 900.0), Zoom::default());
        let share = |z: &Zoom, at: f32| (at - z.axis(x).min) / z.axis(x).span();
        let before = share(&z, 700.0);
        z.by(2.0, 700.0, x, 4.0);
        assert!((share(&z, 700.0) - before).abs() < 1e-5);
        z.by(100.0, 700.0, x, 4.0);
        assert_eq!(z.scale, 4.0);
        z.drag(1e6, x);
        assert_eq!(z.axis(x).min, x.min);
        z.drag(-1e6, x);
        assert!((z.axis(x).max - x.max).abs() < 1e-2);
        z.by(0.001, 300.0, x, 4.0);
        assert_eq!(z.axis(x), x);
    }

    #[test]
    fn scales_grow_by_whole_decades() {
        let mut m = MapState::default();
        m.include(Measure::Std, 0.7);
        assert_eq!(m.decades(Measure::Std, Decades::default()), Some(Decades { low: -1, high: 0 }));
        m.include(Measure::Std, 12.0);
        m.include(Measure::Std, f32::NAN);
        assert_eq!(m.decades(Measure::Std, Decades::default()), Some(Decades { low: -1, high: 2 }));
        assert_eq!(m.decades(Measure::Dead, Decades::default()), None);
    }

    #[test]
    fn a_locked_scale_stays_until_it_is_unlocked() {
        let (mut m, start) = (MapState::default(), Decades::default());
        m.include(Measure::Std, 0.7);
        let held = m.decades(Measure::Std, start);
        m.hold(Measure::Std, held);
        m.include(Measure::Std, 1200.0);
        assert_eq!(m.decades(Measure::Std, start), held);
        assert_eq!(m.decades(Measure::Gradient, start), Some(start), "the others go on");
        m.hold(Measure::Std, None);
        assert_eq!(m.decades(Measure::Std, start), Some(Decades { low: -1, high: 4 }));
    }

    #[test]
    fn times_are_measured_at_most_every_ten_seconds() {
        let mut m = MapState::default();
        assert!(!m.wants_profile(0.0, true, false));
        m.measure = Measure::Time;
        assert!(m.wants_profile(1.0, true, false));
        assert!(!m.wants_profile(10.9, true, true));
        assert!(m.wants_profile(11.0, true, true));
        assert!(!m.wants_profile(30.0, false, true), "paused is for looking");
    }
}
