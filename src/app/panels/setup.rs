//! The column of controls: network, data, recipe, and what has come of them.

use super::super::form::{self, Form};
use super::super::i18n;
use super::super::numbers::{self, UNKNOWN};
use super::super::sketches::Need;
use super::super::state::{AppState, UiCommand, classes};
use super::super::theme::{self, palette, size, space, text};
use super::super::widgets::{caption, divider, pair, raised_button, segmented};
use super::data::chevron;
use super::{custom, data, recipe, runs};
use crate::engine::DEFAULT_BUDGET;
use crate::model::{Shortcut, names};
use crate::session::{Command, Phase, Snapshot};
use eframe::egui::{
    Align, ComboBox, Frame, Label, Layout, Margin, Panel, Response, RichText, ScrollArea, Ui, vec2,
};

/// A group of controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Network,
    Data,
    Recipe,
    /// What was trained, and checkpoints.
    Runs,
}

/// The order they stand in.
const GROUPS: [Group; 4] = [Group::Network, Group::Data, Group::Recipe, Group::Runs];

/// The column beside the network: groups that scroll; what is to be built stays under them.
pub fn column(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let margin = Margin::symmetric(space::L as i8, space::M as i8);
    if differs(state, snapshot) {
        Panel::bottom("actions")
            .frame(Frame::new().fill(p.panel).inner_margin(margin))
            .show_separator_line(true)
            .show(ui, |ui| build(ui, state, snapshot));
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(margin).show(ui, |ui| all(ui, state, snapshot));
    });
}

/// The same groups, all under each other.
pub fn groups(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    all(ui, state, snapshot);
    build(ui, state, snapshot);
}

fn all(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    for (i, g) in GROUPS.into_iter().enumerate() {
        if i > 0 {
            divider(ui);
        }
        group(ui, state, snapshot, g);
    }
}

/// One group.
pub fn group(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, group: Group) {
    match group {
        Group::Network => network(ui, state, snapshot),
        Group::Data => data::group(ui, state, snapshot),
        Group::Recipe => recipe::group(ui, state, snapshot),
        Group::Runs => results(ui, state, snapshot),
    }
}

fn network(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let label = caption(ui, i18n::network(), "");
    picker(ui, state, &label);
    presets(ui, state, snapshot);
    if state.form.is_custom() || state.custom {
        custom::group(ui, state, snapshot);
    }
    counts(ui, state, snapshot);
    shortcut(ui, state);
}

fn picker(ui: &mut Ui, state: &mut AppState, label: &Response) {
    let p = palette(ui);
    let shown = RichText::new(form::title(&state.form.name)).font(theme::semibold(text::BODY)).color(p.ink);
    let row = state.form.row().to_owned();
    let mut chosen = None;
    ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL_TALL);
    let combo = ComboBox::from_id_salt("network")
        .width(ui.available_width())
        .selected_text(shown)
        .truncate()
        .icon(chevron);
    let response = combo.show_ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let own = ui.selectable_label(state.custom, i18n::custom());
        if own.on_hover_text(i18n::custom_hint()).clicked() {
            state.custom = !state.custom;
        }
        let mut group = "";
        let mut names = names();
        // Within a group those for small pictures first: they train while one watches.
        names.sort_by_key(|n| (n.starts_with("plain"), n.contains("imagenet")));
        for name in names {
            let heading =
                if name.starts_with("plain") { i18n::plain_group() } else { i18n::residual_group() };
            if heading != group {
                group = heading;
                ui.add_space(space::XS);
                ui.label(RichText::new(heading).font(theme::regular(text::CAPTION)).color(p.ink3));
            }
            if ui.selectable_label(name == row, form::title(&name)).clicked() {
                chosen = Some(name);
            }
        }
    });
    response.response.labelled_by(label.id).on_hover_text(i18n::network_hint());
    ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
    if let Some(name) = chosen {
        state.form.choose(&name);
        state.custom = false;
        state.touch();
    }
}

/// Two well-known runs, each one press away.
fn presets(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let free = !matches!(snapshot.phase, Phase::Compiling | Phase::Lost);
    let half = (ui.available_width() - space::XS) / 2.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        for (form, name, hint) in [
            (Form::cifar(), i18n::preset_cifar(), i18n::preset_cifar_hint()),
            (Form::article(), i18n::preset_article(), i18n::preset_article_hint()),
        ] {
            ui.add_enabled_ui(free, |ui| {
                if raised_button(ui, name, Some(half), false).on_hover_text(hint).clicked() {
                    state.form = form;
                    state.custom = false;
                    state.fetch_cifar(snapshot);
                    state.run_when_built = true;
                    state.build(snapshot);
                }
            });
        }
    });
}

/// What the network has and takes, before it is built.
fn counts(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let spec = state.form.spec_for(classes(snapshot));
    let counts = state.sketch(&spec).map(|s| (s.parameters, s.macs));
    let steady = !ui.input(|i| i.pointer.any_down());
    let need = if spec.validate().is_ok() { state.need(&spec, steady) } else { None };
    let unknown = || (UNKNOWN.to_owned(), "");
    let (parameters, macs) =
        counts.map_or((unknown(), unknown()), |(p, m)| (numbers::count(p), numbers::count(m)));
    let memory = if snapshot.gpu_bytes > 0 && !differs(state, snapshot) {
        Some(snapshot.gpu_bytes)
    } else {
        need.map(|n| n.bytes + AppState::picture_bytes(snapshot))
    };
    let memory = memory.map_or(unknown(), numbers::bytes);
    let step = counts.and_then(|(_, macs)| state.step_seconds(macs, snapshot));
    let step = step.map_or(UNKNOWN.into(), |s| i18n::about(numbers::duration(s)));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        pair(ui, i18n::parameters(), &parameters.0, parameters.1, i18n::parameters_hint());
        pair(ui, i18n::macs(), &macs.0, macs.1, i18n::macs_hint());
        pair(ui, i18n::gpu_memory(), &memory.0, memory.1, i18n::gpu_memory_hint());
        pair(ui, i18n::step_time(), &step, "", i18n::step_time_hint());
    });
    if let Some(Need { bytes, fits: Some(fits) }) = need {
        let written = |n| {
            let (v, unit) = numbers::bytes(n);
            format!("{v} {unit}")
        };
        let (need, allowed) = (written(bytes), written(DEFAULT_BUDGET));
        let words = match fits {
            0 => i18n::fits_never(need, allowed),
            batch => i18n::fits_at(need, allowed, numbers::grouped(batch as u64)),
        };
        warning(ui, &words);
    }
}

fn warning(ui: &mut Ui, words: &str) {
    let words = RichText::new(format!("▲ {words}")).font(theme::regular(text::CAPTION));
    ui.add(Label::new(words.color(palette(ui).warn)).wrap());
}

fn shortcut(ui: &mut Ui, state: &mut AppState) {
    let p = palette(ui);
    let mut chosen = state.form.spec.shortcut;
    ui.horizontal(|ui| {
        ui.label(RichText::new(i18n::shortcut()).color(p.ink2)).on_hover_text(i18n::shortcut_hint());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let choices = [
                (Shortcut::ZeroPad, i18n::shortcut_a(), i18n::shortcut_a_hint()),
                (Shortcut::Projection, i18n::shortcut_b(), i18n::shortcut_b_hint()),
                (Shortcut::None, i18n::shortcut_none(), i18n::shortcut_none_hint()),
            ];
            segmented(ui, &mut chosen, &choices, None);
        });
    });
    if chosen != state.form.spec.shortcut {
        state.form.set_shortcut(chosen);
        state.touch();
    }
}

/// Whether the form asks for something that is not built.
fn differs(state: &AppState, snapshot: &Snapshot) -> bool {
    let engine = state.engine != snapshot.engine;
    snapshot.model.as_ref().is_none_or(|m| engine || state.form.needs_build(m, classes(snapshot)))
}

/// The button that makes what the controls ask for, and what is wrong with that; nothing where it is there.
pub fn build(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    if !differs(state, snapshot) {
        return;
    }
    let fault = state.form.spec_for(classes(snapshot)).validate().err().map(|e| e.to_string());
    let fault = fault.or_else(|| state.form.recipe.validate().err().map(|e| e.to_string()));
    let ready = fault.is_none() && !matches!(snapshot.phase, Phase::Compiling | Phase::Lost);
    if let Some(fault) = fault {
        warning(ui, &fault);
    }
    let width = ui.available_width();
    ui.add_enabled_ui(ready, |ui| {
        let label = i18n::build(form::title(&state.form.name));
        let button = raised_button(ui, &label, Some(width), ready);
        if button.on_hover_text(i18n::build_hint()).clicked() {
            state.build(snapshot);
        }
    });
}

/// What was trained, measuring now, and checkpoints.
fn results(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    runs::list(ui, state, snapshot);
    ui.add_space(space::S);
    let usable = snapshot.model.is_some() && !matches!(snapshot.phase, Phase::Compiling | Phase::Lost);
    let width = ui.available_width();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::S, 0.0);
        const EVALUATE: f32 = 88.0;
        let small = (width - 2.0 * space::S - EVALUATE) / 2.0;
        ui.add_enabled_ui(usable, |ui| {
            let evaluate = raised_button(ui, i18n::evaluate(), Some(EVALUATE), false);
            if evaluate.on_hover_text(i18n::evaluate_hint()).clicked() {
                state.send(Command::Evaluate);
            }
            let save = raised_button(ui, i18n::save(), Some(small), false);
            if save.on_hover_text(i18n::save_hint()).clicked() {
                state.send(Command::Save);
            }
        });
        ui.add_enabled_ui(snapshot.phase != Phase::Lost, |ui| {
            let load = raised_button(ui, i18n::load(), Some(small), false);
            if load.on_hover_text(i18n::load_hint()).clicked() {
                state.ask(UiCommand::OpenCheckpoint);
            }
        });
    });
}
