//! One [`Session`] behind window, page, terminal and tests: commands in, events and snapshots out.

mod experiment;
mod protocol;
#[allow(clippy::module_inception)]
mod session;

pub use crate::lab::cause_grid::{Cell, CellResult, GridOutcome, GridSettings, HEALTHY, Mark, VANISHING};
pub use crate::lab::landscape::Statistics;
pub use crate::lab::lesion::{Kind as LesionKind, Lesion, LesionOutcome, Lesioned, Measured};
pub use crate::lab::race::{Difference, Lane, LaneOutcome, LaneRun, RaceOutcome};
pub use crate::probe::{
    BATCH_PAGE, BINS, CloseUp, Maps, Mosaic, Picture, Probe, Profile, RecordRef, Role, SHEET_MOST, Seen,
    Slice, SlicePhase, SplitName, Stage, TestDetail, Tile, Watch, Worked, WorkedConv, WorkedNorm,
};
pub use crate::train::engine::EngineKind;
pub use crate::train::{BlockStats, Change, Moments, StepRecord, Surgery, Whom};
#[cfg(feature = "burn")]
pub use experiment::EnginesSetup;
pub use experiment::{
    AlphaSetup, CauseSetup, Experiment, ExperimentView, Found, IdentitySetup, LandscapeSetup, LesionSetup,
    PathsSetup, ShatterSetup,
};
pub use protocol::{
    Build, Command, DataInfo, DataSource, Evaluation, Event, HyperChange, ModelInfo, Phase, RaceSetup,
    RaceView, Snapshot,
};
pub use session::{Activity, Session, SessionOptions};
