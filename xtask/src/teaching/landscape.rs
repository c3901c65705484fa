//! The loss around trained networks.

use super::results::{Document, Results};
use super::runs::{
    Experiment, LANDSCAPE_PATH, LANDSCAPE_PLAIN20_SHAPES, LANDSCAPE_PLAIN56, LANDSCAPE_RESNET20_SHAPES,
    LANDSCAPE_RESNET56,
};
use super::told::{Margin, exceeds, mean, percent, short, table, title, verdict};
use anyhow::Result;
use serde::Deserialize;

const CLAIM: &str = "\
## Loss landscape

Li et al. 2018 (arXiv 1712.09913, “What makes neural networks trainable?” and “Visualizing optimization paths”): around
deep networks with skips the loss is smooth and flat, around plain ones of 56 layers and more it is chaotic, but not around those of
20; and two directions hold 40 to 90 % of a run's variance. Planes of two filter-normalised random directions, ±1 filter norm
each way, 9 × 9 points, mean cross-entropy of training pictures; batch norm in evaluation mode with the centre's statistics.
“Nearby” counts the points whose loss is within one nat of the centre's, which is one of them; between two networks a difference of
one point counts for nothing.
";

/// A random walk's shares fall as 1/k², of which the sum is π²/6.
const WALK: &str = "  For comparison: of a long random walk in many dimensions the two hold 61 % and 15 % (Antognini and Sohl-Dickstein 2018, \
    arXiv 1806.08805), so that 40 % alone do not tell training from chance.\n";

/// Loss of who guesses among ten classes, in nats, and how far below it a network has learnt next to nothing.
const GUESS: f64 = std::f64::consts::LN_10;
const LEARNT: f64 = 0.5;

/// A loss that is not finite.
const OVERFLOWN: f64 = f64::MAX / 2.0;

#[derive(Deserialize)]
struct Outcome {
    model: String,
    /// Shares of the run's variance, in the plane of its path.
    explained: Option<[f64; 2]>,
    surface: Surface,
}

#[derive(Deserialize)]
struct Surface {
    grid: Grid,
    points: Vec<Option<[f64; 2]>>,
}

#[derive(Deserialize)]
struct Grid {
    images: usize,
}

impl Outcome {
    /// All losses, ascending.
    fn losses(&self) -> Vec<f64> {
        let mut losses: Vec<f64> = self.surface.points.iter().flatten().map(|p| p[0]).collect();
        losses.sort_by(f64::total_cmp);
        losses
    }

    /// At the network itself.
    fn centre(&self) -> Option<f64> {
        self.surface.points.get(self.surface.points.len() / 2).copied().flatten().map(|p| p[0])
    }

    fn median(&self) -> Option<f64> {
        let losses = self.losses();
        losses.get(losses.len() / 2).copied()
    }

    /// Whether it tells classes apart hardly better than by guessing.
    fn guesses(&self) -> bool {
        self.centre().is_some_and(|centre| centre > GUESS - LEARNT)
    }

    /// How many points are hardly worse than the centre.
    fn nearby(&self) -> Option<usize> {
        let centre = self.centre()?;
        Some(self.losses().iter().filter(|l| **l <= centre + 1.0).count())
    }
}

pub fn section(r: &Results) -> Result<String> {
    let mut text = format!("{CLAIM}\n");
    let twins =
        [[LANDSCAPE_RESNET56, LANDSCAPE_PLAIN56], [LANDSCAPE_RESNET20_SHAPES, LANDSCAPE_PLAIN20_SHAPES]];
    for pair in twins {
        text.push_str(&r.commands(&pair));
        text.push('\n');
        let read = |e: &Experiment| r.documents::<Outcome>(e);
        text.push_str(&told(&read(&pair[0])?, &read(&pair[1])?));
    }
    text.push_str(&format!("In the plane of the run's path:\n\n{}\n", r.commands(&[LANDSCAPE_PATH])));
    text.push_str(&in_the_plane(&r.documents(&LANDSCAPE_PATH)?));
    Ok(text)
}

fn told(residual: &[Document<Outcome>], plain: &[Document<Outcome>]) -> String {
    let Some(first) = residual.first().or(plain.first()) else { return String::new() };
    let header = ["Network", "Run", "Centre (nats)", "Median", "Highest", "Nearby"];
    let row = |(i, d): (usize, &Document<Outcome>)| {
        let losses = d.outcome.losses();
        let loss = |l: Option<f64>| {
            l.map_or("–".into(), |l| if l > OVERFLOWN { "overflow".into() } else { short(l) })
        };
        vec![
            title(&d.outcome.model),
            (i + 1).to_string(),
            loss(d.outcome.centre()),
            loss(d.outcome.median()),
            loss(losses.last().copied()),
            d.outcome.nearby().map_or("–".into(), |n| format!("{n} of {}", losses.len())),
        ]
    };
    let rows: Vec<_> = residual.iter().enumerate().chain(plain.iter().enumerate()).map(row).collect();
    let pairs = residual.iter().zip(plain);
    let pairs = pairs.filter_map(|(r, p)| Some((r.outcome.nearby()? as f64, p.outcome.nearby()? as f64)));
    let pairs: Vec<_> = pairs.collect();
    let names = residual.first().zip(plain.first());
    let judged = names.map_or(String::new(), |(r, p)| {
        if plain.iter().all(|d| d.outcome.guesses()) {
            return untaught(&title(&r.outcome.model), &title(&p.outcome.model), residual, plain);
        }
        format!(
            "- More points are near the centre's loss around {} than around {}, {}\n\n",
            title(&r.outcome.model),
            title(&p.outcome.model),
            exceeds(&pairs, Margin::Points)
        )
    });
    format!(
        "On {} training pictures of {}:\n\n{}\n{judged}",
        first.outcome.surface.grid.images,
        first.data,
        table(&header, &rows)
    )
}

/// Where the plain networks have learnt next to nothing.
fn untaught(
    residual_name: &str,
    plain_name: &str,
    residual: &[Document<Outcome>],
    plain: &[Document<Outcome>],
) -> String {
    let centres: Vec<f64> = plain.iter().filter_map(|d| d.outcome.centre()).collect();
    let medians = residual.iter().zip(plain);
    let ratios: Vec<f64> =
        medians.filter_map(|(r, p)| Some(p.outcome.median()? / r.outcome.median()?)).collect();
    let of_medians = match ratios
        .iter()
        .copied()
        .reduce(f64::min)
        .zip(ratios.iter().copied().reduce(f64::max))
    {
        Some((low, high)) => format!(
            " The median loss over its plane is {} to {} times that over {residual_name}'s, in the same runs.",
            short(low),
            short(high)
        ),
        None => String::new(),
    };
    format!(
        "- {plain_name} has learnt next to nothing ({} nats at its centre, guessing has {}), and where nothing was learnt nothing is \
         lost nearby: no verdict on that.{of_medians}\n\n",
        short(mean(&centres)),
        short(GUESS)
    )
}

fn in_the_plane(found: &[Document<Outcome>]) -> String {
    let Some(first) = found.first() else { return String::new() };
    let explained: Vec<[f64; 2]> = found.iter().filter_map(|d| d.outcome.explained).collect();
    let rows: Vec<_> = explained
        .iter()
        .enumerate()
        .map(|(i, [x, y])| vec![(i + 1).to_string(), percent(*x), percent(*y), percent(x + y)])
        .collect();
    let holds = explained.iter().filter(|[x, y]| x + y >= 0.4).count();
    format!(
        "On {}, {}:\n\n{}\n- Two directions hold 40 % or more of the run's variance, as in the paper, {}\n{WALK}\n",
        first.data,
        title(&first.outcome.model),
        table(&["Run", "First direction", "Second", "Both"], &rows),
        verdict(holds, explained.len())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(model: &str, points: &str) -> Document<Outcome> {
        let json = format!(
            r#"{{"experiment":"landscape","version":"1","adapter":"a","data":"d","outcome":{{"model":"{model}","plane":"path",
            "statistics":"running","explained":[0.5,0.3],"path":[],"snapshots":[],
            "surface":{{"grid":{{"size":3,"x":[-1,1],"y":[-1,1],"statistics":"running","images":128}},"points":[{points}]}}}}}}"#
        );
        serde_json::from_str(&json).expect("a document")
    }

    #[test]
    fn points_are_held_against_the_centre() {
        let residual = [document("resnet20", "[1.5,0.4],[1.0,0.5],[2.5,0.1]")];
        let plain = [document("plain20", "[9.0,0.1],[1.0,0.5],[1.7976931348623157e308,0.1]")];
        let text = told(&residual, &plain);
        assert!(text.contains("| ResNet-20 | 1 | 1.00 | 1.50 | 2.50 | 2 of 3 |"), "{text}");
        assert!(text.contains("| plain-20 | 1 | 1.00 | 9.00 | overflow | 1 of 3 |"), "{text}");
        assert!(
            text.contains("than around plain-20, by two points or more, in 0 of 1 run; too few"),
            "{text}"
        );
        assert!(in_the_plane(&residual).contains("| 1 | 50.0 % | 30.0 % | 80.0 % |"));
        assert_eq!(told(&[], &[]), "");
        let three = |points| [1, 2, 3].map(|_| document("resnet20", points));
        let (one, two) = (three("[9.0,0.1],[1.0,0.5],[9.0,0.1]"), three("[1.5,0.4],[1.0,0.5],[9.0,0.1]"));
        let all = three("[1.5,0.4],[1.0,0.5],[1.5,0.1]");
        assert!(told(&two, &one).contains("in none of 3 runs, nor the other way round: too small"));
        assert!(told(&all, &one).contains("in all 3 runs. Reproduced."));
        // Around a network that guesses there is nothing to be lost.
        let guesses = [document("plain56", "[2.4,0.1],[2.2,0.1],[8.0,0.1]")];
        let text = told(&residual, &guesses);
        assert!(
            text.contains("plain-56 has learnt next to nothing (2.20 nats at its centre, guessing has 2.30)"),
            "{text}"
        );
        assert!(text.contains("is 1.60 to 1.60 times that over ResNet-20's"), "{text}");
        assert!(!text.contains("More points"), "{text}");
    }
}
