//! `cargo xtask fonts`: the Chinese fonts, cut out of Noto Sans SC (web/fonts.mjs) by what the window says.
//!
//! The characters of the window's own texts are a small file that is committed; all others of GB 2312 are
//! a large one that is made when a page is built.

use crate::{setup, shell};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPT: &str = "web/fonts.mjs";
/// Where Chinese is written: the window's texts, and those of the page around it.
const TEXTS: [&str; 3] = ["assets/i18n/zh-CN.ftl", "web/texts.js", "index.html"];
const UI: &str = "assets/fonts/NotoSansSC-ui.ttf";

/// Makes the committed font anew, after a change of the Chinese texts.
pub fn main() -> Result<()> {
    setup::node_packages()?;
    cut("ui", &shell::root().join(UI))
}

/// All other characters of GB 2312, made unless it was made from the same before. Returns the file.
pub fn rest() -> Result<PathBuf> {
    let folder = shell::target_dir()?.join("fonts");
    let (font, stamp) = (folder.join("NotoSansSC-rest.ttf"), folder.join("made-from"));
    let mut from = Vec::new();
    for file in TEXTS.into_iter().chain([SCRIPT, "web/package-lock.json"]) {
        from.extend(fs::read(shell::root().join(file)).with_context(|| format!("cannot read {file}"))?);
    }
    if font.is_file() && fs::read(&stamp).is_ok_and(|before| before == from) {
        return Ok(font);
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    cut("rest", &font)?;
    fs::write(&stamp, from).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(font)
}

fn cut(which: &str, target: &Path) -> Result<()> {
    shell::run(Command::new("node").args([SCRIPT, which]).arg(target).args(TEXTS).current_dir(shell::root()))
}
