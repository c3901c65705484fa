//! What the window remembers from one day to the next, and where: a file on the desktop, the browser's
//! storage in the page. Settings that cannot be read are replaced by the defaults, and that is said.

use super::form::Form;
use super::i18n::{self, Language};
use super::layout::{Docks, Layout};
use super::lessons::Answers;
use super::map::Measure;
use super::pace::Speed;
use super::state::AppState;
use super::toasts::Severity;
use super::zoom::STEPS;
use crate::session::Maps;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that is remembered. What a file lacks has its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `None` follows the window's own default.
    pub dark: Option<bool>,
    /// A BCP 47 tag; `None` follows the system.
    pub language: Option<String>,
    pub presentation: bool,
    pub reduced_motion: bool,
    /// How large everything is drawn; `None` as the window asks.
    pub zoom: Option<f32>,
    pub layout: Layout,
    pub speed: Speed,
    pub maps: Maps,
    pub own_scale: bool,
    pub linear_loss: bool,
    /// What the map is coloured by.
    pub(super) measure: Measure,
    /// What was answered in lessons.
    pub answers: Answers,
    /// The network and recipe last asked for.
    pub form: Option<Form>,
    /// Which kernels were found to be fastest, by adapter and version: operation and shape → variant.
    pub kernels: BTreeMap<String, BTreeMap<String, String>>,
}

/// A place that keeps one text.
pub trait Store {
    /// What was kept last; `Ok(None)` where nothing was.
    fn load(&self) -> Result<Option<String>, String>;
    /// Keeps `text` in place of what was there.
    fn save(&mut self, text: &str) -> Result<(), String>;
}

impl Settings {
    /// What `store` has, and what to say if it has something that cannot be used.
    pub fn load(store: &dyn Store) -> (Self, Option<String>) {
        let text = match store.load() {
            Ok(Some(text)) => text,
            Ok(None) => return (Self::default(), None),
            Err(why) => return (Self::default(), Some(i18n::settings_unreadable(&why))),
        };
        match serde_json::from_str::<Self>(&text) {
            Ok(settings) => (settings.checked(), None),
            Err(e) => (Self::default(), Some(i18n::settings_unreadable(e.to_string()))),
        }
    }

    /// Without a network or recipe that could not be built.
    fn checked(mut self) -> Self {
        self.form = self.form.filter(|f| f.spec.validate().is_ok() && f.recipe.validate().is_ok());
        self.speed = Speed::at(self.speed.place());
        self.zoom = self.zoom.filter(|z| STEPS.contains(z));
        self
    }

    /// Keeps them.
    pub fn save(&self, store: &mut dyn Store) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|e| e.to_string())?;
        store.save(&text)
    }

    /// The language, if one was chosen.
    pub fn language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::of_tag)
    }
}

impl AppState {
    /// Takes over what was remembered, and says what could not be.
    pub fn restore(&mut self, settings: &Settings, remark: Option<String>) {
        self.presentation = settings.presentation;
        self.chosen_language = settings.language();
        self.reduced_motion = settings.reduced_motion;
        self.chosen_zoom = settings.zoom;
        self.docks = Docks::of(&settings.layout);
        self.pace.speed = settings.speed;
        self.looks.maps = settings.maps;
        self.looks.own_scale = settings.own_scale;
        self.linear_loss = settings.linear_loss;
        self.map.measure = settings.measure;
        self.lessons.answers = settings.answers.clone();
        self.kernels.clone_from(&settings.kernels);
        if let Some(form) = &settings.form {
            self.form = form.clone();
        }
        if let Some(remark) = remark {
            self.tell(Severity::Remark, remark);
        }
    }

    /// What is to be remembered; the theme is the context's.
    pub fn settings(&self, dark: bool) -> Settings {
        Settings {
            dark: Some(dark),
            language: self.chosen_language.map(|l| l.code().into()),
            presentation: self.presentation,
            reduced_motion: self.reduced_motion,
            zoom: self.chosen_zoom,
            layout: self.docks.layout(),
            speed: self.pace.speed,
            maps: self.looks.maps,
            own_scale: self.looks.own_scale,
            linear_loss: self.linear_loss,
            measure: self.map.measure,
            answers: self.lessons.answers.clone(),
            form: Some(self.form.clone()),
            kernels: self.kernels.clone(),
        }
    }
}

/// A file in the user's own folder of settings.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub struct FileStore(std::path::PathBuf);

#[cfg(not(target_arch = "wasm32"))]
impl FileStore {
    /// `settings.json` where this system keeps a program's settings; `None` without a home folder.
    pub fn of_user() -> Option<Self> {
        let folders = directories::ProjectDirs::from("", "", "skipscope")?;
        Some(Self(folders.config_dir().join("settings.json")))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Store for FileStore {
    fn load(&self) -> Result<Option<String>, String> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) => Ok(Some(text)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(format!("{}: {e}", self.0.display())),
        }
    }

    /// Written beside it and moved into place: a crash leaves the old file or the new one.
    fn save(&mut self, text: &str) -> Result<(), String> {
        let write = || {
            if let Some(folder) = self.0.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let beside = self.0.with_extension("json.new");
            std::fs::write(&beside, text)?;
            std::fs::rename(&beside, &self.0)
        };
        write().map_err(|e: std::io::Error| format!("{}: {e}", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Memory(Option<String>);

    impl Store for Memory {
        fn load(&self) -> Result<Option<String>, String> {
            Ok(self.0.clone())
        }

        fn save(&mut self, text: &str) -> Result<(), String> {
            self.0 = Some(text.into());
            Ok(())
        }
    }

    #[test]
    fn a_window_is_found_as_it_was_left() {
        let mut store = Memory::default();
        assert_eq!(Settings::load(&store), (Settings::default(), None));
        let mut app = AppState::default();
        app.form.choose("resnet56");
        app.form.recipe.lr = 0.05;
        app.presentation = true;
        app.chosen_zoom = Some(1.5);
        app.pace.speed = Speed::at(2);
        app.map.measure = Measure::Update;
        app.settings(false).save(&mut store).expect("memory");
        let (settings, remark) = Settings::load(&store);
        assert_eq!((settings.dark, remark.is_none()), (Some(false), true));
        let mut next = AppState::default();
        next.restore(&settings, remark);
        assert_eq!(next.settings(false), app.settings(false));
        assert_eq!(next.map.measure, Measure::Update);
    }

    #[test]
    fn broken_settings_are_replaced_and_it_is_said() {
        for text in ["", "{", "[1]", r#"{"speed": "fast"}"#] {
            let (settings, remark) = Settings::load(&Memory(Some(text.into())));
            assert_eq!(settings, Settings::default());
            assert!(remark.is_some(), "{text}");
        }
        // What is not there yet, or no longer known, is no fault.
        let (settings, remark) = Settings::load(&Memory(Some(r#"{"presentation": true, "old": 1}"#.into())));
        assert_eq!((settings.presentation, remark), (true, None));
        // A network that cannot be built is left out.
        let mut form = Form::default();
        form.spec.blocks.clear();
        let text =
            serde_json::to_string(&Settings { form: Some(form), ..Settings::default() }).expect("plain");
        assert_eq!(Settings::load(&Memory(Some(text))).0.form, None);
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = FileStore(folder.path().join("deep/settings.json"));
        assert_eq!(store.load(), Ok(None));
        store.save("one").expect("writable");
        store.save("two").expect("writable");
        assert_eq!(store.load(), Ok(Some("two".into())));
        assert_eq!(std::fs::read_dir(folder.path().join("deep")).expect("there").count(), 1);
    }
}
