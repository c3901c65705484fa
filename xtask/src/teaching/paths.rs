//! A residual network as a collection of paths.

use super::results::{Document, Results};
use super::runs::{PATHS20_SHAPES, PATHS56, PATHS56_MORE};
use super::told::{percent, short, table, verdict};
use anyhow::Result;
use serde::Deserialize;

const CLAIM: &str = "\
## Paths

Veit et al. 2016 (§3 and §5, Fig. 6): a network of n blocks is a collection of 2ⁿ paths; gradients fall exponentially with
the length of a path, so that the gradient comes through short ones, though they are few. Measured by sampled paths at the first
block's input, in evaluation mode with all ReLU masks frozen; magnitudes, which partly cancel in the sum.
";

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

    /// The number of branches up to which paths carry [`MOST`] of the gradient, and the share of paths that are so short.
    fn short_paths(&self) -> Option<(usize, f64)> {
        let (mut gradient, mut paths) = (0.0, 0.0);
        self.lengths.iter().find_map(|l| {
            gradient += l.share;
            paths += l.paths;
            (gradient >= MOST).then_some((l.branches, paths))
        })
    }
}

pub fn section(r: &Results) -> Result<String> {
    let mut text = format!("{CLAIM}\n");
    for experiments in [[PATHS56, PATHS56_MORE].as_slice(), &[PATHS20_SHAPES]] {
        text.push_str(&r.commands(experiments));
        text.push('\n');
        let mut found = Vec::new();
        for e in experiments {
            found.extend(r.documents::<Outcome>(e)?);
        }
        text.push_str(&told(&found));
    }
    Ok(text)
}

fn told(found: &[Document<Outcome>]) -> String {
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
        holds += usize::from(weighed < all);
        let (longest, share) = o.short_paths().unwrap_or((o.blocks, 1.0));
        text.push_str(&format!(
            "- Network {}: the mean path has {all:.1} branches, weighed by its gradient {weighed:.1}; paths of at most {longest} \
             branches, {} of all, carry {} of the gradient.\n",
            i + 1,
            percent(share),
            percent(MOST)
        ));
        if let Some(s) = &o.shares {
            text.push_str(&format!(
                "  One logit taken apart into image and biases adds up to it within {} of the largest.\n",
                short(s.off)
            ));
        }
    }
    text.push_str(&format!(
        "- The gradient comes through paths shorter than the mean one {}\n\n",
        verdict(holds, found.len())
    ));
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
        let text = told(&[serde_json::from_str(json).expect("a document")]);
        assert!(text.contains("| 1 | 50.0 % | 4.00 ± 0.500 | 45.0 % |"), "{text}");
        assert!(
            text.contains(
                "has 1.0 branches, weighed by its gradient 0.6; paths of at most 1 branches, 75.0 %"
            ),
            "{text}"
        );
        assert!(text.contains("mean one in 1 of 1 run; too few"), "{text}");
    }
}
