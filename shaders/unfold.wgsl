// Lays out what a convolution multiplies: for every output pixel the k×k input pixels under the kernel (PyTorch's
// `unfold`). x [N,H,W,C] → columns [pixels,k·k,C]; channels in vec4s.

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, c4: u32,
    ho: u32, wo: u32,
    kernel: u32, stride: u32, padding: u32,
    first_picture: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> columns: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let c = i % p.c4;
    let taps = p.kernel * p.kernel;
    let tap = i / p.c4 % taps;
    let pixel = i / (p.c4 * taps);
    let n = p.first_picture + pixel / (p.wo * p.ho);
    let iy = i32(pixel / p.wo % p.ho * p.stride + tap / p.kernel) - i32(p.padding);
    let ix = i32(pixel % p.wo * p.stride + tap % p.kernel) - i32(p.padding);
    var value = vec4f(0.0);
    if (iy >= 0 && ix >= 0 && iy < i32(p.h) && ix < i32(p.w)) {
        value = x[((n * p.h + u32(iy)) * p.w + u32(ix)) * p.c4 + c];
    }
    columns[i] = value;
}
