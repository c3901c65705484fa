//! What network a file without a description holds, told from the names and shapes of its tensors.

use super::{CheckpointError, File, brief, dims};
use crate::model::{Alpha, BlockKind, Graph, ModelSpec, Param, Shortcut, Stem, by_name, names};

/// The network whose tensors `file` holds. Only a few tensors are looked at; that all the others fit is
/// checked when they are read.
///
/// # Errors
///
/// If the file holds no ResNet, or leaves open which one and `fallback` does not help.
pub fn spec(file: &File, fallback: Option<&ModelSpec>) -> Result<ModelSpec, CheckpointError> {
    let has = |name: &str| file.tensors.contains_key(name);
    let Some(stem) = file.shape("conv1.weight") else {
        let first = file.tensors.keys().next().map(|n| brief(n)).unwrap_or_default();
        return Err(CheckpointError::NoResNet { count: file.tensors.len(), first });
    };
    let (width, stem) = match *stem {
        [width, 3, 3, 3] => (width, Stem::Cifar),
        [width, 3, 7, 7] => (width, Stem::Imagenet),
        _ => return Err(misshapen("conv1.weight", "[width, 3, 3, 3] or [width, 3, 7, 7]", stem)),
    };
    let classes = match file.shape("fc.weight") {
        Some(&[classes, _]) => classes,
        Some(other) => return Err(misshapen("fc.weight", "[classes, channels]", other)),
        None => {
            let (tensor, expected) = ("fc.weight".to_owned(), "[classes, channels]".to_owned());
            return Err(CheckpointError::Missing { tensor, expected });
        }
    };
    // Any tensor makes a block, so that one missing in the middle is named rather than ends the network.
    let exists = |stage: usize, block: usize| {
        let prefix = format!("layer{stage}.{block}.");
        file.tensors.range(prefix.clone()..).next().is_some_and(|(name, _)| name.starts_with(&prefix))
    };
    let blocks_of = |stage| (0..).take_while(|&block| exists(stage, block)).count();
    let blocks: Vec<usize> = (1..).map(blocks_of).take_while(|&n| n > 0).collect();
    let projected = file.tensors.keys().any(|name| name.contains(".downsample."));
    let spec = ModelSpec {
        stem,
        block: if has("layer1.0.conv3.weight") { BlockKind::Bottleneck } else { BlockKind::Basic },
        blocks,
        width,
        // Without downsample tensors a guess, which `fallback` has to confirm.
        shortcut: if projected { Shortcut::Projection } else { Shortcut::ZeroPad },
        alpha: Alpha::All(1.0),
        beta: Alpha::All(1.0),
        batch_norm: has("bn1.weight"),
        classes,
        input_size: match stem {
            Stem::Cifar => 32,
            Stem::Imagenet => 224,
        },
    };
    let graph = Graph::new(&spec)?;
    match fallback {
        Some(given) if Graph::new(given).is_ok_and(|g| same_tensors(&g, &graph)) => Ok(given.clone()),
        // Reading the file as the network given will name the tensor that differs.
        Some(given) if !projected => Ok(given.clone()),
        None if !projected => Err(CheckpointError::Ambiguous),
        _ => Ok(spec),
    }
}

/// A name for a network of unknown origin: the one in the zoo with the same tensors but for the number of
/// classes, else what it is.
pub fn name(spec: &ModelSpec) -> String {
    let twin = |name: &String| {
        by_name(name).is_some_and(|zoo| {
            let ModelSpec { classes, alpha, beta, input_size, .. } = spec.clone();
            ModelSpec { classes, alpha, beta, input_size, ..zoo } == *spec
        })
    };
    names().into_iter().find(twin).unwrap_or_else(|| format!("a network of {} layers", spec.depth()))
}

fn same_tensors(a: &Graph, b: &Graph) -> bool {
    let same = |(a, b): (&Param, &Param)| a.name == b.name && a.shape == b.shape;
    a.params.len() == b.params.len() && a.params.iter().zip(&b.params).all(same)
}

fn misshapen(tensor: &str, expected: &str, found: &[usize]) -> CheckpointError {
    CheckpointError::Shape { tensor: tensor.to_owned(), expected: expected.to_owned(), found: dims(found) }
}
