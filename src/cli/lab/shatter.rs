//! `skipscope lab shatter`.

use super::Common;
use crate::cli::args::choice;
use crate::cli::text;
use crate::cli::train::INITS;
use crate::engine::dataset::GpuSplit;
use crate::lab::shatter::{Curve, Options, Shatter};
use crate::model::ModelSpec;
use crate::train::Init;
use std::process::ExitCode;

const NOTE: &str = "\
Differs from the paper: convolutions on pictures, two to a block, ReLU after the sum; batch norm keeps the statistics
of 64 pictures. Theory takes independent activation patterns; inputs on a line between two pictures are alike, so that
measured correlations are expected above it. 1/sqrt(L), with skip and batch norm, holds only up to a constant.";

/// Measure how alike the gradients of neighbouring inputs are at initialisation (Balduzzi et al. 2017).
///
/// Inputs lie on a line between two pictures; a fixed random projection of the logits is differentiated with
/// respect to the input, and the cosine of two gradients is averaged over the line, against their distance. Plain
/// and residual networks, with and without batch norm, each with weights, projection and pictures of its own for
/// every seed; ± is the standard error over seeds.
#[derive(clap::Args)]
pub struct Args {
    /// Depths of the CIFAR family, 6n + 2 layers.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [8, 20, 56])]
    depths: Vec<usize>,

    /// Seeds.
    #[arg(long, value_name = "N", default_value_t = 20)]
    seeds: u64,

    /// Inputs on each line.
    #[arg(long, value_name = "N", default_value_t = 32)]
    points: usize,

    /// Distribution of the initial weights.
    #[arg(long, value_name = "KIND", value_parser = choice::<Init>(&INITS), default_value = "he")]
    init: Init,

    #[command(flatten)]
    common: Common,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let pictures = args.common.pictures()?;
    let gpu = args.common.device.open()?;
    let options = Options {
        depths: args.depths.clone(),
        seeds: args.seeds,
        points: args.points,
        init: args.init,
        resources: args.common.resources(&gpu)?,
    };
    let mut job = Shatter::new(options, GpuSplit::upload(&gpu, &pictures.train))?;
    args.common.report("shatter", &gpu, &pictures.name, &mut job, |curves| tell(curves))
}

/// Correlation at the smallest lag, at a quarter and at half of the line.
fn tell(curves: &[Curve]) -> String {
    let lags = curves.first().map_or(&[][..], |c| &c.correlation);
    let shown = [0, lags.len() / 2, lags.len().saturating_sub(1)];
    let mut header = vec!["network".to_owned()];
    header.extend(shown.iter().filter_map(|&k| Some(format!("lag {:.2}", lags.get(k)?.lag))));
    header.push("theory".to_owned());
    let mut rows = vec![header];
    for c in curves {
        let norm = if c.kind.batch_norm { ", batch norm" } else { "" };
        let mut row = vec![format!("{}{norm}", ModelSpec::cifar_name(c.kind.depth, c.kind.skip))];
        row.extend(
            shown
                .iter()
                .filter_map(|&k| c.correlation.get(k))
                .map(|a| format!("{:.3} ± {:.3}", a.correlation, a.error)),
        );
        row.push(
            c.theory
                .map_or("-".to_owned(), |t| format!("{} = {:.1e} (L = {})", t.formula, t.value, t.layers)),
        );
        rows.push(row);
    }
    let seeds = curves.first().map_or(0, |c| c.seeds);
    format!(
        "{}\n{seeds} seeds; lag: share of the line.\n{NOTE}",
        text::table(&rows, &[false, true, true, true])
    )
}
