//! Where parameters, running statistics and measurements lie in GPU buffers, and the conversion between
//! PyTorch's layouts and the kernels'.
//!
//! A convolution's weight is `[kh, kw, in, out]` on the GPU, channels filled up with zeros to multiples
//! of four; the fillers stay zero, since their gradients are. Parameters share a few large buffers
//! ("arenas") that each fit one binding, so that an update is one dispatch an arena.

use crate::model::{Graph, Op, Param};

/// Bindings start at multiples of this (WebGPU's default `minStorageBufferOffsetAlignment`).
pub const ALIGN: u64 = 256;
/// Largest binding under WebGPU's default limits, in bytes.
pub const MAX_BINDING: u64 = 128 << 20;
/// vec4s that a workgroup of the update works on: a barrier costs a software adapter as much as some hundred of them.
const UPDATE_CHUNK: u64 = 4096;
/// Steps whose measurements fit the ring.
pub const RING_STEPS: u64 = 256;

/// Channels in vec4s.
pub fn vec4s(channels: usize) -> usize {
    channels.div_ceil(4)
}

/// Where one parameter lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamSlot {
    pub arena: usize,
    /// Bytes from the arena's start.
    pub offset: u64,
    /// Bytes, fillers included.
    pub bytes: u64,
}

/// Layout of all buffers whose contents outlive a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// One for each of the graph's parameters.
    pub params: Vec<ParamSlot>,
    /// Bytes of each arena.
    pub arenas: Vec<u64>,
    /// Byte offset of each batch norm's running mean and variance, `[2, C]`.
    pub norms: Vec<u64>,
    pub running_bytes: u64,
    /// Byte offset of each affine node's coefficients `[4, C]`, by node; `None` for other nodes.
    pub coefs: Vec<Option<u64>>,
    pub coef_bytes: u64,
    /// For each workgroup of the update: first vec4 in its arena, number of vec4s.
    pub update_table: Vec<[u32; 2]>,
    /// First entry of each arena in `update_table`, and one past the last.
    pub update_arenas: Vec<usize>,
    /// For each parameter: its first entry in `update_table`, number of entries.
    pub update_ranges: Vec<[u32; 2]>,
    pub record: RecordLayout,
}

/// One step's measurements, in vec4s: loss; three for each block; one for each parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLayout {
    pub blocks: usize,
    pub params: usize,
    pub stride: usize,
}

impl RecordLayout {
    /// First vec4 of block `b`.
    pub fn block(&self, b: usize) -> usize {
        1 + 3 * b
    }

    /// First vec4 of the parameters.
    pub fn first_param(&self) -> usize {
        1 + 3 * self.blocks
    }

    /// Bytes of one record.
    pub fn bytes(&self) -> u64 {
        self.stride as u64 * 16
    }
}

/// `[out, in, kh, kw]` of a weight; a linear one is 1×1.
fn oihw(param: &Param) -> [usize; 4] {
    match param.shape[..] {
        [o, i, kh, kw] => [o, i, kh, kw],
        [o, i] => [o, i, 1, 1],
        _ => [param.len(), 1, 1, 1],
    }
}

/// Scalars of `param` on the GPU, fillers included.
fn padded_len(param: &Param) -> usize {
    match param.shape.len() {
        1 => vec4s(param.len()) * 4,
        _ => {
            let [o, i, kh, kw] = oihw(param);
            kh * kw * vec4s(i) * 4 * vec4s(o) * 4
        }
    }
}

/// Calls `f(index in PyTorch's layout, index in the GPU's)` for every scalar of `param`.
fn each_index(param: &Param, mut f: impl FnMut(usize, usize)) {
    if param.shape.len() == 1 {
        for i in 0..param.len() {
            f(i, i);
        }
        return;
    }
    let [o, i, kh, kw] = oihw(param);
    let (ip, op) = (vec4s(i) * 4, vec4s(o) * 4);
    let mut at = 0;
    for co in 0..o {
        for ci in 0..i {
            for tap in 0..kh * kw {
                f(at, (tap * ip + ci) * op + co);
                at += 1;
            }
        }
    }
}

/// PyTorch's layout → the GPU's.
pub fn to_gpu(param: &Param, values: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; padded_len(param)];
    each_index(param, |from, to| out[to] = values[from]);
    out
}

/// The GPU's layout → PyTorch's.
pub fn from_gpu(param: &Param, values: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; param.len()];
    each_index(param, |to, from| out[to] = values[from]);
    out
}

/// An activation as kernels have it, `[N,H,W,C]` with channels in vec4s → PyTorch's `[N,C,H,W]`. Fillers, which are
/// zero, are left out.
pub fn activation_from_gpu(values: &[f32], n: usize, [h, w, c]: [usize; 3]) -> Vec<f32> {
    let (plane, width) = (h * w, vec4s(c) * 4);
    let mut out = vec![0.0; n * c * plane];
    for (at, value) in out.iter_mut().enumerate() {
        let (image, channel, pixel) = (at / (c * plane), at / plane % c, at % plane);
        *value = values[(image * plane + pixel) * width + channel];
    }
    out
}

/// PyTorch's `[N,C,H,W]` → an activation as kernels have it, `[N,H,W,C]` with channels in vec4s.
pub fn activation_to_gpu(values: &[f32], n: usize, [h, w, c]: [usize; 3]) -> Vec<f32> {
    let (plane, width) = (h * w, vec4s(c) * 4);
    let mut out = vec![0.0; n * plane * width];
    for (at, value) in values.iter().enumerate() {
        let (image, channel, pixel) = (at / (c * plane), at / plane % c, at % plane);
        out[(image * plane + pixel) * width + channel] = *value;
    }
    out
}

impl Layout {
    /// Lays out the buffers of `graph`.
    pub fn new(graph: &Graph) -> Self {
        let mut params = Vec::new();
        let mut arenas = vec![0u64];
        let mut update_table = Vec::new();
        let mut update_arenas = vec![0];
        let mut update_ranges = Vec::new();
        for param in &graph.params {
            let bytes = padded_len(param) as u64 * 4;
            let mut arena = arenas.len() - 1;
            if arenas[arena] + bytes > MAX_BINDING {
                arenas.push(0);
                update_arenas.push(update_table.len());
                arena += 1;
            }
            let offset = arenas[arena];
            arenas[arena] = (offset + bytes).next_multiple_of(ALIGN);
            let (first, len) = (offset / 16, bytes / 16);
            let entry = update_table.len() as u32;
            for start in (0..len).step_by(UPDATE_CHUNK as usize) {
                update_table.push([(first + start) as u32, (len - start).min(UPDATE_CHUNK) as u32]);
            }
            update_ranges.push([entry, update_table.len() as u32 - entry]);
            params.push(ParamSlot { arena, offset, bytes });
        }
        update_arenas.push(update_table.len());

        let mut running_bytes = 0;
        let norms = graph
            .norms
            .iter()
            .map(|(_, c)| {
                let at = running_bytes;
                running_bytes = (at + 2 * vec4s(*c) as u64 * 16).next_multiple_of(ALIGN);
                at
            })
            .collect();
        let mut coef_bytes = 0;
        let coefs = graph
            .nodes
            .iter()
            .map(|node| match &node.op {
                Op::Affine(a) => {
                    let at = coef_bytes;
                    let c4 = vec4s(graph.tensors[a.output].c) as u64;
                    coef_bytes = (at + 4 * c4 * 16).next_multiple_of(ALIGN);
                    Some(at)
                }
                _ => None,
            })
            .collect();
        let record = RecordLayout {
            blocks: graph.blocks.len(),
            params: graph.params.len(),
            stride: 1 + 3 * graph.blocks.len() + graph.params.len(),
        };
        Self {
            params,
            arenas,
            norms,
            running_bytes,
            coefs,
            coef_bytes,
            update_table,
            update_arenas,
            update_ranges,
            record,
        }
    }

    /// Bytes of weights, gradients and velocities together.
    pub fn param_bytes(&self) -> u64 {
        3 * self.arenas.iter().sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ParamKind, by_name};

    #[test]
    fn layouts_convert_there_and_back() {
        for shape in [vec![6, 3, 3, 3], vec![10, 7], vec![5], vec![4, 4, 1, 1], vec![2, 9, 7, 7]] {
            let param = Param { name: "w".into(), kind: ParamKind::Weight, fan_in: 1, shape };
            let values: Vec<f32> = (0..param.len()).map(|i| i as f32 + 1.0).collect();
            let gpu = to_gpu(&param, &values);
            assert_eq!(gpu.len() % 4, 0);
            assert_eq!(gpu.iter().filter(|v| **v != 0.0).count(), values.len());
            assert_eq!(from_gpu(&param, &gpu), values);
        }
    }

    #[test]
    fn outputs_are_innermost_on_the_gpu() {
        let param = Param { name: "w".into(), kind: ParamKind::Weight, fan_in: 1, shape: vec![8, 4, 1, 2] };
        let values: Vec<f32> = (0..64).map(|i| i as f32).collect();
        let gpu = to_gpu(&param, &values);
        // Output 1 of input 0 at tap 0 follows output 0 of the same.
        assert_eq!(gpu[1], values[8]);
        // Tap 1 comes after all channels of tap 0.
        assert_eq!(gpu[32], values[1]);
    }

    #[test]
    fn arenas_fit_a_binding_and_the_table_covers_them() {
        let graph = Graph::new(&by_name("resnet152-imagenet").expect("in the zoo")).expect("valid");
        let layout = Layout::new(&graph);
        assert_eq!(layout.arenas.len(), 2);
        assert!(layout.arenas.iter().all(|a| *a <= MAX_BINDING));
        let covered: u64 = layout.update_table.iter().map(|e| u64::from(e[1]) * 16).sum();
        assert_eq!(covered, layout.params.iter().map(|p| p.bytes).sum::<u64>());
        assert!(layout.params.iter().all(|p| p.offset % ALIGN == 0));
    }
}
