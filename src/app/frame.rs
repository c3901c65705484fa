//! The frame meter: how long the window's own work takes, and how often it is drawn.

use std::collections::VecDeque;

/// Drawings that the percentiles are taken over.
const KEPT: usize = 240;
/// A longer pause between drawings is a window at rest, not a slow one.
const AT_REST: f32 = 1.0;

/// How the GPU's time was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GpuTime {
    /// By timestamps at both ends of the window's render pass.
    Timestamps,
    /// From the drawing's submission until the queue has reported that all submitted work is done: what was
    /// queued before it and the wait for the report included.
    Latency,
}

/// Percentiles in milliseconds; `None` before anything was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct FrameTimes {
    /// Laying out and tessellating one drawing, on the CPU.
    pub ui_p50: Option<f32>,
    pub ui_p95: Option<f32>,
    /// What the GPU takes for one drawing, and how that was measured.
    pub gpu_p50: Option<f32>,
    pub gpu_p95: Option<f32>,
    pub gpu_by: Option<GpuTime>,
    /// From one drawing to the next while they follow each other: what the GPU and the screen allow.
    pub frame_p50: Option<f32>,
    pub frame_p95: Option<f32>,
}

/// Times of the last drawings.
#[derive(Clone, Debug, Default)]
pub struct FrameMeter {
    ui: VecDeque<f32>,
    gpu: VecDeque<f32>,
    gpu_by: Option<GpuTime>,
    between: VecDeque<f32>,
    last: Option<f64>,
}

impl FrameMeter {
    /// One drawing at `now` (seconds), whose pass took `work` seconds of the CPU.
    pub fn drawn(&mut self, now: f64, work: f32) {
        keep(&mut self.ui, work * 1e3);
        if let Some(last) = self.last.replace(now) {
            let between = (now - last) as f32;
            if between < AT_REST {
                keep(&mut self.between, between * 1e3);
            }
        }
    }

    /// The GPU took `seconds` for a drawing, measured in this way.
    pub fn gpu(&mut self, seconds: f32, by: GpuTime) {
        if self.gpu_by.replace(by) != Some(by) {
            self.gpu.clear();
        }
        keep(&mut self.gpu, seconds * 1e3);
    }

    /// Percentiles over the last drawings.
    pub fn times(&self) -> FrameTimes {
        FrameTimes {
            ui_p50: percentile(&self.ui, 0.5),
            ui_p95: percentile(&self.ui, 0.95),
            gpu_p50: percentile(&self.gpu, 0.5),
            gpu_p95: percentile(&self.gpu, 0.95),
            gpu_by: self.gpu_by,
            frame_p50: percentile(&self.between, 0.5),
            frame_p95: percentile(&self.between, 0.95),
        }
    }
}

fn keep(list: &mut VecDeque<f32>, value: f32) {
    if list.len() == KEPT {
        list.pop_front();
    }
    list.push_back(value);
}

/// The smallest value that a share of all values does not exceed.
fn percentile(values: &VecDeque<f32>, share: f64) -> Option<f32> {
    let mut sorted: Vec<f32> = values.iter().copied().collect();
    sorted.sort_by(f32::total_cmp);
    let place = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_last_drawings() {
        let mut meter = FrameMeter::default();
        assert_eq!(meter.times(), FrameTimes::default());
        for i in 0..1000 {
            meter.drawn(f64::from(i) * 0.016, if i % 10 == 0 { 0.020 } else { 0.004 });
        }
        // At rest for a minute: no frame of a minute.
        meter.drawn(76.0, 0.004);
        let t = meter.times();
        assert_eq!((t.ui_p50, t.ui_p95), (Some(4.0), Some(20.0)));
        assert!((t.frame_p95.expect("drawn often") - 16.0).abs() < 0.1);
        assert_eq!(meter.ui.len(), KEPT);
        assert_eq!((t.gpu_p50, t.gpu_by), (None, None), "nobody has measured it");
    }

    #[test]
    fn ways_to_measure_the_gpu_are_not_mixed() {
        let mut meter = FrameMeter::default();
        meter.gpu(0.030, GpuTime::Latency);
        meter.gpu(0.002, GpuTime::Timestamps);
        let t = meter.times();
        assert_eq!((t.gpu_p95, t.gpu_by), (Some(2.0), Some(GpuTime::Timestamps)));
    }
}
