//! Experiments: races are fair and change no bit; lesions are what the reference makes of them.

use crate::harness::{assert_close, gpu};
use skipscope::data::{Dataset, RECORD, Split, synthetic};
use skipscope::engine::program::{Buf, Mode};
use skipscope::engine::reference as f64ref;
use skipscope::engine::{Gates, NetworkState, weights};
use skipscope::lab::building::Resources;
use skipscope::lab::cause_grid::{CauseGrid, Cell, GridOutcome, GridSettings};
use skipscope::lab::lesion::{
    Kind, Lesion, LesionOptions, LesionOutcome, Lesions, Patient, REESTIMATION_BATCHES,
};
use skipscope::lab::race::{Difference, Lane, Race, RaceOptions, RaceOutcome};
use skipscope::lab::{Job, LabError};
use skipscope::model::{Graph, ModelSpec, Shortcut, by_name};
use skipscope::session::{Change, Whom};
use skipscope::train::trainer::shuffled;
use skipscope::train::{Init, Recipe};

fn resources() -> Resources {
    Resources { gpu_memory: 1 << 30, ..Resources::default() }
}

/// Advances to the end.
fn finish<J: Job>(job: &mut J) -> J::Outcome {
    let begin = std::time::Instant::now();
    loop {
        let progress = job.advance(gpu()).expect("it goes on");
        if progress.is_done() {
            return job.outcome();
        }
        assert!(begin.elapsed().as_secs() < 300, "{progress:?}");
        gpu().wait();
    }
}

fn options(lanes: &[(&str, Shortcut)]) -> RaceOptions {
    let recipe = Recipe { batch: 8, steps: Some(5), lr: 0.05, ..Recipe::default() };
    let base = ModelSpec { blocks: vec![1, 2], width: 8, ..by_name("resnet8").expect("in the zoo") };
    let lane = |&(name, shortcut): &(&str, Shortcut)| Lane {
        name: name.into(),
        spec: ModelSpec { shortcut, ..base.clone() },
        recipe: recipe.clone(),
    };
    RaceOptions {
        lanes: lanes.iter().map(lane).collect(),
        seeds: vec![1, 2],
        evaluate: true,
        resources: resources(),
        slice_seconds: 0.002,
    }
}

fn three() -> RaceOptions {
    options(&[("plain", Shortcut::None), ("A", Shortcut::ZeroPad), ("B", Shortcut::Projection)])
}

fn pictures() -> Dataset {
    synthetic::shapes10_sized(7, 30, 20)
}

fn state(race: &mut Race, lane: usize) -> NetworkState {
    let net = &mut race.trainer_mut(lane).expect("built").net;
    let download = net.download_state(gpu());
    download.wait(&gpu().device);
    net.decode_state(download).expect("readable")
}

fn losses(outcome: &RaceOutcome, lane: usize) -> Vec<Vec<u32>> {
    outcome.lanes[lane].runs.iter().map(|r| r.loss.iter().map(|l| l.to_bits()).collect()).collect()
}

#[test]
fn lanes_start_alike_and_do_what_they_do_alone() {
    let (options, data) = (three(), pictures());
    let mut race = Race::new(gpu(), &data, options.clone()).expect("a race");
    while race.trainer_mut(0).is_none() {
        race.advance(gpu()).expect("it builds");
    }
    let names = |race: &mut Race, lane: usize| -> Vec<String> {
        let graph = &race.trainer_mut(lane).expect("built").net.graph;
        graph.params.iter().map(|p| p.name.clone()).collect()
    };
    let (first, mut shared) = (state(&mut race, 0), 0);
    let first_names = names(&mut race, 0);
    for lane in [1, 2] {
        let there = state(&mut race, lane);
        for (name, values) in names(&mut race, lane).iter().zip(&there.params) {
            if let Some(i) = first_names.iter().position(|n| n == name) {
                assert!(first.params[i] == *values, "{name} differs in lane {lane}");
                shared += 1;
            }
        }
    }
    assert_eq!(shared, 2 * first_names.len(), "the plain lane's tensors are all shared");

    let outcome = finish(&mut race);
    assert_eq!(outcome.differ, Some(Difference::Shortcut));
    for lane in 0..3 {
        let alone = finish(&mut Race::alone(gpu(), &data, lane, &options).expect("a lane"));
        assert_eq!(losses(&outcome, lane), losses(&alone, 0), "lane {lane}");
        for (run, by_itself) in outcome.lanes[lane].runs.iter().zip(&alone.lanes[0].runs) {
            assert_eq!(run.loss.len(), 5);
            assert_eq!(run.grad_norm, by_itself.grad_norm);
            assert_eq!((run.test_accuracy, run.test_loss), (by_itself.test_accuracy, by_itself.test_loss));
            assert!(run.test_accuracy.is_some() && run.last_loss.is_some());
        }
    }
    assert_ne!(losses(&outcome, 0), losses(&outcome, 1));
    let seeds = losses(&outcome, 0);
    assert_ne!(seeds[0], seeds[1], "seeds differ");
    assert!(outcome.headline().starts_with("After 5 steps: plain "), "{}", outcome.headline());
}

#[test]
fn lanes_see_the_same_batches() {
    let mut options = three();
    (options.evaluate, options.seeds) = (false, vec![3]);
    let mut race = Race::new(gpu(), &pictures(), options).expect("a race");
    finish(&mut race);
    // The second epoch's first batch, in an order of its own, is what the last step has left.
    let batches: Vec<Vec<f32>> = (0..3)
        .map(|lane| {
            let net = &mut race.trainer_mut(lane).expect("built").net;
            net.read_now(gpu(), Buf::Input, Mode::Train).expect("readable")
        })
        .collect();
    assert!(batches[0].iter().any(|v| *v != 0.0));
    assert!(batches[1..].iter().all(|b| *b == batches[0]), "the batches differ");
}

#[test]
fn a_lane_that_is_cut_in_a_race_goes_on_as_the_plain_one() {
    let data = pictures();
    let mut race = Race::new(gpu(), &data, options(&[("plain", Shortcut::None), ("A", Shortcut::ZeroPad)]))
        .expect("a race");
    while race.trainer_mut(0).is_none() {
        race.advance(gpu()).expect("it builds");
    }
    race.operate(1, Whom::Network, Change::Set(0.0)).expect("a residual lane");
    assert!(matches!(race.operate(0, Whom::Network, Change::Set(0.0)), Err(LabError::Asked(_))));
    for numbers in [Change::Swap(1), Change::Scramble(1)] {
        let refused = race.operate(1, Whom::Block(0), numbers).map_err(|e| e.to_string());
        assert!(refused.expect_err("numbers stay").contains("not in a race"));
    }
    assert_eq!(race.outcome().lanes.iter().map(|l| l.can_undo).collect::<Vec<_>>(), [false, true]);
    let outcome = finish(&mut race);
    assert_eq!(outcome.lanes[1].runs[0].surgeries.len(), 1);
    let (plain, cut) = (losses(&outcome, 0), losses(&outcome, 1));
    assert_eq!(plain[0], cut[0]);
    // The next seed begins as specified.
    assert_ne!(plain[1], cut[1]);
}

#[test]
fn what_a_lane_is_told_after_its_last_step_is_not_done_to_the_next_seed() {
    let (data, options) = (pictures(), options(&[("plain", Shortcut::None), ("A", Shortcut::ZeroPad)]));
    let untouched = finish(&mut Race::new(gpu(), &data, options.clone()).expect("a race"));
    let mut race = Race::new(gpu(), &data, options).expect("a race");
    let first = |race: &Race| race.outcome().lanes.get(1).and_then(|l| l.runs.first().cloned());
    let over = |race: &Race| first(race).is_some_and(|run| run.last_loss.is_some());
    while !over(&race) {
        race.advance(gpu()).expect("it trains");
        gpu().wait();
    }
    assert_eq!(race.outcome().lanes[1].runs.len(), 1, "its test split is still measured");
    race.operate(1, Whom::Network, Change::Set(0.0)).expect("a residual lane");
    let told = finish(&mut race);
    assert!(told.lanes[1].runs.iter().all(|r| r.surgeries.is_empty()));
    assert_eq!(losses(&told, 1), losses(&untouched, 1));
}

#[test]
fn a_lane_that_diverges_stops_and_the_others_go_on() {
    let mut options = options(&[("calm", Shortcut::ZeroPad), ("wild", Shortcut::ZeroPad)]);
    options.seeds = vec![1];
    for lane in &mut options.lanes {
        lane.spec.batch_norm = false;
        lane.recipe.steps = Some(30);
    }
    options.lanes[1].recipe.lr = 1000.0;
    let outcome = finish(&mut Race::new(gpu(), &pictures(), options).expect("a race"));
    assert_eq!(outcome.differ, Some(Difference::LearningRate));
    let (calm, wild) = (&outcome.lanes[0].runs[0], &outcome.lanes[1].runs[0]);
    assert_eq!((calm.loss.len(), calm.diverged.is_none()), (30, true));
    let (step, what) = wild.diverged.clone().expect("diverged");
    assert!(step < 29 && !what.is_empty() && wild.loss.len() == step as usize + 1);
    assert!(wild.test_accuracy.is_none() && calm.test_accuracy.is_some());
    assert!(outcome.headline().contains("wild diverged"), "{}", outcome.headline());
}

/// Records of a split as the network sees them.
fn seen(split: &Split, records: &[u32]) -> (Vec<f64>, Vec<u8>) {
    let pixels = records.iter().flat_map(|&r| &split.pixels[r as usize * RECORD..][..RECORD]);
    let images = pixels.map(|b| (f64::from(*b) / 255.0 - 0.5) / 0.5).collect();
    (images, records.iter().map(|&r| split.labels[r as usize]).collect())
}

fn small(shortcut: Shortcut, blocks: &[usize]) -> ModelSpec {
    ModelSpec { shortcut, blocks: blocks.to_vec(), width: 4, ..by_name("resnet8").expect("in the zoo") }
}

/// A network with weights and statistics that are no default's.
fn twin(spec: &ModelSpec) -> f64ref::Network {
    let graph = Graph::new(spec).expect("valid");
    let mut net = f64ref::Network::from_f32(graph.clone(), &weights::init(&graph, Init::He, 5));
    for (i, (_, c)) in graph.norms.iter().enumerate() {
        for k in 0..*c {
            net.running_mean[i][k] = 0.1 * k as f64 - 0.2;
            net.running_var[i][k] = 0.5 + 0.25 * k as f64;
        }
    }
    net
}

fn lesions(net: &f64ref::Network, data: &Dataset, kind: Kind, reestimate: bool) -> LesionOutcome {
    let f32s = |all: &[Vec<f64>]| all.iter().map(|v| v.iter().map(|x| *x as f32).collect()).collect();
    let state = NetworkState {
        params: f32s(&net.params),
        velocity: f32s(&net.velocity),
        running_mean: f32s(&net.running_mean),
        running_var: f32s(&net.running_var),
    };
    let recipe = Recipe { batch: 8, ..Recipe::default() };
    let spec = net.graph.spec.clone();
    let patient = Patient { name: "small".into(), spec, recipe, state: Some(state), steps: None };
    let options = LesionOptions {
        kinds: vec![kind],
        reestimate,
        images: Some(12),
        seed: 3,
        resources: resources(),
        slice_seconds: 0.01,
    };
    finish(&mut Lesions::new(gpu(), data, patient, options).expect("a patient"))
}

fn loss(net: &f64ref::Network, data: &Dataset) -> f64 {
    let (images, labels) = seen(&data.test, &(0..12).collect::<Vec<u32>>());
    net.forward_eval(&images, &labels).loss
}

#[track_caller]
fn assert_loss(measured: Option<skipscope::lab::lesion::Measured>, wanted: f64, what: &str) {
    assert_close(&[f64::from(measured.expect("measured").loss)], &[wanted], 1e-4, what);
}

#[test]
fn a_dropped_branch_is_what_the_reference_has_without_it() {
    let data = pictures();
    let mut net = twin(&small(Shortcut::Projection, &[2, 1]));
    let out = lesions(&net, &data, Kind::Drop, false);
    assert_loss(out.intact, loss(&net, &data), "intact");
    assert_eq!(out.lesions.len(), 3);
    for (b, lesion) in out.lesions.iter().enumerate() {
        assert_eq!((lesion.lesion, lesion.reshapes), (Lesion::Drop(b), b == 2));
        net.gates[b] = Gates::new(1.0, 0.0);
        assert_loss(lesion.measured, loss(&net, &data), &lesion.blocks[0]);
        net.gates[b] = Gates::new(1.0, 1.0);
    }
}

#[test]
fn a_plain_network_without_a_block_is_the_shorter_network() {
    let data = pictures();
    let net = twin(&small(Shortcut::None, &[2, 1]));
    let out = lesions(&net, &data, Kind::Drop, false);
    assert_loss(out.intact, loss(&net, &data), "intact");
    // Without layer1.1; blocks keep their names.
    let mut shorter = f64ref::Network::new(
        Graph::new(&small(Shortcut::None, &[1, 1])).expect("valid"),
        twin(&small(Shortcut::None, &[1, 1])).params,
    );
    for (i, p) in shorter.graph.params.clone().iter().enumerate() {
        shorter.params[i].clone_from(&net.params[net.graph.param(&p.name).expect("there")]);
    }
    for (i, (name, _)) in shorter.graph.norms.clone().iter().enumerate() {
        let at = net.graph.norms.iter().position(|n| n.0 == *name).expect("there");
        shorter.running_mean[i].clone_from(&net.running_mean[at]);
        shorter.running_var[i].clone_from(&net.running_var[at]);
    }
    assert_loss(out.lesions[1].measured, loss(&shorter, &data), "layer1.1");
    assert!(out.lesions[2].measured.is_none() && out.lesions[2].impossible.is_some(), "{:?}", out.lesions[2]);
}

#[test]
fn neighbours_change_places_and_scrambles_hurt_and_everything_comes_back() {
    let data = pictures();
    let mut net = twin(&small(Shortcut::ZeroPad, &[2, 1]));
    let intact = loss(&net, &data);
    let out = lesions(&net, &data, Kind::Scramble, false);
    let scrambled: Vec<f64> =
        out.lesions.iter().map(|l| f64::from(l.measured.expect("measured").loss)).collect();
    assert!(scrambled.iter().all(|l| (l - intact).abs() > 1e-3), "{scrambled:?} {intact}");
    assert_eq!(out, lesions(&net, &data, Kind::Scramble, false), "the same seed, the same scramble");
    let out = lesions(&net, &data, Kind::Swap, false);
    for part in ["conv1.weight", "bn1.weight", "bn1.bias", "conv2.weight", "bn2.weight", "bn2.bias"] {
        let at = |b: usize| net.graph.param(&format!("layer1.{b}.{part}")).expect("there");
        let (a, b) = (at(0), at(1));
        net.params.swap(a, b);
    }
    assert_loss(out.lesions[0].measured, loss(&net, &data), "swapped");
    assert_eq!(out.lesions.len(), 1);
}

#[test]
fn statistics_are_estimated_anew_from_training_batches() {
    let data = pictures();
    let mut net = twin(&small(Shortcut::ZeroPad, &[1, 1]));
    let out = lesions(&net, &data, Kind::Drop, true);
    let order = shuffled(30, 3, 0);
    for number in 0..REESTIMATION_BATCHES {
        let first = number % 3 * 8;
        let (images, labels) = seen(&data.train, &order[first..first + 8]);
        net.forward_train(&images, &labels);
    }
    assert_loss(out.intact, loss(&net, &data), "anew");
    assert!(out.lesions.iter().all(|l| l.measured.is_some()));
}

fn grid(cells: &[Cell], data: &Dataset, done: Option<GridOutcome>) -> Result<CauseGrid, LabError> {
    let recipe = Recipe { batch: 4, ..Recipe::default() };
    let settings = GridSettings { data: data.name.clone(), at: vec![0, 2], recipe };
    CauseGrid::new(gpu(), data, settings, cells, done, resources(), 0.1)
}

#[test]
fn a_grid_goes_on_where_it_stopped() {
    let data = synthetic::shapes10_sized(7, 12, 1);
    let cell = |skip| Cell { depth: 8, skip, batch_norm: true, init: Init::He, seed: 2 };
    let cells = [cell(true), cell(false)];
    let whole = finish(&mut grid(&cells, &data, None).expect("a grid"));
    let half = finish(&mut grid(&cells[..1], &data, None).expect("a grid"));
    assert_eq!(half.cells.len(), 1);
    let mut rest = grid(&cells, &data, Some(half.clone())).expect("the rest");
    assert_eq!(rest.complete(), 1);
    assert_eq!(finish(&mut rest), whole);
    assert_eq!(finish(&mut grid(&cells, &data, Some(whole.clone())).expect("nothing")), whole);
    for result in &whole.cells {
        let steps: Vec<u64> = result.marks.iter().map(|m| m.step).collect();
        assert_eq!((steps, result.layers.len()), (vec![0, 2], 8));
        for m in &result.marks {
            // conv1, three blocks of two, fc.
            assert_eq!(m.first_over_last, Some(m.grad_norm[1] / m.grad_norm[5]));
            assert_eq!((m.output_std.len(), m.response_std.len(), m.dead.len()), (3, 3, 3));
        }
        // γ is 1 and β is 0 before the first step.
        assert!(result.marks[0].response_std.iter().all(|s| (s - 1.0).abs() < 1e-3), "{result:?}");
    }
    assert_ne!(whole.cells[0].marks, whole.cells[1].marks);
    let other = GridOutcome { settings: GridSettings { at: vec![0], ..half.settings.clone() }, ..half };
    assert!(matches!(grid(&cells, &data, Some(other)), Err(LabError::Asked(_))));
    assert!(grid(&[Cell { depth: 9, ..cells[0] }], &data, None).is_err());
}
