//! A surface from above: every measured point a square of its colour, lines of equal loss over them, and the run's
//! path where its plane is shown.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::theme::{self, line, palette, space, text};
use super::super::super::charts::Scale;
use super::super::super::network::fitted;
use super::super::plot::Painted;
use super::scale::LossScale;
use super::{Drawn, LandscapeUi, axis_names, complete, nearest};
use crate::lab::landscape::Surface;
use crate::lab::landscape::survey::InPlane;
use eframe::egui::{
    Align2, Color32, ColorImage, Image, Pos2, Rect, RichText, Role, Sense, Shape, TextureOptions, Ui,
    WidgetInfo, pos2, vec2,
};

/// Room for ticks left of and under the picture.
const LEFT: f32 = 44.0;
const FOOT: f32 = 54.0;
/// Strength of the lines of equal loss.
const ISO: f32 = 0.7;

/// Where coordinates lie in the picture: points stand in the middle of their squares.
struct Place {
    rect: Rect,
    n: f32,
    x: [f64; 2],
    y: [f64; 2],
}

impl Place {
    fn along(&self, v: f64, [from, to]: [f64; 2]) -> f32 {
        let t = ((v - from) / (to - from)) as f32;
        (0.5 + t * (self.n - 1.0)) / self.n
    }

    fn at(&self, [a, b]: [f64; 2]) -> Pos2 {
        let (u, v) = (self.along(a, self.x), self.along(b, self.y));
        // The second axis runs upwards.
        pos2(self.rect.left() + u * self.rect.width(), self.rect.bottom() - v * self.rect.height())
    }

    /// The middle of a point's square; whole numbers are points.
    fn point(&self, x: f32, y: f32) -> Pos2 {
        let (u, v) = ((x + 0.5) / self.n, (y + 0.5) / self.n);
        pos2(self.rect.left() + u * self.rect.width(), self.rect.bottom() - v * self.rect.height())
    }
}

/// Draws it into the rest of `ui`, as a square; `slot` is the texture's place.
pub fn show(
    ui: &mut Ui,
    looked: &mut LandscapeUi,
    surface: &Surface,
    run: Option<&InPlane>,
    slot: usize,
    scale: LossScale,
    name: &str,
) {
    let (whole, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::landscape_picture(name)));
    let side = (whole.width() - LEFT - space::S).min(whole.height() - FOOT - space::S).max(40.0);
    let middle = whole.center().x + (LEFT - space::S) / 2.0;
    let rect = Rect::from_min_size(pos2(middle - side / 2.0, whole.top() + space::S), theme::square(side));
    let (n, grid) = (surface.grid.size, &surface.grid);
    let place = Place { rect, n: n as f32, x: grid.x, y: grid.y };
    let known = surface.points.iter().flatten().count();
    let Some(drawn) = looked.drawn.get_mut(slot) else { return };
    let of = (looked.plane, known, scale);
    if drawn.as_ref().is_none_or(|d| d.of != of) {
        let image = picture(ui, surface, scale);
        match drawn {
            Some(drawn) => {
                drawn.texture.0.set(image, TextureOptions::NEAREST);
                drawn.of = of;
            }
            None => {
                let texture =
                    ui.ctx().load_texture(format!("surface {slot}"), image, TextureOptions::NEAREST);
                *drawn = Some(Drawn { of, texture: Painted(texture) });
            }
        }
    }
    if let Some(drawn) = drawn {
        Image::new(&drawn.texture.0).paint_at(ui, rect);
    }
    lines(ui, surface, &place, scale);
    axes(ui, &place, run);
    let p = palette(ui);
    match run {
        Some(run) => path(ui, run, &place),
        None => {
            let at = place.at([0.0, 0.0]);
            ui.painter().circle_stroke(at, 6.0, p.stroke(line::TRUNK + 2.0, Color32::BLACK));
            ui.painter().circle_stroke(at, 6.0, p.stroke(line::TRUNK, Color32::WHITE));
        }
    }
    let Some(at) = response.hover_pos().filter(|at| rect.contains(*at)) else { return };
    let cell = |t: f32| ((t * n as f32) as usize).min(n - 1);
    let (x, y) = (cell((at.x - rect.left()) / side), cell((rect.bottom() - at.y) / side));
    let Some([loss, accuracy]) = surface.points[y * n + x] else { return };
    let [a, b] = surface.place(y * n + x).map(|v| numbers::fixed(v, 2));
    let loss = if loss < 1e4 { numbers::fixed(loss, 3) } else { numbers::scientific(loss, 1) };
    let words = i18n::landscape_point(a, b, loss, numbers::percent(accuracy as f32));
    response.on_hover_text_at_pointer(RichText::new(words).font(theme::regular(text::CAPTION)).color(p.ink));
}

/// A pixel a point; what is not known yet has the colour of the nearest coarser one.
fn picture(ui: &Ui, surface: &Surface, scale: LossScale) -> ColorImage {
    let n = surface.grid.size;
    let empty = palette(ui).raised;
    let pixel = |i: usize| {
        let (x, y) = (i % n, n - 1 - i / n);
        nearest(surface, x, y).map_or(empty, |loss| scale.colour(loss))
    };
    ColorImage::new([n, n], (0..n * n).map(pixel).collect())
}

/// Lines of equal loss by marching squares over the finest complete grid.
fn lines(ui: &Ui, surface: &Surface, place: &Place, scale: LossScale) {
    let Some(stride) = complete(surface) else { return };
    let n = surface.grid.size;
    let t = |x: usize, y: usize| surface.loss(y * n + x).map_or(0.0, |l| l.clamp(1e-9, 1e12).ln());
    let painter = ui.painter_at(place.rect);
    for level in scale.levels() {
        let colour = theme::ink_on(scale.colour(level)).gamma_multiply(ISO);
        let stroke = palette(ui).stroke(line::HAIR, colour);
        let at = level.ln();
        for y in (0..n - stride).step_by(stride) {
            for x in (0..n - stride).step_by(stride) {
                let (xs, ys) = (x + stride, y + stride);
                let corners = [(x, y), (xs, y), (xs, ys), (x, ys)];
                let values = corners.map(|(x, y)| t(x, y));
                let mut ends: Vec<Pos2> = Vec::new();
                for k in 0..4 {
                    let (a, b) = (values[k], values[(k + 1) % 4]);
                    if (a < at) == (b < at) {
                        continue;
                    }
                    let s = ((at - a) / (b - a)) as f32;
                    let (p, q) = (corners[k], corners[(k + 1) % 4]);
                    let mix = |p: usize, q: usize| p as f32 + s * (q as f32 - p as f32);
                    ends.push(place.point(mix(p.0, q.0), mix(p.1, q.1)));
                }
                for pair in ends.chunks_exact(2) {
                    painter.line_segment([pair[0], pair[1]], stroke);
                }
            }
        }
    }
}

/// Ticks on both axes, and what they are.
fn axes(ui: &Ui, place: &Place, run: Option<&InPlane>) {
    let p = palette(ui);
    let painter = ui.painter();
    let font = || theme::regular(text::CAPTION);
    let rect = place.rect;
    for v in Scale::Linear.ticks(place.x[0], place.x[1]) {
        let at = pos2(place.at([v, place.y[0]]).x, rect.bottom() + space::XS);
        painter.text(at, Align2::CENTER_TOP, numbers::axis_value(v), font(), p.ink3);
    }
    for v in Scale::Linear.ticks(place.y[0], place.y[1]) {
        let at = pos2(rect.left() - space::S, place.at([place.x[0], v]).y);
        painter.text(at, Align2::RIGHT_CENTER, numbers::axis_value(v), font(), p.ink3);
    }
    let [across, up] = axis_names(run);
    for (i, words) in [format!("→ {across}"), format!("↑ {up}")].into_iter().enumerate() {
        let words = fitted(ui, words, font(), p.ink2, rect.width() + LEFT);
        let top = rect.bottom() + 20.0 + i as f32 * text::CAPTION * 1.3;
        painter.galley(pos2(rect.right() - words.size().x, top), words, p.ink2);
    }
}

/// The run through its plane, from its first to its last snapshot.
fn path(ui: &Ui, run: &InPlane, place: &Place) {
    let p = palette(ui);
    let points: Vec<Pos2> = run.path.iter().map(|at| place.at(*at)).collect();
    let painter = ui.painter_at(place.rect);
    painter.add(Shape::line(points.clone(), p.stroke(line::CAP + 1.5, Color32::BLACK)));
    painter.add(Shape::line(points.clone(), p.stroke(line::TRUNK, Color32::WHITE)));
    for point in &points {
        painter.circle(*point, 2.5, Color32::WHITE, p.stroke(line::HAIR, Color32::BLACK));
    }
    let ends = [points.first().zip(run.snapshots.first()), points.last().zip(run.snapshots.last())];
    for (point, snapshot) in ends.into_iter().flatten() {
        painter.circle(*point, 4.5, Color32::WHITE, p.stroke(line::ICON, Color32::BLACK));
        let words = i18n::landscape_step(numbers::grouped(snapshot.step));
        let words = ui.painter().layout_no_wrap(words, theme::semibold(text::CAPTION), Color32::WHITE);
        let left = (point.x + space::S).min(place.rect.right() - words.size().x - space::XS);
        let ground = Rect::from_min_size(pos2(left, point.y - words.size().y / 2.0), words.size());
        painter.rect_filled(ground.expand2(vec2(3.0, 1.0)), 3.0, Color32::from_black_alpha(180));
        painter.galley(ground.min, words, Color32::WHITE);
    }
}
