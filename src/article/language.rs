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
        if *self == Self::UND { "und" } else { str::from_utf8(&self.0).unwrap_or("und") }
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

/// Letters below which a text is too short for its language to be told from it.
const MIN_LETTERS: usize = 120;

/// Characters of a text that are looked at: enough for certainty, and a bound on the work.
const MAX_CHARS: usize = 2_000;

/// Confidence from which detection overrules what the publisher declared.
const OVERRULES: f64 = 0.9;

/// Confidence from which detection counts where nothing was declared.
const COUNTS: f64 = 0.2;

/// The language of a body, with the declared one as the prior: a declaration stands unless a long enough text speaks clearly against it.
pub fn detect(text: &str, declared: Language) -> Language {
    let sample = text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end]);
    let letters = sample.chars().filter(|c| c.is_alphabetic()).count();
    if !is_enough(letters, sample) {
        return declared;
    }
    let Some(found) = whatlang::detect(sample) else { return declared };
    let language = two_letters(found.lang());
    if language == Language::UND {
        return declared;
    }
    if declared == Language::UND {
        return if found.confidence() >= COUNTS { language } else { Language::UND };
    }
    // whatlang's model of Norwegian is Bokmål, and it takes close kin for each other: those declarations stand.
    if found.confidence() >= OVERRULES && !kin(declared, language) { language } else { declared }
}

/// Whether a text has letters enough to tell its language.
fn is_enough(letters: usize, text: &str) -> bool {
    use whatlang::Script::{Arabic, Cyrillic, Latin};
    // Scripts of few languages (kana, hangul) tell even in a short text.
    let telling = || !matches!(whatlang::detect_script(text), None | Some(Latin | Cyrillic | Arabic));
    letters >= MIN_LETTERS || (letters >= MIN_LETTERS / 8 && telling())
}

/// Languages so close that a publisher's word is better than a trigram count.
fn kin(a: Language, b: Language) -> bool {
    const KIN: &[&[&str]] = &[
        &["no", "nb", "nn", "da", "sv"],
        &["af", "nl"],
        &["hr", "sr", "bs", "sl"],
        &["cs", "sk"],
        &["id", "ms", "jv"],
        &["es", "ca", "gl", "pt"],
        &["ru", "uk", "be", "bg", "mk"],
        &["zu", "xh", "ss", "nr", "sn"],
    ];
    KIN.iter().any(|group| group.contains(&a.code()) && group.contains(&b.code()))
}

fn two_letters(lang: whatlang::Lang) -> Language {
    let code = match lang.code() {
        "eng" => "en",
        "fra" => "fr",
        "deu" => "de",
        "nld" => "nl",
        "spa" => "es",
        "ita" => "it",
        "por" => "pt",
        "cat" => "ca",
        "swe" => "sv",
        "dan" => "da",
        "nob" => "no",
        "fin" => "fi",
        "pol" => "pl",
        "ces" => "cs",
        "slk" => "sk",
        "hun" => "hu",
        "ron" => "ro",
        "bul" => "bg",
        "rus" => "ru",
        "ukr" => "uk",
        "bel" => "be",
        "ell" => "el",
        "tur" => "tr",
        "hrv" => "hr",
        "srp" => "sr",
        "slv" => "sl",
        "est" => "et",
        "lav" => "lv",
        "lit" => "lt",
        "mkd" => "mk",
        "jpn" => "ja",
        "kor" => "ko",
        "cmn" => "zh",
        "ara" => "ar",
        "pes" => "fa",
        "heb" => "he",
        "hin" => "hi",
        "ben" => "bn",
        "ind" => "id",
        "vie" => "vi",
        "tha" => "th",
        "afr" => "af",
        "zul" => "zu",
        "epo" => "eo",
        "lat" => "la",
        _ => return Language::UND,
    };
    code.parse().unwrap_or(Language::UND)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRENCH: &str = "Le conseil municipal a voté mardi soir la fermeture du pont aux camions pendant six semaines, le temps de remplacer les \
                          câbles qui le tiennent depuis l'après-guerre, malgré les protestations des commerçants du quai.";

    fn check(text: &str, declared: &str, expected: &str) {
        let declared: Language = declared.parse().expect("a tag");
        assert_eq!(detect(text, declared).code(), expected, "{declared} {text}");
    }

    #[test]
    fn the_declared_language_is_a_prior_and_not_the_last_word() {
        check(FRENCH, "und", "fr");
        check(FRENCH, "en", "fr");
        check("Deux mots", "en", "en");
        check("Deux mots", "und", "und");
        check("", "nl", "nl");
    }
}
