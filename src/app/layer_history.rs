//! What was measured in every layer since the run began, in bounded memory: a row of means a sample. When
//! there are too many rows, neighbours are joined and later rows span twice the steps, so that a million
//! steps fit as well as a hundred.

use super::axis::Layers;
use crate::model::{Graph, ParamId};
use crate::session::{Event, StepRecord};

/// Rows kept at most; half of them remain after joining.
pub(super) const ROWS: usize = 512;

/// What a row knows of each bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layerwise {
    /// ‖∂L/∂W‖.
    Gradient,
    /// ‖ΔW‖ ÷ ‖W‖.
    Update,
    /// ‖W‖.
    Weight,
    /// Standard deviation of the output of the bar's block; none for the ends.
    Std,
    /// Share of its block's channels that are 0 everywhere; none for the ends.
    Dead,
}

/// Means over some consecutive steps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub first_step: u64,
    pub last_step: u64,
    /// Steps measured.
    count: u32,
    /// Gradient norm, then update ÷ weight, then weight norm of each bar; then std, then dead share of
    /// each block.
    values: Box<[f32]>,
}

impl Row {
    /// The mean of this row and what follows it, weighted by their steps.
    fn join(&mut self, later: &Row) {
        let (a, b) = (self.count as f32, later.count as f32);
        for (v, w) in self.values.iter_mut().zip(&later.values) {
            *v = (*v * a + w * b) / (a + b);
        }
        self.count += later.count;
        self.last_step = later.last_step;
    }
}

/// Rows in the order they were measured.
#[derive(Clone, Debug)]
pub(super) struct LayerHistory {
    bars: Vec<(ParamId, Option<usize>)>,
    blocks: usize,
    rows: Vec<Row>,
    /// Steps a row spans.
    stride: u64,
    /// Counts whatever changes rows that were there before.
    generation: u64,
}

impl Default for LayerHistory {
    fn default() -> Self {
        Self { bars: Vec::new(), blocks: 0, rows: Vec::new(), stride: 1, generation: 0 }
    }
}

impl LayerHistory {
    /// Takes in what an event says about the run.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Built(model) => {
                let layers = Graph::new(&model.spec).map(|g| Layers::of(&g)).unwrap_or_default();
                self.bars = layers.bars().map(|b| b.param).zip(layers.owners()).collect();
                self.blocks = layers.blocks.len();
                self.rewind(0);
            }
            Event::Loaded { step } | Event::Branched { step } => self.rewind(*step),
            Event::Step(record) => self.push(record),
            _ => {}
        }
    }

    fn push(&mut self, record: &StepRecord) {
        if record.blocks.len() != self.blocks {
            return;
        }
        if self.rows.last().is_some_and(|r| record.step <= r.last_step) {
            self.rewind(record.step);
        }
        let at = |values: &[f32], p: ParamId| values.get(p).copied().unwrap_or(f32::NAN);
        let gradient = self.bars.iter().map(|(p, _)| at(&record.grad_norm, *p));
        let update = self.bars.iter().map(|(p, _)| at(&record.update_norm, *p) / at(&record.weight_norm, *p));
        let weight = self.bars.iter().map(|(p, _)| at(&record.weight_norm, *p));
        let std = record.blocks.iter().map(|b| b.output.std);
        let dead = record.blocks.iter().map(|b| b.dead);
        let values = gradient.chain(update).chain(weight).chain(std).chain(dead).collect();
        let new = Row { first_step: record.step, last_step: record.step, count: 1, values };
        match self.rows.last_mut() {
            Some(last) if record.step < last.first_step + self.stride => last.join(&new),
            _ => self.rows.push(new),
        }
        if self.rows.len() > ROWS {
            let mut joined: Vec<Row> = Vec::with_capacity(ROWS);
            for (i, row) in std::mem::take(&mut self.rows).into_iter().enumerate() {
                match joined.last_mut().filter(|_| i % 2 == 1) {
                    Some(last) => last.join(&row),
                    None => joined.push(row),
                }
            }
            self.rows = joined;
            self.stride *= 2;
            self.generation += 1;
        }
    }

    /// Forgets `step` and everything after it.
    pub fn rewind(&mut self, step: u64) {
        self.rows.retain(|r| r.last_step < step);
        if self.rows.is_empty() {
            self.stride = 1;
        }
        self.generation += 1;
    }

    /// Rows, newest first.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> + ExactSizeIterator {
        self.rows.iter().rev()
    }

    /// Where `step` begins among the rows, the oldest at 0, what follows the newest at 1; `None` before the first.
    pub fn place(&self, step: u64) -> Option<f64> {
        self.rows.first().filter(|r| r.first_step <= step)?;
        let before = self.rows.partition_point(|r| r.last_step < step);
        Some(before as f64 / self.rows.len() as f64)
    }

    /// Bars in a row, in the order of [`Layers::bars`].
    pub fn bars(&self) -> usize {
        self.bars.len()
    }

    /// Changes whenever other rows than the newest have changed.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// What `row` knows of a bar; `None` where nothing is measured.
    pub fn value(&self, row: &Row, what: Layerwise, bar: usize) -> Option<f32> {
        let n = self.bars.len();
        let (_, block) = *self.bars.get(bar)?;
        let place = match what {
            Layerwise::Gradient => bar,
            Layerwise::Update => n + bar,
            Layerwise::Weight => 2 * n + bar,
            Layerwise::Std => 3 * n + block?,
            Layerwise::Dead => 3 * n + self.blocks + block?,
        };
        row.values.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::BlockStats;

    fn history() -> LayerHistory {
        LayerHistory { bars: vec![(0, None), (1, Some(0))], blocks: 1, ..LayerHistory::default() }
    }

    fn step(step: u64, norm: f32) -> Event {
        Event::Step(Box::new(StepRecord {
            step,
            grad_norm: vec![norm, 2.0 * norm],
            weight_norm: vec![2.0, 4.0],
            update_norm: vec![0.5, 1.0],
            blocks: vec![BlockStats { dead: 0.25, ..BlockStats::default() }],
            ..StepRecord::default()
        }))
    }

    #[test]
    fn a_million_steps_fit_and_none_is_left_out() {
        let mut h = history();
        for i in 0..1_000_000 {
            h.on_event(&step(i, i as f32));
        }
        assert!(h.rows().len() <= ROWS && h.rows().len() > ROWS / 4, "{}", h.rows().len());
        let newest = h.rows().next().expect("a row");
        assert_eq!(newest.last_step, 999_999);
        let oldest = h.rows().last().expect("a row");
        assert_eq!(oldest.first_step, 0);
        let spans: Vec<_> = h.rows().rev().collect();
        assert!(spans.windows(2).all(|w| w[1].first_step == w[0].last_step + 1));
        let mean = h.value(oldest, Layerwise::Gradient, 0).expect("measured");
        let expected = oldest.last_step as f32 / 2.0;
        assert!((mean - expected).abs() < 0.01 * expected, "{mean} instead of {expected}");
    }

    #[test]
    fn each_measure_has_its_own_place() {
        let mut h = history();
        h.on_event(&step(0, 3.0));
        let row = h.rows().next().expect("a row");
        assert_eq!(h.value(row, Layerwise::Gradient, 1), Some(6.0));
        assert_eq!(h.value(row, Layerwise::Update, 0), Some(0.25));
        assert_eq!(h.value(row, Layerwise::Weight, 0), Some(2.0));
        assert_eq!(h.value(row, Layerwise::Weight, 1), Some(4.0));
        assert_eq!(h.value(row, Layerwise::Dead, 1), Some(0.25));
        assert_eq!(h.value(row, Layerwise::Dead, 0), None);
        assert_eq!(h.value(row, Layerwise::Std, 1), Some(0.0));
    }

    #[test]
    fn a_run_that_starts_again_forgets_the_old_one() {
        let mut h = history();
        for i in 0..40 {
            h.on_event(&step(i, 1.0));
        }
        let before = h.generation();
        h.on_event(&step(0, 2.0));
        assert_eq!(h.rows().len(), 1);
        assert_ne!(h.generation(), before);
    }
}
