//! Which experiment, and what it is to do, as the controls and links have it.

use super::super::super::i18n;
use super::lesion::LesionForm;
use crate::session::{Experiment, Snapshot};

/// An experiment of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    #[default]
    Lesion,
}

impl Which {
    pub const ALL: [Self; 1] = [Self::Lesion];

    /// Its name in links.
    pub fn code(self) -> &'static str {
        match self {
            Self::Lesion => "lesion",
        }
    }

    /// Its name, what it asks, and what it does in the field's terms.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Lesion => (i18n::lesion_name(), i18n::lesion_asks(), i18n::lesion_hint()),
        }
    }

    /// What is measured, and how.
    pub fn measured(self) -> &'static str {
        match self {
            Self::Lesion => i18n::lesion_measured(),
        }
    }

    /// Which one this is.
    pub fn of(experiment: &Experiment) -> Self {
        match experiment {
            Experiment::Lesion(_) => Self::Lesion,
        }
    }
}

/// The experiment that is chosen, and the controls of all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabForm {
    pub which: Which,
    pub lesion: LesionForm,
}

impl LabForm {
    /// What the session is asked for.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it.
    pub fn experiment(&self) -> Result<Experiment, String> {
        match self.which {
            Which::Lesion => Ok(Experiment::Lesion(self.lesion.setup())),
        }
    }

    /// Multiply-accumulates that `which` takes; `None` where that is not known.
    pub fn work(&self, which: Which, snapshot: &Snapshot) -> Option<f64> {
        match which {
            Which::Lesion => self.lesion.work(snapshot),
        }
    }

    /// As a link says it: `lesion:drop:500`.
    pub fn written(&self) -> String {
        let parts = match self.which {
            Which::Lesion => self.lesion.written(),
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
            }
        }
        Some(form)
    }

    /// Takes over from `other` which experiment it is, and its controls alone.
    pub fn choose(&mut self, other: Self) {
        self.which = other.which;
        match other.which {
            Which::Lesion => self.lesion = other.lesion,
        }
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
        assert!(form.experiment().is_ok());
        for typed in ["", "lesions", "lesion:", "lesion:drop:0:kept:alone", "lesion:drop:9:kept:alone:more"] {
            assert_eq!(LabForm::read(typed), None, "{typed}");
        }
    }
}
