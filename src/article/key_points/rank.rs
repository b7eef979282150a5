//! Ranks the sentences of an article by how well they stand for it.
//! Deterministic and verbatim; the publisher's own block is found elsewhere and always comes first.

use std::collections::HashSet;

use crate::article::{RankedSentence, boilerplate, language::Language, sentences, words};

/// Sentences that are stored for an article.
const KEPT: usize = 8;

/// Sentences of an article that are looked at: news is at its beginning, and comparing is quadratic.
const MAX_SENTENCES: usize = 120;

/// Words of a sentence that can stand alone.
const WORDS: std::ops::RangeInclusive<usize> = 6..=48;

/// Candidates below which an article is too short to be summed up.
const FEWEST_CANDIDATES: usize = 4;

/// Share of a sentence's words that a better one may already have said.
const REDUNDANT: f64 = 0.55;

/// What each sign counts.
pub(super) struct Weights {
    pub position: f64,
    pub fade: f64,
    pub opening: f64,
    pub title: f64,
    pub central: f64,
    pub figures: f64,
    pub names: f64,
    pub length: f64,
    pub ideal: f64,
    pub quote: f64,
    pub leaning: f64,
}

pub(super) const WEIGHTS: Weights = Weights {
    position: 1.0,
    fade: 6.0,
    opening: 0.2,
    title: 0.6,
    central: 0.8,
    figures: 0.1,
    names: 0.15,
    length: 0.3,
    ideal: 24.0,
    quote: 0.3,
    leaning: 0.3,
};

struct Candidate<'t> {
    at: usize,
    text: &'t str,
    terms: Vec<u64>,
    opens_paragraph: bool,
}

/// Up to 8 sentences, best first; none where the text is too short to tell.
pub(in crate::article) fn rank(
    title: &str,
    standfirst: Option<&str>,
    paragraphs: &[String],
    language: Language,
) -> Vec<RankedSentence> {
    rank_with(&WEIGHTS, title, standfirst, paragraphs, language)
}

pub(super) fn rank_with(
    weights: &Weights,
    title: &str,
    standfirst: Option<&str>,
    paragraphs: &[String],
    language: Language,
) -> Vec<RankedSentence> {
    let candidates = candidates(standfirst, paragraphs, language);
    if candidates.len() < FEWEST_CANDIDATES {
        return Vec::new();
    }
    let central = centrality(&candidates);
    let title: HashSet<u64> = words::terms(title).into_iter().collect();
    let mut scored: Vec<(f64, &Candidate<'_>)> =
        candidates.iter().enumerate().map(|(order, c)| (score(weights, order, c, central[order], &title), c)).collect();
    scored.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.at.cmp(&y.at)));
    let mut kept: Vec<&Candidate<'_>> = Vec::new();
    for (_, candidate) in scored {
        if kept.len() < KEPT && !kept.iter().any(|k| overlap(&candidate.terms, &k.terms) > REDUNDANT) {
            kept.push(candidate);
        }
    }
    kept.into_iter()
        .map(|c| RankedSentence { at: u32::try_from(c.at).unwrap_or(u32::MAX), text: c.text.to_owned() })
        .collect()
}

fn candidates<'t>(standfirst: Option<&'t str>, paragraphs: &'t [String], language: Language) -> Vec<Candidate<'t>> {
    let mut at = 0;
    let mut candidates = Vec::new();
    let mut seen = HashSet::new();
    for paragraph in standfirst.into_iter().chain(paragraphs.iter().map(String::as_str)) {
        let lines = paragraph.split('\n').flat_map(|line| sentences::split(line, language));
        for (n, sentence) in lines.enumerate() {
            let text = if n == 0 { without_dateline(sentence) } else { sentence };
            if at < MAX_SENTENCES && stands_alone(text) && seen.insert(words::fold(text)) {
                candidates.push(Candidate { at, text, terms: words::terms(text), opens_paragraph: n == 0 });
            }
            at += 1;
        }
    }
    candidates
}

/// A whole statement: neither question nor caption nor half a quotation nor boilerplate.
fn stands_alone(text: &str) -> bool {
    let end = text
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '”' | '»' | '“' | '’' | '\'' | ')' | '」'));
    let statement = end.ends_with(['.', '!', '…', '。', '！'])
        && !text.contains('\n')
        && !end.ends_with("...")
        && !end.ends_with('…');
    let count = words::count(text);
    statement
        && WORDS.contains(&count)
        && quotes_close(text)
        && !text.starts_with(char::is_lowercase)
        && boilerplate::why(text, 0.0).is_none()
        && !text.starts_with('(')
}

/// Whether every quotation that a sentence opens is closed in it.
fn quotes_close(text: &str) -> bool {
    let count = |c: char| text.matches(c).count();
    let german = count('„');
    count('"').is_multiple_of(2)
        && count('«') == count('»')
        && (german == 0 || count('“') + count('”') + count('"') >= german)
        && (german > 0 || count('“') <= count('”') || count('”') == 0 && count('“') == 0)
        && (german > 0 || count('”') <= count('“') || count('“') == 0 && count('”').is_multiple_of(2))
}

/// "PARIS (AFP) – Le ministre…": the place and the agency are not the statement.
fn without_dateline(sentence: &str) -> &str {
    let Some((at, dash)) = sentence.char_indices().take(60).find(|(_, c)| matches!(c, '—' | '–' | '-')) else {
        return sentence;
    };
    let (before, after) = (sentence[..at].trim_end(), &sentence[at + dash.len_utf8()..]);
    let spaced = sentence[..at].ends_with(char::is_whitespace) && after.starts_with(char::is_whitespace);
    let letters: Vec<char> = before.chars().filter(|c| c.is_alphabetic()).collect();
    let upper = letters.iter().filter(|c| c.is_uppercase()).count();
    let shouting = !letters.is_empty() && upper * 10 >= letters.len() * 7;
    let agency = before.ends_with(')') && before.contains('(') && before.split_whitespace().count() <= 5;
    if spaced && (shouting || agency) && before.split_whitespace().count() <= 6 {
        after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—'))
    } else {
        sentence
    }
}

/// Directed centrality (after Zheng and Lapata 2019): a sentence is central if later ones come back to it.
fn centrality(candidates: &[Candidate<'_>]) -> Vec<f64> {
    let mut central = vec![0.0; candidates.len()];
    for i in 0..candidates.len() {
        for j in i + 1..candidates.len() {
            let similar = similarity(&candidates[i].terms, &candidates[j].terms);
            central[i] += similar;
            central[j] += similar * 0.3;
        }
    }
    let most = central.iter().copied().fold(0.0_f64, f64::max);
    if most > 0.0 {
        central.iter_mut().for_each(|c| *c /= most);
    }
    central
}

#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn similarity(a: &[u64], b: &[u64]) -> f64 {
    let common = a.iter().filter(|t| b.contains(t)).count();
    if common == 0 { 0.0 } else { common as f64 / ((a.len() as f64 + 1.0).ln() + (b.len() as f64 + 1.0).ln()) }
}

#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn overlap(candidate: &[u64], kept: &[u64]) -> f64 {
    if candidate.is_empty() {
        1.0
    } else {
        candidate.iter().filter(|t| kept.contains(t)).count() as f64 / candidate.len() as f64
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn score(w: &Weights, order: usize, candidate: &Candidate<'_>, central: f64, title: &HashSet<u64>) -> f64 {
    let text = candidate.text;
    let position = w.position * (-(order as f64) / w.fade).exp();
    let opening = if candidate.opens_paragraph { w.opening } else { 0.0 };
    let known = candidate.terms.iter().filter(|t| title.contains(t)).collect::<HashSet<_>>().len();
    let title = w.title * known as f64 / (title.len() as f64).max(3.0);
    let figures = if text.chars().any(|c| c.is_ascii_digit()) { w.figures } else { 0.0 };
    let capitals = text.split_whitespace().skip(1).filter(|word| word.starts_with(char::is_uppercase)).count();
    let names = w.names * (capitals.min(4) as f64) / 4.0;
    let count = words::count(text) as f64;
    let length = w.length * (1.0 - ((count - w.ideal) / w.ideal).abs()).max(-1.0);
    let quote = if text.starts_with(['"', '“', '„', '«', '‘', '–', '—', '-']) { w.quote } else { 0.0 };
    let leaning = if leans(text) { w.leaning } else { 0.0 };
    position + opening + title + w.central * central + figures + names + length - quote - leaning
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
