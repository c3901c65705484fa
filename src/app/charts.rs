//! What the charts' panel remembers beyond the measurements: what is shown, and against what.

use super::map::{HistoryTexture, Measure};
use super::panels::{Confusion, Zoom};

/// What the panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Loss,
    Accuracy,
    Rates,
    Layers,
    Confusion,
}

impl Tab {
    /// In the order of the keys 1 to 5.
    pub const ALL: [Self; 5] = [Self::Loss, Self::Accuracy, Self::Rates, Self::Layers, Self::Confusion];
}

/// What curves are drawn against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Along {
    #[default]
    Step,
    Epoch,
    /// Seconds of training.
    Time,
}

/// The state of the panel.
#[derive(Debug, Default)]
pub(super) struct ChartsState {
    pub tab: Tab,
    pub along: Along,
    /// The part of the curves that is shown.
    pub zoom: Zoom,
    /// What the layers are compared by; times have no past.
    pub measure: Measure,
    pub texture: Option<HistoryTexture>,
    pub confusion: Option<Confusion>,
    /// True class and prediction whose pictures are shown.
    pub cell: Option<(usize, usize)>,
}
