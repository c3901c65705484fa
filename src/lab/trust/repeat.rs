//! The command line that repeats a run in a terminal.
//!
//! Bit for bit with the same adapter, driver, build and kernel variants.

use crate::engine::variants::Variants;
use crate::model::{ModelSpec, by_name, row_of};
use crate::train::Recipe;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;

/// A run, as far as its numbers depend on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<'a> {
    /// A name of the zoo.
    pub model: &'a str,
    pub spec: &'a ModelSpec,
    pub recipe: &'a Recipe,
    /// `shapes10`, `cifar10`, or where the pictures are.
    pub data: &'a str,
    pub variants: &'a Variants,
    /// What the adapter computes with unless told otherwise.
    pub by_itself: &'a Variants,
    pub adapter: Option<&'a str>,
}

/// Why no command line describes a run: what differs cannot be said with flags.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no command line repeats this run, as {what} has no flag; save the run and go on with it by --resume instead"
)]
pub struct NotRepeatable {
    pub what: String,
}

/// The name that a value has in JSON, which is its name on the command line.
fn name<T: Serialize + DeserializeOwned>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A word of a shell's command line.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:+,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// `skipscope train …` with every flag that differs from its default; the seed is always said.
///
/// # Errors
/// Names what no flag says: a network of the user's own, α that differs between blocks, normalisation.
pub fn command_line(run: &Run) -> Result<String, NotRepeatable> {
    let mut line = format!("skipscope train {}", quoted(row_of(run.model)));
    network_flags(run, &mut line)?;
    recipe_flags(run.recipe, &mut line)?;
    let _ = write!(line, " --data {}", quoted(run.data));
    for (operation, variant) in run.variants.as_map() {
        if run.by_itself.as_map().get(operation) != Some(variant) {
            let _ = write!(line, " --variant {}", quoted(&format!("{operation}={variant}")));
        }
    }
    if let Some(adapter) = run.adapter {
        let _ = write!(line, " --adapter {}", quoted(adapter));
    }
    Ok(line)
}

fn network_flags(run: &Run, line: &mut String) -> Result<(), NotRepeatable> {
    let missing = |what: &str| NotRepeatable { what: what.to_owned() };
    let mut said = by_name(row_of(run.model)).ok_or_else(|| missing("the network"))?;
    let spec = run.spec;
    if spec.width != said.width {
        let _ = write!(line, " --width {}", spec.width);
        said.width = spec.width;
    }
    if spec.shortcut != said.shortcut {
        let _ = write!(line, " --shortcut {}", name(&spec.shortcut));
        said.shortcut = spec.shortcut;
    }
    if spec.alpha != said.alpha {
        let first = spec.alpha.of(0);
        if (0..spec.block_count()).any(|b| spec.alpha.of(b) != first) {
            return Err(missing("α of single blocks"));
        }
        if first != 1.0 {
            let _ = write!(line, " --alpha {first}");
        }
        said.alpha = spec.alpha.clone();
    }
    if said.batch_norm && !spec.batch_norm {
        line.push_str(" --no-bn");
        said.batch_norm = false;
    }
    if spec.input_size != said.input_size {
        let _ = write!(line, " --resize {}", spec.input_size);
        said.input_size = spec.input_size;
    }
    // The number of classes follows the data.
    said.classes = spec.classes;
    if said == *spec { Ok(()) } else { Err(missing("the network")) }
}

fn recipe_flags(r: &Recipe, line: &mut String) -> Result<(), NotRepeatable> {
    let d = Recipe::default();
    let missing = |what: &str| Err(NotRepeatable { what: what.to_owned() });
    match r.steps {
        Some(steps) => {
            let _ = write!(line, " --steps {steps}");
        }
        None if r.epochs != d.epochs => {
            let _ = write!(line, " --epochs {}", r.epochs);
        }
        None => {}
    }
    let mut number = |flag: &str, value: f32, default: f32| {
        if value != default {
            let _ = write!(line, " --{flag} {value}");
        }
    };
    number("batch", r.batch as f32, d.batch as f32);
    number("lr", r.lr, d.lr);
    number("momentum", r.momentum, d.momentum);
    number("weight-decay", r.weight_decay, d.weight_decay);
    if r.nesterov {
        line.push_str(" --nesterov");
    }
    if r.schedule != d.schedule {
        let _ = write!(line, " --schedule {}", name(&r.schedule));
    }
    if r.augment != d.augment {
        let _ = write!(line, " --augment {}", name(&r.augment));
    }
    if r.init != d.init {
        let _ = write!(line, " --init {}", name(&r.init));
    }
    let _ = write!(line, " --seed {}", r.seed);
    if r.resize != d.resize {
        return missing("how pictures are resized");
    }
    if (r.mean, r.std) != (d.mean, d.std) {
        return missing("how pictures are normalised");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::variants::OPERATIONS;
    use crate::gpu::AdapterClass;
    use crate::model::{Alpha, Shortcut};
    use crate::train::{Augment, Init, Schedule};

    #[test]
    fn a_run_is_said_in_flags_that_differ() {
        let spec = by_name("resnet20").expect("in the zoo");
        let (recipe, variants) = (Recipe::default(), Variants::default());
        let run = Run {
            model: "resnet20",
            spec: &spec,
            recipe: &recipe,
            data: "shapes10",
            variants: &variants,
            by_itself: &variants,
            adapter: None,
        };
        assert_eq!(command_line(&run).expect("sayable"), "skipscope train resnet20 --seed 1 --data shapes10");
        let other = ModelSpec {
            shortcut: Shortcut::Projection,
            alpha: Alpha::PerBlock(vec![0.5; 9]),
            batch_norm: false,
            input_size: 48,
            width: 8,
            ..spec.clone()
        };
        let recipe = Recipe {
            steps: Some(300),
            batch: 32,
            lr: 0.02,
            nesterov: true,
            weight_decay: 1e-4,
            schedule: Schedule::Cosine,
            augment: Augment::CropFlip,
            init: Init::He,
            seed: 7,
            ..Recipe::default()
        };
        let mut pixel = Variants::default();
        pixel.set("conv_forward", "pixel").expect("known");
        let run = Run {
            model: "resnet20+B+no-bn+w8+48",
            spec: &other,
            recipe: &recipe,
            data: "my pictures.tar.gz",
            variants: &pixel,
            adapter: Some("llvmpipe (LLVM)"),
            ..run
        };
        assert_eq!(
            command_line(&run).expect("sayable"),
            "skipscope train resnet20 --width 8 --shortcut projection --alpha 0.5 --no-bn --resize 48 --steps 300 --batch 32 \
             --lr 0.02 --weight-decay 0.0001 --nesterov --schedule cosine --augment crop-flip --init he --seed 7 \
             --data 'my pictures.tar.gz' --variant conv_forward=pixel --adapter 'llvmpipe (LLVM)'"
        );
    }

    #[test]
    fn variants_are_said_where_the_adapter_has_others_by_itself() {
        let (spec, recipe) = (by_name("resnet8").expect("in the zoo"), Recipe::default());
        let software = Variants::for_class(AdapterClass::Cpu);
        let line = |variants: &Variants| {
            let (model, spec, recipe, data) = ("resnet8", &spec, &recipe, "shapes10");
            let run = Run { model, spec, recipe, data, variants, by_itself: &software, adapter: Some("cpu") };
            command_line(&run).expect("sayable")
        };
        let mut row = software.clone();
        for operation in OPERATIONS {
            row.set(operation, "row").expect("known");
        }
        assert_eq!(
            line(&row),
            "skipscope train resnet8 --seed 1 --data shapes10 --variant conv_forward=row --variant conv_input_grad=row \
             --variant conv_weight_grad=row --adapter cpu"
        );
        assert_eq!(line(&software), "skipscope train resnet8 --seed 1 --data shapes10 --adapter cpu");
    }

    #[test]
    fn what_no_flag_says_is_named() {
        let (recipe, variants) = (Recipe::default(), Variants::default());
        let base = by_name("resnet8").expect("in the zoo");
        let line = |spec: &ModelSpec, recipe: &Recipe| {
            let data = "shapes10";
            let (variants, by_itself) = (&variants, &variants);
            command_line(&Run { model: "resnet8", spec, recipe, data, variants, by_itself, adapter: None })
        };
        let own = ModelSpec { blocks: vec![1, 2, 1], ..base.clone() };
        assert_eq!(line(&own, &recipe).expect_err("own").what, "the network");
        let mixed = ModelSpec { alpha: Alpha::PerBlock(vec![1.0, 0.0, 1.0]), ..base.clone() };
        assert_eq!(line(&mixed, &recipe).expect_err("mixed").what, "α of single blocks");
        let other = Recipe { std: [0.2; 3], ..Recipe::default() };
        assert_eq!(line(&base, &other).expect_err("normalised").what, "how pictures are normalised");
    }
}
