//! Max-pooling (3×3, stride 2, padding 1) and global average pooling.

use crate::engine::layout::vec4s;
use crate::engine::program::Builder;
use crate::model::TensorId;

fn words(b: &Builder, input: TensorId, output: TensorId) -> [u32; 5] {
    let (i, o) = (&b.graph.tensors[input], &b.graph.tensors[output]);
    [i.h, i.w, vec4s(i.c), o.h, o.w].map(|v| v as u32)
}

fn elements(b: &Builder, tensor: TensorId) -> usize {
    let (rows, c4) = b.rows(tensor);
    rows * c4
}

/// Largest of each window.
pub fn max_forward(b: &mut Builder, input: TensorId, output: TensorId) {
    let (x, y) = (b.value(input), b.new_value(output));
    let n = elements(b, output);
    b.each("max_pool", n, &words(b, input, output), &[x.into(), y.into()], (n * 4 * 32) as f64);
}

/// The gradient goes to the first largest.
pub fn max_backward(b: &mut Builder, input: TensorId, output: TensorId) {
    let Some(dy) = b.grad(output) else { unreachable!("a pooling's output is used") };
    let (x, y) = (b.value_again(input), b.value(output));
    let dx = b.new_grad(input);
    let n = elements(b, input);
    let bindings = [x, y, dy, dx].map(Into::into);
    b.each("max_pool_backward", n, &words(b, input, output), &bindings, (n * 4 * 64) as f64);
}

/// Mean over all pixels.
pub fn avg_forward(b: &mut Builder, input: TensorId, output: TensorId) {
    let (x, y) = (b.value(input), b.new_value(output));
    let n = elements(b, output);
    let [h, w, c4, ..] = words(b, input, output);
    b.each("avg_pool", n, &[h, w, c4], &[x.into(), y.into()], (n * 4) as f64 * f64::from(h * w) * 8.0);
}

/// Every pixel gets its share.
pub fn avg_backward(b: &mut Builder, input: TensorId, output: TensorId) {
    let Some(dy) = b.grad(output) else { unreachable!("a pooling's output is used") };
    let dx = b.new_grad(input);
    let n = elements(b, input);
    let [h, w, c4, ..] = words(b, input, output);
    b.each("avg_pool_backward", n, &[h * w, c4], &[dy.into(), dx.into()], (n * 4 * 8) as f64);
}
