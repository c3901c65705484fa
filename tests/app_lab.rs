//! The laboratory: what its view asks for when it is used, and how it looks, drawn with made-up numbers.

// Each test file uses a part of it.
#[allow(dead_code)]
mod app_demo;

use app_demo::{Demo, asked, before, compare, found, lab, still};
use eframe::egui::Key;
use eframe::egui::Theme::{Dark, Light};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotResults};
use skipscope::app::i18n::{self, Language};
use skipscope::app::{Part, UiCommand, View};
use skipscope::session::{Command, Event, Experiment, LesionKind, LesionSetup};
use std::sync::Arc;

#[test]
fn a_link_sets_up_an_experiment_and_space_starts_and_stops_it() {
    let mut h = before("#view=lab&lab=lesion:swap:200:anew:twin");
    assert_eq!(h.state().app.view, View::Lab);
    h.key_press(Key::Space);
    let setup =
        LesionSetup { kinds: vec![LesionKind::Swap], images: Some(200), reestimate: true, twin: true };
    assert_eq!(asked(&mut h), [Command::Experiment(Box::new(Experiment::Lesion(setup)))]);
    let link = h.state().app.link(&h.state().snapshot);
    assert!(link.contains("view=lab&lab=lesion:swap:200:anew:twin"), "{link}");
    // They are about the network that waits.
    for key in [Key::S, Key::E, Key::M] {
        h.key_press(key);
    }
    assert_eq!((asked(&mut h), h.state().app.view), (vec![], View::Lab));
    h.key_press(Key::A);
    h.run_steps(2);
    assert_eq!(h.state().app.view, View::Network);

    let mut h = still(lab::lesions("resnet20", LesionKind::Drop, Some("plain20")));
    h.key_press(Key::Space);
    assert_eq!(asked(&mut h), [Command::StopExperiment]);
    h.get_by_label("Stop experiment").click();
    assert_eq!(asked(&mut h), [Command::StopExperiment]);
}

#[test]
fn an_experiment_that_was_stopped_goes_on_unless_another_one_is_asked_for() {
    let mut demo = lab::lesions("resnet20", LesionKind::Drop, Some("plain20"));
    let mut view = demo.snapshot.experiment.as_deref().cloned().expect("an experiment");
    (view.under_way, view.resumable) = (false, true);
    demo.snapshot.experiment = Some(Arc::new(view));
    let mut h = still(demo);
    h.key_press(Key::Space);
    assert_eq!(asked(&mut h), [Command::ResumeExperiment]);
    h.get_by_label("Go on").click();
    assert_eq!(asked(&mut h), [Command::ResumeExperiment]);
    h.key_press(Key::R);
    assert!(matches!(asked(&mut h)[..], [Command::Experiment(_)]));
    h.state_mut().app.open_link("#view=lab&lab=lesion:swap:500:kept:twin", Some("shapes10"));
    h.state_mut().app.take_commands();
    h.run_steps(2);
    h.get_by_label("Start experiment");
    h.key_press(Key::Space);
    assert!(matches!(asked(&mut h)[..], [Command::Experiment(_)]));
}

#[test]
fn what_the_session_refuses_is_said_beside_the_controls_and_what_failed_over_the_result() {
    let mut h = before("#view=lab");
    h.key_press(Key::Space);
    h.run_steps(2);
    let why = "the networks together need more GPU memory than is allowed";
    h.state_mut().app.on_event(&Event::Error(why.into()));
    h.run_steps(2);
    h.get_by_label(&format!("▲ {why}"));
    let mut h = still(lab::lesions("resnet20", LesionKind::Drop, None));
    let mut view = h.state().snapshot.experiment.as_deref().cloned().expect("an experiment");
    view.failed = Some("the loss went to infinity".into());
    h.state_mut().snapshot.experiment = Some(Arc::new(view));
    h.run_steps(2);
    h.get_by_label("▲ the loss went to infinity");
}

#[test]
fn a_script_is_told_what_the_window_shows_and_files_hold_it() {
    let demo = lab::lesions("resnet20", LesionKind::Drop, None);
    let said = demo.app.experiment_state(&demo.snapshot).expect("an experiment");
    assert_eq!((&said["under_way"], &said["done"]), (&false.into(), &1000.into()));
    let run = &said["found"]["lesion"][0];
    assert_eq!((&run["name"], run["lesions"].as_array().map(Vec::len)), (&"resnet20".into(), Some(9)));
    let mut h = still(demo);
    for (button, ending) in [("CSV…", ".csv"), ("JSON…", ".json")] {
        h.get_by_label(button).click();
        h.run_steps(3);
        let asked = std::mem::take(&mut h.state_mut().asked);
        let [UiCommand::SaveFile { name, bytes }] = asked.as_slice() else { panic!("{asked:?}") };
        assert!(name.starts_with("skipscope-lesion") && name.ends_with(ending), "{name}");
        let text = String::from_utf8(bytes.clone()).expect("text");
        assert!(text.contains("layer2.0"), "{text}");
        if ending == ".csv" {
            let columns: Vec<usize> = text.lines().map(|l| l.split(',').count()).collect();
            assert_eq!(columns, [11; 11], "{text}");
        }
    }
}

#[test]
fn whoever_watches_is_told_why_training_waits() {
    let mut h = still(lab::lesions("resnet20", LesionKind::Drop, Some("plain20")));
    let words = "Lesions: under way in the Lab (A); training waits";
    assert!(h.query_by_label_contains(words).is_none());
    h.key_press(Key::A);
    h.run_steps(3);
    h.get_by_label_contains(words);
}

#[test]
fn lesions() {
    let mut results = SnapshotResults::new();
    let both = || lab::lesions("resnet20", LesionKind::Drop, Some("plain20"));
    compare(&mut results, "lab-lesion", both().window(1440.0, 900.0, Dark));
    compare(&mut results, "lab-lesion-small", both().window(1280.0, 720.0, Light));
    let deep = lab::lesions("resnet56", LesionKind::Swap, None);
    compare(&mut results, "lab-lesion-part", deep.part(Part::Lab, 1100.0, 520.0, Dark));
    compare(&mut results, "lab-lesion-phone", both().window(390.0, 844.0, Dark));
    let mut presented = both();
    presented.app.presentation = true;
    compare(&mut results, "lab-lesion-presented", presented.window(1440.0, 900.0, Light));
    let mut fresh = Demo::running("resnet20", 60);
    fresh.app.open_link("#m=resnet20&view=lab", Some("shapes10"));
    compare(&mut results, "lab-before", fresh.window(1280.0, 720.0, Dark));
    i18n::set_language(Language::Chinese);
    compare(&mut results, "lab-lesion-zh", both().window(1280.0, 720.0, Dark));
}

#[test]
fn cause_lab() {
    let mut results = SnapshotResults::new();
    let chosen = |done: usize, width: f32, height: f32, theme| {
        let mut h = lab::grid(done).window(width, height, theme);
        h.get_by_label_contains("plain-56 · batch norm · He\n").click();
        h.hover_at(eframe::egui::pos2(1.0, 1.0));
        h.run_steps(4);
        h
    };
    compare(&mut results, "lab-cause", chosen(20, 1440.0, 900.0, Dark));
    compare(&mut results, "lab-cause-small", chosen(13, 1280.0, 720.0, Light));
    compare(&mut results, "lab-cause-part", lab::grid(9).part(Part::Lab, 1000.0, 560.0, Dark));
    compare(&mut results, "lab-cause-phone", chosen(20, 390.0, 1500.0, Dark));
    let mut seeds = lab::seeds().window(1440.0, 900.0, Dark);
    seeds.get_by_label_contains("plain-56 · batch norm · He\n").click();
    seeds.run_steps(4);
    compare(&mut results, "lab-cause-seeds", seeds);
    i18n::set_language(Language::Chinese);
    compare(&mut results, "lab-cause-zh", lab::grid(20).window(1280.0, 720.0, Dark));
}

#[test]
fn a_grid_that_is_over_shows_the_layers_that_say_most_until_others_are_chosen() {
    let mut h = lab::seeds().window(1440.0, 900.0, Dark);
    h.run_steps(2);
    h.get_by_label("Gradient norm plain-56 · batch norm · He");
    // The run that differs in its skips alone is drawn beside it unless that is unwanted.
    h.get_by_label("ResNet-56");
    h.get_by_label_contains("ResNet-20 · no batch norm · He\n").click();
    h.run_steps(2);
    h.get_by_label("Gradient norm ResNet-20 · no batch norm · He");
    assert!(h.query_by_label("plain-20").is_some() && h.query_by_label("ResNet-56").is_none());
    // While runs are still to come nothing is chosen for the reader.
    let part = lab::grid(9).window(1440.0, 900.0, Dark);
    assert!(part.query_by_label_contains("Gradient norm plain").is_none());
}

#[test]
fn a_grid_is_gone_on_with_where_it_was_made_in_the_same_way() {
    let mut demo = lab::grid(9);
    demo.app.form.recipe = skipscope::train::Recipe::default();
    let mut h = still(demo);
    // The made-up one has another batch than the controls: nothing of it is of use.
    let stop = |h: &mut Harness<'_, Demo>| {
        let mut view = h.state().snapshot.experiment.as_deref().cloned().expect("an experiment");
        view.under_way = false;
        h.state_mut().snapshot.experiment = Some(Arc::new(view));
        h.run_steps(2);
        h.state_mut().asked.clear();
    };
    stop(&mut h);
    let setup = |h: &mut Harness<'_, Demo>| {
        h.key_press(Key::Space);
        let mut asked = asked(h);
        let Some(Command::Experiment(experiment)) = asked.pop() else { panic!("{asked:?}") };
        let Experiment::CauseGrid(setup) = *experiment else { panic!("{experiment:?}") };
        setup
    };
    let first = setup(&mut h);
    assert_eq!((first.cells.len(), first.done), (20, None));
    let mut view = h.state().snapshot.experiment.as_deref().cloned().expect("an experiment");
    if let Some(skipscope::session::Found::CauseGrid(grid)) = &mut view.found {
        grid.settings = first.settings;
    }
    h.state_mut().snapshot.experiment = Some(Arc::new(view));
    h.run_steps(2);
    assert_eq!(setup(&mut h).done.map(|d| d.cells.len()), Some(9));
}

/// Presses a button that may lie below the window's edge.
fn press(h: &mut Harness<'_, Demo>, label: &str) {
    h.get_by_label(label).scroll_to_me();
    h.run_steps(3);
    h.get_by_label(label).click();
    h.run_steps(3);
}

#[test]
fn a_saved_grid_is_opened_and_gone_on_with() {
    let mut demo = lab::grid(9);
    demo.app.form.recipe = skipscope::train::Recipe { epochs: 3, ..Default::default() };
    let mut h = still(demo);
    press(&mut h, "JSON…");
    let asked_for = std::mem::take(&mut h.state_mut().asked);
    let [UiCommand::SaveFile { bytes, .. }] = asked_for.as_slice() else { panic!("{asked_for:?}") };
    // Another window, with another recipe.
    let mut h = before("#view=lab&lab=cause");
    press(&mut h, "Open grid…");
    assert!(h.state_mut().asked.drain(..).any(|c| c == UiCommand::OpenGrid));
    h.state_mut().app.open_grid("grid.json", bytes);
    h.run_steps(3);
    h.get_by_label_contains("the opened grid's recipe");
    h.key_press(Key::Space);
    let setup = |asked: Vec<Command>| {
        let [Command::Experiment(experiment)] = asked.as_slice() else { panic!("{asked:?}") };
        let Experiment::CauseGrid(setup) = &**experiment else { panic!("{experiment:?}") };
        (setup.cells.len(), setup.done.as_ref().map(|d| d.cells.len()))
    };
    // The nine there are all of the first networks, which the controls have in full.
    let (all, done) = setup(asked(&mut h));
    assert_eq!((all >= 9, done), (true, Some(9)));
    for hostile in [&b"{"[..], b"{}", b"[1]", br#"{"settings":{"data":"x","at":[]},"cells":[]}"#] {
        h.state_mut().app.open_grid("grid.json", hostile);
        h.run_steps(2);
        let last = h.state().app.toasts().list().last().expect("a word").text.clone();
        assert!(last.contains("grid.json"), "{last}");
    }
}

#[test]
fn a_lane_that_still_runs_has_not_failed_yet() {
    let mut h = still(found::identity());
    let mut view = h.state().snapshot.experiment.as_deref().cloned().expect("an experiment");
    if let Some(skipscope::session::Found::Identity(found)) = &mut view.found {
        found.runs.iter_mut().for_each(|r| r.to_identity = None);
    }
    for (under_way, words) in [(true, "plain: not yet"), (false, "plain: never")] {
        view.under_way = under_way;
        h.state_mut().snapshot.experiment = Some(Arc::new(view.clone()));
        h.run_steps(2);
        h.get_by_label_contains(words);
    }
}

#[test]
fn before_training() {
    let mut results = SnapshotResults::new();
    compare(&mut results, "lab-shatter", found::shatter().window(1440.0, 900.0, Dark));
    compare(&mut results, "lab-shatter-small", found::shatter().window(1280.0, 720.0, Light));
    compare(&mut results, "lab-shatter-phone", found::shatter().window(390.0, 844.0, Dark));
    compare(&mut results, "lab-alpha", found::alpha().window(1440.0, 900.0, Light));
    compare(&mut results, "lab-alpha-phone", found::alpha().part(Part::Lab, 390.0, 900.0, Dark));
    // Those whose controls stand in one column.
    compare(&mut results, "lab-paths-phone", found::paths("resnet20").part(Part::Lab, 390.0, 1700.0, Dark));
    compare(&mut results, "lab-landscape-phone", found::landscape(289).part(Part::Lab, 390.0, 1500.0, Light));
    i18n::set_language(Language::Chinese);
    compare(&mut results, "lab-shatter-zh", found::shatter().window(1280.0, 720.0, Dark));
    compare(&mut results, "lab-alpha-zh", found::alpha().window(1280.0, 720.0, Dark));
}
