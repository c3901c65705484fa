//! The benchmark of [`crate::bench`] run by Burn: the same weights, pictures and updates, the loss read back each step.

use super::batch::Batch;
use super::net::{Net, Sgd};
use crate::bench::{BenchOptions, BenchResult, median, network};
use crate::engine::{Gates, NetworkState, weights};
use crate::gpu::Gpu;
use crate::model::Graph;
use crate::train::engine::EngineKind;
use std::time::Instant;

/// Times steps; waits for them. Norms and block statistics, which the own engine's step makes as well, are left out.
///
/// # Errors
///
/// If there is no such model, or the device fails.
pub fn bench(gpu: &Gpu, kind: EngineKind, options: &BenchOptions) -> Result<BenchResult, String> {
    let started = Instant::now();
    let graph = Graph::new(&network(options)?).map_err(|e| e.to_string())?;
    let state = NetworkState::initial(&graph, weights::peers(&graph));
    let gates = Gates::of(&graph);
    let side = graph.spec.input_size;
    let device = if kind == EngineKind::BurnCpu { super::cpu() } else { super::open(gpu)? };
    let mut net = Net::new(graph, device, &state);
    let images = weights::peers_inputs(options.batch);
    let batch = Batch { images, labels: weights::peers_labels(options.batch), side };
    let sgd = Sgd { lr: 0.01, momentum: 0.9, weight_decay: 0.0, nesterov: false };
    let (mut losses, mut times, mut first_step_ms) = (Vec::new(), Vec::new(), 0.0);
    let ms = |since: Instant| since.elapsed().as_secs_f64() * 1e3;
    for _ in 0..options.warm + options.steps {
        let begun = Instant::now();
        let step = pollster::block_on(net.step(&batch, &gates, sgd, false))?;
        times.push(ms(begun));
        if losses.is_empty() {
            first_step_ms = ms(started);
        }
        losses.push(f64::from(step.loss));
    }
    if let Some(error) = gpu.take_errors().into_iter().next() {
        return Err(error);
    }
    let ms_per_step = median(times.split_off(options.warm));
    let (peer, adapter) = match kind {
        EngineKind::BurnCpu => ("burn-flex", "CPU".to_owned()),
        _ => ("burn-wgpu", gpu.facts.name.clone()),
    };
    Ok(BenchResult {
        peer,
        model: options.model.clone(),
        batch: options.batch,
        ms_per_step,
        images_per_s: options.batch as f64 / ms_per_step * 1e3,
        first_step_ms,
        timed_steps: options.steps,
        losses,
        adapter,
        dispatches: 0,
        encode_ms: 0.0,
        gpu_bytes: 0,
    })
}
