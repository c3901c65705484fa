// Adds up the chunks of a weight gradient, in four interleaved sums that meet in a tree.
// part [chunks,len] → out [len]

struct Params {
    first_workgroup: u32,
    total: u32,
    chunks: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> part: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    var a0 = vec4f(0.0);
    var a1 = vec4f(0.0);
    var a2 = vec4f(0.0);
    var a3 = vec4f(0.0);
    var c = 0u;
    for (; c + 4u <= p.chunks; c += 4u) {
        a0 += part[c * p.total + i];
        a1 += part[(c + 1u) * p.total + i];
        a2 += part[(c + 2u) * p.total + i];
        a3 += part[(c + 3u) * p.total + i];
    }
    for (; c < p.chunks; c++) {
        a0 += part[c * p.total + i];
    }
    out[i] = (a0 + a1) + (a2 + a3);
}
