//! A slider over both signs: how far a value stands from 0 is what is seen.

use super::super::theme::{self, line, palette, space, text};
use super::fields::bare;
use eframe::egui::{Align2, Color32, Response, Slider, Stroke, Ui, WidgetInfo, pos2};
use std::ops::RangeInclusive;

/// Height of the slider, and of ticks and words under it.
const HIGH: f32 = 20.0;
const UNDER: f32 = 26.0;
/// Part of the range in which a drag sticks to a tick with words.
const STICKS: f32 = 0.012;

/// Draws it as wide as there is room and `high`, filled from 0 to `value`, with `ticks` and their words under it.
pub fn level(
    ui: &mut Ui,
    value: &mut f32,
    range: RangeInclusive<f32>,
    colour: Color32,
    ticks: &[(f32, &str)],
    high: f32,
    name: &str,
) -> Response {
    let p = palette(ui);
    let wide = ui.available_width();
    let high = theme::control(ui, high.max(HIGH));
    let response = bare(ui, Slider::new(value, range.clone()), wide, high);
    // Not by the slider's own step, which would change a mean that nobody has touched.
    if response.changed() {
        *value = (*value * 100.0).round() / 100.0;
    }
    let (low, span) = (*range.start(), range.end() - range.start());
    if response.dragged()
        && let Some((tick, _)) = ticks.iter().find(|(t, _)| (*value - t).abs() < STICKS * span)
    {
        *value = *tick;
    }
    let rect = response.rect;
    // As egui maps it: its handle would be so large.
    let margin = rect.height() / 2.5;
    let x = |v: f32| {
        let t = ((v - low) / span).clamp(0.0, 1.0);
        rect.left() + margin + t * (rect.width() - 2.0 * margin)
    };
    let y = rect.center().y;
    let painter = ui.painter();
    painter.hline(x(low)..=x(*range.end()), y, Stroke::new(4.0, p.line));
    let (from, to) = (x(0.0), x(*value));
    painter.hline(from.min(to)..=from.max(to), y, Stroke::new(4.0, colour));
    let foot = y + HIGH / 2.0;
    for (tick, words) in ticks {
        let at = x(*tick);
        painter.vline(at, foot..=foot + space::XS, p.stroke(line::HAIR, p.line2));
        let ink = if *value == *tick { p.ink } else { p.ink2 };
        let at = pos2(at, foot + space::S);
        painter.text(at, Align2::CENTER_TOP, words, theme::regular(text::CAPTION), ink);
    }
    let radius = if response.hovered() || response.dragged() { 8.0 } else { 7.0 };
    painter.circle_filled(pos2(to, y), radius, p.ink);
    if response.has_focus() {
        painter.circle_stroke(pos2(to, y), radius + 3.0, p.stroke(line::TRUNK, p.ink));
    }
    ui.add_space((UNDER - (high - HIGH) / 2.0).max(0.0));
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), f64::from(*value), name));
    response
}
