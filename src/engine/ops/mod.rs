//! One file an operation: the dispatches of its forward and backward pass.

mod add;
pub mod affine;
pub mod block_stats;
pub mod conv;
pub mod gather;
pub mod loss;
mod matmul;
pub mod pool;
mod quad;
pub mod sgd;
mod tiled;
mod turn;
mod unfold;
mod winograd;
pub mod zero_pad;

/// How many chunks a reduction over `rows` rows is split into, and rows in each: enough chunks to fill
/// the adapter, short enough that no sum is long, few enough that the second pass is small.
fn chunking(rows: usize, columns: usize) -> (usize, usize) {
    let wanted = (4096 / columns.max(1)).clamp(8, 256);
    let per_chunk = rows.div_ceil(wanted).clamp(8, 1024);
    (rows.div_ceil(per_chunk), per_chunk)
}
