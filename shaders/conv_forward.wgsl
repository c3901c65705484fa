// Convolution {{K}}×{{K}}, stride {{S}}: each invocation makes {{PX}} neighbouring pixels of a row, four
// channels deep, and uses every value of the input row for all taps that touch it.
// x [N,H,W,Ci] ∗ weight [{{K}},{{K}},Ci,Co] → y [N,H',W',Co]; channels in vec4s, Co innermost.

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    segments: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

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
    let co = i % p.co4;
    var rest = i / p.co4;
    let ox0 = (rest % p.segments) * {{PX}}u;
    rest = rest / p.segments;
    let oy = rest % p.ho;
    let n = rest / p.ho;
    let ix0 = i32(ox0 * {{S}}u) - {{pad}};
    let w = i32(p.w);
{% for j in range(PX) %}
    var acc{{j}} = vec4f(0.0);
{% endfor %}
    for (var ky = 0u; ky < {{K}}u; ky++) {
        let iy = i32(oy * {{S}}u + ky) - {{pad}};
        if (iy < 0 || iy >= i32(p.h)) {
            continue;
        }
        let row = (n * p.h + u32(iy)) * p.w;
        for (var ci = 0u; ci < p.ci4; ci++) {
{% for j in range(window) if K > 1 or j % S == 0 %}
            let i{{j}} = ix0 + {{j}};
            let x{{j}} = select(vec4f(0.0), x[(row + u32(clamp(i{{j}}, 0, w - 1))) * p.ci4 + ci], i{{j}} >= 0 && i{{j}} < w);
{% endfor %}
{% for kx in range(K) %}
            {
                let base = ((ky * {{K}}u + {{kx}}u) * p.ci4 + ci) * 4u * p.co4 + co;
                let w0 = weight[base];
                let w1 = weight[base + p.co4];
                let w2 = weight[base + 2u * p.co4];
                let w3 = weight[base + 3u * p.co4];
{% for j in range(PX) %}
                acc{{j}} = mac(acc{{j}}, x{{j * S + kx}}, w0, w1, w2, w3);
{% endfor %}
            }
{% endfor %}
        }
    }
    let out = (n * p.ho + oy) * p.wo + ox0;
{% for j in range(PX) %}
    if (ox0 + {{j}}u < p.wo) {
        y[(out + {{j}}u) * p.co4 + co] = acc{{j}};
    }
{% endfor %}
}
