//! How many paths and pictures, as the controls and links have it.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::state::AppState;
use super::super::super::super::widgets::number;
use super::super::plot::note;
use crate::session::{PathsSetup, Picture, RecordRef, Snapshot, SplitName};
use eframe::egui::Ui;

const MOST_SAMPLES: usize = 200;
const MOST_IMAGES: usize = 256;

#[derive(Clone, Debug, PartialEq)]
pub struct PathsForm {
    pub samples: usize,
    pub images: usize,
}

impl Default for PathsForm {
    fn default() -> Self {
        Self { samples: 10, images: 16 }
    }
}

impl PathsForm {
    /// Of the first test picture one logit is taken apart.
    pub fn setup(&self) -> PathsSetup {
        PathsSetup { samples: self.samples, images: self.images, picture: 0, class: None, seed: 1 }
    }

    /// The same of the test picture that is looked at, if one is.
    pub fn of(&self, looked_at: &Picture) -> PathsSetup {
        match looked_at {
            Picture::Record(RecordRef { split: SplitName::Test, index }) => {
                PathsSetup { picture: *index as usize, ..self.setup() }
            }
            _ => self.setup(),
        }
    }

    /// Multiply-accumulates of it on the present network.
    pub fn work(&self, snapshot: &Snapshot) -> Option<f64> {
        let model = snapshot.model.as_ref()?;
        let blocks = model.block_names.len();
        let of = |k: usize| {
            let count: f64 = (0..k).map(|i| (blocks - i) as f64 / (i + 1) as f64).product();
            count.min(self.samples as f64)
        };
        let paths: f64 = (0..=blocks).map(of).sum();
        // Forward, and backward through activations alone.
        Some(2.0 * paths * (self.images * model.macs as usize) as f64)
    }

    /// `:10:16`.
    pub fn written(&self) -> String {
        format!(":{}:{}", self.samples, self.images)
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(parts: &[&str]) -> Option<Self> {
        let [samples, images] = parts else { return None };
        Some(Self {
            samples: samples.parse().ok().filter(|n| (1..=MOST_SAMPLES).contains(n))?,
            images: images.parse().ok().filter(|n| (1..=MOST_IMAGES).contains(n))?,
        })
    }
}

/// The controls.
pub fn setup(ui: &mut Ui, state: &mut AppState) {
    note(ui, i18n::paths_needs());
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let form = &mut state.lab.form.paths;
        let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
        let (samples, images) = (i18n::paths_samples(), i18n::paths_images());
        number(ui, samples, &mut form.samples, 1..=MOST_SAMPLES, 0.2, whole, i18n::paths_samples_hint());
        number(ui, images, &mut form.images, 1..=MOST_IMAGES, 0.2, whole, i18n::paths_images_hint());
    });
}
