//! `skipscope lab identity`.

use super::Common;
use crate::cli::text;
use crate::lab::identity::{Identity, Lane, Options, Outcome, Run};
use anyhow::ensure;
use std::process::ExitCode;

/// Let blocks learn the identity and a small known residual, with and without skip and batch norm.
///
/// He et al. 2015, §3.1, suggest that plain layers find the identity hard and that a shortcut makes it easy. A stack
/// of blocks on inputs ≥ 0 learns ReLU(x + 0.1·r(x)), r being the difference of neighbouring channels, by the mean
/// squared error. Counted are the steps until the loss is that of the exact identity, and half of it; F/x is
/// ‖F(x)‖/‖x‖ of the first block, at the first and the last step. Every lane runs at each learning rate, and the one is
/// shown that gets furthest.
#[derive(clap::Args)]
pub struct Args {
    /// Blocks of two 3×3 convolutions, one after the other.
    #[arg(long, value_name = "N", default_value_t = 3)]
    blocks: usize,

    /// Steps of each run, 16 inputs of 8×8 pixels and 16 channels each.
    #[arg(long, value_name = "N", default_value_t = 500)]
    steps: u64,

    /// Seeds of weights and inputs.
    #[arg(long, value_name = "N", default_value_t = 3)]
    seeds: u64,

    /// Learning rates, with momentum 0.9.
    #[arg(long, value_name = "X,…", value_delimiter = ',', default_values_t = [0.02, 0.1, 0.5, 2.0])]
    rates: Vec<f32>,

    /// Leave out the lane whose last γ of each block starts at 0, so that the block starts as the identity.
    #[arg(long)]
    no_zero_gamma: bool,

    #[command(flatten)]
    common: Common,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    ensure!(
        args.common.data.is_none(),
        "lab identity makes its inputs itself, random numbers, and looks at no pictures; leave out --data"
    );
    let gpu = args.common.device.open()?;
    let options = Options {
        blocks: args.blocks,
        steps: args.steps,
        seeds: args.seeds,
        rates: args.rates.clone(),
        zero_gamma: !args.no_zero_gamma,
        resources: args.common.resources(&gpu)?,
    };
    let mut job = Identity::new(options)?;
    args.common.report("identity", &gpu, "generated", &mut job, tell)
}

/// Runs of one lane at one learning rate, over seeds.
fn group<'a>(o: &'a Outcome, lane: &Lane) -> Vec<&'a Run> {
    let same = |l: &Lane| Lane { seed: lane.seed, ..*l } == *lane;
    o.runs.iter().filter(|r| same(&r.lane)).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (n, sum) = values.fold((0.0, 0.0), |(n, s), v| (n + 1.0, s + v));
    sum / n
}

/// Smallest and largest, `-` for a run that never got there.
fn range(values: Vec<Option<u64>>) -> String {
    let there: Vec<u64> = values.iter().flatten().copied().collect();
    match (there.iter().min(), there.iter().max()) {
        (Some(a), Some(b)) if there.len() < values.len() => {
            format!("{a} to {b}, {} of {} never", values.len() - there.len(), values.len())
        }
        (Some(a), Some(b)) if a == b => a.to_string(),
        (Some(a), Some(b)) => format!("{a} to {b}"),
        _ => "never".into(),
    }
}

fn tell(o: &Outcome) -> String {
    let header = ["lane", "rate", "steps to identity", "to residual", "last loss", "F/x first", "last", "γ"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut names: Vec<String> = Vec::new();
    for run in &o.runs {
        let name = run.lane.to_string();
        if names.contains(&name) {
            continue;
        }
        let candidates = o.runs.iter().filter(|r| r.lane.to_string() == name).map(|r| group(o, &r.lane));
        let worth = |g: &Vec<&Run>| mean(g.iter().map(|r| r.last_loss()));
        let Some(best) = candidates.min_by(|a, b| worth(a).total_cmp(&worth(b))) else { continue };
        let branch = |at: fn(&Run) -> Option<&crate::lab::identity::Step>| {
            mean(best.iter().filter_map(|r| Some(f64::from(*at(r)?.branch.first()?))))
        };
        let gammas: Vec<f64> = best.iter().filter_map(|r| r.steps.last()?.gamma.map(f64::from)).collect();
        rows.push(vec![
            name.clone(),
            best[0].lane.lr.to_string(),
            range(best.iter().map(|r| r.to_identity).collect()),
            range(best.iter().map(|r| r.to_residual).collect()),
            format!("{:.2e}", worth(&best)),
            format!("{:.3}", branch(|r| r.steps.first())),
            format!("{:.3}", branch(|r| r.steps.last())),
            if gammas.is_empty() { "-".into() } else { format!("{:.3}", mean(gammas.into_iter())) },
        ]);
        names.push(name);
    }
    let right = [false, true, true, true, true, true, true, true];
    format!(
        "{}\nloss of the exact identity {:.2e}; the residual is {:.1} % of x; {} blocks; γ: root mean square of the \
         last block's last. A plain block has no shortcut: its F(x) has to be x itself.",
        text::table(&rows, &right),
        o.identity_loss,
        o.residual * 100.0,
        o.blocks
    )
}
