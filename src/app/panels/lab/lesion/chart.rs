//! Test accuracy after each lesion of one network, over the layer axis: a bar a block, or a pair of neighbours. The line
//! across is the network without any lesion.

use super::super::super::super::axis::Layers;
use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::placement::{self, Placement};
use super::super::super::super::state::AppState;
use super::super::super::super::theme::{self, line, palette, radius, size, space, text};
use super::super::super::network::{fitted, put};
use crate::session::{Lesion, LesionOutcome, Lesioned};
use eframe::egui::{
    Align2, Color32, CornerRadius, Rangef, Rect, Role, Sense, Shape, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// Least height of a chart with its panel.
pub const LEAST: f32 = 200.0;
/// The same on a phone, where its caption takes two lines.
pub const NARROW: f32 = 264.0;
/// Room for the ticks before the axis, and for the name of the line behind it.
const TICKS: f32 = 44.0;
const END: f32 = 96.0;
/// Names of the stages and blocks under it.
const FOOT: f32 = 40.0;
/// Height of a line's name.
const NAME: f32 = text::CAPTION + 2.0;
/// Bars from this width on carry their value, and their block's name.
const LABELLED: f32 = 34.0;
const NAMED: f32 = 16.0;

/// Draws it into all of the room that is left.
pub fn show(ui: &mut Ui, state: &mut AppState, run: &LesionOutcome, colour: Color32, classes: usize) {
    let p = palette(ui);
    let Some(layers) = state.sketch(&run.spec).map(|s| s.layers.clone()) else { return };
    let (whole, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let plot = Rect::from_min_max(
        pos2(whole.left() + TICKS, whole.top() + text::BODY),
        pos2(whole.right() - END, whole.bottom() - FOOT),
    );
    let y = |share: f32| plot.bottom() - share.clamp(0.0, 1.0) * plot.height();
    grid(ui, plot, y);
    let place = placement::place(&layers, &[], plot.x_range(), size::CARD_MAX);
    foot(ui, &layers, &place, plot.bottom());
    // Guessing is worth as much as one class in so many.
    let chance = 1.0 / classes.max(1) as f32;
    // The two lines' names stand apart, however near the lines are.
    let near = run.intact.map_or(f32::INFINITY, |i| y(chance) - y(i.accuracy));
    let aside = ((NAME - near.abs()) / 2.0).max(0.0) * if near < 0.0 { -1.0 } else { 1.0 };
    across(ui, plot, y(chance), aside, p.ink3, &i18n::lesion_chance(numbers::percent(chance)));
    for lesion in &run.lesions {
        bar(ui, state, run, &place, plot, (lesion, chance), colour);
    }
    if let Some(intact) = run.intact {
        let words = i18n::lesion_intact(numbers::percent(intact.accuracy));
        across(ui, plot, y(intact.accuracy), -aside, colour, &words);
    }
}

/// Quarters across, with their shares.
fn grid(ui: &Ui, plot: Rect, y: impl Fn(f32) -> f32) {
    let p = palette(ui);
    for quarter in 0..=4_u8 {
        let share = f32::from(quarter) / 4.0;
        let at = y(share).round() + 0.5;
        let stroke = p.stroke(line::HAIR, if quarter == 0 { p.line2 } else { p.line });
        ui.painter().hline(plot.x_range(), at, stroke);
        let words = format!("{}\u{2009}%", 25 * u32::from(quarter));
        let left = pos2(plot.left() - space::S, at);
        ui.painter().text(left, Align2::RIGHT_CENTER, words, theme::regular(text::CAPTION), p.ink3);
    }
}

/// A dashed line over the whole width, named at its end, `aside` under it.
fn across(ui: &Ui, plot: Rect, y: f32, aside: f32, colour: Color32, words: &str) {
    let (dash, gap) = line::DASH;
    let ends = [pos2(plot.left(), y), pos2(plot.right(), y)];
    let stroke = palette(ui).stroke(line::TRUNK, colour);
    ui.painter().extend(Shape::dashed_line(&ends, stroke, dash, gap));
    let words = fitted(ui, words.to_owned(), theme::semibold(text::CAPTION), colour, END - space::S);
    put(ui, plot.right() + space::S, y + aside, words);
}

/// Where a lesion stands, on the cards of its blocks.
fn span(place: &Placement, lesion: Lesion) -> Option<Rangef> {
    let x = |b: usize| place.cards.get(b).map(|c| c.x);
    match lesion {
        Lesion::Drop(b) | Lesion::Scramble(b) => x(b),
        // Between the two, as wide as one.
        Lesion::Swap(a, b) => {
            let (a, b) = (x(a)?, x(b)?);
            let middle = f32::midpoint(a.center(), b.center());
            Some(Rangef::new(middle - a.span() / 2.0, middle + a.span() / 2.0))
        }
    }
}

fn bar(
    ui: &mut Ui,
    state: &mut AppState,
    run: &LesionOutcome,
    place: &Placement,
    plot: Rect,
    (lesion, chance): (&Lesioned, f32),
    colour: Color32,
) {
    let p = palette(ui);
    let Some(x) = span(place, lesion.lesion) else { return };
    let area = Rect::from_x_y_ranges(x, plot.y_range());
    let id = ui.scope_id().with(("lesion", &run.name, &lesion.blocks));
    let response = ui.interact(area, id, Sense::click());
    let words = told(run, lesion);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let block = match lesion.lesion {
        Lesion::Drop(b) | Lesion::Scramble(b) | Lesion::Swap(b, _) => b,
    };
    if response.clicked() {
        state.selection.block = Some(block);
        state.selection.probe = None;
    }
    let chosen = state.selection.block == Some(block);
    if let Some(measured) = lesion.measured {
        let top = plot.bottom() - measured.accuracy.clamp(0.0, 1.0) * plot.height();
        let body = area.with_min_y(top.min(plot.bottom() - 1.0));
        let alpha = if chosen { line::CHOSEN_ALPHA } else { line::FILL_ALPHA };
        ui.painter().rect_filled(body, 0.0, colour.gamma_multiply(alpha));
        let cap = body.with_max_y((body.top() + line::CAP).min(plot.bottom()));
        ui.painter().rect_filled(cap, 0.0, colour);
        if x.span() >= LABELLED {
            let value = numbers::fixed(f64::from(measured.accuracy) * 100.0, 1);
            let value = fitted(ui, value, theme::semibold(text::CAPTION), p.ink, f32::INFINITY);
            let (wide, high) = (value.size().x, value.size().y);
            // Never behind a line or the names under the axis: over the bar, under its cap, or over both lines.
            let lines = [run.intact.map_or(chance, |i| i.accuracy), chance]
                .map(|share| plot.bottom() - share * plot.height());
            let free =
                |y: &f32| lines.iter().all(|l| (l - y).abs() > high / 2.0) && y + high / 2.0 <= plot.bottom();
            let highest = lines.into_iter().fold(top, f32::min) - high / 2.0 - 2.0;
            let places = [top - high / 2.0 - 2.0, top + high / 2.0 + space::S];
            let y = places.into_iter().find(free).unwrap_or(highest);
            put(ui, x.center() - wide / 2.0, y, value);
        }
    } else if lesion.impossible.is_some() {
        hatched(ui, area.with_min_y(plot.bottom() - plot.height() / 2.0));
    }
    if response.hovered() {
        ui.painter().rect_filled(area, 0.0, colour.gamma_multiply(0.12));
    }
    if chosen || response.has_focus() {
        let stroke = p.stroke(line::HAIR, p.ink);
        let top = lesion.measured.map_or(area.top(), |m| plot.bottom() - m.accuracy * plot.height());
        ui.painter().rect_stroke(
            area.with_min_y(top).expand(2.0),
            CornerRadius::same(radius::CARD),
            stroke,
            StrokeKind::Inside,
        );
    }
    response.on_hover_text(words);
}

/// What cannot be done: grey strokes over the place where a bar would stand.
fn hatched(ui: &Ui, area: Rect) {
    const APART: f32 = 7.0;
    let p = palette(ui);
    let painter = ui.painter().with_clip_rect(area.intersect(ui.clip_rect()));
    let mut x = area.left() - area.height();
    while x < area.right() {
        let ends = [pos2(x, area.bottom()), pos2(x + area.height(), area.top())];
        painter.line_segment(ends, p.stroke(line::HAIR, p.line2));
        x += APART;
    }
    painter.rect_stroke(area, 0.0, p.stroke(line::HAIR, p.line), StrokeKind::Inside);
}

/// Everything about one lesion: what it is, what is left, and against the intact network.
fn told(run: &LesionOutcome, lesion: &Lesioned) -> String {
    let blocks = lesion.blocks.join(i18n::lesion_and());
    let mut words = match lesion.lesion {
        Lesion::Drop(_) => i18n::lesion_without(blocks),
        Lesion::Swap(..) => i18n::lesion_exchanged(blocks),
        Lesion::Scramble(_) => i18n::lesion_shuffled(blocks),
    };
    if let Some(m) = lesion.measured {
        let intact = run.intact.map_or(f32::NAN, |i| i.accuracy);
        let points = numbers::fixed(f64::from(m.accuracy - intact) * 100.0, 1);
        words += &i18n::lesion_left(numbers::percent(m.accuracy), points, numbers::loss(m.loss));
    } else if lesion.impossible.is_some() {
        let why = match lesion.lesion {
            Lesion::Swap(..) => i18n::lesion_cannot_swap(),
            _ => i18n::lesion_cannot_drop(),
        };
        words = format!("{words}\n{why}");
    }
    if lesion.reshapes && lesion.impossible.is_none() {
        words = format!("{words}\n{}", i18n::lesion_reshapes());
    }
    words
}

/// Stages and blocks under the axis; an arrow marks a block that changes the shape.
fn foot(ui: &Ui, layers: &Layers, place: &Placement, top: f32) {
    let p = palette(ui);
    for (card, block) in place.cards.iter().zip(&layers.blocks) {
        if card.x.span() < NAMED {
            continue;
        }
        let reshapes = block.projected || block.index == 0 && card.stage > 0;
        let name = if reshapes { format!(".{} ↓", block.index) } else { format!(".{}", block.index) };
        let name = fitted(ui, name, theme::regular(text::CAPTION), p.ink3, f32::INFINITY);
        let at = vec2(card.x.center() - name.size().x / 2.0, top + text::CAPTION);
        put(ui, at.x, at.y, name);
    }
    for (stage, x) in layers.stages.iter().zip(&place.stages) {
        let y = top + FOOT - text::CAPTION / 2.0 - 2.0;
        let name = fitted(ui, stage.name.clone(), theme::semibold(text::CAPTION), p.ink2, x.span());
        let shape = fitted(ui, stage.shape.clone(), theme::regular(text::CAPTION), p.ink3, f32::INFINITY);
        let right = x.max - space::XS - shape.size().x;
        let both = x.min + space::XS + name.size().x + space::S < right;
        put(ui, x.min + space::XS, y, name);
        if both {
            put(ui, right, y, shape);
        }
    }
}
