// Gradient of a 3×3 stride-{{S}} convolution with respect to its weight: each invocation makes the three
// taps of one kernel row for 4 × {{4 * CO}} channels, over a chunk of output rows, sliding along the input row.
// x [N,H,W,Ci], dy [N,H',W',Co] → out [chunks,3,3,Ci,Co], summed over chunks afterwards.

{% include "common/conv_weight_grad_head.wgsl" +%}

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let blocks = p.co4 / {{CO}}u;
    let co = (i % blocks) * {{CO}}u;
    var rest = i / blocks;
    let ci = rest % p.ci4;
    rest = rest / p.ci4;
    let ky = rest % 3u;
    let chunk = rest / 3u;
    let w = i32(p.w);
{% for o in range(CO) %}
{% for kx in range(3) %}
{% for c in range(4) %}
    var a{{o}}{{kx}}{{c}} = vec4f(0.0);
{% endfor %}
{% endfor %}
{% endfor %}
    let end = min((chunk + 1u) * p.rows_per_chunk, p.rows);
    for (var r = chunk * p.rows_per_chunk; r < end; r++) {
        let n = r / p.ho;
        let iy = i32((r % p.ho) * {{S}}u + ky) - 1;
        if (iy < 0 || iy >= i32(p.h)) {
            continue;
        }
        let row = (n * p.h + u32(iy)) * p.w;
        let grads = r * p.wo;
        // x at the three taps; the first lies left of the picture.
        var x0 = vec4f(0.0);
{% if S == 1 %}
        var x1 = x[row * p.ci4 + ci];
{% endif %}
        for (var ox = 0u; ox < p.wo; ox++) {
{% for o in range(CO) %}
            let g{{o}} = dy[(grads + ox) * p.co4 + co + {{o}}u];
{% endfor %}
{% if S == 1 %}
            let right = i32(ox) + 1;
{% else %}
            let x1 = x[(row + ox * 2u) * p.ci4 + ci];
            let right = i32(ox) * 2 + 1;
{% endif %}
            let x2 = select(vec4f(0.0), x[(row + u32(min(right, w - 1))) * p.ci4 + ci], right < w);
{% for o in range(CO) %}
{% for kx in range(3) %}
{% for c in range(4) %}
            a{{o}}{{kx}}{{c}} = fma(vec4f(x{{kx}}.{{"xyzw"[c]}}), g{{o}}, a{{o}}{{kx}}{{c}});
{% endfor %}
{% endfor %}
{% endfor %}
{% if S == 1 %}
            x0 = x1;
            x1 = x2;
{% else %}
            x0 = x2;
{% endif %}
        }
    }
    // A store is long in machine code, so taps are picked in turn; the loop has no length to be unrolled by.
    let taps = min(3u, p.wo + 2u);
    for (var kx = 0u; kx < taps; kx++) {
        let base = (((chunk * 3u + ky) * 3u + kx) * p.ci4 + ci) * 4u * p.co4 + co;
{% for c in range(4) %}
{% for o in range(CO) %}
        out[base + {{c}}u * p.co4 + {{o}}u] = select(select(a{{o}}0{{c}}, a{{o}}1{{c}}, kx == 1u), a{{o}}2{{c}}, kx == 2u);
{% endfor %}
{% endfor %}
    }
}
