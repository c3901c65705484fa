//! Whole runs: batches made on the GPU, epochs with a short last batch, evaluation, resuming, divergence.

use crate::harness::{assert_close, gpu, loose_graph, run_ops};
use skipscope::checkpoint;
use skipscope::data::{Dataset, RECORD, SIZE, Split, synthetic};
use skipscope::engine::dataset::GpuSplit;
use skipscope::engine::layout::RING_STEPS;
use skipscope::engine::program::{Buf, Mode};
use skipscope::engine::reference::{self as f64ref, Dims};
use skipscope::engine::variants::{TIMED, Variants};
use skipscope::engine::{DEFAULT_BUDGET, NetworkOptions, Prepared, StepUniform, shapes, weights};
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::model::{Graph, ModelSpec, Shortcut, by_name};
use skipscope::session::{
    Activity, Build, CauseSetup, Cell, Change, Command, DataSource, Event, Experiment, ExperimentView, Found,
    GridOutcome, GridSettings, HyperChange, LandscapeSetup, Lane, LesionKind, LesionSetup, Phase, RaceSetup,
    Session, SessionOptions, Statistics, StepRecord, Surgery, Whom,
};
use skipscope::train::trainer::{Trainer, shuffled};
use skipscope::train::{Augment, Init, Recipe, Resize};

/// Pumps until `there`.
fn pump_until(session: &mut Session, there: impl Fn(&Session) -> bool) {
    let begin = std::time::Instant::now();
    while !there(session) {
        assert!(begin.elapsed().as_secs() < 40, "it never comes so far: {:?}", session.phase());
        session.pump();
        session.gpu().wait();
    }
}

/// A network small enough for a CPU adapter to train in milliseconds.
pub fn tiny() -> ModelSpec {
    ModelSpec { blocks: vec![1, 1], width: 8, ..by_name("resnet8").expect("in the zoo") }
}

pub fn session() -> Session {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    Session::new(gpu, SessionOptions { slice_seconds: 0.1, ..SessionOptions::default() })
}

/// Pumps until nothing is left to do.
pub fn settle(session: &mut Session) -> Vec<Event> {
    let mut events = Vec::new();
    let begin = std::time::Instant::now();
    while session.pump() == Activity::Busy {
        assert!(begin.elapsed().as_secs() < 120, "the session does not come to rest: {:?}", session.phase());
        session.gpu().wait();
        events.extend(session.events());
    }
    events.extend(session.events());
    events
}

pub fn start(session: &mut Session, spec: ModelSpec, recipe: Recipe, data: Dataset) -> Vec<Event> {
    session.send(Command::LoadData(DataSource::Dataset(Box::new(data))));
    session.send(Command::Build(Box::new(Build { name: "tiny".into(), spec, recipe })));
    settle(session)
}

pub fn steps(events: &[Event]) -> Vec<StepRecord> {
    events.iter().filter_map(|e| if let Event::Step(r) = e { Some((**r).clone()) } else { None }).collect()
}

pub fn errors(events: &[Event]) -> Vec<String> {
    events.iter().filter_map(|e| if let Event::Error(m) = e { Some(m.clone()) } else { None }).collect()
}

/// Records of a split as the network sees them, `[n,3,32,32]`.
fn images(split: &Split, records: &[u32]) -> (Vec<f64>, Vec<u8>) {
    let pixels = records.iter().flat_map(|&r| &split.pixels[r as usize * RECORD..(r as usize + 1) * RECORD]);
    let x = pixels.map(|b| (f64::from(*b) / 255.0 - 0.5) / 0.5).collect();
    (x, records.iter().map(|&r| split.labels[r as usize]).collect())
}

#[test]
fn an_epoch_with_a_short_last_batch_is_what_the_reference_does() {
    let data = synthetic::shapes10_sized(7, 42, 37);
    let recipe = Recipe { batch: 16, epochs: 2, lr: 0.05, weight_decay: 1e-3, seed: 3, ..Recipe::default() };
    let mut session = session();
    start(&mut session, tiny(), recipe.clone(), data.clone());
    session.send(Command::Run);
    let events = settle(&mut session);
    let records = steps(&events);
    assert_eq!(records.iter().map(|r| r.images).collect::<Vec<_>>(), [16, 16, 10, 16, 16, 10]);
    assert!(matches!(events.last(), Some(Event::Finished)));

    let graph = Graph::new(&tiny()).expect("valid");
    let mut twin = f64ref::Network::from_f32(graph.clone(), &weights::init(&graph, recipe.init, recipe.seed));
    let sgd = f64ref::Sgd {
        lr: f64::from(recipe.lr),
        momentum: f64::from(recipe.momentum),
        weight_decay: f64::from(recipe.weight_decay),
        nesterov: false,
    };
    let mut evaluations =
        events.iter().filter_map(|e| if let Event::Evaluated(v) = e { Some(*v) } else { None });
    let mut at = records.iter();
    for epoch in 0..2 {
        let order = shuffled(42, recipe.seed, epoch);
        for batch in order.chunks(16) {
            let (x, y) = images(&data.train, batch);
            let trace = twin.forward_train(&x, &y);
            let record = at.next().expect("a record");
            assert_close(
                &[f64::from(record.loss)],
                &[trace.loss],
                1e-4,
                &format!("loss of step {}", record.step),
            );
            let right = trace.correct.iter().filter(|c| **c).count() as f32 / y.len() as f32;
            assert!((record.accuracy - right).abs() < 1e-6);
            let grads = twin.backward(&trace);
            for (p, g) in grads.params.iter().enumerate() {
                let norm = g.iter().map(|v| v * v).sum::<f64>().sqrt();
                assert_close(&[f64::from(record.grad_norm[p])], &[norm], 2e-3, &graph.params[p].name);
            }
            twin.sgd(&grads, &sgd);
        }
        // 37 pictures in batches of 32: the second is short.
        let (x, y) = images(&data.test, &(0..37).collect::<Vec<u32>>());
        let trace = twin.forward_eval(&x, &y);
        let evaluation = evaluations.next().expect("an evaluation after each epoch");
        assert_eq!((evaluation.images, evaluation.step), (37, u64::from(epoch + 1) * 3));
        assert_close(&[f64::from(evaluation.loss)], &[trace.loss], 1e-3, "test loss");
        let right = trace.correct.iter().filter(|c| **c).count() as f32 / 37.0;
        assert!((evaluation.accuracy - right).abs() < 0.03, "{} {right}", evaluation.accuracy);
    }
}

#[test]
fn block_statistics_and_shares_are_told() {
    let mut session = session();
    let recipe = Recipe { batch: 8, steps: Some(1), ..Recipe::default() };
    start(&mut session, tiny(), recipe, synthetic::shapes10_sized(7, 16, 8));
    session.send(Command::Step);
    let record = steps(&settle(&mut session)).pop().expect("a step");
    for block in &record.blocks {
        let share = block.skip_share();
        assert!(share > 0.1 && share < 0.9, "{block:?}");
        // Variance of a sum of two nearly independent signals.
        assert!(block.sum.std < block.branch.std + block.shortcut.std);
    }
    session.send(Command::SetAlpha { whom: Whom::Block(0), alpha: 0.0 });
    session.send(Command::Stop);
    session.send(Command::Step);
    let cut = steps(&settle(&mut session)).pop().expect("a step");
    assert_eq!(cut.blocks[0].shortcut.rms(), 0.0);
    assert!(cut.blocks[1].shortcut.rms() > 0.0);
}

/// One block's α·shortcut(x) in a step.
fn skip(record: &StepRecord, block: usize) -> f32 {
    record.blocks[block].shortcut.rms()
}

#[test]
fn surgery_while_training_shows_in_the_next_step_and_compiles_nothing() {
    let mut s = session();
    let recipe = Recipe { batch: 8, steps: Some(12), ..Recipe::default() };
    start(&mut s, tiny(), recipe.clone(), synthetic::shapes10_sized(7, 16, 8));
    s.send(Command::Step);
    settle(&mut s);
    let (kernels, launches) = (s.gpu().compiled(), s.snapshot().model.expect("built").dispatches);
    s.send(Command::Run);
    s.pump();
    // Carried out at the next boundary, wherever the run is by then.
    s.send(Command::SetAlpha { whom: Whom::Block(1), alpha: 0.0 });
    let mut events = Vec::new();
    let measured = |events: &[Event]| steps(events).last().map(|r| r.step);
    let operated = |events: &[Event]| -> Vec<Surgery> {
        events.iter().filter_map(|e| if let Event::Operated(o) = e { Some(*o) } else { None }).collect()
    };
    while operated(&events).is_empty() || measured(&events) < operated(&events).first().map(|o| o.step) {
        s.pump();
        events.extend(s.events());
    }
    s.send(Command::SetAlpha { whom: Whom::Stage(1), alpha: 2.0 });
    s.send(Command::RestoreAlpha { whom: Whom::Block(1) });
    events.extend(settle(&mut s));
    let operated = operated(&events);
    assert_eq!(operated.len(), 3, "{operated:?}");
    assert_eq!((operated[0].whom, operated[0].change), (Whom::Block(1), Change::Set(0.0)));
    let (cut, restored) = (operated[0].step, operated[2].step);
    assert!(cut >= 1 && cut < restored, "{operated:?}");
    for record in steps(&events) {
        let away = cut <= record.step && record.step < restored;
        assert_eq!(skip(&record, 1) == 0.0, away, "step {} of {operated:?}", record.step);
        // F(x) and the shortcut are of one size, so twice the shortcut is told from once.
        let doubled = record.step >= operated[1].step;
        assert_eq!(record.blocks[0].skip_share() > 0.55, doubled, "{:?}", record.blocks[0]);
    }
    assert_eq!((s.gpu().compiled(), s.snapshot().model.expect("built").dispatches), (kernels, launches));
    let snapshot = s.snapshot();
    assert_eq!((snapshot.alphas, snapshot.surgeries), (vec![2.0, 1.0], operated.clone()));

    // α and the record of its changes go with the checkpoint.
    s.send(Command::Save);
    let saved = settle(&mut s)
        .into_iter()
        .find_map(|e| if let Event::Saved { bytes, .. } = e { Some(bytes) } else { None });
    let mut other = session();
    other.send(Command::Load { name: "file".into(), bytes: saved.expect("saved") });
    settle(&mut other);
    assert_eq!((other.snapshot().alphas, other.snapshot().surgeries), (vec![2.0, 1.0], operated));
    other.send(Command::UndoAlpha);
    assert!(errors(&settle(&mut other))[0].contains("no operation"));
    for block in [1, 0] {
        s.send(Command::UndoAlpha);
        settle(&mut s);
        let alphas = s.snapshot().alphas;
        assert_eq!(alphas, if block == 1 { vec![2.0, 0.0] } else { vec![1.0, 0.0] });
    }
}

#[test]
fn a_cut_network_trains_as_one_that_was_specified_without_skips() {
    let data = synthetic::shapes10_sized(7, 32, 8);
    let recipe = Recipe { batch: 8, steps: Some(4), ..Recipe::default() };
    let losses = |spec: ModelSpec, cut: bool| {
        let mut s = session();
        start(&mut s, spec, recipe.clone(), data.clone());
        if cut {
            s.send(Command::SetAlpha { whom: Whom::Network, alpha: 0.0 });
        }
        s.send(Command::Run);
        steps(&settle(&mut s)).iter().map(|r| r.loss.to_bits()).collect::<Vec<_>>()
    };
    let cut = losses(tiny(), true);
    assert_eq!(cut, losses(tiny().plain_twin(), false));
    assert_ne!(cut, losses(tiny(), false));
}

#[test]
fn a_session_races_on_its_pictures_and_its_own_run_goes_on_as_if_it_had_not() {
    let data = synthetic::shapes10_sized(7, 32, 8);
    let recipe = Recipe { batch: 8, steps: Some(6), ..Recipe::default() };
    let lane = |name: &str, spec: ModelSpec| Lane { name: name.into(), spec, recipe: recipe.clone() };
    let lanes = vec![lane("skips", tiny()), lane("plain", tiny().plain_twin())];
    let losses = |race: bool| {
        let mut s = session();
        start(&mut s, tiny(), recipe.clone(), data.clone());
        for _ in 0..3 {
            s.send(Command::Step);
        }
        let mut events = settle(&mut s);
        if race {
            s.send(Command::Race(Box::new(RaceSetup { lanes: lanes.clone(), seeds: 2 })));
            s.send(Command::OperateLane { lane: 7, whom: Whom::Network, change: Change::Set(0.0) });
            let raced = settle(&mut s);
            assert!(errors(&raced)[0].contains("no lane 7"));
            let headline = raced.iter().find_map(|e| match e {
                Event::RaceFinished { headline } => Some(headline.clone()),
                _ => None,
            });
            assert!(headline.expect("finished").starts_with("After 6 steps: skips "));
            let view = s.snapshot().race.expect("a race");
            assert!(view.progress.is_done());
            let runs = &view.outcome.lanes[0].runs;
            assert_eq!(runs.iter().map(|r| (r.seed, r.loss.len())).collect::<Vec<_>>(), [(1, 6), (2, 6)]);
            let same: Vec<u32> = steps(&events).iter().map(|r| r.loss.to_bits()).collect();
            assert_eq!(runs[0].loss[..3].iter().map(|l| l.to_bits()).collect::<Vec<_>>(), same);
            // What makes no race is said, and one without pictures too.
            s.send(Command::Race(Box::new(RaceSetup { lanes: vec![lanes[0].clone(); 2], seeds: 1 })));
            assert!(errors(&settle(&mut s))[0].contains("do not differ"));
        }
        s.send(Command::Run);
        events.extend(settle(&mut s));
        steps(&events).iter().map(|r| r.loss.to_bits()).collect::<Vec<_>>()
    };
    let calm = losses(false);
    assert_eq!(calm.len(), 6);
    assert_eq!(losses(true), calm);
}

fn lesions(twin: bool) -> Command {
    let setup = LesionSetup { kinds: vec![LesionKind::Drop], images: Some(12), reestimate: false, twin };
    Command::Experiment(Box::new(Experiment::Lesion(setup)))
}

#[test]
fn a_branch_that_is_dropped_is_the_labs_lesion_until_it_is_put_back() {
    let mut s = session();
    let recipe = Recipe { batch: 8, steps: Some(6), ..Recipe::default() };
    start(&mut s, tiny(), recipe, synthetic::shapes10_sized(7, 32, 16));
    for _ in 0..3 {
        s.send(Command::Step);
    }
    s.send(Command::Experiment(Box::new(Experiment::Lesion(LesionSetup {
        kinds: vec![LesionKind::Drop],
        images: None,
        reestimate: false,
        twin: false,
    }))));
    settle(&mut s);
    let view = s.snapshot().experiment.expect("an experiment");
    let Some(Found::Lesion(runs)) = &view.found else { panic!("{view:?}") };
    let lesion = runs[0].lesions[1].measured.expect("measured");
    let evaluated = |s: &mut Session| {
        s.send(Command::Evaluate);
        settle(s);
        s.snapshot().evaluation.map(|e| (e.accuracy.to_bits(), e.loss.to_bits())).expect("evaluated")
    };
    let intact = evaluated(&mut s);
    let kernels = s.gpu().compiled();
    s.send(Command::SetBranch { whom: Whom::Block(1), beta: 0.0 });
    let dropped = evaluated(&mut s);
    assert_eq!(dropped, (lesion.accuracy.to_bits(), lesion.loss.to_bits()));
    assert_ne!(dropped, intact);
    // What goes on is another run: nothing comes through the branch, and nothing goes back into it.
    s.send(Command::Step);
    let record = steps(&settle(&mut s)).pop().expect("a step");
    assert_eq!((record.blocks[1].branch.rms(), record.blocks[0].branch.rms() > 0.0), (0.0, true));
    assert_eq!((s.snapshot().betas, s.snapshot().alphas), (vec![1.0, 0.0], vec![1.0, 1.0]));
    assert_eq!(s.gpu().compiled(), kernels);
    // It goes with the checkpoint, bit for bit, and with every experiment on the network.
    s.send(Command::Save);
    let saved = settle(&mut s)
        .into_iter()
        .find_map(|e| if let Event::Saved { bytes, .. } = e { Some(bytes) } else { None });
    let mut other = session();
    other.send(Command::LoadData(DataSource::Dataset(Box::new(synthetic::shapes10_sized(7, 32, 16)))));
    other.send(Command::Load { name: "file".into(), bytes: saved.expect("saved") });
    settle(&mut other);
    assert_eq!(other.snapshot().betas, [1.0, 0.0]);
    assert_eq!(evaluated(&mut other), evaluated(&mut s));
    other.send(Command::Experiment(Box::new(Experiment::Trust)));
    settle(&mut other);
    let view = other.snapshot().experiment.expect("an experiment");
    let Some(Found::Trust(found)) = &view.found else { panic!("{view:?}") };
    assert!(found.passed, "{:?}", found.report.faults().collect::<Vec<_>>());
    other.send(Command::SetBranch { whom: Whom::Block(1), beta: 1.0 });
    s.send(Command::UndoAlpha);
    settle(&mut s);
    settle(&mut other);
    assert_eq!((s.snapshot().betas, other.snapshot().betas), (vec![1.0; 2], vec![1.0; 2]));
    assert_eq!(s.snapshot().surgeries.iter().map(|o| o.step).collect::<Vec<_>>(), [3, 4]);
    other.send(Command::SetBranch { whom: Whom::Network, beta: f32::NAN });
    assert!(errors(&settle(&mut other))[0].contains("β has to be a finite number"));
}

/// Looking back at the step of a lesion shows the network before it, and what the test split said of that one.
#[test]
fn a_lesion_takes_nothing_from_the_moment_before_it() {
    let mut s = session();
    let spec = ModelSpec { blocks: vec![2, 2], ..tiny() };
    let recipe = Recipe { batch: 8, steps: Some(8), ..Recipe::default() };
    start(&mut s, spec, recipe, synthetic::shapes10_sized(7, 32, 16));
    (0..3).for_each(|_| s.send(Command::Step));
    let evaluated = |s: &mut Session| {
        s.send(Command::Evaluate);
        settle(s);
        s.snapshot().evaluation.map(|e| e.loss.to_bits()).expect("evaluated")
    };
    let intact = evaluated(&mut s);
    s.send(Command::SetBranch { whom: Whom::Network, beta: 0.0 });
    let lesioned = evaluated(&mut s);
    assert_ne!(lesioned, intact);
    s.send(Command::LookBack { step: Some(3) });
    settle(&mut s);
    let then = s.snapshot();
    assert_eq!((then.then, then.evaluation.map(|e| e.loss.to_bits())), (Some(3), Some(intact)));
    s.send(Command::LookBack { step: None });
    settle(&mut s);
    assert_eq!(s.snapshot().evaluation.map(|e| e.loss.to_bits()), Some(lesioned));
    // Initial weights have no lesions.
    s.send(Command::SwapBlocks { block: 0, with: 1 });
    s.send(Command::Stop);
    settle(&mut s);
    assert_eq!((s.snapshot().betas, s.snapshot().surgeries), (vec![1.0; 4], vec![]));
    s.send(Command::UndoAlpha);
    assert!(errors(&settle(&mut s))[0].contains("no operation"));
}

/// An operation in the middle of an evaluation has the test split gone through again: no figure is of two networks.
#[test]
fn an_evaluation_is_of_one_network_though_it_is_operated_on_meanwhile() {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let mut s = Session::new(gpu, SessionOptions { slice_seconds: 1e-5, ..SessionOptions::default() });
    let spec = ModelSpec { blocks: vec![2, 2], ..tiny() };
    let recipe = Recipe { batch: 8, steps: Some(6), ..Recipe::default() };
    start(&mut s, spec, recipe, synthetic::shapes10_sized(7, 32, 400));
    (0..2).for_each(|_| s.send(Command::Step));
    let evaluated = |s: &mut Session| {
        settle(s);
        s.snapshot().evaluation.map(|e| (e.accuracy.to_bits(), e.loss.to_bits())).expect("evaluated")
    };
    s.send(Command::Evaluate);
    let mut before = evaluated(&mut s);
    for operation in [
        Command::SetAlpha { whom: Whom::Network, alpha: 0.5 },
        Command::SetBranch { whom: Whom::Block(2), beta: 0.0 },
        Command::SwapBlocks { block: 0, with: 1 },
        Command::UndoAlpha,
    ] {
        s.send(Command::Evaluate);
        while s.phase() != Phase::Evaluating {
            s.pump();
        }
        (0..8).for_each(|_| {
            s.pump();
            s.gpu().wait();
        });
        assert_eq!(s.phase(), Phase::Evaluating, "it is in the middle");
        s.send(operation.clone());
        let meanwhile = evaluated(&mut s);
        s.send(Command::Evaluate);
        let after = evaluated(&mut s);
        assert_eq!(meanwhile, after, "{operation:?}");
        assert_ne!(after, before, "{operation:?}");
        before = after;
    }
}

#[test]
fn blocks_are_swapped_and_scrambled_as_the_lab_does_and_put_back_bit_for_bit() {
    let mut s = session();
    let spec = ModelSpec { blocks: vec![2, 2], ..tiny() };
    let recipe = Recipe { batch: 8, steps: Some(8), ..Recipe::default() };
    start(&mut s, spec, recipe, synthetic::shapes10_sized(7, 32, 16));
    (0..3).for_each(|_| s.send(Command::Step));
    s.send(Command::Experiment(Box::new(Experiment::Lesion(LesionSetup {
        kinds: vec![LesionKind::Swap, LesionKind::Scramble],
        images: None,
        reestimate: false,
        twin: false,
    }))));
    settle(&mut s);
    let view = s.snapshot().experiment.expect("an experiment");
    let Some(Found::Lesion(runs)) = &view.found else { panic!("{view:?}") };
    let lesion = |nth: usize| runs[0].lesions[nth].measured.expect("measured");
    let [swapped, scrambled] = [lesion(0), lesion(2)].map(|m| (m.accuracy.to_bits(), m.loss.to_bits()));
    let evaluated = |s: &mut Session| {
        s.send(Command::Evaluate);
        settle(s);
        s.snapshot().evaluation.map(|e| (e.accuracy.to_bits(), e.loss.to_bits())).expect("evaluated")
    };
    let saved = |s: &mut Session| {
        s.send(Command::Save);
        let saved = settle(s).into_iter().find_map(|e| match e {
            Event::Saved { bytes, .. } => {
                Some(checkpoint::decode(&bytes, None).expect("readable").checkpoint.state)
            }
            _ => None,
        });
        saved.expect("saved")
    };
    let (intact, before, kernels) = (evaluated(&mut s), saved(&mut s), s.gpu().compiled());
    // α goes with its block.
    s.send(Command::SetAlpha { whom: Whom::Block(0), alpha: 0.5 });
    s.send(Command::SwapBlocks { block: 0, with: 1 });
    settle(&mut s);
    assert_eq!(s.snapshot().alphas, [1.0, 0.5, 1.0, 1.0]);
    s.send(Command::UndoAlpha);
    s.send(Command::UndoAlpha);
    settle(&mut s);
    assert_eq!((saved(&mut s), s.snapshot().alphas), (before.clone(), vec![1.0; 4]));
    s.send(Command::SwapBlocks { block: 0, with: 1 });
    assert_eq!(evaluated(&mut s), swapped);
    s.send(Command::UndoAlpha);
    s.send(Command::ScrambleBlock { block: 0 });
    assert_eq!(evaluated(&mut s), scrambled);
    s.send(Command::UndoAlpha);
    assert_eq!((evaluated(&mut s), saved(&mut s)), (intact, before));
    assert_eq!(s.gpu().compiled(), kernels);
    // Training on is another run, once for each lesion; what is taken back before parts nothing.
    let parted = |s: &mut Session| -> Vec<u64> {
        s.send(Command::Step);
        let parted = |e| if let Event::Parted { step } = e { Some(step) } else { None };
        settle(s).into_iter().filter_map(parted).collect()
    };
    assert_eq!(parted(&mut s), [0u64; 0]);
    s.send(Command::SwapBlocks { block: 1, with: 0 });
    s.send(Command::ScrambleBlock { block: 3 });
    assert_eq!((parted(&mut s), parted(&mut s)), (vec![4], vec![]));
    // What is put right before anything is trained with it makes no other run.
    s.send(Command::SetBranch { whom: Whom::Block(0), beta: 0.0 });
    s.send(Command::SetBranch { whom: Whom::Block(0), beta: 1.0 });
    assert_eq!(parted(&mut s), [0u64; 0]);
    // The moment before is kept.
    assert!(s.snapshot().moments.contains(&4));
    for (refused, why) in [
        (Command::SwapBlocks { block: 1, with: 2 }, "layer1.1 and layer2.0 cannot change places"),
        (Command::SwapBlocks { block: 3, with: 2 }, "keep the shape"),
        (Command::SwapBlocks { block: 1, with: 1 }, "cannot change places"),
        (Command::SwapBlocks { block: 1, with: 9 }, "there is no block 9"),
        (Command::ScrambleBlock { block: 4 }, "there is no block 4"),
    ] {
        s.send(refused);
        let said = errors(&settle(&mut s));
        assert!(said.len() == 1 && said[0].contains(why), "{said:?}");
    }
    assert_eq!(s.snapshot().surgeries.len(), 4);
}

#[test]
fn a_session_experiments_on_a_copy_and_its_own_run_goes_on_by_itself() {
    let data = synthetic::shapes10_sized(7, 32, 16);
    let recipe = Recipe { batch: 8, steps: Some(6), ..Recipe::default() };
    let losses = |experiment: bool| {
        let mut s = session();
        start(&mut s, tiny(), recipe.clone(), data.clone());
        s.send(Command::SetAlpha { whom: Whom::Block(1), alpha: 0.5 });
        for _ in 0..3 {
            s.send(Command::Step);
        }
        let mut events = settle(&mut s);
        if experiment {
            s.send(Command::Evaluate);
            settle(&mut s);
            let accuracy = s.snapshot().evaluation.expect("evaluated").accuracy;
            // It runs, and waits while the experiment is done.
            s.send(Command::Run);
            s.send(lesions(true));
            s.pump();
            assert!(s.is_experimenting() && s.snapshot().experiment.is_some_and(|v| v.under_way));
            let mut done = settle(&mut s);
            let over = done.iter().position(|e| *e == Event::ExperimentFinished).expect("finished");
            assert!(done[..over].iter().all(|e| !matches!(e, Event::Step(_))), "no step on the way");
            let view = s.snapshot().experiment.expect("an experiment");
            assert_eq!((view.under_way, view.step, &view.failed), (false, 3, &None));
            assert!(view.progress.is_done());
            let Some(Found::Lesion(runs)) = &view.found else { panic!("{view:?}") };
            let seen: Vec<_> = runs.iter().map(|r| (r.name.as_str(), r.trained_steps, r.images)).collect();
            assert_eq!(seen, [("tiny", 0, 12), ("tiny (twin)", 3, 12)]);
            let all = runs[0].intact.expect("measured").accuracy;
            assert!((all - accuracy).abs() < 1.0, "{all} of 12, {accuracy} of all");
            // α is as it was changed; the plain twin's first block of a stage cannot go.
            assert_eq!((runs[0].spec.alpha.of(0), runs[0].spec.alpha.of(1)), (1.0, 0.5));
            let possible =
                |run: usize| runs[run].lesions.iter().map(|l| l.measured.is_some()).collect::<Vec<_>>();
            assert_eq!((possible(0), possible(1)), (vec![true, true], vec![true, false]));
            events.append(&mut done);
        } else {
            s.send(Command::Run);
            events.extend(settle(&mut s));
        }
        steps(&events).iter().map(|r| r.loss.to_bits()).collect::<Vec<_>>()
    };
    let calm = losses(false);
    assert_eq!(calm.len(), 6);
    assert_eq!(losses(true), calm);
}

#[test]
fn an_experiment_that_cannot_be_says_why_and_one_that_is_stopped_keeps_what_it_has() {
    let mut s = session();
    s.send(lesions(false));
    assert!(errors(&settle(&mut s))[0].contains("no pictures"));
    let recipe = Recipe { batch: 8, steps: Some(4), ..Recipe::default() };
    s.send(Command::LoadData(DataSource::Dataset(Box::new(synthetic::shapes10_sized(7, 32, 16)))));
    s.send(lesions(false));
    assert!(errors(&settle(&mut s))[0].contains("no network"));
    s.send(Command::Build(Box::new(Build { name: "tiny".into(), spec: tiny(), recipe })));
    s.send(lesions(true));
    let why = errors(&settle(&mut s)).remove(0);
    assert!(why.contains("not trained yet"), "{why}");
    assert!(s.snapshot().experiment.is_none(), "it was refused before it began");
    s.send(lesions(false));
    pump_until(&mut s, |s| s.snapshot().experiment.is_some_and(|v| v.found.is_some()));
    // A step that waits for it does not keep it from being stopped.
    s.send(Command::Step);
    s.send(Command::StopExperiment);
    settle(&mut s);
    let view = s.snapshot().experiment.expect("still there");
    assert!(!view.under_way && view.failed.is_none() && view.found.is_some());
    assert_eq!(s.snapshot().step, 1);
}

/// What a stopped experiment comes to when it goes on is what it would have come to, though training went on meanwhile.
#[test]
fn a_stopped_experiment_goes_on_where_it_was() {
    let recipe = Recipe { batch: 8, steps: Some(6), ..Recipe::default() };
    let data = || synthetic::shapes10_sized(7, 32, 16);
    let setup = LandscapeSetup {
        twin: false,
        present: false,
        steps: 2,
        size: 9,
        reach: 1.0,
        images: 16,
        statistics: Statistics::Running,
        path: false,
        directions: 1,
    };
    let landscape = || Command::Experiment(Box::new(Experiment::Landscape(setup.clone())));
    let found = |s: &Session| s.snapshot().experiment.and_then(|v| v.found.clone()).expect("found");
    let begun = || {
        let mut s = session();
        start(&mut s, tiny(), recipe.clone(), data());
        s.send(Command::Step);
        s.send(landscape());
        s
    };
    let mut whole = begun();
    settle(&mut whole);
    let mut s = begun();
    pump_until(&mut s, |s| {
        let half = |v: &ExperimentView| v.progress.done >= v.progress.total / 2 && v.found.is_some();
        s.snapshot().experiment.is_some_and(|v| half(&v))
    });
    s.send(Command::StopExperiment);
    s.send(Command::Step);
    settle(&mut s);
    let view = s.snapshot().experiment.expect("still there");
    assert_eq!((view.under_way, view.resumable, view.progress.is_done()), (false, true, false));
    assert_eq!(s.snapshot().step, 2);
    s.send(Command::ResumeExperiment);
    assert!(settle(&mut s).contains(&Event::ExperimentFinished));
    assert_eq!(found(&s), found(&whole));
    // Nothing to go on with: one that is done, and one whose pictures are no longer there.
    s.send(Command::ResumeExperiment);
    assert!(errors(&settle(&mut s))[0].contains("no stopped experiment"));
    s.send(landscape());
    s.send(Command::StopExperiment);
    s.send(Command::LoadData(DataSource::Dataset(Box::new(data()))));
    settle(&mut s);
    assert!(!s.snapshot().experiment.expect("still there").resumable);
    s.send(Command::ResumeExperiment);
    assert!(errors(&settle(&mut s))[0].contains("no stopped experiment"));
}

#[test]
fn a_grid_of_runs_needs_no_network_and_goes_on_where_it_was() {
    let cell = |skip| Cell { depth: 8, skip, batch_norm: true, init: Init::He, seed: 1 };
    let recipe = Recipe { batch: 4, ..Recipe::default() };
    let settings = GridSettings { data: String::new(), at: vec![0, 1], recipe };
    let grid = |cells: &[Cell], done: Option<GridOutcome>| {
        let setup = CauseSetup { settings: settings.clone(), cells: cells.to_vec(), done };
        Command::Experiment(Box::new(Experiment::CauseGrid(setup)))
    };
    let mut s = session();
    s.send(Command::LoadData(DataSource::Dataset(Box::new(synthetic::shapes10_sized(7, 16, 4)))));
    let found = |s: &mut Session, command: Command| {
        s.send(command);
        assert!(settle(s).contains(&Event::ExperimentFinished));
        let view = s.snapshot().experiment.expect("an experiment");
        let Some(Found::CauseGrid(grid)) = view.found.clone() else { panic!("{view:?}") };
        (grid, view.progress.total)
    };
    let (half, _) = found(&mut s, grid(&[cell(true)], None));
    assert_eq!((half.cells.len(), half.cells[0].marks.len()), (1, 2));
    let mut settings_of = settings.clone();
    settings_of.data.clone_from(&half.settings.data);
    assert_eq!(half.settings, settings_of);
    let again =
        CauseSetup { settings: settings_of, cells: vec![cell(true), cell(false)], done: Some(half.clone()) };
    let (whole, total) = found(&mut s, Command::Experiment(Box::new(Experiment::CauseGrid(again))));
    assert_eq!((whole.cells.len(), total), (2, 4));
    assert_eq!(whole.cells[0], half.cells[0]);
}

/// What is done to a lane shows at once, and where it took effect is kept; a race that is stopped says so.
#[test]
fn a_lane_is_operated_on_while_it_races() {
    let lanes = [Shortcut::ZeroPad, Shortcut::None].map(|shortcut| Lane {
        name: format!("{shortcut:?}"),
        spec: ModelSpec { shortcut, ..tiny() },
        // More than are done before it is stopped.
        recipe: Recipe { batch: 8, steps: Some(5000), ..Recipe::default() },
    });
    let mut s = session();
    s.send(Command::LoadData(DataSource::Dataset(Box::new(synthetic::shapes10_sized(7, 40, 16)))));
    s.send(Command::Race(Box::new(RaceSetup { lanes: lanes.to_vec(), seeds: 1 })));
    let view = |s: &Session| s.snapshot().race.expect("a race");
    let run = |s: &Session| view(s).outcome.lanes[0].runs.first().cloned().unwrap_or_default();
    s.pump();
    assert_eq!((view(&s).under_way, view(&s).steps, view(&s).outcome.lanes.len()), (true, 5000, 2));
    assert!(view(&s).compiling.is_some());
    let begin = std::time::Instant::now();
    while run(&s).loss.len() < 3 {
        assert!(begin.elapsed().as_secs() < 40, "no step");
        s.pump();
        s.gpu().wait();
    }
    assert!(view(&s).compiling.is_none());
    let blocks = run(&s).blocks;
    assert!(blocks.len() == 2 && blocks.iter().all(|b| b.skip_share() > 0.0), "{blocks:?}");
    s.send(Command::OperateLane { lane: 0, whom: Whom::Block(1), change: Change::Set(0.0) });
    s.pump();
    assert_eq!(view(&s).outcome.lanes[0].alphas, [1.0, 0.0]);
    while run(&s).surgeries.is_empty() {
        assert!(begin.elapsed().as_secs() < 40, "never done");
        s.pump();
        s.gpu().wait();
    }
    let done = run(&s).surgeries[0];
    assert_eq!((done.whom, done.change), (Whom::Block(1), Change::Set(0.0)));
    while run(&s).loss.len() as u64 <= done.step {
        assert!(begin.elapsed().as_secs() < 40, "no step");
        s.pump();
        s.gpu().wait();
    }
    assert_eq!(run(&s).blocks[1].skip_share(), 0.0);
    s.send(Command::StopRace);
    assert!(errors(&settle(&mut s)).is_empty());
    assert!(!view(&s).under_way && view(&s).resumable && !view(&s).progress.is_done());
    // Its lanes can be operated on while it rests.
    s.send(Command::OperateLane { lane: 0, whom: Whom::Network, change: Change::Undo });
    settle(&mut s);
    assert_eq!((view(&s).under_way, view(&s).outcome.lanes[0].alphas.clone()), (false, vec![1.0, 1.0]));
    s.send(Command::Build(Box::new(Build { name: "tiny".into(), spec: tiny(), recipe: Recipe::default() })));
    settle(&mut s);
    assert!(!view(&s).is_open(), "a network that is built needs the room");
    for gone in
        [Command::ResumeRace, Command::OperateLane { lane: 0, whom: Whom::Network, change: Change::Undo }]
    {
        s.send(gone);
        assert!(errors(&settle(&mut s))[0].contains("there is no"));
    }
}

/// A race that is paused comes to what it would have come to, though the network in Watch was trained meanwhile.
#[test]
fn a_paused_race_goes_on_bit_for_bit() {
    let recipe = Recipe { batch: 8, steps: Some(8), ..Recipe::default() };
    let lanes: Vec<Lane> = [Shortcut::ZeroPad, Shortcut::None]
        .into_iter()
        .map(|shortcut| Lane {
            name: format!("{shortcut:?}"),
            spec: ModelSpec { shortcut, ..tiny() },
            recipe: recipe.clone(),
        })
        .collect();
    let losses = |pause: bool| {
        let mut s = session();
        start(&mut s, tiny(), recipe.clone(), synthetic::shapes10_sized(7, 40, 16));
        s.send(Command::Race(Box::new(RaceSetup { lanes: lanes.clone(), seeds: 2 })));
        let view = |s: &Session| s.snapshot().race.expect("a race");
        if pause {
            pump_until(&mut s, |s| s.snapshot().race.is_some_and(|v| v.progress.done >= 5));
            s.send(Command::StopRace);
            s.send(Command::Step);
            settle(&mut s);
            let rests = view(&s);
            assert_eq!((rests.under_way, rests.resumable, s.snapshot().step), (false, true, 1));
            s.send(Command::ResumeRace);
        }
        assert!(settle(&mut s).iter().any(|e| matches!(e, Event::RaceFinished { .. })));
        let view = view(&s);
        assert!(view.progress.is_done() && !view.is_open());
        let runs = view.outcome.lanes.iter().flat_map(|l| &l.runs);
        runs.map(|r| (r.seed, r.loss.clone(), r.test_loss)).collect::<Vec<_>>()
    };
    assert_eq!(losses(true), losses(false));
}

fn run_bits(seed: u64, split_at: Option<u64>) -> (Vec<u32>, Vec<u8>) {
    let data = synthetic::shapes10_sized(7, 40, 16);
    let recipe = Recipe { batch: 16, steps: Some(8), seed, augment: Augment::CropFlip, ..Recipe::default() };
    let mut s = session();
    start(&mut s, tiny(), recipe, data.clone());
    let mut losses = Vec::new();
    if let Some(at) = split_at {
        for _ in 0..at {
            s.send(Command::Step);
        }
        s.send(Command::Save);
        let events = settle(&mut s);
        losses.extend(steps(&events).iter().map(|r| r.loss.to_bits()));
        let saved = events.iter().find_map(|e| {
            if let Event::Saved { bytes, step } = e { Some((bytes.clone(), *step)) } else { None }
        });
        let (bytes, step) = saved.expect("saved");
        assert_eq!(step, at);
        // Another session altogether.
        s = session();
        s.send(Command::LoadData(DataSource::Dataset(Box::new(data))));
        s.send(Command::Load { name: "file".into(), bytes });
        let events = settle(&mut s);
        assert!(events.contains(&Event::Loaded { step: at }), "{:?}", errors(&events));
    }
    s.send(Command::Run);
    losses.extend(steps(&settle(&mut s)).iter().map(|r| r.loss.to_bits()));
    s.send(Command::Save);
    let events = settle(&mut s);
    let saved =
        events.into_iter().find_map(|e| if let Event::Saved { bytes, .. } = e { Some(bytes) } else { None });
    (losses, saved.expect("saved"))
}

#[test]
fn the_same_seed_gives_the_same_bits_and_so_does_a_resumed_run() {
    let whole = run_bits(1, None);
    assert_eq!(whole.0.len(), 8);
    assert_eq!(whole, run_bits(1, None));
    assert_eq!(whole, run_bits(1, Some(5)));
    assert_ne!(whole.0, run_bits(2, None).0);
}

#[test]
fn kernel_variants_are_recorded_and_forced_on_resume() {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let mut variants = Variants::default();
    variants.set("conv_forward", "pixel").expect("known");
    let mut s =
        Session::new(gpu, SessionOptions { variants: Some(variants.clone()), ..SessionOptions::default() });
    let recipe = Recipe { batch: 4, steps: Some(1), ..Recipe::default() };
    start(&mut s, tiny(), recipe, synthetic::shapes10_sized(7, 8, 8));
    s.send(Command::Save);
    let events = settle(&mut s);
    let bytes =
        events.into_iter().find_map(|e| if let Event::Saved { bytes, .. } = e { Some(bytes) } else { None });
    let bytes = bytes.expect("saved");
    assert_eq!(&checkpoint::decode(&bytes, None).expect("whole").checkpoint.variants, variants.as_map());
    let mut other = session();
    other.send(Command::Load { name: "file".into(), bytes });
    settle(&mut other);
    assert_eq!(&other.snapshot().model.expect("built").variants, variants.as_map());
}

#[test]
fn what_is_timed_is_chosen_before_the_first_step_and_remembered() {
    let mut timed = Variants::default();
    timed.set("conv_forward", TIMED).expect("known");
    timed.set("conv_input_grad", TIMED).expect("known");
    let open = || pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let options = || SessionOptions { variants: Some(timed.clone()), ..SessionOptions::default() };
    let mut s = Session::new(open(), options());
    let recipe = Recipe { batch: 4, steps: Some(2), ..Recipe::default() };
    start(&mut s, tiny(), recipe.clone(), synthetic::shapes10_sized(7, 8, 8));
    let chosen = Variants::from_map(&s.snapshot().model.expect("built").variants).expect("known");
    let graph = Graph::new(&tiny()).expect("valid");
    for (operation, shape) in shapes(&graph, 4) {
        assert!(!chosen.is_open(operation, &shape), "{operation} {shape}");
    }
    assert!(chosen.is("conv_weight_grad", "row"), "what is pinned is one family");
    assert!(chosen.picks().keys().all(|k| !k.starts_with("conv_weight_grad")));
    s.send(Command::Run);
    let bits = |events: &[Event]| steps(events).iter().map(|r| r.loss.to_bits()).collect::<Vec<_>>();
    let first = bits(&settle(&mut s));
    assert_eq!(first.len(), 2);
    // Another session that remembers takes the same, whatever its clock would say, and computes the same bits.
    let mut other = Session::new(open(), options());
    let mut remembered = chosen.picks();
    for (i, variant) in remembered.values_mut().enumerate() {
        *variant = ["tiled", "pixel"][i % 2].to_owned();
    }
    other.remember(&remembered);
    start(&mut other, tiny(), recipe.clone(), synthetic::shapes10_sized(7, 8, 8));
    let there = Variants::from_map(&other.snapshot().model.expect("built").variants).expect("known");
    assert_eq!(there.picks(), remembered);
    let mut again = Session::new(open(), options());
    again.remember(&chosen.picks());
    start(&mut again, tiny(), recipe, synthetic::shapes10_sized(7, 8, 8));
    again.send(Command::Run);
    assert_eq!(bits(&settle(&mut again)), first);
}

#[test]
fn divergence_stops_training_and_names_the_step() {
    let mut s = session();
    let recipe = Recipe { batch: 8, epochs: 50, lr: 1000.0, ..Recipe::default() };
    let spec = ModelSpec { batch_norm: false, ..tiny() };
    start(&mut s, spec, recipe, synthetic::shapes10_sized(7, 64, 8));
    s.send(Command::Run);
    let events = settle(&mut s);
    let diverged = events.iter().find_map(|e| {
        if let Event::Diverged { step, what } = e { Some((*step, what.clone())) } else { None }
    });
    let (step, what) = diverged.expect("diverged");
    assert!(step < 100 && !what.is_empty());
    assert_eq!(steps(&events).last().expect("steps").step, step, "nothing is told after the step");
    assert_eq!(s.snapshot().phase, Phase::Diverged);
    s.send(Command::Run);
    assert!(errors(&settle(&mut s))[0].contains("diverged"));
    // Stopping starts again from initial weights.
    s.send(Command::Stop);
    s.send(Command::Step);
    assert_eq!(steps(&settle(&mut s))[0].step, 0);
}

#[test]
fn a_lost_device_is_an_event() {
    let mut s = session();
    let recipe = Recipe { batch: 8, epochs: 100, ..Recipe::default() };
    start(&mut s, tiny(), recipe, synthetic::shapes10_sized(7, 32, 8));
    s.send(Command::Run);
    s.pump();
    s.gpu().device.destroy();
    let events = settle(&mut s);
    let losses = events.iter().filter(|e| matches!(e, Event::DeviceLost(_))).count();
    assert_eq!(losses, 1, "{events:?}");
    assert_eq!(s.snapshot().phase, Phase::Lost);
    // Nothing is tried on it any more.
    s.send(Command::Run);
    assert_eq!(settle(&mut s), []);
}

#[test]
fn commands_that_make_no_sense_are_answered() {
    let mut s = session();
    s.send(Command::Run);
    s.send(Command::Evaluate);
    let said = errors(&settle(&mut s));
    assert!(said[0].contains("no network") && said[1].contains("no network"), "{said:?}");
    s.send(Command::LoadData(DataSource::Bytes { name: "x.tar.gz".into(), bytes: b"nonsense".to_vec() }));
    assert!(errors(&settle(&mut s))[0].contains("x.tar.gz"));
    let recipe = Recipe { batch: 0, ..Recipe::default() };
    s.send(Command::Build(Box::new(Build { name: "t".into(), spec: tiny(), recipe })));
    assert!(errors(&settle(&mut s))[0].contains("batch is 0"));
    let big = by_name("resnet152").expect("in the zoo");
    let recipe = Recipe { batch: 512, ..Recipe::default() };
    s.send(Command::Build(Box::new(Build { name: "t".into(), spec: big, recipe })));
    assert!(errors(&settle(&mut s))[0].contains("would fit"));
}

#[test]
fn hyperparameters_change_while_training_runs() {
    let mut s = session();
    let recipe = Recipe { batch: 8, epochs: 1, ..Recipe::default() };
    start(&mut s, tiny(), recipe, synthetic::shapes10_sized(7, 32, 8));
    s.send(Command::Step);
    s.send(Command::Set(HyperChange { lr: Some(0.5), epochs: Some(2), ..HyperChange::default() }));
    s.send(Command::Run);
    let records = steps(&settle(&mut s));
    assert_eq!(records.len(), 8);
    assert_eq!((records[0].lr, records[1].lr), (0.01, 0.5));
    s.send(Command::Set(HyperChange { lr: Some(f32::NAN), ..HyperChange::default() }));
    assert!(errors(&settle(&mut s))[0].contains("learning rate"));
}

#[test]
fn training_makes_way_and_goes_on_without_another_bit() {
    let run = |makes_way: bool| {
        let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
        let options = SessionOptions { slice_seconds: 1e-3, ..SessionOptions::default() };
        let mut session = Session::new(gpu, options);
        let recipe = Recipe { batch: 16, epochs: 1, lr: 0.05, ..Recipe::default() };
        start(&mut session, tiny(), recipe, synthetic::shapes10_sized(7, 64, 16));
        session.send(Command::Run);
        let mut events = Vec::new();
        if makes_way {
            session.pump();
            session.make_way(true);
            // What is queued already is done; nothing is added.
            session.gpu().wait();
            session.pump();
            let before = session.measured_steps();
            assert!(before < 4, "there is something left to hold up");
            for _ in 0..20 {
                assert_eq!(session.pump(), Activity::Busy, "it has not come to rest");
                assert_eq!(session.gpu().in_flight(), 0);
                session.gpu().wait();
            }
            assert_eq!(session.measured_steps(), before);
            events = session.events();
            session.make_way(false);
        }
        events.extend(settle(&mut session));
        assert_eq!(errors(&events), [""; 0]);
        steps(&events).iter().map(|r| r.loss.to_bits()).collect::<Vec<_>>()
    };
    let undisturbed = run(false);
    assert_eq!(undisturbed.len(), 4);
    assert_eq!(run(true), undisturbed);
}

#[test]
fn a_full_ring_makes_the_next_step_wait_and_drops_nothing() {
    let gpu = gpu();
    let data = synthetic::shapes10_sized(7, 16, 8);
    let split = GpuSplit::upload(gpu, &data.train);
    let spec = ModelSpec { blocks: vec![1], width: 4, ..tiny() };
    let options =
        NetworkOptions { batch: 2, eval_batch: 2, variants: Variants::default(), budget: DEFAULT_BUDGET };
    let net = Prepared::new(&spec, options).expect("fits").allocate(gpu);
    let recipe = Recipe { batch: 2, steps: Some(400), ..Recipe::default() };
    let mut t = Trainer::new(gpu, net, recipe, 16);
    for _ in 0..RING_STEPS {
        assert!(t.begin_step(gpu, &split).expect("plans"));
        while !t.at_boundary() {
            t.advance(gpu, f64::INFINITY);
        }
    }
    assert!(!t.begin_step(gpu, &split).expect("plans"), "the ring is full");
    assert!(!t.begin_step(gpu, &split).expect("plans"));
    assert_eq!(t.ring_waits, 1);
    let mut told = Vec::new();
    while told.len() < RING_STEPS as usize {
        told.extend(t.collect(gpu).expect("readable").into_iter().map(|m| m.record.step));
        gpu.wait();
    }
    assert_eq!(told, (0..RING_STEPS).collect::<Vec<u64>>());
    // The ring wraps: the next steps take the first places again.
    for _ in 0..3 {
        assert!(t.begin_step(gpu, &split).expect("plans"));
        t.advance(gpu, f64::INFINITY);
    }
    while told.len() < RING_STEPS as usize + 3 {
        told.extend(t.collect(gpu).expect("readable").into_iter().map(|m| m.record.step));
        gpu.wait();
    }
    assert_eq!(told.last(), Some(&(RING_STEPS + 2)));
}

/// Gathers records `start .. start + n` in file order; answers `[n,3,size,size]`.
fn gather(split: &GpuSplit, start: usize, n: usize, size: usize, recipe: &Recipe, seed: u32) -> Vec<f64> {
    let gpu = gpu();
    let spec = ModelSpec { blocks: vec![1], width: 4, input_size: size, ..tiny() };
    let options =
        NetworkOptions { batch: n, eval_batch: n, variants: Variants::default(), budget: DEFAULT_BUDGET };
    let mut net = Prepared::new(&spec, options).expect("fits").allocate(gpu);
    net.make_plan(gpu, Mode::Eval, n, Some(split), recipe).expect("plans");
    net.set_step(
        gpu,
        &StepUniform {
            batch_start: start as u32,
            augment: u32::from(recipe.augment == Augment::CropFlip),
            augment_seed: seed,
            ..StepUniform::default()
        },
    );
    let plan = net.plan(Mode::Eval, n).expect("made");
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    plan.encode(&mut encoder, 0, f64::INFINITY);
    gpu.submit(encoder.finish());
    let raw = net.read_now(gpu, Buf::Input, Mode::Eval).expect("readable");
    let d = Dims { n, c: 3, h: size, w: size };
    crate::harness::to_nchw(&raw[..n * size * size * 4], d)
}

#[test]
fn a_batch_may_straddle_shards() {
    let data = synthetic::shapes10_sized(7, 30, 1);
    let split = GpuSplit::upload_sharded(gpu(), &data.train, 11);
    assert_eq!(split.shards.len(), 3);
    let got = gather(&split, 5, 20, 32, &Recipe::default(), 0);
    let (want, _) = images(&data.train, &(5..25).collect::<Vec<u32>>());
    assert_close(&got, &want, 1e-6, "pixels");
}

#[test]
fn a_whole_cifar_sized_archive_is_trained_across_its_two_shards() {
    // 50,000 generated records in the official layout, packed and read as an archive.
    let mut tar = tar::Builder::new(Vec::new());
    let mut add = |name: &str, first: usize, n: usize| {
        let mut bytes = Vec::with_capacity(n * (RECORD + 1));
        for r in first..first + n {
            bytes.push((r % 10) as u8);
            bytes.extend((0..RECORD).map(|j| (r * 31 + j * 7) as u8));
        }
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, format!("cifar-10-batches-bin/{name}"), &bytes[..]).expect("appended");
    };
    for b in 0..5 {
        add(&format!("data_batch_{}.bin", b + 1), b * 10_000, 10_000);
    }
    add("test_batch.bin", 50_000, 10_000);
    let bytes = tar.into_inner().expect("packed");
    let data = skipscope::data::cifar::from_archive("cifar-10-binary.tar", &bytes).expect("official layout");
    assert_eq!((data.train.len(), data.test.len()), (50_000, 10_000));
    let split = GpuSplit::upload(gpu(), &data.train);
    assert_eq!(split.shards.len(), 2);
    let boundary = split.shards[1].0.first;
    let got = gather(&split, boundary - 4, 8, 32, &Recipe::default(), 0);
    let records: Vec<u32> = (boundary as u32 - 4..boundary as u32 + 4).collect();
    assert_close(&got, &images(&data.train, &records).0, 1e-6, "pixels");
}

#[test]
fn normalisation_is_per_channel() {
    let data = synthetic::shapes10_sized(7, 4, 1);
    let recipe = Recipe { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.243, 0.261], ..Recipe::default() };
    let got = gather(&GpuSplit::upload(gpu(), &data.train), 0, 4, 32, &recipe, 0);
    let plane = SIZE * SIZE;
    let want: Vec<f64> = (0..4 * RECORD)
        .map(|i| {
            let c = i / plane % 3;
            (f64::from(data.train.pixels[i]) / 255.0 - f64::from(recipe.mean[c])) / f64::from(recipe.std[c])
        })
        .collect();
    assert_close(&got, &want, 1e-5, "pixels");
}

/// PyTorch's `interpolate(mode="bilinear", align_corners=False)` of one plane.
fn bilinear(plane: &[f64], size: usize) -> Vec<f64> {
    let coordinate = |o: usize| ((o as f64 + 0.5) * 32.0 / size as f64 - 0.5).clamp(0.0, 31.0);
    let mut out = Vec::new();
    for oy in 0..size {
        for ox in 0..size {
            let (y, x) = (coordinate(oy), coordinate(ox));
            let (y0, x0) = (y as usize, x as usize);
            let (y1, x1) = ((y0 + 1).min(31), (x0 + 1).min(31));
            let (fy, fx) = (y - y0 as f64, x - x0 as f64);
            let at = |y: usize, x: usize| plane[y * 32 + x];
            let top = at(y0, x0) * (1.0 - fx) + at(y0, x1) * fx;
            let bottom = at(y1, x0) * (1.0 - fx) + at(y1, x1) * fx;
            out.push(top * (1.0 - fy) + bottom * fy);
        }
    }
    out
}

#[test]
fn pictures_are_resized() {
    let data = synthetic::shapes10_sized(7, 2, 1);
    let split = GpuSplit::upload(gpu(), &data.train);
    let (pictures, _) = images(&data.train, &[0, 1]);
    for size in [7, 20, 64, 224] {
        let nearest = Recipe { resize: Resize::Nearest, ..Recipe::default() };
        let got = gather(&split, 0, 2, size, &nearest, 0);
        let mut want = Vec::new();
        for plane in pictures.chunks(1024) {
            for y in 0..size {
                want.extend((0..size).map(|x| plane[y * 32 / size * 32 + x * 32 / size]));
            }
        }
        assert_close(&got, &want, 1e-6, "nearest");
        let got = gather(&split, 0, 2, size, &Recipe::default(), 0);
        let want: Vec<f64> = pictures.chunks(1024).flat_map(|plane| bilinear(plane, size)).collect();
        assert_close(&got, &want, 1e-4, "bilinear");
    }
}

#[test]
fn augmented_pictures_are_crops_and_flips_of_the_padded_original() {
    let n = 64;
    let data = synthetic::shapes10_sized(7, n, 1);
    let recipe = Recipe { augment: Augment::CropFlip, ..Recipe::default() };
    let split = GpuSplit::upload(gpu(), &data.train);
    let got = gather(&split, 0, n, 32, &recipe, 99);
    let (pictures, _) = images(&data.train, &(0..n as u32).collect::<Vec<u32>>());
    let mut seen = std::collections::HashSet::new();
    for i in 0..n {
        let (original, augmented) =
            (&pictures[i * RECORD..(i + 1) * RECORD], &got[i * RECORD..(i + 1) * RECORD]);
        let matches = |dx: i32, dy: i32, flip: bool| {
            (0..RECORD).all(|j| {
                let (c, y, x) = (j / 1024, (j / 32 % 32) as i32, (j % 32) as i32);
                let (sy, sx) = (y + dy, if flip { 31 - x } else { x } + dx);
                let inside = (0..32).contains(&sy) && (0..32).contains(&sx);
                let want = if inside { original[c * 1024 + sy as usize * 32 + sx as usize] } else { -1.0 };
                (augmented[j] - want).abs() < 1e-5
            })
        };
        let all = (-4..=4).flat_map(|dx| (-4..=4).flat_map(move |dy| [(dx, dy, false), (dx, dy, true)]));
        let found = all.into_iter().find(|&(dx, dy, flip)| matches(dx, dy, flip));
        seen.insert(found.unwrap_or_else(|| panic!("picture {i} is no crop of its original")));
    }
    assert!(seen.len() > 30, "only {} different views of {n}", seen.len());
    assert_ne!(got, gather(&split, 0, n, 32, &recipe, 100));
}

#[test]
fn plain_twins_start_from_the_same_weights_and_train() {
    let data = synthetic::shapes10_sized(7, 16, 8);
    let mut norms = Vec::new();
    for shortcut in [Shortcut::ZeroPad, Shortcut::None, Shortcut::Projection] {
        let mut s = session();
        let recipe = Recipe { batch: 8, steps: Some(2), lr: 0.0, ..Recipe::default() };
        start(&mut s, ModelSpec { shortcut, ..tiny() }, recipe, data.clone());
        s.send(Command::Run);
        let events = settle(&mut s);
        let record = steps(&events).pop().expect("steps");
        let names = s.snapshot().model.expect("built").param_names;
        let of = |n: &str| record.weight_norm[names.iter().position(|x| x == n).expect(n)];
        norms.push((of("conv1.weight"), of("layer2.0.conv2.weight"), of("fc.weight")));
    }
    assert_eq!(norms[0], norms[1]);
    assert_eq!(norms[0], norms[2]);
}

#[test]
fn one_value_a_channel_does_not_break_batch_norm() {
    // PyTorch refuses to train on a single value a channel; here σ is √eps and the output is the shift.
    let d = Dims { n: 1, c: 4, h: 1, w: 1 };
    let mut graph = loose_graph(&[d, d]);
    for (name, kind) in [("g", skipscope::model::ParamKind::Gamma), ("b", skipscope::model::ParamKind::Beta)]
    {
        graph.params.push(skipscope::model::Param { name: name.into(), shape: vec![4], kind, fan_in: 1 });
    }
    graph.norms.push(("bn".into(), 4));
    let affine = skipscope::model::Affine {
        kind: skipscope::model::AffineKind::BatchNorm { gamma: 0, beta: 1, norm: 0 },
        input: 0,
        residual: None,
        relu: false,
        output: 1,
    };
    graph
        .nodes
        .push(skipscope::model::Node { name: "bn".into(), op: skipscope::model::Op::Affine(affine.clone()) });
    let params = [vec![1.0; 4], vec![0.25; 4]];
    let out = run_ops(&graph, &Variants::default(), Mode::Train, 1, &params, StepUniform::default(), |b| {
        let fill = vec![(b.new_value(0), vec![3.0, -2.0, 0.0, 1e3])];
        skipscope::engine::ops::affine::forward(b, 0, &affine);
        fill
    });
    assert_close(&out.value(1, d), &[0.25; 4], 1e-6, "z");
}
