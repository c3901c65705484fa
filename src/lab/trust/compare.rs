//! How far two results are apart, and how far they may be.

use serde::Serialize;

/// What was compared at a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    Output,
    Loss,
    InputGradient,
    ShortcutGradient,
    WeightGradient,
    GammaGradient,
    BetaGradient,
    BiasGradient,
    /// Weights and momentum after the optimiser's step.
    Update,
}

impl Quantity {
    /// Largest deviation that single precision explains: several times what the golden models show on lavapipe (1e-6
    /// for outputs and 1.5e-6 for gradients computed directly; Winograd's transforms multiply that by up to 6), and a
    /// small part of what a wrong term makes.
    pub fn tolerance(self) -> f64 {
        match self {
            Self::Output | Self::Loss | Self::Update => 2e-5,
            Self::InputGradient
            | Self::ShortcutGradient
            | Self::WeightGradient
            | Self::GammaGradient
            | Self::BetaGradient
            | Self::BiasGradient => 5e-5,
        }
    }
}

/// One comparison of the GPU with the reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// torchvision's name; `loss` for the loss.
    pub layer: String,
    pub quantity: Quantity,
    /// Largest |GPU − reference| over the reference's largest value, given the GPU's own inputs.
    pub deviation: f64,
    pub tolerance: f64,
    /// The same against the reference that went its own way in f64 from the pictures on; told, not judged.
    pub drift: Option<f64>,
}

impl Check {
    /// Whether the deviation is within its tolerance.
    pub fn passed(&self) -> bool {
        self.deviation <= self.tolerance
    }
}

/// Below this everything counts as 0: products of such values leave single precision.
const SMALLEST: f64 = 1e-30;

/// Largest |got − want| over the largest |want|; infinite where something is not finite or sizes differ.
pub fn deviation(got: &[f32], want: &[f64]) -> f64 {
    let finite = got.iter().all(|g| g.is_finite()) && want.iter().all(|w| w.is_finite());
    if got.len() != want.len() || !finite {
        return f64::INFINITY;
    }
    let largest = want.iter().fold(SMALLEST, |m: f64, w| m.max(w.abs()));
    let worst = got.iter().zip(want).map(|(g, w)| (f64::from(*g) - w).abs()).fold(0.0, f64::max);
    worst / largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviation_is_relative_to_the_largest_and_notices_what_is_not_finite() {
        assert_eq!(deviation(&[1.0, 0.5], &[1.0, 0.25]), 0.25);
        assert_eq!(deviation(&[0.0], &[0.0]), 0.0);
        assert_eq!(deviation(&[f32::NAN], &[0.0]), f64::INFINITY);
        assert_eq!(deviation(&[0.0], &[f64::NAN]), f64::INFINITY);
        assert_eq!(deviation(&[0.0], &[0.0, 0.0]), f64::INFINITY);
    }
}
