//! A made-up race: two lanes, three seeds done and a fourth under way, in which a skip was cut. Nothing here was measured.

use super::{Demo, Noise};
use skipscope::app::View;
use skipscope::lab::Progress;
use skipscope::model::{Graph, ParamKind, by_name};
use skipscope::session::{
    BlockStats, Change, Difference, Lane, LaneOutcome, LaneRun, Moments, RaceOutcome, RaceView, Surgery, Whom,
};
use skipscope::train::Recipe;
use std::sync::Arc;

/// Steps that each lane is to do, and those that the shown seed has done.
const STEPS: usize = 400;
const DONE: usize = 372;
/// The block that was cut, and when.
const CUT: (usize, usize) = (13, 260);

fn run(graph: &Graph, seed: u64, steps: usize) -> LaneRun {
    let residual = graph.spec.is_residual();
    let mut noise = Noise(seed * 31 + u64::from(residual));
    let (floor, pace) = if residual { (1.05, 170.0) } else { (1.86, 130.0) };
    let luck = 0.05 * noise.next();
    let cut = residual && steps < STEPS;
    let loss = (0..steps).map(|i| {
        let t = i as f32;
        let jump = if cut && i >= CUT.1 { 0.35 * (-(t - CUT.1 as f32) / 60.0).exp() } else { 0.0 };
        floor + luck + (2.33 - floor) * (-t / pace).exp() + jump + 0.14 * noise.next()
    });
    let loss: Vec<f32> = loss.collect();
    let weights = graph.params.iter().filter(|p| p.kind == ParamKind::Weight).count();
    let norms = |noise: &mut Noise| -> Vec<f32> {
        let of = |i: usize| {
            let depth = i as f32 / weights as f32;
            if residual { 0.3 - 0.15 * depth } else { 5.0 * (-3.2 * depth).exp() }
        };
        (0..weights).map(|i| of(i) * (1.0 + 0.35 * noise.next())).collect()
    };
    let n = graph.blocks.len();
    let on = if residual { 1.0 } else { 0.0 };
    let blocks = (0..n).map(|b| BlockStats {
        shortcut: Moments { mean: 0.0, std: on * (1.0 - 0.4 * (b as f32 / n as f32) + 0.1 * noise.next()) },
        branch: Moments { mean: 0.0, std: 0.5 + 0.2 * noise.next() },
        ..BlockStats::default()
    });
    let blocks = blocks.collect();
    let over = steps == STEPS;
    LaneRun {
        seed,
        accuracy: loss.iter().map(|l| (1.0 - 0.4 * l).clamp(0.0, 1.0)).collect(),
        // Only the first and the last step's are looked at.
        grad_norm: (0..2).map(|_| norms(&mut noise)).collect(),
        last_loss: over.then(|| loss[STEPS - 40..].iter().sum::<f32>() / 40.0),
        test_accuracy: over.then_some(if residual { 0.66 } else { 0.34 } + 0.1 * luck),
        test_loss: None,
        diverged: None,
        surgeries: if cut {
            vec![Surgery { step: CUT.1 as u64, whom: Whom::Block(CUT.0), change: Change::Set(0.0) }]
        } else {
            Vec::new()
        },
        blocks,
        loss,
    }
}

fn lane(name: &str) -> LaneOutcome {
    let spec = by_name(name).expect("in the zoo");
    let graph = Graph::new(&spec).expect("valid");
    let weights = graph.params.iter().filter(|p| p.kind == ParamKind::Weight);
    let mut alphas = vec![1.0; graph.blocks.len()];
    if spec.is_residual() {
        alphas[CUT.0] = 0.0;
    }
    let runs = (1..=4).map(|seed| run(&graph, seed, if seed < 4 { STEPS } else { DONE }));
    LaneOutcome {
        layers: weights.map(|p| p.name.clone()).collect(),
        alphas,
        can_undo: spec.is_residual(),
        runs: runs.collect(),
        lane: Lane {
            name: name.into(),
            spec,
            recipe: Recipe { steps: Some(STEPS as u64), ..Recipe::default() },
        },
    }
}

/// A window on a race of 56 layers.
pub fn racing() -> Demo {
    let mut demo = Demo::running("resnet8", 60);
    demo.app.open_link("#view=race&race=resnet56:skip:400:5:64:0.05", Some("shapes10"));
    assert_eq!(demo.app.view, View::Race);
    demo.app.take_commands();
    demo.snapshot.race = Some(Arc::new(RaceView {
        under_way: true,
        resumable: false,
        steps: STEPS as u64,
        seeds: 5,
        compiling: None,
        progress: Progress { done: 3144, total: 4000, what: Default::default() },
        outcome: RaceOutcome {
            differ: Some(Difference::Shortcut),
            lanes: vec![lane("resnet56"), lane("plain56")],
            seconds: vec![40.0; 3],
        },
        seen: Vec::new(),
    }));
    demo
}
