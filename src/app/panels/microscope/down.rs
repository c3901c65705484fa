//! The chain in a narrow window: x on top, the branch downwards, the skip beside it, the sum and the output
//! at the bottom. The same stages with the same names as across, in `branch`.

use super::super::super::theme::{self, Palette, line, size, space, text};
use super::super::super::{i18n, numbers};
use super::branch::{Chain, bezier, branch_ground, upper_name};
use super::chain::{self, Column};
use crate::session::{CloseUp, Role, Stage};
use eframe::egui::{Align2, Pos2, Rect, Sense, Shape, Stroke, Ui, pos2, vec2};

/// Side of a stage's maps.
const SIDE: f32 = 104.0;
/// Between stages: an arrow with its operation beside it.
const GAP: f32 = 48.0;
/// Room for the title of the enclosure, and for ⊕ under it.
const TITLE: f32 = 24.0;
const JOIN: f32 = 40.0;
/// Between the right edge and the middle of the skip: its own stages have room.
const RAIL: f32 = size::STAGE_LEAST / 2.0 + space::S;
/// Room that the skip and its stages have right of the enclosure.
const BESIDE: f32 = size::STAGE_LEAST + 2.0 * space::L;
/// The plate's middle lies so far under the upper edge of x, whose name stands over it.
const PLATE: f32 = 76.0;

/// How far stage `i` lies under the one before it.
fn gap(columns: &[Column], i: usize) -> f32 {
    let enters = columns[i].branch && !columns[i - 1].branch;
    let leaves = !columns[i].branch && columns[i - 1].branch;
    let title = if enters { TITLE } else { 0.0 };
    let end = if leaves { space::M } else { 0.0 };
    let join = if columns[i].plus { JOIN } else { 0.0 };
    GAP + title + end + join
}

impl<'a> Chain<'a> {
    /// Height of `columns` under each other.
    pub fn height_down(columns: &[Column]) -> f32 {
        columns.len() as f32 * SIDE + (1..columns.len()).map(|i| gap(columns, i)).sum::<f32>()
    }

    /// Places `columns` in `area`, from its upper edge on.
    pub fn place_down(close: &'a CloseUp, columns: Vec<Column>, area: Rect) -> Self {
        let mut top = area.top();
        let maps: Vec<Rect> = (0..columns.len())
            .map(|i| {
                if i > 0 {
                    top += SIDE + gap(&columns, i);
                }
                Rect::from_min_size(pos2(area.left() + space::L, top), theme::square(SIDE))
            })
            .collect();
        let plus = columns
            .iter()
            .position(|c| c.plus)
            .map(|i| pos2(maps[i].center().x, maps[i].top() - GAP + size::PLUS));
        let rail = area.right() - RAIL;
        let stages = chain::upper(close);
        let ends = (maps.first().map_or(area.top(), |m| m.bottom()), plus.map_or(area.bottom(), |p| p.y));
        let n = stages.len() as f32 + 1.0;
        let upper = stages
            .into_iter()
            .enumerate()
            .map(|(k, stage)| {
                let y = ends.0 + (ends.1 - ends.0) * (k as f32 + 1.0) / n;
                (stage, Rect::from_center_size(pos2(rail, y), theme::square(size::STAGE_LEAST)))
            })
            .collect();
        Self { close, columns, maps, upper, rail, plus, full: true, down: true, gap: GAP }
    }

    /// Where the plate stands on the skip.
    pub(super) fn plate_down(&self) -> Rect {
        let Some(x) = self.maps.first() else { return Rect::NOTHING };
        let (left, right) = (x.right() + space::M, self.rail - space::L);
        Rect::from_center_size(
            pos2((left + right) / 2.0, x.top() + PLATE),
            vec2((right - left).min(240.0), size::TOUCH),
        )
    }

    /// Enclosure, skip and arrows: all that lies under the maps.
    pub(super) fn ways_down(&self, ui: &mut Ui, p: &Palette) {
        self.enclosure_down(ui, p);
        if let Some(plus) = self.plus {
            self.skip_down(ui, p, plus);
        }
        for i in 1..self.columns.len() {
            self.arrow_down(ui, p, i);
        }
    }

    fn enclosure_down(&self, ui: &Ui, p: &Palette) {
        let mut inside = self.columns.iter().zip(&self.maps).filter(|(c, _)| c.branch).map(|(_, m)| *m);
        let Some(first) = inside.next() else { return };
        let last = inside.next_back().unwrap_or(first);
        let rect = Rect::from_min_max(
            pos2(first.left() - space::L, first.top() - TITLE - space::XS),
            pos2(self.rail + RAIL - BESIDE, last.bottom() + space::M),
        );
        let title = pos2(first.right() + space::M, rect.top() + TITLE / 2.0 + 2.0);
        branch_ground(ui, p, rect, title, space::S);
    }

    /// From x to the right, down and back to ⊕; without a share two stubs and a gap.
    fn skip_down(&self, ui: &Ui, p: &Palette, plus: Pos2) {
        const TURN: f32 = 32.0;
        let Some(x) = self.maps.first() else { return };
        let from = pos2(x.right() + space::XS, x.top() + PLATE);
        let end = pos2(plus.x + size::PLUS, plus.y);
        let painter = ui.painter();
        let share = ui.ctx().animate_value_with_time(ui.scope_id().with("skip"), self.close.share, 0.12);
        if share.is_nan() || share <= 0.0 {
            let stroke = p.stroke(line::ICON, p.skip_fill);
            painter.line_segment([from, from + vec2(space::M, 0.0)], stroke);
            painter.line_segment([end, end + vec2(space::XL, 0.0)], stroke);
            return;
        }
        let mut points = vec![from];
        points.extend(bezier(
            pos2(self.rail - TURN, from.y),
            pos2(self.rail - TURN * 0.3, from.y),
            pos2(self.rail, from.y + TURN * 0.3),
            pos2(self.rail, from.y + TURN),
        ));
        points.extend(bezier(
            pos2(self.rail, end.y - TURN),
            pos2(self.rail, end.y - TURN * 0.3),
            pos2(self.rail - TURN * 0.3, end.y),
            pos2(self.rail - TURN, end.y),
        ));
        points.push(end);
        painter.add(Shape::line(points, Stroke::new(size::SKIP_MAX * share.min(1.0), p.skip_fill)));
        if self.upper.is_empty() {
            let at = pos2(self.rail - space::M, from.y + TURN + space::S);
            let name = chain::alpha_skip(self.close);
            painter.text(at, Align2::RIGHT_TOP, name, theme::semibold(text::BODY), p.skip);
        }
    }

    fn arrow_down(&self, ui: &mut Ui, p: &Palette, i: usize) {
        let (column, rect, before) = (&self.columns[i], self.maps[i], self.maps[i - 1]);
        let x = rect.center().x;
        let ink = if column.branch { p.f_branch } else { p.ink3 };
        let stroke = p.stroke(line::TRUNK, ink);
        let (from, to) = (before.bottom() + space::XS, rect.top() - space::XS);
        let painter = ui.painter();
        let begin = match self.plus.filter(|_| column.plus) {
            Some(plus) => {
                painter.vline(x, from..=plus.y - size::PLUS, p.stroke(line::TRUNK, p.f_branch));
                plus.y + size::PLUS
            }
            None => from,
        };
        painter.vline(x, begin..=to, stroke);
        let tip = pos2(x, to + 1.0);
        painter.line_segment([tip - vec2(5.0, 6.0), tip], stroke);
        painter.line_segment([tip - vec2(-5.0, 6.0), tip], stroke);
        // Beside its lower part: the enclosure's title stands beside the upper one.
        let middle = if column.branch { to - (GAP - 2.0 * space::XS) / 2.0 } else { (begin + to) / 2.0 };
        let y = if column.branch && !self.columns[i - 1].branch { from + space::M } else { middle };
        let words = format!("{} {}", column.above, column.below);
        let at = pos2(x + space::M, y);
        let bold = theme::semibold(text::CAPTION);
        let drawn = painter.text(at, Align2::LEFT_CENTER, words.trim(), bold, p.ink2);
        if !column.hint.is_empty() {
            let area = Rect::from_min_max(pos2(x - space::L, begin), pos2(drawn.right(), to));
            ui.interact(area, ui.scope_id().with(("op", i)), Sense::hover()).on_hover_text(&column.hint);
        }
    }

    /// Clears the skip from behind its stage, names it and what leads to it.
    pub(super) fn upper_ground_down(&self, ui: &Ui, p: &Palette, i: usize, rect: Rect) {
        let stage: &Stage = &self.close.stages[i];
        let painter = ui.painter();
        painter.rect_filled(rect.expand(2.0), 0.0, p.bg);
        let under = theme::semibold(text::CAPTION);
        let name = painter.layout_no_wrap(upper_name(stage), under, p.skip);
        let ground = Rect::from_center_size(
            pos2(self.rail, rect.bottom() + space::S + name.size().y / 2.0),
            name.size() + vec2(space::XS, 2.0),
        );
        painter.rect_filled(ground, 0.0, p.bg);
        painter.galley(ground.center() - name.size() / 2.0, name, p.skip);
        let projected = self.upper.len() > 1;
        let (words, hint) = match stage.role {
            Role::ShortcutConv => ("conv 1×1", i18n::scope_conv_hint()),
            _ if projected => ("BN × α", i18n::scope_bn_hint()),
            _ => ("pad × α", i18n::scope_pad_hint()),
        };
        let words = painter.layout_no_wrap(words.into(), theme::semibold(text::CAPTION), p.ink2);
        let middle = pos2(self.rail, rect.top() - space::XS - words.size().y / 2.0);
        let area = Rect::from_center_size(middle, words.size() + vec2(space::XS, 2.0));
        painter.rect_filled(area, 0.0, p.bg);
        painter.galley(middle - words.size() / 2.0, words, p.ink2);
        ui.interact(area, ui.scope_id().with(("upper", i)), Sense::hover()).on_hover_text(hint);
    }

    /// Name and spread right of the maps.
    pub(super) fn name_beside(&self, ui: &Ui, p: &Palette, column: &Column, rect: Rect) {
        let stage = &self.close.stages[column.stage];
        let at = pos2(rect.right() + space::M, rect.top() + space::XS);
        let painter = ui.painter();
        let ink = column.tone.ink(p, true);
        let name = painter.text(at, Align2::LEFT_TOP, &column.label, theme::semibold(text::BODY), ink);
        let (words, ink) = if stage.mosaic.broken {
            (i18n::scope_broken().to_owned(), p.warn)
        } else {
            (i18n::scope_std(numbers::ratio(stage.moments.std)), p.ink3)
        };
        let at = pos2(at.x, name.bottom() + 2.0);
        painter.text(at, Align2::LEFT_TOP, words, theme::regular(text::CAPTION), ink);
    }
}
