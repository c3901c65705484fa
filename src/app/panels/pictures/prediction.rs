//! What the network says about the picture: its class in words, the likeliest classes, and how sure of
//! the true one it has been.

use super::super::super::theme::{self, palette, radius, space, text};
use super::super::super::widgets::tile;
use super::super::super::{i18n, numbers, state::AppState};
use super::super::microscope::{sparkline, waiting};
use crate::session::{Picture, Seen, Snapshot};
use eframe::egui::{Align2, CornerRadius, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Classes that are listed.
const LISTED: usize = 5;
const ROW: f32 = 26.0;
const PICTURE: f32 = 72.0;
const SPARK: f32 = 40.0;

/// Right or wrong, in words.
fn verdict(seen: &Seen, classes: &[String]) -> String {
    let best = seen.probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    let Some((said, p)) = best else { return i18n::scope_no_prediction().into() };
    if !p.is_finite() {
        return i18n::scope_prediction_broken().into();
    }
    let name = |c: usize| classes.get(c).cloned().unwrap_or_else(|| c.to_string());
    let sure = numbers::ratio(*p);
    match seen.label.map(|l| l as usize) {
        None => i18n::scope_says_unknown(name(said), &sure),
        Some(label) if label == said => i18n::scope_says_right(name(said), &sure),
        Some(label) => i18n::scope_says_wrong(name(said), &sure, name(label)),
    }
}

/// Picture, verdict, bars and history, `width` wide.
pub fn prediction(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot, width: f32) {
    let p = palette(ui);
    let small =
        |words: &str| RichText::new(words.to_owned()).font(theme::regular(text::CAPTION)).color(p.ink3);
    let Some(seen) = snapshot.seen.clone() else {
        ui.label(small(waiting(snapshot)));
        return;
    };
    let classes = snapshot.data.as_ref().map_or(&[][..], |d| &d.classes);
    ui.horizontal_top(|ui| {
        let (rect, response) = ui.allocate_exact_size(theme::square(PICTURE), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::scope_image()));
        if let Some(canvas) = &state.canvas {
            tile(ui.painter(), canvas, &seen.input, rect);
        }
        response.on_hover_text(i18n::scope_own_shown_hint());
        ui.vertical(|ui| {
            ui.set_width(width - PICTURE - space::S);
            ui.label(RichText::new(verdict(&seen, classes)).font(theme::regular(text::BODY)).color(p.ink));
            ui.label(small(&described(seen.picture)));
        });
    });
    ui.add_space(space::S);
    let mut order: Vec<usize> = (0..seen.probabilities.len()).collect();
    order.sort_by(|a, b| seen.probabilities[*b].total_cmp(&seen.probabilities[*a]));
    order.truncate(LISTED);
    // The true class is always listed.
    let label = seen.label.map(|l| l as usize).filter(|l| *l < seen.probabilities.len());
    if let Some(label) = label.filter(|l| !order.contains(l)) {
        order.pop();
        order.push(label);
    }
    for class in &order {
        row(ui, classes, *class, seen.probabilities[*class], label == Some(*class), width);
    }
    let watched = label.or(order.first().copied());
    if let Some((class, series)) = watched.and_then(|c| state.scope.pictures.chances.of(c).map(|s| (c, s))) {
        ui.add_space(space::S);
        let name = classes.get(class).map_or("", |n| n.as_str());
        ui.label(small(&i18n::scope_chance_history(name)));
        let first = series.buckets().first().map_or(0, |b| b.first_step);
        let left = i18n::scope_since(numbers::grouped(first));
        sparkline(ui, series, width, SPARK, Some((0.0, 1.0)), &left).on_hover_text(i18n::scope_chance_hint());
    }
}

/// Which picture it is, and with which statistics.
fn described(picture: Option<Picture>) -> String {
    match picture {
        Some(Picture::Record(r)) => i18n::scope::record(r.split, &numbers::grouped(r.index.into())),
        Some(Picture::Own) => i18n::scope_own().into(),
        Some(Picture::Batch(n)) => i18n::scope_batch_described(n as usize + 1),
        None => String::new(),
    }
}

fn row(ui: &mut Ui, classes: &[String], class: usize, chance: f32, truth: bool, width: f32) {
    let p = palette(ui);
    let name = classes.get(class).cloned().unwrap_or_else(|| class.to_string());
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    let value = numbers::ratio(chance);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {value}")));
    let painter = ui.painter();
    let font = if truth { theme::semibold(text::BODY) } else { theme::regular(text::BODY) };
    let ink = if truth { p.ink } else { p.ink2 };
    let shown = painter.text(rect.left_top(), Align2::LEFT_TOP, &name, font, ink);
    if truth {
        let at = pos2(shown.right() + space::S, shown.bottom() - 1.0);
        painter.text(
            at,
            Align2::LEFT_BOTTOM,
            i18n::scope_true_class(),
            theme::regular(text::CAPTION),
            p.ink3,
        );
    }
    painter.text(rect.right_top(), Align2::RIGHT_TOP, value, theme::semibold(text::BODY), p.ink);
    let bar = Rect::from_x_y_ranges(rect.x_range(), rect.bottom() - 6.0..=rect.bottom() - 3.0);
    let corner = CornerRadius::same(radius::CARD);
    painter.rect_filled(bar, corner, p.line);
    let t = if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 0.0 };
    painter.rect_filled(bar.with_max_x(bar.left() + t * bar.width()), corner, ink);
    response.on_hover_text(i18n::scope_chance_row_hint());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misprediction_is_said_in_words() {
        let classes: Vec<String> = ["circle", "star"].map(String::from).to_vec();
        let mut seen = Seen { probabilities: vec![0.25, 0.75], label: Some(1), ..Seen::default() };
        let right = verdict(&seen, &classes);
        assert!(right.contains("star") && right.contains("0.75") && !right.contains("circle"), "{right}");
        seen.label = Some(0);
        let wrong = verdict(&seen, &classes);
        assert!(wrong.contains("star") && wrong.contains("circle"), "{wrong}");
        seen.probabilities[0] = f32::NAN;
        seen.probabilities[1] = f32::NAN;
        assert_eq!(verdict(&seen, &classes), i18n::scope_prediction_broken());
    }
}
