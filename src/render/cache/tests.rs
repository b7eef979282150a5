//! The cache gives what drawing would give, and stays within its bound.
//! They measure no time.

use chrono_tz::Tz;

use super::*;
use crate::{
    article::{ArticleText, KeyPoints, KeyPointsOrigin, RankedSentence},
    render::{
        article::{AlsoAt, Excerpt},
        language::UiLanguage,
        sample,
    },
    topic::{analyze::Field, query::Where},
};

fn bytes(drawn: &Drawn, html: bool) -> Vec<u8> {
    let mut out = Vec::new();
    drawn.copy(&mut out, html);
    out
}

#[test]
fn whatever_changes_the_drawing_changes_the_key() {
    let templates = Templates::built_in();
    let cache = FragmentCache::default();
    let text = sample::full_article();
    let other = ArticleText { title: "Un autre titre".to_owned(), ..text.clone() };
    let base = sample::full_input(&text);
    let sight = sample::sight(UiLanguage::Fr);
    let block = Form::Block { lead: true };
    let rent = sample::own(Where::Field(Field::Body), "loyer");
    let rent_in_title = sample::own(Where::Field(Field::Title), "loyer");
    let inputs = [
        base.clone(),
        ArticleFragmentInput { article_id: 2, text: &other, ..base.clone() },
        ArticleFragmentInput { rev: 2, text: &other, ..base.clone() },
        ArticleFragmentInput { source: "Ouest Info", ..base.clone() },
        ArticleFragmentInput { credit: None, ..base.clone() },
        ArticleFragmentInput { credit: Some("autre"), ..base.clone() },
        ArticleFragmentInput { also_at: vec![], ..base.clone() },
        ArticleFragmentInput { also_at: vec![AlsoAt { source: "A", url: "https://a.example/" }], ..base.clone() },
        ArticleFragmentInput { show_paid: false, ..base.clone() },
        ArticleFragmentInput { image_allowed: false, ..base.clone() },
        ArticleFragmentInput { excerpt: Excerpt::Title, ..base.clone() },
        ArticleFragmentInput { excerpt: Excerpt::Summary, ..base.clone() },
        ArticleFragmentInput { max_chars: 40, ..base.clone() },
        ArticleFragmentInput { words: vec![&rent], ..base.clone() },
        ArticleFragmentInput { words: vec![&rent_in_title], ..base.clone() },
    ];
    let sights = [
        sight,
        sample::sight(UiLanguage::En),
        Sight { zone: Tz::Asia__Tokyo, ..sight },
        Sight { local: sight.local + chrono::TimeDelta::days(3), ..sight },
    ];
    let forms = [block, Form::Block { lead: false }, Form::Alert { lead: false }, Form::Line];
    let compare = |input: &ArticleFragmentInput<'_>, sight, form| {
        let cached = cache.fragment(&templates, input, form, sight, &mut Key::default()).expect("a drawing");
        let drawn = Drawn::draw(&templates, input, form, sight).expect("a drawing");
        assert_eq!(bytes(&cached, true), bytes(&drawn, true), "{form:?} {sight:?} {input:?}");
        assert_eq!(bytes(&cached, false), bytes(&drawn, false), "{form:?} {sight:?} {input:?}");
        assert_eq!(cached.fragment.subject, drawn.fragment.subject);
    };
    // Twice, so that the second round comes from the cache.
    for _ in 0..2 {
        for input in &inputs {
            for sight in sights {
                for form in forms {
                    compare(input, sight, form);
                }
            }
        }
    }
    assert!(cache.usage().hits >= 14 * 16, "{:?}", cache.usage());
}

#[test]
fn an_article_is_drawn_once() {
    let templates = Templates::built_in();
    let cache = FragmentCache::default();
    let text = sample::full_article();
    let ask = || {
        let sight = sample::sight(UiLanguage::Fr);
        cache
            .fragment(&templates, &sample::full_input(&text), Form::Line, sight, &mut Key::default())
            .expect("a drawing")
    };
    let first = ask();
    assert!(Arc::ptr_eq(&first.fragment, &ask().fragment));
    assert_eq!((cache.usage().hits, cache.usage().misses, cache.usage().fragments), (1, 1, 1));
}

#[test]
fn the_cache_stays_within_its_bytes_and_keeps_what_is_asked_for() {
    const BOUND: usize = 100_000;
    let templates = Templates::built_in();
    let cache = FragmentCache::new(BOUND);
    let text = sample::full_article();
    let sight = sample::sight(UiLanguage::Fr);
    let ask = |article_id| {
        let input = ArticleFragmentInput { article_id, ..sample::full_input(&text) };
        cache.fragment(&templates, &input, Form::Block { lead: false }, sight, &mut Key::default()).expect("a drawing")
    };
    let favourite = ask(0);
    for article_id in 1..200 {
        ask(article_id);
        assert!(Arc::ptr_eq(&favourite.fragment, &ask(0).fragment), "forgotten at {article_id}");
        assert!(cache.usage().bytes <= BOUND, "{:?}", cache.usage());
    }
    assert!(cache.usage().fragments > 5, "{:?}", cache.usage());
}

#[test]
fn readers_of_other_words_share_a_drawing_unless_these_choose_other_sentences() {
    let templates = Templates::built_in();
    let cache = FragmentCache::default();
    let ranked = ["Le loyer monte.", "La ville paie.", "Le bac passe."].map(str::to_owned);
    let text = ArticleText {
        key_points: KeyPoints { origin: KeyPointsOrigin::Extracted, points: ranked[..2].into(), ai_label: None },
        ranked: (0..).zip(ranked).map(|(at, text)| RankedSentence { at, text }).collect(),
        ..sample::full_article()
    };
    let body = |word| sample::own(Where::Field(Field::Body), word);
    let words = [body("loyer"), body("ville"), sample::own(Where::Field(Field::Title), "trains"), body("bac")];
    let drawn: Vec<Drawn> = words
        .iter()
        .map(|word| {
            let input = ArticleFragmentInput { words: vec![word], ..sample::bare_input(&text) };
            let sight = sample::sight(UiLanguage::Fr);
            cache.fragment(&templates, &input, Form::Block { lead: true }, sight, &mut Key::default())
        })
        .collect::<Result<_, _>>()
        .expect("drawings");
    let texts: Vec<String> =
        drawn.iter().map(|one| String::from_utf8_lossy(&bytes(one, false)).replace("=\r\n", "")).collect();
    for (text, word) in texts.iter().zip(["loyer (", "ville (", "trains (", "bac ("]) {
        assert!(text.contains(word) && text.matches("(dans le ").count() == 1, "{word}: {text}");
        assert_eq!(text.contains("Le bac passe"), word == "bac (", "{word}: {text}");
    }
    let same = |a: usize, b: usize| Arc::ptr_eq(&drawn[a].fragment, &drawn[b].fragment);
    assert!(same(0, 1) && same(0, 2) && !same(0, 3), "{:?}", cache.usage());
}
