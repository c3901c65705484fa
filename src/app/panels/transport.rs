//! The bar on top: what it is, run and pause, and how far it has come.

use super::super::i18n::{self, Language};
use super::super::numbers::{self, UNKNOWN};
use super::super::state::{AppState, can_train};
use super::super::theme::{self, line, palette, size, space, text};
use super::super::widgets::{icon_button, icons, icons::Icon, readout, solid_button};
use crate::session::{Command, Phase, Snapshot};
use eframe::egui::{Align, Layout, RichText, Sense, Stroke, Ui, vec2};

/// The whole bar of a wide window.
pub fn bar(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        brand(ui);
        ui.add_space(space::S);
        rule(ui);
        ui.add_space(space::XS);
        small_buttons(ui, state, snapshot, size::CONTROL_TALL);
        run_button(ui, state, snapshot, 36.0);
        ui.add_space(space::S);
        rule(ui);
        ui.add_space(space::S);
        readouts(ui, state, snapshot);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| corner(ui, state, size::CONTROL_TALL));
    });
}

/// Mark and name of a narrow window.
pub fn title(ui: &mut Ui, state: &mut AppState) {
    ui.horizontal_centered(|ui| {
        brand(ui);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| corner(ui, state, size::TOUCH - space::S));
    });
}

/// The bar at the bottom of a narrow window: what a thumb reaches.
pub fn thumb(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    ui.horizontal_centered(|ui| {
        run_button(ui, state, snapshot, size::TOUCH);
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

fn brand(ui: &mut Ui) {
    let p = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(28.0, 32.0), Sense::hover());
    icons::mark(ui.painter(), rect, p.skip_fill, p.f_branch, p.ink);
    ui.label(RichText::new(i18n::app_name()).font(theme::semibold(text::TITLE)).color(p.ink));
}

fn rule(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(line::HAIR, 24.0), Sense::hover());
    ui.painter().vline(rect.center().x, rect.y_range(), Stroke::new(line::HAIR, palette(ui).line));
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
    (now.to_string(), i18n::of(&snapshot.epochs.to_string()))
}

fn readouts(ui: &mut Ui, state: &AppState, snapshot: &Snapshot) {
    ui.spacing_mut().item_spacing.x = space::L;
    let r = &state.readouts;
    let (epoch, of) = epochs(state, snapshot);
    readout(ui, i18n::epoch(), &epoch, &of, 68.0, i18n::epoch_hint());
    readout(ui, i18n::step_label(), &numbers::grouped(r.step), "", 68.0, i18n::step_readout_hint());
    let rate = r.images_per_s.map_or(UNKNOWN.into(), numbers::rate);
    readout(ui, i18n::images_per_s(), &rate, "", 68.0, i18n::images_per_s_hint());
    let left = r.left.filter(|_| snapshot.phase != Phase::Finished).map_or(UNKNOWN.into(), numbers::clock);
    readout(ui, i18n::left(), &left, "", 68.0, i18n::left_hint());
    // What is left of the bar, without the buttons in the corner.
    let room = ui.available_width() - 3.0 * size::CONTROL_TALL - space::XL;
    if room > 80.0 {
        adapter(ui, snapshot, room.min(440.0));
    }
}

fn adapter(ui: &mut Ui, snapshot: &Snapshot, width: f32) {
    let name = if snapshot.adapter.is_empty() { UNKNOWN } else { &snapshot.adapter };
    let hint = format!("{}\n{name}", i18n::adapter_hint());
    readout(ui, i18n::adapter(), &shortened(ui, name, width), "", width, &hint);
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

fn corner(ui: &mut Ui, state: &mut AppState, side: f32) {
    ui.spacing_mut().item_spacing.x = 0.0;
    if icon_button(ui, Icon::Help, i18n::help(), side).on_hover_text(i18n::help_hint()).clicked() {
        state.help = !state.help;
    }
    if icon_button(ui, Icon::Theme, i18n::theme(), side).on_hover_text(i18n::theme_hint()).clicked() {
        state.toggle_theme(ui);
    }
    let other = i18n::language().other();
    let icon = match other {
        Language::English => Icon::English,
        Language::Chinese => Icon::Chinese,
    };
    if icon_button(ui, icon, other.name(), side).on_hover_text(i18n::language_hint()).clicked() {
        state.toggle_language();
    }
}
