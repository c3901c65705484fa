//! A program made real: kernels, bind groups and uniforms for every dispatch, ready to be replayed.
//!
//! Dispatches that would take long are cut into ranges of workgroups here. A cut changes no result:
//! the same workgroups run, only in several launches.

use super::memory::Place;
use super::program::{Buf, Dispatch, Phase};
use crate::gpu::{Access, Gpu, Kernel};
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes between two dispatches' uniforms.
const UNIFORM_STRIDE: u64 = 256;
/// No dispatch is expected to take longer than this many seconds: the window's drawing shares the queue,
/// and watchdogs kill after two.
const LONGEST_DISPATCH: f64 = 0.05;
/// Workgroups of one launch under WebGPU's default limits, along one dimension.
const MAX_GRID: u32 = 65_535;

/// A buffer that a program asked for and the engine did not make; a fault in the engine.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PlanError {
    #[error("the dispatch {kernel} of {layer} asks for {buf}, which does not exist")]
    NoBuffer { kernel: String, layer: String, buf: String },
    #[error("there is no kernel called {0}")]
    NoKernel(String),
    #[error("the kernel {kernel} has {declared} bindings, its dispatch in {layer} gives {given}")]
    Bindings { kernel: String, layer: String, declared: usize, given: usize },
}

/// One launch.
pub struct Item {
    kernel: Arc<Kernel>,
    bind_group: Arc<wgpu::BindGroup>,
    uniform: u32,
    workgroups: u32,
    /// How long it takes ([`Dispatch::cost`]).
    pub work: f64,
    /// Index of the dispatch in the program it comes from.
    pub dispatch: usize,
}

/// A replayable list of launches.
pub struct Plan {
    pub items: Vec<Item>,
    /// Layer and phase of each of the program's dispatches.
    pub labels: Vec<(String, Phase)>,
    /// Keeps the uniforms alive.
    _uniforms: wgpu::Buffer,
    /// Bytes of the uniforms.
    pub bytes: u64,
}

/// Consecutive launches of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLayer {
    pub name: String,
    pub phase: Phase,
    /// Indices into [`Plan::items`].
    pub items: std::ops::Range<usize>,
}

/// A part of a buffer.
#[derive(Clone, Copy, Debug)]
pub struct Region<'a> {
    pub buffer: &'a wgpu::Buffer,
    pub offset: u64,
    pub bytes: u64,
}

impl<'a> Region<'a> {
    /// All of `buffer`.
    pub fn whole(buffer: &'a wgpu::Buffer) -> Self {
        Self { buffer, offset: 0, bytes: buffer.size() }
    }

    /// What lies at `place`.
    pub fn of(slots: &'a [wgpu::Buffer], place: &Place) -> Option<Self> {
        let &Place { slot, offset, bytes } = place;
        slots.get(slot).map(|buffer| Self { buffer, offset, bytes })
    }
}

/// The buffers of an engine, by what they are for.
pub type Buffers = HashMap<Buf, wgpu::Buffer>;

impl Plan {
    /// Makes everything `dispatches` need. `placed` says where in `slots` each virtual buffer lies.
    pub fn new(
        gpu: &Gpu,
        dispatches: &[Dispatch],
        buffers: &Buffers,
        slots: &[wgpu::Buffer],
        placed: &[Place],
    ) -> Result<Self, PlanError> {
        let longest = gpu.facts.class.flops() * LONGEST_DISPATCH;
        let pieces = |d: &Dispatch| {
            let most = d.workgroups.max(1);
            ((d.cost() / longest).ceil() as u32).clamp(1, most).max(most.div_ceil(MAX_GRID))
        };
        let count: u32 = dispatches.iter().map(pieces).sum();
        let bytes = u64::from(count) * UNIFORM_STRIDE;
        let uniforms = gpu.uniform("dispatches", bytes);
        let mut words = vec![0u32; (bytes / 4) as usize];
        let mut items = Vec::with_capacity(count as usize);
        for (at, d) in dispatches.iter().enumerate() {
            let kernel = gpu.kernel(&d.kernel).ok_or_else(|| PlanError::NoKernel(d.kernel.clone()))?;
            let declared = kernel.bindings.len() - 1;
            if declared != d.bindings.len() {
                return Err(PlanError::Bindings {
                    kernel: d.kernel.clone(),
                    layer: d.layer.clone(),
                    declared,
                    given: d.bindings.len(),
                });
            }
            let mut entries = vec![wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer: &uniforms,
                    offset: 0,
                    size: std::num::NonZeroU64::new(UNIFORM_STRIDE),
                }),
            }];
            for (&(binding, access), bound) in kernel.bindings[1..].iter().zip(&d.bindings) {
                let region = match bound.buf {
                    Buf::Virtual(v) => placed.get(v).and_then(|p| Region::of(slots, p)),
                    other => buffers.get(&other).map(Region::whole),
                };
                let region = region.ok_or_else(|| PlanError::NoBuffer {
                    kernel: d.kernel.clone(),
                    layer: d.layer.clone(),
                    buf: format!("{:?}", bound.buf),
                })?;
                debug_assert!(access != Access::Uniform || bound.buf == Buf::Step);
                let (offset, size) = bound.range.unwrap_or((0, region.bytes));
                entries.push(wgpu::BindGroupEntry {
                    binding,
                    resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                        buffer: region.buffer,
                        offset: region.offset + offset,
                        size: std::num::NonZeroU64::new(size),
                    }),
                });
            }
            let bind_group = Arc::new(gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(&d.layer),
                layout: &kernel.layout,
                entries: &entries,
            }));
            let pieces = pieces(d);
            for piece in 0..pieces {
                let edge = |p: u32| (u64::from(d.workgroups) * u64::from(p) / u64::from(pieces)) as u32;
                let (first, end) = (edge(piece), edge(piece + 1));
                let uniform = items.len() as u64 * UNIFORM_STRIDE;
                let to = (uniform / 4) as usize;
                words[to] = first;
                words[to + 1..to + 1 + d.params.len()].copy_from_slice(&d.params);
                items.push(Item {
                    kernel: kernel.clone(),
                    bind_group: bind_group.clone(),
                    uniform: uniform as u32,
                    workgroups: end - first,
                    work: (d.cost() / f64::from(pieces)).max(gpu.facts.class.least_work()),
                    dispatch: at,
                });
            }
        }
        gpu.queue.write_buffer(&uniforms, 0, bytemuck::cast_slice(&words));
        let labels = dispatches.iter().map(|d| (d.layer.clone(), d.phase)).collect();
        Ok(Self { items, labels, _uniforms: uniforms, bytes })
    }

    /// The layers in the order they run. What is measured between belongs to the layer before it.
    pub fn layers(&self) -> Vec<PlannedLayer> {
        let mut layers: Vec<PlannedLayer> = Vec::new();
        for (i, item) in self.items.iter().enumerate() {
            let (name, phase) = &self.labels[item.dispatch];
            match layers.last_mut() {
                Some(last) if last.name == *name && (last.phase == *phase || *phase == Phase::Probe) => {
                    last.items.end = i + 1;
                }
                _ => layers.push(PlannedLayer { name: name.clone(), phase: *phase, items: i..i + 1 }),
            }
        }
        layers
    }

    /// Records all launches of the program's dispatch number `dispatch`, `times` over.
    pub fn encode_dispatch(&self, encoder: &mut wgpu::CommandEncoder, dispatch: usize, times: usize) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some("timed"),
            timestamp_writes: None,
        });
        let first = self.items.partition_point(|i| i.dispatch < dispatch);
        let end = self.items.partition_point(|i| i.dispatch <= dispatch);
        for _ in 0..times {
            for item in &self.items[first..end] {
                pass.set_pipeline(&item.kernel.pipeline);
                pass.set_bind_group(0, &*item.bind_group, &[item.uniform]);
                pass.dispatch_workgroups(item.workgroups, 1, 1);
            }
        }
    }

    /// Records launches from number `from` on until `work` operations are reached; answers the first one
    /// not recorded and the work done.
    pub fn encode(&self, encoder: &mut wgpu::CommandEncoder, from: usize, work: f64) -> (usize, f64) {
        self.encode_to(encoder, from, self.items.len(), work)
    }

    /// The same, up to launch number `end`.
    pub fn encode_to(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        from: usize,
        end: usize,
        work: f64,
    ) -> (usize, f64) {
        let mut pass = encoder
            .begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("step"), timestamp_writes: None });
        let mut done = 0.0;
        let mut at = from;
        let mut pipeline: Option<&Arc<Kernel>> = None;
        while at < end.min(self.items.len()) && (done < work || at == from) {
            let item = &self.items[at];
            if pipeline.is_none_or(|k| !Arc::ptr_eq(k, &item.kernel)) {
                pass.set_pipeline(&item.kernel.pipeline);
                pipeline = Some(&item.kernel);
            }
            pass.set_bind_group(0, &*item.bind_group, &[item.uniform]);
            pass.dispatch_workgroups(item.workgroups, 1, 1);
            done += item.work;
            at += 1;
        }
        (at, done)
    }
}
