//! What experiments have found, as lessons write it.

use super::super::super::form::title;
use super::super::super::numbers;
use super::cause::Measured;
use super::form::Which;
use super::landscape;
use super::state::LabState;
use crate::lab::cause_grid::init_name;
use crate::lab::landscape::survey;
use crate::model::ModelSpec;
use crate::session::{Found, GridOutcome, LesionOutcome};

/// A value of the cause lab: the network, `bn` or `bare`, the initial weights, what was measured, before which step.
struct CauseValue<'a> {
    network: &'a str,
    batch_norm: bool,
    init: &'a str,
    measured: Measured,
    step: u64,
}

impl<'a> CauseValue<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let [network, norm, init, measured, step] = parts.as_slice() else { return None };
        Some(Self {
            network,
            batch_norm: match *norm {
                "bn" => true,
                "bare" => false,
                _ => return None,
            },
            init,
            measured: match *measured {
                "ratio" => Measured::Ratio,
                "growth" => Measured::Growth,
                "dead" => Measured::Dead,
                "loss" => Measured::Loss,
                _ => return None,
            },
            step: step.parse().ok()?,
        })
    }
}

/// Mean accuracy over all lesions that were measured.
pub fn mean(run: &LesionOutcome) -> Option<f32> {
    let measured: Vec<f32> = run.lesions.iter().filter_map(|l| l.measured).map(|m| m.accuracy).collect();
    (!measured.is_empty()).then(|| measured.iter().sum::<f32>() / measured.len() as f32)
}

impl LabState {
    /// Whether there can be such a value.
    pub fn knows(what: &str, rest: &str) -> bool {
        match what {
            "cause" => CauseValue::read(rest).is_some(),
            "explained" => rest.parse::<usize>().is_ok(),
            _ => !rest.is_empty(),
        }
    }

    fn lesion_runs(&self) -> Option<&[LesionOutcome]> {
        match self.seen(Which::Lesion)?.found.as_ref()? {
            Found::Lesion(runs) => Some(runs),
            _ => None,
        }
    }

    fn grid(&self) -> Option<&GridOutcome> {
        match self.seen(Which::Cause)?.found.as_ref()? {
            Found::CauseGrid(grid) => Some(grid),
            _ => None,
        }
    }

    fn surfaces(&self) -> Option<&survey::Outcome> {
        match self.seen(Which::Landscape)?.found.as_ref()? {
            Found::Landscape(found) => Some(found),
            _ => None,
        }
    }

    /// A line a network: share of its surface in random directions that lies within 1 nat of its least loss.
    pub fn basins(&self) -> Option<String> {
        landscape::basins(self.surfaces()?)
    }

    /// `lesion`, of which `rest` names the network's place, 0 or 1, and perhaps a block, or `intact`; `cause`; or `explained`, of which it is the place.
    pub fn value(&self, what: &str, rest: &str) -> Option<String> {
        if what == "cause" {
            let wanted = CauseValue::read(rest)?;
            let cell = self.grid()?.cells.iter().find(|c| {
                ModelSpec::cifar_name(c.cell.depth, c.cell.skip) == wanted.network
                    && c.cell.batch_norm == wanted.batch_norm
                    && init_name(c.cell.init) == wanted.init
            })?;
            let mark = cell.marks.iter().find(|m| m.step == wanted.step)?;
            return Some(wanted.measured.written(wanted.measured.of(mark)));
        }
        if what == "explained" {
            return landscape::explained(self.surfaces()?, rest.parse().ok()?);
        }
        let (place, block) = rest.split_once(':').unwrap_or((rest, ""));
        let run = self.lesion_runs()?.get(place.parse::<usize>().ok()?)?;
        Some(numbers::percent(match block {
            "" => mean(run)?,
            "intact" => run.intact?.accuracy,
            name => run.lesions.iter().find(|l| l.blocks == [name])?.measured?.accuracy,
        }))
    }

    /// A line a network: intact, and the mean over its lesions.
    pub fn lesions(&self) -> Option<String> {
        let lines = self.lesion_runs()?.iter().filter_map(|run| {
            let (intact, mean) = (numbers::percent(run.intact?.accuracy), numbers::percent(mean(run)?));
            Some(format!("- {}: {intact} → **{mean}**", title(&run.name)))
        });
        Some(lines.collect::<Vec<_>>().join("\n"))
    }
}
