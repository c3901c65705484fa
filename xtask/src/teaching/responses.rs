//! Standard deviations of layer responses.

use super::results::Results;
use super::runs::{PLAIN20_SHAPES, PLAIN56, RACE20, RESNET20_SHAPES, RESNET56};
use super::told::{mean, short, spread, table};
use super::trained::{self, Trained, compared, networks, of};
use anyhow::Result;

const CLAIM: &str = "\
## Layer responses

He et al. 2015 (§4.2, Fig. 7): responses of residual networks, after batch norm and before the sum and ReLU, are smaller than
those of plain ones, and the deeper the residual network, the smaller: residual functions are near zero. Measured is the
second of each block's two layers, in the last step of the runs under “Degradation”, as a mean over the blocks.
γ starts at 1, and so do all responses: to get away from there takes training, of which there was little here.
";

pub fn section(r: &Results) -> Result<String> {
    let cifar = trained::all(r, &[RACE20], &[RESNET56, PLAIN56])?;
    let shapes = trained::all(r, &[], &[RESNET20_SHAPES, PLAIN20_SHAPES])?;
    if cifar.is_empty() && shapes.is_empty() {
        return Ok(format!("{CLAIM}\nNone of them is there yet.\n"));
    }
    Ok(format!("{CLAIM}\n{}{}", told(&cifar), told(&shapes)))
}

fn response(t: &Trained) -> Option<f64> {
    (!t.responses.is_empty()).then(|| mean(&t.responses))
}

fn told(all: &[Trained]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let row = |n: &&str| {
        let end = |at: fn(&Trained) -> Option<f64>| spread(&of(all, n, at), short);
        let seeds = of(all, n, response).len();
        let first = end(|t| t.responses.first().copied());
        let last = end(|t| t.responses.last().copied());
        vec![(*n).to_owned(), seeds.to_string(), end(response), first, last]
    };
    let rows: Vec<_> = networks(all).iter().map(row).collect();
    let header = ["Network", "Seeds", "Mean standard deviation", "First block", "Last block"];
    let mut text = format!("On {}:\n\n{}\n", all[0].data, table(&header, &rows));
    let pairs = [
        ("plain-20", "ResNet-20, option B"),
        ("plain-20", "ResNet-20"),
        ("plain-56", "ResNet-56"),
        ("ResNet-20, option B", "ResNet-56"),
    ];
    text.push_str(&compared(all, &pairs, response, |larger, smaller| {
        format!("Responses of {larger} are larger than those of {smaller}")
    }));
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::super::trained::tests::run;
    use super::*;

    #[test]
    fn responses_are_means_over_blocks() {
        let all: Vec<_> = (1..=3).flat_map(|s| [run("plain-20", s, 1.0), run("ResNet-20", s, 2.0)]).collect();
        let text = told(&all);
        assert!(
            text.contains("| ResNet-20 | 3 | 3.00 (3.00 to 3.00) | 2.00 (2.00 to 2.00) | 4.00"),
            "{text}"
        );
        assert!(
            text.contains("(1.50 against 3.00), by 5 % or more, in none of 3 runs. Not reproduced."),
            "{text}"
        );
    }

    #[test]
    fn responses_that_have_hardly_moved_say_nothing() {
        let all: Vec<_> =
            (1..=3).flat_map(|s| [run("plain-20", s, 0.67), run("ResNet-20", s, 0.66)]).collect();
        let text = told(&all);
        assert!(
            text.contains("(1.01 against 0.990), by 5 % or more, in none of 3 runs, nor the other way"),
            "{text}"
        );
        assert!(!text.contains("eproduced"), "{text}");
    }
}
