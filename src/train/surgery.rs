//! Surgery on a network that trains: changing α, and lesions, with a record of what was changed when, and undo.

use super::edit::Edit;
use crate::engine::{Gates, NetworkState};
use crate::model::Graph;
use serde::{Deserialize, Serialize};
use web_time::{Duration, Instant};

/// Swaps, scrambles and their undoing need what nobody has read.
const NO_NUMBERS: &str = "blocks are swapped and scrambled in the network that is watched, not in a race; the Lab's lesions do it there";

/// Changes to the same blocks that follow each other this closely are one movement of a hand, undone as one.
const GESTURE: Duration = Duration::from_millis(300);

/// Which blocks' skips are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// All.
    Network,
    /// Those of a stage, counted from 1 as in `layer1`.
    Stage(usize),
    /// One, counted from 0 over the whole network.
    Block(usize),
}

/// What is done to a skip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// This α, forward and backward; 0 cuts.
    Set(f32),
    /// The α that the network was specified with, or 1 where that is 0.
    Restore,
    /// This β on the branch, forward and backward: 0 drops it, a lesion (Veit et al. 2016, §4.1), 1 puts it back.
    Branch(f32),
    /// The block changes places with this other one of its stage (Veit et al. 2016, §4.3).
    Swap(usize),
    /// The numbers in each of the block's convolutions change places at random, as this seed has it.
    Scramble(u64),
    /// What was before the change that was made last to these blocks.
    Undo,
}

impl Change {
    /// Whether it is what Veit et al. (2016) do to a trained network: a branch dropped, two blocks swapped, one scrambled.
    pub fn is_lesion(self) -> bool {
        matches!(self, Self::Branch(0.0) | Self::Swap(_) | Self::Scramble(_))
    }

    fn is_of_skip(self) -> bool {
        matches!(self, Self::Set(_) | Self::Restore)
    }
}

/// One change, as the record of a run keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surgery {
    /// The first step that shows it.
    pub step: u64,
    pub whom: Whom,
    pub change: Change,
}

/// What was changed in a run, and how to take it back.
#[derive(Clone, Debug, Default)]
pub struct Surgeries {
    done: Vec<Surgery>,
    undo: Vec<Before>,
    moved: Moved,
    /// What the network was like when a step was last trained, and the first step that shows it as another one.
    trained: Option<Like>,
    parting: Option<u64>,
}

/// Where blocks and numbers have gone since the run began.
#[derive(Clone, Debug, Default, PartialEq)]
struct Moved {
    /// Which block stands in each place; empty before the first swap.
    blocks: Vec<usize>,
    /// Blocks and the seeds they were scrambled with, in order.
    scrambled: Vec<(usize, u64)>,
}

/// What lesions change, by place: each branch's β, and what has moved.
#[derive(Clone, Debug, PartialEq)]
struct Like {
    betas: Vec<u32>,
    moved: Moved,
}

impl Moved {
    fn take(&mut self, edit: Edit, blocks: usize) {
        if self.blocks.is_empty() {
            self.blocks = (0..blocks).collect();
        }
        match edit {
            Edit::Swap(a, b) => self.blocks.swap(a, b),
            Edit::Scramble { block, seed } => self.scrambled.push((self.blocks[block], seed)),
            Edit::Unscramble { block, seed } => {
                let was = (self.blocks[block], seed);
                if let Some(at) = self.scrambled.iter().rposition(|s| *s == was) {
                    self.scrambled.remove(at);
                }
            }
        }
    }

    fn like(&self, gates: &[Gates]) -> Like {
        let mut moved = self.clone();
        if moved.blocks.iter().enumerate().all(|(place, block)| place == *block) {
            moved.blocks.clear();
        }
        Like { betas: gates.iter().map(|g| g.beta.to_bits()).collect(), moved }
    }
}

#[derive(Clone, Debug)]
struct Before {
    whom: Whom,
    change: Change,
    step: u64,
    back: Back,
    at: Instant,
}

/// What takes a change back.
#[derive(Clone, Debug)]
enum Back {
    Gates(Vec<Gates>),
    Edit(Edit),
}

impl Surgeries {
    /// Goes on with a run in which this was done.
    pub fn of(done: Vec<Surgery>) -> Self {
        Self { done, ..Self::default() }
    }

    /// All changes, in order.
    pub fn done(&self) -> &[Surgery] {
        &self.done
    }

    /// Whether there is a change to take back.
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// The first step that shows lesions which nothing was trained with yet and which are not put right.
    pub fn parting(&self) -> Option<u64> {
        self.parting
    }

    /// Training went on with the network as it is.
    pub fn part(&mut self) {
        (self.trained, self.parting) = (None, None);
    }

    /// Puts branches and the order of blocks in `gates` right, for weights that no lesion was done to; α stays.
    pub fn heal(&self, graph: &Graph, gates: &mut [Gates]) {
        let now = gates.to_vec();
        for (place, &block) in self.moved.blocks.iter().enumerate() {
            gates[block] = now[place];
        }
        for (b, gate) in gates.iter_mut().enumerate() {
            let beta = graph.spec.beta.of(b);
            *gate = Gates { beta, back_beta: beta, ..*gate };
        }
    }

    /// What `change` does to the numbers of `graph` beside its gates, if anything.
    ///
    /// # Errors
    ///
    /// Says why these blocks cannot change places.
    pub fn edit(&self, graph: &Graph, whom: Whom, change: Change) -> Result<Option<Edit>, String> {
        let one = || match blocks(graph, whom)?[..] {
            [block] => Ok(block),
            _ => Err("choose one block; a stage or a network cannot be swapped or scrambled".to_owned()),
        };
        match change {
            Change::Set(_) | Change::Restore | Change::Branch(_) => Ok(None),
            Change::Undo => Ok(self.undo.last().and_then(|before| match before.back {
                Back::Edit(edit) => Some(edit),
                Back::Gates(_) => None,
            })),
            Change::Scramble(seed) => Ok(Some(Edit::Scramble { block: one()?, seed })),
            Change::Swap(other) => {
                let block = one()?;
                blocks(graph, Whom::Block(other))?;
                let [a, b] = [block, other].map(|b| &graph.blocks[b]);
                if block == other || a.stage != b.stage || a.reshapes() || b.reshapes() {
                    return Err(format!(
                        "{} and {} cannot change places: two blocks of one stage can that keep the shape, as all but \
                         a stage's first do",
                        a.name, b.name
                    ));
                }
                Ok(Some(Edit::Swap(block, other)))
            }
        }
    }

    /// Does `change` to `gates`, to show from `step` on, and to `state`, the numbers in place, where [`Self::edit`] asks
    /// for them.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the number or with the choice of blocks, or that it takes numbers that are not there;
    /// nothing is changed then.
    pub fn operate(
        &mut self,
        graph: &Graph,
        gates: &mut [Gates],
        state: Option<&mut NetworkState>,
        step: u64,
        whom: Whom,
        change: Change,
    ) -> Result<Surgery, String> {
        if state.is_none() && self.moves_numbers(change) {
            return Err(NO_NUMBERS.into());
        }
        let edit = self.edit(graph, whom, change)?;
        let surgery = self.set(graph, gates, step, whom, change)?;
        if let (Some(edit), Some(state)) = (edit, state) {
            edit.apply(graph, state);
        }
        Ok(surgery)
    }

    fn moves_numbers(&self, change: Change) -> bool {
        match change {
            Change::Swap(_) | Change::Scramble(_) => true,
            Change::Undo => self.undo.last().is_some_and(|before| matches!(before.back, Back::Edit(_))),
            Change::Set(_) | Change::Restore | Change::Branch(_) => false,
        }
    }

    /// What `change` does to gates and to the record.
    fn set(
        &mut self,
        graph: &Graph,
        gates: &mut [Gates],
        step: u64,
        whom: Whom,
        change: Change,
    ) -> Result<Surgery, String> {
        let edit = self.edit(graph, whom, change)?;
        let before = self.moved.like(gates);
        // What was done and undone before a step was trained with it never was.
        let mut vanishes = false;
        let surgery = match change {
            Change::Undo => {
                let before = self.undo.pop().ok_or("there is no operation to take back")?;
                match before.back {
                    Back::Gates(before) => gates.copy_from_slice(&before),
                    Back::Edit(edit) => swap_gates(gates, edit),
                }
                vanishes = before.step == step;
                Surgery { step, whom: before.whom, change }
            }
            Change::Swap(_) | Change::Scramble(_) => {
                if let Some(edit) = edit {
                    let (back, at) = (Back::Edit(edit.inverse()), Instant::now());
                    self.undo.push(Before { whom, change, step, back, at });
                    swap_gates(gates, edit);
                }
                Surgery { step, whom, change }
            }
            Change::Set(_) | Change::Restore | Change::Branch(_) => {
                let blocks = blocks(graph, whom)?;
                if let Change::Set(factor) | Change::Branch(factor) = change
                    && !factor.is_finite()
                {
                    let name = if matches!(change, Change::Set(_)) { "α" } else { "β" };
                    return Err(format!("{name} has to be a finite number, not {factor}"));
                }
                self.remember(whom, change, step, gates);
                for b in blocks {
                    gates[b] = match change {
                        Change::Branch(beta) => Gates { beta, back_beta: beta, ..gates[b] },
                        Change::Set(alpha) => Gates { alpha, back_alpha: alpha, ..gates[b] },
                        _ => {
                            let alpha = graph.spec.alpha.rejoined(b);
                            Gates { alpha, back_alpha: alpha, ..gates[b] }
                        }
                    };
                }
                Surgery { step, whom, change }
            }
        };
        if let Some(edit) = edit {
            self.moved.take(edit, gates.len());
        }
        let trained = self.trained.get_or_insert(before);
        let parts = *trained != self.moved.like(gates);
        self.parting = parts.then(|| self.parting.unwrap_or(step));
        let same = |last: &&mut Surgery| last.step == step && last.whom == surgery.whom;
        if vanishes && self.done.last_mut().filter(same).is_some() {
            self.done.pop();
            return Ok(surgery);
        }
        // Of several values of α within one step only the last is ever computed with.
        let replaces = |last: &&mut Surgery| same(last) && change.is_of_skip() && last.change.is_of_skip();
        match self.done.last_mut().filter(replaces) {
            Some(last) => *last = surgery,
            None => self.done.push(surgery),
        }
        Ok(surgery)
    }

    fn remember(&mut self, whom: Whom, change: Change, step: u64, gates: &[Gates]) {
        let now = Instant::now();
        // Only the slider of a skip moves.
        let moves = |b: &&mut Before| change.is_of_skip() && b.change.is_of_skip() && b.whom == whom;
        match self.undo.last_mut().filter(moves).filter(|b| now - b.at < GESTURE) {
            Some(before) => before.at = now,
            None => {
                self.undo.push(Before { whom, change, step, back: Back::Gates(gates.to_vec()), at: now });
            }
        }
    }
}

/// A block's factors go where the block goes.
fn swap_gates(gates: &mut [Gates], edit: Edit) {
    if let Edit::Swap(a, b) = edit {
        gates.swap(a, b);
    }
}

/// Numbers of the blocks that are meant.
fn blocks(graph: &Graph, whom: Whom) -> Result<Vec<usize>, String> {
    if !graph.spec.is_residual() {
        return Err(
            "a plain network has no skips; build a residual one with α = 0 to give it some later".into()
        );
    }
    let all = graph.blocks.len();
    match whom {
        Whom::Network => Ok((0..all).collect()),
        Whom::Stage(stage) => {
            let there: Vec<usize> = (0..all).filter(|&b| graph.blocks[b].stage == stage).collect();
            let stages = graph.spec.blocks.len();
            if there.is_empty() {
                return Err(format!("there is no stage {stage}; the network has {stages}, counted from 1"));
            }
            Ok(there)
        }
        Whom::Block(b) if b < all => Ok(vec![b]),
        Whom::Block(b) => Err(format!("there is no block {b}; the network has {all}, counted from 0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Alpha, by_name};

    fn network() -> (Graph, Vec<Gates>) {
        let mut spec = by_name("resnet14").expect("in the zoo");
        spec.alpha = Alpha::PerBlock(vec![1.0, 0.5, 0.0, 1.0, 1.0, 1.0]);
        let graph = Graph::new(&spec).expect("valid");
        let gates = Gates::of(&graph);
        (graph, gates)
    }

    fn alphas(gates: &[Gates]) -> Vec<f32> {
        assert!(gates.iter().all(|g| g.back_alpha == g.alpha && (g.beta, g.back_beta) == (1.0, 1.0)));
        gates.iter().map(|g| g.alpha).collect()
    }

    #[test]
    fn a_block_a_stage_and_all_are_cut_restored_and_undone() {
        let (graph, mut gates) = network();
        let mut s = Surgeries::default();
        s.set(&graph, &mut gates, 3, Whom::Stage(2), Change::Set(0.0)).expect("cut");
        assert_eq!(alphas(&gates), [1.0, 0.5, 0.0, 0.0, 1.0, 1.0]);
        s.set(&graph, &mut gates, 4, Whom::Block(0), Change::Set(-0.25)).expect("set");
        assert_eq!(alphas(&gates), [-0.25, 0.5, 0.0, 0.0, 1.0, 1.0]);
        s.set(&graph, &mut gates, 5, Whom::Network, Change::Restore).expect("restored");
        assert_eq!(alphas(&gates), [1.0, 0.5, 1.0, 1.0, 1.0, 1.0]);
        for expected in [[-0.25, 0.5, 0.0, 0.0, 1.0, 1.0], [1.0, 0.5, 0.0, 0.0, 1.0, 1.0]] {
            s.set(&graph, &mut gates, 6, Whom::Network, Change::Undo).expect("undone");
            assert_eq!(alphas(&gates), expected);
        }
        assert_eq!(s.done().len(), 5);
        assert_eq!(s.done()[3], Surgery { step: 6, whom: Whom::Network, change: Change::Undo });
        assert_eq!(s.done()[4].whom, Whom::Block(0));
    }

    #[test]
    fn a_slide_is_one_undo_and_one_record_a_step() {
        let (graph, mut gates) = network();
        let mut s = Surgeries::default();
        for (step, alpha) in [(1, 0.9), (1, 0.8), (2, 0.7), (2, 0.6)] {
            s.set(&graph, &mut gates, step, Whom::Block(5), Change::Set(alpha)).expect("set");
        }
        assert_eq!(
            s.done().iter().map(|d| d.change).collect::<Vec<_>>(),
            [Change::Set(0.8), Change::Set(0.6)]
        );
        s.set(&graph, &mut gates, 3, Whom::Network, Change::Undo).expect("undone");
        assert_eq!(alphas(&gates)[5], 1.0);
        assert!(!s.can_undo());
        assert!(s.set(&graph, &mut gates, 3, Whom::Network, Change::Undo).is_err());
    }

    #[test]
    fn what_is_not_there_is_refused_in_words() {
        let (graph, mut gates) = network();
        let mut s = Surgeries::default();
        let mut say = |whom, change| s.set(&graph, &mut gates, 0, whom, change).expect_err("refused");
        assert!(say(Whom::Block(6), Change::Set(0.0)).contains("no block 6; the network has 6"));
        assert!(say(Whom::Stage(0), Change::Restore).contains("no stage 0; the network has 3"));
        assert!(say(Whom::Network, Change::Set(f32::NAN)).contains("finite"));
        let plain = Graph::new(&by_name("plain14").expect("in the zoo")).expect("valid");
        let mut gates = Gates::of(&plain);
        let error = s.set(&plain, &mut gates, 0, Whom::Network, Change::Set(1.0)).expect_err("refused");
        assert!(error.contains("plain"), "{error}");
        assert!(s.done().is_empty());
    }
    /// Whether a run parts is a question of what the network is like, not of how it came to be so.
    #[test]
    fn a_run_parts_where_it_is_trained_with_another_network() {
        let (graph, mut gates) = network();
        let mut s = Surgeries::default();
        let mut set = |s: &mut Surgeries, step, block, change| {
            s.set(&graph, &mut gates, step, Whom::Block(block), change).expect("done");
            s.parting()
        };
        assert_eq!(set(&mut s, 3, 4, Change::Set(0.0)), None, "a cut is no lesion");
        assert_eq!(set(&mut s, 5, 4, Change::Branch(0.0)), Some(5));
        assert_eq!(set(&mut s, 5, 4, Change::Branch(1.0)), None, "put back, though not undone");
        assert_eq!(set(&mut s, 5, 0, Change::Swap(1)), Some(5));
        assert_eq!(set(&mut s, 6, 0, Change::Scramble(1)), Some(5));
        assert_eq!(set(&mut s, 6, 0, Change::Undo), Some(5));
        assert_eq!(set(&mut s, 6, 1, Change::Swap(0)), None, "swapped back");
        assert_eq!(set(&mut s, 7, 1, Change::Scramble(2)), Some(7));
        s.part();
        assert_eq!(s.parting(), None);
        // As it was trained last, it goes on; as it was before that, it is another one again.
        assert_eq!(set(&mut s, 8, 4, Change::Branch(0.0)), Some(8));
        assert_eq!(set(&mut s, 8, 4, Change::Undo), None);
        assert_eq!(set(&mut s, 9, 4, Change::Undo), Some(9), "the scramble was undone");
    }

    #[test]
    fn a_restart_heals_what_lesions_did_and_leaves_alpha() {
        let (graph, mut gates) = network();
        let mut s = Surgeries::default();
        let whole = gates.clone();
        let change = |s: &mut Surgeries, gates: &mut [Gates], block, change| {
            s.set(&graph, gates, 3, Whom::Block(block), change).expect("done");
        };
        change(&mut s, &mut gates, 0, Change::Set(0.25));
        change(&mut s, &mut gates, 0, Change::Swap(1));
        change(&mut s, &mut gates, 5, Change::Branch(0.0));
        assert_eq!([gates[0].alpha, gates[1].alpha, gates[5].beta], [0.5, 0.25, 0.0]);
        s.heal(&graph, &mut gates);
        assert_eq!(gates[0], Gates { alpha: 0.25, back_alpha: 0.25, ..whole[0] });
        assert_eq!(gates[1..], whole[1..]);
    }

    /// What was taken back before anything was trained with it is in no record.
    #[test]
    fn what_never_took_effect_leaves_no_record() {
        let (graph, mut gates) = network();
        let mut s = Surgeries::default();
        for (step, change) in
            [(3, Change::Set(0.0)), (3, Change::Undo), (4, Change::Swap(1)), (4, Change::Undo)]
        {
            s.set(&graph, &mut gates, step, Whom::Block(0), change).expect("done");
        }
        assert!(s.done().is_empty(), "{:?}", s.done());
        s.set(&graph, &mut gates, 5, Whom::Block(0), Change::Set(0.0)).expect("done");
        s.set(&graph, &mut gates, 6, Whom::Block(0), Change::Undo).expect("done");
        assert_eq!(s.done().len(), 2);
    }

    #[test]
    fn a_branch_is_dropped_beside_whatever_its_skip_does() {
        let (graph, mut gates) = network();
        let mut s = Surgeries::default();
        let both = |gates: &[Gates]| (gates[4].alpha, gates[4].beta, gates[4].back_beta);
        s.set(&graph, &mut gates, 3, Whom::Block(4), Change::Set(0.5)).expect("set");
        s.set(&graph, &mut gates, 3, Whom::Block(4), Change::Branch(0.0)).expect("dropped");
        assert_eq!((both(&gates), s.done().len()), ((0.5, 0.0, 0.0), 2), "within one step, both are told");
        s.set(&graph, &mut gates, 4, Whom::Network, Change::Restore).expect("restored");
        assert_eq!(both(&gates), (1.0, 0.0, 0.0), "the skip alone");
        for expected in [(0.5, 0.0, 0.0), (0.5, 1.0, 1.0), (1.0, 1.0, 1.0)] {
            s.set(&graph, &mut gates, 5, Whom::Network, Change::Undo).expect("undone");
            assert_eq!(both(&gates), expected);
        }
        let plain = Graph::new(&by_name("plain20").expect("in the zoo")).expect("valid");
        let mut gates = Gates::of(&plain);
        assert!(s.set(&plain, &mut gates, 6, Whom::Block(0), Change::Branch(0.0)).is_err());
    }
}
