//! Experiments in the session: the window's door to [`crate::lab`], on the session's pictures and a copy of its network.

mod laboratory;

use super::super::experiment::{CauseSetup, Experiment, ExperimentView, Found, LesionSetup};
use super::super::protocol::Event;
use super::showing::Showing;
use super::{Session, Training};
use crate::engine::NetworkState;
use crate::gpu::{Download, Gpu};
use crate::lab::building::Resources;
use crate::lab::cause_grid::{CauseGrid, GridSettings};
use crate::lab::lesion::{LesionOptions, Lesions, Patient, Several};
use crate::lab::{Job, LabError, Progress};
use crate::model::{Alpha, ModelSpec, Shortcut, by_name, row_of};
use crate::train::Recipe;
use std::sync::Arc;
use web_time::Instant;

/// A job of which only matters that it goes on and what it has found.
trait Running {
    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError>;
    fn found(&self) -> Found;

    /// Measures the slope of the loss in one weight, too.
    fn ask(&mut self, _parameter: &str, _index: usize) -> Result<(), LabError> {
        Err(LabError::Asked(NO_CHECK.into()))
    }
}

/// Slopes belong to a check.
const NO_CHECK: &str = "slopes are measured by a check of a training step; start one first";

struct Of<J: Job>(J, fn(J::Outcome) -> Found);

impl<J: Job> Running for Of<J> {
    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        self.0.advance(gpu)
    }

    fn found(&self) -> Found {
        (self.1)(self.0.outcome())
    }
}

/// The session's own network as it was when an experiment began: the experiment has a copy of all of it.
struct Present {
    name: String,
    spec: ModelSpec,
    recipe: Recipe,
    /// Training steps done.
    step: u64,
    state: NetworkState,
}

impl Present {
    /// Name and specification of its twin: with skips where it has none, and without where it has some.
    fn twin(&self) -> (String, ModelSpec) {
        let other = twin_name(&self.name);
        let shortcut = match (self.spec.is_residual(), by_name(row_of(&other))) {
            (true, _) => Shortcut::None,
            (false, Some(known)) => known.shortcut,
            (false, None) => Shortcut::ZeroPad,
        };
        (other, ModelSpec { shortcut, alpha: Alpha::All(1.0), beta: Alpha::All(1.0), ..self.spec.clone() })
    }
}

enum Stage {
    /// The network's weights are on their way.
    Reading(Box<Present>, Download),
    Doing(Box<dyn Running>),
}

/// An experiment and what is shown of it. After its end its networks are gone; one that is stopped can go on.
#[derive(Default)]
pub(super) struct Experimenting {
    stage: Option<Stage>,
    /// A check that is over and can still be asked for slopes; until the next experiment it keeps its networks.
    check: Option<Box<dyn Running>>,
    /// One that was stopped, with its networks and all it has measured, until something else needs the room.
    stopped: Option<Box<dyn Running>>,
    showing: Showing,
    pub view: Option<Arc<ExperimentView>>,
}

impl Experimenting {
    /// Whether there is something to do.
    pub fn is_under_way(&self) -> bool {
        self.stage.is_some()
    }

    /// Ends the experiment where it is; what it has found stays to be seen.
    pub fn stop(&mut self, failed: Option<String>) {
        if !self.view.as_ref().is_some_and(|v| v.under_way) {
            return;
        }
        let progress = self.view.as_ref().map(|v| v.progress.clone()).unwrap_or_default();
        self.refresh(progress);
        if let Some(Stage::Doing(job)) = self.stage.take()
            && let Some(view) = self.view.as_ref().filter(|_| failed.is_none())
        {
            match view.progress.is_done() {
                true if view.experiment == Experiment::Trust => self.check = Some(job),
                true => {}
                false => self.stopped = Some(job),
            }
        }
        let resumable = self.stopped.is_some();
        self.change(|view| {
            view.under_way = false;
            view.resumable = resumable;
            view.failed = failed;
        });
    }

    /// Goes on with the one that was stopped; false if there is none.
    fn resume(&mut self) -> bool {
        let Some(job) = self.stopped.take() else { return false };
        self.stage = Some(Stage::Doing(job));
        self.change(|view| (view.under_way, view.resumable) = (true, false));
        true
    }

    /// Lets go of what could be gone on with: its room or its pictures are taken.
    pub fn forget_stopped(&mut self) {
        if self.stopped.take().is_some() {
            self.change(|view| view.resumable = false);
        }
    }

    /// Ends what is under way, and keeps nothing of it but what it has found.
    pub fn clear(&mut self) {
        self.stop(None);
        self.check = None;
        self.forget_stopped();
    }

    fn change(&mut self, by: impl FnOnce(&mut ExperimentView)) {
        if let Some(view) = &mut self.view {
            by(Arc::make_mut(view));
        }
    }

    /// Shows what has been found so far.
    fn refresh(&mut self, progress: Progress) {
        let begun = Instant::now();
        let found = match &self.stage {
            Some(Stage::Doing(job)) => Some(job.found()),
            _ => None,
        };
        self.change(|view| {
            view.progress = progress;
            view.found = found.or(view.found.take());
        });
        self.showing.shown(begun);
    }
}

impl Session {
    /// What experiments may use beside the session's own network.
    pub(super) fn resources(&self) -> Resources {
        let own = self.training.as_ref().map_or(0, Training::gpu_bytes);
        Resources { variants: self.variants.clone(), gpu_memory: self.options.gpu_memory.saturating_sub(own) }
    }

    pub(super) fn start_experiment(&mut self, experiment: Experiment) {
        if self.pictures.is_none() {
            return self.error(no_pictures().to_string());
        }
        if let Some(why) = self.refused(&experiment) {
            return self.error(why.to_string());
        }
        let stage = match &mut self.training {
            Some(t) if experiment.needs_network() => {
                let present = Present {
                    name: t.name.clone(),
                    spec: t.shown_spec(),
                    recipe: t.engine.recipe().clone(),
                    step: t.shown_step(),
                    state: NetworkState::default(),
                };
                match t.engine.own_mut() {
                    Some(trainer) => {
                        Ok(Stage::Reading(Box::new(present), trainer.net.download_state(&self.gpu)))
                    }
                    None => Err(needs_own_engine().to_string()),
                }
            }
            _ if experiment.needs_network() => Err(no_network().to_string()),
            _ => self.begin(&experiment, None).map(Stage::Doing).map_err(|e| e.to_string()),
        };
        match stage {
            Ok(stage) => {
                self.racing.end();
                self.experimenting.clear();
                self.experimenting.stage = Some(stage);
                self.experimenting.view = Some(Arc::new(ExperimentView {
                    experiment,
                    under_way: true,
                    resumable: false,
                    step: self.training.as_ref().map_or(0, Training::shown_step),
                    progress: Progress::default(),
                    found: None,
                    failed: None,
                }));
                // It has something to show before it has measured anything: what it is going to do.
                self.experimenting.refresh(Progress::default());
            }
            Err(message) => self.error(message),
        }
    }

    /// What can be said against an experiment before anything makes room for it.
    fn refused(&self, experiment: &Experiment) -> Option<LabError> {
        let twin = match experiment {
            Experiment::Lesion(setup) => setup.twin,
            Experiment::Landscape(setup) => setup.present && setup.twin,
            _ => false,
        };
        let untrained = self.training.as_ref().is_some_and(|t| t.shown_step() == 0);
        (twin && untrained).then(untrained_twin)
    }

    /// Lets go of a race and of an experiment that were stopped.
    pub(super) fn forget_stopped(&mut self) {
        self.experimenting.forget_stopped();
        self.racing.forget_stopped();
    }

    /// Goes on with the experiment that was stopped.
    pub(super) fn resume_experiment(&mut self) {
        if self.experimenting.is_under_way() {
            return;
        }
        self.racing.end();
        if !self.experimenting.resume() {
            self.error("there is no stopped experiment to go on with any more; start it anew");
        }
    }

    /// Prepares an experiment, on `present` where it is about a network.
    fn begin(&self, experiment: &Experiment, present: Option<Present>) -> Result<Box<dyn Running>, LabError> {
        match experiment {
            Experiment::Lesion(setup) => self.begin_lesions(setup, present.ok_or_else(no_network)?),
            Experiment::CauseGrid(setup) => self.begin_grid(setup),
            Experiment::Trust => self.begin_trust(present),
            Experiment::Paths(setup) => self.begin_paths(setup, present),
            Experiment::Landscape(setup) => self.begin_landscape(setup, present),
            Experiment::Identity(setup) => self.begin_identity(setup),
            #[cfg(feature = "burn")]
            Experiment::Engines(setup) => self.begin_engines(setup),
            Experiment::Shatter(setup) => self.begin_shatter(setup),
            Experiment::Alpha(setup) => self.begin_alpha(setup),
        }
    }

    fn begin_lesions(&self, setup: &LesionSetup, present: Present) -> Result<Box<dyn Running>, LabError> {
        let twin = present.twin();
        let Present { name, spec, recipe, step, state } = present;
        let mut patients = Vec::new();
        if setup.twin {
            let recipe = recipe.clone();
            let (name, spec) = twin;
            patients.push(Patient { name, spec, recipe, state: None, steps: Some(step) });
        }
        patients.insert(0, Patient { name, spec, recipe, state: Some(state), steps: None });
        let p = self.pictures.as_ref().ok_or_else(no_pictures)?;
        let options = LesionOptions {
            kinds: setup.kinds.clone(),
            reestimate: setup.reestimate,
            images: setup.images,
            seed: 1,
            resources: self.resources(),
            slice_seconds: self.options.slice_seconds,
        };
        let jobs = patients.into_iter().map(|patient| {
            let (train, test) = (p.train.beside(&self.gpu), p.test.beside(&self.gpu));
            Lesions::on(&self.gpu, train, test, p.info.classes.len(), patient, options.clone())
        });
        Ok(Box::new(Of(Several::new(jobs.collect::<Result<Vec<_>, _>>()?), Found::Lesion)))
    }

    fn begin_grid(&self, setup: &CauseSetup) -> Result<Box<dyn Running>, LabError> {
        let p = self.pictures.as_ref().ok_or_else(no_pictures)?;
        let settings = GridSettings { data: p.info.name.clone(), ..setup.settings.clone() };
        // Another grid's cells are of no use here.
        let done = setup.done.clone().filter(|d| d.settings == settings);
        let job = CauseGrid::on(
            &self.gpu,
            p.train.beside(&self.gpu),
            p.info.classes.len(),
            settings,
            &setup.cells,
            done,
            self.resources(),
            self.options.slice_seconds,
        )?;
        Ok(Box::new(Of(job, Found::CauseGrid)))
    }

    /// Has the last check measure a slope, too.
    pub(super) fn ask_slope(&mut self, parameter: &str, index: usize) {
        let all = &mut self.experimenting;
        let job = match (&mut all.stage, &mut all.check) {
            (Some(Stage::Doing(job)), _) | (None, Some(job)) => job.ask(parameter, index),
            _ => Err(LabError::Asked(NO_CHECK.into())),
        };
        if let Err(e) = job {
            return self.error(e.to_string());
        }
        if let Some(job) = all.check.take() {
            all.stage = Some(Stage::Doing(job));
            all.change(|view| view.under_way = true);
        }
    }

    /// Goes on with the experiment under way.
    pub(super) fn experiment_on(&mut self) {
        match self.advance_experiment() {
            Ok(Some(progress)) => {
                let over = progress.is_done();
                let new = self.experimenting.view.as_ref().is_none_or(|v| v.progress != progress);
                if over || new && self.experimenting.showing.is_due() {
                    self.experimenting.refresh(progress);
                }
                if over {
                    self.experimenting.stop(None);
                    self.events.push(Event::ExperimentFinished);
                }
            }
            Ok(None) => {}
            Err(e) => {
                let why = e.to_string();
                self.experimenting.stop(Some(why.clone()));
                self.error(why);
            }
        }
    }

    /// `None` while the network is on its way.
    fn advance_experiment(&mut self) -> Result<Option<Progress>, LabError> {
        match &mut self.experimenting.stage {
            Some(Stage::Doing(job)) => return job.advance(&self.gpu).map(Some),
            Some(Stage::Reading(_, download)) if download.is_ready() => {}
            _ => return Ok(None),
        }
        let Some(Stage::Reading(mut present, download)) = self.experimenting.stage.take() else {
            return Ok(None);
        };
        let experiment = self.experimenting.view.as_ref().map(|v| v.experiment.clone());
        let (Some(t), Some(experiment)) = (&mut self.training, experiment) else { return Ok(None) };
        let trainer = t.engine.own_mut().ok_or_else(needs_own_engine)?;
        present.state = trainer.net.decode_state(download).map_err(LabError::Refused)?;
        let job = self.begin(&experiment, Some(*present))?;
        self.experimenting.stage = Some(Stage::Doing(job));
        self.experimenting.refresh(Progress { total: 1, ..Progress::default() });
        Ok(None)
    }
}

fn untrained_twin() -> LabError {
    LabError::Asked(
        "the twin is trained for as many steps as this network, which is not trained yet; train it first"
            .into(),
    )
}

fn no_pictures() -> LabError {
    LabError::Asked("there are no pictures to experiment on yet; load data first".into())
}

fn no_network() -> LabError {
    LabError::Asked("there is no network to experiment on yet; build one first".into())
}

fn needs_own_engine() -> LabError {
    LabError::Asked(
        "this experiment takes the network apart in Skipscope's own engine; choose that engine and train it there".into(),
    )
}

/// `resnet20` → `plain20` and back; other names say that it is the twin.
fn twin_name(name: &str) -> String {
    match (name.strip_prefix("resnet"), name.strip_prefix("plain")) {
        (Some(rest), _) => format!("plain{rest}"),
        (_, Some(rest)) => format!("resnet{rest}"),
        _ => format!("{name} (twin)"),
    }
}
