// Gradient of a convolution of any kernel size and stride with respect to its input, one pixel and four
// channels an invocation. Only taps that reach an output pixel are visited, so stride 2 costs a quarter.
// dy [N,H',W',Co], weight [K,K,Ci,Co] → dx [N,H,W,Ci], added to dx where `accumulate` is 1.

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    kernel: u32, stride: u32, padding: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

{% include "common/grid.wgsl" %}
{% include "common/mac.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let ci = i % p.ci4;
    var rest = i / p.ci4;
    let ix = rest % p.w;
    rest = rest / p.w;
    let iy = rest % p.h;
    let n = rest / p.h;
    var acc = vec4f(0.0);
    // The first tap whose output row is a whole number of strides away.
    for (var ky = (iy + p.padding) % p.stride; ky < p.kernel; ky += p.stride) {
        let oy = (i32(iy + p.padding) - i32(ky)) / i32(p.stride);
        if (iy + p.padding < ky || oy >= i32(p.ho)) {
            continue;
        }
        for (var kx = (ix + p.padding) % p.stride; kx < p.kernel; kx += p.stride) {
            let ox = (i32(ix + p.padding) - i32(kx)) / i32(p.stride);
            if (ix + p.padding < kx || ox >= i32(p.wo)) {
                continue;
            }
            let source = ((n * p.ho + u32(oy)) * p.wo + u32(ox)) * p.co4;
            let tap = ((ky * p.kernel + kx) * p.ci4 + ci) * 4u * p.co4;
            for (var co = 0u; co < p.co4; co++) {
                let base = tap + co;
                acc = mac_transposed(acc, dy[source + co], weight[base], weight[base + p.co4], weight[base + 2u * p.co4], weight[base + 3u * p.co4]);
            }
        }
    }
    if (p.accumulate == 1u) {
        dx[i] = dx[i] + acc;
    } else {
        dx[i] = acc;
    }
}
