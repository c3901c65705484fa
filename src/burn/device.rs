//! Opening Burn on the adapter that a session computes on, or on the CPU.

use crate::gpu::{Gpu, Listener};
use crate::train::engine::EngineKind;
use burn_tensor::Device;
use burn_tensor::wgpu::{WgpuSetup, wgpu};
use std::sync::{Mutex, PoisonError};

/// Where Burn is to compute; may go to another thread.
#[derive(Clone)]
pub struct Place {
    kind: EngineKind,
    adapter: wgpu::Adapter,
    device: wgpu::Device,
    queue: wgpu::Queue,
    listener: Listener,
}

type Opened = (wgpu::Adapter, wgpu::Device, wgpu::Queue);

/// Burn's devices by the wgpu device of the session; Burn wants to be told of each only once.
static OPENED: Mutex<Vec<(wgpu::Device, Device)>> = Mutex::new(Vec::new());

impl Place {
    pub fn new(kind: EngineKind, gpu: &Gpu) -> Self {
        let (adapter, device, queue) = (gpu.adapter.clone(), gpu.device.clone(), gpu.queue.clone());
        Self { kind, adapter, device, queue, listener: gpu.listener() }
    }

    /// Opens it.
    ///
    /// On wgpu Burn gets the session's own device where that has all that its adapter offers, as [`Gpu::open_wide`] has
    /// it: Burn sizes its kernels by the adapter's limits. A device under WebGPU's defaults, such as a window's, gets a
    /// sibling instead: on the same adapter, in a browser on another of the same kind.
    ///
    /// # Errors
    ///
    /// If the adapter refuses the sibling, or Burn the device.
    pub async fn open(&self) -> Result<Device, String> {
        #[cfg(not(target_arch = "wasm32"))]
        if self.kind == EngineKind::BurnCpu {
            return Ok(cpu());
        }
        let known = |list: &[(wgpu::Device, Device)]| {
            list.iter().find(|(device, _)| *device == self.device).map(|(_, burn)| burn.clone())
        };
        if let Some(device) = known(&OPENED.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(device);
        }
        let wide = Gpu::wide_descriptor(&self.adapter);
        let shared = self.device.limits() == wide.required_limits
            && self.device.features().contains(wide.required_features);
        let (adapter, device, queue) = if shared {
            (self.adapter.clone(), self.device.clone(), self.queue.clone())
        } else {
            self.sibling(&wide).await?
        };
        let backend = adapter.get_info().backend;
        let instance = crate::gpu::instance();
        let setup = WgpuSetup { instance, adapter, backend, device: device.clone(), queue };
        let options = Device::wgpu_options().setup(setup);
        let burn = options.init().map_err(|e| format!("Burn refused the device: {e}"))?;
        // Burn's own callbacks panic.
        self.listener.listen(&device);
        OPENED.lock().unwrap_or_else(PoisonError::into_inner).push((self.device.clone(), burn.clone()));
        Ok(burn)
    }

    /// Another device, with all that the adapter offers.
    #[cfg(not(target_arch = "wasm32"))]
    async fn sibling(&self, wide: &wgpu::DeviceDescriptor<'_>) -> Result<Opened, String> {
        let opened = self.adapter.request_device(wide).await;
        let (device, queue) = opened.map_err(|e| format!("the adapter refused Burn a device: {e}"))?;
        Ok((self.adapter.clone(), device, queue))
    }

    /// Another device. A browser's adapter gives one and no more, so that a new one has to be asked for.
    #[cfg(target_arch = "wasm32")]
    async fn sibling(&self, _: &wgpu::DeviceDescriptor<'_>) -> Result<Opened, String> {
        let other = Gpu::open_wide(&crate::gpu::AdapterChoice::Best).await;
        let other = other.map_err(|e| format!("there is no device for Burn: {e}"))?;
        Ok((other.adapter.clone(), other.device.clone(), other.queue.clone()))
    }
}

/// Opens Burn on wgpu beside `gpu`, waiting for it.
///
/// # Errors
///
/// As [`Place::open`].
#[cfg(not(target_arch = "wasm32"))]
pub fn open(gpu: &Gpu) -> Result<Device, String> {
    pollster::block_on(Place::new(EngineKind::Burn, gpu).open())
}

/// Burn on the CPU, which needs no adapter.
#[cfg(not(target_arch = "wasm32"))]
pub fn cpu() -> Device {
    Device::flex()
}
