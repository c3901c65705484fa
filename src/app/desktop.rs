//! The desktop's door: an eframe window whose device also trains.

use super::autosave::{FileVault, Vault};
use super::crash::{self, Crash};
use super::gpu_clock;
use super::i18n::{self, Language};
use super::options::Download;
use super::shelf::{FileShelf, Shelf};
use super::{Delivery, FileStore, Inbox, Options, Progress, Purpose, Shell, Store};
use crate::gpu::Gpu;
use crate::session::{Session, SessionOptions};
use eframe::egui::{ViewportBuilder, ViewportCommand};
use eframe::egui_wgpu::{WgpuConfiguration, WgpuSetup, WgpuSetupCreateNew};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a lost device is replaced before giving up.
const MOST_RESTARTS: u32 = 3;
/// A window that falls so soon after it was opened anew would fall for ever.
const AT_ONCE: Duration = Duration::from_secs(10);
/// What the downloaded archive is called in the list of pictures.
const DOWNLOADED: &str = "CIFAR-10";

/// Why the program ends although nobody has closed its window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    #[error("the window could not be opened: {0}")]
    Closed(#[from] eframe::Error),
    #[error("the graphics device was lost {MOST_RESTARTS} times and again, at last with: {0}")]
    Lost(String),
    #[error("Skipscope failed, was opened anew and failed again at once: {0}")]
    Fell(String),
}

/// How a window ended.
enum End {
    /// The reader has closed it.
    Closed,
    /// Its device is gone.
    Lost(String),
    /// Its code has panicked after it was open for so long.
    Fell(Crash, Duration),
}

/// How a window begins.
#[derive(Clone, Debug, PartialEq)]
enum Begin {
    First,
    /// The one before has lost its device: this one goes on from what was kept last.
    AfterLoss,
    /// The one before has fallen: this one says so.
    AfterCrash(Crash),
}

/// Opens the window, on what `link` says if there is one, and runs until it is closed. A lost device and a
/// panic take the window with them: window and device are made anew.
pub fn run_native(link: Option<String>) -> Result<(), WindowError> {
    crash::listen();
    again_and_again(|begin| open(link.as_deref(), begin))
}

/// Opens windows until the reader closes one, the device was lost too often, or a window falls that was
/// opened just now because the one before it had fallen.
fn again_and_again(mut open: impl FnMut(Begin) -> Result<End, WindowError>) -> Result<(), WindowError> {
    let mut losses = 0;
    let mut begin = Begin::First;
    loop {
        let fell_before = matches!(begin, Begin::AfterCrash(_));
        begin = match open(begin)? {
            End::Closed => return Ok(()),
            End::Lost(why) if losses == MOST_RESTARTS => return Err(WindowError::Lost(why)),
            End::Lost(why) => {
                losses += 1;
                log::error!("the GPU device is lost: {why}; opening the window again ({losses})");
                Begin::AfterLoss
            }
            End::Fell(crash, open_for) if fell_before && open_for < AT_ONCE => {
                return Err(WindowError::Fell(crash.what));
            }
            End::Fell(crash, _) => {
                log::error!("the window has panicked: {}; opening it again", crash.what);
                Begin::AfterCrash(crash)
            }
        }
    }
}

/// Opens one window and returns how it ended.
fn open(link: Option<&str>, begin: Begin) -> Result<End, WindowError> {
    let opened = Instant::now();
    let end = Rc::new(Cell::new(None));
    let (on_loss, on_crash) = (end.clone(), end.clone());
    // What a link asks for may be what made the window fall.
    let link = link.filter(|_| !matches!(begin, Begin::AfterCrash(_))).map(str::to_owned);
    let ran = crash::caught(|| {
        eframe::run_native(
            "Skipscope",
            native_options(),
            Box::new(move |cc| {
                let render = cc.wgpu_render_state.as_ref().ok_or("eframe opened no wgpu device")?;
                let gpu = Gpu::adopt(&render.adapter, render.device.clone(), render.queue.clone(), None);
                let session = Session::new(gpu, SessionOptions::default());
                let options = Options {
                    link,
                    on_lost: Some(Box::new(move |ctx, why| {
                        on_loss.set(Some(End::Lost(why.to_owned())));
                        ctx.send_viewport_cmd(ViewportCommand::Close);
                    })),
                    on_crash: Some(Box::new(move |ctx, crash| {
                        on_crash.set(Some(End::Fell(crash, opened.elapsed())));
                        ctx.send_viewport_cmd(ViewportCommand::Close);
                    })),
                    ..options(begin)
                };
                Ok(Box::new(Shell::new(&cc.egui_ctx, session, options)))
            }),
        )
    });
    match ran {
        Ok(ran) => ran?,
        // What lies under the window's own code has panicked: how far the run was is not known here.
        Err((what, _)) => return Ok(End::Fell(Crash { what, ..Crash::default() }, opened.elapsed())),
    }
    Ok(end.take().unwrap_or(End::Closed))
}

/// What every window here has, begun as `begin` says.
fn options(begin: Begin) -> Options {
    Options {
        run: !matches!(begin, Begin::AfterCrash(_)),
        // A window that is made anew speaks as the one before it did.
        language: if begin == Begin::First { system_language() } else { Some(i18n::language()) },
        offers: downloaded().map(|_| DOWNLOADED.to_owned()).into_iter().collect(),
        store: FileStore::of_user().map(|s| Box::new(s) as Box<dyn Store>),
        vault: FileVault::of_user().map(|v| Box::new(v) as Box<dyn Vault>),
        shelf: FileShelf::of_user().map(|s| Box::new(s) as Box<dyn Shelf>),
        resume: begin == Begin::AfterLoss,
        crash: match begin {
            Begin::AfterCrash(crash) => Some(crash),
            Begin::First | Begin::AfterLoss => None,
        },
        download: download(),
        fetch: Some(Box::new(|_, inbox| read_downloaded(inbox))),
        fetch_lesson: Some(Box::new(read_lesson)),
        ..Options::default()
    }
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

/// Reads a lesson's file; a path in a link is meant from where the program was started.
fn read_lesson(path: &str, inbox: Inbox) {
    inbox.deliver(match std::fs::read(path) {
        Ok(bytes) => Delivery::File { purpose: Purpose::Lesson, name: path.to_owned(), bytes },
        Err(e) => Delivery::Failed(format!("{path}: {e}")),
    });
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
    // What it has beyond that times its drawing and is used for nothing else.
    setup.device_descriptor = Arc::new(|adapter| wgpu::DeviceDescriptor {
        required_features: if adapter.features().contains(gpu_clock::FEATURES) {
            gpu_clock::FEATURES
        } else {
            wgpu::Features::empty()
        },
        ..Gpu::device_descriptor()
    });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fell(open_for: u64) -> End {
        End::Fell(Crash { what: "no room".into(), ..Crash::default() }, Duration::from_secs(open_for))
    }

    /// Windows that end as `ends` say, one after the other: what came of it, and how each began.
    fn windows(ends: Vec<End>) -> (Result<(), String>, Vec<Begin>) {
        let (mut ends, mut begun) = (ends.into_iter(), Vec::new());
        let done = again_and_again(|begin| {
            begun.push(begin);
            Ok(ends.next().expect("no further window is opened"))
        });
        (done.map_err(|e| e.to_string()), begun)
    }

    #[test]
    fn a_window_that_falls_is_opened_anew_and_says_why() {
        let (done, begun) = windows(vec![fell(3), fell(11), fell(60), End::Closed]);
        assert_eq!(done, Ok(()));
        assert_eq!(begun[0], Begin::First);
        assert_eq!(begun.len(), 4);
        assert!(begun[1..].iter().all(|b| matches!(b, Begin::AfterCrash(c) if c.what == "no room")));
    }

    #[test]
    fn a_window_that_falls_again_at_once_ends_the_program() {
        let (done, begun) = windows(vec![fell(60), fell(9)]);
        assert_eq!(begun.len(), 2);
        assert!(done.expect_err("it has failed").ends_with("failed again at once: no room"));
        let (done, begun) = windows(vec![fell(60), End::Lost("gone".into()), fell(1), End::Closed]);
        assert_eq!((done, begun.len()), (Ok(()), 4), "the one before it did not fall");
    }

    #[test]
    fn a_device_that_is_lost_for_good_ends_the_program() {
        let lost = || End::Lost("gone".into());
        let (done, begun) = windows(vec![lost(), lost(), lost(), lost()]);
        assert_eq!(begun[1..], [Begin::AfterLoss, Begin::AfterLoss, Begin::AfterLoss]);
        assert!(done.expect_err("it has failed").contains("gone"));
    }
}
