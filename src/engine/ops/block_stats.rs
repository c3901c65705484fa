//! Mean and standard deviation of α·shortcut(x), β·F(x), their sum and the block's output (after ReLU), and the
//! share of the output's channels that are zero throughout the batch.

use super::chunking;
use crate::engine::program::{Bound, Buf, Builder};
use crate::model::Affine;

/// Measures block `number`, whose affine node is `node`, into the step's record.
pub fn measure(b: &mut Builder, node: usize, affine: &Affine, number: usize) {
    let (rows, c4) = b.rows(affine.input);
    let channels = b.graph.tensors[affine.input].c;
    let (chunks, per_chunk) = chunking(rows, c4);
    let parts = b.scratch((3 * chunks * c4 * 16) as u64);
    let words = [rows, c4, per_chunk, chunks, channels].map(|v| v as u32);
    let mut bindings = vec![b.value(affine.input).into(), b.coef(node, c4), parts.into()];
    let kernel = match affine.residual {
        Some((shortcut, _)) => {
            bindings.extend([b.value(shortcut), Buf::Gates].map(Bound::from));
            "block_stats/residual"
        }
        None => "block_stats",
    };
    let mut params = words.to_vec();
    params.push(number as u32);
    b.each(kernel, chunks * c4, &params, &bindings, (rows * c4 * 4) as f64 * 16.0);
    let mut params = vec![(chunks * c4) as u32];
    params.extend(words);
    params.extend([b.layout.record.stride, b.layout.record.block(number)].map(|v| v as u32));
    let bindings = [Buf::Step.into(), parts.into(), Buf::Ring.into()];
    b.groups("block_stats_reduce", 1, &params, &bindings, (chunks * c4 * 64) as f64);
}
