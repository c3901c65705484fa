//! `skipscope verify`.

use super::args::{EngineArgs, NetworkArgs};
use super::lab::Common;
use super::train::RecipeArgs;
use super::{lab, model, text};
use crate::lab::Job as _;
use crate::lab::engines::{Agreement, Engines, FIRST_LOSS, Question};
use crate::session::EngineKind;
use crate::train::Recipe;
use anyhow::ensure;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  skipscope verify --engines resnet20 --steps 5 --batch 16
  skipscope verify --engines plain56 --engine burn-cpu --json

";

/// Train a network in two engines, and say how far they are apart.
///
/// Skipscope's own engine and another (`burn` unless --engine says otherwise) start from the same weights and get the
/// same batches, for 3 steps unless --steps or --epochs say otherwise. Printed are the loss of every step, and for each
/// parameter the relative deviations of its gradient's norm and of its values at the end. Training multiplies any
/// difference in rounding, a deep plain network most; so only the first step's losses are judged: the exit code is 0
/// if they agree to 1e-4 and all numbers are finite.
#[derive(clap::Args)]
#[command(after_help = [EXAMPLES, model::MODELS].concat())]
pub struct Args {
    /// Network to train in both.
    #[arg(long, value_name = "MODEL")]
    engines: String,

    #[command(flatten)]
    network: NetworkArgs,

    #[command(flatten)]
    recipe: RecipeArgs,

    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    common: Common,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let spec = model::with_flags(&args.engines, &args.network)?;
    let mut recipe = Recipe { steps: Some(3), ..Recipe::default() };
    args.recipe.apply(&mut recipe);
    let other = args.engine.or(EngineKind::Burn)?;
    ensure!(other != EngineKind::Own, "the own engine is always one of the two; --engine names the other");
    let pictures = args.common.pictures()?;
    let steps = recipe.total_steps(pictures.train.len());
    let gpu = args.common.device.open_for(other)?;
    let resources = args.common.resources(&gpu)?;
    let question = Question { name: args.engines.clone(), spec, recipe, other, steps };
    let mut job = Engines::new(&gpu, question, &pictures, &resources)?;
    if let Some(code) = lab::drive(&gpu, &mut job)? {
        return Ok(code);
    }
    let found = job.outcome();
    args.common.print("engines", &gpu, &pictures.name, &found, tell)?;
    Ok(if found.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(found: &Agreement) -> String {
    let cells = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
    let mut lines = vec![format!(
        "{} at batch {}: A is Skipscope on {}, B is {}",
        found.network, found.batch, found.own, found.other
    )];
    let losses = found.losses.iter().enumerate().map(|(step, l)| {
        vec![
            step.to_string(),
            format!("{:.6}", l.own),
            format!("{:.6}", l.other),
            format!("{:.1e}", l.deviation),
        ]
    });
    let header = ["step", "loss A", "loss B", "deviation"].map(str::to_owned).to_vec();
    lines.push(text::table(
        &[header].into_iter().chain(losses).collect::<Vec<_>>(),
        &[false, true, true, true],
    ));
    let rows = found.rows.iter().map(|r| {
        let numbers = [r.gradient, r.first_gradient, r.worst_gradient, r.weights].map(|v| format!("{v:.1e}"));
        [r.parameter.clone()].into_iter().chain(numbers).collect()
    });
    let header = cells(["parameter", "gradient A, step 0", "B off by", "worst step", "weights at the end"]);
    lines.push(text::table(
        &[header].into_iter().chain(rows).collect::<Vec<_>>(),
        &[false, true, true, true, true],
    ));
    let verdict = if found.holds() { "agree" } else { "DIFFER" };
    lines.push(format!("the engines {verdict}: the first losses have to agree to {FIRST_LOSS:.0e}"));
    lines.join("\n")
}
