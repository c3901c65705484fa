//! The grid: a row a network, a column a set of initial weights with batch norm and without. Each cell is a run, coloured
//! by what was measured in it at one step. Pressing it shows its layers.

use super::super::super::super::colourmap::ColourMap;
use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::state::AppState;
use super::super::super::super::theme::{self, line, palette, radius, size, space, text};
use super::super::super::super::widgets::segmented;
use super::super::super::network::{fitted, put};
use super::super::title;
use super::form::{INITS, init_words};
use super::{Measured, name};
use crate::session::{Cell, CellResult, Experiment, GridOutcome};
use crate::train::Init;
use eframe::egui::{
    Align2, Color32, CornerRadius, Mesh, Rect, Role, Sense, Shape, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// Room for the rows' names, and for the columns'.
const NAMES: f32 = 92.0;
const HEADS: f32 = 44.0;
/// Between cells, and between those with batch norm and those without.
const GAP: f32 = 3.0;
const APART: f32 = 12.0;
const LOWEST: f32 = 30.0;
const HIGHEST: f32 = 128.0;
/// The scale of the colours under them.
const SCALE: f32 = 34.0;
/// Cells from this width on hold a number with two digits and a power of ten.
const ROOMY: f32 = 60.0;

/// How high the panel is with so many depths.
pub fn high(depths: usize) -> f32 {
    2.0 * space::L + 5.0 * size::CONTROL + HEADS + SCALE + 2.0 * depths as f32 * (LOWEST + 10.0)
}

/// The depths of the grid that was asked for, ascending.
pub fn depths(experiment: &Experiment) -> Vec<usize> {
    let Experiment::CauseGrid(setup) = experiment else { return Vec::new() };
    let mut depths: Vec<usize> = setup.cells.iter().map(|c| c.depth).collect();
    depths.dedup();
    depths.sort_unstable();
    depths.dedup();
    depths
}

/// Where a value lies on its colour map; fixed, so that grids can be compared.
fn colour(ui: &Ui, measured: Measured, value: f32) -> Color32 {
    let log = |v: f32, decades: f32| 0.5 + v.max(1e-30).log10() / (2.0 * decades);
    map(ui, measured).at(match measured {
        Measured::Ratio => log(value, 6.0),
        // Twice either way, block after block, would be the end of every deep network.
        Measured::Growth => log(value, std::f32::consts::LOG10_2),
        Measured::Dead => value,
        Measured::Loss => value / 4.0,
    })
}

fn map(ui: &Ui, measured: Measured) -> &'static ColourMap {
    match measured {
        Measured::Ratio | Measured::Growth => ColourMap::div(ui.visuals().dark_mode),
        Measured::Dead | Measured::Loss => ColourMap::viridis(),
    }
}

/// What the colours mean: a ramp with its ends and its middle.
fn scale(ui: &Ui, measured: Measured, rect: Rect) {
    let p = palette(ui);
    let ticks = match measured {
        Measured::Ratio => [numbers::power_of_ten(-6), "1".into(), numbers::power_of_ten(6)],
        Measured::Growth => ["× 0.5", "× 1", "× 2"].map(str::to_owned),
        Measured::Dead => [numbers::percent(0.0), numbers::percent(0.5), numbers::percent(1.0)],
        Measured::Loss => ["0", "2", "4 nats"].map(str::to_owned),
    };
    let bar = rect.with_max_y(rect.top() + size::SCALE_BAR);
    let (map, steps) = (map(ui, measured), 64_u32);
    let mut mesh = Mesh::default();
    for k in 0..=steps {
        let t = k as f32 / steps as f32;
        let (x, colour) = (bar.left() + t * bar.width(), map.at(t));
        mesh.colored_vertex(pos2(x, bar.top()), colour);
        mesh.colored_vertex(pos2(x, bar.bottom()), colour);
        if k > 0 {
            mesh.add_triangle(2 * k - 2, 2 * k - 1, 2 * k);
            mesh.add_triangle(2 * k - 1, 2 * k, 2 * k + 1);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    ui.painter().rect_stroke(bar, 0.0, p.stroke(line::HAIR, p.line), StrokeKind::Outside);
    let places = [Align2::LEFT_TOP, Align2::CENTER_TOP, Align2::RIGHT_TOP];
    for ((words, place), x) in ticks.into_iter().zip(places).zip([bar.left(), bar.center().x, bar.right()]) {
        let at = pos2(x, bar.bottom() + space::XS);
        ui.painter().text(at, place, words, theme::regular(text::CAPTION), p.ink3);
    }
}

/// The panel, `height` high.
pub fn panel(ui: &mut Ui, state: &mut AppState, grid: &GridOutcome, depths: &[usize], height: f32) {
    let p = palette(ui);
    theme::panel_frame(ui).show(ui, |ui| {
        ui.set_height(height - 2.0 * space::L);
        ui.spacing_mut().item_spacing.y = space::S;
        let (words, hint) = state.lab.cause.measured.words();
        let at = super::step(state, grid);
        let caption = i18n::cause_at(numbers::grouped(at));
        title(ui, words, p.ink, &caption, hint, |_| {});
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
            ui.spacing_mut().item_spacing.x = space::M;
            let words = Measured::ALL.map(|m| (m, m.words().0, m.words().1));
            segmented(ui, &mut state.lab.cause.measured, &words, None);
            let names: Vec<String> =
                grid.settings.at.iter().map(|s| i18n::cause_step(numbers::grouped(*s))).collect();
            let steps: Vec<_> = grid
                .settings
                .at
                .iter()
                .zip(&names)
                .map(|(step, name)| (Some(*step), name.as_str(), i18n::cause_step_hint()))
                .collect();
            let mut step = Some(at);
            if steps.len() > 1 && segmented(ui, &mut step, &steps, None).changed() {
                state.lab.cause.step = step;
            }
        });
        cells(ui, state, grid, depths);
    });
}

fn cells(ui: &mut Ui, state: &mut AppState, grid: &GridOutcome, depths: &[usize]) {
    let p = palette(ui);
    let (whole, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let rows: Vec<(usize, bool)> = depths.iter().flat_map(|d| [(*d, false), (*d, true)]).collect();
    let inits: Vec<Init> = match grid.cells.is_empty() {
        true => state.lab.form.cause.inits.clone(),
        false => INITS.into_iter().filter(|i| grid.cells.iter().any(|c| c.cell.init == *i)).collect(),
    };
    let columns = 2 * inits.len();
    let wide = (whole.width() - NAMES - APART - GAP * columns as f32) / columns.max(1) as f32;
    let high = ((whole.height() - HEADS - SCALE) / rows.len().max(1) as f32 - GAP).clamp(LOWEST, HIGHEST);
    let x = |c: usize| {
        let apart = if c >= inits.len() { APART } else { 0.0 };
        whole.left() + NAMES + apart + c as f32 * (wide + GAP)
    };
    let small = || theme::regular(text::CAPTION);
    for (half, words) in [(0, i18n::batch_norm()), (inits.len(), i18n::cause_no_bn())] {
        let room = inits.len() as f32 * (wide + GAP) - GAP;
        let words = fitted(ui, words.to_owned(), theme::semibold(text::CAPTION), p.ink2, room);
        put(ui, x(half), whole.top() + text::CAPTION / 2.0 + 2.0, words);
    }
    for c in 0..columns {
        let (words, hint) = init_words(inits[c % inits.len()]);
        let words = fitted(ui, words.to_owned(), small(), p.ink3, wide);
        let at = Rect::from_min_size(pos2(x(c), whole.top() + HEADS / 2.0), vec2(wide, HEADS / 2.0));
        put(ui, at.left(), at.center().y, words);
        ui.interact(at, ui.scope_id().with(("init", c)), Sense::hover()).on_hover_text(hint);
    }
    let below = whole.top() + HEADS + rows.len() as f32 * (high + GAP) + space::S;
    let ramp = Rect::from_min_max(pos2(x(0), below), pos2(x(columns - 1) + wide, below + SCALE));
    scale(ui, state.lab.cause.measured, ramp);
    for (r, (depth, skip)) in rows.into_iter().enumerate() {
        let y = whole.top() + HEADS + r as f32 * (high + GAP);
        for c in 0..columns {
            let (init, batch_norm) = (inits[c % inits.len()], c < inits.len());
            let seed = grid.settings.recipe.seed;
            let cell = Cell { depth, skip, batch_norm, init, seed };
            let rect = Rect::from_min_size(pos2(x(c), y), vec2(wide, high));
            if c == 0 {
                let words = fitted(ui, name(&cell), theme::semibold(text::CAPTION), p.ink2, NAMES - space::S);
                put(ui, whole.left(), rect.center().y, words);
            }
            one(ui, state, grid, cell, rect);
        }
    }
}

/// One run: its value on its colour, or why there is none.
fn one(ui: &mut Ui, state: &mut AppState, grid: &GridOutcome, cell: Cell, rect: Rect) {
    let p = palette(ui);
    let corner = CornerRadius::same(radius::CARD);
    let measured = state.lab.cause.measured;
    let step = super::step(state, grid);
    let result = grid.cells.iter().find(|r| r.cell == cell);
    let mark = result.and_then(|r| r.marks.iter().find(|m| m.step == step));
    let value = mark.and_then(|m| measured.of(m));
    let impossible = !cell.skip && cell.init == Init::Fixup;
    let sense = if result.is_some() { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with((cell.depth, cell.skip, rect.left() as i32)), sense);
    let mut words = format!("{}\n{}", full_name(&cell), told(result, step, impossible));
    let seeds: Vec<f32> = super::seeds(grid, &cell)
        .filter_map(|r| measured.of(r.marks.iter().find(|m| m.step == step)?))
        .collect();
    if seeds.len() > 1 {
        let low = seeds.iter().copied().fold(f32::INFINITY, f32::min);
        let high = seeds.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let [low, high] = [low, high].map(|v| measured.written(Some(v)));
        words += &format!("\n{}, {}", measured.words().0, i18n::cause_seeds(seeds.len(), low, high));
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, result.is_some(), &words));
    let painter = ui.painter();
    let font = theme::regular(text::BODY);
    match (mark, impossible) {
        (Some(_), _) => {
            let ground = value.map_or(p.raised, |v| colour(ui, measured, v));
            painter.rect_filled(rect, corner, ground);
            // Neutral is the panel's own tone.
            painter.rect_stroke(rect, corner, p.stroke(line::HAIR, p.line), StrokeKind::Inside);
            let ink = if value.is_some() { theme::ink_on(ground) } else { p.ink2 };
            let (words, font) = match value.filter(|v| *v != 0.0 && rect.width() < ROOMY) {
                Some(v) if v.is_finite() && !(0.01..10_000.0).contains(&v.abs()) => {
                    (numbers::power_of_ten(v.abs().log10().round() as i32), theme::regular(text::CAPTION))
                }
                Some(_) => (measured.written(value), theme::regular(text::CAPTION)),
                None => (measured.written(value), font),
            };
            painter.text(rect.center(), Align2::CENTER_CENTER, words, font, ink);
        }
        (None, true) => {
            painter.text(rect.center(), Align2::CENTER_CENTER, numbers::UNKNOWN, font, p.ink3);
        }
        (None, false) => {
            painter.rect_stroke(rect, corner, p.stroke(line::HAIR, p.line), StrokeKind::Inside);
            if result.is_some_and(|r| r.diverged.is_some()) {
                painter.text(rect.center(), Align2::CENTER_CENTER, "▲ NaN", font, p.warn);
            }
        }
    }
    if response.clicked() {
        state.lab.cause.chosen = Some(cell);
    }
    if state.lab.cause.chosen == Some(cell) || response.has_focus() {
        ui.painter().rect_stroke(rect, corner, p.stroke(line::TRUNK, p.ink), StrokeKind::Inside);
    }
    response.on_hover_text(words);
}

/// `plain-56, batch norm, He`.
pub fn full_name(cell: &Cell) -> String {
    let norm = if cell.batch_norm { i18n::batch_norm() } else { i18n::cause_no_bn() };
    format!("{} · {norm} · {}", name(cell), init_words(cell.init).0)
}

/// Everything that was measured in a run at a step.
fn told(result: Option<&CellResult>, step: u64, impossible: bool) -> String {
    let Some(result) = result else {
        return if impossible { i18n::cause_no_sense() } else { i18n::cause_waits() }.to_owned();
    };
    let mut lines = Vec::new();
    match result.marks.iter().find(|m| m.step == step) {
        Some(mark) => {
            for measured in Measured::ALL {
                lines.push(format!("{}: {}", measured.words().0, measured.written(measured.of(mark))));
            }
            lines.push(format!("{}: {}", i18n::cause_vanish(), yes(mark.vanishes())));
            lines.push(format!("{}: {}", i18n::cause_healthy(), yes(mark.is_healthy())));
        }
        None => lines.push(numbers::UNKNOWN.into()),
    }
    if let Some((step, what)) = &result.diverged {
        lines.push(i18n::cause_diverged(numbers::grouped(*step), what));
    }
    lines.join("\n")
}

fn yes(so: bool) -> &'static str {
    if so { i18n::cause_yes() } else { i18n::cause_no() }
}
