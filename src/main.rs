//! The program: a window, or what the command line asks for.

use std::process::ExitCode;

fn main() -> ExitCode {
    skipscope::cli::main(window)
}

fn window(link: Option<String>) -> anyhow::Result<()> {
    skipscope::app::run_native(link).map_err(|e| anyhow::anyhow!("the window could not be opened: {e}"))
}
