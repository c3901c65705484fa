//! Looking into a network while it trains: one picture's way through every block, painted on the GPU, and
//! a training step executed layer by layer.

mod atlas;
pub mod colours;
mod exhibit;
mod eye;
mod look;
mod profile;
mod setup;
mod sheet;
mod stepper;
mod watch;
mod worked;

pub use eye::{Eye, EyeContext};
pub use look::RESERVED_ROWS;
pub use profile::Profiler;
pub use stepper::Stepper;
pub use watch::*;
