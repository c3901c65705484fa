// Gradient of a convolution with respect to its input, for any kernel size and stride, as a product of matrices that is
// never unfolded: a workgroup makes {{ 8 * PX }} pixels × {{ 32 * DEEP }} channels, an invocation {{ PX }} × {{ 4 * DEEP }}, from tiles of
// both operands in workgroup memory. Pixels are taken by their remainders of the stride, for only the taps that meet them
// are multiplied: of the nine of a 3×3 kernel at stride 2 one, two or four.
// dy [N,H',W',Co] ∗ weightᵀ [k,k,Ci,Co] → dx [N,H,W,Ci]; added to what is there if told so.

struct Params {
    first_workgroup: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    kernel: u32, stride: u32, padding: u32,
    pictures: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

{% set M = 8 * PX %}
{% set N = 8 * DEEP %}
{% set MAC = "mac_transposed" %}
{% include "common/tile_head.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let group = workgroup_number(wg);
    let s = p.stride;
    // Pixels of one remainder, most of all remainders.
    let rows = (p.h + s - 1u) / s;
    let row = (p.w + s - 1u) / s;
    let pixels = p.pictures * rows * row;
    let columns = (p.ci4 + {{ N - 1 }}u) / {{ N }}u;
    let tiles = (pixels + {{ M - 1 }}u) / {{ M }}u;
    let ci0 = group % columns * {{ N }}u;
    let pixel0 = group / columns % tiles * {{ M }}u;
    let remainder = group / (columns * tiles);
    let ry = remainder / s;
    let rx = remainder % s;
    // The first tap that meets these pixels, down and across, and how many do.
    let ty = (ry + p.padding) % s;
    let tx = (rx + p.padding) % s;
    let taps_x = (p.kernel + s - 1u - tx) / s;
    let inner4 = (p.kernel + s - 1u - ty) / s * taps_x * p.co4;
    // The pixel whose gradients this lane fetches; iy + padding = oy·stride + ky.
    let pixel = pixel0 + lane % {{ M }}u;
    let y0 = i32((pixel / row % rows * s + ry + p.padding) / s);
    let x0 = i32((pixel % row * s + rx + p.padding) / s);
    let picture = pixel / (row * rows) * p.ho;
    let down = lane / 8u;
    let across = lane % 8u;
{% for j in range(PX) %}
{% for d in range(DEEP) %}
    var a{{ j }}_{{ d }} = vec4f(0.0);
{% endfor %}
{% endfor %}
    for (var k0 = 0u; k0 < inner4; k0 += 4u) {
        for (var e = lane; e < {{ 4 * M }}u; e += 64u) {
            let k = k0 + e / {{ M }}u;
            let tap = k / p.co4;
            let oy = y0 - i32(tap / taps_x);
            let ox = x0 - i32(tap % taps_x);
            var value = vec4f(0.0);
            if (k < inner4 && pixel < pixels && oy >= 0 && oy < i32(p.ho) && ox >= 0 && ox < i32(p.wo)) {
                value = dy[((picture + u32(oy)) * p.wo + u32(ox)) * p.co4 + k % p.co4];
            }
            tile[e] = value;
        }
        for (var e = lane; e < {{ 16 * N }}u; e += 64u) {
            // Neighbouring lanes take neighbouring vec4s of one input channel.
            let k = k0 + e % 4u;
            let ci = e / 4u;
            let tap = k / p.co4;
            let ky = ty + tap / taps_x * s;
            let kx = tx + tap % taps_x * s;
            var value = vec4f(0.0);
            if (k < inner4 && ci0 + ci / 4u < p.ci4) {
                value = weight[((ky * p.kernel + kx) * p.ci4 * 4u + ci0 * 4u + ci) * p.co4 + k % p.co4];
            }
            ws[(e % 4u * 4u + ci % 4u) * {{ N }}u + ci / 4u] = value;
        }
{% include "common/tile_product.wgsl" %}

    }
{% for j in range(PX) %}
    {
        let own = pixel0 + down + {{ 8 * j }}u;
        let iy = own / row % rows * s + ry;
        let ix = own % row * s + rx;
        if (own < pixels && iy < p.h && ix < p.w) {
            let to = ((own / (row * rows) * p.h + iy) * p.w + ix) * p.ci4 + ci0 + across;
{% for d in range(DEEP) %}
            if (ci0 + across + {{ 8 * d }}u < p.ci4) {
                var sum = a{{ j }}_{{ d }};
                if (p.accumulate != 0u) {
                    sum += dx[to + {{ 8 * d }}u];
                }
                dx[to + {{ 8 * d }}u] = sum;
            }
{% endfor %}
        }
    }
{% endfor %}
}
