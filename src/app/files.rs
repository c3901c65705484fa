//! Files in and out: dialogs, files dropped on the window, pictures fetched by the page. All of it takes
//! its time, so it happens elsewhere and comes back through an [`Inbox`].

use super::autosave::Kept;
use super::export::RUN;
use super::i18n;
use super::late_fonts::FontFile;
use super::shelf::Stored;
use super::state::Progress;
use crate::session::{Command, DataSource};
use eframe::egui::{ColorImage, Context, DroppedFileHandle};
use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Endings of files that hold a picture.
const PICTURES: &[&str] = &["png", "jpg", "jpeg", "webp"];

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Pictures to train on.
    Archive,
    /// Weights to go on from.
    Checkpoint,
    /// One picture to look at.
    Picture,
    /// An earlier run to compare with.
    Run,
    /// A lesson to play.
    Lesson,
    /// What students have answered in one.
    Answers,
    /// A grid of small runs to go on with.
    Grid,
}

impl Purpose {
    /// What a file called `name` can only be for.
    pub fn of(name: &str) -> Self {
        let name = name.to_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|e| name.ends_with(&format!(".{e}")));
        if name.ends_with(RUN) {
            Self::Run
        } else if ends(&["json"]) {
            Self::Grid
        } else if ends(&["safetensors"]) {
            Self::Checkpoint
        } else if ends(PICTURES) {
            Self::Picture
        } else if ends(&["md"]) {
            Self::Lesson
        } else if ends(&["txt"]) {
            Self::Answers
        } else {
            Self::Archive
        }
    }

    /// What is to be done with the file.
    pub fn command(self, name: String, bytes: Vec<u8>) -> Intake {
        match self {
            Self::Archive => Command::LoadData(DataSource::Bytes { name, bytes }).into(),
            Self::Checkpoint => Command::Load { name, bytes }.into(),
            Self::Picture => Intake::Picture { name, bytes },
            Self::Run => Intake::Run { name, bytes },
            Self::Lesson => Intake::Lesson { name, bytes },
            Self::Answers => Intake::Answers { bytes },
            Self::Grid => Intake::Grid { name, bytes },
        }
    }
}

/// What is to be done with a file that has arrived.
#[derive(Clone, Debug, PartialEq)]
pub enum Intake {
    /// It is for the session.
    Command(Box<Command>),
    /// It is decoded first.
    Picture { name: String, bytes: Vec<u8> },
    /// It is for [`super::AppState::open_run`].
    Run { name: String, bytes: Vec<u8> },
    /// It is for [`super::AppState::lesson_arrived`].
    Lesson { name: String, bytes: Vec<u8> },
    /// It is for [`super::AppState::answers_arrived`].
    Answers { bytes: Vec<u8> },
    /// It is for [`super::AppState::open_grid`].
    Grid { name: String, bytes: Vec<u8> },
}

impl From<Command> for Intake {
    fn from(command: Command) -> Self {
        Self::Command(Box::new(command))
    }
}

/// What comes back.
#[derive(Debug)]
pub enum Delivery {
    /// Some of a file has arrived.
    Progress(Progress),
    /// A whole file has.
    File {
        purpose: Purpose,
        name: String,
        bytes: Vec<u8>,
    },
    /// A picture of the user's own: `side`×`side` pixels, RGBA.
    Picture {
        name: String,
        side: u32,
        rgba: Vec<u8>,
    },
    /// The window's pixels, to be saved as a picture.
    Screen(Arc<ColorImage>),
    /// A font, or why it did not come.
    Font {
        file: FontFile,
        bytes: Result<Vec<u8>, String>,
    },
    /// A file was written.
    Saved {
        name: String,
    },
    /// How keeping a checkpoint went, and what an earlier window has kept.
    Kept(Result<Kept, String>),
    Found(Vec<Kept>),
    /// What a run measured before it is gone on with, as [`crate::app::Vault::keep`] got it; `None` if
    /// nothing was kept of it.
    Curves(Result<Option<Vec<u8>>, String>),
    /// Runs that an earlier window has kept, or why none can be read; and why one could not be kept.
    Shelf(Result<Vec<Stored>, String>),
    NotShelved(String),
    /// Something that the reader should know; in words.
    Remark(String),
    /// Something failed; in words for the reader.
    Failed(String),
    /// The reader changed their mind.
    Cancelled,
}

/// The sending end: clone it into whatever does the work. Each delivery wakes the window.
#[derive(Clone)]
pub struct Inbox {
    sender: Sender<Delivery>,
    ctx: Context,
}

impl Inbox {
    /// An inbox that wakes `ctx`, and where its deliveries arrive.
    pub fn new(ctx: Context) -> (Self, Receiver<Delivery>) {
        let (sender, receiver) = channel();
        (Self { sender, ctx }, receiver)
    }

    pub fn deliver(&self, delivery: Delivery) {
        // Nobody listens any more once the window is closed; then nothing is owed to anybody.
        let _ = self.sender.send(delivery);
        self.ctx.request_repaint();
    }

    fn reading(&self, name: &str) {
        self.deliver(Delivery::Progress(Progress { name: name.to_owned(), bytes: None }));
    }
}

/// Lets the reader pick a file for `purpose`.
pub fn open(inbox: Inbox, purpose: Purpose) {
    let dialog = rfd::AsyncFileDialog::new();
    let dialog = match purpose {
        Purpose::Archive => dialog.add_filter(i18n::archive_filter(), &["gz", "tgz", "tar"]),
        Purpose::Checkpoint => dialog.add_filter(i18n::checkpoint_filter(), &["safetensors"]),
        Purpose::Picture => dialog.add_filter(i18n::scope_picture_filter(), PICTURES),
        Purpose::Run | Purpose::Grid => dialog.add_filter(i18n::run_filter(), &["json"]),
        Purpose::Lesson => dialog.add_filter(i18n::lesson_filter(), &["md"]),
        Purpose::Answers => dialog.add_filter(i18n::answers_filter(), &["txt"]),
    };
    // macOS wants the dialog made on the window's thread; waiting for it may happen on any.
    let picked = dialog.pick_file();
    spawn(async move {
        let Some(file) = picked.await else { return inbox.deliver(Delivery::Cancelled) };
        let name = file.file_name();
        inbox.reading(&name);
        inbox.deliver(match contents(&file).await {
            Ok(bytes) => Delivery::File { purpose, name, bytes },
            Err(why) => Delivery::Failed(i18n::read_failed(&name, &why)),
        });
    });
}

/// Lets the reader say where `bytes` go, and writes them there.
pub fn save(inbox: Inbox, name: &str, bytes: Vec<u8>) {
    let (what, ending) = match name.rsplit_once('.') {
        Some((_, "csv")) => (i18n::csv_filter(), "csv"),
        Some((_, "png")) => (i18n::scope_picture_filter(), "png"),
        Some((_, "json")) => (i18n::run_filter(), "json"),
        Some((_, "html")) => (i18n::sheet_filter(), "html"),
        Some((_, "txt")) => (i18n::answers_filter(), "txt"),
        _ => (i18n::checkpoint_filter(), "safetensors"),
    };
    let picked = rfd::AsyncFileDialog::new().set_file_name(name).add_filter(what, &[ending]).save_file();
    spawn(async move {
        let Some(file) = picked.await else { return inbox.deliver(Delivery::Cancelled) };
        inbox.deliver(match file.write(&bytes).await {
            Ok(()) => Delivery::Saved { name: file.file_name() },
            Err(why) => Delivery::Failed(i18n::save_failed(why.to_string())),
        });
    });
}

/// Reads a file that was dropped on the window.
pub fn read_dropped(inbox: Inbox, file: DroppedFileHandle) {
    let name = file.path().file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    inbox.reading(&name);
    spawn(async move {
        #[cfg(target_arch = "wasm32")]
        let bytes = file.bytes_async().await;
        #[cfg(not(target_arch = "wasm32"))]
        let bytes = file.bytes();
        inbox.deliver(match bytes {
            Ok(bytes) => Delivery::File { purpose: Purpose::of(&name), name, bytes },
            Err(why) => Delivery::Failed(i18n::read_failed(&name, &why)),
        });
    });
}

#[cfg(not(target_arch = "wasm32"))]
async fn contents(file: &rfd::FileHandle) -> Result<Vec<u8>, String> {
    // rfd's own `read` panics where the file cannot be read.
    std::fs::read(file.path()).map_err(|e| e.to_string())
}

#[cfg(target_arch = "wasm32")]
async fn contents(file: &rfd::FileHandle) -> Result<Vec<u8>, String> {
    Ok(file.read().await)
}

#[cfg(not(target_arch = "wasm32"))]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    std::thread::spawn(move || pollster::block_on(work));
}

#[cfg(target_arch = "wasm32")]
fn spawn(work: impl Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(work);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_says_what_it_is_for() {
        assert_eq!(Purpose::of("resnet18-step400.SafeTensors"), Purpose::Checkpoint);
        assert_eq!(Purpose::of("cifar-10-python.tar.gz"), Purpose::Archive);
        assert_eq!(Purpose::of("Cat.JPEG"), Purpose::Picture);
        assert_eq!(Purpose::of("resnet20.Skipscope.json"), Purpose::Run);
        assert_eq!(Purpose::of("skipscope-cause.json"), Purpose::Grid);
        assert_eq!(Purpose::of("week1.md"), Purpose::Lesson);
        assert_eq!(Purpose::of("block-answers.txt"), Purpose::Answers);
        let command = Purpose::Archive.command("a.tar".into(), vec![1]);
        let bytes = DataSource::Bytes { name: "a.tar".into(), bytes: vec![1] };
        assert_eq!(command, Command::LoadData(bytes).into());
    }
}
