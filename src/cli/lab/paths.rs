//! `skipscope lab paths`.

use super::Common;
use super::subject::Subject;
use crate::cli::{model, text};
use crate::engine::Gates;
use crate::engine::dataset::GpuSplit;
use crate::lab::paths::{Options, Outcome, Paths};
use crate::model::Graph;
use std::process::ExitCode;

const NOTE: &str = "\
Blocks with a ReLU after the sum are not simply a sum of paths: masks depend on all of them together. With masks
frozen as one image leaves them the network is affine, and gradients and shares of single paths are exact.";

/// Look at a residual network as a collection of paths (Veit et al. 2016).
///
/// Evaluation mode. How many of the 2ⁿ paths go through k branches; how much gradient comes back through one, measured
/// by sampled paths at the first block's input, ± the standard error; and what each block's branch and skip add to one
/// logit of a test image, with all ReLUs frozen. Most telling on a trained network (--weights).
#[derive(clap::Args)]
#[command(after_help = model::MODELS)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,

    /// Paths sampled of each length.
    #[arg(long, value_name = "N", default_value_t = 10)]
    samples: usize,

    /// Test images, the first ones, whose gradients are averaged.
    #[arg(long, value_name = "N", default_value_t = 16)]
    images: usize,

    /// Test image whose logit is taken apart, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    picture: usize,

    /// Class whose logit is taken apart [default: the one that wins].
    #[arg(long, value_name = "N")]
    class: Option<usize>,

    /// Which paths are sampled.
    #[arg(long, value_name = "N", default_value_t = 1)]
    paths_seed: u64,

    #[command(flatten)]
    common: Common,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let found = args.subject.find()?;
    let pictures = args.common.pictures()?;
    let gpu = args.common.device.open()?;
    let split = GpuSplit::upload(&gpu, &pictures.test);
    let gates = Gates::of(&Graph::new(&found.spec)?);
    let options = Options {
        samples: args.samples,
        images: args.images,
        picture: args.picture,
        class: args.class,
        seed: args.paths_seed,
        resources: args.common.resources(&gpu)?,
    };
    let mut job = Paths::new(&gpu, &found.subject(&gates), &split, pictures.classes.len(), options)?;
    args.common.report("paths", &gpu, &pictures.name, &mut job, |o| tell(o, &pictures.classes))
}

fn tell(o: &Outcome, classes: &[String]) -> String {
    let header = ["branches", "share of paths", "gradient of one", "samples", "share of gradient"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for l in &o.lengths {
        let error = l.error.map_or(String::new(), |e| format!(" ± {e:.1e}"));
        rows.push(vec![
            l.branches.to_string(),
            format!("{:.3} %", l.paths * 100.0),
            format!("{:.2e}{error}", l.gradient),
            l.samples.to_string(),
            format!("{:.2} %", l.share * 100.0),
        ]);
    }
    let mut lines = vec![text::table(&rows, &[true; 5])];
    lines.push(format!(
        "{} blocks; norms of the loss's gradient at the first block's input, all paths together {:.2e}; share of \
         gradient: of one times the number of paths, as magnitudes, which partly cancel in the sum",
        o.blocks, o.whole
    ));
    if let Some(s) = &o.shares {
        let class = classes.get(s.class).map_or_else(|| s.class.to_string(), Clone::clone);
        let header = ["block", "branch", "skip", "later biases", "sum"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for b in &s.blocks {
            let sum = b.branch + b.skip + b.later_biases;
            let numbers = [b.branch, b.skip, b.later_biases, sum].map(|v| format!("{v:.5}"));
            rows.push([b.block.clone()].into_iter().chain(numbers).collect());
        }
        lines.push(text::table(&rows, &[false, true, true, true, true]));
        lines.push(format!(
            "logit of {class}: {:.5} (GPU); image {:.5} + biases {:.5} = {:.5}; largest difference {:.1e} of the largest \
             logit",
            s.logit,
            s.image,
            s.sum - s.image,
            s.sum,
            s.off
        ));
    }
    lines.push(NOTE.to_owned());
    lines.join("\n")
}
