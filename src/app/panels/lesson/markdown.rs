//! Markdown as the window draws it: paragraphs, headings, lists, bold, code, links. Pictures and HTML are
//! shown as the text they are.

use super::super::super::lessons::is_web;
use super::super::super::theme::{self, Palette, palette, space, text};
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, FontId, Label, RichText, Sense, Ui, vec2};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Line height of a lesson.
const LINE: f32 = 1.5;

/// A piece of a paragraph.
struct Piece {
    text: String,
    bold: bool,
    code: bool,
    /// Where it leads.
    link: Option<String>,
}

/// A paragraph, a heading or an item of a list.
struct Block {
    pieces: Vec<Piece>,
    heading: bool,
    /// What stands before it: a bullet or a number.
    mark: Option<String>,
}

/// Draws `markdown` over the width of `ui`.
pub fn show(ui: &mut Ui, markdown: &str) {
    let p = palette(ui);
    for block in blocks(markdown) {
        if block.heading {
            ui.add_space(space::S);
        }
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            if let Some(mark) = &block.mark {
                let (rect, _) = ui.allocate_exact_size(vec2(space::XL, text::BODY * LINE), Sense::hover());
                let font = theme::regular(text::BODY);
                ui.painter().text(rect.left_top(), eframe::egui::Align2::LEFT_TOP, mark, font, p.ink3);
            }
            ui.vertical(|ui| {
                if block.pieces.iter().all(|piece| piece.link.is_none()) {
                    // One text, so that its lines break where they may.
                    let mut job = LayoutJob::default();
                    for piece in &block.pieces {
                        job.append(&piece.text, 0.0, format(piece, block.heading, p));
                    }
                    ui.add(Label::new(job).wrap());
                    return;
                }
                ui.spacing_mut().interact_size.y = 0.0;
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                    for piece in &block.pieces {
                        draw(ui, piece, format(piece, block.heading, p));
                    }
                });
            });
        });
        ui.add_space(space::XS);
    }
}

fn format(piece: &Piece, heading: bool, p: &Palette) -> TextFormat {
    let (font, ink): (FontId, Color32) = match (heading, piece.bold || piece.code) {
        (true, _) => (theme::semibold(text::TITLE), p.ink),
        (false, true) => (theme::semibold(text::BODY), p.ink),
        (false, false) => (theme::regular(text::BODY), p.ink2),
    };
    let line = font.size * LINE;
    TextFormat { line_height: Some(line), ..TextFormat::simple(font, ink) }
}

fn draw(ui: &mut Ui, piece: &Piece, format: TextFormat) {
    let words = RichText::new(&piece.text).font(format.font_id).color(format.color);
    let words = words.line_height(format.line_height);
    match &piece.link {
        Some(address) => {
            ui.hyperlink_to(words.underline(), address).on_hover_text(address);
        }
        None => {
            ui.label(words);
        }
    }
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    let (mut bold, mut code, mut link) = (0u32, false, None);
    // The number of the next item of each list that is open; `None` for bullets.
    let mut lists: Vec<Option<u64>> = Vec::new();
    let fresh = |heading, mark| Block { pieces: Vec::new(), heading, mark };
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Start(Tag::Heading { .. }) => out.push(fresh(true, None)),
            // The paragraph of a loose list's item is the item.
            Event::Start(Tag::Paragraph)
                if out.last().is_some_and(|b| b.pieces.is_empty() && b.mark.is_some()) => {}
            Event::Start(Tag::Paragraph | Tag::CodeBlock(_) | Tag::HtmlBlock) => out.push(fresh(false, None)),
            Event::Start(Tag::List(first)) => lists.push(first),
            Event::End(TagEnd::List(_)) => {
                lists.pop();
            }
            Event::Start(Tag::Item) => {
                let mark = match lists.last_mut() {
                    Some(Some(n)) => {
                        *n += 1;
                        format!("{}.", *n - 1)
                    }
                    _ => "•".to_owned(),
                };
                out.push(fresh(false, Some(mark)));
            }
            Event::Start(Tag::Strong | Tag::Emphasis) => bold += 1,
            Event::End(TagEnd::Strong | TagEnd::Emphasis) => bold = bold.saturating_sub(1),
            Event::Start(Tag::Link { dest_url, .. }) => {
                link = Some(dest_url.to_string()).filter(|a| is_web(a))
            }
            Event::End(TagEnd::Link) => link = None,
            Event::Text(t) | Event::Html(t) | Event::InlineHtml(t) => {
                push(&mut out, &t, bold > 0, code, &link)
            }
            Event::Code(t) => {
                code = true;
                push(&mut out, &t, bold > 0, code, &link);
                code = false;
            }
            Event::SoftBreak => push(&mut out, " ", bold > 0, code, &link),
            Event::HardBreak => push(&mut out, "\n", bold > 0, code, &link),
            _ => {}
        }
    }
    out.retain(|b| !b.pieces.is_empty());
    out
}

fn push(out: &mut Vec<Block>, text: &str, bold: bool, code: bool, link: &Option<String>) {
    if out.is_empty() {
        out.push(Block { pieces: Vec::new(), heading: false, mark: None });
    }
    // Chinese has no spaces where a line of the file ends.
    let after_han =
        |b: &Block| b.pieces.last().and_then(|p| p.text.chars().last()).is_some_and(|c| c >= '\u{2e80}');
    if let Some(block) = out.last_mut() {
        if text == " " && after_han(block) {
            return;
        }
        block.pieces.push(Piece { text: text.to_owned(), bold, code, link: link.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(markdown: &str) -> Vec<String> {
        let line = |b: Block| {
            let words: String = b.pieces.iter().map(|p| p.text.as_str()).collect();
            format!(
                "{}{}{words}",
                if b.heading { "# " } else { "" },
                b.mark.map_or(String::new(), |m| m + " ")
            )
        };
        blocks(markdown).into_iter().map(line).collect()
    }

    #[test]
    fn what_teachers_write_is_understood() {
        let got = written(
            "## Sources\n\nA **bold** `code`\nline.\n\n- one\n- two [x](https://a.b)\n\n3. three\n4. four\n",
        );
        assert_eq!(got, ["# Sources", "A bold code line.", "• one", "• two x", "3. three", "4. four"]);
        assert_eq!(written("中文\n换行"), ["中文换行"]);
    }

    #[test]
    fn links_lead_to_the_web_or_nowhere() {
        let links = |text| -> Vec<Option<String>> {
            blocks(text).into_iter().flat_map(|b| b.pieces).map(|p| p.link).collect()
        };
        assert_eq!(links("[a](https://arxiv.org)"), [Some("https://arxiv.org".to_owned())]);
        assert_eq!(links("[a](javascript:alert(1))"), [None]);
        assert_eq!(written("<b>no</b> ![p](x.png)").len(), 1);
    }
}
