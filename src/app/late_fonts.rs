//! Fonts that the page fetches when a character first needs them.
//!
//! Chinese costs more than the whole program, and most visits show little of it. egui asks for a font
//! whenever it lays out a character that no loaded font has; that question is the trigger, so no panel has
//! to look through names of files, classes and runs. The desktop needs none of this: eframe answers the
//! same question with the system's fonts.

use super::i18n::{self, Language};
use super::{fonts, lessons, theme};
use eframe::egui::mutex::Mutex;
use eframe::egui::{
    Context, FallbackRequest, FontData, FontFamily, FontInsert, FontPriority, FontProvider, InsertFontFamily,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A font beside the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FontFile {
    /// The Chinese characters of the window's own texts and lessons.
    ChineseUi,
    /// All others of GB 2312, for names that users give.
    ChineseRest,
}

impl FontFile {
    /// Where it lies, from the page.
    pub fn path(self) -> &'static str {
        match self {
            Self::ChineseUi => "fonts/NotoSansSC-ui.ttf",
            Self::ChineseRest => "fonts/NotoSansSC-rest.ttf",
        }
    }

    /// The file that should have `c`, if one of them may.
    fn with(c: char) -> Option<Self> {
        // From the radicals on, as web/fonts.mjs has it, without Hangul and what lies beyond the first plane.
        let chinese = matches!(c, '\u{2e80}'..='\u{abff}' | '\u{f900}'..='\u{ffef}');
        let lesson = |name| lessons::text(name, Language::Chinese).is_some_and(|text| text.contains(c));
        let ours = || i18n::source(Language::Chinese).contains(c) || lessons::names().any(lesson);
        chinese.then(|| if ours() { Self::ChineseUi } else { Self::ChineseRest })
    }
}

#[derive(Default)]
struct State {
    faces: BTreeMap<FontFile, FontData>,
    /// To be fetched.
    wanted: Vec<FontFile>,
    /// Being fetched, or failed.
    asked: Vec<FontFile>,
}

/// What has been fetched and what is to be fetched next.
#[derive(Default)]
pub struct LateFonts(Mutex<State>);

impl LateFonts {
    /// Lets `ctx` ask here for what its fonts lack.
    pub fn install(ctx: &Context) -> Arc<Self> {
        let fonts = Arc::new(Self::default());
        ctx.add_font_provider(fonts.clone());
        fonts
    }

    /// Whether `file` is there.
    pub fn has(&self, file: FontFile) -> bool {
        self.0.lock().faces.contains_key(&file)
    }

    /// Asks for `file`, also if fetching it failed before.
    pub fn want(&self, file: FontFile) {
        let state = &mut *self.0.lock();
        if !state.faces.contains_key(&file) && !state.wanted.contains(&file) {
            state.wanted.push(file);
        }
    }

    /// What to fetch now. Each file is named once.
    pub fn take_wanted(&self) -> Vec<FontFile> {
        let state = &mut *self.0.lock();
        let wanted = std::mem::take(&mut state.wanted);
        state.asked.extend(&wanted);
        wanted
    }

    /// Takes in a font, to be drawn with from the next frame on. An error if `bytes` are none.
    pub fn deliver(self: &Arc<Self>, ctx: &Context, file: FontFile, bytes: Vec<u8>) -> Result<(), String> {
        // TrueType's mark, and OpenType's with PostScript outlines.
        if !bytes.starts_with(&[0, 1, 0, 0]) && !bytes.starts_with(b"OTTO") {
            return Err(i18n::read_failed(file.path(), i18n::no_font()));
        }
        self.0.lock().faces.insert(file, fonts::beside_inter(FontData::from_owned(bytes)));
        // egui remembers what nobody had; new providers make it ask again.
        ctx.set_font_providers(vec![self.clone()]);
        Ok(())
    }
}

impl FontProvider for LateFonts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let file = FontFile::with(request.cluster.chars().next()?)?;
        let state = &mut *self.0.lock();
        match state.faces.get(&file) {
            Some(face) => {
                let families = [FontFamily::Proportional, FontFamily::Monospace, theme::semibold_family()];
                let last = |family| InsertFontFamily { family, priority: FontPriority::Lowest };
                Some(FontInsert::new(file.path(), face.clone(), families.map(last).into()))
            }
            None => {
                if !state.wanted.contains(&file) && !state.asked.contains(&file) {
                    state.wanted.push(file);
                }
                None
            }
        }
    }
}
