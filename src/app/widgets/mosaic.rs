//! Feature maps on the screen: tiles of the atlas, in a grid, each pixel of a map a square of the picture.

use super::super::theme::palette;
use super::super::view::Canvas;
use crate::session::{Mosaic, Tile};
use eframe::egui::{Color32, Mesh, Painter, Rect, Shape, Ui, pos2, vec2};

/// The part of the texture that `tile` covers.
fn uv(canvas: &Canvas, tile: &Tile) -> Rect {
    let [w, h] = canvas.size.map(|v| v.max(1) as f32);
    let min = pos2(tile.at[0] as f32 / w, tile.at[1] as f32 / h);
    Rect::from_min_size(min, vec2(tile.size[0] as f32 / w, tile.size[1] as f32 / h))
}

/// Draws one tile over `rect`.
pub fn tile(painter: &Painter, canvas: &Canvas, tile: &Tile, rect: Rect) {
    let mut mesh = Mesh::with_texture(canvas.texture);
    mesh.add_rect_with_uv(rect, uv(canvas, tile), Color32::WHITE);
    painter.add(Shape::mesh(mesh));
}

/// Where the maps of a mosaic of `columns` lie in `rect`, `gap` apart and on whole physical pixels.
pub fn cells(ui: &Ui, rect: Rect, count: usize, columns: usize, gap: f32) -> impl Iterator<Item = Rect> {
    let columns = columns.max(1);
    let rows = count.div_ceil(columns).max(1);
    let scale = ui.pixels_per_point();
    let snap = move |v: f32| (v * scale).round() / scale;
    let each = vec2(
        (rect.width() - gap * (columns - 1) as f32) / columns as f32,
        (rect.height() - gap * (rows - 1) as f32) / rows as f32,
    );
    (0..count).map(move |i| {
        let at =
            rect.min + vec2((i % columns) as f32 * (each.x + gap), (i / columns) as f32 * (each.y + gap));
        Rect::from_min_max(
            pos2(snap(at.x), snap(at.y)),
            pos2(
                snap(at.x + each.x).max(snap(at.x) + 1.0 / scale),
                snap(at.y + each.y).max(snap(at.y) + 1.0 / scale),
            ),
        )
    })
}

/// Draws a mosaic into `rect`; without a texture or maps, an empty ground.
pub fn mosaic(ui: &Ui, canvas: Option<&Canvas>, shown: &Mosaic, rect: Rect, gap: f32) {
    let painter = ui.painter();
    let Some(canvas) = canvas.filter(|_| !shown.tiles.is_empty()) else {
        painter.rect_filled(rect, 0.0, palette(ui).raised);
        return;
    };
    let mut mesh = Mesh::with_texture(canvas.texture);
    for (map, cell) in shown.tiles.iter().zip(cells(ui, rect, shown.tiles.len(), shown.columns, gap)) {
        mesh.add_rect_with_uv(cell, uv(canvas, map), Color32::WHITE);
    }
    painter.add(Shape::mesh(mesh));
}
