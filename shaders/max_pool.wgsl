// 3×3 max-pooling, stride 2, padding 1.
// x [N,H,W,C] → y [N,H',W',C]

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, c4: u32,
    ho: u32, wo: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let c = i % p.c4;
    var rest = i / p.c4;
    let ox = rest % p.wo;
    rest = rest / p.wo;
    let oy = rest % p.ho;
    let n = rest / p.ho;
    // The window's centre is always inside the picture.
    var best = x[((n * p.h + oy * 2u) * p.w + ox * 2u) * p.c4 + c];
    for (var ky = 0u; ky < 3u; ky++) {
        let iy = i32(oy * 2u + ky) - 1;
        if (iy < 0 || iy >= i32(p.h)) {
            continue;
        }
        for (var kx = 0u; kx < 3u; kx++) {
            let ix = i32(ox * 2u + kx) - 1;
            if (ix < 0 || ix >= i32(p.w)) {
                continue;
            }
            best = max(best, x[((n * p.h + u32(iy)) * p.w + u32(ix)) * p.c4 + c]);
        }
    }
    y[i] = best;
}
