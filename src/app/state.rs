//! What the window knows beyond the snapshot, and how it is drawn. Pure: events and snapshots in,
//! commands out; no session, no files, no GPU. Tests and the running window use the same [`AppState`].

use super::autosave::{Keeping, Kept};
use super::axis::Decades;
use super::charts::ChartsState;
use super::crash::Crash;
use super::form::{self, Form};
use super::frame::FrameTimes;
use super::history::History;
use super::i18n::Language;
use super::layer_history::LayerHistory;
use super::layout::Docks;
use super::lessons::Lessons;
use super::links::Wishes;
use super::map::MapState;
use super::numbers;
use super::pace::Pace;
use super::panels::microscope::ScopeState;
use super::panels::{self, Album, Drawer, LabState, Part, RaceState};
use super::past::PastState;
use super::readouts::Readouts;
use super::runs::{Run, Runs};
use super::sketches::Sketches;
use super::surgery::SurgeryState;
use super::toasts::{Offer, Severity, Toasts};
use super::view::{Canvas, Looks, Selection, View};
use super::{i18n, theme};
use crate::session::{Command, EngineKind, Event, ModelInfo, Phase, Snapshot, StepRecord, Watch};
use crate::train::Recipe;
use eframe::egui::{Theme, Ui};
use std::collections::BTreeMap;

/// What a drawn window asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum UiCommand {
    /// For the session.
    Session(Command),
    /// Let the user pick an archive of pictures; it comes back as `Command::LoadData`.
    OpenArchive,
    /// Let the user pick a checkpoint; it comes back as `Command::Load`.
    OpenCheckpoint,
    /// Let the user pick a picture; it comes back as `Command::Picture`.
    OpenPicture,
    /// Take a picture with the camera; the same.
    Camera,
    /// Let the user pick a lesson; it comes back through [`AppState::lesson_arrived`].
    OpenLesson,
    /// Let the user pick answers of students; they come back through [`AppState::answers_arrived`].
    OpenAnswers,
    /// Get a lesson's file from beside the page or the program; the same.
    FetchLesson(String),
    /// Let the user pick a run's file; it comes back through [`AppState::open_run`].
    OpenRun,
    /// Let the user pick a grid of small runs; it comes back through [`AppState::open_grid`].
    OpenGrid,
    /// Let the user say where a file goes; the name's ending says what it is.
    SaveFile {
        name: String,
        bytes: Vec<u8>,
    },
    /// Take a picture of the window, and let the user say where it goes.
    Screenshot,
    /// Get pictures that were offered by [`AppState::offer`].
    Fetch(String),
    /// Draw in this theme from now on.
    Theme(Theme),
    /// Download CIFAR-10; it comes back as `Command::LoadData`.
    Download,
    /// Speak this language from now on.
    Language(Language),
    /// Go on from a checkpoint that is kept, or throw it away.
    Resume(Kept),
    Discard(Kept),
    /// The device is gone: begin again with a new one.
    StartAgain,
}

/// A file on its way in.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub name: String,
    /// Bytes so far and in all, where known.
    pub bytes: Option<(u64, u64)>,
}

/// Where and why training stopped by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    pub step: u64,
    pub what: String,
}

/// Everything the window remembers.
#[derive(Debug, Default)]
pub struct AppState {
    /// What the controls show.
    pub form: Form,
    /// What is to compute the network.
    pub engine: EngineKind,
    /// What was measured.
    pub history: History,
    /// What fills the window.
    pub view: View,
    /// The block and the number that are chosen, in all panels.
    pub selection: Selection,
    /// What goes through the network to be looked at.
    pub looks: Looks,
    /// What is raced, and how that is looked at.
    pub(super) race: RaceState,
    /// Experiments, and what the last ones have found.
    pub(super) lab: LabState,
    pub(super) canvas: Option<Canvas>,
    pub(super) scope: ScopeState,
    /// What the session was last told to look at.
    watched: Option<Watch>,
    pub(super) toasts: Toasts,
    pub(super) decades: Decades,
    /// The map of the network, beyond what is measured.
    pub(super) map: MapState,
    pub(super) layer_history: LayerHistory,
    pub(super) surgery: SurgeryState,
    pub(super) readouts: Readouts,
    pub(super) diverged: Option<Divergence>,
    pub(super) lost: Option<String>,
    /// How the window before this one fell, until the reader has decided how to go on.
    pub(super) crash: Option<Crash>,
    pub(super) progress: Option<Progress>,
    pub(super) offers: Vec<String>,
    /// Checkpoints that are kept.
    pub(super) keeping: Keeping,
    /// What a run measured before the checkpoint that is on its way.
    pub(super) earlier: Option<Box<Run>>,
    /// Run as soon as a checkpoint is taken over.
    run_when_loaded: bool,
    pub(super) linear_loss: bool,
    pub(super) charts: ChartsState,
    /// Earlier runs to compare with.
    pub(super) runs: Runs,
    pub(super) help: bool,
    /// Lessons, and the one that is played.
    pub lessons: Lessons,
    /// Names of the blocks of the network that is shown.
    pub(super) block_names: Vec<String>,
    /// For a projector: larger, with less on it.
    pub presentation: bool,
    /// The light theme was taken for the presentation alone.
    lit: bool,
    /// How large everything is drawn; `None` as the window asks.
    pub chosen_zoom: Option<f32>,
    /// Nothing moves by itself: every animation jumps to its end.
    pub reduced_motion: bool,
    pub(super) docks: Docks,
    /// The group of controls that lies over the picture in a window without room for the column.
    pub(super) drawer: Option<Drawer>,
    pub(super) pace: Pace,
    pub(super) past: PastState,
    pub(super) wishes: Wishes,
    pub(super) address: String,
    pub(super) chosen_language: Option<Language>,
    pub(super) frame: FrameTimes,
    pub(super) frame_shown: bool,
    /// Pictures that are looked at beside the network.
    pub(super) album: Album,
    /// The controls of a network of one's own are shown.
    pub(super) custom: bool,
    /// Whether there are engines to choose from.
    pub(super) engines: bool,
    /// Whether CIFAR-10 can be downloaded here.
    pub(super) can_download: bool,
    /// Whether controls were touched since the last build; if not, they follow what is built.
    pub(super) touched: bool,
    /// Whether training is what the user wants, also while something else goes on.
    pub(super) wants_run: bool,
    /// Run as soon as the network under way is built.
    pub(super) run_when_built: bool,
    /// The recipe that runs, with all changes sent so far.
    pub(super) live: Option<Recipe>,
    pub(super) sketches: Sketches,
    /// Which kernels were found to be fastest, as [`super::settings::Settings`] keeps them.
    pub(super) kernels: BTreeMap<String, BTreeMap<String, String>>,
    queue: Vec<UiCommand>,
}

impl AppState {
    /// A window that will run `form` when it is built.
    pub fn new(form: Form) -> Self {
        Self { form, ..Self::default() }
    }

    /// Adds pictures to choose from, e.g. those that `serve --data` offers.
    pub fn offer(&mut self, name: impl Into<String>) {
        let name = name.into();
        if !self.offers.contains(&name) {
            self.offers.push(name.clone());
            self.grant_data(&name);
        }
    }

    /// The checkpoint that an earlier window has left, and the last one of this window's.
    pub fn kept(&self) -> (Option<Kept>, Option<Kept>) {
        (self.keeping.offer.clone(), self.keeping.latest.clone())
    }

    /// Runs as soon as the checkpoint that is on its way is taken over.
    pub(super) fn run_when_loaded(&mut self) {
        self.run_when_loaded = true;
    }

    /// Fetches pictures that are offered under this name; false if none are.
    pub(super) fn fetch_offered(&mut self, name: &str) -> bool {
        let offered = self.offers.iter().any(|o| o == name);
        if offered {
            self.ask(UiCommand::Fetch(name.to_owned()));
        }
        offered
    }

    /// The texture with what was seen, from now on: of the network at place 0, of a race's lanes from 1 on.
    pub fn set_canvas(&mut self, place: usize, canvas: Canvas) {
        match place.checked_sub(1).map(|lane| self.race.canvases.get_mut(lane)) {
            None => self.canvas = Some(canvas),
            Some(Some(of_lane)) => *of_lane = Some(canvas),
            Some(None) => {}
        }
    }

    /// A file is being read or fetched; `None` when it arrived or failed.
    pub fn set_progress(&mut self, progress: Option<Progress>) {
        self.progress = progress;
    }

    /// Shows a message.
    pub fn tell(&mut self, severity: Severity, text: impl Into<String>) {
        self.toasts.push(severity, text);
    }

    pub fn toasts(&self) -> &Toasts {
        &self.toasts
    }

    /// Name for a checkpoint file taken at `step`.
    pub fn checkpoint_name(&self, step: u64) -> String {
        format!("{}-step{step}.safetensors", self.form.name)
    }

    /// How long drawing takes, as the window's door has measured it.
    pub fn set_frame(&mut self, times: FrameTimes) {
        self.frame = times;
    }

    /// How long drawing takes; the page tells it to scripts.
    pub fn frame_times(&self) -> FrameTimes {
        self.frame
    }

    /// There is another engine than the own one: the recipe offers it.
    pub fn offer_engines(&mut self) {
        self.engines = true;
    }

    /// CIFAR-10 can be downloaded here: [`UiCommand::Download`] is understood.
    pub fn allow_download(&mut self) {
        self.can_download = true;
    }

    /// The layer that the lesson beside the map points at.
    pub(super) fn pointed(&self) -> Option<&str> {
        self.lessons.pointed.as_deref().filter(|_| self.lessons.open && self.lessons.playing.is_some())
    }

    /// Takes in what the session reports.
    pub fn on_event(&mut self, event: &Event) {
        self.runs_on_event(event);
        self.lesson_on_event(event);
        self.history.on_event(event);
        self.layer_history.on_event(event);
        self.map.on_event(event);
        self.surgery.on_event(event);
        self.scope.on_event(event);
        self.past.on_event(event);
        self.lab.on_event(event);
        match event {
            Event::Built(model) => self.on_built(model),
            Event::Step(record) => self.on_step(record),
            Event::Finished => {
                self.wants_run = false;
                let steps = self.history.loss.last_step().map_or(0, |s| s + 1);
                if !self.lesson_tells() {
                    self.tell(Severity::Remark, i18n::finished(numbers::grouped(steps)));
                }
            }
            Event::Loaded { step } => {
                self.diverged = None;
                self.take_up(*step);
                if std::mem::take(&mut self.run_when_loaded) {
                    self.send(Command::Run);
                }
                self.tell(Severity::Remark, i18n::loaded(numbers::grouped(*step)));
            }
            Event::Branched { step } => {
                self.diverged = None;
                self.tell(Severity::Remark, i18n::branched(numbers::grouped(*step)));
            }
            // Their end is the lesson's to tell, and its charts should not be covered.
            Event::RaceFinished { .. } | Event::ExperimentFinished if self.lesson_tells() => {}
            Event::RaceFinished { .. } => self.tell(Severity::Remark, i18n::race_over()),
            Event::ExperimentFinished => self.tell(Severity::Remark, i18n::lab_over()),
            Event::Warning(text) => self.tell(Severity::Warning, text),
            Event::Error(text) => {
                // If it was the build that failed, nothing is to run when the next one succeeds.
                self.run_when_built = false;
                self.earlier = None;
                if std::mem::take(&mut self.race.asked) {
                    self.race.refused = Some(text.clone());
                }
                if std::mem::take(&mut self.lab.asked) {
                    self.lab.refused = Some(text.clone());
                }
                self.tell(Severity::Error, text);
            }
            Event::Diverged { step, what } => {
                self.wants_run = false;
                self.diverged = Some(Divergence { step: *step, what: what.clone() });
            }
            Event::DeviceLost(why) => {
                self.wants_run = false;
                self.run_when_built = false;
                self.lost = Some(why.clone());
            }
            Event::DataLoaded(_)
            | Event::Compiling { .. }
            | Event::EpochEnd { .. }
            | Event::Operated(_)
            | Event::Parted { .. }
            | Event::Evaluated(_)
            | Event::EvaluatedThen(_)
            | Event::LookedBack { .. }
            | Event::Saved { .. }
            | Event::Kept { .. } => {}
        }
    }

    /// The session has got a picture of the user's own: look at it.
    pub fn own_picture_arrived(&mut self) {
        self.scope.pictures.own_arrived(&mut self.looks);
    }

    fn on_built(&mut self, model: &ModelInfo) {
        self.decades = Decades::default();
        self.diverged = None;
        self.charts.zoom.fit();
        self.live = Some(model.recipe.clone());
        self.block_names.clone_from(&model.block_names);
        if !self.touched {
            self.form = Form::of(model);
        }
        self.grant_block(&model.block_names);
        if std::mem::take(&mut self.run_when_built) {
            self.send(Command::Run);
        }
    }

    fn on_step(&mut self, record: &StepRecord) {
        for &norm in &record.grad_norm {
            self.decades.include(norm);
        }
    }

    /// Draws the whole window into `ui` and returns what was asked for since the last call.
    pub fn draw(&mut self, ui: &mut Ui, snapshot: &Snapshot) -> Vec<UiCommand> {
        self.follow_run(snapshot);
        self.lab.see(snapshot);
        self.read(ui, snapshot);
        self.keys(ui, snapshot);
        self.keep_pace(ui, snapshot);
        self.lesson_tick(snapshot);
        self.present(ui);
        self.zoom(ui);
        panels::window(ui, self, snapshot);
        match self.toasts.draw(ui.ctx()) {
            Some(Offer::Undo) => self.undo_delete(),
            Some(Offer::Light) => {
                self.lit = true;
                self.ask(UiCommand::Theme(Theme::Light));
            }
            None => {}
        }
        self.send_changes();
        self.look(ui, snapshot);
        self.take_commands()
    }

    /// Draws for a projector, or no longer. A projector washes the dark theme out: the light one is offered, and
    /// goes with the presentation.
    fn present(&mut self, ui: &Ui) {
        if theme::is_presented(ui.visuals()) == self.presentation {
            return;
        }
        theme::present(ui, self.presentation);
        if !self.presentation {
            self.toasts.withdraw(Offer::Light);
            if std::mem::take(&mut self.lit) {
                self.ask(UiCommand::Theme(Theme::Dark));
            }
        } else if ui.visuals().dark_mode {
            self.toasts.offer(Offer::Light, i18n::light_offer());
        }
    }

    /// Draws one part of the window by itself: into a tile, or in a test.
    pub fn draw_part(&mut self, ui: &mut Ui, part: Part, snapshot: &Snapshot) -> Vec<UiCommand> {
        self.follow_run(snapshot);
        self.lab.see(snapshot);
        self.read(ui, snapshot);
        panels::part(ui, part, self, snapshot);
        self.send_changes();
        self.look(ui, snapshot);
        self.take_commands()
    }

    /// Tells the session what to look at, when that has changed.
    fn look(&mut self, ui: &Ui, snapshot: &Snapshot) {
        let blocks = snapshot.model.as_ref().map_or(0, |m| m.block_names.len());
        if self.selection.block.is_some_and(|b| b >= blocks) {
            self.selection = Selection::default();
        }
        if snapshot.model.is_none() || snapshot.data.is_none() {
            return;
        }
        if let Some(seen) = &snapshot.seen {
            self.scope.pictures.chances.see(seen);
        }
        let watch = self.looks.watch(&self.selection, ui.visuals().dark_mode);
        if self.watched.as_ref() != Some(&watch) {
            self.watched = Some(watch.clone());
            self.send(Command::Watch(Some(Box::new(watch))));
        }
        // Panels ask anew while they are drawn.
        self.looks.sheet.clear();
        self.looks.augmented = false;
    }

    /// What was asked for without a drawing, e.g. to run what has just been built.
    pub fn take_commands(&mut self) -> Vec<UiCommand> {
        std::mem::take(&mut self.queue)
    }

    pub(super) fn ask(&mut self, command: UiCommand) {
        self.queue.push(command);
    }

    pub(super) fn send(&mut self, command: Command) {
        match command {
            Command::Run => {
                self.wants_run = true;
                if self.is_paced() {
                    return;
                }
            }
            Command::Pause
            | Command::Stop
            | Command::Step
            | Command::StepLayer
            | Command::LookBack { .. }
            | Command::Race(_)
            | Command::ResumeRace => {
                self.wants_run = false;
            }
            _ => {}
        }
        self.ask(UiCommand::Session(command));
    }

    /// The controls were changed by hand.
    pub(super) fn touch(&mut self) {
        self.touched = true;
    }

    pub(super) fn toggle_theme(&mut self, ui: &Ui) {
        self.lit = false;
        self.toasts.withdraw(Offer::Light);
        let other = if ui.visuals().dark_mode { Theme::Light } else { Theme::Dark };
        self.ask(UiCommand::Theme(other));
    }

    pub(super) fn toggle_language(&mut self) {
        let other = i18n::language().other();
        self.chosen_language = Some(other);
        self.ask(UiCommand::Language(other));
    }

    /// Hyperparameters that were moved go to what runs, once a frame.
    pub(super) fn send_changes(&mut self) {
        let Some(live) = &mut self.live else { return };
        if let Some(change) = form::live_change(live, &self.form.recipe)
            && self.form.recipe.validate().is_ok()
        {
            let Recipe { lr, momentum, nesterov, weight_decay, schedule, augment, epochs, .. } =
                self.form.recipe;
            *live =
                Recipe { lr, momentum, nesterov, weight_decay, schedule, augment, epochs, ..live.clone() };
            self.send(Command::Set(change));
        }
    }
}

/// How many classes the loaded pictures have.
pub(super) fn classes(snapshot: &Snapshot) -> Option<usize> {
    snapshot.data.as_ref().map(|d| d.classes.len()).filter(|n| *n > 0)
}

/// Whether a step can be trained now.
pub(super) fn can_train(snapshot: &Snapshot) -> bool {
    snapshot.model.is_some()
        && snapshot.data.is_some()
        && matches!(snapshot.phase, Phase::Idle | Phase::Running)
}
