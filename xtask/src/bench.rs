//! `cargo xtask bench-web` and `cargo xtask peers`: training steps timed in the page, and beside other frameworks.

use crate::site::Site;
use crate::{build_web, serve, setup, shell};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// How far losses may be apart: a benchmark that computes something else is worth nothing.
const SAME_LOSS: f64 = 1e-3;

#[derive(clap::Args)]
pub struct WebArgs {
    /// Network to time: resnet8, resnet20 or resnet18, or any other.
    #[arg(long, default_value = "resnet20")]
    model: String,
    /// Pictures in a step.
    #[arg(long, value_name = "N", default_value_t = 32)]
    batch: usize,
    /// Steps before the timed ones.
    #[arg(long, value_name = "N", default_value_t = 2)]
    warm: usize,
    /// Timed steps; the median counts.
    #[arg(long, value_name = "N", default_value_t = 5)]
    steps: usize,
    /// Kernel variant of an operation; may be repeated.
    #[arg(long, value_name = "OP=NAME")]
    variant: Vec<String>,
    /// Time every dispatch alone, and print a table of kernels instead.
    #[arg(long)]
    profile: bool,
}

#[derive(clap::Args)]
pub struct PeersArgs {
    /// Folder with `run.sh PEER MODEL`, which prints one line of JSON.
    #[arg(long, value_name = "DIR")]
    peers: PathBuf,
    /// How often each is timed, in turn.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// Only these, e.g. `torch-cpu`.
    #[arg(long, value_name = "PEER", value_delimiter = ',', default_values = ["torch-cpu", "jax-webgpu", "tfjs-webgpu"])]
    only: Vec<String>,
    /// Only these: R8 (batch 16), R20 (32), R18 (8).
    #[arg(long, value_name = "MODEL", value_delimiter = ',', default_values = ["R20", "R18"])]
    models: Vec<String>,
}

/// One run's line of results.
#[derive(Clone, Debug)]
struct Line {
    ms: f64,
    first_ms: f64,
    losses: Vec<f64>,
}

/// Builds the page that visitors get, times it and prints the line of results.
pub fn web(args: &WebArgs) -> Result<()> {
    let page = Page::start()?;
    let mut command = page.command(&args.model, args.batch);
    command.args(["--warm", &args.warm.to_string(), "--steps", &args.steps.to_string()]);
    for variant in &args.variant {
        command.args(["--variant", variant]);
    }
    if args.profile {
        command.arg("--profile");
    }
    print!("{}", shell::output(&mut command)?);
    Ok(())
}

/// Times Skipscope and each peer in turn, A B A B, and prints how often Skipscope's time the peer's is.
pub fn peers(args: &PeersArgs) -> Result<()> {
    ensure!(args.rounds > 0, "at least one round is needed");
    let script = args.peers.join("run.sh");
    ensure!(script.is_file(), "{} is missing; name the peers' folder with --peers", script.display());
    let models = args.models.iter().map(|m| model(m)).collect::<Result<Vec<_>>>()?;
    let native = args.only.iter().any(|p| p.ends_with("-cpu"));
    let in_page = args.only.iter().any(|p| !p.ends_with("-cpu"));
    if native {
        setup::native_test_packages()?;
        shell::run(shell::cargo().args(["build", "--release", "--package", "skipscope"]))?;
    }
    let page = in_page.then(Page::start).transpose()?;
    for ((name, batch), short) in models.into_iter().zip(&args.models) {
        for peer in &args.only {
            let mut rounds = Vec::new();
            for round in 1..=args.rounds {
                let mut own = match &page {
                    Some(page) if !peer.ends_with("-cpu") => page.command(name, batch),
                    _ => headless(name, batch)?,
                };
                let ours = timed(&mut own)?;
                let theirs = timed(Command::new(&script).args([peer, short]))?;
                same(&ours.losses, &theirs.losses).with_context(|| format!("{name} and {peer}"))?;
                eprintln!("{name} b{batch}, round {round}: {:.1} ms, {peer} {:.1} ms", ours.ms, theirs.ms);
                rounds.push((ours, theirs));
            }
            println!("{}", summary(name, batch, peer, &rounds));
        }
    }
    Ok(())
}

/// The page, served for as long as this program runs.
struct Page {
    address: String,
    browser: PathBuf,
}

impl Page {
    fn start() -> Result<Self> {
        let browser = setup::browser()?;
        let site = Site { prefix: "/".into(), folder: build_web::release()?, archives: Vec::new() };
        Ok(Self { address: serve::start(site, 0)?, browser })
    }

    fn command(&self, model: &str, batch: usize) -> Command {
        let mut command = Command::new("node");
        command.current_dir(shell::web()).arg("bench/step.mjs").args(["--url", &self.address]);
        command.args(["--model", model, "--batch", &batch.to_string()]);
        command.env("CHROMIUM", &self.browser);
        command
    }
}

/// Skipscope's own benchmark on a software adapter, without the driver's cache of shaders.
fn headless(model: &str, batch: usize) -> Result<Command> {
    let binary = shell::target_dir()?.join("release/skipscope");
    let mut command = Command::new(binary);
    command.args(["bench", "--adapter", "cpu", "--json", "--model", model, "--batch", &batch.to_string()]);
    command.env("MESA_SHADER_CACHE_DISABLE", "1");
    Ok(command)
}

/// The zoo's name and the batch of a peer's model.
fn model(short: &str) -> Result<(&'static str, usize)> {
    Ok(match short {
        "R8" => ("resnet8", 16),
        "R20" => ("resnet20", 32),
        "R18" => ("resnet18", 8),
        _ => bail!("the peers have no model {short}; there are R8, R20 and R18"),
    })
}

fn timed(command: &mut Command) -> Result<Line> {
    let text = shell::output(command)?;
    let line = text.lines().last().unwrap_or_default();
    parse(line).with_context(|| format!("`{}` printed no line of results: {line:?}", shell::show(command)))
}

fn parse(line: &str) -> Result<Line> {
    let value: Value = serde_json::from_str(line)?;
    let number = |name: &str| value[name].as_f64().with_context(|| format!("{name} is no number"));
    let losses = value["losses"].as_array().context("losses is no list")?;
    let losses =
        losses.iter().map(|l| l.as_f64().context("a loss is no number")).collect::<Result<Vec<_>>>()?;
    Ok(Line { ms: number("ms_per_step")?, first_ms: number("first_step_ms")?, losses })
}

/// Refuses to compare what computes something else.
fn same(ours: &[f64], theirs: &[f64]) -> Result<()> {
    let shared = ours.len().min(theirs.len());
    ensure!(shared > 0, "one of both has no loss");
    for (step, (a, b)) in ours.iter().zip(theirs).enumerate() {
        ensure!((a - b).abs() <= SAME_LOSS, "the losses of step {step} differ: {a} and {b}");
    }
    Ok(())
}

fn summary(name: &str, batch: usize, peer: &str, rounds: &[(Line, Line)]) -> String {
    let of = |value: fn(&(Line, Line)) -> f64| spread(rounds.iter().map(value).collect());
    format!(
        "{name} b{batch}: Skipscope {} ms, {peer} {} ms a step; its time is {} of Skipscope's, Skipscope's {} of its; \
         first step {} ms beyond a step",
        of(|r| r.0.ms),
        of(|r| r.1.ms),
        of(|r| r.1.ms / r.0.ms),
        of(|r| r.0.ms / r.1.ms),
        of(|r| r.0.first_ms - r.0.ms),
    )
}

/// Median, with minimum and maximum.
fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let digits = |v: f64| if v.abs() < 100.0 { format!("{v:.2}") } else { format!("{v:.0}") };
    match (values.first(), values.get(values.len() / 2), values.last()) {
        (Some(&low), Some(&middle), Some(&high)) => {
            format!("{} ({} to {})", digits(middle), digits(low), digits(high))
        }
        _ => "nothing".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"{"peer": "torch-cpu", "ms_per_step": 40.0, "first_step_ms": 741.0, "losses": [2.6552, 2.5768]}"#;

    #[test]
    fn results_are_compared_round_by_round() {
        let theirs = parse(LINE).expect("a line");
        let ours = |ms: f64| Line { ms, first_ms: ms + 500.0, losses: vec![2.65525, 2.57677, 2.4528] };
        same(&ours(1.0).losses, &theirs.losses).expect("the same run");
        let rounds: Vec<_> = [400.0, 320.0, 200.0].map(|ms| (ours(ms), theirs.clone())).into();
        let text = summary("resnet20", 32, "torch-cpu", &rounds);
        assert!(text.contains("Skipscope 320 (200 to 400) ms"), "{text}");
        assert!(text.contains("Skipscope's 8.00 (5.00 to 10.00) of its"), "{text}");
        assert!(text.contains("first step 500 (500 to 500) ms beyond a step"), "{text}");
    }

    #[test]
    fn another_computation_is_no_benchmark() {
        assert!(same(&[2.6552, 2.58], &[2.6552, 2.5768]).is_err());
        assert!(same(&[], &[2.6552]).is_err());
        assert!(same(&[f64::NAN], &[2.6552]).is_err());
        assert!(parse("Killed").is_err() && parse(r#"{"ms_per_step": 1.0}"#).is_err());
        assert!(model("CONV").is_err());
    }
}
