//! Reads the real pictures of the mini archive that lies beside the checkout.

use std::path::{Path, PathBuf};

use skipscope::data::{CLASSES, RECORD, cifar};

/// The shared folder's archive; where it is missing, a failure on CI and a message elsewhere.
fn mini_archive() -> Option<PathBuf> {
    let shared = std::env::var_os("SKIPSCOPE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = shared.join("data/cifar-10-mini-binary.tar.gz");
    if path.is_file() {
        return Some(path);
    }
    let on_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!on_ci, "{} is missing; set SKIPSCOPE_SHARED", path.display());
    eprintln!("skipped: {} is missing", path.display());
    None
}

#[test]
fn the_mini_archive_reads_whole() -> Result<(), Box<dyn std::error::Error>> {
    let Some(path) = mini_archive() else { return Ok(()) };
    let dataset = cifar::from_path(&path)?;
    assert_eq!(dataset.name, "cifar-10-mini-binary.tar.gz");
    assert_eq!(dataset.classes, cifar::CLASS_NAMES);
    let want = "cifar-10-mini-binary.tar.gz has 3,000 training and 500 test pictures; all of CIFAR-10 has \
                50,000 and 10,000 (no data_batch_2, data_batch_3, data_batch_4, data_batch_5).";
    assert_eq!(dataset.notes, [want]);
    for (split, pictures) in [(&dataset.train, 3_000), (&dataset.test, 500)] {
        assert_eq!(split.len(), pictures);
        assert_eq!(split.pixels.len(), pictures * RECORD);
        // Every class comes about equally often, as in the whole set.
        for class in 0..CLASSES {
            let count = split.labels.iter().filter(|label| usize::from(**label) == class).count();
            assert!(count * CLASSES > pictures * 7 / 10, "class {class}: {count} of {pictures}");
        }
        // Photographs are neither dark nor bright on the whole.
        let mean = split.pixels.iter().map(|byte| f64::from(*byte)).sum::<f64>() / split.pixels.len() as f64;
        assert!((100.0..140.0).contains(&mean), "{mean}");
    }
    assert_eq!(dataset, cifar::from_archive("cifar-10-mini-binary.tar.gz", &std::fs::read(&path)?)?);
    Ok(())
}

#[test]
fn the_mini_archive_cut_short_says_so() -> Result<(), Box<dyn std::error::Error>> {
    let Some(path) = mini_archive() else { return Ok(()) };
    let bytes = std::fs::read(path)?;
    for cut in [1, 20, 1_000, bytes.len() / 2, bytes.len() - 1] {
        let error = cifar::from_archive("cut.tar.gz", &bytes[..cut]).map(|_| ()).map_err(|e| e.to_string());
        assert!(error.is_err_and(|text| text.contains("cut.tar.gz is")), "cut at {cut}");
    }
    Ok(())
}
