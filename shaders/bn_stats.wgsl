// Batch norm, first pass: mean and squared deviations of every channel over chunks of pixels.
// y [rows,C] → part [2,chunks,C]: means, then sums of squared deviations

struct Params {
    first_workgroup: u32,
    total: u32,
    rows: u32, c4: u32,
    rows_per_chunk: u32, chunks: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> part: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let c = i % p.c4;
    let first = (i / p.c4) * p.rows_per_chunk;
    let end = min(first + p.rows_per_chunk, p.rows);
    var sum = vec4f(0.0);
    for (var r = first; r < end; r++) {
        sum += y[r * p.c4 + c];
    }
    let mean = sum / f32(end - first);
    var m2 = vec4f(0.0);
    for (var r = first; r < end; r++) {
        let d = y[r * p.c4 + c] - mean;
        m2 = fma(d, d, m2);
    }
    part[i] = mean;
    part[p.total + i] = m2;
}
