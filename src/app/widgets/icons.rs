//! Icons as painted strokes: no icon font to load, and they take the ink of the theme.

use super::super::theme::line;
use eframe::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};
use std::f32::consts::{PI, TAU};

/// What can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Run,
    Pause,
    Step,
    Restart,
    Theme,
    /// EN and 中: strokes, so that neither needs the other language's font.
    English,
    Chinese,
    Help,
    Close,
    Chevron,
    Link,
    Presentation,
    Network,
    Pictures,
    Recipe,
    Runs,
    Back,
    Forward,
    Check,
    /// A tray that something is lifted out of.
    Export,
    /// A padlock, shut or open.
    Locked,
    Unlocked,
    /// A drawing pin, its head filled where it is stuck.
    Pin,
    Pinned,
    /// What cuts a skip.
    Scissors,
    /// Back to what was before.
    Undo,
}

/// Side of the square that icons are drawn in.
pub const SIDE: f32 = 16.0;

/// Draws `icon` in the middle of `rect`.
pub fn paint(painter: &Painter, rect: Rect, icon: Icon, colour: Color32) {
    let stroke = Stroke::new(line::ICON, colour);
    let c = rect.center();
    // Coordinates of a 16 × 16 field around the middle.
    let at = |x: f32, y: f32| pos2(c.x + x - 8.0, c.y + y - 8.0);
    let polyline = |points: Vec<Pos2>| Shape::line(points, stroke);
    match icon {
        Icon::Run => {
            painter.add(Shape::convex_polygon(
                vec![at(4.5, 2.5), at(13.0, 8.0), at(4.5, 13.5)],
                colour,
                Stroke::NONE,
            ));
        }
        Icon::Pause => {
            for x in [4.0, 9.5] {
                painter.rect_filled(Rect::from_min_size(at(x, 3.0), vec2(2.6, 10.0)), 1.0, colour);
            }
        }
        Icon::Step => {
            painter.add(Shape::convex_polygon(
                vec![at(3.0, 3.0), at(10.5, 8.0), at(3.0, 13.0)],
                colour,
                Stroke::NONE,
            ));
            painter.add(polyline(vec![at(13.0, 2.5), at(13.0, 13.5)]));
        }
        Icon::Restart => {
            painter.add(polyline(arc(c, 5.6, -0.75 * PI, 0.92 * PI)));
            painter.add(polyline(vec![at(3.6, 1.2), at(3.8, 4.9), at(7.5, 4.7)]));
        }
        Icon::Theme => {
            painter.circle_stroke(c, 6.0, stroke);
            let mut half = arc(c, 6.0, -PI / 2.0, PI / 2.0);
            half.push(half[0]);
            painter.add(Shape::convex_polygon(half, colour, Stroke::NONE));
        }
        Icon::English => {
            painter.add(polyline(vec![at(7.0, 3.5), at(1.0, 3.5), at(1.0, 12.5), at(7.0, 12.5)]));
            painter.add(polyline(vec![at(1.0, 8.0), at(6.2, 8.0)]));
            painter.add(polyline(vec![at(9.5, 12.5), at(9.5, 3.5), at(15.5, 12.5), at(15.5, 3.5)]));
        }
        Icon::Chinese => {
            painter.rect_stroke(
                Rect::from_min_max(at(2.0, 4.0), at(14.0, 10.0)),
                0.0,
                stroke,
                StrokeKind::Middle,
            );
            painter.add(polyline(vec![at(8.0, 0.8), at(8.0, 15.2)]));
        }
        Icon::Help => {
            painter.add(polyline(question(c)));
            painter.circle_filled(at(8.0, 13.2), 1.2, colour);
        }
        Icon::Close => {
            painter.add(polyline(vec![at(4.0, 4.0), at(12.0, 12.0)]));
            painter.add(polyline(vec![at(12.0, 4.0), at(4.0, 12.0)]));
        }
        Icon::Link => {
            for (side, from) in [(1.0, -PI / 2.0), (-1.0, PI / 2.0)] {
                let mut half = arc(at(8.0 + side * 4.0, 8.0), 3.4, from, from + PI);
                half.insert(0, pos2(at(8.0 + side * 2.2, 8.0).x, half[0].y));
                half.push(pos2(half[0].x, half[half.len() - 1].y));
                painter.add(polyline(half));
            }
            painter.add(polyline(vec![at(5.2, 8.0), at(10.8, 8.0)]));
        }
        Icon::Presentation => {
            let screen = Rect::from_min_max(at(0.8, 2.0), at(15.2, 11.4));
            painter.rect_stroke(screen, 1.0, stroke, StrokeKind::Middle);
            painter.add(polyline(vec![at(8.0, 11.4), at(8.0, 14.6)]));
            painter.add(polyline(vec![at(4.6, 14.6), at(11.4, 14.6)]));
        }
        Icon::Network => {
            painter.add(polyline(vec![at(0.5, 11.0), at(5.0, 11.0)]));
            painter.add(polyline(vec![at(11.0, 11.0), at(15.5, 11.0)]));
            let block = Rect::from_min_max(at(5.0, 8.2), at(11.0, 13.8));
            painter.rect_stroke(block, 1.0, stroke, StrokeKind::Middle);
            painter.add(polyline(arc(at(8.0, 11.0), 6.6, -PI, 0.0)));
        }
        Icon::Pictures => {
            for (x, y) in [(2.0, 2.0), (9.0, 2.0), (2.0, 9.0), (9.0, 9.0)] {
                let tile = Rect::from_min_size(at(x, y), vec2(5.0, 5.0));
                painter.rect_stroke(tile, 1.0, stroke, StrokeKind::Middle);
            }
        }
        Icon::Recipe => {
            for (y, x) in [(3.5, 10.5), (8.0, 5.0), (12.5, 11.5)] {
                painter.add(polyline(vec![at(1.5, y), at(x - 2.0, y)]));
                painter.add(polyline(vec![at(x + 2.0, y), at(14.5, y)]));
                painter.circle_stroke(at(x, y), 2.0, stroke);
            }
        }
        Icon::Runs => {
            for y in [3.5, 8.0, 12.5] {
                painter.circle_filled(at(2.6, y), 1.6, colour);
                painter.add(polyline(vec![at(6.5, y), at(14.5, y)]));
            }
        }
        Icon::Chevron => {
            painter.add(polyline(vec![at(4.0, 6.0), at(8.0, 10.0), at(12.0, 6.0)]));
        }
        Icon::Back => {
            painter.add(polyline(vec![at(10.0, 4.0), at(6.0, 8.0), at(10.0, 12.0)]));
        }
        Icon::Forward => {
            painter.add(polyline(vec![at(6.0, 4.0), at(10.0, 8.0), at(6.0, 12.0)]));
        }
        Icon::Check => {
            painter.add(polyline(vec![at(3.0, 8.5), at(6.5, 12.0), at(13.0, 4.5)]));
        }
        Icon::Locked | Icon::Unlocked => {
            let body = Rect::from_min_max(at(3.5, 7.5), at(12.5, 13.5));
            painter.rect_stroke(body, 1.0, stroke, StrokeKind::Middle);
            let hinge = if icon == Icon::Locked { 8.0 } else { 11.0 };
            let mut shackle = arc(at(hinge, 5.0), 2.6, -PI, 0.0);
            shackle.insert(0, pos2(shackle[0].x, at(0.0, 7.5).y));
            if icon == Icon::Locked {
                shackle.push(pos2(shackle[shackle.len() - 1].x, at(0.0, 7.5).y));
            }
            painter.add(polyline(shackle));
        }
        Icon::Pin | Icon::Pinned => {
            let head =
                vec![at(5.5, 2.0), at(10.5, 2.0), at(10.0, 7.0), at(12.0, 9.5), at(4.0, 9.5), at(6.0, 7.0)];
            if icon == Icon::Pinned {
                painter.add(Shape::convex_polygon(vec![head[0], head[1], head[2], head[5]], colour, stroke));
                painter.add(Shape::convex_polygon(vec![head[5], head[2], head[3], head[4]], colour, stroke));
            } else {
                painter.add(Shape::closed_line(head, stroke));
            }
            painter.add(polyline(vec![at(8.0, 9.5), at(8.0, 14.5)]));
        }
        Icon::Scissors => {
            for side in [-1.0, 1.0] {
                painter.circle_stroke(at(8.0 + side * 3.8, 12.2), 2.2, stroke);
                painter.add(polyline(vec![at(8.0 + side * 2.6, 10.2), at(8.0 - side * 3.2, 1.8)]));
            }
        }
        Icon::Undo => {
            let mut hook = arc(at(9.8, 9.2), 3.2, -PI / 2.0, PI / 2.0);
            hook.insert(0, at(2.8, 6.0));
            hook.push(at(6.0, 12.4));
            painter.add(polyline(hook));
            painter.add(polyline(vec![at(5.8, 2.8), at(2.6, 6.0), at(5.8, 9.2)]));
        }
        Icon::Export => {
            painter.add(polyline(vec![at(8.0, 10.0), at(8.0, 2.0)]));
            painter.add(polyline(vec![at(4.5, 5.2), at(8.0, 1.8), at(11.5, 5.2)]));
            painter.add(polyline(vec![at(2.5, 9.5), at(2.5, 13.5), at(13.5, 13.5), at(13.5, 9.5)]));
        }
    }
}

fn arc(centre: Pos2, radius: f32, from: f32, to: f32) -> Vec<Pos2> {
    let n = ((to - from).abs() / TAU * 48.0).ceil().max(2.0) as usize;
    (0..=n)
        .map(|i| {
            let a = from + (to - from) * i as f32 / n as f32;
            centre + radius * vec2(a.cos(), a.sin())
        })
        .collect()
}

/// The hook of a question mark, its dot apart.
fn question(c: Pos2) -> Vec<Pos2> {
    let mut hook = arc(pos2(c.x, c.y - 2.8), 3.2, -PI, 0.3 * PI);
    hook.push(pos2(c.x, c.y + 1.2));
    hook.push(pos2(c.x, c.y + 2.8));
    hook
}

/// The mark: an amber arch over a blue block, the skip over the branch.
pub fn mark(painter: &Painter, rect: Rect, arch: Color32, block: Color32, ink: Color32) {
    let c = rect.center() + vec2(0.0, 4.0);
    let ground = Stroke::new(line::TRUNK, ink);
    painter.line_segment([c + vec2(-13.0, 3.0), c + vec2(13.0, 3.0)], ground);
    painter.rect_filled(Rect::from_center_size(c + vec2(0.0, 2.0), vec2(11.0, 11.0)), 2.0, block);
    let mut points = arc(c, 10.0, -PI, 0.0);
    points.insert(0, c + vec2(-10.0, 3.0));
    points.push(c + vec2(10.0, 3.0));
    painter.add(Shape::line(points, Stroke::new(4.0, arch)));
}
