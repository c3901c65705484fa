// SGD in PyTorch's form, one invocation four parameters, and the norms in the same pass:
// g += weight_decay·w; v = momentum·v + g; w −= lr·(nesterov ? g + momentum·v : v)
// A workgroup works on up to 16384 values of one parameter, told by `table`.
// weight, gradient, velocity [arena] → weight, velocity; part [workgroups]: Σgrad², Σw² after the update, values not finite, Σ(update)²

struct Params {
    first_workgroup: u32,
    workgroups: u32,
    // Entry of the first workgroup in `table` and `part`.
    table_first: u32,
}

{% include "common/step.wgsl" %}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read_write> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> velocity: array<vec4f>;
// First vec4 and number of vec4s of each workgroup.
@group(0) @binding(5) var<storage, read> table: array<vec2u>;
@group(0) @binding(6) var<storage, read_write> part: array<vec4f>;

{% include "common/grid.wgsl" %}
{% include "common/finite.wgsl" %}

{% include "common/sum64.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let group = workgroup_number(wg);
    var range = vec2u(0u, 0u);
    if (group < p.workgroups) {
        range = table[p.table_first + group];
    }
    var sum = vec4f(0.0);
    // Eight lanes walk through each eighth: software adapters run so many at a time, to the end.
    let eighth = (range.y + 63u) / 64u * 8u;
    let start = lane / 8u * eighth;
    for (var k = start + lane % 8u; k < min(start + eighth, range.y); k += 8u) {
        let i = range.x + k;
        let raw = gradient[i];
        let w = weight[i];
        let g = fma(vec4f(step.weight_decay), w, raw);
        let v = fma(vec4f(step.momentum), velocity[i], g);
        let d = select(v, fma(vec4f(step.momentum), v, g), step.nesterov == 1u);
        let updated = fma(vec4f(-step.lr), d, w);
        let change = step.lr * d;
        velocity[i] = v;
        weight[i] = updated;
        let bad = not_finite(raw.x) + not_finite(raw.y) + not_finite(raw.z) + not_finite(raw.w);
        sum += vec4f(dot(raw, raw), dot(updated, updated), f32(bad), dot(change, change));
    }
    sums[lane] = sum;
    workgroupBarrier();
    if (lane == 0u && group < p.workgroups) {
        part[p.table_first + group] = sum64();
    }
}
