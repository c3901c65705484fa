// The products of matrices that make a weight's gradient, {{4 * IN}} input × {{4 * DEEP}} output channels an invocation, summed
// over a chunk of rows, two at a time; several products of one size side by side.
// aᵀ [count,Ci,rows] × g [count,rows,Co] → part [chunks,count,Ci,Co]; channels in vec4s.
// Several matrices lie a row apart: at distances of powers of two caches keep only a few of them.

{% include "common/matmul_grad_head.wgsl" +%}

{% from "common/pick.wgsl" import bits, of_sixteen %}
{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let across = p.co4 / {{DEEP}}u;
    let down = p.ci4 / {{IN}}u;
    let co = (i % across) * {{DEEP}}u;
    let ci = (i / across % down) * {{IN}}u;
    let product = i / (across * down) % p.count;
    let chunk = i / (across * down * p.count);
    let first = chunk * p.rows_per_chunk;
    let end = min(first + p.rows_per_chunk, p.rows);
{% for k in range(4 * IN) %}
{% for d in range(DEEP) %}
    var sum{{k}}_{{d}} = vec4f(0.0);
{% endfor %}
{% endfor %}
    for (var row = first; row < end; row += 2u) {
        let start = product * (p.rows + 1u) + row;
        // Of an odd number of rows the last one is taken twice, and multiplied by zero then.
        let next = min(row + 1u, end - 1u) - row;
        let paired = row + 1u < end;
{% for d in range(DEEP) %}
        let g0_{{d}} = g[(p.g_first + start) * p.co4 + co + {{d}}u];
        let g1_{{d}} = select(vec4f(0.0), g[(p.g_first + start + next) * p.co4 + co + {{d}}u], paired);
{% endfor %}
{% for k in range(IN) %}
        {
            let x0 = a[start * p.ci4 + ci + {{k}}u];
            let x1 = a[(start + next) * p.ci4 + ci + {{k}}u];
{% for c in range(4) %}
{% set x = "xyzw"[c] %}
{% for d in range(DEEP) %}
{% set sum = "sum" ~ (4 * k + c) ~ "_" ~ d %}
            {{sum}} = fma(vec4f(x1.{{x}}), g1_{{d}}, fma(vec4f(x0.{{x}}), g0_{{d}}, {{sum}}));
{% endfor %}
{% endfor %}
        }
{% endfor %}
    }
    let apart = select(0u, 1u, p.count > 1u);
    let to = (((p.first_chunk + chunk) * p.count + product) * (p.ci4 * 4u + apart) + ci * 4u) * p.co4 + co;
{% if IN == 4 %}
    // A store is long in machine code, so input channels are picked in turn; the loop has no length to be unrolled by.
    let channels = min(16u, (p.ci4 - ci) * 4u);
    for (var q = 0u; q < channels; q++) {
{{ bits("q", 4) }}
{% for d in range(DEEP) %}
        part[to + q * p.co4 + {{d}}u] = {{ of_sixteen("sum", "_" ~ d) }};
{% endfor %}
    }
{% else %}
{% for k in range(4 * IN) %}
{% for d in range(DEEP) %}
    part[to + {{k}}u * p.co4 + {{d}}u] = sum{{k}}_{{d}};
{% endfor %}
{% endfor %}
{% endif %}
}
