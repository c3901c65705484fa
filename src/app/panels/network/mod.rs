//! The network as a row of blocks on the bare canvas: what a picture becomes in each, skips as arcs over
//! them, and under them, on the same axis, gradients and their past.
//!
//! Before anything is seen the same picture is a skeleton: grey cards, thin arcs.

pub(super) mod arcs;
mod cards;
mod ends;
mod head;
mod history;
pub(super) mod measures;
mod phone;
mod step;

use super::super::axis::Layers;
use super::super::i18n;
use super::super::motion;
use super::super::placement::{self, Placement};
use super::super::state::AppState;
use super::super::surgery::Patient;
use super::super::theme::{palette, size, space};
use super::super::view::View;
use super::gradients;
use crate::session::{Profile, Seen, Slice, Snapshot, StepRecord};
use eframe::egui::{
    CursorIcon, Id, Key, Painter, Rangef, Rect, RichText, Sense, Ui, UiBuilder, Vec2, pos2, vec2,
};
use std::sync::Arc;

/// Width of the names left of the axis, and of the numbers right of it.
const NAMES: f32 = 140.0;
const SIDE: f32 = 128.0;
/// Heights from top to bottom: stage names, strip with its gap, numbers under it.
const HEADER: f32 = 28.0;
const STRIP: f32 = 10.0;
const FOOT: f32 = 20.0;
/// The least height of the picture: room for the watched picture and three guesses beside it.
const LEAST: f32 = 148.0;
/// From this height of the window on there is room for history.
const HISTORY_FROM: f32 = 700.0;
/// Part of the window's height that a card may have.
const CARD_SHARE: f32 = 0.13;

/// From left to right: names, the layer axis, numbers.
pub struct Area {
    pub names: Rangef,
    pub x: Rangef,
    pub side: Option<Rangef>,
}

impl Area {
    fn of(whole: Rangef) -> Self {
        let side = (whole.span() >= 900.0).then(|| Rangef::new(whole.max - SIDE, whole.max));
        let right = if side.is_some() { whole.max - SIDE - space::L } else { whole.max };
        Self {
            names: Rangef::new(whole.min, whole.min + NAMES - space::S),
            x: Rangef::new(whole.min + NAMES, right),
            side,
        }
    }
}

/// What all parts of the map are drawn from.
pub struct Scene<'a> {
    pub layers: &'a Layers,
    pub place: Placement,
    pub record: Option<&'a StepRecord>,
    pub seen: Option<&'a Seen>,
    pub profile: Option<&'a Profile>,
    pub slice: Option<&'a Slice>,
    /// What a press on an arc operates on; `None` where there are no skips, or not yet.
    pub patient: Option<Patient<'a>>,
    /// Left and right end of what is shown of the axis.
    pub x: Rangef,
    /// The whole network, and which of its stages is the first of `layers`.
    pub all: &'a Layers,
    pub first_stage: usize,
    /// Whether a single press opens a block: a finger has no double click.
    pub opens: bool,
}

impl<'a> Scene<'a> {
    fn new(
        snapshot: &'a Snapshot,
        patient: Option<Patient<'a>>,
        layers: &'a Layers,
        place: Placement,
        x: Rangef,
    ) -> Self {
        // What belongs to the network before this one says nothing about this one.
        let n = layers.blocks.len();
        Self {
            layers,
            place,
            record: snapshot.last.as_ref().filter(|r| r.blocks.len() == n),
            seen: snapshot.seen.as_deref().filter(|s| s.blocks.len() == n),
            profile: snapshot.profile.as_deref().filter(|p| p.blocks.len() == n),
            slice: snapshot.slice.as_deref(),
            patient: patient.filter(|p| p.blocks.len() == n),
            x,
            all: layers,
            first_stage: 0,
            opens: false,
        }
    }

    /// Folds a stage, or unfolds it.
    fn toggle_fold(&self, state: &mut AppState, stage: usize) {
        state.map.toggle_fold(self.all, self.x.span(), self.first_stage + stage);
    }
}

/// Heights within the picture, from its top.
#[derive(Clone, Copy)]
pub struct Rows {
    /// From the cards up to where arcs may reach.
    pub arch: f32,
    pub body: f32,
    pub foot: f32,
}

impl Rows {
    pub fn of(card: f32) -> Self {
        let body = if card < size::CARD_STRIP { size::CARD_STRIP } else { card };
        Self {
            // Narrow cards have narrow arcs; keep them arcs and not needles.
            arch: size::ARCH.min(14.0 + card * 0.7),
            body,
            foot: if card >= size::CARD_LEAST { FOOT } else { space::S },
        }
    }

    pub fn height(&self) -> f32 {
        HEADER + self.arch + self.body + STRIP + self.foot + space::XS
    }

    fn card_top(&self, top: f32) -> f32 {
        top + HEADER + self.arch
    }

    /// How far an arc's top lies above the trunk.
    fn rise(&self) -> f32 {
        self.arch + self.body / 2.0 - 10.0
    }

    pub fn trunk(&self, top: f32) -> f32 {
        self.card_top(top) + self.body / 2.0
    }
}

/// Title, picture, gradients and history in a window that is `height` high.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32) {
    if let Some(seen) = &snapshot.seen {
        state.map.sight.see(seen);
    }
    step::advance(ui, state, snapshot);
    ask_for_times(ui, state, snapshot);
    let whole = ui.available_rect_before_wrap().x_range();
    let narrow = whole.span() < size::ONE_COLUMN - 2.0 * space::XL;
    head::show(ui, state, snapshot, narrow);
    let Some(layers) = state.drawn(snapshot).map(|s| s.layers.clone()) else {
        ui.label(RichText::new(i18n::no_network()).color(palette(ui).ink3));
        return;
    };
    let area = Area::of(whole);
    let axis_width = if narrow { whole.span() } else { area.x.span() };
    keys(ui, state, snapshot, &layers, axis_width);
    if narrow {
        phone::show(ui, state, snapshot, &layers, whole);
        return;
    }

    let most = (height * CARD_SHARE).clamp(size::CARD_FULL, size::CARD_MAX);
    let fold = state.map.fold(&layers, area.x.span());
    let left = state.map.folding(ui.input(|i| i.time), state.reduced_motion);
    let left = left.as_ref().map(|(fold, begun)| (fold.as_slice(), *begun));
    let place = placed(ui, left, &layers, &fold, state.map.zoom.axis(area.x), most);
    let scene = Scene::new(snapshot, state.patient(snapshot), &layers, place, area.x);
    let rows = Rows::of(scene.place.card);
    let high = rows.height().max(LEAST);
    let (rect, _) = ui.allocate_exact_size(vec2(whole.span(), high), Sense::hover());
    let picture = Rect::from_x_y_ranges(area.x, rect.y_range());
    let zoomed = state.map.zoom.scale > 1.0;
    let shown = picture.expand2(vec2(if zoomed { 0.0 } else { space::S }, space::S));
    zoom(ui, state, &scene, picture, &fold, most);
    let mut inner = window(ui, shown, zoomed);
    cards::show(&mut inner, state, &scene, rows, rect.top());
    step::dot(&inner, state, &scene, rows, rect.top());
    ends::left(ui, state, snapshot, &scene, &area, rect, rows.trunk(rect.top()));
    ends::right(ui, state, snapshot, &scene, &area, rect, rows.trunk(rect.top()));
    ui.add_space(space::S);
    let with_history = height >= HISTORY_FROM;
    let words_end = gradients::show(ui, state, snapshot, &scene, &area, height);
    if with_history {
        history::show(ui, state, snapshot, &scene, &area, height);
    }
    if let Some(side) = area.side {
        let below =
            if with_history { ui.min_rect().bottom() - measures::HEIGHT } else { words_end + space::XS };
        measures::scale(ui, state, &scene, side, below, with_history);
    }
}

/// Where everything lies now: on its way, if a fold has just been left.
fn placed(
    ui: &Ui,
    left: Option<(&[bool], f64)>,
    layers: &Layers,
    fold: &[bool],
    x: Rangef,
    most: f32,
) -> Placement {
    match left.filter(|(from, _)| from.len() == fold.len() && *from != fold) {
        Some((from, begun)) => placement::between(layers, (from, fold), x, most, motion::progress(ui, begun)),
        None => placement::place(layers, fold, x, most),
    }
}

/// A part of `ui` that shows only what lies within `rect`, where the axis is longer than that.
fn window(ui: &mut Ui, rect: Rect, clipped: bool) -> Ui {
    let mut inner = ui.new_child(UiBuilder::new().max_rect(rect));
    if clipped {
        inner.shrink_clip_rect(rect);
    }
    inner
}

/// The same for painting alone.
pub fn clipped(ui: &Ui, x: Rangef) -> Painter {
    ui.painter().with_clip_rect(ui.clip_rect().intersect(Rect::from_x_y_ranges(x, Rangef::EVERYTHING)))
}

/// The wheel zooms on the pointer, dragging pans.
fn zoom(ui: &mut Ui, state: &mut AppState, scene: &Scene<'_>, rect: Rect, fold: &[bool], most: f32) {
    let x = rect.x_range();
    let response = ui.interact(rect, Id::unique("map"), Sense::drag());
    // At most so far that cards are as large as they get.
    let largest = placement::width(scene.layers, fold, most) / x.span().max(1.0);
    if response.dragged() {
        state.map.zoom.drag(response.drag_delta().x, x);
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    let Some(pointer) = ui.input(|i| i.pointer.hover_pos()) else { return };
    if !ui.rect_contains_pointer(rect) || largest <= 1.0 {
        return;
    }
    let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
    if wheel != 0.0 || pinch != 1.0 {
        let at = scene.place.at(pointer.x);
        state.map.zoom.by((wheel / 200.0).exp() * pinch, pointer.x, x, largest);
        // Gaps grow less than cards do; what is under the pointer stays there all the same.
        let place = placement::place(scene.layers, fold, state.map.zoom.axis(x), most);
        state.map.zoom.drag(pointer.x - place.x_of(at), x);
        // What the map has used scrolls nothing else.
        ui.input_mut(|i| i.smooth_scroll_delta = Vec2::ZERO);
    }
}

fn ask_for_times(ui: &Ui, state: &mut AppState, snapshot: &Snapshot) {
    let running = state.is_running(snapshot);
    let own = snapshot.engine == crate::session::EngineKind::Own;
    let ready = own && super::super::state::can_train(snapshot) && snapshot.slice.is_none();
    if ready && state.map.wants_profile(ui.input(|i| i.time), running, snapshot.profile.is_some()) {
        state.send(crate::session::Command::Profile);
    }
    if let Some(profile) = &snapshot.profile {
        for seconds in &profile.blocks {
            state.map.include(super::super::map::Measure::Time, *seconds);
        }
    }
}

/// The id of a block's card, which keeps the keyboard while the network is rebuilt.
pub fn card_id(block: usize) -> Id {
    Id::unique(("card", block))
}

/// Opens the microscope on block `i`.
fn open(state: &mut AppState, i: usize) {
    state.selection.block = Some(i);
    state.selection.probe = None;
    state.view = View::Microscope;
}

/// Keys of the map, where no other control has the keyboard.
fn keys(ui: &Ui, state: &mut AppState, snapshot: &Snapshot, layers: &Layers, width: f32) {
    // Under the microscope's sheet nothing of the map is meant.
    if state.view == View::Microscope {
        return;
    }
    let blocks = layers.blocks.len();
    let focus = ui.memory(|m| m.focused());
    let focused = focus.and_then(|id| (0..blocks).find(|&i| card_id(i) == id));
    if (focus.is_some() || ui.ctx().egui_wants_keyboard_input()) && focused.is_none() {
        return;
    }
    let pressed = |key| ui.input(|i| i.key_pressed(key) && i.modifiers.is_none());
    for (key, forward) in [(Key::ArrowLeft, false), (Key::ArrowRight, true)] {
        if pressed(key) && blocks > 0 {
            let next = match focused.or(state.selection.block) {
                Some(b) if forward => (b + 1).min(blocks - 1),
                Some(b) => b.saturating_sub(1),
                None => 0,
            };
            state.selection.block = Some(next);
            state.selection.probe = None;
            if focused.is_some() {
                ui.memory_mut(|m| m.request_focus(card_id(next)));
            }
        }
    }
    if pressed(Key::Enter)
        && let Some(block) = focused.or(state.selection.block)
    {
        open(state, block);
    }
    // Where no card has the keyboard, the table of keys has done it already.
    if pressed(Key::X)
        && let Some(block) = focused
    {
        state.toggle_skip(snapshot, block);
    }
    if pressed(Key::Z) && focused.is_some() {
        state.undo_skip(snapshot);
    }
    if pressed(Key::Escape) {
        if snapshot.slice.is_some() {
            step::finish(state);
        } else {
            state.selection = Default::default();
        }
    }
    if pressed(Key::OpenBracket) {
        ends::turn(state, snapshot, -1);
    }
    if pressed(Key::CloseBracket) {
        ends::turn(state, snapshot, 1);
    }
    if pressed(Key::G) || (pressed(Key::N) && snapshot.slice.is_some()) {
        step::next(ui, state, snapshot);
    }
    if pressed(Key::Num0) {
        state.map.fit();
    }
    if pressed(Key::F)
        && let Some(block) = state.selection.block.or(focused)
        && let Some(stage) = layers.stages.iter().position(|s| s.blocks.contains(&block))
    {
        state.map.toggle_fold(layers, width, stage);
    }
}

/// A text on one line, cut with `…` where it would be wider than `room`.
pub fn fitted(
    ui: &Ui,
    words: String,
    font: eframe::egui::FontId,
    ink: eframe::egui::Color32,
    room: f32,
) -> Arc<eframe::egui::Galley> {
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(words, font, ink);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room);
    ui.fonts_mut(|f| f.layout_job(job))
}

/// Paints `galley` with its left middle at `(x, y)`.
pub fn put(ui: &Ui, x: f32, y: f32, galley: Arc<eframe::egui::Galley>) {
    let at = pos2(x, y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette(ui).ink);
}
