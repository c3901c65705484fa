//! What makes deep networks hard to train: depth × skip × batch norm × initial weights.

use super::results::{Document, Results};
use super::runs::{GRID, GRID_SHAPES, GRID_TRAINED};
use super::told::{Margin, exceeds, percent, ratio_spread, short, spread, table, title};
use anyhow::Result;
use serde::Deserialize;
use std::collections::BTreeSet;

const CLAIM: &str = "\
## Vanishing gradients?

He et al. 2015 (§4.1): with batch norm, plain networks are “unlikely to be” held up by vanishing gradients. Yang et al. 2019
(arXiv 1902.08129): in deep plain networks with batch norm, gradients at initialisation grow towards the input instead.
Measured over the batch of the step: “first/last” is the gradient norm of the first block's first convolution over that of the
last block's (geometric mean); “growth” is the factor by which the standard deviation of the blocks' outputs grows from one to
the next. A gradient counts as vanished below a thousandth, norms as healthy within a factor of 100 over all blocks.
";

/// As in `skipscope lab cause-grid`.
const VANISHING: f64 = 1e-3;
const HEALTHY: f64 = 100.0;

#[derive(Deserialize)]
struct Outcome {
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    depth: usize,
    skip: bool,
    batch_norm: bool,
    init: String,
    seed: u64,
    marks: Vec<Mark>,
    /// The step at which its loss or activations were no longer finite, and what was not.
    diverged: Option<(u64, String)>,
}

#[derive(Clone, Deserialize)]
struct Mark {
    step: u64,
    loss: Option<f64>,
    grad_norm: Vec<Option<f64>>,
    first_over_last: Option<f64>,
    growth: Option<f64>,
    dead: Vec<f64>,
}

impl Mark {
    fn vanishes(&self) -> bool {
        match self.first_over_last {
            Some(ratio) => ratio < VANISHING,
            None => self.grad_norm.contains(&Some(0.0)),
        }
    }

    fn is_healthy(&self) -> bool {
        let inner = self.grad_norm.get(1..self.grad_norm.len().saturating_sub(1)).unwrap_or_default();
        let sizes: Option<Vec<f64>> = inner.iter().copied().collect();
        let Some(sizes) = sizes else { return false };
        let (low, high) = sizes.iter().fold((f64::INFINITY, 0.0_f64), |(l, h), g| (l.min(*g), h.max(*g)));
        low > 0.0 && high / low <= HEALTHY
    }
}

/// The cells that differ in nothing but their seed.
struct Kind<'a> {
    network: String,
    batch_norm: bool,
    init: &'a str,
    cells: Vec<&'a Cell>,
}

impl Kind<'_> {
    fn marks(&self, step: u64) -> Vec<&Mark> {
        self.cells.iter().filter_map(|c| c.marks.iter().find(|m| m.step == step)).collect()
    }

    /// What `of` is at `step` over the seeds, how many had diverged by then, and how many have no such value.
    fn told(&self, step: u64, of: impl Fn(&Mark) -> Option<f64>, shown: impl Fn(&[f64]) -> String) -> String {
        let values: Vec<f64> = self.marks(step).into_iter().filter_map(of).collect();
        let over = |c: &&&Cell| c.diverged.is_some() && c.marks.iter().all(|m| m.step < step);
        let diverged = self.cells.iter().filter(over).count();
        let lost = self.cells.len() - values.len() - diverged;
        let mut parts = Vec::new();
        if !values.is_empty() {
            parts.push(shown(&values));
        }
        if diverged > 0 {
            parts.push(format!("{diverged} diverged"));
        }
        match (lost, parts.is_empty()) {
            (0, _) => {}
            (_, true) => parts.push("0 or unknown".into()),
            (_, false) => parts.push(format!("{lost} at 0 or unknown")),
        }
        parts.join("; ")
    }

    fn ratios(&self) -> Vec<f64> {
        self.marks(0).iter().filter_map(|m| m.first_over_last).filter(|r| *r > 0.0).collect()
    }
}

pub fn section(r: &Results) -> Result<String> {
    let mut text = format!("{CLAIM}\n");
    for experiment in [GRID, GRID_SHAPES] {
        text.push_str(&r.commands(&[experiment]));
        text.push('\n');
        for document in r.documents::<Outcome>(&experiment)? {
            text.push_str(&told(&document));
        }
    }
    text.push_str(&format!("While they are trained:\n\n{}\n", r.commands(&[GRID_TRAINED])));
    for document in r.documents::<Outcome>(&GRID_TRAINED)? {
        text.push_str(&trained(&document));
    }
    text.push_str(
        "\nPyTorch's figures for first/last at He initialisation on 64 pictures of the archive: with batch norm plain-20 5.4, \
         plain-56 859, ResNet-56 3.7; plain-56 without 0.96.\n",
    );
    Ok(text)
}

fn kinds(cells: &[Cell]) -> Vec<Kind<'_>> {
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for cell in cells {
        let network = title(&format!("{}{}", if cell.skip { "resnet" } else { "plain" }, cell.depth));
        let same = |k: &&mut Kind<'_>| {
            k.network == network && k.batch_norm == cell.batch_norm && k.init == cell.init
        };
        match kinds.iter_mut().find(same) {
            Some(kind) => kind.cells.push(cell),
            None => {
                kinds.push(Kind { network, batch_norm: cell.batch_norm, init: &cell.init, cells: vec![cell] })
            }
        }
    }
    kinds
}

fn told(document: &Document<Outcome>) -> String {
    let cells = &document.outcome.cells;
    let header = [
        "Network",
        "Batch norm",
        "Init",
        "Seeds",
        "First/last at step 0",
        "Growth a block",
        "Dead channels",
        "Loss at step 0",
        "Vanished",
        "Healthy",
    ];
    let kinds = kinds(cells);
    let row = |k: &Kind<'_>| {
        let marks = k.marks(0);
        let growths: Vec<f64> = marks.iter().filter_map(|m| m.growth).collect();
        let dead: Vec<f64> = marks.iter().map(|m| super::told::mean(&m.dead)).collect();
        let loss = k.told(0, |m| m.loss, |losses| spread(losses, short));
        let count =
            |f: fn(&Mark) -> bool| format!("{} of {}", marks.iter().filter(|m| f(m)).count(), marks.len());
        let ratios = k.ratios();
        let ratio = if ratios.len() < marks.len() { "0 or unknown".into() } else { ratio_spread(&ratios) };
        vec![
            k.network.clone(),
            if k.batch_norm { "yes" } else { "no" }.into(),
            k.init.to_owned(),
            k.cells.len().to_string(),
            ratio,
            ratio_spread(&growths),
            spread(&dead, percent),
            loss,
            count(Mark::vanishes),
            count(Mark::is_healthy),
        ]
    };
    let rows: Vec<_> = kinds.iter().map(row).collect();
    format!("On {}:\n\n{}\n{}\n", document.data, table(&header, &rows), judged(&kinds))
}

/// The same cells at every step that was measured.
fn trained(document: &Document<Outcome>) -> String {
    let cells = &document.outcome.cells;
    let steps: BTreeSet<u64> = cells.iter().flat_map(|c| &c.marks).map(|m| m.step).collect();
    let mut header: Vec<String> = ["Network", "Batch norm", "Init", "Seeds"].map(String::from).into();
    header.extend(steps.iter().map(|s| format!("First/last at step {s}")));
    header.extend(steps.iter().map(|s| format!("Loss at step {s}")));
    let kinds = kinds(cells);
    let row = |k: &Kind<'_>| {
        let norm = if k.batch_norm { "yes" } else { "no" };
        let mut row = vec![k.network.clone(), norm.into(), k.init.to_owned(), k.cells.len().to_string()];
        row.extend(
            steps.iter().map(|s| k.told(*s, |m| m.first_over_last.filter(|r| *r > 0.0), ratio_spread)),
        );
        row.extend(steps.iter().map(|s| k.told(*s, |m| m.loss, |losses| spread(losses, short))));
        row
    };
    let rows: Vec<_> = kinds.iter().map(row).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut text = format!("On {}:\n\n{}\n", document.data, table(&header, &rows));
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return text };
    let find = |network: &str| kinds.iter().find(|k| k.network == network && k.batch_norm);
    let at = |cell: &Cell, step: u64, of: fn(&Mark) -> Option<f64>| {
        of(cell.marks.iter().find(|m| m.step == step)?)
    };
    let Some(plain) = find("plain-56") else { return text };
    let shrunk = |step: u64| {
        let ratio: fn(&Mark) -> Option<f64> = |m| m.first_over_last;
        let both = plain.cells.iter().filter_map(|c| Some((at(c, *first, ratio)?, at(c, step, ratio)?)));
        let both: Vec<_> = both.collect();
        (both.iter().filter(|(begin, end)| end * 10.0 < *begin).count(), both.len())
    };
    // The earliest step at which it is so in all of them.
    let all = |step: &&u64| *step > first && shrunk(**step).0 == plain.cells.len();
    let step = *steps.iter().find(all).unwrap_or(last);
    let (holds, of) = shrunk(step);
    if of > 0 {
        text.push_str(&format!(
            "- plain-56 with batch norm: first/last is less than a tenth of what it was by step {step} in {holds} of {of} runs.\n"
        ));
    }
    if let Some(residual) = find("ResNet-56") {
        let loss: fn(&Mark) -> Option<f64> = |m| m.loss;
        let twin = |p: &&Cell| residual.cells.iter().find(|r| r.seed == p.seed).copied();
        let pairs = plain.cells.iter().filter_map(|p| Some((*p, twin(p)?)));
        let pairs: Vec<_> =
            pairs.filter_map(|(p, r)| Some((at(p, *last, loss)?, at(r, *last, loss)?))).collect();
        if !pairs.is_empty() {
            text.push_str(&format!(
                "- At step {last} plain-56 has a higher loss than ResNet-56, both with batch norm, {}\n",
                exceeds(&pairs, Margin::Share)
            ));
        }
    }
    text
}

fn judged(kinds: &[Kind<'_>]) -> String {
    let mut text = String::new();
    let mut say = |claim: &str, holds: usize, of: usize| {
        if of > 0 {
            text.push_str(&format!("- {claim} {}\n", super::told::verdict(holds, of)));
        }
    };
    let normed: Vec<&Mark> = kinds.iter().filter(|k| k.batch_norm).flat_map(|k| k.marks(0)).collect();
    if !normed.is_empty() {
        let holds = normed.iter().filter(|m| !m.vanishes()).count();
        say("With batch norm no gradient has vanished at step 0,", holds, normed.len());
    }
    let find = |network: &str, norm: bool, init: &str| {
        kinds.iter().find(|k| k.network == network && k.batch_norm == norm && k.init == init)
    };
    if let (Some(deep), Some(flat)) = (find("plain-56", true, "he"), find("plain-20", true, "he")) {
        let (deep, flat) = (deep.ratios(), flat.ratios());
        let holds = deep.iter().zip(&flat).filter(|(d, f)| **d > 10.0 * **f).count();
        say(
            "With batch norm the first block's gradients grow with depth: first/last of plain-56 is over ten times that of plain-20,",
            holds,
            deep.len().min(flat.len()),
        );
    }
    if let Some(k) = find("ResNet-56", true, "he") {
        let marks = k.marks(0);
        let holds = marks.iter().filter(|m| m.is_healthy()).count();
        say("With skips and batch norm the norms of ResNet-56 are healthy,", holds, marks.len());
    }
    for (init, vanishes) in [("torch", true), ("he", false)] {
        if let Some(k) = find("plain-56", false, init) {
            let marks = k.marks(0);
            let holds = marks.iter().filter(|m| m.vanishes() == vanishes).count();
            let verb = if vanishes { "vanish" } else { "do not vanish" };
            let claim = format!(
                "Without batch norm the initial weights decide: gradients of plain-56 {verb} with “{init}”,"
            );
            say(&claim, holds, marks.len());
        }
    }
    if let Some(k) = find("ResNet-56", false, "he") {
        let growths: Vec<f64> = k.marks(0).iter().filter_map(|m| m.growth).collect();
        let holds = growths.iter().filter(|g| (**g / 2f64.sqrt()).ln().abs() < 0.1).count();
        say(
            "Without batch norm each skip lets the standard deviation grow by about √2 (within a tenth) in ResNet-56,",
            holds,
            growths.len(),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(depth: usize, norm: bool, init: &str, ratio: &str) -> String {
        let norms = if ratio == "null" { "[1.0,0.0,0.0,1.0]" } else { "[1.0,2.0,3.0,1.0]" };
        format!(
            r#"{{"depth":{depth},"skip":false,"batch_norm":{norm},"init":"{init}","seed":1,"layers":[],"diverged":null,
            "marks":[{{"step":0,"loss":2.5,"grad_norm":{norms},"first_over_last":{ratio},"output_std":[],"growth":1.1,
            "response_std":[],"dead":[0.0,0.5]}}]}}"#
        )
    }

    #[test]
    fn causes_are_told_apart() {
        let cells = [
            cell(20, true, "he", "5.4"),
            cell(56, true, "he", "859.0"),
            cell(56, false, "torch", "null"),
            cell(56, false, "he", "0.96"),
        ];
        let json = format!(
            r#"{{"experiment":"cause-grid","version":"1","adapter":"a","data":"d","outcome":{{"settings":{{}},"cells":[{}]}}}}"#,
            cells.join(",")
        );
        let text = told(&serde_json::from_str(&json).expect("a document"));
        assert!(
            text.contains("| plain-56 | yes | he | 1 | 859 | 1.10 | 25.0 % | 2.50 | 0 of 1 | 1 of 1 |"),
            "{text}"
        );
        assert!(
            text.contains(
                "| plain-56 | no | torch | 1 | 0 or unknown | 1.10 | 25.0 % | 2.50 | 1 of 1 | 0 of 1 |"
            ),
            "{text}"
        );
        for held in [
            "has vanished at step 0, in 2 of 2",
            "that of plain-20, in 1 of 1",
            "with “torch”, in 1 of 1",
            "with “he”, in 1 of 1",
        ] {
            assert!(text.contains(held), "{held}: {text}");
        }
    }
    #[test]
    fn what_training_changes_is_told_step_by_step() {
        let later = |cell: String, ratio: &str| {
            let mark = r#"{"step":9,"loss":1.5,"grad_norm":[],"first_over_last":R,"output_std":[],"growth":1.1,"response_std":[],"dead":[]}"#;
            cell.replace("]}]}", &format!("]}},{}]}}", mark.replace('R', ratio)))
        };
        let cells: Vec<String> = ["20.0", "700.0", "30.0"]
            .iter()
            .map(|end| later(cell(56, true, "he", "859.0"), end))
            .chain([cell(20, true, "he", "5.4")])
            .collect();
        let json = format!(
            r#"{{"experiment":"cause-grid","version":"1","adapter":"a","data":"d","outcome":{{"settings":{{}},"cells":[{}]}}}}"#,
            cells.join(",")
        );
        let text = trained(&serde_json::from_str(&json).expect("a document"));
        assert!(
            text.contains(
                "| First/last at step 0 | First/last at step 9 | Loss at step 0 | Loss at step 9 |"
            ),
            "{text}"
        );
        assert!(text.contains("less than a tenth of what it was by step 9 in 2 of 3 runs"), "{text}");
        let lost = json.replacen(r#""diverged":null"#, r#""diverged":[0,"the loss"]"#, 4);
        let told = trained(&serde_json::from_str(&lost).expect("a document"));
        assert!(
            told.contains("| plain-20 | yes | he | 1 | 5.40 | 1 diverged | 2.50 | 1 diverged |"),
            "{told}"
        );
        assert!(
            text.contains("| plain-20 | yes | he | 1 | 5.40 | 0 or unknown | 2.50 | 0 or unknown |"),
            "{text}"
        );
    }
}
