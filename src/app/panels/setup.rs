//! The column of controls: network, data, recipe, and what is done with the result.

use super::super::form;
use super::super::i18n;
use super::super::numbers::{self, UNKNOWN};
use super::super::state::{AppState, UiCommand, classes};
use super::super::theme::{self, palette, size, space, text};
use super::super::widgets::{caption, chip, divider, icons, icons::Icon, pair, raised_button, segmented};
use super::recipe;
use crate::model::{ModelSpec, Shortcut, names};
use crate::session::{Command, DataSource, Phase, Snapshot};
use eframe::egui::style::WidgetVisuals;
use eframe::egui::{ComboBox, Frame, Label, Margin, Panel, Rect, Response, RichText, ScrollArea, Ui, vec2};

/// The column beside the network: groups that scroll over buttons that do not.
pub fn column(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let margin =
        Margin { left: space::L as i8, right: space::L as i8, top: space::M as i8, bottom: space::M as i8 };
    Panel::bottom("actions")
        .frame(Frame::new().fill(p.panel).inner_margin(margin))
        .show_separator_line(true)
        .show(ui, |ui| actions(ui, state, snapshot));
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        Frame::new().inner_margin(margin).show(ui, |ui| {
            network(ui, state, snapshot);
            divider(ui);
            data(ui, state, snapshot);
            divider(ui);
            recipe::group(ui, state, snapshot);
        });
    });
}

/// The same groups, all under each other.
pub fn groups(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    network(ui, state, snapshot);
    divider(ui);
    data(ui, state, snapshot);
    divider(ui);
    recipe::group(ui, state, snapshot);
    divider(ui);
    actions(ui, state, snapshot);
}

fn network(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let label = caption(ui, i18n::network(), "");
    picker(ui, state, &label);
    let spec = state.form.spec_for(classes(snapshot));
    let counts = state.sketch(&spec).map(|s| (s.parameters, s.macs));
    let ((parameters, pu), (macs, mu)) = match counts {
        Some((p, m)) => (numbers::count(p), numbers::count(m)),
        None => ((UNKNOWN.into(), ""), (UNKNOWN.into(), "")),
    };
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        pair(ui, i18n::parameters(), &parameters, pu, i18n::parameters_hint());
        pair(ui, i18n::macs(), &macs, mu, i18n::macs_hint());
        let (memory, unit) = if snapshot.gpu_bytes > 0 && !differs(state, snapshot) {
            numbers::bytes(snapshot.gpu_bytes)
        } else {
            (UNKNOWN.into(), "")
        };
        pair(ui, i18n::gpu_memory(), &memory, unit, i18n::gpu_memory_hint());
    });
    shortcut(ui, state);
}

fn picker(ui: &mut Ui, state: &mut AppState, label: &Response) {
    let p = palette(ui);
    let shown = RichText::new(form::title(&state.form.name)).font(theme::semibold(text::BODY)).color(p.ink);
    let row = state.form.row().to_owned();
    let mut chosen = None;
    ui.spacing_mut().interact_size.y = size::CONTROL_TALL;
    let combo = ComboBox::from_id_salt("network")
        .width(ui.available_width())
        .selected_text(shown)
        .truncate()
        .icon(chevron);
    let response = combo.show_ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
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
    ui.spacing_mut().interact_size.y = size::CONTROL;
    if let Some(name) = chosen {
        state.form.choose(&name);
        state.touch();
    }
}

/// The arrow of a drop-down, as a stroke like all icons.
pub(super) fn chevron(ui: &Ui, rect: Rect, _: &WidgetVisuals, _open: bool) {
    icons::paint(ui.painter(), rect, Icon::Chevron, palette(ui).ink2);
}

fn shortcut(ui: &mut Ui, state: &mut AppState) {
    let p = palette(ui);
    let mut chosen = state.form.spec.shortcut;
    ui.horizontal(|ui| {
        ui.label(RichText::new(i18n::shortcut()).color(p.ink2)).on_hover_text(i18n::shortcut_hint());
        ui.with_layout(eframe::egui::Layout::right_to_left(eframe::egui::Align::Center), |ui| {
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
    let mut norm = state.form.spec.batch_norm;
    if chip(ui, &mut norm, i18n::batch_norm()).on_hover_text(i18n::batch_norm_hint()).changed() {
        state.form.set_batch_norm(norm);
        state.touch();
    }
}

fn data(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let loaded = snapshot.data.as_ref();
    let counts = loaded.map_or(String::new(), |d| {
        i18n::counts(&numbers::grouped(d.train_images as u64), &numbers::grouped(d.test_images as u64))
    });
    let label = caption(ui, i18n::data(), &counts).on_hover_text(i18n::data_counts_hint());
    let name = loaded.map_or(i18n::no_data(), |d| d.name.as_str());
    let mut asked = None;
    ui.spacing_mut().interact_size.y = size::CONTROL_TALL;
    let shown = RichText::new(name).color(p.ink);
    let combo = ComboBox::from_id_salt("data")
        .width(ui.available_width())
        .selected_text(shown)
        .truncate()
        .icon(chevron);
    let response = combo.show_ui(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        if ui.selectable_label(name == i18n::shapes10(), i18n::shapes10()).clicked() {
            asked = Some(UiCommand::Session(Command::LoadData(DataSource::Shapes10 { seed: 1 })));
        }
        for offer in &state.offers {
            if ui.selectable_label(name == offer, offer).clicked() {
                asked = Some(UiCommand::Fetch(offer.clone()));
            }
        }
        if ui.selectable_label(false, i18n::open_archive()).clicked() {
            asked = Some(UiCommand::OpenArchive);
        }
    });
    response.response.labelled_by(label.id).on_hover_text(i18n::data_hint());
    ui.spacing_mut().interact_size.y = size::CONTROL;
    if let Some(command) = asked {
        state.ask(command);
    }
    let Some(info) = loaded else { return };
    let small = |words: String, ink| {
        Label::new(RichText::new(words).font(theme::regular(text::CAPTION)).color(ink)).wrap()
    };
    if !info.classes.is_empty() {
        let words = i18n::classes(info.classes.len(), &info.classes.join(", "));
        ui.add(small(words.clone(), p.ink3).truncate()).on_hover_text(words);
    }
    for note in &info.notes {
        ui.add(small(note.clone(), p.ink2));
    }
}

/// Whether the form asks for something that is not built.
fn differs(state: &AppState, snapshot: &Snapshot) -> bool {
    snapshot.model.as_ref().is_none_or(|m| state.form.needs_build(m, classes(snapshot)))
}

fn actions(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let spec: ModelSpec = state.form.spec_for(classes(snapshot));
    let fault = spec.validate().err().map(|e| e.to_string());
    let fault = fault.or_else(|| state.form.recipe.validate().err().map(|e| e.to_string()));
    let differs = differs(state, snapshot);
    let ready = differs && fault.is_none() && !matches!(snapshot.phase, Phase::Compiling | Phase::Lost);
    let width = ui.available_width();
    if let Some(fault) = fault {
        let p = palette(ui);
        ui.add(
            Label::new(RichText::new(format!("▲ {fault}")).font(theme::regular(text::CAPTION)).color(p.warn))
                .wrap(),
        );
    }
    ui.add_enabled_ui(ready, |ui| {
        let label = i18n::build(&form::title(&state.form.name));
        let button = raised_button(ui, &label, Some(width), ready);
        if button.on_hover_text(i18n::build_hint()).on_disabled_hover_text(i18n::build_same()).clicked() {
            state.build(snapshot);
        }
    });
    let usable = snapshot.model.is_some() && !matches!(snapshot.phase, Phase::Compiling | Phase::Lost);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::S, 0.0);
        let small = (width - 2.0 * space::S - 88.0) / 2.0;
        ui.add_enabled_ui(usable, |ui| {
            let evaluate = raised_button(ui, i18n::evaluate(), Some(88.0), false);
            if evaluate.on_hover_text(i18n::evaluate_hint()).clicked() {
                state.send(Command::Evaluate);
            }
            if raised_button(ui, i18n::save(), Some(small), false).on_hover_text(i18n::save_hint()).clicked()
            {
                state.send(Command::Save);
            }
        });
        ui.add_enabled_ui(snapshot.phase != Phase::Lost, |ui| {
            if raised_button(ui, i18n::load(), Some(small), false).on_hover_text(i18n::load_hint()).clicked()
            {
                state.ask(UiCommand::OpenCheckpoint);
            }
        });
    });
}
