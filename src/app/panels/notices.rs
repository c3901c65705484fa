//! Lines under the transport: what is being loaded or compiled, and what went wrong for good.

use super::super::i18n;
use super::super::numbers;
use super::super::state::{AppState, UiCommand};
use super::super::theme::{self, line, palette, space, text};
use super::super::widgets::raised_button;
use crate::session::{Phase, Snapshot};
use eframe::egui::{
    Align, Align2, Frame, Id, Label, LayerId, Layout, Margin, Order, Panel, Rect, RichText, Ui,
};

/// Whatever has to be said now, the worst first; nothing takes no room.
pub fn show(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    if let Some(why) = state.lost.clone() {
        let buttons = [(i18n::start_again(), "", UiCommand::StartAgain)];
        let pressed = banner(ui, "lost", &i18n::device_lost(&why), &buttons.each_ref().map(|b| (b.0, b.1)));
        if pressed.is_some() {
            state.ask(UiCommand::StartAgain);
        }
        return;
    }
    if let Some(d) = state.diverged.clone() {
        let words = i18n::diverged(&numbers::grouped(d.step), &d.what);
        let buttons =
            [(i18n::restart_button(), i18n::restart_hint()), (i18n::lower_lr(), i18n::lower_lr_hint())];
        match banner(ui, "diverged", &words, &buttons) {
            Some(0) => state.restart(snapshot),
            Some(_) => state.lower_learning_rate(),
            None => {}
        }
    }
    if let Some((words, share)) = progress(state, snapshot) {
        bar(ui, &words, share);
    }
}

/// What is under way and how much of it is done, where that is known.
fn progress(state: &AppState, snapshot: &Snapshot) -> Option<(String, Option<f32>)> {
    if let Some(p) = &state.progress {
        return Some(match p.bytes {
            Some((done, of)) => {
                let written = |n| {
                    let (v, unit) = numbers::bytes(n);
                    format!("{v} {unit}")
                };
                (i18n::fetching(&p.name, &written(done), &written(of)), Some(done as f32 / of.max(1) as f32))
            }
            None => (i18n::opening(&p.name), None),
        });
    }
    match (snapshot.phase, snapshot.compiling) {
        (Phase::Compiling, Some((done, of))) => {
            Some((i18n::compiling(done, of), Some(done as f32 / of.max(1) as f32)))
        }
        (Phase::Compiling, None) => Some((i18n::compiling_starts().into(), None)),
        (Phase::Evaluating, _) => Some((i18n::evaluating().into(), None)),
        (Phase::Empty, _) if snapshot.adapter.is_empty() => Some((i18n::waiting_for_gpu().into(), None)),
        _ => None,
    }
}

/// One ink line that fills up, and words under it.
fn bar(ui: &mut Ui, words: &str, share: Option<f32>) {
    let p = palette(ui);
    Panel::top("progress")
        .exact_size(28.0)
        .frame(Frame::new().fill(p.panel).inner_margin(Margin::symmetric(space::L as i8, 0)))
        .show_separator_line(false)
        .show(ui, |ui| {
            let rect = ui.max_rect().expand2(eframe::egui::vec2(space::L, 0.0));
            let mut rail = Rect::from_min_size(rect.min, eframe::egui::vec2(rect.width(), line::TRUNK));
            ui.painter().rect_filled(rail, 0.0, p.line);
            rail.set_width(rect.width() * share.unwrap_or(0.0).clamp(0.0, 1.0));
            ui.painter().rect_filled(rail, 0.0, p.ink);
            ui.horizontal_centered(|ui| {
                ui.label(RichText::new(words).font(theme::regular(text::CAPTION)).color(p.ink2));
            });
        });
}

/// ▲, what happened, and what can be done; returns the number of the pressed button.
fn banner(ui: &mut Ui, id: &'static str, words: &str, buttons: &[(&str, &str)]) -> Option<usize> {
    let p = palette(ui);
    let mut pressed = None;
    Panel::top(id)
        .frame(Frame::new().fill(p.panel).inner_margin(Margin::symmetric(space::L as i8, space::S as i8)))
        .show_separator_line(true)
        .show(ui, |ui| {
            let say = |ui: &mut Ui| {
                ui.label(RichText::new("▲").color(p.warn));
                ui.add(Label::new(RichText::new(words).color(p.ink)).wrap());
            };
            let mut offer = |ui: &mut Ui, i: usize, label: &str, hint: &str| {
                let button = raised_button(ui, label, None, i == 0);
                let button = if hint.is_empty() { button } else { button.on_hover_text(hint) };
                if button.clicked() {
                    pressed = Some(i);
                }
            };
            if ui.available_width() < theme::size::ONE_COLUMN {
                ui.horizontal_wrapped(say);
                ui.horizontal_wrapped(|ui| {
                    for (i, (label, hint)) in buttons.iter().enumerate() {
                        offer(ui, i, label, hint);
                    }
                });
            } else {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    for (i, (label, hint)) in buttons.iter().enumerate().rev() {
                        offer(ui, i, label, hint);
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| say(ui));
                });
            }
        });
    pressed
}

/// Says what may be dropped while a file hovers over the window.
pub fn drop_hint(ui: &Ui) {
    let p = palette(ui);
    let rect = ui.ctx().content_rect();
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    painter.rect_filled(rect, 0.0, p.bg.gamma_multiply(0.85));
    let room = rect.width() - 2.0 * space::XL;
    let words = painter.layout(i18n::drop_here().into(), theme::semibold(text::RESULT), p.ink, room);
    let at = Align2::CENTER_CENTER.align_size_within_rect(words.size(), rect).min;
    painter.galley(at, words, p.ink);
}
