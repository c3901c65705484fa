// Batch norm, second pass: merges the chunks of every channel in a tree, updates the running statistics
// (momentum 0.1, unbiased variance, as PyTorch) and writes what the following passes multiply and add.
// A workgroup works on eight vec4s of channels with eight lanes each: a barrier costs software adapters most.
// part [2,chunks,C] → coef [4,C]: scale, shift, mean, 1/σ; running [2,C]: mean, variance

struct Params {
    first_workgroup: u32,
    rows: u32, c4: u32,
    rows_per_chunk: u32, chunks: u32,
    eps: f32, momentum: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> part: array<vec4f>;
@group(0) @binding(2) var<storage, read> gamma: array<vec4f>;
@group(0) @binding(3) var<storage, read> beta: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> running: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> coef: array<vec4f>;

{% include "common/grid.wgsl" %}
{% include "common/moments.wgsl" %}

var<workgroup> shared_moments: array<Moments, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let c = workgroup_number(wg) * 8u + lane % 8u;
    var mine = Moments(0.0, vec4f(0.0), vec4f(0.0));
    if (c < p.c4) {
        for (var k = lane / 8u; k < p.chunks; k += 8u) {
            let count = f32(min((k + 1u) * p.rows_per_chunk, p.rows) - k * p.rows_per_chunk);
            let i = k * p.c4 + c;
            mine = merge(mine, Moments(count, part[i], part[p.chunks * p.c4 + i]));
        }
    }
    shared_moments[lane] = mine;
    workgroupBarrier();
    if (lane < 8u && c < p.c4) {
        // Every lane keeps to its own eighth.
        for (var gap = 32u; gap >= 8u; gap /= 2u) {
            for (var k = lane; k < gap; k += 8u) {
                shared_moments[k] = merge(shared_moments[k], shared_moments[k + gap]);
            }
        }
        let m = shared_moments[lane];
        let variance = m.m2 / m.count;
        let inverse = inverseSqrt(variance + vec4f(p.eps));
        let scale = gamma[c] * inverse;
        coef[c] = scale;
        coef[p.c4 + c] = beta[c] - m.mean * scale;
        coef[2u * p.c4 + c] = m.mean;
        coef[3u * p.c4 + c] = inverse;
        running[c] = mix(running[c], m.mean, p.momentum);
        // One value a channel has no unbiased variance; PyTorch refuses it, here the biased one stands in.
        let unbiased = m.m2 / max(m.count - 1.0, 1.0);
        running[p.c4 + c] = mix(running[p.c4 + c], unbiased, p.momentum);
    }
}
