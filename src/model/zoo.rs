//! The named networks, as one table.

use super::spec::{Alpha, BlockKind, ModelSpec, Shortcut, Stem};
use BlockKind::{Basic, Bottleneck};
use Shortcut::{Projection, ZeroPad};
use Stem::{Cifar, Imagenet};

/// One row of the table: a residual network; its plain twin is named `plain…` instead of `resnet…`.
pub struct Zoo {
    pub name: &'static str,
    stem: Stem,
    block: BlockKind,
    blocks: &'static [usize],
    width: usize,
    shortcut: Shortcut,
    classes: usize,
    input_size: usize,
    /// Where it is described.
    pub source: &'static str,
}

const fn row(
    name: &'static str,
    stem: Stem,
    block: BlockKind,
    blocks: &'static [usize],
    width: usize,
    shortcut: Shortcut,
    classes: usize,
    input_size: usize,
    source: &'static str,
) -> Zoo {
    Zoo { name, stem, block, blocks, width, shortcut, classes, input_size, source }
}

const TABLE_1: &str = "He et al. 2015, Table 1";
const CIFAR_STEM: &str = "He et al. 2015, Table 1, with a 3×3 stem for 32×32 pictures";
const SECTION_4_2: &str = "He et al. 2015, §4.2";

/// Every residual network with a name.
#[rustfmt::skip]
pub const ZOO: &[Zoo] = &[
    row("resnet18",  Cifar, Basic,      &[2, 2, 2, 2],  64, Projection, 10, 32, CIFAR_STEM),
    row("resnet34",  Cifar, Basic,      &[3, 4, 6, 3],  64, Projection, 10, 32, CIFAR_STEM),
    row("resnet50",  Cifar, Bottleneck, &[3, 4, 6, 3],  64, Projection, 10, 32, CIFAR_STEM),
    row("resnet101", Cifar, Bottleneck, &[3, 4, 23, 3], 64, Projection, 10, 32, CIFAR_STEM),
    row("resnet152", Cifar, Bottleneck, &[3, 8, 36, 3], 64, Projection, 10, 32, CIFAR_STEM),
    row("resnet18-imagenet",  Imagenet, Basic,      &[2, 2, 2, 2],  64, Projection, 1000, 224, TABLE_1),
    row("resnet34-imagenet",  Imagenet, Basic,      &[3, 4, 6, 3],  64, Projection, 1000, 224, TABLE_1),
    row("resnet50-imagenet",  Imagenet, Bottleneck, &[3, 4, 6, 3],  64, Projection, 1000, 224, TABLE_1),
    row("resnet101-imagenet", Imagenet, Bottleneck, &[3, 4, 23, 3], 64, Projection, 1000, 224, TABLE_1),
    row("resnet152-imagenet", Imagenet, Bottleneck, &[3, 8, 36, 3], 64, Projection, 1000, 224, TABLE_1),
    row("resnet8",   Cifar, Basic, &[1, 1, 1],    16, ZeroPad, 10, 32, SECTION_4_2),
    row("resnet14",  Cifar, Basic, &[2, 2, 2],    16, ZeroPad, 10, 32, SECTION_4_2),
    row("resnet20",  Cifar, Basic, &[3, 3, 3],    16, ZeroPad, 10, 32, SECTION_4_2),
    row("resnet32",  Cifar, Basic, &[5, 5, 5],    16, ZeroPad, 10, 32, SECTION_4_2),
    row("resnet44",  Cifar, Basic, &[7, 7, 7],    16, ZeroPad, 10, 32, SECTION_4_2),
    row("resnet56",  Cifar, Basic, &[9, 9, 9],    16, ZeroPad, 10, 32, SECTION_4_2),
    row("resnet110", Cifar, Basic, &[18, 18, 18], 16, ZeroPad, 10, 32, SECTION_4_2),
];

impl Zoo {
    /// The row as a specification.
    pub fn spec(&self) -> ModelSpec {
        ModelSpec {
            stem: self.stem,
            block: self.block,
            blocks: self.blocks.to_vec(),
            width: self.width,
            shortcut: self.shortcut,
            alpha: Alpha::All(1.0),
            beta: Alpha::All(1.0),
            batch_norm: true,
            classes: self.classes,
            input_size: self.input_size,
        }
    }
}

impl ModelSpec {
    /// The network with `depth` = 6n + 2 layers in the CIFAR family of He et al. 2015, §4.2, or its plain twin; `None`
    /// for another depth.
    pub fn cifar(depth: usize, residual: bool) -> Option<Self> {
        let n = depth.checked_sub(2)? / 6;
        if n == 0 || depth != 6 * n + 2 {
            return None;
        }
        // Some depths have no name in the table, and some names there belong to another family.
        by_name(&Self::cifar_name(8, residual)).map(|smallest| Self { blocks: vec![n; 3], ..smallest })
    }

    /// How the network of that depth is called.
    pub fn cifar_name(depth: usize, residual: bool) -> String {
        format!("{}{depth}", if residual { "resnet" } else { "plain" })
    }
}

/// The network called `name` (`resnet18`, `plain20`, `resnet50-imagenet`, …), if there is one.
pub fn by_name(name: &str) -> Option<ModelSpec> {
    let find = |n: &str| ZOO.iter().find(|z| z.name == n).map(Zoo::spec);
    match name.strip_prefix("plain") {
        Some(rest) => find(&format!("resnet{rest}")).map(|s| s.plain_twin()),
        None => find(name),
    }
}

/// What parts a name of the zoo from what differs from its network; not used inside the zoo's names.
pub const SUFFIX: &str = "+";

/// The name in the zoo that `name` begins with: `resnet18+A` differs from `resnet18` in its shortcuts.
pub fn row_of(name: &str) -> &str {
    name.split_once(SUFFIX).map_or(name, |(row, _)| row)
}

/// All names, residual networks first, then their plain twins.
pub fn names() -> Vec<String> {
    let residual = ZOO.iter().map(|z| z.name.to_owned());
    let plain = ZOO.iter().map(|z| z.name.replacen("resnet", "plain", 1));
    residual.chain(plain).collect()
}

/// The name in the table that is closest to a misspelt one (fewest edits), for error messages.
pub fn suggest(name: &str) -> Option<String> {
    let name = name.to_lowercase();
    names().into_iter().map(|n| (edits(&name, &n), n)).min().filter(|(d, _)| *d <= 3).map(|(_, n)| n)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let next = (diagonal + usize::from(ca != *cb)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Graph;

    #[test]
    fn parameter_counts_are_the_published_ones() {
        // torchvision's table for ImageNet; the article's count for resnet18; PyTorch for the rest.
        for (name, parameters) in [
            ("resnet18", 11_173_962),
            ("resnet18-imagenet", 11_689_512),
            ("resnet34-imagenet", 21_797_672),
            ("resnet50-imagenet", 25_557_032),
            ("resnet101-imagenet", 44_549_160),
            ("resnet152-imagenet", 60_192_808),
            ("resnet20", 269_722),
            ("resnet110", 1_727_962),
        ] {
            let graph = Graph::new(&by_name(name).expect(name)).expect(name);
            assert_eq!(graph.parameter_count(), parameters, "{name}");
        }
    }

    #[test]
    fn every_name_builds() {
        for name in names() {
            let graph = Graph::new(&by_name(&name).expect("listed")).expect("valid");
            assert!(graph.macs() > 0, "{name}");
            assert_eq!(graph.spec.is_residual(), name.starts_with("resnet"), "{name}");
        }
    }

    #[test]
    fn the_cifar_family_has_every_depth_of_6n_plus_2() {
        for (depth, residual, name) in
            [(8, true, "resnet8"), (20, false, "plain20"), (110, true, "resnet110")]
        {
            assert_eq!(ModelSpec::cifar(depth, residual), by_name(name));
            assert_eq!(ModelSpec::cifar_name(depth, residual), name);
        }
        // The table's resnet50 is of another family.
        let deep = ModelSpec::cifar(50, true).expect("6·8 + 2");
        assert_eq!((deep.block, deep.blocks), (Basic, vec![8; 3]));
        assert!([0, 1, 2, 9, 18, 34].iter().all(|&depth| ModelSpec::cifar(depth, true).is_none()));
    }

    #[test]
    fn misspelt_names_are_recognised() {
        assert_eq!(suggest("ResNet-18").as_deref(), Some("resnet18"));
        assert_eq!(suggest("plan56").as_deref(), Some("plain56"));
        assert_eq!(suggest("transformer"), None);
    }

    #[test]
    fn depth_is_the_number_in_the_name() {
        for zoo in ZOO {
            let digits: String = zoo.name.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(zoo.spec().depth().to_string(), digits, "{}", zoo.name);
        }
    }
}
