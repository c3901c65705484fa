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
/// Where Chinese is written: the window's texts, those of the page around it, and the lessons.
const TEXTS: [&str; 3] = ["assets/i18n/zh-CN.ftl", "web/texts.js", "index.html"];
const LESSONS: &str = "assets/lessons";
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
    for file in texts()?.iter().map(String::as_str).chain([SCRIPT, "web/package-lock.json"]) {
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

/// Every file with Chinese in it, from the repository's top folder.
fn texts() -> Result<Vec<String>> {
    let folder = shell::root().join(LESSONS);
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    let mut lessons: Vec<_> =
        names.filter(|n| n.ends_with(".zh-CN.md")).map(|n| format!("{LESSONS}/{n}")).collect();
    lessons.sort();
    Ok(TEXTS.into_iter().map(String::from).chain(lessons).collect())
}

fn cut(which: &str, target: &Path) -> Result<()> {
    shell::run(
        Command::new("node").args([SCRIPT, which]).arg(target).args(texts()?).current_dir(shell::root()),
    )
}
