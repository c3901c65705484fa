// conv_weight_grad_row.wgsl at stride 1 for adapters with quads (see matmul_quad.wgsl): a quad makes the three taps of one kernel
// row for 8 × 16 channels. Two output pixels at a time, of which the pair side by side loads one input each, and the pair
// one above the other half of the gradients.
// x [N,H,W,Ci], dy [N,H',W',Co] → out [chunks,3,3,Ci,Co], summed over chunks afterwards; W is even.

{% include "common/conv_weight_grad_head.wgsl" +%}

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let quad = i / 4u;
    let right = (lane & 1u) == 1u;
    let low = (lane >> 1u) & 1u;
    let across = p.co4 / 4u;
    let down = p.ci4 / 2u;
    let co = (quad % across) * 4u + select(0u, 2u, right);
    let ci = (quad / across % down) * 2u + low;
    let own_co = co + low;
    let other_co = co + 1u - low;
    let ky = quad / (across * down) % 3u;
    let chunk = quad / (across * down * 3u);
{% for o in range(2) %}
{% for kx in range(3) %}
{% for c in range(4) %}
    var a{{o}}{{kx}}{{c}} = vec4f(0.0);
{% endfor %}
{% endfor %}
{% endfor %}
    let end = min((chunk + 1u) * p.rows_per_chunk, p.rows);
    for (var r = chunk * p.rows_per_chunk; r < end; r++) {
        let n = r / p.ho;
        let iy = i32(r % p.ho + ky) - 1;
        if (iy < 0 || iy >= i32(p.h)) {
            continue;
        }
        let row = (n * p.h + u32(iy)) * p.w;
        let grads = r * p.wo;
        // x at the taps of two pixels; the first lies left of the picture.
        var x0 = vec4f(0.0);
        var x1 = x[row * p.ci4 + ci];
        for (var ox = 0u; ox < p.wo; ox += 2u) {
            let column = ox + select(1u, 2u, right);
            let own_x = select(vec4f(0.0), x[(row + min(column, p.w - 1u)) * p.ci4 + ci], column < p.w);
            let other_x = quadSwapX(own_x);
            let x2 = select(own_x, other_x, right);
            let x3 = select(other_x, own_x, right);
{% for t in range(2) %}
            let g{{t}}0 = dy[(grads + ox + {{t}}u) * p.co4 + own_co];
            let g{{t}}1 = quadSwapY(g{{t}}0);
{% endfor %}
{% for o in range(2) %}
{% for kx in range(3) %}
{% for c in range(4) %}
{% set k = "xyzw"[c] %}
            a{{o}}{{kx}}{{c}} = fma(vec4f(x{{kx + 1}}.{{k}}), g1{{o}}, fma(vec4f(x{{kx}}.{{k}}), g0{{o}}, a{{o}}{{kx}}{{c}}));
{% endfor %}
{% endfor %}
{% endfor %}
            x0 = x2;
            x1 = x3;
        }
    }
    // A store is long in machine code, so taps are picked in turn; the loop has no length to be unrolled by.
    let taps = min(3u, p.wo + 2u);
    for (var kx = 0u; kx < taps; kx++) {
        let base = (((chunk * 3u + ky) * 3u + kx) * p.ci4 + ci) * 4u * p.co4;
{% for c in range(4) %}
{% for o in range(2) %}
        out[base + {{c}}u * p.co4 + {{"other" if o else "own"}}_co] = select(select(a{{o}}0{{c}}, a{{o}}1{{c}}, kx == 1u), a{{o}}2{{c}}, kx == 2u);
{% endfor %}
{% endfor %}
    }
}
