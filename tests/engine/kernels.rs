//! Every operation against its naive f64 twin, forward and backward, over odd shapes.

use crate::harness::{Outcome, assert_close, f64s, gpu, loose_graph, random, run_ops, to_nhwc};
use skipscope::engine::layout::{RING_STEPS, vec4s};
use skipscope::engine::ops;
use skipscope::engine::program::{Buf, Mode, TRANSFORM_BYTES};
use skipscope::engine::reference::{self as f64ref, Dims, Window};
use skipscope::engine::variants::Variants;
use skipscope::engine::{Gates, StepUniform};
use skipscope::model::{Affine, AffineKind, Conv, Graph, Node, Op, Param, ParamKind};

const CHANNELS: [usize; 6] = [3, 12, 16, 20, 64, 512];
const SIZES: [usize; 4] = [1, 5, 8, 33];
const BATCHES: [usize; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const MOST_MACS: usize = 50_000_000;

fn all(variant: &str) -> Variants {
    let mut variants = Variants::default();
    for operation in skipscope::engine::variants::OPERATIONS {
        variants.set(operation, variant).expect("known");
    }
    variants.on(&gpu().facts)
}

fn param(name: &str, shape: Vec<usize>, kind: ParamKind) -> Param {
    Param { name: name.into(), shape, kind, fan_in: 1 }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct ConvCase {
    cin: usize,
    cout: usize,
    size: usize,
    batch: usize,
    window: (usize, usize),
}

impl ConvCase {
    fn win(self) -> Window {
        Window { kernel: self.window.0, stride: self.window.1, padding: self.window.0 / 2 }
    }

    fn macs(self) -> usize {
        let out = self.win().positions(self.size);
        self.batch * out * out * self.cin * self.cout * self.window.0 * self.window.0
    }

    /// Its values, for counting pairs.
    fn values(self) -> [(usize, usize); 5] {
        let w = self.window;
        [(0, self.cin), (1, self.cout), (2, self.size), (3, self.batch), (4, w.0 * 10 + w.1)]
    }
}

/// Cases such that every pair of values of two different axes that some case within the limit has,
/// occurs in one of them.
fn pairwise() -> Vec<ConvCase> {
    let mut all = Vec::new();
    for window in [(1, 1), (1, 2), (3, 1), (3, 2), (7, 1), (7, 2)] {
        for cin in CHANNELS {
            for cout in CHANNELS {
                for size in SIZES {
                    for batch in BATCHES {
                        let case = ConvCase { cin, cout, size, batch, window };
                        if case.macs() <= MOST_MACS {
                            all.push(case);
                        }
                    }
                }
            }
        }
    }
    let pairs = |c: &ConvCase| {
        let v = c.values();
        let mut list = Vec::new();
        for i in 0..v.len() {
            for j in 0..i {
                list.push((v[i], v[j]));
            }
        }
        list
    };
    let mut open: std::collections::HashSet<_> = all.iter().flat_map(&pairs).collect();
    let mut chosen = Vec::new();
    while !open.is_empty() {
        let news = |c: &ConvCase| pairs(c).iter().filter(|p| open.contains(p)).count();
        // The most new pairs; among equals the cheapest.
        let best = all.iter().max_by_key(|c| (news(c), std::cmp::Reverse(c.macs()))).copied().expect("cases");
        for p in pairs(&best) {
            open.remove(&p);
        }
        chosen.push(best);
    }
    chosen
}

/// A convolution by itself, forward and backward, on numbers that its sizes decide.
struct Convolved {
    graph: Graph,
    xd: Dims,
    yd: Dims,
    x: Vec<f32>,
    w: Vec<f32>,
    dy: Vec<f32>,
    /// What another consumer has left in the input's gradient, which is added to it.
    before: Vec<f32>,
}

impl Convolved {
    fn new(case: ConvCase) -> Self {
        let win = case.win();
        let xd = Dims { n: case.batch, c: case.cin, h: case.size, w: case.size };
        let yd = f64ref::conv2d_dims(xd, case.cout, win);
        let mut graph = loose_graph(&[xd, yd]);
        graph.params.push(param("w", vec![case.cout, case.cin, win.kernel, win.kernel], ParamKind::Weight));
        let (x, w, dy) = (random(xd.len(), 1), random(graph.params[0].len(), 2), random(yd.len(), 3));
        Self { graph, xd, yd, x, w, dy, before: random(xd.len(), 4) }
    }

    fn run(&self, case: ConvCase, variants: &Variants, transform_bytes: usize, accumulate: bool) -> Outcome {
        let ConvCase { cin, cout, batch, .. } = case;
        let Window { kernel, stride, padding } = case.win();
        let conv = Conv { input: 0, output: 1, weight: 0, cin, cout, kernel, stride, padding };
        let (graph, w) = (&self.graph, std::slice::from_ref(&self.w));
        run_ops(graph, variants, Mode::Train, batch, w, StepUniform::default(), |b| {
            b.transform_bytes = transform_bytes;
            let mut fill = vec![(b.new_value(0), to_nhwc(&self.x, self.xd))];
            ops::conv::forward(b, &conv);
            fill.push((b.new_grad(1), to_nhwc(&self.dy, self.yd)));
            if accumulate {
                fill.push((b.new_grad(0), to_nhwc(&self.before, self.xd)));
            }
            ops::conv::backward(b, &conv);
            fill
        })
    }
}

fn check_conv(case: ConvCase, variants: &Variants, transform_bytes: usize, tolerance: f64) {
    let win = case.win();
    let convolved = Convolved::new(case);
    let Convolved { graph, xd, yd, x, w, dy, before } = &convolved;
    let (x, w, dy) = (f64s(x), f64s(w), f64s(dy));
    for accumulate in [false, true] {
        let out = convolved.run(case, variants, transform_bytes, accumulate);
        let what = format!("{case:?} accumulate {accumulate}");
        if !accumulate {
            let y = f64ref::conv2d(&x, *xd, &w, case.cout, win);
            assert_close(&out.value(1, *yd), &y, tolerance, &format!("{what} y"));
            let dw = f64ref::conv2d_weight_gradient(&x, *xd, &dy, case.cout, win);
            assert_close(&out.param_grad(graph, 0), &dw, tolerance, &format!("{what} dw"));
        }
        let mut dx = f64ref::conv2d_input_gradient(&dy, *xd, &w, case.cout, win);
        if accumulate {
            dx.iter_mut().zip(before).for_each(|(d, b)| *d += f64::from(*b));
        }
        assert_close(&out.grad(0, *xd), &dx, tolerance, &format!("{what} dx"));
    }
}

#[test]
#[ignore = "takes an adapter with quads; `cargo xtask test` runs it on the browser's, with all other tests of kernels"]
fn quads_change_no_bit() {
    assert!(gpu().facts.quads, "{} has no quads", gpu().facts.name);
    let shared = all("transform");
    let mut alone = shared.clone();
    alone.without_quads();
    let case = |cin, cout, size, batch, window| ConvCase { cin, cout, size, batch, window };
    let mut used = std::collections::BTreeSet::new();
    for case in [
        // In one pass: edges at tiles' ends and inside, few input channels, many output channels.
        case(16, 16, 32, 1, (3, 1)),
        case(3, 16, 16, 5, (3, 1)),
        case(8, 64, 16, 3, (3, 1)),
        // Winograd's: full bands of rows, some that are not, channels in one and several blocks.
        case(32, 32, 8, 24, (3, 1)),
        case(64, 32, 7, 24, (3, 1)),
        case(32, 128, 4, 40, (3, 1)),
        case(96, 64, 9, 3, (3, 1)),
        // Unfolded.
        case(32, 64, 16, 5, (3, 2)),
        case(64, 32, 33, 1, (1, 2)),
    ] {
        let convolved = Convolved::new(case);
        let quads = convolved.run(case, &shared, TRANSFORM_BYTES, true);
        let each = convolved.run(case, &alone, TRANSFORM_BYTES, true);
        let kernels = |out: &Outcome| -> Vec<String> {
            let names = out.program.dispatches.iter().map(|d| d.kernel.clone());
            names.filter(|name| name.ends_with("_quad")).collect()
        };
        assert!(!kernels(&quads).is_empty(), "{case:?} is not computed in quads");
        assert_eq!(kernels(&each), Vec::<String>::new());
        used.extend(kernels(&quads));
        assert_eq!(quads.value(1, convolved.yd), each.value(1, convolved.yd), "{case:?} y");
        assert_eq!(quads.grad(0, convolved.xd), each.grad(0, convolved.xd), "{case:?} dx");
        let graph = &convolved.graph;
        assert_eq!(quads.param_grad(graph, 0), each.param_grad(graph, 0), "{case:?} dw");
    }
    let all = ["conv_forward_quad", "conv_weight_grad_quad", "matmul_grad_quad", "matmul_quad"];
    assert_eq!(used.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

#[test]
fn convolutions_in_the_row_variant() {
    for case in pairwise() {
        check_conv(case, &all("row"), TRANSFORM_BYTES, 1e-5);
    }
}

#[test]
fn convolutions_in_the_pixel_variant() {
    for case in pairwise().into_iter().filter(|c| c.macs() <= MOST_MACS / 4) {
        check_conv(case, &all("pixel"), TRANSFORM_BYTES, 1e-5);
    }
}

#[test]
fn convolutions_in_the_tiled_variants() {
    for variant in ["tiled", "tiled_small"] {
        for case in pairwise() {
            check_conv(case, &all(variant), TRANSFORM_BYTES, 1e-5);
        }
    }
}

#[test]
fn convolutions_in_the_transform_variant() {
    let case = |cin, cout, size, batch, window| ConvCase { cin, cout, size, batch, window };
    // Winograd with tiles of 2×2 where there are few, else of 4×4: one tile, edges in the middle of tiles, channels that no
    // block divides, tiles fewer than rows of a block.
    // Unfolded: odd and even sides, kernels of 1 and 3. Batches go through at once, and some pictures at a time.
    for case in [
        case(32, 32, 1, 1, (3, 1)),
        case(64, 32, 4, 3, (3, 1)),
        case(32, 48, 5, 7, (3, 1)),
        case(36, 64, 8, 2, (3, 1)),
        case(44, 40, 33, 1, (3, 1)),
        case(512, 64, 7, 1, (3, 1)),
        case(64, 512, 3, 5, (3, 1)),
        case(36, 64, 16, 4, (3, 1)),
        case(64, 32, 7, 24, (3, 1)),
        case(128, 48, 4, 40, (3, 1)),
        case(16, 32, 8, 3, (3, 2)),
        case(20, 36, 5, 2, (3, 2)),
        case(64, 16, 33, 1, (3, 2)),
        case(16, 64, 7, 9, (1, 2)),
        case(48, 12, 1, 1, (3, 2)),
        // Neither: in one pass, and back over the turned weight.
        case(3, 16, 33, 2, (3, 1)),
        case(16, 16, 16, 3, (3, 1)),
        case(12, 20, 5, 2, (3, 1)),
        case(64, 10, 1, 9, (1, 1)),
        case(20, 64, 8, 1, (1, 1)),
        case(3, 12, 8, 2, (7, 1)),
        case(3, 12, 9, 2, (7, 2)),
    ] {
        for transform_bytes in [TRANSFORM_BYTES, 250_000] {
            // Winograd's transforms multiply rounding errors (Lavin & Gray 2016, §5).
            check_conv(case, &all("transform"), transform_bytes, 5e-5);
        }
    }
}

/// The shapes for everything that is not a convolution.
fn elementwise_cases() -> Vec<Dims> {
    let mut list = Vec::new();
    for (i, c) in CHANNELS.into_iter().enumerate() {
        for (j, s) in SIZES.into_iter().enumerate() {
            let n = BATCHES[(i * 4 + j * 7) % 9];
            if n * c * s * s <= 400_000 {
                // Not square, so that rows and columns are not mixed up unnoticed.
                list.push(Dims { n, c, h: s, w: s.div_ceil(2) });
            }
        }
    }
    list
}

struct AffineCase {
    d: Dims,
    norm: bool,
    residual: bool,
    relu: bool,
}

fn check_affine(case: &AffineCase) {
    let d = case.d;
    // All four differ, so that none can stand in for another.
    let gates = Gates { alpha: 0.75, beta: -1.25, back_alpha: 0.5, back_beta: 1.5 };
    let mut graph = loose_graph(&[d, d, d]);
    let c = d.c;
    let kind = if case.norm {
        graph.params.push(param("gamma", vec![c], ParamKind::Gamma));
        graph.params.push(param("beta", vec![c], ParamKind::Beta));
        graph.norms.push(("bn".into(), c));
        AffineKind::BatchNorm { gamma: 0, beta: 1, norm: 0 }
    } else {
        graph.params.push(param("bias", vec![c], ParamKind::Bias));
        AffineKind::Bias { bias: 0 }
    };
    let residual = case.residual.then_some((2, 1));
    let affine = Affine { kind, input: 0, residual, relu: case.relu, output: 1 };
    graph.nodes.push(Node { name: "affine".into(), op: Op::Affine(affine.clone()) });
    // A mean far from 0 against the spread: E[y²] − E[y]² in f32 would fail.
    let y: Vec<f32> = random(d.len(), 1).iter().map(|v| v * 0.5 + 30.0).collect();
    let (s, dz) = (random(d.len(), 2), random(d.len(), 3));
    let params: Vec<Vec<f32>> = (0..graph.params.len()).map(|p| random(c, 4 + p as u64)).collect();
    let run = |mode: Mode, running: Vec<f32>| {
        run_ops(&graph, &Variants::default(), mode, d.n, &params, StepUniform::default(), |b| {
            let mut fill = vec![(b.new_value(0), to_nhwc(&y, d)), (b.new_value(2), to_nhwc(&s, d))];
            fill.push((Buf::Gates, bytemuck::cast_slice(&[Gates::new(9.0, 9.0), gates]).to_vec()));
            if case.norm {
                fill.push((Buf::Running, running));
            }
            ops::affine::forward(b, 0, &affine);
            if mode == Mode::Train {
                fill.push((b.new_grad(1), to_nhwc(&dz, d)));
                ops::affine::backward(b, 0, &affine);
            }
            fill
        })
    };
    let width = vec4s(c) * 4;
    let running: Vec<f32> = [0.5f32; 2].iter().flat_map(|v| vec![*v; width]).collect();
    let out = run(Mode::Train, running.clone());
    let (y64, s64, dz64) = (f64s(&y), f64s(&s), f64s(&dz));
    let p64: Vec<Vec<f64>> = params.iter().map(|p| f64s(p)).collect();
    let what = format!("{d:?} norm {} residual {} relu {}", case.norm, case.residual, case.relu);

    let (f, stats) = if case.norm {
        let (f, stats) = f64ref::batch_norm_train(&y64, d, &p64[0], &p64[1]);
        (f, Some(stats))
    } else {
        (f64ref::bias(&y64, d, &p64[0]), None)
    };
    let sum = if case.residual { f64ref::residual(&f, &s64, gates) } else { f };
    let z = if case.relu { f64ref::relu(&sum) } else { sum };
    assert_close(&out.value(1, d), &z, 3e-4, &format!("{what} z"));

    // The kernel's own z decides the mask: at 0 rounding may tip it either way.
    let mask = out.value(1, d);
    let g = if case.relu { f64ref::relu_gradient(&mask, &dz64) } else { dz64 };
    let branch = |g: &[f64]| if case.residual { f64ref::gated(g, gates.back_beta) } else { g.to_vec() };
    let (df, ds) = (branch(&g), f64ref::gated(&g, gates.back_alpha));
    if let Some(stats) = &stats {
        let back = f64ref::batch_norm_gradient(&y64, d, &p64[0], stats, &df);
        assert_close(&out.param_grad(&graph, 0), &back.gamma, 3e-4, &format!("{what} dgamma"));
        assert_close(&out.param_grad(&graph, 1), &back.beta, 1e-5, &format!("{what} dbeta"));
        assert_close(&out.grad(0, d), &back.dy, 3e-4, &format!("{what} dy"));
        let unbiased = stats.unbiased_var();
        let raw = out.raw(Buf::Running);
        for k in 0..c {
            let mean = 0.9 * 0.5 + 0.1 * stats.mean[k];
            assert!((f64::from(raw[k]) - mean).abs() < 1e-5, "{what} running mean");
            let count = d.n * d.h * d.w;
            if count > 1 {
                let var = 0.9 * 0.5 + 0.1 * unbiased[k];
                assert!((f64::from(raw[width + k]) - var).abs() < 1e-5, "{what} running variance");
            }
        }
        let out = run(Mode::Eval, running);
        let half = vec![0.5; c];
        let f = f64ref::batch_norm_eval(&y64, d, &p64[0], &p64[1], &half, &half);
        let sum = if case.residual { f64ref::residual(&f, &s64, gates) } else { f };
        let z = if case.relu { f64ref::relu(&sum) } else { sum };
        assert_close(&out.value(1, d), &z, 1e-5, &format!("{what} z in evaluation"));
    } else {
        assert_close(
            &out.param_grad(&graph, 0),
            &f64ref::bias_gradient(&df, d),
            1e-5,
            &format!("{what} dbias"),
        );
        assert_close(&out.grad(0, d), &df, 1e-6, &format!("{what} dy"));
    }
    if case.residual {
        assert_close(&out.grad(2, d), &ds, 1e-6, &format!("{what} dshortcut"));
    }
}

#[test]
fn batch_norm_bias_residual_and_relu() {
    for (i, d) in elementwise_cases().into_iter().enumerate() {
        let bits = [
            (true, true, true),
            (true, false, true),
            (true, false, false),
            (false, true, true),
            (false, false, true),
            (false, false, false),
        ];
        // One value a channel: nothing to normalise, σ is eps alone and any rounding is blown up.
        let single = d.n * d.h * d.w == 1;
        for (norm, residual, relu) in [bits[i % 6], bits[(i + 2) % 6], bits[(i + 3) % 6]] {
            if !(single && norm) {
                check_affine(&AffineCase { d, norm, residual, relu });
            }
        }
    }
}

#[test]
fn nan_passes_through_relu() {
    let d = Dims { n: 1, c: 4, h: 1, w: 2 };
    let mut graph = loose_graph(&[d, d]);
    graph.params.push(param("bias", vec![4], ParamKind::Bias));
    let affine =
        Affine { kind: AffineKind::Bias { bias: 0 }, input: 0, residual: None, relu: true, output: 1 };
    graph.nodes.push(Node { name: "affine".into(), op: Op::Affine(affine.clone()) });
    let y = vec![f32::NAN, 1.0, -1.0, f32::INFINITY, 0.0, 0.0, 0.0, 0.0];
    let out =
        run_ops(&graph, &Variants::default(), Mode::Train, 1, &[vec![0.0; 4]], StepUniform::default(), |b| {
            let fill = vec![(b.new_value(0), y.clone())];
            ops::affine::forward(b, 0, &affine);
            fill
        });
    let z = out.raw(out.program.values[&1]);
    assert!(z[0].is_nan() && z[1] == 1.0 && z[2] == 0.0 && z[3].is_infinite(), "{z:?}");
}

#[test]
fn zero_padding_shortcut() {
    for (cin, cout, size, n) in [(16, 32, 8, 3), (3, 12, 5, 2), (12, 20, 33, 1), (20, 64, 1, 9), (5, 6, 7, 4)]
    {
        let xd = Dims { n, c: cin, h: size, w: size };
        let yd = f64ref::zero_pad_dims(xd, cout, 2);
        let front = (cout - cin) / 2;
        let graph = loose_graph(&[xd, yd]);
        let (x, dy) = (random(xd.len(), 1), random(yd.len(), 2));
        let out = run_ops(&graph, &Variants::default(), Mode::Train, n, &[], StepUniform::default(), |b| {
            let mut fill = vec![(b.new_value(0), to_nhwc(&x, xd))];
            ops::zero_pad::forward(b, 0, 1, 2, front);
            fill.push((b.new_grad(1), to_nhwc(&dy, yd)));
            ops::zero_pad::backward(b, 0, 1, 2, front);
            fill
        });
        assert_close(&out.value(1, yd), &f64ref::zero_pad(&f64s(&x), xd, cout, 2, front), 0.0, "zero pad y");
        let dx = f64ref::zero_pad_gradient(&f64s(&dy), xd, cout, 2, front);
        assert_close(&out.grad(0, xd), &dx, 0.0, "zero pad dx");
    }
}

#[test]
fn pooling() {
    for d in elementwise_cases() {
        let out_size = |s: usize| f64ref::MAX_POOL.positions(s);
        let (md, ad) = (Dims { h: out_size(d.h), w: out_size(d.w), ..d }, Dims { h: 1, w: 1, ..d });
        let graph = loose_graph(&[d, md, ad]);
        // Few distinct values, so that windows have several equal maxima.
        let x: Vec<f32> = random(d.len(), 1).iter().map(|v| (v * 3.0).round()).collect();
        let (dm, da) = (random(md.len(), 2), random(ad.len(), 3));
        let run = |max: bool| -> Outcome {
            run_ops(&graph, &Variants::default(), Mode::Train, d.n, &[], StepUniform::default(), |b| {
                let mut fill = vec![(b.new_value(0), to_nhwc(&x, d))];
                if max {
                    ops::pool::max_forward(b, 0, 1);
                    fill.push((b.new_grad(1), to_nhwc(&dm, md)));
                    ops::pool::max_backward(b, 0, 1);
                } else {
                    ops::pool::avg_forward(b, 0, 2);
                    fill.push((b.new_grad(2), to_nhwc(&da, ad)));
                    ops::pool::avg_backward(b, 0, 2);
                }
                fill
            })
        };
        let x64 = f64s(&x);
        let max = run(true);
        assert_close(&max.value(1, md), &f64ref::max_pool(&x64, d), 0.0, &format!("{d:?} max y"));
        let dx = f64ref::max_pool_gradient(&x64, d, &f64s(&dm));
        assert_close(&max.grad(0, d), &dx, 1e-6, &format!("{d:?} max dx"));
        let avg = run(false);
        assert_close(&avg.value(2, ad), &f64ref::avg_pool(&x64, d), 1e-5, &format!("{d:?} avg y"));
        let dx = f64ref::avg_pool_gradient(&f64s(&da), d);
        assert_close(&avg.grad(0, d), &dx, 1e-6, &format!("{d:?} avg dx"));
    }
}

#[test]
fn softmax_cross_entropy() {
    for (n, classes, scale) in [(1, 2, 1.0f32), (3, 10, 5.0), (9, 12, 100.0), (64, 1000, 3.0), (130, 3, 1.0)]
    {
        let d = Dims { n, c: classes, h: 1, w: 1 };
        let mut graph = loose_graph(&[d]);
        graph.spec.classes = classes;
        let logits: Vec<f32> = random(d.len(), 1).iter().map(|v| v * scale).collect();
        let labels: Vec<u8> = (0..n).map(|i| (i * 7 % classes.min(256)) as u8).collect();
        let words: Vec<f32> = labels.iter().map(|l| f32::from_bits(u32::from(*l))).collect();
        let slot = 5;
        let step = StepUniform { slot, ..StepUniform::default() };
        let out = run_ops(&graph, &Variants::default(), Mode::Train, n, &[], step, |b| {
            let fill = vec![(b.new_value(0), to_nhwc(&logits, d)), (Buf::Labels, words.clone())];
            ops::loss::softmax_cross_entropy(b);
            fill
        });
        let l64 = f64s(&logits);
        let record = &out.raw(Buf::Ring)[slot as usize * graph_stride(&graph) * 4..][..4];
        let loss = f64ref::cross_entropy(&l64, classes, &labels);
        assert_close(&[f64::from(record[0])], &[loss], 1e-5, "loss");
        let right = (0..n)
            .filter(|&i| {
                let row = &logits[i * classes..(i + 1) * classes];
                row.iter().enumerate().all(|(k, v)| *v < row[labels[i] as usize] || k == labels[i] as usize)
            })
            .count();
        assert!((record[1] - right as f32 / n as f32).abs() < 1e-6, "accuracy {} of {right}/{n}", record[1]);
        assert_eq!((record[2], record[3]), (0.0, n as f32));
        let gradient = f64ref::cross_entropy_gradient(&l64, classes, &labels);
        assert_close(&out.grad(0, d), &gradient, 1e-5, "dlogits");
    }
}

fn graph_stride(graph: &Graph) -> usize {
    skipscope::engine::layout::Layout::new(graph).record.stride
}

#[test]
fn logits_that_are_not_finite_are_counted() {
    let d = Dims { n: 3, c: 10, h: 1, w: 1 };
    let graph = loose_graph(&[d]);
    let mut logits = random(d.len(), 1);
    logits[13] = f32::NAN;
    logits[29] = f32::NEG_INFINITY;
    let out = run_ops(&graph, &Variants::default(), Mode::Train, 3, &[], StepUniform::default(), |b| {
        let fill = vec![(b.new_value(0), to_nhwc(&logits, d))];
        ops::loss::softmax_cross_entropy(b);
        fill
    });
    assert_eq!(out.raw(Buf::Ring)[2], 2.0);
}

#[test]
fn sgd_in_pytorchs_form_with_norms() {
    for (nesterov, momentum, weight_decay) in [(0, 0.9f32, 0.0f32), (1, 0.9, 0.01), (0, 0.0, 0.1)] {
        let mut graph = loose_graph(&[Dims { n: 1, c: 4, h: 1, w: 1 }]);
        graph.params.push(param("w", vec![20, 12, 3, 3], ParamKind::Weight));
        graph.params.push(param("b", vec![5], ParamKind::Bias));
        graph.params.push(param("fc", vec![10, 64], ParamKind::Weight));
        let lens: Vec<usize> = graph.params.iter().map(Param::len).collect();
        let params: Vec<Vec<f32>> = lens.iter().enumerate().map(|(i, n)| random(*n, i as u64)).collect();
        let grads: Vec<Vec<f32>> = lens.iter().enumerate().map(|(i, n)| random(*n, 10 + i as u64)).collect();
        let step =
            StepUniform { slot: 255, lr: 0.1, momentum, weight_decay, nesterov, ..StepUniform::default() };
        let arena = |values: &[Vec<f32>]| {
            let layout = skipscope::engine::layout::Layout::new(&graph);
            let mut all = vec![0.0f32; layout.arenas[0] as usize / 4];
            for (i, v) in values.iter().enumerate() {
                let data = skipscope::engine::layout::to_gpu(&graph.params[i], v);
                let at = layout.params[i].offset as usize / 4;
                all[at..at + data.len()].copy_from_slice(&data);
            }
            all
        };
        let velocity: Vec<Vec<f32>> =
            lens.iter().enumerate().map(|(i, n)| random(*n, 20 + i as u64)).collect();
        let out = run_ops(&graph, &Variants::default(), Mode::Train, 1, &params, step, |b| {
            ops::sgd::update(b);
            vec![(Buf::Gradients(0), arena(&grads)), (Buf::Velocity(0), arena(&velocity))]
        });
        let stride = graph_stride(&graph);
        let sgd = f64ref::Sgd {
            lr: f64::from(0.1f32),
            momentum: f64::from(momentum),
            weight_decay: f64::from(weight_decay),
            nesterov: nesterov == 1,
        };
        for i in 0..3 {
            let (mut w, mut v) = (f64s(&params[i]), f64s(&velocity[i]));
            f64ref::sgd_step(&mut w, &mut v, &f64s(&grads[i]), &sgd);
            assert_close(&out.param(&graph, i, Buf::Weights), &w, 1e-6, "weight");
            assert_close(&out.param(&graph, i, Buf::Velocity), &v, 1e-6, "velocity");
            let norm = |x: &[f64]| x.iter().map(|v| v * v).sum::<f64>().sqrt();
            let record = &out.raw(Buf::Ring)[(255 * stride + 1 + i) * 4..][..4];
            assert_close(&[f64::from(record[0])], &[norm(&f64s(&grads[i]))], 1e-6, "gradient norm");
            assert_close(&[f64::from(record[1])], &[norm(&w)], 1e-6, "weight norm");
            assert_eq!(record[2], 0.0);
        }
        assert_eq!(out.raw(Buf::Ring).len(), stride * 4 * RING_STEPS as usize);
    }
}

#[test]
fn mean_squared_error() {
    for d in elementwise_cases() {
        let graph = loose_graph(&[d, d]);
        let (y, wanted) = (random(d.len(), 1), random(d.len(), 2));
        let out = run_ops(&graph, &Variants::default(), Mode::Train, d.n, &[], StepUniform::default(), |b| {
            let value = b.new_value(0);
            let goal = b.new_value(1);
            ops::loss::mean_squared_error(b, 0, goal);
            vec![(value, to_nhwc(&y, d)), (goal, to_nhwc(&wanted, d))]
        });
        let (loss, dy) = f64ref::mean_squared_error(&f64s(&y), &f64s(&wanted));
        assert_close(&out.grad(0, d), &dy, 1e-6, &format!("{d:?} gradient"));
        assert_close(&[f64::from(out.raw(Buf::Ring)[0])], &[loss], 1e-5, &format!("{d:?} loss"));
    }
}

#[test]
fn block_statistics() {
    for d in elementwise_cases() {
        for residual in [true, false] {
            let mut graph = loose_graph(&[d, d, d]);
            graph.params.push(param("bias", vec![d.c], ParamKind::Bias));
            let affine = Affine {
                kind: AffineKind::Bias { bias: 0 },
                input: 0,
                residual: residual.then_some((2, 0)),
                relu: true,
                output: 1,
            };
            graph.nodes.push(Node { name: "affine".into(), op: Op::Affine(affine.clone()) });
            graph.blocks.push(skipscope::model::Block {
                name: "layer1.0".into(),
                stage: 1,
                index: 0,
                input: 2,
                affine: 0,
                shortcut: residual.then_some(2),
                projected: false,
                output: 1,
            });
            let (y, s, bias) = (random(d.len(), 1), random(d.len(), 2), random(d.c, 3));
            let gates = Gates::new(0.5, -1.5);
            let out = run_ops(
                &graph,
                &Variants::default(),
                Mode::Train,
                d.n,
                std::slice::from_ref(&bias),
                StepUniform::default(),
                |b| {
                    let fill = vec![
                        (b.new_value(0), to_nhwc(&y, d)),
                        (b.new_value(2), to_nhwc(&s, d)),
                        (Buf::Gates, bytemuck::cast_slice(&[gates]).to_vec()),
                    ];
                    ops::affine::forward(b, 0, &affine);
                    ops::block_stats::measure(b, 0, &affine, 0);
                    fill
                },
            );
            let beta = if residual { f64::from(gates.beta) } else { 1.0 };
            let f: Vec<f64> = f64ref::bias(&f64s(&y), d, &f64s(&bias)).iter().map(|f| beta * f).collect();
            let scaled: Vec<f64> =
                s.iter().map(|v| if residual { f64::from(*v) * 0.5 } else { 0.0 }).collect();
            let sum: Vec<f64> = f.iter().zip(&scaled).map(|(a, b)| a + b).collect();
            let relu = f64ref::relu(&sum);
            let record = &out.raw(Buf::Ring)[4..12];
            for (lane, values) in [&scaled, &f, &sum, &relu].into_iter().enumerate() {
                let n = values.len() as f64;
                let mean = values.iter().sum::<f64>() / n;
                let std = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
                let what = format!("{d:?} residual {residual} lane {lane}");
                assert!(
                    (f64::from(record[lane]) - mean).abs() < 1e-5,
                    "{what}: mean {} {mean}",
                    record[lane]
                );
                assert!(
                    (f64::from(record[4 + lane]) - std).abs() < 1e-5,
                    "{what}: std {} {std}",
                    record[4 + lane]
                );
            }
        }
    }
}
