//! The pictures: which ones, where they come from, and one of each class to look at.

use super::super::i18n;
use super::super::link::SHAPES10;
use super::super::numbers;
use super::super::state::{AppState, UiCommand};
use super::super::theme::{self, palette, size, space, text};
use super::super::widgets::{caption, cells, icons, icons::Icon};
use super::thumbs;
use crate::session::{Command, DataSource, EngineKind, Snapshot};
use eframe::egui::style::WidgetVisuals;
use eframe::egui::{ComboBox, Label, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2};

/// Thumbnails in a row, and how many there are at most.
const COLUMNS: usize = 5;
const MOST: usize = 20;

pub fn group(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let loaded = snapshot.data.as_ref();
    let counts = loaded.map_or(String::new(), |d| {
        i18n::counts(numbers::grouped(d.train_images as u64), numbers::grouped(d.test_images as u64))
    });
    let label = caption(ui, i18n::data(), &counts).on_hover_text(i18n::data_counts_hint());
    let name = loaded.map_or(i18n::no_data(), |d| d.name.as_str());
    ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL_TALL);
    let combo = ComboBox::from_id_salt("data")
        .width(ui.available_width())
        .selected_text(RichText::new(name).color(palette(ui).ink))
        .truncate()
        .icon(chevron);
    let response = combo.show_ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        sources(ui, state, name)
    });
    response.response.labelled_by(label.id).on_hover_text(i18n::data_hint());
    ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
    if let Some(command) = response.inner.flatten() {
        state.ask(command);
    }
    sheet(ui, state, snapshot);
    for note in loaded.iter().flat_map(|d| &d.notes) {
        let words = RichText::new(note).font(theme::regular(text::CAPTION)).color(palette(ui).ink2);
        ui.add(Label::new(words).wrap());
    }
}

/// Everything that can be trained on; what is picked, as a command.
fn sources(ui: &mut Ui, state: &AppState, name: &str) -> Option<UiCommand> {
    let mut asked = None;
    if ui.selectable_label(name == SHAPES10, i18n::shapes10()).clicked() {
        asked = Some(UiCommand::Session(Command::LoadData(DataSource::Shapes10 { seed: 1 })));
    }
    for offer in &state.offers {
        if ui.selectable_label(name == offer, offer).clicked() {
            asked = Some(UiCommand::Fetch(offer.clone()));
        }
    }
    if ui.selectable_label(false, i18n::open_archive()).clicked() {
        asked = Some(UiCommand::OpenArchive);
    }
    if state.can_download && state.progress.is_none() {
        let download = ui.selectable_label(false, i18n::download());
        if download.on_hover_text(i18n::download_hint()).clicked() {
            asked = Some(UiCommand::Download);
        }
    }
    asked
}

/// The arrow of a drop-down, as a stroke like all icons.
pub fn chevron(ui: &Ui, rect: Rect, _: &WidgetVisuals, _open: bool) {
    icons::paint(ui.painter(), rect, Icon::Chevron, palette(ui).ink2);
}

/// The first training picture of each class; a press shows more of them.
fn sheet(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let Some(data) = snapshot.data.as_ref().filter(|d| !d.samples.is_empty()) else { return };
    // Pictures are painted by the own engine's kernels.
    if snapshot.engine != EngineKind::Own {
        return;
    }
    let shown: Vec<(usize, u32)> = data
        .samples
        .iter()
        .enumerate()
        .filter_map(|(class, of)| of.first().map(|&index| (class, index)))
        .take(MOST)
        .collect();
    let rows = shown.len().div_ceil(COLUMNS);
    let wide = ui.available_width();
    let side = (wide - (COLUMNS - 1) as f32 * space::XS) / COLUMNS as f32;
    let high = rows as f32 * (side + space::XS) - space::XS;
    let (rect, all) = ui.allocate_exact_size(vec2(wide, high), Sense::click());
    let words = i18n::classes(data.classes.len(), data.classes.join(", "));
    all.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &words));
    let mut under = None;
    for ((class, index), cell) in shown.iter().zip(cells(ui, rect, rows * COLUMNS, COLUMNS, space::XS)) {
        thumbs::draw(ui, state, snapshot, thumbs::training(*index), cell);
        if ui.rect_contains_pointer(cell) {
            under = Some(*class);
        }
    }
    if all.clicked() {
        state.album.open = true;
    }
    let hint = match under.and_then(|c| Some((data.classes.get(c)?, data.class_counts.get(c)?))) {
        Some((name, count)) => i18n::class_count(name, numbers::grouped(u64::from(*count))),
        None => words,
    };
    all.on_hover_text(format!("{hint}\n{}", i18n::album_hint()));
}
