//! Operating on the skips of a network that trains: what can be operated on, what was done, and in which words.
//! Which network it is does not matter here: the one that is watched, or a lane of a race.

use super::i18n;
use super::numbers::{self, UNKNOWN};
use super::state::AppState;
use crate::session::{Command, Event, Phase, Snapshot};
use crate::train::{Change, Surgery, Whom};

/// Settings of the same α that follow each other by at most so many steps are one movement of a slider.
const MOVEMENT: u64 = 30;

/// What a press asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operation {
    pub whom: Whom,
    pub change: Change,
}

impl Operation {
    pub fn new(whom: Whom, change: Change) -> Self {
        Self { whom, change }
    }

    /// Takes back the last one, whomever it was done to.
    pub const UNDO: Self = Self { whom: Whom::Network, change: Change::Undo };
}

/// How much of the network the card operates on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Network,
    /// The stage of the chosen block.
    Stage,
    /// The chosen block.
    Block,
}

/// What is remembered beyond the session's record.
#[derive(Debug, Default)]
pub struct SurgeryState {
    pub reach: Reach,
    /// Asked for and not yet done: shown at once, since a step may take seconds.
    pending: Vec<Operation>,
    /// What pressing each flag asks for; nothing where the curves are not those of the network that is there.
    answers: Option<Vec<Option<Operation>>>,
}

impl SurgeryState {
    /// Takes in what was done, or that nothing more will be.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Operated(done) => {
                let undone = done.change == Change::Undo;
                // The session chooses how it scrambles.
                let alike = |a: Change| match (a, done.change) {
                    (Change::Scramble(_), Change::Scramble(_)) => true,
                    (a, b) => a == b,
                };
                let is = |o: &Operation| alike(o.change) && (undone || o.whom == done.whom);
                if let Some(at) = self.pending.iter().position(is) {
                    self.pending.drain(..=at);
                }
            }
            Event::Built(_) | Event::Loaded { .. } | Event::Branched { .. } | Event::Error(_) => {
                self.pending.clear();
            }
            _ => {}
        }
    }
}

/// A residual network that can be operated on.
#[derive(Clone, Debug, PartialEq)]
pub struct Patient<'a> {
    /// `layer1.0`, `layer1.1` …
    pub blocks: &'a [String],
    /// α of every block.
    pub alphas: Vec<f32>,
    /// The α that each goes back to.
    pub own: Vec<f32>,
    /// β of every branch.
    pub betas: Vec<f32>,
    /// Whether a block's output has another shape than its input; empty where blocks cannot be swapped and scrambled.
    pub reshapes: &'a [bool],
    pub done: &'a [Surgery],
    pub can_undo: bool,
}

impl Patient<'_> {
    /// Numbers of the blocks that are meant.
    pub fn who(&self, whom: Whom) -> impl Iterator<Item = usize> {
        let meant = move |b: &usize| match whom {
            Whom::Network => true,
            Whom::Stage(n) => stage_of(&self.blocks[*b]) == Some(n),
            Whom::Block(n) => *b == n,
        };
        (0..self.blocks.len()).filter(meant)
    }

    /// Mean, least and greatest α of those that are meant.
    pub fn alpha(&self, whom: Whom) -> (f32, f32, f32) {
        let all: Vec<f32> = self.who(whom).map(|b| self.alphas[b]).collect();
        let mean = all.iter().sum::<f32>() / all.len().max(1) as f32;
        let ends = all.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |e, a| (e.0.min(*a), e.1.max(*a)));
        if ends.0 == ends.1 { (ends.0, ends.0, ends.1) } else { (mean, ends.0, ends.1) }
    }

    /// Whether no skip of theirs lets anything through.
    pub fn is_cut(&self, whom: Whom) -> bool {
        self.who(whom).all(|b| self.alphas[b] == 0.0)
    }

    /// Whether they are as they were built.
    pub fn is_whole(&self, whom: Whom) -> bool {
        self.who(whom).all(|b| self.alphas[b] == self.own[b])
    }

    /// Cuts, or rejoins what is cut.
    pub fn toggled(&self, whom: Whom) -> Operation {
        Operation::new(whom, toggling(self.is_cut(whom)))
    }

    /// Whether no branch of theirs adds anything.
    pub fn is_dropped(&self, whom: Whom) -> bool {
        self.who(whom).all(|b| self.betas[b] == 0.0)
    }

    /// Drops branches, or puts back what is dropped.
    pub fn dropped(&self, whom: Whom) -> Operation {
        Operation::new(whom, Change::Branch(if self.is_dropped(whom) { 1.0 } else { 0.0 }))
    }

    /// The blocks that `block` can change places with: those of its stage that keep the shape, as it does.
    pub fn partners(&self, block: usize) -> impl Iterator<Item = usize> {
        let stage = self.blocks.get(block).and_then(|b| stage_of(b));
        let keeps = move |b: usize| self.reshapes.get(b) == Some(&false);
        let alike = move |b: &usize| *b != block && keeps(*b) && stage_of(&self.blocks[*b]) == stage;
        (0..self.blocks.len()).filter(move |_| keeps(block)).filter(alike)
    }

    /// Whom the card operates on, as far as `block` says it.
    pub fn whom(&self, reach: Reach, block: Option<usize>) -> Whom {
        whom(reach, block.and_then(|b| Some((b, stage_of(self.blocks.get(b)?)?))))
    }

    fn apply(&mut self, o: Operation) {
        let to: Vec<(usize, f32)> = match o.change {
            Change::Branch(beta) => {
                let meant: Vec<usize> = self.who(o.whom).collect();
                meant.into_iter().for_each(|b| self.betas[b] = beta);
                return;
            }
            Change::Set(alpha) => self.who(o.whom).map(|b| (b, alpha)).collect(),
            Change::Restore => self.who(o.whom).map(|b| (b, self.own[b])).collect(),
            // Neither α nor β says what they do.
            Change::Swap(_) | Change::Scramble(_) | Change::Undo => return,
        };
        for (b, alpha) in to {
            self.alphas[b] = alpha;
        }
    }
}

/// What a press does to a skip that is cut, or is not.
pub fn toggling(cut: bool) -> Change {
    if cut { Change::Restore } else { Change::Set(0.0) }
}

/// What `reach` means for a block and its stage, which is counted from 1.
pub fn whom(reach: Reach, block: Option<(usize, usize)>) -> Whom {
    match (reach, block) {
        (Reach::Stage, Some((_, stage))) => Whom::Stage(stage),
        (Reach::Block, Some((block, _))) => Whom::Block(block),
        _ => Whom::Network,
    }
}

/// 2 for `layer2.4`.
fn stage_of(block: &str) -> Option<usize> {
    block.strip_prefix("layer")?.split('.').next()?.parse().ok()
}

/// `network`, `layer2`, `layer2.4`.
pub fn name(whom: Whom, blocks: &[String]) -> String {
    match whom {
        Whom::Network => i18n::surgery_network().into(),
        Whom::Stage(n) => format!("layer{n}"),
        Whom::Block(b) => blocks.get(b).map_or(UNKNOWN.into(), String::clone),
    }
}

/// `layer2.4 cut`.
pub fn words(done: &Surgery, blocks: &[String]) -> String {
    let name = name(done.whom, blocks);
    match done.change {
        Change::Set(0.0) => i18n::surgery_cut(&name),
        Change::Set(alpha) => i18n::surgery_set(&name, numbers::ratio(alpha)),
        Change::Restore => i18n::surgery_rejoined(&name),
        Change::Branch(0.0) => i18n::surgery_dropped(&name),
        Change::Branch(1.0) => i18n::surgery_put_back(&name),
        Change::Branch(beta) => i18n::surgery_beta(&name, numbers::ratio(beta)),
        Change::Swap(other) => i18n::surgery_swapped(&name, self::name(Whom::Block(other), blocks)),
        Change::Scramble(_) => i18n::surgery_scrambled(&name),
        Change::Undo => i18n::surgery_undone(&name),
    }
}

/// `layer2.4 cut · 260`, as flags say it.
pub fn flag(done: &Surgery, blocks: &[String]) -> String {
    format!("{} · {}", words(done, blocks), numbers::grouped(done.step))
}

/// The record with each movement of a slider as its last value; a cut always stays.
pub fn movements(done: &[Surgery]) -> Vec<Surgery> {
    let mut out: Vec<Surgery> = Vec::new();
    for &s in done {
        let goes_on = |last: &&mut Surgery| {
            matches!((last.change, s.change), (Change::Set(a), Change::Set(_)) if a != 0.0)
                && last.whom == s.whom
                && s.step.saturating_sub(last.step) <= MOVEMENT
        };
        match out.last_mut().filter(goes_on) {
            Some(last) => *last = s,
            None => out.push(s),
        }
    }
    out
}

impl AppState {
    /// The network that is watched, if it has skips and may be operated on.
    pub(super) fn patient<'a>(&self, snapshot: &'a Snapshot) -> Option<Patient<'a>> {
        let model = snapshot.model.as_ref().filter(|m| m.spec.is_residual())?;
        if matches!(snapshot.phase, Phase::Compiling | Phase::Lost) {
            return None;
        }
        let n = model.block_names.len();
        let beta = |b| snapshot.betas.get(b).copied().unwrap_or(model.spec.beta.of(b));
        let given = |b| snapshot.alphas.get(b).copied().unwrap_or(model.spec.alpha.of(b));
        let mut patient = Patient {
            blocks: &model.block_names,
            alphas: (0..n).map(given).collect(),
            own: (0..n).map(|b| model.spec.alpha.rejoined(b)).collect(),
            betas: (0..n).map(beta).collect(),
            reshapes: &model.reshapes,
            done: &snapshot.surgeries,
            can_undo: snapshot.can_undo_alpha || !self.surgery.pending.is_empty(),
        };
        for &o in &self.surgery.pending {
            patient.apply(o);
        }
        Some(patient)
    }

    /// Has the session do it from the next step on.
    pub(super) fn operate(&mut self, o: Operation) {
        let command = match (o.change, o.whom) {
            (Change::Set(alpha), whom) => Command::SetAlpha { whom, alpha },
            (Change::Restore, whom) => Command::RestoreAlpha { whom },
            (Change::Branch(beta), whom) => Command::SetBranch { whom, beta },
            (Change::Swap(with), Whom::Block(block)) => Command::SwapBlocks { block, with },
            (Change::Scramble(_), Whom::Block(block)) => Command::ScrambleBlock { block },
            // The card offers them of single blocks.
            (Change::Swap(_) | Change::Scramble(_), _) => return,
            (Change::Undo, _) => Command::UndoAlpha,
        };
        self.surgery.pending.push(o);
        self.send(command);
    }

    /// Cuts the skip of `block`, or rejoins it.
    pub(super) fn toggle_skip(&mut self, snapshot: &Snapshot, block: usize) {
        if let Some(patient) = self.patient(snapshot).filter(|p| block < p.blocks.len()) {
            self.operate(patient.toggled(Whom::Block(block)));
        }
    }

    /// Takes back the last operation, if there is one.
    pub(super) fn undo_skip(&mut self, snapshot: &Snapshot) {
        if self.patient(snapshot).is_some_and(|p| p.can_undo) {
            self.operate(Operation::UNDO);
        }
    }

    /// What pressing the flag of the `nth` movement asks for: the last is undone, what an earlier one has
    /// changed is rejoined. `None` where the curves are no longer those of the network that is there.
    pub(super) fn answer_flag(&self, snapshot: &Snapshot, nth: usize) -> Option<Operation> {
        self.answers(snapshot)?.get(nth).copied().flatten()
    }

    /// The same of all flags.
    fn answers(&self, snapshot: &Snapshot) -> Option<Vec<Option<Operation>>> {
        let all = &self.history.operations;
        if all.is_empty() {
            return None;
        }
        let patient = self.patient(snapshot).filter(|p| movements(p.done) == *all)?;
        let answer = |(nth, done): (usize, &Surgery)| {
            let last = nth + 1 == all.len();
            Some(match back(done, last && patient.can_undo)? {
                Change::Undo => Operation::UNDO,
                change => Operation::new(done.whom, change),
            })
        };
        Some(all.iter().enumerate().map(answer).collect())
    }

    /// Flags say what pressing them does by now.
    pub(super) fn follow_flags(&mut self, snapshot: &Snapshot) {
        self.surgery.answers = self.answers(snapshot);
    }

    /// What is said over the flag of the `nth` movement: what was done, and what pressing it does.
    pub(super) fn flag_hint(&self, nth: usize) -> String {
        let Some(done) = self.history.operations.get(nth) else { return String::new() };
        let words = flag(done, &self.block_names);
        let undone = self.history.operations.get(nth + 1).is_some_and(|next| next.change == Change::Undo);
        let answer = self.surgery.answers.as_ref().and_then(|a| a.get(nth));
        let does = match answer.map(|o| o.map(|o| o.change)) {
            Some(Some(Change::Undo)) => i18n::flag_undoes(),
            Some(Some(Change::Branch(_))) => i18n::flag_puts_back(),
            Some(Some(Change::Swap(_))) => i18n::flag_swaps_back(),
            Some(Some(_)) => i18n::flag_rejoins(),
            Some(None) if matches!(done.change, Change::Scramble(_)) && !undone => i18n::flag_does_nothing(),
            // An undoing is not undone, and of another network nothing is.
            Some(None) | None => return words,
        };
        format!("{words}\n{does}")
    }
}

/// What takes an operation back: the last one is undone, of an earlier one what it has changed is put right.
fn back(done: &Surgery, undoable: bool) -> Option<Change> {
    Some(match done.change {
        // An undoing says nothing about what it undid.
        Change::Undo => return None,
        _ if undoable => Change::Undo,
        Change::Branch(_) => Change::Branch(1.0),
        Change::Swap(other) => Change::Swap(other),
        Change::Set(_) | Change::Restore => Change::Restore,
        // What lay where is known for as long as nothing was done after it.
        Change::Scramble(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn set(step: u64, alpha: f32) -> Surgery {
        Surgery { step, whom: Whom::Block(1), change: Change::Set(alpha) }
    }

    #[test]
    fn a_flag_says_what_it_does() {
        let whom = Whom::Block(0);
        let done = |change| Surgery { step: 1, whom, change };
        let model = crate::app::form::tests::built(&Default::default());
        let mut snapshot = Snapshot { model: Some(model), can_undo_alpha: true, ..Snapshot::default() };
        let mut state = AppState::default();
        state.block_names = vec!["layer1.0".into()];
        let mut hints = |changes: &[Change]| -> Vec<String> {
            snapshot.surgeries = changes.iter().map(|c| done(*c)).collect();
            state.history.operations = snapshot.surgeries.clone();
            state.follow_flags(&snapshot);
            (0..changes.len()).map(|nth| state.flag_hint(nth)).collect()
        };
        let changes = [
            Change::Scramble(3),
            Change::Set(0.0),
            Change::Branch(0.0),
            Change::Swap(1),
            Change::Scramble(4),
        ];
        let words = [
            i18n::flag_does_nothing(),
            i18n::flag_rejoins(),
            i18n::flag_puts_back(),
            i18n::flag_swaps_back(),
            i18n::flag_undoes(),
        ];
        for (hint, words) in hints(&changes).iter().zip(words) {
            assert!(hint.ends_with(words) && hint.contains("layer1.0"), "{hint}");
        }
        // Neither an undoing nor what it has undone is to be taken back.
        let undone = hints(&[Change::Scramble(3), Change::Undo]);
        assert!(undone.iter().all(|hint| !hint.contains('\n')), "{undone:?}");
        // Curves of another network.
        state.history.operations.clear();
        state.history.operations.push(done(Change::Set(0.0)));
        state.follow_flags(&snapshot);
        assert!(!state.flag_hint(0).contains('\n'));
    }

    #[test]
    fn a_movement_is_its_last_value_and_a_cut_stays() {
        let done = [set(3, 0.9), set(4, 0.8), set(9, 0.0), set(10, 0.5), set(60, 0.4)];
        assert_eq!(movements(&done), [set(9, 0.0), set(10, 0.5), set(60, 0.4)]);
        let other = Surgery { whom: Whom::Network, ..set(5, 0.5) };
        assert_eq!(movements(&[set(4, 0.8), other, set(6, 0.7)]).len(), 3);
    }

    #[test]
    fn what_was_asked_for_shows_until_it_is_done() {
        let blocks = ["layer1.0", "layer1.1", "layer2.0"].map(String::from);
        let own = vec![1.0; 3];
        let mut p = Patient {
            blocks: &blocks,
            alphas: own.clone(),
            betas: vec![1.0; own.len()],
            reshapes: &[true, false, false],
            own,
            done: &[],
            can_undo: false,
        };
        p.apply(Operation::new(Whom::Stage(1), Change::Set(0.5)));
        p.apply(Operation::new(Whom::Block(0), Change::Set(0.0)));
        assert_eq!(p.alphas, [0.0, 0.5, 1.0]);
        assert_eq!(p.alpha(Whom::Network), (0.5, 0.0, 1.0));
        assert_eq!(p.toggled(Whom::Block(0)).change, Change::Restore);
        assert_eq!(p.toggled(Whom::Stage(1)).change, Change::Set(0.0));
        assert_eq!(p.whom(Reach::Stage, Some(2)), Whom::Stage(2));
        assert_eq!(p.whom(Reach::Block, None), Whom::Network);
        // What was refused without a word goes with what came after it.
        let refused = Operation::new(Whom::Stage(9), Change::Set(0.0));
        let pending = vec![refused, Operation::UNDO, p.toggled(Whom::Block(0))];
        let mut state = SurgeryState { pending, ..SurgeryState::default() };
        state.on_event(&Event::Operated(Surgery { change: Change::Undo, ..set(2, 0.0) }));
        assert_eq!(state.pending, [p.toggled(Whom::Block(0))]);
    }
}
