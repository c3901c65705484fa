//! Is this real? One training step of a network on a few pictures, held against the f64 reference layer by layer.
//!
//! Every layer is checked *by itself*: the reference gets what the GPU gave the layer and has to come to what the GPU
//! made of it, forward and backward. So a fault shows at the layer that has it, and nowhere else, and tolerances
//! are those of one operation's rounding. Beside it the reference goes the whole way from the pictures in f64, and how
//! far the GPU's single precision has drifted from it is told without a verdict: a deep network multiplies any
//! rounding (plain ones most), which is no fault of a kernel.
//!
//! The network that is checked is a copy of the trained one, with the same kernel variants and a smaller batch.

mod checks;
mod compare;
mod listing;
mod repeat;
mod slope;
#[cfg(test)]
mod tests;

pub use compare::{Check, Quantity};
pub use listing::{Bound, Launch, launches};
pub use repeat::{NotRepeatable, Run, command_line};
pub use slope::{Difference, Slope};

use crate::engine::dataset::GpuSplit;
use crate::engine::layout::vec4s;
use crate::engine::program::{Buf, Mode, Phase};
use crate::engine::reference::{self, BatchStats, Sgd};
use crate::engine::variants::Variants;
use crate::engine::{EngineError, Network, NetworkOptions, Prepared, StepUniform};
use crate::gpu::{Download, Gpu};
use crate::lab::building::{Resources, has_classes};
use crate::lab::common::no_plan;
use crate::lab::{Job, LabError, Progress, Subject, poll};
use crate::model::{AffineKind, ModelSpec, Op, ParamId, TensorId};
use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;

/// Pictures of the checked batch.
pub const IMAGES: usize = 4;

/// What one check found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    pub adapter: String,
    pub images: usize,
    /// Mean cross-entropy of the batch, in nats: the GPU's, and the reference's, which went its own way in f64.
    pub loss: f64,
    pub reference_loss: f64,
    /// In the order of the step: forward, loss, backward, update.
    pub checks: Vec<Check>,
    /// Of the weights that were asked for.
    pub slopes: Vec<Difference>,
}

impl Report {
    /// Whether everything is within its tolerance.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(Check::passed)
    }

    /// What is not.
    pub fn faults(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|c| !c.passed())
    }
}

impl Report {
    /// Every comparison as a row.
    pub fn csv(&self) -> String {
        let mut out = String::from("layer,quantity,deviation,tolerance,passed,drift\n");
        for c in &self.checks {
            let quantity = serde_json::to_value(c.quantity).unwrap_or_default();
            let (quantity, drift) =
                (quantity.as_str().unwrap_or_default(), c.drift.map_or(String::new(), |d| d.to_string()));
            out +=
                &format!("{},{quantity},{},{},{},{drift}\n", c.layer, c.deviation, c.tolerance, c.passed());
        }
        out
    }
}

/// A report with what else a reader wants to see: what was checked, and how to do the same again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trusted {
    pub name: String,
    pub passed: bool,
    #[serde(flatten)]
    pub report: Report,
    pub spec: ModelSpec,
    /// Pictures in a training step of the run, and its seed.
    pub batch: usize,
    pub seed: u64,
    #[serde(skip)]
    pub variants: Variants,
    /// Each parameter as it was checked, in PyTorch's layout.
    #[serde(skip)]
    pub weights: Arc<Vec<Vec<f32>>>,
    /// Repeats the run in a terminal; without one, what of it has no flag.
    pub command_line: Option<String>,
    pub not_repeatable: Option<String>,
}

/// Where the step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Input,
    /// Nodes of the graph.
    Forward(usize),
    Loss,
    Backward(usize),
    Update,
    Done,
}

impl Job for Trust {
    type Outcome = Report;

    /// Checks one layer; after the last one, goes on with the slopes that were asked for.
    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        self.adapter.clone_from(&gpu.facts.name);
        if self.stage != Stage::Done {
            match self.download.take() {
                Some(download) if download.is_ready() => self.arrived(download)?,
                None => self.submit(gpu)?,
                waiting => self.download = waiting,
            }
        } else if let Some(&(param, index)) = self.asked.get(self.slopes.len()) {
            let mut slope = match self.slope.take() {
                Some(slope) => slope,
                None => self.slope(param, index)?,
            };
            match slope.pump() {
                Some(found) => self.slopes.push(found),
                None => self.slope = Some(slope),
            }
        }
        Ok(self.progress())
    }

    fn outcome(&self) -> Report {
        Report {
            adapter: self.adapter.clone(),
            images: self.labels.len(),
            loss: self.loss,
            reference_loss: self.chain.loss,
            checks: self.checks.clone(),
            slopes: self.slopes.clone(),
        }
    }
}

/// The reference on its own way in f64, from the pictures on.
#[derive(Clone, Debug, Default)]
struct Chain {
    values: Vec<Vec<f64>>,
    stats: Vec<BatchStats>,
    params: Vec<Vec<f64>>,
    tensors: Vec<Vec<f64>>,
    loss: f64,
}

/// A check under way.
pub struct Trust {
    adapter: String,
    net: Network,
    reference: reference::Network,
    chain: Chain,
    stage: Stage,
    /// First launch of the step that is not submitted.
    at: usize,
    download: Option<Download>,
    /// What the GPU has made so far, `[N,C,H,W]` by tensor.
    values: Vec<Vec<f32>>,
    grads: Vec<Vec<f32>>,
    /// The statistics of the GPU's own values, by norm.
    stats: Vec<BatchStats>,
    param_grads: Vec<Vec<f32>>,
    labels: Vec<u8>,
    sgd: Sgd,
    loss: f64,
    checks: Vec<Check>,
    /// Weights whose slope is asked for, the measurement of the next one, and those that are measured.
    asked: Vec<(ParamId, usize)>,
    slope: Option<Slope>,
    slopes: Vec<Difference>,
}

fn f64s(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

impl Trust {
    /// Prepares the check of `subject` on the first pictures of `split` in its present order (at most [`IMAGES`]),
    /// which are of `classes` classes, with the recipe's learning rate of its first step.
    ///
    /// # Errors
    /// If the network has too few classes or does not fit the memory, or the split is empty.
    pub fn new(
        gpu: &Gpu,
        subject: &Subject,
        resources: &Resources,
        split: &GpuSplit,
        classes: usize,
    ) -> Result<Self, LabError> {
        let Subject { name, spec, gates, state, recipe } = *subject;
        has_classes(name, spec, classes)?;
        let batch = IMAGES.min(split.len);
        if batch == 0 {
            return Err(LabError::Asked("there is no picture to check the network on; load some".into()));
        }
        let (variants, budget) = (resources.variants.clone(), resources.gpu_memory);
        let options = NetworkOptions { batch, eval_batch: 1, variants, budget };
        // With the kernels of the run, whose batch is larger.
        let mut net = Prepared::as_for(spec, options, recipe.batch.max(batch))?.allocate(gpu);
        net.upload(gpu, state);
        net.set_gates(gpu, gates);
        net.make_plan(gpu, Mode::Train, batch, Some(split), recipe).map_err(EngineError::from)?;
        net.set_step(
            gpu,
            &StepUniform {
                lr: recipe.lr,
                momentum: recipe.momentum,
                weight_decay: recipe.weight_decay,
                nesterov: u32::from(recipe.nesterov),
                ..StepUniform::default()
            },
        );
        let graph = net.graph.clone();
        let mut reference = reference::Network::from_f32(graph, &state.params);
        reference.gates = gates.to_vec();
        reference.velocity = state.velocity.iter().map(|v| f64s(v)).collect();
        reference.running_mean = state.running_mean.iter().map(|v| f64s(v)).collect();
        reference.running_var = state.running_var.iter().map(|v| f64s(v)).collect();
        let (tensors, norms, params) =
            (net.graph.tensors.len(), net.graph.norms.len(), net.graph.params.len());
        let chain = Chain {
            values: vec![Vec::new(); tensors],
            stats: vec![BatchStats::default(); norms],
            params: vec![Vec::new(); params],
            tensors: vec![Vec::new(); tensors],
            loss: 0.0,
        };
        Ok(Self {
            adapter: String::new(),
            net,
            reference,
            chain,
            stage: Stage::Input,
            at: 0,
            download: None,
            values: vec![Vec::new(); tensors],
            grads: vec![Vec::new(); tensors],
            stats: vec![BatchStats::default(); norms],
            param_grads: vec![Vec::new(); params],
            labels: Vec::new(),
            sgd: Sgd {
                lr: f64::from(recipe.lr),
                momentum: f64::from(recipe.momentum),
                weight_decay: f64::from(recipe.weight_decay),
                nesterov: recipe.nesterov,
            },
            loss: 0.0,
            checks: Vec::new(),
            asked: Vec::new(),
            slope: None,
            slopes: Vec::new(),
        })
    }

    /// Has the slope of the loss in scalar `index` of `parameter` (PyTorch's name and order) measured by finite
    /// differences once all layers are checked.
    ///
    /// # Errors
    /// If there is no such weight.
    pub fn ask(&mut self, parameter: &str, index: usize) -> Result<(), LabError> {
        let graph = &self.net.graph;
        let Some(param) = graph.param(parameter) else {
            let first = &graph.params[0].name;
            return Err(LabError::Asked(format!(
                "there is no parameter '{parameter}' in this network; the first is {first}"
            )));
        };
        let len = graph.params[param].len();
        if index >= len {
            return Err(LabError::Asked(format!(
                "{parameter} has {len} scalars, numbered from 0; there is no {index}"
            )));
        }
        self.asked.push((param, index));
        Ok(())
    }

    /// What was found so far, in the order of the step.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    fn progress(&self) -> Progress {
        let nodes = self.net.graph.nodes.len();
        let layer = |i: usize| self.net.graph.nodes[i].name.clone();
        let (done, what) = match self.stage {
            Stage::Input => (0, "input".to_owned()),
            Stage::Forward(i) => (1 + i, layer(i)),
            Stage::Loss => (1 + nodes, "loss".to_owned()),
            Stage::Backward(i) => (1 + 2 * nodes - i, layer(i)),
            Stage::Update => (2 + 2 * nodes, "sgd".into()),
            Stage::Done if self.slopes.len() < self.asked.len() => {
                (3 + 2 * nodes + self.slopes.len(), "finite differences".into())
            }
            Stage::Done => (3 + 2 * nodes + self.slopes.len(), String::new()),
        };
        let total = 3 + 2 * nodes + self.asked.len();
        Progress { done: done as u64, total: total as u64, what: what.into() }
    }

    /// The slope of the loss in one weight by finite differences, once the report is there; `index` counts the
    /// parameter's scalars in PyTorch's layout.
    ///
    /// # Errors
    /// If there is no such weight, or the check is not done.
    pub fn slope(&self, param: ParamId, index: usize) -> Result<Slope, LabError> {
        let found = self.net.graph.params.get(param).filter(|p| index < p.len());
        if self.stage != Stage::Done || found.is_none() {
            return Err(LabError::Asked(format!(
                "there is no scalar {index} in parameter {param} of the network, or its check is not done yet"
            )));
        }
        let mut reference = self.reference.clone();
        // The update has moved the GPU's weights, not the reference's.
        reference.velocity.clear();
        Ok(Slope::new(
            reference,
            self.chain.values.clone(),
            self.labels.clone(),
            (param, index),
            (f64::from(self.param_grads[param][index]), self.chain.params[param][index]),
        ))
    }

    /// The launches of the stage: those that bear its layer's name.
    fn launches(&self) -> Result<Range<usize>, LabError> {
        let plan = self.net.plan(Mode::Train, self.net.batch).ok_or_else(no_plan)?;
        let nodes = &self.net.graph.nodes;
        let belongs = |at: usize| {
            let (layer, phase) = &plan.labels[plan.items[at].dispatch];
            match self.stage {
                Stage::Input => layer == "input",
                Stage::Forward(i) => {
                    *layer == nodes[i].name && matches!(phase, Phase::Forward | Phase::Probe)
                }
                Stage::Loss => *phase == Phase::Loss,
                Stage::Backward(i) => *layer == nodes[i].name && *phase == Phase::Backward,
                Stage::Update => *phase == Phase::Update,
                Stage::Done => false,
            }
        };
        let end = (self.at..plan.items.len()).find(|&at| !belongs(at)).unwrap_or(plan.items.len());
        Ok(self.at..end)
    }

    /// Submits the stage's launches and asks for what they make.
    fn submit(&mut self, gpu: &Gpu) -> Result<(), LabError> {
        let range = self.launches()?;
        if let Some(plan) = self.net.plan(Mode::Train, self.net.batch) {
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            plan.encode_to(&mut encoder, range.start, range.end, f64::INFINITY);
            gpu.submit(encoder.finish());
        }
        self.at = range.end;
        self.download = Some(if self.stage == Stage::Update {
            self.net.download_state(gpu)
        } else {
            let ranges = self.ranges();
            self.net.download_ranges(gpu, Mode::Train, &ranges).map_err(LabError::Refused)?
        });
        Ok(())
    }

    /// Offset and bytes of what the stage makes.
    fn ranges(&self) -> Vec<(Buf, u64, u64)> {
        let (graph, batch) = (&self.net.graph, self.net.batch);
        let Some(program) = self.net.program(Mode::Train, batch) else { return Vec::new() };
        let whole = |buf: Buf, tensor: TensorId| {
            let t = &graph.tensors[tensor];
            (buf, 0, (batch * t.h * t.w * vec4s(t.c) * 16) as u64)
        };
        match self.stage {
            Stage::Input => vec![whole(Buf::Input, graph.input), (Buf::Labels, 0, batch as u64 * 4)],
            Stage::Forward(i) => {
                let output = graph.nodes[i].op.output();
                vec![whole(program.values[&output], output)]
            }
            Stage::Loss => {
                vec![whole(program.grads[&graph.logits], graph.logits), (Buf::Results, 0, batch as u64 * 16)]
            }
            Stage::Backward(i) => {
                let inputs = self.inputs(i).into_iter().map(|t| whole(program.grads[&t], t));
                let params = self.params(i).into_iter().map(|(p, _)| {
                    let slot = &self.net.layout.params[p];
                    (Buf::Gradients(slot.arena), slot.offset, slot.bytes)
                });
                inputs.chain(params).collect()
            }
            Stage::Update | Stage::Done => Vec::new(),
        }
    }

    /// The tensors whose gradient node `i` adds to. The picture has none.
    fn inputs(&self, i: usize) -> Vec<TensorId> {
        let graph = &self.net.graph;
        let op = &graph.nodes[i].op;
        let shortcut = match op {
            Op::Affine(a) => a.residual.map(|(shortcut, _)| shortcut),
            _ => None,
        };
        [op.input()].into_iter().chain(shortcut).filter(|&t| t != graph.input).collect()
    }

    /// The parameters of node `i`.
    fn params(&self, i: usize) -> Vec<(ParamId, Quantity)> {
        match &self.net.graph.nodes[i].op {
            Op::Conv(c) => vec![(c.weight, Quantity::WeightGradient)],
            Op::Affine(a) => match a.kind {
                AffineKind::BatchNorm { gamma, beta, .. } => {
                    vec![(gamma, Quantity::GammaGradient), (beta, Quantity::BetaGradient)]
                }
                AffineKind::Bias { bias } => vec![(bias, Quantity::BiasGradient)],
            },
            _ => Vec::new(),
        }
    }

    /// Takes what the stage has made, checks it and goes on to the next.
    fn arrived(&mut self, download: Download) -> Result<(), LabError> {
        if self.stage == Stage::Update {
            let state = self.net.decode_state(download).map_err(LabError::Refused)?;
            self.check_update(&state);
            self.stage = Stage::Done;
            return Ok(());
        }
        let words = self.net.take_floats(download).map_err(LabError::Refused)?;
        let nodes = self.net.graph.nodes.len();
        self.stage = match self.stage {
            Stage::Input => {
                self.take_input(&words);
                Stage::Forward(0)
            }
            Stage::Forward(i) => {
                self.check_forward(i, &words);
                if i + 1 < nodes { Stage::Forward(i + 1) } else { Stage::Loss }
            }
            Stage::Loss => {
                self.check_loss(&words);
                Stage::Backward(nodes - 1)
            }
            Stage::Backward(i) => {
                self.check_backward(i, &words);
                if i > 0 { Stage::Backward(i - 1) } else { Stage::Update }
            }
            Stage::Update | Stage::Done => Stage::Done,
        };
        Ok(())
    }
}
