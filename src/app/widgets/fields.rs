//! Rows of the column of controls: a name left, a value right.

use super::super::numbers;
use super::super::theme::{self, line, palette, size, space, text};
use super::focus_ring;
use eframe::egui::emath::Numeric;
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align, Align2, Color32, DragValue, FontId, Galley, Layout, Painter, Pos2, Response, RichText, Sense,
    Slider, Stroke, Ui, pos2, vec2,
};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Height of a row.
const ROW: f32 = 22.0;

/// Text of two colours on one line: a value and its unit.
pub fn two_tone(parts: &[(&str, FontId, Color32)]) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (part, font, ink) in parts {
        let format = TextFormat { valign: Align::BOTTOM, ..TextFormat::simple(font.clone(), *ink) };
        job.append(part, 0.0, format);
    }
    job
}

/// Paints a value at `at` and its smaller unit behind it so that both stand on one line; rows of
/// different sizes in one galley are aligned by their boxes instead.
pub fn on_one_baseline(
    painter: &Painter,
    at: Pos2,
    value: Arc<Galley>,
    size: f32,
    unit: Arc<Galley>,
    unit_size: f32,
) {
    /// Of Inter, as a part of the type size.
    const ASCENT: f32 = 0.968_75;
    let behind = at + vec2(value.size().x, ((size - unit_size) * ASCENT).round());
    painter.galley(at, value, Color32::PLACEHOLDER);
    painter.galley(behind, unit, Color32::PLACEHOLDER);
}

/// The small heading of a group of controls, with a remark at its right end.
pub fn caption(ui: &mut Ui, title: &str, remark: &str) -> Response {
    let p = palette(ui);
    ui.horizontal(|ui| {
        // Nothing to press.
        ui.spacing_mut().interact_size.y = ui.spacing().interact_size.y.min(size::CONTROL_TALL);
        let left = ui.label(RichText::new(title).font(theme::semibold(text::CAPTION)).color(p.ink3));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(RichText::new(remark).font(theme::regular(text::CAPTION)).color(p.ink3));
        });
        left
    })
    .inner
}

/// A hairline between groups.
pub fn divider(ui: &mut Ui) {
    let (rect, _) =
        ui.allocate_exact_size(vec2(ui.available_width(), line::HAIR + 2.0 * space::XS), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, palette(ui).stroke(line::HAIR, palette(ui).line));
}

/// A name and a value that only informs.
pub fn pair(ui: &mut Ui, name: &str, value: &str, unit: &str, hint: &str) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let y = rect.center().y;
    ui.painter().text(pos2(rect.left(), y), Align2::LEFT_CENTER, name, theme::regular(text::BODY), p.ink2);
    let gap = if unit.is_empty() { "" } else { " " };
    let painter = ui.painter();
    let unit = painter.layout_no_wrap(format!("{gap}{unit}"), theme::regular(text::CAPTION), p.ink2);
    let value = painter.layout_no_wrap(value.to_owned(), theme::semibold(text::BODY), p.ink);
    let left = rect.right() - unit.size().x - value.size().x;
    on_one_baseline(painter, pos2(left, y - value.size().y / 2.0), value, text::BODY, unit, text::CAPTION);
    response.on_hover_text(hint);
}

/// A small name over a value, `width` wide so that neighbours never move.
pub fn readout(ui: &mut Ui, name: &str, value: &str, unit: &str, width: f32, hint: &str) -> Response {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 40.0), Sense::hover());
    let painter = ui.painter_at(rect);
    painter.text(rect.left_top(), Align2::LEFT_TOP, name, theme::regular(text::CAPTION), p.ink2);
    let large = painter.layout_no_wrap(value.to_owned(), theme::semibold(text::TITLE), p.ink);
    let small = painter.layout_no_wrap(unit.to_owned(), theme::regular(text::CAPTION), p.ink2);
    let at = pos2(rect.left(), rect.bottom() - large.size().y);
    on_one_baseline(&painter, at, large, text::TITLE, small, text::CAPTION);
    response.widget_info(|| {
        eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Label, true, format!("{name}: {value}{unit}"))
    });
    response.on_hover_text(hint)
}

/// A name, and a number that is dragged or typed. Quiet at rest: the ground appears under the pointer.
pub fn number<T: Numeric>(
    ui: &mut Ui,
    name: &str,
    value: &mut T,
    range: RangeInclusive<T>,
    speed: f64,
    write: fn(f64) -> String,
    hint: &str,
) -> Response {
    let p = palette(ui);
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, ROW);
        let label = ui.label(RichText::new(name).color(p.ink2));
        let field = ui
            .with_layout(Layout::right_to_left(Align::Center), |ui| {
                let v = ui.visuals_mut();
                v.widgets.inactive.weak_bg_fill = Color32::TRANSPARENT;
                v.override_text_color = Some(p.ink);
                // No padding: the value stands flush with those above it.
                ui.spacing_mut().button_padding = vec2(0.0, 0.0);
                ui.spacing_mut().interact_size.x = theme::control(ui, 0.0);
                ui.style_mut().override_font_id = Some(theme::semibold(text::BODY));
                let drag = DragValue::new(value)
                    .range(range)
                    .speed(speed)
                    .update_while_editing(false)
                    .custom_formatter(move |v, _| write(v))
                    .custom_parser(numbers::parse);
                ui.add(drag)
            })
            .inner;
        field.labelled_by(label.id)
    });
    focus_ring(ui, &row.inner);
    row.inner.on_hover_text(hint)
}

/// A slider on a log scale, `range` above zero, as wide as there is room.
pub fn slider(ui: &mut Ui, value: &mut f32, range: RangeInclusive<f32>, name: &str) -> Response {
    let wide = ui.available_width();
    let response =
        bare(ui, Slider::new(value, range.clone()).logarithmic(true), wide, theme::control(ui, 20.0));
    let (low, high) = (range.start().ln(), range.end().ln());
    rail(ui, &response, (value.max(*range.start()).ln() - low) / (high - low));
    response.widget_info(|| eframe::egui::WidgetInfo::slider(ui.is_enabled(), f64::from(*value), name));
    response
}

/// A slider with a stop at every whole number from 0 to `last`.
pub fn stops(ui: &mut Ui, value: &mut u8, last: u8, wide: f32, name: &str) -> Response {
    let response = bare(ui, Slider::new(value, 0..=last), wide, theme::control(ui, 20.0));
    rail(ui, &response, f32::from(*value) / f32::from(last.max(1)));
    response.widget_info(|| eframe::egui::WidgetInfo::slider(ui.is_enabled(), f64::from(*value), name));
    response
}

/// A slider from 0 to `last` that stops at `stops` and at its end, each stop a tick under the rail.
pub fn scrubber(ui: &mut Ui, at: &mut u64, stops: &[u64], last: u64, wide: f32, name: &str) -> Response {
    let mut value = *at as f64;
    let most = last.max(1) as f64;
    let response = bare(ui, Slider::new(&mut value, 0.0..=most), wide, 20.0);
    if response.changed() {
        let to = |steps: &u64| (*steps as f64 - value).abs();
        let all = || stops.iter().copied().chain([last]);
        let nearest = all().min_by(|a, b| to(a).total_cmp(&to(b))).unwrap_or(last);
        // A key moves it less than a stop.
        let beyond = match (nearest == *at && !response.dragged(), value > *at as f64) {
            (true, true) => all().find(|s| *s > *at),
            (true, false) => all().rev().find(|s| *s < *at),
            _ => None,
        };
        *at = beyond.unwrap_or(nearest);
    }
    let rect = response.rect;
    let place = |steps: u64| rect.left() + 6.0 + (steps as f64 / most) as f32 * (rect.width() - 12.0);
    let tick = palette(ui).stroke(line::HAIR, palette(ui).line2);
    for stop in stops {
        let x = ui.painter().round_to_pixel_center(place(*stop));
        ui.painter().vline(x, rect.center().y + 5.0..=rect.center().y + 9.0, tick);
    }
    rail(ui, &response, (*at as f64 / most) as f32);
    response.widget_info(|| eframe::egui::WidgetInfo::slider(ui.is_enabled(), *at as f64, name));
    response
}

/// A slider without anything to see: egui does the dragging and the keys; the rail and the handle are
/// drawn by [`rail`] or by who calls, because egui's take one colour for both.
pub(super) fn bare(ui: &mut Ui, slider: Slider<'_>, wide: f32, high: f32) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().slider_width = wide;
        ui.spacing_mut().interact_size.y = high;
        let widgets = &mut ui.visuals_mut().widgets;
        for w in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active] {
            w.bg_fill = Color32::TRANSPARENT;
            w.bg_stroke = Stroke::NONE;
            w.fg_stroke = Stroke::NONE;
        }
        ui.add(slider.show_value(false).text(""))
    })
    .inner
}

/// The rail of a slider, filled up to `t` of it, and the handle there.
fn rail(ui: &Ui, response: &Response, t: f32) {
    filled_rail(ui, response, 0.0..=t, t, palette(ui).ink2);
}

/// The rail with a part of it filled, and the handle at `t`.
fn filled_rail(ui: &Ui, response: &Response, filled: RangeInclusive<f32>, t: f32, colour: Color32) {
    let p = palette(ui);
    let rect = response.rect;
    let radius = if response.hovered() || response.dragged() { 7.0 } else { 6.0 };
    let at = |t: f32| rect.left() + radius + t.clamp(0.0, 1.0) * (rect.width() - 2.0 * radius);
    // From its very end, where that is filled.
    let from = if *filled.start() <= 0.0 { rect.left() } else { at(*filled.start()) };
    let to = at(*filled.end());
    let (x, y) = (at(t), rect.center().y);
    let painter = ui.painter();
    painter.hline(rect.x_range(), y, Stroke::new(4.0, p.line));
    painter.hline(from.min(to)..=from.max(to), y, Stroke::new(4.0, colour));
    painter.circle_filled(pos2(x, y), radius, p.ink);
    if response.has_focus() {
        painter.circle_stroke(pos2(x, y), radius + 3.0, p.stroke(line::TRUNK, p.ink));
    }
}
