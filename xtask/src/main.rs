//! Skipscope's own commands, run as `cargo xtask NAME`: one file each, on top of [`setup`] and [`shell`].

mod bench;
mod build_web;
mod certificate;
mod fonts;
mod lan;
mod serve;
mod setup;
mod shell;
mod site;
mod teaching;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, serves and tests Skipscope. Every command first installs what it is missing.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Time training steps in the page, in Chromium. Prints one line of JSON.
    BenchWeb(bench::WebArgs),
    /// Build the page into dist/, ready for any static host.
    BuildWeb(build_web::Args),
    /// Cut the Chinese font anew after a change of the Chinese texts.
    Fonts,
    /// Time Skipscope and other frameworks in turn, natively and in Chromium, and print the ratios.
    Peers(bench::PeersArgs),
    /// Build the page and serve it on localhost, or to a classroom.
    Serve(serve::Args),
    /// Install everything that the other commands need. They do so themselves, each for its own needs.
    Setup,
    /// Run the experiments of TEACHING.md, those that are missing, and write it from what came out. Takes hours.
    Teaching(teaching::Args),
    /// Check formatting, lints and page size, and run every test, native and in Chromium.
    Test(test::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::BenchWeb(args) => bench::web(&args),
        Command::BuildWeb(args) => build_web::main(&args),
        Command::Fonts => fonts::main(),
        Command::Peers(args) => bench::peers(&args),
        Command::Serve(args) => serve::main(&args),
        Command::Setup => setup::everything(),
        Command::Teaching(args) => teaching::main(&args),
        Command::Test(args) => test::main(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
