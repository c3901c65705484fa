//! The lesson beside the network: its text, the prediction, the experiment's button, what came out, and
//! two questions. What is done with stays where it is; what follows appears under it.

mod class;
mod items;
mod markdown;

use super::super::i18n;
use super::super::lessons::{self, Item, Playing, Progress, file_name};
use super::super::state::{AppState, UiCommand};
use super::super::theme::{self, line, palette, size, space, text};
use super::super::widgets::{icon_button, icons::Icon, raised_button, solid_wide};
use super::menu;
use crate::session::Snapshot;
use eframe::egui::{
    Align, Align2, Frame, Label, Layout, Margin, Panel, Rect, RichText, Role, ScrollArea, Sense, TextEdit,
    Ui, WidgetInfo, vec2,
};

pub use class::show as class;

/// Height of what appears anew that is brought into sight.
const NEW: f32 = 320.0;

/// What the reader asked of the lesson as a whole.
#[derive(Clone, Copy, PartialEq)]
enum Wish {
    List,
    Close,
    Again,
    Print,
    Link,
    Class,
}

/// The panel, left of the network.
pub fn beside(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let p = palette(ui);
    let margin = Margin::symmetric(space::L as i8, space::M as i8);
    let frame = Frame::new().fill(p.panel);
    Panel::left("lesson").exact_size(size::LESSON).resizable(false).frame(frame).show(ui, |ui| {
        if state.lessons.playing.is_some() {
            Panel::bottom("lesson's button")
                .frame(Frame::new().fill(p.panel).inner_margin(margin))
                .show_separator_line(true)
                .show(ui, |ui| action(ui, state, snapshot));
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(margin).show(ui, |ui| content(ui, state));
        });
    });
}

/// The same in a narrow window, in the column.
pub fn inline(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    theme::panel_frame(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().interact_size.y = size::TOUCH;
        content(ui, state);
        if state.lessons.playing.is_some() {
            ui.add_space(space::S);
            action(ui, state, snapshot);
        }
    });
}

fn content(ui: &mut Ui, state: &mut AppState) {
    state.lessons.pointed = None;
    let Some(mut playing) = state.lessons.playing.take() else { return list(ui, state) };
    let wish = head(ui, &playing);
    stages(ui, &playing);
    ui.add_space(space::S);
    let shown = playing.shown();
    let known = ui.scope_id().with("shown");
    let before = ui.data_mut(|d| d.get_temp::<usize>(known).unwrap_or(shown));
    ui.data_mut(|d| d.insert_temp(known, shown));
    for i in 0..shown {
        if i == before {
            // What has just appeared comes into sight.
            let from = ui.cursor().min;
            ui.scroll_to_rect(Rect::from_min_size(from, vec2(1.0, NEW)), None);
        }
        items::show(ui, state, &mut playing, i);
    }
    let over = playing.gate().is_none();
    let key = playing.source.key();
    state.lessons.playing = Some(playing);
    if over {
        hand_in(ui, state, &key);
    }
    if let Some(wish) = wish {
        grant(ui, state, wish);
    }
}

/// Where one is, what it is called, and what can be done with the lesson as a whole.
fn head(ui: &mut Ui, playing: &Playing) -> Option<Wish> {
    let p = palette(ui);
    let mut wish = None;
    let place = match playing.source {
        lessons::Source::BuiltIn(name) => {
            let n = lessons::names().position(|n| n == name).map_or(0, |i| i + 1);
            i18n::lesson_of(n, lessons::names().count(), playing.lesson.minutes)
        }
        _ => i18n::lesson_minutes(playing.lesson.minutes),
    };
    ui.horizontal(|ui| {
        ui.label(RichText::new(place).font(theme::regular(text::CAPTION)).color(p.ink3));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let side = ui.spacing().interact_size.y;
            let buttons = [
                (Icon::Close, i18n::close(), i18n::lesson_close_hint(), Wish::Close),
                (Icon::Runs, i18n::lessons_title(), i18n::lesson_list_hint(), Wish::List),
                (Icon::Restart, i18n::lesson_again(), i18n::lesson_again_hint(), Wish::Again),
            ];
            for (icon, name, hint, wanted) in buttons {
                if icon_button(ui, icon, name, side).on_hover_text(hint).clicked() {
                    wish = Some(wanted);
                }
            }
            let more = icon_button(ui, Icon::Export, i18n::lesson_more(), side);
            menu::under(&more, |ui| {
                let mut choices = vec![
                    (i18n::lesson_print(), i18n::lesson_print_hint(), Wish::Print),
                    (i18n::lesson_class(), i18n::lesson_class_hint(), Wish::Class),
                ];
                choices.push((i18n::lesson_link(), i18n::lesson_link_hint(), Wish::Link));
                for (words, hint, wanted) in choices {
                    if ui.button(words).on_hover_text(hint).clicked() {
                        wish = Some(wanted);
                    }
                }
            });
            more.on_hover_text(i18n::lesson_more());
        });
    });
    let title = RichText::new(&playing.lesson.title).font(theme::semibold(text::RESULT)).color(p.ink);
    ui.add(Label::new(title).wrap());
    wish
}

fn grant(ui: &Ui, state: &mut AppState, wish: Wish) {
    match wish {
        Wish::List => state.leave_lesson(),
        Wish::Close => state.lessons.open = false,
        Wish::Again => state.repeat_lesson(),
        Wish::Class => state.lessons.teacher = Some(String::new()),
        Wish::Print => state.print_lesson(),
        Wish::Link => state.copy_lesson_link(ui),
    }
}

/// Predict, run, reveal: how far the lesson has come.
fn stages(ui: &mut Ui, playing: &Playing) {
    const DOT: f32 = 7.0;
    let p = palette(ui);
    let names = [i18n::lesson_stage_predict(), i18n::lesson_stage_run(), i18n::lesson_stage_reveal()];
    let done = playing.stages();
    let now = done.iter().position(|d| !d);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::hover());
    let y = rect.top() + 14.0;
    let x = |i: usize| rect.left() + DOT + (rect.width() - 2.0 * DOT) * i as f32 / 2.0;
    for i in 0..2 {
        let ink = if done[i] { p.ink } else { p.line2 };
        ui.painter().hline(x(i) + DOT..=x(i + 1) - DOT, y, p.stroke(line::TRUNK, ink));
    }
    for (i, name) in names.into_iter().enumerate() {
        let at = eframe::egui::pos2(x(i), y);
        let reached = done[i] || now == Some(i);
        let ring = p.stroke(line::TRUNK, if reached { p.ink } else { p.line2 });
        ui.painter().circle(at, DOT, if done[i] { p.ink } else { p.panel }, ring);
        if now == Some(i) {
            ui.painter().circle_filled(at, DOT - 4.0, p.ink);
        }
        let align = [Align2::LEFT_TOP, Align2::CENTER_TOP, Align2::RIGHT_TOP][i];
        let edge = [rect.left(), rect.center().x, rect.right()][i];
        let font =
            if now == Some(i) { theme::semibold(text::CAPTION) } else { theme::regular(text::CAPTION) };
        let ink = if reached { p.ink } else { p.ink3 };
        ui.painter().text(eframe::egui::pos2(edge, y + 12.0), align, name, font, ink);
    }
    let said = now.map_or(i18n::lesson_end(), |i| names[i]);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, said));
}

/// The one button: what comes next.
fn action(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let Some(playing) = &state.lessons.playing else { return };
    let width = ui.available_width();
    let (words, enabled, hint) = match (playing.progress(snapshot), playing.gate()) {
        (Some(Progress::Steps { done, of, runs }), _) => {
            let words = i18n::lesson_steps(done as usize, of as usize);
            let words = if runs { words } else { format!("{} · {words}", i18n::go_on()) };
            (words, !runs, i18n::lesson_working_hint())
        }
        (Some(Progress::Working), _) => {
            (i18n::lesson_working().to_owned(), false, i18n::lesson_working_hint())
        }
        (None, Some(i)) => match &playing.lesson.items[i] {
            Item::Do(action) => (action.label.clone(), true, i18n::lesson_do_hint()),
            Item::Predict(_) => {
                (i18n::lesson_predict().to_owned(), playing.marked[i].is_some(), i18n::lesson_predict_hint())
            }
            _ => (i18n::lesson_answer().to_owned(), playing.marked[i].is_some(), i18n::lesson_answer_hint()),
        },
        (None, None) => {
            let next = next_lesson(playing);
            let words =
                next.as_ref().map_or(i18n::lessons_title().to_owned(), |(_, title)| i18n::lesson_next(title));
            let hint = if next.is_some() { i18n::lesson_open_hint() } else { i18n::lesson_list_hint() };
            if solid_wide(ui, &words, width).on_hover_text(hint).clicked() {
                match next {
                    Some((name, _)) => state.open_lesson(name),
                    None => state.leave_lesson(),
                }
            }
            return;
        }
    };
    let pressed = ui.add_enabled_ui(enabled, |ui| solid_wide(ui, &words, width)).inner;
    if pressed.on_hover_text(hint).on_disabled_hover_text(hint).clicked() {
        state.lesson_go_on(snapshot);
    }
}

/// The lesson after this one.
fn next_lesson(playing: &Playing) -> Option<(&'static str, String)> {
    let lessons::Source::BuiltIn(name) = playing.source else { return None };
    let next = lessons::names().skip_while(|n| *n != name).nth(1)?;
    Some((next, lessons::title(next)?))
}

/// All lessons, and ways to others.
fn list(ui: &mut Ui, state: &mut AppState) {
    let p = palette(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(i18n::lessons_title()).font(theme::semibold(text::RESULT)).color(p.ink));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let side = ui.spacing().interact_size.y;
            let close = icon_button(ui, Icon::Close, i18n::close(), side);
            if close.on_hover_text(i18n::lesson_close_hint()).clicked() {
                state.lessons.open = false;
            }
        });
    });
    ui.add(Label::new(RichText::new(i18n::lessons_about()).color(p.ink2)).wrap());
    ui.add_space(space::S);
    let mut wanted = None;
    for (i, name) in lessons::names().enumerate() {
        let Some(title) = lessons::title(name) else { continue };
        let words = format!("{}  {title}", i + 1);
        let done = state.lessons.answers.has(name);
        if items::row(ui, &words, done, done.then_some(Icon::Check), Sense::click())
            .on_hover_text(i18n::lesson_open_hint())
            .clicked()
        {
            wanted = Some(name);
        }
        ui.add_space(space::XS);
    }
    if let Some(name) = wanted {
        state.open_lesson(name);
    }
    ui.add_space(space::S);
    let open = raised_button(ui, i18n::lesson_open_file(), None, false);
    if open.on_hover_text(i18n::lesson_open_file_hint()).clicked() {
        state.ask(UiCommand::OpenLesson);
    }
}

/// At the end: one's answers, for whoever asked for them.
fn hand_in(ui: &mut Ui, state: &mut AppState, key: &str) {
    let p = palette(ui);
    ui.add_space(space::S);
    ui.label(RichText::new(i18n::lesson_hand_in()).font(theme::semibold(text::BODY)).color(p.ink));
    ui.add(Label::new(RichText::new(i18n::lesson_hand_in_about()).color(p.ink2)).wrap());
    let field =
        TextEdit::singleline(&mut state.lessons.student).char_limit(40).hint_text(i18n::lesson_student());
    let field = ui.add_sized(vec2(ui.available_width(), size::CONTROL_TALL), field);
    field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, i18n::lesson_student()));
    field.on_hover_text(i18n::lesson_student_hint());
    ui.horizontal_wrapped(|ui| {
        let copy =
            raised_button(ui, i18n::lesson_copy(), None, false).on_hover_text(i18n::lesson_copy_hint());
        let save = raised_button(ui, i18n::save(), None, false).on_hover_text(i18n::lesson_save_hint());
        let Some(line) = state.lessons.answers.line(key, &state.lessons.student) else { return };
        if copy.clicked() {
            ui.ctx().copy_text(line.clone());
            state.tell(super::super::toasts::Severity::Remark, i18n::lesson_copied());
        }
        if save.clicked() {
            let name = file_name(key, "-answers.txt");
            state.ask(UiCommand::SaveFile { name, bytes: line.into_bytes() });
        }
    });
}
