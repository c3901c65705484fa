//! What each experiment is made of: from its set-up, the session's pictures and a copy of its network to a job.

#[cfg(feature = "burn")]
use super::super::super::experiment::EnginesSetup;
use super::super::super::experiment::{
    AlphaSetup, Found, IdentitySetup, LandscapeSetup, PathsSetup, ShatterSetup,
};
use super::super::Session;
use super::{Of, Present, Running, no_network, no_pictures};
use crate::engine::Gates;
use crate::engine::variants::Variants;
use crate::gpu::Gpu;
use crate::lab::alpha::{self, AlphaTradeOff};
#[cfg(feature = "burn")]
use crate::lab::engines::{Engines, Question};
use crate::lab::identity::{self, Identity};
use crate::lab::landscape::survey::{self, Survey};
use crate::lab::paths::{self, Paths};
use crate::lab::race::Lane;
use crate::lab::shatter::{self, Shatter};
use crate::lab::trust::{NotRepeatable, Run, Trust, Trusted, command_line};
use crate::lab::{Job as _, LabError, Progress, Subject};
use crate::model::{Graph, ModelSpec};
use crate::train::Init;
use crate::train::Recipe;
use std::sync::Arc;

/// A check that can be asked for slopes, and what is shown beside its report.
struct Trusting {
    job: Trust,
    shown: Trusted,
}

impl Running for Trusting {
    fn advance(&mut self, gpu: &Gpu) -> Result<Progress, LabError> {
        self.job.advance(gpu)
    }

    fn found(&self) -> Found {
        let report = self.job.outcome();
        Found::Trust(Trusted { passed: report.passed(), report, ..self.shown.clone() })
    }

    fn ask(&mut self, parameter: &str, index: usize) -> Result<(), LabError> {
        self.job.ask(parameter, index)
    }
}

/// Its blocks' gates: α as it is by now.
fn gates(spec: &ModelSpec) -> Result<Vec<Gates>, LabError> {
    Ok(Gates::of(&Graph::new(spec)?))
}

impl Session {
    pub(super) fn begin_trust(&self, present: Option<Present>) -> Result<Box<dyn Running>, LabError> {
        let Present { name, spec, recipe, state, .. } = present.ok_or_else(no_network)?;
        let p = self.pictures.as_ref().ok_or_else(no_pictures)?;
        let (gates, resources) = (gates(&spec)?, self.resources());
        let subject = Subject { name: &name, spec: &spec, gates: &gates, state: &state, recipe: &recipe };
        let split = p.train.beside(&self.gpu);
        let job = Trust::new(&self.gpu, &subject, &resources, &split, p.info.classes.len())?;
        let what = self.training.as_ref().and_then(|t| {
            let operated =
                (!t.shown_surgeries().is_empty()).then_some("what was done to skips while it trained");
            operated.or(t.unrepeatable)
        });
        let line = if let Some(what) = what {
            Err(NotRepeatable { what: what.to_owned() })
        } else {
            command_line(&Run {
                model: &name,
                spec: &spec,
                recipe: &recipe,
                data: &p.info.name,
                variants: &resources.variants,
                by_itself: &Variants::for_adapter(&self.gpu.facts),
                adapter: None,
            })
        };
        let shown = Trusted {
            passed: false,
            report: job.outcome(),
            batch: recipe.batch,
            seed: recipe.seed,
            variants: resources.variants,
            weights: Arc::new(state.params),
            not_repeatable: line.as_ref().err().map(|e| e.what.clone()),
            command_line: line.ok(),
            name,
            spec,
        };
        Ok(Box::new(Trusting { job, shown }))
    }

    pub(super) fn begin_paths(
        &self,
        setup: &PathsSetup,
        present: Option<Present>,
    ) -> Result<Box<dyn Running>, LabError> {
        let Present { name, spec, recipe, state, .. } = present.ok_or_else(no_network)?;
        let p = self.pictures.as_ref().ok_or_else(no_pictures)?;
        let gates = gates(&spec)?;
        let subject = Subject { name: &name, spec: &spec, gates: &gates, state: &state, recipe: &recipe };
        let split = p.test.beside(&self.gpu);
        let &PathsSetup { samples, images, picture, class, seed } = setup;
        let images = images.min(split.len);
        let options = paths::Options { samples, images, picture, class, seed, resources: self.resources() };
        let job = Paths::new(&self.gpu, &subject, &split, p.info.classes.len(), options)?;
        Ok(Box::new(Of(job, Found::Paths)))
    }

    pub(super) fn begin_landscape(
        &self,
        setup: &LandscapeSetup,
        present: Option<Present>,
    ) -> Result<Box<dyn Running>, LabError> {
        let present = present.ok_or_else(no_network)?;
        let p = self.pictures.as_ref().ok_or_else(no_pictures)?;
        let split = p.train.beside(&self.gpu);
        // The twin follows the same recipe as far as the present network has come.
        let (recipe, until) = match setup.present {
            true => (present.recipe.clone(), Some(present.step)),
            false => (Recipe { steps: Some(setup.steps), ..present.recipe.clone() }, None),
        };
        let (name, spec) = present.twin();
        let twin = Lane { name, spec, recipe: recipe.clone() };
        let trained = setup.present.then_some(present.state);
        let own = Lane { name: present.name, spec: present.spec, recipe };
        let lanes = if setup.twin { vec![own, twin] } else { vec![own] };
        let &LandscapeSetup { size, reach, images, statistics, path, directions, .. } = setup;
        let images = images.min(split.len);
        let resources = self.resources();
        let options = survey::Options {
            lanes,
            trained,
            until,
            size,
            reach,
            images,
            statistics,
            path,
            directions,
            resources,
        };
        let job = Survey::new(&self.gpu, split, p.info.classes.len(), options)?;
        Ok(Box::new(Of(job, Found::Landscape)))
    }

    pub(super) fn begin_shatter(&self, setup: &ShatterSetup) -> Result<Box<dyn Running>, LabError> {
        let p = self.pictures.as_ref().ok_or_else(no_pictures)?;
        let ShatterSetup { depths, seeds, points } = setup.clone();
        let options = shatter::Options { depths, seeds, points, init: Init::He, resources: self.resources() };
        let job = Shatter::new(options, p.train.beside(&self.gpu))?;
        Ok(Box::new(Of(job, Found::Shatter)))
    }

    pub(super) fn begin_alpha(&self, setup: &AlphaSetup) -> Result<Box<dyn Running>, LabError> {
        let p = self.pictures.as_ref().ok_or_else(no_pictures)?;
        let AlphaSetup { depth, alphas, batch_norm, seeds, images } = setup.clone();
        let (images, resources) = (images.min(p.train.len), self.resources());
        let options = alpha::Options { depth, alphas, batch_norm, seeds, images, resources };
        let job = AlphaTradeOff::new(&self.gpu, &p.train.beside(&self.gpu), p.info.classes.len(), options)?;
        Ok(Box::new(Of(job, Found::Alpha)))
    }

    pub(super) fn begin_identity(&self, setup: &IdentitySetup) -> Result<Box<dyn Running>, LabError> {
        let &IdentitySetup { blocks, steps, seeds, zero_gamma, .. } = setup;
        let (rates, resources) = (setup.rates.clone(), self.resources());
        let options = identity::Options { blocks, steps, seeds, rates, zero_gamma, resources };
        Ok(Box::new(Of(Identity::new(options)?, Found::Identity)))
    }

    /// Of the present network only what it is and its recipe are asked for, so any engine may have it.
    #[cfg(feature = "burn")]
    pub(super) fn begin_engines(&self, setup: &EnginesSetup) -> Result<Box<dyn Running>, LabError> {
        let t = self.training.as_ref().ok_or_else(no_network)?;
        let spec = t.shown_spec();
        let p = self.pictures.as_ref().ok_or_else(no_pictures)?;
        let (host, _) = p.host.as_ref().ok_or_else(no_pictures)?;
        let (recipe, other) = (t.engine.recipe().clone(), setup.other);
        let steps = setup.steps.min(t.engine.total_steps());
        let question = Question { name: t.name.clone(), spec, recipe, other, steps };
        let (split, classes) = (p.train.beside(&self.gpu), p.info.classes.len());
        let job = Engines::on(&self.gpu, question, split, host.clone(), classes, &self.resources())?;
        Ok(Box::new(Of(job, Found::Engines)))
    }
}
