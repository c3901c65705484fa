// Global average pooling, rows first so that no sum is long.
// x [N,H,W,C] → y [N,1,1,C]

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, c4: u32,
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
    let n = i / p.c4;
    var sum = vec4f(0.0);
    for (var iy = 0u; iy < p.h; iy++) {
        var row = vec4f(0.0);
        for (var ix = 0u; ix < p.w; ix++) {
            row += x[((n * p.h + iy) * p.w + ix) * p.c4 + c];
        }
        sum += row;
    }
    y[i] = sum / f32(p.h * p.w);
}
