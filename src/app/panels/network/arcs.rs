//! Skips: arcs as wide as their share of the signal, and the ⊕ where they meet the branch.

use super::super::super::numbers;
use super::super::super::theme::{self, Palette, line, palette, radius, size, text};
use super::{Rows, Scene};
use eframe::egui::{
    Align2, CornerRadius, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, remap_clamp, vec2,
};

/// Seconds in which an arc takes a new width.
const EASING: f32 = 0.12;
/// Points of an arc.
const POINTS: usize = 48;

/// What an arc is drawn from.
pub struct Skip {
    /// Index of the card it spans.
    pub card: usize,
    /// Whether its signal goes through a 1×1 convolution.
    pub projected: bool,
    /// Share of the signal into ⊕; `None` before anything is known.
    pub share: Option<f32>,
}

/// The skip over one card: thin and grey before anything is known, none where nothing comes through.
pub fn arc(ui: &Ui, scene: &Scene<'_>, skip: &Skip, rows: Rows, trunk: f32, still: bool) {
    let p = palette(ui);
    let place = &scene.place;
    let (from, to) = (place.joins[skip.card], place.joins[skip.card + 1]);
    let centre = pos2((from + to) / 2.0, trunk);
    let radii = vec2((to - from) / 2.0, rows.rise());
    let ellipse = |grow: f32| -> Vec<Pos2> {
        (0..=POINTS)
            .map(|k| {
                let a = std::f32::consts::PI * (1.0 - k as f32 / POINTS as f32);
                centre + vec2((radii.x + grow) * a.cos(), -(radii.y + grow) * a.sin())
            })
            .collect()
    };
    let id = ui.scope_id().with(("arc", scene.place.cards[skip.card].blocks.start));
    let easing = if still { 0.0 } else { EASING };
    let width = skip.share.map(|s| ui.ctx().animate_value_with_time(id, s, easing) * widest(place.card));
    let painter = ui.painter();
    match (width, skip.projected && place.card >= size::CARD_STRIP) {
        (None, _) => {
            painter.add(Shape::line(ellipse(0.0), p.stroke(line::ICON, p.line2)));
        }
        (Some(w), false) if w > 0.0 => {
            painter.add(Shape::line(ellipse(0.0), Stroke::new(w, p.skip_fill)));
        }
        (Some(w), true) if w > 0.0 => {
            // Two rails: the signal is changed on its way; their distance is the share.
            for side in [-0.5, 0.5] {
                let rail = ellipse(side * (w - line::ICON).max(0.0));
                painter.add(Shape::line(rail, p.stroke(line::ICON, p.skip_fill)));
            }
        }
        _ => {}
    }
    // Where nothing comes through there is nothing to say.
    if place.card >= 40.0 && width.is_none_or(|w| w > 0.0) {
        labels(ui, p, skip, centre - vec2(0.0, radii.y));
    }
}

/// 12 px at a full card, 5 at 28 px.
fn widest(card: f32) -> f32 {
    remap_clamp(card, size::CARD_LEAST..=size::CARD, 5.0..=size::SKIP_MAX).min(card * 5.0 / size::CARD_LEAST)
}

/// The plate of a projection, and the share in the arch.
fn labels(ui: &Ui, p: &Palette, skip: &Skip, apex: Pos2) {
    let painter = ui.painter();
    if skip.projected {
        let plate = Rect::from_center_size(apex, vec2(38.0, 20.0));
        let known = skip.share.is_some();
        let (ink, edge) = if known { (p.skip, p.skip_fill) } else { (p.ink3, p.line2) };
        let corner = CornerRadius::same(radius::CONTROL);
        painter.rect(plate, corner, p.panel, p.stroke(line::ICON, edge), StrokeKind::Inside);
        painter.text(plate.center(), Align2::CENTER_CENTER, "1×1", theme::semibold(text::CAPTION), ink);
    }
    if let Some(share) = skip.share {
        let at = apex + vec2(0.0, if skip.projected { 22.0 } else { 20.0 });
        let words = numbers::ratio(share);
        painter.text(at, Align2::CENTER_CENTER, words, theme::semibold(text::CAPTION), p.skip);
    }
}

/// ⊕ where branch and skip meet.
pub fn plus(ui: &Ui, at: Pos2, card: f32) {
    let p = palette(ui);
    let r = remap_clamp(card, 12.0..=size::CARD_FULL, 2.0..=8.0);
    let painter = ui.painter();
    painter.circle(at, r, p.bg, Stroke::new(if r > 4.0 { line::TRUNK } else { line::HAIR }, p.ink));
    if r > 5.0 {
        let arm = r - 3.5;
        let stroke = p.stroke(line::TRUNK, p.ink);
        painter.line_segment([at - vec2(arm, 0.0), at + vec2(arm, 0.0)], stroke);
        painter.line_segment([at - vec2(0.0, arm), at + vec2(0.0, arm)], stroke);
    }
}
