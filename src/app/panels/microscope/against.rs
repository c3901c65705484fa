//! F(x) against x: two histograms on one axis, the ratio of their norms with what it means, and how the
//! signal into ⊕ is shared out. Used by the preview and by the whole microscope.

use super::super::super::history::Series;
use super::super::super::theme::{self, line, palette, radius, text};
use super::super::super::widgets::two_tone;
use super::super::super::{i18n, numbers};
use super::chain;
use crate::session::{CloseUp, Role, Stage};
use eframe::egui::{
    Align, Align2, CornerRadius, Layout, Pos2, Rect, Response, RichText, Role as Access, Sense, Shape, Ui,
    WidgetInfo, pos2, vec2,
};

/// Room under a histogram for its ticks.
const TICKS: f32 = 20.0;
/// A bar that is higher than this many times the next lower one is cut, or nothing else is seen.
const CUT: f32 = 1.5;

/// What enters ⊕ beside F(x); `None` in a plain block.
pub fn skip_stage(close: &CloseUp) -> Option<&Stage> {
    chain::stage(close, Role::Shortcut)
}

/// What it is called: `x`, `α·x`, or `shortcut(x)`.
pub fn skip_name(close: &CloseUp) -> &'static str {
    if !chain::upper(close).is_empty() {
        "shortcut(x)"
    } else if close.alpha == 1.0 {
        "x"
    } else {
        "α·x"
    }
}

/// ‖F(x)‖ ÷ ‖x‖ in words: a sentence that its number carries.
pub fn verdict(ratio: Option<f32>) -> &'static str {
    match ratio {
        None => i18n::scope_verdict_plain(),
        Some(r) if !r.is_finite() => i18n::scope_verdict_broken(),
        Some(r) if r < 0.1 => i18n::scope_verdict_little(),
        Some(r) if r < 1.0 => i18n::scope_verdict_edits(),
        Some(_) => i18n::scope_verdict_writes(),
    }
}

/// Height and place of a histogram's bars: density over its values.
struct Bars {
    range: f32,
    density: Vec<f32>,
}

impl Bars {
    fn of(stage: &Stage) -> Self {
        let total = stage.histogram.iter().map(|n| *n as f32).sum::<f32>().max(1.0);
        let width = 2.0 * stage.range / stage.histogram.len().max(1) as f32;
        let density =
            stage.histogram.iter().map(|n| *n as f32 / total / width.max(f32::MIN_POSITIVE)).collect();
        Self { range: stage.range, density }
    }

    /// The highest bar, not counting one that towers over all others.
    fn top(&self) -> f32 {
        let mut sorted = self.density.clone();
        sorted.sort_by(f32::total_cmp);
        let [.., second, first] = sorted.as_slice() else { return 0.0 };
        first.min(second * CUT)
    }
}

/// Histogram of F(x) as an outline over that of the skip as bars, in a picture of `height`.
pub fn histogram(ui: &mut Ui, close: &CloseUp, width: f32, height: f32) -> Response {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Access::Image, true, i18n::scope_histogram()));
    let branch = chain::branch(close).map(Bars::of);
    let skip = skip_stage(close).map(Bars::of);
    let both = || branch.iter().chain(&skip);
    let range = both().map(|b| b.range).filter(|r| r.is_finite()).fold(0.0, f32::max);
    let top = both().map(Bars::top).fold(0.0, f32::max) * 1.04;
    let plot = rect.with_max_y(rect.bottom() - TICKS);
    let painter = ui.painter();
    painter.hline(plot.x_range(), plot.bottom() + 0.5, p.stroke(line::HAIR, p.line2));
    if range > 0.0 && top > 0.0 {
        let x = |v: f32| plot.left() + (v / range + 1.0) / 2.0 * plot.width();
        let y = |d: f32| plot.bottom() - (d / top).min(1.0) * plot.height();
        for (bars, outline) in [(&skip, false), (&branch, true)] {
            let Some(bars) = bars else { continue };
            let n = bars.density.len() as f32;
            let edge = |i: usize| x((i as f32 / n * 2.0 - 1.0) * bars.range);
            if outline {
                let mut points = vec![pos2(edge(0), plot.bottom())];
                for (i, d) in bars.density.iter().enumerate() {
                    points.extend([pos2(edge(i), y(*d)), pos2(edge(i + 1), y(*d))]);
                }
                points.push(pos2(edge(bars.density.len()), plot.bottom()));
                painter.add(Shape::line(points, p.stroke(line::CURVE, p.f_branch)));
            } else {
                for (i, d) in bars.density.iter().enumerate().filter(|(_, d)| **d > 0.0) {
                    let bar = Rect::from_x_y_ranges(edge(i)..=edge(i + 1) - 1.0, y(*d)..=plot.bottom());
                    painter.rect_filled(bar, 0.0, p.skip_fill.gamma_multiply(0.85));
                    if *d > top {
                        // Cut off: a gap near its top says that it goes on.
                        let gap = bar.top() + 6.0;
                        painter.rect_filled(bar.with_min_y(gap).with_max_y(gap + 3.0), 0.0, p.panel);
                    }
                }
            }
        }
    }
    let ends = [
        (plot.left(), Align2::LEFT_BOTTOM, numbers::axis_value(-f64::from(range)).replace('-', "−")),
        (plot.center().x, Align2::CENTER_BOTTOM, "0".to_owned()),
        (plot.right(), Align2::RIGHT_BOTTOM, numbers::axis_value(range.into())),
    ];
    for (x, align, tick) in ends.into_iter().filter(|_| range > 0.0) {
        painter.text(pos2(x, rect.bottom()), align, tick, theme::regular(text::CAPTION), p.ink3);
    }
    response.on_hover_text(i18n::scope_histogram_hint())
}

/// The ratio as a large number, its name and what it means, `width` wide.
pub fn ratio(ui: &mut Ui, close: &CloseUp, width: f32) -> Response {
    let p = palette(ui);
    let value = close.ratio.map_or(numbers::UNKNOWN.into(), numbers::ratio);
    let painter = ui.painter();
    let large = painter.layout_no_wrap(value.clone(), theme::semibold(text::HEADLINE), p.ink);
    let name = painter.layout_no_wrap(i18n::scope_ratio_name().into(), theme::regular(text::BODY), p.ink2);
    let left = (large.size().x + 16.0).max(76.0);
    let says =
        painter.layout(verdict(close.ratio).into(), theme::regular(text::CAPTION), p.ink3, width - left);
    let high = (name.size().y + says.size().y + 2.0).max(large.size().y);
    let (rect, response) = ui.allocate_exact_size(vec2(width, high), Sense::hover());
    response.widget_info(|| {
        let words = format!("{} {value}: {}", i18n::scope_ratio_name(), verdict(close.ratio));
        WidgetInfo::labeled(Access::Label, true, words)
    });
    let painter = ui.painter();
    painter.galley(pos2(rect.left(), rect.top() - 2.0), large, p.ink);
    let below = pos2(rect.left() + left, rect.top() + name.size().y + 2.0);
    painter.galley(pos2(rect.left() + left, rect.top()), name, p.ink2);
    painter.galley(below, says, p.ink3);
    response.on_hover_text(i18n::scope_ratio_hint())
}

/// How a value went since the run began: a line from the first step to now with a dot at its end.
pub fn sparkline(
    ui: &mut Ui,
    series: &Series,
    width: f32,
    height: f32,
    range: Option<(f32, f32)>,
    left: &str,
) -> Response {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height + TICKS), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Access::Image, true, left));
    let plot = rect.with_max_y(rect.bottom() - TICKS).with_max_x(rect.right() - 4.0);
    let painter = ui.painter();
    painter.hline(rect.x_range(), plot.bottom() + 2.5, p.stroke(line::HAIR, p.line));
    let buckets = series.buckets();
    if let (Some(first), Some(last)) = (buckets.first(), buckets.last()) {
        let (low, high) = range.or(series.range()).unwrap_or((0.0, 1.0));
        let span = (last.last_step - first.first_step).max(1) as f32;
        let at = |step: u64, v: f32| -> Pos2 {
            let t = if high > low { (v - low) / (high - low) } else { 0.5 };
            pos2(
                plot.left() + (step - first.first_step) as f32 / span * plot.width(),
                plot.bottom() - t.clamp(0.0, 1.0) * plot.height(),
            )
        };
        let stride = (buckets.len() / plot.width().max(1.0) as usize).max(1);
        let points: Vec<Pos2> =
            buckets.iter().step_by(stride).chain([last]).map(|b| at(b.last_step, b.smooth)).collect();
        let end = points.last().copied();
        painter.add(Shape::line(points, p.stroke(line::ICON, p.ink2)));
        if let Some(end) = end {
            painter.circle_filled(end, 4.0, p.ink);
        }
    }
    let small = theme::regular(text::CAPTION);
    painter.text(rect.left_bottom(), Align2::LEFT_BOTTOM, left, small.clone(), p.ink3);
    painter.text(rect.right_bottom(), Align2::RIGHT_BOTTOM, i18n::scope_now(), small, p.ink3);
    response
}

/// What comes into ⊕ from either side as two bars end to end, by rms.
pub fn signal(ui: &mut Ui, close: &CloseUp, width: f32) -> Response {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 44.0), Sense::hover());
    let small = theme::regular(text::CAPTION);
    ui.painter().text(rect.left_top(), Align2::LEFT_TOP, i18n::scope_signal(), small.clone(), p.ink3);
    let (Some(skip), Some(branch)) = (skip_stage(close), chain::branch(close)) else {
        ui.painter().text(rect.left_bottom(), Align2::LEFT_BOTTOM, i18n::scope_signal_plain(), small, p.ink2);
        return response;
    };
    let (s, f) = (skip.moments.rms(), branch.moments.rms());
    response.widget_info(|| {
        let words = format!("{}: skip {}, F {}", i18n::scope_signal(), numbers::ratio(s), numbers::ratio(f));
        WidgetInfo::labeled(Access::Image, true, words)
    });
    let bar = rect.with_min_y(rect.bottom() - 24.0);
    let share = if s + f > 0.0 && (s + f).is_finite() { s / (s + f) } else { 0.5 };
    let middle = bar.left() + share * bar.width();
    let corner = CornerRadius::same(radius::CARD);
    let (left, right) = (bar.with_max_x(middle - 1.0), bar.with_min_x(middle + 1.0));
    for (part, colour, words, end) in [
        (left, p.skip_fill, i18n::scope_signal_skip(numbers::ratio(s)), Align2::LEFT_CENTER),
        (right, p.f_branch, format!("F {}", numbers::ratio(f)), Align2::RIGHT_CENTER),
    ] {
        if part.width() <= 0.0 {
            continue;
        }
        let painter = ui.painter();
        painter.rect_filled(part, corner, colour);
        let words = painter.layout_no_wrap(words, theme::semibold(text::CAPTION), theme::ink_on(colour));
        if words.size().x + 12.0 <= part.width() {
            let at = end.align_size_within_rect(words.size(), part.shrink2(vec2(6.0, 0.0))).min;
            painter.galley(at, words, colour);
        }
    }
    response.on_hover_text(i18n::scope_signal_hint())
}

/// `F(x) against x`, in the colours of both, and what it is measured on.
pub fn title(ui: &mut Ui, close: &CloseUp) {
    let p = palette(ui);
    let bold = theme::semibold(text::TITLE);
    let mut parts = vec![("F(x)", bold.clone(), p.f_branch)];
    if skip_stage(close).is_some() {
        parts.push((i18n::scope_against(), theme::regular(text::TITLE), p.ink2));
        parts.push((skip_name(close), bold, p.skip));
    }
    ui.horizontal(|ui| {
        ui.label(two_tone(&parts));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(
                RichText::new(i18n::scope_one_image()).font(theme::regular(text::CAPTION)).color(p.ink3),
            );
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_depends_on_the_number() {
        let all = [None, Some(f32::NAN), Some(0.02), Some(0.51), Some(1.0), Some(7.0)].map(verdict);
        assert_eq!(all[4], all[5]);
        assert!(all[3].contains("edits") && all[4].contains("more than it keeps"));
        let distinct: std::collections::BTreeSet<_> = all[..5].iter().collect();
        assert_eq!(distinct.len(), 5);
    }

    #[test]
    fn a_tower_of_zeros_does_not_flatten_the_rest() {
        let stage = Stage {
            role: Role::Input,
            layer: String::new(),
            shape: [4, 4, 4],
            mosaic: Default::default(),
            moments: Default::default(),
            histogram: vec![1, 2, 100, 4],
            range: 2.0,
        };
        let bars = Bars::of(&stage);
        assert!((bars.top() - CUT * bars.density[3]).abs() < 1e-6);
        assert!(bars.density[2] > bars.top());
    }
}
