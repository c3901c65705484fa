//! What the window asks for when it is used: pressed through the accessibility tree, as a screen reader
//! would, without a GPU.

// Each test file uses a part of it.
#[allow(dead_code)]
mod app_demo;

use app_demo::{Demo, data, model};
use eframe::egui::accesskit::{self, Role};
use eframe::egui::{self, Key, Theme, vec2};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};
use skipscope::app::i18n::{self, Language};
use skipscope::app::late_fonts::{FontFile, LateFonts};
use skipscope::app::{Part, Speed, UiCommand, View, fonts, theme};
use skipscope::session::{
    Command, Event, HyperChange, Maps, Phase, Picture, RecordRef, SHEET_MOST, Slice, SlicePhase, SplitName,
};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Presses, and returns what was asked for.
fn after(mut harness: Harness<'_, Demo>, press: impl FnOnce(&mut Harness<'_, Demo>)) -> Vec<Command> {
    harness.state_mut().asked.clear();
    press(&mut harness);
    harness.run_steps(3);
    let only = |c| match c {
        UiCommand::Session(command) => Some(command),
        _ => None,
    };
    std::mem::take(&mut harness.state_mut().asked).into_iter().filter_map(only).collect()
}

fn in_phase(phase: Phase) -> Demo {
    let mut demo = Demo::running("resnet20", 40);
    demo.snapshot.phase = phase;
    demo
}

#[test]
fn the_solid_button_runs_and_pauses() {
    let run = after(in_phase(Phase::Idle).blind(), |h| h.get_by_label("Run").click());
    assert_eq!(run, [Command::Run]);
    let pause = after(in_phase(Phase::Running).blind(), |h| h.get_by_label("Pause").click());
    assert_eq!(pause, [Command::Pause]);
    let again = after(in_phase(Phase::Finished).blind(), |h| h.get_by_label("Run again").click());
    assert_eq!(again, [Command::Stop, Command::Run]);
}

#[test]
fn nothing_runs_before_there_is_a_network() {
    let asked = after(Demo::fresh().blind(), |h| {
        h.get_by_label("Run").click();
        h.key_press(Key::Space);
        h.key_press(Key::S);
        h.key_press(Key::R);
        h.key_press(Key::E);
    });
    assert_eq!(asked, []);
}

#[test]
fn keys_do_what_the_help_says() {
    for (key, command) in [
        (Key::Space, Command::Run),
        (Key::S, Command::Step),
        (Key::R, Command::Stop),
        (Key::E, Command::Evaluate),
    ] {
        assert_eq!(after(in_phase(Phase::Idle).blind(), |h| h.key_press(key)), [command]);
    }
    let restart = after(in_phase(Phase::Running).blind(), |h| h.key_press(Key::R));
    assert_eq!(restart, [Command::Stop, Command::Run]);

    let mut h = in_phase(Phase::Idle).blind();
    h.key_press(Key::T);
    h.run_steps(2);
    assert_eq!(h.state().asked, [UiCommand::Theme(Theme::Light)]);

    h.state_mut().asked.clear();
    h.key_press(Key::L);
    h.run_steps(2);
    assert_eq!(h.state().asked, [UiCommand::Language(Language::Chinese)]);

    h.key_press(Key::Questionmark);
    h.run_steps(2);
    h.get_by_label("How to read the picture");
    h.get_by_label("Close").click();
    h.run_steps(2);
    assert!(h.query_by_label("How to read the picture").is_none());
}

#[test]
fn the_window_speaks_another_language_at_once() {
    let mut h = in_phase(Phase::Idle).blind();
    h.get_by_label("简体中文").click();
    h.run_steps(2);
    assert_eq!(h.state().asked, [UiCommand::Language(Language::Chinese)]);
    i18n::set_language(Language::Chinese);
    h.run_steps(2);
    h.get_by_label("运行");
    h.get_by_label("English").click();
    h.run_steps(2);
    assert_eq!(h.state().asked.last(), Some(&UiCommand::Language(Language::English)));
}

/// As in the page, where Inter alone is there from the start.
#[test]
fn fonts_are_asked_for_when_a_character_needs_them() {
    let slot = Rc::new(RefCell::new(None));
    let (put, inter) = (slot.clone(), include_bytes!("../assets/fonts/Inter-Regular.ttf"));
    let mut demo = in_phase(Phase::Idle);
    let mut pictures = data();
    pictures.name = "麒麟".into();
    demo.snapshot.data = Some(pictures);
    let mut h = Harness::builder()
        .with_size(vec2(1440.0, 900.0))
        .allow_missing_glyphs()
        .with_context_setup(move |ctx| {
            theme::install(ctx);
            fonts::install(ctx, vec![inter.to_vec()]);
            put.replace(Some(LateFonts::install(ctx)));
        })
        .build_ui_state(|ui, demo: &mut Demo| drop(demo.app.draw(ui, &demo.snapshot)), demo);
    let late: Arc<LateFonts> = slot.borrow().clone().expect("set up");
    h.run_steps(4);
    assert_eq!(late.take_wanted(), [FontFile::ChineseRest]);
    let has = |h: &Harness<'_, Demo>, text: &str| {
        h.ctx.fonts_mut(|f| {
            f.has_glyphs(&theme::semibold(14.0), text) && f.has_glyphs(&theme::regular(14.0), text)
        })
    };
    assert!(!has(&h, "麒麟"));
    h.run_steps(2);
    assert_eq!(late.take_wanted(), []);
    late.deliver(&h.ctx, FontFile::ChineseRest, include_bytes!("app_demo/kirin.ttf").to_vec())
        .expect("a font");
    h.run_steps(2);
    assert!(has(&h, "麒麟"));

    i18n::set_language(Language::Chinese);
    h.run_steps(2);
    assert_eq!(late.take_wanted(), [FontFile::ChineseUi]);
    late.deliver(&h.ctx, FontFile::ChineseUi, b"<!doctype html>".to_vec()).expect_err("a page is no font");
    let ui = include_bytes!("../assets/fonts/NotoSansSC-ui.ttf").to_vec();
    late.deliver(&h.ctx, FontFile::ChineseUi, ui).expect("a font");
    h.run_steps(2);
    assert!(has(&h, "暂停学习率，麒麟"));
    assert_eq!(late.take_wanted(), []);
}

#[test]
fn the_learning_rate_changes_what_runs() {
    let asked = after(in_phase(Phase::Running).blind(), |h| {
        h.get_by_role_and_label(Role::Slider, "Learning rate").set_value_accesskit(0.01);
    });
    let [Command::Set(change)] = asked.as_slice() else { panic!("{asked:?}") };
    assert!((change.lr.expect("a rate") - 0.01).abs() < 1e-4);
    assert_eq!(*change, HyperChange { lr: change.lr, ..HyperChange::default() });
}

#[test]
fn the_batch_waits_for_a_build() {
    let mut demo = in_phase(Phase::Idle);
    demo.app.form.recipe.batch = 128;
    let asked = after(demo.blind(), |h| h.get_by_label("Build ResNet-20").click());
    let [Command::Build(build)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((build.name.as_str(), build.recipe.batch), ("resnet20", 128));
    // What is built already cannot be built again.
    assert!(in_phase(Phase::Idle).blind().query_by_label_contains("Build").is_none());
}

#[test]
fn the_plain_twin_is_one_press_away_and_goes_on_running() {
    let mut h = in_phase(Phase::Running).blind();
    h.get_by_label("none").click();
    h.run_steps(2);
    h.get_by_label("Build plain-20").click();
    h.run_steps(2);
    let built = h.state().asked.iter().find_map(|c| match c {
        UiCommand::Session(Command::Build(b)) => Some(b.clone()),
        _ => None,
    });
    assert!(!built.expect("a build").spec.is_residual());
    let asked = after(h, |h| h.state_mut().app.on_event(&Event::Built(Box::new(model("plain20")))));
    assert_eq!(asked, [Command::Run]);
}

#[test]
fn a_network_is_picked_from_the_list() {
    let mut h = in_phase(Phase::Idle).blind();
    h.get_by_role_and_label(Role::ComboBox, "Network").click();
    h.run_steps(3);
    h.get_by_label("ResNet-56").click_accesskit();
    h.run_steps(3);
    assert_eq!(h.state().app.form.name, "resnet56");
    h.get_by_label("Build ResNet-56");
}

#[test]
fn pictures_are_opened_fetched_and_generated() {
    let choose = |what: &str| {
        let mut demo = in_phase(Phase::Idle);
        demo.app.offer("cifar-10-binary.tar.gz");
        let mut h = demo.blind();
        h.get_by_role_and_label(Role::ComboBox, "Data").click();
        h.run_steps(3);
        h.get_by_label(what).click();
        h.run_steps(3);
        h.state().asked.clone()
    };
    assert_eq!(choose("Open archive…"), [UiCommand::OpenArchive]);
    assert_eq!(choose("cifar-10-binary.tar.gz"), [UiCommand::Fetch("cifar-10-binary.tar.gz".into())]);
}

#[test]
fn divergence_offers_ways_out() {
    let diverged = || {
        let mut demo = in_phase(Phase::Diverged);
        let what = "loss is NaN, first in layer3.1.conv2".into();
        demo.app.on_event(&Event::Diverged { step: 39, what });
        demo.blind()
    };
    assert!(diverged().query_by_label_contains("Training stopped at step 39").is_some());
    let asked = after(diverged(), |h| h.get_by_label("Lower the learning rate").click());
    let [Command::Set(change), Command::Stop, Command::Run] = asked.as_slice() else { panic!("{asked:?}") };
    assert!((change.lr.expect("a rate") - 0.00655).abs() < 1e-6);
    let buttons = after(diverged(), |h| h.get_all_by_label("Restart").last().expect("in the banner").click());
    assert_eq!(buttons, [Command::Stop]);
    assert!(diverged().query_by_label_contains("Back to step").is_none());
    // The last moment before: the weights that step 39 began with would go wrong again.
    let mut h = diverged();
    h.state_mut().snapshot.moments = vec![0, 30, 36, 39];
    h.run_steps(2);
    let asked = after(h, |h| h.get_by_label("Back to step 36").click());
    assert_eq!(asked, [Command::LookBack { step: Some(36) }, Command::Branch]);
}

#[test]
fn errors_stay_until_they_are_dismissed() {
    let mut demo = in_phase(Phase::Idle);
    demo.app.on_event(&Event::Error("that is no archive".into()));
    let mut h = demo.blind();
    h.run_steps(60);
    h.get_by_label("that is no archive");
    h.get_by_label("Dismiss").click();
    h.run_steps(2);
    assert!(h.query_by_label("that is no archive").is_none());
}

#[test]
fn a_lost_device_says_so_and_offers_a_new_start() {
    let mut demo = in_phase(Phase::Lost);
    demo.app.on_event(&Event::DeviceLost("driver reset".into()));
    let mut h = demo.blind();
    assert!(h.query_by_label_contains("driver reset").is_some());
    h.get_by_label("Start again").click();
    h.run_steps(2);
    assert_eq!(h.state().asked, [UiCommand::StartAgain]);
}

#[test]
fn a_window_at_rest_does_not_draw() {
    let mut h = in_phase(Phase::Idle).blind();
    // Panics if it keeps asking for another frame.
    h.run();
}

#[test]
fn every_control_has_a_name() {
    let mut demo = in_phase(Phase::Idle);
    demo.app.on_event(&Event::Warning("a warning".into()));
    let h = demo.blind();
    assert_eq!(h.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn a_block_is_chosen_opened_and_left() {
    let mut h = in_phase(Phase::Idle).blind();
    h.get_by_label_contains("layer2.1, skip share").click();
    h.run_steps(2);
    assert_eq!(h.state().app.selection.block, Some(4));
    h.key_press(Key::ArrowRight);
    h.run_steps(2);
    assert_eq!(h.state().app.selection.block, Some(5));
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(h.state().app.view, View::Microscope);

    let mut h = in_phase(Phase::Idle).blind();
    h.state_mut().app.selection.block = Some(0);
    h.key_press(Key::ArrowLeft);
    h.run_steps(2);
    assert_eq!(h.state().app.selection.block, Some(0), "there is none before the first");
    h.key_press(Key::Escape);
    h.run_steps(2);
    assert_eq!(h.state().app.selection.block, None);
}

#[test]
fn the_keyboard_goes_from_card_to_card() {
    let mut h = in_phase(Phase::Idle).blind();
    h.get_by_label_contains("layer1.1, skip share").focus();
    h.run_steps(2);
    h.key_press(Key::ArrowRight);
    h.run_steps(2);
    assert_eq!(h.state().app.selection.block, Some(2));
    assert!(h.get_by_label_contains("layer1.2, skip share").is_focused());
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(h.state().app.view, View::Microscope);
    assert_eq!(h.state().app.selection.block, Some(2));
}

/// With a step more than a click takes: the cards move for a while.
#[test]
fn stages_fold_and_unfold() {
    let mut h = in_phase(Phase::Idle).blind();
    assert!(h.query_by_label_contains("layer2.*.conv1.weight").is_none());
    h.get_by_label_contains("layer2: 3 blocks").click();
    h.run_steps(3);
    h.get_by_label_contains("layer2, 3 blocks folded");
    h.get_by_label_contains("layer2.*.conv1.weight, gradient norm");
    assert!(h.query_by_label_contains("layer2.1, skip share").is_none());
    h.get_by_label_contains("layer2, 3 blocks folded").click();
    h.run_steps(3);
    h.get_by_label_contains("layer2.1, skip share");
    // A deep network is folded until its cards can be told apart; 0 returns to that.
    let mut h = Demo::running("resnet110", 10).blind();
    h.get_by_label_contains("layer3, 18 blocks folded").click();
    h.run_steps(3);
    assert!(h.query_by_label_contains("layer3, 18 blocks folded").is_none());
    h.key_press(Key::Num0);
    h.run_steps(3);
    h.get_by_label_contains("layer3, 18 blocks folded");
}

/// Presses, moves and lets go.
fn drag(h: &mut Harness<'_, Demo>, from: egui::Pos2, to: egui::Pos2) {
    h.drag_at(from);
    h.hover_at(from.lerp(to, 0.5));
    h.hover_at(to);
    h.drop_at(to);
    h.run_steps(3);
}

#[test]
fn a_box_or_the_wheel_zooms_the_charts_and_a_double_click_fits() {
    let span = |h: &Harness<'_, Demo>, chart: &str| -> (f32, f32) {
        let label = h.get_by_label_contains(&format!("Chart: {chart}, ")).accesskit_node().label();
        let label = label.expect("a label").replace(['\u{2009}', ','], "");
        let ends = label.split_once(chart).expect("named").1.split_once(" to ").expect("two ends");
        let number = |s: &str| match s.trim().strip_suffix('k') {
            Some(k) => 1000.0 * k.parse::<f32>().expect("a number"),
            None => s.trim().parse().expect("a number"),
        };
        (number(ends.0), number(ends.1))
    };
    for (tab, chart, linear) in [
        ("Loss", "Loss", false),
        ("Loss", "Loss", true),
        ("Accuracy", "Accuracy", false),
        ("Rates", "Learning rate", false),
    ] {
        let mut h = Demo::running("resnet20", 1000).blind();
        if tab != "Loss" {
            h.get_by_label(tab).click();
            h.run_steps(2);
        } else if linear {
            h.get_by_label("log").click();
            h.run_steps(2);
        }
        let whole = span(&h, chart);
        assert!(h.query_by_label("fit").is_none(), "{chart} follows");
        let rect = h.get_by_label_contains(&format!("Chart: {chart}, ")).rect();
        let at = |x: f32, y: f32| rect.lerp_inside(vec2(x, y));
        drag(&mut h, at(0.25, 0.3), at(0.5, 0.8));
        let part = span(&h, chart);
        let (from, to) = (0.25 * whole.1, 0.5 * whole.1);
        assert!((part.0 - from).abs() < 0.02 * whole.1 && (part.1 - to).abs() < 0.02 * whole.1, "{part:?}");
        // What is trained meanwhile moves nothing.
        h.state_mut().app.history.steps_per_epoch = Some(7.0);
        let last = skipscope::session::StepRecord { step: 4000, loss: 9.0, ..Default::default() };
        h.state_mut().app.on_event(&Event::Step(Box::new(last)));
        h.run_steps(3);
        assert_eq!(span(&h, chart), part, "{chart} stands still");
        h.get_by_label("fit").click();
        h.run_steps(3);
        let grown = span(&h, chart);
        assert!(grown.0 == 0.0 && grown.1 > 4000.0, "{chart} follows again: {grown:?}");
        assert!(h.query_by_label("fit").is_none());

        // As far as the wheel goes: never an empty axis.
        h.hover_at(at(0.1, 0.5));
        for _ in 0..12 {
            h.event(egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Point,
                delta: vec2(0.0, 400.0),
                phase: egui::TouchPhase::Move,
                modifiers: egui::Modifiers::NONE,
                source: egui::MouseWheelSource::Wheel,
            });
            h.run_steps(8);
        }
        let close = span(&h, chart);
        let under = 0.1 * grown.1;
        assert!(close.1 - close.0 >= 9.0 && close.1 - close.0 < 40.0, "{chart}: {close:?}");
        assert!(close.0 - 20.0 < under && under < close.1 + 20.0, "{chart}: {under} in {close:?}");
        // Frames of a test are a quarter of a second apart.
        h.ctx.options_mut(|o| o.input_options.max_double_click_delay = 3.0);
        for _ in 0..2 {
            for pressed in [true, false] {
                h.event(egui::Event::PointerButton {
                    pos: at(0.1, 0.5),
                    button: egui::PointerButton::Primary,
                    pressed,
                    modifiers: egui::Modifiers::NONE,
                });
            }
            h.run_steps(1);
        }
        h.run_steps(3);
        assert_eq!(span(&h, chart), grown, "{chart}: a double click fits");
    }
}

#[test]
fn scales_are_locked_and_unlocked() {
    // The map's: what is measured later has no place on it any more.
    let mut h = in_phase(Phase::Idle).blind();
    let before = h.get_by_label_contains("layer2.1, skip share").rect();
    h.get_by_label("Lock the scale: gradient norm").click();
    h.run_steps(3);
    h.get_by_label("Unlock the scale: gradient norm").click();
    h.run_steps(3);
    h.get_by_label("Lock the scale: gradient norm");
    assert_eq!(h.get_by_label_contains("layer2.1, skip share").rect(), before, "nothing moves");

    // The microscope's is the session's to keep.
    let mut demo = in_phase(Phase::Idle);
    demo.app.selection.block = Some(4);
    demo.app.view = View::Microscope;
    let mut h = demo.blind();
    let locked = |h: &Harness<'_, Demo>| h.state().watch.as_ref().map(|w| w.locked_scale);
    assert_eq!(locked(&h), Some(false));
    h.get_by_label("Lock the scale: Scale of the maps").click();
    h.run_steps(3);
    assert_eq!(locked(&h), Some(true));
    h.get_by_label("Unlock the scale: Scale of the maps").click();
    h.run_steps(3);
    assert_eq!(locked(&h), Some(false));
}

#[test]
fn the_wheel_zooms_and_0_fits() {
    let mut h = Demo::running("resnet56", 10).blind();
    let first = "layer1.0.conv1.weight, gradient norm";
    let at = h.get_by_label_contains("layer1.8, skip share").rect().center();
    let turn = |h: &mut Harness<'_, Demo>| {
        h.hover_at(at);
        h.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, 400.0),
            phase: egui::TouchPhase::Move,
            modifiers: egui::Modifiers::NONE,
            source: egui::MouseWheelSource::Wheel,
        });
        h.run_steps(20);
    };
    let before = h.get_by_label_contains("layer1.8, skip share").rect().width();
    turn(&mut h);
    let card = h.get_by_label_contains("layer1.8, skip share").rect();
    assert!(card.width() > 1.5 * before, "{before} became {}", card.width());
    assert!(card.x_range().contains(at.x), "the card under the pointer stays there");
    assert!(h.query_by_label_contains(first).is_none(), "the axis is clipped to the map's width");
    h.key_press(Key::Num0);
    h.run_steps(2);
    h.get_by_label_contains(first);
}

#[test]
fn a_tap_opens_a_block_on_a_phone() {
    let mut h = Demo::running("resnet18", 10).part(Part::Network, 374.0, 700.0, Theme::Dark);
    h.get_by_label_contains("layer2.1, skip share").click();
    h.run_steps(2);
    assert_eq!((h.state().app.selection.block, h.state().app.view), (Some(3), View::Microscope));
}

#[test]
fn the_watched_picture_is_turned() {
    let index = |h: &Harness<'_, Demo>| match h.state().watch.as_ref().map(|w| w.picture) {
        Some(Picture::Record(r)) => r.index,
        other => panic!("{other:?}"),
    };
    let mut h = in_phase(Phase::Idle).blind();
    h.key_press(Key::CloseBracket);
    h.run_steps(2);
    assert_eq!(index(&h), 1);
    h.get_by_label("Previous image ([)").click();
    h.run_steps(2);
    h.key_press(Key::OpenBracket);
    h.run_steps(2);
    assert_eq!(index(&h), 1999, "before the first stands the last");
}

#[test]
fn the_map_shows_what_is_chosen() {
    let mut h = in_phase(Phase::Idle).blind();
    h.get_by_label("Maps: after ReLU").click();
    h.run_steps(3);
    h.get_by_label("before ReLU").click();
    h.run_steps(3);
    h.get_by_label("own scale").click();
    h.run_steps(2);
    let watch = h.state().watch.clone().expect("something is watched");
    assert_eq!((watch.maps, watch.own_scale), (Maps::Sum, true));
}

#[test]
fn times_are_measured_when_they_are_chosen() {
    let asked = after(in_phase(Phase::Idle).blind(), |h| {
        h.get_by_label("Colour by: gradient norm").click();
        h.run_steps(3);
        h.get_by_label("time").click();
    });
    assert_eq!(asked, [Command::Profile]);
}

#[test]
fn a_step_is_gone_through_layer_by_layer() {
    let first = after(in_phase(Phase::Running).blind(), |h| h.get_by_label("Step through").click());
    assert_eq!(first, [Command::Pause, Command::StepLayer]);
    let idle = after(in_phase(Phase::Idle).blind(), |h| h.key_press(Key::G));
    assert_eq!(idle, [Command::StepLayer]);
    let stepping = || Demo::stepping("resnet20", SlicePhase::Forward, 4).blind();
    stepping().get_by_label_contains("step 1,203 · forward · layer2.1.conv2 · 16×16×32, mean 0.02, std 0.91");
    assert_eq!(after(stepping(), |h| h.key_press(Key::N)), [Command::StepLayer]);
    assert_eq!(after(stepping(), |h| h.get_by_label("Next layer").click()), [Command::StepLayer]);
    assert_eq!(after(stepping(), |h| h.get_by_label("Finish step").click()), [Command::Pause]);
    assert_eq!(after(stepping(), |h| h.key_press(Key::Escape)), [Command::Pause]);
}

#[test]
fn playing_waits_for_each_layer() {
    let mut h = Demo::stepping("resnet20", SlicePhase::Forward, 4).blind();
    h.state_mut().asked.clear();
    h.get_by_label("Play").click();
    // Long enough for several layers, but the first is not done yet.
    h.run_steps(120);
    let layers = |h: &Harness<'_, Demo>| {
        h.state().asked.iter().filter(|c| **c == UiCommand::Session(Command::StepLayer)).count()
    };
    assert_eq!(layers(&h), 1);
    let slice = h.state().snapshot.slice.as_deref().cloned().expect("stepping");
    let next = Slice { at: (slice.at.0 + 1, slice.at.1), ..slice };
    h.state_mut().snapshot.slice = Some(Arc::new(next));
    h.run_steps(5);
    assert_eq!(layers(&h), 2);
    // The step is done: nothing begins the next one.
    h.state_mut().snapshot.slice = None;
    h.run_steps(60);
    assert_eq!(layers(&h), 2);
}

#[test]
fn blocks_and_bars_are_read_out() {
    let h = Demo::running("resnet20", 40).blind();
    assert!(h.query_by_label_contains("layer1.0, skip share 0.").is_some());
    assert!(h.query_by_label_contains("layer3.2.conv2.weight, gradient norm").is_some());
    assert!(h.query_by_label_contains("bn1").is_none());
}

#[test]
fn other_classes_need_another_network() {
    let mut demo = in_phase(Phase::Idle);
    let mut hundred = data();
    hundred.classes = (0..100).map(|i| format!("class {i}")).collect();
    demo.snapshot.data = Some(hundred);
    let asked = after(demo.blind(), |h| h.get_by_label("Build ResNet-20").click());
    let [Command::Build(build)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(build.spec.classes, 100);
}

#[test]
fn a_link_opens_what_another_window_shows() {
    let mut from = in_phase(Phase::Idle);
    from.app.selection.block = Some(5);
    from.app.view = View::Microscope;
    from.app.form.recipe.lr = 0.2;
    let hash = from.app.link(&from.snapshot);
    assert!(hash.starts_with("m=resnet20&") && hash.contains("block=layer2.2&view=microscope"), "{hash}");

    let mut to = Demo::fresh();
    to.app.open_link(&format!("https://example.org/#{hash}"), Some("shapes10"));
    to.app.build_and_run();
    let asked = to.app.take_commands();
    let [UiCommand::Session(Command::Build(build))] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((build.name.as_str(), build.recipe.lr), ("resnet20", 0.2));
    // The block is chosen once the network stands.
    to.app.on_event(&Event::Built(Box::new(model("resnet20"))));
    assert_eq!(to.app.selection.block, Some(5));
    to.snapshot = from.snapshot.clone();
    to.app.form.recipe.lr = 0.2;
    assert_eq!(to.app.link(&to.snapshot), hash);
    assert!(to.app.toasts().list().is_empty());
}

#[test]
fn a_broken_link_is_said_and_other_pictures_are_waited_for() {
    let mut demo = Demo::fresh();
    demo.app.open_link("#m=resnet9000&d=my.tar.gz", Some("shapes10"));
    let told: Vec<_> = demo.app.toasts().list().iter().map(|t| t.text.clone()).collect();
    assert!(told[0].contains("m=resnet9000") && told[1].contains("my.tar.gz"), "{told:?}");
    assert_eq!(demo.app.take_commands(), []);
    demo.app.offer("my.tar.gz");
    assert_eq!(demo.app.take_commands(), [UiCommand::Fetch("my.tar.gz".into())]);
}

#[test]
fn presentation_is_entered_and_left_by_keys() {
    let mut h = in_phase(Phase::Idle).blind();
    assert!(h.query_by_role_and_label(Role::Slider, "Learning rate").is_some());
    h.key_press(Key::P);
    h.run_steps(3);
    assert!(h.state().app.presentation && h.ctx.zoom_factor() > 1.3);
    assert!(h.query_by_role_and_label(Role::Slider, "Learning rate").is_none());
    h.key_press(Key::Escape);
    h.run_steps(3);
    assert!(!h.state().app.presentation && h.ctx.zoom_factor() == 1.0);
}

#[test]
fn steps_come_one_by_one_below_full_speed() {
    let mut h = in_phase(Phase::Idle).blind();
    h.get_by_role_and_label(Role::Slider, "Speed").set_value_accesskit(0.0);
    h.run_steps(2);
    assert!(h.state().app.speed() != Speed::FULL);
    h.state_mut().asked.clear();
    h.get_by_label("Run").click();
    h.run_steps(2);
    // The next one is due two seconds later.
    assert_eq!(h.state().asked, [UiCommand::Session(Command::Step)]);
    h.get_by_label("Pause").click();
    h.run_steps(2);
    assert_eq!(h.state().asked.last(), Some(&UiCommand::Session(Command::Pause)));
    // Back at full speed, Run is Run.
    h.state_mut().asked.clear();
    h.state_mut().app.set_speed(Speed::FULL);
    h.get_by_label("Run").click();
    h.run_steps(2);
    assert_eq!(h.state().asked, [UiCommand::Session(Command::Run)]);
}

#[test]
fn a_well_known_run_is_one_press_away() {
    let asked = after(in_phase(Phase::Idle).blind(), |h| h.get_by_label("Article").click());
    let Some(Command::Build(build)) = asked.first() else { panic!("{asked:?}") };
    assert_eq!((build.name.as_str(), build.recipe.batch, build.recipe.lr), ("resnet18", 64, 0.01));

    let mut demo = in_phase(Phase::Idle);
    demo.app.offer("cifar-10-binary.tar.gz");
    let mut h = demo.blind();
    h.get_by_label("CIFAR-10").click();
    h.run_steps(2);
    assert!(h.state().asked.contains(&UiCommand::Fetch("cifar-10-binary.tar.gz".into())));
}

#[test]
fn pictures_of_each_class_are_asked_for_while_they_are_shown() {
    let mut h = in_phase(Phase::Idle).blind();
    let few = h.state().watch.as_ref().expect("looked").sheet.len();
    assert!(few >= 10, "{few}");
    h.get_by_label_contains("10 classes").click();
    h.run_steps(3);
    let many = h.state().watch.as_ref().expect("looked").sheet.len();
    assert!((50..=SHEET_MOST).contains(&many), "{many}");
    // It comes to rest first.
    h.run_steps(6);
    h.get_by_label("Close").click();
    h.run_steps(6);
    assert!(h.query_by_label("Close").is_none());
    assert_eq!(h.state().watch.as_ref().expect("looked").sheet.len(), few);
}

#[test]
fn keys_choose_what_the_charts_show() {
    let mut h = Demo::running("resnet20", 40).blind();
    for (key, tab) in [
        (Key::Num5, "Confusion"),
        (Key::Num4, "Layers"),
        (Key::Num3, "Rates"),
        (Key::Num2, "Accuracy"),
        (Key::Num1, "Loss"),
    ] {
        h.key_press(key);
        h.run_steps(2);
        let chosen = h.get_by_role_and_label(Role::RadioButton, tab);
        assert_eq!(chosen.accesskit_node().toggled(), Some(accesskit::Toggled::True), "{tab}");
    }
}

#[test]
fn a_cell_opens_its_pictures_and_one_of_them_is_watched() {
    let mut h = Demo::running("resnet20", 40).blind();
    h.key_press(Key::Num5);
    h.run_steps(3);
    h.get_by_label_contains("star, taken for cross").click();
    h.run_steps(4);
    let detail = h.state().snapshot.test.clone().expect("made up");
    let wrong = |i: &u32| detail.labels[*i as usize] == 4 && detail.predicted[*i as usize] == 5;
    let mut expected: Vec<u32> = (0..2000).filter(wrong).collect();
    expected.sort_by(|a, b| detail.losses[*b as usize].total_cmp(&detail.losses[*a as usize]));
    let first = RecordRef { split: SplitName::Test, index: expected[0] };
    let sheet = &h.state().watch.as_ref().expect("watched").sheet;
    assert!(sheet.contains(&first) && sheet.len() <= SHEET_MOST);
    let name = format!("test {}, loss {:.3}", first.index, detail.losses[first.index as usize]);
    h.get_by_label(&name).click();
    h.run_steps(3);
    assert_eq!(h.state().app.looks.picture, Picture::Record(first));
    assert!(h.query_by_label(&name).is_none(), "it is closed again");
}

#[test]
fn an_empty_matrix_offers_to_evaluate() {
    let mut demo = in_phase(Phase::Idle);
    demo.snapshot.test = None;
    let mut h = demo.blind();
    h.key_press(Key::Num5);
    h.run_steps(3);
    h.get_by_label_contains("once the test split was evaluated");
}

#[test]
fn runs_are_hidden_deleted_and_brought_back() {
    let mut demo = Demo::running("plain20", 30);
    demo.go_on("resnet20", 30);
    let mut h = demo.blind();
    let drawn = |h: &Harness<'_, Demo>| {
        h.get_by_role_and_label(Role::CheckBox, "plain-20").accesskit_node().toggled()
    };
    assert_eq!(drawn(&h), Some(accesskit::Toggled::True));
    h.get_by_role_and_label(Role::CheckBox, "plain-20").click_accesskit();
    h.run_steps(2);
    assert_eq!(drawn(&h), Some(accesskit::Toggled::False));
    h.get_by_label("Delete plain-20").click_accesskit();
    h.run_steps(3);
    assert!(h.query_by_role_and_label(Role::CheckBox, "plain-20").is_none());
    h.get_by_label("Undo").click();
    h.run_steps(3);
    assert_eq!(drawn(&h), Some(accesskit::Toggled::False));
}

#[test]
fn a_restart_keeps_the_run_before_it() {
    let mut h = Demo::running("resnet20", 30).blind();
    assert!(h.query_by_label("Delete ResNet-20").is_none());
    h.key_press(Key::R);
    h.run_steps(3);
    h.get_by_label("Delete ResNet-20");
    h.get_by_label_contains("ResNet-20 · 2, test accuracy");
}

#[test]
fn charts_and_runs_leave_as_files_and_come_back() {
    let mut h = Demo::running("resnet20", 400).blind();
    let mut saved = Vec::new();
    for what in ["This chart as CSV", "This run as a file", "The window as PNG", "Open a run…"] {
        h.get_by_label("Export").click();
        h.run_steps(3);
        h.get_by_label(what).click();
        h.run_steps(3);
    }
    for asked in &h.state().asked {
        if let UiCommand::SaveFile { name, bytes } = asked {
            saved.push((name.clone(), bytes.clone()));
        }
    }
    assert!(h.state().asked.contains(&UiCommand::OpenRun));
    assert!(h.state().asked.contains(&UiCommand::Screenshot));
    let [(csv, table), (json, run)] = &saved[..] else { panic!("two files") };
    assert_eq!((csv.as_str(), json.as_str()), ("resnet20-loss.csv", "resnet20.skipscope.json"));
    let lines = String::from_utf8(table.clone()).expect("text").lines().count();
    assert_eq!(lines, 1 + 400 + 1);
    h.state_mut().app.open_run(json, run);
    h.run_steps(3);
    h.get_by_label("Delete ResNet-20");
}

#[test]
fn a_double_click_renames_a_run() {
    let mut h = Demo::running("resnet20", 30).part(Part::Setup, 264.0, 1100.0, Theme::Dark);
    // A frame of the harness takes longer than a reader's double click.
    h.ctx.options_mut(|o| o.input_options.max_double_click_delay = 10.0);
    for _ in 0..2 {
        h.get_by_label_contains("ResNet-20, test accuracy").click();
    }
    h.run_steps(3);
    h.get_by_label("Double-click to change the name").type_text("warm-up ");
    h.run_steps(2);
    h.key_press(Key::Enter);
    h.run_steps(3);
    h.get_by_label("warm-up, test accuracy –");
}

#[test]
fn pictures_are_resized_by_a_switch_that_a_link_carries() {
    let mut h = in_phase(Phase::Idle).part(Part::Setup, 264.0, 1180.0, Theme::Dark);
    let link = |h: &Harness<'_, Demo>| h.state().app.link(&h.state().snapshot);
    assert!(!link(&h).contains("px="));
    h.get_by_label("resize to 224").click();
    h.run_steps(3);
    let form = &h.state().app.form;
    assert_eq!((form.spec.input_size, form.name.as_str()), (224, "resnet20+224"));
    h.get_by_label_contains("49 times the work");
    let hash = link(&h);
    assert!(hash.contains("m=resnet20") && hash.contains("px=224"), "{hash}");
    let mut to = in_phase(Phase::Idle);
    to.app.open_link(&hash, Some("shapes10"));
    assert_eq!(to.app.form.spec, h.state().app.form.spec);
    let built = after(h, |h| h.get_by_label("Build ResNet-20 · 224 px").click());
    assert!(matches!(&built[..], [Command::Build(b)] if b.spec.input_size == 224), "{built:?}");
}

/// What a finger presses is 48 px high and wide; but blocks and their arcs share the map's width, and flags a
/// chart's.
#[test]
fn what_a_phone_offers_is_as_large_as_a_finger() {
    let demo = || Demo::running("resnet20", 40);
    let watch = demo().window(390.0, 844.0, Theme::Dark);
    let opened = demo().window(390.0, 844.0, Theme::Dark);
    opened.get_by_label_contains("layer1.1, skip share").click();
    let mut race = app_demo::race::racing().window(390.0, 844.0, Theme::Dark);
    race.run_steps(2);
    for (place, mut h) in [("watch", watch), ("microscope", opened), ("race", race)] {
        h.run_steps(4);
        let mut small = Vec::new();
        for node in h.root().children_recursive() {
            let inner = node.accesskit_node();
            let Some(rect) = inner.bounding_box() else { continue };
            let pressed = matches!(
                inner.role(),
                Role::Button
                    | Role::CheckBox
                    | Role::RadioButton
                    | Role::ComboBox
                    | Role::Slider
                    | Role::SpinButton
            );
            let drawn = ["Skip of ", ", skip share", ", gradient norm", " cut · "];
            let on_map = inner.label().is_some_and(|l| drawn.iter().any(|part| l.contains(part)));
            if pressed && !on_map && !inner.is_disabled() && rect.width().min(rect.height()) < 47.5 {
                small.push(format!(
                    "{:?} {:?} {:.0} × {:.0}",
                    inner.role(),
                    inner.label(),
                    rect.width(),
                    rect.height()
                ));
            }
        }
        assert!(small.is_empty(), "{place}: {small:#?}");
    }
}

/// On a phone a press on a block opens the microscope as a sheet, and there are three ways out of it.
#[test]
fn the_sheet_on_a_phone_comes_and_goes() {
    let phone = || Demo::running("resnet20", 40).window(390.0, 844.0, Theme::Dark);
    let view = |h: &Harness<'_, Demo>| h.state().app.view;
    let mut h = phone();
    h.get_by_label_contains("layer1.1, skip share").click();
    h.run_steps(4);
    assert_eq!((view(&h), h.state().app.selection.block), (View::Microscope, Some(1)));
    let close = h.get_by_label("Close").rect();
    assert!(close.width() >= 48.0 && close.height() >= 48.0, "{close}");
    h.get_by_label("Close").click();
    h.run_steps(2);
    assert_eq!(view(&h), View::Network);

    let press = |h: &mut Harness<'_, Demo>, to: egui::Pos2, pressed| {
        h.input_mut().events.push(egui::Event::PointerMoved(to));
        let modifiers = egui::Modifiers::NONE;
        let button = egui::PointerButton::Primary;
        h.input_mut().events.push(egui::Event::PointerButton { pos: to, button, pressed, modifiers });
        h.run_steps(1);
    };
    let mut h = phone();
    h.key_press(Key::M);
    h.run_steps(4);
    let handle = h.get_by_label("Close the microscope").rect().center();
    // A little is not enough: it springs back.
    for (far, after) in [(40.0, View::Microscope), (200.0, View::Network)] {
        press(&mut h, handle, true);
        h.input_mut().events.push(egui::Event::PointerMoved(handle + vec2(0.0, far)));
        h.run_steps(1);
        press(&mut h, handle + vec2(0.0, far), false);
        h.run_steps(2);
        assert_eq!(view(&h), after, "{far}");
    }

    let mut h = phone();
    h.key_press(Key::M);
    h.run_steps(4);
    let over = egui::pos2(195.0, handle.y - 40.0);
    press(&mut h, over, true);
    press(&mut h, over, false);
    h.run_steps(2);
    assert_eq!(view(&h), View::Network);
}
