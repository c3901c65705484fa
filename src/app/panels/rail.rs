//! The controls of a window without room for their column: a rail of icons, each of which opens its group
//! over the picture.

use super::super::i18n;
use super::super::motion;
use super::super::state::AppState;
use super::super::theme::{line, palette, radius, size, space};
use super::super::widgets::{icon_button, icons::Icon};
use super::setup::{self, Group};
use crate::session::Snapshot;
use eframe::egui::{Area, Frame, Id, Margin, Order, Panel, Rect, ScrollArea, Ui, pos2, vec2};

/// The group that is open.
pub(in crate::app) type Drawer = Group;

/// The rail, and the group that is open beside it.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let rail = Panel::left("rail")
        .exact_size(size::RAIL)
        .resizable(false)
        .frame(Frame::new().fill(p.panel).inner_margin(Margin::symmetric(0, space::S as i8)))
        .show(ui, |ui| {
            ui.vertical_centered(|ui| {
                for (group, icon, name) in [
                    (Group::Network, Icon::Network, i18n::network()),
                    (Group::Data, Icon::Pictures, i18n::data()),
                    (Group::Recipe, Icon::Recipe, i18n::recipe()),
                    (Group::Runs, Icon::Runs, i18n::runs()),
                ] {
                    let open = state.drawer == Some(group);
                    let button = icon_button(ui, icon, name, size::TRANSPORT_BUTTON + space::XS);
                    if open {
                        let mark = Rect::from_min_max(
                            pos2(ui.max_rect().left(), button.rect.top()),
                            pos2(ui.max_rect().left() + line::CAP, button.rect.bottom()),
                        );
                        ui.painter().rect_filled(mark, 0.0, p.ink);
                    }
                    if button.on_hover_text(name).clicked() {
                        state.drawer = if open { None } else { Some(group) };
                    }
                }
            });
        });
    if let Some(group) = state.drawer {
        drawer(ui, state, snapshot, group, rail.response.rect);
    }
}

fn drawer(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, group: Group, rail: Rect) {
    let p = palette(ui);
    let frame = Frame::new()
        .fill(p.panel)
        .stroke(p.stroke(line::HAIR, p.line))
        .corner_radius(radius::PANEL)
        .inner_margin(Margin::same(space::L as i8))
        .shadow(ui.visuals().popup_shadow);
    let at = rail.right_top() + vec2(space::S, space::S);
    let area = Area::new(Id::unique("drawer")).order(Order::Middle).fixed_pos(at).show(ui.ctx(), |ui| {
        frame.show(ui, |ui| {
            ui.set_width(size::SETUP - 2.0 * space::L);
            let room = rail.height() - 2.0 * space::S - 2.0 * space::L;
            ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, |ui| {
                motion::fade(ui, "drawer", group, state.reduced_motion);
                setup::group(ui, state, snapshot, group);
                setup::build(ui, state, snapshot);
            });
        });
    });
    // A press elsewhere closes it; lists that it has opened lie outside and are part of it.
    let elsewhere = area.response.clicked_elsewhere() && !eframe::egui::Popup::is_any_open(ui.ctx());
    let on_rail = ui.input(|i| i.pointer.interact_pos()).is_some_and(|at| rail.contains(at));
    if elsewhere && !on_rail {
        state.drawer = None;
    }
}
