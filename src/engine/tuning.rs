//! Which variant of a convolution is fastest here: every shape of a network is computed by each for a moment.
//!
//! A run's choice is made before its first step and stays: variants differ in the last bits, and a run is to have one
//! kind of them.

use super::layout::{Layout, MAX_BINDING};
use super::memory::{Place, Slots};
use super::ops::conv;
use super::plan::{Buffers, Plan, PlanError};
use super::program::{Buf, Builder, Mode, Program};
use super::variants::{OPERATIONS, Variants, key};
use crate::gpu::{Gpu, Stopwatch};
use crate::model::{Conv, Graph, ModelSpec, Op, SpecError};
use std::collections::BTreeSet;
use web_time::{Duration, Instant};

/// Time for one shape's operations in all, where running each a few times takes less.
const A_SHAPE: Duration = Duration::from_millis(200);
/// What is tried; the first is what others have to beat. `pixel` never wins.
const TRIED: [&str; 4] = ["row", "tiled", "tiled_small", "transform"];
/// Share of the time of those before that a variant may take at most to be taken for faster.
const BETTER: f64 = 0.97;
/// Timed submissions of each variant, of which the fastest counts.
const ROUNDS: usize = 2;

/// One operation on one shape by one variant.
struct Trial {
    key: String,
    variant: &'static str,
    program: Program,
}

/// What is under way of a trial.
struct Running {
    plan: Plan,
    /// Keep the buffers alive.
    _slots: Vec<wgpu::Buffer>,
    watch: Stopwatch,
    /// Repetitions in the submission.
    times: usize,
    /// Submissions that have been timed, after one that compiled.
    done: usize,
    /// Seconds of the fastest repetition.
    best: f64,
}

/// Timing under way; `pump` it until it answers.
pub struct Tuning {
    variants: Variants,
    trials: Vec<Trial>,
    at: usize,
    running: Option<Running>,
    buffers: Buffers,
    /// Bytes of the buffers.
    sizes: Vec<(Buf, u64)>,
    /// Seconds of the fastest variant so far of the present operation and shape.
    fastest: f64,
    /// What one trial may take.
    a_trial: Duration,
}

/// The operations of a network's convolutions at `batch`, each with its shape.
pub fn shapes(graph: &Graph, batch: usize) -> Vec<(&'static str, String)> {
    let mut list: Vec<(&'static str, String)> = Vec::new();
    for conv in convolutions(graph) {
        for operation in OPERATIONS {
            if operation == "conv_input_grad" && conv.input == graph.input {
                continue;
            }
            let entry = (operation, conv::shape(graph, conv, batch));
            if !list.contains(&entry) {
                list.push(entry);
            }
        }
    }
    list
}

fn convolutions(graph: &Graph) -> impl Iterator<Item = &Conv> {
    graph.nodes.iter().filter_map(|n| if let Op::Conv(conv) = &n.op { Some(conv) } else { None })
}

/// One operation of `conv` alone.
fn alone(
    graph: &Graph,
    layout: &Layout,
    variants: &Variants,
    batch: usize,
    operation: &str,
    conv: &Conv,
) -> Program {
    let mut b = Builder::bare(graph, layout, variants, Mode::Eval, batch);
    if conv.input != graph.input {
        b.new_value(conv.input);
    }
    match operation {
        "conv_forward" => conv::forward(&mut b, conv),
        "conv_input_grad" => {
            let dy = b.new_grad(conv.output);
            conv::input_grad(&mut b, conv, dy);
        }
        _ => {
            let dy = b.new_grad(conv.output);
            conv::weight_grad(&mut b, conv, dy);
        }
    }
    b.program
}

impl Tuning {
    /// Prepares to time what `variants` leave open of `spec` at `batch`.
    ///
    /// # Errors
    /// If there can be no such network.
    pub fn new(spec: &ModelSpec, variants: &Variants, batch: usize) -> Result<Self, SpecError> {
        let graph = Graph::new(spec)?;
        let layout = Layout::new(&graph);
        let mut trials: Vec<Trial> = Vec::new();
        let mut open = BTreeSet::new();
        for (operation, shape) in shapes(&graph, batch) {
            if !variants.is_open(operation, &shape) {
                continue;
            }
            let Some(conv) = convolutions(&graph).find(|c| {
                conv::shape(&graph, c, batch) == shape
                    && !(operation == "conv_input_grad" && c.input == graph.input)
            }) else {
                continue;
            };
            let key = key(operation, &shape);
            open.insert(shape);
            let from = trials.len();
            for variant in TRIED {
                let mut one = Variants::default();
                if one.set(operation, variant).is_err() {
                    continue;
                }
                let program = alone(&graph, &layout, &one, batch, operation, conv);
                let fits = program.sizes.iter().all(|&s| s <= MAX_BINDING);
                // Where a variant does not suit, another stands in.
                let new = trials[from..].iter().all(|t| t.program.dispatches != program.dispatches);
                if fits && new {
                    trials.push(Trial { key: key.clone(), variant, program });
                }
            }
        }
        let side = spec.input_size as u64;
        let mut sizes = vec![(Buf::Input, batch as u64 * side * side * 16)];
        for (arena, &bytes) in layout.arenas.iter().enumerate() {
            sizes.extend([(Buf::Weights(arena), bytes), (Buf::Gradients(arena), bytes)]);
        }
        let a_trial = A_SHAPE * open.len() as u32 / trials.len().max(1) as u32;
        Ok(Self {
            variants: variants.only(&shapes(&graph, batch)),
            trials,
            at: 0,
            running: None,
            buffers: Buffers::new(),
            sizes,
            fastest: f64::INFINITY,
            a_trial,
        })
    }

    /// What is chosen by now.
    pub fn variants(&self) -> &Variants {
        &self.variants
    }

    /// Trials that are over, and all.
    pub fn progress(&self) -> (usize, usize) {
        (self.at, self.trials.len())
    }

    /// Goes on without waiting; all variants, once they are chosen.
    ///
    /// # Errors
    /// If a kernel is missing: a fault in the engine.
    pub fn pump(&mut self, gpu: &Gpu) -> Result<Option<Variants>, PlanError> {
        gpu.poll();
        let Some(trial) = self.trials.get(self.at) else {
            self.buffers.clear();
            return Ok(Some(self.variants.clone()));
        };
        let Some(mut running) = self.running.take() else {
            if self.buffers.is_empty() {
                self.buffers = self.sizes.iter().map(|&(b, s)| (b, gpu.storage("timed", s))).collect();
            }
            let first = self.at == 0 || self.trials[self.at - 1].key != trial.key;
            if first {
                self.fastest = f64::INFINITY;
            }
            let placed = Slots::place(&[&trial.program]);
            let slots: Vec<wgpu::Buffer> = placed.sizes.iter().map(|&s| gpu.storage("timed", s)).collect();
            let places: &[Place] = placed.placed.first().map_or(&[], Vec::as_slice);
            let plan = Plan::new(gpu, &trial.program.dispatches, &self.buffers, &slots, places)?;
            let watch = submit(gpu, &plan, 1);
            self.running =
                Some(Running { plan, _slots: slots, watch, times: 1, done: 0, best: f64::INFINITY });
            return Ok(None);
        };
        let Some(time) = running.watch.elapsed() else {
            self.running = Some(running);
            return Ok(None);
        };
        let seconds = time.as_secs_f64() / running.times as f64;
        // The first submission compiled.
        if running.done > 0 {
            running.best = running.best.min(seconds);
        }
        running.done += 1;
        let slow = running.best > 2.0 * self.fastest || time > self.a_trial;
        if running.done <= ROUNDS && !(slow && running.done > 1) {
            let room = self.a_trial.as_secs_f64() / ROUNDS as f64;
            if running.best.is_finite() {
                running.times = (room / running.best.max(1e-6)).clamp(1.0, 64.0) as usize;
            }
            running.watch = submit(gpu, &running.plan, running.times);
            self.running = Some(running);
            return Ok(None);
        }
        if running.best < self.fastest * BETTER || self.fastest.is_infinite() {
            self.fastest = running.best;
            if let Err(e) = self.variants.set(&trial.key, trial.variant) {
                unreachable!("{e}");
            }
        }
        self.at += 1;
        Ok(None)
    }

    /// Times everything and waits for it.
    ///
    /// # Errors
    /// If a kernel is missing, or the device fails.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn finish(mut self, gpu: &Gpu) -> Result<Variants, String> {
        loop {
            if let Some(error) = gpu.lost().or_else(|| gpu.take_errors().into_iter().next()) {
                return Err(error);
            }
            match self.pump(gpu).map_err(|e| e.to_string())? {
                Some(variants) => return Ok(variants),
                None => gpu.wait(),
            }
        }
    }
}

fn submit(gpu: &Gpu, plan: &Plan, times: usize) -> Stopwatch {
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    for _ in 0..times {
        plan.encode(&mut encoder, 0, f64::INFINITY);
    }
    let begun = Instant::now();
    gpu.submit(encoder.finish());
    Stopwatch::new(gpu, begun)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::{AdapterChoice, AdapterClass};
    use crate::model::by_name;

    #[test]
    fn what_is_remembered_or_pinned_is_not_timed() {
        let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
        let spec = by_name("resnet8").expect("in the zoo");
        let graph = Graph::new(&spec).expect("valid");
        let mut timed = Variants::for_class(AdapterClass::Gpu);
        timed.set("conv_weight_grad", "row").expect("known");
        let picked = Tuning::new(&spec, &timed, 2).expect("valid").finish(&gpu).expect("runs");
        for (operation, shape) in shapes(&graph, 2) {
            assert!(!picked.is_open(operation, &shape), "{operation} {shape}");
        }
        assert!(picked.picks().keys().all(|k| !k.starts_with("conv_weight_grad")), "{:?}", picked.picks());
        // A file of the same picks leaves nothing to be timed, and gives the same ones.
        let text = serde_json::to_string(&picked.picks()).expect("JSON");
        timed.remember(&serde_json::from_str(&text).expect("JSON"));
        let again = Tuning::new(&spec, &timed, 2).expect("valid");
        assert_eq!(again.progress(), (0, 0));
        assert_eq!(again.finish(&gpu).expect("runs"), picked);
        // Another batch has other shapes.
        assert!(Tuning::new(&spec, &timed, 3).expect("valid").progress().1 > 0);
    }
}
