//! Gradients against the reference's, and what theory says.

use super::*;
use crate::data::synthetic;
use crate::gpu::AdapterChoice;

#[test]
fn cosines_of_known_vectors() {
    // Unit vectors turned by 60° each.
    let angle = std::f64::consts::FRAC_PI_3;
    let dx: Vec<f64> =
        (0..5).flat_map(|k| [(angle * f64::from(k)).cos(), (angle * f64::from(k)).sin()]).collect();
    let found = cosines(&dx, 5);
    assert_eq!(found.len(), 2);
    assert!((found[0] - 0.5).abs() < 1e-12 && (found[1] + 0.5).abs() < 1e-12, "{found:?}");
}

#[test]
fn theory_is_the_papers() {
    let value = |skip, batch_norm| Kind { depth: 20, skip, batch_norm }.theory().map(|t| (t.layers, t.value));
    assert_eq!(value(false, false), Some((19, 0.5f64.powi(19))));
    assert_eq!(value(true, false), Some((9, 0.75f64.powi(9))));
    assert_eq!(value(true, true), Some((9, 1.0 / 3.0)));
    assert_eq!(value(false, true), None);
}

fn finish(options: Options) -> Vec<Curve> {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let train = GpuSplit::upload(&gpu, &synthetic::shapes10(1).train);
    let mut job = Shatter::new(options, train).expect("sensible");
    while !job.advance(&gpu).expect("the GPU works").is_done() {}
    job.outcome()
}

fn options(depths: &[usize]) -> Options {
    Options {
        depths: depths.to_vec(),
        seeds: 3,
        points: 8,
        init: Init::He,
        resources: Resources { gpu_memory: crate::engine::DEFAULT_BUDGET, ..Resources::default() },
    }
}

/// The gradient of a line's inputs by the whole reference, for the same seed, weights and projection.
fn by_reference(seed: u64, skip: bool) -> Vec<f64> {
    let kind = Kind { depth: 8, skip, batch_norm: false };
    let spec = ModelSpec { batch_norm: false, ..kind.spec().expect("there") };
    let graph = crate::model::Graph::new(&spec).expect("valid");
    let train = synthetic::shapes10(1).train;
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let mut job = Shatter::new(options(&[8]), GpuSplit::upload(&gpu, &train)).expect("sensible");
    // Without the way to the GPU and back.
    let ends = records(seed, train.len());
    let bytes = ends[..2].iter().flat_map(|&r| train.picture(r).expect("there").to_vec()).collect();
    job.pictures = Some((seed, bytes));
    let images: Vec<f64> = job.line().into_iter().map(f64::from).collect();
    let n = job.options.points;
    let net = reference::Network::from_f32(graph.clone(), &weights::init(&graph, Init::He, seed));
    let trace = net.forward_eval(&images, &vec![0; n]);
    let mut params = vec![Vec::new(); graph.params.len()];
    let mut tensors: Vec<Vec<f64>> = trace.values.iter().map(|v| vec![0.0; v.len()]).collect();
    let v: Vec<f64> = (0..10).map(|k| weights::normal(seed, "projection", k)).collect();
    tensors[graph.logits] = v.repeat(n);
    for node in (0..graph.nodes.len()).rev() {
        net.backward_node(node, n, &trace.values, &[], &mut params, &mut tensors);
    }
    cosines(&tensors[graph.input], n)
}

#[test]
fn gradients_are_the_references_and_a_skip_keeps_them_alike() {
    let mut asked = options(&[8]);
    asked.seeds = 2;
    let curves = finish(asked);
    assert_eq!(curves.len(), 4);
    for (curve, skip) in [(&curves[0], false), (&curves[2], true)] {
        let mine: Vec<Vec<f64>> = (1..=2).map(|seed| by_reference(seed, skip)).collect();
        for (k, at) in curve.correlation.iter().enumerate() {
            let mean = (mine[0][k] + mine[1][k]) / 2.0;
            assert!((at.correlation - mean).abs() < 1e-3, "{skip} lag {k}: {} for {mean}", at.correlation);
        }
    }
    let far = |c: &Curve| c.correlation.last().expect("lags").correlation;
    assert!(far(&curves[2]) > far(&curves[0]), "{curves:?}");
    assert!(curves.iter().all(|c| c.seeds == 2 && c.correlation.len() == 4));
}

#[test]
fn nonsense_is_refused_with_what_would_do() {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let train = GpuSplit::upload(&gpu, &synthetic::shapes10(1).train);
    let refused = |o: Options| Shatter::new(o, train.beside(&gpu)).err().expect("refused").to_string();
    assert!(refused(options(&[9])).contains("6n + 2"));
    assert!(refused(options(&[2])).contains("6n + 2"));
    assert!(refused(Options { seeds: 1, ..options(&[8]) }).contains("two seeds"));
}
