//! The shelf: earlier runs, each in a file of bounded size with its name and colour, where a later window
//! finds them. Whatever is renamed, pinned or deleted in the list is so on the shelf half a second later.

use super::export::{self, Place};
use super::files::{Delivery, Inbox};
use super::i18n;
use super::runs::{LEAST_STEPS, Run};
use super::state::AppState;
use super::toasts::Severity;
use crate::session::Phase;
use std::collections::BTreeMap;
use web_time::{Duration, Instant};

/// Bytes of all runs at most: a long run is some 1 MB.
const BYTES: usize = 8 << 20;
/// Between two looks at what has changed.
const PAUSE: Duration = Duration::from_millis(500);

/// A run's file as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub id: u64,
    /// Its bytes, or why they cannot be read.
    pub bytes: Result<Vec<u8>, String>,
}

/// A place for runs that outlives the window. What it is asked for is done in that order.
pub trait Shelf {
    /// Keeps a run's file under `id`; answered by `Delivery::NotShelved` if that fails.
    fn put(&mut self, id: u64, bytes: Vec<u8>, inbox: Inbox);
    /// Throws one away.
    fn remove(&mut self, id: u64);
    /// Gets all; answered by `Delivery::Shelf`.
    fn all(&mut self, inbox: Inbox);
}

/// What a run's file says; if this has changed, the file is written anew.
#[derive(Clone, Debug, PartialEq)]
struct Card {
    name: String,
    place: Place,
    steps: u64,
}

/// Keeps the shelf as the list of runs is.
pub(super) struct Librarian {
    shelf: Box<dyn Shelf>,
    inbox: Inbox,
    /// What lies there, and the bytes of each.
    lies: BTreeMap<u64, (Card, usize)>,
    /// What an earlier window has kept is known; before that nothing is written.
    read: bool,
    due: Instant,
    /// Said once: keeping does not work here.
    failed: bool,
}

impl Librarian {
    /// Looks for what earlier windows have kept.
    pub fn new(mut shelf: Box<dyn Shelf>, inbox: Inbox) -> Self {
        shelf.all(inbox.clone());
        Self { shelf, inbox, lies: BTreeMap::new(), read: false, due: Instant::now(), failed: false }
    }

    /// Brings the shelf up to date, now and then.
    pub fn tick(&mut self, state: &mut AppState, phase: Phase) {
        if Instant::now() >= self.due {
            self.due = Instant::now() + PAUSE;
            self.keep(state, phase);
        }
    }

    /// How long until something that has changed is to be kept; `None` if nothing has.
    pub fn wait(&self, state: &AppState, phase: Phase) -> Option<Duration> {
        let changed = self.read && !(self.stale(state).is_empty() && self.changed(state, phase).is_empty());
        changed.then(|| self.due.saturating_duration_since(Instant::now()))
    }

    /// Brings the shelf up to date.
    pub fn keep(&mut self, state: &mut AppState, phase: Phase) {
        if !self.read {
            return;
        }
        for id in self.stale(state) {
            self.remove(id);
        }
        for (id, card) in self.changed(state, phase) {
            self.put(state, id, card);
        }
        while self.lies.values().map(|(_, bytes)| bytes).sum::<usize>() > BYTES {
            let Some(id) = state.runs.make_room() else { break };
            self.remove(id);
        }
    }

    /// Takes in what the shelf has to say.
    pub fn on_delivery(&mut self, state: &mut AppState, delivery: Delivery) {
        match delivery {
            Delivery::Shelf(Ok(all)) => self.take(state, all),
            Delivery::Shelf(Err(why)) => {
                self.read = true;
                state.tell(Severity::Warning, i18n::shelf_unreadable(&why));
            }
            Delivery::NotShelved(why) => self.fail(state, &why),
            _ => {}
        }
    }

    fn fail(&mut self, state: &mut AppState, why: &str) {
        if !std::mem::replace(&mut self.failed, true) {
            state.tell(Severity::Warning, i18n::run_not_kept(why));
        }
    }

    /// Takes over what was found; what is damaged is said, and the others are none the worse. What another version has
    /// kept stays for that version.
    fn take(&mut self, state: &mut AppState, all: Vec<Stored>) {
        self.read = true;
        let mut runs = Vec::new();
        for Stored { id, bytes } in all {
            let bytes = match bytes {
                Ok(bytes) => bytes,
                Err(why) => {
                    state.tell(Severity::Warning, i18n::shelf_unreadable(&why));
                    continue;
                }
            };
            if export::is_of_another_version(&bytes) {
                state.tell(Severity::Warning, i18n::shelf_of_another_version());
                continue;
            }
            match export::read_run(&bytes) {
                Ok(mut run) => {
                    run.about.id = id;
                    self.lies.insert(id, (card(&run), bytes.len()));
                    runs.push(run);
                }
                Err(why) => {
                    state.tell(Severity::Warning, i18n::shelf_damaged(&why));
                    self.shelf.remove(id);
                }
            }
        }
        runs.sort_by_key(|r| r.about.id);
        state.runs.restore(runs);
    }

    /// What lies there and is in the list no more.
    fn stale(&self, state: &AppState) -> Vec<u64> {
        let current = state.runs.current.iter().map(|c| c.id);
        let wanted: Vec<u64> = state.runs.kept().iter().map(|r| r.about.id).chain(current).collect();
        self.lies.keys().filter(|id| !wanted.contains(id)).copied().collect()
    }

    /// What is in the list and not, or not so, on the shelf. The run that is trained is worth keeping
    /// whenever it rests.
    fn changed(&self, state: &AppState, phase: Phase) -> Vec<(u64, Card)> {
        let mut cards: Vec<_> = state.runs.kept().iter().map(|r| (r.about.id, card(r))).collect();
        let rests = matches!(phase, Phase::Idle | Phase::Finished | Phase::Diverged | Phase::Lost);
        if let Some(current) = state.runs.current.as_ref().filter(|_| rests)
            && state.history.steps() >= LEAST_STEPS
        {
            let place = Place { lane: state.runs.free_lane(), drawn: true, pinned: false };
            let card = Card { name: current.name.clone(), place, steps: state.history.steps() };
            cards.push((current.id, card));
        }
        cards.retain(|(id, card)| self.lies.get(id).is_none_or(|(lies, _)| lies != card));
        cards
    }

    fn put(&mut self, state: &mut AppState, id: u64, card: Card) {
        let kept = state.runs.kept().iter().find(|r| r.about.id == id);
        let written = match kept {
            Some(run) => export::write_kept(run, card.place),
            None => match state.current_run() {
                Some(run) => export::write_kept(&run, card.place),
                None => return,
            },
        };
        match written {
            Ok(bytes) => {
                self.lies.insert(id, (card, bytes.len()));
                self.shelf.put(id, bytes, self.inbox.clone());
            }
            Err(why) => self.fail(state, &why),
        }
    }

    fn remove(&mut self, id: u64) {
        self.lies.remove(&id);
        self.shelf.remove(id);
    }
}

fn card(run: &Run) -> Card {
    let place = Place { lane: run.lane, drawn: run.drawn, pinned: run.pinned };
    Card { name: run.about.name.clone(), place, steps: run.history.steps() }
}

/// One file a run in the user's own folder of data.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub struct FileShelf(std::path::PathBuf);

#[cfg(not(target_arch = "wasm32"))]
impl FileShelf {
    /// Where this system keeps a program's data; `None` without a home folder.
    pub fn of_user() -> Option<Self> {
        let folders = directories::ProjectDirs::from("", "", "skipscope")?;
        Some(Self::at(folders.data_dir().join("runs")))
    }

    /// In `folder`.
    pub fn at(folder: impl Into<std::path::PathBuf>) -> Self {
        Self(folder.into())
    }

    fn path(&self, id: u64) -> std::path::PathBuf {
        self.0.join(format!("{id}{}", export::RUN))
    }

    /// Written beside it and moved into place: a crash leaves the old file or the new one.
    fn write(&self, id: u64, bytes: &[u8]) -> Result<(), String> {
        let path = self.path(id);
        let part = path.with_extension("part");
        let write = || {
            std::fs::create_dir_all(&self.0)?;
            std::fs::write(&part, bytes)?;
            std::fs::rename(&part, &path)
        };
        write().map_err(|e: std::io::Error| format!("{}: {e}", path.display()))
    }

    /// A file too large to be a run's is not read at all.
    fn read(&self, id: u64) -> Result<Vec<u8>, String> {
        let path = self.path(id);
        let said = |e: std::io::Error| format!("{}: {e}", path.display());
        let bytes = std::fs::metadata(&path).map_err(said)?.len();
        if bytes > export::LARGEST as u64 {
            return Err(format!("{}: {bytes} bytes are too many for a run", path.display()));
        }
        std::fs::read(&path).map_err(said)
    }

    fn find(&self) -> Result<Vec<Stored>, String> {
        let entries = match std::fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(format!("{}: {e}", self.0.display())),
        };
        let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
        let ids = names.filter_map(|n| n.strip_suffix(export::RUN)?.parse().ok());
        Ok(ids.map(|id| Stored { id, bytes: self.read(id) }).collect())
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Shelf for FileShelf {
    fn put(&mut self, id: u64, bytes: Vec<u8>, inbox: Inbox) {
        if let Err(why) = self.write(id, &bytes) {
            inbox.deliver(Delivery::NotShelved(why));
        }
    }

    fn remove(&mut self, id: u64) {
        let path = self.path(id);
        if let Err(e) = std::fs::remove_file(&path)
            && e.kind() != std::io::ErrorKind::NotFound
        {
            log::warn!("{} cannot be removed: {e}", path.display());
        }
    }

    fn all(&mut self, inbox: Inbox) {
        inbox.deliver(Delivery::Shelf(self.find()));
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::app::history::History;
    use crate::app::runs::About;
    use crate::model::by_name;
    use crate::session::{Event, StepRecord};
    use crate::train::Recipe;
    use eframe::egui::Context;
    use std::path::Path;
    use std::sync::mpsc::Receiver;

    /// A window's list and the keeper of its shelf, as if it had just been opened on `folder`.
    struct Window {
        state: AppState,
        librarian: Librarian,
        deliveries: Receiver<Delivery>,
    }

    impl Window {
        fn on(folder: &Path) -> Self {
            let (inbox, deliveries) = Inbox::new(Context::default());
            let librarian = Librarian::new(Box::new(FileShelf::at(folder)), inbox);
            let mut window = Self { state: AppState::default(), librarian, deliveries };
            window.hear();
            window
        }

        fn hear(&mut self) {
            while let Ok(delivery) = self.deliveries.try_recv() {
                self.librarian.on_delivery(&mut self.state, delivery);
            }
        }

        fn rest(&mut self) {
            self.librarian.keep(&mut self.state, Phase::Idle);
            self.hear();
            assert!(self.librarian.wait(&self.state, Phase::Idle).is_none(), "nothing is left to do");
        }

        fn names(&self) -> Vec<(&str, usize)> {
            self.state.runs.kept().iter().map(|r| (r.about.name.as_str(), r.lane)).collect()
        }

        fn said(&self) -> Vec<&str> {
            self.state.toasts().list().iter().map(|t| t.text.as_str()).collect()
        }
    }

    fn run(name: &str, steps: u64) -> Run {
        let about = About {
            id: 0,
            name: name.into(),
            data: "shapes10".into(),
            spec: by_name("resnet8").expect("in the zoo"),
            recipe: Recipe::default(),
        };
        let mut history = History::default();
        for step in 0..steps {
            let record = StepRecord { step, loss: 2.0 + 1.0 / (step + 1) as f32, ..StepRecord::default() };
            history.on_event(&Event::Step(Box::new(record)));
        }
        Run { about, history, lane: 0, drawn: false, pinned: false }
    }

    fn files(folder: &Path) -> usize {
        std::fs::read_dir(folder).map_or(0, Iterator::count)
    }

    #[test]
    fn a_later_window_finds_the_runs_with_their_names_and_colours() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().join("new");
        let mut first = Window::on(&folder);
        for name in ["a", "b", "c"] {
            first.state.runs.keep(run(name, 30));
        }
        first.state.runs.rename(2, "second");
        first.state.runs.delete(1);
        first.state.runs.pin(3);
        first.rest();
        assert_eq!(files(&folder), 2);
        let mut next = Window::on(&folder);
        assert_eq!(next.names(), [("second", 2), ("c", 3)]);
        assert_eq!(next.state.runs.kept(), first.state.runs.kept());
        // What happens to a run here reaches the shelf, too, and a deletion that is undone.
        next.state.runs.delete(2);
        next.rest();
        assert_eq!(files(&folder), 1);
        next.state.runs.undo();
        next.rest();
        assert_eq!(Window::on(&folder).names(), [("second", 2), ("c", 3)]);
    }

    #[test]
    fn the_run_that_is_trained_is_kept_when_it_rests() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut first = Window::on(folder.path());
        first.state.runs.current = Some(About { id: 77, ..run("mine", 0).about });
        first.state.history = run("mine", 25).history;
        first.librarian.keep(&mut first.state, Phase::Running);
        assert_eq!(files(folder.path()), 0);
        first.rest();
        let mut next = Window::on(folder.path());
        assert_eq!(next.names(), [("mine", 1)]);
        // Its checkpoint is gone on from: it is not beside itself, and still on the shelf.
        next.state.runs.current = Some(About { id: 99, ..run("new", 0).about });
        next.state.runs.take_up(77, "mine".into());
        next.rest();
        assert_eq!((next.names().len(), files(folder.path())), (0, 1));
    }

    #[test]
    fn a_damaged_file_is_said_and_the_others_survive() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut first = Window::on(folder.path());
        for name in ["a", "b", "c"] {
            first.state.runs.keep(run(name, 30));
        }
        first.rest();
        let shelf = FileShelf::at(folder.path());
        let ids: Vec<u64> = first.state.runs.kept().iter().map(|r| r.about.id).collect();
        std::fs::write(shelf.path(ids[1]), b"{\"format\":").expect("written");
        std::fs::write(folder.path().join("notes.txt"), b"not ours").expect("written");
        let next = Window::on(folder.path());
        assert_eq!(next.names(), [("a", 1), ("c", 3)]);
        assert_eq!(next.said().len(), 1, "{:?}", next.said());
        assert_eq!(files(folder.path()), 3, "what is damaged is gone, what is not ours is not");
        // Another version's stays as it is.
        let other = br#"{"format":"skipscope-run","version":2,"curves":[]}"#;
        std::fs::write(shelf.path(7), other).expect("written");
        let mut later = Window::on(folder.path());
        assert_eq!((later.names().len(), later.said().len()), (2, 1), "{:?}", later.said());
        later.state.runs.keep(run("d", 30));
        later.rest();
        assert_eq!(std::fs::read(shelf.path(7)).expect("there"), other);
        std::fs::remove_file(shelf.path(7)).expect("removed");
        // One that is no run by its size is not read at all, and said.
        std::fs::File::create(shelf.path(5))
            .and_then(|f| f.set_len(export::LARGEST as u64 + 1))
            .expect("sparse");
        assert!(Window::on(folder.path()).said()[0].contains("too many"));
    }

    #[test]
    fn count_and_bytes_are_bounded_and_the_oldest_make_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut window = Window::on(folder.path());
        window.state.runs.keep(run("pinned", 2000));
        window.state.runs.pin(1);
        for i in 0..20 {
            window.state.runs.keep(run(&format!("run {i}"), 2000));
            window.rest();
        }
        let bytes: u64 = std::fs::read_dir(folder.path())
            .expect("there")
            .map(|e| e.and_then(|e| e.metadata()).map_or(0, |m| m.len()))
            .sum();
        assert!(bytes <= BYTES as u64 && bytes > BYTES as u64 / 2, "{bytes} bytes");
        assert_eq!(files(folder.path()), window.state.runs.kept().len());
        let names = window.names();
        assert_eq!((names[0].0, names[names.len() - 1].0), ("pinned", "run 19"));
    }

    #[test]
    fn a_shelf_that_cannot_be_written_is_said_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, b"in the way").expect("written");
        let mut window = Window::on(&file);
        for name in ["a", "b"] {
            window.state.runs.keep(run(name, 30));
        }
        window.librarian.keep(&mut window.state, Phase::Idle);
        window.hear();
        assert_eq!(window.said().len(), 2, "not read, and not written: {:?}", window.said());
        assert_eq!(window.state.runs.kept().len(), 2);
    }
}
