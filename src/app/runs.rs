//! Runs that came before the one that is trained, kept to compare it with: their curves, what they were
//! trained on and how. The window keeps few of them; the oldest that is not pinned makes room. They outlive
//! the window on the [`shelf`](super::shelf).

use super::history::History;
use super::numbers::UNKNOWN;
use super::state::AppState;
use super::toasts::{Offer, Severity};
use super::{form, i18n};
use crate::model::ModelSpec;
use crate::session::{Evaluation, Event, ModelInfo, Phase, Snapshot};
use crate::train::Recipe;
use serde::{Deserialize, Serialize};
use web_time::{SystemTime, UNIX_EPOCH};

/// Runs kept at most.
const MOST: usize = 12;
/// Runs pinned at most, so that some room is left for the next ones.
const MOST_PINNED: usize = 8;
/// Shorter runs are not worth keeping.
pub(super) const LEAST_STEPS: u64 = 20;
/// Earlier runs whose curves are drawn without being asked for.
const DRAWN: usize = 3;
/// Characters of a name at most.
const NAME: usize = 60;

/// What is trained, on what, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Which run this is, wherever it is kept; 0 in files that do not say.
    #[serde(default)]
    pub id: u64,
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
    /// It does not make room for others.
    #[serde(skip)]
    pub pinned: bool,
}

/// An earlier run as the list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EarlierRun {
    pub name: String,
    pub lane: usize,
    pub drawn: bool,
    pub pinned: bool,
    pub steps: u64,
}

/// All runs of a window.
#[derive(Debug, Default)]
pub struct Runs {
    /// Oldest first.
    kept: Vec<Run>,
    /// The one that is trained.
    pub(super) current: Option<About>,
    /// What the test split had shown before the lesions of a step, and that step.
    whole: Option<(u64, Vec<Evaluation>)>,
    /// The last one that was deleted, and where it stood.
    deleted: Option<(usize, Run)>,
    /// The row whose name is being typed: a lane, and what it reads so far.
    pub(super) renaming: Option<(usize, String)>,
    /// Names of runs that have made room, until somebody is told.
    made_room: Vec<String>,
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

    /// Keeps `run`; the oldest that is not pinned makes room.
    pub fn keep(&mut self, mut run: Run) {
        if self.kept.len() == MOST {
            self.make_room();
        }
        run.lane = self.free_lane();
        run.drawn = self.drawn().count() < DRAWN;
        run.about.name = self.unused(&run.about.name);
        if run.about.id == 0 || self.kept.iter().any(|r| r.about.id == run.about.id) {
            run.about.id = self.unused_id();
        }
        self.kept.push(run);
    }

    /// Takes back what an earlier window has kept, oldest first, each with the colour it had if that is free.
    pub(super) fn restore(&mut self, earlier: Vec<Run>) {
        let since = std::mem::take(&mut self.kept);
        let going_on = self.current.as_ref().map_or(0, |c| c.id);
        let known: Vec<u64> = since.iter().map(|r| r.about.id).chain([going_on]).collect();
        self.kept = earlier.into_iter().filter(|r| !known.contains(&r.about.id)).collect();
        self.kept.extend(since);
        while self.kept.len() > MOST && self.make_room().is_some() {}
        self.tell_lanes_apart();
        if let Some(name) = self.current.as_ref().map(|c| self.unused(&c.name)) {
            self.rename(0, &name);
        }
    }

    /// Gives every run a colour of its own. The newest keep theirs: they are on the screen already.
    fn tell_lanes_apart(&mut self) {
        let mut taken = Vec::new();
        for run in self.kept.iter_mut().rev() {
            if !(1..=MOST).contains(&run.lane) || taken.contains(&run.lane) {
                run.lane = 0;
            }
            taken.push(run.lane);
        }
        while let Some(at) = self.kept.iter().position(|r| r.lane == 0) {
            self.kept[at].lane = self.free_lane();
        }
    }

    /// Removes the oldest run that is not pinned and returns which it was.
    pub(super) fn make_room(&mut self) -> Option<u64> {
        let at = self.kept.iter().position(|r| !r.pinned)?;
        let run = self.kept.remove(at);
        self.made_room.push(run.about.name);
        Some(run.about.id)
    }

    /// The run that is trained is the one that was kept under `id`.
    pub(super) fn take_up(&mut self, id: u64, name: String) {
        if id != 0 {
            self.kept.retain(|r| r.about.id != id);
        }
        if let Some(current) = &mut self.current {
            current.name = name;
            current.id = if id == 0 { current.id } else { id };
        }
    }

    /// Pins a run or lets it go; false if too many are pinned already.
    pub fn pin(&mut self, lane: usize) -> bool {
        let full = self.kept.iter().filter(|r| r.pinned).count() >= MOST_PINNED;
        let Some(run) = self.kept.iter_mut().find(|r| r.lane == lane) else { return true };
        if full && !run.pinned {
            return false;
        }
        run.pinned = !run.pinned;
        true
    }

    /// The colour that the next run gets.
    pub(super) fn free_lane(&self) -> usize {
        (1..).find(|l| self.kept.iter().all(|r| r.lane != *l)).unwrap_or(1)
    }

    /// Milliseconds since 1970, or later: no other run has it, and later runs have greater ones.
    fn unused_id(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| d.as_millis() as u64);
        let known = self.kept.iter().map(|r| r.about.id).chain(self.current.iter().map(|c| c.id));
        known.max().map_or(now, |last| now.max(last + 1))
    }

    /// Keeps a run that was opened, draws it, and returns what it is called here.
    pub fn open(&mut self, mut run: Run) -> String {
        run.about.id = 0;
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
            run.lane = self.free_lane();
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
            Event::Loaded { step } | Event::Branched { step }
                if self.history.loss.last_step().is_some_and(|last| last + 1 >= step + LEAST_STEPS) =>
            {
                self.keep_run();
            }
            Event::Operated(done) if done.change.is_lesion() => {
                let known = self.runs.whole.as_ref().is_some_and(|w| w.0 == done.step);
                if !known {
                    self.runs.whole = Some((done.step, self.history.evaluations.clone()));
                }
            }
            Event::Parted { step } => self.part_run(*step),
            _ => {}
        }
    }

    /// Keeps the run as it was before `step`, and goes on with it as another one.
    fn part_run(&mut self, step: u64) {
        let before = self.runs.current.as_ref().map_or_else(String::new, |c| c.name.clone());
        let (operations, evaluations) = (self.history.operations.clone(), self.history.evaluations.clone());
        self.history.operations.retain(|o| o.step < step);
        // The test split may have been gone through again after the lesion.
        if let Some((_, whole)) = self.runs.whole.take().filter(|w| w.0 == step) {
            self.history.evaluations = whole;
        }
        let kept = self.keep_run();
        (self.history.operations, self.history.evaluations) = (operations, evaluations);
        if let (true, Some(current)) = (kept, &self.runs.current) {
            let words = i18n::parted(current.name.clone(), before);
            self.tell(Severity::Remark, words);
        }
    }

    fn about(&self, model: &ModelInfo) -> About {
        About {
            id: self.runs.unused_id(),
            name: self.runs.unused(&form::title(&model.name)),
            data: String::new(),
            spec: model.spec.clone(),
            recipe: model.recipe.clone(),
        }
    }

    /// Earlier runs as the list shows them, oldest first; the page tells them to scripts.
    pub fn earlier_runs(&self) -> Vec<EarlierRun> {
        let row = |r: &Run| EarlierRun {
            name: r.about.name.clone(),
            lane: r.lane,
            drawn: r.drawn,
            pinned: r.pinned,
            steps: r.history.steps(),
        };
        self.runs.kept().iter().map(row).collect()
    }

    /// The run that is trained, as far as it has come.
    pub(super) fn current_run(&self) -> Option<Run> {
        let mut about = self.runs.current.clone()?;
        if let Some(live) = &self.live {
            about.recipe = live.clone();
        }
        Some(Run { about, history: self.history.clone(), lane: 0, drawn: true, pinned: false })
    }

    /// Keeps the run that is trained, if it is long enough to be compared with; another one begins. Whether it did.
    pub(super) fn keep_run(&mut self) -> bool {
        if self.history.steps() < LEAST_STEPS {
            return false;
        }
        let run = self.current_run();
        let kept = run.is_some();
        if let Some(run) = run {
            self.runs.keep(run);
            let id = self.runs.unused_id();
            if let Some(current) = &mut self.runs.current {
                current.id = id;
                let name = current.name.clone();
                let name = self.runs.unused(&name);
                self.runs.rename(0, &name);
            }
        }
        kept
    }

    /// What the snapshot knows of the run and no event says.
    pub(super) fn follow_run(&mut self, snapshot: &Snapshot) {
        for name in std::mem::take(&mut self.runs.made_room) {
            self.tell(Severity::Remark, i18n::run_made_room(&name));
        }
        if snapshot.phase != Phase::Running {
            self.history.rest();
        }
        if snapshot.epochs > 0 && snapshot.total_steps > 0 {
            self.history.steps_per_epoch = Some(snapshot.total_steps as f64 / f64::from(snapshot.epochs));
        }
        self.history.follow_operations(&snapshot.surgeries, snapshot.step);
        self.follow_flags(snapshot);
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

    /// Pins an earlier run or lets it go, or says that too many are pinned.
    pub(super) fn pin_run(&mut self, lane: usize) {
        if !self.runs.pin(lane) {
            self.tell(Severity::Remark, i18n::pins_full(MOST_PINNED));
        }
    }

    /// Deletes an earlier run and offers to bring it back.
    pub(super) fn delete_run(&mut self, lane: usize) {
        if let Some(name) = self.runs.delete(lane) {
            self.toasts.offer(Offer::Undo, i18n::run_deleted(&name));
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
            id: 0,
            name: name.into(),
            data: "shapes10".into(),
            spec: by_name("resnet8").expect("in the zoo"),
            recipe: Recipe::default(),
        };
        Run { about, history: History::default(), lane: 0, drawn: false, pinned: false }
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
    fn a_run_that_parts_keeps_what_was_measured_of_the_whole_network() {
        use crate::session::Evaluation;
        use crate::train::{Change, Surgery, Whom};
        let mut state = state();
        steps(&mut state, LEAST_STEPS);
        let tested =
            |accuracy| Event::Evaluated(Evaluation { step: LEAST_STEPS, accuracy, loss: 1.0, images: 9 });
        state.on_event(&tested(0.9));
        let lesion = Surgery { step: LEAST_STEPS, whom: Whom::Block(0), change: Change::Branch(0.0) };
        state.on_event(&Event::Operated(lesion));
        state.history.follow_operations(&[lesion], LEAST_STEPS);
        state.on_event(&tested(0.3));
        state.on_event(&Event::Parted { step: LEAST_STEPS });
        let last = |h: &History| h.evaluations.last().map(|e| e.accuracy);
        let [kept] = state.runs.kept() else { panic!("one run") };
        assert_eq!((last(&kept.history), kept.history.operations.as_slice()), (Some(0.9), [].as_slice()));
        assert_eq!(
            (last(&state.history), state.history.operations.as_slice()),
            (Some(0.3), [lesion].as_slice())
        );
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
    fn a_pinned_run_stays_and_the_next_oldest_goes() {
        let mut state = state();
        for i in 0..MOST {
            state.runs.keep(run(&format!("run {i}")));
        }
        for lane in 1..=MOST_PINNED {
            assert!(state.runs.pin(lane));
        }
        assert!(!state.runs.pin(MOST_PINNED + 1), "some room is left");
        state.runs.keep(run("new"));
        let names: Vec<&str> = state.runs.kept().iter().map(|r| r.about.name.as_str()).collect();
        assert!(names.contains(&"run 0") && !names.contains(&"run 8"), "{names:?}");
        state.follow_run(&Snapshot::default());
        assert!(state.toasts().list()[0].text.contains("run 8"));
        assert!(state.runs.pin(1) && state.runs.pin(MOST), "one is let go, another takes its place");
    }

    #[test]
    fn runs_of_an_earlier_window_come_first_and_keep_what_colour_they_can() {
        let mut state = state();
        state.runs.keep(run("since"));
        let earlier = [("a", 7, 3), ("b", 8, 1), ("ResNet-8", 9, 99)].map(|(name, id, lane)| {
            let mut run = run(name);
            (run.about.id, run.lane) = (id, lane);
            run
        });
        state.runs.restore(earlier.to_vec());
        let kept: Vec<_> = state.runs.kept().iter().map(|r| (r.about.name.as_str(), r.lane)).collect();
        assert_eq!(kept, [("a", 3), ("b", 2), ("ResNet-8", 4), ("since", 1)]);
        assert_eq!(state.runs.current.as_ref().map(|c| c.name.as_str()), Some("ResNet-8 · 2"));
        // The run that goes on is not beside itself.
        state.runs.take_up(7, "a".into());
        assert!(state.runs.kept().iter().all(|r| r.about.id != 7));
        state.runs.restore(vec![earlier[0].clone()]);
        assert!(state.runs.kept().iter().all(|r| r.about.id != 7));
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
