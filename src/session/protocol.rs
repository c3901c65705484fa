//! What goes into a [`super::Session`] and what comes out: closed enums, one line a variant.
//!
//! Window, page, terminal and tests all speak this and nothing else. Commands and snapshots are plain
//! data with a JSON form (serde's externally tagged enums, `snake_case`), which the page offers as
//! `window.skipscope`.

use super::experiment::{Experiment, ExperimentView};
use crate::data::Dataset;
use crate::lab::Progress;
use crate::lab::race::{Lane, LaneOutcome, LaneRun, RaceOutcome};
use crate::model::ModelSpec;
use crate::probe::{Profile, Seen, Slice, TestDetail, Watch};
use crate::train::engine::EngineKind;
use crate::train::{Augment, Change, Recipe, Schedule, StepRecord, Surgery, Whom};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where pictures come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataSource {
    /// The built-in generated pictures, drawn from this seed.
    Shapes10 { seed: u64 },
    /// The bytes of a CIFAR-10 archive and the file's name. Has no JSON form.
    #[serde(skip)]
    Bytes { name: String, bytes: Vec<u8> },
    /// Pictures that are in memory already. Has no JSON form.
    #[serde(skip)]
    Dataset(Box<Dataset>),
}

/// A network and how to train it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Build {
    /// What to call it on screen and in logs, e.g. `resnet18`.
    pub name: String,
    pub spec: ModelSpec,
    #[serde(default)]
    pub recipe: Recipe,
}

/// Hyperparameters that may change while training runs; absent ones stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HyperChange {
    pub lr: Option<f32>,
    pub momentum: Option<f32>,
    pub nesterov: Option<bool>,
    pub weight_decay: Option<f32>,
    pub schedule: Option<Schedule>,
    pub augment: Option<Augment>,
    pub epochs: Option<u32>,
}

/// A race on the session's pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceSetup {
    /// Two to four, which differ in exactly one thing.
    pub lanes: Vec<Lane>,
    /// With how many seeds it is run, from the first lane's on.
    #[serde(default = "one")]
    pub seeds: u64,
}

fn one() -> u64 {
    1
}

/// A race as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct RaceView {
    /// False once it is over, or was stopped.
    pub under_way: bool,
    /// Whether it was stopped and can go on where it is.
    pub resumable: bool,
    /// Steps that each lane is to do with each seed, and with how many seeds.
    pub steps: u64,
    pub seeds: u64,
    /// Kernels compiled and wanted, before the first step.
    pub compiling: Option<(usize, usize)>,
    pub progress: Progress,
    pub outcome: RaceOutcome,
    /// What the picture that is looked at becomes in each lane, once that was seen.
    pub seen: Vec<Option<Arc<Seen>>>,
}

impl RaceView {
    /// Of a race that has not begun.
    pub fn before(lanes: impl IntoIterator<Item = Lane>, steps: u64, seeds: u64) -> Self {
        let lanes = lanes.into_iter().map(LaneOutcome::before).collect();
        Self {
            under_way: false,
            resumable: false,
            steps,
            seeds,
            compiling: None,
            progress: Progress::default(),
            outcome: RaceOutcome { differ: None, lanes, seconds: Vec::new() },
            seen: Vec::new(),
        }
    }

    /// Whether every lane has done its last step with the last seed; the test split may still be measured.
    pub fn is_trained(&self) -> bool {
        let lanes = &self.outcome.lanes;
        let over = |run: &LaneRun| run.last_loss.is_some() || run.diverged.is_some();
        let last = |l: &LaneOutcome| l.runs.len() as u64 == self.seeds && l.runs.last().is_some_and(over);
        !lanes.is_empty() && lanes.iter().all(last)
    }

    /// Whether it is what was asked for by `setup`.
    pub fn is_of(&self, setup: &RaceSetup) -> bool {
        setup.seeds == self.seeds && setup.lanes.iter().eq(self.outcome.lanes.iter().map(|l| &l.lane))
    }

    /// Steps that all lanes have done so far, over all seeds.
    pub fn steps_done(&self) -> u64 {
        // A lane that has diverged takes no more steps.
        let run = |r: &LaneRun| if r.diverged.is_some() { self.steps } else { r.loss.len() as u64 };
        let lane = |l: &LaneOutcome| l.runs.iter().map(run).sum();
        self.outcome.lanes.iter().map(lane).min().unwrap_or(0)
    }

    /// Whether its lanes can be operated on.
    pub fn is_open(&self) -> bool {
        self.under_way || self.resumable
    }
}

/// What a session can be told to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Replace the pictures. The network keeps its weights if the number of classes fits.
    LoadData(DataSource),
    /// What computes networks that are built or loaded from now on.
    Engine(EngineKind),
    /// Lay out a network, compile its kernels, draw initial weights. Replaces the one before.
    Build(Box<Build>),
    /// Train until the recipe's end or `pause`.
    Run,
    /// Stop after the step in progress; `run` goes on from there.
    Pause,
    /// Train one step.
    Step,
    /// End the run: the next `run` starts again from initial weights.
    Stop,
    /// Change hyperparameters from the next step on.
    Set(HyperChange),
    /// Change α of a block, a stage or all, from the next step on: 0 cuts a skip. Nothing is compiled for it.
    SetAlpha { whom: Whom, alpha: f32 },
    /// Back to the α that the network was specified with, or 1 where that is 0, from the next step on.
    RestoreAlpha { whom: Whom },
    /// Change β of the branches of a block, a stage or all, from the next step on: 0 drops them, 1 puts them back.
    SetBranch { whom: Whom, beta: f32 },
    /// Have two blocks of a stage change places, with all their numbers.
    SwapBlocks { block: usize, with: usize },
    /// Have the numbers in each convolution of a block change places at random.
    ScrambleBlock { block: usize },
    /// Take back the last of these operations that was not taken back yet.
    UndoAlpha,
    /// Train networks in lock-step that differ in exactly one thing. The session's own network pauses, and waits
    /// until the race is over.
    Race(Box<RaceSetup>),
    /// Change α of a lane, counted from 0, from its next step on.
    OperateLane { lane: usize, whom: Whom, change: Change },
    /// End the race where it is.
    StopRace,
    /// Go on with the race that was stopped ([`RaceView::resumable`]).
    ResumeRace,
    /// Do an experiment on the session's pictures and, where it is about a trained network, on a copy of the present
    /// one. Training waits meanwhile and goes on afterwards; a race or an experiment that is under way is stopped.
    Experiment(Box<Experiment>),
    /// End the experiment where it is; what it has found stays to be seen.
    StopExperiment,
    /// Go on with the experiment that was stopped ([`ExperimentView::resumable`](super::ExperimentView)).
    ResumeExperiment,
    /// Look at the last moment of this run that is kept up to `step` steps, or at the first, in place of the present:
    /// everything that looks at the network sees it then. Training waits. Without a step, back to the present. A command
    /// that is about training goes back to the present first.
    LookBack { step: Option<u64> },
    /// Go on from the moment that is looked at, as another run; what came after it is forgotten.
    Branch,
    /// Measure the slope of the loss in one scalar of a parameter (PyTorch's name and order), by the last check of a
    /// training step, under way or over.
    Slope { parameter: String, index: usize },
    /// Measure loss and accuracy on the whole test split, after the step in progress.
    Evaluate,
    /// Look at one picture's way through the network from now on, or no longer.
    Watch(Option<Box<Watch>>),
    /// A picture of the user's own to look at from now on: square, RGBA. Has no JSON form.
    #[serde(skip)]
    Picture { name: String, side: u32, rgba: Vec<u8> },
    /// Execute the training step up to the end of the next layer and stop there. Any other command that
    /// touches training lets the step run to its end first.
    StepLayer,
    /// Execute the next training step layer by layer to measure how long each takes.
    Profile,
    /// Read back weights and optimiser state as a safetensors file: answered by `Event::Saved`.
    Save,
    /// The same for safekeeping: answered by `Event::Kept`.
    Keep,
    /// Continue from a safetensors file. Has no JSON form.
    #[serde(skip)]
    Load { name: String, bytes: Vec<u8> },
}

/// Result of going through a whole test split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Training steps done before it.
    pub step: u64,
    /// 0 to 1.
    pub accuracy: f32,
    /// Mean cross-entropy in nats.
    pub loss: f32,
    pub images: usize,
}

/// Pictures that are loaded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataInfo {
    /// `shapes10`, or the archive's file name.
    pub name: String,
    pub classes: Vec<String>,
    pub train_images: usize,
    pub test_images: usize,
    /// Training pictures of each class.
    pub class_counts: Vec<u32>,
    /// Indices of the first training pictures of each class, at most ten.
    pub samples: Vec<Vec<u32>>,
    /// Remarks that the user should see: a checksum that differs, a smaller archive.
    pub notes: Vec<String>,
}

/// A network that is built.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    pub name: String,
    pub spec: ModelSpec,
    pub recipe: Recipe,
    pub parameters: usize,
    /// Multiply-accumulates for one image, forward.
    pub macs: u64,
    /// Bytes allocated on the GPU for it, pictures included.
    pub gpu_bytes: u64,
    /// Dispatches in one training step, cuts included.
    pub dispatches: usize,
    /// Kernel variant of each operation that has a choice.
    pub variants: BTreeMap<String, String>,
    /// Parameter names, in the order of `StepRecord::grad_norm`.
    pub param_names: Vec<String>,
    /// Block names, in the order of `StepRecord::blocks`.
    pub block_names: Vec<String>,
    /// Whether each block's output has another shape than its input.
    pub reshapes: Vec<bool>,
}

/// What a session reports.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Pictures are on the GPU.
    DataLoaded(DataInfo),
    /// Kernels compiled so far, of how many; the last is followed by `Built`.
    Compiling { done: usize, of: usize },
    /// A network is ready to run.
    Built(Box<ModelInfo>),
    /// One training step was measured. In order, none left out.
    Step(Box<StepRecord>),
    /// The last step of an epoch (from 0) was measured.
    EpochEnd { epoch: u32, mean_loss: f32, mean_accuracy: f32 },
    /// α was changed; says which step is the first to show it.
    Operated(Surgery),
    /// A race is over: what came out, in a line.
    RaceFinished { headline: String },
    /// An experiment came to its end; the snapshot has what it found. One that fails ends with `Error`.
    ExperimentFinished,
    /// The test split was evaluated.
    Evaluated(Evaluation),
    /// The same for the moment that is looked at.
    EvaluatedThen(Evaluation),
    /// Another moment of the run is looked at: its step; the present without one.
    LookedBack { step: Option<u64> },
    /// Training goes on at this step, from an earlier moment of the run.
    Branched { step: u64 },
    /// Training went on after a lesion, whose first step is `step`: another run than the one before.
    Parted { step: u64 },
    /// All steps of the recipe are done and measured.
    Finished,
    /// Answer to `Command::Save`: a complete safetensors file and the step it was taken at.
    Saved { step: u64, bytes: Vec<u8> },
    /// Answer to `Command::Keep`, as `Saved`.
    Kept { step: u64, bytes: Vec<u8> },
    /// A checkpoint was taken over; training goes on at this step.
    Loaded { step: u64 },
    /// Something worth saying that stops nothing.
    Warning(String),
    /// A command could not be carried out; what was there before is still there.
    Error(String),
    /// Loss or a gradient is NaN or infinite; training has stopped. Names the first culprit.
    Diverged { step: u64, what: String },
    /// The GPU device is gone; nothing works any more on it.
    DeviceLost(String),
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No network yet.
    #[default]
    Empty,
    /// Kernels are being compiled.
    Compiling,
    /// Ready or paused.
    Idle,
    Running,
    Evaluating,
    /// The recipe's last step is done.
    Finished,
    /// Stopped at NaN or infinity.
    Diverged,
    /// The device is gone.
    Lost,
}

/// The state of a session at one moment; all that a window draws.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub phase: Phase,
    /// Kernels compiled and wanted, while `phase` is `compiling`.
    pub compiling: Option<(usize, usize)>,
    pub adapter: String,
    pub data: Option<DataInfo>,
    pub model: Option<ModelInfo>,
    /// What computes `model`.
    pub engine: EngineKind,
    /// Steps done and measured.
    pub step: u64,
    /// Steps of the whole run.
    pub total_steps: u64,
    /// Epoch in progress, from 0.
    pub epoch: u32,
    pub epochs: u32,
    /// The last measured step.
    pub last: Option<StepRecord>,
    pub evaluation: Option<Evaluation>,
    /// Where an earlier moment is looked at: its step. `last`, `evaluation`, `alphas` and all that is seen are then
    /// those of that moment.
    pub then: Option<u64>,
    /// Steps of the moments before `step` that can be looked back at, in order.
    pub moments: Vec<u64>,
    /// α of every block right now; all 1 in a plain network, which has no use for it.
    pub alphas: Vec<f32>,
    /// β of every block's branch right now; 0 where it is dropped.
    pub betas: Vec<f32>,
    /// Changes of α and β in this run, in order.
    pub surgeries: Vec<Surgery>,
    /// Whether there is a change of them to take back.
    pub can_undo_alpha: bool,
    /// Training throughput over the last seconds; absent before two steps were measured.
    pub images_per_s: Option<f32>,
    /// Bytes allocated on the GPU.
    pub gpu_bytes: u64,
    /// How often a step had to wait because the ring of measurements was full.
    pub ring_waits: u64,
    /// What the last look has seen.
    #[serde(skip)]
    pub seen: Option<Arc<Seen>>,
    /// Where a step stands that is executed layer by layer.
    #[serde(skip)]
    pub slice: Option<Arc<Slice>>,
    /// The race under way, or the last one.
    #[serde(skip)]
    pub race: Option<Arc<RaceView>>,
    /// The experiment under way, or the last one.
    #[serde(skip)]
    pub experiment: Option<Arc<ExperimentView>>,
    /// The test split picture by picture, as of `evaluation`.
    #[serde(skip)]
    pub test: Option<Arc<TestDetail>>,
    /// How long each layer takes, once it was measured.
    #[serde(skip)]
    pub profile: Option<Arc<Profile>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Recipe;

    #[test]
    fn a_lane_that_has_diverged_holds_up_neither_the_count_nor_the_end() {
        let spec = crate::model::by_name("resnet8").expect("in the zoo");
        let lane = Lane { name: "resnet8".into(), spec, recipe: Recipe::default() };
        let mut view = RaceView::before([lane.clone(), lane], 9, 1);
        let ran = |steps: usize| LaneRun { loss: vec![2.0; steps], ..LaneRun::default() };
        view.outcome.lanes[0].runs = vec![ran(4)];
        view.outcome.lanes[1].runs = vec![LaneRun { diverged: Some((2, "the loss".into())), ..ran(3) }];
        assert_eq!((view.steps_done(), view.is_trained()), (4, false));
        view.outcome.lanes[0].runs = vec![LaneRun { last_loss: Some(2.0), ..ran(9) }];
        assert_eq!((view.steps_done(), view.is_trained()), (9, true));
        view.seeds = 2;
        assert_eq!((view.steps_done(), view.is_trained()), (9, false), "a seed is to come");
    }
}
