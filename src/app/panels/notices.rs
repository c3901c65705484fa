//! Lines under the transport: what is being loaded or compiled, and what went wrong for good.

use super::super::crash::Crash;
use super::super::i18n;
use super::super::numbers;
use super::super::state::{AppState, UiCommand};
use super::super::theme::{self, line, palette, space, text};
use super::super::view::View;
use super::super::widgets::raised_button;
use super::lab::Which;
use crate::session::{Command, Phase, Snapshot};
use eframe::egui::{
    Align, Align2, Frame, Id, Label, LayerId, Layout, Margin, Order, Panel, Rect, RichText, Ui,
};
use web_time::{SystemTime, UNIX_EPOCH};

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
        let words = i18n::diverged(numbers::grouped(d.step), &d.what);
        let kept = state.keeping.latest.clone().filter(|k| k.step <= d.step);
        // The weights of the step that went wrong would go wrong again.
        let moment = snapshot.moments.iter().copied().rfind(|m| *m < d.step);
        let moment = moment.filter(|m| kept.as_ref().is_none_or(|k| k.step <= *m));
        let back = moment.or(kept.as_ref().map(|k| k.step));
        let back_words = back.map(|step| i18n::back_to(numbers::grouped(step)));
        let mut buttons =
            vec![(i18n::restart_button(), i18n::restart_hint()), (i18n::lower_lr(), i18n::lower_lr_hint())];
        if let Some(words) = &back_words {
            buttons.push((words, i18n::back_to_hint()));
        }
        match (banner(ui, "diverged", &words, &buttons), moment, kept) {
            (Some(0), ..) => state.restart(snapshot),
            (Some(1), ..) => state.lower_learning_rate(),
            (Some(_), Some(moment), _) => {
                state.look_back(snapshot, Some(moment));
                state.send(Command::Branch);
            }
            (Some(_), None, Some(kept)) => state.ask(UiCommand::Resume(kept)),
            _ => {}
        }
    }
    if let Some(crash) = state.crash.clone() {
        fell(ui, state, &crash);
    } else if let Some(kept) = state.keeping.offer.clone() {
        let ago = numbers::duration(ago(kept.at));
        let title = super::super::form::title(&kept.name);
        let words = i18n::resume_offer(title, &kept.data, numbers::grouped(kept.step), ago);
        let buttons = [(i18n::go_on(), i18n::go_on_hint()), (i18n::discard(), i18n::discard_hint())];
        match offer(ui, &words, &buttons) {
            Some(0) => {
                state.keeping.offer = None;
                state.ask(UiCommand::Resume(kept));
            }
            Some(_) => {
                state.keeping.offer = None;
                state.ask(UiCommand::Discard(kept));
            }
            None => {}
        }
    }
    if let Some(then) = state.then(snapshot).filter(|_| matches!(state.view, View::Race | View::Lab)) {
        let words = i18n::past_words(numbers::grouped(then), numbers::grouped(snapshot.step));
        let buttons = [(i18n::past_back(), i18n::past_back_hint())];
        if question(ui, "then", None, &words, &buttons).is_some() {
            state.look_back(snapshot, None);
        }
    }
    if let Some((words, share)) = progress(state, snapshot) {
        bar(ui, &words, share);
    }
}

/// The window before this one fell: what happened, and two ways to go on.
fn fell(ui: &mut Ui, state: &mut AppState, crash: &Crash) {
    // What the vault has found is the run's last checkpoint, unless it was lost or another is newer.
    let kept = state.keeping.offer.clone().filter(|offer| crash.kept.as_ref() == Some(offer));
    let anew = (i18n::begin_anew(), i18n::begin_anew_hint());
    let pressed_anew = match kept.zip(crash.steps_back()) {
        Some((kept, back)) => {
            let step = numbers::grouped(kept.step);
            let words = i18n::crashed_kept(&crash.what, &step, back as usize);
            let go_on = i18n::go_on_from(&step);
            let pressed = banner(ui, "fell", &words, &[(&go_on, i18n::go_on_hint()), anew]);
            if pressed == Some(0) {
                state.crash = None;
                state.keeping.offer = None;
                state.ask(UiCommand::Resume(kept));
            }
            pressed == Some(1)
        }
        None => banner(ui, "fell", &i18n::crashed(&crash.what), &[anew]).is_some(),
    };
    if pressed_anew {
        state.crash = None;
        state.start();
    }
}

/// Seconds since a moment given in seconds since 1970.
fn ago(at: u64) -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(at, |d| d.as_secs());
    now.saturating_sub(at) as f64
}

/// A question that can wait, and its answers; returns the number of the pressed button.
fn offer(ui: &mut Ui, words: &str, buttons: &[(&str, &str)]) -> Option<usize> {
    question(ui, "offer", None, words, buttons)
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
                (i18n::fetching(&p.name, written(done), written(of)), Some(done as f32 / of.max(1) as f32))
            }
            None => (i18n::opening(&p.name), None),
        });
    }
    if let Some(view) = snapshot.experiment.as_ref().filter(|v| v.under_way && state.view != View::Lab) {
        let (name, ..) = Which::of(&view.experiment).words();
        let share = view.progress.done as f32 / view.progress.total.max(1) as f32;
        return Some((i18n::lab_waiting(name), Some(share)));
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
    question(ui, id, Some("▲"), words, buttons)
}

fn question(
    ui: &mut Ui,
    id: &'static str,
    mark: Option<&str>,
    words: &str,
    buttons: &[(&str, &str)],
) -> Option<usize> {
    let p = palette(ui);
    let mut pressed = None;
    Panel::top(id)
        .frame(Frame::new().fill(p.panel).inner_margin(Margin::symmetric(space::L as i8, space::S as i8)))
        .show_separator_line(true)
        .show(ui, |ui| {
            let say = |ui: &mut Ui| {
                if let Some(mark) = mark {
                    ui.label(RichText::new(mark).color(p.warn));
                }
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
