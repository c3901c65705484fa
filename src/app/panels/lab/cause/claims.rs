//! Two claims of He et al. 2015, §4.1, each by itself: that plain networks with batch norm are unlikely to suffer from
//! vanishing gradients, and that their gradients have healthy norms.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::state::AppState;
use super::super::super::super::theme::{self, line, palette, space, text};
use super::super::title;
use crate::session::GridOutcome;
use eframe::egui::{Align2, Sense, Ui, pos2, vec2};

/// How many runs of a kind there are, and in how many each is so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub runs: usize,
    pub vanish: usize,
    pub healthy: usize,
}

/// Counts the runs with or without skips and batch norm at a step; Fixup's are left out: its first gradients are 0 by
/// design.
pub fn tally(grid: &GridOutcome, step: u64, skip: bool, batch_norm: bool) -> Tally {
    let mut tally = Tally::default();
    for result in &grid.cells {
        let c = &result.cell;
        if c.skip != skip || c.batch_norm != batch_norm || c.init == crate::train::Init::Fixup {
            continue;
        }
        if let Some(mark) = result.marks.iter().find(|m| m.step == step) {
            tally.runs += 1;
            tally.vanish += usize::from(mark.vanishes());
            tally.healthy += usize::from(mark.is_healthy());
        }
    }
    tally
}

/// A table: four kinds of network, and in how many of them each claim is so.
pub fn panel(ui: &mut Ui, state: &AppState, grid: &GridOutcome, height: f32) {
    const ROW: f32 = 22.0;
    const COLUMN: f32 = 100.0;
    let p = palette(ui);
    let step = super::step(state, grid);
    theme::panel_frame(ui).show(ui, |ui| {
        ui.set_height(height - 2.0 * space::L);
        ui.spacing_mut().item_spacing.y = space::XS;
        let caption = i18n::cause_claims_at(numbers::grouped(step));
        title(ui, i18n::cause_claims(), p.ink, &caption, i18n::cause_claims_hint(), |_| {});
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 5.0 * ROW), Sense::hover());
        let small = || theme::regular(text::CAPTION);
        let right = [rect.right() - COLUMN, rect.right()];
        let heads = [
            (i18n::cause_vanish(), i18n::cause_vanish_hint()),
            (i18n::cause_healthy(), i18n::cause_healthy_hint()),
        ];
        for ((words, hint), x) in heads.iter().zip(right) {
            let at =
                eframe::egui::Rect::from_min_max(pos2(x - COLUMN, rect.top()), pos2(x, rect.top() + ROW));
            ui.painter().text(at.right_center(), Align2::RIGHT_CENTER, words, small(), p.ink3);
            ui.interact(at, ui.scope_id().with(words), Sense::hover()).on_hover_text(*hint);
        }
        let kinds = [(false, true), (false, false), (true, true), (true, false)];
        for (i, (skip, batch_norm)) in kinds.into_iter().enumerate() {
            let y = rect.top() + ROW * (i as f32 + 1.0);
            ui.painter().hline(rect.x_range(), y, p.stroke(line::HAIR, p.line));
            let t = tally(grid, step, skip, batch_norm);
            let name = match (skip, batch_norm) {
                (false, true) => i18n::cause_plain_bn(),
                (false, false) => i18n::cause_plain_bare(),
                (true, true) => i18n::cause_skip_bn(),
                (true, false) => i18n::cause_skip_bare(),
            };
            let y = y + ROW / 2.0;
            let font = if (skip, batch_norm) == (false, true) { theme::semibold } else { theme::regular };
            ui.painter().text(pos2(rect.left(), y), Align2::LEFT_CENTER, name, font(text::CAPTION), p.ink2);
            for (count, x) in [t.vanish, t.healthy].into_iter().zip(right) {
                let words =
                    if t.runs == 0 { numbers::UNKNOWN.into() } else { i18n::cause_of_runs(count, t.runs) };
                ui.painter().text(pos2(x, y), Align2::RIGHT_CENTER, words, font(text::CAPTION), p.ink);
            }
        }
    });
}
