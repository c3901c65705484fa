//! A split of a data set on the GPU: bytes, in shards that each fit one binding.

use super::layout::MAX_BINDING;
use super::ops::gather::Shard;
use crate::data::{RECORD, Split};
use crate::gpu::Gpu;

/// Pictures and labels that kernels gather batches from.
pub struct GpuSplit {
    pub shards: Vec<(Shard, wgpu::Buffer)>,
    /// One word a record.
    pub labels: wgpu::Buffer,
    /// Records in the order they are used.
    pub order: wgpu::Buffer,
    pub len: usize,
    /// Bytes on the GPU.
    pub bytes: u64,
}

impl GpuSplit {
    /// Copies a split to the GPU, in file order.
    pub fn upload(gpu: &Gpu, split: &Split) -> Self {
        Self::upload_sharded(gpu, split, MAX_BINDING as usize / RECORD)
    }

    /// The same with at most `most` records a shard.
    pub fn upload_sharded(gpu: &Gpu, split: &Split, most: usize) -> Self {
        let len = split.len();
        let mut shards = Vec::new();
        let mut bytes = 0;
        for first in (0..len).step_by(most) {
            let records = most.min(len - first);
            let pixels = &split.pixels[first * RECORD..(first + records) * RECORD];
            let buffer = gpu.storage("pixels", pixels.len() as u64);
            gpu.queue.write_buffer(&buffer, 0, pixels);
            bytes += buffer.size();
            shards.push((Shard { first, records }, buffer));
        }
        let labels: Vec<u32> = split.labels.iter().map(|&l| u32::from(l)).collect();
        let order: Vec<u32> = (0..len as u32).collect();
        let words = |label: &str, values: &[u32]| {
            let buffer = gpu.storage(label, values.len() as u64 * 4);
            gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(values));
            buffer
        };
        let labels = words("labels", &labels);
        let order = words("order", &order);
        bytes += labels.size() + order.size();
        Self { shards, labels, order, len, bytes }
    }

    /// The same pictures and labels, to be used in an order of its own; `bytes` are those of the order.
    pub fn beside(&self, gpu: &Gpu) -> Self {
        let order = gpu.storage("order", self.order.size());
        let bytes = order.size();
        let split =
            Self { shards: self.shards.clone(), labels: self.labels.clone(), order, len: self.len, bytes };
        split.set_order(gpu, &(0..self.len as u32).collect::<Vec<_>>());
        split
    }

    /// Where the bytes of `records` lie, to be read back: buffer, offset, length.
    pub fn places(&self, records: &[usize]) -> Vec<(&wgpu::Buffer, u64, u64)> {
        let place = |&record: &usize| {
            let (shard, buffer) =
                self.shards.iter().find(|(s, _)| (s.first..s.first + s.records).contains(&record))?;
            Some((buffer, ((record - shard.first) * RECORD) as u64, RECORD as u64))
        };
        records.iter().filter_map(place).collect()
    }

    /// Whether there is no picture in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sets the order in which records are used from the next submission on.
    pub fn set_order(&self, gpu: &Gpu, order: &[u32]) {
        gpu.queue.write_buffer(&self.order, 0, bytemuck::cast_slice(order));
    }
}
