//! Gradient norms of all convolutions and the classifier, under the blocks they belong to.

use super::super::axis::{self, Bar, Layers, Placement};
use super::super::colourmap::ColourMap;
use super::super::i18n;
use super::super::numbers;
use super::super::state::AppState;
use super::super::theme::{self, line, palette, size, space, text};
use super::network::{Area, bar};
use crate::session::{Snapshot, StepRecord};
use eframe::egui::{
    Align2, Color32, Grid, Mesh, Rangef, Rect, RichText, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};

/// Room under the axis, so that its lowest tick is not cut.
const FOOT: f32 = 8.0;

pub fn show(
    ui: &mut Ui,
    state: &AppState,
    snapshot: &Snapshot,
    layers: &Layers,
    place: &Placement,
    area: &Area,
    record: Option<&StepRecord>,
    window: f32,
) {
    let p = palette(ui);
    let height = (window * 0.12).clamp(84.0, 168.0);
    if !area.roomy() {
        let title = RichText::new(i18n::gradient()).font(theme::semibold(text::BODY)).color(p.grad);
        ui.label(title).on_hover_text(i18n::gradient_hint());
    }
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height + FOOT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::gradient()));
    let plot = Rect::from_x_y_ranges(area.x, rect.top() + space::S..=rect.bottom() - FOOT);
    decades(ui, state, plot);
    if area.roomy() {
        names(ui, area, plot);
    }
    let norm_of = |b: &Bar| record.and_then(|r| r.grad_norm.get(b.param).copied());
    let columns = [(place.stem, layers.stem.as_slice()), (place.head, layers.head.as_slice())];
    let blocks = place.cards.iter().copied().zip(layers.blocks.iter().map(|b| b.bars.as_slice()));
    for (x, bars) in columns.into_iter().chain(blocks) {
        for (b, x) in bars.iter().zip(axis::split(x, bars.len())) {
            one(ui, state, snapshot, b, norm_of(b), record, x, plot);
        }
    }
    if let Some(side) = area.side {
        ratios(ui, state, layers, record, side, rect);
    }
}

/// Grid lines and ticks: whole decades, as many as fit.
fn decades(ui: &Ui, state: &AppState, plot: Rect) {
    let p = palette(ui);
    let d = state.decades;
    let every = (f64::from(d.high - d.low) * 18.0 / f64::from(plot.height())).ceil().max(1.0) as i32;
    let painter = ui.painter();
    for e in (d.low..=d.high).rev().step_by(every as usize) {
        let t = (e - d.low) as f32 / (d.high - d.low) as f32;
        let y = (plot.bottom() - t * plot.height()).round() + 0.5;
        let stroke = Stroke::new(line::HAIR, if e == d.low { p.line2 } else { p.line });
        painter.hline(plot.x_range(), y, stroke);
        let at = pos2(plot.left() - space::S, y);
        painter.text(
            at,
            Align2::RIGHT_CENTER,
            numbers::power_of_ten(e),
            theme::regular(text::CAPTION),
            p.ink3,
        );
    }
}

fn names(ui: &mut Ui, area: &Area, plot: Rect) {
    let p = palette(ui);
    let rect = Rect::from_x_y_ranges(area.names.min..=area.names.max - 32.0, plot.y_range());
    let response = ui.interact(rect, ui.scope_id().with("gradient names"), Sense::hover());
    let painter = ui.painter();
    let mut y = plot.top() - space::XS;
    for (words, font, ink) in [
        (i18n::gradient(), theme::semibold(text::BODY), p.grad),
        (i18n::gradient_caption(), theme::regular(text::CAPTION), p.ink3),
        (i18n::backward(), theme::regular(text::CAPTION), p.grad),
    ] {
        y = painter.text(pos2(rect.left(), y), Align2::LEFT_TOP, words, font, ink).bottom() + 2.0;
    }
    response.on_hover_text(i18n::gradient_hint());
}

fn one(
    ui: &mut Ui,
    state: &AppState,
    snapshot: &Snapshot,
    b: &Bar,
    norm: Option<f32>,
    record: Option<&StepRecord>,
    x: Rangef,
    plot: Rect,
) {
    let p = palette(ui);
    let column = Rect::from_x_y_ranges(x, plot.y_range());
    let response = ui.interact(column, ui.scope_id().with(("bar", b.param)), Sense::hover());
    let Some(norm) = norm else {
        let foot = Rect::from_x_y_ranges(x, plot.bottom() - 2.0..=plot.bottom());
        ui.painter().rect_filled(foot, 0.0, p.line);
        return;
    };
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Image, true, i18n::bar_label(&b.layer, &numbers::norm(norm)))
    });
    if let Some(t) = state.decades.position(norm) {
        bar(
            ui.painter(),
            Rect::from_x_y_ranges(x, plot.bottom() - t * plot.height()..=plot.bottom()),
            p.grad,
        );
    }
    if response.hovered() {
        ui.painter().rect_filled(column, 0.0, p.grad.gamma_multiply(0.12));
    }
    response.on_hover_ui(|ui| {
        let p = palette(ui);
        let name = snapshot.model.as_ref().and_then(|m| m.param_names.get(b.param).cloned());
        let name = name.unwrap_or_else(|| format!("{}.weight", b.layer));
        ui.label(RichText::new(name).font(theme::semibold(text::BODY)).color(p.ink));
        let weight = record.and_then(|r| r.weight_norm.get(b.param).copied());
        let values = [Some(norm), weight];
        Grid::new("bar").min_row_height(0.0).spacing([space::L, 2.0]).show(ui, |ui| {
            for (what, value) in i18n::bar_details().iter().zip(values) {
                let Some(value) = value else { continue };
                ui.label(RichText::new(*what).font(theme::regular(text::CAPTION)).color(p.ink2));
                ui.label(
                    RichText::new(numbers::norm(value)).font(theme::semibold(text::CAPTION)).color(p.ink),
                );
                ui.end_row();
            }
        });
    });
}

/// How far the first and the last convolution are apart, and the scale of the strips.
fn ratios(ui: &Ui, state: &AppState, layers: &Layers, record: Option<&StepRecord>, side: Rangef, rect: Rect) {
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
    // The last bar is the classifier; the last convolution stands before it.
    let convs = &norms[..norms.len().saturating_sub(layers.head.len())];
    let ratio = match (convs.first(), convs.last()) {
        (Some(first), Some(last)) if *last > 0.0 => numbers::ratio(first / last),
        _ => numbers::UNKNOWN.into(),
    };
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
        let words = i18n::largest_by_smallest(&numbers::axis_value(
            (f64::from(range.1) / f64::from(range.0)).round(),
        ));
        painter.text(pos2(side.min, y), Align2::LEFT_TOP, words, small(), p.ink3);
    }
    // Above, beside the cards' strips: their scale.
    let top = rect.top() - size::CARD;
    painter.text(pos2(side.min, top), Align2::LEFT_BOTTOM, i18n::norm_symbol(), small(), p.grad);
    let scale = Rect::from_x_y_ranges(side, top + space::XS..=top + space::XS + 8.0);
    ramp(ui, scale, ColourMap::norm(ui.visuals().dark_mode).entries());
    for (e, x, align) in
        [(state.decades.low, side.min, Align2::LEFT_TOP), (state.decades.high, side.max, Align2::RIGHT_TOP)]
    {
        painter.text(pos2(x, scale.bottom() + 2.0), align, numbers::power_of_ten(e), small(), p.ink3);
    }
}

/// A colour map lying on its side.
fn ramp(ui: &Ui, rect: Rect, colours: &[Color32]) {
    let mut mesh = Mesh::default();
    for (i, colour) in colours.iter().enumerate() {
        let x = rect.left() + rect.width() * i as f32 / (colours.len() - 1).max(1) as f32;
        mesh.colored_vertex(pos2(x, rect.top()), *colour);
        mesh.colored_vertex(pos2(x, rect.bottom()), *colour);
        if i > 0 {
            let v = 2 * i as u32;
            mesh.add_triangle(v - 2, v - 1, v);
            mesh.add_triangle(v - 1, v, v + 1);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
}
