//! What the kernels of a step cost before they run for the first time, natively: some drivers compile when a pipeline is
//! made, others when it is first used.

use super::{Bench, BenchOptions, Stage};
use crate::engine::program::Mode;
use crate::engine::variants::Variants;
use crate::gpu::Gpu;
use serde::Serialize;
use std::collections::HashSet;
use std::time::Instant;

/// One kernel of a step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cold {
    pub kernel: String,
    /// Time to make its pipeline.
    pub make_ms: f64,
    /// What its first run takes longer than its second.
    pub first_ms: f64,
}

/// Makes and runs every kernel of a training step, those that cost most first. The device must have compiled nothing.
///
/// # Errors
/// If there is no such model or variant, the network does not fit, or the device fails.
pub fn cold(gpu: &Gpu, options: BenchOptions, variants: Variants) -> Result<Vec<Cold>, String> {
    let batch = options.batch;
    let mut bench = Bench::new(gpu, options, variants)?;
    let Stage::Compile { prepared, kernels } = std::mem::replace(&mut bench.stage, Stage::Done) else {
        return Err(
            "which kernels are fastest here is not known yet, and finding out would compile them; run the \
                    benchmark once without --cold, or name kernels with --variant"
                .into(),
        );
    };
    let mut list: Vec<Cold> = kernels
        .into_iter()
        .map(|kernel| {
            let begin = Instant::now();
            gpu.kernel(&kernel);
            Cold { kernel, make_ms: begin.elapsed().as_secs_f64() * 1e3, first_ms: 0.0 }
        })
        .collect();
    let net = bench.set_up(gpu, *prepared)?;
    let plan = net.plan(Mode::Train, batch).ok_or("the plan was not made")?;
    let program = net.program(Mode::Train, batch).ok_or("the program was not made")?;
    gpu.wait();
    let run = |i| {
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        plan.encode_dispatch(&mut encoder, i, 1);
        let begin = Instant::now();
        gpu.submit(encoder.finish());
        gpu.wait();
        begin.elapsed().as_secs_f64() * 1e3
    };
    let mut seen = HashSet::new();
    for (i, dispatch) in program.dispatches.iter().enumerate() {
        if seen.insert(&dispatch.kernel)
            && let Some(cold) = list.iter_mut().find(|c| c.kernel == dispatch.kernel)
        {
            let first = run(i);
            cold.first_ms = (first - run(i)).max(0.0);
        }
    }
    if let Some(error) = gpu.take_errors().into_iter().next() {
        return Err(error);
    }
    list.sort_by(|a, b| (b.make_ms + b.first_ms).total_cmp(&(a.make_ms + a.first_ms)));
    Ok(list)
}
