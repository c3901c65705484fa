//! Inter in two weights, and Noto Sans SC for Chinese, given to egui as bytes.
//!
//! eframe's own fonts are left out of the product: they cost the page more than the subsets. A native
//! window carries all of its own words' characters in the program, so that they look the same everywhere;
//! what else users write comes from the system's fonts. The page fetches Inter beside the wasm and Chinese
//! when it is wanted ([`super::late_fonts`]).

use super::theme;
use eframe::egui::{Context, FontData, FontDefinitions, FontFamily, FontTweak};
use std::sync::Arc;

/// Makes `faces` the fonts of `ctx`: Regular, SemiBold, then any number of fallbacks (e.g. Chinese).
/// A missing SemiBold is replaced by Regular. Without any face `ctx` stays as it is.
///
/// Each face is a whole TTF or OTF file; egui reads no WOFF2.
pub fn install(ctx: &Context, faces: Vec<Vec<u8>>) {
    if let Some(fonts) = definitions(faces.into_iter().map(FontData::from_owned)) {
        ctx.set_fonts(fonts);
    }
}

#[cfg(not(target_arch = "wasm32"))]
macro_rules! carried {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/", $name))
    };
}

#[cfg(not(target_arch = "wasm32"))]
const CARRIED: [&[u8]; 3] =
    [carried!("Inter-Regular.ttf"), carried!("Inter-SemiBold.ttf"), carried!("NotoSansSC-ui.ttf")];

/// As [`install`], with the faces carried in the program.
#[cfg(not(target_arch = "wasm32"))]
pub fn install_bundled(ctx: &Context) {
    if let Some(fonts) = definitions(CARRIED.map(FontData::from_static)) {
        ctx.set_fonts(fonts);
    }
}

/// Noto Sans SC, lifted so that its characters have their middle where Inter's capitals have theirs.
pub(super) fn beside_inter(face: FontData) -> FontData {
    face.tweak(FontTweak { y_offset_factor: -0.1, ..FontTweak::default() })
}

fn definitions(faces: impl IntoIterator<Item = FontData>) -> Option<FontDefinitions> {
    let mut fonts = FontDefinitions::empty();
    let mut names = Vec::new();
    for (i, face) in faces.into_iter().enumerate() {
        let name = match i {
            0 => "regular".to_owned(),
            1 => "semibold".to_owned(),
            _ => format!("fallback{i}"),
        };
        let face = if i > 1 { beside_inter(face) } else { face };
        fonts.font_data.insert(name.clone(), Arc::new(face));
        names.push(name);
    }
    let regular = names.first()?.clone();
    let mut bold = names.clone();
    if bold.len() > 1 {
        // Regular after SemiBold: what the bold subset lacks is drawn thinner rather than not at all.
        bold.swap(0, 1);
    }
    names.retain(|n| *n == regular || n != "semibold");
    fonts.families.insert(FontFamily::Proportional, names.clone());
    fonts.families.insert(FontFamily::Monospace, names);
    fonts.families.insert(theme::semibold_family(), bold);
    Some(fonts)
}

#[cfg(test)]
mod tests {
    use super::super::i18n::{Language, source};
    use super::super::lessons;
    use super::*;
    use eframe::egui::epaint::text::{Fonts, TextOptions};
    use std::collections::BTreeSet;

    /// What the page's own texts say in `language` that the carried face `place` lacks.
    fn lacking(place: usize, language: Language, wanted: impl Fn(char) -> bool) -> BTreeSet<char> {
        let fonts = definitions([FontData::from_static(CARRIED[place])]).expect("a face");
        let mut fonts = Fonts::new(TextOptions::default(), fonts);
        let mut fonts = fonts.with_pixels_per_point(1.0);
        let has = fonts.characters(&FontFamily::Proportional);
        let lessons: String = lessons::names().filter_map(|n| lessons::text(n, language)).collect();
        let said = source(language).to_owned() + &lessons;
        said.chars().filter(|c| !c.is_control() && wanted(*c) && !has.contains_key(c)).collect()
    }

    #[test]
    fn inter_has_all_but_the_chinese_characters() {
        for language in Language::ALL {
            for place in [0, 1] {
                let lacking = lacking(place, language, |c| c < '\u{2e80}');
                assert!(lacking.is_empty(), "add {lacking:?} to assets/fonts/make.py and run it");
            }
        }
    }

    #[test]
    fn inter_has_the_signs_of_formulas() {
        let fonts = definitions([FontData::from_static(CARRIED[0])]).expect("a face");
        let mut fonts = Fonts::new(TextOptions::default(), fonts);
        let mut fonts = fonts.with_pixels_per_point(1.0);
        let signs = "¼·×÷−±√←→↑↓▲⊕‖∂∇∞αβγσμε⁰¹²³⁴⁵⁶⁷⁸⁹⁻\u{2009}…–“”";
        assert!(fonts.has_glyphs(&theme::regular(14.0), signs));
    }

    #[test]
    fn noto_has_the_chinese_characters() {
        let lacking = lacking(2, Language::Chinese, |c| c >= '\u{2e80}');
        assert!(lacking.is_empty(), "run `cargo xtask fonts`; the font lacks {lacking:?}");
    }
}
