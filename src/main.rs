//! The program: a window, or what the command line asks for.

use std::process::ExitCode;

fn main() -> ExitCode {
    skipscope::cli::main(window)
}

fn window() -> anyhow::Result<()> {
    skipscope::app::run_native().map_err(|e| anyhow::anyhow!("the window could not be opened: {e}"))
}
