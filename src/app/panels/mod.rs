//! The window's parts, one file each, and how they are put together for roomy, small and narrow windows
//! and for a projector.

mod album;
mod charts;
mod custom;
mod data;
mod decades;
mod dock;
mod gradients;
mod help;
mod lab;
mod lesson;
mod menu;
mod meter;
pub(super) mod microscope;
mod network;
mod notices;
mod past;
mod pictures;
mod presentation;
mod race;
mod rail;
mod recipe;
mod runs;
mod setup;
mod sheet;
mod surgery;
mod thumbs;
mod transport;

pub(super) use album::Album;
pub(super) use charts::{Confusion, Zoom, layer_names};
pub(super) use lab::{LabForm, LabState};
pub(super) use network::measures::layerwise;
pub(super) use notices::drop_hint;
pub(super) use pictures::Source;
pub(super) use race::{RaceForm, RaceState, verdicts};
pub(super) use rail::Drawer;

use super::motion;
use super::state::AppState;
use super::theme::{self, palette, size, space};
use super::view::View;
use super::widgets::raised_button;
use crate::session::Snapshot;
use eframe::egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui};

/// A part of the window that can be drawn by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The bar with Run and Pause.
    Transport,
    /// Progress and what went wrong.
    Notices,
    /// Network, data, recipe.
    Setup,
    /// Blocks and gradients.
    Network,
    /// The selected block at a glance.
    Preview,
    /// The selected block under the microscope.
    Microscope,
    /// Loss and accuracy.
    Charts,
    /// What is done to skips.
    Surgery,
    /// What the chosen experiment has found.
    Lab,
}

/// Draws `part` into all of `ui`.
pub(super) fn part(ui: &mut Ui, part: Part, state: &mut AppState, snapshot: &Snapshot) {
    let height = ui.available_height();
    let ground = Frame::new().fill(palette(ui).panel);
    match part {
        Part::Transport => ground.show(ui, |ui| transport::bar(ui, state, snapshot)).inner,
        Part::Notices => notices::show(ui, state, snapshot),
        Part::Setup => ground.show(ui, |ui| setup::column(ui, state, snapshot)).inner,
        Part::Network => network::show(ui, state, snapshot, size::ONE_COLUMN),
        Part::Preview => microscope::preview(ui, state, snapshot, height),
        Part::Microscope => microscope::full(ui, state, snapshot),
        Part::Charts => charts::panel(ui, state, snapshot, height),
        Part::Surgery => surgery::panel(ui, state, snapshot, height, true),
        Part::Lab => lab::screen(ui, state, snapshot),
    }
}

/// Draws the whole window, with whatever lies over it.
pub(super) fn window(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let whole = ui.available_size();
    theme::touch(ui, !state.presentation && whole.x < size::ONE_COLUMN);
    meter::show(ui, state);
    if state.presentation {
        presentation::show(ui, state, snapshot);
    } else if whole.x < size::ONE_COLUMN {
        one_column(ui, state, snapshot);
    } else {
        wide(ui, state, snapshot, whole.x >= size::ROOMY.0 && whole.y >= size::ROOMY.1);
    }
    album::show(ui, state, snapshot);
    help::show(ui, state);
    lesson::class(ui, state);
}

/// The transport across the top of `ui`.
fn top(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    Panel::top("transport")
        .exact_size(size::TRANSPORT)
        .frame(Frame::new().fill(p.panel).inner_margin(Margin::symmetric(space::L as i8, 0)))
        .show(ui, |ui| transport::bar(ui, state, snapshot));
    notices::show(ui, state, snapshot);
}

/// Transport on top, controls left, the panels in the middle; without room the controls are a rail.
fn wide(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, roomy: bool) {
    let p = palette(ui);
    top(ui, state, snapshot);
    if state.lessons.open {
        lesson::beside(ui, state, snapshot);
    }
    if state.view == View::Microscope {
        past::foot(ui, state, snapshot);
        let ground = Frame::new().fill(p.bg).inner_margin(Margin::same(space::L as i8));
        CentralPanel::no_frame().frame(ground).show(ui, |ui| {
            changed(ui, state);
            microscope::full(ui, state, snapshot);
        });
        return;
    }
    if state.view == View::Race {
        return race::wide(ui, state, snapshot);
    }
    if state.view == View::Lab {
        return lab::wide(ui, state, snapshot);
    }
    if state.lessons.open {
        // What is trained and how is the lesson's to say.
        state.drawer = None;
    } else if roomy {
        state.drawer = None;
        Panel::left("setup")
            .exact_size(size::SETUP)
            .resizable(false)
            .frame(Frame::new().fill(p.panel))
            .show(ui, |ui| setup::column(ui, state, snapshot));
    } else {
        rail::show(ui, state, snapshot);
    }
    let ground = Frame::new().fill(p.bg).inner_margin(Margin::same(space::L as i8));
    CentralPanel::no_frame().frame(ground).show(ui, |ui| {
        changed(ui, state);
        dock::show(ui, state, snapshot, roomy);
    });
}

/// Another view fades in, and another block under the microscope.
fn changed(ui: &mut Ui, state: &AppState) {
    let block = state.selection.block.filter(|_| state.view == View::Microscope);
    motion::fade(ui, "view", (state.view, block), state.reduced_motion);
}

/// Everything under each other, transport under the thumb.
fn one_column(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let bar = Frame::new().fill(p.panel).inner_margin(Margin::symmetric(space::L as i8, 0));
    Panel::top("title")
        .exact_size(size::TOUCH)
        .frame(bar)
        .show(ui, |ui| transport::title(ui, state, snapshot));
    Panel::bottom("transport")
        .exact_size(size::TOUCH + 2.0 * space::S)
        .frame(bar)
        .show(ui, |ui| transport::thumb(ui, state, snapshot));
    notices::show(ui, state, snapshot);
    CentralPanel::no_frame().frame(Frame::new().fill(p.bg)).show(ui, |ui| {
        let whole = ui.max_rect();
        sheet::show(ui, state, snapshot, whole);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin::same(space::M as i8)).show(ui, |ui| {
                if state.lessons.open {
                    lesson::inline(ui, state, snapshot);
                    ui.add_space(space::S);
                }
                if matches!(state.view, View::Race | View::Lab) {
                    match state.view {
                        View::Race => race::column(ui, state, snapshot),
                        _ => lab::column(ui, state, snapshot),
                    }
                    ui.add_space(space::L);
                    let watch = raised_button(ui, super::i18n::view_watch(), None, false);
                    if watch.on_hover_text(super::i18n::view_watch_hint()).clicked() {
                        state.show(View::Network);
                    }
                    return;
                }
                charts::headlines(ui, state, snapshot);
                ui.add_space(space::S);
                network::show(ui, state, snapshot, size::ONE_COLUMN);
                ui.add_space(space::S);
                if state.patient(snapshot).is_some() {
                    surgery::touch(ui, state, snapshot);
                    ui.add_space(space::S);
                }
                charts::curves(ui, state, snapshot);
                ui.add_space(space::L);
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = space::S;
                    let lessons = raised_button(ui, super::i18n::view_lessons(), None, false);
                    if lessons.on_hover_text(super::i18n::view_lessons_hint()).clicked() {
                        state.lessons.open = true;
                    }
                    let race = raised_button(ui, super::i18n::view_race(), None, false);
                    if race.on_hover_text(super::i18n::view_race_hint()).clicked() {
                        state.show(View::Race);
                    }
                    let lab = raised_button(ui, super::i18n::view_lab(), None, false);
                    if lab.on_hover_text(super::i18n::view_lab_hint()).clicked() {
                        state.show(View::Lab);
                    }
                });
                ui.add_space(space::L);
                theme::panel_frame(ui).show(ui, |ui| setup::groups(ui, state, snapshot));
            });
        });
    });
}
