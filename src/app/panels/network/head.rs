//! The map's title line: the network's name, what is measured, and what the map is coloured by and shows.

use super::super::super::form;
use super::super::super::i18n;
use super::super::super::map::Measure;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::theme::{self, palette, size, space, text};
use super::super::super::widgets::{chip, icons, icons::Icon, on_one_baseline, raised_button};
use super::{measures, step};
use crate::session::{EngineKind, Maps, Snapshot};
use eframe::egui::style::WidgetVisuals;
use eframe::egui::{Align, ComboBox, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2};

/// From this width on the words beside the name have room beside the controls.
const ROOMY: f32 = 1040.0;

/// Title and controls; `narrow` leaves out what a phone has no room for.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, narrow: bool) {
    if !narrow {
        line(ui, state, snapshot);
    }
    if let Some(slice) = &snapshot.slice {
        step::words(ui, slice);
    } else if let Some(seconds) = state.slow_step(snapshot) {
        ui.horizontal_wrapped(|ui| {
            let p = palette(ui);
            ui.label(RichText::new(i18n::slow(numbers::duration(seconds))).color(p.ink2));
            let first = form::Form::default();
            if raised_button(ui, &i18n::use_network(form::title(&first.name)), None, false).clicked() {
                state.use_smaller(snapshot);
            }
        });
    }
    ui.add_space(space::XS);
}

fn line(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let roomy = ui.available_width() >= ROOMY;
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::CONTROL_TALL),
        Layout::left_to_right(Align::Center),
        |ui| {
            title(ui, state, snapshot, roomy && snapshot.slice.is_none());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                step::buttons(ui, state, snapshot);
                chip(ui, &mut state.looks.own_scale, i18n::own_scale()).on_hover_text(i18n::own_scale_hint());
                maps(ui, state, snapshot);
                colour_by(ui, state, snapshot);
            });
        },
    );
}

fn title(ui: &mut Ui, state: &AppState, snapshot: &Snapshot, with_measured: bool) {
    let p = palette(ui);
    let name = snapshot.model.as_ref().map_or(state.form.name.as_str(), |m| m.name.as_str());
    let painter = ui.painter();
    let name = painter.layout_no_wrap(form::title(name) + "  ", theme::semibold(text::RESULT), p.ink);
    let then = state.then(snapshot);
    let words = match then {
        Some(then) => i18n::past_words(numbers::grouped(then), numbers::grouped(snapshot.step)),
        None if with_measured => i18n::measured().to_owned(),
        None => String::new(),
    };
    let ink = if then.is_some() { p.ink } else { p.ink2 };
    let measured = painter.layout_no_wrap(words, theme::regular(text::BODY), ink);
    let wide = vec2(name.size().x + measured.size().x, name.size().y);
    let (rect, response) = ui.allocate_exact_size(wide, Sense::hover());
    let spoken = if then.is_some() { measured.text() } else { i18n::measured() };
    let spoken = format!("{}, {spoken}", name.text().trim());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &spoken));
    on_one_baseline(ui.painter(), rect.min, name, text::RESULT, measured, text::BODY);
    response.on_hover_text(i18n::measured_hint());
}

fn colour_by(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let shown = i18n::colour_by(measures::words(state.map.measure)[0]);
    let mut chosen = state.map.measure;
    combo(ui, "colour by", &shown, i18n::colour_by_hint(), |ui| {
        for measure in Measure::ALL {
            let [name, hint, _] = measures::words(measure);
            let timed = measure == Measure::Time && snapshot.engine != EngineKind::Own;
            ui.add_enabled_ui(!timed, |ui| {
                let label = ui.selectable_label(chosen == measure, name);
                if label.on_hover_text(hint).on_disabled_hover_text(i18n::only_own_engine()).clicked() {
                    chosen = measure;
                }
            });
        }
    });
    if chosen != state.map.measure {
        state.map.measure = chosen;
        // A measure that is chosen anew is measured anew.
        state.map.profiled = None;
    }
}

fn maps(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let word = |maps| match maps {
        Maps::Output => i18n::maps_output(),
        Maps::Sum => i18n::maps_sum(),
        Maps::Branch => i18n::maps_branch(),
    };
    let mut chosen = state.looks.maps;
    let own = snapshot.engine == EngineKind::Own;
    let hint = if own { i18n::maps_hint() } else { i18n::only_own_engine() };
    ui.add_enabled_ui(own, |ui| {
        combo(ui, "maps", &i18n::maps(word(chosen)), hint, |ui| {
            for maps in [Maps::Output, Maps::Sum, Maps::Branch] {
                if ui.selectable_label(chosen == maps, word(maps)).clicked() {
                    chosen = maps;
                }
            }
        });
    });
    state.looks.maps = chosen;
}

/// A choice whose button says what is chosen.
fn combo(ui: &mut Ui, id: &str, shown: &str, hint: &str, choices: impl FnOnce(&mut Ui)) {
    let p = palette(ui);
    let small = theme::regular(text::CAPTION);
    let wide = ui.painter().layout_no_wrap(shown.to_owned(), small.clone(), p.ink).size().x;
    let wide = wide + icons::SIDE + 2.0 * space::M + space::S;
    ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL_TALL);
    let combo = ComboBox::from_id_salt(id)
        .width(wide)
        .selected_text(RichText::new(shown).font(small).color(p.ink))
        .icon(chevron)
        .show_ui(ui, choices);
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, shown));
    combo.response.on_hover_text(hint).on_disabled_hover_text(hint);
}

/// The arrow of a drop-down, as a stroke like all icons.
fn chevron(ui: &Ui, rect: Rect, _: &WidgetVisuals, _open: bool) {
    icons::paint(ui.painter(), rect, Icon::Chevron, palette(ui).ink2);
}
