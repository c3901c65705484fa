//! α on the skip as a trade-off, at initialisation (He et al. 2016, "Identity Mappings in Deep Residual Networks", arXiv
//! 1603.05027, §3.1).
//!
//! A block computes ReLU(α·shortcut(x) + F(x)). With α = 1 the standard deviation grows by about √2 a block, since two
//! summands of like size are added; α < 1 tames that. But what comes back through the skips alone is weighed by α once a
//! block: αⁿ after n blocks. Both are measured on one batch: the standard deviation of every block's output, and the norm
//! of the gradient at the first block's input with all branches cut on the way back, as a share of the same at α = 1.
//! What is differentiated is a fixed random projection of the logits, so that all α have the same gradient at the end of
//! the blocks; what is left of a difference from αⁿ is that other units are let through by the ReLUs.

use super::building::{Budget, Resources, has_classes};
use super::common::{mean_and_error, no_plan, submit};
use super::{Doing, Job, LabError, Progress, poll};
use crate::engine::dataset::GpuSplit;
use crate::engine::layout::{activation_to_gpu, vec4s};
use crate::engine::plan::Plan;
use crate::engine::program::{Buf, Mode, Phase};
use crate::engine::{Gates, Network, StepUniform, weights};
use crate::gpu::{Download, Gpu};
use crate::model::ModelSpec;
use crate::train::metrics::{self, StepMeta};
use crate::train::{Init, Recipe};
use serde::Serialize;

/// What to measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Depth of the paper's CIFAR family, 6n + 2.
    pub depth: usize,
    /// Which α, 1 not necessarily among them.
    pub alphas: Vec<f32>,
    pub batch_norm: bool,
    pub seeds: u64,
    /// Training pictures in the batch: the first ones.
    pub images: usize,
    pub resources: Resources,
}

/// What one α does.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct At {
    pub alpha: f32,
    /// Seeds measured.
    pub seeds: usize,
    /// Standard deviation of each block's output after ReLU, mean over seeds.
    pub std: Vec<f64>,
    /// Norm of the gradient through the skips alone as a share of the same at α = 1, mean over seeds, and its standard
    /// error.
    pub skip: f64,
    pub error: f64,
    /// The same gradient as a share of the whole, branches and all: it may exceed 1, for the two may cancel.
    pub of_whole: f64,
    /// αⁿ.
    pub theory: f64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    pub depth: usize,
    pub batch_norm: bool,
    /// Residual blocks, n.
    pub blocks: usize,
    pub alphas: Vec<At>,
}

impl Outcome {
    /// Every block of every α as a row.
    pub fn csv(&self) -> String {
        let mut out = String::from("alpha,seeds,block,output_std,skip_gradient,standard_error,theory\n");
        for a in &self.alphas {
            for (i, std) in a.std.iter().enumerate() {
                let (block, seeds) = (i + 1, a.seeds);
                out += &format!("{},{seeds},{block},{std},{},{},{}\n", a.alpha, a.skip, a.error, a.theory);
            }
        }
        out
    }
}

/// One α with one seed.
#[derive(Clone, Debug)]
struct Measured {
    std: Vec<f64>,
    skip: f64,
    whole: f64,
}

/// The experiment under way.
pub struct AlphaTradeOff {
    options: Options,
    recipe: Recipe,
    net: Network,
    forward: usize,
    backward: Plan,
    /// 1, against which all are held, then those that were asked for.
    alphas: Vec<f32>,
    /// Pass under way: an α of a seed; twice, with branches and without.
    pass: usize,
    waiting: Option<Download>,
    whole: f64,
    std: Vec<f64>,
    /// Of each α, by seed.
    found: Vec<Vec<Measured>>,
}

impl AlphaTradeOff {
    /// Prepares the experiment on pictures of `train`, which are of `classes` classes.
    ///
    /// # Errors
    /// If depth, α, seeds or pictures make no sense, or the network does not fit the memory.
    pub fn new(gpu: &Gpu, train: &GpuSplit, classes: usize, options: Options) -> Result<Self, LabError> {
        let asked = |ok: bool, text: &str| if ok { Ok(()) } else { Err(LabError::Asked(text.into())) };
        asked(!options.alphas.is_empty(), "name at least one α")?;
        let sensible = |a: &f32| a.is_finite() && (0.0..=2.0).contains(a);
        asked(options.alphas.iter().all(sensible), "α is taken between 0 and 2 here")?;
        asked(options.seeds >= 1, "at least one seed is needed")?;
        asked(
            (2..=train.len).contains(&options.images),
            "a batch has at least two of the pictures, at most all",
        )?;
        let Some(spec) = ModelSpec::cifar(options.depth, true) else {
            let depth = options.depth;
            return Err(LabError::Asked(format!(
                "depth {depth} is not in the family of 6n + 2 layers; take 8, 14, 20, 32, 44, 56 or 110"
            )));
        };
        let spec = ModelSpec { batch_norm: options.batch_norm, ..spec };
        has_classes(&ModelSpec::cifar_name(options.depth, true), &spec, classes)?;
        let recipe = Recipe { batch: options.images, ..Recipe::default() };
        let mut net = Budget::new(&options.resources).prepare(&spec, options.images, 1)?.allocate(gpu);
        net.make_plan(gpu, Mode::Train, options.images, Some(train), &recipe)?;
        let plan = net.plan(Mode::Train, options.images).ok_or_else(no_plan)?;
        let of_loss = |i: &crate::engine::plan::Item| plan.labels[i.dispatch].1 == Phase::Loss;
        let forward = plan.items.iter().position(of_loss).ok_or_else(no_plan)?;
        // Down to the first block's input: the stem's own backward pass would change it in place.
        let names = net.graph.nodes.iter().map(|n| n.name.as_str());
        let stem: Vec<&str> = names.take_while(|n| !n.starts_with("layer")).collect();
        let program = net.program(Mode::Train, options.images).ok_or_else(no_plan)?;
        let wanted = program
            .dispatches
            .iter()
            .filter(|d| d.phase == Phase::Backward && !stem.contains(&d.layer.as_str()));
        let dispatches: Vec<_> = wanted.cloned().collect();
        let backward = net.side_plan(gpu, Mode::Train, &dispatches, &Default::default())?;
        let alphas: Vec<f32> = std::iter::once(1.0).chain(options.alphas.iter().copied()).collect();
        let found = vec![Vec::new(); alphas.len()];
        Ok(Self {
            options,
            recipe,
            net,
            forward,
            backward,
            alphas,
            pass: 0,
            waiting: None,
            whole: 0.0,
            std: Vec::new(),
            found,
        })
    }

    /// Seed from 1, number of the α, and whether branches are cut on the way back.
    fn at(&self) -> (u64, usize, bool) {
        let (run, cut) = (self.pass / 2, self.pass % 2 == 1);
        ((run / self.alphas.len()) as u64 + 1, run % self.alphas.len(), cut)
    }

    fn total(&self) -> usize {
        2 * self.alphas.len() * self.options.seeds as usize
    }

    /// One pass there and back; asks for the blocks' statistics and the gradient at the first block's input.
    fn submit(&mut self, gpu: &Gpu) -> Result<Download, LabError> {
        let (seed, which, cut) = self.at();
        let (images, alpha) = (self.options.images, self.alphas[which]);
        let net = &mut self.net;
        if which == 0 && !cut {
            net.reset(gpu, &weights::init(&net.graph, Init::He, seed));
        }
        let gates = Gates { back_beta: if cut { 0.0 } else { 1.0 }, ..Gates::new(alpha, 1.0) };
        net.set_gates(gpu, &vec![gates; net.graph.blocks.len()]);
        net.set_step(gpu, &StepUniform::default());
        let plan = net.plan(Mode::Train, images).ok_or_else(no_plan)?;
        submit(gpu, plan, self.forward);
        let (classes, logits) = (net.graph.spec.classes, net.graph.logits);
        let projection: Vec<f32> =
            (0..classes as u64).map(|k| weights::normal(seed, "projection", k) as f32).collect();
        let all: Vec<f32> = std::iter::repeat_n(projection, images).flatten().collect();
        let first = net.graph.blocks[0].input;
        let program = net.program(Mode::Train, images).ok_or_else(no_plan)?;
        let (gradient, input) = (program.grads[&logits], program.grads[&first]);
        let region = net.region(gradient, Mode::Train).ok_or_else(no_plan)?;
        let padded = activation_to_gpu(&all, images, [1, 1, classes]);
        gpu.queue.write_buffer(region.buffer, region.offset, bytemuck::cast_slice(&padded));
        submit(gpu, &self.backward, self.backward.items.len());
        let t = &net.graph.tensors[first];
        let bytes = (images * t.h * t.w * vec4s(t.c) * 16) as u64;
        let ranges = [(Buf::Ring, 0, net.layout.record.bytes()), (input, 0, bytes)];
        net.download_ranges(gpu, Mode::Train, &ranges).map_err(LabError::Refused)
    }

    fn take(&mut self, download: Download) -> Result<(), LabError> {
        let words = self.net.take_floats(download).map_err(LabError::Refused)?;
        let record = self.net.layout.record;
        let (measured, gradient) = words.split_at(record.bytes() as usize / 4);
        let norm = gradient.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
        let (seed, which, cut) = self.at();
        // A unit counts if every block's ReLU lets it through: fewer with each block.
        if cut && which == 0 && norm == 0.0 {
            let (depth, images) = (self.options.depth, self.options.images);
            return Err(LabError::Asked(format!(
                "with seed {seed} no unit of {images} pictures is let through by all ReLUs of the {depth} layers, so that nothing \
                 comes back through the skips alone; take fewer layers or more pictures"
            )));
        }
        if cut {
            let std = std::mem::take(&mut self.std);
            self.found[which].push(Measured { std, skip: norm, whole: self.whole });
        } else {
            let images = self.options.images as u32;
            let meta =
                StepMeta { step: 0, epoch: 0, batch_index: 0, images, lr: self.recipe.lr, ends_epoch: false };
            let (record, _) = metrics::decode(&self.net.graph, &record, &meta, measured);
            self.std = record.blocks.iter().map(|b| f64::from(b.output.std)).collect();
            self.whole = norm;
        }
        self.pass += 1;
        Ok(())
    }
}

impl Job for AlphaTradeOff {
    type Outcome = Outcome;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        match self.waiting.take() {
            Some(download) if download.is_ready() => self.take(download)?,
            Some(download) => self.waiting = Some(download),
            None if self.pass < self.total() => self.waiting = Some(self.submit(gpu)?),
            None => {}
        }
        let (seed, which, _) = self.at();
        let what = Doing::Seed(format!("α = {}", self.alphas[which]), seed);
        Ok(Progress { done: self.pass as u64, total: self.total() as u64, what })
    }

    fn outcome(&self) -> Outcome {
        let blocks = self.net.graph.blocks.len();
        let one = &self.found[0];
        let at = |(alpha, runs): (&f32, &Vec<Measured>)| {
            let shares: Vec<f64> = runs.iter().zip(one).map(|(r, one)| r.skip / one.skip).collect();
            let (skip, error) = mean_and_error(&shares);
            let (of_whole, _) = mean_and_error(&runs.iter().map(|r| r.skip / r.whole).collect::<Vec<_>>());
            let std = |b: usize| runs.iter().map(|r| r.std[b]).sum::<f64>() / runs.len() as f64;
            At {
                alpha: *alpha,
                seeds: runs.len(),
                std: if runs.is_empty() { Vec::new() } else { (0..blocks).map(std).collect() },
                skip,
                error,
                of_whole,
                theory: f64::from(*alpha).powi(blocks as i32),
            }
        };
        let asked = self.alphas.iter().zip(&self.found).skip(1).filter(|(_, runs)| !runs.is_empty());
        let Options { depth, batch_norm, .. } = self.options;
        Outcome { depth, batch_norm, blocks, alphas: asked.map(at).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic;
    use crate::engine::DEFAULT_BUDGET;
    use crate::gpu::AdapterChoice;

    fn options(batch_norm: bool) -> Options {
        let resources = Resources { gpu_memory: DEFAULT_BUDGET, ..Resources::default() };
        Options { depth: 8, alphas: vec![1.0, 0.5, 0.0], batch_norm, seeds: 2, images: 8, resources }
    }

    fn run(options: Options) -> Result<Outcome, LabError> {
        let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
        let train = GpuSplit::upload(&gpu, &synthetic::shapes10_sized(3, 16, 0).train);
        let mut job = AlphaTradeOff::new(&gpu, &train, 10, options)?;
        while !job.advance(&gpu)?.is_done() {}
        Ok(job.outcome())
    }

    #[test]
    fn alpha_tames_the_growth_and_starves_the_skip() {
        for batch_norm in [false, true] {
            let found = run(options(batch_norm)).expect("runs");
            let [one, half, none] = found.alphas.as_slice() else { panic!("{found:?}") };
            assert_eq!((found.blocks, one.skip, one.theory, half.theory), (3, 1.0, 1.0, 0.125));
            assert_eq!((one.seeds, one.std.len(), none.skip), (2, 3, 0.0));
            // Within what the ReLUs let through.
            assert!((0.125 / 2.0..0.125 * 2.0).contains(&half.skip), "{half:?}");
            assert!(half.std[2] < one.std[2] && none.std[2] < half.std[2], "{found:?}");
            assert!(one.of_whole > 0.0 && one.of_whole.is_finite());
        }
    }

    #[test]
    fn nonsense_is_refused_with_what_would_do() {
        let refused = |o: Options| run(o).expect_err("refused").to_string();
        assert!(refused(Options { depth: 9, ..options(true) }).contains("6n + 2"));
        assert!(refused(Options { alphas: vec![f32::NAN], ..options(true) }).contains("between 0 and 2"));
        assert!(refused(Options { images: 17, ..options(true) }).contains("at most all"));
    }
}
