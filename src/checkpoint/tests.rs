use super::*;
use crate::model::{Alpha, Shortcut, Stem, by_name};
use crate::train::{Change, Whom};
use proptest::prelude::*;
use std::sync::LazyLock;

/// A small network of the given kind with different numbers everywhere.
fn checkpoint(change: impl FnOnce(&mut ModelSpec)) -> Checkpoint {
    let mut spec = ModelSpec { width: 4, ..by_name("resnet8").expect("in the zoo") };
    change(&mut spec);
    let graph = Graph::new(&spec).expect("valid");
    let mut next = 0u32;
    let mut values = |n: usize| -> Vec<f32> {
        (0..n)
            .map(|_| {
                next += 1;
                next as f32 * 0.25
            })
            .collect()
    };
    let state = NetworkState {
        params: graph.params.iter().map(|p| values(p.len())).collect(),
        velocity: graph.params.iter().map(|p| values(p.len())).collect(),
        running_mean: graph.norms.iter().map(|n| values(n.1)).collect(),
        running_var: graph.norms.iter().map(|n| values(n.1)).collect(),
    };
    Checkpoint {
        name: "small".into(),
        spec,
        recipe: Recipe { lr: 0.02, seed: u64::MAX, steps: Some(100), ..Recipe::default() },
        step: 42,
        train_images: 3000,
        data: "shapes10".into(),
        variants: BTreeMap::from([("conv_forward".into(), "pixel".into())]),
        adapter: "llvmpipe".into(),
        state,
        batches_tracked: 42,
        surgeries: vec![Surgery { step: 7, whom: Whom::Stage(1), change: Change::Set(0.0) }],
    }
}

/// Type, shape and bytes of tensors by name.
type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// Writes tensors as somebody else would.
fn file(tensors: &[(&str, Dtype, &[usize], Vec<u8>)], metadata: Option<&str>) -> Vec<u8> {
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (*name, TensorView::new(*dtype, shape.to_vec(), bytes).expect("bytes fit the shape"))
    });
    let metadata = metadata.map(|m| HashMap::from([(METADATA_KEY.to_owned(), m.to_owned())]));
    safetensors::serialize(views, metadata).expect("serialisable")
}

/// The tensors of `bytes` as PyTorch's `state_dict` has them, after `change`.
fn foreign(bytes: &[u8], change: impl FnOnce(&mut Tensors)) -> Vec<u8> {
    let all = SafeTensors::deserialize(bytes).expect("valid");
    let mut tensors: Tensors = all
        .tensors()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("optimizer."))
        .map(|(name, t)| (name, (t.dtype(), t.shape().to_vec(), t.data().to_vec())))
        .collect();
    change(&mut tensors);
    let list: Vec<_> =
        tensors.iter().map(|(n, (d, s, b))| (n.as_str(), *d, s.as_slice(), b.clone())).collect();
    file(&list, None)
}

fn error(bytes: &[u8]) -> String {
    decode(bytes, None).expect_err("refused").to_string()
}

#[test]
fn what_is_written_is_read() {
    for change in [
        |_: &mut ModelSpec| (),
        |s: &mut ModelSpec| s.shortcut = Shortcut::Projection,
        |s: &mut ModelSpec| s.alpha = Alpha::PerBlock(vec![0.5, 0.0, 0.1]),
        |s: &mut ModelSpec| (s.batch_norm, s.shortcut) = (false, Shortcut::None),
        |s: &mut ModelSpec| (s.stem, s.block, s.input_size) = (Stem::Imagenet, BlockKind::Bottleneck, 64),
    ] {
        let written = checkpoint(change);
        let bytes = encode(&written).expect("valid");
        assert_eq!(bytes, encode(&written).expect("valid"), "the same bytes every time");
        let read = decode(&bytes, None).expect("readable");
        assert_eq!(read, Decoded { checkpoint: written, origin: Origin::Skipscope, notes: vec![] });
    }
}

#[test]
fn names_and_types_are_pytorchs() {
    let bytes = encode(&checkpoint(|s| s.shortcut = Shortcut::Projection)).expect("valid");
    let all = SafeTensors::deserialize(&bytes).expect("valid");
    let shape = |name: &str| all.tensor(name).map(|t| (t.dtype(), t.shape().to_vec())).expect(name);
    assert_eq!(shape("layer2.0.downsample.0.weight"), (Dtype::F32, vec![8, 4, 1, 1]));
    assert_eq!(shape("layer2.0.downsample.1.running_var"), (Dtype::F32, vec![8]));
    assert_eq!(shape("bn1.num_batches_tracked"), (Dtype::I64, vec![]));
    assert_eq!(shape("optimizer.momentum.fc.weight"), (Dtype::F32, vec![10, 16]));
}

#[test]
fn a_foreign_file_becomes_a_network_at_step_zero() {
    let written = checkpoint(|s| s.shortcut = Shortcut::Projection);
    let Decoded { checkpoint: read, origin, notes } =
        decode(&foreign(&encode(&written).expect("valid"), |_| ()), None).expect("readable");
    assert_eq!((origin, read.step, read.batches_tracked), (Origin::Foreign, 0, 42));
    assert_eq!((&read.spec, &read.state.params), (&written.spec, &written.state.params));
    assert_eq!(read.state.running_var, written.state.running_var);
    assert!(read.state.velocity.iter().flatten().all(|v| *v == 0.0));
    assert!(notes.is_empty());
}

#[test]
fn the_zoo_is_recognised_without_metadata() {
    for name in ["resnet18", "resnet34-imagenet", "resnet50", "resnet101-imagenet", "resnet56", "plain20"] {
        let spec = by_name(name).expect("in the zoo");
        let graph = Graph::new(&spec).expect("valid");
        // Shapes alone: no need for the hundred megabytes of numbers.
        let shapes: Vec<_> = graph.params.iter().map(|p| (p.name.clone(), p.shape.clone())).collect();
        let tensor = |(name, shape): &(String, Vec<usize>)| {
            (name.clone(), Tensor { dtype: Dtype::F32, shape: shape.clone().leak(), bytes: &[] })
        };
        let file = File { tensors: shapes.iter().map(tensor).collect() };
        if spec.shortcut == Shortcut::Projection {
            assert_eq!(infer::spec(&file, None).expect("unambiguous"), spec);
        } else {
            assert_eq!(infer::spec(&file, None), Err(CheckpointError::Ambiguous));
        }
        assert_eq!(infer::spec(&file, Some(&spec)).expect("given"), spec);
        assert_eq!(infer::name(&spec), name);
    }
}

#[test]
fn a_fallback_decides_what_names_leave_open() {
    let written = checkpoint(|s| (s.shortcut, s.alpha) = (Shortcut::None, Alpha::All(0.5)));
    let bytes = foreign(&encode(&written).expect("valid"), |_| ());
    assert!(error(&bytes).contains("--model"));
    assert_eq!(decode(&bytes, Some(&written.spec)).expect("given").checkpoint.spec, written.spec);
    // A network that does not fit is told apart by tensor.
    let other = ModelSpec { width: 8, ..written.spec };
    let text = decode(&bytes, Some(&other)).expect_err("does not fit").to_string();
    assert_eq!(text, "the tensor conv1.weight has the shape [4, 3, 3, 3], expected [8, 3, 3, 3]");
    // Where names leave nothing open, another network at hand does not matter.
    let plain = foreign(&encode(&checkpoint(|s| s.shortcut = Shortcut::Projection)).expect("valid"), |_| ());
    assert_eq!(decode(&plain, Some(&other)).expect("clear").checkpoint.spec.width, 4);
}

#[test]
fn other_widths_are_converted() {
    let written = checkpoint(|s| s.shortcut = Shortcut::Projection);
    let bytes = foreign(&encode(&written).expect("valid"), |tensors| {
        for (dtype, _, bytes) in tensors.values_mut().filter(|t| t.0 == Dtype::F32) {
            *dtype = Dtype::F64;
            let floats = bytes.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b)));
            *bytes = floats.flat_map(f64::to_le_bytes).collect();
        }
    });
    assert_eq!(decode(&bytes, None).expect("readable").checkpoint.state.params, written.state.params);
}

#[test]
fn what_is_wrong_is_named() {
    let whole = encode(&checkpoint(|s| s.shortcut = Shortcut::Projection)).expect("valid");
    let changed = |change: fn(&mut Tensors)| error(&foreign(&whole, change));
    assert_eq!(
        changed(|t| drop(t.remove("layer2.0.conv1.weight"))),
        "the tensor layer2.0.conv1.weight is missing; expected [8, 4, 3, 3]"
    );
    assert_eq!(
        changed(|t| drop(t.remove("layer1.0.bn2.running_var"))),
        "the tensor layer1.0.bn2.running_var is missing; expected [4]"
    );
    assert_eq!(
        changed(|t| drop(t.insert("extra".into(), (Dtype::F32, vec![1], vec![0; 4])))),
        "the tensor extra does not belong to this network (basic blocks [1, 1, 1], width 4, 10 classes)"
    );
    assert_eq!(
        changed(|t| drop(t.insert("fc.bias".into(), (Dtype::F32, vec![5, 2], vec![0; 40])))),
        "the tensor fc.bias has the shape [5, 2], expected [10]"
    );
    assert_eq!(
        changed(|t| drop(t.insert("fc.bias".into(), (Dtype::I32, vec![10], vec![0; 40])))),
        "the tensor fc.bias has the type I32, expected F32, F16, BF16 or F64"
    );
    assert_eq!(
        changed(|t| drop(t.insert("bn1.num_batches_tracked".into(), (Dtype::I64, vec![], vec![255; 8])))),
        "bn1.num_batches_tracked is -1; it counts batches, so it cannot be negative"
    );
    assert_eq!(
        changed(|t| drop(t.insert("conv1.weight".into(), (Dtype::F32, vec![4, 3, 5, 5], vec![0; 1200])))),
        "the tensor conv1.weight has the shape [4, 3, 5, 5], expected [width, 3, 3, 3] or [width, 3, 7, 7]"
    );
    assert!(
        changed(|t| t.retain(|name, _| name.starts_with("layer")))
            .ends_with("48 tensors is called 'layer1.0.bn1.bias'")
    );
    assert!(error(&[]).contains("no safetensors file"));
    assert!(error(&whole[..whole.len() - 1]).contains("incomplete"));
    assert!(error(b"PK\x03\x04 and so on").contains("save_file"));
}

#[test]
fn metadata_is_checked() {
    let with = |metadata: &str| error(&file(&[], Some(metadata)));
    assert_eq!(
        with(r#"{"format":2}"#),
        "the checkpoint has format 2, this version of Skipscope reads up to 1; use a newer one"
    );
    assert!(with("{").contains("metadata"));
    assert!(with(r#"{"format":1,"name":"x"}"#).contains("missing field"));
    let header = |blocks: &str, batch: &str| {
        with(&format!(
            r#"{{"format":1,"name":"x","model":{{"stem":"cifar","block":"basic","blocks":{blocks},"width":4,
            "shortcut":"none","classes":10}},"recipe":{{"batch":{batch}}},"step":0,"train_images":1,"data":"",
            "variants":{{}},"adapter":""}}"#
        ))
    };
    assert_eq!(
        header("[0]", "64"),
        "the checkpoint describes an impossible network: stage 1 has 0 blocks; 1 to 200 are allowed"
    );
    assert_eq!(
        header("[1]", "0"),
        "the checkpoint has an impossible recipe: batch is 0; 1 to 4096 images are allowed"
    );
    assert_eq!(header("[1]", "64"), "the tensor conv1.weight is missing; expected [4, 3, 3, 3]");
}

#[test]
fn weights_that_are_not_finite_are_reported() {
    let mut diverged = checkpoint(|_| ());
    diverged.state.params[0][3] = f32::NAN;
    diverged.state.velocity[0][5] = f32::INFINITY;
    let read = decode(&encode(&diverged).expect("valid"), None).expect("readable");
    assert!(read.checkpoint.state.params[0][3].is_nan());
    assert_eq!(
        read.notes,
        [
            "1 of the 108 values of conv1.weight are infinite or not a number.",
            "1 of the 108 values of optimizer.momentum.conv1.weight are infinite or not a number.",
        ]
    );
}

#[test]
fn a_state_of_another_network_is_not_written() {
    let mut wrong = checkpoint(|_| ());
    wrong.state.velocity[2].pop();
    assert_eq!(
        encode(&wrong).expect_err("does not fit").to_string(),
        "the state holds 3 values for optimizer.momentum.bn1.bias, the network has 4"
    );
}

static VALID: LazyLock<Vec<u8>> = LazyLock::new(|| encode(&checkpoint(|_| ())).expect("valid"));
static FOREIGN: LazyLock<Vec<u8>> = LazyLock::new(|| foreign(&VALID, |_| ()));

proptest! {
    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = decode(&bytes, None);
    }

    #[test]
    fn mutations_never_panic(
        own in any::<bool>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        in_header in any::<bool>(),
    ) {
        let mut bytes = if own { VALID.clone() } else { FOREIGN.clone() };
        // Most bytes are numbers, where any value goes: aim at the header half of the time.
        let header = u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes")) as usize + 8;
        let end = if in_header { header } else { bytes.len() };
        for (at, value) in edits {
            let at = at.index(end);
            bytes[at] = value;
        }
        let spec = by_name("plain20").expect("in the zoo");
        let _ = decode(&bytes, None);
        let _ = decode(&bytes, Some(&spec));
        bytes.truncate(cut.index(bytes.len()));
        prop_assert!(decode(&bytes, None).is_err());
    }

    #[test]
    fn digits_in_the_header_never_panic(at in any::<prop::sample::Index>(), digit in b'0'..=b'9') {
        // Keeps the JSON valid, so that lies reach beyond the parser.
        let mut bytes = VALID.clone();
        let header = u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes")) as usize + 8;
        let digits: Vec<usize> = (8..header).filter(|&i| bytes[i].is_ascii_digit()).collect();
        bytes[digits[at.index(digits.len())]] = digit;
        let _ = decode(&bytes, None);
    }
}
