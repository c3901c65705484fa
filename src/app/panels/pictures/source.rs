//! Where pictures to look at come from, and what is remembered of the chosen one.

use super::super::super::history::Series;
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::view::Looks;
use super::STRIP;
use crate::session::{Picture, RecordRef, Seen, Snapshot, SplitName};

/// So many pictures are the hardest.
const HARDEST: usize = 64;
/// Classes whose probabilities are remembered.
const CLASSES: usize = 128;

/// A way to find a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The test split in its order.
    #[default]
    Test,
    /// The training split in its order.
    Train,
    /// Test pictures of highest loss.
    Hardest,
    /// Test pictures that were taken for another class.
    Misclassified,
    /// The last training batch, with its own statistics.
    Batch,
    /// The user's own.
    Own,
    /// Pictures of this class: of the test split once it was evaluated, else of the training split.
    Class(usize),
}

impl Source {
    /// All that there are with so many classes.
    pub fn all(classes: usize) -> impl Iterator<Item = Source> {
        [Self::Test, Self::Train, Self::Hardest, Self::Misclassified, Self::Batch, Self::Own]
            .into_iter()
            .chain((0..classes).map(Self::Class))
    }

    /// Whether it has any picture now.
    pub fn available(self, snapshot: &Snapshot) -> bool {
        match self {
            Self::Own => snapshot.model.is_some(),
            Self::Batch => snapshot.model.is_some() && snapshot.step > 0,
            Self::Test => snapshot.data.as_ref().is_some_and(|d| d.test_images > 0),
            Self::Train => snapshot.data.as_ref().is_some_and(|d| d.train_images > 0),
            _ => !self.list(snapshot).is_empty(),
        }
    }

    /// The pictures in their order, where that is not simply by number.
    fn list(self, snapshot: &Snapshot) -> Vec<RecordRef> {
        let test = |index: usize| RecordRef { split: SplitName::Test, index: index as u32 };
        match (self, &snapshot.test) {
            (Self::Hardest, Some(t)) => {
                let mut order: Vec<usize> = (0..t.losses.len()).collect();
                // NaN is the hardest of all.
                order.sort_by(|a, b| t.losses[*b].total_cmp(&t.losses[*a]));
                order.into_iter().take(HARDEST).map(test).collect()
            }
            (Self::Misclassified, Some(t)) => {
                let wrong = t.labels.iter().zip(&t.predicted).enumerate().filter(|(_, (l, p))| l != p);
                wrong.map(|(i, _)| test(i)).collect()
            }
            (Self::Class(c), Some(t)) => t
                .labels
                .iter()
                .enumerate()
                .filter(|(_, l)| usize::from(**l) == c)
                .map(|(i, _)| test(i))
                .collect(),
            (Self::Class(c), None) => {
                let samples = snapshot.data.as_ref().and_then(|d| d.samples.get(c));
                let train = |index: &u32| RecordRef { split: SplitName::Train, index: *index };
                samples.map(|s| s.iter().map(train).collect()).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }
}

/// Class probabilities of the chosen picture over the looks so far.
#[derive(Debug, Default)]
pub struct Chances {
    picture: Option<Picture>,
    classes: Vec<Series>,
}

impl Chances {
    /// Takes in a look. A picture of a batch is another one every step: it has no history.
    pub fn see(&mut self, seen: &Seen) {
        let known = matches!(seen.picture, Some(Picture::Record(_) | Picture::Own));
        let count = seen.probabilities.len().min(CLASSES);
        let last = self.classes.first().and_then(Series::last_step);
        if seen.picture != self.picture || count != self.classes.len() || last.is_some_and(|l| seen.step < l)
        {
            self.picture = seen.picture;
            self.classes = vec![Series::default(); count];
        }
        let last = self.classes.first().and_then(Series::last_step);
        if known && last != Some(seen.step) {
            for (series, p) in self.classes.iter_mut().zip(&seen.probabilities) {
                series.push(seen.step, *p);
            }
        }
    }

    /// How the probability of `class` went.
    pub fn of(&self, class: usize) -> Option<&Series> {
        self.classes.get(class).filter(|s| s.buckets().len() > 1)
    }
}

/// What the chooser remembers.
#[derive(Debug, Default)]
pub struct PicturesState {
    source: Source,
    list: Vec<RecordRef>,
    /// What the list was made of: its source and the step of the evaluation.
    made_of: Option<(Source, Option<u64>)>,
    /// Pictures of the split that is counted through.
    count: u32,
    pub chances: Chances,
}

impl PicturesState {
    pub fn source(&self) -> Source {
        self.source
    }

    /// Another network: what was said of pictures was said by the old one.
    pub fn forget(&mut self) {
        self.chances = Chances::default();
        self.made_of = None;
    }

    /// A picture of the user's own has arrived.
    pub fn own_arrived(&mut self, looks: &mut Looks) {
        self.source = Source::Own;
        self.chances = Chances::default();
        looks.picture = Picture::Own;
    }

    /// Takes `source`, and its first picture.
    pub fn choose(&mut self, source: Source, looks: &mut Looks, snapshot: &Snapshot) {
        self.source = source;
        self.make(snapshot);
        let first = |split| Picture::Record(RecordRef { split, index: 0 });
        looks.picture = match source {
            Source::Test => first(SplitName::Test),
            Source::Train => first(SplitName::Train),
            Source::Batch => Picture::Batch(0),
            // Stays where it is until there is one.
            Source::Own => looks.picture,
            _ => self.list.first().map_or(looks.picture, |r| Picture::Record(*r)),
        };
    }

    /// Follows what was chosen elsewhere and measured since.
    pub fn renew(&mut self, looks: &Looks, snapshot: &Snapshot) {
        self.source = match (looks.picture, self.source) {
            (Picture::Batch(_), _) => Source::Batch,
            (Picture::Own, _) => Source::Own,
            (Picture::Record(r), Source::Batch | Source::Test | Source::Train) => match r.split {
                SplitName::Test => Source::Test,
                SplitName::Train => Source::Train,
            },
            (_, s) => s,
        };
        self.make(snapshot);
    }

    fn make(&mut self, snapshot: &Snapshot) {
        let of = (self.source, snapshot.test.as_ref().map(|t| t.step));
        if self.made_of != Some(of) {
            self.list = self.source.list(snapshot);
            self.made_of = Some(of);
        }
        self.count = match (self.source, &snapshot.data) {
            (Source::Test, Some(d)) => d.test_images as u32,
            (Source::Train, Some(d)) => d.train_images as u32,
            _ => self.list.len() as u32,
        };
    }

    fn split(&self) -> Option<SplitName> {
        match self.source {
            Source::Test => Some(SplitName::Test),
            Source::Train => Some(SplitName::Train),
            _ => None,
        }
    }

    /// The strip's pictures: those beside `chosen`, or the first.
    pub fn page(&self, chosen: Option<RecordRef>) -> Vec<RecordRef> {
        let start = |at: usize| at / STRIP * STRIP;
        match self.split() {
            Some(split) => {
                let first = start(chosen.filter(|r| r.split == split).map_or(0, |r| r.index as usize)) as u32;
                let last = (first + STRIP as u32).min(self.count);
                (first..last).map(|index| RecordRef { split, index }).collect()
            }
            None => {
                let at = self.list.iter().position(|r| Some(*r) == chosen).unwrap_or(0);
                self.list.iter().skip(start(at)).take(STRIP).copied().collect()
            }
        }
    }

    /// To the strip before or after, as far as there is one.
    pub fn turn(&self, by: isize, looks: &mut Looks) {
        let Picture::Record(chosen) = looks.picture else { return };
        let at = match self.split() {
            Some(_) => chosen.index as usize,
            None => self.list.iter().position(|r| *r == chosen).unwrap_or(0),
        };
        let first = at / STRIP * STRIP;
        let next = first.saturating_add_signed(by * STRIP as isize);
        if next >= self.count as usize || (by < 0 && first == 0) {
            return;
        }
        let record = match self.split() {
            Some(split) => Some(RecordRef { split, index: next as u32 }),
            None => self.list.get(next).copied(),
        };
        if let Some(record) = record {
            looks.picture = Picture::Record(record);
        }
    }
}

/// What the last evaluation says of a test picture.
pub fn says(snapshot: &Snapshot, record: RecordRef) -> String {
    let detail = snapshot.test.as_ref().filter(|_| record.split == SplitName::Test);
    let Some(t) = detail else { return String::new() };
    let i = record.index as usize;
    let class = |c: &u8| snapshot.data.as_ref().and_then(|d| d.classes.get(usize::from(*c)).cloned());
    match (t.labels.get(i).and_then(class), t.predicted.get(i).and_then(class), t.losses.get(i)) {
        (Some(label), Some(said), Some(loss)) => {
            i18n::scope::record_says(&label, &said, &numbers::loss(*loss))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{DataInfo, TestDetail};
    use std::sync::Arc;

    fn snapshot() -> Snapshot {
        let test = TestDetail {
            step: 5,
            labels: vec![0, 1, 0, 1],
            predicted: vec![0, 0, 0, 0],
            losses: vec![0.1, 3.0, 0.2, f32::NAN],
        };
        let data = DataInfo {
            test_images: 20,
            train_images: 30,
            samples: vec![vec![4], vec![7, 9]],
            ..DataInfo::default()
        };
        Snapshot { test: Some(Arc::new(test)), data: Some(data), ..Snapshot::default() }
    }

    fn indices(state: &PicturesState, looks: &Looks) -> Vec<u32> {
        let Picture::Record(r) = looks.picture else { panic!("{looks:?}") };
        state.page(Some(r)).iter().map(|r| r.index).collect()
    }

    #[test]
    fn sources_give_their_pictures() {
        let (mut state, mut looks, snapshot) = (PicturesState::default(), Looks::default(), snapshot());
        let mut of = |source| {
            state.choose(source, &mut looks, &snapshot);
            indices(&state, &looks)
        };
        assert_eq!(of(Source::Hardest), [3, 1, 2, 0]);
        assert_eq!(of(Source::Misclassified), [1, 3]);
        assert_eq!(of(Source::Class(0)), [0, 2]);
        assert_eq!(of(Source::Test), [0, 1, 2, 3, 4, 5, 6, 7]);
        let before = Snapshot { test: None, ..snapshot };
        state.choose(Source::Class(1), &mut looks, &before);
        assert_eq!(indices(&state, &looks), [7, 9]);
        assert_eq!(looks.picture, Picture::Record(RecordRef { split: SplitName::Train, index: 7 }));
        assert!(!Source::Hardest.available(&before));
    }

    #[test]
    fn pages_turn_and_end() {
        let (mut state, mut looks, snapshot) = (PicturesState::default(), Looks::default(), snapshot());
        state.choose(Source::Test, &mut looks, &snapshot);
        for (by, first) in [(-1, 0), (1, 8), (1, 16), (1, 16), (-1, 8)] {
            state.turn(by, &mut looks);
            assert_eq!(indices(&state, &looks)[0], first, "after {by}");
        }
    }

    #[test]
    fn a_picture_chosen_elsewhere_is_followed() {
        let (mut state, snapshot) = (PicturesState::default(), snapshot());
        let looks = Looks { picture: Picture::Batch(3), ..Looks::default() };
        state.renew(&looks, &snapshot);
        assert_eq!(state.source(), Source::Batch);
        let record = RecordRef { split: SplitName::Train, index: 11 };
        state.renew(&Looks { picture: Picture::Record(record), ..Looks::default() }, &snapshot);
        assert_eq!(state.source(), Source::Train);
        assert!(state.page(Some(record)).contains(&record));
    }

    #[test]
    fn chances_belong_to_one_picture() {
        let look = |index, step, p| Seen {
            picture: Some(Picture::Record(RecordRef { split: SplitName::Test, index })),
            step,
            probabilities: vec![p, 1.0 - p],
            ..Seen::default()
        };
        let mut chances = Chances::default();
        for seen in [look(0, 1, 0.2), look(0, 1, 0.2), look(0, 2, 0.4)] {
            chances.see(&seen);
        }
        assert_eq!(chances.of(0).map(|s| s.buckets().len()), Some(2));
        chances.see(&look(1, 3, 0.9));
        assert!(chances.of(0).is_none());
    }
}
