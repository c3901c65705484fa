//! Made-up experiments. Nothing here was measured.

use super::{Demo, Noise};
use skipscope::app::View;
use skipscope::lab::Progress;
use skipscope::lab::cause_grid::cells;
use skipscope::model::ParamKind;
use skipscope::model::{Graph, by_name};
use skipscope::session::{
    CauseSetup, Cell, CellResult, Experiment, ExperimentView, Found, GridOutcome, GridSettings, Lesion,
    LesionKind, LesionOutcome, LesionSetup, Lesioned, Mark, Measured,
};
use skipscope::train::{Init, Recipe};
use std::sync::Arc;

/// A window that shows `found` of `experiment`, after `done` of 1000.
pub fn showing(network: &str, link: &str, experiment: Experiment, found: Option<Found>, done: u64) -> Demo {
    let mut demo = Demo::running(network, 1200);
    demo.app.open_link(link, Some("shapes10"));
    assert_eq!(demo.app.view, View::Lab);
    demo.app.take_commands();
    demo.snapshot.experiment = Some(Arc::new(ExperimentView {
        experiment,
        under_way: done < 1000,
        resumable: false,
        step: 1200,
        progress: Progress { done, total: 1000, what: "plain20: layer2.1".into() },
        found,
        failed: None,
    }));
    demo
}

fn lesioned(name: &str, kind: LesionKind, known: usize) -> LesionOutcome {
    let spec = by_name(name).expect("in the zoo");
    let graph = Graph::new(&spec).expect("valid");
    let plain = !spec.is_residual();
    let mut noise = Noise(11 + u64::from(plain));
    let reshapes = |b: usize| graph.blocks[b].index == 0 && graph.blocks[b].stage > 1;
    let mut lesions = Vec::new();
    for b in 0..graph.blocks.len() {
        let lesion = match kind {
            LesionKind::Drop => Lesion::Drop(b),
            LesionKind::Scramble => Lesion::Scramble(b),
            LesionKind::Swap if b > 0 && graph.blocks[b].stage == graph.blocks[b - 1].stage => {
                Lesion::Swap(b - 1, b)
            }
            LesionKind::Swap => continue,
        };
        let blocks = if let Lesion::Swap(a, b) = lesion { vec![a, b] } else { vec![b] };
        let impossible = (plain || kind == LesionKind::Swap) && blocks.iter().any(|b| reshapes(*b));
        let accuracy = match (plain, reshapes(b)) {
            (true, _) => 0.12 + 0.03 * noise.next(),
            (false, true) => 0.34 + 0.05 * noise.next(),
            (false, false) => 0.62 + 0.06 * noise.next() - 0.1 / (1.0 + b as f32),
        };
        let measured = (!impossible && lesions.len() < known)
            .then_some(Measured { accuracy, loss: 3.0 - 3.0 * accuracy });
        lesions.push(Lesioned {
            lesion,
            blocks: blocks.iter().map(|b| graph.blocks[*b].name.clone()).collect(),
            reshapes: blocks.iter().any(|b| reshapes(*b)),
            measured,
            impossible: impossible
                .then(|| "it changes the shape, and nothing else carries the signal past it".to_owned()),
        });
    }
    LesionOutcome {
        name: name.into(),
        spec,
        seed: 1,
        trained_steps: if plain { 1200 } else { 0 },
        images: 500,
        reestimated: false,
        intact: Some(Measured { accuracy: if plain { 0.58 } else { 0.684 }, loss: 0.9 }),
        lesions,
    }
}

/// Blocks of `network` dropped, exchanged or scrambled; and of its twin, half done.
pub fn lesions(network: &str, kind: LesionKind, twin: Option<&str>) -> Demo {
    let words = match kind {
        LesionKind::Drop => "drop",
        LesionKind::Swap => "swap",
        LesionKind::Scramble => "scramble",
    };
    let setup = LesionSetup { kinds: vec![kind], images: Some(500), reestimate: false, twin: twin.is_some() };
    let mut runs = vec![lesioned(network, kind, usize::MAX)];
    runs.extend(twin.map(|name| lesioned(name, kind, 5)));
    let done = if twin.is_some() { 640 } else { 1000 };
    let alone = if twin.is_some() { "twin" } else { "alone" };
    let link = format!("#m={network}&view=lab&lab=lesion:{words}:500:kept:{alone}");
    showing(network, &link, Experiment::Lesion(setup), Some(Found::Lesion(runs)), done)
}

fn run(cell: Cell) -> CellResult {
    let graph = Graph::new(&cell.spec(10).expect("there")).expect("valid");
    let layers: Vec<String> =
        graph.params.iter().filter(|p| p.kind == ParamKind::Weight).map(|p| p.name.clone()).collect();
    let (n, blocks) = (layers.len(), graph.blocks.len());
    let mut noise = Noise(cell.depth as u64 + 3 * u64::from(cell.skip) + 5 * u64::from(cell.batch_norm));
    // Factor from a layer to the next.
    let slope: f32 = match (cell.skip, cell.batch_norm, cell.init) {
        (true, ..) => 1.01,
        (false, true, _) => 1.13,
        (false, false, Init::Torch) => 0.55,
        _ => 1.0,
    };
    let mark = |step: u64, noise: &mut Noise| {
        let norm = |i: usize, noise: &mut Noise| {
            let g = 0.3 * slope.powi((n - i) as i32) * (1.0 + 0.2 * noise.next());
            if g < 1e-38 { 0.0 } else { g }
        };
        let grad_norm: Vec<f32> = (0..n).map(|i| norm(i, noise)).collect();
        let (first, last) = (grad_norm[1], grad_norm[n - 2]);
        let bare: f32 = if cell.batch_norm { 0.02 } else { 0.1 };
        Mark {
            step,
            loss: if cell.skip { 2.3 - 0.03 * step as f32 } else { 2.32 } + 0.05 * noise.next(),
            first_over_last: (last > 0.0).then(|| first / last),
            growth: Some(if cell.skip { 1.3 } else { 0.98 }),
            output_std: (0..blocks).map(|b| 0.6 * (1.0 + bare * b as f32)).collect(),
            response_std: (0..blocks).map(|b| 1.0 - 0.4 * b as f32 / blocks as f32).collect(),
            dead: vec![if cell.init == Init::Torch { 0.3 } else { 0.05 }; blocks],
            grad_norm,
        }
    };
    let marks = [0, 10, 100].map(|s| mark(s, &mut noise)).to_vec();
    CellResult { cell, layers, marks, diverged: None }
}

/// Runs of three seeds each, all complete.
pub fn seeds() -> Demo {
    let all = cells(&[20, 56], &[false, true], &[true, false], &[Init::He], &[1, 2, 3]);
    let settings = GridSettings { data: "shapes10".into(), at: vec![0, 10, 100], recipe: Recipe::default() };
    let cells: Vec<CellResult> = all.iter().map(|c| run(*c)).collect();
    let experiment = Experiment::CauseGrid(CauseSetup { settings: settings.clone(), cells: all, done: None });
    let link = "#m=resnet20&view=lab&lab=cause:20,56:he:0,10,100:32:0.01:3";
    showing("resnet20", link, experiment, Some(Found::CauseGrid(GridOutcome { settings, cells })), 1000)
}

/// A grid of 20 runs, of which `done` are complete.
pub fn grid(done: usize) -> Demo {
    let all = cells(&[20, 56], &[false, true], &[true, false], &[Init::Torch, Init::He, Init::Fixup], &[1]);
    let settings = GridSettings { data: "shapes10".into(), at: vec![0, 10, 100], recipe: Recipe::default() };
    let cells: Vec<CellResult> = all.iter().take(done).map(|c| run(*c)).collect();
    let experiment = Experiment::CauseGrid(CauseSetup { settings: settings.clone(), cells: all, done: None });
    let link = "#m=resnet20&view=lab&lab=cause:20,56:torch,he,fixup:0,10,100:32:0.01";
    let share = 50 * done as u64;
    showing("resnet20", link, experiment, Some(Found::CauseGrid(GridOutcome { settings, cells })), share)
}
