//! H(x) = F(x) + x with this block's numbers, and why F(x) ≈ 0 is easily learned.

use super::super::super::theme::{self, palette, space, text};
use super::super::super::widgets::two_tone;
use super::super::super::{i18n, numbers};
use super::{against, chain};
use crate::session::CloseUp;
use eframe::egui::{CollapsingHeader, Grid, RichText, Ui, vec2};

/// The formula, its numbers and the reason, `width` wide.
pub fn show(ui: &mut Ui, close: &CloseUp) {
    let p = palette(ui);
    let skip = against::skip_stage(close);
    let large = theme::semibold(text::RESULT);
    let mut parts = vec![("H(x) = ", large.clone(), p.ink), ("F(x)", large.clone(), p.f_branch)];
    if skip.is_some() {
        parts.push((" + ", large.clone(), p.ink));
        parts.push((against::skip_name(close), large, p.skip));
    }
    ui.label(two_tone(&parts));
    let body = |words: &str| RichText::new(words.to_owned()).font(theme::regular(text::BODY)).color(p.ink2);
    ui.label(body(if skip.is_some() {
        i18n::scope_formula_then()
    } else {
        i18n::scope_formula_plain_then()
    }));
    ui.add_space(space::S);
    let branch = chain::branch(close).map(|s| s.moments.rms());
    let value = |v: Option<f32>| v.map_or(numbers::UNKNOWN.into(), numbers::ratio);
    let rows = [
        (i18n::scope_rms_of("F(x)"), value(branch), p.f_branch),
        (i18n::scope_rms_of(against::skip_name(close)), value(skip.map(|s| s.moments.rms())), p.skip),
        (i18n::scope_ratio_name().into(), value(close.ratio), p.ink2),
        (i18n::scope_share_name().into(), value(skip.map(|_| close.share)), p.ink2),
    ];
    let residual = skip.is_some();
    Grid::new("formula").min_row_height(0.0).spacing(vec2(space::XL, space::XS)).show(ui, |ui| {
        for (i, (name, value, ink)) in rows.into_iter().enumerate() {
            if !residual && i > 0 {
                continue;
            }
            ui.label(RichText::new(name).font(theme::regular(text::BODY)).color(ink));
            ui.label(RichText::new(value).font(theme::semibold(text::BODY)).color(p.ink));
            ui.end_row();
        }
    });
    ui.label(RichText::new(i18n::scope_one_image()).font(theme::regular(text::CAPTION)).color(p.ink3));
    ui.add_space(space::S);
    let title = RichText::new(i18n::scope_why_title()).font(theme::semibold(text::BODY)).color(p.ink);
    CollapsingHeader::new(title).id_salt("why residual").default_open(true).show_unindented(ui, |ui| {
        ui.label(body(i18n::scope_why()));
        ui.label(RichText::new(i18n::scope_cite()).font(theme::regular(text::CAPTION)).color(p.ink3));
    });
}
