//! How hard `shapes10` is: what a linear classifier makes of its pixels, and what a ResNet-8 does.
//!
//! `cargo run --release --example shapes10 [seed]`

use std::time::Instant;

use skipscope::data::{CLASSES, Dataset, RECORD, Split, synthetic};
use skipscope::gpu::{AdapterChoice, Gpu};
use skipscope::model;
use skipscope::session::{Activity, Build, Command, DataSource, Event, Session, SessionOptions};
use skipscope::train::{Recipe, Schedule};

fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let start = Instant::now();
    let dataset = synthetic::shapes10(seed);
    let (train, test) = (&dataset.train, &dataset.test);
    println!("shapes10, seed {seed}: {} + {} pictures in {:.2?}", train.len(), test.len(), start.elapsed());

    let start = Instant::now();
    let figure = linear_classifier(train, test);
    println!(
        "softmax regression on pixels: {:.1} % of test pictures right, {:.1} % of training ones \
         (weight decay {}; {:.1?})",
        100.0 * figure.test,
        100.0 * figure.train,
        figure.decay,
        start.elapsed()
    );

    if let Err(why) = resnet8(dataset) {
        eprintln!("error: {why}");
        std::process::exit(1);
    }
}

/// Trains a ResNet-8 for eight epochs and prints its test accuracy after each.
fn resnet8(data: Dataset) -> Result<(), String> {
    let gpu = pollster::block_on(Gpu::open(&AdapterChoice::Best)).map_err(|e| e.to_string())?;
    let mut session = Session::new(gpu, SessionOptions { slice_seconds: 0.2, ..SessionOptions::default() });
    let recipe = Recipe {
        epochs: 8,
        batch: 64,
        lr: 0.05,
        weight_decay: 5e-4,
        schedule: Schedule::Cosine,
        ..Recipe::default()
    };
    let spec = model::by_name("resnet8").ok_or("resnet8 has left the zoo")?;
    session.send(Command::LoadData(DataSource::Dataset(Box::new(data))));
    session.send(Command::Build(Box::new(Build { name: "resnet8".into(), spec, recipe })));
    session.send(Command::Run);
    let start = Instant::now();
    loop {
        let activity = session.pump();
        for event in session.events() {
            match event {
                Event::Evaluated(e) => println!(
                    "ResNet-8 after {:>4} steps: {:.1} % of test pictures right ({:.0?})",
                    e.step,
                    100.0 * e.accuracy,
                    start.elapsed()
                ),
                Event::Error(why) => return Err(why),
                Event::Diverged { step, what } => return Err(format!("{what} is not finite at step {step}")),
                Event::DeviceLost(why) => return Err(why),
                _ => {}
            }
        }
        if activity == Activity::Idle {
            return Ok(());
        }
        session.gpu().wait();
    }
}

/// Shares of pictures that a classifier names rightly.
struct Figure {
    train: f32,
    test: f32,
    decay: f32,
}

/// Softmax regression at its best: of several weight decays the one that does best on the test pictures.
///
/// Choosing by the test pictures flatters it, so that the figure is an upper bound.
fn linear_classifier(train: &Split, test: &Split) -> Figure {
    let (mean, deviation) = statistics(&train.pixels);
    let standardise = |split: &Split| -> Vec<f32> {
        split.pixels.iter().map(|byte| (f32::from(*byte) - mean) / deviation).collect()
    };
    let (train_x, test_x) = (standardise(train), standardise(test));
    let mut best = Figure { train: 0.0, test: 0.0, decay: 0.0 };
    for decay in [0.01, 0.1, 0.5, 2.0] {
        let linear = Linear::train(&train_x, &train.labels, decay);
        let figure = Figure {
            train: linear.accuracy(&train_x, &train.labels),
            test: linear.accuracy(&test_x, &test.labels),
            decay,
        };
        if figure.test > best.test {
            best = figure;
        }
    }
    best
}

struct Linear {
    /// `[10, 3072]`
    weights: Vec<f32>,
    bias: [f32; CLASSES],
}

impl Linear {
    /// Gradient descent on batches with momentum and a rate that falls to nothing.
    fn train(x: &[f32], labels: &[u8], decay: f32) -> Self {
        const EPOCHS: usize = 40;
        const BATCH: usize = 50;
        const MOMENTUM: f32 = 0.9;

        let mut linear = Linear { weights: vec![0.0; CLASSES * RECORD], bias: [0.0; CLASSES] };
        let mut velocity = vec![0.0f32; CLASSES * RECORD];
        let mut bias_velocity = [0.0f32; CLASSES];
        let mut order: Vec<usize> = (0..labels.len()).collect();
        let mut random = 1u64;
        for epoch in 0..EPOCHS {
            for last in (1..order.len()).rev() {
                // Knuth's MMIX generator; its high bits are good enough for shuffling.
                random =
                    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                order.swap(last, (random >> 33) as usize % (last + 1));
            }
            let rate = 2e-3 * (1.0 - epoch as f32 / EPOCHS as f32);
            for batch in order.chunks(BATCH) {
                velocity
                    .iter_mut()
                    .zip(&linear.weights)
                    .for_each(|(v, w)| *v = MOMENTUM * *v - rate * decay * w);
                bias_velocity.iter_mut().for_each(|v| *v *= MOMENTUM);
                for index in batch {
                    let x = &x[index * RECORD..][..RECORD];
                    let mut error = softmax(linear.scores(x));
                    error[usize::from(labels[*index])] -= 1.0;
                    for class in 0..CLASSES {
                        let step = -rate / batch.len() as f32 * error[class];
                        let row = &mut velocity[class * RECORD..][..RECORD];
                        row.iter_mut().zip(x).for_each(|(v, x)| *v += step * x);
                        bias_velocity[class] += step;
                    }
                }
                linear.weights.iter_mut().zip(&velocity).for_each(|(w, v)| *w += v);
                linear.bias.iter_mut().zip(&bias_velocity).for_each(|(b, v)| *b += v);
            }
        }
        linear
    }

    fn scores(&self, x: &[f32]) -> [f32; CLASSES] {
        std::array::from_fn(|class| {
            // Sixteen partial sums, which the compiler turns into vector instructions.
            let mut lanes = [0.0f32; 16];
            let row = &self.weights[class * RECORD..][..RECORD];
            for (w, x) in row.chunks_exact(16).zip(x.chunks_exact(16)) {
                for lane in 0..16 {
                    lanes[lane] += w[lane] * x[lane];
                }
            }
            self.bias[class] + lanes.iter().sum::<f32>()
        })
    }

    /// Share of the pictures whose label has the highest score.
    fn accuracy(&self, x: &[f32], labels: &[u8]) -> f32 {
        let named = x.chunks_exact(RECORD).map(|x| {
            let scores = self.scores(x);
            (0..CLASSES).max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
        });
        let right = named.zip(labels).filter(|(named, label)| *named == Some(usize::from(**label))).count();
        right as f32 / labels.len() as f32
    }
}

/// Mean and standard deviation of bytes.
fn statistics(pixels: &[u8]) -> (f32, f32) {
    let count = pixels.len() as f64;
    let mean = pixels.iter().map(|byte| f64::from(*byte)).sum::<f64>() / count;
    let variance = pixels.iter().map(|byte| (f64::from(*byte) - mean).powi(2)).sum::<f64>() / count;
    (mean as f32, variance.sqrt() as f32)
}

fn softmax(scores: [f32; CLASSES]) -> [f32; CLASSES] {
    let top = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers = scores.map(|score| (score - top).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}
