//! From the sum of all channels to the ReLU: one line an operation, each adding up as displayed.

use super::super::super::theme::{self, Palette, line, palette, space, text};
use super::super::super::{i18n, numbers};
use super::adding::{self, Line, Shown};
use super::branch::Chain;
use super::chain;
use crate::session::{Worked, WorkedConv};
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Align, Align2, Color32, FontId, Sense, Ui, pos2, vec2};

/// Room for an operation's name, left of its line.
const NAME: f32 = 56.0;

/// The lines under each other, `width` wide.
pub fn show(ui: &mut Ui, chain: &Chain<'_>, worked: &Worked, conv: &WorkedConv, width: f32) {
    let p = palette(ui);
    ui.spacing_mut().item_spacing.y = space::XS;
    let all = adding::channels(conv);
    row(ui, i18n::scope_sum_of_all(), &[(&all.sum.text(), theme::semibold(text::HEADLINE), p.ink)], width);
    if let Some(others) = all.others {
        let mut terms =
            i18n::scope_one_and_others(all.one.text(), others.term(), conv.contributions.len() - 1);
        if let Some(r) = all.rounding {
            terms = format!("{terms} {}", i18n::scope_with_rounding(r.term()));
        }
        row(ui, "", &[(&terms, theme::regular(text::CAPTION), p.ink3)], width);
    }
    let mut value = all.sum;
    if let Some(norm) = &worked.norm {
        let line = adding::norm(value, norm);
        value = line.result;
        let name = norm_name(chain, conv, norm.mean_sigma.is_some());
        formula(ui, &name, &line, width);
    }
    if let Some((alpha, shortcut, sum)) = worked.sum {
        let line = adding::sum(alpha, shortcut, value, sum);
        value = line.result;
        formula(ui, i18n::scope_alpha_x_plus_f(), &line, width);
    }
    if let Some(relu) = worked.relu {
        rule(ui, width);
        let relu = if value.value() <= 0.0 { Shown::of(0.0, 2) } else { Shown::of(relu, 2) };
        let note = if value.value() <= 0.0 { i18n::scope_below_zero() } else { "" };
        let parts = [
            (note, theme::regular(text::CAPTION), p.ink3),
            (&relu.text(), theme::semibold(text::RESULT), p.ink),
        ];
        row(ui, "ReLU", &parts, width);
    }
}

/// The batch norm behind the convolution that was worked out.
fn norm_name(chain: &Chain<'_>, conv: &WorkedConv, batch: bool) -> String {
    // It stands two stages behind what the convolution reads, except on the shortcut's way.
    let stages = &chain.close.stages;
    let behind =
        stages.iter().skip(conv.input_stage + 1).find(|s| matches!(s.role, crate::session::Role::Norm(_)));
    match behind {
        Some(s) if batch => chain::short(&s.layer).to_owned(),
        _ if batch => "BN".into(),
        _ => "+ b".into(),
    }
}

fn formula(ui: &mut Ui, name: &str, line: &Line, width: f32) {
    let p = palette(ui);
    rule(ui, width);
    let rounding =
        line.rounding.map_or(String::new(), |r| format!(" {}", i18n::scope_with_rounding(r.term())));
    let result = format!(" =\u{a0}{}", line.result.text());
    let parts = [
        (line.terms.as_str(), theme::regular(text::BODY), p.ink),
        (&rounding, theme::regular(text::CAPTION), p.ink3),
        (&result, theme::semibold(text::BODY), p.ink),
    ];
    row(ui, name, &parts, width);
}

/// A name left and, in what is left of `width`, text that ends at the right edge.
fn row(ui: &mut Ui, name: &str, parts: &[(&str, FontId, Color32)], width: f32) {
    let p = palette(ui);
    let mut job = LayoutJob { halign: Align::RIGHT, ..LayoutJob::default() };
    for (part, font, ink) in parts {
        job.append(part, 0.0, TextFormat { valign: Align::BOTTOM, ..TextFormat::simple(font.clone(), *ink) });
    }
    job.wrap.max_width = if name.is_empty() { width } else { width - NAME };
    let galley = ui.fonts_mut(|f| f.layout_job(job));
    let (rect, _) = ui.allocate_exact_size(vec2(width, galley.size().y), Sense::hover());
    let first = galley.rows.first().map_or(0.0, |r| r.size.y);
    let at = pos2(rect.left(), rect.top() + first / 2.0);
    ui.painter().text(at, Align2::LEFT_CENTER, name, theme::regular(text::BODY), p.ink2);
    ui.painter().galley(rect.right_top(), galley, p.ink);
}

fn rule(ui: &mut Ui, width: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(width, line::HAIR), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, palette(ui).stroke(line::HAIR, palette(ui).line));
}

/// How well the GPU's value agrees with the one in f64, and in which ink to say so.
pub fn checked(deviation: f64, p: &Palette) -> (String, Color32) {
    if deviation.is_nan() || deviation > 0.01 {
        let off =
            if deviation.is_finite() { numbers::percent(deviation as f32) } else { numbers::UNKNOWN.into() };
        (i18n::scope_deviates(&off), p.warn)
    } else if deviation == 0.0 {
        (i18n::scope_exactly_equal().into(), p.ink3)
    } else {
        (i18n::scope_equal_digits((-deviation.log10()).floor() as usize), p.ink3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_is_said_in_digits() {
        let p = &theme::DARK;
        assert!(checked(3e-7, p).0.contains('6'));
        assert_eq!(checked(0.0, p).1, p.ink3);
        assert_eq!(checked(0.2, p).1, p.warn);
        assert_eq!(checked(f64::NAN, p).1, p.warn);
    }
}
