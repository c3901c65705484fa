// What an adapter can compute at most: {{CHAINS}} independent chains of multiply-adds in every invocation, four
// wide and {{UNROLLED}} long in a round, with nothing to load.
// → out [total]

struct Params {
    first_workgroup: u32,
    total: u32,
    rounds: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> out: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    // Converges, so that no number grows out of range however long it runs.
    let scale = vec4f(0.5 + f32(i % 7u) * 0.01);
    let shift = vec4f(0.25, 0.5, 0.75, 1.0);
{% for c in range(CHAINS) %}
    var a{{c}} = vec4f({{c}}.0);
{% endfor %}
    for (var round = 0u; round < p.rounds; round++) {
{% for _ in range(UNROLLED) %}
{% for c in range(CHAINS) %}
        a{{c}} = fma(a{{c}}, scale, shift);
{% endfor %}
{% endfor %}
    }
    out[i] = {% for c in range(CHAINS) %}{% if c > 0 %} + {% endif %}a{{c}}{% endfor %};
}
