//! What the window knows beyond the snapshot, and how it is drawn. Pure: events and snapshots in,
//! commands out; no session, no files, no GPU. Tests and the running window use the same [`AppState`].

use super::axis::{Decades, Layers};
use super::form::{self, Form};
use super::history::History;
use super::i18n::Language;
use super::numbers;
use super::panels::microscope::{self, ScopeState};
use super::panels::{self, Part};
use super::toasts::{Severity, Toasts};
use super::view::{Canvas, Looks, Selection, View};
use super::{i18n, theme};
use crate::model::{Graph, ModelSpec};
use crate::session::{Command, Event, ModelInfo, Phase, Snapshot, StepRecord, Watch};
use crate::train::Recipe;
use eframe::egui::{Key, Theme, Ui};

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
    /// Get pictures that were offered by [`AppState::offer`].
    Fetch(String),
    /// Draw in this theme from now on.
    Theme(Theme),
    /// Speak this language from now on.
    Language(Language),
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

/// Counts of a network that is not built yet.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    spec: ModelSpec,
    pub layers: Layers,
    pub parameters: u64,
    pub macs: u64,
}

/// Numbers of the transport and the charts, renewed at most twenty times a second so that they can be
/// read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Readouts {
    taken: f64,
    pub step: u64,
    pub epoch: u32,
    pub images_per_s: Option<f32>,
    pub left: Option<f64>,
    pub train_loss: Option<f32>,
}

/// Seconds between two readings of [`Readouts`].
const READING: f64 = 0.05;
/// Steps that take longer than this call for a smaller network.
const SLOW_STEP: f64 = 2.0;

/// Everything the window remembers.
#[derive(Debug, Default)]
pub struct AppState {
    /// What the controls show.
    pub form: Form,
    /// What was measured.
    pub history: History,
    /// What fills the window.
    pub view: View,
    /// The block and the number that are chosen, in all panels.
    pub selection: Selection,
    /// What goes through the network to be looked at.
    pub looks: Looks,
    pub(super) canvas: Option<Canvas>,
    pub(super) scope: ScopeState,
    /// What the session was last told to look at.
    watched: Option<Watch>,
    pub(super) toasts: Toasts,
    pub(super) decades: Decades,
    /// Largest rms that entered a ⊕ so far: the scale of the block cards.
    pub(super) signal: f32,
    pub(super) readouts: Readouts,
    pub(super) diverged: Option<Divergence>,
    pub(super) lost: Option<String>,
    pub(super) progress: Option<Progress>,
    pub(super) offers: Vec<String>,
    pub(super) linear_loss: bool,
    pub(super) help: bool,
    /// Whether controls were touched since the last build; if not, they follow what is built.
    touched: bool,
    /// Whether training is what the user wants, also while something else goes on.
    wants_run: bool,
    /// Run as soon as the network under way is built.
    run_when_built: bool,
    /// The recipe that runs, with all changes sent so far.
    live: Option<Recipe>,
    sketches: Vec<Sketch>,
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
            self.offers.push(name);
        }
    }

    /// The texture with what was seen, from now on.
    pub fn set_canvas(&mut self, canvas: Option<Canvas>) {
        self.canvas = canvas;
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

    /// Takes in what the session reports.
    pub fn on_event(&mut self, event: &Event) {
        self.history.on_event(event);
        self.scope.on_event(event);
        match event {
            Event::Built(model) => self.on_built(model),
            Event::Step(record) => self.on_step(record),
            Event::Finished => {
                self.wants_run = false;
                let steps = self.history.loss.last_step().map_or(0, |s| s + 1);
                self.tell(Severity::Remark, i18n::finished(&numbers::grouped(steps)));
            }
            Event::Loaded { step } => {
                self.diverged = None;
                self.tell(Severity::Remark, i18n::loaded(&numbers::grouped(*step)));
            }
            Event::Warning(text) => self.tell(Severity::Warning, text),
            Event::Error(text) => {
                // If it was the build that failed, nothing is to run when the next one succeeds.
                self.run_when_built = false;
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
            | Event::Evaluated(_)
            | Event::Saved { .. } => {}
        }
    }

    /// The session has got a picture of the user's own: look at it.
    pub fn own_picture_arrived(&mut self) {
        self.scope.pictures.own_arrived(&mut self.looks);
    }

    fn on_built(&mut self, model: &ModelInfo) {
        self.decades = Decades::default();
        self.signal = 0.0;
        self.diverged = None;
        self.live = Some(model.recipe.clone());
        if !self.touched {
            self.form = Form::of(model);
        }
        if std::mem::take(&mut self.run_when_built) {
            self.send(Command::Run);
        }
    }

    fn on_step(&mut self, record: &StepRecord) {
        for &norm in &record.grad_norm {
            self.decades.include(norm);
        }
        for block in &record.blocks {
            for rms in [block.shortcut.rms(), block.branch.rms()] {
                if rms.is_finite() {
                    self.signal = self.signal.max(rms);
                }
            }
        }
    }

    /// Draws the whole window into `ui` and returns what was asked for since the last call.
    pub fn draw(&mut self, ui: &mut Ui, snapshot: &Snapshot) -> Vec<UiCommand> {
        self.read(ui, snapshot);
        self.keys(ui, snapshot);
        if ui.available_width() < theme::size::ONE_COLUMN {
            panels::one_column(ui, self, snapshot);
        } else {
            panels::wide(ui, self, snapshot);
        }
        panels::help::show(ui, self);
        self.toasts.draw(ui.ctx());
        self.send_changes();
        self.look(ui, snapshot);
        self.take_commands()
    }

    /// Draws one part of the window by itself: into a tile, or in a test.
    pub fn draw_part(&mut self, ui: &mut Ui, part: Part, snapshot: &Snapshot) -> Vec<UiCommand> {
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
            Command::Run => self.wants_run = true,
            Command::Pause | Command::Stop => self.wants_run = false,
            _ => {}
        }
        self.ask(UiCommand::Session(command));
    }

    /// The controls were changed by hand.
    pub(super) fn touch(&mut self) {
        self.touched = true;
    }

    fn read(&mut self, ui: &Ui, snapshot: &Snapshot) {
        let now = ui.input(|i| i.time);
        let moving = snapshot.phase == Phase::Running && snapshot.step > self.readouts.step;
        if moving && now - self.readouts.taken < READING {
            return;
        }
        let batch = snapshot.model.as_ref().map_or(0, |m| m.recipe.batch);
        let left = snapshot.images_per_s.filter(|r| *r > 0.0).map(|rate| {
            snapshot.total_steps.saturating_sub(snapshot.step) as f64 * batch as f64 / f64::from(rate)
        });
        self.readouts = Readouts {
            taken: now,
            step: snapshot.step,
            epoch: snapshot.epoch,
            images_per_s: snapshot.images_per_s,
            left,
            train_loss: self.history.loss.smooth(),
        };
    }

    fn keys(&mut self, ui: &Ui, snapshot: &Snapshot) {
        // A focused control owns the keys: Space presses it, digits go into it.
        if ui.memory(|m| m.focused().is_some()) || ui.ctx().egui_wants_keyboard_input() {
            return;
        }
        let pressed = |key| ui.input(|i| i.key_pressed(key) && !i.modifiers.command && !i.modifiers.alt);
        if pressed(Key::Space) {
            self.toggle_run(snapshot);
        }
        if pressed(Key::S) && can_train(snapshot) {
            self.send(Command::Step);
        }
        if pressed(Key::R) {
            self.restart(snapshot);
        }
        if pressed(Key::E) && snapshot.model.is_some() {
            self.send(Command::Evaluate);
        }
        if pressed(Key::T) {
            self.toggle_theme(ui);
        }
        let blocks = snapshot.model.as_ref().map_or(0, |m| m.block_names.len());
        microscope::keys(ui, &mut self.view, &mut self.selection, &mut self.scope, blocks);
        if pressed(Key::L) {
            self.toggle_language();
        }
        if pressed(Key::Questionmark) || pressed(Key::F1) {
            self.help = !self.help;
        }
    }

    /// Whether the button says Pause.
    pub(super) fn is_running(&self, snapshot: &Snapshot) -> bool {
        match snapshot.phase {
            Phase::Running => true,
            Phase::Evaluating => self.wants_run,
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
        self.history.rewind(0);
        self.decades = Decades::default();
        self.diverged = None;
        if running {
            self.begin();
        }
    }

    fn begin(&mut self) {
        self.history.rewind(0);
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

    /// Builds the form's network and trains it: how a window starts.
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

    pub(super) fn toggle_theme(&mut self, ui: &Ui) {
        let other = if ui.visuals().dark_mode { Theme::Light } else { Theme::Dark };
        self.ask(UiCommand::Theme(other));
    }

    pub(super) fn toggle_language(&mut self) {
        self.ask(UiCommand::Language(i18n::language().other()));
    }

    /// Hyperparameters that were moved go to what runs, once a frame.
    fn send_changes(&mut self) {
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

    /// Layers and counts of the network that is drawn: the one that is built, or else the one asked for.
    pub(super) fn drawn(&mut self, snapshot: &Snapshot) -> Option<&Sketch> {
        let spec = match &snapshot.model {
            Some(model) => model.spec.clone(),
            None => self.form.spec_for(classes(snapshot)),
        };
        self.sketch(&spec)
    }

    /// Layers and counts of `spec`; `None` if there is no such network. The last few are kept.
    pub(super) fn sketch(&mut self, spec: &ModelSpec) -> Option<&Sketch> {
        if let Some(i) = self.sketches.iter().position(|s| s.spec == *spec) {
            return self.sketches.get(i);
        }
        let graph = Graph::new(spec).ok()?;
        if self.sketches.len() == 4 {
            self.sketches.remove(0);
        }
        self.sketches.push(Sketch {
            spec: spec.clone(),
            layers: Layers::of(&graph),
            parameters: graph.parameter_count() as u64,
            macs: graph.macs(),
        });
        self.sketches.last()
    }

    /// Seconds a step takes, if that is too long to watch and a smaller network would help.
    pub(super) fn slow_step(&self, snapshot: &Snapshot) -> Option<f64> {
        let model = snapshot.model.as_ref()?;
        let step = model.recipe.batch as f64 / f64::from(snapshot.images_per_s?);
        (step > SLOW_STEP && model.macs > smallest_macs()).then_some(step)
    }

    /// Takes the network that a window begins with.
    pub(super) fn use_smaller(&mut self, snapshot: &Snapshot) {
        let first = Form::default();
        self.form.choose(&first.name);
        self.form.recipe.batch = self.form.recipe.batch.min(first.recipe.batch);
        self.build(snapshot);
    }
}

/// Twice the first network's work: what is below is small already.
fn smallest_macs() -> u64 {
    25_000_000
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
