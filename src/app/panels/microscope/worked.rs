//! One number, worked out: the window, the weights, their products, the sum over all input channels,
//! and what becomes of it up to the next ReLU.

use super::super::super::colourmap::ColourMap;
use super::super::super::theme::{self, palette, radius, size, space, text};
use super::super::super::{i18n, state::AppState};
use super::adding::{self, Shown, Window};
use super::branch::Chain;
use super::{contributions, enlarge, lines, number_at};
use crate::session::{CloseUp, Probe, Worked, WorkedConv};
use eframe::egui::{Align2, CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Between an enlargement and the tables beside it; an operator stands in the gap between two tables.
const BESIDE: f32 = 32.0;
const OPERATOR: f32 = 32.0;
/// Over the tables: title, what it is, names. Under an enlargement: its name.
const TITLES: f32 = 54.0;
const NAMES: f32 = 26.0;
const CAPTION: f32 = 28.0;
const CELL_GAP: f32 = 2.0;
/// Least width of a table: its name has to stand over it.
const TABLE_LEAST: f32 = 88.0;

/// Where things lie that lines lead to from outside.
pub struct Places {
    pub input: Option<Rect>,
    pub output: Rect,
}

/// Draws `worked` over the whole width of `ui`.
pub fn show(
    ui: &mut Ui,
    state: &mut AppState,
    close: &CloseUp,
    chain: &Chain<'_>,
    worked: &Worked,
) -> Places {
    let width = ui.available_width();
    let Some(conv) = &worked.conv else {
        return given(ui, state, chain, worked, width);
    };
    let sheet = adding::window(conv);
    let table = table_width(conv.kernel);
    let tables = 3.0 * table + 2.0 * OPERATOR;
    let side = ((width - tables - 2.0 * BESIDE) / 2.0).min(size::ENLARGED);
    let wide = side >= size::ENLARGED_LEAST;
    let places = if wide {
        let high = (TITLES + NAMES + conv.kernel as f32 * size::NUMBER_CELL + 40.0).max(side + CAPTION);
        let (rect, _) = ui.allocate_exact_size(vec2(width, high), Sense::hover());
        let left = Rect::from_min_size(rect.min, theme::square(side));
        let right = left.translate(vec2(width - side, 0.0));
        let middle = Rect::from_min_max(pos2(left.right() + BESIDE, rect.top()), rect.max);
        let titled = titles(ui, chain, worked, middle.with_max_x(right.left() - BESIDE));
        let under = (titled + space::S).max(rect.top() + TITLES) + NAMES;
        let at = pos2(middle.left() + (right.left() - BESIDE - middle.left() - tables) / 2.0, under);
        let (first, last) = tables_at(ui, close, chain, conv, &sheet, at, usize::MAX);
        let (window, pixel) = enlargements(ui, state, chain, worked, conv, left, right);
        enlarge::leaders(ui, window, first, last, pixel);
        Places { input: Some(left), output: right }
    } else {
        stacked(ui, state, close, chain, worked, conv, &sheet, width)
    };
    ui.add_space(space::M);
    if wide {
        ui.horizontal_top(|ui| {
            let ending = side.max(200.0);
            ui.spacing_mut().item_spacing.x = space::XL + space::L;
            let chart = width - ending - space::XL - space::L;
            ui.vertical(|ui| contributions::show(ui, state, conv, worked.probe, chart));
            ui.vertical(|ui| {
                lines::show(ui, chain, worked, conv, ending);
                present(ui, state, chain, worked, ending);
            });
        });
    } else {
        contributions::show(ui, state, conv, worked.probe, width);
        ui.add_space(space::M);
        lines::show(ui, chain, worked, conv, width);
        present(ui, state, chain, worked, width);
    }
    places
}

/// Nothing makes x within this block: it is given.
fn given(ui: &mut Ui, state: &mut AppState, chain: &Chain<'_>, worked: &Worked, width: f32) -> Places {
    let side = size::ENLARGED.min(width);
    let (rect, _) = ui.allocate_exact_size(vec2(width, (side + CAPTION).max(TITLES)), Sense::hover());
    let map = Rect::from_min_size(rect.min, theme::square(side));
    let wide = width >= side + 240.0;
    if wide {
        let beside = rect.with_min_x(map.right() + BESIDE);
        titles(ui, chain, worked, beside);
        let p = palette(ui);
        let value = Shown::of(worked.value.into(), 2).text();
        let at = beside.min + vec2(0.0, TITLES);
        let value = ui.painter().text(at, Align2::LEFT_TOP, value, theme::semibold(text::HEADLINE), p.ink);
        let words = ui.painter().layout(
            i18n::scope_given().into(),
            theme::regular(text::BODY),
            p.ink2,
            beside.width(),
        );
        ui.painter().galley(pos2(beside.left(), value.bottom() + space::S), words, p.ink2);
    }
    output(ui, state, chain, worked, map);
    present(ui, state, chain, worked, width);
    Places { input: None, output: map }
}

/// In a narrow window: both enlargements beside each other over the tables.
fn stacked(
    ui: &mut Ui,
    state: &mut AppState,
    close: &CloseUp,
    chain: &Chain<'_>,
    worked: &Worked,
    conv: &WorkedConv,
    sheet: &Window,
    width: f32,
) -> Places {
    let (rect, _) = ui.allocate_exact_size(vec2(width, TITLES), Sense::hover());
    titles(ui, chain, worked, rect);
    let side = ((width - space::L) / 2.0).min(size::ENLARGED);
    let (rect, _) = ui.allocate_exact_size(vec2(width, side + CAPTION), Sense::hover());
    let left = Rect::from_min_size(rect.min, theme::square(side));
    let right = left.translate(vec2(side + space::L, 0.0));
    enlargements(ui, state, chain, worked, conv, left, right);
    let table = table_width(conv.kernel);
    let in_row = if width >= 3.0 * table + 2.0 * OPERATOR { 3 } else { 2 };
    let rows = 3usize.div_ceil(in_row) as f32;
    let each = conv.kernel as f32 * size::NUMBER_CELL + NAMES + space::S;
    let (rect, _) = ui.allocate_exact_size(vec2(width, rows * each + 44.0), Sense::hover());
    tables_at(ui, close, chain, conv, sheet, rect.min + vec2(0.0, NAMES), in_row);
    Places { input: Some(left), output: right }
}

/// What is worked out, and how well it agrees. Answers where it ends.
fn titles(ui: &Ui, chain: &Chain<'_>, worked: &Worked, rect: Rect) -> f32 {
    let p = palette(ui);
    let title_area = rect.with_max_y(rect.top() + text::TITLE * 1.3);
    let heading = ui.interact(title_area, ui.scope_id().with("worked"), Sense::hover());
    heading.widget_info(|| WidgetInfo::labeled(Role::Heading, true, i18n::scope_worked()));
    let painter = ui.painter();
    let title = painter.text(
        rect.left_top(),
        Align2::LEFT_TOP,
        i18n::scope_worked(),
        theme::semibold(text::TITLE),
        p.ink,
    );
    let stage = worked.probe.stage;
    let what = number_at(&chain.name(stage), &worked.probe);
    let (checked, ink) = lines::checked(worked.deviation, p);
    let mut job = super::super::super::widgets::two_tone(&[
        (&what, theme::regular(text::CAPTION), p.ink3),
        (" · ", theme::regular(text::CAPTION), p.ink3),
        (&checked, theme::regular(text::CAPTION), ink),
    ]);
    job.wrap.max_width = rect.width();
    let galley = ui.fonts_mut(|f| f.layout_job(job));
    let bottom = title.bottom() + space::XS + galley.size().y;
    painter.galley(pos2(rect.left(), title.bottom() + space::XS), galley, p.ink3);
    bottom
}

fn table_width(kernel: usize) -> f32 {
    (kernel as f32 * (size::NUMBER_CELL + CELL_GAP) - CELL_GAP).max(TABLE_LEAST)
}

/// Window, weights, products: `in_row` of them beside each other. Answers the first and the last table.
fn tables_at(
    ui: &Ui,
    close: &CloseUp,
    chain: &Chain<'_>,
    conv: &WorkedConv,
    sheet: &Window,
    at: eframe::egui::Pos2,
    in_row: usize,
) -> (Rect, Rect) {
    let p = palette(ui);
    let table = table_width(conv.kernel);
    let input = chain.name(conv.input_stage);
    let ink = if conv.input_stage == 0 { p.skip } else { p.ink };
    let end =
        |v: &[Shown]| v.iter().map(|v| v.value().abs()).filter(|v| v.is_finite()).fold(0.0, f64::max) as f32;
    let all = [
        (&sheet.window, close.scale, i18n::scope_window_of(&input), ink, "×"),
        (&sheet.weights, end(&sheet.weights), i18n::scope::weights(conv.kernel).into(), p.ink, "="),
        (&sheet.products, end(&sheet.products), i18n::scope::products(conv.kernel).into(), p.ink, ""),
    ];
    let mut rects = Vec::new();
    for (i, (values, scale, title, ink, operator)) in all.into_iter().enumerate() {
        let (column, row) = (i % in_row, i / in_row);
        let step = conv.kernel as f32 * size::NUMBER_CELL + NAMES + space::S;
        let rect = Rect::from_min_size(
            at + vec2(column as f32 * (table + OPERATOR), row as f32 * step),
            vec2(table, conv.kernel as f32 * (size::NUMBER_CELL + CELL_GAP) - CELL_GAP),
        );
        let painter = ui.painter();
        let over = pos2(rect.center().x, rect.top() - space::S);
        painter.text(over, Align2::CENTER_BOTTOM, title, theme::semibold(text::BODY), ink);
        numbers(ui, rect, values, conv.kernel, scale);
        let beside = pos2(rect.right() + OPERATOR / 2.0, rect.center().y);
        painter.text(beside, Align2::CENTER_CENTER, operator, theme::regular(text::RESULT), p.ink2);
        rects.push(rect);
    }
    let last = rects[2];
    // Where tables stand in two rows, the sum has the room of both columns.
    let right = rects.iter().map(|r| r.right()).fold(last.right(), f32::max);
    let end = pos2(right, last.bottom() + space::S);
    if conv.kernel > 1 {
        let painter = ui.painter();
        let sum =
            painter.text(end, Align2::RIGHT_TOP, sheet.sum.text(), theme::semibold(text::RESULT), p.ink);
        let name = i18n::scope_sum_of(conv.kernel * conv.kernel);
        let at = pos2(sum.left() - space::S, sum.bottom() - 3.0);
        let name = painter.text(at, Align2::RIGHT_BOTTOM, name, theme::regular(text::BODY), p.ink2);
        if let Some(rounding) = sheet.rounding {
            let at = pos2(name.left() - space::S, name.bottom() - 1.0);
            let words = i18n::scope_with_rounding(rounding.term());
            painter.text(at, Align2::RIGHT_BOTTOM, words, theme::regular(text::CAPTION), p.ink3);
        }
    } else if let Some(rounding) = sheet.rounding {
        let words = i18n::scope_with_rounding(rounding.term());
        ui.painter().text(end, Align2::RIGHT_TOP, words, theme::regular(text::CAPTION), p.ink3);
    }
    (rects[0], last)
}

/// k × k numbers on the colours of their values.
fn numbers(ui: &Ui, rect: Rect, values: &[Shown], kernel: usize, scale: f32) {
    let map = ColourMap::div(ui.visuals().dark_mode);
    let left = rect.center().x - (kernel as f32 * (size::NUMBER_CELL + CELL_GAP) - CELL_GAP) / 2.0;
    for (i, value) in values.iter().enumerate() {
        let step = size::NUMBER_CELL + CELL_GAP;
        let at = pos2(left + (i % kernel) as f32 * step, rect.top() + (i / kernel) as f32 * step);
        let cell = Rect::from_min_size(at, theme::square(size::NUMBER_CELL));
        let t = if scale > 0.0 { value.value() as f32 / scale } else { 0.0 };
        let colour = if t.is_nan() { palette(ui).raised } else { map.at(0.5 + 0.5 * t) };
        ui.painter().rect_filled(cell, CornerRadius::same(radius::CARD), colour);
        let font = theme::semibold(text::CAPTION);
        ui.painter().text(cell.center(), Align2::CENTER_CENTER, value.text(), font, theme::ink_on(colour));
    }
}

/// Both channels large, named. Answers the window on the one and the pixel on the other.
fn enlargements(
    ui: &Ui,
    state: &mut AppState,
    chain: &Chain<'_>,
    worked: &Worked,
    conv: &WorkedConv,
    left: Rect,
    right: Rect,
) -> (Rect, Rect) {
    let p = palette(ui);
    let window = enlarge::input(ui, state.canvas.as_ref(), conv, left);
    let ink = if conv.input_stage == 0 { p.skip } else { p.ink };
    named(
        ui,
        left,
        &chain.name(conv.input_stage),
        ink,
        &i18n::scope_input_channel(conv.input_channel as usize),
    );
    (window, output(ui, state, chain, worked, right))
}

fn output(ui: &Ui, state: &mut AppState, chain: &Chain<'_>, worked: &Worked, rect: Rect) -> Rect {
    let (ring, response, under) = enlarge::output(ui, state.canvas.as_ref(), worked, rect);
    if response.clicked()
        && let Some((y, x)) = under
    {
        state.scope.choose(Some(Probe { y, x, ..worked.probe }));
    }
    named(
        ui,
        rect,
        &chain.name(worked.probe.stage),
        palette(ui).ink,
        &i18n::scope_channel(worked.probe.channel as usize),
    );
    response.on_hover_text(i18n::scope_enlarged_hint());
    ring
}

/// While an earlier moment is looked at: the same channel as it is now, on the same scale of colours.
fn present(ui: &mut Ui, state: &AppState, chain: &Chain<'_>, worked: &Worked, width: f32) {
    let Some(now) = state.scope.now else { return };
    ui.add_space(space::M);
    let side = size::ENLARGED.min(width);
    let (rect, response) = ui.allocate_exact_size(vec2(side, side + CAPTION), Sense::hover());
    let map = Rect::from_min_size(rect.min, theme::square(side));
    enlarge::paint(ui, state.canvas.as_ref(), &now, map);
    let channel = i18n::scope_channel(worked.probe.channel as usize);
    let words = format!("{channel} · {}", i18n::now());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    named(ui, map, &chain.name(worked.probe.stage), palette(ui).ink, &words);
    response.on_hover_text(i18n::past_compare_hint());
}

fn named(ui: &Ui, rect: Rect, name: &str, ink: eframe::egui::Color32, channel: &str) {
    let at = pos2(rect.left(), rect.bottom() + space::S);
    let name = ui.painter().text(at, Align2::LEFT_TOP, name, theme::semibold(text::CAPTION), ink);
    let at = pos2(name.right() + space::S, at.y);
    ui.painter().text(at, Align2::LEFT_TOP, channel, theme::regular(text::CAPTION), palette(ui).ink2);
}
