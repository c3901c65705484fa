//! Made-up outcomes of experiments. Nothing here was measured.

use super::lab::showing;
use super::{Demo, Noise};
use skipscope::engine::variants::Variants;
use skipscope::lab::alpha::{At as AlphaAt, Outcome as AlphaOutcome};
use skipscope::lab::identity::{Lane, Outcome as Identity, Run, Step};
use skipscope::lab::landscape::survey::{InPlane, Outcome as Surveys, Surveyed};
use skipscope::lab::landscape::{Grid, Snapshot, Statistics, Surface};
use skipscope::lab::paths::{BlockShare, Length, Outcome as Paths, Shares, Way};
use skipscope::lab::shatter::{At, Curve, Kind};
use skipscope::lab::trust::{Check, Difference, Quantity, Report, Trusted};
use skipscope::model::{AffineKind, Graph, Op, ParamKind, by_name};
use skipscope::session::{
    AlphaSetup, Experiment, Found, IdentitySetup, LandscapeSetup, PathsSetup, ShatterSetup,
};
use std::sync::Arc;

/// A check of `network`, whose layer `broken` is off, with one slope measured.
pub fn trust(network: &str, broken: Option<&str>) -> Demo {
    let spec = by_name(network).expect("in the zoo");
    let graph = Graph::new(&spec).expect("valid");
    let mut noise = Noise(5);
    let mut checks = Vec::new();
    let n = graph.nodes.len() as f64;
    let mut push = |layer: &str, quantity: Quantity, depth: f64, drift: bool| {
        let luck = 10f64.powf(0.5 * f64::from(noise.next()));
        let gradient = !matches!(quantity, Quantity::Output | Quantity::Loss | Quantity::Update);
        let size = if gradient { 1.5e-6 } else { 4e-7 };
        let off = broken == Some(layer) && quantity == Quantity::WeightGradient;
        let drift = drift.then_some(4e-7 * luck * (1.0 + 60.0 * depth));
        let deviation = if off { 0.021 } else { size * luck };
        checks.push(Check {
            layer: layer.into(),
            quantity,
            deviation,
            tolerance: quantity.tolerance(),
            drift,
        });
    };
    for (i, node) in graph.nodes.iter().enumerate() {
        push(&node.name, Quantity::Output, i as f64 / n, true);
    }
    push("loss", Quantity::Loss, 1.0, true);
    push("loss", Quantity::InputGradient, 1.0, true);
    for (i, node) in graph.nodes.iter().enumerate().rev() {
        let depth = 2.0 - i as f64 / n;
        push(&node.name, Quantity::InputGradient, depth, false);
        match &node.op {
            Op::Conv(_) => push(&node.name, Quantity::WeightGradient, depth, true),
            Op::Affine(a) => match a.kind {
                AffineKind::BatchNorm { .. } => {
                    push(&node.name, Quantity::GammaGradient, depth, true);
                    push(&node.name, Quantity::BetaGradient, depth, true);
                }
                AffineKind::Bias { .. } => push(&node.name, Quantity::BiasGradient, depth, true),
            },
            _ => {}
        }
        push(&node.name, Quantity::Update, depth, false);
    }
    let weights = graph.params.iter().map(|p| {
        let size = if p.kind == ParamKind::Weight { 0.12 } else { 1.0 };
        (0..p.len()).map(|_| size * noise.next()).collect()
    });
    let weights = Arc::new(weights.collect());
    let slope = |index, kink| Difference {
        parameter: "conv1.weight".into(),
        index,
        weight: 0.0412,
        gpu: -0.013_245_67,
        reference: -0.013_245_71,
        h: 1e-6,
        by_h: -0.013_245_70,
        by_half: if kink { -0.013_012 } else { -0.013_245_71 },
        kink,
    };
    let report = Report {
        adapter: "NVIDIA GeForce RTX 4070 Laptop GPU (Vulkan)".into(),
        images: 4,
        loss: std::f64::consts::LN_10 + 1e-7,
        reference_loss: std::f64::consts::LN_10,
        checks,
        slopes: vec![slope(0, false), slope(40, true)],
    };
    let found = Trusted {
        name: network.into(),
        passed: report.passed(),
        report,
        spec,
        batch: 32,
        seed: 1,
        variants: Variants::default(),
        weights,
        command_line: Some(format!(
            "skipscope train {network} --batch 32 --lr 0.02 --seed 1 --data shapes10"
        )),
        not_repeatable: None,
    };
    let link = format!("#m={network}&view=lab&lab=trust");
    showing(network, &link, Experiment::Trust, Some(Found::Trust(found)), 1000)
}

/// Paths through `network`.
pub fn paths(network: &str) -> Demo {
    let graph = Graph::new(&by_name(network).expect("in the zoo")).expect("valid");
    let n = graph.blocks.len();
    let mut noise = Noise(3);
    let choose = |k: usize| -> f64 { (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product() };
    let all = 2f64.powi(n as i32);
    let mut lengths: Vec<Length> = (0..=n)
        .map(|k| {
            let gradient = 0.02 * 0.42f64.powi(k as i32) * (1.0 + 0.2 * f64::from(noise.next()));
            let samples = choose(k).min(10.0) as usize;
            Length {
                branches: k,
                paths: choose(k) / all,
                samples,
                gradient,
                error: (samples > 1).then_some(0.3 * gradient),
                share: gradient * choose(k),
            }
        })
        .collect();
    let total: f64 = lengths.iter().map(|l| l.share).sum();
    lengths.iter_mut().for_each(|l| l.share /= total);
    let way = |bits: usize| {
        let branches: Vec<bool> = (0..n).map(|b| bits >> b & 1 == 1).collect();
        let k = branches.iter().filter(|b| **b).count();
        Way { branches, gradient: lengths[k].gradient * (1.0 + 0.1 * bits as f64) }
    };
    let ways = if n <= 4 { (0..1usize << n).map(way).collect() } else { Vec::new() };
    let logit = 7.4182;
    let blocks = graph.blocks.iter().enumerate().map(|(i, b)| {
        let depth = (i + 1) as f64 / n as f64;
        let later_biases = 3.1 * (1.0 - depth) - 0.4 * f64::from(noise.next());
        let branch = (logit - later_biases) * (0.25 + 0.2 * f64::from(noise.next()));
        BlockShare { block: b.name.clone(), branch, skip: logit - later_biases - branch, later_biases }
    });
    let blocks = blocks.collect();
    let biases: Vec<(String, f64)> = (0..2 * n + 2).map(|i| (format!("bn{i}"), 0.2)).collect();
    let added: f64 = biases.iter().map(|b| b.1).sum();
    let shares = Shares {
        picture: 12,
        class: 4,
        logit,
        sum: logit + 1e-6,
        off: 2.1e-7,
        blocks,
        image: logit - added,
        biases,
    };
    let found = Paths { blocks: n, whole: 0.03, lengths, ways, shares: Some(shares) };
    let setup = PathsSetup { samples: 10, images: 16, picture: 0, class: None, seed: 1 };
    let link = format!("#m={network}&view=lab&lab=paths:10:16");
    showing(network, &link, Experiment::Paths(setup), Some(Found::Paths(found)), 1000)
}

fn bowl(x: [f64; 2], y: [f64; 2], rough: f64, known: usize) -> Surface {
    let statistics = Statistics::Running;
    let mut surface = Surface::new(Grid { size: 17, x, y, statistics, images: 128 }).expect("a grid");
    for at in Surface::order(17).into_iter().take(known) {
        let [a, b] = surface.place(at);
        let ripple = rough * ((7.0 * a).sin() * (6.0 * b).cos() + 1.0);
        let loss = 0.35 + 5.0 * (a * a + 1.4 * b * b) + ripple * (a * a + b * b) * 6.0;
        surface.points[at] = Some([loss, 1.0 / (1.0 + loss)]);
    }
    surface
}

/// Surfaces around ResNet-20 and its twin, the second not complete.
pub fn landscape(known: usize) -> Demo {
    let lane = |name: &str, rough: f64, known: usize| {
        let snapshots: Vec<Snapshot> = (0..=20u64)
            .map(|i| Snapshot { step: 10 * i, loss: (i < 20).then(|| 2.3 * 0.9f32.powi(i as i32) + 0.3) })
            .collect();
        let path: Vec<[f64; 2]> = (0..=20)
            .map(|i| {
                let t = 1.0 - f64::from(i) / 20.0;
                [3.0 * t, 1.1 * t * (1.0 - t) * 2.0 - 0.1 * t]
            })
            .collect();
        let run = InPlane { explained: [0.734, 0.121], path, snapshots: snapshots.clone() };
        let [x, y] = run.ends();
        let narrow = |r: [f64; 2]| r.map(|v| v / 3.0);
        let mut plane = bowl(narrow(x), narrow(y), rough / 4.0, 289);
        (plane.grid.x, plane.grid.y) = (x, y);
        Surveyed {
            name: name.into(),
            steps: 200,
            snapshots,
            random: Some(bowl([-1.0, 1.0], [-1.0, 1.0], rough, known)),
            run: Some(run),
            path: Some(plane),
        }
    };
    let found = Surveys { lanes: vec![lane("resnet20", 0.1, 289), lane("plain20", 1.6, known)] };
    let setup = LandscapeSetup {
        twin: true,
        present: false,
        steps: 200,
        size: 17,
        reach: 1.0,
        images: 128,
        statistics: Statistics::Running,
        path: true,
        directions: 1,
    };
    let done = if known < 289 { 640 } else { 1000 };
    let link = "#m=resnet20&view=lab&lab=landscape";
    showing("resnet20", link, Experiment::Landscape(setup), Some(Found::Landscape(found)), done)
}

/// Correlations of gradients much as they are on real pictures, for three depths.
pub fn shatter() -> Demo {
    let mut found = Vec::new();
    for depth in [8, 20, 56] {
        for (skip, batch_norm, fall) in
            [(false, false, 0.12), (false, true, 0.6), (true, false, 0.03), (true, true, 0.11)]
        {
            let kind = Kind { depth, skip, batch_norm };
            let correlation = (1..=8)
                .map(|k| {
                    let lag = f64::from(k) / 15.0;
                    let value = (-fall * depth as f64 * lag.sqrt()).exp();
                    At { lag, correlation: value, error: 0.02 + 0.02 * lag }
                })
                .collect();
            found.push(Curve { kind, seeds: 20, theory: kind.theory(), correlation });
        }
    }
    let setup = ShatterSetup { depths: vec![8, 20, 56], seeds: 20, points: 16 };
    let link = "#m=resnet20&view=lab&lab=shatter";
    showing("resnet20", link, Experiment::Shatter(setup), Some(Found::Shatter(found)), 1000)
}

/// α on the skips of ResNet-56.
pub fn alpha() -> Demo {
    let alphas = [1.1, 1.0, 0.9, 0.8, 0.7, 0.5].map(|alpha: f32| {
        let a = f64::from(alpha);
        let std = (0..27).map(|b| 0.6 * (0.35 * a * a * f64::from(b + 1)).exp().sqrt()).collect();
        let theory = a.powi(27);
        AlphaAt { alpha, seeds: 3, std, skip: theory * 1.2, error: theory * 0.1, of_whole: 0.2 * a, theory }
    });
    let found = AlphaOutcome { depth: 56, batch_norm: false, blocks: 27, alphas: alphas.to_vec() };
    let setup = AlphaSetup { depth: 56, alphas: vec![1.0, 0.5], batch_norm: false, seeds: 3, images: 32 };
    let link = "#m=resnet20&view=lab&lab=alpha";
    showing("resnet20", link, Experiment::Alpha(setup), Some(Found::Alpha(found)), 1000)
}

/// Five lanes that learn the identity at two learning rates with two seeds.
pub fn identity() -> Demo {
    let mut noise = Noise(9);
    let mut runs = Vec::new();
    for (skip, batch_norm, zero_gamma, start, pace) in [
        (false, false, false, 0.9, 160.0),
        (false, true, false, 1.1, 60.0),
        (true, false, false, 1.6, 14.0),
        (true, true, false, 1.0, 26.0),
        (true, true, true, 0.0, 20.0),
    ] {
        for lr in [0.02, 0.1] {
            for seed in 1..=2 {
                let pace = if lr == 0.1 { pace } else { 2.5 * pace };
                let steps: Vec<Step> = (0..300)
                    .map(|i| {
                        let t = (-(f64::from(i)) / pace).exp() as f32;
                        let rest = if skip { 0.12 } else { 1.0 };
                        let ratio = rest + (start - rest) * t + 0.02 * noise.next();
                        Step {
                            loss: (0.004 + 0.6 * t * start.max(0.01)) * (1.0 + 0.2 * noise.next()),
                            branch: vec![ratio.max(0.001); 3],
                            gamma: batch_norm.then_some(if zero_gamma {
                                0.14 * (1.0 - t)
                            } else {
                                0.2 + 0.8 * t
                            }),
                        }
                    })
                    .collect();
                let reached = |limit: f32| steps.iter().position(|s| s.loss < limit).map(|i| i as u64);
                let lane = Lane { skip, batch_norm, zero_gamma, lr, seed };
                let (to_identity, to_residual) = (reached(0.01), reached(0.005));
                runs.push(Run { lane, to_identity, to_residual, diverged: None, steps });
            }
        }
    }
    let found = Identity { blocks: 3, identity_loss: 0.01, residual: 0.139, runs };
    let setup = IdentitySetup { blocks: 3, steps: 300, seeds: 2, rates: vec![0.02, 0.1], zero_gamma: true };
    let link = "#m=resnet20&view=lab&lab=identity";
    showing("resnet20", link, Experiment::Identity(setup), Some(Found::Identity(found)), 1000)
}
