//! Installs what a command needs and the machine lacks, and nothing else.
//!
//! Everything is looked for first, so that a second run costs milliseconds. Debian packages are installed
//! when we are root, as in a container; otherwise the exact command to type is in the error.

use crate::shell::{self, exists, find, probe};
use anyhow::{Context, Result, bail};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const WASM: &str = "wasm32-unknown-unknown";

/// What wasm-opt and Playwright run on. Debian 12 has 18.
const OLDEST_NODE: u32 = 18;

/// Names under which Chromium or Chrome may be installed.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Debian packages for tests without a GPU and a screen: a software Vulkan driver, an X server, what the
/// window's libraries load at run time, and PyTorch as the other opinion on exported checkpoints.
const TEST_PACKAGES: [&str; 13] = [
    "libvulkan1",
    "libwayland-client0",
    "libx11-6",
    "libx11-xcb1",
    "libxcursor1",
    "libxi6",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
    "libxrandr2",
    "mesa-vulkan-drivers",
    "python3-torch",
    "xauth",
    "xvfb",
];

/// All of the below.
pub fn everything() -> Result<()> {
    component("rustfmt")?;
    component("clippy")?;
    wasm_target()?;
    node_packages()?;
    native_test_packages()?;
    println!("Browser for the tests: {}", browser()?.display());
    Ok(())
}

/// The wasm target of the Rust toolchain in use.
pub fn wasm_target() -> Result<()> {
    let installed = probe("rustc", &["--print", "target-libdir", "--target", WASM])
        .is_some_and(|folder| fs::exists(folder).unwrap_or(false));
    if installed {
        return Ok(());
    }
    shell::run(Command::new("rustup").args(["target", "add", WASM]).current_dir(shell::root()))
        .with_context(|| format!("cannot add Rust's {WASM} target; without rustup, install it another way"))
}

/// Node.js and the npm packages that web/package-lock.json names.
pub fn node_packages() -> Result<()> {
    let mut missing = Vec::new();
    if !exists("node") {
        missing.push("nodejs");
    }
    if !exists("npm") {
        missing.push("npm");
    }
    debian(&missing).context("Node.js and npm are needed")?;
    let version = probe("node", &["--version"]).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {OLDEST_NODE} or newer is needed; `node --version` says {version:?}");
    }

    let web = shell::web();
    let wanted = fs::read(web.join("package-lock.json")).context("cannot read web/package-lock.json")?;
    // A copy of the lock file that was installed last, since npm itself takes seconds to find that out.
    let stamp = web.join("node_modules").join(".installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    shell::run(Command::new(npm).args(["ci", "--no-audit", "--no-fund"]).current_dir(&web))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// What the native tests and the window run on.
pub fn native_test_packages() -> Result<()> {
    // Elsewhere there is a real driver and a real screen, and a missing PyTorch skips its test.
    if !exists("dpkg-query") {
        return Ok(());
    }
    let missing: Vec<_> = TEST_PACKAGES.into_iter().filter(|package| !is_installed(package)).collect();
    debian(&missing).context("the native tests need more than this machine has")
}

/// The browser to test in, by its path: $CHROMIUM, or the first that is installed, or Debian's.
pub fn browser() -> Result<PathBuf> {
    let installed = || {
        let named = env::var_os("CHROMIUM").map(PathBuf::from).filter(|path| path.is_file());
        named.or_else(|| BROWSERS.iter().find_map(|name| find(name)))
    };
    if let Some(path) = installed() {
        return Ok(path);
    }
    debian(&["chromium"]).context("Chromium or Chrome is needed, or its path in the variable CHROMIUM")?;
    installed().context("installed Chromium, but cannot find it")
}

/// What Vulkan's loader finds SwiftShader by, which comes with the browser.
pub fn swiftshader() -> Result<PathBuf> {
    let browser = browser()?;
    let real = browser.canonicalize().with_context(|| format!("cannot follow {}", browser.display()))?;
    // Debian's browser is started by a script that lies elsewhere.
    let folders = [real.parent().map(Path::to_path_buf), Some("/usr/lib/chromium".into())];
    let drivers = folders.into_iter().flatten().map(|folder| folder.join("vk_swiftshader_icd.json"));
    drivers.into_iter().find(|path| path.is_file()).with_context(|| {
        format!(
            "{} comes without vk_swiftshader_icd.json, the driver of its software adapter",
            browser.display()
        )
    })
}

/// A component of the Rust toolchain in use that is itself a cargo command.
pub fn component(name: &str) -> Result<()> {
    let command = if name == "rustfmt" { "cargo-fmt" } else { "cargo-clippy" };
    if probe(command, &["--version"]).is_some() {
        return Ok(());
    }
    shell::run(Command::new("rustup").args(["component", "add", name]).current_dir(shell::root()))
}

fn is_installed(package: &str) -> bool {
    probe("dpkg-query", &["--show", "--showformat=${db:Status-Status}", package])
        .is_some_and(|status| status == "installed")
}

/// Installs Debian packages that are known to be missing, or says how to.
fn debian(missing: &[&str]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if !exists("apt-get") {
        bail!("please install what Debian calls: {names}");
    }
    if probe("id", &["-u"]).as_deref() != Some("0") {
        bail!(
            "please run this, then try again:\n\n  \
             sudo apt-get update && sudo apt-get install --yes --no-install-recommends {names}\n"
        );
    }
    eprintln!("Installing Debian packages: {names}");
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2");
        command
    };
    shell::run(apt().arg("update"))?;
    shell::run(apt().args(["install", "--yes", "--no-install-recommends"]).args(missing))
}
