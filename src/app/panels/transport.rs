//! The bar on top: what it is, run and pause, and how far it has come.

use super::super::form;
use super::super::i18n::{self, Language};
use super::super::numbers::{self, UNKNOWN};
use super::super::pace::Speed;
use super::super::state::{AppState, can_train};
use super::super::theme::{self, line, palette, size, space, text};
use super::super::view::View;
use super::super::widgets::{icon_button, icons, icons::Icon, readout, solid_button, stops, tabs};
use super::lab::transport as lab;
use super::race::transport as race;
use super::{microscope, past};
use crate::session::{Command, EngineKind, Phase, Snapshot};
use eframe::egui::{Align, Align2, Layout, RichText, Sense, Ui, vec2};

/// The whole bar of a wide window.
pub fn bar(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        brand(ui);
        views(ui, state);
        rule(ui);
        ui.add_space(space::XS);
        let trains = match state.view {
            View::Race => {
                race::button(ui, state, snapshot, size::TRANSPORT_BUTTON);
                false
            }
            View::Lab => {
                lab::button(ui, state, snapshot, size::TRANSPORT_BUTTON);
                false
            }
            View::Network | View::Microscope => {
                small_buttons(ui, state, snapshot, size::CONTROL_TALL);
                run_button(ui, state, snapshot, size::TRANSPORT_BUTTON);
                true
            }
        };
        ui.add_space(space::S);
        match state.then(snapshot).filter(|_| trains) {
            Some(then) => {
                let corner = CORNER.len() as f32 * size::CONTROL_TALL + space::L;
                let room = ui.available_width() - corner;
                past::readouts(ui, state, snapshot, then, room);
            }
            None => {
                if !state.presentation && trains {
                    speed(ui, state);
                    rule(ui);
                    ui.add_space(space::S);
                }
                readouts(ui, state, snapshot);
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            corner(ui, state, snapshot, size::CONTROL_TALL);
        });
    });
}

/// The whole network, one block of it, or several networks at once.
fn views(ui: &mut Ui, state: &mut AppState) {
    let choices = [
        (View::Network, i18n::view_watch(), i18n::view_watch_hint()),
        (View::Microscope, i18n::view_microscope(), i18n::view_microscope_hint()),
        (View::Race, i18n::view_race(), i18n::view_race_hint()),
        (View::Lab, i18n::view_lab(), i18n::view_lab_hint()),
    ];
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let mut view = state.view;
        if tabs(ui, &mut view, &choices, size::TRANSPORT) {
            match view {
                View::Microscope => microscope::open(&mut state.view, &mut state.selection),
                View::Network | View::Race | View::Lab => state.show(view),
            }
        }
        // Beside either view, not instead of it.
        let lessons = [(true, i18n::view_lessons(), i18n::view_lessons_hint())];
        tabs(ui, &mut state.lessons.open, &lessons, size::TRANSPORT);
    });
}

/// How fast steps follow each other, under its name.
fn speed(ui: &mut Ui, state: &mut AppState) {
    const WIDTH: f32 = 84.0;
    let p = palette(ui);
    let mut place = state.speed().place();
    let hint = state.speed().steps_per_second().map_or_else(
        || i18n::speed_full_hint().to_owned(),
        |rate| i18n::speed_hint(numbers::hyper(f64::from(rate))),
    );
    let inner = ui.allocate_ui_with_layout(vec2(WIDTH, 40.0), Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let value = match state.speed().steps_per_second() {
            Some(rate) => i18n::per_second(numbers::hyper(f64::from(rate))),
            None => i18n::speed_full().to_owned(),
        };
        let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, text::CAPTION + space::XS), Sense::hover());
        let small = theme::regular(text::CAPTION);
        ui.painter().text(rect.left_top(), Align2::LEFT_TOP, i18n::speed(), small.clone(), p.ink2);
        ui.painter().text(rect.right_top(), Align2::RIGHT_TOP, value, small, p.ink);
        stops(ui, &mut place, Speed::FULL.place(), WIDTH, i18n::speed())
    });
    if inner.inner.on_hover_text(hint).changed() {
        state.set_speed(Speed::at(place));
    }
}

/// Mark and network of a narrow window.
pub fn title(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    ui.horizontal_centered(|ui| {
        let p = palette(ui);
        mark(ui);
        let name = snapshot.model.as_ref().map_or(state.form.name.as_str(), |m| m.name.as_str());
        let name = match state.view {
            View::Race => i18n::view_race().to_owned(),
            View::Lab => i18n::view_lab().to_owned(),
            View::Network | View::Microscope => form::title(name),
        };
        ui.label(RichText::new(name).font(theme::semibold(text::TITLE)).color(p.ink));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            corner(ui, state, snapshot, size::TOUCH);
        });
    });
}

/// The bar at the bottom of a narrow window: what a thumb reaches.
pub fn thumb(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    ui.horizontal_centered(|ui| {
        if state.view == View::Race {
            race::button(ui, state, snapshot, size::TOUCH);
            race::readouts(ui, state, snapshot, |ui, wide| ui.available_width() > wide + space::L);
            return;
        }
        if state.view == View::Lab {
            lab::button(ui, state, snapshot, size::TOUCH);
            lab::readouts(ui, state, snapshot, |ui, wide| ui.available_width() > wide + space::L);
            return;
        }
        run_button(ui, state, snapshot, size::TOUCH);
        if state.then(snapshot).is_some() {
            ui.spacing_mut().interact_size.y = size::TOUCH;
            past::buttons(ui, state, snapshot, true);
            return;
        }
        small_buttons(ui, state, snapshot, size::TOUCH);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (epoch, of) = epochs(state, snapshot);
            readout(ui, i18n::epoch(), &epoch, &of, 64.0, i18n::epoch_hint());
            if ui.available_width() > 72.0 {
                readout(
                    ui,
                    i18n::step_label(),
                    &numbers::grouped(state.readouts.step),
                    "",
                    64.0,
                    i18n::step_readout_hint(),
                );
            }
        });
    });
}

fn mark(ui: &mut Ui) {
    let p = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(28.0, 32.0), Sense::hover());
    icons::mark(ui.painter(), rect, p.skip_fill, p.f_branch, p.ink);
}

fn brand(ui: &mut Ui) {
    let p = palette(ui);
    mark(ui);
    ui.label(RichText::new(i18n::app_name()).font(theme::semibold(text::TITLE)).color(p.ink));
}

fn rule(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(line::HAIR, 24.0), Sense::hover());
    ui.painter().vline(rect.center().x, rect.y_range(), palette(ui).stroke(line::HAIR, palette(ui).line));
}

fn small_buttons(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, side: f32) {
    let restart = snapshot.model.is_some() && snapshot.phase != Phase::Lost;
    ui.add_enabled_ui(restart, |ui| {
        let button = icon_button(ui, Icon::Restart, i18n::restart(), side);
        if button.on_hover_text(i18n::restart_hint()).clicked() {
            state.restart(snapshot);
        }
    });
    ui.add_enabled_ui(can_train(snapshot), |ui| {
        let button = icon_button(ui, Icon::Step, i18n::step(), side);
        if button.on_hover_text(i18n::step_hint()).on_disabled_hover_text(i18n::run_waits()).clicked() {
            state.send(Command::Step);
        }
    });
}

fn run_button(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32) {
    let running = state.is_running(snapshot);
    let again = matches!(snapshot.phase, Phase::Finished | Phase::Diverged);
    let (icon, label, hint) = match (running, again) {
        (true, _) => (Icon::Pause, i18n::pause(), i18n::pause_hint()),
        (false, true) => (Icon::Restart, i18n::run_again(), i18n::restart_hint()),
        (false, false) => (Icon::Run, i18n::run(), i18n::run_hint()),
    };
    let enabled = running || again || can_train(snapshot) || snapshot.phase == Phase::Evaluating;
    ui.add_enabled_ui(enabled, |ui| {
        let words = [i18n::run(), i18n::pause()];
        let button = solid_button(ui, icon, label, &words, height);
        if button.on_hover_text(hint).on_disabled_hover_text(i18n::run_waits()).clicked() {
            state.toggle_run(snapshot);
        }
    });
}

/// Epoch in progress counted from 1, and of how many.
fn epochs(state: &AppState, snapshot: &Snapshot) -> (String, String) {
    if snapshot.model.is_none() || snapshot.epochs == 0 {
        return (UNKNOWN.into(), String::new());
    }
    let now = (state.readouts.epoch + 1).min(snapshot.epochs);
    (now.to_string(), i18n::of(snapshot.epochs.to_string()))
}

/// Width of a readout.
const WIDTH: f32 = 64.0;

fn readouts(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    ui.spacing_mut().item_spacing.x = space::L;
    let corner = CORNER.len() as f32 * size::CONTROL_TALL + space::L;
    let fits = |ui: &Ui, wide: f32| ui.available_width() - corner > wide + space::L;
    match state.view {
        View::Race => race::readouts(ui, state, snapshot, fits),
        View::Lab => lab::readouts(ui, state, snapshot, fits),
        View::Network | View::Microscope => of_run(ui, state, snapshot, |ui| fits(ui, WIDTH)),
    }
    // What is left of the bar, without the buttons in the corner.
    let room = ui.available_width() - corner - space::S;
    if room > 80.0 && !state.presentation {
        adapter(ui, snapshot, room.min(440.0));
    }
}

fn of_run(ui: &mut Ui, state: &AppState, snapshot: &Snapshot, fits: impl Fn(&Ui) -> bool) {
    let r = &state.readouts;
    let (epoch, of) = epochs(state, snapshot);
    let rate = r.images_per_s.map_or(UNKNOWN.into(), numbers::rate);
    let left = r.left.filter(|_| snapshot.phase != Phase::Finished).map_or(UNKNOWN.into(), numbers::clock);
    let step = (i18n::step_label(), numbers::grouped(r.step), String::new(), i18n::step_readout_hint());
    let rate = (i18n::images_per_s(), rate, String::new(), i18n::images_per_s_hint());
    let shown = if state.presentation {
        vec![step, rate]
    } else {
        let epoch = (i18n::epoch(), epoch, of, i18n::epoch_hint());
        vec![epoch, step, rate, (i18n::left(), left, String::new(), i18n::left_hint())]
    };
    for (name, value, unit, hint) in shown {
        if fits(ui) {
            readout(ui, name, &value, &unit, WIDTH, hint);
        }
    }
}

fn adapter(ui: &mut Ui, snapshot: &Snapshot, width: f32) {
    let adapter = if snapshot.adapter.is_empty() { UNKNOWN } else { &snapshot.adapter };
    let name = match snapshot.engine {
        EngineKind::Own => adapter.to_owned(),
        EngineKind::Burn => format!("{} · {adapter}", i18n::engine_burn()),
        EngineKind::BurnCpu => i18n::engine_burn_cpu().to_owned(),
    };
    let hint = format!("{}\n{name}", i18n::adapter_hint());
    readout(ui, i18n::adapter(), &shortened(ui, &name, width), "", width, &hint);
}

/// `name` cut so that it fits; adapters call themselves long names.
fn shortened(ui: &Ui, name: &str, width: f32) -> String {
    let fits = |s: &str| {
        let font = theme::semibold(text::TITLE);
        ui.painter().layout_no_wrap(s.to_owned(), font, palette(ui).ink).size().x <= width
    };
    if fits(name) {
        return name.to_owned();
    }
    let mut ends: Vec<usize> = name.char_indices().map(|(i, _)| i).collect();
    while let Some(end) = ends.pop() {
        let cut = format!("{}…", name[..end].trim_end());
        if fits(&cut) {
            return cut;
        }
    }
    String::new()
}

/// The buttons in the corner, from the right.
const CORNER: [Corner; 5] =
    [Corner::Help, Corner::Presentation, Corner::Theme, Corner::Language, Corner::Link];

#[derive(Clone, Copy)]
enum Corner {
    Help,
    Presentation,
    Theme,
    Language,
    Link,
}

fn corner(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, side: f32) {
    ui.spacing_mut().item_spacing.x = 0.0;
    let other = i18n::language().other();
    for button in CORNER {
        let (icon, name, hint) = match button {
            Corner::Help => (Icon::Help, i18n::help(), i18n::help_hint()),
            Corner::Presentation => (Icon::Presentation, i18n::presentation(), i18n::presentation_hint()),
            Corner::Theme => (Icon::Theme, i18n::theme(), i18n::theme_hint()),
            Corner::Language => {
                let icon = match other {
                    Language::English => Icon::English,
                    Language::Chinese => Icon::Chinese,
                };
                (icon, other.name(), i18n::language_hint())
            }
            Corner::Link => (Icon::Link, i18n::copy_link(), i18n::copy_link_hint()),
        };
        if icon_button(ui, icon, name, side).on_hover_text(hint).clicked() {
            match button {
                Corner::Help => state.help = !state.help,
                Corner::Presentation => state.presentation = !state.presentation,
                Corner::Theme => state.toggle_theme(ui),
                Corner::Language => state.toggle_language(),
                Corner::Link => state.copy_link(ui, snapshot),
            }
        }
    }
}
