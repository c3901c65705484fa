//! The panel under the map: the selected block at a glance, and the way into the microscope.

use super::super::super::theme::{self, palette, panel_frame, size, space, text};
use super::super::super::widgets::{raised_button, scale_bar};
use super::super::super::{i18n, motion, numbers, state::AppState};
use super::branch::{Chain, fit};
use super::chain::{Detail, columns};
use super::{about, against, state};
use crate::session::{CloseUp, Snapshot};
use eframe::egui::{Align, Layout, Rect, RichText, Sense, Ui, vec2};

/// Heights: the head; the chain around its maps; the row with the histogram.
const HEAD: f32 = 36.0;
const AROUND: f32 = 64.0;
const ROW: f32 = 104.0;
/// Maps in the look, and below which a stage is left out.
const SIDE: f32 = 100.0;
const LEAST: f32 = 64.0;

/// The panel, `height` high.
pub fn preview(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32) {
    let inner = height - 2.0 * (space::L + theme::line::HAIR);
    panel_frame(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.set_height(inner);
        let Some(block) = state.selection.block else {
            ui.label(
                RichText::new(i18n::scope_title()).font(theme::semibold(text::TITLE)).color(palette(ui).ink),
            );
            ui.label(RichText::new(i18n::scope_choose_block()).color(palette(ui).ink2));
            return;
        };
        motion::fade(ui, "preview", block, state.reduced_motion);
        head(ui, state, snapshot, block);
        let seen = snapshot.seen.clone();
        let Some(close) = seen.as_ref().and_then(|s| s.close.as_ref()).filter(|c| c.block == block) else {
            ui.label(RichText::new(super::waiting(snapshot)).color(palette(ui).ink3));
            return;
        };
        body(ui, state, snapshot, close, inner - HEAD - space::S);
    });
}

fn head(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, block: usize) {
    let p = palette(ui);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), HEAD), Layout::left_to_right(Align::Min), |ui| {
        let name = snapshot.model.as_ref().and_then(|m| m.block_names.get(block)).map_or("", |n| n.as_str());
        ui.label(RichText::new(name).font(theme::semibold(text::TITLE)).color(p.ink));
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let open = raised_button(ui, i18n::scope_open(), None, false);
            if open.on_hover_text(i18n::scope_open_hint()).clicked() {
                state::open(&mut state.view, &mut state.selection);
            }
            ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                let about = about(state.drawn(snapshot), snapshot, block, false);
                let about = RichText::new(about).font(theme::regular(text::CAPTION)).color(p.ink3);
                ui.add_space(space::XS);
                ui.vertical(|ui| {
                    ui.add_space(3.0);
                    ui.add(eframe::egui::Label::new(about).truncate());
                });
            });
        });
    });
}

fn body(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, close: &CloseUp, height: f32) {
    let Some(model) = &snapshot.model else { return };
    let row = height >= ROW + AROUND + LEAST;
    let room = height - AROUND - if row { ROW + 2.0 * space::S } else { 0.0 };
    let width = ui.available_width();
    let enough = |d: &Detail| fit(width, columns(close, &model.spec, *d).len(), SIDE, false).0 >= LEAST;
    let detail = [Detail::Short, Detail::Few].into_iter().find(enough).unwrap_or(Detail::Few);
    let shown = columns(close, &model.spec, detail);
    let most = room.clamp(24.0, size::STAGE_MOST);
    let (side, gap) = fit(width, shown.len(), most, false);
    let high = (side + AROUND).min(height);
    let (area, _) = ui.allocate_exact_size(vec2(width, high), Sense::hover());
    let residual = shown.iter().any(|c| c.plus);
    let chain = Chain::place(close, shown, area, side, gap, false);
    chain.draw(ui, state.canvas.as_ref());
    plate(ui, &chain, close, residual);
    if row {
        details(ui, state, close, width);
    }
}

/// What the arc says: its α, the projection's plate, or that there is none.
fn plate(ui: &Ui, chain: &Chain<'_>, close: &CloseUp, residual: bool) {
    use eframe::egui::{Align2, CornerRadius, StrokeKind, pos2};
    let p = palette(ui);
    let painter = ui.painter();
    let Some(plus) = chain.plus.filter(|_| residual) else {
        let at = pos2(
            chain.maps.first().map_or(0.0, |m| m.left()),
            chain.maps.first().map_or(0.0, |m| m.bottom()) + 30.0,
        );
        painter.text(at, Align2::LEFT_TOP, i18n::scope_no_skip(), theme::regular(text::CAPTION), p.ink3);
        return;
    };
    let middle = chain.maps.first().map_or(plus.x, |m| (m.center().x + plus.x) / 2.0);
    let alpha = i18n::scope_skip_alpha(super::chain::alpha_skip(close), numbers::ratio(close.alpha));
    painter.text(
        pos2(middle, chain.rail + 13.0),
        Align2::CENTER_TOP,
        alpha,
        theme::semibold(text::CAPTION),
        p.skip,
    );
    let own = super::chain::upper(close);
    if !own.is_empty() {
        let projected = super::chain::stage(close, crate::session::Role::ShortcutConv).is_some();
        let rect = Rect::from_center_size(pos2(middle, chain.rail), vec2(48.0, 22.0));
        let corner = CornerRadius::same(theme::radius::CONTROL);
        painter.rect(rect, corner, p.panel, p.stroke(theme::line::ICON, p.skip_fill), StrokeKind::Inside);
        let words = if projected { "1×1" } else { "pad" };
        painter.text(rect.center(), Align2::CENTER_CENTER, words, theme::semibold(text::CAPTION), p.skip);
    }
}

/// Histogram, ratio, signal: side by side, as many as there is room for.
fn details(ui: &mut Ui, state: &mut AppState, close: &CloseUp, width: f32) {
    ui.add_space(space::S);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::XL;
        let three = width >= 560.0;
        let column = if three { (width - 2.0 * space::XL) / 3.0 } else { (width - space::XL) / 2.0 };
        let wide = if three { column * 1.25 } else { column };
        let histogram = against::histogram(ui, close, wide, ROW - space::S);
        let p = palette(ui);
        let small = theme::semibold(text::CAPTION);
        let r = histogram.rect;
        ui.painter().text(r.left_top(), eframe::egui::Align2::LEFT_TOP, "F(x)", small.clone(), p.f_branch);
        if against::skip_stage(close).is_some() {
            let name = against::skip_name(close);
            ui.painter().text(r.right_top(), eframe::egui::Align2::RIGHT_TOP, name, small, p.skip);
        }
        let rest = column - (wide - column) / 2.0;
        ui.vertical(|ui| {
            ui.set_width(rest);
            against::ratio(ui, close, rest);
            ui.label(
                RichText::new(i18n::scope_one_image()).font(theme::regular(text::CAPTION)).color(p.ink3),
            );
        });
        if three {
            ui.vertical(|ui| {
                ui.set_width(rest);
                ui.spacing_mut().item_spacing.y = space::M;
                against::signal(ui, close, rest);
                let clipped = close.stages.iter().any(|s| s.mosaic.clipped);
                let end = close.stages.first().and_then(|s| s.mosaic.scale);
                scale_bar(ui, rest, end, true, clipped, &mut state.looks.locked_scale, i18n::scope_scale())
                    .on_hover_text(i18n::scope_scale_hint());
            });
        }
    });
}
