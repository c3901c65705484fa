//! The frame meter: a line at the foot of the window with what drawing costs. It covers nothing.

use super::super::frame::GpuTime;
use super::super::i18n;
use super::super::numbers::UNKNOWN;
use super::super::state::AppState;
use super::super::theme::{self, palette, size, space, text};
use eframe::egui::{Frame, Margin, Panel, RichText, Ui};

/// The line, while it is wanted.
pub fn show(ui: &mut Ui, state: &AppState) {
    if !state.frame_shown {
        return;
    }
    let p = palette(ui);
    let frame = Frame::new().fill(p.panel).inner_margin(Margin::symmetric(space::L as i8, 0));
    let line = Panel::bottom("meter").exact_size(size::CONTROL).frame(frame);
    line.show(ui, |ui| {
        let small = theme::regular(text::CAPTION);
        let ms = |v: Option<f32>| v.map_or(UNKNOWN.into(), |v| format!("{v:.1}"));
        let t = state.frame;
        let gpu = match t.gpu_by {
            None => i18n::meter_gpu_unknown(),
            Some(GpuTime::Timestamps) => i18n::meter_gpu_timestamps(),
            Some(GpuTime::Latency) => i18n::meter_gpu_latency(),
        };
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            ui.label(RichText::new(i18n::meter()).font(small.clone()).color(p.ink3));
            for (name, hint, half, most) in [
                (i18n::meter_ui(), i18n::meter_ui_hint(), t.ui_p50, t.ui_p95),
                (i18n::meter_gpu(), gpu, t.gpu_p50, t.gpu_p95),
                (i18n::meter_frame(), i18n::meter_frame_hint(), t.frame_p50, t.frame_p95),
            ] {
                let name = RichText::new(name).font(small.clone()).color(p.ink2);
                ui.label(name).on_hover_text(hint);
                let both = i18n::meter_times(ms(half), ms(most));
                let both = RichText::new(both).font(theme::semibold(text::CAPTION)).color(p.ink);
                ui.label(both).on_hover_text(hint);
                ui.add_space(space::S);
            }
        });
    });
}
