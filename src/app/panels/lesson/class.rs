//! What a class has answered: lines that students have handed in, summed up here and sent nowhere.

use super::super::super::i18n;
use super::super::super::lessons::{Choice, Summary, questions};
use super::super::super::numbers;
use super::super::super::state::{AppState, UiCommand};
use super::super::super::theme::{self, palette, radius, size, space, text};
use super::super::super::widgets::{icons, icons::Icon, raised_button};
use super::{items, markdown};
use eframe::egui::{
    Align2, CornerRadius, Frame, Id, Label, Margin, Modal, Rect, RichText, Role, ScrollArea, Sense, TextEdit,
    Ui, WidgetInfo, vec2,
};

/// Width of the dialog.
const WIDTH: f32 = 720.0;

/// The dialog, while it is open.
pub fn show(ui: &mut Ui, state: &mut AppState) {
    let (Some(mut pasted), Some(playing)) = (state.lessons.teacher.take(), &state.lessons.playing) else {
        return;
    };
    let p = palette(ui);
    let mut open = false;
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(space::XL as i8));
    let room = ui.ctx().content_rect().size() - vec2(4.0, 4.0) * space::XL;
    let modal = Modal::new(Id::unique("class")).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(room.x.min(WIDTH));
        ui.label(
            RichText::new(i18n::lesson_class().trim_end_matches('…'))
                .font(theme::semibold(text::RESULT))
                .color(p.ink),
        );
        ui.add(Label::new(RichText::new(i18n::class_about()).color(p.ink2)).wrap());
        ScrollArea::vertical().id_salt("pasted").max_height(96.0).show(ui, |ui| {
            let field = TextEdit::multiline(&mut pasted).desired_rows(3).desired_width(f32::INFINITY);
            let field = ui.add(field.hint_text(i18n::class_paste()));
            field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, i18n::class_paste()));
        });
        let summary = playing.summary(&pasted);
        let words = i18n::class_counted(summary.students, summary.others, summary.unreadable);
        ui.label(RichText::new(words).font(theme::regular(text::CAPTION)).color(p.ink3));
        ScrollArea::vertical().max_height((room.y - 300.0).max(160.0)).show(ui, |ui| {
            for (choice, counts) in questions(&playing.lesson).zip(&summary.counts) {
                ui.add_space(space::S);
                markdown::show(ui, &choice.question);
                for (k, count) in counts.iter().enumerate() {
                    bar(ui, choice, k, *count, &summary);
                }
            }
        });
        ui.add_space(space::S);
        ui.horizontal(|ui| {
            let file = raised_button(ui, i18n::class_open(), None, false);
            open = file.on_hover_text(i18n::class_open_hint()).clicked();
            raised_button(ui, i18n::close(), Some(96.0), true).clicked()
        })
        .inner
    });
    if !(modal.inner || modal.should_close()) {
        state.lessons.teacher = Some(pasted);
    }
    if open {
        state.ask(UiCommand::OpenAnswers);
    }
}

/// How many chose option `k`, as a bar behind its words.
fn bar(ui: &mut Ui, choice: &Choice, k: usize, count: usize, summary: &Summary) {
    let p = palette(ui);
    let option = &choice.options[k];
    let told = (k == choice.supported).then(|| items::meaning(choice));
    let width = ui.available_width();
    let words = ui.painter().layout(option.clone(), theme::regular(text::BODY), p.ink, width - 120.0);
    let high = (words.size().y + space::S).max(size::CONTROL);
    let (rect, response) = ui.allocate_exact_size(vec2(width, high), Sense::hover());
    let share = if summary.students > 0 { count as f32 / summary.students as f32 } else { 0.0 };
    let corner = CornerRadius::same(radius::CARD);
    ui.painter().rect_filled(rect, corner, p.raised);
    ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(width * share, high)), corner, p.line2);
    let at = rect.left_center() + vec2(space::S, -words.size().y / 2.0);
    ui.painter().galley(at, words, p.ink);
    let value = format!("{count} · {}", numbers::percent(share));
    let right = rect.right_center() - vec2(space::S, 0.0);
    ui.painter().text(right, Align2::RIGHT_CENTER, &value, theme::semibold(text::BODY), p.ink);
    if told.is_some() {
        let tick = Rect::from_center_size(right - vec2(92.0, 0.0), theme::square(icons::SIDE));
        icons::paint(ui.painter(), tick, Icon::Check, p.ink);
    }
    let said = told.map_or_else(String::new, |t| format!(". {t}"));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{option}: {value}{said}")));
    if let Some(told) = told {
        response.on_hover_text(told);
    }
}
