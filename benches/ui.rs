//! How long the window's own work takes: one pass and its tessellation at 1920 × 1080, ResNet-56 with its
//! feature maps after 100,000 recorded steps, without an adapter. Twice: the map of the network with a block
//! chosen and a number of it worked out, and the same block under the microscope. Prints p50 and p95 in
//! milliseconds.
//!
//! `cargo bench --bench ui`

// Made for the tests; the bench uses a part of it.
#[allow(dead_code)]
#[path = "../tests/app_demo/mod.rs"]
mod app_demo;

use app_demo::Demo;
use eframe::egui::epaint::Primitive;
use eframe::egui::{Context, RawInput, Rect, pos2, vec2};
use skipscope::app::{FrameMeter, View, fonts, theme};
use skipscope::session::{Event, Probe, Seen};
use std::sync::Arc;
use std::time::Instant;

const STEPS: u64 = 100_000;
const PASSES: u32 = 300;
/// What a frame at 60 Hz can spare for it.
const ALLOWED: f32 = 8.0;
/// The block in the middle of the network, and one of its stages.
const BLOCK: usize = 13;
const STAGE: usize = 1;

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
    demo.app.selection.block = Some(BLOCK);
    demo.app.selection.probe = Some(Probe { stage: STAGE, channel: 12, y: 7, x: 11, input_channel: None });
    let ctx = Context::default();
    theme::install(&ctx);
    fonts::install_bundled(&ctx);
    let slow: Vec<_> = [(View::Network, "the map"), (View::Microscope, "the microscope")]
        .into_iter()
        .filter(|(view, name)| {
            demo.app.view = *view;
            measure(&ctx, &mut demo, name) > ALLOWED
        })
        .collect();
    assert!(slow.is_empty(), "a p95 of {ALLOWED} ms is allowed; more: {slow:?}");
}

/// Draws the window many times and returns p95.
fn measure(ctx: &Context, demo: &mut Demo, name: &str) -> f32 {
    let record = demo.snapshot.last.clone().expect("it has run");
    let mut meter = FrameMeter::default();
    let (mut maps, mut triangles) = (0, 0);
    for pass in 0..PASSES {
        // New numbers and a new look in every pass, as while it trains.
        demo.snapshot.step += 1;
        let mut next = record.clone();
        next.step = demo.snapshot.step;
        demo.app.on_event(&Event::Step(Box::new(next.clone())));
        demo.snapshot.last = Some(next);
        if let Some(seen) = &demo.snapshot.seen {
            let seen = Seen { number: seen.number + 1, step: demo.snapshot.step, ..Seen::clone(seen) };
            demo.snapshot.seen = Some(Arc::new(seen));
        }
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1920.0, 1080.0))),
            time: Some(demo.snapshot.step as f64 / 60.0),
            ..RawInput::default()
        };
        let begin = Instant::now();
        let output = ctx.run_ui(input, |ui| demo.show(ui, None));
        let drawn = ctx.tessellate(output.shapes, output.pixels_per_point);
        let taken = begin.elapsed().as_secs_f32();
        // The first passes load fonts, find their sizes, and get the maps they ask for.
        if pass >= 20 {
            meter.drawn(f64::from(pass) / 60.0, taken);
        }
        (maps, triangles) = (0, 0);
        for primitive in &drawn {
            if let Primitive::Mesh(mesh) = &primitive.primitive {
                triangles += mesh.indices.len() / 3;
                // One rectangle of the atlas has four corners.
                maps += if Some(mesh.texture_id) == demo.atlas() { mesh.vertices.len() / 4 } else { 0 };
            }
        }
    }
    let seen = demo.snapshot.seen.as_ref().expect("made up");
    assert!(seen.close.as_ref().is_some_and(|c| c.worked.is_some()), "a number is worked out");
    assert!(maps > 40, "{name}: only {maps} feature maps are drawn");
    let times = meter.times();
    let (half, most) = (times.ui_p50.unwrap_or(f32::INFINITY), times.ui_p95.unwrap_or(f32::INFINITY));
    println!(
        "UI pass and tessellation, resnet56, {name}, {STEPS} steps, 1920 × 1080, {maps} maps, {triangles} \
         triangles: p50 {half:.2} ms, p95 {most:.2} ms"
    );
    most
}
