//! Timing whole training steps on fixed weights and one fixed batch, with the loss read back each step.
//!
//! Weights, pictures and recipe are those of the other frameworks that Skipscope is compared with, so
//! that its losses have to equal theirs: a benchmark that computes something else is worth nothing.

#[cfg(not(target_arch = "wasm32"))]
mod cold;
mod profile;

#[cfg(not(target_arch = "wasm32"))]
pub use cold::{Cold, cold};
pub use profile::{Peak, Profiling, Share, StepProfile, Timed};

use crate::engine::layout::RING_STEPS;
use crate::engine::program::{Buf, Mode};
use crate::engine::variants::Variants;
use crate::engine::{DEFAULT_BUDGET, Network, NetworkOptions, Prepared, StepUniform, Tuning, weights};
use crate::gpu::{Download, Gpu, Pacer};
use crate::model::{self, ModelSpec, Shortcut};
use crate::train::Recipe;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use web_time::{Duration, Instant};

/// What to time.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchOptions {
    /// A name of the zoo; shortcuts are projections whatever it says.
    pub model: String,
    pub batch: usize,
    /// Steps before the timed ones.
    #[serde(default = "two")]
    pub warm: usize,
    /// Timed steps.
    #[serde(default = "five")]
    pub steps: usize,
    /// Kernel variants by operation, instead of the adapter's own.
    #[serde(default)]
    pub variants: BTreeMap<String, String>,
    /// Let neighbouring invocations share what they load, where the adapter can.
    #[serde(default = "yes")]
    pub quads: bool,
    /// Time every dispatch alone instead: see [`Profiling`].
    #[serde(default)]
    pub profile: bool,
}

fn two() -> usize {
    2
}

fn five() -> usize {
    5
}

fn yes() -> bool {
    true
}

/// One line of results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BenchResult {
    pub peer: &'static str,
    pub model: String,
    pub batch: usize,
    /// Median of the timed steps.
    pub ms_per_step: f64,
    pub images_per_s: f64,
    /// From set-up (device and compiled nothing) to the first loss, kernels that had to be timed included.
    pub first_step_ms: f64,
    pub timed_steps: usize,
    pub losses: Vec<f64>,
    pub adapter: String,
    /// Launches in a step.
    pub dispatches: usize,
    /// Time that the CPU takes to encode them; median of the timed steps.
    pub encode_ms: f64,
    pub gpu_bytes: u64,
}

/// The network that is timed.
///
/// # Errors
///
/// If there is no such model, or nothing to time.
pub(crate) fn network(options: &BenchOptions) -> Result<ModelSpec, String> {
    let mut spec = model::by_name(&options.model)
        .ok_or_else(|| format!("there is no model called '{}'", options.model))?;
    if spec.shortcut == Shortcut::ZeroPad {
        spec.shortcut = Shortcut::Projection;
    }
    if options.batch == 0 || options.steps == 0 {
        return Err("batch and steps have to be at least 1".into());
    }
    Ok(spec)
}

enum Stage {
    /// Kernels are timed, where that is asked for and not known yet.
    Tune {
        tuning: Box<Tuning>,
        spec: Box<ModelSpec>,
    },
    Compile {
        prepared: Box<Prepared>,
        kernels: Vec<String>,
    },
    Run(Box<Network>),
    Done,
}

impl Stage {
    /// Lays out `spec`.
    fn prepare(spec: &ModelSpec, batch: usize, variants: Variants) -> Result<Self, String> {
        let network = NetworkOptions { batch, eval_batch: batch, variants, budget: DEFAULT_BUDGET };
        let prepared = Prepared::new(spec, network).map_err(|e| e.to_string())?;
        // Evaluation is not timed, so its kernels are left out.
        let kernels = prepared.train_kernels();
        Ok(Self::Compile { prepared: Box::new(prepared), kernels })
    }
}

/// A benchmark under way; `pump` it until it answers.
pub struct Bench {
    options: BenchOptions,
    stage: Stage,
    pacer: Pacer,
    started: Instant,
    step_started: Instant,
    /// First launch of the step that is not submitted.
    at: usize,
    download: Option<Download>,
    losses: Vec<f64>,
    times: Vec<f64>,
    /// Encoding of each step.
    encoding: Vec<f64>,
    /// Encoding of the step under way.
    encoded: Duration,
    first_ms: f64,
}

impl Bench {
    /// Lays out the network, unless kernels are to be timed first; nothing is compiled yet.
    ///
    /// # Errors
    /// If there is no such model or variant, or the network does not fit.
    pub fn new(gpu: &Gpu, options: BenchOptions, mut variants: Variants) -> Result<Self, String> {
        for (operation, variant) in &options.variants {
            variants.set(operation, variant).map_err(|e| e.to_string())?;
        }
        if !options.quads {
            variants.without_quads();
        }
        let started = Instant::now();
        let spec = network(&options)?;
        let tuning = Tuning::new(&spec, &variants, options.batch).map_err(|e| e.to_string())?;
        let stage = if tuning.progress().1 > 0 {
            Stage::Tune { tuning: Box::new(tuning), spec: Box::new(spec) }
        } else {
            Stage::prepare(&spec, options.batch, tuning.variants().clone())?
        };
        Ok(Self {
            options,
            stage,
            pacer: Pacer::new(0.1, gpu.facts.class.flops()),
            started,
            step_started: started,
            at: 0,
            download: None,
            losses: Vec::new(),
            times: Vec::new(),
            encoding: Vec::new(),
            encoded: Duration::ZERO,
            first_ms: 0.0,
        })
    }

    /// Goes on without waiting; the result, once it is there.
    pub fn pump(&mut self, gpu: &Gpu) -> Result<Option<BenchResult>, String> {
        gpu.poll();
        self.pacer.observe(gpu);
        if let Some(reason) = gpu.lost() {
            return Err(format!("the GPU device is lost: {reason}"));
        }
        if let Some(error) = gpu.take_errors().into_iter().next() {
            return Err(error);
        }
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Done => Ok(None),
            Stage::Tune { mut tuning, spec } => {
                self.stage = match tuning.pump(gpu).map_err(|e| e.to_string())? {
                    Some(variants) => Stage::prepare(&spec, self.options.batch, variants)?,
                    None => Stage::Tune { tuning, spec },
                };
                Ok(None)
            }
            Stage::Compile { prepared, mut kernels } => {
                let begin = Instant::now();
                while begin.elapsed().as_millis() < 50
                    && let Some(name) = kernels.pop()
                {
                    gpu.kernel(&name);
                }
                self.stage = if kernels.is_empty() {
                    Stage::Run(Box::new(self.set_up(gpu, *prepared)?))
                } else {
                    Stage::Compile { prepared, kernels }
                };
                Ok(None)
            }
            Stage::Run(mut net) => {
                let result = self.run(gpu, &mut net);
                if matches!(result, Ok(None)) {
                    self.stage = Stage::Run(net);
                }
                result
            }
        }
    }

    /// The network, once it has done a step.
    fn take_network(&mut self) -> Option<Network> {
        if self.losses.is_empty() {
            return None;
        }
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Run(net) => Some(*net),
            _ => None,
        }
    }

    fn set_up(&mut self, gpu: &Gpu, prepared: Prepared) -> Result<Network, String> {
        let batch = self.options.batch;
        let mut net = prepared.allocate(gpu);
        net.make_plan(gpu, Mode::Train, batch, None, &Recipe::default()).map_err(|e| e.to_string())?;
        let params = weights::peers(&net.graph);
        net.reset(gpu, &params);
        let labels: Vec<u32> = weights::peers_labels(batch).into_iter().map(u32::from).collect();
        net.set_batch(gpu, &weights::peers_inputs(batch), &labels);
        Ok(net)
    }

    fn run(&mut self, gpu: &Gpu, net: &mut Network) -> Result<Option<BenchResult>, String> {
        let batch = self.options.batch;
        let Some(plan) = net.plan(Mode::Train, batch) else { return Err("the plan was not made".into()) };
        let launches = plan.items.len();
        if self.at == 0 && self.download.is_none() {
            self.step_started = Instant::now();
            let slot = self.losses.len() as u32 % RING_STEPS as u32;
            net.set_step(gpu, &StepUniform { slot, lr: 0.01, momentum: 0.9, ..StepUniform::default() });
        }
        while self.at < launches && self.pacer.may_submit(gpu) {
            let Some(plan) = net.plan(Mode::Train, batch) else { break };
            let begin = Instant::now();
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let (at, work) = plan.encode(&mut encoder, self.at, self.pacer.slice());
            let commands = encoder.finish();
            self.encoded += begin.elapsed();
            gpu.submit(commands);
            self.pacer.submitted(work);
            self.at = at;
        }
        if self.at < launches {
            return Ok(None);
        }
        let Some(download) = &self.download else {
            let stride = net.layout.record.bytes();
            let first = self.losses.len() as u64 % RING_STEPS;
            self.download = Some(net.download_ring(gpu, Buf::Ring, stride, RING_STEPS, first, 1));
            return Ok(None);
        };
        if !download.is_ready() {
            return Ok(None);
        }
        let Some(download) = self.download.take() else { return Ok(None) };
        let record = net.take_floats(download)?;
        self.losses.push(f64::from(record[0]));
        let ms = |since: Instant| since.elapsed().as_secs_f64() * 1e3;
        self.times.push(ms(self.step_started));
        self.encoding.push(std::mem::take(&mut self.encoded).as_secs_f64() * 1e3);
        if self.losses.len() == 1 {
            self.first_ms = ms(self.started);
        }
        self.at = 0;
        if self.losses.len() < self.options.warm + self.options.steps {
            return Ok(None);
        }
        let timed = self.times.split_off(self.options.warm);
        let steps = timed.len();
        let ms_per_step = median(timed);
        Ok(Some(BenchResult {
            peer: "skipscope",
            model: self.options.model.clone(),
            batch,
            ms_per_step,
            images_per_s: batch as f64 / ms_per_step * 1e3,
            first_step_ms: self.first_ms,
            timed_steps: steps,
            losses: std::mem::take(&mut self.losses),
            adapter: gpu.facts.name.clone(),
            dispatches: launches,
            encode_ms: median(self.encoding.split_off(self.options.warm)),
            gpu_bytes: net.total_bytes(),
        }))
    }
}

/// The middle one, or the mean of both; NaN of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    match (values.get(low), values.get(high)) {
        (Some(low), Some(high)) => low.midpoint(*high),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::AdapterChoice;

    fn options(json: &str) -> Result<BenchOptions, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn the_middle_of_the_times_counts() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
        assert!((median(vec![9.0, 1.0, 2.0, 4.0]) - 3.0).abs() < 1e-12);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(options(r#"{"model":"resnet8","batch":2,"variant":"row"}"#).is_err());
        let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
        let wrong =
            options(r#"{"model":"resnet8","batch":2,"variants":{"conv_forward":"fast"}}"#).expect("JSON");
        let refused = Bench::new(&gpu, wrong, Variants::default()).err().expect("refused");
        assert!(refused.contains("fast"), "{refused}");
    }

    #[test]
    fn a_variant_asked_for_is_the_one_that_is_timed() {
        let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
        let time = |json: &str| {
            let mut bench =
                Bench::new(&gpu, options(json).expect("JSON"), Variants::default()).expect("fits");
            loop {
                if let Some(result) = bench.pump(&gpu).expect("runs") {
                    return result;
                }
            }
        };
        let row = time(r#"{"model":"resnet8","batch":2,"warm":1,"steps":1}"#);
        let transform = time(
            r#"{"model":"resnet8","batch":2,"warm":1,"steps":1,"variants":{"conv_forward":"transform"}}"#,
        );
        assert!(transform.dispatches > row.dispatches, "{} {}", transform.dispatches, row.dispatches);
        assert!((row.losses[1] - transform.losses[1]).abs() < 1e-3);
        assert!(row.encode_ms > 0.0 && row.encode_ms < row.ms_per_step, "{row:?}");
    }
}
