//! What several experiments share.

use super::LabError;
use crate::engine::plan::Plan;
use crate::gpu::Gpu;

/// A plan that should be there is not: a fault of the experiment.
pub fn no_plan() -> LabError {
    LabError::Refused("the plan was not made".into())
}

/// Submits the first `end` launches of a plan, in pieces that no watchdog kills; answers their work.
pub fn submit(gpu: &Gpu, plan: &Plan, end: usize) -> f64 {
    let (mut at, mut all) = (0, 0.0);
    while at < end {
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut work = 0.0;
        while at < end && work < gpu.facts.class.flops() * 0.1 {
            let (next, done) = plan.encode(&mut encoder, at, 0.0);
            (at, work) = (next, work + done);
        }
        gpu.submit(encoder.finish());
        all += work;
    }
    all
}

/// Whether a kernel only makes gradients of parameters: a pass that wants those of activations alone, in a network
/// without batch norm, does without it.
pub fn is_of_parameters(kernel: &str) -> bool {
    let name = kernel.split('/').next().unwrap_or_default();
    name.starts_with("conv_weight_grad")
        || matches!(name, "sum_chunks" | "affine_backward_reduce" | "affine_backward_finalize")
}

/// Mean and its standard error, which is 0 for a single value.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let var = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, (var / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_standard_error() {
        assert_eq!(mean_and_error(&[1.0, 3.0]), (2.0, 1.0));
        assert_eq!(mean_and_error(&[5.0]), (5.0, 0.0));
    }
}
