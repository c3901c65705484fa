//! A flag: an ink plate with scissors that says what was done to a skip. Wherever time has an axis it stands
//! where the operation took effect; on the map it stands over a skip that is cut.

use super::super::theme::{self, palette, radius, space, text};
use super::focus_ring;
use super::icons::{self, Icon};
use eframe::egui::{
    CornerRadius, CursorIcon, Id, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// Height of a flag.
pub const FLAG: f32 = 22.0;

/// How large a flag is that says `words`; without any it has the scissors alone.
pub fn flag_size(ui: &Ui, words: &str) -> Vec2 {
    if words.is_empty() {
        return theme::square(FLAG);
    }
    let wide = ui.painter().layout_no_wrap(words.to_owned(), theme::semibold(text::CAPTION), palette(ui).ink);
    vec2(wide.size().x + icons::SIDE + space::XS + 2.0 * space::S, FLAG)
}

/// Paints it into `rect`.
pub fn paint_flag(ui: &Ui, rect: Rect, words: &str) {
    let p = palette(ui);
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(radius::CARD), p.ink);
    let side = if words.is_empty() { FLAG } else { icons::SIDE };
    let left = if words.is_empty() { rect.left() } else { rect.left() + space::S - 2.0 };
    let square = Rect::from_center_size(pos2(left + side / 2.0, rect.center().y), theme::square(icons::SIDE));
    icons::paint(painter, square, Icon::Scissors, p.bg);
    let galley = painter.layout_no_wrap(words.to_owned(), theme::semibold(text::CAPTION), p.bg);
    painter.galley(pos2(square.right() + space::XS, rect.center().y - galley.size().y / 2.0), galley, p.bg);
}

/// A flag that can be pressed; `label` says all of it where `words` has no room.
pub fn flag(ui: &Ui, id: Id, rect: Rect, words: &str, label: &str) -> Response {
    let response = ui.interact(rect, id, Sense::click()).on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), label));
    paint_flag(ui, rect, words);
    focus_ring(ui, &response);
    response
}
