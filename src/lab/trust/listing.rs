//! What really runs for a layer: kernels with their source, launches and sizes.

use crate::engine::layout::Layout;
use crate::engine::program::{Builder, Mode, Phase, Program};
use crate::engine::variants::Variants;
use crate::gpu;
use crate::model::Graph;
use serde::Serialize;

/// A buffer that a launch reads or writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// What the kernel calls it.
    pub name: String,
    pub writes: bool,
    /// Bytes of the part that is bound; `None` for a shared buffer that is bound whole.
    pub bytes: Option<u64>,
}

/// One dispatch of a training step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Launch {
    pub layer: String,
    pub phase: Phase,
    pub kernel: String,
    /// Plain WGSL, as the device compiled it.
    pub source: &'static str,
    /// Workgroups; the size of each is in the source.
    pub workgroups: u32,
    /// The uniform after `first_workgroup`, as 32-bit words.
    pub params: Vec<u32>,
    /// Floating-point operations, roughly.
    pub flops: f64,
    pub buffers: Vec<Bound>,
}

/// The dispatches of `layer` (torchvision's name; `loss`, `sgd`) in a training step over `batch` pictures; of all
/// layers without one.
pub fn launches(graph: &Graph, variants: &Variants, batch: usize, layer: Option<&str>) -> Vec<Launch> {
    let layout = Layout::new(graph);
    let program = Builder::build(graph, &layout, variants, Mode::Train, batch);
    let of_layer = program.dispatches.iter().filter(|d| layer.is_none_or(|l| l == d.layer));
    of_layer
        .map(|d| {
            let source = gpu::source(&d.kernel).unwrap_or_default();
            Launch {
                layer: d.layer.clone(),
                phase: d.phase,
                kernel: d.kernel.clone(),
                source,
                workgroups: d.workgroups,
                params: d.params.clone(),
                flops: d.work,
                buffers: names(source)
                    .zip(&d.bindings)
                    .map(|((name, writes), bound)| Bound { name, writes, bytes: bytes(&program, bound) })
                    .collect(),
            }
        })
        .collect()
}

fn bytes(program: &Program, bound: &crate::engine::program::Bound) -> Option<u64> {
    match bound.buf {
        crate::engine::program::Buf::Virtual(v) => Some(program.sizes[v]),
        _ => bound.range.map(|(_, bytes)| bytes),
    }
}

/// Name of every binding after the first, and whether it is written.
fn names(source: &str) -> impl Iterator<Item = (String, bool)> {
    let declared = source.lines().filter_map(|line| {
        let rest = line.strip_prefix("@group(0) @binding(")?;
        let (usage, name) = rest.split_once("var<")?.1.split_once('>')?;
        let name = name.trim().split(':').next()?.to_owned();
        Some((name, usage.contains("read_write")))
    });
    declared.skip(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::by_name;

    #[test]
    fn a_layers_launches_come_with_source_and_sizes() {
        let graph = Graph::new(&by_name("resnet20").expect("in the zoo")).expect("valid");
        let list = launches(&graph, &Variants::default(), 4, Some("layer1.0.conv1"));
        let forward = list.iter().find(|l| l.phase == Phase::Forward).expect("a forward pass");
        assert!(forward.kernel.starts_with("conv_forward/k3s1/"), "{}", forward.kernel);
        assert!(forward.source.contains("@compute"));
        let names: Vec<&str> = forward.buffers.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["x", "weight", "y"]);
        // [4,32,32,16] of f32, and 3·3·16·16 weights.
        assert_eq!(forward.buffers[0].bytes, Some(4 * 32 * 32 * 16 * 4));
        assert_eq!(forward.buffers[1].bytes, Some(9 * 256 * 4));
        assert!(forward.buffers[2].writes && !forward.buffers[0].writes);
        assert!(list.iter().filter(|l| l.phase == Phase::Backward).count() >= 2);
        assert!(launches(&graph, &Variants::default(), 4, None).len() > 100);
    }
}
