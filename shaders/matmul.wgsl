// Products of matrices, {{T}} rows × {{4 * DEEP}} columns an invocation; several products of one size side by side.
// a [count,rows,inner] × b [count,inner,columns] → c [count,rows,columns]; channels in vec4s, a's in pairs.
// Two of the inner dimension at a time, and four rows: what is loaded early lives long, and has to be kept in memory.
// The matrices lie a row apart: at distances of powers of two caches keep only a few of them.

struct Params {
    first_workgroup: u32,
    total: u32,
    rows: u32,
    inner4: u32, columns4: u32,
    // Rows of a, and of c, before the first.
    a_first: u32, c_first: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec2f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>;

{% from "common/pick.wgsl" import pick %}
{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let blocks = p.columns4 / {{DEEP}}u;
    let column = (i % blocks) * {{DEEP}}u;
    let bands = (p.rows + {{T - 1}}u) / {{T}}u;
    let row = (i / blocks % bands) * {{T}}u;
    let product = i / (blocks * bands);
    let inner = p.inner4 * 2u;
{% for t in range(T) %}
    let a{{t}} = (p.a_first + product * (p.rows + 1u) + min(row + {{t}}u, p.rows - 1u)) * inner;
{% for d in range(DEEP) %}
    var sum{{t}}_{{d}} = vec4f(0.0);
{% endfor %}
{% endfor %}
    for (var k = 0u; k < inner; k++) {
        let base = (product * (p.inner4 * 4u + 1u) + k * 2u) * p.columns4 + column;
{% for d in range(DEEP) %}
        let w0_{{d}} = b[base + {{d}}u];
        let w1_{{d}} = b[base + p.columns4 + {{d}}u];
{% endfor %}
{% for band in range(T // 4) %}
        {
{% for t in range(4 * band, 4 * band + 4) %}
            let x{{t}} = a[a{{t}} + k];
{% endfor %}
{% for d in range(DEEP) %}
{% for t in range(4 * band, 4 * band + 4) %}
            sum{{t}}_{{d}} = fma(vec4f(x{{t}}.y), w1_{{d}}, fma(vec4f(x{{t}}.x), w0_{{d}}, sum{{t}}_{{d}}));
{% endfor %}
{% endfor %}
        }
{% endfor %}
    }
    // A store is long in machine code, so rows are picked in turn; the loop has no length to be unrolled by.
    let quarters = min({{T // 4}}u, (p.rows - row + 3u) / 4u);
    for (var q = 0u; q < quarters; q++) {
{% for t in range(4) %}
        if (row + 4u * q + {{t}}u < p.rows) {
            let to = (p.c_first + product * (p.rows + 1u) + row + 4u * q + {{t}}u) * p.columns4 + column;
{% for d in range(DEEP) %}
            c[to + {{d}}u] = {% if T == 16 %}{{ pick("sum", t, "_" ~ d) }}{% else %}select(sum{{t}}_{{d}}, sum{{t + 4}}_{{d}}, q == 1u){% endif %};
{% endfor %}
        }
{% endfor %}
    }
}
