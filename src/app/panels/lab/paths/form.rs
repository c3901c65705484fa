//! How many paths and pictures, as the controls and links have it.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::state::AppState;
use super::super::super::super::theme::{self, size};
use super::super::super::super::widgets::number;
use super::super::plot::note;
use crate::session::{PathsSetup, Picture, RecordRef, Snapshot, SplitName};
use eframe::egui::{ComboBox, Role, Ui, WidgetInfo};

const MOST_SAMPLES: usize = 200;
const MOST_IMAGES: usize = 256;
/// As many as a record has labels.
const MOST_CLASSES: usize = 256;

#[derive(Clone, Debug, PartialEq)]
pub struct PathsForm {
    pub samples: usize,
    pub images: usize,
    /// The class whose logit is taken apart; without one, the one that wins.
    pub class: Option<usize>,
}

impl Default for PathsForm {
    fn default() -> Self {
        Self { samples: 10, images: 16, class: None }
    }
}

impl PathsForm {
    /// Of the first test picture one logit is taken apart.
    pub fn setup(&self) -> PathsSetup {
        let &Self { samples, images, class } = self;
        PathsSetup { samples, images, picture: 0, class, seed: 1 }
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

    /// `:10:16`, or `:10:16:3` with a class.
    pub fn written(&self) -> String {
        let class = self.class.map_or_else(String::new, |c| format!(":{c}"));
        format!(":{}:{}{class}", self.samples, self.images)
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(parts: &[&str]) -> Option<Self> {
        let (samples, images, class) = match parts {
            [samples, images] => (samples, images, None),
            [samples, images, class] => {
                (samples, images, Some(class.parse().ok().filter(|c| *c < MOST_CLASSES)?))
            }
            _ => return None,
        };
        Some(Self {
            samples: samples.parse().ok().filter(|n| (1..=MOST_SAMPLES).contains(n))?,
            images: images.parse().ok().filter(|n| (1..=MOST_IMAGES).contains(n))?,
            class,
        })
    }
}

/// The controls.
pub fn setup(ui: &mut Ui, state: &mut AppState, classes: &[String]) {
    note(ui, i18n::paths_needs());
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let form = &mut state.lab.form.paths;
        let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
        let (samples, images) = (i18n::paths_samples(), i18n::paths_images());
        number(ui, samples, &mut form.samples, 1..=MOST_SAMPLES, 0.2, whole, i18n::paths_samples_hint());
        number(ui, images, &mut form.images, 1..=MOST_IMAGES, 0.2, whole, i18n::paths_images_hint());
    });
    note(ui, i18n::paths_class());
    let form = &mut state.lab.form.paths;
    let name = |class: Option<usize>| match class {
        None => i18n::paths_winner().to_owned(),
        Some(c) => classes.get(c).cloned().unwrap_or_else(|| c.to_string()),
    };
    let wide = ui.available_width();
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL_TALL);
        let combo = ComboBox::from_id_salt("logit of")
            .width(wide)
            .selected_text(name(form.class))
            .icon(super::super::super::data::chevron)
            .show_ui(ui, |ui| {
                for class in std::iter::once(None).chain((0..classes.len()).map(Some)) {
                    if ui.selectable_label(form.class == class, name(class)).clicked() {
                        form.class = class;
                    }
                }
            });
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, i18n::paths_class()));
        combo.response.on_hover_text(i18n::paths_class_hint());
    });
}
