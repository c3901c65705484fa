// The weights that lead to one output channel, by themselves.
// w [k,k,in,out] → picked [k·k·in]; `place` [1]: the output channel

struct Params {
    first_workgroup: u32,
    total: u32,
    // Output channels with fillers.
    outs: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> place: array<u32>;
@group(0) @binding(3) var<storage, read_write> picked: array<f32>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i < p.total) {
        picked[i] = w[i * p.outs + place[0]];
    }
}
