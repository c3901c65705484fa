//! Batch norm or a bias, the residual sum and ReLU: z = ReLU(β·(scale·y + shift) + α·shortcut).
//!
//! Batch norm (Ioffe & Szegedy 2015): eps 1e-5, running momentum 0.1, unbiased running variance, as in
//! PyTorch.

use super::chunking;
use crate::engine::program::{Bound, Buf, Builder, Mode};
use crate::model::{Affine, AffineKind};

/// Added to the variance.
pub const EPS: f32 = 1e-5;
/// Share of the new batch in the running statistics.
pub const MOMENTUM: f32 = 0.1;
/// Rows that an invocation of `affine` and `affine_backward_apply` works on, as in build.rs.
const ROWS: usize = 4;
/// Operations an element that a memory-bound pass is worth, for sizing slices.
const PASS: f64 = 8.0;

fn running(b: &Builder, norm: usize, c4: usize) -> Bound {
    Bound { buf: Buf::Running, range: Some((b.layout.norms[norm], 2 * c4 as u64 * 16)) }
}

/// Coefficients, then z.
pub fn forward(b: &mut Builder, node: usize, affine: &Affine) {
    let (rows, c4) = b.rows(affine.input);
    let y = b.value(affine.input);
    let coef = b.coef(node, c4);
    let work = (rows * c4 * 4) as f64 * PASS;
    match (affine.kind, b.mode()) {
        (AffineKind::BatchNorm { gamma, beta, norm }, Mode::Train) => {
            let (chunks, per_chunk) = chunking(rows, c4);
            let parts = b.scratch((2 * chunks * c4 * 16) as u64);
            let words = [rows, c4, per_chunk, chunks].map(|v| v as u32);
            b.each("bn_stats", chunks * c4, &words, &[y.into(), parts.into()], work);
            let mut params = words.to_vec();
            params.extend([EPS.to_bits(), MOMENTUM.to_bits()]);
            let bindings = [parts.into(), b.weight(gamma), b.weight(beta), running(b, norm, c4), coef];
            b.groups("bn_finalize", c4.div_ceil(8), &params, &bindings, (chunks * c4 * 64) as f64);
        }
        (AffineKind::BatchNorm { gamma, beta, norm }, Mode::Eval) => {
            let bindings = [b.weight(gamma), b.weight(beta), running(b, norm, c4), coef];
            b.each("bn_eval", c4, &[EPS.to_bits()], &bindings, c4 as f64);
        }
        (AffineKind::Bias { bias }, _) => {
            b.each("bias_coef", c4, &[], &[b.weight(bias), coef], c4 as f64);
        }
    }
    let z = b.new_value(affine.output);
    let shortcut = affine.residual.map(|(shortcut, block)| (b.value(shortcut), block));
    sum(b, [rows, c4], y, coef, z, affine.relu, shortcut);
}

/// z once more on the way back, of a batch norm whose coefficients are there.
pub fn again(b: &mut Builder, node: usize, affine: &Affine) -> Buf {
    let (rows, c4) = b.rows(affine.input);
    let y = b.value_again(affine.input);
    let shortcut = affine.residual.map(|(shortcut, block)| (b.value_again(shortcut), block));
    let z = b.virtual_like(affine.output);
    let coef = b.coef(node, c4);
    sum(b, [rows, c4], y, coef, z, affine.relu, shortcut);
    z
}

/// z = \[ReLU\](scale·y + shift), or with a shortcut \[ReLU\](β·(scale·y + shift) + α·shortcut), the gates being the
/// block's. y, z and shortcut are \[rows, C\], coef \[4, C\].
pub fn sum(
    b: &mut Builder,
    [rows, c4]: [usize; 2],
    y: Buf,
    coef: Bound,
    z: Buf,
    relu: bool,
    shortcut: Option<(Buf, usize)>,
) {
    let mut bindings = vec![y.into(), coef, z.into()];
    let (kernel, block) = match shortcut {
        Some((s, block)) => {
            bindings.extend([s, Buf::Gates].map(Bound::from));
            ("affine/residual", block)
        }
        None => ("affine", 0),
    };
    let stride = rows.div_ceil(ROWS);
    let params = [c4, rows, stride, usize::from(relu), block].map(|v| v as u32);
    b.each(kernel, stride * c4, &params, &bindings, (rows * c4 * 4) as f64 * PASS);
}

/// Gradients of scale and shift, then of y and of the shortcut.
pub fn backward(b: &mut Builder, node: usize, affine: &Affine) {
    let (rows, c4) = b.rows(affine.input);
    let Some(dz) = b.grad(affine.output) else { unreachable!("an affine's output is used") };
    let y = b.value_again(affine.input);
    let norm = matches!(affine.kind, AffineKind::BatchNorm { .. });
    // A batch norm's kernels see by y and its coefficients where ReLU lets through. Without ReLU there is no mask; y
    // stands in, since dz may not be bound twice.
    let mask: Option<Bound> = match (norm && affine.residual.is_none(), affine.relu) {
        (true, _) => None,
        (false, true) => Some(b.value_again(affine.output).into()),
        (false, false) => Some(y.into()),
    };
    let coef = b.coef(node, c4);
    let work = (rows * c4 * 4) as f64 * PASS;
    let (chunks, per_chunk) = chunking(rows, c4);
    let relu = u32::from(affine.relu);
    let back = Bound { buf: Buf::Back, range: Some((0, 3 * c4 as u64 * 16)) };
    let parts = b.scratch(((1 + usize::from(norm)) * chunks * c4 * 16) as u64);
    let block = affine.residual.map_or(0, |(_, block)| block as u32);
    // The branch's share of a sum's gradient is scaled by its gate before anything else is done with it.
    let gated = if affine.residual.is_some() { "_residual" } else { "" };
    let words = [rows as u32, c4 as u32, per_chunk as u32, relu, block];
    let mut bindings: Vec<Bound> = [dz.into()].into_iter().chain(mask).chain([parts.into()]).collect();
    let gates = affine.residual.map(|_| Bound::from(Buf::Gates));
    let finalize = [c4, chunks, rows].map(|v| v as u32);
    match affine.kind {
        AffineKind::BatchNorm { gamma, beta, .. } => {
            bindings.extend([y.into(), coef]);
            bindings.extend(gates);
            b.each(&format!("affine_backward_reduce/norm{gated}"), chunks * c4, &words, &bindings, work);
            let bindings = [parts.into(), b.gradient(beta), b.gradient(gamma), coef, back];
            b.groups(
                "affine_backward_finalize/norm",
                c4.div_ceil(8),
                &finalize,
                &bindings,
                (chunks * c4 * 64) as f64,
            );
        }
        AffineKind::Bias { bias } => {
            bindings.extend(gates);
            b.each(&format!("affine_backward_reduce/bias{gated}"), chunks * c4, &words, &bindings, work);
            let bindings = [parts.into(), b.gradient(bias)];
            b.groups(
                "affine_backward_finalize/bias",
                c4.div_ceil(8),
                &finalize,
                &bindings,
                (chunks * c4 * 64) as f64,
            );
        }
    }
    let stride = rows.div_ceil(ROWS);
    let params = [c4 as u32, rows as u32, stride as u32, relu, block];
    let mut bindings: Vec<Bound> = [dz.into()].into_iter().chain(mask).collect();
    if norm {
        bindings.extend([y.into(), coef, back]);
    }
    let kind = if norm { "norm" } else { "bias" };
    match affine.residual {
        Some((shortcut, _)) => {
            let dy = b.new_grad(affine.input);
            bindings.extend([dy, Buf::Gates].map(Bound::from));
            b.each(&format!("affine_backward_apply/{kind}_residual"), stride * c4, &params, &bindings, work);
            // The kernel has turned dz into the shortcut's gradient.
            b.set_grad(shortcut, dz);
        }
        None => {
            // A bias without ReLU hands the gradient on as it is.
            if norm || affine.relu {
                b.each(&format!("affine_backward_apply/{kind}"), stride * c4, &params, &bindings, work);
            }
            b.set_grad(affine.input, dz);
        }
    }
}
