//! One layer of the check: all its comparisons, its weights to choose one of, and that weight's slope.

use super::super::super::super::colourmap::ColourMap;
use super::super::super::super::i18n;
use super::super::super::super::numbers::{self, UNKNOWN};
use super::super::super::super::theme::{self, line, palette, size, space, text};
use super::super::super::super::widgets::{divider, number, raised_button, segmented};
use super::super::plot::{Painted, note, titled};
use super::{Ask, LayerChecks, TrustUi, quantity, relative, right};
use crate::lab::trust::{Check, Difference, Trusted};
use crate::model::{Param, ParamKind};
use eframe::egui::{
    Color32, ColorImage, CornerRadius, Grid, Image, Rect, RichText, Role, ScrollArea, Sense, StrokeKind,
    TextureOptions, Ui, WidgetInfo, pos2, vec2,
};

/// Height of the picture of a parameter's values, at most, and of a row of them.
const VALUES: f32 = 120.0;
const ROW: f32 = 14.0;

/// The panel, `height` high.
pub fn panel(
    ui: &mut Ui,
    looked: &mut TrustUi,
    found: &Trusted,
    layer: Option<&LayerChecks<'_>>,
    height: f32,
) -> Option<Ask> {
    let p = palette(ui);
    let Some(layer) = layer else {
        titled(ui, (i18n::trust_layer(), ""), p.ink, i18n::trust_waiting(), Some(height), |_| (), |_| ());
        return None;
    };
    let mut ask = None;
    let title = (layer.name, i18n::trust_layer_hint());
    titled(
        ui,
        title,
        p.ink,
        i18n::trust_layer_about(),
        Some(height),
        |_| (),
        |ui| {
            ScrollArea::horizontal().show(ui, |ui| table(ui, &layer.checks));
            ask = slope(ui, looked, found, layer.name);
        },
    );
    ask
}

fn caption(words: impl Into<String>, ink: Color32) -> RichText {
    RichText::new(words).font(theme::regular(text::CAPTION)).color(ink)
}

fn table(ui: &mut Ui, checks: &[&Check]) {
    let p = palette(ui);
    ui.spacing_mut().interact_size.y = 0.0;
    let grid = Grid::new("checks").num_columns(6).min_row_height(18.0).spacing([space::M, 2.0]);
    grid.show(ui, |ui| {
        ui.label(caption(i18n::trust_compared(), p.ink3));
        for (name, hint) in [
            (i18n::trust_deviation_name(), i18n::trust_deviation_hint()),
            (i18n::trust_allowed_name(), i18n::trust_allowed_hint()),
            ("", ""),
            (i18n::trust_drift(), i18n::trust_drift_hint()),
        ] {
            ui.label(caption(name, p.ink3)).on_hover_text(hint);
        }
        // The last column takes what is left.
        ui.label("");
        ui.end_row();
        for check in checks {
            ui.label(RichText::new(quantity(check.quantity)).color(p.ink2));
            let value = |v: f64| RichText::new(relative(v)).font(theme::semibold(text::BODY));
            right(ui, value(check.deviation).color(p.ink));
            right(ui, value(check.tolerance).font(theme::regular(text::BODY)).color(p.ink2));
            let (word, ink) = if check.passed() {
                (i18n::trust_within().to_owned(), p.ink2)
            } else {
                (format!("▲ {}", i18n::trust_too_far()), p.warn)
            };
            ui.label(RichText::new(word).color(ink));
            let drift = check.drift.map_or(UNKNOWN.into(), relative);
            right(ui, RichText::new(drift).color(p.ink3));
            ui.label("");
            ui.end_row();
        }
    });
}

/// The weights of the layer, one of them chosen, and what is known of its slope.
fn slope(ui: &mut Ui, looked: &mut TrustUi, found: &Trusted, layer: &str) -> Option<Ask> {
    let p = palette(ui);
    let mine: Vec<(usize, Param)> = {
        let graph = &looked.found.as_ref()?.graph;
        let of =
            |(_, q): &(usize, &Param)| q.name.strip_prefix(layer).is_some_and(|rest| rest.starts_with('.'));
        graph.params.iter().enumerate().filter(of).map(|(i, q)| (i, q.clone())).collect()
    };
    divider(ui);
    let heading = RichText::new(i18n::trust_slope()).font(theme::semibold(text::BODY)).color(p.ink);
    if mine.is_empty() {
        ui.label(heading).on_hover_text(i18n::trust_slope_hint());
        note(ui, i18n::trust_no_weights());
        return None;
    }
    looked.parameter = looked.parameter.min(mine.len() - 1);
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = theme::control(ui, size::CONTROL);
        ui.label(heading).on_hover_text(i18n::trust_slope_hint());
        if mine.len() > 1 {
            let names: Vec<String> = mine.iter().map(|(_, q)| short(q)).collect();
            let choices: Vec<(usize, &str, &str)> = names
                .iter()
                .enumerate()
                .map(|(i, n)| (i, n.as_str(), i18n::trust_parameter_hint()))
                .collect();
            if segmented(ui, &mut looked.parameter, &choices, None).changed() {
                looked.index = 0;
            }
        }
    });
    let (at, param) = &mine[looked.parameter];
    let values = found.weights.get(*at)?;
    looked.index = looked.index.min(values.len().saturating_sub(1));
    picture(ui, looked, param, values);
    let mut ask = None;
    ui.horizontal(|ui| {
        let last = values.len().saturating_sub(1);
        ui.allocate_ui(vec2(180.0, size::CONTROL), |ui| {
            let write = |v: f64| numbers::grouped(v.max(0.0) as u64);
            number(
                ui,
                i18n::trust_index(),
                &mut looked.index,
                0..=last,
                0.2,
                write,
                i18n::trust_index_hint(),
            );
        });
        if raised_button(ui, i18n::trust_measure(), None, true)
            .on_hover_text(i18n::trust_measure_hint())
            .clicked()
        {
            ask = Some(Ask::Slope { parameter: param.name.clone(), index: looked.index });
        }
    });
    let known = found.report.slopes.iter().rev();
    let known = known.filter(|s| s.parameter == param.name).find(|s| s.index == looked.index);
    let value = values.get(looked.index).copied().unwrap_or_default();
    differences(ui, &param.name, looked.index, value, known);
    ask
}

/// What a parameter is called inside its layer.
fn short(param: &Param) -> String {
    let name = param.name.rsplit('.').next().unwrap_or(&param.name);
    match param.kind {
        ParamKind::Gamma => format!("{name} (γ)"),
        ParamKind::Beta => format!("{name} (β)"),
        _ => name.to_owned(),
    }
}

/// A parameter's values, an output channel a row; a click chooses one.
fn picture(ui: &mut Ui, looked: &mut TrustUi, param: &Param, values: &[f32]) {
    let p = palette(ui);
    let dark = ui.visuals().dark_mode;
    let (rows, columns) = match param.shape.split_first() {
        Some((rows, rest)) if !rest.is_empty() => (*rows, rest.iter().product::<usize>().max(1)),
        _ => (1, values.len().max(1)),
    };
    let most = values.iter().fold(f32::MIN_POSITIVE, |m, v| m.max(v.abs()));
    let drawn = looked.drawn.as_ref().is_some_and(|(name, d, _)| *name == param.name && *d == dark);
    if !drawn {
        let map = ColourMap::div(dark);
        let pixels = values.iter().map(|v| map.at(0.5 + v / (2.0 * most))).collect();
        let image = ColorImage::new([columns, rows], pixels);
        let texture = ui.ctx().load_texture("weights", image, TextureOptions::NEAREST);
        looked.drawn = Some((param.name.clone(), dark, Painted(texture)));
    }
    let Some((_, _, texture)) = &looked.drawn else { return };
    let high = (rows as f32 * ROW).min(VALUES);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), high), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, i18n::trust_weights_of(&param.name)));
    Image::new(&texture.0).paint_at(ui, rect);
    let cell = |index: usize| {
        let (w, h) = (rect.width() / columns as f32, rect.height() / rows as f32);
        let at = pos2(rect.left() + (index % columns) as f32 * w, rect.top() + (index / columns) as f32 * h);
        Rect::from_min_size(at, vec2(w, h))
    };
    let ring = Rect::from_center_size(
        cell(looked.index).center(),
        cell(looked.index).size().max(theme::square(8.0)),
    );
    ui.painter().rect_stroke(ring, CornerRadius::same(1), p.stroke(line::TRUNK, p.ink), StrokeKind::Outside);
    let pointed = response.hover_pos().map(|at| {
        let x = ((at.x - rect.left()) / rect.width() * columns as f32) as usize;
        let y = ((at.y - rect.top()) / rect.height() * rows as f32) as usize;
        y.min(rows - 1) * columns + x.min(columns - 1)
    });
    if let Some(index) = pointed {
        if response.clicked() {
            looked.index = index;
        }
        let value = values.get(index).copied().unwrap_or_default();
        let words = format!("{}[{}] = {}", param.name, subscript(&param.shape, index), exact(value.into()));
        response.on_hover_text_at_pointer(words);
    }
    note(ui, &i18n::trust_weights_about(shape(&param.shape), numbers::axis_value(f64::from(most))));
}

/// `[16, 3, 3, 3]`.
fn shape(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", sizes.join(", "))
}

/// Where scalar `index` stands in PyTorch's layout: `4, 0, 1, 2`.
fn subscript(shape: &[usize], index: usize) -> String {
    let mut rest = index;
    let mut at: Vec<String> = Vec::new();
    for &size in shape.iter().rev() {
        at.push((rest % size.max(1)).to_string());
        rest /= size.max(1);
    }
    at.reverse();
    at.join(", ")
}

/// With the digits that single precision has.
fn exact(v: f64) -> String {
    if v == 0.0 || !v.is_finite() { numbers::fixed(v, 0) } else { numbers::scientific(v, 6) }
}

/// The gradient three ways, with a verdict that the numbers carry.
fn differences(ui: &mut Ui, name: &str, index: usize, value: f32, found: Option<&Difference>) {
    let p = palette(ui);
    let Some(d) = found else {
        return note(
            ui,
            &i18n::trust_not_measured(name, numbers::grouped(index as u64), exact(value.into())),
        );
    };
    ui.spacing_mut().interact_size.y = 0.0;
    Grid::new("slope").num_columns(2).min_row_height(18.0).spacing([space::L, 2.0]).show(ui, |ui| {
        let h = numbers::hyper(d.h);
        for (words, value, ink) in [
            (i18n::trust_by_gpu().to_owned(), d.gpu, p.grad),
            (i18n::trust_by_reference().to_owned(), d.reference, p.ink),
            (i18n::trust_by_h(&h), d.by_h, p.ink),
            (i18n::trust_by_half().to_owned(), d.by_half, p.ink),
        ] {
            ui.label(RichText::new(words).color(p.ink2));
            right(ui, RichText::new(exact(value)).font(theme::semibold(text::BODY)).color(ink));
            ui.end_row();
        }
    });
    let off = |v: f64| (v - d.by_half).abs() / d.by_half.abs().max(f64::MIN_POSITIVE);
    if d.kink {
        note(ui, &i18n::trust_kink(numbers::hyper(d.h)));
    } else if d.by_half == 0.0 {
        note(ui, i18n::trust_flat());
    } else {
        note(ui, &i18n::trust_apart(relative(off(d.gpu)), relative(off(d.reference))));
    }
}
