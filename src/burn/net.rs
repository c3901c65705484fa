//! A network in Burn's tensors: forward along the [`Graph`], backward by Burn's automatic differentiation, SGD.

use super::batch::Batch;
use crate::engine::reference::{EPS, RUNNING_MOMENTUM};
use crate::engine::{Gates, NetworkState};
use crate::model::{Affine, AffineKind, Conv, Graph, Op, TensorId};
use crate::train::{BlockStats, Moments};
use burn_tensor::activation::relu;
use burn_tensor::loss::cross_entropy_with_logits;
use burn_tensor::module::{batch_norm, batch_norm_train, conv2d, max_pool2d};
use burn_tensor::ops::{ConvOptions, MaxPoolOptions, PadMode};
use burn_tensor::{Device, Tensor, TensorData, Transaction, s};

/// PyTorch's SGD (`torch.optim.SGD`, dampening 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    pub lr: f32,
    pub momentum: f32,
    pub weight_decay: f32,
    pub nesterov: bool,
}

/// What a training step has measured, as [`crate::train::StepRecord`] explains it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    pub loss: f32,
    /// `[N, classes]`, before the update.
    pub logits: Vec<f32>,
    /// Empty unless it was asked for, like what follows.
    pub grad_norm: Vec<f32>,
    pub weight_norm: Vec<f32>,
    pub update_norm: Vec<f32>,
    pub blocks: Vec<BlockStats>,
}

/// Numbers measured of a block: mean and deviation of shortcut, branch, sum and output, and the share of dead channels.
const PER_BLOCK: usize = 9;

/// How a pass is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Batch statistics; blocks are measured if it says so.
    Train { measure: bool },
    /// Running statistics.
    Eval,
}

/// What batch norm number `norm` has found in its input.
struct BatchStats {
    norm: usize,
    mean: Tensor<1>,
    /// Biased.
    var: Tensor<1>,
    /// Scalars a channel.
    count: usize,
}

/// What a forward pass leaves.
struct Forward {
    /// `[N, classes]`.
    logits: Tensor<2>,
    /// Of each batch norm's input, in the order they ran. Training only.
    stats: Vec<BatchStats>,
    /// [`PER_BLOCK`] scalars a block, if they are measured.
    blocks: Vec<Tensor<1>>,
}

/// Weights, optimiser state and running statistics on one of Burn's devices.
pub struct Net {
    graph: Graph,
    device: Device,
    /// Each flat, in PyTorch's order of elements.
    params: Vec<Tensor<1>>,
    velocity: Vec<Tensor<1>>,
    /// Mean and variance of each batch norm.
    running: Vec<(Tensor<1>, Tensor<1>)>,
}

impl Net {
    /// `graph` on `device`, in `state`.
    pub fn new(graph: Graph, device: Device, state: &NetworkState) -> Self {
        let mut net = Self { graph, device, params: Vec::new(), velocity: Vec::new(), running: Vec::new() };
        net.upload(state);
        net
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    fn vector(&self, values: &[f32]) -> Tensor<1> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &self.device)
    }

    /// Puts a whole state in place.
    pub fn upload(&mut self, state: &NetworkState) {
        self.params = state.params.iter().map(|p| self.vector(p)).collect();
        self.velocity = state.velocity.iter().map(|v| self.vector(v)).collect();
        let running = state.running_mean.iter().zip(&state.running_var);
        self.running = running.map(|(mean, var)| (self.vector(mean), self.vector(var))).collect();
    }

    /// Reads the whole state back.
    ///
    /// # Errors
    ///
    /// If the device has failed.
    pub async fn read(&self) -> Result<NetworkState, String> {
        let (means, vars): (Vec<_>, Vec<_>) = self.running.iter().cloned().unzip();
        let (params, norms) = (self.params.len(), means.len());
        let all = self.params.iter().chain(&self.velocity).chain(&means).chain(&vars).cloned();
        let mut values = read(all).await?.into_iter();
        let mut take = |n: usize| values.by_ref().take(n).collect::<Vec<_>>();
        Ok(NetworkState {
            params: take(params),
            velocity: take(params),
            running_mean: take(norms),
            running_var: take(norms),
        })
    }

    /// Pictures `[N, 3, S, S]`.
    fn images(&self, batch: &Batch) -> Tensor<4> {
        let shape = [batch.labels.len(), 3, batch.side, batch.side];
        Tensor::from_data(TensorData::new(batch.images.clone(), shape), &self.device)
    }

    /// Labels as probabilities, `[N, classes]`.
    fn one_hot(&self, labels: &[u8]) -> Tensor<2> {
        let classes = self.graph.spec.classes;
        let mut values = vec![0.0f32; labels.len() * classes];
        for (row, &label) in values.chunks_exact_mut(classes).zip(labels) {
            row[usize::from(label)] = 1.0;
        }
        Tensor::from_data(TensorData::new(values, [labels.len(), classes]), &self.device)
    }

    /// Trains one step on `batch`; with `measure` norms and block statistics are read back as well.
    ///
    /// # Errors
    ///
    /// If the device has failed.
    pub async fn step(
        &mut self,
        batch: &Batch,
        gates: &[Gates],
        sgd: Sgd,
        measure: bool,
    ) -> Result<Step, String> {
        let leaves: Vec<Tensor<1>> =
            self.params.iter().map(|p| p.clone().autodiff().require_grad()).collect();
        let out = self.forward(&leaves, self.images(batch), gates, Mode::Train { measure });
        let loss = cross_entropy_with_logits(out.logits.clone(), self.one_hot(&batch.labels));
        let mut gradients = loss.backward();
        let mut wanted = vec![loss.without_autodiff(), out.logits.without_autodiff().flatten(0, 1)];
        let (mut grad, mut weight, mut update) = (Vec::new(), Vec::new(), Vec::new());
        for (i, leaf) in leaves.iter().enumerate() {
            let Some(gradient) = leaf.grad_remove(&mut gradients) else {
                return Err(format!("Burn has no gradient for {}", self.graph.params[i].name));
            };
            let moved = self.update(i, gradient.clone(), sgd);
            if measure {
                grad.push(norm(gradient));
                weight.push(norm(self.params[i].clone()));
                update.push(norm(moved));
            }
        }
        for BatchStats { norm, mean, var, count } in out.stats {
            let unbiased = var * (count as f32 / count.saturating_sub(1).max(1) as f32);
            let (before_mean, before_var) = self.running[norm].clone();
            self.running[norm] = (running_average(before_mean, mean), running_average(before_var, unbiased));
        }
        let params = grad.len();
        wanted.extend(grad.into_iter().chain(weight).chain(update).chain(out.blocks));
        let mut values = read(wanted).await?.into_iter();
        let loss = values.next().and_then(|v| v.first().copied()).unwrap_or(f32::NAN);
        let logits = values.next().unwrap_or_default();
        let rest: Vec<f32> = values.flatten().collect();
        let norms = |k: usize| rest[k * params..(k + 1) * params].to_vec();
        Ok(Step {
            loss,
            logits,
            grad_norm: norms(0),
            weight_norm: norms(1),
            update_norm: norms(2),
            blocks: rest[3 * params..].chunks_exact(PER_BLOCK).map(block_stats).collect(),
        })
    }

    /// Moves parameter `i` against its gradient; answers what was added to it.
    fn update(&mut self, i: usize, gradient: Tensor<1>, sgd: Sgd) -> Tensor<1> {
        let mut g = gradient;
        if sgd.weight_decay != 0.0 {
            g = g + self.params[i].clone() * sgd.weight_decay;
        }
        let v = self.velocity[i].clone() * sgd.momentum + g.clone();
        let direction = if sgd.nesterov { g + v.clone() * sgd.momentum } else { v.clone() };
        let moved = direction * -sgd.lr;
        self.params[i] = self.params[i].clone() + moved.clone();
        self.velocity[i] = v;
        moved
    }

    /// Logits `[N, classes]` of `batch` by running statistics.
    ///
    /// # Errors
    ///
    /// If the device has failed.
    pub async fn evaluate(&self, batch: &Batch, gates: &[Gates]) -> Result<Vec<f32>, String> {
        let out = self.forward(&self.params, self.images(batch), gates, Mode::Eval);
        Ok(read([out.logits.flatten(0, 1)]).await?.pop().unwrap_or_default())
    }

    fn forward(&self, params: &[Tensor<1>], images: Tensor<4>, gates: &[Gates], mode: Mode) -> Forward {
        let graph = &self.graph;
        let mut values = Values::new(graph);
        values.put(graph.input, images);
        let (mut stats, mut blocks) = (Vec::new(), Vec::new());
        for (i, node) in graph.nodes.iter().enumerate() {
            let x = values.take(node.op.input());
            let z = match &node.op {
                Op::Conv(c) => conv(c, x, params[c.weight].clone()),
                Op::Affine(a) => {
                    let f = self.affine(a, x, params, mode, &mut stats);
                    let shortcut = a.residual.map(|(t, block)| (values.take(t), gates[block]));
                    let block = graph.blocks.iter().any(|b| b.affine == i);
                    let measured = mode == Mode::Train { measure: true } && block;
                    sum(f, shortcut, a.relu, measured.then_some(&mut blocks))
                }
                Op::ZeroPad { output, stride, front, .. } => {
                    zero_pad(x, *stride, *front, graph.tensors[*output].c)
                }
                Op::MaxPool { .. } => {
                    max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]))
                }
                Op::AvgPool { .. } => x.mean_dims(&[2, 3]),
            };
            values.put(node.op.output(), z);
        }
        let logits = values.take(graph.logits);
        let n = logits.dims()[0];
        Forward { logits: logits.reshape([n, graph.spec.classes]), stats, blocks }
    }

    /// Batch norm, or the bias that stands in for it.
    fn affine(
        &self,
        affine: &Affine,
        y: Tensor<4>,
        params: &[Tensor<1>],
        mode: Mode,
        stats: &mut Vec<BatchStats>,
    ) -> Tensor<4> {
        match affine.kind {
            AffineKind::Bias { bias } => {
                let channels = y.dims()[1];
                y + params[bias].clone().reshape([1, channels, 1, 1])
            }
            AffineKind::BatchNorm { gamma, beta, norm } => {
                let (gamma, beta) = (params[gamma].clone(), params[beta].clone());
                if mode == Mode::Eval {
                    let (mean, var) = self.running[norm].clone();
                    return batch_norm(y, gamma, beta, mean, var, EPS);
                }
                let [n, _, h, w] = y.dims();
                let out = batch_norm_train(y, gamma, beta, EPS);
                let (mean, var) = (out.mean.without_autodiff(), out.variance.without_autodiff());
                stats.push(BatchStats { norm, mean, var, count: n * h * w });
                out.output
            }
        }
    }
}

/// Tensors on their way, each given away at its last use so that Burn may work in place.
struct Values {
    tensors: Vec<Option<Tensor<4>>>,
    uses: Vec<usize>,
}

impl Values {
    fn new(graph: &Graph) -> Self {
        let mut uses = vec![0; graph.tensors.len()];
        uses[graph.logits] = 1;
        for node in &graph.nodes {
            uses[node.op.input()] += 1;
            if let Op::Affine(Affine { residual: Some((shortcut, _)), .. }) = &node.op {
                uses[*shortcut] += 1;
            }
        }
        Self { tensors: vec![None; graph.tensors.len()], uses }
    }

    fn put(&mut self, id: TensorId, tensor: Tensor<4>) {
        self.tensors[id] = Some(tensor);
    }

    fn take(&mut self, id: TensorId) -> Tensor<4> {
        self.uses[id] -= 1;
        let slot = &mut self.tensors[id];
        let tensor = if self.uses[id] == 0 { slot.take() } else { slot.clone() };
        // A graph's nodes stand in the order in which they run.
        tensor.unwrap_or_else(|| unreachable!("tensor {id} is used before it is made"))
    }
}

/// `[N, C, H, W]` → `[N, O, H', W']`. On single pixels, where the classifier works, it is a product of matrices.
fn conv(c: &Conv, x: Tensor<4>, weight: Tensor<1>) -> Tensor<4> {
    let [n, _, h, w] = x.dims();
    if (h, w, c.kernel) == (1, 1, 1) {
        let weight = weight.reshape([c.cout, c.cin]).transpose();
        return x.reshape([n, c.cin]).matmul(weight).reshape([n, c.cout, 1, 1]);
    }
    let weight = weight.reshape([c.cout, c.cin, c.kernel, c.kernel]);
    conv2d(x, weight, None, ConvOptions::new([c.stride; 2], [c.padding; 2], [1, 1], 1))
}

/// Option A's shortcut: every `stride`-th pixel, and zero channels up to `channels`, `front` of them before.
fn zero_pad(x: Tensor<4>, stride: usize, front: usize, channels: usize) -> Tensor<4> {
    let c = x.dims()[1];
    let stride = stride as isize;
    let x = if stride == 1 { x } else { x.slice(s![.., .., ..;stride, ..;stride]) };
    x.pad([(front, channels - c - front), (0, 0), (0, 0)], PadMode::Constant(0.0))
}

/// \[ReLU\](β·f \[+ α·shortcut\]), measured into `blocks` if there is such a list.
fn sum(
    f: Tensor<4>,
    shortcut: Option<(Tensor<4>, Gates)>,
    with_relu: bool,
    blocks: Option<&mut Vec<Tensor<1>>>,
) -> Tensor<4> {
    let weighed = |x: Tensor<4>, gate: f32| if gate == 1.0 { x } else { x * gate };
    let parts = shortcut.map(|(x, gates)| (weighed(x, gates.alpha), gates.beta)).map(|(x, b)| (Some(x), b));
    let (shortcut, beta) = parts.unwrap_or((None, 1.0));
    let f = weighed(f, beta);
    let Some(blocks) = blocks else {
        let z = match shortcut {
            Some(x) => f + x,
            None => f,
        };
        return if with_relu { relu(z) } else { z };
    };
    let measured = |x: &Tensor<4>| moments(x.clone().without_autodiff());
    let (of_shortcut, of_branch) = (shortcut.as_ref().map(measured), measured(&f));
    let z = match shortcut {
        Some(x) => f + x,
        None => f,
    };
    let of_sum = measured(&z);
    let z = if with_relu { relu(z) } else { z };
    let nothing = || of_branch.clone().map(|t| t.zeros_like());
    blocks.extend(of_shortcut.unwrap_or_else(nothing));
    blocks.extend(of_branch.clone());
    blocks.extend(of_sum);
    blocks.extend(measured(&z));
    let most = z.clone().without_autodiff().max_dims(&[0, 2, 3]);
    blocks.push(most.equal_scalar(0.0f32).float().mean());
    z
}

/// No axis longer than this is summed at once. Burn may have one thread go through all of an axis, and llvmpipe leaves a
/// loop after 65,535 rounds without a word: the sum would be one of the first 262,140 elements.
const LONGEST: usize = 1 << 15;

/// Mean and population deviation of all elements.
fn moments(x: Tensor<4>) -> [Tensor<1>; 2] {
    let [n, c, h, w] = x.dims();
    // All rows are of one length, so the mean is that of their means.
    let mean_of = |x: Tensor<4>| x.reshape([n * c, h * w]).mean_dim(1).mean();
    let mean = mean_of(x.clone());
    let centred = x - mean.clone().reshape([1, 1, 1, 1]);
    [mean, mean_of(centred.clone() * centred).sqrt()]
}

fn block_stats(v: &[f32]) -> BlockStats {
    let moments = |i: usize| Moments { mean: v[i], std: v[i + 1] };
    BlockStats { shortcut: moments(0), branch: moments(2), sum: moments(4), output: moments(6), dead: v[8] }
}

/// L2 norm.
fn norm(x: Tensor<1>) -> Tensor<1> {
    let squares = x.clone() * x;
    let n = squares.dims()[0];
    if n <= LONGEST {
        return squares.sum().sqrt();
    }
    let rows = n.div_ceil(LONGEST);
    let filled = squares.pad([(0, rows * LONGEST - n)], PadMode::Constant(0.0));
    filled.reshape([rows, LONGEST]).sum_dim(1).sum().sqrt()
}

fn running_average(before: Tensor<1>, now: Tensor<1>) -> Tensor<1> {
    before * (1.0 - RUNNING_MOMENTUM) + now * RUNNING_MOMENTUM
}

/// Reads tensors back together.
async fn read(tensors: impl IntoIterator<Item = Tensor<1>>) -> Result<Vec<Vec<f32>>, String> {
    let all = tensors.into_iter().fold(Transaction::default(), Transaction::register);
    let data = all.execute_async().await.map_err(|e| format!("Burn has failed: {e:?}"))?;
    data.into_iter()
        .map(|d| d.try_into_vec_as::<f32>().map_err(|e| format!("Burn has failed: {e:?}")))
        .collect()
}
