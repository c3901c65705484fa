//! What the Lab's experiments on the identity and on paths have found, as lessons write it: figures without words, so
//! that they stay right when the language changes.

use super::super::numbers::{self, UNKNOWN};
use super::super::panels::{LabForm, LabState};
use crate::lab::identity::{self, Run, Step};
use crate::lab::paths;
use crate::session::Found;

/// What is told of paths: the mean length of all, of all weighed by their gradient, and what comes through skips alone.
const OF_PATHS: [&str; 3] = ["all", "gradient", "skips"];

/// A value of the identity experiment: with skip or `plain`, `bn` or `bare`, and what of it.
struct OfIdentity<'a> {
    skip: bool,
    batch_norm: bool,
    what: &'a str,
}

impl<'a> OfIdentity<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let [skip, norm, what] = parts.as_slice() else { return None };
        let one_of = |word: &str, yes: &str, no: &str| (word == yes || word == no).then_some(word == yes);
        ["steps", "loss", "ratio"].contains(what).then_some(())?;
        Some(Self { skip: one_of(skip, "skip", "plain")?, batch_norm: one_of(norm, "bn", "bare")?, what })
    }
}

/// Whether there can be such a value.
pub fn knows(what: &str, rest: &str) -> bool {
    match what {
        "identity" => OfIdentity::read(rest).is_some(),
        _ => OF_PATHS.contains(&rest),
    }
}

/// `identity` or `paths`, as links call the experiment, and which value of it.
pub fn value(lab: &LabState, what: &str, rest: &str) -> Option<String> {
    match lab.seen(LabForm::read(what)?.which)?.found.as_ref()? {
        Found::Identity(found) => of_identity(found, &OfIdentity::read(rest)?),
        Found::Paths(found) => of_paths(found, rest),
        _ => None,
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0.0, 0.0), |(n, s), v| (n + 1.0, s + v));
    (n > 0.0).then_some(sum / n)
}

/// Of one kind of network, over its seeds, at the learning rate at which one of them gets furthest.
fn of_identity(found: &identity::Outcome, of: &OfIdentity<'_>) -> Option<String> {
    let kind = (of.skip, of.batch_norm, false);
    let runs = found.runs.iter().filter(|r| (r.lane.skip, r.lane.batch_norm, r.lane.zero_gamma) == kind);
    let best = runs.clone().min_by(|a, b| a.last_loss().total_cmp(&b.last_loss()))?;
    let runs = || runs.clone().filter(|r| r.lane.lr == best.lane.lr);
    // Where a network has died its input is 0, and the ratio is no number.
    let branch = |step: fn(&Run) -> Option<&Step>| {
        let all = runs().filter_map(step).flat_map(|s| &s.branch).map(|b| f64::from(*b));
        mean(all.filter(|b| b.is_finite())).map_or(UNKNOWN.into(), |m| numbers::ratio(m as f32))
    };
    Some(match of.what {
        "steps" => {
            // One that never got there took more than it has done.
            let steps = |r: &Run| match r.to_identity {
                Some(step) => numbers::grouped(step),
                None => format!("> {}", numbers::grouped(r.steps.len() as u64)),
            };
            runs().map(steps).collect::<Vec<_>>().join(", ")
        }
        "loss" => numbers::norm(mean(runs().map(Run::last_loss))? as f32),
        _ => format!("{} → {}", branch(|r| r.steps.first()), branch(|r| r.steps.last())),
    })
}

fn of_paths(found: &paths::Outcome, which: &str) -> Option<String> {
    let all = &found.lengths;
    let skips = all.iter().find(|l| l.branches == 0)?;
    Some(match which {
        "all" => numbers::fixed(all.iter().map(|l| l.paths * l.branches as f64).sum(), 1),
        "gradient" => numbers::fixed(all.iter().map(|l| l.share * l.branches as f64).sum(), 1),
        _ => numbers::percent(skips.share as f32),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Progress, identity::Lane};
    use crate::session::{Experiment, ExperimentView};

    fn seen(form: &str, found: Found) -> LabState {
        let form = LabForm::read(form).expect("an experiment");
        let experiment = match found {
            Found::Identity(_) => Experiment::Identity(form.identity.setup()),
            _ => Experiment::Paths(form.paths.setup()),
        };
        let (found, progress) = (Some(found), Progress::default());
        let mut lab = LabState::default();
        lab.put(ExperimentView {
            experiment,
            under_way: false,
            resumable: false,
            step: 0,
            progress,
            found,
            failed: None,
        });
        lab
    }

    #[test]
    fn each_kind_of_network_is_told_by_its_seeds() {
        let run = |skip, lr, seed, loss: f32, to_identity| {
            let step = |branch: [f32; 2]| Step { loss, branch: branch.to_vec(), gamma: None };
            Run {
                lane: Lane { skip, batch_norm: true, zero_gamma: false, lr, seed },
                to_identity,
                to_residual: None,
                diverged: None,
                steps: vec![step([1.0, 1.5]), step([0.25, f32::NAN])],
            }
        };
        let zero = Run {
            lane: Lane { skip: true, batch_norm: true, zero_gamma: true, lr: 0.5, seed: 1 },
            ..run(true, 0.5, 1, 0.0, Some(9))
        };
        let runs = vec![
            run(true, 0.1, 1, 0.5, Some(7)),
            run(true, 0.5, 1, 0.005, Some(1200)),
            run(true, 0.5, 2, 0.015, None),
            zero,
        ];
        let lab = seen("identity", Found::Identity(identity::Outcome { runs, ..Default::default() }));
        let of = |rest| value(&lab, "identity", rest);
        assert_eq!(of("skip:bn:steps").as_deref(), Some("1,200, > 2"), "at the better rate");
        assert_eq!(of("skip:bn:loss").as_deref(), Some("0.010"));
        assert_eq!(of("skip:bn:ratio").as_deref(), Some("1.25 → 0.25"), "what is no number is left out");
        assert_eq!(of("plain:bn:steps"), None, "not run");
        assert_eq!(value(&lab, "paths", "all"), None, "another experiment");
    }

    #[test]
    fn paths_are_told_by_their_mean_length() {
        let length = |(branches, (paths, share))| paths::Length {
            branches,
            paths,
            samples: 1,
            gradient: 1.0,
            error: None,
            share,
        };
        let lengths = [(0.25, 0.05), (0.5, 0.8), (0.25, 0.15)].into_iter().enumerate().map(length);
        let lab =
            seen("paths", Found::Paths(paths::Outcome { lengths: lengths.collect(), ..Default::default() }));
        let told = OF_PATHS.map(|rest| value(&lab, "paths", rest).unwrap_or_default());
        assert_eq!(told, ["1.0", "1.1", "5.0\u{2009}%"]);
        let none = seen("paths", Found::Paths(Default::default()));
        assert_eq!(OF_PATHS.map(|rest| value(&none, "paths", rest)), [None, None, None]);
    }

    #[test]
    fn what_is_no_such_value_is_known_to_be_none() {
        assert!(knows("identity", "plain:bare:ratio") && knows("paths", "skips"));
        for rest in ["", "skip:bn", "skip:bn:speed", "skips:bn:loss", "skip:he:loss", "skip:bn:loss:1"] {
            assert!(!knows("identity", rest), "{rest}");
        }
        assert!(!knows("paths", "") && !knows("paths", "3"));
    }
}
