//! The laboratory: experiments that test what is said about skip connections.
//!
//! Above training and looking, below the session. Every experiment is a [`Job`]: it does a piece of work at
//! a time and waits for nothing, so that a window stays alive beside it and a terminal can show how far it is. To
//! stop one is to not call it again. What it has found so far is plain data with a JSON form.

pub mod building;
pub mod cause_grid;
mod common;
pub mod engines;
mod fold;
pub mod identity;
pub mod landscape;
pub mod lesion;
pub mod paths;
pub mod race;
pub mod shatter;
pub mod trust;

use crate::checkpoint::CheckpointError;
use crate::engine::plan::PlanError;
use crate::engine::{EngineError, Gates, NetworkState};
use crate::gpu::Gpu;
use crate::model::{ModelSpec, SpecError};
use crate::train::{Recipe, RecipeError};
use serde::Serialize;

/// A network that an experiment is made on.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub name: &'a str,
    pub spec: &'a ModelSpec,
    /// Those of its blocks.
    pub gates: &'a [Gates],
    pub state: &'a NetworkState,
    /// How it is trained, or was: pictures are normalised as there.
    pub recipe: &'a Recipe,
}

/// An experiment under way.
pub trait Job {
    /// What it finds.
    type Outcome: Serialize;

    /// Does a piece of work: as much as a slice of GPU work, or some 20 ms on the CPU. Never waits for the
    /// GPU; where only that is left to do, it answers at once. After the end it does nothing.
    ///
    /// # Errors
    ///
    /// What went wrong ends the experiment.
    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError>;

    /// What was found so far; all of it once [`Progress::is_done`].
    fn outcome(&self) -> Self::Outcome;
}

/// How far an experiment is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Of `total`, in units of the experiment's own: steps, points, cells.
    pub done: u64,
    pub total: u64,
    /// What is being done, in a few words.
    pub what: String,
}

impl Progress {
    /// Whether the experiment is complete.
    pub fn is_done(&self) -> bool {
        self.done >= self.total
    }
}

/// Why an experiment cannot be done, or go on.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error("the GPU device is lost ({0}); start the experiment again")]
    Lost(String),
    #[error("the GPU refused a command: {0}")]
    Refused(String),
    #[error("the kernel {kernel} does not compile on this adapter: {error}")]
    Kernel { kernel: String, error: String },
    /// What was asked for makes no sense; says what would.
    #[error("{0}")]
    Asked(String),
}

/// Takes note of what the GPU has finished, without waiting; fails if it is gone or has refused something.
///
/// # Errors
///
/// [`LabError::Lost`] and [`LabError::Refused`].
pub fn poll(gpu: &Gpu) -> Result<(), LabError> {
    gpu.poll();
    if let Some(reason) = gpu.lost() {
        return Err(LabError::Lost(reason));
    }
    match gpu.take_errors().into_iter().next() {
        Some(error) => Err(LabError::Refused(error)),
        None => Ok(()),
    }
}
