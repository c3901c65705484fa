//! Gradient norms of all convolutions and the classifier, under the blocks they belong to.

use super::super::axis::{Decades, Layers};
use super::super::i18n;
use super::super::map::Measure;
use super::super::numbers;
use super::super::placement::Column;
use super::super::state::AppState;
use super::super::theme::{self, line, palette, space, text};
use super::decades::lines;
use super::network::{Area, Scene, clipped};
use crate::session::{Snapshot, StepRecord};
use eframe::egui::{
    Align2, Color32, Grid, Painter, Rangef, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2,
};

/// Room under the axis, so that its lowest tick is not cut.
const FOOT: f32 = 8.0;

/// Bars with their axis, and beside them what they say of the whole network. Returns where that ends.
pub fn show(
    ui: &mut Ui,
    state: &AppState,
    snapshot: &Snapshot,
    scene: &Scene<'_>,
    area: &Area,
    window: f32,
) -> f32 {
    let height = (window * 0.12).clamp(76.0, 168.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height + FOOT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::gradient()));
    let plot = Rect::from_x_y_ranges(area.x, rect.top() + space::S..=rect.bottom() - FOOT);
    lines(ui, plot, scale(state));
    names(ui, area, plot, snapshot.then.is_some());
    bars(ui, state, snapshot, scene, plot);
    match area.side {
        Some(side) => ratios(ui, scene.layers, scene.record, side, rect),
        None => rect.bottom(),
    }
}

/// The bars alone, over `plot`.
pub fn bars(ui: &mut Ui, state: &AppState, snapshot: &Snapshot, scene: &Scene<'_>, plot: Rect) {
    let painter = clipped(ui, scene.x);
    for column in &scene.place.columns {
        let card = column.card.and_then(|c| scene.place.cards.get(c));
        let chosen = card.is_some_and(|c| state.selection.block.is_some_and(|b| c.blocks.contains(&b)));
        one(ui, &painter, state, snapshot, scene, column, chosen, plot);
    }
}

fn names(ui: &mut Ui, area: &Area, plot: Rect, then: bool) {
    let p = palette(ui);
    let rect = Rect::from_x_y_ranges(area.names.min..=area.names.max - 32.0, plot.y_range());
    let response = ui.interact(rect, ui.scope_id().with("gradient names"), Sense::hover());
    let painter = ui.painter();
    let mut y = plot.top() - space::XS;
    for (words, font, ink) in [
        (i18n::gradient(), theme::semibold(text::BODY), p.grad),
        (
            if then { i18n::gradient_caption_then() } else { i18n::gradient_caption() },
            theme::regular(text::CAPTION),
            p.ink3,
        ),
        (i18n::backward(), theme::regular(text::CAPTION), p.grad),
    ] {
        y = painter.text(pos2(rect.left(), y), Align2::LEFT_TOP, words, font, ink).bottom() + 2.0;
    }
    response.on_hover_text(i18n::gradient_hint());
}

fn one(
    ui: &Ui,
    painter: &Painter,
    state: &AppState,
    snapshot: &Snapshot,
    scene: &Scene<'_>,
    column: &Column,
    chosen: bool,
    plot: Rect,
) {
    let p = palette(ui);
    let area = Rect::from_x_y_ranges(column.x, plot.y_range());
    let Some(norm) = scene.record.and_then(|r| column.mean(&r.grad_norm)) else {
        painter.rect_filled(area.with_min_y(plot.bottom() - 2.0), 0.0, p.line);
        return;
    };
    let seen = area.intersect(Rect::from_x_y_ranges(scene.x, plot.y_range()));
    if seen.width() <= 0.0 {
        return;
    }
    let response = ui.interact(seen, ui.scope_id().with(("bar", &column.name)), Sense::hover());
    let written = numbers::norm(norm);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::bar_label(&column.name, &written)));
    if let Some(t) = scale(state).position(norm) {
        let alpha = if chosen { line::CHOSEN_ALPHA } else { line::FILL_ALPHA };
        bar(painter, area.with_min_y(plot.bottom() - t * plot.height()), p.grad, alpha);
    }
    if response.hovered() {
        painter.rect_filled(area, 0.0, p.grad.gamma_multiply(0.12));
    }
    response.on_hover_ui(|ui| {
        let p = palette(ui);
        let names = snapshot.model.as_ref().map(|m| &m.param_names);
        let name = match (names, column.params.as_slice()) {
            (Some(names), [one]) => names.get(*one).cloned(),
            _ => None,
        };
        let name = name.unwrap_or_else(|| format!("{}.weight", column.name));
        ui.label(RichText::new(name).font(theme::semibold(text::BODY)).color(p.ink));
        if column.params.len() > 1 {
            let mean = RichText::new(i18n::mean_of(column.params.len()));
            ui.label(mean.font(theme::regular(text::CAPTION)).color(p.ink3));
        }
        let weight = scene.record.and_then(|r| column.mean(&r.weight_norm));
        let update = scene.record.and_then(|r| column.mean(&r.update_norm));
        let values = [Some(norm), weight, update];
        Grid::new("bar").min_row_height(0.0).spacing([space::L, 2.0]).show(ui, |ui| {
            for (what, value) in i18n::bar_details().iter().zip(values) {
                let Some(value) = value else { continue };
                ui.label(RichText::new(*what).font(theme::regular(text::CAPTION)).color(p.ink2));
                let value = RichText::new(numbers::norm(value));
                ui.label(value.font(theme::semibold(text::CAPTION)).color(p.ink));
                ui.end_row();
            }
        });
    });
}

/// The value is read from the cap, not from the area.
fn bar(painter: &Painter, rect: Rect, colour: Color32, alpha: f32) {
    painter.rect_filled(rect, 0.0, colour.gamma_multiply(alpha));
    let cap = rect.with_max_y((rect.top() + line::CAP).min(rect.bottom().max(rect.top() + 1.0)));
    painter.rect_filled(cap, 0.0, colour);
}

/// How far the first and the last convolution are apart; returns where the words end.
fn ratios(ui: &Ui, layers: &Layers, record: Option<&StepRecord>, side: Rangef, rect: Rect) -> f32 {
    let p = palette(ui);
    let painter = ui.painter();
    let small = || theme::regular(text::CAPTION);
    let norms: Vec<f32> = match record {
        Some(r) => layers
            .bars()
            .filter_map(|b| r.grad_norm.get(b.param).copied())
            .filter(|n| n.is_finite())
            .collect(),
        None => Vec::new(),
    };
    let ratio = record.and_then(|r| layers.first_by_last(&r.grad_norm));
    let ratio = ratio.map_or_else(|| numbers::UNKNOWN.into(), numbers::ratio);
    let mut y = rect.top() - space::S;
    y = painter
        .text(pos2(side.min, y), Align2::LEFT_TOP, ratio, theme::semibold(text::HEADLINE), p.ink)
        .bottom();
    y = painter.text(pos2(side.min, y), Align2::LEFT_TOP, i18n::first_by_last(), small(), p.ink2).bottom()
        + 2.0;
    let range = norms
        .iter()
        .copied()
        .filter(|n| *n > 0.0)
        .fold((f32::INFINITY, 0.0), |(a, b): (f32, f32), n| (a.min(n), b.max(n)));
    if range.1 > 0.0 && range.0 < range.1 {
        let words =
            i18n::largest_by_smallest(numbers::axis_value((f64::from(range.1) / f64::from(range.0)).round()));
        y = painter.text(pos2(side.min, y), Align2::LEFT_TOP, words, small(), p.ink3).bottom();
    }
    y
}

/// The decades of the gradients, locked or not.
fn scale(state: &AppState) -> Decades {
    state.map.decades(Measure::Gradient, state.decades).unwrap_or(state.decades)
}
