//! `skipscope bench`.

use super::args::{DeviceArgs, ENGINES, choice};
use super::{headless, model, text};
use crate::bench::{self, Bench, BenchOptions, BenchResult, Cold, Profiling, Share, StepProfile, cold};
use crate::engine::variants::Variants;
use crate::gpu::Gpu;
use crate::session::EngineKind;
#[cfg(not(feature = "burn"))]
use anyhow::bail;
use anyhow::{anyhow, ensure};
use std::collections::BTreeMap;

/// Time training steps on fixed pictures and weights.
///
/// Data, weights, optimiser (SGD, learning rate 0.01, momentum 0.9) and projection shortcuts are those of the
/// same benchmark for other frameworks, and the loss is read back after each step, so the printed losses
/// have to equal theirs.
#[derive(clap::Args)]
pub struct Args {
    /// Network to time: resnet8, resnet20 or resnet18, or any other.
    #[arg(long)]
    model: String,

    /// Pictures in a step.
    #[arg(long, value_name = "N")]
    batch: usize,

    /// Steps before the timed ones.
    #[arg(long, value_name = "N", default_value_t = 2)]
    warm: usize,

    /// Timed steps; the median counts.
    #[arg(long, value_name = "N", default_value_t = 5)]
    steps: usize,

    /// Say where a step's time goes: every dispatch timed alone, against what the adapter can do at most.
    #[arg(long)]
    profile: bool,

    /// Say what compiling costs: every kernel made and run for the first time. The driver's own cache hides it; Mesa's
    /// is off with MESA_SHADER_CACHE_DISABLE=1.
    #[arg(long, conflicts_with = "profile")]
    cold: bool,

    /// Let every invocation load for itself, where four neighbours could share (only SwiftShader's can).
    #[arg(long)]
    no_quads: bool,

    /// Print one JSON object.
    #[arg(long)]
    json: bool,

    /// What computes; several are timed in turn, each set beside the first, e.g. `own,burn,own,burn`.
    ///
    /// Burn, which takes a program built with `--features burn`, has the measurements left out that are part of
    /// every step of the own engine.
    #[arg(long, value_name = "ENGINE", value_delimiter = ',', default_value = "own",
          value_parser = choice::<EngineKind>(&ENGINES))]
    engine: Vec<EngineKind>,

    #[command(flatten)]
    device: DeviceArgs,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    model::named(&args.model)?;
    for engine in &args.engine {
        engine.check().map_err(|e| anyhow!(e))?;
    }
    let burn = args.engine.iter().any(|e| *e != EngineKind::Own);
    ensure!(!(args.profile && burn), "--profile times the own engine's kernels; leave --engine out");
    let on = if args.engine.contains(&EngineKind::Burn) { EngineKind::Burn } else { EngineKind::Own };
    let gpu = args.device.open_for(on)?;
    let options = BenchOptions {
        model: args.model.clone(),
        batch: args.batch,
        warm: args.warm,
        steps: args.steps,
        // They are in `variants` already.
        variants: BTreeMap::new(),
        quads: !args.no_quads,
        profile: args.profile,
    };
    let spec = bench::network(&options).map_err(|e| anyhow!(e))?;
    // Timing kernels compiles them, and --cold measures what that costs.
    let variants = if args.cold {
        args.device.variants(&gpu)?
    } else {
        args.device.variants_for(&gpu, &spec, args.batch)?
    };
    tell_picks(&variants, args.json)?;
    if options.profile {
        let mut profiling = Profiling::new(&gpu, options, variants).map_err(|e| anyhow!(e))?;
        let profile = loop {
            match profiling.pump(&gpu).map_err(|e| anyhow!(e))? {
                Some(profile) => break profile,
                None => headless::rest(),
            }
        };
        return if args.json {
            text::print_line(&serde_json::to_string(&profile)?)
        } else {
            print_profile(&profile)
        };
    }
    if args.cold {
        let list = cold(&gpu, options, variants).map_err(|e| anyhow!(e))?;
        return if args.json { text::print_line(&serde_json::to_string(&list)?) } else { print_cold(&list) };
    }
    let mut first: Option<f64> = None;
    for engine in &args.engine {
        let result = match engine {
            EngineKind::Own => own(&gpu, options.clone(), variants.clone())?,
            #[cfg(feature = "burn")]
            other => crate::burn::bench(&gpu, *other, &options).map_err(|e| anyhow!(e))?,
            #[cfg(not(feature = "burn"))]
            other => bail!("this program has no engine '{other}'"),
        };
        if args.json {
            text::print_line(&serde_json::to_string(&result)?)?;
        } else {
            tell(&result, first)?;
        }
        first.get_or_insert(result.ms_per_step);
    }
    Ok(())
}

/// Says what was found out by timing.
fn tell_picks(variants: &Variants, json: bool) -> anyhow::Result<()> {
    let picks = variants.picks();
    if json || picks.is_empty() {
        return Ok(());
    }
    text::print_line("kernels as timed here (k: kernel size, s: stride; channels; input; n: batch):")?;
    for (shape, variant) in picks {
        text::print_line(&format!("  {shape:<44} {variant}"))?;
    }
    Ok(())
}

fn own(gpu: &Gpu, options: BenchOptions, variants: Variants) -> anyhow::Result<BenchResult> {
    let mut bench = Bench::new(gpu, options, variants).map_err(|e| anyhow!(e))?;
    loop {
        match bench.pump(gpu).map_err(|e| anyhow!(e))? {
            Some(result) => return Ok(result),
            None => headless::rest(),
        }
    }
}

/// One engine's result, beside the `first` one's milliseconds a step.
fn tell(result: &BenchResult, first: Option<f64>) -> anyhow::Result<()> {
    let mut line = format!(
        "{}: {} at batch {} on {}: {:.1} ms a step, {:.1} images/s; {:.0} ms to the first loss",
        result.peer,
        result.model,
        result.batch,
        result.adapter,
        result.ms_per_step,
        result.images_per_s,
        result.first_step_ms,
    );
    if result.dispatches > 0 {
        line += &format!(
            "; {} launches a step, encoded in {:.1} ms, {} of GPU memory",
            text::grouped(result.dispatches as u64),
            result.encode_ms,
            text::size(result.gpu_bytes),
        );
    }
    if let Some(first) = first {
        line += &format!("; {:.2} times as long as the first", result.ms_per_step / first);
    }
    let losses = result.losses.iter().map(|l| format!("{l:.4}")).collect::<Vec<_>>().join(" ");
    text::print_line(&format!("{line}\nlosses {losses}"))
}

fn print_cold(list: &[Cold]) -> anyhow::Result<()> {
    text::print_line(&format!("{:<44}   make, ms   first run, ms more", "kernel"))?;
    for cold in list {
        text::print_line(&format!("{:<44} {:>10.1} {:>19.1}", cold.kernel, cold.make_ms, cold.first_ms))?;
    }
    let sum = |of: fn(&Cold) -> f64| list.iter().map(of).sum::<f64>();
    let name = format!("all {}", list.len());
    text::print_line(&format!("{name:<44} {:>10.1} {:>19.1}", sum(|c| c.make_ms), sum(|c| c.first_ms)))
}

fn print_profile(profile: &StepProfile) -> anyhow::Result<()> {
    let total = profile.ms();
    text::print_line(&format!(
        "{} at batch {} on {}: {total:.1} ms a step in {} dispatches, each timed alone\nat most {:.0} GFLOP/s and {:.1} \
         GB/s here (multiply-adds and a copy, measured)",
        profile.model,
        profile.batch,
        profile.adapter,
        profile.dispatches.len(),
        profile.peak.gflops,
        profile.peak.gbytes,
    ))?;
    let table = |title: &str, shares: &[Share]| -> anyhow::Result<()> {
        text::print_line(&format!("\n{title:<44} launches        ms  share  GFLOP/s    GB/s  of peak"))?;
        for s in shares {
            text::print_line(&format!(
                "{:<44} {:>8} {:>9.2} {:>5.1}% {:>8.1} {:>7.1} {:>7.0}%",
                s.name,
                s.launches,
                s.ms,
                100.0 * s.ms / total,
                s.gflops(),
                s.gbytes(),
                100.0 * s.of_peak(profile.peak),
            ))?;
        }
        Ok(())
    };
    table("kernel", &profile.by(|d| d.kernel.clone()))?;
    table("layer", &profile.by(|d| d.layer.clone()))?;
    table("part of the step", &profile.by(|d| d.phase.to_owned()))
}
