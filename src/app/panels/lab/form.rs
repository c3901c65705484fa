//! Which experiment, and what it is to do, as the controls and links have it.

use super::super::super::i18n;
use super::super::super::state::AppState;
use super::cause::CauseForm;
use super::lesion::LesionForm;
use crate::session::{Experiment, Snapshot};

/// An experiment of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    #[default]
    Lesion,
    Cause,
}

impl Which {
    pub const ALL: [Self; 2] = [Self::Lesion, Self::Cause];

    /// Its name in links.
    pub fn code(self) -> &'static str {
        match self {
            Self::Lesion => "lesion",
            Self::Cause => "cause",
        }
    }

    /// Its name, what it asks, and what it does in the field's terms.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Lesion => (i18n::lesion_name(), i18n::lesion_asks(), i18n::lesion_hint()),
            Self::Cause => (i18n::cause_name(), i18n::cause_asks(), i18n::cause_hint()),
        }
    }

    /// What is measured, and how.
    pub fn measured(self) -> &'static str {
        match self {
            Self::Lesion => i18n::lesion_measured(),
            Self::Cause => i18n::cause_measured(),
        }
    }

    /// Which one this is.
    pub fn of(experiment: &Experiment) -> Self {
        match experiment {
            Experiment::Lesion(_) => Self::Lesion,
            Experiment::CauseGrid(_) => Self::Cause,
        }
    }
}

/// The experiment that is chosen, and the controls of all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabForm {
    pub which: Which,
    pub lesion: LesionForm,
    pub cause: CauseForm,
}

impl LabForm {
    /// Multiply-accumulates that `which` takes; `None` where that is not known.
    pub fn work(&self, which: Which, snapshot: &Snapshot) -> Option<f64> {
        match which {
            Which::Lesion => self.lesion.work(snapshot),
            Which::Cause => self.cause.work(),
        }
    }

    /// As a link says it: `lesion:drop:500`.
    pub fn written(&self) -> String {
        let parts = match self.which {
            Which::Lesion => self.lesion.written(),
            Which::Cause => self.cause.written(),
        };
        format!("{}{parts}", self.which.code())
    }

    /// Reads what [`Self::written`] writes, and a name alone.
    pub fn read(text: &str) -> Option<Self> {
        let (code, parts) = text.split_once(':').map_or((text, None), |(code, rest)| (code, Some(rest)));
        let which = Which::ALL.into_iter().find(|w| w.code() == code)?;
        let mut form = Self { which, ..Self::default() };
        if let Some(parts) = parts {
            let parts: Vec<&str> = parts.split(':').collect();
            match which {
                Which::Lesion => form.lesion = LesionForm::read(&parts)?,
                Which::Cause => form.cause = CauseForm::read(&parts)?,
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
        for which in Which::ALL {
            let form = LabForm { which, ..LabForm::default() };
            assert_eq!(LabForm::read(&form.written()), Some(form.clone()), "{}", form.written());
            assert_eq!(LabForm::read(which.code()), Some(form));
        }
        let form = LabForm::read("lesion:swap:200:anew:twin").expect("lesions");
        assert_eq!(form.written(), "lesion:swap:200:anew:twin");
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
        ] {
            assert_eq!(LabForm::read(typed), None, "{typed}");
        }
    }
}
