// conv_forward.wgsl, 3×3 at stride 1, for adapters with quads (see matmul_quad.wgsl): each lane makes 16 pixels of a row,
// 16 channels deep; a quad makes four such tiles of the same channels, and its lanes load a quarter of the weights each.
// Of the pixels that a tile needs, only the first and the last can lie beside the picture, whose width is a multiple of 16.
// x [N,H,W,Ci] ∗ weight [3,3,Ci,Co] → y [N,H',W',Co]; channels in vec4s, Co innermost.

{% include "common/conv_forward_head.wgsl" +%}

{% from "common/pick.wgsl" import pick %}
{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let in_quad = lane & 3u;
    let tiles = p.ho * p.segments;
    // Four tiles for one block of channels, then the same tiles for the next.
    let blocks = p.co4 / 4u;
    let co = (i / 4u % blocks) * 4u;
    let at = i / (4u * blocks) * 4u + in_quad;
    let ox0 = (at % p.segments) * 16u;
    let oy = at / p.segments % p.ho;
    let n = at / tiles;
    let channels = p.ci4 * 4u;
{% for j in range(16) %}
{% for d in range(4) %}
    var a{{d}}_{{j}} = vec4f(0.0);
{% endfor %}
{% endfor %}
    let inner_left = ox0 > 0u;
    let inner_right = ox0 + 16u < p.w;
    for (var ky = 0u; ky < 3u; ky++) {
        let iy = i32(oy + ky) - 1;
        let inside = (iy >= 0) & (iy < i32(p.h));
        let row = ((n * p.h + u32(clamp(iy, 0, i32(p.h) - 1))) * p.w + ox0) * channels;
        let left = row - select(0u, channels, inner_left);
        let right = row + select(15u, 16u, inner_right) * channels;
        for (var ci = 0u; ci < channels; ci++) {
{% for j in range(18) %}
{% if j == 0 %}
            let x0 = select(0.0, x[left + ci], inside & inner_left);
{% elif j == 17 %}
            let x17 = select(0.0, x[right + ci], inside & inner_right);
{% else %}
            let x{{j}} = select(0.0, x[row + {{j - 1}}u * channels + ci], inside);
{% endif %}
{% endfor %}
{% for kx in range(3) %}
            {
                let base = ((ky * 3u + {{kx}}u) * channels + ci) * p.co4 + co;
                let own = weight[base + in_quad];
{% for d in range(4) %}
                let w{{d}} = quadBroadcast(own, {{d}}u);
{% endfor %}
{% for d in range(4) %}
{% for j in range(16) %}
                a{{d}}_{{j}} = fma(vec4f(x{{j + kx}}), w{{d}}, a{{d}}_{{j}});
{% endfor %}
{% endfor %}
            }
{% endfor %}
        }
    }
    // A store is long in machine code, so pixels are picked in turn; the loop has no length to be unrolled by.
    let quarters = min(4u, p.wo);
    for (var q = 0u; q < quarters; q++) {
{% for j in range(4) %}
        let to{{j}} = ((n * p.ho + oy) * p.wo + ox0 + 4u * q + {{j}}u) * p.co4 + co;
{% for d in range(4) %}
        y[to{{j}} + {{d}}u] = {{ pick("a" ~ d ~ "_", j, "") }};
{% endfor %}
{% endfor %}
    }
}
