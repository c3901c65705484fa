//! The network as a row of blocks on the bare canvas: skips as arcs, what enters each ⊕ in the cards,
//! and under them, on the same axis, the gradients.
//!
//! Before anything is measured the same picture is a skeleton: grey cards, thin arcs.

use super::super::axis::{self, BlockBars, Layers, Placement};
use super::super::colourmap::ColourMap;
use super::super::form;
use super::super::i18n;
use super::super::numbers::{self, UNKNOWN};
use super::super::state::AppState;
use super::super::theme::{self, Palette, line, palette, radius, size, space, text};
use super::super::widgets::{on_one_baseline, raised_button, two_tone};
use super::gradients;
use crate::session::{BlockStats, Moments, Snapshot, StepRecord};
use eframe::egui::{
    Align2, CornerRadius, Grid, Pos2, Rangef, Rect, Response, RichText, Role, Sense, Shape, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// Width of the names left of the axis, and of the number right of it.
const NAMES: f32 = 140.0;
const SIDE: f32 = 136.0;
/// Heights from top to bottom: stage names, room for the arch, card, strip, numbers under it.
const HEADER: f32 = 28.0;
const BODY: f32 = 56.0;
const STRIP: f32 = 6.0;
const FOOT: f32 = 20.0;

/// Where the parts of the picture lie.
pub struct Area {
    pub names: Rangef,
    pub x: Rangef,
    pub side: Option<Rangef>,
}

impl Area {
    fn of(whole: Rangef) -> Self {
        let roomy = whole.span() >= size::ONE_COLUMN;
        let names = if roomy { NAMES } else { 36.0 };
        let side = (whole.span() >= 1000.0).then(|| Rangef::new(whole.max - SIDE, whole.max));
        let right = if side.is_some() { whole.max - SIDE - space::L } else { whole.max };
        Self {
            names: Rangef::new(whole.min, whole.min + names - space::S),
            x: Rangef::new(whole.min + names, right),
            side,
        }
    }

    /// Whether there is room for words left of the axis.
    pub fn roomy(&self) -> bool {
        self.names.span() > 100.0
    }
}

/// Title, picture and gradients in a window that is `height` high.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, height: f32) {
    title(ui, state, snapshot);
    let Some(layers) = state.drawn(snapshot).map(|s| s.layers.clone()) else {
        ui.label(RichText::new(i18n::no_network()).color(palette(ui).ink3));
        return;
    };
    // A record of the network before this one says nothing about this one.
    let record = snapshot.last.as_ref().filter(|r| r.blocks.len() == layers.blocks.len());

    let whole = ui.available_rect_before_wrap().x_range();
    let area = Area::of(whole);
    let place = axis::place(&layers, area.x);
    let arch = arch_height(place.card);
    let picture = HEADER + arch + BODY + STRIP + foot(place.card) + space::XS;
    let (rect, _) = ui.allocate_exact_size(vec2(whole.span(), picture), Sense::hover());
    draw_blocks(ui, state, &layers, &place, rect.top(), arch, record);
    if area.roomy() {
        captions(ui, &area, &layers, rect.top() + HEADER, arch);
    }
    ui.add_space(space::M);
    gradients::show(ui, state, snapshot, &layers, &place, &area, record, height);
}

fn arch_height(card: f32) -> f32 {
    // Narrow cards have narrow arcs; keep them arcs and not needles.
    size::ARCH.min(14.0 + card * 0.7)
}

/// Room for index and value under a card; narrow cards have neither.
fn foot(card: f32) -> f32 {
    if card >= size::CARD_STRIP { FOOT } else { space::XS }
}

fn title(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let name = snapshot.model.as_ref().map_or(state.form.name.as_str(), |m| m.name.as_str());
    ui.horizontal_wrapped(|ui| {
        let name =
            ui.painter().layout_no_wrap(form::title(name) + "  ", theme::semibold(text::RESULT), p.ink);
        let measured =
            ui.painter().layout_no_wrap(i18n::measured().into(), theme::regular(text::BODY), p.ink2);
        let wide = vec2(name.size().x + measured.size().x, name.size().y);
        let (rect, response) = ui.allocate_exact_size(wide, Sense::hover());
        let words = format!("{}, {}", name.text().trim(), measured.text());
        response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &words));
        on_one_baseline(ui.painter(), rect.min, name, text::RESULT, measured, text::BODY);
    });
    if let Some(seconds) = state.slow_step(snapshot) {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(i18n::slow(&numbers::duration(seconds))).color(p.ink2));
            let first = form::Form::default();
            if raised_button(ui, &i18n::use_network(&form::title(&first.name)), None, false).clicked() {
                state.use_smaller(snapshot);
            }
        });
    }
    ui.add_space(space::XS);
}

fn captions(ui: &Ui, area: &Area, layers: &Layers, top: f32, arch: f32) {
    let p = palette(ui);
    let small = theme::regular(text::CAPTION);
    let painter = ui.painter();
    let residual = layers.blocks.iter().any(|b| b.residual);
    let (words, ink) = if residual { (i18n::arc_caption(), p.skip) } else { (i18n::plain_caption(), p.ink3) };
    let galley = painter.layout(words.to_owned(), small.clone(), ink, area.names.span());
    painter.galley(pos2(area.names.min, top + space::S), galley, ink);
    let mut parts = vec![(i18n::card_caption_branch(), small.clone(), p.f_branch)];
    if residual {
        parts.insert(0, (i18n::card_caption_skip(), small.clone(), p.skip));
        parts.insert(1, (" + ", small.clone(), p.ink3));
    }
    let rest = if residual { i18n::card_caption_rest() } else { i18n::card_caption_plain_rest() };
    parts.push((rest, small, p.ink3));
    let mut job = two_tone(&parts);
    job.wrap.max_width = area.names.span();
    let galley = ui.fonts_mut(|f| f.layout_job(job));
    painter.galley(pos2(area.names.min, top + arch + BODY / 2.0 - galley.size().y / 2.0), galley, p.ink3);
}

fn draw_blocks(
    ui: &mut Ui,
    state: &AppState,
    layers: &Layers,
    place: &Placement,
    top: f32,
    arch: f32,
    record: Option<&StepRecord>,
) {
    let p = palette(ui);
    let card_top = top + HEADER + arch;
    let trunk_y = card_top + BODY / 2.0;
    let ground_bottom = card_top + BODY + STRIP + foot(place.card) + space::XS;

    // Stage grounds, then the trunk, arcs, cards, ⊕: later ones lie over earlier ones.
    for (stage, x) in layers.stages.iter().zip(&place.stages) {
        let ground = Rect::from_x_y_ranges(*x, top..=ground_bottom);
        ui.painter().rect_filled(ground, CornerRadius::same(radius::PANEL), p.panel);
        stage_header(ui, p, stage, ground);
    }
    let trunk = Stroke::new(line::TRUNK, p.line2);
    ui.painter().hline(place.stem.min..=place.head.min, trunk_y, trunk);
    for (i, block) in layers.blocks.iter().enumerate() {
        if block.residual {
            let share = record.map(|r| r.blocks[i].skip_share());
            arc(ui, p, place, i, block, share, trunk_y, arch);
        }
    }
    ends(ui, p, layers, place, trunk_y);
    let unit = nice_above(state.signal);
    for (i, block) in layers.blocks.iter().enumerate() {
        let rect = Rect::from_x_y_ranges(place.cards[i], card_top..=card_top + BODY);
        let stats = record.map(|r| &r.blocks[i]);
        let gradient = record.and_then(|r| block_gradient(r, block));
        card(ui, state, p, layers, block, i, rect, stats, gradient, unit, place.card);
    }
    for (i, block) in layers.blocks.iter().enumerate() {
        if block.residual {
            plus(ui, p, pos2(place.joins[i + 1], trunk_y), place.card);
        }
    }
}

fn stage_header(ui: &Ui, p: &Palette, stage: &axis::Stage, ground: Rect) {
    let painter = ui.painter();
    let y = ground.top() + HEADER / 2.0;
    let name = painter.layout_no_wrap(stage.name.clone(), theme::semibold(text::CAPTION), p.ink2);
    let shape = painter.layout_no_wrap(stage.shape.clone(), theme::regular(text::CAPTION), p.ink3);
    let room = ground.width() - 2.0 * space::S;
    if name.size().x <= room {
        let both = name.size().x + shape.size().x + space::S <= room;
        painter.galley(pos2(ground.left() + space::S, y - name.size().y / 2.0), name, p.ink2);
        if both {
            painter.galley(
                pos2(ground.right() - space::S - shape.size().x, y - shape.size().y / 2.0),
                shape,
                p.ink3,
            );
        }
    }
}

/// The stem and the classifier: small plates at the ends of the trunk.
fn ends(ui: &Ui, p: &Palette, layers: &Layers, place: &Placement, y: f32) {
    let plate = |x: Rangef, height: f32, bars: &[axis::Bar]| {
        let rect = Rect::from_x_y_ranges(x, y - height / 2.0..=y + height / 2.0);
        let outline = Stroke::new(line::HAIR, p.line2);
        ui.painter().rect(rect, CornerRadius::same(radius::CARD), p.raised, outline, StrokeKind::Inside);
        if let Some(bar) = bars.first().filter(|_| place.card >= 40.0) {
            let at = pos2(x.center(), y + BODY / 2.0 + space::L);
            ui.painter().text(at, Align2::CENTER_CENTER, &bar.layer, theme::regular(text::CAPTION), p.ink2);
        }
    };
    plate(place.stem, 36.0, &layers.stem);
    plate(place.head, BODY, &layers.head);
}

/// The skip of block `i`: as wide as its share of the signal, thin and grey before anything is known.
fn arc(
    ui: &Ui,
    p: &Palette,
    place: &Placement,
    i: usize,
    block: &BlockBars,
    share: Option<f32>,
    trunk_y: f32,
    arch: f32,
) {
    const POINTS: usize = 48;
    let (from, to) = (place.joins[i], place.joins[i + 1]);
    let centre = pos2((from + to) / 2.0, trunk_y);
    let radii = vec2((to - from) / 2.0, arch + BODY / 2.0 - 10.0);
    let ellipse = |grow: f32| -> Vec<Pos2> {
        (0..=POINTS)
            .map(|k| {
                let a = std::f32::consts::PI * (1.0 - k as f32 / POINTS as f32);
                centre + vec2((radii.x + grow) * a.cos(), -(radii.y + grow) * a.sin())
            })
            .collect()
    };
    // 12 px at a full card, 5 at 28 px, and no arc at all when nothing comes through.
    let widest = eframe::egui::remap_clamp(place.card, 28.0..=size::CARD, 5.0..=size::SKIP_MAX)
        .min(place.card * 5.0 / 28.0);
    let width =
        share.map(|s| ui.ctx().animate_value_with_time(ui.scope_id().with(("arc", i)), s, 0.12) * widest);
    let painter = ui.painter();
    match (width, block.projected && place.card >= size::CARD_STRIP) {
        (None, _) => {
            painter.add(Shape::line(ellipse(0.0), Stroke::new(line::ICON, p.line2)));
        }
        (Some(w), false) if w > 0.0 => {
            painter.add(Shape::line(ellipse(0.0), Stroke::new(w, p.skip_fill)));
        }
        (Some(w), true) if w > 0.0 => {
            // Two rails: the signal is changed on its way; their distance is the share.
            for side in [-0.5, 0.5] {
                painter.add(Shape::line(
                    ellipse(side * (w - line::ICON).max(0.0)),
                    Stroke::new(line::ICON, p.skip_fill),
                ));
            }
        }
        _ => {}
    }
    let apex = pos2(centre.x, trunk_y - radii.y);
    let wide = place.card >= 40.0;
    if block.projected && wide {
        let plate = Rect::from_center_size(apex, vec2(38.0, 20.0));
        let ink = if share.is_some() { p.skip } else { p.ink3 };
        let fill = if share.is_some() { p.skip_fill } else { p.line2 };
        painter.rect(
            plate,
            CornerRadius::same(radius::CONTROL),
            p.panel,
            Stroke::new(line::ICON, fill),
            StrokeKind::Inside,
        );
        painter.text(plate.center(), Align2::CENTER_CENTER, "1×1", theme::semibold(text::CAPTION), ink);
    }
    if let Some(share) = share.filter(|_| wide) {
        let at = apex + vec2(0.0, if block.projected { 22.0 } else { 20.0 });
        painter.text(
            at,
            Align2::CENTER_CENTER,
            numbers::ratio(share),
            theme::semibold(text::CAPTION),
            p.skip,
        );
    }
}

/// ⊕ where branch and skip meet.
fn plus(ui: &Ui, p: &Palette, at: Pos2, card: f32) {
    let r = eframe::egui::remap_clamp(card, 12.0..=size::CARD_FULL, 2.0..=8.0);
    let painter = ui.painter();
    painter.circle(at, r, p.bg, Stroke::new(if r > 4.0 { line::TRUNK } else { line::HAIR }, p.ink));
    if r > 5.0 {
        let arm = r - 3.5;
        let stroke = Stroke::new(line::TRUNK, p.ink);
        painter.line_segment([at - vec2(arm, 0.0), at + vec2(arm, 0.0)], stroke);
        painter.line_segment([at - vec2(0.0, arm), at + vec2(0.0, arm)], stroke);
    }
}

/// What the skip and the branch bring to ⊕, as two bars on a scale that all cards share; below it the
/// gradient's strip, the block's index and its gradient norm.
fn card(
    ui: &mut Ui,
    state: &AppState,
    p: &Palette,
    layers: &Layers,
    block: &BlockBars,
    i: usize,
    rect: Rect,
    stats: Option<&BlockStats>,
    gradient: Option<f32>,
    unit: f32,
    width: f32,
) {
    let stage = layers.stages.iter().find(|s| s.blocks.contains(&i)).map_or("", |s| s.name.as_str());
    let name = format!("{stage}.{}", block.index);
    let all = rect.with_max_y(rect.bottom() + STRIP + FOOT);
    let response = ui.interact(all, ui.scope_id().with(("block", i)), Sense::hover());
    let share = stats.map_or(UNKNOWN.into(), |s| numbers::ratio(s.skip_share()));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::block_label(&name, &share)));

    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(radius::CARD), p.raised);
    if let Some(stats) = stats {
        let inner = rect.shrink2(vec2((width * 0.1).clamp(0.5, 8.0), 0.0));
        let parts: &[(f32, _)] = &[(stats.shortcut.rms(), p.skip_fill), (stats.branch.rms(), p.f_branch)];
        let parts = if block.residual { parts } else { &parts[1..] };
        for ((rms, colour), x) in parts.iter().zip(axis::split(inner.x_range(), parts.len())) {
            let t = if unit > 0.0 && rms.is_finite() { (rms / unit).clamp(0.0, 1.0) } else { 0.0 };
            let full = rect.height() - space::XS;
            bar(painter, Rect::from_x_y_ranges(x, rect.bottom() - t * full..=rect.bottom()), *colour);
        }
    }
    let strip = Rect::from_x_y_ranges(rect.x_range(), rect.bottom() + 2.0..=rect.bottom() + STRIP);
    let t = gradient.and_then(|g| state.decades.position(g));
    let colour = t.map_or(p.line, |t| ColourMap::norm(ui.visuals().dark_mode).at(t));
    painter.rect_filled(strip, 1.0, colour);
    if width >= size::CARD_STRIP {
        let y = strip.bottom() + FOOT / 2.0 + 1.0;
        let index = format!(".{}", block.index);
        painter.text(pos2(rect.left(), y), Align2::LEFT_CENTER, index, theme::semibold(text::CAPTION), p.ink);
        if width >= size::CARD_FULL
            && let Some(g) = gradient
        {
            let value = numbers::norm(g);
            painter.text(
                pos2(rect.right(), y),
                Align2::RIGHT_CENTER,
                value,
                theme::regular(text::CAPTION),
                p.ink2,
            );
        }
    }
    details(response, &name, block, stats);
}

/// The value is read from the cap, not from the area.
pub fn bar(painter: &eframe::egui::Painter, rect: Rect, colour: eframe::egui::Color32) {
    painter.rect_filled(rect, 0.0, colour.gamma_multiply(line::FILL_ALPHA));
    let cap = rect.with_max_y((rect.top() + line::CAP).min(rect.bottom().max(rect.top() + 1.0)));
    painter.rect_filled(cap, 0.0, colour);
}

fn details(response: Response, name: &str, block: &BlockBars, stats: Option<&BlockStats>) {
    response.on_hover_ui(|ui| {
        let p = palette(ui);
        ui.label(RichText::new(name).font(theme::semibold(text::BODY)).color(p.ink));
        let kind = i18n::block_kind(block.projected, block.residual);
        ui.label(RichText::new(kind).font(theme::regular(text::CAPTION)).color(p.ink3));
        let Some(s) = stats else { return };
        let of = |m: Moments| i18n::moments(&numbers::ratio(m.mean), &numbers::ratio(m.std));
        let values = [numbers::ratio(s.skip_share()), of(s.shortcut), of(s.branch), of(s.sum), of(s.output)];
        let inks = [p.skip, p.skip, p.f_branch, p.ink2, p.ink2];
        Grid::new("block").min_row_height(0.0).spacing([space::L, 2.0]).show(ui, |ui| {
            for (i, (what, value)) in i18n::block_details().iter().zip(values).enumerate() {
                if !block.residual && i < 2 {
                    continue;
                }
                ui.label(RichText::new(*what).font(theme::regular(text::CAPTION)).color(inks[i]));
                ui.label(RichText::new(value).font(theme::semibold(text::CAPTION)).color(p.ink));
                ui.end_row();
            }
        });
    });
}

/// Norm over all of a block's weights.
fn block_gradient(record: &StepRecord, block: &BlockBars) -> Option<f32> {
    let square = |b: &axis::Bar| record.grad_norm.get(b.param).map(|n| n * n);
    let sum: f32 = block.bars.iter().map(square).sum::<Option<f32>>()?;
    Some(sum.sqrt())
}

/// The smallest of a few round numbers that is not below `v`.
fn nice_above(v: f32) -> f32 {
    if !(v > 0.0 && v.is_finite()) {
        return 1.0;
    }
    let decade = 10f32.powf(v.log10().floor());
    [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|m| m * decade)
        .find(|n| *n >= v * 0.9999)
        .unwrap_or(10.0 * decade)
}
