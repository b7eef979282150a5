//! Runs every table of (filter, text, hit?) through parser, analyser and index, and through the plain definition.
//! The cases are in `romance`, `germanic` and `operators`.

use std::sync::Arc;

use depeche::article::ArticleText;
use depeche::topic::analyze::FeedFacts;
use depeche::topic::{Analysed, Index, Query, Scratch, TermFrequencies};

use super::{Case, germanic, operators, romance};

/// Every table with the language of its texts.
const TABLES: [(&str, &[Case]); 8] = [
    ("fr", romance::FRENCH),
    ("es", romance::SPANISH),
    ("it", romance::ITALIAN),
    ("en", germanic::ENGLISH),
    ("de", germanic::GERMAN),
    ("nl", germanic::DUTCH),
    ("ja", germanic::UNSPACED),
    ("en", operators::BROUGHT),
];

/// `title ¦ body`, `title ¦ lead ¦ body`, or a body alone.
pub(super) fn article(language: &str, text: &str) -> Analysed {
    let parts: Vec<&str> = text.split(" ¦ ").collect();
    let (title, standfirst, body) = match parts.as_slice() {
        [title, body] => (*title, None, *body),
        [title, lead, body] => (*title, Some(*lead), *body),
        _ => ("", None, text),
    };
    let article = ArticleText {
        title: title.into(),
        url: "https://www.news.example.org/2026/11/a".into(),
        language: language.parse().expect("a code"),
        standfirst: standfirst.map(str::to_owned),
        paragraphs: vec![body.into()],
        author: Some("Jane Doe".into()),
        categories: vec!["Energy".into()],
        ..ArticleText::default()
    };
    Analysed::of(&article, &FeedFacts { slug: "daily", title: "The Daily Example", site: "example.org" })
}

fn parsed(filter: &str) -> Query {
    Query::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"))
}

#[test]
fn readers_get_what_they_ask_for() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (language, table) in TABLES {
        let queries: Vec<Query> = table.iter().map(|(filter, ..)| parsed(filter)).collect();
        // All filters of the table at once: a case must not be answered by another's words.
        let frequencies = Arc::new(TermFrequencies::default());
        let index = Index::build((0..).zip(&queries), &frequencies);
        let (mut scratch, mut hits) = (Scratch::default(), Vec::new());
        for (id, ((filter, text, hit), query)) in (0_i64..).zip(table.iter().zip(&queries)) {
            let analysed = article(language, text);
            index.matches(&[&analysed], &mut scratch, &mut hits);
            let by_index = hits[0].contains(&id);
            let plainly = query.matches(&analysed);
            let shown = !query.highlights(&analysed).is_empty();
            if [by_index, plainly, shown] != [*hit; 3] {
                wrong.push(format!(
                    "{language} {filter:?} in {text:?}: index {by_index}, plain {plainly}, wanted {hit}"
                ));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 200, "only {count} cases");
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_to_write_instead() {
    let mut wrong = Vec::new();
    for (filter, caret, reason, remedy) in operators::REFUSED {
        match Query::parse(filter) {
            Ok(query) => wrong.push(format!("{filter:?} was read as {query}")),
            Err(error) => {
                let said = error.problem().to_string();
                if &filter[error.at()] != *caret || !said.contains(reason) || !error.remedy().contains(remedy) {
                    wrong.push(format!("{filter:?} at {:?}: {error}", &filter[error.at()]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_filter_of_the_tables_reads_back_from_its_canonical_text_and_is_explained() {
    for (filter, ..) in TABLES.iter().flat_map(|(_, table)| table.iter()) {
        let query = parsed(filter);
        assert_eq!(Query::parse(&query.to_string()), Ok(query.clone()), "{filter}");
        for (language, beginning) in
            [("fr", "Articles "), ("en", "Articles "), ("de", "Artikel "), ("nl", "Artikelen ")]
        {
            let sentence = query.explain(language);
            assert!(sentence.starts_with(beginning) && !sentence.contains(['{', '}', '\n']), "{filter}: {sentence}");
        }
    }
}

#[test]
fn two_plain_fields_find_what_they_say() {
    let check = |words: &str, without: &str, text: &str, hit: bool| {
        let query = Query::from_words(words, without).unwrap_or_else(|error| panic!("{words}: {error}"));
        assert_eq!(query.matches(&article("fr", text)), hit, "{words} / {without} in {text}: {query}");
    };
    check("logement étudiant", "", "Le logement des étudiants manque", true);
    check("logement étudiant", "", "Le logement manque", false);
    check("logement, loyer", "", "Les loyers montent", true);
    check("logement\nloyer", "", "Les loyers montent", true);
    check("logement", "Paris", "Le logement à Paris", false);
    check("logement", "Paris, Lyon", "Le logement à Lyon", false);
    check("logement", "Paris, Lyon", "Le logement à Nantes", true);
    check("« pouvoir d’achat »", "", "Le pouvoir d’achat recule", true);
    check("logement OR loyer", "", "Les loyers montent", false);
    check("logement", "le la", "Le logement à Nantes", true);
    check("-logement", "", "Le logement à Nantes", true);
}
