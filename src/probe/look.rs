//! The pass of one look as data: forward through the network, the opened block's every intermediate made
//! by itself and kept, measurements and painting after each.
//!
//! What the training plan fuses into one pass (batch norm, the residual sum, ReLU) is computed here again
//! as separate tensors of one image, from the same convolution outputs and coefficients.

use super::exhibit::{ATLAS_WIDTH, Shelves, Shown, Totals, dispatch};
use super::watch::{Maps, Probe, Role};
use crate::engine::layout::{Layout, vec4s};
use crate::engine::ops;
use crate::engine::program::{Bound, Buf, Builder, Dispatch, Mode, Phase, Program};
use crate::engine::variants::Variants;
use crate::model::{Affine, Block, Conv, Graph, Op, ParamId, TensorId};

/// Rows of the atlas that belong to a step that is executed layer by layer.
pub const RESERVED_ROWS: u32 = 256;
/// Maps larger than this are shown four at a time, smaller ones sixteen.
const LARGE: usize = 64;

/// One tensor of the opened block.
pub struct StageShown {
    pub role: Role,
    pub layer: String,
    pub shown: Shown,
}

/// Where to find the parts of a number that is worked out.
pub struct WorkedPlan {
    /// The convolution, the stage it reads and the stage it makes; none for x and an identity's α·x.
    pub conv: Option<(Conv, usize, usize)>,
    /// The affine node after it, and the stage with its result; without one it is the shortcut before α.
    pub norm: Option<(usize, Affine, Option<usize>)>,
    /// Stages α·shortcut and sum.
    pub sum: Option<(usize, usize)>,
    /// The stage after ReLU.
    pub relu: Option<usize>,
    /// The probed channel's map, and the convolution's input channel's.
    pub tile: Shown,
    pub input_tile: Option<Shown>,
}

/// A look, laid out.
pub struct Look {
    pub program: Program,
    /// Stem, then one a block.
    pub overview: Vec<Shown>,
    pub block: Option<usize>,
    pub stages: Vec<StageShown>,
    /// shortcut(x) of the opened block, before α.
    pub shortcut: Option<Buf>,
    pub worked: Option<WorkedPlan>,
    pub input_at: [u32; 2],
    pub logits: Buf,
    pub totals: Totals,
    /// Groups of channels and of scales.
    pub pick_groups: usize,
    pub scale_groups: usize,
    /// First row of the atlas that is free.
    pub bottom: u32,
}

/// What a look's shape depends on; everything else may change without a new plan.
#[derive(Clone, Debug, PartialEq)]
pub struct LookKey {
    pub mode: Mode,
    /// Images that go through, and the one that is looked at.
    pub batch: usize,
    pub image: usize,
    pub maps: Maps,
    pub block: Option<usize>,
    /// Stage of the number that is worked out.
    pub stage: Option<usize>,
}

struct Composer<'a> {
    b: Builder<'a>,
    key: &'a LookKey,
    totals: Totals,
    shelves: Shelves,
    scale_groups: usize,
    pick_groups: usize,
}

impl Composer<'_> {
    fn shape(&self, tensor: TensorId) -> [usize; 3] {
        let t = &self.b.graph.tensors[tensor];
        [t.h, t.w, t.c]
    }

    /// A kept buffer for one image of `tensor`.
    fn alone(&mut self, tensor: TensorId) -> Buf {
        let [h, w, c] = self.shape(tensor);
        let v = self.b.new_virtual((h * w * vec4s(c) * 16) as u64);
        self.b.program.kept.push(v);
        Buf::Virtual(v)
    }

    /// The watched image's part of a tensor, by itself.
    fn take(&mut self, tensor: TensorId) -> Buf {
        let to = self.alone(tensor);
        let [h, w, c] = self.shape(tensor);
        let len = h * w * vec4s(c);
        let from = self.b.value(tensor);
        let params = [(self.key.image * len) as u32];
        self.b.each("copy_rows", len, &params, &[from.into(), to.into()], (len * 4) as f64);
        to
    }

    /// scale·y + shift \[+ α·shortcut\] \[ReLU\] of one image, by itself.
    fn part(
        &mut self,
        y: Buf,
        coef: Bound,
        tensor: TensorId,
        relu: bool,
        shortcut: Option<(Buf, usize)>,
    ) -> Buf {
        let to = self.alone(tensor);
        let [h, w, c] = self.shape(tensor);
        let c4 = vec4s(c);
        ops::affine::sum(&mut self.b, [h * w, c4], y, coef, to, relu, shortcut);
        to
    }

    /// α·shortcut: the sum with a branch that is scaled to nothing.
    fn scaled(&mut self, shortcut: Buf, tensor: TensorId, block: usize) -> Buf {
        let c4 = vec4s(self.shape(tensor)[2]) as u64;
        let zero = Bound { buf: Buf::Zero, range: Some((0, 4 * c4 * 16)) };
        self.part(shortcut, zero, tensor, false, Some((shortcut, block)))
    }

    fn show(&mut self, buf: Buf, shape: [usize; 3], most: usize, columns: usize) -> Shown {
        Shown::place(&mut self.totals, &mut self.shelves, buf, shape, most, columns)
    }

    /// Measures and paints a tensor on a card, with channels and scale of its own.
    fn card(&mut self, buf: Buf, shape: [usize; 3], columns: usize, signed: bool) -> Shown {
        let columns = if shape[1] > LARGE { 2 } else { columns };
        let mut shown = self.show(buf, shape, columns * columns, columns);
        shown.signed = signed;
        (shown.picks, shown.scale) = (self.pick_groups, self.scale_groups);
        self.pick_groups += 1;
        self.scale_groups += 1;
        self.emit(&shown);
        shown
    }

    fn emit(&mut self, shown: &Shown) {
        self.b.program.dispatches.extend(shown.measure());
        self.b.program.dispatches.push(shown.paint());
    }
}

/// Maps in a row of a card, by stage.
fn card_columns(stage: usize) -> usize {
    match stage {
        0 | 1 => 2,
        2 => 3,
        _ => 4,
    }
}

/// Lays out a look.
pub fn compose(graph: &Graph, layout: &Layout, variants: &Variants, key: &LookKey) -> Look {
    let mut b = Builder::bare(graph, layout, variants, key.mode, key.batch);
    b.set_phase(Phase::Probe);
    let mut shelves = Shelves::new(RESERVED_ROWS);
    let side = graph.spec.input_size as u32;
    let input_at = shelves.place(side, side);
    let mut c = Composer { b, key, totals: Totals::default(), shelves, scale_groups: 0, pick_groups: 0 };
    let stem = graph.blocks[0].input;
    let opened = key.block.map(|n| &graph.blocks[n]);
    let mut overview = Vec::new();
    let mut open = opened.map(Opened::new);
    for (i, node) in graph.nodes.iter().enumerate() {
        c.b.forward(i);
        let output = node.op.output();
        if let Some(open) = &mut open {
            open.after(&mut c, i, &node.name, &node.op);
        }
        if output == stem {
            let buf = c.take(stem);
            let shape = c.shape(stem);
            overview.push(c.card(buf, shape, card_columns(0), false));
        }
        if let Some(block) = graph.blocks.iter().find(|block| block.output == output) {
            let shown = block_card(&mut c, block);
            overview.push(shown);
        }
    }
    let logits = c.take(graph.logits);
    let (stages, shortcut) = match open {
        Some(open) => open.finish(&mut c),
        None => (Vec::new(), None),
    };
    let worked = key.stage.filter(|s| *s < stages.len()).map(|s| work_out(&mut c, graph, &stages, s));
    Look {
        overview,
        block: key.block,
        stages,
        shortcut,
        worked,
        input_at,
        logits,
        totals: c.totals,
        pick_groups: c.pick_groups,
        scale_groups: c.scale_groups,
        bottom: c.shelves.bottom(),
        program: c.b.program,
    }
}

fn block_card(c: &mut Composer, block: &Block) -> Shown {
    let Op::Affine(affine) = &c.b.graph.nodes[block.affine].op else {
        unreachable!("a block ends in an affine")
    };
    let affine = affine.clone();
    let shape = c.shape(block.output);
    let coef = c.b.coef(block.affine, vec4s(shape[2]));
    let (buf, signed) = match c.key.maps {
        Maps::Output => (c.take(block.output), false),
        maps => {
            let y = c.take(affine.input);
            let shortcut = match affine.residual {
                Some((s, n)) if maps == Maps::Sum => Some((c.take(s), n)),
                _ => None,
            };
            (c.part(y, coef, block.output, false, shortcut), true)
        }
    };
    c.card(buf, shape, card_columns(block.stage), signed)
}

/// The opened block's tensors, gathered while its nodes run.
struct Opened<'a> {
    block: &'a Block,
    input: Option<Buf>,
    /// Role, layer, buffer, tensor whose shape it has, signed.
    branch: Vec<(Role, String, Buf, TensorId, bool)>,
    side: Vec<(Role, String, Buf, TensorId, bool)>,
    end: Vec<(Role, String, Buf, TensorId, bool)>,
    /// The last convolution's output by itself.
    last: Option<Buf>,
    convs: usize,
    shortcut: Option<Buf>,
}

impl<'a> Opened<'a> {
    fn new(block: &'a Block) -> Self {
        Self {
            block,
            input: None,
            branch: Vec::new(),
            side: Vec::new(),
            end: Vec::new(),
            last: None,
            convs: 0,
            shortcut: None,
        }
    }

    fn after(&mut self, c: &mut Composer, node: usize, name: &str, op: &Op) {
        if op.output() == self.block.input {
            self.input = Some(c.take(self.block.input));
        }
        let inside = name.strip_prefix(self.block.name.as_str()).is_some_and(|rest| rest.starts_with('.'));
        if !inside {
            return;
        }
        let beside = name.contains(".downsample.") || name.ends_with(".shortcut");
        match op {
            Op::Conv(conv) => {
                let y = c.take(conv.output);
                let role = if beside { Role::ShortcutConv } else { Role::Conv(self.convs) };
                let list = if beside { &mut self.side } else { &mut self.branch };
                list.push((role, name.to_owned(), y, conv.output, true));
                if beside {
                    self.shortcut = Some(y);
                } else {
                    self.last = Some(y);
                    self.convs += 1;
                }
            }
            Op::Affine(affine) if node == self.block.affine => self.ends(c, node, name, affine),
            Op::Affine(affine) if beside => {
                let Some(y) = self.shortcut else { return };
                let coef = c.b.coef(node, vec4s(c.shape(affine.output)[2]));
                self.shortcut = Some(c.part(y, coef, affine.output, false, None));
            }
            Op::Affine(affine) => {
                let Some(y) = self.last else { return };
                let coef = c.b.coef(node, vec4s(c.shape(affine.output)[2]));
                let k = self.convs - 1;
                let norm = c.part(y, coef, affine.output, false, None);
                let relu = c.part(y, coef, affine.output, true, None);
                self.branch.push((Role::Norm(k), name.to_owned(), norm, affine.output, true));
                self.branch.push((Role::Relu(k), String::new(), relu, affine.output, false));
            }
            Op::ZeroPad { output, .. } => self.shortcut = Some(c.take(*output)),
            Op::MaxPool { .. } | Op::AvgPool { .. } => {}
        }
    }

    /// The block's last node: F(x), α·shortcut(x), their sum, its ReLU.
    fn ends(&mut self, c: &mut Composer, node: usize, name: &str, affine: &Affine) {
        let Some(y) = self.last else { return };
        let t = affine.output;
        let coef = c.b.coef(node, vec4s(c.shape(t)[2]));
        let branch = c.part(y, coef, t, false, None);
        self.branch.push((Role::Norm(self.convs - 1), name.to_owned(), branch, t, true));
        let mut summand = None;
        if let Some((_, number)) = affine.residual {
            // An identity's shortcut is x itself.
            let raw = match self.shortcut.or(self.input) {
                Some(raw) => raw,
                None => return,
            };
            self.shortcut = Some(raw);
            let projected = !self.side.is_empty();
            let scaled = c.scaled(raw, t, number);
            self.side.push((Role::Shortcut, String::new(), scaled, t, projected));
            summand = Some((raw, number));
            let sum = c.part(y, coef, t, false, summand);
            self.end.push((Role::Sum, String::new(), sum, t, true));
        }
        let output = c.part(y, coef, t, affine.relu, summand);
        self.end.push((Role::Output, String::new(), output, t, false));
    }

    /// Measures and paints all of it, on one scale. Tensors that are added or follow one another show the
    /// same channels.
    fn finish(self, c: &mut Composer) -> (Vec<StageShown>, Option<Buf>) {
        let Some(input) = self.input else { return (Vec::new(), None) };
        let mut all = vec![(Role::Input, String::new(), input, self.block.input, false)];
        all.extend(self.branch);
        all.extend(self.side);
        all.extend(self.end);
        let scale = c.scale_groups;
        c.scale_groups += 1;
        let identity = self.block.shortcut == Some(self.block.input);
        // Group 0: x; 1 + k: what follows convolution k; the last of them also has the sum and the output.
        let first = c.pick_groups;
        let last = self.convs - 1;
        c.pick_groups += 1 + self.convs;
        let mut stages = Vec::new();
        for (role, layer, buf, tensor, signed) in all {
            let shape = c.shape(tensor);
            let columns = if shape[1] > LARGE { 2 } else { 4 };
            let mut shown = c.show(buf, shape, columns * columns, columns);
            shown.signed = signed;
            shown.scale = scale;
            shown.picks = first
                + match role {
                    Role::Input if identity => 1 + last,
                    Role::Input => 0,
                    Role::Conv(k) | Role::Norm(k) | Role::Relu(k) => 1 + k,
                    Role::ShortcutConv | Role::Shortcut | Role::Sum | Role::Output => 1 + last,
                };
            c.emit(&shown);
            stages.push(StageShown { role, layer, shown });
        }
        (stages, self.shortcut)
    }
}

/// What has to be read to work out a number of stage `s`, and the dispatches that gather it.
fn work_out(c: &mut Composer, graph: &Graph, stages: &[StageShown], s: usize) -> WorkedPlan {
    let find = |role: Role| stages.iter().position(|st| st.role == role);
    let last = stages.iter().filter_map(|st| if let Role::Conv(k) = st.role { Some(k) } else { None }).max();
    let conv_role = match stages[s].role {
        Role::Input => None,
        Role::Conv(k) | Role::Norm(k) | Role::Relu(k) => Some(Role::Conv(k)),
        Role::ShortcutConv | Role::Shortcut => find(Role::ShortcutConv).map(|_| Role::ShortcutConv),
        Role::Sum | Role::Output => last.map(Role::Conv),
    };
    let conv_stage = conv_role.and_then(find);
    let node_named = |name: &str| graph.nodes.iter().position(|n| n.name == name);
    let conv = conv_stage.and_then(|at| {
        let node = node_named(&stages[at].layer)?;
        let Op::Conv(conv) = &graph.nodes[node].op else { return None };
        let reads = match stages[at].role {
            Role::Conv(k) if k > 0 => find(Role::Relu(k - 1))?,
            _ => 0,
        };
        Some((conv.clone(), reads, at))
    });
    let norm = conv.as_ref().and_then(|(conv, _, _)| {
        let reads = |n: &crate::model::Node| matches!(&n.op, Op::Affine(a) if a.input == conv.output);
        let node = graph.nodes.iter().position(reads)?;
        let Op::Affine(affine) = &graph.nodes[node].op else { return None };
        let stage = match conv_role? {
            Role::Conv(k) => Some(find(Role::Norm(k))?),
            _ => None,
        };
        Some((node, affine.clone(), stage))
    });
    let ends = conv_role.is_some() && conv_role == last.map(Role::Conv);
    let sum = if ends { find(Role::Shortcut).zip(find(Role::Sum)) } else { None };
    let relu = match conv_role {
        Some(Role::Conv(_)) if ends => find(Role::Output),
        Some(Role::Conv(k)) => find(Role::Relu(k)),
        _ => None,
    };
    if let Some((conv, _, _)) = &conv {
        let weight: ParamId = conv.weight;
        let len = conv.kernel * conv.kernel * vec4s(conv.cin) * 4;
        let bindings = [c.b.weight(weight), Buf::Place.into(), Buf::Column.into()];
        c.b.each("pick_column", len, &[(vec4s(conv.cout) * 4) as u32], &bindings, len as f64);
    }
    let mut single = |stage: usize| {
        let from = &stages[stage].shown;
        let mut shown = Shown::place(&mut c.totals, &mut c.shelves, from.buf, from.shape, 1, 1);
        (shown.scale, shown.picks, shown.signed) = (from.scale, usize::MAX, from.signed);
        shown
    };
    let tile = single(s);
    let input_tile = conv.as_ref().map(|(_, reads, _)| single(*reads));
    for shown in [Some(&tile), input_tile.as_ref()].into_iter().flatten() {
        c.b.program.dispatches.push(shown.paint());
    }
    WorkedPlan { conv, norm, sum, relu, tile, input_tile }
}

/// Whether `probe` lies in its stage.
pub fn lies_in(stages: &[StageShown], probe: &Probe) -> bool {
    stages.get(probe.stage).is_some_and(|s| {
        let [h, w, c] = s.shown.shape;
        (probe.y as usize) < h && (probe.x as usize) < w && (probe.channel as usize) < c
    })
}

/// A launch that makes nothing but a picture of a tensor, for whoever has made the tensor.
pub fn pictures(
    size: usize,
    count: usize,
    columns: usize,
    at: [u32; 2],
    scale: [f32; 3],
    shift: [f32; 3],
) -> Dispatch {
    let total = count * size * size;
    let mut d = dispatch(
        "paint_pictures",
        &[total, size, 0, columns, at[0] as usize, at[1] as usize, ATLAS_WIDTH as usize],
        &[Buf::Input, Buf::Atlas],
        total.div_ceil(64),
        total as f64 * 16.0,
    );
    d.params.extend(scale.iter().chain(&shift).map(|v| v.to_bits()));
    d
}
