//! Skipscope trains residual networks on the reader's own GPU through WGSL compute shaders and shows,
//! while it happens, what skip connections do.
//!
//! Rooms, each depending only on those before it: [`model`], [`data`] and `gpu`; `engine`; [`train`];
//! `checkpoint`; [`lab`]; [`session`]; the window, the terminal and the page. ARCHITECTURE.md tells the rest.

#[cfg(feature = "app")]
pub mod app;
pub mod bench;
#[cfg(feature = "burn")]
pub mod burn;
pub mod checkpoint;
#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod cli;
pub mod data;
pub mod engine;
mod engines;
pub mod gpu;
pub mod lab;
pub mod model;
#[cfg(all(feature = "app", target_arch = "wasm32"))]
mod page;
pub mod probe;
pub mod session;
pub mod train;
#[cfg(all(feature = "app", target_arch = "wasm32"))]
pub mod web;
