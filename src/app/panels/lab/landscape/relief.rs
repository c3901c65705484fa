//! A surface as a relief, drawn from the back to the front; dragging turns and tilts it. Height and colour are the same
//! measure on the same scale.

use super::super::super::super::colourmap::ColourMap;
use super::super::super::super::i18n;
use super::super::super::super::theme::{self, line, palette, text};
use super::scale::LossScale;
use super::{LandscapeUi, complete};
use crate::lab::landscape::Surface;
use crate::lab::landscape::survey::InPlane;
use eframe::egui::{
    Align2, Color32, CursorIcon, Mesh, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2,
};

/// Radians a point of dragging.
const SPEED: f32 = 0.008;
/// How far it can be tilted: from nearly level to nearly from above.
const TILT: std::ops::RangeInclusive<f32> = 0.15..=1.4;
/// Points along an axis that are drawn at most.
const MOST: usize = 65;

/// From the plane and the height to the screen.
struct Eye {
    middle: Pos2,
    size: f32,
    turn: (f32, f32),
    tilt: (f32, f32),
}

impl Eye {
    /// `x` and `y` from −1 to 1, `z` from 0 to 1.
    fn see(&self, x: f32, y: f32, z: f32) -> Pos2 {
        let (across, near) = self.turned(x, y);
        let up = near * self.tilt.0 - (z - 0.4) * self.tilt.1;
        self.middle + eframe::egui::vec2(across, up) * self.size
    }

    /// How far right and how near a place is.
    fn turned(&self, x: f32, y: f32) -> (f32, f32) {
        let (sin, cos) = self.turn;
        (x * cos - y * sin, x * sin + y * cos)
    }
}

/// Draws it into the rest of `ui`.
pub fn show(
    ui: &mut Ui,
    looked: &mut LandscapeUi,
    surface: &Surface,
    run: Option<&InPlane>,
    scale: LossScale,
    names: [String; 2],
    name: &str,
) {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::landscape_picture(name)));
    if response.dragged() {
        let by = response.drag_delta() * SPEED;
        looked.turn -= by.x;
        looked.tilt = (looked.tilt + by.y).clamp(*TILT.start(), *TILT.end());
    }
    let response = response.on_hover_cursor(CursorIcon::Grab);
    response.on_hover_text(i18n::landscape_turn());
    let eye = Eye {
        middle: rect.center(),
        // All of it fits, however it is turned.
        size: (rect.width() / 2.9).min(rect.height() / 2.6),
        turn: looked.turn.sin_cos(),
        tilt: (looked.tilt.sin(), looked.tilt.cos()),
    };
    floor(ui, &eye, rect, &names);
    let Some(known) = complete(surface) else { return };
    let n = surface.grid.size;
    let mut stride = known;
    while (n - 1) / stride + 1 > MOST {
        stride *= 2;
    }
    let across = |k: usize| 2.0 * k as f32 / (n - 1) as f32 - 1.0;
    let loss = |x: usize, y: usize| surface.loss(y * n + x).unwrap_or(f64::MAX);
    let mut faces: Vec<(f32, [(usize, usize); 4])> = Vec::new();
    for y in (0..n - stride).step_by(stride) {
        for x in (0..n - stride).step_by(stride) {
            let corners = [(x, y), (x + stride, y), (x + stride, y + stride), (x, y + stride)];
            let half = across(x) + stride as f32 / (n - 1) as f32;
            let near = eye.turned(half, -(across(y) + stride as f32 / (n - 1) as f32)).1;
            faces.push((near, corners));
        }
    }
    faces.sort_by(|a, b| a.0.total_cmp(&b.0));
    let p = palette(ui);
    let painter = ui.painter_at(rect);
    let edge = p.stroke(line::HAIR, p.panel.gamma_multiply(0.55));
    for (_, corners) in faces {
        // The second axis runs away from the reader, as it runs up in the contours.
        let at = corners.map(|(x, y)| eye.see(across(x), -across(y), scale.position(loss(x, y))));
        let mean = corners.iter().map(|&(x, y)| scale.position(loss(x, y))).sum::<f32>() / 4.0;
        let colour = ColourMap::viridis().at(mean);
        let mut mesh = Mesh::default();
        at.iter().for_each(|at| mesh.colored_vertex(*at, colour));
        mesh.add_triangle(0, 1, 2);
        mesh.add_triangle(0, 2, 3);
        painter.add(Shape::mesh(mesh));
        painter.line_segment([at[0], at[1]], edge);
        painter.line_segment([at[0], at[3]], edge);
    }
    if let Some(run) = run {
        path(&painter, &eye, surface, stride, run, scale, p.stroke(line::CAP + 1.5, Color32::BLACK));
    }
}

/// The run over its surface, from its first snapshot to its last, the larger point; in front of whatever it passes behind.
fn path(
    painter: &Painter,
    eye: &Eye,
    surface: &Surface,
    stride: usize,
    run: &InPlane,
    scale: LossScale,
    under: Stroke,
) {
    let ends = [surface.grid.x, surface.grid.y];
    let share = |[a, b]: [f64; 2]| {
        let along = |v: f64, [from, to]: [f64; 2]| ((v - from) / (to - from)).clamp(0.0, 1.0);
        [along(a, ends[0]), along(b, ends[1])]
    };
    let see = |at: &[f64; 2]| {
        let [x, y] = share(*at);
        let height = scale.position(between(surface, stride, x, y));
        eye.see(2.0 * x as f32 - 1.0, 1.0 - 2.0 * y as f32, height)
    };
    let points: Vec<Pos2> = run.path.iter().map(see).collect();
    painter.add(Shape::line(points.clone(), under));
    painter.add(Shape::line(points.clone(), Stroke::new(line::TRUNK, Color32::WHITE)));
    let edge = Stroke::new(line::HAIR, Color32::BLACK);
    for (i, point) in points.iter().enumerate() {
        let radius = if i + 1 == points.len() { 4.5 } else { 2.0 };
        painter.circle(*point, radius, Color32::WHITE, edge);
    }
}

/// The loss between the points of the grid that has every `stride`-th one, at shares `x` and `y` of its axes: bilinear.
fn between(surface: &Surface, stride: usize, x: f64, y: f64) -> f64 {
    let n = surface.grid.size;
    let cells = (n - 1) / stride;
    let split = |share: f64| {
        let at = share * cells as f64;
        let cell = (at as usize).min(cells - 1);
        (cell * stride, at - cell as f64)
    };
    let ((i, u), (j, v)) = (split(x), split(y));
    let loss = |i: usize, j: usize| surface.loss(j * n + i).unwrap_or(f64::MAX).min(1e12);
    let row = |j: usize| loss(i, j) * (1.0 - u) + loss(i + stride, j) * u;
    row(j) * (1.0 - v) + row(j + stride) * v
}

/// The outline of the plane with the names of its axes.
fn floor(ui: &Ui, eye: &Eye, rect: Rect, names: &[String; 2]) {
    let p = palette(ui);
    let corner = |x: f32, y: f32| eye.see(x, y, 0.0);
    let outline = vec![corner(-1.0, 1.0), corner(1.0, 1.0), corner(1.0, -1.0), corner(-1.0, -1.0)];
    ui.painter().add(Shape::closed_line(outline, p.stroke(line::HAIR, p.line2)));
    // Each axis is named at the one of its two edges that is nearer.
    let near = |x: f32, y: f32| eye.turned(x, y).1;
    let first = if near(0.0, 1.0) >= near(0.0, -1.0) { (0.0, 1.4) } else { (0.0, -1.4) };
    let second = if near(1.0, 0.0) >= near(-1.0, 0.0) { (1.4, 0.0) } else { (-1.4, 0.0) };
    for (name, (x, y)) in names.iter().zip([first, second]) {
        let font = theme::regular(text::CAPTION);
        let words = ui.painter().layout_no_wrap(name.clone(), font, p.ink3);
        let at = corner(x, y);
        let left = (at.x - words.size().x / 2.0)
            .clamp(rect.left(), (rect.right() - words.size().x).max(rect.left()));
        let top = at.y.min(rect.bottom() - words.size().y);
        ui.painter().galley(pos2(left, top), words, p.ink3);
    }
    let at = pos2(rect.left(), rect.top());
    ui.painter().text(at, Align2::LEFT_TOP, i18n::landscape_height(), theme::regular(text::CAPTION), p.ink3);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::landscape::{Grid, Statistics};

    #[test]
    fn between_points_the_loss_is_bilinear() {
        let grid =
            Grid { size: 5, x: [-1.0, 1.0], y: [-1.0, 1.0], statistics: Statistics::Running, images: 8 };
        let mut s = Surface::new(grid).expect("a grid");
        for at in 0..25 {
            let (x, y) = (at % 5, at / 5);
            s.points[at] = Some([(x * y) as f64, 0.0]);
        }
        for (x, y) in [(0.0, 0.0), (1.0, 1.0), (0.25, 0.75), (0.3, 0.9)] {
            for stride in [1, 2, 4] {
                let expected = 16.0 * x * y;
                assert!((between(&s, stride, x, y) - expected).abs() < 1e-9, "{x} {y} {stride}");
            }
        }
    }
}
