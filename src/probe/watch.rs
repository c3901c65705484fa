//! What a window looks at inside the network, and what it sees there: one picture's way through every
//! block, as feature maps painted on the GPU into one atlas, with the few numbers that describe them.
//!
//! Activations are never read back. What crosses the bus are statistics, class probabilities, and, when
//! a single number is worked out, the window and the weights that make it.

use crate::train::Moments;
use serde::{Deserialize, Serialize};

/// Thumbnails that one [`Watch`] may ask for.
pub const SHEET_MOST: usize = 64;
/// Images of the last batch that are shown together: the one that is looked at and its neighbours.
pub const BATCH_PAGE: usize = 8;
/// Bins of a [`Stage`]'s histogram.
pub const BINS: usize = 64;

/// Half of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitName {
    Train,
    Test,
}

/// One picture of the loaded data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordRef {
    pub split: SplitName,
    /// From 0, in the data set's order.
    pub index: u32,
}

/// Which picture goes through the network, and with which statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    /// A picture of the data set, batch norm in evaluation mode (running statistics).
    Record(RecordRef),
    /// The picture last given by `Command::Picture`, in evaluation mode.
    Own,
    /// Image `n` of the last training batch, augmented as it was, with that batch's statistics.
    Batch(u32),
}

/// What the maps of a block's card show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maps {
    /// The block's output, after ReLU.
    #[default]
    Output,
    /// α·shortcut(x) + F(x), before ReLU.
    Sum,
    /// F(x).
    Branch,
}

/// One number that is to be worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Index into [`CloseUp::stages`].
    pub stage: usize,
    pub channel: u32,
    pub y: u32,
    pub x: u32,
    /// Input channel whose window is shown; `None` for the one that contributes most.
    pub input_channel: Option<u32>,
}

/// What is looked at. The session renews what is seen as often as that costs training little.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    pub picture: Picture,
    pub maps: Maps,
    /// Colour maps of the dark theme.
    pub dark: bool,
    /// The block under the microscope.
    pub block: Option<usize>,
    /// Every map on a scale of its own instead of its block's.
    pub own_scale: bool,
    /// Scales stay as they are, whatever the values do.
    #[serde(default)]
    pub locked_scale: bool,
    pub probe: Option<Probe>,
    /// Thumbnails, at most [`SHEET_MOST`].
    pub sheet: Vec<RecordRef>,
    /// Training pictures of the sheet cropped and flipped as the recipe says, drawn anew with each look.
    pub augmented: bool,
}

impl Watch {
    /// The same picture, to be compared between networks, and nothing closer. The last batch is one network's own:
    /// instead of it the first test picture.
    pub fn at_large(&self) -> Self {
        let picture = match self.picture {
            Picture::Batch(_) => Picture::Record(RecordRef { split: SplitName::Test, index: 0 }),
            picture => picture,
        };
        Self { picture, block: None, probe: None, sheet: Vec::new(), augmented: false, ..self.clone() }
    }
}

/// A rectangle of the atlas, in its pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tile {
    /// What it shows: a channel, or 0 for a picture.
    pub channel: u32,
    /// Left and top.
    pub at: [u32; 2],
    /// Width and height.
    pub size: [u32; 2],
}

/// Some channels of one tensor, for one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mosaic {
    /// Row by row, those of highest variance.
    pub tiles: Vec<Tile>,
    /// Maps in a row.
    pub columns: usize,
    /// Channels of the whole tensor.
    pub channels: usize,
    /// Whether values below zero occur, so that the diverging colour map is used.
    pub signed: bool,
    /// Value of the colour map's end; `None` where every map has its own.
    pub scale: Option<f32>,
    /// Whether values lie beyond the scale.
    pub clipped: bool,
    /// Whether it holds NaN or infinity, painted as hatching.
    pub broken: bool,
}

/// Place of a [`Stage`] in its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// x.
    Input,
    /// A convolution of the branch, counted from 0.
    Conv(usize),
    /// Batch norm (or bias) after it; after the last convolution this is F(x).
    Norm(usize),
    /// ReLU after that.
    Relu(usize),
    /// The shortcut's 1×1 convolution.
    ShortcutConv,
    /// α·shortcut(x), as it enters ⊕.
    Shortcut,
    /// α·shortcut(x) + F(x).
    Sum,
    /// After the last ReLU.
    Output,
}

/// One tensor on a block's way, in the order they are computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    pub role: Role,
    /// torchvision's name, e.g. `layer2.1.conv1`; empty where no layer has made it alone.
    pub layer: String,
    /// `[H, W, C]`.
    pub shape: [usize; 3],
    pub mosaic: Mosaic,
    /// Over all channels and pixels of this image.
    pub moments: Moments,
    /// Counts in [`BINS`] equal bins over −range … range.
    pub histogram: Vec<u32>,
    pub range: f32,
}

/// A block under the microscope.
#[derive(Clone, Debug, PartialEq)]
pub struct CloseUp {
    pub block: usize,
    pub stages: Vec<Stage>,
    pub alpha: f32,
    /// The scale that all maps share: the 99th percentile of absolute values, rounded up to 1-2-3-5.
    pub scale: f32,
    /// rms(α·shortcut(x)) / (rms(α·shortcut(x)) + rms(F(x))) of this image; 0 without a shortcut.
    pub share: f32,
    /// ‖F(x)‖ / ‖shortcut(x)‖ of this image; `None` in a plain block.
    pub ratio: Option<f32>,
    pub worked: Option<Box<Worked>>,
}

/// A convolution's output value at one place, worked out in f64 from the very numbers on the GPU.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkedConv {
    pub kernel: usize,
    pub stride: usize,
    /// Stage that it reads.
    pub input_stage: usize,
    pub input_channel: u32,
    /// The input channel's whole map.
    pub input_tile: Tile,
    /// Left and top of the window on it; negative where it reaches into the padding.
    pub window_at: [i32; 2],
    /// `[k, k]` of that channel, 0 in the padding.
    pub window: Vec<f32>,
    /// `[k, k]`, from that input channel to the output channel.
    pub weights: Vec<f32>,
    /// What each input channel adds to the sum.
    pub contributions: Vec<f64>,
    /// Their sum.
    pub sum: f64,
}

/// Batch norm or bias at one place: scale · (value − mean) / σ + shift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkedNorm {
    /// `None` for a bias.
    pub mean_sigma: Option<(f64, f64)>,
    /// γ, or 1.
    pub scale: f64,
    /// β, or the bias.
    pub shift: f64,
    pub value: f64,
}

/// One number followed from the convolution that makes it to the end of its part of the block.
#[derive(Clone, Debug, PartialEq)]
pub struct Worked {
    pub probe: Probe,
    /// What the GPU has at the probe.
    pub value: f32,
    /// The probed channel's whole map.
    pub tile: Tile,
    pub conv: Option<WorkedConv>,
    pub norm: Option<WorkedNorm>,
    /// α, shortcut(x) there, and the sum; only in the last part of a block with a shortcut.
    pub sum: Option<(f64, f64, f64)>,
    /// After ReLU, where one follows.
    pub relu: Option<f64>,
    /// Largest relative deviation between the GPU's values and those in f64 along the way.
    pub deviation: f64,
}

/// What one look has seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Weights after so many steps.
    pub step: u64,
    /// Counts looks, so that a window knows a new one.
    pub number: u64,
    pub picture: Option<Picture>,
    /// Its class, if it is known.
    pub label: Option<u32>,
    /// Softmax of the logits.
    pub probabilities: Vec<f32>,
    /// The picture as the network gets it, before normalisation.
    pub input: Tile,
    /// After the stem.
    pub stem: Mosaic,
    /// One a block, showing what [`Watch::maps`] says.
    pub blocks: Vec<Mosaic>,
    pub close: Option<CloseUp>,
    pub sheet: Vec<(RecordRef, Tile)>,
    /// Where an image of the last batch is looked at, its page of [`BATCH_PAGE`], as they were trained on:
    /// number in the batch, from 0, and place.
    pub batch: Vec<(u32, Tile)>,
    /// While an earlier moment is looked at: the worked number's channel as the present has it, value for value on the
    /// same scale, if it was looked at before.
    pub now: Option<Tile>,
    /// Width and height of the atlas that all tiles lie in.
    pub atlas: [u32; 2],
}

/// Part of a training step that a [`Slice`] belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlicePhase {
    Forward,
    Loss,
    Backward,
    Update,
}

/// Where a training step stands that is executed layer by layer, and what the last layer has made.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The step in progress, from 0.
    pub step: u64,
    pub phase: SlicePhase,
    /// torchvision's name of the layer just executed.
    pub layer: String,
    /// Its block.
    pub block: Option<usize>,
    /// Layers executed and in all, forward and backward counted separately.
    pub at: (usize, usize),
    /// Forward: the layer's output; backward: the gradient of the layer's input, for one image of the batch.
    pub mosaic: Option<Mosaic>,
    /// Of that tensor over the whole batch.
    pub moments: Option<Moments>,
    /// `[N, H, W, C]` of that tensor.
    pub shape: [usize; 4],
    /// The batch's loss, once it is known.
    pub loss: Option<f32>,
}

/// The test split picture by picture, as of its last evaluation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestDetail {
    pub step: u64,
    /// Class of each picture, and the one with the largest logit.
    pub labels: Vec<u8>,
    pub predicted: Vec<u8>,
    /// Cross-entropy of each picture in nats.
    pub losses: Vec<f32>,
}

/// Seconds that each layer took in one step that was executed layer by layer to measure it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    pub step: u64,
    /// Layer, part of the step, seconds.
    pub layers: Vec<(String, SlicePhase, f32)>,
    /// One a block: forward and backward together.
    pub blocks: Vec<f32>,
}
