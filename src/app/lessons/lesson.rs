//! A lesson as data, read from Markdown in which a few fenced blocks mean something to the window
//! (`assets/lessons/README.md` says which). A lesson may come from anywhere, so all of it is checked.

use super::order::{self, On, Order};
use super::values;

/// Bytes of a lesson at most; the longest of ours has a tenth of it.
pub const LARGEST: usize = 64 << 10;
/// Parts, orders in one part, and characters of a title or label.
const MOST_PARTS: usize = 60;
const MOST_ORDERS: usize = 20;
const LINE: usize = 120;

/// A whole lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    pub title: String,
    /// How long it takes.
    pub minutes: u32,
    /// What the window does as soon as the lesson is opened.
    pub prepare: Vec<(On, Order)>,
    pub items: Vec<Item>,
}

/// A part of a lesson, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Markdown.
    Text(String),
    /// A button and what it does.
    Do(Action),
    /// What the student commits to before the experiment.
    Predict(Choice),
    /// Markdown that stands beside the prediction once the experiment is over, with measured values in it.
    Reveal(String),
    /// A question that the experiment answers.
    Ask(Choice),
    /// Code beside the network; lines may point at a block.
    Code(Vec<CodeLine>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub label: String,
    pub orders: Vec<(On, Order)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Markdown.
    pub question: String,
    pub options: Vec<String>,
    /// Which of them is right; of a prediction, which of them is usually found.
    pub supported: usize,
    /// Whether it is asked before the experiment, whose outcome may be another one.
    pub prediction: bool,
    /// Markdown, once it is answered; empty for a prediction, which has a reveal.
    pub after: String,
}

/// Layers outside all blocks that a line of code may make.
pub const ENDS: [&str; 2] = ["conv1", "fc"];

#[derive(Clone, Debug, PartialEq)]
pub struct CodeLine {
    pub text: String,
    /// torchvision's name of what it makes: a block, or one of [`ENDS`].
    pub layer: Option<String>,
}

impl Lesson {
    /// Reads a lesson; fails with the line and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LARGEST {
            return Err(format!("{} bytes are too many for a lesson; {LARGEST} are allowed", text.len()));
        }
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let lines: Vec<&str> = text.lines().collect();
        let (head, first) = front_matter(&lines)?;
        let title = head.iter().find(|(k, _)| *k == "title").map(|(_, v)| bounded(v)).transpose()?;
        let title = title.filter(|t| !t.is_empty()).ok_or("the head lacks 'title: …'")?;
        let minutes = head.iter().find(|(k, _)| *k == "minutes").map_or(Ok(10), |(_, v)| v.parse());
        let minutes =
            minutes.ok().filter(|m| (1..=90).contains(m)).ok_or("'minutes:' is no number from 1 to 90")?;
        let mut items = items(&lines, first)?;
        let prepare = match items.iter().position(|i| matches!(i, Item::Do(a) if a.label.is_empty())) {
            Some(at) => match items.remove(at) {
                Item::Do(action) => action.orders,
                _ => Vec::new(),
            },
            None => Vec::new(),
        };
        let lesson = Self { title, minutes, prepare, items };
        lesson.in_order()?;
        Ok(lesson)
    }

    /// Whether its parts follow each other as they have to.
    fn in_order(&self) -> Result<(), String> {
        let at = |wanted: fn(&Item) -> bool| self.items.iter().position(wanted);
        let count = |wanted: fn(&Item) -> bool| self.items.iter().filter(|i| wanted(i)).count();
        let predict: fn(&Item) -> bool = |i| matches!(i, Item::Predict(_));
        let reveal: fn(&Item) -> bool = |i| matches!(i, Item::Reveal(_));
        if count(predict) != 1 || count(reveal) != 1 {
            return Err("a lesson has one 'predict' and one 'reveal'".into());
        }
        if count(|i| matches!(i, Item::Do(a) if a.label.is_empty())) > 0 {
            return Err("a lesson is prepared once".into());
        }
        if at(predict) > at(reveal) {
            return Err("the prediction comes before its reveal".into());
        }
        Ok(())
    }
}

/// Keys and values.
type Head<'a> = Vec<(&'a str, &'a str)>;

/// Lines `key: value` between two lines `---`, and the number of the first line after them.
fn front_matter<'a>(lines: &[&'a str]) -> Result<(Head<'a>, usize), String> {
    if lines.first().map(|l| l.trim_end()) != Some("---") {
        return Err("a lesson begins with a line '---', then 'title: …', then '---'".into());
    }
    let mut head = Vec::new();
    for (i, line) in lines.iter().enumerate().skip(1).take(40) {
        if line.trim_end() == "---" {
            return Ok((head, i + 1));
        }
        let (key, value) = line.split_once(':').ok_or(format!("line {}: not 'key: value'", i + 1))?;
        head.push((key.trim(), value.trim()));
    }
    Err("the head of the lesson has no second line '---'".into())
}

fn bounded(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() > LINE {
        true => {
            Err(format!("'{}…' has more than {LINE} characters", text.chars().take(30).collect::<String>()))
        }
        false => Ok(text.chars().filter(|c| !c.is_control()).collect()),
    }
}

/// Everything after the head: Markdown, and fenced blocks whose first word the window knows.
fn items(lines: &[&str], first: usize) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut text = Vec::new();
    let mut i = first;
    while i < lines.len() {
        let known = lines[i].strip_prefix("```").map(str::trim).and_then(Fence::of);
        let Some((fence, label)) = known else {
            text.push(lines[i]);
            i += 1;
            continue;
        };
        flush(&mut text, &mut items);
        let body_from = i + 1;
        let end = (body_from..lines.len())
            .find(|&k| lines[k].trim_end() == "```")
            .ok_or(format!("line {}: this block is never closed with ```", i + 1))?;
        let item =
            fence.item(label, &lines[body_from..end]).map_err(|why| format!("line {}: {why}", i + 1))?;
        items.push(item);
        i = end + 1;
    }
    flush(&mut text, &mut items);
    match items.len() > MOST_PARTS {
        true => Err(format!("{} parts are too many for a lesson", items.len())),
        false => Ok(items),
    }
}

fn flush(text: &mut Vec<&str>, items: &mut Vec<Item>) {
    let joined = text.join("\n");
    text.clear();
    if !joined.trim().is_empty() {
        items.push(Item::Text(joined.trim().to_owned()));
    }
}

/// What a fenced block means.
#[derive(Clone, Copy)]
enum Fence {
    /// An action without a label.
    Prepare,
    Do,
    Predict,
    Reveal,
    Ask,
    Code,
}

impl Fence {
    /// The block's first word, and what stands behind it.
    fn of(info: &str) -> Option<(Self, &str)> {
        let (word, label) = info.split_once(' ').unwrap_or((info, ""));
        let fence = match word {
            "prepare" => Self::Prepare,
            "do" => Self::Do,
            "predict" => Self::Predict,
            "reveal" => Self::Reveal,
            "ask" => Self::Ask,
            "python" => Self::Code,
            _ => return None,
        };
        Some((fence, label))
    }

    fn item(self, label: &str, body: &[&str]) -> Result<Item, String> {
        Ok(match self {
            Self::Prepare => Item::Do(Action { label: String::new(), orders: orders(body)? }),
            Self::Do => Item::Do(action(label, body)?),
            Self::Predict => {
                let choice = Choice { prediction: true, ..choice(body)? };
                if !choice.after.is_empty() {
                    return Err(
                        "a prediction is answered by the 'reveal'; nothing stands after its options".into()
                    );
                }
                Item::Predict(choice)
            }
            Self::Ask => Item::Ask(choice(body)?),
            Self::Reveal => Item::Reveal(values::checked(body.join("\n").trim())?),
            Self::Code => Item::Code(body.iter().map(|l| code_line(l)).collect()),
        })
    }
}

fn action(label: &str, body: &[&str]) -> Result<Action, String> {
    let label = bounded(label)?;
    if label.is_empty() {
        return Err("behind 'do' stands what its button says".into());
    }
    Ok(Action { label, orders: orders(body)? })
}

fn orders(body: &[&str]) -> Result<Vec<(On, Order)>, String> {
    let lines = body.iter().filter(|l| !l.trim().is_empty());
    let orders = lines.map(|l| order::parse(l)).collect::<Result<Vec<_>, _>>()?;
    match orders.len() {
        0 => Err("there is nothing to do".into()),
        n if n > MOST_ORDERS => Err(format!("{n} orders are too many for one button")),
        _ => Ok(orders),
    }
}

/// A question, options `- [ ] …` of which one is `- [x] …`, and what is said once it is answered.
fn choice(body: &[&str]) -> Result<Choice, String> {
    let option = |line: &str| {
        let line = line.trim();
        let right = line.strip_prefix("- [x] ").map(|o| (o, true));
        right.or_else(|| line.strip_prefix("- [ ] ").map(|o| (o, false))).map(|(o, x)| (o.to_owned(), x))
    };
    let first = body.iter().position(|l| option(l).is_some()).ok_or("there are no options '- [ ] …'")?;
    let options: Vec<_> = body[first..].iter().map_while(|l| option(l)).collect();
    let question = body[..first].join("\n").trim().to_owned();
    let after = body[first + options.len()..].join("\n").trim().to_owned();
    let supported: Vec<usize> = (0..options.len()).filter(|&i| options[i].1).collect();
    if question.is_empty() {
        return Err("there is no question before the options".into());
    }
    if !(2..=6).contains(&options.len()) {
        return Err(format!("{} options; from 2 to 6 make a choice", options.len()));
    }
    let [supported] = supported[..] else { return Err("exactly one option is marked '- [x]'".into()) };
    let options = options.iter().map(|(o, _)| bounded(o)).collect::<Result<_, _>>()?;
    Ok(Choice { question, options, supported, prediction: false, after: values::checked(&after)? })
}

/// A line of code; `#> layer1.0` at its end names what it makes.
fn code_line(line: &str) -> CodeLine {
    match line.split_once("#>") {
        Some((text, layer)) => {
            CodeLine { text: text.trim_end().to_owned(), layer: Some(layer.trim().to_owned()) }
        }
        None => CodeLine { text: line.trim_end().to_owned(), layer: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SMALL: &str = "---\ntitle: A lesson\nminutes: 5\n---\nSome *text*.\n\n```predict\nWhich?\n- [ ] this\n- [x] that\n```\n\n\
        ```do Train\nbuild m=resnet8\ncpu: run 5\n```\n\n```reveal\nThe loss is {loss}.\n```\n\n```ask\nWhy?\n- [x] so\n- [ ] or so\n\nBecause.\n```\n";

    #[test]
    fn a_lesson_is_read() {
        let lesson = Lesson::parse(SMALL).expect("a lesson");
        assert_eq!((lesson.title.as_str(), lesson.minutes, lesson.items.len()), ("A lesson", 5, 5));
        let Item::Ask(ask) = &lesson.items[4] else { panic!("a question") };
        assert_eq!((ask.supported, ask.after.as_str(), ask.options.len()), (0, "Because.", 2));
        let Item::Predict(predict) = &lesson.items[1] else { panic!("a prediction") };
        assert!(predict.prediction && !ask.prediction);
        let Item::Do(action) = &lesson.items[2] else { panic!("a button") };
        assert_eq!(action.orders[1], (On::Cpu, Order::Run(5)));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let with = |from: &str, to: &str| Lesson::parse(&SMALL.replacen(from, to, 1)).expect_err(to);
        assert!(with("---\n", "").contains("begins with"));
        assert!(with("title: A lesson\n", "").contains("title"));
        assert!(with("minutes: 5", "minutes: soon").contains("minutes"));
        assert!(with("- [x] that", "- [ ] that").starts_with("line 7"));
        assert!(with("run 5", "run away").starts_with("line 13"));
        assert!(with("{loss}", "{secret}").contains("secret"));
        assert!(with("```reveal", "```predict").contains("options"));
        assert!(with("- [ ] this\n", "").contains("1 options"));
        assert!(Lesson::parse(&SMALL[..SMALL.len() - 8]).expect_err("open").contains("never closed"));
        assert!(Lesson::parse(&"x".repeat(LARGEST + 1)).expect_err("large").contains("too many"));
        let twice = format!("{SMALL}{}", &SMALL[SMALL.find("```predict").expect("there")..]);
        assert!(Lesson::parse(&twice).expect_err("two").contains("one 'predict'"));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_lesson_or_an_error(text in ".{0,400}", cut in 0..SMALL.len(), c in any::<char>()) {
            let _ = Lesson::parse(&text);
            let mut hostile = SMALL.to_owned();
            hostile.insert(cut, c);
            let _ = Lesson::parse(&hostile);
        }
    }
}
