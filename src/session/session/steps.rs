//! Driving steps and taking in what they measured.

use super::super::protocol::{Evaluation, Event};
use super::training::{Reading, Saving, Training};
use super::{Session, watching};
use crate::checkpoint::{self, Checkpoint};
use crate::engine::NetworkState;
use web_time::{Duration, Instant};

/// Images a second are averaged over this long.
const SPEED_WINDOW: Duration = Duration::from_secs(3);

impl Session {
    /// Takes what has arrived from the GPU.
    pub(super) fn collect(&mut self) {
        let Some(t) = &mut self.training else { return };
        let measured = match t.engine.collect(&self.gpu) {
            Ok(list) => list,
            Err(message) => {
                t.running = false;
                t.single_steps = 0;
                t.reading = None;
                self.error(message);
                return;
            }
        };
        let now = Instant::now();
        for m in measured {
            if t.diverged {
                continue;
            }
            let images = f64::from(m.record.images);
            t.epoch_sums.0 += f64::from(m.record.loss) * images;
            t.epoch_sums.1 += f64::from(m.record.accuracy) * images;
            t.epoch_sums.2 += images;
            // Records that arrive together are one point in time.
            match t.speed.back_mut() {
                Some((at, images)) if *at == now => *images += m.record.images,
                _ => t.speed.push_back((now, m.record.images)),
            }
            t.last = Some(m.record.clone());
            let (step, epoch) = (m.record.step, m.record.epoch);
            if let Some(lesion) = t.engine.surgeries().parting().filter(|lesion| *lesion <= step) {
                t.engine.surgeries_mut().part();
                self.events.push(Event::Parted { step: lesion });
            }
            self.events.push(Event::Step(Box::new(m.record)));
            if let Some(what) = m.not_finite {
                t.diverged = true;
                t.running = false;
                t.single_steps = 0;
                t.past.diverged(step);
                self.events.push(Event::Diverged { step, what });
                continue;
            }
            if m.ends_epoch {
                let (loss, right, n) = std::mem::take(&mut t.epoch_sums);
                self.events.push(Event::EpochEnd {
                    epoch,
                    mean_loss: (loss / n) as f32,
                    mean_accuracy: (right / n) as f32,
                });
            }
            if let Some(record) = &t.last {
                t.past.note_record(record, t.epoch_sums);
            }
        }
        while t.speed.len() > 2 && t.speed.front().is_some_and(|(at, _)| now - *at > SPEED_WINDOW) {
            t.speed.pop_front();
        }
        // Only when all steps before it are told of.
        if t.engine.measured() == t.engine.submitted() {
            let step = t.shown_step();
            match t.engine.collect_evaluation() {
                Some(Ok(r)) => {
                    let evaluation =
                        Evaluation { step, accuracy: r.accuracy, loss: r.loss, images: r.images };
                    let labels = self.pictures.as_ref().map_or(&[][..], |p| &p.test_labels);
                    let test = watching::test_detail(step, labels, &r);
                    t.note_evaluation(evaluation, &test);
                    if t.past.then().is_some() {
                        self.events.push(Event::EvaluatedThen(evaluation));
                    } else {
                        (t.evaluation, t.test) = (Some(evaluation), Some(test));
                        t.evaluated_at = Some(step);
                        self.events.push(Event::Evaluated(evaluation));
                    }
                }
                Some(Err(message)) => self.events.push(Event::Error(message)),
                None => {}
            }
        }
        let complete = t.engine.measured() >= t.engine.total_steps();
        if complete && !t.finished && !t.diverged && !t.engine.is_evaluating() {
            let tested = self.pictures.as_ref().is_some_and(|p| !p.test.is_empty());
            let due = self.options.evaluate_epochs && tested && t.evaluated_at != Some(t.engine.submitted());
            if !due {
                t.finished = true;
                t.running = false;
                t.single_steps = 0;
                self.events.push(Event::Finished);
            }
        }
        if t.reading.is_some()
            && let Some(state) = t.engine.collect_state()
            && let Some(reading) = t.reading.take()
        {
            match (state, reading) {
                (Ok(state), Reading::Save(saving)) => self.save(saving, state),
                (Ok(mut state), Reading::Operate(whom, change)) => {
                    self.operated(whom, change, Some(&mut state));
                }
                (Err(message), _) => self.error(message),
            }
        }
    }

    /// Starts reading back the weights that are in place; for safekeeping those of the present, whatever is looked at.
    pub(super) fn begin_saving(&mut self, kept: bool) {
        let gpu = &self.gpu;
        let begin = |t: &mut Training| {
            t.engine.begin_reading(gpu);
            t.reading = Some(Reading::Save(Saving {
                step: t.shown_step(),
                spec: t.shown_spec(),
                surgeries: t.shown_surgeries().to_vec(),
                kept,
            }));
        };
        match &mut self.training {
            Some(t) if kept => t.at_present(gpu, begin),
            Some(t) => begin(t),
            None => {}
        }
    }

    fn save(&mut self, saving: Saving, state: NetworkState) {
        let Some(t) = &self.training else { return };
        let Saving { step, spec, surgeries, kept } = saving;
        let checkpoint = Checkpoint {
            name: t.name.clone(),
            spec,
            recipe: t.engine.recipe().clone(),
            step,
            train_images: self.pictures.as_ref().map_or(0, |p| p.info.train_images),
            data: self.pictures.as_ref().map_or_else(String::new, |p| p.info.name.clone()),
            variants: t.engine.variants(),
            adapter: t.engine.device(&self.gpu),
            state,
            batches_tracked: t.batches_before + step,
            surgeries,
        };
        match checkpoint::encode(&checkpoint) {
            Ok(bytes) if kept => self.events.push(Event::Kept { step, bytes }),
            Ok(bytes) => self.events.push(Event::Saved { step, bytes }),
            Err(e) => self.error(e.to_string()),
        }
    }

    /// Submits slices while the GPU has room for them.
    pub(super) fn drive(&mut self) {
        if self.drive_slices() {
            if self.training.as_ref().is_some_and(|t| t.sliced.holds()) && self.pacer.may_submit(&self.gpu) {
                self.look();
            }
            return;
        }
        while self.pacer.may_submit(&self.gpu) {
            if self.look() {
                continue;
            }
            self.keep_moment(false);
            let Some(pictures) = &self.pictures else { return };
            let Some(t) = &mut self.training else { return };
            if t.engine.at_boundary() {
                if t.reading.is_some() {
                    return;
                }
                match t.next_pass(&self.gpu, pictures, self.options.evaluate_epochs, self.commands.is_empty())
                {
                    Ok(true) => {
                        if t.sliced.profiler.is_some() && !t.engine.is_evaluating() {
                            t.profiling = true;
                            return;
                        }
                    }
                    Ok(false) => return,
                    Err(message) => {
                        t.running = false;
                        t.single_steps = 0;
                        self.events.push(Event::Error(message));
                        return;
                    }
                }
            }
            let work = t.engine.advance(&self.gpu, self.pacer.slice());
            if work == 0.0 {
                return;
            }
            self.pacer.submitted(work);
        }
    }
}
