//! What students answered: kept on their device, copied as a line of text, summed up by whoever is given
//! such lines. Nothing is sent anywhere.

use super::lesson::{Choice, Item, Lesson};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lessons remembered, choices of one lesson, and characters of a name, at most.
const MOST: usize = 64;
const MOST_CHOICES: usize = 20;
const NAME: usize = 40;
/// Lines summed up at most: a large lecture.
const MOST_LINES: usize = 2000;
/// Bytes of a file of such lines, at most.
pub const LARGEST: usize = 256 * MOST_LINES;

/// The chosen options by lesson, in the order of its questions; `None` where nothing is chosen yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, Vec<Option<usize>>>);

/// One student's answers as text.
#[derive(Serialize, Deserialize)]
struct Line {
    lesson: String,
    #[serde(default)]
    student: String,
    answers: Vec<Option<usize>>,
}

impl Answers {
    /// Notes the option chosen for question number `question` of a lesson.
    pub fn note(&mut self, lesson: &str, question: usize, option: usize) {
        if question >= MOST_CHOICES || (self.0.len() >= MOST && !self.0.contains_key(lesson)) {
            return;
        }
        let chosen = self.0.entry(lesson.to_owned()).or_default();
        if chosen.len() <= question {
            chosen.resize(question + 1, None);
        }
        chosen[question] = Some(option);
    }

    /// Forgets those of one lesson.
    pub fn forget(&mut self, lesson: &str) {
        self.0.remove(lesson);
    }

    /// Whether anything was answered in this lesson.
    pub fn has(&self, lesson: &str) -> bool {
        self.0.contains_key(lesson)
    }

    /// Those of one lesson as a line to hand in.
    pub fn line(&self, lesson: &str, student: &str) -> Option<String> {
        let answers = self.0.get(lesson)?.clone();
        let student = student.chars().filter(|c| !c.is_control()).take(NAME).collect();
        serde_json::to_string(&Line { lesson: lesson.into(), student, answers }).ok()
    }
}

/// All questions of a lesson, the prediction among them, in order.
pub fn questions(lesson: &Lesson) -> impl Iterator<Item = &Choice> {
    lesson.items.iter().filter_map(|item| match item {
        Item::Predict(choice) | Item::Ask(choice) => Some(choice),
        _ => None,
    })
}

/// Answers of a class to one lesson.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// For each question, how many chose each option.
    pub counts: Vec<Vec<usize>>,
    /// Lines that were counted, and those that were none of this lesson.
    pub students: usize,
    pub others: usize,
    pub unreadable: usize,
}

impl Summary {
    /// Sums up lines as [`Answers::line`] writes them; whoever hands in twice under a name counts once.
    pub fn of(lesson: &Lesson, key: &str, text: &str) -> Self {
        let mut summary =
            Self { counts: questions(lesson).map(|q| vec![0; q.options.len()]).collect(), ..Self::default() };
        let mut named: BTreeMap<String, Vec<Option<usize>>> = BTreeMap::new();
        let mut nameless = Vec::new();
        for text in text.lines().map(str::trim).filter(|l| !l.is_empty()).take(MOST_LINES) {
            match serde_json::from_str::<Line>(text) {
                Err(_) => summary.unreadable += 1,
                Ok(line) if line.lesson != key => summary.others += 1,
                Ok(line) if line.student.trim().is_empty() => nameless.push(line.answers),
                Ok(line) => {
                    named.insert(line.student.trim().to_lowercase(), line.answers);
                }
            }
        }
        for answers in named.into_values().chain(nameless) {
            summary.students += 1;
            for (counts, answer) in summary.counts.iter_mut().zip(answers) {
                if let Some(count) = answer.and_then(|a| counts.get_mut(a)) {
                    *count += 1;
                }
            }
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::text;
    use super::*;
    use crate::app::i18n::Language;

    #[test]
    fn a_class_is_summed_up() {
        let lesson = text("block", Language::English).map(Lesson::parse).expect("built in").expect("whole");
        let answered = |student: &str, options: [usize; 3]| {
            let mut a = Answers::default();
            for (i, option) in options.into_iter().enumerate() {
                a.note("block", i, option);
            }
            a.line("block", student).expect("answered")
        };
        let lines = [
            answered("Ada", [0, 0, 1]),
            answered("Grace", [1, 0, 1]),
            answered("ada ", [1, 1, 1]),
            answered("", [1, 999, 0]),
            answered("", [1, 0, 0]),
            answered("x", [0, 0, 0]).replace("\"block\"", "\"another\""),
            "hello".into(),
            "[".repeat(50_000),
        ];
        let s = Summary::of(&lesson, "block", &lines.join("\n\n"));
        assert_eq!((s.students, s.others, s.unreadable), (4, 1, 2));
        assert_eq!(s.counts[0][..2], [0, 4], "Ada's later line counts");
        assert_eq!(s.counts[1][..2], [2, 1], "what is no option is no answer");
    }

    #[test]
    fn answers_are_bounded() {
        let mut a = Answers::default();
        a.note("x", MOST_CHOICES, 1);
        assert!(!a.has("x"));
        for i in 0..2 * MOST {
            a.note(&format!("lesson {i}"), 0, 1);
        }
        assert_eq!(a.0.len(), MOST);
        let line = a.line("lesson 0", &"n\n".repeat(100)).expect("answered");
        assert!(line.len() < 120 && !line.contains('\n'));
    }
}
