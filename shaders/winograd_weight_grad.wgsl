{% from "common/winograd" ~ M ~ ".wgsl" import kernel_grad %}
{% set F = M + 2 %}
// Winograd F({{M}}×{{M}}, 3×3), the weight's gradient: Gᵀ u G of the sum over chunks; an invocation takes one input channel and
// two output channels.
// part [chunks,{{F * F}},Ci,Co] → gradient [3,3,Ci,Co]; Frequencies lie a row apart, as in `matmul`.

// Channels go in pairs: twice as many live values compile in twice the time and run no faster.
alias V = vec2f;

struct Params {
    first_workgroup: u32,
    total: u32,
    chunks: u32,
    // Pairs of output channels.
    co2: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> part: array<V>;
@group(0) @binding(2) var<storage, read_write> gradient: array<V>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let apart = p.total + p.co2;
{% for f in range(F * F) %}
    var d{{f % F}}_{{f // F}} = V(0.0);
{% endfor %}
    for (var c = 0u; c < p.chunks; c++) {
        let start = c * {{F * F}}u * apart + i;
{% for f in range(F * F) %}
        d{{f % F}}_{{f // F}} += part[start + {{f}}u * apart];
{% endfor %}
    }
{% for j in range(F) %}
{{ kernel_grad("c" ~ j ~ "_", "d" ~ j ~ "_") }}
{% endfor %}
{% for i in range(3) %}
{{ kernel_grad("r" ~ i ~ "_", "c", "_" ~ i) }}
{% for j in range(3) %}
    gradient[{{3 * i + j}}u * p.total + i] = r{{i}}_{{j}};
{% endfor %}
{% endfor %}
}
