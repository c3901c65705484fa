//! The loop over steps, in pieces: begin a step, submit some of its launches, collect what was measured.
//!
//! Nothing here waits. A step is submitted slice by slice, and its measurements arrive later through the
//! ring; a step begins only when its record has a place there.

use super::metrics::{self, StepMeta};
use super::recipe::{Augment, Recipe};
use super::surgery::{Change, Surgeries, Surgery, Whom};
use crate::engine::dataset::GpuSplit;
use crate::engine::layout::RING_STEPS;
use crate::engine::plan::PlanError;
use crate::engine::program::{Buf, Mode, Phase};
use crate::engine::weights;
use crate::engine::{EVAL_BATCHES, Gates, Network, NetworkState, StepUniform};
use crate::gpu::{Download, Gpu};
use crate::probe::SlicePhase;
use crate::session::StepRecord;
use std::collections::VecDeque;

/// Reads of the ring on their way at the same time.
const MAX_DOWNLOADS: usize = 3;

/// Launches being submitted.
struct Pass {
    mode: Mode,
    batch: usize,
    /// First picture, in an evaluation.
    first: usize,
    /// First launch not yet submitted.
    at: usize,
}

/// A walk through the whole test split.
struct Evaluating {
    images: usize,
    next: usize,
    batches: usize,
    download: Option<Download>,
}

/// Mean loss in nats, accuracy 0 to 1, number of images; loss and predicted class of each.
#[derive(Clone, Debug, PartialEq)]
pub struct EvalResult {
    pub loss: f32,
    pub accuracy: f32,
    pub images: usize,
    pub losses: Vec<f32>,
    pub predicted: Vec<u8>,
}

fn slice_phase(phase: Phase) -> SlicePhase {
    match phase {
        Phase::Forward | Phase::Probe => SlicePhase::Forward,
        Phase::Loss => SlicePhase::Loss,
        Phase::Backward => SlicePhase::Backward,
        Phase::Update => SlicePhase::Update,
    }
}

/// A measured step.
pub struct Measured {
    pub record: StepRecord,
    /// What is NaN or infinite in it.
    pub not_finite: Option<String>,
    pub ends_epoch: bool,
}

/// A layer's launches, just submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerDone {
    /// torchvision's name; `input`, `loss` and `sgd` for the rest of a step.
    pub layer: String,
    pub phase: SlicePhase,
    /// Number of the layer in the step, and how many there are.
    pub index: usize,
    pub of: usize,
    pub batch: usize,
    pub step: u64,
}

/// A network being trained by a recipe.
pub struct Trainer {
    pub net: Network,
    pub recipe: Recipe,
    /// Current gates of every block.
    gates: Vec<Gates>,
    surgeries: Surgeries,
    train_images: usize,
    /// Steps whose launches are all submitted.
    submitted: u64,
    /// Steps whose records were asked for, and have arrived.
    requested: u64,
    measured: u64,
    metas: VecDeque<StepMeta>,
    downloads: VecDeque<(u64, Download)>,
    pass: Option<Pass>,
    evaluating: Option<Evaluating>,
    /// Epoch whose order of pictures is on the GPU, and that order.
    ordered: Option<u32>,
    order: Vec<u32>,
    /// Uniform and images of the step that began last.
    last_batch: Option<(StepUniform, usize)>,
    /// Loss, hit and class of every test picture, as the evaluation goes on.
    test_results: Option<wgpu::Buffer>,
    /// How often a step had to wait for a place in the ring.
    pub ring_waits: u64,
    waiting: bool,
}

/// The order of `n` pictures in epoch `epoch`: a Fisher–Yates shuffle whose random numbers follow from
/// seed and epoch alone.
pub fn shuffled(n: usize, seed: u64, epoch: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    let stream = weights::splitmix64(seed ^ weights::splitmix64(0x6f72_6465_7200 + u64::from(epoch)));
    for i in (1..n).rev() {
        // The high half of a 64×64-bit product maps to 0..=i with negligible bias.
        let r = weights::splitmix64(stream.wrapping_add(i as u64));
        let j = ((u128::from(r) * (i as u128 + 1)) >> 64) as usize;
        order.swap(i, j);
    }
    order
}

/// What crops and flips of epoch `epoch` follow from.
pub(crate) fn augment_seed(seed: u64, epoch: u32) -> u32 {
    weights::splitmix64(seed ^ (u64::from(epoch) << 32)) as u32
}

/// What step `step` of a run over `images` training pictures is: its epoch, batch and learning rate.
pub(crate) fn step_meta(recipe: &Recipe, images: usize, step: u64) -> StepMeta {
    let per_epoch = recipe.steps_per_epoch(images);
    let batch_index = step % per_epoch;
    let start = batch_index as usize * recipe.batch;
    StepMeta {
        step,
        epoch: (step / per_epoch) as u32,
        batch_index,
        images: recipe.batch.min(images - start) as u32,
        lr: recipe.lr_at(step, recipe.total_steps(images)),
        ends_epoch: batch_index + 1 == per_epoch,
    }
}

impl Trainer {
    /// Starts at step 0 with initial weights from the recipe.
    pub fn new(gpu: &Gpu, net: Network, recipe: Recipe, train_images: usize) -> Self {
        let gates = Gates::of(&net.graph);
        let mut trainer = Self {
            net,
            recipe,
            gates,
            surgeries: Surgeries::default(),
            train_images,
            submitted: 0,
            requested: 0,
            measured: 0,
            metas: VecDeque::new(),
            downloads: VecDeque::new(),
            pass: None,
            evaluating: None,
            ordered: None,
            order: Vec::new(),
            last_batch: None,
            test_results: None,
            ring_waits: 0,
            waiting: false,
        };
        trainer.restart(gpu);
        trainer
    }

    /// Back to step 0 and initial weights; α stays as it is now, lesions do not. Call between passes.
    pub fn restart(&mut self, gpu: &Gpu) {
        self.surgeries.heal(&self.net.graph, &mut self.gates);
        self.net.set_gates(gpu, &self.gates);
        self.surgeries = Surgeries::default();
        let params = weights::init(&self.net.graph, self.recipe.init, self.recipe.seed);
        self.net.reset(gpu, &params);
        self.continue_at(0);
    }

    /// Says that weights and optimiser state are those after `step` steps. Call between passes.
    pub fn continue_at(&mut self, step: u64) {
        self.submitted = step;
        self.requested = step;
        self.measured = step;
        self.metas.clear();
        self.downloads.clear();
        self.evaluating = None;
        self.ordered = None;
        self.last_batch = None;
    }

    /// Steps whose launches are all submitted; weights on the GPU are those after them.
    pub fn submitted(&self) -> u64 {
        self.submitted
    }

    /// Steps whose measurements have arrived.
    pub fn measured(&self) -> u64 {
        self.measured
    }

    /// Steps of the whole run.
    pub fn total_steps(&self) -> u64 {
        self.recipe.total_steps(self.train_images)
    }

    /// Steps in an epoch.
    pub fn steps_per_epoch(&self) -> u64 {
        self.recipe.steps_per_epoch(self.train_images)
    }

    /// Whether no pass is under way: weights are whole, commands can be carried out.
    pub fn at_boundary(&self) -> bool {
        self.pass.is_none()
    }

    /// Whether the test split is being gone through.
    pub fn is_evaluating(&self) -> bool {
        self.evaluating.is_some()
    }

    /// Other pictures from now on; the order starts anew.
    pub fn set_data(&mut self, train_images: usize) {
        self.net.forget_plans();
        self.evaluating = None;
        self.train_images = train_images;
        self.ordered = None;
        self.last_batch = None;
    }

    /// Uniform and number of images of the step that began last, and the records' order it uses.
    pub fn last_batch(&self) -> (Option<(StepUniform, usize)>, &[u32]) {
        (self.last_batch, &self.order)
    }

    /// Whether no update of the weights is under way, so that somebody else may use them.
    pub fn weights_are_whole(&self) -> bool {
        let Some(pass) = &self.pass else { return true };
        let Some(plan) = self.net.plan(pass.mode, pass.batch) else { return true };
        plan.items.get(pass.at).is_none_or(|item| plan.labels[item.dispatch].1 != Phase::Update)
    }

    /// Pictures of the training split.
    pub fn train_images(&self) -> usize {
        self.train_images
    }

    /// Begins the next training step, if its record has a place in the ring. Call at a boundary.
    pub fn begin_step(&mut self, gpu: &Gpu, split: &GpuSplit) -> Result<bool, PlanError> {
        if self.submitted - self.measured >= RING_STEPS {
            if !self.waiting {
                self.waiting = true;
                self.ring_waits += 1;
            }
            return Ok(false);
        }
        self.waiting = false;
        let meta = step_meta(&self.recipe, self.train_images, self.submitted);
        if self.ordered != Some(meta.epoch) {
            self.order = shuffled(self.train_images, self.recipe.seed, meta.epoch);
            split.set_order(gpu, &self.order);
            self.ordered = Some(meta.epoch);
        }
        let batch = meta.images as usize;
        self.net.make_plan(gpu, Mode::Train, batch, Some(split), &self.recipe)?;
        let step = StepUniform {
            batch_start: (meta.batch_index * self.recipe.batch as u64) as u32,
            slot: (meta.step % RING_STEPS) as u32,
            augment_seed: augment_seed(self.recipe.seed, meta.epoch),
            augment: u32::from(self.recipe.augment == Augment::CropFlip),
            lr: meta.lr,
            momentum: self.recipe.momentum,
            weight_decay: self.recipe.weight_decay,
            nesterov: u32::from(self.recipe.nesterov),
        };
        self.net.set_step(gpu, &step);
        self.last_batch = Some((step, batch));
        self.metas.push_back(meta);
        self.pass = Some(Pass { mode: Mode::Train, batch, first: 0, at: 0 });
        Ok(true)
    }

    /// Starts going through the test split.
    pub fn begin_evaluation(&mut self, gpu: &Gpu, images: usize) -> Result<(), String> {
        let batches = images.div_ceil(self.net.eval_batch);
        if batches > EVAL_BATCHES {
            return Err(format!(
                "{images} test images in batches of {} are more than {EVAL_BATCHES} batches; use a larger batch",
                self.net.eval_batch
            ));
        }
        let bytes = images as u64 * 16;
        if self.test_results.as_ref().is_none_or(|b| b.size() < bytes) {
            self.test_results = Some(gpu.storage("test results", bytes));
        }
        self.evaluating = Some(Evaluating { images, next: 0, batches, download: None });
        Ok(())
    }

    /// Ends the evaluation under way without a result. Call at a boundary.
    pub fn stop_evaluation(&mut self) {
        self.evaluating = None;
    }

    /// Begins the next batch of the evaluation; false when all are submitted. Call at a boundary.
    pub fn begin_eval_batch(&mut self, gpu: &Gpu, split: &GpuSplit) -> Result<bool, PlanError> {
        let Some(e) = &mut self.evaluating else { return Ok(false) };
        if e.next >= e.batches {
            if e.download.is_none() {
                let batches = e.batches as u64;
                let Some(results) = &self.test_results else { return Ok(false) };
                let images = e.images as u64 * 16;
                e.download = Some(self.net.download_evaluation(gpu, batches * 16, results, images));
            }
            return Ok(false);
        }
        let start = e.next * self.net.eval_batch;
        let batch = self.net.eval_batch.min(e.images - start);
        let slot = e.next as u32;
        e.next += 1;
        self.net.make_plan(gpu, Mode::Eval, batch, Some(split), &self.recipe)?;
        self.net.set_step(gpu, &StepUniform { batch_start: start as u32, slot, ..StepUniform::default() });
        self.pass = Some(Pass { mode: Mode::Eval, batch, first: start, at: 0 });
        Ok(true)
    }

    /// Submits launches of the pass under way until `work` operations are reached or it ends; answers
    /// the work submitted.
    pub fn advance(&mut self, gpu: &Gpu, work: f64) -> f64 {
        let Some(pass) = &mut self.pass else { return 0.0 };
        let Some(plan) = self.net.plan(pass.mode, pass.batch) else { return 0.0 };
        let mut encoder =
            gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("slice") });
        let (at, done) = plan.encode(&mut encoder, pass.at, work);
        pass.at = at;
        let ended = at == plan.items.len();
        if ended
            && pass.mode == Mode::Eval
            && let (Some(all), Some(results)) =
                (&self.test_results, self.net.region(Buf::Results, Mode::Eval))
        {
            let (to, bytes) = (pass.first as u64 * 16, pass.batch as u64 * 16);
            encoder.copy_buffer_to_buffer(results.buffer, results.offset, all, to, bytes);
        }
        gpu.submit(encoder.finish());
        if ended {
            if pass.mode == Mode::Train {
                self.submitted += 1;
            }
            self.pass = None;
        }
        done
    }

    /// Submits what is left of the layer that the training step has come to.
    pub fn advance_layer(&mut self, gpu: &Gpu) -> Option<LayerDone> {
        let pass = self.pass.as_ref().filter(|p| p.mode == Mode::Train)?;
        let (at, batch) = (pass.at, pass.batch);
        let layers = self.net.plan(Mode::Train, batch)?.layers();
        let index = layers.iter().position(|l| l.items.contains(&at))?;
        let layer = &layers[index];
        let done = LayerDone {
            layer: layer.name.clone(),
            phase: slice_phase(layer.phase),
            index,
            of: layers.len(),
            batch,
            step: self.submitted,
        };
        let end = layer.items.end;
        while self.pass.as_ref().is_some_and(|p| p.at < end) {
            let plan = self.net.plan(Mode::Train, batch)?;
            let left = self.pass.as_ref().map_or(0..0, |p| p.at..end);
            // A little less than the sum, so that rounding does not reach into the next layer.
            let work: f64 = plan.items[left].iter().map(|i| i.work).sum::<f64>() * (1.0 - 1e-9);
            self.advance(gpu, work);
        }
        Some(done)
    }

    /// Asks for records that are complete, and takes those that have arrived.
    pub fn collect(&mut self, gpu: &Gpu) -> Result<Vec<Measured>, String> {
        let record = self.net.layout.record;
        if self.requested < self.submitted && self.downloads.len() < MAX_DOWNLOADS {
            let count = self.submitted - self.requested;
            let download =
                self.net.download_ring(gpu, Buf::Ring, record.bytes(), RING_STEPS, self.requested, count);
            self.downloads.push_back((count, download));
            self.requested = self.submitted;
        }
        let mut out = Vec::new();
        while self.downloads.front().is_some_and(|(_, d)| d.is_ready()) {
            let Some((count, download)) = self.downloads.pop_front() else { break };
            let words = self.net.take_floats(download)?;
            for i in 0..count as usize {
                let Some(meta) = self.metas.pop_front() else { break };
                let words = &words[i * record.stride * 4..(i + 1) * record.stride * 4];
                let (record, not_finite) = metrics::decode(&self.net.graph, &record, &meta, words);
                self.measured += 1;
                out.push(Measured { record, not_finite, ends_epoch: meta.ends_epoch });
            }
        }
        Ok(out)
    }

    /// The evaluation's result, once it has arrived.
    pub fn collect_evaluation(&mut self) -> Option<Result<EvalResult, String>> {
        let e = self.evaluating.as_mut()?;
        if !e.download.as_ref()?.is_ready() {
            return None;
        }
        let download = e.download.take()?;
        let images = e.images;
        self.evaluating = None;
        Some(self.net.take_floats(download).map(|words| {
            // Batches differ in size: means are weighted by their images.
            let (mut loss, mut right) = (0.0f64, 0.0f64);
            let (batches, pictures) = words.split_at(words.len() - images * 4);
            for batch in batches.chunks_exact(4) {
                loss += f64::from(batch[0]) * f64::from(batch[3]);
                right += f64::from(batch[1]) * f64::from(batch[3]);
            }
            let n = images as f64;
            EvalResult {
                loss: (loss / n) as f32,
                accuracy: (right / n) as f32,
                images,
                losses: pictures.chunks_exact(4).map(|p| p[0]).collect(),
                predicted: pictures.chunks_exact(4).map(|p| p[3] as u8).collect(),
            }
        }))
    }

    /// Current gates of every block.
    pub fn gates(&self) -> &[Gates] {
        &self.gates
    }

    /// Sets the gates of every block, from the next step or evaluation batch on. Call at a boundary.
    ///
    /// # Panics
    ///
    /// If they are not as many as the blocks.
    pub fn set_gates(&mut self, gpu: &Gpu, gates: Vec<Gates>) {
        assert_eq!(gates.len(), self.gates.len(), "one set of gates a block");
        self.gates = gates;
        self.net.set_gates(gpu, &self.gates);
    }

    /// Operates on some blocks from the next step on; what it changes is α, β and, in `state`, which holds the numbers
    /// in place, weights. Compiles nothing and makes no plan anew. Call at a boundary.
    ///
    /// # Errors
    ///
    /// As [`Surgeries::operate`].
    pub fn operate(
        &mut self,
        gpu: &Gpu,
        whom: Whom,
        change: Change,
        mut state: Option<&mut NetworkState>,
    ) -> Result<Surgery, String> {
        let (graph, step, numbers) = (&self.net.graph, self.submitted, state.as_deref_mut());
        let surgery = self.surgeries.operate(graph, &mut self.gates, numbers, step, whom, change)?;
        if let Some(state) = state {
            self.net.upload(gpu, state);
        }
        self.net.set_gates(gpu, &self.gates);
        Ok(surgery)
    }

    /// What was changed in this run.
    pub fn surgeries(&self) -> &Surgeries {
        &self.surgeries
    }

    pub fn surgeries_mut(&mut self) -> &mut Surgeries {
        &mut self.surgeries
    }

    /// Says what was changed before the step that the run goes on at.
    pub fn set_surgeries(&mut self, done: Vec<Surgery>) {
        self.surgeries = Surgeries::of(done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_a_permutation_that_follows_from_seed_and_epoch() {
        let a = shuffled(3000, 1, 0);
        let mut sorted = a.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..3000).collect::<Vec<u32>>());
        assert_eq!(a, shuffled(3000, 1, 0));
        assert_ne!(a, shuffled(3000, 1, 1));
        assert_ne!(a, shuffled(3000, 2, 0));
        // A shuffle moves nearly everything: one fixed point is expected.
        assert!(a.iter().enumerate().filter(|(i, v)| *i as u32 == **v).count() < 8);
    }

    #[test]
    fn every_epoch_has_crops_and_flips_of_its_own() {
        let seeds: std::collections::HashSet<u32> =
            (0..4).flat_map(|seed| (0..100).map(move |epoch| augment_seed(seed, epoch))).collect();
        assert_eq!(seeds.len(), 400);
    }
}
