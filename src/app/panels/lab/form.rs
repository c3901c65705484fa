//! Which experiment, and what it is to do, as the controls and links have it.

use super::super::super::i18n;
use super::super::super::state::AppState;
use super::alpha::AlphaForm;
use super::cause::CauseForm;
#[cfg(feature = "burn")]
use super::engines::EnginesForm;
use super::identity::IdentityForm;
use super::landscape::LandscapeForm;
use super::lesion::LesionForm;
use super::paths::PathsForm;
use super::shatter::ShatterForm;
use crate::session::{Experiment, Snapshot};

/// An experiment of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    #[default]
    Lesion,
    Cause,
    Paths,
    Landscape,
    Identity,
    Shatter,
    Alpha,
    Trust,
    /// Where a second engine is built in.
    #[cfg(feature = "burn")]
    Engines,
}

impl Which {
    pub const ALL: &[Self] = &[
        Self::Lesion,
        Self::Cause,
        Self::Shatter,
        Self::Alpha,
        Self::Paths,
        Self::Landscape,
        Self::Identity,
        Self::Trust,
        #[cfg(feature = "burn")]
        Self::Engines,
    ];

    /// Its name in links.
    pub fn code(self) -> &'static str {
        match self {
            Self::Lesion => "lesion",
            Self::Cause => "cause",
            Self::Paths => "paths",
            Self::Landscape => "landscape",
            Self::Identity => "identity",
            Self::Shatter => "shatter",
            Self::Alpha => "alpha",
            Self::Trust => "trust",
            #[cfg(feature = "burn")]
            Self::Engines => "engines",
        }
    }

    /// Its name, what it asks, and what it does in the field's terms.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Lesion => (i18n::lesion_name(), i18n::lesion_asks(), i18n::lesion_hint()),
            Self::Cause => (i18n::cause_name(), i18n::cause_asks(), i18n::cause_hint()),
            Self::Paths => (i18n::paths_name(), i18n::paths_asks(), i18n::paths_hint()),
            Self::Landscape => (i18n::landscape_name(), i18n::landscape_asks(), i18n::landscape_hint()),
            Self::Identity => (i18n::identity_name(), i18n::identity_asks(), i18n::identity_hint()),
            Self::Shatter => (i18n::shatter_name(), i18n::shatter_asks(), i18n::shatter_hint()),
            Self::Alpha => (i18n::alphas_name(), i18n::alphas_asks(), i18n::alphas_hint()),
            Self::Trust => (i18n::trust_name(), i18n::trust_asks(), i18n::trust_hint()),
            #[cfg(feature = "burn")]
            Self::Engines => (i18n::engines_name(), i18n::engines_asks(), i18n::engines_hint()),
        }
    }

    /// What is measured, and how.
    pub fn measured(self) -> &'static str {
        match self {
            Self::Lesion => i18n::lesion_measured(),
            Self::Cause => i18n::cause_measured(),
            Self::Paths => i18n::paths_measured(),
            Self::Landscape => i18n::landscape_measured(),
            Self::Identity => i18n::identity_measured(),
            Self::Shatter => i18n::shatter_measured(),
            Self::Alpha => i18n::alphas_measured(),
            Self::Trust => i18n::trust_measured(),
            #[cfg(feature = "burn")]
            Self::Engines => i18n::engines_measured(),
        }
    }

    /// What will appear where nothing was measured yet, and how.
    pub fn empty(self) -> &'static str {
        match self {
            Self::Lesion => i18n::lesion_empty(),
            Self::Cause => i18n::cause_hint(),
            Self::Paths => i18n::paths_empty(),
            Self::Landscape => i18n::landscape_empty(),
            Self::Identity => i18n::identity_empty(),
            Self::Shatter => i18n::shatter_empty(),
            Self::Alpha => i18n::alphas_empty(),
            Self::Trust => i18n::trust_empty(),
            #[cfg(feature = "burn")]
            Self::Engines => i18n::engines_empty(),
        }
    }

    /// Which one this is.
    pub fn of(experiment: &Experiment) -> Self {
        match experiment {
            Experiment::Lesion(_) => Self::Lesion,
            Experiment::CauseGrid(_) => Self::Cause,
            Experiment::Paths(_) => Self::Paths,
            Experiment::Landscape(_) => Self::Landscape,
            Experiment::Identity(_) => Self::Identity,
            Experiment::Shatter(_) => Self::Shatter,
            Experiment::Alpha(_) => Self::Alpha,
            Experiment::Trust => Self::Trust,
            #[cfg(feature = "burn")]
            Experiment::Engines(_) => Self::Engines,
        }
    }
}

/// The experiment that is chosen, and the controls of all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabForm {
    pub which: Which,
    pub lesion: LesionForm,
    pub cause: CauseForm,
    pub paths: PathsForm,
    pub landscape: LandscapeForm,
    pub identity: IdentityForm,
    #[cfg(feature = "burn")]
    pub engines: EnginesForm,
    pub shatter: ShatterForm,
    pub alpha: AlphaForm,
}

impl LabForm {
    /// Multiply-accumulates that `which` takes; `None` where that is not known.
    pub fn work(&self, which: Which, snapshot: &Snapshot) -> Option<f64> {
        match which {
            Which::Lesion => self.lesion.work(snapshot),
            Which::Cause => self.cause.work(),
            Which::Paths => self.paths.work(snapshot),
            Which::Landscape => self.landscape.work(snapshot),
            Which::Identity => Some(self.identity.work()),
            Which::Shatter => self.shatter.work(),
            Which::Alpha => self.alpha.work(),
            // The reference's loops on the CPU take the time.
            Which::Trust => None,
            // Nobody knows how long another engine takes.
            #[cfg(feature = "burn")]
            Which::Engines => None,
        }
    }

    /// As a link says it: `lesion:drop:500`.
    pub fn written(&self) -> String {
        let parts = match self.which {
            Which::Lesion => self.lesion.written(),
            Which::Cause => self.cause.written(),
            Which::Paths => self.paths.written(),
            Which::Landscape => self.landscape.written(),
            Which::Identity => self.identity.written(),
            Which::Shatter => self.shatter.written(),
            Which::Alpha => self.alpha.written(),
            Which::Trust => String::new(),
            #[cfg(feature = "burn")]
            Which::Engines => self.engines.written(),
        };
        format!("{}{parts}", self.which.code())
    }

    /// Reads what [`Self::written`] writes, and a name alone.
    pub fn read(text: &str) -> Option<Self> {
        let (code, parts) = text.split_once(':').map_or((text, None), |(code, rest)| (code, Some(rest)));
        let which = Which::ALL.iter().copied().find(|w| w.code() == code)?;
        let mut form = Self { which, ..Self::default() };
        if let Some(parts) = parts {
            let parts: Vec<&str> = parts.split(':').collect();
            match which {
                Which::Lesion => form.lesion = LesionForm::read(&parts)?,
                Which::Cause => form.cause = CauseForm::read(&parts)?,
                Which::Paths => form.paths = PathsForm::read(&parts)?,
                Which::Landscape => form.landscape = LandscapeForm::read(&parts)?,
                Which::Identity => form.identity = IdentityForm::read(&parts)?,
                Which::Shatter => form.shatter = ShatterForm::read(&parts)?,
                Which::Alpha => form.alpha = AlphaForm::read(&parts)?,
                Which::Trust => return None,
                #[cfg(feature = "burn")]
                Which::Engines => form.engines = EnginesForm::read(&parts)?,
            }
        }
        Some(form)
    }

    /// Takes over from `other` which experiment it is, and its controls alone.
    pub fn choose(&mut self, other: Self) {
        self.which = other.which;
        match other.which {
            Which::Lesion => self.lesion = other.lesion,
            Which::Cause => self.cause = other.cause,
            Which::Paths => self.paths = other.paths,
            Which::Landscape => self.landscape = other.landscape,
            Which::Identity => self.identity = other.identity,
            Which::Shatter => self.shatter = other.shatter,
            Which::Alpha => self.alpha = other.alpha,
            Which::Trust => {}
            #[cfg(feature = "burn")]
            Which::Engines => self.engines = other.engines,
        }
    }
}

impl AppState {
    /// What the session is asked for.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it.
    pub fn experiment(&self, snapshot: &Snapshot) -> Result<Experiment, String> {
        let form = &self.lab.form;
        Ok(match form.which {
            Which::Lesion => Experiment::Lesion(form.lesion.setup()),
            Which::Paths => Experiment::Paths(form.paths.of(&self.looks.picture)),
            Which::Landscape => Experiment::Landscape(form.landscape.setup()),
            Which::Identity => Experiment::Identity(form.identity.setup()),
            Which::Shatter => Experiment::Shatter(form.shatter.setup()),
            Which::Alpha => Experiment::Alpha(form.alpha.setup()),
            Which::Trust => Experiment::Trust,
            #[cfg(feature = "burn")]
            Which::Engines => Experiment::Engines(form.engines.setup()),
            Which::Cause => {
                let data = snapshot.data.as_ref().map_or("", |d| d.name.as_str());
                let before = self.lab.seen(Which::Cause);
                Experiment::CauseGrid(form.cause.setup(data, &self.form.recipe, before.map(|v| &**v))?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_carry_an_experiment_and_survive_whatever_is_typed() {
        for &which in Which::ALL {
            let form = LabForm { which, ..LabForm::default() };
            assert_eq!(LabForm::read(&form.written()), Some(form.clone()), "{}", form.written());
            assert_eq!(LabForm::read(which.code()), Some(form));
        }
        let form = LabForm::read("lesion:swap:200:anew:twin").expect("lesions");
        assert_eq!(form.written(), "lesion:swap:200:anew:twin");
        let form = LabForm::read("paths:5:8:3").expect("paths");
        assert_eq!((form.paths.class, form.written()), (Some(3), "paths:5:8:3".into()));
        let form = LabForm::read("landscape:now:9:0.5:64:batch:alone:random").expect("a landscape");
        assert_eq!(
            (form.landscape.present, form.written()),
            (true, "landscape:now:9:0.5:64:batch:alone:random".into())
        );
        let form = LabForm::read("cause:8,56:he:0,100:16:0.02").expect("a grid");
        assert_eq!(form.written(), "cause:8,56:he:0,100:16:0.02");
        assert_eq!(form.cause.cells(3).len(), 8);
        for typed in [
            "",
            "lesions",
            "lesion:",
            "lesion:drop:0:kept:alone",
            "lesion:drop:9:kept:alone:more",
            "cause:9:he:0:8:0.1",
            "cause:8:he,he:0:8:0.1",
            "cause::he:0:8:0.1",
            "trust:",
            "engines:own:3",
            "engines:burn-cpu:0",
            "paths:0:9",
            "paths:9",
            "paths:9:9:256",
            "landscape:now:8:1:9:running:twin:path",
            "landscape:9:8:1:9:running:twin:path",
            "landscape:9:9:NaN:9:running:twin:path",
            "identity:3:9:1:four:one",
            "shatter:9:20:16",
            "shatter:8:1:16",
            "shatter::20:16",
            "alpha:21:3:bn:one",
            "alpha:20:0:bn",
        ] {
            assert_eq!(LabForm::read(typed), None, "{typed}");
        }
    }
}
