// Batch norm in evaluation mode: scale and shift from the running statistics.
// gamma, beta [C], running [2,C] → coef [4,C]: scale, shift, mean, 1/σ

struct Params {
    first_workgroup: u32,
    total: u32,
    eps: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> gamma: array<vec4f>;
@group(0) @binding(2) var<storage, read> beta: array<vec4f>;
@group(0) @binding(3) var<storage, read> running: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> coef: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let c = workgroup_number(wg) * 64u + lane;
    if (c >= p.total) {
        return;
    }
    let mean = running[c];
    let inverse = inverseSqrt(running[p.total + c] + vec4f(p.eps));
    let scale = gamma[c] * inverse;
    coef[c] = scale;
    coef[p.total + c] = beta[c] - mean * scale;
    coef[2u * p.total + c] = mean;
    coef[3u * p.total + c] = inverse;
}
