//! Tables, numbers and verdicts, as TEACHING.md has them.

use std::cmp::Ordering;

/// A Markdown table.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(header.to_vec());
    let mut rule = vec!["---"];
    rule.resize(header.len(), "---:");
    text.push_str(&line(rule));
    for row in rows {
        text.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    text
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Mean of positive numbers that span decades.
pub fn geometric_mean(values: &[f64]) -> f64 {
    mean(&values.iter().map(|v| v.ln()).collect::<Vec<_>>()).exp()
}

/// Three significant digits, however large or small.
pub fn short(v: f64) -> String {
    let size = v.abs();
    if v == 0.0 {
        "0".into()
    } else if !(0.001..10_000.0).contains(&size) {
        let text = format!("{v:.1e}");
        match text.split_once('e') {
            Some((digits, power)) => format!("{digits}·10^{power}"),
            None => text,
        }
    } else {
        let digits = (2 - size.log10().floor() as i32).max(0) as usize;
        format!("{v:.digits$}")
    }
}

pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// `1.30 (1.28 to 1.33)`: `middle` of the values, each as `number` writes it.
fn spread_of(values: &[f64], middle: fn(&[f64]) -> f64, number: fn(f64) -> String) -> String {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match values {
        [] => "–".into(),
        [one] => number(*one),
        _ => format!("{} ({} to {})", number(middle(values)), number(low), number(high)),
    }
}

/// Mean, lowest and highest.
pub fn spread(values: &[f64], number: fn(f64) -> String) -> String {
    spread_of(values, mean, number)
}

/// The same with the geometric mean.
pub fn ratio_spread(values: &[f64]) -> String {
    spread_of(values, geometric_mean, short)
}

/// Whether a claim that held in so many of so many runs is borne out.
pub fn verdict(holds: usize, of: usize) -> String {
    let runs = if of == 1 { "run" } else { "runs" };
    match (holds, of) {
        (_, 0) => "not measured.".into(),
        (_, 1 | 2) => format!("in {holds} of {of} {runs}; too few for a verdict."),
        (0, _) => format!("in none of {of} runs. Not reproduced."),
        (h, _) if h == of => format!("in all {of} runs. Reproduced."),
        _ => format!("in {holds} of {of} runs. Not settled."),
    }
}

/// How far apart two values have to be for their order to count.
#[derive(Clone, Copy)]
pub enum Margin {
    /// A twentieth of the smaller one.
    Share,
    /// Two of the points of a plane.
    Points,
}

impl Margin {
    fn words(self) -> &'static str {
        match self {
            Self::Share => "by 5 % or more",
            Self::Points => "by two points or more",
        }
    }

    /// Order of `a` and `b`; equal are those that are too near to each other.
    pub fn order(self, a: f64, b: f64) -> Ordering {
        let enough = match self {
            Self::Share => 0.05 * a.abs().min(b.abs()),
            Self::Points => 2.0,
        };
        // Two that have diverged are alike, though their difference is no number.
        if a == b || (a - b).abs() < enough { Ordering::Equal } else { a.total_cmp(&b) }
    }
}

/// Whether it is borne out that the first value of each pair exceeds the second, a pair being a run.
pub fn exceeds(pairs: &[(f64, f64)], margin: Margin) -> String {
    let count = |order| pairs.iter().filter(|(a, b)| margin.order(*a, *b) == order).count();
    let (holds, against, of) = (count(Ordering::Greater), count(Ordering::Less), pairs.len());
    let lowest = pairs.iter().map(|p| p.0).fold(f64::INFINITY, f64::min);
    let highest = pairs.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    let words = margin.words();
    if of >= 3 && holds + against == 0 {
        format!(
            "{words}, in none of {of} runs, nor the other way round: too small for a verdict, nothing to be seen at this \
             scale."
        )
    } else if of >= 3 && holds == of && lowest <= highest {
        // Each seed for itself is larger, but seeds differ by more than that.
        format!("{words}, in all {of} runs, yet their ranges overlap. Not settled.")
    } else {
        format!("{words}, {}", verdict(holds, of))
    }
}

/// Whether a claim about means over so many seeds is borne out, where single seeds are not known.
pub fn verdict_on_means(holds: bool, seeds: usize) -> String {
    match (holds, seeds) {
        (_, ..3) => "Too few seeds for a verdict.".into(),
        (true, _) => format!("Reproduced (means of {seeds} seeds)."),
        (false, _) => format!("Not reproduced (means of {seeds} seeds)."),
    }
}

/// `resnet20,shortcut=projection` as a person writes it.
pub fn title(name: &str) -> String {
    let (network, change) = name.split_once(',').unwrap_or((name, ""));
    let network = match (network.strip_prefix("resnet"), network.strip_prefix("plain")) {
        (Some(depth), _) => format!("ResNet-{depth}"),
        (_, Some(depth)) => format!("plain-{depth}"),
        _ => network.to_owned(),
    };
    match change {
        "" => network,
        "shortcut=projection" => format!("{network}, option B"),
        other => format!("{network}, {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let told = [0.0, 1.2345, 859.4, 0.0123, 2.0e6, -0.5, 1.0e-9].map(short);
        assert_eq!(told, ["0", "1.23", "859", "0.0123", "2.0·10^6", "-0.500", "1.0·10^-9"]);
        assert_eq!(spread(&[1.0, 2.0, 6.0], short), "3.00 (1.00 to 6.00)");
        assert_eq!(ratio_spread(&[1.0, 100.0]), "10.0 (1.00 to 100)");
        assert_eq!((spread(&[], short), spread(&[0.5], percent)), ("–".into(), "50.0 %".into()));
    }

    #[test]
    fn a_verdict_takes_three_seeds() {
        assert!(verdict(3, 3).ends_with(" Reproduced.") && verdict(0, 3).ends_with("Not reproduced."));
        assert!(verdict(0, 2).contains("too few") && verdict(2, 3).contains("Not settled"));
    }

    #[test]
    fn small_differences_have_no_verdict() {
        let margin = Margin::Share;
        assert_eq!(margin.order(1.0, 1.049), Ordering::Equal);
        assert_eq!((margin.order(1.06, 1.0), margin.order(1.0, 1.06)), (Ordering::Greater, Ordering::Less));
        assert_eq!(margin.order(f64::INFINITY, f64::INFINITY), Ordering::Equal);
        assert_eq!(margin.order(f64::INFINITY, 1.0), Ordering::Greater);
        assert_eq!(Margin::Points.order(4.0, 3.0), Ordering::Equal);
        assert_eq!(Margin::Points.order(5.0, 3.0), Ordering::Greater);
        let told = exceeds(&[(1.01, 1.0), (1.0, 1.01), (1.0, 1.0)], margin);
        assert!(
            told.starts_with("by 5 % or more, in none of 3 runs, nor the other way round: too small"),
            "{told}"
        );
        assert_eq!(exceeds(&[(2.0, 1.0); 3], margin), "by 5 % or more, in all 3 runs. Reproduced.");
        assert_eq!(exceeds(&[(1.0, 2.0); 3], margin), "by 5 % or more, in none of 3 runs. Not reproduced.");
        let told = exceeds(&[(2.0, 1.0), (2.0, 1.0), (1.02, 1.0)], margin);
        assert_eq!(told, "by 5 % or more, in 2 of 3 runs. Not settled.");
        assert!(exceeds(&[(1.0, 1.0)], margin).ends_with("in 0 of 1 run; too few for a verdict."));
    }

    #[test]
    fn what_seeds_differ_by_is_not_settled() {
        let told = exceeds(&[(2.0, 1.0), (3.0, 1.5), (5.0, 2.5)], Margin::Share);
        assert_eq!(told, "by 5 % or more, in all 3 runs, yet their ranges overlap. Not settled.");
    }

    #[test]
    fn means_need_three_seeds_too() {
        let told = [(true, 3), (false, 20), (true, 2)].map(|(holds, seeds)| verdict_on_means(holds, seeds));
        assert_eq!(
            told,
            [
                "Reproduced (means of 3 seeds).",
                "Not reproduced (means of 20 seeds).",
                "Too few seeds for a verdict."
            ]
        );
    }

    #[test]
    fn networks_have_their_names() {
        let told = ["resnet20,shortcut=projection", "plain56", "other"].map(title);
        assert_eq!(told, ["ResNet-20, option B", "plain-56", "other"]);
    }
}
