//! `skipscope lab landscape`.

use super::subject::{Found, Subject};
use super::{Common, drive};
use crate::cli::{model, text};
use crate::engine::dataset::GpuSplit;
use crate::engine::{Network, NetworkOptions, Prepared};
use crate::gpu::Gpu;
use crate::lab::building::has_classes;
use crate::lab::landscape::{
    Direction, Grid, Landscape, Plane, Snapshot, Statistics, Surface, Trained, Trajectory, filter_normalised,
    principal,
    survey::{InPlane, SNAPSHOTS},
};
use crate::lab::{Job, LabError, Progress};
use anyhow::ensure;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often an unfinished surface is written to `--keep`.
const KEEP_EVERY: Duration = Duration::from_secs(10);

/// Measure the loss around a network's weights, as a surface (Li et al. 2018).
///
/// Weights are moved in a plane through them. Two random directions, normalised filter by filter, make surfaces of
/// different networks comparable; with --train --plane path it is the plane in which training has moved most, its first two
/// principal components, and the run's path lies in it. A coarse grid comes first and is refined. Directions leave
/// batch norm's parameters and biases alone.
#[derive(clap::Args)]
#[command(after_help = model::MODELS)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,

    /// Train for so many steps first (learning rate 0.02, cosine), keeping snapshots.
    #[arg(long, value_name = "STEPS", conflicts_with = "weights")]
    train: Option<u64>,

    /// Images in a training step.
    #[arg(long, value_name = "N", default_value_t = 64)]
    batch: usize,

    /// The plane: `random` directions, or the run's `path`.
    #[arg(long, value_name = "KIND", value_parser = ["random", "path"], default_value = "random")]
    plane: String,

    /// Points along each axis, an odd number.
    #[arg(long, value_name = "N", default_value_t = 17)]
    size: usize,

    /// How far the surface of random directions reaches, in norms of the filters.
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    reach: f64,

    /// Training images the loss is the mean over.
    #[arg(long, value_name = "N", default_value_t = 256)]
    images: usize,

    /// Batch norm normalises with each batch's own statistics, measured at each point, instead of the running ones.
    #[arg(long)]
    batch_statistics: bool,

    /// Where random directions come from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    directions: u64,

    /// Write the surface to FILE as it grows, and go on with what is in it.
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,

    #[command(flatten)]
    common: Common,
}

/// A surface in a file, with what it is of.
#[derive(Deserialize, Serialize)]
struct Kept {
    of: String,
    surface: Surface,
}

#[derive(Serialize)]
struct Outcome {
    model: String,
    plane: String,
    statistics: Statistics,
    #[serde(flatten)]
    run: Option<InPlane>,
    surface: Surface,
}

enum Stage {
    Train(Box<Trajectory>),
    Walk(Box<Landscape>),
    Between,
}

/// Training, if it is asked for, then the surface.
struct Whole<'a> {
    args: &'a Args,
    found: Found,
    of: String,
    stage: Stage,
    run: Option<InPlane>,
    written: Instant,
}

impl Whole<'_> {
    fn trained(&mut self, gpu: &Gpu, trajectory: Trajectory) -> Result<(), LabError> {
        let Trained { net, split, snapshots, params, state } = trajectory.into_parts();
        if let Some(state) = state {
            self.found.state = state;
        }
        let plane = (self.args.plane == "path")
            .then(|| {
                principal(&net.graph, &params).ok_or_else(|| {
                    LabError::Asked("the run's snapshots lie on one line; train for more steps".into())
                })
            })
            .transpose()?;
        drop(params);
        self.walk(gpu, net, split, plane, snapshots)
    }

    fn walk(
        &mut self,
        gpu: &Gpu,
        net: Network,
        split: GpuSplit,
        plane: Option<Plane>,
        snapshots: Vec<Snapshot>,
    ) -> Result<(), LabError> {
        let a = self.args;
        let statistics = if a.batch_statistics { Statistics::Batch } else { Statistics::Running };
        let grid = |x: [f64; 2], y: [f64; 2]| Grid { size: a.size, x, y, statistics, images: a.images };
        let (grid, directions): (Grid, [Direction; 2]) = match plane {
            Some(plane) => {
                let run = InPlane { explained: plane.explained, path: plane.path, snapshots };
                let [x, y] = run.ends();
                self.run = Some(run);
                (grid(x, y), plane.directions)
            }
            None => {
                let reach = [-a.reach, a.reach];
                let d =
                    [0, 1].map(|k| filter_normalised(&net.graph, &self.found.state.params, a.directions, k));
                (grid(reach, reach), d)
            }
        };
        let mut surface = Surface::new(grid)?;
        if let Some(kept) = a.keep.as_deref().filter(|p| p.exists()) {
            let asked = |e: String| LabError::Asked(format!("{}: {e}", kept.display()));
            let text = std::fs::read_to_string(kept).map_err(|e| asked(e.to_string()))?;
            let found: Kept = serde_json::from_str(&text).map_err(|e| asked(e.to_string()))?;
            // A number may lose its last bit on its way through JSON; so does the one it is compared with.
            let through_json =
                serde_json::to_string(&surface.grid).and_then(|g| serde_json::from_str::<Grid>(&g));
            if found.of != self.of || through_json.ok().as_ref() != Some(&found.surface.grid) {
                return Err(asked(
                    "this is a surface of something else; name another file, or remove it".into(),
                ));
            }
            surface.points = found.surface.points;
        }
        // Training has its own order of pictures; the surface is over the first ones of the file.
        let order: Vec<u32> = (0..split.len as u32).collect();
        split.set_order(gpu, &order);
        let state = &self.found.state;
        let job = Landscape::new(gpu, net, state, &directions, split, &self.found.recipe, surface)?;
        self.stage = Stage::Walk(Box::new(job));
        Ok(())
    }

    fn keep(&mut self, surface: &Surface) -> Result<(), LabError> {
        if let Some(path) = &self.args.keep {
            let kept = Kept { of: self.of.clone(), surface: surface.clone() };
            let text = serde_json::to_string(&kept).map_err(|e| LabError::Asked(e.to_string()))?;
            crate::checkpoint::write_atomically(path, text.as_bytes())
                .map_err(|e| LabError::Asked(format!("cannot write {}: {e}", path.display())))?;
            self.written = Instant::now();
        }
        Ok(())
    }
}

impl Job for Whole<'_> {
    type Outcome = Outcome;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        match std::mem::replace(&mut self.stage, Stage::Between) {
            Stage::Train(mut job) => {
                let mut progress = job.advance(gpu)?;
                if progress.is_done() {
                    self.trained(gpu, *job)?;
                } else {
                    self.stage = Stage::Train(job);
                }
                progress.total += 1;
                Ok(progress)
            }
            Stage::Walk(mut job) => {
                let progress = job.advance(gpu)?;
                if progress.is_done() || self.written.elapsed() > KEEP_EVERY {
                    self.keep(job.surface())?;
                }
                self.stage = Stage::Walk(job);
                Ok(progress)
            }
            Stage::Between => Ok(Progress::default()),
        }
    }

    fn outcome(&self) -> Outcome {
        let empty = || Surface {
            grid: Grid { size: 0, x: [0.0; 2], y: [0.0; 2], statistics: Statistics::Running, images: 0 },
            points: Vec::new(),
        };
        let surface = match &self.stage {
            Stage::Walk(job) => job.outcome(),
            Stage::Train(_) | Stage::Between => empty(),
        };
        Outcome {
            model: self.found.name.clone(),
            plane: self.args.plane.clone(),
            statistics: surface.grid.statistics,
            run: self.run.clone(),
            surface,
        }
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.keep {
        crate::cli::train::check_folder("--keep", path)?;
    }
    ensure!(
        args.plane != "path" || args.train.is_some(),
        "the plane of a run's path needs a run: add --train STEPS"
    );
    let mut found = args.subject.find()?;
    found.recipe.batch = args.batch;
    if let Some(steps) = args.train {
        found.recipe.steps = Some(steps);
        found.recipe.lr = 0.02;
        found.recipe.schedule = crate::train::Schedule::Cosine;
    }
    found.recipe.validate()?;
    let pictures = args.common.pictures()?;
    ensure!(
        args.images <= pictures.train.len(),
        "--images {} is more than the {} training images there are",
        args.images,
        pictures.train.len()
    );
    has_classes(&found.name, &found.spec, pictures.classes.len())?;
    let gpu = args.common.device.open()?;
    let resources = args.common.resources(&gpu)?;
    let options = NetworkOptions {
        batch: args.batch.min(pictures.train.len()),
        eval_batch: args.images.min(args.batch),
        variants: resources.variants,
        budget: resources.gpu_memory,
    };
    let net = Prepared::new(&found.spec, options)?.allocate(&gpu);
    let split = GpuSplit::upload(&gpu, &pictures.train);
    let recipe = found.recipe.clone();
    let of = of(args, &found, &pictures.name)?;
    let mut job = Whole { args, found, of, stage: Stage::Between, run: None, written: Instant::now() };
    match args.train {
        Some(_) => job.stage = Stage::Train(Box::new(Trajectory::new(&gpu, net, recipe, split, SNAPSHOTS))),
        None => job.walk(&gpu, net, split, None, Vec::new())?,
    }
    if let Some(code) = drive(&gpu, &mut job)? {
        if let Stage::Walk(walk) = &job.stage {
            let surface = walk.outcome();
            job.keep(&surface)?;
        }
        return Ok(code);
    }
    args.common.print("landscape", &gpu, &pictures.name, &job.outcome(), tell)?;
    Ok(ExitCode::SUCCESS)
}

/// What a kept surface has to be of, to be gone on with.
fn of(args: &Args, found: &Found, data: &str) -> anyhow::Result<String> {
    let weights = crate::engine::weights::fingerprint(&found.state.params);
    let (spec, recipe) = (serde_json::to_string(&found.spec)?, serde_json::to_string(&found.recipe)?);
    Ok(format!("{spec} {recipe} {data} weights {weights:016x} {} {}", args.plane, args.directions))
}

/// Losses of at most nine by nine points, and what they amount to.
fn tell(o: &Outcome) -> String {
    let n = o.surface.grid.size;
    let step = (n - 1).div_ceil(8).max(1);
    let shown: Vec<usize> = (0..n).step_by(step).collect();
    let number = |v: f64| if v < 1e4 { format!("{v:.3}") } else { format!("{v:.1e}") };
    let mut rows = vec![vec!["b \\ a".to_owned()]];
    rows[0].extend(shown.iter().map(|&x| format!("{:.2}", o.surface.place(x)[0])));
    for &y in &shown {
        let mut row = vec![format!("{:.2}", o.surface.place(y * n)[1])];
        row.extend(shown.iter().map(|&x| o.surface.loss(y * n + x).map_or("?".into(), number)));
        rows.push(row);
    }
    let losses: Vec<f64> = (0..n * n).filter_map(|at| o.surface.loss(at)).collect();
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let most = losses.iter().copied().fold(0.0, f64::max);
    let flat = losses.iter().filter(|l| **l <= least + 1.0).count() as f64 / losses.len().max(1) as f64;
    let mut lines = vec![
        text::table(&rows, &vec![true; shown.len() + 1]),
        format!(
            "{}: mean cross-entropy of {} training images, {} to {}; {:.1} % of the points are within 1 nat of the least",
            o.model,
            o.surface.grid.images,
            number(least),
            number(most),
            flat * 100.0
        ),
    ];
    if let Some(run) = &o.run {
        let [x, y] = run.explained.map(|e| e * 100.0);
        lines.push(format!("a explains {x:.1} % of the run's variance, b {y:.1} %; its path:"));
        for (s, [a, b]) in run.snapshots.iter().zip(&run.path) {
            let loss = s.loss.map_or("-".into(), |l| format!("{l:.3}"));
            lines.push(format!("step {:>6}  a {a:>8.3}  b {b:>8.3}  batch loss {loss}", s.step));
        }
    }
    lines.join("\n")
}
