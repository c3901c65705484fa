//! Products of matrices, several of one size side by side: what the transforms of a convolution lead to.

use super::quad;
use crate::engine::program::{Bound, Buf, Builder};

/// Some consecutive pictures of the batch, which go through a transform together.
#[derive(Clone, Copy)]
pub struct Group {
    pub first: usize,
    pub pictures: usize,
}

/// The batch in groups whose transforms, of so many bytes a picture, keep to [`Builder::transform_bytes`]; the
/// first group is the largest.
pub fn groups(b: &Builder, picture_bytes: usize) -> Vec<Group> {
    groups_of(b, picture_bytes, b.batch())
}

/// The same for a batch of so many pictures.
fn groups_of(b: &Builder, picture_bytes: usize, batch: usize) -> Vec<Group> {
    let most = (b.transform_bytes / picture_bytes).clamp(1, batch);
    let group = |first| Group { first, pictures: most.min(batch - first) };
    (0..batch).step_by(most).map(group).collect()
}

/// `count` products of rows × inner with inner × columns, channels in vec4s.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub count: usize,
    pub rows: usize,
    pub inner4: usize,
    pub columns4: usize,
}

impl Sizes {
    fn flops(&self) -> f64 {
        32.0 * (self.count * self.rows * self.inner4 * self.columns4) as f64
    }
}

/// vec4s of channels that an invocation makes, of `channels` in all.
fn deep(channels: usize) -> usize {
    [4, 2].into_iter().find(|d| channels.is_multiple_of(*d)).unwrap_or(1)
}

/// c = a·b; `firsts` are the rows of a and of c before the first.
pub fn product(b: &mut Builder, sizes: Sizes, firsts: (usize, usize), bindings: [Bound; 3]) {
    let Sizes { count, rows, inner4, columns4 } = sizes;
    let params = [rows, inner4, columns4, firsts.0, firsts.1].map(|v| v as u32);
    let (kernel, invocations) = match quad::product(count, rows, columns4) {
        Some(invocations) if b.variants.quads => ("matmul_quad".to_owned(), invocations),
        _ => {
            let tall = if rows > 8 { 16 } else { 8 };
            let deep = deep(columns4);
            (format!("matmul/{tall}x{deep}"), count * rows.div_ceil(tall) * columns4 / deep)
        }
    };
    b.each(&kernel, invocations, &params, &bindings, sizes.flops());
}

/// How the rows of a weight gradient are summed: in chunks, each into a partial sum of its own.
pub struct Chunks {
    /// Rows of a chunk.
    rows: usize,
    /// Chunks that are summed already.
    done: usize,
    /// Chunks of all groups.
    pub all: usize,
    /// The same for a full batch, which shorter ones share their buffers with.
    pub of_full: usize,
}

impl Chunks {
    /// Of at least `least` rows each, over groups of pictures with so many rows and transforms of so many bytes each,
    /// such that the partial sums of `bytes` each take no more than the transforms do.
    pub fn new(b: &Builder, picture_bytes: usize, picture_rows: usize, bytes: usize, least: usize) -> Self {
        let full = groups_of(b, picture_bytes, b.full_batch());
        let most = (b.transform_bytes / bytes / full.len()).max(1);
        let rows = least.max((full[0].pictures * picture_rows).div_ceil(most)).next_multiple_of(4);
        let count =
            |groups: &[Group]| groups.iter().map(|g| (g.pictures * picture_rows).div_ceil(rows)).sum();
        Self { rows, done: 0, all: count(&groups(b, picture_bytes)), of_full: count(&full) }
    }
}

/// part = aᵀ·g in the next of `chunks`, where a has `inner4` and g `columns4` vec4s of channels and begins `g_first`
/// rows into its buffer.
pub fn gradient(
    b: &mut Builder,
    sizes: Sizes,
    chunks: &mut Chunks,
    g_first: usize,
    (a, g, part): (Buf, Buf, Bound),
) {
    let Sizes { count, rows, inner4, columns4 } = sizes;
    let (wide, deep) = (deep(inner4), deep(columns4));
    let params = [count, rows, inner4, columns4, chunks.rows, chunks.done, g_first].map(|v| v as u32);
    let here = rows.div_ceil(chunks.rows);
    chunks.done += here;
    let invocations = here * count * (inner4 / wide) * (columns4 / deep);
    let in_quads = b.variants.quads && quad::gradient(inner4, columns4);
    let kernel = if in_quads { "matmul_grad_quad".into() } else { format!("matmul_grad/{wide}x{deep}") };
    b.each(&kernel, invocations, &params, &[a.into(), g.into(), part], sizes.flops());
}
