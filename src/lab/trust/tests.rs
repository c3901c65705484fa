//! The golden models pass; a kernel broken on purpose is found at its layer.

use super::*;
use crate::data::{Dataset, Split, synthetic};
use crate::engine::variants::Variants;
use crate::engine::{DEFAULT_BUDGET, Gates, NetworkState, weights};
use crate::gpu::{AdapterChoice, source};
use crate::model::{Alpha, BlockKind, ModelSpec, Shortcut, Stem, by_name};
use crate::train::Recipe;

fn cpu() -> Gpu {
    pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter (mesa-vulkan-drivers)")
}

fn pictures() -> Dataset {
    let mut data = synthetic::shapes10(1);
    let n = IMAGES;
    data.train = Split {
        labels: data.train.labels[..n].to_vec(),
        pixels: data.train.pixels[..n * crate::data::RECORD].to_vec(),
    };
    data
}

/// Weights of the golden cases, momentum and running statistics that are not those of a start.
fn state(spec: &ModelSpec) -> NetworkState {
    let graph = crate::model::Graph::new(spec).expect("valid");
    let params = weights::golden(&graph, 3);
    let velocity = params.iter().map(|p| p.iter().map(|w| w / 8.0).collect()).collect();
    let of = |x: f32| graph.norms.iter().map(|(_, c)| vec![x; *c]).collect();
    NetworkState { params, velocity, running_mean: of(0.1), running_var: of(0.9) }
}

fn start(gpu: &Gpu, spec: &ModelSpec, variants: Variants) -> Trust {
    prepare(gpu, spec, &Resources { variants, gpu_memory: DEFAULT_BUDGET }).expect("fits")
}

fn prepare(gpu: &Gpu, spec: &ModelSpec, resources: &Resources) -> Result<Trust, LabError> {
    let split = GpuSplit::upload(gpu, &pictures().train);
    let recipe = Recipe { weight_decay: 1e-4, ..Recipe::default() };
    let mut gates = Gates::of(&crate::model::Graph::new(spec).expect("valid"));
    gates[0].beta = 0.75;
    gates[0].back_beta = 0.75;
    let state = state(spec);
    let subject = Subject { name: "tiny", spec, gates: &gates, state: &state, recipe: &recipe };
    Trust::new(gpu, &subject, resources, &split, 10)
}

fn finish(gpu: &Gpu, trust: &mut Trust) -> Report {
    loop {
        if trust.advance(gpu).expect("the GPU works").is_done() {
            return trust.outcome();
        }
    }
}

fn tiny(stem: Stem, block: BlockKind, shortcut: Shortcut, batch_norm: bool) -> ModelSpec {
    ModelSpec {
        stem,
        block,
        blocks: vec![1, 1],
        width: 5,
        shortcut,
        alpha: Alpha::PerBlock(vec![1.0, 0.5]),
        beta: Alpha::All(1.0),
        batch_norm,
        classes: 10,
        input_size: 16,
    }
}

fn assert_passes(gpu: &Gpu, spec: &ModelSpec, variants: Variants) {
    let report = finish(gpu, &mut start(gpu, spec, variants));
    let graph = crate::model::Graph::new(spec).expect("valid");
    for quantity in [Quantity::Output, Quantity::InputGradient, Quantity::WeightGradient, Quantity::Update] {
        let of = report.checks.iter().filter(|c| c.quantity == quantity);
        let worst = of.map(|c| c.deviation).fold(0.0, f64::max);
        println!("{quantity:?} {worst:.1e}");
    }
    for fault in report.faults() {
        println!("{fault:?}");
    }
    assert!(report.passed(), "{spec:?}");
    let gradients = report.checks.iter().filter(|c| c.quantity != Quantity::Update && c.drift.is_some());
    // Every node's output, the loss and its gradient, and every parameter's gradient.
    assert_eq!(gradients.count(), graph.nodes.len() + 2 + graph.params.len());
    assert!((report.loss / report.reference_loss - 1.0).abs() < 1e-3, "{report:?}");
}

#[test]
fn every_kind_of_layer_passes() {
    let gpu = cpu();
    for stem in [Stem::Cifar, Stem::Imagenet] {
        for block in [BlockKind::Basic, BlockKind::Bottleneck] {
            for shortcut in [Shortcut::Projection, Shortcut::ZeroPad, Shortcut::None] {
                for batch_norm in [true, false] {
                    assert_passes(&gpu, &tiny(stem, block, shortcut, batch_norm), Variants::default());
                }
            }
        }
    }
}

#[test]
fn golden_models_pass() {
    let gpu = cpu();
    let mut pixel = Variants::default();
    for operation in crate::engine::variants::OPERATIONS {
        pixel.set(operation, "pixel").expect("known");
    }
    let spec = |name: &str| by_name(name).expect("in the zoo");
    assert_passes(&gpu, &spec("plain20"), Variants::default());
    assert_passes(&gpu, &ModelSpec { batch_norm: false, ..spec("plain20") }, Variants::default());
    assert_passes(&gpu, &spec("resnet20"), pixel);
    let half = ModelSpec { alpha: Alpha::All(0.5), ..spec("resnet20") };
    assert_passes(&gpu, &half, Variants::default());
    assert_passes(
        &gpu,
        &ModelSpec { shortcut: Shortcut::Projection, ..spec("resnet20") },
        Variants::default(),
    );
}

#[test]
fn large_golden_models_pass() {
    let gpu = cpu();
    for name in ["resnet18", "resnet34-imagenet", "resnet50-imagenet", "plain56", "resnet110"] {
        let spec = by_name(name).expect("in the zoo");
        let spec = ModelSpec { input_size: spec.input_size.min(64), classes: 10, ..spec };
        println!("{name}");
        assert_passes(&gpu, &spec, Variants::default());
    }
}

/// Breaks the kernel `name` by putting `with` in the place of the last `what`; answers where the report is red.
fn faults_of(spec: &ModelSpec, name: &str, what: &str, with: &str) -> Vec<(String, Quantity)> {
    let gpu = cpu();
    let text = source(name).unwrap_or_else(|| panic!("there is no kernel {name}"));
    let at = text.rfind(what).unwrap_or_else(|| panic!("{name} has no {what}"));
    let broken = format!("{}{with}{}", &text[..at], &text[at + what.len()..]);
    gpu.replace_kernel(name, &broken);
    let mut trust = start(&gpu, spec, Variants::default());
    let used = |t: &Trust| {
        let program = t.net.program(Mode::Train, t.net.batch).expect("built");
        program.dispatches.iter().any(|d| d.kernel == name)
    };
    assert!(used(&trust), "{name} is not used");
    finish(&gpu, &mut trust).faults().map(|c| (c.layer.clone(), c.quantity)).collect()
}

#[test]
fn a_broken_kernel_is_red_at_its_layer_and_nowhere_else() {
    let spec = tiny(Stem::Cifar, BlockKind::Basic, Shortcut::ZeroPad, true);
    let cases = [
        // A tap takes its neighbour's weight.
        ("conv_forward/k3s2/tile1x8x1", "w2, w3)", "w3, w3)", "layer2.0.conv1", Quantity::Output),
        (
            "conv_input_grad_stride2/k3s2/tile1x8x1",
            "w2, w3)",
            "w3, w3)",
            "layer2.0.conv1",
            Quantity::InputGradient,
        ),
        (
            "conv_weight_grad_row/k3s2/co1",
            "(x2.x), g0",
            "(x2.y), g0",
            "layer2.0.conv1",
            Quantity::WeightGradient,
        ),
        ("zero_pad", "p.front", "p.front + 1u", "layer2.0.shortcut", Quantity::Output),
        ("avg_pool_backward", "/ f32", "* f32", "avgpool", Quantity::InputGradient),
        ("softmax_cross_entropy", "log(sum) -", "log(sum) +", "loss", Quantity::Loss),
    ];
    for (kernel, what, with, layer, quantity) in cases {
        let faults = faults_of(&spec, kernel, what, with);
        assert_eq!(faults, [(layer.to_owned(), quantity)], "{kernel}");
    }
}

#[test]
fn a_weights_slope_is_its_gradient() {
    let gpu = cpu();
    let spec = tiny(Stem::Cifar, BlockKind::Basic, Shortcut::Projection, true);
    let mut trust = start(&gpu, &spec, Variants::default());
    assert!(trust.slope(0, 0).is_err(), "not before the check is done");
    finish(&gpu, &mut trust);
    let graph = trust.net.graph.clone();
    let mut smooth = 0;
    for (p, param) in graph.params.iter().enumerate() {
        let mut slope = trust.slope(p, param.len() / 2).expect("checked");
        let found = loop {
            if let Some(found) = slope.pump() {
                break found;
            }
        };
        if found.kink {
            continue;
        }
        smooth += 1;
        let size = found.by_half.abs().max(1e-3);
        assert!((found.reference - found.by_half).abs() / size < 1e-4, "{found:?}");
        assert!((found.gpu - found.by_half).abs() / size < 1e-2, "{found:?}");
    }
    assert!(smooth * 10 >= graph.params.len() * 9, "{smooth} of {}", graph.params.len());
    assert!(trust.slope(0, usize::MAX).is_err());
}

#[test]
fn a_kink_is_called_one() {
    // Every input of the first ReLU is channel 0's bias: it switches at −h, and at −h/2 it does not yet.
    let plain = tiny(Stem::Cifar, BlockKind::Basic, Shortcut::None, false);
    let spec = ModelSpec { blocks: vec![1], alpha: Alpha::All(1.0), ..plain };
    let gpu = cpu();
    let mut trust = start(&gpu, &spec, Variants::default());
    let bias = trust.net.graph.param("conv1.bias").expect("there");
    let weight = trust.net.graph.param("conv1.weight").expect("there");
    let mut state = state(&spec);
    state.params[weight].fill(0.0);
    state.params[bias][0] = 0.75e-6;
    trust.net.upload(&gpu, &state);
    trust.reference = reference::Network::from_f32(trust.net.graph.clone(), &state.params);
    trust.reference.velocity = state.velocity.iter().map(|v| f64s(v)).collect();
    finish(&gpu, &mut trust);
    let mut slope = trust.slope(bias, 0).expect("checked");
    let found = loop {
        if let Some(found) = slope.pump() {
            break found;
        }
    };
    assert!(found.kink, "{found:?}");
    assert!((found.reference - found.by_half).abs() < 1e-4 * found.by_half.abs(), "{found:?}");
}

#[test]
fn what_cannot_be_checked_is_refused() {
    let gpu = cpu();
    let spec = tiny(Stem::Cifar, BlockKind::Basic, Shortcut::ZeroPad, true);
    let refused = |spec: &ModelSpec, gpu_memory: u64| {
        let resources = Resources { gpu_memory, ..Resources::default() };
        prepare(&gpu, spec, &resources).err().expect("refused").to_string()
    };
    let few = ModelSpec { classes: 5, ..spec.clone() };
    assert_eq!(refused(&few, DEFAULT_BUDGET), "tiny has 5 classes, the pictures 10");
    let text = refused(&spec, 1 << 10);
    assert!(text.contains("memory"), "{text}");
}

#[test]
fn slopes_that_are_asked_for_are_measured_after_the_check() {
    let gpu = cpu();
    let spec = tiny(Stem::Cifar, BlockKind::Basic, Shortcut::ZeroPad, true);
    let mut trust = start(&gpu, &spec, Variants::default());
    trust.ask("fc.bias", 3).expect("there");
    assert_eq!(finish(&gpu, &mut trust).slopes.len(), 1);
    // And later ones, by a check that was over.
    trust.ask("layer2.0.conv1.weight", 7).expect("there");
    assert!(!trust.progress().is_done());
    let report = finish(&gpu, &mut trust);
    let names: Vec<_> = report.slopes.iter().map(|s| (s.parameter.as_str(), s.index)).collect();
    assert_eq!(names, [("fc.bias", 3), ("layer2.0.conv1.weight", 7)]);
    let error = |t: &mut Trust, name: &str, index| t.ask(name, index).expect_err("refused").to_string();
    assert!(error(&mut trust, "conv9.weight", 0).contains("no parameter 'conv9.weight'"));
    assert!(error(&mut trust, "fc.bias", 10).contains("10 scalars"));
    assert!(trust.progress().is_done());
}
