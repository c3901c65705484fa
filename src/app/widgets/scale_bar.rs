//! The scale of feature maps: their colours from end to end with three ticks, pointed where values lie
//! beyond them.

use super::super::colourmap::ColourMap;
use super::super::i18n;
use super::super::numbers;
use super::super::theme::{self, palette, size, space, text};
use super::focus_ring;
use super::icons::{self, Icon};
use eframe::egui::{
    Align2, Color32, Mesh, Rect, Response, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

/// Between the bar and its ticks.
const GAP: f32 = 2.0;

/// Draws the scale of maps that end at ±`end` (or at `end`, where nothing is `signed`), `width` wide.
/// Without an end every map has its own: then the ticks say `−` and `+`, and there is nothing to lock.
/// `name` is what a screen reader says.
pub fn scale_bar(
    ui: &mut Ui,
    width: f32,
    end: Option<f32>,
    signed: bool,
    clipped: bool,
    locked: &mut bool,
    name: &str,
) -> Response {
    let high = size::SCALE_BAR + GAP + text::CAPTION * 1.3;
    let (whole, response) = ui.allocate_exact_size(vec2(width, high), Sense::hover());
    let rect = whole.with_max_x(whole.right() - size::LOCK - space::XS);
    let ticks = match end {
        Some(v) => {
            let v = f64::from(v);
            let write = |t: f64| {
                if t > 0.0 { format!("+{}", numbers::axis_value(t)) } else { numbers::axis_value(t) }
            };
            if signed { [write(-v), "0".into(), write(v)] } else { ["0".into(), write(v / 2.0), write(v)] }
        }
        None if signed => ["−".into(), "0".into(), "+".into()],
        None => ["0".into(), String::new(), "+".into()],
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{name}: {}", ticks.join(" "))));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if end.is_some() {
        lock(ui, whole.right(), rect.top() + size::SCALE_BAR / 2.0, locked, name);
    }
    let bar = rect.with_max_y(rect.top() + size::SCALE_BAR);
    ramp(ui, bar, if signed { 0.0 } else { 0.5 }, clipped);
    let y = bar.bottom() + GAP;
    let at = [
        (rect.left(), Align2::LEFT_TOP),
        (rect.center().x, Align2::CENTER_TOP),
        (rect.right(), Align2::RIGHT_TOP),
    ];
    for (tick, (x, align)) in ticks.iter().zip(at) {
        ui.painter().text(pos2(x, y), align, tick, theme::regular(text::CAPTION), palette(ui).ink3);
    }
    response
}

/// The diverging map from `from` to its end over `rect`.
fn ramp(ui: &Ui, rect: Rect, from: f32, clipped: bool) {
    const STEPS: u32 = 64;
    let map = ColourMap::div(ui.visuals().dark_mode);
    let point = if clipped { rect.height() } else { 0.0 };
    let left = if from == 0.0 { point } else { 0.0 };
    let flat = rect.with_min_x(rect.left() + left).with_max_x(rect.right() - point);
    let mut mesh = Mesh::default();
    for i in 0..=STEPS {
        let t = i as f32 / STEPS as f32;
        let (x, colour) = (flat.left() + t * flat.width(), map.at(from + (1.0 - from) * t));
        mesh.colored_vertex(pos2(x, rect.top()), colour);
        mesh.colored_vertex(pos2(x, rect.bottom()), colour);
        if i > 0 {
            mesh.add_triangle(2 * i - 2, 2 * i - 1, 2 * i);
            mesh.add_triangle(2 * i - 1, 2 * i, 2 * i + 1);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    if clipped {
        pointed(ui, flat.right(), rect.right(), rect, map.at(1.0));
        if from == 0.0 {
            pointed(ui, flat.left(), rect.left(), rect, map.at(0.0));
        }
    }
}

/// The end of a scale that values lie beyond, from `x` to its point at `apex`.
pub fn pointed(ui: &Ui, x: f32, apex: f32, rect: Rect, colour: Color32) {
    let corners = vec![pos2(x, rect.top()), pos2(apex, rect.center().y), pos2(x, rect.bottom())];
    ui.painter().add(Shape::convex_polygon(corners, colour, Stroke::NONE));
}

/// The lock beside a scale, in a square at `right` and `middle`: shut, the scale stays as it is.
pub fn lock(ui: &Ui, right: f32, middle: f32, locked: &mut bool, name: &str) {
    let rect = Rect::from_center_size(pos2(right - size::LOCK / 2.0, middle), theme::square(size::LOCK));
    let mut response = ui.interact(rect, ui.scope_id().with(("lock", name)), Sense::click());
    if response.clicked() {
        *locked = !*locked;
        response.mark_changed();
    }
    let words = if *locked { i18n::unlock_scale(name) } else { i18n::lock_scale(name) };
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), *locked, &words));
    let p = palette(ui);
    let ink = if *locked || response.hovered() { p.ink } else { p.ink3 };
    icons::paint(ui.painter(), rect, if *locked { Icon::Locked } else { Icon::Unlocked }, ink);
    focus_ring(ui, &response);
    response.on_hover_text(if *locked { i18n::unlock_scale_hint() } else { i18n::lock_scale_hint() });
}
