// Softmax and cross-entropy of each picture, and the gradient of their mean.
// logits [N,K], label [N] → dlogits [N,K] = (softmax − one-hot)/N, result [N]: loss, 1 if right, 1 if not finite, predicted class

struct Params {
    first_workgroup: u32,
    total: u32,
    classes: u32, c4: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> label: array<u32>;
@group(0) @binding(3) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<vec4f>;

{% include "common/grid.wgsl" %}
{% include "common/finite.wgsl" %}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
    let n = workgroup_number(wg) * 64u + lane;
    if (n >= p.total) {
        return;
    }
    let width = p.c4 * 4u;
    let base = n * width;
    var best = 0u;
    var largest = logits[base];
    var bad = not_finite(largest);
    for (var k = 1u; k < p.classes; k++) {
        let v = logits[base + k];
        bad = bad | not_finite(v);
        if (v > largest) {
            largest = v;
            best = k;
        }
    }
    // Sums of 32, then the sum of those.
    var sum = 0.0;
    for (var k0 = 0u; k0 < p.classes; k0 += 32u) {
        var part = 0.0;
        for (var k = k0; k < min(k0 + 32u, p.classes); k++) {
            part += exp(logits[base + k] - largest);
        }
        sum += part;
    }
    let right = label[n];
    let loss = log(sum) - (logits[base + right] - largest);
    for (var k = 0u; k < width; k++) {
        var d = 0.0;
        if (k < p.classes) {
            d = (exp(logits[base + k] - largest) / sum - select(0.0, 1.0, k == right)) / f32(p.total);
        }
        dlogits[base + k] = d;
    }
    result[n] = vec4f(loss, select(0.0, 1.0, best == right), f32(bad), f32(best));
}
