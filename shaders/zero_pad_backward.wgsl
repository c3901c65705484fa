// Gradient of option A's shortcut: pixels that were taken get theirs back, the others 0.
// dy [N,H',W',Co] → dx [N,H,W,C]

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    stride: u32, front: u32, channels: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;

{% include "common/grid.wgsl" %}

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
    var v = vec4f(0.0);
    if (ix % p.stride == 0u && iy % p.stride == 0u) {
        let source = ((n * p.ho + iy / p.stride) * p.wo + ix / p.stride) * p.co4 * 4u + p.front;
        for (var k = 0u; k < 4u; k++) {
            let c = ci * 4u + k;
            if (c < p.channels) {
                v[k] = dy[source + c];
            }
        }
    }
    dx[i] = v;
}
