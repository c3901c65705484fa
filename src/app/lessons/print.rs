//! A lesson as a sheet of paper: HTML that any browser prints.

use super::lesson::{Choice, Item, Lesson};
use crate::app::i18n;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

const STYLE: &str = "@page{margin:18mm}body{font:11pt/1.5 system-ui,'Noto Sans SC',sans-serif;max-width:46em;margin:2em auto;color:#11161c}\
h1{font-size:20pt;line-height:1.2}h2{font-size:13pt;margin-top:1.6em}.who{color:#434e5b;margin-bottom:2em}\
.box{border:1px solid #a3adb9;border-radius:6px;padding:.4em 1em;margin:1em 0;break-inside:avoid}\
ul.options{list-style:none;padding:0}ul.options li::before{content:'\\25A2';margin-right:.6em}\
.do{font-weight:600}.line{border-bottom:1px solid #a3adb9;height:1.9em}pre{background:#f4f5f7;padding:.8em;overflow-wrap:anywhere;white-space:pre-wrap}";

/// The whole page. What stands in the lesson as HTML is printed as it is written, not interpreted.
pub fn sheet(lesson: &Lesson, language: &str) -> String {
    let mut body = format!("<h1>{}</h1><p class=\"who\">{}</p>", escaped(&lesson.title), i18n::sheet_name());
    for item in &lesson.items {
        body += &match item {
            Item::Text(text) => markdown(text),
            Item::Do(action) => format!("<p class=\"do\">→ {}</p>{}", escaped(&action.label), lines(2)),
            Item::Predict(choice) => question(i18n::lesson_prediction(), choice),
            Item::Ask(choice) => question(i18n::lesson_question(), choice),
            Item::Reveal(_) => format!("<h2>{}</h2>{}", i18n::sheet_measured(), lines(4)),
            Item::Code(code) => {
                let text: Vec<String> = code.iter().map(|l| escaped(&l.text)).collect();
                format!("<pre>{}</pre>", text.join("\n"))
            }
        };
    }
    let title = escaped(&lesson.title);
    format!(
        "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><title>{title}</title>\
         <style>{STYLE}</style><body>{body}</body></html>"
    )
}

fn question(heading: &str, choice: &Choice) -> String {
    let options: String = choice.options.iter().map(|o| format!("<li>{}</li>", inline(o))).collect();
    format!(
        "<div class=\"box\"><h2>{heading}</h2>{}<ul class=\"options\">{options}</ul></div>",
        markdown(&choice.question)
    )
}

/// Room to write in.
fn lines(n: usize) -> String {
    "<div class=\"line\"></div>".repeat(n)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Markdown as HTML, without any HTML or address of its own that a browser would act on.
fn markdown(text: &str) -> String {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::Start(Tag::Link { ref dest_url, .. }) if !is_web(dest_url) => Event::Start(Tag::Emphasis),
        Event::Start(Tag::Image { .. }) => Event::Start(Tag::Emphasis),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Emphasis),
        event => event,
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

/// One line of Markdown without the paragraph around it.
fn inline(text: &str) -> String {
    let html = markdown(text);
    html.trim().trim_start_matches("<p>").trim_end_matches("</p>").to_owned()
}

/// Whether an address may stand in a lesson's links.
pub fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::super::source::{names, text};
    use super::*;
    use crate::app::i18n::Language;

    #[test]
    fn every_lesson_has_a_sheet_without_its_answers() {
        for name in names() {
            let lesson = text(name, Language::English).map(Lesson::parse).expect("built in").expect("whole");
            let html = sheet(&lesson, "en");
            assert!(html.contains(&escaped(&lesson.title)) && html.contains("class=\"options\""));
            for item in &lesson.items {
                if let Item::Ask(choice) = item {
                    let first: String = choice.after.chars().take(30).collect();
                    assert!(!html.contains(&first), "{name} gives an answer away");
                }
            }
        }
    }

    #[test]
    fn what_a_stranger_wrote_is_not_run() {
        let hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](http://z/z.png)";
        let html = markdown(hostile);
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("href=\"javascript"),
            "{html}"
        );
        assert_eq!(escaped("<\"&>"), "&lt;&quot;&amp;&gt;");
    }
}
