//! How long the GPU takes to draw the window: two timestamps in the window's own render pass, one before
//! its first shape and one after its last, where the device can write them there.

use eframe::egui::{Context, Id, LayerId, Order, PaintCallbackInfo, Shape, Ui};
use eframe::egui_wgpu::{Callback, CallbackResources, CallbackTrait, RenderState, ScreenDescriptor};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a device must have been asked for; no browser has the second yet.
pub const FEATURES: wgpu::Features =
    wgpu::Features::TIMESTAMP_QUERY.union(wgpu::Features::TIMESTAMP_QUERY_INSIDE_PASSES);

/// Where a measurement stands. There is one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Free,
    /// The first timestamp is in the pass, then both are.
    Begun,
    Written,
    /// They are copied where they can be read, by commands that may not be submitted yet.
    Copied,
    Mapping,
    Ready,
    Failed,
}

struct Shared {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
    /// Nanoseconds of a tick.
    tick: f32,
    stage: Mutex<Stage>,
}

impl Shared {
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of two timestamps.
const BYTES: u64 = 16;

/// A clock for the window's render pass.
#[derive(Clone)]
pub struct GpuClock(Arc<Shared>);

impl GpuClock {
    /// A clock on the window's device; `None` where it cannot write timestamps within a pass.
    pub fn new(render: &RenderState) -> Option<Self> {
        let device = &render.device;
        let tick = render.queue.get_timestamp_period();
        if !device.features().contains(FEATURES) || tick <= 0.0 {
            return None;
        }
        let buffer = |label, usage| {
            let mapped_at_creation = false;
            let label = Some(label);
            device.create_buffer(&wgpu::BufferDescriptor { label, size: BYTES, usage, mapped_at_creation })
        };
        let queries = device.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("window"),
            ty: wgpu::QueryType::Timestamp,
            count: 2,
        });
        Some(Self(Arc::new(Shared {
            queries,
            resolved: buffer("timestamps", wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC),
            staging: buffer("timestamps read", wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST),
            tick,
            stage: Mutex::new(Stage::Free),
        })))
    }

    /// Marks both ends of this drawing; call before anything else is drawn into `ui`.
    pub fn mark(&self, ui: &Ui) {
        ui.painter().add(self.shape(ui.ctx(), true));
        let last = LayerId::new(Order::Debug, Id::unique("the drawing's end"));
        ui.ctx().layer_painter(last).add(self.shape(ui.ctx(), false));
    }

    fn shape(&self, ctx: &Context, first: bool) -> Shape {
        let end = End { clock: self.0.clone(), first };
        Shape::Callback(Callback::new_paint_callback(ctx.content_rect(), end))
    }

    /// Goes on with a measurement after a drawing was submitted; the seconds it has measured, once.
    pub fn take(&self) -> Option<f32> {
        let mut stage = self.0.stage();
        match *stage {
            Stage::Copied => {
                *stage = Stage::Mapping;
                drop(stage);
                let shared = self.0.clone();
                self.0.staging.slice(..).map_async(wgpu::MapMode::Read, move |mapped| {
                    *shared.stage() = if mapped.is_ok() { Stage::Ready } else { Stage::Failed };
                });
                None
            }
            Stage::Ready => {
                *stage = Stage::Free;
                let seconds = {
                    let bytes = self.0.staging.slice(..).get_mapped_range().ok()?;
                    between(&bytes, self.0.tick)
                };
                self.0.staging.unmap();
                seconds
            }
            // A measurement whose end was not drawn, as in a window that is hidden, begins anew.
            Stage::Begun => {
                *stage = Stage::Free;
                None
            }
            _ => None,
        }
    }
}

/// Seconds from the first timestamp to the second; `None` where they are not in order.
fn between(bytes: &[u8], tick: f32) -> Option<f32> {
    let at =
        |i: usize| -> Option<u64> { Some(u64::from_le_bytes(bytes.get(8 * i..8 * i + 8)?.try_into().ok()?)) };
    let ticks = at(1)?.checked_sub(at(0)?)?;
    Some((ticks as f64 * f64::from(tick) * 1e-9) as f32)
}

/// One end of the pass.
struct End {
    clock: Arc<Shared>,
    first: bool,
}

impl CallbackTrait for End {
    /// Before a later drawing, copies what an earlier one has written.
    fn prepare(
        &self,
        _: &wgpu::Device,
        _: &wgpu::Queue,
        _: &ScreenDescriptor,
        encoder: &mut wgpu::CommandEncoder,
        _: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let c = &self.clock;
        let mut stage = c.stage();
        if self.first && *stage == Stage::Written {
            encoder.resolve_query_set(&c.queries, 0..2, &c.resolved, 0);
            encoder.copy_buffer_to_buffer(&c.resolved, 0, &c.staging, 0, BYTES);
            *stage = Stage::Copied;
        }
        Vec::new()
    }

    fn paint(&self, _: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, _: &CallbackResources) {
        let c = &self.clock;
        let mut stage = c.stage();
        *stage = match (self.first, *stage) {
            (true, Stage::Free) => {
                pass.write_timestamp(&c.queries, 0);
                Stage::Begun
            }
            (false, Stage::Begun) => {
                pass.write_timestamp(&c.queries, 1);
                Stage::Written
            }
            (_, other) => other,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui_wgpu::WgpuSetup;

    #[test]
    fn ticks_become_seconds_and_nonsense_nothing() {
        let bytes = |a: u64, b: u64| [a.to_le_bytes(), b.to_le_bytes()].concat();
        assert_eq!(between(&bytes(1_000, 2_001_000), 0.5), Some(0.001));
        assert_eq!(between(&bytes(2, 1), 1.0), None);
        assert_eq!(between(&[0; 8], 1.0), None);
    }

    /// Draws a window a few times on a device that was asked for `features` if its adapter has them; what the
    /// clock says, if there is one.
    fn measured(features: wgpu::Features) -> Option<Vec<f32>> {
        use egui_kittest::{Harness, wgpu as kittest};
        let mut setup = kittest::default_wgpu_setup();
        let WgpuSetup::CreateNew(new) = &mut setup else { panic!("kittest opens its own device") };
        new.device_descriptor = Arc::new(move |adapter| wgpu::DeviceDescriptor {
            required_features: adapter.features() & features,
            ..crate::gpu::Gpu::device_descriptor()
        });
        let render = kittest::create_render_state(setup, Default::default());
        let clock = GpuClock::new(&render)?;
        let device = render.device.clone();
        let marks = clock.clone();
        let mut harness = Harness::builder()
            .renderer(kittest::WgpuTestRenderer::from_render_state(render))
            .build_ui(move |ui| {
                marks.mark(ui);
                ui.painter().rect_filled(ui.max_rect(), 0.0, eframe::egui::Color32::WHITE);
            });
        let mut seconds = Vec::new();
        for _ in 0..12 {
            harness.run_steps(1);
            harness.render().expect("drawn");
            device.poll(wgpu::PollType::wait_indefinitely()).expect("a device");
            seconds.extend(clock.take());
        }
        Some(seconds)
    }

    #[test]
    fn a_pass_is_timed_again_and_again_where_it_can_be() {
        assert_eq!(measured(wgpu::Features::empty()), None, "nothing was asked for");
        // Every adapter that tests run on has them; one that has not measures nothing.
        if let Some(seconds) = measured(FEATURES) {
            assert!(seconds.len() >= 2, "{seconds:?}");
            assert!(seconds.iter().all(|s| *s < 10.0), "{seconds:?}");
        }
    }
}
