//! Reading buffers back without waiting: a copy to a staging buffer, then a map whose callback sets a flag.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const PENDING: u8 = 0;
const READY: u8 = 1;
const FAILED: u8 = 2;

/// Staging buffers that are used again, so that a step allocates nothing.
#[derive(Default)]
pub struct StagingPool {
    free: Vec<wgpu::Buffer>,
}

impl StagingPool {
    fn take(&mut self, device: &wgpu::Device, size: u64) -> wgpu::Buffer {
        match self.free.iter().position(|b| b.size() >= size) {
            Some(i) => self.free.swap_remove(i),
            None => device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("staging"),
                size: size.next_multiple_of(4096),
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }),
        }
    }
}

/// Bytes on their way from the GPU.
pub struct Download {
    staging: wgpu::Buffer,
    size: u64,
    state: Arc<AtomicU8>,
}

impl Download {
    /// Submits copies of `ranges` (buffer, offset, bytes; multiples of 4), which arrive one after the
    /// other as they are after everything submitted so far.
    pub fn start(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        pool: &mut StagingPool,
        ranges: &[(&wgpu::Buffer, u64, u64)],
    ) -> Self {
        let size: u64 = ranges.iter().map(|r| r.2).sum();
        let staging = pool.take(device, size);
        let mut encoder =
            device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("download") });
        let mut to = 0;
        for &(buffer, offset, bytes) in ranges {
            encoder.copy_buffer_to_buffer(buffer, offset, &staging, to, bytes);
            to += bytes;
        }
        queue.submit([encoder.finish()]);
        let state = Arc::new(AtomicU8::new(PENDING));
        let flag = state.clone();
        staging.map_async(wgpu::MapMode::Read, 0..size, move |result| {
            flag.store(if result.is_ok() { READY } else { FAILED }, Ordering::Release);
        });
        Self { staging, size, state }
    }

    /// Whether `take` would not answer `None`.
    pub fn is_ready(&self) -> bool {
        self.state.load(Ordering::Acquire) != PENDING
    }

    /// Waits until the bytes are there. Another thread may be the one that runs the callback, so that
    /// waiting for the queue alone is not enough.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn wait(&self, device: &wgpu::Device) {
        while !self.is_ready() {
            if device.poll(wgpu::PollType::wait_indefinitely()).is_err() {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// The bytes, once they are there; the staging buffer goes back to `pool`. An error means that the
    /// device is lost.
    pub fn take(self, pool: &mut StagingPool) -> Result<Vec<u8>, String> {
        if self.state.load(Ordering::Acquire) != READY {
            return Err("reading back from the GPU failed".into());
        }
        let bytes = {
            let view = self.staging.get_mapped_range(0..self.size).map_err(|e| e.to_string())?;
            view.to_vec()
        };
        self.staging.unmap();
        // Large ones (checkpoints) are rare: not worth keeping.
        if self.staging.size() <= 4 << 20 && pool.free.len() < 8 {
            pool.free.push(self.staging);
        }
        Ok(bytes)
    }
}
