//! The layers of a network in the order they run, with shapes, parameter names and counts.
//!
//! A [`Graph`] is a list of [`Node`]s, each reading tensors made before it and making one new. Batch
//! norm (or the bias that stands in for it), the residual sum and ReLU are one node, [`Affine`],
//! because they are one pass over memory: z = ReLU(scale·y + shift + α·shortcut).

use super::spec::{BlockKind, ModelSpec, Shortcut, SpecError, Stem};

/// Index into [`Graph::tensors`].
pub type TensorId = usize;
/// Index into [`Graph::params`].
pub type ParamId = usize;

/// One activation, `[H, W, C]` for each image of the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The layer that makes it, in torchvision's names, e.g. `layer1.0.conv1`.
    pub name: String,
    pub h: usize,
    pub w: usize,
    pub c: usize,
}

/// What a parameter is for; decides how it is initialised and stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Convolution or linear weight.
    Weight,
    /// Convolution or linear bias.
    Bias,
    /// Batch norm's scale γ.
    Gamma,
    /// Batch norm's shift β.
    Beta,
}

/// One trainable tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// torchvision's name, e.g. `layer2.0.downsample.0.weight`.
    pub name: String,
    /// PyTorch's shape: `[out, in, kh, kw]`, `[out, in]` or `[n]`.
    pub shape: Vec<usize>,
    pub kind: ParamKind,
    /// Inputs that add up in one output of the layer this parameter belongs to (PyTorch's `fan_in`).
    pub fan_in: usize,
}

impl Param {
    /// Number of scalars.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds no scalar; never true in a valid graph.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A convolution without bias: `[H, W, cin]` → `[H', W', cout]`. The classifier is one too, 1×1 on a
/// 1×1 picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conv {
    pub input: TensorId,
    pub output: TensorId,
    pub weight: ParamId,
    pub cin: usize,
    pub cout: usize,
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
}

/// Where scale and shift of an [`Affine`] come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AffineKind {
    /// Batch norm number `norm` (counted over the network): γ·(y − mean)/√(var + eps) + β.
    BatchNorm { gamma: ParamId, beta: ParamId, norm: usize },
    /// y + bias.
    Bias { bias: ParamId },
}

/// z = \[ReLU\](scale·y + shift \[+ α·shortcut\]), channel by channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affine {
    pub kind: AffineKind,
    pub input: TensorId,
    /// The tensor added and the block whose α multiplies it.
    pub residual: Option<(TensorId, usize)>,
    pub relu: bool,
    pub output: TensorId,
}

/// What a node computes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Conv(Conv),
    Affine(Affine),
    /// Option A's shortcut: every `stride`-th pixel, `front` zero channels before and the rest behind.
    ZeroPad {
        input: TensorId,
        output: TensorId,
        stride: usize,
        front: usize,
    },
    /// 3×3, stride 2, padding 1.
    MaxPool {
        input: TensorId,
        output: TensorId,
    },
    /// Mean over all pixels.
    AvgPool {
        input: TensorId,
        output: TensorId,
    },
}

impl Op {
    /// The tensor it makes.
    pub fn output(&self) -> TensorId {
        match self {
            Self::Conv(conv) => conv.output,
            Self::Affine(affine) => affine.output,
            Self::ZeroPad { output, .. } | Self::MaxPool { output, .. } | Self::AvgPool { output, .. } => {
                *output
            }
        }
    }

    /// The tensor it reads; a residual sum reads another one besides.
    pub fn input(&self) -> TensorId {
        match self {
            Self::Conv(conv) => conv.input,
            Self::Affine(affine) => affine.input,
            Self::ZeroPad { input, .. } | Self::MaxPool { input, .. } | Self::AvgPool { input, .. } => *input,
        }
    }
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// torchvision's module name, e.g. `layer1.0.bn2`.
    pub name: String,
    pub op: Op,
}

/// One residual (or plain) block: where to find the parts that the lesson is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// `layer{stage}.{index}`, stages from 1, blocks from 0.
    pub name: String,
    pub stage: usize,
    pub index: usize,
    /// The block's input x.
    pub input: TensorId,
    /// The affine node that makes the output; its `input` before scale and shift is the branch's last
    /// convolution.
    pub affine: usize,
    /// shortcut(x), absent in a plain network. The same as `input` for an identity.
    pub shortcut: Option<TensorId>,
    /// Whether the shortcut is a 1×1 convolution.
    pub projected: bool,
    pub output: TensorId,
}

impl Block {
    /// Whether its output has another shape than its input.
    pub fn reshapes(&self) -> bool {
        self.shortcut != Some(self.input)
    }
}

/// A row of [`Graph::layers`]: one layer as `skipscope info` lists it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LayerRow {
    pub name: String,
    /// Output, `[C, H, W]` as PyTorch writes it.
    pub shape: Vec<usize>,
    pub parameters: usize,
    /// Multiply-accumulates for one image; convolutions and the classifier only, as papers count.
    pub macs: u64,
}

/// A network, laid out.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    pub spec: ModelSpec,
    pub nodes: Vec<Node>,
    pub tensors: Vec<Tensor>,
    /// In the order of PyTorch's `named_parameters()`.
    pub params: Vec<Param>,
    /// Batch norms in order: module name (`layer1.0.bn1`) and channels.
    pub norms: Vec<(String, usize)>,
    pub blocks: Vec<Block>,
    /// The picture that goes in, `[size, size, 3]`.
    pub input: TensorId,
    /// `[1, 1, classes]`.
    pub logits: TensorId,
}

/// Padding that keeps "same" size at stride 1.
fn same(kernel: usize) -> usize {
    kernel / 2
}

/// Output size of a convolution or pooling over `size` pixels.
fn out_size(size: usize, kernel: usize, stride: usize, padding: usize) -> usize {
    (size + 2 * padding - kernel) / stride + 1
}

/// An affine whose parameters exist but whose node is not yet in the list.
struct PendingAffine {
    name: String,
    kind: AffineKind,
}

struct Builder {
    graph: Graph,
}

impl Builder {
    fn tensor(&mut self, name: &str, h: usize, w: usize, c: usize) -> TensorId {
        self.graph.tensors.push(Tensor { name: name.to_owned(), h, w, c });
        self.graph.tensors.len() - 1
    }

    fn param(&mut self, name: String, shape: Vec<usize>, kind: ParamKind, fan_in: usize) -> ParamId {
        self.graph.params.push(Param { name, shape, kind, fan_in });
        self.graph.params.len() - 1
    }

    fn push(&mut self, name: &str, op: Op) -> usize {
        self.graph.nodes.push(Node { name: name.to_owned(), op });
        self.graph.nodes.len() - 1
    }

    fn conv(
        &mut self,
        name: &str,
        input: TensorId,
        cout: usize,
        kernel: usize,
        stride: usize,
        bn: &str,
    ) -> (TensorId, PendingAffine) {
        let Tensor { h, w, c: cin, .. } = self.graph.tensors[input];
        let padding = same(kernel);
        let fan_in = cin * kernel * kernel;
        let weight =
            self.param(format!("{name}.weight"), vec![cout, cin, kernel, kernel], ParamKind::Weight, fan_in);
        let (ho, wo) = (out_size(h, kernel, stride, padding), out_size(w, kernel, stride, padding));
        let output = self.tensor(name, ho, wo, cout);
        self.push(name, Op::Conv(Conv { input, output, weight, cin, cout, kernel, stride, padding }));
        let affine = if self.graph.spec.batch_norm {
            self.graph.norms.push((bn.to_owned(), cout));
            let norm = self.graph.norms.len() - 1;
            let gamma = self.param(format!("{bn}.weight"), vec![cout], ParamKind::Gamma, fan_in);
            let beta = self.param(format!("{bn}.bias"), vec![cout], ParamKind::Beta, fan_in);
            PendingAffine { name: bn.to_owned(), kind: AffineKind::BatchNorm { gamma, beta, norm } }
        } else {
            let bias = self.param(format!("{name}.bias"), vec![cout], ParamKind::Bias, fan_in);
            PendingAffine { name: format!("{name}.bias"), kind: AffineKind::Bias { bias } }
        };
        (output, affine)
    }

    fn affine(
        &mut self,
        pending: PendingAffine,
        input: TensorId,
        residual: Option<(TensorId, usize)>,
        relu: bool,
    ) -> (usize, TensorId) {
        let Tensor { h, w, c, .. } = self.graph.tensors[input];
        let output = self.tensor(&pending.name, h, w, c);
        let affine = Affine { kind: pending.kind, input, residual, relu, output };
        (self.push(&pending.name, Op::Affine(affine)), output)
    }

    fn block(&mut self, stage: usize, index: usize, x: TensorId, planes: usize, stride: usize) -> TensorId {
        let name = format!("layer{stage}.{index}");
        let number = self.graph.blocks.len();
        let kind = self.graph.spec.block;
        let cout = planes * kind.expansion();
        // (output channels, kernel, stride) of the branch's convolutions.
        let branch: &[(usize, usize, usize)] = match kind {
            BlockKind::Basic => &[(planes, 3, stride), (planes, 3, 1)],
            BlockKind::Bottleneck => &[(planes, 1, 1), (planes, 3, stride), (cout, 1, 1)],
        };
        let mut t = x;
        let mut last = None;
        for (i, &(c, k, s)) in branch.iter().enumerate() {
            let n = i + 1;
            let (y, pending) = self.conv(&format!("{name}.conv{n}"), t, c, k, s, &format!("{name}.bn{n}"));
            if n < branch.len() {
                t = self.affine(pending, y, None, true).1;
            } else {
                last = Some((y, pending));
            }
        }
        let Some((y, pending)) = last else { unreachable!("a block has convolutions") };
        let cin = self.graph.tensors[x].c;
        let reshapes = stride != 1 || cin != cout;
        let mut projected = false;
        let shortcut = match self.graph.spec.shortcut {
            Shortcut::None => None,
            _ if !reshapes => Some(x),
            Shortcut::Projection => {
                projected = true;
                let (d, p) = self.conv(
                    &format!("{name}.downsample.0"),
                    x,
                    cout,
                    1,
                    stride,
                    &format!("{name}.downsample.1"),
                );
                Some(self.affine(p, d, None, false).1)
            }
            Shortcut::ZeroPad => {
                let Tensor { h, w, .. } = self.graph.tensors[y];
                let pad = format!("{name}.shortcut");
                let output = self.tensor(&pad, h, w, cout);
                self.push(&pad, Op::ZeroPad { input: x, output, stride, front: (cout - cin) / 2 });
                Some(output)
            }
        };
        let (affine, output) = self.affine(pending, y, shortcut.map(|s| (s, number)), true);
        self.graph.blocks.push(Block { name, stage, index, input: x, affine, shortcut, projected, output });
        output
    }
}

impl Graph {
    /// Lays out the network of `spec`, or says what is wrong with it.
    pub fn new(spec: &ModelSpec) -> Result<Self, SpecError> {
        spec.validate()?;
        let graph = Graph {
            spec: spec.clone(),
            nodes: Vec::new(),
            tensors: Vec::new(),
            params: Vec::new(),
            norms: Vec::new(),
            blocks: Vec::new(),
            input: 0,
            logits: 0,
        };
        let mut b = Builder { graph };
        let size = spec.input_size;
        let mut x = b.tensor("input", size, size, 3);
        b.graph.input = x;
        let (kernel, stride) = match spec.stem {
            Stem::Cifar => (3, 1),
            Stem::Imagenet => (7, 2),
        };
        let (y, pending) = b.conv("conv1", x, spec.width, kernel, stride, "bn1");
        x = b.affine(pending, y, None, true).1;
        if spec.stem == Stem::Imagenet {
            let Tensor { h, w, c, .. } = b.graph.tensors[x];
            let output = b.tensor("maxpool", out_size(h, 3, 2, 1), out_size(w, 3, 2, 1), c);
            b.push("maxpool", Op::MaxPool { input: x, output });
            x = output;
        }
        for (s, &n) in spec.blocks.iter().enumerate() {
            for i in 0..n {
                let stride = if s > 0 && i == 0 { 2 } else { 1 };
                x = b.block(s + 1, i, x, spec.width << s, stride);
            }
        }
        let c = b.graph.tensors[x].c;
        let pooled = b.tensor("avgpool", 1, 1, c);
        b.push("avgpool", Op::AvgPool { input: x, output: pooled });
        let weight = b.param("fc.weight".into(), vec![spec.classes, c], ParamKind::Weight, c);
        let bias = b.param("fc.bias".into(), vec![spec.classes], ParamKind::Bias, c);
        let y = b.tensor("fc", 1, 1, spec.classes);
        let fc = Conv {
            input: pooled,
            output: y,
            weight,
            cin: c,
            cout: spec.classes,
            kernel: 1,
            stride: 1,
            padding: 0,
        };
        b.push("fc", Op::Conv(fc));
        let pending = PendingAffine { name: "fc.bias".into(), kind: AffineKind::Bias { bias } };
        b.graph.logits = b.affine(pending, y, None, false).1;
        Ok(b.graph)
    }

    /// Trainable scalars.
    pub fn parameter_count(&self) -> usize {
        self.params.iter().map(Param::len).sum()
    }

    /// Multiply-accumulates of one image's forward pass, convolutions and classifier.
    pub fn macs(&self) -> u64 {
        self.nodes.iter().map(|n| self.node_macs(n)).sum()
    }

    fn node_macs(&self, node: &Node) -> u64 {
        match &node.op {
            Op::Conv(c) => {
                let out = &self.tensors[c.output];
                (out.h * out.w * c.cout * c.cin * c.kernel * c.kernel) as u64
            }
            _ => 0,
        }
    }

    /// The layers as a table: convolutions, batch norms, pooling, shortcuts and classifier.
    pub fn layers(&self) -> Vec<LayerRow> {
        let len = |p: ParamId| self.params[p].len();
        let mut rows: Vec<LayerRow> = Vec::new();
        for node in &self.nodes {
            let (output, parameters) = match &node.op {
                Op::Conv(c) => (c.output, len(c.weight)),
                Op::Affine(a) => match a.kind {
                    AffineKind::BatchNorm { gamma, beta, .. } => (a.output, len(gamma) + len(beta)),
                    AffineKind::Bias { bias } => {
                        // A bias belongs to the convolution before it, as in PyTorch; its row is there.
                        let name = node.name.trim_end_matches(".bias");
                        if let Some(row) = rows.iter_mut().rev().find(|r| r.name == name) {
                            row.parameters += len(bias);
                        }
                        continue;
                    }
                },
                Op::ZeroPad { output, .. } | Op::MaxPool { output, .. } | Op::AvgPool { output, .. } => {
                    (*output, 0)
                }
            };
            let t = &self.tensors[output];
            let shape = vec![t.c, t.h, t.w];
            rows.push(LayerRow { name: node.name.clone(), shape, parameters, macs: self.node_macs(node) });
        }
        rows
    }

    /// The parameter called `name`.
    pub fn param(&self, name: &str) -> Option<ParamId> {
        self.params.iter().position(|p| p.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;

    fn graph(name: &str) -> Graph {
        Graph::new(&by_name(name).expect("in the zoo")).expect("valid")
    }

    #[test]
    fn resnet18_is_the_articles() {
        let g = graph("resnet18");
        let names: Vec<&str> = g.params.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(
            &names[..6],
            [
                "conv1.weight",
                "bn1.weight",
                "bn1.bias",
                "layer1.0.conv1.weight",
                "layer1.0.bn1.weight",
                "layer1.0.bn1.bias"
            ]
        );
        assert_eq!(g.tensors[g.blocks[7].output], Tensor { name: "layer4.1.bn2".into(), h: 4, w: 4, c: 512 });
        assert_eq!(g.macs(), 555_422_720);
        assert_eq!(g.layers().iter().map(|l| l.parameters).sum::<usize>(), 11_173_962);
    }

    #[test]
    fn downsample_follows_the_branch_in_pytorchs_order() {
        let g = graph("resnet18");
        let at = |n: &str| g.param(n).expect(n);
        assert_eq!(at("layer2.0.downsample.0.weight"), at("layer2.0.bn2.bias") + 1);
    }

    #[test]
    fn bottleneck_stride_sits_on_the_3x3() {
        let g = graph("resnet50");
        let find = |n: &str| g.nodes.iter().find(|x| x.name == n).map(|x| x.op.clone());
        let Some(Op::Conv(one)) = find("layer2.0.conv1") else { panic!() };
        let Some(Op::Conv(three)) = find("layer2.0.conv2") else { panic!() };
        assert_eq!((one.stride, three.stride), (1, 2));
    }

    #[test]
    fn imagenet_layout_is_table_1() {
        let g = graph("resnet50-imagenet");
        let sizes: Vec<_> = [0usize, 3, 7, 13]
            .iter()
            .map(|&b| (g.tensors[g.blocks[b].output].h, g.tensors[g.blocks[b].output].c))
            .collect();
        assert_eq!(sizes, [(56, 256), (28, 512), (14, 1024), (7, 2048)]);
        assert_eq!(graph("resnet18-imagenet").macs(), 1_814_073_344);
    }

    #[test]
    fn plain_twin_has_the_same_branch_parameters() {
        let (r, p) = (graph("resnet56"), graph("plain56"));
        assert_eq!(r.params, p.params);
        assert!(p.blocks.iter().all(|b| b.shortcut.is_none()));
    }

    #[test]
    fn without_batch_norm_convolutions_have_a_bias() {
        let mut spec = by_name("plain20").expect("in the zoo");
        spec.batch_norm = false;
        let g = Graph::new(&spec).expect("valid");
        assert_eq!(g.params[1].name, "conv1.bias");
        assert!(g.norms.is_empty());
        assert_eq!(g.layers().iter().map(|l| l.parameters).sum::<usize>(), g.parameter_count());
    }

    #[test]
    fn faults_are_named() {
        let mut spec = by_name("resnet20").expect("in the zoo");
        spec.blocks[1] = 0;
        let error = Graph::new(&spec).expect_err("no blocks").to_string();
        assert!(error.contains("stage 2 has 0 blocks"), "{error}");
    }
}
