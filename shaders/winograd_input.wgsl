{% from "common/winograd" ~ M ~ ".wgsl" import data, grad %}
{% set F = M + 2 %}
// Winograd F({{M}}×{{M}}, 3×3), {{ "the gradient of the output: A dy Aᵀ of its tiles" if BACK else "the input: Bᵀ x B of its windows, which overlap by two" }}.
// x [N,H,W,C] → v [{{F * F}},tiles,C], tiles counted through the group's pictures; channels in vectors of {{ WIDE }}. Frequencies lie a row apart, as in `matmul`.

alias V = vec{{ WIDE }}f;

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, c4: u32,
    down: u32, across: u32,
    first_picture: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<V>;
@group(0) @binding(2) var<storage, read_write> v: array<V>;

{% include "common/grid.wgsl" %}

{% set side = M if BACK else F %}
{% set pad = 0 if BACK else 1 %}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let vectors = p.c4 * {{ 4 // WIDE }}u;
    let c = i % vectors;
    let tile = i / vectors;
    let x0 = i32(tile % p.across * {{M}}u) - {{pad}};
    let y0 = i32(tile / p.across % p.down * {{M}}u) - {{pad}};
    let n = p.first_picture + tile / (p.across * p.down);
    let h = i32(p.h);
    let w = i32(p.w);
{% for j in range(side) %}
    let column{{j}} = u32(clamp(x0 + {{j}}, 0, w - 1));
    let in_x{{j}} = (x0 + {{j}} >= 0) & (x0 + {{j}} < w);
{% endfor %}
{% for i in range(side) %}
    let row{{i}} = (n * p.h + u32(clamp(y0 + {{i}}, 0, h - 1))) * p.w;
    let in_y{{i}} = (y0 + {{i}} >= 0) & (y0 + {{i}} < h);
{% for j in range(side) %}
    let d{{j}}_{{i}} = select(V(0.0), x[(row{{i}} + column{{j}}) * vectors + c], in_y{{i}} & in_x{{j}});
{% endfor %}
{% endfor %}
{% for j in range(side) %}
{% if BACK %}{{ grad("c" ~ j ~ "_", "d" ~ j ~ "_") }}{% else %}{{ data("c" ~ j ~ "_", "d" ~ j ~ "_") }}{% endif %}
{% endfor %}
{% for i in range(F) %}
{% set row = "_" ~ i %}
{% if BACK %}{{ grad("r" ~ i ~ "_", "c", row) }}{% else %}{{ data("r" ~ i ~ "_", "c", row) }}{% endif %}
{% for j in range(F) %}
    v[{{F * i + j}}u * (p.total + vectors) + i] = r{{i}}_{{j}};
{% endfor %}
{% endfor %}
}
