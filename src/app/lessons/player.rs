//! Plays a lesson: what of it is in sight, what was committed to, and the orders that the window carries
//! out one after the other.

use super::answers::{self, Answers, Summary};
use super::lesson::{Action, Item, Lesson};
use super::order::{On, Order};
use super::print;
use super::source::{self, Source};
use super::values::{self, Measured};
use crate::app::i18n::{self, Language};
use crate::app::link::Link;
use crate::app::state::{AppState, UiCommand};
use crate::app::toasts::Severity;
use crate::app::view::View;
use crate::session::{Command, Event, Phase, RaceSetup, RaceView, Snapshot};
use crate::train::Whom;
use eframe::egui::Ui;
use serde::Serialize;
use std::collections::VecDeque;
use web_time::{SystemTime, UNIX_EPOCH};

/// Everything about lessons that the window remembers.
#[derive(Debug, Default)]
pub struct Lessons {
    /// Their panel is shown.
    pub open: bool,
    pub playing: Option<Playing>,
    /// The adapter is a CPU: orders for those are the ones that count.
    pub cpu: bool,
    pub answers: Answers,
    /// Who hands in answers.
    pub student: String,
    /// What a teacher has pasted, while the view that sums it up is open.
    pub teacher: Option<String>,
    /// The layer outside all blocks whose line of code was pressed.
    pub lit: Option<String>,
    /// The layer that a line of code points at right now; the map rings it.
    pub pointed: Option<String>,
    /// A file that was asked for and what asked for it.
    awaited: Option<Source>,
}

/// A lesson that is played.
#[derive(Clone, Debug)]
pub struct Playing {
    pub source: Source,
    /// As it came, to be packed into a link.
    pub text: String,
    pub lesson: Lesson,
    language: Language,
    /// Milliseconds since 1970.
    opened: u64,
    /// By item: the option that is marked, and whether it is done with.
    pub marked: Vec<Option<usize>>,
    pub done: Vec<bool>,
    /// By item: a reveal's text with what was measured.
    pub revealed: Vec<Option<Revealed>>,
    /// What came out of the last race that the lesson has run, a line a network.
    raced: Option<String>,
    carrying_out: Option<CarryingOut>,
}

/// Where a lesson stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LessonState {
    pub name: String,
    pub title: String,
    /// Nothing is being carried out.
    pub prepared: bool,
    /// What it waits for: `predict`, `do`, `working`, `ask`, or nothing at its end.
    pub gate: Option<&'static str>,
    /// Prediction, experiment, reveal.
    pub stages: [bool; 3],
    pub revealed: Vec<String>,
}

/// A text with what was measured in it.
#[derive(Clone, Debug)]
pub struct Revealed {
    pub text: String,
    measured: Measured,
}

/// Orders on their way.
#[derive(Clone, Debug)]
struct CarryingOut {
    /// The item whose button was pressed; `None` for what the lesson prepares.
    item: Option<usize>,
    left: VecDeque<Order>,
    wait: Wait,
    begun_at: u64,
    /// The race that was asked for.
    race: Option<RaceSetup>,
}

/// What the next order waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wait {
    No,
    Built,
    Step(u64),
    Evaluated,
    Experiment,
    /// That the lanes of a race are trained; it may not have begun yet.
    Race {
        begun: bool,
    },
}

/// How far an experiment has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    Working,
    /// Steps done and wanted, and whether training goes on.
    Steps {
        done: u64,
        of: u64,
        runs: bool,
    },
}

/// What a file of the lesson called `key` is named.
pub fn file_name(key: &str, ending: &str) -> String {
    let name: String = key.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).take(40).collect();
    name + ending
}

impl Playing {
    fn new(source: Source, text: String, language: Language) -> Result<Self, String> {
        let lesson = Lesson::parse(&text)?;
        let n = lesson.items.len();
        Ok(Self {
            source,
            text,
            lesson,
            language,
            opened: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64),
            marked: vec![None; n],
            done: vec![false; n],
            revealed: vec![None; n],
            raced: None,
            carrying_out: None,
        })
    }

    /// The first item that is waited for, if any; nothing after it is in sight.
    pub fn gate(&self) -> Option<usize> {
        let waits = |i: usize, item: &Item| {
            matches!(item, Item::Do(_) | Item::Predict(_) | Item::Ask(_)) && !self.done[i]
        };
        self.lesson.items.iter().enumerate().find(|(i, item)| waits(*i, item)).map(|(i, _)| i)
    }

    /// Items in sight.
    pub fn shown(&self) -> usize {
        self.gate().map_or(self.lesson.items.len(), |g| g + 1)
    }

    /// Whether prediction, experiment and reveal are done with.
    pub fn stages(&self) -> [bool; 3] {
        let at = |wanted: fn(&Item) -> bool| self.lesson.items.iter().position(wanted);
        let predicted = at(|i| matches!(i, Item::Predict(_))).is_some_and(|i| self.done[i]);
        let revealed = at(|i| matches!(i, Item::Reveal(_))).is_some_and(|i| i < self.shown());
        [predicted, revealed, self.gate().is_none()]
    }

    /// Text of item `i` that shows what was measured, once it is time for it.
    fn to_reveal(&self, i: usize) -> Option<&str> {
        match &self.lesson.items[i] {
            Item::Reveal(text) => Some(text),
            Item::Ask(choice) if self.done[i] => Some(&choice.after),
            _ => None,
        }
    }

    /// What the student predicted, in the option's words.
    pub fn prediction(&self) -> Option<&str> {
        let i = self.lesson.items.iter().position(|i| matches!(i, Item::Predict(_)))?;
        let Item::Predict(choice) = &self.lesson.items[i] else { return None };
        let marked = self.marked[i].filter(|_| self.done[i])?;
        choice.options.get(marked).map(String::as_str)
    }

    /// Which question item `i` is among all.
    fn question(&self, i: usize) -> usize {
        let asks = |item: &&Item| matches!(item, Item::Predict(_) | Item::Ask(_));
        self.lesson.items[..i].iter().filter(asks).count()
    }

    /// The summary of what a class has handed in.
    pub fn summary(&self, pasted: &str) -> Summary {
        Summary::of(&self.lesson, &self.source.key(), pasted)
    }

    /// How far the experiment has come, while one is carried out.
    pub fn progress(&self, snapshot: &Snapshot) -> Option<Progress> {
        let carrying = self.carrying_out.as_ref()?;
        Some(match carrying.wait {
            Wait::Step(of) => Progress::Steps {
                done: snapshot.step.saturating_sub(carrying.begun_at),
                of: of - carrying.begun_at,
                runs: matches!(snapshot.phase, Phase::Running | Phase::Evaluating),
            },
            Wait::Race { begun: true } => match snapshot.race.as_deref() {
                Some(race) => Progress::Steps {
                    done: race.steps_done(),
                    of: race.steps * race.seeds,
                    runs: race.under_way,
                },
                None => Progress::Working,
            },
            _ => Progress::Working,
        })
    }
}

impl AppState {
    /// Opens what a link asks for behind `lesson=`, or says why not.
    pub fn open_lesson(&mut self, wanted: &str) {
        // What was chosen counts even while its font is on the way.
        let language = self.chosen_language.unwrap_or_else(i18n::language);
        let found = Source::of(wanted, language).and_then(|source| match &source {
            Source::BuiltIn(name) => {
                let text = source::text(name, language).unwrap_or_default().to_owned();
                Ok(Some((source, text)))
            }
            Source::Packed(packed) => {
                let text = source::unpack(packed)?;
                Ok(Some((source, text)))
            }
            Source::File { path, .. } => {
                self.ask(UiCommand::FetchLesson(path.clone()));
                self.lessons.awaited = Some(source);
                Ok(None)
            }
            Source::Opened(_) => Ok(None),
        });
        match found {
            Ok(Some((source, text))) => self.play(source, text),
            Ok(None) => {}
            Err(why) => self.tell(Severity::Error, i18n::lesson_unreadable(&why)),
        }
    }

    /// A lesson's file has arrived: asked for, dropped or opened.
    pub fn lesson_arrived(&mut self, name: &str, bytes: Vec<u8>) {
        // Whatever else arrives meanwhile is not what was asked for.
        let asked = |s: &mut Source| matches!(s, Source::File { path, .. } if path == name);
        let awaited = self.lessons.awaited.take_if(asked);
        let source = awaited.unwrap_or_else(|| Source::Opened(name.to_owned()));
        match String::from_utf8(bytes) {
            Ok(text) => self.play(source, text),
            Err(_) => self.tell(Severity::Error, i18n::lesson_unreadable(format!("{name} is no text"))),
        }
    }

    /// Answers of students have arrived as a file: they are summed up beside what was pasted before.
    pub fn answers_arrived(&mut self, bytes: &[u8]) {
        if self.lessons.playing.is_none() {
            return self.tell(Severity::Warning, i18n::class_needs_lesson());
        }
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(answers::LARGEST)]).into_owned();
        let pasted = self.lessons.teacher.get_or_insert_default();
        pasted.push_str(text.trim());
        pasted.push('\n');
    }

    fn play(&mut self, source: Source, text: String) {
        match Playing::new(source, text, i18n::language()) {
            Ok(playing) => {
                self.lessons.open = true;
                let orders = playing.lesson.prepare.clone();
                self.lessons.playing = Some(playing);
                self.carry_out(None, &orders);
            }
            Err(why) => self.tell(Severity::Error, i18n::lesson_unreadable(&why)),
        }
    }

    /// Whether a lesson stands beside the network: it tells itself how what it does ends.
    pub(in crate::app) fn lesson_tells(&self) -> bool {
        self.lessons.open && self.lessons.playing.is_some()
    }

    /// Whether the lesson that was just opened builds a network of its own.
    pub(in crate::app) fn lesson_builds(&self) -> bool {
        let carrying = self.lessons.playing.as_ref().and_then(|p| p.carrying_out.as_ref());
        carrying.is_some_and(|c| c.left.iter().any(|o| matches!(o, Order::Build(_))))
    }

    /// Where the lesson stands; the page tells it to scripts.
    pub fn lesson_state(&self) -> Option<LessonState> {
        let playing = self.lessons.playing.as_ref()?;
        let gate = playing.gate().map(|i| match playing.lesson.items[i] {
            Item::Predict(_) => "predict",
            Item::Ask(_) => "ask",
            _ if playing.carrying_out.is_some() => "working",
            _ => "do",
        });
        Some(LessonState {
            name: playing.source.key(),
            title: playing.lesson.title.clone(),
            prepared: playing.carrying_out.is_none(),
            gate,
            stages: playing.stages(),
            revealed: playing.revealed.iter().flatten().map(|r| r.text.clone()).collect(),
        })
    }

    /// Marks an option where one is asked for, then presses the lesson's button.
    pub fn lesson_press(&mut self, option: Option<usize>, snapshot: &Snapshot) {
        let Some(playing) = &mut self.lessons.playing else { return };
        if let (Some(gate), Some(option)) = (playing.gate(), option) {
            playing.marked[gate] = Some(option);
        }
        self.lesson_go_on(snapshot);
    }

    /// Closes the lesson and shows the list.
    pub(in crate::app) fn leave_lesson(&mut self) {
        self.lessons.playing = None;
    }

    /// Plays it from its beginning.
    pub(in crate::app) fn repeat_lesson(&mut self) {
        if let Some(playing) = self.lessons.playing.take() {
            self.lessons.answers.forget(&playing.source.key());
            self.play(playing.source, playing.text);
        }
    }

    /// Does what the lesson's one button says: commits to what is marked, or begins the experiment.
    pub(in crate::app) fn lesson_go_on(&mut self, snapshot: &Snapshot) {
        let Some(playing) = &mut self.lessons.playing else { return };
        if playing.progress(snapshot).is_some() {
            // Somebody has paused it.
            let race = matches!(playing.carrying_out, Some(CarryingOut { wait: Wait::Race { .. }, .. }));
            return self.send(if race { Command::ResumeRace } else { Command::Run });
        }
        let Some(i) = playing.gate() else { return };
        match &playing.lesson.items[i] {
            Item::Do(Action { orders, .. }) => {
                let orders = orders.clone();
                self.carry_out(Some(i), &orders);
            }
            _ => {
                if let Some(marked) = playing.marked[i] {
                    playing.done[i] = true;
                    let (key, question) = (playing.source.key(), playing.question(i));
                    self.lessons.answers.note(&key, question, marked);
                    self.reveal(snapshot);
                }
            }
        }
    }

    /// Asks to save the lesson as a sheet to print.
    pub(in crate::app) fn print_lesson(&mut self) {
        let Some(playing) = &self.lessons.playing else { return };
        let html = print::sheet(&playing.lesson, i18n::language().code());
        let name = file_name(&playing.source.key(), ".html");
        self.ask(UiCommand::SaveFile { name, bytes: html.into_bytes() });
    }

    /// Puts a link into the clipboard that opens this lesson; one that no site has travels in the link itself.
    pub(in crate::app) fn copy_lesson_link(&mut self, ui: &Ui) {
        let Some(playing) = &self.lessons.playing else { return };
        let wanted = match playing.source.wanted() {
            Some(wanted) => Ok(wanted),
            None => {
                source::pack(&playing.text).map(|packed| Source::Packed(packed).wanted().unwrap_or_default())
            }
        };
        match wanted {
            Ok(wanted) => {
                let hash = Link { lesson: Some(wanted), ..Link::default() }.hash();
                ui.ctx().copy_text(format!("{}#{hash}", self.address));
                self.tell(Severity::Remark, i18n::link_copied());
            }
            Err(why) => self.tell(Severity::Error, i18n::lesson_unreadable(&why)),
        }
    }

    fn carry_out(&mut self, item: Option<usize>, orders: &[(On, Order)]) {
        let cpu = self.lessons.cpu;
        let left = orders.iter().filter(|(on, _)| on.takes(cpu)).map(|(_, o)| o.clone()).collect();
        if let Some(playing) = &mut self.lessons.playing {
            playing.carrying_out = Some(CarryingOut { item, left, wait: Wait::No, begun_at: 0, race: None });
        }
    }

    /// Takes in what orders wait for.
    pub(in crate::app) fn lesson_on_event(&mut self, event: &Event) {
        let Some(playing) = &mut self.lessons.playing else { return };
        let Some(carrying) = &mut playing.carrying_out else { return };
        match (event, carrying.wait) {
            (Event::Built(_), Wait::Built)
            | (Event::Evaluated(_) | Event::EvaluatedThen(_), Wait::Evaluated)
            | (Event::ExperimentFinished, Wait::Experiment)
            | (Event::RaceFinished { .. }, Wait::Race { .. }) => carrying.wait = Wait::No,
            (Event::Step(record), Wait::Step(at)) if record.step + 1 == at => self.send(Command::Pause),
            // It goes on whatever was wrong, or is seen to be gone.
            (Event::Error(_), Wait::Race { begun: true }) => {}
            // What cannot be carried out is said elsewhere; the button is there again.
            (Event::Error(_), _) => playing.carrying_out = None,
            _ => {}
        }
    }

    /// Carries out what can be now; called once a frame.
    pub(in crate::app) fn lesson_tick(&mut self, snapshot: &Snapshot) {
        self.speak_lesson();
        while let Some(order) = self.next_order(snapshot) {
            let wait = self.obey(order, snapshot);
            if let Some(carrying) = self.lessons.playing.as_mut().and_then(|p| p.carrying_out.as_mut()) {
                carrying.wait = wait;
                carrying.begun_at = snapshot.step;
            }
        }
        self.reveal(snapshot);
    }

    /// The next order if nothing is waited for; the item is done when none is left.
    fn next_order(&mut self, snapshot: &Snapshot) -> Option<Order> {
        let playing = self.lessons.playing.as_mut()?;
        let carrying = playing.carrying_out.as_mut()?;
        if let Wait::Step(at) = carrying.wait {
            let over = matches!(snapshot.phase, Phase::Finished | Phase::Diverged | Phase::Lost);
            if over || snapshot.step >= at && snapshot.phase == Phase::Idle {
                carrying.wait = Wait::No;
            }
        }
        // Somebody has stopped it: what it has found until then has to do.
        if carrying.wait == Wait::Experiment
            && !self.lab.asked
            && snapshot.experiment.as_ref().is_none_or(|v| !v.under_way)
        {
            carrying.wait = Wait::No;
        }
        if let Wait::Race { begun } = carrying.wait {
            let asked = |r: &&RaceView| carrying.race.as_ref().is_some_and(|setup| r.is_of(setup));
            match snapshot.race.as_deref().filter(asked) {
                Some(race) if race.is_trained() && begun => carrying.wait = Wait::No,
                // The one before may be alike.
                Some(race) if race.is_trained() => {}
                Some(race) if race.is_open() => carrying.wait = Wait::Race { begun: true },
                // It was ended early, or something took its place: the button is there again.
                _ if begun => {
                    playing.carrying_out = None;
                    return None;
                }
                _ => {}
            }
        }
        if carrying.wait != Wait::No {
            return None;
        }
        // Without pictures and a network only these can be done.
        let next = carrying.left.front();
        if snapshot.data.is_none() && next.is_some() {
            return None;
        }
        let order = carrying.left.pop_front();
        if order.is_none() {
            if let Some(i) = carrying.item {
                playing.done[i] = true;
            }
            if carrying.race.is_some() {
                playing.raced = snapshot.race.as_deref().map(values::raced);
            }
            playing.carrying_out = None;
        }
        order
    }

    fn obey(&mut self, order: Order, snapshot: &Snapshot) -> Wait {
        match order {
            Order::Build(link) => {
                let (link, _) = Link::parse(&link);
                self.wants_run = false;
                self.run_when_built = false;
                self.form = link.form;
                self.build_quietly(snapshot);
                return Wait::Built;
            }
            Order::Show(link) => self.show_of(&link, snapshot),
            Order::Run(steps) => {
                self.send(Command::Run);
                return Wait::Step(snapshot.step + steps);
            }
            Order::Evaluate => {
                self.send(Command::Evaluate);
                return Wait::Evaluated;
            }
            Order::Lab(form) => {
                self.lab.form.choose(form);
                self.show(View::Lab);
                self.start_experiment(snapshot);
                return self.begun(self.lab.refused.clone(), Wait::Experiment);
            }
            Order::Race(form) => {
                self.race.form = form;
                self.show(View::Race);
                let race = self.start_race(snapshot);
                if let Some(carrying) = self.lessons.playing.as_mut().and_then(|p| p.carrying_out.as_mut()) {
                    carrying.race = race;
                }
                return self.begun(self.race.refused.clone(), Wait::Race { begun: false });
            }
            Order::Tab(tab) => self.charts.tab = tab,
            Order::Measure(measure) => self.map.measure = measure,
            Order::Alpha { block, value } => {
                let names = snapshot.model.as_ref().map(|m| m.block_names.as_slice()).unwrap_or_default();
                let at = block.as_ref().map(|b| names.iter().position(|n| n == b));
                match at {
                    Some(None) => self.tell(Severity::Warning, i18n::link_block(block.unwrap_or_default())),
                    at => {
                        let whom = at.flatten().map_or(Whom::Network, Whom::Block);
                        self.send(Command::SetAlpha { whom, alpha: value });
                    }
                }
            }
            Order::Name(name) => self.runs.rename(0, &name),
        }
        Wait::No
    }

    /// What to wait for once something was begun. What was refused is said, and the button is there again.
    fn begun(&mut self, refused: Option<String>, wait: Wait) -> Wait {
        let Some(why) = refused else { return wait };
        self.tell(Severity::Error, why);
        if let Some(playing) = &mut self.lessons.playing {
            playing.carrying_out = None;
        }
        Wait::No
    }

    /// Texts that show measured values take them now, and keep them.
    fn reveal(&mut self, snapshot: &Snapshot) {
        let Some(playing) = &mut self.lessons.playing else { return };
        let source = values::Source {
            snapshot,
            history: &self.history,
            runs: self.runs.kept(),
            lab: &self.lab,
            since: playing.opened,
            raced: playing.raced.as_deref(),
            name: self.runs.current.as_ref().map_or("", |c| c.name.as_str()),
        };
        for i in 0..playing.shown() {
            if playing.revealed[i].is_none()
                && let Some(text) = playing.to_reveal(i)
            {
                let measured = values::measured(text, &source);
                playing.revealed[i] = Some(Revealed { text: values::filled(text, &measured), measured });
            }
        }
    }

    /// A lesson of ours follows the window's language; how far it has come stays.
    fn speak_lesson(&mut self) {
        let language = i18n::language();
        let Some(playing) = self.lessons.playing.as_mut().filter(|p| p.language != language) else { return };
        playing.language = language;
        let Source::BuiltIn(name) = playing.source else { return };
        let Some(text) = source::text(name, language) else { return };
        if let Ok(lesson) = Lesson::parse(text) {
            playing.text = text.to_owned();
            playing.lesson = lesson;
            for i in 0..playing.revealed.len() {
                // What was measured stays, whatever is trained by now.
                let text = playing.to_reveal(i).unwrap_or_default().to_owned();
                if let Some(revealed) = &mut playing.revealed[i] {
                    revealed.text = values::filled(&text, &revealed.measured);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::panels::RaceForm;
    use crate::session::{LaneOutcome, LaneRun, RaceOutcome};
    use std::sync::Arc;

    const RACE: &str = "race resnet8:skip:4:1:8:0.02";

    /// What a session does with the commands of a window, as far as lessons notice.
    fn obeyed(app: &mut AppState, snapshot: &mut Snapshot) {
        for command in app.take_commands() {
            let UiCommand::Session(command) = command else { continue };
            match command {
                Command::Build(build) => {
                    snapshot.step = 0;
                    snapshot.phase = Phase::Idle;
                    let graph = crate::model::Graph::new(&build.spec).expect("valid");
                    let info = crate::session::ModelInfo {
                        name: build.name.clone(),
                        spec: build.spec.clone(),
                        recipe: build.recipe.clone(),
                        parameters: graph.parameter_count(),
                        macs: graph.macs(),
                        gpu_bytes: 0,
                        dispatches: 0,
                        variants: Default::default(),
                        param_names: graph.params.iter().map(|p| p.name.clone()).collect(),
                        block_names: graph.blocks.iter().map(|b| b.name.clone()).collect(),
                        reshapes: graph.blocks.iter().map(|b| b.reshapes()).collect(),
                    };
                    snapshot.model = Some(info.clone());
                    app.on_event(&Event::Built(Box::new(info)));
                }
                Command::Run => snapshot.phase = Phase::Running,
                Command::Pause => snapshot.phase = Phase::Idle,
                Command::Experiment(_) => app.on_event(&Event::ExperimentFinished),
                Command::Race(setup) => snapshot.race = Some(Arc::new(raced(&setup, 0))),
                Command::StopRace | Command::ResumeRace => {
                    let under_way = command == Command::ResumeRace;
                    let race = snapshot.race.take().map(Arc::unwrap_or_clone);
                    let race = race.map(|r| RaceView { under_way, resumable: !under_way, ..r });
                    snapshot.race = race.map(Arc::new);
                    if !under_way {
                        return;
                    }
                }
                Command::Evaluate => {
                    let e = crate::session::Evaluation {
                        step: snapshot.step,
                        accuracy: 0.5,
                        loss: 1.0,
                        images: 9,
                    };
                    snapshot.evaluation = Some(e);
                    app.on_event(&Event::Evaluated(e));
                }
                _ => {}
            }
        }
        if let Some(race) = snapshot.race.as_ref().filter(|r| r.under_way && !r.is_trained()) {
            let lanes: Vec<_> = race.outcome.lanes.iter().map(|l| l.lane.clone()).collect();
            let setup = RaceSetup { lanes, seeds: race.seeds };
            // It is seen to begin before it is over.
            let steps = (race.steps_done() + race.steps.div_ceil(2)).min(race.steps);
            snapshot.race = Some(Arc::new(raced(&setup, steps)));
        }
        if snapshot.phase == Phase::Running {
            let record = crate::session::StepRecord { step: snapshot.step, loss: 2.0, ..Default::default() };
            snapshot.step += 1;
            app.on_event(&Event::Step(Box::new(record)));
        }
    }

    /// A race of one seed whose lanes have all done so many steps; its test split is not measured yet.
    fn raced(setup: &RaceSetup, steps: u64) -> RaceView {
        let total = setup.lanes[0].recipe.steps.expect("a race has so many");
        let lane = |lane: &crate::session::Lane| {
            let last_loss = (steps == total).then_some(2.0);
            let run = LaneRun { loss: vec![2.0; steps as usize], last_loss, ..LaneRun::default() };
            LaneOutcome { runs: vec![run], ..LaneOutcome::before(lane.clone()) }
        };
        let lanes = setup.lanes.iter().map(lane).collect();
        let outcome = RaceOutcome { differ: None, lanes, seconds: Vec::new() };
        RaceView { under_way: true, outcome, ..RaceView::before([], total, setup.seeds) }
    }

    /// A lesson with a prediction that has been made, the experiment `orders`, which is pressed, and what it measured.
    fn experiment(orders: &str, then: &str) -> (AppState, Snapshot) {
        let text = format!(
            "---\ntitle: Race\n---\n```predict\nWhich?\n- [x] a\n- [ ] b\n```\n```do Race\n{orders}\n```\n\
             ```reveal\n{{race}}\n```\n{then}"
        );
        let (mut app, snapshot) = (AppState::default(), loaded());
        app.lesson_arrived("race.md", text.into());
        app.lesson_tick(&snapshot);
        app.lesson_press(Some(0), &snapshot);
        app.lesson_press(None, &snapshot);
        app.lesson_tick(&snapshot);
        (app, snapshot)
    }

    fn loaded() -> Snapshot {
        Snapshot { data: Some(Default::default()), phase: Phase::Idle, ..Snapshot::default() }
    }

    #[test]
    fn every_lesson_of_ours_can_be_played_to_its_end() {
        for name in source::names() {
            for cpu in [false, true] {
                let mut app = AppState::default();
                app.lessons.cpu = cpu;
                let mut snapshot = loaded();
                app.open_lesson(name);
                for _ in 0..20_000 {
                    app.lesson_tick(&snapshot);
                    obeyed(&mut app, &mut snapshot);
                    let playing = app.lessons.playing.as_mut().expect("plays");
                    let Some(gate) = playing.gate() else { break };
                    playing.marked[gate] = Some(0);
                    if playing.carrying_out.is_none() {
                        app.lesson_go_on(&snapshot);
                    }
                }
                let playing = app.lessons.playing.as_ref().expect("plays");
                assert_eq!(playing.gate(), None, "{name}");
                assert!(app.lessons.answers.has(name));
                let warned: Vec<_> =
                    app.toasts().list().iter().filter(|t| t.severity != Severity::Remark).collect();
                assert!(warned.is_empty(), "{name}: {warned:?}");
                let shown = playing.revealed.iter().flatten().count();
                assert_eq!(shown, 3, "{name}: a reveal and two answers");
            }
        }
    }

    #[test]
    fn nothing_after_a_gate_is_in_sight_and_a_prediction_is_locked() {
        let mut app = AppState::default();
        let snapshot = loaded();
        app.open_lesson("block");
        let shown = |app: &AppState| app.lessons.playing.as_ref().map_or(0, Playing::shown);
        let before = shown(&app);
        app.lessons.playing.as_mut().expect("plays").carrying_out = None;
        app.lesson_go_on(&snapshot);
        assert_eq!(shown(&app), before, "nothing is marked");
        let gate = app.lessons.playing.as_ref().and_then(Playing::gate).expect("a prediction");
        app.lessons.playing.as_mut().expect("plays").marked[gate] = Some(1);
        app.lesson_go_on(&snapshot);
        assert!(shown(&app) > before);
        assert_eq!(app.lessons.playing.as_ref().map(|p| p.stages()), Some([true, false, false]));
    }

    #[test]
    fn a_race_is_waited_for_until_its_lanes_are_trained_and_goes_on_where_it_was_stopped() {
        let again = format!("```do Again\n{RACE}\n```\n");
        let (mut app, mut snapshot) = experiment(RACE, &again);
        let gate = |app: &AppState| app.lesson_state().and_then(|l| l.gate);
        obeyed(&mut app, &mut snapshot);
        app.lesson_tick(&snapshot);
        let progress =
            |app: &AppState, s: &Snapshot| app.lessons.playing.as_ref().and_then(|p| p.progress(s));
        assert_eq!(progress(&app, &snapshot), Some(Progress::Steps { done: 2, of: 4, runs: true }));
        app.send(Command::StopRace);
        obeyed(&mut app, &mut snapshot);
        app.lesson_tick(&snapshot);
        assert_eq!((gate(&app), app.view), (Some("working"), View::Race), "stopped is not over");
        assert_eq!(progress(&app, &snapshot), Some(Progress::Steps { done: 2, of: 4, runs: false }));
        app.lesson_press(None, &snapshot);
        obeyed(&mut app, &mut snapshot);
        app.lesson_tick(&snapshot);
        let revealed = app.lesson_state().map(|l| l.revealed);
        assert_eq!(revealed, Some(vec!["- ResNet-8: **2.00**\n- plain-8: **2.00**".to_owned()]));
        // The same once more: what is there is the race before, whose test split is still measured.
        app.lesson_press(None, &snapshot);
        app.lesson_tick(&snapshot);
        app.lesson_tick(&snapshot);
        assert_eq!(gate(&app), Some("working"), "the race before is not taken for this one");
        obeyed(&mut app, &mut snapshot);
        app.lesson_tick(&snapshot);
        obeyed(&mut app, &mut snapshot);
        app.lesson_tick(&snapshot);
        assert_eq!(gate(&app), None);
    }

    #[test]
    fn a_race_that_was_ended_or_replaced_reveals_nothing() {
        let under_way = || {
            let (mut app, mut snapshot) = experiment(RACE, "");
            obeyed(&mut app, &mut snapshot);
            app.lesson_tick(&snapshot);
            assert_eq!(app.lesson_state().and_then(|l| l.gate), Some("working"));
            (app, snapshot)
        };
        let left = |app: &AppState| app.lesson_state().map(|l| (l.gate, l.revealed.len()));
        // What the controls describe by now is another race, and still this one is waited for.
        let (mut app, mut snapshot) = under_way();
        app.race.form.seeds = 3;
        app.on_event(&Event::Error("a lane has no skips".into()));
        app.lesson_tick(&snapshot);
        assert_eq!(left(&app), Some((Some("working"), 0)));
        obeyed(&mut app, &mut snapshot);
        app.lesson_tick(&snapshot);
        assert_eq!(left(&app), Some((None, 1)));
        // Ended in the middle: something else took its room.
        let (mut app, mut snapshot) = under_way();
        let race = snapshot.race.take().map(|r| RaceView { under_way: false, ..Arc::unwrap_or_clone(r) });
        snapshot.race = race.map(Arc::new);
        app.lesson_tick(&snapshot);
        assert_eq!(left(&app), Some((Some("do"), 0)));
        // Another one is run instead, to its end.
        let (mut app, mut snapshot) = under_way();
        let other = RaceForm::read("resnet14:skip:9:1:8:0.02").expect("a race");
        let setup = other.setup(&app.form.recipe, None).expect("possible");
        snapshot.race = Some(Arc::new(raced(&setup, 9)));
        app.lesson_tick(&snapshot);
        assert_eq!(left(&app), Some((Some("do"), 0)));
    }

    #[test]
    fn what_is_refused_is_said_and_can_be_asked_for_again() {
        let (mut app, mut snapshot) = experiment(&format!("build m=resnet8 steps=1\n{RACE}"), "");
        obeyed(&mut app, &mut snapshot);
        app.form.recipe.momentum = -1.0;
        app.lesson_tick(&snapshot);
        assert_eq!(app.lesson_state().and_then(|l| l.gate), Some("do"));
        assert!(app.toasts().list().iter().any(|t| t.severity == Severity::Error));
    }

    #[test]
    fn a_lesson_that_is_none_is_said_and_nothing_else_happens() {
        let mut app = AppState::default();
        for wanted in ["~AAAA", "//elsewhere/x.md", ""] {
            app.open_lesson(wanted);
        }
        app.lesson_arrived("notes.md", b"# Notes".to_vec());
        app.lesson_arrived("picture.md", vec![0xff, 0xfe, 0x00]);
        assert_eq!(app.toasts().list().len(), 5);
        assert!(app.lessons.playing.is_none() && app.take_commands().is_empty());
        // A file beside the page is asked for, and taken when it arrives, whatever arrives before it.
        app.open_lesson("mine");
        assert_eq!(app.take_commands(), [UiCommand::FetchLesson("lessons/mine.en.md".into())]);
        let text = source::text("block", Language::English).expect("built in");
        app.lesson_arrived("other.md", text.as_bytes().to_vec());
        assert_eq!(app.lessons.playing.as_ref().and_then(|p| p.source.wanted()), None);
        app.lesson_arrived("lessons/mine.en.md", text.as_bytes().to_vec());
        assert_eq!(app.lessons.playing.as_ref().and_then(|p| p.source.wanted()).as_deref(), Some("mine"));
    }

    #[test]
    fn what_was_measured_stays_when_the_language_changes() {
        let mut app = AppState::default();
        app.open_lesson("deeper");
        let playing = app.lessons.playing.as_mut().expect("plays");
        let at = playing.lesson.items.iter().position(|i| matches!(i, Item::Reveal(_))).expect("a reveal");
        let measured = Measured::from([("runs".to_owned(), "then".to_owned())]);
        playing.revealed[at] = Some(Revealed { text: String::new(), measured });
        // As if the lesson had been played in the other language so far.
        playing.language = match i18n::language() {
            Language::English => Language::Chinese,
            Language::Chinese => Language::English,
        };
        app.speak_lesson();
        let revealed = app.lessons.playing.as_ref().and_then(|p| p.revealed[at].as_ref()).expect("stays");
        assert!(revealed.text.contains("then") && !revealed.text.contains('{'), "{}", revealed.text);
    }
}
