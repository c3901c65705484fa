//! Lanes against the reference, step by step.

use super::*;
use crate::engine::reference;
use crate::gpu::AdapterChoice;

fn options() -> Options {
    Options {
        blocks: 2,
        steps: 40,
        seeds: 1,
        rates: vec![1.0],
        zero_gamma: true,
        resources: Resources { gpu_memory: crate::engine::DEFAULT_BUDGET, ..Resources::default() },
    }
}

fn finish(options: Options) -> Outcome {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let mut job = Identity::new(options).expect("sensible");
    while !job.advance(&gpu).expect("the GPU works").is_done() {}
    job.outcome()
}

#[test]
fn wanted_is_the_identity_and_a_known_residual() {
    let (x, wanted) = batch(1, 0);
    assert!(x.iter().chain(&wanted).all(|v| *v >= 0.0));
    let at = |v: &[f32], c: usize| v[c * SIDE * SIDE + 5];
    let r = at(&x, 4) - at(&x, 2);
    assert_eq!(at(&wanted, 3), (at(&x, 3) + EPSILON * r).max(0.0));
    assert_ne!(batch(1, 1).0, x);
    assert_eq!(batch(1, 0).0, x);
    let outcome = Identity::new(options()).expect("sensible").outcome;
    assert!((0.05..0.2).contains(&outcome.residual), "{}", outcome.residual);
}

/// The first steps of a lane once more in f64.
fn by_reference(lane: Lane, blocks: usize, steps: u64) -> Vec<f64> {
    let spec = ModelSpec {
        stem: Stem::Cifar,
        block: BlockKind::Basic,
        blocks: vec![blocks],
        width: CHANNELS,
        shortcut: if lane.skip { Shortcut::ZeroPad } else { Shortcut::None },
        alpha: Alpha::All(1.0),
        beta: Alpha::All(1.0),
        batch_norm: lane.batch_norm,
        classes: 2,
        input_size: SIDE,
    };
    let graph = Graph::new(&spec).expect("valid");
    let mut net = reference::Network::from_f32(graph.clone(), &weights::init(&graph, Init::He, lane.seed));
    let f64s = |v: &[f32]| v.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    let (first, last) = (graph.blocks[0].input, graph.blocks[blocks - 1].affine);
    let from = graph.nodes.iter().position(|n| n.op.input() == first).expect("there");
    let sgd = reference::Sgd {
        lr: f64::from(lane.lr),
        momentum: f64::from(MOMENTUM),
        weight_decay: 0.0,
        nesterov: false,
    };
    let mut losses = Vec::new();
    for step in 0..steps {
        let (x, wanted) = batch(lane.seed, step);
        let mut values = vec![Vec::new(); graph.tensors.len()];
        values[first] = f64s(&x);
        let mut stats = vec![reference::BatchStats::default(); graph.norms.len()];
        for i in from..=last {
            net.forward_node(i, BATCH, reference::Mode::Train, &mut values, &mut stats);
        }
        let output = graph.nodes[last].op.output();
        let (loss, gradient) = reference::mean_squared_error(&values[output], &f64s(&wanted));
        losses.push(loss);
        let mut tensors: Vec<Vec<f64>> = values.iter().map(|v| vec![0.0; v.len()]).collect();
        tensors[output] = gradient;
        let mut params: Vec<Vec<f64>> = graph.params.iter().map(|p| vec![0.0; p.len()]).collect();
        for i in (from..=last).rev() {
            net.backward_node(i, BATCH, &values, &stats, &mut params, &mut tensors);
        }
        net.sgd(&reference::Grads { params, tensors }, &sgd);
    }
    losses
}

#[test]
fn lanes_train_as_the_reference_does_and_are_measured() {
    let outcome = finish(options());
    assert_eq!(outcome.runs.len(), 5);
    for run in &outcome.runs {
        assert_eq!(run.steps.len(), 40, "{}", run.lane);
        assert_eq!(run.steps[0].gamma.is_some(), run.lane.batch_norm);
        if run.lane.zero_gamma {
            // The identity to begin with: no branch, and the identity's loss.
            assert!(run.steps[0].branch.iter().all(|b| *b < 1e-6), "{:?}", run.steps[0]);
            assert!((f64::from(run.steps[0].loss) / outcome.identity_loss - 1.0).abs() < 1e-4);
            continue;
        }
        for (k, loss) in by_reference(run.lane, outcome.blocks, 3).into_iter().enumerate() {
            let off = (f64::from(run.steps[k].loss) / loss - 1.0).abs();
            assert!(off < 1e-3, "{} step {k}: {} for {loss}", run.lane, run.steps[k].loss);
        }
    }
}

#[test]
fn nonsense_is_refused() {
    assert!(Identity::new(Options { blocks: 0, ..options() }).is_err());
    assert!(Identity::new(Options { rates: vec![f32::NAN], ..options() }).is_err());
    assert!(Identity::new(Options { rates: Vec::new(), ..options() }).is_err());
}
