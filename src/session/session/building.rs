//! A network on its way: laid out, its kernels compiled a few at a time, allocated, given its weights.

use super::super::protocol::{Build, Event};
use super::Session;
use super::training::Training;
use crate::checkpoint::{self, Checkpoint};
use crate::engine::program::Mode;
use crate::engine::variants::Variants;
use crate::engine::{Network, NetworkOptions, Prepared, Tuning};
use crate::engines;
use crate::train::Init;
use crate::train::engine::{Engine, EngineKind, Own};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use web_time::{Duration, Instant};

/// How long one `pump` may compile kernels.
const COMPILE_SLICE: Duration = Duration::from_millis(12);

pub(super) type ScopeResult = Pin<Box<dyn Future<Output = Option<wgpu::Error>>>>;

/// A network on its way.
pub(super) struct Building {
    pub build: Build,
    pub prepared: Option<Prepared>,
    /// Which kernels are fastest here, while that is found out.
    pub tuning: Option<Tuning>,
    pub kernels: Vec<String>,
    pub compiled: usize,
    /// Weights and step to continue from.
    pub resume: Option<Box<Checkpoint>>,
    /// Allocated, while the out-of-memory scope has not answered yet.
    pub allocated: Option<(Network, ScopeResult)>,
    /// Error scopes of compiled kernels.
    pub scopes: Vec<(String, ScopeResult)>,
}

/// Asks a future for its result without waiting.
pub(super) fn poll_now(scope: &mut ScopeResult) -> Option<Option<wgpu::Error>> {
    match scope.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

impl Session {
    pub(super) fn start_build(&mut self, build: Build, resume: Option<Box<Checkpoint>>) {
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
        if build.recipe.init == Init::Fixup && resume.is_none() {
            if !build.spec.is_residual() {
                self.error(
                    "Fixup starts every branch at zero, so that without skips nothing gets through and nothing is \
                     ever learnt; take a residual network, or another initialisation",
                );
                return;
            }
            if build.spec.batch_norm {
                let text =
                    "Fixup was made for networks without batch norm, which blows up what starts at zero";
                self.events.push(Event::Warning(text.into()));
            }
        }
        if self.engine != EngineKind::Own {
            let (images, memory) = (self.train_images(), self.options.gpu_memory);
            match engines::another(self.engine, &self.gpu, &build.spec, &build.recipe, images, memory) {
                Ok(engine) => self.finish_build(build.name, engine, resume),
                Err(message) => self.error(message),
            }
            return;
        }
        self.lay_out(build, resume);
    }

    fn lay_out(&mut self, build: Build, resume: Option<Box<Checkpoint>>) {
        let variants = match &resume {
            Some(c) if !c.variants.is_empty() => match Variants::from_map(&c.variants) {
                Ok(v) => {
                    let mut v = v.on(&self.gpu.facts);
                    // What a run was computed by holds; what it says nothing about may be known here.
                    let its_own = v.picks();
                    v.remember(&self.variants.picks());
                    v.remember(&its_own);
                    v
                }
                Err(e) => {
                    let text = format!("{e}; the run goes on with other kernels, so not bit for bit");
                    self.events.push(Event::Warning(text));
                    self.variants.clone()
                }
            },
            _ => self.variants.clone(),
        };
        let batch = build.recipe.batch;
        // What is wrong with a network is said below.
        let tuning = Tuning::new(&build.spec, &variants, batch).ok();
        let variants = tuning.as_ref().map_or(variants, |t| t.variants().clone());
        // Evaluation keeps no activations, so that larger batches fit; they change no result.
        let options =
            NetworkOptions { batch, eval_batch: batch.max(32), variants, budget: self.options.gpu_memory };
        match Prepared::new(&build.spec, options) {
            Ok(prepared) => {
                self.forget_stopped();
                let kernels: Vec<String> =
                    prepared.kernels().into_iter().filter(|k| !self.gpu.has_kernel(k)).collect();
                self.building = Some(Box::new(Building {
                    build,
                    prepared: Some(prepared),
                    tuning: tuning.filter(|t| t.progress().1 > 0),
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
    pub(super) fn build_on(&mut self) {
        let Some(mut b) = self.building.take() else { return };
        if let Some(tuning) = &mut b.tuning {
            match tuning.pump(&self.gpu) {
                Ok(None) => {
                    let (done, of) = tuning.progress();
                    self.events.push(Event::Compiling { done, of });
                    self.building = Some(b);
                }
                Ok(Some(picked)) => {
                    self.variants.remember(&picked.picks());
                    self.lay_out(b.build, b.resume);
                }
                Err(e) => self.error(e.to_string()),
            }
            return;
        }
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
            Some(None) => {
                let Building { build, resume, .. } = *b;
                let images = self.train_images();
                let mut engine = Own::new(&self.gpu, network, build.recipe, images);
                if let (Some(p), Some(trainer)) = (&self.pictures, engine.own_mut()) {
                    let batch = trainer.recipe.batch.min(images);
                    let recipe = trainer.recipe.clone();
                    let plan = trainer.net.make_plan(&self.gpu, Mode::Train, batch, Some(&p.train), &recipe);
                    if let Err(e) = plan {
                        self.error(e.to_string());
                        return;
                    }
                }
                self.finish_build(build.name, Box::new(engine), resume);
            }
        }
    }

    fn train_images(&self) -> usize {
        self.pictures.as_ref().map_or(1, |p| p.train.len)
    }

    fn finish_build(&mut self, name: String, mut engine: Box<dyn Engine>, resume: Option<Box<Checkpoint>>) {
        // Other engines come without having been laid out.
        self.forget_stopped();
        let mut resumed = None;
        let mut batches_before = 0;
        if let Some(checkpoint) = resume {
            batches_before = checkpoint.batches_tracked.saturating_sub(checkpoint.step);
            engine.resume(&self.gpu, &checkpoint.state, checkpoint.step, checkpoint.surgeries);
            resumed = Some(checkpoint.step);
            let device = engine.device(&self.gpu);
            if !checkpoint.adapter.is_empty() && checkpoint.adapter != device {
                self.events.push(Event::Warning(format!(
                    "the checkpoint was made on {}, this is {device}: the run goes on, but not bit for bit",
                    checkpoint.adapter,
                )));
            }
        }
        let mut training = Training::new(name, engine);
        training.finished = training.engine.submitted() >= training.engine.total_steps();
        // A run saved at an epoch's end was evaluated there.
        training.evaluated_at = resumed;
        training.batches_before = batches_before;
        training.unrepeatable = resumed.map(|_| "the file that it was loaded from");
        self.training = Some(training);
        self.eye.forget();
        if let Some(info) = self.model_info() {
            self.events.push(Event::Built(Box::new(info)));
        }
        if let Some(step) = resumed {
            self.events.push(Event::Loaded { step });
        }
    }

    pub(super) fn load_checkpoint(&mut self, name: &str, bytes: &[u8]) {
        let fallback = self.training.as_ref().map(|t| t.engine.graph().spec.clone());
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
}
