//! Which depths, how many seeds and inputs, as the controls and links have it.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::state::AppState;
use super::super::super::super::theme::space;
use super::super::super::super::widgets::number;
use super::super::cause::{DEPTHS, toggled};
use super::super::plot::note;
use crate::lab::shatter::work;
use crate::session::ShatterSetup;
use eframe::egui::Ui;

const MOST_SEEDS: u64 = 100;
const MOST_POINTS: usize = 128;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShatterForm {
    /// Ascending and without repetition.
    pub depths: Vec<usize>,
    pub seeds: u64,
    pub points: usize,
}

impl Default for ShatterForm {
    fn default() -> Self {
        Self { depths: vec![8, 20, 56], seeds: 20, points: 16 }
    }
}

impl ShatterForm {
    pub fn setup(&self) -> ShatterSetup {
        let Self { depths, seeds, points } = self.clone();
        ShatterSetup { depths, seeds, points }
    }

    /// Multiply-accumulates of it.
    pub fn work(&self) -> Option<f64> {
        work(&self.depths, self.seeds, self.points)
    }

    /// `:8,20,56:20:16`.
    pub fn written(&self) -> String {
        let depths: Vec<String> = self.depths.iter().map(usize::to_string).collect();
        format!(":{}:{}:{}", depths.join(","), self.seeds, self.points)
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(parts: &[&str]) -> Option<Self> {
        let [depths, seeds, points] = parts else { return None };
        let named: Vec<usize> = depths.split(',').map(|d| d.parse().ok()).collect::<Option<_>>()?;
        let depths: Vec<usize> = DEPTHS.into_iter().filter(|d| named.contains(d)).collect();
        (depths.len() == named.len()).then_some(Self {
            depths,
            seeds: seeds.parse().ok().filter(|n| (2..=MOST_SEEDS).contains(n))?,
            points: points.parse().ok().filter(|n| (4..=MOST_POINTS).contains(n))?,
        })
    }
}

/// The controls.
pub fn setup(ui: &mut Ui, state: &mut AppState) {
    let form = &mut state.lab.form.shatter;
    note(ui, i18n::cause_depths());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        for depth in DEPTHS {
            toggled(ui, &mut form.depths, depth, &depth.to_string(), i18n::shatter_depth_hint());
        }
    });
    form.depths.sort_unstable();
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
        let (seeds, points) = (i18n::identity_seeds(), i18n::shatter_points());
        number(ui, seeds, &mut form.seeds, 2..=MOST_SEEDS, 0.1, whole, i18n::shatter_seeds_hint());
        number(ui, points, &mut form.points, 4..=MOST_POINTS, 0.2, whole, i18n::shatter_points_hint());
    });
}
