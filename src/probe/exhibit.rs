//! Tensors to be shown: measured by kernels, painted by a kernel into an atlas of tiles, described by the
//! few numbers that come back.

use super::watch::{BINS, Mosaic, Tile};
use crate::engine::layout::vec4s;
use crate::engine::program::{Bound, Buf, Dispatch, Phase};
use crate::train::Moments;

/// Width of the atlas in pixels. A row of it is a multiple of the 256 bytes that copies to textures want.
pub const ATLAS_WIDTH: u32 = 1024;
/// Bins of `log_histogram.wgsl`.
pub const LOG_BINS: usize = 1089;
/// Bins an octave, octaves, and the exponent of the smallest, as in that kernel.
const PER_OCTAVE: usize = 32;
const HALF: usize = 17 * PER_OCTAVE;
const SMALLEST: i32 = -10;
/// vec4s that a workgroup of that kernel counts.
const PER_GROUP: usize = 4096;

/// Places rectangles row by row, each row as high as its highest.
pub struct Shelves {
    at: [u32; 2],
    height: u32,
}

impl Shelves {
    /// Places from `top` on.
    pub fn new(top: u32) -> Self {
        Self { at: [0, top], height: 0 }
    }

    /// Left and top for a rectangle.
    pub fn place(&mut self, w: u32, h: u32) -> [u32; 2] {
        if self.at[0] + w > ATLAS_WIDTH {
            self.at = [0, self.at[1] + self.height];
            self.height = 0;
        }
        let at = self.at;
        self.at[0] += w;
        self.height = self.height.max(h);
        at
    }

    /// First row that nothing was placed in.
    pub fn bottom(&self) -> u32 {
        self.at[1] + self.height
    }
}

/// One tensor that is shown.
#[derive(Clone, Debug)]
pub struct Shown {
    pub buf: Buf,
    /// `[H, W, C]` of one image.
    pub shape: [usize; 3],
    /// Image painted; rows measured are those of `measured` images from the first on.
    pub image: usize,
    pub measured: usize,
    pub columns: usize,
    /// First tile, and how many.
    pub tile: usize,
    pub tiles: usize,
    pub at: [u32; 2],
    /// First vec4 of its statistics and first bin of its histogram.
    pub stats: usize,
    pub histogram: usize,
    /// Shows the same channels as others of this group, and has their scale if those of a scale group do.
    pub picks: usize,
    pub scale: usize,
    pub signed: bool,
}

/// Counts what [`Shown`]s need.
#[derive(Debug, Default, Clone)]
pub struct Totals {
    pub tiles: usize,
    pub stats: usize,
    pub bins: usize,
}

impl Shown {
    /// Gives `shape` a place; `most` maps in `columns`.
    pub fn place(
        totals: &mut Totals,
        shelves: &mut Shelves,
        buf: Buf,
        shape: [usize; 3],
        most: usize,
        columns: usize,
    ) -> Self {
        let tiles = most.min(shape[2]);
        let columns = columns.min(tiles).max(1);
        let size = [columns * shape[1], tiles.div_ceil(columns) * shape[0]];
        let shown = Self {
            buf,
            shape,
            image: 0,
            measured: 1,
            columns,
            tile: totals.tiles,
            tiles,
            at: shelves.place(size[0] as u32, size[1] as u32),
            stats: totals.stats,
            histogram: totals.bins,
            picks: 0,
            scale: 0,
            signed: false,
        };
        totals.tiles += tiles;
        totals.stats += vec4s(shape[2]) * 4;
        totals.bins += LOG_BINS;
        shown
    }

    fn pixels(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    /// Measures channels and sizes of values.
    pub fn measure(&self) -> [Dispatch; 2] {
        let c4 = vec4s(self.shape[2]);
        let rows = self.pixels() * self.measured;
        let len = rows * c4;
        let stats = dispatch(
            "channel_stats",
            &[rows, c4, 0, self.stats],
            &[self.buf, Buf::ChannelStats],
            c4,
            (len * 4) as f64 * 8.0,
        );
        let params = [len, PER_GROUP, c4, self.shape[2], 0, self.histogram];
        let groups = len.div_ceil(PER_GROUP);
        let counts =
            dispatch("log_histogram", &params, &[self.buf, Buf::Histograms], groups, (len * 4) as f64 * 16.0);
        [stats, counts]
    }

    /// Paints the tiles.
    pub fn paint(&self) -> Dispatch {
        let [h, w, c] = self.shape;
        let c4 = vec4s(c);
        let total = self.tiles * h * w;
        let [left, top] = self.at.map(|v| v as usize);
        let first = self.image * self.pixels() * c4;
        let params = [total, w, h, c4, first, self.tile, self.columns, left, top, ATLAS_WIDTH as usize];
        let bindings = [self.buf, Buf::Picks, Buf::Scales, Buf::Lut, Buf::Atlas];
        dispatch("paint_maps", &params, &bindings, total.div_ceil(64), total as f64 * 32.0)
    }

    /// Tile number `k`, showing `channel`.
    pub fn tile(&self, k: usize, channel: u32) -> Tile {
        let [h, w] = [self.shape[0] as u32, self.shape[1] as u32];
        let (column, row) = ((k % self.columns) as u32, (k / self.columns) as u32);
        Tile { channel, at: [self.at[0] + column * w, self.at[1] + row * h], size: [w, h] }
    }

    /// What the tiles show, given their channels and what was measured.
    pub fn mosaic(&self, picks: &[u32], scale: Option<f32>, measured: &Measured) -> Mosaic {
        let tiles = picks.iter().take(self.tiles).enumerate().map(|(k, &c)| self.tile(k, c)).collect();
        Mosaic {
            tiles,
            columns: self.columns,
            channels: self.shape[2],
            signed: self.signed,
            scale,
            clipped: scale.is_some_and(|s| measured.largest() > s),
            broken: measured.bad,
        }
    }
}

/// A launch that belongs to no layer.
pub fn dispatch(kernel: &str, params: &[usize], bindings: &[Buf], workgroups: usize, work: f64) -> Dispatch {
    Dispatch {
        kernel: kernel.to_owned(),
        params: params.iter().map(|&v| v as u32).collect(),
        bindings: bindings.iter().map(|&b| Bound::from(b)).collect(),
        workgroups: workgroups as u32,
        work,
        bytes: 0.0,
        layer: "probe".into(),
        phase: Phase::Probe,
    }
}

/// What was measured of one tensor.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// By channel: mean, variance, largest absolute value.
    mean: Vec<f32>,
    variance: Vec<f32>,
    largest: Vec<f32>,
    /// Whether a value is NaN or infinite.
    pub bad: bool,
    counts: Vec<u32>,
}

impl Measured {
    /// Takes a tensor's part of what came back.
    pub fn decode(shown: &Shown, stats: &[f32], counts: &[u32]) -> Self {
        let channels = shown.shape[2];
        let at = |c: usize, k: usize| stats[(shown.stats + (c / 4) * 4 + k) * 4 + c % 4];
        let of = |k: usize| (0..channels).map(|c| at(c, k)).collect();
        Self {
            mean: of(0),
            variance: of(1),
            largest: of(2),
            bad: (0..channels).any(|c| at(c, 3) > 0.0),
            counts: counts[shown.histogram..shown.histogram + LOG_BINS].to_vec(),
        }
    }

    /// Largest absolute value of all, and of one channel.
    pub fn largest(&self) -> f32 {
        self.largest.iter().copied().fold(0.0, f32::max)
    }

    pub fn largest_of(&self, channel: u32) -> f32 {
        self.largest.get(channel as usize).copied().unwrap_or(0.0)
    }

    /// Over all channels.
    pub fn moments(&self) -> Moments {
        let n = self.mean.len().max(1) as f64;
        let mean = self.mean.iter().map(|&m| f64::from(m)).sum::<f64>() / n;
        let spread = |(m, v): (&f32, &f32)| f64::from(*v) + (f64::from(*m) - mean).powi(2);
        let variance = self.mean.iter().zip(&self.variance).map(spread).sum::<f64>() / n;
        Moments { mean: mean as f32, std: variance.sqrt() as f32 }
    }

    /// The `n` channels of highest variance, in the order of channels.
    pub fn liveliest(&self, n: usize) -> Vec<u32> {
        let mut channels: Vec<u32> = (0..self.variance.len() as u32).collect();
        channels
            .sort_by(|a, b| self.variance[*b as usize].total_cmp(&self.variance[*a as usize]).then(a.cmp(b)));
        channels.truncate(n);
        channels.sort_unstable();
        channels
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|&n| u64::from(n)).sum()
    }

    /// Counts in [`BINS`] equal bins over −range … range; what lies beyond counts in the outer ones.
    pub fn histogram(&self, range: f32) -> Vec<u32> {
        let mut bins = vec![0.0f64; BINS];
        let width = 2.0 * f64::from(range) / BINS as f64;
        let mut spread = |low: f64, high: f64, n: u32| {
            // A bin of the GPU's is divided among those it overlaps, by length.
            let place = |v: f64| ((v + f64::from(range)) / width).clamp(0.0, BINS as f64);
            let (a, b) = (place(low), place(high));
            let last = BINS - 1;
            if b - a < 1e-9 {
                bins[(a as usize).min(last)] += f64::from(n);
                return;
            }
            for k in a as usize..=(b as usize).min(last) {
                let overlap = (b.min(k as f64 + 1.0) - a.max(k as f64)).max(0.0);
                bins[k] += f64::from(n) * overlap / (b - a);
            }
        };
        for (i, &n) in self.counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            if i == 2 * HALF {
                let (low, _) = edges(0);
                let least = if self.counts[HALF..2 * HALF].iter().any(|&n| n > 0) { -low } else { 0.0 };
                spread(least, low, n);
                continue;
            }
            let (low, high) = edges(i % HALF);
            if i < HALF { spread(low, high, n) } else { spread(-high, -low, n) }
        }
        bins.into_iter().map(|n| n.round() as u32).collect()
    }
}

/// Edges of bin `i` of one sign.
fn edges(i: usize) -> (f64, f64) {
    let edge = |i: usize| {
        let octave = f64::from(SMALLEST + (i / PER_OCTAVE) as i32);
        (1.0 + (i % PER_OCTAVE) as f64 / PER_OCTAVE as f64) * octave.exp2()
    };
    (edge(i), edge(i + 1))
}

/// The value that 99 % of all absolute values of `tensors` stay below.
pub fn percentile(tensors: &[&Measured]) -> f32 {
    let total: u64 = tensors.iter().map(|m| m.count()).sum();
    let allowed = total / 100;
    let mut above = 0;
    for i in (0..HALF).rev() {
        above += tensors.iter().map(|m| u64::from(m.counts[i]) + u64::from(m.counts[HALF + i])).sum::<u64>();
        if above > allowed {
            return edges(i).1 as f32;
        }
    }
    edges(0).0 as f32
}

/// The smallest of 1, 2, 3, 5 × 10ⁿ that is not below `v`.
pub fn round_up(v: f32) -> f32 {
    if !(v > 0.0 && v.is_finite()) {
        return 1.0;
    }
    let decade = 10f32.powf(v.log10().floor());
    [1.0, 2.0, 3.0, 5.0, 10.0].into_iter().map(|m| m * decade).find(|s| *s >= v * 0.9999).unwrap_or(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the kernel sorts a value.
    fn bin(v: f32) -> usize {
        let size = ((v.to_bits() & 0x7fff_ffff) >> 18) as usize;
        let smallest = (127 - 10) << 5;
        if size < smallest {
            return 2 * HALF;
        }
        (size - smallest).min(HALF - 1) + if v < 0.0 { HALF } else { 0 }
    }

    fn measured(values: &[f32]) -> Measured {
        let mut counts = vec![0; LOG_BINS];
        for &v in values {
            counts[bin(v)] += 1;
        }
        let largest = values.iter().map(|v| v.abs()).fold(0.0, f32::max);
        Measured { mean: vec![0.0], variance: vec![1.0], largest: vec![largest], bad: false, counts }
    }

    #[test]
    fn bins_hold_what_their_edges_say() {
        for v in [0.001f32, 0.5, 1.0, 1.03, 1.99, 3.7, 100.0] {
            let (low, high) = edges(bin(v));
            assert!(low <= f64::from(v) && f64::from(v) < high, "{v}: {low}..{high}");
        }
    }

    #[test]
    fn the_percentile_leaves_one_value_in_a_hundred_above() {
        let values: Vec<f32> =
            (1..=1000).map(|i| i as f32 / 100.0 * if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let p = percentile(&[&measured(&values)]);
        assert!((9.85..10.2).contains(&p), "{p}");
        assert_eq!(round_up(p), if p > 10.0 { 20.0 } else { 10.0 });
        assert_eq!([0.11, 0.2, 2.5, 4.0, 7.0].map(round_up), [0.2, 0.2, 3.0, 5.0, 10.0]);
    }

    #[test]
    fn a_histogram_counts_every_value_once() {
        let values: Vec<f32> = (0..600).map(|i| (i as f32 / 100.0) - 3.0).collect();
        let bins = measured(&values).histogram(2.0);
        let total: u32 = bins.iter().sum();
        assert!(total.abs_diff(600) <= BINS as u32 / 2, "{total}");
        // A third lies beyond the range, at the ends.
        assert!(bins[0] > 100 && bins[BINS - 1] > 100);
        assert!(bins[BINS / 2].abs_diff(6) <= 2, "{}", bins[BINS / 2]);
        let positive = measured(&[0.5, 0.0, 0.0]).histogram(1.0);
        assert_eq!((positive[..BINS / 2].iter().sum::<u32>(), positive[BINS / 2]), (0, 2));
    }

    #[test]
    fn shelves_do_not_overlap() {
        let mut shelves = Shelves::new(10);
        let a = shelves.place(1000, 20);
        let b = shelves.place(100, 30);
        assert_eq!((a, b, shelves.bottom()), ([0, 10], [0, 30], 60));
    }
}
