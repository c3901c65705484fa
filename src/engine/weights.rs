//! Initial weights as pure functions of a seed, a parameter's name and an element's index.
//!
//! No generator is threaded through the network: element i of a parameter is computed from a counter.
//! So a residual network and its plain twin, a deep one and a shallow one, one with batch norm and one
//! without start from the same numbers wherever they have a tensor in common, and what a race between
//! them shows is the architecture and not the draw. Logarithm and cosine come from `libm`, never from
//! the platform, so that a browser and a desktop start from the same bits.
//!
//! [`golden`] and [`peers`] repeat two schemes fixed elsewhere, to compare with runs made by PyTorch
//! (`shared/golden`) and by browser frameworks (`shared/peers`).

use crate::model::{Graph, Param, ParamKind};
use crate::train::Init;

/// 2^64 over the golden ratio: the step of splitmix64's counter.
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// splitmix64's next output after state `z` (Steele, Lea & Flood 2014): a bijection that mixes well
/// enough to be used on consecutive integers.
pub fn splitmix64(z: u64) -> u64 {
    let z = z.wrapping_add(GOLDEN_GAMMA);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// FNV-1a, 64 bits.
fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3))
}

/// Random numbers by index; which ones follows from seed and name alone.
#[derive(Clone, Copy)]
struct Stream(u64);

impl Stream {
    /// splitmix64(splitmix64(seed) ⊕ FNV-1a(name)). Checkpoints and links that name a seed rely on it:
    /// never change it.
    fn new(seed: u64, name: &str) -> Self {
        Self(splitmix64(splitmix64(seed) ^ fnv1a(name.bytes())))
    }

    /// 53 random bits: number `i` as an integer in 0..2^53.
    fn bits(self, i: u64) -> u64 {
        splitmix64(self.0.wrapping_add(i)) >> 11
    }

    /// Number `i`, uniform in [−1, 1).
    fn uniform(self, i: u64) -> f64 {
        self.bits(i) as f64 / (1u64 << 52) as f64 - 1.0
    }

    /// Number `i`, standard normal: Box–Muller on the uniform numbers 2i and 2i + 1. The sine half of
    /// each pair is thrown away to keep element i independent of its neighbours.
    fn normal(self, i: u64) -> f64 {
        let unit = 1.0 / (1u64 << 53) as f64;
        // In (0, 1], because ln 0 is not a number one can start training from.
        let radius = (self.bits(2 * i) + 1) as f64 * unit;
        let angle = self.bits(2 * i + 1) as f64 * unit;
        libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(std::f64::consts::TAU * angle)
    }
}

/// Number `i` of a standard normal stream that follows from `seed` and `name`.
pub fn normal(seed: u64, name: &str, i: u64) -> f64 {
    Stream::new(seed, name).normal(i)
}

/// Initial parameters in the order of [`Graph::params`], each in PyTorch's layout.
///
/// Every batch norm starts as γ = 1, β = 0. Weights and biases follow `init`:
/// - [`Init::Torch`]: both uniform in ±1/√fan_in of their layer, PyTorch's defaults.
/// - [`Init::He`]: weights (the classifier's too) normal with standard deviation √(2/fan_in), biases 0
///   (He et al. 2015, arXiv 1502.01852, §2.2, forward case).
/// - [`Init::Fixup`]: the same numbers times [`fixup_scale`].
///
/// A tensor depends on `init`, `seed`, its own name, shape and fan-in and, with `Fixup`, on the number of blocks,
/// and on nothing else.
pub fn init(graph: &Graph, init: Init, seed: u64) -> Vec<Vec<f32>> {
    let scale = |p: &Param| if init == Init::Fixup { fixup_scale(graph, &p.name) } else { 1.0 };
    graph.params.iter().map(|p| init_param(p, init, seed, scale(p))).collect()
}

/// What Fixup multiplies the weight called `name` by (Zhang et al. 2019, §3, rules 1 and 2): 0 for the classifier
/// and the last convolution of a branch, L^(−1/(2m−2)) for its others, L being the network's blocks and m a branch's
/// convolutions; 1 for stem and projections.
pub fn fixup_scale(graph: &Graph, name: &str) -> f64 {
    if name == "fc.weight" {
        return 0.0;
    }
    let convolutions = graph.spec.block.convolutions();
    let number = name.strip_suffix(".weight").and_then(|n| n.rsplit_once(".conv")?.1.parse::<usize>().ok());
    match number {
        Some(n) if n == convolutions => 0.0,
        Some(_) => libm::pow(graph.blocks.len() as f64, -1.0 / (2.0 * convolutions as f64 - 2.0)),
        None => 1.0,
    }
}

fn init_param(p: &Param, init: Init, seed: u64, scale: f64) -> Vec<f32> {
    let stream = Stream::new(seed, &p.name);
    let fan_in = p.fan_in as f64;
    let fill = |f: &dyn Fn(u64) -> f64| (0..p.len() as u64).map(|i| f(i) as f32).collect();
    match (p.kind, init) {
        (ParamKind::Gamma, _) => vec![1.0; p.len()],
        (ParamKind::Beta, _) | (ParamKind::Bias, Init::He | Init::Fixup) => vec![0.0; p.len()],
        (ParamKind::Weight | ParamKind::Bias, Init::Torch) => {
            let bound = 1.0 / libm::sqrt(fan_in);
            fill(&|i| stream.uniform(i) * bound)
        }
        (ParamKind::Weight, Init::He | Init::Fixup) => {
            let std = libm::sqrt(2.0 / fan_in) * scale;
            fill(&|i| stream.normal(i) * std)
        }
    }
}

/// The weights of the golden cases (`shared/golden/FORMAT.md`), rounded to f32.
pub fn golden(graph: &Graph, seed: u64) -> Vec<Vec<f32>> {
    golden_f64(graph, seed).iter().map(|p| p.iter().map(|&x| x as f32).collect()).collect()
}

/// The weights of the golden cases before rounding: what their answers were computed from.
///
/// Element i of parameter tensor t is u = (splitmix64(((seed << 40) ⊕ (t << 32)) + i) >> 40)/2^23 − 1.
/// Weights are u·√(6/fan_in), batch norm's γ is 1 + u/10, all else u/10.
pub fn golden_f64(graph: &Graph, seed: u64) -> Vec<Vec<f64>> {
    let tensor = |(t, p): (usize, &Param)| {
        let base = (seed << 40) ^ ((t as u64) << 32);
        let uniform = |i: u64| (splitmix64(base.wrapping_add(i)) >> 40) as f64 / (1u64 << 23) as f64 - 1.0;
        let (offset, scale) = match p.kind {
            ParamKind::Weight => (0.0, libm::sqrt(6.0 / p.fan_in as f64)),
            ParamKind::Gamma => (1.0, 0.1),
            ParamKind::Bias | ParamKind::Beta => (0.0, 0.1),
        };
        (0..p.len() as u64).map(|i| offset + scale * uniform(i)).collect()
    };
    graph.params.iter().enumerate().map(tensor).collect()
}

/// `n` numbers of tensor `id` in ±`bound`, as `shared/peers/src/common.js` makes them: mulberry32's
/// output function on a counter, so that JavaScript's 32-bit integers suffice.
fn peer_uniform(id: u32, n: usize, bound: f64) -> Vec<f32> {
    let seed = id.wrapping_add(1).wrapping_mul(0x9E37_79B9);
    let element = |i: u32| {
        let a = seed.wrapping_add(i.wrapping_add(1).wrapping_mul(0x6D2B_79F5));
        let t = (a ^ (a >> 15)).wrapping_mul(a | 1);
        let t = t.wrapping_add((t ^ (t >> 7)).wrapping_mul(t | 61)) ^ t;
        let u = f64::from(t ^ (t >> 14)) / 4_294_967_296.0;
        ((u * 2.0 - 1.0) * bound) as f32
    };
    (0..n as u32).map(element).collect()
}

/// The weights that the peers in `shared/peers` start from.
///
/// Convolutions are numbered in the order of [`Graph::params`] and uniform in ±√(6/fan_in); the
/// classifier has the next number, is uniform in ±1/√fan_in and drawn as `[in, classes]`, here turned
/// into PyTorch's `[classes, in]`. γ = 1; β and biases are 0.
pub fn peers(graph: &Graph) -> Vec<Vec<f32>> {
    let mut id = 0;
    let mut weight = |p: &Param| {
        let number = id;
        id += 1;
        match p.shape[..] {
            [classes, cin] => {
                let drawn = peer_uniform(number, p.len(), 1.0 / libm::sqrt(cin as f64));
                (0..classes).flat_map(|k| drawn.iter().skip(k).step_by(classes).copied()).collect()
            }
            _ => peer_uniform(number, p.len(), libm::sqrt(6.0 / p.fan_in as f64)),
        }
    };
    let tensor = |p: &Param| match p.kind {
        ParamKind::Weight => weight(p),
        ParamKind::Gamma => vec![1.0; p.len()],
        ParamKind::Bias | ParamKind::Beta => vec![0.0; p.len()],
    };
    graph.params.iter().map(tensor).collect()
}

/// The peers' pictures, `[batch, 3, 32, 32]`, uniform in ±1: the same batch in every step.
pub fn peers_inputs(batch: usize) -> Vec<f32> {
    peer_uniform(1000, batch * 3 * 32 * 32, 1.0)
}

/// The peers' labels: 0 to 9, again and again.
pub fn peers_labels(batch: usize) -> Vec<u8> {
    (0..10).cycle().take(batch).collect()
}

/// One number for all bits of all parameters (FNV-1a over the little-endian bytes), to compare what
/// a browser and a desktop start from.
pub fn fingerprint(params: &[Vec<f32>]) -> u64 {
    fnv1a(params.iter().flatten().flat_map(|x| x.to_bits().to_le_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ModelSpec, Shortcut, by_name};

    fn graph(name: &str) -> Graph {
        Graph::new(&by_name(name).expect("in the zoo")).expect("valid")
    }

    /// Every tensor that both graphs have by name and shape is the same in both; returns how many.
    fn assert_shared(a: &Graph, b: &Graph, kind: Init) -> usize {
        let (x, y) = (init(a, kind, 5), init(b, kind, 5));
        let mut shared = 0;
        for (i, p) in a.params.iter().enumerate() {
            let Some(j) = b.param(&p.name).filter(|&j| b.params[j].shape == p.shape) else { continue };
            assert!(x[i] == y[j], "{} differs", p.name);
            shared += 1;
        }
        shared
    }

    #[test]
    fn twins_share_every_tensor_they_have_in_common() {
        let without_bn =
            Graph::new(&ModelSpec { batch_norm: false, ..by_name("resnet20").expect("in the zoo") });
        let projected =
            ModelSpec { shortcut: Shortcut::Projection, ..by_name("resnet20").expect("in the zoo") };
        let projected = Graph::new(&projected).expect("valid");
        let r20 = graph("resnet20");
        for kind in [Init::Torch, Init::He] {
            let all = r20.params.len();
            assert_eq!(assert_shared(&r20, &graph("plain20"), kind), all);
            assert_eq!(assert_shared(&r20, &projected, kind), all);
            assert_eq!(assert_shared(&r20, without_bn.as_ref().expect("valid"), kind), 19 + 2);
            // Stages start alike whatever their length: the deeper network has all of the shallow one's tensors.
            assert_eq!(assert_shared(&r20, &graph("resnet56"), kind), all);
        }
    }

    #[test]
    fn seeds_and_names_draw_different_numbers() {
        let g = graph("resnet20");
        let (a, b) = (init(&g, Init::Torch, 1), init(&g, Init::Torch, 2));
        assert_ne!(a[0], b[0]);
        let (one, two) = (g.param("layer1.0.conv1.weight"), g.param("layer1.0.conv2.weight"));
        assert_ne!(a[one.expect("there")], a[two.expect("there")]);
    }

    fn moments(x: &[f32]) -> (f64, f64) {
        let n = x.len() as f64;
        let mean = x.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        (mean, (x.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n).sqrt())
    }

    /// Means and deviations within five standard errors of n draws.
    #[test]
    fn distributions_are_pytorchs_and_hes() {
        let g = graph("resnet18");
        for (kind, seed) in [(Init::Torch, 1), (Init::He, 2)] {
            for (p, x) in g.params.iter().zip(init(&g, kind, seed)) {
                assert_eq!(x.len(), p.len());
                let (n, fan_in) = (p.len() as f64, p.fan_in as f64);
                let (mean, std) = moments(&x);
                let (expected, fourth) = match (p.kind, kind) {
                    (ParamKind::Gamma, _) => {
                        assert!(x.iter().all(|&x| x == 1.0));
                        continue;
                    }
                    (ParamKind::Weight | ParamKind::Bias, Init::Torch) => {
                        let bound = 1.0 / fan_in.sqrt();
                        let largest = x.iter().fold(0.0, |m: f64, &x| m.max(f64::from(x).abs()));
                        assert!(largest <= bound * (1.0 + 1e-7), "{}", p.name);
                        assert!(largest > bound * (1.0 - 10.0 / n), "{}", p.name);
                        (bound / 3f64.sqrt(), 1.8)
                    }
                    (ParamKind::Weight, _) => ((2.0 / fan_in).sqrt(), 3.0),
                    (ParamKind::Beta | ParamKind::Bias, _) => {
                        assert!(x.iter().all(|&x| x == 0.0));
                        continue;
                    }
                };
                assert!(mean.abs() < 5.0 * expected / n.sqrt(), "{}: mean {mean}", p.name);
                // Relative standard error of a standard deviation: √((kurtosis − 1)/4n).
                let off = (std / expected - 1.0).abs();
                assert!(off < 5.0 * ((fourth - 1.0) / (4.0 * n)).sqrt(), "{}: {std} for {expected}", p.name);
            }
        }
    }

    #[test]
    fn fixup_scales_branches_by_depth_and_starts_their_last_convolutions_at_zero() {
        for (name, blocks, per_block) in [("resnet18", 8f64, 2), ("resnet50", 16.0, 3)] {
            let g = graph(name);
            let (he, fixup) = (init(&g, Init::He, 3), init(&g, Init::Fixup, 3));
            let (mut zero, mut scaled) = (0, 0);
            for ((p, he), x) in g.params.iter().zip(he).zip(fixup) {
                let in_branch = p.name.starts_with("layer") && p.name.contains(".conv");
                let last = p.name.contains(&format!(".conv{per_block}."));
                if p.name == "fc.weight" || (in_branch && last) {
                    assert!(x.iter().all(|x| *x == 0.0), "{}", p.name);
                    zero += 1;
                } else if in_branch {
                    let (_, std) = moments(&x);
                    let expected =
                        (2.0 / p.fan_in as f64).sqrt() * blocks.powf(-0.5 / (per_block as f64 - 1.0));
                    let off = (std / expected - 1.0).abs();
                    assert!(off < 5.0 * (0.5 / p.len() as f64).sqrt(), "{}: {std} for {expected}", p.name);
                    scaled += 1;
                } else {
                    // Stem, projections, batch norm and bias.
                    assert!(x == he, "{}", p.name);
                }
            }
            assert_eq!((zero, scaled), (blocks as usize + 1, blocks as usize * (per_block - 1)));
        }
    }

    #[test]
    fn fixup_makes_every_block_its_shortcut_and_every_class_as_likely() {
        let spec = ModelSpec { batch_norm: false, input_size: 8, ..by_name("resnet14").expect("in the zoo") };
        let g = Graph::new(&spec).expect("valid");
        let mut net = super::super::reference::Network::from_f32(g.clone(), &init(&g, Init::Fixup, 1));
        let images: Vec<f64> = (0..2 * 3 * 64).map(|i| f64::from(i as u32 % 7) - 3.0).collect();
        let trace = net.forward_train(&images, &[3, 7]);
        for block in &g.blocks {
            let branch = g.nodes[block.affine].op.input();
            assert!(trace.values[branch].iter().all(|f| *f == 0.0), "{}", block.name);
            let shortcut = block.shortcut.expect("a residual network");
            assert_eq!(trace.values[block.output], trace.values[shortcut], "{}", block.name);
        }
        assert!((trace.loss - 10f64.ln()).abs() < 1e-12);
        // With the classifier at 0 only its own weights have a gradient in the first step.
        let grads = net.backward(&trace);
        for (p, g) in g.params.iter().zip(grads.params) {
            assert_eq!(g.iter().any(|g| *g != 0.0), p.name.starts_with("fc."), "{}", p.name);
        }
    }

    fn bits(p: &[f32], at: &[usize]) -> Vec<u32> {
        at.iter().map(|&i| p[i].to_bits()).collect()
    }

    /// Computed from the definitions by other programs (Python, Node); a change here breaks every seed
    /// ever written down.
    #[test]
    fn numbers_are_pinned_to_the_bit() {
        let g = graph("resnet20");
        let torch = init(&g, Init::Torch, 1);
        assert_eq!(bits(&torch[0], &[0, 1, 431]), [0xBD27_FA93, 0xBDD5_01C2, 0xBE05_DECD]);
        assert_eq!(bits(&torch[torch.len() - 1], &[0, 9]), [0x3D28_DFAC, 0xBDAF_3A69]);
        let he = init(&g, Init::He, 1);
        assert_eq!(bits(&he[0], &[0, 1, 431]), [0x3D40_EA74, 0x3D62_A01B, 0xBE41_3D1F]);
        assert_eq!([fingerprint(&torch), fingerprint(&he)], [0x69E2_BBDE_3DD0_C5C2, 0x70A0_702F_EDC2_A8FC]);
    }

    #[test]
    fn golden_weights_are_formats() {
        let g = graph("resnet20");
        let w = golden_f64(&g, 1);
        let scale = (6.0f64 / 27.0).sqrt();
        let u = [-0.7510546445846558, -0.1453549861907959, 0.4927178621292114];
        assert_eq!([w[0][0], w[0][1], w[0][431]], u.map(|u| u * scale));
        let beta = &golden_f64(&g, 7)[2];
        assert_eq!([beta[0], beta[15]], [0.8183399438858032 * 0.1, -0.5059847831726074 * 0.1]);
        assert!(w[1].iter().all(|x| (0.9..1.1).contains(x)));
        assert_eq!(golden(&g, 1)[0][0], w[0][0] as f32);
    }

    #[test]
    fn peers_numbers_are_those_of_javascript() {
        let spec = ModelSpec { shortcut: Shortcut::Projection, ..by_name("resnet8").expect("in the zoo") };
        let w = peers(&Graph::new(&spec).expect("valid"));
        assert_eq!(bits(&w[0], &[0, 431]), [0xBE08_3B96, 0x3EA3_4143]);
        // Drawn as [64, 10]: elements 0, 1, 10 and 639 there.
        let fc = &w[w.len() - 2];
        assert_eq!(bits(fc, &[0, 64, 1, 639]), [0xBDE5_3A6E, 0xBDF3_F05D, 0xBD84_D89D, 0xBD0D_D88C]);
        let x = peers_inputs(16);
        assert_eq!(bits(&x, &[0, x.len() - 1]), [0xBD0C_192C, 0xBF0F_FEC4]);
        assert_eq!(peers_labels(12), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    }
}
