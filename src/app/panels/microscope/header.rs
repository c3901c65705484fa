//! Over the chain: where one is, which picture is looked at, and the plate on the skip where α is set.

use super::super::super::theme::{self, line, palette, radius, size, space, text};
use super::super::super::widgets::{icon_button, icons::Icon};
use super::super::super::{i18n, numbers, state::AppState};
use super::super::pictures;
use super::{about, branch::Chain, chain, leave, state};
use crate::session::{Command, Snapshot, Whom};
use eframe::egui::{
    Align, Align2, Color32, CornerRadius, DragValue, Label, Layout, Rect, Response, RichText, Sense,
    StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

/// From here on the block is described beside its name, and pictures stand right of it.
const DESCRIBED: f32 = 1180.0;

/// Breadcrumb left, pictures right; under each other where there is no room.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, block: usize) {
    let width = ui.available_width();
    if width < size::ONE_COLUMN {
        touched(ui, state, snapshot, block);
        ui.scope(|ui| {
            ui.spacing_mut().interact_size.y = size::TOUCH;
            pictures::chooser(ui, state, snapshot);
        });
        return;
    }
    if width < 1000.0 {
        crumbs(ui, state, snapshot, block, width >= 600.0);
        pictures::chooser(ui, state, snapshot);
        return;
    }
    ui.horizontal(|ui| {
        // Both halves stand on the middle of the pictures.
        ui.set_min_height(size::THUMB + 2.0 * space::XS);
        crumbs(ui, state, snapshot, block, width >= DESCRIBED);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| pictures::chooser(ui, state, snapshot));
        });
    });
}

/// The same for fingers: the block, those before and after it, and the way back.
fn touched(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, block: usize) {
    let names: &[String] = snapshot.model.as_ref().map_or(&[], |m| &m.block_names);
    let name = names.get(block).map_or("", |n| n.as_str());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let about = about(state.drawn(snapshot), snapshot, block, false);
        let room = ui.available_width() - 3.0 * size::TOUCH;
        ui.allocate_ui(vec2(room, size::TOUCH), |ui| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                let p = palette(ui);
                ui.label(RichText::new(name).font(theme::semibold(text::TITLE)).color(p.ink));
                let small = RichText::new(about).font(theme::regular(text::CAPTION)).color(p.ink3);
                ui.add(Label::new(small).truncate());
            });
        });
        for (icon, by, hint) in
            [(Icon::Back, -1, i18n::scope_before_hint()), (Icon::Forward, 1, i18n::scope_after_hint())]
        {
            let there = if by < 0 { block > 0 } else { block + 1 < names.len() };
            let button = ui.add_enabled_ui(there, |ui| icon_button(ui, icon, hint, size::TOUCH)).inner;
            if button.on_hover_text(hint).clicked() {
                state::walk(&mut state.selection, names.len(), by);
            }
        }
        let close = icon_button(ui, Icon::Close, i18n::close(), size::TOUCH);
        if close.on_hover_text(i18n::scope_back_hint()).clicked() {
            leave(state);
        }
    });
}

fn crumbs(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, block: usize, long: bool) {
    let p = palette(ui);
    let names: &[String] = snapshot.model.as_ref().map_or(&[], |m| &m.block_names);
    let name = names.get(block).map_or("", |n| n.as_str());
    let stage = name.split('.').next().unwrap_or(name);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let back = crumb(ui, &format!("‹ {}", i18n::scope_network()), p.ink2, false);
        if back.on_hover_text(i18n::scope_back_hint()).clicked() {
            leave(state);
        }
        ui.label(RichText::new("/").color(p.ink3));
        let first = names.iter().position(|n| n.split('.').next() == Some(stage));
        if crumb(ui, stage, p.ink2, false).on_hover_text(i18n::scope_stage_hint()).clicked()
            && let Some(first) = first
        {
            state::walk(&mut state.selection, names.len(), first as isize - block as isize);
        }
        ui.label(RichText::new("/").color(p.ink3));
        crumb(ui, name, p.ink, true).on_hover_text(i18n::scope_block_hint());
        for (arrow, by, hint) in [("←", -1, i18n::scope_before_hint()), ("→", 1, i18n::scope_after_hint())]
        {
            let there = if by < 0 { block > 0 } else { block + 1 < names.len() };
            let button = ui.add_enabled_ui(there, |ui| crumb(ui, arrow, p.ink2, false)).inner;
            if button.on_hover_text(hint).clicked() {
                state::walk(&mut state.selection, names.len(), by);
            }
        }
        if long {
            let about = about(state.drawn(snapshot), snapshot, block, true);
            ui.add_space(space::S);
            ui.add(Label::new(RichText::new(about).font(theme::regular(text::CAPTION)).color(p.ink3)));
        }
    });
}

/// A word that is pressed.
fn crumb(ui: &mut Ui, word: &str, ink: Color32, bold: bool) -> Response {
    let font = if bold { theme::semibold(text::TITLE) } else { theme::regular(text::TITLE) };
    let response = ui.add(Label::new(RichText::new(word).font(font).color(ink)).sense(Sense::click()));
    if response.hovered() && !bold {
        let y = response.rect.bottom();
        ui.painter().hline(response.rect.x_range(), y, palette(ui).stroke(line::HAIR, ink));
    }
    response
}

/// The plate on the skip: `α·x  α = 1.00  share 0.81`. α is dragged or typed; a double click makes it 1.
pub fn plate(ui: &mut Ui, state: &mut AppState, shown: &Chain<'_>) {
    let (Some(plus), Some(first)) = (shown.plus, shown.maps.first()) else { return };
    let p = palette(ui);
    // Where the chain runs down, the skip's name stands beside it.
    let name = if shown.down { "" } else { chain::alpha_skip(shown.close) };
    let rect = if shown.down {
        shown.plate_down()
    } else {
        // Behind the stages on the shortcut's own way, if there are any.
        let from = shown.upper.last().map_or(first.center().x, |(_, r)| r.right());
        let width = if shown.upper.is_empty() { 244.0 } else { 316.0 };
        Rect::from_center_size(pos2((from + plus.x) / 2.0, shown.rail), vec2(width, 30.0))
    };
    let corner = CornerRadius::same(radius::PANEL);
    ui.painter().rect(rect, corner, p.bg, p.stroke(line::TRUNK, p.skip_fill), StrokeKind::Inside);
    let bold = || theme::semibold(text::BODY);
    let share = i18n::scope_share(numbers::ratio(shown.close.share));
    ui.painter().text(rect.left_center() + vec2(space::L, 0.0), Align2::LEFT_CENTER, name, bold(), p.skip);
    let share = ui.painter().text(
        rect.right_center() - vec2(space::L, 0.0),
        Align2::RIGHT_CENTER,
        share,
        bold(),
        p.skip,
    );
    let block = shown.close.block;
    let held = state.scope.alpha.filter(|(b, _)| *b == block).map(|(_, v)| v);
    let mut alpha = held.unwrap_or(shown.close.alpha);
    // For a finger the whole plate is the field.
    let (wide, edge) = if shown.down { (share.left() - rect.left(), 0.0) } else { (96.0, 3.0) };
    let field = Rect::from_min_max(
        pos2(share.left() - wide, rect.top() + edge),
        pos2(share.left() - space::S, rect.bottom() - edge),
    );
    let response = ui
        .scope_builder(UiBuilder::new().max_rect(field).layout(Layout::left_to_right(Align::Center)), |ui| {
            ui.visuals_mut().override_text_color = Some(p.skip);
            ui.visuals_mut().widgets.inactive.weak_bg_fill = Color32::TRANSPARENT;
            ui.style_mut().override_font_id = Some(bold());
            ui.spacing_mut().interact_size.y = field.height();
            ui.spacing_mut().button_padding = vec2(space::XS, 0.0);
            let drag = DragValue::new(&mut alpha)
                .prefix("α = ")
                .speed(0.01)
                .range(-2.0..=2.0)
                .update_while_editing(false)
                .custom_formatter(|v, _| numbers::fixed(v, 2))
                .custom_parser(numbers::parse);
            ui.add_sized(field.size(), drag)
        })
        .inner;
    response.widget_info(|| WidgetInfo {
        label: Some("α".into()),
        ..WidgetInfo::drag_value(ui.is_enabled(), alpha.into())
    });
    if response.double_clicked() {
        alpha = 1.0;
    }
    if alpha != held.unwrap_or(shown.close.alpha) {
        state.scope.alpha = Some((block, alpha));
        state.send(Command::SetAlpha { whom: Whom::Block(block), alpha });
    } else if held == Some(shown.close.alpha) {
        state.scope.alpha = None;
    }
    response.on_hover_text(i18n::scope_alpha_hint());
}
