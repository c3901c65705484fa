// The way back through `unfold`: adds up what every input pixel was used for (PyTorch's `fold`), to what is there if told so.
// columns [pixels,k·k,C] → x [N,H,W,C]; channels in vec4s.

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, c4: u32,
    ho: u32, wo: u32,
    kernel: u32, stride: u32, padding: u32,
    first_picture: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> columns: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let c = i % p.c4;
    let ix = i / p.c4 % p.w;
    let iy = i / (p.c4 * p.w) % p.h;
    let picture = i / (p.c4 * p.w * p.h);
    let at = i + p.first_picture * p.h * p.w * p.c4;
    var sum = vec4f(0.0);
    if (p.accumulate != 0u) {
        sum = x[at];
    }
    // Row and column of the output pixel, times the stride, that has this pixel under its first tap.
    for (var ky = (iy + p.padding) % p.stride; ky < p.kernel && ky <= iy + p.padding; ky += p.stride) {
        let oy = (iy + p.padding - ky) / p.stride;
        for (var kx = (ix + p.padding) % p.stride; kx < p.kernel && kx <= ix + p.padding; kx += p.stride) {
            let ox = (ix + p.padding - kx) / p.stride;
            if (oy < p.ho && ox < p.wo) {
                let pixel = (picture * p.ho + oy) * p.wo + ox;
                sum += columns[((pixel * p.kernel + ky) * p.kernel + kx) * p.c4 + c];
            }
        }
    }
    x[at] = sum;
}
