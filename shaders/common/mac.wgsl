// acc + W·x for a 4×4 piece of a convolution: w0..w3 are the rows of four input channels, each with four
// output channels.
fn mac(acc: vec4f, x: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
    return fma(vec4f(x.w), w3, fma(vec4f(x.z), w2, fma(vec4f(x.y), w1, fma(vec4f(x.x), w0, acc))));
}

// acc + Wᵀ·g, the way back through the same piece. Written out, since dot() is not fused everywhere.
fn mac_transposed(acc: vec4f, g: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
    return vec4f(
        fma(w0.w, g.w, fma(w0.z, g.z, fma(w0.y, g.y, fma(w0.x, g.x, acc.x)))),
        fma(w1.w, g.w, fma(w1.z, g.z, fma(w1.y, g.y, fma(w1.x, g.x, acc.y)))),
        fma(w2.w, g.w, fma(w2.z, g.z, fma(w2.y, g.y, fma(w2.x, g.x, acc.z)))),
        fma(w3.w, g.w, fma(w3.z, g.z, fma(w3.y, g.y, fma(w3.x, g.x, acc.w)))),
    );
}
