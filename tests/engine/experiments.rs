//! Experiments through the session, on a network that trains in milliseconds.

use crate::harness::gpu;
use skipscope::data::synthetic;
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::model::{ModelSpec, by_name};
use skipscope::session::{
    Activity, AlphaSetup, Build, Command, DataSource, Event, Experiment, ExperimentView, Found, HyperChange,
    IdentitySetup, LandscapeSetup, PathsSetup, Session, SessionOptions, ShatterSetup, Statistics, Whom,
};
use skipscope::train::Recipe;
use std::sync::Arc;

fn settle(session: &mut Session) -> Vec<Event> {
    let mut events = Vec::new();
    let begin = std::time::Instant::now();
    while session.pump() == Activity::Busy {
        assert!(begin.elapsed().as_secs() < 240, "the session does not come to rest: {:?}", session.phase());
        session.gpu().wait();
        events.extend(session.events());
    }
    events.extend(session.events());
    events
}

/// A session whose network has done three steps.
fn trained() -> Session {
    // One device at a time compiles kernels.
    let _ = gpu();
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let mut s = Session::new(gpu, SessionOptions { slice_seconds: 0.1, ..SessionOptions::default() });
    let spec = ModelSpec { width: 4, ..by_name("resnet8").expect("in the zoo") };
    let recipe = Recipe { batch: 8, steps: Some(6), lr: 0.02, ..Recipe::default() };
    let data = synthetic::shapes10_sized(7, 48, 16);
    s.send(Command::LoadData(DataSource::Dataset(Box::new(data))));
    s.send(Command::Build(Box::new(Build { name: "resnet8".into(), spec, recipe })));
    (0..3).for_each(|_| s.send(Command::Step));
    settle(&mut s);
    s
}

/// Does `experiment` to its end.
fn done(s: &mut Session, experiment: Experiment) -> Arc<ExperimentView> {
    s.send(Command::Experiment(Box::new(experiment)));
    let events = settle(s);
    assert!(events.contains(&Event::ExperimentFinished), "{events:?}");
    let view = s.snapshot().experiment.expect("an experiment");
    assert!(!view.under_way && view.failed.is_none() && view.progress.is_done(), "{view:?}");
    view
}

fn errors(events: &[Event]) -> Vec<&String> {
    events.iter().filter_map(|e| if let Event::Error(m) = e { Some(m) } else { None }).collect()
}

#[test]
fn a_check_passes_and_is_asked_for_slopes_afterwards() {
    let mut s = trained();
    s.send(Command::Slope { parameter: "fc.bias".into(), index: 0 });
    assert!(errors(&settle(&mut s))[0].contains("start one first"));
    let view = done(&mut s, Experiment::Trust);
    let Some(Found::Trust(found)) = &view.found else { panic!("{view:?}") };
    assert!(found.passed && found.report.slopes.is_empty());
    assert_eq!((found.report.images, found.batch, found.seed), (4, 8, 1));
    let (weights, spec) = (&found.weights, &found.spec);
    assert_eq!(
        weights.iter().map(Vec::len).sum::<usize>(),
        skipscope::model::Graph::new(spec).expect("valid").parameter_count()
    );
    let line = found.command_line.as_deref().expect("every part of it has a flag");
    assert!(line.starts_with("skipscope train resnet8 --width 4 --steps 6 --batch 8"), "{line}");
    s.send(Command::Slope { parameter: "conv1.weight".into(), index: 5 });
    settle(&mut s);
    let view = s.snapshot().experiment.expect("still there");
    let Some(Found::Trust(again)) = &view.found else { panic!("{view:?}") };
    let [slope] = again.report.slopes.as_slice() else { panic!("{:?}", again.report.slopes) };
    assert_eq!(
        (slope.parameter.as_str(), slope.index, slope.weight),
        ("conv1.weight", 5, f64::from(weights[0][5]))
    );
    assert!(!view.under_way && again.report.checks == found.report.checks);
    s.send(Command::Slope { parameter: "conv9.weight".into(), index: 0 });
    assert!(errors(&settle(&mut s))[0].contains("conv9.weight"));
    // The network itself is where it was.
    assert_eq!(s.snapshot().step, 3);
    s.send(Command::Set(HyperChange { lr: Some(0.5), ..HyperChange::default() }));
    let view = done(&mut s, Experiment::Trust);
    let Some(Found::Trust(changed)) = &view.found else { panic!("{view:?}") };
    assert_eq!(changed.not_repeatable.as_deref(), Some("a setting that was changed while it trained"));
    s.send(Command::Set(HyperChange { lr: Some(0.02), ..HyperChange::default() }));
    s.send(Command::Step);
    settle(&mut s);
    assert_eq!(s.snapshot().step, 4);
    let mut s = trained();
    s.send(Command::LoadData(DataSource::Dataset(Box::new(synthetic::shapes10_sized(8, 48, 16)))));
    let view = done(&mut s, Experiment::Trust);
    let Some(Found::Trust(other)) = &view.found else { panic!("{view:?}") };
    assert_eq!(other.not_repeatable.as_deref(), Some("a change of pictures while it trained"));
}

#[test]
fn paths_landscape_and_identity_are_measured_on_copies() {
    let mut s = trained();
    let view = done(
        &mut s,
        Experiment::Paths(PathsSetup { samples: 4, images: 3, picture: 9, class: None, seed: 1 }),
    );
    let Some(Found::Paths(found)) = &view.found else { panic!("{view:?}") };
    assert_eq!((found.blocks, found.ways.len(), found.lengths.len()), (3, 8, 4));
    assert!(found.shares.as_ref().is_some_and(|s| s.off <= 1e-4), "{found:?}");
    let setup = LandscapeSetup {
        twin: true,
        present: false,
        steps: 4,
        size: 3,
        reach: 0.5,
        images: 16,
        statistics: Statistics::Batch,
        path: true,
        directions: 1,
    };
    let view = done(&mut s, Experiment::Landscape(setup.clone()));
    let Some(Found::Landscape(found)) = &view.found else { panic!("{view:?}") };
    let names: Vec<&str> = found.lanes.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["resnet8", "plain8"]);
    for lane in &found.lanes {
        for surface in [&lane.random, &lane.path] {
            let surface = surface.as_ref().expect("measured");
            assert!(surface.points.iter().all(|p| p.is_some_and(|[loss, _]| loss > 0.0)));
        }
        assert_eq!(lane.run.as_ref().map(|r| r.path.len()), Some(5));
    }
    // The network itself: its middle is the loss that it has, and its twin has trained for as long.
    let setup = LandscapeSetup { present: true, path: false, statistics: Statistics::Running, ..setup };
    let view = done(&mut s, Experiment::Landscape(setup.clone()));
    let Some(Found::Landscape(found)) = &view.found else { panic!("{view:?}") };
    let middle = |lane: usize| found.lanes[lane].random.as_ref().and_then(|r| r.points[4]).expect("measured");
    assert!((found.lanes[0].snapshots.is_empty(), found.lanes[0].run.is_none()) == (true, true));
    assert_eq!(found.lanes[1].snapshots.last().map(|l| l.step), Some(s.snapshot().step));
    assert!(found.lanes.iter().all(|l| l.steps == s.snapshot().step));
    assert_ne!(middle(0), middle(1));
    s.send(Command::SetAlpha { whom: Whom::Network, alpha: 0.0 });
    let view = done(&mut s, Experiment::Landscape(setup.clone()));
    let Some(Found::Landscape(cut)) = &view.found else { panic!("{view:?}") };
    let middle_of_cut = cut.lanes[0].random.as_ref().and_then(|r| r.points[4]);
    assert_ne!(middle_of_cut, Some(middle(0)), "as it is now, cuts and all");
    s.send(Command::UndoAlpha);
    s.send(Command::Experiment(Box::new(Experiment::Landscape(LandscapeSetup { path: true, ..setup }))));
    let refused = |e: &Event| matches!(e, Event::Error(why) if why.contains("no snapshots"));
    assert!(settle(&mut s).iter().any(refused));
    let setup = IdentitySetup { blocks: 1, steps: 20, seeds: 1, rates: vec![0.1], zero_gamma: true };
    let view = done(&mut s, Experiment::Identity(setup));
    let Some(Found::Identity(found)) = &view.found else { panic!("{view:?}") };
    assert_eq!(found.runs.iter().map(|r| r.steps.len()).collect::<Vec<_>>(), [20; 5]);
    assert_eq!(s.snapshot().step, 3);
}

#[test]
fn untrained_networks_are_looked_at_on_the_sessions_pictures() {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let mut s = Session::new(gpu, SessionOptions { slice_seconds: 0.1, ..SessionOptions::default() });
    let shatter = Experiment::Shatter(ShatterSetup { depths: vec![8], seeds: 2, points: 4 });
    s.send(Command::Experiment(Box::new(shatter.clone())));
    assert!(errors(&settle(&mut s))[0].contains("no pictures"));
    let data = synthetic::shapes10_sized(7, 80, 0);
    s.send(Command::LoadData(DataSource::Dataset(Box::new(data))));
    let view = done(&mut s, shatter);
    let Some(Found::Shatter(curves)) = &view.found else { panic!("{view:?}") };
    assert!(curves.len() == 4 && curves.iter().all(|c| c.seeds == 2 && c.correlation.len() == 2));
    let alpha = AlphaSetup { depth: 8, alphas: vec![1.0, 0.5], batch_norm: true, seeds: 1, images: 500 };
    let view = done(&mut s, Experiment::Alpha(alpha));
    let Some(Found::Alpha(found)) = &view.found else { panic!("{view:?}") };
    assert_eq!((found.blocks, found.alphas[0].skip, found.alphas[1].theory), (3, 1.0, 0.125));
}
