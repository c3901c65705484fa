//! The loss around a network's weights, as a surface (Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets",
//! arXiv 1712.09913).
//!
//! Weights move in a plane, w + a·d₁ + b·d₂, by a kernel and in place: nothing is uploaded for a point but a and b. Two
//! planes: random directions normalised filter by filter ([`filter_normalised`]), in which networks can be compared, and
//! the plane in which a run has moved most ([`principal`]), with its path. Batch norm's parameters and biases stay.
//!
//! Batch norm makes weights scale-free, so what it normalises with matters: the running statistics of the
//! unmoved network, as in evaluation, or each batch's own, which are those of the moved one. A coarse grid comes
//! first and is refined. When all is done, or the experiment is dropped early by [`Landscape::restore`], the weights
//! are bit for bit what they were.

mod directions;
pub mod survey;
#[cfg(test)]
mod tests;
mod trajectory;

pub use directions::{Direction, Plane, filter_normalised, principal};
pub use trajectory::{Snapshot, Trained, Trajectory};

use super::common::submit;
use super::{Job, LabError, Progress, poll};
use crate::engine::dataset::GpuSplit;
use crate::engine::layout::{RING_STEPS, to_gpu};
use crate::engine::plan::{Buffers, Plan};
use crate::engine::program::{Buf, Dispatch, Mode, Phase};
use crate::engine::{Network, NetworkState, StepUniform};
use crate::gpu::{Download, Gpu};
use crate::train::Recipe;
use serde::{Deserialize, Serialize};

/// What batch norm normalises with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistics {
    /// The running ones of the unmoved network.
    Running,
    /// Those of each batch, measured anew at each point.
    Batch,
}

/// Where and how to look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Points along each axis: 2^k·m + 1, so that there is a coarser grid within.
    pub size: usize,
    /// First and last coordinate along each direction.
    pub x: [f64; 2],
    pub y: [f64; 2],
    pub statistics: Statistics,
    /// Pictures the loss is the mean over: the first of the split, in whole batches.
    pub images: usize,
}

/// A surface, as far as it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surface {
    pub grid: Grid,
    /// Mean cross-entropy in nats and accuracy, row by row along x; `None` where it is not measured yet. A loss that is
    /// not finite is given as `f64::MAX`.
    pub points: Vec<Option<[f64; 2]>>,
}

impl Surface {
    /// Nothing known yet.
    ///
    /// # Errors
    /// If the grid makes no sense.
    pub fn new(grid: Grid) -> Result<Self, LabError> {
        let asked = |ok: bool, text: &str| if ok { Ok(()) } else { Err(LabError::Asked(text.into())) };
        asked(
            (3..=257).contains(&grid.size) && grid.size % 2 == 1,
            "a grid has 3 to 257 points along an axis, an odd number",
        )?;
        let whole = |r: [f64; 2]| r[0].is_finite() && r[1].is_finite() && r[0] < r[1];
        asked(whole(grid.x) && whole(grid.y), "an axis goes from a smaller to a larger number")?;
        asked(grid.images > 0, "the loss is a mean over at least one picture")?;
        let points = vec![None; grid.size * grid.size];
        Ok(Self { grid, points })
    }

    /// Coordinates of point `at`.
    pub fn place(&self, at: usize) -> [f64; 2] {
        let n = self.grid.size;
        let along = |[from, to]: [f64; 2], k: usize| {
            // The middle is met exactly.
            if 2 * k + 1 == n {
                f64::midpoint(from, to)
            } else {
                from + (to - from) * k as f64 / (n - 1) as f64
            }
        };
        [along(self.grid.x, at % n), along(self.grid.y, at / n)]
    }

    /// The points in the order they are measured: every 2^k-th first, then those between.
    pub fn order(size: usize) -> Vec<usize> {
        let mut stride = 1 << (size - 1).trailing_zeros().min(4);
        let mut seen = vec![false; size * size];
        let mut order = Vec::new();
        while stride > 0 {
            for y in (0..size).step_by(stride) {
                for x in (0..size).step_by(stride) {
                    if !std::mem::replace(&mut seen[y * size + x], true) {
                        order.push(y * size + x);
                    }
                }
            }
            stride /= 2;
        }
        order
    }

    /// Loss of point `at`, if it is known.
    pub fn loss(&self, at: usize) -> Option<f64> {
        self.points.get(at).copied().flatten().map(|p| p[0])
    }
}

/// A surface being measured.
pub struct Landscape {
    net: Network,
    split: GpuSplit,
    recipe: Recipe,
    displace: Plan,
    base: Vec<wgpu::Buffer>,
    running: wgpu::Buffer,
    place: wgpu::Buffer,
    surface: Surface,
    order: Vec<usize>,
    /// Points whose passes are submitted; those known.
    submitted: usize,
    known: usize,
    download: Option<(Vec<usize>, Download)>,
    restored: bool,
}

impl Landscape {
    /// Prepares `net`, at its present weights, for walks along `directions` over `split`. `surface` may be one
    /// that is partly known: it is gone on with.
    ///
    /// # Errors
    /// If a direction does not fit the network, there are fewer pictures than the loss is to be a mean over, or
    /// `surface` has another number of points than its grid.
    pub fn new(
        gpu: &Gpu,
        net: Network,
        state: &NetworkState,
        directions: &[Direction; 2],
        split: GpuSplit,
        recipe: &Recipe,
        surface: Surface,
    ) -> Result<Self, LabError> {
        let fits = |d: &Direction| {
            d.len() == net.graph.params.len()
                && d.iter().zip(&net.graph.params).all(|(d, p)| d.len() == p.len())
        };
        if !directions.iter().all(fits) {
            return Err(LabError::Asked("a direction has other sizes than the network's parameters".into()));
        }
        if split.len < surface.grid.images {
            let (asked, there) = (surface.grid.images, split.len);
            return Err(LabError::Asked(format!(
                "the loss over {asked} pictures is asked for, there are {there}"
            )));
        }
        if surface.points.len() != surface.grid.size.pow(2) {
            return Err(LabError::Asked("the surface to go on with does not fit its own grid".into()));
        }
        net.upload(gpu, state);
        let arenas = net.layout.arenas.clone();
        let mut more = Buffers::new();
        for (k, direction) in directions.iter().enumerate() {
            for (arena, &bytes) in arenas.iter().enumerate() {
                more.insert(Buf::Direction(k, arena), gpu.storage("direction", bytes));
            }
            for (i, param) in net.graph.params.iter().enumerate() {
                let slot = &net.layout.params[i];
                let data = to_gpu(param, &direction[i]);
                let buffer = &more[&Buf::Direction(k, slot.arena)];
                gpu.queue.write_buffer(buffer, slot.offset, bytemuck::cast_slice(&data));
            }
        }
        let base: Vec<wgpu::Buffer> = arenas.iter().map(|&b| gpu.storage("base", b)).collect();
        let running = gpu.storage("kept statistics", net.layout.running_bytes);
        let place = gpu.storage("place", 16);
        let mut dispatches = Vec::new();
        for (arena, &bytes) in arenas.iter().enumerate() {
            more.insert(Buf::Base(arena), base[arena].clone());
            let total = (bytes / 16) as u32;
            dispatches.push(Dispatch {
                kernel: "displace".into(),
                params: vec![total],
                bindings: [
                    Buf::Base(arena),
                    Buf::Direction(0, arena),
                    Buf::Direction(1, arena),
                    Buf::Coordinates,
                    Buf::Weights(arena),
                ]
                .map(Into::into)
                .to_vec(),
                workgroups: total.div_ceil(64),
                work: bytes as f64,
                bytes: 4.0 * bytes as f64,
                layer: "displace".into(),
                phase: Phase::Update,
            });
        }
        more.insert(Buf::Coordinates, place.clone());
        let displace = net.side_plan(gpu, Mode::Eval, &dispatches, &more)?;
        let order: Vec<usize> = Surface::order(surface.grid.size)
            .into_iter()
            .filter(|&at| surface.points[at].is_none())
            .collect();
        let job = Self {
            net,
            split,
            recipe: recipe.clone(),
            displace,
            base,
            running,
            place,
            surface,
            order,
            submitted: 0,
            known: 0,
            download: None,
            restored: false,
        };
        job.copy(gpu, true);
        Ok(job)
    }

    /// Weights and running statistics to where they are kept, or back.
    fn copy(&self, gpu: &Gpu, keep: bool) {
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let weights = (0..self.base.len()).map(Buf::Weights).zip(&self.base);
        for (buf, kept) in weights.chain([(Buf::Running, &self.running)]) {
            let Some(buffer) = self.net.region(buf, Mode::Eval).map(|r| r.buffer) else { continue };
            let (from, to) = if keep { (buffer, kept) } else { (kept, buffer) };
            encoder.copy_buffer_to_buffer(from, 0, to, 0, kept.size().min(buffer.size()));
        }
        gpu.submit(encoder.finish());
    }

    /// Puts the weights back as they were, bit for bit. Done by itself at the end.
    pub fn restore(&mut self, gpu: &Gpu) {
        if !std::mem::replace(&mut self.restored, true) {
            self.copy(gpu, false);
        }
    }

    /// What is known so far.
    pub fn surface(&self) -> &Surface {
        &self.surface
    }

    fn mode(&self) -> Mode {
        match self.surface.grid.statistics {
            Statistics::Running => Mode::Eval,
            Statistics::Batch => Mode::Train,
        }
    }

    /// First picture and length of each batch.
    fn batches(&self) -> Vec<(usize, usize)> {
        let most = if self.mode() == Mode::Eval { self.net.eval_batch } else { self.net.batch };
        let images = self.surface.grid.images;
        (0..images).step_by(most).map(|first| (first, most.min(images - first))).collect()
    }

    /// Submits as many points as a slice of some 50 ms holds, at least one, and asks for their losses.
    fn submit(&mut self, gpu: &Gpu) -> Result<(), LabError> {
        let (mode, batches) = (self.mode(), self.batches());
        let slots = if mode == Mode::Eval { crate::engine::EVAL_BATCHES } else { RING_STEPS as usize };
        if batches.len() > slots {
            let most = slots * batches[0].1;
            return Err(LabError::Asked(format!("at most {most} pictures fit at this batch; ask for fewer")));
        }
        for &(_, batch) in &batches {
            self.net.make_plan(gpu, mode, batch, Some(&self.split), &self.recipe)?;
        }
        let mut points = Vec::new();
        let mut work = 0.0;
        while self.submitted < self.order.len()
            && (points.len() + 1) * batches.len() <= slots
            && (points.is_empty() || work < gpu.facts.class.flops() * 0.05)
        {
            let at = self.order[self.submitted];
            let [a, b] = self.surface.place(at).map(|v| v as f32);
            gpu.queue.write_buffer(&self.place, 0, bytemuck::cast_slice(&[a, b, 0.0, 0.0]));
            work += submit(gpu, &self.displace, self.displace.items.len());
            for (k, &(first, batch)) in batches.iter().enumerate() {
                let slot = (points.len() * batches.len() + k) as u32;
                self.net.set_step(
                    gpu,
                    &StepUniform { batch_start: first as u32, slot, ..StepUniform::default() },
                );
                let Some(plan) = self.net.plan(mode, batch) else { continue };
                let end = plan.items.iter().position(|i| plan.labels[i.dispatch].1 == Phase::Backward);
                work += submit(gpu, plan, end.unwrap_or(plan.items.len()));
            }
            points.push(at);
            self.submitted += 1;
        }
        let count = (points.len() * batches.len()) as u64;
        let (ring, stride, len) = match mode {
            Mode::Eval => (Buf::EvalRing, 16, crate::engine::EVAL_BATCHES as u64),
            Mode::Train => (Buf::Ring, self.net.layout.record.bytes(), RING_STEPS),
        };
        let download = self.net.download_ring(gpu, ring, stride, len, 0, count);
        self.download = Some((points, download));
        Ok(())
    }

    fn take(&mut self, points: &[usize], words: &[f32]) {
        let batches = self.batches();
        let stride = words.len() / (points.len() * batches.len());
        let images = self.surface.grid.images as f64;
        for (&at, records) in points.iter().zip(words.chunks_exact(stride * batches.len())) {
            let mut sums = [0.0; 2];
            for (record, &(_, batch)) in records.chunks_exact(stride).zip(&batches) {
                sums[0] += f64::from(record[0]) * batch as f64 / images;
                sums[1] += f64::from(record[1]) * batch as f64 / images;
            }
            let finite = |v: f64| if v.is_finite() { v } else { f64::MAX };
            self.surface.points[at] = Some(sums.map(finite));
            self.known += 1;
        }
    }

    /// The network, with its weights as they were.
    pub fn into_network(mut self, gpu: &Gpu) -> Network {
        self.restore(gpu);
        self.net
    }
}

impl Job for Landscape {
    type Outcome = Surface;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        match self.download.take() {
            Some((points, download)) if download.is_ready() => {
                let words = self.net.take_floats(download).map_err(LabError::Refused)?;
                self.take(&points, &words);
            }
            None if self.submitted < self.order.len() => self.submit(gpu)?,
            waiting => self.download = waiting,
        }
        if self.known == self.order.len() {
            self.restore(gpu);
        }
        let total = self.surface.points.len();
        let done = total - self.order.len() + self.known;
        Ok(Progress { done: done as u64, total: total as u64, what: "points".into() })
    }

    fn outcome(&self) -> Surface {
        self.surface.clone()
    }
}
