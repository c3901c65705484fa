//! How the network is trained. What can change while it runs takes effect at the next step; the rest
//! waits for a build.

use super::super::form::RESIZED;
use super::super::i18n;
use super::super::numbers::{self, UNKNOWN};
use super::super::state::{AppState, classes};
use super::super::theme::{self, line, palette, space, text};
use super::super::widgets::{caption, cells, chip, number, pair, segmented, slider};
use super::thumbs;
use crate::model::ModelSpec;
use crate::session::{Command, EngineKind, Snapshot};
use crate::train::{Augment, Init, Recipe, Schedule};
use eframe::egui::{Align, Label, Layout, RichText, Sense, Shape, Stroke, Ui, pos2, vec2};

/// Range of the learning rate's slider; other values can come from a recipe file.
const LEARNING_RATES: std::ops::RangeInclusive<f32> = 1e-4..=1.0;

pub fn group(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let before = state.form.recipe.clone();
    caption(ui, i18n::recipe(), "");
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        learning_rate(ui, state, snapshot);
        fields(ui, &mut state.form.recipe);
    });
    choices(ui, state);
    resize(ui, state, snapshot);
    if state.album.augmented && state.form.recipe.augment == Augment::CropFlip {
        augmented(ui, state, snapshot);
    }
    if state.engines {
        engine(ui, state);
    }
    if state.form.recipe != before {
        state.touch();
    }
}

fn learning_rate(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let recipe = &mut state.form.recipe;
    let rate = numbers::learning_rate(recipe.lr);
    pair(ui, i18n::learning_rate(), &rate, "", i18n::learning_rate_hint());
    slider(ui, &mut recipe.lr, LEARNING_RATES, i18n::learning_rate())
        .on_hover_text(i18n::learning_rate_hint());
    ui.add_space(space::XS);
    let width = ui.available_width();
    segmented(
        ui,
        &mut recipe.schedule,
        &[
            (Schedule::Constant, i18n::schedule_constant(), i18n::schedule_constant_hint()),
            (Schedule::Step, i18n::schedule_step(), i18n::schedule_step_hint()),
            (Schedule::Cosine, i18n::schedule_cosine(), i18n::schedule_cosine_hint()),
        ],
        Some(width),
    );
    if recipe.schedule != Schedule::Constant {
        schedule_plot(ui, recipe, snapshot);
    }
}

/// The learning rate from first to last step; filled up to now.
fn schedule_plot(ui: &mut Ui, recipe: &Recipe, snapshot: &Snapshot) {
    const POINTS: u64 = 96;
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
    let rect = rect.shrink2(vec2(0.0, space::XS));
    let top = recipe.lr.max(f32::MIN_POSITIVE);
    let at = |i: u64| {
        let rate = recipe.lr_at(i, POINTS);
        pos2(
            rect.left() + rect.width() * i as f32 / POINTS as f32,
            rect.bottom() - rect.height() * (rate / top).clamp(0.0, 1.0),
        )
    };
    let now = snapshot.step.min(snapshot.total_steps) as f32 / snapshot.total_steps.max(1) as f32;
    let now = (now * POINTS as f32) as u64;
    for i in 0..now {
        let (a, b) = (at(i), at(i + 1));
        let quad = vec![a, b, pos2(b.x, rect.bottom()), pos2(a.x, rect.bottom())];
        ui.painter().add(Shape::convex_polygon(quad, p.line, Stroke::NONE));
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), p.stroke(line::HAIR, p.line2));
    let curve: Vec<_> = (0..=POINTS).map(at).collect();
    ui.painter().add(Shape::line(curve, p.stroke(line::ICON, p.ink2)));
    ui.painter().circle_filled(at(now), 4.0, p.ink);
    response.on_hover_text(i18n::schedule_plot_hint());
}

fn fields(ui: &mut Ui, r: &mut Recipe) {
    let whole = |v: f64| numbers::grouped(v.max(0.0) as u64);
    number(ui, i18n::batch(), &mut r.batch, 1..=4096, 0.5, whole, i18n::batch_hint());
    number(ui, i18n::momentum(), &mut r.momentum, 0.0..=0.9999, 0.005, numbers::hyper, i18n::momentum_hint());
    number(
        ui,
        i18n::weight_decay(),
        &mut r.weight_decay,
        0.0..=10.0,
        1e-5,
        numbers::hyper,
        i18n::weight_decay_hint(),
    );
    number(ui, i18n::epochs(), &mut r.epochs, 1..=10_000, 0.1, whole, i18n::epochs_hint());
    number(ui, i18n::seed(), &mut r.seed, 0..=u64::from(u32::MAX), 0.1, whole, i18n::seed_hint());
    ui.horizontal(|ui| {
        ui.label(RichText::new(i18n::init()).color(palette(ui).ink2));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            segmented(
                ui,
                &mut r.init,
                &[
                    (Init::Torch, i18n::init_torch(), i18n::init_torch_hint()),
                    (Init::He, i18n::init_he(), i18n::init_he_hint()),
                    (Init::Fixup, i18n::init_fixup(), i18n::init_fixup_hint()),
                ],
                None,
            );
        });
    });
}

fn choices(ui: &mut Ui, state: &mut AppState) {
    let r = &mut state.form.recipe;
    ui.horizontal_wrapped(|ui| {
        let mut augment = r.augment == Augment::CropFlip;
        if chip(ui, &mut augment, i18n::augment()).on_hover_text(i18n::augment_hint()).changed() {
            r.augment = if augment { Augment::CropFlip } else { Augment::None };
        }
        chip(ui, &mut r.nesterov, i18n::nesterov()).on_hover_text(i18n::nesterov_hint());
        if augment {
            chip(ui, &mut state.album.augmented, i18n::preview()).on_hover_text(i18n::preview_hint());
        }
    });
}

/// What computes the network, where there is a choice.
fn engine(ui: &mut Ui, state: &mut AppState) {
    let before = state.engine;
    let all = [
        (EngineKind::Own, i18n::engine_own(), i18n::engine_own_hint()),
        (EngineKind::Burn, i18n::engine_burn(), i18n::engine_burn_hint()),
        (EngineKind::BurnCpu, i18n::engine_burn_cpu(), i18n::engine_burn_cpu_hint()),
    ];
    let word = RichText::new(i18n::engine()).color(palette(ui).ink2);
    ui.label(word).on_hover_text(i18n::engine_hint());
    let width = ui.available_width();
    segmented(ui, &mut state.engine, &all, Some(width));
    if state.engine != before {
        state.send(Command::Engine(state.engine));
        state.touch();
    }
}

/// Resizing as in the article's demonstration, and what it costs, before it is built.
fn resize(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    let Some(native) = state.form.native_input().filter(|side| *side < RESIZED) else { return };
    let mut resized = state.form.spec.input_size == RESIZED;
    if chip(ui, &mut resized, i18n::resize()).on_hover_text(i18n::resize_hint()).changed() {
        state.form.set_input(if resized { RESIZED } else { native });
        state.touch();
    }
    let spec = state.form.spec_for(classes(snapshot));
    let built = snapshot.model.as_ref().is_some_and(|m| m.spec.input_size == RESIZED);
    if !resized || built || spec.validate().is_err() {
        return;
    }
    let small = ModelSpec { input_size: native, ..spec.clone() };
    let macs = state.sketch(&spec).map(|s| s.macs);
    let small = state.sketch(&small).map(|s| s.macs);
    let (Some(macs), Some(small)) = (macs, small) else { return };
    let steady = !ui.input(|i| i.pointer.any_down());
    let need = state.need(&spec, steady).map_or(UNKNOWN.into(), |need| {
        let (value, unit) = numbers::bytes(need.bytes + AppState::picture_bytes(snapshot));
        format!("{value} {unit}")
    });
    let step = state.step_seconds(macs, snapshot);
    let step = step.map_or(UNKNOWN.into(), |s| i18n::about(numbers::duration(s)));
    let times = numbers::grouped((macs as f64 / small.max(1) as f64).round() as u64);
    let words = RichText::new(i18n::resize_cost(times, need, step)).font(theme::regular(text::CAPTION));
    ui.add(Label::new(words.color(palette(ui).ink2)).wrap());
}

/// Training pictures as the network gets them, cropped and flipped anew with every look.
fn augmented(ui: &mut Ui, state: &mut AppState, snapshot: &Snapshot) {
    const COUNT: usize = 5;
    let Some(data) = &snapshot.data else { return };
    let records: Vec<u32> =
        data.samples.iter().filter_map(|of| of.get(1).or(of.first()).copied()).take(COUNT).collect();
    state.looks.augmented = true;
    let wide = ui.available_width();
    let side = (wide - (COUNT - 1) as f32 * space::XS) / COUNT as f32;
    let (rect, response) = ui.allocate_exact_size(vec2(wide, side), Sense::hover());
    for (index, cell) in records.iter().zip(cells(ui, rect, COUNT, COUNT, space::XS)) {
        thumbs::draw(ui, state, snapshot, thumbs::training(*index), cell);
    }
    response.on_hover_text(i18n::preview_hint());
}
