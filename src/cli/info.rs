//! `skipscope info`.

use super::args::NetworkArgs;
use super::{model, text};
use crate::engine;
use crate::gpu::AdapterClass;
use crate::model::{Graph, LayerRow};
use crate::train::Recipe;
use anyhow::ensure;
use serde::Serialize;

/// Show a network's layers, parameters, work and memory; needs no GPU.
///
/// Layers have torchvision's names and PyTorch's order of dimensions: channels, height, width. MACs are the
/// multiply-accumulates of one picture's forward pass in convolutions and classifier, as papers count them;
/// training takes about three times as many.
#[derive(clap::Args)]
#[command(after_help = model::MODELS)]
pub struct Args {
    /// Name of the network.
    model: String,

    /// Pictures in a training step, for the memory it takes [default: 64].
    #[arg(long, value_name = "N")]
    batch: Option<usize>,

    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArgs,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Info<'a> {
    model: &'a str,
    parameters: usize,
    macs: u64,
    train_bytes: u64,
    train_bytes_software: u64,
    layers: Vec<LayerRow>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let spec = model::with_flags(&args.model, &args.network)?;
    let recipe = Recipe { batch: args.batch.unwrap_or(Recipe::default().batch), ..Recipe::default() };
    recipe.validate()?;
    let batch = recipe.batch;
    let graph = Graph::new(&spec)?;
    let demand = engine::estimate_for(&spec, batch, AdapterClass::Gpu)?;
    let software = engine::estimate_for(&spec, batch, AdapterClass::Cpu)?;
    let info = Info {
        model: &args.model,
        parameters: graph.parameter_count(),
        macs: graph.macs(),
        train_bytes: demand.total(),
        train_bytes_software: software.total(),
        layers: graph.layers(),
    };
    if args.json {
        return text::print_line(&serde_json::to_string(&info)?);
    }
    let mut rows = vec![["Layer", "Output", "Parameters", "MACs"].map(str::to_owned).to_vec()];
    for layer in &info.layers {
        let shape = layer.shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
        let number = |n: u64| if n == 0 { String::new() } else { text::grouped(n) };
        rows.push(vec![layer.name.clone(), shape, number(layer.parameters as u64), number(layer.macs)]);
    }
    let total = [String::new(), text::grouped(info.parameters as u64), text::grouped(info.macs)];
    rows.push([vec!["total".to_owned()], total.to_vec()].concat());
    ensure!(!info.layers.is_empty(), "the network has no layers");
    text::print_line(&format!(
        "{}\n\n{}: {} parameters; training at batch {batch} takes {} of GPU memory, pictures not included: {} for weights, \
         their gradients and momentum, {} for activations, their gradients and partial sums, {} for the rest. With the \
         kernels of software adapters it takes {}.",
        text::table(&rows, &[false, true, true, true]),
        args.model,
        text::grouped(info.parameters as u64),
        text::size(demand.total()),
        text::size(demand.parameters),
        text::size(demand.activations + demand.scratch),
        text::size(demand.input + demand.small),
        text::size(software.total()),
    ))
}
