//! What a look sees is what the reference computes: statistics, histograms, single numbers worked out, and
//! the very pixels of the maps. Steps executed layer by layer are the same steps.

use crate::harness::{gpu, random};
use skipscope::checkpoint;
use skipscope::data::{Dataset, RECORD, synthetic};
use skipscope::engine::reference::{self as f64ref, Dims};
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::model::{Affine, AffineKind, Alpha, BlockKind, ModelSpec, Op, Shortcut, by_name};
use skipscope::probe::colours;
use skipscope::session::{
    Activity, BINS, Build, Command, DataSource, Event, HyperChange, Lane, Maps, Mosaic, Picture, Probe,
    RaceSetup, RecordRef, Role, Seen, Session, SessionOptions, Slice, SlicePhase, SplitName, Tile, Watch,
};
use skipscope::train::trainer::shuffled;
use skipscope::train::{Augment, Recipe};
use std::sync::Arc;

fn spec(block: BlockKind, shortcut: Shortcut, batch_norm: bool) -> ModelSpec {
    let base = by_name("resnet8").expect("in the zoo");
    ModelSpec { block, shortcut, batch_norm, blocks: vec![1, 2], width: 6, alpha: Alpha::All(0.75), ..base }
}

fn recipe() -> Recipe {
    Recipe { batch: 8, epochs: 2, lr: 0.02, ..Recipe::default() }
}

fn data() -> Dataset {
    synthetic::shapes10_sized(3, 32, 16)
}

fn settle(session: &mut Session) -> Vec<Event> {
    let begin = std::time::Instant::now();
    let mut events = Vec::new();
    while session.pump() == Activity::Busy {
        assert!(begin.elapsed().as_secs() < 120, "the session does not come to rest: {:?}", session.phase());
        session.gpu().wait();
        events.extend(session.events());
    }
    events.extend(session.events());
    for e in &events {
        if let Event::Error(message) = e {
            panic!("{message}");
        }
    }
    events
}

/// A network that has done a few steps.
fn trained(spec: &ModelSpec, steps: usize) -> Session {
    trained_on(data(), spec, steps)
}

fn trained_on(data: Dataset, spec: &ModelSpec, steps: usize) -> Session {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Cpu)).expect("a CPU adapter");
    let options = SessionOptions { slice_seconds: 0.1, evaluate_epochs: false, ..SessionOptions::default() };
    let mut session = Session::new(gpu, options);
    session.send(Command::LoadData(DataSource::Dataset(Box::new(data))));
    let build = Build { name: "tiny".into(), spec: spec.clone(), recipe: recipe() };
    session.send(Command::Build(Box::new(build)));
    for _ in 0..steps {
        session.send(Command::Step);
    }
    settle(&mut session);
    session
}

fn saved(session: &mut Session) -> Vec<u8> {
    session.send(Command::Save);
    let saved = settle(session)
        .into_iter()
        .find_map(|e| if let Event::Saved { bytes, .. } = e { Some(bytes) } else { None });
    saved.expect("a checkpoint")
}

/// The same network in f64.
fn reference(session: &mut Session) -> f64ref::Network {
    let bytes = saved(session);
    let decoded = checkpoint::decode(&bytes, None).expect("our own").checkpoint;
    let graph = skipscope::model::Graph::new(&decoded.spec).expect("valid");
    let mut net = f64ref::Network::from_f32(graph, &decoded.state.params);
    let f64s = |v: &Vec<Vec<f32>>| v.iter().map(|v| v.iter().map(|x| f64::from(*x)).collect()).collect();
    net.running_mean = f64s(&decoded.state.running_mean);
    net.running_var = f64s(&decoded.state.running_var);
    net
}

fn watch(picture: Picture) -> Watch {
    Watch {
        picture,
        maps: Maps::Output,
        dark: true,
        block: None,
        own_scale: false,
        locked_scale: false,
        probe: None,
        sheet: Vec::new(),
        augmented: false,
    }
}

fn test_picture(index: u32) -> Picture {
    Picture::Record(RecordRef { split: SplitName::Test, index })
}

fn look(session: &mut Session, watch: Watch) -> Arc<Seen> {
    session.send(Command::Watch(Some(Box::new(watch))));
    settle(session);
    session.snapshot().seen.expect("something was seen")
}

/// One record, normalised, `[1,3,32,32]`.
fn normalised(pixels: &[u8], record: usize) -> Vec<f64> {
    pixels[record * RECORD..(record + 1) * RECORD]
        .iter()
        .map(|b| (f64::from(*b) / 255.0 - 0.5) / 0.5)
        .collect()
}

/// What the reference has at a stage, `[N,C,H,W]`.
fn stage_value(net: &f64ref::Network, trace: &f64ref::Trace, block: usize, role: Role) -> (Vec<f64>, Dims) {
    let g = &net.graph;
    let b = &g.blocks[block];
    let n = trace.labels.len();
    let dims = |t: usize| Dims { n, c: g.tensors[t].c, h: g.tensors[t].h, w: g.tensors[t].w };
    let inside = |name: &str| name.strip_prefix(b.name.as_str()).is_some_and(|r| r.starts_with('.'));
    let branch: Vec<_> = g
        .nodes
        .iter()
        .filter(|n| inside(&n.name) && !n.name.contains("downsample"))
        .filter_map(|n| if let Op::Conv(c) = &n.op { Some(c.clone()) } else { None })
        .collect();
    let affine_of = |input: usize| -> Affine {
        let found = g.nodes.iter().find_map(|n| match &n.op {
            Op::Affine(a) if a.input == input => Some(a.clone()),
            _ => None,
        });
        found.expect("an affine follows every convolution")
    };
    let norm = |a: &Affine| match a.kind {
        AffineKind::Bias { bias } => f64ref::bias(&trace.values[a.input], dims(a.input), &net.params[bias]),
        AffineKind::BatchNorm { gamma, beta, norm } => {
            let (y, d) = (&trace.values[a.input], dims(a.input));
            let (gamma, beta) = (&net.params[gamma], &net.params[beta]);
            if trace.stats.is_empty() {
                f64ref::batch_norm_eval(y, d, gamma, beta, &net.running_mean[norm], &net.running_var[norm])
            } else {
                f64ref::batch_norm_train(y, d, gamma, beta).0
            }
        }
    };
    let last = branch.last().expect("a branch");
    let gates = net.gates[block];
    let alpha = f64::from(gates.alpha);
    let scaled = || -> Vec<f64> {
        let shortcut = b.shortcut.expect("a shortcut");
        trace.values[shortcut].iter().map(|v| alpha * v).collect()
    };
    let sum =
        || f64ref::residual(&norm(&affine_of(last.output)), &trace.values[b.shortcut.expect("one")], gates);
    let (values, tensor) = match role {
        Role::Input => (trace.values[b.input].clone(), b.input),
        Role::Conv(k) => (trace.values[branch[k].output].clone(), branch[k].output),
        Role::Norm(k) => (norm(&affine_of(branch[k].output)), branch[k].output),
        Role::Relu(k) => (f64ref::relu(&norm(&affine_of(branch[k].output))), branch[k].output),
        Role::ShortcutConv => {
            let node =
                g.nodes.iter().find(|n| n.name == format!("{}.downsample.0", b.name)).expect("projected");
            (trace.values[node.op.output()].clone(), node.op.output())
        }
        Role::Shortcut => (scaled(), b.output),
        Role::Sum => (sum(), b.output),
        Role::Output => (trace.values[b.output].clone(), b.output),
    };
    (values, dims(tensor))
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

#[track_caller]
fn near(got: f64, want: f64, size: f64, what: &str) {
    assert!((got - want).abs() <= 2e-4 * size.max(1e-3), "{what}: {got}, should be {want}");
}

/// Everything that a look says about the block `n`, for image `image` of the reference's pass.
fn check_block(seen: &Seen, net: &f64ref::Network, trace: &f64ref::Trace, n: usize, image: usize) {
    let close = seen.close.as_ref().expect("the block is open");
    assert_eq!(close.block, n);
    let name = &net.graph.blocks[n].name;
    for stage in &close.stages {
        let (all, d) = stage_value(net, trace, n, stage.role);
        let len = d.c * d.h * d.w;
        let values = &all[image * len..(image + 1) * len];
        assert_eq!(stage.shape, [d.h, d.w, d.c]);
        let (mean, std) = moments(values);
        let what = format!("{name} {:?}", stage.role);
        near(stage.moments.mean.into(), mean, std, &what);
        near(stage.moments.std.into(), std, std, &what);
        let counted: u32 = stage.histogram.iter().sum();
        assert!(counted.abs_diff(len as u32) <= BINS as u32, "{what}: {counted} of {len} values");
        let below = values.iter().filter(|v| **v < 0.0).count() as f64;
        let left: u32 = stage.histogram[..BINS / 2].iter().sum();
        // Values too small to tell from 0 may count on either side.
        let tiny = values.iter().filter(|v| v.abs() < 0.002).count() as f64;
        assert!(
            (f64::from(left) - below).abs() <= tiny + BINS as f64 / 2.0,
            "{what}: {left} below 0, not {below}"
        );
        if !stage.mosaic.signed {
            assert_eq!(below, 0.0, "{what} is said not to be signed");
        }
    }
    let rms = |role: Role| {
        let (all, d) = stage_value(net, trace, n, role);
        let len = d.c * d.h * d.w;
        (all[image * len..(image + 1) * len].iter().map(|v| v * v).sum::<f64>() / len as f64).sqrt()
    };
    if net.graph.blocks[n].shortcut.is_some() {
        let last = close.stages.iter().filter(|s| matches!(s.role, Role::Norm(_))).count() - 1;
        let (s, f) = (rms(Role::Shortcut), rms(Role::Norm(last)));
        near(close.share.into(), s / (s + f), 1.0, "share");
        let alpha = f64::from(net.graph.spec.alpha.of(n));
        near(close.ratio.expect("a ratio").into(), f / (s / alpha), f / s, "ratio");
    } else {
        assert_eq!((close.share, close.ratio), (0.0, None));
    }
}

fn cases() -> Vec<(&'static str, ModelSpec)> {
    vec![
        ("basic, projection", spec(BlockKind::Basic, Shortcut::Projection, true)),
        ("basic, zero padding", spec(BlockKind::Basic, Shortcut::ZeroPad, true)),
        ("plain", spec(BlockKind::Basic, Shortcut::None, true)),
        ("bottleneck", spec(BlockKind::Bottleneck, Shortcut::Projection, true)),
        ("no batch norm", spec(BlockKind::Basic, Shortcut::Projection, false)),
    ]
}

#[test]
fn every_stage_of_a_block_is_the_references() {
    let pictures = data();
    for (name, spec) in cases() {
        println!("{name}");
        let mut session = trained(&spec, 3);
        let net = reference(&mut session);
        let label = pictures.test.labels[5];
        let trace = net.forward_eval(&normalised(&pictures.test.pixels, 5), &[label]);
        for block in 0..net.graph.blocks.len() {
            let seen = look(&mut session, Watch { block: Some(block), ..watch(test_picture(5)) });
            assert_eq!((seen.step, seen.label), (3, Some(u32::from(label))));
            check_block(&seen, &net, &trace, block, 0);
            let probabilities = f64ref::softmax(&trace.logits, spec.classes);
            for (got, want) in seen.probabilities.iter().zip(&probabilities) {
                near(f64::from(*got), *want, 1.0, "probability");
            }
        }
    }
}

#[test]
fn one_number_is_worked_out_at_every_stage() {
    let pictures = data();
    for (name, spec) in cases() {
        let mut session = trained(&spec, 2);
        let net = reference(&mut session);
        let trace = net.forward_eval(&normalised(&pictures.test.pixels, 1), &[0]);
        for block in 0..2 {
            let stages = look(&mut session, Watch { block: Some(block), ..watch(test_picture(1)) })
                .close
                .as_ref()
                .expect("open")
                .stages
                .clone();
            for (number, stage) in stages.iter().enumerate() {
                let [h, w, c] = stage.shape;
                // A corner, where the window reaches into the padding, and a place inside.
                for (y, x, channel) in [(0, w - 1, c - 1), (h / 2, w / 3, 1)] {
                    let probe = Probe {
                        stage: number,
                        channel: channel as u32,
                        y: y as u32,
                        x: x as u32,
                        input_channel: None,
                    };
                    let seen = look(
                        &mut session,
                        Watch { block: Some(block), probe: Some(probe), ..watch(test_picture(1)) },
                    );
                    let worked = seen.close.as_ref().and_then(|c| c.worked.as_ref()).expect("worked out");
                    assert_eq!(worked.probe, probe);
                    let (values, d) = stage_value(&net, &trace, block, stage.role);
                    let (_, std) = moments(&values);
                    let want = values[(channel * d.h + y) * d.w + x];
                    let what = format!("{name}, block {block}, {:?} at {y}, {x} of {channel}", stage.role);
                    near(worked.value.into(), want, std, &what);
                    assert!(worked.deviation < 1e-5, "{what}: off by {}", worked.deviation);
                    if let Some(conv) = &worked.conv {
                        let sum: f64 = conv.contributions.iter().sum();
                        near(conv.sum, sum, 1.0, &what);
                        let product: f64 = conv
                            .window
                            .iter()
                            .zip(&conv.weights)
                            .map(|(a, b)| f64::from(*a) * f64::from(*b))
                            .sum();
                        near(product, conv.contributions[conv.input_channel as usize], 1.0, &what);
                        let most = conv.contributions.iter().map(|c| c.abs()).fold(0.0, f64::max);
                        assert_eq!(conv.contributions[conv.input_channel as usize].abs(), most, "{what}");
                    }
                    // What follows the probed convolution leads to the stages after it.
                    let end = worked.relu.or(worked.sum.map(|s| s.2)).or(worked.norm.map(|n| n.value));
                    let after = match stage.role {
                        Role::Conv(k) | Role::Norm(k) | Role::Relu(k) => {
                            let next = stages.iter().any(|s| s.role == Role::Relu(k));
                            Some(if next { Role::Relu(k) } else { Role::Output })
                        }
                        Role::Sum | Role::Output => Some(Role::Output),
                        _ => None,
                    };
                    if let (Some(after), Some(end)) = (after, end) {
                        let (values, d) = stage_value(&net, &trace, block, after);
                        near(end, values[(channel * d.h + y) * d.w + x], moments(&values).1, &what);
                    }
                }
            }
        }
    }
}

/// Reads the texture that windows draw from.
fn texture(session: &Session) -> (Vec<u32>, u32) {
    let (view, _) = session.atlases()[0].expect("painted");
    let size = view.texture().size();
    let gpu = session.gpu();
    let buffer = gpu.storage("read", u64::from(size.width * size.height) * 4);
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    encoder.copy_texture_to_buffer(
        view.texture().as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(size.width * 4),
                rows_per_image: None,
            },
        },
        size,
    );
    gpu.queue.submit([encoder.finish()]);
    let mut pool = skipscope::gpu::StagingPool::default();
    let download =
        skipscope::gpu::Download::start(&gpu.device, &gpu.queue, &mut pool, &[(&buffer, 0, buffer.size())]);
    download.wait(&gpu.device);
    let bytes = download.take(&mut pool).expect("readable");
    let words = bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    (words, size.width)
}

/// Every pixel of a mosaic has the colour of its value.
fn check_pixels(
    atlas: &(Vec<u32>, u32),
    mosaic: &Mosaic,
    values: &[f64],
    d: Dims,
    dark: bool,
    scale_of: impl Fn(u32) -> f64,
) {
    let lut = colours::lut(dark);
    assert!(!mosaic.tiles.is_empty());
    for tile in &mosaic.tiles {
        for y in 0..d.h {
            for x in 0..d.w {
                let v = values[(tile.channel as usize * d.h + y) * d.w + x];
                let t = (0.5 + 0.5 * (v / scale_of(tile.channel)).clamp(-1.0, 1.0)) * 255.0;
                let got = atlas.0[((tile.at[1] as usize + y) * atlas.1 as usize) + tile.at[0] as usize + x];
                let fits = [(t - 0.1).round(), (t + 0.1).round()].iter().any(|k| lut[*k as usize] == got);
                assert!(fits, "channel {} at {y}, {x}: {got:08x}, should be entry {t}", tile.channel);
            }
        }
    }
}

#[test]
fn a_locked_scale_stays_whatever_is_looked_at() {
    let mut session = trained(&spec(BlockKind::Basic, Shortcut::Projection, true), 2);
    let mut scales = |index, locked_scale| -> Vec<f32> {
        let watch = Watch { block: Some(1), locked_scale, ..watch(test_picture(index)) };
        let seen = look(&mut session, watch);
        let stages = &seen.close.as_ref().expect("open").stages;
        seen.blocks.iter().chain(stages.iter().map(|s| &s.mosaic)).filter_map(|m| m.scale).collect()
    };
    let first = scales(0, false);
    assert!(!first.is_empty());
    // The first of these is still painted on what the look before it has taught.
    let held = scales(1, true);
    for index in 0..12 {
        assert_eq!(scales(index, true), held, "picture {index}");
    }
    let free: Vec<_> = (0..12).map(|index| scales(index, false)).collect();
    assert!(free.iter().any(|s| *s != held), "unlocked, they follow what is seen");
}

#[test]
fn maps_are_painted_as_their_values_say() {
    let pictures = data();
    let spec = spec(BlockKind::Basic, Shortcut::Projection, true);
    let mut session = trained(&spec, 2);
    let net = reference(&mut session);
    let trace = net.forward_eval(&normalised(&pictures.test.pixels, 2), &[0]);
    for (maps, dark, own_scale) in
        [(Maps::Output, true, false), (Maps::Sum, false, false), (Maps::Branch, true, true)]
    {
        let sheet = vec![
            RecordRef { split: SplitName::Train, index: 31 },
            RecordRef { split: SplitName::Test, index: 7 },
            RecordRef { split: SplitName::Train, index: 0 },
        ];
        let watch =
            Watch { maps, dark, own_scale, block: Some(1), sheet: sheet.clone(), ..watch(test_picture(2)) };
        let seen = look(&mut session, watch);
        let atlas = texture(&session);
        assert_eq!(seen.atlas[0], atlas.1);
        for (n, mosaic) in seen.blocks.iter().enumerate() {
            let role = match maps {
                Maps::Output => Role::Output,
                Maps::Sum => Role::Sum,
                Maps::Branch => Role::Norm(1),
            };
            let (values, d) = stage_value(&net, &trace, n, role);
            let plane = d.h * d.w;
            let own = |c: u32| {
                let channel = &values[c as usize * plane..(c as usize + 1) * plane];
                channel.iter().fold(0.0f64, |m, v| m.max(v.abs()))
            };
            assert_eq!(mosaic.scale.is_none(), own_scale);
            assert_eq!(mosaic.signed, maps != Maps::Output);
            let shared = mosaic.scale.map(f64::from);
            check_pixels(&atlas, mosaic, &values, d, dark, |c| shared.unwrap_or_else(|| own(c)));
        }
        for stage in &seen.close.as_ref().expect("open").stages {
            let (values, d) = stage_value(&net, &trace, 1, stage.role);
            if let Some(scale) = stage.mosaic.scale {
                check_pixels(&atlas, &stage.mosaic, &values, d, dark, |_| scale.into());
            }
        }
        // The picture itself, and thumbnails of others, byte for byte.
        let pixel = |pixels: &[u8], record: usize, y: usize, x: usize| {
            let at = |plane: usize| u32::from(pixels[record * RECORD + (plane * 32 + y) * 32 + x]);
            at(0) | at(1) << 8 | at(2) << 16 | 0xff00_0000
        };
        let mut checked = vec![(seen.input, &pictures.test.pixels, 2)];
        for (record, tile) in &seen.sheet {
            let split = if record.split == SplitName::Train { &pictures.train } else { &pictures.test };
            checked.push((*tile, &split.pixels, record.index as usize));
        }
        assert_eq!(checked.len(), 1 + sheet.len());
        for (tile, pixels, record) in checked {
            for (y, x) in (0..32).flat_map(|y| (0..32).map(move |x| (y, x))) {
                let got = atlas.0[(tile.at[1] as usize + y) * atlas.1 as usize + tile.at[0] as usize + x];
                assert_eq!(got, pixel(pixels, record, y, x), "record {record} at {y}, {x}");
            }
        }
    }
}

#[test]
fn a_batchs_image_is_seen_with_the_batchs_statistics() {
    let pictures = data();
    let mut session = trained(&spec(BlockKind::Basic, Shortcut::ZeroPad, true), 3);
    let mut net = reference(&mut session);
    // The third batch of the first epoch, with the weights after it.
    let order = shuffled(pictures.train.len(), recipe().seed, 0);
    let records = &order[16..24];
    let images: Vec<f64> =
        records.iter().flat_map(|r| normalised(&pictures.train.pixels, *r as usize)).collect();
    let labels: Vec<u8> = records.iter().map(|r| pictures.train.labels[*r as usize]).collect();
    let before = net.running_mean.clone();
    let trace = net.forward_train(&images, &labels);
    for image in [0, 5] {
        for block in 0..3 {
            let seen = look(&mut session, Watch { block: Some(block), ..watch(Picture::Batch(image)) });
            assert_eq!(seen.label, Some(u32::from(labels[image as usize])));
            check_block(&seen, &net, &trace, block, image as usize);
        }
    }
    // Looking has moved no running statistics.
    assert_eq!(reference(&mut session).running_mean, before);
}

/// Every image of the page is shown as it went into the network: cropped and flipped as it was trained on.
#[test]
fn a_batchs_page_shows_what_was_trained_on() {
    let spec = spec(BlockKind::Basic, Shortcut::ZeroPad, true);
    let mut session = trained(&spec, 3);
    let augment = HyperChange { augment: Some(Augment::CropFlip), ..HyperChange::default() };
    session.send(Command::Set(augment));
    session.send(Command::Step);
    settle(&mut session);
    let pixels = |atlas: &(Vec<u32>, u32), tile: Tile| -> Vec<u32> {
        let at = |y: u32, x: u32| atlas.0[((tile.at[1] + y) * atlas.1 + tile.at[0] + x) as usize];
        (0..32).flat_map(|y| (0..32).map(move |x| (y, x))).map(|(y, x)| at(y, x)).collect()
    };
    let pictures = data();
    let order = shuffled(pictures.train.len(), recipe().seed, 0);
    let mut changed = 0;
    for n in 0..8 {
        let seen = look(&mut session, watch(Picture::Batch(n)));
        assert_eq!(seen.batch.iter().map(|b| b.0).collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
        let atlas = texture(&session);
        let shown = pixels(&atlas, seen.batch[n as usize].1);
        assert_eq!(shown, pixels(&atlas, seen.input), "image {n}");
        let record = order[24 + n as usize] as usize;
        let red = &pictures.train.pixels[record * 3072..record * 3072 + 1024];
        changed += usize::from(shown.iter().zip(red).any(|(shown, red)| shown & 255 != u32::from(*red)));
    }
    assert!(changed >= 6, "only {changed} of 8 images are cropped or flipped");
    // A picture that is in no batch has no page.
    assert_eq!(look(&mut session, watch(test_picture(0))).batch, []);
}

#[test]
fn a_picture_of_ones_own_goes_through() {
    let spec = spec(BlockKind::Basic, Shortcut::Projection, true);
    let mut session = trained(&spec, 1);
    let net = reference(&mut session);
    // 64×64 down to 32×32: blocks of four pixels have the average's colour.
    let bytes: Vec<u8> = random(32 * 32 * 3, 5).iter().map(|v| ((v + 1.0) * 127.0) as u8).collect();
    let mut rgba = vec![255u8; 64 * 64 * 4];
    for (i, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        let (y, x) = (i / 64 / 2, i % 64 / 2);
        for plane in 0..3 {
            pixel[plane] = bytes[(plane * 32 + y) * 32 + x];
        }
    }
    session.send(Command::Picture { name: "mine.png".into(), side: 64, rgba });
    let seen = look(&mut session, Watch { block: Some(2), ..watch(Picture::Own) });
    let trace = net.forward_eval(&normalised(&bytes, 0), &[0]);
    assert_eq!(seen.label, None);
    check_block(&seen, &net, &trace, 2, 0);
}

#[test]
fn what_cannot_be_looked_at_is_said() {
    let mut session = trained(&spec(BlockKind::Basic, Shortcut::ZeroPad, true), 0);
    let ask = |session: &mut Session, command| {
        session.send(command);
        let mut told = Vec::new();
        for _ in 0..200 {
            session.pump();
            session.gpu().wait();
            told.extend(
                session
                    .events()
                    .into_iter()
                    .filter_map(|e| if let Event::Error(m) = e { Some(m) } else { None }),
            );
        }
        told
    };
    let look = |picture| Command::Watch(Some(Box::new(watch(picture))));
    assert!(ask(&mut session, look(test_picture(16)))[0].contains("no picture 16; there are 16"));
    assert!(ask(&mut session, look(Picture::Batch(0)))[0].contains("no last batch yet"));
    assert!(ask(&mut session, look(Picture::Own))[0].contains("no picture of your own"));
    let short = Command::Picture { name: "a.png".into(), side: 4, rgba: vec![0; 63] };
    assert!(ask(&mut session, short)[0].contains("4×4 pixels of RGBA need 64"));
}

#[test]
fn looking_changes_no_bit_of_training() {
    let spec = spec(BlockKind::Bottleneck, Shortcut::Projection, true);
    let mut alone = trained(&spec, 5);
    let mut watched = trained(&spec, 0);
    for n in 0..5 {
        let watch = Watch { block: Some(n as usize % 3), ..watch(test_picture(n)) };
        watched.send(Command::Watch(Some(Box::new(watch))));
        watched.send(Command::Step);
        settle(&mut watched);
    }
    assert_eq!(saved(&mut alone), saved(&mut watched));
}

#[test]
fn a_step_layer_by_layer_is_the_same_step_and_shows_true_values() {
    let pictures = data();
    let spec = spec(BlockKind::Basic, Shortcut::Projection, true);
    let mut whole = trained(&spec, 3);
    let mut sliced = trained(&spec, 2);
    let mut net = reference(&mut sliced);
    let order = shuffled(pictures.train.len(), recipe().seed, 0);
    let images: Vec<f64> =
        order[16..24].iter().flat_map(|r| normalised(&pictures.train.pixels, *r as usize)).collect();
    let labels: Vec<u8> = order[16..24].iter().map(|r| pictures.train.labels[*r as usize]).collect();
    let trace = net.forward_train(&images, &labels);
    let grads = net.backward(&trace);

    let mut slices: Vec<Arc<Slice>> = Vec::new();
    let mut loss = None;
    loop {
        sliced.send(Command::StepLayer);
        for e in settle(&mut sliced) {
            if let Event::Step(r) = e {
                loss = Some(r.loss);
            }
        }
        slices.push(sliced.snapshot().slice.expect("it stands somewhere"));
        let at = slices.last().expect("one").at;
        assert_eq!(at.0, slices.len());
        if at.0 == at.1 {
            break;
        }
    }
    let graph = &net.graph;
    let find = |phase, layer: &str| {
        slices
            .iter()
            .find(|s| s.phase == phase && s.layer == layer)
            .unwrap_or_else(|| panic!("{layer} {phase:?}"))
    };
    for node in &graph.nodes {
        let slice = find(SlicePhase::Forward, &node.name);
        let (mean, std) = moments(&trace.values[node.op.output()]);
        let got = slice.moments.expect("measured");
        near(got.mean.into(), mean, std, &node.name);
        near(got.std.into(), std, std, &node.name);
        assert!(slice.mosaic.is_some());
        find(SlicePhase::Backward, &node.name);
    }
    for block in &graph.blocks {
        let slice = find(SlicePhase::Backward, &format!("{}.conv1", block.name));
        assert_eq!(slice.block, graph.blocks.iter().position(|b| b.name == block.name));
        let (_, std) = moments(&grads.tensors[block.input]);
        near(slice.moments.expect("measured").std.into(), std, std, &block.name);
    }
    let last = slices.last().expect("one");
    assert_eq!((last.phase, last.layer.as_str()), (SlicePhase::Update, "sgd"));
    near(last.loss.expect("known").into(), trace.loss, 1.0, "loss");
    assert_eq!(loss, last.loss);
    assert_eq!(saved(&mut whole), saved(&mut sliced));
}

#[test]
fn a_step_that_is_left_halfway_is_finished_first() {
    let spec = spec(BlockKind::Basic, Shortcut::ZeroPad, true);
    let mut whole = trained(&spec, 2);
    let mut left = trained(&spec, 0);
    for _ in 0..7 {
        left.send(Command::StepLayer);
    }
    settle(&mut left);
    left.send(Command::Step);
    settle(&mut left);
    let snapshot = left.snapshot();
    assert_eq!(snapshot.step, 2);
    assert!(snapshot.slice.is_none());
    assert_eq!(saved(&mut whole), saved(&mut left));
}

#[test]
fn layers_are_timed_without_changing_the_step() {
    let spec = spec(BlockKind::Basic, Shortcut::Projection, true);
    let mut whole = trained(&spec, 2);
    let mut timed = trained(&spec, 1);
    timed.send(Command::Profile);
    timed.send(Command::Step);
    settle(&mut timed);
    let profile = timed.snapshot().profile.expect("timed");
    assert_eq!((profile.step, profile.blocks.len()), (1, 3));
    assert!(profile.layers.iter().any(|(l, p, _)| l == "layer2.0.conv1" && *p == SlicePhase::Backward));
    assert!(profile.blocks.iter().all(|s| *s >= 0.0) && profile.blocks.iter().sum::<f32>() > 0.0);
    assert_eq!(saved(&mut whole), saved(&mut timed));
}

#[test]
fn an_evaluation_tells_of_every_picture() {
    // Two whole batches and a short one.
    let pictures = synthetic::shapes10_sized(3, 32, 72);
    let spec = spec(BlockKind::Basic, Shortcut::ZeroPad, true);
    let mut session = trained_on(pictures.clone(), &spec, 4);
    let net = reference(&mut session);
    session.send(Command::Evaluate);
    settle(&mut session);
    let snapshot = session.snapshot();
    let (test, evaluation) = (snapshot.test.expect("evaluated"), snapshot.evaluation.expect("evaluated"));
    assert_eq!(test.labels, pictures.test.labels);
    let mean = test.losses.iter().map(|l| f64::from(*l)).sum::<f64>() / 72.0;
    near(mean, evaluation.loss.into(), 1.0, "mean loss");
    for i in 0..72 {
        let trace = net.forward_eval(&normalised(&pictures.test.pixels, i), &[pictures.test.labels[i]]);
        near(test.losses[i].into(), trace.loss, 1.0, "loss");
        assert_eq!(test.predicted[i] == test.labels[i], trace.correct[0]);
    }
}

#[test]
fn dead_channels_and_updates_are_measured() {
    let pictures = data();
    let spec = spec(BlockKind::Basic, Shortcut::Projection, true);
    let mut session = trained(&spec, 0);
    let mut net = reference(&mut session);
    let before = net.params.clone();
    session.send(Command::Step);
    let events = settle(&mut session);
    let record =
        events.into_iter().find_map(|e| if let Event::Step(r) = e { Some(r) } else { None }).expect("a step");
    let order = shuffled(pictures.train.len(), recipe().seed, 0);
    let images: Vec<f64> =
        order[..8].iter().flat_map(|r| normalised(&pictures.train.pixels, *r as usize)).collect();
    let labels: Vec<u8> = order[..8].iter().map(|r| pictures.train.labels[*r as usize]).collect();
    let trace = net.forward_train(&images, &labels);
    let after = reference(&mut session).params;
    for (p, (a, b)) in after.iter().zip(&before).enumerate() {
        let change = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        let size = b.iter().map(|v| v * v).sum::<f64>().sqrt();
        // What is left of the difference of two f32 is coarse.
        assert!(
            (f64::from(record.update_norm[p]) - change).abs() <= 1e-3 * change + 1e-6 * size,
            "{p}: {change}"
        );
    }
    for (b, block) in net.graph.blocks.iter().enumerate() {
        let t = &net.graph.tensors[block.output];
        let plane = t.h * t.w;
        let dead = (0..t.c).filter(|c| {
            (0..8).all(|n| {
                trace.values[block.output][(n * t.c + c) * plane..][..plane].iter().all(|v| *v <= 0.0)
            })
        });
        near(record.blocks[b].dead.into(), dead.count() as f64 / t.c as f64, 1.0, &block.name);
    }
    assert!(gpu().device.limits().max_storage_buffers_per_shader_stage == 8);
}

#[test]
fn lanes_of_a_race_are_looked_into_and_train_as_if_they_were_not() {
    let skips = ModelSpec { alpha: Alpha::All(1.0), ..spec(BlockKind::Basic, Shortcut::ZeroPad, true) };
    let recipe = Recipe { steps: Some(3), ..recipe() };
    let lane = |spec: ModelSpec| Lane { name: "lane".into(), spec, recipe: recipe.clone() };
    let lanes = vec![lane(skips.clone()), lane(skips.plain_twin())];
    let raced = |watched: bool| {
        let mut s = trained(&skips, 0);
        if watched {
            look(&mut s, watch(test_picture(3)));
        }
        s.send(Command::Race(Box::new(RaceSetup { lanes: lanes.clone(), seeds: 1 })));
        settle(&mut s);
        let losses =
            |l: &skipscope::session::LaneOutcome| l.runs[0].loss.iter().map(|l| l.to_bits()).collect();
        let view = s.snapshot().race.expect("a race");
        let losses: Vec<Vec<u32>> = view.outcome.lanes.iter().map(losses).collect();
        (losses, view, s.atlases().into_iter().flatten().map(|(_, number)| number).collect::<Vec<_>>())
    };
    let (calm, unseen, none) = raced(false);
    let (losses, view, atlases) = raced(true);
    assert_eq!((calm, unseen.seen.iter().flatten().count(), none.len()), (losses, 0, 0));
    // The network's own and one a lane, each another.
    assert!(atlases.len() == 3 && atlases.windows(2).all(|n| n[0] != n[1]), "{atlases:?}");
    for (lane, seen) in lanes.iter().zip(&view.seen) {
        let seen = seen.as_deref().expect("looked into");
        let alone = look(&mut trained(&lane.spec, 3), watch(test_picture(3)));
        assert_eq!((seen.step, seen.picture), (3, Some(test_picture(3))));
        assert_eq!(seen.probabilities, alone.probabilities);
        assert!(seen.blocks.len() == 3 && seen.blocks.iter().all(|m| !m.tiles.is_empty()));
    }
    assert_ne!(
        view.seen[0].as_ref().map(|s| &s.probabilities),
        view.seen[1].as_ref().map(|s| &s.probabilities)
    );
}
