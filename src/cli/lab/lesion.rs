//! `skipscope lab lesion`.

use super::super::args::{NetworkArgs, choice};
use super::super::resume::Resumed;
use super::super::train::RecipeArgs;
use super::super::{headless, model, text};
use super::Common;
use crate::lab::Job as _;
use crate::lab::lesion::{Kind, Lesion, LesionOptions, LesionOutcome, Lesions, Measured, Patient};
use crate::train::Recipe;
use anyhow::ensure;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  skipscope lab lesion resnet20 plain20 --seeds 3        train both, then drop every block in turn
  skipscope lab lesion --weights resnet56.safetensors    a network that is trained already
  skipscope lab lesion resnet20 --kind swap --kind scramble --reestimate

";

/// Drop, swap or scramble the blocks of trained networks, and measure what is left (Veit et al. 2016).
///
/// Dropping a block leaves its shortcut. A plain block can only go where it does not change the shape. Accuracy is
/// that of evaluation mode, with the running statistics that training has left.
#[derive(clap::Args)]
#[command(after_help = [EXAMPLES, model::MODELS].concat())]
pub struct Args {
    /// Models to train first.
    #[arg(value_name = "MODEL", required_unless_present = "weights")]
    models: Vec<String>,

    /// Trained network, a safetensors file; may be repeated.
    #[arg(long, value_name = "FILE")]
    weights: Vec<PathBuf>,

    /// What is done to each block; may be repeated [default: drop].
    #[arg(long, value_name = "KIND", value_parser = choice::<Kind>(&KINDS))]
    kind: Vec<Kind>,

    /// Estimate batch norm's running statistics anew after each lesion, from 50 training batches.
    #[arg(long)]
    reestimate: bool,

    /// Measure on the first so many test pictures instead of all.
    #[arg(long, value_name = "N")]
    images: Option<usize>,

    /// Train each model with so many seeds, from --seed on.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,

    #[command(flatten)]
    network: NetworkArgs,

    #[command(flatten)]
    recipe: RecipeArgs,

    #[command(flatten)]
    common: Common,
}

const KINDS: [(&str, &str); 3] = [
    ("drop", "leave the branch out, block by block"),
    ("swap", "exchange neighbours within a stage"),
    ("scramble", "permute the weights within each of a block's convolutions"),
];

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    runs: Vec<LesionOutcome>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut recipe = Recipe::default();
    args.recipe.apply(&mut recipe);
    let mut patients = Vec::new();
    for name in &args.models {
        let spec = model::with_flags(name, &args.network)?;
        for seed in recipe.seed..recipe.seed + args.seeds {
            let recipe = Recipe { seed, ..recipe.clone() };
            patients.push(Patient {
                name: name.clone(),
                spec: spec.clone(),
                recipe,
                state: None,
                steps: None,
            });
        }
    }
    for path in &args.weights {
        let c = Resumed::read(path, None, &args.network)?.checkpoint;
        let state = Some(c.state);
        patients.push(Patient { name: c.name, spec: c.spec, recipe: c.recipe, state, steps: None });
    }
    ensure!(args.images != Some(0), "--images 0 measures nothing; give at least 1");
    let data = args.common.pictures()?;
    let gpu = args.common.device.open()?;
    let options = LesionOptions {
        kinds: if args.kind.is_empty() { vec![Kind::Drop] } else { args.kind.clone() },
        reestimate: args.reestimate,
        images: args.images,
        seed: recipe.seed,
        resources: args.common.resources(&gpu)?,
        slice_seconds: headless::SLICE,
    };
    let mut runs = Vec::new();
    for patient in patients {
        let mut job = Lesions::new(&gpu, &data, patient, options.clone())?;
        if let Some(code) = super::drive(&gpu, &mut job)? {
            return Ok(code);
        }
        runs.push(job.outcome());
    }
    args.common.print("lesion", &gpu, &data.name, &Report { runs }, tell)?;
    Ok(ExitCode::SUCCESS)
}

fn percent(measured: Option<Measured>) -> String {
    measured.map_or("–".into(), |m| format!("{:.2} %", m.accuracy * 100.0))
}

fn tell(report: &Report) -> String {
    report.runs.iter().map(tell_one).collect::<Vec<_>>().join("\n\n")
}

fn tell_one(run: &LesionOutcome) -> String {
    let how = if run.reestimated { "estimated anew" } else { "as training left them" };
    let mut rows = vec![["Lesion", "Block", "Test accuracy", "Test loss", ""].map(str::to_owned).to_vec()];
    let loss = |m: Option<Measured>| m.map_or("–".into(), |m| format!("{:.4} nats", m.loss));
    rows.push(vec!["none".into(), String::new(), percent(run.intact), loss(run.intact), String::new()]);
    for l in &run.lesions {
        let what = match l.lesion {
            Lesion::Drop(_) => "drop",
            Lesion::Swap(..) => "swap",
            Lesion::Scramble(_) => "scramble",
        };
        let note = match &l.impossible {
            Some(why) => format!("impossible: {why}"),
            None if l.reshapes => "changes the shape".into(),
            None => String::new(),
        };
        rows.push(vec![what.into(), l.blocks.join(" and "), percent(l.measured), loss(l.measured), note]);
    }
    format!(
        "{}, seed {}, on {} test pictures; running statistics {how}\n{}",
        run.name,
        run.seed,
        text::grouped(run.images as u64),
        text::table(&rows, &[false, false, true, true, false])
    )
}
