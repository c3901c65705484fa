//! A network on the GPU: its buffers, and the plans that train and evaluate it.

use super::dataset::GpuSplit;
use super::gates::Gates;
use super::layout::{Layout, RING_STEPS, activation_to_gpu, from_gpu, to_gpu, vec4s};
use super::memory::{Demand, Place, Slots};
use super::ops::gather;
use super::plan::{Buffers, Plan, PlanError, Region};
use super::program::{Buf, Builder, Dispatch, Mode, Program};
use super::variants::Variants;
use crate::gpu::{AdapterClass, Download, Gpu, StagingPool};
use crate::model::{Graph, ModelSpec, SpecError};
use crate::train::Recipe;
use std::collections::{BTreeSet, HashMap};

/// Batches of one evaluation that fit its ring.
pub const EVAL_BATCHES: usize = 4096;
/// Default limit of GPU memory: WebGPU does not tell how much is free.
pub const DEFAULT_BUDGET: u64 = 2 << 30;

/// How a network is to be built.
#[derive(Clone, Debug)]
pub struct NetworkOptions {
    /// Pictures in a training step.
    pub batch: usize,
    /// Pictures in an evaluation batch.
    pub eval_batch: usize,
    pub variants: Variants,
    /// Bytes of GPU memory that may be used, pictures not included.
    pub budget: u64,
}

/// Why a network was not built. Nothing was allocated, unless it says so.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error("training at batch {batch} needs {} of GPU memory; {} are allowed. {}", mib(*need), mib(*allowed), advice(*fits))]
    TooLarge { batch: usize, need: u64, allowed: u64, fits: Option<usize> },
    #[error("training at batch {batch} needs a buffer of {}; WebGPU's default limit is {}. {}", mib(*need), mib(super::layout::MAX_BINDING), advice(*fits))]
    BindingTooLarge { batch: usize, need: u64, fits: Option<usize> },
    #[error(transparent)]
    Plan(#[from] PlanError),
}

fn mib(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}

fn advice(fits: Option<usize>) -> String {
    match fits {
        Some(batch) => format!("Batch {batch} would fit."),
        None => "Not even batch 1 would fit; a smaller network or input is needed.".into(),
    }
}

/// A network laid out and measured, before anything is allocated.
pub struct Prepared {
    pub graph: Graph,
    pub layout: Layout,
    pub demand: Demand,
    options: NetworkOptions,
    slots: Slots,
    train: Program,
    eval: Program,
}

/// Bytes of GPU memory to train `spec` at `batch` with the kernels of a graphics card, pictures not included. On a
/// software adapter what transforms of convolutions make comes on top.
pub fn estimate(spec: &ModelSpec, batch: usize) -> Result<u64, SpecError> {
    estimate_for(spec, batch, AdapterClass::Gpu).map(|demand| demand.total())
}

/// GPU memory to train `spec` at `batch` with what an adapter of `class` computes with, by purpose.
pub fn estimate_for(spec: &ModelSpec, batch: usize, class: AdapterClass) -> Result<Demand, SpecError> {
    let graph = Graph::new(spec)?;
    Ok(demand(&graph, &Layout::new(&graph), &Variants::for_class(class), [batch, batch], batch).0)
}

fn demand(
    graph: &Graph,
    layout: &Layout,
    variants: &Variants,
    batch: [usize; 2],
    eval_batch: usize,
) -> (Demand, Slots, Program, Program) {
    let train = Builder::build_short(graph, layout, variants, Mode::Train, batch);
    let eval = Builder::build(graph, layout, variants, Mode::Eval, eval_batch);
    let slots = Slots::place(&[&train, &eval]);
    let demand = Demand::new(graph, layout, &[&train, &eval], &slots);
    (demand, slots, train, eval)
}

impl Prepared {
    /// Lays out `spec`, or says why it cannot be trained within the budget.
    pub fn new(spec: &ModelSpec, options: NetworkOptions) -> Result<Self, EngineError> {
        let batch = options.batch;
        Self::as_for(spec, options, batch)
    }

    /// The same with the kernels that compute batches of `full` pictures, of which these are the first ones.
    ///
    /// # Errors
    /// If it cannot be trained within the budget.
    pub fn as_for(spec: &ModelSpec, options: NetworkOptions, full: usize) -> Result<Self, EngineError> {
        let graph = Graph::new(spec)?;
        let layout = Layout::new(&graph);
        let (demand, slots, train, eval) =
            demand(&graph, &layout, &options.variants, [options.batch, full], options.eval_batch);
        if !demand.fits(options.budget) {
            let fits = |batch: usize| {
                let eval_batch = options.eval_batch.min(batch);
                let batches = [batch, if full == options.batch { batch } else { full }];
                self::demand(&graph, &layout, &options.variants, batches, eval_batch).0.fits(options.budget)
            };
            let fits = largest_batch(options.batch, fits);
            let batch = options.batch;
            return Err(if demand.total() > options.budget {
                EngineError::TooLarge { batch, need: demand.total(), allowed: options.budget, fits }
            } else {
                EngineError::BindingTooLarge { batch, need: demand.largest_binding, fits }
            });
        }
        Ok(Self { graph, layout, demand, options, slots, train, eval })
    }

    /// Training passes of the caller's own over a part of `graph`, e.g. with another loss, whose program `train` was
    /// made with `layout`. There is nothing to evaluate.
    ///
    /// # Errors
    /// If it does not fit the budget.
    pub fn own(
        graph: Graph,
        layout: Layout,
        train: Program,
        options: NetworkOptions,
    ) -> Result<Self, EngineError> {
        let eval = Builder::bare(&graph, &layout, &options.variants, Mode::Eval, 1).program;
        let slots = Slots::place(&[&train, &eval]);
        let demand = Demand::new(&graph, &layout, &[&train, &eval], &slots);
        if !demand.fits(options.budget) {
            let (batch, need, allowed) = (options.batch, demand.total(), options.budget);
            return Err(EngineError::TooLarge { batch, need, allowed, fits: None });
        }
        Ok(Self { graph, layout, demand, options, slots, train, eval })
    }

    /// Names of the kernels that training and evaluation use.
    pub fn kernels(&self) -> Vec<String> {
        let all = self.train.dispatches.iter().chain(&self.eval.dispatches).map(|d| d.kernel.clone());
        all.chain(["gather".to_owned()]).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Names of the kernels that training alone uses, on a batch put in place by hand.
    pub fn train_kernels(&self) -> Vec<String> {
        self.train.dispatches.iter().map(|d| d.kernel.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Allocates the buffers. Kernels that are not compiled yet are.
    pub fn allocate(self, gpu: &Gpu) -> Network {
        let Self { graph, layout, demand, options, slots, train, eval } = self;
        let placed: Vec<wgpu::Buffer> = slots.sizes.iter().map(|&s| gpu.storage("activations", s)).collect();
        let batch = options.batch.max(options.eval_batch) as u64;
        let side = graph.spec.input_size as u64;
        let widest = graph.tensors.iter().map(|t| vec4s(t.c)).max().unwrap_or(0) as u64;
        let mut buffers = Buffers::new();
        for (arena, &bytes) in layout.arenas.iter().enumerate() {
            buffers.insert(Buf::Weights(arena), gpu.storage("weights", bytes));
            buffers.insert(Buf::Gradients(arena), gpu.storage("gradients", bytes));
            buffers.insert(Buf::Velocity(arena), gpu.storage("velocity", bytes));
        }
        for (buf, label, bytes) in [
            (Buf::Input, "input", batch * side * side * 16),
            (Buf::Labels, "batch labels", batch * 4),
            (Buf::Running, "running statistics", layout.running_bytes),
            (Buf::Coef, "affine coefficients", layout.coef_bytes),
            (Buf::Back, "batch norm backward", 3 * widest * 16),
            (Buf::Gates, "gates", graph.blocks.len() as u64 * 16),
            (Buf::Scratch, "partial sums", demand.scratch),
            (Buf::Results, "results", batch * 16),
            (Buf::Ring, "ring", layout.record.bytes() * RING_STEPS),
            (Buf::EvalRing, "evaluation ring", EVAL_BATCHES as u64 * 16),
            (Buf::UpdateTable, "update table", layout.update_table.len() as u64 * 8),
            (Buf::UpdateRanges, "update ranges", layout.update_ranges.len() as u64 * 8),
            (Buf::UpdateParts, "update parts", layout.update_table.len() as u64 * 16),
        ] {
            buffers.insert(buf, gpu.storage(label, bytes));
        }
        buffers.insert(Buf::Step, gpu.uniform("step", std::mem::size_of::<StepUniform>() as u64));
        gpu.queue.write_buffer(&buffers[&Buf::UpdateTable], 0, bytemuck::cast_slice(&layout.update_table));
        gpu.queue.write_buffer(&buffers[&Buf::UpdateRanges], 0, bytemuck::cast_slice(&layout.update_ranges));
        let bytes = buffers.values().chain(&placed).map(wgpu::Buffer::size).sum();
        let network = Network {
            batch: options.batch,
            eval_batch: options.eval_batch,
            variants: options.variants,
            graph,
            layout,
            buffers,
            slots: placed,
            placed: slots.placed,
            programs: HashMap::from([
                ((Mode::Train, options.batch), train),
                ((Mode::Eval, options.eval_batch), eval),
            ]),
            plans: HashMap::new(),
            pool: StagingPool::default(),
            bytes,
        };
        network.set_gates(gpu, &Gates::of(&network.graph));
        network
    }
}

fn copy_each<'a>(gpu: &Gpu, pairs: impl Iterator<Item = (&'a wgpu::Buffer, &'a wgpu::Buffer)>) {
    let mut encoder =
        gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("state") });
    for (from, to) in pairs {
        encoder.copy_buffer_to_buffer(from, 0, to, 0, from.size());
    }
    gpu.submit(encoder.finish());
}

/// The largest batch below `batch` that fits, by bisection; `None` if not even 1 does.
fn largest_batch(batch: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
    let (mut low, mut high) = (0, batch);
    while high - low > 1 {
        let mid = low.midpoint(high);
        if fits(mid) { low = mid } else { high = mid }
    }
    (low > 0).then_some(low)
}

/// What changes from step to step; the twin of `Step` in `shaders/common/step.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct StepUniform {
    pub batch_start: u32,
    pub slot: u32,
    pub augment_seed: u32,
    pub augment: u32,
    pub lr: f32,
    pub momentum: f32,
    pub weight_decay: f32,
    pub nesterov: u32,
}

/// Everything of a network that a checkpoint holds, in PyTorch's layouts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkState {
    /// In the order of the graph's parameters.
    pub params: Vec<Vec<f32>>,
    pub velocity: Vec<Vec<f32>>,
    /// For each batch norm.
    pub running_mean: Vec<Vec<f32>>,
    pub running_var: Vec<Vec<f32>>,
}

impl NetworkState {
    /// Before the first step: velocities 0, running statistics mean 0 and variance 1.
    pub fn initial(graph: &Graph, params: Vec<Vec<f32>>) -> Self {
        let velocity = params.iter().map(|p| vec![0.0; p.len()]).collect();
        let of = |value: f32| graph.norms.iter().map(|(_, c)| vec![value; *c]).collect();
        Self { params, velocity, running_mean: of(0.0), running_var: of(1.0) }
    }
}

/// Room on the GPU for all that a training step changes: weights, velocities, running statistics.
pub struct StateCopy(Vec<wgpu::Buffer>);

impl StateCopy {
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(wgpu::Buffer::size).sum()
    }
}

/// A network on the GPU.
pub struct Network {
    pub graph: Graph,
    pub layout: Layout,
    pub batch: usize,
    pub eval_batch: usize,
    pub variants: Variants,
    buffers: Buffers,
    slots: Vec<wgpu::Buffer>,
    /// Places of the training program's virtual buffers, then of the evaluation program's.
    placed: Vec<Vec<Place>>,
    programs: HashMap<(Mode, usize), Program>,
    plans: HashMap<(Mode, usize), Plan>,
    pool: StagingPool,
    /// Bytes allocated on the GPU, uniforms of plans not included.
    pub bytes: u64,
}

impl Network {
    /// Puts initial weights in place; velocities become 0, running statistics mean 0 and variance 1.
    pub fn reset(&self, gpu: &Gpu, params: &[Vec<f32>]) {
        self.upload(gpu, &NetworkState::initial(&self.graph, params.to_vec()));
    }

    /// Puts a whole state in place.
    pub fn upload(&self, gpu: &Gpu, state: &NetworkState) {
        for (i, param) in self.graph.params.iter().enumerate() {
            let slot = &self.layout.params[i];
            for (buf, values) in
                [(Buf::Weights(slot.arena), &state.params), (Buf::Velocity(slot.arena), &state.velocity)]
            {
                let data = to_gpu(param, &values[i]);
                gpu.queue.write_buffer(&self.buffers[&buf], slot.offset, bytemuck::cast_slice(&data));
            }
        }
        for (i, (_, channels)) in self.graph.norms.iter().enumerate() {
            let width = vec4s(*channels) * 4;
            let mut data = vec![0.0f32; 2 * width];
            data[..*channels].copy_from_slice(&state.running_mean[i]);
            data[width..width + channels].copy_from_slice(&state.running_var[i]);
            gpu.queue.write_buffer(
                &self.buffers[&Buf::Running],
                self.layout.norms[i],
                bytemuck::cast_slice(&data),
            );
        }
    }

    /// The buffers that a training step changes and the next one needs.
    fn state_buffers(&self) -> impl Iterator<Item = &wgpu::Buffer> {
        let arenas = 0..self.layout.arenas.len();
        let bufs = arenas.clone().map(Buf::Weights).chain(arenas.map(Buf::Velocity)).chain([Buf::Running]);
        bufs.map(|b| &self.buffers[&b])
    }

    /// Bytes of a [`StateCopy`].
    pub fn state_bytes(&self) -> u64 {
        self.state_buffers().map(wgpu::Buffer::size).sum()
    }

    /// Allocates room for a copy of the state.
    pub fn room_for_state(&self, gpu: &Gpu) -> StateCopy {
        StateCopy(self.state_buffers().map(|b| gpu.storage("state", b.size())).collect())
    }

    /// Copies the state to `copy`, as it is after everything submitted so far. Call between steps.
    pub fn copy_state(&self, gpu: &Gpu, copy: &StateCopy) {
        copy_each(gpu, self.state_buffers().zip(&copy.0));
    }

    /// Puts the state in `copy` in place, for everything submitted from now on. Call between steps.
    pub fn put_state(&self, gpu: &Gpu, copy: &StateCopy) {
        copy_each(gpu, copy.0.iter().zip(self.state_buffers()));
    }

    /// Starts reading the state back; [`Self::decode_state`] reads what arrives.
    pub fn download_state(&mut self, gpu: &Gpu) -> Download {
        let buffers: Vec<wgpu::Buffer> = self.state_buffers().cloned().collect();
        let ranges: Vec<_> = buffers.iter().map(|b| (b, 0, b.size())).collect();
        Download::start(&gpu.device, &gpu.queue, &mut self.pool, &ranges)
    }

    /// Bytes of `download_state` → state.
    pub fn decode_state(&mut self, download: Download) -> Result<NetworkState, String> {
        let words = self.take_floats(download)?;
        let mut starts = Vec::new();
        let mut at = 0;
        for _ in 0..2 {
            for arena in 0..self.layout.arenas.len() {
                starts.push(at);
                at += self.buffers[&Buf::Weights(arena)].size() as usize / 4;
            }
        }
        let arenas = self.layout.arenas.len();
        let read = |half: usize| -> Vec<Vec<f32>> {
            let each = self.graph.params.iter().zip(&self.layout.params);
            each.map(|(param, slot)| {
                let from = starts[half * arenas + slot.arena] + slot.offset as usize / 4;
                from_gpu(param, &words[from..from + slot.bytes as usize / 4])
            })
            .collect()
        };
        let (params, velocity) = (read(0), read(1));
        let mut state = NetworkState { params, velocity, ..NetworkState::default() };
        for (i, (_, channels)) in self.graph.norms.iter().enumerate() {
            let from = at + self.layout.norms[i] as usize / 4;
            let width = vec4s(*channels) * 4;
            state.running_mean.push(words[from..from + channels].to_vec());
            state.running_var.push(words[from + width..from + width + channels].to_vec());
        }
        Ok(state)
    }

    /// Sets the gates of every block, from the next submission on. Call between steps: a step whose slices are
    /// submitted before and after would be torn.
    pub fn set_gates(&self, gpu: &Gpu, gates: &[Gates]) {
        gpu.queue.write_buffer(&self.buffers[&Buf::Gates], 0, bytemuck::cast_slice(gates));
    }

    /// Sets what the next step needs to know.
    pub fn set_step(&self, gpu: &Gpu, step: &StepUniform) {
        gpu.queue.write_buffer(&self.buffers[&Buf::Step], 0, bytemuck::bytes_of(step));
    }

    /// Puts a batch in place by hand: `images` `[N,3,S,S]`, for plans without a data set.
    pub fn set_batch(&self, gpu: &Gpu, images: &[f32], labels: &[u32]) {
        let side = self.graph.spec.input_size;
        let data = activation_to_gpu(images, labels.len(), [side, side, 3]);
        gpu.queue.write_buffer(&self.buffers[&Buf::Input], 0, bytemuck::cast_slice(&data));
        gpu.queue.write_buffer(&self.buffers[&Buf::Labels], 0, bytemuck::cast_slice(labels));
    }

    /// Makes the plan for `batch` pictures of `split` (of a batch put in place by hand, without a split)
    /// if there is none yet.
    pub fn make_plan(
        &mut self,
        gpu: &Gpu,
        mode: Mode,
        batch: usize,
        split: Option<&GpuSplit>,
        recipe: &Recipe,
    ) -> Result<(), PlanError> {
        if self.plans.contains_key(&(mode, batch)) {
            return Ok(());
        }
        let full = if mode == Mode::Train { self.batch } else { self.eval_batch };
        let program = self.programs.entry((mode, batch)).or_insert_with(|| {
            Builder::build_short(&self.graph, &self.layout, &self.variants, mode, [batch, full])
        });
        let mut dispatches = Vec::new();
        if let Some(split) = split {
            let shards: Vec<gather::Shard> = split.shards.iter().map(|s| s.0).collect();
            dispatches = gather::batch(&shards, batch, self.graph.spec.input_size, recipe);
            for (i, (_, buffer)) in split.shards.iter().enumerate() {
                self.buffers.insert(Buf::Pixels(i), buffer.clone());
            }
            self.buffers.insert(Buf::DataLabels, split.labels.clone());
            self.buffers.insert(Buf::Order, split.order.clone());
        }
        dispatches.extend_from_slice(&program.dispatches);
        let placed = &self.placed[usize::from(mode == Mode::Eval)];
        let plan = Plan::new(gpu, &dispatches, &self.buffers, &self.slots, placed)?;
        self.plans.insert((mode, batch), plan);
        Ok(())
    }

    /// The plan for `batch` pictures, if it was made.
    pub fn plan(&self, mode: Mode, batch: usize) -> Option<&Plan> {
        self.plans.get(&(mode, batch))
    }

    /// Weights, running statistics and gates, for passes of somebody else's over the same network.
    pub fn shared(&self) -> Buffers {
        let shared = |b: &&Buf| matches!(b, Buf::Weights(_) | Buf::Running | Buf::Gates);
        self.buffers.iter().filter(|(b, _)| shared(b)).map(|(b, buffer)| (*b, buffer.clone())).collect()
    }

    /// A plan over this network's buffers and some of the caller's, e.g. to look at what a pass that has
    /// stopped left in them.
    pub fn side_plan(
        &self,
        gpu: &Gpu,
        mode: Mode,
        dispatches: &[Dispatch],
        more: &Buffers,
    ) -> Result<Plan, PlanError> {
        let mut buffers = self.buffers.clone();
        buffers.extend(more.iter().map(|(b, buffer)| (*b, buffer.clone())));
        Plan::new(gpu, dispatches, &buffers, &self.slots, &self.placed[usize::from(mode == Mode::Eval)])
    }

    /// Forgets all plans: the data set or how it is read has changed.
    pub fn forget_plans(&mut self) {
        self.plans.clear();
    }

    /// The program for `batch` pictures, if it was built.
    pub fn program(&self, mode: Mode, batch: usize) -> Option<&Program> {
        self.programs.get(&(mode, batch))
    }

    /// Bytes allocated on the GPU, uniforms included.
    pub fn total_bytes(&self) -> u64 {
        self.bytes + self.plans.values().map(|p| p.bytes).sum::<u64>()
    }

    /// Where a buffer lies, for reading back.
    pub fn region(&self, buf: Buf, mode: Mode) -> Option<Region<'_>> {
        match buf {
            Buf::Virtual(v) => {
                let place = self.placed[usize::from(mode == Mode::Eval)].get(v)?;
                Region::of(&self.slots, place)
            }
            other => self.buffers.get(&other).map(Region::whole),
        }
    }

    /// Starts reading records `first .. first + count` of a ring of `stride` bytes a record, which wraps
    /// after `len` records.
    pub fn download_ring(
        &mut self,
        gpu: &Gpu,
        ring: Buf,
        stride: u64,
        len: u64,
        first: u64,
        count: u64,
    ) -> Download {
        let from = first % len;
        let straight = count.min(len - from);
        let buffer = &self.buffers[&ring];
        let mut ranges = vec![(buffer, from * stride, straight * stride)];
        if straight < count {
            ranges.push((buffer, 0, (count - straight) * stride));
        }
        Download::start(&gpu.device, &gpu.queue, &mut self.pool, &ranges)
    }

    /// Starts reading parts of buffers: buffer, offset, bytes (multiples of 4).
    ///
    /// # Errors
    /// Names a buffer that there is not.
    pub fn download_ranges(
        &mut self,
        gpu: &Gpu,
        mode: Mode,
        ranges: &[(Buf, u64, u64)],
    ) -> Result<Download, String> {
        let found = ranges.iter().map(|&(buf, offset, bytes)| {
            let region = self.region(buf, mode).ok_or_else(|| format!("there is no buffer {buf:?}"))?;
            Ok((region.buffer.clone(), region.offset + offset, bytes))
        });
        let found = found.collect::<Result<Vec<_>, String>>()?;
        let ranges: Vec<_> = found.iter().map(|(buffer, offset, bytes)| (buffer, *offset, *bytes)).collect();
        Ok(Download::start(&gpu.device, &gpu.queue, &mut self.pool, &ranges))
    }

    /// Starts reading an evaluation: so many bytes of its ring, then of `results`.
    pub fn download_evaluation(
        &mut self,
        gpu: &Gpu,
        ring_bytes: u64,
        results: &wgpu::Buffer,
        bytes: u64,
    ) -> Download {
        let ranges = [(&self.buffers[&Buf::EvalRing], 0, ring_bytes), (results, 0, bytes)];
        Download::start(&gpu.device, &gpu.queue, &mut self.pool, &ranges)
    }

    /// Floats of a finished download.
    pub fn take_floats(&mut self, download: Download) -> Result<Vec<f32>, String> {
        let bytes = download.take(&mut self.pool)?;
        Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    /// Reads a whole buffer and waits for it (native tests and tools).
    #[cfg(not(target_arch = "wasm32"))]
    pub fn read_now(&mut self, gpu: &Gpu, buf: Buf, mode: Mode) -> Result<Vec<f32>, String> {
        let bytes = self.region(buf, mode).ok_or_else(|| format!("there is no buffer {buf:?}"))?.bytes;
        let download = self.download_ranges(gpu, mode, &[(buf, 0, bytes)])?;
        download.wait(&gpu.device);
        self.take_floats(download)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;

    fn options(batch: usize, budget: u64) -> NetworkOptions {
        NetworkOptions { batch, eval_batch: batch, variants: Variants::default(), budget }
    }

    #[test]
    fn a_few_pictures_can_be_computed_as_a_whole_batch_is() {
        let spec = by_name("resnet20").expect("in the zoo");
        let mut variants = Variants::for_class(AdapterClass::Gpu);
        let picks = [("conv_forward k3s1 16-16 32x32 n64".to_owned(), "tiled".to_owned())];
        variants.remember(&picks.into_iter().collect());
        let kernels = |full| {
            let options = NetworkOptions {
                batch: 4,
                eval_batch: 1,
                variants: variants.clone(),
                budget: DEFAULT_BUDGET,
            };
            Prepared::as_for(&spec, options, full).expect("fits").train_kernels()
        };
        assert!(kernels(64).contains(&"conv_forward_tiled/8".to_owned()), "{:?}", kernels(64));
        assert!(!kernels(4).contains(&"conv_forward_tiled/8".to_owned()));
    }

    #[test]
    fn what_exceeds_the_budget_is_refused_with_a_batch_that_fits() {
        let spec = by_name("resnet50").expect("in the zoo");
        let Err(error) = Prepared::new(&spec, options(128, DEFAULT_BUDGET)) else { panic!("fits") };
        let EngineError::TooLarge { fits: Some(batch), .. } = error else { panic!("{error}") };
        assert!(Prepared::new(&spec, options(batch, DEFAULT_BUDGET)).is_ok());
        assert!(Prepared::new(&spec, options(batch + 1, DEFAULT_BUDGET)).is_err());
        assert!(error.to_string().contains(&format!("Batch {batch} would fit")), "{error}");
    }

    #[test]
    fn a_binding_above_webgpus_default_is_refused() {
        let spec = by_name("resnet18").expect("in the zoo");
        let Err(error) = Prepared::new(&spec, options(600, 1 << 40)) else { panic!("fits") };
        assert!(matches!(error, EngineError::BindingTooLarge { fits: Some(512), .. }), "{error}");
    }

    #[test]
    fn every_kernel_a_program_names_exists() {
        for name in crate::model::names() {
            let spec = by_name(&name).expect("listed");
            let prepared = Prepared::new(&spec, options(1, 1 << 40)).expect("laid out");
            for kernel in prepared.kernels() {
                assert!(crate::gpu::source(&kernel).is_some(), "{name} asks for {kernel}");
            }
        }
    }
}
