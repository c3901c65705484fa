//! Where a lesson comes from: carried in the program, a file beside the page, dropped on the window, or
//! packed into the link itself.

use super::lesson::LARGEST;
use crate::app::i18n::Language;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::io::{Read, Write};

/// In front of a packed lesson in a link.
const PACKED: char = '~';
/// Characters of a path or name at most.
const PATH: usize = 200;

/// A lesson in both languages.
macro_rules! built_in {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../assets/lessons/", $name, ".en.md")),
            include_str!(concat!("../../../assets/lessons/", $name, ".zh-CN.md")),
        )
    };
}
/// The lessons that the program brings, in the order they are taught: name, English, Chinese.
const BUILT_IN: &[(&str, &str, &str)] = &[
    built_in!("convolution"),
    built_in!("deeper"),
    built_in!("vanishing"),
    built_in!("identity"),
    built_in!("block"),
    built_in!("bottleneck"),
    built_in!("cut"),
    built_in!("landscape"),
    built_in!("article"),
];

/// Where a lesson is.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// In the program, by name.
    BuiltIn(&'static str),
    /// Beside the page, or a file on the desktop: as the link said, and where to get it.
    File { wanted: String, path: String },
    /// In the link itself, packed.
    Packed(String),
    /// A file that was opened here and nowhere else.
    Opened(String),
}

impl Source {
    /// What a link asks for behind `lesson=`; fails in words.
    pub fn of(wanted: &str, language: Language) -> Result<Self, String> {
        if let Some(packed) = wanted.strip_prefix(PACKED) {
            return Ok(Self::Packed(packed.to_owned()));
        }
        if let Some((name, ..)) = BUILT_IN.iter().find(|(name, ..)| *name == wanted) {
            return Ok(Self::BuiltIn(name));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        let safe = wanted.len() <= PATH && !wanted.is_empty() && wanted.chars().all(plain);
        // Nothing but files of this site: no other host, nothing above the page.
        if !safe
            || wanted.starts_with('/')
            || wanted.split('/').any(|part| part.is_empty() || part.starts_with('.'))
        {
            return Err(format!(
                "'{}' is no lesson's name or path",
                wanted.chars().take(60).collect::<String>()
            ));
        }
        let path = match wanted.ends_with(".md") {
            true => wanted.to_owned(),
            false => format!("lessons/{wanted}.{}.md", language.code()),
        };
        Ok(Self::File { wanted: wanted.to_owned(), path })
    }

    /// What stands behind `lesson=` in a link to it; `None` if no link can find it.
    pub fn wanted(&self) -> Option<String> {
        match self {
            Self::BuiltIn(name) => Some((*name).to_owned()),
            Self::File { wanted, .. } => Some(wanted.clone()),
            Self::Packed(packed) => Some(format!("{PACKED}{packed}")),
            Self::Opened(_) => None,
        }
    }

    /// The name that its answers are kept under.
    pub fn key(&self) -> String {
        match self {
            Self::BuiltIn(name) => (*name).to_owned(),
            Self::File { wanted, .. } => wanted.clone(),
            Self::Packed(packed) => format!("{:016x}", hash(packed)),
            Self::Opened(name) => name.clone(),
        }
    }
}

/// FNV-1a: the same on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// Names of the lessons that the program brings.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, ..)| *name)
}

/// The text of one of them.
pub fn text(name: &str, language: Language) -> Option<&'static str> {
    BUILT_IN.iter().find(|(n, ..)| *n == name).map(|(_, en, zh)| match language {
        Language::English => *en,
        Language::Chinese => *zh,
    })
}

/// A lesson's text as it stands in a link.
pub fn pack(text: &str) -> Result<String, String> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    Ok(URL_SAFE_NO_PAD.encode(packed.map_err(|e| e.to_string())?))
}

/// The text again; fails in words on whatever is none.
pub fn unpack(packed: &str) -> Result<String, String> {
    let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|e| format!("the link's lesson is damaged: {e}"))?;
    let mut text = Vec::new();
    // A few bytes can unpack to gigabytes.
    DeflateDecoder::new(bytes.as_slice())
        .take(LARGEST as u64 + 1)
        .read_to_end(&mut text)
        .map_err(|e| format!("the link's lesson is damaged: {e}"))?;
    if text.len() > LARGEST {
        return Err(format!("the link's lesson is larger than {LARGEST} bytes"));
    }
    String::from_utf8(text).map_err(|_| "the link's lesson is no text".into())
}

#[cfg(test)]
mod tests {
    use super::super::lesson::{Item, Lesson};
    use super::*;

    #[test]
    fn a_lesson_in_a_link_is_the_same_lesson() {
        let text = text("block", Language::Chinese).expect("built in");
        let packed = pack(text).expect("packed");
        assert_eq!(unpack(&packed).as_deref(), Ok(text));
        assert!(packed.len() < 6000, "{} characters", packed.len());
    }

    #[test]
    fn hostile_links_are_refused_in_words() {
        let bomb = pack(&"a".repeat(100 << 20)).expect("packed");
        for packed in ["", "!!", "AAAA", "%00", &"A".repeat(5000), &bomb] {
            assert!(!unpack(packed).expect_err(&packed.chars().take(9).collect::<String>()).is_empty());
        }
        let of = |wanted: &str| Source::of(wanted, Language::English);
        for wanted in [
            "",
            "//evil.example/x.md",
            "https://evil.example/x.md",
            "../secret.md",
            "a/../../b.md",
            "/etc/passwd.md",
            "a//b.md",
            ".hidden.md",
            "javascript:alert(1)",
            "a b",
            &"a".repeat(300),
        ] {
            assert!(of(wanted).is_err(), "{wanted}");
        }
        assert_eq!(of("block"), Ok(Source::BuiltIn("block")));
        let file = |path: &str, wanted: &str| Ok(Source::File { wanted: wanted.into(), path: path.into() });
        assert_eq!(of("mine"), file("lessons/mine.en.md", "mine"));
        assert_eq!(of("class/week1.md"), file("class/week1.md", "class/week1.md"));
    }

    /// Every lesson of ours in one language.
    fn ours(language: Language) -> impl Iterator<Item = (&'static str, Lesson)> {
        names().map(move |name| {
            let lesson = text(name, language).map(Lesson::parse).expect("built in");
            (name, lesson.unwrap_or_else(|why| panic!("{name}, {}: {why}", language.code())))
        })
    }

    #[test]
    fn our_lessons_are_whole_and_alike_in_both_languages() {
        let kind = |item: &Item| match item {
            Item::Do(action) => format!("{:?}", action.orders),
            Item::Predict(c) => format!("predict {} {}", c.options.len(), c.supported),
            Item::Ask(c) => format!("ask {} {}", c.options.len(), c.supported),
            Item::Code(lines) => format!("{:?}", lines.iter().map(|l| &l.layer).collect::<Vec<_>>()),
            Item::Text(_) => "text".into(),
            Item::Reveal(_) => "reveal".into(),
        };
        for ((name, en), (_, zh)) in ours(Language::English).zip(ours(Language::Chinese)) {
            let kinds = |l: &Lesson| l.items.iter().map(kind).collect::<Vec<_>>();
            assert_eq!(kinds(&en), kinds(&zh), "{name}");
            assert_eq!(en.prepare, zh.prepare, "{name}");
            let asks = en.items.iter().filter(|i| matches!(i, Item::Ask(_))).count();
            assert_eq!(asks, 2, "{name} has two questions");
            assert!(
                matches!(en.items.last(), Some(Item::Text(t)) if t.contains("## ")),
                "{name} ends with its sources"
            );
        }
    }

    #[test]
    fn our_lessons_are_short_before_the_first_action() {
        for language in Language::ALL {
            for (name, lesson) in ours(language) {
                let before = lesson.items.iter().take_while(|i| !matches!(i, Item::Do(_)));
                let text: String = before
                    .map(|item| match item {
                        Item::Text(text) => text.clone(),
                        Item::Predict(c) => format!("{} {}", c.question, c.options.join(" ")),
                        _ => String::new(),
                    })
                    .collect::<Vec<_>>()
                    .join(" ");
                // Two Chinese characters are about a word.
                let han = text.chars().filter(|c| *c >= '\u{2e80}').count();
                let words = text.split_whitespace().filter(|w| w.is_ascii()).count() + han / 2;
                assert!(words <= 120, "{name}, {}: {words} words", language.code());
            }
        }
    }
}
