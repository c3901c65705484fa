//! The GPU: adapter and device, compiled kernels, reading back. Nothing here knows what a ResNet is.

mod context;
mod pacer;
mod readback;
mod shader;
mod stopwatch;

pub use context::{AdapterChoice, AdapterClass, AdapterFacts, Gpu, GpuError, list_adapters};
#[cfg(feature = "burn")]
pub(crate) use context::{Listener, instance};
pub use pacer::Pacer;
pub use readback::{Download, StagingPool};
pub use shader::{Access, Kernel, Kernels, source};
pub use stopwatch::Stopwatch;
