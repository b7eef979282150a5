//! An e-mail address that cannot be wrong in form, and never gets into a log by accident.
//! It does not know whether a mailbox exists; the confirmation mail finds out.

mod suggestion;
#[cfg(test)]
mod tests;

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use url::Host;

/// Octets of a whole address: RFC 5321 section 4.5.3.1.3 gives a path 256, less `<` and `>`.
pub const LONGEST: usize = 254;

/// Octets before the `@` (RFC 5321 section 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// Octets of one label of a domain (RFC 1035 section 2.3.4).
const LONGEST_LABEL: usize = 63;

/// A mailbox of one person: `local@domain`, the domain in its ASCII form (RFC 5321, RFC 6531, without quoted local
/// parts and address literals, which no reader has).
///
/// It has no `Display`, and its `Debug` is masked: who needs the letters asks for them by [`Address::as_str`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    text: String,
    at: usize,
}

/// Why a text is no address; the address itself is not repeated, so that the error may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("the address is empty; an address looks like name@example.org")]
    Empty,
    /// No `@`.
    #[error("the address has no @; an address looks like name@example.org")]
    NoAt,
    /// More than one `@`.
    #[error("the address has more than one @; give one address, such as name@example.org")]
    ManyAts,
    /// Nothing before the `@`.
    #[error("the part before the @ is missing")]
    NoLocal,
    /// Nothing after the `@`.
    #[error("the part after the @ is missing, such as example.org")]
    NoDomain,
    /// White space or a control character inside.
    #[error("the address contains a space or an invisible character; take it out")]
    Space,
    /// A character that cannot stand unquoted in the local part.
    #[error("`{0}` cannot stand before the @")]
    LocalCharacter(char),
    /// Dots at the wrong places.
    #[error("before the @, a dot may stand only between two other characters")]
    LocalDots,
    /// Local part beyond 64 octets.
    #[error("the part before the @ is longer than {LONGEST_LOCAL} characters")]
    LongLocal,
    /// Whole address beyond 254 octets.
    #[error("the address is longer than {LONGEST} characters")]
    Long,
    /// A domain without a dot.
    #[error("the part after the @ lacks its ending, such as .com or .fr")]
    NoEnding,
    /// An IP address instead of a domain.
    #[error("an IP address cannot stand after the @; give a domain such as example.org")]
    Literal,
    /// A domain that is none.
    #[error("the part after the @ is not a domain; letters, digits, hyphens and dots make one, such as example.org")]
    Domain,
}

impl Address {
    /// Reads what a person typed or pasted: spaces around, `<...>` and `mailto:` are taken off.
    pub fn parse(typed: &str) -> Result<Self, AddressError> {
        let bare = bare(typed);
        if bare.is_empty() {
            return Err(AddressError::Empty);
        }
        if bare.chars().any(|c| c.is_whitespace() || c.is_control() || is_invisible(c)) {
            return Err(AddressError::Space);
        }
        let (local, domain) = bare.rsplit_once('@').ok_or(AddressError::NoAt)?;
        if local.contains('@') {
            return Err(AddressError::ManyAts);
        }
        let local = parse_local(local)?;
        let domain = parse_domain(domain)?;
        if local.len() + 1 + domain.len() > LONGEST {
            return Err(AddressError::Long);
        }
        Ok(Self { at: local.len(), text: format!("{local}@{domain}") })
    }

    /// The address as it goes into SMTP and into the database: the local part as typed (NFC), the domain in lower-case ASCII.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// The domain in lower-case ASCII (A-labels).
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The address as its owner writes it, for pages and mails: the domain in Unicode.
    pub fn shown(&self) -> String {
        format!("{}@{}", self.local(), url::quirks::domain_to_unicode(self.domain()))
    }

    /// The key under which one mailbox is stored once: all in lower case. Dots and `+tags` stay, they are the owner's.
    pub fn address_key(&self) -> String {
        // Lower-casing may take a composed character apart (İ), so compose again.
        format!("{}@{}", self.local().to_lowercase().nfc().collect::<String>(), self.domain())
    }

    /// Whether a relay must offer SMTPUTF8 (RFC 6531) for it: the local part is not ASCII.
    pub fn needs_smtputf8(&self) -> bool {
        !self.text.is_ascii()
    }

    /// Enough to tell two apart in a log, too little to write to: `c…@l….example`.
    pub fn masked(&self) -> String {
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        let ending = self.domain().rsplit('.').next().unwrap_or_default();
        format!("{}…@{}….{ending}", first(self.local()), first(self.domain()))
    }

    /// The address that was probably meant, where the domain looks like a slip of the fingers: `…@gmial.com`.
    pub fn suggestion(&self) -> Option<Self> {
        let domain = suggestion::nearest(self.domain())?;
        Some(Self { at: self.at, text: format!("{}@{domain}", self.local()) })
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.masked())
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    fn from_str(typed: &str) -> Result<Self, AddressError> {
        Self::parse(typed)
    }
}

fn bare(typed: &str) -> &str {
    let bare = typed.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    let bare = bare.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(bare);
    match bare.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &bare[7..],
        _ => bare,
    }
}

/// Characters that show nothing and come along when an address is pasted from a page; the bidi ones can disguise it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}')
}

fn parse_local(local: &str) -> Result<String, AddressError> {
    if local.is_empty() {
        return Err(AddressError::NoLocal);
    }
    // RFC 5322 section 3.2.3 atext; RFC 6531 section 3.3 adds every character beyond ASCII.
    let lawful = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if let Some(c) = local.chars().find(|&c| !lawful(c)) {
        return Err(AddressError::LocalCharacter(c));
    }
    if local.split('.').any(str::is_empty) {
        return Err(AddressError::LocalDots);
    }
    let local: String = local.nfc().collect();
    if local.len() > LONGEST_LOCAL { Err(AddressError::LongLocal) } else { Ok(local) }
}

fn parse_domain(domain: &str) -> Result<String, AddressError> {
    // A final dot is the DNS way to write the same domain.
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    if domain.is_empty() {
        return Err(AddressError::NoDomain);
    }
    // `Host` would decode `%2e`, and read `0x7f.1` as an IPv4 address.
    if domain.contains('%') {
        return Err(AddressError::Domain);
    }
    if domain.starts_with('[') {
        return Err(AddressError::Literal);
    }
    let domain = match Host::parse(domain) {
        Ok(Host::Domain(domain)) => domain,
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(AddressError::Literal),
        Err(_) => return Err(AddressError::Domain),
    };
    let label_is_lawful = |label: &str| {
        !label.is_empty()
            && label.len() <= LONGEST_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !domain.split('.').all(label_is_lawful) {
        return Err(AddressError::Domain);
    }
    match domain.rsplit_once('.') {
        None => Err(AddressError::NoEnding),
        // No top-level domain has one letter or begins with a digit.
        Some((_, ending)) if ending.len() < 2 || ending.starts_with(|c: char| c.is_ascii_digit()) => {
            Err(AddressError::Domain)
        }
        Some(_) => Ok(domain),
    }
}
