//! What part of a chart is shown: a box that was drawn, or what the wheel came to. A chart that is zoomed
//! stands still; one that is not follows its run.

use super::super::super::theme::{line, palette, size};
use super::scale::Scale;
use eframe::egui::{PointerButton, Pos2, Rect, Response, StrokeKind, Ui, Vec2, pos2};
use egui_plot::PlotTransform;

/// Left and right, or low and high, on an axis.
pub type Span = (f64, f64);

/// A box must be so large, in points, before it is more than a click.
const LEAST_BOX: f32 = 6.0;
/// A box flatter than this chooses along the horizontal axis alone.
const FLAT: f32 = 14.0;
/// Share of the whole vertical axis that is shown at least.
const LEAST_UP: f64 = 0.02;

/// What is shown of the charts. The horizontal axis is the same for all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Zoom {
    across: Option<Span>,
    up: Vec<(&'static str, Scale, Span)>,
}

/// One chart's axes as a whole, and the least that may be shown of the horizontal one.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    pub across: Span,
    pub up: Span,
    pub least: f64,
    pub scale: Scale,
}

impl Whole {
    fn least_up(&self) -> f64 {
        (self.up.1 - self.up.0) * LEAST_UP
    }
}

/// Part of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    pub across: Span,
    pub up: Span,
}

impl Zoom {
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// All of every chart again.
    pub fn fit(&mut self) {
        *self = Self::default();
    }

    /// What is shown of the chart `id`.
    pub fn part(&self, id: &str, whole: &Whole) -> Part {
        let up = self.up.iter().find(|u| u.0 == id && u.1 == whole.scale).map(|u| u.2);
        Part {
            across: self.across.and_then(|s| bounded(s, whole.across, whole.least)).unwrap_or(whole.across),
            up: up.and_then(|s| bounded(s, whole.up, whole.least_up())).unwrap_or(whole.up),
        }
    }

    /// Shows `part` of the chart `id`; whatever is all of an axis follows the run again.
    fn show(&mut self, id: &'static str, whole: &Whole, part: Part) {
        self.across = bounded(part.across, whole.across, whole.least);
        self.up.retain(|u| u.0 != id);
        self.up.extend(bounded(part.up, whole.up, whole.least_up()).map(|up| (id, whole.scale, up)));
    }
}

/// `span` within `whole` and no shorter than `least`; `None` if that is all of it, or nothing.
fn bounded(span: Span, whole: Span, least: f64) -> Option<Span> {
    let (all, least) = (whole.1 - whole.0, least.max(f64::MIN_POSITIVE));
    if ![span.0, span.1, whole.0, whole.1, all].iter().all(|v| v.is_finite()) {
        return None;
    }
    let (low, high) = (span.0.min(span.1), span.0.max(span.1));
    let length = (high - low).max(least);
    // Within rounding of the whole axis it is the whole axis.
    if length >= all * 0.999 {
        return None;
    }
    let low = ((low + high - length) / 2.0).clamp(whole.0, whole.1 - length);
    Some((low, low + length))
}

/// `span` made `factor` times as short around `at`, but no shorter than `least`.
fn around(span: Span, at: f64, factor: f64, least: f64) -> Span {
    let factor = factor.min(((span.1 - span.0) / least.max(f64::MIN_POSITIVE)).max(1.0));
    (at - (at - span.0) / factor, at + (span.1 - at) / factor)
}

/// Whether the window is one column, which a finger scrolls: a box would take its strokes away.
pub fn is_narrow(ui: &Ui) -> bool {
    ui.ctx().content_rect().width() < size::ONE_COLUMN
}

/// Draws the box that is being drawn, and takes in what it, the wheel and two fingers ask for.
pub fn interact(
    ui: &Ui,
    response: &Response,
    transform: &PlotTransform,
    id: &'static str,
    whole: &Whole,
    zoom: &mut Zoom,
) {
    let part = zoom.part(id, whole);
    let frame = *transform.frame();
    let value = |p: Pos2| {
        let v = transform.value_from_position(p);
        (v.x, v.y)
    };
    if response.double_clicked() {
        zoom.fit();
        return;
    }
    if let Some(drawn) = drawn(ui, response, frame) {
        let (from, to) = (value(drawn.left_bottom()), value(drawn.right_top()));
        let chosen = if drawn.height() < FLAT {
            Part { across: (from.0, to.0), up: part.up }
        } else {
            Part { across: (from.0, to.0), up: (from.1, to.1) }
        };
        if response.drag_stopped_by(PointerButton::Primary) {
            zoom.show(id, whole, chosen);
        } else {
            let p = palette(ui);
            let shown = if drawn.height() < FLAT {
                Rect::from_x_y_ranges(drawn.x_range(), frame.y_range())
            } else {
                drawn
            };
            ui.painter_at(frame).rect(
                shown,
                0.0,
                p.ink.gamma_multiply(0.08),
                p.stroke(line::HAIR, p.ink2),
                StrokeKind::Inside,
            );
        }
        return;
    }
    if let Some(at) = response.hover_pos().filter(|at| frame.contains(*at)) {
        let (turned, pinch) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta()));
        // In one column the wheel scrolls, as it does everywhere else on the page.
        let turned = if is_narrow(ui) { Vec2::ZERO } else { turned };
        if turned == Vec2::ZERO && pinch == 1.0 {
            return;
        }
        let factor = f64::from((turned.y / 200.0).exp() * pinch);
        let (x, y) = value(at);
        let mut across = around(part.across, x, factor, whole.least);
        let slide = f64::from(turned.x / frame.width().max(1.0)) * (across.1 - across.0);
        across = (across.0 - slide, across.1 - slide);
        zoom.show(id, whole, Part { across, up: around(part.up, y, factor, whole.least_up()) });
        // What the chart has used scrolls nothing else.
        if !is_narrow(ui) {
            ui.input_mut(|i| i.smooth_scroll_delta = Vec2::ZERO);
        }
    }
}

/// The box from where the pointer was pressed to where it is.
fn drawn(ui: &Ui, response: &Response, frame: Rect) -> Option<Rect> {
    let primary = PointerButton::Primary;
    // Where the pointer was pressed is forgotten in the frame in which it is let go.
    if response.drag_started_by(primary)
        && let Some(from) = ui.input(|i| i.pointer.press_origin())
    {
        ui.data_mut(|d| d.insert_temp(response.id, from));
    }
    if !response.dragged_by(primary) && !response.drag_stopped_by(primary) {
        return None;
    }
    let from: Pos2 = ui.data(|d| d.get_temp(response.id))?;
    let to = response.interact_pointer_pos()?;
    let drawn = Rect::from_two_pos(frame.clamp(from), frame.clamp(to));
    (drawn.width() >= LEAST_BOX).then_some(drawn)
}

/// The part of a stroke that lies in `frame`.
pub fn clipped(a: Pos2, b: Pos2, frame: Rect) -> Option<[Pos2; 2]> {
    let (mut from, mut to) = (0.0_f32, 1.0_f32);
    let d = b - a;
    for (start, step, low, high) in
        [(a.x, d.x, frame.left(), frame.right()), (a.y, d.y, frame.top(), frame.bottom())]
    {
        if step == 0.0 {
            if start < low || start > high {
                return None;
            }
            continue;
        }
        let (t, u) = ((low - start) / step, (high - start) / step);
        from = from.max(t.min(u));
        to = to.min(t.max(u));
    }
    let at = |t: f32| pos2(a.x + t * d.x, a.y + t * d.y);
    (from <= to).then(|| [at(from), at(to)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Whole = Whole { across: (0.0, 1000.0), up: (-1.0, 1.0), least: 10.0, scale: Scale::Log };

    #[test]
    fn a_part_is_never_empty_nor_outside() {
        let nan = f64::NAN;
        for (across, up) in [
            ((500.0, 500.0), (0.3, 0.3)),
            ((900.0, 100.0), (1.0, -2.0)),
            ((-500.0, -400.0), (7.0, 9.0)),
            ((nan, 3.0), (nan, nan)),
            ((f64::NEG_INFINITY, f64::INFINITY), (0.0, f64::INFINITY)),
        ] {
            let mut zoom = Zoom::default();
            zoom.show("loss", &WHOLE, Part { across, up });
            let part = zoom.part("loss", &WHOLE);
            assert!(part.across.1 - part.across.0 >= 10.0 - 1e-9, "{part:?}");
            assert!(part.up.1 - part.up.0 >= 0.04 - 1e-9, "{part:?}");
            assert!(part.across.0 >= 0.0 && part.across.1 <= 1000.0, "{part:?}");
            assert!(part.up.0 >= -1.0 && part.up.1 <= 1.0, "{part:?}");
        }
    }

    #[test]
    fn a_part_stands_still_and_the_whole_follows() {
        let mut zoom = Zoom::default();
        let grown = Whole { across: (0.0, 2000.0), up: (-2.0, 1.0), ..WHOLE };
        assert_eq!(zoom.part("loss", &grown), Part { across: grown.across, up: grown.up });
        let chosen = Part { across: (100.0, 200.0), up: WHOLE.up };
        zoom.show("loss", &WHOLE, chosen);
        assert_eq!(zoom.part("loss", &grown), Part { up: grown.up, ..chosen }, "only one axis was chosen");
        // The other charts share the horizontal axis and nothing else.
        assert_eq!(zoom.part("rate", &WHOLE).across, (100.0, 200.0));
        zoom.show("loss", &WHOLE, Part { across: (-50.0, 1400.0), up: (-3.0, 3.0) });
        assert!(zoom.is_whole());
    }

    #[test]
    fn a_range_of_one_kind_of_axis_is_none_of_another() {
        let mut zoom = Zoom::default();
        zoom.show("loss", &WHOLE, Part { across: WHOLE.across, up: (-0.5, 0.5) });
        let linear = Whole { up: (0.0, 3.0), scale: Scale::Linear, ..WHOLE };
        assert_eq!(zoom.part("loss", &linear).up, (0.0, 3.0));
    }

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        assert_eq!(around((0.0, 100.0), 25.0, 2.0, 1.0), (12.5, 62.5));
        // Also where it can go no closer.
        assert_eq!(around((0.0, 100.0), 25.0, 2.0, 100.0), (0.0, 100.0));
    }

    #[test]
    fn strokes_are_clipped_to_the_frame() {
        let frame = Rect::from_min_max(pos2(0.0, 0.0), pos2(10.0, 10.0));
        let whole = clipped(pos2(-1e6, 5.0), pos2(1e6, 5.0), frame).expect("crosses");
        assert!((whole[0].x - 0.0).abs() < 0.1 && (whole[1].x - 10.0).abs() < 0.1, "{whole:?}");
        assert_eq!(clipped(pos2(-5.0, 20.0), pos2(20.0, 30.0), frame), None);
        assert_eq!(clipped(pos2(11.0, 0.0), pos2(11.0, 10.0), frame), None);
    }
}
