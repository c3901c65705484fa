// matmul_grad.wgsl for adapters with quads (see matmul_quad.wgsl): a quad makes 32 input × 32 output channels.
// aᵀ [count,Ci,rows] × g [count,rows,Co] → part [chunks,count,Ci,Co]; channels in vec4s.

{% include "common/matmul_grad_head.wgsl" +%}

{% from "common/pick.wgsl" import pick %}
{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let quad = i / 4u;
    let right = lane & 1u;
    let low = (lane >> 1u) & 1u;
    let across = p.co4 / 8u;
    let down = p.ci4 / 8u;
    let product = quad / (across * down) % p.count;
    let chunk = quad / (across * down * p.count);
    // The pair side by side shares 16 input channels, the pair one above the other 16 output channels.
    let co = (quad % across) * 8u + right * 4u;
    let ci = (quad / across % down) * 8u + low * 4u;
    let own_ci = ci + right * 2u;
    let other_ci = ci + 2u - right * 2u;
    let own_co = co + low * 2u;
    let other_co = co + 2u - low * 2u;
    let first = chunk * p.rows_per_chunk;
    let end = min(first + p.rows_per_chunk, p.rows);
{% for k in range(16) %}
{% for d in range(4) %}
    var sum{{k}}_{{d}} = vec4f(0.0);
{% endfor %}
{% endfor %}
    for (var row = first; row < end; row += 2u) {
        let start = product * (p.rows + 1u) + row;
        // Of an odd number of rows the last one is taken twice, and multiplied by zero then.
        let next = min(row + 1u, end - 1u) - row;
        let paired = row + 1u < end;
{% for d in range(2) %}
        let g0_{{d}} = g[(p.g_first + start) * p.co4 + own_co + {{d}}u];
        let g1_{{d}} = select(vec4f(0.0), g[(p.g_first + start + next) * p.co4 + own_co + {{d}}u], paired);
        let g0_{{d + 2}} = quadSwapY(g0_{{d}});
        let g1_{{d + 2}} = quadSwapY(g1_{{d}});
{% endfor %}
{% for k in range(2) %}
        {
            let own0 = a[start * p.ci4 + own_ci + {{k}}u];
            let own1 = a[(start + next) * p.ci4 + own_ci + {{k}}u];
            let other0 = quadSwapX(own0);
            let other1 = quadSwapX(own1);
{% for half in range(2) %}
{% set from = "other" if half else "own" %}
{% for c in range(4) %}
{% set x = "xyzw"[c] %}
{% for d in range(4) %}
{% set sum = "sum" ~ (8 * half + 4 * k + c) ~ "_" ~ d %}
            {{sum}} = fma(vec4f({{from}}1.{{x}}), g1_{{d}}, fma(vec4f({{from}}0.{{x}}), g0_{{d}}, {{sum}}));
{% endfor %}
{% endfor %}
{% endfor %}
        }
{% endfor %}
    }
    let apart = select(0u, 1u, p.count > 1u);
    // A store is long in machine code, so input channels are picked in turn; the loop has no length to be unrolled by.
    let quarters = min(4u, p.ci4);
    for (var q = 0u; q < quarters; q++) {
        let k = select(own_ci + q, other_ci + q - 2u, q > 1u);
        let to = (((p.first_chunk + chunk) * p.count + product) * (p.ci4 * 4u + apart) + k * 4u) * p.co4;
{% for c in range(4) %}
{% for d in range(4) %}
        part[to + {{c}}u * p.co4 + {{"own" if d < 2 else "other"}}_co + {{d % 2}}u] = {{ pick("sum", c, "_" ~ d) }};
{% endfor %}
{% endfor %}
    }
}
