//! Takes addresses, link tokens and passwords in URLs out of every log line, whoever put them there.
//! It is the net below the types: a relay's reply and a library's error quote what they were given.

use std::{borrow::Cow, io};

use crate::subscriber::token::PREFIX;

/// Characters from which on a run with our prefix is taken for a token; whole ones have 29 to 53, logs may cut them.
const TOKEN_LENGTH: usize = 12;

/// What stands in the place of an address or a user with a password.
const ADDRESS: &str = "<address>";

/// What stands in the place of a token.
const TOKEN: &str = "<token>";

/// The line without what must not be in a log.
pub fn redact(line: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    for (start, end, instead) in spans(line) {
        out.push_str(&line[kept..start]);
        out.push_str(instead);
        kept = end;
    }
    if kept == 0 {
        return Cow::Borrowed(line);
    }
    out.push_str(&line[kept..]);
    Cow::Owned(out)
}

/// What is to be replaced, in order and apart from one another.
fn spans(line: &str) -> Vec<(usize, usize, &'static str)> {
    let mut spans: Vec<(usize, usize, &'static str)> = Vec::new();
    let mut at = 0;
    while let Some(length) = line.get(at..).map(|rest| rest.find(|c| !is_word(c)).unwrap_or(rest.len())) {
        if length == 0 {
            match line[at..].chars().next() {
                Some('\u{1b}') => at += colour(&line[at..]).max(1),
                Some(c) => at += c.len_utf8(),
                None => break,
            }
            continue;
        }
        word(line, at, at + length, &mut spans);
        at += length;
    }
    spans
}

/// Octets of a terminal's colour (`ESC [ digits m`), which is no part of the word behind it; 0 where it is none.
fn colour(text: &str) -> usize {
    let Some(inside) = text.strip_prefix("\u{1b}[") else { return 0 };
    let length = inside.bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
    if inside[length..].starts_with('m') { length + 3 } else { 0 }
}

/// Whether a character can be inside an address, a token or a URL's user part.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "@.!#$%&'*+-/=?^_`{|}~:".contains(c)
}

fn word(line: &str, start: usize, end: usize, spans: &mut Vec<(usize, usize, &'static str)>) {
    let text = &line[start..end];
    if let Some(sign) = text.rfind('@') {
        let before = text[..sign].rfind("//").map_or(0, |slashes| slashes + 2);
        let before = before.max(text[before..sign].find(['=', '?']).map_or(before, |at| before + at + 1));
        let after = text[sign + 1..].find(['/', '?', ':']).map_or(text.len(), |length| sign + 1 + length);
        if before < sign && after > sign + 1 {
            // The host of a URL is no secret; the domain of an address may be.
            let to = if text[..before].ends_with("//") { sign } else { after };
            spans.push((start + before, start + to, ADDRESS));
            return;
        }
    }
    let mut at = start;
    for run in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')) {
        if is_token(run) {
            spans.push((at, at + run.len(), TOKEN));
        }
        at += run.len() + line[at + run.len()..].chars().next().map_or(0, char::len_utf8);
    }
}

/// Whether a run of letters, digits, `-` and `_` is one of our link tokens, or a good part of one.
fn is_token(run: &str) -> bool {
    run.len() >= TOKEN_LENGTH && run.starts_with(PREFIX)
}

/// Hands each line on without what must not be in a log; `tracing` writes one whole line at a time.
pub(super) struct Redacted<W>(W);

impl<W> Redacted<W> {
    pub(super) fn new(writer: W) -> Self {
        Self(writer)
    }
}

impl<W: io::Write> io::Write for Redacted<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(octets);
        self.0.write_all(redact(&line).as_bytes())?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, wanted: &str) {
        assert_eq!(redact(line), wanted);
    }

    #[test]
    fn addresses_tokens_and_passwords_do_not_reach_a_log() {
        check("relay said 550 5.1.1 <claire@lefanal.example>: unknown", "relay said 550 5.1.1 <<address>>: unknown");
        check("to=claire.d+x@lefanal.example, retry", "to=<address>, retry");
        check("zoé@crème.example bounced", "<address> bounced");
        check("\"to\":\"claire@lefanal.example\"", "\"to\":\"<address>\"");
        check("a@b.example,c@d.example", "<address>,<address>");
        check("POST /u/tk_ASoH-JVVOfehmUoM9ESYmj0Y2w 200", "POST /u/<token> 200");
        check("GET /p?t=tk_ASoH-JVVOfehmUoM9ESYmj0Y2w&x=1", "GET /p?t=<token>&x=1");
        check("postgres://depeche:s3cret@db.example/depeche", "postgres://<address>@db.example/depeche");
        check("mailto:claire@lefanal.example", "<address>");
        check("\u{1b}[2mto\u{1b}[0mclaire@lefanal.example", "\u{1b}[2mto\u{1b}[0m<address>");
        check("\u{1b}[", "\u{1b}[");
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for line in [
            "",
            "delivery 12 accepted by main in 0.8 s: 250 2.0.0 Ok: queued as 4Xk2Lr1Zq9",
            "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "item https://www.lefanal.example/Actualites/2027-03-28-Trains-ce-qui-change-Lundi",
            "feed https://www.lefanal.example/rss.xml?page=2 answered 304",
            "depeche::daemon::deliver: 3 items @ 7:00",
            "6b1f2a34-0a6f-4f0e-9a3c-5a1f0e8d7c6b",
            "«Zürich» – 5 % ’",
        ] {
            check(line, line);
            assert!(matches!(redact(line), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn what_is_written_in_one_go_is_redacted_in_one_go() {
        use io::Write as _;
        let mut out = Vec::new();
        let line = "to claire@lefanal.example\n".as_bytes();
        assert_eq!(Redacted::new(&mut out).write(line).expect("written"), line.len());
        assert_eq!(out, b"to <address>\n");
    }

    proptest::proptest! {
        #[test]
        fn an_address_is_masked_wherever_it_stands(before in "[^@\\w.!#$%&'*+/=?^_`{|}~:-]{0,6}", after in "[ >;\",)]\\PC{0,6}|") {
            let line = format!("{before}claire@lefanal.example{after}");
            let masked = redact(&line);
            proptest::prop_assert!(!masked.contains("claire") && masked.contains(ADDRESS), "{}", masked);
            proptest::prop_assert_eq!(redact(&masked), masked.as_ref());
        }
    }
}
