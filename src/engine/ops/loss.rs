//! The loss of every picture, its gradient, and the batch's mean: softmax cross-entropy, or the squared error of a
//! regression.

use crate::engine::layout::vec4s;
use crate::engine::program::{Buf, Builder, Mode};
use crate::model::TensorId;

/// Loss of the batch and its gradient with respect to the logits.
pub fn softmax_cross_entropy(b: &mut Builder) {
    let n = b.batch();
    let classes = b.graph.spec.classes;
    let c4 = vec4s(classes);
    let logits = b.value(b.graph.logits);
    let gradient = b.new_grad(b.graph.logits);
    let bindings = [logits, Buf::Labels, gradient, Buf::Results].map(Into::into);
    let params = [classes as u32, c4 as u32];
    b.each("softmax_cross_entropy", n, &params, &bindings, (n * classes * 32) as f64);
    reduce(b);
}

/// Mean squared error of `tensor` against `wanted` and its gradient with respect to `tensor`.
pub fn mean_squared_error(b: &mut Builder, tensor: TensorId, wanted: Buf) {
    let n = b.batch();
    let (rows, c4) = b.rows(tensor);
    let t = &b.graph.tensors[tensor];
    let values = t.h * t.w * t.c;
    let y = b.value(tensor);
    let gradient = b.new_grad(tensor);
    let bindings = [y, wanted, gradient, Buf::Results].map(Into::into);
    let params = [n, rows / n * c4, values].map(|v| v as u32);
    b.groups("mean_squared_error", n, &params, &bindings, (rows * c4 * 4 * 8) as f64);
    reduce(b);
}

/// The batch's mean, into the step's record.
fn reduce(b: &mut Builder) {
    let n = b.batch();
    let (ring, stride) = match b.mode() {
        Mode::Train => (Buf::Ring, b.layout.record.stride as u32),
        Mode::Eval => (Buf::EvalRing, 1),
    };
    let bindings = [Buf::Step, Buf::Results, ring].map(Into::into);
    b.groups("loss_reduce", 1, &[n as u32, stride], &bindings, (n * 8) as f64);
}
