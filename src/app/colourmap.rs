//! The look's colour maps as egui colours.

use crate::probe::colours::{DIV_DARK, DIV_LIGHT, NORM_DARK, NORM_LIGHT, Stop, ramp};
use eframe::egui::Color32;
use std::sync::OnceLock;

/// 256 colours from the smallest to the largest value.
pub struct ColourMap([Color32; 256]);

impl ColourMap {
    /// Signed values; 0.5 is zero.
    pub fn div(dark: bool) -> &'static Self {
        static MAPS: [OnceLock<ColourMap>; 2] = [const { OnceLock::new() }; 2];
        MAPS[usize::from(dark)].get_or_init(|| Self::from_stops(if dark { DIV_DARK } else { DIV_LIGHT }))
    }

    /// Logarithms of gradient norms; the ramp runs from weak to strong, never from bad to good.
    pub fn norm(dark: bool) -> &'static Self {
        static MAPS: [OnceLock<ColourMap>; 2] = [const { OnceLock::new() }; 2];
        MAPS[usize::from(dark)].get_or_init(|| Self::from_stops(if dark { NORM_DARK } else { NORM_LIGHT }))
    }

    /// Everything that is neither a signed value nor a gradient: viridis, in both themes.
    pub fn viridis() -> &'static Self {
        static MAP: OnceLock<ColourMap> = OnceLock::new();
        MAP.get_or_init(|| {
            Self(std::array::from_fn(|i| {
                let c = colorous::VIRIDIS.eval_rational(i, 256);
                Color32::from_rgb(c.r, c.g, c.b)
            }))
        })
    }

    /// The colour at `t`, 0 to 1; what lies outside takes the end's colour.
    pub fn at(&self, t: f32) -> Color32 {
        self.0[(t.clamp(0.0, 1.0) * 255.0).round() as usize]
    }

    /// All entries, for a texture.
    pub fn entries(&self) -> &[Color32; 256] {
        &self.0
    }

    fn from_stops(stops: &[Stop]) -> Self {
        Self(ramp(stops).map(|[r, g, b]| Color32::from_rgb(r, g, b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_are_hit() {
        assert_eq!(ColourMap::norm(true).at(0.0), Color32::from_rgb(0x1B, 0x18, 0x24));
        assert_eq!(ColourMap::norm(false).at(1.0), Color32::from_rgb(0x35, 0x08, 0x3A));
        assert_eq!(ColourMap::div(true).at(-3.0), Color32::from_rgb(0xD6, 0xF6, 0xFF));
        let zero = ColourMap::div(false).at(0.5);
        assert!(zero.r().abs_diff(0xF6) < 3 && zero.b().abs_diff(0xF4) < 3, "{zero:?}");
    }
}
