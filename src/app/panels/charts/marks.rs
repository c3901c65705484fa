//! What was done to skips, on every chart with a step axis: a dashed line where it took effect, and a flag that
//! says what it was. Pressing the flag takes it back.

use super::super::super::i18n;
use super::super::super::state::AppState;
use super::super::super::surgery;
use super::super::super::theme::{self, line, palette, space, text};
use super::super::super::widgets::{FLAG, flag, flag_size};
use super::scale::Across;
use eframe::egui::{Align2, Rect, Shape, Ui, pos2, vec2};

/// Part of a chart's height that flags may take.
const SHARE: f32 = 0.6;

/// One operation on an axis.
pub struct Mark {
    /// Which of the history's operations it is; none for the moment that is looked back at.
    pub nth: Option<usize>,
    /// Where it stands.
    pub at: f64,
    /// `layer2.4 cut · 260`.
    pub words: String,
    /// What pressing its flag does.
    pub hint: String,
}

/// What was done in the run that is trained, each where `place` has its step.
pub fn of(state: &AppState, place: impl Fn(u64) -> Option<f64>) -> Vec<Mark> {
    let mark = |(nth, done): (usize, &crate::train::Surgery)| {
        let words = surgery::flag(done, &state.block_names);
        Some(Mark { nth: Some(nth), at: place(done.step)?, words, hint: state.flag_hint(nth) })
    };
    state.history.operations.iter().enumerate().filter_map(mark).collect()
}

/// The same on the axis of the curves.
pub fn along(state: &AppState, across: &Across) -> Vec<Mark> {
    let at = |step| across.at(&state.history, step);
    let mut all = of(state, at);
    let then = state.past.shown.and_then(at);
    all.extend(then.map(|at| Mark {
        nth: None,
        at,
        words: i18n::past_then().to_owned(),
        hint: String::new(),
    }));
    all
}

/// Draws `marks` into `frame`, each at its `x`; with flags if they are `flagged`. Answers which flag was pressed.
pub fn show(ui: &Ui, frame: Rect, marks: &[Mark], x: impl Fn(f64) -> f32, flagged: bool) -> Option<usize> {
    let p = palette(ui);
    let painter = ui.painter_at(frame.expand(1.0));
    let seen = || marks.iter().map(|m| (m, x(m.at))).filter(|(_, x)| frame.x_range().contains(*x));
    for (mark, x) in seen() {
        let ends = [pos2(x, frame.top()), pos2(x, frame.bottom())];
        let stroke = p.stroke(line::ICON, p.ink);
        if mark.nth.is_some() {
            painter.extend(Shape::dashed_line(&ends, stroke, line::DASH.0, line::DASH.1));
            continue;
        }
        painter.line_segment(ends, stroke);
        if flagged {
            let (align, side) =
                if x > frame.center().x { (Align2::RIGHT_BOTTOM, -1.0) } else { (Align2::LEFT_BOTTOM, 1.0) };
            let at = pos2(x + side * space::XS, frame.bottom() - space::XS);
            painter.text(at, align, &mark.words, theme::semibold(text::CAPTION), p.ink);
        }
    }
    if !flagged {
        return None;
    }
    let rows = ((frame.height() * SHARE / (FLAG + space::XS)) as usize).max(1);
    let mut taken: Vec<Rect> = Vec::new();
    let mut pressed = None;
    // The newest is the one to be taken back: it gets its place first.
    for (mark, x) in seen().collect::<Vec<_>>().into_iter().rev() {
        let Some(nth) = mark.nth else { continue };
        let place = |words: &str| {
            let wide = flag_size(ui, words);
            let left = (x - wide.x / 2.0).min(frame.right() - wide.x).max(frame.left());
            let row = |k: usize| pos2(left, frame.top() + space::XS + k as f32 * (FLAG + space::XS));
            let rects = (0..rows).map(|k| Rect::from_min_size(row(k), wide));
            rects.into_iter().find(|r| taken.iter().all(|t| !t.expand2(vec2(2.0, 0.0)).intersects(*r)))
        };
        // In full, or the scissors alone; where even they have no room the line has to do.
        let words = [mark.words.as_str(), ""].into_iter().find_map(|w| Some((w, place(w)?)));
        let Some((words, rect)) = words else { continue };
        taken.push(rect);
        let id = ui.scope_id().with(("flag", nth));
        let response = flag(ui, id, rect, words, &mark.words);
        if response.clicked() {
            pressed = Some(nth);
        }
        response.on_hover_text(&mark.hint);
    }
    pressed
}
