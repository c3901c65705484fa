//! Thumbnails: pictures of the data set, painted straight from its bytes on the GPU.

use super::exhibit::ATLAS_WIDTH;
use super::look::pictures;
use super::watch::{RecordRef, SplitName, Tile};
use crate::data::SIZE as SIDE;
use crate::engine::StepUniform;
use crate::engine::dataset::GpuSplit;
use crate::engine::ops::gather;
use crate::engine::plan::{Buffers, Plan, PlanError};
use crate::engine::program::{Buf, Dispatch};
use crate::gpu::Gpu;
use crate::train::Recipe;

/// Thumbnails in a row of the atlas.
const COLUMNS: usize = ATLAS_WIDTH as usize / SIDE;

/// Factors and shifts of `gather`, to undo its normalisation.
pub fn normalisation(recipe: &Recipe) -> ([f32; 3], [f32; 3]) {
    let scale = recipe.std.map(|s| 1.0 / (255.0 * s));
    let shift = std::array::from_fn(|c| -recipe.mean[c] / recipe.std[c]);
    (scale, shift)
}

/// Binds a split's bytes, and an order of one's own.
pub fn bind(buffers: &mut Buffers, split: &GpuSplit, order: &wgpu::Buffer) {
    for (i, (_, buffer)) in split.shards.iter().enumerate() {
        buffers.insert(Buf::Pixels(i), buffer.clone());
    }
    buffers.insert(Buf::DataLabels, split.labels.clone());
    buffers.insert(Buf::Order, order.clone());
}

/// The gathering of `batch` pictures of `split` at `size`.
pub fn gather_from(split: &GpuSplit, batch: usize, size: usize, recipe: &Recipe) -> Vec<Dispatch> {
    let shards: Vec<gather::Shard> = split.shards.iter().map(|s| s.0).collect();
    gather::batch(&shards, batch, size, recipe)
}

/// Thumbnails of one split, or of images of the last batch.
pub struct Sheet {
    pub plan: Plan,
    split: SplitName,
    /// The thumbnails' own; images of the last batch follow the order they were trained in.
    order: wgpu::Buffer,
    step: wgpu::Buffer,
    count: usize,
    at: [u32; 2],
}

/// Rows of the atlas that `count` thumbnails take.
pub fn rows(count: usize) -> u32 {
    (count.div_ceil(COLUMNS) * SIDE) as u32
}

impl Sheet {
    /// Prepares `count` thumbnails at row `top`, of records that [`Self::set`] names.
    pub fn new(
        gpu: &Gpu,
        name: SplitName,
        split: &GpuSplit,
        recipe: &Recipe,
        count: usize,
        top: u32,
        atlas: &wgpu::Buffer,
    ) -> Result<Self, PlanError> {
        let order = gpu.storage("sheet order", count as u64 * 4);
        Self::in_order(gpu, (name, split, order), recipe, count, top, atlas)
    }

    /// The same of images of the last batch, which [`Self::set_batch`] names.
    pub fn of_batch(
        gpu: &Gpu,
        train: &GpuSplit,
        recipe: &Recipe,
        count: usize,
        top: u32,
        atlas: &wgpu::Buffer,
    ) -> Result<Self, PlanError> {
        Self::in_order(gpu, (SplitName::Train, train, train.order.clone()), recipe, count, top, atlas)
    }

    fn in_order(
        gpu: &Gpu,
        (name, split, order): (SplitName, &GpuSplit, wgpu::Buffer),
        recipe: &Recipe,
        count: usize,
        top: u32,
        atlas: &wgpu::Buffer,
    ) -> Result<Self, PlanError> {
        let step = gpu.uniform("sheet step", std::mem::size_of::<StepUniform>() as u64);
        let mut buffers = Buffers::new();
        bind(&mut buffers, split, &order);
        buffers.insert(Buf::Step, step.clone());
        buffers.insert(Buf::Input, gpu.storage("sheet", (count * SIDE * SIDE * 16) as u64));
        buffers.insert(Buf::Labels, gpu.storage("sheet labels", count as u64 * 4));
        buffers.insert(Buf::Atlas, atlas.clone());
        let mut dispatches = gather_from(split, count, SIDE, recipe);
        let (scale, shift) = normalisation(recipe);
        dispatches.push(pictures(SIDE, count, COLUMNS, [0, top], scale, shift));
        let plan = Plan::new(gpu, &dispatches, &buffers, &[], &[])?;
        Ok(Self { plan, split: name, order, step, count, at: [0, top] })
    }

    /// Says which records are wanted, cropped and flipped by `augment` if it is given.
    pub fn set(&self, gpu: &Gpu, sheet: &[RecordRef], augment: Option<u32>) {
        let records: Vec<u32> = self.of(sheet).map(|r| r.index).collect();
        gpu.queue.write_buffer(&self.order, 0, bytemuck::cast_slice(&records));
        let step = StepUniform {
            augment: u32::from(augment.is_some()),
            augment_seed: augment.unwrap_or(0),
            ..StepUniform::default()
        };
        gpu.queue.write_buffer(&self.step, 0, bytemuck::bytes_of(&step));
    }

    /// Says that they are the images from number `first` on of the batch that `step` has trained on, cropped
    /// and flipped as it was.
    pub fn set_batch(&self, gpu: &Gpu, step: StepUniform, first: u32) {
        let step = StepUniform { batch_start: step.batch_start + first, ..step };
        gpu.queue.write_buffer(&self.step, 0, bytemuck::bytes_of(&step));
    }

    fn of<'a>(&self, sheet: &'a [RecordRef]) -> impl Iterator<Item = RecordRef> + use<'a> {
        let (split, count) = (self.split, self.count);
        sheet.iter().copied().filter(move |r| r.split == split).take(count)
    }

    /// Where they are in the atlas.
    pub fn tiles(&self, sheet: &[RecordRef]) -> Vec<(RecordRef, Tile)> {
        self.of(sheet).enumerate().map(|(k, r)| (r, self.tile(k))).collect()
    }

    /// Images of the batch from number `first` on, and where they are.
    pub fn tiles_of_batch(&self, first: u32) -> Vec<(u32, Tile)> {
        (0..self.count).map(|k| (first + k as u32, self.tile(k))).collect()
    }

    fn tile(&self, k: usize) -> Tile {
        let side = SIDE as u32;
        let at = [self.at[0] + (k % COLUMNS) as u32 * side, self.at[1] + (k / COLUMNS) as u32 * side];
        Tile { channel: 0, at, size: [side, side] }
    }
}
