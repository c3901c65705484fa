//! `skipscope lab trust`.

use super::subject::Subject;
use super::{Common, finish};
use crate::cli::{model, text};
use crate::engine::Gates;
use crate::engine::dataset::GpuSplit;
use crate::engine::variants::Variants;
use crate::lab::trust::{Check, Report, Run, Trust, command_line, launches};
use crate::lab::{Job, LabError, Progress};
use crate::model::Graph;
use anyhow::{Context as _, bail};
use serde::Serialize;
use std::process::ExitCode;

/// Hold one training step against a second, naive implementation in double precision.
///
/// Four pictures go through the network in training mode, forward, backward and one update. Each layer's output and
/// each gradient is compared with what the reference makes of the same inputs; the largest deviation, relative to the
/// largest value, has to be within a fixed tolerance. `drift` is the deviation from a reference that went the whole way
/// by itself: it grows with depth by nature and is not judged. The exit code is 0 only if all is within tolerance.
#[derive(clap::Args)]
#[command(after_help = model::MODELS)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,

    /// Measure the loss's slope in this weight by finite differences too, e.g. `layer1.0.conv1.weight:17`.
    ///
    /// The number counts the parameter's scalars in PyTorch's order. Central differences of the double-precision
    /// reference at ±h and ±h/2 are set beside both gradients; where the two disagree, a ReLU switches in between.
    #[arg(long, value_name = "PARAMETER:N")]
    slope: Vec<String>,

    /// Print the kernels of this layer instead: source, workgroups, sizes.
    #[arg(long, value_name = "LAYER")]
    source: Option<String>,

    /// Print every comparison, not only the worst of each layer.
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    common: Common,
}

/// The check with the slopes asked for, and how to repeat the run.
struct Whole {
    trust: Trust,
    repeat: Result<String, String>,
}

#[derive(Serialize)]
struct Outcome {
    passed: bool,
    /// Repeats the run that the network starts, or says why none does.
    command_line: Option<String>,
    #[serde(flatten)]
    report: Report,
    #[serde(skip)]
    note: Option<String>,
}

impl Job for Whole {
    type Outcome = Outcome;

    fn advance(&mut self, gpu: &crate::gpu::Gpu) -> Result<Progress, LabError> {
        self.trust.advance(gpu)
    }

    fn outcome(&self) -> Outcome {
        let report = self.trust.outcome();
        Outcome {
            passed: report.passed(),
            command_line: self.repeat.clone().ok(),
            report,
            note: self.repeat.clone().err(),
        }
    }
}

/// `NAME:INDEX` → parameter and scalar.
fn weight(asked: &str) -> anyhow::Result<(&str, usize)> {
    let (name, index) = asked.rsplit_once(':').unwrap_or((asked, "0"));
    let index = index.parse().with_context(|| format!("'{index}' is no number of a scalar"))?;
    Ok((name, index))
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let found = args.subject.find()?;
    let graph = Graph::new(&found.spec)?;
    let gpu = args.common.device.open()?;
    let resources = args.common.resources(&gpu)?;
    if let Some(layer) = &args.source {
        return source(&graph, &resources.variants, found.recipe.batch, layer, args.common.json);
    }
    let pictures = args.common.pictures()?;
    let split = GpuSplit::upload(&gpu, &pictures.train);
    let repeat = command_line(&Run {
        model: &found.name,
        spec: &found.spec,
        recipe: &found.recipe,
        data: args.common.data_name(),
        variants: &resources.variants,
        by_itself: &Variants::for_adapter(&gpu.facts),
        adapter: args.common.device.adapter.as_deref(),
    });
    let gates = Gates::of(&graph);
    let mut trust = Trust::new(&gpu, &found.subject(&gates), &resources, &split, pictures.classes.len())?;
    for slope in &args.slope {
        let (parameter, index) = weight(slope)?;
        trust.ask(parameter, index)?;
    }
    let mut job = Whole { trust, repeat: repeat.map_err(|e| e.to_string()) };
    let code = args.common.report("trust", &gpu, &pictures.name, &mut job, |o| tell(o, args.all))?;
    Ok(finish(code, job.outcome().passed))
}

/// The kernels of one layer.
fn source(
    graph: &Graph,
    variants: &Variants,
    batch: usize,
    layer: &str,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let list = launches(graph, variants, batch, Some(layer));
    if list.is_empty() {
        let names: Vec<&str> = graph.nodes.iter().map(|n| n.name.as_str()).collect();
        bail!("there is no layer '{layer}'; there are {}, loss, sgd", names.join(", "));
    }
    if json {
        text::print_line(&serde_json::to_string(&list)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for launch in &list {
        let buffers = launch.buffers.iter().map(|b| {
            let way = if b.writes { "writes" } else { "reads" };
            let bytes = b.bytes.map_or(String::new(), |b| format!(" {}", text::size(b)));
            format!("{way} {}{bytes}", b.name)
        });
        text::print_line(&format!(
            "// {:?} of {layer} at batch {batch}: {}, {} workgroups, parameters {:?}, {:.3} GFLOP\n// {}\n{}",
            launch.phase,
            launch.kernel,
            launch.workgroups,
            launch.params,
            launch.flops / 1e9,
            buffers.collect::<Vec<_>>().join(", "),
            launch.source,
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn row(c: &Check) -> Vec<String> {
    let quantity = serde_json::to_value(c.quantity).ok();
    let quantity = quantity.as_ref().and_then(|v| v.as_str()).unwrap_or_default().replace('_', " ");
    vec![
        c.layer.clone(),
        quantity,
        format!("{:.1e}", c.deviation),
        format!("{:.0e}", c.tolerance),
        if c.passed() { "ok".into() } else { "OFF".into() },
        c.drift.map_or(String::new(), |d| format!("{d:.1e}")),
    ]
}

/// The worst comparison of each layer, or all.
fn tell(o: &Outcome, all: bool) -> String {
    let mut shown: Vec<&Check> = Vec::new();
    for check in &o.report.checks {
        let share = |c: &Check| c.deviation / c.tolerance;
        match shown.iter_mut().find(|c| !all && c.layer == check.layer) {
            Some(worst) if share(worst) < share(check) => *worst = check,
            Some(_) => {}
            None => shown.push(check),
        }
    }
    let header = ["layer", "compared", "deviation", "allowed", "", "drift"].map(str::to_owned).to_vec();
    let rows: Vec<_> = [header].into_iter().chain(shown.iter().map(|c| row(c))).collect();
    let mut lines = vec![text::table(&rows, &[false, false, true, true, false, true])];
    for s in &o.report.slopes {
        let verdict = if s.kink { ", a kink: h and h/2 disagree" } else { "" };
        lines.push(format!(
            "{}:{} = {:.6}: gradient {:.7e} (GPU), {:.7e} (reference); differences {:.7e} (h = {:.0e}), {:.7e} (h/2){verdict}",
            s.parameter, s.index, s.weight, s.gpu, s.reference, s.by_h, s.h, s.by_half
        ));
    }
    let faults = o.report.faults().count();
    lines.push(format!(
        "loss {:.6} (GPU), {:.6} (reference), {} pictures on {}; {} comparisons, {}",
        o.report.loss,
        o.report.reference_loss,
        o.report.images,
        o.report.adapter,
        o.report.checks.len(),
        if faults == 0 { "all within tolerance".to_owned() } else { format!("{faults} OFF") }
    ));
    match (&o.command_line, &o.note) {
        (Some(line), _) => lines.push(format!("the same run from its first step: {line}")),
        (None, note) => lines.extend(note.clone()),
    }
    lines.join("\n")
}
