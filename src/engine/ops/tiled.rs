//! Convolution of any kernel size and stride as a product of matrices that is never unfolded: tiles of both operands go
//! through workgroup memory, as graphics cards like it (implicit GEMM; Chetlur et al. 2014, arXiv 1410.0759).
//!
//! A workgroup has 64 invocations, each with a register tile of `side` × `side` values: 8 or 4.

use super::conv::{Parts, Shape, flops};
use crate::engine::program::{Buf, Builder};
use crate::model::Conv;

/// Workgroups that keep a graphics card busy, as far as a weight gradient's pixels can be split.
const WORKGROUPS: usize = 512;
/// Fewest pixels of a chunk.
const LEAST_PIXELS: usize = 256;
/// Largest buffer of partial weight gradients, in bytes.
const MAX_PARTS: usize = 8 << 20;

/// Tiles of a workgroup over so many rows (pixels, or vec4s of input channels) and vec4s of columns.
fn tiles(rows: usize, columns4: usize, side: usize) -> usize {
    rows.div_ceil(8 * side) * columns4.div_ceil(2 * side)
}

fn window(s: &Shape, conv: &Conv) -> Vec<u32> {
    let mut params = s.words().to_vec();
    params.extend([conv.kernel, conv.stride, conv.padding].map(|v| v as u32));
    params
}

/// y = weight ∗ x.
pub fn forward(b: &mut Builder, conv: &Conv, side: usize) {
    let x = b.value(conv.input);
    let y = b.new_value(conv.output);
    let s = Shape::new(b, conv);
    let pixels = s.n * s.ho * s.wo;
    let mut params = window(&s, conv);
    params.push(pixels as u32);
    let bindings = [x.into(), b.weight(conv.weight), y.into()];
    let kernel = format!("conv_forward_tiled/{side}");
    b.groups(&kernel, tiles(pixels, s.co4, side), &params, &bindings, flops(&s, conv));
}

/// dx = weightᵀ ∗ dy.
pub fn input_grad(b: &mut Builder, conv: &Conv, dy: Buf, side: usize) {
    let (dx, accumulate) = b.grad_to_add_to(conv.input);
    let s = Shape::new(b, conv);
    // Pixels of one remainder of the stride, which meet the same taps.
    let pixels = s.n * s.h.div_ceil(conv.stride) * s.w.div_ceil(conv.stride);
    let workgroups = conv.stride * conv.stride * tiles(pixels, s.ci4, side);
    let mut params = window(&s, conv);
    params.extend([s.n, usize::from(accumulate)].map(|v| v as u32));
    let bindings = [dy.into(), b.weight(conv.weight), dx.into()];
    b.groups(&format!("conv_input_grad_tiled/{side}"), workgroups, &params, &bindings, flops(&s, conv));
}

/// dweight = x ⋆ dy.
pub fn weight_grad(b: &mut Builder, conv: &Conv, dy: Buf, side: usize) {
    let s = Shape::new(b, conv);
    let taps = conv.kernel * conv.kernel;
    let pixels = s.n * s.ho * s.wo;
    let tiles = tiles(taps * s.ci4 * 4, s.co4, side);
    let len4 = taps * s.ci4 * 4 * s.co4;
    let most = (MAX_PARTS / (len4 * 16)).clamp(1, WORKGROUPS.div_ceil(tiles));
    let of_full = b.full_batch() * s.ho * s.wo;
    let per_chunk = of_full.div_ceil(most).max(LEAST_PIXELS);
    let parts = Parts::new(b, conv, pixels, of_full, per_chunk, len4);
    let mut params = window(&s, conv);
    params.extend([pixels, per_chunk].map(|v| v as u32));
    let (chunks, x) = (parts.chunks, b.value_again(conv.input));
    let bindings = [x.into(), dy.into(), parts.to];
    b.groups(&format!("conv_weight_grad_tiled/{side}"), chunks * tiles, &params, &bindings, flops(&s, conv));
    parts.add_up(b);
}
