//! The chosen run's layers from input to output: gradient norms, or standard deviations of what blocks put out, a curve
//! for each step that was measured.

use super::super::super::super::axis::Decades;
use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::state::AppState;
use super::super::super::super::theme::{self, line, palette, size, space, text};
use super::super::super::super::widgets::{chip, segmented};
use super::super::super::decades::numbered;
use super::super::super::network::{fitted, put};
use super::super::{empty, title};
use super::grid::full_name;
use crate::session::{Cell, CellResult, GridOutcome, Mark};
use eframe::egui::{Align2, Color32, Mesh, Pos2, Rect, Role, Sense, Shape, Ui, WidgetInfo, pos2};

/// Columns and lines of the ticks.
const LEFT: f32 = 40.0;
const FOOT: f32 = 20.0;
/// Room for the names of the curves behind their ends.
const END: f32 = 84.0;

/// What is drawn layer by layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quantity {
    #[default]
    Gradient,
    /// Of the blocks' outputs, after ReLU.
    Output,
    /// Of the branches' last layers, before the sum (He et al. 2015, Fig. 7).
    Response,
}

impl Quantity {
    fn choices() -> [(Self, &'static str, &'static str); 3] {
        [
            (Self::Gradient, i18n::cause_gradient(), i18n::gradient_hint()),
            (Self::Output, i18n::cause_output(), i18n::cause_output_hint()),
            (Self::Response, i18n::cause_response(), i18n::cause_response_hint()),
        ]
    }

    fn of(self, mark: &Mark) -> &[f32] {
        match self {
            Self::Gradient => &mark.grad_norm,
            Self::Output => &mark.output_std,
            Self::Response => &mark.response_std,
        }
    }
}

/// The panel, `height` high.
pub fn panel(ui: &mut Ui, state: &mut AppState, grid: &GridOutcome, height: f32) {
    let p = palette(ui);
    let chosen = state.lab.cause.chosen.and_then(|c| grid.cells.iter().find(|r| r.cell == c));
    theme::panel_frame(ui).show(ui, |ui| {
        ui.set_height(height - 2.0 * space::L);
        ui.spacing_mut().item_spacing.y = space::S;
        let quantity = state.lab.cause.quantity;
        let name = chosen.map_or_else(|| i18n::cause_layers().to_owned(), |r| full_name(&r.cell));
        let ink = if quantity == Quantity::Gradient { p.grad } else { p.ink };
        let (_, what, hint) = Quantity::choices()[quantity as usize];
        title(ui, what, ink, &name, hint, |_| {});
        ui.scope(|ui| {
            ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
            ui.horizontal_wrapped(|ui| {
                segmented(ui, &mut state.lab.cause.quantity, &Quantity::choices(), None);
                let shown = super::step(state, grid);
                let measured = |t: &&CellResult| t.marks.iter().any(|m| m.step == shown);
                if let Some(twin) = chosen.and_then(|r| twin(grid, r)).filter(measured) {
                    let mut shown = !state.lab.cause.alone;
                    let words = super::name(&twin.cell);
                    chip(ui, &mut shown, &words).on_hover_text(i18n::cause_twin_hint());
                    state.lab.cause.alone = !shown;
                }
            });
        });
        match chosen.filter(|r| !r.marks.is_empty()) {
            Some(run) => plot(ui, state, grid, run),
            None => empty(ui, i18n::cause_choose()),
        }
    });
}

/// The run that differs from `of` in its skips alone, if it was measured.
fn twin<'a>(grid: &'a GridOutcome, of: &CellResult) -> Option<&'a CellResult> {
    let cell = Cell { skip: !of.cell.skip, ..of.cell };
    grid.cells.iter().find(|r| r.cell == cell && !r.marks.is_empty())
}

/// What all seeds of the run have measured at step `shown`, from the lowest to the highest.
fn band<'a>(
    ui: &Ui,
    plot: &Rect,
    grid: &'a GridOutcome,
    run: &CellResult,
    of: &dyn Fn(&'a Mark) -> &'a [f32],
    shown: u64,
    decades: Decades,
    colour: Color32,
) {
    let seeds: Vec<&[f32]> = super::seeds(grid, &run.cell)
        .filter_map(|r| Some(of(r.marks.iter().find(|m| m.step == shown)?)))
        .collect();
    if seeds.len() < 2 {
        return;
    }
    let most = seeds[0].len();
    let x = |i: usize| plot.left() + plot.width() * i as f32 / (most.max(2) - 1) as f32;
    let mut mesh = Mesh::default();
    let fill = colour.gamma_multiply(line::FILL_ALPHA);
    let mut before = false;
    for i in 0..most {
        let values = || seeds.iter().filter_map(|s| decades.position(*s.get(i)?));
        let (low, high) =
            (values().fold(f32::INFINITY, f32::min), values().fold(f32::NEG_INFINITY, f32::max));
        if low > high {
            before = false;
            continue;
        }
        let k = mesh.vertices.len() as u32;
        for t in [low, high] {
            mesh.colored_vertex(pos2(x(i), plot.bottom() - t * plot.height()), fill);
        }
        if before {
            mesh.add_triangle(k - 2, k - 1, k);
            mesh.add_triangle(k - 1, k, k + 1);
        }
        before = true;
    }
    ui.painter().add(Shape::mesh(mesh));
}

fn plot(ui: &mut Ui, state: &AppState, grid: &GridOutcome, run: &CellResult) {
    let p = palette(ui);
    let quantity = state.lab.cause.quantity;
    let (whole, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let label = format!("{} {}", Quantity::choices()[quantity as usize].1, full_name(&run.cell));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    let plot = Rect::from_min_max(
        pos2(whole.left() + LEFT, whole.top() + space::S),
        pos2(whole.right() - END, whole.bottom() - FOOT),
    );
    // One axis for all runs of the grid, so that they can be compared.
    let mut decades = Decades { low: -1, high: 1 };
    for v in grid.cells.iter().flat_map(|c| &c.marks).flat_map(|m| quantity.of(m)) {
        decades.include(*v);
    }
    let most = run.marks.iter().map(|m| quantity.of(m).len()).max().unwrap_or(0);
    let name =
        if quantity == Quantity::Gradient { i18n::cause_layer_axis() } else { i18n::cause_block_axis() };
    numbered(ui, plot, decades, most, name);
    let x = |i: usize| plot.left() + plot.width() * i as f32 / (most.max(2) - 1) as f32;
    let colour = if quantity == Quantity::Gradient { p.grad } else { p.ink };
    let shown = super::step(state, grid);
    band(ui, &plot, grid, run, &|m| quantity.of(m), shown, decades, colour);
    let curve = |values: &[f32]| -> Vec<Pos2> {
        let at = |(i, v): (usize, &f32)| {
            decades.position(*v).map(|t| pos2(x(i), plot.bottom() - t * plot.height()))
        };
        values.iter().enumerate().filter_map(at).collect()
    };
    let mut free: Vec<f32> = Vec::new();
    let twin = twin(grid, run).filter(|_| !state.lab.cause.alone);
    let other = twin.and_then(|t| Some((t, t.marks.iter().find(|m| m.step == shown)?)));
    if let Some((other, mark)) = other {
        let curve = curve(quantity.of(mark));
        if let Some(end) = curve.last() {
            let words = super::name(&other.cell);
            let words = fitted(ui, words, theme::regular(text::CAPTION), p.ink2, END - space::S);
            put(ui, plot.right() + space::S, end.y, words);
            free.push(end.y);
        }
        ui.painter().extend(Shape::dashed_line(
            &curve,
            p.stroke(line::TRUNK, p.ink2),
            line::DASH.0,
            line::DASH.1,
        ));
    }
    for mark in &run.marks {
        let now = mark.step == shown;
        let values = quantity.of(mark);
        let curve = curve(values);
        let faint = colour.gamma_multiply(if now { 1.0 } else { 0.4 });
        let width = if now { line::CURVE } else { line::HAIR };
        ui.painter().add(Shape::line(curve.clone(), p.stroke(width, faint)));
        let none = values.iter().filter(|v| **v == 0.0).count();
        let words = match curve.last() {
            Some(_) => i18n::cause_step(numbers::grouped(mark.step)),
            None => continue,
        };
        let font = if now { theme::semibold(text::CAPTION) } else { theme::regular(text::CAPTION) };
        let words = fitted(ui, words, font, faint, END - space::S);
        let mut y = curve.last().map_or(plot.center().y, |at| at.y);
        // Names of curves that end beside each other stand under each other.
        while let Some(other) = free.iter().find(|f| (**f - y).abs() < text::CAPTION) {
            y = other + text::CAPTION + 1.0;
        }
        free.push(y);
        put(ui, plot.right() + space::S, y, words);
        if now && none > 0 {
            let words = i18n::cause_zeros(none, values.len());
            let at = plot.left_bottom() + eframe::egui::vec2(space::S, -space::S);
            ui.painter().text(at, Align2::LEFT_BOTTOM, words, theme::regular(text::CAPTION), p.ink2);
        }
    }
    if let Some(at) = response.hover_pos().filter(|at| plot.expand(2.0).contains(*at)) {
        let i = ((at.x - plot.left()) / plot.width() * (most.max(2) - 1) as f32).round().max(0.0) as usize;
        let mut lines = vec![match quantity {
            Quantity::Gradient => run.layers.get(i).cloned().unwrap_or_default(),
            _ => i18n::cause_block((i + 1).to_string()),
        }];
        for mark in &run.marks {
            let Some(v) = quantity.of(mark).get(i) else { continue };
            lines.push(format!("{}: {}", i18n::cause_step(numbers::grouped(mark.step)), numbers::norm(*v)));
        }
        if let Some((other, mark)) = other
            && let Some(v) = quantity.of(mark).get(i)
        {
            let step = i18n::cause_step(numbers::grouped(mark.step));
            lines.push(format!("{}, {step}: {}", super::name(&other.cell), numbers::norm(*v)));
        }
        response.on_hover_text_at_pointer(lines.join("\n"));
    }
}
