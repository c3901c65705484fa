// Weights moved in a plane: weight = base + a·first + b·second.
// base, first, second [arena], place: a, b → weight [arena]

struct Params {
    first_workgroup: u32,
    total: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> base: array<vec4f>;
@group(0) @binding(2) var<storage, read> first: array<vec4f>;
@group(0) @binding(3) var<storage, read> second: array<vec4f>;
@group(0) @binding(4) var<storage, read> place: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> weight: array<vec4f>;

{% include "common/grid.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let at = place[0];
    weight[i] = fma(vec4f(at.y), second[i], fma(vec4f(at.x), first[i], base[i]));
}
