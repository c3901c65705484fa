//! Each layer's result against the reference: what came back from the GPU, and the same worked out again.

use super::compare::{Check, Quantity, deviation};
use super::{Chain, Trust, f64s};
use crate::engine::NetworkState;
use crate::engine::layout::{activation_from_gpu, from_gpu, vec4s};
use crate::engine::reference;
use crate::model::{Op, TensorId};

impl Trust {
    /// `[N,C,H,W]` of a tensor from the front of `words`, and how many of them it took.
    fn unpack(&self, tensor: TensorId, words: &[f32]) -> (Vec<f32>, usize) {
        let t = &self.net.graph.tensors[tensor];
        let len = self.net.batch * t.h * t.w * vec4s(t.c) * 4;
        (activation_from_gpu(&words[..len], self.net.batch, [t.h, t.w, t.c]), len)
    }

    pub(super) fn take_input(&mut self, words: &[f32]) {
        let input = self.net.graph.input;
        let (pictures, len) = self.unpack(input, words);
        self.chain.values[input] = f64s(&pictures);
        self.labels = words[len..].iter().map(|w| w.to_bits() as u8).collect();
        self.values[input] = pictures;
    }

    fn push(&mut self, layer: String, quantity: Quantity, deviation: f64, drift: Option<f64>) {
        self.checks.push(Check { layer, quantity, deviation, tolerance: quantity.tolerance(), drift });
    }

    pub(super) fn check_forward(&mut self, i: usize, words: &[f32]) {
        let graph = &self.net.graph;
        let node = &graph.nodes[i];
        let (name, output, n) = (node.name.clone(), node.op.output(), self.labels.len());
        let (got, _) = self.unpack(output, words);
        let mut values = vec![Vec::new(); graph.tensors.len()];
        values[node.op.input()] = f64s(&self.values[node.op.input()]);
        if let Op::Affine(a) = &node.op
            && let Some((shortcut, _)) = a.residual
        {
            values[shortcut] = f64s(&self.values[shortcut]);
        }
        let mode = reference::Mode::Train;
        self.reference.forward_node(i, n, mode, &mut values, &mut self.stats);
        self.reference.forward_node(i, n, mode, &mut self.chain.values, &mut self.chain.stats);
        let drift = deviation(&got, &self.chain.values[output]);
        self.push(name, Quantity::Output, deviation(&got, &values[output]), Some(drift));
        self.values[output] = got;
    }

    pub(super) fn check_loss(&mut self, words: &[f32]) {
        let (logits, classes, n) = (self.net.graph.logits, self.net.graph.spec.classes, self.labels.len());
        let (got, len) = self.unpack(logits, words);
        let losses = words[len..].chunks_exact(4).map(|r| f64::from(r[0]));
        self.loss = losses.sum::<f64>() / n as f64;
        let mine = f64s(&self.values[logits]);
        let loss = reference::cross_entropy(&mine, classes, &self.labels);
        let gradient = reference::cross_entropy_gradient(&mine, classes, &self.labels);
        let chain = &mut self.chain;
        chain.loss = reference::cross_entropy(&chain.values[logits], classes, &self.labels);
        chain.tensors = chain.values.iter().map(|v| vec![0.0; v.len()]).collect();
        chain.tensors[logits] =
            reference::cross_entropy_gradient(&chain.values[logits], classes, &self.labels);
        let (drift, gradient_drift) =
            (deviation(&[self.loss as f32], &[chain.loss]), deviation(&got, &chain.tensors[logits]));
        self.push("loss".into(), Quantity::Loss, deviation(&[self.loss as f32], &[loss]), Some(drift));
        let off = deviation(&got, &gradient);
        self.push("loss".into(), Quantity::InputGradient, off, Some(gradient_drift));
        self.grads[logits] = got;
    }

    pub(super) fn check_backward(&mut self, i: usize, words: &[f32]) {
        let graph = &self.net.graph;
        let node = &graph.nodes[i];
        let (name, output, n) = (node.name.clone(), node.op.output(), self.labels.len());
        let (inputs, params) = (self.inputs(i), self.params(i));
        let mut values = vec![Vec::new(); graph.tensors.len()];
        for t in [node.op.input(), output] {
            values[t] = f64s(&self.values[t]);
        }
        // What other consumers have left there already stays in the sum.
        let mut tensors = vec![Vec::new(); graph.tensors.len()];
        for &t in &inputs {
            tensors[t] =
                if self.grads[t].is_empty() { vec![0.0; self.values[t].len()] } else { f64s(&self.grads[t]) };
        }
        tensors[output] = f64s(&self.grads[output]);
        let mut mine = vec![Vec::new(); graph.params.len()];
        self.reference.backward_node(i, n, &values, &self.stats, &mut mine, &mut tensors);
        let Chain { values, stats, params: chain_params, tensors: chain_tensors, .. } = &mut self.chain;
        self.reference.backward_node(i, n, values, stats, chain_params, chain_tensors);
        let mut at = 0;
        for (k, &t) in inputs.iter().enumerate() {
            let (got, len) = self.unpack(t, &words[at..]);
            at += len;
            let quantity = if k == 0 { Quantity::InputGradient } else { Quantity::ShortcutGradient };
            self.push(name.clone(), quantity, deviation(&got, &tensors[t]), None);
            self.grads[t] = got;
        }
        for (p, quantity) in params {
            let len = self.net.layout.params[p].bytes as usize / 4;
            let got = from_gpu(&self.net.graph.params[p], &words[at..at + len]);
            at += len;
            let drift = deviation(&got, &self.chain.params[p]);
            self.push(name.clone(), quantity, deviation(&got, &mine[p]), Some(drift));
            self.param_grads[p] = got;
        }
    }

    /// The optimiser's step, given the GPU's gradients.
    pub(super) fn check_update(&mut self, state: &NetworkState) {
        let nodes = 0..self.net.graph.nodes.len();
        let owned: Vec<(usize, usize)> =
            nodes.flat_map(|i| self.params(i).into_iter().map(move |(p, _)| (i, p))).collect();
        for (i, p) in owned {
            let mut w = self.reference.params[p].clone();
            let mut v = self.reference.velocity[p].clone();
            reference::sgd_step(&mut w, &mut v, &f64s(&self.param_grads[p]), &self.sgd);
            let off = deviation(&state.params[p], &w).max(deviation(&state.velocity[p], &v));
            self.push(self.net.graph.nodes[i].name.clone(), Quantity::Update, off, None);
        }
    }
}
