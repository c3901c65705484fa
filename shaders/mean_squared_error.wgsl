// Mean squared error of each picture, one workgroup each, and the gradient of the batch's mean.
// y, wanted [N,len] → dy [N,len] = 2·(y − wanted)/(N·len), result [N]: mean of (y − wanted)², 0, values not finite, 0

struct Params {
    first_workgroup: u32,
    images: u32,
    // vec4s of a picture, and its values without fillers.
    len4: u32, values: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> wanted: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> result: array<vec4f>;

{% include "common/grid.wgsl" %}
{% include "common/finite.wgsl" %}

{% include "common/sum64.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let n = workgroup_number(wg);
    let scale = 2.0 / (f32(p.images) * f32(p.values));
    var sum = vec4f(0.0);
    if (n < p.images) {
        for (var k = lane; k < p.len4; k += 64u) {
            let v = y[n * p.len4 + k];
            let d = v - wanted[n * p.len4 + k];
            dy[n * p.len4 + k] = scale * d;
            let bad = not_finite(v.x) + not_finite(v.y) + not_finite(v.z) + not_finite(v.w);
            sum += vec4f(dot(d, d), 0.0, f32(bad), 0.0);
        }
    }
    sums[lane] = sum;
    workgroupBarrier();
    if (lane == 0u && n < p.images) {
        let total = sum64();
        result[n] = vec4f(total.x / f32(p.values), 0.0, total.z, 0.0);
    }
}
