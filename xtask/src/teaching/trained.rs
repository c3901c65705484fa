//! Training runs, whether raced or trained alone.

use super::results::{Document, Results};
use super::runs::Experiment;
use super::told::{Margin, exceeds, mean, short, title};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One network trained with one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    pub network: String,
    pub data: String,
    pub seed: u64,
    /// Training loss over the last epoch in nats, or over the last tenth of a run shorter than that; `None` if it
    /// diverged.
    pub loss: Option<f64>,
    /// On the test split after the last step, 0 to 1.
    pub accuracy: Option<f64>,
    /// Standard deviation of each block's branch in the last step, before the sum.
    pub responses: Vec<f64>,
    /// The same as a multiple of what comes by its skip; empty where that is not told.
    pub to_skips: Vec<f64>,
}

#[derive(Deserialize)]
struct Race {
    lanes: Vec<Lane>,
}

#[derive(Deserialize)]
struct Lane {
    lane: Named,
    runs: Vec<LaneRun>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct LaneRun {
    seed: u64,
    last_loss: Option<f64>,
    test_accuracy: Option<f64>,
    blocks: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    branch: Moments,
    shortcut: Option<Moments>,
}

#[derive(Deserialize)]
struct Moments {
    std: f64,
}

/// A line of `skipscope train --log FILE.jsonl`.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Run { model: String, data: String, recipe: Recipe },
    Step { epoch: u64, loss: f64, blocks: BTreeMap<String, Block> },
    Evaluation { accuracy: f64 },
}

#[derive(Deserialize)]
struct Recipe {
    seed: u64,
}

fn stds<'a>(blocks: impl Iterator<Item = &'a Block>) -> Vec<f64> {
    blocks.map(|b| b.branch.std).collect()
}

fn to_skips<'a>(blocks: impl Iterator<Item = &'a Block>) -> Vec<f64> {
    blocks.filter_map(|b| Some(b.branch.std / b.shortcut.as_ref()?.std)).collect()
}

fn raced(document: Document<Race>) -> Vec<Trained> {
    let data = document.data;
    let of = |lane: Lane| {
        let network = title(&lane.lane.name);
        lane.runs.into_iter().map({
            let data = data.clone();
            move |r| Trained {
                network: network.clone(),
                data: data.clone(),
                seed: r.seed,
                loss: r.last_loss,
                accuracy: r.test_accuracy,
                responses: stds(r.blocks.iter()),
                to_skips: to_skips(r.blocks.iter()),
            }
        })
    };
    document.outcome.lanes.into_iter().flat_map(of).collect()
}

/// A log, from its first line to its last.
fn logged(text: &str) -> Result<Trained> {
    let mut lines = text.lines().map(serde_json::from_str::<Line>);
    let Line::Run { model, data, recipe } = lines.next().context("the log is empty")?? else {
        bail!("the log does not begin with its run");
    };
    let mut steps: Vec<(u64, f64)> = Vec::new();
    let (mut accuracy, mut last) = (None, BTreeMap::new());
    for line in lines {
        match line? {
            // It was interrupted and went on.
            Line::Run { model: m, recipe: r, .. } => {
                ensure!(m == model && r.seed == recipe.seed, "the log holds two runs");
            }
            Line::Step { epoch, loss, blocks } => {
                steps.push((epoch, loss));
                last = blocks;
            }
            Line::Evaluation { accuracy: a } => accuracy = Some(a),
        }
    }
    // As many steps as the first epoch has, as races count them; of a run that ends in it, the last tenth.
    let epoch = steps.partition_point(|(epoch, _)| *epoch == 0);
    let window = if epoch < steps.len() { epoch } else { steps.len().div_ceil(10) };
    ensure!(window > 0, "the log has no steps");
    let from = steps.len() - window;
    let losses: Vec<f64> = steps[from..].iter().map(|(_, loss)| *loss).collect();
    let (responses, to_skips) = (stds(last.values()), to_skips(last.values()));
    let loss = Some(mean(&losses)).filter(|l| l.is_finite());
    Ok(Trained { network: title(&model), data, seed: recipe.seed, loss, accuracy, responses, to_skips })
}

/// All that `races` and `trainings` have trained.
pub fn all(r: &Results, races: &[Experiment], trainings: &[Experiment]) -> Result<Vec<Trained>> {
    let mut all = Vec::new();
    for e in races {
        all.extend(r.documents(e)?.into_iter().flat_map(raced));
    }
    for e in trainings {
        all.extend(r.logs(e, logged)?);
    }
    Ok(all)
}

/// Networks in the order in which they come.
pub fn networks(all: &[Trained]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for t in all {
        if !names.contains(&t.network.as_str()) {
            names.push(&t.network);
        }
    }
    names
}

/// Values of `network`, one a seed that has one.
pub fn of(all: &[Trained], network: &str, value: impl Fn(&Trained) -> Option<f64>) -> Vec<f64> {
    all.iter().filter(|t| t.network == network).filter_map(value).collect()
}

/// Values of networks `a` and `b`, a pair for each seed that both have.
fn pairs(all: &[Trained], a: &str, b: &str, value: impl Fn(&Trained) -> Option<f64>) -> Vec<(f64, f64)> {
    let of = |network: &str, seed| all.iter().find(|t| t.network == network && t.seed == seed);
    let both = all.iter().filter(|t| t.network == a).filter_map(|t| Some((t, of(b, t.seed)?)));
    both.filter_map(|(x, y)| Some((value(x)?, value(y)?))).collect()
}

/// A line for every pair of networks that were both trained: whether the value of the first exceeds that of the second, as
/// `claim` puts it into words.
pub fn compared(
    all: &[Trained],
    networks: &[(&str, &str)],
    value: impl Fn(&Trained) -> Option<f64>,
    claim: impl Fn(&str, &str) -> String,
) -> String {
    let line = |&(a, b): &(&str, &str)| {
        let pairs = pairs(all, a, b, &value);
        // Seeds that only one of them has would not be compared, so they are left out of the means too.
        let left_out = [a, b].iter().any(|n| of(all, n, &value).len() > pairs.len());
        let same = if left_out { " with the same seeds" } else { "" };
        let told = |end: fn(&(f64, f64)) -> f64| short(mean(&pairs.iter().map(end).collect::<Vec<_>>()));
        (!pairs.is_empty()).then(|| {
            format!(
                "- {} ({} against {}{same}), {}\n",
                claim(a, b),
                told(|p| p.0),
                told(|p| p.1),
                exceeds(&pairs, Margin::Share)
            )
        })
    };
    networks.iter().filter_map(line).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn run(network: &str, seed: u64, loss: f64) -> Trained {
        let (network, data) = (network.to_owned(), "somewhere".to_owned());
        Trained {
            network,
            data,
            seed,
            loss: Some(loss),
            accuracy: Some(0.5),
            responses: vec![loss, 2.0 * loss],
            to_skips: Vec::new(),
        }
    }

    const RACE: &str = r#"{"experiment":"race","version":"1","adapter":"a","data":"d","outcome":{"differ":"shortcut",
        "headline":"h","seconds":[1.0],"lanes":[{"lane":{"name":"plain20","spec":{}},"layers":[],"alphas":[],
        "runs":[{"seed":3,"loss":[2.0],"last_loss":1.5,"test_accuracy":0.25,"test_loss":2.0,"diverged":null,
        "blocks":[{"branch":{"mean":0.0,"std":0.5},"dead":0.0}]}]}]}}"#;

    const LOG: &str = r#"{"kind":"run","model":"resnet56","data":"d","recipe":{"seed":2,"batch":64}}
{"kind":"step","step":0,"epoch":0,"loss":3.0,"blocks":{"layer1.0":{"branch":{"mean":0.0,"std":1.0}}}}
{"kind":"evaluation","step":1,"accuracy":0.1,"loss":2.0}
{"kind":"step","step":1,"epoch":1,"loss":2.0,"blocks":{"layer1.0":{"branch":{"mean":0.0,"std":1.0}}}}
{"kind":"step","step":2,"epoch":1,"loss":1.0,"blocks":{"layer1.0":{"shortcut":{"mean":0.0,"std":0.5},"branch":{"mean":0.0,"std":0.25}}}}
{"kind":"evaluation","step":3,"accuracy":0.4,"loss":1.9}"#;

    #[test]
    fn races_and_logs_tell_the_same_things() {
        let race = raced(serde_json::from_str(RACE).expect("a document"));
        let t = &race[0];
        assert_eq!((race.len(), t.network.as_str(), t.seed, t.loss), (1, "plain-20", 3, Some(1.5)));
        assert_eq!((t.accuracy, t.responses.as_slice()), (Some(0.25), [0.5].as_slice()));
        let t = logged(LOG).expect("a log");
        assert_eq!((t.network.as_str(), t.seed, t.loss), ("ResNet-56", 2, Some(1.0)));
        assert_eq!((t.accuracy, t.responses.as_slice()), (Some(0.4), [0.25].as_slice()));
        assert_eq!((race[0].to_skips.as_slice(), t.to_skips.as_slice()), ([].as_slice(), [0.5].as_slice()));
        let (head, rest) = LOG.split_once('\n').expect("lines");
        let goes_on = format!(
            "{head}\n{}",
            rest.replacen("{\"kind\":\"evaluation\"", &format!("{head}\n{{\"kind\":\"evaluation\""), 1)
        );
        let again = logged(&goes_on).expect("a log");
        assert_eq!((again.loss, again.accuracy), (t.loss, t.accuracy));
        assert!(logged(&format!("{LOG}\n{}", head.replace("\"seed\":2", "\"seed\":3"))).is_err());
        let cut = &LOG[..LOG.len() - 20];
        assert!(logged(cut).is_err() && logged("").is_err());
    }

    #[test]
    fn seeds_are_compared_with_themselves() {
        let all = [run("a", 1, 1.0), run("a", 2, 3.0), run("b", 1, 2.0), run("b", 2, 2.0), run("b", 3, 0.0)];
        assert_eq!(pairs(&all, "a", "b", |t| t.loss), [(1.0, 2.0), (3.0, 2.0)]);
        let text = compared(&all, &[("a", "b"), ("a", "c")], |t| t.loss, |a, b| format!("{a} beats {b}"));
        assert_eq!(
            text,
            "- a beats b (2.00 against 2.00 with the same seeds), by 5 % or more, in 1 of 2 runs; too few for a verdict.\n"
        );
        assert_eq!(networks(&all), ["a", "b"]);
    }
}
