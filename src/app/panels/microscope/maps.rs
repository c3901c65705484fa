//! Maps of a stage as places on the screen: which number lies under the pointer, and rings around it.

use super::super::super::theme::{line, palette};
use super::super::super::widgets::cells;
use crate::session::{Mosaic, Probe};
use eframe::egui::{Color32, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, vec2};

/// Between maps of a mosaic.
pub const MAPS_GAP: f32 = 3.0;

/// Square maps, however many rows of them there are.
pub fn fitted(rect: Rect, shown: &Mosaic) -> Rect {
    let columns = shown.columns.max(1) as f32;
    let rows = shown.tiles.len().div_ceil(shown.columns.max(1)).max(1) as f32;
    let cell = (rect.width() - MAPS_GAP * (columns - 1.0)) / columns.max(rows);
    Rect::from_center_size(
        rect.center(),
        vec2(cell * columns + MAPS_GAP * (columns - 1.0), cell * rows + MAPS_GAP * (rows - 1.0)),
    )
}

/// The number of stage `i` under `at`, whose maps are drawn over `rect`.
pub fn hit(ui: &Ui, rect: Rect, shown: &Mosaic, stage: usize, at: Pos2) -> Option<Probe> {
    let cells = cells(ui, rect, shown.tiles.len(), shown.columns, MAPS_GAP);
    cells.zip(&shown.tiles).find_map(|(cell, tile)| {
        // A point in the gap belongs to the map beside it.
        let near = cell.expand(MAPS_GAP / 2.0 + 0.01).contains(at);
        let inside = at.clamp(cell.min, cell.max - vec2(0.01, 0.01));
        let (y, x) = pixel(cell, tile.size, inside).filter(|_| near)?;
        Some(Probe { stage, channel: tile.channel, y, x, input_channel: None })
    })
}

/// Row and column of the pixel of a map of `size` (width, height), drawn over `rect`, that lies under `at`.
pub fn pixel(rect: Rect, size: [u32; 2], at: Pos2) -> Option<(u32, u32)> {
    let inside = rect.left() <= at.x && at.x < rect.right() && rect.top() <= at.y && at.y < rect.bottom();
    if !inside || size.contains(&0) {
        return None;
    }
    let t = (at - rect.min) / rect.size();
    let of = |t: f32, n: u32| ((t * n as f32) as u32).min(n - 1);
    Some((of(t.y, size[1]), of(t.x, size[0])))
}

/// A ring that is seen on dark and on light pixels.
pub fn two_rings(ui: &Ui, rect: Rect) {
    let p = palette(ui);
    ui.painter().rect_stroke(rect, 0.0, p.stroke(line::TRUNK, p.ink), StrokeKind::Outside);
    let outer = rect.expand(line::TRUNK);
    ui.painter().rect_stroke(outer, 0.0, p.stroke(line::HAIR, p.bg), StrokeKind::Outside);
}

/// A sheet from a map to its enlargement.
pub fn wedge(ui: &Ui, from: Rect, to: Rect) {
    let ink = palette(ui).ink.gamma_multiply(if ui.visuals().dark_mode { 0.09 } else { 0.07 });
    let points = vec![from.left_bottom(), from.right_bottom(), to.right_top(), to.left_top()];
    ui.painter().add(Shape::convex_polygon(points, ink, Stroke::new(0.0, Color32::TRANSPARENT)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Tile;
    use eframe::egui::{self, pos2};

    #[test]
    fn a_point_is_a_pixel() {
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(32.0, 32.0));
        assert_eq!(pixel(rect, [16, 16], pos2(10.0, 20.0)), Some((0, 0)));
        assert_eq!(pixel(rect, [16, 16], pos2(41.9, 20.1)), Some((0, 15)));
        assert_eq!(pixel(rect, [16, 16], pos2(15.0, 30.9)), Some((5, 2)));
        assert_eq!(pixel(rect, [16, 16], pos2(42.0, 30.0)), None);
        assert_eq!(pixel(rect, [0, 16], pos2(15.0, 30.0)), None);
    }

    #[test]
    fn a_point_on_the_maps_is_a_channel_and_a_pixel() {
        let tile = |channel| Tile { channel, at: [0, 0], size: [8, 8] };
        let shown =
            Mosaic { tiles: [5, 9, 2, 7].map(tile).to_vec(), columns: 2, channels: 16, ..Mosaic::default() };
        let rect = Rect::from_min_size(pos2(100.0, 100.0), vec2(67.0, 67.0));
        egui::__run_test_ui(|ui| {
            let at = |x, y| hit(ui, rect, &shown, 3, pos2(x, y)).map(|p| (p.stage, p.channel, p.y, p.x));
            assert_eq!(at(101.0, 101.0), Some((3, 5, 0, 0)));
            assert_eq!(at(166.0, 101.0), Some((3, 9, 0, 7)));
            assert_eq!(at(101.0, 166.0), Some((3, 2, 7, 0)));
            assert_eq!(at(152.0, 136.0), Some((3, 7, 0, 4)));
            // Between two maps: the one beside it; outside: none.
            assert_eq!(at(133.0, 101.0), Some((3, 5, 0, 7)));
            assert_eq!(at(133.5, 133.5), Some((3, 5, 7, 7)));
            assert_eq!(at(98.0, 101.0), None);
        });
    }
}
