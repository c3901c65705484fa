//! One logarithmic scale of losses for all surfaces that are shown, and its bar.

use super::super::super::super::colourmap::ColourMap;
use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::theme::{self, palette, size, space, text};
use super::super::super::super::widgets::pointed;
use super::super::super::charts::Scale;
use crate::lab::landscape::Surface;
use eframe::egui::{Color32, Mesh, Rect, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2};

/// Height of the bar with its ticks and words.
pub const HEIGHT: f32 = 46.0;
/// Losses over so many times the least one (and over [`HIGHEST`]) are drawn as that: near the minimum is what matters.
const DECADES: f64 = 2.0;
const HIGHEST: f64 = 20.0;
const LEAST: f64 = 1e-4;

/// From the least to the highest loss that is told apart, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossScale {
    low: f64,
    high: f64,
    clipped: bool,
}

impl LossScale {
    /// That of all `surfaces` together.
    pub fn of(surfaces: &[&Surface]) -> Self {
        let losses = || surfaces.iter().flat_map(|s| (0..s.points.len()).filter_map(|at| s.loss(at)));
        let low = losses().fold(f64::INFINITY, f64::min).max(LEAST);
        let most = losses().fold(0.0, f64::max);
        if !low.is_finite() {
            return Self { low: 0.1, high: 10.0, clipped: false };
        }
        // Steps of a tenth of a decade: the scale moves seldom while points arrive.
        let down = |v: f64| 10f64.powf((v.log10() * 10.0).floor() / 10.0);
        let up = |v: f64| 10f64.powf((v.log10() * 10.0).ceil() / 10.0);
        let limit = HIGHEST.max(low * 10f64.powf(DECADES));
        let high = up(most.min(limit)).max(down(low) * 1.25);
        Self { low: down(low), high, clipped: most > high }
    }

    /// Where a loss stands, 0 to 1.
    pub fn position(self, loss: f64) -> f32 {
        let t = (loss.max(LEAST) / self.low).ln() / (self.high / self.low).ln();
        t.clamp(0.0, 1.0) as f32
    }

    pub fn colour(self, loss: f64) -> Color32 {
        ColourMap::viridis().at(self.position(loss))
    }

    /// Where lines of equal loss are drawn: round numbers.
    pub fn levels(self) -> Vec<f64> {
        let marks = [1.0, 1.5, 2.0, 3.0, 5.0, 7.0];
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let all = decades.flat_map(|e| marks.map(|m| m * 10f64.powi(e)));
        all.filter(|v| (self.low..self.high).contains(v)).collect()
    }

    /// The bar with its ticks.
    pub fn show(self, ui: &mut Ui) {
        const STEPS: u32 = 64;
        let p = palette(ui);
        let wide = ui.available_width();
        let font = || theme::regular(text::CAPTION);
        let words = if self.clipped { i18n::landscape_scale_clipped() } else { i18n::landscape_scale() };
        let words = ui.painter().layout(words.to_owned(), font(), p.ink3, wide);
        // A narrow window has them in several lines.
        let more = words.size().y - words.rows.first().map_or(0.0, |line| line.rect().height());
        let (whole, response) = ui.allocate_exact_size(vec2(wide, HEIGHT + more), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::landscape_scale()));
        ui.painter().galley(whole.left_top(), words, p.ink3);
        let top = whole.top() + 18.0 + more;
        let bar = Rect::from_min_max(pos2(whole.left(), top), pos2(whole.right(), top + size::SCALE_BAR));
        let flat = bar.with_max_x(bar.right() - if self.clipped { size::SCALE_BAR } else { 0.0 });
        let mut mesh = Mesh::default();
        for i in 0..=STEPS {
            let t = i as f32 / STEPS as f32;
            let (x, colour) = (flat.left() + t * flat.width(), ColourMap::viridis().at(t));
            mesh.colored_vertex(pos2(x, bar.top()), colour);
            mesh.colored_vertex(pos2(x, bar.bottom()), colour);
            if i > 0 {
                mesh.add_triangle(2 * i - 2, 2 * i - 1, 2 * i);
                mesh.add_triangle(2 * i - 1, 2 * i, 2 * i + 1);
            }
        }
        ui.painter().add(Shape::mesh(mesh));
        if self.clipped {
            pointed(ui, flat.right(), bar.right(), bar, ColourMap::viridis().at(1.0));
        }
        let mut last = f32::NEG_INFINITY;
        for tick in Scale::Log.ticks(self.low.log10(), self.high.log10()) {
            let value = 10f64.powf(tick);
            let x = flat.left() + self.position(value) * flat.width();
            let words = ui.painter().layout_no_wrap(numbers::axis_value(value), font(), p.ink3);
            let left = (x - words.size().x / 2.0).clamp(bar.left(), bar.right() - words.size().x);
            if left > last + space::S {
                last = left + words.size().x;
                ui.painter().galley(pos2(left, bar.bottom() + 2.0), words, p.ink3);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::landscape::{Grid, Statistics};

    #[test]
    fn one_scale_holds_all_and_cuts_off_what_is_far_up() {
        let statistics = Statistics::Running;
        let grid = Grid { size: 3, x: [-1.0, 1.0], y: [-1.0, 1.0], statistics, images: 8 };
        let mut a = Surface::new(grid).expect("a grid");
        let mut b = a.clone();
        a.points[0] = Some([0.3, 0.9]);
        b.points[0] = Some([2.3, 0.1]);
        let scale = LossScale::of(&[&a, &b]);
        assert!(!scale.clipped && scale.position(0.3) < 0.1 && scale.position(2.3) > 0.9, "{scale:?}");
        assert!(scale.levels().iter().all(|l| (0.25..2.6).contains(l)), "{:?}", scale.levels());
        b.points[1] = Some([f64::MAX, 0.1]);
        let scale = LossScale::of(&[&a, &b]);
        assert!(scale.clipped && scale.high <= 32.0 && scale.position(f64::MAX) == 1.0, "{scale:?}");
        assert!(LossScale::of(&[]).high > LossScale::of(&[]).low);
    }
}
