//! Which of several kernels computes an operation.
//!
//! Different variants add in different orders, so they differ in the last bits. The choice is therefore
//! part of a checkpoint, and forced when a run is resumed.

use crate::gpu::AdapterClass;
use std::collections::BTreeMap;

/// Operations that come in several variants.
pub const OPERATIONS: [&str; 3] = ["conv_forward", "conv_input_grad", "conv_weight_grad"];

/// What an operation can be computed by.
pub const VARIANTS: [&str; 5] = ["transform", "row", "tiled", "tiled_small", "pixel"];

/// The variant of each operation: `row` (register-blocked along a row, without barriers), `transform`
/// (products of matrices, with Winograd's quarter of the multiplications at stride 1; `row` where that does not pay),
/// `tiled` and `tiled_small` (tiles of 64×64 or 32×32 in workgroup memory) or `pixel` (one output at a time; any
/// kernel size and stride, and the yardstick for the others).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variants {
    chosen: BTreeMap<String, String>,
}

/// A variant that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no kernel variant '{operation}={variant}'; operations are {}, variants {}", OPERATIONS.join(", "), VARIANTS.join(", "))]
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
    /// What an adapter computes with unless told otherwise. Software adapters pay most
    /// for loads, of which products of matrices have the fewest.
    pub fn for_class(class: AdapterClass) -> Self {
        let mut all = Self::default();
        if class != AdapterClass::Gpu {
            all.chosen.values_mut().for_each(|variant| "transform".clone_into(variant));
        }
        all
    }

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
            Some(slot) if VARIANTS.contains(&variant) => {
                variant.clone_into(slot);
                Ok(())
            }
            _ => Err(UnknownVariant { operation: operation.into(), variant: variant.into() }),
        }
    }

    /// Whether `operation` is computed by `variant`.
    pub fn is(&self, operation: &str, variant: &str) -> bool {
        self.chosen.get(operation).is_some_and(|v| v == variant)
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
        assert!(v.is("conv_forward", "pixel") && v.is("conv_weight_grad", "row"));
        assert_eq!(Variants::from_map(v.as_map()).expect("known"), v);
        let bad = BTreeMap::from([("conv_forward".to_owned(), "magic".to_owned())]);
        assert!(Variants::from_map(&bad).expect_err("unknown").to_string().contains("conv_forward=magic"));
    }
}
