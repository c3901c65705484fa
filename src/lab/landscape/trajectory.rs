//! A training run that keeps snapshots of its weights.

use crate::engine::dataset::GpuSplit;
use crate::engine::{Network, NetworkState};
use crate::gpu::{Download, Gpu};
use crate::lab::{Job, LabError, Progress, poll};
use crate::train::Recipe;
use crate::train::trainer::Trainer;
use serde::Serialize;

/// The weights after `step` steps, and the loss of the batch that came next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    pub step: u64,
    /// `None` for the last one, which no batch came after.
    pub loss: Option<f32>,
    #[serde(skip)]
    pub state: NetworkState,
}

/// Training under way.
pub struct Trajectory {
    trainer: Trainer,
    split: GpuSplit,
    steps: u64,
    every: u64,
    /// The step whose weights are on their way.
    download: Option<(u64, Download)>,
    snapshots: Vec<Snapshot>,
    losses: Vec<f32>,
}

impl Trajectory {
    /// Trains `net` by `recipe` for its whole run and keeps about `snapshots` of its weights, first and last included.
    pub fn new(gpu: &Gpu, net: Network, recipe: Recipe, split: GpuSplit, snapshots: u64) -> Self {
        let trainer = Trainer::new(gpu, net, recipe, split.len);
        let steps = trainer.total_steps();
        let every = steps.div_ceil(snapshots.max(2) - 1).max(1);
        Self { trainer, split, steps, every, download: None, snapshots: Vec::new(), losses: Vec::new() }
    }

    /// The network as it was trained, its pictures, and the run.
    pub fn into_parts(self) -> (Network, GpuSplit, Vec<Snapshot>) {
        let snapshots = self.outcome();
        (self.trainer.net, self.split, snapshots)
    }

    fn wanted(&self, step: u64) -> bool {
        (step.is_multiple_of(self.every) || step == self.steps)
            && self.snapshots.last().is_none_or(|s| s.step < step)
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
                self.snapshots.push(Snapshot { step, loss: None, state });
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
        let all = self.snapshots.last().is_some_and(|s| s.step == self.steps)
            && self.losses.len() as u64 == self.steps;
        let total = self.steps + 1;
        Ok(Progress { done: if all { total } else { step.min(self.steps) }, total, what: "training".into() })
    }

    fn outcome(&self) -> Vec<Snapshot> {
        let with_loss =
            |s: &Snapshot| Snapshot { loss: self.losses.get(s.step as usize).copied(), ..s.clone() };
        self.snapshots.iter().map(with_loss).collect()
    }
}
