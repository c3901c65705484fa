//! Training: the recipe, the loop over steps, what is measured, operations on the way.

pub mod edit;
pub mod engine;
#[cfg(not(target_arch = "wasm32"))]
pub mod golden;
pub mod metrics;
mod recipe;
mod surgery;
pub mod trainer;

pub use metrics::{BlockStats, Moments, StepRecord};
pub use recipe::{Augment, Init, Recipe, RecipeError, Resize, Schedule};
pub use surgery::{Change, Surgeries, Surgery, Whom};
