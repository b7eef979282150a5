//! Addresses that may stand in a link: http, https and mailto, nothing else.
//! It does not look whether anything answers there.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

/// Bytes of an address at most; browsers and servers stop at 2 to 8 kB.
const LONGEST: usize = 2_000;

/// An address that is safe in `href`: absolute with http, https or mailto; on pages also a path of the site itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Href(String);

/// An address that cannot stand in a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HrefError {
    /// Not an absolute address.
    #[error("`{0}` is not a whole address; `https://example.org/page` is one")]
    Malformed(String),
    /// A scheme that could do something else than open a page or a letter.
    #[error("`{0}` cannot be a link; links begin with `https:`, `http:` or `mailto:`")]
    Scheme(String),
    /// Longer than programs take.
    #[error("the address `{0}…` is longer than {LONGEST} bytes")]
    Long(String),
    /// Not a path of this site.
    #[error("`{0}` is not a path of this site; one begins with a single `/`")]
    Path(String),
}

impl Href {
    /// The address as it is written into a link (before escaping for HTML).
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A path of the site itself, for pages: `/preferences/TOKEN`.
    pub fn path(path: &str) -> Result<Self, HrefError> {
        let inside = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
        if !inside || path.bytes().any(|b| b <= b' ' || b == 0x7f) {
            return Err(HrefError::Path(start_of(path)));
        }
        if path.len() > LONGEST {
            return Err(HrefError::Long(start_of(path)));
        }
        Ok(Self(path.to_owned()))
    }

    /// A `mailto:` link to a plain address.
    pub fn mailto(address: &str) -> Result<Self, HrefError> {
        format!("mailto:{address}").parse()
    }
}

fn start_of(address: &str) -> String {
    address.chars().take(80).collect()
}

impl FromStr for Href {
    type Err = HrefError;

    fn from_str(address: &str) -> Result<Self, HrefError> {
        let address = address.trim();
        let url = Url::parse(address).map_err(|_| HrefError::Malformed(start_of(address)))?;
        if !matches!(url.scheme(), "http" | "https" | "mailto") {
            return Err(HrefError::Scheme(start_of(address)));
        }
        // Parsing percent-encodes what could break out of an attribute or a line of text.
        let whole = String::from(url);
        if whole.len() > LONGEST {
            return Err(HrefError::Long(start_of(&whole)));
        }
        Ok(Self(whole))
    }
}

impl fmt::Display for Href {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Href {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_and_letters_can_be_linked() {
        for (address, right) in [
            ("https://example.org/a?b=1&c=2", true),
            ("http://127.0.0.1:8080/", true),
            ("mailto:redaction@example.org?subject=Bonjour", true),
            ("HTTPS://EXAMPLE.ORG", true),
            ("javascript:alert(1)", false),
            (" jAvAsCrIpT:alert(1)", false),
            ("java\nscript:alert(1)", false),
            ("data:text/html,x", false),
            ("vbscript:x", false),
            ("file:///etc/passwd", false),
            ("/relative", false),
            ("//example.org", false),
            ("", false),
        ] {
            assert_eq!(address.parse::<Href>().is_ok(), right, "{address}");
        }
    }

    #[test]
    fn an_address_cannot_break_out_of_its_attribute_or_line() {
        let href: Href = "https://example.org/a\"onmouseover=\"x?q=<b>\r\nBcc: y".parse().expect("an address");
        assert!(!href.as_str().contains(['"', '<', '\r', '\n', ' ']), "{href}");
    }

    #[test]
    fn a_path_stays_on_the_site() {
        for (path, right) in [
            ("/u/abc", true),
            ("/", true),
            ("//evil.example", false),
            ("/\\evil", false),
            ("/a b", false),
            ("u", false),
        ] {
            assert_eq!(Href::path(path).is_ok(), right, "{path}");
        }
    }
}
