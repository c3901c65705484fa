//! How the window looks: one picture a part and a few of the whole, drawn with made-up numbers and
//! compared with those beside this file. After a wanted change: `UPDATE_SNAPSHOTS=1 cargo test`.

// Each test file uses a part of it.
#[allow(dead_code)]
mod app_demo;

use app_demo::{Demo, compare, data};
use eframe::egui::Theme::{Dark, Light};
use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{self, Key};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, SnapshotResults};
use skipscope::app::i18n::{self, Language};
use skipscope::app::{Part, View};
use skipscope::session::{EngineKind, Event, Phase, Picture, Probe, Seen, SlicePhase};
use std::sync::Arc;

fn diverged() -> Demo {
    let mut demo = Demo::running("resnet20", 60);
    demo.snapshot.phase = Phase::Diverged;
    let what = "loss is NaN, first in layer3.1.conv2".into();
    demo.app.on_event(&Event::Diverged { step: 59, what });
    demo
}

/// The network's skeleton, while its kernels are compiled.
fn compiling() -> Demo {
    let mut demo = Demo::fresh();
    demo.snapshot.phase = Phase::Compiling;
    demo.snapshot.compiling = Some((12, 40));
    demo.snapshot.adapter = "llvmpipe".into();
    demo.snapshot.data = Some(data());
    demo
}

#[test]
fn parts() {
    let mut results = SnapshotResults::new();
    for (part, name, width, height) in [
        (Part::Transport, "transport", 1280.0, 72.0),
        (Part::Setup, "setup", 264.0, 900.0),
        (Part::Charts, "charts", 900.0, 320.0),
    ] {
        compare(&mut results, name, Demo::running("resnet18", 1200).part(part, width, height, Dark));
    }
    compare(&mut results, "compiling", compiling().part(Part::Notices, 900.0, 48.0, Light));
    compare(&mut results, "diverged", diverged().part(Part::Notices, 900.0, 64.0, Light));
}

/// The window after `steps` of `name`, with `block` selected.
fn with_block(name: &str, steps: u64, block: usize) -> Demo {
    let mut demo = Demo::running(name, steps);
    demo.app.selection.block = Some(block);
    demo
}

#[test]
fn microscope() {
    let mut results = SnapshotResults::new();
    let at = |stage, channel| Some(Probe { stage, channel, y: 7, x: 11, input_channel: None });
    compare(&mut results, "preview", with_block("resnet18", 1200, 3).part(Part::Preview, 720.0, 344.0, Dark));
    let projected = with_block("resnet18", 60, 2);
    compare(&mut results, "preview-projection", projected.part(Part::Preview, 720.0, 230.0, Light));
    compare(
        &mut results,
        "preview-phone",
        with_block("plain20", 60, 4).part(Part::Preview, 374.0, 320.0, Dark),
    );

    let mut basic = with_block("resnet18", 1200, 3);
    basic.app.view = View::Microscope;
    basic.app.selection.probe = at(1, 27);
    compare(&mut results, "microscope", basic.window(1440.0, 900.0, Dark));
    let mut bottleneck = with_block("resnet50", 60, 3);
    bottleneck.app.selection.probe = at(8, 27);
    compare(&mut results, "microscope-bottleneck", bottleneck.part(Part::Microscope, 1280.0, 664.0, Light));
    let mut phone = with_block("resnet20", 60, 4).part(Part::Microscope, 390.0, 2600.0, Light);
    phone.get_by_label("Prediction").click();
    phone.run_steps(3);
    compare(&mut results, "microscope-phone", phone);
    let mut batch = with_block("resnet18", 60, 3);
    batch.app.looks.picture = Picture::Batch(10);
    compare(&mut results, "microscope-batch", batch.part(Part::Microscope, 1280.0, 120.0, Dark));
    let mut sheet = with_block("resnet20", 60, 4);
    sheet.app.view = View::Microscope;
    compare(&mut results, "sheet", sheet.window(390.0, 844.0, Dark));
    let plain = with_block("plain20", 60, 4);
    compare(&mut results, "microscope-plain", plain.part(Part::Microscope, 1280.0, 664.0, Dark));
}

/// Full-width text is wider than its translation; nothing may be clipped, and no character is missing.
#[test]
fn chinese() {
    i18n::set_language(Language::Chinese);
    let mut results = SnapshotResults::new();
    let demo = || Demo::running("resnet18", 1200);
    let mut scope = with_block("resnet18", 1200, 2).part(Part::Microscope, 1440.0, 844.0, Dark);
    scope.get_by_label("公式").click();
    scope.run_steps(3);
    compare(&mut results, "microscope-zh", scope);
    let projected = with_block("resnet18", 60, 2).part(Part::Microscope, 390.0, 1500.0, Dark);
    compare(&mut results, "microscope-phone-zh", projected);
    let mut sheet = with_block("resnet18", 1200, 2);
    sheet.app.view = View::Microscope;
    compare(&mut results, "sheet-zh", sheet.window(390.0, 844.0, Dark));
    compare(&mut results, "transport-zh", demo().part(Part::Transport, 1280.0, 72.0, Dark));
    compare(&mut results, "window-zh", demo().window(1280.0, 720.0, Light));
}

#[test]
fn whole_window() {
    let mut results = SnapshotResults::new();
    compare(&mut results, "window-dark", Demo::running("resnet18", 1200).window(1440.0, 900.0, Dark));
    compare(&mut results, "window-light", Demo::running("plain20", 300).window(1440.0, 900.0, Light));
    compare(&mut results, "window-wide", Demo::running("resnet56", 1200).window(2560.0, 1440.0, Dark));
    compare(&mut results, "phone", Demo::running("resnet8", 300).window(390.0, 844.0, Dark));
}

/// The lesson about blocks: begun, its network built, and played on to its reveal if that is wanted.
fn lesson(width: f32, height: f32, theme: egui::Theme, reveal: bool) -> Harness<'static, Demo> {
    let mut demo = Demo::running("resnet8", 300);
    demo.app.open_lesson("block");
    let mut h = demo.window(width, height, theme);
    h.state_mut().app.on_event(&Event::Built(Box::new(app_demo::model("resnet8"))));
    h.run_steps(2);
    if reveal {
        // The prediction, then the experiment's button; the session does what it is asked.
        for press in [Some(0), None] {
            let demo = h.state_mut();
            demo.app.lesson_press(press, &demo.snapshot.clone());
            h.run_steps(2);
        }
        let demo = h.state_mut();
        demo.snapshot.step += 100;
        demo.snapshot.phase = Phase::Idle;
        h.run_steps(30);
    }
    h
}

/// The lesson whose code stands beside the network, with its network built.
fn article() -> Harness<'static, Demo> {
    let mut demo = Demo::running("resnet18", 300);
    demo.app.open_lesson("article");
    let mut h = demo.window(1440.0, 900.0, Dark);
    h.state_mut().app.on_event(&Event::Built(Box::new(app_demo::model("resnet18"))));
    h.run_steps(20);
    h
}

#[test]
fn lines_of_code_show_where_their_layers_are() {
    let mut h = article();
    let ringed = |h: &Harness<'_, Demo>, layer: &str| {
        h.get_by_role_and_label(Role::Image, layer).accesskit_node().toggled() == Some(Toggled::True)
    };
    let both = |h: &Harness<'_, Demo>| [ringed(h, "conv1"), ringed(h, "fc")];
    assert_eq!(both(&h), [false, false]);
    h.get_by_label("fc = Linear(512, 10)").click();
    h.run_steps(3);
    assert_eq!(both(&h), [false, true]);
    // What the pointer is on comes before what was pressed.
    h.get_by_label("conv1 = Conv2d(3, 64, 3, padding=1)").hover();
    h.run_steps(3);
    assert_eq!(both(&h), [true, false]);
    let line = |of: &str| format!("          Block({of})]");
    h.get_by_label(&line("128, 128")).click();
    h.run_steps(3);
    assert_eq!((both(&h), h.state().app.selection.block), ([false, false], Some(3)));
    h.get_by_label("conv1 = Conv2d(3, 64, 3, padding=1)").click();
    h.run_steps(3);
    // Nothing is left of it when the lesson is.
    h.state_mut().app.lessons.open = false;
    h.run_steps(3);
    assert_eq!(both(&h), [false, false]);
}

#[test]
fn lessons() {
    let mut results = SnapshotResults::new();
    let mut list = Demo::running("resnet18", 300);
    list.app.lessons.open = true;
    compare(&mut results, "lesson-list", list.window(1280.0, 720.0, Dark));
    compare(&mut results, "lesson", lesson(1440.0, 900.0, Dark, false));
    compare(&mut results, "lesson-phone", lesson(390.0, 844.0, Dark, false));
    let mut class = lesson(1440.0, 900.0, Dark, true);
    let line = |answers: &str| format!("{{\"lesson\":\"block\",\"answers\":{answers}}}\n");
    class.state_mut().app.lessons.teacher = Some(line("[1,0,1]") + &line("[0,0,1]") + &line("[1,2,null]"));
    class.run_steps(8);
    compare(&mut results, "lesson-class", class);
    let mut article = article();
    article.get_by_label("fc = Linear(512, 10)").click();
    article.run_steps(3);
    compare(&mut results, "lesson-article", article);
    i18n::set_language(Language::Chinese);
    compare(&mut results, "lesson-zh", lesson(1440.0, 900.0, Light, true));
}

/// A run of `name` with a block chosen.
fn choosing(name: &str, steps: u64, block: usize) -> Demo {
    let mut demo = Demo::running(name, steps);
    demo.app.selection.block = Some(block);
    demo
}

/// After some looks at the same picture, each a little surer.
fn watched<'a>(mut harness: Harness<'a, Demo>) -> Harness<'a, Demo> {
    for look in 0..40_u64 {
        let seen = harness.state().snapshot.seen.as_deref().cloned().expect("made up");
        let mut seen = Seen { number: look + 2, step: look * 30, ..seen };
        let p = 0.86 - 0.7 * (-(look as f32) / 12.0).exp() + 0.05 * (look as f32 * 1.7).sin();
        seen.probabilities[4] = p;
        seen.probabilities[5] = 0.93 - p;
        harness.state_mut().snapshot.seen = Some(Arc::new(seen));
        harness.run_steps(1);
    }
    harness
}

/// Coloured by something else, as a reader would choose it.
fn coloured<'a>(mut harness: Harness<'a, Demo>, by: &str) -> Harness<'a, Demo> {
    harness.get_by_label("Colour by: gradient norm").click();
    harness.run_steps(3);
    harness.get_by_label(by).click();
    harness.run_steps(4);
    harness
}

#[test]
fn the_map() {
    let mut results = SnapshotResults::new();
    let map = |demo: Demo, theme| demo.part(Part::Network, 1176.0, 500.0, theme);
    compare(&mut results, "network", watched(map(choosing("resnet18", 1200, 3), Dark)));
    compare(&mut results, "network-light", map(Demo::running("plain20", 300), Light));
    compare(&mut results, "network-deep", map(choosing("resnet110", 120, 4), Dark));
    compare(
        &mut results,
        "network-std",
        coloured(map(Demo::running("resnet34", 400), Dark), "activation std"),
    );
    let stepping = Demo::stepping("resnet18", SlicePhase::Forward, 3);
    compare(&mut results, "network-forward", map(stepping, Dark));
    let stepping = Demo::stepping("resnet18", SlicePhase::Backward, 5);
    compare(&mut results, "network-backward", map(stepping, Light));
    compare(&mut results, "skeleton", map(compiling(), Light));
    let phone = choosing("resnet18", 300, 3).part(Part::Network, 374.0, 600.0, Dark);
    compare(&mut results, "network-phone", phone);
}

/// Without room the controls are a rail, and each group opens over the picture.
#[test]
fn small_window() {
    let mut results = SnapshotResults::new();
    compare(&mut results, "window-small", Demo::running("resnet18", 1200).window(1280.0, 720.0, Dark));
    let mut open = Demo::running("resnet18", 1200).window(1280.0, 720.0, Light);
    open.get_by_label("Recipe").click();
    open.run_steps(4);
    compare(&mut results, "drawer", open);
}

/// A locked scale whose measure has outgrown it.
#[test]
fn locked_scale() {
    let mut results = SnapshotResults::new();
    let mut h = Demo::running("resnet20", 60).part(Part::Network, 1180.0, 560.0, Dark);
    h.get_by_label("Lock the scale: gradient norm").click();
    h.run_steps(3);
    let mut last = h.state().snapshot.last.clone().expect("trained");
    last.step += 1;
    last.grad_norm.iter_mut().step_by(3).for_each(|n| *n *= 300.0);
    h.state_mut().app.on_event(&Event::Step(Box::new(last.clone())));
    h.state_mut().snapshot.last = Some(last);
    h.hover_at(egui::pos2(1.0, 1.0));
    h.run_steps(3);
    compare(&mut results, "network-locked", h);
}

/// For a projector.
#[test]
fn presentation() {
    let mut results = SnapshotResults::new();
    let mut demo = Demo::running("resnet18", 1200);
    demo.app.presentation = true;
    compare(&mut results, "presentation", demo.window(1440.0, 900.0, Light));
}

#[test]
fn over_the_window() {
    let mut results = SnapshotResults::new();
    let mut help = Demo::running("resnet18", 60).window(1440.0, 900.0, Dark);
    help.key_press(Key::D);
    help.key_press(Key::Questionmark);
    help.run_steps(4);
    compare(&mut results, "help", help);
    let mut album = Demo::running("resnet18", 60).window(1440.0, 900.0, Light);
    album.get_by_label_contains("10 classes").click();
    album.run_steps(8);
    compare(&mut results, "album", album);
}

/// A network of one's own that is too large, and says so before it is built.
#[test]
fn custom() {
    let mut results = SnapshotResults::new();
    let mut demo = Demo::running("resnet18", 60);
    let mut spec = demo.app.form.spec.clone();
    spec.blocks = vec![3, 8, 36, 3];
    spec.width = 128;
    demo.app.form.set_spec(spec);
    demo.app.form.recipe.batch = 512;
    compare(&mut results, "custom", demo.part(Part::Setup, 264.0, 900.0, Dark));
}

/// The article's resizing, and what it costs before it is built.
#[test]
fn resized() {
    let mut results = SnapshotResults::new();
    let demo = || {
        let mut demo = Demo::running("resnet18", 1200);
        demo.app.form.recipe.batch = 8;
        demo
    };
    let mut setup = demo().part(Part::Setup, 264.0, 1100.0, Dark);
    setup.get_by_label("resize to 224").click();
    setup.run_steps(3);
    compare(&mut results, "resized", setup);
    i18n::set_language(Language::Chinese);
    let mut setup = demo().part(Part::Setup, 264.0, 1100.0, Light);
    setup.get_by_label("放大到 224").click();
    setup.run_steps(3);
    compare(&mut results, "resized-zh", setup);
}

/// The charts' panel with one of its tabs chosen, after some steps were seen.
fn tab<'a>(mut demo: Demo, key: Key, width: f32, height: f32, theme: egui::Theme) -> Harness<'a, Demo> {
    demo.snapshot.images_per_s = None;
    let mut harness = demo.part(Part::Charts, width, height, theme);
    for step in 0..40_u64 {
        let snapshot = &mut harness.state_mut().snapshot;
        let rate = 1800.0 + 60.0 * (step as f32 * 0.9).sin();
        snapshot.images_per_s = Some(rate);
        if let Some(last) = &mut snapshot.last {
            last.step = step * 30;
        }
        harness.run_steps(1);
    }
    harness.key_press(key);
    harness.run_steps(4);
    harness
}

#[test]
fn charts() {
    let mut results = SnapshotResults::new();
    let demo = || Demo::running("resnet18", 1200);
    let roomy = |key, theme| tab(demo(), key, 444.0, 346.0, theme);
    compare(&mut results, "charts-loss", roomy(Key::Num1, Dark));
    compare(&mut results, "charts-accuracy", roomy(Key::Num2, Light));
    compare(&mut results, "charts-rates", roomy(Key::Num3, Dark));
    // A box as it is drawn, and what it then shows: nothing lies beyond the axes.
    for (name, theme, ends) in [("charts-box", Light, false), ("charts-zoomed", Dark, true)] {
        let mut zoomed = tab(demo(), Key::Num1, 900.0, 400.0, theme);
        let frame = zoomed.get_by_label_contains("Chart: Loss, ").rect();
        zoomed.drag_at(frame.lerp_inside(egui::vec2(0.3, 0.35)));
        zoomed.hover_at(frame.lerp_inside(egui::vec2(0.6, 0.8)));
        if ends {
            zoomed.drop_at(frame.lerp_inside(egui::vec2(0.6, 0.8)));
            zoomed.hover_at(egui::pos2(1.0, 1.0));
        }
        zoomed.run_steps(3);
        compare(&mut results, name, zoomed);
    }
    compare(&mut results, "charts-layers", roomy(Key::Num4, Dark));
    let mut weights = roomy(Key::Num4, Light);
    weights.get_by_label("gradient norm").click();
    weights.run_steps(2);
    weights.get_by_label("weight norm").click();
    weights.run_steps(3);
    compare(&mut results, "charts-weights", weights);
    compare(&mut results, "charts-confusion", roomy(Key::Num5, Light));
    compare(
        &mut results,
        "charts-deep",
        tab(Demo::running("resnet110", 200), Key::Num4, 900.0, 400.0, Light),
    );
    compare(&mut results, "charts-confusion-wide", tab(demo(), Key::Num5, 900.0, 500.0, Dark));
    let mut fresh = demo();
    fresh.snapshot.test = None;
    compare(&mut results, "charts-confusion-empty", tab(fresh, Key::Num5, 444.0, 200.0, Dark));
    let mut cell = demo().window(1440.0, 900.0, Dark);
    cell.key_press(Key::Num5);
    cell.run_steps(3);
    cell.get_by_label_contains("star, taken for cross").click();
    cell.run_steps(6);
    compare(&mut results, "charts-pictures", cell);
}

/// Three runs: two that came before, drawn beside the third.
fn three_runs() -> Demo {
    let mut demo = Demo::running("plain20", 900);
    for name in ["resnet20", "resnet18"] {
        demo.go_on(name, 1200);
    }
    demo
}

#[test]
fn runs() {
    let mut results = SnapshotResults::new();
    let mut list = three_runs().part(Part::Setup, 264.0, 1180.0, Light);
    list.run_steps(2);
    compare(&mut results, "runs-list", list);
    compare(&mut results, "runs-window", three_runs().window(1440.0, 1100.0, Dark));
    compare(&mut results, "runs-accuracy", tab(three_runs(), Key::Num2, 900.0, 320.0, Light));
    let mut menu = three_runs().part(Part::Charts, 444.0, 346.0, Dark);
    menu.get_by_label("Export").click();
    menu.run_steps(4);
    compare(&mut results, "charts-export", menu);
}

/// Two lanes of 56 layers, one of them cut on the way.
#[test]
fn race() {
    let mut results = SnapshotResults::new();
    let mut h = app_demo::race::racing().window(1440.0, 900.0, Dark);
    h.get_by_label_contains("ResNet-56 layer2.4:").click();
    h.hover_at(egui::pos2(1.0, 1.0));
    h.run_steps(8);
    compare(&mut results, "race", h);
    let mut h = app_demo::race::racing().window(1280.0, 720.0, Dark);
    h.hover_at(h.get_by_label_contains("ResNet-56 layer2.4:").rect().center());
    h.run_steps(40);
    compare(&mut results, "race-maps", h);
    compare(&mut results, "race-small", app_demo::race::racing().window(1280.0, 720.0, Light));
    let mut before = Demo::running("resnet8", 60);
    before.app.open_link("#view=race&race=resnet20:alpha:300:1:32:0.05", Some("shapes10"));
    compare(&mut results, "race-before", before.window(1280.0, 720.0, Dark));
    compare(&mut results, "race-narrow", app_demo::race::racing().window(900.0, 900.0, Dark));
    compare(&mut results, "race-phone", app_demo::race::racing().window(390.0, 844.0, Dark));
    let mut presented = app_demo::race::racing();
    presented.app.presentation = true;
    compare(&mut results, "race-presented", presented.window(1440.0, 900.0, Light));
    i18n::set_language(Language::Chinese);
    let mut h = app_demo::race::racing().window(1440.0, 900.0, Light);
    h.get_by_label("测试").click();
    h.run_steps(4);
    compare(&mut results, "race-zh", h);
}

/// Where another engine is built in, the recipe offers it; what only the own engine does is greyed out.
#[test]
fn engines() {
    let mut results = SnapshotResults::new();
    let burn = || {
        let mut demo = Demo::running("resnet20", 1200);
        demo.app.offer_engines();
        demo.app.engine = EngineKind::BurnCpu;
        demo.snapshot.engine = EngineKind::BurnCpu;
        demo.snapshot.seen = None;
        demo
    };
    compare(&mut results, "engines", burn().part(Part::Setup, 264.0, 1040.0, Dark));
    let mut map = burn().part(Part::Network, 1176.0, 500.0, Dark);
    map.hover_at(map.get_by_label("Step through").rect().center());
    map.run_steps(20);
    compare(&mut results, "engines-map", map);
}
