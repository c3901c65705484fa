// Feature maps of one image as pictures: tiles of `columns` in a row, each one channel, by the colour map
// of signed values. Zero is the map's middle, so that after ReLU only its upper half occurs.
// x [h·w,C], pick [tiles] channel, scale [tiles] value at the map's end, lut [256] → atlas, RGBA bytes

struct Params {
    first_workgroup: u32,
    total: u32,
    w: u32, h: u32, c4: u32,
    // First vec4 of the image, and first tile in `pick` and `scale`.
    first: u32, tile: u32, columns: u32,
    // Left and top in the atlas, and its width.
    left: u32, top: u32, stride: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> pick: array<u32>;
@group(0) @binding(3) var<storage, read> scale: array<f32>;
// 256 colours, then the ground and the ink of hatching.
@group(0) @binding(4) var<storage, read> lut: array<u32>;
@group(0) @binding(5) var<storage, read_write> atlas: array<u32>;

{% include "common/grid.wgsl" %}
{% include "common/finite.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let pixel = i % (p.w * p.h);
    let k = i / (p.w * p.h);
    let px = pixel % p.w;
    let py = pixel / p.w;
    let channel = pick[p.tile + k];
    let v = x[p.first + pixel * p.c4 + channel / 4u][channel % 4u];
    var colour = lut[256u + ((px + py) & 1u)];
    if (not_finite(v) == 0u) {
        let t = 0.5 + 0.5 * clamp(v / max(scale[p.tile + k], 1e-30), -1.0, 1.0);
        colour = lut[u32(round(t * 255.0))];
    }
    let ax = p.left + (k % p.columns) * p.w + px;
    let ay = p.top + (k / p.columns) * p.h + py;
    atlas[ay * p.stride + ax] = colour;
}
