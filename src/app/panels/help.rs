//! Keys, and how to read the picture.

use super::super::i18n;
use super::super::keys;
use super::super::layout::Docks;
use super::super::numbers;
use super::super::state::AppState;
use super::super::theme::{self, palette, size, space, text};
use super::super::widgets::{chip, raised_button};
use super::super::zoom::STEPS;
use super::menu::choose;
use eframe::egui::{Frame, Grid, Id, Margin, Modal, RichText, Ui};

/// Width of the dialog and of its button.
const WIDTH: f32 = 640.0;
const BUTTON: f32 = 96.0;

/// How large everything is drawn.
fn size_of_all(ui: &mut Ui, state: &mut AppState) {
    let word = |zoom: Option<f32>| {
        zoom.map_or(i18n::all_size_auto().to_owned(), |z| {
            i18n::all_size_at(numbers::fixed((100.0 * z).into(), 0))
        })
    };
    let shown = i18n::all_size(word(state.chosen_zoom));
    choose(ui, "zoom", &shown, i18n::all_size_hint(), |ui| {
        for zoom in std::iter::once(None).chain(STEPS.map(Some)) {
            ui.selectable_value(&mut state.chosen_zoom, zoom, word(zoom));
        }
    });
}

/// The dialog, while it is open.
pub fn show(ui: &mut Ui, state: &mut AppState) {
    if !state.help {
        return;
    }
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(space::XL as i8));
    let modal = Modal::new(Id::unique("help")).frame(frame).show(ui.ctx(), |ui| {
        let p = palette(ui);
        let room = ui.ctx().content_rect().width() - 4.0 * space::XL;
        ui.set_width(room.min(WIDTH));
        let heading = |ui: &mut Ui, words: &str| {
            ui.label(RichText::new(words).font(theme::semibold(text::TITLE)).color(p.ink));
        };
        heading(ui, i18n::help_title());
        Grid::new("keys").min_row_height(0.0).spacing([space::XL, space::XS]).show(ui, |ui| {
            // Two keys a row: all of them on one screen.
            let keys: Vec<_> = keys::list().collect();
            let columns = if room < WIDTH { 1 } else { 2 };
            for row in keys.chunks(columns) {
                for (key, what) in row {
                    ui.label(RichText::new(*key).font(theme::semibold(text::BODY)).color(p.ink));
                    ui.label(RichText::new(*what).color(p.ink2));
                }
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
        ui.horizontal_wrapped(|ui| {
            let close = raised_button(ui, i18n::close(), Some(BUTTON), true).clicked();
            let reset = raised_button(ui, i18n::reset_layout(), None, false);
            if reset.on_hover_text(i18n::reset_layout_hint()).clicked() {
                state.docks = Docks::default();
            }
            let still = chip(ui, &mut state.reduced_motion, i18n::reduced_motion());
            still.on_hover_text(i18n::reduced_motion_hint());
            size_of_all(ui, state);
            close
        })
        .inner
    });
    if modal.inner || modal.should_close() {
        state.help = false;
    }
}
