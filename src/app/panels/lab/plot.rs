//! What the plots of the laboratory share: axes with ticks, error bars, and words at the ends of curves.

use super::super::super::i18n;
use super::super::super::numbers;
use super::super::super::theme::{self, Palette, line, palette, space, text};
use super::super::charts::{Mark, Scale};
use super::super::network::{fitted, put};
use eframe::egui::{
    Align, Align2, Color32, Layout, Pos2, Rect, Response, RichText, Role, Sense, Shape, TextureHandle, Ui,
    UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

/// Room for the ticks, left of and under a plot.
const LEFT: f32 = 44.0;
const FOOT: f32 = 22.0;

/// A texture; egui's handle has no form for debugging.
pub struct Painted(pub TextureHandle);

impl std::fmt::Debug for Painted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Painted").field(&self.0.id()).finish()
    }
}

/// A panel with a title in `ink`, a remark under it, and `options` at the title's right end; `height` high in all, or
/// as high as its content.
pub fn titled(
    ui: &mut Ui,
    (title, hint): (&str, &str),
    ink: Color32,
    remark: &str,
    height: Option<f32>,
    options: impl FnOnce(&mut Ui),
    content: impl FnOnce(&mut Ui),
) {
    theme::panel_frame(ui).show(ui, |ui| {
        if let Some(height) = height {
            ui.set_height(height - 2.0 * space::L);
        }
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            let title = RichText::new(title).font(theme::semibold(text::TITLE)).color(ink);
            ui.label(title).on_hover_text(hint);
            ui.with_layout(Layout::right_to_left(Align::Center), options);
        });
        if !remark.is_empty() {
            note(ui, remark);
        }
        content(ui);
    });
}

/// Splits the width of `ui` among `count` parts, `height` high and side by side.
pub fn beside(ui: &mut Ui, count: usize, height: f32, mut part: impl FnMut(&mut Ui, usize)) {
    let each = (ui.available_width() - space::L * (count.max(1) - 1) as f32) / count.max(1) as f32;
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    for i in 0..count {
        let left = whole.left() + i as f32 * (each + space::L);
        let rect = whole.with_min_x(left).with_max_x(left + each);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(i));
        part(&mut inner, i);
    }
}

/// A caption in the colour of hints, in as many lines as it needs.
pub fn note(ui: &mut Ui, words: &str) {
    let words = RichText::new(words).font(theme::regular(text::CAPTION)).color(palette(ui).ink3);
    ui.add(eframe::egui::Label::new(words).wrap());
}

/// A plot's ground: where it lies, and what its axes hold.
pub struct Axes {
    pub rect: Rect,
    pub x: (f64, f64),
    /// On the axis: logarithms, where `scale` is logarithmic.
    pub y: (f64, f64),
    pub scale: Scale,
}

/// What stands on the axes.
pub struct Ticks {
    pub x: fn(f64) -> String,
    pub y: fn(f64) -> String,
    /// Name of the horizontal axis with its unit.
    pub across: &'static str,
    /// Horizontal ticks at whole numbers only.
    pub whole: bool,
}

impl Axes {
    /// Allocates `size` and draws grid and ticks; the response is the plot's, called `name` for a screen reader.
    pub fn show(
        ui: &mut Ui,
        size: Vec2,
        x: (f64, f64),
        y: (f64, f64),
        scale: Scale,
        ticks: &Ticks,
        name: &str,
    ) -> (Self, Response) {
        let (whole, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
        let rect = Rect::from_min_max(
            pos2(whole.left() + LEFT, whole.top() + space::S),
            pos2(whole.right() - space::S, whole.bottom() - FOOT),
        );
        let axes = Self { rect, x, y, scale };
        axes.grid(ui, ticks);
        (axes, response)
    }

    /// Where a value stands across.
    pub fn across(&self, x: f64) -> f32 {
        let t = (x - self.x.0) / (self.x.1 - self.x.0).max(f64::MIN_POSITIVE);
        self.rect.left() + t as f32 * self.rect.width()
    }

    /// Where a value stands up, kept within the plot.
    pub fn up(&self, y: f64) -> f32 {
        let at = match self.scale {
            Scale::Linear => y,
            // Further down than charts of losses go.
            Scale::Log => y.max(f64::MIN_POSITIVE).log10(),
        };
        let t = (at - self.y.0) / (self.y.1 - self.y.0).max(f64::MIN_POSITIVE);
        self.rect.bottom() - t.clamp(0.0, 1.0) as f32 * self.rect.height()
    }

    pub fn at(&self, x: f64, y: f64) -> Pos2 {
        pos2(self.across(x), self.up(y))
    }

    fn grid(&self, ui: &Ui, ticks: &Ticks) {
        let p = palette(ui);
        let painter = ui.painter();
        let font = || theme::regular(text::CAPTION);
        let mut up = self.scale.ticks(self.y.0, self.y.1);
        while up.len() as f32 * 22.0 > self.rect.height() && up.len() > 2 {
            // The lowest stays.
            up = up.into_iter().step_by(2).collect();
        }
        for v in up {
            let y = self.up(self.scale.from(v)).round() + 0.5;
            painter.hline(self.rect.x_range(), y, p.stroke(line::HAIR, p.line));
            let at = pos2(self.rect.left() - space::S, y);
            painter.text(at, Align2::RIGHT_CENTER, (ticks.y)(self.scale.from(v)), font(), p.ink3);
        }
        let bottom = self.rect.bottom().round() + 0.5;
        painter.hline(self.rect.x_range(), bottom, p.stroke(line::HAIR, p.line2));
        let y = self.rect.bottom() + space::XS;
        let name = fitted(ui, ticks.across.to_owned(), font(), p.ink3, self.rect.width());
        let free = self.rect.right() - name.size().x - space::S;
        let along = if ticks.whole { self.whole() } else { Scale::Linear.ticks(self.x.0, self.x.1) };
        let mut last = f32::NEG_INFINITY;
        for v in along {
            let x = self.across(v);
            let words = painter.layout_no_wrap((ticks.x)(v), font(), p.ink3);
            let left = x - words.size().x / 2.0;
            if left < last + space::S || left + words.size().x > free {
                continue;
            }
            last = left + words.size().x;
            painter.galley(pos2(left, y), words, p.ink3);
        }
        put(ui, self.rect.right() - name.size().x, y + name.size().y / 2.0, name);
    }

    /// Whole numbers across, in round steps that leave each room.
    fn whole(&self) -> Vec<f64> {
        const APART: f32 = 32.0;
        let one = self.rect.width() / (self.x.1 - self.x.0) as f32;
        let fits = |s: &f64| *s as f32 * one >= APART;
        let steps = (0..6).flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(e)));
        let step = steps.into_iter().find(fits).unwrap_or(1e6);
        let first = (self.x.0 / step).ceil() as i64;
        (first..).map(|i| i as f64 * step).take_while(|v| *v <= self.x.1).collect()
    }

    /// A curve through `points`, broken where one is missing.
    pub fn curve(&self, ui: &Ui, points: impl Iterator<Item = Option<(f64, f64)>>, colour: Color32) {
        let stroke = palette(ui).stroke(line::TRUNK, colour);
        let painter = ui.painter_at(self.rect.expand(2.0));
        let mut part: Vec<Pos2> = Vec::new();
        for point in points.chain([None]) {
            match point.map(|(x, y)| self.at(x, y)) {
                Some(at) if at.is_finite() => match part.last_mut() {
                    // Several on one pixel are one.
                    Some(last) if part_is_close(*last, at) => last.y = at.y,
                    _ => part.push(at),
                },
                _ => {
                    painter.add(Shape::line(std::mem::take(&mut part), stroke));
                }
            }
        }
    }

    /// A value's error, `±error`, as a line with two ends.
    pub fn error(&self, ui: &Ui, x: f64, y: f64, error: f64, colour: Color32) {
        let stroke = palette(ui).stroke(line::ICON, colour);
        let (at, high) = (self.across(x), self.up(y + error));
        let low =
            if y > error || self.scale == Scale::Linear { self.up(y - error) } else { self.rect.bottom() };
        ui.painter().vline(at, high..=low, stroke);
        for y in [high, low] {
            ui.painter().hline(at - 3.0..=at + 3.0, y, stroke);
        }
    }

    /// A dashed line across at `y`, with words over its right end.
    pub fn level(&self, ui: &Ui, y: f64, words: &str) {
        let p = palette(ui);
        let at = self.up(y);
        let ends = [pos2(self.rect.left(), at), pos2(self.rect.right(), at)];
        let stroke = p.stroke(line::HAIR, p.ink2);
        ui.painter().extend(Shape::dashed_line(&ends, stroke, line::DASH.0, line::DASH.1));
        let words = fitted(ui, words.to_owned(), theme::regular(text::CAPTION), p.ink2, self.rect.width());
        let at = pos2(self.rect.right() - words.size().x, at - words.size().y - 1.0);
        let ground = Rect::from_min_size(at, words.size()).expand2(vec2(2.0, 0.0));
        ui.painter().rect_filled(ground, 0.0, p.panel.gamma_multiply(0.8));
        ui.painter().galley(at, words, p.ink2);
    }
}

fn part_is_close(a: Pos2, b: Pos2) -> bool {
    b.x - a.x < 0.5
}

/// A bar with its value at the cap: the value is read, not the area.
pub fn bar(ui: &Ui, rect: Rect, colour: Color32, chosen: bool) {
    let alpha = if chosen { line::CHOSEN_ALPHA } else { line::FILL_ALPHA };
    ui.painter().rect_filled(rect, 0.0, colour.gamma_multiply(alpha));
    let cap = rect.with_max_y((rect.top() + line::CAP).min(rect.bottom().max(rect.top() + 1.0)));
    ui.painter().rect_filled(cap, 0.0, colour);
}

/// Names at the right ends of curves, moved apart where they would overlap; each `(y of its end, words, colour)`.
pub fn names(
    ui: &Ui,
    right: f32,
    room: f32,
    span: eframe::egui::Rangef,
    mut ends: Vec<(f32, String, Color32)>,
) {
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let galleys: Vec<_> = ends
        .into_iter()
        .map(|(y, words, colour)| (y, fitted(ui, words, theme::semibold(text::CAPTION), colour, room)))
        .collect();
    let mut places: Vec<f32> = Vec::new();
    for (y, galley) in &galleys {
        let high = galley.size().y;
        let free = places.last().map_or(span.min, |last| last + high);
        places.push((y - high / 2.0).max(free));
    }
    // What has run over the foot goes up again.
    let mut most = span.max;
    for (place, (_, galley)) in places.iter_mut().zip(&galleys).rev() {
        *place = place.min(most - galley.size().y);
        most = *place;
    }
    for (y, (_, galley)) in places.into_iter().zip(galleys) {
        ui.painter().galley(pos2(right, y), galley, palette(ui).ink);
    }
}

/// Name and look of a kind of network that is told apart from others by its skips and its batch norm.
pub fn kind(p: &Palette, skip: bool, batch_norm: bool) -> (String, Color32, Mark) {
    let (colour, mark) = match (skip, batch_norm) {
        (false, false) => (p.lane_b, Mark::Square),
        (false, true) => (p.lane_d, Mark::Diamond),
        (true, false) => (p.lane_c, Mark::Triangle),
        (true, true) => (p.lane_a, Mark::Circle),
    };
    let name = if skip { i18n::identity_skip() } else { i18n::identity_plain() };
    (if batch_norm { format!("{name} + BN") } else { name.to_owned() }, colour, mark)
}

/// A norm on a logarithmic axis, `10⁻³` or `2×10⁻³`.
pub fn decade(v: f64) -> String {
    let exponent = v.log10();
    let whole = (exponent - exponent.round()).abs() < 1e-6;
    if whole { numbers::power_of_ten(exponent.round() as i32) } else { numbers::scientific(v, 0) }
}

/// A whole number on an axis.
pub fn whole(v: f64) -> String {
    numbers::axis_step(v)
}
