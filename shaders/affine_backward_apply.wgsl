// Backward through ReLU and {% if NORM %}batch norm{% else %}a bias{% endif %}, third pass, g = {% if RESIDUAL %}β·{% endif %}dz where z > 0:
// dy = {% if NORM %}γ/σ·(g − mean(g) − ŷ·mean(g·ŷ)){% else %}g{% endif %}{% if RESIDUAL %}; dz becomes the shortcut's gradient α·dz where z > 0{% else %}, in place of dz{% endif %}.
// An invocation works on {{ ROWS }} rows, far apart, of four channels: what belongs to the channels is loaded once.
// dz{% if MASK %}, z{% endif %}{% if NORM %}, y{% endif %} [rows,C] → {% if RESIDUAL %}dy, dz{% else %}dz{% endif %} [rows,C]

struct Params {
    first_workgroup: u32,
    total: u32,
    c4: u32,
    rows: u32, stride: u32,
    relu: u32,
    block: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> dz: array<vec4f>;
{% if MASK %}
@group(0) @binding(2) var<storage, read> z: array<vec4f>;
{% endif %}
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
{% if RESIDUAL %}
    let gate = gates[p.block];
{% endif %}
{% if NORM %}
    let c = i % p.c4;
    let mean = coef[2u * p.c4 + c];
    let inverse = coef[3u * p.c4 + c];
{% if not MASK %}
    // z > 0 where γ/σ·y + β − γ/σ·mean is, to the bit.
    let shift = coef[p.c4 + c];
{% endif %}
    let scale = back[c];
    let mean_g = back[p.c4 + c];
    let mean_dot = back[2u * p.c4 + c];
{% endif %}
    let end = p.rows * p.c4;
    let step = p.stride * p.c4;
    var j = i;
    for (var row = 0u; row < {{ ROWS }}u && j < end; row++) {
{% include "common/activated.wgsl" %}
        let through = select(vec4f(0.0), dz[j], keep | (z_j > vec4f(0.0)));
{% if RESIDUAL %}
        let g = gate.w * through;
{% else %}
        let g = through;
{% endif %}
{% if NORM %}
        let d = scale * (g - mean_g - ({{ 'y[j]' if MASK else 'y_j' }} - mean) * inverse * mean_dot);
{% else %}
        let d = g;
{% endif %}
{% if RESIDUAL %}
        dy[j] = d;
        dz[j] = gate.z * through;
{% else %}
        dz[j] = d;
{% endif %}
        j += step;
    }
}
