//! Which lesions, as the controls and links have them.

use super::super::super::super::i18n;
use crate::session::{Lesion, LesionKind, LesionOutcome, LesionSetup, Snapshot};

/// Test pictures at most.
pub const MOST_IMAGES: usize = 10_000;
/// Batches from which statistics are estimated anew.
const ANEW: usize = 50;

#[derive(Clone, Debug, PartialEq)]
pub struct LesionForm {
    pub kind: LesionKind,
    pub images: usize,
    pub reestimate: bool,
    pub twin: bool,
}

impl Default for LesionForm {
    fn default() -> Self {
        Self { kind: LesionKind::Drop, images: 500, reestimate: false, twin: false }
    }
}

/// Choices of what is done, with their words.
pub fn kinds() -> [(LesionKind, &'static str, &'static str); 3] {
    [
        (LesionKind::Drop, i18n::lesion_drop(), i18n::lesion_drop_hint()),
        (LesionKind::Swap, i18n::lesion_swap(), i18n::lesion_swap_hint()),
        (LesionKind::Scramble, i18n::lesion_scramble(), i18n::lesion_scramble_hint()),
    ]
}

/// What was done in these lesions, in words.
pub fn verb(run: &LesionOutcome) -> &'static str {
    match run.lesions.first().map(|l| l.lesion) {
        Some(Lesion::Swap(..)) => i18n::lesion_swapped(),
        Some(Lesion::Scramble(_)) => i18n::lesion_scrambled(),
        _ => i18n::lesion_dropped(),
    }
}

fn word(kind: LesionKind) -> &'static str {
    match kind {
        LesionKind::Drop => "drop",
        LesionKind::Swap => "swap",
        LesionKind::Scramble => "scramble",
    }
}

impl LesionForm {
    pub fn setup(&self) -> LesionSetup {
        LesionSetup {
            kinds: vec![self.kind],
            images: Some(self.images),
            reestimate: self.reestimate,
            twin: self.twin,
        }
    }

    /// Multiply-accumulates of it on the present network.
    pub fn work(&self, snapshot: &Snapshot) -> Option<f64> {
        let model = snapshot.model.as_ref()?;
        let there = snapshot.data.as_ref().map_or(self.images, |d| d.test_images);
        let anew = if self.reestimate { ANEW * model.recipe.batch } else { 0 };
        let each = (self.images.min(there) + anew) as f64;
        let mut pictures = (1.0 + model.block_names.len() as f64) * each;
        if self.twin {
            pictures = 2.0 * pictures + (3 * snapshot.step * model.recipe.batch as u64) as f64;
        }
        Some(pictures * model.macs as f64)
    }

    /// `:drop:500:kept:alone`.
    pub fn written(&self) -> String {
        let statistics = if self.reestimate { "anew" } else { "kept" };
        let twin = if self.twin { "twin" } else { "alone" };
        format!(":{}:{}:{statistics}:{twin}", word(self.kind), self.images)
    }

    /// Reads what [`Self::written`] writes.
    pub fn read(parts: &[&str]) -> Option<Self> {
        let [kind, images, statistics, twin] = parts else { return None };
        let all = [LesionKind::Drop, LesionKind::Swap, LesionKind::Scramble];
        let flag =
            |text: &str, off: &str, on: &str| (text == on).then_some(true).or((text == off).then_some(false));
        Some(Self {
            kind: all.into_iter().find(|k| word(*k) == *kind)?,
            images: images.parse().ok().filter(|n| (1..=MOST_IMAGES).contains(n))?,
            reestimate: flag(statistics, "kept", "anew")?,
            twin: flag(twin, "alone", "twin")?,
        })
    }
}
