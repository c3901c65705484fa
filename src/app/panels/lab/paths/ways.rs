//! All paths of a small network, one a row: at each block through the branch or past it, and how much gradient comes
//! back that way.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::theme::{self, line, palette, radius, space, text};
use super::super::super::network::{fitted, put};
use super::super::plot::titled;
use crate::lab::paths::{Outcome, Way};
use eframe::egui::{
    Align2, CornerRadius, Pos2, Rect, Role, Sense, Shape, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// Room for a path's gradient in words, and for the names of the columns.
const VALUE: f32 = 72.0;
const HEAD: f32 = 20.0;
/// A row, at most.
const ROW: f32 = 34.0;

/// The panel, `height` high.
pub fn panel(ui: &mut Ui, found: &Outcome, height: f32) {
    let p = palette(ui);
    let (shown, of) = (found.ways.len(), 1usize << found.blocks);
    let name = if shown < of { i18n::paths_some(shown, of) } else { i18n::paths_all().to_owned() };
    let title = (name.as_str(), i18n::paths_all_hint());
    titled(
        ui,
        title,
        p.ink,
        i18n::paths_all_about(),
        Some(height),
        |_| (),
        |ui| {
            let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
            let mut ways: Vec<&Way> = found.ways.iter().collect();
            let length = |w: &Way| w.branches.iter().filter(|b| **b).count();
            ways.sort_by_key(|w| length(w));
            let most = ways.iter().map(|w| w.gradient).fold(f64::MIN_POSITIVE, f64::max);
            let middle = rect.left() + rect.width() * 0.5;
            let blocks = found.blocks.max(1) as f32;
            let column = (middle - space::L - rect.left()) / blocks;
            let names = found.shares.as_ref().map_or(&[][..], |s| s.blocks.as_slice());
            let font = || theme::regular(text::CAPTION);
            for (k, block) in names.iter().enumerate() {
                let words = fitted(ui, block.block.clone(), font(), p.ink3, column);
                let x = rect.left() + (k as f32 + 0.5) * column - words.size().x / 2.0;
                put(ui, x, rect.top() + HEAD / 2.0, words);
            }
            let at = pos2(middle, rect.top() + HEAD / 2.0);
            ui.painter().text(at, Align2::LEFT_CENTER, i18n::paths_way_gradient(), font(), p.grad);
            let high = ((rect.height() - HEAD) / ways.len().max(1) as f32).min(ROW);
            for (row, way) in ways.iter().enumerate() {
                let y = rect.top() + HEAD + (row as f32 + 0.5) * high;
                for (k, &branch) in way.branches.iter().enumerate() {
                    let left = rect.left() + k as f32 * column;
                    let cell = Rect::from_min_size(pos2(left, y - high / 2.0), vec2(column, high));
                    part(ui, cell, branch);
                }
                let room = rect.right() - VALUE - middle;
                let wide = (way.gradient / most) as f32 * room;
                let area = Rect::from_min_size(pos2(middle, y - high * 0.3), vec2(wide.max(1.0), high * 0.6));
                ui.painter().rect_filled(area, 0.0, p.grad.gamma_multiply(line::FILL_ALPHA));
                let cap = area.with_min_x((area.right() - line::CAP).max(area.left()));
                ui.painter().rect_filled(cap, 0.0, p.grad);
                let words = numbers::norm(way.gradient as f32);
                let at = pos2(area.right() + space::XS, y);
                ui.painter().text(at, Align2::LEFT_CENTER, words, font(), p.ink);
            }
        },
    );
}

/// A block on a path: the branch as a box on the trunk, or the skip as an arc over it.
fn part(ui: &Ui, cell: Rect, branch: bool) {
    let p = palette(ui);
    let y = cell.center().y + cell.height() * 0.2;
    let painter = ui.painter();
    let inside = cell.shrink2(vec2(cell.width() * 0.2, 0.0));
    painter.hline(cell.left()..=inside.left(), y, p.stroke(line::TRUNK, p.line2));
    painter.hline(inside.right()..=cell.right(), y, p.stroke(line::TRUNK, p.line2));
    if branch {
        let high = (cell.height() * 0.5).min(16.0);
        let square = Rect::from_center_size(pos2(inside.center().x, y), vec2(inside.width(), high));
        let corner = CornerRadius::same(radius::CARD);
        let stroke = p.stroke(line::ICON, p.f_branch);
        painter.rect(square, corner, p.f_branch.gamma_multiply(line::FILL_ALPHA), stroke, StrokeKind::Inside);
        if high >= 14.0 {
            painter.text(
                square.center(),
                Align2::CENTER_CENTER,
                "F",
                theme::semibold(text::CAPTION),
                p.f_branch,
            );
        }
        return;
    }
    const POINTS: usize = 24;
    let (wide, high) = (inside.width() / 2.0, cell.height() * 0.5);
    let arc = |i: usize| -> Pos2 {
        let a = std::f32::consts::PI * i as f32 / POINTS as f32;
        pos2(inside.center().x - wide * a.cos(), y - high * a.sin())
    };
    painter.add(Shape::line((0..=POINTS).map(arc).collect(), p.stroke(line::CAP, p.skip_fill)));
}
