//! Quoted-printable (RFC 2045, section 6.7) in pieces that can be laid end to end.
//! It does not know what it encodes.

/// Characters of a line at most, the `=` of a soft break included (RFC 2045, 6.7, rule 5).
const LINE: usize = 76;

/// What follows a piece that does not end at a line end: the next one begins at the margin, so any two fit together.
const SOFT_BREAK: &[u8] = b"=\r\n";

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Bytes that stand for themselves: printable ASCII without `=`, and the blank, whose place at a line end is seen to apart.
const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x20;
    while byte < 0x7f {
        table[byte] = true;
        byte += 1;
    }
    table[b'=' as usize] = false;
    table
};

/// Appends text to a buffer, always beginning at the margin.
pub(super) struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    column: usize,
}

impl<'a> Encoder<'a> {
    /// `out` is empty or ends with a line end, hard or soft.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, column: 0 }
    }

    /// Appends `text`; LF and CR LF become line ends, a lone CR vanishes.
    pub(super) fn push(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while let Some(&first) = rest.first() {
            // A dot at the margin would have to be doubled on the wire (RFC 5321, 4.5.2); encoded, the bytes pass as they are.
            let plain = if self.column == 0 && first == b'.' { 0 } else { self.plain_run(rest) };
            if plain > 0 {
                self.out.extend_from_slice(&rest[..plain]);
                self.column += plain;
                rest = &rest[plain..];
            } else {
                self.odd(first);
                rest = &rest[1..];
            }
        }
    }

    /// Ends the piece: a soft break where a line is begun.
    pub(super) fn finish(self) {
        if self.column > 0 {
            self.out.extend_from_slice(SOFT_BREAK);
        }
    }

    /// Length of what can be copied as it stands onto this line, after breaking a full one.
    fn plain_run(&mut self, rest: &[u8]) -> usize {
        if self.column >= LINE - 1 && rest.first().is_some_and(|b| PLAIN[usize::from(*b)]) {
            self.soft_break();
            if rest[0] == b'.' {
                return 0;
            }
        }
        let room = LINE - 1 - self.column.min(LINE - 1);
        rest.iter().take(room).take_while(|b| PLAIN[usize::from(**b)]).count()
    }

    fn odd(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                self.guard_trailing_blank();
                self.out.extend_from_slice(b"\r\n");
                self.column = 0;
            }
            b'\r' => {}
            _ => self.hex(byte),
        }
    }

    /// A blank before a line end may be stripped on the way (rule 3).
    fn guard_trailing_blank(&mut self) {
        if self.column > 0 && self.out.last() == Some(&b' ') {
            self.out.pop();
            self.column -= 1;
            self.hex(b' ');
        }
    }

    fn hex(&mut self, byte: u8) {
        if self.column + 3 > LINE - 1 {
            self.soft_break();
        }
        self.out.extend_from_slice(&[b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        self.column += 3;
    }

    fn soft_break(&mut self) {
        self.out.extend_from_slice(SOFT_BREAK);
        self.column = 0;
    }
}

/// Appends `text` as one piece.
pub(super) fn encode(out: &mut Vec<u8>, text: &str) {
    let mut encoder = Encoder::new(out);
    encoder.push(text);
    encoder.finish();
}

/// Appends `text` as one piece of HTML, its five letters of markup escaped.
pub(super) fn encode_escaped(out: &mut Vec<u8>, text: &str) {
    let mut encoder = Encoder::new(out);
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        encoder.push(&rest[..at]);
        encoder.push(super::template::entity(rest.as_bytes()[at]));
        rest = &rest[at + 1..];
    }
    encoder.push(rest);
    encoder.finish();
}

/// Makes a body end at a hard line end: nothing follows that a soft break could join.
pub(super) fn close(out: &mut Vec<u8>) {
    if out.ends_with(SOFT_BREAK) {
        out.truncate(out.len() - SOFT_BREAK.len());
        out.extend_from_slice(b"\r\n");
    }
}

/// The text that `encoded`, one of our own bodies, stands for; line ends stay CR LF.
pub(super) fn decode(encoded: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some(at) = rest.iter().position(|b| *b == b'=') {
        out.extend_from_slice(&rest[..at]);
        rest = match &rest[at + 1..] {
            [b'\r', b'\n', rest @ ..] => rest,
            [high, low, rest @ ..] => {
                out.push(nibble(*high) << 4 | nibble(*low));
                rest
            }
            _ => &[],
        };
    }
    out.extend_from_slice(rest);
    out
}

fn nibble(digit: u8) -> u8 {
    HEX.iter().position(|d| *d == digit).map_or(0, |n| u8::try_from(n).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A second decoder, by the letter of RFC 2045: line by line, blanks at line ends dropped.
    fn naive(encoded: &[u8]) -> Vec<u8> {
        let text = str::from_utf8(encoded).expect("ASCII");
        let mut out = Vec::new();
        let lines: Vec<&str> = text.split("\r\n").collect();
        for (n, line) in lines.iter().enumerate() {
            let line = line.trim_end_matches([' ', '\t']);
            let (line, soft) = line.strip_suffix('=').map_or((line, false), |l| (l, true));
            let mut letters = line.chars();
            while let Some(letter) = letters.next() {
                if letter == '=' {
                    let pair: String = letters.by_ref().take(2).collect();
                    out.push(u8::from_str_radix(&pair, 16).expect("two hexadecimal digits"));
                } else {
                    out.extend_from_slice(letter.to_string().as_bytes());
                }
            }
            if !soft && n + 1 < lines.len() {
                out.extend_from_slice(b"\r\n");
            }
        }
        out
    }

    fn lines_are_right(encoded: &[u8]) {
        assert!(encoded.is_ascii());
        for line in str::from_utf8(encoded).expect("ASCII").split("\r\n") {
            assert!(line.len() <= LINE, "{} characters: {line}", line.len());
            assert!(!line.contains(['\r', '\n']), "a bare line end in {line:?}");
            assert!(!line.ends_with([' ', '\t']), "a blank at the end of {line:?}");
            assert!(!line.starts_with('.'), "a dot at the margin: {line:?}");
        }
    }

    #[test]
    fn every_kind_of_text_is_encoded_by_the_rules() {
        for (text, want) in [
            ("", ""),
            ("abc", "abc=\r\n"),
            ("abc\n", "abc\r\n"),
            ("a=b", "a=3Db=\r\n"),
            ("blank \nnext", "blank=20\r\nnext=\r\n"),
            ("tab\t\n", "tab=09\r\n"),
            ("é", "=C3=A9=\r\n"),
            (".dot\r\n..", "=2Edot\r\n=2E.=\r\n"),
            ("\n\n", "\r\n\r\n"),
            (" \n", "=20\r\n"),
        ] {
            let mut out = Vec::new();
            encode(&mut out, text);
            assert_eq!(String::from_utf8_lossy(&out), want, "{text:?}");
        }
    }

    #[test]
    fn escaped_text_has_no_markup_of_its_own() {
        let mut out = Vec::new();
        encode_escaped(&mut out, "<b a='1'>\"&");
        assert_eq!(naive(&out), b"&lt;b a=&#39;1&#39;&gt;&quot;&amp;");
    }

    proptest! {
        #[test]
        fn pieces_laid_end_to_end_read_back_as_their_texts(pieces in prop::collection::vec("([ -~]|[éàœ«»\u{a0}\u{202f}🚲]|\n| \n|\\.){0,200}", 0..8)) {
            let mut out = Vec::new();
            for piece in &pieces {
                encode(&mut out, piece);
            }
            close(&mut out);
            lines_are_right(&out);
            let mut want = pieces.concat().replace('\n', "\r\n").into_bytes();
            if !want.is_empty() && !want.ends_with(b"\r\n") {
                want.extend_from_slice(b"\r\n");
            }
            prop_assert_eq!(String::from_utf8_lossy(&naive(&out)).into_owned(), String::from_utf8_lossy(&want).into_owned());
            prop_assert_eq!(decode(&out), want);
        }
    }
}
