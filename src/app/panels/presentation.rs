//! In front of a class: the network across the whole width, one number and one chart under it, larger
//! and stronger, and no controls but the transport's.

use super::super::i18n;
use super::super::numbers::{self, UNKNOWN};
use super::super::state::AppState;
use super::super::theme::{self, palette, space, text};
use super::super::view::View;
use super::{changed, charts, lab, lesson, microscope, network, race, surgery, top};
use crate::session::Snapshot;
use eframe::egui::{
    Align2, CentralPanel, Frame, Margin, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2,
};

/// The chart is at least so high; then the picture scrolls.
const LEAST: f32 = 180.0;
/// Width of the number beside the chart.
const NUMBER: f32 = 220.0;
/// Height of the controls of the skips under it.
const CONTROLS: f32 = 90.0;

pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    top(ui, state, snapshot);
    if state.lessons.open {
        lesson::beside(ui, state, snapshot);
    }
    let ground = Frame::new().fill(palette(ui).bg).inner_margin(Margin::same(space::L as i8));
    CentralPanel::no_frame().frame(ground).show(ui, |ui| {
        changed(ui, state);
        if state.view == View::Microscope {
            return microscope::full(ui, state, snapshot);
        }
        if state.view == View::Race {
            return race::screen(ui, state, snapshot);
        }
        if state.view == View::Lab {
            return lab::screen(ui, state, snapshot);
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let window = ui.clip_rect().height();
            let top = ui.cursor().top();
            network::show(ui, state, snapshot, window);
            ui.add_space(space::M);
            let operable = state.patient(snapshot).is_some();
            let left = window - (ui.cursor().top() - top) - space::S;
            let height = left.max(LEAST);
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
            let (number_at, chart_at) = rect.split_left_right_at_x(rect.left() + NUMBER);
            let mut left =
                ui.new_child(UiBuilder::new().max_rect(number_at.with_max_x(number_at.right() - space::L)));
            number(&mut left, state, snapshot, if operable { CONTROLS } else { 0.0 });
            surgery::presented(&mut left, state, snapshot);
            let mut right = ui.new_child(UiBuilder::new().max_rect(chart_at));
            charts::panel(&mut right, state, snapshot, height);
        });
    });
}

/// The test accuracy, or the training loss as long as nothing was tested; leaves `below` free.
fn number(ui: &mut Ui, state: &AppState, snapshot: &Snapshot, below: f32) {
    let p = palette(ui);
    let test = state.tested(snapshot);
    let (value, name, ink, hint) = match test {
        Some(t) => (numbers::percent(t.accuracy), i18n::test_accuracy(), p.ink, i18n::test_accuracy_hint()),
        None => {
            let loss = state.readouts.train_loss.map_or(UNKNOWN.into(), numbers::loss);
            (loss, i18n::train_loss(), p.lane_a, i18n::train_loss_hint())
        }
    };
    let (rect, response) = ui.allocate_exact_size(ui.available_size() - vec2(0.0, below), Sense::hover());
    let middle = rect.left_center();
    ui.painter().text(middle, Align2::LEFT_BOTTOM, &value, theme::semibold(text::PRESENTED), ink);
    ui.painter().text(middle, Align2::LEFT_TOP, name, theme::regular(text::TITLE), p.ink2);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} {value}")));
    response.on_hover_text(hint);
}
