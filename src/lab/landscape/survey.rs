//! Surfaces of several networks that were trained alike, to be compared: each one's run with its snapshots, the loss
//! around where it ended in random directions, and, if asked for, in the plane of the run itself. One that came trained is
//! taken as it is; it has no run.

use super::{Direction, Grid, Landscape, Plane, Snapshot, Statistics, Surface, Trajectory};
use super::{filter_normalised, principal};
use crate::engine::dataset::GpuSplit;
use crate::engine::{Network, NetworkState};
use crate::gpu::Gpu;
use crate::lab::building::{Building, Resources, has_classes};
use crate::lab::race::Lane;
use crate::lab::{Doing, Job, LabError, Progress, poll};
use serde::Serialize;

/// Snapshots kept of a run.
pub const SNAPSHOTS: u64 = 30;
/// Bytes that the snapshots of one run may take in main memory.
const MOST_SNAPSHOTS: usize = 512 << 20;
/// Networks compared at most.
pub const MOST_LANES: usize = 2;

/// What to measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// One or two networks, each trained by its own recipe first, unless it comes trained.
    pub lanes: Vec<Lane>,
    /// What the first network is if it comes trained.
    pub trained: Option<NetworkState>,
    /// Training ends after so many steps of a recipe, if that has more.
    pub until: Option<u64>,
    /// Points along each axis.
    pub size: usize,
    /// How far random directions reach, in norms of the filters.
    pub reach: f64,
    /// Training pictures the loss is the mean over: the first ones.
    pub images: usize,
    pub statistics: Statistics,
    /// Whether the plane of each run is surveyed, too.
    pub path: bool,
    /// Where random directions come from.
    pub directions: u64,
    pub resources: Resources,
}

/// A run in its plane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InPlane {
    /// Share of the run's variance along each axis.
    pub explained: [f64; 2],
    /// The snapshots, as coordinates from the last one.
    pub path: Vec<[f64; 2]>,
    pub snapshots: Vec<Snapshot>,
}

impl InPlane {
    /// The grid's ends along each axis: from the smallest to the largest coordinate, and a fifth of that on either side.
    pub fn ends(&self) -> [[f64; 2]; 2] {
        [0, 1].map(|k| {
            let along = self.path.iter().map(|p| p[k]);
            let (low, high) = along.fold((0.0f64, 0.0f64), |(a, b), v| (a.min(v), b.max(v)));
            let margin = ((high - low) / 5.0).max(1e-6);
            [low - margin, high + margin]
        })
    }
}

/// One network's surfaces, as far as they are known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surveyed {
    pub name: String,
    /// Training steps that it has done where its surfaces have their middle.
    pub steps: u64,
    /// Its snapshots' steps and losses, while it trains and afterwards.
    pub snapshots: Vec<Snapshot>,
    pub random: Option<Surface>,
    pub run: Option<InPlane>,
    pub path: Option<Surface>,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    pub lanes: Vec<Surveyed>,
}

/// A trained network between two surfaces.
struct Ready {
    net: Network,
    state: NetworkState,
    plane: Option<Plane>,
}

enum Stage {
    Build(Building),
    Train(usize, Box<Trajectory>),
    /// A surface; what else is known of its network waits.
    Walk {
        lane: usize,
        path: bool,
        job: Box<Landscape>,
        state: NetworkState,
        plane: Option<Plane>,
    },
    Done,
}

/// The survey under way.
pub struct Survey {
    options: Options,
    split: GpuSplit,
    stage: Stage,
    /// Networks that are not trained yet, the next one last.
    fresh: Vec<Network>,
    ready: Vec<Option<Ready>>,
    outcome: Outcome,
    /// Units of work of the stages that are over.
    done: u64,
}

impl Survey {
    /// Prepares the survey on pictures of `classes` classes; nobody else may change the order of `split`.
    ///
    /// # Errors
    /// If a lane is impossible, all together exceed the memory, or what is asked for makes no sense.
    pub fn new(gpu: &Gpu, split: GpuSplit, classes: usize, options: Options) -> Result<Self, LabError> {
        let lanes = options.lanes.len();
        let Some(first) = options.lanes.first().filter(|_| lanes <= MOST_LANES) else {
            return Err(LabError::Asked(format!("1 to {MOST_LANES} networks are surveyed, not {lanes}")));
        };
        if !(options.reach.is_finite() && options.reach > 0.0) {
            return Err(LabError::Asked("the surface reaches a positive number of filter norms".into()));
        }
        if split.len < options.images {
            let (asked, there) = (options.images, split.len);
            return Err(LabError::Asked(format!(
                "the loss over {asked} pictures is asked for, there are {there}"
            )));
        }
        if options.path && options.trained.is_some() {
            return Err(LabError::Asked(
                "a network that comes trained has no snapshots to lay a plane through; leave the run's plane out, or \
                 have the network trained anew"
                    .into(),
            ));
        }
        for (i, lane) in options.lanes.iter().enumerate() {
            let (steps, all) = (options.until.unwrap_or(0), lane.recipe.total_steps(split.len));
            if steps > all && (i > 0 || options.trained.is_none()) {
                return Err(LabError::Asked(format!(
                    "{} would be trained for {steps} steps, as the network that comes trained, but the recipe ends after \
                     {all}; leave it out, or have both trained anew",
                    lane.name
                )));
            }
        }
        Surface::new(random_grid(&options))?;
        for lane in &options.lanes {
            lane.recipe.validate()?;
            has_classes(&lane.name, &lane.spec, classes)?;
            if lane.recipe.batch != first.recipe.batch {
                return Err(LabError::Asked("the networks are trained with the same batch".into()));
            }
            let graph = crate::model::Graph::new(&lane.spec)?;
            if options.path && graph.parameter_count() * 4 * SNAPSHOTS as usize > MOST_SNAPSHOTS {
                return Err(LabError::Asked(format!(
                    "{SNAPSHOTS} snapshots of {} take more than {} MiB; leave out the plane of the run, or take a \
                     smaller network",
                    lane.name,
                    MOST_SNAPSHOTS >> 20
                )));
            }
        }
        let specs = options.lanes.iter().map(|l| &l.spec);
        let building = Building::new(gpu, specs, first.recipe.batch, &options.resources)?;
        let before = |l: &Lane| Surveyed {
            name: l.name.clone(),
            steps: options.until.unwrap_or_else(|| l.recipe.total_steps(split.len)),
            snapshots: Vec::new(),
            random: None,
            run: None,
            path: None,
        };
        let outcome = Outcome { lanes: options.lanes.iter().map(before).collect() };
        let ready = options.lanes.iter().map(|_| None).collect();
        let stage = Stage::Build(building);
        Ok(Self { options, split, stage, fresh: Vec::new(), ready, outcome, done: 0 })
    }

    /// Kernels compiled and wanted, until all are.
    pub fn compiling(&self) -> Option<(usize, usize)> {
        match &self.stage {
            Stage::Build(building) => Some(building.compiled()),
            _ => None,
        }
    }

    fn steps(&self, lane: usize) -> u64 {
        if lane == 0 && self.options.trained.is_some() {
            return 0;
        }
        self.until(lane) + 1
    }

    fn until(&self, lane: usize) -> u64 {
        self.outcome.lanes[lane].steps
    }

    fn total(&self) -> u64 {
        let lanes = self.options.lanes.len();
        let surfaces = if self.options.path { 2 } else { 1 };
        let points = (self.options.size * self.options.size * surfaces) as u64;
        (0..lanes).map(|l| self.steps(l) + points).sum()
    }

    /// Begins the training of lane number `lane`, or the first surface once all are trained.
    fn train(&mut self, gpu: &Gpu, lane: usize) -> Result<(), LabError> {
        let Some(net) = self.fresh.pop() else { return self.walk(gpu, 0, false) };
        if let Some(state) = self.options.trained.clone().filter(|_| lane == 0) {
            self.ready[lane] = Some(Ready { net, state, plane: None });
            return self.train(gpu, lane + 1);
        }
        let recipe = self.options.lanes[lane].recipe.clone();
        // Without its plane, a run needs no snapshots but its ends.
        let keep = if self.options.path { SNAPSHOTS } else { 2 };
        let job = Trajectory::first(gpu, self.until(lane), net, recipe, self.split.beside(gpu), keep);
        self.stage = Stage::Train(lane, Box::new(job));
        Ok(())
    }

    fn trained(&mut self, gpu: &Gpu, lane: usize, job: Trajectory) -> Result<(), LabError> {
        let super::Trained { net, snapshots, params, state, .. } = job.into_parts();
        let state = state.ok_or_else(|| LabError::Refused("the trained weights did not come back".into()))?;
        let mut plane = None;
        if self.options.path {
            let found = principal(&net.graph, &params).ok_or_else(|| {
                LabError::Asked("the run's snapshots lie on one line; train for more steps".into())
            })?;
            self.outcome.lanes[lane].run = Some(InPlane {
                explained: found.explained,
                path: found.path.clone(),
                snapshots: snapshots.clone(),
            });
            plane = Some(found);
        }
        self.outcome.lanes[lane].snapshots = snapshots;
        self.ready[lane] = Some(Ready { net, state, plane });
        self.train(gpu, lane + 1)
    }

    /// Begins the surface of lane number `lane`, of its run's plane or in random directions.
    fn walk(&mut self, gpu: &Gpu, lane: usize, path: bool) -> Result<(), LabError> {
        let Some(ready) = self.ready.get_mut(lane) else {
            if path || !self.options.path {
                self.stage = Stage::Done;
                return Ok(());
            }
            return self.walk(gpu, 0, true);
        };
        let Some(Ready { net, state, plane }) = ready.take() else {
            return Err(LabError::Refused("a trained network is gone".into()));
        };
        let grid = random_grid(&self.options);
        let (grid, directions): (Grid, [Direction; 2]) = match (path, &plane, &self.outcome.lanes[lane].run) {
            (true, Some(plane), Some(run)) => {
                let [x, y] = run.ends();
                (Grid { x, y, ..grid }, plane.directions.clone())
            }
            _ => {
                let random = |k| filter_normalised(&net.graph, &state.params, self.options.directions, k);
                (grid, [0, 1].map(random))
            }
        };
        // Training has its own order of pictures; the surface is over the first ones of the split.
        let split = self.split.beside(gpu);
        let recipe = &self.options.lanes[lane].recipe;
        let job = Landscape::new(gpu, net, &state, &directions, split, recipe, Surface::new(grid)?)?;
        self.stage = Stage::Walk { lane, path, job: Box::new(job), state, plane };
        Ok(())
    }

    /// Points of a surface that are shown.
    fn shown(&self, lane: usize, path: bool) -> u64 {
        let surveyed = &self.outcome.lanes[lane];
        let surface = if path { &surveyed.path } else { &surveyed.random };
        surface.as_ref().map_or(0, |s| s.points.iter().flatten().count() as u64)
    }

    /// Shows a surface as far as it is known.
    fn show(&mut self, lane: usize, path: bool, surface: Surface) {
        let surveyed = &mut self.outcome.lanes[lane];
        let place = if path { &mut surveyed.path } else { &mut surveyed.random };
        *place = Some(surface);
    }
}

impl Job for Survey {
    type Outcome = Outcome;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        let total = self.total();
        let mut under_way = 0;
        let mut what = Doing::Nothing;
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Build(mut building) => match building.advance(gpu)? {
                Some(mut nets) => {
                    nets.reverse();
                    self.fresh = nets;
                    self.train(gpu, 0)?;
                }
                None => self.stage = Stage::Build(building),
            },
            Stage::Train(lane, mut job) => {
                let progress = job.advance(gpu)?;
                what = Doing::Training(self.options.lanes[lane].name.clone(), None);
                if progress.is_done() {
                    self.done += progress.total;
                    self.trained(gpu, lane, *job)?;
                } else {
                    under_way = progress.done;
                    self.outcome.lanes[lane].snapshots = job.outcome();
                    self.stage = Stage::Train(lane, job);
                }
            }
            Stage::Walk { lane, path, mut job, state, plane } => {
                let progress = job.advance(gpu)?;
                what = Doing::Surface(self.options.lanes[lane].name.clone());
                if job.surface().points.iter().flatten().count() as u64 != self.shown(lane, path) {
                    self.show(lane, path, job.outcome());
                }
                if progress.is_done() {
                    self.done += progress.total;
                    self.ready[lane] = Some(Ready { net: job.into_network(gpu), state, plane });
                    self.walk(gpu, lane + 1, path)?;
                } else {
                    under_way = progress.done;
                    self.stage = Stage::Walk { lane, path, job, state, plane };
                }
            }
            Stage::Done => {}
        }
        let done = if matches!(self.stage, Stage::Done) { total } else { self.done + under_way };
        Ok(Progress { done: done.min(total), total, what })
    }

    fn outcome(&self) -> Outcome {
        self.outcome.clone()
    }
}

/// Random directions reach equally far along both axes.
fn random_grid(options: &Options) -> Grid {
    let reach = [-options.reach, options.reach];
    let (statistics, images) = (options.statistics, options.images);
    Grid { size: options.size, x: reach, y: reach, statistics, images }
}

impl Outcome {
    /// Every measured point as a row.
    pub fn csv(&self) -> String {
        let mut out = String::from("network,plane,a,b,loss,accuracy\n");
        for lane in &self.lanes {
            for (plane, surface) in [("random", &lane.random), ("run", &lane.path)] {
                let Some(surface) = surface else { continue };
                for (at, point) in surface.points.iter().enumerate() {
                    let Some([loss, accuracy]) = point else { continue };
                    let [a, b] = surface.place(at);
                    out += &format!("{},{plane},{a},{b},{loss},{accuracy}\n", lane.name);
                }
            }
        }
        out
    }
}
