//! How fast blocks learn to do nothing.

use super::results::{Document, Results};
use super::runs::IDENTITY;
use super::told::{Margin, exceeds, mean, short, table};
use anyhow::Result;
use serde::Deserialize;

const CLAIM: &str = "\
## The identity is easy

He et al. 2015 (§3.1): solvers may find it hard to approximate the identity by layers, and easy to drive a residual to zero.
Three blocks of two convolutions learn the identity plus a small known residual from random inputs ≥ 0, at four learning rates;
told is the rate at which a lane gets furthest. “To the identity” counts steps until the loss is that of the exact identity.
";

#[derive(Deserialize)]
struct Outcome {
    identity_loss: f64,
    residual: f64,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    skip: bool,
    batch_norm: bool,
    zero_gamma: bool,
    lr: f64,
    seed: u64,
    to_identity: Option<u64>,
    to_residual: Option<u64>,
    diverged: Option<u64>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    loss: Option<f64>,
    branch: Vec<Option<f64>>,
}

impl Run {
    /// Mean loss of its last ten steps, infinite where it diverged.
    fn last_loss(&self) -> f64 {
        let last = &self.steps[self.steps.len().saturating_sub(10)..];
        let losses: Option<Vec<f64>> = last.iter().map(|s| s.loss).collect();
        match losses {
            Some(losses) if self.diverged.is_none() => mean(&losses),
            _ => f64::INFINITY,
        }
    }

    fn branch(&self, step: Option<&Step>) -> Option<f64> {
        step?.branch.first().copied().flatten()
    }
}

/// The seeds of one lane at its best learning rate.
struct Lane<'a> {
    skip: bool,
    batch_norm: bool,
    name: String,
    rate: f64,
    runs: Vec<&'a Run>,
}

pub fn section(r: &Results) -> Result<String> {
    let mut text = format!("{CLAIM}\n{}\n", r.commands(&[IDENTITY]));
    for document in r.documents::<Outcome>(&IDENTITY)? {
        text.push_str(&told(&document));
    }
    Ok(text)
}

fn lanes(runs: &[Run]) -> Vec<Lane<'_>> {
    let mut lanes: Vec<Lane<'_>> = Vec::new();
    for first in runs {
        let kind = (first.skip, first.batch_norm, first.zero_gamma);
        let name = [
            if first.skip { "skip" } else { "plain" },
            if first.batch_norm { ", batch norm" } else { "" },
            if first.zero_gamma { ", last γ from 0" } else { "" },
        ]
        .concat();
        if lanes.iter().any(|l| l.name == name) {
            continue;
        }
        let like = runs.iter().filter(|r| (r.skip, r.batch_norm, r.zero_gamma) == kind);
        let like: Vec<&Run> = like.collect();
        let at = |rate: f64| like.iter().copied().filter(|r| r.lr == rate).collect::<Vec<_>>();
        let worth = |runs: &[&Run]| mean(&runs.iter().map(|r| r.last_loss()).collect::<Vec<_>>());
        let best = like.iter().map(|r| r.lr).min_by(|a, b| worth(&at(*a)).total_cmp(&worth(&at(*b))));
        if let Some(rate) = best {
            lanes.push(Lane { skip: first.skip, batch_norm: first.batch_norm, name, rate, runs: at(rate) });
        }
    }
    lanes
}

fn steps(values: &[Option<u64>]) -> String {
    let there: Vec<u64> = values.iter().flatten().copied().collect();
    let range = match (there.iter().min(), there.iter().max()) {
        (Some(a), Some(b)) if a == b => a.to_string(),
        (Some(a), Some(b)) => format!("{a} to {b}"),
        _ => return "never".into(),
    };
    match values.len() - there.len() {
        0 => range,
        never => format!("{range}; {never} of {} never", values.len()),
    }
}

fn told(document: &Document<Outcome>) -> String {
    let o = &document.outcome;
    let lanes = lanes(&o.runs);
    let header = [
        "Blocks",
        "Seeds",
        "Learning rate",
        "Steps to the identity",
        "To half its loss",
        "Last loss",
        "‖F(x)‖/‖x‖, first step",
        "Last step",
    ];
    let row = |l: &Lane<'_>| {
        let all = |f: fn(&Run) -> Option<f64>| {
            let values: Vec<f64> = l.runs.iter().filter_map(|r| f(r)).collect();
            if values.is_empty() { "–".into() } else { short(mean(&values)) }
        };
        vec![
            l.name.clone(),
            l.runs.len().to_string(),
            short(l.rate),
            steps(&l.runs.iter().map(|r| r.to_identity).collect::<Vec<_>>()),
            steps(&l.runs.iter().map(|r| r.to_residual).collect::<Vec<_>>()),
            all(|r| Some(r.last_loss()).filter(|l| l.is_finite())),
            all(|r| r.branch(r.steps.first())),
            all(|r| r.branch(r.steps.last())),
        ]
    };
    let rows: Vec<_> = lanes.iter().map(row).collect();
    let mut text = format!(
        "{}\n{} steps each. The exact identity has a loss of {}; the residual is {:.1} % of x. A plain block's F(x) has to \
         be x itself.\n\n",
        table(&header, &rows),
        o.runs.iter().map(|r| r.steps.len()).max().unwrap_or(0),
        short(o.identity_loss),
        o.residual * 100.0
    );
    for norm in [false, true] {
        let find = |skip| lanes.iter().find(|l| l.skip == skip && l.batch_norm == norm);
        let (Some(with), Some(without)) = (find(true), find(false)) else { continue };
        let twin = |w: &Run| without.runs.iter().copied().find(|p| p.seed == w.seed);
        let pairs = with.runs.iter().filter_map(|w| Some((twin(w)?.last_loss(), w.last_loss())));
        let pairs: Vec<_> = pairs.collect();
        let there = |l: &Lane<'_>| l.runs.iter().filter(|r| r.to_identity.is_some()).count();
        let norm = if norm { "With" } else { "Without" };
        text.push_str(&format!(
            "- {norm} batch norm, plain blocks end with a higher loss than those with a skip, {} The identity's loss is \
             reached in {} of {} runs with a skip and {} of {} without.\n",
            exceeds(&pairs, Margin::Share),
            there(with),
            with.runs.len(),
            there(without),
            without.runs.len()
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(skip: bool, lr: f64, seed: u64, to: &str, loss: &str) -> String {
        format!(
            r#"{{"skip":{skip},"batch_norm":false,"zero_gamma":false,"lr":{lr},"seed":{seed},"to_identity":{to},"to_residual":null,
            "diverged":null,"steps":[{{"loss":1.0,"branch":[2.0],"gamma":null}},{{"loss":{loss},"branch":[0.5],"gamma":null}}]}}"#
        )
    }

    #[test]
    fn lanes_are_told_at_their_best_rate() {
        let runs = [
            run(true, 0.1, 1, "7", "0.1"),
            run(true, 0.1, 2, "9", "0.1"),
            run(true, 0.5, 1, "99", "0.9"),
            run(true, 0.5, 2, "null", "null"),
            run(false, 0.1, 1, "null", "0.2"),
            run(false, 0.1, 2, "8", "0.2"),
        ];
        let json = format!(
            r#"{{"experiment":"identity","version":"1","adapter":"a","data":"generated","outcome":{{"blocks":3,
            "identity_loss":0.01,"residual":0.1,"runs":[{}]}}}}"#,
            runs.join(",")
        );
        let text = told(&serde_json::from_str(&json).expect("a document"));
        assert!(text.contains("| skip | 2 | 0.100 | 7 to 9 | never | 0.550 | 2.00 | 0.500 |"), "{text}");
        assert!(text.contains("| plain | 2 | 0.100 | 8; 1 of 2 never | never | 0.600"), "{text}");
        assert!(text.contains("those with a skip, by 5 % or more, in 2 of 2 runs; too few for a verdict. The identity's loss is reached in 2 of 2 runs with a skip and 1 of 2"), "{text}");
    }
}
