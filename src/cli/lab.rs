//! `skipscope lab`: the experiments of [`crate::lab`], one subcommand and one file each.

mod alpha;
mod cause_grid;
mod identity;
mod landscape;
mod lesion;
mod paths;
mod race;
mod shatter;
mod subject;
mod trust;

use super::args::{DeviceArgs, MemoryArgs};
use super::{INTERRUPTED, data, headless, text};
use crate::data::Dataset;
use crate::gpu::Gpu;
use crate::lab::Job;
use crate::lab::building::Resources;
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
enum Experiment {
    Alpha(alpha::Args),
    Identity(identity::Args),
    Landscape(Box<landscape::Args>),
    Paths(paths::Args),
    Shatter(shatter::Args),
    Trust(Box<trust::Args>),
    Race(Box<race::Args>),
    Lesion(Box<lesion::Args>),
    CauseGrid(Box<cause_grid::Args>),
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.experiment {
        Experiment::Alpha(args) => alpha::run(args),
        Experiment::Identity(args) => identity::run(args),
        Experiment::Landscape(args) => landscape::run(args),
        Experiment::Paths(args) => paths::run(args),
        Experiment::Shatter(args) => shatter::run(args),
        Experiment::Trust(args) => trust::run(args),
        Experiment::Race(args) => race::run(args),
        Experiment::Lesion(args) => lesion::run(args),
        Experiment::CauseGrid(args) => cause_grid::run(args),
    }
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

/// `code` of an experiment that came to its end, or failure if what it tested did not `hold`.
fn finish(code: ExitCode, holds: bool) -> ExitCode {
    if holds { code } else { ExitCode::FAILURE }
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

    /// What `--data` says.
    pub fn data_name(&self) -> &str {
        self.data.as_deref().unwrap_or("shapes10")
    }

    /// What networks may use on `gpu`.
    pub fn resources(&self, gpu: &Gpu) -> anyhow::Result<Resources> {
        Ok(Resources { variants: self.device.variants(gpu)?, gpu_memory: self.memory.budget() })
    }

    /// Prints an outcome, for people as `tell` has it.
    pub fn print<T: Serialize>(
        &self,
        experiment: &str,
        gpu: &Gpu,
        data: &str,
        outcome: &T,
        tell: impl FnOnce(&T) -> String,
    ) -> anyhow::Result<()> {
        let document = if self.json {
            let (version, adapter) = (env!("CARGO_PKG_VERSION"), gpu.facts.name.as_str());
            serde_json::to_string(&Document { experiment, version, adapter, data, outcome })?
        } else {
            tell(outcome)
        };
        text::print_line(&document)
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
        if let Some(code) = drive(gpu, job)? {
            return Ok(code);
        }
        self.print(experiment, gpu, data, &job.outcome(), tell)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Goes on with `job` to its end; an exit code, if Ctrl-C came before.
pub fn drive<J: Job>(gpu: &Gpu, job: &mut J) -> anyhow::Result<Option<ExitCode>> {
    drive_and(gpu, job, |_| Ok(()))
}

/// The same, with something to be done after each piece of work.
pub fn drive_and<J: Job>(
    gpu: &Gpu,
    job: &mut J,
    mut after: impl FnMut(&J) -> anyhow::Result<()>,
) -> anyhow::Result<Option<ExitCode>> {
    let interrupted = headless::interrupts()?;
    // Hidden by itself where standard error is no terminal.
    let bar = ProgressBar::new(1);
    bar.set_style(ProgressStyle::with_template("{bar:32} {pos}/{len} {msg}")?.progress_chars("━╸ "));
    loop {
        let progress = job.advance(gpu)?;
        after(job)?;
        bar.set_length(progress.total);
        bar.set_position(progress.done);
        if progress.is_done() {
            bar.finish_and_clear();
            return Ok(None);
        }
        bar.set_message(progress.what.to_string());
        if interrupted.load(Ordering::SeqCst) {
            bar.finish_and_clear();
            eprintln!("interrupted");
            return Ok(Some(ExitCode::from(INTERRUPTED)));
        }
        headless::rest();
    }
}
