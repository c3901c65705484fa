//! Which picture goes through the network, and what the network says about it.

mod prediction;
mod source;

pub use prediction::prediction;
pub use source::{PicturesState, Source};

use super::super::i18n;
use super::super::numbers;
use super::super::state::{AppState, UiCommand};
use super::super::theme::{self, line, palette, radius, size, space, text};
use super::super::view::Canvas;
use super::super::widgets::{icon_button, icons::Icon, raised_button, tile};
use super::data::chevron;
use super::thumbs;
use crate::session::{BATCH_PAGE, Picture, RecordRef, Seen, Snapshot, SplitName};
use eframe::egui::{
    Align2, ComboBox, CornerRadius, DragValue, Rect, Response, RichText, Role, ScrollArea, Sense, StrokeKind,
    Ui, WidgetInfo,
};

/// Thumbnails in the strip.
pub const STRIP: usize = BATCH_PAGE;

/// Combo box and strip, laid out from left to right or from right to left as `ui` is.
pub fn chooser(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    state.scope.pictures.renew(&state.looks, snapshot);
    let reversed = ui.layout().prefer_right_to_left();
    if reversed {
        strip(ui, state, snapshot);
        ui.add_space(space::S);
        picker(ui, state, snapshot);
    } else {
        ui.horizontal(|ui| picker(ui, state, snapshot));
        // Thumbnails for fingers are wider than a phone.
        ScrollArea::horizontal()
            .id_salt("strip")
            .show(ui, |ui| ui.horizontal(|ui| strip(ui, state, snapshot)));
    }
}

fn picker(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let reversed = ui.layout().prefer_right_to_left();
    if reversed {
        number(ui, state, snapshot);
    }
    let source = state.scope.pictures.source();
    let classes = snapshot.data.as_ref().map_or(&[][..], |d| &d.classes);
    let mut chosen = None;
    let combo = ComboBox::from_id_salt("picture")
        .width(168.0)
        .selected_text(i18n::scope::source(source, classes))
        .truncate()
        .icon(chevron)
        .show_ui(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for s in Source::all(classes.len()) {
                if s == Source::Class(0) {
                    ui.add_space(space::XS);
                    let heading = RichText::new(i18n::scope_by_class()).font(theme::regular(text::CAPTION));
                    ui.label(heading.color(palette(ui).ink3));
                }
                let there = s.available(snapshot);
                let label = ui.add_enabled_ui(there, |ui| {
                    ui.selectable_label(s == source, i18n::scope::source(s, classes))
                });
                let hint = if there { i18n::scope::source_hint(s) } else { i18n::scope_source_waits() };
                if label.inner.on_hover_text(hint).on_disabled_hover_text(hint).clicked() {
                    chosen = Some(s);
                }
            }
        });
    let p = palette(ui);
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, i18n::scope_image()));
    combo.response.on_hover_text(i18n::scope_image_hint());
    if let Some(source) = chosen {
        state.scope.pictures.choose(source, &mut state.looks, snapshot);
        if source == Source::Own && state.looks.picture != Picture::Own {
            state.ask(UiCommand::OpenPicture);
        }
    }
    if reversed {
        ui.label(RichText::new(i18n::scope_image()).font(theme::regular(text::CAPTION)).color(p.ink3));
    } else {
        number(ui, state, snapshot);
    }
}

/// The picture's number, where pictures are numbered.
fn number(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let (split, count) = match (state.scope.pictures.source(), &snapshot.data) {
        (Source::Test, Some(d)) => (SplitName::Test, d.test_images),
        (Source::Train, Some(d)) => (SplitName::Train, d.train_images),
        _ => return,
    };
    let Picture::Record(record) = state.looks.picture else { return };
    let mut index = record.index;
    let last = count.saturating_sub(1) as u32;
    let drag = DragValue::new(&mut index)
        .range(0..=last)
        .speed(0.2)
        .update_while_editing(false)
        .custom_formatter(|v, _| numbers::grouped(v as u64))
        .custom_parser(numbers::parse);
    ui.spacing_mut().interact_size.x = theme::control(ui, ui.spacing().interact_size.x);
    let response = ui.add(drag).on_hover_text(i18n::scope_number_hint(last as usize));
    response.widget_info(|| numbered(index));
    state.looks.picture = Picture::Record(RecordRef { split, index });
}

/// For a screen reader.
fn numbered(n: u32) -> WidgetInfo {
    WidgetInfo { label: Some(i18n::scope_picture_number().into()), ..WidgetInfo::drag_value(true, n.into()) }
}

fn strip(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let seen = snapshot.seen.clone();
    ui.spacing_mut().item_spacing.x = space::S;
    match state.scope.pictures.source() {
        Source::Own => own(ui, state, seen.as_deref()),
        Source::Batch => batch(ui, state, snapshot, seen.as_deref()),
        _ => records(ui, state, snapshot),
    }
}

/// Eight records around the chosen one, with what the network says of each.
fn records(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let reversed = ui.layout().prefer_right_to_left();
    let chosen = match state.looks.picture {
        Picture::Record(r) => Some(r),
        _ => None,
    };
    let mut page = state.scope.pictures.page(chosen);
    if reversed {
        page.reverse();
    }
    let turn = |ui: &mut Ui, by: isize, state: &mut AppState| {
        let (arrow, hint) =
            if by < 0 { ("‹", i18n::scope_earlier_hint()) } else { ("›", i18n::scope_later_hint()) };
        let side = ui.spacing().interact_size.y;
        let button = if side < size::TOUCH {
            let word = eframe::egui::Label::new(RichText::new(arrow).font(theme::regular(text::TITLE)));
            ui.add(word.sense(Sense::click()))
        } else {
            icon_button(ui, if by < 0 { Icon::Back } else { Icon::Forward }, hint, side)
        };
        if button.on_hover_text(hint).clicked() {
            state.scope.pictures.turn(by, &mut state.looks);
        }
    };
    turn(ui, if reversed { 1 } else { -1 }, state);
    for record in page {
        let map = thumbs::want(state, snapshot, record);
        let name = i18n::scope::record(record.split, &numbers::grouped(record.index.into()));
        let response = thumb(ui, state.canvas.as_ref().zip(map.as_ref()), chosen == Some(record), &name);
        if response.clicked() {
            state.looks.picture = Picture::Record(record);
        }
        response.on_hover_ui(|ui| {
            ui.label(name);
            let says = source::says(snapshot, record);
            ui.label(RichText::new(says).color(palette(ui).ink3));
        });
    }
    turn(ui, if reversed { -1 } else { 1 }, state);
}

/// Images of the last training batch as they were trained on: the page of the one that is looked at.
fn batch(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, seen: Option<&Seen>) {
    let reversed = ui.layout().prefer_right_to_left();
    let count = snapshot.model.as_ref().map_or(1, |m| m.recipe.batch).max(1) as u32;
    let Picture::Batch(now) = state.looks.picture else { return };
    // An image of this batch is seen again in each look; one of another page, a moment later.
    let seen = seen.filter(|s| matches!(s.picture, Some(Picture::Batch(_))));
    let first = now / STRIP as u32 * STRIP as u32;
    let mut page: Vec<u32> = (first..(first + STRIP as u32).min(count)).collect();
    if reversed {
        page.reverse();
    }
    for n in page {
        let map = seen.and_then(|s| s.batch.iter().find(|(k, _)| *k == n)).map(|(_, tile)| *tile);
        let name = i18n::scope_batch_image(n as usize + 1, count as usize);
        let response = thumb(ui, state.canvas.as_ref().zip(map.as_ref()), n == now, &name);
        if map.is_none() {
            let number = (n + 1).to_string();
            let small = theme::regular(text::CAPTION);
            ui.painter().text(response.rect.center(), Align2::CENTER_CENTER, number, small, palette(ui).ink3);
        }
        if response.clicked() {
            state.looks.picture = Picture::Batch(n);
        }
        response.on_hover_ui(|ui| {
            ui.label(name);
            ui.label(RichText::new(i18n::scope_as_trained()).color(palette(ui).ink3));
        });
    }
    let mut n = now + 1;
    let drag =
        ui.add(DragValue::new(&mut n).range(1..=count).speed(0.2)).on_hover_text(i18n::scope_batch_hint());
    drag.widget_info(|| numbered(n));
    state.looks.picture = Picture::Batch(n - 1);
}

/// The user's own picture as the network gets it, and ways to give another.
fn own(ui: &mut Ui, state: &mut AppState, seen: Option<&Seen>) {
    let map = seen.filter(|s| s.picture == Some(Picture::Own)).map(|s| s.input);
    thumb(ui, state.canvas.as_ref().zip(map.as_ref()), map.is_some(), i18n::scope_own())
        .on_hover_text(i18n::scope_own_shown_hint());
    if raised_button(ui, i18n::scope_open_picture(), None, false)
        .on_hover_text(i18n::scope::own_hint())
        .clicked()
    {
        state.ask(UiCommand::OpenPicture);
    }
    if cfg!(target_arch = "wasm32")
        && raised_button(ui, i18n::scope_camera(), None, false)
            .on_hover_text(i18n::scope_camera_hint())
            .clicked()
    {
        state.ask(UiCommand::Camera);
    }
}

fn thumb(ui: &mut Ui, map: Option<(&Canvas, &crate::session::Tile)>, chosen: bool, name: &str) -> Response {
    let (rect, response) =
        ui.allocate_exact_size(theme::square(size::THUMB.max(ui.spacing().interact_size.y)), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, name));
    let p = palette(ui);
    match map {
        Some((canvas, map)) => tile(ui.painter(), canvas, map, rect),
        None => {
            ui.painter().rect_filled(rect, CornerRadius::same(radius::CARD), p.raised);
        }
    }
    let ring = |rect: Rect, ink| {
        let stroke = p.stroke(line::TRUNK, ink);
        ui.painter().rect_stroke(rect, CornerRadius::same(radius::CARD), stroke, StrokeKind::Outside);
    };
    if chosen {
        ring(rect.expand(1.0), p.ink);
    } else if response.hovered() || response.has_focus() {
        ring(rect.expand(1.0), p.line2);
    }
    response
}
