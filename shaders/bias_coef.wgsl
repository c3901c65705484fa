// A bias in the form the affine pass takes: scale 1, shift the bias.
// bias [C] → coef [4,C]: scale, shift, mean 0, 1/σ 1

struct Params {
    first_workgroup: u32,
    total: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> bias: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> coef: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let c = workgroup_number(wg) * 64u + lane;
    if (c >= p.total) {
        return;
    }
    coef[c] = vec4f(1.0);
    coef[p.total + c] = bias[c];
    coef[2u * p.total + c] = vec4f(0.0);
    coef[3u * p.total + c] = vec4f(1.0);
}
