//! The program: a window, or what the command line asks for.

use std::process::ExitCode;

fn main() -> ExitCode {
    skipscope::cli::main(window)
}

fn window(link: Option<String>) -> anyhow::Result<()> {
    Ok(skipscope::app::run_native(link)?)
}
