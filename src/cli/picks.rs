//! Kernel variants that were timed, kept in the user's folder of data by adapter: `kernels.json`.

use crate::checkpoint::write_atomically;
use crate::data::download;
use crate::gpu::Gpu;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The file's contents.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// What timed them: another version's kernels are others.
    version: String,
    /// Operation and shape → variant, by adapter and driver.
    adapters: BTreeMap<String, BTreeMap<String, String>>,
}

fn path() -> Option<PathBuf> {
    download::data_dir().ok().map(|folder| folder.join("kernels.json"))
}

fn read() -> Kept {
    let text = path().and_then(|path| std::fs::read_to_string(path).ok());
    let kept: Option<Kept> = text.and_then(|text| serde_json::from_str(&text).ok());
    kept.filter(|k| k.version == env!("CARGO_PKG_VERSION")).unwrap_or_default()
}

/// What is kept of this adapter; nothing if there is no file that can be read: it is timed again.
pub fn load(gpu: &Gpu) -> BTreeMap<String, String> {
    read().adapters.remove(&gpu.facts.id()).unwrap_or_default()
}

/// Keeps `picks` beside what is there. A folder that cannot be written to costs only the time to find them again.
pub fn save(gpu: &Gpu, picks: &BTreeMap<String, String>) {
    let mut kept = read();
    env!("CARGO_PKG_VERSION").clone_into(&mut kept.version);
    kept.adapters.entry(gpu.facts.id()).or_default().extend(picks.clone());
    let write = || -> anyhow::Result<()> {
        let path = path().ok_or_else(|| anyhow::anyhow!("there is no folder for data"))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(write_atomically(&path, serde_json::to_string_pretty(&kept)?.as_bytes())?)
    };
    if let Err(e) = write() {
        log::warn!("what was timed could not be kept: {e}");
    }
}
