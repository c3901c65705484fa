//! Golden cases: small training runs whose answers PyTorch computed in float64, compared field by field.

use crate::data::{Dataset, Split};
use crate::engine::dataset::GpuSplit;
use crate::engine::program::{Buf, Mode, Phase};
use crate::engine::variants::Variants;
use crate::engine::{
    DEFAULT_BUDGET, EngineError, Network, NetworkOptions, NetworkState, Prepared, StepUniform, weights,
};
use crate::gpu::Gpu;
use crate::model::{Graph, ModelSpec, SpecError};
use crate::train::{Recipe, Resize};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A case as its JSON file has it.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    pub model: ModelSpec,
    pub seed: u64,
    pub data: CaseData,
    pub optimizer: CaseOptimizer,
    pub steps: usize,
    /// PyTorch's.
    pub expect: Answers,
    /// Largest relative deviation of each field; `None`: chaotic in float32, not compared.
    pub tolerance: BTreeMap<String, Option<f64>>,
}

/// Which pictures a case trains on: step s uses records start + s·batch … in file order.
#[derive(Clone, Debug, Deserialize)]
pub struct CaseData {
    pub split: String,
    pub start: usize,
    pub batch: usize,
    pub size: usize,
    pub mean: [f32; 3],
    pub std: [f32; 3],
}

/// PyTorch's SGD.
#[derive(Clone, Debug, Deserialize)]
pub struct CaseOptimizer {
    pub lr: f32,
    pub momentum: f32,
    pub weight_decay: f32,
    pub nesterov: bool,
}

/// What PyTorch or an engine answers to a case.
#[derive(Clone, Debug, Deserialize)]
pub struct Answers {
    pub parameters: usize,
    /// Of each step.
    pub loss: Vec<f64>,
    /// The first [`LOGITS`] of the first step, before its update.
    pub logits: Vec<f64>,
    pub block_std: BTreeMap<String, f64>,
    pub grad_norm: BTreeMap<String, f64>,
    pub weight_norm: BTreeMap<String, f64>,
    pub running_norm: BTreeMap<String, f64>,
    pub eval_logits: Vec<f64>,
    pub eval_loss: f64,
}

/// One compared field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: &'static str,
    /// Worst relative deviation.
    pub worst: f64,
    pub tolerance: Option<f64>,
}

impl Field {
    /// Whether it is within its tolerance, or not to be compared.
    pub fn holds(&self) -> bool {
        self.tolerance.is_none_or(|t| self.worst <= t)
    }
}

/// Why a case could not be run.
#[derive(Debug, thiserror::Error)]
pub enum GoldenError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(
        "the case needs {needed} records of the {split} split from number {start} on, the archive has {there}"
    )]
    TooFewRecords { needed: usize, split: String, start: usize, there: usize },
    #[error("the split '{0}' is neither 'train' nor 'test'")]
    Split(String),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error("{0}")]
    Gpu(String),
}

fn relative(a: f64, b: f64) -> f64 {
    let d = (a - b).abs() / b.abs().max(1e-9);
    if d.is_nan() { f64::INFINITY } else { d }
}

fn worst_of_list(got: &[f64], want: &[f64]) -> f64 {
    if got.len() != want.len() {
        return f64::INFINITY;
    }
    got.iter().zip(want).map(|(a, b)| relative(*a, *b)).fold(0.0, f64::max)
}

fn worst_of_map(got: &BTreeMap<String, f64>, want: &BTreeMap<String, f64>) -> f64 {
    let each = want.iter().map(|(k, b)| got.get(k).map_or(f64::INFINITY, |a| relative(*a, *b)));
    if got.len() == want.len() { each.fold(0.0, f64::max) } else { f64::INFINITY }
}

/// Relative to the largest of the list.
fn worst_of_logits(got: &[f64], want: &[f64]) -> f64 {
    let largest = want.iter().fold(1e-9, |m: f64, v| m.max(v.abs()));
    let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs() / largest).fold(0.0, f64::max);
    if got.len() != want.len() || got.iter().any(|v| !v.is_finite()) { f64::INFINITY } else { worst }
}

fn norm(values: &[f32]) -> f64 {
    values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt()
}

/// Runs `plan` up to the loss, reads the first [`LOGITS`] logits, and runs the rest.
fn run_reading_logits(
    gpu: &Gpu,
    net: &mut Network,
    mode: Mode,
    batch: usize,
) -> Result<Vec<f64>, GoldenError> {
    let missing = || GoldenError::Gpu("the plan was not made".into());
    let plan = net.plan(mode, batch).ok_or_else(missing)?;
    let after = |phase: Phase| plan.items.iter().position(|i| plan.labels[i.dispatch].1 == phase);
    let loss = after(Phase::Loss).ok_or_else(missing)?;
    let end = plan.items.len();
    submit(gpu, net, mode, batch, 0, loss)?;
    let program = net.program(mode, batch).ok_or_else(missing)?;
    let buf = program.values[&net.graph.logits];
    let classes = net.graph.spec.classes;
    let all = net.read_now(gpu, buf, mode).map_err(GoldenError::Gpu)?;
    submit(gpu, net, mode, batch, loss, end)?;
    let width = classes.div_ceil(4) * 4;
    let rows = (0..batch).flat_map(|n| all[n * width..n * width + classes].iter().copied());
    Ok(rows.take(LOGITS).map(f64::from).collect())
}

/// Submits launches `from .. to` of a plan.
fn submit(
    gpu: &Gpu,
    net: &Network,
    mode: Mode,
    batch: usize,
    from: usize,
    to: usize,
) -> Result<(), GoldenError> {
    let plan = net.plan(mode, batch).ok_or_else(|| GoldenError::Gpu("the plan was not made".into()))?;
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    plan.encode_to(&mut encoder, from, to, f64::INFINITY);
    gpu.submit(encoder.finish());
    Ok(())
}

/// Logits that are compared.
pub const LOGITS: usize = 20;

impl Answers {
    /// L2 norms of running statistics, in PyTorch's names.
    pub fn running_norm(graph: &Graph, state: &NetworkState) -> BTreeMap<String, f64> {
        let mut norms = BTreeMap::new();
        for (i, (name, _)) in graph.norms.iter().enumerate() {
            norms.insert(format!("{name}.running_mean"), norm(&state.running_mean[i]));
            norms.insert(format!("{name}.running_var"), norm(&state.running_var[i]));
        }
        norms
    }
}

impl Case {
    /// The network, with pictures of the case's size.
    pub fn spec(&self) -> ModelSpec {
        ModelSpec { input_size: self.data.size, ..self.model.clone() }
    }

    /// How pictures are resized and normalised; nothing else of it counts.
    pub fn recipe(&self) -> Recipe {
        Recipe { mean: self.data.mean, std: self.data.std, resize: Resize::Nearest, ..Recipe::default() }
    }

    /// The split that it trains on.
    ///
    /// # Errors
    ///
    /// If there is no such split, or it is too short.
    pub fn split<'a>(&self, data: &'a Dataset) -> Result<&'a Split, GoldenError> {
        let split = match self.data.split.as_str() {
            "train" => &data.train,
            "test" => &data.test,
            other => return Err(GoldenError::Split(other.into())),
        };
        let needed = self.steps * self.data.batch;
        if self.data.start + needed > split.len() {
            let (split, there) = (self.data.split.clone(), split.len());
            return Err(GoldenError::TooFewRecords { needed, split, start: self.data.start, there });
        }
        Ok(split)
    }

    /// Compares every field.
    pub fn compare(&self, got: &Answers) -> Vec<Field> {
        let e = &self.expect;
        let parameters = relative(got.parameters as f64, e.parameters as f64);
        let tolerance = |name: &str| self.tolerance.get(name).copied().flatten();
        let field = |name: &'static str, worst: f64| Field { name, worst, tolerance: tolerance(name) };
        vec![
            Field { name: "parameters", worst: parameters, tolerance: Some(0.0) },
            field("loss", worst_of_list(&got.loss, &e.loss)),
            field("logits", worst_of_logits(&got.logits, &e.logits)),
            field("block_std", worst_of_map(&got.block_std, &e.block_std)),
            field("grad_norm", worst_of_map(&got.grad_norm, &e.grad_norm)),
            field("weight_norm", worst_of_map(&got.weight_norm, &e.weight_norm)),
            field("running_norm", worst_of_map(&got.running_norm, &e.running_norm)),
            field("eval_logits", worst_of_logits(&got.eval_logits, &e.eval_logits)),
            field("eval_loss", relative(got.eval_loss, e.eval_loss)),
        ]
    }
}

/// Runs a case and compares every field.
pub fn run(gpu: &Gpu, case: &Case, data: &Dataset, variants: Variants) -> Result<Vec<Field>, GoldenError> {
    let split = case.split(data)?;
    let batch = case.data.batch;
    let options = NetworkOptions { batch, eval_batch: batch, variants, budget: DEFAULT_BUDGET };
    let mut net = Prepared::new(&case.spec(), options)?.allocate(gpu);
    let recipe = case.recipe();
    let pictures = GpuSplit::upload(gpu, split);
    for mode in [Mode::Train, Mode::Eval] {
        net.make_plan(gpu, mode, batch, Some(&pictures), &recipe).map_err(EngineError::from)?;
    }
    net.reset(gpu, &weights::golden(&net.graph, case.seed));
    let step = |s: usize| StepUniform {
        batch_start: (case.data.start + s * batch) as u32,
        slot: s as u32,
        lr: case.optimizer.lr,
        momentum: case.optimizer.momentum,
        weight_decay: case.optimizer.weight_decay,
        nesterov: u32::from(case.optimizer.nesterov),
        ..StepUniform::default()
    };
    let mut logits = Vec::new();
    for s in 0..case.steps {
        net.set_step(gpu, &step(s));
        let got = run_reading_logits(gpu, &mut net, Mode::Train, batch)?;
        if s == 0 {
            logits = got;
        }
    }
    net.set_step(gpu, &StepUniform { slot: 0, ..step(0) });
    let eval_logits = run_reading_logits(gpu, &mut net, Mode::Eval, batch)?;
    let ring = net.read_now(gpu, Buf::Ring, Mode::Train).map_err(GoldenError::Gpu)?;
    let eval_ring = net.read_now(gpu, Buf::EvalRing, Mode::Eval).map_err(GoldenError::Gpu)?;
    let download = net.download_state(gpu);
    download.wait(&gpu.device);
    let state = net.decode_state(download).map_err(GoldenError::Gpu)?;
    if let Some(error) = gpu.take_errors().into_iter().next() {
        return Err(GoldenError::Gpu(error));
    }

    let record = net.layout.record;
    let at = |s: usize, vec4: usize, lane: usize| f64::from(ring[(s * record.stride + vec4) * 4 + lane]);
    let loss: Vec<f64> = (0..case.steps).map(|s| at(s, 0, 0)).collect();
    let blocks = net.graph.blocks.iter().enumerate();
    let block_std = blocks.map(|(b, block)| (block.name.clone(), at(0, record.block(b) + 1, 3))).collect();
    let by_param = |s: usize, lane: usize| -> BTreeMap<String, f64> {
        let params = net.graph.params.iter().enumerate();
        params.map(|(i, p)| (p.name.clone(), at(s, record.first_param() + i, lane))).collect()
    };
    Ok(case.compare(&Answers {
        parameters: net.graph.parameter_count(),
        loss,
        logits,
        block_std,
        grad_norm: by_param(0, 0),
        weight_norm: by_param(case.steps - 1, 1),
        running_norm: Answers::running_norm(&net.graph, &state),
        eval_logits,
        eval_loss: f64::from(eval_ring[0]),
    }))
}
