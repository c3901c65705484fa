//! What the window's doors (desktop, page) differ in, and the hooks by which a window reaches what is
//! beyond it.

use super::autosave::Vault;
use super::crash::Crash;
use super::files::Inbox;
use super::i18n::Language;
use super::late_fonts::FontFile;
use super::settings::Store;
use super::shelf::Shelf;
use crate::session::Event;
use eframe::egui::{Context, ThemePreference};

/// Gets pictures by name and delivers them to the inbox.
pub type Fetch = Box<dyn FnMut(&str, Inbox)>;
/// Gets a font and delivers it to the inbox.
pub type FetchFont = Box<dyn FnMut(FontFile, Inbox)>;
/// Gets CIFAR-10 and delivers it to the inbox.
pub type Download = Box<dyn FnMut(Inbox)>;
/// Is told what the window's link is now.
pub type OnLink = Box<dyn FnMut(&str)>;
/// Is told why the device is gone.
pub type OnLost = Box<dyn FnMut(&Context, &str)>;
/// Is told that the window's code has panicked.
pub type OnCrash = Box<dyn FnMut(&Context, Crash)>;
/// A picture of the user's own on its way to the session.
#[derive(Clone, Debug, PartialEq)]
pub enum PictureFrom {
    /// Let the user pick a file.
    File,
    /// Take one with the camera.
    Camera,
    /// An encoded file that was dropped.
    Bytes { name: String, bytes: Vec<u8> },
}
/// Gets and decodes a picture, and sends it to the session as `Command::Picture`.
pub type OnPicture = Box<dyn FnMut(PictureFrom)>;
/// Sees an event, and answers whether it has dealt with it.
pub type OnEvent = Box<dyn FnMut(&Event) -> bool>;

/// What the doors (desktop, page) differ in.
#[derive(Default)]
pub struct Options {
    /// What the window remembers, and where.
    pub store: Option<Box<dyn Store>>,
    /// What to begin with: a whole address, or what stands after its `#`. Wins over what is remembered.
    pub link: Option<String>,
    /// In front of the `#` when a link is copied.
    pub address: String,
    /// Sees what stands after the `#` whenever it has changed.
    pub on_link: Option<OnLink>,
    /// Downloads CIFAR-10 into the inbox, where that can be done.
    pub download: Option<Download>,
    /// The system is set to move nothing.
    pub reduced_motion: bool,
    /// Load the built-in pictures, build the form's network and train it right away.
    pub run: bool,
    /// Whole TTF files: Regular, SemiBold, fallbacks. The page fetches them; on the desktop `None` takes
    /// those carried in the program.
    pub fonts: Option<Vec<Vec<u8>>>,
    /// Dark, light or as the system has it.
    pub theme: Option<ThemePreference>,
    /// Fetches the fonts that are not there from the start; `None` if the system has them.
    pub fetch_font: Option<FetchFont>,
    /// What the window speaks first; `None` for English.
    pub language: Option<Language>,
    /// Pictures that can be fetched by name.
    pub offers: Vec<String>,
    /// Fetches one of them into the inbox.
    pub fetch: Option<Fetch>,
    /// Gets a lesson's file from beside the page or the program.
    pub fetch_lesson: Option<Fetch>,
    /// The device is gone, with the reason; also called when the reader asks to start again. The desktop
    /// restarts its event loop, the page shows an overlay that reloads. Without it the window closes.
    pub on_lost: Option<OnLost>,
    /// The window's code has panicked: nothing of it runs any more. Without it panics go on unwinding.
    pub on_crash: Option<OnCrash>,
    /// How the window before this one ended, if it fell; it is said, with a way to go on.
    pub crash: Option<Crash>,
    /// Gets pictures of the user's own where the program itself decodes none: in a page.
    pub on_picture: Option<OnPicture>,
    /// Where checkpoints are kept; `None` keeps none.
    pub vault: Option<Box<dyn Vault>>,
    /// Where runs are kept to compare with; `None` forgets them with the window.
    pub shelf: Option<Box<dyn Shelf>>,
    /// Go on from what is kept, without asking: the last window was lost.
    pub resume: bool,
    /// Sees every event before the window does, and answers whether the window need not: the page's
    /// script interface listens here.
    pub on_event: Option<OnEvent>,
}
