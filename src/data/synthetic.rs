//! `shapes10`: ten classes of small pictures drawn from a seed, so that there is something to learn at once.
//!
//! A page that must download 160 MB before anything moves has lost its reader. These pictures take a second
//! to draw and are made to need what a convolutional network has: the class is the outline of the one large
//! shape, while its place, size, turn, slant, colours and surface, the light-dark polarity, the background,
//! small clutter of the same shapes and bars across the front are all drawn independently of it. No pixel
//! says much on its own (`examples/shapes10.rs` measures how little a linear classifier gets), and yet the
//! smallest ResNet learns most of it in a few epochs. Hence the small turns: with shapes turned every way,
//! ResNet-8 named fewer than half rightly after eight epochs, too slow to watch in a lesson.
//!
//! Every picture has its own random stream, keyed by seed, split and index: a set of 100 is the beginning of
//! the set of 5,000. Only integer randomness, IEEE arithmetic and `libm` are used, so that browsers and
//! machines agree on every byte.

use super::{CLASSES, Dataset, RECORD, SIZE, Split};

/// Class names, in the order of the labels.
pub const CLASS_NAMES: [&str; CLASSES] =
    ["circle", "ring", "square", "triangle", "star", "cross", "heart", "moon", "hexagon", "arrow"];

/// Training pictures of [`shapes10`].
pub const TRAIN: usize = 5_000;
/// Test pictures of [`shapes10`].
pub const TEST: usize = 1_000;

/// Draws 5,000 training and 1,000 test pictures; the same seed gives the same bytes everywhere.
pub fn shapes10(seed: u64) -> Dataset {
    shapes10_sized(seed, TRAIN, TEST)
}

/// As [`shapes10`], with any number of pictures.
///
/// In both splits each ten pictures in a row show each class once, in random order.
pub fn shapes10_sized(seed: u64, train: usize, test: usize) -> Dataset {
    Dataset {
        name: "shapes10".to_owned(),
        classes: CLASS_NAMES.map(str::to_owned).to_vec(),
        train: draw_split(seed, 0, train),
        test: draw_split(seed, 1, test),
        notes: Vec::new(),
    }
}

fn draw_split(seed: u64, split: u64, count: usize) -> Split {
    let mut labels = Vec::with_capacity(count);
    let mut pixels = Vec::with_capacity(count * RECORD);
    let mut order = [0; CLASSES];
    for index in 0..count {
        if index % CLASSES == 0 {
            order = Rng::new(seed, 2 + split, index as u64).order();
        }
        let label = order[index % CLASSES];
        let mut rng = Rng::new(seed, split, index as u64);
        let canvas = paint(&mut rng, Shape::ALL[usize::from(label)]);
        labels.push(label);
        for channel in 0..3 {
            pixels.extend(canvas.iter().map(|pixel| (pixel[channel] * 255.0 + 0.5) as u8));
        }
    }
    Split { labels, pixels }
}

/// SplitMix64: a counter, well mixed.
struct Rng(u64);

impl Rng {
    fn new(seed: u64, stream: u64, index: u64) -> Self {
        Rng(mix(mix(mix(seed) ^ stream) ^ index))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Uniform in `0..1`, with 24 bits.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u32 << 24) as f32
    }

    fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    fn below(&mut self, bound: usize) -> usize {
        (((self.next() >> 32) * bound as u64) >> 32) as usize
    }

    fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// The classes in random order.
    fn order(&mut self) -> [u8; CLASSES] {
        let mut order = std::array::from_fn(|class| class as u8);
        for last in (1..CLASSES).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }
}

fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// sRGB, each in `0..=1`.
type Colour = [f32; 3];
/// `[32 * 32]` colours, row by row.
type Canvas = Vec<Colour>;

/// Turn of a full circle.
const TURN: f32 = std::f32::consts::TAU;

/// A colour by OKLab lightness (`0..=1`), chroma and hue (in turns), clipped to sRGB.
///
/// Ottosson, "A perceptual color space for image processing", 2020: equal steps look equal, so that contrast
/// can be promised.
fn oklch(lightness: f32, chroma: f32, hue: f32) -> Colour {
    let a = chroma * libm::cosf(hue * TURN);
    let b = chroma * libm::sinf(hue * TURN);
    let cube = |x: f32| x * x * x;
    let l = cube(lightness + 0.396_337_78 * a + 0.215_803_76 * b);
    let m = cube(lightness - 0.105_561_346 * a - 0.063_854_17 * b);
    let s = cube(lightness - 0.089_484_18 * a - 1.291_485_5 * b);
    let linear = [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ];
    linear.map(|x| {
        let x = x.clamp(0.0, 1.0);
        if x <= 0.003_130_8 { 12.92 * x } else { 1.055 * libm::powf(x, 1.0 / 2.4) - 0.055 }
    })
}

fn blend(under: Colour, over: Colour, share: f32) -> Colour {
    std::array::from_fn(|c| under[c] + (over[c] - under[c]) * share)
}

/// Towards white for positive amounts, towards black for negative ones.
fn lighten(colour: Colour, amount: f32) -> Colour {
    let amount = amount.clamp(-1.0, 1.0);
    colour.map(|c| if amount > 0.0 { c + (1.0 - c) * amount } else { c * (1.0 + amount) })
}

/// Rises from 0 to 1 over `0..1`.
fn smooth(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

/// The ten outlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Circle,
    Ring,
    Square,
    Triangle,
    Star,
    Cross,
    Heart,
    Moon,
    Hexagon,
    Arrow,
}

impl Shape {
    const ALL: [Shape; CLASSES] = [
        Shape::Circle,
        Shape::Ring,
        Shape::Square,
        Shape::Triangle,
        Shape::Star,
        Shape::Cross,
        Shape::Heart,
        Shape::Moon,
        Shape::Hexagon,
        Shape::Arrow,
    ];

    /// Signed distance from the outline, negative inside, of a shape of about unit radius, y downwards.
    ///
    /// After Quilez, "2D distance functions", <https://iquilezles.org/articles/distfunctions2d/>.
    fn distance(self, x: f32, y: f32) -> f32 {
        match self {
            Shape::Circle => length(x, y) - 0.96,
            Shape::Ring => (length(x, y) - 0.78).abs() - 0.26,
            Shape::Square => rounded_box(x, y, 0.84, 0.84, 0.06),
            Shape::Triangle => triangle(x, y - 0.12, 1.02, 0.06),
            Shape::Star => star(x, y),
            Shape::Cross => {
                let (x, y) = (x.abs(), y.abs());
                rounded_box(x, y, 1.04, 0.36, 0.05).min(rounded_box(x, y, 0.36, 1.04, 0.05))
            }
            Shape::Heart => heart(x, y),
            Shape::Moon => (length(x + 0.15, y) - 1.04).max(0.86 - length(x - 0.36, y)),
            Shape::Hexagon => hexagon(x, y, 0.88),
            Shape::Arrow => {
                let shaft = rounded_box(x + 0.36, y, 0.76, 0.27, 0.05);
                // The head is a triangle that points along x.
                shaft.min(triangle(-y, -(x - 0.46), 0.72, 0.04))
            }
        }
    }
}

fn rounded_box(x: f32, y: f32, half_width: f32, half_height: f32, radius: f32) -> f32 {
    let (dx, dy) = (x.abs() - half_width + radius, y.abs() - half_height + radius);
    length(dx.max(0.0), dy.max(0.0)) + dx.max(dy).min(0.0) - radius
}

/// An equilateral triangle that points up, with half a side of `half`.
fn triangle(x: f32, y: f32, half: f32, radius: f32) -> f32 {
    const K: f32 = 1.732_050_8;
    let half = half - radius * K;
    let mut px = x.abs() - half;
    let mut py = -y + half / K;
    if px + K * py > 0.0 {
        (px, py) = ((px - K * py) / 2.0, (-K * px - py) / 2.0);
    }
    px -= px.clamp(-2.0 * half, 0.0);
    let sign = if py > 0.0 { -1.0 } else { 1.0 };
    length(px, py) * sign - radius
}

/// A star of five points, one of them up.
fn star(x: f32, y: f32) -> f32 {
    const OUTER: f32 = 1.18;
    const INNER: f32 = 0.5;
    const K1: (f32, f32) = (0.809_017, -0.587_785_24);
    let (mut x, mut y) = (x.abs(), -y);
    let fold = 2.0 * (K1.0 * x + K1.1 * y).max(0.0);
    (x, y) = (x - fold * K1.0, y - fold * K1.1);
    let fold = 2.0 * (-K1.0 * x + K1.1 * y).max(0.0);
    (x, y) = (x + fold * K1.0, y - fold * K1.1);
    x = x.abs();
    y -= OUTER;
    let (bx, by) = (INNER * 0.587_785_24, INNER * 0.809_017 - OUTER);
    let along = ((x * bx + y * by) / (bx * bx + by * by)).clamp(0.0, 1.0);
    let sign = if y * bx - x * by > 0.0 { 1.0 } else { -1.0 };
    length(x - bx * along, y - by * along) * sign
}

fn hexagon(x: f32, y: f32, radius: f32) -> f32 {
    const K: (f32, f32, f32) = (-0.866_025_4, 0.5, 0.577_350_26);
    let (mut x, mut y) = (x.abs(), y.abs());
    let fold = 2.0 * (K.0 * x + K.1 * y).min(0.0);
    (x, y) = (x - fold * K.0, y - fold * K.1);
    x -= x.clamp(-K.2 * radius, K.2 * radius);
    y -= radius;
    length(x, y) * if y > 0.0 { 1.0 } else { -1.0 }
}

fn heart(x: f32, y: f32) -> f32 {
    const SCALE: f32 = 1.86;
    let (x, y) = (x.abs() / SCALE, -y / SCALE + 0.54);
    let distance = if x + y > 1.0 {
        length(x - 0.25, y - 0.75) - 0.353_553_4
    } else {
        let corner = 0.5 * (x + y).max(0.0);
        let sign = if x > y { 1.0 } else { -1.0 };
        length(x, y - 1.0).min(length(x - corner, y - corner)) * sign
    };
    distance * SCALE
}

/// A shape with its place on the canvas.
struct Placed {
    shape: Shape,
    centre: (f32, f32),
    /// Pixels of one unit.
    radius: f32,
    /// Pixels to the shape's own coordinates.
    to_own: [f32; 4],
}

impl Placed {
    /// Turned by `angle` (in turns), made longer by `stretch` one way and shorter the other, and slanted.
    fn new(
        shape: Shape,
        centre: (f32, f32),
        radius: f32,
        angle: f32,
        stretch: f32,
        slant: f32,
        mirror: bool,
    ) -> Self {
        let (sin, cos) = (libm::sinf(angle * TURN), libm::cosf(angle * TURN));
        let (along, across) = (1.0 / (radius * stretch), stretch / radius);
        // own = stretch · slant · turn⁻¹ · (p - centre)
        let mut to_own =
            [(cos - slant * sin) * along, (sin + slant * cos) * along, -sin * across, cos * across];
        if mirror {
            (to_own[0], to_own[1]) = (-to_own[0], -to_own[1]);
        }
        Placed { shape, centre, radius, to_own }
    }

    /// Coordinates in which the shape is upright and of unit size.
    fn own(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let [a, b, c, d] = self.to_own;
        (a * dx + b * dy, c * dx + d * dy)
    }

    /// Signed distance in pixels.
    fn distance(&self, x: f32, y: f32) -> f32 {
        let (u, v) = self.own(x, y);
        self.shape.distance(u, v) * self.radius
    }
}

/// What covers a surface, as a number in about `-1..=1` a place.
enum Pattern {
    Plain,
    Stripes { direction: (f32, f32), phase: f32 },
    Checks { direction: (f32, f32), phase: f32 },
    Dots { direction: (f32, f32), phase: f32 },
    Cloud(Box<Cloud>),
}

impl Pattern {
    /// `period` is the range of a stripe's and its gap's pixels together.
    fn random(rng: &mut Rng, period: (f32, f32), plain: f32) -> Self {
        if rng.chance(plain) {
            return Pattern::Plain;
        }
        let kind = rng.below(4);
        let (angle, frequency) = (rng.unit() * TURN, 1.0 / rng.range(period.0, period.1));
        let direction = (libm::cosf(angle) * frequency, libm::sinf(angle) * frequency);
        let phase = rng.unit();
        match kind {
            0 => Pattern::Stripes { direction, phase },
            1 => Pattern::Checks { direction, phase },
            2 => Pattern::Dots { direction, phase },
            _ => Pattern::Cloud(Box::new(Cloud::new(rng, 2.0 * frequency))),
        }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        match self {
            Pattern::Plain => 0.0,
            Pattern::Stripes { direction: (a, b), phase } => wave(a * x + b * y + phase),
            Pattern::Checks { direction: (a, b), phase } => {
                wave(a * x + b * y + phase) * wave(b * x - a * y + phase)
            }
            Pattern::Dots { direction: (a, b), phase } => {
                let (u, v) = (a * x + b * y + phase, b * x - a * y + phase);
                let (u, v) = (u - u.floor() - 0.5, v - v.floor() - 0.5);
                2.0 * smooth((0.44 - length(u, v)) * 5.0) - 0.7
            }
            Pattern::Cloud(cloud) => cloud.at(x, y),
        }
    }
}

/// A square wave of period 1 between -1 and 1 with soft flanks.
fn wave(x: f32) -> f32 {
    let triangle = 4.0 * (x - x.floor() - 0.5).abs() - 1.0;
    (triangle * 2.0).clamp(-1.0, 1.0)
}

/// Knots along each side of a [`Cloud`]'s lattice.
const KNOTS: usize = 10;

/// Smooth noise: random values on a lattice, with the lattice points blended.
struct Cloud {
    frequency: f32,
    knots: [[f32; KNOTS]; KNOTS],
}

impl Cloud {
    /// `frequency` is in knots a pixel; the lattice repeats where the canvas outgrows it.
    fn new(rng: &mut Rng, frequency: f32) -> Self {
        let knots = std::array::from_fn(|_| std::array::from_fn(|_| rng.range(-1.0, 1.0)));
        Cloud { frequency, knots }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x * self.frequency, y * self.frequency);
        let (left, top) = (x.floor(), y.floor());
        let (u, v) = (smooth(x - left), smooth(y - top));
        let (column, row) = (left.max(0.0) as usize, top.max(0.0) as usize);
        let knot = |row: usize, column: usize| self.knots[row % KNOTS][column % KNOTS];
        let upper = knot(row, column) + (knot(row, column + 1) - knot(row, column)) * u;
        let lower = knot(row + 1, column) + (knot(row + 1, column + 1) - knot(row + 1, column)) * u;
        upper + (lower - upper) * v
    }
}

/// Where the light comes from: up and to the left, as on every screen.
const LIGHT: (f32, f32) = (-0.6, -0.8);

/// Colours of a background and of what lies on it, well apart in lightness or, with less of that, in hue.
struct Palette {
    lightness: f32,
    chroma: f32,
    hue: f32,
    surface: (f32, f32, f32),
}

impl Palette {
    fn random(rng: &mut Rng) -> Self {
        let lightness = rng.range(0.28, 0.86);
        let chroma = rng.range(0.02, 0.11);
        let hue = rng.unit();
        let gap = rng.range(0.3, 0.52);
        // Whichever way there is room for the gap; where there is for both, by chance.
        let (darker, lighter) = (lightness - gap >= 0.3, lightness + gap <= 0.93);
        let up = if darker && lighter { rng.chance(0.5) } else { lighter || lightness < 0.6 };
        let surface_lightness = (if up { lightness + gap } else { lightness - gap }).clamp(0.3, 0.93);
        let surface = (surface_lightness, rng.range(0.08, 0.2), hue + rng.range(0.14, 0.86));
        Palette { lightness, chroma, hue, surface }
    }
}

/// Paints one picture of the shape.
fn paint(rng: &mut Rng, shape: Shape) -> Canvas {
    let palette = Palette::random(rng);
    let mut canvas = background(rng, &palette);
    for _ in 0..rng.below(3) {
        clutter(rng, &mut canvas);
    }

    let radius = rng.range(9.5, 13.5);
    let middle = SIZE as f32 / 2.0;
    let reach = 0.4 * (middle - radius * 0.86);
    let centre = (middle + rng.range(-reach, reach), middle + rng.range(-reach, reach));
    let (angle, stretch, slant) = (rng.range(-0.06, 0.06), rng.range(0.94, 1.06), rng.range(-0.06, 0.06));
    let mirror = rng.chance(0.5);
    let placed = Placed::new(shape, centre, radius, angle, stretch, slant, mirror);
    subject(rng, &mut canvas, &placed, palette.surface);

    if rng.chance(0.2) {
        bar(rng, &mut canvas, &placed);
    }
    grain(rng, &mut canvas);
    canvas
}

/// Middles of all pixels with their place in the canvas.
fn pixels() -> impl Iterator<Item = (usize, f32, f32)> {
    (0..SIZE * SIZE).map(|at| (at, (at % SIZE) as f32 + 0.5, (at / SIZE) as f32 + 0.5))
}

/// A gradient between two kindred colours, clouded, often with a faint pattern.
fn background(rng: &mut Rng, palette: &Palette) -> Canvas {
    let angle = rng.unit() * TURN;
    let slope = rng.range(0.03, 0.11);
    let hue_shift = rng.range(-0.12, 0.12);
    let near = oklch(palette.lightness + slope, palette.chroma, palette.hue);
    let far = oklch(palette.lightness - slope, palette.chroma, palette.hue + hue_shift);
    let (dx, dy) = (libm::cosf(angle), libm::sinf(angle));
    let (cloud_frequency, cloudiness) = (rng.range(0.1, 0.24), rng.range(0.1, 0.35));
    let cloud = Cloud::new(rng, cloud_frequency);
    let pattern = Pattern::random(rng, (4.0, 11.0), 0.4);
    let strength = rng.range(0.015, 0.05);
    let middle = SIZE as f32 / 2.0;
    pixels()
        .map(|(_, x, y)| {
            let along = ((x - middle) * dx + (y - middle) * dy) / SIZE as f32;
            let share = (0.5 + along + cloudiness * cloud.at(x, y)).clamp(0.0, 1.0);
            lighten(blend(near, far, share), strength * pattern.at(x, y))
        })
        .collect()
}

/// The large shape, with a shadow, a lit edge and a surface of its own.
fn subject(rng: &mut Rng, canvas: &mut Canvas, placed: &Placed, (lightness, chroma, hue): (f32, f32, f32)) {
    let colour = oklch(lightness, chroma, hue);
    let other = oklch(lightness - 0.06, chroma, hue + rng.range(-0.1, 0.1));
    let pattern = Pattern::random(rng, (3.2, 7.0), 0.35);
    let strength = rng.range(0.03, 0.12);
    let shadow = rng.range(0.18, 0.55);
    let (shadow_x, shadow_y) = (-LIGHT.0 * 1.9, -LIGHT.1 * 1.9);
    let bevel = rng.range(0.1, 0.32);
    for (at, x, y) in pixels() {
        let (dx, dy) = (x - placed.centre.0, y - placed.centre.1);
        if length(dx, dy) > placed.radius * 1.5 + 5.0 {
            continue;
        }
        let cast = smooth((1.4 - placed.distance(x - shadow_x, y - shadow_y)) / 3.4);
        canvas[at] = lighten(canvas[at], -shadow * cast);
        let distance = placed.distance(x, y);
        let cover = (0.5 - distance).clamp(0.0, 1.0);
        if cover == 0.0 {
            continue;
        }
        let facing = (dx * LIGHT.0 + dy * LIGHT.1) / placed.radius;
        let mut shade = 0.1 * facing + strength * pattern.at(x, y);
        if distance > -2.4 {
            // The outward direction is that in which the distance grows.
            let step = 0.5;
            let nx = placed.distance(x + step, y) - distance;
            let ny = placed.distance(x, y + step) - distance;
            shade += bevel * (1.0 + distance / 2.4) * (nx * LIGHT.0 + ny * LIGHT.1) / step;
        }
        let body = lighten(blend(colour, other, (0.5 - 0.5 * facing).clamp(0.0, 1.0)), shade);
        canvas[at] = blend(canvas[at], body, cover);
    }
}

/// A small shape of any class behind the large one.
fn clutter(rng: &mut Rng, canvas: &mut Canvas) {
    let shape = Shape::ALL[rng.below(CLASSES)];
    let radius = rng.range(1.6, 3.4);
    let centre = (rng.range(0.0, SIZE as f32), rng.range(0.0, SIZE as f32));
    let placed = Placed::new(shape, centre, radius, rng.unit(), 1.0, 0.0, false);
    let colour = oklch(rng.range(0.3, 0.9), rng.range(0.03, 0.16), rng.unit());
    let strength = rng.range(0.45, 0.95);
    for (at, x, y) in pixels() {
        if length(x - centre.0, y - centre.1) < radius * 1.5 + 1.0 {
            let cover = (0.5 - placed.distance(x, y)).clamp(0.0, 1.0);
            canvas[at] = blend(canvas[at], colour, strength * cover);
        }
    }
}

/// A bar across the front, over a part of the shape.
fn bar(rng: &mut Rng, canvas: &mut Canvas, placed: &Placed) {
    let angle = rng.unit() * TURN;
    let (nx, ny) = (libm::cosf(angle), libm::sinf(angle));
    let offset = rng.range(-0.8, 0.8) * placed.radius;
    let half = rng.range(0.8, 1.9);
    let colour = oklch(rng.range(0.3, 0.9), rng.range(0.02, 0.14), rng.unit());
    for (at, x, y) in pixels() {
        let side = (x - placed.centre.0) * nx + (y - placed.centre.1) * ny - offset;
        let cover = (0.5 + half - side.abs()).clamp(0.0, 1.0);
        if cover > 0.0 {
            let round = 0.16 * (nx * LIGHT.0 + ny * LIGHT.1) * side / half;
            canvas[at] = blend(canvas[at], lighten(colour, round), 0.92 * cover);
        }
    }
}

/// Exposure and the sensor's noise.
fn grain(rng: &mut Rng, canvas: &mut Canvas) {
    let exposure = rng.range(-0.1, 0.1);
    let strength = rng.range(0.004, 0.03);
    for pixel in canvas {
        // Three sums of two of six 10-bit numbers: a triangular distribution, mean 0.
        let bits = rng.next();
        let part = |index: u32| ((bits >> (10 * index)) & 1023) as f32 / 511.5 - 1.0;
        let noise = [part(0) + part(1), part(2) + part(3), part(4) + part(5)];
        let lit = lighten(*pixel, exposure);
        *pixel = std::array::from_fn(|c| (lit[c] + strength * noise[c]).clamp(0.0, 1.0));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use md5::{Digest, Md5};

    use super::*;
    use crate::data::hex;

    #[test]
    fn every_ten_pictures_show_every_class() {
        let dataset = shapes10_sized(7, 200, 30);
        assert_eq!((dataset.train.len(), dataset.test.len()), (200, 30));
        assert_eq!(dataset.train.pixels.len(), 200 * RECORD);
        for ten in dataset.train.labels.chunks(10).chain(dataset.test.labels.chunks(10)) {
            let mut sorted = ten.to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        }
    }

    #[test]
    fn a_smaller_set_is_the_beginning_of_a_larger() {
        let (small, large) = (shapes10_sized(3, 25, 0), shapes10_sized(3, 40, 5));
        assert_eq!(small.train.labels, large.train.labels[..25]);
        assert_eq!(small.train.pixels, large.train.pixels[..25 * RECORD]);
        assert!(small.test.is_empty());
    }

    #[test]
    fn seeds_and_splits_differ() {
        let (one, two) = (shapes10_sized(1, 20, 20), shapes10_sized(2, 20, 20));
        assert_ne!(one.train.pixels, two.train.pixels);
        assert_ne!(one.train.pixels, one.test.pixels);
        assert_ne!(one.train.labels, one.test.labels);
    }

    /// The sum came out alike on x86-64 and in wasm32 under Node; a new one means a new data set.
    #[test]
    fn the_bytes_are_the_same_everywhere() {
        let dataset = shapes10_sized(1, 100, 50);
        let mut hash = Md5::new();
        for bytes in
            [&dataset.train.labels, &dataset.train.pixels, &dataset.test.labels, &dataset.test.pixels]
        {
            hash.update(bytes);
        }
        assert_eq!(hex(&hash.finalize()), "4e5764d68cdcd0ed9f8415f7e5e9927e");
    }

    #[test]
    fn outlines_are_closed_and_alike_in_size() {
        for shape in Shape::ALL {
            let mut inside = 0;
            for row in -200..=200 {
                for column in -200..=200 {
                    let (x, y) = (column as f32 / 100.0, row as f32 / 100.0);
                    let distance = shape.distance(x, y);
                    assert!(distance.is_finite());
                    if distance < 0.0 {
                        inside += 1;
                        assert!(length(x, y) < 1.4, "{shape:?} reaches ({x}, {y})");
                    }
                }
            }
            let area = inside as f32 / 10_000.0;
            assert!((0.9..3.1).contains(&area), "{shape:?}: {area}");
        }
    }

    #[test]
    fn oklab_meets_srgb_at_its_corners() {
        // Ottosson's values for pure red, and grey from black to white.
        for (colour, want) in [
            (oklch(0.627_955, 0.257_683, 0.081_205), [1.0, 0.0, 0.0]),
            (oklch(0.0, 0.0, 0.0), [0.0; 3]),
            (oklch(1.0, 0.0, 0.3), [1.0; 3]),
            (oklch(2.0, 0.4, 0.5), [1.0; 3]),
        ] {
            for channel in 0..3 {
                assert!(colour[channel] <= 1.0);
                assert!((colour[channel] - want[channel]).abs() < 0.01 || want == [1.0; 3], "{colour:?}");
            }
        }
        assert_eq!(oklch(0.5, 0.0, 0.0).map(|c| (c * 255.0).round()), [99.0; 3]);
    }

    #[test]
    fn randomness_is_uniform_enough() {
        let mut rng = Rng::new(0, 0, 0);
        let mut counts = [0; 7];
        for _ in 0..70_000 {
            counts[rng.below(7)] += 1;
            assert!((0.0..1.0).contains(&rng.unit()));
        }
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
    }
}
