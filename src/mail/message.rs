//! Assembles a mail: headers, and the HTML and text parts that come quoted-printable-encoded.
//! It neither renders nor encodes bodies, and it does not sign.

use std::{fmt, str::FromStr};

use chrono::{DateTime, FixedOffset};
use serde::Deserialize;

use super::{
    address::{Address, HeaderText, Mailbox},
    header,
};
use crate::{
    article::language::Language,
    delivery::{Boundary, Kind, MessageId},
};

/// One mail, borrowed from what it is made of. Every field is of a type that cannot hold a line end.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The publisher's name and address.
    pub from: &'a Mailbox,
    /// The reader.
    pub to: &'a Mailbox,
    /// A mailbox that people read; there is no mail without one.
    pub reply_to: &'a Mailbox,
    /// The subject.
    pub subject: &'a HeaderText,
    /// The hand-over, frozen in the delivery: a retried mail keeps it.
    pub date: DateTime<FixedOffset>,
    /// From [`crate::delivery::Key::message_id`].
    pub message_id: &'a MessageId,
    /// Language of the text.
    pub language: Language,
    /// Kept in the header of list mail only.
    pub list_id: &'a ListId,
    /// How to leave; list mail has it, a confirmation does not.
    pub unsubscribe: Option<Unsubscribe<'a>>,
    /// What it is for.
    pub kind: Kind,
    /// The HTML part.
    pub html: Encoded<'a>,
    /// The text part.
    pub text: Encoded<'a>,
    /// From [`crate::delivery::Key::boundary`].
    pub boundary: &'a Boundary,
}

/// Both ways out that RFC 8058 asks for.
#[derive(Clone, Copy, Debug)]
pub struct Unsubscribe<'a> {
    /// Takes the one-click POST.
    pub https: &'a HeaderUri,
    /// `mailto:` for programs that know no other.
    pub mailto: &'a HeaderUri,
}

/// Room for the header, so that one allocation holds a mail.
const HEADER_ROOM: usize = 2048;

impl Message<'_> {
    /// Appends the mail to `out`: the one time its body is copied before it goes to the wire.
    pub fn to_bytes(&self, out: &mut Vec<u8>) {
        out.reserve(HEADER_ROOM + self.html.0.len() + self.text.0.len());
        self.write_header(out);
        // Programs show the last part they understand (RFC 2046, 5.1.4).
        self.write_part(out, "text/plain", self.text);
        self.write_part(out, "text/html", self.html);
        out.extend_from_slice(b"--");
        out.extend_from_slice(self.boundary.as_str().as_bytes());
        out.extend_from_slice(b"--\r\n");
    }

    fn write_header(&self, out: &mut Vec<u8>) {
        header::mailbox(out, "From", self.from);
        header::mailbox(out, "To", self.to);
        header::mailbox(out, "Reply-To", self.reply_to);
        header::text(out, "Subject", self.subject);
        header::token(out, "Date", &[&self.date.to_rfc2822()]);
        header::token(out, "Message-ID", &["<", self.message_id.as_str(), ">"]);
        if self.kind.is_list_mail() {
            header::token(out, "List-Id", &["<", &self.list_id.0, ">"]);
        }
        if let Some(Unsubscribe { https, mailto }) = self.unsubscribe {
            header::token(out, "List-Unsubscribe", &["<", &https.0, ">,\r\n <", &mailto.0, ">"]);
            header::token(out, "List-Unsubscribe-Post", &["List-Unsubscribe=One-Click"]);
        }
        header::token(out, "Auto-Submitted", &["auto-generated"]);
        if self.language != Language::UND {
            header::token(out, "Content-Language", &[self.language.code()]);
        }
        header::token(out, "MIME-Version", &["1.0"]);
        header::token(out, "Content-Type", &["multipart/alternative;\r\n boundary=\"", self.boundary.as_str(), "\""]);
        out.extend_from_slice(b"\r\n");
    }

    fn write_part(&self, out: &mut Vec<u8>, content_type: &str, body: Encoded<'_>) {
        out.extend_from_slice(b"--");
        out.extend_from_slice(self.boundary.as_str().as_bytes());
        out.extend_from_slice(b"\r\nContent-Type: ");
        out.extend_from_slice(content_type.as_bytes());
        out.extend_from_slice(b"; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
        out.extend_from_slice(body.0);
        // The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1).
        if !body.0.ends_with(b"\r\n") {
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// A quoted-printable body: ASCII, every line end CR LF. A bare CR or LF could end the mail early at some relays ("SMTP smuggling").
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'a>(&'a [u8]);

/// A body that is not quoted-printable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEncoded {
    /// A byte over 127.
    #[error("the body holds a byte that is not ASCII; encode it as quoted-printable first")]
    NotAscii,
    /// CR without LF or LF without CR.
    #[error("the body holds a line end that is not CR LF")]
    BareLineEnd,
}

impl<'a> Encoded<'a> {
    /// Checks `body`; three passes that the compiler vectorises, some microseconds for 30 kB.
    pub fn new(body: &'a [u8]) -> Result<Self, NotEncoded> {
        if !body.is_ascii() {
            return Err(NotEncoded::NotAscii);
        }
        if has_bare_line_end(body) {
            return Err(NotEncoded::BareLineEnd);
        }
        Ok(Self(body))
    }
}

/// Whether a CR or LF stands alone: then there are more of them than pairs. Counting, in bytes that cannot overflow, is what the
/// compiler turns into vector instructions; a search would stop at each of some hundred line ends.
pub(super) fn has_bare_line_end(bytes: &[u8]) -> bool {
    let (mut returns, mut feeds, mut pairs) = (0, 0, 0);
    let mut before = 0;
    for block in bytes.chunks(usize::from(u8::MAX)) {
        let count = |wanted: u8| usize::from(block.iter().fold(0u8, |n, byte| n + u8::from(*byte == wanted)));
        returns += count(b'\r');
        feeds += count(b'\n');
        let both = block.iter().zip(&block[1..]).fold(0u8, |n, (a, b)| n + u8::from(*a == b'\r' && *b == b'\n'));
        pairs += usize::from(both) + usize::from(before == b'\r' && block[0] == b'\n');
        before = block[block.len() - 1];
    }
    returns != pairs || feeds != pairs
}

/// Longest URI in a header, in bytes: a header line holds 998 (RFC 5322, 2.1.1).
const URI_MAX: usize = 900;

/// An `https:` (or, in demo and tests, `http:`) or `mailto:` URI that can stand in angle brackets in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderUri(String);

/// Text that cannot stand in a List header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderUriError {
    /// Neither a page nor a mailbox.
    #[error("a List-Unsubscribe URI begins with `https:`, `http:` or `mailto:`")]
    Scheme,
    /// It would end the header or the brackets.
    #[error(
        "a List-Unsubscribe URI holds printable ASCII only, without blanks, angle brackets and commas; percent-encode them"
    )]
    Letter,
    /// It would not fit on a line.
    #[error("a List-Unsubscribe URI has at most {URI_MAX} bytes")]
    Long,
}

impl FromStr for HeaderUri {
    type Err = HeaderUriError;

    fn from_str(text: &str) -> Result<Self, HeaderUriError> {
        if !["https://", "http://", "mailto:"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(HeaderUriError::Scheme);
        }
        // Commas separate the URIs of the header (RFC 2369, 2).
        if !text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b',' | b'"')) {
            return Err(HeaderUriError::Letter);
        }
        if text.len() > URI_MAX {
            return Err(HeaderUriError::Long);
        }
        Ok(Self(text.to_owned()))
    }
}

impl HeaderUri {
    /// A `mailto:` whose subject carries `token`, letters, digits, `-` and `_` only.
    pub fn mailto(address: &Address, token: &str) -> Result<Self, HeaderUriError> {
        format!("mailto:{address}?subject={token}").parse()
    }

    /// The URI without brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HeaderUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What names the list for mail programs, such as `fanal.lettres.lefanal.example` (RFC 2919).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListId(String);

/// Text that is not a list identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a list identifier; letters, digits, `-`, `_` and at least one inner dot make one: `resume.lettres.example.org`"
)]
pub struct ListIdError(String);

impl FromStr for ListId {
    type Err = ListIdError;

    fn from_str(text: &str) -> Result<Self, ListIdError> {
        let label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        // RFC 2919, 3: at most 255 characters.
        if text.len() <= 255 && text.contains('.') && text.split('.').all(label) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ListIdError(text.chars().take(80).collect()))
        }
    }
}

impl<'de> Deserialize<'de> for ListId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
