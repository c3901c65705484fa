// A batch's pictures as they were before normalisation: tiles of `columns` in a row.
// x [N,S,S,4] → atlas, RGBA bytes

struct Params {
    first_workgroup: u32,
    total: u32,
    size: u32,
    // First picture, and pictures in a row of tiles.
    first: u32, columns: u32,
    left: u32, top: u32, stride: u32,
    // The inverse of what `gather` does: byte = (x − shift) / scale.
    scale_r: f32, scale_g: f32, scale_b: f32,
    shift_r: f32, shift_g: f32, shift_b: f32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> atlas: array<u32>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let pixel = i % (p.size * p.size);
    let k = i / (p.size * p.size);
    let v = x[(p.first + k) * p.size * p.size + pixel].rgb;
    let shift = vec3f(p.shift_r, p.shift_g, p.shift_b);
    let scale = vec3f(p.scale_r, p.scale_g, p.scale_b);
    let c = vec3u(clamp(round((v - shift) / scale), vec3f(0.0), vec3f(255.0)));
    let ax = p.left + (k % p.columns) * p.size + pixel % p.size;
    let ay = p.top + (k / p.columns) * p.size + pixel / p.size;
    atlas[ay * p.stride + ax] = c.r | (c.g << 8u) | (c.b << 16u) | 0xff000000u;
}
