//! Networks for an experiment: laid out, their kernels compiled a few at a time, then allocated.

use super::LabError;
use crate::engine::variants::Variants;
use crate::engine::{EngineError, Network, NetworkOptions, Prepared};
use crate::gpu::Gpu;
use crate::model::ModelSpec;
use std::collections::BTreeSet;
use web_time::{Duration, Instant};

/// How long one call may compile kernels.
const COMPILE_SLICE: Duration = Duration::from_millis(12);

/// What an experiment's networks may use.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    pub variants: Variants,
    /// Bytes of GPU memory for all networks of the experiment together, pictures not included.
    pub gpu_memory: u64,
}

/// Networks on their way.
pub struct Building {
    prepared: Vec<Prepared>,
    kernels: Vec<String>,
    of: usize,
}

impl Building {
    /// Lays out `specs`, all for training steps of `batch` pictures; nothing is compiled or allocated yet.
    ///
    /// # Errors
    ///
    /// If one of them is impossible, or all together exceed the memory.
    pub fn new<'a>(
        gpu: &Gpu,
        specs: impl IntoIterator<Item = &'a ModelSpec>,
        batch: usize,
        resources: &Resources,
    ) -> Result<Self, LabError> {
        let mut left = resources.gpu_memory;
        let mut prepared = Vec::new();
        for spec in specs {
            let variants = resources.variants.clone();
            let network = NetworkOptions { batch, eval_batch: batch.max(32), variants, budget: left };
            let one = Prepared::new(spec, network).map_err(|e| with_all(e, resources.gpu_memory))?;
            left -= one.demand.total();
            prepared.push(one);
        }
        let wanted: BTreeSet<String> = prepared.iter().flat_map(Prepared::kernels).collect();
        let kernels: Vec<String> = wanted.into_iter().filter(|k| !gpu.has_kernel(k)).collect();
        Ok(Self { prepared, of: kernels.len(), kernels })
    }

    /// Compiles some kernels; the networks, once all are compiled.
    pub fn advance(&mut self, gpu: &Gpu) -> Option<Vec<Network>> {
        let begin = Instant::now();
        while begin.elapsed() < COMPILE_SLICE
            && let Some(name) = self.kernels.pop()
        {
            gpu.kernel(&name);
        }
        self.kernels.is_empty().then(|| self.prepared.drain(..).map(|p| p.allocate(gpu)).collect())
    }

    /// Kernels compiled, and how many there are to compile.
    pub fn compiled(&self) -> (usize, usize) {
        (self.of - self.kernels.len(), self.of)
    }
}

/// What is left for the last of several networks says nothing to a reader.
fn with_all(error: EngineError, allowed: u64) -> LabError {
    match error {
        EngineError::TooLarge { batch, need, .. } => LabError::Asked(format!(
            "the networks together need more than the {} MiB of GPU memory that are allowed: at batch {batch} the \
             last one alone takes {} MiB; allow more, or take a smaller batch or network",
            allowed >> 20,
            need >> 20,
        )),
        other => other.into(),
    }
}
