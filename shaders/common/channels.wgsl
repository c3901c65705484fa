// 1 for channels 4·c … 4·c + 3 that are real, 0 for those that only fill up the last vec4.
fn real_channels(c: u32) -> vec4f {
    let k = c * 4u;
    return select(vec4f(0.0), vec4f(1.0), vec4u(k, k + 1u, k + 2u, k + 3u) < vec4u(p.channels));
}
