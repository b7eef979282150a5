//! One immutable set of compiled filters, laid out so that an article touches few cache lines.
//! It does not compile (`compile`) and does not evaluate (`matching`).

use std::ops::Range;
use std::sync::OnceLock;

use super::key_map::KeyMap;
use crate::article::language::Language;
use crate::topic::analyze::keys::{self, Scheme};
use crate::topic::query::terms::Term;
use crate::topic::query::{Form, Scope};

/// The term that every article holds; a filter without a second required term asks for this one.
pub(super) const ALWAYS: u32 = 0;

/// What a term number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TermKind {
    Word(Scope, Form),
    Site,
    Lang,
}

const SCOPES: [Scope; 7] =
    [Scope::Text, Scope::Title, Scope::Lead, Scope::Body, Scope::Author, Scope::Category, Scope::Feed];
const FORMS: [Form; 3] = [Form::Stem, Form::Exact, Form::Prefix];

impl TermKind {
    /// One byte for the table and for interning.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Word(scope, form) => (scope as u8) * 3 + form as u8,
            Self::Site => 21,
            Self::Lang => 22,
        }
    }

    pub(super) fn from_code(code: u8) -> Self {
        match code {
            21 => Self::Site,
            22 => Self::Lang,
            code => Self::Word(SCOPES[usize::from(code / 3)], FORMS[usize::from(code % 3)]),
        }
    }

    /// The fields in which a word of an article counts for this term.
    pub(super) fn mask(self) -> u8 {
        match self {
            Self::Word(scope, _) => scope.mask(),
            Self::Site | Self::Lang => 0,
        }
    }
}

/// Every distinct term of the filters, kept once as text: languages make their keys from it when first asked.
#[derive(Debug, Default)]
pub(super) struct TermTable {
    pub(super) kinds: Vec<u8>,
    pub(super) ends: Vec<u32>,
    pub(super) text: String,
}

impl TermTable {
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    pub(super) fn push(&mut self, kind: TermKind, text: &str) {
        self.text.push_str(text);
        self.kinds.push(kind.code());
        self.ends.push(u32::try_from(self.text.len()).expect("the words of a few million filters are below 4 GB"));
    }

    pub(super) fn kind(&self, term: u32) -> TermKind {
        TermKind::from_code(self.kinds[term as usize])
    }

    pub(super) fn text(&self, term: u32) -> &str {
        let term = term as usize;
        let start = term.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[term] as usize]
    }

    /// The term as a query has it; None for sites and languages.
    pub(super) fn word(&self, term: u32) -> Option<Term<'_>> {
        match self.kind(term) {
            TermKind::Word(scope, form) => Some(Term { scope, form, text: self.text(term).into() }),
            TermKind::Site | TermKind::Lang => None,
        }
    }
}

/// One way to a filter: it is a hit if the article holds the anchor under which this stands, the second term, and the rest.
/// A filter with alternatives has one for each pair of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Posting {
    /// Another term that it requires.
    pub(super) second: u32,
    pub(super) tail: Tail,
}

/// What is looked at once a posting's second term is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tail {
    /// What else it asks for; see [`Rest`].
    pub(super) rest: u32,
    /// The filter's place in `ids`.
    pub(super) filter: u32,
}

/// Upper three bits of a word of a program; the lower ones are a term, a row or the length of what follows.
pub(super) const KIND: u32 = 7 << 29;
pub(super) const TERM: u32 = 0;
/// Of a posting only: the term must not occur.
pub(super) const LACKS: u32 = 1 << 29;
pub(super) const ROW: u32 = 2 << 29;
pub(super) const AND: u32 = 3 << 29;
pub(super) const OR: u32 = 4 << 29;
pub(super) const NOT: u32 = 5 << 29;
/// Of a posting only: a program at this place of `code`.
const CODE: u32 = 6 << 29;

/// Of a posting only: its anchor and its second term stand so far from each other, and this is all.
const PAIR: u32 = 7 << 29;
/// Of the number of a pair: the anchor stands behind the second term. The distance is above it.
const BEHIND: u32 = 1;

/// What a filter asks for beyond two terms. What most ask for stands in the posting itself; nothing more is the term that
/// every article holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rest<'a> {
    Term(u32),
    Lacks(u32),
    Row(u32),
    /// The anchor and the second term stand at these offsets.
    Pair([u32; 2]),
    /// Begins with the program; it says itself where it ends.
    Program(&'a [u32]),
}

/// The word for a program, whose code is appended to `code` where it does not fit into the posting.
pub(super) fn short(program: &[u32], code: &mut Vec<u32>) -> u32 {
    match program {
        [] => TERM | ALWAYS,
        [word] => *word,
        [NOT, word] if word & KIND == TERM => LACKS | word,
        _ => {
            let at = u32::try_from(code.len()).ok().filter(|at| at & KIND == 0);
            code.extend_from_slice(program);
            CODE | at.expect("programs of a few million filters are below 2 GB")
        }
    }
}

/// The word for a row of an anchor and a second term at these offsets; None where they are too far apart for it.
pub(super) fn pair([anchor, second]: [u32; 2]) -> Option<u32> {
    let number = anchor.abs_diff(second).checked_mul(2)? | if anchor > second { BEHIND } else { 0 };
    (number & KIND == 0).then_some(PAIR | number)
}

/// Where the program of a posting's rest stands in `code`, for one that is not short.
pub(super) fn program_at(rest: u32) -> Option<usize> {
    (rest & KIND == CODE).then_some((rest & !KIND) as usize)
}

/// Filters in the order of their anchors.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) terms: TermTable,
    /// By term: the fields in which a word counts for it, and [`POSITIONAL`].
    pub(super) masks: Box<[u8]>,
    /// One bit a term: whether its positions are needed, as its mask says too.
    pub(super) positional: Box<[u64]>,
    /// By term: the first posting anchored at it; one more than there are terms.
    pub(super) first: Box<[u32]>,
    /// By posting: its second term, apart, since most postings are passed over by it alone.
    pub(super) seconds: Box<[u32]>,
    pub(super) tails: Box<[Tail]>,
    pub(super) code: Box<[u32]>,
    /// Ids of the filters, sorted.
    pub(super) ids: Box<[i64]>,
    /// Rows of words and NEARs, each kept once; see `rows`.
    pub(super) row_ends: Box<[u32]>,
    pub(super) row_code: Box<[u32]>,
    /// Exact forms, sites and languages.
    pub(super) names: KeyMap,
    pub(super) prefixes: KeyMap,
    /// Bit n: a prefix of n letters exists.
    pub(super) prefix_lengths: u32,
    pub(super) has_exact: bool,
    pub(super) stems: [OnceLock<KeyMap>; Scheme::COUNT],
}

/// Of a mask: the positions of the term are needed.
pub(super) const POSITIONAL: u8 = 1 << 7;

impl Segment {
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn contains(&self, id: i64) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    pub(super) fn rest(&self, tail: Tail) -> Rest<'_> {
        let value = tail.rest & !KIND;
        match tail.rest & KIND {
            TERM => Rest::Term(value),
            LACKS => Rest::Lacks(value),
            ROW => Rest::Row(value),
            PAIR if value & BEHIND != 0 => Rest::Pair([value / 2, 0]),
            PAIR => Rest::Pair([0, value / 2]),
            _ => Rest::Program(&self.code[value as usize..]),
        }
    }

    pub(super) fn posting(&self, at: usize) -> Posting {
        Posting { second: self.seconds[at], tail: self.tails[at] }
    }

    /// Where the postings of an anchor stand.
    pub(super) fn anchored(&self, term: u32) -> Range<usize> {
        self.first[term as usize] as usize..self.first[term as usize + 1] as usize
    }

    pub(super) fn row(&self, row: u32) -> &[u32] {
        let row = row as usize;
        let start = row.checked_sub(1).map_or(0, |before| self.row_ends[before]);
        &self.row_code[start as usize..self.row_ends[row] as usize]
    }

    /// The map from stems of a language to terms, made when an article of that language first comes.
    pub(super) fn stems(&self, scheme: Scheme) -> &KeyMap {
        self.stems[scheme.index()].get_or_init(|| {
            let mut pairs = Vec::with_capacity(self.terms.len());
            for term in 0..u32::try_from(self.terms.len()).expect("term numbers are u32") {
                if let TermKind::Word(_, Form::Stem) = self.terms.kind(term) {
                    pairs.extend(scheme.stems(self.terms.text(term)).as_slice().iter().map(|key| (*key, term)));
                }
            }
            KeyMap::new(pairs)
        })
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let terms = self.terms.kinds.capacity() + self.terms.ends.capacity() * 4 + self.terms.text.capacity();
        let words = [&self.first, &self.seconds, &self.code, &self.row_ends, &self.row_code];
        let maps: usize = self.stems.iter().filter_map(OnceLock::get).map(KeyMap::heap_bytes).sum();
        terms
            + size_of_val(&*self.masks)
            + size_of_val(&*self.positional)
            + size_of_val(&*self.ids)
            + size_of_val(&*self.tails)
            + words.iter().map(|words| size_of_val(&***words)).sum::<usize>()
            + self.names.heap_bytes()
            + self.prefixes.heap_bytes()
            + maps
    }
}

/// The maps that do not depend on a language.
#[expect(clippy::struct_field_names, reason = "the names among the names: sites and languages, beside prefixes")]
pub(super) struct Names {
    pub(super) names: KeyMap,
    pub(super) prefixes: KeyMap,
    pub(super) prefix_lengths: u32,
    pub(super) has_exact: bool,
}

impl Names {
    pub(super) fn of(terms: &TermTable) -> Self {
        let (mut names, mut prefixes) = (Vec::new(), Vec::new());
        let (mut prefix_lengths, mut has_exact) = (0_u32, false);
        for term in 1..u32::try_from(terms.len()).expect("term numbers are u32") {
            let text = terms.text(term);
            match terms.kind(term) {
                TermKind::Word(_, Form::Stem) => {}
                TermKind::Word(_, Form::Exact) => {
                    has_exact = true;
                    names.push((keys::exact(text), term));
                }
                TermKind::Word(_, Form::Prefix) => {
                    let found = keys::prefix(text);
                    prefixes.extend(found.as_slice().iter().map(|key| (*key, term)));
                    for letters in keys::prefix_letters(text) {
                        prefix_lengths |= 1 << letters;
                    }
                }
                TermKind::Site => names.push((keys::site(text), term)),
                TermKind::Lang => names.push((keys::lang(text.parse().unwrap_or(Language::UND)), term)),
            }
        }
        Self { names: KeyMap::new(names), prefixes: KeyMap::new(prefixes), prefix_lengths, has_exact }
    }
}
