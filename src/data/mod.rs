//! Pictures: CIFAR-10 archives read from bytes, and the built-in generated set.
//!
//! Everything here works on bytes in memory, so that a browser tab and the terminal read the same files
//! through the same code; only [`cifar::from_path`] and `download` touch the disk and the network.

pub mod cifar;
#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod download;
mod error;
mod pickle;
pub mod synthetic;

pub use error::DataError;

/// Pixels along each side of every picture.
pub const SIZE: usize = 32;
/// Bytes of one picture: red, green and blue planes of 32 rows of 32.
pub const RECORD: usize = 3 * SIZE * SIZE;
/// Classes of every dataset here.
pub const CLASSES: usize = 10;

/// Labelled pictures of one split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// `[N]` class numbers, each below the number of classes.
    pub labels: Vec<u8>,
    /// `[N, 3, 32, 32]` bytes, as in CIFAR-10's files.
    pub pixels: Vec<u8>,
}

impl Split {
    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The `[3, 32, 32]` bytes of one picture, or `None` past the end.
    pub fn picture(&self, index: usize) -> Option<&[u8]> {
        self.pixels.chunks_exact(RECORD).nth(index)
    }
}

/// A training and a test split over the same classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// `shapes10`, or the archive's file name.
    pub name: String,
    /// Class names, the label being the index.
    pub classes: Vec<String>,
    pub train: Split,
    pub test: Split,
    /// Remarks that the user should see: a checksum that differs, a smaller archive.
    pub notes: Vec<String>,
}

/// A digest as lower-case hexadecimal digits, as `md5sum` prints it.
fn hex(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
