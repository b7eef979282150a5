//! The index against the plain definition, on random filters and articles and under changes.
//! The language itself is tested in `query` and in `tests/it/filters.rs`.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::article::ArticleText;
use crate::topic::analyze::FeedFacts;

/// Few words in many forms, so that random filters hit random articles often.
const WORDS: [&str; 24] = [
    "prix",
    "prices",
    "price",
    "Häuser",
    "Haus",
    "énergie",
    "energie",
    "énergies",
    "porte-parole",
    "porteparole",
    "5G",
    "C++",
    "l’eau",
    "eau",
    "Mueller",
    "Müller",
    "東京都",
    "京都",
    "canal+",
    "U.S.",
    "the",
    "le",
    "1 000",
    "€",
];

fn word() -> impl Strategy<Value = String> {
    proptest::sample::select(WORDS.as_slice()).prop_map(str::to_owned)
}

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => word(),
        1 => word().prop_map(|w| format!("={w}")),
        1 => word().prop_map(|w| format!("+{w}")),
        1 => proptest::sample::select(vec!["pri*", "éner*", "port*", "häu*", "mül*", "mue*", "porte-par*"]).prop_map(str::to_owned),
        1 => (word(), word()).prop_map(|(a, b)| format!("\"{a} {b}\"")),
        1 => (word(), word(), word()).prop_map(|(a, b, c)| format!("\"{a} {b} {c}\"")),
        1 => (word(), word()).prop_map(|(a, b)| format!("=\"{a} {b}\"")),
        1 => (proptest::sample::select(vec!["title", "lead", "body", "author", "cat", "feed"]), word())
            .prop_map(|(field, w)| format!("{field}:{w}")),
        1 => (proptest::sample::select(vec!["title", "body"]), word(), word())
            .prop_map(|(field, a, b)| format!("{field}:\"{a} {b}\"")),
        1 => proptest::sample::select(vec!["lang:fr", "lang:de", "site:a.fr", "site:fr", "site:b.a.fr"]).prop_map(str::to_owned),
    ]
}

fn near_operand() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => word(),
        1 => (word(), word()).prop_map(|(a, b)| format!("({a} OR {b})")),
        1 => (word(), word()).prop_map(|(a, b)| format!("\"{a} {b}\"")),
        1 => (word(), word(), 0..4_u32).prop_map(|(a, b, n)| format!("({a} NEAR/{n} {b})")),
    ]
}

fn filter() -> impl Strategy<Value = Query> {
    let near = (near_operand(), near_operand(), 0..6_u32, any::<bool>())
        .prop_map(|(a, b, n, o)| format!("({a} {}NEAR/{n} {b})", if o { "O" } else { "" }));
    let tree = prop_oneof![4 => leaf(), 1 => near].prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|all| format!("({})", all.join(" AND "))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|all| format!("({})", all.join(" OR "))),
            inner.prop_map(|one| format!("-{one}")),
        ]
    });
    tree.prop_filter_map("refused", |text| Query::parse(&text).ok())
}

fn article() -> impl Strategy<Value = Analysed> {
    let text = || proptest::collection::vec(word(), 0..8).prop_map(|words| words.join(" "));
    let sites = vec!["https://a.fr/x", "https://www.b.a.fr/", "https://c.de/", ""];
    let languages = vec!["fr", "de", "en", "und", "nl", "da"];
    let facts = (proptest::sample::select(sites), proptest::sample::select(languages), any::<bool>());
    (facts, text(), text(), text(), text(), word(), word()).prop_map(
        |((url, language, standfirst), title, lead, body, more, author, category)| {
            let article = ArticleText {
                title,
                url: url.into(),
                language: language.parse().expect("a code"),
                standfirst: standfirst.then_some(lead),
                paragraphs: vec![body, more],
                author: Some(author),
                categories: vec![category],
                ..ArticleText::default()
            };
            Analysed::of(&article, &FeedFacts { slug: "eau", title: "Le Prix", site: "x.fr" })
        },
    )
}

/// What the definition says.
fn plainly(filters: &BTreeMap<i64, Query>, article: &Analysed) -> Vec<i64> {
    filters.iter().filter(|(_, query)| query.matches(article)).map(|(id, _)| *id).collect()
}

fn look_up(index: &Index, article: &Analysed, scratch: &mut Scratch) -> Vec<i64> {
    let mut hits = Vec::new();
    index.matches(&[article], scratch, &mut hits);
    hits.remove(0)
}

#[derive(Clone, Debug)]
enum Step {
    Add(BTreeMap<i64, Query>),
    Remove(i64),
    Look(Vec<Analysed>),
    Snapshot,
    Adopt,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => proptest::collection::btree_map(0..12_i64, filter(), 1..4).prop_map(Step::Add),
        2 => (0..12_i64).prop_map(Step::Remove),
        4 => proptest::collection::vec(article(), 1..4).prop_map(Step::Look),
        1 => Just(Step::Snapshot),
        1 => Just(Step::Adopt),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_index_equals_the_plain_definition(
        filters in proptest::collection::vec(filter(), 1..30),
        articles in prop_oneof![
            5 => proptest::collection::vec(article(), 1..6),
            1 => proptest::collection::vec(article(), 60..140),
        ],
        measured in 0..6_usize,
    ) {
        let mut frequencies = TermFrequencies::default();
        articles.iter().take(measured).for_each(|article| frequencies.observe(article));
        let frequencies = Arc::new(frequencies);
        let filters: BTreeMap<i64, Query> = (10..).zip(filters).collect();
        let mut index = Index::build(filters.iter().map(|(id, query)| (*id, query)), &frequencies);
        let (mut scratch, mut hits) = (Scratch::default(), Vec::new());
        let plain: Vec<Vec<i64>> = articles.iter().map(|article| plainly(&filters, article)).collect();
        let together: Vec<&Analysed> = articles.iter().collect();
        index.matches(&together, &mut scratch, &mut hits);
        prop_assert_eq!(&hits, &plain);
        let rebuilt = index.snapshot().rebuild(&frequencies);
        index.adopt(rebuilt);
        index.matches(&together, &mut scratch, &mut hits);
        prop_assert_eq!(&hits, &plain);
        for (article, plain) in articles.iter().zip(plain) {
            prop_assert_eq!(look_up(&index, article, &mut scratch), plain);
        }
    }

    #[test]
    fn the_index_equals_the_plain_definition_while_filters_come_and_go(
        base in proptest::collection::vec(filter(), 0..8),
        steps in proptest::collection::vec(step(), 1..30),
    ) {
        let frequencies = Arc::new(TermFrequencies::default());
        let mut live: BTreeMap<i64, Query> = (0..).zip(base).collect();
        let mut index = Index::build(live.iter().map(|(id, query)| (*id, query)), &frequencies);
        let (mut scratch, mut hits) = (Scratch::default(), Vec::new());
        let mut rebuild = None;
        for step in steps {
            match step {
                Step::Add(filters) => {
                    index.add_all(&filters.iter().map(|(id, query)| (*id, query)).collect::<Vec<_>>());
                    live.extend(filters);
                }
                Step::Remove(id) => prop_assert_eq!(index.remove(id), live.remove(&id).is_some()),
                Step::Look(articles) => {
                    let plain: Vec<Vec<i64>> = articles.iter().map(|article| plainly(&live, article)).collect();
                    index.matches(&articles.iter().collect::<Vec<_>>(), &mut scratch, &mut hits);
                    prop_assert_eq!(&hits, &plain);
                }
                Step::Snapshot => rebuild = Some(index.snapshot()),
                Step::Adopt => {
                    if let Some(snapshot) = rebuild.take() {
                        index.adopt(snapshot.rebuild(&frequencies));
                    }
                }
            }
            prop_assert_eq!(index.len(), live.len());
        }
    }

    #[test]
    fn a_matching_article_holds_a_candidate_key(query in filter(), article in article(), measured in any::<bool>()) {
        let mut frequencies = TermFrequencies::default();
        if measured {
            frequencies.observe(&article);
        }
        let keys = article.candidate_keys();
        let held = query.candidate_keys(&frequencies).iter().any(|key| keys.binary_search(key).is_ok());
        prop_assert!(held || !query.matches(&article), "{}", query);
    }

    #[test]
    fn what_matched_is_shown_and_only_then(query in filter(), article in article()) {
        prop_assert_eq!(query.matches(&article), !query.highlights(&article).is_empty(), "{}", query);
    }
}

#[test]
fn a_rebuild_compiles_to_the_same_size() {
    let filters = ["prix eau", "\"prix eau\" OR (haus -eau)", "a NEAR/3 (b OR c)", "porte-parole title:x"];
    let queries: Vec<Query> = filters.iter().map(|text| Query::parse(text).expect("good")).collect();
    let frequencies = Arc::new(TermFrequencies::default());
    let mut index = Index::build((0..).zip(&queries), &frequencies);
    let once = index.snapshot().rebuild(&frequencies);
    index.adopt(once);
    let size = index.heap_bytes();
    let again = index.snapshot().rebuild(&frequencies);
    index.adopt(again);
    assert_eq!(index.heap_bytes(), size);
}

#[test]
fn what_many_filters_leave_out_is_kept_once() {
    let length = |filters: &[&str]| {
        let queries: Vec<Query> = filters.iter().map(|text| Query::parse(text).expect("good")).collect();
        let frequencies = Arc::new(TermFrequencies::default());
        let mut index = Index::build((0..).zip(&queries), &frequencies);
        let built = index.layers[0].segment.code.len();
        let rebuilt = index.snapshot().rebuild(&frequencies);
        index.adopt(rebuilt);
        assert_eq!(index.layers[0].segment.code.len(), built);
        built
    };
    let one = length(&["prix eau -sport -radio"]);
    assert!(one > 0);
    assert_eq!(length(&["prix eau -sport -radio", "ville loyer -sport -radio", "(route OR train) -sport -radio"]), one);
    assert_eq!(length(&["prix eau -sport -radio", "ville loyer -sport -opera"]), 2 * one);
}

#[test]
fn many_additions_leave_few_layers() {
    let query = Query::parse("prix").expect("good");
    let mut index = Index::build::<Query>([], &Arc::new(TermFrequencies::default()));
    for id in 0..3_000 {
        index.add(id, &query);
    }
    assert!(index.layers.len() <= 10, "{}", index.layers.len());
    assert_eq!(index.len(), 3_000);
    assert!(!index.wants_rebuild());
}

#[test]
fn the_ways_to_a_filter_lead_there_after_a_rebuild_too() {
    let filters = [
        "\"abc bcd\" OR \"abc cde\"",
        "\"bcd abc\" OR \"abc cde\"",
        "\"abc bcd\" OR \"bcd abc\"",
        "\"abc abc\"",
        "(abc bcd) OR (abc cde)",
        "(abc bcd) OR (def cde)",
        "abc OR (abc bcd)",
        "def (\"abc bcd\" OR \"abc cde\")",
        "(\"abc bcd\" OR cde) (\"def bcd\" OR efg)",
        "(abc OR def) NEAR/1 (bcd OR cde)",
        "(abc OR def) ONEAR/0 (\"bcd cde\" OR efg)",
    ];
    let filters: BTreeMap<i64, Query> =
        (0..).zip(filters).map(|(id, text)| (id, Query::parse(text).expect("good"))).collect();
    let words = ["abc", "bcd", "cde", "def", "efg"];
    let article = |text: String| {
        Analysed::of(&ArticleText { paragraphs: vec![text], ..ArticleText::default() }, &FeedFacts::default())
    };
    let all = || words.iter().flat_map(|a| words.iter().map(move |b| (a, b)));
    let articles: Vec<Analysed> =
        all().flat_map(|(a, b)| all().map(move |(c, d)| format!("{a} {b} {c} {d}"))).map(article).collect();
    // The first of the words is the rarest, so that ways share their anchor; or the last one.
    for rare in [0, 4] {
        let mut frequencies = TermFrequencies::default();
        for (n, word) in words.iter().enumerate() {
            let often = if n == rare { 1 } else { 5 };
            (0..often).for_each(|_| frequencies.observe(&article((*word).to_owned())));
        }
        let frequencies = Arc::new(frequencies);
        let mut index = Index::build(filters.iter().map(|(id, query)| (*id, query)), &frequencies);
        for rebuilds in 0..3 {
            for article in &articles {
                let hits = look_up(&index, article, &mut Scratch::default());
                assert_eq!(hits, plainly(&filters, article), "{rare} rare, {rebuilds} rebuilds");
            }
            let rebuilt = index.snapshot().rebuild(&frequencies);
            index.adopt(rebuilt);
        }
    }
}

#[test]
fn what_long_filters_ask_for_is_not_written_again_for_each_of_their_alternatives() {
    let words = |from: usize, count: usize| (from..from + count).map(|n| format!("wort{n}x")).collect::<Vec<_>>();
    let long = |n: usize| {
        let phrases: Vec<String> = words(n, 20).chunks(2).map(|pair| format!("\"{} {}\"", pair[0], pair[1])).collect();
        let groups: Vec<String> = (0..4).map(|k| format!("({})", words(n + 20 * k, 20).join(" OR "))).collect();
        format!("({}) {}", phrases.join(" OR "), groups.join(" "))
    };
    let texts: Vec<String> = (0..200).map(long).collect();
    let queries: Vec<Query> = texts.iter().map(|text| Query::parse(text).expect("good")).collect();
    let index = Index::build((0..).zip(&queries), &Arc::new(TermFrequencies::default()));
    let (bytes, text) = (index.heap_bytes(), texts.iter().map(String::len).sum::<usize>());
    assert!(bytes < text, "{bytes} bytes for {text} of text");
}
