//! What is shown and what is chosen: the view, the one selection that all panels share, the picture that
//! goes through the network, and the texture with what was seen on its way.

use crate::session::{Maps, Picture, Probe, RecordRef, SplitName, Watch};
use eframe::egui::TextureId;
use serde::{Deserialize, Serialize};

/// What fills the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The whole network, learning.
    #[default]
    Network,
    /// One block under the microscope.
    Microscope,
    /// Several networks in lock-step.
    Race,
    /// Experiments.
    Lab,
}

/// What is chosen. One object for all panels: choosing it anywhere rings it everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub block: Option<usize>,
    /// One number in that block.
    pub probe: Option<Probe>,
}

/// The texture that all tiles of [`crate::session::Seen`] lie in, as the window's renderer knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Canvas {
    pub texture: TextureId,
    /// Pixels.
    pub size: [u32; 2],
}

/// What is looked at, as far as the user decides it.
#[derive(Clone, Debug, PartialEq)]
pub struct Looks {
    pub picture: Picture,
    pub maps: Maps,
    /// Every map on a scale of its own.
    pub own_scale: bool,
    /// The scale they share stays as it is.
    pub locked_scale: bool,
    /// Thumbnails that panels want, renewed each frame while they are drawn.
    pub sheet: Vec<RecordRef>,
    pub augmented: bool,
}

impl Default for Looks {
    fn default() -> Self {
        Self {
            picture: Picture::Record(RecordRef { split: SplitName::Test, index: 0 }),
            maps: Maps::default(),
            own_scale: false,
            locked_scale: false,
            sheet: Vec::new(),
            augmented: false,
        }
    }
}

impl Looks {
    /// What the session is to look at.
    pub fn watch(&self, selection: &Selection, dark: bool) -> Watch {
        Watch {
            picture: self.picture,
            maps: self.maps,
            dark,
            block: selection.block,
            own_scale: self.own_scale,
            locked_scale: self.locked_scale,
            probe: selection.probe,
            sheet: self.sheet.clone(),
            augmented: self.augmented,
        }
    }
}
