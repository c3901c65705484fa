//! A window whose code panics, over a real session on a CPU adapter: it falls without taking the program
//! with it, and the next one says so and goes on from the last checkpoint.

use eframe::App as _;
use eframe::egui::{Context, RawInput};
use egui_kittest::{Harness, kittest::Queryable};
use skipscope::app::i18n::{self, Language};
use skipscope::app::{Crash, FileVault, Options, Shell, Store, Vault, fonts, theme};
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::model::by_name;
use skipscope::session::{Build, Command, DataSource, Event, Phase, Session, SessionOptions};
use skipscope::train::Recipe;
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(180);

fn session() -> Session {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    Session::new(gpu, SessionOptions { evaluate_epochs: false, ..SessionOptions::default() })
}

fn vault(folder: &Path) -> Option<Box<dyn Vault>> {
    Some(Box::new(FileVault::at(folder)))
}

/// Ticks `shell` until `done` says so.
fn until(shell: &mut Shell, ctx: &Context, mut done: impl FnMut(&mut Shell) -> bool) {
    let begun = Instant::now();
    let mut frame = eframe::Frame::_new_kittest();
    while !done(shell) {
        assert!(begun.elapsed() < PATIENCE, "nothing happens any more");
        shell.logic(ctx, &mut frame);
    }
}

#[test]
fn a_panic_takes_the_window_and_the_next_one_goes_on() {
    i18n::set_language(Language::English);
    let folder = tempfile::tempdir().expect("a folder");
    let fallen = Rc::new(RefCell::new(None::<Crash>));
    let fall = Rc::new(Cell::new(false));
    let (heard, told) = (fall.clone(), fallen.clone());
    let options = Options {
        vault: vault(folder.path()),
        on_event: Some(Box::new(move |event| {
            assert!(!(heard.get() && matches!(event, Event::Step(_))), "provoked");
            false
        })),
        on_crash: Some(Box::new(move |_, crash| *told.borrow_mut() = Some(crash))),
        ..Options::default()
    };
    let ctx = Context::default();
    let mut first = Shell::new(&ctx, session(), options);
    let recipe = Recipe { batch: 4, ..Recipe::default() };
    let spec = by_name("resnet8").expect("in the zoo");
    first.session_mut().send(Command::LoadData(DataSource::Shapes10 { seed: 1 }));
    first.session_mut().send(Command::Build(Box::new(Build { name: "resnet8".into(), spec, recipe })));
    first.session_mut().send(Command::Run);
    until(&mut first, &ctx, |s| s.session_mut().measured_steps() >= 3);
    first.session_mut().send(Command::Keep);
    until(&mut first, &ctx, |s| s.state_mut().kept().1.is_some());
    let kept = first.state_mut().kept().1.expect("just now");
    until(&mut first, &ctx, |s| s.session_mut().measured_steps() > kept.step);

    fall.set(true);
    until(&mut first, &ctx, |_| fallen.borrow().is_some());
    let crash = fallen.borrow_mut().take().expect("it fell");
    assert!(crash.what.contains("provoked"), "{}", crash.what);
    assert_eq!(crash.kept.as_ref(), Some(&kept));
    assert!(crash.step > kept.step);
    // Whatever is left of it is not touched again: the hook would be called once more.
    let mut frame = eframe::Frame::_new_kittest();
    first.logic(&ctx, &mut frame);
    drop(ctx.run_ui(RawInput::default(), |ui| first.ui(ui, &mut frame)));
    assert_eq!(*fallen.borrow(), None);
    drop(first);

    let back = crash.steps_back().expect("something was kept");
    let mut second = None;
    let build = |ui: &mut eframe::egui::Ui, second: &mut Option<Shell>| {
        let shell = second.get_or_insert_with(|| {
            let options =
                Options { vault: vault(folder.path()), crash: Some(crash.clone()), ..Options::default() };
            Shell::new(ui.ctx(), session(), options)
        });
        shell.logic(ui.ctx(), &mut eframe::Frame::_new_kittest());
        shell.ui(ui, &mut eframe::Frame::_new_kittest());
    };
    let mut harness = Harness::builder()
        .with_size(eframe::egui::vec2(1440.0, 900.0))
        .with_context_setup(|ctx| {
            theme::install(ctx);
            fonts::install_bundled(ctx);
        })
        .build_ui_state(build, second.take());
    harness.run_steps(4);
    harness.get_by_label_contains("provoked");
    let steps = if back == 1 { "1 step back".into() } else { format!("{back} steps back") };
    harness.get_by_label_contains(&steps);
    let phase = harness.state_mut().as_mut().expect("made").session_mut().phase();
    assert_eq!(phase, Phase::Empty, "nothing begins by itself");
    harness.get_by_label(&format!("Go on from step {}", kept.step)).click();
    let begun = Instant::now();
    while harness.state_mut().as_mut().expect("made").session_mut().measured_steps() <= kept.step {
        assert!(begun.elapsed() < PATIENCE, "it does not go on");
        harness.run_steps(1);
    }
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("provoked").is_none(), "it has been decided");
}

/// Asked to keep settings, as the first drawing does, it panics.
struct Brittle;

impl Store for Brittle {
    fn load(&self) -> Result<Option<String>, String> {
        Ok(None)
    }

    fn save(&mut self, _: &str) -> Result<(), String> {
        panic!("provoked by drawing")
    }
}

#[test]
fn a_panic_while_drawing_is_caught_too() {
    let told = Rc::new(RefCell::new(None::<Crash>));
    let hear = told.clone();
    let options = Options {
        store: Some(Box::new(Brittle)),
        on_crash: Some(Box::new(move |_, crash| *hear.borrow_mut() = Some(crash))),
        ..Options::default()
    };
    let mut shell = None;
    let mut frame = eframe::Frame::_new_kittest();
    let ctx = Context::default();
    let session = RefCell::new(Some((session(), options)));
    for pass in 0..10 {
        let input = RawInput { time: Some(f64::from(pass)), ..RawInput::default() };
        drop(ctx.run_ui(input, |ui| {
            let shell = shell.get_or_insert_with(|| {
                let (session, options) = session.take().expect("once");
                Shell::new(ui.ctx(), session, options)
            });
            shell.ui(ui, &mut frame);
        }));
        if let Some(crash) = told.borrow_mut().take() {
            assert_eq!((crash.what.as_str(), crash.step, crash.kept), ("provoked by drawing", 0, None));
            return;
        }
    }
    panic!("it was not caught");
}
