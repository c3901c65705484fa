//! `cargo xtask test`: everything that must hold before a change is good.
//!
//! The last line is `N passed, N failed`, alone. It counts tests; a check that is no test (formatting, a
//! build, the page's size) adds one to the failed when it fails.

use crate::site::{self, Site};
use crate::{build_web, serve, setup, shell};
use anyhow::{Context, Result, bail};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

#[derive(clap::Args)]
pub struct Args {
    /// Only these steps; all if none are named.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Step {
    /// rustfmt agrees with every file.
    Format,
    /// clippy finds nothing, with and without the window.
    Lint,
    /// Rust's tests, on the machine's own Vulkan driver.
    Native,
    /// Burn, the second engine, comes to PyTorch's answers and to the own engine's runs, and clippy finds nothing there.
    Burn,
    /// The page builds within its size limits and passes its tests in Chromium.
    Page,
}

const ALL: [Step; 5] = [Step::Format, Step::Lint, Step::Native, Step::Burn, Step::Page];

#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

pub fn main(args: &Args) -> Result<()> {
    let wanted = |s: &Step| args.only.is_empty() || args.only.contains(s);
    let steps: Vec<_> = ALL.into_iter().filter(wanted).collect();
    let mut total = Tally::default();
    // All of it first: what cannot be installed is better known before builds of minutes.
    if let Err(error) = steps.iter().try_for_each(|step| step.set_up()) {
        eprintln!("error: {error:#}");
        total.failed += 1;
    } else {
        for step in steps {
            let started = Instant::now();
            let tally = step.run();
            eprintln!(
                "== {step:?}: {} passed, {} failed in {:.0} s\n",
                tally.passed,
                tally.failed,
                started.elapsed().as_secs_f32()
            );
            total.passed += tally.passed;
            total.failed += tally.failed;
        }
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

impl Step {
    fn set_up(self) -> Result<()> {
        match self {
            Step::Format => setup::component("rustfmt"),
            Step::Lint => setup::component("clippy").and_then(|()| setup::wasm_target()),
            Step::Native => setup::native_test_packages(),
            Step::Burn => setup::component("clippy").and_then(|()| setup::native_test_packages()),
            Step::Page => {
                setup::wasm_target()?;
                setup::node_packages()?;
                setup::browser().map(drop)
            }
        }
    }

    fn run(self) -> Tally {
        let mut tally = Tally::default();
        let outcome = match self {
            Step::Format => shell::run(shell::cargo().args(["fmt", "--all", "--check"])),
            Step::Lint => lint(),
            Step::Native => native(&mut tally),
            Step::Burn => burn(&mut tally),
            Step::Page => page(&mut tally),
        };
        // A step that fails without a failed test has failed before or beside its tests.
        if let Err(error) = outcome {
            eprintln!("error: {error:#}");
            tally.failed = tally.failed.max(1);
        }
        tally
    }
}

/// In the release profile, like everything else here, so that build scripts and macros are built once.
fn lint() -> Result<()> {
    let clippy = |args: &[&str]| {
        shell::run(shell::cargo().args(["clippy", "--release"]).args(args).args(["--", "--deny=warnings"]))
    };
    clippy(&["--package=skipscope", "--package=xtask", "--all-targets"])?;
    // The engine stands without the window and the terminal.
    clippy(&["--package=skipscope", "--no-default-features"])
}

/// One package after the other: together, cargo would merge the features of what they share and build
/// that anew. `skipscope-web` is left out, as it is empty on anything but wasm.
fn native(tally: &mut Tally) -> Result<()> {
    let mut outcome = Ok(());
    for package in ["xtask", "skipscope"] {
        let mut command = shell::cargo();
        command.args(["test", "--release", "--no-fail-fast", "--package", package]);
        outcome = outcome.and(watch(&mut command, tally, cargo_line));
    }
    outcome
}

/// Burn's tests are a package apart, with the fewest dependencies that there can be, and hardly optimised: either would
/// otherwise cost many minutes. clippy is the compiler here, so that it finds what it finds in the same build; by itself
/// it would have all dependencies checked once more.
fn burn(tally: &mut Tally) -> Result<()> {
    let mut command = shell::cargo();
    command.args(["test", "--release", "--no-fail-fast", "--package", "skipscope-burn-tests"]);
    command.args(["--config", "tests/burn/quick.toml"]);
    // As cargo-clippy sets them: clippy's arguments end with this word.
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    command.env("CLIPPY_ARGS", "--deny=warnings__CLIPPY_HACKERY__");
    watch(&mut command, tally, cargo_line)
}

/// `test result: ok. 3 passed; 0 failed; …`, one for each test program.
fn cargo_line(line: &str) -> Tally {
    let Some(counts) = line.strip_prefix("test result: ") else {
        return Tally::default();
    };
    let count = |what: &str| {
        let words: Vec<_> = counts.split([' ', ';']).collect();
        let at = words.iter().position(|word| *word == what)?;
        words.get(at.checked_sub(1)?)?.parse().ok()
    };
    Tally { passed: count("passed").unwrap_or(0), failed: count("failed").unwrap_or(0) }
}

/// Builds what visitors get and drives it in Chromium. It is served under a path of its own, because a
/// static host may do so: an address that is not relative shows at once.
fn page(tally: &mut Tally) -> Result<()> {
    let site = Site {
        prefix: "/hosted/somewhere/".into(),
        folder: build_web::release()?,
        archives: site::archives(&cifar()?)?,
    };
    let losses = native_losses()?;
    let kernels = browsers_kernels(tally);
    let address = serve::start(site, 0)?;
    let mut tests: Vec<_> = fs::read_dir(shell::web().join("e2e"))
        .context("cannot list web/e2e")?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    tests.sort();
    if tests.is_empty() {
        bail!("web/e2e holds no tests");
    }
    let mut command = Command::new("node");
    // One file at a time: they share one software GPU.
    command.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(tests);
    command.env("SKIPSCOPE_NATIVE_LOSSES", losses);
    command.env("SKIPSCOPE_URL", address).env("CHROMIUM", setup::browser()?);
    kernels.and(watch(command.current_dir(shell::web()), tally, node_line))
}

/// The tests of kernels once more on the browser's own software adapter, which has some of its own.
fn browsers_kernels(tally: &mut Tally) -> Result<()> {
    let driver = setup::swiftshader()?;
    let mut command = shell::cargo();
    command.args(["test", "--release", "--package", "skipscope", "--test", "engine"]);
    command.args(["--", "kernels::", "--include-ignored"]).env("VK_DRIVER_FILES", driver);
    watch(&mut command, tally, cargo_line)
}

/// `ℹ pass 3` and `ℹ fail 0`, once at the end.
fn node_line(line: &str) -> Tally {
    let count = |what: &str| line.strip_prefix("ℹ ")?.strip_prefix(what)?.trim().parse().ok();
    Tally { passed: count("pass ").unwrap_or(0), failed: count("fail ").unwrap_or(0) }
}

/// A real CIFAR-10 archive for the page's tests, in the folder of shared test data. With CI=true it has to
/// be there.
fn cifar() -> Result<Vec<PathBuf>> {
    let shared =
        env::var_os("SKIPSCOPE_SHARED").map_or_else(|| shell::root().join("../shared"), PathBuf::from);
    let archive = shared.join("data/cifar-10-mini-binary.tar.gz");
    if archive.is_file() {
        return Ok(vec![archive]);
    }
    if env::var("CI").as_deref() == Ok("true") {
        bail!("{} is missing; name its folder in SKIPSCOPE_SHARED", archive.display());
    }
    Ok(Vec::new())
}

/// Losses of three native steps that the page has to repeat, comma-separated.
fn native_losses() -> Result<String> {
    let log = env::temp_dir().join(format!("skipscope-native-{}.csv", std::process::id()));
    // As the tests have built it: a build without them is one of all dependencies with other features.
    shell::run(shell::cargo().args(["test", "--release", "--no-run", "--package", "skipscope"]))?;
    let mut command = Command::new(shell::target_dir()?.join("release/skipscope"));
    command.args(["train", "resnet18", "--batch", "4", "--steps", "3", "--lr", "0.001", "--seed", "1"]);
    command.args(["--adapter", "cpu", "--log"]);
    command.arg(&log);
    shell::run(&mut command)?;
    let text = fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?;
    fs::remove_file(&log).ok();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().context("the native run logged nothing")?;
    let column = head.iter().position(|name| *name == "loss").context("the log has no column `loss`")?;
    let losses: Vec<&str> = lines.filter_map(|row| row.get(column).copied()).take(3).collect();
    Ok(losses.join(","))
}

/// Runs a test program, shows what it writes, and counts.
fn watch(command: &mut Command, tally: &mut Tally, count: fn(&str) -> Tally) -> Result<()> {
    let shown = shell::show(command);
    eprintln!("$ {shown}");
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{shown}`"))?;
    let out = child.stdout.take().context("no standard output")?;
    let mut failed = 0;
    for line in BufReader::new(out).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        let found = count(&line);
        tally.passed += found.passed;
        failed += found.failed;
    }
    let status = child.wait()?;
    if !status.success() && failed == 0 {
        // Did not compile, or crashed: counts as one.
        failed = 1;
    }
    tally.failed += failed;
    if failed > 0 {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_results() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(cargo_line(line), Tally { passed: 12, failed: 3 });
        assert_eq!(cargo_line("test engine::tests::failed ... ok"), Tally::default());
        assert_eq!(node_line("ℹ pass 7"), Tally { passed: 7, failed: 0 });
        assert_eq!(node_line("ℹ fail 2"), Tally { passed: 0, failed: 2 });
        assert_eq!(node_line("✖ fail 2 of them"), Tally::default());
    }
}
