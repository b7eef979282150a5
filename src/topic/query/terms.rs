//! What a word or phrase of a filter means in an article: terms at fixed distances from each other.
//! It does not look anything up.

use std::borrow::Cow;

use super::{Form, Phrase, Scope, Word};
use crate::topic::analyze::fold::{fold, spelled_out};
use crate::topic::analyze::keys::LONGEST_PREFIX;
use crate::topic::analyze::units::{self, Kind, is_unspaced};

/// One thing to look up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Term<'a> {
    pub(crate) scope: Scope,
    pub(crate) form: Form,
    pub(crate) text: Cow<'a, str>,
}

/// Terms that stand at given distances from the first word; `length` positions in all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sequence<'a> {
    pub(crate) terms: Vec<(u32, Term<'a>)>,
    pub(crate) length: u32,
}

/// Parts that can be written as one word, as the analyser does with articles.
const MOST_JOINED: usize = 4;

impl Word {
    /// The ways in which it can stand in an article; any of them is enough.
    pub(crate) fn sequences(&self) -> Vec<Sequence<'_>> {
        let last = self.parts.len() - 1;
        let inner = if self.form == Form::Prefix { Form::Stem } else { self.form };
        let forms =
            self.parts.iter().enumerate().map(|(n, part)| (part.as_str(), if n == last { self.form } else { inner }));
        let mut all = vec![sequence(self.scope, forms)];
        let joins = (2..=MOST_JOINED).contains(&self.parts.len()) && self.form != Form::Exact;
        if joins && self.parts.iter().all(|part| kind(part) == Kind::Word) && has_letter(&self.parts) {
            let text = Cow::Owned(self.parts.concat());
            all.push(Sequence { terms: vec![(0, Term { scope: self.scope, form: self.form, text })], length: 1 });
        }
        all
    }
}

impl Phrase {
    /// The words in a row.
    pub(crate) fn sequence(&self) -> Sequence<'_> {
        let plain = if self.exact { Form::Exact } else { Form::Stem };
        let forms = self.words.iter().map(|word| (word.text.as_str(), if word.prefix { Form::Prefix } else { plain }));
        sequence(self.scope, forms)
    }
}

fn has_letter(parts: &[String]) -> bool {
    parts.iter().any(|part| part.chars().any(char::is_alphabetic))
}

fn kind(part: &str) -> Kind {
    let mut kind = Kind::Word;
    units::units(part, |unit| kind = unit.kind);
    kind
}

fn sequence<'a>(scope: Scope, words: impl Iterator<Item = (&'a str, Form)>) -> Sequence<'a> {
    let mut out = Sequence { terms: Vec::new(), length: 0 };
    for (text, form) in words {
        if !text.starts_with(is_unspaced) {
            out.terms.push((out.length, Term { scope, form, text: Cow::Borrowed(text) }));
            out.length += 1;
            continue;
        }
        // Overlapping pairs; a single character stands alone. There is no beginning of a pair to look for.
        let form = if form == Form::Prefix { Form::Stem } else { form };
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let width = if starts.len() > 2 { 2 } else { 1 };
        for pair in starts.windows(width + 1) {
            out.terms.push((out.length, Term { scope, form, text: Cow::Borrowed(&text[pair[0]..pair[width]]) }));
            out.length += 1;
        }
        out.length += u32::from(width == 2);
    }
    out
}

impl Term<'_> {
    /// Whether a word of an article begins as this prefix does; both in both spellings.
    pub(crate) fn begins(&self, spelling: &str) -> bool {
        let cut = |text: &str| text.chars().take(LONGEST_PREFIX).collect::<String>();
        let wanted = [Some(cut(&fold(&self.text))), spelled_out(&self.text).map(|text| cut(&text))];
        let found = [Some(fold(spelling).into_owned()), spelled_out(spelling)];
        wanted.iter().flatten().any(|wanted| found.iter().flatten().any(|found| found.starts_with(wanted.as_str())))
    }
}
