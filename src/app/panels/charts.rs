//! Loss and accuracy over the run, under the three numbers that sum them up.
//!
//! Colour is the run, dash is the split: the training curve is solid in the lane's colour over every
//! batch's value at 30 %, the test split is dashed with hollow dots, one an evaluation.

use super::super::history::{Bucket, Series};
use super::super::i18n;
use super::super::numbers::{self, UNKNOWN};
use super::super::state::AppState;
use super::super::theme::{self, line, palette, space, text};
use super::super::widgets::chip;
use crate::session::{Phase, Snapshot};
use eframe::egui::{
    Align, Align2, Color32, Id, Layout, Pos2, Rect, Response, RichText, Sense, Shape, Stroke, Ui, UiBuilder,
    pos2, vec2,
};
use egui_plot::{AxisHints, GridInput, GridMark, HPlacement, Plot, PlotBounds, PlotPoint, PlotTransform};

/// Width of the ticks' column.
const TICKS: f32 = 44.0;

/// The panel, `height` high.
pub fn panel(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32) {
    theme::panel_frame(ui).show(ui, |ui| {
        let height = height - 2.0 * space::L;
        ui.set_height(height);
        let top = ui.cursor().top();
        headlines(ui, state, snapshot);
        let left = height - (ui.cursor().top() - top);
        let whole = ui.available_rect_before_wrap();
        // As on the golden section: the loss is read, the accuracy is looked at.
        let wide = ((whole.width() - space::XL) * 0.62).round();
        let loss = Rect::from_min_size(whole.min, vec2(wide, left));
        let accuracy = Rect::from_min_max(
            pos2(loss.right() + space::XL, loss.top()),
            pos2(whole.right(), loss.bottom()),
        );
        both(ui, state, snapshot, loss, accuracy);
    });
}

/// The charts alone, under each other.
pub fn curves(ui: &mut Ui, state: &AppState, snapshot: &Snapshot) {
    const EACH: f32 = 220.0;
    theme::panel_frame(ui).show(ui, |ui| {
        ui.set_height(2.0 * EACH + space::L);
        let whole = ui.available_rect_before_wrap();
        let loss = Rect::from_min_size(whole.min, vec2(whole.width(), EACH));
        both(ui, state, snapshot, loss, loss.translate(vec2(0.0, EACH + space::L)));
    });
}

fn both(ui: &mut Ui, state: &AppState, snapshot: &Snapshot, loss: Rect, accuracy: Rect) {
    let scale = if state.linear_loss { Scale::Linear } else { Scale::Log };
    for (chart, rect) in [(Chart::loss(ui, state, scale), loss), (Chart::accuracy(ui, state), accuracy)] {
        ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| chart.show(ui, snapshot));
    }
}

/// Train loss, test loss, test accuracy: one sentence in three numbers.
pub fn headlines(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let test = snapshot.evaluation.or(state.history.evaluations.last().copied());
    let loss = |v: Option<f32>| v.map_or(UNKNOWN.into(), numbers::loss);
    ui.horizontal_top(|ui| {
        let room = ui.available_width() - 60.0;
        let width = (room / 3.0).min(150.0);
        ui.spacing_mut().item_spacing.x = 0.0;
        let values = [
            (loss(state.readouts.train_loss), i18n::train_loss(), p.lane_a, i18n::train_loss_hint()),
            (loss(test.map(|t| t.loss)), i18n::test_loss(), p.test, i18n::test_loss_hint()),
            (
                test.map_or(UNKNOWN.into(), |t| numbers::percent(t.accuracy)),
                i18n::test_accuracy(),
                p.ink,
                i18n::test_accuracy_hint(),
            ),
        ];
        for (value, name, ink, hint) in values {
            headline(ui, &value, name, ink, width).on_hover_text(hint);
        }
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let mut log = !state.linear_loss;
            chip(ui, &mut log, i18n::log_axis()).on_hover_text(i18n::log_axis_hint());
            state.linear_loss = !log;
        });
    });
}

fn headline(ui: &mut Ui, value: &str, name: &str, ink: Color32, width: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 52.0), Sense::hover());
    let size = if width < 110.0 { text::RESULT } else { text::HEADLINE };
    let painter = ui.painter();
    painter.text(rect.left_top(), Align2::LEFT_TOP, value, theme::semibold(size), ink);
    let at = pos2(rect.left(), rect.bottom());
    painter.text(at, Align2::LEFT_BOTTOM, name, theme::regular(text::CAPTION), palette(ui).ink2);
    response.widget_info(|| {
        eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Label, true, format!("{name} {value}"))
    });
    response
}

/// How values stand on the vertical axis.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    Linear,
    Log,
}

impl Scale {
    fn to(self, v: f32) -> f64 {
        match self {
            Self::Linear => v.into(),
            Self::Log => f64::from(v.max(1e-9)).log10(),
        }
    }

    fn from(self, y: f64) -> f64 {
        match self {
            Self::Linear => y,
            Self::Log => 10f64.powf(y),
        }
    }

    /// Ticks between `low` and `high`, both on the axis.
    fn ticks(self, low: f64, high: f64) -> Vec<f64> {
        match self {
            Self::Linear => {
                let step = nice_step((high - low) / 4.0);
                let first = (low / step).ceil() as i64;
                (first..).map(|i| i as f64 * step).take_while(|v| *v <= high + 1e-9).collect()
            }
            Self::Log => {
                let all = |marks: &[f64]| -> Vec<f64> {
                    (low.floor() as i32..=high.ceil() as i32)
                        .flat_map(|e| marks.iter().map(move |m| f64::from(e) + m.log10()).collect::<Vec<_>>())
                        .filter(|v| (low - 1e-9..=high + 1e-9).contains(v))
                        .collect()
                };
                let usual = all(&[1.0, 2.0, 5.0]);
                match usual.len() {
                    0..=2 => all(&[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0]),
                    3..=7 => usual,
                    _ => all(&[1.0]),
                }
            }
        }
    }
}

/// 1, 2 or 5 × 10ⁿ, the nearest above `v`.
fn nice_step(v: f64) -> f64 {
    let decade = 10f64.powf(v.max(1e-12).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * decade).find(|s| *s >= v * 0.999).unwrap_or(10.0 * decade)
}

/// One chart, ready to be drawn: everything in it is owned, so that drawing borrows no state.
struct Chart {
    id: &'static str,
    title: &'static str,
    remark: &'static str,
    empty: &'static str,
    smooth: Vec<[f64; 2]>,
    test: Vec<[f64; 2]>,
    buckets: Vec<Bucket>,
    tests: Vec<(u64, f32)>,
    scale: Scale,
    low: f64,
    high: f64,
    last_step: f64,
    write: fn(f32) -> String,
    tick: fn(f64) -> String,
    lane: Color32,
}

impl Chart {
    fn loss(ui: &Ui, state: &AppState, scale: Scale) -> Self {
        let tests = state.history.evaluations.iter().map(|e| (e.step, e.loss)).collect();
        let mut chart =
            Self::new(ui, "loss", i18n::loss(), i18n::loss_empty(), &state.history.loss, tests, scale);
        (chart.low, chart.high) = chart.loss_range();
        chart.remark = i18n::lines_caption();
        chart
    }

    fn accuracy(ui: &Ui, state: &AppState) -> Self {
        let tests = state.history.evaluations.iter().map(|e| (e.step, e.accuracy)).collect();
        let series = &state.history.accuracy;
        let mut chart =
            Self::new(ui, "accuracy", i18n::accuracy(), i18n::accuracy_empty(), series, tests, Scale::Linear);
        (chart.low, chart.high) = (0.0, 1.0);
        chart.write = numbers::percent;
        chart.tick = |v| format!("{}\u{2009}%", numbers::fixed(v * 100.0, 0));
        chart
    }

    fn new(
        ui: &Ui,
        id: &'static str,
        title: &'static str,
        empty: &'static str,
        series: &Series,
        tests: Vec<(u64, f32)>,
        scale: Scale,
    ) -> Self {
        let last = tests.last().map(|t| t.0).max(series.last_step()).unwrap_or(0);
        Self {
            id,
            title,
            remark: "",
            empty,
            smooth: series.buckets().iter().map(|b| [b.last_step as f64, scale.to(b.smooth)]).collect(),
            test: tests.iter().map(|(s, v)| [*s as f64, scale.to(*v)]).collect(),
            buckets: series.buckets().to_vec(),
            tests,
            scale,
            low: 0.0,
            high: 1.0,
            last_step: last as f64,
            write: numbers::loss,
            tick: numbers::axis_value,
            lane: palette(ui).lane_a,
        }
    }

    /// From below the lowest to above the highest curve. Single batches may stick out at the top: they
    /// are noise, and the curve is what is read.
    fn loss_range(&self) -> (f64, f64) {
        let smooth = self.buckets.iter().map(|b| b.smooth).chain(self.tests.iter().map(|t| t.1));
        let (least, most) = smooth.fold((f32::INFINITY, 0.0), |(a, b): (f32, f32), v| (a.min(v), b.max(v)));
        if !least.is_finite() {
            return (self.scale.to(if self.scale == Scale::Log { 0.1 } else { 0.0 }), self.scale.to(3.0));
        }
        match self.scale {
            Scale::Linear => {
                let most = f64::from(most) * 1.08;
                let step = nice_step(most / 4.0) / 2.0;
                (0.0, (most / step).ceil() * step)
            }
            // Tenths of a decade: the axis moves seldom.
            Scale::Log => {
                let step =
                    |v: f64, up: bool| (if up { (v * 10.0).ceil() } else { (v * 10.0).floor() }) / 10.0;
                let low = self.scale.to(least * 0.8);
                let high = self.scale.to(most * 1.1);
                (step(low, false), step(high, true))
            }
        }
    }

    /// Every batch's value, as a line that visits the largest and the smallest of each few pixels: no
    /// spike is lost, and the texture of the noise remains where a filled band would hide it.
    fn raw(&self, transform: &PlotTransform) -> Vec<Pos2> {
        const COLUMN: f32 = 3.0;
        let x = |b: &Bucket| transform.position_from_point_x((b.first_step + b.last_step) as f64 / 2.0);
        let y = |v: f32| transform.position_from_point_y(self.scale.to(v));
        let mut points = Vec::new();
        for group in self.buckets.chunk_by(|a, b| (x(a) / COLUMN).floor() == (x(b) / COLUMN).floor()) {
            let highest = group.iter().max_by(|a, b| a.max.total_cmp(&b.max));
            let lowest = group.iter().min_by(|a, b| a.min.total_cmp(&b.min));
            if let (Some(h), Some(l)) = (highest, lowest) {
                let (high, low) = (pos2(x(h), y(h.max)), pos2(x(l), y(l.min)));
                points.extend(if h.first_step <= l.first_step { [high, low] } else { [low, high] });
            }
        }
        points
    }

    fn show(self, ui: &mut Ui, snapshot: &Snapshot) {
        let p = palette(ui);
        let small = || theme::regular(text::CAPTION);
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            ui.label(RichText::new(self.title).font(theme::semibold(text::CAPTION)).color(p.ink2));
            ui.label(RichText::new(self.remark).font(small()).color(p.ink3));
        });
        let (low, high, scale, tick) = (self.low, self.high, self.scale, self.tick);
        let span = horizon(self.last_step);
        let height = ui.available_height();
        let plot = Plot::new(self.id)
            .height(height)
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
            .set_margin_fraction(vec2(0.0, 0.0))
            .x_grid_spacer(move |_: GridInput| marks(Scale::Linear.ticks(0.0, span)))
            .y_grid_spacer(move |_: GridInput| marks(scale.ticks(low, high)))
            .custom_x_axes(vec![
                AxisHints::new_x()
                    .formatter(|m, _| numbers::axis_step(m.value))
                    .label_spacing(4.0..=5.0)
                    .tick_label_color(p.ink3)
                    .tick_label_font(small()),
            ])
            .custom_y_axes(vec![
                AxisHints::new_y()
                    .formatter(move |m, _| tick(scale.from(m.value)))
                    .label_spacing(4.0..=5.0)
                    .placement(HPlacement::Left)
                    .min_thickness(TICKS)
                    .tick_label_color(p.ink3)
                    .tick_label_font(small()),
            ]);
        let shown = plot.show(ui, move |plot| {
            // A little room below keeps the lowest tick clear of the step axis.
            let room = (high - low) * 0.04;
            plot.set_plot_bounds(PlotBounds::from_min_max([0.0, low - room], [span, high + room]));
        });
        self.overlay(ui, &shown.transform, snapshot);
        self.tell(shown.response, &shown.transform);
    }

    /// The curves. egui_plot gives axes, grid and the way from values to pixels; it has no item for
    /// dashes of a chosen gap, hollow dots on the panel's ground, or noise drawn stroke by stroke.
    fn overlay(&self, ui: &Ui, transform: &PlotTransform, snapshot: &Snapshot) {
        let p = palette(ui);
        let frame = *transform.frame();
        let painter = ui.painter_at(frame.expand(6.0));
        let at = |[x, y]: &[f64; 2]| transform.position_from_point(&PlotPoint::new(*x, *y));
        let axis = Stroke::new(line::HAIR, p.line2);
        painter.hline(frame.x_range(), frame.bottom().round() - 0.5, axis);
        if self.smooth.is_empty() && self.test.is_empty() {
            let words = painter.layout(
                self.empty.to_owned(),
                theme::regular(text::BODY),
                p.ink3,
                frame.width() - space::L,
            );
            let ground = Rect::from_center_size(frame.center(), words.size() + vec2(space::L, space::S));
            painter.rect_filled(ground, 0.0, p.panel);
            painter.galley(frame.center() - words.size() / 2.0, words, p.ink3);
            return;
        }
        let faint = Stroke::new(line::HAIR, self.lane.gamma_multiply(line::FILL_ALPHA));
        let inside = ui.painter_at(frame);
        // Stroke by stroke: a path joins steep turns with mitres, which would fill the noise to a band.
        for pair in self.raw(transform).windows(2) {
            inside.line_segment([pair[0], pair[1]], faint);
        }
        let mut curve: Vec<Pos2> = Vec::new();
        for point in self.smooth.iter().map(at) {
            match curve.last_mut() {
                Some(last) if point.x - last.x < 1.0 => last.y = point.y,
                _ => curve.push(point),
            }
        }
        inside.add(Shape::line(curve, Stroke::new(line::CURVE, self.lane)));
        let points: Vec<Pos2> = self.test.iter().map(at).collect();
        let stroke = Stroke::new(line::ICON, p.test);
        painter.extend(Shape::dashed_line(&points, stroke, line::DASH.0, line::DASH.1));
        // Dots closer than this would be a band.
        let mut before: Option<Pos2> = None;
        for (i, &point) in points.iter().enumerate() {
            if i + 1 < points.len() && before.is_some_and(|b| b.distance(point) < 14.0) {
                continue;
            }
            before = Some(point);
            painter.circle(point, 3.5, p.panel, stroke);
        }
        if let Some(last) = self.smooth.last().map(at) {
            painter.circle(last, 4.5, self.lane, Stroke::new(line::TRUNK, p.panel));
            if snapshot.phase == Phase::Idle {
                let x = last.x + 6.0;
                painter.vline(x, last.y - 8.0..=last.y + 8.0, Stroke::new(line::TRUNK, p.ink));
            }
        }
    }

    /// Under the pointer: the step there, and the curves' values at it.
    fn tell(&self, response: Response, transform: &PlotTransform) {
        let Some(pointer) = response.hover_pos() else { return };
        let x = transform.value_from_position(pointer).x;
        let train = self.buckets.iter().min_by(|a, b| {
            let far = |k: &Bucket| (k.last_step as f64 - x).abs();
            far(a).total_cmp(&far(b))
        });
        let Some(train) = train else { return };
        let frame = *transform.frame();
        let line_x = transform.position_from_point_x(train.last_step as f64);
        let ctx = response.ctx.clone();
        let test = self.tests.iter().rev().find(|t| t.0 <= train.last_step + 1);
        response.on_hover_ui_at_pointer(|ui| {
            let p = palette(ui);
            let layer = ctx
                .layer_painter(eframe::egui::LayerId::new(eframe::egui::Order::Middle, Id::unique("hair")));
            layer.vline(line_x, frame.y_range(), Stroke::new(line::HAIR, p.line2));
            let small = theme::regular(text::CAPTION);
            let step = numbers::grouped(train.last_step);
            ui.label(
                RichText::new(i18n::chart_point(i18n::train(), &step, &(self.write)(train.smooth)))
                    .font(small.clone())
                    .color(p.ink),
            );
            if let Some((step, value)) = test {
                let words = i18n::chart_point(i18n::test(), &numbers::grouped(*step), &(self.write)(*value));
                ui.label(RichText::new(words).font(small).color(p.ink2));
            }
        });
    }
}

fn marks(values: Vec<f64>) -> Vec<GridMark> {
    let gap = values.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
    let step_size = if gap.is_finite() { gap } else { 1.0 };
    values.into_iter().map(|value| GridMark { value, step_size }).collect()
}

/// Right end of the step axis: it grows in few, large steps, so that curves do not creep.
fn horizon(last: f64) -> f64 {
    const LEAST: f64 = 50.0;
    let mut end = LEAST;
    while end < last * 1.02 {
        end *= 1.25;
    }
    let step = nice_step(end / 20.0);
    step * (end / step).ceil()
}
