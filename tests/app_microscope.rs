//! What the microscope and the choice of pictures ask for when they are used, without a GPU.

// Each test file uses a part of it.
#[allow(dead_code)]
mod app_demo;

use app_demo::Demo;
use eframe::egui::accesskit::Role;
use eframe::egui::{self, Key};
use egui_kittest::{Harness, kittest::Queryable};
use skipscope::app::{UiCommand, View};
use skipscope::session::{Command, Phase, Picture, RecordRef, SplitName, Whom};

/// A paused network of nine blocks.
fn paused() -> Demo {
    let mut demo = Demo::running("resnet20", 40);
    demo.snapshot.phase = Phase::Idle;
    demo
}

/// The window under the microscope, on block `block`.
fn under_the_microscope(block: usize) -> Harness<'static, Demo> {
    let mut demo = paused();
    demo.app.selection.block = Some(block);
    let mut h = demo.blind();
    h.key_press(Key::M);
    h.run_steps(4);
    assert_eq!(h.state().app.view, View::Microscope);
    h
}

#[test]
fn keys_open_and_close_the_microscope() {
    let mut h = under_the_microscope(4);
    h.get_by_label("One number, worked out");
    h.key_press(Key::ArrowRight);
    h.run_steps(2);
    assert_eq!(h.state().app.selection.block, Some(5));
    h.key_press(Key::PageUp);
    h.run_steps(2);
    assert_eq!(h.state().app.selection.block, Some(4));
    h.key_press(Key::Escape);
    h.run_steps(2);
    assert_eq!((h.state().app.view, h.state().app.selection.block), (View::Network, Some(4)));
    assert_eq!(h.state().watch.as_ref().and_then(|w| w.probe), None);
    // Enter opens a block that is selected.
    h.key_press(Key::Enter);
    h.run_steps(2);
    assert_eq!(h.state().app.view, View::Microscope);
    // Where nobody has chosen a block, the window has.
    let mut h = paused().blind();
    h.key_press(Key::M);
    h.run_steps(2);
    assert_eq!(h.state().app.view, View::Microscope);
    assert!(h.state().app.selection.block.is_some());
}

#[test]
fn a_map_is_clicked_and_its_pixel_moved() {
    let mut h = under_the_microscope(4);
    let probe = |h: &Harness<'_, Demo>| h.state().app.selection.probe.expect("a number");
    let before = probe(&h);
    assert_eq!(before.stage, 1, "the first convolution is worked out before anything is chosen");
    // The middle of the maps lies between four of them; the middle of the second in the first row is a map.
    let maps = h.get_by_label_contains("bn2 = F(x), 16 of").rect();
    let at = maps.lerp_inside(egui::vec2(0.4, 0.1));
    h.hover_at(at);
    h.run_steps(1);
    h.event(egui::Event::PointerButton {
        pos: at,
        button: egui::PointerButton::Primary,
        pressed: true,
        modifiers: egui::Modifiers::NONE,
    });
    h.run_steps(1);
    h.event(egui::Event::PointerButton {
        pos: at,
        button: egui::PointerButton::Primary,
        pressed: false,
        modifiers: egui::Modifiers::NONE,
    });
    h.run_steps(3);
    let chosen = probe(&h);
    // Stages: x, conv1, bn1, ReLU, conv2, bn2; tiles of the made-up maps are three channels apart.
    assert_eq!((chosen.stage, chosen.channel), (5, 3));
    assert_eq!(h.state().watch.as_ref().and_then(|w| w.probe), Some(chosen));
    h.key_press(Key::ArrowDown);
    h.key_press(Key::ArrowLeft);
    h.run_steps(3);
    let moved = probe(&h);
    assert_eq!((moved.y, moved.x), (chosen.y + 1, chosen.x - 1));
    assert_eq!(h.state().app.selection.block, Some(4), "arrows move the pixel and not the block");
    // A bar chooses the input channel.
    h.get_by_label("What each input channel adds").click();
    h.run_steps(3);
    assert_eq!((probe(&h).y, probe(&h).x), (moved.y, moved.x));
}

#[test]
fn alpha_is_set_for_one_block() {
    let mut h = under_the_microscope(4);
    h.state_mut().asked.clear();
    h.get_by_label("α").set_value_accesskit(0.5);
    h.run_steps(3);
    let half = Command::SetAlpha { whom: Whom::Block(4), alpha: 0.5 };
    assert_eq!(h.state().asked, [UiCommand::Session(half)]);
}

#[test]
fn pictures_are_chosen() {
    let mut h = under_the_microscope(4);
    h.get_by_label("test 3").click();
    h.run_steps(3);
    let record = |split, index| Picture::Record(RecordRef { split, index });
    assert_eq!(h.state().watch.as_ref().map(|w| w.picture), Some(record(SplitName::Test, 3)));
    let choose = |h: &mut Harness<'static, Demo>, what: &str| {
        h.get_by_role_and_label(Role::ComboBox, "Image").click();
        h.run_steps(3);
        h.get_by_label(what).click();
        h.run_steps(3);
    };
    choose(&mut h, "hardest now");
    let losses = h.state().snapshot.test.as_ref().expect("evaluated").losses.clone();
    let hardest = (0..losses.len()).max_by(|a, b| losses[*a].total_cmp(&losses[*b])).expect("some");
    assert_eq!(h.state().app.looks.picture, record(SplitName::Test, hardest as u32));
    choose(&mut h, "last training batch");
    assert_eq!(h.state().app.looks.picture, Picture::Batch(0));
    h.state_mut().asked.clear();
    choose(&mut h, "my own picture");
    assert_eq!(h.state().asked, [UiCommand::OpenPicture]);
    h.get_by_label("Prediction").click();
    h.run_steps(3);
    assert!(h.query_by_label_contains("star: 0.86").is_some());
}

#[test]
fn every_control_of_the_microscope_has_a_name() {
    assert_eq!(under_the_microscope(4).unnamed_widgets(), Vec::<String>::new());
}
