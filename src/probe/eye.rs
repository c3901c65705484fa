//! [`Eye`]: looks at one picture's way through the network, again and again, as often as that costs
//! training little.
//!
//! A look is a plan of its own with batch 1 and its own activations; it shares the weights. It runs in
//! slices between those of training, whenever no update is under way.

use super::atlas::Atlas;
use super::exhibit::ATLAS_WIDTH;
use super::look::{self, LookKey, RESERVED_ROWS};
use super::setup::{Setup, SetupKey, inherit};
use super::sheet;
use super::watch::{BATCH_PAGE, Picture, Probe, SHEET_MOST, Seen, SplitName, Tile, Watch};
use crate::data::{RECORD, SIZE, Split};
use crate::engine::dataset::GpuSplit;
use crate::engine::program::{Buf, Mode};
use crate::engine::{Gates, Network, StepUniform};
use crate::gpu::{Download, Gpu, StagingPool};
use crate::train::Recipe;
use std::collections::VecDeque;
use std::sync::Arc;
use web_time::{Duration, Instant};

/// Looks follow one another no faster than this.
const PACE: Duration = Duration::from_millis(100);
/// While training, a look is followed by so many times its own work without one: 5 % of the time.
const REST: f64 = 19.0;

/// What a look needs to know of the session, at the moment it begins.
pub struct EyeContext<'a> {
    pub gpu: &'a Gpu,
    pub net: &'a Network,
    pub recipe: &'a Recipe,
    pub train: &'a GpuSplit,
    pub test: &'a GpuSplit,
    pub train_labels: &'a [u8],
    pub test_labels: &'a [u8],
    pub gates: &'a [Gates],
    /// Steps done by the weights that are looked at, and by now: an earlier moment may be in place.
    pub step: u64,
    pub now: u64,
    /// The last training step's uniform and number of images, and its order of records, once there is one.
    pub last_batch: Option<(StepUniform, usize)>,
    pub order: &'a [u32],
}

/// A look under way: which plan, how far.
pub(super) struct Run {
    plan: usize,
    at: usize,
    pub watch: Watch,
    /// Weights after so many steps; the picture's class; the opened block's α.
    pub step: u64,
    /// Steps done by then.
    pub now: u64,
    pub label: Option<u32>,
    pub alpha: f32,
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
    setup: Option<Setup>,
    missing: VecDeque<String>,
    run: Option<Run>,
    reading: Option<Reading>,
    seen: Option<Arc<Seen>>,
    number: u64,
    /// The present's map of a channel, kept while earlier moments are looked at, and of what it is.
    present: Option<(Picture, usize, Probe, Tile)>,
    /// Something other than the weights has changed since the last look.
    changed: bool,
    seen_step: Option<u64>,
    last: Option<Instant>,
    pool: StagingPool,
}

impl Eye {
    /// An eye for another network: it sees the same picture on its way, and nothing closer.
    pub fn beside(&self, gpu: &Gpu) -> Self {
        let own = self.own.as_ref().map(|split| split.beside(gpu));
        let mut eye = Self { own, ..Self::default() };
        eye.set_watch(self.watch.as_ref().map(Watch::at_large));
        eye
    }

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

    /// Takes a picture of the user's own, `side`×`side` RGBA, resized to the data set's size by averaging, and
    /// looks at it.
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
        let split = Split { labels: vec![0], pixels };
        self.own = Some(GpuSplit::upload(gpu, &split));
        if let Some(watch) = &mut self.watch {
            watch.picture = Picture::Own;
        }
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

    /// Whether the present ought to be seen, after `step` steps, before an earlier moment is: a channel of it is looked
    /// at, and may be compared.
    pub fn owes_present(&self, step: u64) -> bool {
        self.watch.as_ref().is_some_and(|w| w.probe.is_some()) && (self.is_busy() || self.waits(step))
    }

    /// Keeps the channel that is looked at as it is at present, after `step` steps.
    pub fn keep_present(&mut self, gpu: &Gpu, step: u64) {
        self.present = None;
        let (Some(seen), Some(atlas)) = (self.seen.as_ref().filter(|s| s.step == step), &self.atlas) else {
            return;
        };
        if let (Some(picture), Some(close)) = (seen.picture, &seen.close)
            && let Some(worked) = &close.worked
            && worked.tile.size[1] <= RESERVED_ROWS
        {
            let kept = atlas.keep(gpu, worked.tile);
            self.present = Some((picture, close.block, worked.probe, kept));
        }
    }

    /// The kept channel, if it is the one that `seen` shows.
    fn present_of(&self, seen: &Seen) -> Option<Tile> {
        let (picture, block, probe, tile) = self.present.as_ref()?;
        let close = seen.close.as_ref().filter(|c| c.block == *block && seen.picture == Some(*picture))?;
        let mine = close.worked.as_ref()?.probe;
        ((mine.stage, mine.channel) == (probe.stage, probe.channel)).then_some(*tile)
    }

    /// Other weights are in place: what was begun of a look is about neither.
    pub fn look_anew(&mut self) {
        self.run = None;
        self.changed = true;
    }

    /// What the last look has seen.
    pub fn seen(&self) -> Option<&Arc<Seen>> {
        self.seen.as_ref()
    }

    /// What was seen is painted there.
    pub fn atlas(&self) -> Option<&Atlas> {
        self.atlas.as_ref()
    }

    /// The atlas, made at least `height` rows high.
    pub fn atlas_of(&mut self, gpu: &Gpu, height: u32) -> &Atlas {
        if self.atlas.as_ref().is_none_or(|a| a.height < height) {
            self.setup = None;
            self.changed = true;
        }
        let atlas = match self.atlas.take() {
            Some(atlas) if atlas.height >= height => atlas,
            old => Atlas::new(gpu, height, old.as_ref()),
        };
        self.atlas.insert(atlas)
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
    /// `rate` is what the adapter does a second.
    pub fn is_due(&self, step: u64, rate: f64) -> bool {
        if self.watch.is_none() || self.is_busy() {
            return false;
        }
        if self.changed {
            return true;
        }
        let work = self.setup.as_ref().map_or(0.0, Setup::work);
        let rest = Duration::from_secs_f64(REST * work / rate.max(1.0)).max(PACE);
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
        let first = image / BATCH_PAGE * BATCH_PAGE;
        let last = if mode == Mode::Train { batch.min(first + BATCH_PAGE) } else { first };
        let thumbnails = [count(SplitName::Train), count(SplitName::Test)];
        Ok(SetupKey { look, own, split, thumbnails, page: first as u32..last as u32 })
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
            label: label_of(&watch, c),
            alpha: watch.block.and_then(|b| c.gates.get(b)).map_or(1.0, |g| g.alpha),
            step: c.step,
            now: c.now,
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
        let test = look.bottom + sheet::rows(key.thumbnails[0]);
        let tops = [look.bottom, test, test + sheet::rows(key.thumbnails[1])];
        let height = tops[2] + sheet::rows(key.page.len());
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
            let ranges: Vec<(&wgpu::Buffer, u64, u64)> = ranges
                .iter()
                .filter_map(|(b, at, len)| {
                    let r = setup.region(*b)?;
                    Some((r.buffer, r.offset + at, *len))
                })
                .collect();
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
        self.last = Some(Instant::now());
        let Some(setup) = &mut self.setup else { return Ok(false) };
        let words: Vec<u32> =
            bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let measured = setup.measured(&words);
        // The past is shown in the colours of the present.
        let past = run.step != run.now;
        let locked = run.watch.locked_scale || past;
        if !setup.knows_all() {
            // Painted without knowing with which channels on which scale: only the numbers count.
            setup.learn(&measured, run.now, locked);
            self.changed = true;
            return Ok(false);
        }
        let floats: Vec<f32> = words.iter().map(|w| f32::from_bits(*w)).collect();
        let seen = setup.describe(&run, &measured, &floats, worked_at, self.number + 1);
        setup.learn(&measured, run.now, locked);
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
        let now = self.present_of(&seen).filter(|_| past);
        self.seen = Some(Arc::new(Seen { atlas: [ATLAS_WIDTH, atlas.height], now, ..seen }));
        Ok(true)
    }
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
