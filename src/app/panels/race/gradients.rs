//! Gradient norm of every convolution in the last step, all lanes on one logarithmic axis.

use super::super::super::axis::Decades;
use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::state::AppState;
use super::super::super::theme::{self, line, palette, space, text};
use super::super::charts::look;
use super::super::decades::numbered;
use super::super::network::{fitted, put};
use super::Shown;
use eframe::egui::{Align, Layout, Pos2, Rect, RichText, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2};

/// Columns and lines of the ticks.
const LEFT: f32 = 36.0;
const FOOT: f32 = 20.0;
/// Marks closer than this would be a band.
const APART: f32 = 22.0;

/// The convolutions on the main path, and their norms: where a 1×1 stands on the skip is no depth.
fn points(lane: &Shown<'_>) -> Vec<(String, f32)> {
    let last = lane.run.and_then(|r| r.grad_norm.last());
    let all = lane.lane.layers.iter().zip(last.into_iter().flatten());
    let main = all.filter(|(name, _)| !name.contains("downsample") && !name.starts_with("fc"));
    main.map(|(name, n)| (name.trim_end_matches(".weight").to_owned(), *n)).collect()
}

/// The panel, `height` high.
pub fn panel(ui: &mut Ui, state: &AppState, lanes: &[Shown<'_>], decades: Decades, height: f32) {
    let p = palette(ui);
    theme::panel_frame(ui).show(ui, |ui| {
        ui.set_height(height - 2.0 * space::L);
        ui.spacing_mut().item_spacing.y = space::XS;
        let all: Vec<Vec<(String, f32)>> = lanes.iter().map(points).collect();
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            let title =
                RichText::new(i18n::race_gradients()).font(theme::semibold(text::TITLE)).color(p.grad);
            ui.label(title).on_hover_text(i18n::gradient_hint());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let zero = all.iter().flatten().any(|(_, n)| *n == 0.0);
                let words = if zero { i18n::race_gradients_zero() } else { i18n::race_gradients_now() };
                let now = RichText::new(words);
                ui.label(now.font(theme::regular(text::CAPTION)).color(p.ink3));
            });
        });
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::race_gradients()));
        let plot = Rect::from_min_max(
            pos2(rect.left() + LEFT, rect.top() + space::S),
            pos2(rect.right() - space::XS, rect.bottom() - FOOT),
        );
        let most = all.iter().map(Vec::len).max().unwrap_or(0);
        numbered(ui, plot, decades, most, i18n::race_conv_axis());
        if most == 0 {
            let words = fitted(
                ui,
                i18n::race_gradients_empty().into(),
                theme::regular(text::BODY),
                p.ink3,
                plot.width(),
            );
            put(ui, plot.center().x - words.size().x / 2.0, plot.center().y, words);
            return;
        }
        let x = |i: usize| plot.left() + plot.width() * i as f32 / (most.max(2) - 1) as f32;
        chosen(ui, state, lanes, &all, plot, x);
        let mut curves = Vec::new();
        for (i, (lane, points)) in lanes.iter().zip(&all).enumerate().rev() {
            let at =
                |k: usize, n: f32| decades.position(n).map(|t| pos2(x(k), plot.bottom() - t * plot.height()));
            let placed: Vec<Option<Pos2>> = points.iter().enumerate().map(|(k, (_, n))| at(k, *n)).collect();
            // A gradient of exactly 0 has no place on a logarithmic axis: the line breaks there.
            for piece in placed.split(Option::is_none) {
                let piece: Vec<Pos2> = piece.iter().flatten().copied().collect();
                ui.painter().add(Shape::line(piece, p.stroke(line::TRUNK, lane.colour)));
            }
            for k in (0..points.len()).filter(|k| points[*k].1 == 0.0) {
                let foot = pos2(x(k), plot.bottom());
                ui.painter().circle(foot, 3.0, p.panel, p.stroke(line::TRUNK, lane.colour));
            }
            let curve: Vec<Pos2> = placed.into_iter().flatten().collect();
            let mark = look(p, i).1;
            let mut before = f32::NEG_INFINITY;
            for point in &curve {
                if point.x - before >= APART {
                    before = point.x;
                    mark.draw(ui.painter(), *point, 3.0, lane.colour, p.stroke(line::HAIR, p.panel));
                }
            }
            curves.push((curve, lane));
        }
        names(ui, plot, &curves);
        if let Some(at) = response.hover_pos().filter(|at| plot.x_range().contains(at.x)) {
            let k = ((at.x - plot.left()) / plot.width() * (most.max(2) - 1) as f32).round() as usize;
            response.on_hover_ui_at_pointer(|ui| {
                for (lane, points) in lanes.iter().zip(&all) {
                    let Some((name, n)) = points.get(k) else { continue };
                    let words = format!("{} {name} {}", lane.name, numbers::norm(*n));
                    ui.label(RichText::new(words).font(theme::regular(text::CAPTION)).color(lane.colour));
                }
            });
        }
    });
}

/// A grey band at the block that is chosen.
fn chosen(
    ui: &Ui,
    state: &AppState,
    lanes: &[Shown<'_>],
    all: &[Vec<(String, f32)>],
    plot: Rect,
    x: impl Fn(usize) -> f32,
) {
    let Some(block) = state.race.block else { return };
    let Some((lane, points)) = lanes.iter().zip(all).nth(state.race.of) else { return };
    let prefix = format!("{}.", lane.layers.block_name(block));
    let inside =
        points.iter().enumerate().filter(|(_, (name, _))| name.starts_with(&prefix)).map(|(k, _)| x(k));
    let span =
        inside.fold(None, |r: Option<(f32, f32)>, x| Some(r.map_or((x, x), |(a, b)| (a.min(x), b.max(x)))));
    if let Some((from, to)) = span {
        let band = Rect::from_x_y_ranges(from - 3.0..=to + 3.0, plot.y_range());
        ui.painter().rect_filled(band, 0.0, palette(ui).line);
    }
}

/// Each lane's name over its curve, or under it where another lies over it, and where the curves are furthest apart.
fn names(ui: &Ui, plot: Rect, curves: &[(Vec<Pos2>, &Shown<'_>)]) {
    const PLACES: usize = 8;
    let p = palette(ui);
    let at = |curve: &[Pos2], k: usize| curve.get(curve.len() * k / PLACES).copied();
    let apart = |k: usize| {
        let mut ys: Vec<f32> = curves.iter().filter_map(|(c, _)| at(c, k)).map(|p| p.y).collect();
        ys.sort_by(f32::total_cmp);
        ys.windows(2).map(|w| w[1] - w[0]).fold(f32::INFINITY, f32::min)
    };
    // In the middle of the plot where it makes no difference.
    let best = (2..PLACES - 1).max_by(|a, b| apart(*a).total_cmp(&apart(*b))).unwrap_or(PLACES / 2);
    let mut ends: Vec<_> = curves.iter().filter_map(|(c, lane)| Some((at(c, best)?, c, *lane))).collect();
    ends.sort_by(|a, b| a.0.y.total_cmp(&b.0.y));
    let mut free = plot.top();
    for (i, (end, curve, lane)) in ends.into_iter().enumerate() {
        let words =
            fitted(ui, lane.name.clone(), theme::semibold(text::CAPTION), lane.colour, plot.width() / 2.0);
        let half = words.size().x / 2.0;
        let left = (end.x - half).clamp(plot.left(), (plot.right() - 2.0 * half).max(plot.left()));
        let near =
            curve.iter().filter(|p| (left - APART..=left + 2.0 * half + APART).contains(&p.x)).map(|p| p.y);
        let y = if i == 0 {
            near.fold(end.y, f32::min) - words.size().y - space::XS
        } else {
            near.fold(end.y, f32::max) + space::XS
        };
        let y = y.max(free).min(plot.bottom() - words.size().y);
        let ground = Rect::from_min_size(pos2(left, y), words.size());
        ui.painter().rect_filled(ground.expand2(vec2(2.0, 0.0)), 2.0, p.panel.gamma_multiply(0.8));
        ui.painter().galley(ground.min, words, lane.colour);
        free = ground.bottom();
    }
}
