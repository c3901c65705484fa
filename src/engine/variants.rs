//! Which of several kernels computes an operation.
//!
//! Different variants add in different orders, so they differ in the last bits. The choice is therefore
//! part of a checkpoint, and forced when a run is resumed.

use std::collections::BTreeMap;

/// Operations that come in several variants.
pub const OPERATIONS: [&str; 3] = ["conv_forward", "conv_input_grad", "conv_weight_grad"];

/// The variant of each operation: `row` (register-blocked along a row, without barriers) or `pixel`
/// (one output at a time; any kernel size and stride, and the yardstick for the other).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variants {
    chosen: BTreeMap<String, String>,
}

/// A variant that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no kernel variant '{operation}={variant}'; operations are {}, variants 'row' and 'pixel'", OPERATIONS.join(", "))]
pub struct UnknownVariant {
    operation: String,
    variant: String,
}

impl Default for Variants {
    fn default() -> Self {
        Self { chosen: OPERATIONS.iter().map(|o| ((*o).to_owned(), "row".to_owned())).collect() }
    }
}

impl Variants {
    /// Takes over a recorded choice; operations it does not mention keep their default.
    pub fn from_map(map: &BTreeMap<String, String>) -> Result<Self, UnknownVariant> {
        let mut all = Self::default();
        for (operation, variant) in map {
            all.set(operation, variant)?;
        }
        Ok(all)
    }

    /// Chooses `variant` for `operation`.
    pub fn set(&mut self, operation: &str, variant: &str) -> Result<(), UnknownVariant> {
        match self.chosen.get_mut(operation) {
            Some(slot) if matches!(variant, "row" | "pixel") => {
                variant.clone_into(slot);
                Ok(())
            }
            _ => Err(UnknownVariant { operation: operation.into(), variant: variant.into() }),
        }
    }

    /// Whether `operation` takes the register-blocked kernel where there is one.
    pub fn is_row(&self, operation: &str) -> bool {
        self.chosen.get(operation).is_some_and(|v| v == "row")
    }

    /// Every operation's variant.
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_taken_over_and_nonsense_refused() {
        let map = BTreeMap::from([("conv_forward".to_owned(), "pixel".to_owned())]);
        let v = Variants::from_map(&map).expect("known");
        assert!(!v.is_row("conv_forward") && v.is_row("conv_weight_grad"));
        assert_eq!(Variants::from_map(v.as_map()).expect("known"), v);
        let bad = BTreeMap::from([("conv_forward".to_owned(), "magic".to_owned())]);
        assert!(Variants::from_map(&bad).expect_err("unknown").to_string().contains("conv_forward=magic"));
    }
}
