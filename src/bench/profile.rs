//! Where a training step's time goes: every dispatch is repeated alone until the clock can tell, and set
//! against what the adapter can do at most (a roofline, Williams et al. 2009).

use super::{Bench, BenchOptions};
use crate::engine::Network;
use crate::engine::plan::{Buffers, Plan};
use crate::engine::program::{Bound, Buf, Dispatch, Mode, Phase, Program};
use crate::engine::variants::Variants;
use crate::gpu::{Gpu, Stopwatch};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use web_time::{Duration, Instant};

/// A dispatch is repeated until it takes this long in all: browsers tell the time in steps.
const LONG_ENOUGH: Duration = Duration::from_millis(20);
/// Most repetitions in one submission.
const MOST: usize = 256;
/// Timed submissions of each dispatch, of which the fastest counts: what disturbs only ever slows down.
const ROUNDS: usize = 3;
/// Bytes that are copied to measure the memory.
const COPIED: u64 = 32 << 20;
/// Invocations and rounds that measure the arithmetic, and what a round has: chains of four-wide
/// multiply-adds, unrolled so many times (`build.rs` makes the kernel).
const COMPUTED: u32 = 4096;
const COMPUTED_ROUNDS: u32 = 500;
const CHAINS: u32 = 3;
const UNROLLED: u32 = 16;

/// What the adapter does at most, as measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Peak {
    /// 10⁹ floating-point operations a second; a multiply-add is two.
    pub gflops: f64,
    /// 10⁹ bytes a second, read and written.
    pub gbytes: f64,
}

/// One dispatch of the step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timed {
    pub kernel: String,
    /// In torchvision's names.
    pub layer: String,
    pub phase: &'static str,
    pub ms: f64,
    /// Floating-point operations, roughly.
    pub work: f64,
    /// Bytes of the buffers it binds: each read or written once.
    pub bytes: f64,
}

/// Where the time of one training step goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepProfile {
    pub model: String,
    pub batch: usize,
    pub adapter: String,
    pub peak: Peak,
    /// In the order of the step.
    pub dispatches: Vec<Timed>,
}

/// Dispatches of one kind, or of one layer, together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Share {
    pub name: String,
    pub launches: usize,
    pub ms: f64,
    pub work: f64,
    pub bytes: f64,
}

impl Share {
    /// 10⁹ operations a second.
    pub fn gflops(&self) -> f64 {
        self.work / self.ms / 1e6
    }

    /// 10⁹ bytes a second.
    pub fn gbytes(&self) -> f64 {
        self.bytes / self.ms / 1e6
    }

    /// The share of what the adapter can do that is reached: of its arithmetic or of its memory, whichever
    /// is the tighter.
    pub fn of_peak(&self, peak: Peak) -> f64 {
        (self.gflops() / peak.gflops).max(self.gbytes() / peak.gbytes)
    }
}

impl StepProfile {
    /// Milliseconds of all dispatches, one after the other.
    pub fn ms(&self) -> f64 {
        self.dispatches.iter().map(|d| d.ms).sum()
    }

    /// Dispatches that `name` gives the same name, the slowest first.
    pub fn by(&self, name: impl Fn(&Timed) -> String) -> Vec<Share> {
        let mut shares: Vec<Share> = Vec::new();
        for d in &self.dispatches {
            let name = name(d);
            let at = shares.iter().position(|s| s.name == name).unwrap_or_else(|| {
                shares.push(Share { name, ..Share::default() });
                shares.len() - 1
            });
            let share = &mut shares[at];
            share.launches += 1;
            share.ms += d.ms;
            share.work += d.work;
            share.bytes += d.bytes;
        }
        shares.sort_by(|a, b| b.ms.total_cmp(&a.ms));
        shares
    }
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Forward => "forward",
        Phase::Loss => "loss",
        Phase::Backward => "backward",
        Phase::Update => "update",
        Phase::Probe => "probe",
    }
}

/// What is being timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Nothing,
    Fma,
    Copy,
    Dispatch(usize),
}

/// One submission under way.
struct Pending {
    watch: Stopwatch,
    times: usize,
}

/// A profile under way; `pump` it until it answers.
pub struct Profiling {
    options: BenchOptions,
    bench: Bench,
    net: Option<Network>,
    peaks: Option<Plan>,
    peak_buffers: Buffers,
    targets: Vec<Target>,
    at: usize,
    times: usize,
    /// Seconds of one repetition, of the current target.
    rounds: Vec<f64>,
    seconds: HashMap<usize, f64>,
    pending: Option<Pending>,
    empty: f64,
    peak: Peak,
}

/// Two dispatches that differ only in where their buffers lie take the same time.
fn key(d: &Dispatch, program: &Program) -> (String, Vec<u32>, Vec<u64>) {
    (d.kernel.clone(), d.params.clone(), d.bindings.iter().map(|b| program.bytes(b).unwrap_or(0)).collect())
}

fn peak_dispatches() -> [Dispatch; 2] {
    // A four-wide multiply-add is eight operations.
    let flops = 8.0 * [COMPUTED, COMPUTED_ROUNDS, CHAINS, UNROLLED].map(f64::from).iter().product::<f64>();
    let dispatch = |kernel: &str, params: &[u32], bindings: &[Buf], invocations: u32, work: f64| Dispatch {
        kernel: kernel.into(),
        params: params.to_vec(),
        bindings: bindings.iter().map(|&b| b.into()).collect(),
        workgroups: invocations.div_ceil(64),
        work,
        bytes: 0.0,
        layer: "peak".into(),
        phase: Phase::Probe,
    };
    let vec4s = (COPIED / 16) as u32;
    [
        dispatch(
            &format!("peak_fma/{CHAINS}x{UNROLLED}"),
            &[COMPUTED, COMPUTED_ROUNDS],
            &[Buf::Results],
            COMPUTED,
            flops,
        ),
        dispatch("copy_rows", &[vec4s, 0], &[Buf::Input, Buf::Scratch], vec4s, f64::from(vec4s)),
    ]
}

impl Profiling {
    /// Lays out the network; nothing is compiled yet.
    pub fn new(gpu: &Gpu, options: BenchOptions, variants: Variants) -> Result<Self, String> {
        // Its first step warms everything up; it would end with the second.
        let bench = Bench::new(gpu, BenchOptions { warm: 1, steps: 1, ..options.clone() }, variants)?;
        Ok(Self {
            options,
            bench,
            net: None,
            peaks: None,
            peak_buffers: Buffers::new(),
            targets: Vec::new(),
            at: 0,
            times: 1,
            rounds: Vec::new(),
            seconds: HashMap::new(),
            pending: None,
            empty: 0.0,
            peak: Peak::default(),
        })
    }

    /// Goes on without waiting; the profile, once it is there.
    pub fn pump(&mut self, gpu: &Gpu) -> Result<Option<StepProfile>, String> {
        if self.net.is_none() {
            // One whole step first, so that every buffer holds what it would.
            self.bench.pump(gpu)?;
            self.net = self.bench.take_network();
            if let Some(net) = &self.net {
                let program =
                    net.program(Mode::Train, self.options.batch).ok_or("the program was not made")?;
                let mut seen = HashSet::new();
                self.targets = vec![Target::Nothing, Target::Fma, Target::Copy];
                for (i, d) in program.dispatches.iter().enumerate() {
                    if seen.insert(key(d, program)) {
                        self.targets.push(Target::Dispatch(i));
                    }
                }
                for (buf, bytes) in
                    [(Buf::Results, u64::from(COMPUTED) * 16), (Buf::Input, COPIED), (Buf::Scratch, COPIED)]
                {
                    self.peak_buffers.insert(buf, gpu.storage("peak", bytes));
                }
                let plan = Plan::new(gpu, &peak_dispatches(), &self.peak_buffers, &[], &[]);
                self.peaks = Some(plan.map_err(|e| e.to_string())?);
            }
            return Ok(None);
        }
        gpu.poll();
        if let Some(reason) = gpu.lost() {
            return Err(format!("the GPU device is lost: {reason}"));
        }
        if let Some(error) = gpu.take_errors().into_iter().next() {
            return Err(error);
        }
        if let Some(pending) = self.pending.take() {
            let Some(time) = pending.watch.elapsed() else {
                self.pending = Some(pending);
                return Ok(None);
            };
            self.timed(time, pending.times);
        }
        if gpu.in_flight() > 0 {
            return Ok(None);
        }
        let Some(&target) = self.targets.get(self.at) else { return self.finish(gpu).map(Some) };
        self.submit(gpu, target);
        Ok(None)
    }

    fn submit(&mut self, gpu: &Gpu, target: Target) {
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let step = self.net.as_ref().and_then(|n| n.plan(Mode::Train, self.options.batch));
        match (target, step, &self.peaks) {
            (Target::Dispatch(i), Some(plan), _) => plan.encode_dispatch(&mut encoder, i, self.times),
            (Target::Fma, _, Some(plan)) => plan.encode_dispatch(&mut encoder, 0, self.times),
            (Target::Copy, _, Some(plan)) => plan.encode_dispatch(&mut encoder, 1, self.times),
            _ => {}
        }
        let begun = Instant::now();
        gpu.submit(encoder.finish());
        self.pending = Some(Pending { watch: Stopwatch::new(gpu, begun), times: self.times });
    }

    /// Takes a time; goes on to more repetitions, another round, or the next target.
    fn timed(&mut self, time: Duration, times: usize) {
        let target = self.targets[self.at];
        let seconds = (time.as_secs_f64() - self.empty).max(0.0) / times as f64;
        if target != Target::Nothing && time < LONG_ENOUGH && times < MOST && self.rounds.is_empty() {
            let more = LONG_ENOUGH.as_secs_f64() / time.as_secs_f64().max(1e-4) * times as f64;
            self.times = (more.ceil() as usize).clamp(times + 1, MOST.min(times * 16));
            return;
        }
        self.rounds.push(seconds);
        if self.rounds.len() < ROUNDS {
            return;
        }
        let best = self.rounds.drain(..).fold(f64::INFINITY, f64::min);
        match target {
            Target::Nothing => self.empty = best,
            Target::Fma => self.peak.gflops = peak_dispatches()[0].work / best / 1e9,
            Target::Copy => self.peak.gbytes = 2.0 * COPIED as f64 / best / 1e9,
            Target::Dispatch(i) => {
                self.seconds.insert(i, best);
            }
        }
        self.at += 1;
        self.times = 1;
    }

    fn finish(&mut self, gpu: &Gpu) -> Result<StepProfile, String> {
        let net = self.net.as_ref().ok_or("the network was not made")?;
        let program = net.program(Mode::Train, self.options.batch).ok_or("the program was not made")?;
        let times: HashMap<_, f64> =
            self.seconds.iter().map(|(&i, &s)| (key(&program.dispatches[i], program), s)).collect();
        let dispatches = program
            .dispatches
            .iter()
            .map(|d| {
                let size = |b: &Bound| {
                    program.bytes(b).or_else(|| net.region(b.buf, Mode::Train).map(|r| r.bytes)).unwrap_or(0)
                };
                Timed {
                    kernel: d.kernel.clone(),
                    layer: d.layer.clone(),
                    phase: phase_name(d.phase),
                    ms: times[&key(d, program)] * 1e3,
                    work: d.work,
                    bytes: d.bindings.iter().map(|b| size(b) as f64).sum(),
                }
            })
            .collect();
        Ok(StepProfile {
            model: self.options.model.clone(),
            batch: self.options.batch,
            adapter: gpu.facts.name.clone(),
            peak: self.peak,
            dispatches,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::source;

    #[test]
    fn the_peak_counts_what_its_kernel_computes() {
        let [fma, copy] = peak_dispatches();
        let text = source(&fma.kernel).expect("build.rs makes it");
        assert_eq!(text.matches(" = fma(").count() as u32, CHAINS * UNROLLED);
        let rounds = f64::from(COMPUTED) * f64::from(COMPUTED_ROUNDS);
        assert_eq!(fma.work, rounds * text.matches(" = fma(").count() as f64 * 8.0);
        assert_eq!(u64::from(copy.params[0]) * 16, COPIED);
    }

    #[test]
    fn shares_add_up_and_the_slowest_comes_first() {
        let timed = |kernel: &str, layer: &str, ms| Timed {
            kernel: kernel.into(),
            layer: layer.into(),
            phase: "forward",
            ms,
            work: 4e6,
            bytes: 1e6,
        };
        let profile = StepProfile {
            model: "resnet8".into(),
            batch: 1,
            adapter: String::new(),
            peak: Peak { gflops: 10.0, gbytes: 1.0 },
            dispatches: vec![timed("bn", "bn1", 1.0), timed("conv", "conv1", 3.0), timed("bn", "bn2", 1.0)],
        };
        let by = profile.by(|d| d.kernel.clone());
        assert_eq!(
            by.iter().map(|s| (s.name.as_str(), s.launches)).collect::<Vec<_>>(),
            [("conv", 1), ("bn", 2)]
        );
        assert_eq!(by.iter().map(|s| s.ms).sum::<f64>(), profile.ms());
        // 8·10⁶ operations in 2 ms are 4 GFLOP/s, 2·10⁶ bytes 1 GB/s: the memory is the tighter of the two.
        assert_eq!((by[1].gflops(), by[1].gbytes(), by[1].of_peak(profile.peak)), (4.0, 1.0, 1.0));
    }
}
