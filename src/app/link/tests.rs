//! Links are written, read again, and survive whatever is typed.

use super::*;
use crate::model::{BlockKind, Shortcut, Stem, names};
use crate::train::{Init, Resize, Schedule};
use proptest::prelude::*;

#[test]
fn a_fresh_window_has_nothing_to_say() {
    assert_eq!(Link::default().hash(), "");
    assert_eq!(Link::parse(""), (Link::default(), vec![]));
    for address in ["https://example.org/skipscope/", "https://example.org/skipscope/#"] {
        assert_eq!(Link::parse(address), (Link::default(), vec![]));
    }
}

#[test]
fn links_can_be_read() {
    let mut link = Link::default();
    link.form.choose("resnet18");
    link.form.recipe.lr = 0.1;
    link.block = Some("layer2.1".into());
    link.view = View::Microscope;
    link.language = Some(Language::Chinese);
    let hash = link.hash();
    assert_eq!(hash, "m=resnet18&lr=0.1&block=layer2.1&view=microscope&lang=zh-CN");
    assert_eq!(Link::parse(&format!("https://example.org/#{hash}")), (link, vec![]));
}

#[test]
fn a_race_travels_with_its_view() {
    let mut link = Link { view: View::Race, ..Link::default() };
    assert_eq!(link.hash(), "view=race");
    link.race = RaceForm::read("resnet8:alpha:12:2:8:0.1").expect("a race");
    assert_eq!(link.hash(), "view=race&race=resnet8:alpha:12:2:8:0.1");
    assert_eq!(Link::parse(&link.hash()), (link, vec![]));
    assert_eq!(Link::parse("race=resnet8:colour:12:2:8:0.1").1, ["race=resnet8:colour:12:2:8:0.1"]);
}

#[test]
fn an_experiment_travels_with_its_view() {
    let mut link = Link { view: View::Lab, ..Link::default() };
    assert_eq!(link.hash(), "view=lab");
    link.lab = LabForm::read("cause:8:he:0:16:0.02").expect("an experiment");
    assert_eq!(link.hash(), "view=lab&lab=cause:8:he:0:16:0.02");
    assert_eq!(Link::parse(&link.hash()), (link, vec![]));
    assert_eq!(Link::parse("lab=lesion:cut").1, ["lab=lesion:cut"]);
}

#[test]
fn wrong_parts_are_named_and_the_rest_holds() {
    let (link, faults) = Link::parse("#m=resnet999&lr=fast&b=64&colour=red&block=layer1.0&%ff&pic=test:x");
    assert_eq!(faults, ["m=resnet999", "lr=fast", "colour=red", "%ff", "pic=test:x"]);
    assert_eq!((link.form.recipe.batch, link.block.as_deref()), (64, Some("layer1.0")));
    assert_eq!(link.form.name, Form::default().name);
    let (link, faults) = Link::parse("#m=custom&blocks=9999&lr=-1&b=8");
    assert_eq!((link.form, faults.len()), (Form::default(), 2), "{faults:?}");
}

#[test]
fn a_network_without_a_name_travels_too() {
    let mut link = Link::default();
    link.form.spec.blocks = vec![1, 2];
    link.form.spec.width = 24;
    link.form.rename();
    let hash = link.hash();
    assert_eq!(hash, "m=custom&blocks=1-2&width=24");
    assert_eq!(Link::parse(&hash), (link, vec![]));
}

fn any_spec() -> impl Strategy<Value = ModelSpec> {
    let alpha = prop_oneof![(-2f32..2.0).prop_map(|a| (a, false)), (-2f32..2.0).prop_map(|a| (a, true)),];
    (
        any::<(bool, bool, bool)>(),
        prop::collection::vec(1usize..5, 1..5),
        1usize..64,
        prop::sample::select(vec![Shortcut::Projection, Shortcut::ZeroPad, Shortcut::None]),
        alpha,
        2usize..200,
        16usize..64,
    )
        .prop_map(|((cifar, basic, batch_norm), blocks, width, shortcut, (a, each), classes, px)| {
            let count: usize = blocks.iter().sum();
            // A list of one is written as the one value for all.
            let alpha = if each && count > 1 {
                Alpha::PerBlock((0..count).map(|i| a + i as f32 * 0.25).collect())
            } else {
                Alpha::All(a)
            };
            ModelSpec {
                stem: if cifar { Stem::Cifar } else { Stem::Imagenet },
                block: if basic { BlockKind::Basic } else { BlockKind::Bottleneck },
                blocks,
                width,
                shortcut,
                alpha,
                beta: Alpha::All(1.0),
                batch_norm,
                classes,
                input_size: px,
            }
        })
}

fn any_recipe() -> impl Strategy<Value = Recipe> {
    let numbers = (1u32..100, prop::option::of(1u64..10_000), 1usize..512, 1e-6f32..10.0);
    let more =
        (0.01f32..0.99, any::<[bool; 5]>(), 0f32..0.1, any::<u64>(), prop::array::uniform3(0.1f32..2.0));
    (numbers, more).prop_map(|((epochs, steps, batch, lr), (momentum, on, weight_decay, seed, std))| Recipe {
        epochs,
        steps,
        batch,
        lr,
        momentum,
        nesterov: on[0],
        weight_decay,
        schedule: if on[1] { Schedule::Step } else { Schedule::Cosine },
        augment: if on[2] { Augment::CropFlip } else { Augment::None },
        resize: if on[3] { Resize::Nearest } else { Resize::Bilinear },
        init: if on[4] { Init::He } else { Init::Torch },
        seed,
        mean: std.map(|v| v / 2.0),
        std,
    })
}

proptest! {
    #[test]
    fn whatever_is_read_does_no_harm(text in "\\PC{0,80}", parts in "([a-z]{1,6}=[-a-z0-9.,:%]{0,8}&?){0,8}") {
        for t in [text, parts] {
            let (link, _) = Link::parse(&t);
            prop_assert!(link.form.spec.validate().is_ok() && link.form.recipe.validate().is_ok());
        }
    }

    #[test]
    fn what_is_written_is_read_again(
        spec in any_spec(),
        recipe in any_recipe(),
        zoo in prop::option::of(prop::sample::select(names())),
        data in "[a-zA-Z0-9 &=#%+_.中图-]{1,24}",
        index in any::<u32>(),
        batch in any::<bool>(),
        microscope in any::<bool>(),
    ) {
        let mut link = Link { data: data.clone(), block: Some("layer1.0".into()), ..Link::default() };
        link.form = Form { spec, recipe, ..Form::default() };
        if let Some(name) = zoo {
            link.form.spec = by_name(&name).expect("listed");
        }
        link.form.rename();
        link.picture = if batch { Picture::Batch(index) } else {
            Picture::Record(RecordRef { split: SplitName::Train, index })
        };
        link.view = if microscope { View::Microscope } else { View::Network };
        let hash = link.hash();
        prop_assert!(hash.is_ascii() && !hash.contains([' ', '#']));
        prop_assert_eq!(Link::parse(&hash), (link, vec![]), "{}", hash);
    }
}
