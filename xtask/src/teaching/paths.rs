//! A residual network as a collection of paths.

use super::results::{Document, Results};
use super::runs::{PATHS20_SHAPES, PATHS56, PATHS56_MORE, RESNET20_SHAPES, RESNET56};
use super::told::{Margin, geometric_mean, mean, percent, short, spread, table, verdict};
use super::trained;
use anyhow::Result;
use serde::Deserialize;
use std::cmp::Ordering;

const CLAIM: &str = "\
## Paths

Veit et al. 2016 (§3 and §5, Fig. 6): a network of n blocks is a collection of 2ⁿ paths; gradients fall exponentially with
the length of a path, so that the gradient comes through short ones, though they are few. Measured by sampled paths at the first
block's input, in evaluation mode with all ReLU masks frozen; magnitudes, which partly cancel in the sum.
";

/// Why the gradient might come through paths of all lengths. All of the program's networks change the shape twice.
const WHY_ALIKE: &str = "only (Veit et al.: 54), two of which change the shape, and training too short for batch norm's γ to leave 1 (see “Layer \
    responses”): what the skips carry has not outgrown what a branch adds, so that a branch passes a gradient about as large as \
    its skip's";

/// Short paths are those that carry so much of the gradient.
const MOST: f64 = 0.9;

#[derive(Deserialize)]
struct Outcome {
    blocks: usize,
    lengths: Vec<Length>,
    shares: Option<Shares>,
}

#[derive(Deserialize)]
struct Length {
    branches: usize,
    /// Share of the 2ⁿ paths, and of the gradient.
    paths: f64,
    share: f64,
    gradient: f64,
    error: Option<f64>,
}

#[derive(Deserialize)]
struct Shares {
    /// Deviation of the logit's parts from the logit.
    off: f64,
}

impl Outcome {
    /// Length of a path, averaged as `weight` has it.
    fn mean_length(&self, weight: fn(&Length) -> f64) -> f64 {
        self.lengths.iter().map(|l| l.branches as f64 * weight(l)).sum()
    }

    /// What one branch more multiplies the gradient through a path by, fitted over all lengths.
    fn factor(&self) -> Option<f64> {
        let there = self.lengths.iter().filter(|l| l.gradient > 0.0);
        let (x, y): (Vec<f64>, Vec<f64>) = there.map(|l| (l.branches as f64, l.gradient.ln())).unzip();
        let (x_mean, y_mean) = (mean(&x), mean(&y));
        let above: f64 = x.iter().zip(&y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
        let across: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
        (across > 0.0).then(|| (above / across).exp())
    }

    /// The number of branches up to which paths carry [`MOST`] of the gradient or more, the share of paths that are so short,
    /// and what they carry.
    fn short_paths(&self) -> Option<(usize, f64, f64)> {
        let (mut gradient, mut paths) = (0.0, 0.0);
        self.lengths.iter().find_map(|l| {
            gradient += l.share;
            paths += l.paths;
            (gradient >= MOST).then_some((l.branches, paths, gradient))
        })
    }
}

pub fn section(r: &Results) -> Result<String> {
    let mut text = format!("{CLAIM}\n");
    for (experiments, training) in
        [([PATHS56, PATHS56_MORE].as_slice(), RESNET56), (&[PATHS20_SHAPES], RESNET20_SHAPES)]
    {
        text.push_str(&r.commands(experiments));
        text.push('\n');
        let mut found = Vec::new();
        for e in experiments {
            found.extend(r.documents::<Outcome>(e)?);
        }
        let there = trained::all(r, &[], &[training])?;
        let to_skips = there.iter().filter(|t| !t.to_skips.is_empty()).map(|t| geometric_mean(&t.to_skips));
        text.push_str(&told(&found, &to_skips.collect::<Vec<_>>()));
    }
    Ok(text)
}

/// `to_skips` are the trainings' [`trained::Trained::to_skips`], a mean each.
fn told(found: &[Document<Outcome>], to_skips: &[f64]) -> String {
    let Some(first) = found.first() else { return String::new() };
    let o = &first.outcome;
    let header = ["Branches", "Share of paths", "Gradient through one", "Share of gradient"];
    // At most twelve lines, from the shortest path to the longest.
    let every = o.lengths.len().div_ceil(12).max(1);
    let row = |l: &Length| {
        let error = l.error.map_or(String::new(), |e| format!(" ± {}", short(e)));
        vec![
            l.branches.to_string(),
            percent(l.paths),
            format!("{}{error}", short(l.gradient)),
            percent(l.share),
        ]
    };
    let rows: Vec<_> = o.lengths.iter().step_by(every).map(row).collect();
    let mut text =
        format!("On {}, the first network, {} blocks:\n\n{}\n", first.data, o.blocks, table(&header, &rows));
    let mut holds = 0;
    for (i, d) in found.iter().enumerate() {
        let o = &d.outcome;
        let (all, weighed) = (o.mean_length(|l| l.paths), o.mean_length(|l| l.share));
        holds += usize::from(Margin::Share.order(all, weighed) == Ordering::Greater);
        let (longest, share, carried) = o.short_paths().unwrap_or((o.blocks, 1.0, 1.0));
        text.push_str(&format!(
            "- Network {}: the mean path has {all:.1} branches, weighed by its gradient {weighed:.1}; paths of at most {longest} \
             branches, {} of all, carry {} of the gradient.\n",
            i + 1,
            percent(share),
            percent(carried)
        ));
        if let Some(s) = &o.shares {
            text.push_str(&format!(
                "  One logit taken apart into image and biases adds up to it within {} of the largest.\n",
                short(s.off)
            ));
        }
    }
    text.push_str(&format!(
        "- The gradient comes through paths that are shorter than the mean one by 5 % or more {}\n{}\n",
        verdict(holds, found.len()),
        by_length(found, to_skips, holds == found.len())
    ));
    text
}

/// How the gradient through a path depends on its length, and why paths may be alike, if short ones do not prevail.
fn by_length(found: &[Document<Outcome>], to_skips: &[f64], short_prevail: bool) -> String {
    let factors: Vec<f64> = found.iter().filter_map(|d| d.outcome.factor()).collect();
    if factors.is_empty() {
        return String::new();
    }
    let told = spread(&factors, short);
    let alike = factors.iter().all(|f| Margin::Share.order(*f, 1.0) == Ordering::Equal);
    let said = if alike { ": length hardly matters" } else { "" };
    let mut text = format!(
        "  One branch more multiplies the gradient through a path by {told}, fitted over all lengths{said}.\n"
    );
    if !to_skips.is_empty() {
        text.push_str(&format!(
            "  A branch has {} times its skip's standard deviation (geometric mean over the blocks, last step of training).\n",
            spread(to_skips, short)
        ));
    }
    if alike && !short_prevail {
        text.push_str(&format!("  Likely reasons: {} blocks {WHY_ALIKE}.\n", found[0].outcome.blocks));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_weighed_by_their_gradients() {
        let json = r#"{"experiment":"paths","version":"1","adapter":"a","data":"d","outcome":{"blocks":2,"whole":1.0,"ways":[],
            "lengths":[{"branches":0,"paths":0.25,"samples":1,"gradient":8.0,"error":null,"share":0.5},
            {"branches":1,"paths":0.5,"samples":2,"gradient":4.0,"error":0.5,"share":0.45},
            {"branches":2,"paths":0.25,"samples":1,"gradient":1.0,"error":null,"share":0.05}],
            "shares":{"off":1e-6}}}"#;
        let text = told(&[serde_json::from_str(json).expect("a document")], &[]);
        assert!(text.contains("| 1 | 50.0 % | 4.00 ± 0.500 | 45.0 % |"), "{text}");
        assert!(
            text.contains(
                "has 1.0 branches, weighed by its gradient 0.6; paths of at most 1 branches, 75.0 % of all, carry 95.0 % of"
            ),
            "{text}"
        );
        assert!(text.contains("mean one by 5 % or more in 1 of 1 run; too few"), "{text}");
        assert!(text.contains("through a path by 0.354, fitted over all lengths.\n"), "{text}");
    }

    #[test]
    fn paths_that_are_alike_are_explained() {
        let json = r#"{"experiment":"paths","version":"1","adapter":"a","data":"d","outcome":{"blocks":2,"whole":1.0,"ways":[],
            "lengths":[{"branches":0,"paths":0.25,"samples":1,"gradient":4.0,"error":null,"share":0.255},
            {"branches":1,"paths":0.5,"samples":2,"gradient":3.9,"error":0.5,"share":0.497},
            {"branches":2,"paths":0.25,"samples":1,"gradient":3.9,"error":null,"share":0.248}],"shares":null}}"#;
        let found = [1, 2, 3].map(|_| serde_json::from_str(json).expect("a document"));
        let text = told(&found, &[1.0, 1.1]);
        assert!(
            text.contains("by 5 % or more in none of 3 runs. Not reproduced.\n  One branch more"),
            "{text}"
        );
        assert!(
            text.contains("by 0.987 (0.987 to 0.987), fitted over all lengths: length hardly matters.\n"),
            "{text}"
        );
        assert!(
            text.contains("  A branch has 1.05 (1.00 to 1.10) times its skip's")
                && text.contains(": 2 blocks only"),
            "{text}"
        );
    }
}
