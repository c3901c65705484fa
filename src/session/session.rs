//! [`Session`]: the loop behind every door.
//!
//! `pump` does what can be done without waiting and returns: it compiles a kernel or two, or submits a
//! slice of the step under way, and takes what the GPU has finished. Commands are carried out in order,
//! between steps. The same code runs natively and in the browser.

use super::protocol::{Command, DataInfo, Event, ModelInfo, Phase, Snapshot};
use crate::data::Split;
use crate::engine::DEFAULT_BUDGET;
use crate::engine::dataset::GpuSplit;
use crate::engine::variants::Variants;
use crate::gpu::{Gpu, Pacer};
use crate::model::Block;
use crate::probe::Eye;
use crate::train::engine::{EngineKind, Source};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

mod building;
mod commands;
mod experimenting;
mod past;
mod racing;
mod showing;
mod steps;
mod training;
mod watching;

use building::Building;
use experimenting::Experimenting;
use racing::Racing;
use training::Training;

/// What a session may use, and how it shares the GPU.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Bytes of GPU memory that a network may take.
    pub gpu_memory: u64,
    /// Seconds of work submitted at a time: short where a window shares the GPU, long in a terminal.
    pub slice_seconds: f64,
    /// Kernel variants of networks built from now on; what suits the adapter if none are given.
    pub variants: Option<Variants>,
    /// Go through the test split after each epoch and at the end of a run.
    pub evaluate_epochs: bool,
    /// Keep moments of a run that can be looked back at, on up to a quarter of the memory that the network leaves.
    pub keep_past: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            gpu_memory: DEFAULT_BUDGET,
            slice_seconds: 0.02,
            variants: None,
            evaluate_epochs: true,
            keep_past: true,
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
    /// Both splits in memory, where an engine is built in that takes its pictures from there.
    host: Option<(Arc<Split>, Arc<Split>)>,
}

impl Pictures {
    fn train(&self) -> Source<'_> {
        Source { gpu: &self.train, host: self.host.as_ref().map(|h| &h.0) }
    }

    fn test(&self) -> Source<'_> {
        Source { gpu: &self.test, host: self.host.as_ref().map(|h| &h.1) }
    }
}

/// One network, one data set, one GPU.
pub struct Session {
    gpu: Gpu,
    options: SessionOptions,
    variants: Variants,
    /// Of networks built from now on.
    engine: EngineKind,
    pictures: Option<Pictures>,
    building: Option<Box<Building>>,
    training: Option<Training>,
    commands: VecDeque<Command>,
    events: Vec<Event>,
    pacer: Pacer,
    lost: bool,
    makes_way: bool,
    eye: Eye,
    racing: Racing,
    experimenting: Experimenting,
}

impl Session {
    /// A session without pictures or network.
    pub fn new(gpu: Gpu, options: SessionOptions) -> Self {
        let variants = options.variants.clone().unwrap_or_else(|| Variants::for_adapter(&gpu.facts));
        let pacer = Pacer::new(options.slice_seconds, gpu.facts.class.flops());
        Self {
            gpu,
            options,
            variants,
            engine: EngineKind::Own,
            pictures: None,
            building: None,
            training: None,
            commands: VecDeque::new(),
            events: Vec::new(),
            pacer,
            lost: false,
            makes_way: false,
            eye: Eye::default(),
            racing: Racing::default(),
            experimenting: Experimenting::default(),
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
        &self.variants
    }

    /// Takes over which kernels were found to be fastest on this adapter before ([`Variants::picks`]).
    pub fn remember(&mut self, picks: &BTreeMap<String, String>) {
        self.variants.remember(picks);
    }

    /// Whether every command is carried out, and answered if it has an answer.
    pub fn is_settled(&self) -> bool {
        let free = self
            .training
            .as_ref()
            .is_none_or(|t| t.reading.is_none() && t.single_steps == 0 && !t.sliced.is_busy());
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
            self.racing.end();
            self.experimenting.stop(Some(format!("the GPU refused a command: {error}")));
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
        if self.makes_way {
            return self.activity();
        }
        if self.racing.is_under_way() {
            self.race_on();
        } else if self.experimenting.is_under_way() {
            self.experiment_on();
        } else {
            self.drive();
        }
        self.activity()
    }

    /// Whether from now on the GPU is left to others: commands are carried out and measurements taken in, but
    /// nothing is trained, raced or looked at.
    pub fn make_way(&mut self, yes: bool) {
        self.makes_way = yes;
    }

    /// The command that may be carried out now, if any. What only looks need not wait for a step's end; any
    /// other command lets a step that is executed layer by layer run to its end first.
    fn next_command(&mut self) -> Option<Command> {
        let command = self.commands.front()?;
        let elsewhere = self.racing.is_under_way() || self.experimenting.is_under_way();
        let Some(t) = &mut self.training else { return self.commands.pop_front() };
        if matches!(command, Command::LookBack { step: Some(_) })
            && !elsewhere
            && self.pictures.is_some()
            && t.past.then().is_none()
            && t.engine.own().is_some()
        {
            // No further step: the present is looked at once more, to be compared with.
            t.running = false;
            if t.takes_commands() && self.eye.owes_present(t.engine.submitted()) {
                return None;
            }
        }
        let now = match command {
            Command::Watch(_) | Command::Picture { .. } => true,
            // They are about something else than training, which may be waiting for them.
            Command::OperateLane { .. } | Command::StopRace | Command::StopExperiment => true,
            Command::Slope { .. } => true,
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
        if self.racing.is_under_way() || self.experimenting.is_under_way() {
            return Activity::Busy;
        }
        let Some(t) = &self.training else { return Activity::Idle };
        let engine = &t.engine;
        let held = t.sliced.holds();
        let busy = self.wants_step(t)
            || (!engine.at_boundary() && !held)
            || t.sliced.is_busy()
            || self.is_looking()
            || engine.is_evaluating()
            || engine.measured() < engine.submitted()
            || t.reading.is_some()
            || !self.commands.is_empty();
        if busy { Activity::Busy } else { Activity::Idle }
    }

    fn wants_step(&self, t: &Training) -> bool {
        self.pictures.is_some()
            && t.past.then().is_none()
            && !t.finished
            && !t.diverged
            && (t.running || t.single_steps > 0)
    }

    fn error(&mut self, message: impl Into<String>) {
        self.events.push(Event::Error(message.into()));
    }

    fn gpu_bytes(&self) -> u64 {
        let pictures = self.pictures.as_ref().map_or(0, |p| p.train.bytes + p.test.bytes);
        pictures + self.training.as_ref().map_or(0, Training::gpu_bytes)
    }

    fn model_info(&self) -> Option<ModelInfo> {
        let t = self.training.as_ref()?;
        let graph = t.engine.graph();
        let images = self.pictures.as_ref().map_or(usize::MAX, |p| p.train.len);
        Some(ModelInfo {
            name: t.name.clone(),
            spec: graph.spec.clone(),
            recipe: t.engine.recipe().clone(),
            parameters: graph.parameter_count(),
            macs: graph.macs(),
            gpu_bytes: self.gpu_bytes(),
            dispatches: t.engine.dispatches(images),
            variants: t.engine.variants(),
            param_names: graph.params.iter().map(|p| p.name.clone()).collect(),
            block_names: graph.blocks.iter().map(|b| b.name.clone()).collect(),
            reshapes: graph.blocks.iter().map(Block::reshapes).collect(),
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
            Some(t) if t.engine.is_evaluating() => Phase::Evaluating,
            Some(t) if t.finished => Phase::Finished,
            Some(t) if t.sliced.stepping => Phase::Idle,
            Some(t) if self.wants_step(t) || !t.engine.at_boundary() => Phase::Running,
            Some(_) => Phase::Idle,
        }
    }

    /// Whether a race is under way.
    pub fn is_racing(&self) -> bool {
        self.racing.is_under_way()
    }

    /// Whether an experiment is under way.
    pub fn is_experimenting(&self) -> bool {
        self.experimenting.is_under_way()
    }

    /// Whether a step is being executed layer by layer and stands somewhere.
    pub fn is_stepping(&self) -> bool {
        self.training.as_ref().is_some_and(|t| t.sliced.stepping)
    }

    /// Names of network and pictures; empty where there are none.
    pub fn names(&self) -> (String, String) {
        let network = self.training.as_ref().map_or_else(String::new, |t| t.name.clone());
        (network, self.pictures.as_ref().map_or_else(String::new, |p| p.info.name.clone()))
    }

    /// Steps done and measured: a snapshot's `step` without the rest.
    pub fn measured_steps(&self) -> u64 {
        self.training.as_ref().map_or(0, |t| t.engine.measured())
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
            snapshot.engine = t.engine.kind();
            let per_epoch = t.engine.steps_per_epoch().max(1);
            snapshot.step = t.engine.measured();
            snapshot.total_steps = t.engine.total_steps();
            snapshot.epochs = snapshot.total_steps.div_ceil(per_epoch) as u32;
            snapshot.epoch = ((snapshot.step / per_epoch) as u32).min(snapshot.epochs.saturating_sub(1));
            snapshot.last = t.shown_record().cloned();
            snapshot.evaluation = t.past.then().map_or(t.evaluation, |m| m.evaluation);
            snapshot.then = t.past.then().map(|m| m.step);
            snapshot.moments = t.past.steps(snapshot.step);
            snapshot.images_per_s = t.images_per_s();
            snapshot.ring_waits = t.engine.ring_waits();
            snapshot.alphas = t.engine.gates().iter().map(|g| g.alpha).collect();
            snapshot.betas = t.engine.gates().iter().map(|g| g.beta).collect();
            snapshot.surgeries = t.engine.surgeries().done().to_vec();
            snapshot.can_undo_alpha = t.engine.surgeries().can_undo();
        }
        snapshot.race.clone_from(&self.racing.view);
        snapshot.experiment.clone_from(&self.experimenting.view);
        self.show(&mut snapshot);
        snapshot
    }
}
