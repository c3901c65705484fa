//! Lesions: what a trained network is still worth without a block, with two blocks exchanged, or with one
//! scrambled. The first two are those of Veit, Wilber & Belongie 2016 ("Residual Networks Behave Like Ensembles of
//! Relatively Shallow Networks", arXiv 1605.06431, §4.1 and §4.3), though here one block or pair at a time; the
//! scramble is this program's own.
//!
//! In a residual network a block is dropped by leaving its branch F out of the sum; the shortcut stays, so that
//! blocks which change the shape can go too. A plain block can only go where its output has its input's shape:
//! what comes in then goes on as it is. For this a plain network is computed as a residual one with α = 0, which
//! gives the same bits. Accuracy is measured in evaluation mode with the running statistics that training has
//! left, unless they are to be estimated anew after each lesion.

use super::building::{Building, Resources, has_classes};
use super::common;
use super::{Doing, Job, LabError, Progress, poll};
use crate::data::Dataset;
use crate::engine::dataset::GpuSplit;
use crate::engine::plan::Plan;
use crate::engine::program::{Mode, Phase};
use crate::engine::{Gates, Network, NetworkState, StepUniform};
use crate::gpu::{Download, Gpu, Pacer};
use crate::model::{Alpha, Graph, ModelSpec, Shortcut};
use crate::train::Recipe;
use crate::train::edit::Edit;
use crate::train::trainer::{Trainer, shuffled};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Training batches from which running statistics are estimated anew. Each takes a tenth's part, as in training,
/// so that what was there before counts for 0.9^50 = 0.5 %.
pub const REESTIMATION_BATCHES: usize = 50;

/// A network to be lesioned.
#[derive(Clone, Debug)]
pub struct Patient {
    pub name: String,
    pub spec: ModelSpec,
    /// How it is trained, or was: pictures are normalised as there.
    pub recipe: Recipe,
    /// Trained weights; without them it is trained first.
    pub state: Option<NetworkState>,
    /// It is trained for so many of the recipe's steps; for all without a number.
    pub steps: Option<u64>,
}

/// What is done to a network; blocks are counted from 0 over all stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lesion {
    /// The block's branch is left out; in a plain network the whole block.
    Drop(usize),
    /// Two blocks of one stage change places, their batch norms' statistics with them.
    Swap(usize, usize),
    /// The numbers in each of the block's convolutions change places at random; batch norm stays. Not in the paper.
    Scramble(usize),
}

impl Lesion {
    fn blocks(self) -> Vec<usize> {
        match self {
            Self::Drop(b) | Self::Scramble(b) => vec![b],
            Self::Swap(a, b) => vec![a, b],
        }
    }
}

/// Which lesions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Each block once.
    Drop,
    /// Each pair of neighbours that can change places.
    Swap,
    /// Each block once.
    Scramble,
}

/// What is to be done, and how it is measured.
#[derive(Clone, Debug)]
pub struct LesionOptions {
    pub kinds: Vec<Kind>,
    /// Estimate running statistics anew after each lesion.
    pub reestimate: bool,
    /// Test pictures, from the first on; all without a number.
    pub images: Option<usize>,
    /// Where scrambles come from.
    pub seed: u64,
    pub resources: Resources,
    /// Seconds of GPU work submitted at a time.
    pub slice_seconds: f64,
}

/// What was measured on the test pictures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// 0 to 1.
    pub accuracy: f32,
    /// Mean cross-entropy in nats.
    pub loss: f32,
}

/// One lesion and what it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lesioned {
    pub lesion: Lesion,
    /// Names of the blocks.
    pub blocks: Vec<String>,
    /// Whether one of them changes the shape.
    pub reshapes: bool,
    /// Absent before it was measured, and where it is impossible.
    pub measured: Option<Measured>,
    /// Why it cannot be done.
    pub impossible: Option<String>,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LesionOutcome {
    pub name: String,
    pub spec: ModelSpec,
    pub seed: u64,
    /// Training steps done here; 0 for a network that came trained.
    pub trained_steps: u64,
    pub images: usize,
    pub reestimated: bool,
    /// Without any lesion.
    pub intact: Option<Measured>,
    pub lesions: Vec<Lesioned>,
}

/// Everything that can be done to `graph`, as the network of `spec`.
fn plan(graph: &Graph, plain: bool, kinds: &[Kind]) -> Vec<Lesioned> {
    let all = 0..graph.blocks.len();
    let lesions = kinds.iter().flat_map(|kind| -> Vec<Lesion> {
        match kind {
            Kind::Drop => all.clone().map(Lesion::Drop).collect(),
            Kind::Scramble => all.clone().map(Lesion::Scramble).collect(),
            Kind::Swap => all
                .clone()
                .skip(1)
                .filter(|&b| graph.blocks[b].stage == graph.blocks[b - 1].stage)
                .map(|b| Lesion::Swap(b - 1, b))
                .collect(),
        }
    });
    lesions
        .map(|lesion| {
            let blocks = lesion.blocks();
            let reshaping = blocks.iter().any(|&b| graph.blocks[b].reshapes());
            let impossible = match lesion {
                Lesion::Drop(_) if plain && reshaping => {
                    Some("it changes the shape, and nothing else carries the signal past it")
                }
                Lesion::Swap(..) if reshaping => Some("one of them changes the shape"),
                _ => None,
            };
            Lesioned {
                lesion,
                blocks: blocks.iter().map(|&b| graph.blocks[b].name.clone()).collect(),
                reshapes: reshaping,
                measured: None,
                impossible: impossible.map(str::to_owned),
            }
        })
        .collect()
}

enum Stage {
    Build(Building),
    Train,
    Read(Download),
    /// Lesion number …, or the intact network: batches of the training split run through it so far.
    Reestimate {
        lesion: Option<usize>,
        batch: usize,
        at: usize,
    },
    Evaluate {
        lesion: Option<usize>,
    },
    Done,
}

/// Lesions of one network, under way.
pub struct Lesions {
    patient: Patient,
    plain: bool,
    options: LesionOptions,
    train: GpuSplit,
    test: GpuSplit,
    images: usize,
    pacer: Pacer,
    stage: Stage,
    trainer: Option<Trainer>,
    state: NetworkState,
    trained_steps: u64,
    intact: Option<Measured>,
    lesions: Vec<Lesioned>,
    last_loss: Option<f32>,
}

impl Lesions {
    /// Prepares the lesions of `patient` on `data`.
    ///
    /// # Errors
    ///
    /// If the network is impossible or too large, or there are no test pictures.
    pub fn new(
        gpu: &Gpu,
        data: &Dataset,
        patient: Patient,
        options: LesionOptions,
    ) -> Result<Self, LabError> {
        let (train, test) = (GpuSplit::upload(gpu, &data.train), GpuSplit::upload(gpu, &data.test));
        Self::on(gpu, train, test, data.classes.len(), patient, options)
    }

    /// The same on pictures of `classes` classes that are on the GPU already; nobody else may change their order.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn on(
        gpu: &Gpu,
        train: GpuSplit,
        test: GpuSplit,
        classes: usize,
        patient: Patient,
        options: LesionOptions,
    ) -> Result<Self, LabError> {
        patient.recipe.validate()?;
        let images = options.images.unwrap_or(test.len).min(test.len);
        if images == 0 || train.is_empty() {
            return Err(LabError::Asked("lesions are measured on test pictures, and there are none".into()));
        }
        has_classes(&patient.name, &patient.spec, classes)?;
        let plain = !patient.spec.is_residual();
        let spec = match plain {
            true => ModelSpec { shortcut: Shortcut::ZeroPad, alpha: Alpha::All(0.0), ..patient.spec.clone() },
            false => patient.spec.clone(),
        };
        let building = Building::new(gpu, [&spec], patient.recipe.batch, &options.resources)?;
        let lesions = plan(&Graph::new(&spec)?, plain, &options.kinds);
        Ok(Self {
            plain,
            train,
            test,
            images,
            pacer: Pacer::new(options.slice_seconds, gpu.facts.class.flops()),
            stage: Stage::Build(building),
            trainer: None,
            state: NetworkState::default(),
            trained_steps: 0,
            intact: None,
            lesions,
            last_loss: None,
            patient,
            options,
        })
    }

    /// Begins with lesion number `from` or the next one that is possible.
    fn next(&mut self, gpu: &Gpu, from: usize) -> Result<(), LabError> {
        let next = (from..self.lesions.len()).find(|&i| self.lesions[i].impossible.is_none());
        match next {
            Some(i) => self.operate(gpu, Some(i)),
            None => {
                self.stage = Stage::Done;
                Ok(())
            }
        }
    }

    /// Puts the network in place with one lesion, or intact.
    fn operate(&mut self, gpu: &Gpu, lesion: Option<usize>) -> Result<(), LabError> {
        let Some(trainer) = &mut self.trainer else { return Ok(()) };
        let graph = &trainer.net.graph;
        let mut gates = Gates::of(graph);
        let mut state = self.state.clone();
        match lesion.map(|i| self.lesions[i].lesion) {
            None => {}
            Some(Lesion::Drop(b)) => {
                let alpha = if self.plain { 1.0 } else { gates[b].alpha };
                gates[b] = Gates::new(alpha, 0.0);
            }
            Some(Lesion::Swap(a, b)) => {
                Edit::Swap(a, b).apply(graph, &mut state);
                gates.swap(a, b);
            }
            Some(Lesion::Scramble(block)) => {
                Edit::Scramble { block, seed: self.options.seed }.apply(graph, &mut state);
            }
        }
        trainer.net.upload(gpu, &state);
        trainer.set_gates(gpu, gates);
        if self.options.reestimate && !trainer.net.graph.norms.is_empty() {
            let order = shuffled(self.train.len, self.options.seed, 0);
            self.train.set_order(gpu, &order);
            self.stage = Stage::Reestimate { lesion, batch: 0, at: 0 };
            Ok(())
        } else {
            self.measure(gpu, lesion)
        }
    }

    fn measure(&mut self, gpu: &Gpu, lesion: Option<usize>) -> Result<(), LabError> {
        let Some(trainer) = &mut self.trainer else { return Ok(()) };
        trainer.begin_evaluation(gpu, self.images).map_err(LabError::Asked)?;
        self.stage = Stage::Evaluate { lesion };
        Ok(())
    }

    /// Trains; true when all steps are measured.
    fn train(&mut self, gpu: &Gpu) -> Result<bool, LabError> {
        let Some(trainer) = &mut self.trainer else { return Ok(false) };
        for measured in trainer.collect(gpu).map_err(LabError::Refused)? {
            if let Some(what) = measured.not_finite {
                let (name, step) = (&self.patient.name, measured.record.step);
                return Err(LabError::Asked(format!(
                    "training {name} diverged at step {step}: {what} went to infinity or not-a-number; take a lower \
                     learning rate"
                )));
            }
            self.last_loss = Some(measured.record.loss);
        }
        let steps = self.patient.steps.unwrap_or(u64::MAX).min(trainer.total_steps());
        common::train(gpu, trainer, &self.train, &mut self.pacer, steps)?;
        Ok(trainer.at_boundary() && trainer.measured() >= steps)
    }

    /// Runs training batches forward, whose statistics batch norm takes in; true when all are submitted.
    fn reestimate(&mut self, gpu: &Gpu) -> Result<bool, LabError> {
        let Some(trainer) = &mut self.trainer else { return Ok(true) };
        let Stage::Reestimate { batch: number, at, .. } = &mut self.stage else { return Ok(true) };
        let batch = trainer.recipe.batch.min(self.train.len);
        let recipe = trainer.recipe.clone();
        trainer.net.make_plan(gpu, Mode::Train, batch, Some(&self.train), &recipe)?;
        while *number < REESTIMATION_BATCHES && self.pacer.may_submit(gpu) {
            let Some(plan) = trainer.net.plan(Mode::Train, batch) else { return Ok(true) };
            let forward = forward_part(plan);
            if *at == 0 {
                let first = *number % (self.train.len / batch) * batch;
                trainer
                    .net
                    .set_step(gpu, &StepUniform { batch_start: first as u32, ..StepUniform::default() });
            }
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let (to, work) = plan.encode_to(&mut encoder, *at, forward, self.pacer.slice());
            gpu.submit(encoder.finish());
            self.pacer.submitted(work);
            *at = to;
            if to == forward {
                (*number, *at) = (*number + 1, 0);
            }
        }
        Ok(*number == REESTIMATION_BATCHES)
    }

    fn evaluate(&mut self, gpu: &Gpu) -> Result<Option<Measured>, LabError> {
        let Some(trainer) = &mut self.trainer else { return Ok(None) };
        let result = common::evaluate(gpu, trainer, &self.test, &mut self.pacer)?;
        Ok(result.map(|r| Measured { accuracy: r.accuracy, loss: r.loss }))
    }

    fn built(&mut self, gpu: &Gpu, net: Network) -> Result<(), LabError> {
        let trainer = Trainer::new(gpu, net, self.patient.recipe.clone(), self.train.len);
        self.trainer = Some(trainer);
        match &self.patient.state {
            Some(state) => {
                self.state = state.clone();
                self.operate(gpu, None)
            }
            None => {
                self.stage = Stage::Train;
                Ok(())
            }
        }
    }

    fn progress(&self) -> Progress {
        let possible = self.lesions.iter().filter(|l| l.impossible.is_none()).count() as u64;
        // In batches that go forward; a training step takes about three times as long as one of those.
        let batch = self.patient.recipe.batch.max(1);
        let anew = if self.options.reestimate { REESTIMATION_BATCHES } else { 0 };
        let each = (self.images.div_ceil(batch) + anew) as u64;
        let steps = match &self.patient.state {
            None => {
                let all = self.patient.recipe.total_steps(self.train.len);
                3 * self.patient.steps.unwrap_or(u64::MAX).min(all)
            }
            Some(_) => 0,
        };
        let total = steps + (1 + possible) * each;
        let measured = self.lesions.iter().filter(|l| l.measured.is_some()).count() as u64;
        let done = |more: u64| (steps + more * each).min(total - 1);
        let name = &self.patient.name;
        let (done, what) = match &self.stage {
            Stage::Build(b) => {
                let (compiled, of) = b.compiled();
                (0, Doing::Kernels(compiled, of))
            }
            Stage::Train | Stage::Read(_) => {
                let done = self.trainer.as_ref().map_or(0, Trainer::measured);
                let loss = self.last_loss.map(|loss| format!("{loss:.3}"));
                (3 * done, Doing::Training(name.clone(), loss))
            }
            Stage::Reestimate { lesion, .. } | Stage::Evaluate { lesion } => match lesion {
                None => (done(0), Doing::Intact(name.clone())),
                Some(i) => {
                    let blocks = self.lesions[*i].blocks.join(" + ");
                    (done(1 + measured), format!("{name}: {blocks}").into())
                }
            },
            Stage::Done => (total, Doing::Nothing),
        };
        Progress { done, total, what }
    }
}

/// The number of launches before the loss.
fn forward_part(plan: &Plan) -> usize {
    let loss = plan.items.iter().position(|i| plan.labels[i.dispatch].1 == Phase::Loss);
    loss.unwrap_or(plan.items.len())
}

impl Job for Lesions {
    type Outcome = LesionOutcome;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        self.pacer.observe(gpu);
        match &mut self.stage {
            Stage::Build(building) => {
                if let Some(net) = building.advance(gpu)?.and_then(|mut n| n.pop()) {
                    self.built(gpu, net)?;
                }
            }
            Stage::Train => {
                if self.train(gpu)?
                    && let Some(trainer) = &mut self.trainer
                {
                    self.trained_steps = trainer.submitted();
                    self.stage = Stage::Read(trainer.net.download_state(gpu));
                }
            }
            Stage::Read(download) => {
                if download.is_ready()
                    && let Some(trainer) = &mut self.trainer
                    && let Stage::Read(download) = std::mem::replace(&mut self.stage, Stage::Done)
                {
                    self.state = trainer.net.decode_state(download).map_err(LabError::Refused)?;
                    self.operate(gpu, None)?;
                }
            }
            &mut Stage::Reestimate { lesion, .. } => {
                if self.reestimate(gpu)? {
                    self.measure(gpu, lesion)?;
                }
            }
            &mut Stage::Evaluate { lesion } => {
                if let Some(measured) = self.evaluate(gpu)? {
                    match lesion {
                        None => self.intact = Some(measured),
                        Some(i) => self.lesions[i].measured = Some(measured),
                    }
                    self.next(gpu, lesion.map_or(0, |i| i + 1))?;
                }
            }
            Stage::Done => {}
        }
        Ok(self.progress())
    }

    fn outcome(&self) -> LesionOutcome {
        LesionOutcome {
            name: self.patient.name.clone(),
            spec: self.patient.spec.clone(),
            seed: self.patient.recipe.seed,
            trained_steps: self.trained_steps,
            images: self.images,
            reestimated: self.options.reestimate,
            intact: self.intact,
            lesions: self.lesions.clone(),
        }
    }
}

/// Lesions of several networks, one after the other; only the one under way has memory on the GPU.
pub struct Several {
    done: Vec<LesionOutcome>,
    /// Batches that those took.
    before: u64,
    /// Under way first.
    left: VecDeque<Lesions>,
}

impl Several {
    /// All of `jobs`, in order.
    pub fn new(jobs: impl IntoIterator<Item = Lesions>) -> Self {
        Self { done: Vec::new(), before: 0, left: jobs.into_iter().collect() }
    }
}

impl Job for Several {
    type Outcome = Vec<LesionOutcome>;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        let mut progress = Progress::default();
        if let Some(job) = self.left.front_mut() {
            progress = job.advance(gpu)?;
            if progress.is_done() {
                self.done.push(job.outcome());
                self.before += progress.total;
                self.left.pop_front();
                progress = Progress::default();
            }
        }
        let of_all: u64 = self.left.iter().map(|job| job.progress().total).sum();
        Ok(Progress { done: self.before + progress.done, total: self.before + of_all, ..progress })
    }

    fn outcome(&self) -> Vec<LesionOutcome> {
        self.done.iter().cloned().chain(self.left.iter().map(Job::outcome)).collect()
    }
}

impl LesionOutcome {
    /// One line a lesion, the intact network first.
    pub fn csv(runs: &[Self]) -> String {
        let mut out = String::from(
            "network,seed,trained_steps,images,statistics_reestimated,lesion,blocks,changes_shape,accuracy,loss_nats,\
             impossible\n",
        );
        let measured =
            |m: Option<Measured>| m.map_or(",".to_owned(), |m| format!("{},{}", m.accuracy, m.loss));
        for run in runs {
            let name = format!("\"{}\"", run.name.replace('"', "\"\""));
            let head =
                format!("{name},{},{},{},{}", run.seed, run.trained_steps, run.images, run.reestimated);
            out += &format!("{head},none,,false,{},\n", measured(run.intact));
            for l in &run.lesions {
                let what = match l.lesion {
                    Lesion::Drop(_) => "drop",
                    Lesion::Swap(..) => "swap",
                    Lesion::Scramble(_) => "scramble",
                };
                let why = l.impossible.as_ref().map_or(String::new(), |why| format!("\"{why}\""));
                let (blocks, values) = (l.blocks.join(" "), measured(l.measured));
                out += &format!("{head},{what},{blocks},{},{values},{why}\n", l.reshapes);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;

    fn graph(name: &str) -> Graph {
        Graph::new(&by_name(name).expect("in the zoo")).expect("valid")
    }

    #[test]
    fn what_cannot_be_done_is_listed_with_its_reason() {
        let g = graph("resnet14");
        let all = [Kind::Drop, Kind::Swap, Kind::Scramble];
        let residual = plan(&g, false, &all);
        assert_eq!(residual.len(), 6 + 3 + 6);
        let reshaping: Vec<bool> = residual[..6].iter().map(|l| l.reshapes).collect();
        assert_eq!(reshaping, [false, false, true, false, true, false]);
        assert!(residual[..6].iter().all(|l| l.impossible.is_none()));
        let plain = plan(&g, true, &all);
        let gone: Vec<&str> =
            plain.iter().filter(|l| l.impossible.is_some()).map(|l| &*l.blocks[0]).collect();
        // Dropped, then swapped with the one behind it.
        assert_eq!(gone, ["layer2.0", "layer3.0", "layer2.0", "layer3.0"]);
        assert_eq!(residual[6].lesion, Lesion::Swap(0, 1));
    }
}
