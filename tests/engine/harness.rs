//! One device for all tests, and a way to run single operations on given numbers.

use skipscope::data::{self, Dataset};
use skipscope::engine::StepUniform;
use skipscope::engine::layout::{Layout, RING_STEPS, to_gpu, vec4s};
use skipscope::engine::memory::Place;
use skipscope::engine::plan::{Buffers, Plan};
use skipscope::engine::program::{Buf, Builder, Mode, Program};
use skipscope::engine::reference::Dims;
use skipscope::engine::variants::Variants;
use skipscope::gpu::{AdapterChoice, Download, Gpu, StagingPool};
use skipscope::model::{BlockKind, Graph, ModelSpec, Shortcut, Stem, Tensor, TensorId};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The device every test uses: a CPU adapter, so that results do not depend on the machine.
pub fn gpu() -> &'static Gpu {
    static GPU: OnceLock<Gpu> = OnceLock::new();
    GPU.get_or_init(|| {
        let gpu =
            pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter (mesa-vulkan-drivers)");
        assert_eq!(gpu.device.limits().max_storage_buffers_per_shader_stage, 8);
        gpu
    })
}

/// The folder with real pictures and PyTorch's answers. With CI=true it has to be there.
pub fn shared() -> Option<PathBuf> {
    let dir = std::env::var_os("SKIPSCOPE_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{} is missing; set SKIPSCOPE_SHARED",
        dir.display()
    );
    println!("skipped: {} is missing", dir.display());
    None
}

/// The real pictures.
pub fn cifar() -> Option<Dataset> {
    let path = shared()?.join("data/cifar-10-mini-binary.tar.gz");
    Some(data::cifar::from_path(&path).expect("the archive is whole"))
}

/// Numbers in −1..1 that follow from a seed.
pub fn random(n: usize, seed: u64) -> Vec<f32> {
    let word = |i: usize| {
        skipscope::engine::weights::splitmix64(seed.wrapping_mul(0x1234_5679).wrapping_add(i as u64))
    };
    (0..n).map(|i| (word(i) >> 40) as f32 / (1 << 23) as f32 - 1.0).collect()
}

/// The same in f64.
pub fn f64s(values: &[f32]) -> Vec<f64> {
    values.iter().map(|v| f64::from(*v)).collect()
}

/// NCHW → NHWC with channels filled up to vec4s.
pub fn to_nhwc(x: &[f32], d: Dims) -> Vec<f32> {
    let width = vec4s(d.c) * 4;
    let mut out = vec![0.0; d.n * d.h * d.w * width];
    for n in 0..d.n {
        for c in 0..d.c {
            for i in 0..d.h * d.w {
                out[(n * d.h * d.w + i) * width + c] = x[(n * d.c + c) * d.h * d.w + i];
            }
        }
    }
    out
}

/// NHWC with fillers → NCHW; fillers have to be 0.
pub fn to_nchw(x: &[f32], d: Dims) -> Vec<f64> {
    let width = vec4s(d.c) * 4;
    let mut out = vec![0.0; d.n * d.c * d.h * d.w];
    for n in 0..d.n {
        for i in 0..d.h * d.w {
            for c in 0..width {
                let v = x[(n * d.h * d.w + i) * width + c];
                if c < d.c {
                    out[(n * d.c + c) * d.h * d.w + i] = f64::from(v);
                } else {
                    assert_eq!(v, 0.0, "filler channel {c} is not 0");
                }
            }
        }
    }
    out
}

/// Asserts that `got` equals `want` to `tolerance` of the largest of `want`.
#[track_caller]
pub fn assert_close(got: &[f64], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}: lengths");
    let largest = want.iter().fold(1e-6, |m: f64, v| m.max(v.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let off = (g - w).abs() / largest;
        assert!(
            off <= tolerance,
            "{what}: element {i} is {g}, should be {w} (off by {off:.1e} of {largest:.3})"
        );
    }
}

/// A graph of loose tensors and parameters, for operations on their own.
pub fn loose_graph(tensors: &[Dims]) -> Graph {
    let spec = ModelSpec {
        stem: Stem::Cifar,
        block: BlockKind::Basic,
        blocks: vec![1],
        width: 4,
        shortcut: Shortcut::None,
        alpha: skipscope::model::Alpha::All(1.0),
        beta: skipscope::model::Alpha::All(1.0),
        batch_norm: true,
        classes: 10,
        input_size: 1,
    };
    Graph {
        spec,
        nodes: Vec::new(),
        tensors: tensors.iter().map(|d| Tensor { name: "t".into(), h: d.h, w: d.w, c: d.c }).collect(),
        params: Vec::new(),
        norms: Vec::new(),
        blocks: Vec::new(),
        // No tensor is the picture, so that every gradient is computed.
        input: TensorId::MAX,
        logits: 0,
    }
}

/// What one run of some operations left behind.
pub struct Outcome {
    pub program: Program,
    contents: HashMap<Buf, Vec<f32>>,
}

impl Outcome {
    pub fn raw(&self, buf: Buf) -> &[f32] {
        &self.contents[&buf]
    }

    pub fn value(&self, tensor: TensorId, d: Dims) -> Vec<f64> {
        to_nchw(self.raw(self.program.values[&tensor]), d)
    }

    pub fn grad(&self, tensor: TensorId, d: Dims) -> Vec<f64> {
        to_nchw(self.raw(self.program.grads[&tensor]), d)
    }

    /// A parameter's gradient in PyTorch's layout.
    pub fn param_grad(&self, graph: &Graph, param: usize) -> Vec<f64> {
        self.param(graph, param, Buf::Gradients)
    }

    /// A parameter in one of the arenas, in PyTorch's layout.
    pub fn param(&self, graph: &Graph, param: usize, arena: fn(usize) -> Buf) -> Vec<f64> {
        let slot = &Layout::new(graph).params[param];
        let from = slot.offset as usize / 4;
        let words = &self.raw(arena(slot.arena))[from..from + slot.bytes as usize / 4];
        f64s(&skipscope::engine::layout::from_gpu(&graph.params[param], words))
    }
}

/// Runs the operations that `emit` adds, with parameters, velocities and the buffers that `emit` answers
/// filled in beforehand; virtual buffers each have memory of their own.
pub fn run_ops(
    graph: &Graph,
    variants: &Variants,
    mode: Mode,
    batch: usize,
    params: &[Vec<f32>],
    step: StepUniform,
    emit: impl FnOnce(&mut Builder) -> Vec<(Buf, Vec<f32>)>,
) -> Outcome {
    let gpu = gpu();
    let layout = Layout::new(graph);
    let mut builder = Builder::bare(graph, &layout, variants, mode, batch);
    let fill = emit(&mut builder);
    let program = builder.program;
    let widest = graph.tensors.iter().map(|t| vec4s(t.c)).max().unwrap_or(1) as u64;
    let slots: Vec<wgpu::Buffer> = program.sizes.iter().map(|&s| gpu.storage("virtual", s)).collect();
    let placed: Vec<Place> =
        slots.iter().enumerate().map(|(slot, b)| Place { slot, offset: 0, bytes: b.size() }).collect();
    let mut buffers = Buffers::new();
    for (buf, bytes) in [
        (Buf::Weights(0), layout.arenas[0]),
        (Buf::Gradients(0), layout.arenas[0]),
        (Buf::Velocity(0), layout.arenas[0]),
        (Buf::Running, layout.running_bytes),
        (Buf::Coef, layout.coef_bytes),
        (Buf::Back, 3 * widest * 16),
        (Buf::Gates, 64),
        (Buf::Scratch, program.scratch),
        (Buf::Labels, batch as u64 * 4),
        (Buf::Results, batch as u64 * 16),
        (Buf::Ring, layout.record.bytes().max(64) * RING_STEPS),
        (Buf::EvalRing, 1024),
        (Buf::UpdateTable, layout.update_table.len() as u64 * 8),
        (Buf::UpdateRanges, layout.update_ranges.len() as u64 * 8),
        (Buf::UpdateParts, layout.update_table.len() as u64 * 16),
    ] {
        buffers.insert(buf, gpu.storage("test", bytes));
    }
    buffers.insert(Buf::Step, gpu.uniform("step", 32));
    gpu.queue.write_buffer(&buffers[&Buf::Step], 0, bytemuck::bytes_of(&step));
    gpu.queue.write_buffer(&buffers[&Buf::UpdateTable], 0, bytemuck::cast_slice(&layout.update_table));
    gpu.queue.write_buffer(&buffers[&Buf::UpdateRanges], 0, bytemuck::cast_slice(&layout.update_ranges));
    for (i, values) in params.iter().enumerate() {
        let data = to_gpu(&graph.params[i], values);
        gpu.queue.write_buffer(
            &buffers[&Buf::Weights(0)],
            layout.params[i].offset,
            bytemuck::cast_slice(&data),
        );
    }
    for (buf, values) in &fill {
        let buffer = match buf {
            Buf::Virtual(v) => &slots[*v],
            other => &buffers[other],
        };
        gpu.queue.write_buffer(buffer, 0, bytemuck::cast_slice(values));
    }
    let plan = Plan::new(gpu, &program.dispatches, &buffers, &slots, &placed).expect("a whole plan");
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let (end, _) = plan.encode(&mut encoder, 0, f64::INFINITY);
    assert_eq!(end, plan.items.len());
    gpu.submit(encoder.finish());
    let mut pool = StagingPool::default();
    let mut read = |buffer: &wgpu::Buffer| {
        let download = Download::start(&gpu.device, &gpu.queue, &mut pool, &[(buffer, 0, buffer.size())]);
        download.wait(&gpu.device);
        let bytes = download.take(&mut pool).expect("readable");
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect::<Vec<f32>>()
    };
    let mut contents: HashMap<Buf, Vec<f32>> = HashMap::new();
    for (i, slot) in slots.iter().enumerate() {
        contents.insert(Buf::Virtual(i), read(slot));
    }
    for (buf, buffer) in &buffers {
        if *buf != Buf::Step {
            contents.insert(*buf, read(buffer));
        }
    }
    assert_eq!(gpu.take_errors(), Vec::<String>::new(), "errors of the device");
    Outcome { program, contents }
}
