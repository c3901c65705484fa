//! The cause lab: a grid of small runs over depth, skip, batch norm and initial weights, coloured by what was measured
//! in them; the layers of the chosen run; and two claims of He et al. 2015, §4.1, judged by the numbers.

mod claims;
mod form;
mod grid;
mod layers;

pub use form::CauseForm;

use super::super::super::form::title as network_title;
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::{AppState, UiCommand};
use super::super::super::theme::{self, palette, size, space};
use super::super::super::widgets::{chip, number, raised_button};
use super::{Piece, Seen, is_narrow, list};
use crate::model::ModelSpec;
use crate::session::{Cell, CellResult, Found, GridOutcome, GridSettings, Mark};
use crate::train::Init;
use eframe::egui::{Sense, Ui, UiBuilder, vec2};
pub use form::DEPTHS;
use form::{INITS, MOST_BATCH, MOST_SEEDS, STEPS, init_words};

/// What cells are coloured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measured {
    Loss,
    /// Gradient norm of the first block's first convolution over the last block's.
    #[default]
    Ratio,
    /// Of the outputs' standard deviation, a block.
    Growth,
    Dead,
}

impl Measured {
    pub const ALL: [Self; 4] = [Self::Ratio, Self::Growth, Self::Dead, Self::Loss];

    /// Its name, and what it means.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Loss => (i18n::cause_loss(), i18n::cause_loss_hint()),
            Self::Ratio => (i18n::cause_ratio(), i18n::cause_ratio_hint()),
            Self::Growth => (i18n::cause_growth(), i18n::cause_growth_hint()),
            Self::Dead => (i18n::cause_dead(), i18n::cause_dead_hint()),
        }
    }

    pub fn of(self, mark: &Mark) -> Option<f32> {
        match self {
            Self::Loss => Some(mark.loss),
            Self::Ratio => mark.first_over_last,
            Self::Growth => mark.growth,
            Self::Dead => Some(mark.dead_share()),
        }
    }

    pub fn written(self, value: Option<f32>) -> String {
        match (self, value) {
            (_, None) => numbers::UNKNOWN.into(),
            (Self::Dead, Some(v)) => numbers::percent(v),
            (_, Some(v)) if v != 0.0 && v.abs() < 0.01 => numbers::scientific(v.into(), 1),
            (_, Some(v)) => numbers::ratio(v),
        }
    }
}

/// How the grid is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CauseLook {
    pub measured: Measured,
    /// The step that is shown; the last one that was measured without it.
    pub step: Option<u64>,
    pub chosen: Option<Cell>,
    pub quantity: layers::Quantity,
    /// Without the run that differs in its skips alone.
    pub alone: bool,
}

/// `plain-56`, as a title.
pub fn name(cell: &Cell) -> String {
    network_title(&ModelSpec::cifar_name(cell.depth, cell.skip))
}

/// The grid as it was found.
fn found(view: &Seen) -> Option<&GridOutcome> {
    match view.as_ref()?.found.as_ref()? {
        Found::CauseGrid(grid) => Some(grid),
        _ => None,
    }
}

/// The same run with every seed there is.
fn seeds<'a>(grid: &'a GridOutcome, of: &Cell) -> impl Iterator<Item = &'a CellResult> {
    let of = *of;
    grid.cells.iter().filter(move |r| Cell { seed: of.seed, ..r.cell } == of)
}

/// The step that is shown.
fn step(state: &AppState, grid: &GridOutcome) -> u64 {
    let at = &grid.settings.at;
    state.lab.cause.step.filter(|s| at.contains(s)).or(at.first().copied()).unwrap_or(0)
}

/// "In 8 plain networks with batch norm: gradients vanish in 0, norms are healthy in 4", once there are any.
pub fn headline(ui: &Ui, state: &AppState, grid: &GridOutcome) -> Vec<Piece> {
    let p = palette(ui);
    let tally = claims::tally(grid, step(state, grid), false, true);
    if tally.runs == 0 {
        return Vec::new();
    }
    vec![
        Piece(i18n::cause_says(tally.runs), None),
        Piece(i18n::cause_says_vanish(tally.vanish), Some(p.grad)),
        Piece(i18n::race_comma().to_owned(), None),
        Piece(i18n::cause_says_healthy(tally.healthy), Some(p.grad)),
    ]
}

/// Which runs, and how.
pub fn setup(ui: &mut Ui, state: &mut AppState) {
    let f = &mut state.lab.form.cause;
    let chips = |ui: &mut Ui, words: &str, hint: &str, draw: &mut dyn FnMut(&mut Ui)| {
        list::note(ui, words).on_hover_text(hint);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            draw(ui);
        });
    };
    chips(ui, i18n::cause_depths(), i18n::cause_depths_hint(), &mut |ui| {
        for depth in DEPTHS {
            toggled(ui, &mut f.depths, depth, &depth.to_string(), i18n::cause_depths_hint());
        }
    });
    chips(ui, i18n::cause_inits(), i18n::cause_inits_hint(), &mut |ui| {
        for init in INITS {
            let (word, hint) = init_words(init);
            toggled(ui, &mut f.inits, init, word, hint);
        }
    });
    f.inits.sort_by_key(|i| INITS.iter().position(|k| k == i));
    chips(ui, i18n::cause_steps(), i18n::cause_steps_hint(), &mut |ui| {
        for step in STEPS {
            toggled(ui, &mut f.at, step, &numbers::grouped(step), i18n::cause_steps_hint());
        }
    });
    f.depths.sort_unstable();
    f.at.sort_unstable();
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
        let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
        number(ui, i18n::batch(), &mut f.batch, 2..=MOST_BATCH, 0.5, whole, i18n::cause_batch_hint());
        let rate = |v: f64| numbers::learning_rate(v as f32);
        number(ui, i18n::learning_rate(), &mut f.lr, 1e-5..=10.0, 0.001, rate, i18n::cause_lr_hint());
        let seeds = i18n::identity_seeds();
        number(ui, seeds, &mut f.seeds, 1..=MOST_SEEDS, 0.03, whole, i18n::cause_seeds_hint());
    });
    list::note(ui, &i18n::cause_runs(f.cells(1).len()));
    if f.opened.is_some() {
        list::note(ui, i18n::cause_opened()).on_hover_text(i18n::cause_opened_hint());
    }
    let wide = ui.available_width();
    if raised_button(ui, i18n::cause_open(), Some(wide), false)
        .on_hover_text(i18n::cause_open_hint())
        .clicked()
    {
        state.ask(UiCommand::OpenGrid);
    }
}

/// One of several that can be on together; the last one stays.
pub fn toggled<T: PartialEq>(ui: &mut Ui, all: &mut Vec<T>, value: T, word: &str, hint: &str) {
    let mut on = all.contains(&value);
    if chip(ui, &mut on, word).on_hover_text(hint).clicked() {
        if on {
            all.push(value);
        } else if all.len() > 1 {
            all.retain(|v| *v != value);
        }
    }
}

fn in_sight(grid: &GridOutcome, cell: &Cell) -> bool {
    grid.cells.iter().any(|r| r.cell == *cell && !r.marks.is_empty())
}

/// The run whose layers say most, until another is chosen: the deepest plain one with batch norm.
fn telling(grid: &GridOutcome) -> Option<Cell> {
    let cells = grid.cells.iter().filter(|r| !r.marks.is_empty()).map(|r| r.cell);
    let plain = cells.filter(|c| !c.skip && c.batch_norm);
    plain.max_by_key(|c| (c.depth, c.init == Init::He, std::cmp::Reverse(c.seed)))
}

/// The grid, beside it the chosen run's layers and the claims.
pub fn panel(ui: &mut Ui, state: &mut AppState, view: Seen, height: f32) {
    const GRID: f32 = 0.56;
    const CLAIMS: f32 = 200.0;
    // Before there is one, the skeleton of what the controls describe.
    let at = state.lab.form.cause.at.clone();
    let settings = GridSettings { data: String::new(), at, recipe: state.form.recipe.clone() };
    let empty = GridOutcome { settings, cells: Vec::new() };
    let grid = found(&view).unwrap_or(&empty);
    let depths = match grid.cells.is_empty() {
        true => state.lab.form.cause.depths.clone(),
        false => view.as_ref().map_or(Vec::new(), |v| grid::depths(&v.experiment)),
    };
    if view.as_ref().is_some_and(|v| !v.under_way) {
        state.lab.cause.chosen =
            state.lab.cause.chosen.filter(|c| in_sight(grid, c)).or_else(|| telling(grid));
    }
    ui.spacing_mut().item_spacing.y = space::L;
    if is_narrow(ui) {
        grid::panel(ui, state, grid, &depths, grid::high(depths.len()));
        claims::panel(ui, state, grid, CLAIMS);
        // What can be chosen over the plot takes two rows there.
        layers::panel(ui, state, grid, height + size::TOUCH + space::S);
        return;
    }
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let (left, right) = whole.split_left_right_at_fraction(GRID);
    let right = right.with_min_x(right.left() + space::L);
    let above = right.with_max_y(right.bottom() - CLAIMS - space::L);
    let below = right.with_min_y(right.bottom() - CLAIMS);
    for (rect, part) in [(left, 0), (above, 1), (below, 2)] {
        let mut inner = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("cause", part)));
        match part {
            0 => grid::panel(&mut inner, state, grid, &depths, rect.height()),
            1 => layers::panel(&mut inner, state, grid, rect.height()),
            _ => claims::panel(&mut inner, state, grid, rect.height()),
        }
    }
}
