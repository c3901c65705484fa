//! What leaves the window as a file: the numbers behind a chart as CSV, a whole run as JSON. A run comes
//! back in through the same file; what is in it is checked as if a stranger had written it.

use super::charts::Tab;
use super::history::{History, Series};
use super::i18n;
use super::layer_history::LayerHistory;
use super::map::Measure;
use super::panels::{self, Confusion};
use super::runs::Run;
use super::state::{AppState, UiCommand};
use super::toasts::Severity;
use super::view::View;
use crate::lab::{Doing, Progress, shatter};
use crate::session::{
    CauseSetup, CellResult, Evaluation, Experiment, ExperimentView, Found, GridOutcome, LesionOutcome,
    Snapshot,
};
use serde::{Deserialize, Serialize};

/// Ending of a run's file.
pub const RUN: &str = ".skipscope.json";
/// What such a file says it is.
const FORMAT: &str = "skipscope-run";
const VERSION: u32 = 1;
/// No run is nearly as large.
pub const LARGEST: usize = 16 << 20;

#[derive(Serialize, Deserialize)]
struct RunFile {
    format: String,
    version: u32,
    run: Run,
    /// How it stands among others; only in files that a window keeps for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

/// How a run stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// Its colour.
    pub lane: usize,
    pub drawn: bool,
    pub pinned: bool,
}

/// A run as JSON.
pub fn write_run(run: &Run) -> Result<Vec<u8>, String> {
    write(run, None)
}

/// The same with its place in the list, to be kept until a later window.
pub(super) fn write_kept(run: &Run, place: Place) -> Result<Vec<u8>, String> {
    write(run, Some(place))
}

fn write(run: &Run, place: Option<Place>) -> Result<Vec<u8>, String> {
    let file = RunFile { format: FORMAT.into(), version: VERSION, run: run.clone(), place };
    serde_json::to_vec(&file).map_err(|e| e.to_string())
}

/// Whether this is a run's file as another version of the program writes it.
pub fn is_of_another_version(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Head {
        format: String,
        version: u32,
    }
    bytes.len() <= LARGEST
        && serde_json::from_slice(bytes).is_ok_and(|h: Head| h.format == FORMAT && h.version != VERSION)
}

/// A run from JSON; fails with what is wrong with it.
pub fn read_run(bytes: &[u8]) -> Result<Run, String> {
    if bytes.len() > LARGEST {
        return Err(format!("{} bytes are too many for a run", bytes.len()));
    }
    let file: RunFile = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if file.format != FORMAT || file.version != VERSION {
        return Err(format!("its format is {:?}, version {}", file.format, file.version));
    }
    let mut run = file.run;
    if let Some(Place { lane, drawn, pinned }) = file.place {
        (run.lane, run.drawn, run.pinned) = (lane, drawn, pinned);
    }
    run.about.spec.validate().map_err(|e| e.to_string())?;
    run.about.recipe.validate().map_err(|e| e.to_string())?;
    match run.history.fault() {
        Some(fault) => Err(fault.into()),
        None => Ok(run),
    }
}

/// A field as RFC 4180 wants it.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

/// One series of a run.
type Pick = fn(&History) -> &Series;

/// One line a bucket or evaluation: which run, what was measured, where, and its values.
fn curves<'a>(
    runs: impl Iterator<Item = (&'a str, &'a History)>,
    picks: &[(&str, Pick)],
    test: Option<fn(&Evaluation) -> f32>,
) -> String {
    let mut out = String::from("run,series,first_step,last_step,seconds,smoothed,min,max\n");
    for (name, history) in runs {
        let name = field(name);
        for (series, pick) in picks {
            for b in pick(history).buckets() {
                let (first, last) = (b.first_step, b.last_step);
                let values = [b.seconds, b.smooth, b.min, b.max].map(|v| v.to_string()).join(",");
                out += &format!("{name},{series},{first},{last},{values}\n");
            }
        }
        for e in history.evaluations.iter().filter(|_| test.is_some()) {
            let value = test.map_or(f32::NAN, |t| t(e));
            let seconds = history.seconds_at(e.step);
            out += &format!("{name},test,{0},{0},{seconds},{value},{value},{value}\n", e.step);
        }
    }
    out
}

/// One line a sample, one column a layer.
fn layers(history: &LayerHistory, measure: Measure, names: &[String]) -> String {
    let what = panels::layerwise(measure);
    let mut out = String::from("first_step,last_step");
    for name in names {
        out += ",";
        out += &field(name);
    }
    out += "\n";
    for row in history.rows().rev() {
        out += &format!("{},{}", row.first_step, row.last_step);
        for bar in 0..history.bars() {
            out += ",";
            if let Some(v) = history.value(row, what, bar) {
                out += &v.to_string();
            }
        }
        out += "\n";
    }
    out
}

/// Counts: a row a true class, a column a prediction.
fn matrix(confusion: &Confusion, names: &[String]) -> String {
    let mut out = String::from("true \\ predicted");
    for name in names {
        out += ",";
        out += &field(name);
    }
    out += "\n";
    for (i, name) in names.iter().enumerate() {
        out += &field(name);
        for j in 0..names.len() {
            out += &format!(",{}", confusion.count(i, j));
        }
        out += "\n";
    }
    out
}

/// What an experiment has found, as a table.
fn found(view: &ExperimentView) -> Option<String> {
    Some(match view.found.as_ref()? {
        Found::Lesion(runs) => LesionOutcome::csv(runs),
        Found::CauseGrid(grid) => grid.csv(),
        Found::Trust(found) => found.report.csv(),
        Found::Paths(found) => found.csv(),
        Found::Landscape(found) => found.csv(),
        Found::Identity(found) => found.csv(),
        #[cfg(feature = "burn")]
        Found::Engines(found) => found.csv(),
        Found::Shatter(found) => shatter::csv(found),
        Found::Alpha(found) => found.csv(),
    })
}

/// A grid from a file: of the window, or the terminal's own.
fn read_grid(bytes: &[u8]) -> Result<GridOutcome, String> {
    const MOST: usize = 10_000;
    if bytes.len() > LARGEST {
        return Err(i18n::cause_no_grid().into());
    }
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let inner = value.pointer("/found/cause_grid").unwrap_or(&value);
    let grid = GridOutcome::deserialize(inner).map_err(|_| i18n::cause_no_grid().to_owned())?;
    grid.settings.recipe.validate().map_err(|e| e.to_string())?;
    let known = |c: &CellResult| c.cell.spec(10).is_ok() && c.marks.len() <= grid.settings.at.len();
    let ascending = grid.settings.at.windows(2).all(|w| w[0] < w[1]);
    if grid.settings.at.is_empty() || !ascending || grid.cells.len() > MOST || !grid.cells.iter().all(known) {
        return Err(i18n::cause_no_grid().into());
    }
    Ok(grid)
}

impl AppState {
    /// The numbers behind the chart that is shown; `None` where there are none yet.
    fn csv(&self, snapshot: &Snapshot) -> Option<String> {
        let current = self.runs.current.as_ref().map_or("", |a| a.name.as_str());
        let earlier = self.runs.drawn().map(|r| (r.about.name.as_str(), &r.history));
        let runs = std::iter::once((current, &self.history)).chain(earlier);
        Some(match self.charts.tab {
            Tab::Loss => curves(runs, &[("train", |h| &h.loss)], Some(|e| e.loss)),
            Tab::Accuracy => curves(runs, &[("train", |h| &h.accuracy)], Some(|e| e.accuracy)),
            Tab::Rates => curves(runs, &[("learning rate", |h| &h.lr), ("images/s", |h| &h.rate)], None),
            Tab::Layers => {
                let names = panels::layer_names(snapshot, self.layer_history.bars());
                layers(&self.layer_history, self.charts.measure, &names)
            }
            Tab::Confusion => matrix(self.charts.confusion.as_ref()?, &snapshot.data.as_ref()?.classes),
        })
    }

    /// Asks to save the numbers behind the chart that is shown.
    pub(super) fn export_csv(&mut self, snapshot: &Snapshot) {
        let shown = match self.charts.tab {
            Tab::Loss => "loss",
            Tab::Accuracy => "accuracy",
            Tab::Rates => "learning-rate",
            Tab::Layers => "layers",
            Tab::Confusion => "confusion",
        };
        if let Some(csv) = self.csv(snapshot) {
            let name = format!("{}-{shown}.csv", self.form.name);
            self.ask(UiCommand::SaveFile { name, bytes: csv.into_bytes() });
        }
    }

    /// Asks to save what the chosen experiment has found last: all of it as JSON, or a table of it as CSV.
    pub(super) fn export_experiment(&mut self, table: bool) {
        let Some(view) = self.lab.seen(self.lab.form.which) else { return };
        let bytes = match table {
            true => Ok(found(view).unwrap_or_default().into_bytes()),
            false => serde_json::to_vec(&**view).map_err(|e| e.to_string()),
        };
        match bytes {
            Ok(bytes) => {
                let ending = if table { "csv" } else { "json" };
                let name = format!("skipscope-{}.{ending}", self.lab.form.which.code());
                self.ask(UiCommand::SaveFile { name, bytes });
            }
            Err(why) => self.tell(Severity::Error, i18n::save_failed(&why)),
        }
    }

    /// A grid of small runs has arrived, as the window saves it or the terminal: it is shown, and can be gone on with.
    pub fn open_grid(&mut self, name: &str, bytes: &[u8]) {
        match read_grid(bytes) {
            Ok(grid) => {
                if self.runs.current.as_ref().is_some_and(|c| c.data != grid.settings.data) {
                    self.tell(Severity::Warning, i18n::cause_other_data(&grid.settings.data));
                }
                self.lab.form.cause.follow(&grid);
                let cells = grid.cells.iter().map(|c| c.cell).collect();
                let setup = CauseSetup { settings: grid.settings.clone(), cells, done: None };
                let done = grid.cells.len() as u64;
                self.lab.put(ExperimentView {
                    experiment: Experiment::CauseGrid(setup),
                    under_way: false,
                    resumable: false,
                    step: 0,
                    progress: Progress { done, total: done, what: Doing::Nothing },
                    found: Some(Found::CauseGrid(grid)),
                    failed: None,
                });
                self.show(View::Lab);
            }
            Err(why) => self.tell(Severity::Error, i18n::read_failed(name, &why)),
        }
    }

    /// Asks to save the run that is trained, as far as it has come.
    pub(super) fn export_run(&mut self) {
        let Some(run) = self.current_run() else { return };
        match write_run(&run) {
            Ok(bytes) => {
                let name = format!("{}{RUN}", self.form.name);
                self.ask(UiCommand::SaveFile { name, bytes });
            }
            Err(why) => self.tell(Severity::Error, i18n::save_failed(&why)),
        }
    }

    /// A run's file has arrived: its curves are drawn beside this run's, or it is said why not.
    pub fn open_run(&mut self, name: &str, bytes: &[u8]) {
        match read_run(bytes) {
            Ok(run) => {
                let name = self.runs.open(run);
                self.tell(Severity::Remark, i18n::run_opened(&name));
            }
            Err(why) => self.tell(Severity::Error, i18n::run_unreadable(name, &why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::runs::About;
    use super::*;
    use crate::model::by_name;
    use crate::session::{Event, StepRecord, TestDetail};
    use crate::train::Recipe;
    use std::sync::Arc;

    fn run() -> Run {
        let mut history = History::default();
        history.steps_per_epoch = Some(12.5);
        for step in 0..30 {
            let record =
                StepRecord { step, loss: 2.0 / (1.0 + step as f32), lr: 0.1, ..StepRecord::default() };
            history.on_event(&Event::Step(Box::new(record)));
        }
        history.on_event(&Event::Evaluated(Evaluation { step: 30, accuracy: 0.25, loss: 1.5, images: 8 }));
        let about = About {
            id: 0,
            name: "a, \"b\"".into(),
            data: "shapes10".into(),
            spec: by_name("resnet8").expect("in the zoo"),
            recipe: Recipe::default(),
        };
        Run { about, history, lane: 0, drawn: false, pinned: false }
    }

    #[test]
    fn a_run_comes_back_as_it_was() {
        let bytes = write_run(&run()).expect("written");
        assert_eq!(read_run(&bytes), Ok(run_like(&bytes)));
        let back = read_run(&bytes).expect("read");
        assert_eq!(write_run(&back).expect("written"), bytes);
        assert_eq!((back.history.steps(), back.history.best_accuracy()), (30, Some(0.25)));
    }

    /// The file's run by way of untyped JSON.
    fn run_like(bytes: &[u8]) -> Run {
        let value: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
        serde_json::from_value(value["run"].clone()).expect("a run")
    }

    #[test]
    fn a_hostile_file_is_refused_with_words() {
        let good = String::from_utf8(write_run(&run()).expect("written")).expect("text");
        let spoiled = [
            String::new(),
            "[".repeat(100_000),
            "{}".into(),
            good.replace(FORMAT, "something"),
            good.replace("\"version\":1", "\"version\":2"),
            good.replace("\"stride\":1", "\"stride\":0"),
            good.replace("\"first_step\":3,", "\"first_step\":300,"),
            good.replace("\"accuracy\":0.25", "\"accuracy\":7"),
            good.replace("\"steps_per_epoch\":12.5", "\"steps_per_epoch\":-1"),
            good[..good.len() / 2].to_owned(),
        ];
        for text in spoiled {
            assert_ne!(text, good, "the replacement must find something");
            let why = read_run(text.as_bytes()).expect_err(&text[..text.len().min(60)]);
            assert!(!why.is_empty());
        }
        let mut state = AppState::default();
        state.open_run("x.skipscope.json", b"{}");
        assert_eq!(state.toasts().list()[0].severity, Severity::Error);
        assert!(state.runs.kept().is_empty());
    }

    #[test]
    fn an_opened_run_is_drawn() {
        let mut state = AppState::default();
        state.open_run("x.skipscope.json", &write_run(&run()).expect("written"));
        assert_eq!(state.runs.drawn().count(), 1);
        assert_eq!(state.toasts().list()[0].severity, Severity::Remark);
    }

    #[test]
    fn csv_says_every_bucket_and_quotes_names() {
        let run = run();
        let csv = {
            let runs = [(run.about.name.as_str(), &run.history)];
            curves(runs.into_iter(), &[("train", |h| &h.loss)], Some(|e| e.loss))
        };
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 1 + 30 + 1);
        assert!(lines[1].starts_with("\"a, \"\"b\"\"\",train,0,0,"), "{}", lines[1]);
        assert!(lines[1].ends_with(",2,2,2"));
        assert!(lines[31].contains(",test,30,30,") && lines[31].ends_with(",1.5,1.5,1.5"));
    }

    #[test]
    fn csv_of_the_matrix_is_its_counts() {
        let detail = TestDetail { labels: vec![0, 1, 1], predicted: vec![0, 0, 1], ..TestDetail::default() };
        let confusion = Confusion::new(Arc::new(detail), 2);
        let names = ["cat".to_owned(), "dog".to_owned()];
        assert_eq!(matrix(&confusion, &names), "true \\ predicted,cat,dog\ncat,1,0\ndog,1,1\n");
    }
}
