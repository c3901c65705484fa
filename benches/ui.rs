//! How long the window's own work takes: one pass and its tessellation at 1920 × 1080, ResNet-56 after
//! 100,000 recorded steps, without an adapter. Prints p50 and p95 in milliseconds.
//!
//! `cargo bench --bench ui`

// Made for the tests; the bench uses a part of it.
#[allow(dead_code)]
#[path = "../tests/app_demo/mod.rs"]
mod app_demo;

use app_demo::Demo;
use eframe::egui::{Context, RawInput, Rect, pos2, vec2};
use skipscope::app::{FrameMeter, fonts, theme};
use skipscope::session::Event;
use std::time::Instant;

const STEPS: u64 = 100_000;
const PASSES: u32 = 300;
/// What a frame at 60 Hz can spare for it.
const ALLOWED: f32 = 8.0;

fn main() {
    let mut demo = Demo::running("resnet56", 200);
    let record = demo.snapshot.last.clone().expect("it has run");
    for step in 200..STEPS {
        let mut next = record.clone();
        next.step = step;
        next.loss *= 1.0 + 0.2 * (step as f32 * 0.7).sin();
        demo.app.on_event(&Event::Step(Box::new(next)));
    }
    demo.snapshot.step = STEPS;
    let ctx = Context::default();
    theme::install(&ctx);
    fonts::install_bundled(&ctx);
    let mut meter = FrameMeter::default();
    for pass in 0..PASSES {
        // New numbers in every pass, as while it trains.
        demo.snapshot.step += 1;
        let mut next = record.clone();
        next.step = demo.snapshot.step;
        demo.app.on_event(&Event::Step(Box::new(next)));
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1920.0, 1080.0))),
            time: Some(f64::from(pass) / 60.0),
            ..RawInput::default()
        };
        let begin = Instant::now();
        let output = ctx.run_ui(input, |ui| {
            demo.app.draw(ui, &demo.snapshot);
        });
        let drawn = ctx.tessellate(output.shapes, output.pixels_per_point);
        // The first passes load fonts and find their sizes.
        if pass >= 20 {
            meter.drawn(f64::from(pass) / 60.0, begin.elapsed().as_secs_f32());
        }
        assert!(!drawn.is_empty());
    }
    let times = meter.times();
    let (half, most) = (times.ui_p50.unwrap_or_default(), times.ui_p95.unwrap_or_default());
    println!(
        "UI pass and tessellation, resnet56, {STEPS} steps, 1920 × 1080: p50 {half:.2} ms, p95 {most:.2} ms"
    );
    assert!(most <= ALLOWED, "p95 is {most:.2} ms; {ALLOWED} are allowed");
}
