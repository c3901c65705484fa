//! Gradients that several consumers add to.

use crate::engine::program::{Buf, Builder};
use crate::model::TensorId;

/// Has `make` write the gradient of `tensor`, and adds it to what other consumers have left there. A pass of its own: in
/// large kernels the loads that adding takes cost a third more time to compile, and time to run where nothing is added.
pub fn to_gradient(b: &mut Builder, tensor: TensorId, make: impl FnOnce(&mut Builder, Buf)) {
    let Some(sum) = b.grad(tensor) else {
        let dx = b.new_grad(tensor);
        return make(b, dx);
    };
    let (rows, c4) = b.rows(tensor);
    let part = Buf::Virtual(b.new_virtual((rows * c4 * 16) as u64));
    make(b, part);
    b.each("add", rows * c4, &[], &[part.into(), sum.into()], (rows * c4 * 4) as f64);
}
