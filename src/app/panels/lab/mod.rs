//! The laboratory: one experiment at a time on the pictures that are loaded and, where it is about a trained network,
//! on a copy of the present one. A list of them with their set-up, and beside it what came out, as one sentence and as
//! a picture.

mod alpha;
mod cause;
#[cfg(feature = "burn")]
mod engines;
mod form;
mod identity;
mod landscape;
mod lesion;
mod list;
mod paths;
mod plot;
mod said;
mod shatter;
mod state;
pub(super) mod transport;
mod trust;
mod values;

pub(in crate::app) use form::{LabForm, Which};
pub(in crate::app) use state::LabState;

use super::super::i18n;
use super::super::state::AppState;
use super::super::theme::{self, line, palette, size, space, text};
use super::changed;
use crate::lab::Doing;
use crate::session::{ExperimentView, Found, Snapshot};
use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{
    Align, CentralPanel, Color32, Frame, Label, Layout, Margin, Panel, RichText, ScrollArea, Sense, Ui, vec2,
};
use std::sync::Arc;

/// Least height of a result; then the screen scrolls.
const LEAST: f32 = 400.0;
/// A result's height on a phone.
const NARROW: f32 = 320.0;

/// Everything under the transport of a wide window.
pub fn wide(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    // A lesson stands where the controls are, and says what is done.
    if !state.lessons.open {
        let margin = Margin::symmetric(space::L as i8, space::M as i8);
        Panel::left("lab").exact_size(size::SETUP).resizable(false).frame(Frame::new().fill(p.panel)).show(
            ui,
            |ui| {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    Frame::new().inner_margin(margin).show(ui, |ui| list::show(ui, state, snapshot));
                });
            },
        );
    }
    let ground = Frame::new().fill(p.bg).inner_margin(Margin::same(space::L as i8));
    CentralPanel::no_frame().frame(ground).show(ui, |ui| {
        changed(ui, state);
        screen(ui, state, snapshot);
    });
}

/// What the chosen experiment has found, as large as there is room.
pub fn screen(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let window = ui.available_height();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let top = ui.cursor().top();
        let narrow = is_narrow(ui);
        head(ui, state, narrow);
        let high = if narrow { NARROW } else { (window - (ui.cursor().top() - top) - space::XS).max(LEAST) };
        result(ui, state, snapshot, high);
    });
}

/// The same under each other: result first, then the controls.
pub fn column(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    head(ui, state, true);
    result(ui, state, snapshot, NARROW);
    ui.add_space(space::S);
    theme::panel_frame(ui).show(ui, |ui| list::show(ui, state, snapshot));
}

/// Whether parts have no room beside each other.
pub fn is_narrow(ui: &Ui) -> bool {
    ui.available_width() < size::ONE_COLUMN - 2.0 * space::XL
}

/// A part of the sentence that says what came out: words in the ink of names, or a value in its colour.
pub struct Piece(pub String, pub Option<Color32>);

/// The sentence, what was measured and on what, and how far it is.
fn head(ui: &mut Ui, state: &AppState, narrow: bool) {
    ui.spacing_mut().item_spacing.y = space::S;
    let p = palette(ui);
    let which = state.lab.form.which;
    let view = state.lab.seen(which).cloned();
    let found = view.as_ref().and_then(|v| v.found.as_ref());
    let sentence = match found {
        Some(Found::Lesion(runs)) => lesion::headline(ui, runs),
        Some(Found::CauseGrid(grid)) => cause::headline(ui, state, grid),
        Some(Found::Paths(found)) => paths::headline(ui, found),
        Some(Found::Landscape(found)) => landscape::headline(ui, found),
        Some(Found::Identity(found)) => {
            identity::headline(ui, &state.lab.identity, found, view.as_ref().is_some_and(|v| v.under_way))
        }
        Some(Found::Shatter(found)) => shatter::headline(ui, &state.lab.shatter, found),
        Some(Found::Alpha(found)) => alpha::headline(ui, found),
        Some(Found::Trust(found)) => trust::headline(ui, found),
        #[cfg(feature = "burn")]
        Some(Found::Engines(found)) => engines::headline(ui, found),
        None => Vec::new(),
    };
    let written = |size: f32, room: f32| {
        let mut job = LayoutJob { wrap: TextWrapping::wrap_at_width(room), ..LayoutJob::default() };
        if sentence.is_empty() {
            job.append(which.words().1, 0.0, TextFormat::simple(theme::regular(size), p.ink2));
        }
        for Piece(words, colour) in &sentence {
            let font = if colour.is_some() { theme::semibold(size) } else { theme::regular(size) };
            job.append(words, 0.0, TextFormat::simple(font, colour.unwrap_or(p.ink2)));
        }
        job
    };
    let room = ui.available_width();
    let large = if narrow { text::RESULT } else { text::HEADLINE };
    let fits = ui.painter().layout_job(written(large, f32::INFINITY)).size().x <= room;
    ui.label(written(if fits { large } else { text::RESULT }, room));
    let small = |words: &str, ink| RichText::new(words).font(theme::regular(text::CAPTION)).color(ink);
    ui.add(Label::new(small(which.measured(), p.ink3)).wrap()).on_hover_text(which.words().2);
    let Some(view) = view else { return };
    if let Some(why) = &view.failed {
        ui.add(Label::new(small(&format!("▲ {why}"), p.warn)).wrap());
    } else if view.under_way {
        progress(ui, &view);
    } else if !view.progress.is_done() {
        ui.add(Label::new(small(i18n::lab_stopped(), p.ink2)).wrap());
    }
}

/// One ink bar, and what is being done.
fn progress(ui: &mut Ui, view: &ExperimentView) {
    const HIGH: f32 = 3.0;
    let p = palette(ui);
    let share = view.progress.done as f32 / view.progress.total.max(1) as f32;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HIGH), Sense::hover());
    ui.painter().rect_filled(rect, line::HAIR, p.raised);
    let done = rect.with_max_x(rect.left() + share * rect.width());
    ui.painter().rect_filled(done, line::HAIR, p.ink);
    let what = doing(&view.progress.what);
    ui.label(RichText::new(what).font(theme::regular(text::CAPTION)).color(p.ink2));
}

/// What is being done, in the window's language; names stay what they are.
fn doing(what: &Doing) -> String {
    match what {
        Doing::Nothing => i18n::lab_prepares().to_owned(),
        Doing::Kernels(done, of) => i18n::compiling(*done, *of),
        Doing::Training(name, None) => i18n::lab_trains(name),
        Doing::Training(name, Some(losses)) => format!("{} · {losses}", i18n::lab_trains(name)),
        Doing::Testing => i18n::evaluating().to_owned(),
        Doing::Intact(name) => i18n::lab_intact(name),
        Doing::Surface(name) => i18n::lab_surface(name),
        Doing::Seed(name, seed) => i18n::lab_seed(name, seed.to_string()),
        Doing::Paths => i18n::lab_paths().to_owned(),
        Doing::Logit => i18n::lab_logit().to_owned(),
        Doing::Named(name) => name.clone(),
    }
}

fn result(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32) {
    let view = state.lab.seen(state.lab.form.which).cloned();
    match state.lab.form.which {
        Which::Lesion => lesion::panel(ui, state, snapshot, view, height),
        Which::Cause => cause::panel(ui, state, view, height),
        which => {
            let found = view.as_ref().and_then(|v| v.found.as_ref());
            match found {
                Some(Found::Paths(found)) => paths::panel(ui, snapshot, found, height),
                Some(Found::Landscape(found)) => {
                    landscape::panel(ui, &mut state.lab.landscape, found, height);
                }
                Some(Found::Identity(found)) => identity::panel(ui, &mut state.lab.identity, found, height),
                Some(Found::Shatter(found)) => shatter::panel(ui, &mut state.lab.shatter, found, height),
                Some(Found::Alpha(found)) => alpha::panel(ui, found, height),
                Some(Found::Trust(found)) => trust::panel(ui, state, snapshot, found),
                #[cfg(feature = "burn")]
                Some(Found::Engines(found)) => engines::panel(ui, found, height),
                _ => {
                    theme::panel_frame(ui)
                        .show(ui, |ui| {
                            ui.set_height(height - 2.0 * space::L);
                            empty(ui, which.empty());
                        })
                        .inner
                }
            }
        }
    }
}

/// Where nothing was measured yet: one sentence that says what will appear, and how.
pub fn empty(ui: &mut Ui, words: &str) {
    let p = palette(ui);
    ui.with_layout(Layout::centered_and_justified(eframe::egui::Direction::TopDown), |ui| {
        ui.add(Label::new(RichText::new(words).color(p.ink3)).wrap());
    });
}

/// Title of a panel in its colour, with a caption under it and whatever stands at its right end.
pub fn title(ui: &mut Ui, words: &str, ink: Color32, caption: &str, hint: &str, right: impl FnOnce(&mut Ui)) {
    let p = palette(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.label(RichText::new(words).font(theme::semibold(text::TITLE)).color(ink)).on_hover_text(hint);
        ui.with_layout(Layout::right_to_left(Align::Center), right);
    });
    if !caption.is_empty() {
        let caption = RichText::new(caption).font(theme::regular(text::CAPTION)).color(p.ink3);
        ui.add(Label::new(caption).wrap()).on_hover_text(hint);
    }
}

/// What an experiment of this kind has found, and whether it goes on.
pub type Seen = Option<Arc<ExperimentView>>;
