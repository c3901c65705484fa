//! α on the skip as a trade-off, before training: what it does to the signal from block to block, and to the gradient that
//! comes back through the skips alone.

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::theme::{self, line, palette, size, space, text};
use super::super::super::widgets::{number, segmented};
use super::super::charts::Scale;
use super::cause::DEPTHS;
use super::plot::{Axes, Ticks, beside, decade, names, note, titled, whole};
use super::{Piece, is_narrow};
use crate::lab::alpha::Outcome;
use crate::model::{Graph, ModelSpec};
use crate::session::AlphaSetup;
use eframe::egui::{Pos2, RichText, Shape, Ui, vec2};

/// Which α are tried: 1 is the residual network, and one is beyond.
const ALPHAS: [f32; 6] = [1.1, 1.0, 0.9, 0.8, 0.7, 0.5];
const MOST_SEEDS: u64 = 20;
/// Pictures of the batch.
const IMAGES: usize = 32;
/// Least height of a plot with its title, and room for names behind it.
const PLOT: f32 = 300.0;
const NAMES: f32 = 64.0;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlphaForm {
    pub depth: usize,
    pub seeds: u64,
    pub batch_norm: bool,
}

impl Default for AlphaForm {
    fn default() -> Self {
        Self { depth: 20, seeds: 3, batch_norm: false }
    }
}

impl AlphaForm {
    pub fn setup(&self) -> AlphaSetup {
        let &Self { depth, seeds, batch_norm } = self;
        AlphaSetup { depth, alphas: ALPHAS.to_vec(), batch_norm, seeds, images: IMAGES }
    }

    /// Multiply-accumulates of it.
    pub fn work(&self) -> Option<f64> {
        let macs = Graph::new(&ModelSpec::cifar(self.depth, true)?).ok()?.macs() as f64;
        // 1, against which all are held, and each twice, with branches on the way back and without.
        Some(3.0 * macs * (IMAGES * 2 * (ALPHAS.len() + 1)) as f64 * self.seeds as f64)
    }

    /// `:56:3:bare`.
    pub fn written(&self) -> String {
        let norm = if self.batch_norm { "bn" } else { "bare" };
        format!(":{}:{}:{norm}", self.depth, self.seeds)
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(parts: &[&str]) -> Option<Self> {
        let [depth, seeds, norm] = parts else { return None };
        Some(Self {
            depth: depth.parse().ok().filter(|d| DEPTHS.contains(d))?,
            seeds: seeds.parse().ok().filter(|n| (1..=MOST_SEEDS).contains(n))?,
            batch_norm: [("bare", false), ("bn", true)].into_iter().find(|(w, _)| w == norm)?.1,
        })
    }
}

/// The controls.
pub fn setup(ui: &mut Ui, state: &mut AppState) {
    let form = &mut state.lab.form.alpha;
    let wide = ui.available_width();
    let words = DEPTHS.map(|d| d.to_string());
    let depths: Vec<_> =
        DEPTHS.iter().zip(&words).map(|(d, w)| (*d, w.as_str(), i18n::alphas_depth_hint())).collect();
    note(ui, i18n::cause_depths());
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = size::CONTROL;
        segmented(ui, &mut form.depth, &depths, Some(wide));
        let norms = [
            (false, i18n::alphas_bare(), i18n::alphas_bare_hint()),
            (true, i18n::batch_norm(), i18n::alphas_bn_hint()),
        ];
        segmented(ui, &mut form.batch_norm, &norms, Some(wide));
    });
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
        let seeds = i18n::identity_seeds();
        number(ui, seeds, &mut form.seeds, 1..=MOST_SEEDS, 0.05, whole, i18n::alphas_seeds_hint());
    });
}

/// By how much the deviation grows from the first block to the last.
fn growth(std: &[f64]) -> Option<f64> {
    Some(std.last()? / std.first()?).filter(|g| g.is_finite())
}

/// What came out, as a sentence: growth and the skips' gradient at α = 1, and at the least α.
pub fn headline(ui: &Ui, found: &Outcome) -> Vec<Piece> {
    let p = palette(ui);
    let least = found.alphas.iter().min_by(|a, b| a.alpha.total_cmp(&b.alpha));
    let one = found.alphas.iter().find(|a| a.alpha == 1.0);
    let mut pieces = Vec::new();
    for at in one.into_iter().chain(least.filter(|a| a.alpha != 1.0)) {
        let Some(growth) = growth(&at.std) else { continue };
        if !pieces.is_empty() {
            pieces.push(Piece(i18n::alphas_and().to_owned(), None));
        }
        pieces.push(Piece(format!("α = {}: ", numbers::axis_value(at.alpha.into())), None));
        pieces.push(Piece(i18n::alphas_grows(numbers::norm(growth as f32)), Some(p.ink)));
        pieces.push(Piece(i18n::race_comma().to_owned(), None));
        pieces.push(Piece(i18n::alphas_skip_left(numbers::norm(at.skip as f32)), Some(p.grad)));
    }
    pieces
}

/// All that was found, `height` high where there is room beside each other.
pub fn panel(ui: &mut Ui, found: &Outcome, height: f32) {
    ui.spacing_mut().item_spacing = vec2(space::L, space::S);
    if is_narrow(ui) {
        signal(ui, found, PLOT);
        return gradient(ui, found, PLOT);
    }
    let height = height.max(PLOT);
    beside(ui, 2, height, |ui, which| match which {
        0 => signal(ui, found, height),
        _ => gradient(ui, found, height),
    });
}

/// The standard deviation of every block's output, a curve an α.
fn signal(ui: &mut Ui, found: &Outcome, height: f32) {
    let p = palette(ui);
    let title = (i18n::alphas_signal(), i18n::alphas_signal_hint());
    titled(
        ui,
        title,
        p.ink,
        i18n::alphas_signal_about(),
        Some(height),
        |_| (),
        |ui| {
            let all =
                || found.alphas.iter().flat_map(|a| &a.std).copied().filter(|v| *v > 0.0 && v.is_finite());
            let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
            let up = if most > 0.0 { (least.log10().floor(), most.log10().ceil()) } else { (-1.0, 1.0) };
            let ticks = Ticks { x: whole, y: decade, across: i18n::cause_block_axis(), whole: true };
            let size = vec2(ui.available_width() - NAMES, ui.available_height());
            let span = (1.0, found.blocks.max(2) as f64);
            let (axes, response) = Axes::show(ui, size, span, up, Scale::Log, &ticks, title.0);
            let mut ends = Vec::new();
            for at in &found.alphas {
                // 1 is what the others are held against.
                let ink = if at.alpha == 1.0 { p.ink } else { p.ink3 };
                axes.curve(ui, at.std.iter().enumerate().map(|(i, v)| Some((i as f64 + 1.0, *v))), ink);
                let name = format!("α = {}", numbers::axis_value(at.alpha.into()));
                ends.extend(at.std.last().map(|v| (axes.up(*v), name, ink)));
            }
            names(ui, axes.rect.right() + space::M, NAMES, axes.rect.y_range(), ends);
            let Some(at) = response.hover_pos().filter(|at| axes.rect.x_range().contains(at.x)) else {
                return;
            };
            let block = (1..=found.blocks).min_by(|a, b| {
                let far = |i: &usize| (axes.across(*i as f64) - at.x).abs();
                far(a).total_cmp(&far(b))
            });
            response.on_hover_ui_at_pointer(|ui| {
                for (a, v) in found.alphas.iter().filter_map(|a| Some((a.alpha, a.std.get(block? - 1)?))) {
                    let block = block.unwrap_or_default().to_string();
                    let words =
                        i18n::alphas_at(numbers::axis_value(a.into()), block, numbers::norm(*v as f32));
                    ui.label(RichText::new(words).font(theme::regular(text::CAPTION)));
                }
            });
        },
    );
}

/// The gradient through the skips alone against α, and αⁿ.
fn gradient(ui: &mut Ui, found: &Outcome, height: f32) {
    let p = palette(ui);
    let title = (i18n::alphas_gradient(), i18n::alphas_gradient_hint());
    titled(
        ui,
        title,
        p.grad,
        i18n::alphas_gradient_about(),
        Some(height),
        |_| (),
        |ui| {
            let all = || found.alphas.iter().flat_map(|a| [a.skip, a.theory]).filter(|v| *v > 0.0);
            let (least, most) = (all().fold(1.0, f64::min), all().fold(1.0, f64::max));
            let up = (least.log10().floor(), most.log10().ceil());
            let ticks = Ticks { x: numbers::axis_value, y: decade, across: "α", whole: false };
            let size = vec2(ui.available_width() - NAMES, ui.available_height());
            let few = ALPHAS.iter().copied().fold(1.0, f32::min);
            let many = ALPHAS.iter().copied().fold(1.0, f32::max);
            let span = (f64::from(few), f64::from(many));
            let (axes, response) = Axes::show(ui, size, span, up, Scale::Log, &ticks, title.0);
            let theory = |i: usize| {
                let a = span.0 + (span.1 - span.0) * i as f64 / 50.0;
                (a, a.powi(found.blocks as i32))
            };
            let points: Vec<Pos2> = (0..=50).map(theory).map(|(a, v)| axes.at(a, v)).collect();
            let stroke = p.stroke(line::ICON, p.skip_fill);
            ui.painter_at(axes.rect.expand(1.0)).extend(Shape::dashed_line(
                &points,
                stroke,
                line::DASH.0,
                line::DASH.1,
            ));
            let mut known: Vec<_> = found.alphas.iter().collect();
            known.sort_by(|a, b| a.alpha.total_cmp(&b.alpha));
            axes.curve(ui, known.iter().map(|a| Some((a.alpha.into(), a.skip))), p.grad);
            for a in &known {
                axes.error(ui, a.alpha.into(), a.skip, a.error, p.grad);
                ui.painter().circle_filled(axes.at(a.alpha.into(), a.skip), 3.5, p.grad);
            }
            let mut ends = vec![(axes.up(theory(50).1), "αⁿ".to_owned(), p.skip)];
            ends.extend(
                known.last().map(|a| (axes.up(a.skip), i18n::alphas_measured_here().to_owned(), p.grad)),
            );
            names(ui, axes.rect.right() + space::M, NAMES, axes.rect.y_range(), ends);
            let Some(at) = response.hover_pos().filter(|at| axes.rect.x_range().contains(at.x)) else {
                return;
            };
            let far = |a: f32| (axes.across(a.into()) - at.x).abs();
            let Some(a) = known.iter().min_by(|a, b| far(a.alpha).total_cmp(&far(b.alpha))) else { return };
            let values = [a.skip, a.theory, a.of_whole].map(|v| numbers::norm(v as f32));
            let [skip, theory, whole] = values;
            let words = i18n::alphas_told(numbers::axis_value(a.alpha.into()), skip, theory, whole);
            response.on_hover_text_at_pointer(words);
        },
    );
}
