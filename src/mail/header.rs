//! Writes header fields: folding (RFC 5322), encoded words (RFC 2047), display names.
//! It does not know which fields a mail needs.
//!
//! lettre has an encoder too, behind its `builder` feature. That brings a MIME builder which draws random boundaries, while a
//! retried mail has to be the same mail; for six fields it is not worth its dependencies.

use base64::Engine;

use super::address::{HeaderText, Mailbox};

/// Longest line with encoded words (RFC 2047, 2); also where plain text is folded (RFC 5322, 2.1.1 says 78).
const LINE: usize = 76;
/// Longest encoded word (RFC 2047, 2).
const WORD: usize = 75;
/// `=?utf-8?q?` and `?=`.
const WORD_FRAME: usize = 12;
const CRLF: &[u8] = b"\r\n";

/// Writes `Name: text` as an unstructured field.
pub(super) fn text(out: &mut Vec<u8>, name: &str, text: &HeaderText) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    let column = name.len() + 2;
    let text = text.as_str();
    if is_plain(text, column) {
        fold_plain(out, text, column);
    } else {
        encoded_words(out, text, column);
    }
    out.extend_from_slice(CRLF);
}

/// Writes `Name: "Display name" <address>`.
pub(super) fn mailbox(out: &mut Vec<u8>, name: &str, mailbox: &Mailbox) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    let start = out.len() - name.len() - 2;
    let display = mailbox.name.as_str();
    let address = mailbox.address.as_str();
    if display.is_empty() {
        out.extend_from_slice(address.as_bytes());
    } else {
        let plain = is_plain(display, name.len() + 4);
        if plain && display.bytes().all(|b| b == b' ' || is_atext(b)) {
            out.extend_from_slice(display.as_bytes());
        } else if plain && display.len() < LINE - name.len() - 4 {
            quoted_string(out, display);
        } else {
            encoded_words(out, display, name.len() + 2);
        }
        let line_start = out.iter().rposition(|b| *b == b'\n').map_or(start, |at| (at + 1).max(start));
        out.extend_from_slice(if out.len() - line_start + address.len() + 3 > LINE { b"\r\n <" } else { b" <" });
        out.extend_from_slice(address.as_bytes());
        out.push(b'>');
    }
    out.extend_from_slice(CRLF);
}

/// Writes `Name: value` where `value` is ASCII without line ends by its type, on a line of its own if it is long.
pub(super) fn token(out: &mut Vec<u8>, name: &str, parts: &[&str]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
    out.extend_from_slice(CRLF);
}

/// Printable ASCII that nothing would take for an encoded word and that can be folded at its blanks.
fn is_plain(text: &str, column: usize) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
        && !text.contains("=?")
        && text.split(' ').all(|word| word.len() < LINE - column.min(LINE / 2))
}

fn fold_plain(out: &mut Vec<u8>, text: &str, mut column: usize) {
    for (i, word) in text.split(' ').enumerate() {
        if i > 0 {
            if column + 1 + word.len() > LINE {
                out.extend_from_slice(CRLF);
                column = 0;
            }
            out.push(b' ');
            column += 1;
        }
        out.extend_from_slice(word.as_bytes());
        column += word.len();
    }
}

fn quoted_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for b in text.bytes() {
        if matches!(b, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(b);
    }
    out.push(b'"');
}

/// RFC 5322, 3.2.3.
fn is_atext(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b)
}

/// What may stand for itself in a Q word wherever the word stands (RFC 2047, 5 (3): the rule for phrases).
fn is_q_safe(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!*+-/".contains(&b)
}

fn q_len(c: char) -> usize {
    if c == ' ' || (c.is_ascii() && is_q_safe(c as u8)) { 1 } else { 3 * c.len_utf8() }
}

/// The whole text as encoded words, Q or B by which is shorter; a character is never cut in two (RFC 2047, 5).
fn encoded_words(out: &mut Vec<u8>, text: &str, column: usize) {
    let q_total: usize = text.chars().map(q_len).sum();
    let use_q = q_total <= text.len().div_ceil(3) * 4;
    let mut rest = text;
    let mut room = WORD.min(LINE.saturating_sub(column)) - WORD_FRAME;
    loop {
        let (word, tail) = rest.split_at(fitting(rest, room, use_q));
        if use_q {
            q_word(out, word);
        } else {
            out.extend_from_slice(b"=?utf-8?b?");
            out.extend_from_slice(base64::engine::general_purpose::STANDARD.encode(word).as_bytes());
        }
        out.extend_from_slice(b"?=");
        if tail.is_empty() {
            return;
        }
        // Blanks between two encoded words are not part of the text (RFC 2047, 6.2).
        out.extend_from_slice(b"\r\n ");
        rest = tail;
        room = WORD - WORD_FRAME;
    }
}

/// Bytes of `text` whose encoding fits into `room`; at least one character.
fn fitting(text: &str, room: usize, use_q: bool) -> usize {
    let (mut end, mut used) = (0, 0);
    for c in text.chars() {
        let next_end = end + c.len_utf8();
        used = if use_q { used + q_len(c) } else { next_end.div_ceil(3) * 4 };
        if used > room && end > 0 {
            break;
        }
        end = next_end;
    }
    end
}

fn q_word(out: &mut Vec<u8>, word: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(b"=?utf-8?q?");
    for b in word.bytes() {
        if b == b' ' {
            out.push(b'_');
        } else if is_q_safe(b) {
            out.push(b);
        } else {
            out.extend_from_slice(&[b'=', HEX[usize::from(b >> 4)], HEX[usize::from(b & 15)]]);
        }
    }
}

#[cfg(test)]
mod tests;
