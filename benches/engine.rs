//! Whole training steps, and every kernel of one alone, on a software adapter or, with
//! `SKIPSCOPE_BENCH_ADAPTER=TEXT`, on the adapter whose name contains that text.
//!
//! `cargo bench --bench engine`, or a part: `cargo bench --bench engine -- step`, `-- look`, `-- conv_forward`

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use skipscope::engine::program::Mode;
use skipscope::engine::variants::Variants;
use skipscope::engine::{DEFAULT_BUDGET, Network, NetworkOptions, Prepared, StepUniform, weights};
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::model::{self, Shortcut};
use skipscope::probe::{Maps, Picture, RecordRef, SplitName, Watch};
use skipscope::session::{Build, Command, DataSource, Event, Session, SessionOptions};
use skipscope::train::Recipe;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const STEPS: [(&str, usize); 3] = [("resnet8", 16), ("resnet20", 32), ("resnet18", 8)];
/// The network whose kernels are timed one by one: it has transforms of both sizes, and strides.
const KERNELS: (&str, usize) = ("resnet18", 8);

/// A network that has done a step, so that everything is compiled and every buffer holds what it would.
fn network(gpu: &Gpu, name: &str, batch: usize, variants: &Variants) -> Network {
    let mut spec = model::by_name(name).expect("in the zoo");
    spec.shortcut = Shortcut::Projection;
    let options =
        NetworkOptions { batch, eval_batch: batch, variants: variants.clone(), budget: DEFAULT_BUDGET };
    let mut net = Prepared::new(&spec, options).expect("fits").allocate(gpu);
    net.make_plan(gpu, Mode::Train, batch, None, &Recipe::default()).expect("planned");
    net.reset(gpu, &weights::peers(&net.graph));
    let labels: Vec<u32> = weights::peers_labels(batch).into_iter().map(u32::from).collect();
    net.set_batch(gpu, &weights::peers_inputs(batch), &labels);
    net.set_step(gpu, &StepUniform { lr: 0.01, momentum: 0.9, ..StepUniform::default() });
    step(gpu, &net);
    net
}

/// One step, from encoding until the GPU is done with it.
fn step(gpu: &Gpu, net: &Network) -> Duration {
    timed(gpu, |encoder| {
        let plan = net.plan(Mode::Train, net.batch).expect("planned");
        plan.encode(encoder, 0, f64::INFINITY);
    })
}

fn timed(gpu: &Gpu, record: impl FnOnce(&mut wgpu::CommandEncoder)) -> Duration {
    let begin = Instant::now();
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    record(&mut encoder);
    gpu.submit(encoder.finish());
    gpu.wait();
    begin.elapsed()
}

fn steps(gpu: &Gpu, group: &mut BenchmarkGroup<WallTime>, variants: &Variants) {
    for (name, batch) in STEPS {
        let net = network(gpu, name, batch, variants);
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(format!("{name} b{batch}"), |b| {
            b.iter_custom(|times| (0..times).map(|_| step(gpu, &net)).sum());
        });
    }
}

/// Steps of a session as the window drives it, with and without a block's pictures looked at ten times a second. What is
/// painted is not drawn.
fn looks(gpu: Gpu, c: &mut Criterion) {
    let (name, batch) = STEPS[1];
    let mut session = Session::new(gpu, SessionOptions::default());
    let spec = model::by_name(name).expect("in the zoo");
    let recipe = Recipe { batch, epochs: 1000, ..Recipe::default() };
    session.send(Command::LoadData(DataSource::Shapes10 { seed: 1 }));
    session.send(Command::Build(Box::new(Build { name: name.into(), spec, recipe })));
    let watch = Watch {
        picture: Picture::Record(RecordRef { split: SplitName::Test, index: 0 }),
        maps: Maps::Output,
        dark: true,
        block: Some(4),
        own_scale: false,
        locked_scale: false,
        probe: None,
        sheet: Vec::new(),
        augmented: false,
    };
    session.send(Command::Run);
    until(&mut session, 3);
    let mut group = c.benchmark_group("look");
    group.sample_size(10).measurement_time(Duration::from_secs(30));
    for (what, watched) in
        [("off", None), ("on", Some(&watch)), ("off again", None), ("on again", Some(&watch))]
    {
        session.send(Command::Watch(watched.cloned().map(Box::new)));
        let seen = session.measured_steps();
        until(&mut session, seen + 3);
        group.bench_function(format!("{name} b{batch}, {what}"), |b| {
            b.iter_custom(|times| {
                let begin = Instant::now();
                let first = session.measured_steps();
                until(&mut session, first + times);
                begin.elapsed() * times as u32 / (session.measured_steps() - first) as u32
            });
        });
    }
    group.finish();
}

/// Drives the session until so many steps are measured.
fn until(session: &mut Session, steps: u64) {
    while session.measured_steps() < steps {
        session.pump();
        for event in session.events() {
            assert!(!matches!(event, Event::Error(_)), "{event:?}");
        }
        std::thread::sleep(Duration::from_micros(300));
    }
}

fn kernels(gpu: &Gpu, c: &mut Criterion, variants: &Variants) {
    let (name, batch) = KERNELS;
    let net = network(gpu, name, batch, variants);
    let plan = net.plan(Mode::Train, batch).expect("planned");
    let program = net.program(Mode::Train, batch).expect("built");
    let mut seen = BTreeSet::new();
    for (i, dispatch) in program.dispatches.iter().enumerate() {
        // A kernel once for every size.
        if !seen.insert((&dispatch.kernel, &dispatch.params)) {
            continue;
        }
        let mut group = c.benchmark_group(&dispatch.kernel);
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(500));
        group.throughput(Throughput::Elements(dispatch.work as u64));
        group.bench_function(format!("{} {:?}", dispatch.layer, dispatch.phase), |b| {
            b.iter_custom(|times| timed(gpu, |e| plan.encode_dispatch(e, i, times as usize)));
        });
    }
}

fn main() {
    let choice = std::env::var("SKIPSCOPE_BENCH_ADAPTER").map_or(AdapterChoice::Cpu, AdapterChoice::Named);
    let open = || pollster::block_on(Gpu::open(&choice)).expect("an adapter");
    let gpu = open();
    let variants = Variants::for_adapter(&gpu.facts);
    let mut c = Criterion::default().configure_from_args();
    let mut group = c.benchmark_group("step");
    group.sample_size(10);
    steps(&gpu, &mut group, &variants);
    group.finish();
    looks(open(), &mut c);
    kernels(&gpu, &mut c, &variants);
    c.final_summary();
}
