//! α on the skips: the signal tamed, the gradient starved.

use super::results::{Document, Results};
use super::runs::{ALPHA, ALPHA_SHAPES};
use super::told::{Margin, short, table, verdict_on_means};
use anyhow::Result;
use serde::Deserialize;
use std::cmp::Ordering;

const CLAIM: &str = "\
## α on the skips

He et al. 2016 (arXiv 1603.05027, §3): with α on every skip the gradient that comes back through skips alone is scaled by αⁿ
over n blocks, so that α < 1 starves it; on the other hand α < 1 tames the signal, which grows from block to block without
batch norm. Measured at initialisation: standard deviation of the first and the last block's output, and the gradient of the
skips alone at the first block's input as a share of the same at α = 1.
";

/// As far from αⁿ as a factor of this, it is still αⁿ: ReLU masks change with α.
const FACTOR: f64 = 3.0;

#[derive(Deserialize)]
struct Outcome {
    depth: usize,
    batch_norm: bool,
    blocks: usize,
    alphas: Vec<At>,
}

#[derive(Deserialize)]
struct At {
    alpha: f64,
    seeds: usize,
    std: Vec<f64>,
    skip: f64,
    error: f64,
    theory: f64,
}

impl At {
    /// How far the standard deviation has grown from the first block's output to the last's.
    fn growth(&self) -> Option<f64> {
        Some(self.std.last()? / self.std.first()?)
    }
}

pub fn section(r: &Results) -> Result<String> {
    let mut text = format!("{CLAIM}\n");
    for experiment in [ALPHA, ALPHA_SHAPES] {
        text.push_str(&r.commands(&[experiment]));
        text.push('\n');
        for document in r.documents::<Outcome>(&experiment)? {
            text.push_str(&told(&document));
        }
    }
    Ok(text)
}

fn told(document: &Document<Outcome>) -> String {
    let o = &document.outcome;
    let header = ["α", "Std, first block", "Std, last block", "Gradient of the skips", "αⁿ"];
    let row = |a: &At| {
        let std = |v: Option<&f64>| v.map_or("–".into(), |v| short(*v));
        vec![
            format!("{:.2}", a.alpha),
            std(a.std.first()),
            std(a.std.last()),
            format!("{} ± {}", short(a.skip), short(a.error)),
            short(a.theory),
        ]
    };
    let rows: Vec<_> = o.alphas.iter().map(row).collect();
    let seeds = o.alphas.iter().map(|a| a.seeds).min().unwrap_or(0);
    format!(
        "On {}, ResNet-{}, {} blocks, {} batch norm, {seeds} seeds:\n\n{}\n{}\n",
        document.data,
        o.depth,
        o.blocks,
        if o.batch_norm { "with" } else { "without" },
        table(&header, &rows),
        judged(o)
    )
}

fn judged(o: &Outcome) -> String {
    let near = |a: f64, b: f64| (a / b).ln().abs() <= FACTOR.ln();
    let seeds = o.alphas.iter().map(|a| a.seeds).min().unwrap_or(0);
    // Where αⁿ is that near to 1, skips that scale nothing would pass as well.
    let telling: Vec<&At> = o.alphas.iter().filter(|a| !near(a.theory, 1.0)).collect();
    let holds = telling.iter().filter(|a| near(a.skip, a.theory)).count();
    let mut text = String::new();
    if !telling.is_empty() {
        text.push_str(&format!(
            "- The gradient of the skips is αⁿ within a factor of {FACTOR:.0} at {holds} of the {} values of α at which αⁿ is \
             further than that from 1. {}\n",
            telling.len(),
            verdict_on_means(holds == telling.len(), seeds)
        ));
    }
    let growth = |a: f64| o.alphas.iter().find(|at| (at.alpha - a).abs() < 1e-3).and_then(At::growth);
    let smallest = o.alphas.iter().map(|a| a.alpha).fold(f64::INFINITY, f64::min);
    if let (Some(one), Some(less)) = (growth(1.0), growth(smallest)) {
        text.push_str(&format!(
            "- From the first block to the last the signal grows {} times at α = 1 and {} times at α = {smallest:.2}. {}\n",
            short(one),
            short(less),
            verdict_on_means(Margin::Share.order(one, less) == Ordering::Greater, seeds)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_held_against_theory() {
        let json = r#"{"experiment":"alpha","version":"1","adapter":"a","data":"d","outcome":{"depth":8,"batch_norm":false,"blocks":3,
            "alphas":[{"alpha":1.0,"seeds":3,"std":[1.0,4.0],"skip":1.0,"error":0.0,"of_whole":0.5,"theory":1.0},
            {"alpha":0.5,"seeds":3,"std":[1.0,2.0],"skip":0.03,"error":0.001,"of_whole":0.5,"theory":0.125}]}}"#;
        let text = told(&serde_json::from_str(json).expect("a document"));
        assert!(text.contains("| 0.50 | 1.00 | 2.00 | 0.0300 ± 0.00100 | 0.125 |"), "{text}");
        assert!(
            text.contains("at 0 of the 1 values of α at which αⁿ is further than that from 1. Not repr"),
            "{text}"
        );
        assert!(
            text.contains("grows 4.00 times at α = 1 and 2.00 times at α = 0.50. Reproduced (means"),
            "{text}"
        );
    }
}
