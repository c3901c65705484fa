// Adds up the parts of each parameter's norms, in a tree, into the step's record.
// part [workgroups] → ring [slot]: a vec4 a parameter: ‖gradient‖, ‖weight‖, values not finite, ‖update‖

struct Params {
    first_workgroup: u32,
    parameters: u32,
    stride: u32, offset: u32,
}

{% include "common/step.wgsl" %}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> part: array<vec4f>;
// First part and number of parts of each parameter.
@group(0) @binding(3) var<storage, read> ranges: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> ring: array<vec4f>;

{% include "common/grid.wgsl" %}

{% include "common/sum64.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let parameter = workgroup_number(wg);
    var range = vec2u(0u, 0u);
    if (parameter < p.parameters) {
        range = ranges[parameter];
    }
    var sum = vec4f(0.0);
    for (var k = lane; k < range.y; k += 64u) {
        sum += part[range.x + k];
    }
    sums[lane] = sum;
    workgroupBarrier();
    if (lane == 0u && parameter < p.parameters) {
        let total = sum64();
        ring[step.slot * p.stride + p.offset + parameter] = vec4f(sqrt(total.xy), total.z, sqrt(total.w));
    }
}
