//! Made-up feature maps in a texture of their own, laid out as a session lays them out.

use eframe::egui::{Color32, ColorImage};
use skipscope::app::colourmap::ColourMap;
use skipscope::data::synthetic;
use skipscope::model::{BlockKind, Graph, ModelSpec, TensorId};
use skipscope::session::{
    BATCH_PAGE, BINS, CloseUp, Moments, Mosaic, Picture, Probe, Role, Seen, Stage, Tile, Watch, Worked,
    WorkedConv, WorkedNorm,
};

const WIDTH: u32 = 1024;

/// An atlas being filled, shelf by shelf.
struct Atlas {
    pixels: Vec<Color32>,
    at: [u32; 2],
    shelf: u32,
    dark: bool,
}

impl Atlas {
    fn place(&mut self, w: u32, h: u32, paint: impl Fn(u32, u32) -> Color32) -> Tile {
        if self.at[0] + w > WIDTH {
            self.at = [0, self.at[1] + self.shelf];
            self.shelf = 0;
        }
        let at = self.at;
        self.at[0] += w;
        self.shelf = self.shelf.max(h);
        self.pixels.resize(self.pixels.len().max((WIDTH * (at[1] + h)) as usize), Color32::TRANSPARENT);
        for y in 0..h {
            for x in 0..w {
                self.pixels[((at[1] + y) * WIDTH + at[0] + x) as usize] = paint(x, y);
            }
        }
        Tile { channel: 0, at, size: [w, h] }
    }

    /// Maps that look like a shape seen by a filter: smooth blobs, sharper the deeper.
    fn mosaic(
        &mut self,
        side: u32,
        channels: usize,
        count: usize,
        columns: usize,
        signed: bool,
        seed: u32,
    ) -> Mosaic {
        let map = ColourMap::div(self.dark);
        let tiles = (0..count.min(channels) as u32).map(|k| {
            let (a, b) = (1.0 + (seed + k) as f32 * 0.7, 2.0 + (seed * 3 + k) as f32 * 0.4);
            let mut tile = self.place(side, side, |x, y| {
                let (u, v) = (x as f32 / side as f32 - 0.5, y as f32 / side as f32 - 0.5);
                let ring = (-(((u * u + v * v).sqrt() - 0.25) * 7.0).powi(2)).exp();
                let value = ring * (a * u * 3.0 + b * v * 2.0 + a).sin() - 0.1;
                let value = if signed { value } else { value.max(0.0) };
                map.at(0.5 + 0.5 * value)
            });
            tile.channel = k * 3 % channels as u32;
            tile
        });
        let tiles = tiles.collect();
        Mosaic { tiles, columns, channels, signed, scale: Some(3.0), clipped: true, broken: false }
    }

    fn picture(&mut self, pixels: &[u8]) -> Tile {
        self.place(32, 32, |x, y| {
            let at = |plane: u32| pixels[((plane * 32 + y) * 32 + x) as usize];
            Color32::from_rgb(at(0), at(1), at(2))
        })
    }
}

fn columns(stage: usize) -> usize {
    [2, 3, 4, 4][stage - 1]
}

fn histogram(centre: f32, spread: f32, positive: bool) -> Vec<u32> {
    (0..BINS)
        .map(|i| {
            let v = (i as f32 + 0.5) / BINS as f32 * 6.0 - 3.0;
            if positive && v < 0.0 { 0 } else { (4000.0 * (-((v - centre) / spread).powi(2)).exp()) as u32 }
        })
        .collect()
}

fn close(atlas: &mut Atlas, graph: &Graph, number: usize, probe: Option<Probe>) -> CloseUp {
    let block = &graph.blocks[number];
    let shape = |t: TensorId| [graph.tensors[t].h, graph.tensors[t].w, graph.tensors[t].c];
    let (input, output) = (shape(block.input), shape(block.output));
    let residual = block.shortcut.is_some();
    let bottleneck = graph.spec.block == BlockKind::Bottleneck;
    let convs = graph.spec.block.convolutions();
    let mut list = vec![(Role::Input, String::new(), input, false)];
    for i in 0..convs {
        // The stride of a bottleneck sits on its 3×3; its planes are a quarter of its output.
        let shape = match (bottleneck, i) {
            (true, 0) => [input[0], input[1], output[2] / 4],
            (true, 1) => [output[0], output[1], output[2] / 4],
            _ => output,
        };
        list.push((Role::Conv(i), format!("{}.conv{}", block.name, i + 1), shape, true));
        list.push((Role::Norm(i), format!("{}.bn{}", block.name, i + 1), shape, true));
        if i + 1 < convs {
            list.push((Role::Relu(i), String::new(), shape, false));
        }
    }
    if block.projected {
        list.push((Role::ShortcutConv, format!("{}.downsample.0", block.name), output, true));
    }
    if residual {
        list.push((Role::Shortcut, String::new(), output, block.projected));
        list.push((Role::Sum, String::new(), output, true));
    }
    list.push((Role::Output, String::new(), output, false));
    let stages: Vec<Stage> = list
        .into_iter()
        .enumerate()
        .map(|(i, (role, layer, shape, signed))| Stage {
            role,
            layer,
            shape,
            mosaic: atlas.mosaic(shape[0] as u32, shape[2], 16, 4, signed, i as u32),
            moments: Moments { mean: if signed { -0.05 } else { 0.41 }, std: 0.5 + 0.07 * i as f32 },
            histogram: histogram(if signed { -0.2 } else { 0.0 }, 0.9, !signed),
            range: 3.0,
        })
        .collect();
    let worked = probe.map(|p| Box::new(worked(&stages, convs, bottleneck, p)));
    CloseUp {
        block: number,
        stages,
        alpha: 1.0,
        scale: 3.0,
        share: if residual { 0.66 } else { 0.0 },
        ratio: residual.then_some(0.51),
        worked,
    }
}

/// A number that is as it would be if the made-up window and weights were the network's.
fn worked(stages: &[Stage], convs: usize, bottleneck: bool, probe: Probe) -> Worked {
    let tile_of = |stage: usize, channel: u32| {
        let tiles = &stages[stage].mosaic.tiles;
        *tiles.iter().find(|t| t.channel == channel).unwrap_or(&tiles[0])
    };
    let made = match stages[probe.stage].role {
        Role::Conv(i) | Role::Norm(i) | Role::Relu(i) => Some(i),
        Role::Sum | Role::Output => Some(convs - 1),
        _ => None,
    };
    let mut out = Worked {
        probe,
        value: 1.25,
        tile: tile_of(probe.stage, probe.channel),
        conv: None,
        norm: None,
        sum: None,
        relu: None,
        deviation: 3e-7,
    };
    let Some(i) = made else { return out };
    let conv = stages.iter().position(|s| s.role == Role::Conv(i)).expect("a convolution");
    let input = &stages[conv - 1];
    let kernel = if bottleneck && i != 1 { 1 } else { 3 };
    let window =
        [1.083_f32, 3.562, 2.614, 3.631, 5.358, 2.771, 1.604, 5.062, 3.797][..kernel * kernel].to_vec();
    let weights = [-0.224_f32, -0.188, 0.021, -0.104, 0.051, 0.163, 0.152, 0.211, 0.208];
    let weights = weights[..kernel * kernel].to_vec();
    let input_channel = probe.input_channel.unwrap_or(input.mosaic.tiles[9].channel);
    let mut contributions: Vec<f64> =
        (0..input.shape[2]).map(|c| 0.3 * (c as f64 * 1.7).sin() * (c as f64 * 0.31).cos()).collect();
    contributions[input_channel as usize] =
        window.iter().zip(&weights).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum();
    let sum: f64 = contributions.iter().sum();
    let value = (sum - 0.321) / 1.204 - 0.366;
    let stride = (input.shape[0] / stages[conv].shape[0]).max(1);
    let corner = |v: u32| (v as usize * stride) as i32 - (kernel / 2) as i32;
    out.value = sum as f32;
    out.conv = Some(WorkedConv {
        kernel,
        stride,
        input_stage: conv - 1,
        input_channel,
        input_tile: tile_of(conv - 1, input_channel),
        window_at: [corner(probe.x), corner(probe.y)],
        window,
        weights,
        contributions,
        sum,
    });
    out.norm = Some(WorkedNorm { mean_sigma: Some((0.321, 1.204)), scale: 1.0, shift: -0.366, value });
    let last = i + 1 == convs && stages.iter().any(|s| s.role == Role::Sum);
    out.sum = last.then_some((1.0, 0.83, 0.83 + value));
    out.relu = Some(if last { 0.83 + value } else { value }.max(0.0));
    out
}

/// What a session would have seen of a network, looking at `watch`.
pub fn seen(spec: &ModelSpec, watch: &Watch) -> (Seen, ColorImage) {
    let (sheet, dark) = (&watch.sheet, watch.dark);
    let graph = Graph::new(spec).expect("valid");
    let mut atlas = Atlas { pixels: Vec::new(), at: [0, 0], shelf: 0, dark };
    let data = synthetic::shapes10_sized(1, 64, 64);
    let picture = |i: usize| &data.test.pixels[(i % 64) * 3072..(i % 64 + 1) * 3072];
    let input = atlas.picture(picture(0));
    let side = graph.tensors[graph.blocks[0].input].h as u32;
    let stem = atlas.mosaic(side, spec.width, 4, 2, false, 40);
    let blocks = graph.blocks.iter().enumerate().map(|(i, b)| {
        let (t, n) = (&graph.tensors[b.output], columns(b.stage));
        atlas.mosaic(t.h as u32, t.c, n * n, n, false, i as u32)
    });
    let blocks = blocks.collect();
    let close = watch.block.map(|b| close(&mut atlas, &graph, b, watch.probe));
    let sheet = sheet.iter().map(|r| (*r, atlas.picture(picture(r.index as usize)))).collect();
    let batch = match watch.picture {
        Picture::Batch(n) => {
            let first = n / BATCH_PAGE as u32 * BATCH_PAGE as u32;
            (first..first + BATCH_PAGE as u32).map(|k| (k, atlas.picture(picture(k as usize + 20)))).collect()
        }
        _ => Vec::new(),
    };
    let height = atlas.pixels.len() as u32 / WIDTH;
    let mut probabilities = vec![0.01; spec.classes];
    probabilities[4 % spec.classes] = 0.86;
    probabilities[5 % spec.classes] = 0.07;
    let seen = Seen {
        now: None,
        step: 1199,
        number: 1,
        picture: Some(watch.picture),
        label: Some(4),
        probabilities,
        input,
        stem,
        blocks,
        close,
        sheet,
        batch,
        atlas: [WIDTH, height],
    };
    let image = ColorImage::new([WIDTH as usize, height as usize], atlas.pixels);
    (seen, image)
}
