//! Layers compared over the run: a row a layer from input to output, time from left to right, and what is
//! measured now as bars at the right.

use super::super::super::axis::Decades;
use super::super::super::i18n;
use super::super::super::layer_history::{LayerHistory, ROWS, Row};
use super::super::super::map::{HistoryTexture, Measure};
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::theme::{self, line, palette, size, space, text};
use super::super::menu;
use super::super::network::measures;
use super::{curves, marks};
use crate::session::Snapshot;
use eframe::egui::{
    Align, Align2, Color32, ColorImage, Layout, Mesh, Rect, Response, RichText, Role, Sense, Shape,
    TextureId, TextureOptions, Ui, WidgetInfo, pos2, vec2,
};

/// Column of the layers' names.
const NAMES: f32 = 64.0;
/// The bars at the right, and their part of the width at most.
const BARS: f32 = 96.0;
/// Height of the line of ticks under the map.
const TICKS: f32 = 18.0;
/// A row at least so high has room for its name.
const NAMED: f32 = 13.0;

/// What layers are compared by: whatever has a past.
pub const MEASURES: [Measure; 5] =
    [Measure::Gradient, Measure::Std, Measure::Update, Measure::Weight, Measure::Dead];

pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let small = || theme::regular(text::CAPTION);
    ui.horizontal(|ui| {
        choose(ui, state);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(RichText::new(i18n::now()).font(small()).color(p.ink3));
        });
    });
    let whole = ui.available_rect_before_wrap();
    ui.allocate_rect(whole, Sense::hover());
    let bars = state.layer_history.bars();
    if state.layer_history.rows().len() == 0 || bars == 0 {
        let words = i18n::layers_empty().to_owned();
        let words = ui.painter().layout(words, theme::regular(text::BODY), p.ink3, whole.width() - space::L);
        let at = whole.center() - words.size() / 2.0;
        ui.painter().galley(at, words, p.ink3);
        return;
    }
    let height = (whole.height() - TICKS).max(bars as f32);
    let right = whole.right() - BARS.min(whole.width() / 4.0) - space::L;
    let plot = Rect::from_min_max(pos2(whole.left() + NAMES, whole.top()), pos2(right, whole.top() + height));
    names(ui, snapshot, state, plot);
    let Some((texture, written)) = write(ui, state) else { return };
    let mut mesh = Mesh::with_texture(texture);
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(written as f32 / ROWS as f32, 1.0));
    mesh.add_rect_with_uv(plot, uv, Color32::WHITE);
    ui.painter().add(Shape::mesh(mesh));
    ticks(ui, &state.layer_history, plot);
    now(ui, state, Rect::from_min_max(pos2(right + space::L, plot.top()), whole.right_bottom()), plot);
    let response = ui.interact(plot, ui.scope_id().with("layers"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::tab_layers()));
    let marks = marks::of(state, |step| state.layer_history.place(step));
    let pressed = marks::show(ui, plot, &marks, |at| plot.left() + at as f32 * plot.width(), true);
    curves::answer(state, snapshot, pressed);
    tell(response, state, snapshot, plot);
}

fn choose(ui: &mut Ui, state: &mut AppState) {
    let [shown, hint, _] = measures::words(state.charts.measure);
    menu::choose(ui, "layers by", shown, hint, |ui| {
        for measure in MEASURES {
            let [name, hint, _] = measures::words(measure);
            if ui.selectable_label(state.charts.measure == measure, name).on_hover_text(hint).clicked() {
                state.charts.measure = measure;
            }
        }
    });
}

/// What each layer is called, in the order of the rows.
pub fn layer_names(snapshot: &Snapshot, bars: usize) -> Vec<String> {
    let graph = snapshot.model.as_ref().and_then(|m| crate::model::Graph::new(&m.spec).ok());
    let layers = graph.map(|g| super::super::super::axis::Layers::of(&g)).unwrap_or_default();
    let mut names: Vec<String> = layers.bars().map(|b| b.layer.clone()).collect();
    names.resize(bars, String::new());
    names
}

/// Names of the rows that have room; otherwise of stages where they begin.
fn names(ui: &Ui, snapshot: &Snapshot, state: &AppState, plot: Rect) {
    let p = palette(ui);
    let bars = state.layer_history.bars();
    let each = plot.height() / bars as f32;
    let mut free = f32::NEG_INFINITY;
    let mut stage = String::new();
    for (i, name) in layer_names(snapshot, bars).into_iter().enumerate() {
        let first = name.split('.').next().unwrap_or_default().to_owned();
        let begins = std::mem::replace(&mut stage, first.clone()) != first;
        let y = plot.top() + (i as f32 + 0.5) * each;
        if (each < NAMED && !begins) || y < free {
            continue;
        }
        free = y + NAMED;
        let shown = if each < NAMED { first } else { short(&name) };
        let at = pos2(plot.left() - space::S, y);
        ui.painter().text(at, Align2::RIGHT_CENTER, shown, theme::regular(text::CAPTION), p.ink2);
    }
}

/// `layer2.0.downsample.0` as `2.0.1×1`, `layer1.0.conv2` as `1.0.conv2`.
fn short(name: &str) -> String {
    name.strip_prefix("layer").map_or(name.to_owned(), |n| n.replace("downsample.0", "1×1"))
}

fn scale(state: &AppState) -> (Measure, Option<Decades>) {
    let measure = state.charts.measure;
    (measure, state.map.decades(measure, state.decades))
}

/// Brings the texture up to date, one column a sample; what it is, and how many columns are written.
fn write(ui: &Ui, state: &mut AppState) -> Option<(TextureId, usize)> {
    let dark = ui.visuals().dark_mode;
    let (measure, decades) = scale(state);
    let history = &state.layer_history;
    let (bars, written) = (history.bars(), history.rows().len());
    let newest = history.rows().next()?;
    let key = (history.generation(), measure, decades.unwrap_or_default(), dark);
    let what = measures::layerwise(measure);
    let empty = palette(ui).panel;
    // From column `from` on, row by row of the picture.
    let paint = |from: usize| -> Vec<Color32> {
        let columns: Vec<&Row> = history.rows().rev().skip(from).collect();
        let colour = |row: &Row, bar| match history.value(row, what, bar) {
            Some(v) => measures::colour(ui, measure, decades, v),
            None => empty,
        };
        (0..bars).flat_map(|bar| columns.iter().map(move |row| colour(row, bar))).collect()
    };
    let kept = state.charts.texture.as_mut().filter(|t| t.key == key && t.texture.size() == [ROWS, bars]);
    if let Some(kept) = kept {
        if kept.written != written || kept.step != newest.last_step {
            // The last column that was written may have changed since.
            let from = kept.written.saturating_sub(1).min(written - 1);
            let image = ColorImage::new([written - from, bars], paint(from));
            kept.texture.set_partial([from, 0], image, TextureOptions::NEAREST);
            (kept.written, kept.step) = (written, newest.last_step);
        }
        return Some((kept.texture.id(), written));
    }
    let mut image = ColorImage::filled([ROWS, bars], empty);
    for (row, colours) in image.pixels.chunks_exact_mut(ROWS).zip(paint(0).chunks_exact(written)) {
        row[..written].copy_from_slice(colours);
    }
    let texture = ui.ctx().load_texture("layers", image, TextureOptions::NEAREST);
    let id = texture.id();
    state.charts.texture = Some(HistoryTexture { texture, written, key, step: newest.last_step });
    Some((id, written))
}

/// The first and the last step under the map.
fn ticks(ui: &Ui, history: &LayerHistory, plot: Rect) {
    let p = palette(ui);
    let (Some(last), Some(first)) = (history.rows().next(), history.rows().next_back()) else { return };
    let font = || theme::regular(text::CAPTION);
    let y = plot.bottom() + 3.0;
    let words = |step: u64| numbers::axis_step(step as f64);
    ui.painter().text(pos2(plot.left(), y), Align2::LEFT_TOP, words(first.first_step), font(), p.ink3);
    let end = i18n::layers_step(words(last.last_step));
    ui.painter().text(pos2(plot.right(), y), Align2::RIGHT_TOP, end, font(), p.ink3);
}

/// The newest row as bars, and their scale.
fn now(ui: &Ui, state: &AppState, area: Rect, plot: Rect) {
    let p = palette(ui);
    let (measure, decades) = scale(state);
    let history = &state.layer_history;
    let Some(newest) = history.rows().next() else { return };
    let each = plot.height() / history.bars() as f32;
    let ink = if measure == Measure::Gradient { p.grad } else { p.ink2 };
    let thick = (each - 2.0).clamp(1.0, size::SCALE_BAR);
    for bar in 0..history.bars() {
        let Some(value) = history.value(newest, measures::layerwise(measure), bar) else { continue };
        let t = match decades {
            Some(d) => d.position(value).unwrap_or(0.0),
            None => value.clamp(0.0, 1.0),
        };
        let y = plot.top() + (bar as f32 + 0.5) * each;
        let rect = Rect::from_min_size(pos2(area.left(), y - thick / 2.0), vec2(area.width() * t, thick));
        ui.painter().rect_filled(rect, 0.0, ink.gamma_multiply(line::FILL_ALPHA));
        ui.painter().rect_filled(rect.with_min_x(rect.right() - line::CAP), 0.0, ink);
    }
    let (low, high) = match decades {
        Some(d) => (numbers::power_of_ten(d.low), numbers::power_of_ten(d.high)),
        None => ("0".to_owned(), "100\u{2009}%".to_owned()),
    };
    let font = || theme::regular(text::CAPTION);
    let y = plot.bottom() + 3.0;
    ui.painter().text(pos2(area.left(), y), Align2::LEFT_TOP, low, font(), p.ink3);
    ui.painter().text(pos2(area.right(), y), Align2::RIGHT_TOP, high, font(), p.ink3);
}

/// What was measured under the pointer.
fn tell(response: Response, state: &AppState, snapshot: &Snapshot, plot: Rect) {
    let Some(at) = response.hover_pos() else { return };
    let history = &state.layer_history;
    let (count, bars) = (history.rows().len(), history.bars());
    let column = (((at.x - plot.left()) / plot.width() * count as f32) as usize).min(count.saturating_sub(1));
    let bar = (((at.y - plot.top()) / plot.height() * bars as f32) as usize).min(bars.saturating_sub(1));
    let Some(row) = history.rows().rev().nth(column) else { return };
    let measure = state.charts.measure;
    let value = history.value(row, measures::layerwise(measure), bar);
    let value = value.map_or(numbers::UNKNOWN.into(), |v| measures::written(measure, v));
    let steps = if row.first_step == row.last_step {
        i18n::history_step(numbers::grouped(row.last_step))
    } else {
        i18n::history_steps(numbers::grouped(row.first_step), numbers::grouped(row.last_step))
    };
    let name = layer_names(snapshot, bars).swap_remove(bar);
    response.on_hover_ui_at_pointer(|ui| {
        let p = palette(ui);
        ui.label(RichText::new(&name).font(theme::semibold(text::BODY)).color(p.ink));
        let words = format!("{} {value}\n{steps}", measures::words(measure)[0]);
        ui.label(RichText::new(words).font(theme::regular(text::CAPTION)).color(p.ink2));
    });
}
