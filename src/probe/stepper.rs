//! A training step that stops after every layer: what the last layer has left in memory, measured and
//! painted where it lies, before anything overwrites it.

use super::atlas::Atlas;
use super::colours;
use super::exhibit::{LOG_BINS, Measured, Shelves, Shown, Totals, percentile, round_up};
use super::look::RESERVED_ROWS;
use super::watch::{Slice, SlicePhase};
use crate::engine::Network;
use crate::engine::layout::RING_STEPS;
use crate::engine::plan::{Buffers, Plan};
use crate::engine::program::{Buf, Mode};
use crate::gpu::{Download, Gpu, StagingPool};
use crate::model::{Op, TensorId};
use crate::train::trainer::LayerDone;
use std::sync::Arc;

/// A tensor being measured; when that is known, it is painted.
struct Showing {
    shown: Option<(Shown, Plan, Buffers)>,
    slice: Slice,
    download: Option<Download>,
    /// Where the loss is read from, once it is known: words of the download that come before it.
    loss_at: Option<usize>,
}

/// Shows where a step stands.
#[derive(Default)]
pub struct Stepper {
    showing: Option<Showing>,
    slice: Option<Arc<Slice>>,
    pool: StagingPool,
}

impl Stepper {
    /// Whether something is on its way from the GPU.
    pub fn is_busy(&self) -> bool {
        self.showing.is_some()
    }

    /// Where the step stands.
    pub fn slice(&self) -> Option<&Arc<Slice>> {
        self.slice.as_ref()
    }

    /// No step is executed layer by layer any more.
    pub fn clear(&mut self) {
        self.showing = None;
        self.slice = None;
    }

    /// Shows what the layer just submitted has made, for image `image` of the batch.
    pub fn show(
        &mut self,
        gpu: &Gpu,
        net: &Network,
        atlas: &Atlas,
        done: &LayerDone,
        image: usize,
        dark: bool,
    ) -> Result<(), String> {
        let graph = &net.graph;
        let node = graph.nodes.iter().find(|n| n.name == done.layer);
        let block = graph
            .blocks
            .iter()
            .position(|b| done.layer.strip_prefix(b.name.as_str()).is_some_and(|rest| rest.starts_with('.')));
        let program = net.program(Mode::Train, done.batch);
        let (tensor, signed): (Option<TensorId>, bool) = match (done.phase, node) {
            (SlicePhase::Forward, Some(n)) => (
                Some(n.op.output()),
                !matches!(&n.op, Op::Affine(a) if a.relu) && !matches!(n.op, Op::MaxPool { .. }),
            ),
            (SlicePhase::Backward, Some(n)) if n.op.input() != graph.input => (Some(n.op.input()), true),
            _ => (None, true),
        };
        let of = |t: TensorId| {
            let p = program?;
            if done.phase == SlicePhase::Backward { p.grads.get(&t) } else { p.values.get(&t) }.copied()
        };
        let found = tensor.and_then(|t| Some((t, of(t)?)));
        let shape = found.map_or([0; 4], |(t, _)| {
            let t = &graph.tensors[t];
            [done.batch, t.h, t.w, t.c]
        });
        let slice = Slice {
            step: done.step,
            phase: done.phase,
            layer: done.layer.clone(),
            block,
            at: (done.index + 1, done.of),
            mosaic: None,
            moments: None,
            shape,
            loss: self.slice.as_ref().filter(|s| s.step == done.step).and_then(|s| s.loss),
        };
        let shown = match found {
            Some((_, buf)) => {
                Some(prepare(gpu, net, atlas, buf, shape, image.min(done.batch - 1), signed, dark)?)
            }
            None => None,
        };
        self.showing = Some(Showing { shown, slice, download: None, loss_at: None });
        self.submit(gpu, net, done);
        Ok(())
    }

    fn submit(&mut self, gpu: &Gpu, net: &Network, done: &LayerDone) {
        let Some(showing) = &mut self.showing else { return };
        let mut ranges: Vec<(&wgpu::Buffer, u64, u64)> = Vec::new();
        let mut words = 0;
        if let Some((shown, plan, buffers)) = &showing.shown {
            run(gpu, plan, buffers);
            for buf in [Buf::ChannelStats, Buf::Histograms] {
                let bytes = if buf == Buf::Histograms {
                    LOG_BINS as u64 * 4
                } else {
                    shown.shape[2].div_ceil(4) as u64 * 64
                };
                words += bytes as usize / 4;
                ranges.push((&buffers[&buf], 0, bytes));
            }
        }
        if done.phase != SlicePhase::Forward
            && let Some(ring) = net.region(Buf::Ring, Mode::Train)
        {
            showing.loss_at = Some(words);
            ranges.push((ring.buffer, (done.step % RING_STEPS) * net.layout.record.bytes(), 4));
        }
        if ranges.is_empty() {
            let slice = self.showing.take().map(|s| s.slice);
            self.slice = slice.map(Arc::new);
            return;
        }
        showing.download = Some(Download::start(&gpu.device, &gpu.queue, &mut self.pool, &ranges));
    }

    /// Takes what has come back; true when the slice is there to be seen.
    pub fn collect(&mut self, gpu: &Gpu, atlas: Option<&Atlas>) -> Result<bool, String> {
        let ready = self.showing.as_ref().and_then(|s| s.download.as_ref()).is_some_and(Download::is_ready);
        if !ready {
            return Ok(false);
        }
        let Some(mut showing) = self.showing.take() else { return Ok(false) };
        let Some(download) = showing.download.take() else { return Ok(false) };
        let bytes = download.take(&mut self.pool)?;
        let words: Vec<u32> =
            bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        if let Some(loss) = showing.loss_at.and_then(|at| words.get(at)) {
            showing.slice.loss = Some(f32::from_bits(*loss));
        }
        if let (Some((shown, plan, buffers)), Some(atlas)) = (&showing.shown, atlas) {
            let stats = shown.shape[2].div_ceil(4) * 16;
            let floats: Vec<f32> = words[..stats].iter().map(|w| f32::from_bits(*w)).collect();
            let measured = Measured::decode(shown, &floats, &words[stats..stats + LOG_BINS]);
            let (picks, scale) = (measured.liveliest(shown.tiles), round_up(percentile(&[&measured])));
            gpu.queue.write_buffer(&buffers[&Buf::Picks], 0, bytemuck::cast_slice(&picks));
            let scales = vec![scale; shown.tiles];
            gpu.queue.write_buffer(&buffers[&Buf::Scales], 0, bytemuck::cast_slice(&scales));
            run(gpu, plan, buffers);
            atlas.publish(gpu, 0, RESERVED_ROWS);
            showing.slice.moments = Some(measured.moments());
            showing.slice.mosaic = Some(shown.mosaic(&picks, Some(scale), &measured));
        }
        self.slice = Some(Arc::new(showing.slice));
        Ok(true)
    }
}

/// Runs the whole plan; the histogram counts from zero.
fn run(gpu: &Gpu, plan: &Plan, buffers: &Buffers) {
    let mut encoder =
        gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("slice's picture") });
    encoder.clear_buffer(&buffers[&Buf::Histograms], 0, None);
    plan.encode(&mut encoder, 0, f64::INFINITY);
    gpu.submit(encoder.finish());
}

/// What measures and paints one tensor of a stopped pass.
fn prepare(
    gpu: &Gpu,
    net: &Network,
    atlas: &Atlas,
    buf: Buf,
    [n, h, w, c]: [usize; 4],
    image: usize,
    signed: bool,
    dark: bool,
) -> Result<(Shown, Plan, Buffers), String> {
    let mut totals = Totals::default();
    let columns = if w <= RESERVED_ROWS as usize / 4 { 4 } else { 1 };
    let mut shelves = Shelves::new(0);
    let mut shown = Shown::place(&mut totals, &mut shelves, buf, [h, w, c], columns * columns, columns);
    (shown.image, shown.measured, shown.signed) = (image, n, signed);
    let mut more = Buffers::new();
    for (buf, bytes) in [
        (Buf::ChannelStats, totals.stats as u64 * 16),
        (Buf::Histograms, LOG_BINS as u64 * 4),
        (Buf::Picks, totals.tiles as u64 * 4),
        (Buf::Scales, totals.tiles as u64 * 4),
        (Buf::Lut, 258 * 4),
    ] {
        more.insert(buf, gpu.storage("slice", bytes));
    }
    gpu.queue.write_buffer(&more[&Buf::Lut], 0, bytemuck::cast_slice(colours::lut(dark)));
    more.insert(Buf::Atlas, atlas.buffer.clone());
    let mut dispatches = shown.measure().to_vec();
    dispatches.push(shown.paint());
    let plan = net.side_plan(gpu, Mode::Train, &dispatches, &more).map_err(|e| e.to_string())?;
    Ok((shown, plan, more))
}
