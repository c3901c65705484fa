//! How controls and panels move: 180 ms, ease out, or not at all. What was measured never moves by itself.

use eframe::egui::{Id, Ui};

/// Seconds that folding, opening a block and a change of panel take.
pub const TIME: f32 = 0.18;

/// Fast at first, then slower: 0 to 1 as `t` goes from 0 to 1.
pub fn ease_out(t: f32) -> f32 {
    1.0 - (1.0 - t.clamp(0.0, 1.0)).powi(3)
}

/// How far a movement that began at `begun` has come by now, eased; draws again until it is over.
pub fn progress(ui: &Ui, begun: f64) -> f32 {
    let (now, frame) = ui.input(|i| (i.time, i.stable_dt));
    // The frame that begins it shows the first of it, not nothing.
    let t = ((now - begun) as f32 + frame) / TIME;
    if t < 1.0 {
        ui.ctx().request_repaint();
    }
    ease_out(t)
}

/// Fades in what is drawn into `ui` from now on, if `shown` is not what `place` has shown before; at once
/// if everything stands `still`.
pub fn fade<T>(ui: &mut Ui, place: &'static str, shown: T, still: bool)
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let id = Id::unique(("fade", place));
    let known: Option<(T, f64)> = ui.data(|d| d.get_temp(id));
    let begun = match known {
        Some((before, begun)) if before == shown => begun,
        // What a window begins with is simply there.
        None => f64::NEG_INFINITY,
        Some(_) => ui.input(|i| i.time),
    };
    ui.data_mut(|d| d.insert_temp(id, (shown, begun)));
    if !still {
        let opacity = progress(ui, begun);
        if opacity < 1.0 {
            ui.multiply_opacity(opacity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{Context, RawInput};

    #[test]
    fn it_begins_fast_and_ends_where_it_should() {
        assert_eq!((ease_out(-1.0), ease_out(0.0), ease_out(1.0), ease_out(9.0)), (0.0, 0.0, 1.0, 1.0));
        assert!(ease_out(0.25) > 0.5);
    }

    /// Opacity of a panel in frames 60 times a second; it shows another thing from the third on.
    fn opacities(still: bool) -> Vec<f32> {
        let ctx = Context::default();
        let frame = |i: u32| {
            let input =
                RawInput { time: Some(f64::from(i) / 60.0), predicted_dt: 1.0 / 60.0, ..RawInput::default() };
            let mut seen = 0.0;
            drop(ctx.run_ui(input, |ui| {
                fade(ui, "panel", i >= 3, still);
                seen = ui.opacity();
            }));
            seen
        };
        (0..20).map(frame).collect()
    }

    #[test]
    fn another_panel_fades_in_within_180_ms() {
        let seen = opacities(false);
        assert_eq!(seen[..3], [1.0; 3], "nothing has changed");
        assert!(seen[3] > 0.0 && seen[3] < 0.5, "{seen:?}");
        assert!(seen[3..14].windows(2).all(|w| w[0] < w[1]), "{seen:?}");
        assert_eq!(seen[14..], [1.0; 6]);
        assert_eq!(opacities(true), [1.0; 20]);
    }
}
