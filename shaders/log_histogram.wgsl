// How often values of each size occur: 32 bins an octave from 2⁻¹⁰ to 2⁷ for each sign, by exponent and the
// first five bits of the mantissa, so that edges are exact; one more bin for what is smaller. Beyond the
// last octave the last bin counts.
// x [rows,C] → counts [1089] at `offset`, added to

struct Params {
    first_workgroup: u32,
    // vec4s in all, and of a workgroup.
    len: u32, per_group: u32,
    c4: u32, channels: u32,
    first: u32, offset: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;

{% include "common/grid.wgsl" %}
{% include "common/channels.wgsl" %}

const HALF: u32 = 544u;
const BINS: u32 = 1089u;

var<workgroup> mine: array<atomic<u32>, 1089>;

fn bin(v: f32) -> u32 {
    let bits = bitcast<u32>(v);
    let size = (bits & 0x7fffffffu) >> 18u;
    let smallest = (127u - 10u) << 5u;
    if (size < smallest) {
        return 2u * HALF;
    }
    return min(size - smallest, HALF - 1u) + select(0u, HALF, (bits >> 31u) == 1u);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    for (var k = lane; k < BINS; k += 64u) {
        atomicStore(&mine[k], 0u);
    }
    workgroupBarrier();
    let first = workgroup_number(wg) * p.per_group;
    let end = min(first + p.per_group, p.len);
    for (var i = first + lane; i < end; i += 64u) {
        let v = x[p.first + i];
        let real = real_channels(i % p.c4);
        for (var k = 0u; k < 4u; k++) {
            if (real[k] > 0.0) {
                atomicAdd(&mine[bin(v[k])], 1u);
            }
        }
    }
    workgroupBarrier();
    for (var k = lane; k < BINS; k += 64u) {
        let n = atomicLoad(&mine[k]);
        if (n > 0u) {
            atomicAdd(&counts[p.offset + k], n);
        }
    }
}
