//! What can be said of a network before it is built: its layers, its counts, the memory it needs and how
//! long a step would take.

use super::axis::Layers;
use super::form::Form;
use super::state::{AppState, classes};
use crate::engine::{self, DEFAULT_BUDGET};
use crate::model::{Graph, ModelSpec};
use crate::session::Snapshot;

/// Counts of a network that is not built yet.
#[derive(Clone, Debug)]
pub(in crate::app) struct Sketch {
    spec: ModelSpec,
    pub layers: Layers,
    pub parameters: u64,
    pub macs: u64,
}

/// What training a network at some batch takes of the GPU.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::app) struct Need {
    /// Bytes, pictures not included.
    pub bytes: u64,
    /// The largest batch that fits, where this one does not; 0 if none does.
    pub fits: Option<usize>,
}

/// Networks that were asked about, the last few of them: neither is free to find out.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Sketches {
    known: Vec<Sketch>,
    needs: Vec<(ModelSpec, usize, Need)>,
}

/// So many are kept.
const KEPT: usize = 8;
/// Bytes of a picture on the GPU.
const PICTURE: u64 = 3 * 32 * 32;

impl Need {
    fn of(spec: &ModelSpec, batch: usize) -> Option<Self> {
        let bytes = |batch| engine::estimate(spec, batch).ok();
        let need = bytes(batch)?;
        if need <= DEFAULT_BUDGET {
            return Some(Self { bytes: need, fits: None });
        }
        let (mut low, mut high) = (0, batch);
        while high - low > 1 {
            let middle = low.midpoint(high);
            if bytes(middle)? <= DEFAULT_BUDGET { low = middle } else { high = middle }
        }
        Some(Self { bytes: need, fits: Some(low) })
    }
}

/// Steps that take longer than this call for a smaller network.
const SLOW_STEP: f64 = 2.0;

impl AppState {
    /// Layers and counts of the network that is drawn: the one that is built, or else the one asked for.
    pub(super) fn drawn(&mut self, snapshot: &Snapshot) -> Option<&Sketch> {
        let spec = match &snapshot.model {
            Some(model) => model.spec.clone(),
            None => self.form.spec_for(classes(snapshot)),
        };
        self.sketch(&spec)
    }

    /// Layers and counts of `spec`; `None` if there is no such network. The last few are kept.
    pub(super) fn sketch(&mut self, spec: &ModelSpec) -> Option<&Sketch> {
        let known = &mut self.sketches.known;
        if let Some(i) = known.iter().position(|s| s.spec == *spec) {
            return known.get(i);
        }
        let graph = Graph::new(spec).ok()?;
        if known.len() == KEPT {
            known.remove(0);
        }
        known.push(Sketch {
            spec: spec.clone(),
            layers: Layers::of(&graph),
            parameters: graph.parameter_count() as u64,
            macs: graph.macs(),
        });
        known.last()
    }

    /// GPU memory of what the form asks for. While `steady` is false, only what is known already.
    pub(super) fn need(&mut self, spec: &ModelSpec, steady: bool) -> Option<Need> {
        let batch = self.form.recipe.batch;
        let needs = &mut self.sketches.needs;
        if let Some((_, _, need)) = needs.iter().find(|(s, b, _)| s == spec && *b == batch) {
            return Some(*need);
        }
        // Dragging a number passes hundreds of values.
        let need = if steady { Need::of(spec, batch)? } else { return None };
        if needs.len() == KEPT {
            needs.remove(0);
        }
        needs.push((spec.clone(), batch, need));
        Some(need)
    }

    /// Bytes that the loaded pictures take on the GPU.
    pub(super) fn picture_bytes(snapshot: &Snapshot) -> u64 {
        snapshot.data.as_ref().map_or(0, |d| (d.train_images + d.test_images) as u64 * PICTURE)
    }

    /// Seconds that a step of what the form asks for would take, from the speed of what is built: a step
    /// costs about as many multiply-accumulates more as it takes time more.
    pub(super) fn step_seconds(&self, macs: u64, snapshot: &Snapshot) -> Option<f64> {
        let built = snapshot.model.as_ref().filter(|m| m.macs > 0)?;
        let rate = snapshot.images_per_s.filter(|r| *r > 0.0)?;
        Some(self.form.recipe.batch as f64 * macs as f64 / built.macs as f64 / f64::from(rate))
    }

    /// Seconds a step takes, if that is too long to watch and a smaller network would help.
    pub(super) fn slow_step(&self, snapshot: &Snapshot) -> Option<f64> {
        let model = snapshot.model.as_ref()?;
        let step = model.recipe.batch as f64 / f64::from(snapshot.images_per_s?);
        (step > SLOW_STEP && model.macs > smallest_macs()).then_some(step)
    }

    /// Takes the network that a window begins with.
    pub(super) fn use_smaller(&mut self, snapshot: &Snapshot) {
        let first = Form::default();
        self.form.choose(&first.name);
        self.form.recipe.batch = self.form.recipe.batch.min(first.recipe.batch);
        self.build(snapshot);
    }
}

/// Twice the first network's work: what is below is small already.
fn smallest_macs() -> u64 {
    25_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;

    #[test]
    fn what_does_not_fit_is_known_before() {
        let small = Need::of(&by_name("resnet8").expect("listed"), 32).expect("valid");
        assert_eq!(small.fits, None);
        let large = Need::of(&by_name("resnet18").expect("listed"), 4096).expect("valid");
        let fits = large.fits.expect("4096 pictures do not fit");
        let spec = by_name("resnet18").expect("listed");
        let bytes = |batch| engine::estimate(&spec, batch).expect("valid");
        assert!(bytes(fits) <= DEFAULT_BUDGET && bytes(fits + 1) > DEFAULT_BUDGET);
    }
}
