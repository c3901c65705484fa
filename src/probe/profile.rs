//! How long each layer takes: one training step is submitted layer by layer, each alone on the GPU, and the
//! times are taken at which they are done. Works on every adapter, without timestamp queries.

use super::watch::{Profile, SlicePhase};
use crate::gpu::{Gpu, Stopwatch};
use crate::model::Graph;
use crate::train::trainer::LayerDone;
use web_time::{Duration, Instant};

/// Empty submissions that measure what a submission costs by itself.
const EMPTY: usize = 3;

/// What is on the GPU: a layer, or nothing at all.
struct Pending {
    layer: Option<(String, SlicePhase)>,
    watch: Stopwatch,
}

/// A measurement under way.
#[derive(Default)]
pub struct Profiler {
    empty: Vec<Duration>,
    layers: Vec<(String, SlicePhase, f32)>,
    pending: Option<Pending>,
}

impl Profiler {
    /// Calls back when everything submitted so far is done.
    fn mark(&mut self, gpu: &Gpu, layer: Option<(String, SlicePhase)>, begun: Instant) {
        self.pending = Some(Pending { layer, watch: Stopwatch::new(gpu, begun) });
    }

    /// Whether the next layer may be submitted.
    pub fn is_ready(&mut self, gpu: &Gpu) -> bool {
        if let Some(pending) = self.pending.take() {
            let Some(time) = pending.watch.elapsed() else {
                self.pending = Some(pending);
                return false;
            };
            match pending.layer {
                Some((layer, phase)) => self.layers.push((layer, phase, time.as_secs_f32())),
                None => self.empty.push(time),
            }
        }
        if gpu.in_flight() > 0 {
            return false;
        }
        if self.empty.len() < EMPTY {
            let begun = Instant::now();
            gpu.submit(
                gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default()).finish(),
            );
            self.mark(gpu, None, begun);
            return false;
        }
        true
    }

    /// Takes note of a layer that was submitted at `begun`.
    pub fn submitted(&mut self, gpu: &Gpu, done: &LayerDone, begun: Instant) {
        self.mark(gpu, Some((done.layer.clone(), done.phase)), begun);
    }

    /// The times, with what a submission costs by itself taken off.
    pub fn finish(self, graph: &Graph, step: u64) -> Profile {
        let cost = self.empty.iter().min().copied().unwrap_or_default().as_secs_f32();
        let layers: Vec<(String, SlicePhase, f32)> =
            self.layers.into_iter().map(|(l, p, s)| (l, p, (s - cost).max(0.0))).collect();
        let of = |name: &str| {
            let inside = |l: &str| l.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
            layers.iter().filter(|(l, _, _)| inside(l)).map(|(_, _, s)| s).sum()
        };
        let blocks = graph.blocks.iter().map(|b| of(&b.name)).collect();
        Profile { step, layers, blocks }
    }
}
