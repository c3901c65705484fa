//! Golden cases ([`crate::train::golden`]) run by Burn.

use super::batch::gather;
use super::net::{Net, Sgd};
use super::trainer::cross_entropy;
use crate::data::Dataset;
use crate::engine::{Gates, NetworkState, weights};
use crate::model::Graph;
use crate::train::golden::{Answers, Case, Field, GoldenError, LOGITS};
use burn_tensor::Device;
use std::collections::BTreeMap;

/// Runs a case on one of Burn's devices and compares every field. Waits for it.
///
/// # Errors
///
/// If the case asks for pictures that are not there, or the device fails.
pub fn golden(device: &Device, case: &Case, data: &Dataset) -> Result<Vec<Field>, GoldenError> {
    pollster::block_on(run(device, case, data))
}

async fn run(device: &Device, case: &Case, data: &Dataset) -> Result<Vec<Field>, GoldenError> {
    let split = case.split(data)?;
    let graph = Graph::new(&case.spec())?;
    let state = NetworkState::initial(&graph, weights::golden(&graph, case.seed));
    let mut net = Net::new(graph.clone(), device.clone(), &state);
    let (gates, recipe) = (Gates::of(&graph), case.recipe());
    let batch = |s: usize| {
        let first = case.data.start + s * case.data.batch;
        let records: Vec<u32> = (first as u32..(first + case.data.batch) as u32).collect();
        gather(split, &records, case.data.size, &recipe, None)
    };
    let o = &case.optimizer;
    let sgd = Sgd { lr: o.lr, momentum: o.momentum, weight_decay: o.weight_decay, nesterov: o.nesterov };
    let mut steps = Vec::new();
    for s in 0..case.steps {
        steps.push(net.step(&batch(s), &gates, sgd, true).await.map_err(GoldenError::Gpu)?);
    }
    let held_out = batch(0);
    let eval_logits = net.evaluate(&held_out, &gates).await.map_err(GoldenError::Gpu)?;
    let state = net.read().await.map_err(GoldenError::Gpu)?;
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return Err(GoldenError::Gpu("the case has no steps".into()));
    };
    let by_param = |norms: &[f32]| -> BTreeMap<String, f64> {
        graph.params.iter().zip(norms).map(|(p, n)| (p.name.clone(), f64::from(*n))).collect()
    };
    let blocks = graph.blocks.iter().zip(&first.blocks);
    let rows = eval_logits.chunks_exact(graph.spec.classes).zip(&held_out.labels);
    let losses = rows.map(|(row, &label)| cross_entropy(row, usize::from(label)));
    let first_logits = |logits: &[f32]| logits.iter().take(LOGITS).map(|v| f64::from(*v)).collect();
    Ok(case.compare(&Answers {
        parameters: graph.parameter_count(),
        loss: steps.iter().map(|s| f64::from(s.loss)).collect(),
        logits: first_logits(&first.logits),
        block_std: blocks.map(|(b, s)| (b.name.clone(), f64::from(s.output.std))).collect(),
        grad_norm: by_param(&first.grad_norm),
        weight_norm: by_param(&last.weight_norm),
        running_norm: Answers::running_norm(&graph, &state),
        eval_logits: first_logits(&eval_logits),
        eval_loss: losses.sum::<f64>() / case.data.batch as f64,
    }))
}
