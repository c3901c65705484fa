//! The window's parts, one file each, and how they are put together for wide and narrow windows.

mod charts;
mod gradients;
pub(super) mod help;
pub(super) mod microscope;
mod network;
mod notices;
mod pictures;
mod recipe;
mod setup;
mod transport;

pub(super) use pictures::Source;

use super::state::AppState;
use super::theme::{palette, size, space};
use super::view::View;
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
    }
}

/// Transport on top, controls left, the network and its charts in the middle.
pub(super) fn wide(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    Panel::top("transport")
        .exact_size(size::TRANSPORT)
        .frame(Frame::new().fill(p.panel).inner_margin(Margin::symmetric(space::L as i8, 0)))
        .show(ui, |ui| transport::bar(ui, state, snapshot));
    notices::show(ui, state, snapshot);
    if state.view == View::Microscope {
        let frame = Frame::new().fill(p.bg).inner_margin(Margin::same(space::L as i8));
        CentralPanel::no_frame().frame(frame).show(ui, |ui| microscope::full(ui, state, snapshot));
        return;
    }
    Panel::left("setup")
        .exact_size(size::SETUP)
        .resizable(false)
        .frame(Frame::new().fill(p.panel))
        .show(ui, |ui| setup::column(ui, state, snapshot));
    CentralPanel::no_frame().frame(Frame::new().fill(p.bg).inner_margin(Margin::same(space::L as i8))).show(
        ui,
        |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                let height = ui.clip_rect().height() - space::S;
                let top = ui.cursor().top();
                network::show(ui, state, snapshot, height);
                ui.add_space(space::S);
                let used = ui.cursor().top() - top;
                charts::panel(ui, state, snapshot, (height - used).max(charts::LEAST_HEIGHT));
            });
        },
    );
}

/// Everything under each other, transport under the thumb.
pub(super) fn one_column(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    Panel::top("title")
        .exact_size(size::TOUCH)
        .frame(Frame::new().fill(p.panel).inner_margin(Margin::symmetric(space::L as i8, 0)))
        .show(ui, |ui| transport::title(ui, state));
    Panel::bottom("transport")
        .exact_size(size::TOUCH + 2.0 * space::S)
        .frame(Frame::new().fill(p.panel).inner_margin(Margin::symmetric(space::L as i8, 0)))
        .show(ui, |ui| transport::thumb(ui, state, snapshot));
    notices::show(ui, state, snapshot);
    if state.view == View::Microscope {
        let frame = Frame::new().fill(p.bg).inner_margin(Margin::same(space::M as i8));
        CentralPanel::no_frame().frame(frame).show(ui, |ui| microscope::full(ui, state, snapshot));
        return;
    }
    CentralPanel::no_frame().frame(Frame::new().fill(p.bg)).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin::same(space::M as i8)).show(ui, |ui| {
                charts::headlines(ui, state, snapshot);
                ui.add_space(space::S);
                network::show(ui, state, snapshot, size::ONE_COLUMN);
                ui.add_space(space::S);
                charts::curves(ui, state, snapshot);
                ui.add_space(space::L);
                super::theme::panel_frame(ui).show(ui, |ui| setup::groups(ui, state, snapshot));
            });
        });
    });
}
