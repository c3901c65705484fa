//! Shattered gradients (Balduzzi et al. 2017, "The Shattered Gradients Problem", arXiv 1702.08591): at initialisation,
//! how alike are the gradients of neighbouring inputs?
//!
//! Inputs lie on the straight line between two pictures; what is differentiated is a fixed random projection of the
//! logits; the gradient is the one with respect to the input. For every lag the cosine of the gradients of two
//! inputs so far apart is averaged over the line, and then over seeds, each with its own weights, projection and
//! pair of pictures. In a deep plain network it falls at once: the gradient looks like white noise.
//!
//! Theory beside it, for inputs whose activation patterns are independent: 2⁻ᴸ in a plain network of L rectified layers
//! (their Theorem 1), (3/4)ᴸ with skips and no batch norm (Theorem 2), 1/√L with both (Theorem 3, up to a
//! constant), L counting residual blocks. None is given for a plain network with batch norm.
//!
//! The set-up differs from the paper's: convolutions on pictures and not fully connected layers on one number; blocks
//! of two convolutions with ReLU *after* the sum; inputs of a line between pictures are never independent, so that
//! measured correlations are expected above the first two (the third holds only up to its constant); batch norm normalises with the statistics of a batch of
//! pictures, kept fixed, so that the inputs of the line do not see one another.

#[cfg(test)]
mod tests;

use super::building::{Budget, Resources};
use super::common::{is_of_parameters, mean_and_error, no_plan, submit};
use super::fold::folded;
use super::{Doing, Job, LabError, Progress, poll};
use crate::data::{RECORD, SIZE};
use crate::engine::dataset::GpuSplit;
use crate::engine::layout::{activation_from_gpu, activation_to_gpu, vec4s};
use crate::engine::plan::{Buffers, Plan};
use crate::engine::program::{Mode, Phase};
use crate::engine::reference::{self, Window};
use crate::engine::{Network, NetworkState, StepUniform, weights};
use crate::gpu::{Download, Gpu, StagingPool};
use crate::model::{Graph, ModelSpec, Op};
use crate::train::{Init, Recipe};
use serde::Serialize;

/// What to measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Depths of the paper's CIFAR family, 6n + 2.
    pub depths: Vec<usize>,
    /// Seeds, at least two.
    pub seeds: u64,
    /// Inputs on each line.
    pub points: usize,
    pub init: Init,
    pub resources: Resources,
}

/// Pictures whose statistics batch norm keeps.
const STATISTICS: usize = 64;

/// One of the four kinds of network, at one depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Kind {
    pub depth: usize,
    pub skip: bool,
    pub batch_norm: bool,
}

/// Correlation at one lag.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct At {
    /// Distance as a share of the line.
    pub lag: f64,
    /// Mean cosine over line and seeds, and the standard error over seeds.
    pub correlation: f64,
    pub error: f64,
}

/// What was measured of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    #[serde(flatten)]
    pub kind: Kind,
    pub seeds: usize,
    /// The formula that theory gives for independent inputs, and its value.
    pub theory: Option<Theory>,
    /// From lag 1/(points − 1) to 1/2.
    pub correlation: Vec<At>,
}

/// Every lag of every kind as a row.
pub fn csv(curves: &[Curve]) -> String {
    let mut out = String::from("depth,skip,batch_norm,seeds,lag,correlation,standard_error,theory\n");
    for Curve { kind: Kind { depth, skip, batch_norm }, seeds, theory, correlation } in curves {
        let theory = theory.map_or(String::new(), |t| t.value.to_string());
        for At { lag, correlation, error } in correlation {
            out += &format!("{depth},{skip},{batch_norm},{seeds},{lag},{correlation},{error},{theory}\n");
        }
    }
    out
}

/// Multiply-accumulates of it; `None` if there is no such network.
pub fn work(depths: &[usize], seeds: u64, points: usize) -> Option<f64> {
    // Twice without batch norm, twice with: forward and to the inputs for the line, forward for the statistics.
    let inputs = (4 * 2 * points + 2 * STATISTICS) as f64;
    let macs = |d: &usize| Some(Graph::new(&ModelSpec::cifar(*d, false)?).ok()?.macs() as f64);
    Some(inputs * seeds as f64 * depths.iter().map(macs).sum::<Option<f64>>()?)
}

/// What theory says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Theory {
    pub formula: &'static str,
    /// What L is.
    pub layers: usize,
    pub value: f64,
}

impl Kind {
    fn spec(self) -> Result<ModelSpec, LabError> {
        ModelSpec::cifar(self.depth, self.skip).ok_or_else(|| {
            LabError::Asked(format!(
                "depth {} is not in the family of 6n + 2 layers; take 8, 14, 20, 32, 44, 56 or 110",
                self.depth
            ))
        })
    }

    /// See the module's head.
    pub fn theory(self) -> Option<Theory> {
        let blocks = (self.depth - 2) / 2;
        let (formula, layers, value) = match (self.skip, self.batch_norm) {
            (false, true) => return None,
            (false, false) => ("2^-L", self.depth - 1, 0.5f64.powi(self.depth as i32 - 1)),
            (true, false) => ("(3/4)^L", blocks, 0.75f64.powi(blocks as i32)),
            (true, true) => ("1/sqrt(L)", blocks, 1.0 / (blocks as f64).sqrt()),
        };
        Some(Theory { formula, layers, value })
    }
}

/// The networks of one kind: with batch norm for its statistics, without for the gradients.
struct Rig {
    kind: Kind,
    normed: Option<Network>,
    bare: Network,
    forward: Plan,
    backward: Plan,
}

enum Stage {
    Build,
    /// The pictures of a seed are on their way.
    Pictures(Download),
    /// The statistics of the network with batch norm are on their way.
    Statistics(Download),
    /// The gradients at the stem's output are; its weight leads on to the picture.
    Gradients(Download, Vec<f32>),
}

/// The experiment under way.
pub struct Shatter {
    options: Options,
    train: GpuSplit,
    /// The pictures of a seed: the two ends of its line, then those that give the statistics.
    pictures: Option<(u64, Vec<u8>)>,
    pool: StagingPool,
    recipe: Recipe,
    kinds: Vec<Kind>,
    /// Kind and seed under way.
    at: (usize, u64),
    rig: Option<Rig>,
    stage: Stage,
    /// Cosines at each lag, of each seed, of each kind.
    found: Vec<Vec<Vec<f64>>>,
}

impl Shatter {
    /// Prepares the experiment on pictures of `train`.
    ///
    /// # Errors
    /// If depths, seeds or points make no sense, or there are too few pictures.
    pub fn new(options: Options, train: GpuSplit) -> Result<Self, LabError> {
        let asked = |ok: bool, text: &str| if ok { Ok(()) } else { Err(LabError::Asked(text.into())) };
        asked(!options.depths.is_empty(), "name at least one depth")?;
        asked(options.seeds >= 2, "a standard error needs at least two seeds")?;
        asked((4..=256).contains(&options.points), "a line has 4 to 256 points")?;
        asked(train.len >= STATISTICS, "the statistics of batch norm need at least 64 pictures")?;
        let mut kinds = Vec::new();
        for &depth in &options.depths {
            for (skip, batch_norm) in [(false, false), (false, true), (true, false), (true, true)] {
                let kind = Kind { depth, skip, batch_norm };
                kind.spec()?;
                kinds.push(kind);
            }
        }
        let found = vec![Vec::new(); kinds.len()];
        Ok(Self {
            options,
            train,
            pictures: None,
            pool: StagingPool::default(),
            recipe: Recipe::default(),
            kinds,
            at: (0, 1),
            rig: None,
            stage: Stage::Build,
            found,
        })
    }

    /// Picture number `which` of the seed's, normalised, `[3,32,32]`.
    fn picture(&self, which: usize) -> Vec<f32> {
        let (mean, std) = (self.recipe.mean, self.recipe.std);
        let all = self.pictures.as_ref().map_or(&[][..], |(_, bytes)| bytes);
        let value = |(i, &b): (usize, &u8)| {
            let c = i / (SIZE * SIZE);
            (f32::from(b) / 255.0 - mean[c]) / std[c]
        };
        all[which * RECORD..(which + 1) * RECORD].iter().enumerate().map(value).collect()
    }

    /// The inputs of the seed's line, `[points,3,32,32]`.
    fn line(&self) -> Vec<f32> {
        let (a, b) = (self.picture(0), self.picture(1));
        let last = (self.options.points - 1) as f32;
        (0..self.options.points)
            .flat_map(|k| {
                let t = k as f32 / last;
                a.iter().zip(&b).map(move |(a, b)| a + t * (b - a)).collect::<Vec<_>>()
            })
            .collect()
    }

    fn build(&self, gpu: &Gpu, kind: Kind) -> Result<Rig, LabError> {
        let spec = ModelSpec { batch_norm: kind.batch_norm, ..kind.spec()? };
        let mut budget = Budget::new(&self.options.resources);
        let mut normed = None;
        if kind.batch_norm {
            let mut net = budget.prepare(&spec, STATISTICS, 1)?.allocate(gpu);
            net.make_plan(gpu, Mode::Train, STATISTICS, None, &self.recipe)?;
            normed = Some(net);
        }
        let points = self.options.points;
        let bare = budget.prepare(&ModelSpec { batch_norm: false, ..spec }, points, 1)?.allocate(gpu);
        let program = bare.program(Mode::Train, points).ok_or_else(no_plan)?;
        let of = |phase: Phase| {
            let wanted =
                program.dispatches.iter().filter(|d| d.phase == phase && !is_of_parameters(&d.kernel));
            bare.side_plan(gpu, Mode::Train, &wanted.cloned().collect::<Vec<_>>(), &Buffers::new())
        };
        let (forward, backward) = (of(Phase::Forward)?, of(Phase::Backward)?);
        Ok(Rig { kind, normed, bare, forward, backward })
    }

    /// Initial weights of a seed, running statistics 0, so that one batch's moments can be read off them.
    fn initial(&self, net: &Network, seed: u64) -> NetworkState {
        let mut state = NetworkState::initial(&net.graph, weights::init(&net.graph, self.options.init, seed));
        state.running_var.iter_mut().for_each(|v| v.fill(0.0));
        state
    }

    /// Lets the network with batch norm see a batch of pictures.
    fn submit_statistics(&mut self, gpu: &Gpu, seed: u64) -> Result<Option<Download>, LabError> {
        let Some(mut rig) = self.rig.take() else { return Ok(None) };
        let mut download = None;
        if let Some(net) = &mut rig.normed {
            net.upload(gpu, &self.initial(net, seed));
            net.set_step(gpu, &StepUniform::default());
            let images: Vec<f32> = (0..STATISTICS).flat_map(|i| self.picture(2 + i)).collect();
            net.set_batch(gpu, &images, &[0; STATISTICS]);
            let plan = net.plan(Mode::Train, STATISTICS).ok_or_else(no_plan)?;
            let loss = plan.items.iter().position(|i| plan.labels[i.dispatch].1 == Phase::Loss);
            submit(gpu, plan, loss.unwrap_or(plan.items.len()));
            download = Some(net.download_state(gpu));
        }
        self.rig = Some(rig);
        Ok(download)
    }

    /// The gradients of a line's inputs at the stem's output.
    fn submit_gradients(&mut self, gpu: &Gpu, seed: u64, params: &[Vec<f32>]) -> Result<Stage, LabError> {
        let (points, images) = (self.options.points, self.line());
        let rig = self.rig.as_mut().ok_or_else(no_plan)?;
        let net = &mut rig.bare;
        net.reset(gpu, params);
        net.set_batch(gpu, &images, &vec![0; points]);
        submit(gpu, &rig.forward, rig.forward.items.len());
        let logits = net.graph.logits;
        let classes = net.graph.spec.classes;
        let projection: Vec<f32> =
            (0..classes as u64).map(|k| weights::normal(seed, "projection", k) as f32).collect();
        let all: Vec<f32> = std::iter::repeat_n(projection, points).flatten().collect();
        let program = net.program(Mode::Train, points).ok_or_else(no_plan)?;
        let (gradient, stem) = (program.grads[&logits], program.grads[&net.graph.nodes[0].op.output()]);
        let region = net.region(gradient, Mode::Train).ok_or_else(no_plan)?;
        let padded = activation_to_gpu(&all, points, [1, 1, classes]);
        gpu.queue.write_buffer(region.buffer, region.offset, bytemuck::cast_slice(&padded));
        submit(gpu, &rig.backward, rig.backward.items.len());
        let t = &net.graph.tensors[net.graph.nodes[0].op.output()];
        let bytes = (points * t.h * t.w * vec4s(t.c) * 16) as u64;
        let download =
            net.download_ranges(gpu, Mode::Train, &[(stem, 0, bytes)]).map_err(LabError::Refused)?;
        Ok(Stage::Gradients(download, params[0].clone()))
    }

    /// Cosines at every lag, from the gradients at the stem's output.
    fn correlate(&self, words: &[f32], weight: &[f32]) -> Result<Vec<f64>, LabError> {
        let rig = self.rig.as_ref().ok_or_else(no_plan)?;
        let graph = &rig.bare.graph;
        let Op::Conv(stem) = &graph.nodes[0].op else { return Err(no_plan()) };
        let t = &graph.tensors[stem.output];
        let points = self.options.points;
        let dy: Vec<f64> =
            activation_from_gpu(words, points, [t.h, t.w, t.c]).into_iter().map(f64::from).collect();
        let weight: Vec<f64> = weight.iter().map(|&w| f64::from(w)).collect();
        let input = &graph.tensors[graph.input];
        let dims = reference::Dims { n: points, c: input.c, h: input.h, w: input.w };
        let window = Window { kernel: stem.kernel, stride: stem.stride, padding: stem.padding };
        let dx = reference::conv2d_input_gradient(&dy, dims, &weight, stem.cout, window);
        Ok(cosines(&dx, points))
    }

    /// The parameters of the seed's network without batch norm.
    fn params(&self, seed: u64, state: Option<NetworkState>) -> Result<Vec<Vec<f32>>, LabError> {
        let rig = self.rig.as_ref().ok_or_else(no_plan)?;
        let (Some(mut state), Some(net)) = (state, &rig.normed) else {
            return Ok(weights::init(&rig.bare.graph, self.options.init, seed));
        };
        // What the running statistics took in is a tenth of the batch's.
        let whole = |v: &mut Vec<f32>| v.iter_mut().for_each(|x| *x /= reference::RUNNING_MOMENTUM as f32);
        state.running_mean.iter_mut().for_each(whole);
        state.running_var.iter_mut().for_each(whole);
        let (_, params) = folded(&net.graph, &state)?;
        Ok(params.iter().map(|p| p.iter().map(|&x| x as f32).collect()).collect())
    }

    fn next(&mut self, cosines: Vec<f64>) {
        let (kind, seed) = self.at;
        self.found[kind].push(cosines);
        self.at = if seed < self.options.seeds { (kind, seed + 1) } else { (kind + 1, 1) };
        if self.at.0 != kind {
            self.rig = None;
        }
        self.stage = Stage::Build;
    }
}

/// Which of `len` pictures a seed takes: the two ends of its line, then those that give the statistics.
fn records(seed: u64, len: usize) -> Vec<usize> {
    let first = weights::splitmix64(seed.wrapping_add(1 << 40));
    let ends = [2 * seed, 2 * seed + 1].map(weights::splitmix64);
    let statistics = (0..STATISTICS as u64).map(|i| first.wrapping_add(i));
    ends.into_iter().chain(statistics).map(|i| (i % len as u64) as usize).collect()
}

/// Mean cosine between vectors `lag` apart, for lags 1 to half of the `points` vectors that `dx` holds.
fn cosines(dx: &[f64], points: usize) -> Vec<f64> {
    let len = dx.len() / points;
    let vector = |i: usize| &dx[i * len..(i + 1) * len];
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let norms: Vec<f64> = (0..points).map(|i| dot(vector(i), vector(i)).sqrt()).collect();
    let at_lag = |lag: usize| {
        let pairs = points - lag;
        let cosine =
            |i: usize| dot(vector(i), vector(i + lag)) / (norms[i] * norms[i + lag]).max(f64::MIN_POSITIVE);
        (0..pairs).map(cosine).sum::<f64>() / pairs as f64
    };
    (1..=(points - 1).div_ceil(2)).map(at_lag).collect()
}

impl Job for Shatter {
    type Outcome = Vec<Curve>;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        let (kind, seed) = self.at;
        if let Some(&which) = self.kinds.get(kind) {
            match std::mem::replace(&mut self.stage, Stage::Build) {
                Stage::Build if self.pictures.as_ref().is_none_or(|(of, _)| *of != seed) => {
                    let wanted = records(seed, self.train.len);
                    let places = self.train.places(&wanted);
                    let download = Download::start(&gpu.device, &gpu.queue, &mut self.pool, &places);
                    self.stage = Stage::Pictures(download);
                }
                Stage::Pictures(download) if download.is_ready() => {
                    let bytes = download.take(&mut self.pool).map_err(LabError::Refused)?;
                    self.pictures = Some((seed, bytes));
                }
                Stage::Build => {
                    if self.rig.as_ref().is_none_or(|r| r.kind != which) {
                        self.rig = Some(self.build(gpu, which)?);
                    }
                    self.stage = match self.submit_statistics(gpu, seed)? {
                        Some(download) => Stage::Statistics(download),
                        None => {
                            let params = self.params(seed, None)?;
                            self.submit_gradients(gpu, seed, &params)?
                        }
                    };
                }
                Stage::Statistics(download) if download.is_ready() => {
                    let net = self.rig.as_mut().and_then(|r| r.normed.as_mut()).ok_or_else(no_plan)?;
                    let state = net.decode_state(download).map_err(LabError::Refused)?;
                    let params = self.params(seed, Some(state))?;
                    self.stage = self.submit_gradients(gpu, seed, &params)?;
                }
                Stage::Gradients(download, stem) if download.is_ready() => {
                    let rig = self.rig.as_mut().ok_or_else(no_plan)?;
                    let words = rig.bare.take_floats(download).map_err(LabError::Refused)?;
                    let found = self.correlate(&words, &stem)?;
                    self.next(found);
                }
                waiting => self.stage = waiting,
            }
        }
        let (kind, seed) = self.at;
        let done = kind as u64 * self.options.seeds + seed - 1;
        let what = self.kinds.get(kind).map_or(Doing::Nothing, |k| {
            let norm = if k.batch_norm { " + BN" } else { "" };
            Doing::Seed(format!("{}{norm}", ModelSpec::cifar_name(k.depth, k.skip)), seed)
        });
        Ok(Progress { done, total: self.kinds.len() as u64 * self.options.seeds, what })
    }

    fn outcome(&self) -> Vec<Curve> {
        let curve = |(kind, seeds): (&Kind, &Vec<Vec<f64>>)| {
            let lags = seeds.first().map_or(0, Vec::len);
            let at = |k: usize| {
                let values: Vec<f64> = seeds.iter().map(|s| s[k]).collect();
                let (correlation, error) = mean_and_error(&values);
                At { lag: (k + 1) as f64 / (self.options.points - 1) as f64, correlation, error }
            };
            let correlation = (0..lags).map(at).collect();
            Curve { kind: *kind, seeds: seeds.len(), theory: kind.theory(), correlation }
        };
        self.kinds.iter().zip(&self.found).map(curve).collect()
    }
}
