//! A filter: what a reader follows, parsed into a tree in one canonical shape.
//! It does not look filters up by article in bulk; that is `index`.

mod canonical;
mod error;
mod evaluate;
mod explain;
mod lexer;
mod parser;
mod plain;
pub(crate) mod proximity;
mod stop_words;
pub(crate) mod terms;

use std::str::FromStr;

use crate::article::language::Language;
use crate::topic::analyze::Field;

pub use error::{Problem, QueryError};
pub use evaluate::{Place, Where};
pub use explain::explain;

/// Bytes of a filter as typed (2 KB). Its canonical form may be longer and is read all the same.
pub const MOST_BYTES: usize = 2_048;
/// Words of a filter, those in phrases included.
pub const MOST_TERMS: usize = 256;
/// Levels of brackets.
pub const DEEPEST: usize = 32;
/// Words that NEAR may span at most; a paragraph has about as many.
pub const FARTHEST: u32 = 100;

/// Which part of the article a word is looked for in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Title, lead and body.
    #[default]
    Text,
    /// `title:`
    Title,
    /// `lead:`
    Lead,
    /// `body:`
    Body,
    /// `author:`
    Author,
    /// `cat:`
    Category,
    /// `feed:`
    Feed,
}

impl Scope {
    /// The name before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "",
            Self::Title => "title",
            Self::Lead => "lead",
            Self::Body => "body",
            Self::Author => "author",
            Self::Category => "cat",
            Self::Feed => "feed",
        }
    }

    /// The fields it covers, as bits.
    pub(crate) const fn mask(self) -> u8 {
        match self {
            Self::Text => Field::Title.bit() | Field::Lead.bit() | Field::Body.bit(),
            Self::Title => Field::Title.bit(),
            Self::Lead => Field::Lead.bit(),
            Self::Body => Field::Body.bit(),
            Self::Author => Field::Author.bit(),
            Self::Category => Field::Category.bit(),
            Self::Feed => Field::Feed.bit(),
        }
    }
}

/// How a word is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// By its stem in the article's language, accents and case aside.
    Stem,
    /// `=word`: as written, accents kept, case aside.
    Exact,
    /// `word*`: by its beginning, accents and case aside.
    Prefix,
}

/// A word, or a compound such as `porte-parole` that also stands for its joined and its spaced spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word {
    /// Where it is looked for.
    pub scope: Scope,
    /// How its last part is compared; the parts before it by stem, or exactly where this is [`Form::Exact`].
    pub form: Form,
    /// Lower case, at least one.
    pub parts: Vec<String>,
}

/// Words that follow each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase {
    /// Where it is looked for.
    pub scope: Scope,
    /// `="…"`: every word as written.
    pub exact: bool,
    /// At least two, lower case.
    pub words: Vec<PhraseWord>,
}

/// One word of a phrase.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhraseWord {
    /// Lower case.
    pub text: String,
    /// Whether only its beginning is given.
    pub prefix: bool,
}

/// Two things close to each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Near {
    /// Words in between, at most.
    pub distance: u32,
    /// Whether `left` has to come first.
    pub ordered: bool,
    /// A word, a phrase, a NEAR, or an OR of these.
    pub left: Node,
    /// As `left`.
    pub right: Node,
}

/// A node of the tree. In a [`Query`], NOT stands only before leaves, the children of AND and OR are sorted and all
/// different, and no AND stands directly in an AND, no OR in an OR.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// One word.
    Word(Word),
    /// Words in a row.
    Phrase(Phrase),
    /// Words close to each other.
    Near(Box<Near>),
    /// `site:`, a host without `www.`; its subdomains belong to it.
    Site(String),
    /// `lang:`
    Lang(Language),
    /// Any of these.
    Or(Vec<Node>),
    /// All of these.
    And(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
}

/// A filter in canonical shape: equal meanings are equal trees and one text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    root: Node,
}

/// Whether words such as `the` are passed over when a filter is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StopWords {
    /// They are, as readers expect.
    #[default]
    PassedOver,
    /// They are words like any other; for measuring against engines that know none.
    Kept,
}

impl Query {
    /// Reads a filter as people type it.
    pub fn parse(input: &str) -> Result<Self, QueryError> {
        Self::parse_with(input, StopWords::PassedOver)
    }

    /// Reads a filter, saying what becomes of stop words.
    pub fn parse_with(input: &str, stop_words: StopWords) -> Result<Self, QueryError> {
        parser::parse(input, stop_words).map(|root| Self { root })
    }

    /// The filter of readers who know no operator. `words`: commas, semicolons and line ends separate alternatives,
    /// words of one alternative must all occur. `without`: none of its words may occur. Quotation marks make phrases;
    /// nothing else is an operator.
    pub fn from_words(words: &str, without: &str) -> Result<Self, QueryError> {
        plain::from_words(words, without).map(|root| Self { root })
    }

    /// The tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// One plain sentence in `ui_language` (fr, de, nl, else English).
    pub fn explain(&self, ui_language: &str) -> String {
        explain(self, ui_language)
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(input: &str) -> Result<Self, QueryError> {
        Self::parse(input)
    }
}

impl Node {
    /// Number of words in it.
    pub(crate) fn terms(&self) -> usize {
        match self {
            Self::Word(word) => word.parts.len(),
            Self::Phrase(phrase) => phrase.words.len(),
            Self::Near(near) => near.left.terms() + near.right.terms(),
            Self::Site(_) | Self::Lang(_) => 1,
            Self::And(children) | Self::Or(children) => children.iter().map(Self::terms).sum(),
            Self::Not(child) => child.terms(),
        }
    }

    /// Whether an article without any of its words can never match.
    pub(crate) fn has_anchor(&self) -> bool {
        match self {
            Self::Not(_) => false,
            Self::And(children) => children.iter().any(Self::has_anchor),
            Self::Or(children) => children.iter().all(Self::has_anchor),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests;
