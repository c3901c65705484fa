{% from "common/winograd" ~ M ~ ".wgsl" import kernel %}
{% set F = M + 2 %}
// Winograd F({{M}}×{{M}}, 3×3), the weight: G g Gᵀ.
// weight [3,3,Ci,Co] → u [{{F * F}},Ci,Co]; an invocation takes one input channel and four output channels.
// Frequencies lie a row apart, as in `matmul`.

struct Params {
    first_workgroup: u32,
    total: u32,
    co4: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> u: array<vec4f>;

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
    u[{{F * i + j}}u * (p.total + p.co4) + i] = r{{i}}_{{j}};
{% endfor %}
{% endfor %}
}
