//! What the network takes for what: the test split as a matrix, and the pictures behind each cell.
//!
//! Colours are shares of a row, so that classes of different sizes compare; numbers are counts.

use super::super::super::colourmap::ColourMap;
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::{AppState, classes};
use super::super::super::theme::{self, line, palette, size, space, text};
use super::super::super::widgets::raised_button;
use super::super::thumbs;
pub use super::matrix::Confusion;
use crate::session::{Command, Phase, Picture, RecordRef, SHEET_MOST, Snapshot, SplitName};
use eframe::egui::epaint::TextShape;
use eframe::egui::{
    Align2, Frame, Id, Margin, Modal, Rect, RichText, Role, ScrollArea, Sense, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};
use std::f32::consts::FRAC_PI_2;

/// Widest names of classes at the left, and highest above the matrix.
const NAMES: f32 = 72.0;
/// Column of the classes' accuracies, and their bars in it.
const ACCURACY: f32 = 76.0;
const BAR: f32 = 24.0;
/// A cell is no wider than this.
const CELL: f32 = 56.0;
/// From this height on a cell has room for its count.
const COUNTED: f32 = 13.0;

pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let (Some(test), Some(n)) = (&snapshot.test, classes(snapshot)) else {
        return empty(ui, state, snapshot);
    };
    if !state.charts.confusion.as_ref().is_some_and(|c| c.is_of(test, n)) {
        state.charts.confusion = Some(Confusion::new(test.clone(), n));
    }
    let Some(confusion) = &state.charts.confusion else { return };
    let names = snapshot.data.as_ref().map_or(&[][..], |d| &d.classes);
    let p = palette(ui);
    let small = || theme::regular(text::CAPTION);
    let caption = i18n::confusion_as_of(numbers::grouped(confusion.step()));
    ui.label(RichText::new(caption).font(small()).color(p.ink3)).on_hover_text(i18n::tab_confusion_hint());
    let painter = ui.painter().clone();
    let wide = |name: &String| painter.layout_no_wrap(name.clone(), small(), p.ink2).size().x;
    let widest = names.iter().map(wide).fold(0.0, f32::max).min(NAMES);
    let whole = ui.available_rect_before_wrap();
    let origin = pos2(whole.left() + widest + space::S, whole.top() + widest + space::XS);
    let room = vec2(whole.right() - ACCURACY - origin.x, whole.bottom() - origin.y).max(vec2(1.0, 1.0));
    let cell = vec2((room.x / n as f32).floor().clamp(2.0, CELL), (room.y / n as f32).floor().max(2.0));
    let cell = vec2(cell.x, cell.y.min(cell.x));
    let mut opened = None;
    for (i, name) in names.iter().enumerate() {
        let y = origin.y + (i as f32 + 0.5) * cell.y;
        let x = origin.x + (i as f32 + 0.5) * cell.x;
        if cell.y >= COUNTED || i == 0 {
            let name = fitted(ui, name, widest);
            painter.galley(
                pos2(origin.x - space::S - name.size().x, y - name.size().y / 2.0),
                name.clone(),
                p.ink2,
            );
            let at = pos2(x - name.size().y / 2.0, origin.y - space::XS);
            painter.add(TextShape::new(at, name, p.ink2).with_angle(-FRAC_PI_2));
        }
        accuracy(ui, confusion, i, pos2(origin.x + n as f32 * cell.x + space::M, y), cell.y);
        for (j, said) in names.iter().enumerate() {
            let at = origin + vec2(j as f32 * cell.x, i as f32 * cell.y);
            let rect = Rect::from_min_size(at, cell);
            if one(ui, confusion, (i, j), (&names[i], said), rect) {
                opened = Some((i, j));
            }
        }
    }
    // Over all cells, so that none covers its neighbour's outline.
    for i in 0..n {
        let at = origin + vec2(i as f32 * cell.x, i as f32 * cell.y);
        let stroke = p.stroke(line::ICON, p.ink2);
        painter.rect_stroke(Rect::from_min_size(at, cell), 0.0, stroke, StrokeKind::Inside);
    }
    ui.allocate_rect(whole, Sense::hover());
    if opened.is_some() {
        state.charts.cell = opened;
    }
}

/// One cell; whether its pictures are asked for.
fn one(ui: &mut Ui, confusion: &Confusion, (i, j): (usize, usize), names: (&str, &str), rect: Rect) -> bool {
    let (count, share) = (confusion.count(i, j), confusion.share(i, j));
    let ground = ColourMap::div(ui.visuals().dark_mode).at(0.5 + 0.5 * share);
    let painter = ui.painter();
    painter.rect_filled(rect.shrink(0.5), 0.0, ground);
    if count == 0 {
        return false;
    }
    let words = numbers::grouped(count.into());
    let galley = painter.layout_no_wrap(words.clone(), theme::regular(text::CAPTION), theme::ink_on(ground));
    if rect.height() >= COUNTED && galley.size().x <= rect.width() - 2.0 {
        painter.galley(rect.center() - galley.size() / 2.0, galley, theme::ink_on(ground));
    }
    let response = ui.interact(rect, ui.scope_id().with(("cell", i, j)), Sense::click());
    let spoken = if i == j {
        i18n::confusion_right(names.0, &words)
    } else {
        i18n::confusion_wrong(names.0, names.1, &words)
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    if response.hovered() || response.has_focus() {
        let stroke = palette(ui).stroke(line::TRUNK, palette(ui).ink);
        ui.painter().rect_stroke(rect, 0.0, stroke, StrokeKind::Inside);
    }
    let opened = response.clicked();
    let of_class = i18n::confusion_share(numbers::percent(share), names.0);
    response.on_hover_text(format!("{spoken}\n{of_class}"));
    opened
}

/// A class' accuracy as a bar and a number, its middle left at `at`.
fn accuracy(ui: &Ui, confusion: &Confusion, class: usize, at: eframe::egui::Pos2, height: f32) {
    let p = palette(ui);
    let share = confusion.share(class, class);
    let high = (height - 4.0).clamp(1.0, size::SCALE_BAR);
    let track = Rect::from_min_size(pos2(at.x, at.y - high / 2.0), vec2(BAR, high));
    ui.painter().rect_filled(track, 0.0, p.line);
    ui.painter().rect_filled(track.with_max_x(track.left() + BAR * share), 0.0, p.ink2);
    if height >= COUNTED {
        let words = format!("{}\u{2009}%", numbers::fixed(f64::from(share) * 100.0, 0));
        let x = at.x + ACCURACY - space::M;
        ui.painter().text(pos2(x, at.y), Align2::RIGHT_CENTER, words, theme::semibold(text::CAPTION), p.ink);
    }
}

fn fitted(ui: &Ui, name: &str, room: f32) -> std::sync::Arc<eframe::egui::Galley> {
    let ink = palette(ui).ink2;
    let mut job =
        eframe::egui::text::LayoutJob::simple_singleline(name.to_owned(), theme::regular(text::CAPTION), ink);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room + 1.0);
    ui.fonts_mut(|f| f.layout_job(job))
}

fn empty(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    ui.add_space(space::L);
    ui.label(RichText::new(i18n::confusion_empty()).color(palette(ui).ink2));
    let ready =
        snapshot.model.is_some() && matches!(snapshot.phase, Phase::Idle | Phase::Running | Phase::Finished);
    ui.add_enabled_ui(ready, |ui| {
        if raised_button(ui, i18n::evaluate(), None, ready).on_hover_text(i18n::evaluate_hint()).clicked() {
            state.send(Command::Evaluate);
        }
    });
}

/// Side of a picture.
const SIDE: f32 = 56.0;
/// Pictures in a row.
const ROW: usize = 8;

/// The pictures of the cell that is open, in a window of their own; a press on one makes it the one that is
/// looked at.
pub fn pictures(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let Some((truth, said)) = state.charts.cell else { return };
    let Some(confusion) = &state.charts.confusion else { return };
    let Some(data) = snapshot.data.as_ref().filter(|d| d.classes.len() == confusion.classes()) else {
        state.charts.cell = None;
        return;
    };
    let mut all = confusion.pictures(truth, said);
    let count = numbers::grouped(all.len() as u64);
    let title = if truth == said {
        i18n::confusion_right(&data.classes[truth], &count)
    } else {
        i18n::confusion_wrong(&data.classes[truth], &data.classes[said], &count)
    };
    // Other panels ask for pictures, too.
    all.truncate(SHEET_MOST.saturating_sub(state.looks.sheet.len()));
    let p = palette(ui);
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(space::XL as i8));
    let modal = Modal::new(Id::unique("confused")).frame(frame).show(ui.ctx(), |ui| {
        ui.label(RichText::new(title).font(theme::semibold(text::TITLE)).color(p.ink));
        let caption = i18n::confusion_pictures(numbers::grouped(all.len() as u64));
        ui.label(RichText::new(caption).font(theme::regular(text::CAPTION)).color(p.ink3));
        let room = ui.ctx().content_rect().height() - 5.0 * size::TOUCH;
        let mut chosen = None;
        ScrollArea::vertical().max_height(room).show(ui, |ui| {
            for row in all.chunks(ROW) {
                ui.horizontal(|ui| {
                    for &(index, loss) in row {
                        if picture(ui, state, snapshot, index, loss) {
                            chosen = Some(index);
                        }
                    }
                });
            }
        });
        ui.add_space(space::S);
        let close = raised_button(ui, i18n::close(), Some(120.0), false).clicked();
        (chosen, close)
    });
    let (chosen, close) = modal.inner;
    if let Some(index) = chosen {
        state.looks.picture = Picture::Record(RecordRef { split: SplitName::Test, index });
    }
    if close || chosen.is_some() || modal.should_close() {
        state.charts.cell = None;
    }
}

/// One picture over its loss; whether it was pressed.
fn picture(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, index: u32, loss: f32) -> bool {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(SIDE, SIDE + text::CAPTION * 1.4), Sense::click());
    let square = rect.with_max_y(rect.top() + SIDE);
    let record = RecordRef { split: SplitName::Test, index };
    thumbs::draw(ui, state, snapshot, record, square);
    let words = numbers::loss(loss);
    let at = rect.center_bottom();
    ui.painter().text(at, Align2::CENTER_BOTTOM, &words, theme::regular(text::CAPTION), p.ink2);
    let name = i18n::confusion_picture(numbers::grouped(index.into()), &words);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_stroke(square, 0.0, p.stroke(line::TRUNK, p.ink), StrokeKind::Outside);
    }
    let pressed = response.clicked();
    response.on_hover_text(name);
    pressed
}
