//! 3×3 convolution at stride 1 by Winograd's minimal filtering F(4×4, 3×3) (Lavin & Gray 2016, arXiv 1509.09308): 36
//! multiplications for a tile of 4×4 results instead of 144.
//!
//! Input and weight are transformed to 36 frequencies, multiplied there as 36 matrices, and transformed back. The way back
//! through the input is the same with the kernel turned by 180°; the weight's gradient multiplies the transformed input
//! with the transformed gradient. Large batches go through in groups of pictures.

use super::matmul::{self, Chunks, Group, Sizes};
use crate::engine::layout::{MAX_BINDING, vec4s};
use crate::engine::program::{Buf, Builder};
use crate::model::Conv;

/// Fewest channels with which the transforms cost less than they save.
const FEWEST_CHANNELS: usize = 32;
/// Tiles that one invocation adds up for a weight gradient, before the sum over chunks.
const CHUNK_TILES: usize = 256;
const FREQUENCIES: usize = 36;
/// Operations of a transform for each value of its 36.
const TRANSFORM: f64 = 12.0;

/// Whether this algorithm computes `conv`.
pub fn suits(b: &Builder, conv: &Conv) -> bool {
    let (ci4, co4) = (vec4s(conv.cin), vec4s(conv.cout));
    let tiles = Tiles::new(b, conv);
    conv.kernel == 3
        && conv.stride == 1
        && conv.padding == 1
        && conv.cin.min(conv.cout) >= FEWEST_CHANNELS
        // Small pictures leave most of their tiles empty: at least a third of the multiplications are to be saved.
        && 3 * FREQUENCIES * tiles.of(1) <= 2 * 9 * tiles.h * tiles.w
        && tiles.picture_bytes(conv) as u64 <= MAX_BINDING
        && (FREQUENCIES * ci4 * 4 * co4 * 16) as u64 <= MAX_BINDING
}

/// The tiles of a tensor's pictures.
struct Tiles {
    h: usize,
    w: usize,
    down: usize,
    across: usize,
}

impl Tiles {
    fn new(b: &Builder, conv: &Conv) -> Self {
        let t = &b.graph.tensors[conv.output];
        Self { h: t.h, w: t.w, down: t.h.div_ceil(4), across: t.w.div_ceil(4) }
    }

    /// Tiles of so many pictures.
    fn of(&self, pictures: usize) -> usize {
        pictures * self.down * self.across
    }

    /// Bytes of one picture's frequencies.
    fn picture_bytes(&self, conv: &Conv) -> usize {
        FREQUENCIES * self.of(1) * vec4s(conv.cin.max(conv.cout)) * 16
    }

    fn params(&self, c4: usize, group: Group) -> Vec<u32> {
        [self.h, self.w, c4, self.down, self.across, group.first].map(|v| v as u32).to_vec()
    }
}

fn frequencies(b: &mut Builder, rows: usize, c4: usize) -> Buf {
    Buf::Virtual(b.new_virtual((FREQUENCIES * rows * c4 * 16) as u64))
}

fn transform(b: &mut Builder, kernel: &str, tiles: &Tiles, group: Group, c4: usize, x: Buf, v: Buf) {
    let count = tiles.of(group.pictures);
    let work = TRANSFORM * (FREQUENCIES * count * c4 * 4) as f64;
    b.each(kernel, count * c4, &tiles.params(c4, group), &[x.into(), v.into()], work);
}

/// y = weight ∗ x.
pub fn forward(b: &mut Builder, conv: &Conv) {
    let x = b.value(conv.input);
    let y = b.new_value(conv.output);
    let u = transformed_weight(b, conv, "winograd_weight/forward");
    through(b, conv, (conv.cin, conv.cout), u, (x, y), false);
}

/// dx = weightᵀ ∗ dy.
pub fn input_grad(b: &mut Builder, conv: &Conv, dy: Buf) {
    let (dx, accumulate) = b.grad_to_add_to(conv.input);
    let u = transformed_weight(b, conv, "winograd_weight/back");
    through(b, conv, (conv.cout, conv.cin), u, (dy, dx), accumulate);
}

fn transformed_weight(b: &mut Builder, conv: &Conv, kernel: &str) -> Buf {
    let (ci4, co4) = (vec4s(conv.cin), vec4s(conv.cout));
    let u = frequencies(b, ci4 * 4, co4);
    let weight = b.weight(conv.weight);
    let work = TRANSFORM * (FREQUENCIES * ci4 * co4 * 16) as f64;
    b.each(kernel, ci4 * 4 * co4, &[ci4 as u32, co4 as u32], &[weight, u.into()], work);
    u
}

/// `to` = `from` ∗ the kernel whose transform is `u`, from and to so many channels.
fn through(
    b: &mut Builder,
    conv: &Conv,
    (cin, cout): (usize, usize),
    u: Buf,
    (from, to): (Buf, Buf),
    accumulate: bool,
) {
    let tiles = Tiles::new(b, conv);
    let (ci4, co4) = (vec4s(cin), vec4s(cout));
    let groups = matmul::groups(b, tiles.picture_bytes(conv));
    let most = tiles.of(groups[0].pictures);
    let v = frequencies(b, most, ci4);
    let m = frequencies(b, most, co4);
    for group in groups {
        transform(b, "winograd_input/data", &tiles, group, ci4, from, v);
        let count = tiles.of(group.pictures);
        let sizes = Sizes { count: FREQUENCIES, rows: count, inner4: ci4, columns4: co4 };
        matmul::product(b, sizes, false, (0, 0), [v.into(), u.into(), m.into()]);
        let mut params = tiles.params(co4, group);
        params.push(u32::from(accumulate));
        let work = TRANSFORM * (FREQUENCIES * count * co4 * 4) as f64;
        b.each("winograd_output", count * co4, &params, &[m.into(), to.into()], work);
    }
}

/// dweight = x ⋆ dy.
pub fn weight_grad(b: &mut Builder, conv: &Conv, dy: Buf) {
    let tiles = Tiles::new(b, conv);
    let (ci4, co4) = (vec4s(conv.cin), vec4s(conv.cout));
    let x = b.value(conv.input);
    let groups = matmul::groups(b, tiles.picture_bytes(conv));
    let bytes = FREQUENCIES * ci4 * 4 * co4 * 16;
    let mut chunks = Chunks::new(b, &groups, tiles.of(1), bytes, CHUNK_TILES);
    let most = tiles.of(groups[0].pictures);
    let v = frequencies(b, most, ci4);
    let g = frequencies(b, most, co4);
    let part = frequencies(b, chunks.all * ci4 * 4, co4);
    for group in groups {
        transform(b, "winograd_input/data", &tiles, group, ci4, x, v);
        transform(b, "winograd_input/grad", &tiles, group, co4, dy, g);
        let rows = tiles.of(group.pictures);
        let sizes = Sizes { count: FREQUENCIES, rows, inner4: ci4, columns4: co4 };
        matmul::gradient(b, sizes, &mut chunks, 0, (v, g, part.into()));
    }
    let gradient = b.gradient(conv.weight);
    let work = TRANSFORM * (chunks.all * FREQUENCIES * ci4 * co4 * 16) as f64;
    let bindings = [part.into(), gradient];
    b.each("winograd_weight_grad", ci4 * 4 * co4, &[chunks.all as u32], &bindings, work);
}
