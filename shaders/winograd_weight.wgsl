{% from "common/winograd" ~ M ~ ".wgsl" import kernel %}
{% set F = M + 2 %}
// Winograd F({{M}}×{{M}}, 3×3), the weight: G g Gᵀ.
// weight [3,3,Ci,Co] → u [{{F * F}},Ci,Co]; an invocation takes one input channel and two output channels.
// Frequencies lie a row apart, as in `matmul`.

// Channels go in pairs: twice as many live values compile in twice the time and run no faster.
alias V = vec2f;

struct Params {
    first_workgroup: u32,
    total: u32,
    // Pairs of output channels.
    co2: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> weight: array<V>;
@group(0) @binding(2) var<storage, read_write> u: array<V>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
{% for ky in range(3) %}
{% for kx in range(3) %}
    let g{{kx}}_{{ky}} = weight[{{3 * ky + kx}}u * p.total + i];
{% endfor %}
{% endfor %}
{% for j in range(3) %}
{{ kernel("c" ~ j ~ "_", "g" ~ j ~ "_") }}
{% endfor %}
{% for i in range(F) %}
{{ kernel("r" ~ i ~ "_", "c", "_" ~ i) }}
{% for j in range(F) %}
    u[{{F * i + j}}u * (p.total + p.co2) + i] = r{{i}}_{{j}};
{% endfor %}
{% endfor %}
}
