//! Experiments that a session can be told to do, and what it shows of them.

use crate::lab::Progress;
use crate::lab::cause_grid::{Cell, GridOutcome, GridSettings};
use crate::lab::lesion::{Kind, LesionOutcome};
use serde::{Deserialize, Serialize};

/// One experiment of [`crate::lab`] and what it is to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Experiment {
    /// Blocks of the present network dropped, exchanged or scrambled, one at a time.
    Lesion(LesionSetup),
    /// Small runs over depth, skip, batch norm and initial weights.
    CauseGrid(CauseSetup),
}

impl Experiment {
    /// Whether it is about the present network and its weights.
    pub fn needs_network(&self) -> bool {
        match self {
            Self::Lesion(_) => true,
            Self::CauseGrid(_) => false,
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

/// What an experiment has found so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// One network, or it and its twin.
    Lesion(Vec<LesionOutcome>),
    CauseGrid(GridOutcome),
}

/// An experiment as it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExperimentView {
    pub experiment: Experiment,
    /// False once it is over, or was stopped.
    pub under_way: bool,
    /// Training steps that the session's own network has done.
    pub step: u64,
    pub progress: Progress,
    /// Absent before it has begun to measure.
    pub found: Option<Found>,
    /// Why it ended before its end.
    pub failed: Option<String>,
}
