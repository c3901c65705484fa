//! The frame meter: a small overlay with what drawing costs.

use super::super::frame::GpuTime;
use super::super::i18n;
use super::super::numbers::UNKNOWN;
use super::super::state::AppState;
use super::super::theme::{self, line, palette, radius, space, text};
use eframe::egui::{Align2, Area, Frame, Grid, Id, Margin, Order, RichText, Ui, vec2};

/// The overlay, while it is wanted.
pub fn show(ui: &mut Ui, state: &AppState) {
    if !state.frame_shown {
        return;
    }
    let p = palette(ui);
    let frame = Frame::new()
        .fill(p.panel)
        .stroke(p.stroke(line::HAIR, p.line2))
        .corner_radius(radius::PANEL)
        .inner_margin(Margin::symmetric(space::M as i8, space::S as i8));
    let area = Area::new(Id::unique("meter")).order(Order::Foreground);
    area.anchor(Align2::RIGHT_TOP, vec2(-space::L, theme::size::TRANSPORT + space::S)).show(ui.ctx(), |ui| {
        frame.show(ui, |ui| {
            let small = theme::regular(text::CAPTION);
            let ms = |v: Option<f32>| v.map_or(UNKNOWN.into(), |v| format!("{v:.1} ms"));
            let t = state.frame;
            Grid::new("meter").min_row_height(0.0).spacing([space::L, space::XS]).show(ui, |ui| {
                for words in [i18n::meter(), i18n::meter_half(), i18n::meter_most()] {
                    ui.label(RichText::new(words).font(small.clone()).color(p.ink3));
                }
                ui.end_row();
                let gpu = match t.gpu_by {
                    None => i18n::meter_gpu_unknown(),
                    Some(GpuTime::Timestamps) => i18n::meter_gpu_timestamps(),
                    Some(GpuTime::Latency) => i18n::meter_gpu_latency(),
                };
                for (name, hint, half, most) in [
                    (i18n::meter_ui(), i18n::meter_ui_hint(), t.ui_p50, t.ui_p95),
                    (i18n::meter_gpu(), gpu, t.gpu_p50, t.gpu_p95),
                    (i18n::meter_frame(), i18n::meter_frame_hint(), t.frame_p50, t.frame_p95),
                ] {
                    let name = RichText::new(name).font(small.clone()).color(p.ink2);
                    ui.label(name).on_hover_text(hint);
                    for v in [half, most] {
                        ui.label(RichText::new(ms(v)).font(theme::semibold(text::CAPTION)).color(p.ink));
                    }
                    ui.end_row();
                }
            });
        });
    });
}
