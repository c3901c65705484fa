//! A race: up to four networks that differ in exactly one thing, trained in lock-step on one device.
//!
//! Every tensor that lanes share by name and shape starts from the same numbers, and every step takes the same
//! batch. Their plans are interleaved slice by slice, and no lane begins a step before all have submitted the
//! one before. Interleaving changes no bit: a lane alone gives the same numbers. Several seeds, one after the
//! other, say how much of a difference is luck.

use super::building::{Building, Resources, has_classes};
use super::common;
use super::{Doing, Job, LabError, Progress, poll};
use crate::data::Dataset;
use crate::engine::Gates;
use crate::engine::dataset::GpuSplit;
use crate::gpu::{Gpu, Pacer};
use crate::model::{ModelSpec, ParamKind};
use crate::probe::{Eye, EyeContext};
use crate::train::trainer::Trainer;
use crate::train::{BlockStats, Change, Recipe, StepRecord, Surgeries, Surgery, Whom};
use serde::{Deserialize, Serialize};
use web_time::{Duration, Instant};

/// Most lanes of a race.
pub const MOST_LANES: usize = 4;

/// One network of a race and how it is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    pub name: String,
    pub spec: ModelSpec,
    pub recipe: Recipe,
}

/// The one thing in which lanes differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// With skips or without, or of another kind.
    Shortcut,
    BatchNorm,
    /// Blocks in each stage.
    Depth,
    Alpha,
    LearningRate,
    Init,
}

/// A race's rules.
#[derive(Clone, Debug)]
pub struct RaceOptions {
    pub lanes: Vec<Lane>,
    /// The race is run once with each; they replace the recipes'.
    pub seeds: Vec<u64>,
    /// Measure accuracy on the test split after the last step.
    pub evaluate: bool,
    pub resources: Resources,
    /// Seconds of GPU work submitted at a time.
    pub slice_seconds: f64,
}

/// What came out of a race.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RaceOutcome {
    pub differ: Option<Difference>,
    pub lanes: Vec<LaneOutcome>,
    /// One a seed: seconds from when the first step was measured in all lanes until the last one was. Drivers compile
    /// kernels when they first run, so that the first step says nothing.
    pub seconds: Vec<f64>,
}

/// One lane of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LaneOutcome {
    pub lane: Lane,
    /// The weights whose gradients are listed, from the input on: convolutions and the classifier. Empty before the
    /// lane is built.
    pub layers: Vec<String>,
    /// α of each block from the next step on.
    pub alphas: Vec<f32>,
    /// Whether there is a change of α to take back.
    #[serde(skip)]
    pub can_undo: bool,
    /// One a seed.
    pub runs: Vec<LaneRun>,
}

/// One lane with one seed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LaneRun {
    pub seed: u64,
    /// Mean cross-entropy of each step's batch before its update, in nats.
    pub loss: Vec<f32>,
    /// Share of each step's batch classified correctly before its update, 0 to 1.
    pub accuracy: Vec<f32>,
    /// For each step: L2 norm of the gradient of each of `layers`.
    pub grad_norm: Vec<Vec<f32>>,
    /// Mean of `loss` over the last epoch, or over the last tenth of a run shorter than that.
    pub last_loss: Option<f32>,
    /// On the whole test split, 0 to 1.
    pub test_accuracy: Option<f32>,
    pub test_loss: Option<f32>,
    /// What went to infinity or not-a-number, and at which step; the lane stops there.
    pub diverged: Option<(u64, String)>,
    /// Changes of α on the way.
    pub surgeries: Vec<Surgery>,
    /// Statistics of each block in the last step.
    pub blocks: Vec<BlockStats>,
}

/// In what `lanes` differ.
///
/// # Errors
///
/// If it is not exactly one thing, says in which.
pub fn difference(lanes: &[Lane]) -> Result<Difference, LabError> {
    let Some((first, others)) = lanes.split_first() else {
        return Err(LabError::Asked("a race needs lanes".into()));
    };
    let differs = |f: &dyn Fn(&Lane) -> bool| others.iter().any(f);
    let named = [
        (Difference::Shortcut, "shortcuts", differs(&|l| l.spec.shortcut != first.spec.shortcut)),
        (Difference::BatchNorm, "batch norm", differs(&|l| l.spec.batch_norm != first.spec.batch_norm)),
        (Difference::Depth, "depth", differs(&|l| l.spec.blocks != first.spec.blocks)),
        (Difference::Alpha, "α", differs(&|l| l.spec.alpha != first.spec.alpha)),
        (Difference::LearningRate, "learning rate", differs(&|l| l.recipe.lr != first.recipe.lr)),
        (Difference::Init, "initial weights", differs(&|l| l.recipe.init != first.recipe.init)),
    ];
    let mut found: Vec<&str> = named.iter().filter(|n| n.2).map(|n| n.1).collect();
    let rest = |l: &Lane| {
        // Whatever is allowed to differ is made equal; the rest has to be.
        let (s, r) = (&first.spec, &first.recipe);
        let spec = ModelSpec {
            shortcut: s.shortcut,
            batch_norm: s.batch_norm,
            blocks: s.blocks.clone(),
            alpha: s.alpha.clone(),
            ..l.spec.clone()
        };
        (spec, Recipe { lr: r.lr, init: r.init, ..l.recipe.clone() })
    };
    if differs(&|l| rest(l) != (first.spec.clone(), first.recipe.clone())) {
        found.push("something that a race cannot compare (stem, kind of block, width, batch, seed, …)");
    }
    match (found.as_slice(), named.iter().find(|n| n.2)) {
        ([_], Some((difference, ..))) => Ok(*difference),
        ([], _) => {
            Err(LabError::Asked("the lanes do not differ in anything; change one thing in one".into()))
        }
        _ => Err(LabError::Asked(format!(
            "the lanes differ in {}; a race is between networks that differ in exactly one thing",
            found.join(" and ")
        ))),
    }
}

enum Stage {
    Build(Building),
    Step,
    Evaluate(usize),
    Done,
}

/// A lane under way.
struct Runner {
    trainer: Trainer,
    /// Indices of the listed weights among the parameters.
    listed: Vec<usize>,
    runs: Vec<LaneRun>,
    /// Changes of α that wait for the next boundary.
    waiting: Vec<(Whom, Change)>,
}

/// A race under way.
pub struct Race {
    options: RaceOptions,
    differ: Option<Difference>,
    train: GpuSplit,
    test: GpuSplit,
    stage: Stage,
    pacer: Pacer,
    runners: Vec<Runner>,
    /// Number of the seed that is run, among the options'.
    seed: usize,
    /// The lane whose slice comes next.
    turn: usize,
    /// When the first step was measured in all lanes.
    began: Option<Instant>,
    seconds: Vec<f64>,
    /// What looks into each lane, if somebody watches; and what looks have complained of.
    eyes: Vec<Eye>,
    complaints: Vec<String>,
}

impl Race {
    /// A race of two to four lanes over `data`. Nothing is compiled yet.
    ///
    /// # Errors
    ///
    /// If the lanes do not differ in exactly one thing, are impossible, or do not fit the memory.
    pub fn new(gpu: &Gpu, data: &Dataset, options: RaceOptions) -> Result<Self, LabError> {
        let (train, test) = (GpuSplit::upload(gpu, &data.train), GpuSplit::upload(gpu, &data.test));
        Self::on(gpu, train, test, data.classes.len(), options)
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
        options: RaceOptions,
    ) -> Result<Self, LabError> {
        if !(2..=MOST_LANES).contains(&options.lanes.len()) {
            let count = options.lanes.len();
            return Err(LabError::Asked(format!("a race has 2 to {MOST_LANES} lanes, not {count}")));
        }
        let differ = difference(&options.lanes)?;
        Ok(Self { differ: Some(differ), ..Self::of(gpu, train, test, classes, options)? })
    }

    /// One lane by itself, to compare with what it does in a race.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn alone(gpu: &Gpu, data: &Dataset, lane: usize, options: &RaceOptions) -> Result<Self, LabError> {
        let lanes = options.lanes.get(lane).cloned().into_iter().collect();
        let (train, test) = (GpuSplit::upload(gpu, &data.train), GpuSplit::upload(gpu, &data.test));
        Self::of(gpu, train, test, data.classes.len(), RaceOptions { lanes, ..options.clone() })
    }

    fn of(
        gpu: &Gpu,
        train: GpuSplit,
        test: GpuSplit,
        classes: usize,
        options: RaceOptions,
    ) -> Result<Self, LabError> {
        let Some(first) = options.lanes.first() else {
            return Err(LabError::Asked("a race needs lanes".into()));
        };
        if options.seeds.is_empty() {
            return Err(LabError::Asked("a race needs at least one seed".into()));
        }
        for lane in &options.lanes {
            lane.recipe.validate()?;
            has_classes(&lane.name, &lane.spec, classes)?;
        }
        let specs = options.lanes.iter().map(|l| &l.spec);
        let building = Building::new(gpu, specs, first.recipe.batch, &options.resources)?;
        Ok(Self {
            differ: None,
            train,
            test,
            stage: Stage::Build(building),
            pacer: Pacer::new(options.slice_seconds, gpu.facts.class.flops()),
            runners: Vec::new(),
            seed: 0,
            turn: 0,
            began: None,
            seconds: Vec::new(),
            eyes: Vec::new(),
            complaints: Vec::new(),
            options,
        })
    }

    /// Changes α of a lane from its next step on.
    ///
    /// # Errors
    ///
    /// If there is no such lane yet, or the change makes no sense there.
    pub fn operate(&mut self, lane: usize, whom: Whom, change: Change) -> Result<(), LabError> {
        let Some(runner) = self.runners.get_mut(lane) else {
            return Err(LabError::Asked(format!("there is no lane {lane} yet, counted from 0")));
        };
        // Tried on a copy, so that what is wrong is said at once.
        runner.waiting.push((whom, change));
        if let Err(wrong) = runner.to_come() {
            runner.waiting.pop();
            return Err(LabError::Asked(wrong));
        }
        Ok(())
    }

    /// Steps that each lane does with each seed.
    pub fn steps(&self) -> u64 {
        self.options.lanes.first().map_or(0, |l| l.recipe.total_steps(self.train.len))
    }

    /// It was not gone on with for this long, which is no part of what it took.
    pub fn rested(&mut self, time: Duration) {
        self.began = self.began.and_then(|began| began.checked_add(time));
    }

    /// Kernels compiled and wanted, until all are.
    pub fn compiling(&self) -> Option<(usize, usize)> {
        match &self.stage {
            Stage::Build(building) => Some(building.compiled()),
            _ => None,
        }
    }

    /// A lane's network and run, once it is built.
    pub fn trainer_mut(&mut self, lane: usize) -> Option<&mut Trainer> {
        self.runners.get_mut(lane).map(|r| &mut r.trainer)
    }

    /// Looks into each lane with an eye of its own.
    pub fn look_with(&mut self, eye: impl Fn() -> Eye) {
        self.eyes = self.options.lanes.iter().map(|_| eye()).collect();
    }

    /// One a lane, if somebody watches.
    pub fn eyes(&self) -> &[Eye] {
        &self.eyes
    }

    /// To look at something else.
    pub fn eyes_mut(&mut self) -> &mut [Eye] {
        &mut self.eyes
    }

    /// What they have seen outlives the race.
    pub fn into_eyes(self) -> Vec<Eye> {
        self.eyes
    }

    /// What looks have complained of since this was asked last.
    pub fn complaints(&mut self) -> std::vec::Drain<'_, String> {
        self.complaints.drain(..)
    }

    /// Goes on with a look into a lane, or begins one that is due; true if something was submitted. Looks come before
    /// training, so that no lane updates its weights during one.
    fn look(&mut self, gpu: &Gpu) -> bool {
        // All eyes together take no more of the time than one does.
        let rate = self.pacer.rate() / self.eyes.len().max(1) as f64;
        for (eye, runner) in self.eyes.iter_mut().zip(&self.runners) {
            let trainer = &runner.trainer;
            if !eye.is_running() {
                let step = trainer.submitted();
                // After the last step there is nothing to wait for.
                let due = eye.is_due(step, rate) || !runner.races() && !eye.is_busy() && eye.waits(step);
                if !due || !trainer.weights_are_whole() {
                    continue;
                }
                let (last_batch, order) = trainer.last_batch();
                let begun = eye.begin(&EyeContext {
                    gpu,
                    net: &trainer.net,
                    recipe: &trainer.recipe,
                    train: &self.train,
                    test: &self.test,
                    train_labels: &[],
                    test_labels: &[],
                    gates: trainer.gates(),
                    step,
                    now: step,
                    last_batch,
                    order,
                });
                match begun {
                    Ok(true) => {}
                    // A kernel was compiled.
                    Ok(false) => continue,
                    Err(complaint) => {
                        self.complaints.push(complaint);
                        continue;
                    }
                }
            }
            let work = eye.advance(gpu, self.pacer.slice());
            self.pacer.submitted(work);
            return true;
        }
        false
    }

    /// Whether every lane was seen after its last step.
    fn has_looked(&self) -> bool {
        let seen = |(eye, r): (&Eye, &Runner)| !eye.is_busy() && !eye.waits(r.trainer.submitted());
        self.eyes.iter().zip(&self.runners).all(seen)
    }

    fn start_seed(&mut self, gpu: &Gpu) {
        let Some(&seed) = self.options.seeds.get(self.seed) else { return };
        for runner in &mut self.runners {
            runner.trainer.recipe.seed = seed;
            // What came after the last step of the seed before is not meant for this one.
            runner.waiting.clear();
            let gates = Gates::of(&runner.trainer.net.graph);
            runner.trainer.set_gates(gpu, gates);
            runner.trainer.restart(gpu);
            runner.runs.push(LaneRun { seed, ..LaneRun::default() });
        }
        // Channels and scales of maps were chosen by weights that are gone.
        self.eyes.iter_mut().for_each(Eye::forget);
        self.turn = 0;
        self.began = None;
    }

    fn collect(&mut self, gpu: &Gpu) -> Result<(), LabError> {
        for eye in &mut self.eyes {
            eye.collect(gpu).map_err(LabError::Refused)?;
        }
        for runner in &mut self.runners {
            for measured in runner.trainer.collect(gpu).map_err(LabError::Refused)? {
                let Some(run) = runner.runs.last_mut() else { continue };
                if run.diverged.is_some() {
                    continue;
                }
                run.note(&measured.record, &runner.listed);
                if let Some(what) = measured.not_finite {
                    run.diverged = Some((measured.record.step, what));
                }
            }
        }
        Ok(())
    }

    /// Submits slices of all lanes in turn while the GPU has room for them.
    fn step(&mut self, gpu: &Gpu) -> Result<(), LabError> {
        while self.pacer.may_submit(gpu) {
            if self.look(gpu) {
                continue;
            }
            let Some(behind) = self.runners.iter().filter(|r| r.races()).map(|r| r.trainer.submitted()).min()
            else {
                return Ok(());
            };
            let mut submitted = false;
            for _ in 0..self.runners.len() {
                let runner = &mut self.runners[self.turn];
                self.turn = (self.turn + 1) % self.options.lanes.len();
                if runner.may_go_on(gpu, &self.train, behind)? {
                    let work = runner.trainer.advance(gpu, self.pacer.slice());
                    self.pacer.submitted(work);
                    submitted = true;
                    break;
                }
            }
            if !submitted {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Goes on with the evaluation of lane `lane`; true once its result is there.
    fn evaluate(&mut self, gpu: &Gpu, lane: usize) -> Result<bool, LabError> {
        let runner = &mut self.runners[lane];
        let found = common::evaluate(gpu, &mut runner.trainer, &self.test, &mut self.pacer)?;
        let Some(result) = found else { return Ok(false) };
        if let Some(run) = runner.runs.last_mut() {
            (run.test_accuracy, run.test_loss) = (Some(result.accuracy), Some(result.loss));
        }
        Ok(true)
    }

    /// Begins the evaluation of the first lane from number `from` on that can be evaluated; or the next seed.
    fn next_lane(&mut self, gpu: &Gpu, from: usize) -> Result<(), LabError> {
        let wanted = self.options.evaluate && !self.test.is_empty();
        let fit = |r: &Runner| wanted && r.runs.last().is_some_and(|run| run.diverged.is_none());
        if let Some(lane) = (from..self.runners.len()).find(|&l| fit(&self.runners[l])) {
            let images = self.test.len;
            self.runners[lane].trainer.begin_evaluation(gpu, images).map_err(LabError::Asked)?;
            self.stage = Stage::Evaluate(lane);
            return Ok(());
        }
        self.seed += 1;
        self.stage = Stage::Done;
        if self.seed < self.options.seeds.len() {
            self.start_seed(gpu);
            self.stage = Stage::Step;
        }
        Ok(())
    }

    fn finish_seed(&mut self, gpu: &Gpu) -> Result<(), LabError> {
        self.seconds.push(self.began.map_or(0.0, |b| b.elapsed().as_secs_f64()));
        for runner in &mut self.runners {
            let (epoch, total) = (runner.trainer.steps_per_epoch(), runner.trainer.total_steps());
            let window = if total >= epoch { epoch } else { total.div_ceil(10) };
            if let Some(run) = runner.runs.last_mut() {
                run.surgeries = runner.trainer.surgeries().done().to_vec();
                run.finish(window as usize);
            }
        }
        self.next_lane(gpu, 0)
    }

    fn progress(&self) -> Progress {
        let each = |r: &Runner| r.trainer.total_steps();
        let per_seed: u64 = self.runners.iter().map(each).sum();
        let total = per_seed * self.options.seeds.len() as u64;
        match &self.stage {
            Stage::Build(b) => {
                let (done, of) = b.compiled();
                Progress { done: 0, total: 1, what: Doing::Kernels(done, of) }
            }
            Stage::Done => Progress { done: total, total, what: Doing::Nothing },
            stage => {
                let finished = self.seed as u64 * per_seed;
                let now: u64 = self.runners.iter().map(|r| r.measured()).sum();
                let losses: Vec<String> = self.runners.iter().filter_map(Runner::last_loss).collect();
                let what = match stage {
                    Stage::Evaluate(_) => Doing::Testing,
                    _ => {
                        let seed = format!("seed {}", self.options.seeds[self.seed]);
                        Doing::Training(seed, Some(losses.join(" ")).filter(|l| !l.is_empty()))
                    }
                };
                // The end is told only once all is there.
                Progress { done: (finished + now).min(total.saturating_sub(1)), total, what }
            }
        }
    }
}

impl Runner {
    /// Its gates, and what was done to them, as they will be in the next step.
    fn to_come(&self) -> Result<(Vec<Gates>, Surgeries), String> {
        let (mut gates, mut surgeries) = (self.trainer.gates().to_vec(), self.trainer.surgeries().clone());
        for &(whom, change) in &self.waiting {
            surgeries.operate(&self.trainer.net.graph, &mut gates, None, 0, whom, change)?;
        }
        Ok((gates, surgeries))
    }

    fn outcome(&self, lane: &Lane) -> LaneOutcome {
        let graph = &self.trainer.net.graph;
        let mut runs = self.runs.clone();
        if let Some(run) = runs.last_mut() {
            run.surgeries = self.trainer.surgeries().done().to_vec();
        }
        let to_come = self.to_come();
        let (gates, surgeries) =
            to_come.unwrap_or_else(|_| (self.trainer.gates().to_vec(), self.trainer.surgeries().clone()));
        LaneOutcome {
            lane: lane.clone(),
            layers: self.listed.iter().map(|&p| graph.params[p].name.clone()).collect(),
            alphas: gates.iter().map(|g| g.alpha).collect(),
            can_undo: surgeries.can_undo(),
            runs,
        }
    }

    /// Whether it has steps to submit.
    fn races(&self) -> bool {
        let out = self.runs.last().is_some_and(|r| r.diverged.is_some());
        !self.trainer.at_boundary() || (!out && self.trainer.submitted() < self.trainer.total_steps())
    }

    /// Whether there is a step under way, or one may begin: no lane is ahead of the one that is furthest `behind`.
    fn may_go_on(&mut self, gpu: &Gpu, split: &GpuSplit, behind: u64) -> Result<bool, LabError> {
        if !self.trainer.at_boundary() {
            return Ok(true);
        }
        if !self.races() || self.trainer.submitted() > behind {
            return Ok(false);
        }
        for (whom, change) in self.waiting.drain(..) {
            self.trainer.operate(gpu, whom, change, None).map_err(LabError::Asked)?;
        }
        Ok(self.trainer.begin_step(gpu, split)?)
    }

    /// Steps measured; all of them, where it has diverged and will do no more.
    fn measured(&self) -> u64 {
        match self.runs.last() {
            Some(run) if run.diverged.is_some() => self.trainer.total_steps(),
            _ => self.trainer.measured(),
        }
    }

    fn is_measured(&self) -> bool {
        self.trainer.at_boundary() && self.trainer.measured() == self.trainer.submitted()
    }

    fn last_loss(&self) -> Option<String> {
        self.runs.last()?.loss.last().map(|l| format!("{l:.3}"))
    }
}

impl LaneOutcome {
    /// `value` of every seed that has one; of runs that were operated on only where there are no others.
    pub fn of_seeds(&self, value: impl Fn(&LaneRun) -> Option<f32>) -> Vec<f32> {
        let all = || self.runs.iter().filter_map(|r| Some((value(r)?, r.surgeries.is_empty())));
        let whole: Vec<f32> = all().filter(|r| r.1).map(|r| r.0).collect();
        if whole.is_empty() { all().map(|r| r.0).collect() } else { whole }
    }

    /// Of a lane that is not built yet.
    pub fn before(lane: Lane) -> Self {
        let alphas = (0..lane.spec.block_count()).map(|b| lane.spec.alpha.of(b)).collect();
        Self { lane, layers: Vec::new(), alphas, can_undo: false, runs: Vec::new() }
    }
}

impl LaneRun {
    fn note(&mut self, record: &StepRecord, listed: &[usize]) {
        self.loss.push(record.loss);
        self.accuracy.push(record.accuracy);
        self.grad_norm.push(listed.iter().map(|&p| record.grad_norm[p]).collect());
        self.blocks.clone_from(&record.blocks);
    }

    fn finish(&mut self, window: usize) {
        if self.diverged.is_some() || self.loss.is_empty() {
            return;
        }
        let last = &self.loss[self.loss.len().saturating_sub(window)..];
        self.last_loss = Some((last.iter().map(|l| f64::from(*l)).sum::<f64>() / last.len() as f64) as f32);
    }
}

impl RaceOutcome {
    /// Each lane's mean of [`LaneRun::last_loss`] over the seeds, with the lowest and the highest. Runs that were operated
    /// on count only in a lane that has no others.
    pub fn last_losses(&self) -> Vec<Option<Band>> {
        self.lanes.iter().map(|l| Band::of(l.of_seeds(|r| r.last_loss).into_iter())).collect()
    }

    /// "After 400 steps: plain56 1.92, resnet56 1.31"; with several seeds from the lowest to the highest.
    pub fn headline(&self) -> String {
        let steps = self.lanes.iter().flat_map(|l| &l.runs).map(|r| r.loss.len()).max().unwrap_or(0);
        let lanes = self.lanes.iter().zip(self.last_losses()).map(|(lane, band)| {
            let name = &lane.lane.name;
            match band {
                Some(b) if b.count > 1 => format!("{name} {:.2} ({:.2} to {:.2})", b.mean, b.low, b.high),
                Some(b) => format!("{name} {:.2}", b.mean),
                None if lane.runs.iter().any(|r| r.diverged.is_some()) => format!("{name} diverged"),
                None => format!("{name} not measured yet"),
            }
        });
        format!("After {steps} steps: {}", lanes.collect::<Vec<_>>().join(", "))
    }
}

/// What several seeds gave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    pub mean: f32,
    pub low: f32,
    pub high: f32,
    pub count: usize,
}

impl Band {
    /// Of `values`; `None` without any.
    pub fn of(values: impl Iterator<Item = f32>) -> Option<Self> {
        let values: Vec<f32> = values.collect();
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
        Some(Self {
            mean: mean as f32,
            low: values.iter().copied().reduce(f32::min)?,
            high: values.iter().copied().reduce(f32::max)?,
            count: values.len(),
        })
    }
}

impl Job for Race {
    type Outcome = RaceOutcome;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        self.pacer.observe(gpu);
        match &mut self.stage {
            Stage::Build(building) => {
                if let Some(networks) = building.advance(gpu)? {
                    let images = self.train.len;
                    let runner = |(net, lane): (crate::engine::Network, &Lane)| {
                        let weights = |&p: &usize| net.graph.params[p].kind == ParamKind::Weight;
                        let listed = (0..net.graph.params.len()).filter(weights).collect();
                        let trainer = Trainer::new(gpu, net, lane.recipe.clone(), images);
                        Runner { trainer, listed, runs: Vec::new(), waiting: Vec::new() }
                    };
                    self.runners = networks.into_iter().zip(&self.options.lanes).map(runner).collect();
                    self.start_seed(gpu);
                    self.stage = Stage::Step;
                }
            }
            Stage::Step => {
                self.collect(gpu)?;
                if self.began.is_none() && self.runners.iter().all(|r| r.measured() > 0) {
                    self.began = Some(Instant::now());
                }
                self.step(gpu)?;
                if self.runners.iter().all(|r| !r.races() && r.is_measured()) && self.has_looked() {
                    self.finish_seed(gpu)?;
                }
            }
            &mut Stage::Evaluate(lane) => {
                if self.evaluate(gpu, lane)? {
                    self.next_lane(gpu, lane + 1)?;
                }
            }
            Stage::Done => {}
        }
        Ok(self.progress())
    }

    fn outcome(&self) -> RaceOutcome {
        let lane = |(i, lane): (usize, &Lane)| match self.runners.get(i) {
            Some(runner) => runner.outcome(lane),
            None => LaneOutcome::before(lane.clone()),
        };
        let lanes = self.options.lanes.iter().enumerate().map(lane).collect();
        RaceOutcome { differ: self.differ, lanes, seconds: self.seconds.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Alpha, by_name};
    use crate::train::Init;

    fn lane(name: &str) -> Lane {
        Lane { name: name.into(), spec: by_name(name).expect("in the zoo"), recipe: Recipe::default() }
    }

    #[test]
    fn lanes_differ_in_exactly_one_thing() {
        let found = |lanes: &[Lane]| difference(lanes).map_err(|e| e.to_string());
        assert_eq!(found(&[lane("resnet20"), lane("plain20")]), Ok(Difference::Shortcut));
        assert_eq!(found(&[lane("plain8"), lane("plain20"), lane("plain56")]), Ok(Difference::Depth));
        let mut he = lane("resnet20");
        he.recipe.init = Init::He;
        assert_eq!(found(&[lane("resnet20"), he.clone()]), Ok(Difference::Init));
        let mut half = lane("resnet20");
        half.spec.alpha = Alpha::All(0.5);
        assert_eq!(found(&[lane("resnet20"), half]), Ok(Difference::Alpha));
        he.spec.batch_norm = false;
        let two = found(&[lane("resnet20"), he]).expect_err("two things");
        assert!(two.contains("batch norm and initial weights"), "{two}");
        let depth = found(&[lane("resnet20"), lane("plain56")]).expect_err("two things");
        assert!(depth.contains("shortcuts and depth"), "{depth}");
        assert!(found(&[lane("resnet20"), lane("resnet20")]).expect_err("nothing").contains("do not differ"));
        let mut batch = lane("plain20");
        batch.recipe.batch = 8;
        assert!(found(&[lane("resnet20"), batch]).expect_err("batch").contains("batch, seed"));
    }

    #[test]
    fn a_headline_has_every_lane_and_its_band() {
        let run = |last: Option<f32>| LaneRun { loss: vec![2.3; 40], last_loss: last, ..LaneRun::default() };
        let outcome = |name: &str, runs: Vec<LaneRun>| LaneOutcome {
            lane: lane(name),
            layers: vec![],
            alphas: vec![],
            can_undo: false,
            runs,
        };
        let mut race = RaceOutcome {
            differ: Some(Difference::Shortcut),
            lanes: vec![
                outcome("plain20", vec![run(Some(1.5)), run(Some(1.7))]),
                outcome("resnet20", vec![run(Some(1.25))]),
            ],
            seconds: Vec::new(),
        };
        assert_eq!(race.headline(), "After 40 steps: plain20 1.60 (1.50 to 1.70), resnet20 1.25");
        // What was operated on is mixed with nothing, and shows where there is nothing else.
        let cut = |last| LaneRun {
            surgeries: vec![Surgery { step: 3, whom: Whom::Network, change: Change::Set(0.0) }],
            ..run(Some(last))
        };
        race.lanes[0].runs.push(cut(9.0));
        race.lanes[1].runs = vec![cut(3.0)];
        assert_eq!(race.headline(), "After 40 steps: plain20 1.60 (1.50 to 1.70), resnet20 3.00");
        let diverged = LaneRun { diverged: Some((3, "the loss".into())), ..LaneRun::default() };
        race.lanes[1].runs = vec![diverged];
        assert!(race.headline().ends_with("resnet20 diverged"), "{}", race.headline());
    }
}
