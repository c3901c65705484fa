//! How much GPU memory a run needs, and which buffers share it. No GPU is needed to ask.

use super::layout::{ALIGN, Layout, MAX_BINDING, RING_STEPS, vec4s};
use super::program::Program;
use crate::model::Graph;

/// Largest buffer under WebGPU's default limits, in bytes.
const MAX_BUFFER: u64 = 256 << 20;

/// Where a virtual buffer lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Which buffer it is a part of.
    pub slot: usize,
    /// Bytes from that buffer's start.
    pub offset: u64,
    pub bytes: u64,
}

/// Memory shared by virtual buffers that never live at the same time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Bytes of each.
    pub sizes: Vec<u64>,
    /// For each program: the place of each of its virtual buffers.
    pub placed: Vec<Vec<Place>>,
}

/// A place that is taken, and from which dispatch to which.
struct Taken {
    place: Place,
    life: (usize, usize),
}

/// Where `bytes` fit between what is taken of a slot at the time: offset, and bytes that stay free around it. The
/// smallest gap that is large enough, else behind everything.
fn gap(taken: &[Taken], size: u64, life: (usize, usize), bytes: u64) -> (u64, u64) {
    let mut there: Vec<(u64, u64)> = taken
        .iter()
        .filter(|t| t.life.0 <= life.1 && life.0 <= t.life.1)
        .map(|t| (t.place.offset, t.place.offset + t.place.bytes))
        .collect();
    there.sort_unstable();
    let (mut end, mut best) = (0, None);
    let mut room = |end: u64, until: u64| {
        if until >= end + bytes {
            let found = (until - end - bytes, end);
            best = Some(best.map_or(found, |b: (u64, u64)| b.min(found)));
        }
    };
    for (from, to) in there {
        room(end, from);
        end = end.max(to);
    }
    room(end, size);
    best.map_or((end, 0), |(free, offset)| (offset, free))
}

impl Slots {
    /// Places the virtual buffers of programs that never run at the same time. Largest first, each where the memory
    /// grows least (Pisarchyk & Lee 2020, "greedy by size for offset calculation"). Buffers that a dispatch binds
    /// together lie in different slots: WebGPU refuses a dispatch that writes to a part of a buffer and reads another.
    pub fn place(programs: &[&Program]) -> Self {
        let mut slots = Self::default();
        for program in programs {
            let lives = program.lifetimes();
            let together = program.bound_together();
            let mut by_size: Vec<usize> = (0..program.sizes.len()).collect();
            by_size.sort_by_key(|&v| (std::cmp::Reverse(program.sizes[v]), lives[v].0));
            let mut taken: Vec<Vec<Taken>> = slots.sizes.iter().map(|_| Vec::new()).collect();
            let mut placed: Vec<Option<Place>> = vec![None; program.sizes.len()];
            for v in by_size {
                let bytes = program.sizes[v].next_multiple_of(ALIGN);
                let barred: Vec<usize> =
                    together[v].iter().filter_map(|&o| placed[o].map(|p| p.slot)).collect();
                let found = (0..taken.len())
                    .filter(|s| !barred.contains(s))
                    .map(|s| {
                        let (offset, free) = gap(&taken[s], slots.sizes[s], lives[v], bytes);
                        ((offset + bytes).saturating_sub(slots.sizes[s]), free, s, offset)
                    })
                    .filter(|&(_, _, _, offset)| offset + bytes <= MAX_BUFFER)
                    .min();
                let (slot, offset) = match found {
                    Some((grows, _, s, offset)) if grows < bytes => (s, offset),
                    _ => {
                        slots.sizes.push(0);
                        taken.push(Vec::new());
                        (taken.len() - 1, 0)
                    }
                };
                let place = Place { slot, offset, bytes };
                slots.sizes[slot] = slots.sizes[slot].max(offset + bytes);
                taken[slot].push(Taken { place, life: lives[v] });
                placed[v] = Some(place);
            }
            slots.placed.push(placed.into_iter().map(Option::unwrap_or_default).collect());
        }
        slots
    }

    /// Bytes in all.
    pub fn bytes(&self) -> u64 {
        self.sizes.iter().sum()
    }
}

/// What a run needs, by purpose, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    pub parameters: u64,
    pub activations: u64,
    pub input: u64,
    pub scratch: u64,
    /// Ring, coefficients, tables, statistics.
    pub small: u64,
    /// The largest single binding.
    pub largest_binding: u64,
}

impl Demand {
    /// What `programs` over `graph` need with their buffers in `slots`.
    pub fn new(graph: &Graph, layout: &Layout, programs: &[&Program], slots: &Slots) -> Self {
        let batch = programs.iter().map(|p| p.batch).max().unwrap_or(0) as u64;
        let side = graph.spec.input_size as u64;
        let input = batch * side * side * 16;
        let scratch = programs.iter().map(|p| p.scratch).max().unwrap_or(0);
        let widest = graph.tensors.iter().map(|t| vec4s(t.c)).max().unwrap_or(0) as u64;
        let small = layout.running_bytes
            + layout.coef_bytes
            + 3 * widest * 16
            + layout.record.bytes() * RING_STEPS
            + layout.update_table.len() as u64 * 24
            + batch * 24;
        let places = slots.placed.iter().flatten().map(|p| p.bytes);
        let largest = places.chain(layout.arenas.iter().copied()).max().unwrap_or(0);
        Self {
            parameters: layout.param_bytes(),
            activations: slots.bytes(),
            input,
            scratch,
            small,
            largest_binding: largest.max(input).max(scratch),
        }
    }

    /// Bytes in all.
    pub fn total(&self) -> u64 {
        self.parameters + self.activations + self.input + self.scratch + self.small
    }

    /// Whether it fits `budget` bytes and a device's default limits.
    pub fn fits(&self, budget: u64) -> bool {
        self.total() <= budget && self.largest_binding <= MAX_BINDING
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::program::{Buf, Builder, Mode};
    use crate::engine::variants::Variants;
    use crate::gpu::AdapterClass;
    use crate::model::by_name;

    #[test]
    fn buffers_that_live_together_do_not_share_memory() {
        for name in ["resnet18", "resnet50", "plain20"] {
            let graph = Graph::new(&by_name(name).expect("in the zoo")).expect("valid");
            let layout = Layout::new(&graph);
            let variants = Variants::default();
            let train = Builder::build(&graph, &layout, &variants, Mode::Train, 4);
            let eval = Builder::build(&graph, &layout, &variants, Mode::Eval, 8);
            let slots = Slots::place(&[&train, &eval]);
            for (p, program) in [&train, &eval].into_iter().enumerate() {
                let lives = program.lifetimes();
                for a in 0..lives.len() {
                    let here = slots.placed[p][a];
                    assert!(here.bytes >= program.sizes[a] && here.offset.is_multiple_of(ALIGN));
                    assert!(slots.sizes[here.slot] >= here.offset + here.bytes);
                    for b in 0..a {
                        let there = slots.placed[p][b];
                        let apart = lives[a].1 < lives[b].0
                            || lives[b].1 < lives[a].0
                            || here.slot != there.slot
                            || here.offset + here.bytes <= there.offset
                            || there.offset + there.bytes <= here.offset;
                        assert!(apart, "{name}: {a} and {b}");
                    }
                }
            }
            assert!(slots.bytes() < program_bytes(&train), "{name}: gradient buffers are reused");
        }
    }

    #[test]
    fn a_short_batch_fits_the_buffers_of_a_full_one() {
        for class in [AdapterClass::Cpu, AdapterClass::Gpu] {
            let variants = Variants::for_class(class);
            for (name, full) in [("resnet20", 32), ("resnet18", 64), ("resnet50", 16), ("plain20", 128)] {
                let graph = Graph::new(&by_name(name).expect("in the zoo")).expect("valid");
                let layout = Layout::new(&graph);
                let whole = Builder::build(&graph, &layout, &variants, Mode::Train, full);
                for batch in 1..full {
                    let short = Builder::build_short(&graph, &layout, &variants, Mode::Train, [batch, full]);
                    assert_eq!(short.sizes.len(), whole.sizes.len(), "{name}: {batch} of {full}");
                    assert_eq!(short.kept, whole.kept);
                    assert!(short.scratch <= whole.scratch);
                    for v in 0..whole.sizes.len() {
                        assert!(short.sizes[v] <= whole.sizes[v], "{name}: buffer {v} at {batch} of {full}");
                    }
                    // Where one ends before another begins in the full batch, it does in the short one: they may share memory.
                    let (short, whole) = (short.lifetimes(), whole.lifetimes());
                    for a in 0..whole.len() {
                        for b in 0..whole.len() {
                            assert!(
                                whole[a].1 >= whole[b].0 || short[a].1 < short[b].0,
                                "{name}: {a} and {b} at {batch} of {full}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn resnet18_trains_at_batch_64_in_480_megabytes() {
        let graph = Graph::new(&by_name("resnet18").expect("in the zoo")).expect("valid");
        let layout = Layout::new(&graph);
        for class in [AdapterClass::Cpu, AdapterClass::Gpu] {
            let variants = Variants::for_class(class);
            let train = Builder::build(&graph, &layout, &variants, Mode::Train, 64);
            let eval = Builder::build(&graph, &layout, &variants, Mode::Eval, 64);
            let slots = Slots::place(&[&train, &eval]);
            let demand = Demand::new(&graph, &layout, &[&train, &eval], &slots);
            assert!(demand.total() <= 480_000_000, "{class:?}: {demand:?}");
            // What lives at once is the least that any placing needs; parts in several buffers cost little more.
            let lives = train.lifetimes();
            let at = |d: usize| {
                (0..lives.len()).filter(|&v| lives[v].0 <= d && d <= lives[v].1).map(|v| train.sizes[v]).sum()
            };
            let peak: u64 = (0..train.dispatches.len()).map(at).max().unwrap_or(0);
            assert!(slots.bytes() * 4 <= peak * 5, "{class:?}: {} placed, {peak} at once", slots.bytes());
        }
    }

    fn program_bytes(p: &Program) -> u64 {
        p.sizes.iter().sum()
    }

    #[test]
    fn no_dispatch_binds_a_buffer_for_writing_and_anything_else() {
        // WebGPU refuses a dispatch that does, whatever the ranges.
        let graph = Graph::new(&by_name("resnet50").expect("in the zoo")).expect("valid");
        let layout = Layout::new(&graph);
        let variants = Variants::default();
        let program = Builder::build(&graph, &layout, &variants, Mode::Train, 2);
        let slots = Slots::place(&[&program]);
        let physical = |b: Buf| match b {
            Buf::Virtual(v) => format!("slot {}", slots.placed[0][v].slot),
            other => format!("{other:?}"),
        };
        for d in &program.dispatches {
            let text = crate::gpu::source(&d.kernel).unwrap_or_else(|| panic!("no kernel {}", d.kernel));
            let uses: Vec<bool> = text
                .lines()
                .filter(|l| l.starts_with("@group(0)") && !l.contains("@binding(0)"))
                .map(|l| l.contains("read_write"))
                .collect();
            assert_eq!(uses.len(), d.bindings.len(), "{}", d.kernel);
            for i in 0..uses.len() {
                for j in 0..i {
                    let same = physical(d.bindings[i].buf) == physical(d.bindings[j].buf);
                    let disjoint = d.bindings[i].range != d.bindings[j].range;
                    let both_write = uses[i] && uses[j] && disjoint;
                    assert!(
                        !same || both_write || (!uses[i] && !uses[j]),
                        "{} of {}: {i} and {j}",
                        d.kernel,
                        d.layer
                    );
                }
            }
        }
    }
}
