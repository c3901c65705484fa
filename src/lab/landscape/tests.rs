use super::*;
use crate::data::synthetic;
use crate::engine::variants::Variants;
use crate::engine::{DEFAULT_BUDGET, NetworkOptions, Prepared, reference, weights};
use crate::gpu::AdapterChoice;
use crate::model::{Graph, ModelSpec, by_name};
use crate::train::Init;

const IMAGES: usize = 24;

fn cpu() -> Gpu {
    pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter")
}

fn network(gpu: &Gpu) -> Network {
    let spec = ModelSpec { width: 4, ..by_name("resnet8").expect("in the zoo") };
    let options =
        NetworkOptions { batch: 16, eval_batch: 16, variants: Variants::default(), budget: DEFAULT_BUDGET };
    Prepared::new(&spec, options).expect("fits").allocate(gpu)
}

fn state(net: &Network) -> NetworkState {
    let mut state = NetworkState::initial(&net.graph, weights::init(&net.graph, Init::He, 1));
    state.running_mean.iter_mut().for_each(|m| m.fill(0.25));
    state
}

fn grid(statistics: Statistics) -> Grid {
    Grid { size: 5, x: [-0.5, 0.5], y: [-0.25, 0.75], statistics, images: IMAGES }
}

fn pictures(gpu: &Gpu) -> GpuSplit {
    GpuSplit::upload(gpu, &synthetic::shapes10(1).train)
}

fn finish<J: Job>(gpu: &Gpu, job: &mut J) -> J::Outcome {
    while !job.advance(gpu).expect("the GPU works").is_done() {}
    job.outcome()
}

/// Loss of the moved network by the reference, batch by batch.
fn by_reference(net: &Network, state: &NetworkState, d: &[Direction; 2], at: [f64; 2], s: Statistics) -> f64 {
    let moved: Vec<Vec<f32>> = (0..state.params.len())
        .map(|p| {
            let (u, v) = (&d[0][p], &d[1][p]);
            (0..u.len()).map(|k| state.params[p][k] + at[0] as f32 * u[k] + at[1] as f32 * v[k]).collect()
        })
        .collect();
    let mut twin = reference::Network::from_f32(net.graph.clone(), &moved);
    twin.running_mean.iter_mut().for_each(|m| m.fill(0.25));
    let data = synthetic::shapes10(1).train;
    let mut sum = 0.0;
    for (first, n) in [(0, 16), (16, 8)] {
        let bytes = &data.pixels[first * crate::data::RECORD..(first + n) * crate::data::RECORD];
        let images: Vec<f64> = bytes.iter().map(|&b| (f64::from(b) / 255.0 - 0.5) / 0.5).collect();
        let labels = &data.labels[first..first + n];
        let trace = match s {
            Statistics::Running => twin.forward_eval(&images, labels),
            Statistics::Batch => twin.forward_train(&images, labels),
        };
        sum += trace.loss * n as f64;
    }
    sum / IMAGES as f64
}

#[test]
fn a_surface_is_the_references_and_leaves_the_weights_alone() {
    let gpu = cpu();
    for statistics in [Statistics::Running, Statistics::Batch] {
        let net = network(&gpu);
        let state = state(&net);
        let d = [0, 1].map(|k| filter_normalised(&net.graph, &state.params, 3, k));
        let surface = Surface::new(grid(statistics)).expect("sensible");
        let mut job =
            Landscape::new(&gpu, net, &state, &d, pictures(&gpu), &Recipe::default(), surface).expect("fits");
        let surface = finish(&gpu, &mut job);
        assert!(surface.points.iter().all(Option::is_some));
        let mut net = job.into_network(&gpu);
        for at in [0, 7, 12, 24] {
            let (found, wanted) = (
                surface.loss(at).expect("known"),
                by_reference(&net, &state, &d, surface.place(at), statistics),
            );
            assert!((found / wanted - 1.0).abs() < 1e-4, "{statistics:?} point {at}: {found} for {wanted}");
        }
        let download = net.download_state(&gpu);
        download.wait(&gpu.device);
        assert_eq!(net.decode_state(download).expect("readable"), state, "bit for bit");
    }
}

#[test]
fn an_interrupted_surface_is_gone_on_with() {
    let gpu = cpu();
    let start = |surface: Surface| {
        let net = network(&gpu);
        let state = state(&net);
        let d = [0, 1].map(|k| filter_normalised(&net.graph, &state.params, 3, k));
        Landscape::new(&gpu, net, &state, &d, pictures(&gpu), &Recipe::default(), surface).expect("fits")
    };
    let whole = finish(&gpu, &mut start(Surface::new(grid(Statistics::Running)).expect("sensible")));
    let mut half = whole.clone();
    half.points.iter_mut().skip(9).for_each(|p| *p = None);
    // Through a file, as it would be.
    let text = serde_json::to_string(&half).expect("serialises");
    let mut job = start(serde_json::from_str(&text).expect("the same"));
    let before = job.advance(&gpu).expect("works");
    assert_eq!((before.done, before.total), (9, 25));
    assert_eq!(finish(&gpu, &mut job), whole, "bit for bit");
    // Given up half way, the weights are back.
    let mut job = start(Surface::new(grid(Statistics::Running)).expect("sensible"));
    job.advance(&gpu).expect("works");
    let mut net = job.into_network(&gpu);
    let download = net.download_state(&gpu);
    download.wait(&gpu.device);
    let found = net.decode_state(download).expect("readable");
    assert_eq!(found, state(&net));
}

#[test]
fn coarse_points_come_first_and_every_point_once() {
    let order = Surface::order(9);
    assert_eq!(order.len(), 81);
    assert_eq!(order[..4], [0, 8, 72, 80]);
    let mut sorted = order.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..81).collect::<Vec<_>>());
    let surface = Surface::new(Grid { size: 9, ..grid(Statistics::Running) }).expect("sensible");
    assert_eq!(surface.place(40), [0.0, 0.25]);
}

#[test]
fn nonsense_is_refused() {
    let refused = |g: Grid| Surface::new(g).is_err();
    assert!(refused(Grid { size: 4, ..grid(Statistics::Running) }));
    assert!(refused(Grid { x: [1.0, -1.0], ..grid(Statistics::Running) }));
    assert!(refused(Grid { images: 0, ..grid(Statistics::Running) }));
}

#[test]
fn a_run_keeps_its_snapshots_and_its_plane_is_found() {
    let gpu = cpu();
    let recipe = Recipe { steps: Some(10), batch: 16, ..Recipe::default() };
    let mut job = Trajectory::new(&gpu, network(&gpu), recipe, pictures(&gpu), 6);
    let snapshots = finish(&gpu, &mut job);
    let steps: Vec<u64> = snapshots.iter().map(|s| s.step).collect();
    assert_eq!(steps, [0, 2, 4, 6, 8, 10]);
    assert!(snapshots[..5].iter().all(|s| s.loss.is_some()) && snapshots[5].loss.is_none());
    let Trained { net, params: states, state, .. } = job.into_parts();
    assert_eq!(states[0], weights::init(&net.graph, Init::Torch, 1));
    assert_eq!(state.map(|s| s.params).as_ref(), states.last());
    let plane = principal(&net.graph, &states).expect("a plane");
    assert_eq!(plane.path.len(), 6);
    assert!(
        plane.explained[0] > 0.5 && plane.explained[0] + plane.explained[1] <= 1.0 + 1e-9,
        "{:?}",
        plane.explained
    );
}

#[test]
fn a_survey_finds_what_its_parts_find_by_themselves() {
    use super::survey::{Options, SNAPSHOTS, Survey};
    use crate::lab::building::Resources;
    use crate::lab::race::Lane;
    let gpu = cpu();
    let lane = |name: &str| Lane {
        name: name.into(),
        spec: ModelSpec { width: 4, ..by_name(name).expect("in the zoo") },
        recipe: Recipe { batch: 16, steps: Some(6), lr: 0.02, init: Init::He, ..Recipe::default() },
    };
    let options = Options {
        lanes: vec![lane("resnet8"), lane("plain8")],
        trained: None,
        until: None,
        size: 3,
        reach: 0.5,
        images: IMAGES,
        statistics: Statistics::Running,
        path: true,
        directions: 1,
        resources: Resources { gpu_memory: DEFAULT_BUDGET, ..Resources::default() },
    };
    let mut survey = Survey::new(&gpu, pictures(&gpu), 10, options.clone()).expect("sensible");
    let mut last = 0;
    let found = loop {
        let progress = survey.advance(&gpu).expect("the GPU works");
        assert!(progress.done >= last, "{progress:?} after {last}");
        last = progress.done;
        if progress.is_done() {
            break survey.outcome();
        }
    };
    for surveyed in &found.lanes {
        let run = surveyed.run.as_ref().expect("a plane");
        assert_eq!((run.path.len(), surveyed.snapshots.len()), (7, 7));
        assert!(run.explained[0] + run.explained[1] <= 1.0 + 1e-6);
        for surface in [&surveyed.random, &surveyed.path] {
            let surface = surface.as_ref().expect("measured");
            assert!(surface.points.iter().all(Option::is_some));
        }
    }
    assert_ne!(found.lanes[0].random, found.lanes[1].random);
    // The second lane by itself: the same training, the same surface, bit for bit.
    let Lane { spec, recipe, .. } = options.lanes[1].clone();
    let room =
        NetworkOptions { batch: 16, eval_batch: 32, variants: Variants::default(), budget: DEFAULT_BUDGET };
    let net = Prepared::new(&spec, room).expect("fits").allocate(&gpu);
    let mut trajectory = Trajectory::new(&gpu, net, recipe.clone(), pictures(&gpu), SNAPSHOTS);
    finish(&gpu, &mut trajectory);
    let Trained { net, state, .. } = trajectory.into_parts();
    let state = state.expect("trained to the end");
    let directions = [0, 1].map(|k| filter_normalised(&net.graph, &state.params, 1, k));
    let surface = found.lanes[1].random.clone().expect("measured");
    let fresh = Surface::new(surface.grid.clone()).expect("a grid");
    let mut alone =
        Landscape::new(&gpu, net, &state, &directions, pictures(&gpu), &recipe, fresh).expect("fits");
    assert_eq!(finish(&gpu, &mut alone), surface);

    let refused = |change: fn(&mut Options)| {
        let mut options = options.clone();
        change(&mut options);
        Survey::new(&gpu, pictures(&gpu), 10, options).err().expect("refused").to_string()
    };
    assert!(refused(|o| o.lanes.clear()).contains("1 to 2 networks"));
    assert!(refused(|o| o.size = 4).contains("odd"));
    assert!(refused(|o| o.reach = 0.0).contains("positive"));
    assert!(refused(|o| o.images = 1 << 30).contains("pictures"));
    assert!(refused(|o| o.lanes[1].recipe.batch = 8).contains("same batch"));
    // The twin has to come as far as the network that comes trained.
    let come = |o: &mut Options, until| {
        let graph = Graph::new(&o.lanes[0].spec).expect("valid");
        o.trained = Some(NetworkState::initial(&graph, weights::init(&graph, Init::He, 1)));
        (o.path, o.until) = (false, Some(until));
    };
    let mut far = options.clone();
    come(&mut far, 7);
    let why = Survey::new(&gpu, pictures(&gpu), 10, far.clone()).err().expect("refused").to_string();
    assert!(why.contains("7 steps") && why.contains("ends after 6"), "{why}");
    far.lanes.truncate(1);
    assert!(Survey::new(&gpu, pictures(&gpu), 10, far).is_ok(), "by itself it is what it is");
    let mut near = options.clone();
    come(&mut near, 6);
    assert!(Survey::new(&gpu, pictures(&gpu), 10, near).is_ok());
}
