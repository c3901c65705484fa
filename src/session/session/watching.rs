//! What a session does so that somebody can look into its network: looks between slices of training, steps
//! executed layer by layer, layers timed.

use super::{Pictures, Session, Training};
use crate::gpu::Gpu;
use crate::probe::{Eye, EyeContext, Picture, Profile, Profiler, RESERVED_ROWS, Stepper, TestDetail};
use crate::session::{Event, Snapshot};
use crate::train::trainer::EvalResult;
use std::sync::Arc;
use web_time::Instant;

/// A step that is executed layer by layer because somebody watches or measures it.
#[derive(Default)]
pub(super) struct Sliced {
    /// Whether the step under way stops after each layer.
    pub stepping: bool,
    /// Layers still to be executed before it stops.
    pub layers: u64,
    pub stepper: Stepper,
    /// The next step, or the one under way, is timed layer by layer.
    pub profiler: Option<Profiler>,
    pub profile: Option<Arc<Profile>>,
}

impl Sliced {
    /// Whether the step under way waits for somebody.
    pub fn holds(&self) -> bool {
        self.stepping && self.layers == 0
    }

    /// Whether something was asked for that is not done yet.
    pub fn is_busy(&self) -> bool {
        self.layers > 0 || self.stepper.is_busy()
    }
}

/// Why another engine's network is not looked into.
pub(super) const ONLY_OWN: &str =
    "only Skipscope's own engine executes a step layer by layer; build the network with it to see that";

/// What the eye needs, from what a session has. It sees through the own engine's kernels alone.
fn context<'a>(gpu: &'a Gpu, t: &'a Training, p: &'a Pictures) -> Option<EyeContext<'a>> {
    let trainer = t.engine.own()?;
    let (last_batch, order) = trainer.last_batch();
    Some(EyeContext {
        gpu,
        net: &trainer.net,
        recipe: &trainer.recipe,
        train: &p.train,
        test: &p.test,
        train_labels: &p.train_labels,
        test_labels: &p.test_labels,
        gates: trainer.gates(),
        step: t.shown_step(),
        now: trainer.submitted(),
        last_batch,
        order,
    })
}

impl Session {
    /// What windows draw feature maps from: of the session's network, and of each lane of a race. The number changes when
    /// a texture is another one.
    pub fn atlases(&self) -> Vec<Option<(&wgpu::TextureView, u64)>> {
        let eyes = std::iter::once(&self.eye).chain(self.racing.eyes());
        eyes.map(|eye| eye.atlas().map(|atlas| (&atlas.view, atlas.number))).collect()
    }

    /// Goes on with a look, or begins one that is due; true if something was submitted.
    pub(super) fn look(&mut self) -> bool {
        let (Some(t), Some(p)) = (&self.training, &self.pictures) else { return false };
        if !self.eye.is_running() {
            let Some(trainer) = t.engine.own() else { return false };
            if !trainer.weights_are_whole() || !self.eye.is_due(t.shown_step(), self.pacer.rate()) {
                return false;
            }
            let Some(context) = context(&self.gpu, t, p) else { return false };
            match self.eye.begin(&context) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(message) => {
                    self.events.push(Event::Error(message));
                    return false;
                }
            }
        }
        let work = self.eye.advance(&self.gpu, self.pacer.slice());
        self.pacer.submitted(work);
        true
    }

    /// Whether a look is under way or will be without anything else happening.
    pub(super) fn is_looking(&self) -> bool {
        let (Some(t), Some(_)) = (&self.training, &self.pictures) else { return false };
        self.eye.is_busy() || (t.engine.own().is_some() && self.eye.waits(t.shown_step()))
    }

    /// Takes what looks and slices have brought back.
    pub(super) fn collect_looks(&mut self) {
        if let Err(message) = self.eye.collect(&self.gpu) {
            self.events.push(Event::Error(message));
        }
        let Some(t) = &mut self.training else { return };
        if let Err(message) = t.sliced.stepper.collect(&self.gpu, self.eye.atlas()) {
            self.events.push(Event::Error(message));
        }
    }

    /// Executes the layers that were asked for; true if the step is not to be driven otherwise.
    pub(super) fn drive_slices(&mut self) -> bool {
        let (Some(t), Some(p)) = (&mut self.training, &self.pictures) else { return false };
        if t.sliced.stepping {
            if t.sliced.layers > 0 && !t.sliced.stepper.is_busy() && self.gpu.in_flight() == 0 {
                t.sliced.layers -= 1;
                if let Err(message) = step_layer(&self.gpu, &mut self.eye, t, p) {
                    t.sliced.stepping = false;
                    self.events.push(Event::Error(message));
                }
            }
            return t.sliced.stepping;
        }
        // A step that is timed has begun; looks wait.
        if t.sliced.profiler.is_some() && (!t.engine.at_boundary() || t.profiling) {
            self.time_layers();
            return true;
        }
        false
    }

    fn time_layers(&mut self) {
        let Some(t) = &mut self.training else { return };
        let Some(profiler) = &mut t.sliced.profiler else { return };
        if !profiler.is_ready(&self.gpu) {
            return;
        }
        let Some(trainer) = t.engine.own_mut() else { return };
        let step = trainer.submitted();
        if !trainer.at_boundary() {
            let begun = Instant::now();
            if let Some(done) = trainer.advance_layer(&self.gpu) {
                profiler.submitted(&self.gpu, &done, begun);
                return;
            }
        }
        t.profiling = false;
        if let Some(profiler) = t.sliced.profiler.take() {
            let profile = profiler.finish(t.engine.graph(), step.saturating_sub(1));
            t.sliced.profile = Some(Arc::new(profile));
        }
    }

    /// Adds what was seen.
    pub(super) fn show(&self, snapshot: &mut Snapshot) {
        snapshot.seen = self.eye.seen().cloned();
        if let Some(t) = &self.training {
            snapshot.slice = t.sliced.stepper.slice().cloned();
            snapshot.test.clone_from(t.past.then().map_or(&t.test, |m| &m.test));
            snapshot.profile.clone_from(&t.sliced.profile);
        }
    }
}

fn step_layer(gpu: &Gpu, eye: &mut Eye, t: &mut Training, p: &Pictures) -> Result<(), String> {
    let trainer = t.engine.own_mut().ok_or(ONLY_OWN)?;
    if trainer.at_boundary() && !trainer.begin_step(gpu, &p.train).map_err(|e| e.to_string())? {
        // No place for its record yet; the next call finds one.
        t.sliced.layers += 1;
        return Ok(());
    }
    let Some(done) = trainer.advance_layer(gpu) else { return Ok(()) };
    let (image, dark) = match eye.watch() {
        Some(w) => (if let Picture::Batch(n) = w.picture { n as usize } else { 0 }, w.dark),
        None => (0, true),
    };
    let atlas = eye.atlas_of(gpu, RESERVED_ROWS);
    t.sliced.stepper.show(gpu, &trainer.net, atlas, &done, image, dark)?;
    if trainer.at_boundary() {
        t.sliced.stepping = false;
        t.sliced.layers = 0;
    }
    Ok(())
}

/// The test split picture by picture.
pub(super) fn test_detail(step: u64, labels: &[u8], result: &EvalResult) -> Arc<TestDetail> {
    Arc::new(TestDetail {
        step,
        labels: labels.to_vec(),
        predicted: result.predicted.clone(),
        losses: result.losses.clone(),
    })
}
