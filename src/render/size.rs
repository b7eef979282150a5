//! How large a mail will be, told from its articles before anything is drawn.
//! It decides nothing; plan cuts by it.

use super::article::MAX_CHARS;
use crate::article::ArticleText;

/// Bytes of HTML around one article's own words: markup, styles, the words of the interface, source, credit, three links to
/// other sources, the reader's words. The load check refuses own templates that need more.
const AROUND_ARTICLE: usize = 5_000;
/// The same for one line.
const AROUND_LINE: usize = 900;
/// Bytes of HTML of a mail without its articles: head with styles, masthead, note, headings of 12 topics, footer with long links.
pub const FRAME_HTML_BYTES: usize = 18_000;

/// Upper bound of the HTML bytes (before transfer encoding) that the article takes in a mail as a whole article.
pub fn estimated_html_bytes(text: &ArticleText) -> usize {
    let points: usize = text.key_points.points.iter().take(5).map(|p| escaped(p)).sum();
    let standfirst = text.standfirst.as_deref().map_or(0, escaped);
    // A character has at most 4 bytes, an escaped one 6.
    let shown = points.max(standfirst).min(MAX_CHARS * 6);
    let image = text.image.as_ref().map_or(0, |i| escaped(&i.url) + escaped(&i.alt));
    // The title stands in the contents and over the article; the address behind both and behind "read".
    AROUND_ARTICLE + 2 * escaped(&text.title) + 3 * address(&text.url) + shown + image
}

/// Upper bound of the HTML bytes that the article takes as one line.
pub fn estimated_line_html_bytes(text: &ArticleText) -> usize {
    AROUND_LINE + escaped(&text.title) + address(&text.url)
}

fn escaped(text: &str) -> usize {
    text.bytes().map(|b| if matches!(b, b'&' | b'<' | b'>' | b'"' | b'\'') { 6 } else { 1 }).sum()
}

/// An address may be percent-encoded on its way: 3 bytes for each that needs it.
fn address(url: &str) -> usize {
    url.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                1
            } else if b == b'&' {
                5
            } else {
                6
            }
        })
        .sum()
}

#[cfg(test)]
mod tests;
