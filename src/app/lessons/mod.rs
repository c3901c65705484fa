//! Lessons: a question, a prediction that the student commits to, an experiment that the window carries
//! out, what was measured beside the prediction, and questions that the experiment answers.
//!
//! A lesson is Markdown with a few fenced blocks; `assets/lessons/README.md` tells teachers which.

mod answers;
mod found;
mod lesson;
mod order;
mod player;
mod print;
mod source;
mod values;

pub use answers::{Answers, Summary, questions};
pub use lesson::{Choice, CodeLine, ENDS, Item};
pub use player::{Lessons, Playing, Progress, file_name};
pub use print::is_web;
pub use source::{Source, names, text};

/// Title of a lesson that the program brings, in the window's language.
pub fn title(name: &str) -> Option<String> {
    let text = text(name, super::i18n::language())?;
    let line = text.lines().find_map(|l| l.strip_prefix("title:"))?;
    Some(line.trim().to_owned())
}
