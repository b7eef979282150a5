//! Ranks the sentences of an article by how well they stand for it.
//! Deterministic and verbatim; the publisher's own block is found elsewhere and always comes first.

mod dateline;
mod quotes;
mod shape;
mod speech;

#[cfg(test)]
mod tests;

use quotes::Quotes;
use rustc_hash::{FxHashMap, FxHashSet};

use speech::Turn;

use crate::article::{
    RankedSentence, boilerplate,
    language::Language,
    outline::share,
    sentences,
    words::{self, Line, Term},
};

/// Sentences that are stored for an article.
const KEPT: usize = 8;

/// Sentences of an article that are looked at: news is at its beginning, and comparing is quadratic.
const MAX_SENTENCES: usize = 120;

/// Words of a sentence that can stand alone.
const WORDS: std::ops::RangeInclusive<usize> = 6..=48;

/// Candidates below which an article is too short to be summed up.
const FEWEST_CANDIDATES: usize = 4;

/// Share of a sentence's words that a better one may already have said.
const REDUNDANT: f64 = 0.37;

/// Words of a sentence that news tells its core in.
const IDEAL_WORDS: f64 = 28.0;

/// Paragraphs of fewer words (headings, labels) do not count as one when position is measured.
const PARAGRAPH_WORDS: usize = 8;

/// What each sign counts: the mean of the weights that did best when all were shaken, over saved pages of many publishers and
/// languages, then rounded. Weights found on one half of the pages do as well on the other.
mod weight {
    pub(super) const POSITION: f64 = 0.35;
    pub(super) const PARAGRAPH: f64 = 0.4;
    pub(super) const OPENING: f64 = 0.15;
    pub(super) const TITLE_TOLD: f64 = 0.35;
    pub(super) const ABOUT_TITLE: f64 = 0.4;
    pub(super) const FORWARD: f64 = 0.25;
    pub(super) const CENTRAL: f64 = 0.5;
    pub(super) const LENGTH: f64 = 0.15;
    pub(super) const NAMES: f64 = 0.1;
    pub(super) const CROWDED_FIGURES: f64 = 0.15;
    pub(super) const QUOTE: f64 = 0.2;
    pub(super) const LEANING: f64 = 0.1;
}

/// Sentences, and paragraphs, over which the weight of position falls to a third.
const FADE_SENTENCES: f64 = 5.0;
const FADE_PARAGRAPHS: f64 = 3.0;

struct Candidate<'t> {
    at: usize,
    text: &'t str,
    /// Content words, each once.
    terms: Vec<Term>,
    /// Logarithm of their number, and one.
    extent: f64,
    words: usize,
    paragraph: usize,
    opens_paragraph: bool,
    /// Whether the article tells it whole. What is only a part of something said is context for the others.
    told: bool,
}

/// Up to 8 sentences, best first; none where the text is too short to tell, or a list.
pub(in crate::article) fn rank(
    title: &str,
    standfirst: Option<&str>,
    paragraphs: &[String],
    language: Language,
) -> Vec<RankedSentence> {
    if shape::is_list(paragraphs) {
        return Vec::new();
    }
    let paragraphs = shape::before_interview(paragraphs, language);
    let (candidates, times) = candidates(standfirst, paragraphs, language);
    if candidates.iter().filter(|c| c.told).count() < FEWEST_CANDIDATES {
        return Vec::new();
    }
    let forward = scaled(forward_centrality(&candidates));
    let central = scaled(frequency(&candidates, &times));
    let title: FxHashSet<Term> = words::terms(title).into_iter().collect();
    let scored = candidates.iter().enumerate().filter(|(_, c)| c.told).map(|(order, c)| {
        let signs = weight::FORWARD * forward[order] + weight::CENTRAL * central[order];
        (signs + own_signs(order, c, &title), c)
    });
    let mut scored: Vec<(f64, &Candidate<'_>)> = scored.collect();
    scored.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.at.cmp(&y.at)));
    let mut kept: Vec<&Candidate<'_>> = Vec::new();
    for (_, candidate) in scored {
        if kept.len() < KEPT && !kept.iter().any(|k| overlap(&candidate.terms, &k.terms) > REDUNDANT) {
            kept.push(candidate);
        }
    }
    let at = |c: &Candidate<'_>| u32::try_from(c.at).unwrap_or(u32::MAX);
    kept.into_iter().map(|c| RankedSentence { at: at(c), text: c.text.to_owned() }).collect()
}

/// How often the paragraphs use each word.
type Times = FxHashMap<Term, f64>;

fn candidates<'t>(
    standfirst: Option<&'t str>,
    paragraphs: &'t [String],
    language: Language,
) -> (Vec<Candidate<'t>>, Times) {
    let (mut at, mut number) = (0, 0);
    let (mut candidates, mut times) = (Vec::new(), Times::default());
    let mut seen = FxHashSet::default();
    let (mut above, mut begun) = (None, false);
    let counted = paragraphs.iter().take(MAX_SENTENCES).map(|paragraph| (paragraph.as_str(), true));
    let rest = paragraphs.iter().skip(MAX_SENTENCES).map(|paragraph| (paragraph.as_str(), false));
    for (paragraph, counts) in standfirst.map(|text| (text, false)).into_iter().chain(counted).chain(rest) {
        if at >= MAX_SENTENCES && !counts {
            continue;
        }
        let text = dateline::without_dateline(paragraph, !begun);
        if counts {
            // The dateline is no part of the statement, but one of the paragraph.
            count(&words::terms(&paragraph[..paragraph.len() - text.len()]), &mut times);
        }
        for (n, (text, told)) in told(text, above, language).enumerate() {
            let mut line = Line::of(text);
            let mut terms: Vec<Term> = words::terms_of(&line.folded).collect();
            if counts {
                count(&terms, &mut times);
            }
            if at < MAX_SENTENCES && stands_alone(&line) && seen.insert((told, std::mem::take(&mut line.folded))) {
                terms.sort_unstable();
                terms.dedup();
                let (words, opens_paragraph) = (line.words, n == 0);
                let extent = extent(&terms);
                candidates.push(Candidate { at, text, terms, extent, words, paragraph: number, opens_paragraph, told });
            }
            at += 1;
        }
        above = Some(paragraph);
        let is_long = words::count(paragraph) >= PARAGRAPH_WORDS;
        number += usize::from(is_long);
        begun |= counts && is_long;
    }
    (candidates, times)
}

/// The sentences of a paragraph, each with whether the article tells it whole: it is neither a part of a quotation nor somebody's turn.
fn told<'t>(paragraph: &'t str, above: Option<&'t str>, language: Language) -> impl Iterator<Item = (&'t str, bool)> {
    let lines_above = above.into_iter().chain(paragraph.split('\n')).map(Some);
    let lines_above = std::iter::repeat_n(None, usize::from(above.is_none())).chain(lines_above);
    paragraph.split('\n').zip(lines_above).flat_map(move |(line, above)| {
        let turn = Turn::of(line, above);
        let mut quotes = Quotes::default();
        let sentences = sentences::split(turn.behind_mark(line), language).into_iter();
        sentences.map(move |text| (text, quotes.is_whole(text) & turn.tells(text)))
    })
}

fn count(terms: &[Term], times: &mut Times) {
    for term in terms {
        *times.entry(*term).or_default() += 1.0;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn extent(terms: &[Term]) -> f64 {
    (terms.len() as f64 + 1.0).ln()
}

/// A whole statement: neither question nor caption nor boilerplate.
fn stands_alone(line: &Line<'_>) -> bool {
    let text = line.text;
    sentences::is_statement(text)
        && !text.contains('\n')
        && WORDS.contains(&line.words)
        && !text.starts_with(sentences::is_small)
        && !text.starts_with(['(', '（', '[', '［'])
        && boilerplate::why_of(line, 0.0).is_none()
}

/// Directed centrality (after Zheng and Lapata, "Sentence Centrality Revisited", 2019): a sentence counts by what later ones take up.
fn forward_centrality(candidates: &[Candidate<'_>]) -> Vec<f64> {
    let later = |i: usize| candidates[i + 1..].iter().map(|c| similarity(&candidates[i], c)).sum();
    (0..candidates.len()).map(later).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn similarity(a: &Candidate<'_>, b: &Candidate<'_>) -> f64 {
    let common = common(&a.terms, &b.terms);
    if common == 0 { 0.0 } else { common as f64 / (a.extent + b.extent) }
}

/// Words that two sorted lists share.
fn common(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
        }
    }
    common
}

/// How often, on average, the article uses the words of a sentence.
#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn frequency(candidates: &[Candidate<'_>], times: &Times) -> Vec<f64> {
    let often = |c: &Candidate<'_>| {
        let sum: f64 = c.terms.iter().map(|t| times.get(t).copied().unwrap_or(1.0).ln()).sum();
        sum / (c.terms.len() as f64).max(1.0)
    };
    candidates.iter().map(often).collect()
}

/// Scaled so that the greatest is 1.
fn scaled(mut values: Vec<f64>) -> Vec<f64> {
    let most = values.iter().copied().fold(0.0_f64, f64::max);
    if most > 0.0 {
        for value in &mut values {
            *value /= most;
        }
    }
    values
}

fn overlap(candidate: &[u64], kept: &[u64]) -> f64 {
    if candidate.is_empty() { 1.0 } else { share(common(candidate, kept), candidate.len()) }
}

/// The signs that a sentence bears by itself and by its place.
#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn own_signs(order: usize, candidate: &Candidate<'_>, title: &FxHashSet<Term>) -> f64 {
    let text = candidate.text;
    let on = |condition: bool, weight: f64| if condition { weight } else { 0.0 };
    let known = candidate.terms.iter().filter(|t| title.contains(t)).count();
    let place = weight::POSITION * (-(order as f64) / FADE_SENTENCES).exp()
        + weight::PARAGRAPH * (-(candidate.paragraph as f64) / FADE_PARAGRAPHS).exp()
        + on(candidate.opens_paragraph, weight::OPENING);
    let title = weight::TITLE_TOLD * share(known, title.len().max(3))
        + weight::ABOUT_TITLE * share(known, candidate.terms.len().max(3));
    let capitals = text.split_whitespace().skip(1).filter(|word| word.starts_with(char::is_uppercase)).count();
    let inner = text.as_bytes().array_windows().filter(|[a, b]| !a.is_ascii_digit() && b.is_ascii_digit()).count();
    let figures = inner + usize::from(text.starts_with(|c: char| c.is_ascii_digit()));
    let length = weight::LENGTH * (1.0 - (candidate.words as f64 - IDEAL_WORDS).abs() / IDEAL_WORDS).max(-1.0);
    place + title + length + weight::NAMES * share(capitals.min(4), 4)
        - on(figures >= 2, weight::CROWDED_FIGURES)
        - on(text.contains(['"', '“', '„', '«', '»', '”', '‘', '「']), weight::QUOTE)
        - on(leans(text), weight::LEANING)
}

/// Whether a sentence opens with a word that points back to one before it.
fn leans(text: &str) -> bool {
    #[rustfmt::skip]
    const LEANING: &[&str] = &[
        "mais", "et", "or", "car", "donc", "il", "elle", "ils", "elles", "cela", "ce", "cette", "ces", "celui-ci",
        "celle-ci", "ainsi", "pourtant", "cependant", "toutefois", "en revanche", "but", "and", "so", "he", "she",
        "they", "it", "this", "that", "these", "those", "however", "his", "her", "their", "then", "instead", "yet",
        "aber", "und", "doch", "er", "sie", "es", "dies", "diese", "dieser", "dieses", "das", "dabei", "damit",
        "dazu", "so", "denn", "auch", "deshalb", "daher", "zudem", "außerdem", "allerdings", "jedoch", "maar", "en",
        "hij", "zij", "ze", "dat", "dit", "deze", "die", "ook", "toch", "daarom", "pero", "y", "esto", "esta",
        "este", "ello", "ella", "sin embargo", "también", "ma", "e", "questo", "questa", "lui", "lei", "anche",
        "inoltre", "tuttavia", "però", "men", "och", "han", "hon", "hun", "det", "de",
    ];
    let first = text.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap_or_default().to_lowercase();
    LEANING.contains(&first.as_str())
}
