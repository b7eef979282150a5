//! The languages in which depeche speaks to readers.
//! It does not say in which language an article is written; that is `article::language`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::article::language::Language;

/// Language of the words around the articles: of mails, pages and subjects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UiLanguage {
    /// French.
    Fr,
    /// English, where nothing else is said.
    #[default]
    En,
    /// German.
    De,
    /// Dutch.
    Nl,
}

/// A language in which depeche does not speak.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("depeche does not speak `{0}`; `fr`, `en`, `de` and `nl` are what it speaks")]
pub struct UiLanguageError(String);

impl UiLanguage {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 4] = [Self::Fr, Self::En, Self::De, Self::Nl];

    /// Their codes, in the same order.
    pub const CODES: [&str; 4] = [Self::Fr.code(), Self::En.code(), Self::De.code(), Self::Nl.code()];

    /// The two-letter code (ISO 639-1).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
            Self::De => "de",
            Self::Nl => "nl",
        }
    }

    /// What its speakers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Nl => "Nederlands",
        }
    }

    /// The same language as one of texts.
    pub fn language(self) -> Language {
        self.code().parse().expect("a two-letter code is a language")
    }

    /// The reader's first choice among ours in an `Accept-Language` header (RFC 9110, 12.5.4); None where none is ours.
    pub fn accepted(header: &str) -> Option<Self> {
        /// Ranges looked at; browsers send fewer than ten.
        const RANGES: usize = 32;
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',').take(RANGES) {
            let mut fields = range.split(';').map(str::trim);
            let Some(Ok(language)) = fields.next().map(str::parse::<Self>) else { continue };
            let weight = fields.find_map(|f| f.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0_f32);
            if weight > best.map_or(0.0, |(w, _)| w) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    pub(super) fn index(self) -> usize {
        self as usize
    }
}

impl FromStr for UiLanguage {
    type Err = UiLanguageError;

    /// Reads `fr`, `fr-CA`, `FR_fr`.
    fn from_str(tag: &str) -> Result<Self, UiLanguageError> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|l| l.code().eq_ignore_ascii_case(primary))
            .ok_or_else(|| UiLanguageError(tag.chars().take(40).collect()))
    }
}

impl fmt::Display for UiLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_read_with_or_without_its_country() {
        for (tag, language) in
            [("fr", UiLanguage::Fr), ("fr-CA", UiLanguage::Fr), ("DE_at", UiLanguage::De), (" nl ", UiLanguage::Nl)]
        {
            assert_eq!(tag.parse(), Ok(language), "{tag}");
        }
        let error = "es".parse::<UiLanguage>().expect_err("Spanish is not spoken yet");
        assert!(error.to_string().contains("`es`"), "{error}");
    }

    #[test]
    fn the_browser_s_first_choice_among_ours_wins() {
        for (header, want) in [
            ("de-DE,de;q=0.9,en;q=0.8", Some(UiLanguage::De)),
            ("es-ES,es;q=0.9,en;q=0.5,fr;q=0.7", Some(UiLanguage::Fr)),
            ("nl;q=0, en;q=0.1", Some(UiLanguage::En)),
            ("es", None),
            ("", None),
            ("*;q=x,,;;", None),
        ] {
            assert_eq!(UiLanguage::accepted(header), want, "{header}");
        }
    }
}
