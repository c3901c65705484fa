//! Where values stand on a chart's axes, and where its ticks are.

use super::super::super::charts::Along;
use super::super::super::history::History;
use super::super::super::numbers;

/// How values stand on the vertical axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    Linear,
    Log,
}

impl Scale {
    pub fn to(self, v: f32) -> f64 {
        match self {
            Self::Linear => v.into(),
            Self::Log => f64::from(v.max(1e-9)).log10(),
        }
    }

    pub fn from(self, y: f64) -> f64 {
        match self {
            Self::Linear => y,
            Self::Log => 10f64.powf(y),
        }
    }

    /// Ticks between `low` and `high`, both on the axis.
    pub fn ticks(self, low: f64, high: f64) -> Vec<f64> {
        match self {
            Self::Linear => {
                let step = nice_step((high - low) / 4.0);
                let first = (low / step).ceil() as i64;
                (first..).map(|i| i as f64 * step).take_while(|v| *v <= high + step * 1e-6).collect()
            }
            Self::Log => {
                let all = |marks: &[f64]| -> Vec<f64> {
                    (low.floor() as i32..=high.ceil() as i32)
                        .flat_map(|e| marks.iter().map(move |m| f64::from(e) + m.log10()).collect::<Vec<_>>())
                        .filter(|v| (low - 1e-9..=high + 1e-9).contains(v))
                        .collect()
                };
                let usual = all(&[1.0, 2.0, 5.0]);
                match usual.len() {
                    0..=2 => {
                        let fine = all(&[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0]);
                        // In so short a part a logarithmic axis is nearly a linear one.
                        let linear = || Self::Linear.ticks(self.from(low), self.from(high));
                        if fine.len() < 3 { linear().into_iter().map(f64::log10).collect() } else { fine }
                    }
                    3..=7 => usual,
                    _ => all(&[1.0]),
                }
            }
        }
    }

    /// The axis' ends for positive values between `least` and `most`: from below the lowest to above the
    /// highest, in steps, so that it moves seldom.
    pub fn around(self, least: f32, most: f32) -> (f64, f64) {
        match self {
            Self::Linear => {
                let most = f64::from(most) * 1.08;
                let step = nice_step(most / 4.0) / 2.0;
                (0.0, (most / step).ceil().max(1.0) * step)
            }
            Self::Log => {
                let low = (self.to(least * 0.8) * 10.0).floor() / 10.0;
                let high = (self.to(most * 1.1) * 10.0).ceil() / 10.0;
                (low, high)
            }
        }
    }
}

/// 1, 2 or 5 × 10ⁿ, the nearest above `v`.
pub fn nice_step(v: f64) -> f64 {
    let decade = 10f64.powf(v.max(1e-12).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * decade).find(|s| *s >= v * 0.999).unwrap_or(10.0 * decade)
}

/// The horizontal axis: what a step is on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Across {
    along: Along,
    /// Seconds in a unit, and the unit.
    unit: (f64, &'static str),
    /// Where the curves are going to end, and where the axis does if they do not go on beyond it.
    to: Option<(f64, f64)>,
}

impl Across {
    /// An axis that holds all of `histories`.
    pub fn of<'a>(along: Along, histories: impl Iterator<Item = &'a History>) -> Self {
        let longest = histories.map(|h| h.seconds_at(u64::MAX)).fold(0.0, f32::max);
        let unit = match longest {
            s if s < 180.0 => (1.0, "s"),
            s if s < 3.0 * 3600.0 => (60.0, "min"),
            _ => (3600.0, "h"),
        };
        Self { along, unit, to: None }
    }

    /// The same for curves that are going to end at `last`, with an axis that goes on to `end` without ticks.
    pub fn up_to(self, last: f64, end: f64) -> Self {
        Self { to: Some((last, end)), ..self }
    }

    /// Where `step` of a run stands; `None` where that is not known.
    pub fn at(&self, history: &History, step: u64) -> Option<f64> {
        match self.along {
            Along::Step => Some(step as f64),
            Along::Epoch => history.steps_per_epoch.map(|n| step as f64 / n),
            Along::Time => Some(f64::from(history.seconds_at(step)) / self.unit.0),
        }
    }

    /// As a tick says it that has its next neighbour `gap` away.
    pub fn tick(&self, v: f64, gap: f64) -> String {
        if self.to.is_some_and(|(last, _)| v > last) {
            return String::new();
        }
        let fine = gap < 10f64.powf(v.abs().max(1.0).log10().floor()) / 100.0;
        match self.along {
            Along::Step if fine => numbers::grouped(v.round().max(0.0) as u64),
            Along::Step => numbers::axis_step(v),
            Along::Epoch => numbers::axis_value(v),
            Along::Time => format!("{}\u{2009}{}", numbers::axis_value(v), self.unit.1),
        }
    }

    /// The shortest part of the axis, of which `whole` is all, that still tells its steps apart.
    pub fn least(&self, whole: f64) -> f64 {
        match self.along {
            Along::Step => 10.0,
            Along::Epoch | Along::Time => (whole / 2000.0).max(0.02),
        }
    }

    /// Right end of the axis: it grows in few, large steps, so that curves do not creep.
    pub fn horizon(&self, last: f64) -> f64 {
        if let Some((_, end)) = self.to.filter(|to| to.1 > last) {
            return end;
        }
        let mut end = match self.along {
            Along::Step => 50.0,
            Along::Epoch => 1.0,
            Along::Time => 10.0,
        };
        while end < last * 1.02 {
            end *= 1.25;
        }
        let step = nice_step(end / 20.0);
        step * (end / step).ceil()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Event, StepRecord};

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(Scale::Linear.ticks(0.0, 1.0), [0.0, 0.5, 1.0]);
        let log = Scale::Log.ticks(-1.0, 1.0);
        assert_eq!(log.len(), 7);
        assert_eq!(Scale::Linear.ticks(0.0, 4e-7).len(), 5);
        assert_eq!(Scale::Linear.around(0.1, 0.1), (0.0, 0.125));
        let short = Scale::Log.ticks(0.51_f64.log10(), 0.53_f64.log10());
        assert!(short.len() >= 3, "{short:?}");
        assert!(short.iter().all(|t| (0.5099..=0.5301).contains(&10f64.powf(*t))), "{short:?}");
    }

    #[test]
    fn a_step_is_an_epoch_only_once_its_length_is_known() {
        let mut h = History::default();
        for step in 0..10 {
            h.on_event(&Event::Step(Box::new(StepRecord { step, ..StepRecord::default() })));
        }
        let across = Across::of(Along::Epoch, [&h].into_iter());
        assert_eq!(across.at(&h, 5), None);
        h.steps_per_epoch = Some(2.0);
        assert_eq!(across.at(&h, 5), Some(2.5));
        assert_eq!(across.horizon(0.3), 1.0);
        let steps = Across::of(Along::Step, [&h].into_iter());
        let race = steps.up_to(400.0, 500.0);
        assert_eq!((race.horizon(3.0), race.horizon(400.0)), (500.0, 500.0));
        assert_eq!((race.tick(400.0, 100.0).as_str(), race.tick(500.0, 100.0).as_str()), ("400", ""));
        assert!(race.horizon(700.0) > 700.0);
        assert_eq!(steps.tick(12_000.0, 2000.0), "12\u{2009}k");
        assert_eq!(steps.tick(12_005.0, 5.0), "12,005");
        assert!(across.horizon(900.0) >= 900.0);
    }
}
