//! [`Session`]: the loop behind every door.
//!
//! `pump` does what can be done without waiting and returns: it compiles a kernel or two, or submits a
//! slice of the step under way, and takes what the GPU has finished. Commands are carried out in order,
//! between steps. The same code runs natively and in the browser.

use super::protocol::{
    Build, Command, DataInfo, DataSource, Evaluation, Event, HyperChange, ModelInfo, Phase, Snapshot,
};

use crate::checkpoint::{self, Checkpoint};
use crate::data::{Dataset, cifar, synthetic};
use crate::engine::dataset::GpuSplit;
use crate::engine::program::Mode;
use crate::engine::variants::Variants;
use crate::engine::{DEFAULT_BUDGET, Network, NetworkOptions, NetworkState, Prepared};
use crate::gpu::{Download, Gpu, Pacer};
use crate::probe::{Eye, Profiler, TestDetail};
use crate::train::StepRecord;
use crate::train::trainer::Trainer;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use web_time::{Duration, Instant};

mod watching;

use watching::Sliced;

/// How long one `pump` may compile kernels.
const COMPILE_SLICE: Duration = Duration::from_millis(12);
/// Images a second are averaged over this long.
const SPEED_WINDOW: Duration = Duration::from_secs(3);
/// And over no less than this many seconds.
const SPEED_LEAST: f32 = 0.25;
/// Pictures of each class that a window may show as its examples.
const SAMPLES: usize = 10;

/// What a session may use, and how it shares the GPU.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Bytes of GPU memory that a network may take.
    pub gpu_memory: u64,
    /// Seconds of work submitted at a time: short where a window shares the GPU, long in a terminal.
    pub slice_seconds: f64,
    /// Kernel variants of networks built from now on.
    pub variants: Variants,
    /// Go through the test split after each epoch and at the end of a run.
    pub evaluate_epochs: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            gpu_memory: DEFAULT_BUDGET,
            slice_seconds: 0.02,
            variants: Variants::default(),
            evaluate_epochs: true,
        }
    }
}

/// Whether there is anything to come back for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Nothing happens until the next command.
    Idle,
    /// Work is under way: pump again soon.
    Busy,
}

/// Pictures on the GPU.
struct Pictures {
    info: DataInfo,
    train: GpuSplit,
    test: GpuSplit,
    train_labels: Vec<u8>,
    test_labels: Vec<u8>,
}

type ScopeResult = Pin<Box<dyn Future<Output = Option<wgpu::Error>>>>;

/// A network on its way.
struct Building {
    build: Build,
    prepared: Option<Prepared>,
    kernels: Vec<String>,
    compiled: usize,
    /// Weights and step to continue from.
    resume: Option<Box<Checkpoint>>,
    /// Allocated, while the out-of-memory scope has not answered yet.
    allocated: Option<(Network, ScopeResult)>,
    /// Error scopes of compiled kernels.
    scopes: Vec<(String, ScopeResult)>,
}

/// A checkpoint on its way from the GPU.
struct Saving {
    step: u64,
    download: Download,
    /// For safekeeping, not for the user.
    kept: bool,
}

/// What goes on in steps.
struct Training {
    name: String,
    trainer: Trainer,
    running: bool,
    /// Steps still to do one by one.
    single_steps: u64,
    finished: bool,
    diverged: bool,
    last: Option<StepRecord>,
    evaluation: Option<Evaluation>,
    test: Option<Arc<TestDetail>>,
    /// Step after which the test split was last gone through.
    evaluated_at: Option<u64>,
    /// Batches that batch norm had seen before step 0, in weights that came from elsewhere.
    batches_before: u64,
    /// Sums over the epoch being measured: loss·images, right, images.
    epoch_sums: (f64, f64, f64),
    saving: Option<Saving>,
    speed: VecDeque<(Instant, u32)>,
    sliced: Sliced,
    /// The step under way is timed layer by layer.
    profiling: bool,
}

/// One network, one data set, one GPU.
pub struct Session {
    gpu: Gpu,
    options: SessionOptions,
    pictures: Option<Pictures>,
    building: Option<Box<Building>>,
    training: Option<Training>,
    commands: VecDeque<Command>,
    events: Vec<Event>,
    pacer: Pacer,
    lost: bool,
    eye: Eye,
}

/// How often each class occurs.
fn counts(labels: &[u8], classes: usize) -> Vec<u32> {
    let mut counts = vec![0; classes];
    for &label in labels {
        if let Some(n) = counts.get_mut(usize::from(label)) {
            *n += 1;
        }
    }
    counts
}

/// The first records of each class.
fn samples(labels: &[u8], classes: usize) -> Vec<Vec<u32>> {
    let mut samples = vec![Vec::new(); classes];
    for (i, &label) in labels.iter().enumerate() {
        if let Some(list) = samples.get_mut(usize::from(label))
            && list.len() < SAMPLES
        {
            list.push(i as u32);
        }
    }
    samples
}

/// Asks a future for its result without waiting.
fn poll_now(scope: &mut ScopeResult) -> Option<Option<wgpu::Error>> {
    match scope.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

impl Session {
    /// A session without pictures or network.
    pub fn new(gpu: Gpu, options: SessionOptions) -> Self {
        let pacer = Pacer::new(options.slice_seconds, gpu.facts.class.flops());
        Self {
            gpu,
            options,
            pictures: None,
            building: None,
            training: None,
            commands: VecDeque::new(),
            events: Vec::new(),
            pacer,
            lost: false,
            eye: Eye::default(),
        }
    }

    /// The GPU it works on.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Puts a command at the end of the line.
    pub fn send(&mut self, command: Command) {
        self.commands.push_back(command);
    }

    /// Takes what has happened since the last call, in order.
    pub fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Kernel variants of networks built from now on.
    pub fn variants(&self) -> &Variants {
        &self.options.variants
    }

    /// Whether every command is carried out, and answered if it has an answer.
    pub fn is_settled(&self) -> bool {
        let free = self
            .training
            .as_ref()
            .is_none_or(|t| t.saving.is_none() && t.single_steps == 0 && !t.sliced.is_busy());
        self.commands.is_empty() && self.building.is_none() && free
    }

    /// Whether anything is under way.
    pub fn is_busy(&self) -> bool {
        !self.is_settled() || self.activity() == Activity::Busy
    }

    /// Does a piece of work without waiting.
    pub fn pump(&mut self) -> Activity {
        self.gpu.poll();
        self.pacer.observe(&self.gpu);
        if let Some(reason) = self.gpu.lost()
            && !self.lost
        {
            self.lost = true;
            self.events.push(Event::DeviceLost(reason));
        }
        if self.lost {
            self.commands.clear();
            return Activity::Idle;
        }
        for error in self.gpu.take_errors() {
            self.events.push(Event::Error(format!("the GPU refused a command: {error}")));
            if let Some(t) = &mut self.training {
                t.running = false;
                t.single_steps = 0;
            }
        }
        self.collect();
        self.collect_looks();
        while self.building.is_none()
            && let Some(command) = self.next_command()
        {
            self.carry_out(command);
        }
        if self.building.is_some() {
            self.build_on();
            return Activity::Busy;
        }
        self.drive();
        self.activity()
    }

    /// The command that may be carried out now, if any. What only looks need not wait for a step's end; any
    /// other command lets a step that is executed layer by layer run to its end first.
    fn next_command(&mut self) -> Option<Command> {
        let command = self.commands.front()?;
        let Some(t) = &mut self.training else { return self.commands.pop_front() };
        let now = match command {
            Command::Watch(_) | Command::Picture { .. } => true,
            Command::StepLayer if t.sliced.stepping => true,
            _ => {
                if !t.sliced.is_busy() {
                    t.sliced.stepping = false;
                }
                t.takes_commands()
            }
        };
        if now { self.commands.pop_front() } else { None }
    }

    fn activity(&self) -> Activity {
        let Some(t) = &self.training else { return Activity::Idle };
        let trainer = &t.trainer;
        let held = t.sliced.holds();
        let busy = self.wants_step(t)
            || (!trainer.at_boundary() && !held)
            || t.sliced.is_busy()
            || self.is_looking()
            || trainer.is_evaluating()
            || trainer.measured() < trainer.submitted()
            || t.saving.is_some()
            || !self.commands.is_empty();
        if busy { Activity::Busy } else { Activity::Idle }
    }

    fn wants_step(&self, t: &Training) -> bool {
        self.pictures.is_some() && !t.finished && !t.diverged && (t.running || t.single_steps > 0)
    }

    fn error(&mut self, message: impl Into<String>) {
        self.events.push(Event::Error(message.into()));
    }

    // ---- commands -------------------------------------------------------------------------------

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::LoadData(source) => self.load_data(source),
            Command::Build(build) => self.start_build(*build, None),
            Command::Load { name, bytes } => self.load_checkpoint(&name, &bytes),
            Command::Evaluate => self.start_evaluation(),
            Command::Watch(watch) => self.eye.set_watch(watch.map(|w| *w)),
            Command::Picture { name, side, rgba } => {
                if let Err(message) = self.eye.set_own(&self.gpu, side, &rgba) {
                    self.error(format!("{name}: {message}"));
                }
            }
            other => {
                let Some(t) = &mut self.training else {
                    self.error("there is no network yet; build one first");
                    return;
                };
                match other {
                    Command::Run | Command::Step | Command::StepLayer if self.pictures.is_none() => {
                        self.error("there are no pictures yet; load data first");
                    }
                    Command::Run | Command::Step | Command::StepLayer if t.diverged => {
                        self.error(
                            "training has diverged; stop it to start again, with a lower learning rate",
                        );
                    }
                    Command::Run | Command::Step | Command::StepLayer if t.finished => {
                        self.error("the run is complete; more epochs, or stop to start again");
                    }
                    Command::Run => {
                        t.sliced.stepper.clear();
                        t.running = true;
                    }
                    Command::StepLayer => {
                        t.running = false;
                        t.sliced.stepping = true;
                        t.sliced.layers += 1;
                    }
                    Command::Profile => t.sliced.profiler = Some(Profiler::default()),
                    Command::Step => {
                        t.sliced.stepper.clear();
                        t.running = false;
                        t.single_steps += 1;
                    }
                    Command::Pause => {
                        t.sliced.stepper.clear();
                        t.running = false;
                        t.single_steps = 0;
                    }
                    Command::Stop => {
                        t.trainer.restart(&self.gpu);
                        t.reset();
                        self.eye.forget();
                    }
                    Command::Set(change) => self.set(&change),
                    Command::SetAlpha { block, value } => {
                        if let Err(message) = t.trainer.set_alpha(&self.gpu, block, value) {
                            self.error(message);
                        }
                    }
                    Command::Save | Command::Keep => {
                        let step = t.trainer.submitted();
                        let download = t.trainer.net.download_state(&self.gpu);
                        t.saving = Some(Saving { step, download, kept: other == Command::Keep });
                    }
                    _ => {}
                }
            }
        }
    }

    fn load_data(&mut self, source: DataSource) {
        let loaded = match source {
            DataSource::Shapes10 { seed } => Ok(synthetic::shapes10(seed)),
            DataSource::Bytes { name, bytes } => {
                cifar::from_archive(&name, &bytes).map_err(|e| e.to_string())
            }
            DataSource::Dataset(data) => Ok(*data),
        };
        match loaded {
            Ok(data) => self.take_data(data),
            Err(message) => self.error(message),
        }
    }

    fn take_data(&mut self, data: Dataset) {
        if let Some(t) = &self.training
            && t.trainer.net.graph.spec.classes < data.classes.len()
        {
            let classes = t.trainer.net.graph.spec.classes;
            self.error(format!(
                "{} has {} classes, the network {classes}; build one with as many first",
                data.name,
                data.classes.len()
            ));
            return;
        }
        let info = DataInfo {
            name: data.name.clone(),
            classes: data.classes.clone(),
            train_images: data.train.len(),
            test_images: data.test.len(),
            class_counts: counts(&data.train.labels, data.classes.len()),
            samples: samples(&data.train.labels, data.classes.len()),
            notes: data.notes.clone(),
        };
        let pictures = Pictures {
            info: info.clone(),
            train: GpuSplit::upload(&self.gpu, &data.train),
            test: GpuSplit::upload(&self.gpu, &data.test),
            train_labels: data.train.labels,
            test_labels: data.test.labels,
        };
        self.eye.forget();
        if let Some(t) = &mut self.training {
            t.trainer.set_data(pictures.train.len);
        }
        self.pictures = Some(pictures);
        for note in &info.notes {
            self.events.push(Event::Warning(note.clone()));
        }
        self.events.push(Event::DataLoaded(info));
    }

    fn start_evaluation(&mut self) {
        let message = match (&mut self.training, &self.pictures) {
            (None, _) => Some("there is no network to evaluate; build one first".to_owned()),
            (_, None) => Some("there are no test pictures; load data first".to_owned()),
            (Some(t), Some(_)) if t.trainer.is_evaluating() => None,
            (Some(t), Some(p)) => t.trainer.begin_evaluation(&self.gpu, p.test.len).err(),
        };
        if let Some(message) = message {
            self.error(message);
        }
    }

    fn set(&mut self, change: &HyperChange) {
        let Some(t) = &mut self.training else { return };
        let mut recipe = t.trainer.recipe.clone();
        recipe.lr = change.lr.unwrap_or(recipe.lr);
        recipe.momentum = change.momentum.unwrap_or(recipe.momentum);
        recipe.nesterov = change.nesterov.unwrap_or(recipe.nesterov);
        recipe.weight_decay = change.weight_decay.unwrap_or(recipe.weight_decay);
        recipe.schedule = change.schedule.unwrap_or(recipe.schedule);
        recipe.augment = change.augment.unwrap_or(recipe.augment);
        if let Some(epochs) = change.epochs {
            recipe.epochs = epochs;
            recipe.steps = None;
        }
        match recipe.validate() {
            Ok(()) => {
                t.trainer.recipe = recipe;
                t.finished = t.trainer.measured() >= t.trainer.total_steps();
            }
            Err(e) => self.error(e.to_string()),
        }
    }

    // ---- building -------------------------------------------------------------------------------

    fn start_build(&mut self, build: Build, resume: Option<Box<Checkpoint>>) {
        if let Err(e) = build.recipe.validate() {
            self.error(e.to_string());
            return;
        }
        if let Some(p) = &self.pictures
            && p.info.classes.len() > build.spec.classes
        {
            let message = format!(
                "{} has {} classes, the network would have {}; it needs at least as many",
                p.info.name,
                p.info.classes.len(),
                build.spec.classes
            );
            self.error(message);
            return;
        }
        let variants = match &resume {
            Some(c) if !c.variants.is_empty() => match Variants::from_map(&c.variants) {
                Ok(v) => v,
                Err(e) => {
                    let text = format!("{e}; the run goes on with other kernels, so not bit for bit");
                    self.events.push(Event::Warning(text));
                    self.options.variants.clone()
                }
            },
            _ => self.options.variants.clone(),
        };
        let batch = build.recipe.batch;
        // Evaluation keeps no activations, so that larger batches fit; they change no result.
        let options =
            NetworkOptions { batch, eval_batch: batch.max(32), variants, budget: self.options.gpu_memory };
        match Prepared::new(&build.spec, options) {
            Ok(prepared) => {
                let kernels: Vec<String> =
                    prepared.kernels().into_iter().filter(|k| !self.gpu.has_kernel(k)).collect();
                self.building = Some(Box::new(Building {
                    build,
                    prepared: Some(prepared),
                    kernels,
                    compiled: 0,
                    resume,
                    allocated: None,
                    scopes: Vec::new(),
                }));
            }
            Err(e) => self.error(e.to_string()),
        }
    }

    /// Compiles some kernels; then allocates; then waits for the error scopes; then replaces the network.
    fn build_on(&mut self) {
        let Some(mut b) = self.building.take() else { return };
        let begin = Instant::now();
        if b.compiled < b.kernels.len() {
            while b.compiled < b.kernels.len() && begin.elapsed() < COMPILE_SLICE {
                let name = b.kernels[b.compiled].clone();
                let scope = self.gpu.device.push_error_scope(wgpu::ErrorFilter::Validation);
                self.gpu.kernel(&name);
                b.scopes.push((name, Box::pin(scope.pop())));
                b.compiled += 1;
            }
            self.events.push(Event::Compiling { done: b.compiled, of: b.kernels.len() });
            self.building = Some(b);
            return;
        }
        while let Some((name, scope)) = b.scopes.last_mut() {
            match poll_now(scope) {
                None => {
                    self.building = Some(b);
                    return;
                }
                Some(Some(e)) => {
                    self.gpu.forget_kernel(name);
                    let message = format!("the kernel {name} does not compile on this adapter: {e}");
                    self.error(message);
                    return;
                }
                Some(None) => {
                    b.scopes.pop();
                }
            }
        }
        if let Some(prepared) = b.prepared.take() {
            let scope = self.gpu.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
            let network = prepared.allocate(&self.gpu);
            b.allocated = Some((network, Box::pin(scope.pop())));
        }
        let Some((network, mut scope)) = b.allocated.take() else { return };
        match poll_now(&mut scope) {
            None => {
                b.allocated = Some((network, scope));
                self.building = Some(b);
            }
            Some(Some(_)) => {
                let need = network.total_bytes() >> 20;
                self.error(format!(
                    "the GPU is out of memory: {} at batch {} needs {need} MiB; a smaller batch or network may fit",
                    b.build.name, b.build.recipe.batch
                ));
            }
            Some(None) => self.finish_build(*b, network),
        }
    }

    fn finish_build(&mut self, b: Building, network: Network) {
        let images = self.pictures.as_ref().map_or(1, |p| p.train.len);
        let mut trainer = Trainer::new(&self.gpu, network, b.build.recipe, images);
        if let Some(p) = &self.pictures {
            let batch = trainer.recipe.batch.min(images);
            let recipe = trainer.recipe.clone();
            if let Err(e) = trainer.net.make_plan(&self.gpu, Mode::Train, batch, Some(&p.train), &recipe) {
                self.error(e.to_string());
                return;
            }
        }
        let mut resumed = None;
        let mut batches_before = 0;
        if let Some(checkpoint) = b.resume {
            batches_before = checkpoint.batches_tracked.saturating_sub(checkpoint.step);
            trainer.net.upload(&self.gpu, &checkpoint.state);
            trainer.continue_at(checkpoint.step);
            resumed = Some(checkpoint.step);
            if !checkpoint.adapter.is_empty() && checkpoint.adapter != self.adapter_id() {
                self.events.push(Event::Warning(format!(
                    "the checkpoint was made on {}, this is {}: the run goes on, but not bit for bit",
                    checkpoint.adapter,
                    self.adapter_id()
                )));
            }
        }
        let mut training = Training::new(b.build.name, trainer);
        training.finished = training.trainer.submitted() >= training.trainer.total_steps();
        // A run saved at an epoch's end was evaluated there.
        training.evaluated_at = resumed;
        training.batches_before = batches_before;
        self.training = Some(training);
        self.eye.forget();
        if let Some(info) = self.model_info() {
            self.events.push(Event::Built(Box::new(info)));
        }
        if let Some(step) = resumed {
            self.events.push(Event::Loaded { step });
        }
    }

    fn load_checkpoint(&mut self, name: &str, bytes: &[u8]) {
        let fallback = self.training.as_ref().map(|t| t.trainer.net.graph.spec.clone());
        match checkpoint::decode(bytes, fallback.as_ref()) {
            Ok(decoded) => {
                for note in decoded.notes {
                    self.events.push(Event::Warning(format!("{name}: {note}")));
                }
                let c = decoded.checkpoint;
                let build = Build { name: c.name.clone(), spec: c.spec.clone(), recipe: c.recipe.clone() };
                self.start_build(build, Some(Box::new(c)));
            }
            Err(e) => self.error(format!("{name}: {e}")),
        }
    }

    /// Adapter and driver, as recorded in checkpoints.
    fn adapter_id(&self) -> String {
        let f = &self.gpu.facts;
        format!("{} ({}, {})", f.name, f.backend, f.driver)
    }

    // ---- steps ----------------------------------------------------------------------------------

    /// Takes what has arrived from the GPU.
    fn collect(&mut self) {
        let Some(t) = &mut self.training else { return };
        let measured = match t.trainer.collect(&self.gpu) {
            Ok(list) => list,
            Err(message) => {
                self.error(message);
                return;
            }
        };
        let now = Instant::now();
        for m in measured {
            if t.diverged {
                continue;
            }
            let images = f64::from(m.record.images);
            t.epoch_sums.0 += f64::from(m.record.loss) * images;
            t.epoch_sums.1 += f64::from(m.record.accuracy) * images;
            t.epoch_sums.2 += images;
            // Records that arrive together are one point in time.
            match t.speed.back_mut() {
                Some((at, images)) if *at == now => *images += m.record.images,
                _ => t.speed.push_back((now, m.record.images)),
            }
            t.last = Some(m.record.clone());
            let (step, epoch) = (m.record.step, m.record.epoch);
            self.events.push(Event::Step(Box::new(m.record)));
            if let Some(what) = m.not_finite {
                t.diverged = true;
                t.running = false;
                t.single_steps = 0;
                self.events.push(Event::Diverged { step, what });
                continue;
            }
            if m.ends_epoch {
                let (loss, right, n) = std::mem::take(&mut t.epoch_sums);
                self.events.push(Event::EpochEnd {
                    epoch,
                    mean_loss: (loss / n) as f32,
                    mean_accuracy: (right / n) as f32,
                });
            }
        }
        while t.speed.len() > 2 && t.speed.front().is_some_and(|(at, _)| now - *at > SPEED_WINDOW) {
            t.speed.pop_front();
        }
        // Only when all steps before it are told of.
        if t.trainer.measured() == t.trainer.submitted() {
            let step = t.trainer.submitted();
            match t.trainer.collect_evaluation() {
                Some(Ok(r)) => {
                    let evaluation =
                        Evaluation { step, accuracy: r.accuracy, loss: r.loss, images: r.images };
                    t.evaluation = Some(evaluation);
                    let labels = self.pictures.as_ref().map_or(&[][..], |p| &p.test_labels);
                    t.test = Some(watching::test_detail(step, labels, &r));
                    t.evaluated_at = Some(step);
                    self.events.push(Event::Evaluated(evaluation));
                }
                Some(Err(message)) => self.events.push(Event::Error(message)),
                None => {}
            }
        }
        let complete = t.trainer.measured() >= t.trainer.total_steps();
        if complete && !t.finished && !t.diverged && !t.trainer.is_evaluating() {
            let tested = self.pictures.as_ref().is_some_and(|p| !p.test.is_empty());
            let due = self.options.evaluate_epochs && tested && t.evaluated_at != Some(t.trainer.submitted());
            if !due {
                t.finished = true;
                t.running = false;
                t.single_steps = 0;
                self.events.push(Event::Finished);
            }
        }
        if t.saving.as_ref().is_some_and(|s| s.download.is_ready())
            && let Some(Saving { step, download, kept }) = t.saving.take()
        {
            match t.trainer.net.decode_state(download) {
                Ok(state) => self.save(step, state, kept),
                Err(message) => self.error(message),
            }
        }
    }

    fn save(&mut self, step: u64, state: NetworkState, kept: bool) {
        let adapter = self.adapter_id();
        let Some(t) = &self.training else { return };
        let mut spec = t.trainer.net.graph.spec.clone();
        if t.trainer.alphas.iter().enumerate().any(|(b, a)| *a != spec.alpha.of(b)) {
            spec.alpha = crate::model::Alpha::PerBlock(t.trainer.alphas.clone());
        }
        let checkpoint = Checkpoint {
            name: t.name.clone(),
            spec,
            recipe: t.trainer.recipe.clone(),
            step,
            train_images: self.pictures.as_ref().map_or(0, |p| p.info.train_images),
            data: self.pictures.as_ref().map_or_else(String::new, |p| p.info.name.clone()),
            variants: t.trainer.net.variants.as_map().clone(),
            adapter,
            state,
            batches_tracked: t.batches_before + step,
        };
        match checkpoint::encode(&checkpoint) {
            Ok(bytes) if kept => self.events.push(Event::Kept { step, bytes }),
            Ok(bytes) => self.events.push(Event::Saved { step, bytes }),
            Err(e) => self.error(e.to_string()),
        }
    }

    /// Submits slices while the GPU has room for them.
    fn drive(&mut self) {
        if self.drive_slices() {
            if self.training.as_ref().is_some_and(|t| t.sliced.holds()) && self.pacer.may_submit(&self.gpu) {
                self.look();
            }
            return;
        }
        while self.pacer.may_submit(&self.gpu) {
            if self.look() {
                continue;
            }
            let Some(pictures) = &self.pictures else { return };
            let Some(t) = &mut self.training else { return };
            if t.trainer.at_boundary() {
                if t.saving.is_some() {
                    return;
                }
                match t.next_pass(&self.gpu, pictures, self.options.evaluate_epochs, self.commands.is_empty())
                {
                    Ok(true) => {
                        if t.sliced.profiler.is_some() && !t.trainer.is_evaluating() {
                            t.profiling = true;
                            return;
                        }
                    }
                    Ok(false) => return,
                    Err(message) => {
                        t.running = false;
                        t.single_steps = 0;
                        self.events.push(Event::Error(message));
                        return;
                    }
                }
            }
            let work = t.trainer.advance(&self.gpu, self.pacer.slice());
            self.pacer.submitted(work);
        }
    }

    // ---- looking --------------------------------------------------------------------------------

    fn gpu_bytes(&self) -> u64 {
        let pictures = self.pictures.as_ref().map_or(0, |p| p.train.bytes + p.test.bytes);
        pictures + self.training.as_ref().map_or(0, |t| t.trainer.net.total_bytes())
    }

    fn model_info(&self) -> Option<ModelInfo> {
        let t = self.training.as_ref()?;
        let net = &t.trainer.net;
        let batch = self.pictures.as_ref().map_or(net.batch, |p| net.batch.min(p.train.len));
        Some(ModelInfo {
            name: t.name.clone(),
            spec: net.graph.spec.clone(),
            recipe: t.trainer.recipe.clone(),
            parameters: net.graph.parameter_count(),
            macs: net.graph.macs(),
            gpu_bytes: self.gpu_bytes(),
            dispatches: net.plan(Mode::Train, batch).map_or(0, |p| p.items.len()),
            variants: net.variants.as_map().clone(),
            param_names: net.graph.params.iter().map(|p| p.name.clone()).collect(),
            block_names: net.graph.blocks.iter().map(|b| b.name.clone()).collect(),
        })
    }

    /// What it is doing: a snapshot's `phase` without the rest.
    pub fn phase(&self) -> Phase {
        if self.lost {
            return Phase::Lost;
        }
        if self.building.is_some() {
            return Phase::Compiling;
        }
        match &self.training {
            None => Phase::Empty,
            Some(t) if t.diverged => Phase::Diverged,
            Some(t) if t.trainer.is_evaluating() => Phase::Evaluating,
            Some(t) if t.finished => Phase::Finished,
            Some(t) if t.sliced.stepping => Phase::Idle,
            Some(t) if self.wants_step(t) || !t.trainer.at_boundary() => Phase::Running,
            Some(_) => Phase::Idle,
        }
    }

    /// Names of network and pictures; empty where there are none.
    pub fn names(&self) -> (String, String) {
        let network = self.training.as_ref().map_or_else(String::new, |t| t.name.clone());
        (network, self.pictures.as_ref().map_or_else(String::new, |p| p.info.name.clone()))
    }

    /// Steps done and measured: a snapshot's `step` without the rest.
    pub fn measured_steps(&self) -> u64 {
        self.training.as_ref().map_or(0, |t| t.trainer.measured())
    }

    /// The state right now.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot {
            phase: self.phase(),
            compiling: self.building.as_ref().map(|b| (b.compiled, b.kernels.len())),
            adapter: self.gpu.facts.name.clone(),
            data: self.pictures.as_ref().map(|p| p.info.clone()),
            model: self.model_info(),
            gpu_bytes: self.gpu_bytes(),
            ..Snapshot::default()
        };
        if let Some(t) = &self.training {
            let per_epoch = t.trainer.steps_per_epoch().max(1);
            snapshot.step = t.trainer.measured();
            snapshot.total_steps = t.trainer.total_steps();
            snapshot.epochs = snapshot.total_steps.div_ceil(per_epoch) as u32;
            snapshot.epoch = ((snapshot.step / per_epoch) as u32).min(snapshot.epochs.saturating_sub(1));
            snapshot.last.clone_from(&t.last);
            snapshot.evaluation = t.evaluation;
            snapshot.images_per_s = t.images_per_s();
            snapshot.ring_waits = t.trainer.ring_waits;
        }
        self.show(&mut snapshot);
        snapshot
    }
}

impl Training {
    fn new(name: String, trainer: Trainer) -> Self {
        Self {
            name,
            trainer,
            running: false,
            single_steps: 0,
            finished: false,
            diverged: false,
            last: None,
            evaluation: None,
            evaluated_at: None,
            batches_before: 0,
            epoch_sums: (0.0, 0.0, 0.0),
            saving: None,
            speed: VecDeque::new(),
            test: None,
            sliced: Sliced::default(),
            profiling: false,
        }
    }

    /// Whether a command may be carried out now: between steps, and after those that were asked for.
    fn takes_commands(&self) -> bool {
        self.trainer.at_boundary() && self.saving.is_none() && self.single_steps == 0
    }

    /// As after building: nothing trained, nothing measured.
    fn reset(&mut self) {
        self.running = false;
        self.single_steps = 0;
        self.finished = false;
        self.diverged = false;
        self.last = None;
        self.evaluation = None;
        self.test = None;
        self.sliced.stepper.clear();
        self.evaluated_at = None;
        self.batches_before = 0;
        self.epoch_sums = (0.0, 0.0, 0.0);
        self.speed.clear();
    }

    /// Images a second between the first and the last record of the window.
    fn images_per_s(&self) -> Option<f32> {
        let (first, last) = (self.speed.front()?, self.speed.back()?);
        let seconds = (last.0 - first.0).as_secs_f32();
        let images: u32 = self.speed.iter().filter(|(at, _)| *at > first.0).map(|(_, n)| n).sum();
        // Records that arrive one right after the other say nothing about how long a step takes.
        (seconds > SPEED_LEAST).then(|| images as f32 / seconds)
    }

    /// Begins whatever comes next; false if there is nothing to submit now.
    fn next_pass(&mut self, gpu: &Gpu, p: &Pictures, evaluate: bool, free: bool) -> Result<bool, String> {
        if self.trainer.is_evaluating() {
            return self.trainer.begin_eval_batch(gpu, &p.test).map_err(|e| e.to_string());
        }
        let done = self.trainer.submitted();
        let complete = done >= self.trainer.total_steps();
        let wanted = self.running || self.single_steps > 0 || complete;
        // A waiting command comes before the next step, unless it waits for that step.
        let held_up = !free && self.single_steps == 0;
        if held_up || self.finished || self.diverged || !wanted {
            return Ok(false);
        }
        let epoch_over = done > 0 && done.is_multiple_of(self.trainer.steps_per_epoch());
        if evaluate && (epoch_over || complete) && self.evaluated_at != Some(done) && !p.test.is_empty() {
            self.evaluated_at = Some(done);
            self.trainer.begin_evaluation(gpu, p.test.len)?;
            return self.trainer.begin_eval_batch(gpu, &p.test).map_err(|e| e.to_string());
        }
        if complete {
            return Ok(false);
        }
        let begun = self.trainer.begin_step(gpu, &p.train).map_err(|e| e.to_string())?;
        if begun {
            self.single_steps = self.single_steps.saturating_sub(1);
        }
        Ok(begun)
    }
}
