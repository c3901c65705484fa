//! What a race is between: a network, the one thing in which its lanes differ, how long and how often.

use super::super::super::form::title;
use super::super::super::i18n;
use super::super::super::numbers;
use crate::lab::race::{MOST_LANES, difference};
use crate::model::{Alpha, MOST_WIDTH, ModelSpec, Shortcut, ZOO, by_name};
use crate::session::{Lane, RaceSetup};
use crate::train::{Init, Recipe};
use serde::{Deserialize, Serialize};

/// The one thing in which lanes differ, as a reader chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Differ {
    /// A residual network and its plain twin.
    Skip,
    /// Options A and B where the shape changes.
    Shortcut,
    BatchNorm,
    Depth,
    Alpha,
    LearningRate,
    Init,
}

impl Differ {
    pub const ALL: [Self; 7] = [
        Self::Skip,
        Self::Shortcut,
        Self::BatchNorm,
        Self::Depth,
        Self::Alpha,
        Self::LearningRate,
        Self::Init,
    ];

    /// Its name, and what it means in the field's terms.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Skip => (i18n::differ_skip(), i18n::differ_skip_hint()),
            Self::Shortcut => (i18n::differ_shortcut(), i18n::differ_shortcut_hint()),
            Self::BatchNorm => (i18n::differ_bn(), i18n::differ_bn_hint()),
            Self::Depth => (i18n::differ_depth(), i18n::differ_depth_hint()),
            Self::Alpha => (i18n::differ_alpha(), i18n::differ_alpha_hint()),
            Self::LearningRate => (i18n::differ_lr(), i18n::differ_lr_hint()),
            Self::Init => (i18n::differ_init(), i18n::differ_init_hint()),
        }
    }
}

/// A race as the controls show it. Whatever is not in it is as the recipe says.
#[derive(Clone, Debug, PartialEq)]
pub struct RaceForm {
    /// Name in the zoo.
    pub base: String,
    pub differ: Differ,
    /// Of each lane with each seed.
    pub steps: u64,
    pub seeds: u64,
    pub batch: usize,
    pub lr: f32,
    /// Channels of the first stage of all lanes; each network's own without it.
    pub width: Option<usize>,
    /// Of what lanes differ in, the values that are raced; those that say most if none are chosen.
    chosen: Vec<String>,
}

impl Default for RaceForm {
    fn default() -> Self {
        PRESETS[0].form()
    }
}

/// A race that is worth running, with numbers under which it says something.
pub struct Preset {
    base: &'static str,
    differ: Differ,
    steps: u64,
    batch: usize,
    lr: f32,
}

const fn preset(base: &'static str, differ: Differ, steps: u64, batch: usize, lr: f32) -> Preset {
    Preset { base, differ, steps, batch, lr }
}

/// The first is light enough for an adapter that is a CPU.
pub const PRESETS: [Preset; 5] = [
    preset("resnet20", Differ::Skip, 200, 16, 0.02),
    preset("resnet56", Differ::Skip, 400, 64, 0.05),
    preset("plain56", Differ::Depth, 400, 64, 0.05),
    preset("resnet56", Differ::BatchNorm, 400, 64, 0.02),
    preset("resnet20", Differ::Alpha, 300, 32, 0.05),
];

impl Preset {
    pub fn form(&self) -> RaceForm {
        let &Self { base, differ, steps, batch, lr } = self;
        RaceForm { base: base.into(), differ, steps, seeds: 1, batch, lr, width: None, chosen: Vec::new() }
    }

    /// What it is called: the network, and in what its lanes differ.
    pub fn name(&self) -> String {
        format!("{} · {}", title(self.base), self.differ.words().0)
    }

    /// Its lanes in a line.
    pub fn lanes(&self) -> String {
        let lanes = self.form().lanes(&Recipe::default(), None);
        lanes.iter().map(|l| label(&l.name)).collect::<Vec<_>>().join(i18n::race_comma())
    }
}

/// The residual network with the same layers.
fn residual(name: &str) -> String {
    name.replacen("plain", "resnet", 1)
}

/// The networks that differ from `base` in depth alone, the deepest first.
fn family(base: &str) -> Vec<String> {
    let plain = base.starts_with("plain");
    let shape = |s: &ModelSpec| (s.stem, s.block, s.width, s.shortcut, s.input_size);
    let Some(spec) = by_name(base) else { return Vec::new() };
    let names = ZOO.iter().map(|z| if plain { z.name.replacen("resnet", "plain", 1) } else { z.name.into() });
    let alike = |name: &String| by_name(name).is_some_and(|s| shape(&s) == shape(&spec));
    let mut family: Vec<String> = names.filter(alike).collect();
    family.sort_by_cached_key(|name| std::cmp::Reverse(by_name(name).map_or(0, |s| s.depth())));
    family
}

/// α and factors of the learning rate that lanes can have.
const ALPHAS: [f32; 8] = [1.1, 1.0, 0.9, 0.75, 0.5, 0.25, 0.0, -0.5];
const RATES: [f32; 7] = [1.0, 0.01, 0.1, 0.3, 3.0, 10.0, 100.0];

impl RaceForm {
    /// What lanes can be made of, where that is more than two: names of networks, numbers, ways to begin.
    pub fn values(&self) -> Vec<String> {
        match self.differ {
            Differ::Skip | Differ::Shortcut | Differ::BatchNorm => Vec::new(),
            Differ::Depth => family(&self.base),
            Differ::Alpha => ALPHAS.map(|a| a.to_string()).into(),
            Differ::LearningRate => RATES.map(|by| by.to_string()).into(),
            Differ::Init if self.base.starts_with("plain") => vec!["he".into(), "torch".into()],
            Differ::Init => vec!["he".into(), "torch".into(), "fixup".into()],
        }
    }

    /// Those that are raced.
    pub fn raced(&self) -> Vec<String> {
        let all = self.values();
        let chosen: Vec<String> = all.iter().filter(|v| self.chosen.contains(v)).cloned().collect();
        if chosen.len() > 1 {
            return chosen;
        }
        match self.differ {
            Differ::Depth => {
                let last = all.len().saturating_sub(1);
                let at = all.iter().position(|name| *name == self.base).unwrap_or(last);
                // What is deeper costs more than was asked for; only the shallowest has nothing below it.
                let mut lanes = if at == last {
                    vec![last.saturating_sub(2), last.saturating_sub(1), last]
                } else {
                    vec![at, last - (last - at) / 2, last]
                };
                lanes.dedup();
                lanes.into_iter().filter_map(|i| all.get(i).cloned()).collect()
            }
            Differ::Alpha => ["1", "0.5", "0"].map(String::from).into(),
            Differ::LearningRate => ["1", "0.1", "10"].map(String::from).into(),
            _ => all.into_iter().take(2).collect(),
        }
    }

    /// A value as a chip says it.
    pub fn value(&self, value: &str) -> String {
        match (self.differ, value) {
            (Differ::Depth, name) => by_name(name).map_or_else(|| name.to_owned(), |s| s.depth().to_string()),
            (Differ::LearningRate, by) => format!("× {by}"),
            (Differ::Init, "he") => i18n::init_he().to_owned(),
            (Differ::Init, "torch") => i18n::init_torch().to_owned(),
            (Differ::Init, "fixup") => i18n::cause_fixup().to_owned(),
            _ => value.replace('-', "−"),
        }
    }

    /// Takes a value in or out, as far as 2 to [`MOST_LANES`] are left.
    pub fn toggle(&mut self, value: &str) {
        let mut raced = self.raced();
        match raced.iter().position(|v| v == value) {
            Some(at) if raced.len() > 2 => drop(raced.remove(at)),
            None if raced.len() < MOST_LANES => raced.push(value.to_owned()),
            _ => return,
        }
        self.chosen = raced;
        // In the order in which they are shown.
        self.chosen = self.raced();
    }

    /// Another thing to differ in, or another network: with it come other values.
    pub fn forget_values(&mut self) {
        self.chosen.clear();
    }

    /// The lanes, the base network first, each named as in the terminal: `resnet20,alpha=0.5`.
    pub fn lanes(&self, recipe: &Recipe, classes: Option<usize>) -> Vec<Lane> {
        let recipe = Recipe { steps: Some(self.steps), batch: self.batch, lr: self.lr, ..recipe.clone() };
        let lane = |name: &str, part: String, change: &dyn Fn(&mut ModelSpec, &mut Recipe)| {
            let mut spec = by_name(name)?;
            spec.classes = classes.unwrap_or(spec.classes);
            let mut recipe = recipe.clone();
            change(&mut spec, &mut recipe);
            let mut name = if part.is_empty() { name.to_owned() } else { format!("{name},{part}") };
            if let Some(width) = self.width.filter(|w| *w != spec.width) {
                spec.width = width;
                name = format!("{name},width={width}");
            }
            Some(Lane { name, spec, recipe })
        };
        let same = |name: &str| lane(name, String::new(), &|_, _| ());
        let base = self.base.as_str();
        let skips = residual(base);
        let raced = self.raced();
        let each = |make: &dyn Fn(f32) -> Option<Lane>| {
            raced.iter().map(|v| v.parse().ok().and_then(make)).collect::<Vec<_>>()
        };
        let lanes: Vec<Option<Lane>> = match self.differ {
            Differ::Skip => vec![same(&skips), same(&skips.replacen("resnet", "plain", 1))],
            Differ::Shortcut => [(Shortcut::ZeroPad, "zero_pad"), (Shortcut::Projection, "projection")]
                .map(|(kind, word)| lane(&skips, format!("shortcut={word}"), &|s, _| s.shortcut = kind))
                .into(),
            Differ::BatchNorm => vec![same(base), lane(base, "bn=off".into(), &|s, _| s.batch_norm = false)],
            Differ::Depth => raced.iter().map(|name| same(name)).collect(),
            Differ::Alpha => each(&|a| lane(&skips, format!("alpha={a}"), &|s, _| s.alpha = Alpha::All(a))),
            Differ::LearningRate => {
                each(&|by| lane(base, format!("lr={}", self.lr * by), &|_, r| r.lr = self.lr * by))
            }
            Differ::Init => [(Init::He, "he"), (Init::Torch, "torch"), (Init::Fixup, "fixup")]
                .into_iter()
                .filter(|(_, word)| raced.iter().any(|v| v == word))
                .map(|(init, word)| lane(base, format!("init={word}"), &|_, r| r.init = init))
                .collect(),
        };
        lanes.into_iter().flatten().collect()
    }

    /// What the session is asked for.
    ///
    /// # Errors
    ///
    /// Says why there can be no such race.
    pub fn setup(&self, recipe: &Recipe, classes: Option<usize>) -> Result<RaceSetup, String> {
        let lanes = self.lanes(recipe, classes);
        difference(&lanes).map_err(|e| e.to_string())?;
        for lane in &lanes {
            lane.spec.validate().map_err(|e| e.to_string())?;
            lane.recipe.validate().map_err(|e| e.to_string())?;
        }
        Ok(RaceSetup { lanes, seeds: self.seeds })
    }

    /// Channels of the first stage of `base`, as a race has them.
    pub fn channels(&self) -> Option<usize> {
        self.width.or_else(|| by_name(&self.base).map(|s| s.width))
    }

    /// Takes another width for all lanes; the network's own is none of the form's.
    pub fn set_channels(&mut self, width: usize) {
        self.width = Some(width).filter(|w| by_name(&self.base).is_none_or(|s| s.width != *w));
    }

    /// As a link says it: `resnet20:skip:200:1:16:0.02`, or `resnet20:alpha:200:1:16:0.02:1,0.9,0`; narrower,
    /// `resnet20:skip:200:1:16:0.02::4`.
    pub fn written(&self) -> String {
        let differ = serde_json::to_value(self.differ).ok();
        let differ = differ.as_ref().and_then(|v| v.as_str()).unwrap_or_default();
        let Self { base, steps, seeds, batch, lr, .. } = self;
        let values = if self.chosen.is_empty() { String::new() } else { self.raced().join(",") };
        let rest = match (values.is_empty(), self.width) {
            (true, None) => String::new(),
            (false, None) => format!(":{values}"),
            (_, Some(width)) => format!(":{values}:{width}"),
        };
        format!("{base}:{differ}:{steps}:{seeds}:{batch}:{lr}{rest}")
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (parts, values) = parts.split_at_checked(6)?;
        let [base, differ, steps, seeds, batch, lr] = parts else { return None };
        by_name(base)?;
        let (values, width) = match values {
            [] => ("", None),
            [values] if !values.is_empty() => (*values, None),
            [values, width] => (*values, Some(width.parse().ok().filter(|w| (1..=MOST_WIDTH).contains(w))?)),
            _ => return None,
        };
        let form = Self {
            base: (*base).to_owned(),
            differ: serde_json::from_value(serde_json::Value::String((*differ).to_owned())).ok()?,
            steps: steps.parse().ok().filter(|n| (1..=MOST_STEPS).contains(n))?,
            seeds: seeds.parse().ok().filter(|n| (1..=MOST_SEEDS).contains(n))?,
            batch: batch.parse().ok().filter(|n| (1..=MOST_BATCH).contains(n))?,
            lr: lr.parse().ok().filter(|v: &f32| v.is_finite() && *v > 0.0)?,
            width,
            chosen: values.split(',').filter(|_| !values.is_empty()).map(str::to_owned).collect(),
        };
        // All of them are there to be chosen, each once.
        let fits = form.chosen.is_empty() || (2..=MOST_LANES).contains(&form.chosen.len());
        (fits && (form.chosen.is_empty() || form.raced().len() == form.chosen.len())).then_some(form)
    }
}

/// Every gradient of every step is kept to be drawn.
pub const MOST_STEPS: u64 = 5000;
pub const MOST_SEEDS: u64 = 10;
pub const MOST_BATCH: usize = 1024;

/// A lane's name as a title: `resnet20,alpha=0.5` → `ResNet-20 · α 0.5`. Its width, which all lanes share, is said
/// beside the headline.
pub fn label(name: &str) -> String {
    let mut parts = name.split(',');
    let mut out = title(parts.next().unwrap_or_default());
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let number = || value.parse().map_or_else(|_| value.to_owned(), numbers::hyper);
        let words = match (key, value) {
            ("bn", "off") => i18n::title_no_bn().to_owned(),
            ("shortcut", "zero_pad") => i18n::title_option_a().to_owned(),
            ("shortcut", "projection") => i18n::title_option_b().to_owned(),
            ("init", "he") => i18n::init_he().to_owned(),
            ("init", "torch") => i18n::init_torch().to_owned(),
            ("init", "fixup") => i18n::cause_fixup().to_owned(),
            ("alpha", _) => format!("α {}", number()),
            ("lr", _) => i18n::race_lr(number()),
            ("width", _) => continue,
            _ => part.to_owned(),
        };
        out = format!("{out} · {words}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::names;

    #[test]
    fn every_network_can_be_raced_in_everything() {
        for base in names() {
            for differ in Differ::ALL {
                let form = RaceForm { base: base.clone(), differ, ..RaceForm::default() };
                let setup =
                    form.setup(&Recipe::default(), Some(10)).unwrap_or_else(|e| panic!("{base}: {e}"));
                assert!((2..=4).contains(&setup.lanes.len()), "{base} {differ:?}");
                let labels: Vec<_> = setup.lanes.iter().map(|l| label(&l.name)).collect();
                assert!(labels.iter().all(|l| labels.iter().filter(|m| *m == l).count() == 1), "{labels:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_raced_is_said() {
        let form = RaceForm { lr: -1.0, ..RaceForm::default() };
        assert!(form.setup(&Recipe::default(), None).expect_err("no rate").contains("learning rate"));
        let form = RaceForm { base: "alexnet".into(), ..RaceForm::default() };
        assert!(form.setup(&Recipe::default(), None).is_err());
    }

    #[test]
    fn depth_goes_down_from_what_was_asked_for() {
        let names = |base: &str| {
            let form = RaceForm { base: base.into(), differ: Differ::Depth, ..RaceForm::default() };
            form.lanes(&Recipe::default(), None).into_iter().map(|l| l.name).collect::<Vec<_>>()
        };
        assert_eq!(names("plain56"), ["plain56", "plain20", "plain8"]);
        assert_eq!(names("resnet14"), ["resnet14", "resnet8"]);
        assert_eq!(names("resnet8"), ["resnet20", "resnet14", "resnet8"]);
    }

    #[test]
    fn two_to_four_values_are_raced() {
        let lanes = |form: &RaceForm| {
            let setup = form.setup(&Recipe::default(), Some(10)).expect("a race");
            setup.lanes.into_iter().map(|l| l.name).collect::<Vec<_>>()
        };
        let mut form = RaceForm { differ: Differ::Alpha, ..RaceForm::default() };
        for value in ["0.9", "0.25"] {
            form.toggle(value);
        }
        let four = ["resnet20,alpha=1", "resnet20,alpha=0.9", "resnet20,alpha=0.5", "resnet20,alpha=0"];
        assert_eq!(lanes(&form), four, "a fifth has no place");
        assert_eq!(RaceForm::read(&form.written()), Some(form.clone()));
        for value in ["0.9", "0", "1"] {
            form.toggle(value);
        }
        assert_eq!(lanes(&form), ["resnet20,alpha=1", "resnet20,alpha=0.5"], "two are left");
        form.differ = Differ::Depth;
        form.forget_values();
        form.toggle("resnet56");
        assert_eq!(lanes(&form), ["resnet56", "resnet20", "resnet14", "resnet8"]);
        form.differ = Differ::Init;
        form.forget_values();
        form.toggle("fixup");
        assert_eq!(lanes(&form), ["resnet20,init=he", "resnet20,init=torch", "resnet20,init=fixup"]);
    }

    #[test]
    fn links_carry_a_race_and_survive_whatever_is_typed() {
        for preset in PRESETS {
            let form = preset.form();
            assert_eq!(RaceForm::read(&form.written()), Some(form));
        }
        for typed in [
            "",
            "resnet20",
            "resnet9:skip:1:1:1:0.1",
            "resnet8:skip:0:1:1:0.1",
            "resnet8:skip:9:1:8:inf",
            "resnet8:alpha:9:1:8:0.1:1",
            "resnet8:alpha:9:1:8:0.1:1,7",
            "resnet8:alpha:9:1:8:0.1:1,1",
            "resnet8:alpha:9:1:8:0.1:1,0:0",
            "resnet8:alpha:9:1:8:0.1:",
            "resnet8:alpha:9:1:8:0.1::",
            "resnet8:alpha:9:1:8:0.1::9999",
            "resnet8:alpha:9:1:8:0.1:1,0:4:4",
        ] {
            assert_eq!(RaceForm::read(typed), None, "{typed}");
        }
    }

    #[test]
    fn all_lanes_are_as_wide_as_was_asked_for() {
        let mut form = RaceForm { differ: Differ::Depth, ..RaceForm::default() };
        form.set_channels(16);
        assert_eq!((form.width, form.channels()), (None, Some(16)), "its own");
        form.set_channels(4);
        assert!(form.written().ends_with("::4"), "{}", form.written());
        assert_eq!(RaceForm::read(&form.written()), Some(form.clone()));
        form.toggle("resnet32");
        assert_eq!(RaceForm::read(&form.written()), Some(form.clone()));
        let setup = form.setup(&Recipe::default(), Some(10)).expect("a race");
        assert!(setup.lanes.iter().all(|l| l.spec.width == 4 && l.name.ends_with(",width=4")));
        assert_eq!(label(&setup.lanes[0].name), "ResNet-32");
    }

    #[test]
    fn lanes_are_called_what_tells_them_apart() {
        assert_eq!(label("resnet56,bn=off"), "ResNet-56 · no BN");
        assert_eq!(label("resnet20,alpha=0.5"), "ResNet-20 · α 0.5");
        assert_eq!(label("plain56"), "plain-56");
    }
}
