//! What several experiments share.

use super::LabError;
use crate::engine::dataset::GpuSplit;
use crate::engine::plan::Plan;
use crate::gpu::{Gpu, Pacer};
use crate::train::trainer::{EvalResult, Trainer};

/// A plan that should be there is not: a fault of the experiment.
pub fn no_plan() -> LabError {
    LabError::Refused("the plan was not made".into())
}

/// Submits the first `end` launches of a plan, in pieces that no watchdog kills; answers their work.
pub fn submit(gpu: &Gpu, plan: &Plan, end: usize) -> f64 {
    let (mut at, mut all) = (0, 0.0);
    while at < end {
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let (next, work) = plan.encode_to(&mut encoder, at, end, gpu.facts.class.flops() * 0.1);
        gpu.submit(encoder.finish());
        (at, all) = (next, all + work);
    }
    all
}

/// Submits slices of training steps while the GPU has room for them; begins none once `steps` are done.
pub fn train(
    gpu: &Gpu,
    trainer: &mut Trainer,
    split: &GpuSplit,
    pacer: &mut Pacer,
    steps: u64,
) -> Result<(), LabError> {
    while pacer.may_submit(gpu) {
        if trainer.at_boundary() {
            let more = trainer.submitted() < trainer.total_steps().min(steps);
            if !more || !trainer.begin_step(gpu, split)? {
                break;
            }
        }
        let work = trainer.advance(gpu, pacer.slice());
        pacer.submitted(work);
    }
    Ok(())
}

/// Goes on with an evaluation that has begun while the GPU has room for it; its result, once it is there.
pub fn evaluate(
    gpu: &Gpu,
    trainer: &mut Trainer,
    split: &GpuSplit,
    pacer: &mut Pacer,
) -> Result<Option<EvalResult>, LabError> {
    while pacer.may_submit(gpu) {
        if trainer.at_boundary() && !trainer.begin_eval_batch(gpu, split)? {
            break;
        }
        let work = trainer.advance(gpu, pacer.slice());
        pacer.submitted(work);
    }
    trainer.collect_evaluation().transpose().map_err(LabError::Refused)
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
