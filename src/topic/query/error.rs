//! Why a filter is refused: what is wrong, where, and what would be right.
//! It does not decide what is refused; the parser and its checks do.

use std::{fmt, ops::Range};

/// Characters shown on either side of the fault when the filter is long.
const SHOWN_AROUND: usize = 40;

/// A filter that cannot be saved, rendered as a message, the filter, a caret under the fault and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct QueryError {
    input: String,
    at: Range<usize>,
    problem: Problem,
    remedy: String,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing typed.
    #[error("the filter is empty")]
    Empty,
    /// More than [`super::MOST_BYTES`].
    #[error("the filter is too long: {0} bytes, at most {max} are read", max = super::MOST_BYTES)]
    TooLong(usize),
    /// More than [`super::MOST_TERMS`].
    #[error("the filter has too many words: {0}, at most {max} are allowed", max = super::MOST_TERMS)]
    TooManyTerms(usize),
    /// More than [`super::DEEPEST`].
    #[error("brackets inside brackets go too deep: at most {max} levels", max = super::DEEPEST)]
    TooDeep,
    /// An opening bracket or quotation mark without its end.
    #[error("`{0}` is never closed")]
    Unclosed(char),
    /// A closing bracket too many.
    #[error("this bracket closes nothing")]
    Unopened,
    /// Brackets or quotation marks around nothing that can be searched.
    #[error("there is no word in here")]
    NothingInside,
    /// An operator without something on one side.
    #[error("`{0}` has nothing {1} it")]
    NoOperand(String, &'static str),
    /// OR and side-by-side words without brackets: people mean different things by it.
    #[error("OR and words side by side can be read in two ways")]
    Ambiguous,
    /// Only exclusions.
    #[error("a filter needs at least one word to look for; this only says what to leave out")]
    OnlyNot,
    /// Only words such as `the`.
    #[error("this is only made of words that stand in every article")]
    OnlyStopWords,
    /// A prefix that would match half a dictionary.
    #[error("`{0}*` is too short: a beginning needs at least 3 letters before `*`")]
    PrefixTooShort(String),
    /// A star in the wrong place.
    #[error("`*` is only understood at the end of a word")]
    Wildcard,
    /// `te?t`
    #[error("`?` does not stand for a letter here")]
    OneLetterWildcard,
    /// `word~`
    #[error("similar spellings (`~`) are not searched")]
    Fuzzy,
    /// `[a TO b]`, `/regex/`
    #[error("{0} are not understood")]
    NotUnderstood(&'static str),
    /// `something:word`
    #[error("there is no field `{0}:`")]
    UnknownField(String),
    /// A field without a value, or with one it cannot take.
    #[error("`{0}:` cannot take this")]
    BadValue(&'static str),
    /// NEAR of something that has no place in the text.
    #[error("NEAR joins words, phrases and groups with OR, not this")]
    NearOperand,
    /// NEAR without a distance, or with an impossible one.
    #[error("NEAR needs a number of words from 0 to {max}", max = super::FARTHEST)]
    NearDistance,
    /// An operator of another language.
    #[error("`{0}` is not an operator here")]
    ForeignOperator(String),
    /// A dash with spaces around it.
    #[error("a dash alone says nothing")]
    LoneDash,
    /// Required and excluded at once.
    #[error("this can never match: `{0}` is asked for and left out")]
    Contradiction(String),
    /// More hits a day than the operator allows.
    #[error(
        "this would match about {hits_per_day} of {per_day} articles a day, measured over the last {days} days; at most {limit} are allowed"
    )]
    TooBroad {
        /// Measured on stored articles.
        hits_per_day: u64,
        /// Articles that came a day.
        per_day: u64,
        /// Days they came in.
        days: u64,
        /// The operator's limit.
        limit: u64,
    },
}

impl QueryError {
    pub(crate) fn new(input: &str, at: Range<usize>, problem: Problem, remedy: impl Into<String>) -> Self {
        Self { input: input.to_owned(), at, problem, remedy: remedy.into() }
    }

    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Where, in bytes of the input.
    pub fn at(&self) -> Range<usize> {
        self.at.clone()
    }

    /// What to write instead, one sentence.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }

    /// The part of the input that is shown and the caret line under it.
    fn excerpt(&self) -> (String, String) {
        let clean = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        let start = self.at.start.min(self.input.len());
        let end = self.at.end.clamp(start, self.input.len());
        let before: Vec<char> = clean(&self.input[..start]).chars().collect();
        let inside: Vec<char> = clean(&self.input[start..end]).chars().take(SHOWN_AROUND).collect();
        let after = clean(&self.input[end..]);
        let cut = before.len().saturating_sub(SHOWN_AROUND);
        let mut line: String = if cut > 0 { "…".into() } else { String::new() };
        line.extend(&before[cut..]);
        let carets: usize = inside.iter().map(|c| width(*c)).sum();
        let caret = " ".repeat(line.chars().map(width).sum()) + &"^".repeat(carets.max(1));
        line.extend(inside);
        line.extend(after.chars().take(SHOWN_AROUND));
        if after.chars().nth(SHOWN_AROUND).is_some() {
            line.push('…');
        }
        (line, caret)
    }
}

/// Columns a character takes on a terminal.
fn width(c: char) -> usize {
    if super::super::analyze::fold::is_accent(c) || super::super::analyze::fold::is_invisible(c) {
        0
    } else {
        1 + usize::from(matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}'
            | '\u{20000}'..='\u{3fffd}'))
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.problem)?;
        if !self.input.trim().is_empty() {
            let (line, caret) = self.excerpt();
            writeln!(f, "  {line}\n  {caret}")?;
        }
        write!(f, "{}", self.remedy)
    }
}
