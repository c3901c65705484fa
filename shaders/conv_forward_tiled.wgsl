// Convolution of any kernel size and stride as a product of matrices that is never unfolded: a workgroup makes
// {{ 8 * PX }} pixels × {{ 32 * DEEP }} channels, an invocation {{ PX }} × {{ 4 * DEEP }}, from tiles of both operands in workgroup memory.
// Neighbouring lanes read neighbouring vec4s of it, so that no two meet in a bank.
// x [N,H,W,Ci] ∗ weight [k,k,Ci,Co] → y [N,H',W',Co]; channels in vec4s, Co innermost.

struct Params {
    first_workgroup: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    kernel: u32, stride: u32, padding: u32,
    pixels: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

{% set M = 8 * PX %}
{% set N = 8 * DEEP %}
{% set MAC = "mac" %}
{% include "common/tile_head.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let group = workgroup_number(wg);
    let columns = (p.co4 + {{ N - 1 }}u) / {{ N }}u;
    let pixel0 = group / columns * {{ M }}u;
    let co0 = group % columns * {{ N }}u;
    let down = lane / 8u;
    let across = lane % 8u;
    let inner4 = p.kernel * p.kernel * p.ci4;
    // The pixel whose inputs this lane fetches.
    let pixel = pixel0 + lane % {{ M }}u;
    let y0 = i32(pixel / p.wo % p.ho * p.stride) - i32(p.padding);
    let x0 = i32(pixel % p.wo * p.stride) - i32(p.padding);
    let picture = pixel / (p.wo * p.ho) * p.h;
{% for j in range(PX) %}
{% for d in range(DEEP) %}
    var a{{ j }}_{{ d }} = vec4f(0.0);
{% endfor %}
{% endfor %}
    for (var k0 = 0u; k0 < inner4; k0 += 4u) {
        for (var e = lane; e < {{ 4 * M }}u; e += 64u) {
            let k = k0 + e / {{ M }}u;
            let tap = k / p.ci4;
            let iy = y0 + i32(tap / p.kernel);
            let ix = x0 + i32(tap % p.kernel);
            var value = vec4f(0.0);
            if (k < inner4 && pixel < p.pixels && iy >= 0 && iy < i32(p.h) && ix >= 0 && ix < i32(p.w)) {
                value = x[((picture + u32(iy)) * p.w + u32(ix)) * p.ci4 + k % p.ci4];
            }
            tile[e] = value;
        }
        for (var e = lane; e < {{ 16 * N }}u; e += 64u) {
            let k = k0 * 4u + e / {{ N }}u;
            let co = co0 + e % {{ N }}u;
            var value = vec4f(0.0);
            if (k < inner4 * 4u && co < p.co4) {
                value = weight[k * p.co4 + co];
            }
            ws[e] = value;
        }
{% include "common/tile_product.wgsl" %}

    }
{% for j in range(PX) %}
    if (pixel0 + down + {{ 8 * j }}u < p.pixels) {
        let to = (pixel0 + down + {{ 8 * j }}u) * p.co4 + co0 + across;
{% for d in range(DEEP) %}
        if (co0 + across + {{ 8 * d }}u < p.co4) {
            y[to + {{ 8 * d }}u] = a{{ j }}_{{ d }};
        }
{% endfor %}
    }
{% endfor %}
}
