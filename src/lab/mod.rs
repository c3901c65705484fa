//! The laboratory: experiments that test what is said about skip connections.
//!
//! Above training and looking, below the session. Every experiment is a [`Job`]: it does a piece of work at
//! a time and waits for nothing, so that a window stays alive beside it and a terminal can show how far it is. To
//! stop one is to not call it again. What it has found so far is plain data with a JSON form.

pub mod alpha;
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
    /// What is being done.
    pub what: Doing,
}

/// What an experiment is doing: [`Display`](std::fmt::Display) says it in English, the window in its language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Doing {
    #[default]
    Nothing,
    /// Compiling kernels, so many of so many.
    Kernels(usize, usize),
    /// Training networks of these names; their last losses, where there are any.
    Training(String, Option<String>),
    /// Going through the test split.
    Testing,
    /// Measuring a network as it is.
    Intact(String),
    /// Measuring the loss around a network.
    Surface(String),
    /// Measuring something with a seed.
    Seed(String, u64),
    /// Sampling paths.
    Paths,
    /// Taking a logit apart.
    Logit,
    /// Names of layers, networks or parts of a step.
    Named(String),
}

impl From<String> for Doing {
    fn from(name: String) -> Self {
        if name.is_empty() { Self::Nothing } else { Self::Named(name) }
    }
}

impl From<&str> for Doing {
    fn from(name: &str) -> Self {
        name.to_owned().into()
    }
}

impl std::fmt::Display for Doing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Kernels(done, of) => write!(f, "{done} of {of} kernels compiled"),
            Self::Training(name, None) => write!(f, "training {name}"),
            Self::Training(name, Some(losses)) => write!(f, "training {name}, loss {losses}"),
            Self::Testing => f.write_str("measuring the test accuracy"),
            Self::Intact(name) => write!(f, "{name} as it is"),
            Self::Surface(name) => write!(f, "surface of {name}"),
            Self::Seed(name, seed) => write!(f, "{name}, seed {seed}"),
            Self::Paths => f.write_str("paths"),
            Self::Logit => f.write_str("one logit"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

impl Serialize for Doing {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
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
