//! Runs that came before the one that is trained, kept to compare it with: their curves, what they were
//! trained on and how. The window keeps few of them and forgets the oldest; whoever wants to keep one for
//! good exports it.

use super::history::History;
use super::numbers::UNKNOWN;
use super::state::AppState;
use super::{form, i18n};
use crate::model::ModelSpec;
use crate::session::{Event, ModelInfo, Phase, Snapshot};
use crate::train::Recipe;
use serde::{Deserialize, Serialize};

/// Runs kept at most.
const MOST: usize = 12;
/// Shorter runs are not worth keeping.
const LEAST_STEPS: u64 = 20;
/// Earlier runs whose curves are drawn without being asked for.
const DRAWN: usize = 3;
/// Characters of a name at most.
const NAME: usize = 60;

/// What is trained, on what, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub name: String,
    /// Name of the pictures.
    pub data: String,
    pub spec: ModelSpec,
    pub recipe: Recipe,
}

/// A run with everything that was measured in it, layers aside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub about: About,
    pub history: History,
    /// Which colour and mark its curves have; 0 is the run that is trained.
    #[serde(skip)]
    pub lane: usize,
    /// Its curves are drawn.
    #[serde(skip)]
    pub drawn: bool,
}

/// All runs of a window.
#[derive(Debug, Default)]
pub struct Runs {
    /// Oldest first.
    kept: Vec<Run>,
    /// The one that is trained.
    pub(super) current: Option<About>,
    /// The last one that was deleted, and where it stood.
    deleted: Option<(usize, Run)>,
    /// The row whose name is being typed: a lane, and what it reads so far.
    pub(super) renaming: Option<(usize, String)>,
}

impl Runs {
    /// Earlier runs, oldest first.
    pub fn kept(&self) -> &[Run] {
        &self.kept
    }

    /// Earlier runs whose curves are drawn, oldest first.
    pub fn drawn(&self) -> impl Iterator<Item = &Run> {
        self.kept.iter().filter(|r| r.drawn)
    }

    /// Keeps `run`; the oldest makes room.
    pub fn keep(&mut self, mut run: Run) {
        if self.kept.len() == MOST {
            self.kept.remove(0);
        }
        run.lane = (1..).find(|l| self.kept.iter().all(|r| r.lane != *l)).unwrap_or(1);
        run.drawn = self.drawn().count() < DRAWN;
        run.about.name = self.unused(&run.about.name);
        self.kept.push(run);
    }

    /// Keeps a run that was opened, draws it, and returns what it is called here.
    pub fn open(&mut self, run: Run) -> String {
        self.keep(run);
        self.kept.last_mut().map_or(String::new(), |run| {
            run.drawn = true;
            run.about.name.clone()
        })
    }

    /// Draws a run's curves or hides them.
    pub fn toggle(&mut self, lane: usize) {
        if let Some(run) = self.kept.iter_mut().find(|r| r.lane == lane) {
            run.drawn = !run.drawn;
        }
    }

    /// Gives a run another name; lane 0 is the one that is trained. An empty name changes nothing.
    pub fn rename(&mut self, lane: usize, name: &str) {
        let name = clean(name);
        let about = match lane {
            0 => self.current.as_mut(),
            _ => self.kept.iter_mut().find(|r| r.lane == lane).map(|r| &mut r.about),
        };
        if let Some(about) = about.filter(|_| !name.is_empty()) {
            about.name = name;
        }
    }

    /// Deletes a run and returns its name; [`Runs::undo`] brings it back.
    pub fn delete(&mut self, lane: usize) -> Option<String> {
        let at = self.kept.iter().position(|r| r.lane == lane)?;
        let run = self.kept.remove(at);
        let name = run.about.name.clone();
        self.deleted = Some((at, run));
        Some(name)
    }

    /// Brings back what was deleted last.
    pub fn undo(&mut self) {
        let Some((at, mut run)) = self.deleted.take() else { return };
        if self.kept.len() == MOST {
            return;
        }
        // Another run may have its colour by now.
        if self.kept.iter().any(|r| r.lane == run.lane) {
            run.lane = (1..).find(|l| self.kept.iter().all(|r| r.lane != *l)).unwrap_or(1);
        }
        self.kept.insert(at.min(self.kept.len()), run);
    }

    /// `name`, with a number behind it if another run has it.
    fn unused(&self, name: &str) -> String {
        let name = clean(name);
        let name = if name.is_empty() { UNKNOWN.to_owned() } else { name };
        let taken = |n: &str| self.kept.iter().any(|r| r.about.name == n);
        let numbered = (2..).map(|i| format!("{name} · {i}"));
        std::iter::once(name.clone()).chain(numbered).find(|n| !taken(n)).unwrap_or(name)
    }
}

/// One line of bounded length.
fn clean(name: &str) -> String {
    let line: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    line.trim().to_owned()
}

impl AppState {
    /// Keeps what ends with `event`, before anything forgets it.
    pub(super) fn runs_on_event(&mut self, event: &Event) {
        match event {
            Event::Built(model) => {
                self.keep_run();
                self.runs.current = Some(self.about(model));
            }
            Event::Step(r) if self.history.loss.last_step().is_some_and(|last| r.step <= last) => {
                self.keep_run();
            }
            // What is cut off is worth keeping when it is as long as a run has to be.
            Event::Loaded { step }
                if self.history.loss.last_step().is_some_and(|last| last + 1 >= step + LEAST_STEPS) =>
            {
                self.keep_run();
            }
            _ => {}
        }
    }

    fn about(&self, model: &ModelInfo) -> About {
        About {
            name: self.runs.unused(&form::title(&model.name)),
            data: String::new(),
            spec: model.spec.clone(),
            recipe: model.recipe.clone(),
        }
    }

    /// The run that is trained, as far as it has come.
    pub(super) fn current_run(&self) -> Option<Run> {
        let mut about = self.runs.current.clone()?;
        if let Some(live) = &self.live {
            about.recipe = live.clone();
        }
        Some(Run { about, history: self.history.clone(), lane: 0, drawn: true })
    }

    /// Keeps the run that is trained, if it is long enough to be compared with; another one begins.
    pub(super) fn keep_run(&mut self) {
        if self.history.steps() < LEAST_STEPS {
            return;
        }
        if let Some(run) = self.current_run() {
            self.runs.keep(run);
            if let Some(current) = &self.runs.current {
                let name = self.runs.unused(&current.name);
                self.runs.rename(0, &name);
            }
        }
    }

    /// What the snapshot knows of the run and no event says.
    pub(super) fn follow_run(&mut self, snapshot: &Snapshot) {
        if snapshot.phase != Phase::Running {
            self.history.rest();
        }
        if snapshot.epochs > 0 && snapshot.total_steps > 0 {
            self.history.steps_per_epoch = Some(snapshot.total_steps as f64 / f64::from(snapshot.epochs));
        }
        if let (Some(rate), Some(last)) = (snapshot.images_per_s, &snapshot.last) {
            self.history.read_rate(last.step, rate);
        }
        if let (Some(current), Some(data)) = (&mut self.runs.current, &snapshot.data)
            && current.data != data.name
        {
            current.data.clone_from(&data.name);
        }
    }

    /// Brings back the run that was deleted last.
    pub(super) fn undo_delete(&mut self) {
        self.runs.undo();
    }

    /// Deletes an earlier run and offers to bring it back.
    pub(super) fn delete_run(&mut self, lane: usize) {
        if let Some(name) = self.runs.delete(lane) {
            self.toasts.offer_undo(i18n::run_deleted(&name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;
    use crate::session::StepRecord;

    fn run(name: &str) -> Run {
        let about = About {
            name: name.into(),
            data: "shapes10".into(),
            spec: by_name("resnet8").expect("in the zoo"),
            recipe: Recipe::default(),
        };
        Run { about, history: History::default(), lane: 0, drawn: false }
    }

    fn state() -> AppState {
        let mut state = AppState::default();
        state.runs.current = Some(run("ResNet-8").about);
        state
    }

    fn steps(state: &mut AppState, n: u64) {
        for step in 0..n {
            state.on_event(&Event::Step(Box::new(StepRecord { step, loss: 1.0, ..StepRecord::default() })));
        }
    }

    #[test]
    fn a_run_is_kept_once_it_is_long_enough() {
        let mut state = state();
        steps(&mut state, LEAST_STEPS - 1);
        steps(&mut state, LEAST_STEPS);
        assert_eq!(state.runs.kept().len(), 0);
        steps(&mut state, 1);
        let [kept] = state.runs.kept() else { panic!("one run") };
        assert_eq!((kept.history.steps(), kept.lane, kept.drawn), (LEAST_STEPS, 1, true));
        assert_eq!(kept.about.name, "ResNet-8");
        assert_eq!(state.runs.current.as_ref().expect("goes on").name, "ResNet-8 · 2");
    }

    #[test]
    fn the_oldest_makes_room_and_lanes_stay_apart() {
        let mut runs = Runs::default();
        for i in 0..MOST + 3 {
            runs.keep(run(&format!("run {i}")));
        }
        assert_eq!(runs.kept().len(), MOST);
        assert_eq!(runs.kept()[0].about.name, "run 3");
        let mut lanes: Vec<usize> = runs.kept().iter().map(|r| r.lane).collect();
        lanes.sort_unstable();
        assert_eq!(lanes, (1..=MOST).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_deleted_comes_back_where_it_was() {
        let mut runs = Runs::default();
        for name in ["a", "b", "c"] {
            runs.keep(run(name));
        }
        let before = runs.kept().to_vec();
        assert_eq!(runs.delete(2).as_deref(), Some("b"));
        assert_eq!(runs.kept().len(), 2);
        runs.undo();
        assert_eq!(runs.kept(), before);
        runs.undo();
        assert_eq!(runs.kept().len(), 3);
    }

    #[test]
    fn names_are_single_lines_and_never_empty() {
        let mut runs = Runs::default();
        runs.keep(run("a"));
        runs.keep(run("a"));
        assert_eq!(runs.kept()[1].about.name, "a · 2");
        runs.rename(1, "  \n");
        assert_eq!(runs.kept()[0].about.name, "a");
        runs.rename(1, "warm\nup ");
        assert_eq!(runs.kept()[0].about.name, "warmup");
    }
}
