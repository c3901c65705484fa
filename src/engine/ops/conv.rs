//! Convolution without bias, `[N,H,W,Ci]` → `[N,H',W',Co]`; the classifier is one, 1×1 on a 1×1 picture.
//!
//! Variants: `row` makes a tile of neighbouring pixels from one pass over their input rows (3×3 and 1×1);
//! `pixel` makes one, for any kernel size and stride; `transform` makes products of matrices
//! of it, by Winograd's algorithm or by unfolding, where one of them suits, else it is `row`; `tiled` and `tiled_small`
//! multiply tiles in workgroup memory, 64×64 and 32×32, for any kernel size and stride.

use super::{add, quad, tiled, turn, unfold, winograd};
use crate::engine::layout::vec4s;
use crate::engine::program::{Bound, Buf, Builder};
use crate::model::{Conv, Graph};

/// Largest buffer of partial weight gradients, in bytes.
const MAX_PARTS: usize = 8 << 20;
/// Pixels that one invocation adds up for a weight gradient, before the tree over chunks.
const CHUNK_PIXELS: usize = 512;

/// The sizes that every kernel of a convolution needs.
pub struct Shape {
    pub n: usize,
    pub h: usize,
    pub w: usize,
    pub ci4: usize,
    pub ho: usize,
    pub wo: usize,
    pub co4: usize,
}

impl Shape {
    pub fn new(b: &Builder, conv: &Conv) -> Self {
        let (i, o) = (&b.graph.tensors[conv.input], &b.graph.tensors[conv.output]);
        Self { n: b.batch(), h: i.h, w: i.w, ci4: vec4s(conv.cin), ho: o.h, wo: o.w, co4: vec4s(conv.cout) }
    }

    /// The same numbers for a convolution that mixes channels only: all pixels are one row.
    fn into_one_row(self) -> Self {
        let w = self.n * self.h * self.w;
        Self { n: 1, h: 1, w, ho: 1, wo: w, ..self }
    }

    pub fn words(&self) -> [u32; 6] {
        [self.h, self.w, self.ci4, self.ho, self.wo, self.co4].map(|v| v as u32)
    }
}

/// Two operations for each multiply-accumulate.
pub fn flops(s: &Shape, conv: &Conv) -> f64 {
    2.0 * (s.n * s.ho * s.wo * conv.kernel * conv.kernel) as f64 * (s.ci4 * s.co4 * 16) as f64
}

/// Rows and columns of a register tile for rows of `width` pixels. At stride 2 a tile of 16 needs 33 values
/// of the input row, which SwiftShader's compiler does not come to an end with.
fn tile(width: usize, stride: usize) -> (usize, usize) {
    match width {
        0..=4 => (2, 4),
        5..=8 => (1, 8),
        _ if stride > 1 => (1, 8),
        _ => (1, 16),
    }
}

/// vec4s of channels that an invocation makes, of `channels` in all: a value that is loaded serves so many times
/// as many sums, until the registers run out.
fn deep(channels: usize, px: usize) -> usize {
    let most = if px >= 16 { 4 } else { 2 };
    [4, 2].into_iter().find(|d| *d <= most && channels.is_multiple_of(*d)).unwrap_or(1)
}

/// Which family of kernels computes an operation of a convolution.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Winograd,
    Unfold,
    Row,
    Pixel,
    /// As `Row`, or `Pixel` where a picture is one pixel (the classifier), in kernels that compile faster. Back at
    /// stride 1 it is the same over the turned weight.
    Direct,
    /// With register tiles of so many pixels (or four input channels) by as many channels.
    Tiled(usize),
}

impl By {
    fn choose(b: &Builder, operation: &str, conv: &Conv) -> Self {
        match b.variants.of(operation, &shape(b.graph, conv, b.full_batch())) {
            "pixel" => Self::Pixel,
            "row" => Self::Row,
            "tiled" => Self::Tiled(8),
            "tiled_small" => Self::Tiled(4),
            _ if winograd::suits(b, conv) => Self::Winograd,
            _ if unfold::suits(b, conv) => Self::Unfold,
            _ => Self::Direct,
        }
    }
}

/// What the time of a convolution over `batch` pictures depends on, e.g. `k3s1 64-128 32x32 n64`: kernel size and
/// stride, channels, height and width of the input.
pub fn shape(graph: &Graph, conv: &Conv, batch: usize) -> String {
    let Conv { kernel, stride, cin, cout, .. } = conv;
    let t = &graph.tensors[conv.input];
    format!("k{kernel}s{stride} {cin}-{cout} {}x{} n{batch}", t.h, t.w)
}

fn is_pointwise(conv: &Conv) -> bool {
    conv.kernel == 1 && conv.stride == 1
}

/// y = weight ∗ x.
pub fn forward(b: &mut Builder, conv: &Conv) {
    let by = By::choose(b, "conv_forward", conv);
    match by {
        By::Winograd => return winograd::forward(b, conv),
        By::Unfold => return unfold::forward(b, conv),
        By::Tiled(side) => return tiled::forward(b, conv, side),
        By::Row | By::Pixel | By::Direct => {}
    }
    let x = b.value(conv.input);
    let y = b.new_value(conv.output);
    let s = Shape::new(b, conv);
    let bindings = [x.into(), b.weight(conv.weight), y.into()];
    direct(b, conv, by, s, conv.padding, bindings);
}

/// One pass over the input, by `Row`, `Pixel` or `Direct`.
fn direct(b: &mut Builder, conv: &Conv, by: By, mut s: Shape, padding: usize, bindings: [Bound; 3]) {
    let work = flops(&s, conv);
    let single = by == By::Direct && s.ho * s.wo == 1;
    if by != By::Pixel && !single && matches!(conv.kernel, 1 | 3) && conv.stride <= 2 {
        if is_pointwise(conv) {
            s = s.into_one_row();
        }
        let (rows, px) = tile(s.wo, conv.stride);
        let segments = s.wo.div_ceil(px);
        let mut params = s.words().to_vec();
        params.push(segments as u32);
        let deep = deep(s.co4, px);
        let scalar = by == By::Direct && conv.stride == 1;
        let loads = if scalar { "scalar" } else { "tile" };
        let tiles = s.n * s.ho.div_ceil(rows) * segments;
        let of_quads = scalar && conv.kernel == 3 && (px, deep) == (16, 4) && s.w == s.wo;
        let kernel = if b.variants.quads && of_quads && quad::forward(s.wo, tiles) {
            "conv_forward_quad".into()
        } else {
            format!("conv_forward/k{}s{}/{loads}{rows}x{px}x{deep}", conv.kernel, conv.stride)
        };
        b.each(&kernel, tiles * s.co4 / deep, &params, &bindings, work);
    } else {
        let mut params = s.words().to_vec();
        params.extend([conv.kernel, conv.stride, padding].map(|v| v as u32));
        b.each("conv_forward_pixel", s.n * s.ho * s.wo * s.co4, &params, &bindings, work);
    }
}

/// dweight = x ⋆ dy, then dx = weightᵀ ∗ dy unless x is the picture.
pub fn backward(b: &mut Builder, conv: &Conv) {
    let Some(dy) = b.grad(conv.output) else { unreachable!("a convolution's output is used") };
    weight_grad(b, conv, dy);
    if conv.input != b.graph.input {
        input_grad(b, conv, dy);
    }
}

/// dx = weightᵀ ∗ dy.
pub fn input_grad(b: &mut Builder, conv: &Conv, dy: Buf) {
    let by = By::choose(b, "conv_input_grad", conv);
    match by {
        By::Winograd => return winograd::input_grad(b, conv, dy),
        By::Unfold => return unfold::input_grad(b, conv, dy),
        By::Tiled(side) => return tiled::input_grad(b, conv, dy, side),
        By::Direct if conv.stride == 1 => {
            return add::to_gradient(b, conv.input, |b, dx| {
                let s = Shape::new(b, conv);
                let back = Shape { h: s.ho, w: s.wo, ho: s.h, wo: s.w, ci4: s.co4, co4: s.ci4, n: s.n };
                let weight = turn::by_180_degrees(b, conv);
                let bindings = [dy.into(), weight.into(), dx.into()];
                direct(b, conv, by, back, conv.kernel - 1 - conv.padding, bindings);
            });
        }
        By::Direct | By::Row | By::Pixel => {}
    }
    let row = by != By::Pixel && matches!(conv.kernel, 1 | 3);
    let (dx, accumulate) = b.grad_to_add_to(conv.input);
    let mut s = Shape::new(b, conv);
    let work = flops(&s, conv);
    let bindings = [dy.into(), b.weight(conv.weight), dx.into()];
    if row && conv.stride == 1 {
        if is_pointwise(conv) {
            s = s.into_one_row();
        }
        let (rows, px) = tile(s.w, 1);
        let segments = s.w.div_ceil(px);
        let params = [s.h, s.w, s.ci4, s.co4, segments, usize::from(accumulate)].map(|v| v as u32);
        let deep = deep(s.ci4, px);
        let kernel = format!("conv_input_grad/k{}s1/tile{rows}x{px}x{deep}", conv.kernel);
        b.each(&kernel, s.n * s.h.div_ceil(rows) * segments * s.ci4 / deep, &params, &bindings, work);
    } else if row && conv.stride == 2 {
        let segments = s.w.div_ceil(8);
        let mut params = s.words().to_vec();
        params.extend([segments, usize::from(accumulate)].map(|v| v as u32));
        let kernel = format!("conv_input_grad_stride2/k{}s2/tile1x8x1", conv.kernel);
        b.each(&kernel, s.n * s.h * segments * s.ci4, &params, &bindings, work);
    } else {
        let mut params = s.words().to_vec();
        params.extend([conv.kernel, conv.stride, conv.padding, usize::from(accumulate)].map(|v| v as u32));
        b.each("conv_input_grad_pixel", s.n * s.h * s.w * s.ci4, &params, &bindings, work);
    }
}

/// dweight = x ⋆ dy.
pub fn weight_grad(b: &mut Builder, conv: &Conv, dy: Buf) {
    let by = By::choose(b, "conv_weight_grad", conv);
    match by {
        By::Winograd => return winograd::weight_grad(b, conv, dy),
        By::Unfold => return unfold::weight_grad(b, conv, dy),
        By::Tiled(side) => return tiled::weight_grad(b, conv, dy, side),
        By::Row | By::Pixel | By::Direct => {}
    }
    let s = Shape::new(b, conv);
    let work = flops(&s, conv);
    let taps = conv.kernel * conv.kernel;
    let (rows, of_full) = (s.n * s.ho, b.full_batch() * s.ho);
    let len4 = taps * s.ci4 * 4 * s.co4;
    let most_chunks = (MAX_PARTS / (len4 * 16)).max(1);
    let rows_per_chunk = CHUNK_PIXELS.div_ceil(s.wo).max(of_full.div_ceil(most_chunks));
    let parts = Parts::new(b, conv, rows, of_full, rows_per_chunk, len4);
    let (chunks, x) = (parts.chunks, b.value_again(conv.input));
    let bindings = [x.into(), dy.into(), parts.to];
    let mut params = s.words().to_vec();
    if by != By::Pixel && conv.kernel == 3 {
        params.extend([rows, rows_per_chunk].map(|v| v as u32));
        let co = if s.co4.is_multiple_of(2) { 2 } else { 1 };
        let in_quads = b.variants.quads && conv.stride == 1 && quad::weight_grad(s.w, s.ci4, s.co4);
        let kernel = if in_quads {
            "conv_weight_grad_quad".into()
        } else {
            format!("conv_weight_grad_row/k3s{}/co{co}", conv.stride)
        };
        b.each(&kernel, chunks * 3 * s.ci4 * s.co4 / co, &params, &bindings, work);
    } else {
        params.extend([conv.kernel, conv.stride, conv.padding, rows, rows_per_chunk].map(|v| v as u32));
        b.each("conv_weight_grad_tap", chunks * taps * s.ci4 * s.co4, &params, &bindings, work);
    }
    parts.add_up(b);
}

/// Partial sums of a weight's gradient, over chunks of the batch.
pub struct Parts {
    /// \[chunks, weight\], or the gradient itself.
    pub to: Bound,
    pub chunks: usize,
    gradient: Bound,
    len4: usize,
}

impl Parts {
    /// Of `rows` rows, or pixels, of which a full batch, whose buffers are shared, has `of_full`.
    pub fn new(
        b: &mut Builder,
        conv: &Conv,
        rows: usize,
        of_full: usize,
        per_chunk: usize,
        len4: usize,
    ) -> Self {
        let gradient = b.gradient(conv.weight);
        let chunks = rows.div_ceil(per_chunk);
        let to = if of_full <= per_chunk {
            gradient
        } else {
            Buf::Virtual(b.new_virtual((chunks * len4 * 16) as u64)).into()
        };
        Self { to, chunks, gradient, len4 }
    }

    /// The parts' sum becomes the gradient.
    pub fn add_up(self, b: &mut Builder) {
        let Self { to, chunks, gradient, len4 } = self;
        if to != gradient {
            b.each("sum_chunks", len4, &[chunks as u32], &[to, gradient], (chunks * len4 * 4) as f64);
        }
    }
}
