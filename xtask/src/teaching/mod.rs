//! `cargo xtask teaching`: runs the experiments that TEACHING.md tells of, and writes it from what came out.
//!
//! [`runs`] lists them as command lines. Every result is a file in one folder, so that hours of measuring can be
//! interrupted and gone on with. Each other file reads one kind of result and makes its section: tables and all sentences
//! with a number in them come from the files.

mod alpha;
mod degradation;
mod grid;
mod identity;
mod landscape;
mod lesion;
mod paths;
mod responses;
mod results;
mod runs;
mod shatter;
mod told;
mod trained;

use crate::shell;
use anyhow::{Context, Result, bail, ensure};
use results::Results;
use runs::{Experiment, Made};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(clap::Args)]
pub struct Args {
    /// Folder of the results; what is there is not run again [default: teaching in the target folder].
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
    /// CIFAR-10 archive for the experiments on real pictures; without one they are left out.
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
    /// Adapter to measure on, as in `skipscope --adapter`.
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Run only experiments whose result's name begins so, e.g. `alpha,race20`.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
    /// A skipscope that is built already; without it, it is built.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Run nothing; write TEACHING.md from the results that are there.
    #[arg(long)]
    write_only: bool,
}

const HEAD: &str = "\
# What comes out

Made by `cargo xtask teaching`; change that, not this page. Each experiment is one command of the program, so that anyone can
repeat it: the paper's claim, the command, what came out, and whether the claim is borne out at this scale. Brackets hold
the lowest and the highest of several seeds. “Reproduced” means: so in every seed, and in three at least. Of two values the
difference has to be 5 % or more, and their ranges must not overlap. Where only means over the seeds are known, that is said; where
these have standard errors, the difference has to be more than two of them.

Networks, recipes and words are those of the README. Files that a command names are what an earlier one has left. Where a data set is named `cifar-10-mini-binary.tar.gz`, it is 3,000
training and 500 test pictures of CIFAR-10, and PyTorch's figures beside ours were measured on the same file with the same
recipe, but other seeds. `shapes10` is built in: 5,000 and 1,000 generated pictures. Neither is CIFAR-10 as a whole, on which
the papers trained for a hundred times as many steps: what is compared here is what a class sees within minutes.
";

/// Runs what is missing, and writes TEACHING.md.
pub fn main(args: &Args) -> Result<()> {
    let folder = match &args.results {
        Some(folder) => folder.clone(),
        None => shell::target_dir()?.join("teaching"),
    };
    if args.write_only {
        ensure!(folder.is_dir(), "{} is no folder; name one with --results", folder.display());
    } else {
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        run_all(args, &folder)?;
    }
    let page = shell::root().join("TEACHING.md");
    fs::write(&page, written(&Results::new(folder))?)
        .with_context(|| format!("cannot write {}", page.display()))?;
    eprintln!("wrote {}", page.display());
    Ok(())
}

fn run_all(args: &Args, folder: &Path) -> Result<()> {
    if let Some(archive) = &args.archive {
        ensure!(archive.is_file(), "--archive {}: there is no such file", archive.display());
    }
    let program = match &args.program {
        Some(program) => program.clone(),
        None => {
            shell::run(shell::cargo().args(["build", "--release", "--package", "skipscope"]))?;
            shell::target_dir()?.join("release/skipscope")
        }
    };
    for experiment in runs::ALL {
        for seed in experiment.runs() {
            let name = experiment.name(seed);
            if !args.only.is_empty() && !args.only.iter().any(|o| name.starts_with(o)) {
                continue;
            }
            if experiment.made.is_there(folder, &name) {
                eprintln!("{name}: there already");
                continue;
            }
            let Some(words) = experiment.words(seed, folder, args.archive.as_deref()) else {
                eprintln!("{name}: left out, for it takes --archive");
                continue;
            };
            let mut command = Command::new(&program);
            command.args(words);
            if let Some(adapter) = &args.adapter {
                command.args(["--adapter", adapter]);
            }
            measure(&mut command, folder, &name, experiment)?;
        }
    }
    Ok(())
}

/// One run. Its files have their names only when it is over; a training that Ctrl-C has ended goes on where it was.
fn measure(command: &mut Command, folder: &Path, name: &str, experiment: &Experiment) -> Result<()> {
    let part = |ending: &str| folder.join(format!("{name}.unfinished.{ending}"));
    let output = match experiment.made {
        Made::Document => {
            command.arg("--json");
            let path = part("json");
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?.into()
        }
        Made::Training => {
            let weights = part("safetensors");
            if weights.is_file() {
                command.arg("--resume").arg(&weights);
            }
            command.arg("--save").arg(weights).arg("--log").arg(part("jsonl"));
            Stdio::null()
        }
    };
    eprintln!("{name}\n$ {}", shell::show(command));
    let status = command.stdout(output).status().context("cannot start skipscope")?;
    if !status.success() {
        bail!("{name} did not come to its end ({status}); the same command goes on with what is missing");
    }
    // Weights last: they say that a training is over.
    for ending in experiment.made.endings() {
        let whole = folder.join(format!("{name}.{ending}"));
        fs::rename(part(ending), &whole).with_context(|| format!("cannot write {}", whole.display()))?;
    }
    Ok(())
}

/// The whole page.
fn written(r: &Results) -> Result<String> {
    let sections = [
        degradation::section(r)?,
        grid::section(r)?,
        identity::section(r)?,
        lesion::section(r)?,
        paths::section(r)?,
        shatter::section(r)?,
        alpha::section(r)?,
        responses::section(r)?,
        landscape::section(r)?,
    ];
    Ok([HEAD.to_owned(), sections.join("\n"), r.provenance()?].join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_results_every_section_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let page = written(&Results::new(folder.path().to_path_buf())).expect("a page");
        for experiment in runs::ALL {
            assert!(page.contains(&experiment.shown()), "{}", experiment.shown());
        }
        assert_eq!(page.matches("not run yet").count(), runs::ALL.len(), "{page}");
        assert!(!page.contains("NaN") && !page.contains("eproduced."), "{page}");
    }

    #[test]
    fn a_broken_result_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("identity.json"), "{\"experiment\":").expect("written");
        let error = written(&Results::new(folder.path().to_path_buf())).expect_err("broken");
        assert!(format!("{error:#}").contains("identity.json"), "{error:#}");
    }
}
