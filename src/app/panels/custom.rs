//! A network that is in no table: blocks, width and what they are made of.

use super::super::i18n;
use super::super::numbers;
use super::super::state::AppState;
use super::super::theme::{self, palette, space, text};
use super::super::widgets::{chip, number, segmented};
use crate::model::{Alpha, BlockKind, MOST_WIDTH, ModelSpec, Stem};
use crate::session::{Command, Snapshot, Whom};
use eframe::egui::{Align, Align2, Layout, RichText, TextEdit, Ui};

/// Width of the field that blocks are typed into.
const FIELD: f32 = 112.0;

/// Edits the form's specification. Every change takes effect in the numbers above at once.
pub fn group(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let mut spec = state.form.spec.clone();
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        blocks(ui, &mut spec);
        let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
        number(ui, i18n::width(), &mut spec.width, 1..=MOST_WIDTH, 0.5, whole, i18n::width_hint());
        let pixels = |v: f64| format!("{v:.0} px");
        number(ui, i18n::input_size(), &mut spec.input_size, 4..=512, 1.0, pixels, i18n::input_size_hint());
        let kinds = [
            (BlockKind::Basic, i18n::block_basic(), i18n::block_basic_hint()),
            (BlockKind::Bottleneck, i18n::block_bottleneck(), i18n::block_bottleneck_hint()),
        ];
        choice(ui, i18n::block_shape(), i18n::block_shape_hint(), |ui| {
            segmented(ui, &mut spec.block, &kinds, None);
        });
        let stems = [
            (Stem::Cifar, i18n::stem_cifar(), i18n::stem_cifar_hint()),
            (Stem::Imagenet, i18n::stem_imagenet(), i18n::stem_imagenet_hint()),
        ];
        choice(ui, i18n::stem(), i18n::stem_hint(), |ui| {
            segmented(ui, &mut spec.stem, &stems, None);
        });
        if spec.is_residual() {
            alpha(ui, &mut spec);
        }
        chip(ui, &mut spec.batch_norm, i18n::batch_norm()).on_hover_text(i18n::batch_norm_hint());
    });
    // A plain network that is built has no α to be changed on the way.
    let live = snapshot.model.as_ref().is_some_and(|m| m.spec.is_residual());
    if spec.alpha != state.form.spec.alpha
        && live
        && let Alpha::All(alpha) = spec.alpha
    {
        state.send(Command::SetAlpha { whom: Whom::Network, alpha });
    }
    if spec != state.form.spec {
        state.form.set_spec(spec);
        state.touch();
    }
}

fn choice(ui: &mut Ui, name: &str, hint: &str, control: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).color(palette(ui).ink2)).on_hover_text(hint);
        ui.with_layout(Layout::right_to_left(Align::Center), control);
    });
}

/// Blocks of each stage, typed as `2 2 2 2`.
fn blocks(ui: &mut Ui, spec: &mut ModelSpec) {
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new(i18n::blocks()).color(palette(ui).ink2));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let id = ui.scope_id().with("blocks");
            let written = spec.blocks.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
            // What is being typed need not be a network yet.
            let mut typed = ui.data(|d| d.get_temp::<String>(id)).unwrap_or(written);
            let field = TextEdit::singleline(&mut typed)
                .font(theme::semibold(text::BODY))
                .align(Align2::RIGHT_CENTER)
                .desired_width(FIELD);
            let response = ui.add(field).labelled_by(label.id).on_hover_text(i18n::blocks_hint());
            if response.changed()
                && let Some(blocks) = parse(&typed)
            {
                spec.blocks = blocks;
                // What each block had says nothing about other blocks.
                spec.alpha = Alpha::All(spec.alpha.of(0));
                spec.beta = Alpha::All(1.0);
            }
            let typing = response.has_focus();
            ui.data_mut(|d| {
                if typing {
                    d.insert_temp(id, typed);
                } else {
                    d.remove::<String>(id);
                }
            });
        });
    });
}

/// One to six stages, each of at least one block.
fn parse(typed: &str) -> Option<Vec<usize>> {
    let parts = typed.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty());
    let blocks: Vec<usize> = parts.map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let sound = (1..=6).contains(&blocks.len()) && blocks.iter().all(|b| (1..=200).contains(b));
    sound.then_some(blocks)
}

/// α of all blocks; where each has its own, that is said, and one value replaces them all.
fn alpha(ui: &mut Ui, spec: &mut ModelSpec) {
    let mut value = spec.alpha.of(0);
    let before = value;
    number(ui, i18n::alpha(), &mut value, -2.0..=2.0, 0.01, numbers::hyper, i18n::alpha_hint());
    if value != before {
        spec.alpha = Alpha::All(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_however_they_are_parted() {
        for typed in ["2 2 2 2", "2,2,2,2", " 2-2 - 2-2 "] {
            assert_eq!(parse(typed), Some(vec![2; 4]));
        }
        for typed in ["", "0 1", "1 2 3 4 5 6 7", "201", "99999999999999999999"] {
            assert_eq!(parse(typed), None, "{typed}");
        }
    }
}
