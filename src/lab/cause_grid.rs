//! The cause lab: why are deep networks hard to train? Small runs over depth × skip × batch norm × initial
//! weights, each looked at before its first step and after some more.
//!
//! Measured in each cell are the training loss, the gradient's norm in every layer, how much the activations
//! grow from block to block, and how many ReLUs are dead. Two questions are kept apart: whether gradients vanish
//! towards the input, and whether their norms are healthy, i.e. of one size; He et al. 2015 (§4.1) answer the
//! first with no where there is batch norm, and Yang et al. 2019 (arXiv 1902.08129) the second, since in deep
//! plain networks with batch norm gradients at initialisation grow towards the input.

use super::building::{Building, Resources};
use super::common;
use super::{Doing, Job, LabError, Progress, poll};
use crate::data::Dataset;
use crate::engine::Network;
use crate::engine::dataset::GpuSplit;
use crate::gpu::{Gpu, Pacer};
use crate::model::{Block, Graph, ModelSpec, ParamKind};
use crate::train::trainer::Trainer;
use crate::train::{Init, Recipe, StepRecord};
use serde::{Deserialize, Serialize};

/// Gradients vanish if the first block's is less than this part of the last block's.
pub const VANISHING: f32 = 1e-3;
/// Norms are healthy if the largest of the blocks' convolutions is at most so many times the smallest.
pub const HEALTHY: f32 = 100.0;

/// One small run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// 6n + 2 layers: three stages of n blocks with 16, 32 and 64 channels (He et al. 2015, §4.2).
    pub depth: usize,
    /// Identity shortcuts, zero-padded where the shape changes (option A), or a plain network.
    pub skip: bool,
    pub batch_norm: bool,
    pub init: Init,
    pub seed: u64,
}

impl Cell {
    /// Its network, for `classes` classes.
    ///
    /// # Errors
    ///
    /// If there is none of that depth.
    pub fn spec(&self, classes: usize) -> Result<ModelSpec, LabError> {
        let Some(base) = ModelSpec::cifar(self.depth, self.skip) else {
            return Err(LabError::Asked(format!(
                "there is no network of {} layers in this family; it has 8, 14, 20 and so on, 6n + 2",
                self.depth
            )));
        };
        Ok(ModelSpec { batch_norm: self.batch_norm, classes, ..base })
    }

    /// `resnet56, batch norm, he, seed 1`.
    pub fn name(&self) -> String {
        let network = ModelSpec::cifar_name(self.depth, self.skip);
        let norm = if self.batch_norm { "batch norm" } else { "no batch norm" };
        format!("{network}, {norm}, {}, seed {}", init_name(self.init), self.seed)
    }

    /// Whether it can learn at all: Fixup starts every branch at 0, through which a plain network sends nothing.
    fn makes_sense(&self) -> bool {
        self.skip || self.init != Init::Fixup
    }
}

/// As in the terminal.
pub fn init_name(init: Init) -> &'static str {
    match init {
        Init::Torch => "torch",
        Init::He => "he",
        Init::Fixup => "fixup",
    }
}

/// All combinations, without those that cannot learn: plain networks with Fixup.
pub fn cells(depths: &[usize], skips: &[bool], norms: &[bool], inits: &[Init], seeds: &[u64]) -> Vec<Cell> {
    let mut all = Vec::new();
    for &depth in depths {
        for &skip in skips {
            for &batch_norm in norms {
                for &init in inits {
                    all.extend(seeds.iter().map(|&seed| Cell { depth, skip, batch_norm, init, seed }));
                }
            }
        }
    }
    all.retain(Cell::makes_sense);
    all
}

/// What was measured at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Steps done before.
    pub step: u64,
    /// Mean cross-entropy of the step's batch in nats.
    pub loss: f32,
    /// L2 norm of the gradient of each of the cell's `layers`.
    pub grad_norm: Vec<f32>,
    /// Gradient norm of the first block's first convolution over that of the last block's; `None` where the
    /// latter is 0.
    pub first_over_last: Option<f32>,
    /// Standard deviation of each block's output, after ReLU.
    pub output_std: Vec<f32>,
    /// By what factor it grows from a block to the next of the same stage: geometric mean over all such pairs.
    pub growth: Option<f32>,
    /// Standard deviation of each branch's last layer after batch norm, or after the bias where there is none, before
    /// the sum and ReLU: with batch norm the second of each two layer responses of He et al. 2015, Fig. 7.
    pub response_std: Vec<f32>,
    /// Share of each block's channels that are 0 throughout the batch, 0 to 1.
    pub dead: Vec<f32>,
}

impl Mark {
    fn new(graph: &Graph, listed: &[usize], record: &StepRecord) -> Self {
        let grad_norm: Vec<f32> = listed.iter().map(|&p| record.grad_norm[p]).collect();
        let of = |p: Option<usize>| p.map(|p| record.grad_norm[p]);
        let conv1 = |b: Option<&Block>| b.and_then(|b| graph.param(&format!("{}.conv1.weight", b.name)));
        let (first, last) = (conv1(graph.blocks.first()), conv1(graph.blocks.last()));
        let output_std: Vec<f32> = record.blocks.iter().map(|b| b.output.std).collect();
        Self {
            step: record.step,
            loss: record.loss,
            first_over_last: of(first).zip(of(last)).filter(|(_, l)| *l > 0.0).map(|(f, l)| f / l),
            growth: growth(graph, &output_std),
            response_std: record.blocks.iter().map(|b| b.branch.std).collect(),
            dead: record.blocks.iter().map(|b| b.dead).collect(),
            grad_norm,
            output_std,
        }
    }

    /// Mean of `dead` over the blocks.
    pub fn dead_share(&self) -> f32 {
        self.dead.iter().sum::<f32>() / self.dead.len().max(1) as f32
    }

    /// Whether the first block's gradient has all but vanished against the last's, or altogether.
    pub fn vanishes(&self) -> bool {
        let none = self.first_over_last.is_none() && self.grad_norm.contains(&0.0);
        none || self.first_over_last.is_some_and(|r| r < VANISHING)
    }

    /// Whether the norms of the blocks' convolutions are of one size; stem and classifier are not counted.
    pub fn is_healthy(&self) -> bool {
        let inner = self.grad_norm.get(1..self.grad_norm.len().saturating_sub(1)).unwrap_or_default();
        let (low, high) = inner.iter().fold((f32::INFINITY, 0f32), |(l, h), g| (l.min(*g), h.max(*g)));
        low > 0.0 && high / low <= HEALTHY
    }
}

/// Geometric mean of the factors between neighbours within a stage; `None` without any, or where one is 0.
fn growth(graph: &Graph, std: &[f32]) -> Option<f32> {
    let pairs = graph.blocks.windows(2).zip(std.windows(2)).filter(|(b, _)| b[0].stage == b[1].stage);
    let logs: Vec<f64> = pairs.map(|(_, s)| (f64::from(s[1]) / f64::from(s[0])).ln()).collect();
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    (!logs.is_empty() && mean.is_finite()).then(|| mean.exp() as f32)
}

/// One cell's run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellResult {
    #[serde(flatten)]
    pub cell: Cell,
    /// The weights whose gradients are listed: stem, the blocks' convolutions, classifier.
    pub layers: Vec<String>,
    pub marks: Vec<Mark>,
    /// What went to infinity or not-a-number, and at which step; the run stops there.
    pub diverged: Option<(u64, String)>,
}

/// What all cells have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridSettings {
    /// Name of the pictures.
    pub data: String,
    /// Steps before which something is measured, ascending.
    pub at: Vec<u64>,
    /// Initial weights and seed are the cells'; the length follows from `at`.
    pub recipe: Recipe,
}

/// A grid, complete or not: what its file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridOutcome {
    pub settings: GridSettings,
    pub cells: Vec<CellResult>,
}

enum Stage {
    Build(Building),
    Run(Box<Run>),
    Done,
}

struct Run {
    trainer: Trainer,
    listed: Vec<usize>,
    result: CellResult,
}

/// A grid under way.
pub struct CauseGrid {
    settings: GridSettings,
    resources: Resources,
    classes: usize,
    /// Cells still to be run, the next one last.
    open: Vec<Cell>,
    done: Vec<CellResult>,
    of: usize,
    train: GpuSplit,
    pacer: Pacer,
    stage: Stage,
}

impl CauseGrid {
    /// A grid of `cells` on `data`. Those that are `done` already are not run again.
    ///
    /// # Errors
    ///
    /// If a cell is impossible, nothing is to be measured, or what is done was done otherwise.
    pub fn new(
        gpu: &Gpu,
        data: &Dataset,
        settings: GridSettings,
        cells: &[Cell],
        done: Option<GridOutcome>,
        resources: Resources,
        slice_seconds: f64,
    ) -> Result<Self, LabError> {
        let train = GpuSplit::upload(gpu, &data.train);
        Self::on(gpu, train, data.classes.len(), settings, cells, done, resources, slice_seconds)
    }

    /// The same on pictures of `classes` classes that are on the GPU already; nobody else may change their order.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn on(
        gpu: &Gpu,
        train: GpuSplit,
        classes: usize,
        settings: GridSettings,
        cells: &[Cell],
        done: Option<GridOutcome>,
        resources: Resources,
        slice_seconds: f64,
    ) -> Result<Self, LabError> {
        settings.recipe.validate()?;
        if train.is_empty() {
            return Err(LabError::Asked("the runs need training pictures, and there are none".into()));
        }
        if settings.at.is_empty() || !settings.at.is_sorted() {
            return Err(LabError::Asked("say, in ascending order, after which steps to measure".into()));
        }
        let done = done.map_or(Ok(Vec::new()), |d| match d.settings == settings {
            true => Ok(d.cells),
            false => Err(LabError::Asked(
                "the grid's file was made on other pictures, with another recipe or other steps; give another file"
                    .into(),
            )),
        })?;
        let classes = classes.max(2);
        for cell in cells {
            cell.spec(classes)?;
        }
        let is_open = |c: &&Cell| !done.iter().any(|d| d.cell == **c);
        let mut grid = Self {
            open: cells.iter().filter(is_open).rev().copied().collect(),
            of: cells.len(),
            train,
            pacer: Pacer::new(slice_seconds, gpu.facts.class.flops()),
            stage: Stage::Done,
            settings,
            resources,
            classes,
            done,
        };
        grid.next(gpu)?;
        Ok(grid)
    }

    /// Cells that are complete, those of before included.
    pub fn complete(&self) -> usize {
        self.done.len()
    }

    /// Lays out the next cell's network, if there is one left.
    fn next(&mut self, gpu: &Gpu) -> Result<(), LabError> {
        self.stage = match self.open.last() {
            Some(cell) => {
                let (spec, batch) = (cell.spec(self.classes)?, self.settings.recipe.batch);
                Stage::Build(Building::new(gpu, [&spec], batch, &self.resources)?)
            }
            None => Stage::Done,
        };
        Ok(())
    }

    fn built(&mut self, gpu: &Gpu, net: Network) {
        let Some(&cell) = self.open.last() else { return };
        let steps = self.settings.at.last().map(|last| last + 1);
        let recipe = Recipe { init: cell.init, seed: cell.seed, steps, ..self.settings.recipe.clone() };
        let weights = |&p: &usize| net.graph.params[p].kind == ParamKind::Weight;
        let listed: Vec<usize> = (0..net.graph.params.len()).filter(weights).collect();
        let layers = listed.iter().map(|&p| net.graph.params[p].name.clone()).collect();
        let result = CellResult { cell, layers, marks: Vec::new(), diverged: None };
        let trainer = Trainer::new(gpu, net, recipe, self.train.len);
        self.stage = Stage::Run(Box::new(Run { trainer, listed, result }));
    }

    fn progress(&self) -> Progress {
        let each = self.settings.at.last().map_or(1, |last| last + 1);
        let total = self.of as u64 * each;
        let before = (self.of - self.open.len()) as u64 * each;
        let name = self.open.last().map_or(String::new(), Cell::name);
        let (done, what) = match &self.stage {
            Stage::Build(b) => {
                let (compiled, of) = b.compiled();
                (before, if compiled < of { Doing::Kernels(compiled, of) } else { name.into() })
            }
            Stage::Run(run) => (before + run.trainer.measured(), name.into()),
            Stage::Done => (total, name.into()),
        };
        let open = !matches!(self.stage, Stage::Done);
        Progress { done: if open { done.min(total.saturating_sub(1)) } else { total }, total, what }
    }
}

impl Run {
    /// Goes on with the steps; true when the last one is measured, or the run has diverged.
    fn advance(
        &mut self,
        gpu: &Gpu,
        pacer: &mut Pacer,
        split: &GpuSplit,
        at: &[u64],
    ) -> Result<bool, LabError> {
        for m in self.trainer.collect(gpu).map_err(LabError::Refused)? {
            if self.result.diverged.is_some() {
                continue;
            }
            if let Some(what) = m.not_finite {
                self.result.diverged = Some((m.record.step, what));
            } else if at.contains(&m.record.step) {
                self.result.marks.push(Mark::new(&self.trainer.net.graph, &self.listed, &m.record));
            }
        }
        let steps = if self.result.diverged.is_none() { u64::MAX } else { 0 };
        common::train(gpu, &mut self.trainer, split, pacer, steps)?;
        let complete =
            self.trainer.measured() >= self.trainer.total_steps() || self.result.diverged.is_some();
        Ok(complete && self.trainer.at_boundary())
    }
}

impl Job for CauseGrid {
    type Outcome = GridOutcome;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        self.pacer.observe(gpu);
        match &mut self.stage {
            Stage::Build(building) => {
                if let Some(net) = building.advance(gpu)?.and_then(|mut n| n.pop()) {
                    self.built(gpu, net);
                }
            }
            Stage::Run(run) => {
                if run.advance(gpu, &mut self.pacer, &self.train, &self.settings.at)? {
                    self.done.push(run.result.clone());
                    self.open.pop();
                    self.next(gpu)?;
                }
            }
            Stage::Done => {}
        }
        Ok(self.progress())
    }

    fn outcome(&self) -> GridOutcome {
        GridOutcome { settings: self.settings.clone(), cells: self.done.clone() }
    }
}

impl GridOutcome {
    /// One line a cell and step, without the layers.
    pub fn csv(&self) -> String {
        let mut out = String::from(
            "depth,skip,batch_norm,init,seed,step,loss_nats,grad_norm_first_over_last,output_std_growth_per_block,\
             dead_share,gradients_vanish,norms_healthy,diverged_at\n",
        );
        let number = |v: Option<f32>| v.map_or(String::new(), |v| v.to_string());
        for c in &self.cells {
            let diverged = c.diverged.as_ref().map_or(String::new(), |d| d.0.to_string());
            let cell = &c.cell;
            let head = format!(
                "{},{},{},{},{}",
                cell.depth,
                cell.skip,
                cell.batch_norm,
                init_name(cell.init),
                cell.seed
            );
            for m in &c.marks {
                out += &format!(
                    "{head},{},{},{},{},{},{},{},{diverged}\n",
                    m.step,
                    m.loss,
                    number(m.first_over_last),
                    number(m.growth),
                    m.dead_share(),
                    m.vanishes(),
                    m.is_healthy(),
                );
            }
            if c.marks.is_empty() {
                out += &format!("{head},,,,,,,,{diverged}\n");
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;

    fn cell(depth: usize, skip: bool) -> Cell {
        Cell { depth, skip, batch_norm: true, init: Init::He, seed: 1 }
    }

    #[test]
    fn a_cell_is_the_papers_network_of_its_depth() {
        for (depth, skip, name) in [(20, true, "resnet20"), (110, false, "plain110")] {
            assert_eq!(cell(depth, skip).spec(10).expect("there"), by_name(name).expect("in the zoo"));
        }
        for depth in [0, 2, 21, 57] {
            assert!(cell(depth, true).spec(10).is_err(), "{depth}");
        }
    }

    #[test]
    fn plain_networks_with_fixup_are_left_out() {
        let both = [true, false];
        let all = cells(&[20, 56], &both, &both, &[Init::Torch, Init::He, Init::Fixup], &[1, 2]);
        assert_eq!(all.len(), 2 * 2 * 2 * (3 + 2));
        assert!(all.iter().all(|c| c.skip || c.init != Init::Fixup));
    }

    fn mark(grad_norm: Vec<f32>, ratio: Option<f32>) -> Mark {
        Mark {
            step: 10,
            loss: 2.5,
            grad_norm,
            first_over_last: ratio,
            output_std: Vec::new(),
            growth: Some(1.5),
            response_std: Vec::new(),
            dead: vec![0.25, 0.0],
        }
    }

    #[test]
    fn vanishing_and_unhealthy_are_two_things() {
        let judge = |m: &Mark| (m.vanishes(), m.is_healthy());
        assert_eq!(judge(&mark(vec![9.0, 1.0, 2.0, 0.1], Some(0.5))), (false, true));
        // Grows towards the input: nothing vanishes, and nothing is healthy.
        assert_eq!(judge(&mark(vec![9.0, 1e6, 1.0, 0.1], Some(1e6))), (false, false));
        assert_eq!(judge(&mark(vec![9.0, 1e-6, 1.0, 0.1], Some(1e-6))), (true, false));
        // Underflow.
        assert_eq!(judge(&mark(vec![0.0, 0.0, 0.0, 0.1], None)), (true, false));
    }

    #[test]
    fn growth_is_told_within_stages() {
        let graph = Graph::new(&cell(14, true).spec(10).expect("there")).expect("valid");
        let grown = growth(&graph, &[1.0, 2.0, 7.0, 7.0 * 4.5, 3.0, 9.0]).expect("there");
        assert!((grown - 3.0).abs() < 1e-6, "{grown}");
        assert_eq!(growth(&graph, &[1.0, 0.0, 1.0, 1.0, 1.0, 1.0]), None);
        let graph = Graph::new(&cell(8, true).spec(10).expect("there")).expect("valid");
        assert_eq!(growth(&graph, &[1.0, 2.0, 4.0]), None);
    }

    #[test]
    fn a_grid_is_written_and_read_again() {
        let settings = GridSettings { data: "shapes10".into(), at: vec![0, 10], recipe: Recipe::default() };
        let result = CellResult {
            cell: cell(20, true),
            layers: vec!["conv1.weight".into()],
            marks: vec![mark(vec![1.0, 2.0, 3.0], Some(0.5))],
            diverged: None,
        };
        let lost = CellResult { diverged: Some((0, "the loss".into())), marks: Vec::new(), ..result.clone() };
        let grid = GridOutcome { settings, cells: vec![result, lost] };
        let text = serde_json::to_string(&grid).expect("JSON");
        assert_eq!(serde_json::from_str::<GridOutcome>(&text).expect("JSON"), grid);
        let csv = grid.csv();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[1], "20,true,true,he,1,10,2.5,0.5,1.5,0.125,false,true,");
        assert_eq!(lines[2], "20,true,true,he,1,,,,,,,,0");
        assert!(lines.iter().all(|l| l.split(',').count() == lines[0].split(',').count()));
    }
}
