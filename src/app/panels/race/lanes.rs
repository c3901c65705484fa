//! A row a network: its blocks on the layer axis with what one picture becomes in each, their gradients as colours, and skips
//! as arcs over them as wide as their share of the signal. Pressing a block chooses it for surgery.

use super::super::super::axis::Decades;
use super::super::super::colourmap::ColourMap;
use super::super::super::i18n;
use super::super::super::map::Measure;
use super::super::super::numbers::{self, UNKNOWN};
use super::super::super::placement::{self, Placement};
use super::super::super::state::AppState;
use super::super::super::surgery::{Patient, Reach};
use super::super::super::theme::{self, line, palette, radius, size, space, text};
use super::super::super::view::Canvas;
use super::super::super::widgets::{cells, mosaic, tile};
use super::super::network::arcs::{self, Skip};
use super::super::network::{Rows, Scene, fitted, measures, put};
use super::{Shown, counterpart, is_narrow, marked};
use crate::session::{Command, Mosaic, Whom};
use eframe::egui::{
    Align2, CornerRadius, Mesh, Rangef, Rect, RichText, Role, Sense, Shape, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

/// Width of the names before the axis, and height of the stages' names over it.
const NAMES: f32 = 148.0;
const HEADER: f32 = 22.0;
/// Height of a block.
const BLOCK: f32 = 32.0;
/// Of that, the strip in the colour of its gradient, where maps stand over it; and the least side of a map.
const STRIP: f32 = 4.0;
const MAP_LEAST: f32 = 12.0;
/// Side of the picture before the axis, and of maps under the pointer.
const PICTURE: f32 = 32.0;
const LARGE: f32 = 128.0;

/// An arc that is lower than this has no room for its share.
const LABELLED: f32 = 40.0;
/// Arcs are at least so high, however many rows there are.
const ARCH_LEAST: f32 = 18.0;

/// Draws lane `i`, in a row `room` high if that can be; `live` while it can be operated on.
pub fn row(
    ui: &mut Ui,
    state: &mut AppState,
    lanes: &[Shown<'_>],
    (i, live): (usize, bool),
    decades: Decades,
    room: f32,
) {
    let Some(lane) = lanes.get(i) else { return };
    let p = palette(ui);
    let narrow = is_narrow(ui);
    // Names stand over the axis where there is no room before it.
    let names = if narrow { HEADER } else { 0.0 };
    let wide = ui.available_width();
    // All rows have the same axis, whichever lane was looked into first.
    let pictured = !narrow && lanes.iter().any(|l| l.seen.is_some());
    let before = if pictured { NAMES + PICTURE } else { NAMES };
    let axis = Rangef::new(if narrow { space::M } else { before }, wide - space::M);
    let above = (room - names - HEADER - BLOCK - space::M).clamp(ARCH_LEAST, size::ARCH);
    // Cards from this width on have their arcs labelled.
    let most = if above < LABELLED { LABELLED - 1.0 } else { size::CARD_FULL };
    let card = placement::fit(&lane.layers, &[], axis.span(), most);
    let arch = if lane.is_residual() { above.min(12.0 + card * 0.8) } else { 0.0 };
    let rows = Rows { arch, body: BLOCK, foot: 0.0 };
    let high = names + HEADER + arch + BLOCK + space::M;
    let (rect, _) = ui.allocate_exact_size(vec2(wide, high), Sense::hover());
    let ground = CornerRadius::same(radius::PANEL);
    ui.painter().rect_filled(rect, ground, p.panel);
    let edge = rect.with_max_x(rect.left() + line::CAP).shrink2(vec2(0.0, space::S));
    ui.painter().rect_filled(edge, 1.0, lane.colour);
    title(ui, lane, rect, narrow);
    let x = Rangef::new(rect.left() + axis.min, rect.left() + axis.max);
    let place = placement::place(&lane.layers, &[], x, most);
    let scene = Scene {
        layers: &lane.layers,
        place,
        record: None,
        seen: None,
        profile: None,
        slice: None,
        patient: None,
        x,
        all: &lane.layers,
        first_stage: 0,
        opens: false,
    };
    let top = rect.top() + names;
    stages(ui, lane, &scene.place, top, narrow);
    let trunk = top + HEADER + arch + BLOCK / 2.0;
    let ends = scene.place.stem.min..=scene.place.head.max;
    ui.painter().hline(ends, trunk, p.stroke(line::TRUNK, p.line2));
    if let Some((seen, canvas)) = lane.seen.filter(|_| pictured) {
        let at = pos2(x.min - space::S - PICTURE / 2.0, trunk);
        let rect = Rect::from_center_size(at, theme::square(PICTURE));
        tile(ui.painter(), &canvas, &seen.input, rect);
    }
    let mut inner = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("lane", i)));
    let still = state.reduced_motion;
    let blocks = block_names(lane);
    let patient = patient(lane, &blocks).filter(|_| live);
    let skips = || (0..scene.place.cards.len()).filter(|_| lane.is_residual());
    let share = |b: usize| lane.run.and_then(|r| r.blocks.get(b)).map(|s| s.skip_share());
    for b in skips() {
        if let Some(patient) = &patient {
            let over = scene.place.joins[b]..=scene.place.joins[b + 1];
            let arch = Rect::from_x_y_ranges(over, top + HEADER..=trunk - BLOCK / 2.0 - space::XS);
            let id = inner.scope_id().with(("press arc", b));
            if let Some(asked) = arcs::press(&inner, id, arch, Whom::Block(b), patient, share(b)) {
                state.send(Command::OperateLane { lane: i, whom: asked.whom, change: asked.change });
            }
        }
    }
    for (b, card) in scene.place.cards.iter().enumerate() {
        let body = Rect::from_x_y_ranges(card.x, trunk - BLOCK / 2.0..=trunk + BLOCK / 2.0);
        block(&mut inner, state, lanes, (i, b), body, decades);
    }
    // Over the maps: the flag of a cut skip reaches down to them where arcs are low.
    for b in skips() {
        let projected = lane.layers.blocks.get(b).is_some_and(|b| b.projected);
        let alpha = lane.lane.alphas.get(b).copied();
        // One that never had a skip was not cut.
        let never = lane.lane.lane.spec.alpha.of(b) == 0.0 && alpha == Some(0.0);
        let share = if never { Some(0.0) } else { share(b) };
        let alpha = alpha.filter(|a| *a != 1.0 && !never);
        arcs::arc(&inner, &scene.place, &Skip { card: b, projected, share, alpha }, rows, trunk, still);
    }
}

/// Its blocks, told apart from those of other lanes.
fn block_names(lane: &Shown<'_>) -> Vec<String> {
    (0..lane.layers.blocks.len()).map(|b| format!("{} {}", lane.name, lane.layers.block_name(b))).collect()
}

/// The lane as arcs operate on it; without one where there is nothing to operate on.
fn patient<'a>(lane: &'a Shown<'_>, blocks: &'a [String]) -> Option<Patient<'a>> {
    let alphas = lane.lane.alphas.clone();
    let spec = &lane.lane.lane.spec;
    (lane.run.is_some() && alphas.len() == blocks.len()).then(|| Patient {
        blocks,
        own: (0..blocks.len()).map(|b| spec.alpha.rejoined(b)).collect(),
        alphas,
        betas: vec![1.0; blocks.len()],
        reshapes: &[],
        done: &[],
        can_undo: lane.lane.can_undo,
    })
}

fn title(ui: &Ui, lane: &Shown<'_>, rect: Rect, narrow: bool) {
    let p = palette(ui);
    let (count, unit) = numbers::count(lane.parameters);
    let count =
        i18n::race_parameters(format!("{count}{}{unit}", if unit.is_empty() { "" } else { "\u{2009}" }));
    let left = rect.left() + space::L;
    let room = if narrow { rect.width() * 0.6 } else { NAMES - space::XL };
    let name = fitted(ui, lane.name.clone(), theme::semibold(text::BODY), lane.colour, room);
    let count = fitted(ui, count, theme::regular(text::CAPTION), p.ink3, room);
    if narrow {
        let y = rect.top() + HEADER / 2.0 + 2.0;
        let right = rect.right() - space::M - count.size().x;
        put(ui, left, y, name);
        put(ui, right, y, count);
    } else {
        let y = rect.center().y;
        put(ui, left, y - space::S, name);
        put(ui, left, y + space::M, count);
    }
}

fn stages(ui: &Ui, lane: &Shown<'_>, place: &Placement, top: f32, narrow: bool) {
    let p = palette(ui);
    let y = top + HEADER / 2.0;
    for (stage, x) in lane.layers.stages.iter().zip(&place.stages) {
        let name = fitted(ui, stage.name.clone(), theme::semibold(text::CAPTION), p.ink2, x.span());
        let shape = fitted(ui, stage.shape.clone(), theme::regular(text::CAPTION), p.ink3, f32::INFINITY);
        let left = x.min + space::XS;
        let right = x.max - space::XS - shape.size().x;
        let both = !narrow && left + name.size().x + space::S < right;
        put(ui, left, y, name);
        if both {
            put(ui, right, y, shape);
        }
    }
}

/// Block `b` of lane `i`.
fn block(
    ui: &mut Ui,
    state: &mut AppState,
    lanes: &[Shown<'_>],
    (i, b): (usize, usize),
    body: Rect,
    decades: Decades,
) {
    let p = palette(ui);
    let lane = &lanes[i];
    let norm = lane.norms.get(b).copied().flatten();
    let colour = norm.map_or(p.raised, |n| measures::colour(ui, Measure::Gradient, Some(decades), n));
    let strip = if maps(ui, lane, b, body) { body.with_min_y(body.bottom() - STRIP) } else { body };
    ui.painter().rect_filled(strip, CornerRadius::same(radius::CARD), colour);
    let response =
        ui.interact(body.expand2(vec2(0.0, space::XS)), ui.scope_id().with(("block", b)), Sense::click());
    let chosen = marked(state, lanes, i) == Some(b);
    let name = lane.layers.block_name(b);
    let share = lane.run.and_then(|r| r.blocks.get(b)).map(|s| numbers::ratio(s.skip_share()));
    let share = share.filter(|_| lane.is_residual()).unwrap_or_else(|| UNKNOWN.into());
    let norm = norm.map_or(UNKNOWN.into(), numbers::norm);
    let words = i18n::race_block(&lane.name, &name, &share, &norm);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, &words));
    if response.clicked() {
        (state.race.of, state.race.block) = (i, Some(b));
        if lane.is_residual() {
            state.race.lane = i;
            state.race.reach = Reach::Block;
        }
    }
    if chosen || response.has_focus() {
        let ring = body.expand(space::XS - 1.0);
        let stroke = p.stroke(line::TRUNK, p.ink);
        ui.painter().rect_stroke(ring, CornerRadius::same(radius::CARD), stroke, StrokeKind::Inside);
    }
    let hint = if lane.is_residual() { i18n::race_block_hint() } else { i18n::race_plain_hint() };
    response.on_hover_ui(|ui| {
        ui.label(format!("{words}\n{hint}"));
        ui.horizontal(|ui| {
            for other in lanes {
                if let Some(b) = counterpart(&lane.layers, b, &other.layers) {
                    large(ui, other, b);
                }
            }
        });
    });
}

/// What the picture has become after block `b`, as many maps as there is room for beside each other; false if there is
/// none.
fn maps(ui: &Ui, lane: &Shown<'_>, b: usize, body: Rect) -> bool {
    let Some((mosaic, canvas)) = mosaic_of(lane, b) else { return false };
    let side = (BLOCK - STRIP - 2.0).min(body.width());
    if side < MAP_LEAST {
        return false;
    }
    let ground = body.with_max_y(body.bottom() - STRIP - 1.0);
    ui.painter().rect_filled(ground, 0.0, palette(ui).panel);
    let count = (((body.width() + 1.0) / (side + 1.0)) as usize).clamp(1, mosaic.tiles.len());
    let all = vec2(count as f32 * (side + 1.0) - 1.0, side);
    let all = Rect::from_center_size(ground.center(), all);
    for (map, cell) in mosaic.tiles.iter().zip(cells(ui, all, count, count, 1.0)) {
        tile(ui.painter(), &canvas, map, cell);
    }
    true
}

fn mosaic_of<'a>(lane: &Shown<'a>, b: usize) -> Option<(&'a Mosaic, Canvas)> {
    let (seen, canvas) = lane.seen?;
    seen.blocks.get(b).filter(|m| !m.tiles.is_empty()).map(|m| (m, canvas))
}

/// The maps of block `b`, to be compared with those of the block in its place in other lanes.
fn large(ui: &mut Ui, lane: &Shown<'_>, b: usize) {
    let Some((shown, canvas)) = mosaic_of(lane, b) else { return };
    ui.vertical(|ui| {
        let name = format!("{} {}", lane.name, lane.layers.block_name(b));
        ui.label(RichText::new(name).font(theme::semibold(text::CAPTION)).color(lane.colour));
        let (rect, _) = ui.allocate_exact_size(theme::square(LARGE), Sense::hover());
        mosaic(ui, Some(&canvas), shown, rect, 1.0);
    });
}

/// What arcs and colours mean, once for all rows.
pub fn legend(ui: &mut Ui, lanes: &[Shown<'_>], decades: Decades) {
    const RAMP: f32 = 96.0;
    let p = palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), text::CAPTION * 1.4), Sense::hover());
    let font = || theme::regular(text::CAPTION);
    let y = rect.center().y;
    let painter = ui.painter();
    let high = numbers::power_of_ten(decades.high);
    let mut right =
        painter.text(pos2(rect.right(), y), Align2::RIGHT_CENTER, high, font(), p.ink3).left() - space::XS;
    let bar = Rect::from_min_max(pos2(right - RAMP, y - 3.0), pos2(right, y + 3.0));
    let (map, steps) = (ColourMap::norm(ui.visuals().dark_mode), 32_u32);
    let mut mesh = Mesh::default();
    for k in 0..=steps {
        let t = k as f32 / steps as f32;
        let (x, colour) = (bar.left() + t * bar.width(), map.at(t));
        mesh.colored_vertex(pos2(x, bar.top()), colour);
        mesh.colored_vertex(pos2(x, bar.bottom()), colour);
        if k > 0 {
            mesh.add_triangle(2 * k - 2, 2 * k - 1, 2 * k);
            mesh.add_triangle(2 * k - 1, 2 * k, 2 * k + 1);
        }
    }
    painter.add(Shape::mesh(mesh));
    let low = numbers::power_of_ten(decades.low);
    right = painter.text(pos2(bar.left() - space::XS, y), Align2::RIGHT_CENTER, low, font(), p.ink3).left();
    let mut words = format!("{} · {}", i18n::arc_caption(), i18n::race_colour());
    if lanes.iter().any(|l| l.seen.is_some()) {
        words = format!("{words} · {}", i18n::race_maps());
    }
    put(ui, rect.left(), y, fitted(ui, words, font(), p.ink3, right - space::S - rect.left()));
}
