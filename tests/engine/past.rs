//! Looking back: moments are what the run was, the present stays as it is, and a branch goes on from a moment.

use crate::training::{errors, session, settle, start, steps, tiny};
use skipscope::data::synthetic;
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::session::{
    Command, Event, Experiment, Found, LesionKind, LesionSetup, Maps, Phase, Picture, Probe, RecordRef,
    Session, SessionOptions, SplitName, StepRecord, Watch, Whom,
};
use skipscope::train::{Augment, Recipe};

/// Three steps an epoch.
fn begun() -> Session {
    let recipe = Recipe { batch: 16, steps: Some(40), augment: Augment::CropFlip, ..Recipe::default() };
    let mut s = session();
    start(&mut s, tiny(), recipe, synthetic::shapes10_sized(5, 48, 20));
    s
}

/// `n` more steps.
fn train(s: &mut Session, n: usize) -> Vec<StepRecord> {
    (0..n).for_each(|_| s.send(Command::Step));
    steps(&done(s))
}

/// Everything that happens, none of it an error.
fn done(s: &mut Session) -> Vec<Event> {
    let events = settle(s);
    assert_eq!(errors(&events), Vec::<String>::new());
    events
}

/// A checkpoint and its step; with `kept` one for safekeeping.
fn saved(s: &mut Session, kept: bool) -> (u64, Vec<u8>) {
    s.send(if kept { Command::Keep } else { Command::Save });
    let found = done(s).into_iter().find_map(|e| match e {
        Event::Saved { step, bytes } if !kept => Some((step, bytes)),
        Event::Kept { step, bytes } if kept => Some((step, bytes)),
        _ => None,
    });
    found.expect("a checkpoint")
}

fn back_to(s: &mut Session, step: Option<u64>) {
    s.send(Command::LookBack { step });
    let events = done(s);
    assert!(events.contains(&Event::LookedBack { step }), "{events:?}");
    assert_eq!(s.snapshot().then, step);
}

fn watch(s: &mut Session) {
    let watch = Watch {
        picture: Picture::Record(RecordRef { split: SplitName::Test, index: 3 }),
        maps: Maps::Output,
        dark: true,
        block: Some(1),
        own_scale: false,
        locked_scale: false,
        probe: Some(Probe { stage: 1, channel: 2, y: 3, x: 4, input_channel: Some(1) }),
        sheet: Vec::new(),
        augmented: false,
    };
    s.send(Command::Watch(Some(Box::new(watch))));
    done(s);
}

/// All of what a moment shows but the scale of its colours, which stays what it was before.
fn shown(s: &Session) -> String {
    let snapshot = s.snapshot();
    let seen = snapshot.seen.expect("something was seen");
    let close = seen.close.as_ref().expect("a block");
    let moments: Vec<_> = close.stages.iter().map(|s| s.moments).collect();
    let worked = close.worked.as_ref().map(|w| (w.value, w.conv.clone(), w.norm, w.sum));
    format!("{} {:?} {moments:?} {worked:?} {:?}", seen.step, seen.probabilities, snapshot.alphas)
}

#[test]
fn who_looks_back_and_returns_has_the_run_that_nobody_has_left() {
    let mut whole = begun();
    let records = [train(&mut whole, 14), train(&mut whole, 10)].concat();
    let mut s = begun();
    watch(&mut s);
    train(&mut s, 14);
    let (present, before) = (shown(&s), saved(&mut s, false));
    for step in [5, 0, 9] {
        back_to(&mut s, Some(step));
        s.send(Command::Evaluate);
        done(&mut s);
        assert_eq!(s.snapshot().step, 14);
    }
    assert_eq!(saved(&mut s, true), before, "what is kept is the present, whatever is looked at");
    assert_eq!(s.snapshot().then, Some(9));
    back_to(&mut s, None);
    assert_eq!(shown(&s), present);
    assert_eq!(saved(&mut s, false), before);
    // A command about training goes back by itself.
    back_to(&mut s, Some(7));
    assert_eq!(train(&mut s, 10), records[14..]);
    assert_eq!(s.snapshot().then, None);
    assert_eq!(saved(&mut s, false), saved(&mut whole, false));
}

#[test]
fn a_channel_of_then_stands_beside_the_same_of_now() {
    let mut s = begun();
    watch(&mut s);
    s.send(Command::Run);
    // While it trains: the present is looked at once more before it is left.
    while s.snapshot().step < 12 {
        s.pump();
    }
    s.send(Command::LookBack { step: Some(3) });
    done(&mut s);
    let seen = s.snapshot().seen.expect("something was seen");
    let now = seen.now.expect("beside it");
    let worked = seen.close.as_ref().and_then(|c| c.worked.clone()).expect("a number");
    assert_eq!((seen.step, now.size, now.channel), (3, worked.tile.size, 2));
    let scale = seen.close.as_ref().expect("a block").scale;
    back_to(&mut s, None);
    let seen = s.snapshot().seen.expect("something was seen");
    assert_eq!((seen.now, seen.close.as_ref().map(|c| c.scale)), (None, Some(scale)));
}

#[test]
fn a_moment_is_the_network_as_it_was() {
    let mut then = begun();
    watch(&mut then);
    then.send(Command::SetAlpha { whom: Whom::Block(0), alpha: 0.25 });
    train(&mut then, 6);
    let (as_it_was, weights) = (shown(&then), saved(&mut then, false));
    let record = then.snapshot().last;
    then.send(Command::Evaluate);
    done(&mut then);

    let mut s = begun();
    watch(&mut s);
    s.send(Command::SetAlpha { whom: Whom::Block(0), alpha: 0.25 });
    train(&mut s, 6);
    s.send(Command::SetAlpha { whom: Whom::Network, alpha: 0.5 });
    train(&mut s, 9);
    let (tested, last) = (s.snapshot().test, s.snapshot().last);
    back_to(&mut s, Some(6));
    assert_eq!(shown(&s), as_it_was);
    assert_eq!(saved(&mut s, false), weights);
    let snapshot = s.snapshot();
    assert_eq!((snapshot.step, snapshot.last), (15, record));
    s.send(Command::Evaluate);
    let events = done(&mut s);
    let (now, was) = (s.snapshot(), then.snapshot());
    assert_eq!((now.test.clone(), now.evaluation), (was.test, was.evaluation));
    let evaluated = Event::EvaluatedThen(now.evaluation.expect("evaluated"));
    assert!(events.contains(&evaluated));
    // Experiments are about that moment, too.
    let setup = LesionSetup { kinds: vec![LesionKind::Drop], images: None, reestimate: false, twin: false };
    let intact = |s: &mut Session| {
        s.send(Command::Experiment(Box::new(Experiment::Lesion(setup.clone()))));
        done(s);
        let view = s.snapshot().experiment.expect("an experiment");
        let Some(Found::Lesion(found)) = &view.found else { panic!("{:?}", view.failed) };
        (view.step, found.clone())
    };
    assert_eq!(intact(&mut s), intact(&mut then));
    // The moment keeps what was found at it, the present what is its own.
    back_to(&mut s, None);
    assert_eq!((s.snapshot().test, s.snapshot().last), (tested, last));
    back_to(&mut s, Some(6));
    assert_eq!(s.snapshot().test, now.test);
}

#[test]
fn a_branch_goes_on_from_its_moment_bit_for_bit() {
    let mut whole = begun();
    let records = train(&mut whole, 20);
    let mut s = begun();
    train(&mut s, 10);
    s.send(Command::SetAlpha { whom: Whom::Network, alpha: 0.0 });
    train(&mut s, 5);
    // The tenth step ended no epoch: its mean is to come out whole, too.
    back_to(&mut s, Some(10));
    s.send(Command::Branch);
    assert!(done(&mut s).contains(&Event::Branched { step: 10 }));
    let snapshot = s.snapshot();
    assert_eq!((snapshot.step, snapshot.then, snapshot.phase), (10, None, Phase::Idle));
    assert_eq!((snapshot.surgeries.len(), snapshot.last.as_ref()), (0, records.get(9)));
    assert!(snapshot.alphas.iter().all(|a| *a == 1.0));
    assert_eq!(snapshot.moments, (0..10).collect::<Vec<u64>>());
    let means = |events: &[Event]| -> Vec<f32> {
        let mean =
            |e: &Event| if let Event::EpochEnd { mean_loss, .. } = e { Some(*mean_loss) } else { None };
        events.iter().filter_map(mean).collect()
    };
    (0..10).for_each(|_| s.send(Command::Step));
    let events = done(&mut s);
    assert_eq!(steps(&events), records[10..]);
    let mut again = begun();
    (0..20).for_each(|_| again.send(Command::Step));
    assert_eq!(means(&events), means(&done(&mut again))[3..]);
    assert_eq!(saved(&mut s, false), saved(&mut whole, false));
}

#[test]
fn a_run_that_diverged_has_a_past_to_go_on_from() {
    let mut s = session();
    let recipe = Recipe { batch: 16, steps: Some(60), lr: 1e3, ..Recipe::default() };
    start(&mut s, tiny(), recipe, synthetic::shapes10_sized(5, 48, 20));
    s.send(Command::Run);
    let events = settle(&mut s);
    let at =
        events.iter().find_map(|e| if let Event::Diverged { step, .. } = e { Some(*step) } else { None });
    let at = at.expect("such a learning rate diverges");
    assert!(s.snapshot().moments.iter().all(|m| *m <= at));
    back_to(&mut s, Some(0));
    s.send(Command::Branch);
    done(&mut s);
    s.send(Command::Set(skipscope::session::HyperChange { lr: Some(0.01), ..Default::default() }));
    let losses: Vec<f32> = train(&mut s, 5).iter().map(|r| r.loss).collect();
    assert!(losses.len() == 5 && losses.iter().all(|l| l.is_finite()), "{losses:?}");
}

#[test]
fn what_cannot_be_looked_back_at_is_said_and_memory_stays_bounded() {
    let mut s = begun();
    s.send(Command::Branch);
    assert!(errors(&settle(&mut s))[0].contains("look back to one first"));
    // Between two moments the earlier one is meant, before the first that one.
    train(&mut s, 24);
    s.send(Command::LookBack { step: Some(19) });
    done(&mut s);
    assert_eq!(s.snapshot().then, Some(18));

    let small = |gpu_memory| {
        let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
        let options = SessionOptions { slice_seconds: 0.1, gpu_memory, ..SessionOptions::default() };
        let mut s = Session::new(gpu, options);
        let recipe = Recipe { batch: 16, steps: Some(40), ..Recipe::default() };
        start(&mut s, tiny(), recipe, synthetic::shapes10_sized(5, 48, 0));
        let before = s.snapshot().gpu_bytes;
        train(&mut s, 40);
        (s.snapshot().moments, s.snapshot().gpu_bytes - before, s)
    };
    let (all, bytes, s) = small(1 << 30);
    let model = s.snapshot().model.expect("built").gpu_bytes;
    assert!(all.len() > 20 && bytes > 0);
    // Room for a few copies only; and for none.
    let own = model - bytes;
    let (few, bytes, _) = small(own + (1 << 20));
    assert!((2..20).contains(&few.len()) && few[0] == 0, "{few:?}");
    assert!(bytes <= 1 << 18, "{bytes}");
    let (none, _, mut s) = small(own + 1000);
    assert!(none.is_empty(), "{none:?}");
    s.send(Command::LookBack { step: Some(3) });
    assert!(errors(&settle(&mut s))[0].contains("too large for that"));
}
