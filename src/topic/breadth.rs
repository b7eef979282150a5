//! How many articles a day a filter brings, measured on a sample of those that came, against the operator's limit.
//! It does not read the store; the caller gives the sample and how many came.

use super::{
    Analysed, TermFrequencies,
    query::{Node, Problem, Query, QueryError},
};

/// Articles below which a measure says nothing: a new installation refuses no filter.
const FEWEST_ARTICLES: u64 = 200;
/// Days below which it says nothing either: a feed's first week-end is not its week.
const FEWEST_DAYS: u64 = 3;

/// What came lately, to hold filters against.
#[derive(Debug)]
pub struct Breadth {
    sample: Vec<Analysed>,
    frequencies: TermFrequencies,
    arrived: u64,
    days: u64,
    limit: u64,
}

impl Breadth {
    /// `sample`: some of the `arrived` articles of the last `days` days, drawn at random. None where too little came to say anything.
    pub fn new(sample: Vec<Analysed>, arrived: u64, days: u64, limit: u64) -> Option<Self> {
        if limit == 0 || arrived < FEWEST_ARTICLES || days < FEWEST_DAYS || sample.is_empty() {
            return None;
        }
        let mut frequencies = TermFrequencies::default();
        for article in &sample {
            frequencies.observe(article);
        }
        Some(Self { sample, frequencies, arrived, days, limit })
    }

    /// Refuses a filter that brings more than the limit, with the alternative that brings most.
    pub fn check(&self, query: &Query) -> Result<(), QueryError> {
        let per_day = self.arrived / self.days;
        // Most filters have a rare word: they need not be held against the sample.
        #[expect(clippy::cast_precision_loss, reason = "articles a day are far below 2^52")]
        if query.candidate_share(&self.frequencies) * (per_day as f64) < self.limit as f64 {
            return Ok(());
        }
        let hits = self.hits(query);
        let hits_per_day = self.a_day(hits);
        if hits_per_day <= self.limit {
            return Ok(());
        }
        let text = query.to_string();
        let (at, alone) = self.broadest(query, &text);
        let remedy = format!("add a word that all wanted articles have, or leave some out with `-word`{alone}");
        let problem = Problem::TooBroad { hits_per_day, per_day, days: self.days, limit: self.limit };
        Err(QueryError::new(&text, at, problem, remedy))
    }

    fn hits(&self, query: &Query) -> u64 {
        self.sample.iter().filter(|article| query.matches(article)).count() as u64
    }

    /// Of so many in the sample, so many came a day.
    fn a_day(&self, hits: u64) -> u64 {
        let all = u128::from(hits) * u128::from(self.arrived);
        let looked_at = self.sample.len().max(1) as u128 * u128::from(self.days);
        u64::try_from(all / looked_at).unwrap_or(u64::MAX)
    }

    /// Where the alternative that brings most stands, and what it brings; the whole filter where there are none.
    fn broadest(&self, query: &Query, text: &str) -> (std::ops::Range<usize>, String) {
        let whole = (0..text.len(), String::new());
        let Node::Or(children) = query.root() else { return whole };
        let alone = children.iter().filter_map(|child| {
            let child = child.to_string();
            Some((self.hits(&Query::parse(&child).ok()?), child))
        });
        let Some((hits, child)) = alone.max_by_key(|(hits, _)| *hits) else { return whole };
        let Some(start) = text.find(&child) else { return whole };
        let hits = self.a_day(hits);
        (start..start + child.len(), format!("; `{child}` alone brings about {hits}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{article::ArticleText, topic::FeedFacts};

    /// 100 articles, all with `pluie`, a half with `tramway`, one with `girafe`.
    fn sample() -> Vec<Analysed> {
        let facts = FeedFacts { slug: "", title: "", site: "" };
        let text = |n: usize| {
            let words = [Some("pluie"), n.is_multiple_of(2).then_some("tramway"), (n == 8).then_some("girafe")];
            let paragraph = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
            Analysed::of(&ArticleText { paragraphs: vec![paragraph], ..ArticleText::default() }, &facts)
        };
        (0..100).map(text).collect()
    }

    fn refusal(arrived: u64, days: u64, limit: u64, query: &str) -> Option<String> {
        let breadth = Breadth::new(sample(), arrived, days, limit)?;
        breadth.check(&Query::parse(query).expect(query)).err().map(|error| error.to_string())
    }

    #[test]
    fn what_brings_more_a_day_than_the_limit_is_refused_with_the_measure_and_the_place() {
        let check = |query: &str, parts: &[&str]| {
            let said = refusal(10_000, 10, 200, query).unwrap_or_else(|| panic!("{query} passes"));
            for part in parts {
                assert!(said.contains(part), "{query}: `{part}` is not in {said}");
            }
        };
        let measured = "about 500 of 1000 articles a day, measured over the last 10 days; at most 200 are allowed";
        check("tramway", &[measured, "tramway\n  ^^^^^^^\nadd a word"]);
        check(
            "girafe OR tramway",
            &[measured, "girafe OR tramway\n            ^^^^^^^", "`tramway` alone brings about 500"],
        );
        check("pluie -girafe", &["about 990 of 1000"]);
        check("pluie tramway", &["about 500 of 1000"]);
    }

    #[test]
    fn what_brings_less_passes_and_so_does_all_where_too_little_was_measured() {
        let check = |arrived: u64, days: u64, limit: u64, query: &str| {
            assert_eq!(refusal(arrived, days, limit, query), None, "{arrived} in {days} days, {limit}: {query}");
        };
        check(10_000, 10, 200, "girafe");
        check(10_000, 10, 200, "girafe pluie");
        check(10_000, 10, 500, "tramway");
        check(10_000, 10, 200, "pluie -tramway girafe");
        check(10_000, 10, 0, "pluie");
        check(199, 10, 1, "pluie");
        check(10_000, 2, 1, "pluie");
    }
}
