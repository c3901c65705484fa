//! Which language the window speaks.

use std::cell::Cell;

/// A language that the window has all its words in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Chinese,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its BCP 47 tag.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// The one to switch to.
    pub fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }

    /// The language of a BCP 47 or POSIX tag such as `zh-Hans-CN` or `en_GB.UTF-8`, if it is one of ours.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.', '@']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }
}

thread_local! {
    /// The window lives on one thread; tests run on several and must not disturb one another.
    static CURRENT: Cell<Language> = const { Cell::new(Language::English) };
}

/// The language of this thread's window.
pub fn language() -> Language {
    CURRENT.get()
}

/// Speaks `language` from the next drawing on.
pub fn set_language(language: Language) {
    CURRENT.set(language);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_languages() {
        for (tag, language) in [
            ("zh-CN", Some(Language::Chinese)),
            ("zh-Hant-TW", Some(Language::Chinese)),
            ("ZH", Some(Language::Chinese)),
            ("en_GB.UTF-8", Some(Language::English)),
            ("de-DE", None),
            ("enm", None),
            ("", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
        for language in Language::ALL {
            assert_eq!(Language::of_tag(language.code()), Some(language));
        }
    }
}
