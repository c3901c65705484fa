//! What is measured in a step, and how it is read from the GPU's records.

use crate::engine::layout::RecordLayout;
use crate::model::Graph;
use serde::{Deserialize, Serialize};

/// Mean and standard deviation (population) over one batch and all channels and pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    pub mean: f32,
    pub std: f32,
}

impl Moments {
    /// Root mean square: √(mean² + std²).
    pub fn rms(self) -> f32 {
        self.mean.hypot(self.std)
    }
}

/// Statistics of one block in one training step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlockStats {
    /// α·shortcut(x); zero in a plain network.
    pub shortcut: Moments,
    /// β·F(x); β is 1 unless the branch is lesioned.
    pub branch: Moments,
    /// β·F(x) + α·shortcut(x), before ReLU.
    pub sum: Moments,
    /// After ReLU.
    pub output: Moments,
    /// Share of the output's channels that are 0 everywhere in the batch: ReLUs that let nothing through.
    pub dead: f32,
}

impl BlockStats {
    /// rms(α·shortcut(x)) / (rms(α·shortcut(x)) + rms(F(x))): how much of the signal into ⊕ came
    /// through the skip. 0 in a plain network.
    pub fn skip_share(&self) -> f32 {
        let (s, f) = (self.shortcut.rms(), self.branch.rms());
        if s + f > 0.0 { s / (s + f) } else { 0.0 }
    }
}

/// What was measured in one training step; nothing is dropped between steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// From 0, over the whole run.
    pub step: u64,
    /// From 0.
    pub epoch: u32,
    /// Batch index within the epoch, from 0.
    pub batch_index: u64,
    /// Images in this batch; the last of an epoch may be shorter.
    pub images: u32,
    pub lr: f32,
    /// Mean cross-entropy of the batch before the update, in nats.
    pub loss: f32,
    /// Share of the batch classified correctly before the update, 0 to 1.
    pub accuracy: f32,
    /// L2 norm of each parameter's gradient without weight decay, in the graph's order.
    pub grad_norm: Vec<f32>,
    /// L2 norm of each parameter after the update.
    pub weight_norm: Vec<f32>,
    /// L2 norm of what the update added to each parameter.
    pub update_norm: Vec<f32>,
    /// One for each block.
    pub blocks: Vec<BlockStats>,
}

/// What the CPU knew about a step when it was submitted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepMeta {
    pub step: u64,
    pub epoch: u32,
    pub batch_index: u64,
    pub images: u32,
    pub lr: f32,
    /// Whether it is the last step of its epoch.
    pub ends_epoch: bool,
}

/// One record of the ring → what was measured, and what is not finite in it, if anything.
pub fn decode(
    graph: &Graph,
    layout: &RecordLayout,
    meta: &StepMeta,
    words: &[f32],
) -> (StepRecord, Option<String>) {
    let at = |vec4: usize, lane: usize| words[vec4 * 4 + lane];
    let params = layout.first_param();
    let record = StepRecord {
        step: meta.step,
        epoch: meta.epoch,
        batch_index: meta.batch_index,
        images: meta.images,
        lr: meta.lr,
        loss: at(0, 0),
        accuracy: at(0, 1),
        grad_norm: (0..layout.params).map(|p| at(params + p, 0)).collect(),
        weight_norm: (0..layout.params).map(|p| at(params + p, 1)).collect(),
        update_norm: (0..layout.params).map(|p| at(params + p, 3)).collect(),
        blocks: (0..layout.blocks)
            .map(|b| {
                let v = layout.block(b);
                let moments = |lane: usize| Moments { mean: at(v, lane), std: at(v + 1, lane) };
                BlockStats {
                    shortcut: moments(0),
                    branch: moments(1),
                    sum: moments(2),
                    output: moments(3),
                    dead: at(v + 2, 0),
                }
            })
            .collect(),
    };
    // The kernels count values whose exponent bits say NaN or infinity.
    let first_bad_gradient = (0..layout.params).find(|&p| at(params + p, 2) > 0.0);
    let what = if let Some(b) = record.blocks.iter().position(|b| !b.sum.mean.is_finite()) {
        Some(format!("the activations of {}", graph.blocks[b].name))
    } else if at(0, 2) > 0.0 || !record.loss.is_finite() {
        Some("the loss".to_owned())
    } else {
        first_bad_gradient.map(|p| format!("the gradient of {}", graph.params[p].name))
    };
    (record, what)
}
