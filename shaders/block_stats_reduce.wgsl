// What a block adds up, second pass: merges the chunks in a tree into the step's record.
// part [3,chunks,C/4] → ring [slot]: three vec4s a block: means, then standard deviations of (s, F, sum, output);
// (channels that are 0 in all chunks / channels, 0, 0, 0)

struct Params {
    first_workgroup: u32,
    total: u32,
    rows: u32, c4: u32,
    rows_per_chunk: u32, chunks: u32,
    channels: u32,
    stride: u32, offset: u32,
}

{% include "common/step.wgsl" %}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> part: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> ring: array<vec4f>;

{% include "common/moments.wgsl" %}
{% include "common/sum64.wgsl" %}

var<workgroup> shared_moments: array<Moments, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
    var mine = Moments(0.0, vec4f(0.0), vec4f(0.0));
    for (var i = lane; i < p.total; i += 64u) {
        let first = (i / p.c4) * p.rows_per_chunk;
        let rows = min(first + p.rows_per_chunk, p.rows) - first;
        let count = f32(rows * min(p.channels - 4u * (i % p.c4), 4u));
        mine = merge(mine, Moments(count, part[i], part[p.total + i]));
    }
    shared_moments[lane] = mine;
    var alive = vec4f(0.0);
    for (var c = lane; c < p.c4; c += 64u) {
        var any = vec4f(0.0);
        for (var k = 0u; k < p.chunks; k++) {
            any = max(any, part[2u * p.total + k * p.c4 + c]);
        }
        alive += any;
    }
    sums[lane] = alive;
    workgroupBarrier();
    if (lane == 0u) {
        let at = step.slot * p.stride + p.offset;
        var m = mine;
        for (var k = 1u; k < 64u; k++) {
            m = merge(m, shared_moments[k]);
        }
        ring[at] = m.mean;
        ring[at + 1u] = sqrt(m.m2 / m.count);
        ring[at + 2u] = vec4f(1.0 - dot(sum64(), vec4f(1.0)) / f32(p.channels), 0.0, 0.0, 0.0);
    }
}
