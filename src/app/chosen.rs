//! The chosen block in numbers, for those who do not see the picture: the page says them in words.

use super::state::AppState;
use crate::session::Snapshot;
use serde::Serialize;

/// One block, and what the last step has measured of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChosenBlock {
    /// Among all blocks, from 0.
    pub index: usize,
    /// Blocks of the network.
    pub of: usize,
    /// E.g. `layer2.1`.
    pub name: String,
    /// Share of the skip in what is added up, 0 to 1; 0 without a skip, `None` before a step is measured.
    pub share: Option<f32>,
    /// ‖∂L/∂W‖ over all weights of the block.
    pub gradient_norm: Option<f32>,
}

impl AppState {
    /// The chosen block; `None` where none is chosen.
    pub fn chosen_block(&mut self, snapshot: &Snapshot) -> Option<ChosenBlock> {
        let index = self.selection.block?;
        let model = snapshot.model.as_ref()?;
        let name = model.block_names.get(index)?.clone();
        let bars = self.sketch(&model.spec)?.layers.blocks.get(index);
        let last = snapshot.last.as_ref();
        Some(ChosenBlock {
            index,
            of: model.block_names.len(),
            name,
            share: last.and_then(|r| r.blocks.get(index)).map(|b| b.skip_share()),
            gradient_norm: last.and_then(|r| bars?.length(&r.grad_norm)),
        })
    }
}
