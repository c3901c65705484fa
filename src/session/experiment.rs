//! Experiments that a session can be told to do, and what it shows of them.

use crate::lab::cause_grid::{Cell, GridOutcome, GridSettings};
#[cfg(feature = "burn")]
use crate::lab::engines::Agreement;
use crate::lab::landscape::{Statistics, survey};
use crate::lab::lesion::{Kind, LesionOutcome};
use crate::lab::trust::Trusted;
use crate::lab::{Progress, alpha, identity, paths, shatter};
#[cfg(feature = "burn")]
use crate::train::engine::EngineKind;
use serde::{Deserialize, Serialize};

/// One experiment of [`crate::lab`] and what it is to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
// Commands and views hold it behind a pointer.
#[allow(clippy::large_enum_variant)]
pub enum Experiment {
    /// Blocks of the present network dropped, exchanged or scrambled, one at a time.
    Lesion(LesionSetup),
    /// Small runs over depth, skip, batch norm and initial weights.
    CauseGrid(CauseSetup),
    /// One training step of the present network, held against the f64 reference.
    Trust,
    /// The present network as a collection of paths.
    Paths(PathsSetup),
    /// The loss around trained weights.
    Landscape(LandscapeSetup),
    /// How fast blocks learn to do nothing.
    Identity(IdentitySetup),
    /// A run like the present network's in a second engine beside the own one, from initial weights.
    #[cfg(feature = "burn")]
    Engines(EnginesSetup),
    /// How alike the gradients of neighbouring inputs are at initialisation.
    Shatter(ShatterSetup),
    /// What α on the skips does to signal and gradient at initialisation.
    Alpha(AlphaSetup),
}

impl Experiment {
    /// Whether it takes a copy of the present network, weights and all.
    pub fn needs_network(&self) -> bool {
        match self {
            Self::Lesion(_) | Self::Trust | Self::Paths(_) | Self::Landscape(_) => true,
            Self::CauseGrid(_) | Self::Identity(_) | Self::Shatter(_) | Self::Alpha(_) => false,
            #[cfg(feature = "burn")]
            Self::Engines(_) => false,
        }
    }
}

/// Which lesions, and how they are measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LesionSetup {
    pub kinds: Vec<Kind>,
    /// Test pictures, from the first on; all without a number.
    #[serde(default)]
    pub images: Option<usize>,
    /// Estimate batch norm's running statistics anew after each lesion.
    #[serde(default)]
    pub reestimate: bool,
    /// Do the same to the network's twin, with skips where it has none and without where it has some, trained for as
    /// many steps by the same recipe from the same seed.
    #[serde(default)]
    pub twin: bool,
}

/// A grid of small runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CauseSetup {
    /// `data` is set to the name of the pictures that it is run on.
    pub settings: GridSettings,
    pub cells: Vec<Cell>,
    /// Cells that were run before. If that was in the same way they are not run again.
    #[serde(default)]
    pub done: Option<GridOutcome>,
}

/// How many paths of the present network are sampled, on which pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathsSetup {
    /// Paths of each length, or all where there are fewer.
    pub samples: usize,
    /// Test pictures, from the first on.
    pub images: usize,
    /// The test picture whose logit is taken apart.
    #[serde(default)]
    pub picture: usize,
    /// And the class; without one, the one that wins.
    #[serde(default)]
    pub class: Option<usize>,
    /// Which paths are sampled.
    #[serde(default = "one")]
    pub seed: u64,
}

/// Surfaces of the loss around the present network, or around networks like it, trained anew by its recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LandscapeSetup {
    /// Its twin, too: with skips where it has none, without where it has some.
    pub twin: bool,
    /// The present network as it is; its twin is trained for as many steps.
    #[serde(default)]
    pub present: bool,
    /// Training steps of each network that is trained.
    pub steps: u64,
    /// Points along each axis: 2^k·m + 1.
    pub size: usize,
    /// How far random directions go, in norms of the filters.
    pub reach: f64,
    /// Training pictures that each point's loss is the mean over, from the first on.
    pub images: usize,
    pub statistics: Statistics,
    /// A second surface in the plane of each run.
    #[serde(default)]
    pub path: bool,
    /// Where random directions come from.
    #[serde(default = "one")]
    pub directions: u64,
}

/// Blocks that learn to do next to nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdentitySetup {
    /// Blocks one after the other.
    pub blocks: usize,
    pub steps: u64,
    pub seeds: u64,
    /// Learning rates that every lane runs at.
    pub rates: Vec<f32>,
    /// A lane whose last γ of each block starts at 0.
    #[serde(default)]
    pub zero_gamma: bool,
}

/// The second engine, and for how long both train.
#[cfg(feature = "burn")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnginesSetup {
    pub other: EngineKind,
    /// Training steps, at most as many as the recipe has.
    pub steps: u64,
}

/// Gradients along lines between pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShatterSetup {
    /// 6n + 2.
    pub depths: Vec<usize>,
    /// At least two.
    pub seeds: u64,
    /// Inputs on each line.
    pub points: usize,
}

/// α on the skips of untrained networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlphaSetup {
    /// 6n + 2.
    pub depth: usize,
    /// Between 0 and 2.
    pub alphas: Vec<f32>,
    pub batch_norm: bool,
    pub seeds: u64,
    /// Training pictures in the batch, from the first on.
    pub images: usize,
}

fn one() -> u64 {
    1
}

/// What an experiment has found so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// One network, or it and its twin.
    Lesion(Vec<LesionOutcome>),
    CauseGrid(GridOutcome),
    Trust(Trusted),
    Paths(paths::Outcome),
    Landscape(survey::Outcome),
    Identity(identity::Outcome),
    #[cfg(feature = "burn")]
    Engines(Agreement),
    Shatter(Vec<shatter::Curve>),
    Alpha(alpha::Outcome),
}

/// An experiment as it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExperimentView {
    pub experiment: Experiment,
    /// False once it is over, or was stopped.
    pub under_way: bool,
    /// Whether it was stopped and can go on where it is.
    pub resumable: bool,
    /// Training steps that the session's own network has done.
    pub step: u64,
    pub progress: Progress,
    /// Absent before it has begun to measure.
    pub found: Option<Found>,
    /// Why it ended before its end.
    pub failed: Option<String>,
}
