//! The engine: a [`crate::model::Graph`] becomes a program of WGSL dispatches, planned in memory, made
//! into buffers and bind groups once, and replayed for every step.

pub mod dataset;
mod gates;
pub mod layout;
pub mod memory;
mod network;
pub mod ops;
pub mod plan;
pub mod program;
pub mod reference;
mod tuning;
pub mod variants;
pub mod weights;

pub use gates::Gates;
pub use network::{
    DEFAULT_BUDGET, EVAL_BATCHES, EngineError, Network, NetworkOptions, NetworkState, Prepared, StateCopy,
    StepUniform, estimate, estimate_for,
};
pub use tuning::{Tuning, shapes};
