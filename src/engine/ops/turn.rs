//! Weights laid out anew, so that the way back through a convolution is a way forward and needs no large kernels of its own.

use crate::engine::layout::vec4s;
use crate::engine::program::{Buf, Builder};
use crate::model::Conv;

/// The weight of the convolution that leads back at stride 1: \[k, k, Co, Ci\], taps in reverse order.
pub fn by_180_degrees(b: &mut Builder, conv: &Conv) -> Buf {
    let taps = conv.kernel * conv.kernel;
    let (rows, ci4) = (vec4s(conv.cout) * 4, vec4s(conv.cin));
    turn(b, conv, [((taps - 1) * rows * ci4) as u32, ((rows * ci4) as u32).wrapping_neg(), ci4 as u32])
}

/// The weight as a matrix, transposed: \[Co, k·k·Ci\].
pub fn transposed(b: &mut Builder, conv: &Conv) -> Buf {
    let ci4 = vec4s(conv.cin);
    turn(b, conv, [0, ci4 as u32, (conv.kernel * conv.kernel * ci4) as u32])
}

fn turn(b: &mut Builder, conv: &Conv, steps: [u32; 3]) -> Buf {
    let (ci4, co4) = (vec4s(conv.cin), vec4s(conv.cout));
    let len4 = conv.kernel * conv.kernel * ci4 * co4 * 4;
    let out = Buf::Virtual(b.new_virtual((len4 * 16) as u64));
    let weight = b.weight(conv.weight);
    let mut params = vec![ci4 as u32, co4 as u32];
    params.extend(steps);
    b.each("turn_weight", len4, &params, &[weight, out.into()], (len4 * 4) as f64);
    out
}
