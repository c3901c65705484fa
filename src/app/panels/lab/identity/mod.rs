//! "Identity is easy": how much blocks change their input while they learn to change it hardly at all, with and without
//! skip and batch norm, and after how many steps they can.

mod form;
mod table;

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::theme::{self, Palette, palette, size, space, text};
use super::super::super::widgets::segmented;
use super::super::charts::{Mark, Scale};
use super::super::network::fitted;
pub use form::{IdentityForm, setup};

use super::plot::{Axes, Ticks, beside, kind, names, titled, whole};
use super::{Piece, is_narrow};
use crate::lab::identity::{Lane, Outcome, Run, Step};
use eframe::egui::{Color32, Ui, vec2};

/// Least height of a plot with its title.
const PLOT: f32 = 240.0;
/// Steps that a curve's points are means over: single batches are noise.
const MEAN: usize = 10;

/// What is looked at of it.
#[derive(Debug, Default)]
pub struct IdentityUi {
    /// The learning rate that is shown; `None`: for each lane the one that gets furthest.
    rate: Option<f32>,
}

/// One kind of network at the learning rate that is shown.
struct Shown<'a> {
    lane: Lane,
    colour: Color32,
    mark: Mark,
    /// One a seed.
    runs: Vec<&'a Run>,
}

/// What a lane is called.
fn name(p: &Palette, lane: &Lane) -> String {
    let (name, ..) = kind(p, lane.skip, lane.batch_norm);
    if lane.zero_gamma { format!("{name}, γ₀ = 0") } else { name }
}

fn look(p: &Palette, lane: &Lane) -> (Color32, Mark) {
    let (_, colour, mark) = kind(p, lane.skip, lane.batch_norm);
    (if lane.zero_gamma { p.ink } else { colour }, mark)
}

fn is_same(a: &Lane, b: &Lane) -> bool {
    (a.skip, a.batch_norm, a.zero_gamma) == (b.skip, b.batch_norm, b.zero_gamma)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (n, sum) = values.fold((0.0, 0.0), |(n, s), v| (n + 1.0, s + v));
    sum / n
}

/// Learning rates in the order in which they were run first.
fn rates(found: &Outcome) -> Vec<f32> {
    let mut all = Vec::new();
    for run in &found.runs {
        if !all.contains(&run.lane.lr) {
            all.push(run.lane.lr);
        }
    }
    all
}

/// Each kind of network that was run, at `rate` or where it gets furthest.
fn shown<'a>(p: &Palette, found: &'a Outcome, rate: Option<f32>) -> Vec<Shown<'a>> {
    let mut out: Vec<Shown<'a>> = Vec::new();
    for run in &found.runs {
        if out.iter().any(|s| is_same(&s.lane, &run.lane)) {
            continue;
        }
        let at = |lr: f32| -> Vec<&'a Run> {
            found.runs.iter().filter(|r| is_same(&r.lane, &run.lane) && r.lane.lr == lr).collect()
        };
        let of = |g: &Vec<&Run>| mean(g.iter().map(|r| r.last_loss()));
        let runs = match rate {
            Some(rate) => at(rate),
            None => {
                let all = rates(found).into_iter().map(at).filter(|g| !g.is_empty());
                all.min_by(|a, b| of(a).total_cmp(&of(b))).unwrap_or_default()
            }
        };
        let Some(first) = runs.first() else { continue };
        let (colour, mark) = look(p, &run.lane);
        out.push(Shown { lane: first.lane, colour, mark, runs });
    }
    out
}

/// A number of steps, or that it never got there.
fn steps(values: &[Option<u64>]) -> String {
    let there: Vec<u64> = values.iter().flatten().copied().collect();
    match (there.iter().min(), there.iter().max()) {
        (Some(a), Some(b)) => {
            let range = if a == b {
                numbers::grouped(*a)
            } else {
                i18n::identity_range(numbers::grouped(*a), numbers::grouped(*b))
            };
            let never = values.len() - there.len();
            if never == 0 { range } else { i18n::identity_some_never(range, never, values.len()) }
        }
        _ => i18n::identity_never().to_owned(),
    }
}

/// What came out, as a sentence: after how many steps each is as good as the exact identity.
pub fn headline(ui: &Ui, looked: &IdentityUi, found: &Outcome, under_way: bool) -> Vec<Piece> {
    let p = palette(ui);
    let lanes = shown(p, found, looked.rate);
    if lanes.is_empty() {
        return Vec::new();
    }
    let mut pieces = vec![Piece(i18n::identity_after().to_owned(), None)];
    for (i, lane) in lanes.iter().enumerate() {
        if i > 0 {
            pieces.push(Piece(i18n::race_comma().to_owned(), None));
        }
        let there: Vec<Option<u64>> = lane.runs.iter().map(|r| r.to_identity).collect();
        // A run that can still get there is not done.
        let waits = under_way && there.iter().all(Option::is_none);
        let when = if waits { i18n::identity_not_yet().to_owned() } else { steps(&there) };
        pieces.push(Piece(format!("{}: {when}", name(p, &lane.lane)), Some(lane.colour)));
    }
    pieces
}

/// All that was found, `height` high where there is room beside each other.
pub fn panel(ui: &mut Ui, looked: &mut IdentityUi, found: &Outcome, height: f32) {
    let narrow = is_narrow(ui);
    ui.spacing_mut().item_spacing = vec2(space::L, space::S);
    rate(ui, looked, found);
    let lanes = shown(palette(ui), found, looked.rate);
    if narrow {
        (0..3).for_each(|which| plot(ui, which, found, &lanes, PLOT));
        return table::panel(ui, found, &lanes);
    }
    let high = (height - size::CONTROL - table::height(lanes.len()) - 2.0 * space::L).max(PLOT);
    beside(ui, 3, high, |ui, which| plot(ui, which, found, &lanes, high));
    ui.add_space(space::S);
    table::panel(ui, found, &lanes);
}

/// The learning rate that is shown: one for all, or the best of each.
fn rate(ui: &mut Ui, looked: &mut IdentityUi, found: &Outcome) {
    let rates = rates(found);
    if rates.len() < 2 {
        looked.rate = None;
        return;
    }
    let written: Vec<String> = rates.iter().map(|r| numbers::hyper(f64::from(*r))).collect();
    let mut choices = vec![(None, i18n::identity_best(), i18n::identity_best_hint())];
    choices
        .extend(rates.iter().zip(&written).map(|(r, w)| (Some(*r), w.as_str(), i18n::identity_rate_hint())));
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(i18n::learning_rate());
        segmented(ui, &mut looked.rate, &choices, None);
    });
}

/// What one of the three plots shows of a step.
fn value(which: usize, step: &Step) -> Option<f64> {
    match which {
        0 => Some(mean(step.branch.iter().map(|b| f64::from(*b)))),
        1 => Some(f64::from(step.loss)),
        _ => step.gamma.map(f64::from),
    }
}

/// Means over a few steps, of all runs together, with the step in their middle.
fn curve(which: usize, runs: &[&Run]) -> Vec<(f64, f64)> {
    let most = runs.iter().map(|r| r.steps.len()).max().unwrap_or(0);
    let point = |from: usize| {
        let to = (from + MEAN).min(most);
        let there = runs.iter().flat_map(|r| r.steps.get(from..to.min(r.steps.len())).unwrap_or_default());
        let values: Vec<f64> = there.filter_map(|s| value(which, s)).filter(|v| v.is_finite()).collect();
        (!values.is_empty()).then(|| ((from + to) as f64 / 2.0, mean(values.into_iter())))
    };
    // The first step by itself: that is where all begin.
    let first: Vec<f64> = runs.iter().filter_map(|r| value(which, r.steps.first()?)).collect();
    let begin = (!first.is_empty()).then(|| (0.0, mean(first.into_iter())));
    begin.into_iter().chain((0..most).step_by(MEAN).filter_map(point)).collect()
}

/// ‖F(x)‖/‖x‖, the loss, or γ over the steps.
fn plot(ui: &mut Ui, which: usize, found: &Outcome, lanes: &[Shown<'_>], height: f32) {
    let p = palette(ui);
    let (title, hint, about, ink) = [
        (i18n::identity_ratio(), i18n::identity_ratio_hint(), i18n::identity_ratio_about(), p.f_branch),
        (i18n::identity_loss(), i18n::identity_loss_hint(), i18n::identity_loss_about(), p.ink),
        (i18n::identity_gamma(), i18n::identity_gamma_hint(), i18n::identity_gamma_about(), p.ink),
    ][which];
    titled(
        ui,
        (title, hint),
        ink,
        about,
        Some(height),
        |_| (),
        |ui| {
            let curves: Vec<_> = lanes.iter().map(|l| (l, curve(which, &l.runs))).collect();
            let values = || curves.iter().flat_map(|(_, c)| c).map(|p| p.1);
            let scale = if which == 2 { Scale::Linear } else { Scale::Log };
            let positive = || values().filter(|v| *v > 0.0);
            let (least, most) = (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
            let y = match (which, least.is_finite()) {
                (2, true) => (0.0, most * 1.1),
                (1, true) => {
                    let low = least.min(found.identity_loss / 2.0);
                    scale.around(low as f32, most as f32)
                }
                (_, true) => scale.around(least as f32, most as f32),
                (2, false) => (0.0, 1.0),
                _ => (-3.0, 0.0),
            };
            let end = lanes.iter().flat_map(|l| &l.runs).map(|r| r.steps.len()).max().unwrap_or(0).max(50);
            let tick = if which == 2 { numbers::axis_value } else { |v: f64| numbers::hyper(v) };
            let ticks = Ticks { x: whole, y: tick, across: i18n::along_step(), whole: true };
            // As much as the longest name takes.
            let drawn = curves.iter().filter(|(_, c)| !c.is_empty());
            let wide = |(lane, _): &(&Shown<'_>, _)| {
                let font = theme::semibold(text::CAPTION);
                fitted(ui, name(p, &lane.lane), font, lane.colour, f32::INFINITY).size().x
            };
            let longest = drawn.map(wide).fold(0.0, f32::max);
            let room = if longest > 0.0 { longest + space::M } else { 0.0 };
            let size = vec2(ui.available_width() - room, ui.available_height());
            let span = (0.0, end as f64);
            let (axes, response) = ui
                .horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = 0.0;
                    let shown = Axes::show(ui, size, span, y, scale, &ticks, title);
                    ui.allocate_exact_size(vec2(room, size.y), eframe::egui::Sense::hover());
                    shown
                })
                .inner;
            let mut ends = Vec::new();
            for (lane, curve) in &curves {
                axes.curve(ui, curve.iter().map(|&point| Some(point)), lane.colour);
                let Some(&(x, v)) = curve.last() else { continue };
                let at = axes.at(x, v);
                lane.mark.draw(ui.painter(), at, 4.0, lane.colour, p.stroke(1.0, p.panel));
                ends.push((at.y, name(p, &lane.lane), lane.colour));
            }
            if which == 1 {
                axes.level(ui, found.identity_loss, i18n::identity_level());
                axes.level(ui, found.identity_loss / 2.0, i18n::identity_half());
            }
            names(ui, axes.rect.right() + space::M, room, axes.rect.y_range(), ends);
            tell(response, &axes, &curves);
        },
    );
}

/// Values under the pointer.
fn tell(response: eframe::egui::Response, axes: &Axes, curves: &[(&Shown<'_>, Vec<(f64, f64)>)]) {
    use super::super::super::theme::regular;
    use eframe::egui::RichText;
    let Some(at) = response.hover_pos().filter(|at| axes.rect.x_range().contains(at.x)) else { return };
    response.on_hover_ui_at_pointer(|ui| {
        for (lane, curve) in curves {
            let far = |p: &&(f64, f64)| (axes.across(p.0) - at.x).abs();
            let Some((x, v)) = curve.iter().min_by(|a, b| far(a).total_cmp(&far(b))) else { continue };
            let words = i18n::identity_at(
                name(palette(ui), &lane.lane),
                numbers::grouped(*x as u64),
                numbers::norm(*v as f32),
            );
            ui.label(RichText::new(words).font(regular(text::CAPTION)).color(lane.colour));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::super::super::theme::DARK;
    use super::*;

    fn run(skip: bool, lr: f32, seed: u64, loss: f32) -> Run {
        let lane = Lane { skip, batch_norm: false, zero_gamma: false, lr, seed };
        let step = Step { loss, branch: vec![loss, 3.0 * loss], gamma: None };
        let to_identity = (loss < 0.01).then_some(12);
        Run { lane, to_identity, to_residual: None, diverged: None, steps: vec![step; 25] }
    }

    #[test]
    fn each_lane_is_shown_where_it_gets_furthest_or_at_one_rate_for_all() {
        let runs = vec![run(false, 0.1, 1, 0.5), run(false, 0.5, 1, 0.3), run(true, 0.1, 1, 0.001)];
        let found = Outcome { runs, ..Outcome::default() };
        let lanes = shown(&DARK, &found, None);
        assert_eq!(lanes.iter().map(|l| l.lane.lr).collect::<Vec<_>>(), [0.5, 0.1]);
        assert_eq!(shown(&DARK, &found, Some(0.5)).len(), 1, "the other has no such run yet");
        let curve = curve(0, &lanes[0].runs);
        assert_eq!(curve.iter().map(|p| p.0).collect::<Vec<_>>(), [0.0, 5.0, 15.0, 22.5]);
        assert!(curve.iter().all(|p| (p.1 - 0.6).abs() < 1e-6), "{curve:?}");
    }

    #[test]
    fn steps_say_how_many_seeds_never_got_there() {
        assert_eq!(steps(&[Some(1200), Some(1200)]), "1,200");
        assert_eq!(steps(&[Some(3), None]), i18n::identity_some_never("3", 1usize, 2usize));
        assert_eq!(steps(&[None]), i18n::identity_never());
    }
}
