//! What a trained network is still worth without each block.

use super::results::Results;
use super::runs::{LESION20_SHAPES, LESION56, LESION56_MORE};
use super::told::{mean, percent, table, title};
use anyhow::Result;
use serde::Deserialize;

const CLAIM: &str = "\
## Lesions

Veit et al. 2016 (arXiv 1605.06431, §4.1, Fig. 3): of a trained residual network any single block can be dropped, except where
the shape changes, and hardly anything is lost; a plain network (there VGG) falls to chance. Dropped is the branch, the
shortcut stays; of a plain network the whole block goes. Evaluation mode, with the statistics that training left. “Kept” is
accuracy above chance after dropping one block that leaves the shape as it is, as a share of what it was, mean over those
blocks.
";

/// Ten classes.
const CHANCE: f64 = 0.1;

/// From this share of what was learnt on, dropping a block hardly matters; up to the other one, little is left.
const UNHURT: f64 = 0.9;
const RUINED: f64 = 0.25;

/// A network that is less above chance has nothing to lose.
const LEARNT: f64 = 0.15;

#[derive(Deserialize)]
struct Report {
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    name: String,
    seed: u64,
    images: usize,
    intact: Option<Measured>,
    lesions: Vec<Lesioned>,
}

#[derive(Deserialize)]
struct Measured {
    accuracy: f64,
}

#[derive(Deserialize)]
struct Lesioned {
    reshapes: bool,
    measured: Option<Measured>,
}

/// A run in figures.
struct Figures {
    network: String,
    seed: u64,
    images: usize,
    intact: f64,
    /// Accuracy without each block that leaves the shape as it is, and without each of the others.
    plainly: Vec<f64>,
    reshaping: Vec<f64>,
}

impl Figures {
    fn of(run: Run) -> Option<Self> {
        let without = |reshapes| {
            let like = run.lesions.iter().filter(move |l| l.reshapes == reshapes);
            like.filter_map(|l| Some(l.measured.as_ref()?.accuracy)).collect()
        };
        Some(Self {
            network: title(&run.name),
            seed: run.seed,
            images: run.images,
            intact: run.intact?.accuracy,
            plainly: without(false),
            reshaping: without(true),
        })
    }

    /// See the section's head; `None` for a network that has hardly learnt anything.
    fn kept(&self) -> Option<f64> {
        let learnt = self.intact - CHANCE;
        (learnt >= LEARNT && !self.plainly.is_empty()).then(|| (mean(&self.plainly) - CHANCE) / learnt)
    }

    fn is_residual(&self) -> bool {
        self.network.starts_with("ResNet")
    }
}

pub fn section(r: &Results) -> Result<String> {
    let mut text = format!("{CLAIM}\n");
    for experiments in [[LESION56, LESION56_MORE].as_slice(), &[LESION20_SHAPES]] {
        text.push_str(&r.commands(experiments));
        let mut found = Vec::new();
        let mut data = String::new();
        for e in experiments {
            for d in r.documents::<Report>(e)? {
                data = d.data;
                found.extend(d.outcome.runs.into_iter().filter_map(Figures::of));
            }
        }
        text.push_str(&format!("\n{}", told(&found, &data)));
    }
    Ok(text)
}

fn told(found: &[Figures], data: &str) -> String {
    let Some(first) = found.first() else { return String::new() };
    let header = [
        "Network",
        "Seed",
        "Intact",
        "Without a block, mean",
        "Without the worst",
        "Kept",
        "Without a block that changes the shape",
    ];
    let least = |v: &[f64]| v.iter().copied().fold(f64::INFINITY, f64::min);
    let or_dash = |v: &[f64], f: fn(&[f64]) -> f64| if v.is_empty() { "–".into() } else { percent(f(v)) };
    let row = |f: &Figures| {
        vec![
            f.network.clone(),
            f.seed.to_string(),
            percent(f.intact),
            or_dash(&f.plainly, mean),
            or_dash(&f.plainly, least),
            f.kept().map_or("–".into(), percent),
            or_dash(&f.reshaping, mean),
        ]
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    format!("On {} test pictures of {data}:\n\n{}\n{}\n", first.images, table(&header, &rows), judged(found))
}

fn judged(found: &[Figures]) -> String {
    let mut text = String::new();
    for residual in [true, false] {
        let these: Vec<&Figures> = found.iter().filter(|f| f.is_residual() == residual).collect();
        let kept: Vec<f64> = these.iter().filter_map(|f| f.kept()).collect();
        let Some(first) = these.first() else { continue };
        let name = &first.network;
        if kept.is_empty() {
            text.push_str(&format!(
                "- {name} has learnt too little to lose anything ({} intact): no verdict on it.\n",
                percent(mean(&these.iter().map(|f| f.intact).collect::<Vec<_>>()))
            ));
            continue;
        }
        let as_claimed = |k: f64| if residual { k >= UNHURT } else { k <= RUINED };
        let claim = if residual {
            format!("keeps {} or more of what it has learnt", percent(UNHURT))
        } else {
            format!("keeps {} or less", percent(RUINED))
        };
        let holds = kept.iter().filter(|k| as_claimed(**k)).count();
        text.push_str(&format!(
            "- {name} {claim} (measured: {}) {}\n",
            percent(mean(&kept)),
            super::told::verdict(holds, kept.len())
        ));
    }
    text.push_str(
        "\nThe paper's networks have 54 blocks and more, of which each does little; likely, the fewer there are and the shorter \
         they were trained, the more each one does.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"runs":[{"name":"resnet20","spec":{},"seed":2,"trained_steps":0,"images":500,
        "reestimated":false,"intact":{"accuracy":0.6,"loss":1.0},"lesions":[
        {"lesion":{"drop":0},"blocks":["layer1.0"],"reshapes":false,"measured":{"accuracy":0.58,"loss":1.1},"impossible":null},
        {"lesion":{"drop":1},"blocks":["layer1.1"],"reshapes":false,"measured":{"accuracy":0.56,"loss":1.1},"impossible":null},
        {"lesion":{"drop":2},"blocks":["layer2.0"],"reshapes":true,"measured":{"accuracy":0.2,"loss":3.0},"impossible":null}]},
        {"name":"plain20","seed":2,"images":500,"intact":{"accuracy":0.2,"loss":2.0},"lesions":[
        {"reshapes":true,"measured":null},{"reshapes":false,"measured":{"accuracy":0.1,"loss":9.0}}]}]}"#;

    #[test]
    fn what_is_kept_is_counted_from_chance() {
        let report: Report = serde_json::from_str(REPORT).expect("a report");
        let found: Vec<_> = report.runs.into_iter().filter_map(Figures::of).collect();
        let text = told(&found, "d");
        assert!(text.contains("| ResNet-20 | 2 | 60.0 % | 57.0 % | 56.0 % | 94.0 % | 20.0 % |"), "{text}");
        assert!(text.contains("| plain-20 | 2 | 20.0 % | 10.0 % | 10.0 % | – | – |"), "{text}");
        assert!(text.contains("(measured: 94.0 %) in 1 of 1 run; too few"), "{text}");
        assert!(text.contains("plain-20 has learnt too little to lose anything (20.0 % intact)"), "{text}");
    }
}
