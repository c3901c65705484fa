// acc + W·x for a 4×4 piece of a convolution: w0..w3 are the rows of four input channels, each with four
// output channels.
fn mac(acc: vec4f, x: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
    return fma(vec4f(x.w), w3, fma(vec4f(x.z), w2, fma(vec4f(x.y), w1, fma(vec4f(x.x), w0, acc))));
}

// acc + Wᵀ·g, the way back through the same piece.
fn mac_transposed(acc: vec4f, g: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
    return acc + vec4f(dot(w0, g), dot(w1, g), dot(w2, g), dot(w3, g));
}
