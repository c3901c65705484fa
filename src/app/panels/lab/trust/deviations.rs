//! Largest deviation of every layer from the reference, on one layer axis: what it puts out, the gradients that come
//! through it, and its parameters after the update. A bar that reaches over the dashed line is too far off.

use super::super::super::super::axis::Decades;
use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::theme::{self, line, palette, space, text};
use super::super::super::network::{fitted, put};
use super::super::plot::{bar, titled};
use super::{LayerChecks, TrustUi, is_gradient, is_update, is_value, quantity, relative};
use crate::lab::trust::Quantity;
use eframe::egui::{
    Align2, Color32, Grid, Pos2, Rect, RichText, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2,
};

/// Room for names and ticks left of the bars, and for layer names under them.
const LEFT: f32 = 148.0;
const LEFT_NARROW: f32 = 48.0;
const FOOT: f32 = 22.0;
/// Between two rows.
const GAP: f32 = 14.0;

/// One row of bars.
struct Row {
    name: &'static str,
    about: &'static str,
    of: fn(Quantity) -> bool,
    tolerance: f64,
    colour: Color32,
}

/// The panel, `height` high.
pub fn panel(ui: &mut Ui, looked: &mut TrustUi, layers: &[LayerChecks<'_>], height: f32) {
    let p = palette(ui);
    let title = (i18n::trust_deviation(), i18n::trust_deviation_hint());
    titled(
        ui,
        title,
        p.ink,
        i18n::trust_deviation_about(),
        Some(height),
        |_| (),
        |ui| {
            let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::trust_deviation()));
            let narrow = rect.width() < 640.0;
            let left = rect.left() + if narrow { LEFT_NARROW } else { LEFT };
            let plot = Rect::from_min_max(
                pos2(left, rect.top()),
                pos2(rect.right() - space::XS, rect.bottom() - FOOT),
            );
            let rows = [
                Row {
                    name: i18n::trust_forward(),
                    about: i18n::trust_forward_about(),
                    of: is_value,
                    tolerance: Quantity::Output.tolerance(),
                    colour: p.ink2,
                },
                Row {
                    name: i18n::trust_gradients(),
                    about: i18n::trust_gradients_about(),
                    of: is_gradient,
                    tolerance: Quantity::WeightGradient.tolerance(),
                    colour: p.grad,
                },
                Row {
                    name: i18n::trust_updates(),
                    about: i18n::trust_updates_about(),
                    of: is_update,
                    tolerance: Quantity::Update.tolerance(),
                    colour: p.lane_a,
                },
            ];
            let decades = decades(layers);
            let wide = plot.width() / layers.len().max(1) as f32;
            let column = |i: usize| {
                Rect::from_x_y_ranges(
                    plot.left() + i as f32 * wide..=plot.left() + (i + 1) as f32 * wide,
                    plot.y_range(),
                )
            };
            if !layers.is_empty() {
                ui.painter().rect_filled(column(looked.layer), 0.0, p.raised);
            }
            let high = (plot.height() - 2.0 * GAP) / 3.0;
            for (k, row) in rows.iter().enumerate() {
                let top = plot.top() + k as f32 * (high + GAP);
                let area = plot.with_min_y(top).with_max_y(top + high);
                ground(ui, row, area, rect.left(), decades, narrow);
                for (i, layer) in layers.iter().enumerate() {
                    one(ui, row, layer, column(i).intersect(area), decades, i == looked.layer);
                }
                allowed(ui, row, area, decades);
            }
            names(ui, layers, plot, wide);
            let pointed = response.hover_pos().filter(|at| plot.contains(*at));
            let Some(at) = pointed.filter(|_| !layers.is_empty()) else { return };
            let i = (((at.x - plot.left()) / wide) as usize).min(layers.len() - 1);
            ui.painter().rect_filled(column(i), 0.0, p.line.gamma_multiply(0.5));
            if response.clicked() && looked.layer != i {
                (looked.layer, looked.parameter, looked.index, looked.launch) = (i, 0, 0, 0);
            }
            response.on_hover_ui_at_pointer(|ui| tell(ui, &layers[i]));
        },
    );
}

/// Whole decades around all deviations and tolerances.
fn decades(layers: &[LayerChecks<'_>]) -> Decades {
    let mut d = Decades { low: -8, high: -4 };
    for check in layers.iter().flat_map(|l| &l.checks) {
        d.include(check.deviation.min(10.0) as f32);
        check.drift.iter().for_each(|drift| d.include(drift.min(10.0) as f32));
    }
    d.low = d.low.max(-9);
    d
}

fn ground(ui: &Ui, row: &Row, area: Rect, left: f32, d: Decades, narrow: bool) {
    let p = palette(ui);
    let painter = ui.painter();
    let font = || theme::regular(text::CAPTION);
    let fits = (area.height() / 20.0).max(1.0) as i32;
    let every = ((d.high - d.low) + fits - 1) / fits;
    for e in (d.low..=d.high).step_by(every.max(1) as usize) {
        let t = (e - d.low) as f32 / (d.high - d.low) as f32;
        let y = (area.bottom() - t * area.height()).round() + 0.5;
        painter.hline(area.x_range(), y, p.stroke(line::HAIR, if e == d.low { p.line2 } else { p.line }));
        let at = pos2(area.left() - space::S, y);
        painter.text(at, Align2::RIGHT_CENTER, numbers::power_of_ten(e), font(), p.ink3);
    }
    if narrow {
        let words = fitted(ui, row.name.to_owned(), theme::semibold(text::CAPTION), row.colour, area.width());
        put(ui, area.left() + space::XS, area.top() + space::XS, words);
        return;
    }
    let mut y = area.top() - 2.0;
    let ink = if row.colour == p.grad { p.grad } else { p.ink };
    let room = LEFT - 44.0;
    for (words, font, ink) in
        [(row.name, theme::semibold(text::BODY), ink), (row.about, theme::regular(text::CAPTION), p.ink3)]
    {
        let words = painter.layout(words.to_owned(), font, ink, room);
        let high = words.size().y;
        painter.galley(pos2(left, y), words, ink);
        y += high + 2.0;
    }
}

/// One layer's bar with its drift, and a badge where it is too far off.
fn one(ui: &Ui, row: &Row, layer: &LayerChecks<'_>, cell: Rect, d: Decades, chosen: bool) {
    let p = palette(ui);
    let Some(worst) = layer.worst(row.of) else { return };
    let gap = if cell.width() > 6.0 { 1.0 } else { 0.0 };
    let cell = cell.shrink2(vec2(gap, 0.0));
    let place = |v: f64| if v.is_finite() { d.position(v as f32) } else { Some(1.0) };
    let top = place(worst.deviation).map_or(cell.bottom() - 1.0, |t| cell.bottom() - t * cell.height());
    bar(ui, cell.with_min_y(top.min(cell.bottom() - 1.0)), row.colour, chosen);
    let drifts = layer.checks.iter().filter(|c| (row.of)(c.quantity)).filter_map(|c| c.drift);
    if let Some(t) = drifts.reduce(f64::max).and_then(place) {
        let at = pos2(cell.center().x, cell.bottom() - t * cell.height());
        let stroke = p.stroke(line::HAIR, p.ink3);
        ui.painter().circle(at, 2.5_f32.min(cell.width() / 2.0), p.panel, stroke);
    }
    if !worst.passed() {
        let at = pos2(cell.center().x, (top - space::XS).max(cell.top() + text::CAPTION));
        ui.painter().text(at, Align2::CENTER_BOTTOM, "▲", theme::semibold(text::CAPTION), p.warn);
    }
}

/// How far a bar may reach.
fn allowed(ui: &Ui, row: &Row, area: Rect, d: Decades) {
    let p = palette(ui);
    let Some(t) = d.position(row.tolerance as f32) else { return };
    let y = (area.bottom() - t * area.height()).round() + 0.5;
    let ends = [pos2(area.left(), y), pos2(area.right(), y)];
    ui.painter().extend(Shape::dashed_line(&ends, p.stroke(line::ICON, p.ink), line::DASH.0, line::DASH.1));
    let words = i18n::trust_allowed(relative(row.tolerance));
    let words = fitted(ui, words, theme::regular(text::CAPTION), p.ink, area.width());
    let at: Pos2 = pos2(area.right() - words.size().x, y - words.size().y - 1.0);
    let ground = Rect::from_min_size(at, words.size()).expand2(vec2(2.0, 0.0));
    ui.painter().rect_filled(ground, 0.0, p.panel.gamma_multiply(0.8));
    ui.painter().galley(at, words, p.ink);
}

/// The part of the network that a layer belongs to: its stage, or itself.
fn part(name: &str) -> &str {
    if name.starts_with("layer") { name.split('.').next().unwrap_or(name) } else { name }
}

/// Where each stage begins, under the bars.
fn names(ui: &Ui, layers: &[LayerChecks<'_>], plot: Rect, wide: f32) {
    let p = palette(ui);
    let mut last = f32::NEG_INFINITY;
    for (i, layer) in layers.iter().enumerate() {
        let name = part(layer.name);
        if i > 0 && part(layers[i - 1].name) == name {
            continue;
        }
        let x = plot.left() + i as f32 * wide;
        if name.starts_with("layer") {
            ui.painter().vline(x.round() + 0.5, plot.y_range(), p.stroke(line::HAIR, p.line));
        }
        let words = fitted(ui, name.to_owned(), theme::regular(text::CAPTION), p.ink3, 96.0);
        let left = x.min(plot.right() - words.size().x);
        if left > last + space::S {
            last = left + words.size().x;
            put(ui, left, plot.bottom() + space::M, words);
        }
    }
}

/// Everything that was compared at one layer.
pub fn tell(ui: &mut Ui, layer: &LayerChecks<'_>) {
    let p = palette(ui);
    ui.label(RichText::new(layer.name).font(theme::semibold(text::BODY)).color(p.ink));
    Grid::new("deviations").min_row_height(0.0).spacing([space::L, 2.0]).show(ui, |ui| {
        for check in &layer.checks {
            let small =
                |words: String, ink| RichText::new(words).font(theme::regular(text::CAPTION)).color(ink);
            ui.label(small(quantity(check.quantity).into(), p.ink2));
            let ink = if check.passed() { p.ink } else { p.warn };
            let badge = if check.passed() { "" } else { "▲ " };
            ui.label(small(format!("{badge}{}", relative(check.deviation)), ink));
            let drift = check.drift.map_or_else(String::new, |d| i18n::trust_drift_of(relative(d)));
            ui.label(small(drift, p.ink3));
            ui.end_row();
        }
    });
}
