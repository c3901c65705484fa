//! Where pictures come from, and `skipscope data`.

use super::text;
use crate::data::download::{self, DownloadError};
use crate::data::{Dataset, cifar, synthetic};
use crate::session::{Command, DataSource};
use anyhow::{Context as _, anyhow};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;

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

/// Fetch CIFAR-10 (170 MB) into the platform's data folder, where `--data cifar10` finds it.
///
/// 60,000 pictures of 32×32 pixels in ten classes (Krizhevsky 2009). An interrupted download goes on where it
/// broke off; the checksum is compared at the end.
#[derive(clap::Args)]
struct DownloadArgs {
    /// Fetch the archive from this address instead of its authors'.
    #[arg(long)]
    url: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    match &args.task {
        Task::Download(args) => fetch(args),
    }
}

fn fetch(args: &DownloadArgs) -> anyhow::Result<()> {
    let url = args.url.as_deref().unwrap_or(download::DEFAULT_URL);
    let sum = download::published_md5(url);
    // Hidden by itself where standard error is no terminal.
    let bar = ProgressBar::no_length();
    let template = "{bar:32} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
    bar.set_style(ProgressStyle::with_template(template)?.progress_chars("━╸ "));
    let path = download::download(url, &download::data_dir()?, sum, |done, total| {
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let path = path?;
    if sum.is_none() {
        eprintln!("warning: the file's checksum is not known, so nothing was compared");
    }
    let found = download::find(CIFAR10).is_ok_and(|there| there == path);
    let data = if found { CIFAR10.to_owned() } else { path.display().to_string() };
    text::print_line(&format!("{} is there; train on it with --data {data}", path.display()))
}

/// The pictures that `--data` names; without it those that a checkpoint was `trained_on`, or the built-in ones.
pub fn load(data: Option<&str>, trained_on: Option<&str>) -> anyhow::Result<Dataset> {
    match (data, trained_on) {
        (Some(SHAPES10), _) | (None, None | Some(SHAPES10)) => Ok(synthetic::shapes10(SHAPES10_SEED)),
        (Some(data), _) => Ok(cifar::from_path(&find(data)?)?),
        (None, Some(name)) => {
            let there =
                download::find(CIFAR10).ok().filter(|path| path.file_name().is_some_and(|n| n == name));
            let path = there.with_context(|| {
                format!("the checkpoint was trained on {name}; say where that is with --data")
            })?;
            Ok(cifar::from_path(&path)?)
        }
    }
}

/// The archive or folder that `--data` names.
fn find(data: &str) -> anyhow::Result<PathBuf> {
    download::find(data).map_err(|error| match error {
        // The download room does not know of the built-in pictures.
        DownloadError::NoSuchFile { path } => {
            anyhow!("there is no file or folder {path}; give {SHAPES10}, {CIFAR10}, an archive or an unpacked folder")
        }
        other => other.into(),
    })
}

/// The command that loads them.
pub fn command(pictures: Dataset) -> Command {
    Command::LoadData(DataSource::Dataset(Box::new(pictures)))
}
