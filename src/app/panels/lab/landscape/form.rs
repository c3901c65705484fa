//! Which surfaces, as the controls and links have them.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::state::AppState;
use super::super::super::super::theme::{self, size};
use super::super::super::super::widgets::{chip, number, segmented};
use super::super::plot::note;
use crate::session::{LandscapeSetup, Snapshot, Statistics};
use eframe::egui::{ComboBox, Ui};

/// Points along an axis: each has a coarser grid within.
const SIZES: [usize; 5] = [5, 9, 17, 33, 65];
const MOST_STEPS: u64 = 5000;
const NOW: &str = "now";
const MOST_IMAGES: usize = 4096;

#[derive(Clone, Debug, PartialEq)]
pub struct LandscapeForm {
    pub twin: bool,
    /// The network in Watch as it is.
    pub present: bool,
    pub steps: u64,
    pub size: usize,
    pub reach: f64,
    pub images: usize,
    pub statistics: Statistics,
    pub path: bool,
}

impl Default for LandscapeForm {
    fn default() -> Self {
        Self {
            twin: true,
            present: false,
            steps: 200,
            size: 17,
            reach: 1.0,
            images: 128,
            statistics: Statistics::Running,
            path: true,
        }
    }
}

impl LandscapeForm {
    pub fn setup(&self) -> LandscapeSetup {
        let &Self { twin, present, steps, size, reach, images, statistics, path } = self;
        // A network that is there has no snapshots to lay a plane through.
        let path = path && !present;
        LandscapeSetup { twin, present, steps, size, reach, images, statistics, path, directions: 1 }
    }

    /// Multiply-accumulates of it for the present network.
    pub fn work(&self, snapshot: &Snapshot) -> Option<f64> {
        let model = snapshot.model.as_ref()?;
        let lanes = if self.twin { 2.0 } else { 1.0 };
        let surfaces = if self.setup().path { 2.0 } else { 1.0 };
        let walked = surfaces * (self.size * self.size * self.images) as f64;
        let (steps, trains) = if self.present { (snapshot.step, lanes - 1.0) } else { (self.steps, lanes) };
        let trained = 3.0 * (steps * model.recipe.batch as u64) as f64;
        Some((lanes * walked + trains * trained) * model.macs as f64)
    }

    /// `:200:17:1:128:running:twin:path`; `now` for the steps where the network is taken as it is.
    pub fn written(&self) -> String {
        let statistics = match self.statistics {
            Statistics::Running => "running",
            Statistics::Batch => "batch",
        };
        let twin = if self.twin { "twin" } else { "alone" };
        let path = if self.path { "path" } else { "random" };
        let Self { size, reach, images, .. } = self;
        let steps = if self.present { NOW.to_owned() } else { self.steps.to_string() };
        format!(":{steps}:{size}:{reach}:{images}:{statistics}:{twin}:{path}")
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(parts: &[&str]) -> Option<Self> {
        let [steps, size, reach, images, statistics, twin, path] = parts else { return None };
        let flag =
            |text: &str, off: &str, on: &str| (text == on).then_some(true).or((text == off).then_some(false));
        Some(Self {
            present: *steps == NOW,
            steps: match *steps {
                NOW => Self::default().steps,
                steps => steps.parse().ok().filter(|n| (1..=MOST_STEPS).contains(n))?,
            },
            size: size.parse().ok().filter(|n| SIZES.contains(n))?,
            reach: reach.parse().ok().filter(|r| (0.01..=10.0).contains(r))?,
            images: images.parse().ok().filter(|n| (1..=MOST_IMAGES).contains(n))?,
            statistics: match *statistics {
                "running" => Statistics::Running,
                "batch" => Statistics::Batch,
                _ => return None,
            },
            twin: flag(twin, "alone", "twin")?,
            path: flag(path, "random", "path")?,
        })
    }
}

/// The controls.
pub fn setup(ui: &mut Ui, state: &mut AppState) {
    let form = &mut state.lab.form.landscape;
    let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
    let wide = ui.available_width();
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
        let choices = [
            (false, i18n::landscape_anew(), i18n::landscape_anew_hint()),
            (true, i18n::landscape_present(), i18n::landscape_present_hint()),
        ];
        segmented(ui, &mut form.present, &choices, Some(wide));
    });
    note(ui, if form.present { i18n::landscape_needs_present() } else { i18n::landscape_needs() });
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let (steps, images) = (i18n::landscape_steps(), i18n::landscape_images());
        if !form.present {
            number(ui, steps, &mut form.steps, 1..=MOST_STEPS, 1.0, whole, i18n::landscape_steps_hint());
        }
        number(ui, images, &mut form.images, 1..=MOST_IMAGES, 1.0, whole, i18n::landscape_images_hint());
        let reach = numbers::axis_value;
        let hint = i18n::landscape_reach_hint();
        number(ui, i18n::landscape_reach(), &mut form.reach, 0.01..=10.0, 0.01, reach, hint);
    });
    note(ui, i18n::landscape_size());
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL_TALL);
        let words = |n: usize| format!("{n} × {n}");
        let combo = ComboBox::from_id_salt("landscape size")
            .width(wide)
            .selected_text(words(form.size))
            .icon(super::super::super::data::chevron)
            .show_ui(ui, |ui| {
                for n in SIZES {
                    if ui.selectable_label(form.size == n, words(n)).clicked() {
                        form.size = n;
                    }
                }
            });
        combo.response.on_hover_text(i18n::landscape_size_hint());
    });
    note(ui, i18n::landscape_statistics());
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
        let choices = [
            (Statistics::Running, i18n::landscape_running(), i18n::landscape_running_hint()),
            (Statistics::Batch, i18n::landscape_batch(), i18n::landscape_batch_hint()),
        ];
        segmented(ui, &mut form.statistics, &choices, Some(wide));
    });
    chip(ui, &mut form.twin, i18n::landscape_twin()).on_hover_text(i18n::landscape_twin_hint());
    if !form.present {
        chip(ui, &mut form.path, i18n::landscape_path()).on_hover_text(i18n::landscape_path_hint());
    }
}
