// z = [ReLU]({% if RESIDUAL %}β·(scale·y + shift) + α·shortcut{% else %}scale·y + shift{% endif %}), channel by channel.
// An invocation works on {{ ROWS }} rows, far apart, of four channels: what belongs to the channels is loaded once.
// y [rows,C], coef [4,C]{% if RESIDUAL %}, shortcut [rows,C], gates [blocks]: α, β, and both backward{% endif %} → z [rows,C]

struct Params {
    first_workgroup: u32,
    total: u32,
    c4: u32,
    rows: u32, stride: u32,
    relu: u32,
    block: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> coef: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> z: array<vec4f>;
{% if RESIDUAL %}
@group(0) @binding(4) var<storage, read> shortcut: array<vec4f>;
@group(0) @binding(5) var<storage, read> gates: array<vec4f>;
{% endif %}

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let c = i % p.c4;
    let scale = coef[c];
    let shift = coef[p.c4 + c];
{% if RESIDUAL %}
    let gate = gates[p.block];
{% endif %}
    let relu = vec4<bool>(p.relu == 1u);
    let end = p.rows * p.c4;
    let step = p.stride * p.c4;
    var j = i;
    for (var row = 0u; row < {{ ROWS }}u && j < end; row++) {
        var v = fma(y[j], scale, shift);
{% if RESIDUAL %}
        v = fma(vec4f(gate.x), shortcut[j], gate.y * v);
{% endif %}
        // Not max(v, 0), which would turn NaN into 0 and hide it.
        z[j] = select(v, vec4f(0.0), (v < vec4f(0.0)) & relu);
        j += step;
    }
}
