//! One view among a few, as words in a bar: the one that is shown is in ink and underlined.

use super::super::theme::{self, line, palette, space, text};
use super::focus_ring;
use super::segmented::Choice;
use eframe::egui::{Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Draws `choices` as words `height` high, the underline at their foot. Clicking sets `value`.
pub fn tabs<T: Copy + PartialEq>(ui: &mut Ui, value: &mut T, choices: &[Choice<'_, T>], height: f32) -> bool {
    let p = palette(ui);
    let mut changed = false;
    for (choice, word, hint) in choices {
        let chosen = *value == *choice;
        let font = |on: bool| if on { theme::semibold(text::BODY) } else { theme::regular(text::BODY) };
        // As wide as the bolder state, so that neighbours do not move.
        let wide = ui.painter().layout_no_wrap((*word).to_owned(), font(true), p.ink).size().x;
        let (rect, response) = ui.allocate_exact_size(vec2(wide + space::L, height), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), chosen, *word));
        let ink = if chosen || response.hovered() { p.ink } else { p.ink2 };
        let words = ui.painter().layout_no_wrap((*word).to_owned(), font(chosen), ink);
        let at = pos2(rect.center().x - words.size().x / 2.0, rect.center().y - words.size().y / 2.0);
        ui.painter().galley(at, words, ink);
        if chosen {
            let under = rect.center().x - wide / 2.0..=rect.center().x + wide / 2.0;
            ui.painter().hline(under, rect.bottom() - line::TRUNK, p.stroke(line::CAP, p.ink));
        }
        focus_ring(ui, &response);
        if response.clicked() && !chosen {
            *value = *choice;
            changed = true;
        }
        response.on_hover_text(*hint);
    }
    changed
}
