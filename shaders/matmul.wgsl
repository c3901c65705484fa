// Products of matrices, {{T}} rows × {{4 * DEEP}} columns an invocation; several products of one size side by side.
// a [count,rows,inner] × b [count,inner,columns] → c [count,rows,columns]; channels in vec4s.
// A row is loaded where it is wanted: what is loaded early lives long, and has to be kept in memory.
// The matrices lie a row apart: at distances of powers of two caches keep only a few of them.

{% include "common/matmul_head.wgsl" +%}

{% from "common/pick.wgsl" import pick %}
{% include "common/grid.wgsl" %}
{% include "common/mac.wgsl" %}

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
    let a{{t}} = (p.a_first + product * (p.rows + 1u) + min(row + {{t}}u, p.rows - 1u)) * p.inner4;
{% for d in range(DEEP) %}
    var sum{{t}}_{{d}} = vec4f(0.0);
{% endfor %}
{% endfor %}
    for (var k = 0u; k < p.inner4; k++) {
        let base = (product * (p.inner4 * 4u + 1u) + k * 4u) * p.columns4 + column;
{% for d in range(DEEP) %}
{% for r in range(4) %}
        let w{{r}}_{{d}} = b[base + {{r}}u * p.columns4 + {{d}}u];
{% endfor %}
{% endfor %}
{% for t in range(T) %}
        {
            let x = a[a{{t}} + k];
{% for d in range(DEEP) %}
            sum{{t}}_{{d}} = mac(sum{{t}}_{{d}}, x, w0_{{d}}, w1_{{d}}, w2_{{d}}, w3_{{d}});
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
