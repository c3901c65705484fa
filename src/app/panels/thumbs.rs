//! Small pictures of the data set, painted by the session: a panel asks for them while it is drawn and has
//! them a moment later.

use super::super::state::AppState;
use super::super::theme::{palette, radius};
use super::super::widgets;
use crate::session::{RecordRef, SHEET_MOST, Snapshot, SplitName, Tile};
use eframe::egui::{Rect, Ui};

/// A picture of the training split.
pub fn training(index: u32) -> RecordRef {
    RecordRef { split: SplitName::Train, index }
}

/// Asks for `record`, as long as a sheet has room for it, and finds it once it has arrived.
pub fn want(state: &mut AppState, snapshot: &Snapshot, record: RecordRef) -> Option<Tile> {
    let wanted = &mut state.looks.sheet;
    if !wanted.contains(&record) && wanted.len() < SHEET_MOST {
        wanted.push(record);
    }
    let seen = snapshot.seen.as_ref()?;
    seen.sheet.iter().find(|(r, _)| *r == record).map(|(_, tile)| *tile)
}

/// Draws `record` over `rect`, an empty ground until it has arrived.
pub fn draw(ui: &Ui, state: &mut AppState, snapshot: &Snapshot, record: RecordRef, rect: Rect) {
    match (want(state, snapshot, record), &state.canvas) {
        (Some(tile), Some(canvas)) => widgets::tile(ui.painter(), canvas, &tile, rect),
        _ => {
            ui.painter().rect_filled(rect, radius::CARD, palette(ui).raised);
        }
    }
}
