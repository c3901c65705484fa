//! The colour maps of the look, interpolated in OKLab so that equal steps look equal. Kernels paint feature
//! maps with them, the window the rest.

use std::sync::OnceLock;

/// Position and sRGB colour.
pub type Stop = (f32, u32);

/// Signed values, zero in the middle in the panel's own tone. The upper half serves values after ReLU.
pub const DIV_DARK: &[Stop] = &[
    (0.0, 0xD6F6FF),
    (0.14, 0x59BDF2),
    (0.29, 0x2272C9),
    (0.42, 0x16365F),
    (0.5, 0x14181E),
    (0.58, 0x471D19),
    (0.71, 0xB23A1E),
    (0.86, 0xF5923A),
    (1.0, 0xFFF1C2),
];
pub const DIV_LIGHT: &[Stop] = &[
    (0.0, 0x0A1F4D),
    (0.14, 0x1E59A8),
    (0.30, 0x5FA3DB),
    (0.42, 0xC3DEF2),
    (0.5, 0xF6F6F4),
    (0.58, 0xFBDCB4),
    (0.70, 0xF29444),
    (0.86, 0xB8331A),
    (1.0, 0x560B10),
];
/// Logarithms of gradient norms, from weak to strong, never from bad to good.
pub const NORM_DARK: &[Stop] =
    &[(0.0, 0x1B1824), (0.3, 0x4C2A63), (0.6, 0xA9478F), (0.82, 0xE58CC4), (1.0, 0xFFE6F4)];
pub const NORM_LIGHT: &[Stop] =
    &[(0.0, 0xF7EFF5), (0.25, 0xE8BBDA), (0.5, 0xC66BB0), (0.78, 0x8A1A80), (1.0, 0x35083A)];

/// 256 colours from the smallest to the largest value, as sRGB.
pub fn ramp(stops: &[Stop]) -> [[u8; 3]; 256] {
    let mut map = [[0; 3]; 256];
    let mut next = 1;
    for (i, entry) in map.iter_mut().enumerate() {
        let t = i as f32 / 255.0;
        while next + 1 < stops.len() && t > stops[next].0 {
            next += 1;
        }
        let ((t0, c0), (t1, c1)) = (stops[next - 1], stops[next]);
        let f = ((t - t0) / (t1 - t0)).clamp(0.0, 1.0);
        let (a, b) = (to_oklab(c0), to_oklab(c1));
        *entry = from_oklab(std::array::from_fn(|k| a[k] + f * (b[k] - a[k])));
    }
    map
}

/// What feature maps are painted with: 256 colours of signed values, then ground and ink of the hatching
/// that stands for NaN and infinity. Each as bytes R, G, B, A in memory.
pub fn lut(dark: bool) -> &'static [u32] {
    static LUTS: [OnceLock<Vec<u32>>; 2] = [const { OnceLock::new() }; 2];
    LUTS[usize::from(dark)].get_or_init(|| mix(dark))
}

fn mix(dark: bool) -> Vec<u32> {
    let rgba = |c: [u8; 3]| u32::from_le_bytes([c[0], c[1], c[2], 255]);
    let hex = |h: u32| rgba([(h >> 16) as u8, (h >> 8) as u8, h as u8]);
    let (stops, ground, ink) =
        if dark { (DIV_DARK, 0x14181E, 0xF592A6) } else { (DIV_LIGHT, 0xF6F6F4, 0xB3123A) };
    ramp(stops).into_iter().map(rgba).chain([hex(ground), hex(ink)]).collect()
}

/// sRGB to OKLab (Ottosson 2020).
fn to_oklab(hex: u32) -> [f32; 3] {
    let linear = |shift: u32| {
        let v = ((hex >> shift) & 0xFF) as f32 / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    let (r, g, b) = (linear(16), linear(8), linear(0));
    let l = (0.412_221_47 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

fn from_oklab([l, a, b]: [f32; 3]) -> [u8; 3] {
    let cube = |x: f32| x * x * x;
    let (l, m, s) = (
        cube(l + 0.396_337_78 * a + 0.215_803_76 * b),
        cube(l - 0.105_561_346 * a - 0.063_854_17 * b),
        cube(l - 0.089_484_18 * a - 1.291_485_5 * b),
    );
    let byte = |v: f32| {
        let v = v.clamp(0.0, 1.0);
        let v = if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        (v * 255.0).round() as u8
    };
    [
        byte(4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_93 * s),
        byte(-1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s),
        byte(-0.004_196_086 * l - 0.703_418_6 * m + 1.707_614_7 * s),
    ]
}
