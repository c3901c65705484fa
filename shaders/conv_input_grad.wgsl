// Gradient of a {{K}}×{{K}} stride-1 convolution with respect to its input: each invocation makes a tile of
// {{ROWS}}×{{PX}} pixels, {{4 * DEEP}} channels deep. The convolution of dy with the flipped, transposed kernel.
// dy [N,H,W,Co], weight [{{K}},{{K}},Ci,Co] → dx [N,H,W,Ci], added to dx where `accumulate` is 1.

struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32, co4: u32,
    segments: u32,
    accumulate: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

{% include "common/grid.wgsl" %}
{% include "common/mac.wgsl" %}

{% set pad = K // 2 %}
{% set window = PX + K - 1 %}
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let i = workgroup_number(wg) * 64u + lane;
    if (i >= p.total) {
        return;
    }
    let blocks = p.ci4 / {{DEEP}}u;
    let ci = (i % blocks) * {{DEEP}}u;
    var rest = i / blocks;
    let ix0 = (rest % p.segments) * {{PX}}u;
    rest = rest / p.segments;
    let bands = (p.h + {{ROWS - 1}}u) / {{ROWS}}u;
    let iy0 = (rest % bands) * {{ROWS}}u;
    let n = rest / bands;
    let ox0 = i32(ix0) - {{K - 1 - pad}};
    let h = i32(p.h);
    let w = i32(p.w);
{% for r in range(ROWS) %}
{% for j in range(PX) %}
{% for d in range(DEEP) %}
    var a{{d}}_{{r}}_{{j}} = vec4f(0.0);
{% endfor %}
{% endfor %}
{% endfor %}
    for (var ky = 0u; ky < {{K}}u; ky++) {
{% for r in range(ROWS) %}
        let y{{r}} = i32(iy0 + {{r + pad}}u) - i32(ky);
        let in{{r}} = (y{{r}} >= 0) & (y{{r}} < h);
        let row{{r}} = (n * p.h + u32(clamp(y{{r}}, 0, h - 1))) * p.w;
{% endfor %}
        for (var co = 0u; co < p.co4; co++) {
{% for j in range(window) %}
            let o{{j}} = ox0 + {{j}};
            let c{{j}} = u32(clamp(o{{j}}, 0, w - 1));
            let in_x{{j}} = (o{{j}} >= 0) & (o{{j}} < w);
{% for r in range(ROWS) %}
            let g{{r}}_{{j}} = select(vec4f(0.0), dy[(row{{r}} + c{{j}}) * p.co4 + co], in{{r}} & in_x{{j}});
{% endfor %}
{% endfor %}
{% for kx in range(K) %}
{% for d in range(DEEP) %}
            {
                let base = ((ky * {{K}}u + {{kx}}u) * p.ci4 + ci + {{d}}u) * 4u * p.co4 + co;
                let w0 = weight[base];
                let w1 = weight[base + p.co4];
                let w2 = weight[base + 2u * p.co4];
                let w3 = weight[base + 3u * p.co4];
{% for r in range(ROWS) %}
{% for j in range(PX) %}
                a{{d}}_{{r}}_{{j}} = mac_transposed(a{{d}}_{{r}}_{{j}}, g{{r}}_{{j + K - 1 - kx}}, w0, w1, w2, w3);
{% endfor %}
{% endfor %}
            }
{% endfor %}
{% endfor %}
        }
    }
{% for r in range(ROWS) %}
{% for j in range(PX) %}
    if (iy0 + {{r}}u < p.h && ix0 + {{j}}u < p.w) {
        let out = ((n * p.h + iy0 + {{r}}u) * p.w + ix0 + {{j}}u) * p.ci4 + ci;
{% for d in range(DEEP) %}
        dx[out + {{d}}u] = select(vec4f(0.0), dx[out + {{d}}u], p.accumulate == 1u) + a{{d}}_{{r}}_{{j}};
{% endfor %}
    }
{% endfor %}
{% endfor %}
}
