// Gradient of global average pooling: every pixel gets its share.
// dy [N,1,1,C] → dx [N,H,W,C]

struct Params {
    first_workgroup: u32,
    total: u32,
    pixels: u32, c4: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let n = i / (p.pixels * p.c4);
    dx[i] = dy[n * p.c4 + i % p.c4] / f32(p.pixels);
}
