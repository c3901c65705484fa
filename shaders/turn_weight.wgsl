// A convolution's weight laid out anew, input channels innermost, so that the way back through it is a way forward.
// weight [k,k,Ci,Co] → out, where the vec4 of input channels ci of tap t and output channel co is number
// first + t·tap_step + co·row_step + ci; all of it modulo 2³², so that steps may go backwards.

struct Params {
    first_workgroup: u32,
    total: u32,
    ci4: u32, co4: u32,
    first: u32, tap_step: u32, row_step: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let rows = p.co4 * 4u;
    let co = i % rows;
    let ci = i / rows % p.ci4;
    let tap = i / (rows * p.ci4);
    let at = i / rows * 4u * rows + co;
    out[p.first + tap * p.tap_step + co * p.row_step + ci] =
        vec4f(weight[at], weight[at + rows], weight[at + 2u * rows], weight[at + 3u * rows]);
}
