//! Softmax cross-entropy, its gradient, and the batch's mean.

use crate::engine::layout::vec4s;
use crate::engine::program::{Buf, Builder, Mode};

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
    let (ring, stride) = match b.mode() {
        Mode::Train => (Buf::Ring, b.layout.record.stride as u32),
        Mode::Eval => (Buf::EvalRing, 1),
    };
    let bindings = [Buf::Step, Buf::Results, ring].map(Into::into);
    b.groups("loss_reduce", 1, &[n as u32, stride], &bindings, (n * 8) as f64);
}
