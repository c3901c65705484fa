//! The run that is trained and the earlier ones, at the foot of the controls: which are drawn, what they
//! have come to, what they are called.

use super::super::i18n;
use super::super::numbers::{self, UNKNOWN};
use super::super::state::AppState;
use super::super::theme::{self, line, palette, radius, size, space, text};
use super::super::widgets::{caption, icons, icons::Icon};
use super::charts::look;
use crate::session::Snapshot;
use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{
    Align2, Color32, Key, Pos2, Rect, Response, Role, Sense, StrokeKind, TextEdit, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

/// One row, as it is drawn.
struct Row {
    lane: usize,
    name: String,
    accuracy: Option<f32>,
    drawn: bool,
    pinned: bool,
}

/// Rows of runs: this one first, then the earlier ones, newest first.
pub fn list(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    caption(ui, i18n::runs(), i18n::test_accuracy()).on_hover_text(i18n::runs_hint());
    let mut rows = Vec::new();
    if let Some(about) = state.runs.current.as_ref().filter(|_| snapshot.model.is_some()) {
        let accuracy = state.history.best_accuracy();
        rows.push(Row { lane: 0, name: about.name.clone(), accuracy, drawn: true, pinned: false });
    }
    rows.extend(state.runs.kept().iter().rev().map(|r| Row {
        lane: r.lane,
        name: r.about.name.clone(),
        accuracy: r.history.best_accuracy(),
        drawn: r.drawn,
        pinned: r.pinned,
    }));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for row in &rows {
            show(ui, state, row);
        }
    });
}

fn show(ui: &mut Ui, state: &mut AppState, row: &Row) {
    let p = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::CONTROL), Sense::hover());
    if row.lane == 0 {
        let ground = rect.expand2(vec2(space::S, 0.0));
        ui.painter().rect_filled(ground, radius::CONTROL, p.raised);
    }
    let id = ui.scope_id().with(("run", row.lane));
    square(ui, state, row, rect);
    let right = if row.lane == 0 { rect.right() } else { rect.right() - 2.0 * (icons::SIDE + space::XS) };
    let accuracy = row.accuracy.map_or(UNKNOWN.into(), numbers::percent);
    let font = if row.lane == 0 { theme::semibold(text::BODY) } else { theme::regular(text::BODY) };
    let ink = if row.lane == 0 { p.ink } else { p.ink2 };
    let written =
        ui.painter().text(pos2(right, rect.center().y), Align2::RIGHT_CENTER, &accuracy, font.clone(), ink);
    let name = Rect::from_x_y_ranges(
        rect.left() + size::THUMB / 2.0 + space::S..=written.left() - space::S,
        rect.y_range(),
    );
    if !rename(ui, state, row, name) {
        let response = ui.interact(name, id, Sense::click());
        let spoken = i18n::run_row(&row.name, &accuracy);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
        let mut job = eframe::egui::text::LayoutJob::simple_singleline(row.name.clone(), font, p.ink);
        job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(name.width());
        let words = ui.fonts_mut(|f| f.layout_job(job));
        let at = pos2(name.left(), name.center().y - words.size().y / 2.0);
        ui.painter().galley(at, words, p.ink);
        if response.double_clicked() {
            state.runs.renaming = Some((row.lane, row.name.clone()));
        }
        let hint = if row.lane == 0 { i18n::this_run_hint() } else { i18n::run_name_hint() };
        response.on_hover_text(format!("{}\n{hint}", row.name));
    }
    if row.lane > 0 {
        pin(ui, state, row, rect);
        delete(ui, state, row, rect);
    }
}

/// In the colour of the run's curves, filled where they are drawn.
fn square(ui: &mut Ui, state: &mut AppState, row: &Row, rect: Rect) {
    const SIDE: f32 = 12.0;
    let (colour, _) = look(palette(ui), row.lane);
    let at = pos2(rect.left() + SIDE / 2.0 + 1.0, rect.center().y);
    let drawn = Rect::from_center_size(at, theme::square(SIDE));
    let response = toggle(ui, row, drawn.expand(space::XS));
    let fill = if row.drawn { colour } else { Color32::TRANSPARENT };
    let stroke = palette(ui).stroke(line::TRUNK, colour);
    ui.painter().rect(drawn, radius::CARD, fill, stroke, StrokeKind::Inside);
    if response.hovered() && row.lane > 0 || response.has_focus() {
        let ring = palette(ui).stroke(line::HAIR, palette(ui).ink);
        ui.painter().rect_stroke(drawn.expand(3.0), radius::CARD, ring, StrokeKind::Inside);
    }
    if response.clicked() {
        state.runs.toggle(row.lane);
    }
    let hint = if row.lane == 0 { i18n::this_run_hint() } else { i18n::run_drawn_hint() };
    response.on_hover_text(hint);
}

fn toggle(ui: &mut Ui, row: &Row, rect: Rect) -> Response {
    let sense = if row.lane == 0 { Sense::hover() } else { Sense::click() };
    let response = ui.interact(rect, ui.scope_id().with(("drawn", row.lane)), sense);
    let role = if row.lane == 0 { Role::Image } else { Role::CheckBox };
    response.widget_info(|| WidgetInfo::selected(role, true, row.drawn, &row.name));
    response
}

/// The name as a field while it is being changed; whether it is.
fn rename(ui: &mut Ui, state: &mut AppState, row: &Row, rect: Rect) -> bool {
    let Some((_, typed)) = state.runs.renaming.as_mut().filter(|(lane, _)| *lane == row.lane) else {
        return false;
    };
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    let response = child.add_sized(rect.size(), TextEdit::singleline(typed));
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, i18n::run_name_hint()));
    let (enter, escape) = ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
    if response.lost_focus() || enter || escape {
        if let Some((lane, typed)) = state.runs.renaming.take().filter(|_| !escape) {
            state.runs.rename(lane, &typed);
        }
    } else if !response.has_focus() {
        response.request_focus();
        // What is typed replaces the old name.
        let end = typed_length(state);
        if let Some(mut field) = TextEditState::load(ui.ctx(), response.id) {
            let all = CCursorRange::two(CCursor::new(0), CCursor::new(end));
            field.cursor.set_char_range(Some(all));
            field.store(ui.ctx(), response.id);
        }
    }
    true
}

fn typed_length(state: &AppState) -> usize {
    state.runs.renaming.as_ref().map_or(0, |(_, typed)| typed.chars().count())
}

/// Keeps the run when others have to make room.
fn pin(ui: &mut Ui, state: &mut AppState, row: &Row, rect: Rect) {
    let (name, hint) = match row.pinned {
        true => (i18n::unpin_run(&row.name), i18n::unpin_hint()),
        false => (i18n::pin_run(&row.name), i18n::pin_hint()),
    };
    let icon = if row.pinned { Icon::Pinned } else { Icon::Pin };
    let right = rect.right() - icons::SIDE - space::XS;
    let response = small(ui, pos2(right, rect.center().y), ("pin", row.lane), icon, &name, row.pinned);
    if response.on_hover_text(hint).clicked() {
        state.pin_run(row.lane);
    }
}

fn delete(ui: &mut Ui, state: &mut AppState, row: &Row, rect: Rect) {
    let name = i18n::delete_run(&row.name);
    let response = small(ui, rect.right_center(), ("delete", row.lane), Icon::Close, &name, false);
    if response.on_hover_text(i18n::delete_run_hint()).clicked() {
        state.delete_run(row.lane);
    }
}

/// A button no larger than its icon, whose right edge is at `right`.
fn small(ui: &mut Ui, right: Pos2, id: (&str, usize), icon: Icon, name: &str, strong: bool) -> Response {
    let p = palette(ui);
    let place = Rect::from_center_size(right - vec2(icons::SIDE / 2.0, 0.0), theme::square(icons::SIDE));
    let response = ui.interact(place, ui.scope_id().with(id), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    let ink = if strong || response.hovered() || response.has_focus() { p.ink } else { p.ink3 };
    icons::paint(ui.painter(), place.shrink(2.0), icon, ink);
    response
}
