//! What really runs for one layer: its kernels, how they are dispatched, on what, how long, and their source.

use super::super::super::super::i18n;
use super::super::super::super::numbers;
use super::super::super::super::theme::{self, line, palette, radius, space, text};
use super::super::super::super::widgets::raised_button;
use super::super::super::network::fitted;
use super::super::plot::{note, titled};
use super::{Ask, LayerChecks, TrustUi};
use crate::engine::program::Phase;
use crate::lab::trust::{Launch, Trusted};
use crate::session::{Profile, SlicePhase};
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align2, CornerRadius, Frame, Label, Margin, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2,
};

/// Height of a kernel's row.
const ROW: f32 = 24.0;
/// Room for the line numbers.
const NUMBERS: f32 = 32.0;

/// The panel, `height` high.
pub fn panel(
    ui: &mut Ui,
    looked: &mut TrustUi,
    found: &Trusted,
    profile: Option<&Profile>,
    layer: Option<&LayerChecks<'_>>,
    height: f32,
) -> Option<Ask> {
    let p = palette(ui);
    let mut ask = None;
    let title = (i18n::trust_kernels(), i18n::trust_kernels_hint());
    let about = i18n::trust_kernels_about(found.batch);
    let options = |ui: &mut Ui| {
        let button = raised_button(ui, i18n::trust_times(), None, false);
        if button.on_hover_text(i18n::trust_times_hint()).clicked() {
            ask = Some(Ask::Times);
        }
    };
    let name = layer.map_or("", |l| l.name);
    titled(ui, title, p.ink, &about, Some(height), options, |ui| {
        let chosen = looked.launch;
        let Some(kept) = &looked.found else { return };
        let mine: Vec<&Launch> = kept.launches.iter().filter(|l| belongs(l, name)).collect();
        let chosen = chosen.min(mine.len().saturating_sub(1));
        let mut picked = chosen;
        for (i, launch) in mine.iter().enumerate() {
            if row(ui, launch, times(profile, launch), i == chosen) {
                picked = i;
            }
        }
        if let Some(launch) = mine.get(chosen) {
            ui.add_space(space::XS);
            details(ui, launch);
            source(ui, launch.source, name);
        }
        looked.launch = picked;
    });
    ask
}

/// The update is one kernel for all parameters.
fn belongs(launch: &Launch, layer: &str) -> bool {
    launch.layer == layer
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Forward => i18n::phase_forward(),
        Phase::Loss => i18n::phase_loss(),
        Phase::Backward => i18n::phase_backward(),
        Phase::Update => i18n::phase_update(),
        Phase::Probe => i18n::trust_phase_probe(),
    }
}

/// Seconds that the launch's layer took in its part of the step.
fn times(profile: Option<&Profile>, launch: &Launch) -> Option<f32> {
    let part = match launch.phase {
        Phase::Forward | Phase::Probe => SlicePhase::Forward,
        Phase::Loss => SlicePhase::Loss,
        Phase::Backward => SlicePhase::Backward,
        Phase::Update => SlicePhase::Update,
    };
    profile?.layers.iter().find(|(layer, p, _)| *layer == launch.layer && *p == part).map(|l| l.2)
}

/// One kernel; whether it was pressed.
fn row(ui: &mut Ui, launch: &Launch, time: Option<f32>, chosen: bool) -> bool {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let spoken = format!("{}: {}", phase(launch.phase), launch.kernel);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, &spoken));
    if chosen || response.hovered() {
        ui.painter().rect_filled(rect, CornerRadius::same(radius::CONTROL), p.raised);
    }
    let small = || theme::regular(text::CAPTION);
    let y = rect.center().y;
    let backward = launch.phase == Phase::Backward;
    let ink = if backward { p.grad } else { p.ink2 };
    ui.painter().text(
        pos2(rect.left() + space::S, y),
        Align2::LEFT_CENTER,
        phase(launch.phase),
        small(),
        ink,
    );
    let time = time.map_or_else(String::new, |t| i18n::trust_layer_time(numbers::short_time(t)));
    let work = if launch.flops >= 1e5 {
        format!("{} GFLOP", numbers::axis_fine(launch.flops / 1e9, 1e-4))
    } else {
        String::new()
    };
    let right = [i18n::trust_workgroups(numbers::grouped(launch.workgroups.into())), work, time];
    let right = right.iter().filter(|w| !w.is_empty()).cloned().collect::<Vec<_>>().join(" · ");
    let end =
        ui.painter().text(pos2(rect.right() - space::S, y), Align2::RIGHT_CENTER, right, small(), p.ink3);
    let left = rect.left() + 84.0;
    let font = if chosen { theme::semibold(text::CAPTION) } else { small() };
    let words = fitted(ui, launch.kernel.clone(), font, p.ink, end.left() - left - space::S);
    ui.painter().galley(pos2(left, y - words.size().y / 2.0), words, p.ink);
    let pressed = response.clicked();
    response.on_hover_text(i18n::trust_kernel_hint());
    pressed
}

/// What it reads and writes, and the numbers it is told.
fn details(ui: &mut Ui, launch: &Launch) {
    let size = |bytes: Option<u64>| {
        bytes.map_or_else(String::new, |b| {
            let (value, unit) = numbers::bytes(b);
            format!(" {value}\u{2009}{unit}")
        })
    };
    let list = |writes: bool| {
        let mine = launch.buffers.iter().filter(|b| b.writes == writes);
        mine.map(|b| format!("{}{}", b.name, size(b.bytes))).collect::<Vec<_>>().join(", ")
    };
    note(ui, &i18n::trust_reads(list(false), list(true)));
    let params: Vec<String> = launch.params.iter().map(u32::to_string).collect();
    note(ui, &i18n::trust_uniform(params.join(", ")));
}

/// Mathematics in comments that the window's font does not have, in characters that it has.
fn drawable(ui: &Ui, c: char) -> char {
    let known = |c: char| ui.fonts_mut(|f| f.has_glyph(&theme::regular(text::CAPTION), c));
    match c {
        '∗' => '*',
        'ᵀ' => 'T',
        c if c.is_ascii() || known(c) => c,
        _ => '·',
    }
}

/// WGSL with its line numbers.
fn source(ui: &mut Ui, source: &str, salt: &str) {
    let p = palette(ui);
    let ground =
        Frame::new().fill(p.bg).corner_radius(radius::CONTROL).inner_margin(Margin::same(space::S as i8));
    ground.show(ui, |ui| {
        let mut job = LayoutJob::default();
        let font = || theme::regular(text::CAPTION);
        let lines = source.trim_end().lines();
        for (i, written) in lines.enumerate() {
            let code: String = written.trim_start().chars().map(|c| drawable(ui, c)).collect();
            let indent = (written.len() - code.len()) as f32 * 3.5;
            let number = (i + 1).to_string();
            let place = ui.painter().layout_no_wrap(number.clone(), font(), p.ink3).size().x;
            job.append(&number, NUMBERS - space::S - place, TextFormat::simple(font(), p.ink3));
            let ink = if code.starts_with("//") { p.ink3 } else { p.ink };
            job.append(&format!("{code}\n"), space::S + indent, TextFormat::simple(font(), ink));
        }
        job.wrap.max_width = f32::INFINITY;
        ui.set_width(ui.available_width());
        ScrollArea::both()
            .id_salt(("source", salt))
            .auto_shrink(false)
            .max_height(ui.available_height())
            .show(ui, |ui| ui.add(Label::new(job).selectable(true).extend()));
        // The ground's edge stays in sight.
        ui.painter().hline(ui.max_rect().x_range(), ui.max_rect().bottom(), p.stroke(line::HAIR, p.line));
    });
}
