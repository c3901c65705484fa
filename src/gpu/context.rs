//! Opening an adapter and a device, under WebGPU's default limits.

use super::shader::{Kernel, Kernels};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What kind of machine runs the kernels; decides their variants and the size of slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdapterClass {
    /// A real GPU.
    Gpu,
    /// A software adapter with a vectorising compiler: llvmpipe, WARP.
    Cpu,
    /// The browser's software adapter, SwiftShader, several times slower.
    SlowCpu,
}

impl AdapterClass {
    /// Floating-point operations a second that a dispatch may count on, at the cautious end: it sizes
    /// the pieces that dispatches are cut into, so that none takes over some 50 ms.
    pub fn flops(self) -> f64 {
        match self {
            Self::Gpu => 200e9,
            Self::Cpu => 8e9,
            Self::SlowCpu => 1.2e9,
        }
    }

    /// Operations in whose time it does a launch that computes next to nothing: slices of many small launches
    /// would otherwise take many times as long as wanted. Barriers and start-up dominate there (seen on
    /// SwiftShader beside a drawing: 4 to 8 ms each, where products of matrices run at 4 GFLOP/s).
    pub fn least_work(self) -> f64 {
        match self {
            Self::Gpu => 1e6,
            Self::Cpu => 1e6,
            Self::SlowCpu => 1e7,
        }
    }
}

/// What is known about an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterFacts {
    pub name: String,
    /// `Vulkan`, `Metal`, `Dx12`, `Gl`, `WebGPU`.
    pub backend: String,
    pub driver: String,
    pub class: AdapterClass,
    /// Whether kernels may exchange values between four neighbouring invocations, as kernels do whose names end in `_quad`.
    pub quads: bool,
}

impl AdapterFacts {
    /// Adapter and driver, as recorded in checkpoints.
    pub fn id(&self) -> String {
        format!("{} ({}, {})", self.name, self.backend, self.driver)
    }
}

/// Which adapter to open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AdapterChoice {
    /// The most powerful one.
    #[default]
    Best,
    /// A software adapter.
    Cpu,
    /// The first whose name contains this text, whatever its case.
    Named(String),
}

/// Why there is no GPU to work with.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GpuError {
    #[error(
        "no graphics adapter was found; install a Vulkan, Metal or DirectX 12 driver (on Debian without a GPU: apt-get install mesa-vulkan-drivers)"
    )]
    NoAdapter,
    #[error("no adapter's name contains '{wanted}'; there are: {there}")]
    NotNamed { wanted: String, there: String },
    #[error("the adapter {adapter} refused a device: {reason}")]
    Refused { adapter: String, reason: String },
}

/// A device with its queue, its kernels and what has gone wrong on it.
pub struct Gpu {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub facts: AdapterFacts,
    /// What the device was opened on.
    #[cfg(feature = "burn")]
    pub(crate) adapter: wgpu::Adapter,
    kernels: Mutex<Kernels>,
    listener: Listener,
    in_flight: Arc<AtomicUsize>,
}

/// What has gone wrong on a device, as its callbacks tell it.
#[derive(Clone, Default)]
pub(crate) struct Listener {
    lost: Arc<Mutex<Option<String>>>,
    errors: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    /// Listens to `device`, in the place of whoever listened before.
    pub(crate) fn listen(&self, device: &wgpu::Device) {
        let flag = self.lost.clone();
        device.set_device_lost_callback(move |reason, message| {
            *locked(&flag) = Some(if message.is_empty() { format!("{reason:?}") } else { message });
        });
        let list = self.errors.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            log::error!("{error}");
            locked(&list).push(error.to_string());
        }));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sorts an adapter into a class. In the browser its type is unknown and its name is what
/// `GPUAdapterInfo` says.
fn classify(info: &wgpu::AdapterInfo, name: &str) -> AdapterClass {
    let name = name.to_lowercase();
    if name.contains("swiftshader") {
        AdapterClass::SlowCpu
    } else if info.device_type == wgpu::DeviceType::Cpu
        || ["llvmpipe", "lavapipe", "basic render", "warp"].iter().any(|n| name.contains(n))
    {
        AdapterClass::Cpu
    } else {
        AdapterClass::Gpu
    }
}

fn facts(adapter: &wgpu::Adapter, name: Option<String>) -> AdapterFacts {
    let info = adapter.get_info();
    let name = name.unwrap_or_else(|| info.name.clone());
    let backend = match info.backend {
        wgpu::Backend::BrowserWebGpu => "WebGPU".to_owned(),
        other => format!("{other:?}"),
    };
    let driver = [info.driver.as_str(), info.driver_info.as_str()].join(" ").trim().to_owned();
    AdapterFacts { class: classify(&info, &name), name, backend, driver, quads: false }
}

/// What a device has to be asked for so that its kernels may work in quads; nothing where it is not known that four
/// invocations in a row are one quad, or where it would not pay.
fn quads(adapter: &wgpu::Adapter) -> wgpu::Features {
    let info = adapter.get_info();
    let four = info.subgroup_min_size == 4 && info.subgroup_max_size == 4;
    let slow = facts(adapter, None).class == AdapterClass::SlowCpu;
    if four && slow { wgpu::Features::SUBGROUP & adapter.features() } else { wgpu::Features::empty() }
}

pub(crate) fn instance() -> wgpu::Instance {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    // OpenGL's compute shaders lack what WebGPU promises; a machine with only that has no adapter.
    descriptor.backends = wgpu::Backends::PRIMARY;
    wgpu::Instance::new(descriptor)
}

/// All adapters that could be opened here.
pub async fn list_adapters() -> Vec<AdapterFacts> {
    instance().enumerate_adapters(wgpu::Backends::PRIMARY).await.iter().map(|a| facts(a, None)).collect()
}

impl Gpu {
    /// Opens an adapter without a window, asking for WebGPU's default limits and no features but quads.
    pub async fn open(choice: &AdapterChoice) -> Result<Self, GpuError> {
        Self::open_as(choice, |adapter| wgpu::DeviceDescriptor {
            required_features: quads(adapter),
            ..Self::device_descriptor()
        })
        .await
    }

    /// The same, asking for all that the adapter offers: for engines that want more than the defaults.
    #[cfg(feature = "burn")]
    pub async fn open_wide(choice: &AdapterChoice) -> Result<Self, GpuError> {
        Self::open_as(choice, Self::wide_descriptor).await
    }

    async fn open_as(
        choice: &AdapterChoice,
        descriptor: impl Fn(&wgpu::Adapter) -> wgpu::DeviceDescriptor<'static>,
    ) -> Result<Self, GpuError> {
        let instance = instance();
        let adapter = match choice {
            AdapterChoice::Best => instance
                .request_adapter(&wgpu::RequestAdapterOptions {
                    power_preference: wgpu::PowerPreference::HighPerformance,
                    ..Default::default()
                })
                .await
                .map_err(|_| GpuError::NoAdapter)?,
            AdapterChoice::Cpu | AdapterChoice::Named(_) => {
                let all = instance.enumerate_adapters(wgpu::Backends::PRIMARY).await;
                let there = all.iter().map(|a| facts(a, None).name).collect::<Vec<_>>().join(", ");
                let wanted = match choice {
                    AdapterChoice::Named(text) => text.clone(),
                    _ => "cpu".into(),
                };
                let fits = |a: &wgpu::Adapter| match choice {
                    AdapterChoice::Named(text) => {
                        facts(a, None).name.to_lowercase().contains(&text.to_lowercase())
                    }
                    _ => facts(a, None).class != AdapterClass::Gpu,
                };
                all.into_iter().find(fits).ok_or(GpuError::NotNamed { wanted, there })?
            }
        };
        let facts = facts(&adapter, None);
        let (device, queue) = adapter
            .request_device(&descriptor(&adapter))
            .await
            .map_err(|e| GpuError::Refused { adapter: facts.name.clone(), reason: e.to_string() })?;
        Ok(Self::new(&adapter, device, queue, facts))
    }

    /// What every device is asked for, the window's included: WebGPU's default limits, no features, so
    /// that what runs here runs in every browser.
    pub fn device_descriptor() -> wgpu::DeviceDescriptor<'static> {
        wgpu::DeviceDescriptor {
            label: Some("skipscope"),
            required_limits: wgpu::Limits::default(),
            ..Default::default()
        }
    }

    /// All limits and features of `adapter`, but for experimental ones and slow memory.
    #[cfg(feature = "burn")]
    pub(crate) fn wide_descriptor(adapter: &wgpu::Adapter) -> wgpu::DeviceDescriptor<'static> {
        let unwanted =
            wgpu::Features::all_experimental_mask().union(wgpu::Features::MAPPABLE_PRIMARY_BUFFERS);
        wgpu::DeviceDescriptor {
            label: Some("skipscope, wide"),
            required_features: adapter.features().difference(unwanted),
            required_limits: adapter.limits(),
            ..Default::default()
        }
    }

    /// Takes over a device that somebody else opened (the window's). `name` is the adapter's name where
    /// wgpu does not know it.
    pub fn adopt(
        adapter: &wgpu::Adapter,
        device: wgpu::Device,
        queue: wgpu::Queue,
        name: Option<String>,
    ) -> Self {
        Self::new(adapter, device, queue, facts(adapter, name))
    }

    fn new(
        adapter: &wgpu::Adapter,
        device: wgpu::Device,
        queue: wgpu::Queue,
        mut facts: AdapterFacts,
    ) -> Self {
        let quads = quads(adapter);
        facts.quads = !quads.is_empty() && device.features().contains(quads);
        let listener = Listener::default();
        listener.listen(&device);
        Self {
            device,
            queue,
            facts,
            #[cfg(feature = "burn")]
            adapter: adapter.clone(),
            kernels: Mutex::default(),
            listener,
            in_flight: Arc::default(),
        }
    }

    /// Hears what goes wrong here, and on a device that works beside this one.
    #[cfg(feature = "burn")]
    pub(crate) fn listener(&self) -> Listener {
        self.listener.clone()
    }

    /// The kernel called `name`, compiled if it is not yet. `None` if there is none of that name.
    pub fn kernel(&self, name: &str) -> Option<Arc<Kernel>> {
        locked(&self.kernels).get(self, name)
    }

    /// Puts `text` in the place of the kernel called `name`, so that a test sees a broken one found out.
    #[cfg(test)]
    pub fn replace_kernel(&self, name: &str, text: &str) {
        locked(&self.kernels).replace(self, name, text);
    }

    /// Forgets a kernel whose compilation has failed.
    pub fn forget_kernel(&self, name: &str) {
        locked(&self.kernels).forget(name);
    }

    /// Whether `name` needs no compiling any more.
    pub fn has_kernel(&self, name: &str) -> bool {
        locked(&self.kernels).has(name)
    }

    /// How many kernels are compiled.
    pub fn compiled(&self) -> usize {
        locked(&self.kernels).count()
    }

    /// Submits commands and counts them as in flight until the GPU is done with them.
    pub fn submit(&self, commands: wgpu::CommandBuffer) {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        self.queue.submit([commands]);
        let counter = self.in_flight.clone();
        self.queue.on_submitted_work_done(move || {
            counter.fetch_sub(1, Ordering::AcqRel);
        });
    }

    /// Submissions that the GPU has not finished.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    /// Runs callbacks of finished work without waiting.
    pub fn poll(&self) {
        // An error here means a lost device, which its own callback reports.
        let _ = self.device.poll(wgpu::PollType::Poll);
    }

    /// Waits until all submitted work is finished. In the browser, where nothing can wait, does nothing.
    pub fn wait(&self) {
        let _ = self.device.poll(wgpu::PollType::wait_indefinitely());
    }

    /// Why the device is gone, if it is.
    pub fn lost(&self) -> Option<String> {
        locked(&self.listener.lost).clone()
    }

    /// Takes the errors that no scope caught.
    pub fn take_errors(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.listener.errors))
    }

    /// A buffer for kernels to work on, zeroed as WebGPU demands.
    pub fn storage(&self, label: &str, size: u64) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: size.max(16).next_multiple_of(16),
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        })
    }

    /// A uniform buffer.
    pub fn uniform(&self, label: &str, size: u64) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: size.max(16).next_multiple_of(16),
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }
}
