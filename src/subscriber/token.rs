//! The signed tokens in readers' links: each is good for one purpose, and forging one needs the secret.
//! It neither draws secrets nor knows the paths in which tokens stand.

#[cfg(test)]
mod tests;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Octets of a secret: as many as the hash gives (RFC 2104 section 3).
pub const SECRET_LENGTH: usize = 32;

/// Octets of the signature kept: half of the hash, the least that RFC 2104 section 5 advises; guessing takes 2^128 tries.
const MAC_LENGTH: usize = 16;

/// What every token begins with, so that `telemetry` knows one when a log line quotes it.
pub const PREFIX: &str = "tk_";

/// Longest token that is looked at: key id, two numbers of at most 10 octets and the signature make 50 characters, and the prefix.
const LONGEST_TOKEN: usize = 64;

/// Most keys in one ring: links of older mails are worth a key a year, not more.
const MOST_KEYS: usize = 16;

/// What the signature covers first, so that no other use of the same secret makes a token.
const DOMAIN: &[u8] = b"depeche link token 1\0";

/// What the secret shared with a hub is made of beside the token that it pushes to.
const HUB_DOMAIN: &[u8] = b"depeche hub secret 1\0";

/// What a token is good for; a token of one purpose is refused for every other. The codes never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// One-click unsubscribe; `extra` is the slot's number, and the token never expires: leaving must work from any old mail.
    Unsubscribe = 1,
    /// The page of one's own settings; `extra` is the expiry.
    Preferences = 2,
    /// The button of the confirmation mail; `extra` is the expiry.
    Confirm = 3,
    /// Undo a leaving by mistake, offered on its page; `extra` is the expiry.
    Resubscribe = 4,
    /// The web copy of one digest; `extra` is the slot's number.
    Web = 5,
    /// "There is news", said by a feed's publisher; it is about a feed, `extra` is 0, and it never expires.
    FeedHook = 6,
    /// Where a hub pushes; it is about a subscription at a hub, `extra` is 0, and it never expires.
    Hub = 7,
    /// The page of one topic's alerts; `extra` says which topic or filter ([`Why::code`]), and the token never expires: muting must
    /// work from any old mail.
    ///
    /// [`Why::code`]: crate::digest::Why::code
    Alert = 8,
}

impl Purpose {
    /// Whether `extra` holds the expiry in Unix seconds; else it means what the purpose says, and the token stays good.
    pub fn expires(self) -> bool {
        match self {
            Self::Preferences | Self::Confirm | Self::Resubscribe => true,
            Self::Unsubscribe | Self::Web | Self::FeedHook | Self::Hub | Self::Alert => false,
        }
    }
}

/// What a good token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whom it is about: the number of a subscriber, or of what the purpose says.
    pub subscriber: i64,
    /// A slot's number, the expiry or a topic, see [`Purpose`].
    pub extra: u64,
}

/// A signed token, 29 to 53 characters of `A-Z a-z 0-9 - _`. Who holds it acts for the reader, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The characters, for a link.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why a token is refused; none repeats the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Cut off, mistyped, or none at all.
    #[error("the link is not complete; copy it whole from the mail")]
    Malformed,
    /// Signed by a key that is no longer kept.
    #[error("the link is too old: its key (number {0}) is no longer kept")]
    UnknownKey(u8),
    /// Altered, or made for another purpose.
    #[error("the link is not one of ours, or is meant for another page")]
    Forged,
    /// Was good until then.
    #[error("the link was good until {0}; ask for a new one")]
    Expired(DateTime<Utc>),
}

/// Why a key file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// No key in it.
    #[error("no key found; a line such as `1 <43 characters of base64url>` is one")]
    Empty,
    /// A line that is no key; the line itself is not repeated.
    #[error(
        "line {0} is not a key; a number from 0 to 255, a space and 43 characters of base64url (32 random octets) are"
    )]
    Line(usize),
    /// Two keys with one number.
    #[error("line {0} repeats the number of an earlier key; each key needs its own")]
    Twice(usize),
    /// More keys than are kept.
    #[error("more than {MOST_KEYS} keys; drop the oldest, at the end of the file")]
    Many,
}

#[derive(Clone)]
struct Key {
    id: u8,
    secret: [u8; SECRET_LENGTH],
}

/// The ring of secrets: the first one signs, all of them verify. `Debug` shows their numbers only.
#[derive(Clone)]
pub struct Keys {
    current: Key,
    older: Vec<Key>,
}

impl Keys {
    /// A ring of one key, numbered 1. The secret must come from the system's random source.
    pub fn new(secret: [u8; SECRET_LENGTH]) -> Self {
        Self { current: Key { id: 1, secret }, older: Vec::new() }
    }

    /// Reads a key file: one `NUMBER SECRET` a line, the signing key first, `#` begins a remark.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let mut keys: Vec<Key> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let key = parse_key(line).ok_or(KeysError::Line(number))?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(KeysError::Twice(number));
            }
            keys.push(key);
        }
        if keys.len() > MOST_KEYS {
            return Err(KeysError::Many);
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or(KeysError::Empty)?;
        Ok(Self { current, older: keys.collect() })
    }

    /// The text of a key file with this ring; only for writing it to a file of mode 0600.
    pub fn to_file(&self) -> String {
        let mut text = String::from(
            "# Secrets of the links in depeche's mails. The first line signs, the others still verify.\n\
             # Whoever reads this file can act for every reader. Losing it breaks the links of all mails sent.\n",
        );
        for key in self.all() {
            text.extend([&key.id.to_string(), " ", &URL_SAFE_NO_PAD.encode(key.secret), "\n"]);
        }
        text
    }

    /// A new signing key before the older ones; the oldest goes where the ring is full.
    #[must_use]
    pub fn rotated(&self, secret: [u8; SECRET_LENGTH]) -> Self {
        let older: Vec<Key> = self.all().take(MOST_KEYS - 1).cloned().collect();
        // At most MOST_KEYS - 1 of the 256 numbers are taken.
        let id = (0..=u8::MAX)
            .map(|step| self.current.id.wrapping_add(1).wrapping_add(step))
            .find(|id| older.iter().all(|key| key.id != *id))
            .unwrap_or_default();
        Self { current: Key { id, secret }, older }
    }

    /// Signs a token; the same arguments give the same token. `extra` is a slot's number or an expiry, see [`Purpose`].
    pub fn sign(&self, purpose: Purpose, subscriber: i64, extra: u64) -> Token {
        let mut octets = vec![self.current.id];
        write_number(&mut octets, subscriber.cast_unsigned());
        write_number(&mut octets, extra);
        let mac = signature(&self.current, purpose, &octets).finalize().into_bytes();
        octets.extend_from_slice(&mac[..MAC_LENGTH]);
        Token(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(octets)))
    }

    /// Signs a token that is good until `until`, for the purposes that expire.
    pub fn sign_until(&self, purpose: Purpose, subscriber: i64, until: DateTime<Utc>) -> Token {
        self.sign(purpose, subscriber, u64::try_from(until.timestamp()).unwrap_or_default())
    }

    /// What the token says, if it was signed for this purpose by one of these keys and has not expired at `now`.
    pub fn verify(&self, purpose: Purpose, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::Malformed);
        }
        let text = token.strip_prefix(PREFIX).ok_or(TokenError::Malformed)?;
        let octets = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed)?;
        let (signed, mac) = octets
            .len()
            .checked_sub(MAC_LENGTH)
            .and_then(|at| octets.split_at_checked(at))
            .ok_or(TokenError::Malformed)?;
        let (&id, numbers) = signed.split_first().ok_or(TokenError::Malformed)?;
        let key = self.all().find(|key| key.id == id).ok_or(TokenError::UnknownKey(id))?;
        // Compares in constant time.
        signature(key, purpose, signed).verify_truncated_left(mac).map_err(|_| TokenError::Forged)?;
        let (subscriber, rest) = read_number(numbers).ok_or(TokenError::Malformed)?;
        let (extra, rest) = read_number(rest).ok_or(TokenError::Malformed)?;
        if !rest.is_empty() {
            return Err(TokenError::Malformed);
        }
        if purpose.expires() {
            let until = i64::try_from(extra).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            let until = until.ok_or(TokenError::Malformed)?;
            if now >= until {
                return Err(TokenError::Expired(until));
            }
        }
        Ok(Claims { subscriber: subscriber.cast_signed(), extra })
    }

    /// The secret with which a hub signs what it pushes to this token (`hub.secret`), by the key that signed the token: a new key
    /// changes nothing for the hubs that know the old one.
    pub fn hub_secret(&self, token: &str) -> Option<String> {
        let octets = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let key = self.all().find(|key| Some(&key.id) == octets.first())?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.secret).expect("HMAC takes a key of any length");
        mac.update(HUB_DOMAIN);
        mac.update(&octets);
        Some(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.older)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<u8> = self.all().map(|key| key.id).collect();
        f.debug_struct("Keys").field("numbers", &numbers).finish_non_exhaustive()
    }
}

fn parse_key(line: &str) -> Option<Key> {
    let (id, secret) = line.split_once(char::is_whitespace)?;
    let secret = URL_SAFE_NO_PAD.decode(secret.trim()).ok()?;
    Some(Key { id: id.parse().ok()?, secret: secret.try_into().ok()? })
}

fn signature(key: &Key, purpose: Purpose, octets: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.secret).expect("HMAC takes a key of any length");
    mac.update(DOMAIN);
    mac.update(&[purpose as u8]);
    mac.update(octets);
    mac
}

/// Seven bits an octet, lowest first (LEB128): small numbers make short links.
fn write_number(octets: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            octets.push(low);
            return;
        }
        octets.push(low | 0x80);
    }
}

fn read_number(octets: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0u64;
    for (index, &octet) in octets.iter().enumerate().take(10) {
        number |= u64::from(octet & 0x7f).checked_shl(7 * u32::try_from(index).ok()?)?;
        if octet & 0x80 == 0 {
            return Some((number, &octets[index + 1..]));
        }
    }
    None
}
