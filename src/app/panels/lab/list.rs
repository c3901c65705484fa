//! All experiments with what they ask and how long they take here; under them the controls of the chosen one.

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::theme::{self, palette, radius, space, text};
use super::super::super::widgets::{caption, divider, raised_button};
use super::form::Which;
use super::{alpha, cause, identity, landscape, lesion, paths, shatter};
use crate::session::Snapshot;
use eframe::egui::{
    Align2, CornerRadius, Label, Response, RichText, Role, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// The controls, all under each other.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    ui.spacing_mut().item_spacing.y = space::XS;
    caption(ui, i18n::lab_list(), "").on_hover_text(i18n::lab_list_hint());
    for &which in Which::ALL {
        row(ui, state, snapshot, which);
    }
    divider(ui);
    ui.spacing_mut().item_spacing.y = space::S;
    caption(ui, i18n::lab_setup(), "").on_hover_text(state.lab.form.which.words().2);
    match state.lab.form.which {
        Which::Lesion => lesion::setup(ui, state, snapshot),
        Which::Cause => cause::setup(ui, state),
        Which::Paths => {
            paths::setup(ui, state, snapshot.data.as_ref().map_or(&[], |d| d.classes.as_slice()));
        }
        Which::Landscape => landscape::setup(ui, state),
        Which::Identity => identity::setup(ui, state),
        Which::Shatter => shatter::setup(ui, state),
        Which::Alpha => alpha::setup(ui, state),
        Which::Trust => {
            note(ui, i18n::trust_needs());
        }
        #[cfg(feature = "burn")]
        Which::Engines => super::engines::setup(ui, state),
    }
    let p = palette(ui);
    if let Some(why) = &state.lab.refused {
        let words = RichText::new(format!("▲ {why}")).font(theme::regular(text::CAPTION)).color(p.warn);
        ui.add(Label::new(words).wrap());
    }
    if state.lab.seen(state.lab.form.which).is_some_and(|v| v.found.is_some()) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let half = (ui.available_width() - space::S) / 2.0;
            if raised_button(ui, i18n::lab_json(), Some(half), false)
                .on_hover_text(i18n::lab_json_hint())
                .clicked()
            {
                state.export_experiment(false);
            }
            if raised_button(ui, i18n::lab_csv(), Some(half), false)
                .on_hover_text(i18n::lab_csv_hint())
                .clicked()
            {
                state.export_experiment(true);
            }
        });
    }
}

/// A line of text under the controls.
pub fn note(ui: &mut Ui, words: &str) -> Response {
    let words = RichText::new(words).font(theme::regular(text::CAPTION)).color(palette(ui).ink3);
    ui.add(Label::new(words).wrap())
}

/// One experiment: its name, the time it takes, and what it asks.
fn row(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, which: Which) {
    let p = palette(ui);
    let chosen = state.lab.form.which == which;
    let (name, asks, hint) = which.words();
    let time = state.lab.form.work(which, snapshot).and_then(|macs| state.lab.seconds(macs));
    let time = time.map_or_else(String::new, |s| i18n::about(numbers::clock(s.max(1.0))));
    let inside = ui.available_width() - 2.0 * space::S;
    let small = || theme::regular(text::CAPTION);
    let asks = ui.painter().layout(asks.to_owned(), small(), p.ink3, inside);
    let high = text::BODY * 1.3 + asks.size().y + 2.0 * space::S;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), high), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, name));
    if response.clicked() {
        state.lab.form.which = which;
        state.lab.refused = None;
    }
    let corner = CornerRadius::same(radius::CONTROL);
    if chosen {
        ui.painter().rect_filled(rect, corner, p.raised);
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_stroke(rect, corner, p.stroke(theme::line::HAIR, p.line2), StrokeKind::Inside);
    }
    let (left, top) = (rect.left() + space::S, rect.top() + space::S);
    let font = if chosen { theme::semibold(text::BODY) } else { theme::regular(text::BODY) };
    ui.painter().text(pos2(left, top), Align2::LEFT_TOP, name, font, p.ink);
    ui.painter().text(pos2(rect.right() - space::S, top + 2.0), Align2::RIGHT_TOP, time, small(), p.ink3);
    ui.painter().galley(pos2(left, top + text::BODY * 1.3), asks, p.ink3);
    response.on_hover_text(format!("{hint}\n{}", i18n::lab_time_hint()));
}
