//! One [`Session`] behind window, page, terminal and tests: commands in, events and snapshots out.

mod protocol;
#[allow(clippy::module_inception)]
mod session;
mod watch;

pub use crate::train::{BlockStats, Moments, StepRecord};
pub use protocol::{
    Build, Command, DataInfo, DataSource, Evaluation, Event, HyperChange, ModelInfo, Phase, Snapshot,
};
pub use session::{Activity, Session, SessionOptions};
pub use watch::{
    BINS, CloseUp, Maps, Mosaic, Picture, Probe, Profile, RecordRef, Role, SHEET_MOST, Seen, Slice,
    SlicePhase, SplitName, Stage, TestDetail, Tile, Watch, Worked, WorkedConv, WorkedNorm,
};
