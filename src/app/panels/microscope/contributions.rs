//! What each input channel adds to the sum, as bars; the one whose window is shown stands out.

use super::super::super::colourmap::ColourMap;
use super::super::super::theme::{self, line, palette, space, text};
use super::super::super::{i18n, state::AppState};
use super::adding;
use crate::session::{Probe, WorkedConv};
use eframe::egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

const HEIGHT: f32 = 124.0;
const TICKS: f32 = 22.0;

/// The chart with its title, `width` wide. Clicking a bar shows that channel's window.
pub fn show(ui: &mut Ui, state: &mut AppState, conv: &WorkedConv, probe: Probe, width: f32) {
    let p = palette(ui);
    let n = conv.contributions.len();
    let title = eframe::egui::RichText::new(i18n::scope_all_channels(n));
    ui.label(title.font(theme::semibold(text::BODY)).color(p.ink));
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, i18n::scope_contributions()));
    let plot = rect.with_max_y(rect.bottom() - TICKS);
    let finite = || conv.contributions.iter().filter(|v| v.is_finite());
    let (low, high) = finite().fold((0.0f64, 0.0f64), |(a, b), v| (a.min(*v), b.max(*v)));
    let span = if high > low { high - low } else { 1.0 };
    let y = |v: f64| plot.bottom() - ((v - low) / span) as f32 * plot.height();
    let each = plot.width() / n.max(1) as f32;
    let zero = y(0.0);
    let painter = ui.painter();
    painter.hline(plot.x_range(), zero, p.stroke(line::HAIR, p.line2));
    let map = ColourMap::div(ui.visuals().dark_mode);
    let gap = if each > 4.0 { 1.0 } else { 0.0 };
    for (i, v) in conv.contributions.iter().enumerate().filter(|(_, v)| v.is_finite()) {
        let chosen = i == conv.input_channel as usize;
        let x = plot.left() + i as f32 * each;
        let bar = Rect::from_x_y_ranges(x..=x + (each - gap).max(1.0), y(v.max(0.0))..=y(v.min(0.0)));
        let colour =
            if chosen { p.ink } else { map.at(if *v > 0.0 { 0.8 } else { 0.2 }).gamma_multiply(0.75) };
        painter.rect_filled(bar, 0.0, colour);
        if chosen {
            let stem = p.stroke(line::HAIR, p.ink2);
            painter.vline(bar.center().x, bar.bottom()..=rect.bottom() - TICKS + space::XS, stem);
        }
    }
    labels(ui, conv, rect, each);
    let under = |at: eframe::egui::Pos2| {
        let i = ((at.x - plot.left()) / each.max(f32::MIN_POSITIVE)) as usize;
        (at.x >= plot.left() && i < n).then_some(i)
    };
    if let Some(i) = response.hover_pos().and_then(under) {
        let x = plot.left() + i as f32 * each;
        let column = Rect::from_x_y_ranges(x..=x + each.max(2.0), plot.y_range());
        ui.painter().rect_filled(column, 0.0, p.ink.gamma_multiply(0.1));
    }
    if response.clicked() {
        let channel = response.interact_pointer_pos().and_then(under).map(|i| i as u32);
        state.scope.choose(Some(Probe { input_channel: channel, ..probe }));
    }
    let at = response.hover_pos().and_then(under);
    response.on_hover_ui_at_pointer(|ui| {
        if let Some((i, v)) = at.and_then(|i| conv.contributions.get(i).map(|v| (i, *v))) {
            let adds = adding::Shown::of(v, adding::places([v]).max(2)).text();
            ui.label(i18n::scope_channel_adds(i, &adds));
        }
        ui.label(eframe::egui::RichText::new(i18n::scope_contributions_hint()).color(palette(ui).ink3));
    });
}

/// Under the bars: the first channel, the last, and the one that is shown with what it adds.
fn labels(ui: &Ui, conv: &WorkedConv, rect: Rect, each: f32) {
    let p = palette(ui);
    let painter = ui.painter();
    let small = theme::regular(text::CAPTION);
    let first = painter.text(
        rect.left_bottom(),
        Align2::LEFT_BOTTOM,
        i18n::scope_channel(0usize),
        small.clone(),
        p.ink3,
    );
    let last = conv.contributions.len().saturating_sub(1).to_string();
    let last = painter.text(rect.right_bottom(), Align2::RIGHT_BOTTOM, last, small.clone(), p.ink3);
    let adds = adding::channels(conv).one.text();
    let name = painter.layout_no_wrap(format!("{} ", conv.input_channel), small, p.ink2);
    let adds = painter.layout_no_wrap(adds, theme::semibold(text::CAPTION), p.ink);
    let wide = name.size().x + adds.size().x;
    let middle = rect.left() + (conv.input_channel as f32 + 0.5) * each;
    let left = (middle - wide / 2.0).clamp(rect.left(), (rect.right() - wide).max(rect.left()));
    let own = Rect::from_min_size(pos2(left, rect.bottom() - name.size().y), vec2(wide, name.size().y));
    // At an end it stands in the place of that end's label.
    for other in [first, last] {
        if other.expand(4.0).intersects(own) {
            painter.rect_filled(other, 0.0, p.panel);
        }
    }
    let at = own.min;
    let behind = at + vec2(name.size().x, 0.0);
    painter.galley(at, name, p.ink2);
    painter.galley(behind, adds, p.ink);
}
