//! Links in and out of the window: what a link asks for is put into the controls, and what the controls
//! and the selection say becomes a link.

use super::i18n;
use super::link::{Link, SHAPES10};
use super::state::{AppState, UiCommand};
use super::toasts::Severity;
use super::view::Selection;
use crate::session::{Command, DataSource, Snapshot};
use eframe::egui::Ui;

/// What a link asked for and is not there yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::app) struct Wishes {
    /// Pictures that nobody has offered so far.
    data: Option<String>,
    /// A block of the network under way.
    pub block: Option<String>,
}

/// The block that is chosen in a network of so many when nobody has chosen: one in its middle.
fn first_block(blocks: usize) -> Option<usize> {
    (blocks > 0).then_some(blocks / 2)
}

impl AppState {
    /// Puts everything that `text`, a whole address or what stands after its `#`, asks for into the window;
    /// parts that are not understood are named. `loaded` is the name of the pictures that are there.
    /// Returns whether another network is to be built.
    pub fn open_link(&mut self, text: &str, loaded: Option<&str>) -> bool {
        let (link, faults) = Link::parse(text);
        if !faults.is_empty() {
            self.tell(Severity::Warning, i18n::link_faults(faults.join(", ")));
        }
        if let Some(language) = link.language {
            self.chosen_language = Some(language);
            self.ask(UiCommand::Language(language));
        }
        let rebuild = self.form != link.form;
        self.form = link.form;
        self.view = link.view;
        self.race.form = link.race;
        self.lab.form.choose(link.lab);
        self.looks.picture = link.picture;
        self.looks.maps = link.maps;
        self.looks.own_scale = link.own_scale;
        self.wishes.block = link.block;
        if let Some(lesson) = &link.lesson
            && self.lesson_wanted().as_ref() != Some(lesson)
        {
            self.open_lesson(lesson);
        }
        if loaded != Some(link.data.as_str()) {
            self.want_data(link.data);
        }
        rebuild
    }

    /// A link that came while the window is open: builds and loads only what differs.
    pub fn follow_link(&mut self, text: &str, snapshot: &Snapshot) {
        let loaded = snapshot.data.as_ref().map(|d| d.name.as_str());
        if self.open_link(text, loaded) {
            self.build_and_run();
        } else if let Some(model) = &snapshot.model {
            self.grant_block(&model.block_names);
        }
    }

    /// What a link says of the lesson that is played.
    fn lesson_wanted(&self) -> Option<String> {
        self.lessons.playing.as_ref().filter(|_| self.lessons.open)?.source.wanted()
    }

    /// Shows what the parts of `text` say of the view, and leaves everything else.
    pub(super) fn show_of(&mut self, text: &str, snapshot: &Snapshot) {
        let (link, _) = Link::parse(text);
        for key in text.split('&').filter_map(|part| part.split('=').next()) {
            match key {
                "view" => self.view = link.view,
                "race" => {
                    self.race.form.clone_from(&link.race);
                    self.race.cleared = snapshot.race.clone().filter(|r| !r.is_open());
                }
                "lab" => self.lab.form.choose(link.lab.clone()),
                "pic" => self.looks.picture = link.picture,
                "maps" => self.looks.maps = link.maps,
                "scale" => self.looks.own_scale = link.own_scale,
                _ => self.wishes.block.clone_from(&link.block),
            }
        }
        if let Some(model) = &snapshot.model {
            self.grant_block(&model.block_names);
        }
    }

    fn want_data(&mut self, name: String) {
        if name == SHAPES10 {
            self.wishes.data = None;
            self.ask(UiCommand::Session(Command::LoadData(DataSource::Shapes10 { seed: 1 })));
        } else if self.offers.contains(&name) {
            self.ask(UiCommand::Fetch(name));
        } else {
            self.tell(Severity::Warning, i18n::link_data(&name));
            self.wishes.data = Some(name);
        }
    }

    /// Pictures that a link has asked for are offered now.
    pub(super) fn grant_data(&mut self, offered: &str) {
        if self.wishes.data.as_deref() == Some(offered) {
            self.wishes.data = None;
            self.ask(UiCommand::Fetch(offered.into()));
        }
    }

    /// The network that a link has asked for is built: its block can be chosen.
    pub(super) fn grant_block(&mut self, names: &[String]) {
        if let Some(name) = self.wishes.block.take() {
            self.selection.block = names.iter().position(|n| *n == name);
            self.selection.probe = None;
            if self.selection.block.is_none() {
                self.tell(Severity::Warning, i18n::link_block(&name));
            }
        }
        // There is always something under the microscope to begin with.
        if self.selection.block.is_none_or(|b| b >= names.len()) {
            self.selection = Selection { block: first_block(names.len()), probe: None };
        }
    }

    /// The part after `#` that opens what is on the screen.
    pub fn link(&self, snapshot: &Snapshot) -> String {
        let chosen = |block: usize| {
            let names = &snapshot.model.as_ref()?.block_names;
            if first_block(names.len()) == Some(block) { None } else { names.get(block).cloned() }
        };
        let loaded = snapshot.data.as_ref().map(|d| d.name.clone());
        let link = Link {
            form: self.form.clone(),
            data: self.wishes.data.clone().or(loaded).unwrap_or_else(|| SHAPES10.into()),
            block: self.wishes.block.clone().or_else(|| self.selection.block.and_then(chosen)),
            picture: self.looks.picture,
            maps: self.looks.maps,
            own_scale: self.looks.own_scale,
            view: self.view,
            race: self.race.form.clone(),
            lab: self.lab.form.clone(),
            language: self.chosen_language,
            lesson: self.lesson_wanted(),
        };
        link.hash()
    }

    /// Puts the whole address into the clipboard.
    pub(super) fn copy_link(&mut self, ui: &Ui, snapshot: &Snapshot) {
        let address = format!("{}#{}", self.address, self.link(snapshot));
        ui.ctx().copy_text(address);
        self.tell(Severity::Remark, i18n::link_copied());
    }

    /// The page's address, in front of what [`Self::link`] says; empty on the desktop.
    pub fn set_address(&mut self, address: String) {
        self.address = address;
    }
}
