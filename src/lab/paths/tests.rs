//! Sampled gradients and shares against the reference.

use super::*;
use crate::data::synthetic;
use crate::engine::{DEFAULT_BUDGET, NetworkState, reference};
use crate::gpu::AdapterChoice;
use crate::model::{Graph, Shortcut, by_name};
use crate::train::{Init, Recipe};

fn cpu() -> Gpu {
    pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter")
}

fn options(samples: usize) -> Options {
    Options {
        picture: 0,
        samples,
        images: 3,
        class: Some(4),
        seed: 1,
        resources: Resources { gpu_memory: DEFAULT_BUDGET, ..Resources::default() },
    }
}

fn spec(shortcut: Shortcut) -> ModelSpec {
    ModelSpec { width: 4, shortcut, ..by_name("resnet8").expect("in the zoo") }
}

fn state(graph: &Graph) -> NetworkState {
    let mut state = NetworkState::initial(graph, weights::golden(graph, 2));
    state.running_mean.iter_mut().for_each(|m| m.fill(0.2));
    state
}

fn finish(gpu: &Gpu, job: &mut Paths) -> Outcome {
    while !job.advance(gpu).expect("the GPU works").is_done() {}
    job.outcome()
}

fn start(gpu: &Gpu, spec: &ModelSpec, gates: &[Gates], options: Options) -> Paths {
    let graph = Graph::new(spec).expect("valid");
    let split = GpuSplit::upload(gpu, &synthetic::shapes10(1).train);
    let (state, recipe) = (state(&graph), Recipe::default());
    let subject = Subject { name: "small", spec, gates, state: &state, recipe: &recipe };
    Paths::new(gpu, &subject, &split, 10, options).expect("sensible")
}

/// Gradient of each image's own loss at the first block's input, with the backward gates of `path`.
fn by_reference(spec: &ModelSpec, gates: &[Gates], path: Option<&[bool]>) -> Vec<f64> {
    let graph = Graph::new(spec).expect("valid");
    let (bare, params) = folded(&graph, &state(&graph)).expect("valid");
    let mut net = reference::Network::new(bare, params);
    net.gates = gates.to_vec();
    for (b, gate) in net.gates.iter_mut().enumerate() {
        match path.map(|p| p[b]) {
            Some(true) => gate.back_alpha = 0.0,
            Some(false) => gate.back_beta = 0.0,
            None => {}
        }
    }
    let data = synthetic::shapes10(1).train;
    let images: Vec<f64> =
        data.pixels[..3 * crate::data::RECORD].iter().map(|&b| (f64::from(b) / 255.0 - 0.5) / 0.5).collect();
    let trace = net.forward_eval(&images, &data.labels[..3]);
    let grads = net.backward(&trace);
    grads.tensors[net.graph.blocks[0].input].iter().map(|g| 3.0 * g).collect()
}

fn mean_norm(gradient: &[f64]) -> f64 {
    let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    gradient.chunks_exact(gradient.len() / 3).map(norm).sum::<f64>() / 3.0
}

#[test]
fn all_paths_of_a_short_network_are_the_references_and_add_up_to_the_whole() {
    let gpu = cpu();
    for shortcut in [Shortcut::ZeroPad, Shortcut::Projection] {
        let spec = spec(shortcut);
        let gates = [Gates::new(1.0, 1.0), Gates::new(0.5, 1.0), Gates::new(1.0, 0.75)];
        let outcome = finish(&gpu, &mut start(&gpu, &spec, &gates, options(10)));
        assert_eq!(outcome.lengths.iter().map(|l| l.samples).collect::<Vec<_>>(), [1, 3, 3, 1]);
        assert_eq!(outcome.ways.len(), 8);
        let whole = by_reference(&spec, &gates, None);
        assert!((outcome.whole / mean_norm(&whole) - 1.0).abs() < 1e-3, "{shortcut:?}");
        let mut sum = vec![0.0; whole.len()];
        let mut by_length = [0.0; 4];
        for bits in 0..8u32 {
            let path: Vec<bool> = (0..3).map(|b| bits >> b & 1 == 1).collect();
            let gradient = by_reference(&spec, &gates, Some(&path));
            let way = outcome.ways.iter().find(|w| w.branches == path).expect("listed");
            assert!((way.gradient / mean_norm(&gradient) - 1.0).abs() < 1e-3, "{path:?}");
            by_length[bits.count_ones() as usize] += mean_norm(&gradient);
            sum.iter_mut().zip(&gradient).for_each(|(s, g)| *s += g);
        }
        let off: Vec<f64> = sum.iter().zip(&whole).map(|(a, b)| a - b).collect();
        assert!(mean_norm(&off) < 1e-10 * mean_norm(&whole), "{shortcut:?}: paths add up");
        for (length, wanted) in outcome.lengths.iter().zip(by_length) {
            let mean = wanted / length.samples as f64;
            assert!((length.gradient / mean - 1.0).abs() < 1e-3, "{shortcut:?} {length:?} for {mean}");
        }
        assert!((outcome.lengths.iter().map(|l| l.share).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((outcome.lengths.iter().map(|l| l.paths).sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn shares_add_up_to_the_logit_of_the_gpu() {
    let gpu = cpu();
    for (shortcut, batch_norm) in
        [(Shortcut::ZeroPad, true), (Shortcut::Projection, true), (Shortcut::ZeroPad, false)]
    {
        let spec = ModelSpec { batch_norm, ..spec(shortcut) };
        let gates = [Gates::new(1.0, 1.0), Gates::new(0.5, 1.0), Gates::new(1.0, 0.75)];
        let outcome = finish(&gpu, &mut start(&gpu, &spec, &gates, options(1)));
        let shares = outcome.shares.expect("taken apart");
        assert!(shares.off < 1e-4, "{shares:?}");
        assert_eq!((shares.class, shares.blocks.len()), (4, 3));
        assert!(shares.blocks.iter().all(|b| b.branch != 0.0 && b.skip != 0.0));
        // Stem, two in each block, projections, classifier.
        let projections = if shortcut == Shortcut::Projection { 2 } else { 0 };
        assert_eq!(shares.biases.len(), 1 + 6 + projections + 1);
        // A branch that does nothing has no share, and the sum still holds.
        let dropped = [gates[0], Gates::new(0.5, 0.0), gates[2]];
        let without =
            finish(&gpu, &mut start(&gpu, &spec, &dropped, options(1))).shares.expect("taken apart");
        assert!(without.off < 1e-4 && without.blocks[1].branch.abs() < 1e-12, "{without:?}");
    }
}

#[test]
fn the_picture_that_is_asked_for_is_taken_apart() {
    let gpu = cpu();
    let spec = spec(Shortcut::Projection);
    let gates = Gates::of(&Graph::new(&spec).expect("valid"));
    let shares = |picture: usize, images: usize| {
        let mut job = start(&gpu, &spec, &gates, Options { picture, images, ..options(1) });
        finish(&gpu, &mut job).shares.expect("taken apart")
    };
    let (first, second) = (shares(0, 3), shares(1, 3));
    assert_eq!((first.picture, second.picture), (0, 1));
    assert_ne!(first.logit.to_bits(), second.logit.to_bits());
    // Whichever others are in the batch.
    let alone = shares(1, 1);
    assert!((alone.logit - second.logit).abs() < 1e-5 && (alone.sum - second.sum).abs() < 1e-9);
    assert!(alone.off < 1e-4 && second.off < 1e-4);
}

#[test]
fn samples_are_distinct_paths_of_each_length() {
    for blocks in [3, 9, 27] {
        let list = sample(blocks, 5, 1);
        for k in 0..=blocks {
            let mut of: Vec<_> = list.iter().filter(|p| p.iter().filter(|b| **b).count() == k).collect();
            assert_eq!(of.len(), choose(blocks, k).min(5.0) as usize, "{blocks} blocks, {k} branches");
            of.sort();
            of.dedup();
            assert_eq!(of.len(), choose(blocks, k).min(5.0) as usize);
        }
    }
    assert_eq!(choose(27, 13), 20_058_300.0);
    assert_ne!(sample(27, 5, 1), sample(27, 5, 2));
}

#[test]
fn plain_networks_are_refused() {
    let gpu = cpu();
    let spec = spec(Shortcut::None);
    let graph = Graph::new(&spec).expect("valid");
    let split = GpuSplit::upload(&gpu, &synthetic::shapes10(1).train);
    let gates = Gates::of(&graph);
    let state = NetworkState::initial(&graph, weights::init(&graph, Init::He, 1));
    let recipe = Recipe::default();
    let subject = Subject { name: "plain", spec: &spec, gates: &gates, state: &state, recipe: &recipe };
    let refused = Paths::new(&gpu, &subject, &split, 10, options(1)).err();
    assert!(refused.expect("refused").to_string().contains("one path"));
}

#[test]
fn two_networks_share_the_memory() {
    let gpu = cpu();
    let spec = spec(Shortcut::ZeroPad);
    let graph = Graph::new(&spec).expect("valid");
    let (split, state) = (GpuSplit::upload(&gpu, &synthetic::shapes10(1).train), state(&graph));
    let (gates, recipe) = (Gates::of(&graph), Recipe::default());
    let subject = Subject { name: "small", spec: &spec, gates: &gates, state: &state, recipe: &recipe };
    let with = |gpu_memory: u64| {
        let resources = Resources { gpu_memory, ..Resources::default() };
        Paths::new(&gpu, &subject, &split, 10, Options { resources, ..options(1) }).err()
    };
    let alone = |batch: usize, eval_batch: usize, spec: &ModelSpec| {
        let resources = options(1).resources;
        Budget::new(&resources).prepare(spec, batch, eval_batch).expect("fits").demand.total()
    };
    let both = alone(1, 3, &spec) + alone(3, 1, &ModelSpec { batch_norm: false, ..spec.clone() });
    assert!(with(both).is_none());
    let refused = with(both - 1).expect("a byte too few").to_string();
    assert!(refused.contains("the networks together"), "{refused}");
}
