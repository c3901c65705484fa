//! Training losses of all lanes in one plot: every batch faint, the smoothed curve over it, a band over the seeds that
//! are finished, and a flag where a skip was operated on. Or, seed by seed, the accuracy on the test split.

use super::super::super::charts::Along;
use super::super::super::history::History;
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::surgery::{self, movements};
use super::super::super::theme::{self, line, palette, radius, size, space, text};
use super::super::super::widgets::segmented;
use super::super::charts::{Across, Chart, Lane, Line, Place, Scale, look};
use super::super::network::{fitted, put};
use super::Shown;

use crate::session::{Change, Command, Phase, RaceView, Snapshot, Surgery, Whom};
use eframe::egui::{
    Align, Align2, CornerRadius, Layout, Mesh, Rect, RichText, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2,
};
use egui_plot::PlotTransform;

/// A loss so high is on its way to infinity: only a logarithmic axis holds it beside others.
const DIVERGING: f32 = 10.0;
/// Room for the ticks before the axis, and for a mark and a gap before the names at the curves' ends.
const TICKS: f32 = 44.0;
const MARK: f32 = 16.0;
/// Opacity of a band: curves and noise have to show on it.
const BAND: f32 = 0.22;

/// The panel, `height` high.
pub fn panel(ui: &mut Ui, state: &mut AppState, view: &RaceView, lanes: &[Shown<'_>], height: f32) {
    let p = palette(ui);
    theme::panel_frame(ui).show(ui, |ui| {
        ui.set_height(height - 2.0 * space::L);
        ui.horizontal(|ui| {
            let title = if state.race.test { i18n::test_accuracy() } else { i18n::race_curves() };
            ui.label(RichText::new(title).font(theme::semibold(text::TITLE)).color(p.ink));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
                let choices = [
                    (false, i18n::train(), i18n::train_loss_hint()),
                    (true, i18n::test(), i18n::race_test_hint()),
                ];
                segmented(ui, &mut state.race.test, &choices, None);
            });
        });
        if state.race.test { tested(ui, lanes) } else { losses(ui, state, view, lanes) }
    });
}

fn losses(ui: &mut Ui, state: &mut AppState, view: &RaceView, lanes: &[Shown<'_>]) {
    let finished = view.outcome.seconds.len();
    let band = lanes.iter().any(|l| !l.curve.band.is_empty());
    let remark = if band { i18n::race_lines_band() } else { i18n::race_lines() };
    let seeds = i18n::race_seeds_done(finished, view.seeds as usize);
    // The lines are explained over them where that has room.
    let wide = |words: &str| {
        fitted(ui, words.into(), theme::semibold(text::CAPTION), palette(ui).ink, f32::INFINITY).size().x
    };
    let words = wide(i18n::race_nats()) + wide(remark) + wide(&seeds) + 3.0 * space::S;
    let roomy = ui.available_width() >= words;
    let lines: Vec<Lane> = lanes.iter().enumerate().map(|(i, l)| lane(ui, l, i)).collect();
    // The axis is as long as the race, and behind its end is room for the lanes' names.
    let names = lines.iter().map(|l| wide(&l.name)).fold(wide("plain-56 0.00"), f32::max) + MARK;
    let plot = (ui.available_width() - TICKS).max(2.0 * names);
    let end = view.steps as f64 * f64::from(plot / (plot - names));
    let mut chart = Chart {
        id: "race",
        title: i18n::race_nats(),
        remark: if roomy { remark } else { "" },
        empty: i18n::race_curves_empty(),
        // Its flags have the lane's colour.
        marks: Vec::new(),
        lanes: lines,
        across: Across::of(Along::Step, std::iter::empty::<&History>()).up_to(view.steps as f64, end),
        line: Line::Race,
        place: Place::Alone,
        scale: Scale::Linear,
        low: 0.0,
        high: 2.5,
        write: numbers::loss,
        tick: numbers::axis_value,
        fine: numbers::axis_fine,
    };
    if let Some((least, most)) = chart.range() {
        if most > DIVERGING {
            chart.scale = Scale::Log;
        }
        (chart.low, chart.high) = around(chart.scale, least, most);
    }
    let scale = chart.scale;
    // Bands lie under the curves, but where values stand is known only once the axes are drawn.
    let under = ui.painter().add(Shape::Noop);
    let seen = if view.under_way { Phase::Running } else { Phase::Finished };
    let snapshot = Snapshot { phase: seen, ..Snapshot::default() };
    let transform = chart
        .show(ui, &snapshot, &mut state.race.zoom, |ui, _| {
            ui.label(RichText::new(seeds).font(theme::regular(text::CAPTION)).color(palette(ui).ink3));
        })
        .transform;
    let bands: Vec<Shape> = lanes.iter().map(|l| Shape::mesh(band_of(l, scale, &transform))).collect();
    ui.painter_at(*transform.frame()).set(under, Shape::Vec(bands));
    let at = transform.frame().right_bottom() + vec2(0.0, space::XS);
    ui.painter().text(
        at,
        Align2::RIGHT_TOP,
        i18n::along_step(),
        theme::regular(text::CAPTION),
        palette(ui).ink3,
    );
    interventions(ui, state, view, lanes, &transform);
}

/// The axis around the curves in steps of a half, so that it moves seldom: lanes are told apart by less than a whole
/// axis from zero would show.
fn around(scale: Scale, least: f32, most: f32) -> (f64, f64) {
    if scale == Scale::Log {
        return scale.around(least, most);
    }
    let low = (f64::from(least) * 2.0 - 0.2).floor() / 2.0;
    let high = (f64::from(most) * 2.0 + 0.1).ceil() / 2.0;
    (low.max(0.0), high.max(low.max(0.0) + 0.5))
}

/// A lane as the charts draw it, its value beside its name.
fn lane(ui: &Ui, shown: &Shown<'_>, i: usize) -> Lane {
    let (colour, mark) = look(palette(ui), i);
    let value = shown.curve.loss.map_or_else(String::new, |v| format!(" {}", numbers::ratio(v)));
    Lane {
        name: format!("{}{value}", shown.name),
        colour,
        mark,
        buckets: shown.curve.shown.iter().map(|b| (b.last_step as f64, *b)).collect(),
        tests: Vec::new(),
    }
}

/// From the lowest to the highest seed, as a strip of triangles: no path is filled that bends both ways.
fn band_of(lane: &Shown<'_>, scale: Scale, transform: &PlotTransform) -> Mesh {
    let frame = *transform.frame();
    let colour = lane.colour.gamma_multiply(BAND);
    let mut mesh = Mesh::default();
    let mut joined = false;
    for &(step, low, high) in &lane.curve.band {
        let x = transform.position_from_point_x(step as f64);
        if !frame.x_range().contains(x) {
            joined = false;
            continue;
        }
        for v in [high, low] {
            let y = transform.position_from_point_y(scale.to(v));
            mesh.colored_vertex(pos2(x, y.clamp(frame.top(), frame.bottom())), colour);
        }
        let n = mesh.vertices.len() as u32;
        if joined {
            mesh.add_triangle(n - 4, n - 3, n - 2);
            mesh.add_triangle(n - 3, n - 2, n - 1);
        }
        joined = true;
    }
    mesh
}

/// What was done, in words: `layer2.4 cut · 260`.
pub fn told(lane: &Shown<'_>, s: &Surgery) -> String {
    let who = match s.whom {
        Whom::Network => i18n::race_whole().to_owned(),
        Whom::Stage(n) => format!("layer{n}"),
        Whom::Block(b) => lane.layers.block_name(b),
    };
    let step = numbers::grouped(s.step);
    match s.change {
        Change::Set(0.0) => i18n::race_was_cut(&who, &step),
        Change::Set(alpha) => i18n::race_was_set(&who, numbers::ratio(alpha), &step),
        Change::Restore => i18n::race_was_rejoined(&who, &step),
        Change::Branch(_) | Change::Swap(_) | Change::Scramble(_) => {
            let done = Surgery { whom: Whom::Block(0), ..*s };
            format!("{} · {step}", surgery::words(&done, &[who]))
        }
        Change::Undo => i18n::race_was_undone(&who, &step),
    }
}

/// Dashed lines with flags. Pressing the newest of a lane takes it back.
fn interventions(
    ui: &Ui,
    state: &mut AppState,
    view: &RaceView,
    lanes: &[Shown<'_>],
    transform: &PlotTransform,
) {
    const HIGH: f32 = 22.0;
    let p = palette(ui);
    let frame = *transform.frame();
    let painter = ui.painter_at(frame);
    let mut rows: Vec<f32> = Vec::new();
    for (i, lane) in lanes.iter().enumerate() {
        let done = lane.run.map(|r| movements(&r.surgeries)).unwrap_or_default();
        for (k, s) in done.iter().enumerate() {
            let x = transform.position_from_point_x(s.step as f64);
            if !frame.x_range().contains(x) {
                continue;
            }
            let ends = [pos2(x, frame.top()), pos2(x, frame.bottom())];
            painter.extend(Shape::dashed_line(
                &ends,
                p.stroke(line::ICON, p.ink),
                line::DASH.0,
                line::DASH.1,
            ));
            let words = fitted(ui, told(lane, s), theme::semibold(text::CAPTION), p.bg, frame.width());
            // The lane by its colour: which of them was operated on is half of the message.
            let wide = words.size().x + space::L + space::S;
            let left = (x - wide / 2.0).clamp(frame.left(), (frame.right() - wide).max(frame.left()));
            // Where flags would touch, the later one goes a line down.
            let row = rows.iter().position(|end| *end < left).unwrap_or(rows.len());
            if row == rows.len() {
                rows.push(0.0);
            }
            rows[row] = left + wide + space::XS;
            let top = frame.top() + space::S + row as f32 * (HIGH + space::XS);
            let flag = Rect::from_min_size(pos2(left, top), vec2(wide, HIGH));
            let newest = view.is_open() && k + 1 == done.len() && s.change != Change::Undo;
            let sense = if newest { Sense::click() } else { Sense::hover() };
            let response = ui.interact(flag, ui.scope_id().with(("flag", i, k)), sense);
            painter.rect_filled(flag, CornerRadius::same(radius::CARD), p.ink);
            painter.circle_filled(pos2(flag.left() + space::S + 1.0, flag.center().y), 4.0, lane.colour);
            painter.galley(pos2(flag.left() + space::L, flag.center().y - words.size().y / 2.0), words, p.bg);
            let name = format!("{} {}", lane.name, told(lane, s));
            response.widget_info(|| WidgetInfo::labeled(Role::Button, newest, &name));
            if newest && response.clicked() {
                state.send(Command::OperateLane { lane: i, whom: s.whom, change: Change::Undo });
            }
            response.on_hover_text(if newest { format!("{name}\n{}", i18n::race_flag_hint()) } else { name });
        }
    }
}

/// Accuracy on the test split: a row a lane, a hollow mark a seed, a line from the lowest to the highest.
fn tested(ui: &mut Ui, lanes: &[Shown<'_>]) {
    const ROW: f32 = 96.0;
    let p = palette(ui);
    let font = || theme::regular(text::CAPTION);
    ui.label(RichText::new(i18n::race_test_caption()).font(font()).color(p.ink3));
    let found = |l: &Shown<'_>| l.lane.of_seeds(|r| r.test_accuracy);
    if lanes.iter().all(|l| found(l).is_empty()) {
        ui.label(RichText::new(i18n::race_test_empty()).font(theme::regular(text::BODY)).color(p.ink3));
        return;
    }
    let (rect, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let plot =
        rect.with_min_x(rect.left() + 8.0).with_max_x(rect.right() - 84.0).with_max_y(rect.bottom() - 20.0);
    let x = |v: f32| plot.left() + v.clamp(0.0, 1.0) * plot.width();
    for tick in 0_u8..=4 {
        let v = f32::from(tick) / 4.0;
        ui.painter().vline(x(v).round() + 0.5, plot.y_range(), p.stroke(line::HAIR, p.line));
        let at = pos2(x(v), plot.bottom() + space::XS);
        let words = format!("{}\u{2009}%", numbers::fixed(f64::from(v) * 100.0, 0));
        ui.painter().text(at, Align2::CENTER_TOP, words, font(), p.ink3);
    }
    for (i, lane) in lanes.iter().enumerate() {
        let y = plot.top() + (i as f32 + 0.5) * ROW.min(plot.height() / lanes.len().max(1) as f32);
        put(
            ui,
            plot.left(),
            y - space::M,
            fitted(ui, lane.name.clone(), theme::semibold(text::CAPTION), lane.colour, plot.width()),
        );
        let all = found(lane);
        let (Some(low), Some(high)) =
            (all.iter().copied().reduce(f32::min), all.iter().copied().reduce(f32::max))
        else {
            continue;
        };
        let y = y + space::XS;
        ui.painter().hline(x(low)..=x(high), y, p.stroke(line::TRUNK, lane.colour));
        for v in &all {
            look(p, i).1.draw(ui.painter(), pos2(x(*v), y), 4.5, p.panel, p.stroke(line::ICON, lane.colour));
        }
        let mean = all.iter().sum::<f32>() / all.len() as f32;
        let at = pos2(rect.right(), y);
        ui.painter().text(
            at,
            Align2::RIGHT_CENTER,
            numbers::percent(mean),
            theme::semibold(text::TITLE),
            lane.colour,
        );
    }
}
