//! What strips and history are coloured by: a value for each block, its colour, how it is written, and
//! the scale that says what the colours mean.

use super::super::super::axis::{BlockBars, Decades};
use super::super::super::colourmap::ColourMap;
use super::super::super::i18n;
use super::super::super::layer_history::Layerwise;
use super::super::super::map::Measure;
use super::super::super::numbers;
use super::super::super::placement::Card;
use super::super::super::state::AppState;
use super::super::super::theme::{self, palette, size, space, text};
use super::super::super::widgets::{lock, pointed};
use super::Scene;
use crate::session::StepRecord;
use eframe::egui::{Align2, Color32, Mesh, Rangef, Rect, Role, Sense, Shape, Ui, WidgetInfo, pos2};

/// Name, hover text and symbol.
pub fn words(measure: Measure) -> [&'static str; 3] {
    match measure {
        Measure::Gradient => [i18n::measure_gradient(), i18n::measure_gradient_hint(), i18n::norm_symbol()],
        Measure::Std => [i18n::measure_std(), i18n::measure_std_hint(), i18n::measure_std_symbol()],
        Measure::Update => {
            [i18n::measure_update(), i18n::measure_update_hint(), i18n::measure_update_symbol()]
        }
        Measure::Weight => {
            [i18n::measure_weight(), i18n::measure_weight_hint(), i18n::measure_weight_symbol()]
        }
        Measure::Dead => [i18n::measure_dead(), i18n::measure_dead_hint(), i18n::measure_dead_symbol()],
        Measure::Time => [i18n::measure_time(), i18n::measure_time_hint(), i18n::measure_time_symbol()],
    }
}

/// What the history shows under a measure; times have none.
pub fn layerwise(measure: Measure) -> Layerwise {
    match measure {
        Measure::Gradient | Measure::Time => Layerwise::Gradient,
        Measure::Std => Layerwise::Std,
        Measure::Update => Layerwise::Update,
        Measure::Weight => Layerwise::Weight,
        Measure::Dead => Layerwise::Dead,
    }
}

/// The value of block `i`; `None` where nothing was measured.
pub fn of_block(scene: &Scene<'_>, measure: Measure, i: usize) -> Option<f32> {
    if measure == Measure::Time {
        return scene.profile?.blocks.get(i).copied();
    }
    let record = scene.record?;
    let bars = scene.layers.blocks.get(i)?;
    match measure {
        Measure::Gradient => bars.length(&record.grad_norm),
        Measure::Std => Some(record.blocks.get(i)?.output.std),
        Measure::Dead => Some(record.blocks.get(i)?.dead),
        Measure::Update => update(record, bars),
        Measure::Weight => bars.length(&record.weight_norm),
        Measure::Time => None,
    }
}

/// The value of a card: the mean over its blocks.
pub fn of_card(scene: &Scene<'_>, measure: Measure, card: &Card) -> Option<f32> {
    let sum = card.blocks.clone().map(|i| of_block(scene, measure, i)).sum::<Option<f32>>()?;
    Some(sum / card.blocks.len().max(1) as f32)
}

fn update(record: &StepRecord, block: &BlockBars) -> Option<f32> {
    let weight = block.length(&record.weight_norm)?;
    (weight > 0.0).then(|| block.length(&record.update_norm).map(|u| u / weight)).flatten()
}

/// As it is written on cards and in hover texts.
pub fn written(measure: Measure, v: f32) -> String {
    match measure {
        Measure::Gradient | Measure::Update => numbers::norm(v),
        Measure::Std | Measure::Weight => numbers::ratio(v),
        Measure::Dead => numbers::percent(v),
        Measure::Time => numbers::short_time(v),
    }
}

/// Colours of a measure: gradients have a map of their own, so that nothing else is mistaken for them.
pub fn map(measure: Measure, dark: bool) -> &'static ColourMap {
    if measure == Measure::Gradient { ColourMap::norm(dark) } else { ColourMap::viridis() }
}

/// The colour of `v`; `warn` for what is no number.
pub fn colour(ui: &Ui, measure: Measure, decades: Option<Decades>, v: f32) -> Color32 {
    if !v.is_finite() {
        return palette(ui).warn;
    }
    let t = match decades {
        Some(d) => d.position(v).unwrap_or(0.0),
        None => v,
    };
    map(measure, ui.visuals().dark_mode).at(t)
}

/// The measure that `measure` is drawn as in the history, and its decades.
pub fn past(state: &AppState) -> (Measure, Option<Decades>) {
    let measure = if state.map.measure == Measure::Time { Measure::Gradient } else { state.map.measure };
    (measure, state.map.decades(measure, state.decades))
}

/// Height of the scale with all its words.
pub const HEIGHT: f32 = size::SCALE_BAR + 3.0 * LINE + 4.0;

/// The colours from end to end with ticks; `with_words` also what they stand for.
pub fn scale(ui: &Ui, state: &mut AppState, scene: &Scene<'_>, side: Rangef, top: f32, with_words: bool) {
    let p = palette(ui);
    let measure = state.map.measure;
    let [name, hint, symbol] = words(measure);
    let decades = state.map.decades(measure, state.decades);
    let high = if with_words { HEIGHT } else { size::SCALE_BAR + LINE };
    let rect = Rect::from_x_y_ranges(side, top..=top + high);
    let response = ui.interact(rect, ui.scope_id().with("scale"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::scale_of(name)));
    let mut bar = rect.with_max_y(rect.top() + size::SCALE_BAR);
    let colours = map(measure, ui.visuals().dark_mode).entries();
    let mut flat = bar;
    // A linear scale is always all of it.
    if let Some(now) = decades {
        bar.max.x -= size::LOCK + space::XS;
        flat = bar;
        let mut locked = state.map.is_held(measure);
        lock(ui, rect.right(), bar.center().y, &mut locked, name);
        if locked != state.map.is_held(measure) {
            state.map.hold(measure, locked.then_some(now));
        }
        let grown = state.map.grown(measure, state.decades).unwrap_or(now);
        if grown.low < now.low {
            flat.min.x += bar.height();
            pointed(ui, flat.left(), bar.left(), bar, colours[0]);
        }
        if grown.high > now.high {
            flat.max.x -= bar.height();
            pointed(ui, flat.right(), bar.right(), bar, colours[colours.len() - 1]);
        }
    }
    ramp(ui, flat, colours);
    let painter = ui.painter();
    let small = || theme::regular(text::CAPTION);
    for (tick, x, align) in ticks(decades, bar) {
        painter.text(pos2(x, bar.bottom() + 2.0), align, tick, small(), p.ink3);
    }
    if with_words {
        let y = bar.bottom() + LINE + 4.0;
        let ink = if measure == Measure::Gradient { p.grad } else { p.ink2 };
        painter.text(pos2(side.min, y), Align2::LEFT_TOP, symbol, small(), ink);
        let kind = match (measure, scene.profile) {
            (Measure::Time, None) => i18n::times_wait(),
            (Measure::Dead, _) => i18n::shared_linear(),
            _ => i18n::shared_log(),
        };
        painter.text(pos2(side.min, y + LINE), Align2::LEFT_TOP, kind, small(), p.ink3);
    }
    response.on_hover_text(hint);
}

/// Height of a line of captions.
const LINE: f32 = 17.0;

/// Every decade where there is room for all, otherwise both ends.
fn ticks(decades: Option<Decades>, bar: Rect) -> Vec<(String, f32, Align2)> {
    const MOST: i32 = 3;
    let words: Vec<String> = match decades {
        Some(d) if d.high - d.low < MOST => (d.low..=d.high).map(numbers::power_of_ten).collect(),
        Some(d) => vec![numbers::power_of_ten(d.low), numbers::power_of_ten(d.high)],
        None => vec![0.0, 0.5, 1.0].into_iter().map(|v: f32| format!("{}\u{2009}%", v * 100.0)).collect(),
    };
    let last = words.len().saturating_sub(1);
    let place = |(i, word)| {
        let align = match i {
            0 => Align2::LEFT_TOP,
            i if i == last => Align2::RIGHT_TOP,
            _ => Align2::CENTER_TOP,
        };
        (word, bar.left() + bar.width() * i as f32 / last.max(1) as f32, align)
    };
    words.into_iter().enumerate().map(place).collect()
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
