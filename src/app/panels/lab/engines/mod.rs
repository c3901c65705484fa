//! "Two engines": the same run in Skipscope's own engine and in another framework, and how far they are apart in every
//! loss, every gradient and all weights.

mod form;

use super::super::super::form::title as network_title;
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::theme::{self, line, palette, space, text};
use super::plot::{note, titled};
use super::{Piece, is_narrow};
use crate::lab::engines::{Agreement, FIRST_LOSS, Loss, Row};
use eframe::egui::{Align, Color32, Layout, Rect, RichText, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
pub use form::{EnginesForm, setup};

/// Height of a row.
const ROW: f32 = 20.0;
/// Rows of losses that stand over the parameters; more are scrolled through.
const LOSSES: usize = 4;
/// What a title and its remark take of a panel.
const HEAD: f32 = 48.0;
/// Least height of the parameters' panel.
const LEAST: f32 = 260.0;
/// Width of a number, and the least one of a bar beside it.
const NUMBER: f32 = 76.0;
const BAR: f32 = 32.0;
/// Decades of the bars: from single precision's last bit, some 10⁻⁸, to 1.
const DECADES: f64 = 8.0;

/// The verdict, carried by its number.
pub fn headline(ui: &Ui, found: &Agreement) -> Vec<Piece> {
    let p = palette(ui);
    let Some(first) = found.losses.first() else { return Vec::new() };
    let deviation = relative(first.deviation);
    vec![match first.deviation {
        0.0 => Piece(i18n::engines_equal().to_owned(), Some(p.ink)),
        off if off <= FIRST_LOSS => Piece(i18n::engines_agree(deviation), Some(p.ink)),
        _ => Piece(format!("▲ {}", i18n::engines_differ(deviation, relative(FIRST_LOSS))), Some(p.warn)),
    }]
}

/// A relative deviation: `3.1×10⁻⁷`, exact zero as such.
fn relative(v: f64) -> String {
    if v == 0.0 || !v.is_finite() { numbers::fixed(v, 0) } else { numbers::scientific(v, 1) }
}

/// The losses, and under them the parameters, `height` high where there is room.
pub fn panel(ui: &mut Ui, found: &Agreement, height: f32) {
    let p = palette(ui);
    ui.spacing_mut().item_spacing.y = space::S;
    let name = network_title(&found.network);
    note(ui, &i18n::engines_about(&name, found.batch, &found.own, &found.other));
    let losses = HEAD + 2.0 * space::L + (LOSSES as f32 + 1.0) * ROW;
    titled(
        ui,
        (i18n::engines_losses(), i18n::engines_losses_hint()),
        p.ink,
        &i18n::engines_losses_about(relative(FIRST_LOSS)),
        Some(losses),
        |_| (),
        |ui| self::losses(ui, &found.losses),
    );
    ui.add_space(space::S);
    let rest = height - losses - 4.0 * space::L;
    let high = if is_narrow(ui) { LEAST } else { rest.max(LEAST) };
    titled(
        ui,
        (i18n::engines_parameters(), i18n::engines_parameters_hint()),
        p.ink,
        i18n::engines_parameters_about(),
        Some(high),
        |_| (),
        |ui| {
            if found.rows.is_empty() {
                return note(ui, i18n::engines_waiting());
            }
            parameters(ui, &found.rows);
        },
    );
}

/// Where columns of these shares of a row's width lie.
fn columns<const N: usize>(row: Rect, shares: [f32; N]) -> [Rect; N] {
    let whole: f32 = shares.iter().sum();
    let mut left = row.left();
    shares.map(|share| {
        let wide = share / whole * row.width();
        let rect = Rect::from_min_max(pos2(left, row.top()), pos2(left + wide - space::M, row.bottom()));
        left += wide;
        rect
    })
}

fn row<const N: usize>(ui: &mut Ui, shares: [f32; N]) -> [Rect; N] {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    columns(rect, shares)
}

/// Words at the left or right end of a cell, cut where they would leave it.
fn cell(ui: &mut Ui, rect: Rect, right: bool, words: RichText, hint: &str) {
    let layout =
        if right { Layout::right_to_left(Align::Center) } else { Layout::left_to_right(Align::Center) };
    let mut ui = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    let label = ui.add(eframe::egui::Label::new(words).truncate());
    if !hint.is_empty() {
        label.on_hover_text(hint);
    }
}

fn heading(ui: &mut Ui, rect: Rect, right: bool, words: &str, hint: &str) {
    let words = RichText::new(words).font(theme::regular(text::CAPTION)).color(palette(ui).ink3);
    cell(ui, rect, right, words, hint);
}

/// A deviation, and how many decades that is over single precision's last bit.
fn deviation(ui: &mut Ui, rect: Rect, value: f64, colour: Color32) {
    let ink = palette(ui).ink;
    let number = rect.with_max_x((rect.left() + NUMBER).min(rect.right()));
    let words = RichText::new(relative(value)).font(theme::semibold(text::BODY)).color(ink);
    cell(ui, number, true, words, "");
    let bar = rect.with_min_x(number.right() + space::S).shrink2(vec2(0.0, 6.0));
    let share = if value.is_nan() { 1.0 } else { 1.0 + value.log10() / DECADES };
    if bar.width() >= BAR && share > 0.0 {
        let wide = share.min(1.0) as f32 * bar.width();
        let fill = colour.gamma_multiply(line::CHOSEN_ALPHA);
        ui.painter().rect_filled(bar.with_max_x(bar.left() + wide), 0.0, fill);
    }
}

fn losses(ui: &mut Ui, losses: &[Loss]) {
    const SHARES: [f32; 4] = [0.6, 1.0, 1.0, 2.0];
    let p = palette(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    let [step, own, other, off] = row(ui, SHARES);
    heading(ui, step, false, i18n::along_step(), "");
    heading(ui, own, true, &format!("A: {}", i18n::engine_own()), i18n::engines_losses_hint());
    heading(ui, other, true, &format!("B: {}", i18n::engine_burn()), i18n::engines_losses_hint());
    let number = off.with_max_x((off.left() + NUMBER).min(off.right()));
    heading(ui, number, true, i18n::trust_deviation_name(), i18n::engines_first_hint());
    ScrollArea::vertical().id_salt("losses").auto_shrink(false).show_rows(
        ui,
        ROW,
        losses.len(),
        |ui, range| {
            for (i, loss) in losses.iter().enumerate().take(range.end).skip(range.start) {
                let [step, own, other, off] = row(ui, SHARES);
                let value = |v: f64| RichText::new(numbers::fixed(v, 6)).color(p.ink);
                cell(ui, step, false, RichText::new(numbers::grouped(i as u64)).color(p.ink2), "");
                cell(ui, own, true, value(loss.own), "");
                cell(ui, other, true, value(loss.other), "");
                deviation(ui, off, loss.deviation, p.ink2);
            }
        },
    );
}

fn parameters(ui: &mut Ui, rows: &[Row]) {
    let p = palette(ui);
    let shares = if is_narrow(ui) { [1.5, 1.0, 1.0, 1.0, 1.0] } else { [1.6, 0.8, 1.3, 1.3, 1.3] };
    ui.spacing_mut().item_spacing.y = 0.0;
    let [name, gradient, first, worst, weights] = row(ui, shares);
    heading(ui, name, false, i18n::engines_parameter(), "");
    heading(ui, gradient, true, i18n::engines_gradient(), i18n::engines_gradient_hint());
    for (rect, words, hint) in [
        (first, i18n::engines_first(), i18n::engines_first_hint()),
        (worst, i18n::engines_worst(), i18n::engines_worst_hint()),
        (weights, i18n::engines_weights(), i18n::engines_weights_hint()),
    ] {
        heading(ui, rect, false, words, hint);
    }
    ScrollArea::vertical().id_salt("rows").auto_shrink(false).show_rows(ui, ROW, rows.len(), |ui, range| {
        for r in rows.iter().take(range.end).skip(range.start) {
            let [name, gradient, first, worst, weights] = row(ui, shares);
            cell(ui, name, false, RichText::new(&r.parameter).color(p.ink2), &r.parameter);
            cell(ui, gradient, true, RichText::new(numbers::norm(r.gradient as f32)).color(p.ink2), "");
            deviation(ui, first, r.first_gradient, p.grad);
            deviation(ui, worst, r.worst_gradient, p.grad);
            deviation(ui, weights, r.weights, p.lane_a);
        }
    });
}
