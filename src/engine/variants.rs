//! Which of several kernels computes an operation.
//!
//! Different variants add in different orders, so they differ in the last bits. The choice is therefore
//! part of a checkpoint, and forced when a run is resumed.

use crate::gpu::{AdapterClass, AdapterFacts};
use std::collections::BTreeMap;

/// Operations that come in several variants.
pub const OPERATIONS: [&str; 3] = ["conv_forward", "conv_input_grad", "conv_weight_grad"];

/// What an operation can be computed by.
pub const VARIANTS: [&str; 5] = ["transform", "row", "tiled", "tiled_small", "pixel"];

/// In place of a variant: the fastest for each shape, as timed ([`super::Tuning`]); `row` for shapes that were not.
pub const TIMED: &str = "timed";

/// The variant of each operation: `row` (register-blocked along a row, without barriers), `transform`
/// (products of matrices, with Winograd's quarter of the multiplications at stride 1; `row` where that does not pay),
/// `tiled` and `tiled_small` (tiles of 64×64 or 32×32 in workgroup memory) or `pixel` (one output at a time; any
/// kernel size and stride, and the yardstick for the others). Where it is [`TIMED`], shapes have a variant each, under
/// the operation's name, a space and the shape ([`super::ops::conv::shape`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variants {
    chosen: BTreeMap<String, String>,
    /// Whether kernels may work in quads. They add in the same order, so no bit depends on it, and no record names it.
    pub(super) quads: bool,
}

/// A variant that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no kernel variant '{operation}={variant}'; operations are {}, variants {} and {TIMED}", OPERATIONS.join(", "), VARIANTS.join(", "))]
pub struct UnknownVariant {
    operation: String,
    variant: String,
}

impl Default for Variants {
    fn default() -> Self {
        Self::every("row")
    }
}

impl Variants {
    /// What an adapter computes with unless told otherwise. Software adapters pay most
    /// for loads, of which products of matrices have the fewest; on graphics cards it is timed.
    pub fn for_class(class: AdapterClass) -> Self {
        Self::every(if class == AdapterClass::Gpu { TIMED } else { "transform" })
    }

    /// `variant` for every operation.
    fn every(variant: &str) -> Self {
        let chosen = OPERATIONS.iter().map(|o| ((*o).to_owned(), variant.to_owned())).collect();
        Self { chosen, quads: false }
    }

    /// The same of an adapter that is there, in quads if it can.
    pub fn for_adapter(facts: &AdapterFacts) -> Self {
        Self::for_class(facts.class).on(facts)
    }

    /// Every invocation for itself.
    pub fn without_quads(&mut self) {
        self.quads = false;
    }

    /// In quads if the adapter can.
    #[must_use]
    pub fn on(self, facts: &AdapterFacts) -> Self {
        Self { quads: facts.quads, ..self }
    }

    /// Takes over a recorded choice; operations it does not mention keep their default.
    pub fn from_map(map: &BTreeMap<String, String>) -> Result<Self, UnknownVariant> {
        let mut all = Self::default();
        for (operation, variant) in map {
            all.set(operation, variant)?;
        }
        Ok(all)
    }

    /// Chooses `variant` for `operation`, or for one of its shapes if that follows its name.
    pub fn set(&mut self, operation: &str, variant: &str) -> Result<(), UnknownVariant> {
        let (name, shape) = operation.split_once(' ').map_or((operation, None), |(o, s)| (o, Some(s)));
        let known = VARIANTS.contains(&variant) || (variant == TIMED && shape.is_none());
        if !known || !OPERATIONS.contains(&name) {
            return Err(UnknownVariant { operation: operation.into(), variant: variant.into() });
        }
        self.chosen.insert(operation.to_owned(), variant.to_owned());
        Ok(())
    }

    /// What computes `operation` on `shape`.
    pub fn of(&self, operation: &str, shape: &str) -> &str {
        match self.chosen.get(operation).map(String::as_str) {
            Some(TIMED) | None => self.chosen.get(&key(operation, shape)).map_or("row", String::as_str),
            Some(variant) => variant,
        }
    }

    /// Whether it is still to be found out what computes `operation` on `shape`.
    pub fn is_open(&self, operation: &str, shape: &str) -> bool {
        self.is(operation, TIMED) && !self.chosen.contains_key(&key(operation, shape))
    }

    /// Whether `operation` is computed by `variant`.
    pub fn is(&self, operation: &str, variant: &str) -> bool {
        self.chosen.get(operation).is_some_and(|v| v == variant)
    }

    /// The variants of single shapes.
    pub fn picks(&self) -> BTreeMap<String, String> {
        self.chosen.iter().filter(|(o, _)| o.contains(' ')).map(|(o, v)| (o.clone(), v.clone())).collect()
    }

    /// Takes over variants of single shapes that were timed before. What is none is left out.
    pub fn remember(&mut self, picks: &BTreeMap<String, String>) {
        for (operation, variant) in picks.iter().filter(|(o, _)| o.contains(' ')) {
            // A file that somebody has written to, or another version's: it is timed again.
            let _ = self.set(operation, variant);
        }
    }

    /// The same without variants of shapes that `wanted`, as operation and shape, does not name or that are not asked for.
    pub fn only(&self, wanted: &[(&'static str, String)]) -> Self {
        let asked =
            |o: &str| wanted.iter().any(|(name, shape)| self.is(name, TIMED) && key(name, shape) == *o);
        let chosen = self.chosen.iter().filter(|(o, _)| !o.contains(' ') || asked(o));
        Self { chosen: chosen.map(|(o, v)| (o.clone(), v.clone())).collect(), quads: self.quads }
    }

    /// Every operation's variant, and every shape's.
    pub fn as_map(&self) -> &BTreeMap<String, String> {
        &self.chosen
    }
}

/// What the variant of an operation on a shape is kept under.
pub fn key(operation: &str, shape: &str) -> String {
    format!("{operation} {shape}")
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

    #[test]
    fn shapes_have_variants_of_their_own_only_where_the_operation_is_timed() {
        let mut v = Variants::for_class(AdapterClass::Gpu);
        assert!(v.is_open("conv_forward", "3x3"));
        v.remember(&BTreeMap::from([
            ("conv_forward 3x3".to_owned(), "tiled".to_owned()),
            ("conv_forward 1x1".to_owned(), "magic".to_owned()),
            ("conv_weight_grad".to_owned(), "pixel".to_owned()),
        ]));
        assert_eq!([v.of("conv_forward", "3x3"), v.of("conv_forward", "1x1")], ["tiled", "row"]);
        assert!(!v.is_open("conv_forward", "3x3") && v.is_open("conv_forward", "1x1"));
        assert!(v.is("conv_weight_grad", TIMED), "only shapes are remembered");
        assert_eq!(Variants::from_map(v.as_map()).expect("known"), v);
        assert_eq!(v.only(&[("conv_forward", "1x1".into())]).picks(), BTreeMap::new());
        v.set("conv_forward", "pixel").expect("known");
        assert_eq!(v.of("conv_forward", "3x3"), "pixel", "what is pinned holds for every shape");
        assert!(v.set("conv_forward 3x3", TIMED).is_err());
    }
}
