//! Reading weights and runs: `--resume` and `--weights`.

use super::args::NetworkArgs;
use super::model;
use super::train::RecipeArgs;
use crate::checkpoint::{self, Checkpoint, Origin};
use crate::data::Dataset;
use crate::model::{Alpha, Graph, ModelSpec};
use crate::session::Command;
use anyhow::{Context as _, ensure};
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// A checkpoint file, read.
pub struct Resumed {
    path: PathBuf,
    pub checkpoint: Checkpoint,
    pub origin: Origin,
}

impl Resumed {
    /// Reads `path`. `model`, changed by `flags`, is the network it has to hold, and tells what a foreign file
    /// leaves open.
    pub fn read(path: &Path, model: Option<&str>, flags: &NetworkArgs) -> anyhow::Result<Self> {
        let given = model.map(|name| model::with_flags(name, flags)).transpose()?;
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let decoded =
            checkpoint::decode(&bytes, given.as_ref()).with_context(|| path.display().to_string())?;
        let mut checkpoint = decoded.checkpoint;
        match (decoded.origin, model, given) {
            (Origin::Skipscope, Some(name), _) => {
                ensure!(checkpoint.name == name, "{} holds {}, not {name}", path.display(), checkpoint.name);
            }
            (Origin::Foreign, Some(name), Some(given)) => {
                let difference = difference(&checkpoint.spec, &given)?;
                ensure!(
                    difference.is_none(),
                    "{} is no {name}: {}",
                    path.display(),
                    difference.unwrap_or_default()
                );
                (checkpoint.name, checkpoint.spec) = (name.to_owned(), given);
            }
            (Origin::Foreign, _, _) => {
                let spec = model::changed(checkpoint.spec.clone(), flags);
                let difference = difference(&checkpoint.spec, &spec)?;
                ensure!(
                    difference.is_none(),
                    "the flags do not fit {}: {}",
                    path.display(),
                    difference.unwrap_or_default()
                );
                checkpoint.spec = spec;
            }
            (Origin::Skipscope, None, _) => {}
        }
        Ok(Self { path: path.to_owned(), checkpoint, origin: decoded.origin })
    }

    /// The command that goes on with the run on `data`. Of a run's recipe the flags may change what can be
    /// changed while training; contradictions to the rest are errors. A foreign file starts a run of
    /// its own.
    pub fn go_on(
        mut self,
        flags: &NetworkArgs,
        recipe: &RecipeArgs,
        variants: &[(String, String)],
        data: &Dataset,
    ) -> anyhow::Result<Command> {
        let checkpoint = &mut self.checkpoint;
        if self.origin == Origin::Skipscope {
            let against = contradictions(checkpoint, flags, recipe, variants);
            ensure!(
                against.is_empty(),
                "{}: {}; leave that out, or start a new run without --resume",
                self.path.display(),
                against.join(", ")
            );
            let found = (&data.name, data.train.len());
            ensure!(
                found == (&checkpoint.data, checkpoint.train_images),
                "the run in {} was trained on {} with {} pictures, --data has {} with {}; give the same data",
                self.path.display(),
                checkpoint.data,
                checkpoint.train_images,
                found.0,
                found.1
            );
        }
        recipe.apply(&mut checkpoint.recipe);
        checkpoint.recipe.validate()?;
        let total = checkpoint.recipe.total_steps(data.train.len());
        ensure!(
            checkpoint.step < total,
            "the run in {} is at step {} of {total}: nothing is left to do; give more --epochs or --steps",
            self.path.display(),
            checkpoint.step
        );
        self.load()
    }

    /// The command that loads it.
    pub fn load(self) -> anyhow::Result<Command> {
        let bytes = checkpoint::encode(&self.checkpoint)?;
        Ok(Command::Load { name: self.path.display().to_string(), bytes })
    }
}

/// The first tensor in which two networks differ, in words.
fn difference(found: &ModelSpec, wanted: &ModelSpec) -> anyhow::Result<Option<String>> {
    let (found, wanted) = (Graph::new(found)?.params, Graph::new(wanted)?.params);
    let pair = found.iter().zip(&wanted).find(|(f, w)| f.name != w.name || f.shape != w.shape);
    Ok(match pair {
        Some((f, w)) if f.name == w.name => {
            Some(format!("{} has the shape {:?}, expected {:?}", f.name, f.shape, w.shape))
        }
        Some((f, w)) => Some(format!("it has {} where {} is expected", f.name, w.name)),
        None if found.len() != wanted.len() => {
            Some(format!("it has {} tensors to train, expected {}", found.len(), wanted.len()))
        }
        None => None,
    })
}

/// Flags that want another run than the file's, in words.
fn contradictions(
    c: &Checkpoint,
    network: &NetworkArgs,
    recipe: &RecipeArgs,
    variants: &[(String, String)],
) -> Vec<String> {
    let mut list = Vec::new();
    let mut compare = |flag: &str, wanted: Option<String>, there: String| {
        if let Some(wanted) = wanted.filter(|w| *w != there) {
            list.push(format!("{flag} {wanted} contradicts the run's {there}"));
        }
    };
    let alpha = match &c.spec.alpha {
        Alpha::All(a) => a.to_string(),
        Alpha::PerBlock(list) => format!("{list:?}"),
    };
    compare("--shortcut", network.shortcut.map(named), named(c.spec.shortcut));
    compare("--alpha", network.alpha.map(|a| a.to_string()), alpha);
    compare("--width", text(network.width), c.spec.width.to_string());
    compare("--resize", text(network.resize), c.spec.input_size.to_string());
    compare("--init", recipe.init.map(named), named(c.recipe.init));
    compare("--batch", text(recipe.batch), c.recipe.batch.to_string());
    compare("--seed", text(recipe.seed), c.recipe.seed.to_string());
    for (operation, name) in variants {
        let there = c.variants.get(operation).cloned().unwrap_or_else(|| "another choice".into());
        compare(&format!("--variant {operation} ="), Some(name.clone()), there);
    }
    if network.no_bn && c.spec.batch_norm {
        list.push("--no-bn contradicts the run's batch norm".into());
    }
    list
}

fn text(value: Option<impl Display>) -> Option<String> {
    value.map(|v| v.to_string())
}

/// A value of an enum as it is written on the command line.
fn named(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
