// Backward through {% if NORM %}batch norm{% else %}a bias{% endif %}, second pass: adds up the chunks of every channel in a tree.
// A workgroup works on eight vec4s of channels with eight lanes each: a barrier costs software adapters most.
{% if NORM %}
// part [2,chunks,C] → dbeta [C] = Σg, dgamma [C] = Σg·ŷ, and back [3,C]: γ/σ, mean of g, mean of g·ŷ
{% else %}
// part [1,chunks,C] → dbias [C] = Σg
{% endif %}

struct Params {
    first_workgroup: u32,
    c4: u32,
    chunks: u32,
    rows: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> part: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dbeta: array<vec4f>;
{% if NORM %}
@group(0) @binding(3) var<storage, read_write> dgamma: array<vec4f>;
@group(0) @binding(4) var<storage, read> coef: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> back: array<vec4f>;
{% endif %}

{% include "common/grid.wgsl" %}

var<workgroup> sums: array<vec4f, 64>;
{% if NORM %}
var<workgroup> dots: array<vec4f, 64>;
{% endif %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let c = workgroup_number(wg) * 8u + lane % 8u;
    var sum = vec4f(0.0);
{% if NORM %}
    var dot_sum = vec4f(0.0);
{% endif %}
    if (c < p.c4) {
        for (var k = lane / 8u; k < p.chunks; k += 8u) {
            sum += part[k * p.c4 + c];
{% if NORM %}
            dot_sum += part[(p.chunks + k) * p.c4 + c];
{% endif %}
        }
    }
    sums[lane] = sum;
{% if NORM %}
    dots[lane] = dot_sum;
{% endif %}
    workgroupBarrier();
    if (lane < 8u && c < p.c4) {
        var total = vec4f(0.0);
{% if NORM %}
        var total_dot = vec4f(0.0);
{% endif %}
        for (var i = lane; i < 64u; i += 8u) {
            total += sums[i];
{% if NORM %}
            total_dot += dots[i];
{% endif %}
        }
        dbeta[c] = total;
{% if NORM %}
        dgamma[c] = total_dot;
        let rows = f32(p.rows);
        back[c] = coef[c];
        back[p.c4 + c] = total / rows;
        back[2u * p.c4 + c] = total_dot / rows;
{% endif %}
    }
}
