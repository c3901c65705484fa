//! What is to be raced: a network, the one thing in which lanes differ, and under what numbers.

use super::super::super::form::title;
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::{AppState, classes};
use super::super::super::theme::{self, palette, size, space, text};
use super::super::super::widgets::{caption, chip, divider, number, raised_button};
use super::super::charts::look;
use super::super::data::chevron;
use super::form::{Differ, MOST_BATCH, MOST_SEEDS, MOST_STEPS, PRESETS, label};
use crate::model::{MOST_WIDTH, names};
use crate::session::Snapshot;
use eframe::egui::{ComboBox, Label, RichText, Sense, Ui, vec2};

/// The controls, all under each other.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    ui.spacing_mut().item_spacing.y = space::S;
    caption(ui, i18n::race_setup(), "").on_hover_text(i18n::race_setup_hint());
    network(ui, state);
    differ(ui, state);
    values(ui, state);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let f = &mut state.race.form;
        let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
        number(ui, i18n::race_steps(), &mut f.steps, 1..=MOST_STEPS, 1.0, whole, i18n::race_steps_hint());
        number(ui, i18n::race_seeds(), &mut f.seeds, 1..=MOST_SEEDS, 0.05, whole, i18n::race_seeds_hint());
        number(ui, i18n::batch(), &mut f.batch, 1..=MOST_BATCH, 0.5, whole, i18n::batch_hint());
        if let Some(mut channels) = f.channels() {
            number(ui, i18n::width(), &mut channels, 1..=MOST_WIDTH, 0.1, whole, i18n::width_hint());
            f.set_channels(channels);
        }
        let rate = |v: f64| numbers::learning_rate(v as f32);
        number(ui, i18n::learning_rate(), &mut f.lr, 1e-5..=10.0, 0.001, rate, i18n::learning_rate_hint());
    });
    note(ui, i18n::race_rest());
    lanes(ui, state, snapshot);
    let wide = ui.available_width();
    if let Some(why) = state.race.refused.clone() {
        let p = palette(ui);
        let words = RichText::new(format!("▲ {why}")).font(theme::regular(text::CAPTION)).color(p.warn);
        ui.add(Label::new(words).wrap());
    }
    divider(ui);
    caption(ui, i18n::race_presets(), "").on_hover_text(i18n::race_presets_hint());
    for preset in &PRESETS {
        let hint = i18n::race_preset_hint(
            preset.lanes(),
            numbers::grouped(preset.form().steps),
            preset.form().batch,
        );
        if raised_button(ui, &preset.name(), Some(wide), false).on_hover_text(hint).clicked() {
            state.race.form = preset.form();
            state.race.refused = None;
        }
    }
}

fn note(ui: &mut Ui, words: &str) {
    let words = RichText::new(words).font(theme::regular(text::CAPTION)).color(palette(ui).ink3);
    ui.add(Label::new(words).wrap());
}

fn network(ui: &mut Ui, state: &mut AppState) {
    let p = palette(ui);
    let shown = RichText::new(title(&state.race.form.base)).font(theme::semibold(text::BODY)).color(p.ink);
    let wide = ui.available_width();
    ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL_TALL);
    let mut all = names();
    // Those for small pictures first: they train while one watches.
    all.sort_by_key(|n| (n.contains("imagenet"), n.starts_with("plain")));
    let combo = ComboBox::from_id_salt("race network")
        .width(wide)
        .selected_text(shown)
        .icon(chevron)
        .show_ui(ui, |ui| {
            for name in all {
                if ui.selectable_label(state.race.form.base == name, title(&name)).clicked() {
                    state.race.form.base = name;
                    state.race.form.width = None;
                    state.race.form.forget_values();
                }
            }
        });
    combo.response.on_hover_text(i18n::race_base_hint());
}

fn differ(ui: &mut Ui, state: &mut AppState) {
    let p = palette(ui);
    note(ui, i18n::race_differ());
    let (shown, hint) = state.race.form.differ.words();
    let shown = RichText::new(shown).font(theme::semibold(text::BODY)).color(p.ink);
    let wide = ui.available_width();
    ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL_TALL);
    let combo = ComboBox::from_id_salt("race differ").width(wide).selected_text(shown).icon(chevron).show_ui(
        ui,
        |ui| {
            for differ in Differ::ALL {
                let (word, hint) = differ.words();
                let label = ui.selectable_label(state.race.form.differ == differ, word);
                if label.on_hover_text(hint).clicked() {
                    state.race.form.differ = differ;
                    state.race.form.forget_values();
                }
            }
        },
    );
    combo.response.on_hover_text(format!("{}\n{hint}", i18n::race_differ_hint()));
}

/// What is raced of it, two to four: a lane each.
fn values(ui: &mut Ui, state: &mut AppState) {
    let form = &mut state.race.form;
    let all = form.values();
    if all.len() < 3 {
        return;
    }
    let raced = form.raced();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        for value in &all {
            let mut on = raced.contains(value);
            let words = form.value(value);
            if chip(ui, &mut on, &words).on_hover_text(i18n::race_values_hint()).changed() {
                form.toggle(value);
            }
        }
    });
}

/// The lanes that this makes, each in its colour.
fn lanes(ui: &mut Ui, state: &AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let lanes = state.race.form.lanes(&state.form.recipe, classes(snapshot));
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.spacing_mut().interact_size.y = 0.0;
    for (i, lane) in lanes.iter().enumerate() {
        let (colour, mark) = look(p, i);
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(space::M, space::L), Sense::hover());
            mark.draw(ui.painter(), rect.center(), 4.0, colour, p.stroke(theme::line::HAIR, p.panel));
            ui.label(RichText::new(label(&lane.name)).font(theme::semibold(text::BODY)).color(colour));
        });
    }
    ui.spacing_mut().item_spacing.y = space::S;
}
