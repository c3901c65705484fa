//! The four live numbers of a block's sum, which kernels read from a small buffer.

use crate::model::Graph;

/// What a block's sum weighs its two summands with, forward and backward: z = ReLU(β·F(x) + α·shortcut(x)).
///
/// They are numbers in a buffer, so that changing them compiles nothing and makes no plan anew. Backward gates
/// that differ from the forward ones give another gradient than that of the function computed: with
/// `back_alpha` = 0 only what flows through the branch, with `back_beta` = 0 only what flows past it, and so the
/// gradient of single paths (Veit et al. 2016, §5). A plain block has no sum and no gates.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Gates {
    /// α, forward: 1 in a residual network, 0 cuts the skip.
    pub alpha: f32,
    /// β, forward: 0 drops the branch, which is a lesion (Veit et al. 2016, §4.1).
    pub beta: f32,
    /// α, backward.
    pub back_alpha: f32,
    /// β, backward.
    pub back_beta: f32,
}

impl Gates {
    /// β·F(x) + α·shortcut(x), and its true gradient.
    pub const fn new(alpha: f32, beta: f32) -> Self {
        Self { alpha, beta, back_alpha: alpha, back_beta: beta }
    }

    /// Those of every block as its specification has them.
    pub fn of(graph: &Graph) -> Vec<Self> {
        (0..graph.blocks.len()).map(|b| Self::new(graph.spec.alpha.of(b), graph.spec.beta.of(b))).collect()
    }
}
