//! 3×3 convolution at stride 1 by Winograd's minimal filtering F(4×4, 3×3) or F(2×2, 3×3) (Lavin & Gray 2016, arXiv
//! 1509.09308): 36 multiplications for a tile of 4×4 results instead of 144, or 16 for one of 2×2 instead of 36.
//!
//! Input and weight are transformed to 36 or 16 frequencies, multiplied there as so many matrices, and transformed back.
//! The way back through the input is the same with the kernel turned by 180° (`turn.rs`); the weight's gradient multiplies the
//! transformed input with the transformed gradient. Large batches go through in groups of pictures.

use super::matmul::{self, Chunks, Group, Sizes};
use super::{add, turn};
use crate::engine::layout::{MAX_BINDING, vec4s};
use crate::engine::program::{Bound, Buf, Builder};
use crate::model::Conv;

/// Fewest channels with which the transforms cost less than they save.
const FEWEST_CHANNELS: usize = 32;
/// Tiles that one invocation adds up for a weight gradient, before the sum over chunks.
const CHUNK_TILES: usize = 256;
/// Operations of a transform for each value of its frequencies.
const TRANSFORM: f64 = 12.0;
/// What a frequency of a weight costs to make and to load, in multiplications by it.
const WEIGHT: usize = 37;

/// Whether this algorithm computes `conv`.
pub fn suits(b: &Builder, conv: &Conv) -> bool {
    let (ci4, co4) = (vec4s(conv.cin), vec4s(conv.cout));
    let tiles = Tiles::new(b, conv);
    conv.kernel == 3
        && conv.stride == 1
        && conv.padding == 1
        && conv.cin.min(conv.cout) >= FEWEST_CHANNELS
        // Small pictures leave most of their tiles empty: at least a third of the multiplications are to be saved.
        && 3 * tiles.frequencies() * tiles.of(1) <= 2 * 9 * tiles.h * tiles.w
        && tiles.picture_bytes(conv) as u64 <= MAX_BINDING
        && (tiles.frequencies() * (ci4 * 4 + 1) * co4 * 16) as u64 <= MAX_BINDING
}

/// The tiles of a tensor's pictures.
struct Tiles {
    /// Pixels of a tile's side: 4 or 2.
    side: usize,
    h: usize,
    w: usize,
    down: usize,
    across: usize,
}

impl Tiles {
    /// Of the side that costs least: where there are few tiles to share the weights' transform, the smaller ones, which
    /// have fewer frequencies.
    fn new(b: &Builder, conv: &Conv) -> Self {
        let t = &b.graph.tensors[conv.output];
        let of_side =
            |side| Self { side, h: t.h, w: t.w, down: t.h.div_ceil(side), across: t.w.div_ceil(side) };
        let cost = |tiles: &Self| tiles.frequencies() * (tiles.of(b.full_batch()) + WEIGHT);
        let (large, small) = (of_side(4), of_side(2));
        if cost(&large) <= cost(&small) { large } else { small }
    }

    fn frequencies(&self) -> usize {
        (self.side + 2) * (self.side + 2)
    }

    /// Tiles of so many pictures.
    fn of(&self, pictures: usize) -> usize {
        pictures * self.down * self.across
    }

    /// Bytes of one picture's frequencies.
    fn picture_bytes(&self, conv: &Conv) -> usize {
        self.frequencies() * (self.of(1) + 1) * vec4s(conv.cin.max(conv.cout)) * 16
    }

    fn params(&self, c4: usize, group: Group) -> Vec<u32> {
        [self.h, self.w, c4, self.down, self.across, group.first].map(|v| v as u32).to_vec()
    }

    /// A buffer for the frequencies of so many rows, each a row apart.
    fn buffer(&self, b: &mut Builder, rows: usize, c4: usize) -> Buf {
        Buf::Virtual(b.new_virtual((self.frequencies() * (rows + 1) * c4 * 16) as u64))
    }

    /// `v` = frequencies of `x`, of its windows (`data`) or of its tiles (`grad`).
    fn transform(&self, b: &mut Builder, way: &str, group: Group, c4: usize, x: Buf, v: Buf) {
        let count = self.of(group.pictures);
        let work = TRANSFORM * (self.frequencies() * count * c4 * 4) as f64;
        let kernel = format!("winograd_input/{}_{way}", self.side);
        let vectors = if way == "grad" { 2 * c4 } else { c4 };
        b.each(&kernel, count * vectors, &self.params(c4, group), &[x.into(), v.into()], work);
    }

    /// Frequencies of a weight from so many to so many vec4s of channels.
    fn weight(&self, b: &mut Builder, weight: Bound, ci4: usize, co4: usize) -> Buf {
        let u = self.buffer(b, ci4 * 4, co4);
        let work = TRANSFORM * (self.frequencies() * ci4 * co4 * 16) as f64;
        b.each(
            &format!("winograd_weight/{}", self.side),
            ci4 * 4 * co4 * 2,
            &[co4 as u32 * 2],
            &[weight, u.into()],
            work,
        );
        u
    }
}

/// y = weight ∗ x.
pub fn forward(b: &mut Builder, conv: &Conv) {
    let x = b.value(conv.input);
    let y = b.new_value(conv.output);
    let weight = b.weight(conv.weight);
    through(b, conv, weight, (conv.cin, conv.cout), (x, y));
}

/// dx = weightᵀ ∗ dy.
pub fn input_grad(b: &mut Builder, conv: &Conv, dy: Buf) {
    add::to_gradient(b, conv.input, |b, dx| {
        let weight = turn::by_180_degrees(b, conv).into();
        through(b, conv, weight, (conv.cout, conv.cin), (dy, dx));
    });
}

/// `to` = `from` ∗ `weight`, from and to so many channels.
fn through(b: &mut Builder, conv: &Conv, weight: Bound, (cin, cout): (usize, usize), (from, to): (Buf, Buf)) {
    let tiles = Tiles::new(b, conv);
    let (ci4, co4) = (vec4s(cin), vec4s(cout));
    let u = tiles.weight(b, weight, ci4, co4);
    let groups = matmul::groups(b, tiles.picture_bytes(conv));
    let most = tiles.of(groups[0].pictures);
    let v = tiles.buffer(b, most, ci4);
    let m = tiles.buffer(b, most, co4);
    for group in groups {
        tiles.transform(b, "data", group, ci4, from, v);
        let count = tiles.of(group.pictures);
        let sizes = Sizes { count: tiles.frequencies(), rows: count, inner4: ci4, columns4: co4 };
        matmul::product(b, sizes, (0, 0), [v.into(), u.into(), m.into()]);
        let params = tiles.params(co4, group);
        let work = TRANSFORM * (tiles.frequencies() * count * co4 * 4) as f64;
        let kernel = format!("winograd_output/{}", tiles.side);
        b.each(&kernel, count * co4, &params, &[m.into(), to.into()], work);
    }
}

/// dweight = x ⋆ dy.
pub fn weight_grad(b: &mut Builder, conv: &Conv, dy: Buf) {
    let tiles = Tiles::new(b, conv);
    let (ci4, co4) = (vec4s(conv.cin), vec4s(conv.cout));
    let x = b.value_again(conv.input);
    let groups = matmul::groups(b, tiles.picture_bytes(conv));
    let bytes = tiles.frequencies() * (ci4 * 4 + 1) * co4 * 16;
    let mut chunks = Chunks::new(b, tiles.picture_bytes(conv), tiles.of(1), bytes, CHUNK_TILES);
    let most = tiles.of(groups[0].pictures);
    let v = tiles.buffer(b, most, ci4);
    let g = tiles.buffer(b, most, co4);
    let part = Buf::Virtual(b.new_virtual((chunks.all * bytes) as u64));
    for group in groups {
        tiles.transform(b, "data", group, ci4, x, v);
        tiles.transform(b, "grad", group, co4, dy, g);
        let rows = tiles.of(group.pictures);
        let sizes = Sizes { count: tiles.frequencies(), rows, inner4: ci4, columns4: co4 };
        matmul::gradient(b, sizes, &mut chunks, 0, (v, g, part.into()));
    }
    let gradient = b.gradient(conv.weight);
    let work = TRANSFORM * (chunks.all * tiles.frequencies() * ci4 * co4 * 16) as f64;
    let bindings = [part.into(), gradient];
    let kernel = format!("winograd_weight_grad/{}", tiles.side);
    b.each(&kernel, ci4 * 4 * co4 * 2, &[chunks.all as u32, co4 as u32 * 2], &bindings, work);
}
