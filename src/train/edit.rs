//! Lesions that change a network's numbers: blocks that change places (Veit et al. 2016, §4.3), and weights that do.

use super::trainer::shuffled;
use crate::engine::NetworkState;
use crate::model::{Graph, ParamKind};

/// Numbers that change places; blocks are counted from 0 over the whole network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Two blocks with the same layers: weights, velocities and running statistics.
    Swap(usize, usize),
    /// The numbers in each convolution of a block, at random; batch norm stays. Not in the paper.
    Scramble { block: usize, seed: u64 },
    /// Back to where a [`Scramble`](Self::Scramble) took them from.
    Unscramble { block: usize, seed: u64 },
}

impl Edit {
    /// What takes it back.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Swap(a, b) => Self::Swap(a, b),
            Self::Scramble { block, seed } => Self::Unscramble { block, seed },
            Self::Unscramble { block, seed } => Self::Scramble { block, seed },
        }
    }

    /// Does it to the numbers of `graph`.
    pub fn apply(self, graph: &Graph, state: &mut NetworkState) {
        match self {
            Self::Swap(a, b) => swap(graph, state, a, b),
            Self::Scramble { block, seed } => {
                permute(graph, state, block, seed, |order, v| order.iter().map(|&i| v[i as usize]).collect());
            }
            Self::Unscramble { block, seed } => permute(graph, state, block, seed, |order, v| {
                let mut back = vec![0.0; v.len()];
                order.iter().zip(v).for_each(|(&i, x)| back[i as usize] = *x);
                back
            }),
        }
    }
}

fn swap(graph: &Graph, state: &mut NetworkState, a: usize, b: usize) {
    let (a, b) = (format!("{}.", graph.blocks[a].name), format!("{}.", graph.blocks[b].name));
    for (i, p) in graph.params.iter().enumerate() {
        let twin = p.name.strip_prefix(&a).and_then(|rest| graph.param(&format!("{b}{rest}")));
        if let Some(j) = twin {
            state.params.swap(i, j);
            state.velocity.swap(i, j);
        }
    }
    for (i, (name, _)) in graph.norms.iter().enumerate() {
        let Some(rest) = name.strip_prefix(&a) else { continue };
        let twin = format!("{b}{rest}");
        if let Some(j) = graph.norms.iter().position(|(n, _)| *n == twin) {
            state.running_mean.swap(i, j);
            state.running_var.swap(i, j);
        }
    }
}

/// Permutes the numbers within each convolution of block `b`, and their velocities with them.
fn permute(
    graph: &Graph,
    state: &mut NetworkState,
    b: usize,
    seed: u64,
    by: impl Fn(&[u32], &[f32]) -> Vec<f32>,
) {
    let prefix = format!("{}.", graph.blocks[b].name);
    for (i, p) in graph.params.iter().enumerate() {
        if p.kind == ParamKind::Weight && p.name.starts_with(&prefix) {
            let order = shuffled(p.len(), seed, i as u32);
            state.params[i] = by(&order, &state.params[i]);
            state.velocity[i] = by(&order, &state.velocity[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;

    fn graph() -> Graph {
        Graph::new(&by_name("resnet14").expect("in the zoo")).expect("valid")
    }

    /// Every number another one.
    fn numbered(g: &Graph) -> NetworkState {
        let mut at = 0.0;
        let mut next = |n: usize| -> Vec<f32> {
            (0..n)
                .map(|_| {
                    at += 1.0;
                    at
                })
                .collect()
        };
        NetworkState {
            params: g.params.iter().map(|p| next(p.len())).collect(),
            velocity: g.params.iter().map(|p| next(p.len())).collect(),
            running_mean: g.norms.iter().map(|n| next(n.1)).collect(),
            running_var: g.norms.iter().map(|n| next(n.1)).collect(),
        }
    }

    /// That every number's velocity goes where the number goes.
    fn stay_together(a: &NetworkState, b: &NetworkState) {
        let apart = |s: &NetworkState| -> Vec<Vec<f32>> {
            let each = s.params.iter().zip(&s.velocity);
            each.map(|(p, v)| p.iter().zip(v).map(|(p, v)| v - p).collect()).collect()
        };
        // The distance is the same for all numbers of `numbered`.
        assert_eq!(apart(a), apart(b));
    }

    #[test]
    fn swapped_blocks_take_weights_and_statistics_with_them() {
        let g = graph();
        let before = numbered(&g);
        let mut after = before.clone();
        let edit = Edit::Swap(0, 1);
        edit.apply(&g, &mut after);
        let at = |n: &str| g.param(n).expect(n);
        let norm = |n: &str| g.norms.iter().position(|x| x.0 == n).expect(n);
        assert_eq!(after.params[at("layer1.0.conv2.weight")], before.params[at("layer1.1.conv2.weight")]);
        assert_eq!(after.params[at("layer1.1.bn1.bias")], before.params[at("layer1.0.bn1.bias")]);
        assert_eq!(after.running_var[norm("layer1.0.bn2")], before.running_var[norm("layer1.1.bn2")]);
        let moved = after.params.iter().zip(&before.params).filter(|(a, b)| a != b).count();
        assert_eq!(moved, 2 * 6);
        stay_together(&after, &before);
        edit.inverse().apply(&g, &mut after);
        assert_eq!(after, before);
    }

    #[test]
    fn a_scramble_moves_the_numbers_of_one_blocks_convolutions() {
        let g = graph();
        let before = numbered(&g);
        let mut after = before.clone();
        let edit = Edit::Scramble { block: 3, seed: 7 };
        edit.apply(&g, &mut after);
        for ((p, a), b) in g.params.iter().zip(&after.params).zip(&before.params) {
            let meant = p.name.starts_with("layer2.1.conv");
            assert_eq!(a != b, meant, "{}", p.name);
            let mut sorted = a.clone();
            sorted.sort_by(f32::total_cmp);
            assert_eq!(&sorted, b, "the same numbers");
        }
        stay_together(&after, &before);
        let mut other = before.clone();
        Edit::Scramble { block: 3, seed: 8 }.apply(&g, &mut other);
        assert_ne!(other, after);
        edit.inverse().apply(&g, &mut after);
        assert_eq!(after, before);
    }
}
