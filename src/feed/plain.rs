//! Plain text out of the short HTML that feeds put into titles, names and captions.
//! It does not treat bodies; their paragraphs are the article's matter.

use dom_query::Document;

use super::bounded;

/// Elements that occur in titles. Anything else between angle brackets (`Vec<String>`) is text.
const INLINE: [&str; 38] = [
    "a", "abbr", "acronym", "b", "bdi", "big", "br", "center", "cite", "code", "del", "div", "em", "font", "h1", "h2",
    "h3", "h4", "i", "img", "ins", "kbd", "mark", "nobr", "p", "q", "s", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr",
];

/// Elements whose text stands on lines of its own.
const BLOCKS: &str =
    "p, div, li, h1, h2, h3, h4, h5, h6, blockquote, tr, td, th, figcaption, section, article, dt, dd, pre";

/// Bytes looked at of a title, a name or a caption; and of a summary that is shown whole.
const MAX_SNIPPET: usize = 16_000;
const MAX_WHOLE: usize = 100_000;
/// Tags of a snippet that a parser is asked about. Its work grows with the square of what is nested, and more of them are no title's.
const MAX_TAGS: usize = 400;
/// Bytes of a character reference between `&` and `;`: HTML's longest have 31.
pub(super) const MAX_REFERENCE: usize = 32;

/// The text of an HTML snippet, white space folded (no-break spaces stay: French typography needs them).
pub(super) fn from_html(html: &str) -> String {
    text_of(bounded(html, MAX_SNIPPET))
}

/// The same of a longer one.
pub(super) fn from_long_html(html: &str) -> String {
    text_of(bounded(html, MAX_WHOLE))
}

fn text_of(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return fold(html);
    }
    if html.bytes().filter(|byte| *byte == b'<').nth(MAX_TAGS).is_some() {
        return fold(&decode_references(&without_tags(html)));
    }
    let snippet = Document::fragment(html);
    snippet.select("script, style").remove();
    // What stands on two lines are two words.
    snippet.select("br").replace_with_html(" ");
    snippet.select(BLOCKS).append_html(" ");
    fold(&snippet.text())
}

/// The text of a snippet that may be HTML or text, which RSS does not tell: taken as HTML where it has a reference
/// or only tags that occur in titles.
pub(super) fn from_unknown(text: &str) -> String {
    let text = bounded(text, MAX_SNIPPET);
    if !(has_reference(text) || only_inline_tags(text)) {
        return fold(text);
    }
    let plain = from_html(text);
    // Escaped once too often, it begins with a tag that is closed further on.
    let has_tags = !text.contains('<') && plain.starts_with('<') && plain.contains("</") && only_inline_tags(&plain);
    if has_tags { from_html(&plain) } else { plain }
}

/// White space runs to one space, trimmed; control and bidi override characters gone. No-break spaces are kept.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars() {
        let keeps = matches!(c, '\u{a0}' | '\u{202f}');
        if c.is_whitespace() && !keeps {
            space = true;
            continue;
        }
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') {
            continue;
        }
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        out.push(c);
    }
    out.trim().to_owned()
}

/// Character references resolved, nothing else changed: cheap, for comparing.
pub(super) fn decode_references(text: &str) -> String {
    if text.contains('&') { Document::fragment(text.replace('<', " ")).text().to_string() } else { text.to_owned() }
}

/// The words of a snippet: tags are blanked, which is enough to compare a text with itself.
pub(super) fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for (at, piece) in html.split('<').enumerate() {
        let text = if at == 0 { piece } else { piece.split_once('>').map_or("", |(_, text)| text) };
        out.push_str(text);
        out.push(' ');
    }
    out
}

/// HTML whose text is `text`.
pub(super) fn to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'&' | b'<' | b'>')) {
        let reference = match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            _ => "&gt;",
        };
        html.push_str(&rest[..at]);
        html.push_str(reference);
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
    html
}

/// A person's name without the mail address that RSS asks for (`a@b.example (Ann Bee)`, `Ann Bee <a@b.example>`).
pub(super) fn person(text: &str) -> Option<String> {
    let text = from_unknown(text);
    let name = match text.split_once('(') {
        Some((mail, rest)) if mail.contains('@') && !rest.contains('@') => rest.trim_end_matches([')', ' ']).to_owned(),
        _ => text.split(' ').filter(|w| !w.contains('@')).collect::<Vec<_>>().join(" "),
    };
    let name = name.trim();
    (!name.is_empty()).then(|| bounded(name, super::MAX_LINE).to_owned())
}

fn has_reference(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let name = bounded(&text[at + 1..], MAX_REFERENCE).split(';').next().unwrap_or_default();
        let body = name.trim_start_matches('#');
        at + 1 + name.len() < text.len()
            && !body.is_empty()
            && name.len() <= 12
            && body.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

fn only_inline_tags(text: &str) -> bool {
    let mut tags = text.match_indices('<').filter_map(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches('/');
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        (!name.is_empty()).then(|| name.to_ascii_lowercase())
    });
    let Some(first) = tags.next() else { return false };
    text.contains('>') && INLINE.contains(&first.as_str()) && tags.all(|t| INLINE.contains(&t.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, want: &str) {
        assert_eq!(from_unknown(given), want, "{given}");
    }

    #[test]
    fn titles_lose_markup_but_not_angle_brackets_of_their_own() {
        check("Plain  title\n", "Plain title");
        check("<b>Bold</b> &amp; brave", "Bold & brave");
        check("AT&T and R&D; more", "AT&T and R&D; more");
        check("Using Vec<String> well", "Using Vec<String> well");
        check("5 < 6 > 4", "5 < 6 > 4");
        check("L&#8217;heure d&rsquo;été", "L’heure d’été");
        check("&lt;b&gt;Storm&lt;/b&gt; over the North", "Storm over the North");
        check("How &lt;b&gt; and &lt;/b&gt; work", "How <b> and </b> work");
        check("One<br/>two <b>thr</b>ee", "One two three");
        check("<p>Storm</p><p>over <span>No</span>rth</p>", "Storm over North");
        check(&("<b>Storm</b> &amp; fog ".to_owned() + &"<i>".repeat(MAX_TAGS)), "Storm & fog");
    }

    #[test]
    fn french_no_break_spaces_stay() {
        check("«\u{a0}Oui\u{202f}!\u{a0}»", "«\u{a0}Oui\u{202f}!\u{a0}»");
        check("a\u{202e}b\u{0007}c", "abc");
    }
}
