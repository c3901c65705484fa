{% from "common/pick.wgsl" import one_of %}
{% from "common/winograd" ~ M ~ ".wgsl" import output %}
{% set F = M + 2 %}
// Winograd F({{M}}×{{M}}, 3×3), the result: Aᵀ m A, one tile of pixels an invocation.
// m [{{F * F}},tiles,C] → y [N,H,W,C]; channels in vec4s. Frequencies lie a row apart, as in `matmul`.

alias V = vec4f;

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, c4: u32,
    down: u32, across: u32,
    first_picture: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> m: array<V>;
@group(0) @binding(2) var<storage, read_write> y: array<V>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let c = i % p.c4;
    let tile = i / p.c4;
    let x0 = tile % p.across * {{M}}u;
    let y0 = tile / p.across % p.down * {{M}}u;
    let n = p.first_picture + tile / (p.across * p.down);
{% for j in range(F) %}
{% for i in range(F) %}
    let d{{j}}_{{i}} = m[{{F * i + j}}u * (p.total + p.c4) + i];
{% endfor %}
{{ output("c" ~ j ~ "_", "d" ~ j ~ "_") }}
{% endfor %}
    // A store is long in machine code, so rows are picked in turn.
    let rows = min({{M}}u, p.h - y0);
    for (var q = 0u; q < rows; q++) {
        let row = (n * p.h + y0 + q) * p.w + x0;
{% for j in range(F) %}
        let c{{j}} = {{ one_of("c" ~ j ~ "_", M) }};
{% endfor %}
{{ output("r", "c") }}
{% for j in range(M) %}
        if (x0 + {{j}}u < p.w) {
            y[(row + {{j}}u) * p.c4 + c] = r{{j}};
        }
{% endfor %}
    }
}
