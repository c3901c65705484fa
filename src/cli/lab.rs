//! `skipscope lab`: the experiments of [`crate::lab`], one subcommand and one file each.

use super::args::{DeviceArgs, MemoryArgs};
use super::{INTERRUPTED, data, headless, text};
use crate::data::Dataset;
use crate::gpu::Gpu;
use crate::lab::Job;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

/// Run an experiment about skip connections, and print what came out.
///
/// Each one measures here and now; nothing is looked up. Progress goes to standard error, results to standard
/// output, as text or, with --json, as one document. Ctrl-C stops between two pieces of work.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    experiment: Experiment,
}

#[derive(Subcommand)]
enum Experiment {}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match args.experiment {}
}

/// What every experiment can be told.
#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    /// Pictures: `shapes10` (built in), `cifar10` (see `skipscope data download`), or a CIFAR-10 archive or folder
    /// [default: shapes10].
    #[arg(long, value_name = "DATA")]
    data: Option<String>,

    /// Print one JSON document.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    pub device: DeviceArgs,

    #[command(flatten)]
    pub memory: MemoryArgs,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a, T> {
    experiment: &'a str,
    /// Version of Skipscope.
    version: &'a str,
    adapter: &'a str,
    data: &'a str,
    outcome: &'a T,
}

impl Common {
    /// The pictures.
    pub fn pictures(&self) -> anyhow::Result<Dataset> {
        data::load(self.data.as_deref(), None)
    }

    /// Goes on with `job` to its end or Ctrl-C, and prints its outcome, for people as `tell` has it.
    pub fn report<J: Job>(
        &self,
        experiment: &str,
        gpu: &Gpu,
        data: &str,
        job: &mut J,
        tell: impl FnOnce(&J::Outcome) -> String,
    ) -> anyhow::Result<ExitCode> {
        let interrupted = headless::catch_interrupts()?;
        // Hidden by itself where standard error is no terminal.
        let bar = ProgressBar::new(1);
        bar.set_style(ProgressStyle::with_template("{bar:32} {pos}/{len} {msg}")?.progress_chars("━╸ "));
        loop {
            let progress = job.advance(gpu)?;
            bar.set_length(progress.total);
            bar.set_position(progress.done);
            if progress.is_done() {
                break;
            }
            bar.set_message(progress.what);
            if interrupted.load(Ordering::SeqCst) {
                bar.finish_and_clear();
                eprintln!("interrupted");
                return Ok(ExitCode::from(INTERRUPTED));
            }
            headless::rest();
        }
        bar.finish_and_clear();
        let outcome = job.outcome();
        let document = if self.json {
            let (version, adapter) = (env!("CARGO_PKG_VERSION"), gpu.facts.name.as_str());
            serde_json::to_string(&Document { experiment, version, adapter, data, outcome: &outcome })?
        } else {
            tell(&outcome)
        };
        text::print_line(&document)?;
        Ok(ExitCode::SUCCESS)
    }
}
