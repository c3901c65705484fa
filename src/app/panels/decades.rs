//! The ground of plots over layers: whole decades up, numbers of layers across.

use super::super::axis::Decades;
use super::super::numbers;
use super::super::theme::{self, line, palette, space, text};
use eframe::egui::{Align2, Rect, Ui, pos2};

/// Grid lines and ticks at whole decades, as many as fit.
pub fn lines(ui: &Ui, plot: Rect, d: Decades) {
    let p = palette(ui);
    let painter = ui.painter();
    let every = (f64::from(d.high - d.low) * 18.0 / f64::from(plot.height().max(1.0))).ceil().max(1.0) as i32;
    for e in (d.low..=d.high).rev().step_by(every as usize) {
        let t = (e - d.low) as f32 / (d.high - d.low) as f32;
        let y = (plot.bottom() - t * plot.height()).round() + 0.5;
        painter.hline(plot.x_range(), y, p.stroke(line::HAIR, if e == d.low { p.line2 } else { p.line }));
        let at = pos2(plot.left() - space::S, y);
        painter.text(
            at,
            Align2::RIGHT_CENTER,
            numbers::power_of_ten(e),
            theme::regular(text::CAPTION),
            p.ink3,
        );
    }
}

/// The same, with the first and the last of `most` things under it, and what they are called.
pub fn numbered(ui: &Ui, plot: Rect, d: Decades, most: usize, name: &str) {
    lines(ui, plot, d);
    let under = |x: f32, align: Align2, words: &str| {
        let at = pos2(x, plot.bottom() + space::XS);
        ui.painter().text(at, align, words, theme::regular(text::CAPTION), palette(ui).ink3);
    };
    under(plot.left(), Align2::CENTER_TOP, "1");
    under(plot.center().x, Align2::CENTER_TOP, name);
    if most > 1 {
        under(plot.right(), Align2::RIGHT_TOP, &most.to_string());
    }
}
