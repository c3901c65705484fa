//! The window: draws [`Snapshot`](crate::session::Snapshot)s, turns clicks and keys into commands, and
//! knows nothing of GPU buffers.
//!
//! [`AppState`] is the whole interface as pure code over plain data: events and snapshots in, commands
//! out. [`Shell`] puts it into a real window with a real session. Every colour and size comes from
//! [`theme`], every word from `i18n`, every number's form from `numbers`.

mod autosave;
mod axis;
mod charts;
mod chosen;
pub mod colourmap;
mod crash;
#[cfg(not(target_arch = "wasm32"))]
mod decode;
#[cfg(not(target_arch = "wasm32"))]
mod desktop;
mod export;
mod files;
pub mod fonts;
mod form;
mod frame;
mod gpu_clock;
mod history;
pub mod i18n;
mod keeping;
mod keys;
pub mod late_fonts;
mod layer_history;
mod layout;
mod lessons;
mod link;
mod links;
mod map;
mod memory;
mod motion;
mod numbers;
mod options;
mod pace;
mod panels;
mod past;
mod placement;
mod readouts;
mod running;
mod runs;
mod screenshot;
mod settings;
mod shelf;
mod shell;
mod sketches;
mod state;
mod surgery;
pub mod theme;
mod toasts;
mod view;
mod widgets;
mod zoom;

#[cfg(not(target_arch = "wasm32"))]
pub use autosave::FileVault;
pub use autosave::{Kept, Vault};
pub use chosen::ChosenBlock;
pub use crash::Crash;
#[cfg(not(target_arch = "wasm32"))]
pub use desktop::{WindowError, run_native};
pub use files::{Delivery, Inbox, Intake, Purpose};
pub use form::{Form, title};
pub use frame::{FrameMeter, FrameTimes, GpuTime};
pub use history::{Bucket, History, Series};
pub use link::Link;
pub use options::{OnPicture, Options, PictureFrom};
pub use pace::Speed;
pub use panels::Part;
pub use runs::EarlierRun;
#[cfg(not(target_arch = "wasm32"))]
pub use settings::FileStore;
pub use settings::{Settings, Store};
#[cfg(not(target_arch = "wasm32"))]
pub use shelf::FileShelf;
pub use shelf::{Shelf, Stored};
pub use shell::Shell;
pub use state::{AppState, Divergence, Progress, UiCommand};
pub use toasts::{Severity, Toast, Toasts};
pub use view::{Canvas, Looks, Selection, View};
