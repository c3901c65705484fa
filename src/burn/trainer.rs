//! A network in Burn behind the seam: the same order of pictures, crops, learning rates and changes of α as the own
//! engine's [`crate::train::trainer::Trainer`] has them.

use super::device::Place;
use super::net::{Sgd, Step};
use super::worker::{Answer, Job, Pick, Worker};
use crate::data::Split;
use crate::engine::{Gates, NetworkState, estimate, weights};
use crate::gpu::Gpu;
use crate::model::Graph;
use crate::train::engine::{Engine, EngineKind, Source};
use crate::train::metrics::StepMeta;
use crate::train::trainer::{EvalResult, Measured, augment_seed, shuffled};
use crate::train::{Augment, Change, Recipe, StepRecord, Surgeries, Surgery, Whom};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Where a network is computed, and what it may take.
#[derive(Clone, Debug)]
pub struct Options {
    pub kind: EngineKind,
    /// Bytes of GPU memory.
    pub gpu_memory: u64,
}

/// A walk through the test split.
struct Evaluating {
    images: usize,
    next: usize,
    losses: Vec<f32>,
    predicted: Vec<u8>,
    right: usize,
}

/// A network being trained by Burn.
pub struct Trainer {
    kind: EngineKind,
    graph: Graph,
    recipe: Recipe,
    train_images: usize,
    gates: Vec<Gates>,
    surgeries: Surgeries,
    worker: Worker,
    /// Why it does nothing any more, and whether that was told.
    failed: Option<(String, bool)>,
    done: u64,
    /// What is known of the step under way.
    step: Option<StepMeta>,
    /// Whether a batch of an evaluation is under way.
    batch_out: bool,
    evaluating: Option<Evaluating>,
    measured: VecDeque<Measured>,
    state: Option<NetworkState>,
    /// Epoch whose order of pictures `order` is.
    ordered: Option<u32>,
    order: Vec<u32>,
}

impl Trainer {
    /// Step 0, with initial weights from the recipe. Burn itself is opened in the background.
    ///
    /// # Errors
    ///
    /// If the network alone would exceed the memory (Burn takes more than the own engine), or there is no thread.
    pub fn new(
        gpu: &Gpu,
        graph: Graph,
        recipe: Recipe,
        train_images: usize,
        options: &Options,
    ) -> Result<Self, String> {
        let need = estimate(&graph.spec, recipe.batch).map_err(|e| e.to_string())?;
        if options.kind == EngineKind::Burn && need > options.gpu_memory {
            return Err(format!(
                "training at batch {} needs {} MiB of GPU memory in the own engine, and more in Burn; {} MiB are \
                 allowed. Take a smaller batch or network",
                recipe.batch,
                need >> 20,
                options.gpu_memory >> 20
            ));
        }
        let state = initial(&graph, &recipe);
        let worker = Worker::start(Place::new(options.kind, gpu), graph.clone(), state)?;
        Ok(Self {
            kind: options.kind,
            gates: Gates::of(&graph),
            graph,
            recipe,
            train_images,
            surgeries: Surgeries::default(),
            worker,
            failed: None,
            done: 0,
            step: None,
            batch_out: false,
            evaluating: None,
            measured: VecDeque::new(),
            state: None,
            ordered: None,
            order: Vec::new(),
        })
    }

    fn go_on_at(&mut self, state: NetworkState, step: u64) {
        self.worker.send(Job::Upload(Box::new(state)));
        self.done = step;
        self.measured.clear();
        self.evaluating = None;
        self.ordered = None;
    }

    fn refuse_if_failed(&self) -> Result<(), String> {
        self.failed.as_ref().map_or(Ok(()), |(why, _)| Err(why.clone()))
    }

    fn pick(
        &self,
        split: Option<&Arc<Split>>,
        records: Vec<u32>,
        augment: Option<(u32, u32)>,
    ) -> Result<Pick, String> {
        let split = split.ok_or("Burn takes pictures from memory, and there are none")?.clone();
        Ok(Pick { split, records, recipe: self.recipe.clone(), augment })
    }

    /// Takes what the worker has answered.
    fn listen(&mut self) {
        while let Some(answer) = self.worker.take() {
            match answer {
                Answer::Step(step, labels) => self.stepped(*step, &labels),
                Answer::Evaluated(logits, labels) => self.evaluated(&logits, &labels),
                Answer::State(state) => self.state = Some(*state),
                Answer::Failed(why) => {
                    (self.step, self.batch_out, self.evaluating) = (None, false, None);
                    self.failed = Some((why, false));
                }
            }
        }
    }

    fn stepped(&mut self, step: Step, labels: &[u8]) {
        let Some(meta) = self.step.take() else { return };
        let classes = self.graph.spec.classes;
        let rows = step.logits.chunks_exact(classes).zip(labels);
        let right = rows.filter(|(row, label)| largest(row) == usize::from(**label)).count();
        let record = StepRecord {
            step: meta.step,
            epoch: meta.epoch,
            batch_index: meta.batch_index,
            images: meta.images,
            lr: meta.lr,
            loss: step.loss,
            accuracy: right as f32 / labels.len().max(1) as f32,
            grad_norm: step.grad_norm,
            weight_norm: step.weight_norm,
            update_norm: step.update_norm,
            blocks: step.blocks,
        };
        let not_finite = not_finite(&self.graph, &record);
        self.done += 1;
        self.measured.push_back(Measured { record, not_finite, ends_epoch: meta.ends_epoch });
    }

    fn evaluated(&mut self, logits: &[f32], labels: &[u8]) {
        self.batch_out = false;
        let Some(e) = &mut self.evaluating else { return };
        for (row, &label) in logits.chunks_exact(self.graph.spec.classes).zip(labels) {
            let class = largest(row);
            e.right += usize::from(class == usize::from(label));
            e.losses.push(cross_entropy(row, usize::from(label)) as f32);
            e.predicted.push(class as u8);
        }
    }
}

fn initial(graph: &Graph, recipe: &Recipe) -> NetworkState {
    NetworkState::initial(graph, weights::init(graph, recipe.init, recipe.seed))
}

/// Index of the first largest value.
fn largest(row: &[f32]) -> usize {
    let mut best = 0;
    for (i, v) in row.iter().enumerate() {
        if *v > row[best] {
            best = i;
        }
    }
    best
}

/// −ln softmax(row)\[label\], in nats.
pub(super) fn cross_entropy(row: &[f32], label: usize) -> f64 {
    let most = row.iter().fold(f64::NEG_INFINITY, |m, v| m.max(f64::from(*v)));
    let sum: f64 = row.iter().map(|v| (f64::from(*v) - most).exp()).sum();
    sum.ln() + most - f64::from(row[label])
}

/// The first thing that is not a number or infinite.
fn not_finite(graph: &Graph, record: &StepRecord) -> Option<String> {
    let bad = |list: &[f32]| list.iter().position(|v| !v.is_finite());
    if let Some(b) = record.blocks.iter().position(|b| !b.sum.mean.is_finite()) {
        Some(format!("the activations of {}", graph.blocks[b].name))
    } else if !record.loss.is_finite() {
        Some("the loss".to_owned())
    } else if let Some(p) = bad(&record.grad_norm) {
        Some(format!("the gradient of {}", graph.params[p].name))
    } else {
        bad(&record.weight_norm).map(|p| format!("the weights {}", graph.params[p].name))
    }
}

impl Engine for Trainer {
    fn kind(&self) -> EngineKind {
        self.kind
    }

    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    fn set_recipe(&mut self, recipe: Recipe) {
        self.recipe = recipe;
    }

    fn train_images(&self) -> usize {
        self.train_images
    }

    fn gpu_bytes(&self) -> u64 {
        0
    }

    fn dispatches(&self, _: usize) -> usize {
        0
    }

    fn variants(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    fn device(&self, gpu: &Gpu) -> String {
        match self.kind {
            EngineKind::BurnCpu => "Burn on the CPU".to_owned(),
            _ => format!("Burn on {}", gpu.facts.id()),
        }
    }

    fn submitted(&self) -> u64 {
        self.done
    }

    fn measured(&self) -> u64 {
        self.done - self.measured.len() as u64
    }

    fn at_boundary(&self) -> bool {
        self.step.is_none() && !self.batch_out
    }

    fn is_evaluating(&self) -> bool {
        self.evaluating.is_some()
    }

    fn restart(&mut self, _: &Gpu) {
        self.surgeries.heal(&self.graph, &mut self.gates);
        self.surgeries = Surgeries::default();
        self.go_on_at(initial(&self.graph, &self.recipe), 0);
    }

    fn resume(&mut self, _: &Gpu, state: &NetworkState, step: u64, surgeries: Vec<Surgery>) {
        self.surgeries = Surgeries::of(surgeries);
        self.go_on_at(state.clone(), step);
    }

    fn set_data(&mut self, train_images: usize) {
        self.evaluating = None;
        self.train_images = train_images;
        self.ordered = None;
    }

    fn begin_step(&mut self, _: &Gpu, train: Source<'_>) -> Result<bool, String> {
        self.refuse_if_failed()?;
        let meta = self.meta(self.done);
        if self.ordered != Some(meta.epoch) {
            self.order = shuffled(self.train_images, self.recipe.seed, meta.epoch);
            self.ordered = Some(meta.epoch);
        }
        let start = meta.batch_index as usize * self.recipe.batch;
        let records = self.order[start..start + meta.images as usize].to_vec();
        let cropped = self.recipe.augment == Augment::CropFlip;
        let augment = cropped.then(|| (augment_seed(self.recipe.seed, meta.epoch), start as u32));
        let pick = self.pick(train.host, records, augment)?;
        let sgd = Sgd {
            lr: meta.lr,
            momentum: self.recipe.momentum,
            weight_decay: self.recipe.weight_decay,
            nesterov: self.recipe.nesterov,
        };
        self.worker.send(Job::Step { pick, gates: self.gates.clone(), sgd });
        self.step = Some(meta);
        Ok(true)
    }

    fn begin_evaluation(&mut self, _: &Gpu, images: usize) -> Result<(), String> {
        self.refuse_if_failed()?;
        let (losses, predicted) = (Vec::new(), Vec::new());
        self.evaluating = Some(Evaluating { images, next: 0, losses, predicted, right: 0 });
        Ok(())
    }

    fn begin_eval_batch(&mut self, _: &Gpu, test: Source<'_>) -> Result<bool, String> {
        let Some(e) = &mut self.evaluating else { return Ok(false) };
        if e.next >= e.images {
            return Ok(false);
        }
        let end = e.images.min(e.next + self.recipe.batch.max(32));
        let records = (e.next as u32..end as u32).collect();
        e.next = end;
        let pick = self.pick(test.host, records, None)?;
        self.worker.send(Job::Evaluate { pick, gates: self.gates.clone() });
        self.batch_out = true;
        Ok(true)
    }

    fn advance(&mut self, _: &Gpu, _: f64) -> f64 {
        0.0
    }

    fn collect(&mut self, _: &Gpu) -> Result<Vec<Measured>, String> {
        self.listen();
        if let Some((why, told @ false)) = &mut self.failed {
            *told = true;
            return Err(why.clone());
        }
        Ok(self.measured.drain(..).collect())
    }

    fn collect_evaluation(&mut self) -> Option<Result<EvalResult, String>> {
        self.listen();
        let e = self.evaluating.take_if(|e| e.losses.len() == e.images)?;
        let n = e.images.max(1) as f64;
        let loss = e.losses.iter().map(|l| f64::from(*l)).sum::<f64>() / n;
        Some(Ok(EvalResult {
            loss: loss as f32,
            accuracy: (e.right as f64 / n) as f32,
            images: e.images,
            losses: e.losses,
            predicted: e.predicted,
        }))
    }

    fn gates(&self) -> &[Gates] {
        &self.gates
    }

    fn operate(
        &mut self,
        _: &Gpu,
        whom: Whom,
        change: Change,
        mut state: Option<&mut NetworkState>,
    ) -> Result<Surgery, String> {
        let (graph, numbers) = (&self.graph, state.as_deref_mut());
        let surgery = self.surgeries.operate(graph, &mut self.gates, numbers, self.done, whom, change)?;
        if let Some(state) = state {
            self.worker.send(Job::Upload(Box::new(state.clone())));
        }
        Ok(surgery)
    }

    fn surgeries(&self) -> &Surgeries {
        &self.surgeries
    }

    fn surgeries_mut(&mut self) -> &mut Surgeries {
        &mut self.surgeries
    }

    fn begin_reading(&mut self, _: &Gpu) {
        self.state = None;
        self.worker.send(Job::Read);
    }

    fn collect_state(&mut self) -> Option<Result<NetworkState, String>> {
        self.listen();
        if let Some((why, _)) = &self.failed {
            return Some(Err(why.clone()));
        }
        self.state.take().map(Ok)
    }
}
