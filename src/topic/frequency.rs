//! How often words occur in the articles that really arrive: what anchors and expected hits are computed from.
//! It does not read the store; callers show it articles.

use rustc_hash::FxHashMap;

use super::analyze::Analysed;
use super::analyze::keys::{self, Keys, Scheme};
use super::query::terms::Term;
use super::query::{Form, Node, Query, Scope};

/// Different keys that are counted; beyond, those seen once are forgotten. About 40 MB.
const MOST_KEYS: usize = 2_000_000;
/// Share of the articles that a word is expected in while nothing is measured.
const UNMEASURED_SHARE: f64 = 0.02;
/// A phrase is expected in this share of the articles that hold its rarest word; words near each other more often.
const PHRASE_SHARE: f64 = 0.2;
const NEAR_SHARE: f64 = 0.4;

/// Document frequencies over a sample of articles.
#[derive(Clone, Debug, Default)]
pub struct TermFrequencies {
    articles: u32,
    counts: FxHashMap<u64, u32>,
    schemes: [bool; Scheme::COUNT],
    seen: Vec<u64>,
}

impl TermFrequencies {
    /// Counts one article; show it some thousands of the last ones.
    pub fn observe(&mut self, article: &Analysed) {
        self.articles = self.articles.saturating_add(1);
        self.schemes[Scheme::of(article.language).index()] = true;
        let mut seen = std::mem::take(&mut self.seen);
        seen.clear();
        article_keys(article, &mut seen);
        for key in &seen {
            *self.counts.entry(*key).or_insert(0) += 1;
        }
        self.seen = seen;
        if self.counts.len() > MOST_KEYS {
            self.counts.retain(|_, count| *count > 1);
        }
    }

    /// Number of articles counted.
    pub fn articles(&self) -> u32 {
        self.articles
    }

    /// Expected share of the articles that match, 0 to 1, as if words occurred independently.
    pub fn share(&self, query: &Query) -> f64 {
        self.node_share(query.root())
    }

    fn node_share(&self, node: &Node) -> f64 {
        match node {
            Node::Word(word) => word.sequences().iter().map(|row| self.row_share(&row.terms)).sum::<f64>().min(1.0),
            Node::Phrase(phrase) => self.row_share(&phrase.sequence().terms),
            Node::Near(near) => NEAR_SHARE * self.node_share(&near.left).min(self.node_share(&near.right)),
            Node::Site(host) => self.site_share(host),
            Node::Lang(language) => self.keys_share([keys::lang(*language)].into_iter(), 0.5),
            Node::And(children) => children.iter().map(|child| self.node_share(child)).product(),
            Node::Or(children) => 1.0 - children.iter().map(|child| 1.0 - self.node_share(child)).product::<f64>(),
            Node::Not(child) => 1.0 - self.node_share(child),
        }
    }

    fn row_share(&self, terms: &[(u32, Term<'_>)]) -> f64 {
        let rarest = terms.iter().map(|(_, term)| self.term_share(term)).fold(1.0, f64::min);
        if terms.len() > 1 { rarest * PHRASE_SHARE } else { rarest }
    }

    pub(super) fn site_share(&self, host: &str) -> f64 {
        self.keys_share([keys::site(host)].into_iter(), 0.1)
    }

    pub(super) fn lang_share(&self, language: crate::article::language::Language) -> f64 {
        self.keys_share([keys::lang(language)].into_iter(), 0.5)
    }

    /// Expected share of the articles that hold a term.
    pub(super) fn term_share(&self, term: &Term<'_>) -> f64 {
        let whole = match term.form {
            Form::Prefix => self.keys_share(keys::prefix_start(&term.text).as_slice().iter().copied(), 0.05),
            Form::Stem | Form::Exact => {
                let mut all: Vec<u64> = Vec::with_capacity(4);
                for scheme in Scheme::all().filter(|scheme| self.schemes[scheme.index()] || *scheme == Scheme::PLAIN) {
                    all.extend_from_slice(scheme.stems(&term.text).as_slice());
                }
                all.sort_unstable();
                all.dedup();
                let letters = u32::try_from(term.text.chars().count()).unwrap_or(u32::MAX);
                self.keys_share(all.into_iter(), UNMEASURED_SHARE / f64::from(letters.max(1)))
            }
        };
        match term.scope {
            Scope::Text | Scope::Body => whole,
            _ => whole * 0.3,
        }
    }

    fn keys_share(&self, keys: impl Iterator<Item = u64>, unmeasured: f64) -> f64 {
        if self.articles == 0 {
            return unmeasured;
        }
        let count: u32 = keys.map(|key| self.counts.get(&key).copied().unwrap_or(0)).fold(0, u32::saturating_add);
        // Never seen is rare, not impossible.
        (f64::from(count).max(0.5) / f64::from(self.articles)).min(1.0)
    }
}

/// Every key under which an article can be found by stem, exact form, the start of a prefix, site or language; sorted.
pub(super) fn article_keys(article: &Analysed, out: &mut Vec<u64>) {
    out.extend_from_slice(article.first_stems());
    out.extend(article.other_stems().iter().map(|(_, key)| *key));
    for n in 0..article.words.len() {
        out.extend_from_slice(keys::prefix_start(article.spelling(n)).as_slice());
    }
    out.extend(keys::sites(&article.site));
    out.push(keys::lang(article.language));
    out.sort_unstable();
    out.dedup();
}

/// Keys under which a term can be found in an article of any language, as [`article_keys`] writes them.
pub(super) fn term_keys(term: &Term<'_>) -> Vec<u64> {
    let mut out = Vec::new();
    let mut push = |keys: Keys| out.extend_from_slice(keys.as_slice());
    match term.form {
        Form::Prefix => push(keys::prefix_start(&term.text)),
        Form::Stem | Form::Exact => Scheme::all().for_each(|scheme| push(scheme.stems(&term.text))),
    }
    out.sort_unstable();
    out.dedup();
    out
}
