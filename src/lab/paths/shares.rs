//! What every branch, skip and bias adds to one logit of one image.

use crate::engine::Gates;
use crate::engine::reference::{self, BatchStats, Mode, relu_gradient};
use crate::model::{AffineKind, Graph, Op, TensorId};
use serde::Serialize;

/// A block's two summands, as far as they reach the logit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlockShare {
    pub block: String,
    /// What β·F(x) and α·shortcut(x) add to the logit through all that comes after them.
    pub branch: f64,
    pub skip: f64,
    /// What the biases of all later layers add: with the two it is the whole logit.
    pub later_biases: f64,
}

/// One logit taken apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shares {
    /// Number of the picture in its split, and the class.
    pub picture: usize,
    pub class: usize,
    /// As the GPU computed it in evaluation mode, and as the terms below add up to.
    pub logit: f64,
    pub sum: f64,
    /// The largest difference of a block's three terms from the GPU's logit, and that of `sum`, relative to the largest
    /// logit.
    pub off: f64,
    pub blocks: Vec<BlockShare>,
    /// What the picture itself adds, and each layer's bias (batch norm's shift, the convolution's or the classifier's).
    pub image: f64,
    pub biases: Vec<(String, f64)>,
}

/// A folded network's pass over one image, forward and backward, layer by layer.
pub(super) struct Apart {
    reference: reference::Network,
    values: Vec<Vec<f64>>,
    tensors: Vec<Vec<f64>>,
    params: Vec<Vec<f64>>,
    stats: Vec<BatchStats>,
    picture: usize,
    class: Option<usize>,
    /// Layers done, forward and then backward.
    done: usize,
}

impl Apart {
    /// Of `image`, `[3,S,S]`, for `class` or the one that wins.
    pub(super) fn new(
        graph: Graph,
        params: Vec<Vec<f64>>,
        gates: &[Gates],
        image: Vec<f64>,
        (picture, class): (usize, Option<usize>),
    ) -> Self {
        let mut values = vec![Vec::new(); graph.tensors.len()];
        values[graph.input] = image;
        let grads = vec![Vec::new(); graph.params.len()];
        let mut reference = reference::Network::new(graph, params);
        reference.gates = gates.to_vec();
        Self {
            reference,
            values,
            tensors: Vec::new(),
            params: grads,
            stats: Vec::new(),
            picture,
            class,
            done: 0,
        }
    }

    /// Layers to do.
    pub(super) fn total(&self) -> usize {
        2 * self.reference.graph.nodes.len()
    }

    /// Does one layer; the shares, once all are done. `logits` are the GPU's.
    pub(super) fn advance(&mut self, logits: &[f64]) -> Option<Shares> {
        let graph = &self.reference.graph;
        let nodes = graph.nodes.len();
        if self.done < nodes {
            self.reference.forward_node(self.done, 1, Mode::Evaluate, &mut self.values, &mut self.stats);
        } else if self.done < 2 * nodes {
            if self.done == nodes {
                let own = &self.values[graph.logits];
                let best = (0..own.len()).reduce(|b, i| if own[i] > own[b] { i } else { b }).unwrap_or(0);
                let class = *self.class.get_or_insert(best);
                self.tensors = self.values.iter().map(|v| vec![0.0; v.len()]).collect();
                self.tensors[graph.logits][class] = 1.0;
            }
            let node = 2 * nodes - 1 - self.done;
            self.reference.backward_node(
                node,
                1,
                &self.values,
                &self.stats,
                &mut self.params,
                &mut self.tensors,
            );
        }
        self.done += 1;
        (self.done >= 2 * nodes).then(|| self.shares(logits))
    }

    /// The logit's gradient where an affine node has added up, behind its ReLU's mask.
    fn gradient(&self, output: TensorId, relu: bool) -> Vec<f64> {
        if relu {
            relu_gradient(&self.values[output], &self.tensors[output])
        } else {
            self.tensors[output].clone()
        }
    }

    fn shares(&self, logits: &[f64]) -> Shares {
        let graph = &self.reference.graph;
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut biases: Vec<(String, f64)> = Vec::new();
        // Branch and skip of each block, and how many biases come up to it.
        let mut parts: Vec<(f64, f64, usize)> = Vec::new();
        for node in &graph.nodes {
            let Op::Affine(a) = &node.op else { continue };
            let AffineKind::Bias { bias } = a.kind else { continue };
            let gates = a.residual.map_or(Gates::new(0.0, 1.0), |(_, block)| self.reference.gates[block]);
            let (alpha, beta) = (f64::from(gates.alpha), f64::from(gates.beta));
            let g = self.gradient(a.output, a.relu);
            let plane = g.len() / graph.tensors[a.output].c;
            let shift = &self.reference.params[bias];
            let of_bias: f64 =
                g.chunks_exact(plane).zip(shift).map(|(g, b)| beta * b * g.iter().sum::<f64>()).sum();
            biases.push((node.name.trim_end_matches(".bias").to_owned(), of_bias));
            if graph.blocks.iter().any(|b| b.output == a.output) {
                let branch = beta * dot(&g, &self.values[a.input]) + of_bias;
                let skip = a.residual.map_or(0.0, |(s, _)| alpha * dot(&g, &self.values[s]));
                parts.push((branch, skip, biases.len()));
            }
        }
        let class = self.class.unwrap_or(0);
        let logit = logits.get(class).copied().unwrap_or(f64::NAN);
        let image = dot(&self.tensors[graph.input], &self.values[graph.input]);
        let sum = image + biases.iter().map(|b| b.1).sum::<f64>();
        let share = |(block, (branch, skip, upto)): (&crate::model::Block, (f64, f64, usize))| BlockShare {
            block: block.name.clone(),
            branch,
            skip,
            later_biases: biases[upto..].iter().map(|b| b.1).sum(),
        };
        let blocks: Vec<BlockShare> = graph.blocks.iter().zip(parts).map(share).collect();
        let largest = logits.iter().fold(f64::MIN_POSITIVE, |m, l| m.max(l.abs()));
        let sums = blocks.iter().map(|b| b.branch + b.skip + b.later_biases).chain([sum]);
        let off = sums.map(|s| (s - logit).abs() / largest).fold(0.0, f64::max);
        Shares { picture: self.picture, class, logit, sum, off, blocks, image, biases }
    }
}
