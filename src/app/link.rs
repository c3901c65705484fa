//! A link that opens exactly what is on the screen: network, recipe, data, what is chosen and how it is
//! looked at, as `#m=resnet18&lr=0.1&block=layer2.1`. Only what differs from a fresh window is in it.
//!
//! Whatever comes in is checked piece by piece: a piece that is wrong keeps its default and is named.

use super::form::Form;
use super::i18n::Language;
use super::panels::{LabForm, RaceForm};
use super::view::View;
use crate::model::{Alpha, ModelSpec, by_name};
use crate::session::{Maps, Picture, RecordRef, SplitName};
use crate::train::{Augment, Recipe};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::str::FromStr;

/// What the built-in pictures are called.
pub const SHAPES10: &str = "shapes10";
/// Longer links are not ours, unless they carry a lesson.
const LONGEST: usize = 4096;
const LONGEST_LESSON: usize = 96 << 10;

/// What is written as it is: letters, digits, and these.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b',').remove(b':');

/// All that a link carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub form: Form,
    /// `shapes10` or an archive's name.
    pub data: String,
    /// torchvision's name of the chosen block.
    pub block: Option<String>,
    pub picture: Picture,
    pub maps: Maps,
    pub own_scale: bool,
    pub view: View,
    /// What is raced.
    pub race: RaceForm,
    /// The experiment that is chosen.
    pub lab: LabForm,
    pub language: Option<Language>,
    /// A lesson to open: its name, its path or itself, packed.
    pub lesson: Option<String>,
}

/// Whether a part of this name says how something is looked at, and not what is trained.
pub fn is_look(key: &str) -> bool {
    matches!(key, "block" | "pic" | "maps" | "scale" | "view" | "race" | "lab")
}

impl Default for Link {
    fn default() -> Self {
        Self {
            form: Form::default(),
            data: SHAPES10.into(),
            block: None,
            picture: Picture::Record(RecordRef { split: SplitName::Test, index: 0 }),
            maps: Maps::default(),
            own_scale: false,
            view: View::default(),
            race: RaceForm::default(),
            lab: LabForm::default(),
            language: None,
            lesson: None,
        }
    }
}

/// The name that serde gives a variant without fields.
fn word<T: Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The variant with that name.
fn variant<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// Collects `key=value` where the value is not the default's.
struct Writer(Vec<String>);

impl Writer {
    fn put(&mut self, key: &str, value: impl Display) {
        let value = value.to_string();
        self.0.push(format!("{key}={}", utf8_percent_encode(&value, PLAIN)));
    }

    fn differs<T: PartialEq>(&mut self, key: &str, value: T, default: T, write: impl Fn(T) -> String) {
        if value != default {
            self.put(key, write(value));
        }
    }
}

fn joined<T: Display>(values: &[T], by: &str) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(by)
}

fn flag(on: bool) -> String {
    u8::from(on).to_string()
}

impl Link {
    /// The part after `#`; empty for a fresh window.
    pub fn hash(&self) -> String {
        let mut w = Writer(Vec::new());
        let fresh = Self::default();
        let row = self.form.row();
        let base = by_name(row).unwrap_or_else(|| fresh.form.spec.clone());
        if by_name(row).is_none() {
            w.put("m", CUSTOM);
        } else if row != fresh.form.row() {
            w.put("m", row);
        }
        spec_parts(&mut w, &self.form.spec, &base);
        recipe_parts(&mut w, &self.form.recipe, &fresh.form.recipe);
        w.differs("d", self.data.as_str(), SHAPES10, str::to_owned);
        w.differs("block", self.block.clone(), None, Option::unwrap_or_default);
        if self.picture != fresh.picture {
            match self.picture {
                Picture::Record(r) => w.put("pic", format!("{}:{}", word(r.split), r.index)),
                Picture::Batch(n) => w.put("pic", format!("batch:{n}")),
                // A picture of one's own stays on one's own machine.
                Picture::Own => {}
            }
        }
        w.differs("maps", self.maps, fresh.maps, word);
        w.differs("scale", self.own_scale, false, |_| "own".into());
        w.differs("view", self.view, fresh.view, word);
        w.differs("race", &self.race, &fresh.race, RaceForm::written);
        w.differs("lab", self.lab.written(), fresh.lab.written(), |lab| lab);
        w.differs("lang", self.language, None, |l| l.map_or(String::new(), |l| l.code().to_owned()));
        w.differs("lesson", self.lesson.clone(), None, Option::unwrap_or_default);
        w.0.join("&")
    }

    /// Reads a whole address or what stands after its `#`; returns the parts that are not understood too.
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        let mut link = Self::default();
        let mut faults = Vec::new();
        let hash = match text.trim().rsplit_once('#') {
            Some((_, hash)) => hash,
            None if text.contains("://") => "",
            None => text.trim(),
        };
        if hash.len() > if hash.contains("lesson=") { LONGEST_LESSON } else { LONGEST } {
            return (link, vec![format!("{}…", hash.chars().take(40).collect::<String>())]);
        }
        let parts: Vec<(&str, &str)> =
            hash.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, ""))).collect();
        // The network first: the others change what it brings.
        let (networks, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(key, _)| *key == "m");
        for (key, value) in networks.into_iter().chain(others) {
            let decoded = percent_decode_str(value).decode_utf8().ok();
            if decoded.and_then(|v| link.take(key, &v)).is_none() {
                let part = if value.is_empty() { key.to_owned() } else { format!("{key}={value}") };
                faults.push(part.chars().take(60).collect());
            }
        }
        if let Err(e) = link.form.spec.validate() {
            faults.push(e.to_string());
            let spec = Self::default().form.spec;
            link.form = Form { recipe: link.form.recipe, ..Form { spec, ..Form::default() } };
        }
        if let Err(e) = link.form.recipe.validate() {
            faults.push(e.to_string());
            link.form.recipe = Form::default().recipe;
        }
        link.form.rename();
        (link, faults)
    }

    /// Takes one part; `None` if it is not understood, and then nothing has changed.
    fn take(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "m" if value == CUSTOM => {}
            "m" => {
                self.form.spec = by_name(value)?;
                self.form.name = value.to_owned();
            }
            "d" if !value.is_empty() => self.data = value.to_owned(),
            "block" if !value.is_empty() => self.block = Some(value.to_owned()),
            "pic" => self.picture = picture(value)?,
            "maps" => self.maps = variant(value)?,
            "scale" if value == "own" => self.own_scale = true,
            "view" => self.view = variant(value)?,
            "race" => self.race = RaceForm::read(value)?,
            "lab" => self.lab = LabForm::read(value)?,
            "lesson" if !value.is_empty() => self.lesson = Some(value.to_owned()),
            "lang" => self.language = Some(Language::of_tag(value)?),
            _ => {
                return spec_part(&mut self.form.spec, key, value)
                    .or_else(|| recipe_part(&mut self.form.recipe, key, value));
            }
        }
        Some(())
    }
}

/// Stands for a network that has no name.
const CUSTOM: &str = "custom";

fn picture(value: &str) -> Option<Picture> {
    let (from, number) = value.split_once(':')?;
    let index = number.parse().ok()?;
    Some(match from {
        "batch" => Picture::Batch(index),
        split => Picture::Record(RecordRef { split: variant(split)?, index }),
    })
}

fn spec_parts(w: &mut Writer, spec: &ModelSpec, base: &ModelSpec) {
    w.differs("stem", spec.stem, base.stem, word);
    w.differs("kind", spec.block, base.block, word);
    w.differs("blocks", &spec.blocks, &base.blocks, |b| joined(b, "-"));
    w.differs("width", spec.width, base.width, |v| v.to_string());
    w.differs("skip", spec.shortcut, base.shortcut, word);
    w.differs("alpha", &spec.alpha, &base.alpha, |a| match a {
        Alpha::All(a) => a.to_string(),
        Alpha::PerBlock(list) => joined(list, ","),
    });
    w.differs("bn", spec.batch_norm, base.batch_norm, flag);
    w.differs("classes", spec.classes, base.classes, |v| v.to_string());
    w.differs("px", spec.input_size, base.input_size, |v| v.to_string());
}

fn spec_part(spec: &mut ModelSpec, key: &str, value: &str) -> Option<()> {
    match key {
        "stem" => spec.stem = variant(value)?,
        "kind" => spec.block = variant(value)?,
        "blocks" => spec.blocks = list(value, '-')?,
        "width" => spec.width = value.parse().ok()?,
        "skip" => spec.shortcut = variant(value)?,
        "alpha" => {
            let values = list(value, ',')?;
            spec.alpha = match values.as_slice() {
                [all] => Alpha::All(*all),
                _ => Alpha::PerBlock(values),
            };
        }
        "bn" => spec.batch_norm = on_off(value)?,
        "classes" => spec.classes = value.parse().ok()?,
        "px" => spec.input_size = value.parse().ok()?,
        _ => return None,
    }
    Some(())
}

fn recipe_parts(w: &mut Writer, r: &Recipe, base: &Recipe) {
    w.differs("epochs", r.epochs, base.epochs, |v| v.to_string());
    w.differs("steps", r.steps, base.steps, |v| v.map_or(String::new(), |v| v.to_string()));
    w.differs("b", r.batch, base.batch, |v| v.to_string());
    w.differs("lr", r.lr, base.lr, |v| v.to_string());
    w.differs("mom", r.momentum, base.momentum, |v| v.to_string());
    w.differs("nag", r.nesterov, base.nesterov, flag);
    w.differs("wd", r.weight_decay, base.weight_decay, |v| v.to_string());
    w.differs("sched", r.schedule, base.schedule, word);
    w.differs("aug", r.augment == Augment::CropFlip, base.augment == Augment::CropFlip, flag);
    w.differs("resize", r.resize, base.resize, word);
    w.differs("init", r.init, base.init, word);
    w.differs("seed", r.seed, base.seed, |v| v.to_string());
    w.differs("mean", r.mean, base.mean, |v| joined(&v, ","));
    w.differs("std", r.std, base.std, |v| joined(&v, ","));
}

fn recipe_part(r: &mut Recipe, key: &str, value: &str) -> Option<()> {
    match key {
        "epochs" => r.epochs = value.parse().ok()?,
        "steps" => r.steps = Some(value.parse().ok()?),
        "b" => r.batch = value.parse().ok()?,
        "lr" => r.lr = value.parse().ok()?,
        "mom" => r.momentum = value.parse().ok()?,
        "nag" => r.nesterov = on_off(value)?,
        "wd" => r.weight_decay = value.parse().ok()?,
        "sched" => r.schedule = variant(value)?,
        "aug" => r.augment = if on_off(value)? { Augment::CropFlip } else { Augment::None },
        "resize" => r.resize = variant(value)?,
        "init" => r.init = variant(value)?,
        "seed" => r.seed = value.parse().ok()?,
        "mean" => r.mean = list(value, ',')?.try_into().ok()?,
        "std" => r.std = list(value, ',')?.try_into().ok()?,
        _ => return None,
    }
    Some(())
}

fn list<T: FromStr>(value: &str, by: char) -> Option<Vec<T>> {
    value.split(by).map(|v| v.parse().ok()).collect()
}

fn on_off(value: &str) -> Option<bool> {
    match value {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
