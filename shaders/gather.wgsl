// Makes the batch: pictures in the epoch's order, cropped and flipped, resized, normalised.
// bytes [records,3,32,32] → x [N,S,S,4] (blue's fourth neighbour is 0), label [N]
// One dispatch a shard of the data set; a batch may straddle two.

struct Params {
    first_workgroup: u32,
    total: u32,
    size: u32,
    shard_first: u32,
    shard_records: u32,
    nearest: u32,
    // What follows multiplies and shifts a byte: x·scale + shift = (x/255 − mean)/std.
    scale_r: f32, scale_g: f32, scale_b: f32,
    shift_r: f32, shift_g: f32, shift_b: f32,
}

{% include "common/step.wgsl" %}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> pixels: array<u32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read> order: array<u32>;
@group(0) @binding(5) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> label: array<u32>;

{% include "common/grid.wgsl" %}

const SIDE: u32 = 32u;

// One round of PCG's output permutation (Jarzynski & Olano 2020).
fn pcg(v: u32) -> u32 {
    let s = v * 747796405u + 2891336453u;
    let w = ((s >> ((s >> 28u) + 4u)) ^ s) * 277803737u;
    return (w >> 22u) ^ w;
}

struct View {
    record: u32,
    dx: i32,
    dy: i32,
    flip: bool,
}

fn byte(record: u32, plane: u32, y: u32, x: u32) -> f32 {
    let i = ((record * 3u + plane) * SIDE + y) * SIDE + x;
    return f32((pixels[i >> 2u] >> ((i & 3u) * 8u)) & 255u);
}

// Pixel (sy, sx) of the augmented picture, as bytes; black outside the original.
fn pixel(v: View, sy: i32, sx: i32) -> vec3f {
    let cx = select(sx, i32(SIDE) - 1 - sx, v.flip) + v.dx;
    let cy = sy + v.dy;
    if (cx < 0 || cy < 0 || cx >= i32(SIDE) || cy >= i32(SIDE)) {
        return vec3f(0.0);
    }
    let ux = u32(cx);
    let uy = u32(cy);
    return vec3f(byte(v.record, 0u, uy, ux), byte(v.record, 1u, uy, ux), byte(v.record, 2u, uy, ux));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let ox = i % p.size;
    let oy = (i / p.size) % p.size;
    let n = i / (p.size * p.size);
    let record = order[step.batch_start + n];
    if (record < p.shard_first || record >= p.shard_first + p.shard_records) {
        return;
    }
    var view = View(record - p.shard_first, 0, 0, false);
    if (step.augment == 1u) {
        let r = pcg(pcg(step.augment_seed) + step.batch_start + n);
        view.dx = i32(r % 9u) - 4;
        view.dy = i32((r >> 8u) % 9u) - 4;
        view.flip = ((r >> 20u) & 1u) == 1u;
    }
    var c: vec3f;
    if (p.nearest == 1u || p.size == SIDE) {
        c = pixel(view, i32(oy * SIDE / p.size), i32(ox * SIDE / p.size));
    } else {
        // Half-pixel centres, edges repeated.
        let ratio = f32(SIDE) / f32(p.size);
        let fy = clamp((f32(oy) + 0.5) * ratio - 0.5, 0.0, f32(SIDE - 1u));
        let fx = clamp((f32(ox) + 0.5) * ratio - 0.5, 0.0, f32(SIDE - 1u));
        let y0 = i32(floor(fy));
        let x0 = i32(floor(fx));
        let y1 = min(y0 + 1, i32(SIDE) - 1);
        let x1 = min(x0 + 1, i32(SIDE) - 1);
        let top = mix(pixel(view, y0, x0), pixel(view, y0, x1), fx - f32(x0));
        let bottom = mix(pixel(view, y1, x0), pixel(view, y1, x1), fx - f32(x0));
        c = mix(top, bottom, fy - f32(y0));
    }
    let scale = vec3f(p.scale_r, p.scale_g, p.scale_b);
    let shift = vec3f(p.shift_r, p.shift_g, p.shift_b);
    x[i] = vec4f(c * scale + shift, 0.0);
    if (ox == 0u && oy == 0u) {
        label[n] = labels[record];
    }
}
