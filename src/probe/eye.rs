//! [`Eye`]: looks at one picture's way through the network, again and again, as often as that costs
//! training little.
//!
//! A look is a plan of its own with batch 1 and its own activations; it shares the weights. It runs in
//! slices between those of training, whenever no update is under way.

use super::colours;
use super::exhibit::{ATLAS_WIDTH, Measured, Shown, percentile, round_up};
use super::look::{self, Look, LookKey, RESERVED_ROWS};
use super::sheet::{self, Sheet};
use super::watch::{CloseUp, Mosaic, Picture, Role, SHEET_MOST, Seen, SplitName, Stage, Tile, Watch};
use super::worked;
use crate::data::{RECORD, SIZE};
use crate::engine::dataset::GpuSplit;
use crate::engine::layout::{Layout, vec4s};
use crate::engine::memory::Slots;
use crate::engine::plan::{Buffers, Plan, PlanError};
use crate::engine::program::{Buf, Mode};
use crate::engine::{Network, StepUniform};
use crate::gpu::{Download, Gpu, StagingPool};
use crate::train::Recipe;
use std::collections::VecDeque;
use std::sync::Arc;
use web_time::{Duration, Instant};

/// Looks follow one another no faster than this.
const PACE: Duration = Duration::from_millis(100);
/// While training, a look is followed by so many times its own duration without one: 5 % of the time.
const REST: u32 = 19;
/// Steps for which a mosaic keeps its channels.
const KEPT_STEPS: u64 = 100;
/// A scale shrinks when values fill less than this much of it.
const SHRINK: f32 = 0.35;

/// What a look needs to know of the session, at the moment it begins.
pub struct EyeContext<'a> {
    pub gpu: &'a Gpu,
    pub net: &'a Network,
    pub recipe: &'a Recipe,
    pub train: &'a GpuSplit,
    pub test: &'a GpuSplit,
    pub train_labels: &'a [u8],
    pub test_labels: &'a [u8],
    pub alphas: &'a [f32],
    /// Steps done.
    pub step: u64,
    /// The last training step's uniform and number of images, and its order of records, once there is one.
    pub last_batch: Option<(StepUniform, usize)>,
    pub order: &'a [u32],
}

/// The texture that windows draw from, and the buffer that kernels paint.
pub struct Atlas {
    pub buffer: wgpu::Buffer,
    texture: wgpu::Texture,
    pub view: wgpu::TextureView,
    pub height: u32,
}

impl Atlas {
    fn new(gpu: &Gpu, height: u32) -> Self {
        let height = height.next_multiple_of(64);
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
        Self { buffer, texture, view, height }
    }

    /// Shows rows `from .. to` as they are painted now.
    pub fn publish(&self, gpu: &Gpu, from: u32, to: u32) {
        let to = to.min(self.height);
        if from >= to {
            return;
        }
        let mut encoder =
            gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("atlas") });
        let layout = wgpu::TexelCopyBufferLayout {
            offset: u64::from(from * ATLAS_WIDTH) * 4,
            bytes_per_row: Some(ATLAS_WIDTH * 4),
            rows_per_image: None,
        };
        encoder.copy_buffer_to_texture(
            wgpu::TexelCopyBufferInfo { buffer: &self.buffer, layout },
            wgpu::TexelCopyTextureInfo {
                texture: &self.texture,
                mip_level: 0,
                origin: wgpu::Origin3d { x: 0, y: from, z: 0 },
                aspect: wgpu::TextureAspect::All,
            },
            wgpu::Extent3d { width: ATLAS_WIDTH, height: to - from, depth_or_array_layers: 1 },
        );
        gpu.queue.submit([encoder.finish()]);
    }
}

/// What a setup depends on.
#[derive(Clone, Debug, PartialEq)]
struct SetupKey {
    look: LookKey,
    own: bool,
    split: SplitName,
    thumbnails: [usize; 2],
}

/// Everything made for looks of one shape.
struct Setup {
    key: SetupKey,
    look: Look,
    layout: Layout,
    classes: usize,
    /// Floats of one image's logits, and the side of the network's input.
    logit_words: usize,
    side: u32,
    buffers: Buffers,
    slots: Vec<wgpu::Buffer>,
    placed: Vec<usize>,
    plan: Plan,
    sheets: Vec<Sheet>,
    order: Option<wgpu::Buffer>,
    /// Channels of each group, and each scale; empty until the first look has measured them.
    picks: Vec<Vec<u32>>,
    scales: Vec<f32>,
    picked_at: u64,
    /// Largest absolute value by channel, of each tensor shown, as of the last look.
    largest: Vec<Vec<f32>>,
    /// Input channel that contributed most to the last number worked out.
    input_channel: Option<u32>,
    /// Channel and scale that each tile was painted with.
    tiles: Vec<(u32, f32)>,
}

/// A look under way: which plan, how far.
struct Run {
    plan: usize,
    at: usize,
    begun: Instant,
    watch: Watch,
    step: u64,
    label: Option<u32>,
    alpha: f32,
}

struct Reading {
    download: Download,
    run: Run,
    worked_at: usize,
}

/// Looks into a network.
#[derive(Default)]
pub struct Eye {
    watch: Option<Watch>,
    own: Option<GpuSplit>,
    atlas: Option<Atlas>,
    /// Counts atlases, so that a window knows a new one.
    generation: u64,
    setup: Option<Setup>,
    missing: VecDeque<String>,
    run: Option<Run>,
    reading: Option<Reading>,
    seen: Option<Arc<Seen>>,
    number: u64,
    /// Something other than the weights has changed since the last look.
    changed: bool,
    seen_step: Option<u64>,
    last: Option<Instant>,
    cost: Duration,
    pool: StagingPool,
}

impl Eye {
    /// Looks at this from now on.
    pub fn set_watch(&mut self, watch: Option<Watch>) {
        if self.watch != watch {
            self.watch = watch;
            self.changed = true;
        }
    }

    /// What is looked at.
    pub fn watch(&self) -> Option<&Watch> {
        self.watch.as_ref()
    }

    /// Takes a picture of the user's own, `side`×`side` RGBA, resized to the data set's size by averaging.
    pub fn set_own(&mut self, gpu: &Gpu, side: u32, rgba: &[u8]) -> Result<(), String> {
        let side = side as usize;
        if side == 0 || rgba.len() != side * side * 4 {
            return Err(format!(
                "the picture has {} bytes; {side}×{side} pixels of RGBA need {}",
                rgba.len(),
                side * side * 4
            ));
        }
        let pixels = resized(side, rgba);
        let split = crate::data::Split { labels: vec![0], pixels };
        self.own = Some(GpuSplit::upload(gpu, &split));
        if self.setup.as_ref().is_some_and(|s| s.key.own) {
            self.setup = None;
        }
        self.changed = true;
        Ok(())
    }

    /// Forgets everything that belongs to a network or data set that is gone.
    pub fn forget(&mut self) {
        self.setup = None;
        self.run = None;
        self.reading = None;
        self.seen = None;
        self.seen_step = None;
        self.missing.clear();
        self.changed = true;
    }

    /// What the last look has seen.
    pub fn seen(&self) -> Option<&Arc<Seen>> {
        self.seen.as_ref()
    }

    /// The atlas, and a number that changes when it is another one.
    pub fn atlas(&self) -> Option<(&Atlas, u64)> {
        self.atlas.as_ref().map(|a| (a, self.generation))
    }

    /// The atlas, made at least `height` rows high.
    pub fn atlas_of(&mut self, gpu: &Gpu, height: u32) -> &Atlas {
        if self.atlas.as_ref().is_none_or(|a| a.height < height) {
            self.generation += 1;
            self.setup = None;
            self.changed = true;
        }
        let atlas = self.atlas.take().filter(|a| a.height >= height);
        self.atlas.insert(atlas.unwrap_or_else(|| Atlas::new(gpu, height)))
    }

    /// Whether a look is under way.
    pub fn is_busy(&self) -> bool {
        self.run.is_some() || self.reading.is_some()
    }

    /// Whether launches of a look wait to be submitted.
    pub fn is_running(&self) -> bool {
        self.run.is_some()
    }

    /// Whether to begin a look now, after `step` steps.
    pub fn is_due(&self, step: u64) -> bool {
        if self.watch.is_none() || self.is_busy() {
            return false;
        }
        if self.changed {
            return true;
        }
        let rest = (self.cost * REST).max(PACE);
        self.seen_step != Some(step) && self.last.is_none_or(|at| at.elapsed() >= rest)
    }

    /// Whether a look will be due without anything else happening.
    pub fn waits(&self, step: u64) -> bool {
        self.watch.is_some() && (self.changed || self.seen_step != Some(step))
    }

    fn key(watch: &Watch, c: &EyeContext) -> Result<SetupKey, String> {
        let graph = &c.net.graph;
        let block = watch.block.filter(|b| *b < graph.blocks.len());
        let (mode, batch, image, own, split) = match watch.picture {
            Picture::Record(r) => {
                let len = if r.split == SplitName::Train { c.train.len } else { c.test.len };
                if r.index as usize >= len {
                    return Err(format!("there is no picture {}; there are {len}, counted from 0", r.index));
                }
                (Mode::Eval, 1, 0, false, r.split)
            }
            Picture::Own => (Mode::Eval, 1, 0, true, SplitName::Test),
            Picture::Batch(n) => {
                let Some((_, images)) = c.last_batch else {
                    return Err("there is no last batch yet; train a step first".into());
                };
                if n as usize >= images {
                    return Err(format!(
                        "the last batch has {images} images, counted from 0; {n} is not one of them"
                    ));
                }
                (Mode::Train, images, n as usize, false, SplitName::Train)
            }
        };
        if watch.sheet.len() > SHEET_MOST {
            return Err(format!("a sheet may have {SHEET_MOST} pictures, not {}", watch.sheet.len()));
        }
        for r in &watch.sheet {
            let len = if r.split == SplitName::Train { c.train.len } else { c.test.len };
            if r.index as usize >= len {
                return Err(format!("there is no picture {}; there are {len}, counted from 0", r.index));
            }
        }
        let count = |split| watch.sheet.iter().filter(|r| r.split == split).count();
        let stage = watch.probe.filter(|_| block.is_some()).map(|p| p.stage);
        let look = LookKey { mode, batch, image, maps: watch.maps, block, stage };
        Ok(SetupKey { look, own, split, thumbnails: [count(SplitName::Train), count(SplitName::Test)] })
    }

    /// Begins a look; call when one is due and no update of the weights is under way. `Ok(false)`: kernels
    /// had to be compiled, call again.
    pub fn begin(&mut self, c: &EyeContext) -> Result<bool, String> {
        let Some(watch) = self.watch.clone() else { return Ok(false) };
        if let Some(name) = self.missing.pop_front() {
            c.gpu.kernel(&name);
            return Ok(false);
        }
        let key = match Self::key(&watch, c) {
            Ok(key) => key,
            Err(message) => {
                // Once is enough: what is asked for does not come to exist by asking again.
                self.watch = None;
                return Err(message);
            }
        };
        if key.own && self.own.is_none() {
            self.watch = None;
            return Err("there is no picture of your own yet".into());
        }
        if self.setup.as_ref().is_none_or(|s| s.key != key) {
            let before = self.setup.take();
            let setup = match self.set_up(key, c)? {
                Some(setup) => setup,
                None => return Ok(false),
            };
            self.setup = Some(inherit(setup, before));
        }
        let own = self.own.as_ref();
        let Some(setup) = &mut self.setup else { return Ok(false) };
        setup.prepare(&watch, c, own, self.number);
        self.changed = false;
        self.run = Some(Run {
            plan: 0,
            at: 0,
            begun: Instant::now(),
            label: label_of(&watch, c),
            alpha: watch.block.and_then(|b| c.alphas.get(b)).copied().unwrap_or(1.0),
            step: c.step,
            watch,
        });
        Ok(true)
    }

    /// Lays out and allocates; `None` if kernels are to be compiled first.
    fn set_up(&mut self, key: SetupKey, c: &EyeContext) -> Result<Option<Setup>, String> {
        let net = c.net;
        let look = look::compose(&net.graph, &net.layout, &net.variants, &key.look);
        let wanted = look.program.dispatches.iter().map(|d| d.kernel.as_str());
        let mut missing: Vec<&str> =
            wanted.chain(["gather", "paint_pictures"]).filter(|k| !c.gpu.has_kernel(k)).collect();
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            self.missing = missing.into_iter().map(str::to_owned).collect();
            return Ok(None);
        }
        let tops = [look.bottom, look.bottom + sheet::rows(key.thumbnails[0])];
        let height = tops[1] + sheet::rows(key.thumbnails[1]);
        let atlas = self.atlas_of(c.gpu, height).buffer.clone();
        let own = self.own.as_ref().filter(|_| key.own);
        Setup::new(key, look, c, own, tops, atlas).map(Some).map_err(|e| e.to_string())
    }

    /// Submits launches until `work` operations are reached or the look's end; answers the work submitted.
    pub fn advance(&mut self, gpu: &Gpu, work: f64) -> f64 {
        let (Some(setup), Some(run)) = (&self.setup, &mut self.run) else {
            self.run = None;
            return 0.0;
        };
        let mut encoder =
            gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("look") });
        if run.plan == 0 && run.at == 0 {
            encoder.clear_buffer(&setup.buffers[&Buf::Histograms], 0, None);
        }
        let plans = setup.plans();
        let mut done = 0.0;
        while run.plan < plans.len() && done < work {
            let plan = plans[run.plan];
            let (at, d) = plan.encode(&mut encoder, run.at, work - done);
            done += d;
            run.at = at;
            if at == plan.items.len() {
                (run.plan, run.at) = (run.plan + 1, 0);
            }
        }
        let finished = run.plan == plans.len();
        gpu.submit(encoder.finish());
        if finished && let Some(run) = self.run.take() {
            let (ranges, worked_at) = setup.ranges(&run.watch, &setup.look);
            let ranges: Vec<(&wgpu::Buffer, u64, u64)> =
                ranges.iter().filter_map(|(b, at, len)| Some((setup.buffer(*b)?, *at, *len))).collect();
            let download = Download::start(&gpu.device, &gpu.queue, &mut self.pool, &ranges);
            self.reading = Some(Reading { download, run, worked_at });
        }
        done
    }

    /// Takes what has come back; true if there is something new to see.
    pub fn collect(&mut self, gpu: &Gpu) -> Result<bool, String> {
        if !self.reading.as_ref().is_some_and(|r| r.download.is_ready()) {
            return Ok(false);
        }
        let Some(Reading { download, run, worked_at }) = self.reading.take() else { return Ok(false) };
        let bytes = download.take(&mut self.pool)?;
        self.cost = run.begun.elapsed();
        self.last = Some(Instant::now());
        let Some(setup) = &mut self.setup else { return Ok(false) };
        let words: Vec<u32> =
            bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let measured = setup.measured(&words);
        if !setup.knows_all() {
            // Painted without knowing with which channels on which scale: only the numbers count.
            setup.learn(&measured, run.step);
            self.changed = true;
            return Ok(false);
        }
        let floats: Vec<f32> = words.iter().map(|w| f32::from_bits(*w)).collect();
        let seen = setup.describe(&run, &measured, &floats, worked_at, self.number + 1);
        setup.learn(&measured, run.step);
        let worked = seen.close.as_ref().and_then(|c| c.worked.as_ref());
        let input = worked.and_then(|w| w.conv.as_ref()).map(|w| w.input_channel);
        if input.is_some() && input != setup.painted_input() {
            setup.input_channel = input;
            self.changed = true;
            return Ok(false);
        }
        self.number += 1;
        self.seen_step = Some(run.step);
        let Some(atlas) = &self.atlas else { return Ok(false) };
        atlas.publish(gpu, RESERVED_ROWS, atlas.height);
        self.seen = Some(Arc::new(Seen { atlas: [ATLAS_WIDTH, atlas.height], ..seen }));
        Ok(true)
    }
}

/// A new setup shows the same channels on the same scales as the one before, as far as both show the same.
fn inherit(mut new: Setup, old: Option<Setup>) -> Setup {
    let Some(old) = old.filter(|o| o.key.look.maps == new.key.look.maps) else { return new };
    let cards = new.look.overview.len();
    if cards != old.look.overview.len() {
        return new;
    }
    let same_block = old.key.look.block == new.key.look.block;
    let keep = |all: usize| if same_block { all } else { cards };
    new.picks = old.picks.into_iter().take(keep(new.look.pick_groups)).collect();
    new.scales = old.scales.into_iter().take(keep(new.look.scale_groups)).collect();
    new.picked_at = old.picked_at;
    if same_block {
        new.largest = old.largest;
    }
    new
}

fn label_of(watch: &Watch, c: &EyeContext) -> Option<u32> {
    let label = match watch.picture {
        Picture::Record(r) => {
            let labels = if r.split == SplitName::Train { c.train_labels } else { c.test_labels };
            labels.get(r.index as usize)
        }
        Picture::Own => None,
        Picture::Batch(n) => {
            let record = c.last_batch.and_then(|(step, _)| c.order.get((step.batch_start + n) as usize));
            record.and_then(|r| c.train_labels.get(*r as usize))
        }
    };
    label.map(|l| u32::from(*l))
}

/// Averages an RGBA picture down (or repeats it up) to planes of the data set's size.
fn resized(side: usize, rgba: &[u8]) -> Vec<u8> {
    let mut out = vec![0; RECORD];
    for y in 0..SIZE {
        for x in 0..SIZE {
            let edge = |i: usize| i * side / SIZE;
            let (y0, x0) = (edge(y), edge(x));
            let (y1, x1) = (edge(y + 1).max(y0 + 1).min(side), edge(x + 1).max(x0 + 1).min(side));
            for plane in 0..3 {
                let mut sum = 0u32;
                for py in y0..y1 {
                    for px in x0..x1 {
                        let at = (py * side + px) * 4;
                        // What is transparent lies on white.
                        let (v, a) = (u32::from(rgba[at + plane]), u32::from(rgba[at + 3]));
                        sum += (v * a + 255 * (255 - a)) / 255;
                    }
                }
                out[(plane * SIZE + y) * SIZE + x] = (sum / ((y1 - y0) * (x1 - x0)) as u32) as u8;
            }
        }
    }
    out
}

impl Setup {
    fn new(
        key: SetupKey,
        look: Look,
        c: &EyeContext,
        own: Option<&GpuSplit>,
        tops: [u32; 2],
        atlas: wgpu::Buffer,
    ) -> Result<Self, PlanError> {
        let (gpu, net) = (c.gpu, c.net);
        let graph = &net.graph;
        let slots = Slots::place(&[&look.program]);
        let made: Vec<wgpu::Buffer> = slots.sizes.iter().map(|&s| gpu.storage("look", s)).collect();
        let placed = slots.placed.into_iter().next().unwrap_or_default();
        let mut buffers = net.shared();
        let batch = key.look.batch as u64;
        let side = graph.spec.input_size;
        let widest = graph.tensors.iter().map(|t| vec4s(t.c)).max().unwrap_or(0) as u64;
        let longest = graph.params.iter().map(|p| p.fan_in + 4 * 49).max().unwrap_or(0) as u64;
        for (buf, label, bytes) in [
            (Buf::Input, "look input", batch * (side * side * 16) as u64),
            (Buf::Labels, "look labels", batch * 4),
            (Buf::Coef, "look coefficients", net.layout.coef_bytes),
            (Buf::Scratch, "look sums", look.program.scratch),
            (Buf::Zero, "zeros", 4 * widest * 16),
            (Buf::ChannelStats, "channel statistics", look.totals.stats as u64 * 16),
            (Buf::Histograms, "histograms", look.totals.bins as u64 * 4),
            (Buf::Picks, "picks", look.totals.tiles as u64 * 4),
            (Buf::Scales, "scales", look.totals.tiles as u64 * 4),
            (Buf::Lut, "colour map", 258 * 4),
            (Buf::Place, "place", 16),
            (Buf::Column, "column", longest * 4),
        ] {
            buffers.insert(buf, gpu.storage(label, bytes));
        }
        if key.look.mode == Mode::Train {
            // The pass would update running statistics; it gets some of its own.
            buffers.insert(Buf::Running, gpu.storage("look running", net.layout.running_bytes));
        }
        buffers.insert(Buf::Step, gpu.uniform("look step", std::mem::size_of::<StepUniform>() as u64));
        buffers.insert(Buf::Atlas, atlas.clone());
        let split = match (own, key.split) {
            (Some(own), _) => own,
            (None, SplitName::Train) => c.train,
            (None, SplitName::Test) => c.test,
        };
        // A batch is gathered in the order it was trained in; one picture, by an order of one.
        let order = (key.look.mode == Mode::Eval).then(|| gpu.storage("look order", 4));
        sheet::bind(&mut buffers, split, order.as_ref().unwrap_or(&c.train.order));
        let mut dispatches = sheet::gather_from(split, key.look.batch, side, c.recipe);
        let (scale, shift) = sheet::normalisation(c.recipe);
        let mut picture = look::pictures(side, 1, 1, look.input_at, scale, shift);
        // The first picture is parameter 2.
        picture.params[2] = key.look.image as u32;
        dispatches.push(picture);
        dispatches.extend_from_slice(&look.program.dispatches);
        let plan = Plan::new(gpu, &dispatches, &buffers, &made, &placed)?;
        let mut sheets = Vec::new();
        for (k, name) in [SplitName::Train, SplitName::Test].into_iter().enumerate() {
            let split = if name == SplitName::Train { c.train } else { c.test };
            if key.thumbnails[k] > 0 {
                sheets.push(Sheet::new(gpu, name, split, c.recipe, key.thumbnails[k], tops[k], &atlas)?);
            }
        }
        Ok(Self {
            key,
            look,
            layout: net.layout.clone(),
            classes: graph.spec.classes,
            logit_words: vec4s(graph.spec.classes) * 4,
            side: side as u32,
            buffers,
            slots: made,
            placed,
            plan,
            sheets,
            order,
            picks: Vec::new(),
            scales: Vec::new(),
            picked_at: 0,
            largest: Vec::new(),
            input_channel: None,
            tiles: Vec::new(),
        })
    }

    fn plans(&self) -> Vec<&Plan> {
        std::iter::once(&self.plan).chain(self.sheets.iter().map(|s| &s.plan)).collect()
    }

    fn buffer(&self, buf: Buf) -> Option<&wgpu::Buffer> {
        match buf {
            Buf::Virtual(v) => self.slots.get(*self.placed.get(v)?),
            other => self.buffers.get(&other),
        }
    }

    /// All that is shown with channels of its own choice.
    fn shown(&self) -> impl Iterator<Item = &Shown> {
        self.look.overview.iter().chain(self.look.stages.iter().map(|s| &s.shown))
    }

    /// Writes what changes from look to look.
    fn prepare(&mut self, watch: &Watch, c: &EyeContext, own: Option<&GpuSplit>, number: u64) {
        let gpu = c.gpu;
        let write = |buf: Buf, bytes: &[u8]| gpu.queue.write_buffer(&self.buffers[&buf], 0, bytes);
        write(Buf::Lut, bytemuck::cast_slice(&colours::lut(watch.dark)));
        let step = match c.last_batch {
            Some((step, _)) if self.key.look.mode == Mode::Train => step,
            _ => StepUniform::default(),
        };
        write(Buf::Step, bytemuck::bytes_of(&step));
        if let Some(order) = &self.order {
            let record = match watch.picture {
                Picture::Record(r) if own.is_none() || !self.key.own => r.index,
                _ => 0,
            };
            gpu.queue.write_buffer(order, 0, bytemuck::bytes_of(&record));
        }
        let mut tiles = vec![(0u32, 0.0f32); self.look.totals.tiles];
        for (i, shown) in self.shown().enumerate() {
            let picks = self.picks.get(shown.picks);
            let scale = self.scales.get(shown.scale).copied().unwrap_or(1.0);
            for k in 0..shown.tiles {
                let channel = picks.and_then(|p| p.get(k)).copied().unwrap_or(k as u32);
                let own =
                    self.largest.get(i).and_then(|l| l.get(channel as usize)).filter(|_| watch.own_scale);
                tiles[shown.tile + k] = (channel, own.copied().unwrap_or(scale));
            }
        }
        if let (Some(worked), Some(probe)) = (&self.look.worked, watch.probe) {
            let scale = self.scales.get(worked.tile.scale).copied().unwrap_or(1.0);
            tiles[worked.tile.tile] = (probe.channel, scale);
            if let Some(input) = &worked.input_tile {
                // Which contributes most is known only afterwards: it is painted in the look after.
                let channel = probe.input_channel.or(self.input_channel).unwrap_or(0);
                tiles[input.tile] = (channel, scale);
            }
            write(Buf::Place, bytemuck::bytes_of(&probe.channel));
        }
        let channels: Vec<u32> = tiles.iter().map(|t| t.0).collect();
        let scales: Vec<f32> = tiles.iter().map(|t| t.1).collect();
        write(Buf::Picks, bytemuck::cast_slice(&channels));
        write(Buf::Scales, bytemuck::cast_slice(&scales));
        self.tiles = tiles;
        for sheet in &self.sheets {
            sheet.set(gpu, &watch.sheet, watch.augmented.then_some(number as u32));
        }
    }

    /// Whether every mosaic has channels and a scale.
    fn knows_all(&self) -> bool {
        self.picks.len() == self.look.pick_groups && self.scales.len() == self.look.scale_groups
    }

    /// What is read back, and where the part of the worked number begins, in words.
    fn ranges(&self, c: &Watch, look: &Look) -> (Vec<worked::Range>, usize) {
        let (stats, bins) = (look.totals.stats * 4, look.totals.bins);
        let classes = self.logit_words;
        let mut ranges = vec![
            (Buf::ChannelStats, 0, stats as u64 * 4),
            (Buf::Histograms, 0, bins as u64 * 4),
            (look.logits, 0, classes as u64 * 4),
        ];
        if let Some(probe) = c.probe.filter(|p| look::lies_in(&look.stages, p)) {
            ranges.extend(worked::ranges(look, &self.layout, &probe));
        }
        (ranges, stats + bins + classes)
    }

    fn measured(&self, words: &[u32]) -> Vec<Measured> {
        let stats = self.look.totals.stats * 4;
        let floats: Vec<f32> = words[..stats].iter().map(|w| f32::from_bits(*w)).collect();
        let counts = &words[stats..stats + self.look.totals.bins];
        self.shown().map(|shown| Measured::decode(shown, &floats, counts)).collect()
    }

    /// Chooses channels and scales for the next looks.
    fn learn(&mut self, measured: &[Measured], step: u64) {
        let all: Vec<Shown> = self.shown().cloned().collect();
        let renew = step >= self.picked_at + KEPT_STEPS || step < self.picked_at;
        for group in 0..self.look.pick_groups {
            // The last of a group is what the others lead to.
            let Some(i) = all.iter().rposition(|s| s.picks == group) else { continue };
            let picks = measured[i].liveliest(all[i].tiles);
            match self.picks.get_mut(group) {
                Some(old) if renew => *old = picks,
                Some(_) => {}
                None => self.picks.push(picks),
            }
        }
        if renew {
            self.picked_at = step;
        }
        for group in 0..self.look.scale_groups {
            let of: Vec<&Measured> =
                all.iter().zip(measured).filter(|(s, _)| s.scale == group).map(|(_, m)| m).collect();
            let wanted = percentile(&of);
            match self.scales.get_mut(group) {
                // Colours stay as they are while they can: change on the screen is change in the network.
                Some(old) if wanted > *old || wanted < *old * SHRINK => *old = round_up(wanted),
                Some(_) => {}
                None => self.scales.push(round_up(wanted)),
            }
        }
        self.largest = all
            .iter()
            .zip(measured)
            .map(|(s, m)| (0..s.shape[2] as u32).map(|c| m.largest_of(c)).collect())
            .collect();
    }

    /// Input channel that the worked number's tile was painted with.
    fn painted_input(&self) -> Option<u32> {
        let tile = self.look.worked.as_ref()?.input_tile.as_ref()?.tile;
        self.tiles.get(tile).map(|t| t.0)
    }

    fn describe(
        &self,
        run: &Run,
        measured: &[Measured],
        words: &[f32],
        worked_at: usize,
        number: u64,
    ) -> Seen {
        let mosaic = |shown: &Shown, m: &Measured| {
            let tiles = &self.tiles[shown.tile..shown.tile + shown.tiles];
            let picks: Vec<u32> = tiles.iter().map(|t| t.0).collect();
            let scale = tiles.first().map(|t| t.1).filter(|_| !run.watch.own_scale);
            shown.mosaic(&picks, scale, m)
        };
        let cards = self.look.overview.len();
        let mut overview: Vec<_> =
            self.look.overview.iter().zip(measured).map(|(s, m)| mosaic(s, m)).collect();
        let stem = if overview.is_empty() { Default::default() } else { overview.remove(0) };
        let logits = &words[worked_at - self.logit_words..worked_at];
        let side = self.side;
        Seen {
            step: run.step,
            number,
            picture: Some(run.watch.picture),
            label: run.label,
            probabilities: softmax(&logits[..self.classes]),
            input: Tile { channel: 0, at: self.look.input_at, size: [side, side] },
            stem,
            blocks: overview,
            close: self
                .look
                .block
                .map(|b| self.close(b, run, &measured[cards..], &words[worked_at..], mosaic)),
            sheet: self.sheets.iter().flat_map(|s| s.tiles(&run.watch.sheet)).collect(),
            atlas: [0, 0],
        }
    }

    fn close(
        &self,
        block: usize,
        run: &Run,
        measured: &[Measured],
        words: &[f32],
        mosaic: impl Fn(&Shown, &Measured) -> Mosaic,
    ) -> CloseUp {
        let group = self.look.stages.first().map_or(0, |s| s.shown.scale);
        let scale = self.scales.get(group).copied().unwrap_or(1.0);
        let stages: Vec<Stage> = self
            .look
            .stages
            .iter()
            .zip(measured)
            .map(|(s, m)| Stage {
                role: s.role,
                layer: s.layer.clone(),
                shape: s.shown.shape,
                mosaic: mosaic(&s.shown, m),
                moments: m.moments(),
                histogram: m.histogram(scale),
                range: scale,
            })
            .collect();
        let rms = |role: Role| stages.iter().find(|s| s.role == role).map(|s| s.moments.rms());
        let last =
            stages.iter().filter_map(|s| if let Role::Norm(k) = s.role { Some(k) } else { None }).max();
        let branch = last.and_then(|k| rms(Role::Norm(k))).unwrap_or(0.0);
        let skip = rms(Role::Shortcut);
        let probe = run.watch.probe.filter(|p| look::lies_in(&self.look.stages, p));
        CloseUp {
            block,
            alpha: run.alpha,
            scale,
            share: skip.filter(|s| s + branch > 0.0).map_or(0.0, |s| s / (s + branch)),
            ratio: skip.filter(|s| *s > 0.0 && run.alpha != 0.0).map(|s| branch / (s / run.alpha.abs())),
            worked: probe.and_then(|p| worked::work_out(&self.look, words, &p, run.alpha)).map(Box::new),
            stages,
        }
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.iter().map(|l| (l - largest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}
