//! PyTorch reads what Skipscope writes, and Skipscope what PyTorch writes: the same file gives the same
//! logits on both sides. PyTorch's half is `checkpoint_torch.py`.
//!
//! Needs a Python with torch and numpy (Debian: `python3-torch`). Without one the test is skipped, but not in CI.

use serde::Deserialize;
use skipscope::checkpoint::{Checkpoint, Origin, decode, encode};
use skipscope::engine::reference::{Network, Sgd};
use skipscope::engine::{NetworkState, weights};
use skipscope::model::{Alpha, BlockKind, Graph, ModelSpec, Shortcut, Stem, by_name};
use skipscope::train::{Init, Recipe};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/checkpoint_torch.py");
/// Pictures in the fixed batch.
const IMAGES: usize = 4;
/// Both sides compute in double precision from the same numbers, so that little may differ.
const TOLERANCE: f64 = 1e-6;

struct Case {
    name: &'static str,
    spec: ModelSpec,
    /// In which PyTorch writes its file.
    dtype: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    loaded: Vec<f64>,
    continued: Vec<f64>,
    saved: Vec<f64>,
}

fn cases() -> Vec<Case> {
    let small = ModelSpec { width: 4, input_size: 16, ..by_name("resnet8").expect("in the zoo") };
    let projection = ModelSpec { shortcut: Shortcut::Projection, input_size: 32, ..small.clone() };
    let imagenet = ModelSpec {
        stem: Stem::Imagenet,
        block: BlockKind::Bottleneck,
        blocks: vec![2, 1],
        input_size: 40,
        classes: 12,
        ..projection.clone()
    };
    let bias = ModelSpec { batch_norm: false, alpha: Alpha::All(0.25), ..projection.clone() };
    let plain = ModelSpec { batch_norm: false, shortcut: Shortcut::None, ..small.clone() };
    let zero_pad = ModelSpec { alpha: Alpha::All(0.5), ..small };
    let case = |name, spec, dtype| Case { name, spec, dtype };
    vec![
        case("projection", projection, "F32"),
        case("imagenet_bottleneck", imagenet, "F64"),
        case("projection_with_bias", bias, "BF16"),
        case("plain_with_bias", plain, "F16"),
        case("half_skip_zero_pad", zero_pad, "F32"),
    ]
}

/// The fixed batch, `[N, 3, S, S]`, and its labels; the script has the same.
fn batch(spec: &ModelSpec) -> (Vec<f64>, Vec<u8>) {
    let len = IMAGES * 3 * spec.input_size.pow(2);
    let images = (0..len).map(|i| (0.37 * i as f64).sin()).collect();
    (images, (0..IMAGES).map(|i| (i % spec.classes) as u8).collect())
}

const SGD: Sgd = Sgd { lr: 0.05, momentum: 0.9, weight_decay: 0.0, nesterov: false };

fn train_step(net: &mut Network, images: &[f64], labels: &[u8]) {
    let trace = net.forward_train(images, labels);
    let grads = net.backward(&trace);
    net.sgd(&grads, &SGD);
}

fn to_f32(values: &[Vec<f64>]) -> Vec<Vec<f32>> {
    values.iter().map(|v| v.iter().map(|x| *x as f32).collect()).collect()
}

fn to_f64(values: &[Vec<f32>]) -> Vec<Vec<f64>> {
    values.iter().map(|v| v.iter().map(|x| f64::from(*x)).collect()).collect()
}

/// A network trained for two steps, so that velocities and running statistics are no defaults.
fn trained(spec: &ModelSpec) -> Checkpoint {
    let graph = Graph::new(spec).expect("valid");
    let params = weights::init(&graph, Init::He, 3);
    let mut net = Network::from_f32(graph, &params);
    let (images, labels) = batch(spec);
    for _ in 0..2 {
        train_step(&mut net, &images, &labels);
    }
    Checkpoint {
        name: "small".into(),
        spec: spec.clone(),
        recipe: Recipe::default(),
        step: 2,
        train_images: IMAGES,
        data: "sine".into(),
        variants: BTreeMap::new(),
        adapter: String::new(),
        state: NetworkState {
            params: to_f32(&net.params),
            velocity: to_f32(&net.velocity),
            running_mean: to_f32(&net.running_mean),
            running_var: to_f32(&net.running_var),
        },
        batches_tracked: net.batches_tracked,
        surgeries: Vec::new(),
    }
}

/// The reference network with a checkpoint's numbers.
fn reference(c: &Checkpoint) -> Network {
    let mut net = Network::from_f32(Graph::new(&c.spec).expect("valid"), &c.state.params);
    net.velocity = to_f64(&c.state.velocity);
    net.running_mean = to_f64(&c.state.running_mean);
    net.running_var = to_f64(&c.state.running_var);
    net
}

fn assert_same(what: &str, skipscope: &[f64], torch: &[f64]) {
    assert_eq!(skipscope.len(), torch.len(), "{what}");
    let largest = torch.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let worst = skipscope.iter().zip(torch).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst <= TOLERANCE * largest, "{what}: {worst:e} apart, the largest is {largest:e}");
}

/// A Python that has PyTorch.
fn python() -> Option<&'static str> {
    ["/usr/bin/python3", "python3"].into_iter().find(|python| {
        let probe = Command::new(python).args(["-c", "import numpy, torch"]).output();
        probe.is_ok_and(|out| out.status.success())
    })
}

#[test]
fn pytorch_and_skipscope_read_each_other() {
    let Some(python) = python() else {
        let ci = std::env::var("CI").is_ok_and(|ci| ci == "true" || ci == "1");
        assert!(!ci, "no Python with torch and numpy; on Debian: apt-get install python3-torch");
        eprintln!("skipped: no Python with torch and numpy");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str, writer: &str| folder.path().join(format!("{name}.{writer}.safetensors"));
    let cases = cases();
    let mut list = Vec::new();
    for case in &cases {
        let bytes = encode(&trained(&case.spec)).expect("valid");
        std::fs::write(path(case.name, "skipscope"), bytes).expect("written");
        list.push(serde_json::json!({
            "name": case.name, "spec": case.spec, "dtype": case.dtype, "images": IMAGES,
        }));
    }
    let answers = ask(python, folder.path(), &serde_json::Value::Array(list));
    for case in &cases {
        let (images, labels) = batch(&case.spec);
        let logits = |net: &Network| net.forward_eval(&images, &labels).logits;
        let answer = &answers[case.name];

        let mut net = reference(&trained(&case.spec));
        assert_same(&format!("{}, loaded by PyTorch", case.name), &logits(&net), &answer.loaded);
        train_step(&mut net, &images, &labels);
        assert_same(&format!("{}, trained on by PyTorch", case.name), &logits(&net), &answer.continued);

        let bytes = std::fs::read(path(case.name, "torch")).expect("written by PyTorch");
        let decoded = decode(&bytes, Some(&case.spec)).expect(case.name);
        assert_eq!(
            (decoded.origin, &decoded.checkpoint.spec),
            (Origin::Foreign, &case.spec),
            "{}",
            case.name
        );
        let tracked = if case.spec.batch_norm { 1 } else { 0 };
        assert_eq!(decoded.checkpoint.batches_tracked, tracked, "{}", case.name);
        let net = reference(&decoded.checkpoint);
        assert_same(&format!("{}, written by PyTorch", case.name), &logits(&net), &answer.saved);
    }
}

/// Runs the script.
fn ask(python: &str, folder: &Path, cases: &serde_json::Value) -> BTreeMap<String, Answer> {
    std::fs::write(folder.join("cases.json"), cases.to_string()).expect("written");
    let out = Command::new(python).arg(SCRIPT).arg(folder).output().expect("started");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let answers = std::fs::read(folder.join("answers.json")).expect("written by PyTorch");
    serde_json::from_slice(&answers).expect("answers")
}
