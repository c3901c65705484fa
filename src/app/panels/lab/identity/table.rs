//! The lanes in numbers: steps until they are as good as the exact identity, and until half of the residual is learnt.

use super::super::super::super::i18n;
use super::super::super::super::numbers::{self, UNKNOWN};
use super::super::super::super::theme::{self, palette, size, space, text};
use super::super::plot::{note, titled};
use super::{Shown, mean, name, steps};
use crate::lab::identity::{Outcome, Step};
use eframe::egui::{Align, Color32, Grid, Layout, RichText, ScrollArea, Ui};

/// Height of a row.
const ROW: f32 = 22.0;

/// How high the panel is with so many rows.
pub fn height(rows: usize) -> f32 {
    2.0 * space::L + size::CONTROL_TALL + (rows as f32 + 2.0) * (ROW + 2.0)
}

/// The panel.
pub fn panel(ui: &mut Ui, found: &Outcome, lanes: &[Shown<'_>]) {
    let p = palette(ui);
    let title = (i18n::identity_table(), i18n::identity_table_hint());
    let residual = numbers::percent(found.residual as f32);
    let loss = numbers::scientific(found.identity_loss.max(f64::MIN_POSITIVE), 2);
    let about = i18n::identity_table_about(found.blocks, residual, loss);
    titled(
        ui,
        title,
        p.ink,
        &about,
        None,
        |_| (),
        |ui| {
            if lanes.is_empty() {
                return note(ui, i18n::identity_waits());
            }
            ScrollArea::horizontal().show(ui, |ui| rows(ui, lanes));
        },
    );
}

fn rows(ui: &mut Ui, lanes: &[Shown<'_>]) {
    let p = palette(ui);
    ui.spacing_mut().interact_size.y = 0.0;
    let grid = Grid::new("identity").num_columns(8).min_row_height(ROW).spacing([space::XL, 2.0]);
    grid.show(ui, |ui| {
        let small = |words: &str| RichText::new(words).font(theme::regular(text::CAPTION)).color(p.ink3);
        ui.label(small(i18n::identity_lane()));
        for (words, hint) in [
            (i18n::learning_rate(), i18n::identity_rate_hint()),
            (i18n::identity_to_identity(), i18n::identity_to_identity_hint()),
            (i18n::identity_to_residual(), i18n::identity_to_residual_hint()),
            (i18n::identity_last(), i18n::identity_loss_hint()),
            (i18n::identity_from_to(), i18n::identity_ratio_hint()),
            (i18n::identity_gamma_last(), i18n::identity_gamma_hint()),
        ] {
            right(ui, small(words), hint);
        }
        // The last column takes what is left.
        ui.label("");
        ui.end_row();
        for lane in lanes {
            row(ui, lane);
            ui.label("");
            ui.end_row();
        }
    });
}

fn row(ui: &mut Ui, lane: &Shown<'_>) {
    let p = palette(ui);
    let strong =
        |words: String, ink: Color32| RichText::new(words).font(theme::semibold(text::BODY)).color(ink);
    ui.label(strong(name(p, &lane.lane), lane.colour));
    right(ui, RichText::new(numbers::hyper(f64::from(lane.lane.lr))).color(p.ink2), "");
    let of = |pick: fn(&crate::lab::identity::Run) -> Option<u64>| {
        steps(&lane.runs.iter().map(|r| pick(r)).collect::<Vec<_>>())
    };
    right(ui, strong(of(|r| r.to_identity), p.ink), "");
    right(ui, strong(of(|r| r.to_residual), p.ink), "");
    let last = mean(lane.runs.iter().map(|r| r.last_loss()));
    right(ui, strong(numbers::norm(last as f32), p.ink), "");
    let ratio = |pick: fn(&[Step]) -> Option<&Step>| {
        let of = |s: &Step| mean(s.branch.iter().map(|b| f64::from(*b)));
        let all: Vec<f64> = lane.runs.iter().filter_map(|r| pick(&r.steps)).map(of).collect();
        if all.is_empty() { UNKNOWN.into() } else { numbers::ratio(mean(all.into_iter()) as f32) }
    };
    let change = format!("{} → {}", ratio(|s| s.first()), ratio(|s| s.last()));
    right(ui, strong(change, p.f_branch), "");
    let gammas: Vec<f64> = lane.runs.iter().filter_map(|r| r.steps.last()?.gamma.map(f64::from)).collect();
    let gamma =
        if gammas.is_empty() { UNKNOWN.into() } else { numbers::ratio(mean(gammas.into_iter()) as f32) };
    right(ui, strong(gamma, p.ink), "");
}

fn right(ui: &mut Ui, words: RichText, hint: &str) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let label = ui.label(words);
        if !hint.is_empty() {
            label.on_hover_text(hint);
        }
    });
}
