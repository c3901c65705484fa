// What a block adds up, first pass: F(x) = {% if RESIDUAL %}β·(scale·y + shift), s = α·shortcut(x){% else %}scale·y + shift{% endif %}, their sum and its ReLU.
// y{% if RESIDUAL %}, shortcut{% endif %} [rows,C] → part [2,chunks]: means, then squared deviations of (s, F, sum, output)

struct Params {
    first_workgroup: u32,
    chunks: u32,
    // vec4s in all and a chunk; channels.
    len: u32, per_chunk: u32,
    c4: u32, channels: u32,
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

struct Parts {
    s: vec4f,
    f: vec4f,
}

fn parts(i: u32) -> Parts {
    let c = i % p.c4;
    let f = fma(y[i], coef[c], coef[p.c4 + c]);
{% if RESIDUAL %}
    let gate = gates[p.block];
    return Parts(gate.x * shortcut[i], gate.y * f);
{% else %}
    return Parts(vec4f(0.0), f);
{% endif %}
}

// 1 for real channels, 0 for those that only fill up the last vec4.
fn real(i: u32) -> vec4f {
    let c = (i % p.c4) * 4u;
    return select(vec4f(0.0), vec4f(1.0), vec4u(c, c + 1u, c + 2u, c + 3u) < vec4u(p.channels));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let chunk = workgroup_number(wg) * 64u + lane;
    if (chunk >= p.chunks) {
        return;
    }
    let first = chunk * p.per_chunk;
    let end = min(first + p.per_chunk, p.len);
    var count = 0.0;
    var sum = vec4f(0.0);
    for (var i = first; i < end; i++) {
        let v = parts(i);
        let m = real(i);
        let t = v.s + v.f;
        count += dot(m, m);
        sum += vec4f(dot(m, v.s), dot(m, v.f), dot(m, t), dot(m, max(t, vec4f(0.0))));
    }
    let mean = sum / max(count, 1.0);
    var m2 = vec4f(0.0);
    for (var i = first; i < end; i++) {
        let v = parts(i);
        let m = real(i);
        let t = v.s + v.f;
        let ds = (v.s - mean.x) * m;
        let df = (v.f - mean.y) * m;
        let dt = (t - mean.z) * m;
        let dout = (max(t, vec4f(0.0)) - mean.w) * m;
        m2 += vec4f(dot(ds, ds), dot(df, df), dot(dt, dt), dot(dout, dout));
    }
    part[chunk] = mean;
    part[p.chunks + chunk] = m2;
}
