//! What has come of training so far, as charts behind tabs: loss and accuracy under the three numbers that
//! sum them up, rates, layers, and what is taken for what.

mod chart;
mod confusion;
mod curves;
mod lanes;
mod layers;
pub(super) mod marks;
mod matrix;
mod scale;
mod zoom;

pub use chart::{Chart, Line, Place};
pub use confusion::Confusion;
pub use curves::loss;
pub use lanes::{Lane, Mark, look};
pub use layers::layer_names;
pub use scale::{Across, Scale};
pub use zoom::Zoom;

use super::super::charts::Tab;
use super::super::i18n;
use super::super::motion;
use super::super::numbers::{self, UNKNOWN};
use super::super::state::{AppState, UiCommand};
use super::super::theme::{self, palette, size, space, text};
use super::super::widgets::{self, icon_button, icons::Icon, segmented};
use super::{menu, past};
use crate::session::Snapshot;
use eframe::egui::{Align, Align2, Color32, Key, Layout, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// From this width on the three numbers have room beside the tabs.
const BESIDE: f32 = 820.0;

/// The panel, `height` high.
pub fn panel(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32) {
    keys(ui, state);
    theme::panel_frame(ui).show(ui, |ui| {
        let height = height - 2.0 * space::L;
        ui.set_height(height);
        let top = ui.cursor().top();
        // A presentation has its one number beside the chart.
        let numbers = matches!(state.charts.tab, Tab::Loss | Tab::Accuracy) && !state.presentation;
        let beside = numbers && ui.available_width() >= BESIDE;
        head(ui, state, snapshot, beside);
        if numbers && !beside {
            headlines(ui, state, snapshot);
        }
        let left = (height - (ui.cursor().top() - top)).max(0.0);
        let past = past::height(snapshot);
        ui.allocate_ui(vec2(ui.available_width(), (left - past).max(0.0)), |ui| page(ui, state, snapshot));
        past::row(ui, state, snapshot);
    });
    confusion::pictures(ui, state, snapshot);
}

/// The panel on a phone, where the headlines stand elsewhere.
pub fn curves(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    const HEIGHT: f32 = 420.0;
    theme::panel_frame(ui).show(ui, |ui| {
        head(ui, state, snapshot, false);
        ui.allocate_ui(vec2(ui.available_width(), HEIGHT), |ui| {
            ui.set_height(HEIGHT);
            page(ui, state, snapshot);
        });
        past::row(ui, state, snapshot);
    });
    confusion::pictures(ui, state, snapshot);
}

fn page(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    motion::fade(ui, "charts", state.charts.tab, state.reduced_motion);
    match state.charts.tab {
        Tab::Loss => curves::loss(ui, state, snapshot),
        Tab::Accuracy => curves::accuracy(ui, state, snapshot),
        Tab::Rates => curves::rates(ui, state, snapshot),
        Tab::Layers => layers::show(ui, state, snapshot),
        Tab::Confusion => confusion::show(ui, state, snapshot),
    }
}

/// 1 to 5 choose what is shown, as the table of keys says.
fn keys(ui: &Ui, state: &mut AppState) {
    const KEYS: [Key; 5] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];
    if ui.memory(|m| m.focused().is_some()) || ui.ctx().egui_wants_keyboard_input() {
        return;
    }
    for (key, tab) in KEYS.into_iter().zip(Tab::ALL) {
        if ui.input(|i| i.key_pressed(key) && !i.modifiers.command && !i.modifiers.alt) {
            state.charts.tab = tab;
        }
    }
}

fn words(tab: Tab) -> (&'static str, &'static str) {
    match tab {
        Tab::Loss => (i18n::loss(), i18n::tab_loss_hint()),
        Tab::Accuracy => (i18n::accuracy(), i18n::tab_accuracy_hint()),
        Tab::Rates => (i18n::tab_rates(), i18n::tab_rates_hint()),
        Tab::Layers => (i18n::tab_layers(), i18n::tab_layers_hint()),
        Tab::Confusion => (i18n::tab_confusion(), i18n::tab_confusion_hint()),
    }
}

/// The tabs, a list of them where they have no room; the numbers, if they stand `beside`; and what leaves
/// the window as a file.
fn head(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, beside: bool) {
    let choices = Tab::ALL.map(|t| (t, words(t).0, words(t).1));
    let wide = widgets::segmented_width(ui, &choices);
    let row = if beside { Layout::left_to_right(Align::Min) } else { Layout::left_to_right(Align::Center) };
    let side = theme::control(ui, size::CONTROL);
    let high = if beside { NUMBERS } else { side };
    ui.allocate_ui_with_layout(vec2(ui.available_width(), high), row, |ui| {
        let room = ui.available_width() - side - space::S;
        if wide <= room {
            segmented(ui, &mut state.charts.tab, &choices, None);
        } else {
            let (shown, hint) = words(state.charts.tab);
            menu::choose(ui, "charts", shown, hint, |ui| {
                for (tab, word, hint) in choices {
                    if ui.selectable_label(state.charts.tab == tab, word).on_hover_text(hint).clicked() {
                        state.charts.tab = tab;
                    }
                }
            });
        }
        if beside {
            ui.add_space(space::XL);
            let room = vec2(ui.available_width() - size::CONTROL - space::S, NUMBERS);
            ui.allocate_ui(room, |ui| headlines(ui, state, snapshot));
        }
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| files(ui, state, snapshot));
    });
}

/// Files out of the window and into it.
fn files(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let button = icon_button(ui, Icon::Export, i18n::export(), theme::control(ui, size::CONTROL));
    menu::under(&button, |ui| {
        let measured = !state.history.is_empty();
        ui.add_enabled_ui(measured, |ui| {
            if ui.button(i18n::export_csv()).on_hover_text(i18n::export_csv_hint()).clicked() {
                state.export_csv(snapshot);
            }
            if ui.button(i18n::export_run()).on_hover_text(i18n::export_run_hint()).clicked() {
                state.export_run();
            }
        });
        if ui.button(i18n::export_png()).on_hover_text(i18n::export_png_hint()).clicked() {
            state.ask(UiCommand::Screenshot);
        }
        if ui.button(i18n::open_run()).on_hover_text(i18n::open_run_hint()).clicked() {
            state.ask(UiCommand::OpenRun);
        }
    });
    button.on_hover_text(i18n::export_hint());
}

/// Height of the three numbers.
const NUMBERS: f32 = 52.0;

/// Train loss, test loss, test accuracy: one sentence in three numbers.
pub fn headlines(ui: &mut Ui, state: &AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let test = state.tested(snapshot);
    let loss = |v: Option<f32>| v.map_or(UNKNOWN.into(), numbers::loss);
    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
        let width = (ui.available_width() / 3.0).min(150.0);
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
    });
}

fn headline(ui: &mut Ui, value: &str, name: &str, ink: Color32, width: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, NUMBERS), Sense::hover());
    let size = if width < 110.0 { text::RESULT } else { text::HEADLINE };
    let painter = ui.painter();
    painter.text(rect.left_top(), Align2::LEFT_TOP, value, theme::semibold(size), ink);
    let at = pos2(rect.left(), rect.bottom());
    painter.text(at, Align2::LEFT_BOTTOM, name, theme::regular(text::CAPTION), palette(ui).ink2);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} {value}")));
    response
}
