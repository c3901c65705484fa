//! Two engines, one run: the own one and another train the same network from the same weights on the same batches, and
//! what they measure and where they arrive is set side by side.
//!
//! [`super::trust`] asks whether each kernel computes what it should; this asks whether a framework that somebody else
//! wrote comes to the same run. Rounding differs in every sum, and training multiplies differences: the first step's
//! loss has seen one forward pass only and is judged, what comes after is told.

use super::building::{Building, Resources, has_classes};
use super::{Job, LabError, Progress, poll};
use crate::data::Dataset;
use crate::engine::NetworkState;
use crate::engine::dataset::GpuSplit;
use crate::engines;
use crate::gpu::{Gpu, Pacer};
use crate::model::{Graph, ModelSpec};
use crate::train::engine::{Engine, EngineKind, Own, Source};
use crate::train::{Recipe, StepRecord};
use serde::Serialize;
use std::sync::Arc;

/// Largest relative deviation of the first loss between two engines that agree: single precision loses some 1e-6 in a
/// forward pass, a wrong operation more than 1e-2.
pub const FIRST_LOSS: f64 = 1e-4;

/// What is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// What the network is called.
    pub name: String,
    pub spec: ModelSpec,
    pub recipe: Recipe,
    /// The engine that is set beside the own one.
    pub other: EngineKind,
    /// Training steps.
    pub steps: u64,
}

/// The loss of one step in both engines, before its update.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Loss {
    pub own: f64,
    pub other: f64,
    /// |own − other| / |own|.
    pub deviation: f64,
}

/// One parameter in both engines, as relative deviations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    pub parameter: String,
    /// L2 norm of its gradient in the first step, in the own engine.
    pub gradient: f64,
    /// Of that norm in the first step, and the largest of all steps.
    pub first_gradient: f64,
    pub worst_gradient: f64,
    /// ‖own − other‖ / ‖own‖ of its values after the last step.
    pub weights: f64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Agreement {
    /// What computed, in words.
    pub own: String,
    pub other: String,
    pub network: String,
    pub batch: usize,
    /// Of every step that both have done.
    pub losses: Vec<Loss>,
    /// One for each parameter, once the last step is done.
    pub rows: Vec<Row>,
}

impl Agreement {
    /// Whether the first step's losses agree and everything else is a number.
    pub fn holds(&self) -> bool {
        let first = self.losses.first().is_some_and(|l| l.deviation <= FIRST_LOSS);
        let numbers = |r: &Row| [r.first_gradient, r.worst_gradient, r.weights].iter().all(|v| v.is_finite());
        first && self.losses.iter().all(|l| l.deviation.is_finite()) && self.rows.iter().all(numbers)
    }

    /// A line for each number: what it is, of which step or parameter, the own engine's value where it is one number,
    /// and the deviation.
    pub fn csv(&self) -> String {
        let mut out = String::from("quantity,of,own,deviation\n");
        for (step, l) in self.losses.iter().enumerate() {
            out += &format!("loss,{step},{},{}\n", l.own, l.deviation);
        }
        for r in &self.rows {
            out += &format!("first_gradient,{},{},{}\n", r.parameter, r.gradient, r.first_gradient);
            out += &format!("worst_gradient,{},,{}\n", r.parameter, r.worst_gradient);
            out += &format!("weights,{},,{}\n", r.parameter, r.weights);
        }
        out
    }
}

/// An engine, and what it has measured.
struct Side {
    engine: Box<dyn Engine>,
    records: Vec<StepRecord>,
    reading: bool,
    state: Option<NetworkState>,
}

impl Side {
    fn new(engine: Box<dyn Engine>) -> Self {
        Self { engine, records: Vec::new(), reading: false, state: None }
    }

    /// Goes on to the end of `steps`, and reads the weights back.
    fn advance(
        &mut self,
        gpu: &Gpu,
        train: Source<'_>,
        pacer: &mut Pacer,
        steps: u64,
    ) -> Result<(), LabError> {
        let new = self.engine.collect(gpu).map_err(LabError::Refused)?;
        self.records.extend(new.into_iter().map(|m| m.record));
        if self.state.is_some() {
            return Ok(());
        }
        if self.reading {
            self.state = self.engine.collect_state().transpose().map_err(LabError::Refused)?;
            return Ok(());
        }
        while pacer.may_submit(gpu) {
            if self.engine.at_boundary() {
                if self.engine.submitted() == steps {
                    self.reading = true;
                    self.engine.begin_reading(gpu);
                    break;
                }
                if !self.engine.begin_step(gpu, train).map_err(LabError::Refused)? {
                    break;
                }
            }
            let work = self.engine.advance(gpu, pacer.slice());
            if work == 0.0 {
                break;
            }
            pacer.submitted(work);
        }
        Ok(())
    }
}

/// A comparison under way.
pub struct Engines {
    question: Question,
    graph: Graph,
    split: GpuSplit,
    host: Arc<crate::data::Split>,
    building: Option<Building>,
    own: Option<Side>,
    other: Side,
    pacer: Pacer,
    agreement: Agreement,
    done: bool,
}

impl Engines {
    /// Prepares both engines to train on `data`.
    ///
    /// # Errors
    ///
    /// If this program has no such engine, or the network does not fit the pictures or the memory.
    pub fn new(
        gpu: &Gpu,
        question: Question,
        data: &Dataset,
        resources: &Resources,
    ) -> Result<Self, LabError> {
        let (split, host) = (GpuSplit::upload(gpu, &data.train), Arc::new(data.train.clone()));
        Self::on(gpu, question, split, host, data.classes.len(), resources)
    }

    /// As `new`, on training pictures of `classes` that are on the GPU already; `host` holds the same.
    ///
    /// # Errors
    ///
    /// As `new`.
    pub fn on(
        gpu: &Gpu,
        question: Question,
        split: GpuSplit,
        host: Arc<crate::data::Split>,
        classes: usize,
        resources: &Resources,
    ) -> Result<Self, LabError> {
        let Question { name, spec, recipe, other, .. } = &question;
        recipe.validate()?;
        has_classes(name, spec, classes)?;
        if host.is_empty() || question.steps == 0 {
            return Err(LabError::Asked("a comparison takes at least one picture and one step".into()));
        }
        let images = host.len();
        let engine = engines::another(*other, gpu, spec, recipe, images, resources.gpu_memory);
        let engine = engine.map_err(LabError::Asked)?;
        let agreement = Agreement {
            own: gpu.facts.id(),
            other: engine.device(gpu),
            network: name.clone(),
            batch: recipe.batch.min(images),
            ..Agreement::default()
        };
        Ok(Self {
            graph: Graph::new(spec)?,
            split,
            host,
            building: Some(Building::new(gpu, [spec], recipe.batch, resources)?),
            own: None,
            other: Side::new(engine),
            pacer: Pacer::new(0.02, gpu.facts.class.flops()),
            agreement,
            done: false,
            question,
        })
    }

    fn compare(&mut self) {
        let Some(own) = &self.own else { return };
        let (a, b) = (&own.records, &self.other.records);
        let pairs = a.iter().zip(b).skip(self.agreement.losses.len());
        let losses = pairs.map(|(a, b)| {
            let (own, other) = (f64::from(a.loss), f64::from(b.loss));
            Loss { own, other, deviation: relative(own, other) }
        });
        self.agreement.losses.extend(losses);
        let (Some(x), Some(y), false) = (&own.state, &self.other.state, self.done) else { return };
        if a.len() < self.question.steps as usize || b.len() < a.len() {
            return;
        }
        let row = |(i, p): (usize, &crate::model::Param)| {
            let norms = a.iter().zip(b).map(|(a, b)| (f64::from(a.grad_norm[i]), f64::from(b.grad_norm[i])));
            let deviations: Vec<f64> = norms.map(|(a, b)| relative(a, b)).collect();
            Row {
                parameter: p.name.clone(),
                gradient: f64::from(a[0].grad_norm[i]),
                first_gradient: deviations[0],
                worst_gradient: deviations.iter().copied().fold(0.0, largest),
                weights: distance(&x.params[i], &y.params[i]),
            }
        };
        self.agreement.rows = self.graph.params.iter().enumerate().map(row).collect();
        self.done = true;
    }
}

/// |a − b| / |a|; 0 of two equal numbers.
fn relative(a: f64, b: f64) -> f64 {
    if a == b { 0.0 } else { (a - b).abs() / a.abs() }
}

/// The larger one; not a number if one of them is.
fn largest(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// ‖a − b‖ / ‖a‖; 0 of two equal ones.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let apart = norm(&mut a.iter().zip(b).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    if apart == 0.0 { 0.0 } else { apart / norm(&mut a.iter().map(|a| f64::from(*a))) }
}

impl Job for Engines {
    type Outcome = Agreement;

    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        poll(gpu)?;
        self.pacer.observe(gpu);
        if let Some(building) = &mut self.building
            && let Some(networks) = building.advance(gpu)?
        {
            self.building = None;
            let recipe = self.question.recipe.clone();
            let own = networks.into_iter().next().map(|net| Own::new(gpu, net, recipe, self.split.len));
            self.own = own.map(|own| Side::new(Box::new(own)));
        }
        let train = Source { gpu: &self.split, host: Some(&self.host) };
        let steps = self.question.steps;
        if let Some(own) = &mut self.own {
            own.advance(gpu, train, &mut self.pacer, steps)?;
        }
        self.other.advance(gpu, train, &mut self.pacer, steps)?;
        self.compare();
        let count = |side: &Side| side.records.len() as u64;
        let done = self.own.as_ref().map_or(0, count) + count(&self.other);
        Ok(Progress {
            done: if self.done { 2 * steps + 1 } else { done },
            total: 2 * steps + 1,
            what: if self.building.is_some() { "kernels".into() } else { "steps in both engines".into() },
        })
    }

    fn outcome(&self) -> Agreement {
        self.agreement.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_relative_to_the_own_engine() {
        assert!((relative(2.0, 2.5) - 0.25).abs() < 1e-12);
        assert!((distance(&[3.0, 4.0], &[3.0, 4.5]) - 0.1).abs() < 1e-12);
        assert_eq!((relative(0.0, 0.0), distance(&[0.0], &[0.0])), (0.0, 0.0));
        assert!(relative(1.0, f64::NAN).is_nan() && largest(f64::NAN, 1.0).is_nan());
    }

    #[test]
    fn only_a_first_loss_that_is_off_and_what_is_no_number_fail() {
        let loss = |deviation| Loss { own: 2.0, other: 2.0, deviation };
        let row = |weights| Row {
            parameter: "fc.bias".into(),
            gradient: 1.0,
            first_gradient: 0.5,
            worst_gradient: 0.5,
            weights,
        };
        let found = |losses: &[f64], weights| Agreement {
            losses: losses.iter().map(|d| loss(*d)).collect(),
            rows: vec![row(weights)],
            ..Agreement::default()
        };
        assert!(found(&[1e-6, 0.3], 0.2).holds());
        assert!(!found(&[1e-3, 1e-6], 0.2).holds());
        assert!(!found(&[1e-6, f64::NAN], 0.2).holds());
        assert!(!found(&[1e-6], f64::INFINITY).holds());
        assert!(!Agreement::default().holds());
        let table = "quantity,of,own,deviation\nloss,0,2,0.000001\nfirst_gradient,fc.bias,1,0.5\n\
                     worst_gradient,fc.bias,,0.5\nweights,fc.bias,,0.2\n";
        assert_eq!(found(&[1e-6], 0.2).csv(), table);
    }
}
