//! "Is this real?": how far every layer of one training step is from the f64 reference, any layer in detail with the
//! kernels that compute it, any weight's slope by finite differences, and how to repeat the run in a terminal.

mod deviations;
mod kernels;
mod layer;

use super::super::super::form::title as network_title;
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::theme::{self, palette, space, text};
use super::super::super::widgets::raised_button;
use super::plot::{Painted, beside, note, titled};
use super::{Piece, is_narrow};
use crate::lab::trust::{Check, Launch, Quantity, Trusted, launches};
use crate::model::Graph;
use crate::session::{Command, Phase, Profile, Snapshot};
use eframe::egui::{Align, Frame, Label, Layout, Margin, RichText, Ui};
use std::sync::Arc;

/// Heights of the chart of all layers, and of the two panels on one layer.
const CHART: f32 = 300.0;
const DETAIL: f32 = 560.0;

/// What is looked at of a check.
#[derive(Debug, Default)]
pub struct TrustUi {
    /// Of the layers in the order of the step.
    layer: usize,
    /// Parameter of that layer and its scalar whose slope is asked for.
    parameter: usize,
    index: usize,
    launch: usize,
    /// What is worked out once a check.
    found: Option<Found>,
    /// The parameter whose weights are drawn, and how.
    drawn: Option<(String, bool, Painted)>,
}

/// What a check says of its network beside the numbers.
#[derive(Debug)]
struct Found {
    weights: Arc<Vec<Vec<f32>>>,
    graph: Graph,
    launches: Vec<Launch>,
}

/// What a reader asks for.
enum Ask {
    /// The slope of the loss in one scalar of a parameter.
    Slope { parameter: String, index: usize },
    /// How long each layer takes.
    Times,
}

/// A layer's checks, in the order of the step.
struct LayerChecks<'a> {
    name: &'a str,
    checks: Vec<&'a Check>,
}

impl LayerChecks<'_> {
    /// The largest of some of its quantities: deviation, what is allowed, drift.
    fn worst(&self, of: fn(Quantity) -> bool) -> Option<&Check> {
        let mine = self.checks.iter().filter(|c| of(c.quantity));
        mine.max_by(|a, b| (a.deviation / a.tolerance).total_cmp(&(b.deviation / b.tolerance))).copied()
    }
}

/// Layers in the order in which the step first comes to them.
fn layers(checks: &[Check]) -> Vec<LayerChecks<'_>> {
    let mut all: Vec<LayerChecks<'_>> = Vec::new();
    for check in checks {
        match all.iter_mut().find(|l| l.name == check.layer) {
            Some(layer) => layer.checks.push(check),
            None => all.push(LayerChecks { name: &check.layer, checks: vec![check] }),
        }
    }
    all
}

fn is_value(q: Quantity) -> bool {
    matches!(q, Quantity::Output | Quantity::Loss)
}

fn is_update(q: Quantity) -> bool {
    q == Quantity::Update
}

fn is_gradient(q: Quantity) -> bool {
    !is_value(q) && !is_update(q)
}

/// What was compared, in the field's words.
fn quantity(q: Quantity) -> &'static str {
    match q {
        Quantity::Output => i18n::trust_output(),
        Quantity::Loss => i18n::trust_loss(),
        Quantity::InputGradient => i18n::trust_input_gradient(),
        Quantity::ShortcutGradient => i18n::trust_shortcut_gradient(),
        Quantity::WeightGradient => i18n::trust_weight_gradient(),
        Quantity::GammaGradient => i18n::trust_gamma_gradient(),
        Quantity::BetaGradient => i18n::trust_beta_gradient(),
        Quantity::BiasGradient => i18n::trust_bias_gradient(),
        Quantity::Update => i18n::trust_update(),
    }
}

/// A relative deviation: `3.1×10⁻⁷`, exact zero as such.
fn relative(v: f64) -> String {
    if v == 0.0 || !v.is_finite() { numbers::fixed(v, 0) } else { numbers::scientific(v, 1) }
}

/// All of it, each part under the other where there is no room beside.
pub fn panel(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, found: &Trusted) {
    // Times of another network's layers would say nothing here.
    let mine = snapshot.model.as_ref().is_some_and(|m| m.name == found.name);
    match show(ui, &mut state.lab.trust, found, snapshot.profile.as_deref().filter(|_| mine)) {
        Some(Ask::Slope { parameter, index }) => state.send(Command::Slope { parameter, index }),
        Some(Ask::Times) => {
            state.send(Command::Profile);
            // The next step is timed; where none is on its way, one is done for it.
            if snapshot.phase == Phase::Idle {
                state.send(Command::Step);
            }
        }
        None => {}
    }
}

fn show(ui: &mut Ui, looked: &mut TrustUi, found: &Trusted, profile: Option<&Profile>) -> Option<Ask> {
    let fresh = looked.found.as_ref().is_none_or(|f| !Arc::ptr_eq(&f.weights, &found.weights));
    if fresh && let Ok(graph) = Graph::new(&found.spec) {
        let launches = launches(&graph, &found.variants, found.batch, None);
        *looked = TrustUi {
            layer: looked.layer,
            found: Some(Found { weights: found.weights.clone(), graph, launches }),
            ..TrustUi::default()
        };
    }
    let all = layers(&found.report.checks);
    ui.spacing_mut().item_spacing.y = space::S;
    about(ui, found);
    looked.layer = looked.layer.min(all.len().saturating_sub(1));
    deviations::panel(ui, looked, &all, CHART);
    ui.add_space(space::S);
    let mut ask = None;
    if !is_narrow(ui) {
        beside(ui, 2, DETAIL, |ui, i| {
            let asked = if i == 0 {
                layer::panel(ui, looked, found, all.get(looked.layer), DETAIL)
            } else {
                kernels::panel(ui, looked, found, profile, all.get(looked.layer), DETAIL)
            };
            ask = ask.take().or(asked);
        });
    } else {
        ask = layer::panel(ui, looked, found, all.get(looked.layer), DETAIL);
        ask = ask.or(kernels::panel(ui, looked, found, profile, all.get(looked.layer), DETAIL));
    }
    ui.add_space(space::S);
    repeat(ui, found);
    ask
}

/// The verdict, carried by its numbers.
pub fn headline(ui: &Ui, found: &Trusted) -> Vec<Piece> {
    let p = palette(ui);
    let report = &found.report;
    let n = numbers::grouped(report.checks.len() as u64);
    let faults = report.faults().count();
    match report.faults().next() {
        _ if report.checks.is_empty() => Vec::new(),
        Some(first) => vec![Piece(format!("▲ {}", i18n::trust_off(faults, n, &first.layer)), Some(p.warn))],
        None => vec![Piece(i18n::trust_agrees(n), Some(p.ink))],
    }
}

/// What was compared with what.
fn about(ui: &mut Ui, found: &Trusted) {
    let report = &found.report;
    let loss = |v: f64| numbers::fixed(v, 6);
    let (gpu, reference) = (loss(report.loss), loss(report.reference_loss));
    let name = network_title(&found.name);
    note(ui, &i18n::trust_about(&name, report.images, &report.adapter, gpu, reference));
}

/// The command line that does the same in a terminal.
fn repeat(ui: &mut Ui, found: &Trusted) {
    let p = palette(ui);
    let title = (i18n::trust_repeat(), i18n::trust_repeat_hint());
    titled(
        ui,
        title,
        p.ink,
        &i18n::trust_repeat_about(numbers::grouped(found.seed)),
        None,
        |ui| {
            if let Some(line) = &found.command_line
                && raised_button(ui, i18n::trust_copy(), None, false)
                    .on_hover_text(i18n::trust_copy_hint())
                    .clicked()
            {
                ui.copy_text(line.clone());
            }
        },
        |ui| {
            let (words, ink) = match &found.command_line {
                Some(line) => (line.clone(), p.ink),
                None => (i18n::trust_no_line(found.not_repeatable.as_deref().unwrap_or("?")), p.ink2),
            };
            let ground = Frame::new().fill(p.bg).corner_radius(theme::radius::CONTROL);
            ground.inner_margin(Margin::same(space::S as i8)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                let words = RichText::new(words).font(theme::regular(text::BODY)).color(ink);
                ui.add(Label::new(words).wrap().selectable(true));
            });
        },
    );
}

/// Right-aligned words in a table's cell.
fn right(ui: &mut Ui, words: RichText) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(words));
}
