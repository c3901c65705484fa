//! The loss around trained weights as a picture: filled contours or a relief, one beside another on one scale, in
//! random directions or in the plane of the run itself, with its path.

mod contour;
mod form;
mod relief;
mod scale;

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::theme::{self, palette, size, space, text};
use super::super::super::widgets::segmented;
use super::super::charts::look;
use super::super::race::lane_label;
pub use form::{LandscapeForm, setup};

use super::plot::{Painted, beside, titled};
use super::{Piece, is_narrow};
use crate::lab::landscape::Surface;
use crate::lab::landscape::survey::{InPlane, Outcome, Surveyed};
use eframe::egui::{Align2, Sense, Ui, vec2};
use scale::LossScale;

/// Points so near to the least loss, in nats, count as its basin.
const BASIN: f64 = 1.0;
/// Least height of a picture with its title.
const LEAST: f32 = 340.0;

/// Which plane is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlaneShown {
    #[default]
    Random,
    Run,
}

/// What is looked at of the surfaces.
#[derive(Debug)]
pub struct LandscapeUi {
    pub plane: PlaneShown,
    /// A relief instead of contours.
    pub relief: bool,
    /// How the relief is turned and tilted, in radians.
    turn: f32,
    tilt: f32,
    drawn: [Option<Drawn>; 2],
}

impl Default for LandscapeUi {
    fn default() -> Self {
        Self { plane: PlaneShown::Random, relief: false, turn: 0.6, tilt: 0.6, drawn: [None, None] }
    }
}

/// A surface as a texture, and what it was made of.
#[derive(Debug)]
struct Drawn {
    of: (PlaneShown, usize, LossScale),
    texture: Painted,
}

/// The surface of one network in the plane that is shown.
fn surface(lane: &Surveyed, plane: PlaneShown) -> Option<&Surface> {
    match plane {
        PlaneShown::Random => lane.random.as_ref(),
        PlaneShown::Run => lane.path.as_ref(),
    }
}

/// Share of the known points whose loss is within [`BASIN`] of the least one.
pub fn basin(surface: &Surface) -> Option<f64> {
    let losses: Vec<f64> = (0..surface.points.len()).filter_map(|at| surface.loss(at)).collect();
    let least = losses.iter().copied().reduce(f64::min)?;
    let near = losses.iter().filter(|l| **l <= least + BASIN).count();
    Some(near as f64 / losses.len() as f64)
}

/// Both basins as a lesson writes them, a line a network.
pub fn basins(found: &Outcome) -> Option<String> {
    let line = |l: &Surveyed| {
        let share = numbers::percent(basin(l.random.as_ref()?)? as f32);
        Some(format!("- {}: **{share}**", lane_label(&l.name)))
    };
    let lines: Option<Vec<String>> = found.lanes.iter().map(line).collect();
    lines.filter(|l| !l.is_empty()).map(|l| l.join("\n"))
}

/// How much of its run's variance network number `lane` shows in its plane.
pub fn explained(found: &Outcome, lane: usize) -> Option<String> {
    let run = found.lanes.get(lane)?.run.as_ref()?;
    Some(numbers::percent((run.explained[0] + run.explained[1]) as f32))
}

/// What came out, as a sentence: how much of the surface in random directions lies near its least loss.
pub fn headline(ui: &Ui, found: &Outcome) -> Vec<Piece> {
    let p = palette(ui);
    let known: Vec<_> = found
        .lanes
        .iter()
        .enumerate()
        .filter_map(|(i, l)| Some((i, l, basin(l.random.as_ref()?)?)))
        .collect();
    if known.is_empty() {
        return Vec::new();
    }
    let mut pieces = vec![Piece(i18n::landscape_basin().to_owned(), None)];
    for (k, (i, lane, share)) in known.iter().enumerate() {
        if k > 0 {
            pieces.push(Piece(i18n::race_comma().to_owned(), None));
        }
        let words = format!("{} {}", lane_label(&lane.name), numbers::percent(*share as f32));
        pieces.push(Piece(words, Some(look(p, *i).0)));
    }
    pieces
}

/// The pictures, one beside another where there is room.
pub fn panel(ui: &mut Ui, looked: &mut LandscapeUi, found: &Outcome, height: f32) {
    let narrow = is_narrow(ui);
    ui.spacing_mut().item_spacing = vec2(space::L, space::S);
    choices(ui, looked, found);
    let shown: Vec<&Surface> = found.lanes.iter().filter_map(|l| surface(l, looked.plane)).collect();
    let scale = LossScale::of(&shown);
    let high = (height - size::CONTROL - scale::HEIGHT - 3.0 * space::L).max(LEAST);
    let lanes = found.lanes.len();
    if narrow {
        for (i, lane) in found.lanes.iter().enumerate() {
            one(ui, looked, lane, i, scale, high.max(ui.available_width()));
        }
    } else {
        beside(ui, lanes, high, |ui, i| one(ui, looked, &found.lanes[i], i, scale, high));
    }
    scale.show(ui);
}

/// Which plane, and how it is drawn.
fn choices(ui: &mut Ui, looked: &mut LandscapeUi, found: &Outcome) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
        let planes = [
            (PlaneShown::Random, i18n::landscape_random(), i18n::landscape_random_hint()),
            (PlaneShown::Run, i18n::landscape_run(), i18n::landscape_run_hint()),
        ];
        if found.lanes.iter().any(|l| l.run.is_some()) {
            segmented(ui, &mut looked.plane, &planes, None);
        } else {
            looked.plane = PlaneShown::Random;
        }
        let views = [
            (false, i18n::landscape_contour(), i18n::landscape_contour_hint()),
            (true, i18n::landscape_relief(), i18n::landscape_relief_hint()),
        ];
        segmented(ui, &mut looked.relief, &views, None);
    });
}

/// One network's picture, `height` high.
fn one(ui: &mut Ui, looked: &mut LandscapeUi, lane: &Surveyed, i: usize, scale: LossScale, height: f32) {
    let p = palette(ui);
    let name = lane_label(&lane.name);
    let ink = look(p, i).0;
    let trained = lane.snapshots.iter().rev().find_map(|s| Some((s.step, s.loss?)));
    let about = match (surface(lane, looked.plane), trained) {
        (Some(s), _) => {
            let losses = (0..s.points.len()).filter_map(|at| s.loss(at));
            let (low, high) = losses.fold((f64::INFINITY, 0.0_f64), |(a, b), l| (a.min(l), b.max(l)));
            let write = |v: f64| if v < 1e4 { numbers::fixed(v, 2) } else { numbers::scientific(v, 1) };
            let known = s.points.iter().flatten().count();
            let surface = i18n::landscape_about(known, s.points.len(), write(low), write(high));
            format!("{} · {surface}", i18n::landscape_after(numbers::grouped(lane.steps)))
        }
        (None, Some((step, loss))) => i18n::landscape_trains(numbers::grouped(step), numbers::loss(loss)),
        (None, None) => i18n::landscape_waits().to_owned(),
    };
    titled(
        ui,
        (&name, i18n::landscape_lane_hint()),
        ink,
        &about,
        Some(height),
        |_| (),
        |ui| {
            let Some(s) = surface(lane, looked.plane).filter(|s| s.points.iter().any(Option::is_some)) else {
                let (rect, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
                let words =
                    if lane.snapshots.is_empty() { i18n::landscape_waits() } else { i18n::landscape_soon() };
                let font = theme::regular(text::BODY);
                ui.painter().text(rect.center(), Align2::CENTER_CENTER, words, font, p.ink3);
                return;
            };
            let run = lane.run.as_ref().filter(|_| looked.plane == PlaneShown::Run);
            if looked.relief {
                relief::show(ui, looked, s, run, scale, axis_names(run), &name);
            } else {
                contour::show(ui, looked, s, run, i, scale, &name);
            }
        },
    );
}

/// What the two axes are.
fn axis_names(run: Option<&InPlane>) -> [String; 2] {
    match run {
        Some(run) => {
            [0, 1].map(|k| i18n::landscape_component(k + 1, numbers::percent(run.explained[k] as f32)))
        }
        None => [1usize, 2].map(i18n::landscape_direction),
    }
}

/// The finest grid of which every point is known: every so many points, if any.
fn complete(surface: &Surface) -> Option<usize> {
    let n = surface.grid.size;
    let strides = (0..5).map(|k| 1 << k).filter(|s| (n - 1).is_multiple_of(*s));
    let whole =
        |s: usize| (0..n).step_by(s).all(|y| (0..n).step_by(s).all(|x| surface.points[y * n + x].is_some()));
    strides.into_iter().find(|&s| whole(s))
}

/// The loss at a point, or at the nearest one of a coarser grid that is known.
fn nearest(surface: &Surface, x: usize, y: usize) -> Option<f64> {
    let n = surface.grid.size;
    (0..5).find_map(|k| {
        let s = 1usize << k;
        let round = |v: usize| (((v + s / 2) / s) * s).min((n - 1) / s * s);
        surface.loss(round(y) * n + round(x))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::landscape::{Grid, Statistics};

    fn surface(size: usize) -> Surface {
        let statistics = Statistics::Running;
        Surface::new(Grid { size, x: [-1.0, 1.0], y: [-1.0, 1.0], statistics, images: 8 }).expect("a grid")
    }

    #[test]
    fn a_coarse_surface_is_shown_until_the_fine_one_is_there() {
        let mut s = surface(9);
        assert_eq!((complete(&s), nearest(&s, 3, 3)), (None, None));
        for at in [0, 8, 72, 80] {
            s.points[at] = Some([at as f64, 0.5]);
        }
        assert_eq!(complete(&s), Some(8));
        assert_eq!((nearest(&s, 3, 3), nearest(&s, 7, 2)), (Some(0.0), Some(8.0)));
        s.points[30] = Some([2.5, 0.5]);
        assert_eq!(nearest(&s, 3, 3), Some(2.5), "a point that is known is itself");
        s.points.iter_mut().for_each(|p| *p = Some([1.0, 0.5]));
        assert_eq!(complete(&s), Some(1));
    }

    #[test]
    fn the_basin_is_what_lies_within_a_nat_of_the_least() {
        let mut s = surface(3);
        assert_eq!(basin(&s), None);
        for (at, loss) in [0.5, 1.4, 1.6, f64::MAX].into_iter().enumerate() {
            s.points[at] = Some([loss, 0.5]);
        }
        assert_eq!(basin(&s), Some(0.5));
    }
}
