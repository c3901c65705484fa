//! The look as numbers: colours, type sizes, spacing, and egui's style made from them.
//!
//! Panels take every colour and size from here and write none themselves, so that a change of the look
//! is a change of this file. Chrome is grey; a hue always means something in the network.

use eframe::egui::{
    self, Color32, Context, CornerRadius, FontFamily, FontId, Id, Margin, Shadow, Stroke, Style, TextStyle,
    Theme, Ui, Vec2, Visuals, vec2,
};

/// One theme's colour tokens. Names say what a colour means, not what it looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// The canvas.
    pub bg: Color32,
    /// A panel on the canvas.
    pub panel: Color32,
    /// A control, or the chosen row.
    pub raised: Color32,
    /// Grid and dividers.
    pub line: Color32,
    /// Axes and outlines of controls.
    pub line2: Color32,
    /// Values.
    pub ink: Color32,
    /// Names.
    pub ink2: Color32,
    /// Hints and ticks.
    pub ink3: Color32,
    /// Text about x and the skip.
    pub skip: Color32,
    /// Arcs and bars of the skip; graphics only (3:1).
    pub skip_fill: Color32,
    /// F(x): text and graphics.
    pub f_branch: Color32,
    /// Gradient norms and everything that runs backward.
    pub grad: Color32,
    /// This run; also the training split where there is one run.
    pub lane_a: Color32,
    pub lane_b: Color32,
    pub lane_c: Color32,
    pub lane_d: Color32,
    /// The test split where there is one run: dashed, hollow dots.
    pub test: Color32,
    /// Only as a ▲ badge with words, never as a line.
    pub warn: Color32,
    /// How much wider lines are than [`line`] says.
    lines: f32,
}

impl Palette {
    /// A line of one of the widths in [`line`], as wide as it is in this style.
    pub fn stroke(&self, width: f32, colour: Color32) -> Stroke {
        Stroke::new(self.lines * width, colour)
    }
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

pub const DARK: Palette = Palette {
    bg: rgb(0x0D1015),
    panel: rgb(0x151A21),
    raised: rgb(0x1E252D),
    line: rgb(0x2A323C),
    line2: rgb(0x465261),
    ink: rgb(0xF2F5F8),
    ink2: rgb(0xB3BDC9),
    ink3: rgb(0x8E9AA8),
    skip: rgb(0xFFC64D),
    skip_fill: rgb(0xFFC64D),
    f_branch: rgb(0x5596FF),
    grad: rgb(0xD876B8),
    lane_a: rgb(0x45EBD8),
    lane_b: rgb(0xFB6A2C),
    lane_c: rgb(0xB9A6FF),
    lane_d: rgb(0xC9D76A),
    test: rgb(0xB3BDC9),
    warn: rgb(0xF592A6),
    lines: 1.0,
};

pub const LIGHT: Palette = Palette {
    bg: rgb(0xF4F5F7),
    panel: rgb(0xFFFFFF),
    raised: rgb(0xEAEDF1),
    line: rgb(0xDADFE5),
    line2: rgb(0xA3ADB9),
    ink: rgb(0x11161C),
    ink2: rgb(0x434E5B),
    ink3: rgb(0x5A6675),
    skip: rgb(0x684100),
    skip_fill: rgb(0xC67B00),
    f_branch: rgb(0x1862D4),
    grad: rgb(0x8A1A80),
    lane_a: rgb(0x0B756D),
    lane_b: rgb(0xB34405),
    lane_c: rgb(0x5B45B5),
    lane_d: rgb(0x5F6A00),
    test: rgb(0x434E5B),
    warn: rgb(0xB3123A),
    lines: 1.0,
};

/// For a projector: hints are as strong as names, and lines grow more than type does.
const PRESENTED_DARK: Palette = Palette { ink3: DARK.ink2, lines: PRESENTED_LINES, ..DARK };
const PRESENTED_LIGHT: Palette = Palette { ink3: LIGHT.ink2, lines: PRESENTED_LINES, ..LIGHT };

/// How much larger everything is in front of a class; 12 becomes more than 16.
pub const PRESENTED_ZOOM: f32 = 1.4;
/// Lines are 1.5 times as wide in all.
const PRESENTED_LINES: f32 = 1.5 / PRESENTED_ZOOM;

/// The tokens of the theme that `ui` is drawn in.
pub fn palette(ui: &Ui) -> &'static Palette {
    match (ui.visuals().dark_mode, is_presented(ui.visuals())) {
        (true, false) => &DARK,
        (true, true) => &PRESENTED_DARK,
        (false, false) => &LIGHT,
        (false, true) => &PRESENTED_LIGHT,
    }
}

/// The style itself says which variant it is: nothing else has to be carried to every panel.
pub fn is_presented(v: &Visuals) -> bool {
    v.weak_text_color == Some(if v.dark_mode { PRESENTED_DARK.ink3 } else { PRESENTED_LIGHT.ink3 })
}

/// Draws for a projector from the next frame on, or no longer.
pub fn present(ui: &Ui, on: bool) {
    if is_presented(ui.visuals()) == on {
        return;
    }
    let (dark, light) = if on { (&PRESENTED_DARK, &PRESENTED_LIGHT) } else { (&DARK, &LIGHT) };
    ui.ctx().set_style_of(Theme::Dark, style(dark, Visuals::dark()));
    ui.ctx().set_style_of(Theme::Light, style(light, Visuals::light()));
}

/// Type sizes; nothing is smaller than [`CAPTION`](text::CAPTION).
pub mod text {
    /// Ticks, captions, labels above values.
    pub const CAPTION: f32 = 12.0;
    /// Body, controls, names.
    pub const BODY: f32 = 14.0;
    /// Panel titles, readouts.
    pub const TITLE: f32 = 16.0;
    /// The network's name, the result of a sum.
    pub const RESULT: f32 = 22.0;
    /// The one number of a panel.
    pub const HEADLINE: f32 = 28.0;
    /// The one number of a presentation.
    pub const PRESENTED: f32 = 52.0;
}

/// Distances; the grid is 4.
pub mod space {
    pub const XS: f32 = 4.0;
    pub const S: f32 = 8.0;
    pub const M: f32 = 12.0;
    /// Between panels and inside them.
    pub const L: f32 = 16.0;
    pub const XL: f32 = 24.0;
}

/// Sizes of things.
pub mod size {
    pub const TRANSPORT: f32 = 56.0;
    /// Width of the column of controls.
    pub const SETUP: f32 = 248.0;
    pub const CONTROL: f32 = 28.0;
    pub const CONTROL_TALL: f32 = 32.0;
    /// What a finger hits.
    pub const TOUCH: f32 = 48.0;
    /// Width of the lesson beside the network.
    pub const LESSON: f32 = 328.0;
    /// Width of the column of controls folded to icons.
    pub const RAIL: f32 = 56.0;
    /// Windows narrower than this are one scrolling column.
    pub const ONE_COLUMN: f32 = 800.0;
    /// Windows smaller than this in either direction fold their controls and stack their panels.
    pub const ROOMY: (f32, f32) = (1360.0, 800.0);
    /// Buttons of the transport.
    pub const TRANSPORT_BUTTON: f32 = 36.0;
    /// No panel gets narrower or lower than this by dragging.
    pub const LEAST_PANE: f32 = 160.0;
    /// The tabs of panels that share a place.
    pub const TABS: f32 = 28.0;
    /// The handle that a panel is dragged by.
    pub const GRIP: (f32, f32) = (64.0, 14.0);
    /// A block card, the largest one, and how narrow it may get before it shows less.
    pub const CARD: f32 = 76.0;
    pub const CARD_MAX: f32 = 128.0;
    pub const CARD_FULL: f32 = 56.0;
    /// Networks with narrower cards are folded to begin with.
    pub const CARD_LEAST: f32 = 28.0;
    pub const CARD_STRIP: f32 = 24.0;
    /// Height of a card's strip, and of a scale of colours.
    pub const STRIP: f32 = 6.0;
    pub const SCALE_BAR: f32 = 8.0;
    /// The lock beside it.
    pub const LOCK: f32 = 20.0;
    /// How far an arc stands above its card.
    pub const ARCH: f32 = 58.0;
    /// Width of an arc that carries the whole signal.
    pub const SKIP_MAX: f32 = 12.0;
    /// ⊕ under the microscope, from its middle to its ring.
    pub const PLUS: f32 = 12.0;
    /// A picture to choose, small.
    pub const THUMB: f32 = 36.0;
    /// A channel that is looked at closely, and the least that still shows its pixels.
    pub const ENLARGED: f32 = 224.0;
    pub const ENLARGED_LEAST: f32 = 144.0;
    /// One number of a window that is worked out.
    pub const NUMBER_CELL: f32 = 48.0;
    /// A stage's maps under the microscope: what they have in the look, and the least that shows them.
    pub const STAGE: f32 = 132.0;
    /// The most, in a window with room to spare.
    pub const STAGE_MOST: f32 = 264.0;
    /// The same in a low window, where the number worked out has to come into sight.
    pub const STAGE_LOW: f32 = 92.0;
    pub const LOW: f32 = 760.0;
    pub const STAGE_LEAST: f32 = 76.0;
}

/// Corner radii.
pub mod radius {
    pub const CARD: u8 = 3;
    pub const CONTROL: u8 = 6;
    pub const PANEL: u8 = 8;
}

/// Line widths.
pub mod line {
    /// Grid, axes, raw data, outlines.
    pub const HAIR: f32 = 1.0;
    pub const ICON: f32 = 1.6;
    /// Trunk, ⊕, rings.
    pub const TRUNK: f32 = 2.0;
    pub const CURVE: f32 = 2.5;
    /// Top of a bar, in full colour over a fill of [`FILL_ALPHA`].
    pub const CAP: f32 = 3.0;
    /// Dash and gap of the test split.
    pub const DASH: (f32, f32) = (5.0, 4.0);
    pub const FILL_ALPHA: f32 = 0.3;
    /// The same in the chosen block.
    pub const CHOSEN_ALPHA: f32 = 0.6;
}

/// Opacity of what a step has not reached yet.
pub const UNREACHED: f32 = 0.4;

/// Name of the second font family.
const SEMIBOLD: &str = "semibold";

/// Inter Regular.
pub fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Inter SemiBold: values and titles.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, semibold_family())
}

pub(super) fn semibold_family() -> FontFamily {
    FontFamily::Name(SEMIBOLD.into())
}

/// Whether the window is one column, which a finger presses.
pub fn is_touched(ui: &Ui) -> bool {
    ui.data(|d| d.get_temp(Id::unique("touched"))).unwrap_or(false)
}

/// Says so for all that is drawn from now on.
pub fn touch(ui: &Ui, on: bool) {
    ui.data_mut(|d| d.insert_temp(Id::unique("touched"), on));
}

/// How high or wide a control of so many points is here: no less than a finger, where one presses it.
pub fn control(ui: &Ui, points: f32) -> f32 {
    if is_touched(ui) { points.max(size::TOUCH) } else { points }
}

/// A panel lying on the canvas: no shadow; the light theme draws its outline, the dark one needs none.
pub fn panel_frame(ui: &Ui) -> egui::Frame {
    let p = palette(ui);
    let outline = if ui.visuals().dark_mode { Stroke::NONE } else { p.stroke(line::HAIR, p.line) };
    egui::Frame::new()
        .fill(p.panel)
        .stroke(outline)
        .corner_radius(radius::PANEL)
        .inner_margin(Margin::same(space::L as i8))
}

/// Gives `ctx` both themes. Fonts come from [`super::fonts`].
pub fn install(ctx: &Context) {
    ctx.set_style_of(Theme::Dark, style(&DARK, Visuals::dark()));
    ctx.set_style_of(Theme::Light, style(&LIGHT, Visuals::light()));
    // The window has its own, which is remembered.
    ctx.options_mut(|o| o.zoom_with_keyboard = false);
}

fn style(p: &Palette, base: Visuals) -> Style {
    let mut style = Style { visuals: visuals(p, base), ..Style::default() };
    style.text_styles = [
        (TextStyle::Small, regular(text::CAPTION)),
        (TextStyle::Body, regular(text::BODY)),
        (TextStyle::Button, regular(text::BODY)),
        (TextStyle::Heading, semibold(text::TITLE)),
        (TextStyle::Monospace, regular(text::BODY)),
    ]
    .into();
    style.drag_value_text_style = TextStyle::Button;
    let s = &mut style.spacing;
    s.item_spacing = vec2(space::S, space::S);
    s.button_padding = vec2(space::M, space::XS);
    s.interact_size = vec2(size::CONTROL, size::CONTROL);
    s.combo_width = 0.0;
    s.combo_height = 520.0;
    s.tooltip_width = 320.0;
    s.menu_margin = Margin::same(space::S as i8);
    s.window_margin = Margin::same(space::L as i8);
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style
}

fn visuals(p: &Palette, base: Visuals) -> Visuals {
    let mut v = base;
    let control = CornerRadius::same(radius::CONTROL);
    let hair = |c| p.stroke(line::HAIR, c);
    let w = &mut v.widgets;
    for (state, fill, outline, ink) in [
        (&mut w.noninteractive, p.panel, p.line, p.ink2),
        (&mut w.inactive, p.raised, Color32::TRANSPARENT, p.ink),
        (&mut w.hovered, p.raised, p.line2, p.ink),
        (&mut w.active, p.line, p.line2, p.ink),
        (&mut w.open, p.raised, p.line2, p.ink),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = hair(outline);
        state.fg_stroke = hair(ink);
        state.corner_radius = control;
        // Nothing grows under the pointer: neighbours stay aligned.
        state.expansion = 0.0;
    }
    v.selection.bg_fill = p.line2.gamma_multiply(0.6);
    v.selection.stroke = p.stroke(line::TRUNK, p.ink);
    v.hyperlink_color = p.ink;
    v.faint_bg_color = p.panel;
    v.extreme_bg_color = p.bg;
    v.weak_text_color = Some(p.ink3);
    v.warn_fg_color = p.warn;
    v.error_fg_color = p.warn;
    v.panel_fill = p.bg;
    v.window_fill = p.panel;
    v.window_stroke = hair(p.line);
    v.window_corner_radius = CornerRadius::same(radius::PANEL);
    v.menu_corner_radius = CornerRadius::same(radius::PANEL);
    let soft = Shadow { offset: [0, 4], blur: 12, spread: 0, color: Color32::from_black_alpha(77) };
    v.window_shadow = soft;
    v.popup_shadow = soft;
    v.disabled_alpha = 0.45;
    v
}

/// Relative luminance (WCAG 2.2), 0 to 1.
fn luminance(c: Color32) -> f64 {
    let linear = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The ink, black or white, that is read best on `ground`: a cell in a colour of data.
pub fn ink_on(ground: Color32) -> Color32 {
    // The ends of the range: between them there are colours on which nothing else reaches 4.5:1.
    let [dark, light] = [Color32::BLACK, Color32::WHITE];
    if contrast(dark, ground) >= contrast(light, ground) { dark } else { light }
}

/// A square of `side` pixels.
pub fn square(side: f32) -> Vec2 {
    Vec2::splat(side)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grounds(p: &Palette) -> [(&'static str, Color32); 3] {
        [("bg", p.bg), ("panel", p.panel), ("raised", p.raised)]
    }

    #[test]
    fn text_reaches_4_5_on_every_ground() {
        for (theme, p) in [("dark", &DARK), ("light", &LIGHT)] {
            let tokens = [
                ("ink", p.ink),
                ("ink2", p.ink2),
                ("ink3", p.ink3),
                ("skip", p.skip),
                ("f_branch", p.f_branch),
                ("grad", p.grad),
                ("lane_a", p.lane_a),
                ("lane_b", p.lane_b),
                ("lane_c", p.lane_c),
                ("lane_d", p.lane_d),
                ("test", p.test),
                ("warn", p.warn),
            ];
            for (token, colour) in tokens {
                for (ground, under) in grounds(p) {
                    let c = contrast(colour, under);
                    assert!(c >= 4.5, "{theme} {token} on {ground}: {c:.2}:1");
                }
            }
        }
    }

    #[test]
    fn graphics_reach_3_on_the_grounds_they_lie_on() {
        for (theme, p) in [("dark", &DARK), ("light", &LIGHT)] {
            for (ground, under) in [("bg", p.bg), ("panel", p.panel)] {
                let c = contrast(p.skip_fill, under);
                assert!(c >= 3.0, "{theme} skip_fill on {ground}: {c:.2}:1");
            }
        }
    }

    #[test]
    fn numbers_are_readable_on_every_colour_of_the_maps() {
        for dark in [true, false] {
            for c in super::super::colourmap::ColourMap::div(dark).entries() {
                assert!(contrast(ink_on(*c), *c) >= 4.5, "{c:?}");
            }
        }
    }

    #[test]
    fn a_presentation_has_wider_lines_and_no_type_under_16() {
        let width = PRESENTED_DARK.stroke(line::CURVE, DARK.ink).width * PRESENTED_ZOOM;
        assert!((width - 1.5 * line::CURVE).abs() < 1e-5, "{width}");
        assert_eq!(DARK.stroke(line::CURVE, DARK.ink).width, line::CURVE);
        const { assert!(text::CAPTION * PRESENTED_ZOOM >= 16.0) };
    }

    #[test]
    fn the_solid_button_is_readable() {
        for p in [&DARK, &LIGHT] {
            assert!(contrast(p.bg, p.ink) >= 7.0);
        }
    }
}
