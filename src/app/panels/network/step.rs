//! A training step, layer by layer: forward, loss, backward, update. What was reached is lit, a dot
//! stands where the step stands, and a line says it in words.

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::{AppState, can_train};
use super::super::super::theme::{self, line, palette, size, space, text};
use super::super::super::widgets::{self, icons::Icon, raised_icon_button};
use super::{Rows, Scene, fitted, put};
use crate::session::{Command, EngineKind, Slice, SlicePhase, Snapshot};
use eframe::egui::{Rangef, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2};
use std::ops::Range;

/// Room for what stands under a layer's maps.
const CAPTION: f32 = 52.0;
/// Radius of the dot.
const DOT: f32 = 7.0;

/// Whether the next layer can be asked for.
fn ready(snapshot: &Snapshot) -> bool {
    snapshot.slice.is_some() || (can_train(snapshot) && snapshot.engine == EngineKind::Own)
}

/// Goes to the end of the next layer; the first time, training pauses for it.
pub fn next(ui: &Ui, state: &mut AppState, snapshot: &Snapshot) {
    if !ready(snapshot) {
        return;
    }
    if state.is_running(snapshot) {
        state.send(Command::Pause);
    }
    state.map.walk.asked = Some((ui.input(|i| i.time), snapshot.slice.as_ref().map(|s| s.at)));
    state.send(Command::StepLayer);
}

/// Lets the step in progress run to its end.
pub fn finish(state: &mut AppState) {
    state.map.walk = Default::default();
    state.send(Command::Pause);
}

/// Asks for the next layer when it is time, while it plays.
pub fn advance(ui: &Ui, state: &mut AppState, snapshot: &Snapshot) {
    let walk = state.map.walk;
    if !walk.plays {
        return;
    }
    let at = snapshot.slice.as_ref().map(|s| s.at);
    let now = ui.input(|i| i.time);
    match walk.asked {
        // The step is done.
        Some((_, Some(_))) if at.is_none() => state.map.walk = Default::default(),
        Some((when, before)) if at == before || now - when < f64::from(state.layer_time()) => {}
        _ => next(ui, state, snapshot),
    }
    ui.ctx().request_repaint_after(std::time::Duration::from_millis(50));
}

/// Buttons of the title line, from right to left.
pub fn buttons(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    if snapshot.slice.is_none() {
        ui.add_enabled_ui(ready(snapshot), |ui| {
            let button = raised_icon_button(ui, Icon::Step, i18n::step_through());
            let button = if snapshot.engine == EngineKind::Own {
                button
            } else {
                button.on_disabled_hover_text(i18n::only_own_engine())
            };
            if button.on_hover_text(i18n::step_through_hint()).clicked() {
                next(ui, state, snapshot);
            }
        });
        return;
    }
    if raised_icon_button(ui, Icon::Check, i18n::finish_step())
        .on_hover_text(i18n::finish_step_hint())
        .clicked()
    {
        finish(state);
    }
    let (icon, word) =
        if state.map.walk.plays { (Icon::Pause, i18n::hold()) } else { (Icon::Run, i18n::play()) };
    if raised_icon_button(ui, icon, word).on_hover_text(i18n::play_hint()).clicked() {
        state.map.walk.plays = !state.map.walk.plays;
        state.map.walk.asked = None;
    }
    if raised_icon_button(ui, Icon::Step, i18n::next_layer()).on_hover_text(i18n::next_layer_hint()).clicked()
    {
        next(ui, state, snapshot);
    }
}

/// Where the step stands, in words.
pub fn words(ui: &mut Ui, slice: &Slice) {
    let p = palette(ui);
    let phase = match slice.phase {
        SlicePhase::Forward => i18n::phase_forward(),
        SlicePhase::Loss => i18n::phase_loss(),
        SlicePhase::Backward => i18n::phase_backward(),
        SlicePhase::Update => i18n::phase_update(),
    };
    let mut words = i18n::slice_words(numbers::grouped(slice.step), phase, &slice.layer);
    if let Some(m) = slice.moments {
        let [_, h, w, c] = slice.shape;
        let (mean, std) = (short(m.mean), short(m.std));
        words += &i18n::slice_moments(format!("{h}×{w}×{c}"), &mean, &std);
    }
    if let Some(loss) = slice.loss {
        words += &i18n::slice_loss(numbers::loss(loss));
    }
    let ink = if slice.phase == SlicePhase::Backward { p.grad } else { p.ink2 };
    let of = i18n::slice_at(slice.at.0, slice.at.1);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(words).color(ink));
        ui.label(RichText::new(of).font(theme::regular(text::CAPTION)).color(p.ink3));
    });
}

/// Two decimals, more only where two say nothing.
fn short(v: f32) -> String {
    if v.abs() >= 0.01 { numbers::ratio(v) } else { numbers::norm(v) }
}

/// Whether the step has been through all of `blocks`.
pub fn is_lit(slice: &Slice, blocks: &Range<usize>) -> bool {
    match (slice.phase, slice.block) {
        (SlicePhase::Forward, Some(b)) => blocks.start <= b,
        // Outside of all blocks: the stem comes before them, the classifier after.
        (SlicePhase::Forward, None) => !before_blocks(slice),
        (SlicePhase::Backward, Some(b)) => blocks.end > b,
        (SlicePhase::Backward, None) => before_blocks(slice),
        (SlicePhase::Loss | SlicePhase::Update, _) => true,
    }
}

/// Of a layer outside all blocks: whether it is the stem's.
fn before_blocks(slice: &Slice) -> bool {
    let done = slice.at.0 as f32 / slice.at.1.max(1) as f32;
    match slice.phase {
        // Forward and backward are half of the layers each.
        SlicePhase::Forward => done < 0.25,
        _ => done > 0.75,
    }
}

/// Where on the axis the step stands, and whether it is on the skip above it.
fn place(scene: &Scene<'_>, slice: &Slice) -> (f32, bool) {
    let place = &scene.place;
    if let Some(c) = slice.block.and_then(|b| place.card_of(b)) {
        let card = &place.cards[c];
        if slice.layer.contains(".downsample") {
            return ((place.joins[c] + place.joins[c + 1]) / 2.0, true);
        }
        // `conv2` and, further on, `bn2` stand in the second half; what has no number at ⊕.
        let number = slice.layer.chars().last().and_then(|d| d.to_digit(10)).filter(|d| *d > 0);
        let columns = place.columns.iter().filter(|k| k.card == Some(c) && !k.name.contains("downsample"));
        let convs = columns.count().max(1) as f32;
        let further = if slice.layer.contains(".bn") { 0.25 } else { 0.5 };
        return match number {
            Some(n) => (card.x.min + (n as f32 - further).min(convs) / convs * card.x.span(), false),
            None => (place.joins[c + 1], false),
        };
    }
    let stem = matches!(slice.phase, SlicePhase::Forward | SlicePhase::Backward) && before_blocks(slice);
    (if stem { place.stem.center() } else { place.head.center() }, false)
}

/// The dot at the layer just executed: amber forward, rose backward.
pub fn dot(ui: &Ui, state: &AppState, scene: &Scene<'_>, rows: Rows, top: f32) {
    let Some(slice) = scene.slice else { return };
    let p = palette(ui);
    let time = if state.reduced_motion { 0.0 } else { state.layer_time() };
    let (x, above) = place(scene, slice);
    let trunk = rows.trunk(top);
    let travel =
        |axis, to| ui.ctx().animate_value_with_time(ui.scope_id().with(("step dot", axis)), to, time);
    let at = pos2(travel("x", x), travel("y", if above { trunk - rows.rise() } else { trunk }));
    let backward = matches!(slice.phase, SlicePhase::Backward | SlicePhase::Update);
    let colour = if backward { p.grad } else { p.skip_fill };
    if state.reduced_motion {
        ui.painter().circle_stroke(at, DOT + 2.0, p.stroke(line::TRUNK, colour));
    } else {
        ui.painter().circle(at, DOT, colour, p.stroke(line::TRUNK, p.bg));
    }
}

/// What the layer has made, large, in the column `side`; from `top` on. Returns where it ends.
pub fn made(ui: &mut Ui, state: &AppState, slice: &Slice, side: Rangef, top: f32, bottom: f32) {
    let p = palette(ui);
    let title = fitted(ui, slice.layer.clone(), theme::semibold(text::BODY), p.ink, side.span());
    put(ui, side.min, top + space::M, title);
    let y = top + space::XL;
    let edge = side.span().min(bottom - y - CAPTION).max(size::CARD_STRIP);
    let rect = Rect::from_min_size(pos2(side.min, y), theme::square(edge));
    let response = ui.interact(rect, ui.scope_id().with("made"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &slice.layer));
    if let Some(m) = &slice.mosaic {
        widgets::mosaic(ui, state.canvas.as_ref(), m, rect, 2.0);
    }
    let what = match slice.phase {
        SlicePhase::Backward => i18n::slice_gradient(),
        SlicePhase::Update => i18n::slice_update(),
        _ => i18n::slice_output(),
    };
    let small = theme::regular(text::CAPTION);
    let galley = ui.painter().layout(what.to_owned(), small, p.ink3, side.span());
    ui.painter().galley(rect.left_bottom() + eframe::egui::vec2(0.0, space::XS), galley, p.ink3);
    response.on_hover_text(what);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(phase: SlicePhase, block: Option<usize>, done: usize) -> Slice {
        Slice {
            step: 0,
            phase,
            layer: String::new(),
            block,
            at: (done, 100),
            mosaic: None,
            moments: None,
            shape: [1, 1, 1, 1],
            loss: None,
        }
    }

    #[test]
    fn what_was_reached_is_lit() {
        let lit = |s: &Slice| (0..4).map(|b| is_lit(s, &(b..b + 1))).collect::<Vec<_>>();
        assert_eq!(lit(&slice(SlicePhase::Forward, None, 1)), [false; 4]);
        assert_eq!(lit(&slice(SlicePhase::Forward, Some(1), 20)), [true, true, false, false]);
        assert_eq!(lit(&slice(SlicePhase::Forward, None, 49)), [true; 4]);
        assert_eq!(lit(&slice(SlicePhase::Loss, None, 50)), [true; 4]);
        assert_eq!(lit(&slice(SlicePhase::Backward, None, 52)), [false; 4]);
        assert_eq!(lit(&slice(SlicePhase::Backward, Some(2), 70)), [false, false, true, true]);
        assert_eq!(lit(&slice(SlicePhase::Backward, None, 99)), [true; 4]);
        // A folded stage is reached with its first block.
        assert!(is_lit(&slice(SlicePhase::Forward, Some(0), 10), &(0..3)));
        assert!(!is_lit(&slice(SlicePhase::Forward, Some(0), 10), &(1..3)));
    }
}
