//! The form in which readers follow words of their own, in two plain fields, and what is said of what they wrote.
//! It reads no words; `topic` does.

use serde_json::{Value as Json, json};

use super::super::{language::UiLanguage, locale::Speech, mail, plain};
use super::choices::{Often, often};

/// The two fields as they stand, with what is said of them.
#[derive(Clone, Debug)]
pub struct OwnWords<'a> {
    /// What was written as words to follow; kept, so that nobody writes it twice.
    pub words: &'a str,
    /// What was written as words to leave out.
    pub without: &'a str,
    /// How often it can come.
    pub often: Vec<Often<'a>>,
    /// What is said of it; none before anything was written.
    pub said: Option<OwnSaid>,
}

/// What is said of words that a reader wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnSaid {
    /// They were read.
    Read {
        /// What they look for, one sentence in the reader's language without its full stop.
        explained: String,
        /// Stories of the last 30 days that they would have brought; none where nothing came in these days.
        stories: Option<Stories>,
        /// The reader follows them.
        followed: bool,
    },
    /// They cannot be followed.
    Refused(OwnRefusal),
}

/// What words would have brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stories {
    /// How many.
    pub count: u64,
    /// Whether that is scaled up from a sample.
    pub about: bool,
    /// Titles of some.
    pub titles: Vec<String>,
}

/// Why words cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnRefusal {
    /// There is no word to look for, or only such as stand in every story.
    NoWord,
    /// Too long.
    TooMuch,
    /// A word is to be followed and left out.
    Contradiction,
    /// They bring more stories a day than the operator allows: so many.
    TooBroad(u64),
    /// The reader follows as much as one may.
    Full,
    /// Anything else.
    Odd,
}

impl OwnRefusal {
    fn sentence(self, speech: Speech<'_>) -> String {
        match self {
            Self::NoWord => speech.word("page-own-no-word"),
            Self::TooMuch => speech.word("page-own-too-much"),
            Self::Contradiction => speech.word("page-own-contradiction"),
            Self::TooBroad(count) => speech.say("page-own-too-broad", &[("count", count.into())]),
            Self::Full => speech.word("page-own-full"),
            Self::Odd => speech.word("page-own-odd"),
        }
    }
}

impl OwnWords<'_> {
    /// Its fields; where the words are refused the page is about an error.
    pub(super) fn data(&self, speech: Speech<'_>, language: UiLanguage) -> Json {
        let (mut refused, mut lines, mut stories) = (None, Vec::new(), Vec::new());
        match &self.said {
            None => {}
            Some(OwnSaid::Refused(refusal)) => refused = Some(refusal.sentence(speech)),
            Some(OwnSaid::Read { explained, stories: found, followed }) => {
                lines.extend(followed.then(|| speech.word("page-own-followed")));
                lines.push(format!("{}.", plain::clean(explained)));
                if let Some(Stories { count, about, titles }) = found {
                    let about = if *about { "yes" } else { "no" };
                    lines.push(speech.say("page-own-stories", &[("count", (*count).into()), ("about", about.into())]));
                    stories.extend(titles.iter().map(|title| mail::topic(title)));
                }
            }
        }
        json!({
            "own_words": plain::clean(self.words),
            "own_without": plain::clean(self.without),
            "own_often": often(&self.often, speech, language),
            "own_refused": refused,
            "own_lines": lines,
            "own_stories": stories,
            "error": refused.is_some(),
        })
    }
}
