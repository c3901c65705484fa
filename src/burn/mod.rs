//! Burn as the second engine: the same networks, weights, pictures and updates, computed by another framework.
//!
//! A second opinion for whoever doubts the own kernels, and a yardstick for them. [`Net`] is a [`Graph`] in Burn's
//! tensors with Burn's automatic differentiation; [`Trainer`] keeps it in a thread of its own and stands behind the
//! seam of [`crate::train::engine`]; `golden` and `bench` run it as the own engine is run there.
//!
//! [`Graph`]: crate::model::Graph

mod batch;
#[cfg(not(target_arch = "wasm32"))]
mod bench;
mod device;
#[cfg(not(target_arch = "wasm32"))]
mod golden;
mod net;
mod trainer;
mod worker;

pub use batch::{Batch, gather};
#[cfg(not(target_arch = "wasm32"))]
pub use bench::bench;
pub use burn_tensor::Device;
#[cfg(not(target_arch = "wasm32"))]
pub use device::{cpu, open};
#[cfg(not(target_arch = "wasm32"))]
pub use golden::golden;
pub use net::{Net, Sgd, Step};
pub use trainer::{Options, Trainer};
