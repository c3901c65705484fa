// Gradient of a convolution with respect to its weight, for any kernel size and stride, as a product of matrices that is
// never unfolded: a workgroup makes {{ 32 * IN }} rows of taps × input channels × {{ 32 * DEEP }} output channels over a chunk of
// pixels, an invocation {{ 4 * IN }} × {{ 4 * DEEP }}, from tiles of both operands in workgroup memory.
// x [N,H,W,Ci], dy [N,H',W',Co] → out [chunks,k,k,Ci,Co], summed over chunks afterwards.

struct Params {
    first_workgroup: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    kernel: u32, stride: u32, padding: u32,
    pixels: u32, per_chunk: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

{% include "common/grid.wgsl" %}

{% set M = 8 * IN %}
{% set N = 8 * DEEP %}
// 16 pixels of both, vec4s of channels innermost.
var<workgroup> xs: array<vec4f, {{ 16 * M }}>;
var<workgroup> gs: array<vec4f, {{ 16 * N }}>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let group = workgroup_number(wg);
    let rows4 = p.kernel * p.kernel * p.ci4;
    let columns = (p.co4 + {{ N - 1 }}u) / {{ N }}u;
    let tiles = (rows4 + {{ M - 1 }}u) / {{ M }}u;
    let co0 = group % columns * {{ N }}u;
    let row0 = group / columns % tiles * {{ M }}u;
    let chunk = group / (columns * tiles);
    let first = chunk * p.per_chunk;
    let end = min(first + p.per_chunk, p.pixels);
    // The tap and input channels that this lane fetches.
    let r = row0 + lane % {{ M }}u;
    let ky = i32(r / p.ci4 / p.kernel) - i32(p.padding);
    let kx = i32(r / p.ci4 % p.kernel) - i32(p.padding);
    let down = lane / 8u;
    let across = lane % 8u;
{% for k in range(4 * IN) %}
{% for d in range(DEEP) %}
    var a{{ k }}_{{ d }} = vec4f(0.0);
{% endfor %}
{% endfor %}
    for (var pixel0 = first; pixel0 < end; pixel0 += 16u) {
        for (var e = lane; e < {{ 16 * M }}u; e += 64u) {
            let pixel = pixel0 + e / {{ M }}u;
            let iy = i32(pixel / p.wo % p.ho * p.stride) + ky;
            let ix = i32(pixel % p.wo * p.stride) + kx;
            var value = vec4f(0.0);
            if (r < rows4 && pixel < end && iy >= 0 && iy < i32(p.h) && ix >= 0 && ix < i32(p.w)) {
                value = x[((pixel / (p.wo * p.ho) * p.h + u32(iy)) * p.w + u32(ix)) * p.ci4 + r % p.ci4];
            }
            xs[e] = value;
        }
        for (var e = lane; e < {{ 16 * N }}u; e += 64u) {
            let pixel = pixel0 + e / {{ N }}u;
            let co = co0 + e % {{ N }}u;
            var value = vec4f(0.0);
            if (pixel < end && co < p.co4) {
                value = dy[pixel * p.co4 + co];
            }
            gs[e] = value;
        }
        workgroupBarrier();
        for (var k = 0u; k < 16u; k++) {
{% for d in range(DEEP) %}
            let g{{ d }} = gs[k * {{ N }}u + across + {{ 8 * d }}u];
{% endfor %}
{% for i in range(IN) %}
            let x{{ i }} = xs[k * {{ M }}u + down + {{ 8 * i }}u];
{% for c in range(4) %}
{% for d in range(DEEP) %}
            a{{ 4 * i + c }}_{{ d }} = fma(vec4f(x{{ i }}.{{ "xyzw"[c] }}), g{{ d }}, a{{ 4 * i + c }}_{{ d }});
{% endfor %}
{% endfor %}
{% endfor %}
        }
        workgroupBarrier();
    }
{% for i in range(IN) %}
    if (row0 + down + {{ 8 * i }}u < rows4) {
        let to = ((chunk * rows4 + row0 + down + {{ 8 * i }}u) * 4u) * p.co4 + co0 + across;
{% for d in range(DEEP) %}
        if (co0 + across + {{ 8 * d }}u < p.co4) {
{% for c in range(4) %}
            out[to + {{ c }}u * p.co4 + {{ 8 * d }}u] = a{{ 4 * i + c }}_{{ d }};
{% endfor %}
        }
{% endfor %}
    }
{% endfor %}
}
