//! How large everything is drawn: by itself as the window asks, or as the reader has chosen.

use super::state::AppState;
use super::theme;
use eframe::egui::{Key, Ui, Vec2, vec2};

/// What type was laid out for: on a screen of twice that size without scaling of its own it needs twice the zoom.
const SCREEN: Vec2 = vec2(1920.0, 1080.0);
/// Windows that ask for less are left alone.
const LEAST: f32 = 1.5;
/// Sizes to choose from.
pub const STEPS: [f32; 7] = [1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0];

/// The zoom for a window of this size in points at zoom 1.
fn automatic(window: Vec2) -> f32 {
    let wanted = (window.x / SCREEN.x).min(window.y / SCREEN.y);
    let step = STEPS.iter().copied().rfind(|s| *s <= wanted + 0.01);
    step.filter(|s| *s >= LEAST).unwrap_or(1.0)
}

impl AppState {
    /// Sets the zoom of the next frame, if it is another one.
    pub(super) fn zoom(&mut self, ui: &Ui) {
        let ctx = ui.ctx();
        let now = ctx.zoom_factor();
        let zoom = self.chosen_zoom.unwrap_or_else(|| automatic(ctx.content_rect().size() * now));
        let zoom = if self.presentation { zoom * theme::PRESENTED_ZOOM } else { zoom };
        if (zoom - now).abs() > 1e-3 {
            ctx.set_zoom_factor(zoom);
        }
    }

    /// Larger, smaller or automatic, by the keys that every program has for it. In a page they are the
    /// browser's.
    pub(super) fn zoom_keys(&mut self, ui: &Ui) {
        if cfg!(target_arch = "wasm32") {
            return;
        }
        let pressed = |key| ui.input(|i| i.modifiers.command && i.key_pressed(key));
        let shown = ui.ctx().zoom_factor() / if self.presentation { theme::PRESENTED_ZOOM } else { 1.0 };
        if pressed(Key::Plus) || pressed(Key::Equals) {
            self.chosen_zoom = STEPS.into_iter().find(|s| *s > shown + 0.01).or(self.chosen_zoom);
        } else if pressed(Key::Minus) {
            self.chosen_zoom = STEPS.into_iter().rev().find(|s| *s < shown - 0.01).or(self.chosen_zoom);
        } else if pressed(Key::Num0) {
            self.chosen_zoom = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_is_legible_on_any_screen() {
        let zoom = |w, h| automatic(vec2(w, h));
        assert_eq!(zoom(1280.0, 720.0), 1.0);
        assert_eq!(zoom(1440.0, 900.0), 1.0);
        assert_eq!(zoom(2560.0, 1440.0), 1.0, "many desks have one of these and are used to it");
        assert_eq!(zoom(3840.0, 2160.0), 2.0);
        assert_eq!(zoom(5120.0, 2880.0), 2.5);
        assert_eq!(zoom(390.0, 844.0), 1.0);
        // Half of a large screen keeps its room.
        assert_eq!(zoom(1920.0, 2160.0), 1.0);
    }
}
