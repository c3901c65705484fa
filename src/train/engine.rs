//! The seam between a session and whatever computes its network.
//!
//! [`Engine`] is what a session needs: steps and evaluations begun, pushed on and collected without waiting, weights
//! handed in and out. The own engine is [`Own`]; another one lives in a room of its own and meets it only here.

use super::metrics::StepMeta;
use super::trainer::{EvalResult, Measured, Trainer, step_meta};
use super::{Change, Recipe, Surgeries, Surgery, Whom};
use crate::data::Split;
use crate::engine::dataset::GpuSplit;
use crate::engine::program::Mode;
use crate::engine::{Gates, Network, NetworkState};
use crate::gpu::{Download, Gpu};
use crate::model::Graph;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Which engine computes a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// Skipscope's own WGSL kernels.
    #[default]
    Own,
    /// Burn on wgpu.
    Burn,
    /// Burn on the CPU (burn-flex), without any adapter.
    BurnCpu,
}

impl EngineKind {
    pub const ALL: [Self; 3] = [Self::Own, Self::Burn, Self::BurnCpu];

    /// As on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Burn => "burn",
            Self::BurnCpu => "burn-cpu",
        }
    }

    /// Whether this build has it: Burn takes the cargo feature `burn`, and its CPU backend a machine with threads.
    pub const fn is_built_in(self) -> bool {
        match self {
            Self::Own => true,
            Self::Burn => cfg!(feature = "burn"),
            Self::BurnCpu => cfg!(all(feature = "burn", not(target_arch = "wasm32"))),
        }
    }

    /// # Errors
    ///
    /// If this build does not have it: says how to get one that does.
    pub fn check(self) -> Result<Self, String> {
        if self.is_built_in() {
            return Ok(self);
        }
        Err(format!(
            "this program was built without the engine '{self}'; build it with `cargo build --release --features burn`"
        ))
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A split, wherever an engine takes its pictures from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub gpu: &'a GpuSplit,
    /// The same in memory; kept only where an engine is built in that asks for it.
    pub host: Option<&'a Arc<Split>>,
}

/// A network being trained by a recipe, whatever computes it. Nothing here waits.
///
/// A pass (a step, or a batch of an evaluation) is begun at a boundary, pushed on by `advance` until there is a
/// boundary again, and what it has measured is collected some time later, in order.
pub trait Engine {
    fn kind(&self) -> EngineKind;

    fn graph(&self) -> &Graph;

    fn recipe(&self) -> &Recipe;

    /// Takes effect at the next step. Batch, initial weights and seed stay what they are.
    fn set_recipe(&mut self, recipe: Recipe);

    /// Pictures of the training split.
    fn train_images(&self) -> usize;

    /// Bytes of GPU memory, pictures not included, where the engine knows them.
    fn gpu_bytes(&self) -> u64;

    /// Launches in a training step of `images` pictures, where the engine knows them.
    fn dispatches(&self, images: usize) -> usize;

    /// Kernel variant of each operation that has a choice.
    fn variants(&self) -> BTreeMap<String, String>;

    /// What computes, as a checkpoint records it.
    fn device(&self, gpu: &Gpu) -> String;

    /// Steps done but for their measurements; weights are those after them.
    fn submitted(&self) -> u64;

    /// Steps whose measurements have arrived.
    fn measured(&self) -> u64;

    /// Whether no pass is under way: weights are whole, commands can be carried out.
    fn at_boundary(&self) -> bool;

    /// Whether the test split is being gone through.
    fn is_evaluating(&self) -> bool;

    /// How often a step had to wait because its measurements found no place.
    fn ring_waits(&self) -> u64 {
        0
    }

    /// Back to step 0 and initial weights; α stays as it is now, lesions do not. At a boundary.
    fn restart(&mut self, gpu: &Gpu);

    /// Goes on from `state` after `step` steps, in which `surgeries` were done. At a boundary.
    fn resume(&mut self, gpu: &Gpu, state: &NetworkState, step: u64, surgeries: Vec<Surgery>);

    /// Other pictures from now on.
    fn set_data(&mut self, train_images: usize);

    /// Begins the next step; false if it cannot yet. At a boundary.
    ///
    /// # Errors
    ///
    /// Says what the engine could not do.
    fn begin_step(&mut self, gpu: &Gpu, train: Source<'_>) -> Result<bool, String>;

    /// Starts going through `images` test pictures.
    ///
    /// # Errors
    ///
    /// If they are too many.
    fn begin_evaluation(&mut self, gpu: &Gpu, images: usize) -> Result<(), String>;

    /// Begins the next batch of the evaluation; false when all are submitted. At a boundary.
    ///
    /// # Errors
    ///
    /// As `begin_step`.
    fn begin_eval_batch(&mut self, gpu: &Gpu, test: Source<'_>) -> Result<bool, String>;

    /// Submits some `work` operations of the pass under way; answers how many it has submitted. 0 of an engine that
    /// needs no pushing.
    fn advance(&mut self, gpu: &Gpu, work: f64) -> f64;

    /// Takes what steps have measured.
    ///
    /// # Errors
    ///
    /// Once, when the engine has failed; it begins nothing any more then.
    fn collect(&mut self, gpu: &Gpu) -> Result<Vec<Measured>, String>;

    /// The evaluation's result, once it is there.
    fn collect_evaluation(&mut self) -> Option<Result<EvalResult, String>>;

    /// Current gates of every block.
    fn gates(&self) -> &[Gates];

    /// Operates on some blocks from the next step on; `state` holds the numbers in place, where
    /// [`Surgeries::edit`] asks for them. At a boundary.
    ///
    /// # Errors
    ///
    /// As [`Surgeries::operate`].
    fn operate(
        &mut self,
        gpu: &Gpu,
        whom: Whom,
        change: Change,
        state: Option<&mut NetworkState>,
    ) -> Result<Surgery, String>;

    fn surgeries(&self) -> &Surgeries;

    /// As `surgeries`.
    fn surgeries_mut(&mut self) -> &mut Surgeries;

    /// Starts reading weights and optimiser state back. At a boundary.
    fn begin_reading(&mut self, gpu: &Gpu);

    /// What was read, once it is there.
    fn collect_state(&mut self) -> Option<Result<NetworkState, String>>;

    /// The own engine's trainer: what looks, and steps executed layer by layer, need.
    fn own(&self) -> Option<&Trainer> {
        None
    }

    /// As `own`.
    fn own_mut(&mut self) -> Option<&mut Trainer> {
        None
    }

    /// Steps of the whole run.
    fn total_steps(&self) -> u64 {
        self.recipe().total_steps(self.train_images())
    }

    /// Steps in an epoch.
    fn steps_per_epoch(&self) -> u64 {
        self.recipe().steps_per_epoch(self.train_images())
    }

    /// What is known about step `step` before it is done.
    fn meta(&self, step: u64) -> StepMeta {
        step_meta(self.recipe(), self.train_images(), step)
    }
}

/// Skipscope's own engine behind the seam.
pub struct Own {
    trainer: Trainer,
    reading: Option<Download>,
}

impl Own {
    /// Step 0, with initial weights from the recipe.
    pub fn new(gpu: &Gpu, net: Network, recipe: Recipe, train_images: usize) -> Self {
        Self { trainer: Trainer::new(gpu, net, recipe, train_images), reading: None }
    }
}

impl Engine for Own {
    fn kind(&self) -> EngineKind {
        EngineKind::Own
    }

    fn graph(&self) -> &Graph {
        &self.trainer.net.graph
    }

    fn recipe(&self) -> &Recipe {
        &self.trainer.recipe
    }

    fn set_recipe(&mut self, recipe: Recipe) {
        self.trainer.recipe = recipe;
    }

    fn train_images(&self) -> usize {
        self.trainer.train_images()
    }

    fn gpu_bytes(&self) -> u64 {
        self.trainer.net.total_bytes()
    }

    fn dispatches(&self, images: usize) -> usize {
        let batch = self.trainer.net.batch.min(images);
        self.trainer.net.plan(Mode::Train, batch).map_or(0, |p| p.items.len())
    }

    fn variants(&self) -> BTreeMap<String, String> {
        self.trainer.net.variants.as_map().clone()
    }

    fn device(&self, gpu: &Gpu) -> String {
        gpu.facts.id()
    }

    fn submitted(&self) -> u64 {
        self.trainer.submitted()
    }

    fn measured(&self) -> u64 {
        self.trainer.measured()
    }

    fn at_boundary(&self) -> bool {
        self.trainer.at_boundary()
    }

    fn is_evaluating(&self) -> bool {
        self.trainer.is_evaluating()
    }

    fn ring_waits(&self) -> u64 {
        self.trainer.ring_waits
    }

    fn restart(&mut self, gpu: &Gpu) {
        self.trainer.restart(gpu);
    }

    fn resume(&mut self, gpu: &Gpu, state: &NetworkState, step: u64, surgeries: Vec<Surgery>) {
        self.trainer.net.upload(gpu, state);
        self.trainer.continue_at(step);
        self.trainer.set_surgeries(surgeries);
    }

    fn set_data(&mut self, train_images: usize) {
        self.trainer.set_data(train_images);
    }

    fn begin_step(&mut self, gpu: &Gpu, train: Source<'_>) -> Result<bool, String> {
        self.trainer.begin_step(gpu, train.gpu).map_err(|e| e.to_string())
    }

    fn begin_evaluation(&mut self, gpu: &Gpu, images: usize) -> Result<(), String> {
        self.trainer.begin_evaluation(gpu, images)
    }

    fn begin_eval_batch(&mut self, gpu: &Gpu, test: Source<'_>) -> Result<bool, String> {
        self.trainer.begin_eval_batch(gpu, test.gpu).map_err(|e| e.to_string())
    }

    fn advance(&mut self, gpu: &Gpu, work: f64) -> f64 {
        self.trainer.advance(gpu, work)
    }

    fn collect(&mut self, gpu: &Gpu) -> Result<Vec<Measured>, String> {
        self.trainer.collect(gpu)
    }

    fn collect_evaluation(&mut self) -> Option<Result<EvalResult, String>> {
        self.trainer.collect_evaluation()
    }

    fn gates(&self) -> &[Gates] {
        self.trainer.gates()
    }

    fn operate(
        &mut self,
        gpu: &Gpu,
        whom: Whom,
        change: Change,
        state: Option<&mut NetworkState>,
    ) -> Result<Surgery, String> {
        self.trainer.operate(gpu, whom, change, state)
    }

    fn surgeries(&self) -> &Surgeries {
        self.trainer.surgeries()
    }

    fn surgeries_mut(&mut self) -> &mut Surgeries {
        self.trainer.surgeries_mut()
    }

    fn begin_reading(&mut self, gpu: &Gpu) {
        self.reading = Some(self.trainer.net.download_state(gpu));
    }

    fn collect_state(&mut self) -> Option<Result<NetworkState, String>> {
        if !self.reading.as_ref()?.is_ready() {
            return None;
        }
        Some(self.trainer.net.decode_state(self.reading.take()?))
    }

    fn own(&self) -> Option<&Trainer> {
        Some(&self.trainer)
    }

    fn own_mut(&mut self) -> Option<&mut Trainer> {
        Some(&mut self.trainer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_command_line_and_of_json() {
        for kind in EngineKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("plain"), kind.name());
        }
    }

    #[test]
    fn what_is_not_built_in_is_refused_with_what_to_do() {
        assert_eq!(EngineKind::Own.check(), Ok(EngineKind::Own));
        for kind in [EngineKind::Burn, EngineKind::BurnCpu] {
            let refused = kind.check().err();
            assert_eq!(refused.is_none(), cfg!(feature = "burn"));
            assert!(refused.is_none_or(|text| text.contains("--features burn")));
        }
    }
}
