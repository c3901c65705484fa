//! One number worked out: which few values are read back for it, and the same sums again in f64.

use super::look::{Look, WorkedPlan};
use super::watch::{Probe, Worked, WorkedConv, WorkedNorm};
use crate::engine::layout::{Layout, vec4s};
use crate::engine::program::Buf;
use crate::model::AffineKind;

/// Bytes of a buffer that are read back: buffer, offset, length.
pub type Range = (Buf, u64, u64);

/// Reads floats in the order their ranges were asked for.
struct Reader<'a> {
    words: &'a [f32],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> &'a [f32] {
        let from = self.at.min(self.words.len());
        self.at += n;
        &self.words[from..self.at.min(self.words.len())]
    }

    fn one(&mut self) -> f64 {
        self.take(1).first().copied().map_or(f64::NAN, f64::from)
    }
}

/// One value of a stage's tensor.
fn value_at(look: &Look, stage: usize, probe: &Probe) -> Range {
    let shown = &look.stages[stage].shown;
    value_of(shown.buf, shown.shape, probe)
}

fn value_of(buf: Buf, [_, w, c]: [usize; 3], probe: &Probe) -> Range {
    let at = (probe.y as usize * w + probe.x as usize) * vec4s(c) * 4 + probe.channel as usize;
    (buf, at as u64 * 4, 4)
}

/// The window's pixels that lie on the input, with their place in the window.
fn window(plan: &WorkedPlan, look: &Look, probe: &Probe) -> Vec<(usize, usize)> {
    let Some((conv, reads, _)) = &plan.conv else { return Vec::new() };
    let [h, w, _] = look.stages[*reads].shown.shape;
    let k = conv.kernel as i32;
    let corner = |v: u32| v as i32 * conv.stride as i32 - conv.padding as i32;
    (0..k * k)
        .filter_map(|tap| {
            let (y, x) = (corner(probe.y) + tap / k, corner(probe.x) + tap % k);
            let inside = (0..h as i32).contains(&y) && (0..w as i32).contains(&x);
            inside.then_some((tap as usize, y as usize * w + x as usize))
        })
        .collect()
}

/// What has to be read to work out `probe`.
pub fn ranges(look: &Look, layout: &Layout, probe: &Probe) -> Vec<Range> {
    let Some(plan) = &look.worked else { return Vec::new() };
    let mut list = vec![value_at(look, probe.stage, probe)];
    if let Some((conv, reads, makes)) = &plan.conv {
        let shown = &look.stages[*reads].shown;
        let width = vec4s(conv.cin) as u64 * 16;
        list.extend(
            window(plan, look, probe).into_iter().map(|(_, pixel)| (shown.buf, pixel as u64 * width, width)),
        );
        let column = (conv.kernel * conv.kernel) as u64 * width;
        list.push((Buf::Column, 0, column));
        list.push(value_at(look, *makes, probe));
    }
    if let Some((node, affine, stage)) = &plan.norm {
        let c4 = vec4s(look.stages[probe.stage].shown.shape[2]) as u64;
        let at = layout.coefs[*node].unwrap_or(0);
        // Mean and 1/σ.
        list.extend([2, 3].map(|k| (Buf::Coef, at + (k * c4 * 4 + u64::from(probe.channel)) * 4, 4)));
        let (scale, shift) = match affine.kind {
            AffineKind::BatchNorm { gamma, beta, .. } => (gamma, beta),
            AffineKind::Bias { bias } => (bias, bias),
        };
        for param in [scale, shift] {
            let slot = &layout.params[param];
            list.push((Buf::Weights(slot.arena), slot.offset + u64::from(probe.channel) * 4, 4));
        }
        list.push(match stage {
            Some(stage) => value_at(look, *stage, probe),
            None => raw_shortcut(look, probe),
        });
    }
    if let Some((_, sum)) = plan.sum {
        list.push(raw_shortcut(look, probe));
        list.push(value_at(look, sum, probe));
    }
    if let Some(relu) = plan.relu {
        list.push(value_at(look, relu, probe));
    }
    list
}

fn raw_shortcut(look: &Look, probe: &Probe) -> Range {
    let shape = look.stages[probe.stage].shown.shape;
    // Without one nothing asks for it.
    value_of(look.shortcut.unwrap_or(Buf::Zero), shape, probe)
}

/// Works `probe` out from what was read; `alpha` is the block's.
pub fn work_out(look: &Look, words: &[f32], probe: &Probe, alpha: f32) -> Option<Worked> {
    let plan = look.worked.as_ref()?;
    let mut read = Reader { words, at: 0 };
    let value = read.one();
    let mut deviation = 0.0f64;
    let mut compare = |mine: f64, gpu: f64, size: f64| {
        if gpu.is_finite() {
            deviation = deviation.max((mine - gpu).abs() / size.abs().max(gpu.abs()).max(1e-30));
        }
    };
    let mut conv_worked = None;
    let mut carried = value;
    if let Some((conv, reads, _)) = &plan.conv {
        let (taps, width) = (conv.kernel * conv.kernel, vec4s(conv.cin) * 4);
        let mut pixels: Vec<Option<&[f32]>> = vec![None; taps];
        for (tap, _) in window(plan, look, probe) {
            pixels[tap] = Some(read.take(width));
        }
        let column = read.take(taps * width);
        let gpu = read.one();
        let weight = |tap: usize, c: usize| column.get(tap * width + c).copied().unwrap_or(f32::NAN);
        let product =
            |tap: usize, c: usize| pixels[tap].map_or(0.0, |p| f64::from(p[c]) * f64::from(weight(tap, c)));
        let contributions: Vec<f64> =
            (0..conv.cin).map(|c| (0..taps).map(|tap| product(tap, c)).sum()).collect();
        let sum: f64 = contributions.iter().sum();
        let size: f64 = (0..conv.cin)
            .flat_map(|c| (0..taps).map(move |t| (t, c)))
            .map(|(t, c)| product(t, c).abs())
            .sum();
        compare(sum, gpu, size);
        let largest =
            (0..conv.cin).max_by(|a, b| contributions[*a].abs().total_cmp(&contributions[*b].abs()));
        let asked = probe.input_channel.map(|c| c as usize).filter(|c| *c < conv.cin);
        let c = asked.or(largest).unwrap_or(0);
        let corner = |v: u32| v as i32 * conv.stride as i32 - conv.padding as i32;
        conv_worked = Some(WorkedConv {
            kernel: conv.kernel,
            stride: conv.stride,
            input_stage: *reads,
            input_channel: c as u32,
            input_tile: plan.input_tile.as_ref()?.tile(0, c as u32),
            window_at: [corner(probe.x), corner(probe.y)],
            window: pixels.iter().map(|p| p.map_or(0.0, |p| p[c])).collect(),
            weights: (0..taps).map(|tap| weight(tap, c)).collect(),
            contributions,
            sum,
        });
        carried = sum;
    }
    let mut norm_worked = None;
    if let Some((_, affine, _)) = &plan.norm {
        let (mean, inverse, gamma, beta) = (read.one(), read.one(), read.one(), read.one());
        let gpu = read.one();
        let is_norm = matches!(affine.kind, AffineKind::BatchNorm { .. });
        let (mean_sigma, scale) = if is_norm { (Some((mean, 1.0 / inverse)), gamma) } else { (None, 1.0) };
        let normal = mean_sigma.map_or(carried, |(m, s)| (carried - m) / s);
        let result = scale * normal + beta;
        let size = mean_sigma.map_or(carried.abs(), |(m, s)| (scale * (carried.abs() + m.abs()) / s).abs())
            + beta.abs();
        compare(result, gpu, size);
        norm_worked = Some(WorkedNorm { mean_sigma, scale, shift: beta, value: result });
        carried = result;
    }
    let mut sum_worked = None;
    if plan.sum.is_some() {
        let shortcut = read.one();
        let gpu = read.one();
        let a = f64::from(alpha);
        let sum = carried + a * shortcut;
        compare(sum, gpu, carried.abs() + (a * shortcut).abs());
        sum_worked = Some((a, shortcut, sum));
        carried = sum;
    }
    let mut relu_worked = None;
    if plan.relu.is_some() {
        let gpu = read.one();
        let result = carried.max(0.0);
        compare(result, gpu, carried);
        relu_worked = Some(result);
    }
    Some(Worked {
        probe: *probe,
        value: value as f32,
        tile: plan.tile.tile(0, probe.channel),
        conv: conv_worked,
        norm: norm_worked,
        sum: sum_worked,
        relu: relu_worked,
        deviation,
    })
}
