//! The engines besides the own one that this program was built with.

use crate::gpu::Gpu;
use crate::model::ModelSpec;
use crate::train::Recipe;
use crate::train::engine::{Engine, EngineKind};

/// `spec` with the recipe's initial weights in the engine `kind`, to be trained on `images` pictures in at most
/// `gpu_memory` bytes. The own engine is built in steps instead ([`crate::session`], [`crate::lab::building`]).
///
/// # Errors
///
/// If this program has no such engine, the network is impossible, or it exceeds the memory.
pub fn another(
    kind: EngineKind,
    gpu: &Gpu,
    spec: &ModelSpec,
    recipe: &Recipe,
    images: usize,
    gpu_memory: u64,
) -> Result<Box<dyn Engine>, String> {
    match kind.check()? {
        #[cfg(feature = "burn")]
        EngineKind::Burn | EngineKind::BurnCpu => {
            let graph = crate::model::Graph::new(spec).map_err(|e| e.to_string())?;
            let options = crate::burn::Options { kind, gpu_memory };
            let trainer = crate::burn::Trainer::new(gpu, graph, recipe.clone(), images, &options)?;
            Ok(Box::new(trainer))
        }
        kind => {
            // Without another engine there is nothing to look at.
            let _ = (gpu, spec, recipe, images, gpu_memory);
            Err(format!("the engine '{kind}' is no other engine than the own one"))
        }
    }
}
