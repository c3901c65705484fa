//! The chain x → F(x) → ⊕ → output with the skip above it, drawn: maps of every stage, arrows between
//! them, the branch in its enclosure, the skip as wide as its share.

use super::super::super::theme::{self, Palette, line, palette, radius, size, space, text};
use super::super::super::view::Canvas;
use super::super::super::widgets::{cells, mosaic};
use super::super::super::{i18n, numbers};
use super::chain::{self, Column};
use super::maps::{MAPS_GAP, fitted, two_rings};
use crate::session::{CloseUp, Stage};
use eframe::egui::{
    Align2, CornerRadius, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

/// The enclosure reaches so far over the maps (its title) and under them (their names).
const TITLE: f32 = 30.0;
const NAMES: f32 = 50.0;
/// Between the stages of a long chain, where an operation's name just fits.
const LONG_GAP: f32 = 42.0;
/// The enclosure reaches so far to the right of F(x).
const REACH: f32 = 10.0;

/// A chain with its places on the screen.
pub struct Chain<'a> {
    pub close: &'a CloseUp,
    pub columns: Vec<Column>,
    /// One a column.
    pub maps: Vec<Rect>,
    /// Stages on the shortcut's own way.
    pub upper: Vec<(usize, Rect)>,
    /// Height of the skip; where the chain runs down, its place from left to right.
    pub rail: f32,
    pub plus: Option<Pos2>,
    /// Whether stages say their std and the branch is enclosed.
    pub full: bool,
    /// Whether stages stand under each other.
    pub down: bool,
    pub(super) gap: f32,
}

/// Largest side for `count` stages within `width`, and the gap between them.
pub fn fit(width: f32, count: usize, most: f32, full: bool) -> (f32, f32) {
    let gap = match (full, count) {
        (true, 0..10) => 48.0,
        (true, _) => LONG_GAP,
        _ => 40.0,
    };
    let n = count.max(2) as f32;
    let side = ((width - gap * (n - 1.0)) / n).min(most).floor();
    // What is left widens the gaps, so that the chain ends where the panel does.
    (side, (width - side * n) / (n - 1.0))
}

/// Width below which a full chain of `count` stages is scrolled.
pub fn least(count: usize) -> f32 {
    let gap = if count < 10 { 48.0 } else { LONG_GAP };
    count as f32 * (size::STAGE_LEAST + gap) - gap
}

impl<'a> Chain<'a> {
    /// Height of a full chain whose maps have `side`.
    pub fn height(close: &CloseUp, side: f32) -> f32 {
        Self::head(close) + side + NAMES + space::S
    }

    /// Over the maps: the skip with its plate or its own stages, or only the enclosure's title.
    fn head(close: &CloseUp) -> f32 {
        if chain::stage(close, crate::session::Role::Sum).is_none() {
            TITLE + space::S
        } else if chain::upper(close).is_empty() {
            68.0
        } else {
            size::STAGE_LEAST + 2.0 * space::L + TITLE
        }
    }

    /// Places `columns` in `area`, from its left edge on. The maps begin `head` under its top.
    pub fn place(
        close: &'a CloseUp,
        columns: Vec<Column>,
        area: Rect,
        side: f32,
        gap: f32,
        full: bool,
    ) -> Self {
        let residual = columns.iter().any(|c| c.plus);
        let head = match (full, residual) {
            (true, _) => Self::head(close),
            (false, true) => 38.0,
            (false, false) => space::S,
        };
        let top = area.top() + head;
        let maps: Vec<Rect> = (0..columns.len())
            .map(|i| {
                Rect::from_min_size(pos2(area.left() + i as f32 * (side + gap), top), theme::square(side))
            })
            .collect();
        let plus = columns
            .iter()
            .position(|c| c.plus)
            .map(|i| pos2(maps[i].left() - gap / 2.0 + if full { 6.0 } else { 0.0 }, maps[i].center().y));
        let stages = if full { chain::upper(close) } else { Vec::new() };
        let rail = if stages.is_empty() {
            area.top() + if full { 18.0 } else { space::S }
        } else {
            area.top() + size::STAGE_LEAST / 2.0
        };
        // They share the way with the plate, which stands behind them.
        let upper = stages
            .into_iter()
            .enumerate()
            .map(|(k, stage)| {
                let x = maps.get(k + 1).map_or(area.center().x, |m| m.center().x);
                (stage, Rect::from_center_size(pos2(x, rail), theme::square(size::STAGE_LEAST)))
            })
            .collect();
        Self { close, columns, maps, upper, rail, plus, full, down: false, gap }
    }

    /// Every stage that is drawn and where.
    pub fn shown(&self) -> impl Iterator<Item = (usize, Rect)> + '_ {
        self.columns.iter().map(|c| c.stage).zip(self.maps.iter().copied()).chain(self.upper.iter().copied())
    }

    /// Draws everything but rings, and answers what was done to each stage's maps.
    pub fn draw(&self, ui: &mut Ui, canvas: Option<&Canvas>) -> Vec<(usize, Rect, Response)> {
        let p = palette(ui);
        if self.down {
            self.ways_down(ui, p);
        } else {
            self.ways_across(ui, p);
        }
        if let Some(at) = self.plus {
            let r = if self.full { size::PLUS } else { size::PLUS - 2.0 };
            plus(ui, p, at, r);
        }
        let mut responses = Vec::new();
        for (i, rect) in self.shown() {
            let stage = &self.close.stages[i];
            let rect = fitted(rect, &stage.mosaic);
            if self.upper.iter().any(|(k, _)| *k == i) {
                if self.down {
                    self.upper_ground_down(ui, p, i, rect);
                } else {
                    self.upper_ground(ui, p, i, rect);
                }
            }
            mosaic(ui, canvas, &stage.mosaic, rect, MAPS_GAP);
            let response = ui.interact(rect, ui.scope_id().with(("stage", i)), Sense::click());
            let name = i18n::scope_stage_label(self.name(i), stage.mosaic.tiles.len(), stage.mosaic.channels);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            responses.push((i, rect, response));
        }
        for (column, rect) in self.columns.iter().zip(&self.maps) {
            if self.down {
                self.name_beside(ui, p, column, *rect);
            } else {
                self.name_under(ui, p, column, *rect);
            }
        }
        responses
    }

    /// Enclosure, skip and arrows: all that lies under the maps.
    fn ways_across(&self, ui: &mut Ui, p: &Palette) {
        if self.full {
            self.enclosure(ui, p);
        }
        if let (Some(plus), Some(first)) = (self.plus, self.maps.first()) {
            self.skip(ui, p, pos2(first.center().x, first.top() - space::XS), plus);
        }
        for i in 1..self.columns.len() {
            self.arrow(ui, p, i);
        }
    }

    /// Clears the skip from behind its stage, names it and what leads to it.
    fn upper_ground(&self, ui: &Ui, p: &Palette, i: usize, rect: Rect) {
        let stage = &self.close.stages[i];
        let painter = ui.painter();
        painter.rect_filled(rect.expand(2.0), 0.0, p.bg);
        let at = pos2(rect.left(), rect.bottom() + space::XS);
        painter.text(at, Align2::LEFT_TOP, upper_name(stage), theme::semibold(text::CAPTION), p.skip);
        let projected = self.upper.len() > 1;
        let (above, below, hint) = match stage.role {
            crate::session::Role::ShortcutConv => ("conv", "1×1", i18n::scope_conv_hint()),
            _ if projected => ("BN", "× α", i18n::scope_bn_hint()),
            _ => ("pad", "× α", i18n::scope_pad_hint()),
        };
        let x = rect.left() - 24.0;
        let y = size::SKIP_MAX / 2.0 + 2.0;
        let bold = theme::semibold(text::CAPTION);
        painter.text(pos2(x, self.rail - y), Align2::CENTER_BOTTOM, above, bold, p.ink2);
        let small = theme::regular(text::CAPTION);
        painter.text(pos2(x, self.rail + y), Align2::CENTER_TOP, below, small, p.ink2);
        let area = Rect::from_center_size(pos2(x, self.rail), vec2(40.0, 48.0));
        ui.interact(area, ui.scope_id().with(("upper", i)), Sense::hover()).on_hover_text(hint);
    }

    /// What stage `i` is called on the screen.
    pub fn name(&self, i: usize) -> String {
        let column = self.columns.iter().find(|c| c.stage == i).map(|c| c.label.clone());
        column.unwrap_or_else(|| upper_name(&self.close.stages[i]))
    }

    fn enclosure(&self, ui: &Ui, p: &Palette) {
        let inside = |c: &&(&Column, &Rect)| c.0.branch;
        let all: Vec<_> = self.columns.iter().zip(&self.maps).collect();
        let (Some(first), Some(last)) = (all.iter().find(inside), all.iter().rev().find(inside)) else {
            return;
        };
        let rect = Rect::from_min_max(
            pos2(first.1.left() - self.gap + space::XS, first.1.top() - TITLE),
            pos2(last.1.right() + REACH, last.1.bottom() + NAMES),
        );
        branch_ground(ui, p, rect, rect.left_top() + vec2(space::L, TITLE / 2.0 + 2.0), space::M);
    }

    /// The skip from x to ⊕; without a share two stubs and a gap.
    fn skip(&self, ui: &Ui, p: &Palette, from: Pos2, to: Pos2) {
        let end = pos2(to.x, to.y - size::PLUS);
        let r = (from.y - self.rail).clamp(8.0, 44.0);
        let mut points = bezier(
            from,
            pos2(from.x, self.rail + r * 0.3),
            pos2(from.x + r * 0.3, self.rail),
            pos2(from.x + r, self.rail),
        );
        let down = end.y - self.rail;
        let turn = down.clamp(8.0, 44.0);
        points.extend(bezier(
            pos2(end.x - turn, self.rail),
            pos2(end.x - turn * 0.3, self.rail),
            pos2(end.x, self.rail + turn * 0.3),
            pos2(end.x, self.rail + turn),
        ));
        points.push(end);
        let share = ui.ctx().animate_value_with_time(ui.scope_id().with("skip"), self.close.share, 0.12);
        let painter = ui.painter();
        if share.is_nan() || share <= 0.0 {
            let stroke = p.stroke(line::ICON, p.skip_fill);
            painter.line_segment([from, from - vec2(0.0, space::L)], stroke);
            painter.line_segment([end, end - vec2(0.0, space::XL)], stroke);
            return;
        }
        let width = size::SKIP_MAX * share.min(1.0);
        if chain::upper(self.close).is_empty() || self.full {
            painter.add(Shape::line(points, Stroke::new(width, p.skip_fill)));
        } else {
            // Two rails: the signal is changed on its way.
            painter.add(Shape::line(points.clone(), Stroke::new(width, p.skip_fill)));
            painter.add(Shape::line(points, Stroke::new((width - 2.0 * line::ICON).max(0.0), p.panel)));
        }
    }

    fn arrow(&self, ui: &Ui, p: &Palette, i: usize) {
        let (column, rect) = (&self.columns[i], self.maps[i]);
        let y = rect.center().y;
        let ink = if column.branch { p.f_branch } else { p.ink3 };
        let out = i > 0 && self.full && self.columns[i - 1].branch && !column.branch && !column.plus;
        let start = if out { REACH + space::XS } else { 5.0 };
        let (from, to) = (rect.left() - self.gap + start, rect.left() - 6.0);
        let painter = ui.painter();
        let stroke = p.stroke(line::TRUNK, ink);
        if column.plus
            && let Some(plus) = self.plus
        {
            painter.hline(from..=plus.x - size::PLUS, y, p.stroke(line::TRUNK, p.f_branch));
            painter.hline(plus.x + size::PLUS..=to, y, stroke);
        } else {
            painter.hline(from..=to, y, stroke);
        }
        let tip = pos2(to + 1.0, y);
        painter.line_segment([tip - vec2(6.0, 5.0), tip], stroke);
        painter.line_segment([tip - vec2(6.0, -5.0), tip], stroke);
        let x = (from + to) / 2.0;
        let above = theme::semibold(text::CAPTION);
        painter.text(pos2(x, y - space::S), Align2::CENTER_BOTTOM, &column.above, above, p.ink2);
        let below = theme::regular(text::CAPTION);
        painter.text(pos2(x, y + space::S), Align2::CENTER_TOP, &column.below, below, p.ink2);
        if !column.hint.is_empty() {
            let area = Rect::from_center_size(pos2(x, y), vec2(self.gap - 8.0, 56.0));
            ui.interact(area, ui.scope_id().with(("op", i)), Sense::hover()).on_hover_text(&column.hint);
        }
    }

    fn name_under(&self, ui: &Ui, p: &Palette, column: &Column, rect: Rect) {
        let stage = &self.close.stages[column.stage];
        let ink = column.tone.ink(p, self.full);
        let painter = ui.painter();
        if !self.full {
            let at = pos2(rect.center().x, rect.bottom() + space::S);
            painter.text(at, Align2::CENTER_TOP, &column.label, theme::semibold(text::CAPTION), ink);
            if stage.mosaic.broken {
                let at = pos2(rect.center().x, rect.bottom() + space::XL);
                painter.text(
                    at,
                    Align2::CENTER_TOP,
                    i18n::scope_broken(),
                    theme::regular(text::CAPTION),
                    p.warn,
                );
            }
            return;
        }
        let at = pos2(rect.left(), rect.bottom() + space::S);
        let size = if rect.width() < 100.0 { text::CAPTION } else { text::BODY };
        painter.text(at, Align2::LEFT_TOP, &column.label, theme::semibold(size), ink);
        let at = pos2(rect.left(), rect.bottom() + 28.0);
        let (words, ink) = if stage.mosaic.broken {
            (i18n::scope_broken().to_owned(), p.warn)
        } else {
            (i18n::scope_std(numbers::ratio(stage.moments.std)), p.ink3)
        };
        painter.text(at, Align2::LEFT_TOP, words, theme::regular(text::CAPTION), ink);
    }

    /// Rings the map of `probe`'s channel, where it is shown, and marks its pixel. Answers where it lies.
    pub fn ring(&self, ui: &Ui, stage: usize, channel: u32, pixel: Option<(u32, u32)>) -> Option<Rect> {
        let (i, rect) = self.shown().find(|(i, _)| *i == stage)?;
        let shown = &self.close.stages[i].mosaic;
        let at = shown.tiles.iter().position(|t| t.channel == channel)?;
        let cell = cells(ui, fitted(rect, shown), shown.tiles.len(), shown.columns, MAPS_GAP).nth(at)?;
        let p = palette(ui);
        let stroke = p.stroke(line::TRUNK, p.ink);
        ui.painter().rect_stroke(cell.expand(1.0), CornerRadius::same(2), stroke, StrokeKind::Outside);
        if let Some((y, x)) = pixel {
            let [w, h] = shown.tiles[at].size.map(|v| v.max(1) as f32);
            let each = vec2(cell.width() / w, cell.height() / h);
            let dot = Rect::from_min_size(cell.min + vec2(x as f32 * each.x, y as f32 * each.y), each);
            let dot = Rect::from_center_size(dot.center(), theme::square(each.x.max(5.0)));
            two_rings(ui, dot);
        }
        Some(cell)
    }
}

/// The tinted ground of the branch in `rect`; its title begins at `at`, with `gap` between sign and words.
pub(super) fn branch_ground(ui: &Ui, p: &Palette, rect: Rect, at: Pos2, gap: f32) {
    let corner = CornerRadius::same(radius::PANEL + 4);
    let outline = p.stroke(line::ICON, p.f_branch.gamma_multiply(0.7));
    ui.painter().rect(rect, corner, p.f_branch.gamma_multiply(0.09), outline, StrokeKind::Inside);
    let f = ui.painter().text(at, Align2::LEFT_CENTER, "F(x)", theme::semibold(text::BODY), p.f_branch);
    let at = pos2(f.right() + gap, at.y);
    let words = theme::regular(text::BODY);
    ui.painter().text(at, Align2::LEFT_CENTER, i18n::scope_the_branch(), words, p.f_branch);
}

pub(super) fn upper_name(stage: &Stage) -> String {
    match stage.role {
        crate::session::Role::Shortcut => i18n::scope_shortcut_arrives().into(),
        _ => chain::short(&stage.layer).to_owned(),
    }
}

pub(super) fn bezier(a: Pos2, b: Pos2, c: Pos2, d: Pos2) -> Vec<Pos2> {
    const POINTS: usize = 12;
    (0..=POINTS)
        .map(|i| {
            let t = i as f32 / POINTS as f32;
            let u = 1.0 - t;
            let [wa, wb, wc, wd] = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
            (a.to_vec2() * wa + b.to_vec2() * wb + c.to_vec2() * wc + d.to_vec2() * wd).to_pos2()
        })
        .collect()
}

fn plus(ui: &Ui, p: &Palette, at: Pos2, r: f32) {
    let stroke = p.stroke(line::CURVE, p.ink);
    let painter = ui.painter();
    painter.circle(at, r, p.bg, stroke);
    painter.line_segment([at - vec2(r / 2.0, 0.0), at + vec2(r / 2.0, 0.0)], stroke);
    painter.line_segment([at - vec2(0.0, r / 2.0), at + vec2(0.0, r / 2.0)], stroke);
}
