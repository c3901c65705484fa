//! Skips: arcs as wide as their share of the signal, the ⊕ where they meet the branch, and what a press on an
//! arc does to its skip.

use super::super::super::i18n;
use super::super::super::numbers::{self, UNKNOWN};
use super::super::super::placement::Placement;
use super::super::super::surgery::{self, Operation, Patient};
use super::super::super::theme::{self, Palette, line, palette, radius, size, space, text};
use super::super::super::widgets::{flag_size, paint_flag};
use super::Rows;
use crate::train::Whom;
use eframe::egui::{
    Align2, CornerRadius, CursorIcon, Id, Pos2, Rect, RichText, Role, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, remap_clamp, vec2,
};

/// Seconds in which an arc takes a new width, and in which the stubs of a cut one open.
const EASING: f32 = 0.12;
const OPENING: f32 = 0.16;
/// Points of an arc.
const POINTS: usize = 48;
/// Part of a cut arc that is left at each end.
const STUB: f32 = 0.2;

/// What an arc is drawn from.
pub struct Skip {
    /// Index of the card it spans.
    pub card: usize,
    /// Whether its signal goes through a 1×1 convolution.
    pub projected: bool,
    /// Share of the signal into ⊕; `None` before anything is known.
    pub share: Option<f32>,
    /// α, if it is known and not 1; 0 is cut.
    pub alpha: Option<f32>,
}

/// The skip over one card of `place`: thin and grey before anything is known, two stubs and a flag where it is
/// cut, none where nothing comes through.
pub fn arc(ui: &Ui, place: &Placement, skip: &Skip, rows: Rows, trunk: f32, still: bool) {
    let p = palette(ui);
    let (from, to) = (place.joins[skip.card], place.joins[skip.card + 1]);
    let centre = pos2((from + to) / 2.0, trunk);
    let radii = vec2((to - from) / 2.0, rows.rise());
    // From `begin` to `end` of the way, the whole being 1.
    let part = |grow: f32, begin: f32, end: f32| -> Vec<Pos2> {
        (0..=POINTS)
            .map(|k| begin + (end - begin) * k as f32 / POINTS as f32)
            .map(|t| {
                let a = std::f32::consts::PI * (1.0 - t);
                centre + vec2((radii.x + grow) * a.cos(), -(radii.y + grow) * a.sin())
            })
            .collect()
    };
    let ellipse = |grow: f32| part(grow, 0.0, 1.0);
    let id = ui.scope_id().with(("arc", place.cards[skip.card].blocks.start));
    let easing = if still { 0.0 } else { EASING };
    let width = skip.share.map(|s| ui.ctx().animate_value_with_time(id, s, easing) * widest(place.card));
    let opening = if still { 0.0 } else { OPENING };
    let cut = skip.alpha == Some(0.0);
    let open = ui.ctx().animate_bool_with_time(id.with("cut"), cut, opening);
    if open > 0.0 {
        let left = 0.5 - open * (0.5 - STUB);
        for (begin, end) in [(0.0, left), (1.0 - left, 1.0)] {
            ui.painter().add(Shape::line(part(0.0, begin, end), p.stroke(line::CAP, p.skip_fill)));
        }
        if cut {
            cut_flag(ui, centre - vec2(0.0, radii.y), to - from, rows.rise() - rows.body / 2.0);
        }
        return;
    }
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
        labels(ui, p, skip, centre - vec2(0.0, radii.y), place.card >= size::CARD_FULL);
    }
}

/// Over a card whose branch is dropped: scissors, and a word where there is room for it.
pub fn dropped_flag(ui: &Ui, body: Rect) {
    let word = i18n::surgery_dropped_short();
    let words = if flag_size(ui, word).x <= body.width() { word } else { "" };
    paint_flag(ui, Rect::from_center_size(body.center(), flag_size(ui, words)), words);
}

/// The flag over the gap of a cut skip whose top is at `apex`: scissors, and the word where `room` has space
/// for it; on a pole down to the card.
fn cut_flag(ui: &Ui, apex: Pos2, room: f32, height: f32) {
    let p = palette(ui);
    let word = i18n::surgery_cut_short();
    let words = if flag_size(ui, word).x <= room - space::XS { word } else { "" };
    let wide = flag_size(ui, words);
    let rect = Rect::from_center_size(apex + vec2(0.0, space::XS), wide);
    ui.painter().vline(apex.x, rect.bottom()..=apex.y + height, p.stroke(line::ICON, p.ink));
    paint_flag(ui, rect, words);
}

/// Whom a press on the arc over a card of `blocks` operates on.
pub fn whom(blocks: &std::ops::Range<usize>, stage: usize) -> Whom {
    if blocks.len() == 1 { Whom::Block(blocks.start) } else { Whom::Stage(stage) }
}

/// Lets the arc over a card be pressed: cuts its skip, or rejoins it. The target is all of the arch over the
/// card, so that a thin arc is hit as well as a thick one; the keyboard has X on the card.
pub fn press(
    ui: &Ui,
    id: Id,
    arch: Rect,
    whom: Whom,
    patient: &Patient<'_>,
    share: Option<f32>,
) -> Option<Operation> {
    let response = ui.interact(arch, id, Sense::CLICK).on_hover_cursor(CursorIcon::PointingHand);
    let name = surgery::name(whom, patient.blocks);
    let (mean, low, high) = patient.alpha(whom);
    let alpha = if low == high {
        numbers::ratio(mean)
    } else {
        i18n::surgery_from_to(numbers::ratio(low), numbers::ratio(high))
    };
    let cut = patient.is_cut(whom);
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, cut, i18n::surgery_arc_label(&name, &alpha))
    });
    let asked = response.clicked().then(|| patient.toggled(whom));
    response.on_hover_ui(|ui| {
        let p = palette(ui);
        ui.label(RichText::new(&name).font(theme::semibold(text::BODY)).color(p.ink));
        let small = |words: String, ink| RichText::new(words).font(theme::regular(text::CAPTION)).color(ink);
        let share = share.map_or(UNKNOWN.into(), numbers::ratio);
        ui.label(small(i18n::surgery_arc_values(&alpha, &share), p.skip));
        let own = patient.who(whom).next().map_or(1.0, |b| patient.own[b]);
        let hint = if cut {
            i18n::surgery_rejoin_hint(numbers::ratio(own))
        } else {
            i18n::surgery_cut_hint().to_owned()
        };
        ui.label(small(hint, p.ink2));
    });
    asked
}

/// 12 px at a full card, 5 at 28 px.
fn widest(card: f32) -> f32 {
    remap_clamp(card, size::CARD_LEAST..=size::CARD, 5.0..=size::SKIP_MAX).min(card * 5.0 / size::CARD_LEAST)
}

/// The plate of a projection, the share in the arch, and α under it if that is not 1 and there is room.
fn labels(ui: &Ui, p: &Palette, skip: &Skip, apex: Pos2, roomy: bool) {
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
        if let Some(alpha) = skip.alpha.filter(|_| roomy) {
            let words = format!("α {}", numbers::ratio(alpha));
            let at = at + vec2(0.0, text::TITLE);
            painter.text(at, Align2::CENTER_CENTER, words, theme::regular(text::CAPTION), p.skip);
        }
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
