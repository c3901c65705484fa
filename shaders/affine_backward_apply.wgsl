// Backward through ReLU and {% if NORM %}batch norm{% else %}a bias{% endif %}, third pass, g = {% if RESIDUAL %}β·{% endif %}dz where z > 0:
// dy = {% if NORM %}γ/σ·(g − mean(g) − ŷ·mean(g·ŷ)){% else %}g{% endif %}{% if RESIDUAL %}; dz becomes the shortcut's gradient α·dz where z > 0{% else %}, in place of dz{% endif %}.
// dz, z{% if NORM %}, y{% endif %} [rows,C] → {% if RESIDUAL %}dy, dz{% else %}dz{% endif %} [rows,C]

struct Params {
    first_workgroup: u32,
    total: u32,
    c4: u32,
    relu: u32,
    block: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> dz: array<vec4f>;
@group(0) @binding(2) var<storage, read> z: array<vec4f>;
{% if NORM %}
@group(0) @binding(3) var<storage, read> y: array<vec4f>;
@group(0) @binding(4) var<storage, read> coef: array<vec4f>;
@group(0) @binding(5) var<storage, read> back: array<vec4f>;
{% endif %}
{% if RESIDUAL %}
@group(0) @binding(6) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(7) var<storage, read> gates: array<vec4f>;
{% endif %}

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let keep = vec4<bool>(p.relu == 0u);
    let through = select(vec4f(0.0), dz[i], keep | (z[i] > vec4f(0.0)));
{% if RESIDUAL %}
    let gate = gates[p.block];
    let g = gate.w * through;
{% else %}
    let g = through;
{% endif %}
{% if NORM %}
    let c = i % p.c4;
    let normalised = (y[i] - coef[2u * p.c4 + c]) * coef[3u * p.c4 + c];
    let d = back[c] * (g - back[p.c4 + c] - normalised * back[2u * p.c4 + c]);
{% else %}
    let d = g;
{% endif %}
{% if RESIDUAL %}
    dy[i] = d;
    dz[i] = gate.z * through;
{% else %}
    dz[i] = d;
{% endif %}
}
