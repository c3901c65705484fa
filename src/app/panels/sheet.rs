//! On a phone the microscope is a sheet over the column: it comes from below and goes by a press beside
//! it, by its button, or pulled down at its handle.

use super::super::i18n;
use super::super::motion;
use super::super::state::AppState;
use super::super::theme::{palette, radius, size, space};
use super::super::view::View;
use super::microscope;
use crate::session::Snapshot;
use eframe::egui::{
    Area, Color32, CornerRadius, Id, Order, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

/// Height of the column that stays in sight over it, to be pressed.
const BESIDE: f32 = size::TOUCH;
/// Pulled down so far, it goes.
const GOES: f32 = 96.0;
/// Height of the handle's row; for a finger it reaches over the sheet's edge.
const HANDLE: f32 = 24.0;

/// Draws the sheet over `whole`, while the microscope is wanted.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, whole: Rect) {
    let id = Id::unique("sheet");
    if state.view != View::Microscope {
        ui.data_mut(|d| d.remove::<f64>(id));
        return;
    }
    let now = ui.input(|i| i.time);
    let begun = ui.data_mut(|d| *d.get_temp_mut_or(id, now));
    let come = if state.reduced_motion { 1.0 } else { motion::progress(ui, begun) };
    let pulled = ui.data(|d| d.get_temp::<f32>(id.with("pulled"))).unwrap_or(0.0);
    let p = palette(ui);
    let area = Area::new(id).order(Order::Middle).fixed_pos(whole.min).constrain(false);
    area.show(ui.ctx(), |ui| {
        ui.set_clip_rect(whole);
        let (all, beside) = ui.allocate_exact_size(whole.size(), Sense::click());
        ui.painter().rect_filled(all, 0.0, Color32::from_black_alpha(120));
        let top = all.top() + BESIDE + (1.0 - come) * (all.height() - BESIDE) + pulled;
        let sheet = Rect::from_min_max(pos2(all.left(), top), all.max + vec2(0.0, top - all.top()));
        let round = radius::PANEL + 4;
        let corner = CornerRadius { nw: round, ne: round, sw: 0, se: 0 };
        ui.painter().rect_filled(sheet, corner, p.bg);
        // Over the whole sheet, so that a press between its controls does not reach what is beside it.
        ui.interact(sheet, id.with("ground"), Sense::click());
        let handle = ui.interact(
            sheet.with_min_y(top + HANDLE - size::TOUCH).with_max_y(top + HANDLE),
            id.with("handle"),
            Sense::click_and_drag(),
        );
        handle.widget_info(|| WidgetInfo::labeled(Role::Button, true, i18n::sheet_handle()));
        let grip = Rect::from_center_size(pos2(sheet.center().x, top + HANDLE / 2.0), vec2(36.0, 4.0));
        ui.painter().rect_filled(grip, 2.0, p.line2);
        let away = handle.drag_stopped() && pulled > GOES;
        let pulled = if handle.dragged() { (pulled + handle.drag_delta().y).max(0.0) } else { 0.0 };
        ui.data_mut(|d| d.insert_temp(id.with("pulled"), pulled));
        let pressed = handle.on_hover_text(i18n::sheet_handle_hint()).clicked();
        if beside.clicked() || pressed || away {
            microscope::leave(state);
        }
        let inner = Rect::from_min_max(
            pos2(sheet.left() + space::M, top + HANDLE),
            pos2(sheet.right() - space::M, all.bottom()),
        );
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
        child.set_clip_rect(inner.expand2(vec2(space::M, 0.0)).intersect(whole));
        microscope::full(&mut child, state, snapshot);
    });
}
