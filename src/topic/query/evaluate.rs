//! Whether one article matches one filter, and which of its words did it: the plain definition, article by article.
//! It is not fast for many filters; `index` is, and is tested against this.

use super::proximity::{Span, near_spans, row_spans};
use super::terms::{Sequence, Term};
use super::{Form, Node, Query};
use crate::article::ArticleText;
use crate::topic::analyze::keys::{self, Scheme};
use crate::topic::analyze::{Analysed, FeedFacts, Field, Spelled, source, stemmed};

/// Words shown for one field of one article; more tell nothing new.
const MOST_SHOWN: usize = 8;

/// A part of an article or one of its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Where {
    /// A part of its text.
    Field(Field),
    /// The site it stands on.
    Site,
    /// The language it is written in.
    Language,
}

impl Where {
    /// Whether it is read as sentences: title, lead or body.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Field(Field::Title | Field::Lead | Field::Body))
    }

    /// The name that filters use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(Field::Title) => "title",
            Self::Field(Field::Lead) => "lead",
            Self::Field(Field::Body) => "body",
            Self::Field(Field::Author) => "author",
            Self::Field(Field::Category) => "cat",
            Self::Field(Field::Feed) => "feed",
            Self::Site => "site",
            Self::Language => "lang",
        }
    }
}

/// What matched in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub field: Where,
    /// The matched words and phrases, each once, in the order of the text.
    pub words: Vec<String>,
}

impl Query {
    /// Whether the article matches.
    pub fn matches(&self, article: &Analysed) -> bool {
        holds(&self.root, article)
    }

    /// What in the article matched, in lower case as stored; empty where it does not match.
    pub fn highlights(&self, article: &Analysed) -> Vec<Place> {
        self.places(article, |span| {
            let words = (span.0..=span.1).filter_map(|position| spelling_at(article, position));
            source::join(words)
        })
    }

    /// What in the article matched, as its text writes it; empty where it does not match.
    pub fn highlights_in(&self, article: &ArticleText, feed: &FeedFacts<'_>) -> Vec<Place> {
        self.highlights_of(&Spelled::of(article, feed))
    }

    /// The same of an article that many filters are held against.
    pub fn highlights_of(&self, article: &Spelled<'_>) -> Vec<Place> {
        self.places(&article.analysed, |span| article.source.text(span))
    }

    fn places(&self, article: &Analysed, text: impl Fn(Span) -> String) -> Vec<Place> {
        let mut found = Witnesses::default();
        found.gather(&self.root, article);
        let Witnesses { mut spans, places } = found;
        spans.sort_unstable();
        spans.dedup();
        let mut fields: Vec<Place> = Vec::new();
        for span in spans {
            let Some(field) = article.field_at(span.0).map(Where::Field) else { continue };
            let text = text(span);
            match fields.iter_mut().find(|place| place.field == field) {
                Some(place) if place.words.len() < MOST_SHOWN && !place.words.contains(&text) => place.words.push(text),
                Some(_) => {}
                None => fields.push(Place { field, words: vec![text] }),
            }
        }
        fields.sort_by_key(|place| place.field);
        fields.extend(places);
        fields
    }
}

fn holds(node: &Node, article: &Analysed) -> bool {
    match node {
        Node::Word(word) => word.sequences().iter().any(|sequence| occurs(sequence, article)),
        Node::Phrase(phrase) => occurs(&phrase.sequence(), article),
        Node::Near(_) => !spans(node, article).is_empty(),
        Node::Site(host) => on_site(host, article),
        Node::Lang(language) => *language == article.language,
        Node::And(children) => children.iter().all(|child| holds(child, article)),
        Node::Or(children) => children.iter().any(|child| holds(child, article)),
        Node::Not(child) => !holds(child, article),
    }
}

fn on_site(host: &str, article: &Analysed) -> bool {
    let rest = article.site.strip_suffix(host);
    rest.is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn occurs(sequence: &Sequence<'_>, article: &Analysed) -> bool {
    match sequence.terms.as_slice() {
        [(_, term)] => words(term, article).any(|word| article.words[word].fields & term.scope.mask() != 0),
        _ => !sequence_spans(sequence, article).is_empty(),
    }
}

/// Distinct words of the article that a term stands for.
fn words<'a>(term: &'a Term<'_>, article: &'a Analysed) -> impl Iterator<Item = usize> + 'a {
    let exact = keys::exact(&term.text);
    let keys = match term.form {
        Form::Stem => stemmed::stems(Scheme::of(article.language), exact, &term.text),
        _ => keys::Keys::default(),
    };
    (0..article.words.len()).filter(move |word| match term.form {
        Form::Stem => article.stems(*word).any(|key| keys.as_slice().contains(&key)),
        Form::Exact => article.exacts[*word] == exact,
        Form::Prefix => term.begins(article.spelling(*word)),
    })
}

fn positions(term: &Term<'_>, article: &Analysed) -> Vec<u32> {
    let mut all: Vec<u32> = words(term, article).flat_map(|word| article.positions(word)).copied().collect();
    all.retain(|position| article.stands_in(*position, term.scope.mask()));
    all.sort_unstable();
    all.dedup();
    all
}

fn sequence_spans(sequence: &Sequence<'_>, article: &Analysed) -> Vec<Span> {
    let rows: Vec<(u32, Vec<u32>)> =
        sequence.terms.iter().map(|(offset, term)| (*offset, positions(term, article))).collect();
    row_spans(&rows, sequence.length)
}

/// Where a node that has a place stands; empty for those that have none.
fn spans(node: &Node, article: &Analysed) -> Vec<Span> {
    let mut all = match node {
        Node::Word(word) => word.sequences().iter().flat_map(|sequence| sequence_spans(sequence, article)).collect(),
        Node::Phrase(phrase) => sequence_spans(&phrase.sequence(), article),
        Node::Near(near) => {
            near_spans(&spans(&near.left, article), &spans(&near.right, article), near.distance, near.ordered)
        }
        Node::Or(children) => children.iter().flat_map(|child| spans(child, article)).collect(),
        _ => Vec::new(),
    };
    all.sort_unstable();
    all.dedup();
    all
}

/// What makes a node match.
#[derive(Default)]
struct Witnesses {
    spans: Vec<Span>,
    places: Vec<Place>,
}

impl Witnesses {
    /// Adds what makes the node match, and says whether it does: nothing is added where it does not.
    fn gather(&mut self, node: &Node, article: &Analysed) -> bool {
        match node {
            Node::And(children) => {
                let before = (self.spans.len(), self.places.len());
                let holds = children.iter().all(|child| self.gather(child, article));
                if !holds {
                    self.spans.truncate(before.0);
                    self.places.truncate(before.1);
                }
                holds
            }
            // Every alternative that holds is told, not the first alone.
            Node::Or(children) => children.iter().filter(|child| self.gather(child, article)).count() > 0,
            Node::Not(_) => holds(node, article),
            Node::Site(_) | Node::Lang(_) => {
                let holds = holds(node, article);
                if holds {
                    self.places.push(property(node, article));
                }
                holds
            }
            Node::Word(_) | Node::Phrase(_) | Node::Near(_) => {
                let spans = spans(node, article);
                let holds = !spans.is_empty();
                self.spans.extend(spans);
                holds
            }
        }
    }
}

fn property(node: &Node, article: &Analysed) -> Place {
    match node {
        Node::Lang(language) => Place { field: Where::Language, words: vec![language.to_string()] },
        _ => Place { field: Where::Site, words: vec![article.site.clone()] },
    }
}

/// The longest spelling at a position: `canal+` rather than `canal`, a pair of characters rather than one.
fn spelling_at(article: &Analysed, position: u32) -> Option<&str> {
    let stands = (0..article.words.len()).filter(|word| article.positions(*word).binary_search(&position).is_ok());
    // The joined spelling of a compound stands where its parts stand and was read after them.
    let first = stands.min()?;
    Some(article.spelling(first))
}
