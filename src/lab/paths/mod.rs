//! A residual network as a collection of paths (Veit et al. 2016, "Residual Networks Behave Like Ensembles of Relatively
//! Shallow Networks", arXiv 1605.06431).
//!
//! With n blocks there are 2ⁿ ways through the network: at each block through the branch or past it. Three measurements,
//! all in evaluation mode, where batch norm is a fixed scale and shift:
//!
//! - how many paths go through k branches: the binomial distribution;
//! - how much gradient comes back through a path of k branches (§5): sampled paths, by the backward gates, down to
//!   the first block's input, with standard errors; times the number of such paths, what each length has in all;
//! - what each block's branch and skip add to one logit of one image, with every ReLU frozen as it stands: the network
//!   is then affine, and the terms, with those of the biases, add up to the logit.
//!
//! Blocks here have a ReLU *after* the sum, as in He et al. 2015, so the network is not simply a sum of paths: which
//! units the ReLUs let through depends on all paths together. With masks frozen at one image it is one, for that image.

mod shares;
#[cfg(test)]
mod tests;

pub use shares::{BlockShare, Shares};

use super::building::{Budget, Resources, has_classes};
use super::common::{is_of_parameters, mean_and_error, no_plan, submit};
use super::fold::folded;
use super::{Doing, Job, LabError, Progress, Subject, poll};
use crate::engine::dataset::GpuSplit;
use crate::engine::layout::{activation_from_gpu, vec4s};
use crate::engine::plan::Plan;
use crate::engine::program::{Buf, Mode, Phase};
use crate::engine::{Gates, Network, StepUniform, weights};
use crate::gpu::{Download, Gpu};
use crate::model::ModelSpec;
use serde::Serialize;
use shares::Apart;

/// What to measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Paths sampled of each length, each with all images.
    pub samples: usize,
    /// Images whose gradients are averaged: `picture`, and the first others of the split.
    pub images: usize,
    /// The picture whose logit is taken apart, and which class's; without one, the class that wins.
    pub picture: usize,
    pub class: Option<usize>,
    /// Which paths are sampled.
    pub seed: u64,
    pub resources: Resources,
}

/// Paths through k branches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Length {
    pub branches: usize,
    /// Share of the 2ⁿ paths.
    pub paths: f64,
    /// Paths sampled; fewer than asked for where there are no more.
    pub samples: usize,
    /// Mean norm of the loss's gradient at the first block's input through one such path, and its standard error over
    /// samples; `None` for a single one.
    pub gradient: f64,
    pub error: Option<f64>,
    /// `gradient` times the number of paths, as a share of the sum of that over all lengths.
    pub share: f64,
}

/// One path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// Of each block, whether the path goes through its branch instead of its skip.
    pub branches: Vec<bool>,
    /// Mean norm of the loss's gradient at the first block's input through this path.
    pub gradient: f64,
}

/// Blocks of the largest network whose paths are listed one by one.
pub const LISTED: usize = 4;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    pub blocks: usize,
    /// Norm of the whole gradient, all paths together.
    pub whole: f64,
    pub lengths: Vec<Length>,
    /// The paths measured, where the network has at most [`LISTED`] blocks: all, if as many are sampled of each length.
    pub ways: Vec<Way>,
    pub shares: Option<Shares>,
}

impl Outcome {
    /// Every length as a row.
    pub fn csv(&self) -> String {
        let mut out =
            String::from("branches,share_of_paths,samples,gradient,standard_error,share_of_gradient\n");
        for l in &self.lengths {
            let error = l.error.map_or(String::new(), |e| e.to_string());
            out += &format!("{},{},{},{},{error},{}\n", l.branches, l.paths, l.samples, l.gradient, l.share);
        }
        out
    }
}

enum Stage {
    Input,
    Taking(Download),
    Apart,
    /// Paths: number of the sample under way, 0 being all paths together.
    Sample(usize),
    Measuring(usize, Download),
}

/// The measurement under way.
pub struct Paths {
    options: Options,
    /// With batch norm, for the logits; folded, for gradients.
    net: Network,
    bare: Network,
    plan: Plan,
    gates: Vec<Gates>,
    /// Branches taken, of each sample.
    samples: Vec<Vec<bool>>,
    norms: Vec<f64>,
    params: Vec<Vec<f64>>,
    logits: Vec<f64>,
    apart: Option<Apart>,
    apart_done: usize,
    shares: Option<Shares>,
    stage: Stage,
}

/// n over k.
fn choose(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
}

/// The sampled paths: for each length, all if there are no more than asked for, else random ones.
fn sample(blocks: usize, samples: usize, seed: u64) -> Vec<Vec<bool>> {
    let mut list = Vec::new();
    for length in 0..=blocks {
        if choose(blocks, length) <= samples as f64 {
            let all = (0u64..1 << blocks.min(63)).filter(|bits| bits.count_ones() as usize == length);
            // Few in number, but only for short networks quick to list.
            if blocks <= 16 {
                list.extend(all.map(|bits| (0..blocks).map(|b| bits >> b & 1 == 1).collect()));
                continue;
            }
        }
        let distinct = choose(blocks, length).min(samples as f64) as usize;
        let mut found: Vec<Vec<bool>> = Vec::new();
        let mut draw = 0u64;
        while found.len() < distinct {
            let random = |b: usize| {
                weights::splitmix64(
                    weights::splitmix64(seed ^ (length as u64) << 32) ^ (draw << 12 | b as u64),
                )
            };
            let mut order: Vec<usize> = (0..blocks).collect();
            order.sort_by_key(|&b| random(b));
            let mut path = vec![false; blocks];
            order[..length].iter().for_each(|&b| path[b] = true);
            if !found.contains(&path) {
                found.push(path);
            }
            draw += 1;
        }
        list.extend(found);
    }
    list
}

impl Paths {
    /// Prepares the measurement of `subject` on pictures of `split`, which are of `classes` classes; nobody else may
    /// change their order.
    ///
    /// # Errors
    /// If the network has no skips or too few classes, does not fit the memory, or what is asked for makes no sense.
    pub fn new(
        gpu: &Gpu,
        subject: &Subject,
        split: &GpuSplit,
        classes: usize,
        options: Options,
    ) -> Result<Self, LabError> {
        let Subject { name, spec, gates, state, recipe } = *subject;
        let asked = |ok: bool, text: &str| if ok { Ok(()) } else { Err(LabError::Asked(text.into())) };
        asked(spec.is_residual(), "a plain network has one path only; take a resnet")?;
        asked(options.samples >= 1, "at least one path of each length is needed")?;
        asked((1..=split.len).contains(&options.images), "there are not so many images")?;
        if options.picture >= split.len {
            let (picture, last) = (options.picture, split.len - 1);
            return Err(LabError::Asked(format!(
                "there is no picture {picture}; they are numbered 0 to {last}"
            )));
        }
        asked(options.class.is_none_or(|c| c < spec.classes), "the network has no such class")?;
        has_classes(name, spec, classes)?;
        let mut budget = Budget::new(&options.resources);
        let images = options.images;
        let mut net = budget.prepare(spec, 1, images)?.allocate(gpu);
        net.upload(gpu, state);
        net.set_gates(gpu, gates);
        net.make_plan(gpu, Mode::Eval, images, Some(split), recipe)?;
        // It comes first, in the place of the one that does by itself.
        let mut order: Vec<u32> = (0..split.len as u32).collect();
        order.swap(0, options.picture);
        split.set_order(gpu, &order);
        let (_, params) = folded(&net.graph, state)?;
        let bare_spec = ModelSpec { batch_norm: false, ..spec.clone() };
        let bare = budget.prepare(&bare_spec, images, 1)?.allocate(gpu);
        let f32s: Vec<Vec<f32>> = params.iter().map(|p| p.iter().map(|&x| x as f32).collect()).collect();
        bare.reset(gpu, &f32s);
        let program = bare.program(Mode::Train, images).ok_or_else(no_plan)?;
        // Down to the first block's input: the stem's own backward pass would change it in place.
        let first = bare.graph.blocks[0].input;
        let stem: Vec<&str> = bare
            .graph
            .nodes
            .iter()
            .map(|n| n.name.as_str())
            .take_while(|n| !n.starts_with("layer"))
            .collect();
        let wanted = program.dispatches.iter().filter(|d| match d.phase {
            Phase::Forward | Phase::Loss => true,
            Phase::Backward => !stem.contains(&d.layer.as_str()) && !is_of_parameters(&d.kernel),
            Phase::Update | Phase::Probe => false,
        });
        let dispatches: Vec<_> = wanted.cloned().collect();
        debug_assert!(program.grads.contains_key(&first));
        let plan = bare.side_plan(gpu, Mode::Train, &dispatches, &Default::default())?;
        let samples = sample(spec.block_count(), options.samples, options.seed);
        Ok(Self {
            options,
            net,
            bare,
            plan,
            gates: gates.to_vec(),
            samples,
            norms: Vec::new(),
            params,
            logits: Vec::new(),
            apart: None,
            apart_done: 0,
            shares: None,
            stage: Stage::Input,
        })
    }

    /// Runs the network with batch norm, and asks for the pictures, their classes and logits.
    fn submit_input(&mut self, gpu: &Gpu) -> Result<Download, LabError> {
        let images = self.options.images;
        self.net.set_step(gpu, &StepUniform::default());
        let plan = self.net.plan(Mode::Eval, images).ok_or_else(no_plan)?;
        submit(gpu, plan, plan.items.len());
        let graph = &self.net.graph;
        let program = self.net.program(Mode::Eval, images).ok_or_else(no_plan)?;
        let input = &graph.tensors[graph.input];
        let pictures = (images * input.h * input.w * 16) as u64;
        // The loss, which comes last, leaves the logits in place.
        let logits = (program.values[&graph.logits], 0, (images * vec4s(graph.spec.classes) * 16) as u64);
        let ranges = [(Buf::Input, 0, pictures), (Buf::Labels, 0, images as u64 * 4), logits];
        self.net.download_ranges(gpu, Mode::Eval, &ranges).map_err(LabError::Refused)
    }

    fn take_input(&mut self, gpu: &Gpu, words: &[f32]) {
        let graph = &self.net.graph;
        let (input, images) = (&graph.tensors[graph.input], self.options.images);
        let (pictures, rest) = words.split_at(images * input.h * input.w * 4);
        let (labels, logits) = rest.split_at(images);
        let pictures = activation_from_gpu(pictures, images, [input.h, input.w, input.c]);
        let labels: Vec<u32> = labels.iter().map(|l| l.to_bits()).collect();
        self.bare.set_batch(gpu, &pictures, &labels);
        self.logits = logits[..graph.spec.classes].iter().map(|&l| f64::from(l)).collect();
        let first: Vec<f64> = pictures[..input.h * input.w * input.c].iter().map(|&v| f64::from(v)).collect();
        self.apart = Some(Apart::new(
            self.bare.graph.clone(),
            self.params.clone(),
            &self.gates,
            first,
            (self.options.picture, self.options.class),
        ));
    }

    /// Runs the folded network with the backward gates of a sample, and asks for the gradient.
    fn submit_sample(&mut self, gpu: &Gpu, number: usize) -> Result<Download, LabError> {
        let mut gates = self.gates.clone();
        if let Some(path) = number.checked_sub(1).and_then(|i| self.samples.get(i)) {
            for (gate, &branch) in gates.iter_mut().zip(path) {
                if branch {
                    gate.back_alpha = 0.0;
                } else {
                    gate.back_beta = 0.0;
                }
            }
        }
        self.bare.set_gates(gpu, &gates);
        submit(gpu, &self.plan, self.plan.items.len());
        let images = self.options.images;
        let first = self.bare.graph.blocks[0].input;
        let t = &self.bare.graph.tensors[first];
        let bytes = (images * t.h * t.w * vec4s(t.c) * 16) as u64;
        let program = self.bare.program(Mode::Train, images).ok_or_else(no_plan)?;
        let range = (program.grads[&first], 0, bytes);
        self.bare.download_ranges(gpu, Mode::Train, &[range]).map_err(LabError::Refused)
    }

    /// Mean over the images of the norm of the gradient of each one's own loss, which in the batch's mean counts one
    /// part in so many.
    fn norm(&self, words: &[f32]) -> f64 {
        let images = self.options.images;
        let norm = |v: &[f32]| v.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt();
        words.chunks_exact(words.len() / images).map(norm).sum()
    }

    fn ways(&self) -> Vec<Way> {
        if self.gates.len() > LISTED {
            return Vec::new();
        }
        let known = self.samples.iter().zip(self.norms.get(1..).unwrap_or_default());
        known.map(|(path, &gradient)| Way { branches: path.clone(), gradient }).collect()
    }

    fn lengths(&self) -> Vec<Length> {
        let n = self.gates.len();
        let known = self.norms.get(1..).unwrap_or_default();
        let of = |k: usize| {
            let mine = self.samples.iter().zip(known).filter(|(p, _)| p.iter().filter(|b| **b).count() == k);
            let norms: Vec<f64> = mine.map(|(_, norm)| *norm).collect();
            let (mean, error) = mean_and_error(&norms);
            Length {
                branches: k,
                paths: choose(n, k) / 2f64.powi(n as i32),
                samples: norms.len(),
                gradient: mean,
                error: (norms.len() > 1).then_some(error),
                share: mean * choose(n, k),
            }
        };
        let mut lengths: Vec<Length> = (0..=n).map(of).filter(|l| l.samples > 0).collect();
        let total: f64 = lengths.iter().map(|l| l.share).sum();
        lengths.iter_mut().for_each(|l| l.share /= total.max(f64::MIN_POSITIVE));
        lengths
    }
}

impl Job for Paths {
    type Outcome = Outcome;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        self.stage = match std::mem::replace(&mut self.stage, Stage::Apart) {
            Stage::Input => Stage::Taking(self.submit_input(gpu)?),
            Stage::Taking(download) if download.is_ready() => {
                let words = self.net.take_floats(download).map_err(LabError::Refused)?;
                self.take_input(gpu, &words);
                Stage::Apart
            }
            Stage::Apart => match &mut self.apart {
                Some(apart) => {
                    self.apart_done += 1;
                    match apart.advance(&self.logits) {
                        Some(shares) => {
                            (self.shares, self.apart) = (Some(shares), None);
                            Stage::Sample(0)
                        }
                        None => Stage::Apart,
                    }
                }
                None => Stage::Sample(0),
            },
            Stage::Sample(i) if i <= self.samples.len() => Stage::Measuring(i, self.submit_sample(gpu, i)?),
            Stage::Measuring(i, download) if download.is_ready() => {
                let words = self.bare.take_floats(download).map_err(LabError::Refused)?;
                self.norms.push(self.norm(&words));
                Stage::Sample(i + 1)
            }
            waiting => waiting,
        };
        let layers = self.apart.as_ref().map_or(self.apart_done, Apart::total).max(1);
        let done = self.apart_done + self.norms.len();
        let total = layers + self.samples.len() + 1;
        let what = if self.shares.is_some() { Doing::Paths } else { Doing::Logit };
        Ok(Progress { done: done as u64, total: total as u64, what })
    }

    fn outcome(&self) -> Outcome {
        Outcome {
            blocks: self.gates.len(),
            whole: self.norms.first().copied().unwrap_or_default(),
            lengths: self.lengths(),
            ways: self.ways(),
            shares: self.shares.clone(),
        }
    }
}
