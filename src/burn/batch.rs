//! A batch gathered on the CPU: the twin of `shaders/gather.wgsl`, picture for picture.

use crate::data::{RECORD, SIZE, Split};
use crate::train::{Recipe, Resize};

/// Pictures as Burn takes them, and their labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// `[N, 3, S, S]`, normalised.
    pub images: Vec<f32>,
    /// `[N]`.
    pub labels: Vec<u8>,
    /// Height and width in pixels.
    pub side: usize,
}

/// One round of PCG's output permutation (Jarzynski & Olano 2020).
fn pcg(v: u32) -> u32 {
    let s = v.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let w = ((s >> ((s >> 28) + 4)) ^ s).wrapping_mul(277_803_737);
    (w >> 22) ^ w
}

/// A picture cropped and flipped.
#[derive(Clone, Copy, Default)]
struct View {
    dx: i32,
    dy: i32,
    flip: bool,
}

impl View {
    /// That of place `n` in the epoch's order.
    fn drawn(seed: u32, n: u32) -> Self {
        let r = pcg(pcg(seed).wrapping_add(n));
        Self { dx: (r % 9) as i32 - 4, dy: ((r >> 8) % 9) as i32 - 4, flip: (r >> 20) & 1 == 1 }
    }

    /// Byte (y, x) of a plane `[32, 32]`; black outside the original.
    fn byte(self, plane: &[u8], y: usize, x: usize) -> f32 {
        let side = SIZE as i32;
        let x = x as i32;
        let cx = if self.flip { side - 1 - x } else { x } + self.dx;
        let cy = y as i32 + self.dy;
        if (0..side).contains(&cx) && (0..side).contains(&cy) {
            f32::from(plane[(cy * side + cx) as usize])
        } else {
            0.0
        }
    }
}

/// Pictures `records` of `split`, resized to `side` pixels and normalised as `recipe` says. With `augment`, its seed and
/// the first record's place in the epoch's order, they are cropped and flipped.
///
/// # Panics
///
/// If a record is not in the split.
pub fn gather(
    split: &Split,
    records: &[u32],
    side: usize,
    recipe: &Recipe,
    augment: Option<(u32, u32)>,
) -> Batch {
    let mut images = Vec::with_capacity(records.len() * 3 * side * side);
    let nearest = recipe.resize == Resize::Nearest || side == SIZE;
    for (n, &record) in records.iter().enumerate() {
        let view =
            augment.map_or(View::default(), |(seed, first)| View::drawn(seed, first.wrapping_add(n as u32)));
        let picture = &split.pixels[record as usize * RECORD..(record as usize + 1) * RECORD];
        for (c, plane) in picture.chunks_exact(SIZE * SIZE).enumerate() {
            let (scale, shift) = (1.0 / (255.0 * recipe.std[c]), -recipe.mean[c] / recipe.std[c]);
            for oy in 0..side {
                for ox in 0..side {
                    let value = if nearest {
                        view.byte(plane, oy * SIZE / side, ox * SIZE / side)
                    } else {
                        bilinear(view, plane, side, oy, ox)
                    };
                    images.push(value * scale + shift);
                }
            }
        }
    }
    let labels = records.iter().map(|&r| split.labels[r as usize]).collect();
    Batch { images, labels, side }
}

/// Half-pixel centres, edges repeated.
fn bilinear(view: View, plane: &[u8], side: usize, oy: usize, ox: usize) -> f32 {
    let ratio = SIZE as f32 / side as f32;
    let at = |o: usize| ((o as f32 + 0.5) * ratio - 0.5).clamp(0.0, (SIZE - 1) as f32);
    let (fy, fx) = (at(oy), at(ox));
    let (y0, x0) = (fy as usize, fx as usize);
    let (y1, x1) = ((y0 + 1).min(SIZE - 1), (x0 + 1).min(SIZE - 1));
    let mix = |a: f32, b: f32, t: f32| a * (1.0 - t) + b * t;
    let row = |y: usize| mix(view.byte(plane, y, x0), view.byte(plane, y, x1), fx - x0 as f32);
    mix(row(y0), row(y1), fy - y0 as f32)
}
