// Option A's shortcut: every stride-th pixel, `front` zero channels before x's and zeros behind.
// x [N,H,W,C] → y [N,H',W',Co]

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    stride: u32, front: u32, channels: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

{% include "common/grid.wgsl" %}

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
    let source = ((n * p.h + oy * p.stride) * p.w + ox * p.stride) * p.ci4 * 4u;
    var v = vec4f(0.0);
    for (var k = 0u; k < 4u; k++) {
        let c = i32(co * 4u + k) - i32(p.front);
        if (c >= 0 && c < i32(p.channels)) {
            v[k] = x[source + u32(c)];
        }
    }
    y[i] = v;
}
