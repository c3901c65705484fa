//! The terminal: commands and flags in, lines out. Everything is done by the [`crate::session::Session`] that the
//! window and the page use too.
//!
//! Results go to standard output, remarks and progress to standard error, so that either can be piped. An
//! error is one line, `error: …`, and exit code 1; a mistyped flag is clap's, and 2; Ctrl-C is 130.

mod adapters;
mod app;
mod args;
mod bench;
mod data;
mod eval;
mod golden;
mod headless;
mod info;
mod lab;
mod log;
mod model;
mod picks;
mod resume;
mod text;
mod train;
mod verify;

use clap::{Parser, Subcommand};
use std::io;
use std::process::ExitCode;

/// After Ctrl-C, as shells have it: 128 + SIGINT.
const INTERRUPTED: u8 = 130;

const ABOUT: &str = "Train a ResNet on your own GPU, and see why skip connections work.";

const LONG_ABOUT: &str = "\
Train a ResNet on your own GPU, and see why skip connections work.

A residual block computes ReLU(F(x) + x): a few convolutions F, and a shortcut that carries x past them. \
Skipscope trains networks with and without that shortcut, through WebGPU, on any graphics card or none. \
Without a command it opens its window.";

const EXAMPLES: &str = "\
Examples:
  skipscope                                  open the window
  skipscope app --open '#m=resnet18'         open it as a shared link says
  skipscope train resnet8                    train a small network on built-in pictures
  skipscope train plain56 --shortcut none    the network that is too deep without skips
  skipscope data download                    fetch CIFAR-10 once
  skipscope train resnet18 --data cifar10    the classic demonstration, all defaults
  skipscope info resnet50                    its layers, parameters and memory

`skipscope COMMAND --help` explains each command's options.";

#[derive(Parser)]
#[command(name = "skipscope", version, about = ABOUT, long_about = LONG_ABOUT, after_help = EXAMPLES)]
#[command(max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    App(app::Args),
    Train(Box<train::Args>),
    Eval(eval::Args),
    Info(info::Args),
    Adapters(adapters::Args),
    Golden(golden::Args),
    Bench(bench::Args),
    Lab(lab::Args),
    Verify(Box<verify::Args>),
    Data(data::Args),
}

/// Does what the command line says; `window` is opened, on a link if one is given, when it says nothing else.
pub fn main(window: impl FnOnce(Option<String>) -> anyhow::Result<()>) -> ExitCode {
    // Whatever the libraries log belongs to developers: errors come back as results.
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("off")).init();
    let done = match Cli::parse().task {
        None => window(None).map(|()| ExitCode::SUCCESS),
        Some(Task::App(args)) => window(args.open).map(|()| ExitCode::SUCCESS),
        Some(Task::Train(args)) => train::run(&args),
        Some(Task::Eval(args)) => eval::run(&args).map(|()| ExitCode::SUCCESS),
        Some(Task::Info(args)) => info::run(&args).map(|()| ExitCode::SUCCESS),
        Some(Task::Adapters(args)) => adapters::run(&args).map(|()| ExitCode::SUCCESS),
        Some(Task::Golden(args)) => golden::run(&args).map(|()| ExitCode::SUCCESS),
        Some(Task::Bench(args)) => bench::run(&args).map(|()| ExitCode::SUCCESS),
        Some(Task::Lab(args)) => lab::run(&args),
        Some(Task::Verify(args)) => verify::run(&args),
        Some(Task::Data(args)) => data::run(&args).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        // A reader that has seen enough, as in `skipscope info resnet152 | head`, is no failure.
        if error
            .root_cause()
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
        {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: {}", text::one_line(&error));
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_is_explained() {
        let mut commands = vec![Cli::command()];
        while let Some(command) = commands.pop() {
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{} of {}", arg.get_id(), command.get_name());
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
