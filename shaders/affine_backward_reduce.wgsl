// Backward through ReLU into {% if NORM %}batch norm{% else %}a bias{% endif %}, first pass: sums over chunks of pixels, g = {% if RESIDUAL %}β·{% endif %}dz where z > 0.
// dz{% if MASK %}, z{% endif %}{% if NORM %}, y{% endif %} [rows,C] → part [{{ 2 if NORM else 1 }},chunks,C]: Σg{% if NORM %}, Σg·ŷ with ŷ = (y − mean)/σ{% endif %}


struct Params {
    first_workgroup: u32,
    total: u32,
    rows: u32, c4: u32,
    rows_per_chunk: u32,
    relu: u32, block: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dz: array<vec4f>;
{% if MASK %}
@group(0) @binding(2) var<storage, read> z: array<vec4f>;
{% endif %}
@group(0) @binding(3) var<storage, read_write> part: array<vec4f>;
{% if NORM %}
@group(0) @binding(4) var<storage, read> y: array<vec4f>;
@group(0) @binding(5) var<storage, read> coef: array<vec4f>;
{% endif %}
{% if RESIDUAL %}
@group(0) @binding(6) var<storage, read> gates: array<vec4f>;
{% endif %}

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
    let keep = vec4<bool>(p.relu == 0u);
{% if NORM %}
    let mean = coef[2u * p.c4 + c];
    let inverse = coef[3u * p.c4 + c];
{% if not MASK %}
    // z > 0 where this is, to the bit.
    let scale = coef[c];
    let shift = coef[p.c4 + c];
{% endif %}
    var dot_sum = vec4f(0.0);
{% endif %}
    var sum = vec4f(0.0);
    for (var r = first; r < end; r++) {
        let j = r * p.c4 + c;
{% include "common/activated.wgsl" %}
        let g = {% if RESIDUAL %}gates[p.block].w * {% endif %}select(vec4f(0.0), dz[j], keep | (z_j > vec4f(0.0)));
        sum += g;
{% if NORM %}
        dot_sum = fma(g, ({{ 'y[j]' if MASK else 'y_j' }} - mean) * inverse, dot_sum);
{% endif %}
    }
    part[i] = sum;
{% if NORM %}
    part[p.total + i] = dot_sum;
{% endif %}
}
