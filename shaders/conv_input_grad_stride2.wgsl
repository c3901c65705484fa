// Gradient of a {{K}}×{{K}} stride-2 convolution with respect to its input: each invocation makes {{PX}}
// neighbouring pixels of a row, four channels deep. Only taps that reach an output are visited: of a 3×3
// kernel the middle column for even pixels and the two outer ones for odd pixels, and rows likewise.
// dy [N,H',W',Co], weight [{{K}},{{K}},Ci,Co] → dx [N,H,W,Ci], added to dx where `accumulate` is 1.

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
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
    let ox0 = ix0 / 2u;
{% for j in range(PX) %}
    var a{{j}} = vec4f(0.0);
{% endfor %}
    for (var ky = (iy + {{pad}}u) % 2u; ky < {{K}}u; ky += 2u) {
        if (iy + {{pad}}u < ky || (iy + {{pad}}u - ky) / 2u >= p.ho) {
            continue;
        }
        let row = (n * p.ho + (iy + {{pad}}u - ky) / 2u) * p.wo;
        for (var co = 0u; co < p.co4; co++) {
{% for j in range(PX // 2 + pad) %}
            let g{{j}} = select(vec4f(0.0), dy[(row + min(ox0 + {{j}}u, p.wo - 1u)) * p.co4 + co], ox0 + {{j}}u < p.wo);
{% endfor %}
{% for kx in range(K) %}
            {
                let base = ((ky * {{K}}u + {{kx}}u) * p.ci4 + ci) * 4u * p.co4 + co;
                let w0 = weight[base];
                let w1 = weight[base + p.co4];
                let w2 = weight[base + 2u * p.co4];
                let w3 = weight[base + 3u * p.co4];
{% for j in range(PX) if (j + pad - kx) % 2 == 0 %}
                a{{j}} = mac_transposed(a{{j}}, g{{(j + pad - kx) // 2}}, w0, w1, w2, w3);
{% endfor %}
            }
{% endfor %}
        }
    }
    let first = (n * p.h + iy) * p.w + ix0;
{% for j in range(PX) %}
    if (ix0 + {{j}}u < p.w) {
        let out = (first + {{j}}u) * p.ci4 + ci;
        dx[out] = select(vec4f(0.0), dx[out], p.accumulate == 1u) + a{{j}};
    }
{% endfor %}
}
