//! The messages of each language, read once. Panels ask for hundreds of fixed texts in every drawing, so
//! those are formatted into a table; messages with values go through Fluent each time.

use super::{Language, TEXTS, language};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::sync::OnceLock;
use unic_langid::LanguageIdentifier;

/// What can stand in a message. Numbers choose the plural; what is written already does not.
pub trait Value<'a> {
    fn value(self) -> FluentValue<'a>;
}

impl<'a> Value<'a> for &'a str {
    fn value(self) -> FluentValue<'a> {
        self.into()
    }
}

impl<'a> Value<'a> for &'a String {
    fn value(self) -> FluentValue<'a> {
        self.as_str().into()
    }
}

impl<'a> Value<'a> for String {
    fn value(self) -> FluentValue<'a> {
        self.into()
    }
}

impl<'a> Value<'a> for usize {
    fn value(self) -> FluentValue<'a> {
        self.into()
    }
}

impl<'a> Value<'a> for u32 {
    fn value(self) -> FluentValue<'a> {
        self.into()
    }
}

/// The fixed text at a place of the table, in the window's language.
pub(super) fn text(place: usize) -> &'static str {
    catalogue(language()).texts.get(place).map_or("", String::as_str)
}

/// The message called `name`, with `arguments` by name, in the window's language.
pub(super) fn message(name: &str, arguments: &[(&'static str, FluentValue<'_>)]) -> String {
    let arguments: FluentArgs<'_> = arguments.iter().map(|(k, v)| (*k, v.clone())).collect();
    let written = catalogue(language()).write(name, Some(&arguments));
    written.unwrap_or_else(|| fallback(name, Some(&arguments)))
}

struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    /// In the order of [`TEXTS`].
    texts: Vec<String>,
}

impl Catalogue {
    fn of(language: Language) -> Self {
        // A test holds the files to the grammar; of a broken one, what can be read is used.
        let messages = FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(read, _)| read);
        let tag: LanguageIdentifier = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks for text that runs both ways; neither language does, and egui would draw them.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(messages);
        let mut catalogue = Self { bundle, texts: Vec::new() };
        let write = |name: &&str| catalogue.write(name, None).unwrap_or_else(|| fallback(name, None));
        catalogue.texts = TEXTS.iter().map(write).collect();
        catalogue
    }

    /// `None` if there is no such message. What stands for an argument that is missing is its name.
    fn write(&self, name: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(&id(name))?.value()?;
        Some(self.bundle.format_pattern(pattern, arguments, &mut Vec::new()).into_owned())
    }
}

/// English stands in for what another language lacks, and a message's name for what English lacks.
fn fallback(name: &str, arguments: Option<&FluentArgs<'_>>) -> String {
    let english = match language() {
        Language::English => None,
        _ => catalogue(Language::English).write(name, arguments),
    };
    english.unwrap_or_else(|| id(name))
}

fn catalogue(language: Language) -> &'static Catalogue {
    static ENGLISH: OnceLock<Catalogue> = OnceLock::new();
    static CHINESE: OnceLock<Catalogue> = OnceLock::new();
    let place = match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    };
    place.get_or_init(|| Catalogue::of(language))
}

/// The text of a language's file of messages.
pub fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../../../assets/i18n/en.ftl"),
        Language::Chinese => include_str!("../../../assets/i18n/zh-CN.ftl"),
    }
}

/// A function's name as the name of its message.
fn id(name: &str) -> String {
    name.replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::super::{MESSAGES, set_language};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn files_follow_the_grammar() {
        for language in Language::ALL {
            let file = FluentResource::try_new(source(language).to_owned());
            let errors = file.map(|_| ()).map_err(|(_, errors)| errors);
            assert_eq!(errors, Ok(()), "{}", language.code());
        }
    }

    #[test]
    fn files_have_what_is_declared_and_nothing_else() {
        let declared = TEXTS.iter().copied().chain(MESSAGES.iter().map(|m| m.0)).map(id);
        let declared: BTreeSet<String> = declared.collect();
        assert_eq!(declared.len(), TEXTS.len() + MESSAGES.len(), "a name is declared twice");
        for language in Language::ALL {
            let starts = source(language).lines().filter_map(|l| l.split_once(" ="));
            let names = starts.map(|(name, _)| name.to_owned()).filter(|n| !n.starts_with([' ', '#']));
            let names: Vec<String> = names.collect();
            let written: BTreeSet<String> = names.iter().cloned().collect();
            assert_eq!(written.len(), names.len(), "{}: a message stands twice", language.code());
            let missing: Vec<_> = declared.difference(&written).collect();
            let unused: Vec<_> = written.difference(&declared).collect();
            assert!(missing.is_empty(), "{} lacks {missing:?}", language.code());
            assert!(unused.is_empty(), "nothing declares {unused:?} of {}", language.code());
        }
    }

    /// Every declared argument is written, and none that is not declared.
    #[test]
    fn arguments_are_the_same_everywhere() {
        for language in Language::ALL {
            let catalogue = Catalogue::of(language);
            let fixed = TEXTS.iter().map(|name| (*name, &[] as &[&str]));
            for (name, arguments) in fixed.chain(MESSAGES.iter().copied()) {
                let marks = arguments.iter().map(|a| (*a, FluentValue::from(format!("<{a}>"))));
                let values: FluentArgs<'_> = marks.collect();
                let message = catalogue.bundle.get_message(&id(name)).and_then(|m| m.value());
                let pattern = message.unwrap_or_else(|| panic!("{} lacks {name}", language.code()));
                let mut errors = Vec::new();
                let text = catalogue.bundle.format_pattern(pattern, Some(&values), &mut errors);
                assert!(errors.is_empty(), "{}, {name}: {errors:?}", language.code());
                for argument in arguments {
                    assert!(text.contains(&format!("<{argument}>")), "{name} leaves out {argument}: {text}");
                }
            }
        }
    }

    #[test]
    fn each_thread_speaks_its_language() {
        set_language(Language::Chinese);
        assert_eq!(super::super::run(), "运行");
        assert_eq!(super::super::compiling(12_usize, 40_usize), "正在编译内核：12 / 40");
        let other = std::thread::spawn(|| super::super::compiling(12_usize, 40_usize)).join();
        assert_eq!(other.expect("no panic"), "compiling 12 of 40 kernels");
        set_language(Language::English);
        assert_eq!(super::super::run(), "Run");
        assert_eq!(super::super::classes(1_usize, "cat"), "1 class: cat");
        assert_eq!(super::super::of("30"), " / 30");
        assert_eq!(super::super::chart_point("train", "4,692", "0.311"), "train 0.311\nstep 4,692");
    }
}
