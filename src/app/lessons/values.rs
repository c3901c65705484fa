//! Values in a lesson's text: `{loss}` becomes what is measured when it is revealed, on this machine.

use super::super::axis::Layers;
use super::super::history::History;
use super::super::numbers::{self, UNKNOWN};
use super::super::panels::{LabState, verdicts};
use super::super::runs::Run;
use super::found;
use crate::model::{Graph, by_name};
use crate::session::{RaceView, Snapshot};
use std::collections::BTreeMap;

/// What stands for a value that needs no name behind it.
const PLAIN: [&str; 13] = [
    "step",
    "loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "parameters",
    "macs",
    "first_by_last",
    "adapter",
    "runs",
    "race",
    "lesions",
    "basins",
];
/// What is measured of a block, as in `{share:layer1.0}`.
const OF_BLOCK: [&str; 3] = ["share", "std", "ratio"];
/// What an experiment has found, as in `{lesion:0:layer2.0}` and `{cause:plain56:bn:he:ratio:0}`.
const OF_LAB: [&str; 3] = ["lesion", "cause", "explained"];
/// The same without words, as in `{identity:skip:bn:steps}` and `{paths:gradient}`.
const OF_FOUND: [&str; 2] = ["identity", "paths"];
/// What is counted in a network, as in `{macs:resnet50}`.
const OF_NETWORK: [&str; 2] = ["parameters", "macs"];

/// Where values come from.
pub struct Source<'a> {
    pub snapshot: &'a Snapshot,
    pub history: &'a History,
    /// Earlier runs, and what the one that is trained is called.
    pub runs: &'a [Run],
    pub name: &'a str,
    pub lab: &'a LabState,
    /// What came out of a race when the lesson's own was over; any other is the last one.
    pub raced: Option<&'a str>,
    /// Runs begun before this moment, in milliseconds since 1970, are none of the lesson's.
    pub since: u64,
}

/// Values by their names, as they are written.
pub type Measured = BTreeMap<String, String>;

/// The text itself if every value in it is one that there is.
pub fn checked(text: &str) -> Result<String, String> {
    for name in names(text) {
        let known = match name.split_once(':') {
            Some((what, network)) if OF_NETWORK.contains(&what) => by_name(network).is_some(),
            Some((what, rest)) if OF_LAB.contains(&what) => LabState::knows(what, rest),
            Some((what, rest)) if OF_FOUND.contains(&what) => found::knows(what, rest),
            Some((what, block)) => OF_BLOCK.contains(&what) && !block.is_empty(),
            None => PLAIN.contains(&name),
        };
        if !known {
            return Err(format!("there is no value {{{name}}}"));
        }
    }
    Ok(text.to_owned())
}

/// What stands between braces.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// What is measured now of the values in `text`, by their names.
pub fn measured(text: &str, source: &Source<'_>) -> Measured {
    names(text).map(|name| (name.to_owned(), value(name, source))).collect()
}

/// `text` with what was measured in the place of its values.
pub fn filled(text: &str, measured: &Measured) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        out += before;
        out += measured.get(name).map_or(UNKNOWN, String::as_str);
        rest = after;
    }
    out + rest
}

fn value(name: &str, source: &Source<'_>) -> String {
    known(name, source).unwrap_or_else(|| UNKNOWN.into())
}

fn known(name: &str, source: &Source<'_>) -> Option<String> {
    let s = source.snapshot;
    if let Some((what, of)) = name.split_once(':') {
        if OF_LAB.contains(&what) {
            return source.lab.value(what, of);
        }
        if OF_FOUND.contains(&what) {
            return found::value(source.lab, what, of);
        }
        if OF_NETWORK.contains(&what) {
            let graph = Graph::new(&by_name(of)?).ok()?;
            return Some(counted(what, graph.parameter_count() as u64, graph.macs()));
        }
        let at = s.model.as_ref()?.block_names.iter().position(|b| b == of)?;
        let block = s.last.as_ref()?.blocks.get(at)?;
        return Some(match what {
            "share" => numbers::ratio(block.skip_share()),
            "std" => numbers::ratio(block.output.std),
            _ => numbers::ratio(block.branch.rms() / block.shortcut.rms()),
        });
    }
    Some(match name {
        "step" => numbers::grouped(s.step),
        "loss" => numbers::loss(source.history.loss.smooth()?),
        "train_accuracy" => numbers::percent(source.history.accuracy.smooth()?),
        "test_loss" => numbers::loss(s.evaluation?.loss),
        "test_accuracy" => numbers::percent(s.evaluation?.accuracy),
        "parameters" | "macs" => {
            let model = s.model.as_ref()?;
            counted(name, model.parameters as u64, model.macs)
        }
        "first_by_last" => {
            let layers = Layers::of(&Graph::new(&s.model.as_ref()?.spec).ok()?);
            numbers::ratio(layers.first_by_last(&s.last.as_ref()?.grad_norm)?)
        }
        "adapter" => s.adapter.clone(),
        "runs" => compared(source),
        "race" => match source.raced {
            Some(then) => then.to_owned(),
            None => raced(s.race.as_deref()?),
        },
        "lesions" => source.lab.lesions()?,
        "basins" => source.lab.basins()?,
        _ => return None,
    })
}

/// What came out of a race so far, a line a network.
pub fn raced(race: &RaceView) -> String {
    let line = |(name, verdict): (String, String)| format!("- {name}: **{verdict}**");
    verdicts(race).into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn counted(what: &str, parameters: u64, macs: u64) -> String {
    let (value, unit) = numbers::count(if what == "macs" { macs } else { parameters });
    if unit.is_empty() { value } else { format!("{value} {unit}") }
}

/// Smoothed training loss of each run at the last step that all of them have, one a line.
fn compared(source: &Source<'_>) -> String {
    let now = (source.name, source.history);
    let earlier = source
        .runs
        .iter()
        .filter(|r| r.about.id >= source.since)
        .map(|r| (r.about.name.as_str(), &r.history));
    let all: Vec<_> = earlier.chain([now]).filter(|(_, h)| h.steps() > 0).collect();
    let Some(step) = all.iter().filter_map(|(_, h)| h.loss.last_step()).min() else { return UNKNOWN.into() };
    let at =
        |h: &History| h.loss.buckets().iter().take_while(|b| b.first_step <= step).last().map(|b| b.smooth);
    let lines = all.iter().filter_map(|(name, h)| Some(format!("- {name}: **{}**", numbers::loss(at(h)?))));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_network() {
        let (snapshot, history) = (Snapshot::default(), History::default());
        let source = Source {
            snapshot: &snapshot,
            history: &history,
            runs: &[],
            name: "",
            lab: &LabState::default(),
            since: 0,
            raced: None,
        };
        let filled = |text| filled(text, &measured(text, &source));
        assert_eq!(filled("ResNet-18: {parameters:resnet18}."), "ResNet-18: 11.17 M.");
        assert_eq!(filled("{loss}, {share:layer1.0} and } {"), "–, – and } {");
    }

    #[test]
    fn a_value_that_there_is_not_is_said() {
        assert!(checked("{loss} {macs:resnet50} {share:layer3.1}").is_ok());
        assert!(
            checked("{basins} {explained:1} {lesions} {lesion:0:layer2.0} {cause:plain56:bn:he:ratio:0}")
                .is_ok()
        );
        assert!(checked("{identity:plain:bare:loss} {paths:gradient}").is_ok());
        for text in [
            "{los}",
            "{macs:resnet9000}",
            "{share:}",
            "{}",
            "{password}",
            "{cause:plain56:he}",
            "{lesion:}",
            "{explained:x}",
            "{identity:skip:bn}",
            "{paths:5}",
        ] {
            assert!(checked(text).is_err(), "{text}");
        }
    }
}
