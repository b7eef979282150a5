//! What a relay says it can do, read from its answer to EHLO.
//! It holds only what we use; lettre's own list knows neither PIPELINING nor SIZE.

/// Keywords of an EHLO answer that change what we send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one keyword of the answer, there or not")]
pub(super) struct Capabilities {
    pub(super) pipelining: bool,
    pub(super) starttls: bool,
    pub(super) eight_bit_mime: bool,
    pub(super) smtp_utf8: bool,
    /// Whether MAIL takes SIZE, and the largest mail in bytes (`usize::MAX` where the relay names none).
    pub(super) size: Option<usize>,
}

impl Capabilities {
    /// From the lines of the answer; the first is the relay's name. Keywords have no case (RFC 5321, 2.4).
    pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for line in lines.skip(1) {
            let mut words = line.split_ascii_whitespace();
            match words.next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "PIPELINING" => found.pipelining = true,
                "STARTTLS" => found.starttls = true,
                "8BITMIME" => found.eight_bit_mime = true,
                "SMTPUTF8" => found.smtp_utf8 = true,
                // 0 is "no fixed limit" (RFC 1870, 4).
                "SIZE" => {
                    let limit = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
                    found.size = Some(limit.unwrap_or(usize::MAX));
                }
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_in_any_case_and_the_name_is_none() {
        let lines =
            ["STARTTLS.example greets you", "pipelining", "Size 35882577", "8bitmime", "SMTPUTF8", "AUTH PLAIN"];
        let found = Capabilities::read(lines.into_iter());
        let expected = Capabilities {
            pipelining: true,
            starttls: false,
            eight_bit_mime: true,
            smtp_utf8: true,
            size: Some(35_882_577),
        };
        assert_eq!(found, expected);
        assert_eq!(Capabilities::read(["x", "SIZE 0"].into_iter()).size, Some(usize::MAX));
        assert_eq!(Capabilities::read(["x", "SIZE"].into_iter()).size, Some(usize::MAX));
        assert_eq!(Capabilities::read(["SIZE 5"].into_iter()).size, None);
    }
}
