//! Burn against PyTorch's answers, and against the own engine through the seam that both stand behind.

use skipscope::burn;
use skipscope::checkpoint;
use skipscope::data::{Dataset, RECORD, Split, synthetic};
use skipscope::engine::weights::{self, splitmix64};
use skipscope::engine::{Gates, NetworkState};
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::lab::Job as _;
use skipscope::lab::building::Resources;
use skipscope::lab::engines::{Agreement, Engines, Question};
use skipscope::model::{Alpha, Graph, ModelSpec, Shortcut, Stem, by_name};
use skipscope::session::{
    Activity, Build, Command, DataSource, EngineKind, EnginesSetup, Event, Experiment, Found, Session,
    SessionOptions, StepRecord, Whom,
};
use skipscope::train::golden::{Case, Field};
use skipscope::train::{Augment, Init, Recipe, Resize, Schedule};
use std::path::{Path, PathBuf};

fn gpu() -> Gpu {
    pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter (mesa-vulkan-drivers)")
}

fn cases() -> Vec<(PathBuf, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden");
    let entries =
        std::fs::read_dir(folder).expect("tests/golden is there").map(|e| e.expect("readable").path());
    let mut paths: Vec<PathBuf> = entries.filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    paths.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("readable");
    paths.iter().map(|path| (path.clone(), serde_json::from_str(&read(path)).expect("a case"))).collect()
}

/// The pictures of `tests/golden/make_cases.py`.
fn generated_pictures(n: usize) -> Dataset {
    let byte = |i: usize| (splitmix64((1 << 40) + i as u64) >> 56) as u8;
    let train = Split {
        labels: (0..n).map(|r| (r % 10) as u8).collect(),
        pixels: (0..n * RECORD).map(byte).collect(),
    };
    let (classes, notes) = (Vec::new(), Vec::new());
    Dataset { name: "generated".into(), classes, train, test: Split::default(), notes }
}

fn assert_holds(name: &Path, fields: &[Field]) {
    for f in fields {
        let (name, tolerance) = (name.display(), f.tolerance);
        assert!(f.holds(), "{name}: {} is off by {:.1e}, {tolerance:?} allowed", f.name, f.worst);
    }
    assert!(fields.iter().filter(|f| f.tolerance.is_some()).count() >= 4, "it compares too little");
}

#[test]
fn pytorchs_answers_hold_on_the_cpu() {
    let data = generated_pictures(64);
    let cases = cases();
    assert_eq!(cases.len(), 3);
    for (path, case) in cases {
        assert_holds(&path, &burn::golden(&burn::cpu(), &case, &data).expect("runs"));
    }
}

/// One case, as every kernel that Burn wants is tried out first.
#[test]
fn pytorchs_answers_hold_on_wgpu() {
    let data = generated_pictures(64);
    let (path, case) = cases().swap_remove(2);
    let gpu = gpu();
    let device = burn::open(&gpu).expect("Burn opens");
    assert_holds(&path, &burn::golden(&device, &case, &data).expect("runs"));
    assert_eq!(gpu.take_errors(), Vec::<String>::new());
}

/// Sums over more elements than a loop has rounds on llvmpipe.
#[test]
fn norms_of_large_parameters_hold_on_wgpu() {
    let graph = Graph::new(&ModelSpec { classes: 20_000, ..tiny() }).expect("valid");
    let state = NetworkState::initial(&graph, weights::init(&graph, Init::He, 1));
    let gpu = gpu();
    let mut net = burn::Net::new(graph.clone(), burn::open(&gpu).expect("Burn opens"), &state);
    let batch = burn::Batch { images: vec![0.5; 2 * 3 * 32 * 32], labels: vec![0, 1], side: 32 };
    let sgd = burn::Sgd { lr: 0.0, momentum: 0.0, weight_decay: 0.0, nesterov: false };
    let step = pollster::block_on(net.step(&batch, &Gates::of(&graph), sgd, true)).expect("runs");
    let large = graph.params.iter().position(|p| p.len() > 262_144).expect("fc.weight");
    for (values, norm) in [large, 0].map(|i| (&state.params[i], step.weight_norm[i])) {
        let expected = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        assert!(close(norm, expected as f32, 1e-5), "{norm} {expected}");
    }
}

#[test]
fn a_wrong_answer_is_noticed() {
    let (_, mut case) = cases().swap_remove(2);
    case.model.alpha = Alpha::All(0.9);
    let fields = burn::golden(&burn::cpu(), &case, &generated_pictures(64)).expect("runs");
    assert!(fields.iter().any(|f| f.name == "loss" && !f.holds()), "{fields:?}");
}

/// A network small enough for a CPU adapter to train in milliseconds.
fn tiny() -> ModelSpec {
    ModelSpec { blocks: vec![1, 1], width: 8, ..by_name("resnet8").expect("in the zoo") }
}

fn compare(spec: ModelSpec, recipe: Recipe, steps: u64) -> Agreement {
    let gpu = gpu();
    let data = synthetic::shapes10_sized(5, 44, 20);
    let question = Question { name: "tiny".into(), spec, recipe, other: EngineKind::BurnCpu, steps };
    let resources = Resources { gpu_memory: 1 << 30, ..Resources::default() };
    let mut job = Engines::new(&gpu, question, &data, &resources).expect("fits");
    while !job.advance(&gpu).expect("runs").is_done() {}
    job.outcome()
}

fn assert_alike(what: &str, found: &Agreement) {
    assert!(found.holds(), "{what}: {found:?}");
    for row in &found.rows {
        assert!(row.first_gradient < 2e-3, "{what}: {row:?}");
        assert!(row.weights < 2e-3, "{what}: {row:?}");
    }
}

/// Crops and flips, both ways to resize, weight decay, momentum, schedules, a short last batch: step for step as the own
/// engine has them.
#[test]
fn recipes_mean_the_same_in_both_engines() {
    let base = Recipe { batch: 16, epochs: 2, lr: 0.01, init: Init::He, seed: 3, ..Recipe::default() };
    let bilinear = Recipe { augment: Augment::CropFlip, weight_decay: 1e-2, ..base.clone() };
    let found = compare(ModelSpec { input_size: 12, ..tiny() }, bilinear, 6);
    assert_alike("bilinear", &found);
    let nearest = Recipe {
        augment: Augment::CropFlip,
        resize: Resize::Nearest,
        nesterov: true,
        schedule: Schedule::Cosine,
        std: [0.2, 0.3, 0.4],
        ..base
    };
    let found = compare(ModelSpec { input_size: 20, ..tiny() }, nearest, 6);
    assert_alike("nearest", &found);
    assert_eq!(found.losses.len(), 6);
}

/// Everything that tells one network from another.
#[test]
fn networks_mean_the_same_in_both_engines() {
    let recipe = Recipe { batch: 8, lr: 0.005, init: Init::He, ..Recipe::default() };
    let half = ModelSpec { alpha: Alpha::PerBlock(vec![0.5, -0.25]), ..tiny() };
    let projection = ModelSpec { shortcut: Shortcut::Projection, ..tiny() };
    let bare = ModelSpec { batch_norm: false, ..tiny() };
    let bottleneck = by_name("resnet50-imagenet").expect("in the zoo");
    let bottleneck = ModelSpec { blocks: vec![1, 1], width: 4, classes: 10, input_size: 32, ..bottleneck };
    assert_eq!(bottleneck.stem, Stem::Imagenet);
    for (what, spec) in [
        ("half a skip", half),
        ("projection", projection),
        ("plain", tiny().plain_twin()),
        ("no batch norm", bare),
        ("bottleneck", bottleneck),
    ] {
        assert_alike(what, &compare(spec, recipe.clone(), 2));
    }
}

fn settle(session: &mut Session) -> Vec<Event> {
    let begin = std::time::Instant::now();
    let mut events = Vec::new();
    while session.pump() == Activity::Busy {
        assert!(begin.elapsed().as_secs() < 120, "the session does not come to rest: {:?}", session.phase());
        events.extend(session.events());
        std::thread::yield_now();
    }
    events.extend(session.events());
    events
}

fn steps(events: &[Event]) -> Vec<StepRecord> {
    events.iter().filter_map(|e| if let Event::Step(r) = e { Some((**r).clone()) } else { None }).collect()
}

fn session(engine: EngineKind, epochs: u32) -> Session {
    let mut session = Session::new(gpu(), SessionOptions::default());
    session.send(Command::Engine(engine));
    session.send(Command::LoadData(DataSource::Dataset(Box::new(synthetic::shapes10_sized(7, 40, 24)))));
    let recipe = Recipe { batch: 16, epochs, lr: 0.02, ..Recipe::default() };
    session.send(Command::Build(Box::new(Build { name: "tiny".into(), spec: tiny(), recipe })));
    session
}

fn close(a: f32, b: f32, tolerance: f32) -> bool {
    (a - b).abs() <= tolerance * b.abs().max(1e-3)
}

/// What a step measures, a run's evaluation and its checkpoint, in both engines.
#[test]
fn a_session_runs_alike_in_both_engines() {
    let mut own = session(EngineKind::Own, 1);
    let mut burn = session(EngineKind::BurnCpu, 1);
    own.send(Command::Run);
    burn.send(Command::Run);
    let (events, others) = (settle(&mut own), settle(&mut burn));
    let (a, b) = (steps(&events), steps(&others));
    assert_eq!((a.len(), b.len()), (3, 3), "{others:?}");
    assert_eq!(a.iter().map(|r| r.images).collect::<Vec<_>>(), [16, 16, 8]);
    let first = |r: &[StepRecord]| r[0].clone();
    let (x, y) = (first(&a), first(&b));
    assert_eq!((x.images, x.epoch, x.lr, x.accuracy), (y.images, y.epoch, y.lr, y.accuracy));
    for (block, other) in x.blocks.iter().zip(&y.blocks) {
        for (m, n) in [
            (block.shortcut, other.shortcut),
            (block.branch, other.branch),
            (block.sum, other.sum),
            (block.output, other.output),
        ] {
            assert!((m.mean - n.mean).abs() < 1e-4 && close(n.std, m.std, 1e-4), "{m:?} {n:?}");
        }
        assert_eq!(block.dead, other.dead);
    }
    for (list, other) in [(&x.weight_norm, &y.weight_norm), (&x.update_norm, &y.update_norm)] {
        assert!(list.iter().zip(other).all(|(a, b)| close(*b, *a, 2e-3)), "{list:?} {other:?}");
    }
    let evaluated = |events: &[Event]| {
        events.iter().find_map(|e| if let Event::Evaluated(e) = e { Some(*e) } else { None })
    };
    let (e, f) = (evaluated(&events).expect("evaluated"), evaluated(&others).expect("evaluated"));
    assert_eq!((e.images, f.images), (24, 24));
    assert!(close(f.loss, e.loss, 1e-3), "{e:?} {f:?}");
    assert_eq!(burn.snapshot().engine, EngineKind::BurnCpu);
}

fn save(session: &mut Session) -> Vec<u8> {
    session.send(Command::Save);
    let saved = |e| if let Event::Saved { bytes, .. } = e { Some(bytes) } else { None };
    settle(session).into_iter().find_map(saved).expect("saved")
}

fn load(session: &mut Session, bytes: Vec<u8>) -> f32 {
    session.send(Command::Load { name: "run.safetensors".into(), bytes });
    session.send(Command::Evaluate);
    let loss = |e| if let Event::Evaluated(e) = e { Some(e.loss) } else { None };
    settle(session).into_iter().find_map(loss).expect("evaluated")
}

#[test]
fn checkpoints_go_from_one_engine_to_the_other() {
    let (mut own, mut burn) = (session(EngineKind::Own, 4), session(EngineKind::BurnCpu, 4));
    for from_burn in [true, false] {
        let (from, to) = if from_burn { (&mut burn, &mut own) } else { (&mut own, &mut burn) };
        from.send(Command::Step);
        from.send(Command::Evaluate);
        let before = settle(from);
        assert!(!steps(&before).is_empty());
        let bytes = save(from);
        let decoded = checkpoint::decode(&bytes, None).expect("a checkpoint").checkpoint;
        assert!(decoded.state.velocity.iter().flatten().any(|v| *v != 0.0));
        let here = load(from, bytes.clone());
        let there = load(to, bytes);
        assert!(close(there, here, 1e-4), "{here} {there}");
        // The optimiser's state has come along: the next steps agree.
        from.send(Command::Step);
        to.send(Command::Step);
        let (a, b) = (steps(&settle(from)), steps(&settle(to)));
        assert!(close(b[0].loss, a[0].loss, 1e-4), "{} {}", a[0].loss, b[0].loss);
        assert!(close(b[0].update_norm[0], a[0].update_norm[0], 2e-3));
    }
}

/// Also where the session's own network is Burn's, of which nothing else in the laboratory can be asked.
#[test]
fn an_experiment_sets_both_engines_side_by_side() {
    let mut session = session(EngineKind::BurnCpu, 1);
    session.send(Command::Step);
    settle(&mut session);
    let setup = EnginesSetup { other: EngineKind::BurnCpu, steps: 1000 };
    session.send(Command::Experiment(Box::new(Experiment::Engines(setup))));
    let events = settle(&mut session);
    assert!(events.iter().any(|e| matches!(e, Event::ExperimentFinished)), "{events:?}");
    let view = session.snapshot().experiment.clone().expect("an experiment");
    let Some(Found::Engines(found)) = &view.found else { panic!("{view:?}") };
    assert_alike("in a session", found);
    // As many as the recipe has.
    assert_eq!((found.losses.len(), view.step, view.failed.clone()), (3, 1, None));
    session.send(Command::Step);
    assert_eq!(steps(&settle(&mut session)).first().map(|r| r.step), Some(1));
}

#[test]
fn skips_are_cut_while_burn_trains_and_what_it_cannot_do_is_said() {
    let mut session = session(EngineKind::BurnCpu, 1);
    session.send(Command::Step);
    session.send(Command::SetAlpha { whom: Whom::Network, alpha: 0.0 });
    session.send(Command::Step);
    let done = steps(&settle(&mut session));
    assert!(done[0].blocks.iter().all(|b| b.shortcut.std > 0.0));
    assert!(done[1].blocks.iter().all(|b| b.shortcut.std == 0.0));
    for command in [Command::StepLayer, Command::Profile] {
        session.send(command);
        let events = settle(&mut session);
        let refused = |e: &Event| matches!(e, Event::Error(text) if text.contains("own engine"));
        assert!(events.iter().any(refused), "{events:?}");
    }
    // It goes on all the same.
    session.send(Command::Step);
    assert_eq!(steps(&settle(&mut session)).len(), 1);
    // Lesions, and back to the same checkpoint.
    let saved = |session: &mut Session| {
        session.send(Command::Save);
        let bytes = settle(session).into_iter().find_map(|e| match e {
            Event::Saved { bytes, .. } => Some(bytes),
            _ => None,
        });
        checkpoint::decode(&bytes.expect("saved"), None).expect("readable").checkpoint.state
    };
    let whole = saved(&mut session);
    for lesion in
        [Command::SetBranch { whom: Whom::Block(0), beta: 0.0 }, Command::ScrambleBlock { block: 0 }]
    {
        session.send(lesion.clone());
        let lesioned = saved(&mut session);
        assert_eq!(lesioned != whole, matches!(lesion, Command::ScrambleBlock { .. }), "{lesion:?}");
        session.send(Command::UndoAlpha);
        assert_eq!(saved(&mut session), whole, "{lesion:?}");
    }
}
