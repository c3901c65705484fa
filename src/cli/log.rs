//! `--log`: every step's measurements in a file, as a table or as JSON lines.
//!
//! CSV holds the scalars and each parameter's gradient norm, JSON lines everything. In both, `step` and `epoch`
//! of a training step count from 0; an evaluation has a row of its own, whose `step` is the number of
//! steps done.

use crate::session::{BlockStats, Evaluation, ModelInfo, StepRecord};
use anyhow::{Context as _, bail, ensure};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How old the file may be while it is written, so that it can be followed.
const FLUSH: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
}

fn format(path: &Path) -> anyhow::Result<Format> {
    match path.extension().and_then(|e| e.to_str()).map(str::to_lowercase).as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("jsonl") => Ok(Format::JsonLines),
        _ => bail!("--log {}: the name has to end in .csv or .jsonl", path.display()),
    }
}

/// Fails early on what would fail at the first step.
pub fn check(path: &Path) -> anyhow::Result<()> {
    format(path)?;
    super::train::check_folder("--log", path)
}

/// A log being written.
pub struct Log {
    path: PathBuf,
    format: Format,
    out: BufWriter<File>,
    flushed: Instant,
    params: Vec<String>,
    blocks: Vec<String>,
}

impl Log {
    /// Starts a log of `model`; `resume` goes on at the end of the one that is there.
    pub fn open(
        path: &Path,
        model: &ModelInfo,
        data: &str,
        adapter: &str,
        resume: bool,
    ) -> anyhow::Result<Self> {
        let format = format(path)?;
        let columns = "step,epoch,lr,loss,accuracy,test_accuracy,test_loss".split(',').map(str::to_owned);
        let norms = model.param_names.iter().map(|name| format!("grad_norm/{name}"));
        let header = columns.chain(norms).collect::<Vec<_>>().join(",");
        let old = if resume { first_line(path) } else { None };
        if format == Format::Csv
            && let Some(old) = &old
        {
            ensure!(
                *old == header,
                "{} has other columns than this network; give another --log",
                path.display()
            );
        }
        let mut options = OpenOptions::new();
        let options = if old.is_some() {
            options.append(true)
        } else {
            options.write(true).create(true).truncate(true)
        };
        let file = options.open(path).with_context(|| format!("cannot write {}", path.display()))?;
        let (params, blocks) = (model.param_names.clone(), model.block_names.clone());
        let mut log = Self {
            path: path.to_owned(),
            format,
            out: BufWriter::new(file),
            flushed: Instant::now(),
            params,
            blocks,
        };
        match log.format {
            Format::Csv if old.is_some() => {}
            Format::Csv => log.line(&header)?,
            Format::JsonLines => log.line(
                &json!({
                    "kind": "run", "model": model.name, "spec": model.spec, "recipe": model.recipe, "data": data,
                    "adapter": adapter, "variants": model.variants, "parameters": model.parameters,
                })
                .to_string(),
            )?,
        }
        Ok(log)
    }

    /// Adds a training step.
    pub fn step(&mut self, r: &StepRecord) -> anyhow::Result<()> {
        let line = match self.format {
            Format::Csv => {
                let scalars = format!("{},{},{},{},{},,", r.step, r.epoch, r.lr, r.loss, r.accuracy);
                r.grad_norm.iter().fold(scalars, |line, norm| line + "," + &norm.to_string())
            }
            Format::JsonLines => serde_json::to_string(&StepLine {
                kind: "step",
                step: r.step,
                epoch: r.epoch,
                batch_index: r.batch_index,
                images: r.images,
                lr: r.lr,
                loss: r.loss,
                accuracy: r.accuracy,
                grad_norm: Named(&self.params, &r.grad_norm),
                weight_norm: Named(&self.params, &r.weight_norm),
                blocks: Named(&self.blocks, &r.blocks),
            })?,
        };
        self.line(&line)
    }

    /// Adds an evaluation, made in epoch `epoch` (from 0).
    pub fn evaluation(&mut self, e: &Evaluation, epoch: u64) -> anyhow::Result<()> {
        let line = match self.format {
            Format::Csv => {
                format!("{},{epoch},,,,{},{}{}", e.step, e.accuracy, e.loss, ",".repeat(self.params.len()))
            }
            Format::JsonLines => serde_json::to_string(&EvaluationLine {
                kind: "evaluation",
                step: e.step,
                epoch,
                accuracy: e.accuracy,
                loss: e.loss,
                images: e.images,
            })?,
        };
        self.line(&line)
    }

    /// Makes sure that all of it is in the file.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        self.flushed = Instant::now();
        self.out.flush().with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.out, "{line}").with_context(|| format!("cannot write {}", self.path.display()))?;
        if self.flushed.elapsed() > FLUSH { self.flush() } else { Ok(()) }
    }
}

/// The first line of a file that is there and not empty.
fn first_line(path: &Path) -> Option<String> {
    let line = BufReader::new(File::open(path).ok()?).lines().next()?;
    Some(line.unwrap_or_default())
}

/// A step as JSON has it: names with their values.
#[derive(serde::Serialize)]
struct StepLine<'a> {
    kind: &'static str,
    step: u64,
    epoch: u32,
    batch_index: u64,
    images: u32,
    lr: f32,
    loss: f32,
    accuracy: f32,
    grad_norm: Named<'a, f32>,
    weight_norm: Named<'a, f32>,
    blocks: Named<'a, BlockStats>,
}

#[derive(serde::Serialize)]
struct EvaluationLine {
    kind: &'static str,
    step: u64,
    epoch: u64,
    accuracy: f32,
    loss: f32,
    images: usize,
}

/// A JSON object from names and values, in their order.
struct Named<'a, T>(&'a [String], &'a [T]);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0.iter().zip(self.1) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;
    use crate::train::Recipe;

    fn model() -> ModelInfo {
        ModelInfo {
            name: "tiny".into(),
            spec: by_name("resnet8").expect("in the zoo"),
            recipe: Recipe::default(),
            parameters: 3,
            macs: 4,
            gpu_bytes: 5,
            dispatches: 6,
            variants: Default::default(),
            param_names: vec!["b".into(), "a".into()],
            block_names: vec!["layer1.0".into()],
            reshapes: vec![],
        }
    }

    fn record(step: u64) -> StepRecord {
        StepRecord {
            step,
            lr: 0.01,
            loss: 2.5,
            accuracy: 0.25,
            grad_norm: vec![1.0, 2.0],
            weight_norm: vec![3.0, 4.0],
            blocks: vec![BlockStats::default()],
            ..StepRecord::default()
        }
    }

    const EVALUATION: Evaluation = Evaluation { step: 1, accuracy: 0.5, loss: 1.5, images: 10 };

    #[test]
    fn csv_is_a_table_that_grows_on_resume() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.csv");
        let mut log = Log::open(&path, &model(), "shapes10", "gpu", false).expect("opened");
        log.step(&record(0)).and_then(|()| log.evaluation(&EVALUATION, 0)).expect("written");
        drop(log);
        let mut log = Log::open(&path, &model(), "shapes10", "gpu", true).expect("opened again");
        log.step(&record(1)).and_then(|()| log.flush()).expect("written");
        assert_eq!(
            std::fs::read_to_string(&path).expect("readable"),
            "step,epoch,lr,loss,accuracy,test_accuracy,test_loss,grad_norm/b,grad_norm/a\n\
             0,0,0.01,2.5,0.25,,,1,2\n\
             1,0,,,,0.5,1.5,,\n\
             1,0,0.01,2.5,0.25,,,1,2\n"
        );
        let other = ModelInfo { param_names: vec!["c".into()], ..model() };
        assert!(Log::open(&path, &other, "shapes10", "gpu", true).is_err());
    }

    #[test]
    fn json_lines_hold_everything_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.jsonl");
        let mut log = Log::open(&path, &model(), "shapes10", "gpu", false).expect("opened");
        log.step(&record(0)).and_then(|()| log.evaluation(&EVALUATION, 0)).expect("written");
        drop(log);
        let text = std::fs::read_to_string(&path).expect("readable");
        let lines: Vec<serde_json::Value> =
            text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
        assert_eq!((&lines[0]["kind"], &lines[0]["recipe"]["batch"]), (&json!("run"), &json!(64)));
        assert_eq!((&lines[1]["grad_norm"]["a"], &lines[1]["weight_norm"]["b"]), (&json!(2.0), &json!(3.0)));
        assert_eq!(lines[1]["blocks"]["layer1.0"]["output"]["std"], json!(0.0));
        assert_eq!((&lines[2]["kind"], &lines[2]["accuracy"]), (&json!("evaluation"), &json!(0.5)));
    }

    #[test]
    fn only_two_endings_are_known() {
        assert!(check(Path::new("run.txt")).expect_err("unknown").to_string().contains(".csv or .jsonl"));
        assert!(check(Path::new("/nowhere/at/all/run.csv")).is_err());
        assert!(check(Path::new("run.CSV")).is_ok());
    }
}
