//! `cargo xtask build-web`: the page as a folder of static files.
//!
//! All addresses in it are relative, so it works from any host and any folder. Names stay the same from
//! build to build; the page asks for its scripts and its module with `?v=` and a checksum of the whole
//! build, so that a browser never mixes the files of two.

use crate::{fonts, setup, shell};
use anyhow::{Context, Result, bail};
use base64::Engine;
use flate2::{Compression, Crc, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// Largest module we put up with, `gzip -9`: a few seconds on a slow line. What we measure with is half a
/// per cent larger than gzip's own.
const MAX_MODULE: usize = 2_500_000;
/// The same for everything that a first visit loads.
const MAX_FIRST_VISIT: usize = 3_200_000;

/// Files of the page beside what wasm-bindgen writes: from the repository's top folder, to dist/.
const FILES: [(&str, &str); 20] = [
    ("index.html", "index.html"),
    ("web/boot.js", "boot.js"),
    ("web/api.js", "api.js"),
    ("web/drawing.js", "drawing.js"),
    ("web/gpu.js", "gpu.js"),
    ("web/offline.js", "offline.js"),
    ("web/pictures.js", "pictures.js"),
    ("web/screens.js", "screens.js"),
    ("web/storage.js", "storage.js"),
    ("web/ticker.js", "ticker.js"),
    ("web/twin.js", "twin.js"),
    ("web/texts.js", "texts.js"),
    ("web/sw.js", "sw.js"),
    ("web/style.css", "style.css"),
    ("assets/icon.svg", "icon.svg"),
    ("assets/fonts/Inter-Regular.ttf", "fonts/Inter-Regular.ttf"),
    ("assets/fonts/Inter-SemiBold.ttf", "fonts/Inter-SemiBold.ttf"),
    ("assets/fonts/NotoSansSC-ui.ttf", "fonts/NotoSansSC-ui.ttf"),
    ("assets/fonts/OFL.txt", "fonts/OFL.txt"),
    ("assets/fonts/OFL-NotoSansSC.txt", "fonts/OFL-NotoSansSC.txt"),
];
/// What a page fetches when somebody's own names need it, made when the page is built.
const REST_FONT: &str = "fonts/NotoSansSC-rest.ttf";
const NAME: &str = "skipscope";

/// What wasm-opt must accept: the features rustc switches on for this target.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

#[derive(clap::Args)]
pub struct Args {
    /// Build for visitors: smallest files, checked against the limits.
    #[arg(long)]
    release: bool,
}

pub fn main(args: &Args) -> Result<()> {
    let site = if args.release { release()? } else { development()? };
    println!("The page is in {}", site.display());
    Ok(())
}

/// Builds what visitors get and holds it to the size limits. Returns the folder.
pub fn release() -> Result<PathBuf> {
    setup::node_packages()?;
    let site = build("web-release", true, true)?;
    report(&site)?;
    Ok(site)
}

/// The same for looking at: without Node.js it is a tenth larger, and never too large. Returns the folder.
pub fn preview() -> Result<PathBuf> {
    let node = match setup::node_packages() {
        Ok(()) => true,
        Err(error) => {
            eprintln!("warning: going on without wasm-opt and rare Chinese characters: {error:#}");
            false
        }
    };
    build("web-release", node, true)
}

/// Builds for work on the page, without Node.js and without limits. Returns the folder.
pub fn development() -> Result<PathBuf> {
    build("web-dev", false, false)
}

/// With `node`, the module is optimised and all fonts are there; with `offline`, the page keeps itself for
/// times without a network.
fn build(profile: &str, node: bool, offline: bool) -> Result<PathBuf> {
    setup::wasm_target()?;
    shell::run(shell::cargo().args([
        "build",
        "--package=skipscope-web",
        "--target=wasm32-unknown-unknown",
        "--profile",
        profile,
    ]))?;
    let target = shell::target_dir()?;
    let built = target.join("wasm32-unknown-unknown").join(profile).join("skipscope_web.wasm");

    // Assembled elsewhere and copied at the end, so that a failure leaves the last good page.
    let fresh = target.join("page");
    remove(&fresh)?;
    fs::create_dir_all(&fresh).with_context(|| format!("cannot make {}", fresh.display()))?;
    Bindgen::new()
        .input_path(&built)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .generate(&fresh)
        .with_context(|| format!("wasm-bindgen rejects {}", built.display()))?;
    if node {
        optimise(&fresh.join(format!("{NAME}_bg.wasm")))?;
        copy(&fonts::rest()?, &fresh.join(REST_FONT))?;
    }
    for (from, to) in FILES {
        copy(&shell::root().join(from), &fresh.join(to))?;
    }
    // Static hosts offer no archives; `serve` answers with its own list.
    write(&fresh.join("data/index.json"), b"[]\n")?;
    fill_in(&fresh, offline)?;

    let site = shell::root().join("dist");
    remove(&site)?;
    for file in files(&fresh)? {
        copy(&file, &site.join(file.strip_prefix(&fresh)?))?;
    }
    Ok(site)
}

/// Rewrites a module in place, smaller.
fn optimise(module: &Path) -> Result<()> {
    let tool = shell::web().join("node_modules/binaryen/bin/wasm-opt");
    shell::run(
        Command::new("node").arg(tool).arg("-Os").args(WASM_FEATURES).arg(module).arg("--output").arg(module),
    )
}

/// A service worker that removes itself and what others before it have kept: a build for work on the page
/// must not be hidden behind an older one.
const NO_SERVICE_WORKER: &str = "self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  await self.registration.unregister();
})()));
";

/// Writes the build's checksum and the module's size into index.html, and the list of files with their
/// checksums into the service worker.
fn fill_in(site: &Path, offline: bool) -> Result<()> {
    let mut crc = Crc::new();
    for file in files(site)? {
        crc.update(&read(&file)?);
    }
    let version = format!("{:08x}", crc.sum());
    let wasm_bytes = read(&site.join(format!("{NAME}_bg.wasm")))?.len();
    let index = site.join("index.html");
    let text = fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    let text = text.replace("{{version}}", &version).replace("{{wasm_bytes}}", &wasm_bytes.to_string());
    let text = text.replace("{{offline}}", if offline { "yes" } else { "no" });
    write(&index, text.as_bytes())?;
    let worker = site.join("sw.js");
    if !offline {
        return write(&worker, NO_SERVICE_WORKER.as_bytes());
    }
    let mut kept = Vec::new();
    for file in files(site)? {
        let name = file.strip_prefix(site)?.to_string_lossy().replace('\\', "/");
        // The worker itself, what a page fetches when it needs it, and what the server says anew each day.
        if name == "sw.js" || name == REST_FONT || name.starts_with("data/") {
            continue;
        }
        let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(read(&file)?));
        kept.push(serde_json::json!([name, format!("sha256-{digest}")]));
    }
    let text = fs::read_to_string(&worker).with_context(|| format!("cannot read {}", worker.display()))?;
    let list = serde_json::Value::Array(kept).to_string();
    write(
        &worker,
        text.replace("{{version}}", &version).replace("'{{files}}'", &format!("'{list}'")).as_bytes(),
    )
}

/// Prints what a first visit costs, and fails if it is too much.
fn report(site: &Path) -> Result<()> {
    let (mut module, mut visit_raw, mut visit) = (0, 0, 0);
    println!("{:>11} {:>11}", "bytes", "gzip -9");
    for file in files(site)? {
        let bytes = read(&file)?;
        let small = gzip(&bytes, Compression::best())?.len();
        let name = file.strip_prefix(site).unwrap_or(&file).display().to_string();
        if Path::new(&name) == Path::new(REST_FONT) {
            println!("{:>11} {small:>11} {name} (when a name needs it)", bytes.len());
            continue;
        }
        println!("{:>11} {small:>11} {name}", bytes.len());
        if name.ends_with("_bg.wasm") {
            module += small;
        }
        visit_raw += bytes.len();
        visit += small;
    }
    println!("{visit_raw:>11} {visit:>11} first visit, all other files");
    if module > MAX_MODULE {
        bail!("the module is {module} bytes gzipped; the limit is {MAX_MODULE}");
    }
    if visit > MAX_FIRST_VISIT {
        bail!("a first visit is {visit} bytes gzipped; the limit is {MAX_FIRST_VISIT}");
    }
    Ok(())
}

/// All files below a folder, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

pub fn gzip(bytes: &[u8], level: Compression) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    write(to, &read(from)?)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
