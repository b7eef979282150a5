//! Text from outside made fit to print: cleaned, clipped at words and sentences, folded at 72 columns.
//! It knows neither HTML nor mails.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;

use super::stencil::{self, Hole};

/// Columns of the text part.
pub(super) const COLUMNS: usize = 72;

/// `text` on one line without controls, bidirectional overrides and marks of ours; white space folded, no-break spaces kept.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    let tidy = !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
        && !text.chars().any(|c| c.is_control() || is_unprintable(c) || is_odd_blank(c));
    if tidy {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_whitespace() && !is_no_break(letter) || is_odd_blank(letter) {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !letter.is_control() && !is_unprintable(letter) {
            out.push(letter);
        }
    }
    out.truncate(out.trim_end_matches(' ').len());
    Cow::Owned(out)
}

fn is_no_break(letter: char) -> bool {
    matches!(letter, '\u{a0}' | '\u{202f}')
}

/// Blanks that are folded: tabs, line ends, typographic spaces that break.
fn is_odd_blank(letter: char) -> bool {
    matches!(
        letter,
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{205f}' | '\u{3000}'
    )
}

/// Letters that nobody sees and that can turn a line around, hide text or mark holes.
fn is_unprintable(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffd}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
        || stencil::is_mark(letter)
}

/// Characters as people count them (grapheme clusters).
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).count() }
}

/// `text` cut to at most `limit` characters, at a word where one ends in the last half, with «…» in the place of the rest.
pub(super) fn clipped(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit || length(text) <= limit {
        return Cow::Borrowed(text);
    }
    let room = limit.saturating_sub(1);
    let cut = text.grapheme_indices(true).nth(room).map_or(text.len(), |(at, _)| at);
    let head = &text[..cut];
    let at_word = text[cut..].starts_with(' ');
    let end = if at_word { head } else { head.rfind(' ').filter(|at| *at * 2 >= cut).map_or(head, |at| &head[..at]) };
    // What would dangle before the dots: commas, opening marks, a dash.
    let end = end.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '–' | '—' | '«' | '(' | '“' | '„' | '.' | '…')
    });
    Cow::Owned(format!("{end}…"))
}

/// The start of `text` that takes at most `limit` bytes once it is escaped for HTML, cut between characters.
pub(super) fn within_bytes(text: &str, limit: usize) -> &str {
    let mut bytes = 0;
    let end = text.grapheme_indices(true).find(|(_, letter)| {
        bytes += escaped_len(letter);
        bytes > limit
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// Bytes of `text` once it is escaped for HTML.
pub(super) fn escaped_len(text: &str) -> usize {
    let more = |b: u8| match b {
        b'&' | b'\'' => 4,
        b'<' | b'>' => 3,
        b'"' => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

/// The whole sentences at the start of `text` that fit into `limit` characters; None where not even the first does.
pub(super) fn whole_sentences(text: &str, limit: usize) -> Option<&str> {
    if length(text) <= limit {
        return Some(text);
    }
    let mut end = None;
    for (at, sentence) in text.split_sentence_bound_indices() {
        let stop = at + sentence.trim_end().len();
        if length(&text[..stop]) > limit {
            break;
        }
        if sentence.trim_end().ends_with(['.', '!', '?', '…', '»', '”', '"']) {
            end = Some(stop);
        }
    }
    end.map(|end| &text[..end])
}

/// Lines longer than [`COLUMNS`] broken at blanks and indented below their first word; lines with holes and addresses stay whole.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 64);
    let mut blank = true;
    for line in text.lines() {
        let line = line.trim_end();
        // Never two blank lines in a row, and none at the start.
        if !(line.is_empty() && blank) {
            fold_line(&mut out, line);
        }
        blank = line.is_empty();
    }
    out
}

/// Appends one line, folded, with its line end.
pub(super) fn fold_line(out: &mut String, line: &str) {
    let number = Hole::Number.mark();
    if line.len() <= COLUMNS || line.contains(|c| stencil::is_mark(c) && c != number) {
        out.push_str(line);
        out.push('\n');
        return;
    }
    let words = line.trim_start_matches(' ');
    let blanks = line.len() - words.len();
    out.push_str(&line[..blanks]);
    // A number that is filled in later may have two digits.
    fold_words(out, words, blanks + usize::from(words.starts_with(number)), hanging(line));
    out.push('\n');
}

/// Appends words, the first at `column`, folded and then indented.
pub(super) fn fold_words(out: &mut String, words: &str, mut column: usize, indent: usize) {
    for (n, word) in words.split(' ').enumerate() {
        let width = word.chars().count();
        if n > 0 && column + 1 + width > COLUMNS {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if n > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
}

/// Column of the first word after blanks and a bullet or number.
fn hanging(line: &str) -> usize {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    let rest = &line[blanks..];
    let digits = rest.chars().take_while(|c| c.is_ascii_digit() || *c == Hole::Number.mark()).count();
    let bullet = if rest.starts_with("• ") {
        2
    } else if digits > 0 && rest.chars().skip(digits).take(2).eq(['.', ' ']) {
        digits + 2
    } else {
        0
    };
    blanks + bullet
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_from_outside_is_cleaned_and_keeps_its_french_spacing() {
        for (text, want) in [
            ("Trains\u{a0}: ce qui change", "Trains\u{a0}: ce qui change"),
            ("Quoi\u{202f}?", "Quoi\u{202f}?"),
            ("  deux\r\n lignes\t ici ", "deux lignes ici"),
            ("a\u{202e}cod.exe", "acod.exe"),
            ("\u{feff}nul\0 et \u{7}cloche", "nul et cloche"),
            ("trou \u{fdd3}ici", "trou ici"),
            ("césu\u{ad}re", "césure"),
            ("👩\u{200d}🚒", "👩\u{200d}🚒"),
            ("", ""),
            ("\u{3000}", ""),
        ] {
            assert_eq!(clean(text), want, "{text:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_at_a_word() {
        for (text, limit, want) in [
            ("court", 10, "court"),
            ("Trains de nuit", 10, "Trains de…"),
            ("Trains, de nuit", 8, "Trains…"),
            ("Donaudampfschifffahrt", 10, "Donaudamp…"),
            ("un deux « trois quatre »", 12, "un deux…"),
            ("éàüéàü éàü", 8, "éàüéàü…"),
        ] {
            assert_eq!(clipped(text, limit), want, "{text}");
        }
    }

    #[test]
    fn a_standfirst_ends_with_a_sentence() {
        let text = "Le premier point. Le second est plus long, bien plus long. Fin.";
        for (limit, want) in [
            (100, Some(text)),
            (30, Some("Le premier point.")),
            (58, Some("Le premier point. Le second est plus long, bien plus long.")),
            (5, None),
        ] {
            assert_eq!(whole_sentences(text, limit), want, "{limit}");
        }
    }

    #[test]
    fn long_lines_hang_below_their_first_word() {
        let line = "  • Un train sur trois circulera entre Nantes et Angers, la moitié entre Nantes et Saint-Nazaire, aucun vers Pornic.";
        let mut out = String::new();
        fold_line(&mut out, line);
        assert_eq!(
            out,
            "  • Un train sur trois circulera entre Nantes et Angers, la moitié entre\n    Nantes et Saint-Nazaire, aucun vers Pornic.\n"
        );
    }

    proptest! {
        #[test]
        fn folding_changes_only_blanks(words in prop::collection::vec("[a-zé•0-9.]{1,90}", 1..40)) {
            let line = words.join(" ");
            let mut out = String::new();
            fold_line(&mut out, &line);
            prop_assert_eq!(out.split_whitespace().collect::<Vec<_>>(), line.split_whitespace().collect::<Vec<_>>());
            for row in out.lines() {
                prop_assert!(row.chars().count() <= COLUMNS || !row.trim_start().contains(' ') || row.split_whitespace().any(|w| w.chars().count() > COLUMNS - 12), "{row}");
            }
        }

        #[test]
        fn clipping_keeps_the_limit(text in "\\PC{0,120}", limit in 2..100_usize) {
            prop_assert!(length(&clipped(&text, limit)) <= limit);
        }
    }
}
