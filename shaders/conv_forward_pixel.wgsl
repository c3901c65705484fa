// Convolution of any kernel size and stride, one pixel and four channels an invocation.
// x [N,H,W,Ci] ∗ weight [K,K,Ci,Co] → y [N,H',W',Co]; channels in vec4s, Co innermost.

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    kernel: u32, stride: u32, padding: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

{% include "common/grid.wgsl" %}
{% include "common/mac.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let co = i % p.co4;
    var rest = i / p.co4;
    let ox = rest % p.wo;
    rest = rest / p.wo;
    let oy = rest % p.ho;
    let n = rest / p.ho;
    var acc = vec4f(0.0);
    for (var ky = 0u; ky < p.kernel; ky++) {
        let iy = i32(oy * p.stride + ky) - i32(p.padding);
        if (iy < 0 || iy >= i32(p.h)) {
            continue;
        }
        for (var kx = 0u; kx < p.kernel; kx++) {
            let ix = i32(ox * p.stride + kx) - i32(p.padding);
            if (ix < 0 || ix >= i32(p.w)) {
                continue;
            }
            let source = ((n * p.h + u32(iy)) * p.w + u32(ix)) * p.ci4;
            let tap = (ky * p.kernel + kx) * p.ci4;
            for (var ci = 0u; ci < p.ci4; ci++) {
                let base = (tap + ci) * 4u * p.co4 + co;
                acc = mac(acc, x[source + ci], weight[base], weight[base + p.co4], weight[base + 2u * p.co4], weight[base + 3u * p.co4]);
            }
        }
    }
    y[i] = acc;
}
