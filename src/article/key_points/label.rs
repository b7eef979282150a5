//! The remark that a machine wrote the key points: told from headings and from news about machines by what it is made of.
//! Where such a remark stands beside a block, `block` and `lines` know.

mod lists;

use super::{headings, lines};
use crate::article::{
    outline::share,
    words::{self, Term},
};
use lists::{
    AUTOMATIC, BY, CAPITALS, KEYS, MACHINES, MAKING, NOT, OTHER_PIECES, OTHERS, SUMMARY, SUMMARY_PIECES, TEXTS, THIS,
};

/// Words that a remark may have.
const MAX_WORDS: usize = 40;

/// Remarks that may stand between a heading and its points.
const REMARKS: usize = 2;

/// Share of a remark's letters that are of the words such remarks are made of.
const OWN_WORDS: f64 = 0.6;

/// The same where it does not begin with the summary's name.
const OWN_WORDS_UNNAMED: f64 = 0.75;

/// The same in scripts that are compared by pieces of words.
const OWN_PIECES: f64 = 0.5;

/// Letters from which a word counts: shorter ones are little words of any language.
const LONG: usize = 4;

/// A short remark that a machine wrote what stands beside it. News of machines also names them; it says more than these words.
pub(super) fn is_label(text: &str) -> bool {
    if !(1..=MAX_WORDS).contains(&words::count(text)) {
        return false;
    }
    let folded = words::fold(text);
    if folded.chars().any(runs_together) { is_label_in_pieces(text, &folded) } else { is_label_in_words(text, &folded) }
}

/// The heading among what stands above some points, nearest first: remarks may stand between, and one may be the heading itself.
pub(super) fn heading<'t, At: Copy>(mut above: impl Iterator<Item = (At, &'t str)>) -> Option<At> {
    let mut own = None;
    for _ in 0..=REMARKS {
        let Some((at, text)) = above.next() else { break };
        match (is_label(text), headings::announces(text)) {
            (false, true) => return Some(at),
            (false, false) => break,
            (true, announces) => own = own.or(announces.then_some(at)),
        }
    }
    own
}

/// Such a remark in a line of the block itself, without its bullet.
pub(super) fn in_line(line: &str) -> Option<&str> {
    let bare = lines::dashed(line).unwrap_or(line);
    is_label(bare).then_some(bare)
}

fn is_label_in_words(text: &str, folded: &str) -> bool {
    let tokens: Vec<&str> = tokens(folded).collect();
    let first = |count: usize| &tokens[..count.min(tokens.len())];
    let made = |word: &&str| begins(MAKING, word);
    let named = |word: &&str| SUMMARY.contains(word);
    let (makes, names) = (tokens.iter().any(made), tokens.iter().any(named));
    let machine = mentions_machine(text) || (makes && tokens.iter().any(|word| begins(AUTOMATIC, word)));
    if !machine || !(makes || names) {
        return false;
    }
    if tokens.iter().any(|word| NOT.contains(word)) {
        return false;
    }
    if !makes {
        // "Summary by AI", and not "Summary of the AI summit".
        return tokens
            .iter()
            .all(|word| named(word) || BY.contains(word) || KEYS.contains(word) || names_machine(word));
    }
    let by_itself =
        |word: &&str| names_machine(word) || begins(AUTOMATIC, word) || matches!(*word, "machine" | "computer");
    let opens = first(1).iter().any(|word| made(word) || THIS.contains(word) || BY.contains(word))
        || first(2).iter().any(|word| TEXTS.contains(word))
        || (first(1).iter().any(by_itself) && first(2).iter().any(made));
    let own_at_least = if first(4).iter().any(named) { OWN_WORDS } else { OWN_WORDS_UNNAMED };
    (opens || names) && own_words(folded, &tokens) >= own_at_least
}

/// Whether a folded word of a text that names the machine is of that name.
fn names_machine(word: &str) -> bool {
    matches!(word, "ai" | "ia" | "ki" | "mi" | "a" | "i" | "ии" | "ші" | "τν")
        || MACHINES.iter().any(|name| name.split([' ', '-']).any(|part| part.len() > 3 && word.starts_with(part)))
}

fn is_label_in_pieces(text: &str, folded: &str) -> bool {
    let holds = |pieces: &[&str]| pieces.iter().any(|piece| folded.contains(piece));
    let names = holds(SUMMARY_PIECES);
    let machine = mentions_machine(text) || (holds(AUTOMATIC) && holds(MAKING));
    if !machine || !(names || holds(MAKING)) {
        return false;
    }
    let all = letters(folded);
    let mut left = folded.to_owned();
    for pieces in [MACHINES, SUMMARY_PIECES, MAKING, AUTOMATIC, OTHER_PIECES] {
        for piece in pieces.iter().filter(|piece| !piece.is_ascii()) {
            left = left.replace(piece, " ");
        }
    }
    let left: usize = tokens(&left).filter(|word| !matches!(*word, "ai" | "chatgpt")).map(letters).sum();
    if names { share(all - left, all) >= OWN_PIECES } else { left == 0 }
}

/// Scripts whose words are not parted by spaces, or are written together with little ones.
fn runs_together(c: char) -> bool {
    matches!(c as u32, 0x0590..=0x0fff | 0x1100..=0x11ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af)
}

fn tokens(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|word| !word.is_empty())
}

/// Vowel signs of Indian and Thai writing are parts of words.
fn is_mark(c: char) -> bool {
    matches!(c as u32, 0x0591..=0x05c7 | 0x0610..=0x065f | 0x0900..=0x0dff | 0x0e00..=0x0eff)
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

fn begins(list: &[&str], word: &str) -> bool {
    list.iter().any(|beginning| word.starts_with(beginning))
}

fn is_own(word: &str) -> bool {
    word.chars().nth(LONG - 1).is_none()
        || [MAKING, AUTOMATIC, OTHERS].iter().any(|list| begins(list, word))
        || [SUMMARY, TEXTS, THIS].iter().any(|list| list.contains(&word))
}

/// Share of the long words' letters that are of such remarks; the machine's name does not count.
fn own_words(folded: &str, tokens: &[&str]) -> f64 {
    let named = |word: &str| {
        MACHINES.iter().any(|name| folded.contains(name) && name.split([' ', '-']).any(|part| word.starts_with(part)))
    };
    let (mut own, mut all) = (0, 0);
    for word in
        tokens.iter().filter(|word| word.chars().nth(LONG - 1).is_some() && (begins(MAKING, word) || !named(word)))
    {
        all += letters(word);
        own += if is_own(word) { letters(word) } else { 0 };
    }
    if all == 0 { 1.0 } else { share(own, all) }
}

/// Whether what follows a heading's known words is only such a remark: "generated by AI", not "of the AI ruling".
pub(super) fn is_remark(folded: &str) -> bool {
    folded.chars().any(runs_together) || own_words(folded, &tokens(folded).collect::<Vec<_>>()) >= 1.0
}

/// Whether a folded word says that something was made.
pub(super) fn says_made(word: &str) -> bool {
    begins(MAKING, word)
}

/// Words of a remark that are not of such remarks.
pub(super) fn other_terms(text: &str) -> impl Iterator<Item = Term> {
    let folded = words::fold(text);
    let named = mentioned(&folded);
    let others: Vec<Term> = tokens(&folded)
        .filter(|word| !is_own(word) && !named.iter().any(|name| name.contains(word)))
        .flat_map(words::terms)
        .collect();
    others.into_iter()
}

fn mentioned(folded: &str) -> Vec<&'static str> {
    MACHINES.iter().filter(|name| folded.contains(**name)).copied().collect()
}

/// Whether a text names the machine.
pub(super) fn mentions_machine(text: &str) -> bool {
    let folded = words::fold(text);
    !mentioned(&folded).is_empty() || CAPITALS.iter().any(|name| stands_alone(text, name))
}

/// Whether a name stands in a text as a word of its own; letters of scripts without spaces may touch it.
fn stands_alone(text: &str, name: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !runs_together(c));
    text.match_indices(name).any(|(at, _)| {
        let before = &text[..at];
        // "J'AI" shouts.
        let verb = name == "AI" && (before.ends_with("J'") || before.ends_with("J’"));
        !verb && !joins(before.chars().next_back()) && !joins(text[at + name.len()..].chars().next())
    })
}
