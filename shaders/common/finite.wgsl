// 1 for NaN and infinity, by the exponent bits: WGSL may assume that neither occurs, so `x != x` may be
// compiled away.
fn not_finite(x: f32) -> u32 {
    return select(0u, 1u, (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u);
}
