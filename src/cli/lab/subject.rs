//! The network that an experiment is made on.

use crate::cli::args::{NetworkArgs, choice};
use crate::cli::model;
use crate::cli::resume::Resumed;
use crate::cli::train::INITS;
use crate::engine::{Gates, NetworkState, weights};
use crate::lab;
use crate::model::{Graph, ModelSpec};
use crate::train::{Init, Recipe};
use anyhow::bail;
use std::path::PathBuf;

/// Which network, and its weights.
#[derive(clap::Args, Clone, Debug)]
pub struct Subject {
    /// Name of the network; may be left out with --weights.
    #[arg(required_unless_present = "weights")]
    model: Option<String>,

    /// Take weights and recipe from this safetensors file instead of starting anew.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,

    #[command(flatten)]
    network: NetworkArgs,

    /// Distribution of the initial weights [default: torch].
    #[arg(long, value_name = "KIND", value_parser = choice::<Init>(&INITS), conflicts_with = "weights")]
    init: Option<Init>,

    /// Where all randomness comes from [default: 1].
    #[arg(long, value_name = "N", conflicts_with = "weights")]
    seed: Option<u64>,
}

/// A network as an experiment finds it.
pub struct Found {
    pub name: String,
    pub spec: ModelSpec,
    pub recipe: Recipe,
    pub state: NetworkState,
}

impl Found {
    /// What the laboratory takes, with the gates of its blocks.
    pub fn subject<'a>(&'a self, gates: &'a [Gates]) -> lab::Subject<'a> {
        let Self { name, spec, recipe, state } = self;
        lab::Subject { name, spec, gates, state, recipe }
    }
}

impl Subject {
    /// Reads or makes it.
    pub fn find(&self) -> anyhow::Result<Found> {
        if let Some(path) = &self.weights {
            let c = Resumed::read(path, self.model.as_deref(), &self.network)?.checkpoint;
            return Ok(Found { name: c.name, spec: c.spec, recipe: c.recipe, state: c.state });
        }
        let Some(name) = self.model.clone() else { bail!("name a model, or a file with --weights") };
        let spec = model::with_flags(&name, &self.network)?;
        let mut recipe = Recipe::default();
        recipe.init = self.init.unwrap_or(recipe.init);
        recipe.seed = self.seed.unwrap_or(recipe.seed);
        let graph = Graph::new(&spec)?;
        let params = weights::init(&graph, recipe.init, recipe.seed);
        let state = NetworkState::initial(&graph, params);
        Ok(Found { name, spec, recipe, state })
    }
}
