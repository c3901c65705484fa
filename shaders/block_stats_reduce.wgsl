// What a block adds up, second pass: merges the chunks in a tree into the step's record.
// part [2,chunks] → ring [slot]: two vec4s a block: means, then standard deviations of (s, F, sum, output)

struct Params {
    first_workgroup: u32,
    chunks: u32,
    len: u32, per_chunk: u32,
    c4: u32, channels: u32,
    stride: u32, offset: u32,
}

{% include "common/step.wgsl" %}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> part: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> ring: array<vec4f>;

{% include "common/moments.wgsl" %}

var<workgroup> shared_moments: array<Moments, 64>;

// Real values among vec4s first .. end, the last vec4 of every pixel being partly filled.
fn values(first: u32, end: u32) -> f32 {
    let missing = p.c4 * 4u - p.channels;
    return f32((end - first) * 4u) - f32(missing) * f32(end / p.c4 - first / p.c4);
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
    var mine = Moments(0.0, vec4f(0.0), vec4f(0.0));
    for (var k = lane; k < p.chunks; k += 64u) {
        let first = k * p.per_chunk;
        let count = values(first, min(first + p.per_chunk, p.len));
        mine = merge(mine, Moments(count, part[k], part[p.chunks + k]));
    }
    shared_moments[lane] = mine;
    workgroupBarrier();
    if (lane == 0u) {
        let at = step.slot * p.stride + p.offset;
        var m = shared_moments[0];
        for (var k = 1u; k < 64u; k++) {
            m = merge(m, shared_moments[k]);
        }
        ring[at] = m.mean;
        ring[at + 1u] = sqrt(m.m2 / m.count);
    }
}
