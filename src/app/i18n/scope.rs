//! Words of the microscope that depend on what they are said of.

use super::super::panels::Source;
use super::*;
use crate::session::SplitName;

/// What kind of block it is, how many channels, how large, and with what skip.
pub fn about(kind: &str, channels: &str, size: Option<&str>, skip: &str) -> String {
    match size {
        Some(size) => scope_about_size(kind, channels, size, skip),
        None => scope_about(kind, channels, skip),
    }
}

/// Name of a table of `kernel` × `kernel` weights.
pub fn weights(kernel: usize) -> &'static str {
    if kernel > 1 { scope_weights() } else { scope_weight() }
}

/// Name of a table of `kernel` × `kernel` products.
pub fn products(kernel: usize) -> &'static str {
    if kernel > 1 { scope_products() } else { scope_product() }
}

/// How a picture of the user's own gets in.
pub fn own_hint() -> &'static str {
    if cfg!(target_arch = "wasm32") { scope_own_hint_web() } else { scope_own_hint_native() }
}

/// A way to find a picture.
pub fn source(source: Source, classes: &[String]) -> String {
    match source {
        Source::Test => scope_from_test().into(),
        Source::Train => scope_from_train().into(),
        Source::Hardest => scope_from_hardest().into(),
        Source::Misclassified => scope_from_misclassified().into(),
        Source::Batch => scope_from_batch().into(),
        Source::Own => scope_own().into(),
        Source::Class(c) => classes.get(c).cloned().unwrap_or_else(|| c.to_string()),
    }
}

/// What that way finds.
pub fn source_hint(source: Source) -> &'static str {
    match source {
        Source::Test => scope_from_test_hint(),
        Source::Train => scope_from_train_hint(),
        Source::Hardest => scope_from_hardest_hint(),
        Source::Misclassified => scope_from_misclassified_hint(),
        Source::Batch => scope_batch_hint(),
        Source::Own => own_hint(),
        Source::Class(_) => scope_from_class_hint(),
    }
}

/// One picture of the data set.
pub fn record(split: SplitName, index: &str) -> String {
    match split {
        SplitName::Test => scope_test_record(index),
        SplitName::Train => scope_train_record(index),
    }
}

/// What the last evaluation says of a picture.
pub fn record_says(label: &str, said: &str, loss: &str) -> String {
    if label == said { scope_record_right(said, loss) } else { scope_record_wrong(label, said, loss) }
}
