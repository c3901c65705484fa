//! Keys, and how to read the picture.

use super::super::i18n;
use super::super::state::AppState;
use super::super::theme::{self, palette, size, space, text};
use super::super::widgets::raised_button;
use eframe::egui::{Frame, Grid, Id, Margin, Modal, RichText, Ui};

/// The dialog, while it is open.
pub fn show(ui: &mut Ui, state: &mut AppState) {
    if !state.help {
        return;
    }
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(space::XL as i8));
    let modal = Modal::new(Id::unique("help")).frame(frame).show(ui.ctx(), |ui| {
        let p = palette(ui);
        let room = ui.ctx().content_rect().width() - 4.0 * space::XL;
        ui.set_width(room.min(460.0));
        let heading = |ui: &mut Ui, words: &str| {
            ui.label(RichText::new(words).font(theme::semibold(text::TITLE)).color(p.ink));
        };
        heading(ui, i18n::help_title());
        Grid::new("keys").min_row_height(0.0).spacing([space::XL, space::XS]).show(ui, |ui| {
            for (key, what) in i18n::keys() {
                ui.label(RichText::new(key).font(theme::semibold(text::BODY)).color(p.ink));
                ui.label(RichText::new(what).color(p.ink2));
                ui.end_row();
            }
        });
        ui.add_space(space::S);
        heading(ui, i18n::help_reading());
        for (colour, words) in [
            (p.skip, i18n::help_arc()),
            (p.f_branch, i18n::help_card()),
            (p.grad, i18n::help_bar()),
            (p.lane_a, i18n::help_curve()),
        ] {
            ui.horizontal_top(|ui| {
                let (dot, _) =
                    ui.allocate_exact_size(theme::square(size::CONTROL / 2.0), eframe::egui::Sense::hover());
                ui.painter().circle_filled(dot.center() + eframe::egui::vec2(0.0, 2.0), 4.0, colour);
                ui.add(eframe::egui::Label::new(RichText::new(words).color(p.ink2)).wrap());
            });
        }
        ui.add_space(space::S);
        raised_button(ui, i18n::close(), Some(120.0), false).clicked()
    });
    if modal.inner || modal.should_close() {
        state.help = false;
    }
}
