//! A session that nobody looks at: pumped as fast as the GPU takes work.

use super::INTERRUPTED;
use super::args::{DeviceArgs, EngineArgs, MemoryArgs};
use crate::session::{Activity, Command, EngineKind, Event, Session, SessionOptions};
use anyhow::{Context as _, bail};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Seconds of work submitted at a time. No window shares the GPU, but its watchdog (2 s) does, and Ctrl-C
/// should not have to wait.
pub const SLICE: f64 = 0.1;
/// Between two looks at a GPU that is busy: short against a slice, long against a look.
const REST: Duration = Duration::from_micros(300);

/// Lets the GPU work. Waiting for all of its work instead would leave it idle until more is submitted.
pub fn rest() {
    std::thread::sleep(REST);
}

/// A flag that Ctrl-C raises, the same for all who ask; a second Ctrl-C ends the program at once.
pub fn interrupts() -> anyhow::Result<Arc<AtomicBool>> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(flag) = FLAG.get() {
        return Ok(flag.clone());
    }
    let flag = FLAG.get_or_init(Arc::default).clone();
    let raised = flag.clone();
    ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::SeqCst) {
            std::process::exit(INTERRUPTED.into());
        }
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(flag)
}

/// Opens the adapter and a session on it, whose networks `engine` computes.
pub fn open(
    device: &DeviceArgs,
    memory: &MemoryArgs,
    engine: &EngineArgs,
    evaluate_epochs: bool,
) -> anyhow::Result<Session> {
    let engine = engine.or(EngineKind::Own)?;
    let gpu = device.open_for(engine)?;
    let options = SessionOptions {
        gpu_memory: memory.budget(),
        slice_seconds: SLICE,
        variants: Some(device.variants(&gpu)?),
        evaluate_epochs,
        keep_past: false,
    };
    let mut session = Session::new(gpu, options);
    session.send(Command::Engine(engine));
    Ok(session)
}

/// One turn of the loop: what happened, or `None` once nothing happens any more.
pub fn turn(session: &mut Session) -> Option<Vec<Event>> {
    let activity = session.pump();
    let events = session.events();
    // What has just happened may be answered by a command.
    if events.is_empty() {
        if activity == Activity::Idle {
            return None;
        }
        rest();
    }
    Some(events)
}

/// Fails where `event` tells of a failure.
pub fn check(event: &Event) -> anyhow::Result<()> {
    match event {
        Event::Error(message) => bail!("{message}"),
        Event::DeviceLost(reason) => {
            bail!("the GPU device is lost ({reason}); start again, from the last checkpoint if there is one")
        }
        Event::Diverged { step, what } => {
            bail!(
                "training diverged at step {step}: {what} went to infinity or not-a-number; a lower --lr may help"
            )
        }
        _ => Ok(()),
    }
}
