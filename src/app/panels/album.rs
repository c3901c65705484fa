//! The pictures that are trained on, class by class, in a window of their own.

use super::super::i18n;
use super::super::numbers;
use super::super::state::AppState;
use super::super::theme::{self, palette, size::TOUCH, space, text};
use super::super::widgets::raised_button;
use super::thumbs;
use crate::session::{SHEET_MOST, Snapshot};
use eframe::egui::{Frame, Grid, Id, Margin, Modal, RichText, ScrollArea, Sense, Ui};

/// Whether it is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct Album {
    pub open: bool,
    /// Random crops and flips are shown beside the recipe.
    pub augmented: bool,
}

/// Side of a picture, and how many of a class are shown at most.
const SIDE: f32 = 48.0;
const EACH: usize = 5;

/// The window, while it is open.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let Some(data) = snapshot.data.as_ref().filter(|_| state.album.open) else { return };
    let p = palette(ui);
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(space::XL as i8));
    let modal = Modal::new(Id::unique("album")).frame(frame).show(ui.ctx(), |ui| {
        let title = i18n::album_title(&data.name);
        ui.label(RichText::new(title).font(theme::semibold(text::TITLE)).color(p.ink));
        ui.label(RichText::new(i18n::album_caption()).font(theme::regular(text::CAPTION)).color(p.ink3));
        let room = ui.ctx().content_rect().height() - 5.0 * TOUCH;
        ScrollArea::vertical().max_height(room).show(ui, |ui| {
            let each = EACH.min(SHEET_MOST / data.classes.len().max(1)).max(1);
            Grid::new("classes").spacing([space::L, space::S]).show(ui, |ui| {
                for (class, name) in data.classes.iter().enumerate() {
                    ui.label(RichText::new(name).color(p.ink2));
                    let count = data.class_counts.get(class).copied().unwrap_or(0);
                    let count = numbers::grouped(u64::from(count));
                    ui.label(RichText::new(count).font(theme::semibold(text::BODY)).color(p.ink));
                    ui.horizontal(|ui| {
                        for &index in data.samples.get(class).into_iter().flatten().take(each) {
                            let (rect, _) = ui.allocate_exact_size(theme::square(SIDE), Sense::hover());
                            thumbs::draw(ui, state, snapshot, thumbs::training(index), rect);
                        }
                    });
                    ui.end_row();
                }
            });
        });
        ui.add_space(space::S);
        raised_button(ui, i18n::close(), Some(120.0), false).clicked()
    });
    if modal.inner || modal.should_close() {
        state.album.open = false;
    }
}
