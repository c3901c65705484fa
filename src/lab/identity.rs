//! "Identity is easy" as an experiment: blocks that are to learn the identity and a small known residual.
//!
//! He et al. 2015, §3.1: a deeper network should do no worse than a shallower one, since its further layers could be
//! identities; that plain networks do worse suggests that solvers find the identity hard, and with a shortcut it
//! takes no more than driving the weights of F to zero. Here a stack of blocks learns nothing else. Inputs are rectified
//! normal numbers, as a block sees them behind a ReLU, new in every step and the same for all lanes; wanted is
//! ReLU(x + ε·r(x)) with r(x) = next channel − last channel, which two convolutions can express exactly. Two
//! thresholds count the steps: the loss of the exact identity, and half of it, for which the residual has to be
//! learned. Steps depend on the learning rate, so every lane runs at each of several, and no lane is judged by another's.
//!
//! A zero-initialised γ (Goyal et al. 2017, arXiv 1706.02677, §5.1) lets a block with batch norm start as the
//! identity. A plain block cannot have it: its output would be 0, and so would every gradient.

#[cfg(test)]
mod tests;

use super::building::Resources;
use super::{Doing, Job, LabError, Progress, poll};
use crate::engine::layout::{Layout, RING_STEPS, activation_to_gpu};
use crate::engine::plan::{Buffers, Plan};
use crate::engine::program::{Buf, Builder, Mode, Phase, Program};
use crate::engine::variants::Variants;
use crate::engine::{Network, NetworkOptions, Prepared, StepUniform, ops, weights};
use crate::gpu::{Download, Gpu};
use crate::model::{AffineKind, Alpha, BlockKind, Graph, ModelSpec, Op, Shortcut, Stem};
use crate::train::Init;
use crate::train::metrics::{self, StepMeta};
use serde::Serialize;
use std::collections::VecDeque;

/// Height, width and channels of the blocks' tensors.
const SIDE: usize = 8;
const CHANNELS: usize = 16;
/// Inputs of a step.
const BATCH: usize = 16;
/// ε, the known residual's weight.
const EPSILON: f32 = 0.1;
const MOMENTUM: f32 = 0.9;
/// Steps submitted before their records are read.
const AHEAD: u64 = 8;

/// What to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Blocks one after the other.
    pub blocks: usize,
    pub steps: u64,
    pub seeds: u64,
    /// Learning rates that every lane runs at.
    pub rates: Vec<f32>,
    /// Adds a lane whose last γ of each block starts at 0.
    pub zero_gamma: bool,
    pub resources: Resources,
}

/// What differs between the runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lane {
    pub skip: bool,
    pub batch_norm: bool,
    pub zero_gamma: bool,
    pub lr: f32,
    pub seed: u64,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Mean squared error before the update.
    pub loss: f32,
    /// ‖F(x)‖/‖x‖ of each block.
    pub branch: Vec<f32>,
    /// Root mean square of the last block's last γ after the update.
    pub gamma: Option<f32>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    #[serde(flatten)]
    pub lane: Lane,
    /// First step whose loss, averaged over ten steps, is at most the exact identity's; at most half of it.
    pub to_identity: Option<u64>,
    pub to_residual: Option<u64>,
    /// First step whose loss was not finite: the run ended there.
    pub diverged: Option<u64>,
    pub steps: Vec<Step>,
}

impl Run {
    /// Mean loss of its last ten steps, infinite where it diverged.
    pub fn last_loss(&self) -> f64 {
        let last = &self.steps[self.steps.len().saturating_sub(10)..];
        let mean = last.iter().map(|s| f64::from(s.loss)).sum::<f64>() / last.len().max(1) as f64;
        if self.diverged.is_some() || !mean.is_finite() { f64::INFINITY } else { mean }
    }
}

/// All runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    pub blocks: usize,
    /// Loss of the exact identity, and ‖wanted − x‖/‖x‖, over the inputs of the first step of seed 1.
    pub identity_loss: f64,
    pub residual: f64,
    /// In order; the last may be under way.
    pub runs: Vec<Run>,
}

impl Outcome {
    /// Every step of every run as a row.
    pub fn csv(&self) -> String {
        let mut out = String::from(
            "skip,batch_norm,zero_gamma,learning_rate,seed,step,loss,branch_by_input,last_gamma\n",
        );
        for run in &self.runs {
            let Lane { skip, batch_norm, zero_gamma, lr, seed } = run.lane;
            for (i, step) in run.steps.iter().enumerate() {
                let branch = step.branch.iter().sum::<f32>() / step.branch.len().max(1) as f32;
                let gamma = step.gamma.map_or(String::new(), |g| g.to_string());
                out += &format!(
                    "{skip},{batch_norm},{zero_gamma},{lr},{seed},{i},{},{branch},{gamma}\n",
                    step.loss
                );
            }
        }
        out
    }
}

/// A network under way.
struct Running {
    net: Network,
    plan: Plan,
    x: Buf,
    wanted: wgpu::Buffer,
    run: Run,
    submitted: u64,
    /// Root mean square of the inputs of each step whose record is not read yet.
    inputs: VecDeque<f32>,
    download: Option<(u64, Download)>,
}

/// The experiment under way.
pub struct Identity {
    options: Options,
    lanes: Vec<Lane>,
    running: Option<Running>,
    outcome: Outcome,
}

/// The inputs of a step and what is wanted of them, `[BATCH,CHANNELS,SIDE,SIDE]`.
fn batch(seed: u64, step: u64) -> (Vec<f32>, Vec<f32>) {
    let plane = SIDE * SIDE;
    let picture = CHANNELS * plane;
    let n = BATCH * picture;
    let first = step * n as u64;
    let x: Vec<f32> =
        (0..n as u64).map(|i| weights::normal(seed, "identity", first + i).max(0.0) as f32).collect();
    let wanted = |i: usize| {
        let (base, c, pixel) = (i / picture * picture, i / plane % CHANNELS, i % plane);
        let of = |c: usize| x[base + c % CHANNELS * plane + pixel];
        (x[i] + EPSILON * (of(c + 1) - of(c + CHANNELS - 1))).max(0.0)
    };
    let wanted = (0..n).map(wanted).collect();
    (x, wanted)
}

/// Root mean square.
fn rms(values: impl ExactSizeIterator<Item = f32>) -> f64 {
    let n = values.len() as f64;
    (values.map(|v| f64::from(v) * f64::from(v)).sum::<f64>() / n).sqrt()
}

/// Blocks alone: the pass of a network without stem and classifier, whose parameters stay untouched.
fn program(graph: &Graph, layout: &Layout, variants: &Variants) -> (Program, Buf) {
    let mut b = Builder::bare(graph, layout, variants, Mode::Train, BATCH);
    let input = graph.blocks[0].input;
    let x = b.new_value(input);
    if let Buf::Virtual(v) = x {
        // Written from outside before the first dispatch.
        b.program.kept.push(v);
    }
    let first = graph.nodes.iter().position(|n| n.op.input() == input).unwrap_or(0);
    let last = graph.blocks.last().map_or(first, |block| block.affine);
    for i in first..=last {
        b.forward(i);
        if let (Op::Affine(affine), Some(number)) =
            (&graph.nodes[i].op, graph.blocks.iter().position(|block| block.affine == i))
        {
            b.set_phase(Phase::Probe);
            ops::block_stats::measure(&mut b, i, affine, number);
            b.set_phase(Phase::Forward);
        }
    }
    b.set_phase(Phase::Loss);
    ops::loss::mean_squared_error(&mut b, graph.nodes[last].op.output(), Buf::Wanted);
    b.set_phase(Phase::Backward);
    for i in (first..=last).rev() {
        b.backward(i);
    }
    b.set_phase(Phase::Update);
    ops::sgd::update(&mut b);
    (b.program, x)
}

impl Identity {
    /// Prepares the runs.
    ///
    /// # Errors
    /// If blocks, steps, seeds or learning rates make no sense.
    pub fn new(options: Options) -> Result<Self, LabError> {
        let asked = |ok: bool, text: &str| if ok { Ok(()) } else { Err(LabError::Asked(text.into())) };
        asked((1..=20).contains(&options.blocks), "1 to 20 blocks are allowed")?;
        asked((1..=100_000).contains(&options.steps), "1 to 100000 steps are allowed")?;
        asked(options.seeds >= 1, "at least one seed is needed")?;
        let sensible = |r: &f32| r.is_finite() && *r > 0.0;
        asked(!options.rates.is_empty() && options.rates.iter().all(sensible), "learning rates are above 0")?;
        let mut lanes = Vec::new();
        for (skip, batch_norm, zero_gamma) in [
            (false, false, false),
            (false, true, false),
            (true, false, false),
            (true, true, false),
            (true, true, true),
        ] {
            for &lr in options.rates.iter().filter(|_| !zero_gamma || options.zero_gamma) {
                lanes.extend((1..=options.seeds).map(|seed| Lane { skip, batch_norm, zero_gamma, lr, seed }));
            }
        }
        lanes.reverse();
        let (x, wanted) = batch(1, 0);
        let off = rms(x.iter().zip(&wanted).map(|(x, w)| w - x));
        let outcome = Outcome {
            blocks: options.blocks,
            identity_loss: off * off,
            residual: off / rms(x.iter().copied()),
            runs: Vec::new(),
        };
        Ok(Self { options, lanes, running: None, outcome })
    }

    fn start(&self, gpu: &Gpu, lane: Lane) -> Result<Running, LabError> {
        let spec = ModelSpec {
            stem: Stem::Cifar,
            block: BlockKind::Basic,
            blocks: vec![self.options.blocks],
            width: CHANNELS,
            shortcut: if lane.skip { Shortcut::ZeroPad } else { Shortcut::None },
            alpha: Alpha::All(1.0),
            beta: Alpha::All(1.0),
            batch_norm: lane.batch_norm,
            classes: 2,
            input_size: SIDE,
        };
        let graph = Graph::new(&spec)?;
        let layout = Layout::new(&graph);
        let variants = self.options.resources.variants.clone();
        let (program, x) = program(&graph, &layout, &variants);
        let dispatches = program.dispatches.clone();
        let mut params = weights::init(&graph, Init::He, lane.seed);
        if lane.zero_gamma {
            for block in &graph.blocks {
                if let Some(gamma) = last_gamma(&graph, block.affine) {
                    params[gamma].fill(0.0);
                }
            }
        }
        let options = NetworkOptions {
            batch: BATCH,
            eval_batch: 1,
            variants,
            budget: self.options.resources.gpu_memory,
        };
        let net = Prepared::own(graph, layout, program, options)?.allocate(gpu);
        net.reset(gpu, &params);
        let wanted = gpu.storage("wanted", (BATCH * CHANNELS * SIDE * SIDE * 4) as u64);
        let more = Buffers::from([(Buf::Wanted, wanted.clone())]);
        let plan = net.side_plan(gpu, Mode::Train, &dispatches, &more)?;
        let run = Run { lane, to_identity: None, to_residual: None, diverged: None, steps: Vec::new() };
        let inputs = VecDeque::new();
        Ok(Running { net, plan, x, wanted, run, submitted: 0, inputs, download: None })
    }
}

/// The γ of affine node `node`.
fn last_gamma(graph: &Graph, node: usize) -> Option<usize> {
    match &graph.nodes[node].op {
        Op::Affine(a) => match a.kind {
            AffineKind::BatchNorm { gamma, .. } => Some(gamma),
            AffineKind::Bias { .. } => None,
        },
        _ => None,
    }
}

impl Running {
    /// Submits a few steps and asks for their records.
    fn submit(&mut self, gpu: &Gpu, steps: u64) {
        let count = AHEAD.min(steps - self.submitted);
        for step in self.submitted..self.submitted + count {
            let (x, wanted) = batch(self.run.lane.seed, step);
            self.inputs.push_back(rms(x.iter().copied()) as f32);
            let shape = [SIDE, SIDE, CHANNELS];
            if let Some(region) = self.net.region(self.x, Mode::Train) {
                let x = activation_to_gpu(&x, BATCH, shape);
                gpu.queue.write_buffer(region.buffer, region.offset, bytemuck::cast_slice(&x));
            }
            let wanted = activation_to_gpu(&wanted, BATCH, shape);
            gpu.queue.write_buffer(&self.wanted, 0, bytemuck::cast_slice(&wanted));
            let slot = (step % RING_STEPS) as u32;
            let (lr, momentum) = (self.run.lane.lr, MOMENTUM);
            self.net.set_step(gpu, &StepUniform { slot, lr, momentum, ..StepUniform::default() });
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            self.plan.encode(&mut encoder, 0, f64::INFINITY);
            gpu.submit(encoder.finish());
        }
        let stride = self.net.layout.record.bytes();
        let download = self.net.download_ring(gpu, Buf::Ring, stride, RING_STEPS, self.submitted, count);
        self.submitted += count;
        self.download = Some((count, download));
    }

    /// Takes records in.
    fn take(&mut self, words: &[f32], count: u64, identity_loss: f64) {
        let (graph, layout) = (&self.net.graph, self.net.layout.record);
        let gamma = graph.blocks.last().and_then(|b| last_gamma(graph, b.affine));
        for words in words.chunks_exact(layout.stride * 4).take(count as usize) {
            let step = self.run.steps.len() as u64;
            let (record, _) =
                metrics::decode(graph, &layout, &StepMeta { step, ..StepMeta::default() }, words);
            let Some(mut x) = self.inputs.pop_front() else { return };
            let mut branch = Vec::new();
            for block in &record.blocks {
                branch.push(block.branch.rms() / x);
                x = block.output.rms();
            }
            let gamma = gamma.map(|p| record.weight_norm[p] / (CHANNELS as f32).sqrt());
            self.run.steps.push(Step { loss: record.loss, branch, gamma });
            if !record.loss.is_finite() {
                self.run.diverged.get_or_insert(step);
                return;
            }
            let last = &self.run.steps[self.run.steps.len().saturating_sub(10)..];
            let mean = last.iter().map(|s| f64::from(s.loss)).sum::<f64>() / last.len() as f64;
            if last.len() == 10 && mean <= identity_loss {
                self.run.to_identity.get_or_insert(step);
            }
            if last.len() == 10 && mean <= identity_loss / 2.0 {
                self.run.to_residual.get_or_insert(step);
            }
        }
    }
}

impl Job for Identity {
    type Outcome = Outcome;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        if self.running.is_none()
            && let Some(lane) = self.lanes.pop()
        {
            self.running = Some(self.start(gpu, lane)?);
        }
        if let Some(mut running) = self.running.take() {
            match running.download.take() {
                Some((count, download)) if download.is_ready() => {
                    let words = running.net.take_floats(download).map_err(LabError::Refused)?;
                    running.take(&words, count, self.outcome.identity_loss);
                }
                None => running.submit(gpu, self.options.steps),
                waiting => running.download = waiting,
            }
            let measured = running.run.steps.len() as u64;
            if measured == self.options.steps || running.run.diverged.is_some() {
                self.outcome.runs.push(running.run);
            } else {
                self.running = Some(running);
            }
        }
        let under_way = self.running.as_ref().map(|r| &r.run);
        let runs = self.lanes.len() + self.outcome.runs.len() + usize::from(under_way.is_some());
        let done = self.outcome.runs.len() as u64 * self.options.steps;
        let what = under_way
            .map_or(Doing::Nothing, |r| Doing::Seed(format!("{}, lr {}", r.lane, r.lane.lr), r.lane.seed));
        let done = done + under_way.map_or(0, |r| r.steps.len() as u64);
        Ok(Progress { done, total: runs as u64 * self.options.steps, what })
    }

    fn outcome(&self) -> Outcome {
        let mut outcome = self.outcome.clone();
        outcome.runs.extend(self.running.as_ref().map(|r| r.run.clone()));
        outcome
    }
}

impl std::fmt::Display for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.skip { "skip" } else { "plain" })?;
        f.write_str(if self.batch_norm { " + BN" } else { "" })?;
        f.write_str(if self.zero_gamma { ", γ₀ = 0" } else { "" })
    }
}
