//! How many blocks, steps, seeds and learning rates, as the controls and links have it.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::state::AppState;
use super::super::super::super::theme::{self, size};
use super::super::super::super::widgets::{chip, number, segmented};
use super::super::plot::note;
use crate::session::IdentitySetup;
use eframe::egui::Ui;

const MOST_BLOCKS: usize = 20;
const MOST_STEPS: u64 = 5000;
const MOST_SEEDS: u64 = 20;
/// Learning rates that lanes run at: one, or four.
const ONE: [f32; 1] = [0.1];
const FOUR: [f32; 4] = [0.02, 0.1, 0.5, 2.0];
/// Multiply-accumulates of a step of one block: two 3×3 convolutions of 16 channels on 16 inputs of 8×8, three times.
const BLOCK: f64 = (3 * 2 * 9 * 16 * 16 * 16 * 64) as f64;

#[derive(Clone, Debug, PartialEq)]
pub struct IdentityForm {
    pub blocks: usize,
    pub steps: u64,
    pub seeds: u64,
    /// At four learning rates instead of one.
    pub four: bool,
    pub zero_gamma: bool,
}

impl Default for IdentityForm {
    fn default() -> Self {
        Self { blocks: 3, steps: 300, seeds: 1, four: false, zero_gamma: true }
    }
}

impl IdentityForm {
    pub fn setup(&self) -> IdentitySetup {
        let &Self { blocks, steps, seeds, zero_gamma, .. } = self;
        IdentitySetup { blocks, steps, seeds, rates: self.rates().to_vec(), zero_gamma }
    }

    fn rates(&self) -> &'static [f32] {
        if self.four { &FOUR } else { &ONE }
    }

    /// Multiply-accumulates of it.
    pub fn work(&self) -> f64 {
        let lanes = if self.zero_gamma { 5 } else { 4 };
        let runs = (lanes * self.rates().len()) as u64 * self.seeds;
        (runs * self.steps * self.blocks as u64) as f64 * BLOCK
    }

    /// `:3:300:1:four:zero`.
    pub fn written(&self) -> String {
        let rates = if self.four { "four" } else { "one" };
        let zero = if self.zero_gamma { "zero" } else { "ones" };
        format!(":{}:{}:{}:{rates}:{zero}", self.blocks, self.steps, self.seeds)
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(parts: &[&str]) -> Option<Self> {
        let [blocks, steps, seeds, rates, zero] = parts else { return None };
        let flag =
            |text: &str, off: &str, on: &str| (text == on).then_some(true).or((text == off).then_some(false));
        Some(Self {
            blocks: blocks.parse().ok().filter(|n| (1..=MOST_BLOCKS).contains(n))?,
            steps: steps.parse().ok().filter(|n| (1..=MOST_STEPS).contains(n))?,
            seeds: seeds.parse().ok().filter(|n| (1..=MOST_SEEDS).contains(n))?,
            four: flag(rates, "one", "four")?,
            zero_gamma: flag(zero, "ones", "zero")?,
        })
    }
}

/// The controls.
pub fn setup(ui: &mut Ui, state: &mut AppState) {
    let form = &mut state.lab.form.identity;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
        let (blocks, steps, seeds) =
            (i18n::identity_blocks(), i18n::identity_steps(), i18n::identity_seeds());
        number(ui, blocks, &mut form.blocks, 1..=MOST_BLOCKS, 0.05, whole, i18n::identity_blocks_hint());
        number(ui, steps, &mut form.steps, 1..=MOST_STEPS, 1.0, whole, i18n::identity_steps_hint());
        number(ui, seeds, &mut form.seeds, 1..=MOST_SEEDS, 0.05, whole, i18n::identity_seeds_hint());
    });
    note(ui, i18n::identity_rates());
    let wide = ui.available_width();
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
        let choices = [
            (false, i18n::identity_rates_few(), i18n::identity_rates_few_hint()),
            (true, i18n::identity_rates_all(), i18n::identity_rates_all_hint()),
        ];
        segmented(ui, &mut form.four, &choices, Some(wide));
    });
    chip(ui, &mut form.zero_gamma, i18n::identity_zero()).on_hover_text(i18n::identity_zero_hint());
}
