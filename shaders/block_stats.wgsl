// What a block adds up, first pass, over chunks of rows: F(x) = {% if RESIDUAL %}β·(scale·y + shift), s = α·shortcut(x){% else %}scale·y + shift{% endif %}, their sum and its ReLU.
// y{% if RESIDUAL %}, shortcut{% endif %} [rows,C] → part [3,chunks,C/4]: means, then squared deviations of (s, F, sum, output) over four
// channels; then 1 for every channel whose output is not 0 throughout the chunk

struct Params {
    first_workgroup: u32,
    total: u32,
    rows: u32, c4: u32,
    rows_per_chunk: u32, chunks: u32,
    channels: u32,
    block: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> coef: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> part: array<vec4f>;
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
    let first = (i / p.c4) * p.rows_per_chunk;
    let end = min(first + p.rows_per_chunk, p.rows);
    let scale = coef[c];
    let shift = coef[p.c4 + c];
{% if RESIDUAL %}
    let gate = gates[p.block];
{% endif %}
    // 1 for real channels, 0 for those that only fill up the last vec4.
    let real = select(vec4f(0.0), vec4f(1.0), vec4u(4u * c) + vec4u(0u, 1u, 2u, 3u) < vec4u(p.channels));
    let count = f32(end - first) * dot(real, real);
    var sum = vec4f(0.0);
    var largest = vec4f(0.0);
    for (var r = first; r < end; r++) {
        let j = r * p.c4 + c;
{% if RESIDUAL %}
        let s = gate.x * shortcut[j];
        let f = gate.y * fma(y[j], scale, shift);
        let t = s + f;
        sum.x += dot(real, s);
{% else %}
        let f = fma(y[j], scale, shift);
        let t = f;
{% endif %}
        let out = max(t, vec4f(0.0));
        largest = max(largest, out);
        sum += vec4f(0.0, dot(real, f), dot(real, t), dot(real, out));
    }
    let mean = sum / count;
    var m2 = vec4f(0.0);
    for (var r = first; r < end; r++) {
        let j = r * p.c4 + c;
{% if RESIDUAL %}
        let s = gate.x * shortcut[j];
        let f = gate.y * fma(y[j], scale, shift);
        let t = s + f;
        let ds = (s - mean.x) * real;
        m2.x += dot(ds, ds);
{% else %}
        let f = fma(y[j], scale, shift);
        let t = f;
{% endif %}
        let df = (f - mean.y) * real;
        let dt = (t - mean.z) * real;
        let dout = (max(t, vec4f(0.0)) - mean.w) * real;
        m2 += vec4f(0.0, dot(df, df), dot(dt, dt), dot(dout, dout));
    }
    part[i] = mean;
    part[p.total + i] = m2;
    part[2u * p.total + i] = select(vec4f(0.0), real, largest > vec4f(0.0));
}
