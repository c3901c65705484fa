//! Operating on skips in the window: what presses ask for, and how it looks afterwards.

// Each test file uses a part of it.
#[allow(dead_code)]
mod app_demo;

use app_demo::Demo;
use eframe::egui::Theme::{Dark, Light};
use eframe::egui::accesskit::Role;
use eframe::egui::{self, Key};
use egui_kittest::{
    Harness, SnapshotOptions, SnapshotResults,
    kittest::{NodeT, Queryable},
};
use skipscope::app::i18n::{self, Language};
use skipscope::app::{AppState, Form, Part, UiCommand, fonts, theme};
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::model::by_name;
use skipscope::session::{
    Build, Command, DataSource, Event, Moments, Phase, Session, SessionOptions, Snapshot,
};
use skipscope::train::{Change, Init, Recipe, Surgery, Whom};
use std::time::{Duration, Instant};

/// Presses, and returns what was asked for.
fn after(h: &mut Harness<'_, Demo>, press: impl FnOnce(&mut Harness<'_, Demo>)) -> Vec<Command> {
    h.state_mut().asked.clear();
    press(h);
    h.run_steps(3);
    let only = |c| match c {
        UiCommand::Session(command) => Some(command),
        _ => None,
    };
    std::mem::take(&mut h.state_mut().asked).into_iter().filter_map(only).collect()
}

/// Does what a session would, and says so.
fn done(demo: &mut Demo, step: u64, whom: Whom, change: Change, blocks: &[usize], alpha: f32) {
    let n = demo.snapshot.model.as_ref().map_or(0, |m| m.block_names.len());
    demo.snapshot.alphas.resize(n, 1.0);
    for &b in blocks {
        demo.snapshot.alphas[b] = alpha;
        if let Some(last) = demo.snapshot.last.as_mut().filter(|_| alpha == 0.0) {
            last.blocks[b].shortcut = Moments::default();
        }
    }
    let surgery = Surgery { step, whom, change };
    demo.snapshot.surgeries.push(surgery);
    demo.snapshot.can_undo_alpha = true;
    demo.app.on_event(&Event::Operated(surgery));
}

/// A run of ResNet-18 in which layer2.1 was cut and layer3 weakened, with layer2.1 chosen.
fn operated() -> Demo {
    let mut demo = Demo::running("resnet18", 1200);
    demo.app.selection.block = Some(3);
    done(&mut demo, 260, Whom::Block(3), Change::Set(0.0), &[3], 0.0);
    done(&mut demo, 700, Whom::Stage(3), Change::Set(0.5), &[4, 5], 0.5);
    demo
}

const CUT: Command = Command::SetAlpha { whom: Whom::Block(3), alpha: 0.0 };
const REJOIN: Command = Command::RestoreAlpha { whom: Whom::Block(3) };

#[test]
fn a_press_on_an_arc_cuts_and_another_rejoins() {
    let mut h = Demo::running("resnet18", 60).blind();
    h.state_mut().app.selection.block = Some(0);
    assert_eq!(after(&mut h, |h| h.get_by_label("Skip of layer2.1, α = 1.00").click()), [CUT]);
    assert_eq!(h.state().app.selection.block, Some(0), "the card is another thing to press");
    // It shows before the session has done it: a step may take seconds.
    assert_eq!(after(&mut h, |h| h.get_by_label("Skip of layer2.1, α = 0.00").click()), [REJOIN]);
    assert_eq!(after(&mut h, |h| h.get_by_label_contains("layer2.1, skip share").click()), []);
    assert_eq!(h.state().app.selection.block, Some(3));
    // By what the session says, too.
    let mut h = operated().blind();
    assert_eq!(after(&mut h, |h| h.get_by_label("Skip of layer2.1, α = 0.00").click()), [REJOIN]);
}

#[test]
fn the_arc_of_a_folded_stage_cuts_the_stage() {
    let mut h = Demo::running("resnet18", 60).blind();
    h.get_by_label_contains("layer2: 2 blocks").click();
    h.run_steps(20);
    let asked = after(&mut h, |h| h.get_by_label("Skip of layer2, α = 1.00").click());
    assert_eq!(asked, [Command::SetAlpha { whom: Whom::Stage(2), alpha: 0.0 }]);
    // A phone shows two stages a row, each with its own blocks.
    let mut h = Demo::running("resnet18", 60).part(Part::Network, 374.0, 600.0, Dark);
    assert_eq!(after(&mut h, |h| h.get_by_label("Skip of layer2.1, α = 1.00").click()), [CUT]);
}

#[test]
fn nothing_is_cut_where_there_is_no_skip_or_no_network_yet() {
    let plain = Demo::running("plain20", 60).blind();
    assert!(plain.query_by_label_contains("Skip of").is_none());
    let mut demo = Demo::running("resnet18", 60);
    demo.app.selection.block = Some(3);
    demo.snapshot.phase = Phase::Compiling;
    let mut h = demo.blind();
    assert!(h.query_by_label_contains("Skip of").is_none());
    assert_eq!(after(&mut h, |h| h.key_press(Key::X)), []);
}

#[test]
fn keys_cut_rejoin_and_undo() {
    let mut demo = Demo::running("resnet18", 60);
    demo.app.selection.block = Some(3);
    let mut h = demo.blind();
    assert_eq!(after(&mut h, |h| h.key_press(Key::Z)), [], "there is nothing to undo");
    assert_eq!(after(&mut h, |h| h.key_press(Key::X)), [CUT]);
    assert_eq!(after(&mut h, |h| h.key_press(Key::Z)), [Command::UndoAlpha]);
    // A card that has the keyboard is meant before the chosen block.
    let mut h = Demo::running("resnet18", 60).blind();
    h.get_by_label_contains("layer2.1, skip share").focus();
    h.run_steps(2);
    assert_eq!(after(&mut h, |h| h.key_press(Key::X)), [CUT]);
}

/// The card alone.
fn card(demo: Demo) -> Harness<'static, Demo> {
    demo.part(Part::Surgery, 720.0, 300.0, Dark)
}

#[test]
fn the_slider_moves_whoever_is_chosen() {
    let mut h = card(operated());
    let slide = |h: &mut Harness<'_, Demo>, name: &str, to: f64| {
        after(h, |h| h.get_by_role_and_label(Role::Slider, name).set_value_accesskit(to))
    };
    let set = |whom, alpha| [Command::SetAlpha { whom, alpha }];
    assert_eq!(slide(&mut h, "α of network", 0.25), set(Whom::Network, 0.25));
    h.get_by_label("layer2").click();
    h.run_steps(2);
    assert_eq!(slide(&mut h, "α of layer2", -0.5), set(Whom::Stage(2), -0.5));
    h.get_by_label("layer2.1").click();
    h.run_steps(2);
    assert_eq!(slide(&mut h, "α of layer2.1", 1.5), set(Whom::Block(3), 1.5));
}

#[test]
fn the_card_undoes_and_rejoins() {
    let mut h = card(operated());
    assert_eq!(after(&mut h, |h| h.get_by_label("Undo").click()), [Command::UndoAlpha]);
    let all = after(&mut h, |h| h.get_by_label("Rejoin").click());
    assert_eq!(all, [Command::RestoreAlpha { whom: Whom::Network }]);
    let mut whole = card(Demo::running("resnet18", 60));
    assert!(whole.get_by_label("Undo").accesskit_node().is_disabled());
    assert_eq!(after(&mut whole, |h| h.get_by_label("Rejoin").click()), []);
}

#[test]
fn the_card_drops_a_branch_and_puts_it_back() {
    let mut demo = Demo::running("resnet18", 60);
    demo.app.selection.block = Some(3);
    let mut h = card(demo);
    h.get_by_label("layer2.1").click();
    h.run_steps(2);
    let branch = |beta| [Command::SetBranch { whom: Whom::Block(3), beta }];
    assert_eq!(after(&mut h, |h| h.get_by_label("Drop F").click()), branch(0.0));
    // It shows before the session has done it.
    assert_eq!(after(&mut h, |h| h.get_by_label("Put F back").click()), branch(1.0));
    // By what the session says, too; the first press on its flag takes it back.
    let mut demo = Demo::running("resnet18", 1200);
    demo.snapshot.betas = vec![1.0; 8];
    demo.snapshot.betas[3] = 0.0;
    done(&mut demo, 260, Whom::Block(3), Change::Branch(0.0), &[], 0.0);
    let mut h = demo.part(Part::Charts, 720.0, 346.0, Dark);
    let back = after(&mut h, |h| h.get_by_label("layer2.1 F dropped · 260").click());
    assert_eq!(back, [Command::UndoAlpha]);
}

#[test]
fn the_card_swaps_and_scrambles_the_chosen_block() {
    let mut demo = Demo::running("resnet20", 60);
    demo.app.selection.block = Some(1);
    let mut h = card(demo);
    assert!(h.get_by_label("Scramble").accesskit_node().is_disabled(), "a network is not scrambled");
    h.get_by_label("layer1.1").click();
    h.run_steps(2);
    assert_eq!(after(&mut h, |h| h.get_by_label("Scramble").click()), [Command::ScrambleBlock { block: 1 }]);
    h.get_by_label("Swap with …").click();
    h.run_steps(4);
    let swap = after(&mut h, |h| h.get_by_label("layer1.2").click());
    assert_eq!(swap, [Command::SwapBlocks { block: 1, with: 2 }]);
    // The first of a later stage changes the shape: it stays where it is.
    let mut demo = Demo::running("resnet20", 60);
    demo.app.selection.block = Some(3);
    let mut h = card(demo);
    h.get_by_label("layer2.0").click();
    h.run_steps(2);
    assert!(h.get_by_label("Swap with …").accesskit_node().is_disabled());
}

#[test]
fn training_on_after_a_lesion_is_another_run() {
    let mut demo = Demo::running("resnet18", 60);
    done(&mut demo, 60, Whom::Block(3), Change::Branch(0.0), &[], 0.0);
    let mut h = demo.blind();
    let before = h.state().app.earlier_runs().len();
    h.state_mut().app.on_event(&Event::Parted { step: 60 });
    h.run_steps(2);
    let runs = h.state().app.earlier_runs();
    assert_eq!((runs.len(), runs.last().map(|r| r.steps)), (before + 1, Some(60)));
    assert!(h.query_by_label_contains("Trained on after a lesion").is_some());
}

#[test]
fn a_flag_takes_its_operation_back() {
    let mut h = operated().part(Part::Charts, 720.0, 346.0, Dark);
    let last = after(&mut h, |h| h.get_by_label("layer3 α = 0.50 · 700").click());
    assert_eq!(last, [Command::UndoAlpha]);
    let earlier = |key: Key| {
        let mut h = operated().part(Part::Charts, 720.0, 346.0, Dark);
        h.key_press(key);
        h.run_steps(2);
        after(&mut h, |h| h.get_by_label("layer2.1 cut · 260").click())
    };
    // Loss, accuracy, layers.
    for key in [Key::Num1, Key::Num2, Key::Num4] {
        assert_eq!(earlier(key), [REJOIN], "{key:?}");
    }
    let mut map = operated().part(Part::Network, 1176.0, 500.0, Dark);
    assert_eq!(after(&mut map, |h| h.get_by_label("layer3 α = 0.50 · 700").click()), [Command::UndoAlpha]);
}

#[test]
fn flags_of_a_run_that_is_over_take_nothing_back() {
    let mut demo = operated();
    demo.app.selection.block = None;
    let mut h = demo.part(Part::Charts, 720.0, 346.0, Dark);
    // Restarted: the curves stay until the first step, the operations are no longer the network's.
    let snapshot = &mut h.state_mut().snapshot;
    (snapshot.step, snapshot.can_undo_alpha) = (0, false);
    snapshot.surgeries.clear();
    snapshot.alphas.clear();
    h.run_steps(2);
    assert_eq!(after(&mut h, |h| h.get_by_label("layer2.1 cut · 260").click()), []);
}

#[test]
fn a_run_says_what_was_done_to_it() {
    let mut h = operated().part(Part::Charts, 720.0, 346.0, Dark);
    h.get_by_label("Export").click();
    h.run_steps(3);
    h.get_by_label("This run as a file").click();
    h.run_steps(3);
    let saved = h.state().asked.iter().find_map(|c| match c {
        UiCommand::SaveFile { bytes, .. } => Some(bytes.clone()),
        _ => None,
    });
    let file: serde_json::Value = serde_json::from_slice(&saved.expect("a file")).expect("JSON");
    let operations: Vec<Surgery> =
        serde_json::from_value(file["run"]["history"]["operations"].clone()).expect("operations");
    assert_eq!(operations, h.state().snapshot.surgeries);
}

#[test]
fn fixup_is_an_initialisation() {
    let mut h = Demo::running("resnet20", 60).blind();
    h.get_by_label("Fixup").click();
    h.run_steps(2);
    assert_eq!(h.state().app.form.recipe.init, Init::Fixup);
    let build = after(&mut h, |h| h.get_by_label("Build ResNet-20").click());
    assert!(matches!(&build[..], [Command::Build(b)] if b.recipe.init == Init::Fixup), "{build:?}");
}

/// A window over a real session on a CPU adapter.
struct Real {
    app: AppState,
    session: Session,
}

impl Real {
    fn frame(&mut self, ui: &mut egui::Ui) {
        self.session.pump();
        for event in self.session.events() {
            self.app.on_event(&event);
        }
        let snapshot = self.session.snapshot();
        for command in self.app.draw(ui, &snapshot) {
            if let UiCommand::Session(command) = command {
                self.session.send(command);
            }
        }
    }
}

/// Draws until `done` says so.
fn until(h: &mut Harness<'_, Real>, done: impl Fn(&Snapshot) -> bool) -> Snapshot {
    let begun = Instant::now();
    loop {
        let snapshot = h.state_mut().session.snapshot();
        if done(&snapshot) {
            return snapshot;
        }
        assert!(begun.elapsed() < Duration::from_secs(180), "nothing happens any more");
        h.step();
    }
}

#[test]
fn a_network_is_operated_on_while_it_trains_and_nothing_is_compiled() {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let mut session =
        Session::new(gpu, SessionOptions { evaluate_epochs: false, ..SessionOptions::default() });
    session.send(Command::LoadData(DataSource::Shapes10 { seed: 1 }));
    let recipe = Recipe { batch: 4, ..Recipe::default() };
    let spec = by_name("resnet8").expect("in the zoo");
    session.send(Command::Build(Box::new(Build { name: "resnet8".into(), spec, recipe })));
    session.send(Command::Run);
    let app = AppState::new(Form::default());
    let mut h = Harness::builder()
        .with_size(egui::vec2(1440.0, 900.0))
        .with_context_setup(|ctx| {
            theme::install(ctx);
            fonts::install_bundled(ctx);
        })
        .build_ui_state(|ui, real: &mut Real| real.frame(ui), Real { app, session });
    // Looks have compiled what they need by then.
    until(&mut h, |s| s.step >= 3 && s.seen.is_some());
    let kernels = h.state().session.gpu().compiled();
    h.get_by_label("Skip of layer2.0, α = 1.00").click();
    let shows = |s: &Snapshot, n: usize| {
        s.surgeries.get(n).is_some_and(|o| s.last.as_ref().is_some_and(|r| r.step >= o.step))
    };
    let cut = until(&mut h, |s| shows(s, 0));
    assert_eq!((cut.surgeries[0].whom, cut.surgeries[0].change), (Whom::Block(1), Change::Set(0.0)));
    assert_eq!(cut.alphas, [1.0, 0.0, 1.0]);
    assert_eq!(cut.last.expect("a step").blocks[1].shortcut.rms(), 0.0);
    h.run_steps(2);
    let flag = format!("layer2.0 cut · {}", cut.surgeries[0].step);
    // Flags move while the run grows: a press may miss one, as anybody's may.
    while h.state_mut().session.snapshot().surgeries.len() < 2 {
        if let Some(flag) = h.query_all_by_label(&flag).next() {
            flag.click();
        }
        h.run_steps(4);
    }
    let undone = until(&mut h, |s| shows(s, 1));
    assert_eq!(undone.alphas, [1.0; 3]);
    assert!(undone.last.expect("a step").blocks[1].shortcut.rms() > 0.0);
    assert_eq!(h.state().session.gpu().compiled(), kernels);
}

/// Rasterisers differ in single pixels along edges, never in whole strokes.
fn compare(results: &mut SnapshotResults, name: &str, mut harness: Harness<'_, Demo>) {
    harness.run_steps(30);
    let options =
        SnapshotOptions::new().output_path("tests/app_snapshots").threshold(2.0).max_failed_pixels(300);
    results.add(harness.try_snapshot_options(name, &options));
}

/// A whole window with the card in front.
fn window(width: f32, height: f32, theme: egui::Theme, tab: &str) -> Harness<'static, Demo> {
    let mut h = operated().window(width, height, theme);
    h.get_by_role_and_label(Role::Tab, tab).click();
    h.run_steps(20);
    h
}

#[test]
fn looks() {
    let mut results = SnapshotResults::new();
    compare(&mut results, "surgery", card(operated()));
    let block = operated().part(Part::Surgery, 374.0, 300.0, Light);
    block.get_by_label("layer2.1").click();
    compare(&mut results, "surgery-narrow", block);
    // A deep network after a lesion, with the list of those to change places with open.
    let mut lesioned = Demo::running("resnet20", 1200);
    lesioned.app.selection.block = Some(1);
    lesioned.snapshot.betas = vec![1.0; 9];
    lesioned.snapshot.betas[5] = 0.0;
    done(&mut lesioned, 260, Whom::Block(1), Change::Swap(2), &[], 0.0);
    done(&mut lesioned, 700, Whom::Block(7), Change::Scramble(1), &[], 0.0);
    done(&mut lesioned, 900, Whom::Block(5), Change::Branch(0.0), &[], 0.0);
    let mut lesioned = lesioned.window(1440.0, 900.0, Dark);
    lesioned.get_by_role_and_label(Role::Tab, "Skip surgery").click();
    lesioned.run_steps(20);
    lesioned.get_by_label("layer1.1").click();
    lesioned.run_steps(2);
    lesioned.get_by_label("Swap with …").click();
    compare(&mut results, "surgery-lesioned", lesioned);
    compare(&mut results, "network-cut", operated().part(Part::Network, 1176.0, 500.0, Dark));
    let told = operated().part(Part::Network, 1176.0, 360.0, Light);
    let arc = told.get_by_label("Skip of layer2.0, α = 1.00").rect();
    told.hover_at(arc.center());
    compare(&mut results, "network-cut-told", told);
    let mut deep = Demo::running("resnet110", 120);
    done(&mut deep, 40, Whom::Stage(1), Change::Set(0.0), &(0..18).collect::<Vec<_>>(), 0.0);
    done(&mut deep, 90, Whom::Block(40), Change::Set(0.0), &[40], 0.0);
    compare(&mut results, "network-cut-deep", deep.part(Part::Network, 1176.0, 500.0, Light));
    compare(&mut results, "charts-cut", operated().part(Part::Charts, 444.0, 346.0, Dark));
    let layers = operated().part(Part::Charts, 720.0, 346.0, Light);
    layers.key_press(Key::Num4);
    compare(&mut results, "charts-cut-layers", layers);
    compare(&mut results, "surgery-window", window(1440.0, 900.0, Dark, "Skip surgery"));
    compare(&mut results, "surgery-small", window(1280.0, 720.0, Light, "Skip surgery"));
    let phone = operated().window(390.0, 844.0, Dark);
    phone.get_by_role_and_label(Role::Slider, "α of network").scroll_to_me();
    compare(&mut results, "surgery-phone", phone);
    let mut demo = operated();
    demo.app.presentation = true;
    compare(&mut results, "surgery-presented", demo.window(1440.0, 900.0, Light));
    i18n::set_language(Language::Chinese);
    compare(&mut results, "surgery-zh", window(1280.0, 720.0, Dark, "捷径手术"));
}
