//! Deeper is not better: training loss with skips and without.

use super::results::Results;
use super::runs::{PLAIN20_SHAPES, PLAIN56, RACE20, RESNET20_SHAPES, RESNET56};
use super::told::{percent, short, spread, table};
use super::trained::{self, Trained, compared, networks, of};
use anyhow::Result;

const CLAIM: &str = "\
## Degradation

He et al. 2015 (arXiv 1512.03385, §4.2, Fig. 6): plain networks of 20 layers reach a lower training error than those of 56;
with shortcuts it is the other way round, and each residual network beats its plain twin. In a race both networks have the
same first weights and the same batches.
";

const WHY: &str = "\
Ten epochs here are 470 steps, the paper's run has 64,000: how fast networks begin to learn is what these figures say, not
where they end. ResNet-20 has projection shortcuts (option B), ResNet-56 zero-padded ones (option A), as in PyTorch's runs.
He's initialisation here takes in the classifier, whose weights are then 2.4 times as large as PyTorch's defaults, and that alone
lowers the loss: PyTorch 1.13 with this recipe ends ResNet-20 at 0.764 (49.8 %) with He's weights in its convolutions
only, and at 0.528 (47.2 %) with them in its classifier too, one seed each.
";

/// The archive that PyTorch's figures are of.
const MINI: &str = "cifar-10-mini-binary.tar.gz";

/// PyTorch with the same archive and recipe: training loss over the last epoch, test accuracy, seeds.
const PYTORCH: [(&str, &str); 4] = [
    ("ResNet-20, option B", "0.69 to 0.89, 45 % (3 seeds)"),
    ("plain-20", "1.30, 38 % (1 seed)"),
    ("ResNet-56", "0.64, 41 % (1 seed)"),
    ("plain-56", "1.99, 24 % (1 seed)"),
];

pub fn section(r: &Results) -> Result<String> {
    let mut text = format!("{CLAIM}\n{}\n", r.commands(&[RACE20, RESNET56, PLAIN56]));
    let cifar = trained::all(r, &[RACE20], &[RESNET56, PLAIN56])?;
    text.push_str(&told(&cifar));
    text.push_str(WHY);
    text.push_str(&format!(
        "\nOn the built-in pictures:\n\n{}\n",
        r.commands(&[RESNET20_SHAPES, PLAIN20_SHAPES])
    ));
    text.push_str(&told(&trained::all(r, &[], &[RESNET20_SHAPES, PLAIN20_SHAPES])?));
    Ok(text)
}

fn told(all: &[Trained]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let reference = |network: &str| PYTORCH.iter().find(|(n, _)| *n == network).map(|(_, told)| *told);
    let beside = all.iter().all(|t| t.data == MINI);
    let mut header = vec!["Network", "Seeds", "Training loss, last epoch (nats)", "Test accuracy"];
    if beside {
        header.push("PyTorch");
    }
    let row = |n: &&str| {
        let losses = of(all, n, |t| t.loss);
        let seeds = all.iter().filter(|t| t.network == *n).count();
        let mut loss = spread(&losses, short);
        if losses.len() < seeds {
            loss.push_str(&format!("; {} diverged", seeds - losses.len()));
        }
        let accuracy = spread(&of(all, n, |t| t.accuracy), percent);
        let mut row = vec![(*n).to_owned(), seeds.to_string(), loss, accuracy];
        if beside {
            row.push(reference(n).unwrap_or("–").to_owned());
        }
        row
    };
    let rows: Vec<_> = networks(all).iter().map(row).collect();
    let mut text = format!("On {}:\n\n{}\n", all[0].data, table(&header, &rows));
    let pairs = [
        ("plain-20", "ResNet-20, option B"),
        ("plain-20", "ResNet-20"),
        ("plain-56", "ResNet-56"),
        ("plain-56", "plain-20"),
        ("ResNet-20, option B", "ResNet-56"),
    ];
    text.push_str(&compared(
        all,
        &pairs,
        |t| t.loss,
        |worse, better| format!("{worse} ends with a higher training loss than {better}"),
    ));
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::super::trained::tests::run;
    use super::*;

    #[test]
    fn losses_stand_beside_pytorchs_on_the_same_pictures_alone() {
        let mut all: Vec<_> =
            (1..=3).flat_map(|s| [run("plain-20", s, 1.3), run("ResNet-20, option B", s, 0.8)]).collect();
        assert!(!told(&all).contains("PyTorch"));
        for t in &mut all {
            t.data = MINI.into();
        }
        all[0].loss = None;
        let text = told(&all);
        assert!(
            text.contains(
                "| plain-20 | 3 | 1.30 (1.30 to 1.30); 1 diverged | 50.0 % (50.0 % to 50.0 %) | 1.30, 38 %"
            ),
            "{text}"
        );
        assert!(
            text.contains(
                "(1.30 against 0.800 with the same seeds), by 5 % or more, in 2 of 2 runs; too few"
            ),
            "{text}"
        );
        assert_eq!(told(&[]), "");
    }
}
