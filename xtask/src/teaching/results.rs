//! The folder of results: what `skipscope lab --json` printed and what `skipscope train` logged.

use super::runs::{self, Experiment, Made};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

pub struct Results {
    folder: PathBuf,
}

/// What `--json` prints.
#[derive(Debug, Deserialize)]
pub struct Document<T> {
    pub version: String,
    pub adapter: String,
    /// Name of the pictures.
    pub data: String,
    pub outcome: T,
}

/// The first line of a training's log.
#[derive(Deserialize)]
struct Run {
    adapter: String,
}

impl Results {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Runs of `experiment` that are over, read by `parse`.
    fn read<T>(&self, experiment: &Experiment, parse: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
        let ending = experiment.made.endings()[0];
        let mut all = Vec::new();
        for seed in experiment.runs() {
            let name = experiment.name(seed);
            if !experiment.made.is_there(&self.folder, &name) {
                continue;
            }
            let path = self.folder.join(format!("{name}.{ending}"));
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let what = || format!("{} is no such result; remove it, and it is run again", path.display());
            all.push(parse(&text).with_context(what)?);
        }
        Ok(all)
    }

    /// Documents of `experiment`, one a run that is over.
    pub fn documents<T: DeserializeOwned>(&self, experiment: &Experiment) -> Result<Vec<Document<T>>> {
        self.read(experiment, |text| Ok(serde_json::from_str(text)?))
    }

    /// Logs of `experiment` read by `parse`, one a run that is over.
    pub fn logs<T>(&self, experiment: &Experiment, parse: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
        self.read(experiment, parse)
    }

    /// The commands of `experiments`, and which of them were not run yet.
    pub fn commands(&self, experiments: &[Experiment]) -> String {
        let line = |e: &Experiment| {
            let runs = e.runs();
            let left: Vec<_> = runs.iter().filter(|s| !e.made.is_there(&self.folder, &e.name(**s))).collect();
            let mut remarks: Vec<String> = e.seeds().into_iter().collect();
            if left.len() == runs.len() {
                remarks.push("not run yet".into());
            } else if !left.is_empty() {
                let seeds: Vec<_> = left.into_iter().flatten().map(u64::to_string).collect();
                remarks.push(format!("not run yet: {}", seeds.join(", ")));
            }
            let remark =
                if remarks.is_empty() { String::new() } else { format!("   # {}", remarks.join("; ")) };
            format!("    {}{remark}\n", e.shown())
        };
        experiments.iter().map(line).collect()
    }

    /// With what all of it was measured.
    pub fn provenance(&self) -> Result<String> {
        let mut seen = BTreeSet::new();
        for experiment in runs::ALL {
            match experiment.made {
                Made::Document => {
                    let found = self.documents::<IgnoredAny>(experiment)?;
                    seen.extend(
                        found.into_iter().map(|d| format!("Skipscope {} on {}", d.version, d.adapter)),
                    );
                }
                Made::Training => {
                    let found = self.logs(experiment, |text| {
                        let first = text.lines().next().unwrap_or_default();
                        Ok(serde_json::from_str::<Run>(first)?)
                    })?;
                    seen.extend(found.into_iter().map(|r| format!("trainings on {}", r.adapter)));
                }
            }
        }
        let seen: Vec<_> = seen.into_iter().collect();
        Ok(if seen.is_empty() { String::new() } else { format!("Measured with {}.\n", seen.join("; ")) })
    }
}
