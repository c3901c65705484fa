//! How often each class is taken for each, counted from the test split picture by picture.

use crate::session::TestDetail;
use std::sync::Arc;

/// Counts of a whole test split: a row a true class, a column a prediction.
#[derive(Clone, Debug)]
pub struct Confusion {
    of: Arc<TestDetail>,
    classes: usize,
    counts: Vec<u32>,
}

impl Confusion {
    /// Counts `of`. Pictures of a class that the data does not have are left out.
    pub fn new(of: Arc<TestDetail>, classes: usize) -> Self {
        let mut counts = vec![0; classes * classes];
        for (&truth, &said) in of.labels.iter().zip(&of.predicted) {
            let (truth, said) = (usize::from(truth), usize::from(said));
            if truth < classes && said < classes {
                counts[truth * classes + said] += 1;
            }
        }
        Self { of, classes, counts }
    }

    /// Whether it was counted from just these.
    pub fn is_of(&self, detail: &Arc<TestDetail>, classes: usize) -> bool {
        Arc::ptr_eq(&self.of, detail) && self.classes == classes
    }

    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Training steps done before it was measured.
    pub fn step(&self) -> u64 {
        self.of.step
    }

    /// Pictures of class `truth` that are taken for `said`.
    pub fn count(&self, truth: usize, said: usize) -> u32 {
        self.counts.get(truth * self.classes + said).copied().unwrap_or(0)
    }

    /// The same as a share of all pictures of that class; 0 where there are none.
    pub fn share(&self, truth: usize, said: usize) -> f32 {
        let all: u32 = (0..self.classes).map(|s| self.count(truth, s)).sum();
        if all == 0 { 0.0 } else { self.count(truth, said) as f32 / all as f32 }
    }

    /// Indices and losses of those pictures, highest loss first.
    pub fn pictures(&self, truth: usize, said: usize) -> Vec<(u32, f32)> {
        let pairs = self.of.labels.iter().zip(&self.of.predicted).enumerate();
        let those = pairs.filter(|(_, (t, s))| usize::from(**t) == truth && usize::from(**s) == said);
        let loss = |i: usize| self.of.losses.get(i).copied().unwrap_or(f32::NAN);
        let mut all: Vec<(u32, f32)> = those.map(|(i, _)| (i as u32, loss(i))).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail() -> Arc<TestDetail> {
        Arc::new(TestDetail {
            step: 7,
            labels: vec![0, 0, 0, 0, 1, 1, 9],
            predicted: vec![0, 1, 1, 2, 1, 1, 0],
            losses: vec![0.1, 0.5, 2.0, 1.0, 0.2, 0.3, 0.0],
        })
    }

    #[test]
    fn every_picture_is_counted_once() {
        let c = Confusion::new(detail(), 3);
        assert_eq!([c.count(0, 0), c.count(0, 1), c.count(0, 2), c.count(1, 1)], [1, 2, 1, 2]);
        let all: u32 = (0..3).flat_map(|t| (0..3).map(move |s| (t, s))).map(|(t, s)| c.count(t, s)).sum();
        assert_eq!(all, 6, "the class that the data does not have is left out");
        assert_eq!((c.share(0, 1), c.share(1, 1), c.share(2, 2)), (0.5, 1.0, 0.0));
    }

    #[test]
    fn the_hardest_picture_comes_first() {
        assert_eq!(Confusion::new(detail(), 3).pictures(0, 1), [(2, 2.0), (1, 0.5)]);
    }

    #[test]
    fn other_pictures_are_counted_anew() {
        let one = detail();
        let c = Confusion::new(one.clone(), 3);
        assert!(c.is_of(&one, 3) && !c.is_of(&detail(), 3) && !c.is_of(&one, 4));
    }
}
