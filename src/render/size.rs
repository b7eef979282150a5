//! How large a mail will be, told from its articles before anything is drawn.
//! It decides nothing; plan cuts by it.

use super::{
    article::{Excerpt, MAX_CHARS, POINTS, Shown},
    plain::escaped_len,
};
use crate::article::{ArticleText, KeyPointsOrigin};

/// Bytes of HTML around one article's own words: markup, styles, the words of the interface, source, credit, three links to
/// other sources, the reader's words. The load check refuses own templates that need more.
const AROUND_ARTICLE: usize = 4_000;
/// The same for one line.
const AROUND_LINE: usize = 700;
/// Bytes of HTML of a mail without its articles: head with styles, masthead, note, headings, footer.
pub const FRAME_HTML_BYTES: usize = 14_000;

/// Upper bound of the HTML bytes (before transfer encoding) that the article takes in a mail as a whole article.
pub fn estimated_html_bytes(text: &ArticleText) -> usize {
    let updated = text.update.as_ref().map(|_| shown(text, true));
    let shown = shown(text, false);
    let words = |shown: &Shown| shown.points.iter().chain(&shown.paragraph).map(|p| escaped_len(p)).sum::<usize>();
    let words = words(&shown).max(updated.as_ref().map_or(0, words)).max(largest_choice(text));
    let image = shown.image.as_ref().map_or(0, |(url, alt)| escaped_len(url.as_str()) + escaped_len(alt));
    // The title stands in the contents and over the article; the address behind both and behind "read".
    AROUND_ARTICLE + 2 * escaped_len(&shown.title) + 3 * address(&shown) + words + image
}

/// Upper bound of the HTML bytes that the article takes as one line.
pub fn estimated_line_html_bytes(text: &ArticleText) -> usize {
    let shown = shown(text, false);
    AROUND_LINE + escaped_len(&shown.title) + address(&shown)
}

fn shown(text: &ArticleText, updated: bool) -> Shown {
    Shown::of(text, "", Excerpt::KeyPoints, MAX_CHARS, updated, &[])
}

/// A reader's own words can bring other sentences into the mail: bytes of the longest that could be chosen.
fn largest_choice(text: &ArticleText) -> usize {
    let mut sentences: Vec<usize> = match text.key_points.origin {
        KeyPointsOrigin::Extracted => text.ranked.iter().map(|sentence| escaped_len(&sentence.text)).collect(),
        _ => Vec::new(),
    };
    sentences.sort_unstable_by(|a, b| b.cmp(a));
    sentences.iter().take(POINTS).sum()
}

fn address(shown: &Shown) -> usize {
    shown.url.as_ref().map_or(0, |url| escaped_len(url.as_str()))
}

#[cfg(test)]
mod tests;
