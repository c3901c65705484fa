// Gradient of a convolution of any kernel size and stride with respect to its weight: each invocation
// makes one tap for 4×4 channels, over a chunk of output rows.
// x [N,H,W,Ci], dy [N,H',W',Co] → out [chunks,K,K,Ci,Co], summed over chunks afterwards.

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    kernel: u32, stride: u32, padding: u32,
    rows: u32, rows_per_chunk: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let co = i % p.co4;
    var rest = i / p.co4;
    let ci = rest % p.ci4;
    let tap = rest / p.ci4;
    let taps = p.kernel * p.kernel;
    let kx = tap % p.kernel;
    let ky = (tap % taps) / p.kernel;
    let chunk = tap / taps;
    var a0 = vec4f(0.0);
    var a1 = vec4f(0.0);
    var a2 = vec4f(0.0);
    var a3 = vec4f(0.0);
    let end = min((chunk + 1u) * p.rows_per_chunk, p.rows);
    for (var r = chunk * p.rows_per_chunk; r < end; r++) {
        let n = r / p.ho;
        let iy = i32((r % p.ho) * p.stride + ky) - i32(p.padding);
        if (iy < 0 || iy >= i32(p.h)) {
            continue;
        }
        let row = (n * p.h + u32(iy)) * p.w;
        for (var ox = 0u; ox < p.wo; ox++) {
            let ix = i32(ox * p.stride + kx) - i32(p.padding);
            if (ix < 0 || ix >= i32(p.w)) {
                continue;
            }
            let g = dy[(r * p.wo + ox) * p.co4 + co];
            let v = x[(row + u32(ix)) * p.ci4 + ci];
            a0 = fma(vec4f(v.x), g, a0);
            a1 = fma(vec4f(v.y), g, a1);
            a2 = fma(vec4f(v.z), g, a2);
            a3 = fma(vec4f(v.w), g, a3);
        }
    }
    let base = (tap * p.ci4 + ci) * 4u * p.co4 + co;
    out[base] = a0;
    out[base + p.co4] = a1;
    out[base + 2u * p.co4] = a2;
    out[base + 3u * p.co4] = a3;
}
