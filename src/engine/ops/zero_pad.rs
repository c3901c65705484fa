//! Option A's shortcut: subsample, then pad channels with zeros (He et al. 2015, §3.3).

use crate::engine::layout::vec4s;
use crate::engine::program::{Buf, Builder};
use crate::model::TensorId;

fn params(b: &Builder, input: TensorId, output: TensorId, stride: usize, front: usize) -> [u32; 9] {
    let (i, o) = (&b.graph.tensors[input], &b.graph.tensors[output]);
    [i.h, i.w, vec4s(i.c), o.h, o.w, vec4s(o.c), stride, front, i.c].map(|v| v as u32)
}

/// x → its padded form.
pub fn forward(b: &mut Builder, input: TensorId, output: TensorId, stride: usize, front: usize) {
    let (x, y) = (b.value(input), b.new_value(output));
    pad(b, (input, x), (output, y), stride, front);
}

/// The same once more on the way back.
pub fn again(b: &mut Builder, input: TensorId, output: TensorId, stride: usize, front: usize) -> Buf {
    let (x, y) = (b.value_again(input), b.virtual_like(output));
    pad(b, (input, x), (output, y), stride, front);
    y
}

fn pad(
    b: &mut Builder,
    (input, x): (TensorId, Buf),
    (output, y): (TensorId, Buf),
    stride: usize,
    front: usize,
) {
    let (rows, c4) = b.rows(output);
    let params = params(b, input, output, stride, front);
    b.each("zero_pad", rows * c4, &params, &[x.into(), y.into()], (rows * c4 * 32) as f64);
}

/// The gradient of what was taken. The block's convolutions, which come later on the way back, add theirs.
pub fn backward(b: &mut Builder, input: TensorId, output: TensorId, stride: usize, front: usize) {
    let Some(dy) = b.grad(output) else { unreachable!("a shortcut's output is used") };
    let dx = b.new_grad(input);
    let (rows, c4) = b.rows(input);
    let params = params(b, input, output, stride, front);
    b.each("zero_pad_backward", rows * c4, &params, &[dy.into(), dx.into()], (rows * c4 * 32) as f64);
}
