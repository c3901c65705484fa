// Sums loss and right answers over the batch, in a tree, into one record.
// result [N] → ring [slot]: mean loss, share right, pictures whose logits are not finite, pictures

struct Params {
    first_workgroup: u32,
    images: u32,
    // Record size in vec4s.
    stride: u32,
}

{% include "common/step.wgsl" %}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> result: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> ring: array<vec4f>;

{% include "common/sum64.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
    var sum = vec4f(0.0);
    for (var n = lane; n < p.images; n += 64u) {
        sum += result[n];
    }
    sums[lane] = sum;
    workgroupBarrier();
    if (lane == 0u) {
        let total = sum64();
        let images = f32(p.images);
        ring[step.slot * p.stride] = vec4f(total.xy / images, total.z, images);
    }
}
