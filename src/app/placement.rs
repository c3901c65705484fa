//! Where each layer stands from left to right. Block cards, gradient bars and the history of both share
//! this axis, so that looking down from a block finds its numbers and their past. A folded stage is one
//! card on it, and the axis folds with it.

use super::axis::Layers;
use super::theme::size;
use crate::model::ParamId;
use eframe::egui::{Rangef, lerp};
use std::ops::Range;

/// One block, or all blocks of a folded stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Indices into [`Layers::blocks`].
    pub blocks: Range<usize>,
    /// Index into [`Layers::stages`].
    pub stage: usize,
    pub x: Rangef,
}

impl Card {
    /// Whether it stands for more than one block.
    pub fn is_folded(&self) -> bool {
        self.blocks.len() > 1
    }
}

/// One bar: a weight, or the weights with the same part in all blocks of a folded stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Indices into [`Layers::bars`].
    pub bars: Vec<usize>,
    pub params: Vec<ParamId>,
    /// `layer1.0.conv2`; `layer1.*.conv2` for several.
    pub name: String,
    pub x: Rangef,
    /// Index into [`Placement::cards`]; `None` for the stem and the classifier.
    pub card: Option<usize>,
}

impl Column {
    /// Mean of its weights' `values`; `None` where one is missing.
    pub fn mean(&self, values: &[f32]) -> Option<f32> {
        let sum = self.params.iter().map(|&p| values.get(p)).sum::<Option<f32>>()?;
        (!self.params.is_empty()).then(|| sum / self.params.len() as f32)
    }
}

/// Where everything lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    pub stem: Rangef,
    /// Grounds of the stages.
    pub stages: Vec<Rangef>,
    pub cards: Vec<Card>,
    pub columns: Vec<Column>,
    pub head: Rangef,
    /// Where the trunk splits and joins: `joins[i]` before card i, `joins[i + 1]` its ⊕.
    pub joins: Vec<f32>,
    /// Width of a card.
    pub card: f32,
}

impl Placement {
    /// The card that block `i` is in.
    pub fn card_of(&self, block: usize) -> Option<usize> {
        self.cards.iter().position(|c| c.blocks.contains(&block))
    }
}

impl Placement {
    /// Where `x` lies among the cards: 2.5 is the middle of card 2. Outside of them it goes on evenly.
    pub fn at(&self, x: f32) -> f32 {
        let last = self.joins.len().saturating_sub(2);
        let i = self.joins.iter().skip(1).position(|j| x < *j).unwrap_or(last).min(last);
        let (from, to) = (self.joins[i], self.joins.get(i + 1).copied().unwrap_or(self.head.max));
        i as f32 + (x - from) / (to - from).max(1.0)
    }

    /// The other way round.
    pub fn x_of(&self, at: f32) -> f32 {
        let last = self.joins.len().saturating_sub(2);
        let i = (at.max(0.0) as usize).min(last);
        let (from, to) = (self.joins[i], self.joins.get(i + 1).copied().unwrap_or(self.head.max));
        from + (at - i as f32) * (to - from).max(1.0)
    }
}

/// Sizes that follow from a card's width.
struct Measures {
    gap: f32,
    pad: f32,
    stage_gap: f32,
    end: f32,
    /// 1 where stem and classifier are drawn, otherwise 0.
    ends: f32,
}

impl Measures {
    fn of(card: f32, ends: bool) -> Self {
        Self {
            gap: (card * 0.29).clamp(1.0, 32.0),
            pad: (card * 0.1).clamp(0.5, 8.0),
            stage_gap: (card * 0.21).clamp(4.0, 16.0),
            end: (card * 0.48).clamp(8.0, 36.0),
            ends: f32::from(u8::from(ends)),
        }
    }

    /// Width of `cards` cards in `stages` stages, `card` wide each.
    fn need(&self, (cards, folded): (usize, usize), stages: usize, card: f32) -> f32 {
        let (cards, stages) = (cards as f32, stages as f32);
        self.ends * (2.0 * self.end + HEAD + 2.0 * self.stage_gap)
            + (stages - 1.0).max(0.0) * self.stage_gap
            + stages * 2.0 * self.pad
            + (cards - stages) * self.gap
            + cards * card
            + folded as f32 * 2.0 * self.margin(card)
    }

    /// What a folded stage has beside its card, so that its name has room.
    fn margin(&self, card: f32) -> f32 {
        ((FOLDED - card - 2.0 * self.pad) / 2.0).max(0.0)
    }
}

/// A folded stage is at least as wide as its name.
const FOLDED: f32 = 68.0;
/// Width of the classifier's column.
const HEAD: f32 = 14.0;

fn has_ends(layers: &Layers) -> bool {
    !layers.stem.is_empty() || !layers.head.is_empty()
}

/// Cards that are left when the stages in `fold` are folded, and how many of them are folded stages.
fn count(layers: &Layers, fold: &[bool]) -> (usize, usize) {
    let of = |(i, s): (usize, &super::axis::Stage)| if is_folded(fold, i) { 1 } else { s.blocks.len() };
    let cards = layers.stages.iter().enumerate().map(of).sum();
    (cards, (0..layers.stages.len()).filter(|&i| is_folded(fold, i)).count())
}

fn is_folded(fold: &[bool], stage: usize) -> bool {
    fold.get(stage).copied().unwrap_or(false)
}

/// The widest card that fits `width`, at most `most`.
pub fn fit(layers: &Layers, fold: &[bool], width: f32, most: f32) -> f32 {
    let (cards, stages, ends) = (count(layers, fold), layers.stages.len(), has_ends(layers));
    let mut card = most;
    while card > 1.0 && Measures::of(card, ends).need(cards, stages, card) > width {
        card -= 0.25;
    }
    card
}

/// The width that cards of width `card` need.
pub fn width(layers: &Layers, fold: &[bool], card: f32) -> f32 {
    Measures::of(card, has_ends(layers)).need(count(layers, fold), layers.stages.len(), card)
}

/// The fold to start with: the longest stages, one after the other, until all cards are wide enough to
/// show a map.
pub fn start_fold(layers: &Layers, width: f32) -> Vec<bool> {
    let mut fold = vec![false; layers.stages.len()];
    while fit(layers, &fold, width, size::CARD_LEAST) < size::CARD_LEAST {
        let open = layers.stages.iter().enumerate().filter(|(i, s)| !fold[*i] && s.blocks.len() > 1);
        let Some((longest, _)) = open.max_by_key(|(_, s)| s.blocks.len()) else { break };
        fold[longest] = true;
    }
    fold
}

/// Places `layers` on `x`. Cards are as wide as the width allows, up to `most`.
pub fn place(layers: &Layers, fold: &[bool], x: Rangef, most: f32) -> Placement {
    let ends = has_ends(layers);
    let card = fit(layers, fold, x.span(), most);
    let m = Measures::of(card, ends);
    let rest = x.span() - m.need(count(layers, fold), layers.stages.len(), card);
    // What is left over goes evenly between all cards, so that arcs stay alike.
    let wider = if ends { rest.max(0.0) / (count(layers, fold).0 + 1) as f32 } else { 0.0 };
    let (gap, stage_gap) = (m.gap + wider, m.stage_gap + wider);

    let mut at = x.min;
    let mut take = |width: f32, gap: f32| {
        let r = Rangef::new(at, at + width);
        at = r.max + gap;
        r
    };
    let stem = if ends { take(m.end, m.end / 2.0 + stage_gap) } else { take(0.0, 0.0) };
    let first = if ends { stem.max + m.end / 4.0 + stage_gap / 2.0 } else { x.min };
    let mut out = Placement {
        stem,
        stages: Vec::new(),
        cards: Vec::new(),
        columns: Vec::new(),
        head: stem,
        joins: vec![first],
        card,
    };
    for (s, stage) in layers.stages.iter().enumerate() {
        let margin = if is_folded(fold, s) { m.margin(card) } else { 0.0 };
        // Without ends there are no gaps to take what is left over.
        let spare = if ends { 0.0 } else { rest.max(0.0) / (2 * layers.stages.len().max(1)) as f32 };
        let pad = m.pad + margin + spare;
        let left = take(0.0, pad).min;
        let end = stage.blocks.end;
        let mut start = stage.blocks.start;
        while start < end {
            let blocks = start..if is_folded(fold, s) { end } else { start + 1 };
            start = blocks.end;
            let last = start == end;
            let r = take(card, if last { pad } else { gap });
            out.joins.push(if last { r.max + pad + stage_gap / 2.0 } else { r.max + gap / 2.0 });
            out.cards.push(Card { blocks, stage: s, x: r });
        }
        out.stages.push(Rangef::new(left, take(0.0, stage_gap).min));
    }
    if ends {
        let _ = take(0.0, m.end / 2.0);
        out.head = take(HEAD, 0.0);
    }
    if let (Some(join), Some(stage)) = (out.joins.last_mut(), out.stages.last()) {
        *join = if ends { stage.max + (out.head.min - stage.max) / 3.0 } else { stage.max };
    }
    out.columns = columns(layers, &out);
    out
}

/// On the way from one fold to another: `t` goes from 0 to 1. A stage that is folded in one of them only is
/// shown with all its blocks, which come out of its one card or go into it.
pub fn between(layers: &Layers, folds: (&[bool], &[bool]), x: Rangef, most: f32, t: f32) -> Placement {
    let both: Vec<bool> = folds.0.iter().zip(folds.1).map(|(a, b)| *a && *b).collect();
    let (from, to) = (place(layers, folds.0, x, most), place(layers, folds.1, x, most));
    let mut out = place(layers, &both, x, most);
    let mix = |a: f32, b: f32| lerp(a..=b, t);
    let mix_range = |a: Rangef, b: Rangef| Rangef::new(mix(a.min, b.min), mix(a.max, b.max));
    out.stem = mix_range(from.stem, to.stem);
    out.head = mix_range(from.head, to.head);
    out.card = mix(from.card, to.card);
    out.stages = from.stages.iter().zip(&to.stages).map(|(a, b)| mix_range(*a, *b)).collect();
    out.joins = vec![mix(from.joins[0], to.joins[0])];
    for card in &mut out.cards {
        // Its own card on either side, or the one it is folded into; the last of those has the ⊕.
        let side = |p: &Placement| {
            let own = p.cards.iter().position(|c| c.blocks.contains(&card.blocks.start))?;
            Some((p.cards[own].x, p.joins[own + 1]))
        };
        let (Some(a), Some(b)) = (side(&from), side(&to)) else { continue };
        card.x = mix_range(a.0, b.0);
        out.joins.push(mix(a.1, b.1));
    }
    out.columns = columns(layers, &out);
    out
}

/// The bars of every card and of both ends.
fn columns(layers: &Layers, place: &Placement) -> Vec<Column> {
    let all: Vec<_> = layers.bars().collect();
    let mut out = Vec::new();
    let single = |out: &mut Vec<Column>, first: usize, n: usize, x: Rangef, card: Option<usize>| {
        for (i, x) in (first..first + n).zip(split(x, n)) {
            let bar = all[i];
            out.push(Column { bars: vec![i], params: vec![bar.param], name: bar.layer.clone(), x, card });
        }
    };
    single(&mut out, 0, layers.stem.len(), place.stem, None);
    let mut starts = vec![layers.stem.len()];
    for block in &layers.blocks {
        starts.push(starts[starts.len() - 1] + block.bars.len());
    }
    for (c, card) in place.cards.iter().enumerate() {
        let bars = starts[card.blocks.start]..starts[card.blocks.end];
        if !card.is_folded() {
            single(&mut out, bars.start, bars.len(), card.x, Some(c));
            continue;
        }
        let stage = &layers.stages[card.stage].name;
        let mut parts: Vec<Column> = Vec::new();
        for i in bars {
            // `layer1.7.conv2` plays the part `conv2`.
            let part = all[i].layer.splitn(3, '.').nth(2).unwrap_or_default();
            let name = format!("{stage}.*.{part}");
            match parts.iter_mut().find(|p| p.name == name) {
                Some(p) => {
                    p.bars.push(i);
                    p.params.push(all[i].param);
                }
                None => {
                    let (bars, params) = (vec![i], vec![all[i].param]);
                    parts.push(Column { bars, params, name, x: card.x, card: Some(c) });
                }
            }
        }
        let n = parts.len();
        out.extend(parts.into_iter().zip(split(card.x, n)).map(|(part, x)| Column { x, ..part }));
    }
    single(&mut out, starts[layers.blocks.len()], layers.head.len(), place.head, None);
    out
}

/// Splits `r` into `n` bars with a small gap.
pub fn split(r: Rangef, n: usize) -> impl Iterator<Item = Rangef> {
    let gap = (r.span() * 0.05 / n.max(1) as f32).clamp(0.5, 3.0);
    let width = (r.span() - gap * (n.max(1) - 1) as f32) / n.max(1) as f32;
    (0..n).map(move |i| {
        let left = r.min + i as f32 * (width + gap);
        Rangef::new(left, left + width)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Graph, by_name, names};

    fn layers(name: &str) -> Layers {
        Layers::of(&Graph::new(&by_name(name).expect("in the zoo")).expect("valid"))
    }

    #[test]
    fn every_network_fits_and_nothing_overlaps() {
        for name in names() {
            let l = layers(&name);
            for width in [340.0, 700.0, 1100.0, 2400.0] {
                for fold in [vec![false; l.stages.len()], start_fold(&l, width)] {
                    let p = place(&l, &fold, Rangef::new(10.0, 10.0 + width), size::CARD_MAX);
                    let mut at = p.stem.max;
                    for (i, card) in p.cards.iter().enumerate() {
                        assert!(card.x.min >= at, "{name} at {width}: card {i}");
                        assert!(
                            p.joins[i] <= card.x.min && p.joins[i + 1] >= card.x.max,
                            "{name} at {width}: join {i}"
                        );
                        at = card.x.max;
                    }
                    assert!(
                        p.head.min >= at && p.head.max <= 10.5 + width,
                        "{name} at {width}: {:?}",
                        p.head
                    );
                }
            }
        }
    }

    #[test]
    fn blocks_come_out_of_their_folded_stage_and_go_where_they_belong() {
        let l = layers("resnet56");
        let (folded, open) = (vec![true, true, false], vec![false, true, false]);
        let x = Rangef::new(0.0, 1200.0);
        let (from, to) = (place(&l, &folded, x, 76.0), place(&l, &open, x, 76.0));
        assert_eq!(between(&l, (&folded, &open), x, 76.0, 1.0), to);
        let begin = between(&l, (&folded, &open), x, 76.0, 0.0);
        assert_eq!(begin.cards.len(), to.cards.len());
        assert!(begin.cards[..9].iter().all(|c| c.x == from.cards[0].x), "all in one place");
        assert_eq!((begin.cards[9].x, begin.head), (from.cards[1].x, from.head));
        for t in [0.0, 0.3, 0.9] {
            let there = between(&l, (&folded, &open), x, 76.0, t);
            let back = between(&l, (&open, &folded), x, 76.0, 1.0 - t);
            for (a, b) in there.joins.iter().zip(&back.joins) {
                assert!((a - b).abs() < 1e-2, "folding is unfolding backwards");
            }
            assert_eq!(there.joins.len(), there.cards.len() + 1);
            assert!(there.joins.windows(2).all(|j| j[0] <= j[1]), "{:?}", there.joins);
        }
    }

    #[test]
    fn folding_leaves_every_weight_its_place() {
        let l = layers("resnet110");
        let fold = start_fold(&l, 868.0);
        assert!(fold.iter().any(|f| *f) && !fold.iter().all(|f| *f), "{fold:?}");
        let p = place(&l, &fold, Rangef::new(0.0, 868.0), size::CARD_MAX);
        assert!(p.card >= size::CARD_LEAST, "{}", p.card);
        let mut bars: Vec<usize> = p.columns.iter().flat_map(|c| c.bars.clone()).collect();
        bars.sort_unstable();
        assert_eq!(bars, (0..l.bars().count()).collect::<Vec<_>>());
        let folded = p.cards.iter().position(Card::is_folded).expect("one at least");
        assert_eq!(p.cards[folded].blocks.len(), 18);
        let names: Vec<_> =
            p.columns.iter().filter(|c| c.card == Some(folded)).map(|c| (&*c.name, c.bars.len())).collect();
        let stage = &l.stages[p.cards[folded].stage].name;
        assert!(names.contains(&(&*format!("{stage}.*.conv2"), 18)), "{names:?}");
        // A network that fits is not folded.
        assert_eq!(start_fold(&layers("resnet18"), 868.0), [false; 4]);
    }

    #[test]
    fn places_among_the_cards_go_both_ways() {
        let p = place(&layers("resnet20"), &[], Rangef::new(0.0, 868.0), size::CARD_MAX);
        assert_eq!(p.at(p.joins[2]), 2.0);
        for x in [-20.0, 3.0, 200.0, 431.5, 860.0, 900.0] {
            assert!((p.x_of(p.at(x)) - x).abs() < 1e-2, "{x} came back as {}", p.x_of(p.at(x)));
        }
    }

    #[test]
    fn a_folded_bar_is_the_mean_of_its_weights() {
        let x = Rangef::new(0.0, 1.0);
        let c = Column { bars: vec![0, 1], params: vec![1, 3], name: String::new(), x, card: None };
        assert_eq!(c.mean(&[9.0, 1.0, 9.0, 2.0]), Some(1.5));
        assert_eq!(c.mean(&[9.0, 1.0]), None);
    }
}
