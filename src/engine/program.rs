//! A pass over the network as data: an ordered list of dispatches over buffers that do not exist yet.
//!
//! [`Builder`] walks a [`Graph`] forward and backward and asks each operation (in `ops/`) for its
//! dispatches. Activations and gradients are *virtual* buffers; when the list is complete, the first
//! and last dispatch that touch one are its lifetime, and [`super::memory`] lets buffers that never
//! live at the same time share memory. No GPU is needed to build or to count a program.

use super::layout::{Layout, vec4s};
use super::ops;
use super::variants::Variants;
use crate::model::{AffineKind, Graph, Op, TensorId};
use std::collections::{HashMap, HashSet};

/// Default of [`Builder::transform_bytes`].
pub const TRANSFORM_BYTES: usize = 16 << 20;
/// Sums of blocks that are made again one from the other, from one that was kept: they are all held at once then, so
/// that more would take the memory that they save.
const MOST_SUMS: usize = 2;

/// Index into [`Program::sizes`].
pub type Virtual = usize;

/// A buffer that a dispatch binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Buf {
    /// Activation or gradient, placed by the memory planner.
    Virtual(Virtual),
    /// The batch's pictures, `[N,S,S,4]`.
    Input,
    /// The batch's classes.
    Labels,
    Weights(usize),
    Gradients(usize),
    Velocity(usize),
    /// Running means and variances of batch norm.
    Running,
    /// Scale, shift, mean and 1/σ of every affine node.
    Coef,
    /// What batch norm's backward pass adds and multiplies; used anew by every layer.
    Back,
    /// Four numbers of every block, [`crate::engine::Gates`].
    Gates,
    /// Partial sums; used anew by every reduction.
    Scratch,
    /// Loss and hit of every picture.
    Results,
    /// Measurements of training steps.
    Ring,
    /// Loss and accuracy of evaluated batches.
    EvalRing,
    UpdateTable,
    UpdateRanges,
    UpdateParts,
    /// The step's uniform.
    Step,
    /// Shard of the data set, its labels, the order of its records.
    Pixels(usize),
    DataLabels,
    Order,
    /// Zeros.
    Zero,
    /// What a regression is to come to.
    Wanted,
    /// Weights that a walk starts from, the directions that it goes in (number, arena), and how far along each.
    Base(usize),
    Direction(usize, usize),
    Coordinates,
    /// What a look measures: four vec4s for four channels; how often values of each size occur.
    ChannelStats,
    Histograms,
    /// Channel and value at the colour map's end, of each tile; the colour map; the picture of all tiles.
    Picks,
    Scales,
    Lut,
    Atlas,
    /// The output channel of a number that is worked out, and the weights that lead to it.
    Place,
    Column,
}

/// A buffer or a part of it: offset and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    pub buf: Buf,
    pub range: Option<(u64, u64)>,
}

impl From<Buf> for Bound {
    fn from(buf: Buf) -> Self {
        Self { buf, range: None }
    }
}

/// What part of a training step a dispatch belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Forward,
    Loss,
    Backward,
    Update,
    Probe,
}

/// One kernel launch.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispatch {
    pub kernel: String,
    /// The kernel's uniform after `first_workgroup`, as 32-bit words.
    pub params: Vec<u32>,
    /// In the order of the kernel's binding numbers, without the uniform.
    pub bindings: Vec<Bound>,
    pub workgroups: u32,
    /// Floating-point operations, roughly.
    pub work: f64,
    /// Bytes of what is bound to it, as far as the program knows how large that is.
    pub bytes: f64,
    /// The layer it belongs to, in torchvision's names.
    pub layer: String,
    pub phase: Phase,
}

/// Operations that take as long as a byte read or written: 3 to 4 on both software adapters, more on graphics cards.
const PER_BYTE: f64 = 2.5;

impl Dispatch {
    /// How long it will take, in operations: cuts and slices are made by it.
    pub fn cost(&self) -> f64 {
        self.work + PER_BYTE * self.bytes
    }
}

/// What a program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Forward with batch statistics, loss, backward, update; measured into the ring.
    Train,
    /// Forward with running statistics and loss.
    Eval,
}

/// A complete pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    pub mode: Mode,
    pub batch: usize,
    pub dispatches: Vec<Dispatch>,
    /// Bytes of each virtual buffer.
    pub sizes: Vec<u64>,
    /// Bytes of partial sums needed.
    pub scratch: u64,
    /// Virtual buffers that are read after the last dispatch.
    pub kept: Vec<Virtual>,
    /// The buffers that hold each tensor and its gradient (fully written, before the memory is reused).
    pub values: HashMap<TensorId, Buf>,
    pub grads: HashMap<TensorId, Buf>,
}

impl Program {
    /// Bytes of a part of a buffer, where the program knows.
    pub fn bytes(&self, bound: &Bound) -> Option<u64> {
        match (bound.range, bound.buf) {
            (Some((_, bytes)), _) => Some(bytes),
            (None, Buf::Virtual(v)) => Some(self.sizes[v]),
            _ => None,
        }
    }

    /// For each virtual buffer: those that some dispatch binds beside it.
    pub fn bound_together(&self) -> Vec<Vec<Virtual>> {
        let mut beside = vec![Vec::new(); self.sizes.len()];
        for dispatch in &self.dispatches {
            let virtuals = || {
                dispatch
                    .bindings
                    .iter()
                    .filter_map(|b| if let Buf::Virtual(v) = b.buf { Some(v) } else { None })
            };
            for a in virtuals() {
                beside[a].extend(virtuals().filter(|&b| b != a));
            }
        }
        for list in &mut beside {
            list.sort_unstable();
            list.dedup();
        }
        beside
    }

    /// First and last dispatch that touch each virtual buffer.
    pub fn lifetimes(&self) -> Vec<(usize, usize)> {
        let mut lives = vec![(usize::MAX, 0); self.sizes.len()];
        for (at, dispatch) in self.dispatches.iter().enumerate() {
            for bound in &dispatch.bindings {
                if let Buf::Virtual(v) = bound.buf {
                    lives[v] = (lives[v].0.min(at), lives[v].1.max(at));
                }
            }
        }
        for &v in &self.kept {
            lives[v].1 = usize::MAX;
        }
        lives
    }
}

/// Makes a [`Program`].
pub struct Builder<'a> {
    pub graph: &'a Graph,
    pub layout: &'a Layout,
    pub variants: &'a Variants,
    pub program: Program,
    full_batch: usize,
    /// The most bytes of what transforms of a convolution make; larger batches go through in groups of pictures.
    pub transform_bytes: usize,
    phase: Phase,
    layer: String,
    /// Nodes that the pass has gone through: what the caller has put in place is kept.
    passed: HashSet<usize>,
    /// Values that are not kept for the way back, where they are made again.
    dropped: HashSet<TensorId>,
    /// Those that have been, and where they are.
    remade: HashMap<TensorId, Buf>,
}

/// Values of a training step that take one pass over memory to be made again from what is kept anyway (Chen et al. 2016,
/// arXiv 1604.06174): normalised and padded ones. Along a chain of sums every third one stays ([`MOST_SUMS`]).
fn dropped(graph: &Graph) -> HashSet<TensorId> {
    // Sums that are made again on the way to a value, of those that are dropped.
    let mut sums: HashMap<TensorId, usize> = HashMap::new();
    let pooled = |t| graph.nodes.iter().any(|n| matches!(n.op, Op::AvgPool { input, .. } if input == t));
    for node in &graph.nodes {
        match &node.op {
            // What is pooled at the end is wanted at once on the way back.
            Op::Affine(a) if matches!(a.kind, AffineKind::BatchNorm { .. }) && !pooled(a.output) => {
                let before = a.residual.map_or(0, |(s, _)| 1 + sums.get(&s).copied().unwrap_or(0));
                if before <= MOST_SUMS {
                    sums.insert(a.output, before);
                }
            }
            Op::ZeroPad { input, output, .. } => {
                sums.insert(*output, sums.get(input).copied().unwrap_or(0));
            }
            _ => {}
        }
    }
    sums.into_keys().collect()
}

impl<'a> Builder<'a> {
    /// The training or evaluation pass of `graph` over `batch` pictures.
    pub fn build(
        graph: &'a Graph,
        layout: &'a Layout,
        variants: &'a Variants,
        mode: Mode,
        batch: usize,
    ) -> Program {
        Self::build_short(graph, layout, variants, mode, [batch, batch])
    }

    /// The same over fewer pictures, `[batch, full]`, in the buffers of a full batch: every choice that buffers depend
    /// on is made as there.
    pub fn build_short(
        graph: &'a Graph,
        layout: &'a Layout,
        variants: &'a Variants,
        mode: Mode,
        [batch, full]: [usize; 2],
    ) -> Program {
        let mut b = Self::bare(graph, layout, variants, mode, batch);
        b.full_batch = full;
        for (i, node) in graph.nodes.iter().enumerate() {
            b.forward(i);
            if mode == Mode::Train
                && let Op::Affine(affine) = &node.op
                && let Some(number) = graph.blocks.iter().position(|block| block.affine == i)
            {
                b.phase = Phase::Probe;
                ops::block_stats::measure(&mut b, i, affine, number);
                b.phase = Phase::Forward;
            }
        }
        b.phase = Phase::Loss;
        b.layer = "loss".into();
        ops::loss::softmax_cross_entropy(&mut b);
        if mode == Mode::Train {
            b.phase = Phase::Backward;
            for i in (0..graph.nodes.len()).rev() {
                b.backward(i);
            }
            b.phase = Phase::Update;
            b.layer = "sgd".into();
            ops::sgd::update(&mut b);
        }
        b.program
    }

    /// A program without dispatches, for operations to be added one by one.
    pub fn bare(
        graph: &'a Graph,
        layout: &'a Layout,
        variants: &'a Variants,
        mode: Mode,
        batch: usize,
    ) -> Self {
        let program = Program {
            mode,
            batch,
            dispatches: Vec::new(),
            sizes: Vec::new(),
            scratch: 0,
            kept: Vec::new(),
            values: HashMap::from([(graph.input, Buf::Input)]),
            grads: HashMap::new(),
        };
        let (phase, layer) = (Phase::Forward, String::new());
        Self {
            graph,
            layout,
            variants,
            program,
            full_batch: batch,
            transform_bytes: TRANSFORM_BYTES,
            phase,
            layer,
            passed: HashSet::new(),
            dropped: if mode == Mode::Train { dropped(graph) } else { HashSet::new() },
            remade: HashMap::new(),
        }
    }

    /// Pictures in the batch.
    pub fn batch(&self) -> usize {
        self.program.batch
    }

    /// Pictures in a full batch, whose buffers the program runs in.
    pub fn full_batch(&self) -> usize {
        self.full_batch
    }

    /// Training or evaluation.
    pub fn mode(&self) -> Mode {
        self.program.mode
    }

    /// `[N·H·W, C/4]` of a tensor: pixels of the batch and channels in vec4s.
    pub fn rows(&self, tensor: TensorId) -> (usize, usize) {
        let t = &self.graph.tensors[tensor];
        (self.batch() * t.h * t.w, vec4s(t.c))
    }

    /// Makes a buffer for a value of a tensor's shape.
    pub fn virtual_like(&mut self, tensor: TensorId) -> Buf {
        let (rows, c4) = self.rows(tensor);
        Buf::Virtual(self.new_virtual((rows * c4 * 16) as u64))
    }

    /// Makes a buffer of `bytes`.
    pub fn new_virtual(&mut self, bytes: u64) -> Virtual {
        self.program.sizes.push(bytes);
        self.program.sizes.len() - 1
    }

    /// Adds the forward dispatches of node `i`.
    pub fn forward(&mut self, i: usize) {
        self.passed.insert(i);
        let graph = self.graph;
        let node = &graph.nodes[i];
        self.layer.clone_from(&node.name);
        match &node.op {
            Op::Conv(conv) => ops::conv::forward(self, conv),
            Op::Affine(affine) => ops::affine::forward(self, i, affine),
            Op::ZeroPad { input, output, stride, front } => {
                ops::zero_pad::forward(self, *input, *output, *stride, *front);
            }
            Op::MaxPool { input, output } => ops::pool::max_forward(self, *input, *output),
            Op::AvgPool { input, output } => ops::pool::avg_forward(self, *input, *output),
        }
    }

    /// Adds the backward dispatches of node `i`, whose output has its gradient by now.
    pub fn backward(&mut self, i: usize) {
        let graph = self.graph;
        let node = &graph.nodes[i];
        self.layer.clone_from(&node.name);
        match &node.op {
            Op::Conv(conv) => ops::conv::backward(self, conv),
            Op::Affine(affine) => ops::affine::backward(self, i, affine),
            Op::ZeroPad { input, output, stride, front } => {
                ops::zero_pad::backward(self, *input, *output, *stride, *front);
            }
            Op::MaxPool { input, output } => ops::pool::max_backward(self, *input, *output),
            Op::AvgPool { input, output } => ops::pool::avg_backward(self, *input, *output),
        }
    }

    /// Dispatches added from here on belong to this part of the pass.
    pub fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
    }

    /// The buffer with a tensor's value.
    pub fn value(&self, tensor: TensorId) -> Buf {
        self.program.values[&tensor]
    }

    /// The same on the way back, made again if it was not kept.
    pub fn value_again(&mut self, tensor: TensorId) -> Buf {
        let graph = self.graph;
        let made_by = graph.nodes.iter().position(|n| n.op.output() == tensor);
        let again = |node: &usize| self.passed.contains(node) && self.dropped.contains(&tensor);
        let Some(node) = made_by.filter(again) else {
            return self.value(tensor);
        };
        if let Some(&buf) = self.remade.get(&tensor) {
            return buf;
        }
        let buf = match &graph.nodes[node].op {
            Op::Affine(affine) => ops::affine::again(self, node, affine),
            Op::ZeroPad { input, output, stride, front } => {
                ops::zero_pad::again(self, *input, *output, *stride, *front)
            }
            _ => unreachable!("only what is cheap to make is dropped"),
        };
        self.remade.insert(tensor, buf);
        buf
    }

    /// Makes the buffer for a tensor's value.
    pub fn new_value(&mut self, tensor: TensorId) -> Buf {
        let buf = self.virtual_like(tensor);
        self.program.values.insert(tensor, buf);
        buf
    }

    /// The buffer with the gradient of a tensor, if any consumer has written it yet.
    pub fn grad(&self, tensor: TensorId) -> Option<Buf> {
        self.program.grads.get(&tensor).copied()
    }

    /// The buffer for a tensor's gradient, and whether it holds other consumers' part already, to which
    /// the caller has to add.
    pub fn grad_to_add_to(&mut self, tensor: TensorId) -> (Buf, bool) {
        match self.grad(tensor) {
            Some(buf) => (buf, true),
            None => (self.new_grad(tensor), false),
        }
    }

    /// Makes the buffer for a tensor's gradient.
    pub fn new_grad(&mut self, tensor: TensorId) -> Buf {
        let buf = self.virtual_like(tensor);
        self.program.grads.insert(tensor, buf);
        buf
    }

    /// Says that `buf` holds the gradient of `tensor` from here on.
    pub fn set_grad(&mut self, tensor: TensorId, buf: Buf) {
        self.program.grads.insert(tensor, buf);
    }

    /// A parameter's weight.
    pub fn weight(&self, param: usize) -> Bound {
        let slot = &self.layout.params[param];
        Bound { buf: Buf::Weights(slot.arena), range: Some((slot.offset, slot.bytes)) }
    }

    /// A parameter's gradient.
    pub fn gradient(&self, param: usize) -> Bound {
        let slot = &self.layout.params[param];
        Bound { buf: Buf::Gradients(slot.arena), range: Some((slot.offset, slot.bytes)) }
    }

    /// Coefficients `[4, C]` of affine node `node` with `c4` vec4s of channels.
    pub fn coef(&self, node: usize, c4: usize) -> Bound {
        let at = self.layout.coefs[node].unwrap_or(0);
        Bound { buf: Buf::Coef, range: Some((at, 4 * c4 as u64 * 16)) }
    }

    /// Asks for `bytes` of partial sums.
    pub fn scratch(&mut self, bytes: u64) -> Buf {
        self.program.scratch = self.program.scratch.max(bytes);
        Buf::Scratch
    }

    /// Adds a dispatch of `invocations` in workgroups of 64; they are the kernel's first parameter.
    pub fn each(&mut self, kernel: &str, invocations: usize, params: &[u32], bindings: &[Bound], work: f64) {
        let mut all = vec![invocations as u32];
        all.extend_from_slice(params);
        self.groups(kernel, invocations.div_ceil(64), &all, bindings, work);
    }

    /// Adds a dispatch of so many workgroups.
    pub fn groups(&mut self, kernel: &str, workgroups: usize, params: &[u32], bindings: &[Bound], work: f64) {
        let bytes = bindings.iter().filter_map(|b| self.program.bytes(b)).sum::<u64>() as f64;
        self.program.dispatches.push(Dispatch {
            kernel: kernel.to_owned(),
            params: params.to_vec(),
            bindings: bindings.to_vec(),
            workgroups: workgroups as u32,
            work,
            bytes,
            layer: self.layer.clone(),
            phase: self.phase,
        });
    }
}
