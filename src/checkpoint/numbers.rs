//! Floating-point numbers of other widths, as single precision.

use safetensors::tensor::Dtype;

/// Little-endian numbers of type `dtype`, rounded to the nearest `f32`; `None` if it holds no floating-point
/// numbers that PyTorch trains in.
pub fn to_f32(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    match dtype {
        Dtype::F32 => Some(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
        Dtype::F64 => Some(bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b) as f32).collect()),
        Dtype::F16 => Some(bytes.as_chunks().0.iter().map(|b| half(u16::from_le_bytes(*b))).collect()),
        // A bfloat16 is the upper half of a single.
        Dtype::BF16 => Some(
            bytes
                .as_chunks()
                .0
                .iter()
                .map(|b| f32::from_bits(u32::from(u16::from_le_bytes(*b)) << 16))
                .collect(),
        ),
        _ => None,
    }
}

/// IEEE 754 half precision: 1 sign, 5 exponent (bias 15) and 10 fraction bits.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let (exponent, fraction) = (u32::from(bits >> 10 & 0x1f), u32::from(bits & 0x3ff));
    let magnitude = match exponent {
        // Zero and subnormals: multiples of 2^-24, which singles hold exactly.
        0 => (fraction as f32 / f32::from_bits((127 + 24) << 23)).to_bits(),
        0x1f => 0x7f80_0000 | fraction << 13,
        _ => (exponent + 127 - 15) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_exact() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), value, "{bits:#06x}");
        }
        assert!(half(0x7e00).is_nan());
        assert!(half(0x8000).is_sign_negative());
    }

    #[test]
    fn every_width_is_read() {
        assert_eq!(to_f32(Dtype::F32, &1.5f32.to_le_bytes()), Some(vec![1.5]));
        assert_eq!(to_f32(Dtype::F64, &(-2.25f64).to_le_bytes()), Some(vec![-2.25]));
        assert_eq!(to_f32(Dtype::BF16, &0x4049u16.to_le_bytes()), Some(vec![3.140_625]));
        assert_eq!(to_f32(Dtype::F16, &0x3c00u16.to_le_bytes()), Some(vec![1.0]));
        assert_eq!(to_f32(Dtype::I64, &[0; 8]), None);
    }
}
