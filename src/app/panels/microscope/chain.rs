//! Which of a block's stages stand beside each other, and what happens between them.

use super::super::super::i18n;
use super::super::super::theme::Palette;
use crate::model::{BlockKind, ModelSpec};
use crate::session::{CloseUp, Role, Stage};
use eframe::egui::Color32;

/// How much of the block there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Every stage.
    All,
    /// x, after each ReLU, F(x), the sum, the output.
    Short,
    /// x, F(x), the output.
    Few,
}

/// What a stage's name is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Skip,
    Branch,
    Plain,
}

impl Tone {
    /// Its colour, for a stage that is shown in full or at a glance.
    pub fn ink(self, p: &Palette, full: bool) -> Color32 {
        match self {
            Self::Skip => p.skip,
            Self::Branch => p.f_branch,
            Self::Plain if full => p.ink,
            Self::Plain => p.ink2,
        }
    }
}

/// One stage of the chain and the way to it from the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Index into [`CloseUp::stages`].
    pub stage: usize,
    pub label: String,
    pub tone: Tone,
    /// Words over and under the arrow that leads here.
    pub above: String,
    pub below: String,
    /// What that operation does.
    pub hint: String,
    /// Whether ⊕ stands on that arrow.
    pub plus: bool,
    /// Whether it lies in the branch.
    pub branch: bool,
}

/// The number of the last convolution, as [`Role::Norm`] counts.
pub fn last(close: &CloseUp) -> usize {
    let norms = close.stages.iter().filter_map(|s| if let Role::Norm(i) = s.role { Some(i) } else { None });
    norms.max().unwrap_or(0)
}

/// The stage of `role`.
pub fn stage(close: &CloseUp, role: Role) -> Option<&Stage> {
    close.stages.iter().find(|s| s.role == role)
}

/// F(x).
pub fn branch(close: &CloseUp) -> Option<&Stage> {
    stage(close, Role::Norm(last(close)))
}

/// Side of the kernel of convolution `i` of the branch.
fn kernel(spec: &ModelSpec, i: usize) -> usize {
    match (spec.block, i) {
        (BlockKind::Bottleneck, 0 | 2) => 1,
        _ => 3,
    }
}

/// `layer2.1.conv1` without the block's name.
pub fn short(layer: &str) -> &str {
    // `downsample.0` keeps its number's name: what follows the block is `stage.index.`.
    layer.splitn(3, '.').nth(2).unwrap_or(layer)
}

/// The stages to show with `detail`, from left to right.
pub fn columns(close: &CloseUp, spec: &ModelSpec, detail: Detail) -> Vec<Column> {
    let last = last(close);
    let residual = stage(close, Role::Sum).is_some();
    let mut out: Vec<Column> = Vec::new();
    for (i, s) in close.stages.iter().enumerate() {
        let wanted = match (detail, s.role) {
            (_, Role::ShortcutConv | Role::Shortcut) => false,
            (Detail::All, _) | (_, Role::Input | Role::Output) => true,
            (_, Role::Norm(n)) => n == last,
            (Detail::Short, Role::Relu(_) | Role::Sum) => true,
            _ => false,
        };
        if wanted {
            out.push(column(close, spec, detail, i, last, residual));
        }
    }
    out
}

fn column(
    close: &CloseUp,
    spec: &ModelSpec,
    detail: Detail,
    i: usize,
    last: usize,
    residual: bool,
) -> Column {
    let s = &close.stages[i];
    let norm = if spec.batch_norm { "BN" } else { "+ b" };
    let own = |layer: &str, other: &str| {
        if layer.is_empty() { other.to_owned() } else { short(layer).to_owned() }
    };
    let size = |n: usize| {
        let side = format!("{0}×{0}", kernel(spec, n));
        // As in He et al.: a stride of two is written /2.
        let before = close.stages.get(i.wrapping_sub(1)).map_or(s.shape[0], |b| b.shape[0]);
        if detail == Detail::All && before > s.shape[0] { format!("{side} /2") } else { side }
    };
    let several = |n: usize| if n == 0 { "ReLU(BN(conv x))" } else { "ReLU(BN(conv))" }.replace("BN", norm);
    let (label, tone, above, below, hint) = match s.role {
        Role::Input => ("x".into(), Tone::Skip, String::new(), String::new(), String::new()),
        Role::Conv(n) => {
            (own(&s.layer, "conv"), Tone::Plain, "conv".into(), size(n), i18n::scope_conv_hint().into())
        }
        Role::Norm(n) if detail == Detail::All => {
            let name = own(&s.layer, norm);
            let hint = if spec.batch_norm { i18n::scope_bn_hint() } else { i18n::scope_bias_hint() };
            let (name, tone) =
                if n == last { (format!("{name} = F(x)"), Tone::Branch) } else { (name, Tone::Plain) };
            (name, tone, norm.into(), String::new(), hint.into())
        }
        Role::Norm(_) if detail == Detail::Short => {
            ("F(x)".into(), Tone::Branch, "conv".into(), norm.into(), i18n::scope_conv_bn_hint().into())
        }
        Role::Norm(_) => {
            ("F(x)".into(), Tone::Branch, "F".into(), String::new(), i18n::scope_branch_hint().into())
        }
        Role::Relu(_) if detail == Detail::All => {
            ("ReLU".into(), Tone::Plain, "ReLU".into(), String::new(), i18n::scope_relu_hint().into())
        }
        Role::Relu(n) => {
            (several(n), Tone::Plain, "conv".into(), norm.into(), i18n::scope_conv_bn_hint().into())
        }
        Role::Sum => {
            (sum_name(close), Tone::Plain, String::new(), String::new(), i18n::scope_sum_hint().into())
        }
        _ => {
            let hint = if residual && detail == Detail::Few {
                i18n::scope_sum_relu_hint()
            } else {
                i18n::scope_relu_hint()
            };
            (i18n::scope_output().into(), Tone::Plain, "ReLU".into(), String::new(), hint.into())
        }
    };
    let plus = residual
        && match detail {
            Detail::Few => s.role == Role::Output,
            _ => s.role == Role::Sum,
        };
    let branch = matches!(s.role, Role::Conv(_) | Role::Norm(_) | Role::Relu(_));
    Column { stage: i, label, tone, above, below, hint, plus, branch }
}

/// The sum, as short as its place is narrow.
fn sum_name(close: &CloseUp) -> String {
    if upper(close).is_empty() { "α·x + F(x)".into() } else { i18n::scope_sum().into() }
}

/// What the skip carries into ⊕: `α·x`, or `α·shortcut(x)` where it is changed on its way.
pub fn alpha_skip(close: &CloseUp) -> &'static str {
    if upper(close).is_empty() { "α·x" } else { "α·shortcut(x)" }
}

/// Stages on the shortcut's own way: its convolution, and what arrives at ⊕ where that is not α·x itself.
pub fn upper(close: &CloseUp) -> Vec<usize> {
    let input = stage(close, Role::Input).map(|s| s.shape);
    let reshaped = stage(close, Role::Shortcut).is_some_and(|s| Some(s.shape) != input);
    let projected = stage(close, Role::ShortcutConv).is_some();
    (0..close.stages.len())
        .filter(|&i| match close.stages[i].role {
            Role::ShortcutConv => true,
            Role::Shortcut => reshaped || projected,
            _ => false,
        })
        .collect()
}
