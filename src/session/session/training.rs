//! The state of one network's training.

use super::super::protocol::Evaluation;
use super::Pictures;
use super::past::Past;
use super::watching::Sliced;
use crate::gpu::Gpu;
use crate::model::{Alpha, ModelSpec};
use crate::probe::TestDetail;
use crate::train::engine::Engine;
use crate::train::{Change, StepRecord, Surgery, Whom};
use std::collections::VecDeque;
use std::sync::Arc;
use web_time::Instant;

/// And over no less than this many seconds.
const SPEED_LEAST: f32 = 0.25;

/// A checkpoint on its way from the GPU.
pub(super) struct Saving {
    pub step: u64,
    /// The network's specification, with α as it was, and what was done to skips.
    pub spec: ModelSpec,
    pub surgeries: Vec<Surgery>,
    /// For safekeeping, not for the user.
    pub kept: bool,
}

/// Why numbers are on their way from the GPU; training waits for them.
pub(super) enum Reading {
    Save(Saving),
    /// They are to be changed.
    Operate(Whom, Change),
}

/// What goes on in steps.
pub(super) struct Training {
    pub name: String,
    pub engine: Box<dyn Engine>,
    pub running: bool,
    /// Steps still to do one by one.
    pub single_steps: u64,
    pub finished: bool,
    pub diverged: bool,
    pub last: Option<StepRecord>,
    pub evaluation: Option<Evaluation>,
    pub test: Option<Arc<TestDetail>>,
    /// Step after which the test split was last gone through.
    pub evaluated_at: Option<u64>,
    /// Batches that batch norm had seen before step 0, in weights that came from elsewhere.
    pub batches_before: u64,
    /// What happened to it that no command line repeats, the first of it. Operations on skips have a record of their own.
    pub unrepeatable: Option<&'static str>,
    /// Sums over the epoch being measured: loss·images, right, images.
    pub epoch_sums: (f64, f64, f64),
    pub reading: Option<Reading>,
    pub speed: VecDeque<(Instant, u32)>,
    pub sliced: Sliced,
    pub past: Past,
    /// The step under way is timed layer by layer.
    pub profiling: bool,
}

impl Training {
    pub(super) fn new(name: String, engine: Box<dyn Engine>) -> Self {
        Self {
            name,
            engine,
            running: false,
            single_steps: 0,
            finished: false,
            diverged: false,
            last: None,
            evaluation: None,
            evaluated_at: None,
            batches_before: 0,
            unrepeatable: None,
            epoch_sums: (0.0, 0.0, 0.0),
            reading: None,
            speed: VecDeque::new(),
            test: None,
            sliced: Sliced::default(),
            past: Past::default(),
            profiling: false,
        }
    }

    /// The network's own specification, with α and β as they are in place.
    pub(super) fn shown_spec(&self) -> ModelSpec {
        let mut spec = self.engine.graph().spec.clone();
        let gates = self.engine.gates();
        let put = |factor: &mut Alpha, values: Vec<f32>| {
            if values.iter().enumerate().any(|(b, v)| *v != factor.of(b)) {
                *factor = Alpha::PerBlock(values);
            }
        };
        put(&mut spec.alpha, gates.iter().map(|g| g.alpha).collect());
        put(&mut spec.beta, gates.iter().map(|g| g.beta).collect());
        spec
    }

    /// Bytes on the GPU, those of its past included.
    pub(super) fn gpu_bytes(&self) -> u64 {
        self.engine.gpu_bytes() + self.past.bytes()
    }

    /// Whether a command may be carried out now: between steps, and after those that were asked for.
    pub(super) fn takes_commands(&self) -> bool {
        self.engine.at_boundary() && self.reading.is_none() && self.single_steps == 0
    }

    /// As after building: nothing trained, nothing measured.
    pub(super) fn reset(&mut self) {
        self.past.clear();
        self.unrepeatable = None;
        self.reset_measured();
    }

    /// Nothing measured, and at rest.
    pub(super) fn reset_measured(&mut self) {
        self.running = false;
        self.single_steps = 0;
        self.finished = false;
        self.diverged = false;
        self.last = None;
        self.evaluation = None;
        self.test = None;
        self.sliced.stepper.clear();
        self.evaluated_at = None;
        self.batches_before = 0;
        self.epoch_sums = (0.0, 0.0, 0.0);
        self.speed.clear();
    }

    /// Images a second between the first and the last record of the window.
    pub(super) fn images_per_s(&self) -> Option<f32> {
        let (first, last) = (self.speed.front()?, self.speed.back()?);
        let seconds = (last.0 - first.0).as_secs_f32();
        let images: u32 = self.speed.iter().filter(|(at, _)| *at > first.0).map(|(_, n)| n).sum();
        // Records that arrive one right after the other say nothing about how long a step takes.
        (seconds > SPEED_LEAST).then(|| images as f32 / seconds)
    }

    /// Begins whatever comes next; false if there is nothing to submit now.
    pub(super) fn next_pass(
        &mut self,
        gpu: &Gpu,
        p: &Pictures,
        evaluate: bool,
        free: bool,
    ) -> Result<bool, String> {
        if self.engine.is_evaluating() {
            return self.engine.begin_eval_batch(gpu, p.test());
        }
        // Weights of the past are looked at and not trained.
        if self.past.then().is_some() {
            return Ok(false);
        }
        let done = self.engine.submitted();
        let complete = done >= self.engine.total_steps();
        let wanted = self.running || self.single_steps > 0 || complete;
        // A waiting command comes before the next step, unless it waits for that step.
        let held_up = !free && self.single_steps == 0;
        if held_up || self.finished || self.diverged || !wanted {
            return Ok(false);
        }
        let epoch_over = done > 0 && done.is_multiple_of(self.engine.steps_per_epoch());
        if evaluate && (epoch_over || complete) && self.evaluated_at != Some(done) && !p.test.is_empty() {
            self.evaluated_at = Some(done);
            self.engine.begin_evaluation(gpu, p.test.len)?;
            return self.engine.begin_eval_batch(gpu, p.test());
        }
        if complete {
            return Ok(false);
        }
        let begun = self.engine.begin_step(gpu, p.train())?;
        if begun {
            self.single_steps = self.single_steps.saturating_sub(1);
        }
        Ok(begun)
    }
}
