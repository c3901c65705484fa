// Which channels a ReLU lets anything through, first pass: 1 where a chunk of rows has a value above 0.
// z [rows,C] → part [chunks,C]

struct Params {
    first_workgroup: u32,
    total: u32,
    rows: u32, c4: u32, per_chunk: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> z: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> part: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let c = i % p.c4;
    let first = (i / p.c4) * p.per_chunk;
    let end = min(first + p.per_chunk, p.rows);
    var largest = vec4f(0.0);
    for (var row = first; row < end; row++) {
        largest = max(largest, z[row * p.c4 + c]);
    }
    part[i] = select(vec4f(0.0), vec4f(1.0), largest > vec4f(0.0));
}
