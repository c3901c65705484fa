//! Networks for an experiment: laid out, their kernels compiled a few at a time, then allocated.

use super::LabError;
use crate::engine::variants::Variants;
use crate::engine::{EngineError, Network, NetworkOptions, Prepared};
use crate::gpu::Gpu;
use crate::model::ModelSpec;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use web_time::{Duration, Instant};

/// How long one call may compile kernels.
const COMPILE_SLICE: Duration = Duration::from_millis(12);

/// What the device said of a kernel, once it has answered.
type ScopeResult = Pin<Box<dyn Future<Output = Option<wgpu::Error>>>>;

/// What an experiment's networks may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    pub variants: Variants,
    /// Bytes of GPU memory for all networks of the experiment together, pictures not included.
    pub gpu_memory: u64,
}

/// The memory of an experiment, as its networks are laid out one after the other.
pub(super) struct Budget<'a> {
    resources: &'a Resources,
    left: u64,
}

impl<'a> Budget<'a> {
    pub(super) fn new(resources: &'a Resources) -> Self {
        Self { resources, left: resources.gpu_memory }
    }

    /// Lays out `spec` in what the networks before it have left.
    pub(super) fn prepare(
        &mut self,
        spec: &ModelSpec,
        batch: usize,
        eval_batch: usize,
    ) -> Result<Prepared, LabError> {
        let variants = self.resources.variants.clone();
        let options = NetworkOptions { batch, eval_batch, variants, budget: self.left };
        let prepared = Prepared::new(spec, options).map_err(|e| with_all(e, self.resources.gpu_memory))?;
        self.left -= prepared.demand.total();
        Ok(prepared)
    }
}

/// Refuses a network that has no logit for some of the pictures' `classes`.
///
/// # Errors
///
/// Names the network.
pub fn has_classes(name: &str, spec: &ModelSpec, classes: usize) -> Result<(), LabError> {
    if spec.classes < classes {
        let there = spec.classes;
        return Err(LabError::Asked(format!("{name} has {there} classes, the pictures {classes}")));
    }
    Ok(())
}

/// Networks on their way.
pub struct Building {
    prepared: Vec<Prepared>,
    kernels: Vec<String>,
    of: usize,
    /// Error scopes of compiled kernels.
    scopes: Vec<(String, ScopeResult)>,
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
        let mut budget = Budget::new(resources);
        let lay_out = |spec: &'a ModelSpec| budget.prepare(spec, batch, batch.max(32));
        let prepared = specs.into_iter().map(lay_out).collect::<Result<Vec<_>, _>>()?;
        let wanted: BTreeSet<String> = prepared.iter().flat_map(Prepared::kernels).collect();
        let kernels: Vec<String> = wanted.into_iter().filter(|k| !gpu.has_kernel(k)).collect();
        Ok(Self { prepared, of: kernels.len(), kernels, scopes: Vec::new() })
    }

    /// Compiles some kernels; the networks, once all are compiled and the device has found nothing wrong with any.
    ///
    /// # Errors
    ///
    /// If a kernel does not compile on this adapter. It is compiled, and refused, again the next time.
    pub fn advance(&mut self, gpu: &Gpu) -> Result<Option<Vec<Network>>, LabError> {
        let begin = Instant::now();
        while begin.elapsed() < COMPILE_SLICE
            && let Some(name) = self.kernels.pop()
        {
            let scope = gpu.device.push_error_scope(wgpu::ErrorFilter::Validation);
            gpu.kernel(&name);
            self.scopes.push((name, Box::pin(scope.pop())));
        }
        if !self.kernels.is_empty() {
            return Ok(None);
        }
        while let Some((name, scope)) = self.scopes.last_mut() {
            match scope.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                // A browser answers later.
                Poll::Pending => return Ok(None),
                Poll::Ready(None) => {
                    self.scopes.pop();
                }
                Poll::Ready(Some(error)) => {
                    let kernel = name.clone();
                    // Those that were not asked about may be broken too.
                    self.scopes.drain(..).for_each(|(name, _)| gpu.forget_kernel(&name));
                    return Err(LabError::Kernel { kernel, error: error.to_string() });
                }
            }
        }
        Ok(Some(self.prepared.drain(..).map(|p| p.allocate(gpu)).collect()))
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
