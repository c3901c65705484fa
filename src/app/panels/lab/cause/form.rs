//! Which runs, as the controls and links have them.

use super::super::super::super::i18n;
use crate::lab::cause_grid::{cells, init_name};
use crate::session::{CauseSetup, Cell, ExperimentView, Found, GridOutcome, GridSettings};
use crate::train::{Init, Recipe};
use std::fmt::Display;

/// Depths to choose from, and steps after which something is measured.
pub const DEPTHS: [usize; 5] = [8, 20, 32, 56, 110];
pub const STEPS: [u64; 4] = [0, 10, 100, 1000];
pub const INITS: [Init; 3] = [Init::Torch, Init::He, Init::Fixup];
pub const MOST_BATCH: usize = 256;
pub const MOST_SEEDS: u64 = 10;

#[derive(Clone, Debug, PartialEq)]
pub struct CauseForm {
    /// Each ascending and without repetition.
    pub depths: Vec<usize>,
    pub inits: Vec<Init>,
    pub at: Vec<u64>,
    pub batch: usize,
    pub lr: f32,
    /// From the recipe's seed on.
    pub seeds: u64,
    /// What the runs have in common beside that, where it is that of a grid that was opened.
    pub opened: Option<Box<Recipe>>,
}

impl Default for CauseForm {
    fn default() -> Self {
        Self {
            depths: vec![20, 56],
            inits: INITS.to_vec(),
            at: vec![0, 10],
            batch: 32,
            lr: 0.01,
            seeds: 1,
            opened: None,
        }
    }
}

/// Its name in the field's terms, and what it draws.
pub fn init_words(init: Init) -> (&'static str, &'static str) {
    match init {
        Init::Torch => (i18n::init_torch(), i18n::init_torch_hint()),
        Init::He => (i18n::init_he(), i18n::init_he_hint()),
        Init::Fixup => (i18n::cause_fixup(), i18n::cause_fixup_hint()),
    }
}

fn joined<T: Display>(values: impl IntoIterator<Item = T>) -> String {
    values.into_iter().map(|v| v.to_string()).collect::<Vec<_>>().join(",")
}

/// Those of `all` that `text` names, in their order; `None` for a name that is none of them, or for no name.
fn chosen<T: Copy>(text: &str, all: &[T], word: impl Fn(T) -> String) -> Option<Vec<T>> {
    let named: Vec<&str> = text.split(',').collect();
    let found: Vec<T> = all.iter().copied().filter(|v| named.contains(&word(*v).as_str())).collect();
    (!found.is_empty() && found.len() == named.len()).then_some(found)
}

impl CauseForm {
    fn settings(&self, data: &str, recipe: &Recipe) -> GridSettings {
        // What the cells have in common is as the recipe says; initial weights and length are the grid's.
        let recipe = self.opened.as_deref().unwrap_or(recipe);
        let recipe = Recipe {
            batch: self.batch,
            lr: self.lr,
            steps: None,
            init: Recipe::default().init,
            ..recipe.clone()
        };
        GridSettings { data: data.into(), at: self.at.clone(), recipe }
    }

    /// All runs, the shallow ones first: they are done soonest.
    pub fn cells(&self, seed: u64) -> Vec<Cell> {
        let seeds: Vec<u64> = (0..self.seeds).map(|i| seed.saturating_add(i)).collect();
        cells(&self.depths, &[false, true], &[true, false], &self.inits, &seeds)
    }

    /// What the session is asked for: `before`, if it was made in the same way, is gone on with.
    pub fn setup(
        &self,
        data: &str,
        recipe: &Recipe,
        before: Option<&ExperimentView>,
    ) -> Result<CauseSetup, String> {
        let settings = self.settings(data, recipe);
        settings.recipe.validate().map_err(|e| e.to_string())?;
        let cells = self.cells(settings.recipe.seed);
        let before = before.and_then(|v| v.found.as_ref()).and_then(|f| match f {
            Found::CauseGrid(grid) => Some(grid),
            _ => None,
        });
        let same = before.filter(|b| b.settings == settings);
        // Only what is wanted now: another set of depths is another grid.
        let done = same.map(|b| {
            let wanted = b.cells.iter().filter(|c| cells.contains(&c.cell)).cloned();
            GridOutcome { settings: settings.clone(), cells: wanted.collect() }
        });
        Ok(CauseSetup { settings, cells, done })
    }

    /// Multiply-accumulates of the whole grid.
    pub fn work(&self) -> Option<f64> {
        let steps = self.at.last()? + 1;
        let each = |cell: &Cell| {
            let spec = cell.spec(10).ok()?;
            Some(crate::model::Graph::new(&spec).ok()?.macs() as f64)
        };
        let macs = self.cells(1).iter().map(each).sum::<Option<f64>>()?;
        Some(3.0 * macs * steps as f64 * self.batch as f64)
    }

    /// As the grid that was opened is made.
    pub fn follow(&mut self, grid: &GridOutcome) {
        let some = |values: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
            let there: Vec<usize> = values.collect();
            DEPTHS.into_iter().filter(|d| there.contains(d)).collect()
        };
        let settings = &grid.settings;
        let depths = some(&mut grid.cells.iter().map(|c| c.cell.depth));
        let inits: Vec<Init> =
            INITS.into_iter().filter(|i| grid.cells.iter().any(|c| c.cell.init == *i)).collect();
        if !depths.is_empty() {
            (self.depths, self.inits) = (depths, inits);
        }
        let last = grid.cells.iter().map(|c| c.cell.seed).max().unwrap_or(settings.recipe.seed);
        self.seeds = (last.saturating_sub(settings.recipe.seed) + 1).clamp(1, MOST_SEEDS);
        self.at = settings.at.clone();
        (self.batch, self.lr) = (settings.recipe.batch, settings.recipe.lr);
        self.opened = Some(Box::new(settings.recipe.clone()));
    }

    /// `:20,56:torch,he:0,10:32:0.01`.
    pub fn written(&self) -> String {
        let Self { depths, inits, at, batch, lr, seeds, .. } = self;
        let inits = joined(inits.iter().map(|i| init_name(*i)));
        let seeds = if *seeds == 1 { String::new() } else { format!(":{seeds}") };
        format!(":{}:{inits}:{}:{batch}:{lr}{seeds}", joined(depths), joined(at))
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(parts: &[&str]) -> Option<Self> {
        let (parts, seeds) = match parts {
            [rest @ .., seeds] if parts.len() == 6 => (rest, *seeds),
            _ => (parts, "1"),
        };
        let [depths, inits, at, batch, lr] = parts else { return None };
        Some(Self {
            depths: chosen(depths, &DEPTHS, |d| d.to_string())?,
            inits: chosen(inits, &INITS, |i| init_name(i).to_owned())?,
            at: chosen(at, &STEPS, |s| s.to_string())?,
            batch: batch.parse().ok().filter(|n| (2..=MOST_BATCH).contains(n))?,
            lr: lr.parse().ok().filter(|v: &f32| v.is_finite() && *v > 0.0)?,
            seeds: seeds.parse().ok().filter(|n| (1..=MOST_SEEDS).contains(n))?,
            opened: None,
        })
    }
}
