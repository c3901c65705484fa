//! The two directions that span a surface: random ones, or those in which a run has moved most.

use crate::engine::weights;
use crate::model::{Graph, ParamKind};
use serde::Serialize;

/// A change of every parameter, in the order and layout of [`Graph::params`].
pub type Direction = Vec<Vec<f32>>;

/// Random direction number `which` of `seed`, normalised filter by filter (Li et al. 2018, §4): the numbers that belong
/// to one output channel have the norm of that channel's weights. Zero for batch norm's parameters and biases.
pub fn filter_normalised(graph: &Graph, params: &[Vec<f32>], seed: u64, which: u32) -> Direction {
    let direction = |(p, w): (&crate::model::Param, &Vec<f32>)| {
        if p.kind != ParamKind::Weight {
            return vec![0.0; w.len()];
        }
        let name = format!("landscape{which}:{}", p.name);
        let mut d: Vec<f32> = (0..w.len() as u64).map(|i| weights::normal(seed, &name, i) as f32).collect();
        let filter = w.len() / p.shape[0];
        for (d, w) in d.chunks_exact_mut(filter).zip(w.chunks_exact(filter)) {
            let scale = norm(w) / norm(d).max(f64::MIN_POSITIVE);
            d.iter_mut().for_each(|d| *d = (f64::from(*d) * scale) as f32);
        }
        d
    };
    graph.params.iter().zip(params).map(direction).collect()
}

fn norm(v: &[f32]) -> f64 {
    v.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt()
}

/// The plane of a run: its first two principal components.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plane {
    /// Orthogonal directions of length 1.
    #[serde(skip)]
    pub directions: [Direction; 2],
    /// Share of the run's variance along each.
    pub explained: [f64; 2],
    /// The snapshots in the plane, as coordinates from the last one.
    pub path: Vec<[f64; 2]>,
}

/// Principal components of `snapshots` (Li et al. 2018, §7.2), whose last one is the plane's origin: of the weights'
/// differences from it; batch norm's parameters and biases count as unmoved.
///
/// `None` if there are fewer than three snapshots, or they lie on one line.
pub fn principal(graph: &Graph, snapshots: &[Vec<Vec<f32>>]) -> Option<Plane> {
    let (last, rest) = snapshots.split_last()?;
    let m = rest.len();
    let moves = |p: usize| graph.params[p].kind == ParamKind::Weight;
    let params: Vec<usize> = (0..graph.params.len()).filter(|&p| moves(p)).collect();
    let difference = |i: usize, p: usize, k: usize| f64::from(rest[i][p][k]) - f64::from(last[p][k]);
    let mean: Vec<Vec<f64>> = params
        .iter()
        .map(|&p| {
            let of = |k: usize| (0..m).map(|i| difference(i, p, k)).sum::<f64>() / m as f64;
            (0..last[p].len()).map(of).collect()
        })
        .collect();
    // Scalar products of the centred differences: as small as the snapshots are few.
    let mut gram = vec![vec![0.0; m]; m];
    for i in 0..m {
        for j in 0..=i {
            let mut sum = 0.0;
            for (&p, mean) in params.iter().zip(&mean) {
                for (k, mean) in mean.iter().enumerate() {
                    sum += (difference(i, p, k) - mean) * (difference(j, p, k) - mean);
                }
            }
            (gram[i][j], gram[j][i]) = (sum, sum);
        }
    }
    let total: f64 = (0..m).map(|i| gram[i][i]).sum();
    let (values, vectors) = eigen(gram);
    if m < 2 || values[1] <= total * 1e-12 {
        return None;
    }
    let direction = |e: usize| -> Direction {
        let mut out: Direction = graph.params.iter().map(|p| vec![0.0; p.len()]).collect();
        for (&p, mean) in params.iter().zip(&mean) {
            for (k, mean) in mean.iter().enumerate() {
                let sum: f64 = (0..m).map(|i| vectors[e][i] * (difference(i, p, k) - mean)).sum();
                out[p][k] = (sum / values[e].sqrt()) as f32;
            }
        }
        out
    };
    let directions = [direction(0), direction(1)];
    let along = |i: usize, d: &Direction| -> f64 {
        let of = |&p: &usize| (0..d[p].len()).map(|k| difference(i, p, k) * f64::from(d[p][k])).sum::<f64>();
        params.iter().map(of).sum()
    };
    let mut path: Vec<[f64; 2]> = (0..m).map(|i| [0, 1].map(|e| along(i, &directions[e]))).collect();
    path.push([0.0; 2]);
    Some(Plane { directions, explained: [values[0] / total, values[1] / total], path })
}

/// Eigenvalues of a symmetric matrix, largest first, and their vectors of length 1: Jacobi's rotations.
fn eigen(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut v: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let scale: f64 = (0..n).map(|i| a[i][i].abs()).sum();
    for _ in 0..100 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j].abs()).sum();
        if off <= scale * 1e-15 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let t = if theta == 0.0 { 1.0 } else { t };
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for k in 0..n {
                    let (x, y) = (a[k][p], a[k][q]);
                    (a[k][p], a[k][q]) = (c * x - s * y, s * x + c * y);
                }
                for k in 0..n {
                    let (x, y) = (a[p][k], a[q][k]);
                    (a[p][k], a[q][k]) = (c * x - s * y, s * x + c * y);
                }
                for row in &mut v {
                    let (x, y) = (row[p], row[q]);
                    (row[p], row[q]) = (c * x - s * y, s * x + c * y);
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j][j].total_cmp(&a[i][i]));
    let vector = |&e: &usize| v.iter().map(|row| row[e]).collect();
    (order.iter().map(|&e| a[e][e]).collect(), order.iter().map(vector).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ModelSpec, by_name};
    use crate::train::Init;

    fn graph() -> Graph {
        Graph::new(&ModelSpec { width: 4, ..by_name("resnet8").expect("in the zoo") }).expect("valid")
    }

    #[test]
    fn filters_keep_their_norm_and_the_rest_stays() {
        let g = graph();
        let params = weights::init(&g, Init::He, 1);
        let d = filter_normalised(&g, &params, 7, 0);
        for ((p, w), d) in g.params.iter().zip(&params).zip(&d) {
            if p.kind != ParamKind::Weight {
                assert!(d.iter().all(|d| *d == 0.0), "{}", p.name);
                continue;
            }
            let filter = w.len() / p.shape[0];
            for (d, w) in d.chunks_exact(filter).zip(w.chunks_exact(filter)) {
                assert!((norm(d) / norm(w) - 1.0).abs() < 1e-5, "{}", p.name);
            }
        }
        assert_ne!(d, filter_normalised(&g, &params, 7, 1));
        assert_eq!(d, filter_normalised(&g, &params, 7, 0));
    }

    #[test]
    fn eigenvalues_of_a_known_matrix() {
        let (values, vectors) = eigen(vec![vec![2.0, 1.0, 0.0], vec![1.0, 2.0, 0.0], vec![0.0, 0.0, 5.0]]);
        for (value, wanted) in values.iter().zip([5.0, 3.0, 1.0]) {
            assert!((value - wanted).abs() < 1e-12, "{values:?}");
        }
        assert!((vectors[1][0] - vectors[1][1]).abs() < 1e-12 && vectors[1][2].abs() < 1e-12);
    }

    #[test]
    fn a_path_in_a_plane_is_found_with_its_coordinates() {
        let g = graph();
        let base = weights::init(&g, Init::He, 1);
        let (u, v) = (filter_normalised(&g, &base, 1, 0), filter_normalised(&g, &base, 1, 1));
        let at = |a: f32, b: f32| -> Vec<Vec<f32>> {
            let one = |p: usize| {
                (0..base[p].len()).map(|k| base[p][k] + a * u[p][k] + b * v[p][k]).collect::<Vec<f32>>()
            };
            (0..base.len()).map(one).collect()
        };
        let snapshots = [at(3.0, 0.0), at(2.0, 0.5), at(1.0, -0.5), at(0.5, 0.25), at(0.0, 0.0)];
        let plane = principal(&g, &snapshots).expect("a plane");
        assert!(plane.explained[0] > plane.explained[1]);
        assert!((plane.explained[0] + plane.explained[1] - 1.0).abs() < 1e-6, "{:?}", plane.explained);
        // Distances from the last snapshot are kept.
        for (snapshot, at) in snapshots.iter().zip(&plane.path) {
            let distance: f64 = g
                .params
                .iter()
                .enumerate()
                .map(|(p, _)| {
                    let d: Vec<f32> = snapshot[p].iter().zip(&snapshots[4][p]).map(|(a, b)| a - b).collect();
                    norm(&d).powi(2)
                })
                .sum::<f64>()
                .sqrt();
            assert!((at[0].hypot(at[1]) - distance).abs() < 1e-3 * distance.max(1.0), "{distance} {at:?}");
        }
        assert!(principal(&g, &snapshots[3..]).is_none(), "two snapshots are no plane");
        assert!(principal(&g, &[at(2.0, 0.0), at(1.0, 0.0), at(0.0, 0.0)]).is_none(), "a line is no plane");
    }
}
