//! Words and quotations of a filter as the analyser cuts them, and filters made of two plain fields.
//! It does not know operators.

use std::ops::Range;

use super::canonical::normalise;
use super::error::{Problem, QueryError};
use super::{Form, Near, Node, Phrase, PhraseWord, Scope, Word, parser};
use crate::topic::analyze::keys::PREFIX_LETTERS;
use crate::topic::analyze::units;

/// Cutting a text again may cut it finer only for a few compatibility characters; after this many rounds it is stable.
const ROUNDS: usize = 4;

/// The units of `text`, written so that cutting their joined text gives the same units again.
fn stable_units(text: &str, joint: &str) -> Vec<String> {
    let mut text = text.to_owned();
    let mut parts = Vec::new();
    for _ in 0..ROUNDS {
        parts.clear();
        units::units(&text, |unit| parts.push(unit.text.to_owned()));
        let joined = parts.join(joint);
        if joined == text {
            break;
        }
        text = joined;
    }
    parts
}

/// A word as typed; None where there is nothing in it to search.
pub(super) fn word(
    input: &str,
    at: &Range<usize>,
    typed: &str,
    scope: Scope,
    exact: bool,
    prefix: bool,
) -> Result<Option<Node>, QueryError> {
    let parts = stable_units(typed, "-");
    let Some(last) = parts.last() else { return Ok(None) };
    let unspaced = last.starts_with(units::is_unspaced);
    if prefix && !unspaced && last.chars().count() < PREFIX_LETTERS {
        let remedy = format!("write more letters before `*`, or `{last}` alone for the whole word");
        return Err(QueryError::new(input, at.clone(), Problem::PrefixTooShort(last.clone()), remedy));
    }
    let form = match (exact, prefix && !unspaced) {
        (_, true) => Form::Prefix,
        (true, _) => Form::Exact,
        _ => Form::Stem,
    };
    Ok(Some(Node::Word(Word { scope, form, parts })))
}

/// What stands between quotation marks: a phrase, one word, or words near each other where `slop` is given.
pub(super) fn quotation(
    input: &str,
    at: &Range<usize>,
    typed: &str,
    scope: Scope,
    exact: bool,
    slop: Option<u32>,
) -> Result<Option<Node>, QueryError> {
    let mut words: Vec<PhraseWord> = Vec::new();
    let mut chunks = typed.split_whitespace();
    if let (Some(only), None) = (chunks.next(), chunks.next()) {
        let (text, prefix) = star(input, at, only)?;
        return word(input, at, text, scope, exact, prefix);
    }
    for chunk in typed.split_whitespace() {
        let (text, prefix) = star(input, at, chunk)?;
        let parts = stable_units(text, " ");
        let last = parts.len().wrapping_sub(1);
        for (n, text) in parts.into_iter().enumerate() {
            let prefix = prefix && n == last && !text.starts_with(units::is_unspaced);
            if prefix && text.chars().count() < PREFIX_LETTERS {
                let remedy = format!("write more letters before `*`, or `{text}` alone for the whole word");
                return Err(QueryError::new(input, at.clone(), Problem::PrefixTooShort(text), remedy));
            }
            words.push(PhraseWord { text, prefix });
        }
    }
    let alone = |word: PhraseWord| {
        let form = match (exact, word.prefix) {
            (_, true) => Form::Prefix,
            (true, _) => Form::Exact,
            _ => Form::Stem,
        };
        Node::Word(Word { scope, form, parts: vec![word.text] })
    };
    if words.len() > 1 && slop.is_none_or(|slop| slop == 0) {
        return Ok(Some(Node::Phrase(Phrase { scope, exact, words })));
    }
    let distance = slop.unwrap_or(0);
    let near = |left, right| Node::Near(Box::new(Near { distance, ordered: false, left, right }));
    Ok(words.into_iter().map(alone).reduce(near))
}

/// Takes the star off the end of a word in quotation marks.
fn star<'a>(input: &str, at: &Range<usize>, chunk: &'a str) -> Result<(&'a str, bool), QueryError> {
    let text = chunk.strip_suffix('*').unwrap_or(chunk);
    if text.contains('*') || (text.is_empty() && chunk == "*") {
        let remedy = "write `a ONEAR/3 b` for up to three words in between";
        return Err(QueryError::new(input, at.clone(), Problem::Wildcard, remedy));
    }
    Ok((text, text.len() < chunk.len()))
}

/// See [`super::Query::from_words`].
pub(super) fn from_words(words: &str, without: &str) -> Result<Node, QueryError> {
    let mut alternatives = Vec::new();
    for alternative in alternatives_of(words) {
        let nodes = pieces(words, alternative)?;
        let searched = nodes.iter().any(|node| !matches!(node, Node::Word(word) if word.is_stop_word()));
        let kept =
            nodes.into_iter().filter(|node| !searched || !matches!(node, Node::Word(word) if word.is_stop_word()));
        let kept: Vec<Node> = kept.collect();
        if !kept.is_empty() {
            alternatives.push(Node::And(kept));
        }
    }
    if alternatives.is_empty() {
        let remedy = "write the words to follow, for example `logement étudiant`";
        return Err(QueryError::new(words, 0..words.len(), Problem::Empty, remedy));
    }
    let mut all = vec![Node::Or(alternatives)];
    for excluded in pieces(without, &without.replace([',', ';'], " "))? {
        if !matches!(&excluded, Node::Word(word) if word.is_stop_word()) {
            all.push(Node::Not(Box::new(excluded)));
        }
    }
    let node = normalise(Node::And(all));
    let shown = if without.trim().is_empty() { words.to_owned() } else { format!("{words} / {without}") };
    parser::check(&shown, &[], &node)?;
    Ok(node)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '＂')
}

/// Parts between commas, semicolons and line ends that stand outside quotation marks and numbers.
fn alternatives_of(words: &str) -> Vec<&str> {
    let mut quoted = false;
    let mut start = 0;
    let mut all = Vec::new();
    for (at, c) in words.char_indices() {
        quoted ^= is_quote(c);
        let in_number = c == ',' && words[at + 1..].starts_with(|c: char| c.is_ascii_digit());
        if !quoted && matches!(c, ',' | ';' | '\n') && !in_number {
            all.push(&words[start..at]);
            start = at + 1;
        }
    }
    all.push(&words[start..]);
    all
}

/// Words and quotations in a plain text.
fn pieces(input: &str, text: &str) -> Result<Vec<Node>, QueryError> {
    let mut nodes = Vec::new();
    let at = 0..input.len();
    for (n, piece) in text.split(is_quote).enumerate() {
        if n % 2 == 1 {
            nodes.extend(quotation(input, &at, piece, Scope::Text, false, None)?);
            continue;
        }
        for typed in piece.split_whitespace() {
            nodes.extend(word(input, &at, typed.trim_matches('*'), Scope::Text, false, false)?);
        }
    }
    Ok(nodes)
}
