//! Lesions (Veit et al. 2016): what a trained network is still worth without a block, block by block.

mod chart;
mod form;

pub use form::LesionForm;

use super::super::super::form::title as network_title;
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::theme::{self, palette, size, space, text};
use super::super::super::widgets::{chip, number, segmented};
use super::super::charts::look;
use super::values::mean;
use super::{Piece, Seen, empty, is_narrow, list, title};
use crate::session::{Found, LesionOutcome, Snapshot};
use eframe::egui::{Color32, RichText, Ui};
use form::MOST_IMAGES;

/// The colour of a network in this experiment: with skips, or without.
fn colour(ui: &Ui, run: &LesionOutcome) -> Color32 {
    look(palette(ui), usize::from(!run.spec.is_residual())).0
}

/// "With one block dropped, on average: ResNet-20 55.1 % of 64.5 %".
pub fn headline(ui: &Ui, runs: &[LesionOutcome]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for run in runs {
        let (Some(intact), Some(mean)) = (run.intact, mean(run)) else { continue };
        pieces.push(if pieces.is_empty() {
            Piece(i18n::lesion_on_average(form::verb(run)), None)
        } else {
            Piece(i18n::race_comma().to_owned(), None)
        });
        let words = format!("{} {}", network_title(&run.name), numbers::percent(mean));
        pieces.push(Piece(words, Some(colour(ui, run))));
        pieces.push(Piece(i18n::lesion_intact_was(numbers::percent(intact.accuracy)), None));
    }
    pieces
}

/// What is done, and how it is measured.
pub fn setup(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let name = snapshot.model.as_ref().map_or(i18n::lab_no_network().to_owned(), |m| network_title(&m.name));
    let name = RichText::new(name).font(theme::semibold(text::BODY)).color(p.lane_a);
    ui.label(name).on_hover_text(i18n::lesion_network_hint());
    let wide = ui.available_width();
    let f = &mut state.lab.form.lesion;
    ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
    segmented(ui, &mut f.kind, &form::kinds(), Some(wide));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
        let hint = i18n::lesion_images_hint();
        number(ui, i18n::lesion_images(), &mut f.images, 1..=MOST_IMAGES, 5.0, whole, hint);
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        chip(ui, &mut f.reestimate, i18n::lesion_reestimate()).on_hover_text(i18n::lesion_reestimate_hint());
        chip(ui, &mut f.twin, i18n::lesion_twin()).on_hover_text(i18n::lesion_twin_hint());
    });
    list::note(ui, i18n::lesion_undo());
}

/// A chart a network, on one layer axis.
pub fn panel(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, view: Seen, height: f32) {
    let step = view.as_ref().map_or(0, |v| v.step);
    let found = view.as_ref().and_then(|v| v.found.as_ref());
    let runs: Vec<&LesionOutcome> = match found {
        Some(Found::Lesion(runs)) => runs.iter().filter(|r| r.intact.is_some()).collect(),
        _ => Vec::new(),
    };
    if runs.is_empty() {
        theme::panel_frame(ui).show(ui, |ui| {
            ui.set_height(height - 2.0 * space::L);
            empty(ui, i18n::lesion_empty());
        });
        return;
    }
    ui.spacing_mut().item_spacing.y = space::L;
    let n = runs.len() as f32;
    let least = if is_narrow(ui) { chart::NARROW } else { chart::LEAST };
    let each = ((height - (n - 1.0) * space::L) / n).max(least);
    for run in runs {
        theme::panel_frame(ui).show(ui, |ui| {
            ui.set_height(each - 2.0 * space::L);
            ui.spacing_mut().item_spacing.y = space::XS;
            title(
                ui,
                &network_title(&run.name),
                colour(ui, run),
                &about(run, step),
                i18n::lesion_measured_hint(),
                |ui| {
                    let what = RichText::new(i18n::test_accuracy()).font(theme::regular(text::CAPTION));
                    ui.label(what.color(palette(ui).ink3));
                },
            );
            let classes = snapshot.data.as_ref().map_or(run.spec.classes, |d| d.classes.len());
            chart::show(ui, state, run, colour(ui, run), classes);
        });
    }
}

/// What the network is, looked at after `step` steps, and how it was measured.
fn about(run: &LesionOutcome, step: u64) -> String {
    let trained = match run.trained_steps {
        0 => i18n::lesion_after(numbers::grouped(step)),
        steps => i18n::lesion_trained(numbers::grouped(steps)),
    };
    let statistics = if run.reestimated { i18n::lesion_anew() } else { i18n::lesion_kept() };
    i18n::lesion_about(trained, numbers::grouped(run.images as u64), statistics)
}
