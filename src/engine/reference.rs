//! The engine's maths once more, naive, in f64 on the CPU: the twin every kernel is compared with.
//!
//! First each operation as a free function on flat slices in PyTorch's layout, activations
//! `[N, C, H, W]` and weights `[O, I, K, K]`, forward and backward; then [`Network`], which walks a
//! [`Graph`] forward and in reverse with them. Nothing is tiled, fused or reused, so that a formula
//! here can be held against the paper by eye. The one concession to speed is that a convolution gathers
//! the patches under one row of outputs first, after which all its inner loops run over contiguous
//! memory.
//!
//! Papers: He et al. 2015, "Deep Residual Learning" (arXiv 1512.03385); Ioffe & Szegedy 2015, "Batch
//! Normalization" (arXiv 1502.03167).
//!
//! Every function panics if a slice's length contradicts the sizes given: that is a mistake in the
//! caller, never in a user's data.

use super::Gates;
use crate::model::{Affine, AffineKind, Conv, Graph, Op, TensorId};
use std::ops::Range;

/// Added to a variance before its square root is taken, as in PyTorch.
pub const EPS: f64 = 1e-5;
/// Share of the newest batch in the running statistics, as in PyTorch.
pub const RUNNING_MOMENTUM: f64 = 0.1;

/// Sizes of an activation, `[N, C, H, W]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dims {
    pub n: usize,
    pub c: usize,
    pub h: usize,
    pub w: usize,
}

impl Dims {
    /// Number of scalars.
    pub fn len(self) -> usize {
        self.n * self.c * self.plane()
    }

    /// Whether there is no scalar.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Pixels in one channel of one image.
    fn plane(self) -> usize {
        self.h * self.w
    }

    /// Every (channel, where its plane lies), image by image.
    fn planes(self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let size = self.plane();
        (0..self.n * self.c).map(move |i| (i % self.c, i * size..(i + 1) * size))
    }
}

/// A square window sliding over a picture: convolution or pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
}

impl Window {
    /// Positions of the window along `size` pixels.
    pub fn positions(self, size: usize) -> usize {
        (size + 2 * self.padding - self.kernel) / self.stride + 1
    }

    /// The pixel that tap `k` of position `o` falls on, or none in the padding.
    fn pixel(self, o: usize, k: usize, size: usize) -> Option<usize> {
        (o * self.stride + k).checked_sub(self.padding).filter(|&i| i < size)
    }
}

/// The pooling behind the ImageNet stem (He et al. 2015, Table 1).
pub const MAX_POOL: Window = Window { kernel: 3, stride: 2, padding: 1 };

/// Σ aᵢ·bᵢ, in eight partial sums so that it vectorises.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

/// y += s·x.
fn add_scaled(y: &mut [f64], s: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += s * x;
    }
}

/// Walks the patches under row `oy` of a convolution's output over one image: calls `visit(at, pixel)`
/// for every element of `[W', C·K·K]`, a patch ordered as one output channel's weights, with its place
/// in the image `[C, H, W]`, or none in the padding.
fn visit_patches(x: Dims, win: Window, oy: usize, mut visit: impl FnMut(usize, Option<usize>)) {
    let mut at = 0;
    for ox in 0..win.positions(x.w) {
        for c in 0..x.c {
            for ky in 0..win.kernel {
                let row = win.pixel(oy, ky, x.h).map(|iy| (c * x.h + iy) * x.w);
                for kx in 0..win.kernel {
                    let pixel = win.pixel(ox, kx, x.w);
                    visit(at, row.zip(pixel).map(|(row, ix)| row + ix));
                    at += 1;
                }
            }
        }
    }
}

/// What the three passes of a convolution share: sizes, and where things lie.
struct ConvLayout {
    x: Dims,
    y: Dims,
    win: Window,
    /// Weights of one output channel, C·K·K: also the length of a patch.
    patch: usize,
}

impl ConvLayout {
    fn new(x: Dims, cout: usize, win: Window) -> Self {
        let y = conv2d_dims(x, cout, win);
        Self { x, y, win, patch: x.c * win.kernel * win.kernel }
    }

    /// Elements of image `n` in x.
    fn image(&self, n: usize) -> Range<usize> {
        let size = self.x.c * self.x.plane();
        n * size..(n + 1) * size
    }

    /// Elements of output row `oy` of channel `co` of image `n` in y.
    fn row(&self, n: usize, co: usize, oy: usize) -> Range<usize> {
        let start = ((n * self.y.c + co) * self.y.h + oy) * self.y.w;
        start..start + self.y.w
    }

    /// Weights of output channel `co`.
    fn filter(&self, co: usize) -> Range<usize> {
        co * self.patch..(co + 1) * self.patch
    }

    /// All rows of the output: (image, row).
    fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        let h = self.y.h;
        (0..self.y.n * h).map(move |i| (i / h, i % h))
    }

    /// The patches `[W', C·K·K]` under output row `oy` of image `n`.
    fn gather(&self, x: &[f64], n: usize, oy: usize, patches: &mut [f64]) {
        let image = &x[self.image(n)];
        visit_patches(self.x, self.win, oy, |at, pixel| patches[at] = pixel.map_or(0.0, |p| image[p]));
    }

    /// The transpose of [`Self::gather`]: adds patches back to the pixels they came from.
    fn scatter(&self, patches: &[f64], n: usize, oy: usize, x: &mut [f64]) {
        let image = &mut x[self.image(n)];
        visit_patches(self.x, self.win, oy, |at, pixel| {
            if let Some(p) = pixel {
                image[p] += patches[at];
            }
        });
    }

    fn patches(&self) -> Vec<f64> {
        vec![0.0; self.y.w * self.patch]
    }
}

/// Sizes of a convolution's output.
pub fn conv2d_dims(x: Dims, cout: usize, win: Window) -> Dims {
    Dims { n: x.n, c: cout, h: win.positions(x.h), w: win.positions(x.w) }
}

/// Convolution without bias: x `[N, C, H, W]`, w `[O, C, K, K]` → y `[N, O, H', W']`,
/// y(n, o, i, j) = Σ w(o, c, k, l)·x(n, c, i·stride + k − padding, j·stride + l − padding).
pub fn conv2d(x: &[f64], dims: Dims, w: &[f64], cout: usize, win: Window) -> Vec<f64> {
    let layout = ConvLayout::new(dims, cout, win);
    assert_eq!((x.len(), w.len()), (dims.len(), cout * layout.patch), "conv2d: x or w does not fit {dims:?}");
    let mut y = vec![0.0; layout.y.len()];
    let mut patches = layout.patches(); // [W', C·K·K]
    for (n, oy) in layout.rows() {
        layout.gather(x, n, oy, &mut patches);
        for co in 0..cout {
            let filter = &w[layout.filter(co)]; // [C·K·K]
            let row = &mut y[layout.row(n, co, oy)]; // [W']
            for (y, patch) in row.iter_mut().zip(patches.chunks_exact(layout.patch)) {
                *y = dot(filter, patch);
            }
        }
    }
    y
}

/// Gradient of [`conv2d`] with respect to its input: dy `[N, O, H', W']`, w `[O, C, K, K]` → dx
/// `[N, C, H, W]`. Each patch gets Σ over o of dy·w(o); overlapping patches add up.
pub fn conv2d_input_gradient(dy: &[f64], dims: Dims, w: &[f64], cout: usize, win: Window) -> Vec<f64> {
    let layout = ConvLayout::new(dims, cout, win);
    assert_eq!(
        (dy.len(), w.len()),
        (layout.y.len(), cout * layout.patch),
        "conv2d_input_gradient: dy or w does not fit {dims:?}"
    );
    let mut dx = vec![0.0; dims.len()];
    let mut patches = layout.patches(); // [W', C·K·K], gradients
    for (n, oy) in layout.rows() {
        patches.fill(0.0);
        for co in 0..cout {
            let filter = &w[layout.filter(co)]; // [C·K·K]
            let row = &dy[layout.row(n, co, oy)]; // [W']
            for (&dy, patch) in row.iter().zip(patches.chunks_exact_mut(layout.patch)) {
                add_scaled(patch, dy, filter);
            }
        }
        layout.scatter(&patches, n, oy, &mut dx);
    }
    dx
}

/// Gradient of [`conv2d`] with respect to its weights: x `[N, C, H, W]`, dy `[N, O, H', W']` → dw
/// `[O, C, K, K]`, summed over images and pixels.
pub fn conv2d_weight_gradient(x: &[f64], dims: Dims, dy: &[f64], cout: usize, win: Window) -> Vec<f64> {
    let layout = ConvLayout::new(dims, cout, win);
    assert_eq!(
        (x.len(), dy.len()),
        (dims.len(), layout.y.len()),
        "conv2d_weight_gradient: x or dy does not fit {dims:?}"
    );
    let mut dw = vec![0.0; cout * layout.patch];
    let mut patches = layout.patches(); // [W', C·K·K]
    for (n, oy) in layout.rows() {
        layout.gather(x, n, oy, &mut patches);
        for co in 0..cout {
            let filter = &mut dw[layout.filter(co)]; // [C·K·K]
            let row = &dy[layout.row(n, co, oy)]; // [W']
            for (&dy, patch) in row.iter().zip(patches.chunks_exact(layout.patch)) {
                add_scaled(filter, dy, patch);
            }
        }
    }
    dw
}

/// The fully connected layer without bias, x `[N, C]`, w `[O, C]` → y `[N, O]`: a 1×1 convolution on
/// 1×1 pictures, as [`Graph`] has it. Its gradients are the convolution's.
pub fn linear(x: &[f64], n: usize, c: usize, w: &[f64], cout: usize) -> Vec<f64> {
    conv2d(x, Dims { n, c, h: 1, w: 1 }, w, cout, Window { kernel: 1, stride: 1, padding: 0 })
}

/// y + bias: y `[N, C, H, W]`, bias `[C]`.
pub fn bias(y: &[f64], dims: Dims, bias: &[f64]) -> Vec<f64> {
    assert_eq!((y.len(), bias.len()), (dims.len(), dims.c), "bias: y or bias does not fit {dims:?}");
    dims.planes().flat_map(|(c, plane)| y[plane].iter().map(move |y| y + bias[c])).collect()
}

/// Gradient of [`bias`] with respect to the bias, `[C]`; the one with respect to y is dz itself.
pub fn bias_gradient(dz: &[f64], dims: Dims) -> Vec<f64> {
    assert_eq!(dz.len(), dims.len(), "bias_gradient: dz does not fit {dims:?}");
    let mut db = vec![0.0; dims.c];
    for (c, plane) in dims.planes() {
        db[c] += dz[plane].iter().sum::<f64>();
    }
    db
}

/// Mean and variance of one batch, channel by channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchStats {
    /// `[C]`.
    pub mean: Vec<f64>,
    /// `[C]`, biased (divided by `count`): what a training batch is normalised with.
    pub var: Vec<f64>,
    /// Scalars a channel, N·H·W.
    pub count: usize,
}

impl BatchStats {
    /// Of y `[N, C, H, W]`, in two passes.
    pub fn of(y: &[f64], dims: Dims) -> Self {
        assert_eq!(y.len(), dims.len(), "BatchStats: y does not fit {dims:?}");
        let count = dims.n * dims.plane();
        let mut mean = vec![0.0; dims.c];
        for (c, plane) in dims.planes() {
            mean[c] += y[plane].iter().sum::<f64>() / count as f64;
        }
        let mut var = vec![0.0; dims.c];
        for (c, plane) in dims.planes() {
            var[c] += y[plane].iter().map(|y| (y - mean[c]).powi(2)).sum::<f64>() / count as f64;
        }
        Self { mean, var, count }
    }

    /// `[C]`, divided by `count` − 1: what the running variance takes in. A single scalar a channel,
    /// which PyTorch refuses to train on, leaves the variance (0) as it is.
    pub fn unbiased_var(&self) -> Vec<f64> {
        let correction = self.count as f64 / self.count.saturating_sub(1).max(1) as f64;
        self.var.iter().map(|v| v * correction).collect()
    }
}

/// 1/√(var + eps).
fn inverse_std(var: f64) -> f64 {
    1.0 / (var + EPS).sqrt()
}

/// Batch norm by given statistics: y `[N, C, H, W]`; gamma, beta, mean, var `[C]` →
/// γ·(y − mean)/√(var + eps) + β. With running statistics this is evaluation (Ioffe & Szegedy 2015,
/// Algorithm 2), with the batch's own, training ([`batch_norm_train`]).
pub fn batch_norm_eval(
    y: &[f64],
    dims: Dims,
    gamma: &[f64],
    beta: &[f64],
    mean: &[f64],
    var: &[f64],
) -> Vec<f64> {
    assert_eq!(y.len(), dims.len(), "batch norm: y does not fit {dims:?}");
    assert!(
        [gamma, beta, mean, var].iter().all(|p| p.len() == dims.c),
        "batch norm: a parameter or statistic does not fit {dims:?}"
    );
    let normalise = |(c, plane): (usize, Range<usize>)| {
        let scale = gamma[c] * inverse_std(var[c]);
        y[plane].iter().map(move |y| (y - mean[c]) * scale + beta[c])
    };
    dims.planes().flat_map(normalise).collect()
}

/// Batch norm in training (Ioffe & Szegedy 2015, Algorithm 1): y `[N, C, H, W]`, gamma and beta `[C]` →
/// z `[N, C, H, W]` and the batch's statistics, which [`batch_norm_gradient`] and the running
/// statistics need.
pub fn batch_norm_train(y: &[f64], dims: Dims, gamma: &[f64], beta: &[f64]) -> (Vec<f64>, BatchStats) {
    let stats = BatchStats::of(y, dims);
    (batch_norm_eval(y, dims, gamma, beta, &stats.mean, &stats.var), stats)
}

/// Gradients of one batch norm.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNormGradient {
    /// With respect to the input, `[N, C, H, W]`.
    pub dy: Vec<f64>,
    /// `[C]`.
    pub gamma: Vec<f64>,
    /// `[C]`.
    pub beta: Vec<f64>,
}

/// Gradient of [`batch_norm_train`] through mean and variance too (Ioffe & Szegedy 2015, §3, collected
/// into one formula). With ŷ the normalised input and m scalars a channel:
/// dβ = Σ dz, dγ = Σ dz·ŷ, dy = γ/√(var + eps)·(dz − dβ/m − ŷ·dγ/m).
pub fn batch_norm_gradient(
    y: &[f64],
    dims: Dims,
    gamma: &[f64],
    stats: &BatchStats,
    dz: &[f64],
) -> BatchNormGradient {
    assert_eq!(
        (y.len(), dz.len()),
        (dims.len(), dims.len()),
        "batch_norm_gradient: y or dz does not fit {dims:?}"
    );
    let m = stats.count as f64;
    let normalised = |c: usize, y: f64| (y - stats.mean[c]) * inverse_std(stats.var[c]);
    let mut d =
        BatchNormGradient { dy: vec![0.0; y.len()], gamma: vec![0.0; dims.c], beta: vec![0.0; dims.c] };
    for (c, plane) in dims.planes() {
        for i in plane {
            d.beta[c] += dz[i];
            d.gamma[c] += dz[i] * normalised(c, y[i]);
        }
    }
    for (c, plane) in dims.planes() {
        let scale = gamma[c] * inverse_std(stats.var[c]);
        for i in plane {
            d.dy[i] = scale * (dz[i] - d.beta[c] / m - normalised(c, y[i]) * d.gamma[c] / m);
        }
    }
    d
}

/// β·f + α·shortcut, element by element (He et al. 2015, Eq. 1, with α in front of x and β in front of F).
/// The gradients are β·dz for f and α·dz for the shortcut, each with its backward gate.
pub fn residual(f: &[f64], shortcut: &[f64], gates: Gates) -> Vec<f64> {
    assert_eq!(f.len(), shortcut.len(), "residual: branch and shortcut differ in size");
    let (alpha, beta) = (f64::from(gates.alpha), f64::from(gates.beta));
    f.iter().zip(shortcut).map(|(f, s)| beta * f + alpha * s).collect()
}

/// gate·dz, element by element.
pub fn gated(dz: &[f64], gate: f32) -> Vec<f64> {
    dz.iter().map(|dz| f64::from(gate) * dz).collect()
}

/// max(x, 0). Not a number stays not a number, as in PyTorch, so that a diverged run shows.
pub fn relu(x: &[f64]) -> Vec<f64> {
    x.iter().map(|&x| if x < 0.0 { 0.0 } else { x }).collect()
}

/// Gradient of [`relu`] from its output z; 0 at 0, as in PyTorch.
pub fn relu_gradient(z: &[f64], dz: &[f64]) -> Vec<f64> {
    assert_eq!(z.len(), dz.len(), "relu_gradient: z and dz differ in size");
    z.iter().zip(dz).map(|(z, dz)| if *z <= 0.0 { 0.0 } else { *dz }).collect()
}

/// Pairs (element of the small, element of the padded tensor) that option A's shortcut copies.
fn zero_pad_pairs(x: Dims, cout: usize, stride: usize, front: usize) -> impl Iterator<Item = (usize, usize)> {
    let z = zero_pad_dims(x, cout, stride);
    x.planes().enumerate().flat_map(move |(i, (c, plane))| {
        let to = (i / x.c * cout + front + c) * z.plane();
        (0..z.plane()).map(move |p| (plane.start + p / z.w * stride * x.w + p % z.w * stride, to + p))
    })
}

/// Sizes of [`zero_pad`]'s output.
pub fn zero_pad_dims(x: Dims, cout: usize, stride: usize) -> Dims {
    Dims { n: x.n, c: cout, h: x.h.div_ceil(stride), w: x.w.div_ceil(stride) }
}

/// Option A's shortcut (He et al. 2015, §3.3): x `[N, C, H, W]` → `[N, O, ⌈H/stride⌉, ⌈W/stride⌉]`,
/// every `stride`-th pixel, with `front` channels of zeros before and the rest behind.
pub fn zero_pad(x: &[f64], dims: Dims, cout: usize, stride: usize, front: usize) -> Vec<f64> {
    assert_eq!(x.len(), dims.len(), "zero_pad: x does not fit {dims:?}");
    assert!(front + dims.c <= cout, "zero_pad: {} channels behind {front} are more than {cout}", dims.c);
    let mut z = vec![0.0; zero_pad_dims(dims, cout, stride).len()];
    for (from, to) in zero_pad_pairs(dims, cout, stride, front) {
        z[to] = x[from];
    }
    z
}

/// Gradient of [`zero_pad`] with respect to x; pixels and channels that were not copied get or give
/// none.
pub fn zero_pad_gradient(dz: &[f64], dims: Dims, cout: usize, stride: usize, front: usize) -> Vec<f64> {
    assert_eq!(
        dz.len(),
        zero_pad_dims(dims, cout, stride).len(),
        "zero_pad_gradient: dz does not fit {dims:?}"
    );
    let mut dx = vec![0.0; dims.len()];
    for (from, to) in zero_pad_pairs(dims, cout, stride, front) {
        dx[from] = dz[to];
    }
    dx
}

/// For every output of [`max_pool`] the element of x `[N, C, H, W]` that is the maximum: the first in
/// row-major order of those that tie, as PyTorch picks it. Padding never wins; not a number always does.
fn max_pool_winners(x: &[f64], dims: Dims) -> Vec<usize> {
    assert_eq!(x.len(), dims.len(), "max_pool: x does not fit {dims:?}");
    let taps = MAX_POOL.kernel * MAX_POOL.kernel;
    let mut winners = Vec::new();
    for (_, plane) in dims.planes() {
        for oy in 0..MAX_POOL.positions(dims.h) {
            for ox in 0..MAX_POOL.positions(dims.w) {
                let inside = (0..taps).filter_map(|k| {
                    let iy = MAX_POOL.pixel(oy, k / MAX_POOL.kernel, dims.h)?;
                    let ix = MAX_POOL.pixel(ox, k % MAX_POOL.kernel, dims.w)?;
                    Some(plane.start + iy * dims.w + ix)
                });
                winners
                    .extend(inside.reduce(|best, i| if x[i] > x[best] || x[i].is_nan() { i } else { best }));
            }
        }
    }
    winners
}

/// Max-pooling 3×3, stride 2, padding 1: x `[N, C, H, W]` → `[N, C, ⌈H/2⌉, ⌈W/2⌉]`.
pub fn max_pool(x: &[f64], dims: Dims) -> Vec<f64> {
    max_pool_winners(x, dims).into_iter().map(|i| x[i]).collect()
}

/// Gradient of [`max_pool`]: each output's goes to the element that was its maximum.
pub fn max_pool_gradient(x: &[f64], dims: Dims, dz: &[f64]) -> Vec<f64> {
    let winners = max_pool_winners(x, dims);
    assert_eq!(winners.len(), dz.len(), "max_pool_gradient: dz does not fit {dims:?}");
    let mut dx = vec![0.0; x.len()];
    for (i, dz) in winners.into_iter().zip(dz) {
        dx[i] += dz;
    }
    dx
}

/// Mean over all pixels: x `[N, C, H, W]` → `[N, C]`.
pub fn avg_pool(x: &[f64], dims: Dims) -> Vec<f64> {
    assert_eq!(x.len(), dims.len(), "avg_pool: x does not fit {dims:?}");
    x.chunks_exact(dims.plane()).map(|plane| plane.iter().sum::<f64>() / dims.plane() as f64).collect()
}

/// Gradient of [`avg_pool`]: dz `[N, C]` → dx `[N, C, H, W]`, spread evenly.
pub fn avg_pool_gradient(dz: &[f64], dims: Dims) -> Vec<f64> {
    assert_eq!(dz.len(), dims.n * dims.c, "avg_pool_gradient: dz does not fit {dims:?}");
    dz.iter().flat_map(|dz| std::iter::repeat_n(dz / dims.plane() as f64, dims.plane())).collect()
}

/// Softmax of every row: logits `[N, K]` → probabilities `[N, K]`.
pub fn softmax(logits: &[f64], classes: usize) -> Vec<f64> {
    let row = |row: &[f64]| {
        let log_sum = log_sum_exp(row);
        row.iter().map(|x| (x - log_sum).exp()).collect::<Vec<_>>()
    };
    logits.chunks_exact(classes).flat_map(row).collect()
}

/// log Σ exp(x), with the largest x taken out so that nothing overflows.
fn log_sum_exp(x: &[f64]) -> f64 {
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    max + x.iter().map(|x| (x - max).exp()).sum::<f64>().ln()
}

/// Mean over the batch of −log softmax(logits)(label): logits `[N, K]`, labels `[N]`.
pub fn cross_entropy(logits: &[f64], classes: usize, labels: &[u8]) -> f64 {
    assert_eq!(logits.len(), labels.len() * classes, "cross_entropy: logits and labels differ in number");
    let rows = logits.chunks_exact(classes).zip(labels);
    rows.map(|(row, &label)| log_sum_exp(row) - row[usize::from(label)]).sum::<f64>() / labels.len() as f64
}

/// Gradient of [`cross_entropy`] with respect to the logits, `[N, K]`: (softmax − one-hot)/N.
pub fn cross_entropy_gradient(logits: &[f64], classes: usize, labels: &[u8]) -> Vec<f64> {
    assert_eq!(
        logits.len(),
        labels.len() * classes,
        "cross_entropy_gradient: logits and labels differ in number"
    );
    let mut d = softmax(logits, classes);
    for (row, &label) in d.chunks_exact_mut(classes).zip(labels) {
        row[usize::from(label)] -= 1.0;
        row.iter_mut().for_each(|d| *d /= labels.len() as f64);
    }
    d
}

/// Mean of (y − wanted)², and its gradient with respect to y: 2·(y − wanted)/len.
pub fn mean_squared_error(y: &[f64], wanted: &[f64]) -> (f64, Vec<f64>) {
    assert_eq!(y.len(), wanted.len(), "mean_squared_error: y and wanted differ in size");
    let n = y.len() as f64;
    let d: Vec<f64> = y.iter().zip(wanted).map(|(y, w)| y - w).collect();
    (dot(&d, &d) / n, d.into_iter().map(|d| 2.0 * d / n).collect())
}

/// Hyperparameters of one step of stochastic gradient descent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    pub lr: f64,
    pub momentum: f64,
    pub weight_decay: f64,
    pub nesterov: bool,
}

/// One step as PyTorch's `SGD` takes it, on a parameter w, its velocity v (0 before the first step)
/// and its gradient g, all of one length: g ← g + weight_decay·w; v ← momentum·v + g; w ← w − lr·v, or
/// with Nesterov w ← w − lr·(g + momentum·v).
pub fn sgd_step(w: &mut [f64], v: &mut [f64], g: &[f64], sgd: &Sgd) {
    assert!(w.len() == g.len() && v.len() == g.len(), "sgd_step: w, v and g differ in size");
    for ((w, v), g) in w.iter_mut().zip(v).zip(g) {
        let g = g + sgd.weight_decay * *w;
        *v = sgd.momentum * *v + g;
        *w -= sgd.lr * if sgd.nesterov { g + sgd.momentum * *v } else { *v };
    }
}

/// What a forward pass computed, and all that a backward pass needs.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The output of every layer in the order of [`Graph::tensors`], `[N, C, H, W]` each.
    pub values: Vec<Vec<f64>>,
    /// What each batch norm measured, in the order of [`Graph::norms`]; empty after an evaluation.
    pub stats: Vec<BatchStats>,
    /// `[N, classes]`.
    pub logits: Vec<f64>,
    /// `[N]`.
    pub labels: Vec<u8>,
    /// Mean cross-entropy.
    pub loss: f64,
    /// Whether the largest logit (the first of those that tie) is the label's, for every image.
    pub correct: Vec<bool>,
}

/// What a backward pass computed: gradients of the mean loss.
#[derive(Clone, Debug)]
pub struct Grads {
    /// In the order and layout of [`Graph::params`], without weight decay.
    pub params: Vec<Vec<f64>>,
    /// With respect to every layer's output, as [`Trace::values`].
    pub tensors: Vec<Vec<f64>>,
}

/// Which statistics a batch norm normalises with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The batch's own, as in training.
    Train,
    /// The running ones.
    Evaluate,
}

/// A network with everything that training changes.
#[derive(Clone, Debug)]
pub struct Network {
    pub graph: Graph,
    /// One set a block, at first as the specification has them; may be changed between passes.
    pub gates: Vec<Gates>,
    /// In the order of [`Graph::params`], PyTorch's layouts.
    pub params: Vec<Vec<f64>>,
    /// The optimiser's momentum buffers, as `params`.
    pub velocity: Vec<Vec<f64>>,
    /// `[C]` for each of [`Graph::norms`].
    pub running_mean: Vec<Vec<f64>>,
    /// `[C]` for each of [`Graph::norms`], unbiased.
    pub running_var: Vec<Vec<f64>>,
    /// Training passes so far, PyTorch's `num_batches_tracked`; the same for every norm.
    pub batches_tracked: u64,
}

impl Network {
    /// A network before its first step: velocity 0, running mean 0, running variance 1.
    ///
    /// # Panics
    /// If `params` differ from [`Graph::params`] in number or size.
    pub fn new(graph: Graph, params: Vec<Vec<f64>>) -> Self {
        assert_eq!(params.len(), graph.params.len(), "the graph has another number of parameters");
        for (given, wanted) in params.iter().zip(&graph.params) {
            assert_eq!(given.len(), wanted.len(), "{} has another size", wanted.name);
        }
        let velocity = params.iter().map(|p| vec![0.0; p.len()]).collect();
        let running = |x: f64| graph.norms.iter().map(|&(_, c)| vec![x; c]).collect();
        let (running_mean, running_var) = (running(0.0), running(1.0));
        let gates = Gates::of(&graph);
        Self { graph, gates, params, velocity, running_mean, running_var, batches_tracked: 0 }
    }

    /// [`Self::new`] from an engine's single-precision parameters.
    pub fn from_f32(graph: Graph, params: &[Vec<f32>]) -> Self {
        Self::new(graph, params.iter().map(|p| p.iter().map(|&x| f64::from(x)).collect()).collect())
    }

    /// Sizes of one tensor in a batch of `n`.
    pub fn dims(&self, tensor: TensorId, n: usize) -> Dims {
        let t = &self.graph.tensors[tensor];
        Dims { n, c: t.c, h: t.h, w: t.w }
    }

    /// One training pass: images `[N, 3, H, W]`, normalised; labels `[N]`. Running statistics move, as
    /// in PyTorch; parameters do not.
    ///
    /// # Panics
    /// If a label is not below the number of classes.
    pub fn forward_train(&mut self, images: &[f64], labels: &[u8]) -> Trace {
        let trace = self.forward(images, labels, Mode::Train);
        for (norm, stats) in trace.stats.iter().enumerate() {
            let moved = |old: &mut Vec<f64>, new: &[f64]| {
                for (old, new) in old.iter_mut().zip(new) {
                    *old = (1.0 - RUNNING_MOMENTUM) * *old + RUNNING_MOMENTUM * new;
                }
            };
            moved(&mut self.running_mean[norm], &stats.mean);
            moved(&mut self.running_var[norm], &stats.unbiased_var());
        }
        self.batches_tracked += 1;
        trace
    }

    /// One evaluation pass, with running statistics: images `[N, 3, H, W]`, normalised; labels `[N]`.
    ///
    /// # Panics
    /// If a label is not below the number of classes.
    pub fn forward_eval(&self, images: &[f64], labels: &[u8]) -> Trace {
        self.forward(images, labels, Mode::Evaluate)
    }

    fn forward(&self, images: &[f64], labels: &[u8], mode: Mode) -> Trace {
        let (g, n) = (&self.graph, labels.len());
        assert_eq!(images.len(), self.dims(g.input, n).len(), "images and labels differ in number or size");
        let mut values = vec![Vec::new(); g.tensors.len()];
        let mut stats = match mode {
            Mode::Train => vec![BatchStats::default(); g.norms.len()],
            Mode::Evaluate => Vec::new(),
        };
        values[g.input] = images.to_vec();
        for node in 0..g.nodes.len() {
            self.forward_node(node, n, mode, &mut values, &mut stats);
        }
        let (logits, classes) = (values[g.logits].clone(), g.spec.classes);
        let loss = cross_entropy(&logits, classes, labels);
        let rows = logits.chunks_exact(classes).zip(labels);
        let correct = rows.map(|(row, &label)| first_largest(row) == usize::from(label)).collect();
        Trace { values, stats, logits, labels: labels.to_vec(), loss, correct }
    }

    /// What node `node` of the graph makes of `values`, in the order of [`Graph::tensors`], over `n` images; what a
    /// batch norm measures in training goes to its place in `stats`. Tensors it does not read may be empty.
    pub fn forward_node(
        &self,
        node: usize,
        n: usize,
        mode: Mode,
        values: &mut [Vec<f64>],
        stats: &mut [BatchStats],
    ) {
        let g = &self.graph;
        match &g.nodes[node].op {
            Op::Conv(c) => {
                let (dims, weight) = (self.dims(c.input, n), &self.params[c.weight]);
                values[c.output] = conv2d(&values[c.input], dims, weight, c.cout, window(c));
            }
            Op::Affine(a) => {
                values[a.output] = self.affine(a, values, n, mode, stats);
            }
            &Op::ZeroPad { input, output, stride, front } => {
                let cout = g.tensors[output].c;
                values[output] = zero_pad(&values[input], self.dims(input, n), cout, stride, front);
            }
            &Op::MaxPool { input, output } => {
                values[output] = max_pool(&values[input], self.dims(input, n));
            }
            &Op::AvgPool { input, output } => {
                values[output] = avg_pool(&values[input], self.dims(input, n));
            }
        }
    }

    /// z = \[ReLU\](β·(scale·y + shift) \[+ α·shortcut\]), `[N, C, H, W]`; what a batch norm measures in
    /// training goes to its place in `stats`.
    fn affine(
        &self,
        a: &Affine,
        values: &[Vec<f64>],
        n: usize,
        mode: Mode,
        stats: &mut [BatchStats],
    ) -> Vec<f64> {
        let (y, dims) = (&values[a.input], self.dims(a.input, n));
        let mut z = match (a.kind, mode) {
            (AffineKind::Bias { bias: b }, _) => bias(y, dims, &self.params[b]),
            (AffineKind::BatchNorm { gamma, beta, norm }, Mode::Evaluate) => {
                let (mean, var) = (&self.running_mean[norm], &self.running_var[norm]);
                batch_norm_eval(y, dims, &self.params[gamma], &self.params[beta], mean, var)
            }
            (AffineKind::BatchNorm { gamma, beta, norm }, Mode::Train) => {
                let (z, measured) = batch_norm_train(y, dims, &self.params[gamma], &self.params[beta]);
                stats[norm] = measured;
                z
            }
        };
        if let Some((shortcut, block)) = a.residual {
            z = residual(&z, &values[shortcut], self.gates[block]);
        }
        if a.relu { relu(&z) } else { z }
    }

    /// Gradients of the loss of `trace`: the nodes in reverse, gradients adding up in tensors that are
    /// read twice.
    ///
    /// # Panics
    /// If `trace` is of an evaluation of a network with batch norm, or of another network.
    pub fn backward(&self, trace: &Trace) -> Grads {
        let (g, n) = (&self.graph, trace.labels.len());
        assert_eq!(trace.stats.len(), g.norms.len(), "the trace is of no training pass of this network");
        let mut params: Vec<Vec<f64>> = g.params.iter().map(|p| vec![0.0; p.len()]).collect();
        let mut tensors: Vec<Vec<f64>> = trace.values.iter().map(|v| vec![0.0; v.len()]).collect();
        tensors[g.logits] = cross_entropy_gradient(&trace.logits, g.spec.classes, &trace.labels);
        for node in (0..g.nodes.len()).rev() {
            self.backward_node(node, n, &trace.values, &trace.stats, &mut params, &mut tensors);
        }
        Grads { params, tensors }
    }

    /// The transpose of [`Self::forward_node`] in training: sets the gradients of the node's parameters in `params` and
    /// adds those of what it reads to `tensors`, where the gradient of its output is. Of `values` and `tensors`, what
    /// the node neither reads nor makes may be empty.
    pub fn backward_node(
        &self,
        node: usize,
        n: usize,
        values: &[Vec<f64>],
        stats: &[BatchStats],
        params: &mut [Vec<f64>],
        tensors: &mut [Vec<f64>],
    ) {
        let g = &self.graph;
        match &g.nodes[node].op {
            Op::Conv(c) => {
                let (dims, dy) = (self.dims(c.input, n), &tensors[c.output]);
                params[c.weight] = conv2d_weight_gradient(&values[c.input], dims, dy, c.cout, window(c));
                let dx = conv2d_input_gradient(dy, dims, &self.params[c.weight], c.cout, window(c));
                add_scaled(&mut tensors[c.input], 1.0, &dx);
            }
            Op::Affine(a) => self.affine_gradient(a, n, values, stats, params, tensors),
            &Op::ZeroPad { input, output, stride, front } => {
                let (dims, cout) = (self.dims(input, n), g.tensors[output].c);
                let dx = zero_pad_gradient(&tensors[output], dims, cout, stride, front);
                add_scaled(&mut tensors[input], 1.0, &dx);
            }
            &Op::MaxPool { input, output } => {
                let dx = max_pool_gradient(&values[input], self.dims(input, n), &tensors[output]);
                add_scaled(&mut tensors[input], 1.0, &dx);
            }
            &Op::AvgPool { input, output } => {
                let dx = avg_pool_gradient(&tensors[output], self.dims(input, n));
                add_scaled(&mut tensors[input], 1.0, &dx);
            }
        }
    }

    /// The transpose of [`Self::affine`].
    fn affine_gradient(
        &self,
        a: &Affine,
        n: usize,
        values: &[Vec<f64>],
        stats: &[BatchStats],
        params: &mut [Vec<f64>],
        tensors: &mut [Vec<f64>],
    ) {
        let (y, dims) = (&values[a.input], self.dims(a.input, n));
        let mut dz = match a.relu {
            true => relu_gradient(&values[a.output], &tensors[a.output]),
            false => tensors[a.output].clone(),
        };
        if let Some((shortcut, block)) = a.residual {
            let gates = self.gates[block];
            add_scaled(&mut tensors[shortcut], 1.0, &gated(&dz, gates.back_alpha));
            dz = gated(&dz, gates.back_beta);
        }
        let dy = match a.kind {
            AffineKind::Bias { bias } => {
                params[bias] = bias_gradient(&dz, dims);
                dz
            }
            AffineKind::BatchNorm { gamma, beta, norm } => {
                let d = batch_norm_gradient(y, dims, &self.params[gamma], &stats[norm], &dz);
                (params[gamma], params[beta]) = (d.gamma, d.beta);
                d.dy
            }
        };
        add_scaled(&mut tensors[a.input], 1.0, &dy);
    }

    /// One step of the optimiser on every parameter.
    pub fn sgd(&mut self, grads: &Grads, sgd: &Sgd) {
        for ((w, v), g) in self.params.iter_mut().zip(&mut self.velocity).zip(&grads.params) {
            sgd_step(w, v, g, sgd);
        }
    }
}

fn window(c: &Conv) -> Window {
    Window { kernel: c.kernel, stride: c.stride, padding: c.padding }
}

/// Index of the largest element, the first of those that tie.
fn first_largest(row: &[f64]) -> usize {
    (0..row.len()).reduce(|best, i| if row[i] > row[best] { i } else { best }).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::weights;
    use crate::model::{Alpha, BlockKind, ModelSpec, Shortcut, Stem, by_name};
    use serde_json::Value;
    use std::io::Read;
    use std::path::{Path, PathBuf};

    /// `n` fixed numbers in [−1, 1), another list for every `id`.
    fn numbers(id: u64, n: usize) -> Vec<f64> {
        let element = |i: u64| {
            let z = (id * 1_000_003 + i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let z = (z ^ (z >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
            ((z ^ (z >> 32)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        };
        (0..n as u64).map(element).collect()
    }

    /// Holds `gradient`, of f at x, against central differences at every element.
    fn check_gradient(what: &str, x: &[f64], gradient: &[f64], f: impl Fn(&[f64]) -> f64) {
        assert_eq!(x.len(), gradient.len(), "{what}");
        let scale = gradient.iter().fold(1e-3, |m: f64, g| m.max(g.abs()));
        for i in 0..x.len() {
            let measured = slope(x[i], |xi| {
                let mut x = x.to_vec();
                x[i] = xi;
                f(&x)
            });
            let off = (measured - gradient[i]).abs() / scale;
            assert!(off < 1e-8, "{what} at {i}: {} by formula, {measured} by difference", gradient[i]);
        }
    }

    /// df/dx at x, to fourth order.
    fn slope(x: f64, f: impl Fn(f64) -> f64) -> f64 {
        let h = 1e-4;
        (8.0 * (f(x + h) - f(x - h)) - (f(x + 2.0 * h) - f(x - 2.0 * h))) / (12.0 * h)
    }

    /// Convolution by its definition, one sum an output.
    fn conv2d_by_definition(x: &[f64], d: Dims, w: &[f64], cout: usize, win: Window) -> Vec<f64> {
        let (k, y) = (win.kernel, conv2d_dims(d, cout, win));
        let at = |n: usize, c: usize, i: isize, j: isize| {
            let inside = (0..d.h as isize).contains(&i) && (0..d.w as isize).contains(&j);
            if inside { x[((n * d.c + c) * d.h + i as usize) * d.w + j as usize] } else { 0.0 }
        };
        let mut out = Vec::new();
        for (n, o, i, j) in indices(y) {
            let mut sum = 0.0;
            for (c, ky, kx) in (0..d.c).flat_map(|c| (0..k * k).map(move |t| (c, t / k, t % k))) {
                let row = (i * win.stride + ky) as isize - win.padding as isize;
                let column = (j * win.stride + kx) as isize - win.padding as isize;
                sum += w[((o * d.c + c) * k + ky) * k + kx] * at(n, c, row, column);
            }
            out.push(sum);
        }
        out
    }

    fn indices(d: Dims) -> impl Iterator<Item = (usize, usize, usize, usize)> {
        (0..d.len()).map(move |i| (i / d.w / d.h / d.c, i / d.w / d.h % d.c, i / d.w % d.h, i % d.w))
    }

    #[test]
    fn convolution_is_its_definition_and_its_gradients_are_slopes() {
        let windows = [(3, 1, 1), (3, 2, 1), (1, 1, 0), (1, 2, 0), (7, 2, 3), (2, 3, 0)];
        for (kernel, stride, padding) in windows {
            for (h, w) in [(6, 5), (7, 8)] {
                let (win, dims, cout) = (Window { kernel, stride, padding }, Dims { n: 2, c: 3, h, w }, 2);
                let what = format!("{win:?} on {dims:?}");
                let x = numbers(1, dims.len());
                let weights = numbers(2, cout * dims.c * kernel * kernel);
                let y = conv2d(&x, dims, &weights, cout, win);
                let truth = conv2d_by_definition(&x, dims, &weights, cout, win);
                assert_eq!(y.len(), truth.len(), "{what}");
                assert!(y.iter().zip(&truth).all(|(a, b)| (a - b).abs() < 1e-13), "{what}");
                let dy = numbers(3, y.len());
                let dx = conv2d_input_gradient(&dy, dims, &weights, cout, win);
                let dw = conv2d_weight_gradient(&x, dims, &dy, cout, win);
                check_gradient(&what, &x, &dx, |x| dot(&dy, &conv2d(x, dims, &weights, cout, win)));
                check_gradient(&what, &weights, &dw, |w| dot(&dy, &conv2d(&x, dims, w, cout, win)));
            }
        }
    }

    #[test]
    fn linear_is_a_matrix_product() {
        // x = [[1, 2], [3, 4]], w = [[1, 0], [0, 1], [1, −1]].
        let y = linear(&[1.0, 2.0, 3.0, 4.0], 2, 2, &[1.0, 0.0, 0.0, 1.0, 1.0, -1.0], 3);
        assert_eq!(y, [1.0, 2.0, -1.0, 3.0, 4.0, -1.0]);
    }

    #[test]
    fn batch_norm_gradients_are_slopes() {
        let dims = Dims { n: 3, c: 2, h: 2, w: 3 };
        let (y, dz) = (numbers(1, dims.len()), numbers(2, dims.len()));
        let (gamma, beta) = ([0.7, -1.3], [0.2, 0.1]);
        let (z, stats) = batch_norm_train(&y, dims, &gamma, &beta);
        let of_output = BatchStats::of(&z, dims);
        for c in 0..2 {
            assert!((of_output.mean[c] - beta[c]).abs() < 1e-14);
            let expected = gamma[c].powi(2) * stats.var[c] / (stats.var[c] + EPS);
            assert!((of_output.var[c] - expected).abs() < 1e-14);
        }
        let d = batch_norm_gradient(&y, dims, &gamma, &stats, &dz);
        check_gradient("y", &y, &d.dy, |y| dot(&dz, &batch_norm_train(y, dims, &gamma, &beta).0));
        check_gradient("gamma", &gamma, &d.gamma, |g| dot(&dz, &batch_norm_train(&y, dims, g, &beta).0));
        check_gradient("beta", &beta, &d.beta, |b| dot(&dz, &batch_norm_train(&y, dims, &gamma, b).0));
    }

    #[test]
    fn batch_statistics_are_the_textbooks() {
        let dims = Dims { n: 2, c: 1, h: 1, w: 2 };
        let stats = BatchStats::of(&[1.0, 2.0, 3.0, 6.0], dims);
        assert_eq!((stats.mean[0], stats.var[0]), (3.0, 3.5));
        assert!((stats.unbiased_var()[0] - 14.0 / 3.0).abs() < 1e-15);
        let single = BatchStats::of(&[5.0], Dims { n: 1, c: 1, h: 1, w: 1 });
        assert_eq!(single.unbiased_var(), [0.0]);
    }

    #[test]
    fn bias_relu_and_residual_gradients_are_slopes() {
        let dims = Dims { n: 2, c: 3, h: 2, w: 2 };
        let (x, s, dz) = (numbers(1, dims.len()), numbers(2, dims.len()), numbers(3, dims.len()));
        let b = [0.3, -0.2, 0.1];
        check_gradient("bias", &b, &bias_gradient(&dz, dims), |b| dot(&dz, &bias(&x, dims, b)));
        check_gradient("relu", &x, &relu_gradient(&relu(&x), &dz), |x| dot(&dz, &relu(x)));
        let gates = Gates::new(0.5, -0.75);
        let (df, ds) = (gated(&dz, gates.back_beta), gated(&dz, gates.back_alpha));
        check_gradient("branch", &x, &df, |x| dot(&dz, &residual(x, &s, gates)));
        check_gradient("shortcut", &s, &ds, |s| dot(&dz, &residual(&x, s, gates)));
        assert_eq!(relu_gradient(&relu(&[0.0]), &[1.0]), [0.0]);
    }

    #[test]
    fn zero_pad_copies_every_second_pixel_between_zero_channels() {
        let dims = Dims { n: 1, c: 1, h: 3, w: 4 };
        let x: Vec<f64> = (0..12).map(f64::from).collect();
        let z = zero_pad(&x, dims, 4, 2, 1);
        assert_eq!(z, [0., 0., 0., 0., 0., 2., 8., 10., 0., 0., 0., 0., 0., 0., 0., 0.]);
        let dims = Dims { n: 2, c: 3, h: 4, w: 5 };
        let x = numbers(1, dims.len());
        let dz = numbers(2, zero_pad_dims(dims, 6, 2).len());
        let dx = zero_pad_gradient(&dz, dims, 6, 2, 1);
        check_gradient("zero_pad", &x, &dx, |x| dot(&dz, &zero_pad(x, dims, 6, 2, 1)));
    }

    #[test]
    fn max_pool_takes_the_first_of_equals_and_never_the_padding() {
        let dims = Dims { n: 1, c: 1, h: 4, w: 4 };
        assert_eq!(max_pool(&[-1.0; 16], dims), [-1.0; 4]);
        let mut expected = [0.0; 16];
        (expected[0], expected[1], expected[4], expected[5]) = (1.0, 2.0, 3.0, 4.0);
        assert_eq!(max_pool_gradient(&[-1.0; 16], dims, &[1.0, 2.0, 3.0, 4.0]), expected);
    }

    #[test]
    fn pooling_gradients_are_slopes() {
        let dims = Dims { n: 2, c: 2, h: 5, w: 6 };
        let x = numbers(1, dims.len());
        let dz = numbers(2, max_pool(&x, dims).len());
        check_gradient("max", &x, &max_pool_gradient(&x, dims, &dz), |x| dot(&dz, &max_pool(x, dims)));
        let dz = numbers(3, dims.n * dims.c);
        check_gradient("average", &x, &avg_pool_gradient(&dz, dims), |x| dot(&dz, &avg_pool(x, dims)));
    }

    #[test]
    fn cross_entropy_gradient_is_its_slope() {
        let (logits, labels) = (numbers(1, 15), [2, 0, 4]);
        let d = cross_entropy_gradient(&logits, 5, &labels);
        check_gradient("logits", &logits, &d, |x| cross_entropy(x, 5, &labels));
        assert!((cross_entropy(&[0.0; 20], 10, &[3, 7]) - 10f64.ln()).abs() < 1e-15);
        assert_eq!(cross_entropy(&[1e4, 0.0], 2, &[1]), 1e4);
    }

    #[test]
    fn mean_squared_error_has_its_gradient() {
        let (y, wanted) = (numbers(1, 20), numbers(2, 20));
        let (loss, d) = mean_squared_error(&y, &wanted);
        assert!(
            (loss - y.iter().zip(&wanted).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / 20.0).abs() < 1e-15
        );
        check_gradient("y", &y, &d, |y| mean_squared_error(y, &wanted).0);
    }

    #[test]
    fn sgd_is_pytorchs() {
        // torch.optim.SGD([2.0], lr=0.1, momentum=0.9, weight_decay=0.5) with gradients 1, then −1.
        for (nesterov, expected) in [(false, [1.8, 1.63]), (true, [1.62, 1.4941])] {
            let sgd = Sgd { lr: 0.1, momentum: 0.9, weight_decay: 0.5, nesterov };
            let (mut w, mut v) = ([2.0], [0.0]);
            for (g, expected) in [1.0, -1.0].iter().zip(expected) {
                sgd_step(&mut w, &mut v, &[*g], &sgd);
                assert!((w[0] - expected).abs() < 1e-12, "{w:?} {expected}");
            }
        }
    }

    /// A network of a few hundred weights that has every kind of layer `stem`, `block` and `shortcut`
    /// ask for.
    fn tiny(stem: Stem, block: BlockKind, shortcut: Shortcut, batch_norm: bool) -> ModelSpec {
        ModelSpec {
            stem,
            block,
            blocks: vec![1, 2],
            width: 2,
            shortcut,
            alpha: Alpha::PerBlock(vec![1.0, 0.5, 0.7]),
            beta: Alpha::All(1.0),
            batch_norm,
            classes: 3,
            input_size: if stem == Stem::Imagenet { 12 } else { 5 },
        }
    }

    #[test]
    fn gradients_of_whole_networks_are_slopes() {
        for stem in [Stem::Cifar, Stem::Imagenet] {
            for block in [BlockKind::Basic, BlockKind::Bottleneck] {
                for shortcut in [Shortcut::Projection, Shortcut::ZeroPad, Shortcut::None] {
                    for batch_norm in [true, false] {
                        check_network(&tiny(stem, block, shortcut, batch_norm));
                    }
                }
            }
        }
    }

    /// Holds the backward pass against differences of the loss, in three elements of every parameter and
    /// of the images.
    fn check_network(spec: &ModelSpec) {
        let graph = Graph::new(spec).expect("valid");
        let mut net = Network::new(graph.clone(), weights::golden_f64(&graph, 3));
        net.gates[1] = Gates::new(net.gates[1].alpha, 1.5);
        let labels = [0, 2, 1, 2];
        let images = numbers(1, 4 * 3 * spec.input_size * spec.input_size);
        let trace = net.forward_train(&images, &labels);
        let grads = net.backward(&trace);
        let close = |what: &str, formula: f64, measured: f64| {
            let off = (formula - measured).abs() / formula.abs().max(0.01);
            assert!(off < 1e-6, "{spec:?}\n{what}: {formula} by formula, {measured} by difference");
        };
        for (p, param) in graph.params.iter().enumerate() {
            for i in [0, param.len() / 2, param.len() - 1] {
                let measured = small_slope(|h| {
                    let mut net = net.clone();
                    net.params[p][i] += h;
                    net.forward_train(&images, &labels).loss
                });
                close(&format!("{}[{i}]", param.name), grads.params[p][i], measured);
            }
        }
        for i in [0, images.len() / 2, images.len() - 1] {
            let measured = small_slope(|h| {
                let mut images = images.clone();
                images[i] += h;
                net.clone().forward_train(&images, &labels).loss
            });
            close(&format!("images[{i}]"), grads.tensors[graph.input][i], measured);
        }
    }

    /// Slope at 0 by central differences so small that no ReLU and no maximum switches.
    fn small_slope(f: impl Fn(f64) -> f64) -> f64 {
        let h = 1e-6;
        (f(h) - f(-h)) / (2.0 * h)
    }

    #[test]
    fn alpha_zero_cuts_the_skip_and_evaluation_moves_nothing() {
        let mut spec = tiny(Stem::Cifar, BlockKind::Basic, Shortcut::ZeroPad, true);
        let graph = Graph::new(&spec).expect("valid");
        let params = weights::golden_f64(&graph, 1);
        spec.alpha = Alpha::All(0.0);
        let cut = Network::new(Graph::new(&spec).expect("valid"), params.clone());
        let plain = Network::new(Graph::new(&spec.plain_twin()).expect("valid"), params);
        let (images, labels) = (numbers(1, 2 * 75), [0, 1]);
        let before = cut.clone();
        assert_eq!(cut.forward_eval(&images, &labels).logits, plain.forward_eval(&images, &labels).logits);
        assert_eq!((cut.running_mean, cut.batches_tracked), (before.running_mean, 0));
    }

    #[test]
    fn evaluation_with_the_batchs_own_statistics_is_training() {
        let graph =
            Graph::new(&tiny(Stem::Cifar, BlockKind::Bottleneck, Shortcut::Projection, true)).expect("valid");
        let mut net = Network::new(graph.clone(), weights::golden_f64(&graph, 1));
        let (images, labels) = (numbers(1, 3 * 75), [0, 1, 2]);
        let trained = net.forward_train(&images, &labels);
        net.running_mean = trained.stats.iter().map(|s| s.mean.clone()).collect();
        net.running_var = trained.stats.iter().map(|s| s.var.clone()).collect();
        assert_eq!(net.forward_eval(&images, &labels).values, trained.values);
    }

    /// `shared/`, beside the repository or where `SKIPSCOPE_SHARED` says. Continuous integration has
    /// to have it; elsewhere a test without it says so and does nothing.
    fn shared() -> Option<PathBuf> {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");
        let path = std::env::var("SKIPSCOPE_SHARED").map_or_else(|_| PathBuf::from(beside), PathBuf::from);
        if path.join("golden").is_dir() {
            return Some(path);
        }
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no golden cases in {}", path.display());
        eprintln!("skipped: no golden cases in {}", path.display());
        None
    }

    /// Records `start..start + n` of CIFAR-10's binary training file: labels, and pixels in 0..1,
    /// `[n, 3, 32, 32]`.
    fn records(archive: &Path, start: usize, n: usize) -> (Vec<u8>, Vec<f64>) {
        const RECORD: usize = 1 + 3 * 32 * 32;
        let file = std::fs::File::open(archive).expect("the archive opens");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        let mut bytes = Vec::new();
        for entry in archive.entries().expect("a tar file") {
            let mut entry = entry.expect("an entry");
            if entry.path().expect("a path").ends_with("data_batch_1.bin") {
                entry.read_to_end(&mut bytes).expect("an intact entry");
            }
        }
        let records = || bytes.chunks_exact(RECORD).skip(start).take(n);
        let labels: Vec<u8> = records().map(|r| r[0]).collect();
        assert_eq!(labels.len(), n, "the archive has too few records");
        (labels, records().flat_map(|r| &r[1..]).map(|&b| f64::from(b) / 255.0).collect())
    }

    /// Nearest neighbour to size×size, then (x − mean)/std.
    fn prepare(pixels: &[f64], size: usize, mean: &[f64], std: &[f64]) -> Vec<f64> {
        let d = Dims { n: pixels.len() / (3 * 32 * 32), c: 3, h: size, w: size };
        let source = |i: usize| i * 32 / size;
        let value =
            |(n, c, i, j)| (pixels[((n * 3 + c) * 32 + source(i)) * 32 + source(j)] - mean[c]) / std[c];
        indices(d).map(value).collect()
    }

    fn floats(v: &Value) -> Vec<f64> {
        v.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
    }

    fn norm(x: &[f64]) -> f64 {
        dot(x, x).sqrt()
    }

    /// Largest |a − b|/max(|b|, 1e-9).
    fn deviation(a: &[f64], b: &[f64]) -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(a, b)| (a - b).abs() / b.abs().max(1e-9)).fold(0.0, f64::max)
    }

    /// Largest |a − b| relative to the largest |b|.
    fn logits_deviation(a: &[f64], b: &Value) -> f64 {
        let b = floats(b);
        let largest = b.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        a.iter().zip(&b).map(|(a, b)| (a - b).abs() / largest).fold(0.0, f64::max)
    }

    /// Runs a golden case (`shared/golden/FORMAT.md`); returns each field's worst deviation.
    fn golden_case(shared: &Path, name: &str) -> Vec<(&'static str, f64)> {
        let text = std::fs::read_to_string(shared.join(format!("golden/{name}.json"))).expect("a case");
        let case: Value = serde_json::from_str(&text).expect("JSON");
        let (data, o, expect) = (&case["data"], &case["optimizer"], &case["expect"]);
        let count = |v: &Value| v.as_u64().expect("a count") as usize;
        let (batch, size, steps) = (count(&data["batch"]), count(&data["size"]), count(&case["steps"]));
        let mut spec: ModelSpec = serde_json::from_value(case["model"].clone()).expect("a model");
        spec.input_size = size;
        let graph = Graph::new(&spec).expect("valid");
        let params = weights::golden_f64(&graph, count(&case["seed"]) as u64);
        let mut net = Network::new(graph.clone(), params);

        let archive = shared.join("data/cifar-10-mini-binary.tar.gz");
        let (labels, pixels) = records(&archive, count(&data["start"]), batch * steps);
        let images = prepare(&pixels, size, &floats(&data["mean"]), &floats(&data["std"]));
        let number = |v: &Value| v.as_f64().expect("a number");
        let sgd = Sgd {
            lr: number(&o["lr"]),
            momentum: number(&o["momentum"]),
            weight_decay: number(&o["weight_decay"]),
            nesterov: o["nesterov"].as_bool().expect("yes or no"),
        };

        let by_name = |field: &str, names: &mut dyn Iterator<Item = (String, f64)>| {
            let expected = expect[field].as_object().expect("a table");
            let mut worst: f64 = 0.0;
            let mut seen = 0;
            for (name, value) in names {
                worst = worst.max(deviation(&[value], &[number(&expected[&name])]));
                seen += 1;
            }
            assert_eq!(seen, expected.len(), "{field}");
            worst
        };
        let mut found = vec![(
            "parameters",
            deviation(&[graph.parameter_count() as f64], &[number(&expect["parameters"])]),
        )];
        let mut losses = Vec::new();
        let image = 3 * size * size;
        for (images, labels) in images.chunks_exact(batch * image).zip(labels.chunks_exact(batch)) {
            let trace = net.forward_train(images, labels);
            let grads = net.backward(&trace);
            if losses.is_empty() {
                found.push(("logits", logits_deviation(&trace.logits[..20], &expect["logits"])));
                let std = |v: &[f64]| BatchStats::of(v, Dims { n: v.len(), c: 1, h: 1, w: 1 }).var[0].sqrt();
                let mut stds = graph.blocks.iter().map(|b| (b.name.clone(), std(&trace.values[b.output])));
                found.push(("block_std", by_name("block_std", &mut stds)));
                let mut norms =
                    graph.params.iter().zip(&grads.params).map(|(p, g)| (p.name.clone(), norm(g)));
                found.push(("grad_norm", by_name("grad_norm", &mut norms)));
            }
            losses.push(trace.loss);
            net.sgd(&grads, &sgd);
        }
        found.push(("loss", deviation(&losses, &floats(&expect["loss"]))));
        let mut norms = graph.params.iter().zip(&net.params).map(|(p, w)| (p.name.clone(), norm(w)));
        found.push(("weight_norm", by_name("weight_norm", &mut norms)));
        let running = [("running_mean", &net.running_mean), ("running_var", &net.running_var)];
        let mut norms = running.iter().flat_map(|(kind, all)| {
            graph.norms.iter().zip(*all).map(move |((bn, _), x)| (format!("{bn}.{kind}"), norm(x)))
        });
        found.push(("running_norm", by_name("running_norm", &mut norms)));
        let eval = net.forward_eval(&images[..batch * image], &labels[..batch]);
        found.push(("eval_logits", logits_deviation(&eval.logits[..20], &expect["eval_logits"])));
        found.push(("eval_loss", deviation(&[eval.loss], &[number(&expect["eval_loss"])])));
        found
    }

    /// Every field to 1e-7: the logits are written with nine digits, all else agrees to 1e-11.
    fn check_golden(name: &str) {
        let Some(shared) = shared() else { return };
        for (field, deviation) in golden_case(&shared, name) {
            println!("{name} {field} {deviation:.1e}");
            assert!(deviation < 1e-7, "{name}: {field} is off by {deviation:e}");
        }
    }

    #[test]
    fn golden_resnet20_zero_pad() {
        check_golden("resnet20_zero_pad");
    }

    #[test]
    fn golden_resnet20_projection() {
        check_golden("resnet20_projection");
    }

    #[test]
    fn golden_plain20_no_bn() {
        check_golden("plain20_no_bn");
    }

    #[test]
    fn golden_resnet20_half_skip() {
        check_golden("resnet20_half_skip");
    }

    #[test]
    fn golden_plain20() {
        check_golden("plain20");
    }

    #[test]
    fn golden_large_cases() {
        for name in ["resnet18_cifar", "resnet34_imagenet_stem", "resnet50_imagenet_stem"] {
            check_golden(name);
        }
    }

    /// Losses of `steps` steps as the peers in `shared/peers` train: SGD, learning rate 0.01, momentum
    /// 0.9, the same batch every time.
    fn peer_losses(network: &str, batch: usize, steps: usize) -> Vec<f64> {
        let spec = ModelSpec { shortcut: Shortcut::Projection, ..by_name(network).expect("in the zoo") };
        let graph = Graph::new(&spec).expect("valid");
        let params = weights::peers(&graph);
        let mut net = Network::from_f32(graph, &params);
        let images: Vec<f64> = weights::peers_inputs(batch).into_iter().map(f64::from).collect();
        let labels = weights::peers_labels(batch);
        let sgd = Sgd { lr: 0.01, momentum: 0.9, weight_decay: 0.0, nesterov: false };
        let step = |_| {
            let trace = net.forward_train(&images, &labels);
            let grads = net.backward(&trace);
            net.sgd(&grads, &sgd);
            trace.loss
        };
        (0..steps).map(step).collect()
    }

    /// The peers' losses are published with four decimals.
    fn assert_peers(found: &[f64], published: &[f64]) {
        let same = found.iter().zip(published).all(|(a, b)| (a - b).abs() < 0.6e-4);
        assert!(same && found.len() == published.len(), "{found:?} instead of {published:?}");
    }

    #[test]
    fn resnet8_trains_as_its_peers_do() {
        assert_peers(
            &peer_losses("resnet8", 16, 7),
            &[2.4124, 2.4026, 2.3845, 2.3601, 2.3312, 2.2997, 2.2673],
        );
    }

    #[test]
    fn larger_networks_train_as_their_peers_do() {
        assert_peers(&peer_losses("resnet20", 32, 3), &[2.6552, 2.5768, 2.4529]);
        assert_peers(&peer_losses("resnet18", 8, 3), &[2.3081, 1.3684, 0.6575]);
    }
}
