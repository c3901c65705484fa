//! Layer × time: one column a bar on the layer axis, one row a sample, newest on top.
//!
//! All of it is one texture. Rows are written where they belong once and for all, oldest on top; drawing
//! turns it over and shows the part that is written, so that nothing is ever shifted.

use super::super::super::i18n;
use super::super::super::layer_history::ROWS;
use super::super::super::map::HistoryTexture;
use super::super::super::numbers;
use super::super::super::placement::Column;
use super::super::super::state::AppState;
use super::super::super::surgery;
use super::super::super::theme::{self, line, palette, space, text};
use super::super::super::widgets::{FLAG, flag, flag_size};
use super::{Area, Scene, clipped, measures};
use crate::session::Snapshot;
use crate::train::Surgery;
use eframe::egui::{
    Align2, Color32, ColorImage, Mesh, Painter, Rect, RichText, Role, Sense, Shape, TextureId,
    TextureOptions, Ui, WidgetInfo, pos2, vec2,
};

/// Part of the window's height, and its bounds.
const SHARE: f32 = 0.09;
const LEAST: f32 = 60.0;
const MOST: f32 = 160.0;

/// Draws the history in a window that is `window` high.
pub fn show(
    ui: &mut Ui,
    state: &mut AppState,
    snapshot: &Snapshot,
    scene: &Scene<'_>,
    area: &Area,
    window: f32,
) {
    let p = palette(ui);
    let height = (window * SHARE).clamp(LEAST, MOST);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let plot = Rect::from_x_y_ranges(area.x, rect.y_range());
    names(ui, state, area, plot);
    let painter = clipped(ui, area.x);
    let written = write(ui, state);
    for column in &scene.place.columns {
        match written {
            Some((texture, rows)) => draw(&painter, state, texture, rows, column, plot),
            None => {
                let foot = Rect::from_x_y_ranges(column.x, plot.bottom() - 2.0..=plot.bottom());
                painter.rect_filled(foot, 0.0, p.line);
            }
        }
    }
    let response = ui.interact(plot, ui.scope_id().with("history"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::history()));
    operations(ui, state, snapshot, plot);
    hover(response, state, scene, plot);
}

fn names(ui: &mut Ui, state: &AppState, area: &Area, plot: Rect) {
    let p = palette(ui);
    let rect = Rect::from_x_y_ranges(area.names.min..=area.names.max - space::XL, plot.y_range());
    let response = ui.interact(rect, ui.scope_id().with("history name"), Sense::hover());
    let small = || theme::regular(text::CAPTION);
    let painter = ui.painter();
    let y = painter
        .text(rect.left_top(), Align2::LEFT_TOP, i18n::history(), theme::semibold(text::BODY), p.ink)
        .bottom();
    let (measure, _) = measures::past(state);
    let y = painter
        .text(pos2(rect.left(), y + 2.0), Align2::LEFT_TOP, measures::words(measure)[0], small(), p.ink3)
        .bottom();
    painter.text(pos2(rect.left(), y + 2.0), Align2::LEFT_TOP, i18n::newest_on_top(), small(), p.ink3);
    let x = plot.left() - space::S;
    painter.text(pos2(x, plot.top()), Align2::RIGHT_TOP, i18n::now(), small(), p.ink3);
    let mut rows = state.layer_history.rows();
    if let (Some(newest), Some(oldest)) = (rows.next(), state.layer_history.rows().next_back()) {
        let span = newest.last_step.saturating_sub(oldest.first_step);
        if span > 0 {
            let words = format!("−{}", numbers::axis_step(span as f64));
            painter.text(pos2(x, plot.bottom()), Align2::RIGHT_BOTTOM, words, small(), p.ink3);
        }
    }
    response.on_hover_text(i18n::history_hint());
}

/// Brings the texture up to date; what it is, and how many of its rows are written.
fn write(ui: &Ui, state: &mut AppState) -> Option<(TextureId, usize)> {
    let dark = ui.visuals().dark_mode;
    let (measure, decades) = measures::past(state);
    let history = &state.layer_history;
    let (bars, rows) = (history.bars(), history.rows().len());
    let newest = history.rows().next()?;
    let key = (history.generation(), measure, decades.unwrap_or_default(), dark);
    let what = measures::layerwise(measure);
    // From row `from` on, in the order of time.
    let paint = |from: usize| -> Vec<Color32> {
        let later = history.rows().rev().skip(from);
        let value = |row, bar| history.value(row, what, bar);
        let colour = |v: Option<f32>| match v {
            Some(v) => measures::colour(ui, measure, decades, v),
            None => Color32::TRANSPARENT,
        };
        later.flat_map(|row| (0..bars).map(move |bar| colour(value(row, bar)))).collect()
    };
    let kept = state.map.history.as_mut().filter(|t| t.key == key && t.texture.size() == [bars, ROWS]);
    match kept {
        Some(kept) => {
            if kept.written != rows || kept.step != newest.last_step {
                // The last row that was written may have changed since.
                let from = kept.written.saturating_sub(1).min(rows - 1);
                let image = ColorImage::new([bars, rows - from], paint(from));
                kept.texture.set_partial([0, from], image, TextureOptions::NEAREST);
                (kept.written, kept.step) = (rows, newest.last_step);
            }
            Some((kept.texture.id(), rows))
        }
        None => {
            let mut pixels = paint(0);
            pixels.resize(bars * ROWS, Color32::TRANSPARENT);
            let image = ColorImage::new([bars, ROWS], pixels);
            let texture = ui.ctx().load_texture("layer history", image, TextureOptions::NEAREST);
            let id = texture.id();
            state.map.history = Some(HistoryTexture { texture, written: rows, key, step: newest.last_step });
            Some((id, rows))
        }
    }
}

/// One column; the layers of a folded stage stand side by side in it.
fn draw(painter: &Painter, state: &AppState, texture: TextureId, rows: usize, column: &Column, plot: Rect) {
    let bars = state.layer_history.bars().max(1) as f32;
    let mut mesh = Mesh::with_texture(texture);
    let n = column.bars.len();
    for (k, &bar) in column.bars.iter().enumerate() {
        let left = column.x.min + column.x.span() * k as f32 / n as f32;
        let right = column.x.min + column.x.span() * (k + 1) as f32 / n as f32;
        let rect = Rect::from_x_y_ranges(left..=right, plot.y_range());
        let u = (bar as f32 + 0.5) / bars;
        // Turned over: the newest row is the last written.
        let uv = Rect::from_min_max(pos2(u, rows as f32 / ROWS as f32), pos2(u, 0.0));
        mesh.add_rect_with_uv(rect, uv, Color32::WHITE);
    }
    painter.add(Shape::mesh(mesh));
}

/// What was done to skips: a dashed line each, and a flag at its right end, from the newest down as far as there
/// is room.
fn operations(ui: &Ui, state: &mut AppState, snapshot: &Snapshot, plot: Rect) {
    let p = palette(ui);
    let place =
        |done: &Surgery| Some(plot.bottom() - state.layer_history.place(done.step)? as f32 * plot.height());
    let painter = ui.painter_at(plot.expand(1.0));
    for y in state.history.operations.iter().filter_map(place) {
        let ends = [pos2(plot.left(), y), pos2(plot.right(), y)];
        painter.extend(Shape::dashed_line(&ends, p.stroke(line::ICON, p.ink), line::DASH.0, line::DASH.1));
    }
    // Top and left end of the flag that was drawn last: what was done at the same step stands left of it.
    let (mut last, mut free) = (pos2(f32::INFINITY, f32::INFINITY), plot.top());
    let mut pressed = None;
    for (nth, done) in state.history.operations.iter().enumerate().rev() {
        let Some(y) = place(done) else { continue };
        let top = (y - FLAG / 2.0).max(plot.top());
        let words = surgery::flag(done, &state.block_names);
        let wide = flag_size(ui, &words);
        let right = if top == last.y { last.x - 2.0 } else { plot.right() };
        let beneath = top >= free && top + FLAG <= plot.bottom() + FLAG / 2.0;
        if right - wide.x < plot.left() || !(beneath || top == last.y) {
            continue;
        }
        let rect = Rect::from_min_size(pos2(right - wide.x, top), wide);
        (last, free) = (rect.min, top + FLAG + 2.0);
        let response = flag(ui, ui.scope_id().with(("history flag", nth)), rect, &words, &words);
        if response.clicked() {
            pressed = Some(nth);
        }
        response.on_hover_text(state.flag_hint(nth));
    }
    if let Some(asked) = pressed.and_then(|nth| state.answer_flag(snapshot, nth)) {
        state.operate(asked);
    }
}

/// What was measured under the pointer.
fn hover(response: eframe::egui::Response, state: &AppState, scene: &Scene<'_>, plot: Rect) {
    let Some(at) = response.hover_pos() else { return };
    let Some(column) = scene.place.columns.iter().find(|c| c.x.contains(at.x)) else {
        response.on_hover_text(i18n::history_hint());
        return;
    };
    let count = state.layer_history.rows().len();
    let back = ((at.y - plot.top()) / plot.height() * count as f32) as usize;
    let Some(row) = state.layer_history.rows().nth(back.min(count.saturating_sub(1))) else { return };
    let n = column.bars.len();
    let k = (((at.x - column.x.min) / column.x.span() * n as f32) as usize).min(n - 1);
    let (measure, _) = measures::past(state);
    let value = state.layer_history.value(row, measures::layerwise(measure), column.bars[k]);
    let name = scene.layers.bars().nth(column.bars[k]).map_or(column.name.clone(), |b| b.layer.clone());
    let steps = if row.first_step == row.last_step {
        i18n::history_step(numbers::grouped(row.last_step))
    } else {
        i18n::history_steps(numbers::grouped(row.first_step), numbers::grouped(row.last_step))
    };
    let value = value.map_or(numbers::UNKNOWN.into(), |v| measures::written(measure, v));
    response.on_hover_ui_at_pointer(|ui| {
        let p = palette(ui);
        ui.label(RichText::new(&name).font(theme::semibold(text::BODY)).color(p.ink));
        let words = format!("{} {value}\n{steps}", measures::words(measure)[0]);
        ui.label(RichText::new(words).font(theme::regular(text::CAPTION)).color(p.ink2));
    });
}
