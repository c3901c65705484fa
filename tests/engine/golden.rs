//! PyTorch's answers to small training runs.

use crate::harness::{cifar, gpu, shared};
use skipscope::data::{Dataset, RECORD, Split};
use skipscope::engine::shapes;
use skipscope::engine::variants::{OPERATIONS, TIMED, VARIANTS, Variants, key};
use skipscope::engine::weights::splitmix64;
use skipscope::model::Graph;
use skipscope::train::golden::{Case, Field, run};
use std::collections::BTreeSet;

fn case(path: &std::path::Path) -> Case {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn assert_holds(name: &str, fields: &[Field]) {
    for f in fields {
        assert!(f.holds(), "{name}: {} is off by {:.1e}, {:?} allowed", f.name, f.worst, f.tolerance);
    }
    assert!(fields.iter().filter(|f| f.tolerance.is_some()).count() >= 4, "{name} compares too little");
}

fn check(name: &str, data: &Dataset, variants: Variants) {
    let Some(shared) = shared() else { return };
    let case = case(&shared.join(format!("golden/{name}.json")));
    assert_holds(name, &run(gpu(), &case, data, variants).expect(name));
}

#[test]
fn every_shared_case_holds() {
    let Some(data) = cifar() else { return };
    for name in [
        "plain20",
        "plain20_no_bn",
        "resnet18_cifar",
        "resnet20_half_skip",
        "resnet20_projection",
        "resnet20_zero_pad",
        "resnet34_imagenet_stem",
        "resnet50_imagenet_stem",
    ] {
        check(name, &data, Variants::for_adapter(&gpu().facts));
    }
}

#[test]
fn the_other_variants_hold_too() {
    let Some(data) = cifar() else { return };
    for (variant, names) in [
        ("pixel", ["resnet20_projection", "resnet20_zero_pad"]),
        ("row", ["resnet20_projection", "resnet18_cifar"]),
        ("tiled", ["resnet20_projection", "resnet20_zero_pad"]),
    ] {
        let mut variants = Variants::default();
        for operation in skipscope::engine::variants::OPERATIONS {
            variants.set(operation, variant).expect("known");
        }
        for name in names {
            check(name, &data, variants.clone());
        }
    }
}

/// Every shape of the case's network by another variant, beginning with number `first`.
fn mixed(case: &Case, first: usize) -> Variants {
    let graph = Graph::new(&case.spec()).expect("valid");
    let mut variants = Variants::default();
    for operation in OPERATIONS {
        variants.set(operation, TIMED).expect("known");
    }
    for (i, (operation, shape)) in shapes(&graph, case.data.batch).into_iter().enumerate() {
        let variant = VARIANTS[(first + i) % VARIANTS.len()];
        variants.set(&key(operation, &shape), variant).expect("known");
    }
    assert!(variants.picks().values().collect::<BTreeSet<_>>().len() >= 4, "a mix");
    variants
}

#[test]
fn any_mix_of_variants_holds() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for name in ["tiny_bottleneck", "tiny_zero_pad"] {
        let case = case(&folder.join(format!("{name}.json")));
        let data = generated_pictures(64);
        for first in 0..VARIANTS.len() {
            let variants = mixed(&case, first);
            assert_holds(name, &run(gpu(), &case, &data, variants).expect("runs"));
        }
    }
    let (Some(data), Some(shared)) = (cifar(), shared()) else { return };
    for (name, first) in [("resnet20_projection", 0), ("resnet20_projection", 2), ("resnet18_cifar", 1)] {
        let case = case(&shared.join(format!("golden/{name}.json")));
        assert_holds(name, &run(gpu(), &case, &data, mixed(&case, first)).expect("runs"));
    }
}

#[test]
fn a_wrong_answer_is_noticed() {
    let Some(data) = cifar() else { return };
    let Some(shared) = shared() else { return };
    let mut case = case(&shared.join("golden/resnet20_half_skip.json"));
    case.model.alpha = skipscope::model::Alpha::All(0.51);
    let fields = run(gpu(), &case, &data, Variants::default()).expect("runs");
    let off: Vec<&str> = fields.iter().filter(|f| !f.holds()).map(|f| f.name).collect();
    assert!(off.contains(&"loss") && off.contains(&"block_std"), "{off:?}");
}

/// The pictures of `tests/golden/make_cases.py`.
fn generated_pictures(n: usize) -> Dataset {
    let byte = |i: usize| (splitmix64((1 << 40) + i as u64) >> 56) as u8;
    let train = Split {
        labels: (0..n).map(|r| (r % 10) as u8).collect(),
        pixels: (0..n * RECORD).map(byte).collect(),
    };
    Dataset {
        name: "generated".into(),
        classes: Vec::new(),
        train,
        test: Split::default(),
        notes: Vec::new(),
    }
}

/// Cases of our own, on generated pictures, so that a clone anywhere checks PyTorch's numbers.
#[test]
fn cases_on_generated_pictures_hold() {
    let data = generated_pictures(64);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("tests/golden") {
        let path = entry.expect("readable").path();
        if path.extension().is_some_and(|e| e == "json") {
            count += 1;
            assert_holds(
                &path.display().to_string(),
                &run(gpu(), &case(&path), &data, Variants::default()).expect("runs"),
            );
        }
    }
    assert_eq!(count, 3);
}
