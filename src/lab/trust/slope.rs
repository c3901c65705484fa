//! The slope of the loss in one weight, by finite differences of the f64 reference.

use crate::engine::reference::{self, BatchStats, Mode};
use crate::model::{AffineKind, Op, ParamId};
use serde::Serialize;

/// Step: so small that few of a network's million ReLUs switch within it, and so large that rounding in f64 (some
/// 1e-15 of the loss) stays small against what the loss changes by.
const H: f64 = 1e-6;
/// Relative difference between the slopes at `H` and at half of it from which on they are said to disagree:
/// a ReLU or a maximum has switched in between.
const KINK: f64 = 1e-4;

/// One weight's gradient, three ways.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    pub parameter: String,
    /// Scalar of the parameter in PyTorch's layout.
    pub index: usize,
    pub weight: f64,
    /// Gradient as the GPU and as the reference computed it backwards.
    pub gpu: f64,
    pub reference: f64,
    /// Central differences at ±h and ±h/2.
    pub h: f64,
    pub by_h: f64,
    pub by_half: f64,
    /// Whether the two disagree: the loss has a kink within ±h, and no slope there to compare with.
    pub kink: bool,
}

/// A measurement under way: four passes of the reference, layer by layer.
pub struct Slope {
    reference: reference::Network,
    labels: Vec<u8>,
    at: (ParamId, usize),
    weight: f64,
    gradients: (f64, f64),
    /// First node that the weight changes, next node of the pass under way.
    first: usize,
    node: usize,
    /// The pass under way; what comes before the weight's layer stays as the unchanged one left it.
    values: Vec<Vec<f64>>,
    stats: Vec<BatchStats>,
    losses: Vec<f64>,
}

impl Slope {
    /// Of weight `at` of `reference`, whose pass over `labels` left `values`; `gradients`: the GPU's and its own.
    pub(super) fn new(
        reference: reference::Network,
        values: Vec<Vec<f64>>,
        labels: Vec<u8>,
        at: (ParamId, usize),
        gradients: (f64, f64),
    ) -> Self {
        let uses = |op: &Op| match op {
            Op::Conv(c) => c.weight == at.0,
            Op::Affine(a) => match a.kind {
                AffineKind::BatchNorm { gamma, beta, .. } => gamma == at.0 || beta == at.0,
                AffineKind::Bias { bias } => bias == at.0,
            },
            _ => false,
        };
        let first = reference.graph.nodes.iter().position(|n| uses(&n.op)).unwrap_or(0);
        let weight = reference.params[at.0][at.1];
        let stats = vec![BatchStats::default(); reference.graph.norms.len()];
        Self {
            reference,
            labels,
            at,
            weight,
            gradients,
            first,
            node: first,
            values,
            stats,
            losses: Vec::new(),
        }
    }

    /// Goes on with one layer; the result, once all passes are done.
    pub fn pump(&mut self) -> Option<Difference> {
        const PASSES: [f64; 4] = [H, -H, H / 2.0, -H / 2.0];
        let Some(h) = PASSES.get(self.losses.len()) else { return Some(self.difference()) };
        self.reference.params[self.at.0][self.at.1] = self.weight + h;
        let n = self.labels.len();
        self.reference.forward_node(self.node, n, Mode::Train, &mut self.values, &mut self.stats);
        self.node += 1;
        if self.node == self.reference.graph.nodes.len() {
            let g = &self.reference.graph;
            self.losses.push(reference::cross_entropy(&self.values[g.logits], g.spec.classes, &self.labels));
            self.node = self.first;
        }
        (self.losses.len() == PASSES.len()).then(|| self.difference())
    }

    fn difference(&self) -> Difference {
        let l = &self.losses;
        let (by_h, by_half) = ((l[0] - l[1]) / (2.0 * H), (l[2] - l[3]) / H);
        // Rounding of the losses, divided by the step, is no kink.
        let rounding = 1e-14 * l[0].abs() / H;
        let size = by_h.abs().max(by_half.abs());
        Difference {
            parameter: self.reference.graph.params[self.at.0].name.clone(),
            index: self.at.1,
            weight: self.weight,
            gpu: self.gradients.0,
            reference: self.gradients.1,
            h: H,
            by_h,
            by_half,
            kink: (by_h - by_half).abs() > KINK * size + rounding,
        }
    }
}
