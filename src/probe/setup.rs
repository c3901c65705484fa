//! Everything made for looks of one shape, and what is remembered from one of them to the next: which
//! channels are shown, on which scale.

use super::colours;
use super::exhibit::{Measured, Shown, percentile, round_up};
use super::eye::{EyeContext, Run};
use super::look::{self, Look, LookKey};
use super::sheet::{self, Sheet};
use super::watch::{CloseUp, Mosaic, Picture, Role, Seen, SplitName, Stage, Tile, Watch};
use super::worked;
use crate::engine::StepUniform;
use crate::engine::dataset::GpuSplit;
use crate::engine::layout::{Layout, vec4s};
use crate::engine::memory::{Place, Slots};
use crate::engine::plan::{Buffers, Plan, PlanError, Region};
use crate::engine::program::{Buf, Mode};
use std::ops::Range;

/// Steps for which a mosaic keeps its channels.
const KEPT_STEPS: u64 = 100;
/// A scale shrinks when values fill less than this much of it.
const SHRINK: f32 = 0.35;

/// What a setup depends on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SetupKey {
    pub look: LookKey,
    /// The picture is the user's own.
    pub own: bool,
    pub split: SplitName,
    /// Thumbnails from the training and the test split.
    pub thumbnails: [usize; 2],
    /// Images of the last batch: the page that the one looked at is on.
    pub page: Range<u32>,
}

/// Everything made for looks of one shape.
pub(super) struct Setup {
    pub key: SetupKey,
    pub look: Look,
    layout: Layout,
    classes: usize,
    /// Floats of one image's logits, and the side of the network's input.
    logit_words: usize,
    side: u32,
    pub buffers: Buffers,
    slots: Vec<wgpu::Buffer>,
    placed: Vec<Place>,
    plan: Plan,
    sheets: Vec<Sheet>,
    page: Option<Sheet>,
    order: Option<wgpu::Buffer>,
    /// Channels of each group, and each scale; empty until the first look has measured them.
    picks: Vec<Vec<u32>>,
    scales: Vec<f32>,
    picked_at: u64,
    /// Largest absolute value by channel, of each tensor shown, as of the last look.
    largest: Vec<Vec<f32>>,
    /// Input channel that contributed most to the last number worked out.
    pub input_channel: Option<u32>,
    /// Channel and scale that each tile was painted with.
    tiles: Vec<(u32, f32)>,
}

impl Setup {
    /// Allocates and binds what `look` needs; thumbnails of the splits and of the batch begin at rows `tops`.
    pub fn new(
        key: SetupKey,
        look: Look,
        c: &EyeContext,
        own: Option<&GpuSplit>,
        tops: [u32; 3],
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
        let page = match key.page.len() {
            0 => None,
            n => Some(Sheet::of_batch(gpu, c.train, c.recipe, n, tops[2], &atlas)?),
        };
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
            page,
            order,
            picks: Vec::new(),
            scales: Vec::new(),
            picked_at: 0,
            largest: Vec::new(),
            input_channel: None,
            tiles: Vec::new(),
        })
    }

    /// The look, then its sheets.
    pub fn plans(&self) -> Vec<&Plan> {
        let sheets = self.sheets.iter().chain(&self.page);
        std::iter::once(&self.plan).chain(sheets.map(|s| &s.plan)).collect()
    }

    /// Floating-point operations of a look, roughly.
    pub fn work(&self) -> f64 {
        self.plans().iter().flat_map(|p| &p.items).map(|i| i.work).sum()
    }

    /// Where a buffer of the look's lies.
    pub fn region(&self, buf: Buf) -> Option<Region<'_>> {
        match buf {
            Buf::Virtual(v) => Region::of(&self.slots, self.placed.get(v)?),
            other => self.buffers.get(&other).map(Region::whole),
        }
    }

    /// All that is shown with channels of its own choice.
    fn shown(&self) -> impl Iterator<Item = &Shown> {
        self.look.overview.iter().chain(self.look.stages.iter().map(|s| &s.shown))
    }

    /// Writes what changes from look to look.
    pub fn prepare(&mut self, watch: &Watch, c: &EyeContext, own: Option<&GpuSplit>, number: u64) {
        let gpu = c.gpu;
        let write = |buf: Buf, bytes: &[u8]| gpu.queue.write_buffer(&self.buffers[&buf], 0, bytes);
        write(Buf::Lut, bytemuck::cast_slice(colours::lut(watch.dark)));
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
        if let Some(page) = &self.page {
            page.set_batch(gpu, step, self.key.page.start);
        }
    }

    /// Whether every mosaic has channels and a scale.
    pub fn knows_all(&self) -> bool {
        self.picks.len() == self.look.pick_groups && self.scales.len() == self.look.scale_groups
    }

    /// What is read back, and where the part of the worked number begins, in words.
    pub fn ranges(&self, c: &Watch, look: &Look) -> (Vec<worked::Range>, usize) {
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

    /// What came back, by tensor.
    pub fn measured(&self, words: &[u32]) -> Vec<Measured> {
        let stats = self.look.totals.stats * 4;
        let floats: Vec<f32> = words[..stats].iter().map(|w| f32::from_bits(*w)).collect();
        let counts = &words[stats..stats + self.look.totals.bins];
        self.shown().map(|shown| Measured::decode(shown, &floats, counts)).collect()
    }

    /// Chooses channels and scales for the next looks.
    pub fn learn(&mut self, measured: &[Measured], step: u64, locked: bool) {
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
                Some(_) if locked => {}
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
    pub fn painted_input(&self) -> Option<u32> {
        let tile = self.look.worked.as_ref()?.input_tile.as_ref()?.tile;
        self.tiles.get(tile).map(|t| t.0)
    }

    /// All that is told about a look.
    pub fn describe(
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
            batch: self.page.iter().flat_map(|s| s.tiles_of_batch(self.key.page.start)).collect(),
            now: None,
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

/// A new setup shows the same channels on the same scales as the one before, as far as both show the same.
pub(super) fn inherit(mut new: Setup, old: Option<Setup>) -> Setup {
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
