//! All keys of the window in one table, which both acts and is shown in the help.

use super::i18n;
use super::panels::microscope;
use super::state::{AppState, can_train};
use super::view::View;
use crate::session::{Command, Snapshot};
use eframe::egui::{Key, Popup, Ui};

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Run,
    Step,
    Restart,
    Evaluate,
    /// Cuts the chosen block's skip, or rejoins it.
    Cut,
    UndoCut,
    /// An earlier moment of the run, or a later one.
    Earlier,
    Later,
    Theme,
    Language,
    Presentation,
    Lessons,
    /// To the race, and back to the network.
    Race,
    /// To the experiments, and back to the network.
    Lab,
    CopyLink,
    Frame,
    Help,
    /// Leaves the innermost of what is open.
    Leave,
    /// The panel that is concerned listens itself while it is drawn.
    InPanel,
}

/// A line of the help: its keys, how they are written there, and what they do.
struct Line {
    keys: &'static [Key],
    written: fn() -> &'static str,
    says: fn() -> &'static str,
    action: Action,
}

const fn line(
    keys: &'static [Key],
    written: fn() -> &'static str,
    says: fn() -> &'static str,
    action: Action,
) -> Line {
    Line { keys, written, says, action }
}

#[rustfmt::skip]
const TABLE: &[Line] = &[
    line(&[Key::Space], i18n::key_space, i18n::key_run, Action::Run),
    line(&[Key::S], || "S", i18n::key_step, Action::Step),
    line(&[Key::R], || "R", i18n::key_restart, Action::Restart),
    line(&[Key::E], || "E", i18n::key_evaluate, Action::Evaluate),
    line(&[Key::X], || "X", i18n::key_cut, Action::Cut),
    line(&[Key::Z], || "Z", i18n::key_undo_cut, Action::UndoCut),
    line(&[Key::Comma], || ",", i18n::key_earlier, Action::Earlier),
    line(&[Key::Period], || ".", i18n::key_later, Action::Later),
    line(&[Key::M], || "M", i18n::key_microscope, Action::InPanel),
    line(&[Key::ArrowLeft, Key::ArrowRight], || "← →", i18n::key_block, Action::InPanel),
    line(&[Key::Enter], i18n::key_enter, i18n::key_open, Action::InPanel),
    line(&[Key::OpenBracket, Key::CloseBracket], || "[  ]", i18n::key_picture, Action::InPanel),
    line(&[Key::Num0], || "0", i18n::key_fit, Action::InPanel),
    line(&[Key::G, Key::N], || "G  N", i18n::key_walk, Action::InPanel),
    line(&[Key::F], || "F", i18n::key_fold, Action::InPanel),
    line(&[Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5], || "1 … 5", i18n::key_charts, Action::InPanel),
    line(&[Key::T], || "T", i18n::key_theme, Action::Theme),
    line(&[Key::L], || "L", i18n::key_language, Action::Language),
    line(&[Key::P], || "P", i18n::key_presentation, Action::Presentation),
    line(&[Key::B], || "B", i18n::key_lessons, Action::Lessons),
    line(&[Key::V], || "V", i18n::key_race, Action::Race),
    line(&[Key::A], || "A", i18n::key_lab, Action::Lab),
    line(&[Key::C], || "C", i18n::key_link, Action::CopyLink),
    line(&[], || "Ctrl + − 0", i18n::key_zoom, Action::InPanel),
    line(&[Key::D], || "D", i18n::key_frame, Action::Frame),
    line(&[Key::Questionmark, Key::F1], || "?", i18n::key_help, Action::Help),
    line(&[Key::Escape], i18n::key_escape, i18n::key_leave, Action::Leave),
];

/// How each key is written, and what it does in the window's language.
pub fn list() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().map(|l| ((l.written)(), (l.says)()))
}

impl AppState {
    /// Does what the pressed keys ask for.
    pub(super) fn keys(&mut self, ui: &Ui, snapshot: &Snapshot) {
        self.zoom_keys(ui);
        // A focused control owns the keys: Space presses it, digits go into it.
        if ui.memory(|m| m.focused().is_some()) || ui.ctx().egui_wants_keyboard_input() {
            return;
        }
        let blocks = snapshot.model.as_ref().map_or(0, |m| m.block_names.len());
        let view = self.view;
        if !matches!(view, View::Race | View::Lab) {
            microscope::keys(ui, &mut self.view, &mut self.selection, &mut self.scope, blocks);
        }
        if self.view != view {
            return;
        }
        for line in TABLE {
            let pressed = ui.input(|i| {
                let plain = !i.modifiers.command && !i.modifiers.alt;
                plain && line.keys.iter().any(|&key| i.key_pressed(key))
            });
            if pressed {
                self.act(line.action, ui, snapshot);
            }
        }
    }

    fn act(&mut self, action: Action, ui: &Ui, snapshot: &Snapshot) {
        match action {
            Action::Run if self.view == View::Race => self.toggle_race(snapshot),
            Action::Restart if self.view == View::Race => drop(self.start_race(snapshot)),
            Action::Run if self.view == View::Lab => self.toggle_experiment(snapshot),
            Action::Restart if self.view == View::Lab => self.start_experiment(snapshot),
            Action::Cut if self.view == View::Race => self.toggle_lane_skip(snapshot),
            Action::UndoCut if self.view == View::Race => self.undo_lane_skip(snapshot),
            // They are about the session's own network, which waits and is not seen.
            Action::Step
            | Action::Evaluate
            | Action::Cut
            | Action::UndoCut
            | Action::Earlier
            | Action::Later
                if matches!(self.view, View::Race | View::Lab) => {}
            Action::Run => self.toggle_run(snapshot),
            Action::Step => {
                if can_train(snapshot) {
                    self.send(Command::Step);
                }
            }
            Action::Restart => self.restart(snapshot),
            Action::Evaluate => {
                if snapshot.model.is_some() {
                    self.send(Command::Evaluate);
                }
            }
            Action::Cut => {
                if let Some(block) = self.selection.block {
                    self.toggle_skip(snapshot, block);
                }
            }
            Action::UndoCut => self.undo_skip(snapshot),
            Action::Earlier | Action::Later => self.walk_back(snapshot, action == Action::Earlier),
            Action::Theme => self.toggle_theme(ui),
            Action::Language => self.toggle_language(),
            Action::Presentation => self.presentation = !self.presentation,
            Action::Lessons => self.lessons.open = !self.lessons.open,
            Action::Race => {
                self.show(if self.view == View::Race { View::Network } else { View::Race });
            }
            Action::Lab => {
                self.show(if self.view == View::Lab { View::Network } else { View::Lab });
            }
            Action::CopyLink => self.copy_link(ui, snapshot),
            Action::Frame => self.frame_shown = !self.frame_shown,
            Action::Help => self.help = !self.help,
            Action::Leave if Popup::is_any_open(ui.ctx()) || self.help => {}
            Action::Leave => self.leave(),
            Action::InPanel => {}
        }
    }

    /// Closes the innermost of what is open; lists and the help close themselves.
    fn leave(&mut self) {
        if self.drawer.take().is_some() {
            return;
        }
        if self.album.open {
            self.album.open = false;
        } else {
            self.presentation = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_does_two_things() {
        let mut seen = HashSet::new();
        for key in TABLE.iter().flat_map(|l| l.keys) {
            assert!(seen.insert(*key), "{key:?} is twice in the table");
        }
    }

    #[test]
    fn every_line_says_something() {
        let mut written = HashSet::new();
        for (key, says) in list() {
            assert!(!key.is_empty() && !says.is_empty());
            assert!(written.insert(key), "{key}");
        }
    }
}
