// Products of matrices, {{T}} rows × {{4 * DEEP}} columns an invocation; several products of one size side by side.
// a [count,rows,inner] × b [count,inner,columns] → c [count,rows,columns]; channels in vec4s.
// The inner dimension goes by twos, and a row is loaded where it is wanted: what is loaded early lives long, and has to be kept
// in memory.
// The matrices lie a row apart: at distances of powers of two caches keep only a few of them.

{% set WIDE = 2 %}
{% include "common/matmul_head.wgsl" +%}

{% from "common/pick.wgsl" import bits, of_eight, of_sixteen %}
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
{% for t in range(T) %}
    let a{{t}} = (p.a_first + product * (p.rows + 1u) + min(row + {{t}}u, p.rows - 1u)) * p.inner4 * 2u;
{% for d in range(DEEP) %}
    var sum{{t}}_{{d}} = vec4f(0.0);
{% endfor %}
{% endfor %}
    for (var k = 0u; k < p.inner4 * 2u; k++) {
        let base = (product * (p.inner4 * 4u + 1u) + k * 2u) * p.columns4 + column;
{% for d in range(DEEP) %}
        let w0_{{d}} = b[base + {{d}}u];
        let w1_{{d}} = b[base + p.columns4 + {{d}}u];
{% endfor %}
{% for t in range(T) %}
        {
            let x = a[a{{t}} + k];
{% for d in range(DEEP) %}
            sum{{t}}_{{d}} = fma(vec4f(x.y), w1_{{d}}, fma(vec4f(x.x), w0_{{d}}, sum{{t}}_{{d}}));
{% endfor %}
        }
{% endfor %}
    }
    // A store is long in machine code, so rows are picked in turn; the loop has no length to be unrolled by.
    let rows = min({{T}}u, p.rows - row);
    for (var q = 0u; q < rows; q++) {
{{ bits("q", 4 if T == 16 else 3) }}
        let to = (p.c_first + product * (p.rows + 1u) + row + q) * p.columns4 + column;
{% for d in range(DEEP) %}
        c[to + {{d}}u] = {{ of_sixteen("sum", "_" ~ d) if T == 16 else of_eight("sum", 0, "_" ~ d) }};
{% endfor %}
    }
}
