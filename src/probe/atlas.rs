//! The picture that all tiles lie in: a buffer that kernels paint, and the texture that windows draw from.

use super::exhibit::ATLAS_WIDTH;
use super::watch::Tile;
use crate::gpu::Gpu;
use std::sync::atomic::{AtomicU64, Ordering};

/// Atlases made so far.
static MADE: AtomicU64 = AtomicU64::new(0);

/// The texture that windows draw from, and the buffer that kernels paint.
pub struct Atlas {
    pub buffer: wgpu::Buffer,
    texture: wgpu::Texture,
    pub view: wgpu::TextureView,
    pub height: u32,
    /// No two have the same, so that a window knows a new one.
    pub number: u64,
}

impl Atlas {
    /// An atlas of at least `height` rows. What an old one shows stays to be seen until it is painted anew.
    pub fn new(gpu: &Gpu, height: u32, old: Option<&Self>) -> Self {
        let height = height.next_multiple_of(512);
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("atlas"),
            size: wgpu::Extent3d { width: ATLAS_WIDTH, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            // Bytes as the window shows them, without conversion.
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_DST
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let buffer = gpu.storage("atlas", u64::from(ATLAS_WIDTH * height) * 4);
        if let Some(old) = old {
            let mut encoder =
                gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("atlas") });
            let (from, to) = (old.texture.as_image_copy(), texture.as_image_copy());
            encoder.copy_texture_to_texture(from, to, old.texture.size());
            gpu.queue.submit([encoder.finish()]);
        }
        Self { buffer, texture, view, height, number: MADE.fetch_add(1, Ordering::Relaxed) }
    }

    /// Keeps `tile` as it is painted now in the texture's left upper corner, whatever is painted later; answers where.
    pub fn keep(&self, gpu: &Gpu, tile: Tile) -> Tile {
        let kept = Tile { at: [0, 0], ..tile };
        let [x, y] = tile.at;
        self.show(gpu, u64::from(y * ATLAS_WIDTH + x) * 4, 0, tile.size);
        kept
    }

    /// Shows rows `from .. to` as they are painted now.
    pub fn publish(&self, gpu: &Gpu, from: u32, to: u32) {
        let to = to.min(self.height);
        if from >= to {
            return;
        }
        self.show(gpu, u64::from(from * ATLAS_WIDTH) * 4, from, [ATLAS_WIDTH, to - from]);
    }

    /// Copies a rectangle that begins at byte `offset` of what is painted to row `y` of the texture.
    fn show(&self, gpu: &Gpu, offset: u64, y: u32, [width, height]: [u32; 2]) {
        let mut encoder =
            gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("atlas") });
        let layout = wgpu::TexelCopyBufferLayout {
            offset,
            bytes_per_row: Some(ATLAS_WIDTH * 4),
            rows_per_image: None,
        };
        encoder.copy_buffer_to_texture(
            wgpu::TexelCopyBufferInfo { buffer: &self.buffer, layout },
            wgpu::TexelCopyTextureInfo {
                texture: &self.texture,
                mip_level: 0,
                origin: wgpu::Origin3d { x: 0, y, z: 0 },
                aspect: wgpu::TextureAspect::All,
            },
            wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        );
        gpu.queue.submit([encoder.finish()]);
    }
}
