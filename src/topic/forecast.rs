//! How many of the last articles a filter would have matched: candidates by key, then exact or sampled counting.
//! It does not read the store; the caller finds candidates by the keys given here and shows them one by one.

use super::analyze::{Analysed, keys};
use super::frequency::{TermFrequencies, article_keys, term_keys};
use super::query::terms::{Sequence, Term};
use super::query::{Node, Query};

/// Candidates that are all looked at; of more, so many are sampled and the result is called "about".
pub const EXACT_CANDIDATES: usize = 2_000;
/// Sample articles shown with a forecast.
pub const SAMPLES: usize = 3;
/// Gained and lost articles shown with a change, each.
pub const CHANGED: usize = 5;

/// The count of a forecast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Articles that match.
    pub hits: u64,
    /// Whether `hits` is scaled up from a sample: say "about".
    pub about: bool,
    /// The first articles that matched, in the order they were shown.
    pub samples: Vec<i64>,
}

/// Counts the candidates of one filter.
#[derive(Debug)]
pub struct Forecasting<'a> {
    query: &'a Query,
    candidates: u64,
    looked_at: u64,
    hits: u64,
    samples: Vec<i64>,
}

impl<'a> Forecasting<'a> {
    /// `candidates`: how many stored articles hold one of the filter's [`Query::candidate_keys`].
    pub fn new(query: &'a Query, candidates: u64) -> Self {
        Self { query, candidates, looked_at: 0, hits: 0, samples: Vec::new() }
    }

    /// Looks at one candidate: all of them, newest first, or [`EXACT_CANDIDATES`] drawn at random.
    pub fn look_at(&mut self, article: i64, analysed: &Analysed) {
        self.looked_at += 1;
        if self.query.matches(analysed) {
            self.hits += 1;
            if self.samples.len() < SAMPLES {
                self.samples.push(article);
            }
        }
    }

    /// The result.
    pub fn finish(self) -> Forecast {
        let (hits, about) = scaled(self.hits, self.looked_at, self.candidates);
        Forecast { hits, about, samples: self.samples }
    }
}

/// The hits among all candidates where `hits` were found among those looked at, and whether that is an estimate.
fn scaled(hits: u64, looked_at: u64, candidates: u64) -> (u64, bool) {
    let about = looked_at < candidates;
    let all = u128::from(hits) * u128::from(candidates) / u128::from(looked_at.max(1));
    (if about { u64::try_from(all).unwrap_or(u64::MAX) } else { hits }, about)
}

/// What a change of a filter would have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Articles that the present filter matched.
    pub before: u64,
    /// Articles that the new one would have.
    pub after: u64,
    /// Whether the numbers are scaled up from a sample.
    pub about: bool,
    /// The first articles that only the new one matches.
    pub gained: Vec<i64>,
    /// The first articles that only the present one matches.
    pub lost: Vec<i64>,
}

/// Compares two filters on the candidates of both.
#[derive(Debug)]
pub struct Comparing<'a> {
    before: &'a Query,
    after: &'a Query,
    candidates: u64,
    looked_at: u64,
    hits: (u64, u64),
    gained: Vec<i64>,
    lost: Vec<i64>,
}

impl<'a> Comparing<'a> {
    /// `candidates`: how many stored articles hold a candidate key of either filter.
    pub fn new(before: &'a Query, after: &'a Query, candidates: u64) -> Self {
        Self { before, after, candidates, looked_at: 0, hits: (0, 0), gained: Vec::new(), lost: Vec::new() }
    }

    /// Looks at one candidate, as [`Forecasting::look_at`].
    pub fn look_at(&mut self, article: i64, analysed: &Analysed) {
        self.looked_at += 1;
        let (before, after) = (self.before.matches(analysed), self.after.matches(analysed));
        self.hits = (self.hits.0 + u64::from(before), self.hits.1 + u64::from(after));
        let shown = match (before, after) {
            (false, true) => &mut self.gained,
            (true, false) => &mut self.lost,
            _ => return,
        };
        if shown.len() < CHANGED {
            shown.push(article);
        }
    }

    /// The result.
    pub fn finish(self) -> Change {
        let (before, about) = scaled(self.hits.0, self.looked_at, self.candidates);
        let (after, _) = scaled(self.hits.1, self.looked_at, self.candidates);
        Change { before, after, about, gained: self.gained, lost: self.lost }
    }
}

impl Analysed {
    /// Keys for an index over stored articles (GIN over `integer[]`): an article that matches a filter holds at least one
    /// of the filter's [`Query::candidate_keys`]. Sorted.
    pub fn candidate_keys(&self) -> Vec<i32> {
        let mut out = Vec::with_capacity(self.words.len() * 2);
        article_keys(self, &mut out);
        shortened(out)
    }
}

impl Query {
    /// Keys of the rarest words of which every matching article holds at least one. Sorted, never empty.
    pub fn candidate_keys(&self, frequencies: &TermFrequencies) -> Vec<i32> {
        let (_, keys) = cheapest(self.root(), frequencies).expect("a parsed filter has a word to look for");
        shortened(keys)
    }

    /// The share of articles that hold one of those words: of no more does a filter have to be held against the text.
    pub(super) fn candidate_share(&self, frequencies: &TermFrequencies) -> f64 {
        cheapest(self.root(), frequencies).map_or(1.0, |(share, _)| share)
    }
}

/// Half of each key, as Postgres has them, in its order: half the space, and two words that share one are told apart later.
fn shortened(keys: Vec<u64>) -> Vec<i32> {
    let upper = |key: u64| u32::try_from(key >> 32).expect("the upper half").cast_signed();
    let mut keys: Vec<i32> = keys.into_iter().map(upper).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The cheapest set of keys that covers a node, with its expected share of the articles; None below NOT.
fn cheapest(node: &Node, frequencies: &TermFrequencies) -> Option<(f64, Vec<u64>)> {
    let rarest = |all: Vec<(f64, Vec<u64>)>| all.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    let sum = |all: Vec<(f64, Vec<u64>)>| {
        all.into_iter().reduce(|(share, mut keys), (more, other)| {
            keys.extend(other);
            (share + more, keys)
        })
    };
    let term = |term: &Term<'_>| (frequencies.term_share(term), term_keys(term));
    let row = |row: &Sequence<'_>| rarest(row.terms.iter().map(|(_, one)| term(one)).collect());
    match node {
        Node::Word(word) => sum(word.sequences().iter().filter_map(row).collect()),
        Node::Phrase(phrase) => row(&phrase.sequence()),
        Node::Near(near) => rarest([&near.left, &near.right].iter().filter_map(|n| cheapest(n, frequencies)).collect()),
        Node::Site(host) => Some((frequencies.site_share(host), vec![keys::site(host)])),
        Node::Lang(language) => Some((frequencies.lang_share(*language), vec![keys::lang(*language)])),
        Node::And(children) => rarest(children.iter().filter_map(|child| cheapest(child, frequencies)).collect()),
        Node::Or(children) => sum(children.iter().map(|child| cheapest(child, frequencies)).collect::<Option<_>>()?),
        Node::Not(_) => None,
    }
}
