//! The experiments of TEACHING.md as command lines.

use std::ffi::OsString;
use std::path::Path;

/// What a run leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// `NAME.json`, what `--json` prints.
    Document,
    /// `NAME.jsonl`, every step, and `NAME.safetensors`, the network.
    Training,
}

impl Made {
    /// Endings of its files, the last to be written last.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Document => &["json"],
            Self::Training => &["jsonl", "safetensors"],
        }
    }

    /// Whether run `name` is over.
    pub fn is_there(self, folder: &Path, name: &str) -> bool {
        self.endings().iter().all(|e| folder.join(format!("{name}.{e}")).is_file())
    }
}

/// One command, perhaps with several seeds. In name and command `SEED` stands for the seed, `@archive` for the archive
/// and any other `@NAME` for a file among the results.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    pub made: Made,
    name: &'static str,
    command: &'static str,
    seeds: &'static [u64],
}

impl Experiment {
    /// A seed each; one without a seed, if the command sees to that.
    pub fn runs(&self) -> Vec<Option<u64>> {
        if self.seeds.is_empty() { vec![None] } else { self.seeds.iter().copied().map(Some).collect() }
    }

    fn with(text: &str, seed: Option<u64>) -> String {
        seed.map_or_else(|| text.to_owned(), |s| text.replace("SEED", &s.to_string()))
    }

    /// Of its files, without ending.
    pub fn name(&self, seed: Option<u64>) -> String {
        Self::with(self.name, seed)
    }

    /// Arguments for the program; `None` if they need an archive and there is none.
    pub fn words(&self, seed: Option<u64>, folder: &Path, archive: Option<&Path>) -> Option<Vec<OsString>> {
        let word = |word: &str| match word.strip_prefix('@') {
            Some("archive") => archive.map(|a| a.as_os_str().to_owned()),
            Some(file) => Some(folder.join(file).into_os_string()),
            None => Some(word.into()),
        };
        Self::with(self.command, seed).split_whitespace().map(word).collect()
    }

    /// As one would type it.
    pub fn shown(&self) -> String {
        format!("skipscope {}", self.command.replace("@archive", "ARCHIVE").replace('@', ""))
    }

    /// "SEED: 1, 2, 3", where the command has them.
    pub fn seeds(&self) -> Option<String> {
        let seeds: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
        (!seeds.is_empty()).then(|| format!("SEED: {}", seeds.join(", ")))
    }
}

const fn lab(name: &'static str, command: &'static str, seeds: &'static [u64]) -> Experiment {
    Experiment { made: Made::Document, name, command, seeds }
}

const fn train(name: &'static str, command: &'static str) -> Experiment {
    Experiment { made: Made::Training, name, command, seeds: SEEDS }
}

/// The recipe of PyTorch's figures.
macro_rules! on_cifar {
    ($command:literal) => {
        concat!(
            $command,
            " --seed SEED --epochs 10 --batch 64 --lr 0.02 --init he --schedule cosine --data @archive"
        )
    };
}

/// The same for the built-in pictures, shorter.
macro_rules! on_shapes {
    ($command:literal) => {
        concat!($command, " --seed SEED --steps 300 --batch 64 --lr 0.02 --init he --schedule cosine")
    };
}

const SEEDS: &[u64] = &[1, 2, 3];

pub const RACE20: Experiment =
    lab("race20-cifar-SEED", on_cifar!("lab race resnet20,shortcut=projection plain20"), SEEDS);
pub const RESNET56: Experiment = train("resnet56-SEED", on_cifar!("train resnet56"));
pub const PLAIN56: Experiment = train("plain56-SEED", on_cifar!("train plain56"));
pub const RESNET20_SHAPES: Experiment = train("resnet20-shapes-SEED", on_shapes!("train resnet20"));
pub const PLAIN20_SHAPES: Experiment = train("plain20-shapes-SEED", on_shapes!("train plain20"));

pub const GRID: Experiment = lab(
    "grid",
    "lab cause-grid --depths 20,56 --seeds 3 --at 0 --inits torch,he --data @archive --file @grid.part.json",
    &[],
);
pub const GRID_TRAINED: Experiment = lab(
    "trained-grid",
    "lab cause-grid --depths 20,56 --seeds 3 --at 0,10,100 --inits he --data @archive --file @trained-grid.part.json",
    &[],
);
pub const GRID_SHAPES: Experiment = lab(
    "grid-shapes",
    "lab cause-grid --depths 20,56 --seeds 3 --at 0 --inits torch,he --file @grid-shapes.part.json",
    &[],
);

pub const IDENTITY: Experiment = lab("identity", "lab identity --seeds 3", &[]);

pub const LESION56: Experiment = lab(
    "lesion56",
    "lab lesion --weights @resnet56-1.safetensors --weights @plain56-1.safetensors --data @archive",
    &[],
);
pub const LESION56_MORE: Experiment = lab(
    "lesion56-SEED",
    "lab lesion --weights @resnet56-SEED.safetensors --weights @plain56-SEED.safetensors --data @archive",
    &[2, 3],
);
pub const LESION20_SHAPES: Experiment = lab(
    "lesion20-shapes-SEED",
    "lab lesion --weights @resnet20-shapes-SEED.safetensors --weights @plain20-shapes-SEED.safetensors",
    SEEDS,
);

pub const PATHS56: Experiment =
    lab("paths56", "lab paths --weights @resnet56-1.safetensors --data @archive", &[]);
pub const PATHS56_MORE: Experiment =
    lab("paths56-SEED", "lab paths --weights @resnet56-SEED.safetensors --data @archive", &[2, 3]);
pub const PATHS20_SHAPES: Experiment =
    lab("paths20-shapes-SEED", "lab paths --weights @resnet20-shapes-SEED.safetensors", SEEDS);

pub const SHATTER: Experiment = lab("shatter-cifar", "lab shatter --data @archive", &[]);
pub const SHATTER_SHAPES: Experiment = lab("shatter-shapes", "lab shatter", &[]);

pub const ALPHA: Experiment = lab("alpha-cifar", "lab alpha --depth 20 --seeds 3 --data @archive", &[]);
pub const ALPHA_SHAPES: Experiment = lab("alpha-shapes", "lab alpha --depth 20 --seeds 3", &[]);

pub const LANDSCAPE_RESNET56: Experiment = lab(
    "landscape-resnet56-SEED",
    "lab landscape --weights @resnet56-SEED.safetensors --size 9 --images 128 --data @archive",
    SEEDS,
);
pub const LANDSCAPE_PLAIN56: Experiment = lab(
    "landscape-plain56-SEED",
    "lab landscape --weights @plain56-SEED.safetensors --size 9 --images 128 --data @archive",
    SEEDS,
);
pub const LANDSCAPE_RESNET20_SHAPES: Experiment = lab(
    "landscape-resnet20-shapes-SEED",
    "lab landscape --weights @resnet20-shapes-SEED.safetensors --size 9 --images 128",
    SEEDS,
);
pub const LANDSCAPE_PLAIN20_SHAPES: Experiment = lab(
    "landscape-plain20-shapes-SEED",
    "lab landscape --weights @plain20-shapes-SEED.safetensors --size 9 --images 128",
    SEEDS,
);
pub const LANDSCAPE_PATH: Experiment = lab(
    "landscape-path-SEED",
    "lab landscape resnet20 --seed SEED --train 300 --plane path --size 5 --images 128",
    SEEDS,
);

/// In the order in which they are run: what is quick first, and what others need before them.
pub const ALL: &[Experiment] = &[
    ALPHA,
    ALPHA_SHAPES,
    IDENTITY,
    GRID_SHAPES,
    RESNET20_SHAPES,
    PLAIN20_SHAPES,
    LESION20_SHAPES,
    PATHS20_SHAPES,
    LANDSCAPE_RESNET20_SHAPES,
    LANDSCAPE_PLAIN20_SHAPES,
    LANDSCAPE_PATH,
    SHATTER,
    SHATTER_SHAPES,
    RACE20,
    RESNET56,
    PLAIN56,
    LESION56,
    PATHS56,
    LANDSCAPE_RESNET56,
    LANDSCAPE_PLAIN56,
    LESION56_MORE,
    PATHS56_MORE,
    GRID,
    GRID_TRAINED,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn commands_name_files_and_seeds() {
        let folder = Path::new("/results");
        let words = LESION56_MORE.words(Some(2), folder, Some(Path::new("/data/a.tar.gz"))).expect("words");
        let words: Vec<_> = words.iter().map(|w| w.to_string_lossy()).collect();
        assert_eq!(
            words.join(" "),
            "lab lesion --weights /results/resnet56-2.safetensors --weights /results/plain56-2.safetensors --data \
             /data/a.tar.gz"
        );
        assert_eq!(LESION56_MORE.words(Some(2), folder, None), None);
        assert_eq!(PATHS20_SHAPES.name(Some(3)), "paths20-shapes-3");
        assert_eq!(PATHS20_SHAPES.shown(), "skipscope lab paths --weights resnet20-shapes-SEED.safetensors");
        assert_eq!(PATHS20_SHAPES.seeds().as_deref(), Some("SEED: 1, 2, 3"));
    }

    #[test]
    fn nothing_is_asked_for_before_it_is_made() {
        let mut there = HashSet::new();
        for experiment in ALL {
            for seed in experiment.runs() {
                let made = |e: &&str| format!("@{}.{e}", experiment.name(seed));
                for word in Experiment::with(experiment.command, seed).split_whitespace() {
                    if word.starts_with('@') && word != "@archive" && !word.ends_with(".part.json") {
                        assert!(there.contains(word), "{word}");
                    }
                }
                for file in experiment.made.endings().iter().map(made) {
                    assert!(there.insert(file.clone()), "{file} twice");
                }
            }
        }
    }
}
