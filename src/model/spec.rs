//! [`ModelSpec`]: everything that tells one residual network from another.

use serde::{Deserialize, Serialize};

/// How the image enters the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stem {
    /// 3×3 convolution, stride 1, no pooling (He et al. 2015, §4.2, and most CIFAR code).
    Cifar,
    /// 7×7 convolution, stride 2, then 3×3 max-pooling, stride 2 (He et al. 2015, Table 1).
    Imagenet,
}

/// The residual branch F of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Two 3×3 convolutions (ResNet-18 and 34; He et al. 2015, Fig. 5 left).
    Basic,
    /// 1×1, 3×3, 1×1 convolutions, the last to four times the planes (ResNet-50, 101, 152; Fig. 5
    /// right). The stride sits on the 3×3, as in torchvision; the paper puts it on the first 1×1.
    Bottleneck,
}

impl BlockKind {
    /// Output channels over planes: 1 for a basic block, 4 for a bottleneck.
    pub fn expansion(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck => 4,
        }
    }

    /// Convolutions on the residual branch.
    pub fn convolutions(self) -> usize {
        match self {
            Self::Basic => 2,
            Self::Bottleneck => 3,
        }
    }
}

/// What runs beside the residual branch (He et al. 2015, §3.3 and "Identity vs. Projection Shortcuts").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortcut {
    /// Option B: identity, and a 1×1 convolution with batch norm where the shape changes.
    Projection,
    /// Option A: identity, and where the shape changes every second pixel with zeros for new
    /// channels (half of them, rounded down, in front). No parameters.
    ZeroPad,
    /// A plain network: no shortcut anywhere.
    None,
}

/// α or β in out = ReLU(β·F(x) + α·shortcut(x)): one value for all blocks, or one for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Alpha {
    All(f32),
    PerBlock(Vec<f32>),
}

impl Alpha {
    /// That of block number `block`, counted from the input over all stages.
    pub fn of(&self, block: usize) -> f32 {
        match self {
            Self::All(a) => *a,
            Self::PerBlock(list) => list.get(block).copied().unwrap_or(1.0),
        }
    }

    /// The α that the block's skip is rejoined with: its own, or 1 where that is 0.
    pub fn rejoined(&self, block: usize) -> f32 {
        match self.of(block) {
            0.0 => 1.0,
            own => own,
        }
    }
}

/// A residual (or plain) network, described completely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelSpec {
    pub stem: Stem,
    pub block: BlockKind,
    /// Blocks in each stage; stage s has `width`·2^s planes, every stage but the first halves the size.
    pub blocks: Vec<usize>,
    /// Planes of the first stage.
    pub width: usize,
    pub shortcut: Shortcut,
    #[serde(default = "default_alpha")]
    pub alpha: Alpha,
    /// β, by which a branch counts: 1, and 0 where one was dropped in a network that was trained with it (a lesion, Veit et
    /// al. 2016). A plain network has no sum to weigh it in.
    #[serde(default = "default_alpha", skip_serializing_if = "is_one")]
    pub beta: Alpha,
    /// Without batch norm every convolution has a bias instead.
    #[serde(default = "default_true")]
    pub batch_norm: bool,
    pub classes: usize,
    /// Height and width of the input picture in pixels; pictures of another size are resized.
    #[serde(default = "default_input_size")]
    pub input_size: usize,
}

fn default_alpha() -> Alpha {
    Alpha::All(1.0)
}

fn is_one(factor: &Alpha) -> bool {
    *factor == Alpha::All(1.0)
}

fn default_true() -> bool {
    true
}

fn default_input_size() -> usize {
    32
}

/// Most channels (planes) of the first stage.
pub const MOST_WIDTH: usize = 1024;

/// What is wrong with a specification, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error("a network needs 1 to 6 stages, not {0}")]
    Stages(usize),
    #[error("stage {stage} has {blocks} blocks; 1 to 200 are allowed")]
    Blocks { stage: usize, blocks: usize },
    #[error("width {0} is out of range; 1 to {most} planes are allowed in the first stage", most = MOST_WIDTH)]
    Width(usize),
    #[error("{0} classes are out of range; 2 to 100000 are allowed")]
    Classes(usize),
    #[error("an input of {size}×{size} pixels is out of range; {least} to 512 are allowed for this network")]
    InputSize { size: usize, least: usize },
    #[error("{name} of block {block} is {value}; it has to be a finite number")]
    Factor { name: &'static str, block: usize, value: String },
    #[error("{name} lists {given} values, the network has {blocks} blocks")]
    FactorCount { name: &'static str, given: usize, blocks: usize },
}

impl ModelSpec {
    /// Number of residual blocks over all stages.
    pub fn block_count(&self) -> usize {
        self.blocks.iter().sum()
    }

    /// Weighted layers as the papers count them: convolutions on the main path and the classifier.
    pub fn depth(&self) -> usize {
        2 + self.block_count() * self.block.convolutions()
    }

    /// Whether the network has any skip connection.
    pub fn is_residual(&self) -> bool {
        self.shortcut != Shortcut::None
    }

    /// The same layers without shortcuts: the plain twin (He et al. 2015, §3.3 "Plain Network").
    pub fn plain_twin(&self) -> Self {
        Self { shortcut: Shortcut::None, ..self.clone() }
    }

    /// Checks every field; the first fault found is returned.
    pub fn validate(&self) -> Result<(), SpecError> {
        if !(1..=6).contains(&self.blocks.len()) {
            return Err(SpecError::Stages(self.blocks.len()));
        }
        for (s, &n) in self.blocks.iter().enumerate() {
            if !(1..=200).contains(&n) {
                return Err(SpecError::Blocks { stage: s + 1, blocks: n });
            }
        }
        if !(1..=MOST_WIDTH).contains(&self.width) {
            return Err(SpecError::Width(self.width));
        }
        if !(2..=100_000).contains(&self.classes) {
            return Err(SpecError::Classes(self.classes));
        }
        let least = match self.stem {
            Stem::Cifar => 1,
            Stem::Imagenet => 4,
        };
        if !(least..=512).contains(&self.input_size) {
            return Err(SpecError::InputSize { size: self.input_size, least });
        }
        for (name, factor) in [("alpha", &self.alpha), ("beta", &self.beta)] {
            if let Alpha::PerBlock(list) = factor
                && list.len() != self.block_count()
            {
                let (given, blocks) = (list.len(), self.block_count());
                return Err(SpecError::FactorCount { name, given, blocks });
            }
            for block in 0..self.block_count() {
                let value = factor.of(block);
                if !value.is_finite() {
                    return Err(SpecError::Factor { name, block, value: value.to_string() });
                }
            }
        }
        Ok(())
    }
}
