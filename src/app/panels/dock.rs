//! The middle of the window: panels that can be dragged, resized and put behind one another. The tiling
//! is `egui_tiles`'; how it looks is decided here, so that it looks like the page and not like an editor.

use super::super::i18n;
use super::super::layout::{self, Docks, Pane};
use super::super::state::AppState;
use super::super::theme::{self, line, palette, size, space, text};
use super::{charts, microscope, network, surgery};
use crate::session::Snapshot;
use eframe::egui::{
    Color32, CursorIcon, Id, Rect, Response, Role, ScrollArea, Sense, Stroke, Style, Ui, Visuals, WidgetInfo,
    WidgetText, pos2, vec2,
};
use egui_tiles::{
    Behavior, EditAction, ResizeState, SimplificationOptions, TabState, Tabs, TileId, Tiles, UiResponse,
};

/// Shares of the height that the network's panel has at least and at most, until somebody resizes it.
const LEAST: f32 = 0.35;
const MOST: f32 = 0.62;

/// Draws the panels into all of `ui`, in the arrangement for `roomy` windows or for small ones.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, roomy: bool) {
    // Taken out while it is drawn: panels change the state that it is a part of.
    let mut docks = std::mem::take(&mut state.docks);
    let tree = if roomy { &mut docks.roomy } else { &mut docks.compact };
    let window = ui.available_height();
    let mut panels = Panels { state, snapshot, roomy, window, network: None, reset: false, moved: false };
    tree.ui(&mut panels, ui);
    let Panels { network, reset, moved, .. } = panels;
    docks.untouched &= !moved;
    if docks.untouched
        && let Some(high) = network
    {
        let share = (high + space::XS) / (window - space::L);
        layout::give_network(
            if roomy { &mut docks.roomy } else { &mut docks.compact },
            share.clamp(LEAST, MOST),
        );
    }
    state.docks = if reset { Docks::default() } else { docks };
}

struct Panels<'a> {
    state: &'a mut AppState,
    snapshot: &'a Snapshot,
    roomy: bool,
    /// Height of the whole middle.
    window: f32,
    /// Height that the network's picture takes, once it was drawn.
    network: Option<f32>,
    /// Everything back to its place.
    reset: bool,
    /// A panel was moved or resized by hand.
    moved: bool,
}

impl Panels<'_> {
    /// The handle at a panel's upper edge; it shows under the pointer.
    fn grip(&mut self, ui: &mut Ui, panel: Rect) -> UiResponse {
        let (width, height) = size::GRIP;
        let rect =
            Rect::from_center_size(pos2(panel.center().x, panel.top() + height / 2.0), vec2(width, height));
        let response = ui.interact(rect, ui.scope_id().with("grip"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, i18n::move_panel()));
        if response.hovered() || response.dragged() || response.has_focus() {
            let p = palette(ui);
            for i in -2..=2 {
                let dot = rect.center() + vec2(i as f32 * space::S, 0.0);
                ui.painter().circle_filled(dot, 1.5, p.ink3);
            }
        }
        response.context_menu(|ui| self.reset |= ui.button(i18n::reset_layout()).clicked());
        let started = response.drag_started();
        response.on_hover_cursor(CursorIcon::Grab).on_hover_text(i18n::move_panel_hint());
        if started { UiResponse::DragStarted } else { UiResponse::None }
    }
}

impl Behavior<Pane> for Panels<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _: TileId, pane: &mut Pane) -> UiResponse {
        let whole = ui.max_rect();
        match pane {
            Pane::Network => {
                let drawn = ScrollArea::vertical().id_salt("network").auto_shrink(false).show(ui, |ui| {
                    network::show(ui, self.state, self.snapshot, self.window);
                });
                self.network = Some(drawn.content_size.y);
                return UiResponse::None;
            }
            Pane::Microscope => microscope::preview(ui, self.state, self.snapshot, whole.height()),
            Pane::Charts => charts::panel(ui, self.state, self.snapshot, whole.height()),
            Pane::Surgery => {
                // In a small window the charts are behind it.
                surgery::panel(ui, self.state, self.snapshot, whole.height(), !self.roomy);
            }
        }
        self.grip(ui, whole)
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        match pane {
            Pane::Network => i18n::network(),
            Pane::Microscope => i18n::view_microscope(),
            Pane::Charts => i18n::charts(),
            Pane::Surgery => i18n::surgery_title(),
        }
        .into()
    }

    /// A word; the chosen one is in ink and underlined, as the views are in the transport.
    fn tab_ui(
        &mut self,
        tiles: &mut Tiles<Pane>,
        ui: &mut Ui,
        id: Id,
        tile: TileId,
        tab: &TabState,
    ) -> Response {
        let p = palette(ui);
        let title = self.tab_title_for_tile(tiles, tile).text().to_owned();
        let font = |on: bool| if on { theme::semibold(text::BODY) } else { theme::regular(text::BODY) };
        let ink = if tab.active { p.ink } else { p.ink2 };
        let wide = ui.painter().layout_no_wrap(title.clone(), font(true), ink).size().x;
        let words = ui.painter().layout_no_wrap(title.clone(), font(tab.active), ink);
        let (_, rect) = ui.allocate_space(vec2(wide + space::L, ui.available_height()));
        let response = ui.interact(rect, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, tab.active, &title));
        let at = pos2(rect.left(), rect.center().y - words.size().y / 2.0);
        ui.painter().galley(at, words, ink);
        if tab.active {
            let under = p.stroke(line::TRUNK, p.ink);
            ui.painter().hline(rect.left()..=rect.left() + wide, rect.bottom() - 3.0, under);
        }
        response.on_hover_text(i18n::move_panel_hint())
    }

    fn is_tab_bar_visible(&self, _: TileId, tabs: &Tabs) -> bool {
        tabs.children.len() > 1
    }

    fn tab_bar_height(&self, _: &Style) -> f32 {
        size::TABS
    }

    fn tab_bar_color(&self, _: &Visuals) -> Color32 {
        Color32::TRANSPARENT
    }

    fn tab_bar_hline_stroke(&self, _: &Visuals) -> Stroke {
        Stroke::NONE
    }

    fn gap_width(&self, _: &Style) -> f32 {
        space::L
    }

    fn min_size(&self) -> f32 {
        size::LEAST_PANE
    }

    fn resize_stroke(&self, style: &Style, state: ResizeState) -> Stroke {
        match state {
            ResizeState::Idle => Stroke::NONE,
            ResizeState::Hovering => Stroke::new(line::TRUNK, style.visuals.widgets.hovered.bg_stroke.color),
            ResizeState::Dragging => Stroke::new(line::TRUNK, style.visuals.widgets.active.fg_stroke.color),
        }
    }

    fn drag_preview_stroke(&self, visuals: &Visuals) -> Stroke {
        Stroke::new(line::TRUNK, visuals.widgets.active.fg_stroke.color)
    }

    fn drag_preview_color(&self, visuals: &Visuals) -> Color32 {
        visuals.widgets.active.fg_stroke.color.gamma_multiply(line::FILL_ALPHA / 3.0)
    }

    fn on_edit(&mut self, edit: EditAction) {
        self.moved |= matches!(edit, EditAction::TileResized | EditAction::TileDropped);
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: false, ..SimplificationOptions::default() }
    }
}
