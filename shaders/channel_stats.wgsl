// Mean, variance, largest absolute value and number of values that are not finite, of every channel.
// x [rows,C] → stats [C/4, 4] at `offset`: a workgroup for four channels

struct Params {
    first_workgroup: u32,
    rows: u32, c4: u32,
    // First vec4 of x that is read, and of stats that is written.
    first: u32, offset: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> stats: array<vec4f>;

{% include "common/grid.wgsl" %}
{% include "common/finite.wgsl" %}
{% include "common/moments.wgsl" %}

var<workgroup> part: array<Moments, 64>;
var<workgroup> part_largest: array<vec4f, 64>;
var<workgroup> part_bad: array<vec4f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let c = workgroup_number(wg);
    var count = 0.0;
    var sum = vec4f(0.0);
    var largest = vec4f(0.0);
    var bad = vec4f(0.0);
    for (var row = lane; row < p.rows; row += 64u) {
        let v = x[p.first + row * p.c4 + c];
        count += 1.0;
        sum += v;
        largest = max(largest, abs(v));
        bad += vec4f(vec4u(not_finite(v.x), not_finite(v.y), not_finite(v.z), not_finite(v.w)));
    }
    let mean = sum / max(count, 1.0);
    var m2 = vec4f(0.0);
    for (var row = lane; row < p.rows; row += 64u) {
        let d = x[p.first + row * p.c4 + c] - mean;
        m2 += d * d;
    }
    part[lane] = Moments(count, mean, m2);
    part_largest[lane] = largest;
    part_bad[lane] = bad;
    workgroupBarrier();
    if (lane == 0u) {
        var all = part[0];
        for (var k = 1u; k < 64u; k++) {
            all = merge(all, part[k]);
            largest = max(largest, part_largest[k]);
            bad += part_bad[k];
        }
        let at = p.offset + c * 4u;
        stats[at] = all.mean;
        stats[at + 1u] = all.m2 / all.count;
        stats[at + 2u] = largest;
        stats[at + 3u] = bad;
    }
}
