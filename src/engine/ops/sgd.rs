//! The update of all parameters, and their norms.

use crate::engine::layout::ALIGN;
use crate::engine::program::{Bound, Buf, Builder};

/// One dispatch an arena, then one that adds up the norms.
pub fn update(b: &mut Builder) {
    for arena in 0..b.layout.arenas.len() {
        let (first, end) = (b.layout.update_arenas[arena], b.layout.update_arenas[arena + 1]);
        let workgroups = end - first;
        let whole = |buf| Bound { buf, range: Some((0, b.layout.arenas[arena].max(ALIGN))) };
        let bindings = [
            Buf::Step.into(),
            whole(Buf::Weights(arena)),
            whole(Buf::Gradients(arena)),
            whole(Buf::Velocity(arena)),
            Buf::UpdateTable.into(),
            Buf::UpdateParts.into(),
        ];
        let work = b.layout.arenas[arena] as f64 / 4.0 * 16.0;
        b.groups("sgd", workgroups, &[workgroups as u32, first as u32], &bindings, work);
    }
    let record = b.layout.record;
    let params = [record.params, record.stride, record.first_param()].map(|v| v as u32);
    let bindings = [Buf::Step, Buf::UpdateParts, Buf::UpdateRanges, Buf::Ring].map(Into::into);
    b.groups("norm_reduce", record.params, &params, &bindings, b.layout.update_table.len() as f64 * 8.0);
}
