//! Products of matrices, several of one size side by side: what the transforms of a convolution lead to.

use crate::engine::program::{Bound, Buf, Builder};

/// `count` products of rows × inner with inner × columns, channels in vec4s.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub count: usize,
    pub rows: usize,
    pub inner4: usize,
    pub columns4: usize,
}

impl Sizes {
    fn flops(&self) -> f64 {
        32.0 * (self.count * self.rows * self.inner4 * self.columns4) as f64
    }
}

/// vec4s of channels that an invocation makes, of `channels` in all.
fn deep(channels: usize) -> usize {
    [4, 2].into_iter().find(|d| channels.is_multiple_of(*d)).unwrap_or(1)
}

/// c = a·b, or a·bᵀ; `firsts` are the rows of a and of c before the first.
pub fn product(
    b: &mut Builder,
    sizes: Sizes,
    transposed: bool,
    firsts: (usize, usize),
    bindings: [Bound; 3],
) {
    let Sizes { count, rows, inner4, columns4 } = sizes;
    let tall = if rows > 8 { 16 } else { 8 };
    let deep = deep(columns4);
    let params = [rows, inner4, columns4, firsts.0, firsts.1].map(|v| v as u32);
    let kernel = format!("matmul/{tall}x{deep}{}", if transposed { "_transposed" } else { "" });
    b.each(&kernel, count * rows.div_ceil(tall) * columns4 / deep, &params, &bindings, sizes.flops());
}

/// How the rows of a weight gradient are summed.
#[derive(Clone, Copy)]
pub struct Chunks {
    pub rows: usize,
    /// Chunks before the first.
    pub first: usize,
    /// Rows of g before the first.
    pub g_first: usize,
}

/// part = aᵀ·g in chunks of rows, where a has `inner4` and g `columns4` vec4s of channels.
pub fn gradient(b: &mut Builder, sizes: Sizes, chunks: Chunks, a: Buf, g: Buf, part: Bound) {
    let Sizes { count, rows, inner4, columns4 } = sizes;
    let (wide, deep) = (deep(inner4), deep(columns4));
    let params = [count, rows, inner4, columns4, chunks.rows, chunks.first, chunks.g_first].map(|v| v as u32);
    let invocations = rows.div_ceil(chunks.rows) * count * (inner4 / wide) * (columns4 / deep);
    let kernel = format!("matmul_grad/{wide}x{deep}");
    b.each(&kernel, invocations, &params, &[a.into(), g.into(), part], sizes.flops());
}
