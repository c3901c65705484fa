//! Arithmetic on numbers as they are displayed. Whoever checks the picture with a calculator has only
//! the digits on the screen; what rounding takes away or adds is made a term of its own.

use super::super::super::numbers;
use crate::session::{WorkedConv, WorkedNorm};

/// Most decimals that are shown.
const MOST: u32 = 4;
/// Between a sign and its number, so that no line breaks there.
const TIE: char = '\u{a0}';

/// A number with a fixed count of decimals, exactly as it stands on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// In units of the last decimal; `None` for NaN, infinities and what is too large to be exact.
    units: Option<i64>,
    places: u32,
    raw: f64,
}

impl Shown {
    /// `v` rounded to `places` decimals.
    pub fn of(v: f64, places: u32) -> Self {
        let scaled = (v * 10f64.powi(places as i32)).round();
        let units = (scaled.is_finite() && scaled.abs() < 1e15).then_some(scaled as i64);
        Self { units, places, raw: v }
    }

    fn exact(units: i64, places: u32) -> Self {
        Self { units: Some(units), places, raw: units as f64 / 10f64.powi(places as i32) }
    }

    /// What a reader would type into a calculator.
    pub fn value(self) -> f64 {
        self.units.map_or(self.raw, |u| u as f64 / 10f64.powi(self.places as i32))
    }

    /// With a true minus; zero has none.
    pub fn text(self) -> String {
        numbers::fixed(if self.units == Some(0) { 0.0 } else { self.value() }, self.places as usize)
    }

    /// Without its sign.
    pub fn size(self) -> String {
        numbers::fixed(self.value().abs(), self.places as usize)
    }

    /// `+ 0.37` or `− 0.37`: a term behind others.
    pub fn term(self) -> String {
        let sign = if self.value() < 0.0 { '−' } else { '+' };
        format!("{sign}{TIE}{}", self.size())
    }

    /// This number less `others`, which have as many decimals; `None` where that is nothing, or not a number.
    fn remainder(self, others: impl IntoIterator<Item = Shown>) -> Option<Shown> {
        let sum: Option<i64> = others.into_iter().map(|o| o.units).sum();
        let rest = self.units?.checked_sub(sum?)?;
        (rest != 0).then(|| Self::exact(rest, self.places))
    }
}

/// Decimals that leave the largest of `values` three significant digits.
pub fn places(values: impl IntoIterator<Item = f64>) -> u32 {
    let largest = values.into_iter().map(f64::abs).filter(|v| v.is_finite()).fold(0.0, f64::max);
    if largest <= 0.0 {
        return 2;
    }
    (2.0 - largest.log10().floor()).clamp(0.0, f64::from(MOST)) as u32
}

/// Decimals of numbers that are added up: two, more where that would leave less than two digits.
fn fine(values: impl IntoIterator<Item = f64>) -> u32 {
    places(values).saturating_sub(1).max(2)
}

/// The window of one input channel, times its weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    pub window: Vec<Shown>,
    pub weights: Vec<Shown>,
    /// Of the factors as they are displayed.
    pub products: Vec<Shown>,
    /// What the displayed products lack to the displayed sum.
    pub rounding: Option<Shown>,
    /// What this channel adds, from the exact numbers.
    pub sum: Shown,
}

/// The sum over all input channels.
#[derive(Clone, Debug, PartialEq)]
pub struct Channels {
    /// The channel whose window is shown.
    pub one: Shown,
    /// All others together; `None` where there are none.
    pub others: Option<Shown>,
    pub rounding: Option<Shown>,
    pub sum: Shown,
}

/// One line `terms = result`; the rounding, if any, stands before the equals sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub terms: String,
    pub rounding: Option<Shown>,
    pub result: Shown,
}

/// One window as displayed.
pub fn window(conv: &WorkedConv) -> Window {
    let wide = |v: &[f32]| v.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
    let (window, weights) = (wide(&conv.window), wide(&conv.weights));
    let (a, b) = (places(window.iter().copied()), places(weights.iter().copied()));
    let window: Vec<Shown> = window.into_iter().map(|v| Shown::of(v, a)).collect();
    let weights: Vec<Shown> = weights.into_iter().map(|v| Shown::of(v, b)).collect();
    let products: Vec<f64> = window.iter().zip(&weights).map(|(x, w)| x.value() * w.value()).collect();
    let exact = conv.contributions.get(conv.input_channel as usize).copied().unwrap_or(f64::NAN);
    let c = sum_places(conv);
    let products: Vec<Shown> = products.into_iter().map(|v| Shown::of(v, c)).collect();
    let sum = Shown::of(exact, c);
    Window { rounding: sum.remainder(products.iter().copied()), window, weights, products, sum }
}

/// All numbers that are added up somewhere have the same decimals.
fn sum_places(conv: &WorkedConv) -> u32 {
    let one = conv.contributions.get(conv.input_channel as usize).copied().unwrap_or(0.0);
    fine([conv.sum, one])
}

/// The sum over input channels as displayed.
pub fn channels(conv: &WorkedConv) -> Channels {
    let c = sum_places(conv);
    let one = Shown::of(conv.contributions.get(conv.input_channel as usize).copied().unwrap_or(f64::NAN), c);
    let others = (conv.contributions.len() > 1).then(|| Shown::of(conv.sum - one.raw, c));
    let sum = Shown::of(conv.sum, c);
    Channels { rounding: sum.remainder([one].into_iter().chain(others)), one, others, sum }
}

/// Batch norm or bias of `input`, as it is displayed.
pub fn norm(input: Shown, norm: &WorkedNorm) -> Line {
    let c = fine([norm.value]);
    let result = Shown::of(norm.value, c);
    let own = |v: f64| Shown::of(v, fine([v]));
    let shift = own(norm.shift);
    let (terms, value) = match norm.mean_sigma {
        None => (format!("{} {}", input.text(), shift.term()), input.value() + shift.value()),
        Some((mean, sigma)) => {
            let (mean, sigma, scale) = (own(mean), own(sigma), own(norm.scale));
            // Minus the mean: its sign turns.
            let less = Shown { units: mean.units.map(|u| -u), raw: -mean.raw, ..mean };
            (
                format!(
                    "({} {}) ÷{TIE}{} ×{TIE}{} {}",
                    input.text(),
                    less.term(),
                    sigma.text(),
                    scale.text(),
                    shift.term()
                ),
                (input.value() - mean.value()) / sigma.value() * scale.value() + shift.value(),
            )
        }
    };
    Line { terms, rounding: result.remainder([Shown::of(value, c)]), result }
}

/// α·shortcut(x) + F(x).
pub fn sum(alpha: f64, shortcut: f64, branch: Shown, sum: f64) -> Line {
    let c = fine([sum]);
    let result = Shown::of(sum, c);
    let (alpha, shortcut) = (Shown::of(alpha, 2), Shown::of(shortcut, fine([shortcut])));
    let value = alpha.value() * shortcut.value() + branch.value();
    let terms = format!("{}{TIE}×{TIE}{} {}", alpha.text(), shortcut.text(), branch.term());
    Line { terms, rounding: result.remainder([Shown::of(value, c)]), result }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a displayed number back, in units of its last decimal.
    fn units(text: &str, places: u32) -> i64 {
        let v: f64 = text.replace('−', "-").replace(' ', "").parse().expect(text);
        (v * 10f64.powi(places as i32)).round() as i64
    }

    fn plain(terms: &str) -> String {
        terms.replace(TIE, " ")
    }

    fn conv(seed: u64, kernel: usize, channels: usize) -> WorkedConv {
        let mut state = seed;
        let mut next = |size: f64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f64 / f64::from(1u32 << 23) - 1.0) * size
        };
        let window: Vec<f32> = (0..kernel * kernel).map(|_| next(6.0).max(0.0) as f32).collect();
        let weights: Vec<f32> = (0..kernel * kernel).map(|_| next(0.3) as f32).collect();
        let one: f64 = window.iter().zip(&weights).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        let mut contributions: Vec<f64> = (0..channels).map(|_| next(0.7)).collect();
        contributions[channels / 2] = one;
        WorkedConv {
            kernel,
            stride: 1,
            input_stage: 0,
            input_channel: (channels / 2) as u32,
            input_tile: Default::default(),
            window_at: [0, 0],
            window,
            weights,
            sum: contributions.iter().sum(),
            contributions,
        }
    }

    #[test]
    fn what_is_displayed_adds_up() {
        for (seed, kernel, count) in (0..300).flat_map(|s| [(s, 3, 128), (s, 1, 64), (s, 3, 1)]) {
            let conv = conv(seed, kernel, count);
            let w = window(&conv);
            let p = w.sum.places;
            let total: i64 = w.products.iter().chain(&w.rounding).map(|v| units(&v.text(), p)).sum();
            assert_eq!(total, units(&w.sum.text(), p), "products of {conv:?}");
            for ((x, k), y) in w.window.iter().zip(&w.weights).zip(&w.products) {
                let by_hand = x.value() * k.value() * 10f64.powi(p as i32);
                assert!((by_hand - units(&y.text(), p) as f64).abs() <= 0.500_001);
            }
            let c = channels(&conv);
            let total: i64 =
                [c.one].iter().chain(&c.others).chain(&c.rounding).map(|v| units(&v.text(), p)).sum();
            assert_eq!(total, units(&c.sum.text(), p), "channels of {conv:?}");
            assert_eq!(c.one.text(), w.sum.text());
        }
    }

    #[test]
    fn the_rounding_stays_small() {
        for seed in 0..300 {
            let w = window(&conv(seed, 3, 128));
            assert!(w.rounding.is_none_or(|r| r.value().abs() <= 0.05), "{w:?}");
        }
    }

    #[test]
    fn batch_norm_is_the_line_on_the_screen() {
        let n = WorkedNorm {
            mean_sigma: Some((0.3204, 1.2041)),
            scale: 1.0,
            shift: -0.3702,
            value: (3.6571 - 0.3204) / 1.2041 - 0.3702,
        };
        let line = norm(Shown::of(3.6571, 2), &n);
        assert_eq!(plain(&line.terms), "(3.66 − 0.32) ÷ 1.20 × 1.00 − 0.37");
        // By hand: 3.34 ÷ 1.20 − 0.37 = 2.41; exactly it is 2.40.
        assert_eq!(
            (line.result.text(), line.rounding.map(Shown::text)),
            ("2.40".into(), Some("−0.01".into()))
        );
        let below = WorkedNorm { mean_sigma: Some((-0.32, 1.2)), ..n };
        assert!(plain(&norm(Shown::of(3.66, 2), &below).terms).starts_with("(3.66 + 0.32)"));
    }

    #[test]
    fn a_bias_and_a_skip_are_sums() {
        let bias = WorkedNorm { mean_sigma: None, scale: 1.0, shift: 0.5, value: 1.75 };
        let line = norm(Shown::of(1.25, 2), &bias);
        assert_eq!((plain(&line.terms), line.rounding), ("1.25 + 0.50".into(), None));
        let line = sum(0.5, 0.83, Shown::of(-2.41, 2), 0.5 * 0.83 - 2.41);
        assert_eq!(plain(&line.terms), "0.50 × 0.83 − 2.41");
        // −1.995 rounds away from zero, and so does the line by hand.
        assert_eq!(line.result.text(), "−2.00");
        assert_eq!(line.rounding, Shown::of(-1.995, 2).remainder([Shown::of(-1.995, 2)]));
    }

    #[test]
    fn nan_is_said_and_not_added() {
        let mut broken = conv(1, 3, 8);
        broken.window[0] = f32::NAN;
        broken.contributions[4] = f64::NAN;
        broken.sum = f64::NAN;
        let w = window(&broken);
        assert_eq!((w.sum.text().as_str(), w.rounding), ("NaN", None));
        assert_eq!(channels(&broken).sum.text(), "NaN");
    }

    #[test]
    fn decimals_follow_the_size() {
        assert_eq!(places([5.36, 0.1]), 2);
        assert_eq!(places([0.22]), 3);
        assert_eq!(places([123.0]), 0);
        assert_eq!(places([1e-9]), MOST);
        assert_eq!(places([f64::NAN]), 2);
        assert_eq!(Shown::of(-0.001, 2).text(), "0.00");
    }
}
