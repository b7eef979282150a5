//! One immutable set of compiled filters, laid out so that an article touches few cache lines.
//! It does not compile (`compile`) and does not evaluate (`matching`).

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

/// Filters numbered in the order of their anchors. Filter `n` is a hit if its anchor, its second term and its program
/// (empty: nothing more to ask) hold.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) terms: TermTable,
    /// Terms whose positions are needed, one bit each.
    pub(super) positional: Box<[u64]>,
    /// By term: the first filter anchored at it; one more than there are terms.
    pub(super) first: Box<[u32]>,
    /// By filter: another term that it requires.
    pub(super) second: Box<[u32]>,
    pub(super) ids: Box<[i64]>,
    /// By filter: where its program ends in `code`.
    pub(super) program_ends: Box<[u32]>,
    pub(super) code: Box<[u32]>,
    /// By term: where its part of `more` begins; empty where `more` is.
    pub(super) more_first: Box<[u32]>,
    /// Filters with alternatives, under each anchor but their first.
    pub(super) more: Box<[u32]>,
    /// Rows of words and NEARs, each kept once; see `rows`.
    pub(super) row_ends: Box<[u32]>,
    pub(super) row_code: Box<[u32]>,
    /// Filters in the order of their ids.
    pub(super) by_id: Box<[u32]>,
    /// Exact forms, sites and languages.
    pub(super) names: KeyMap,
    pub(super) prefixes: KeyMap,
    /// Bit n: a prefix of n letters exists.
    pub(super) prefix_lengths: u32,
    pub(super) has_exact: bool,
    pub(super) stems: [OnceLock<KeyMap>; Scheme::COUNT],
}

impl Segment {
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn contains(&self, id: i64) -> bool {
        self.by_id.binary_search_by_key(&id, |filter| self.ids[*filter as usize]).is_ok()
    }

    pub(super) fn program(&self, filter: u32) -> &[u32] {
        let filter = filter as usize;
        let start = filter.checked_sub(1).map_or(0, |before| self.program_ends[before]);
        &self.code[start as usize..self.program_ends[filter] as usize]
    }

    pub(super) fn row(&self, row: u32) -> &[u32] {
        let row = row as usize;
        let start = row.checked_sub(1).map_or(0, |before| self.row_ends[before]);
        &self.row_code[start as usize..self.row_ends[row] as usize]
    }

    pub(super) fn more(&self, term: u32) -> &[u32] {
        if self.more.is_empty() {
            return &[];
        }
        &self.more[self.more_first[term as usize] as usize..self.more_first[term as usize + 1] as usize]
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
        let words = [
            &self.first,
            &self.second,
            &self.program_ends,
            &self.code,
            &self.more_first,
            &self.more,
            &self.row_ends,
            &self.row_code,
            &self.by_id,
        ];
        let maps: usize = self.stems.iter().filter_map(OnceLock::get).map(KeyMap::heap_bytes).sum();
        terms
            + size_of_val(&*self.positional)
            + size_of_val(&*self.ids)
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
