//! `skipscope lab race`.

use super::super::train::RecipeArgs;
use super::super::{headless, model, text};
use super::Common;
use crate::lab::Job as _;
use crate::lab::race::{Lane, Race, RaceOptions, RaceOutcome};
use crate::model::Alpha;
use crate::train::Recipe;
use anyhow::{Context as _, bail, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  skipscope lab race plain20 resnet20                        what the skips do
  skipscope lab race plain8 plain20 plain56 --steps 400      deeper is not better
  skipscope lab race resnet20 resnet20,alpha=0.5 --seeds 3   weaker skips, over three seeds
  skipscope lab race plain20 plain20,bn=off --init he        what batch norm does

";

/// Train two to four networks in lock-step that differ in exactly one thing.
///
/// Tensors that lanes have in common start from the same numbers, and every step takes the same pictures. Each
/// lane's loss is told over the last epoch, or over the last tenth of a shorter run, and its test accuracy.
#[derive(clap::Args)]
#[command(after_help = [EXAMPLES, model::MODELS].concat())]
pub struct Args {
    /// Lanes: a model, and after commas what is different in this lane: alpha=X, bn=off, init=KIND, lr=X,
    /// shortcut=KIND; width=N, the channels of the first stage, has to be the same in all.
    #[arg(required = true, num_args = 2..=4, value_name = "LANE")]
    lanes: Vec<String>,

    /// Repeat with so many seeds, from --seed on.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,

    /// Then train each lane by itself too, and compare losses and time with the race's.
    #[arg(long)]
    alone: bool,

    #[command(flatten)]
    recipe: RecipeArgs,

    #[command(flatten)]
    common: Common,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    race: RaceOutcome,
    headline: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alone: Option<Alone>,
}

/// Lanes by themselves against the race.
#[derive(Serialize)]
struct Alone {
    /// Of each lane, summed over seeds.
    seconds: Vec<f64>,
    /// The race's time over the sum of its lanes'; absent for races of one step, whose time says nothing.
    ratio: Option<f64>,
    /// Whether every loss of a lane is the same to the last bit.
    same_bits: Vec<bool>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut recipe = Recipe::default();
    args.recipe.apply(&mut recipe);
    let lanes = args.lanes.iter().map(|text| lane(text, &recipe)).collect::<anyhow::Result<Vec<_>>>()?;
    let data = args.common.pictures()?;
    let gpu = args.common.device.open()?;
    let options = RaceOptions {
        lanes,
        seeds: (recipe.seed..recipe.seed + args.seeds).collect(),
        evaluate: true,
        resources: args.common.resources(&gpu)?,
        slice_seconds: headless::SLICE,
    };
    let mut race = Race::new(&gpu, &data, options.clone())?;
    if let Some(code) = super::drive(&gpu, &mut race)? {
        return Ok(code);
    }
    let outcome = race.outcome();
    drop(race);
    let alone = if args.alone {
        let mut found = Alone { seconds: Vec::new(), ratio: None, same_bits: Vec::new() };
        for number in 0..options.lanes.len() {
            let mut job = Race::alone(&gpu, &data, number, &options)?;
            if let Some(code) = super::drive(&gpu, &mut job)? {
                return Ok(code);
            }
            let by_itself = job.outcome();
            let same = outcome.lanes[number].runs.iter().zip(&by_itself.lanes[0].runs);
            found.same_bits.push(same.into_iter().all(|(a, b)| bits(&a.loss) == bits(&b.loss)));
            found.seconds.push(by_itself.seconds.iter().sum());
        }
        let sum: f64 = found.seconds.iter().sum();
        found.ratio = (sum > 0.0).then(|| outcome.seconds.iter().sum::<f64>() / sum);
        Some(found)
    } else {
        None
    };
    let report = Report { headline: outcome.headline(), race: outcome, alone };
    args.common.print("race", &gpu, &data.name, &report, tell)?;
    Ok(ExitCode::SUCCESS)
}

fn bits(losses: &[f32]) -> Vec<u32> {
    losses.iter().map(|l| l.to_bits()).collect()
}

/// `resnet20,alpha=0.5` → a lane.
fn lane(text: &str, recipe: &Recipe) -> anyhow::Result<Lane> {
    let mut parts = text.split(',');
    let name = parts.next().unwrap_or_default();
    let mut lane = Lane { name: text.to_owned(), spec: model::named(name)?, recipe: recipe.clone() };
    for part in parts {
        let what = || format!("lane '{text}': '{part}'");
        let Some((key, value)) = part.split_once('=') else {
            bail!("{} is no change; write KEY=VALUE, as in {name},alpha=0.5", what());
        };
        match key {
            "alpha" => {
                ensure!(lane.spec.is_residual(), "{}: {name} has no skips to weigh", what());
                lane.spec.alpha = Alpha::All(value.parse().with_context(what)?);
            }
            "bn" => lane.spec.batch_norm = switch(value).with_context(what)?,
            "shortcut" => lane.spec.shortcut = word(value).with_context(what)?,
            "lr" => lane.recipe.lr = value.parse().with_context(what)?,
            "width" => lane.spec.width = value.parse().with_context(what)?,
            "init" => lane.recipe.init = word(value).with_context(what)?,
            _ => bail!("{} changes nothing known; there are alpha, bn, init, lr, shortcut and width", what()),
        }
    }
    Ok(lane)
}

fn switch(text: &str) -> anyhow::Result<bool> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => bail!("'{text}' is neither on nor off"),
    }
}

/// A value of an enum by its serialised name.
fn word<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    Ok(serde_json::from_value(serde_json::Value::String(text.to_owned()))?)
}

fn tell(report: &Report) -> String {
    let mut rows =
        vec![["Lane", "Seed", "Loss at the end", "Test accuracy", "Test loss"].map(str::to_owned).to_vec()];
    for lane in &report.race.lanes {
        for run in &lane.runs {
            let last = match (&run.diverged, run.last_loss) {
                (Some((step, what)), _) => format!("{what} diverged at step {step}"),
                (None, Some(loss)) => format!("{loss:.4} nats"),
                (None, None) => "–".into(),
            };
            let accuracy = run.test_accuracy.map_or("–".into(), |a| format!("{:.2} %", a * 100.0));
            let test = run.test_loss.map_or("–".into(), |l| format!("{l:.4} nats"));
            rows.push(vec![lane.lane.name.clone(), run.seed.to_string(), last, accuracy, test]);
        }
    }
    let mut lines =
        vec![report.headline.clone(), String::new(), text::table(&rows, &[false, true, true, true, true])];
    if let Some(alone) = &report.alone {
        let race: f64 = report.race.seconds.iter().sum();
        let sum: f64 = alone.seconds.iter().sum();
        let same = if alone.same_bits.iter().all(|s| *s) { "the same to the last bit" } else { "DIFFERENT" };
        lines.push(String::new());
        if let Some(ratio) = alone.ratio {
            lines.push(format!(
                "After the first step the race took {race:.1} s, its lanes one by one {sum:.1} s: {ratio:.2} times their \
                 sum."
            ));
        }
        lines.push(format!("Losses of a lane by itself are {same}."));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Shortcut;
    use crate::train::Init;

    #[test]
    fn lanes_are_read() {
        let recipe = Recipe::default();
        let l =
            lane("resnet20,alpha=-0.5,bn=off,shortcut=projection,lr=0.1,init=he", &recipe).expect("a lane");
        assert_eq!((l.spec.alpha, l.spec.batch_norm), (Alpha::All(-0.5), false));
        assert_eq!((l.spec.shortcut, l.recipe.lr, l.recipe.init), (Shortcut::Projection, 0.1, Init::He));
        for (text, says) in [
            ("resent20", "Did you mean resnet20?"),
            ("plain20,alpha=1", "no skips"),
            ("resnet20,bn=maybe", "neither on nor off"),
            ("resnet20,depth=3", "there are alpha, bn"),
            ("resnet20,fast", "KEY=VALUE"),
            ("resnet20,init=zero", "init=zero"),
        ] {
            let error = format!("{:#}", lane(text, &recipe).expect_err(text));
            assert!(error.contains(says), "{error}");
        }
    }
}
