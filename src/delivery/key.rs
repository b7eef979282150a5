//! A delivery's key, and what a retried mail must repeat: Message-ID, boundary and jitter all come from it.
//! It draws no random numbers and knows no tokens.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

use super::Kind;

/// Keeps these hashes apart from any other use of SHA-256 over the same numbers.
const DOMAIN: &[u8] = b"depeche delivery 1";

/// Names one mail to one person for ever, on every node and before its row exists.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

impl Key {
    /// From the subscriber's id and the bytes that name the occasion: for a digest the slot's key (schedule, zone, local
    /// time), not the slot's row id, since a dry-run shows the mail before that row exists.
    pub fn new(kind: Kind, subscriber: i64, occasion: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(kind.code().to_be_bytes());
        hash.update(subscriber.to_be_bytes());
        hash.update(occasion);
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        Self(key)
    }

    /// The 16 bytes, as stored.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// From the stored 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The Message-ID at the sender's domain; what is no letter of a domain is left out.
    pub fn message_id(&self, domain: &str) -> MessageId {
        let mut id = String::with_capacity(33 + domain.len());
        self.write_hex(&mut id);
        id.push('@');
        id.extend(domain.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')));
        MessageId(id)
    }

    /// The multipart boundary.
    pub fn boundary(&self) -> Boundary {
        let mut text = String::with_capacity(34);
        // `=_` cannot occur in quoted-printable (RFC 2045, 6.7), so no part can end a part.
        text.push_str("=_");
        self.write_hex(&mut text);
        Boundary(text)
    }

    /// A number that differs between mails and between a mail's attempts, and is the same when asked again.
    pub(super) fn draw(&self, attempt: u32) -> u32 {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(attempt.to_be_bytes());
        let mut drawn = [0; 4];
        drawn.copy_from_slice(&hash.finalize()[..4]);
        u32::from_be_bytes(drawn)
    }

    fn write_hex(&self, out: &mut String) {
        write!(out, "{self}").expect("writing to a String cannot fail");
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A Message-ID without its angle brackets (RFC 5322, 3.6.4): hexadecimal digits, `@`, a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageId(String);

impl MessageId {
    /// The identifier without angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A multipart boundary that no quoted-printable part can hold; it has to stand in quotes in Content-Type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundary(String);

impl Boundary {
    /// The boundary without dashes and quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_ids_give_the_same_mail_on_every_node() {
        let key = Key::new(Kind::Digest, 42, b"morning Europe/Paris 2026-11-24T07:00");
        assert_eq!(key, Key::new(Kind::Digest, 42, b"morning Europe/Paris 2026-11-24T07:00"));
        // Frozen: a changed derivation would make resent mails new ones, across an upgrade as well.
        assert_eq!(key.message_id("lettres.example").as_str(), "fc16af314cc3447b7b9faff0c33b732d@lettres.example");
        assert_eq!(key.boundary().as_str(), "=_fc16af314cc3447b7b9faff0c33b732d");
        assert_eq!(key.message_id("x>\r\ny.example").as_str(), "fc16af314cc3447b7b9faff0c33b732d@xy.example");
        assert_eq!(Key::from_bytes(*key.bytes()), key);
    }

    #[test]
    fn another_reader_kind_or_occasion_is_another_mail() {
        let key = Key::new(Kind::Digest, 1, b"a");
        for other in [Key::new(Kind::Digest, 2, b"a"), Key::new(Kind::Alert, 1, b"a"), Key::new(Kind::Digest, 1, b"b")]
        {
            assert_ne!(key, other);
        }
        assert_ne!(key.draw(1), key.draw(2));
    }
}
