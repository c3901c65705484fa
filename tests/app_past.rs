//! Looking back: what the window asks for and shows, pressed and drawn with made-up numbers, and on a run that trains.

// Each test file uses a part of it.
#[allow(dead_code)]
mod app_demo;

use app_demo::{Demo, asked, compare, lab, still};
use eframe::egui::Theme::{Dark, Light};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, vec2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotResults};
use skipscope::app::i18n::{self, Language};
use skipscope::app::{Part, View};
use skipscope::session::{Command, Evaluation, Event, LesionKind, Phase};
use std::sync::Arc;

/// Step 1203, and moments before it; one of them is looked at if `then` says so.
fn kept(then: Option<u64>) -> Demo {
    let mut demo = Demo::running("resnet20", 1203);
    demo.snapshot.phase = Phase::Idle;
    demo.snapshot.images_per_s = None;
    demo.snapshot.moments =
        [0, 90, 180, 270, 360, 450, 540, 620, 700, 770, 840, 900, 950, 1000, 1040, 1080, 1110, 1140]
            .into_iter()
            .chain((0..6).map(|i| 1150 + 10 * i))
            .collect();
    demo.snapshot.then = then;
    if then.is_some() {
        (demo.snapshot.evaluation, demo.snapshot.test) = (None, None);
    }
    demo
}

fn back(step: u64) -> Command {
    Command::LookBack { step: Some(step) }
}

const NOW: Command = Command::LookBack { step: None };

#[test]
fn what_was_found_about_a_moment_shows_when_one_is_back_there() {
    let mut h = still(lab::lesions("resnet20", LesionKind::Drop, None));
    let about = |h: &Harness<'_, Demo>, steps: &str| {
        h.query_all_by_label_contains(&format!("after {steps} steps")).count() > 0
    };
    assert!(about(&h, "1,200"));
    let mut view = h.state().snapshot.experiment.as_deref().cloned().expect("an experiment");
    view.step = 360;
    h.state_mut().snapshot.then = Some(360);
    h.state_mut().snapshot.experiment = Some(Arc::new(view));
    h.run_steps(2);
    assert!(about(&h, "360"));
    for (then, shown) in [(Some(1200), "1,200"), (Some(360), "360"), (Some(90), "360"), (None, "360")] {
        h.state_mut().snapshot.then = then;
        h.run_steps(2);
        assert!(about(&h, shown), "{then:?}");
    }
    // What came after a branch is another run's.
    h.state_mut().app.on_event(&Event::Branched { step: 360 });
    h.state_mut().snapshot.then = Some(1200);
    h.run_steps(2);
    assert!(about(&h, "360"));
}

#[test]
fn keys_walk_through_moments_and_the_rail_is_dragged() {
    let mut h = still(kept(None));
    h.key_press(Key::Comma);
    assert_eq!(asked(&mut h), [back(1200)]);
    // The session has not answered yet: what was asked for counts.
    h.key_press(Key::Comma);
    assert_eq!(asked(&mut h), [back(1190)]);
    h.get_by_label_contains("Then: step 1,190 (now: 1,203)");
    h.state_mut().snapshot.then = Some(1200);
    h.state_mut().app.on_event(&Event::LookedBack { step: Some(1200) });
    h.run_steps(2);
    h.get_by_label_contains("Then: step 1,190 (now: 1,203)");
    h.state_mut().snapshot.then = Some(1190);
    h.state_mut().app.on_event(&Event::LookedBack { step: Some(1190) });
    h.key_press(Key::Period);
    assert_eq!(asked(&mut h), [back(1200)]);
    h.key_press(Key::Period);
    assert_eq!(asked(&mut h), [NOW]);
    h.key_press(Key::Period);
    assert_eq!(asked(&mut h), []);

    let rail = h.get_by_role_and_label(Role::Slider, "Time").rect();
    h.drag_at(rail.left_center() + vec2(rail.width() * 0.301, 0.0));
    let mut moved = asked(&mut h);
    assert_eq!(moved.pop(), Some(back(360)));
    h.hover_at(rail.left_center());
    assert_eq!(asked(&mut h), [back(0)]);
    h.drop_at(rail.right_center());
    assert_eq!(asked(&mut h).pop(), Some(NOW));
}

#[test]
fn from_a_moment_one_goes_back_or_branches() {
    let mut h = still(kept(Some(360)));
    h.get_by_label("Back to now").click();
    assert_eq!(asked(&mut h), [NOW]);
    let mut h = still(kept(Some(360)));
    h.get_by_label("Branch from here").click();
    assert_eq!(asked(&mut h), [Command::Branch]);
    // The curves so far stay to be compared with, and the new run has its own up to there.
    h.state_mut().app.on_event(&Event::Branched { step: 360 });
    assert_eq!(h.state().app.history.loss.last_step(), Some(359));
    let earlier = h.state().app.earlier_runs();
    assert_eq!(earlier.iter().map(|r| r.steps).collect::<Vec<_>>(), [1203]);
    // Nothing of a past that is not kept can be asked for.
    let mut demo = kept(None);
    demo.snapshot.moments.clear();
    let mut h = still(demo);
    h.key_press(Key::Comma);
    assert_eq!(asked(&mut h), []);
}

#[test]
fn the_test_split_of_a_moment_is_gone_through_when_its_confusions_are_looked_at() {
    let mut h = still(kept(Some(360)));
    assert_eq!(asked(&mut h), []);
    h.key_press(Key::Num5);
    assert_eq!(asked(&mut h), [Command::Evaluate]);
    assert_eq!(asked(&mut h), [], "once");
    let tested = Evaluation { step: 360, accuracy: 0.5, loss: 1.5, images: 2000 };
    h.state_mut().app.on_event(&Event::EvaluatedThen(tested));
    let steps: Vec<u64> = h.state().app.history.evaluations.iter().map(|e| e.step).collect();
    assert_eq!(steps, [360, 391, 782, 1173]);
}

#[test]
fn looks() {
    let mut results = SnapshotResults::new();
    compare(&mut results, "past-now", kept(None).part(Part::Charts, 444.0, 346.0, Dark));
    compare(&mut results, "past-then", kept(Some(360)).window(1440.0, 900.0, Dark));
    compare(&mut results, "past-small", kept(Some(840)).window(1280.0, 720.0, Light));
    let mut scope = kept(Some(360));
    scope.app.view = View::Microscope;
    scope.app.selection.block = Some(4);
    let mut scope = scope.window(1280.0, 1400.0, Dark);
    let mut seen = scope.state().snapshot.seen.as_deref().cloned().expect("something is seen");
    seen.now = seen.close.as_ref().and_then(|c| c.worked.as_ref()).map(|w| w.tile);
    scope.state_mut().snapshot.seen = Some(Arc::new(seen));
    scope.run_steps(4);
    scope.get_by_label_contains("· now");
    compare(&mut results, "past-microscope", scope);
    let phone = kept(Some(360)).window(390.0, 844.0, Light);
    phone.get_by_role_and_label(Role::Slider, "Time").scroll_to_me();
    let mut phone = phone;
    phone.run_steps(6);
    compare(&mut results, "past-phone", phone);
    let mut presented = kept(Some(360));
    presented.app.presentation = true;
    compare(&mut results, "past-presented", presented.window(1440.0, 900.0, Light));
    let mut lesions = lab::lesions("resnet20", LesionKind::Drop, None);
    lesions.snapshot.then = Some(60);
    compare(&mut results, "past-lab", lesions.window(1280.0, 720.0, Dark));
    i18n::set_language(Language::Chinese);
    compare(&mut results, "past-zh", kept(Some(840)).window(1280.0, 720.0, Dark));
}
