//! What the reader has asked for, next to what is built.
//!
//! Controls edit a [`Form`]. Some of its fields take effect in a running network ([`Command::Set`]),
//! the others need a new one ([`Command::Build`]); the form knows which.

use super::i18n;
use crate::model::{Alpha, ModelSpec, SUFFIX, Shortcut, by_name, names, row_of};
use crate::session::{Build, Command, HyperChange, ModelInfo};
use crate::train::{Augment, Init, Recipe, Schedule};
use serde::{Deserialize, Serialize};

/// The network a window begins with: small enough for an adapter without a GPU.
const FIRST: &str = "resnet8";
/// The network that everybody knows.
const ARTICLE: &str = "resnet18";
/// Pixels that pictures are resized to on request, as in the article's demonstration.
pub const RESIZED: usize = 224;

/// A network and a recipe, as the controls show them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Name in the zoo, with suffixes for what differs from the table's row.
    pub name: String,
    pub spec: ModelSpec,
    pub recipe: Recipe,
}

impl Default for Form {
    /// A network that shows a falling loss within seconds on a GPU and within a minute on a CPU. With
    /// PyTorch's initial weights the loss stays at chance three times as long.
    fn default() -> Self {
        let spec = by_name(FIRST).unwrap_or_else(smallest);
        let recipe = Recipe { batch: 32, lr: 0.02, init: Init::He, ..Recipe::default() };
        Self { name: FIRST.into(), spec, recipe }
    }
}

/// Stands in if the zoo should ever lose its smallest network.
fn smallest() -> ModelSpec {
    use crate::model::{BlockKind, Stem};
    ModelSpec {
        stem: Stem::Cifar,
        block: BlockKind::Basic,
        blocks: vec![1, 1, 1],
        width: 16,
        shortcut: Shortcut::ZeroPad,
        alpha: Alpha::All(1.0),
        beta: Alpha::All(1.0),
        batch_norm: true,
        classes: 10,
        input_size: 32,
    }
}

impl Form {
    /// The form that asks for what is built.
    pub fn of(model: &ModelInfo) -> Self {
        Self { name: model.name.clone(), spec: model.spec.clone(), recipe: model.recipe.clone() }
    }

    /// Takes the network called `name`, if the zoo has it; batch norm and number of classes stay.
    pub fn choose(&mut self, name: &str) {
        if let Some(spec) = by_name(name) {
            self.spec = ModelSpec { batch_norm: self.spec.batch_norm, classes: self.spec.classes, ..spec };
            self.rename();
        }
    }

    pub fn set_shortcut(&mut self, shortcut: Shortcut) {
        self.spec.shortcut = shortcut;
        self.rename();
    }

    /// Takes a network of the user's own, or one of the zoo's if it happens to be one.
    pub fn set_spec(&mut self, spec: ModelSpec) {
        self.spec = spec;
        self.rename();
    }

    /// Pixels that this network's pictures have unless they are resized; `None` for a network of the
    /// user's own.
    pub fn native_input(&self) -> Option<usize> {
        by_name(self.row()).map(|row| row.input_size)
    }

    /// Resizes pictures to `side` before they enter the network.
    pub fn set_input(&mut self, side: usize) {
        self.spec.input_size = side;
        self.rename();
    }

    /// Whether the zoo has no such network.
    pub fn is_custom(&self) -> bool {
        self.name.starts_with(CUSTOM) || self.native_width().is_some_and(|w| w != self.spec.width)
    }

    fn native_width(&self) -> Option<usize> {
        by_name(self.row()).map(|row| row.width)
    }

    /// ResNet-18 as CIFAR-10 is usually trained with it.
    pub fn cifar() -> Self {
        let recipe = Recipe {
            batch: 128,
            lr: 0.1,
            weight_decay: 5e-4,
            schedule: Schedule::Cosine,
            augment: Augment::CropFlip,
            epochs: 30,
            init: Init::He,
            ..Recipe::default()
        };
        let mut form = Self { recipe, ..Self::default() };
        form.choose(ARTICLE);
        form
    }

    /// The article's demonstration: the same network under the recipe's defaults.
    pub fn article() -> Self {
        let mut form = Self { recipe: Recipe::default(), ..Self::default() };
        form.choose(ARTICLE);
        form
    }

    /// What to build, for pictures of `classes` classes.
    pub fn build(&self, classes: Option<usize>) -> Command {
        Command::Build(Box::new(Build {
            name: self.name.clone(),
            spec: self.spec_for(classes),
            recipe: self.recipe.clone(),
        }))
    }

    /// The specification with as many classes as the pictures have.
    pub fn spec_for(&self, classes: Option<usize>) -> ModelSpec {
        let classes = classes.unwrap_or(self.spec.classes);
        // A new network has all its branches, whatever was lesioned in the one that the form was filled from.
        ModelSpec { classes, beta: Alpha::All(1.0), ..self.spec.clone() }
    }

    /// Whether getting from `built` to this form takes a new network.
    pub fn needs_build(&self, built: &ModelInfo, classes: Option<usize>) -> bool {
        // α and lesions are changed in the running network, never by the form.
        let ModelSpec { alpha, beta, .. } = built.spec.clone();
        let spec = ModelSpec { alpha, beta, ..self.spec_for(classes) };
        let fixed = |r: &Recipe| (r.batch, r.steps, r.init, r.resize, r.seed, r.mean, r.std);
        spec != built.spec || fixed(&self.recipe) != fixed(&built.recipe)
    }

    /// The name of the row this network comes from, residual or plain, without suffixes.
    pub fn row(&self) -> &str {
        row_of(&self.name)
    }

    /// Renames after a change of the specification: `resnet18` without shortcuts is `plain18`, with option A
    /// `resnet18+A`, on pictures of 224 pixels `resnet18+224`, with 8 channels in its first stage `resnet18+w8`; what
    /// no row of the zoo has is `custom2-2-w16`, after its blocks and its width.
    pub fn rename(&mut self) {
        let same_layers = |s: &ModelSpec| {
            (s.stem, s.block, &s.blocks) == (self.spec.stem, self.spec.block, &self.spec.blocks)
        };
        let alike = names().into_iter().filter_map(|name| {
            let spec = by_name(&name)?;
            let both_plain = spec.is_residual() == self.spec.is_residual();
            (both_plain && same_layers(&spec)).then_some((name, spec))
        });
        // Of several rows the one that is as wide.
        let found = alike.min_by_key(|(_, row)| row.width.abs_diff(self.spec.width));
        let Some((mut name, row)) = found else {
            let blocks: Vec<String> = self.spec.blocks.iter().map(usize::to_string).collect();
            self.name = format!("{CUSTOM}{}-w{}", blocks.join("-"), self.spec.width);
            return;
        };
        if row.shortcut != self.spec.shortcut {
            name += SUFFIX;
            name += match self.spec.shortcut {
                Shortcut::Projection => "B",
                Shortcut::ZeroPad => "A",
                Shortcut::None => "plain",
            };
        }
        if !self.spec.batch_norm {
            name += SUFFIX;
            name += "no-bn";
        }
        if row.width != self.spec.width {
            name += &format!("{SUFFIX}{WIDTH}{}", self.spec.width);
        }
        if row.input_size != self.spec.input_size {
            name += SUFFIX;
            name += &self.spec.input_size.to_string();
        }
        self.name = name;
    }
}

/// Begins the name of a network whose layers no row of the zoo has, and the suffix of one that is wider or narrower.
const CUSTOM: &str = "custom";
const WIDTH: &str = "w";

/// `after` as a change to what runs, `None` if nothing differs that can be changed while it runs.
pub fn live_change(before: &Recipe, after: &Recipe) -> Option<HyperChange> {
    fn changed<T: PartialEq + Copy>(a: T, b: T) -> Option<T> {
        (a != b).then_some(b)
    }
    let change = HyperChange {
        lr: changed(before.lr, after.lr),
        momentum: changed(before.momentum, after.momentum),
        nesterov: changed(before.nesterov, after.nesterov),
        weight_decay: changed(before.weight_decay, after.weight_decay),
        schedule: changed(before.schedule, after.schedule),
        augment: changed(before.augment, after.augment),
        epochs: changed(before.epochs, after.epochs),
    };
    (change != HyperChange::default()).then_some(change)
}

/// A network's name as a title: `resnet18-imagenet` → `ResNet-18 ImageNet`, `plain20` → `plain-20`.
pub fn title(name: &str) -> String {
    let (row, suffix) = name.split_once(SUFFIX).unwrap_or((name, ""));
    let (family, rest) = match (row.strip_prefix("resnet"), row.strip_prefix("plain")) {
        (Some(rest), _) => ("ResNet-", rest),
        (_, Some(rest)) => ("plain-", rest),
        _ => {
            return name.strip_prefix(CUSTOM).map_or_else(|| name.to_owned(), i18n::title_custom);
        }
    };
    let mut out = format!("{family}{}", rest.replace("-imagenet", " ImageNet"));
    for part in suffix.split(SUFFIX).filter(|p| !p.is_empty()) {
        out += " · ";
        match part {
            "A" => out += i18n::title_option_a(),
            "B" => out += i18n::title_option_b(),
            "no-bn" => out += i18n::title_no_bn(),
            part if part.strip_prefix(WIDTH).is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit())) => {
                out += &i18n::title_width(&part[WIDTH.len()..]);
            }
            side if side.bytes().all(|b| b.is_ascii_digit()) => out += &i18n::title_pixels(side),
            other => out += other,
        }
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn built(form: &Form) -> ModelInfo {
        ModelInfo {
            name: form.name.clone(),
            spec: form.spec.clone(),
            recipe: form.recipe.clone(),
            parameters: 0,
            macs: 0,
            gpu_bytes: 0,
            dispatches: 0,
            variants: Default::default(),
            param_names: vec![],
            block_names: vec![],
            reshapes: vec![],
        }
    }

    #[test]
    fn names_follow_the_choices() {
        let mut f = Form::default();
        f.choose("resnet18");
        f.set_shortcut(Shortcut::None);
        assert_eq!(f.name, "plain18");
        f.set_shortcut(Shortcut::ZeroPad);
        assert_eq!((f.name.as_str(), f.row()), ("resnet18+A", "resnet18"));
        f.set_spec(ModelSpec { batch_norm: false, ..f.spec.clone() });
        assert_eq!(title(&f.name), "ResNet-18 · option A · no BN");
        f.choose("resnet20");
        assert_eq!(f.name, "resnet20+no-bn");
        assert_eq!(title("resnet50-imagenet"), "ResNet-50 ImageNet");
        assert_eq!(title("plain20"), "plain-20");
        f.choose("resnet18");
        f.set_input(RESIZED);
        assert_eq!(
            (f.name.as_str(), f.row(), f.native_input()),
            ("resnet18+no-bn+224", "resnet18", Some(32))
        );
        assert_eq!(title("resnet18+224"), "ResNet-18 · 224 px");
        f.set_spec(ModelSpec { width: 24, ..f.spec.clone() });
        assert_eq!(
            (f.name.as_str(), f.is_custom()),
            ("resnet18+no-bn+w24+224", true),
            "its width can be changed"
        );
        assert_eq!(title("plain20+w4"), "plain-20 · width 4");
        f.set_spec(ModelSpec { blocks: vec![2, 3], width: 24, ..f.spec.clone() });
        assert_eq!((f.name.as_str(), f.is_custom()), ("custom2-3-w24", true));
    }

    #[test]
    fn only_structure_needs_a_build() {
        let f = Form::default();
        let model = built(&f);
        let mut live = f.clone();
        live.recipe.lr = 0.2;
        assert!(!live.needs_build(&model, None));
        let change = live_change(&f.recipe, &live.recipe).expect("lr differs");
        assert_eq!(change, HyperChange { lr: Some(0.2), ..HyperChange::default() });
        let mut fixed = f.clone();
        fixed.recipe.batch = 64;
        assert!(fixed.needs_build(&model, None));
        assert!(f.needs_build(&model, Some(100)));
        assert_eq!(live_change(&f.recipe, &fixed.recipe), None);
    }
}
