//! [`Recipe`]: how a network is trained. Defaults are the article's demo.

use serde::{Deserialize, Serialize};

/// How the learning rate changes over a run of T steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Always `lr`.
    Constant,
    /// `lr`, a tenth of it from half of the run on, a hundredth from three quarters on (He et al. 2015,
    /// §4.2: divided by 10 at 32k and 48k of 64k iterations).
    Step,
    /// `lr`/2·(1 + cos(πt/T)), per step, down to 0 (Loshchilov & Hutter 2016, without restarts).
    Cosine,
}

/// What is done to training pictures before they enter the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Augment {
    None,
    /// 4 zero pixels on each side, a random crop of the original size, a random horizontal flip
    /// (He et al. 2015, §4.2).
    CropFlip,
}

/// Distribution that initial weights are drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// PyTorch's defaults: weights and biases uniform in ±1/√fan_in (Kaiming uniform with a = √5).
    Torch,
    /// Normal with standard deviation √(2/fan_in), biases 0 (He et al. 2015, arXiv 1502.01852).
    He,
    /// As `He`, with each branch's last convolution 0, its others × L^(−1/(2m−2)) for L blocks of m convolutions,
    /// and the classifier 0 (Zhang et al. 2019, "Fixup Initialization", arXiv 1901.09321, rules 1 and 2), so that
    /// every block starts as its shortcut. Of rule 3 the scalar multipliers and biases are left out (convolutions
    /// have PyTorch's biases per channel), and projections stay as `He` has them. Made for networks with skips
    /// and without batch norm.
    Fixup,
}

/// Interpolation when a picture is resized to the network's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resize {
    Nearest,
    /// Half-pixel centres, as PyTorch's `align_corners=False`, without antialiasing.
    Bilinear,
}

/// Everything about a run that is neither the network nor the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipe {
    /// Passes over the training split. Ignored when `steps` is given.
    pub epochs: u32,
    /// Length of the run in steps instead of epochs.
    pub steps: Option<u64>,
    /// Images in a step.
    pub batch: usize,
    /// Initial learning rate.
    pub lr: f32,
    pub momentum: f32,
    pub nesterov: bool,
    /// L2 penalty added to the gradient, applied to every parameter as in PyTorch's SGD.
    pub weight_decay: f32,
    pub schedule: Schedule,
    pub augment: Augment,
    pub resize: Resize,
    pub init: Init,
    /// Initial weights, order of the pictures and augmentation follow from it.
    pub seed: u64,
    /// Subtracted from pixels in 0..1, for red, green, blue.
    pub mean: [f32; 3],
    /// Divides what is left.
    pub std: [f32; 3],
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            epochs: 10,
            steps: None,
            batch: 64,
            lr: 0.01,
            momentum: 0.9,
            nesterov: false,
            weight_decay: 0.0,
            schedule: Schedule::Constant,
            augment: Augment::None,
            resize: Resize::Bilinear,
            init: Init::Torch,
            seed: 1,
            mean: [0.5; 3],
            std: [0.5; 3],
        }
    }
}

/// What is wrong with a recipe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}; {allowed}")]
pub struct RecipeError {
    pub field: &'static str,
    pub value: String,
    pub allowed: &'static str,
}

impl Recipe {
    /// Steps of the whole run over `images` training pictures; the last batch of an epoch may be short.
    pub fn total_steps(&self, images: usize) -> u64 {
        self.steps.unwrap_or_else(|| u64::from(self.epochs) * self.steps_per_epoch(images))
    }

    /// Steps in one pass over `images` pictures.
    pub fn steps_per_epoch(&self, images: usize) -> u64 {
        images.div_ceil(self.batch) as u64
    }

    /// Learning rate of step `step` (from 0) of `total`.
    pub fn lr_at(&self, step: u64, total: u64) -> f32 {
        let t = step as f64 / total.max(1) as f64;
        let lr = f64::from(self.lr);
        (match self.schedule {
            Schedule::Constant => lr,
            Schedule::Step if t >= 0.75 => lr / 100.0,
            Schedule::Step if t >= 0.5 => lr / 10.0,
            Schedule::Step => lr,
            Schedule::Cosine => lr / 2.0 * (1.0 + libm::cos(std::f64::consts::PI * t.min(1.0))),
        }) as f32
    }

    /// Checks every field; the first fault found is returned.
    pub fn validate(&self) -> Result<(), RecipeError> {
        let check = |ok: bool, field, value: String, allowed| {
            if ok { Ok(()) } else { Err(RecipeError { field, value, allowed }) }
        };
        let within = |x: f32, lo: f32, hi: f32| x.is_finite() && (lo..=hi).contains(&x);
        check(
            (1..=4096).contains(&self.batch),
            "batch",
            self.batch.to_string(),
            "1 to 4096 images are allowed",
        )?;
        check(self.steps != Some(0), "steps", "0".into(), "a run has at least one step")?;
        check(self.steps.is_some() || self.epochs > 0, "epochs", "0".into(), "a run has at least one epoch")?;
        check(within(self.lr, 0.0, 1e3), "learning rate", self.lr.to_string(), "0 to 1000 is allowed")?;
        check(
            within(self.momentum, 0.0, 0.9999),
            "momentum",
            self.momentum.to_string(),
            "0 up to 0.9999 is allowed",
        )?;
        check(
            !self.nesterov || self.momentum > 0.0,
            "momentum",
            self.momentum.to_string(),
            "Nesterov needs a momentum above 0",
        )?;
        check(
            within(self.weight_decay, 0.0, 10.0),
            "weight decay",
            self.weight_decay.to_string(),
            "0 to 10 is allowed",
        )?;
        for c in 0..3 {
            check(
                within(self.mean[c], -10.0, 10.0),
                "mean",
                self.mean[c].to_string(),
                "-10 to 10 is allowed",
            )?;
            check(within(self.std[c], 1e-6, 1e3), "std", self.std[c].to_string(), "it has to be above 0")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_goes_from_lr_to_zero() {
        let r = Recipe { schedule: Schedule::Cosine, lr: 0.02, ..Recipe::default() };
        assert_eq!(r.lr_at(0, 470), 0.02);
        assert!((r.lr_at(235, 470) - 0.01).abs() < 1e-7);
        assert!(r.lr_at(470, 470).abs() < 1e-9);
    }

    #[test]
    fn step_divides_by_ten_at_half_and_three_quarters() {
        let r = Recipe { schedule: Schedule::Step, lr: 1.0, ..Recipe::default() };
        let at = [0, 49, 50, 74, 75, 99].map(|s| r.lr_at(s, 100));
        assert_eq!(at, [1.0, 1.0, 0.1, 0.1, 0.01, 0.01]);
    }

    #[test]
    fn the_last_short_batch_counts() {
        let r = Recipe { epochs: 2, ..Recipe::default() };
        assert_eq!(r.total_steps(3000), 2 * 47);
    }

    #[test]
    fn faults_name_the_field_and_what_is_allowed() {
        let bad = Recipe { batch: 0, ..Recipe::default() }.validate().expect_err("no batch");
        assert_eq!(bad.to_string(), "batch is 0; 1 to 4096 images are allowed");
        assert!(Recipe { lr: f32::NAN, ..Recipe::default() }.validate().is_err());
        assert!(Recipe { nesterov: true, momentum: 0.0, ..Recipe::default() }.validate().is_err());
        assert!(Recipe::default().validate().is_ok());
    }
}
