//! The map in a narrow window: rows of two stages, each with its own gradient bars.

use super::super::super::axis::{Layers, Stage};
use super::super::super::placement;
use super::super::super::state::AppState;
use super::super::super::theme::{palette, size, space};
use super::super::gradients;
use super::{Rows, Scene, cards, ends, placed, step};
use crate::session::Snapshot;
use eframe::egui::{Rangef, Rect, Sense, Ui, UiBuilder, vec2};

/// Height of the bars.
const BARS: f32 = 32.0;

/// Draws picture, prediction and rows of stages over `whole`.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, layers: &Layers, whole: Rangef) {
    // ⊕ reaches over the edge of its stage.
    let whole = whole.shrink(space::XS);
    let part = (whole.span() - space::S) / 2.0;
    let first = placement::place(layers, &[], whole, size::CARD_MAX);
    ends::beside(ui, state, snapshot, &Scene::new(snapshot, None, layers, first, whole));
    ui.add_space(space::S);
    let fold = state.map.fold(layers, whole.span());
    let left = state.map.folding(ui.input(|i| i.time), state.reduced_motion);
    for (row, pair) in layers.stages.chunks(2).enumerate() {
        let columns = pair.iter().enumerate().map(|(k, stage)| {
            let left = whole.min + k as f32 * (part + space::S);
            let x = Rangef::new(left, left + if pair.len() == 1 { whole.span() } else { part });
            let alone = Layers { stages: vec![stage.clone()], stem: vec![], head: vec![], ..layers.clone() };
            (alone, x, fold_of(&fold, layers, stage, x))
        });
        let columns: Vec<_> = columns.collect();
        let card = columns
            .iter()
            .map(|(alone, x, fold)| placement::fit(alone, fold, x.span(), size::CARD_FULL * 1.5))
            .fold(f32::INFINITY, f32::min);
        let rows = Rows::of(card);
        let high = rows.height() + BARS + space::S;
        let (rect, _) = ui.allocate_exact_size(vec2(whole.span(), high), Sense::hover());
        // From right to left: what joins at a stage's right edge lies over its neighbour's ground.
        for (k, (alone, x, fold)) in columns.iter().enumerate().rev() {
            let before = left.as_ref().and_then(|(fold, begun)| {
                let stage = alone.stages.first()?;
                Some((fold_of(fold, layers, stage, *x), *begun))
            });
            let before = before.as_ref().map(|(fold, begun)| (fold.as_slice(), *begun));
            let place = placed(ui, before, alone, fold, *x, card);
            let scene = Scene {
                all: layers,
                first_stage: 2 * row + k,
                opens: true,
                ..Scene::new(snapshot, state.patient(snapshot), alone, place, *x)
            };
            let ground = Rect::from_x_y_ranges(*x, rect.y_range());
            ui.painter().rect_filled(ground, 8.0, palette(ui).panel);
            let id = ui.scope_id().with((row, k));
            let mut inner = ui.new_child(UiBuilder::new().max_rect(ground).scope_id(id));
            cards::show(&mut inner, state, &scene, rows, rect.top());
            let here = scene.slice.and_then(|s| s.block).is_some_and(|b| scene.place.card_of(b).is_some());
            if here {
                step::dot(&inner, state, &scene, rows, rect.top());
            }
            let plot =
                ground.with_min_y(rect.bottom() - BARS - space::S).with_max_y(rect.bottom() - space::S);
            gradients::bars(&mut inner, state, snapshot, &scene, plot);
        }
    }
    ui.horizontal_wrapped(|ui| step::buttons(ui, state, snapshot));
}

/// Whether this stage is folded; one whose cards would be too narrow is.
fn fold_of(fold: &[bool], layers: &Layers, stage: &Stage, x: Rangef) -> Vec<bool> {
    let at = layers.stages.iter().position(|s| s == stage);
    let alone = Layers { stages: vec![stage.clone()], stem: vec![], head: vec![], ..layers.clone() };
    let tight = placement::fit(&alone, &[false], x.span(), size::CARD_LEAST) < size::CARD_LEAST;
    vec![tight || at.and_then(|i| fold.get(i).copied()).unwrap_or(false)]
}
