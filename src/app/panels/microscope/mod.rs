//! The microscope: one block, one image. Every tensor on its way as feature maps, the skip above the
//! branch, and any single number worked out from the window and the weights that make it.

mod adding;
mod against;
mod branch;
mod chain;
mod contributions;
mod down;
mod enlarge;
mod formula;
mod header;
mod lines;
mod maps;
mod preview;
mod side;
mod state;
mod worked;

pub use against::sparkline;
pub use preview::preview;
pub use state::{ScopeState, keys, open};

use super::super::i18n;
use super::super::numbers;
use super::super::sketches::Sketch;
use super::super::state::AppState;
use super::super::theme::{palette, panel_frame, size, space};
use super::super::view::View;
use super::super::widgets::tile;
use crate::model::BlockKind;
use crate::session::{CloseUp, EngineKind, Probe, Snapshot, Worked};
use branch::{Chain, fit};
use chain::{Detail, columns};
use eframe::egui::{Rect, Response, RichText, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use maps::{hit, two_rings, wedge};

/// Width of the panel at the right, and from when on there is one.
const SIDE: f32 = 352.0;
const SIDE_FROM: f32 = 1000.0;

/// Part of the window's height that a stage's maps may have where there is room to spare.
const STAGE_SHARE: f32 = 0.14;

/// `BasicBlock · 128 channels · 16 × 16 · identity skip`; without the size where not `long`.
fn about(sketch: Option<&Sketch>, snapshot: &Snapshot, block: usize, long: bool) -> String {
    let (Some(sketch), Some(model)) = (sketch, &snapshot.model) else { return String::new() };
    let kind = match model.spec.block {
        BlockKind::Basic => "BasicBlock",
        BlockKind::Bottleneck => "Bottleneck",
    };
    let Some(b) = sketch.layers.blocks.get(block) else { return kind.into() };
    let stage = sketch.layers.stages.iter().find(|s| s.blocks.contains(&block));
    let (channels, side) = stage.map_or(("", ""), |s| s.shape.split_once(" × ").unwrap_or((&s.shape, "")));
    let skip = i18n::block_kind(b.projected, b.residual);
    let side = side.strip_suffix('²').map_or(side.to_owned(), |n| format!("{n} × {n}"));
    i18n::scope::about(kind, channels, if long { Some(&side) } else { None }, skip)
}

/// The whole view.
pub fn full(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    state.scope.meet(&mut state.selection);
    let Some(block) = state.selection.block else {
        ui.label(RichText::new(i18n::scope_choose_block()).color(palette(ui).ink2));
        return;
    };
    // The scroll bar lies in the margin, not on the pictures.
    let own = ui.available_rect_before_wrap();
    let with_margin = UiBuilder::new().max_rect(own.with_max_x(own.right() + space::M));
    let mut ui = ui.new_child(with_margin);
    ScrollArea::vertical().auto_shrink(false).show(&mut ui, |ui| {
        ui.set_max_width(own.width());
        header::show(ui, state, snapshot, block);
        ui.add_space(space::S);
        let seen = snapshot.seen.clone();
        state.scope.now = seen.as_ref().and_then(|s| s.now);
        let close = seen.as_ref().and_then(|s| s.close.as_ref()).filter(|c| c.block == block);
        match close {
            Some(close) => block_view(ui, state, snapshot, close),
            None => {
                ui.label(RichText::new(waiting(snapshot)).color(palette(ui).ink3));
            }
        }
        let now = ui.input(|i| i.time);
        if let Some(soon) = state.scope.settle(&mut state.selection, close, now) {
            ui.ctx().request_repaint_after_secs(soon as f32);
        }
    });
}

/// Why nothing was seen yet.
pub(super) fn waiting(snapshot: &Snapshot) -> &'static str {
    if snapshot.engine == EngineKind::Own { i18n::scope_waiting() } else { i18n::only_own_engine() }
}

fn block_view(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, close: &CloseUp) {
    let Some(model) = &snapshot.model else { return };
    let shown = columns(close, &model.spec, Detail::All);
    let width = ui.available_width();
    if width < size::ONE_COLUMN {
        let (area, _) = ui.allocate_exact_size(vec2(width, Chain::height_down(&shown)), Sense::hover());
        let chain = Chain::place_down(close, shown, area);
        let worked = close.worked.as_deref();
        // Its controls stand where the chain has them, not under each other.
        let mut own = ui.new_child(UiBuilder::new().max_rect(area));
        let responses = chain.draw(&mut own, state.canvas.as_ref());
        header::plate(&mut own, state, &chain);
        point(&own, state, &chain, responses, worked.map(|w| (w.probe, w.value)));
        if let Some(worked) = worked {
            rings(&own, &chain, worked);
        }
        ui.add_space(space::L);
        ui.spacing_mut().interact_size.y = size::TOUCH;
        panels(ui, state, snapshot, close, &chain);
        return;
    }
    let least = branch::least(shown.len());
    let window = ui.clip_rect().height();
    let most = if window < size::LOW {
        size::STAGE_LOW
    } else {
        (STAGE_SHARE * window).clamp(size::STAGE, size::STAGE_MOST)
    };
    let (side, gap) = fit(width.max(least), shown.len(), most, true);
    let high = Chain::height(close, side);
    let worked = close.worked.clone();
    let drawn =
        ScrollArea::horizontal().id_salt("chain").auto_shrink(false).max_height(high).show(ui, |ui| {
            let (area, _) = ui.allocate_exact_size(vec2(width.max(least), high), Sense::hover());
            let chain = Chain::place(close, shown, area, side, gap, true);
            let responses = chain.draw(ui, state.canvas.as_ref());
            header::plate(ui, state, &chain);
            point(ui, state, &chain, responses, worked.as_deref().map(|w| (w.probe, w.value)));
            chain
        });
    let chain = drawn.inner;
    ui.add_space(space::M);
    let places = panels(ui, state, snapshot, close, &chain);
    if let Some((worked, places)) = worked.as_ref().zip(places) {
        let (ringed, from) = rings(ui, &chain, worked);
        // One sheet, the one that leans less: a long one would lie over half of the picture.
        let lean = |(from, to): &(Rect, Rect)| (from.center().x - to.center().x).abs();
        let both = [from.zip(places.input), ringed.map(|r| (r, places.output))];
        if let Some((from, to)) = both.into_iter().flatten().min_by(|a, b| lean(a).total_cmp(&lean(b))) {
            wedge(ui, from, to);
        }
    }
}

/// Rings the map of the number that is worked out, and the one its window lies in; answers where they are.
fn rings(ui: &Ui, chain: &Chain<'_>, worked: &Worked) -> (Option<Rect>, Option<Rect>) {
    let probe = worked.probe;
    let ringed = chain.ring(ui, probe.stage, probe.channel, Some((probe.y, probe.x)));
    (ringed, worked.conv.as_ref().and_then(|c| chain.ring(ui, c.input_stage, c.input_channel, None)))
}

/// Back to the whole network.
pub fn leave(state: &mut AppState) {
    state.view = View::Network;
    state.scope.leave(&mut state.selection);
}

/// The worked number and, beside or under it, the panel with the block's numbers.
fn panels(
    ui: &mut Ui,
    state: &mut AppState,
    snapshot: &Snapshot,
    close: &CloseUp,
    chain: &Chain<'_>,
) -> Option<worked::Places> {
    let whole = ui.available_rect_before_wrap();
    let beside = whole.width() >= SIDE_FROM;
    let split = if beside { whole.right() - SIDE.min(whole.width() * 0.28) } else { whole.right() };
    let visible = (ui.clip_rect().bottom() - space::L - whole.top()).max(0.0);
    let one = |ui: &mut Ui, x: eframe::egui::Rangef, top: f32, add: &mut dyn FnMut(&mut Ui)| -> f32 {
        let rect = Rect::from_x_y_ranges(x, top..=f32::INFINITY);
        let child = UiBuilder::new().max_rect(rect);
        ui.scope_builder(child, |ui| {
            panel_frame(ui)
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    if beside {
                        ui.set_min_height(visible - 2.0 * space::L);
                    }
                    add(ui);
                })
                .response
                .rect
                .bottom()
        })
        .inner
    };
    let mut places = None;
    let left = eframe::egui::Rangef::new(whole.left(), if beside { split - space::L } else { split });
    let bottom = one(ui, left, whole.top(), &mut |ui| match &close.worked {
        Some(worked) => places = Some(worked::show(ui, state, close, chain, worked)),
        None => {
            ui.label(RichText::new(i18n::scope_choose_number()).color(palette(ui).ink2));
        }
    });
    let (x, top) = if beside {
        (eframe::egui::Rangef::new(split, whole.right()), whole.top())
    } else {
        (whole.x_range(), bottom + space::L)
    };
    one(ui, x, top, &mut |ui| side::show(ui, state, snapshot, close));
    places
}

/// What the pointer does on the maps: resting shows a value, a click chooses it.
fn point(
    ui: &Ui,
    state: &mut AppState,
    chain: &Chain<'_>,
    responses: Vec<(usize, Rect, Response)>,
    known: Option<(Probe, f32)>,
) {
    let now = ui.input(|i| i.time);
    let mut under = None;
    let mut clicked = None;
    for (i, rect, response) in responses {
        let shown = &chain.close.stages[i].mosaic;
        let find = |at| hit(ui, rect, shown, i, at);
        let over = response.hover_pos().and_then(find);
        under = under.or(over);
        if response.clicked() {
            // Pressed without a pointer: the middle of the first map.
            let first = shown.tiles.first().map(|t| {
                let [w, h] = t.size;
                Probe { stage: i, channel: t.channel, y: h / 2, x: w / 2, input_channel: None }
            });
            let at = response.interact_pointer_pos();
            clicked = at.map_or(first, find).or(state.scope.chosen());
        }
        if let Some(probe) = over {
            let value = known.filter(|(p, _)| state::same_place(p, &probe)).map(|(_, v)| v);
            let canvas = state.canvas;
            response.on_hover_ui_at_pointer(|ui| {
                let name = chain.name(i);
                let map = shown.tiles.iter().find(|t| t.channel == probe.channel);
                details(ui, canvas.as_ref().zip(map), &name, &probe, value);
            });
        }
    }
    state.scope.point_at(under, now);
    if clicked.is_some() {
        state.scope.choose(clicked);
    }
}

/// Stage, channel and place of a number, in words.
fn number_at(stage: &str, probe: &Probe) -> String {
    let [channel, x, y] = [probe.channel, probe.x, probe.y].map(|v| v as usize);
    i18n::scope_number_at(stage, channel, x, y)
}

/// A map under the pointer, large enough to be seen, with its channel, place and value.
fn details(
    ui: &mut Ui,
    map: Option<(&super::super::view::Canvas, &crate::session::Tile)>,
    name: &str,
    probe: &Probe,
    value: Option<f32>,
) {
    let p = palette(ui);
    ui.label(RichText::new(number_at(name, probe)).color(p.ink2));
    let value = value.map_or(numbers::UNKNOWN.into(), |v| numbers::axis_value(v.into()));
    ui.label(
        RichText::new(value)
            .font(super::super::theme::semibold(super::super::theme::text::TITLE))
            .color(p.ink),
    );
    if let Some((canvas, map)) = map {
        let (rect, _) = ui.allocate_exact_size(vec2(96.0, 96.0), Sense::hover());
        tile(ui.painter(), canvas, map, rect);
        let [w, h] = map.size.map(|v| v.max(1) as f32);
        let each = vec2(rect.width() / w, rect.height() / h);
        let at = pos2(rect.left() + probe.x as f32 * each.x, rect.top() + probe.y as f32 * each.y);
        two_rings(ui, Rect::from_min_size(at, each));
    }
}
