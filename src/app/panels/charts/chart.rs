//! One chart: axes, and a curve for each run.
//!
//! Colour is the run, dash is the split: a training curve is solid in its lane's colour, the test split is
//! dashed with hollow dots, one an evaluation. Every batch's value lies under it at 30 %, for the run that
//! is trained only: several would hide each other.

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::theme::{self, line, palette, space, text};
use super::lanes::{Lane, Mark};
use super::marks;
use super::scale::{Across, Scale};
use super::zoom::{self, Whole, Zoom};
use crate::session::{Phase, Snapshot};
use eframe::egui::{
    Align, Align2, Color32, Id, Layout, Pos2, Rect, Response, RichText, Role, Sense, Shape, Ui, WidgetInfo,
    pos2, vec2,
};
use egui_plot::{AxisHints, GridInput, GridMark, HPlacement, Plot, PlotBounds, PlotPoint, PlotTransform};

/// Width of the ticks' column.
const TICKS: f32 = 44.0;
/// Height of a curve's name at its end.
const NAME: f32 = 15.0;

/// How training is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Smoothed, over every batch's value.
    Smooth,
    /// The same for every run: none is this window's own.
    Race,
    /// As it was measured: it has no noise.
    Exact,
    /// Not at all: there is no room to tell it from the test split.
    TestOnly,
}

/// Two charts may share one horizontal axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Alone,
    /// The axis is that of the chart under it.
    Over,
    /// The line of its title belongs to the curves; the title stands in its corner.
    Under,
}

/// One chart, ready to be drawn: everything in it is owned, so that drawing borrows no state.
pub struct Chart {
    pub id: &'static str,
    pub title: &'static str,
    pub remark: &'static str,
    pub empty: &'static str,
    pub lanes: Vec<Lane>,
    pub across: Across,
    /// What was done to skips.
    pub marks: Vec<marks::Mark>,
    pub line: Line,
    pub place: Place,
    pub scale: Scale,
    pub low: f64,
    pub high: f64,
    pub write: fn(f32) -> String,
    pub tick: fn(f64) -> String,
    /// The same for an axis of which a part is shown: a value, and how far away the next tick is.
    pub fine: fn(f64, f64) -> String,
}

/// A chart on the screen.
pub struct Drawn {
    /// Where values stand.
    pub transform: PlotTransform,
    /// Which operation's flag was pressed.
    pub pressed: Option<usize>,
}

impl Chart {
    /// Least and greatest of all curves. Single batches may stick out at the top: they are noise, and the
    /// curve is what is read.
    pub fn range(&self) -> Option<(f32, f32)> {
        let train = self.lanes.iter().flat_map(|l| &l.buckets).map(|(_, b)| match self.line {
            Line::Smooth | Line::Race | Line::TestOnly => (b.smooth, b.smooth),
            Line::Exact => (b.min, b.max),
        });
        let test = self.lanes.iter().flat_map(|l| &l.tests).map(|t| (t.2, t.2));
        train.chain(test).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Every batch's value, as a line that visits the largest and the smallest of each few pixels: no
    /// spike is lost, and the texture of the noise remains where a filled band would hide it.
    fn raw(&self, lane: &Lane, transform: &PlotTransform) -> Vec<Pos2> {
        const COLUMN: f32 = 3.0;
        let x = |v: f64| transform.position_from_point_x(v);
        let y = |v: f32| transform.position_from_point_y(self.scale.to(v));
        let mut points = Vec::new();
        for group in lane.buckets.chunk_by(|a, b| (x(a.0) / COLUMN).floor() == (x(b.0) / COLUMN).floor()) {
            let highest = group.iter().max_by(|a, b| a.1.max.total_cmp(&b.1.max));
            let lowest = group.iter().min_by(|a, b| a.1.min.total_cmp(&b.1.min));
            if let (Some(h), Some(l)) = (highest, lowest) {
                let (high, low) = (pos2(x(h.0), y(h.1.max)), pos2(x(l.0), y(l.1.min)));
                points.extend(if h.0 <= l.0 { [high, low] } else { [low, high] });
            }
        }
        points
    }

    /// Draws what `zoom` shows of it into the rest of `ui`, with `options` at the right end of its title.
    pub fn show(
        self,
        ui: &mut Ui,
        snapshot: &Snapshot,
        zoom: &mut Zoom,
        options: impl FnOnce(&mut Ui, &mut Zoom),
    ) -> Drawn {
        let p = palette(ui);
        let small = || theme::regular(text::CAPTION);
        ui.spacing_mut().item_spacing.y = space::XS;
        if self.place != Place::Under {
            ui.horizontal(|ui| {
                ui.spacing_mut().interact_size.y = 0.0;
                ui.spacing_mut().item_spacing.x = space::S;
                ui.label(RichText::new(self.title).font(theme::semibold(text::CAPTION)).color(p.ink2));
                ui.label(RichText::new(self.remark).font(small()).color(p.ink3));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if theme::is_touched(ui) {
                        ui.spacing_mut().item_spacing.x = 2.0 * space::L;
                    }
                    options(ui, zoom);
                });
            });
        }
        let (scale, tick, fine, across) = (self.scale, self.tick, self.fine, self.across);
        let end = across.horizon(self.lanes.iter().map(Lane::end).fold(0.0, f64::max));
        let whole = Whole { across: (0.0, end), up: (self.low, self.high), least: across.least(end), scale };
        let part = zoom.part(self.id, &whole);
        let ((left, right), (low, high)) = (part.across, part.up);
        let is_part = part.up != whole.up;
        // Ticks of a low chart stand apart, too, and a projector shows the main ones.
        let height = ui.available_height();
        let few = height < 130.0 || theme::is_presented(ui.visuals());
        // The chart under this one has its highest tick where this one's lowest would be.
        let least = if self.place == Place::Over {
            low + (high - low) * f64::from(12.0 / height.max(24.0))
        } else {
            low
        };
        // In one column a finger's stroke scrolls.
        let sense = if zoom::is_narrow(ui) { Sense::click() } else { Sense::click_and_drag() };
        let plot = Plot::new(self.id)
            .height(height)
            .sense(sense)
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_double_click_reset(false)
            .allow_axis_zoom_drag(false)
            .show_x(false)
            .show_y(false)
            .show_crosshair(false)
            .show_background(false)
            .grid_color(p.line)
            .grid_fade(0.0)
            .grid_spacing(4.0..=5.0)
            .show_grid([false, true])
            .show_axes([self.place != Place::Over, true])
            .set_margin_fraction(vec2(0.0, 0.0))
            .x_grid_spacer(move |_: GridInput| marks(Scale::Linear.ticks(left, right)))
            .y_grid_spacer(move |_: GridInput| {
                let mut ticks = scale.ticks(low, high);
                ticks.retain(|t| *t >= least);
                marks(if few { thinned(ticks) } else { ticks })
            })
            .custom_x_axes(vec![
                AxisHints::new_x()
                    .formatter(move |m, _| across.tick(m.value, m.step_size))
                    .label_spacing(4.0..=5.0)
                    .tick_label_color(p.ink3)
                    .tick_label_font(small()),
            ])
            .custom_y_axes(vec![
                AxisHints::new_y()
                    .formatter(move |m, _| {
                        let value = scale.from(m.value);
                        let gap = (scale.from(m.value + m.step_size) - value).abs();
                        if is_part { fine(value, gap) } else { tick(value) }
                    })
                    .label_spacing(4.0..=5.0)
                    .placement(HPlacement::Left)
                    .min_thickness(TICKS)
                    .tick_label_color(p.ink3)
                    .tick_label_font(small()),
            ]);
        let shown = plot.show(ui, move |plot| {
            // A little room below keeps the lowest tick clear of the step axis.
            let room = (high - low) * 0.04;
            plot.set_plot_bounds(PlotBounds::from_min_max([left, low - room], [right, high + room]));
        });
        shown.response.widget_info(|| {
            let ends = [left, right].map(|x| across.tick(x, (right - left) / 100.0));
            WidgetInfo::labeled(Role::Image, true, i18n::chart_of(self.title, &ends[0], &ends[1]))
        });
        self.overlay(ui, &shown.transform, snapshot);
        zoom::interact(ui, &shown.response, &shown.transform, self.id, &whole, zoom);
        let x = |at| shown.transform.position_from_point_x(at);
        let flagged = self.place != Place::Under;
        let pressed = marks::show(ui, *shown.transform.frame(), &self.marks, x, flagged);
        self.tell(shown.response, &shown.transform);
        Drawn { transform: shown.transform, pressed }
    }

    /// The curves. egui_plot gives axes, grid and the way from values to pixels; it has no item for
    /// dashes of a chosen gap, hollow dots on the panel's ground, or noise drawn stroke by stroke.
    fn overlay(&self, ui: &Ui, transform: &PlotTransform, snapshot: &Snapshot) {
        let p = palette(ui);
        let frame = *transform.frame();
        let painter = ui.painter_at(frame.expand(6.0));
        painter.hline(frame.x_range(), frame.bottom().round() - 0.5, p.stroke(line::HAIR, p.line2));
        if self.place == Place::Under {
            let at = frame.left_top() + vec2(space::XS, 2.0);
            painter.text(at, Align2::LEFT_TOP, self.title, theme::semibold(text::CAPTION), p.ink2);
        }
        if self.lanes.iter().all(|l| l.buckets.is_empty() && l.tests.is_empty()) {
            let room = frame.width() - space::L;
            let words = painter.layout(self.empty.to_owned(), theme::regular(text::BODY), p.ink3, room);
            let ground = Rect::from_center_size(frame.center(), words.size() + vec2(space::L, space::S));
            painter.rect_filled(ground, 0.0, p.panel);
            painter.galley(frame.center() - words.size() / 2.0, words, p.ink3);
            return;
        }
        let alone = self.lanes.len() == 1;
        // The run that is trained lies on top.
        let mut ends = Vec::new();
        for (i, lane) in self.lanes.iter().enumerate().rev() {
            let test = if alone { p.test } else { lane.colour };
            if let Some(end) = self.curve(ui, transform, lane, i == 0, test) {
                ends.push((end, lane));
            }
        }
        if let Some((end, _)) =
            ends.last().filter(|_| self.lanes.first().is_some_and(|l| !l.buckets.is_empty()))
            && self.line != Line::TestOnly
            && snapshot.phase == Phase::Idle
            && self.lanes.first().is_some_and(|l| transform.bounds().max()[0] >= l.end())
        {
            let x = end.x + 6.0;
            painter.vline(x, end.y - 8.0..=end.y + 8.0, p.stroke(line::TRUNK, p.ink));
        }
        if !alone && self.line != Line::TestOnly {
            names(ui, frame, ends);
        }
    }

    /// One run; returns where its curve ends.
    fn curve(
        &self,
        ui: &Ui,
        transform: &PlotTransform,
        lane: &Lane,
        now: bool,
        test: Color32,
    ) -> Option<Pos2> {
        let p = palette(ui);
        let frame = *transform.frame();
        let (inside, painter) = (ui.painter_at(frame), ui.painter_at(frame.expand(6.0)));
        let at = |x: f64, v: f32| transform.position_from_point(&PlotPoint::new(x, self.scale.to(v)));
        let mut curve: Vec<Pos2> = Vec::new();
        match self.line {
            Line::Smooth | Line::Race => {
                let raw = now || self.line == Line::Race;
                // Stroke by stroke: a path joins steep turns with mitres, which would fill the noise to a band.
                let faint = p.stroke(line::HAIR, lane.colour.gamma_multiply(line::FILL_ALPHA));
                for pair in self.raw(lane, transform).windows(2).filter(|_| raw) {
                    inside.line_segment([pair[0], pair[1]], faint);
                }
                for point in lane.buckets.iter().map(|(x, b)| at(*x, b.smooth)) {
                    match curve.last_mut() {
                        Some(last) if point.x - last.x < 1.0 => last.y = point.y,
                        _ => curve.push(point),
                    }
                }
            }
            Line::Exact => curve = self.raw(lane, transform),
            Line::TestOnly => {}
        }
        let last = curve.last().copied();
        // The end of what is shown: where its name stands.
        let end = |points: &[Pos2]| {
            let shown = points.iter().rev().find(|p| frame.expand(1.0).x_range().contains(p.x));
            shown.map(|p| frame.expand(1.0).clamp(*p))
        };
        let train = end(&curve);
        inside.add(Shape::line(curve, p.stroke(line::CURVE, lane.colour)));
        let points: Vec<Pos2> = lane.tests.iter().map(|(x, _, v)| at(*x, *v)).collect();
        let stroke = p.stroke(line::ICON, test);
        // Stroke by stroke, so that no dash is laid out far beyond what is shown.
        if points.iter().all(|p| frame.expand(1.0).contains(*p)) {
            painter.extend(Shape::dashed_line(&points, stroke, line::DASH.0, line::DASH.1));
        } else {
            for pair in points.windows(2).filter_map(|w| zoom::clipped(w[0], w[1], frame)) {
                painter.extend(Shape::dashed_line(&pair, stroke, line::DASH.0, line::DASH.1));
            }
        }
        // Dots closer than this would be a band.
        let mut before: Option<Pos2> = None;
        for (i, &point) in points.iter().enumerate() {
            let crowded = i + 1 < points.len() && before.is_some_and(|b| b.distance(point) < 14.0);
            if crowded || !frame.expand(1.0).contains(point) {
                continue;
            }
            before = Some(point);
            let mark = if test == lane.colour { lane.mark } else { Mark::Circle };
            mark.draw(&painter, point, 3.5, p.panel, stroke);
        }
        if let Some(end) = last.filter(|p| frame.expand(1.0).contains(*p)) {
            lane.mark.draw(&painter, end, 4.5, lane.colour, p.stroke(line::TRUNK, p.panel));
        }
        train.or_else(|| end(&points))
    }

    /// Under the pointer: the step there, and the curves' values at it.
    fn tell(&self, response: Response, transform: &PlotTransform) {
        // Not over a box that is being drawn.
        let Some(pointer) = response.hover_pos().filter(|_| !response.dragged()) else { return };
        let x = transform.value_from_position(pointer).x;
        let near = |lane: &Lane| {
            let far = |k: &(f64, super::super::super::history::Bucket)| (k.0 - x).abs();
            lane.buckets.iter().copied().min_by(|a, b| far(a).total_cmp(&far(b)))
        };
        let Some((at, _)) = self.lanes.iter().find_map(near) else { return };
        let frame = *transform.frame();
        let line_x = transform.position_from_point_x(at);
        let ctx = response.ctx.clone();
        response.on_hover_ui_at_pointer(|ui| {
            let p = palette(ui);
            let layer = ctx
                .layer_painter(eframe::egui::LayerId::new(eframe::egui::Order::Middle, Id::unique("hair")));
            if frame.x_range().contains(line_x) {
                layer.vline(line_x, frame.y_range(), p.stroke(line::HAIR, p.line2));
            }
            let small = || theme::regular(text::CAPTION);
            for lane in &self.lanes {
                if self.lanes.len() > 1 {
                    let name = RichText::new(&lane.name).font(theme::semibold(text::CAPTION));
                    ui.label(name.color(lane.colour));
                }
                let Some((_, train)) = near(lane) else { continue };
                let value = if self.line == Line::Exact { train.max } else { train.smooth };
                let step = numbers::grouped(train.last_step);
                let words = if self.line == Line::Exact {
                    i18n::chart_point(self.title, &step, (self.write)(value))
                } else {
                    i18n::chart_point(i18n::train(), &step, (self.write)(value))
                };
                ui.label(RichText::new(words).font(small()).color(p.ink));
                if let Some((_, step, value)) = lane.tests.iter().rev().find(|t| t.1 <= train.last_step + 1) {
                    let words =
                        i18n::chart_point(i18n::test(), numbers::grouped(*step), (self.write)(*value));
                    ui.label(RichText::new(words).font(small()).color(p.ink2));
                }
            }
            let how = if zoom::is_narrow(ui) { i18n::zoom_hint_touch() } else { i18n::zoom_hint() };
            ui.label(RichText::new(how).font(small()).color(p.ink3));
        });
    }
}

/// Writes each run's name at the end of its curve; where two would touch, the lower one gives way.
fn names(ui: &Ui, frame: Rect, mut ends: Vec<(Pos2, &Lane)>) {
    let p = palette(ui);
    let painter = ui.painter_at(frame);
    ends.sort_by(|a, b| a.0.y.total_cmp(&b.0.y));
    let mut placed = Vec::new();
    let mut free = frame.top();
    for (end, lane) in ends {
        let mut job = eframe::egui::text::LayoutJob::simple_singleline(
            lane.name.clone(),
            theme::semibold(text::CAPTION),
            lane.colour,
        );
        job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(frame.width() / 3.0);
        let words = ui.fonts_mut(|f| f.layout_job(job));
        let beside = end.x + space::S + words.size().x <= frame.right();
        // Over the curve's end where there is no room beside it.
        let (x, y) = if beside {
            (end.x + space::S, end.y - NAME / 2.0)
        } else {
            (frame.right() - words.size().x - space::XS, end.y - NAME - space::S)
        };
        let y = y.max(free);
        free = y + NAME;
        placed.push((pos2(x, y), words, lane.colour));
    }
    // Those that do not fit any more push the others up.
    let mut foot = frame.bottom();
    for (at, words, colour) in placed.into_iter().rev() {
        let at = pos2(at.x, at.y.min(foot - NAME));
        foot = at.y;
        let ground = Rect::from_min_size(at, words.size());
        painter.rect_filled(ground.expand(1.0), 2.0, p.panel.gamma_multiply(0.8));
        painter.galley(at, words, colour);
    }
}

fn marks(values: Vec<f64>) -> Vec<GridMark> {
    let gap = values.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
    let step_size = if gap.is_finite() { gap } else { 1.0 };
    values.into_iter().map(|value| GridMark { value, step_size }).collect()
}

/// At most three, as far from each other as before.
fn thinned(ticks: Vec<f64>) -> Vec<f64> {
    let every = ticks.len().div_ceil(3).max(1);
    ticks.into_iter().step_by(every).collect()
}
