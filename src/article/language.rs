//! The language of a text as a two-letter code, declared or detected.
//! It does not say in which languages depeche speaks; that is `render`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An ISO 639-1 code, or `und` where the language is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language([u8; 2]);

impl Language {
    /// Not known: no stemming, no stop words.
    pub const UND: Self = Self(*b"--");

    /// The code, `und` where unknown.
    pub fn code(&self) -> &str {
        if *self == Self::UND { "und" } else { str::from_utf8(&self.0).expect("two ASCII letters") }
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::UND
    }
}

/// A language tag that is not one.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a language tag; two letters such as `fr`, or `fr-CA`, are")]
pub struct LanguageError(String);

impl FromStr for Language {
    type Err = LanguageError;

    /// Reads `fr`, `fr-CA`, `fr_FR`; what follows the first two letters is dropped (BCP 47 primary subtag).
    fn from_str(tag: &str) -> Result<Self, LanguageError> {
        if tag.eq_ignore_ascii_case("und") {
            return Ok(Self::UND);
        }
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        match *primary.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_lowercase(), b.to_ascii_lowercase()]))
            }
            _ => Err(LanguageError(tag.to_owned())),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Language {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tag = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        tag.parse().map_err(serde::de::Error::custom)
    }
}
