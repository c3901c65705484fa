//! Experiments: races are fair and change no bit.

use crate::harness::gpu;
use skipscope::data::{Dataset, synthetic};
use skipscope::engine::NetworkState;
use skipscope::engine::program::{Buf, Mode};
use skipscope::lab::building::Resources;
use skipscope::lab::race::{Difference, Lane, Race, RaceOptions, RaceOutcome};
use skipscope::lab::{Job, LabError};
use skipscope::model::{ModelSpec, Shortcut, by_name};
use skipscope::session::{Change, Whom};
use skipscope::train::Recipe;

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
    let outcome = finish(&mut race);
    assert_eq!(outcome.lanes[1].runs[0].surgeries.len(), 1);
    let (plain, cut) = (losses(&outcome, 0), losses(&outcome, 1));
    assert_eq!(plain[0], cut[0]);
    // The next seed begins as specified.
    assert_ne!(plain[1], cut[1]);
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
