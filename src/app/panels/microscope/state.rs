//! What the microscope remembers between drawings: the number that was chosen, the one under the
//! pointer, and how each block's ‖F(x)‖ ÷ ‖x‖ went so far.

use super::super::super::history::Series;
use super::super::super::view::{Selection, View};
use super::super::pictures::PicturesState;
use crate::session::{CloseUp, Event, Probe, Role, StepRecord, Tile};
use eframe::egui::{Key, Modifiers, Ui};

/// The pointer has to rest so long, in seconds, before a value is read back from the GPU.
pub const REST: f64 = 0.06;

/// What stands at the right of the worked number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// F(x) against x.
    #[default]
    Against,
    /// What the network says about the picture.
    Prediction,
    /// H(x) = F(x) + x.
    Formula,
}

/// See the module.
#[derive(Debug, Default)]
pub struct ScopeState {
    pub pictures: PicturesState,
    pub side: Side,
    /// α of a block while it is dragged, until the session has it.
    pub alpha: Option<(usize, f32)>,
    /// Of each block over all batches.
    ratios: Vec<Series>,
    block: Option<usize>,
    chosen: Option<Probe>,
    /// What is worked out before anything was chosen.
    first: Option<Probe>,
    /// Under the pointer, and since when.
    hover: Option<(Probe, f64)>,
    /// Where the pointer was when something was chosen: until it moves on, it asks for nothing.
    dismissed: Option<Probe>,
    /// What the selection was last given from here.
    put: Option<Probe>,
    /// While an earlier moment is looked at: where the chosen channel lies as it is now.
    pub now: Option<Tile>,
    /// Height and width of the chosen number's map.
    map: [u32; 2],
}

impl ScopeState {
    /// Takes in what an event says about the blocks.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Step(record) => self.push(record),
            Event::Built(_) | Event::Loaded { .. } | Event::Branched { .. } => {
                self.ratios.clear();
                self.pictures.forget();
            }
            _ => {}
        }
    }

    fn push(&mut self, record: &StepRecord) {
        if self.ratios.first().and_then(Series::last_step).is_some_and(|last| record.step <= last) {
            self.ratios.clear();
        }
        self.ratios.resize(record.blocks.len(), Series::default());
        for (series, block) in self.ratios.iter_mut().zip(&record.blocks) {
            if block.shortcut.rms() > 0.0 {
                series.push(record.step, block.branch.rms() / block.shortcut.rms());
            }
        }
    }

    /// ‖F(x)‖ ÷ ‖α·shortcut(x)‖ of `block`, over all batches so far.
    pub fn ratio(&self, block: usize) -> Option<&Series> {
        self.ratios.get(block).filter(|s| !s.buckets().is_empty())
    }

    /// The number that was clicked, not the one that happens to be under the pointer.
    pub fn chosen(&self) -> Option<Probe> {
        self.chosen
    }

    /// Chooses a number, or none.
    pub fn choose(&mut self, probe: Option<Probe>) {
        self.chosen = probe;
        self.dismissed = self.hover.take().map(|(p, _)| p).or(self.dismissed);
    }

    /// The pointer is over this number now.
    pub fn point_at(&mut self, probe: Option<Probe>, now: f64) {
        if !self.dismissed.zip(probe).is_some_and(|(a, b)| same_place(&a, &b)) {
            self.dismissed = None;
        }
        match (probe.filter(|_| self.dismissed.is_none()), self.hover) {
            (Some(new), Some((old, _))) if same_place(&new, &old) => {}
            (Some(new), _) => self.hover = Some((new, now)),
            (None, _) => self.hover = None,
        }
    }

    /// Before a drawing: another block, or a number chosen elsewhere, e.g. by a link.
    pub fn meet(&mut self, selection: &mut Selection) {
        let foreign = selection.probe.filter(|_| selection.probe != self.put);
        if selection.block != self.block {
            self.block = selection.block;
            (self.chosen, self.first, self.hover, self.alpha) = (None, None, None, None);
            // A number of the block before says nothing about this one.
            selection.probe = foreign;
            self.put = None;
        }
        self.chosen = foreign.or(self.chosen);
    }

    /// After a drawing: which number the session is to work out. Answers after how many seconds to look
    /// again.
    pub fn settle(&mut self, selection: &mut Selection, close: Option<&CloseUp>, now: f64) -> Option<f64> {
        let close = close.filter(|c| Some(c.block) == selection.block)?;
        self.chosen = self.chosen.filter(|p| fits(p, close));
        if let Some(stage) = self.chosen.and_then(|p| close.stages.get(p.stage)) {
            self.map = [stage.shape[0] as u32, stage.shape[1] as u32];
        }
        self.first = self.first.filter(|p| fits(p, close)).or_else(|| first(close));
        let left = self.hover.map(|(_, since)| since + REST - now);
        let rested = self.hover.filter(|_| left.is_some_and(|l| l <= 0.0)).map(|(p, _)| p);
        // The number that is chosen already keeps its input channel under the pointer.
        let rested = rested.filter(|p| !self.chosen.is_some_and(|c| same_place(&c, p)));
        selection.probe = rested.or(self.chosen).or(self.first);
        self.put = selection.probe;
        left.filter(|l| *l > 0.0)
    }

    /// Nothing is worked out while the microscope is closed.
    pub fn leave(&mut self, selection: &mut Selection) {
        selection.probe = None;
        (self.put, self.hover) = (None, None);
    }
}

/// Whether both are the same number, whatever input channel is shown.
pub fn same_place(a: &Probe, b: &Probe) -> bool {
    (a.stage, a.channel, a.y, a.x) == (b.stage, b.channel, b.y, b.x)
}

fn fits(probe: &Probe, close: &CloseUp) -> bool {
    close.stages.get(probe.stage).is_some_and(|s| {
        let [h, w, c] = s.shape.map(|v| v as u32);
        probe.y < h && probe.x < w && probe.channel < c
    })
}

/// The middle of the first convolution's first map.
fn first(close: &CloseUp) -> Option<Probe> {
    let stage = close.stages.iter().position(|s| s.role == Role::Conv(0))?;
    let [h, w, _] = close.stages[stage].shape.map(|v| v as u32);
    let channel = close.stages[stage].mosaic.tiles.first()?.channel;
    Some(Probe { stage, channel, y: h / 2, x: w / 2, input_channel: None })
}

/// Opens the microscope on the selected block, or on the first.
pub fn open(view: &mut View, selection: &mut Selection) {
    selection.block.get_or_insert(0);
    *view = View::Microscope;
}

/// Keys of the microscope, as nothing has the focus: M opens and closes it, Enter opens it on a selected
/// block, Escape goes back; arrows move the chosen pixel, or go from block to block where none is chosen;
/// Page Up and Page Down always do.
pub fn keys(ui: &Ui, view: &mut View, selection: &mut Selection, scope: &mut ScopeState, blocks: usize) {
    let pressed = |key| ui.input(|i| i.key_pressed(key) && i.modifiers.is_none());
    if blocks == 0 || eframe::egui::Popup::is_any_open(ui.ctx()) {
        return;
    }
    if *view == View::Network {
        if pressed(Key::M) || (pressed(Key::Enter) && selection.block.is_some()) {
            open(view, selection);
        }
        return;
    }
    // Taken, so that the map, which is drawn next, does not leave something else by it.
    let leaves = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
    if pressed(Key::M) || leaves {
        *view = View::Network;
        scope.leave(selection);
        return;
    }
    let arrows =
        [(Key::ArrowLeft, -1, 0), (Key::ArrowRight, 1, 0), (Key::ArrowUp, 0, -1), (Key::ArrowDown, 0, 1)];
    for (key, dx, dy) in arrows.into_iter().filter(|(key, ..)| pressed(*key)) {
        match scope.chosen {
            Some(p) => {
                let [h, w] = scope.map;
                let moved = |v: u32, by, size: u32| v.saturating_add_signed(by).min(size.saturating_sub(1));
                scope.choose(Some(Probe { x: moved(p.x, dx, w), y: moved(p.y, dy, h), ..p }));
            }
            None if key == Key::ArrowLeft => walk(selection, blocks, -1),
            None if key == Key::ArrowRight => walk(selection, blocks, 1),
            None => {}
        }
    }
    if pressed(Key::PageUp) {
        walk(selection, blocks, -1);
    }
    if pressed(Key::PageDown) {
        walk(selection, blocks, 1);
    }
}

/// To the next block or the one before, as far as there is one.
pub fn walk(selection: &mut Selection, blocks: usize, by: isize) {
    let next = selection.block.unwrap_or(0).saturating_add_signed(by).min(blocks.saturating_sub(1));
    if selection.block != Some(next) {
        *selection = Selection { block: Some(next), probe: None };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Mosaic, Stage, Tile};

    /// x and a convolution, 8 × 8 pixels of 4 channels.
    fn close(block: usize) -> CloseUp {
        let stage = |role| Stage {
            role,
            layer: String::new(),
            shape: [8, 8, 4],
            mosaic: Mosaic { tiles: vec![Tile { channel: 3, ..Tile::default() }], ..Mosaic::default() },
            moments: Default::default(),
            histogram: Vec::new(),
            range: 1.0,
        };
        CloseUp {
            block,
            stages: vec![stage(Role::Input), stage(Role::Conv(0))],
            alpha: 1.0,
            scale: 1.0,
            share: 0.5,
            ratio: None,
            worked: None,
        }
    }

    fn probe(y: u32, x: u32) -> Probe {
        Probe { stage: 0, channel: 1, y, x, input_channel: None }
    }

    #[test]
    fn only_a_resting_pointer_asks_and_what_was_chosen_comes_back() {
        let (mut scope, close) = (ScopeState::default(), close(2));
        let mut selection = Selection { block: Some(2), probe: None };
        let mut frame = |scope: &mut ScopeState, now, under: Option<Probe>| {
            scope.meet(&mut selection);
            scope.point_at(under, now);
            let again = scope.settle(&mut selection, Some(&close), now);
            (selection.probe, again.is_some())
        };
        let first = Probe { stage: 1, channel: 3, y: 4, x: 4, input_channel: None };
        assert_eq!(frame(&mut scope, 0.0, None), (Some(first), false));
        scope.choose(Some(probe(1, 1)));
        assert_eq!(frame(&mut scope, 0.1, None), (Some(probe(1, 1)), false));
        assert_eq!(frame(&mut scope, 0.2, Some(probe(5, 5))), (Some(probe(1, 1)), true));
        assert_eq!(frame(&mut scope, 0.25, Some(probe(5, 6))), (Some(probe(1, 1)), true), "it moved on");
        assert_eq!(frame(&mut scope, 0.32, Some(probe(5, 6))), (Some(probe(5, 6)), false));
        assert_eq!(frame(&mut scope, 0.4, None), (Some(probe(1, 1)), false));
        assert_eq!(scope.chosen(), Some(probe(1, 1)));
    }

    #[test]
    fn another_block_forgets_the_number_and_a_link_brings_one() {
        let mut scope = ScopeState::default();
        let mut selection = Selection { block: Some(2), probe: None };
        scope.meet(&mut selection);
        scope.choose(Some(probe(1, 1)));
        scope.settle(&mut selection, Some(&close(2)), 0.0);
        assert_eq!(selection.probe, Some(probe(1, 1)));
        selection.block = Some(3);
        scope.meet(&mut selection);
        assert_eq!((selection.probe, scope.chosen()), (None, None));
        selection = Selection { block: Some(4), probe: Some(probe(7, 0)) };
        scope.meet(&mut selection);
        assert_eq!(scope.chosen(), Some(probe(7, 0)));
        // Beyond the map: not a number of this block.
        scope.choose(Some(probe(8, 0)));
        scope.settle(&mut selection, Some(&close(4)), 0.0);
        assert_eq!(scope.chosen(), None);
    }
}
