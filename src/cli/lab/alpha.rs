//! `skipscope lab alpha`.

use super::Common;
use crate::cli::text;
use crate::engine::dataset::GpuSplit;
use crate::lab::alpha::{AlphaTradeOff, Options, Outcome};
use std::process::ExitCode;

/// Measure what α on the skips does at initialisation (He et al. 2016, arXiv 1603.05027, §3.1).
///
/// Blocks compute ReLU(α·shortcut(x) + F(x)). For several α: the standard deviation of the first and the last block's
/// output, and the gradient at the first block's input that comes back through the skips alone, as a share of the same
/// at α = 1, beside αⁿ for n blocks. Differentiated is a fixed random projection of the logits; ± is the standard error
/// over seeds.
#[derive(clap::Args)]
pub struct Args {
    /// Depth of the residual network, 6n + 2 layers.
    #[arg(long, value_name = "N", default_value_t = 20)]
    depth: usize,

    /// Values of α, between 0 and 2.
    #[arg(long, value_name = "X,…", value_delimiter = ',', default_values_t = [1.1, 1.0, 0.9, 0.8, 0.7, 0.5])]
    alphas: Vec<f32>,

    /// With batch norm in the branches.
    #[arg(long)]
    batch_norm: bool,

    /// Seeds of the initial weights (He).
    #[arg(long, value_name = "N", default_value_t = 3)]
    seeds: u64,

    /// Training pictures in the batch, from the first on.
    #[arg(long, value_name = "N", default_value_t = 32)]
    images: usize,

    #[command(flatten)]
    common: Common,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let pictures = args.common.pictures()?;
    let gpu = args.common.device.open()?;
    let options = Options {
        depth: args.depth,
        alphas: args.alphas.clone(),
        batch_norm: args.batch_norm,
        seeds: args.seeds,
        images: args.images,
        resources: args.common.resources(&gpu)?,
    };
    let train = GpuSplit::upload(&gpu, &pictures.train);
    let mut job = AlphaTradeOff::new(&gpu, &train, pictures.classes.len(), options)?;
    args.common.report("alpha", &gpu, &pictures.name, &mut job, tell)
}

fn tell(found: &Outcome) -> String {
    let header =
        ["alpha", "std, first block", "last block", "gradient of the skips", "alpha^n", "of the whole"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for a in &found.alphas {
        let std = |v: Option<&f64>| v.map_or("-".into(), |v| format!("{v:.3e}"));
        rows.push(vec![
            a.alpha.to_string(),
            std(a.std.first()),
            std(a.std.last()),
            format!("{:.3e} ± {:.1e}", a.skip, a.error),
            format!("{:.3e}", a.theory),
            format!("{:.3e}", a.of_whole),
        ]);
    }
    let norm = if found.batch_norm { "with" } else { "without" };
    let seeds = found.alphas.first().map_or(0, |a| a.seeds);
    format!(
        "{}\nresnet{}, {} blocks, {norm} batch norm, He initialisation, {seeds} seeds.",
        text::table(&rows, &[true; 6]),
        found.depth,
        found.blocks
    )
}
