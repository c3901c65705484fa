//! The laboratory: what its view asks for when it is used, and how it looks, drawn with made-up numbers.

// Each test file uses a part of it.
#[allow(dead_code)]
mod app_demo;

use app_demo::Demo;
use app_demo::lab;
use eframe::egui::Key;
use eframe::egui::Theme::{Dark, Light};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};
use skipscope::app::i18n::{self, Language};
use skipscope::app::{Part, UiCommand, View};
use skipscope::session::{Command, Event, Experiment, LesionKind, LesionSetup};
use std::sync::Arc;

/// What was asked for since the last call.
fn asked(h: &mut Harness<'_, Demo>) -> Vec<Command> {
    h.run_steps(3);
    let only = |c| if let UiCommand::Session(command) = c { Some(command) } else { None };
    std::mem::take(&mut h.state_mut().asked).into_iter().filter_map(only).collect()
}

fn still(demo: Demo) -> Harness<'static, Demo> {
    let mut h = demo.blind();
    h.state_mut().asked.clear();
    h
}

/// A window with data and nothing measured yet.
fn before(link: &str) -> Harness<'static, Demo> {
    let mut demo = Demo::running("resnet8", 60);
    demo.app.open_link(link, Some("shapes10"));
    still(demo)
}

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

/// Rasterisers differ in single pixels along edges, never in whole strokes.
fn compare(results: &mut SnapshotResults, name: &str, mut harness: Harness<'_, Demo>) {
    let options =
        SnapshotOptions::new().output_path("tests/app_snapshots").threshold(2.0).max_failed_pixels(300);
    results.add(harness.try_snapshot_options(name, &options));
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
    i18n::set_language(Language::Chinese);
    compare(&mut results, "lab-cause-zh", lab::grid(20).window(1280.0, 720.0, Dark));
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
