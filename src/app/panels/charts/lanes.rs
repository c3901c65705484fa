//! Runs as curves: a colour and a mark for each, the same in charts and in the list of runs.

use super::super::super::history::{Bucket, History, Series};
use super::super::super::state::AppState;
use super::super::super::theme::Palette;
use super::scale::Across;
use eframe::egui::{Color32, Painter, Pos2, Shape, Stroke, vec2};

/// A run's sign at the end of its curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Circle,
    Square,
    Triangle,
    Diamond,
}

/// Colour and mark of a lane: no two of sixteen have both in common.
pub fn look(p: &Palette, lane: usize) -> (Color32, Mark) {
    let colours = [p.lane_a, p.lane_b, p.lane_c, p.lane_d];
    let marks = [Mark::Circle, Mark::Square, Mark::Triangle, Mark::Diamond];
    (colours[lane % 4], marks[(lane + lane / 4) % 4])
}

impl Mark {
    /// Draws it `radius` large around `at`.
    pub fn draw(self, painter: &Painter, at: Pos2, radius: f32, fill: Color32, stroke: Stroke) {
        let points =
            |corners: &[(f32, f32)]| corners.iter().map(|(x, y)| at + vec2(*x, *y) * radius).collect();
        painter.add(match self {
            Self::Circle => {
                Shape::Circle(eframe::egui::epaint::CircleShape { center: at, radius, fill, stroke })
            }
            Self::Square => Shape::convex_polygon(
                points(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
                fill,
                stroke,
            ),
            Self::Triangle => {
                Shape::convex_polygon(points(&[(0.0, -1.1), (1.1, 0.9), (-1.1, 0.9)]), fill, stroke)
            }
            Self::Diamond => Shape::convex_polygon(
                points(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
                fill,
                stroke,
            ),
        });
    }
}

/// One run in a chart.
pub struct Lane {
    pub name: String,
    pub colour: Color32,
    pub mark: Mark,
    /// Each with where its last step stands.
    pub buckets: Vec<(f64, Bucket)>,
    /// Where an evaluation stands, its step, its value.
    pub tests: Vec<(f64, u64, f32)>,
}

impl Lane {
    /// Where the last value stands.
    pub fn end(&self) -> f64 {
        let train = self.buckets.last().map_or(0.0, |b| b.0);
        self.tests.last().map_or(train, |t| train.max(t.0))
    }
}

/// What is taken of a run.
pub type Pick = fn(&History) -> (&Series, Vec<(u64, f32)>);

/// The run that is trained, then the earlier ones that are drawn; and the axis that holds them.
pub fn lanes(p: &Palette, state: &AppState, pick: Pick) -> (Vec<Lane>, Across) {
    let current = state.runs.current.as_ref().map_or("", |a| a.name.as_str());
    let all = || {
        let earlier = state.runs.drawn().map(|r| (r.about.name.as_str(), &r.history, r.lane));
        std::iter::once((current, &state.history, 0)).chain(earlier)
    };
    let across = Across::of(state.charts.along, all().map(|r| r.1));
    let lane = |(name, history, lane): (&str, &History, usize)| {
        let (series, tests) = pick(history);
        let (colour, mark) = look(p, lane);
        let place = |step| across.at(history, step);
        Lane {
            name: name.to_owned(),
            colour,
            mark,
            buckets: series.buckets().iter().filter_map(|b| Some((place(b.last_step)?, *b))).collect(),
            tests: tests.into_iter().filter_map(|(s, v)| Some((place(s)?, s, v))).collect(),
        }
    };
    (all().map(lane).collect(), across)
}

#[cfg(test)]
mod tests {
    use super::super::super::super::theme::DARK;
    use super::*;

    #[test]
    fn no_two_lanes_look_the_same() {
        let looks: Vec<_> = (0..16).map(|l| look(&DARK, l)).collect();
        for (i, a) in looks.iter().enumerate() {
            assert!(!looks[..i].contains(a), "lane {i}");
        }
    }
}
