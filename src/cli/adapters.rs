//! `skipscope adapters`.

use super::text;
use crate::gpu::{AdapterClass, list_adapters};
use anyhow::ensure;

/// List the graphics cards and software adapters that can train.
///
/// `--adapter TEXT` of other commands takes any part of a name.
#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: &Args) -> anyhow::Result<()> {
    let adapters = pollster::block_on(list_adapters());
    ensure!(!adapters.is_empty(), crate::gpu::GpuError::NoAdapter);
    let mut rows = vec![["Name", "API", "Kind", "Driver"].map(str::to_owned).to_vec()];
    for adapter in adapters {
        let kind = match adapter.class {
            AdapterClass::Gpu => "graphics card",
            AdapterClass::Cpu | AdapterClass::SlowCpu => "software",
        };
        rows.push(vec![adapter.name, adapter.backend, kind.to_owned(), adapter.driver]);
    }
    text::print_line(&text::table(&rows, &[]))
}
