//! Which engine is set beside the own one and for how many steps, as the controls and links have it.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::state::AppState;
use super::super::super::super::theme::size;
use super::super::super::super::widgets::{number, segmented};
use super::super::plot::note;
use crate::session::{EngineKind, EnginesSetup};
use eframe::egui::Ui;

const MOST_STEPS: u64 = 1000;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnginesForm {
    other: EngineKind,
    steps: u64,
}

impl Default for EnginesForm {
    /// On the CPU where it can be: that engine shares no driver with the own one, and begins at once.
    fn default() -> Self {
        let other = if EngineKind::BurnCpu.is_built_in() { EngineKind::BurnCpu } else { EngineKind::Burn };
        Self { other, steps: 3 }
    }
}

/// Engines to set beside the own one.
fn others() -> impl Iterator<Item = EngineKind> {
    EngineKind::ALL.into_iter().filter(|kind| *kind != EngineKind::Own && kind.is_built_in())
}

impl EnginesForm {
    pub fn setup(&self) -> EnginesSetup {
        EnginesSetup { other: self.other, steps: self.steps }
    }

    /// `:burn-cpu:3`.
    pub fn written(&self) -> String {
        format!(":{}:{}", self.other, self.steps)
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(parts: &[&str]) -> Option<Self> {
        let [other, steps] = parts else { return None };
        Some(Self {
            other: others().find(|kind| kind.name() == *other)?,
            steps: steps.parse().ok().filter(|n| (1..=MOST_STEPS).contains(n))?,
        })
    }
}

/// The controls.
pub fn setup(ui: &mut Ui, state: &mut AppState) {
    let form = &mut state.lab.form.engines;
    note(ui, i18n::engines_other());
    let choices: Vec<_> = others()
        .map(|kind| match kind {
            EngineKind::BurnCpu => (kind, i18n::engine_burn_cpu(), i18n::engine_hint()),
            _ => (kind, i18n::engine_burn(), i18n::engine_hint()),
        })
        .collect();
    let wide = ui.available_width();
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = size::CONTROL;
        segmented(ui, &mut form.other, &choices, Some(wide));
    });
    let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
    let (steps, hint) = (i18n::engines_steps(), i18n::engines_steps_hint());
    number(ui, steps, &mut form.steps, 1..=MOST_STEPS, 0.1, whole, hint);
    note(ui, i18n::engines_needs());
}
