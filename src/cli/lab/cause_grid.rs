//! `skipscope lab cause-grid`.

use super::super::train::{INITS, check_folder};
use super::super::{args::choice, headless, text};
use super::Common;
use crate::checkpoint::write_atomically;
use crate::lab::Job as _;
use crate::lab::cause_grid::{CauseGrid, GridOutcome, GridSettings, Mark, cells, init_name};
use crate::model::ModelSpec;
use crate::train::{Init, Recipe};
use anyhow::{Context as _, ensure};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  skipscope lab cause-grid                                     small runs at depths 20 and 56
  skipscope lab cause-grid --depths 20,56,110 --at 0 --inits he --bn on
  skipscope lab cause-grid --file grid.json --csv grid.csv     goes on where it was interrupted";

/// Look into small runs over depth, skip, batch norm and initial weights: what makes deep networks hard to train?
///
/// Told for each run, before its first step and after some more: training loss, gradient norm of the first block's
/// convolution over the last block's, growth of the activations from block to block, and dead ReLUs. Whether gradients
/// vanish (below a thousandth of the last block's) and whether their norms are healthy (within a factor of a hundred)
/// are two questions. Plain networks with Fixup are left out: nothing gets through them.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Depths, 6n + 2 layers each.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [20, 56])]
    depths: Vec<usize>,

    /// Steps before which something is measured.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [0, 10, 100])]
    at: Vec<u64>,

    /// Networks with skips, without, or both.
    #[arg(long, value_name = "WHICH", value_parser = SWITCHES, default_value = "both")]
    skip: String,

    /// Networks with batch norm, without, or both.
    #[arg(long, value_name = "WHICH", value_parser = SWITCHES, default_value = "both")]
    bn: String,

    /// Distributions of the initial weights [default: torch,he,fixup].
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', value_parser = choice::<Init>(&INITS))]
    inits: Vec<Init>,

    /// Run each cell with so many seeds, 1, 2, …
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,

    /// Pictures in a step.
    #[arg(long, value_name = "N", default_value_t = 64)]
    batch: usize,

    /// Learning rate.
    #[arg(long, value_name = "X", default_value_t = 0.01)]
    lr: f32,

    /// Keep the grid in FILE (JSON) after each cell, and go on with what is there.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Write a table to FILE: one line a cell and step.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,

    #[command(flatten)]
    common: Common,
}

const SWITCHES: [&str; 3] = ["on", "off", "both"];

/// `on` → yes, `off` → no, `both` → no and yes.
fn switch(text: &str) -> &'static [bool] {
    match text {
        "on" => &[true],
        "off" => &[false],
        _ => &[false, true],
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    for (flag, path) in [("--file", &args.file), ("--csv", &args.csv)] {
        if let Some(path) = path {
            check_folder(flag, path)?;
        }
    }
    let inits =
        if args.inits.is_empty() { vec![Init::Torch, Init::He, Init::Fixup] } else { args.inits.clone() };
    let seeds: Vec<u64> = (1..=args.seeds).collect();
    let cells = cells(&args.depths, switch(&args.skip), switch(&args.bn), &inits, &seeds);
    ensure!(!cells.is_empty(), "nothing is left to run: plain networks with Fixup are left out");
    let data = args.common.pictures()?;
    let mut at = args.at.clone();
    at.sort_unstable();
    let settings = GridSettings {
        data: data.name.clone(),
        at,
        recipe: Recipe { batch: args.batch, lr: args.lr, ..Recipe::default() },
    };
    let before = args.file.as_deref().filter(|f| f.exists()).map(read).transpose()?;
    let gpu = args.common.device.open()?;
    let resources = args.common.resources(&gpu)?;
    let mut grid = CauseGrid::new(&gpu, &data, settings, &cells, before, resources, headless::SLICE)?;
    let mut kept = grid.complete();
    let interrupted = super::drive_and(&gpu, &mut grid, |grid| {
        if grid.complete() == kept {
            return Ok(());
        }
        kept = grid.complete();
        match &args.file {
            Some(path) => write(path, serde_json::to_string(&grid.outcome())?.as_bytes()),
            None => Ok(()),
        }
    })?;
    let outcome = grid.outcome();
    if let Some(path) = &args.csv {
        write(path, outcome.csv().as_bytes())?;
    }
    if let Some(code) = interrupted {
        return Ok(code);
    }
    args.common.print("cause-grid", &gpu, &data.name, &outcome, tell)?;
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> anyhow::Result<GridOutcome> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no grid; give another --file", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write_atomically(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Three significant digits, however large or small.
fn short(value: Option<f32>) -> String {
    match value {
        None => "–".into(),
        Some(v) if v == 0.0 || (0.01..10_000.0).contains(&v.abs()) => format!("{v:.2}"),
        Some(v) => format!("{v:.1e}"),
    }
}

fn tell(outcome: &GridOutcome) -> String {
    let head = [
        "Network",
        "BN",
        "Init",
        "Seed",
        "Step",
        "Loss",
        "First/last",
        "Growth",
        "Dead",
        "Vanish",
        "Healthy",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let yes = |b: bool| if b { "yes" } else { "no" }.to_owned();
    for c in &outcome.cells {
        let first = [
            ModelSpec::cifar_name(c.cell.depth, c.cell.skip),
            yes(c.cell.batch_norm),
            init_name(c.cell.init).to_owned(),
            c.cell.seed.to_string(),
        ];
        let line = |m: &Mark| {
            [
                m.step.to_string(),
                short(Some(m.loss)),
                short(m.first_over_last),
                short(m.growth),
                format!("{:.0} %", m.dead_share() * 100.0),
                yes(m.vanishes()),
                yes(m.is_healthy()),
            ]
        };
        rows.extend(c.marks.iter().map(|m| first.iter().cloned().chain(line(m)).collect()));
        if let Some((step, what)) = &c.diverged {
            let said = [step.to_string(), format!("{what} diverged")];
            rows.push(first.iter().cloned().chain(said).collect());
        }
    }
    let right = [false, false, false, true, true, true, true, true, true, false, false];
    format!(
        "On {}, batch {}, learning rate {}. Loss in nats; first/last: gradient norm of the first block's first \
         convolution over that of the last block's; growth of the outputs' standard deviation a block; dead: share of channels\n{}",
        outcome.settings.data,
        outcome.settings.recipe.batch,
        outcome.settings.recipe.lr,
        text::table(&rows, &right)
    )
}
