// matmul.wgsl for adapters with quads, four neighbouring lanes that see each other's values: a quad makes 32 rows × 32 columns,
// and a lane loads half of what it needs and takes over the rest from its neighbours. Every sum adds in the order
// in which matmul.wgsl does.
// a [count,rows,inner] × b [count,inner,columns] → c [count,rows,columns]; channels in vec4s.

{% set WIDE = 4 %}
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
    let quad = i / 4u;
    let right = lane & 1u;
    let low = (lane >> 1u) & 1u;
    let blocks = p.columns4 / 8u;
    let bands = (p.rows + 31u) / 32u;
    let product = quad / (blocks * bands);
    // The pair side by side shares 16 rows, the pair one above the other 16 columns; each loads its own half of them.
    let row = (quad / blocks % bands) * 32u + low * 16u;
    let column = (quad % blocks) * 8u + right * 4u;
    let own_row = row + right * 8u;
    let other_row = row + 8u - right * 8u;
    let own_column = column + low * 2u;
    let other_column = column + 2u - low * 2u;
{% for t in range(8) %}
    let a{{t}} = (p.a_first + product * (p.rows + 1u) + min(own_row + {{t}}u, p.rows - 1u)) * p.inner4;
{% endfor %}
{% for t in range(16) %}
{% for d in range(4) %}
    var sum{{t}}_{{d}} = vec4f(0.0);
{% endfor %}
{% endfor %}
    for (var k = 0u; k < p.inner4; k++) {
        let base = (product * (p.inner4 * 4u + 1u) + k * 4u) * p.columns4 + own_column;
{% for r in range(4) %}
{% for d in range(2) %}
        let w{{r}}_{{d}} = b[base + {{r}}u * p.columns4 + {{d}}u];
        let w{{r}}_{{d + 2}} = quadSwapY(w{{r}}_{{d}});
{% endfor %}
{% endfor %}
{% for t in range(8) %}
        {
            let x = a[a{{t}} + k];
            let y = quadSwapX(x);
{% for d in range(4) %}
            sum{{t}}_{{d}} = mac(sum{{t}}_{{d}}, x, w0_{{d}}, w1_{{d}}, w2_{{d}}, w3_{{d}});
            sum{{t + 8}}_{{d}} = mac(sum{{t + 8}}_{{d}}, y, w0_{{d}}, w1_{{d}}, w2_{{d}}, w3_{{d}});
{% endfor %}
        }
{% endfor %}
    }
    // A store is long in machine code, so rows are picked in turn; the loop has no length to be unrolled by.
    let quarters = min(4u, p.rows);
    for (var q = 0u; q < quarters; q++) {
        let first = select(own_row + 4u * q, other_row + 4u * q - 8u, q > 1u);
{% for t in range(4) %}
        if (first + {{t}}u < p.rows) {
            let to = (p.c_first + product * (p.rows + 1u) + first + {{t}}u) * p.columns4;
{% for d in range(4) %}
            c[to + {{"own" if d < 2 else "other"}}_column + {{d % 2}}u] = {{ pick("sum", t, "_" ~ d) }};
{% endfor %}
        }
{% endfor %}
    }
}
