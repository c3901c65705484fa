//! A panic in the window's own code: caught, put into words, and told to the window that comes after it.

use super::autosave::Kept;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the next window has to say about the one before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crash {
    /// The panic's message and where it came from.
    pub what: String,
    /// Steps that were measured by then.
    pub step: u64,
    /// The run's last checkpoint.
    pub kept: Option<Kept>,
}

impl Crash {
    /// Steps that going on from the last checkpoint loses; `None` without one.
    pub fn steps_back(&self) -> Option<u64> {
        self.kept.as_ref().map(|kept| self.step.saturating_sub(kept.step))
    }
}

thread_local! {
    /// Where this thread has last panicked: a panic's payload does not say it.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on remembers where panics come from; they are reported as before.
#[cfg(not(target_arch = "wasm32"))]
pub fn listen() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|l| format!("{}:{}", l.file(), l.line()));
        PLACE.with(|p| *p.borrow_mut() = place);
        before(info);
    }));
}

/// Does `work`; a panic comes back as words and as what it carried.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, (String, Box<dyn Any + Send>)> {
    // Whoever calls this throws away what the panic has left behind.
    catch_unwind(AssertUnwindSafe(work)).map_err(|carried| (words(&*carried), carried))
}

fn words(carried: &(dyn Any + Send)) -> String {
    let said = match (carried.downcast_ref::<&str>(), carried.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "panic",
    };
    match PLACE.with(|p| p.borrow_mut().take()) {
        Some(place) => format!("{said}, {place}"),
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_as_words() {
        assert_eq!(caught(|| 3).ok(), Some(3));
        assert_eq!(caught(|| panic!("no room")).map_err(|e| e.0), Err::<(), _>("no room".into()));
        let n = 7;
        assert_eq!(
            caught(|| panic!("no room for {n}")).map_err(|e| e.0),
            Err::<(), _>("no room for 7".into())
        );
    }

    #[test]
    fn steps_back_are_counted_from_the_last_checkpoint() {
        let kept = |step| Kept { slot: 0, name: "resnet8".into(), data: "shapes10".into(), step, at: 5 };
        let crash = |step, kept| Crash { what: "x".into(), step, kept };
        assert_eq!(crash(9, None).steps_back(), None);
        assert_eq!(crash(412, Some(kept(400))).steps_back(), Some(12));
        assert_eq!(crash(0, Some(kept(400))).steps_back(), Some(0), "it fell before it had gone on");
    }
}
