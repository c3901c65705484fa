// Gradient of 3×3 max-pooling, stride 2, padding 1: the first maximum of a window, in rows, gets it all.
// x, dx [N,H,W,C], y, dy [N,H',W',C]

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, c4: u32,
    ho: u32, wo: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let c = i % p.c4;
    var rest = i / p.c4;
    let ix = rest % p.w;
    rest = rest / p.w;
    let iy = rest % p.h;
    let n = rest / p.h;
    let mine = x[i];
    var sum = vec4f(0.0);
    // The one or two windows along each axis that contain this pixel.
    for (var oy = iy / 2u; oy <= (iy + 1u) / 2u && oy < p.ho; oy++) {
        for (var ox = ix / 2u; ox <= (ix + 1u) / 2u && ox < p.wo; ox++) {
            let o = ((n * p.ho + oy) * p.wo + ox) * p.c4 + c;
            let best = y[o];
            // Whether an equal value comes earlier in the window.
            var earlier = vec4<bool>(false);
            for (var ky = 0u; ky < 3u; ky++) {
                let jy = i32(oy * 2u + ky) - 1;
                if (jy < 0 || jy > i32(iy)) {
                    continue;
                }
                for (var kx = 0u; kx < 3u; kx++) {
                    let jx = i32(ox * 2u + kx) - 1;
                    if (jx < 0 || jx >= i32(p.w) || (jy == i32(iy) && jx >= i32(ix))) {
                        continue;
                    }
                    earlier |= x[((n * p.h + u32(jy)) * p.w + u32(jx)) * p.c4 + c] == best;
                }
            }
            sum += select(vec4f(0.0), dy[o], (mine == best) & !earlier);
        }
    }
    dx[i] = sum;
}
