// Gradient of a {{K}}×{{K}} stride-1 convolution with respect to its input: each invocation makes {{PX}}
// neighbouring pixels of a row, four channels deep. The convolution of dy with the flipped, transposed
// kernel. dy [N,H,W,Co], weight [{{K}},{{K}},Ci,Co] → dx [N,H,W,Ci], added to dx where `accumulate` is 1.

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32, co4: u32,
    segments: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

{% include "common/grid.wgsl" %}
{% include "common/mac.wgsl" %}

{% set pad = K // 2 %}
{% set window = PX + K - 1 %}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let ci = i % p.ci4;
    var rest = i / p.ci4;
    let ix0 = (rest % p.segments) * {{PX}}u;
    rest = rest / p.segments;
    let iy = rest % p.h;
    let n = rest / p.h;
    let ox0 = i32(ix0) - {{K - 1 - pad}};
    let w = i32(p.w);
    let out = (n * p.h + iy) * p.w + ix0;
{% for j in range(PX) %}
    var acc{{j}} = vec4f(0.0);
{% endfor %}
    for (var ky = 0u; ky < {{K}}u; ky++) {
        let oy = i32(iy + {{pad}}u) - i32(ky);
        if (oy < 0 || oy >= i32(p.h)) {
            continue;
        }
        let row = (n * p.h + u32(oy)) * p.w;
        for (var co = 0u; co < p.co4; co++) {
{% for j in range(window) %}
            let o{{j}} = ox0 + {{j}};
            let g{{j}} = select(vec4f(0.0), dy[(row + u32(clamp(o{{j}}, 0, w - 1))) * p.co4 + co], o{{j}} >= 0 && o{{j}} < w);
{% endfor %}
{% for kx in range(K) %}
            {
                let base = ((ky * {{K}}u + {{kx}}u) * p.ci4 + ci) * 4u * p.co4 + co;
                let w0 = weight[base];
                let w1 = weight[base + p.co4];
                let w2 = weight[base + 2u * p.co4];
                let w3 = weight[base + 3u * p.co4];
{% for j in range(PX) %}
                acc{{j}} = mac_transposed(acc{{j}}, g{{j + K - 1 - kx}}, w0, w1, w2, w3);
{% endfor %}
            }
{% endfor %}
        }
    }
{% for j in range(PX) %}
    if (ix0 + {{j}}u < p.w) {
        let o = (out + {{j}}u) * p.ci4 + ci;
        if (p.accumulate == 1u) {
            dx[o] = dx[o] + acc{{j}};
        } else {
            dx[o] = acc{{j}};
        }
    }
{% endfor %}
}
