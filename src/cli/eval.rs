//! `skipscope eval`.

use super::args::{DeviceArgs, EngineArgs, MemoryArgs, NetworkArgs};
use super::resume::Resumed;
use super::{data, headless, model, text};
use crate::checkpoint::Origin;
use crate::session::{Command, Event};
use anyhow::bail;
use serde::Serialize;
use std::path::PathBuf;

/// Measure a trained network on test pictures.
///
/// Reads checkpoints of `skipscope train --save` and safetensors files that PyTorch wrote with torchvision's
/// names. Batch norm uses its running statistics, as in PyTorch's evaluation mode.
#[derive(clap::Args)]
#[command(after_help = model::MODELS)]
pub struct Args {
    /// Safetensors file with the network.
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,

    /// What network it is, where the file does not say it and its tensors leave it open.
    #[arg(long)]
    model: Option<String>,

    /// Pictures: `shapes10` (built in), `cifar10` (see `skipscope data download`), or a CIFAR-10 archive or folder
    /// [default: what it was trained on].
    #[arg(long, value_name = "DATA")]
    data: Option<String>,

    /// Print {"accuracy": 0 to 1, "loss", "images"}.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    device: DeviceArgs,

    #[command(flatten)]
    memory: MemoryArgs,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    accuracy: f32,
    loss: f32,
    images: usize,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let mut file = Resumed::read(&args.weights, args.model.as_deref(), &NetworkArgs::default())?;
    let trained_on = (file.origin == Origin::Skipscope).then_some(file.checkpoint.data.as_str());
    let pictures = data::load(args.data.as_deref(), trained_on)?;
    // Nothing is trained: the smallest training batch leaves memory to evaluation, and the adapter that
    // trained it does not matter.
    file.checkpoint.recipe.batch = 1;
    file.checkpoint.adapter.clear();
    let mut session = headless::open(&args.device, &args.memory, &args.engine, false)?;
    session.send(data::command(pictures));
    session.send(file.load()?);
    session.send(Command::Evaluate);
    while let Some(events) = headless::turn(&mut session) {
        for event in events {
            match event {
                Event::Evaluated(e) if args.json => {
                    let result = Report { accuracy: e.accuracy, loss: e.loss, images: e.images };
                    return text::print_line(&serde_json::to_string(&result)?);
                }
                Event::Evaluated(e) => {
                    return text::print_line(&format!(
                        "Test accuracy: {:.2} %, test loss: {:.4}, {} images",
                        e.accuracy * 100.0,
                        e.loss,
                        text::grouped(e.images as u64)
                    ));
                }
                Event::Warning(message) => eprintln!("warning: {message}"),
                other => headless::check(&other)?,
            }
        }
    }
    bail!("the evaluation ended without a result")
}
