//! Buttons: a quiet icon, a raised label, a chip that is on or off, and the one solid button.

use super::super::theme::{self, line, palette, radius, size, space, text};
use super::focus_ring;
use super::icons::{self, Icon};
use eframe::egui::{
    Color32, CornerRadius, Galley, Rect, Response, Role, Sense, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// A square button with nothing but an icon; `name` is what a screen reader says.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str, side: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(theme::square(side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if ui.is_rect_visible(rect) {
        let p = palette(ui);
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, CornerRadius::same(radius::CONTROL), p.raised);
        }
        icons::paint(ui.painter(), rect, icon, if response.hovered() { p.ink } else { p.ink2 });
        focus_ring(ui, &response);
    }
    response
}

/// The page's main action, in solid ink. There is one on a page.
///
/// Its width is the same for every word in `words`, so that nothing beside it moves when it changes.
pub fn solid_button(ui: &mut Ui, icon: Icon, label: &str, words: &[&str], height: f32) -> Response {
    let p = palette(ui);
    let widest = words.iter().map(|w| galley(ui, w, p.bg, true).size().x).fold(0.0, f32::max);
    let text = galley(ui, label, p.bg, true);
    let wide = vec2(widest.max(text.size().x) + icons::SIDE + space::S + 2.0 * space::L, height);
    let (rect, response) = ui.allocate_exact_size(wide, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), label));
    if ui.is_rect_visible(rect) {
        let fill = if response.hovered() { p.ink.lerp_to_gamma(p.bg, 0.1) } else { p.ink };
        ui.painter().rect_filled(rect, CornerRadius::same(radius::CONTROL), fill);
        let square = Rect::from_center_size(
            pos2(rect.left() + space::L + icons::SIDE / 2.0, rect.center().y),
            theme::square(icons::SIDE),
        );
        icons::paint(ui.painter(), square, icon, p.bg);
        let at = pos2(square.right() + space::S, rect.center().y - text.size().y / 2.0);
        ui.painter().galley(at, text, p.bg);
        focus_ring(ui, &response);
    }
    response
}

/// A solid button as wide as `width` and as high as its words need.
pub fn solid_wide(ui: &mut Ui, label: &str, width: f32) -> Response {
    let p = palette(ui);
    let room = width - 2.0 * space::M;
    let mut job =
        eframe::egui::text::LayoutJob::simple(label.to_owned(), theme::semibold(text::BODY), p.bg, room);
    job.halign = eframe::egui::Align::Center;
    let text = ui.fonts_mut(|f| f.layout_job(job));
    let high = (text.size().y + 2.0 * space::M).max(size::TRANSPORT_BUTTON);
    let (rect, response) = ui.allocate_exact_size(vec2(width, high), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), label));
    let fill = if response.hovered() { p.ink.lerp_to_gamma(p.bg, 0.1) } else { p.ink };
    ui.painter().rect_filled(rect, CornerRadius::same(radius::CONTROL), fill);
    let at = pos2(rect.center().x, rect.center().y - text.size().y / 2.0);
    ui.painter().galley(at, text, p.bg);
    focus_ring(ui, &response);
    response
}

/// A button with a word on a raised ground, as wide as `width` or as its word. `strong` gives it an
/// outline in ink: it is what should be pressed next.
pub fn raised_button(ui: &mut Ui, label: &str, width: Option<f32>, strong: bool) -> Response {
    let p = palette(ui);
    let room = width.map_or(f32::INFINITY, |w| w - space::S);
    let text = fitted(ui, label, p.ink, strong, room);
    let wide = theme::control(ui, width.unwrap_or(text.size().x + 2.0 * space::M));
    // As high as a finger needs where controls are for fingers.
    let high = theme::control(ui, size::CONTROL_TALL.max(ui.spacing().interact_size.y));
    let (rect, response) = ui.allocate_exact_size(vec2(wide, high), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), label));
    if ui.is_rect_visible(rect) {
        let outline = if strong {
            p.stroke(line::TRUNK, p.ink)
        } else {
            p.stroke(line::HAIR, if response.hovered() { p.line2 } else { Color32::TRANSPARENT })
        };
        let corner = CornerRadius::same(radius::CONTROL);
        ui.painter().rect(rect, corner, p.raised, outline, StrokeKind::Inside);
        paint_centred(ui, rect, text, p.ink);
        focus_ring(ui, &response);
    }
    response
}

/// A raised button with an icon before its word.
pub fn raised_icon_button(ui: &mut Ui, icon: Icon, label: &str) -> Response {
    let p = palette(ui);
    let ink = if ui.is_enabled() { p.ink } else { p.ink3 };
    let text = ui.painter().layout_no_wrap(label.to_owned(), theme::regular(text::CAPTION), ink);
    let high = theme::control(ui, size::CONTROL_TALL);
    let wide = vec2(text.size().x + icons::SIDE + space::S + 2.0 * space::M, high);
    let (rect, response) = ui.allocate_exact_size(wide, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), label));
    if ui.is_rect_visible(rect) {
        let outline = p.stroke(line::HAIR, if response.hovered() { p.line2 } else { Color32::TRANSPARENT });
        let corner = CornerRadius::same(radius::CONTROL);
        ui.painter().rect(rect, corner, p.raised, outline, StrokeKind::Inside);
        let square = Rect::from_center_size(
            pos2(rect.left() + space::M + icons::SIDE / 2.0, rect.center().y),
            theme::square(icons::SIDE),
        );
        icons::paint(ui.painter(), square, icon, ink);
        let at = pos2(square.right() + space::S, rect.center().y - text.size().y / 2.0);
        ui.painter().galley(at, text, ink);
        focus_ring(ui, &response);
    }
    response
}

/// A choice that is on or off by itself. Clicking flips `on`.
pub fn chip(ui: &mut Ui, on: &mut bool, label: &str) -> Response {
    let p = palette(ui);
    let ink = if *on { p.ink } else { p.ink3 };
    let text = ui.painter().layout_no_wrap(label.to_owned(), chip_font(*on), ink);
    // As wide as the bolder state, so that a row of chips does not move.
    let widest = ui.painter().layout_no_wrap(label.to_owned(), chip_font(true), ink).size().x;
    let wide = vec2(theme::control(ui, widest + 2.0 * space::M), theme::control(ui, size::CONTROL));
    let (rect, mut response) = ui.allocate_exact_size(wide, Sense::click());
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), *on, label));
    if ui.is_rect_visible(rect) {
        let fill = if *on { p.raised } else { Color32::TRANSPARENT };
        let outline = p.stroke(line::HAIR, if *on || response.hovered() { p.line2 } else { p.line });
        ui.painter().rect(rect, CornerRadius::same(radius::CONTROL), fill, outline, StrokeKind::Inside);
        paint_centred(ui, rect, text, ink);
        focus_ring(ui, &response);
    }
    response
}

fn chip_font(on: bool) -> eframe::egui::FontId {
    if on { theme::semibold(text::CAPTION) } else { theme::regular(text::CAPTION) }
}

fn galley(ui: &Ui, label: &str, ink: Color32, bold: bool) -> Arc<Galley> {
    let font = if bold { theme::semibold(text::BODY) } else { theme::regular(text::BODY) };
    ui.painter().layout_no_wrap(label.to_owned(), font, ink)
}

/// `label` on one line of at most `room`, cut with `…` if it must be.
fn fitted(ui: &Ui, label: &str, ink: Color32, bold: bool, room: f32) -> Arc<Galley> {
    let full = galley(ui, label, ink, bold);
    if full.size().x <= room {
        return full;
    }
    let mut job =
        eframe::egui::text::LayoutJob::simple_singleline(label.to_owned(), theme::regular(text::BODY), ink);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room);
    ui.fonts_mut(|f| f.layout_job(job))
}

fn paint_centred(ui: &Ui, rect: Rect, text: Arc<Galley>, ink: Color32) {
    let at: Vec2 = rect.center().to_vec2() - text.size() / 2.0;
    ui.painter().galley(at.to_pos2(), text, ink);
}
