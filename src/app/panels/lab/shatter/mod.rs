//! Shattered gradients: how alike the gradients of neighbouring inputs are before training, against their distance and
//! against depth, with what theory says.

mod form;

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::theme::{self, line, palette, size, space, text};
use super::super::super::widgets::segmented;
use super::super::charts::Scale;
use super::plot::{Axes, Ticks, beside, kind, names, titled, whole};
use super::{Piece, is_narrow};
use crate::lab::shatter::{At, Curve, Kind};
pub use form::{ShatterForm, setup};

use eframe::egui::{Align2, Pos2, Response, RichText, Shape, Ui, pos2, vec2};

/// Least height of a plot with its title.
const PLOT: f32 = 300.0;
/// Room for names at the ends of curves.
const NAMES: f32 = 76.0;

/// Across, value, standard error.
type Points = Vec<(f64, f64, f64)>;

/// What is looked at of it.
#[derive(Debug, Default)]
pub struct ShatterUi {
    /// The depth whose curves are drawn against distance; without one, the deepest.
    depth: Option<usize>,
    /// The distance whose correlations are drawn against depth.
    distance: Distance,
}

/// Of two inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Distance {
    /// The least that was measured: what the claim is about, and where networks differ most.
    #[default]
    Neighbours,
    Quarter,
    Half,
}

impl Distance {
    fn of(self, curve: &Curve) -> Option<&At> {
        let all = &curve.correlation;
        match self {
            Self::Neighbours => all.first(),
            Self::Quarter => all.get(all.len() / 2),
            Self::Half => all.last(),
        }
    }
}

fn depths(found: &[Curve]) -> Vec<usize> {
    let mut all: Vec<usize> = found.iter().map(|c| c.kind.depth).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn shown(looked: &ShatterUi, found: &[Curve]) -> usize {
    let all = depths(found);
    let deepest = || {
        let measured = found.iter().filter(|c| c.seeds > 0).map(|c| c.kind.depth);
        measured.max().or(all.first().copied()).unwrap_or_default()
    };
    looked.depth.filter(|d| all.contains(d)).unwrap_or_else(deepest)
}

/// What came out, as a sentence: how alike gradients are at the distance that is shown against depth.
pub fn headline(ui: &Ui, looked: &ShatterUi, found: &[Curve]) -> Vec<Piece> {
    let depth = shown(looked, found);
    let mut pieces = Vec::new();
    for curve in found.iter().filter(|c| c.kind.depth == depth) {
        let Some(at) = looked.distance.of(curve) else { continue };
        let before = if pieces.is_empty() {
            i18n::shatter_apart(depth.to_string(), numbers::ratio(at.lag as f32))
        } else {
            i18n::race_comma().to_owned()
        };
        pieces.push(Piece(before, None));
        let (name, colour, _) = kind(palette(ui), curve.kind.skip, curve.kind.batch_norm);
        pieces.push(Piece(format!("{name} {}", numbers::ratio(at.correlation as f32)), Some(colour)));
    }
    pieces
}

/// All that was found, `height` high where there is room beside each other.
pub fn panel(ui: &mut Ui, looked: &mut ShatterUi, found: &[Curve], height: f32) {
    ui.spacing_mut().item_spacing = vec2(space::L, space::S);
    if is_narrow(ui) {
        by_lag(ui, looked, found, PLOT);
        return by_depth(ui, looked, found, PLOT);
    }
    beside(ui, 2, height.max(PLOT), |ui, which| match which {
        0 => by_lag(ui, looked, found, height.max(PLOT)),
        _ => by_depth(ui, looked, found, height.max(PLOT)),
    });
}

/// A plot of correlations with room for names behind it.
fn axes(ui: &mut Ui, x: (f64, f64), low: f64, ticks: &Ticks, name: &str) -> (Axes, Response) {
    let size = vec2(ui.available_width() - NAMES, ui.available_height());
    Axes::show(ui, size, x, (low, 1.0), Scale::Linear, ticks, name)
}

/// The least value of an axis that holds all correlations: they may be a little below zero.
fn lowest(found: &[Curve]) -> f64 {
    let all = found.iter().flat_map(|c| &c.correlation).map(|a| a.correlation - a.error);
    (all.fold(0.0, f64::min) * 5.0).floor() / 5.0
}

const fn ticks(x: fn(f64) -> String, across: &'static str, whole: bool) -> Ticks {
    Ticks { x, y: numbers::axis_value, across, whole }
}

/// Against the distance of two inputs, at one depth.
fn by_lag(ui: &mut Ui, looked: &mut ShatterUi, found: &[Curve], height: f32) {
    let p = palette(ui);
    let depth = shown(looked, found);
    let all = depths(found);
    titled(
        ui,
        (i18n::shatter_by_lag(), i18n::shatter_hint()),
        p.grad,
        i18n::shatter_error(),
        Some(height),
        |_| (),
        |ui| {
            if all.len() > 1 {
                let words: Vec<String> = all.iter().map(usize::to_string).collect();
                let choices: Vec<_> = all
                    .iter()
                    .zip(&words)
                    .map(|(d, w)| (*d, w.as_str(), i18n::shatter_depth_hint()))
                    .collect();
                let mut chosen = depth;
                ui.scope(|ui| {
                    ui.spacing_mut().interact_size.y = size::CONTROL;
                    if segmented(ui, &mut chosen, &choices, None).changed() {
                        looked.depth = Some(chosen);
                    }
                });
            }
            let ticks = ticks(numbers::axis_value, i18n::shatter_lag(), false);
            let end = found.iter().filter_map(|c| c.correlation.last()).map(|a| a.lag).fold(0.5, f64::max);
            let (axes, response) = axes(ui, (0.0, end), lowest(found), &ticks, i18n::shatter_by_lag());
            let mine = found.iter().filter(|c| c.kind.depth == depth);
            let curves = mine.map(|c| {
                let points = c.correlation.iter().map(|a| (a.lag, a.correlation, a.error)).collect();
                (c.kind, points)
            });
            draw(ui, &axes, curves.collect(), response, true);
        },
    );
}

/// At one distance, against depth; dashed what theory says of inputs that have nothing in common.
fn by_depth(ui: &mut Ui, looked: &mut ShatterUi, found: &[Curve], height: f32) {
    let p = palette(ui);
    titled(
        ui,
        (i18n::shatter_by_depth(), i18n::shatter_theory_hint()),
        p.grad,
        i18n::shatter_theory(),
        Some(height),
        |_| (),
        |ui| {
            distance(ui, looked, found);
            let deepest = depths(found).last().copied().unwrap_or(56).max(20);
            let ticks = ticks(whole, i18n::shatter_depth(), true);
            let (axes, response) =
                axes(ui, (0.0, deepest as f64), lowest(found), &ticks, i18n::shatter_by_depth());
            let painter = ui.painter_at(axes.rect.expand(2.0));
            for (skip, batch_norm) in [(false, false), (true, false), (true, true)] {
                let theory = |depth| Kind { depth, skip, batch_norm }.theory();
                let points: Vec<Pos2> = (8..=deepest)
                    .step_by(6)
                    .filter_map(|depth| Some(axes.at(depth as f64, theory(depth)?.value)))
                    .collect();
                let (_, colour, _) = kind(p, skip, batch_norm);
                let stroke = p.stroke(line::ICON, colour);
                painter.extend(Shape::dashed_line(&points, stroke, line::DASH.0, line::DASH.1));
                // The formula stands at the curve's beginning, where the three are apart.
                if let (Some(at), Some(t)) = (points.first(), theory(8)) {
                    let at = pos2(at.x + space::S, at.y - 2.0);
                    let words = written(t.formula);
                    let font = theme::regular(text::CAPTION);
                    painter.text(at, Align2::LEFT_BOTTOM, words, font, colour);
                }
            }
            let mut curves: Vec<(Kind, Points)> = Vec::new();
            for curve in found {
                let Some(at) = looked.distance.of(curve) else { continue };
                let point = (curve.kind.depth as f64, at.correlation, at.error);
                let same = |k: &Kind| (k.skip, k.batch_norm) == (curve.kind.skip, curve.kind.batch_norm);
                match curves.iter_mut().find(|(k, _)| same(k)) {
                    Some((_, points)) => points.push(point),
                    None => curves.push((curve.kind, vec![point])),
                }
            }
            draw(ui, &axes, curves, response, false);
        },
    );
}

/// Chooses the distance that is shown.
fn distance(ui: &mut Ui, looked: &mut ShatterUi, found: &[Curve]) {
    let Some(curve) = found.iter().find(|c| c.correlation.len() > 2) else { return };
    let all = [Distance::Neighbours, Distance::Quarter, Distance::Half];
    let words = all.map(|d| d.of(curve).map_or(String::new(), |a| numbers::ratio(a.lag as f32)));
    let choices: Vec<_> =
        all.iter().zip(&words).map(|(d, w)| (*d, w.as_str(), i18n::shatter_lag_hint())).collect();
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = size::CONTROL;
        segmented(ui, &mut looked.distance, &choices, None);
    });
}

/// A formula of theory as it is printed.
fn written(formula: &str) -> &str {
    match formula {
        "2^-L" => "2⁻ⁿ",
        "(3/4)^L" => "(3/4)ⁿ",
        "1/sqrt(L)" => "1/√n",
        other => other,
    }
}

/// Curves with their errors, names at their ends, and values under the pointer: `(across, value, error)` of each kind.
fn draw(ui: &Ui, axes: &Axes, curves: Vec<(Kind, Points)>, response: Response, lag: bool) {
    let p = palette(ui);
    let mut ends = Vec::new();
    for (of, points) in &curves {
        let (name, colour, mark) = kind(p, of.skip, of.batch_norm);
        axes.curve(ui, points.iter().map(|(x, y, _)| Some((*x, *y))), colour);
        for (x, y, error) in points {
            axes.error(ui, *x, *y, *error, colour);
            mark.draw(ui.painter(), axes.at(*x, *y), 3.5, colour, p.stroke(line::HAIR, p.panel));
        }
        ends.extend(points.last().map(|(x, y, _)| (axes.at(*x, *y).y, name, colour)));
    }
    names(ui, axes.rect.right() + space::M, NAMES, axes.rect.y_range(), ends);
    let Some(at) = response.hover_pos().filter(|at| axes.rect.x_range().contains(at.x)) else { return };
    response.on_hover_ui_at_pointer(|ui| {
        for (of, points) in &curves {
            let far = |v: &&(f64, f64, f64)| (axes.across(v.0) - at.x).abs();
            let Some((x, y, error)) = points.iter().min_by(|a, b| far(a).total_cmp(&far(b))) else {
                continue;
            };
            let (name, colour, _) = kind(palette(ui), of.skip, of.batch_norm);
            let x = if lag { numbers::ratio(*x as f32) } else { numbers::grouped(*x as u64) };
            let y = format!("{} ± {}", numbers::fixed(*y, 3), numbers::fixed(*error, 3));
            let words = i18n::shatter_at(name, x, y);
            ui.label(RichText::new(words).font(theme::regular(text::CAPTION)).color(colour));
        }
    });
}
