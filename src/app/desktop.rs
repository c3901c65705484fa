//! The desktop's door: an eframe window whose device also trains.

use super::autosave::{FileVault, Vault};
use super::i18n::{self, Language};
use super::options::Download;
use super::{Delivery, FileStore, Inbox, Options, Progress, Purpose, Shell, Store};
use crate::gpu::Gpu;
use crate::session::{Session, SessionOptions};
use eframe::egui::{ViewportBuilder, ViewportCommand};
use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetup, WgpuSetupCreateNew};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// How often a lost device is replaced before giving up.
const MOST_RESTARTS: u32 = 3;
/// What the downloaded archive is called in the list of pictures.
const DOWNLOADED: &str = "CIFAR-10";

/// Opens the window, on what `link` says if there is one, and runs until it is closed. A lost device takes
/// the window with it: both are made anew, a few times, and go on from what was kept last.
pub fn run_native(link: Option<String>) -> eframe::Result {
    for restart in 0..=MOST_RESTARTS {
        let lost = Rc::new(Cell::new(false));
        let flag = lost.clone();
        let link = link.clone();
        // A window that is made anew speaks as the lost one did.
        let language = if restart == 0 { system_language() } else { Some(i18n::language()) };
        eframe::run_native(
            "Skipscope",
            native_options(),
            Box::new(move |cc| {
                let render = cc.wgpu_render_state.as_ref().ok_or("eframe opened no wgpu device")?;
                let gpu = Gpu::adopt(&render.adapter, render.device.clone(), render.queue.clone(), None);
                let session = Session::new(gpu, SessionOptions::default());
                let options = Options {
                    run: true,
                    language,
                    offers: downloaded().map(|_| DOWNLOADED.to_owned()).into_iter().collect(),
                    store: FileStore::of_user().map(|s| Box::new(s) as Box<dyn Store>),
                    link,
                    vault: FileVault::of_user().map(|v| Box::new(v) as Box<dyn Vault>),
                    resume: restart > 0,
                    download: download(),
                    fetch: Some(Box::new(|_, inbox| read_downloaded(inbox))),
                    on_lost: Some(Box::new(move |ctx, why| {
                        log::error!("the GPU device is lost: {why}");
                        flag.set(true);
                        ctx.send_viewport_cmd(ViewportCommand::Close);
                    })),
                    ..Options::default()
                };
                Ok(Box::new(Shell::new(&cc.egui_ctx, session, options)))
            }),
        )?;
        if !lost.get() {
            return Ok(());
        }
        log::warn!("opening the window again ({} of {MOST_RESTARTS})", restart + 1);
    }
    Ok(())
}

/// The language that the system is set to, if the window speaks it.
fn system_language() -> Option<Language> {
    sys_locale::get_locales().find_map(|tag| Language::of_tag(&tag))
}

/// The CIFAR-10 archive that `skipscope data download` has fetched, if it has.
fn downloaded() -> Option<PathBuf> {
    #[cfg(feature = "cli")]
    return crate::data::download::find("cifar10").ok();
    #[cfg(not(feature = "cli"))]
    None
}

/// Reads it in the background.
fn read_downloaded(inbox: Inbox) {
    match downloaded() {
        Some(path) => {
            std::thread::spawn(move || inbox.deliver(archive(&path)));
        }
        None => inbox.deliver(Delivery::Failed(i18n::download_gone().into())),
    }
}

/// The file as a delivery.
fn archive(path: &Path) -> Delivery {
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    match std::fs::read(path) {
        Ok(bytes) => Delivery::File { purpose: Purpose::Archive, name, bytes },
        Err(e) => Delivery::Failed(format!("{}: {e}", path.display())),
    }
}

/// Fetches CIFAR-10 in the background, checks its sum, keeps it, and delivers it; `None` where it is kept
/// already or cannot be fetched.
fn download() -> Option<Download> {
    #[cfg(feature = "cli")]
    if downloaded().is_none() {
        return Some(Box::new(|inbox| {
            std::thread::spawn(move || fetch_cifar(&inbox));
        }));
    }
    None
}

#[cfg(feature = "cli")]
fn fetch_cifar(inbox: &Inbox) {
    use crate::data::download::{self, DEFAULT_URL};
    /// Bytes between two messages to the window.
    const NEWS: u64 = 1 << 19;
    let mut told = 0;
    let progress = |done: u64, of: Option<u64>| {
        if done >= told + NEWS || of == Some(done) {
            told = done;
            let bytes = of.map(|of| (done, of));
            inbox.deliver(Delivery::Progress(Progress { name: DOWNLOADED.into(), bytes }));
        }
    };
    let fetched = download::data_dir().and_then(|folder| {
        download::download(DEFAULT_URL, &folder, download::published_md5(DEFAULT_URL), progress)
    });
    inbox.deliver(match fetched {
        Ok(path) => archive(&path),
        Err(e) => Delivery::Failed(e.to_string()),
    });
}

fn native_options() -> eframe::NativeOptions {
    let mut setup = WgpuSetupCreateNew::without_display_handle();
    // OpenGL's compute shaders lack what WebGPU promises.
    setup.instance_descriptor.backends = wgpu::Backends::PRIMARY;
    setup.power_preference = wgpu::PowerPreference::HighPerformance;
    setup.device_descriptor = Arc::new(|_| Gpu::device_descriptor());
    eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Skipscope")
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([360.0, 480.0]),
        wgpu_options: WgpuConfiguration {
            wgpu_setup: WgpuSetup::CreateNew(setup),
            ..WgpuConfiguration::default()
        },
        ..eframe::NativeOptions::default()
    }
}
