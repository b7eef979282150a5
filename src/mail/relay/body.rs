//! A mail as it goes over the wire: dots at line beginnings doubled, a lone dot at the end (RFC 5321, 4.5.2).
//! It does not send it.
//!
//! lettre's own codec looks at every byte by itself: 40 µs for 30 kB, as much as all else that a mail costs. Most mails have no
//! line that begins with a dot, and finding that out takes 2 µs.

use std::fmt;

use super::Unsendable;
use crate::mail::message::has_bare_line_end;

/// A mail that can be sent: UTF-8 (mostly ASCII), whole line ends. Displayed, it is what goes over the wire after DATA.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'a> {
    text: &'a str,
    has_dots: bool,
}

impl<'a> Body<'a> {
    /// Looks `message` over; it is not copied.
    pub(super) fn new(message: &'a [u8]) -> Result<Self, Unsendable> {
        if has_bare_line_end(message) {
            return Err(Unsendable::BareLineEnd);
        }
        let text = str::from_utf8(message).map_err(|_| Unsendable::NotUtf8)?;
        Ok(Self { text, has_dots: text.starts_with('.') || has_dot_after_line_end(message) })
    }

    /// Whether 8BITMIME is not needed.
    pub(super) fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }

    /// Bytes of the mail itself, as SIZE counts them (RFC 1870, 3: dots as they were before doubling).
    pub(super) fn size(&self) -> usize {
        self.text.len() + self.missing_end().len()
    }

    /// Bytes on the wire, end included.
    pub(super) fn wire_size(&self) -> u64 {
        let mut count = Counter(0);
        fmt::write(&mut count, format_args!("{self}")).expect("counting cannot fail");
        count.0
    }

    fn missing_end(&self) -> &'static str {
        if self.text.ends_with("\r\n") { "" } else { "\r\n" }
    }
}

struct Counter(u64);

impl fmt::Write for Counter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len() as u64;
        Ok(())
    }
}

/// Looks at all neighbours without stopping, which the compiler turns into vector instructions.
fn has_dot_after_line_end(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .zip(bytes.iter().skip(1))
        .fold(0, |found, (a, b)| found | (u8::from(*a == b'\n') & u8::from(*b == b'.')))
        > 0
}

impl fmt::Display for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.text;
        if self.has_dots {
            if rest.starts_with('.') {
                f.write_str(".")?;
            }
            while let Some(at) = rest.find("\n.") {
                f.write_str(&rest[..at + 2])?;
                f.write_str(".")?;
                rest = &rest[at + 2..];
            }
        }
        f.write_str(rest)?;
        f.write_str(self.missing_end())?;
        f.write_str(".\r\n")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 5321, 4.5.2, line by line.
    fn naive(text: &str) -> String {
        let text = text.strip_suffix("\r\n").unwrap_or(text);
        let lines =
            text.split("\r\n").map(|line| if line.starts_with('.') { format!(".{line}") } else { line.to_owned() });
        lines.chain([".".to_owned(), String::new()]).collect::<Vec<_>>().join("\r\n")
    }

    fn check(text: &str) {
        let body = Body::new(text.as_bytes()).expect("a mail");
        let wire = body.to_string();
        assert_eq!(wire, naive(text));
        assert_eq!(body.wire_size(), wire.len() as u64);
    }

    #[test]
    fn dots_at_line_beginnings_are_doubled_and_no_others() {
        for text in
            ["", ".", "..", "a", "a.\r\n", ".\r\n", "a\r\n.\r\nb", "\r\n.", "\r\n..\r\n.\r\n\r\n", "é\r\n.é\r\n"]
        {
            check(text);
        }
        assert_eq!(Body::new(b"a\r\n.\r\n").expect("a mail").size(), 6);
        assert_eq!(Body::new(b"a").expect("a mail").size(), 3);
    }

    #[test]
    fn what_is_no_text_or_smuggles_a_line_end_is_refused() {
        assert_eq!(Body::new(b"a\xff\r\n").err(), Some(Unsendable::NotUtf8));
        assert_eq!(Body::new(b"a\n.\r\n").err(), Some(Unsendable::BareLineEnd));
    }

    proptest! {
        #[test]
        fn any_mail_is_stuffed_as_line_by_line(text in "(\\.|\r\n|x|é){0,80}") {
            check(&text);
        }
    }
}
