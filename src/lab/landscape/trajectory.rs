//! A training run that keeps snapshots of its weights.

use crate::engine::dataset::GpuSplit;
use crate::engine::{Network, NetworkState};
use crate::gpu::{Download, Gpu};
use crate::lab::{Job, LabError, Progress, poll};
use crate::train::Recipe;
use crate::train::trainer::Trainer;
use serde::Serialize;

/// A snapshot was taken after `step` steps; the loss is that of the batch that came next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    pub step: u64,
    /// `None` for the last one, which no batch came after.
    pub loss: Option<f32>,
}

/// What is left of a run.
pub struct Trained {
    pub net: Network,
    pub split: GpuSplit,
    pub snapshots: Vec<Snapshot>,
    /// Parameters of each snapshot.
    pub params: Vec<Vec<Vec<f32>>>,
    /// The network after its last step, if it came so far.
    pub state: Option<NetworkState>,
}

/// Training under way.
pub struct Trajectory {
    trainer: Trainer,
    split: GpuSplit,
    steps: u64,
    every: u64,
    /// The step whose weights are on their way.
    download: Option<(u64, Download)>,
    /// Step and parameters of each snapshot: momentum and statistics are kept of the last one only.
    snapshots: Vec<(u64, Vec<Vec<f32>>)>,
    state: Option<NetworkState>,
    losses: Vec<f32>,
}

impl Trajectory {
    /// Trains `net` by `recipe` for its first `steps` steps, for its whole run if that is shorter, and keeps about `snapshots`
    /// of its weights, first and last included.
    pub fn first(
        gpu: &Gpu,
        steps: u64,
        net: Network,
        recipe: Recipe,
        split: GpuSplit,
        snapshots: u64,
    ) -> Self {
        let trainer = Trainer::new(gpu, net, recipe, split.len);
        let steps = steps.min(trainer.total_steps());
        let every = steps.div_ceil(snapshots.max(2) - 1).max(1);
        Self {
            trainer,
            split,
            steps,
            every,
            download: None,
            snapshots: Vec::new(),
            state: None,
            losses: Vec::new(),
        }
    }

    /// The same for its whole run.
    pub fn new(gpu: &Gpu, net: Network, recipe: Recipe, split: GpuSplit, snapshots: u64) -> Self {
        Self::first(gpu, u64::MAX, net, recipe, split, snapshots)
    }

    /// The network as it was trained, its pictures, and the run.
    pub fn into_parts(self) -> Trained {
        let snapshots = self.outcome();
        let params = self.snapshots.into_iter().map(|(_, params)| params).collect();
        Trained { net: self.trainer.net, split: self.split, snapshots, params, state: self.state }
    }

    fn wanted(&self, step: u64) -> bool {
        (step.is_multiple_of(self.every) || step == self.steps)
            && self.snapshots.last().is_none_or(|(last, _)| *last < step)
    }
}

impl Job for Trajectory {
    type Outcome = Vec<Snapshot>;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        for measured in self.trainer.collect(gpu).map_err(LabError::Refused)? {
            if let Some(what) = measured.not_finite {
                return Err(LabError::Asked(format!(
                    "training diverged at step {}: {what} went to infinity or not-a-number; take a lower learning rate",
                    measured.record.step
                )));
            }
            self.losses.push(measured.record.loss);
        }
        let step = self.trainer.submitted();
        match self.download.take() {
            Some((step, download)) if download.is_ready() => {
                let state = self.trainer.net.decode_state(download).map_err(LabError::Refused)?;
                if step == self.steps {
                    self.state = Some(state.clone());
                }
                self.snapshots.push((step, state.params));
            }
            None if gpu.in_flight() > 2 => {}
            None if !self.trainer.at_boundary() => {
                self.trainer.advance(gpu, gpu.facts.class.flops() * 0.1);
            }
            None if self.wanted(step) => self.download = Some((step, self.trainer.net.download_state(gpu))),
            None if step < self.steps => {
                self.trainer.begin_step(gpu, &self.split)?;
            }
            waiting => self.download = waiting,
        }
        let all = self.snapshots.last().is_some_and(|(last, _)| *last == self.steps)
            && self.losses.len() as u64 == self.steps;
        let total = self.steps + 1;
        Ok(Progress { done: if all { total } else { step.min(self.steps) }, total, what: "training".into() })
    }

    fn outcome(&self) -> Vec<Snapshot> {
        let with_loss =
            |&(step, _): &(u64, _)| Snapshot { step, loss: self.losses.get(step as usize).copied() };
        self.snapshots.iter().map(with_loss).collect()
    }
}
