//! Controls of the look that egui does not have ready-made. Each is one function that takes what it
//! edits, draws it with tokens only, names itself for screen readers and returns its `Response`.

mod buttons;
mod fields;
mod flag;
pub mod icons;
mod level;
mod mosaic;
mod scale_bar;
mod segmented;
mod tabs;

pub use buttons::{chip, icon_button, raised_button, raised_icon_button, solid_button, solid_wide};
pub use fields::{
    caption, divider, number, on_one_baseline, pair, readout, scrubber, slider, stops, two_tone,
};
pub use flag::{FLAG, flag, flag_size, paint_flag};
pub use level::level;
pub use mosaic::{cells, mosaic, tile};
pub use scale_bar::{lock, pointed, scale_bar};
pub use segmented::{segmented, segmented_width};
pub use tabs::tabs;

use super::theme::{line, palette, radius};
use eframe::egui::{CornerRadius, Response, StrokeKind, Ui};

/// Two pixels outside whatever has the keyboard: focus is ink, as all chrome.
fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let stroke = palette(ui).stroke(line::TRUNK, palette(ui).ink);
        let corner = CornerRadius::same(radius::CONTROL + 2);
        ui.painter().rect_stroke(response.rect.expand(2.0), corner, stroke, StrokeKind::Outside);
    }
}
