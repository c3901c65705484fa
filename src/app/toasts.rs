//! Messages in the lower right corner. Warnings and errors stay until they are dismissed, remarks go by
//! themselves.

use super::theme::{self, palette, radius, space, text};
use super::widgets::{icon_button, icons::Icon, raised_button};
use super::{i18n, theme::line};
use eframe::egui::{Align2, Area, Context, Frame, Id, Label, Margin, Order, RichText, Ui, vec2};
use std::time::Duration;

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Remark,
    Warning,
    Error,
}

/// What a message offers to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Take back what it says was done.
    Undo,
    /// Draw in the light theme.
    Light,
}

/// One message; the same message again raises `count`.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub severity: Severity,
    pub text: String,
    pub count: usize,
    /// What a button in it does.
    pub offer: Option<Offer>,
    /// `Context` time at which a remark was first drawn.
    since: Option<f64>,
}

/// Messages not yet dismissed, newest last.
#[derive(Clone, Debug, Default)]
pub struct Toasts(Vec<Toast>);

/// Messages shown at once; older ones make room.
const MOST: usize = 5;
/// Seconds a remark stays.
const REMARK: f64 = 6.0;
/// Seconds one stays that has a button.
const OFFER: f64 = 12.0;

impl Toasts {
    pub fn push(&mut self, severity: Severity, text: impl Into<String>) {
        let text = text.into();
        if let Some(same) = self.0.iter_mut().find(|t| t.text == text && t.severity == severity) {
            same.count += 1;
            same.since = None;
            return;
        }
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push(Toast { severity, text, count: 1, offer: None, since: None });
    }

    /// Says something, with a button; each offer stands once.
    pub fn offer(&mut self, offer: Offer, text: impl Into<String>) {
        self.withdraw(offer);
        self.push(Severity::Remark, text);
        if let Some(last) = self.0.last_mut() {
            last.offer = Some(offer);
        }
    }

    /// What was offered is of no use any more.
    pub fn withdraw(&mut self, offer: Offer) {
        self.0.retain(|t| t.offer != Some(offer));
    }

    pub fn list(&self) -> &[Toast] {
        &self.0
    }

    /// Draws them; what was accepted of what they offer.
    pub fn draw(&mut self, ctx: &Context) -> Option<Offer> {
        if self.0.is_empty() {
            return None;
        }
        let now = ctx.input(|i| i.time);
        self.0.retain_mut(|t| {
            let since = *t.since.get_or_insert(now);
            let stays = if t.offer.is_some() { OFFER } else { REMARK };
            t.severity != Severity::Remark || now - since < stays
        });
        if self.0.iter().any(|t| t.severity == Severity::Remark) {
            ctx.request_repaint_after(Duration::from_millis(500));
        }
        let (mut dismissed, mut accepted) = (None, None);
        Area::new(Id::unique("toasts"))
            .order(Order::Foreground)
            .anchor(Align2::RIGHT_BOTTOM, vec2(-space::L, -space::L))
            .show(ctx, |ui| {
                ui.spacing_mut().item_spacing.y = space::S;
                for (i, toast) in self.0.iter().enumerate() {
                    let pressed = show(ui, toast);
                    if pressed != Pressed::Nothing {
                        dismissed = Some(i);
                    }
                    if pressed == Pressed::Accept {
                        accepted = toast.offer;
                    }
                }
            });
        if let Some(i) = dismissed {
            self.0.remove(i);
        }
        accepted
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Nothing,
    Dismiss,
    Accept,
}

/// Draws one message; what was pressed in it.
fn show(ui: &mut Ui, toast: &Toast) -> Pressed {
    const WIDTH: f32 = 380.0;
    const CLOSE: f32 = 24.0;
    let p = palette(ui);
    let frame = Frame::new()
        .fill(p.raised)
        .stroke(p.stroke(line::HAIR, p.line2))
        .corner_radius(radius::PANEL)
        .inner_margin(Margin::symmetric(space::M as i8, space::S as i8))
        .shadow(ui.visuals().popup_shadow);
    let width = WIDTH.min(ui.ctx().content_rect().width() - 4.0 * space::L);
    let mut words = toast.text.clone();
    if toast.count > 1 {
        words += &i18n::times(toast.count);
    }
    frame
        .show(ui, |ui| {
            ui.set_width(width);
            ui.horizontal_top(|ui| {
                let badge = toast.severity != Severity::Remark;
                if badge {
                    ui.label(RichText::new("▲").font(theme::regular(text::BODY)).color(p.warn));
                }
                let taken = CLOSE + space::S + if badge { space::XL } else { 0.0 };
                let mut accepted = false;
                ui.vertical(|ui| {
                    ui.set_width(width - taken);
                    ui.add(Label::new(RichText::new(words).color(p.ink)).wrap().selectable(true));
                    let offer = toast.offer.map(|offer| match offer {
                        Offer::Undo => i18n::undo(),
                        Offer::Light => i18n::light_theme(),
                    });
                    if let Some(words) = offer {
                        accepted = raised_button(ui, words, None, false).clicked();
                    }
                });
                match icon_button(ui, Icon::Close, i18n::dismiss(), CLOSE).clicked() {
                    _ if accepted => Pressed::Accept,
                    true => Pressed::Dismiss,
                    false => Pressed::Nothing,
                }
            })
            .inner
        })
        .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_message_is_shown_once() {
        let mut t = Toasts::default();
        for _ in 0..3 {
            t.push(Severity::Error, "no");
        }
        for i in 0..10 {
            t.push(Severity::Warning, format!("warning {i}"));
        }
        assert_eq!(t.list().len(), MOST);
        let mut t = Toasts::default();
        t.push(Severity::Error, "no");
        t.push(Severity::Error, "no");
        assert_eq!(t.list()[0].count, 2);
    }
}
