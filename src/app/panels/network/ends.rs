//! What goes into the network and what comes out: the watched picture on the left, the network's guesses
//! on the right, and how far it has come with this picture.

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::theme::{self, line, palette, radius, size, space, text};
use super::super::super::widgets::{self, icon_button, icons, icons::Icon};
use super::{Area, HEADER, Scene, fitted, put, step};
use crate::session::{EngineKind, Picture, RecordRef, Seen, Snapshot, SplitName};
use eframe::egui::{
    Align2, CornerRadius, Rangef, Rect, Role, Sense, Shape, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

/// Side of the picture.
const PICTURE: f32 = 88.0;
/// Height of a guess, and how many there are at most.
const GUESS: f32 = 23.0;
const GUESSES: usize = 5;
/// Height of the curve of the true class, with its caption.
const CURVE: f32 = 44.0;
/// Height of a guess's bar.
const BAR: f32 = 3.0;

/// The next picture, or the one before.
pub fn turn(state: &mut AppState, snapshot: &Snapshot, by: i64) {
    let Some(data) = &snapshot.data else { return };
    let first = RecordRef { split: SplitName::Test, index: 0 };
    let next = match state.looks.picture {
        Picture::Record(r) => {
            let images = match r.split {
                SplitName::Train => data.train_images,
                SplitName::Test => data.test_images,
            };
            let index = (i64::from(r.index) + by).rem_euclid(images.max(1) as i64);
            RecordRef { index: u32::try_from(index).unwrap_or(0), ..r }
        }
        Picture::Own | Picture::Batch(_) => first,
    };
    state.looks.picture = Picture::Record(next);
}

/// `test 1,284`.
fn name_of(picture: Picture) -> String {
    match picture {
        Picture::Record(r) => {
            let split = match r.split {
                SplitName::Train => i18n::train(),
                SplitName::Test => i18n::test(),
            };
            format!("{split} {}", numbers::grouped(u64::from(r.index)))
        }
        Picture::Own => i18n::own_picture().to_owned(),
        Picture::Batch(n) => i18n::batch_picture(numbers::grouped(u64::from(n))),
    }
}

fn class(snapshot: &Snapshot, label: Option<u32>) -> Option<&str> {
    snapshot.data.as_ref()?.classes.get(label? as usize).map(String::as_str)
}

/// The picture, whose it is, and the way from it to the stem.
pub fn left(
    ui: &mut Ui,
    state: &mut AppState,
    snapshot: &Snapshot,
    scene: &Scene<'_>,
    area: &Area,
    rect: Rect,
    trunk: f32,
) {
    let p = palette(ui);
    let x = area.names;
    let row = Rect::from_x_y_ranges(x.min..=x.min + PICTURE, rect.top()..=rect.top() + HEADER);
    ui.painter().text(
        pos2(x.min, row.center().y),
        Align2::LEFT_CENTER,
        i18n::image(),
        theme::semibold(text::CAPTION),
        p.ink3,
    );
    let mut buttons = ui.new_child(
        UiBuilder::new()
            .max_rect(row)
            .layout(eframe::egui::Layout::right_to_left(eframe::egui::Align::Center)),
    );
    buttons.spacing_mut().item_spacing.x = 0.0;
    for (icon, name, by) in [(Icon::Forward, i18n::next_image(), 1), (Icon::Back, i18n::previous_image(), -1)]
    {
        if icon_button(&mut buttons, icon, name, size::CONTROL - 4.0).on_hover_text(name).clicked() {
            turn(state, snapshot, by);
        }
    }

    let room = trunk - row.bottom() - space::XS;
    let edge = PICTURE.min(2.0 * room);
    let picture = Rect::from_center_size(pos2(x.min + edge / 2.0, trunk), theme::square(edge));
    caption(ui, scene, x, row.bottom(), picture.top());
    ui.painter().hline(picture.right()..=area.x.min, trunk, p.stroke(line::TRUNK, p.line2));
    draw_picture(ui, state, scene.seen, picture);
    let response = ui.interact(picture, ui.scope_id().with("picture"), Sense::hover());
    let shown = scene.seen.and_then(|s| s.picture).unwrap_or(state.looks.picture);
    let label = class(snapshot, scene.seen.and_then(|s| s.label));
    let name = name_of(shown);
    let spoken = format!("{} {name}", label.unwrap_or_default());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, spoken.trim()));
    let y = picture.bottom() + space::M;
    let mut left = x.min;
    if let Some(label) = label {
        let bold = fitted(ui, label.to_owned(), theme::semibold(text::CAPTION), p.ink, x.span() / 2.0);
        let wide = bold.size().x;
        put(ui, left, y, bold);
        left += wide + space::S;
    }
    let name = fitted(ui, name, theme::regular(text::CAPTION), p.ink3, x.max - left);
    put(ui, left, y, name);
    response.on_hover_text(i18n::picture_hint());
}

/// What the arcs mean, where there is room between the heading and the picture.
fn caption(ui: &Ui, scene: &Scene<'_>, x: Rangef, top: f32, bottom: f32) {
    let p = palette(ui);
    let residual = scene.layers.blocks.iter().any(|b| b.residual);
    let (words, ink) = if residual { (i18n::arc_caption(), p.skip) } else { (i18n::plain_caption(), p.ink3) };
    let galley = ui.painter().layout(words.to_owned(), theme::regular(text::CAPTION), ink, x.span());
    if galley.size().y + space::S <= bottom - top {
        ui.painter().galley(pos2(x.min, top + space::XS), galley, ink);
    }
}

fn draw_picture(ui: &Ui, state: &AppState, seen: Option<&Seen>, rect: Rect) {
    let cell = widgets::cells(ui, rect, 1, 1, 0.0).next().unwrap_or(rect);
    match (seen, state.canvas.as_ref()) {
        (Some(seen), Some(canvas)) if seen.input.size[0] > 0 => {
            widgets::tile(ui.painter(), canvas, &seen.input, cell);
        }
        _ => {
            ui.painter().rect_filled(rect, CornerRadius::same(radius::CARD), palette(ui).raised);
        }
    }
}

/// What the network takes the picture for; while a step is gone through, what its layer has made.
pub fn right(
    ui: &mut Ui,
    state: &AppState,
    snapshot: &Snapshot,
    scene: &Scene<'_>,
    area: &Area,
    rect: Rect,
    trunk: f32,
) {
    let Some(side) = area.side else { return };
    let p = palette(ui);
    if let Some(slice) = scene.slice {
        step::made(ui, state, slice, side, rect.top(), rect.bottom());
        return;
    }
    if state.map.zoom.scale == 1.0 {
        let (from, to) = (scene.place.head.max, side.min - space::XS);
        let stroke = p.stroke(line::TRUNK, p.line2);
        ui.painter().hline(from..=to, trunk, stroke);
        let tip = [vec2(-5.0, -4.0), vec2(0.0, 0.0), vec2(-5.0, 4.0)].map(|v| pos2(to, trunk) + v);
        ui.painter().add(Shape::line(tip.to_vec(), stroke));
    }
    let row = Rangef::new(rect.top(), rect.top() + HEADER);
    ui.painter().text(
        pos2(side.min, row.center()),
        Align2::LEFT_CENTER,
        i18n::prediction(),
        theme::semibold(text::CAPTION),
        p.ink3,
    );
    let head = Rect::from_x_y_ranges(side, row);
    let own = snapshot.engine == EngineKind::Own;
    let hint = if own { i18n::prediction_hint() } else { i18n::only_own_engine() };
    ui.interact(head, ui.scope_id().with("prediction"), Sense::hover()).on_hover_text(hint);
    let rows = (((rect.bottom() - row.max - CURVE) / GUESS) as usize).clamp(1, GUESSES);
    let list = guesses(ui, snapshot, scene.seen, side, row.max, rows);
    if rect.bottom() - list >= CURVE {
        curve(
            ui,
            state,
            snapshot,
            scene.seen,
            Rect::from_x_y_ranges(side, rect.bottom() - CURVE..=rect.bottom()),
        );
    }
}

/// The most probable classes, the true one always among them, where the network is looked into; returns where they end.
pub fn guesses(
    ui: &mut Ui,
    snapshot: &Snapshot,
    seen: Option<&Seen>,
    side: Rangef,
    top: f32,
    rows: usize,
) -> f32 {
    if snapshot.engine != EngineKind::Own {
        return top;
    }
    let p = palette(ui);
    let truth = seen.and_then(|s| s.label).map(|l| l as usize);
    let probabilities = seen.map_or(&[][..], |s| &s.probabilities);
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    let rank = truth.and_then(|t| order.iter().position(|&c| c == t));
    if let Some(rank) = rank.filter(|r| *r >= rows) {
        order.swap(rows - 1, rank);
    }
    order.truncate(rows);
    let classes = snapshot.data.as_ref().map_or(&[][..], |d| &d.classes);
    for k in 0..rows {
        let row = Rect::from_x_y_ranges(side, top + k as f32 * GUESS..=top + (k + 1) as f32 * GUESS);
        let rail = row.with_min_y(row.bottom() - BAR - 2.0).with_max_y(row.bottom() - 2.0);
        ui.painter().rect_filled(rail, 1.0, p.line);
        let Some(&c) = order.get(k) else { continue };
        let (probability, right) = (probabilities[c], truth == Some(c));
        let filled = rail.with_max_x(rail.left() + rail.width() * probability.clamp(0.0, 1.0));
        ui.painter().rect_filled(filled, 1.0, if k == 0 { p.ink } else { p.ink3 });
        let name = classes.get(c).map_or("", String::as_str);
        let (font, ink) =
            if k == 0 { (theme::semibold(text::BODY), p.ink) } else { (theme::regular(text::BODY), p.ink2) };
        let y = row.top() + (GUESS - BAR) / 2.0 - 1.0;
        let value = ui.painter().layout_no_wrap(numbers::ratio(probability), font.clone(), ink);
        let value_at = side.max - value.size().x;
        let mark = if right { icons::SIDE + space::XS } else { 0.0 };
        let galley = fitted(ui, name.to_owned(), font, ink, value_at - side.min - mark - space::S);
        let end = side.min + galley.size().x;
        put(ui, side.min, y, galley);
        put(ui, value_at, y, value);
        if right {
            let at = Rect::from_center_size(
                pos2(end + space::XS + icons::SIDE / 2.0, y),
                theme::square(icons::SIDE),
            );
            icons::paint(ui.painter(), at, Icon::Check, ink);
        }
        let response = ui.interact(row, ui.scope_id().with(("guess", k)), Sense::hover());
        let percent = numbers::percent(probability);
        let words = if right { i18n::guess_right(name, &percent) } else { i18n::guess(name, &percent) };
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        response.on_hover_text(words);
    }
    top + rows as f32 * GUESS
}

/// How probable the true class has been since the picture is watched.
fn curve(ui: &mut Ui, state: &AppState, snapshot: &Snapshot, seen: Option<&Seen>, rect: Rect) {
    let p = palette(ui);
    let Some(name) = class(snapshot, seen.and_then(|s| s.label)) else { return };
    let words = i18n::so_far(name);
    let small = theme::regular(text::CAPTION);
    let caption = fitted(ui, words.clone(), small, p.ink3, rect.width());
    put(ui, rect.left(), rect.top() + space::S, caption);
    let plot = rect.with_min_y(rect.top() + space::L + 2.0).with_max_y(rect.bottom() - 2.0);
    ui.painter().hline(plot.x_range(), plot.bottom(), p.stroke(line::HAIR, p.line));
    let points = state.map.sight.points();
    let response = ui.interact(rect, ui.scope_id().with("so far"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        let span = last.0.saturating_sub(first.0).max(1) as f32;
        let right = plot.right() - 4.0;
        let at = |&(step, v): &(u64, f32)| {
            let t = if points.len() == 1 { 1.0 } else { (step - first.0) as f32 / span };
            pos2(plot.left() + t * (right - plot.left()), plot.bottom() - v.clamp(0.0, 1.0) * plot.height())
        };
        let stroke = p.stroke(line::ICON, p.ink2);
        ui.painter().add(Shape::line(points.iter().map(at).collect(), stroke));
        ui.painter().circle_filled(at(last), 3.5, p.ink);
    }
    response.on_hover_text(i18n::so_far_hint());
}

/// The picture and three guesses beside it, for a narrow window.
pub fn beside(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, scene: &Scene<'_>) {
    let p = palette(ui);
    let high = 3.0 * GUESS + HEADER;
    let (rect, _) = ui.allocate_exact_size(vec2(scene.x.span(), high), Sense::hover());
    let rect = Rect::from_x_y_ranges(scene.x, rect.y_range());
    let edge = high - HEADER;
    let picture = Rect::from_min_size(rect.min, theme::square(edge));
    draw_picture(ui, state, scene.seen, picture);
    let response =
        ui.interact(rect.with_max_x(picture.right()), ui.scope_id().with("picture"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, i18n::next_image()));
    if response.on_hover_text(i18n::next_image()).clicked() {
        turn(state, snapshot, 1);
    }
    let shown = scene.seen.and_then(|s| s.picture).unwrap_or(state.looks.picture);
    let name = fitted(ui, name_of(shown), theme::regular(text::CAPTION), p.ink3, edge + space::S);
    put(ui, rect.left(), rect.bottom() - space::S, name);
    let side = Rangef::new(picture.right() + space::L, rect.right());
    let y = rect.top() + HEADER / 2.0 - space::XS;
    let left =
        fitted(ui, i18n::prediction().into(), theme::semibold(text::CAPTION), p.ink3, side.span() / 2.0);
    put(ui, side.min, y, left);
    if let Some(label) = class(snapshot, scene.seen.and_then(|s| s.label)) {
        let words = fitted(ui, i18n::truth(label), theme::regular(text::CAPTION), p.ink3, side.span() / 2.0);
        put(ui, side.max - words.size().x, y, words);
    }
    guesses(ui, snapshot, scene.seen, side, rect.top() + HEADER - space::S, 3);
}
