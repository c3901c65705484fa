//! Running, pausing, starting again and building: what the buttons and keys do, in one place.

use super::axis::Decades;
use super::i18n;
use super::state::{AppState, UiCommand, can_train, classes};
use super::surgery::toggling;
use super::toasts::Severity;
use super::view::View;
use crate::session::{
    Change, Command, DataSource, Experiment, LaneOutcome, Phase, RaceSetup, Snapshot, Whom,
};

impl AppState {
    /// Whether the button says Pause.
    pub(super) fn is_running(&self, snapshot: &Snapshot) -> bool {
        match snapshot.phase {
            Phase::Running => true,
            Phase::Evaluating => self.wants_run,
            Phase::Idle => self.wants_run && self.is_paced() && can_train(snapshot),
            _ => false,
        }
    }

    pub(super) fn toggle_run(&mut self, snapshot: &Snapshot) {
        if self.is_running(snapshot) {
            self.send(Command::Pause);
        } else if matches!(snapshot.phase, Phase::Finished | Phase::Diverged) {
            self.send(Command::Stop);
            self.begin();
        } else if can_train(snapshot) || snapshot.phase == Phase::Evaluating {
            self.send(Command::Run);
        }
    }

    /// Initial weights again; goes on running if it did.
    pub(super) fn restart(&mut self, snapshot: &Snapshot) {
        if snapshot.model.is_none() || snapshot.phase == Phase::Lost {
            return;
        }
        let running = self.is_running(snapshot);
        self.send(Command::Stop);
        self.keep_run();
        self.history.rewind(0);
        self.layer_history.rewind(0);
        self.lab.forget_moments();
        self.decades = Decades::default();
        self.diverged = None;
        if running {
            self.begin();
        }
    }

    /// Fills the window with `view`.
    pub(super) fn show(&mut self, view: View) {
        if self.view == View::Microscope && view != View::Microscope {
            self.scope.leave(&mut self.selection);
        }
        self.view = view;
    }

    /// Starts the race that the controls describe, in place of one that is under way, and says what was asked for; what
    /// cannot be raced is said.
    pub(super) fn start_race(&mut self, snapshot: &Snapshot) -> Option<RaceSetup> {
        match self.race.form.setup(&self.form.recipe, classes(snapshot)) {
            Ok(setup) => {
                self.race.refused = None;
                self.race.asked = true;
                self.race.block = None;
                self.race.zoom.fit();
                self.send(Command::Race(Box::new(setup.clone())));
                Some(setup)
            }
            Err(why) => {
                self.race.refused = Some(why);
                None
            }
        }
    }

    /// Cuts the skip of the chosen block in the lane that it was chosen in, or rejoins it.
    pub(super) fn toggle_lane_skip(&mut self, snapshot: &Snapshot) {
        let Some(outcome) = self.patient_lane(snapshot, self.race.of) else { return };
        let Some(block) = self.race.block else { return };
        let Some(alpha) = outcome.alphas.get(block) else { return };
        let change = toggling(*alpha == 0.0);
        self.send(Command::OperateLane { lane: self.race.of, whom: Whom::Block(block), change });
    }

    /// Takes back the last operation on the lane that surgery is about.
    pub(super) fn undo_lane_skip(&mut self, snapshot: &Snapshot) {
        let lane = self.race.lane;
        if self.patient_lane(snapshot, lane).is_some_and(|l| l.can_undo) {
            self.send(Command::OperateLane { lane, whom: Whom::Network, change: Change::Undo });
        }
    }

    /// A lane with skips that is trained at the moment.
    fn patient_lane<'a>(&self, snapshot: &'a Snapshot, lane: usize) -> Option<&'a LaneOutcome> {
        let race = snapshot.race.as_ref().filter(|r| r.is_open())?;
        race.outcome.lanes.get(lane).filter(|l| l.lane.spec.is_residual() && !l.runs.is_empty())
    }

    pub(super) fn toggle_race(&mut self, snapshot: &Snapshot) {
        if snapshot.race.as_ref().is_some_and(|r| r.under_way) {
            self.send(Command::StopRace);
        } else if self.race_goes_on(snapshot) {
            self.send(Command::ResumeRace);
        } else if snapshot.data.is_some() {
            self.start_race(snapshot);
        }
    }

    /// Whether the race that the controls describe was stopped and can go on.
    pub(super) fn race_goes_on(&self, snapshot: &Snapshot) -> bool {
        let Some(view) = snapshot.race.as_ref().filter(|v| v.resumable) else { return false };
        let setup = self.race.form.setup(&self.form.recipe, classes(snapshot));
        setup.is_ok_and(|setup| view.is_of(&setup))
    }

    /// Starts the experiment that the controls describe, in place of one that is under way; what cannot be is said.
    pub(super) fn start_experiment(&mut self, snapshot: &Snapshot) {
        match self.experiment(snapshot) {
            Ok(experiment) => {
                self.lab.refused = None;
                self.lab.asked = true;
                self.lab.clock = None;
                self.send(Command::Experiment(Box::new(experiment)));
            }
            Err(why) => self.lab.refused = Some(why),
        }
    }

    pub(super) fn toggle_experiment(&mut self, snapshot: &Snapshot) {
        if snapshot.experiment.as_ref().is_some_and(|v| v.under_way) {
            self.send(Command::StopExperiment);
        } else if self.experiment_goes_on(snapshot) {
            self.send(Command::ResumeExperiment);
        } else if snapshot.data.is_some() {
            self.start_experiment(snapshot);
        }
    }

    /// Whether the experiment that the controls describe was stopped and can go on.
    pub(super) fn experiment_goes_on(&self, snapshot: &Snapshot) -> bool {
        let Some(view) = snapshot.experiment.as_ref().filter(|v| v.resumable) else { return false };
        match (self.experiment(snapshot), &view.experiment) {
            // What it has found so far is told with what is asked for anew.
            (Ok(Experiment::CauseGrid(a)), Experiment::CauseGrid(b)) => {
                (&a.settings, &a.cells) == (&b.settings, &b.cells)
            }
            (described, there) => described.as_ref() == Ok(there),
        }
    }

    fn begin(&mut self) {
        self.keep_run();
        self.history.rewind(0);
        self.layer_history.rewind(0);
        self.lab.forget_moments();
        self.diverged = None;
        self.send(Command::Run);
    }

    /// Builds what the form asks for, and goes on running if it did.
    pub(super) fn build(&mut self, snapshot: &Snapshot) {
        self.run_when_built = self.run_when_built || self.wants_run || self.is_running(snapshot);
        self.touched = false;
        let command = self.form.build(classes(snapshot));
        self.send(command);
    }

    /// Pictures of CIFAR-10, from wherever they can be had; says what to do where they cannot.
    pub(super) fn fetch_cifar(&mut self, snapshot: &Snapshot) {
        let is_cifar = |name: &str| name.to_lowercase().contains("cifar");
        if snapshot.data.as_ref().is_some_and(|d| is_cifar(&d.name)) {
            return;
        }
        match self.offers.iter().find(|o| is_cifar(o)) {
            Some(offer) => self.ask(UiCommand::Fetch(offer.clone())),
            None if self.can_download => self.ask(UiCommand::Download),
            None => self.tell(Severity::Warning, i18n::cifar_missing()),
        }
    }

    /// Loads the built-in pictures, builds the form's network and trains it: how a window starts.
    pub(super) fn start(&mut self) {
        self.send(Command::LoadData(DataSource::Shapes10 { seed: 1 }));
        // A lesson builds what it is about.
        if !self.lesson_builds() {
            self.build_and_run();
        }
    }

    /// Builds the form's network and waits.
    pub(super) fn build_quietly(&mut self, snapshot: &Snapshot) {
        self.touched = false;
        let command = self.form.build(classes(snapshot));
        self.send(command);
    }

    /// Builds the form's network and trains it.
    pub fn build_and_run(&mut self) {
        self.run_when_built = true;
        self.touched = false;
        let command = self.form.build(None);
        self.send(command);
    }

    /// A tenth of the learning rate, from the first step on.
    pub(super) fn lower_learning_rate(&mut self) {
        self.form.recipe.lr /= 10.0;
        self.send_changes();
        self.send(Command::Stop);
        self.begin();
    }
}
