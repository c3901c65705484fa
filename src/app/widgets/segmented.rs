//! One choice among a few, side by side.

use super::super::theme::{self, palette, radius, space, text};
use super::focus_ring;
use eframe::egui::{CornerRadius, Response, Role, Sense, Ui, WidgetInfo, vec2};

/// An option: the value, its word, and what it means in the field's terms.
pub type Choice<'a, T> = (T, &'a str, &'a str);

fn part_width<T>(ui: &Ui, (_, word, _): &Choice<'_, T>) -> f32 {
    // As wide as the bolder state, so that neighbours do not move.
    let bold =
        ui.painter().layout_no_wrap((*word).to_owned(), theme::semibold(text::CAPTION), palette(ui).ink);
    theme::control(ui, bold.size().x + 2.0 * space::M)
}

/// How wide [`segmented`] is by itself.
pub fn segmented_width<T>(ui: &Ui, choices: &[Choice<'_, T>]) -> f32 {
    choices.iter().map(|c| part_width(ui, c)).sum()
}

/// Draws `choices` as one control as wide as `width` (or its words) and as high as `ui` has controls; the chosen one is lit. Clicking
/// sets `value`; the response says whether it changed.
pub fn segmented<T: Copy + PartialEq>(
    ui: &mut Ui,
    value: &mut T,
    choices: &[Choice<'_, T>],
    width: Option<f32>,
) -> Response {
    let p = palette(ui);
    let widths: Vec<f32> = choices.iter().map(|c| part_width(ui, c)).collect();
    let natural: f32 = widths.iter().sum();
    let extra = width.map_or(0.0, |w| (w - natural) / choices.len().max(1) as f32);
    let whole = vec2(width.unwrap_or(natural), ui.spacing().interact_size.y);
    let (rect, mut all) = ui.allocate_exact_size(whole, Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(radius::CONTROL), p.raised);
    let mut left = rect.left();
    for ((choice, word, hint), natural) in choices.iter().zip(widths) {
        let part = eframe::egui::Rect::from_min_size(
            eframe::egui::pos2(left, rect.top()),
            vec2(natural + extra, rect.height()),
        );
        left = part.right();
        let response = ui.interact(part, all.id.with(word), Sense::click());
        if response.clicked() && *value != *choice {
            *value = *choice;
            all.mark_changed();
        }
        let chosen = *value == *choice;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), chosen, *word));
        if chosen {
            let lit = if ui.visuals().dark_mode { p.line2 } else { p.panel };
            ui.painter().rect_filled(part.shrink(2.0), CornerRadius::same(radius::CONTROL - 2), lit);
        }
        let (font, ink) = match (chosen, response.hovered()) {
            (true, _) => (theme::semibold(text::CAPTION), p.ink),
            (false, true) => (theme::regular(text::CAPTION), p.ink),
            (false, false) => (theme::regular(text::CAPTION), p.ink2),
        };
        ui.painter().text(part.center(), eframe::egui::Align2::CENTER_CENTER, word, font, ink);
        focus_ring(ui, &response);
        if !hint.is_empty() {
            response.on_hover_text(*hint);
        }
    }
    all
}
