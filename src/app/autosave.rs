//! Keeping the run: now and then, and whenever it comes to rest, weights and optimiser state go where a
//! crash, a lost device or a closed window does not reach them. A later window offers to go on from there.
//!
//! Two places are used in turn, so that what was found at the start is not written over before somebody
//! has decided about it.

#[cfg(not(target_arch = "wasm32"))]
use super::export::LARGEST;
use super::files::Inbox;
use crate::session::Phase;
use serde::{Deserialize, Serialize};

/// Seconds between two checkpoints while training runs, and after it has come to rest.
const RUNNING: f64 = 30.0;
const AT_REST: f64 = 5.0;
/// Keeping takes at most this share of the time.
const SHARE: f64 = 0.03;

/// A checkpoint that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which of two places it lies in.
    pub slot: u32,
    /// The network, e.g. `resnet18`, and the pictures it was trained on.
    pub name: String,
    pub data: String,
    /// Training steps done.
    pub step: u64,
    /// Seconds since 1970.
    pub at: u64,
}

/// A place for checkpoints that outlives the window. Nothing here waits: answers come through the inbox.
pub trait Vault {
    /// Keeps the checkpoint `bytes` and the run's `curves`, a run's file, in place of what was in the slot;
    /// answered by `Delivery::Kept`.
    fn keep(&mut self, kept: Kept, bytes: Vec<u8>, curves: Vec<u8>, inbox: Inbox);
    /// Looks for what is kept; answered by `Delivery::Found`.
    fn find(&mut self, inbox: Inbox);
    /// Gets its curves, delivered as such, and after them the checkpoint, delivered as a file.
    fn get(&mut self, kept: &Kept, inbox: Inbox);
    /// Throws one away.
    fn discard(&mut self, kept: &Kept);
}

/// When to keep. Pure: time comes in seconds.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// When the last one was kept or, before that, when there was first something to keep.
    since: Option<f64>,
    last_step: Option<u64>,
    begun: Option<f64>,
    cost: f64,
}

impl Policy {
    /// Whether to keep now, at `step` of a run in `phase`.
    pub fn is_due(&mut self, now: f64, phase: Phase, step: u64) -> bool {
        let pause = match phase {
            Phase::Running | Phase::Evaluating => RUNNING,
            Phase::Idle | Phase::Finished => AT_REST,
            // What has diverged is not worth keeping, and nothing else is there.
            Phase::Empty | Phase::Compiling | Phase::Diverged | Phase::Lost => return false,
        };
        if step == 0 || self.begun.is_some() || self.last_step == Some(step) {
            return false;
        }
        let since = *self.since.get_or_insert(now);
        now - since >= pause.max(self.cost / SHARE)
    }

    /// Keeping has begun.
    pub fn begin(&mut self, now: f64, step: u64) {
        self.begun = Some(now);
        self.last_step = Some(step);
    }

    /// Keeping is over, well or not.
    pub fn end(&mut self, now: f64) {
        if let Some(begun) = self.begun.take() {
            self.cost = now - begun;
        }
        self.since = Some(now);
    }

    /// The network is another one at the same step: what was kept is not what it is now.
    pub fn changed(&mut self) {
        self.last_step = None;
    }

    /// Another run: what was kept says nothing about it, and what was being kept is not to be waited for.
    pub fn restart(&mut self) {
        self.last_step = None;
        self.begun = None;
    }
}

/// What is kept, as far as this window knows.
#[derive(Clone, Debug, Default)]
pub struct Keeping {
    /// Found at the start; nobody has decided about it yet.
    pub offer: Option<Kept>,
    /// The last one of this window's run.
    pub latest: Option<Kept>,
    /// To be gone on from as soon as its pictures are there.
    pub waiting: Option<Kept>,
}

impl Keeping {
    /// The slot to write next: not the one that is offered, else the older.
    pub fn slot(&self) -> u32 {
        let taken = self.offer.as_ref().or(self.waiting.as_ref()).or(self.latest.as_ref());
        taken.map_or(0, |k| 1 - k.slot.min(1))
    }

    /// Offers the newest of what was found.
    pub fn found(&mut self, all: Vec<Kept>) {
        self.offer = all.into_iter().filter(|k| k.step > 0).max_by_key(|k| k.at);
    }
}

/// Ending of a kept run's curves.
#[cfg(not(target_arch = "wasm32"))]
const CURVES: &str = "skipscope.json";

/// Three files a slot in the user's own folder of data.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub struct FileVault(std::path::PathBuf);

#[cfg(not(target_arch = "wasm32"))]
impl FileVault {
    /// Where this system keeps a program's data; `None` without a home folder.
    pub fn of_user() -> Option<Self> {
        let folders = directories::ProjectDirs::from("", "", "skipscope")?;
        Some(Self(folders.data_dir().join("autosave")))
    }

    /// In `folder`.
    pub fn at(folder: impl Into<std::path::PathBuf>) -> Self {
        Self(folder.into())
    }

    fn path(&self, slot: u32, ending: &str) -> std::path::PathBuf {
        self.0.join(format!("run{slot}.{ending}"))
    }

    fn write(&self, kept: &Kept, bytes: &[u8], curves: &[u8]) -> Result<(), String> {
        let said = |e: std::io::Error| format!("{}: {e}", self.0.display());
        std::fs::create_dir_all(&self.0).map_err(said)?;
        let header = serde_json::to_vec(kept).map_err(|e| e.to_string())?;
        // The old header goes first and the new one comes last: a header always tells the truth.
        let (head, body) = (self.path(kept.slot, "json"), self.path(kept.slot, "safetensors"));
        match std::fs::remove_file(&head) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(said(e)),
            _ => {}
        }
        let lines = self.path(kept.slot, CURVES);
        for (path, bytes) in [(&body, bytes), (&lines, curves), (&head, header.as_slice())] {
            let part = path.with_extension("part");
            std::fs::write(&part, bytes).map_err(said)?;
            std::fs::rename(&part, path).map_err(said)?;
        }
        Ok(())
    }

    fn all(&self) -> Vec<Kept> {
        let read = |slot| {
            let text = std::fs::read(self.path(slot, "json")).ok()?;
            let kept: Kept = serde_json::from_slice(&text).ok()?;
            self.path(slot, "safetensors").is_file().then_some(Kept { slot, ..kept })
        };
        (0..2).filter_map(read).collect()
    }

    /// The curves in a slot; a file too large to be a run's is not read at all.
    fn curves(&self, slot: u32) -> Result<Option<Vec<u8>>, String> {
        let path = self.path(slot, CURVES);
        let said = |e: std::io::Error| format!("{}: {e}", path.display());
        match std::fs::metadata(&path) {
            Ok(about) if about.len() > LARGEST as u64 => {
                Err(format!("{}: {} bytes are too many for a run", path.display(), about.len()))
            }
            Ok(_) => std::fs::read(&path).map(Some).map_err(said),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(said(e)),
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Vault for FileVault {
    fn keep(&mut self, kept: Kept, bytes: Vec<u8>, curves: Vec<u8>, inbox: Inbox) {
        let vault = Self(self.0.clone());
        std::thread::spawn(move || {
            let written = vault.write(&kept, &bytes, &curves);
            inbox.deliver(super::Delivery::Kept(written.map(|()| kept)));
        });
    }

    fn find(&mut self, inbox: Inbox) {
        inbox.deliver(super::Delivery::Found(self.all()));
    }

    fn get(&mut self, kept: &Kept, inbox: Inbox) {
        let path = self.path(kept.slot, "safetensors");
        let name = format!("{}-step{}.safetensors", kept.name, kept.step);
        let (vault, slot) = (Self(self.0.clone()), kept.slot);
        std::thread::spawn(move || {
            inbox.deliver(super::Delivery::Curves(vault.curves(slot)));
            inbox.deliver(match std::fs::read(&path) {
                Ok(bytes) => super::Delivery::File { purpose: super::Purpose::Checkpoint, name, bytes },
                Err(e) => super::Delivery::Failed(format!("{}: {e}", path.display())),
            });
        });
    }

    fn discard(&mut self, kept: &Kept) {
        for ending in ["json", CURVES, "safetensors"] {
            let path = self.path(kept.slot, ending);
            if let Err(e) = std::fs::remove_file(&path)
                && e.kind() != std::io::ErrorKind::NotFound
            {
                log::warn!("{} cannot be removed: {e}", path.display());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_kept_every_half_minute_and_when_it_comes_to_rest() {
        let mut p = Policy::default();
        assert!(!p.is_due(0.0, Phase::Running, 0));
        assert!(!p.is_due(1.0, Phase::Running, 5));
        assert!(!p.is_due(30.0, Phase::Running, 90));
        assert!(p.is_due(31.5, Phase::Running, 95));
        p.begin(31.5, 95);
        assert!(!p.is_due(80.0, Phase::Running, 200), "one is under way");
        p.end(32.0);
        assert!(!p.is_due(36.9, Phase::Idle, 100));
        assert!(p.is_due(60.0, Phase::Idle, 100));
        p.begin(60.0, 100);
        p.end(60.5);
        assert!(!p.is_due(500.0, Phase::Idle, 100), "nothing has changed since");
        let mut operated = p.clone();
        operated.changed();
        assert!(operated.is_due(500.0, Phase::Idle, 100), "at rest, but another network by now");
        assert!(!p.is_due(500.0, Phase::Diverged, 120));
    }

    #[test]
    fn keeping_takes_little_of_the_time() {
        let mut p = Policy::default();
        assert!(!p.is_due(0.0, Phase::Running, 1));
        p.begin(40.0, 2);
        p.end(46.0);
        assert!(!p.is_due(46.0 + 199.0, Phase::Running, 50), "six seconds are 3 % of two hundred");
        assert!(p.is_due(46.0 + 201.0, Phase::Running, 50));
    }

    #[test]
    fn a_network_that_is_replaced_while_it_is_kept_does_not_end_keeping() {
        let mut p = Policy::default();
        assert!(!p.is_due(0.0, Phase::Running, 1));
        p.begin(40.0, 2);
        p.restart();
        assert!(p.is_due(80.0, Phase::Running, 2));
    }

    fn kept(slot: u32, step: u64, at: u64) -> Kept {
        Kept { slot, name: "resnet8".into(), data: "shapes10".into(), step, at }
    }

    #[test]
    fn what_is_offered_is_not_written_over() {
        let mut k = Keeping::default();
        assert_eq!(k.slot(), 0);
        k.found(vec![kept(0, 10, 5), kept(1, 99, 7)]);
        assert_eq!(k.offer.as_ref().map(|k| k.slot), Some(1));
        assert_eq!(k.slot(), 0);
        k.latest = Some(kept(0, 3, 9));
        assert_eq!(k.slot(), 0, "still offered");
        k.offer = None;
        assert_eq!(k.slot(), 1);
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn files_are_kept_found_and_thrown_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut vault = FileVault::at(folder.path().join("new"));
        assert_eq!(vault.all(), []);
        let (a, b) = (kept(0, 10, 5), kept(1, 20, 6));
        vault.write(&a, b"weights", b"curves of a").expect("written");
        vault.write(&b, b"more weights", b"curves of b").expect("written");
        assert_eq!(vault.all(), [a, b.clone()]);
        assert_eq!(vault.curves(1), Ok(Some(b"curves of b".to_vec())));
        // A header without its weights, and one that is damaged, are nothing.
        std::fs::remove_file(vault.path(0, "safetensors")).expect("removed");
        assert_eq!(vault.all(), std::slice::from_ref(&b));
        std::fs::write(vault.path(1, "json"), b"{").expect("written");
        assert_eq!(vault.all(), []);
        vault.write(&b, b"again", b"curves").expect("written");
        // Curves that are gone or no run by their size take nothing from the weights.
        let large = std::fs::File::create(vault.path(1, CURVES)).expect("created");
        large.set_len(LARGEST as u64 + 1).expect("sparse");
        assert!(vault.curves(1).is_err());
        std::fs::remove_file(vault.path(1, CURVES)).expect("removed");
        assert_eq!((vault.curves(1), vault.all().len()), (Ok(None), 1));
        vault.discard(&b);
        assert_eq!(vault.all(), []);
    }
}
