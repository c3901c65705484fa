//! Checkpoints: a network with everything that training it needs, as one safetensors file that PyTorch
//! reads and that Skipscope reads when PyTorch wrote it.
//!
//! | in the file | what it is |
//! |---|---|
//! | `conv1.weight`, `layer1.0.bn1.bias`, … | parameters: torchvision's names, PyTorch's layouts, F32 |
//! | `….running_mean`, `….running_var`, `….num_batches_tracked` | batch norm's statistics (F32, F32, I64 scalar) |
//! | `optimizer.momentum.<parameter>` | SGD's momentum buffer of each parameter |
//! | `__metadata__`, key `skipscope` | JSON: format, network, recipe, step, data, variants, adapter, changes of α |
//!
//! Optimiser state sits among the tensors, because it is as large as the network, and under a prefix,
//! because PyTorch's strict loading accepts no other names than the module's. Two lines load the network:
//!
//! ```python
//! tensors = safetensors.torch.load_file("run.safetensors")
//! model.load_state_dict({k: v for k, v in tensors.items() if not k.startswith("optimizer.")})
//! ```
//!
//! A file without the metadata is a plain `state_dict` that somebody else wrote. Its network is inferred
//! from names and shapes, numbers of 16 and 64 bits are converted, and training starts at step 0.
//!
//! Not-a-number and infinite weights are taken over as they are, since looking at a network that diverged
//! is a fair wish; [`Decoded::notes`] says so. Bytes are untrusted: whatever they are, the worst that
//! happens is an error that names the tensor.

mod infer;
mod numbers;
#[cfg(not(target_arch = "wasm32"))]
mod write;

#[cfg(not(target_arch = "wasm32"))]
pub use write::write_atomically;

use crate::engine::NetworkState;
use crate::model::{BlockKind, Graph, ModelSpec, SpecError};
use crate::train::{Recipe, RecipeError, Surgery};
use safetensors::tensor::{Dtype, Metadata, SafeTensorError, SafeTensors, TensorInfo, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Newest layout of the metadata. Readers refuse newer ones, since guessing would resume a wrong run.
const FORMAT: u32 = 1;
/// Key in the file's `__metadata__`.
const METADATA_KEY: &str = "skipscope";
/// Before the parameter's name in the name of its momentum buffer.
const MOMENTUM: &str = "optimizer.momentum.";

/// A network and the run that it is part of.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What the network is called, e.g. `resnet18`.
    pub name: String,
    /// With α of every block as it is now, whatever the run began with.
    pub spec: ModelSpec,
    pub recipe: Recipe,
    /// Training steps done.
    pub step: u64,
    /// Pictures in the training split; the learning rate and the order of pictures follow from it.
    pub train_images: usize,
    /// Name of the data that it was trained on.
    pub data: String,
    /// Kernel variant of each operation: other variants give other last bits.
    pub variants: BTreeMap<String, String>,
    /// The adapter it was trained on.
    pub adapter: String,
    pub state: NetworkState,
    /// Training batches that entered batch norm's running statistics.
    pub batches_tracked: u64,
    /// Changes of α in this run so far.
    pub surgeries: Vec<Surgery>,
}

/// Who wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Skipscope: the run can go on where it stopped.
    Skipscope,
    /// Something else: a network without a run. Recipe and data are defaults, step and velocities zero.
    Foreign,
}

/// What [`decode`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub checkpoint: Checkpoint,
    pub origin: Origin,
    /// Remarks that the user should see, e.g. weights that are not finite.
    pub notes: Vec<String>,
}

/// Why bytes are no checkpoint, or a checkpoint cannot be written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CheckpointError {
    #[error("this is no safetensors file, or it is damaged or incomplete: {0}")]
    Damaged(String),
    #[error(
        "this is a pickled PyTorch file, which Skipscope does not read; in PyTorch, save it with \
         safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"
    )]
    Pickled,
    #[error(
        "the checkpoint has format {found}, this version of Skipscope reads up to {FORMAT}; use a newer one"
    )]
    Newer { found: u32 },
    #[error("the metadata of the checkpoint cannot be read: {0}")]
    Metadata(String),
    #[error("the checkpoint describes an impossible network: {0}")]
    Spec(#[from] SpecError),
    #[error("the checkpoint has an impossible recipe: {0}")]
    Recipe(#[from] RecipeError),
    #[error(
        "there is no tensor conv1.weight, so this is no ResNet with torchvision's names; the first of its \
         {count} tensors is called '{first}'"
    )]
    NoResNet { count: usize, first: String },
    #[error("the tensor {tensor} is missing; expected {expected}")]
    Missing { tensor: String, expected: String },
    #[error("the tensor {tensor} does not belong to this network ({network})")]
    Unexpected { tensor: String, network: String },
    #[error("the tensor {tensor} has the shape {found}, expected {expected}")]
    Shape { tensor: String, expected: String, found: String },
    #[error("the tensor {tensor} has the type {found}, expected {expected}")]
    Type { tensor: String, expected: &'static str, found: String },
    #[error("{tensor} is {value}; it counts batches, so it cannot be negative")]
    Count { tensor: String, value: i64 },
    #[error(
        "the file has no downsample tensors and does not say what runs beside the blocks: a zero-padded \
         shortcut or none; name the model (--model resnet20 or plain20, for instance)"
    )]
    Ambiguous,
    #[error("the state holds {found} values for {tensor}, the network has {expected}")]
    State { tensor: String, expected: usize, found: usize },
}

/// What stands in the file's metadata.
#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    name: String,
    model: ModelSpec,
    recipe: Recipe,
    step: u64,
    train_images: usize,
    data: String,
    variants: BTreeMap<String, String>,
    adapter: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    surgeries: Vec<Surgery>,
}

/// The part of [`Header`] that every format has.
#[derive(Deserialize)]
struct HeaderFormat {
    format: u32,
}

/// Writes a checkpoint as safetensors. The same checkpoint gives the same bytes.
///
/// # Errors
///
/// If spec or recipe are invalid, or the state is not that of the network.
pub fn encode(checkpoint: &Checkpoint) -> Result<Vec<u8>, CheckpointError> {
    let graph = Graph::new(&checkpoint.spec)?;
    checkpoint.recipe.validate()?;
    let state = &checkpoint.state;
    let batches = i64::try_from(checkpoint.batches_tracked).unwrap_or(i64::MAX).to_le_bytes();
    let mut tensors = Vec::new();
    for (i, param) in graph.params.iter().enumerate() {
        tensors.push(floats(param.name.clone(), &param.shape, state.params.get(i))?);
        tensors.push(floats(format!("{MOMENTUM}{}", param.name), &param.shape, state.velocity.get(i))?);
    }
    for (i, (norm, channels)) in graph.norms.iter().enumerate() {
        tensors.push(floats(format!("{norm}.running_mean"), &[*channels], state.running_mean.get(i))?);
        tensors.push(floats(format!("{norm}.running_var"), &[*channels], state.running_var.get(i))?);
    }
    for (norm, _) in &graph.norms {
        let count = TensorView::new(Dtype::I64, Vec::new(), &batches).map_err(damaged)?;
        tensors.push((format!("{norm}.num_batches_tracked"), count));
    }
    let header = Header {
        format: FORMAT,
        name: checkpoint.name.clone(),
        model: checkpoint.spec.clone(),
        recipe: checkpoint.recipe.clone(),
        step: checkpoint.step,
        train_images: checkpoint.train_images,
        data: checkpoint.data.clone(),
        variants: checkpoint.variants.clone(),
        adapter: checkpoint.adapter.clone(),
        surgeries: checkpoint.surgeries.clone(),
    };
    let header = serde_json::to_string(&header).map_err(|e| CheckpointError::Metadata(e.to_string()))?;
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), header)]);
    safetensors::serialize(tensors, Some(metadata)).map_err(damaged)
}

/// One tensor to be written, if `values` are as many as `shape` asks for.
fn floats<'a>(
    name: String,
    shape: &[usize],
    values: Option<&'a Vec<f32>>,
) -> Result<(String, TensorView<'a>), CheckpointError> {
    let values = values.map_or(&[] as &[f32], |v| v);
    let (expected, found) = (shape.iter().product(), values.len());
    if found != expected {
        return Err(CheckpointError::State { tensor: name, expected, found });
    }
    // The format is little-endian, as is every machine that WebGPU runs on.
    let view = TensorView::new(Dtype::F32, shape.to_vec(), bytemuck::cast_slice(values)).map_err(damaged)?;
    Ok((name, view))
}

/// Reads a safetensors file, Skipscope's or anybody's with torchvision's names.
///
/// `fallback` is the network to assume where a foreign file leaves it open: names and shapes do not tell
/// a zero-padded shortcut from none, nor α, nor the size of the pictures. It counts only if all its tensors
/// fit; without it a foreign file has α = 1 and pictures of 32 or 224 pixels, as its stem suggests.
///
/// # Errors
///
/// [`CheckpointError`] for all that is no such file, however hostile; it never panics.
pub fn decode(bytes: &[u8], fallback: Option<&ModelSpec>) -> Result<Decoded, CheckpointError> {
    // PyTorch's own format is a zip archive, and was a bare pickle before version 1.6.
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\x80\x02") {
        return Err(CheckpointError::Pickled);
    }
    let (header_len, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let header = match metadata.metadata().as_ref().and_then(|m| m.get(METADATA_KEY)) {
        Some(text) => Some(read_header(text)?),
        None => None,
    };
    let file = File::new(&metadata, bytes.get(8 + header_len..).unwrap_or_default());
    match header {
        Some(header) => {
            let graph = Graph::new(&header.model)?;
            header.recipe.validate()?;
            let Contents { state, batches, notes } = file.read(&graph, Origin::Skipscope)?;
            let checkpoint = Checkpoint {
                name: header.name,
                spec: header.model,
                recipe: header.recipe,
                step: header.step,
                train_images: header.train_images,
                data: header.data,
                variants: header.variants,
                adapter: header.adapter,
                state,
                // Without batch norm there is no tensor that counts.
                batches_tracked: batches.unwrap_or(header.step),
                surgeries: header.surgeries,
            };
            Ok(Decoded { checkpoint, origin: Origin::Skipscope, notes })
        }
        None => {
            let spec = infer::spec(&file, fallback)?;
            let Contents { state, batches, notes } = file.read(&Graph::new(&spec)?, Origin::Foreign)?;
            let checkpoint = Checkpoint {
                name: infer::name(&spec),
                spec,
                recipe: Recipe::default(),
                step: 0,
                train_images: 0,
                data: String::new(),
                variants: BTreeMap::new(),
                adapter: String::new(),
                state,
                batches_tracked: batches.unwrap_or(0),
                surgeries: Vec::new(),
            };
            Ok(Decoded { checkpoint, origin: Origin::Foreign, notes })
        }
    }
}

fn read_header(text: &str) -> Result<Header, CheckpointError> {
    let unreadable = |e: serde_json::Error| CheckpointError::Metadata(brief(&e.to_string()));
    let HeaderFormat { format } = serde_json::from_str(text).map_err(unreadable)?;
    if format > FORMAT {
        return Err(CheckpointError::Newer { found: format });
    }
    serde_json::from_str(text).map_err(unreadable)
}

fn damaged(error: SafeTensorError) -> CheckpointError {
    CheckpointError::Damaged(brief(&error.to_string()))
}

/// One tensor of a file.
struct Tensor<'a> {
    dtype: Dtype,
    shape: &'a [usize],
    bytes: &'a [u8],
}

/// All tensors of a file by name.
struct File<'a> {
    tensors: BTreeMap<String, Tensor<'a>>,
}

/// What [`File::read`] takes from a file.
struct Contents {
    state: NetworkState,
    /// `num_batches_tracked`, where there is one.
    batches: Option<u64>,
    notes: Vec<String>,
}

impl<'a> File<'a> {
    fn new(metadata: &'a Metadata, data: &'a [u8]) -> Self {
        let tensor = |(name, info): (String, &'a TensorInfo)| {
            let (from, to) = info.data_offsets;
            let bytes = data.get(from..to).unwrap_or_default();
            (name, Tensor { dtype: info.dtype, shape: &info.shape, bytes })
        };
        Self { tensors: metadata.tensors().into_iter().map(tensor).collect() }
    }

    /// Shape of the tensor called `name`, if there is one.
    fn shape(&self, name: &str) -> Option<&'a [usize]> {
        self.tensors.get(name).map(|t| t.shape)
    }

    /// Takes everything that `graph` needs; nothing may be left over.
    fn read(mut self, graph: &Graph, origin: Origin) -> Result<Contents, CheckpointError> {
        // A foreign file has no optimiser state, as a rule, and older ones do not count batches.
        let foreign = origin == Origin::Foreign;
        let without_momentum = foreign && !self.tensors.keys().any(|name| name.starts_with(MOMENTUM));
        let mut notes = Vec::new();
        let mut state = NetworkState::default();
        for param in &graph.params {
            state.params.push(self.floats(&param.name, &param.shape, &mut notes)?);
            state.velocity.push(if without_momentum {
                vec![0.0; param.len()]
            } else {
                self.floats(&format!("{MOMENTUM}{}", param.name), &param.shape, &mut notes)?
            });
        }
        let mut batches: Option<u64> = None;
        for (norm, channels) in &graph.norms {
            state.running_mean.push(self.floats(
                &format!("{norm}.running_mean"),
                &[*channels],
                &mut notes,
            )?);
            state.running_var.push(self.floats(&format!("{norm}.running_var"), &[*channels], &mut notes)?);
            let counter = format!("{norm}.num_batches_tracked");
            if !foreign || self.tensors.contains_key(&counter) {
                // All are the same unless somebody froze a part; PyTorch itself uses none of them.
                batches = batches.max(Some(self.count(&counter)?));
            }
        }
        if let Some(tensor) = self.tensors.keys().next() {
            return Err(CheckpointError::Unexpected {
                tensor: brief(tensor),
                network: describe(&graph.spec),
            });
        }
        Ok(Contents { state, batches, notes })
    }

    fn take(&mut self, name: &str, shape: &[usize]) -> Result<Tensor<'a>, CheckpointError> {
        let Some(tensor) = self.tensors.remove(name) else {
            return Err(CheckpointError::Missing { tensor: name.to_owned(), expected: dims(shape) });
        };
        if tensor.shape != shape {
            let (expected, found) = (dims(shape), dims(tensor.shape));
            return Err(CheckpointError::Shape { tensor: name.to_owned(), expected, found });
        }
        Ok(tensor)
    }

    fn floats(
        &mut self,
        name: &str,
        shape: &[usize],
        notes: &mut Vec<String>,
    ) -> Result<Vec<f32>, CheckpointError> {
        let tensor = self.take(name, shape)?;
        let Some(values) = numbers::to_f32(tensor.dtype, tensor.bytes) else {
            let (expected, found) = ("F32, F16, BF16 or F64", format!("{:?}", tensor.dtype));
            return Err(CheckpointError::Type { tensor: name.to_owned(), expected, found });
        };
        let bad = values.iter().filter(|v| !v.is_finite()).count();
        if bad > 0 {
            notes.push(format!(
                "{bad} of the {} values of {name} are infinite or not a number.",
                values.len()
            ));
        }
        Ok(values)
    }

    fn count(&mut self, name: &str) -> Result<u64, CheckpointError> {
        let Tensor { dtype, bytes, .. } = self.take(name, &[])?;
        let value = match (dtype, <[u8; 8]>::try_from(bytes)) {
            (Dtype::I64, Ok(bytes)) => i64::from_le_bytes(bytes),
            _ => {
                let (expected, found) = ("I64", format!("{dtype:?}"));
                return Err(CheckpointError::Type { tensor: name.to_owned(), expected, found });
            }
        };
        u64::try_from(value).map_err(|_| CheckpointError::Count { tensor: name.to_owned(), value })
    }
}

/// A shape as PyTorch prints it, shortened if it is absurdly long.
fn dims(shape: &[usize]) -> String {
    let first: Vec<String> = shape.iter().take(8).map(ToString::to_string).collect();
    format!("[{}{}]", first.join(", "), if shape.len() > 8 { ", …" } else { "" })
}

/// Text from a file, fit for one line of a message.
fn brief(text: &str) -> String {
    let mut short: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() {
        short.push('…');
    }
    short
}

/// A network in a few words.
fn describe(spec: &ModelSpec) -> String {
    let kind = match spec.block {
        BlockKind::Basic => "basic",
        BlockKind::Bottleneck => "bottleneck",
    };
    format!("{kind} blocks {:?}, width {}, {} classes", spec.blocks, spec.width, spec.classes)
}

#[cfg(test)]
mod tests;
