//! A made-up run for the window's tests: plausible numbers, the same every time. Nothing here was
//! measured.

pub mod found;
pub mod lab;
pub mod race;
mod seen;

use eframe::egui::{self, TextureHandle, TextureId, TextureOptions, Theme, Ui, UiBuilder};
use egui_kittest::wgpu::WgpuTestRenderer;
use egui_kittest::{Harness, HarnessBuilder, SnapshotOptions, SnapshotResults};
use skipscope::app::{AppState, Canvas, Form, Looks, Part, Selection, UiCommand, fonts, theme};
use skipscope::model::{Graph, ParamKind, by_name};
use skipscope::session::{
    BlockStats, Command, DataInfo, Evaluation, Event, ModelInfo, Moments, Phase, Slice, SlicePhase, Snapshot,
    StepRecord, TestDetail, Watch,
};
use skipscope::train::{Recipe, Schedule};
use std::sync::Arc;

/// A window's state, what it is shown, and what it asked for.
pub struct Demo {
    pub app: AppState,
    pub snapshot: Snapshot,
    pub asked: Vec<UiCommand>,
    /// What it last asked to look at, which is made up for it in the frame after.
    pub watch: Option<Watch>,
    looked: Option<Watch>,
    atlas: Option<TextureHandle>,
    lane_atlases: Vec<TextureHandle>,
    /// Runs that came before.
    runs: u64,
}

/// Numbers that look random and are not.
struct Noise(u64);

impl Noise {
    /// Between −1 and 1.
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32 / (1u64 << 23) as f32) - 1.0
    }
}

/// What a session would say about the network `name`.
pub fn model(name: &str) -> ModelInfo {
    let spec = by_name(name).expect("in the zoo");
    let graph = Graph::new(&spec).expect("valid");
    let recipe = Recipe {
        batch: 32,
        lr: 0.0655,
        schedule: Schedule::Cosine,
        weight_decay: 5e-4,
        epochs: 30,
        ..Recipe::default()
    };
    ModelInfo {
        name: name.into(),
        parameters: graph.parameter_count(),
        macs: graph.macs(),
        gpu_bytes: 1_406_611_619,
        dispatches: 214,
        variants: Default::default(),
        param_names: graph.params.iter().map(|p| p.name.clone()).collect(),
        block_names: graph.blocks.iter().map(|b| b.name.clone()).collect(),
        reshapes: graph.blocks.iter().map(|b| b.reshapes()).collect(),
        spec,
        recipe,
    }
}

pub fn data() -> DataInfo {
    let classes =
        ["circle", "ring", "diamond", "triangle", "star", "cross", "heart", "moon", "hexagon", "arrow"];
    DataInfo {
        name: "shapes10".into(),
        classes: classes.map(String::from).to_vec(),
        train_images: 12_512,
        test_images: 2_000,
        class_counts: vec![1_251; 10],
        samples: (0..10).map(|c| (0..10).map(|i| 10 * i + c).collect()).collect(),
        notes: vec![],
    }
}

fn record(model: &ModelInfo, step: u64, noise: &mut Noise) -> StepRecord {
    let graph = Graph::new(&model.spec).expect("valid");
    let t = step as f32;
    let loss = 0.28 + 2.05 * (-t / 900.0).exp() + (0.08 + 0.2 * (-t / 1500.0).exp()) * noise.next();
    let norms = graph.params.iter().enumerate().map(|(i, p)| {
        let depth = i as f32 / graph.params.len() as f32;
        let size = if p.kind == ParamKind::Weight { 0.25 } else { 0.02 };
        size * (1.0 - 0.7 * (depth * 3.0).sin()) * (1.0 + 0.2 * noise.next())
    });
    let grad_norm = norms.collect();
    let n = graph.blocks.len() as f32;
    let blocks = graph.blocks.iter().enumerate().map(|(i, b)| {
        let (skip, branch) = (1.1 - 0.3 * i as f32 / n + 0.1 * noise.next(), 0.25 + 0.2 * noise.next().abs());
        let on = if b.shortcut.is_some() { 1.0 } else { 0.0 };
        BlockStats {
            shortcut: Moments { mean: 0.4 * skip * on, std: 0.8 * skip * on },
            branch: Moments { mean: -0.05, std: if b.projected { 2.0 * branch } else { branch } },
            sum: Moments { mean: 0.3, std: 1.0 },
            output: Moments { mean: 0.5, std: 0.3 + 0.6 * (i as f32 / n).powi(2) + 0.04 * (t * 0.3).sin() },
            dead: 0.04 * i as f32,
        }
    });
    let blocks = blocks.collect();
    StepRecord {
        step,
        epoch: (step / 391) as u32,
        batch_index: step % 391,
        images: 32,
        lr: model.recipe.lr,
        loss,
        accuracy: (1.0 - 0.36 * loss + 0.06 * noise.next()).clamp(0.0, 1.0),
        weight_norm: graph.params.iter().map(|p| (p.len() as f32).sqrt() * 0.05).collect(),
        update_norm: graph.params.iter().map(|p| (p.len() as f32).sqrt() * 5e-5).collect(),
        grad_norm,
        blocks,
    }
}

/// Mostly right, wrong more often between neighbours.
fn test_detail(noise: &mut Noise) -> TestDetail {
    let labels: Vec<u8> = (0..2000).map(|i| (i % 10) as u8).collect();
    let predicted = labels.iter().map(|&l| {
        let r = noise.next();
        if r < 0.6 {
            l
        } else if r < 0.9 {
            (l + 1) % 10
        } else {
            ((r * 1e4) as u8) % 10
        }
    });
    let predicted = predicted.collect();
    TestDetail {
        step: 1173,
        losses: labels.iter().map(|_| noise.next().abs() * 3.0).collect(),
        predicted,
        labels,
    }
}

impl Demo {
    /// Nothing has happened yet; the session is there.
    pub fn fresh() -> Self {
        Self {
            app: AppState::new(Form::default()),
            snapshot: Snapshot::default(),
            asked: Vec::new(),
            watch: None,
            looked: None,
            atlas: None,
            lane_atlases: Vec::new(),
            runs: 0,
        }
    }

    /// A run of `name` that has done `steps` steps and goes on.
    pub fn running(name: &str, steps: u64) -> Self {
        let mut demo = Self::fresh();
        demo.go_on(name, steps);
        demo
    }

    /// Builds `name` in place of what there was and trains it for `steps` steps.
    pub fn go_on(&mut self, name: &str, steps: u64) {
        let model = model(name);
        self.app.on_event(&Event::Built(Box::new(model.clone())));
        let mut noise = Noise(7 + self.runs);
        // Each run is better than the one before.
        let share = 0.75_f32.powi(self.runs as i32);
        self.runs += 1;
        let mut last = None;
        let mut evaluation = None;
        for step in 0..steps {
            // Everything but the scalars is only drawn from the last record.
            let mut r = record(&model, step, &mut noise);
            r.loss *= share;
            r.accuracy = 1.0 - share * (1.0 - r.accuracy);
            self.app.on_event(&Event::Step(Box::new(r.clone())));
            if (step + 1) % 391 == 0 {
                let loss = share * (0.38 + 1.7 * (-(step as f32) / 1000.0).exp());
                let e = Evaluation { step: step + 1, accuracy: 1.0 - 0.31 * loss, loss, images: 2000 };
                self.app.on_event(&Event::Evaluated(e));
                evaluation = Some(e);
            }
            last = Some(r);
        }
        self.snapshot = Snapshot {
            phase: Phase::Running,
            compiling: None,
            adapter: "NVIDIA GeForce RTX 4070 Laptop GPU (Vulkan)".into(),
            data: Some(data()),
            gpu_bytes: model.gpu_bytes,
            step: steps,
            total_steps: 391 * 30,
            epoch: (steps / 391) as u32,
            epochs: 30,
            last,
            evaluation,
            images_per_s: Some(1840.0),
            model: Some(model),
            test: Some(Arc::new(test_detail(&mut noise))),
            ..Snapshot::default()
        };
    }

    /// A run whose next step is gone through layer by layer and stands in block `block`.
    pub fn stepping(name: &str, phase: SlicePhase, block: usize) -> Self {
        let mut demo = Self::running(name, 1203);
        demo.snapshot.phase = Phase::Idle;
        let model = model(name);
        let graph = Graph::new(&model.spec).expect("valid");
        let output = &graph.tensors[graph.blocks[block].output];
        // Where the same maps lie in the atlas that is made up for the window.
        let watch = Looks::default().watch(&Selection::default(), true);
        let (seen, _) = seen::seen(&model.spec, &watch);
        let layers = 2 * graph.nodes.len();
        let done = (block + 1) * graph.nodes.len() / graph.blocks.len();
        demo.snapshot.slice = Some(Arc::new(Slice {
            step: 1203,
            phase,
            layer: format!("{}.conv2", graph.blocks[block].name),
            block: Some(block),
            at: (if phase == SlicePhase::Forward { done } else { layers - done }, layers),
            mosaic: seen.blocks.get(block).cloned(),
            moments: Some(Moments { mean: 0.02, std: 0.91 }),
            shape: [32, output.h, output.w, output.c],
            loss: (phase != SlicePhase::Forward).then_some(0.714),
        }));
        demo
    }

    /// The texture with all that is seen.
    pub fn atlas(&self) -> Option<TextureId> {
        self.atlas.as_ref().map(TextureHandle::id)
    }

    /// Makes up what was asked to be looked at.
    fn look(&mut self, ui: &Ui) {
        if self.watch == self.looked {
            return;
        }
        self.looked.clone_from(&self.watch);
        let (Some(watch), Some(model)) = (&self.watch, &self.snapshot.model) else { return };
        let (seen, image) = seen::seen(&model.spec, watch);
        let atlas = ui.ctx().load_texture("atlas", image, TextureOptions::NEAREST);
        self.app.set_canvas(0, Canvas { texture: atlas.id(), size: seen.atlas });
        self.atlas = Some(atlas);
        self.snapshot.seen = Some(Arc::new(seen));
        let Some(race) = self.snapshot.race.as_mut().map(Arc::make_mut) else { return };
        self.lane_atlases.clear();
        race.seen.clear();
        for (i, lane) in race.outcome.lanes.iter().enumerate() {
            let (mut seen, image) = seen::seen(&lane.lane.spec, &watch.at_large());
            // Each lane's maps are its own.
            seen.blocks.iter_mut().for_each(|m| m.tiles.rotate_left(i));
            let atlas = ui.ctx().load_texture(format!("lane {i}"), image, TextureOptions::NEAREST);
            self.app.set_canvas(i + 1, Canvas { texture: atlas.id(), size: seen.atlas });
            self.lane_atlases.push(atlas);
            race.seen.push(Some(Arc::new(seen)));
        }
    }

    /// The whole window, drawn without a screen.
    pub fn window(self, width: f32, height: f32, theme: Theme) -> Harness<'static, Self> {
        self.draw(builder(width, height, theme).renderer(WgpuTestRenderer::new()), None)
    }

    /// One part of the window.
    pub fn part(self, part: Part, width: f32, height: f32, theme: Theme) -> Harness<'static, Self> {
        self.draw(builder(width, height, theme).renderer(WgpuTestRenderer::new()), Some(part))
    }

    /// A window without pixels, for tests that only press things.
    pub fn blind(self) -> Harness<'static, Self> {
        self.draw(builder(1440.0, 900.0, Theme::Dark), None)
    }

    /// Draws the whole window or one part of it into all of `ui`, makes up what it wants to look at, and
    /// keeps what else it asks for.
    pub fn show(&mut self, ui: &mut Ui, part: Option<Part>) {
        self.look(ui);
        ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, ui.visuals().panel_fill);
        // As in eframe: the whole window, without a margin.
        let whole = UiBuilder::new().max_rect(ui.ctx().content_rect());
        let draw = |ui: &mut Ui| match part {
            Some(part) => {
                let ground = egui::Frame::central_panel(ui.style()).inner_margin(8.0);
                let draw = |ui: &mut Ui| self.app.draw_part(ui, part, &self.snapshot);
                ground.show(ui, draw).inner
            }
            None => self.app.draw(ui, &self.snapshot),
        };
        let asked = ui.scope_builder(whole, draw).inner;
        for command in asked {
            match command {
                UiCommand::Session(Command::Watch(watch)) => self.watch = watch.map(|w| *w),
                other => self.asked.push(other),
            }
        }
    }

    fn draw(self, builder: HarnessBuilder<Self>, part: Option<Part>) -> Harness<'static, Self> {
        let mut harness =
            builder.build_ui_state(move |ui: &mut Ui, demo: &mut Self| demo.show(ui, part), self);
        // The first frames only measure: fonts arrive, axes find their width.
        harness.run_steps(4);
        harness
    }
}

fn builder(width: f32, height: f32, theme: Theme) -> HarnessBuilder<Demo> {
    Harness::builder().with_size(egui::vec2(width, height)).with_theme(theme).with_context_setup(move |ctx| {
        theme::install(ctx);
        fonts::install_bundled(ctx);
        ctx.set_theme(theme);
    })
}

/// A window without pixels. What a link has changed is asked for in the first frames, and is not what tests are about.
pub fn still(demo: Demo) -> Harness<'static, Demo> {
    let mut h = demo.blind();
    h.state_mut().asked.clear();
    h
}

/// The same on a link, with data and nothing measured yet.
pub fn before(link: &str) -> Harness<'static, Demo> {
    let mut demo = Demo::running("resnet8", 60);
    demo.app.open_link(link, Some("shapes10"));
    still(demo)
}

/// What the session was asked for since the last call.
pub fn asked(h: &mut Harness<'_, Demo>) -> Vec<Command> {
    h.run_steps(3);
    let only = |c| if let UiCommand::Session(command) = c { Some(command) } else { None };
    std::mem::take(&mut h.state_mut().asked).into_iter().filter_map(only).collect()
}

/// Compares with the picture `name`. Rasterisers differ in single pixels along edges, never in whole strokes.
pub fn compare(results: &mut SnapshotResults, name: &str, mut harness: Harness<'_, Demo>) {
    let options =
        SnapshotOptions::new().output_path("tests/app_snapshots").threshold(2.0).max_failed_pixels(300);
    results.add(harness.try_snapshot_options(name, &options));
}
