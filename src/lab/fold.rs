//! A network in evaluation mode as one without batch norm: with fixed statistics a batch norm is a scale and a shift,
//! which the convolution before it and a bias take over.

use crate::engine::NetworkState;
use crate::engine::reference::EPS;
use crate::model::{Affine, AffineKind, Graph, ModelSpec, Op, SpecError};

/// The graph without batch norm that computes what `graph` with `state` does in evaluation mode, and its parameters in
/// double precision. Its nodes are those of `graph`, one by one.
///
/// Its gradients are those of the evaluation mode, where statistics are constants and pictures do not see one another.
///
/// # Errors
/// Never for the specification of a valid graph.
pub fn folded(graph: &Graph, state: &NetworkState) -> Result<(Graph, Vec<Vec<f64>>), SpecError> {
    let bare = Graph::new(&ModelSpec { batch_norm: false, ..graph.spec.clone() })?;
    let f64s = |v: &[f32]| v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let mut params: Vec<Vec<f64>> = bare.params.iter().map(|p| vec![0.0; p.len()]).collect();
    for (node, plain) in graph.nodes.iter().zip(&bare.nodes) {
        match (&node.op, &plain.op) {
            (Op::Conv(c), Op::Conv(to)) => params[to.weight] = f64s(&state.params[c.weight]),
            (Op::Affine(a), Op::Affine(Affine { kind: AffineKind::Bias { bias: to }, .. })) => match a.kind {
                AffineKind::Bias { bias } => params[*to] = f64s(&state.params[bias]),
                AffineKind::BatchNorm { gamma, beta, norm } => {
                    let of = |v: &[f32], c: usize| f64::from(v[c]);
                    let scale: Vec<f64> = (0..graph.tensors[a.input].c)
                        .map(|c| of(&state.params[gamma], c) / (of(&state.running_var[norm], c) + EPS).sqrt())
                        .collect();
                    let shift =
                        |c: usize| of(&state.params[beta], c) - of(&state.running_mean[norm], c) * scale[c];
                    params[*to] = (0..scale.len()).map(shift).collect();
                    if let Some(weight) = weight_before(&bare, plain.op.input()) {
                        let filter = params[weight].len() / scale.len();
                        for (w, s) in params[weight].chunks_exact_mut(filter).zip(&scale) {
                            w.iter_mut().for_each(|w| *w *= s);
                        }
                    }
                }
            },
            _ => {}
        }
    }
    Ok((bare, params))
}

/// The weight of the convolution that makes `tensor`.
fn weight_before(graph: &Graph, tensor: usize) -> Option<usize> {
    graph.nodes.iter().find_map(|n| match &n.op {
        Op::Conv(c) if c.output == tensor => Some(c.weight),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{reference, weights};
    use crate::model::{Shortcut, by_name};

    #[test]
    fn a_folded_network_computes_the_same() {
        for shortcut in [Shortcut::Projection, Shortcut::ZeroPad, Shortcut::None] {
            let spec =
                ModelSpec { shortcut, input_size: 8, width: 4, ..by_name("resnet8").expect("in the zoo") };
            let graph = Graph::new(&spec).expect("valid");
            let mut state = NetworkState::initial(&graph, weights::golden(&graph, 2));
            for (i, (mean, var)) in state.running_mean.iter_mut().zip(&mut state.running_var).enumerate() {
                mean.iter_mut().enumerate().for_each(|(c, m)| *m = 0.1 * (i + c) as f32 - 0.3);
                var.iter_mut().enumerate().for_each(|(c, v)| *v = 0.5 + 0.2 * c as f32);
            }
            let mut with = reference::Network::from_f32(graph.clone(), &state.params);
            let f64s = |v: &Vec<f32>| v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
            with.running_mean = state.running_mean.iter().map(f64s).collect();
            with.running_var = state.running_var.iter().map(f64s).collect();
            let (bare, params) = folded(&graph, &state).expect("valid");
            assert_eq!(bare.nodes.len(), graph.nodes.len());
            let without = reference::Network::new(bare, params);
            let images: Vec<f64> = (0..2 * 3 * 64).map(|i| f64::from(i * 37 % 101) / 50.0 - 1.0).collect();
            let (a, b) = (with.forward_eval(&images, &[0, 1]), without.forward_eval(&images, &[0, 1]));
            for (x, y) in a.logits.iter().zip(&b.logits) {
                assert!((x - y).abs() < 1e-10 * x.abs().max(1.0), "{x} {y}");
            }
        }
    }
}
