//! Filters and articles made of words that occur as words do: the n-th most frequent one in a share of 1/n (Zipf).
//! Everything follows from a seed, so that two runs measure the same.

use std::collections::HashSet;

use depeche::{
    article::ArticleText,
    topic::{Analysed, FeedFacts},
};

/// Different words of all articles.
const WORDS: usize = 200_000;
/// Words of an article; news has about as many.
const ARTICLE_WORDS: usize = 400;
/// The most frequent words are those that nobody asks for.
const STOP_WORDS: usize = 200;
/// Words that filters ask for: the following ones, all in about the same number of filters of each order of magnitude.
const ASKED: usize = 50_000;

/// Random numbers of a seed (splitmix64).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a random number needs no more than 52 bits")]
    fn share(&mut self) -> f64 {
        (self.next() >> 12) as f64 / (1_u64 << 52) as f64
    }

    /// A rank from 0 on, with the odds of Zipf's law: logarithms of ranks are evenly spread.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ranks are small"
    )]
    fn rank(&mut self, most: usize) -> usize {
        ((most as f64).powf(self.share()) as usize - 1).min(most - 1)
    }
}

/// A word of five letters or more for a rank; no two ranks share one, and none is a stop word anywhere.
fn word(rank: usize) -> String {
    let mut text = String::from("z");
    let mut rest = rank;
    for syllables in ["bcdfghjklmnprstv", "aeiou", "bcdfghjklmnprstv", "aeiou", "bcdfghjklmnprstv", "aeiou"] {
        let letters = syllables.as_bytes();
        text.push(char::from(letters[rest % letters.len()]));
        rest /= letters.len();
    }
    text
}

fn asked(random: &mut Random) -> String {
    word(STOP_WORDS + random.rank(ASKED))
}

/// `count` different filters in canonical text: mostly one to three words, some with alternatives, phrases and exclusions.
pub(crate) fn filters(count: usize) -> Vec<String> {
    let mut random = Random::new(7);
    let mut known = HashSet::with_capacity(count);
    let mut all = Vec::with_capacity(count);
    while all.len() < count {
        let mut ask = || asked(&mut random);
        let (a, b, c, d) = (ask(), ask(), ask(), ask());
        let typed = match random.next() % 20 {
            0..6 => format!("{a} {b}"),
            6..12 => format!("{a} {b} {c}"),
            12..15 => format!("{a} ({b} OR {c})"),
            15..17 => format!("\"{a} {b}\""),
            17..19 => format!("{a} {b} -{c}"),
            _ => format!("({a} OR {b}) ({c} OR {d})"),
        };
        if let Ok(query) = depeche::topic::Query::parse(&typed) {
            let canonical = query.to_string();
            if known.insert(canonical.clone()) {
                all.push(canonical);
            }
        }
    }
    all
}

/// Texts of articles.
pub(crate) fn texts(count: usize) -> Vec<String> {
    let mut random = Random::new(11);
    let text = |_| (0..ARTICLE_WORDS).map(|_| word(random.rank(WORDS))).collect::<Vec<_>>().join(" ");
    (0..count).map(text).collect()
}

/// An article as filters see it; this is what ingest does once for each.
pub(crate) fn analysed(text: &str, language: depeche::article::language::Language) -> Analysed {
    let article = ArticleText { paragraphs: vec![text.to_owned()], language, ..ArticleText::default() };
    Analysed::of(&article, &FeedFacts::default())
}
