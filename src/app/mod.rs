//! The window: draws [`Snapshot`](crate::session::Snapshot)s, turns clicks and keys into commands, and
//! knows nothing of GPU buffers.
//!
//! [`AppState`] is the whole interface as pure code over plain data: events and snapshots in, commands
//! out. [`Shell`] puts it into a real window with a real session. Every colour and size comes from
//! [`theme`], every word from `i18n`, every number's form from `numbers`.

mod axis;
pub mod colourmap;
#[cfg(not(target_arch = "wasm32"))]
mod decode;
#[cfg(not(target_arch = "wasm32"))]
mod desktop;
mod files;
pub mod fonts;
mod form;
mod history;
pub mod i18n;
pub mod late_fonts;
mod numbers;
mod panels;
mod shell;
mod state;
pub mod theme;
mod toasts;
mod view;
mod widgets;

#[cfg(not(target_arch = "wasm32"))]
pub use desktop::run_native;
pub use files::{Delivery, Inbox, Intake, Purpose};
pub use form::{Form, title};
pub use history::{Bucket, History, Series};
pub use panels::Part;
pub use shell::{OnPicture, Options, PictureFrom, Shell};
pub use state::{AppState, Divergence, Progress, UiCommand};
pub use toasts::{Severity, Toast, Toasts};
pub use view::{Canvas, Looks, Selection, View};
