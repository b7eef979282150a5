//! Addresses, mailboxes and header texts that cannot break out of the line they stand in.
//! It does not say who may be mailed.

use std::{fmt, str::FromStr};

use serde::Deserialize;
use unicode_segmentation::UnicodeSegmentation;

/// A mail address: what lettre takes, without blanks, its domain in ASCII (IDNA), so only an odd local part needs SMTPUTF8.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address(lettre::Address);

/// Text that is not a mail address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a mail address: {why}; one looks like `name@example.org`")]
pub struct AddressError {
    text: String,
    why: &'static str,
}

impl Address {
    /// The whole address.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    /// What follows the @, in ASCII lower case.
    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    /// Whether any relay can take it; else the relay has to offer SMTPUTF8 (RFC 6531).
    pub fn is_ascii(&self) -> bool {
        self.as_str().is_ascii()
    }

    pub(super) fn inner(&self) -> &lettre::Address {
        &self.0
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let error = |why| AddressError { text: text.chars().take(80).collect(), why };
        let text = text.trim();
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>')) {
            return Err(error("it holds a blank, a control character or an angle bracket"));
        }
        let (local, domain) = text.rsplit_once('@').ok_or_else(|| error("there is no @"))?;
        let domain = match url::Host::parse(domain).map_err(|_| error("what follows the @ is no domain"))? {
            url::Host::Domain(domain) => domain,
            // An address literal is for machines on a local net; readers have domains.
            url::Host::Ipv4(_) | url::Host::Ipv6(_) => return Err(error("what follows the @ is an IP address")),
        };
        let address = lettre::Address::new(local, domain).map_err(|_| error("it does not follow RFC 5321"))?;
        Ok(Self(address))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Longest header text in characters; subjects have at most 90, so only a mistake is cut here.
const HEADER_TEXT_MAX: usize = 300;

/// Text for a header: one line, no control characters, no marks that turn the direction of writing, bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderText(String);

impl HeaderText {
    /// Cleans `text`: line ends, tabs and runs of blanks become one blank. No-break spaces stay, French needs them.
    pub fn new(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                // Bidi embeddings, overrides and isolates let a title show other words than it holds.
                '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {}
                ' ' | '\u{2028}' | '\u{2029}' => push_blank(&mut out),
                c if c.is_control() => push_blank(&mut out),
                c => out.push(c),
            }
        }
        out.truncate(out.trim_end_matches(' ').len());
        if out.len() > HEADER_TEXT_MAX
            && let Some((cut, _)) = out.grapheme_indices(true).nth(HEADER_TEXT_MAX)
        {
            out.truncate(cut);
        }
        Self(out)
    }

    /// The cleaned text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn push_blank(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

impl From<&str> for HeaderText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// A name, which may be empty, and an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// Shown instead of the address where it is not empty.
    pub name: HeaderText,
    /// Where to.
    pub address: Address,
}

impl Mailbox {
    /// From a name as people write it and an address.
    pub fn new(name: &str, address: Address) -> Self {
        Self { name: HeaderText::new(name), address }
    }
}

impl From<Address> for Mailbox {
    fn from(address: Address) -> Self {
        Self { name: HeaderText::default(), address }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        match (text.parse::<Address>(), expected) {
            (Ok(address), Ok(expected)) => assert_eq!(address.as_str(), expected),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (got, _) => panic!("{text:?} gave {got:?}, not {expected:?}"),
        }
    }

    #[test]
    fn an_address_has_no_room_for_a_second_command() {
        check("claire@lecteur.example", Ok("claire@lecteur.example"));
        check("  Claire.D+x@Lecteur.Example ", Ok("Claire.D+x@lecteur.example"));
        check("jörg@müller.example", Ok("jörg@xn--mller-kva.example"));
        check("a@b.example\r\nRCPT TO:<c@d.example>", Err("blank"));
        check("a@b.example>", Err("angle"));
        check("\"a b\"@b.example", Err("blank"));
        check("a.example", Err("no @"));
        check("a@", Err("domain"));
        check("a@[127.0.0.1]", Err("not a mail address"));
        check("a@127.0.0.1", Err("IP address"));
        check("a..b@c.example", Err("RFC 5321"));
    }

    #[test]
    fn a_header_text_is_one_line_and_keeps_french_spaces() {
        let check = |text: &str, expected: &str| assert_eq!(HeaderText::new(text).as_str(), expected);
        check("Trains\u{a0}: ce qui change\u{202f}?", "Trains\u{a0}: ce qui change\u{202f}?");
        check("a\r\nBcc: x@y.example", "a Bcc: x@y.example");
        check(" \t a \u{7f} b \u{85} c  ", "a b c");
        check("abc\u{202e}def\u{2066}ghi\u{2069}", "abcdefghi");
        check("a\u{2028}b\0c", "a b c");
        assert_eq!(HeaderText::new(&"e\u{301}".repeat(1000)).as_str().chars().count(), 2 * HEADER_TEXT_MAX);
    }
}
