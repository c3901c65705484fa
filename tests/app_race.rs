//! What the race's view asks for when it is used: pressed through the accessibility tree, without a GPU.

// Each test file uses a part of it.
#[allow(dead_code)]
mod app_demo;

use app_demo::race::racing;
use app_demo::{Demo, asked, before, still};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use skipscope::app::View;
use skipscope::session::{Change, Command, Event, RaceView, Whom};
use std::sync::Arc;

/// A window on a race under way.
fn during() -> Harness<'static, Demo> {
    still(racing())
}

fn change(h: &mut Harness<'_, Demo>, by: impl FnOnce(&mut RaceView)) {
    let mut view = h.state().snapshot.race.as_deref().cloned().expect("a race");
    by(&mut view);
    h.state_mut().snapshot.race = Some(Arc::new(view));
    h.run_steps(2);
}

#[test]
fn a_link_sets_up_a_race_and_space_starts_and_stops_it() {
    let mut h = before("#view=race&race=resnet8:skip:12:2:8:0.02");
    assert_eq!(h.state().app.view, View::Race);
    h.key_press(Key::Space);
    let asked_for = asked(&mut h);
    let [Command::Race(setup)] = asked_for.as_slice() else { panic!("{asked_for:?}") };
    let lanes: Vec<_> =
        setup.lanes.iter().map(|l| (l.name.as_str(), l.recipe.steps, l.recipe.batch)).collect();
    assert_eq!(lanes, [("resnet8", Some(12), 8), ("plain8", Some(12), 8)]);
    assert_eq!(setup.seeds, 2);
    let link = h.state().app.link(&h.state().snapshot);
    assert!(link.contains("view=race&race=resnet8:skip:12:2:8:0.02"), "{link}");

    let mut h = during();
    h.key_press(Key::Space);
    assert_eq!(asked(&mut h), [Command::StopRace]);
    h.get_by_label("Pause race").click();
    assert_eq!(asked(&mut h), [Command::StopRace]);
}

#[test]
fn a_link_sets_up_a_narrow_race_and_it_says_so() {
    let mut h = before("#view=race&race=resnet8:skip:12:1:8:0.02::4");
    h.get_by_label_contains("width 4");
    h.key_press(Key::Space);
    let asked_for = asked(&mut h);
    let [Command::Race(setup)] = asked_for.as_slice() else { panic!("{asked_for:?}") };
    let lanes: Vec<_> = setup.lanes.iter().map(|l| (l.name.as_str(), l.spec.width)).collect();
    assert_eq!(lanes, [("resnet8,width=4", 4), ("plain8,width=4", 4)]);
    // Another network is raced with its own width.
    h.get_by_label("ResNet-20 · skips").click();
    h.run_steps(2);
    assert!(h.query_by_label_contains("width 4").is_none());
}

#[test]
fn presets_fill_in_the_controls_and_start_nothing() {
    let mut h = before("#view=race");
    h.get_by_label("ResNet-20 · α").click();
    assert_eq!(asked(&mut h), []);
    for lane in ["ResNet-20 · α 1", "ResNet-20 · α 0.5", "ResNet-20 · α 0"] {
        assert!(h.query_all_by_label(lane).count() > 0, "{lane}");
    }
    h.get_by_label("Start race").click();
    let asked_for = asked(&mut h);
    let [Command::Race(setup)] = asked_for.as_slice() else { panic!("{asked_for:?}") };
    let names: Vec<_> = setup.lanes.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["resnet20,alpha=1", "resnet20,alpha=0.5", "resnet20,alpha=0"]);
}

#[test]
fn what_the_session_refuses_is_said_beside_the_controls() {
    let mut h = before("#view=race");
    h.key_press(Key::Space);
    h.run_steps(2);
    let why = "the networks together need more GPU memory than is allowed";
    h.state_mut().app.on_event(&Event::Error(why.into()));
    h.run_steps(2);
    h.get_by_label(&format!("▲ {why}"));
    // An error that has nothing to do with a race is not the race's.
    let mut h = before("#view=race");
    h.state_mut().app.on_event(&Event::Error(why.into()));
    h.run_steps(2);
    assert!(h.query_by_label(&format!("▲ {why}")).is_none());
}

#[test]
fn keys_belong_to_the_view_that_is_shown() {
    let mut h = before("");
    h.key_press(Key::V);
    h.run_steps(2);
    assert_eq!(h.state().app.view, View::Race);
    // They are about the network that waits.
    for key in [Key::S, Key::E, Key::M, Key::X, Key::Z, Key::Comma, Key::Period] {
        h.key_press(key);
    }
    assert_eq!(asked(&mut h), []);
    assert_eq!(h.state().app.view, View::Race);
    h.key_press(Key::V);
    h.run_steps(2);
    assert_eq!(h.state().app.view, View::Network);
}

#[test]
fn a_chosen_block_its_stage_or_all_are_cut_and_rejoined() {
    let mut h = during();
    let done = |h: &mut Harness<'_, Demo>, label: &str| {
        h.get_by_label(label).click();
        asked(h)
    };
    let operate = |whom, change| vec![Command::OperateLane { lane: 0, whom, change }];
    assert_eq!(done(&mut h, "Cut"), operate(Whom::Network, Change::Set(0.0)));
    h.get_by_label_contains("ResNet-56 layer2.4:").click();
    h.run_steps(2);
    assert_eq!(done(&mut h, "Cut"), operate(Whom::Block(13), Change::Set(0.0)));
    h.get_by_label("layer2").click();
    h.run_steps(2);
    assert_eq!(done(&mut h, "Rejoin"), operate(Whom::Stage(2), Change::Restore));
    assert_eq!(done(&mut h, "Undo"), operate(Whom::Stage(2), Change::Undo));
    // The flag in the plot takes the newest change back.
    h.get_by_label("ResNet-56 layer2.4 cut · 260").click();
    assert_eq!(asked(&mut h), operate(Whom::Block(13), Change::Undo));
    // Once the race is over its networks are gone.
    change(&mut h, |view| view.under_way = false);
    assert_eq!(done(&mut h, "Cut"), []);
}

#[test]
fn an_arc_is_pressed_and_keys_operate_on_the_chosen_block() {
    let mut h = during();
    let operate = |whom, change| vec![Command::OperateLane { lane: 0, whom, change }];
    // Nothing is chosen yet.
    h.key_press(Key::X);
    assert_eq!(asked(&mut h), []);
    for (block, words, change) in [
        (12, "Skip of ResNet-56 layer2.3,", Change::Set(0.0)),
        (13, "Skip of ResNet-56 layer2.4,", Change::Restore),
    ] {
        h.get_by_label_contains(words).click();
        assert_eq!(asked(&mut h), operate(Whom::Block(block), change));
    }
    h.get_by_label_contains("ResNet-56 layer2.3: share").click();
    h.run_steps(2);
    h.key_press(Key::X);
    assert_eq!(asked(&mut h), operate(Whom::Block(12), Change::Set(0.0)));
    h.key_press(Key::Z);
    assert_eq!(asked(&mut h), operate(Whom::Network, Change::Undo));
    change(&mut h, |view| view.under_way = false);
    h.key_press(Key::X);
    h.key_press(Key::Z);
    assert_eq!(asked(&mut h), []);
    assert!(h.query_by_label_contains("Skip of ResNet-56 layer2.3,").is_none(), "its network is gone");
}

/// What was asked for shows after the next step; until then the hand's value does, so that the handle stays under it.
#[test]
fn alpha_is_weighed_by_a_slider_that_rests_at_plain_and_residual() {
    let mut h = during();
    let slider = |h: &Harness<'_, Demo>| h.get_by_role_and_label(Role::Slider, "α").rect();
    let at = |h: &Harness<'_, Demo>, alpha: f32| {
        let rail = slider(h).shrink2(vec2(7.0, 0.0));
        rail.left_center() + vec2(rail.width() * (alpha + 0.5) / 2.0, 0.0)
    };
    let set = |alpha| Command::OperateLane { lane: 0, whom: Whom::Network, change: Change::Set(alpha) };
    for (to, alpha) in [(0.5, 0.5), (0.02, 0.0), (0.985, 1.0)] {
        let (from, to) = (at(&h, 0.7), at(&h, to));
        h.drag_at(from);
        h.run_steps(1);
        h.hover_at(to);
        h.run_steps(1);
        let last = asked(&mut h).pop().expect("asked for");
        let Command::OperateLane { change: Change::Set(a), .. } = last else { panic!("{last:?}") };
        assert!((a - alpha).abs() < 0.02, "{a}");
        if alpha == alpha.round() {
            assert_eq!(last, set(alpha));
        }
        h.drop_at(to);
        h.run_steps(2);
        h.state_mut().asked.clear();
    }
}

#[test]
fn the_headline_says_what_came_out() {
    let mut h = during();
    let headline = |h: &Harness<'_, Demo>, words: &str| {
        assert!(h.query_by_label_contains(words).is_some(), "no '{words}'");
    };
    headline(&h, "After 372 steps: plain-56 1.");
    change(&mut h, |view| {
        for lane in &mut view.outcome.lanes {
            lane.runs.truncate(2);
            for (run, loss) in lane.runs.iter_mut().zip([1.5, 1.25]) {
                run.last_loss = Some(loss);
                run.loss.fill(loss);
            }
        }
        view.outcome.lanes[1].runs[1].diverged = Some((17, "the loss".into()));
    });
    headline(&h, "After 400 steps: plain-56 diverged at step 17, ResNet-56 1.38 (1.25 to 1.50)");
    change(&mut h, |view| {
        view.compiling = Some((12, 40));
        view.outcome.lanes.iter_mut().for_each(|l| l.runs.clear());
    });
    headline(&h, "compiling 12 of 40 kernels");
}

#[test]
fn a_script_is_told_what_the_window_shows() {
    let demo = racing();
    let said = demo.app.race_state(&demo.snapshot).expect("a race");
    assert_eq!((&said["under_way"], &said["differ"]), (&true.into(), &"shortcut".into()));
    let lane = &said["lanes"][0];
    assert_eq!(
        (&lane["name"], &lane["steps"], &lane["alphas"][13]),
        (&"resnet56".into(), &372.into(), &0.0.into())
    );
    assert_eq!(lane["losses"].as_array().map(Vec::len), Some(372));
    assert_eq!(lane["surgeries"][0]["step"], 260);
    assert!(said["headline"].as_str().is_some_and(|h| h.contains("plain56")), "{said}");
    assert!(Demo::fresh().app.race_state(&Demo::fresh().snapshot).is_none());
}
