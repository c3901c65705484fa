//! Loss, accuracy and rates: a curve a run.

use super::super::super::charts::{Along, ChartsState};
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::theme::{palette, space};
use super::super::menu;
use super::chart::{Chart, Line, Place};
use super::lanes::{Lane, lanes};
use super::marks;
use super::scale::{Across, Scale};
use super::zoom::Zoom;
use crate::session::Snapshot;
use eframe::egui::{Rect, Ui, UiBuilder};

/// From this height on a second chart has room under the first.
const TWO: f32 = 170.0;
/// The share that the second one then has.
const SECOND: f32 = 0.36;

/// The loss, and the accuracy small under it if there is room.
pub fn loss(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let (first, second) = split(ui, SECOND);
    let mut chart = loss_chart(ui, state);
    if second.is_some() {
        chart.place = Place::Over;
    }
    let AppState { charts, linear_loss, .. } = state;
    let drawn = draw(ui, first, |ui| {
        chart.show(ui, snapshot, &mut charts.zoom, |ui, zoom| {
            ui.spacing_mut().item_spacing.x = space::S;
            let shown = if *linear_loss { i18n::linear_axis() } else { i18n::log_axis() };
            if menu::word(ui, shown, i18n::log_axis_hint()).clicked() {
                *linear_loss = !*linear_loss;
            }
            along(ui, &mut charts.along, zoom);
        })
    });
    answer(state, snapshot, drawn.pressed);
    if let Some(second) = second {
        let chart = Chart { line: Line::TestOnly, place: Place::Under, ..accuracy_chart(ui, state) };
        // Its flags are those of the chart over it.
        draw(ui, second, |ui| chart.show(ui, snapshot, &mut state.charts.zoom, |_, _| {}));
    }
}

/// The accuracy alone.
pub fn accuracy(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let chart = Chart { remark: i18n::lines_caption(), ..accuracy_chart(ui, state) };
    let ChartsState { zoom, along: shown, .. } = &mut state.charts;
    let drawn = chart.show(ui, snapshot, zoom, |ui, zoom| along(ui, shown, zoom));
    answer(state, snapshot, drawn.pressed);
}

/// The learning rate, and images a second.
pub fn rates(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let (first, second) = split(ui, 0.5);
    let chart = rate_chart(ui, state);
    let ChartsState { zoom, along: shown, .. } = &mut state.charts;
    let drawn = draw(ui, first, |ui| chart.show(ui, snapshot, zoom, |ui, zoom| along(ui, shown, zoom)));
    answer(state, snapshot, drawn.pressed);
    if let Some(second) = second {
        let chart = speed_chart(ui, state);
        let drawn = draw(ui, second, |ui| chart.show(ui, snapshot, &mut state.charts.zoom, |_, _| {}));
        answer(state, snapshot, drawn.pressed);
    }
}

fn split(ui: &Ui, share: f32) -> (Rect, Option<Rect>) {
    let whole = ui.available_rect_before_wrap();
    if whole.height() < TWO {
        return (whole, None);
    }
    let (first, second) = whole.split_top_bottom_at_fraction(1.0 - share);
    (first, Some(second.with_min_y(second.top() + space::XS)))
}

fn draw<T>(ui: &mut Ui, rect: Rect, show: impl FnOnce(&mut Ui) -> T) -> T {
    ui.scope_builder(UiBuilder::new().max_rect(rect), show).inner
}

/// Does what the press on an operation's flag asks for.
pub fn answer(state: &mut AppState, snapshot: &Snapshot, pressed: Option<usize>) {
    if let Some(asked) = pressed.and_then(|nth| state.answer_flag(snapshot, nth)) {
        state.operate(asked);
    }
}

/// What the curves are drawn against; and, while a part of them is shown, the way back to all.
fn along(ui: &mut Ui, chosen: &mut Along, zoom: &mut Zoom) {
    let words = |a| match a {
        Along::Step => i18n::along_step(),
        Along::Epoch => i18n::along_epoch(),
        Along::Time => i18n::along_time(),
    };
    let shown = words(*chosen);
    let response = menu::word(ui, shown, i18n::along_hint());
    menu::under(&response, |ui| {
        for along in [Along::Step, Along::Epoch, Along::Time] {
            if ui.selectable_label(*chosen == along, words(along)).clicked() && *chosen != along {
                *chosen = along;
                zoom.fit();
            }
        }
    });
    if !zoom.is_whole() && menu::word(ui, i18n::zoom_fit(), i18n::zoom_fit_hint()).clicked() {
        zoom.fit();
    }
}

fn loss_chart(ui: &Ui, state: &AppState) -> Chart {
    let scale = if state.linear_loss { Scale::Linear } else { Scale::Log };
    let (lanes, across) =
        lanes(palette(ui), state, |h| (&h.loss, h.evaluations.iter().map(|e| (e.step, e.loss)).collect()));
    let mut chart = Chart {
        id: "loss",
        title: i18n::loss(),
        remark: i18n::lines_caption(),
        empty: i18n::loss_empty(),
        lanes,
        marks: marks::along(state, &across),
        across,
        line: Line::Smooth,
        place: Place::Alone,
        scale,
        low: scale.to(if scale == Scale::Log { 0.1 } else { 0.0 }),
        high: scale.to(3.0),
        write: numbers::loss,
        tick: numbers::axis_value,
        fine: numbers::axis_fine,
    };
    if let Some((least, most)) = chart.range() {
        (chart.low, chart.high) = scale.around(least, most);
    }
    chart
}

fn accuracy_chart(ui: &Ui, state: &AppState) -> Chart {
    let (lanes, across) = lanes(palette(ui), state, |h| {
        (&h.accuracy, h.evaluations.iter().map(|e| (e.step, e.accuracy)).collect())
    });
    Chart {
        id: "accuracy",
        title: i18n::accuracy(),
        remark: "",
        empty: i18n::accuracy_empty(),
        lanes,
        marks: marks::along(state, &across),
        across,
        line: Line::Smooth,
        place: Place::Alone,
        scale: Scale::Linear,
        low: 0.0,
        high: 1.0,
        write: numbers::percent,
        tick: |v| format!("{}\u{2009}%", numbers::fixed(v * 100.0, 0)),
        fine: |v, gap| format!("{}\u{2009}%", numbers::axis_fine(v * 100.0, gap * 100.0)),
    }
}

fn rate_chart(ui: &Ui, state: &AppState) -> Chart {
    let drawn = lanes(palette(ui), state, |h| (&h.lr, Vec::new()));
    let title = i18n::learning_rate();
    fitted(exact(state, "learning rate", title, drawn, numbers::learning_rate, numbers::axis_value), 0.1)
}

fn speed_chart(ui: &Ui, state: &AppState) -> Chart {
    let drawn = lanes(palette(ui), state, |h| (&h.rate, Vec::new()));
    let title = i18n::images_per_s();
    fitted(exact(state, "images a second", title, drawn, numbers::rate, numbers::axis_step), 1000.0)
}

/// One value a step, drawn as it is.
fn exact(
    state: &AppState,
    id: &'static str,
    title: &'static str,
    (lanes, across): (Vec<Lane>, Across),
    write: fn(f32) -> String,
    tick: fn(f64) -> String,
) -> Chart {
    Chart {
        id,
        title,
        remark: "",
        empty: i18n::rates_empty(),
        lanes,
        marks: marks::along(state, &across),
        across,
        line: Line::Exact,
        place: Place::Alone,
        scale: Scale::Linear,
        low: 0.0,
        high: 0.0,
        write,
        tick,
        fine: numbers::axis_fine,
    }
}

/// With an axis around its values, up to `most` as long as there are none.
fn fitted(mut chart: Chart, most: f64) -> Chart {
    (chart.low, chart.high) = match chart.range().filter(|r| r.1 > 0.0) {
        Some((least, most)) => chart.scale.around(least, most),
        None => (0.0, most),
    };
    chart
}
