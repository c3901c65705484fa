//! From a name and flags to a network.

use super::args::NetworkArgs;
use crate::model::{self, Alpha, ModelSpec, Shortcut, names, suggest};
use anyhow::{bail, ensure};

/// Ends the help of commands that take a model.
pub const MODELS: &str = "\
Models:
  resnet18 34 50 101 152      ImageNet's networks with a 3×3 stem for pictures of 32 pixels
  resnet18-imagenet … 152-…   the same as published: 7×7 stem, 1000 classes, pictures of 224 pixels
  resnet8 14 20 32 44 56 110  the paper's CIFAR family, widths 16-32-64
  plain8 … plain152-imagenet  each of them without its skip connections";

/// The network called `name`.
///
/// # Errors
///
/// Says what the name may have been meant to be, and which there are.
pub fn named(name: &str) -> anyhow::Result<ModelSpec> {
    if let Some(spec) = model::by_name(name) {
        return Ok(spec);
    }
    let meant = suggest(name).map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
    let residual: Vec<String> = names().into_iter().filter(|n| n.starts_with("resnet")).collect();
    bail!("there is no model '{name}'.{meant} There are {}, and a plain… twin of each", residual.join(", "))
}

/// The network called `name` with what the flags change.
pub fn with_flags(name: &str, flags: &NetworkArgs) -> anyhow::Result<ModelSpec> {
    let spec = changed(named(name)?, flags);
    ensure!(
        flags.alpha.is_none() || spec.shortcut != Shortcut::None,
        "--alpha weighs the shortcut, and {name} has none; add --shortcut zero_pad, or take a resnet"
    );
    spec.validate()?;
    Ok(spec)
}

/// `spec` with what the flags change, unchecked.
pub fn changed(mut spec: ModelSpec, flags: &NetworkArgs) -> ModelSpec {
    spec.shortcut = flags.shortcut.unwrap_or(spec.shortcut);
    if let Some(alpha) = flags.alpha {
        spec.alpha = Alpha::All(alpha);
    }
    spec.width = flags.width.unwrap_or(spec.width);
    spec.batch_norm &= !flags.no_bn;
    spec.input_size = flags.resize.unwrap_or(spec.input_size);
    spec
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_met_with_a_proposal() {
        let text = named("resnet-18").expect_err("misspelt").to_string();
        assert!(
            text.starts_with("there is no model 'resnet-18'. Did you mean resnet18? There are resnet18, "),
            "{text}"
        );
        assert!(!named("transformer").expect_err("none").to_string().contains("Did you mean"));
    }

    #[test]
    fn flags_change_the_network() {
        let flags = NetworkArgs {
            shortcut: Some(Shortcut::Projection),
            alpha: Some(0.5),
            width: Some(4),
            no_bn: true,
            resize: Some(64),
        };
        let spec = with_flags("plain20", &flags).expect("valid");
        assert_eq!(
            (spec.shortcut, spec.alpha, spec.width, spec.batch_norm, spec.input_size),
            (Shortcut::Projection, Alpha::All(0.5), 4, false, 64)
        );
        assert!(with_flags("plain20", &NetworkArgs { alpha: Some(0.5), ..NetworkArgs::default() }).is_err());
        assert!(with_flags("resnet20", &NetworkArgs { width: Some(0), ..NetworkArgs::default() }).is_err());
        assert!(with_flags("resnet20", &NetworkArgs { resize: Some(0), ..NetworkArgs::default() }).is_err());
    }
}
