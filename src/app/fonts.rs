//! Inter in two weights, given to egui as bytes.
//!
//! eframe's own fonts are left out of the product: they cost the page more than the two subsets. A
//! native window carries them in the program; the page fetches them beside the wasm.

use super::theme;
use eframe::egui::{Context, FontData, FontDefinitions, FontFamily};
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

/// As [`install`], with the faces carried in the program.
#[cfg(not(target_arch = "wasm32"))]
pub fn install_bundled(ctx: &Context) {
    const REGULAR: &[u8] =
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/Inter-Regular.ttf"));
    const SEMIBOLD: &[u8] =
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/fonts/Inter-SemiBold.ttf"));
    if let Some(fonts) = definitions([REGULAR, SEMIBOLD].into_iter().map(FontData::from_static)) {
        ctx.set_fonts(fonts);
    }
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
