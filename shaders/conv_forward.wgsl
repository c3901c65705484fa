// Convolution {{K}}×{{K}}, stride {{S}}: each invocation makes a tile of {{ROWS}}×{{PX}} pixels, {{4 * DEEP}} channels
// deep, and uses every value of an input row for all taps of a kernel row that touch it.
{% if SCALAR %}
// It takes one input channel at a time, which software adapters compile in a third of the time.
{% endif %}
// Conjunctions are `&`: `&&` branches, and every branch is dear to compile among so many live sums.
// x [N,H,W,Ci] ∗ weight [{{K}},{{K}},Ci,Co] → y [N,H',W',Co]; channels in vec4s, Co innermost.

{% include "common/conv_forward_head.wgsl" +%}

{% from "common/pick.wgsl" import bits, of_sixteen %}
{% include "common/grid.wgsl" %}
{% include "common/mac.wgsl" %}

{% set pad = K // 2 %}
{% set window = (PX - 1) * S + K %}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let blocks = p.co4 / {{DEEP}}u;
    let co = (i % blocks) * {{DEEP}}u;
    var rest = i / blocks;
    let ox0 = (rest % p.segments) * {{PX}}u;
    rest = rest / p.segments;
    let bands = (p.ho + {{ROWS - 1}}u) / {{ROWS}}u;
    let oy0 = (rest % bands) * {{ROWS}}u;
    let n = rest / bands;
    let ix0 = i32(ox0 * {{S}}u) - {{pad}};
    let h = i32(p.h);
    let w = i32(p.w);
{% for r in range(ROWS) %}
{% for j in range(PX) %}
{% for d in range(DEEP) %}
    var a{{d}}_{{r}}_{{j}} = vec4f(0.0);
{% endfor %}
{% endfor %}
{% endfor %}
    for (var ky = 0u; ky < {{K}}u; ky++) {
{% for r in range(ROWS) %}
        let y{{r}} = i32((oy0 + {{r}}u) * {{S}}u + ky) - {{pad}};
        let in{{r}} = (y{{r}} >= 0) & (y{{r}} < h);
        let row{{r}} = (n * p.h + u32(clamp(y{{r}}, 0, h - 1))) * p.w;
{% endfor %}
{% set channels = "p.ci4 * 4u" if SCALAR else "p.ci4" %}
{% set zero = "0.0" if SCALAR else "vec4f(0.0)" %}
        for (var ci = 0u; ci < {{channels}}; ci++) {
{% for j in range(window) if K > 1 or j % S == 0 %}
            let i{{j}} = ix0 + {{j}};
            let c{{j}} = u32(clamp(i{{j}}, 0, w - 1));
            let in_x{{j}} = (i{{j}} >= 0) & (i{{j}} < w);
{% for r in range(ROWS) %}
            let x{{r}}_{{j}} = select({{zero}}, x[(row{{r}} + c{{j}}) * {{channels}} + ci], in{{r}} & in_x{{j}});
{% endfor %}
{% endfor %}
{% for kx in range(K) %}
{% for d in range(DEEP) %}
            {
{% if SCALAR %}
                let w = weight[((ky * {{K}}u + {{kx}}u) * p.ci4 * 4u + ci) * p.co4 + co + {{d}}u];
{% for r in range(ROWS) %}
{% for j in range(PX) %}
                a{{d}}_{{r}}_{{j}} = fma(vec4f(x{{r}}_{{j * S + kx}}), w, a{{d}}_{{r}}_{{j}});
{% endfor %}
{% endfor %}
{% else %}
                let base = ((ky * {{K}}u + {{kx}}u) * p.ci4 + ci) * 4u * p.co4 + co + {{d}}u;
                let w0 = weight[base];
                let w1 = weight[base + p.co4];
                let w2 = weight[base + 2u * p.co4];
                let w3 = weight[base + 3u * p.co4];
{% for r in range(ROWS) %}
{% for j in range(PX) %}
                a{{d}}_{{r}}_{{j}} = mac(a{{d}}_{{r}}_{{j}}, x{{r}}_{{j * S + kx}}, w0, w1, w2, w3);
{% endfor %}
{% endfor %}
{% endif %}
            }
{% endfor %}
{% endfor %}
        }
    }
{% if SCALAR and PX == 16 %}
    // A store is long in machine code, so pixels are picked in turn; the loop has no length to be unrolled by.
    let pixels = min(16u, p.wo - ox0);
    let out = (n * p.ho + oy0) * p.wo + ox0;
    for (var q = 0u; q < pixels; q++) {
{{ bits("q", 4) }}
{% for d in range(DEEP) %}
        y[(out + q) * p.co4 + co + {{d}}u] = {{ of_sixteen("a" ~ d ~ "_0_", "") }};
{% endfor %}
    }
{% else %}
{% for r in range(ROWS) %}
    if (oy0 + {{r}}u < p.ho) {
        let out = (n * p.ho + oy0 + {{r}}u) * p.wo + ox0;
{% for j in range(PX) %}
        if (ox0 + {{j}}u < p.wo) {
{% for d in range(DEEP) %}
            y[(out + {{j}}u) * p.co4 + co + {{d}}u] = a{{d}}_{{r}}_{{j}};
{% endfor %}
        }
{% endfor %}
    }
{% endfor %}
{% endif %}
}
