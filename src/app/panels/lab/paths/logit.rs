//! One logit of one picture, taken apart at every block: what comes through its branch, what past it, and what the
//! biases of all later layers add. At each block the three are the whole logit.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::theme::{self, line, palette, space, text};
use super::super::super::charts::Scale;
use super::super::super::network::fitted;
use super::super::plot::{Axes, Ticks, note, titled};
use crate::lab::paths::{BlockShare, Shares};
use eframe::egui::{Color32, Rect, RichText, Ui, pos2, vec2};

/// Largest difference of the parts from the logit that is rounding.
const ROUNDING: f64 = 1e-4;
/// Room under the plot for the words about the sum.
const WORDS: f32 = 38.0;

/// A block's three parts from the input's side on, with their colours.
fn parts(ui: &Ui, b: &BlockShare) -> [(&'static str, f64, Color32, Color32); 3] {
    let p = palette(ui);
    [
        (i18n::paths_skip(), b.skip, p.skip_fill, p.skip),
        (i18n::paths_branch(), b.branch, p.f_branch, p.f_branch),
        (i18n::paths_biases(), b.later_biases, p.ink3, p.ink2),
    ]
}

/// The panel, `height` high.
pub fn panel(ui: &mut Ui, shares: Option<&Shares>, classes: &[String], height: f32) {
    let p = palette(ui);
    let title = (i18n::paths_logit(), i18n::paths_logit_hint());
    let Some(s) = shares else {
        titled(ui, title, p.ink, i18n::paths_logit_waits(), Some(height), |_| (), |_| ());
        return;
    };
    let class = classes.get(s.class).cloned().unwrap_or_else(|| s.class.to_string());
    let legend = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        ui.spacing_mut().interact_size.y = 0.0;
        let Some(first) = s.blocks.first() else { return };
        for (words, _, _, ink) in parts(ui, first).iter().rev() {
            ui.label(RichText::new(*words).font(theme::semibold(text::CAPTION)).color(*ink));
        }
    };
    titled(ui, title, p.ink, &i18n::paths_logit_about(s.picture, &class), Some(height), legend, |ui| {
        plot(ui, s, &class);
        let decimals = |v: f64| numbers::fixed(v, 4);
        let sum = i18n::paths_sum(
            decimals(s.image),
            s.biases.len(),
            decimals(s.sum - s.image),
            decimals(s.sum),
            decimals(s.logit),
        );
        note(ui, &sum);
        let off = if s.off == 0.0 { "0".to_owned() } else { numbers::scientific(s.off, 1) };
        let badge = if s.off <= ROUNDING { "" } else { "▲ " };
        let words = format!("{badge}{}", i18n::paths_off(off, numbers::hyper(ROUNDING)));
        let ink = if s.off <= ROUNDING { p.ink3 } else { p.warn };
        ui.label(RichText::new(words).font(theme::regular(text::CAPTION)).color(ink));
    });
}

fn plot(ui: &mut Ui, s: &Shares, class: &str) {
    let p = palette(ui);
    let (mut low, mut high) = (s.logit.min(0.0), s.logit.max(0.0));
    for block in &s.blocks {
        let all = [block.skip, block.branch, block.later_biases];
        high = high.max(all.iter().filter(|v| **v > 0.0).sum());
        low = low.min(all.iter().filter(|v| **v < 0.0).sum());
    }
    let margin = (high - low).max(1e-6) * 0.12;
    let y = (if low < 0.0 { low - margin } else { 0.0 }, high + margin);
    let n = s.blocks.len();
    let size = vec2(ui.available_width(), (ui.available_height() - WORDS).max(80.0));
    let ticks = Ticks { x: |_| String::new(), y: numbers::axis_value, across: "", whole: true };
    let (axes, response) =
        Axes::show(ui, size, (0.0, n.max(1) as f64), y, Scale::Linear, &ticks, i18n::paths_logit());
    let wide = axes.rect.width() / n.max(1) as f32;
    let cell = |i: usize| axes.rect.left() + i as f32 * wide;
    let zero = axes.up(0.0).round() + 0.5;
    let font = || theme::regular(text::CAPTION);
    let written = |b: &BlockShare| ui.painter().layout_no_wrap(b.block.clone(), font(), p.ink3).size().x;
    let longest = s.blocks.iter().map(written).fold(0.0, f32::max);
    let every = ((longest + space::S) / wide).ceil().max(1.0) as usize;
    for (i, block) in s.blocks.iter().enumerate() {
        let gap = (wide * 0.18).min(10.0);
        let (left, right) = (cell(i) + gap, cell(i + 1) - gap);
        let (mut up, mut down) = (0.0, 0.0);
        for (_, value, colour, _) in parts(ui, block) {
            let from = if value >= 0.0 { &mut up } else { &mut down };
            let ends = (axes.up(*from), axes.up(*from + value));
            *from += value;
            let area = Rect::from_min_max(pos2(left, ends.0.min(ends.1)), pos2(right, ends.0.max(ends.1)));
            if area.height() < 0.5 {
                continue;
            }
            ui.painter().rect_filled(area, 0.0, colour.gamma_multiply(line::CHOSEN_ALPHA));
            // The cap lies at the end that the value is read at.
            let cap = if value >= 0.0 {
                area.with_max_y((area.top() + line::CAP).min(area.bottom()))
            } else {
                area.with_min_y((area.bottom() - line::CAP).max(area.top()))
            };
            ui.painter().rect_filled(cap, 0.0, colour);
        }
        if i % every == 0 {
            let room = wide * every as f32 - space::XS;
            let words = fitted(ui, block.block.clone(), theme::regular(text::CAPTION), p.ink3, room);
            let x = (left + right - words.size().x) / 2.0;
            ui.painter().galley(pos2(x.max(axes.rect.left()), axes.rect.bottom() + space::XS), words, p.ink3);
        }
    }
    ui.painter().hline(axes.rect.x_range(), zero, p.stroke(line::HAIR, p.line2));
    axes.level(ui, s.logit, &i18n::paths_level(class, numbers::fixed(s.logit, 3)));
    let Some(at) = response.hover_pos().filter(|at| n > 0 && axes.rect.contains(*at)) else { return };
    let block = &s.blocks[(((at.x - axes.rect.left()) / wide) as usize).min(n - 1)];
    response.on_hover_ui_at_pointer(|ui| {
        ui.label(RichText::new(&block.block).font(theme::semibold(text::BODY)).color(p.ink));
        for (words, value, _, ink) in parts(ui, block) {
            let words = format!("{words} {}", numbers::fixed(value, 4));
            ui.label(RichText::new(words).font(theme::regular(text::CAPTION)).color(ink));
        }
        let sum = numbers::fixed(block.skip + block.branch + block.later_biases, 4);
        ui.label(RichText::new(format!("= {sum}")).font(theme::semibold(text::CAPTION)).color(p.ink));
    });
}
