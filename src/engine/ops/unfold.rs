//! Convolution as one product of matrices over unfolded pictures (im2col; Chellapilla et al. 2006): for strides above 1,
//! where neither a row of pixels nor Winograd shares much. Large batches go through in groups of pictures.

use super::matmul::{self, Chunks, Group, Sizes};
use super::turn;
use crate::engine::layout::{MAX_BINDING, vec4s};
use crate::engine::program::{Buf, Builder};
use crate::model::Conv;

/// Pixels that one invocation adds up for a weight gradient, before the sum over chunks.
const CHUNK_PIXELS: usize = 512;

/// Whether this algorithm computes `conv`.
pub fn suits(b: &Builder, conv: &Conv) -> bool {
    conv.stride > 1
        && conv.kernel <= 3
        && conv.cin >= 16
        && Pictures::new(b, conv).bytes() as u64 <= MAX_BINDING
}

/// A convolution's sizes.
struct Pictures {
    h: usize,
    w: usize,
    ho: usize,
    wo: usize,
    taps: usize,
    ci4: usize,
    co4: usize,
}

impl Pictures {
    fn new(b: &Builder, conv: &Conv) -> Self {
        let (i, o) = (&b.graph.tensors[conv.input], &b.graph.tensors[conv.output]);
        let (ci4, co4) = (vec4s(conv.cin), vec4s(conv.cout));
        let taps = conv.kernel * conv.kernel;
        Self { h: i.h, w: i.w, ho: o.h, wo: o.w, taps, ci4, co4 }
    }

    /// Bytes of one unfolded picture.
    fn bytes(&self) -> usize {
        self.ho * self.wo * self.taps * self.ci4 * 16
    }

    /// The groups that the batch goes through in, and a buffer for the columns of one.
    fn groups(&self, b: &mut Builder) -> (Vec<Group>, Buf) {
        let groups = matmul::groups(b, self.bytes());
        let columns = b.new_virtual((groups[0].pictures * self.bytes()) as u64);
        (groups, Buf::Virtual(columns))
    }

    /// Pixels of the output of so many pictures.
    fn pixels(&self, pictures: usize) -> usize {
        pictures * self.ho * self.wo
    }

    fn params(&self, conv: &Conv, first: usize) -> Vec<u32> {
        [self.h, self.w, self.ci4, self.ho, self.wo, conv.kernel, conv.stride, conv.padding, first]
            .map(|v| v as u32)
            .to_vec()
    }

    fn unfold(&self, b: &mut Builder, conv: &Conv, group: Group, x: Buf, columns: Buf) {
        let total = self.pixels(group.pictures) * self.taps * self.ci4;
        b.each(
            "unfold",
            total,
            &self.params(conv, group.first),
            &[x.into(), columns.into()],
            4.0 * total as f64,
        );
    }
}

/// y = weight ∗ x.
pub fn forward(b: &mut Builder, conv: &Conv) {
    let x = b.value(conv.input);
    let y = b.new_value(conv.output);
    let s = Pictures::new(b, conv);
    let (groups, columns) = s.groups(b);
    let weight = b.weight(conv.weight);
    for group in groups {
        s.unfold(b, conv, group, x, columns);
        let rows = s.pixels(group.pictures);
        let sizes = Sizes { count: 1, rows, inner4: s.taps * s.ci4, columns4: s.co4 };
        matmul::product(b, sizes, (0, s.pixels(group.first)), [columns.into(), weight, y.into()]);
    }
}

/// dx = weightᵀ ∗ dy.
pub fn input_grad(b: &mut Builder, conv: &Conv, dy: Buf) {
    let (dx, accumulate) = b.grad_to_add_to(conv.input);
    let s = Pictures::new(b, conv);
    let (groups, columns) = s.groups(b);
    let weight = turn::transposed(b, conv);
    for Group { first, pictures } in groups {
        let sizes = Sizes { count: 1, rows: s.pixels(pictures), inner4: s.co4, columns4: s.taps * s.ci4 };
        matmul::product(b, sizes, (s.pixels(first), 0), [dy.into(), weight.into(), columns.into()]);
        let mut params = s.params(conv, first);
        params.push(u32::from(accumulate));
        let total = pictures * s.h * s.w * s.ci4;
        let work = (4 * s.taps * total) as f64;
        b.each("fold", total, &params, &[columns.into(), dx.into()], work);
    }
}

/// dweight = x ⋆ dy.
pub fn weight_grad(b: &mut Builder, conv: &Conv, dy: Buf) {
    let x = b.value_again(conv.input);
    let s = Pictures::new(b, conv);
    let (groups, columns) = s.groups(b);
    let len4 = s.taps * s.ci4 * 4 * s.co4;
    let mut chunks = Chunks::new(b, s.bytes(), s.pixels(1), len4 * 16, CHUNK_PIXELS);
    let (all, of_full) = (chunks.all, chunks.of_full);
    let gradient = b.gradient(conv.weight);
    let part =
        if of_full == 1 { gradient } else { Buf::Virtual(b.new_virtual((all * len4 * 16) as u64)).into() };
    for group in groups {
        s.unfold(b, conv, group, x, columns);
        let rows = s.pixels(group.pictures);
        let sizes = Sizes { count: 1, rows, inner4: s.taps * s.ci4, columns4: s.co4 };
        matmul::gradient(b, sizes, &mut chunks, s.pixels(group.first), (columns, dy, part));
    }
    if of_full > 1 {
        b.each("sum_chunks", len4, &[all as u32], &[part, gradient], (all * len4 * 4) as f64);
    }
}
