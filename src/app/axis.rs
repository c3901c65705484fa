//! The layer axis: where each layer stands from left to right. Block cards, gradient bars and whatever
//! else is measured layer by layer share it, so that looking down from a block finds its numbers.

use super::theme::size;
use crate::model::{Graph, Op, ParamId};
use eframe::egui::Rangef;
use std::ops::Range;

/// One weight that the axis has a bar for.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub param: ParamId,
    /// `conv1`, `layer1.0.conv2`, `layer2.0.downsample.0`, `fc`.
    pub layer: String,
}

/// One block, with the weights inside it in the order they run.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockBars {
    pub index: usize,
    pub projected: bool,
    pub residual: bool,
    pub bars: Vec<Bar>,
}

/// Consecutive blocks of one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    pub name: String,
    /// Output as `64 × 32²`.
    pub shape: String,
    /// Indices into [`Layers::blocks`].
    pub blocks: Range<usize>,
}

/// A network as the axis sees it. Made once a network, placed anew whenever the width changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    pub stem: Vec<Bar>,
    pub stages: Vec<Stage>,
    pub blocks: Vec<BlockBars>,
    pub head: Vec<Bar>,
}

impl Layers {
    pub fn of(graph: &Graph) -> Self {
        let mut out = Self::default();
        for (i, block) in graph.blocks.iter().enumerate() {
            let t = &graph.tensors[block.output];
            match out.stages.last_mut() {
                Some(stage) if block.index > 0 => stage.blocks.end = i + 1,
                _ => out.stages.push(Stage {
                    name: format!("layer{}", block.stage),
                    shape: if t.h == t.w {
                        format!("{} × {}²", t.c, t.h)
                    } else {
                        format!("{} × {} × {}", t.c, t.h, t.w)
                    },
                    blocks: i..i + 1,
                }),
            }
            out.blocks.push(BlockBars {
                index: block.index,
                projected: block.projected,
                residual: block.shortcut.is_some(),
                bars: Vec::new(),
            });
        }
        for node in &graph.nodes {
            let Op::Conv(conv) = &node.op else { continue };
            let bar = Bar { param: conv.weight, layer: node.name.clone() };
            let owner = graph.blocks.iter().position(|b| {
                node.name.strip_prefix(b.name.as_str()).is_some_and(|rest| rest.starts_with('.'))
            });
            match owner {
                Some(i) => out.blocks[i].bars.push(bar),
                None if out.blocks.iter().all(|b| b.bars.is_empty()) => out.stem.push(bar),
                None => out.head.push(bar),
            }
        }
        out
    }

    /// All bars from input to output.
    pub fn bars(&self) -> impl Iterator<Item = &Bar> {
        self.stem.iter().chain(self.blocks.iter().flat_map(|b| &b.bars)).chain(&self.head)
    }
}

/// Where a stage's ground and its cards lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    pub stem: Rangef,
    pub stages: Vec<Rangef>,
    pub cards: Vec<Rangef>,
    pub head: Rangef,
    /// Where the trunk splits and joins: `joins[i]` before block i, `joins[i + 1]` its ⊕.
    pub joins: Vec<f32>,
    /// Width of a card.
    pub card: f32,
}

/// Sizes that follow from a card's width.
struct Measures {
    gap: f32,
    pad: f32,
    stage_gap: f32,
    end: f32,
}

impl Measures {
    fn of(card: f32) -> Self {
        Self {
            gap: (card * 0.29).clamp(1.0, 32.0),
            pad: (card * 0.1).clamp(0.5, 8.0),
            stage_gap: (card * 0.21).clamp(4.0, 16.0),
            end: (card * 0.48).clamp(8.0, 36.0),
        }
    }
}

/// Width of the classifier's column.
const HEAD: f32 = 14.0;

/// Places `layers` on `x`. Cards are as wide as the width allows, up to [`size::CARD_MAX`]; what is left
/// over goes between the stages.
pub fn place(layers: &Layers, x: Rangef) -> Placement {
    let (blocks, stages) = (layers.blocks.len() as f32, layers.stages.len() as f32);
    let need = |card: f32| {
        let m = Measures::of(card);
        2.0 * m.end
            + HEAD
            + (stages + 1.0) * m.stage_gap
            + stages * 2.0 * m.pad
            + (blocks - stages) * m.gap
            + blocks * card
    };
    let mut card = size::CARD_MAX;
    while card > 1.0 && need(card) > x.span() {
        card -= 0.25;
    }
    let m = Measures::of(card);
    let stage_gap = m.stage_gap + (x.span() - need(card)).max(0.0) / (stages + 1.0);

    let mut at = x.min;
    let mut take = |width: f32, gap: f32| {
        let r = Rangef::new(at, at + width);
        at = r.max + gap;
        r
    };
    let stem = take(m.end, m.end / 2.0 + stage_gap);
    let mut out = Placement {
        stem,
        stages: Vec::new(),
        cards: Vec::new(),
        head: stem,
        joins: vec![stem.max + m.end / 4.0 + stage_gap / 2.0],
        card,
    };
    for stage in &layers.stages {
        let left = take(0.0, m.pad).min;
        for i in stage.blocks.clone() {
            let last = i + 1 == stage.blocks.end;
            let r = take(card, if last { m.pad } else { m.gap });
            out.joins.push(if last { r.max + m.pad + stage_gap / 2.0 } else { r.max + m.gap / 2.0 });
            out.cards.push(r);
        }
        out.stages.push(Rangef::new(left, take(0.0, stage_gap).min));
    }
    let _ = take(0.0, m.end / 2.0);
    out.head = take(HEAD, 0.0);
    if let (Some(join), Some(stage)) = (out.joins.last_mut(), out.stages.last()) {
        *join = stage.max + (out.head.min - stage.max) / 3.0;
    }
    out
}

/// Splits `r` into `n` bars with a small gap.
pub fn split(r: Rangef, n: usize) -> impl Iterator<Item = Rangef> {
    let gap = (r.span() * 0.05 / n.max(1) as f32).clamp(0.5, 3.0);
    let width = (r.span() - gap * (n.max(1) - 1) as f32) / n.max(1) as f32;
    (0..n).map(move |i| {
        let left = r.min + i as f32 * (width + gap);
        Rangef::new(left, left + width)
    })
}

/// A log axis of whole decades that only ever grows, so that change on the screen is change in the
/// network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decades {
    pub low: i32,
    pub high: i32,
}

impl Default for Decades {
    fn default() -> Self {
        Self { low: -3, high: 0 }
    }
}

impl Decades {
    /// Grows until `v` fits. Zero, negative and non-finite values change nothing.
    pub fn include(&mut self, v: f32) {
        if v > 0.0 && v.is_finite() {
            let e = v.log10();
            // Twelve decades hold every gradient worth drawing; what lies outside is clipped.
            self.low = self.low.min(e.floor() as i32).max(-12);
            self.high = self.high.max(e.ceil() as i32).min(8);
        }
    }

    /// Where `v` lies, 0 at the bottom, 1 at the top; `None` for what has no logarithm.
    pub fn position(&self, v: f32) -> Option<f32> {
        (v > 0.0 && v.is_finite())
            .then(|| ((v.log10() - self.low as f32) / (self.high - self.low) as f32).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{by_name, names};

    fn layers(name: &str) -> Layers {
        Layers::of(&Graph::new(&by_name(name).expect("in the zoo")).expect("valid"))
    }

    #[test]
    fn every_convolution_has_its_place() {
        let l = layers("resnet18");
        let names: Vec<&str> = l.bars().map(|b| b.layer.as_str()).collect();
        assert_eq!(names.len(), 1 + 16 + 3 + 1);
        assert_eq!((names[0], names[20]), ("conv1", "fc"));
        assert_eq!(
            l.stages.iter().map(|s| s.shape.as_str()).collect::<Vec<_>>(),
            ["64 × 32²", "128 × 16²", "256 × 8²", "512 × 4²"]
        );
        assert_eq!(l.blocks[2].bars.len(), 3);
        assert!(l.blocks[2].projected && !l.blocks[3].projected);
    }

    #[test]
    fn every_network_fits_and_nothing_overlaps() {
        for name in names() {
            let l = layers(&name);
            for width in [340.0, 700.0, 1100.0, 2400.0] {
                let p = place(&l, Rangef::new(10.0, 10.0 + width));
                let mut at = p.stem.max;
                for (i, card) in p.cards.iter().enumerate() {
                    assert!(card.min >= at, "{name} at {width}: card {i}");
                    assert!(
                        p.joins[i] <= card.min && p.joins[i + 1] >= card.max,
                        "{name} at {width}: join {i}"
                    );
                    at = card.max;
                }
                assert!(p.head.min >= at && p.head.max <= 10.5 + width, "{name} at {width}: {:?}", p.head);
            }
        }
    }

    #[test]
    fn decades_only_grow() {
        let mut d = Decades::default();
        for v in [0.5, 0.0, f32::NAN, 3e-5, 0.2] {
            d.include(v);
        }
        assert_eq!(d, Decades { low: -5, high: 0 });
        assert_eq!(d.position(1.0), Some(1.0));
        assert_eq!(d.position(0.0), None);
    }
}
