//! The past of a run: copies of all that a training step changes, taken every few steps, kept on the GPU in bounded
//! memory and thinned as they age.
//!
//! Looking back exchanges the network's weights for a copy, and the present ones wait in another; so whatever looks at
//! the network (looks, evaluations, experiments, a checkpoint) sees that moment, and no bit of the present is lost.
//! Training goes on from the present, or from the moment as another run.

use super::super::protocol::{Evaluation, Event};
use super::building::{ScopeResult, poll_now};
use super::watching::ONLY_OWN;
use super::{Session, Training};
use crate::engine::{Gates, Network, StateCopy};
use crate::gpu::Gpu;
use crate::probe::TestDetail;
use crate::train::trainer::Trainer;
use crate::train::{StepRecord, Surgery};
use std::sync::Arc;

/// Copies kept at most.
const MOST: usize = 48;
/// Steps between two copies at most; fewer at the start, where much happens in a few steps.
const STEPS: u64 = 10;
/// Part of the GPU memory that the network leaves which copies may take.
const SHARE: u64 = 4;

/// One moment of a run.
pub(super) struct Moment {
    /// Steps done by then.
    pub step: u64,
    copy: StateCopy,
    gates: Vec<Gates>,
    surgeries: Vec<Surgery>,
    /// What the step before it measured, once that has arrived, and the sums over its epoch by then.
    record: Option<StepRecord>,
    epoch_sums: (f64, f64, f64),
    pub evaluation: Option<Evaluation>,
    pub test: Option<Arc<TestDetail>>,
}

/// Which moment is looked at, and what of the present no copy holds.
struct Away {
    at: usize,
    gates: Vec<Gates>,
}

/// All moments of a run that are kept, oldest first.
#[derive(Default)]
pub(super) struct Past {
    moments: Vec<Moment>,
    /// Where the present lies while a moment is looked at.
    now: Option<StateCopy>,
    away: Option<Away>,
    /// Allocated, while the out-of-memory scope has not answered yet.
    pending: Option<(StateCopy, ScopeResult)>,
    /// Room that a moment has left.
    spare: Vec<StateCopy>,
    /// Moments that the device turned out to have memory for, where that is fewer than allowed.
    turned_out: Option<usize>,
}

/// Steps after a moment at `step` until the next.
fn interval(step: u64) -> u64 {
    (step / 8).clamp(1, STEPS)
}

/// Which of the moments at `steps` says least between its neighbours for its age, at step `now`. The first is the
/// run's beginning and stays.
fn least_telling(steps: &[u64], now: u64) -> Option<usize> {
    let told = |i: usize| {
        let after = steps.get(i + 1).copied().unwrap_or(now);
        (after - steps[i - 1]) as f64 / (now - steps[i]).max(1) as f64
    };
    (1..steps.len()).min_by(|a, b| told(*a).total_cmp(&told(*b)))
}

impl Past {
    /// The moment that is looked at.
    pub fn then(&self) -> Option<&Moment> {
        self.moments.get(self.away.as_ref()?.at)
    }

    /// Steps of the moments before step `now`, in order.
    pub fn steps(&self, now: u64) -> Vec<u64> {
        self.moments.iter().map(|m| m.step).filter(|s| *s < now).collect()
    }

    /// Bytes on the GPU.
    pub fn bytes(&self) -> u64 {
        let pending = self.pending.iter().map(|(c, _)| c);
        let all = self.moments.iter().map(|m| &m.copy).chain(&self.now).chain(pending).chain(&self.spare);
        all.map(StateCopy::bytes).sum()
    }

    /// Another run: nothing is kept of the one before but its room.
    pub fn clear(&mut self) {
        self.truncate(0);
        self.away = None;
    }

    fn truncate(&mut self, moments: usize) {
        self.spare.extend(self.moments.drain(moments..).map(|m| m.copy));
    }

    /// Forgets moments whose weights are no numbers: those after `step`.
    pub fn diverged(&mut self, step: u64) {
        self.truncate(self.moments.partition_point(|m| m.step <= step));
    }

    /// Other pictures: what was found on the old ones says nothing any more.
    pub fn other_pictures(&mut self) {
        for moment in &mut self.moments {
            (moment.evaluation, moment.test) = (None, None);
        }
    }

    /// Takes in what a step has measured.
    pub fn note_record(&mut self, record: &StepRecord, epoch_sums: (f64, f64, f64)) {
        if let Ok(at) = self.moments.binary_search_by_key(&(record.step + 1), |m| m.step) {
            self.moments[at].record = Some(record.clone());
            self.moments[at].epoch_sums = epoch_sums;
        }
    }

    /// Takes in what the test split has shown at `step`.
    fn note_evaluation(&mut self, evaluation: Evaluation, test: &Arc<TestDetail>) {
        if let Ok(at) = self.moments.binary_search_by_key(&evaluation.step, |m| m.step) {
            self.moments[at].evaluation = Some(evaluation);
            self.moments[at].test = Some(test.clone());
        }
    }

    /// Room for one more copy; `None` if there is none, or none yet.
    fn room(&mut self, gpu: &Gpu, net: &Network) -> Option<StateCopy> {
        if let Some(copy) = self.spare.pop() {
            return Some(copy);
        }
        if self.pending.is_none() {
            let scope = gpu.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
            let copy = net.room_for_state(gpu);
            self.pending = Some((copy, Box::pin(scope.pop())));
        }
        let (copy, mut scope) = self.pending.take()?;
        match poll_now(&mut scope) {
            None => {
                self.pending = Some((copy, scope));
                None
            }
            Some(None) => Some(copy),
            Some(Some(_)) => {
                self.turned_out = Some(self.moments.len());
                None
            }
        }
    }

    /// Keeps the present moment, at a boundary between steps, if that is due or `wanted`. `memory` is what the network
    /// leaves of the GPU's. True if it was kept.
    pub fn keep(&mut self, gpu: &Gpu, trainer: &Trainer, memory: u64, wanted: bool) -> bool {
        let step = trainer.submitted();
        let last = self.moments.last().map(|m| m.step);
        let due = last.is_none_or(|last| step >= last + interval(last) || wanted && step > last);
        let most = (memory / SHARE / trainer.net.state_bytes().max(1)).min(MOST as u64 + 1) as usize;
        // One is for the present; with fewer than two more there is no past worth the name.
        if !due || self.away.is_some() || most < 3 || self.turned_out.is_some_and(|n| n < 2) {
            return false;
        }
        if self.now.is_none() {
            self.now = self.room(gpu, &trainer.net);
            if self.now.is_none() {
                return false;
            }
        }
        let full = self.moments.len() >= self.turned_out.unwrap_or(most - 1);
        let room = if full {
            let steps: Vec<u64> = self.moments.iter().map(|m| m.step).collect();
            least_telling(&steps, step).map(|at| self.moments.remove(at).copy)
        } else {
            self.room(gpu, &trainer.net)
        };
        let Some(copy) = room else { return false };
        trainer.net.copy_state(gpu, &copy);
        self.moments.push(Moment {
            step,
            copy,
            gates: trainer.gates().to_vec(),
            surgeries: trainer.surgeries().done().to_vec(),
            record: None,
            epoch_sums: (0.0, 0.0, 0.0),
            evaluation: None,
            test: None,
        });
        true
    }

    /// Puts the moment `at` in the network's place.
    fn go(&mut self, gpu: &Gpu, trainer: &mut Trainer, at: usize) {
        let (Some(moment), Some(now)) = (self.moments.get(at), &self.now) else { return };
        if self.away.is_none() {
            trainer.net.copy_state(gpu, now);
        }
        trainer.net.put_state(gpu, &moment.copy);
        let gates = self.away.take().map_or_else(|| trainer.gates().to_vec(), |a| a.gates);
        trainer.set_gates(gpu, moment.gates.clone());
        self.away = Some(Away { at, gates });
    }

    /// Puts the present back in the network's place, to the last bit.
    fn back(&mut self, gpu: &Gpu, trainer: &mut Trainer) {
        if let (Some(away), Some(now)) = (self.away.take(), &self.now) {
            trainer.net.put_state(gpu, now);
            trainer.set_gates(gpu, away.gates);
        }
    }
}

impl Training {
    /// Steps done by the weights that are in place: those of the present, or of the moment that is looked at.
    pub(super) fn shown_step(&self) -> u64 {
        self.past.then().map_or(self.engine.submitted(), |m| m.step)
    }

    /// What was done to skips until then.
    pub(super) fn shown_surgeries(&self) -> &[Surgery] {
        self.past.then().map_or(self.engine.surgeries().done(), |m| &m.surgeries)
    }

    /// What the step before measured.
    pub(super) fn shown_record(&self) -> Option<&StepRecord> {
        self.past.then().map_or(self.last.as_ref(), |m| m.record.as_ref())
    }

    /// Does `work` on the network as it is now, wherever it is looked at.
    pub(super) fn at_present<T>(&mut self, gpu: &Gpu, work: impl FnOnce(&mut Self) -> T) -> T {
        let at = self.past.away.as_ref().map(|a| a.at);
        if let (Some(_), Some(trainer)) = (at, self.engine.own_mut()) {
            self.past.back(gpu, trainer);
        }
        let done = work(self);
        if let (Some(at), Some(trainer)) = (at, self.engine.own_mut()) {
            self.past.go(gpu, trainer, at);
        }
        done
    }

    /// Notes what the test split has shown, with the moment of the network that it was gone through with: at a step where
    /// that was operated on, the moment is the one before.
    pub(super) fn note_evaluation(&mut self, evaluation: Evaluation, test: &Arc<TestDetail>) {
        let done = self.engine.surgeries().done();
        let is_of = |m: &Moment| self.past.then().is_some() || m.surgeries == done;
        if self.past.moments.iter().any(|m| m.step == evaluation.step && is_of(m)) {
            self.past.note_evaluation(evaluation, test);
        }
    }

    /// An evaluation under way is about weights that are to be exchanged: it ends.
    fn stop_evaluating(&mut self) {
        if !self.engine.is_evaluating() {
            return;
        }
        if let Some(trainer) = self.engine.own_mut() {
            trainer.stop_evaluation();
        }
        if self.past.then().is_none() {
            self.evaluated_at = None;
        }
    }
}

impl Session {
    /// Bytes of GPU memory that a network of the session's leaves.
    fn left_by_network(&self) -> u64 {
        let own = self.training.as_ref().map_or(0, |t| t.engine.gpu_bytes());
        self.options.gpu_memory.saturating_sub(own)
    }

    /// Keeps the present moment, if that is due or `wanted`; at a boundary.
    pub(super) fn keep_moment(&mut self, wanted: bool) {
        let memory = self.left_by_network();
        let Some(t) = &mut self.training else { return };
        if !self.options.keep_past || !t.engine.at_boundary() {
            return;
        }
        if let Some(trainer) = t.engine.own()
            && t.past.keep(&self.gpu, trainer, memory, wanted)
        {
            // What has arrived by now does not arrive again.
            if let Some(record) = &t.last {
                t.past.note_record(record, t.epoch_sums);
            }
            if let (Some(evaluation), Some(test)) = (t.evaluation, &t.test) {
                t.past.note_evaluation(evaluation, test);
            }
        }
    }

    /// Looks at the last moment that is kept up to `step` steps, or at the first; at the present again without one.
    pub(super) fn look_back(&mut self, step: Option<u64>) {
        let Some(t) = &mut self.training else { return };
        let Some(step) = step else {
            if t.past.away.is_none() {
                self.events.push(Event::LookedBack { step: None });
            }
            return self.return_to_present();
        };
        t.running = false;
        t.sliced.stepper.clear();
        let refused = if t.engine.own().is_none() {
            Some(ONLY_OWN)
        } else if t.past.moments.is_empty() {
            Some(
                "nothing is kept of this run's past: it has not begun, or the network is too large for that; \
                  train first, or take a smaller network",
            )
        } else {
            None
        };
        if let Some(why) = refused {
            return self.error(why);
        }
        t.stop_evaluating();
        if t.past.away.is_none() {
            self.eye.keep_present(&self.gpu, t.engine.submitted());
        }
        let at = t.past.moments.partition_point(|m| m.step <= step).saturating_sub(1);
        if let Some(trainer) = t.engine.own_mut() {
            t.past.go(&self.gpu, trainer, at);
        }
        let step = t.past.then().map(|m| m.step);
        self.eye.look_anew();
        self.events.push(Event::LookedBack { step });
    }

    /// Looks at the present again.
    pub(super) fn return_to_present(&mut self) {
        let Some(t) = &mut self.training else { return };
        if t.past.away.is_none() {
            return;
        }
        t.stop_evaluating();
        self.events.push(Event::LookedBack { step: None });
        if let Some(trainer) = t.engine.own_mut() {
            t.past.back(&self.gpu, trainer);
        }
        self.eye.look_anew();
    }

    /// Goes on from the moment that is looked at, as another run; what came after it is forgotten.
    pub(super) fn branch(&mut self) {
        let Some(t) = &mut self.training else { return };
        let (Some(Away { at, .. }), Some(trainer)) = (t.past.away.as_ref(), t.engine.own_mut()) else {
            return self.error("no earlier moment is looked at; look back to one first, then branch from it");
        };
        let at = *at;
        let moment = &t.past.moments[at];
        let step = moment.step;
        trainer.continue_at(step);
        trainer.set_surgeries(moment.surgeries.clone());
        let found = (moment.record.clone(), moment.evaluation, moment.test.clone(), moment.epoch_sums);
        t.past.away = None;
        t.past.truncate(at + 1);
        let batches_before = t.batches_before;
        t.reset_measured();
        t.batches_before = batches_before;
        (t.last, t.evaluation, t.test, t.epoch_sums) = found;
        t.evaluated_at = t.evaluation.map(|e| e.step);
        t.finished = step >= t.engine.total_steps();
        // Channels and scales of its maps were chosen by weights that are gone.
        self.eye.forget();
        self.events.push(Event::Branched { step });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps that are kept after a run of `steps`, with room for `most`.
    fn kept(steps: u64, most: usize) -> Vec<u64> {
        let mut kept: Vec<u64> = Vec::new();
        for now in 0..=steps {
            if kept.last().is_some_and(|last| now < last + interval(*last)) {
                continue;
            }
            if kept.len() == most {
                let at = least_telling(&kept, now).expect("one that can go");
                kept.remove(at);
            }
            kept.push(now);
        }
        kept
    }

    #[test]
    fn moments_are_bounded_in_number_and_lie_closer_the_younger_they_are() {
        for steps in [5, 300, 20_000] {
            let kept = kept(steps, MOST);
            assert!(kept.len() <= MOST);
            assert_eq!(kept[0], 0, "the beginning stays");
            assert!(steps - kept.last().expect("some") <= STEPS);
            for pair in kept.windows(2) {
                let (gap, age) = (pair[1] - pair[0], steps - pair[0]);
                assert!(
                    gap as f64 <= STEPS as f64 + 0.3 * age as f64,
                    "{gap} steps apart, {age} ago: {kept:?}"
                );
            }
        }
        assert_eq!(kept(5, MOST), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn few_moments_still_span_the_run() {
        let kept = kept(10_000, 4);
        assert_eq!((kept.len(), kept[0]), (4, 0));
        assert!(kept[1] > 1000 && kept[1] < 9900, "{kept:?}");
    }
}
