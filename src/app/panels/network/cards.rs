//! Block cards: what the watched picture has become after each block, the chosen measure as a strip, and
//! the stem and the classifier at the ends. Paint order: stage grounds, trunk, arcs, cards, ⊕, rings.

use super::super::super::axis::Stage;
use super::super::super::i18n;
use super::super::super::map::Measure;
use super::super::super::numbers::{self, UNKNOWN};
use super::super::super::placement::Card;
use super::super::super::state::AppState;
use super::super::super::theme::{self, Palette, line, palette, radius, size, space, text};
use super::super::super::widgets::{self, icons, icons::Icon};
use super::arcs::{self, Skip};
use super::{FOOT, HEADER, Rows, STRIP, Scene, card_id, measures, open, step};
use crate::session::{BlockStats, Moments, Mosaic};
use eframe::egui::{
    Align2, Color32, CornerRadius, EventFilter, Grid, Rect, Response, RichText, Role, Sense, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

/// Between the maps of a card.
const GAP: f32 = 1.0;
/// Side of the stem's card.
const STEM: f32 = 36.0;

/// Draws everything on the axis, `top` being where the stages' names begin.
pub fn show(ui: &mut Ui, state: &mut AppState, scene: &Scene<'_>, rows: Rows, top: f32) {
    let p = palette(ui);
    let place = &scene.place;
    let trunk = rows.trunk(top);
    for (i, (stage, x)) in scene.layers.stages.iter().zip(&place.stages).enumerate() {
        let ground = Rect::from_x_y_ranges(*x, top..=top + rows.height());
        ui.painter().rect_filled(ground, CornerRadius::same(radius::PANEL), p.panel);
        stage_header(ui, state, scene, i, stage, ground);
    }
    let ends = place.head.max > place.stem.max;
    let (from, to) = if ends {
        (place.stem.min - space::S, place.head.min)
    } else {
        (place.joins[0], place.joins[place.joins.len() - 1])
    };
    ui.painter().hline(from..=to, trunk, p.stroke(line::TRUNK, p.line2));
    for (i, card) in place.cards.iter().enumerate() {
        let blocks = &scene.layers.blocks[card.blocks.clone()];
        if blocks.iter().any(|b| b.residual) {
            let stats = scene.record.map(|r| &r.blocks[card.blocks.clone()]);
            let mean = |s: &[BlockStats]| s.iter().map(BlockStats::skip_share).sum::<f32>() / s.len() as f32;
            let projected = blocks.len() == 1 && blocks[0].projected;
            let share = stats.map(mean);
            let whom = arcs::whom(&card.blocks, scene.first_stage + card.stage + 1);
            let alpha = scene.patient.as_ref().map(|p| p.alpha(whom).0).filter(|a| *a != 1.0);
            let skip = Skip { card: i, projected, share, alpha };
            arcs::arc(ui, place, &skip, rows, trunk, state.reduced_motion);
            if let Some(patient) = &scene.patient {
                let arch = Rect::from_x_y_ranges(
                    place.joins[i]..=place.joins[i + 1],
                    top + HEADER..=rows.card_top(top) - 1.0,
                );
                let id = ui.scope_id().with(("press arc", card.blocks.start));
                if let Some(asked) = arcs::press(ui, id, arch, whom, patient, share) {
                    state.operate(asked);
                }
            }
        }
    }
    let mut rings = Vec::new();
    if ends {
        ends_of_trunk(ui, state, scene, trunk, rows, &mut rings);
    }
    for i in 0..place.cards.len() {
        card(ui, state, scene, i, rows, top, &mut rings);
    }
    for (i, card) in place.cards.iter().enumerate() {
        if scene.layers.blocks[card.blocks.clone()].iter().any(|b| b.residual) {
            arcs::plus(ui, pos2(place.joins[i + 1], trunk), place.card);
        }
    }
    for (rect, outside, ink) in rings {
        let corner = CornerRadius::same(radius::CONTROL);
        let stroke = p.stroke(line::TRUNK, ink);
        ui.painter().rect_stroke(rect.expand(outside), corner, stroke, StrokeKind::Inside);
    }
}

/// Name and shape of a stage; pressing it folds the stage into one card, or unfolds it.
fn stage_header(ui: &Ui, state: &mut AppState, scene: &Scene<'_>, i: usize, stage: &Stage, ground: Rect) {
    let p = palette(ui);
    let head = ground.with_max_y(ground.top() + HEADER);
    let foldable = stage.blocks.len() > 1;
    let folded = foldable && scene.place.cards.iter().any(|c| c.stage == i && c.is_folded());
    let response = ui.interact(head, ui.scope_id().with(("stage", i)), Sense::click());
    let label = i18n::stage_label(&stage.name, stage.blocks.len(), &stage.shape);
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, foldable, folded, &label));
    if foldable && response.clicked() {
        scene.toggle_fold(state, i);
    }
    let y = head.center().y;
    let painter = ui.painter();
    // A stage that reaches out of view keeps its words in view.
    let ground = ground.intersect(Rect::from_x_y_ranges(scene.x, ground.y_range()));
    let mut left = ground.left() + space::XS;
    let name = painter.layout_no_wrap(stage.name.clone(), theme::semibold(text::CAPTION), p.ink2);
    let shape = painter.layout_no_wrap(stage.shape.clone(), theme::regular(text::CAPTION), p.ink3);
    let chevron = foldable && ground.width() >= name.size().x + icons::SIDE + 2.0 * space::XS;
    if chevron {
        let at = Rect::from_center_size(pos2(left + icons::SIDE / 2.0, y), theme::square(icons::SIDE));
        let ink = if response.hovered() { p.ink } else { p.ink2 };
        icons::paint(painter, at, if folded { Icon::Forward } else { Icon::Chevron }, ink);
        left = at.right() + space::XS;
    }
    let room = ground.right() - space::XS - left;
    let both = name.size().x + shape.size().x + space::S <= room - space::XS;
    let right = left + name.size().x;
    if name.size().x <= room + space::XS {
        painter.galley(pos2(left, y - name.size().y / 2.0), name, p.ink2);
    }
    if both && right < ground.right() {
        let at = pos2(ground.right() - space::S - shape.size().x, y - shape.size().y / 2.0);
        painter.galley(at, shape, p.ink3);
    }
    if response.has_focus() {
        let corner = CornerRadius::same(radius::CONTROL);
        painter.rect_stroke(head.shrink(2.0), corner, p.stroke(line::TRUNK, p.ink), StrokeKind::Inside);
    }
    let hint = match (foldable, folded) {
        (false, _) => label,
        (true, false) => format!("{label}\n{}", i18n::fold_hint()),
        (true, true) => format!("{label}\n{}", i18n::unfold_hint()),
    };
    response.on_hover_text(hint);
}

/// The stem's maps and the classifier's plate.
fn ends_of_trunk(
    ui: &Ui,
    state: &AppState,
    scene: &Scene<'_>,
    y: f32,
    rows: Rows,
    rings: &mut Vec<(Rect, f32, Color32)>,
) {
    let p = palette(ui);
    let x = scene.place.stem;
    let side = x.span().min(STEM);
    let rect = Rect::from_center_size(pos2(x.center(), y), theme::square(side));
    let shown = scene.seen.map(|s| &s.stem);
    maps(ui, state, shown, rect, side < STEM);
    let fc = Rect::from_x_y_ranges(scene.place.head, y - rows.body * 0.36..=y + rows.body * 0.36);
    let outline = p.stroke(line::HAIR, p.line2);
    ui.painter().rect(fc, CornerRadius::same(radius::CARD), p.raised, outline, StrokeKind::Inside);
    for (bars, x, what) in [
        (&scene.layers.stem, scene.place.stem, i18n::stem_maps_hint()),
        (&scene.layers.head, scene.place.head, i18n::head_hint()),
    ] {
        let Some(bar) = bars.first() else { continue };
        if scene.place.card >= 40.0 {
            let at = pos2(x.center(), y + rows.body / 2.0 + STRIP);
            ui.painter().text(at, Align2::CENTER_CENTER, &bar.layer, theme::regular(text::CAPTION), p.ink2);
        }
        let rect = Rect::from_x_y_ranges(x, y - rows.body / 2.0..=y + rows.body / 2.0 + STRIP + space::S);
        let response = ui.interact(rect, ui.scope_id().with(("end", &bar.layer)), Sense::hover());
        let pointed = state.pointed().is_some_and(|layer| layer == bar.layer);
        response.widget_info(|| WidgetInfo::selected(Role::Image, true, pointed, &bar.layer));
        if pointed {
            rings.push((rect, space::XS, p.skip_fill));
        }
        response.on_hover_text(format!("{}\n{what}", bar.layer));
    }
}

/// Maps of a tensor, or of its first map alone; an empty ground before anything is seen.
fn maps(ui: &Ui, state: &AppState, shown: Option<&Mosaic>, rect: Rect, one: bool) {
    let canvas = state.canvas.as_ref();
    match (shown, canvas) {
        (Some(m), Some(canvas)) if one && !m.tiles.is_empty() => {
            let cell = widgets::cells(ui, rect, 1, 1, 0.0).next().unwrap_or(rect);
            widgets::tile(ui.painter(), canvas, &m.tiles[0], cell);
        }
        (Some(m), Some(_)) => widgets::mosaic(ui, canvas, m, rect, GAP),
        _ => {
            ui.painter().rect_filled(rect, CornerRadius::same(radius::CARD), palette(ui).raised);
        }
    }
}

/// One card, with the rings it has.
fn card(
    ui: &Ui,
    state: &mut AppState,
    scene: &Scene<'_>,
    i: usize,
    rows: Rows,
    top: f32,
    rings: &mut Vec<(Rect, f32, Color32)>,
) {
    let p = palette(ui);
    let card = &scene.place.cards[i];
    let card_top = rows.card_top(top);
    let whole = Rect::from_x_y_ranges(card.x, card_top..=top + rows.height() - space::XS);
    if !ui.is_rect_visible(whole) {
        return;
    }
    let id = card_id(card.blocks.start);
    let response = ui.interact(whole, id, Sense::click());
    let label = label(scene, card);
    let chosen = state.selection.block.is_some_and(|b| card.blocks.contains(&b));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &label));
    press(ui, state, scene, card, &response);
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, escape: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
        rings.push((whole, space::S, p.ink));
    }
    if chosen {
        rings.push((whole, space::XS, p.ink));
    }
    let name = |b: usize| scene.layers.block_name(b);
    if state.pointed().is_some_and(|layer| card.blocks.clone().any(|b| name(b) == layer)) {
        rings.push((whole, space::S, p.skip_fill));
    }
    let body = whole.with_max_y(card_top + rows.body);
    paint(ui, state, scene, card, body);
    if scene.patient.as_ref().is_some_and(|p| card.blocks.clone().all(|b| p.betas.get(b) == Some(&0.0))) {
        let veil = p.panel.gamma_multiply(1.0 - theme::UNREACHED);
        ui.painter().rect_filled(body, CornerRadius::same(radius::CARD), veil);
        arcs::dropped_flag(ui, body);
    }
    let lit = scene.slice.is_none_or(|s| step::is_lit(s, &card.blocks));
    if !lit {
        // Not reached yet: at 40 %.
        let veil = p.panel.gamma_multiply(1.0 - theme::UNREACHED);
        ui.painter().rect_filled(whole, CornerRadius::same(radius::CARD), veil);
    }
    details(response, scene, card);
}

fn label(scene: &Scene<'_>, card: &Card) -> String {
    let stage = &scene.layers.stages[card.stage].name;
    let share = scene.record.map_or(UNKNOWN.into(), |r| {
        let shares = r.blocks[card.blocks.clone()].iter().map(BlockStats::skip_share);
        numbers::ratio(shares.sum::<f32>() / card.blocks.len() as f32)
    });
    if card.is_folded() {
        i18n::folded_label(stage, card.blocks.len(), &share)
    } else {
        i18n::block_label(scene.layers.block_name(card.blocks.start), &share)
    }
}

/// Pressing chooses a block; twice opens it; a folded stage unfolds.
fn press(ui: &Ui, state: &mut AppState, scene: &Scene<'_>, card: &Card, response: &Response) {
    // Enter on a card opens it, which the map's keys have seen to already.
    let by_key = ui.input(|i| i.key_pressed(eframe::egui::Key::Enter));
    if by_key {
        return;
    }
    let opened = response.double_clicked() || (scene.opens && response.clicked());
    if opened && !card.is_folded() {
        open(state, card.blocks.start);
    } else if response.clicked() {
        if card.is_folded() {
            scene.toggle_fold(state, card.stage);
        }
        state.selection.block = Some(card.blocks.start);
        state.selection.probe = None;
    }
}

/// Maps, strip, index and value.
fn paint(ui: &Ui, state: &AppState, scene: &Scene<'_>, card: &Card, body: Rect) {
    let p = palette(ui);
    let (width, measure) = (scene.place.card, state.map.measure);
    if width >= size::CARD_STRIP {
        if card.is_folded() {
            // The cards that lie behind this one.
            for k in [2.0, 1.0] {
                let behind = body.translate(vec2(2.0 * k, -2.0 * k)).with_max_x(body.right() + 2.0 * k);
                let outline = p.stroke(line::HAIR, p.line2);
                ui.painter().rect(behind, CornerRadius::ZERO, p.panel, outline, StrokeKind::Inside);
            }
        }
        let shown = scene.seen.and_then(|s| s.blocks.get(card.blocks.end - 1));
        maps(ui, state, shown, body, width < size::CARD_FULL);
    }
    let strip =
        Rect::from_x_y_ranges(body.x_range(), body.bottom() + STRIP - size::STRIP..=body.bottom() + STRIP);
    let value = measures::of_card(scene, measure, card);
    let decades = state.map.decades(measure, state.decades);
    let colour = value.map_or(p.line, |v| measures::colour(ui, measure, decades, v));
    ui.painter().rect_filled(strip, 1.0, colour);
    if width >= size::CARD_LEAST {
        under(ui, p, scene, card, measure, value, strip);
    }
}

/// `.1` or `×9` on the left, the value on the right where there is room.
fn under(
    ui: &Ui,
    p: &Palette,
    scene: &Scene<'_>,
    card: &Card,
    measure: Measure,
    value: Option<f32>,
    strip: Rect,
) {
    let y = strip.bottom() + FOOT / 2.0 + 1.0;
    let index = if card.is_folded() {
        format!("×{}", card.blocks.len())
    } else {
        format!(".{}", scene.layers.blocks[card.blocks.start].index)
    };
    let put = |x, align, words: String, font, ink: Color32| {
        ui.painter().text(pos2(x, y), align, words, font, ink).width()
    };
    let semibold = theme::semibold(text::CAPTION);
    let taken = put(strip.left(), Align2::LEFT_CENTER, index, semibold, p.ink);
    if let Some(v) = value {
        let words = measures::written(measure, v);
        let galley = ui.painter().layout_no_wrap(words, theme::regular(text::CAPTION), p.ink2);
        if taken + galley.size().x + space::S <= strip.width() {
            ui.painter().galley(
                pos2(strip.right() - galley.size().x, y - galley.size().y / 2.0),
                galley,
                p.ink2,
            );
        }
    }
}

/// Everything that is known of a block.
fn details(response: Response, scene: &Scene<'_>, card: &Card) {
    let i = card.blocks.start;
    let (Some(block), Some(stage)) = (scene.layers.blocks.get(i), scene.layers.stages.get(card.stage)) else {
        return;
    };
    response.on_hover_ui(|ui| {
        let p = palette(ui);
        let small = |words: &str, ink| RichText::new(words).font(theme::regular(text::CAPTION)).color(ink);
        let name = if card.is_folded() {
            i18n::folded_name(&stage.name, card.blocks.len())
        } else {
            scene.layers.block_name(i)
        };
        ui.label(RichText::new(name).font(theme::semibold(text::BODY)).color(p.ink));
        if !card.is_folded() {
            ui.label(small(i18n::block_kind(block.projected, block.residual), p.ink3));
        }
        Grid::new("block").min_row_height(0.0).spacing([space::L, 2.0]).show(ui, |ui| {
            let row = |ui: &mut Ui, what: &str, value: String, ink| {
                ui.label(small(what, ink));
                ui.label(RichText::new(value).font(theme::semibold(text::CAPTION)).color(p.ink));
                ui.end_row();
            };
            if let Some(s) = scene.record.and_then(|r| r.blocks.get(i)).filter(|_| !card.is_folded()) {
                let of = |m: Moments| i18n::moments(numbers::ratio(m.mean), numbers::ratio(m.std));
                let values =
                    [numbers::ratio(s.skip_share()), of(s.shortcut), of(s.branch), of(s.sum), of(s.output)];
                let inks = [p.skip, p.skip, p.f_branch, p.ink2, p.ink2];
                for (k, (what, value)) in i18n::block_details().iter().zip(values).enumerate() {
                    if block.residual || k >= 2 {
                        row(ui, what, value, inks[k]);
                    }
                }
            }
            for measure in Measure::ALL {
                if let Some(v) = measures::of_card(scene, measure, card) {
                    row(ui, measures::words(measure)[0], measures::written(measure, v), p.ink2);
                }
            }
        });
        if let Some(m) = scene.seen.and_then(|s| s.blocks.get(card.blocks.end - 1)) {
            ui.label(small(&maps_of(m), p.ink3));
        }
        let hint = if card.is_folded() { i18n::unfold_hint() } else { i18n::card_hint() };
        ui.label(small(hint, p.ink3));
    });
}

/// How many maps are shown, of how many, and what their colours mean.
fn maps_of(m: &Mosaic) -> String {
    let scale = match m.scale {
        Some(s) => {
            let s = numbers::axis_value(f64::from(s));
            if m.signed { i18n::maps_signed(&s) } else { i18n::maps_positive(&s) }
        }
        None => i18n::maps_own().to_owned(),
    };
    let broken = if m.broken { i18n::maps_broken() } else { "" };
    format!("{}{scale}{broken}", i18n::maps_shown(m.tiles.len(), m.channels))
}
