// Second pass: the share of channels that are 0 in all chunks, into the step's record.
// part [chunks,C] → ring [slot]: (dead channels / channels, 0, 0, 0)

struct Params {
    first_workgroup: u32,
    chunks: u32,
    c4: u32, channels: u32,
    stride: u32, offset: u32,
}

{% include "common/step.wgsl" %}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> part: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> ring: array<vec4f>;

{% include "common/sum64.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
    var alive = vec4f(0.0);
    for (var c = lane; c < p.c4; c += 64u) {
        var any = vec4f(0.0);
        for (var k = 0u; k < p.chunks; k++) {
            any = max(any, part[k * p.c4 + c]);
        }
        // Channels that only fill up the last vec4 are 0 and count for nothing.
        alive += any;
    }
    sums[lane] = alive;
    workgroupBarrier();
    if (lane == 0u) {
        let total = dot(sum64(), vec4f(1.0));
        ring[step.slot * p.stride + p.offset] = vec4f(1.0 - total / f32(p.channels), 0.0, 0.0, 0.0);
    }
}
