//! A residual network as a collection of paths: how many there are of each length and how much gradient comes back
//! through them, each path by itself where they are few, and one logit taken apart.

mod form;
mod logit;
mod ways;

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::theme::{self, line, palette, space, text};
use super::super::charts::{Scale, look};
pub use form::{PathsForm, setup};

use super::plot::{Axes, Ticks, bar, beside, decade, note, titled, whole};
use super::{Piece, is_narrow};
use crate::lab::paths::{LISTED, Length, Outcome};
use crate::session::Snapshot;
use eframe::egui::{RichText, Ui, vec2};

/// Part of the gradient that the headline's lengths carry.
const MOST: f64 = 0.9;
/// Least height of a plot with its title.
const PLOT: f32 = 232.0;

/// The shortest run of lengths that carries at least [`MOST`] of the gradient; its first, its last, and the share of
/// all paths that have such a length.
fn carrying(lengths: &[Length]) -> Option<(usize, usize, f64)> {
    let n = lengths.len();
    let mut best: Option<(usize, usize)> = None;
    for from in 0..n {
        let mut sum = 0.0;
        for to in from..n {
            sum += lengths[to].share;
            if sum >= MOST {
                if best.is_none_or(|(a, b)| to - from < b - a) {
                    best = Some((from, to));
                }
                break;
            }
        }
    }
    let (from, to) = best?;
    let paths = lengths[from..=to].iter().map(|l| l.paths).sum();
    Some((lengths[from].branches, lengths[to].branches, paths))
}

/// What came out, as a sentence.
pub fn headline(ui: &Ui, found: &Outcome) -> Vec<Piece> {
    let p = palette(ui);
    let Some((from, to, paths)) = carrying(&found.lengths) else { return Vec::new() };
    let count = 2f64.powi(found.blocks as i32);
    let count = if found.blocks < 20 {
        numbers::grouped(count as u64)
    } else {
        format!("2{}", numbers::superscript(found.blocks as i32))
    };
    let lengths = if from == to { from.to_string() } else { i18n::paths_range(from, to) };
    vec![
        Piece(i18n::paths_of(count), None),
        Piece(i18n::paths_lengths(lengths), Some(p.grad)),
        Piece(i18n::paths_carry(numbers::percent(paths as f32)), None),
    ]
}

/// All that was found, `height` high where there is room beside each other.
pub fn panel(ui: &mut Ui, snapshot: &Snapshot, found: &Outcome, height: f32) {
    let narrow = is_narrow(ui);
    let classes = snapshot.data.as_ref().map_or(&[][..], |d| d.classes.as_slice());
    ui.spacing_mut().item_spacing = vec2(space::L, space::L);
    let top = ui.cursor().top();
    note(ui, i18n::paths_note());
    let left = |ui: &mut Ui, high: f32| {
        if found.blocks <= LISTED && !found.ways.is_empty() {
            ways::panel(ui, found, high);
        } else {
            lengths(ui, found, high);
        }
    };
    if narrow {
        left(ui, PLOT + 40.0);
        one_path(ui, found, PLOT + 40.0);
        logit::panel(ui, found.shares.as_ref(), classes, PLOT + 90.0);
        return;
    }
    let left_over = height - (ui.cursor().top() - top);
    let high = ((left_over - space::L) / 2.0).max(PLOT);
    beside(ui, 2, high, |ui, i| if i == 0 { left(ui, high) } else { one_path(ui, found, high) });
    logit::panel(ui, found.shares.as_ref(), classes, high);
}

fn ends(found: &Outcome) -> (f64, f64) {
    (-0.6, found.blocks as f64 + 0.6)
}

/// How many paths have each length, and how much of the gradient.
fn lengths(ui: &mut Ui, found: &Outcome, height: f32) {
    let p = palette(ui);
    let title = (i18n::paths_lengths_title(), i18n::paths_lengths_hint());
    titled(
        ui,
        title,
        p.ink,
        i18n::paths_lengths_about(),
        Some(height),
        |_| (),
        |ui| {
            let most = found.lengths.iter().map(|l| l.paths.max(l.share)).fold(0.1, f64::max);
            let ticks = Ticks {
                x: whole,
                y: |v| format!("{}\u{2009}%", numbers::axis_value(100.0 * v)),
                across: i18n::paths_branches(),
                whole: true,
            };
            let (size, y) = (ui.available_size(), (0.0, most * 1.1));
            let (axes, response) =
                Axes::show(ui, size, ends(found), y, Scale::Linear, &ticks, i18n::paths_lengths_title());
            let half = (axes.across(1.0) - axes.across(0.0)) * 0.4;
            for l in &found.lengths {
                let at = axes.at(l.branches as f64, l.paths);
                let area = axes.rect.with_min_x(at.x - half).with_max_x(at.x + half).with_min_y(at.y);
                bar(ui, area, p.ink2, false);
            }
            let share = |l: &Length| Some((l.branches as f64, l.share));
            axes.curve(ui, found.lengths.iter().map(share), p.grad);
            for l in &found.lengths {
                let at = axes.at(l.branches as f64, l.share);
                look(p, 0).1.draw(ui.painter(), at, 3.5, p.grad, p.stroke(line::HAIR, p.panel));
            }
            tell(response, &axes, found);
        },
    );
}

/// The gradient through a single path of each length, as the mean over samples with its standard error.
fn one_path(ui: &mut Ui, found: &Outcome, height: f32) {
    let p = palette(ui);
    let title = (i18n::paths_gradient(), i18n::paths_gradient_hint());
    titled(
        ui,
        title,
        p.grad,
        i18n::paths_gradient_about(),
        Some(height),
        |_| (),
        |ui| {
            let norms = found.lengths.iter().map(|l| l.gradient).filter(|v| *v > 0.0);
            let (least, most) =
                norms.fold((f64::INFINITY, 0.0), |(a, b): (f64, f64), v| (a.min(v), b.max(v)));
            let y = if most > 0.0 {
                let low = least.log10().floor();
                (low, most.log10().ceil().max(low + 1.0))
            } else {
                (-3.0, 0.0)
            };
            let ticks = Ticks { x: whole, y: decade, across: i18n::paths_branches(), whole: true };
            let size = ui.available_size();
            let (axes, response) =
                Axes::show(ui, size, ends(found), y, Scale::Log, &ticks, i18n::paths_gradient());
            let point = |l: &Length| (l.gradient > 0.0).then_some((l.branches as f64, l.gradient));
            axes.curve(ui, found.lengths.iter().map(point), p.grad);
            for l in found.lengths.iter().filter(|l| l.gradient > 0.0) {
                let x = l.branches as f64;
                if let Some(error) = l.error {
                    axes.error(ui, x, l.gradient, error, p.grad);
                }
                look(p, 0).1.draw(
                    ui.painter(),
                    axes.at(x, l.gradient),
                    3.5,
                    p.grad,
                    p.stroke(line::HAIR, p.panel),
                );
            }
            tell(response, &axes, found);
        },
    );
}

/// The length under the pointer in numbers.
fn tell(response: eframe::egui::Response, axes: &Axes, found: &Outcome) {
    let Some(at) = response.hover_pos().filter(|at| axes.rect.x_range().contains(at.x)) else { return };
    let far = |l: &&Length| (axes.across(l.branches as f64) - at.x).abs();
    let Some(l) = found.lengths.iter().min_by(|a, b| far(a).total_cmp(&far(b))) else { return };
    response.on_hover_ui_at_pointer(|ui| {
        let p = palette(ui);
        let error = l.error.map_or_else(String::new, |e| format!(" ± {}", numbers::norm(e as f32)));
        let small = |words: String, ink| RichText::new(words).font(theme::regular(text::CAPTION)).color(ink);
        ui.label(
            RichText::new(i18n::paths_through(l.branches)).font(theme::semibold(text::BODY)).color(p.ink),
        );
        ui.label(small(i18n::paths_share_of(share(l.paths)), p.ink2));
        ui.label(small(
            i18n::paths_one(format!("{}{error}", numbers::norm(l.gradient as f32)), l.samples),
            p.grad,
        ));
        ui.label(small(i18n::paths_together(share(l.share)), p.grad));
    });
}

/// A share that may be very small.
fn share(v: f64) -> String {
    if v >= 0.001 || v == 0.0 {
        numbers::percent(v as f32)
    } else {
        format!("{}\u{2009}%", numbers::scientific(100.0 * v, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_lengths_that_carry_the_gradient_are_named() {
        let length = |(branches, share): (usize, f64)| Length {
            branches,
            paths: 0.25,
            samples: 1,
            gradient: 1.0,
            error: None,
            share,
        };
        let of =
            |shares: &[f64]| carrying(&shares.iter().copied().enumerate().map(length).collect::<Vec<_>>());
        assert_eq!(of(&[0.05, 0.5, 0.42, 0.03]), Some((1, 2, 0.5)));
        assert_eq!(of(&[0.95, 0.05]), Some((0, 0, 0.25)));
        assert_eq!(of(&[]), None);
    }
}
