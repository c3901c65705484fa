//! Carrying out commands between steps: pictures, hyperparameters, running and stopping.

use super::super::protocol::{Command, DataInfo, DataSource, Event, HyperChange};
use super::training::Reading;
use super::watching::ONLY_OWN;
use super::{Pictures, Session};
use crate::data::{Dataset, cifar, synthetic};
use crate::engine::NetworkState;
use crate::engine::dataset::GpuSplit;
use crate::probe::Profiler;
use crate::train::engine::EngineKind;
use crate::train::{Change, Recipe, Schedule, Whom};
use std::sync::Arc;

/// Pictures of each class that a window may show as its examples.
const SAMPLES: usize = 10;

impl Session {
    pub(super) fn carry_out(&mut self, command: Command) {
        match command {
            Command::LoadData(source) => self.load_data(source),
            Command::Engine(kind) => match kind.check() {
                Ok(kind) => self.engine = kind,
                Err(message) => self.error(message),
            },
            Command::Build(build) => self.start_build(*build, None),
            Command::Load { name, bytes } => self.load_checkpoint(&name, &bytes),
            Command::Race(setup) => self.start_race(*setup),
            Command::OperateLane { lane, whom, change } => self.operate_lane(lane, whom, change),
            Command::StopRace => self.racing.stop(),
            Command::ResumeRace => self.resume_race(),
            Command::Experiment(experiment) => self.start_experiment(*experiment),
            Command::StopExperiment => self.experimenting.stop(None),
            Command::ResumeExperiment => self.resume_experiment(),
            Command::Slope { parameter, index } => self.ask_slope(&parameter, index),
            Command::Evaluate => self.start_evaluation(),
            Command::LookBack { step } if self.training.is_some() => self.look_back(step),
            Command::Branch if self.training.is_some() => self.branch(),
            Command::Watch(watch) => {
                self.racing.watch(watch.as_deref());
                self.eye.set_watch(watch.map(|w| *w));
            }
            Command::Picture { name, side, rgba } => {
                let taken = self.eye.set_own(&self.gpu, side, &rgba);
                if let Err(message) = taken.and_then(|()| self.racing.set_own(&self.gpu, side, &rgba)) {
                    self.error(format!("{name}: {message}"));
                }
            }
            Command::Save if self.training.is_some() => self.begin_saving(false),
            Command::Keep if self.training.is_some() => self.begin_saving(true),
            other => {
                // All of these are about the present.
                self.return_to_present();
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
                    Command::StepLayer | Command::Profile if t.engine.own().is_none() => self.error(ONLY_OWN),
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
                        t.engine.restart(&self.gpu);
                        t.reset();
                        self.eye.forget();
                    }
                    Command::Set(change) => self.set(&change),
                    Command::SetAlpha { whom, alpha } => self.operate(whom, Change::Set(alpha)),
                    Command::RestoreAlpha { whom } => self.operate(whom, Change::Restore),
                    Command::SetBranch { whom, beta } => self.operate(whom, Change::Branch(beta)),
                    Command::SwapBlocks { block, with } => {
                        self.operate(Whom::Block(block), Change::Swap(with));
                    }
                    Command::ScrambleBlock { block } => {
                        let seed = t.engine.recipe().seed;
                        self.operate(Whom::Block(block), Change::Scramble(seed));
                    }
                    Command::UndoAlpha => self.operate(Whom::Network, Change::Undo),
                    _ => {}
                }
            }
        }
    }

    fn operate(&mut self, whom: Whom, change: Change) {
        let Some(t) = &self.training else { return };
        let edit = match t.engine.surgeries().edit(t.engine.graph(), whom, change) {
            Ok(edit) => edit,
            Err(message) => return self.error(message),
        };
        // Before and after can be compared.
        self.keep_moment(true);
        let Some(t) = &mut self.training else { return };
        if edit.is_some() {
            t.engine.begin_reading(&self.gpu);
            t.reading = Some(Reading::Operate(whom, change));
        } else {
            self.operated(whom, change, None);
        }
    }

    /// Does it, to `state` as well where that was asked for.
    pub(super) fn operated(&mut self, whom: Whom, change: Change, state: Option<&mut NetworkState>) {
        let Some(t) = &mut self.training else { return };
        let edits = state.is_some();
        match t.engine.operate(&self.gpu, whom, change, state) {
            Ok(surgery) => {
                // What was measured is of the network before.
                t.evaluated_at = None;
                if edits || !t.running {
                    self.eye.look_anew();
                }
                self.events.push(Event::Operated(surgery));
                // Half of the test split before it and half after it would be no measurement of either network.
                if self.training.as_ref().is_some_and(|t| t.engine.is_evaluating()) {
                    self.evaluate_anew();
                }
            }
            Err(message) => self.error(message),
        }
    }

    pub(super) fn load_data(&mut self, source: DataSource) {
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

    pub(super) fn take_data(&mut self, data: Dataset) {
        if let Some(t) = &self.training
            && t.engine.graph().spec.classes < data.classes.len()
        {
            let classes = t.engine.graph().spec.classes;
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
        self.forget_stopped();
        let pictures = Pictures {
            info: info.clone(),
            train: GpuSplit::upload(&self.gpu, &data.train),
            test: GpuSplit::upload(&self.gpu, &data.test),
            train_labels: data.train.labels.clone(),
            test_labels: data.test.labels.clone(),
            host: EngineKind::Burn.is_built_in().then(|| (Arc::new(data.train), Arc::new(data.test))),
        };
        self.return_to_present();
        self.eye.forget();
        if let Some(t) = &mut self.training {
            if t.engine.submitted() > 0 {
                t.unrepeatable.get_or_insert("a change of pictures while it trained");
            }
            t.past.other_pictures();
            t.engine.set_data(pictures.train.len);
        }
        self.pictures = Some(pictures);
        for note in &info.notes {
            self.events.push(Event::Warning(note.clone()));
        }
        self.events.push(Event::DataLoaded(info));
    }

    pub(super) fn start_evaluation(&mut self) {
        if self.training.as_ref().is_none_or(|t| !t.engine.is_evaluating()) {
            self.evaluate_anew();
        }
    }

    /// Goes through the test split from its beginning.
    fn evaluate_anew(&mut self) {
        let message = match (&mut self.training, &self.pictures) {
            (None, _) => Some("there is no network to evaluate; build one first".to_owned()),
            (_, None) => Some("there are no test pictures; load data first".to_owned()),
            (Some(t), Some(p)) => t.engine.begin_evaluation(&self.gpu, p.test.len).err(),
        };
        if let Some(message) = message {
            self.error(message);
        }
    }

    pub(super) fn set(&mut self, change: &HyperChange) {
        let Some(t) = &mut self.training else { return };
        let mut recipe = t.engine.recipe().clone();
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
                let before = t.engine.recipe();
                // Where the rate does not depend on the run's length, more of it changes nothing of what there is.
                let longer = Recipe { epochs: recipe.epochs, steps: recipe.steps, ..before.clone() };
                let same = longer == recipe && recipe.schedule == Schedule::Constant;
                if t.engine.submitted() > 0 && *before != recipe && !same {
                    t.unrepeatable.get_or_insert("a setting that was changed while it trained");
                }
                t.engine.set_recipe(recipe);
                t.finished = t.engine.measured() >= t.engine.total_steps();
            }
            Err(e) => self.error(e.to_string()),
        }
    }
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
