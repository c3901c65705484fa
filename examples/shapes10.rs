//! How hard `shapes10` is: what a linear classifier makes of its pixels.
//!
//! `cargo run --release --example shapes10 [seed]`

use std::time::Instant;

use skipscope::data::{CLASSES, RECORD, Split, synthetic};

fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let start = Instant::now();
    let dataset = synthetic::shapes10(seed);
    let (train, test) = (&dataset.train, &dataset.test);
    println!("shapes10, seed {seed}: {} + {} pictures in {:.2?}", train.len(), test.len(), start.elapsed());

    let start = Instant::now();
    let figure = linear_classifier(train, test);
    println!(
        "softmax regression on pixels: {:.1} % of training, {:.1} % of test pictures right (best epoch: {:.1} %); {:.1?}",
        100.0 * figure.train,
        100.0 * figure.test,
        100.0 * figure.best,
        start.elapsed()
    );
}

/// Shares of pictures that a classifier names rightly.
struct Accuracy {
    train: f32,
    test: f32,
    /// Of the test pictures, after the epoch that happened to be best: more than an honest run would report.
    best: f32,
}

/// Trains softmax regression on standardised pixels with momentum and a falling rate.
fn linear_classifier(train: &Split, test: &Split) -> Accuracy {
    const EPOCHS: usize = 60;
    const BATCH: usize = 50;
    const MOMENTUM: f32 = 0.9;
    const DECAY: f32 = 1e-3;

    let (mean, deviation) = statistics(&train.pixels);
    let standardise = |split: &Split| -> Vec<f32> {
        split.pixels.iter().map(|byte| (f32::from(*byte) - mean) / deviation).collect()
    };
    let (train_x, test_x) = (standardise(train), standardise(test));

    // `[10, 3072]` and `[10]`
    let mut weights = vec![0.0f32; CLASSES * RECORD];
    let mut bias = [0.0f32; CLASSES];
    let mut velocity = vec![0.0f32; CLASSES * RECORD];
    let mut bias_velocity = [0.0f32; CLASSES];
    let mut best = 0.0f32;
    let batches = train.len() / BATCH;
    for epoch in 0..EPOCHS {
        let rate = 2e-3 * (1.0 - epoch as f32 / EPOCHS as f32);
        for step in 0..batches {
            velocity.iter_mut().zip(&weights).for_each(|(v, w)| *v = MOMENTUM * *v - rate * DECAY * w);
            bias_velocity.iter_mut().for_each(|v| *v *= MOMENTUM);
            for within in 0..BATCH {
                // A stride coprime to the number of pictures visits each once an epoch in another order.
                let index = (step * BATCH + within) * (2 * epoch + 1) * 7919 % train.len();
                let x = &train_x[index * RECORD..][..RECORD];
                let mut error = softmax(scores(&weights, &bias, x));
                error[usize::from(train.labels[index])] -= 1.0;
                let scale = -rate / BATCH as f32;
                for class in 0..CLASSES {
                    let row = &mut velocity[class * RECORD..][..RECORD];
                    row.iter_mut().zip(x).for_each(|(v, x)| *v += scale * error[class] * x);
                    bias_velocity[class] += scale * error[class];
                }
            }
            weights.iter_mut().zip(&velocity).for_each(|(w, v)| *w += v);
            bias.iter_mut().zip(&bias_velocity).for_each(|(b, v)| *b += v);
        }
        best = best.max(accuracy(&weights, &bias, &test_x, &test.labels));
    }
    Accuracy {
        train: accuracy(&weights, &bias, &train_x, &train.labels),
        test: accuracy(&weights, &bias, &test_x, &test.labels),
        best,
    }
}

/// Mean and standard deviation of bytes.
fn statistics(pixels: &[u8]) -> (f32, f32) {
    let count = pixels.len() as f64;
    let mean = pixels.iter().map(|byte| f64::from(*byte)).sum::<f64>() / count;
    let variance = pixels.iter().map(|byte| (f64::from(*byte) - mean).powi(2)).sum::<f64>() / count;
    (mean as f32, variance.sqrt() as f32)
}

fn scores(weights: &[f32], bias: &[f32; CLASSES], x: &[f32]) -> [f32; CLASSES] {
    std::array::from_fn(|class| {
        // Sixteen partial sums, which the compiler turns into vector instructions.
        let mut lanes = [0.0f32; 16];
        let row = &weights[class * RECORD..][..RECORD];
        for (w, x) in row.chunks_exact(16).zip(x.chunks_exact(16)) {
            for lane in 0..16 {
                lanes[lane] += w[lane] * x[lane];
            }
        }
        bias[class] + lanes.iter().sum::<f32>()
    })
}

fn softmax(scores: [f32; CLASSES]) -> [f32; CLASSES] {
    let top = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers = scores.map(|score| (score - top).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

fn accuracy(weights: &[f32], bias: &[f32; CLASSES], x: &[f32], labels: &[u8]) -> f32 {
    let right = x
        .chunks_exact(RECORD)
        .zip(labels)
        .filter(|(x, label)| {
            let scores = scores(weights, bias, x);
            let best = (0..CLASSES).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
            best == Some(usize::from(**label))
        })
        .count();
    right as f32 / labels.len() as f32
}
