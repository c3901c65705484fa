//! Making a batch from the data set's bytes on the GPU.

use crate::engine::program::{Buf, Dispatch, Phase};
use crate::train::{Recipe, Resize};

/// Pictures of a data set that share one buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    pub first: usize,
    pub records: usize,
}

/// The dispatches that fill `Buf::Input` and `Buf::Labels` with a batch of pictures `size`×`size`.
pub fn batch(shards: &[Shard], batch: usize, size: usize, recipe: &Recipe) -> Vec<Dispatch> {
    let total = batch * size * size;
    shards
        .iter()
        .enumerate()
        .map(|(i, shard)| {
            let nearest = u32::from(recipe.resize == Resize::Nearest);
            let mut params =
                vec![total as u32, size as u32, shard.first as u32, shard.records as u32, nearest];
            params.extend(recipe.std.map(|s| (1.0 / (255.0 * s)).to_bits()));
            params.extend((0..3).map(|c| (-recipe.mean[c] / recipe.std[c]).to_bits()));
            Dispatch {
                kernel: "gather".into(),
                params,
                bindings: [Buf::Step, Buf::Pixels(i), Buf::DataLabels, Buf::Order, Buf::Input, Buf::Labels]
                    .map(Into::into)
                    .to_vec(),
                workgroups: total.div_ceil(64) as u32,
                work: total as f64 * 64.0,
                bytes: total as f64 * 20.0,
                layer: "input".into(),
                phase: Phase::Forward,
            }
        })
        .collect()
}
