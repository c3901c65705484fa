//! The layers of a network in the order they run, as everything that is measured layer by layer needs
//! them: stages, their blocks, and the weights that have bars. Where they stand is in `placement`.

use crate::model::{Graph, Op, ParamId};
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

impl BlockBars {
    /// Norm over all of the block's weights, from those of the parameters.
    pub fn length(&self, norms: &[f32]) -> Option<f32> {
        let sum = self.bars.iter().map(|b| norms.get(b.param).map(|n| n * n)).sum::<Option<f32>>()?;
        Some(sum.sqrt())
    }
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

    /// `layer2.1`, as the model names its blocks; empty if there is no such block.
    pub fn block_name(&self, block: usize) -> String {
        let stage = self.stages.iter().find(|s| s.blocks.contains(&block));
        match (stage, self.blocks.get(block)) {
            (Some(stage), Some(b)) => format!("{}.{}", stage.name, b.index),
            _ => String::new(),
        }
    }

    /// The block that each bar belongs to, from input to output.
    pub fn owners(&self) -> impl Iterator<Item = Option<usize>> {
        let inside = self.blocks.iter().enumerate().flat_map(|(i, b)| b.bars.iter().map(move |_| Some(i)));
        self.stem.iter().map(|_| None).chain(inside).chain(self.head.iter().map(|_| None))
    }

    /// Gradient norm of the first convolution by that of the last, from those of the parameters; the classifier
    /// is none.
    pub fn first_by_last(&self, norms: &[f32]) -> Option<f32> {
        let convolutions = self.bars().count() - self.head.len();
        let finite = |b: &Bar| norms.get(b.param).copied().filter(|n| n.is_finite());
        let all: Vec<f32> = self.bars().take(convolutions).filter_map(finite).collect();
        all.last().filter(|last| **last > 0.0).map(|last| all[0] / last)
    }

    /// All bars from input to output.
    pub fn bars(&self) -> impl Iterator<Item = &Bar> {
        self.stem.iter().chain(self.blocks.iter().flat_map(|b| &b.bars)).chain(&self.head)
    }
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
    use crate::model::by_name;

    fn layers(name: &str) -> Layers {
        Layers::of(&Graph::new(&by_name(name).expect("in the zoo")).expect("valid"))
    }

    #[test]
    fn first_by_last_begins_with_the_stem_and_ends_before_the_classifier() {
        let l = layers("resnet8");
        let most = l.bars().map(|b| b.param).max().expect("bars");
        let mut norms = vec![1.0; most + 1];
        let bars: Vec<&Bar> = l.bars().collect();
        norms[bars[0].param] = 6.0;
        norms[bars[bars.len() - 2].param] = 2.0;
        assert_eq!((bars[0].layer.as_str(), bars[bars.len() - 1].layer.as_str()), ("conv1", "fc"));
        assert_eq!(l.first_by_last(&norms), Some(3.0));
        norms[bars[bars.len() - 2].param] = 0.0;
        assert_eq!(l.first_by_last(&norms), None);
        assert_eq!(l.first_by_last(&[]), None);
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
