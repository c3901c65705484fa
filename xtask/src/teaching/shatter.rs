//! How alike the gradients of neighbouring inputs are.

use super::results::{Document, Results};
use super::runs::{SHATTER, SHATTER_SHAPES};
use super::told::{short, table, title};
use anyhow::Result;
use serde::Deserialize;

const CLAIM: &str = "\
## Shattered gradients

Balduzzi et al. 2017 (arXiv 1702.08591, §2 and §3): at initialisation gradients of neighbouring inputs lose their likeness in plain
networks as 2⁻ᴸ, with skips and without batch norm as (3/4)ᴸ, with both as 1/√L. Theory takes inputs whose activation patterns
are independent, so that measured correlations are expected above it. Here: inputs on a line between two pictures, gradients
of a fixed random projection of the logits, correlation (± its standard error over the seeds) against their distance.
";

/// Why batch norm beside skips might lower the correlation, where theory has it raise it.
const WHY_OTHERWISE: &str = "  Likely reasons: theory takes independent inputs and blocks without a ReLU after the sum, and with batch norm \
    holds up to a constant only; here inputs lie on a line, a ReLU follows each sum, and batch norm keeps the statistics of 64 \
    pictures.\n";

#[derive(Deserialize)]
struct Curve {
    depth: usize,
    skip: bool,
    batch_norm: bool,
    seeds: usize,
    theory: Option<Theory>,
    correlation: Vec<At>,
}

#[derive(Deserialize)]
struct Theory {
    formula: String,
    value: f64,
}

#[derive(Deserialize)]
struct At {
    lag: f64,
    correlation: f64,
    error: f64,
}

impl Curve {
    fn name(&self) -> String {
        title(&format!("{}{}", if self.skip { "resnet" } else { "plain" }, self.depth))
    }

    /// Between neighbours on the line.
    fn nearest(&self) -> Option<&At> {
        self.correlation.first()
    }
}

pub fn section(r: &Results) -> Result<String> {
    let mut text = format!("{CLAIM}\n");
    for experiment in [SHATTER, SHATTER_SHAPES] {
        text.push_str(&r.commands(&[experiment]));
        text.push('\n');
        for document in r.documents::<Vec<Curve>>(&experiment)? {
            text.push_str(&told(&document));
        }
    }
    Ok(text)
}

fn told(document: &Document<Vec<Curve>>) -> String {
    let curves = &document.outcome;
    let Some(first) = curves.first() else { return String::new() };
    let lags = first.correlation.len();
    let shown = [0, lags / 2, lags.saturating_sub(1)];
    let mut header = vec!["Network".to_owned(), "Batch norm".into()];
    let at = |c: &Curve, k: usize, f: fn(&At) -> String| c.correlation.get(k).map_or("–".into(), f);
    header.extend(shown.map(|k| at(first, k, |a| format!("At {:.2} of the line", a.lag))));
    header.push("Theory".into());
    let row = |c: &Curve| {
        let mut row = vec![c.name(), if c.batch_norm { "yes" } else { "no" }.into()];
        row.extend(shown.map(|k| at(c, k, |a| format!("{} ± {:.2}", two(a.correlation), a.error))));
        row.push(c.theory.as_ref().map_or("–".into(), |t| format!("{} = {}", t.formula, short(t.value))));
        row
    };
    let rows: Vec<_> = curves.iter().map(row).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    format!("On {}, {} seeds:\n\n{}\n{}\n", document.data, first.seeds, table(&header, &rows), judged(curves))
}

/// Two decimals, without a zero's sign.
fn two(v: f64) -> String {
    let text = format!("{v:.2}");
    if text == "-0.00" { "0.00".into() } else { text }
}

/// Whether `a` is above `b` by more than twice the error of their difference.
fn above(a: &At, b: &At) -> bool {
    a.correlation - b.correlation > 2.0 * a.error.hypot(b.error)
}

fn judged(curves: &[Curve]) -> String {
    let deepest = curves.iter().map(|c| c.depth).max().unwrap_or(0);
    let shallowest = curves.iter().map(|c| c.depth).min().unwrap_or(0);
    let find = |depth, skip, norm| {
        let same = |c: &&Curve| (c.depth, c.skip, c.batch_norm) == (depth, skip, norm);
        curves.iter().find(same).and_then(|c| Some((c, c.nearest()?)))
    };
    let say = |claim: String, (a, b): (&At, &At)| {
        let verdict = if above(a, b) {
            "Reproduced (beyond two standard errors)."
        } else if above(b, a) {
            "Not reproduced: the other way round here, beyond two standard errors."
        } else {
            "No difference beyond two standard errors."
        };
        format!(
            "- {claim}: {} against {} between neighbours. {verdict}\n",
            two(a.correlation),
            two(b.correlation)
        )
    };
    let mut text = String::new();
    if let (Some((a, near)), Some((b, far))) = (find(shallowest, false, true), find(deepest, false, true)) {
        let claim = format!(
            "Gradients of plain networks shatter with depth: {} and {}, batch norm",
            a.name(),
            b.name()
        );
        text.push_str(&say(claim, (near, far)));
    }
    for norm in [true, false] {
        if let (Some((a, with)), Some((b, without))) = (find(deepest, true, norm), find(deepest, false, norm))
        {
            let how = if norm { "with" } else { "without" };
            let claim = format!("Skips keep them alike: {} and {}, {how} batch norm", a.name(), b.name());
            text.push_str(&say(claim, (with, without)));
        }
    }
    if let (Some((a, with)), Some((b, without))) = (find(deepest, true, true), find(deepest, true, false))
        && let (Some(more), Some(less)) = (&a.theory, &b.theory)
        && more.value > less.value
    {
        let claim = format!(
            "With skips gradients are more alike with batch norm than without (in theory {} against {}), in {}",
            short(more.value),
            short(less.value),
            a.name()
        );
        text.push_str(&say(claim, (with, without)));
        if above(without, with) {
            text.push_str(WHY_OTHERWISE);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(depth: usize, skip: bool, correlation: f64) -> String {
        format!(
            r#"{{"depth":{depth},"skip":{skip},"batch_norm":true,"seeds":20,"theory":{{"formula":"2^-L","layers":7,"value":0.0078}},
            "correlation":[{{"lag":0.25,"correlation":{correlation},"error":0.01}}]}}"#
        )
    }

    #[test]
    fn differences_take_two_standard_errors() {
        let curves = [curve(8, false, 0.8), curve(56, false, 0.1), curve(56, true, 0.11)].join(",");
        let json = format!(
            r#"{{"experiment":"shatter","version":"1","adapter":"a","data":"d","outcome":[{curves}]}}"#
        );
        let text = told(&serde_json::from_str(&json).expect("a document"));
        assert!(
            text.contains("| plain-8 | yes | 0.80 ± 0.01 | 0.80 ± 0.01 | 0.80 ± 0.01 | 2^-L = 0.00780 |"),
            "{text}"
        );
        assert!(
            text.contains(
                "plain-8 and plain-56, batch norm: 0.80 against 0.10 between neighbours. Reproduced"
            ),
            "{text}"
        );
        assert!(text.contains("0.11 against 0.10 between neighbours. No difference"), "{text}");
    }
    #[test]
    fn batch_norm_beside_skips_is_held_against_theory() {
        let with = curve(56, true, 0.35).replace("0.0078", "0.192");
        let without = |c: f64| curve(56, true, c).replace("\"batch_norm\":true", "\"batch_norm\":false");
        let told = |c: f64| {
            judged(&serde_json::from_str::<Vec<Curve>>(&format!("[{with},{}]", without(c))).expect("curves"))
        };
        let text = told(0.78);
        assert!(
            text.contains("(in theory 0.192 against 0.00780), in ResNet-56: 0.35 against 0.78 between"),
            "{text}"
        );
        assert!(
            text.contains("Not reproduced: the other way round") && text.contains("Likely reasons"),
            "{text}"
        );
        let text = told(0.2);
        assert!(text.contains("Reproduced (beyond") && !text.contains("Likely reasons"), "{text}");
    }
}
