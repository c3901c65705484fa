//! What experiments have found, as the laboratory shows it: made-up numbers, drawn and pressed without a GPU.

// Each test file uses a part of it.
#[allow(dead_code)]
mod app_demo;

use app_demo::{Demo, found};
use eframe::egui::Theme::{Dark, Light};
use eframe::egui::vec2;
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};
use skipscope::app::i18n::{self, Language};
use skipscope::app::{Part, UiCommand};
use skipscope::session::Command;

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

/// Rasterisers differ in single pixels along edges, never in whole strokes.
fn compare(results: &mut SnapshotResults, name: &str, mut harness: Harness<'_, Demo>) {
    let options =
        SnapshotOptions::new().output_path("tests/app_snapshots").threshold(2.0).max_failed_pixels(300);
    results.add(harness.try_snapshot_options(name, &options));
}

#[test]
fn a_check_says_its_verdict_and_measures_the_slope_of_a_weight_that_is_pressed() {
    let mut h = still(found::trust("resnet8", None));
    h.get_by_label_contains("comparisons, all within tolerance");
    // The first layer is chosen; its weights are a picture.
    let picture = h.get_by_label("Values of conv1.weight").rect();
    h.hover_at(picture.left_top() + vec2(1.0, 1.0));
    h.run_steps(1);
    h.drag_at(picture.left_top() + vec2(1.0, 1.0));
    h.drop_at(picture.left_top() + vec2(1.0, 1.0));
    h.run_steps(2);
    assert!(h.query_all_by_label_contains("−1.324571×10⁻²").count() >= 2);
    h.get_by_label("Measure its slope").click();
    assert_eq!(asked(&mut h), [Command::Slope { parameter: "conv1.weight".into(), index: 0 }]);
    h.get_by_label("Time them").click();
    assert_eq!(asked(&mut h), [Command::Profile]);

    let h = still(found::trust("resnet8", Some("layer2.0.conv1")));
    h.get_by_label_contains("comparisons is off, in layer2.0.conv1");
}

#[test]
fn trust() {
    let mut results = SnapshotResults::new();
    let good = || found::trust("resnet20", None);
    compare(&mut results, "lab-trust", good().window(1440.0, 900.0, Dark));
    let broken = found::trust("resnet20", Some("layer2.0.conv1"));
    compare(&mut results, "lab-trust-broken", broken.part(Part::Lab, 1000.0, 1180.0, Light));
    compare(&mut results, "lab-trust-phone", good().part(Part::Lab, 390.0, 1600.0, Dark));
}

#[test]
fn paths() {
    let mut results = SnapshotResults::new();
    compare(&mut results, "lab-paths", found::paths("resnet20").window(1440.0, 900.0, Dark));
    compare(&mut results, "lab-paths-few", found::paths("resnet8").window(1280.0, 720.0, Light));
    compare(&mut results, "lab-paths-deep", found::paths("resnet110").part(Part::Lab, 1100.0, 760.0, Dark));
}

#[test]
fn landscape() {
    let mut results = SnapshotResults::new();
    compare(&mut results, "lab-landscape", found::landscape(60).window(1440.0, 900.0, Dark));
    let mut run = found::landscape(289).window(1280.0, 720.0, Light);
    run.get_by_label("the run's plane").click();
    run.run_steps(3);
    compare(&mut results, "lab-landscape-run", run);
    let mut relief = found::landscape(289).part(Part::Lab, 1100.0, 700.0, Dark);
    relief.get_by_label("3-D").click();
    relief.run_steps(3);
    compare(&mut results, "lab-landscape-relief", relief);
    let mut relief = found::landscape(289).window(1440.0, 900.0, Dark);
    for choice in ["the run's plane", "3-D", "this network"] {
        relief.get_by_label(choice).click();
        relief.run_steps(3);
    }
    compare(&mut results, "lab-landscape-relief-run", relief);
}

#[test]
fn identity() {
    let mut results = SnapshotResults::new();
    compare(&mut results, "lab-identity", found::identity().window(1440.0, 900.0, Dark));
    compare(&mut results, "lab-identity-small", found::identity().window(1280.0, 720.0, Light));
    compare(&mut results, "lab-identity-phone", found::identity().part(Part::Lab, 390.0, 1300.0, Dark));
}

#[test]
fn chinese() {
    i18n::set_language(Language::Chinese);
    let mut results = SnapshotResults::new();
    compare(
        &mut results,
        "lab-trust-zh",
        found::trust("resnet20", None).part(Part::Lab, 1000.0, 1180.0, Dark),
    );
    compare(&mut results, "lab-paths-zh", found::paths("resnet20").window(1280.0, 720.0, Dark));
    compare(&mut results, "lab-landscape-zh", found::landscape(289).window(1280.0, 720.0, Dark));
    compare(&mut results, "lab-identity-zh", found::identity().window(1280.0, 720.0, Light));
}
