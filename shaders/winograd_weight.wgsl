{% from "common/winograd" ~ M ~ ".wgsl" import kernel %}
{% set F = M + 2 %}
// Winograd F({{M}}×{{M}}, 3×3), the weight: G g Gᵀ{{ " of the kernel turned by 180°, for the way back" if BACK }}.
{% if BACK %}
// weight [3,3,Ci,Co] → u [{{F * F}},Co,Ci]; an invocation takes one output channel and four input channels.
{% else %}
// weight [3,3,Ci,Co] → u [{{F * F}},Ci,Co]; an invocation takes one input channel and four output channels.
{% endif %}

struct Params {
    first_workgroup: u32,
    total: u32,
    ci4: u32, co4: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
{% if BACK %}
@group(0) @binding(1) var<storage, read> weight: array<f32>;
{% else %}
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
{% endif %}
@group(0) @binding(2) var<storage, read_write> u: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
{% if BACK %}
    let ci = i % p.ci4;
    let co = i / p.ci4;
    let stride = p.co4 * 4u;
{% endif %}
{% for ky in range(3) %}
{% for kx in range(3) %}
{% if BACK %}
    let at{{ky}}{{kx}} = ({{8 - 3 * ky - kx}}u * p.ci4 + ci) * 4u * stride + co;
    let g{{kx}}_{{ky}} = vec4f(weight[at{{ky}}{{kx}}], weight[at{{ky}}{{kx}} + stride], weight[at{{ky}}{{kx}} + 2u * stride], weight[at{{ky}}{{kx}} + 3u * stride]);
{% else %}
    let g{{kx}}_{{ky}} = weight[{{3 * ky + kx}}u * p.total + i];
{% endif %}
{% endfor %}
{% endfor %}
{% for j in range(3) %}
{{ kernel("c" ~ j ~ "_", "g" ~ j ~ "_") }}
{% endfor %}
{% for i in range(F) %}
{{ kernel("r" ~ i ~ "_", "c", "_" ~ i) }}
{% for j in range(F) %}
    u[{{F * i + j}}u * p.total + i] = r{{i}}_{{j}};
{% endfor %}
{% endfor %}
}
