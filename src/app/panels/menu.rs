//! Choices that take no more room than a word until they are made.

use super::super::theme::{self, palette, size, space, text};
use super::data::chevron;
use eframe::egui::{ComboBox, Popup, Rect, Response, RichText, Role, Sense, Ui, WidgetInfo, vec2};

/// A word in a line of captions that can be pressed.
pub fn word(ui: &mut Ui, shown: &str, hint: &str) -> Response {
    let p = palette(ui);
    let small = theme::regular(text::CAPTION);
    let words = ui.painter().layout_no_wrap(shown.to_owned(), small, eframe::egui::Color32::PLACEHOLDER);
    let (rect, response) = ui.allocate_exact_size(words.size() + vec2(0.0, 2.0), Sense::hover());
    // A finger may miss it a little, and the line stays as low as it is.
    let target = vec2(theme::control(ui, rect.width()), theme::control(ui, rect.height()));
    let response = ui.interact(Rect::from_center_size(rect.center(), target), response.id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), shown));
    let ink = if response.hovered() || response.has_focus() { p.ink } else { p.ink2 };
    let under = p.stroke(theme::line::HAIR, p.line2);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, under);
    ui.painter().galley(rect.min, words, ink);
    response.on_hover_text(hint)
}

/// What opens under `response` when it is pressed.
pub fn under(response: &Response, choices: impl FnOnce(&mut Ui)) {
    Popup::menu(response).show(|ui| {
        ui.set_min_width(size::TOUCH * 2.0);
        choices(ui);
    });
}

/// A button that says what is chosen and opens a list.
pub fn choose(ui: &mut Ui, id: &str, shown: &str, hint: &str, choices: impl FnOnce(&mut Ui)) {
    let p = palette(ui);
    let small = theme::regular(text::CAPTION);
    let wide = ui.painter().layout_no_wrap(shown.to_owned(), small.clone(), p.ink).size().x;
    ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
    let combo = ComboBox::from_id_salt(id)
        .width(wide + size::CONTROL + space::M)
        .selected_text(RichText::new(shown).font(small).color(p.ink))
        .icon(chevron)
        .show_ui(ui, choices);
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, shown));
    combo.response.on_hover_text(hint);
}
