//! One channel, large: every pixel of the truth a square, the window or the pixel ringed.

use super::super::super::colourmap::ColourMap;
use super::super::super::i18n;
use super::super::super::theme::{line, palette};
use super::super::super::view::Canvas;
use super::super::super::widgets::tile;
use super::maps::{pixel, two_rings};
use crate::session::{Tile, Worked, WorkedConv};
use eframe::egui::{Rect, Response, Role, Sense, Shape, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// Side of a pixel of the truth, and where the map begins within a square of `side` that also holds
/// `padding` pixels on each side.
fn grid(rect: Rect, size: [u32; 2], padding: u32) -> (f32, Rect) {
    let n = size[0].max(size[1]).max(1) + 2 * padding;
    let each = rect.width() / n as f32;
    let map = Rect::from_min_size(
        rect.min + vec2(padding as f32 * each, padding as f32 * each),
        vec2(size[0] as f32 * each, size[1] as f32 * each),
    );
    (each, map)
}

/// The input channel with the window on it; zeros around it are the padding. Answers the window's place.
pub fn input(ui: &Ui, canvas: Option<&Canvas>, conv: &WorkedConv, rect: Rect) -> Rect {
    let p = palette(ui);
    let padding = (conv.kernel / 2) as u32;
    let (each, map) = grid(rect, conv.input_tile.size, padding);
    let painter = ui.painter();
    if padding > 0 {
        painter.rect_filled(rect, 0.0, ColourMap::div(ui.visuals().dark_mode).at(0.5));
        let frame =
            [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        let stroke = p.stroke(line::HAIR, p.line2);
        painter.extend(Shape::dashed_line(&frame, stroke, 3.0, 3.0));
    }
    paint(ui, canvas, &conv.input_tile, map);
    let [x, y] = conv.window_at.map(|v| v as f32 * each);
    let side = conv.kernel as f32 * each;
    let window = Rect::from_min_size(map.min + vec2(x, y), vec2(side, side));
    two_rings(ui, window);
    window
}

/// The probed channel with its pixel ringed. Answers the pixel's place, and the response with the pixel
/// under the pointer.
pub fn output(
    ui: &Ui,
    canvas: Option<&Canvas>,
    worked: &Worked,
    rect: Rect,
) -> (Rect, Response, Option<(u32, u32)>) {
    let (each, map) = grid(rect, worked.tile.size, 0);
    let response = ui.interact(map, ui.scope_id().with("enlarged"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, i18n::scope_enlarged()));
    paint(ui, canvas, &worked.tile, map);
    let at = map.min + vec2(worked.probe.x as f32 * each, worked.probe.y as f32 * each);
    let ring = Rect::from_min_size(at, vec2(each, each));
    two_rings(ui, ring);
    let under = response.interact_pointer_pos().or(response.hover_pos());
    let under = under.and_then(|at| pixel(map, worked.tile.size, at));
    (ring, response, under)
}

pub fn paint(ui: &Ui, canvas: Option<&Canvas>, map: &Tile, rect: Rect) {
    let p = palette(ui);
    match canvas {
        Some(canvas) if map.size[0] > 0 => tile(ui.painter(), canvas, map, rect),
        _ => {
            ui.painter().rect_filled(rect, 0.0, p.raised);
        }
    }
    let outline = p.stroke(line::HAIR, p.line2);
    ui.painter().rect_stroke(rect, 0.0, outline, StrokeKind::Outside);
}

/// From the window to its numbers, and from the result to its pixel.
pub fn leaders(ui: &Ui, window: Rect, first: Rect, last: Rect, pixel: Rect) {
    let stroke = palette(ui).stroke(line::ICON, palette(ui).ink2);
    let painter = ui.painter();
    let from = pos2(window.right() + 4.0, window.center().y);
    painter.line_segment([from, pos2(first.left() - 8.0, first.center().y)], stroke);
    let to = [pos2(last.right() + 8.0, last.center().y), pos2(pixel.left() - 4.0, pixel.center().y)];
    painter.extend(Shape::dashed_line(&to, stroke, 3.0, 4.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_lies_around_the_map() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(180.0, 180.0));
        let (each, map) = grid(rect, [16, 16], 1);
        assert_eq!((each, map.min, map.max), (10.0, pos2(10.0, 10.0), pos2(170.0, 170.0)));
        let (each, map) = grid(rect, [4, 4], 0);
        assert_eq!((each, map), (45.0, rect));
    }
}
