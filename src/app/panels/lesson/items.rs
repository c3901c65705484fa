//! The parts of a lesson as they are drawn.

use super::super::super::i18n;
use super::super::super::lessons::{Choice, CodeLine, ENDS, Item, Playing};
use super::super::super::state::AppState;
use super::super::super::theme::{self, line, palette, radius, size, space, text};
use super::super::super::widgets::icons::{self, Icon};
use super::markdown;
use eframe::egui::{
    Align2, CornerRadius, Frame, Margin, Rect, Response, RichText, Role, Sense, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

/// Draws item `i`.
pub fn show(ui: &mut Ui, state: &mut AppState, playing: &mut Playing, i: usize) {
    let done = playing.done[i];
    match playing.lesson.items[i].clone() {
        Item::Text(text) => markdown::show(ui, &text),
        Item::Do(action) => {
            caption(ui, i18n::lesson_experiment(), done);
            let ink = if done { palette(ui).ink2 } else { palette(ui).ink };
            ui.label(RichText::new(action.label).font(theme::semibold(text::BODY)).color(ink));
            ui.add_space(space::S);
        }
        Item::Predict(choice) => {
            caption(ui, i18n::lesson_prediction(), done);
            options(ui, playing, i, &choice, playing.stages()[1]);
        }
        Item::Ask(choice) => {
            caption(ui, i18n::lesson_question(), done);
            options(ui, playing, i, &choice, done);
            if let Some(after) = playing.revealed[i].as_ref().filter(|_| done) {
                markdown::show(ui, &after.text);
            }
            ui.add_space(space::S);
        }
        Item::Reveal(_) => reveal(ui, playing, i),
        Item::Code(lines) => code(ui, state, &lines),
    }
}

/// A small heading, with a lock once nothing can be changed.
fn caption(ui: &mut Ui, words: &str, locked: bool) {
    let p = palette(ui);
    ui.add_space(space::S);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), icons::SIDE), Sense::hover());
    let font = theme::regular(text::CAPTION);
    ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, words, font, p.ink3);
    if locked {
        let lock = Rect::from_center_size(
            rect.right_center() - vec2(icons::SIDE / 2.0, 0.0),
            theme::square(icons::SIDE),
        );
        icons::paint(ui.painter(), lock, Icon::Locked, p.ink3);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
}

/// What the tick at an option means: a prediction has what is usually found, which is not computed from what was
/// measured here; a question has a right answer.
pub fn meaning(choice: &Choice) -> &'static str {
    if choice.prediction { i18n::lesson_usual() } else { i18n::lesson_right() }
}

/// The question and its options; once it is `told`, a tick marks the usual or the right one.
fn options(ui: &mut Ui, playing: &mut Playing, i: usize, choice: &Choice, told: bool) {
    markdown::show(ui, &choice.question);
    for (k, option) in choice.options.iter().enumerate() {
        let mark = (told && k == choice.supported).then_some(Icon::Check);
        let chosen = playing.marked[i] == Some(k);
        let sense = if playing.done[i] { Sense::hover() } else { Sense::click() };
        let response = row(ui, option, chosen, mark, sense);
        let said = if mark.is_some() { format!("{option}. {}", meaning(choice)) } else { option.clone() };
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, &said));
        if mark.is_some() {
            response.clone().on_hover_text(meaning(choice));
        }
        if response.clicked() {
            playing.marked[i] = Some(k);
        }
        ui.add_space(space::XS);
    }
}

/// A line as high as its words need; whether it can be pressed is for `sense` to say.
pub fn row(ui: &mut Ui, words: &str, chosen: bool, mark: Option<Icon>, sense: Sense) -> Response {
    let p = palette(ui);
    let width = ui.available_width();
    let font = if chosen { theme::semibold(text::BODY) } else { theme::regular(text::BODY) };
    let room = width - 2.0 * space::M - if mark.is_some() { icons::SIDE + space::S } else { 0.0 };
    let ink = if chosen { p.ink } else { p.ink2 };
    let galley = ui.painter().layout(words.to_owned(), font, ink, room);
    let high = (galley.size().y + 2.0 * space::S).max(ui.spacing().interact_size.y.max(size::CONTROL_TALL));
    let (rect, response) = ui.allocate_exact_size(vec2(width, high), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), words));
    let under = sense.senses_click() && (response.hovered() || response.has_focus());
    let outline = match (chosen, under) {
        (true, _) => p.stroke(line::TRUNK, p.ink),
        (false, true) => p.stroke(line::HAIR, p.ink2),
        (false, false) => p.stroke(line::HAIR, p.line2),
    };
    let fill = if chosen { p.raised } else { p.panel };
    ui.painter().rect(rect, CornerRadius::same(radius::CONTROL), fill, outline, StrokeKind::Inside);
    let at = pos2(rect.left() + space::M, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, ink);
    if let Some(icon) = mark {
        let at = pos2(rect.right() - space::S - icons::SIDE / 2.0, rect.center().y);
        icons::paint(ui.painter(), Rect::from_center_size(at, theme::square(icons::SIDE)), icon, p.ink);
    }
    response
}

/// What was measured, beside what was predicted.
fn reveal(ui: &mut Ui, playing: &Playing, i: usize) {
    let p = palette(ui);
    ui.add_space(space::S);
    let frame =
        Frame::new().fill(p.raised).corner_radius(radius::PANEL).inner_margin(Margin::same(space::M as i8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        if let Some(predicted) = playing.prediction() {
            let words = i18n::lesson_predicted(predicted);
            ui.label(RichText::new(words).font(theme::semibold(text::BODY)).color(p.ink));
            ui.add_space(space::XS);
        }
        if let Some(revealed) = &playing.revealed[i] {
            markdown::show(ui, &revealed.text);
        }
    });
    ui.add_space(space::S);
}

/// Lines of code. One that makes a block chooses it, and is lit while it is chosen; one that makes a layer outside all
/// blocks is lit until another line is pressed. The map rings what the pointer is on, or what is lit outside all blocks.
fn code(ui: &mut Ui, state: &mut AppState, lines: &[CodeLine]) {
    let p = palette(ui);
    let names = state.block_names.clone();
    let (mut pointed, mut lit) = (None, state.lessons.lit.take());
    let frame =
        Frame::new().fill(p.bg).corner_radius(radius::CONTROL).inner_margin(Margin::same(space::XS as i8));
    frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for code in lines {
            let block = code.layer.as_ref().and_then(|b| names.iter().position(|n| n == b));
            let end = code.layer.as_ref().filter(|l| ENDS.contains(&l.as_str()) && !names.is_empty());
            let chosen = (block.is_some() && state.selection.block == block && lit.is_none())
                || (end.is_some() && lit.as_ref() == end);
            let leads = block.is_some() || end.is_some();
            let indent = code.text.len() - code.text.trim_start().len();
            let left = space::XS + indent as f32 * 3.5;
            let ink = if code.text.trim_start().starts_with('#') { p.ink3 } else { p.ink };
            let font = theme::regular(text::CAPTION);
            let galley = ui.painter().layout(
                code.text.trim_start().to_owned(),
                font,
                ink,
                ui.available_width() - left,
            );
            let high = (galley.size().y + 4.0).max(18.0);
            let sense = if leads { Sense::click() } else { Sense::hover() };
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), high), sense);
            if chosen {
                ui.painter().rect_filled(rect, CornerRadius::same(radius::CARD), p.line);
                ui.painter().vline(rect.left() + 1.0, rect.y_range(), p.stroke(line::TRUNK, p.skip_fill));
            } else if leads && response.hovered() {
                ui.painter().rect_filled(rect, CornerRadius::same(radius::CARD), p.raised);
            }
            ui.painter().galley(
                pos2(rect.left() + left, rect.center().y - galley.size().y / 2.0),
                galley,
                ink,
            );
            response.widget_info(|| match leads {
                true => WidgetInfo::selected(Role::Button, true, chosen, &code.text),
                false => WidgetInfo::labeled(Role::Label, true, &code.text),
            });
            if leads && response.hovered() {
                pointed.clone_from(&code.layer);
            }
            if response.clicked() {
                lit = end.cloned();
                if block.is_some() {
                    state.selection.block = block;
                    state.selection.probe = None;
                }
            }
            if let Some(name) = &code.layer {
                let hint =
                    if end.is_some() { i18n::lesson_end_hint(name) } else { i18n::lesson_line_hint(name) };
                response.on_hover_text(hint);
            }
        }
    });
    state.lessons.pointed = pointed.or(lit.clone());
    state.lessons.lit = lit;
    ui.add_space(space::S);
}
