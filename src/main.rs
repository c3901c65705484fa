//! The program: a window, or what the command line asks for.

use std::process::ExitCode;

fn main() -> ExitCode {
    skipscope::cli::main(window)
}

fn window() -> anyhow::Result<()> {
    anyhow::bail!("the window is not there yet; see `skipscope --help` for the terminal")
}
